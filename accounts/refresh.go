package accounts

import (
	"errors"
	"math/rand/v2"
	"net/http"
	"time"

	"mooring/platforms"
)

// NextRefreshAt returns when an access token is to be renewed, or false if it
// never is: nothing ends, nothing can renew it, or it was too late.
//
// The window before the end is a quarter of the token's life, but at most
// ahead, for tokens that live under a day; ahead for those up to a week; and an
// eighth of the life, but at most a week, beyond. A platform's own policy goes
// before. The window reaches back from whichever of the access and the refresh
// token ends first; a token that was issued in the refresh token's own window
// is the last one. jitter, from 0 to 1, delays by up to a quarter of the
// window, so that what was connected together is not renewed together. A token
// that has to be of some age is never renewed before.
func (e Evidence) NextRefreshAt(policy platforms.Refresh, ahead time.Duration, jitter float64) (time.Time, bool) {
	if policy.Kind == platforms.RefreshNone || e.AccessEnds.IsZero() {
		return time.Time{}, false
	}
	window := refreshWindow(e.AccessEnds.Sub(e.AccessIssued), ahead)
	if e.AccessIssued.IsZero() {
		window = ahead
	}
	if policy.Ahead > 0 {
		window = policy.Ahead
	}
	ends := e.AccessEnds
	if !e.RefreshEnds.IsZero() && e.RefreshEnds.Before(ends) {
		ends = e.RefreshEnds
		if !ends.Add(-window).After(e.AccessIssued) {
			return time.Time{}, false // another would not live longer
		}
	}
	at := ends.Add(-window + time.Duration(jitter*float64(window)/4))
	if e.AccessIssued.IsZero() || policy.MinAge == 0 {
		return at.Truncate(time.Millisecond), true
	}
	if mature := e.AccessIssued.Add(policy.MinAge); at.Before(mature) {
		at = mature
	}
	if policy.Kind == platforms.RefreshSelf && !at.Before(e.AccessEnds) {
		return time.Time{}, false // it would end before it may be renewed
	}
	return at.Truncate(time.Millisecond), true
}

const week = 7 * 24 * time.Hour

func refreshWindow(life, ahead time.Duration) time.Duration {
	switch {
	case life < 24*time.Hour:
		return min(ahead, life/4)
	case life <= week:
		return ahead
	}
	return min(week, life/8)
}

// maxRequests is how many requests with one refresh token may have had an
// effect, where it works only once: the first, and one more after an answer was
// lost. Answers with a server's error end with the platform's recovery, and do
// not count towards it.
const maxRequests = 2

// ruling is what follows from a refresh that failed.
type ruling struct {
	Verdict Reason // what is over for good; "" for none
	Failing Reason // why it does not work at present; "" if that is not known
	Forget  bool   // the request had no effect: it does not count against maxRequests
	Strike  bool   // speaks against the app or the platform, not against the grant
	Trip    bool   // leaves no doubt about that
	Pause   time.Duration
}

// rule sorts a failed refresh. requests is how many requests with this refresh
// token may have had an effect, this one included.
func rule(failure error, policy platforms.Refresh, requests int) ruling {
	r := ruling{Forget: true}
	var e *platforms.Error
	if !errors.As(failure, &e) {
		return r // our own fault, before anything was sent
	}
	switch e.Class {
	case platforms.ClassRefreshDead, platforms.ClassStaleAccess:
		r.Verdict = RefreshDead
		if policy.Rotates && requests > 1 {
			// The one before may have been carried out, and spent the token.
			r.Verdict = OutcomeUnknown
		}
	case platforms.ClassRateLimited:
		r.Failing, r.Pause = PlatformDown, max(e.RetryAfter, minPause)
	case platforms.ClassAppFault:
		r.Failing, r.Strike, r.Trip = AppMisconfigured, true, true
	case platforms.ClassTemporary:
		r.Failing, r.Strike, r.Pause = PlatformDown, true, e.RetryAfter
		switch unknown := e.Outcome == platforms.OutcomeUnknown && policy.Rotates; {
		case unknown && e.Status >= http.StatusInternalServerError:
			// It hardly did what it says it failed at; if it did all the same, a
			// later refusal tells. So one is remembered, and none is the last.
			r.Forget = requests > 1
		case unknown:
			r.Forget = false
			if requests >= maxRequests {
				r.Verdict = OutcomeUnknown
			}
		}
	default: // refused for a reason that is not understood
		r.Failing, r.Strike = AppMisconfigured, true
	}
	return r
}

const (
	firstRetry = 30 * time.Second
	lastRetry  = 15 * time.Minute
	minPause   = 5 * time.Second
)

// backoff returns how long to wait after that many failures in a row, the first
// being 1. jitter, from 0 to 1, spreads it over its second half.
func backoff(failures int, jitter float64) time.Duration {
	wait := lastRetry
	if shift := failures - 1; shift < 16 {
		wait = min(lastRetry, firstRetry<<max(0, shift))
	}
	return wait/2 + time.Duration(jitter*float64(wait)/2)
}

// jitter returns a number from 0 to 1, so that what was begun together does not
// go on together.
func jitter() float64 { return rand.Float64() } //nolint:gosec // nobody gains by guessing it
