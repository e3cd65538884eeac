package accounts

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"mooring/auth"
	"mooring/platforms"
)

// LeaseRequest says which account's access token is wanted, and how long it has
// to last.
type LeaseRequest struct {
	AccountID string
	MinTTL    time.Duration
	Reason    *string // for the audit trail
}

// Lease is an access token lent to a back end.
type Lease struct {
	ID                string
	AccessToken       platforms.Secret
	ExpiresAt         time.Time // zero: it has no end, or none is known
	AccountExternalID string
	AppSecretProof    platforms.Secret // zero where the platform wants none
	Warnings          []HealthWarning
}

// WarnShort is the code of a lease's warning that the token ends sooner than was
// asked for. The others are the account's RefreshDead and OutcomeUnknown.
const WarnShort = "SHORT"

// Lease lends the access token of an account: a Page's own, where it has one,
// and never a refresh token. One that ends before in.MinTTL is refreshed first,
// together with all who want that; what is asked for beyond half of the token's
// life is not heeded. If it cannot be refreshed it is lent as it is, with a
// warning, for as long as it lives.
//
// An account that cannot work is an *Error, and so is a paused one; no platform
// is asked then. A token leaves only after that is written down. The account is
// returned as it is by then, with an *Error too, unless there is none.
func (s *Service) Lease(ctx context.Context, by auth.Actor, in LeaseRequest) (*Account, *Lease, error) {
	if in.MinTTL < 0 {
		return nil, nil, invalid("minTtlSeconds", "minTtlSeconds is negative; it must be 0 or more.")
	}
	if err := checkReason(in.Reason); err != nil {
		return nil, nil, err
	}
	a, err := s.accountNamed(ctx, by, "accountId", in.AccountID)
	if err != nil {
		return nil, nil, err
	}
	if refusal := a.refusesLease(); refusal != nil {
		return a, nil, s.offeringReconnect(by, a, refusal)
	}
	var trouble error
	if now := present(); !a.lasts(now, in.MinTTL) {
		trouble = s.prolong(ctx, a, now)
		if trouble != nil && !isExpected(trouble) {
			return nil, nil, trouble
		}
	}
	return s.lend(ctx, by, in, trouble)
}

// refusesLease says why an account's token is not lent, whatever its platform
// says.
func (a *Account) refusesLease() *Error {
	e := &Error{Code: CodeWrongState, Field: []string{"accountId"}, Diagnosis: a.Diagnosis}
	switch {
	case !a.DisconnectedAt.IsZero():
		return disconnectedRefusal(a)
	case a.Paused != nil:
		return pausedRefusal(a)
	case a.Health.Status == Expired:
		e.Message = "The account has expired; reconnect it."
	case a.evidence.Verdict != "" && !a.Health.IsConnected:
		e.Message = fmt.Sprintf("The account does not work any more (%s); reconnect it.", a.evidence.Verdict)
	default:
		return nil
	}
	return e
}

// lasts reports whether the access token lives as long as was asked for, or for
// half of its life.
func (a *Account) lasts(now time.Time, wanted time.Duration) bool {
	e := a.evidence
	if e.AccessEnds.IsZero() {
		return true
	}
	life := a.login.AccessLifetime
	if !e.AccessIssued.IsZero() {
		life = e.AccessEnds.Sub(e.AccessIssued)
	}
	left := e.AccessEnds.Sub(now)
	return left > 0 && left >= min(wanted, life/2)
}

// prolong refreshes an account for a lease, and says as an *Error why it could
// not. It waits no longer than a refresh takes.
func (s *Service) prolong(ctx context.Context, a *Account, now time.Time) error {
	if refusal := s.refusesRefresh(a, now, true); refusal != nil {
		return refusal
	}
	patience, cancel := context.WithTimeout(ctx, s.opts.HTTPTimeout+leaseMargin)
	defer cancel()
	err := s.renewAccount(patience, a, errand{by: ByRefresh})
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return &Error{Code: CodeUnavailable, Message: a.Platform.DisplayName + " has not renewed the account yet; try again."}
	}
	return err
}

