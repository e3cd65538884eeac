package accounts

import (
	"fmt"
	"time"
)

// Status says whether an account works.
type Status string

// The statuses. Each account is in exactly one.
const (
	Healthy      Status = "HEALTHY"       // works, and will go on working
	ExpiringSoon Status = "EXPIRING_SOON" // works, but a person has to act soon
	Expired      Status = "EXPIRED"       // a clock has ended
	Unhealthy    Status = "UNHEALTHY"     // does not work, for a reason that outlasts the clocks
)

// Statuses are all statuses, the best first.
var Statuses = []Status{Healthy, ExpiringSoon, Expired, Unhealthy}

// Reason is why an account is UNHEALTHY.
type Reason string

// The reasons that are final: only a person's new consent takes them away.
const (
	NotGranted     Reason = "NOT_GRANTED"     // a later consent no longer covers the account
	Disconnected   Reason = "DISCONNECTED"    // it was disconnected here
	RefreshDead    Reason = "REFRESH_DEAD"    // the platform renews its tokens no more
	OutcomeUnknown Reason = "OUTCOME_UNKNOWN" // an answer with new tokens was lost
	SecretLost     Reason = "SECRET_LOST"     // its tokens in the database are damaged
	Revoked        Reason = "REVOKED"         // the platform takes its tokens no more
)

// The reasons that probes find, and take back when they succeed again.
const (
	Checkpoint  Reason = "CHECKPOINT"   // the platform holds it back until its person does something there
	ProbeFailed Reason = "PROBE_FAILED" // the platform refuses what is asked of it, again and again
)

// passing reports whether probes may take a verdict back.
func (r Reason) passing() bool { return r == Checkpoint || r == ProbeFailed }

// needsGrant reports whether an account with that verdict still needs its grant;
// as living has it.
func (r Reason) needsGrant() bool {
	return r == "" || r == RefreshDead || r == OutcomeUnknown || r.passing()
}

// final reports whether a verdict stands until the person consents anew.
func (r Reason) final() bool { return r != "" && !r.passing() }

// The reasons that pass. They make an account UNHEALTHY once its access token
// has ended.
const (
	PlatformDown     Reason = "PLATFORM_DOWN"     // the platform does not renew tokens at present
	AppMisconfigured Reason = "APP_MISCONFIGURED" // the platform refuses the operator's app
)

// broken reports whether an account in the status does not work, or not for long
// any more.
func (s Status) broken() bool { return s == Expired || s == Unhealthy }

// Clock is something that ends.
type Clock string

// The clocks.
const (
	ClockAccessToken  Clock = "ACCESS_TOKEN"
	ClockRefreshToken Clock = "REFRESH_TOKEN"
	ClockConsent      Clock = "CONSENT"
)

// CheckedBy is how it was found out whether an account works.
type CheckedBy string

// The ways of finding out.
const (
	ByProbe   CheckedBy = "PROBE"   // the platform was asked
	ByRefresh CheckedBy = "REFRESH" // the platform issued tokens
	ByCaller  CheckedBy = "CALLER"  // a caller reported a failure, and the platform was asked
	ByWebhook CheckedBy = "WEBHOOK" // the platform said so of its own accord
)

// Evidence is everything that decides an account's health. Zero times mean
// that there is no such clock, or that it is not known.
type Evidence struct {
	Verdict Reason // why it does not work, for good; "" for none

	AccessIssued time.Time
	AccessEnds   time.Time
	RefreshEnds  time.Time
	ConsentEnds  time.Time
	GrantEnds    time.Time // of an account with a token of its own: the end of the grant's, which it can do without
	AutoRefresh  bool      // Mooring itself renews the access token
	NextRefresh  time.Time // when it does; zero unless AutoRefresh
	LastRefresh  time.Time // when it did; zero if it has not since the consent
	RenewsItself bool      // by the access token, whose end each renewal therefore pushes back
	Failing      Reason    // why that does not succeed at present; "" if nothing is known
	CheckedAt    time.Time
	CheckedBy    CheckedBy
	RestoredAt   time.Time // when it came from a backup; zero: it did not

	// by the last event
	announced       Status
	announcedReason Reason
	announcedFrom   time.Time

	warnedOf   time.Time // the end that the last warning was about
	warnedMark int       // the last mark dealt with, in days before that; 0 for none
}