// lend opens the token as it is by now, and writes down who gets it. trouble is
// why it could not be refreshed, if it was to be.
func (s *Service) lend(ctx context.Context, by auth.Actor, in LeaseRequest, trouble error) (a *Account, lease *Lease, err error) {
	err = s.db.transact(ctx, func(tx *sqlx.Tx) error {
		if a, err = s.lockAccountAnywhere(ctx, tx, in.AccountID); err != nil {
			return err
		}
		if refusal := a.refusesLease(); refusal != nil {
			return refusal
		}
		now := present()
		if !a.evidence.lives(now) {
			return unlent(a, trouble)
		}
		token, generation, err := s.openAccess(ctx, tx, a)
		if err != nil {
			return err
		}
		lease = &Lease{
			ID: s.leaseID(leased{
				accountID: a.ID, grantID: a.grantID, generation: generation, minute: now.Truncate(time.Minute), actor: digest(by.User),
			}),
			AccessToken: token, ExpiresAt: a.evidence.AccessEnds, AccountExternalID: a.ExternalID,
			Warnings: a.leaseWarnings(now, in.MinTTL, trouble),
		}
		if app := s.apps[a.appID]; app != nil {
			lease.AppSecretProof = app.Proof(token)
		}
		return countActivity(ctx, tx, a, TokenLeased, by.User, text(in.Reason), now)
	})
	if err != nil {
		return a, nil, fmt.Errorf("lease %s: %w", in.AccountID, s.offeringReconnect(by, a, err))
	}
	return a, lease, nil
}

// openAccess opens the access token that an account lives by, which the
// transaction has locked, and returns it with its generation.
func (s *Service) openAccess(ctx context.Context, tx *sqlx.Tx, a *Account) (token platforms.Secret, generation int64, err error) {
	sealed, generation, err := accessToken(ctx, tx, a)
	if err == nil {
		token, err = s.unseal(ctx, tx, sealed)
	}
	return token, generation, a.unopened(err)
}

// unlent says why a token that has ended is not lent.
func unlent(a *Account, trouble error) error {
	if trouble != nil {
		return trouble
	}
	return &Error{
		Code: CodeUnavailable, Field: []string{"accountId"}, Diagnosis: a.Diagnosis,
		Message: "The access token has ended and is not renewed yet; try again.",
	}
}

// leaseWarnings are what a back end should know of a token that it gets.
func (a *Account) leaseWarnings(now time.Time, wanted time.Duration, trouble error) []HealthWarning {
	warnings := []HealthWarning{}
	left := approximately(a.evidence.AccessEnds.Sub(now).Round(time.Second))
	switch v := a.evidence.Verdict; {
	case v != "" && a.evidence.AccessEnds.IsZero():
		warnings = append(warnings, HealthWarning{string(v), "The account can no longer be renewed; reconnect it."})
	case v != "":
		warnings = append(warnings, HealthWarning{string(v), "The account can no longer be renewed and works for another " + left + "; reconnect it."})
	case trouble != nil:
		warnings = append(warnings, HealthWarning{WarnShort, "The token works for another " + left + ", and could not be renewed now. " + trouble.Error()})
	case !a.lasts(now, wanted):
		warnings = append(warnings, HealthWarning{WarnShort, "The token works for another " + left + "."})
	}
	return warnings
}

// leased is what the id of a lease says: which token was lent, and the row of
// activity that counts it.
type leased struct {
	accountID, grantID string
	generation         int64
	minute             time.Time
	actor              string // its digest
}

const leasePrefix = "lea_"

// leaseID makes the id of a lease. It is signed, so that no row has to be kept
// for it.
func (s *Service) leaseID(l leased) string {
	return leasePrefix + s.signed("lease", fmt.Sprintf("%s %s %d %d %.16s", l.accountID, l.grantID, l.generation, l.minute.Unix(), l.actor))
}

// openLease reads the id of a lease. It reports false for what this installation
// has not made.
func (s *Service) openLease(id string) (l leased, ok bool) {
	token, ok := strings.CutPrefix(id, leasePrefix)
	if !ok {
		return leased{}, false
	}
	body, ok := s.verified("lease", token)
	if !ok {
		return leased{}, false
	}
	var seconds int64
	_, err := fmt.Sscanf(body, "%s %s %d %d %s", &l.accountID, &l.grantID, &l.generation, &seconds, &l.actor)
	l.minute = time.Unix(seconds, 0).UTC()
	return l, err == nil
}