// Health is what follows from the evidence at one moment.
type Health struct {
	Status                Status
	IsConnected           bool
	IsExpired             bool
	ExpiresAt             time.Time // zero: nothing ends
	ExpiresInHours        *float64  // nil: nothing ends
	ExpiresBecause        *Clock
	AccessTokenExpiresAt  time.Time
	RefreshTokenExpiresAt time.Time
	ConsentExpiresAt      time.Time
	AutoRefresh           bool
	NextRefreshAt         time.Time
	LastRefreshedAt       time.Time
	CheckedAt             time.Time
	CheckedBy             *CheckedBy
	Since                 time.Time
	Warnings              []HealthWarning
	Reason                *Reason
}

// HealthWarning is something to look after, in words that count down to the
// moment of reading.
type HealthWarning struct{ Code, Message string }

// The codes of warnings.
const (
	WarnExpires   = "EXPIRES"    // the account ends unless a person reconnects it
	WarnGrantEnds = "GRANT_ENDS" // the account goes on, but nothing new can be found beside it
	WarnRestored  = "UNVERIFIED" // it came from a backup, and its tokens have not been tried since
)

// expiry returns the earliest clock that nothing automatic can push back, when
// it ends and when it began to run. The zero time means that nothing ends.
func (e Evidence) expiry() (because Clock, ends, began time.Time) {
	earlier := func(c Clock, end, start time.Time) {
		if !end.IsZero() && (ends.IsZero() || end.Before(ends)) {
			because, ends, began = c, end, start
		}
	}
	if !e.AutoRefresh {
		earlier(ClockAccessToken, e.AccessEnds, e.AccessIssued)
	} else {
		earlier(ClockRefreshToken, e.RefreshEnds, time.Time{})
	}
	earlier(ClockConsent, e.ConsentEnds, time.Time{})
	return because, ends, began
}

// expiringFrom returns the moment from which an account that ends at ends is
// EXPIRING_SOON: within before it, but never more than half of its known life,
// so that nothing is born expiring.
func expiringFrom(ends, began time.Time, within time.Duration) time.Time {
	if !began.IsZero() {
		within = min(within, max(0, ends.Sub(began)/2).Truncate(time.Millisecond))
	}
	return ends.Add(-within)
}

// fails reports whether the access token has ended while it cannot be renewed
// for a reason that passes.
func (e Evidence) fails(now time.Time) bool {
	return e.Failing != "" && !e.AccessEnds.IsZero() && !now.Before(e.AccessEnds)
}

// lives reports whether a call with the access token would still succeed.
func (e Evidence) lives(now time.Time) bool {
	switch e.Verdict {
	case "", RefreshDead, OutcomeUnknown: // the access token lives on
		return e.AccessEnds.IsZero() || now.Before(e.AccessEnds)
	}
	return false
}

// status is the status at now, and since when the clocks say so.
func (e Evidence) status(now time.Time, within time.Duration) (Status, time.Time) {
	if e.Verdict != "" {
		return Unhealthy, e.announcedFrom
	}
	_, ends, began := e.expiry()
	switch {
	case !ends.IsZero() && !now.Before(ends):
		return Expired, ends
	case e.fails(now):
		return Unhealthy, e.AccessEnds
	case ends.IsZero():
		return Healthy, e.announcedFrom
	}
	if soon := expiringFrom(ends, began, within); !now.Before(soon) {
		return ExpiringSoon, soon
	}
	return Healthy, e.announcedFrom
}

// At returns the health at now. within is how long before its end an account
// counts as EXPIRING_SOON. It is pure: the same evidence and moment give the
// same health.
func (e Evidence) At(now time.Time, within time.Duration) Health {
	status, since := e.status(now, within)
	if status == e.announced || since.Before(e.announcedFrom) {
		since = e.announcedFrom
	}
	because, ends, began := e.expiry()
	h := Health{
		Status:                status,
		IsConnected:           status != Expired && e.lives(now),
		IsExpired:             !ends.IsZero() && !now.Before(ends),
		ExpiresAt:             ends,
		AccessTokenExpiresAt:  e.AccessEnds,
		RefreshTokenExpiresAt: e.RefreshEnds,
		ConsentExpiresAt:      e.ConsentEnds,
		AutoRefresh:           e.AutoRefresh,
		NextRefreshAt:         e.NextRefresh,
		LastRefreshedAt:       e.LastRefresh,
		CheckedAt:             e.CheckedAt,
		Since:                 since,
		Warnings:              []HealthWarning{},
	}
	if e.CheckedBy != "" {
		h.CheckedBy = &e.CheckedBy
	}
	switch {
	case e.Verdict != "":
		h.Reason = &e.Verdict
	case status == Unhealthy:
		h.Reason = &e.Failing
	}
	if w, ok := e.grantWarning(now); ok && e.Verdict == "" {
		h.Warnings = append(h.Warnings, w)
	}
	if e.unverified() {
		h.Warnings = append(h.Warnings, HealthWarning{
			Code: WarnRestored,
			Message: "Restored from a backup on " + e.RestoredAt.Format(time.DateOnly) +
				": its tokens may have been replaced since that was made. The platform has not taken them yet.",
		})
	}
	if ends.IsZero() {
		return h
	}
	left := max(0, ends.Sub(now))
	hours := left.Hours()
	h.ExpiresInHours, h.ExpiresBecause = &hours, &because
	if status == ExpiringSoon || e.warns(now) && !now.Before(expiringFrom(ends, began, days(marks[0]))) {
		h.Warnings = append(h.Warnings, HealthWarning{
			Code:    WarnExpires,
			Message: fmt.Sprintf("Stops working in %s unless it is reconnected.", approximately(left.Round(time.Second))),
		})
	}
	return h
}

// unverified reports whether nothing is known of the tokens since they came from
// a backup.
func (e Evidence) unverified() bool {
	return e.Verdict == "" && !e.RestoredAt.IsZero() && !e.CheckedAt.After(e.RestoredAt)
}

// grantWarning counts down to the end of a grant without which the account goes
// on.
func (e Evidence) grantWarning(now time.Time) (HealthWarning, bool) {
	if e.GrantEnds.IsZero() || now.Before(e.GrantEnds.Add(-days(marks[0]))) {
		return HealthWarning{}, false
	}
	when := "any more"
	if left := e.GrantEnds.Sub(now); left > 0 {
		when = "after " + approximately(left.Round(time.Second))
	}
	return HealthWarning{
		Code:    WarnGrantEnds,
		Message: "New Pages cannot be found " + when + ", nor permissions be checked; reconnect the account to renew that. It works on meanwhile.",
	}, true
}

// reason is why the account is UNHEALTHY; "" if it is not.
func (h Health) reason() Reason {
	if h.Reason == nil {
		return ""
	}
	return *h.Reason
}

// nextTransition returns the first moment after now at which, without news from
// outside, the status changes or a mark is reached, or false if there is none.
func (e Evidence) nextTransition(now time.Time, within time.Duration) (time.Time, bool) {
	_, ends, began := e.expiry()
	if e.Verdict != "" || !ends.IsZero() && !now.Before(ends) {
		return time.Time{}, false
	}
	var next time.Time
	consider := func(at time.Time) {
		if now.Before(at) && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	consider(ends)
	if !e.fails(now) {
		if !ends.IsZero() {
			consider(expiringFrom(ends, began, within))
		}
		if e.Failing != "" {
			consider(e.AccessEnds)
		}
	}
	for _, at := range e.marksAhead() {
		consider(at)
	}
	return next, !next.IsZero()
}

// approximately says a duration as people do, in its largest fitting unit.
func approximately(d time.Duration) string {
	for _, unit := range []struct {
		length time.Duration
		name   string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}, {time.Second, "second"}} {
		if n := int(d / unit.length); n > 1 || n == 1 && d < 2*unit.length {
			if n == 1 {
				return "1 " + unit.name
			}
			return fmt.Sprintf("%d %ss", n, unit.name)
		}
	}
	return "less than a second"
}
