package accounts

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/jmoiron/sqlx"

	"mooring/auth"
	"mooring/diagnosis"
	"mooring/platforms"
)

// Renewal is what asking for a refresh came to.
type Renewal struct {
	Account   *Account // as it is now
	Refreshed bool     // it has other tokens than before
}

// Refresh renews an account's tokens if they are due, or, if forced, in any
// case. It joins a refresh that is under way, here or in another replica. What
// the platform or the account's state stands against is an *Error.
func (s *Service) Refresh(ctx context.Context, by auth.Actor, id string, force bool) (*Renewal, error) {
	account, err := s.accountNamed(ctx, by, "accountId", id)
	if err != nil {
		return nil, err
	}
	now := present()
	if refusal := s.refusesRefresh(account, now, force); refusal != nil {
		return nil, refusal
	}
	if !force && now.Before(account.evidence.NextRefresh) {
		return &Renewal{Account: account}, nil
	}
	if err := s.renewAccount(ctx, account, errand{math.MaxInt32, ByRefresh}); err != nil {
		return nil, err
	}
	err = s.db.transact(ctx, func(tx *sqlx.Tx) error {
		account, err = s.lockAccountAnywhere(ctx, tx, id)
		if errors.Is(err, sql.ErrNoRows) || err == nil && !account.DisconnectedAt.IsZero() { // meanwhile
			return notFound("accountId", "account", id)
		}
		if err != nil {
			return err
		}
		return countActivity(ctx, tx, account, TokenRefreshed, by.User, "", now)
	})
	if err != nil {
		return nil, err
	}
	return &Renewal{Account: account, Refreshed: true}, nil
}

// refusesRefresh says why an account cannot be refreshed at all, or not yet.
func (s *Service) refusesRefresh(a *Account, now time.Time, force bool) *Error {
	policy := a.login.Refresh
	mature := a.evidence.AccessIssued.Add(policy.MinAge)
	switch {
	case !a.DisconnectedAt.IsZero():
		return notFound("accountId", "account", a.ID)
	case a.Paused != nil:
		return pausedRefusal(a)
	case s.opts.RefreshOff:
		return &Error{
			Code:      CodeRefreshOff,
			Message:   "Refreshing is switched off here: MOORING_REFRESH is off, or the database belongs to another installation.",
			Diagnosis: a.explain(diagnosis.CodeRefreshOff, 0),
		}
	case a.evidence.Verdict.final():
		return &Error{Code: CodeWrongState, Message: "The account does not work any more; reconnect it.", Diagnosis: a.Diagnosis}
	case !a.evidence.AutoRefresh:
		e := &Error{
			Code:      CodeNotRefreshable,
			Message:   a.Platform.DisplayName + " gave nothing to renew this account with; reconnect it before it ends.",
			Diagnosis: a.Diagnosis,
		}
		if a.Health.Status == Expired {
			e.Message = a.Platform.DisplayName + " gave nothing to renew this account with, and it has ended; reconnect it."
		}
		return e
	case force && policy.MinAge > 0 && now.Before(mature):
		return &Error{
			Code:      CodeTooYoung,
			Message:   fmt.Sprintf("%s renews tokens from %s on; try again then.", a.Platform.DisplayName, mature.UTC().Format(time.RFC3339)),
			Diagnosis: a.explain(diagnosis.CodeTooYoung, mature.Sub(now)),
		}
	}
	return nil
}

// renewAccount refreshes the grant of an account. A failure of the platform is
// an *Error with its diagnosis.
func (s *Service) renewAccount(ctx context.Context, a *Account, e errand) error {
	app := s.apps[a.appID]
	if app == nil {
		return &Error{
			Code:      CodeNotReady,
			Message:   "The app that the account was connected with is no longer configured here; configure it again, or reconnect the account.",
			Diagnosis: a.explain(diagnosis.CodeAppGone, 0),
		}
	}
	return s.told(a, s.renew(ctx, app, a.grantID, a.generation, e))
}

// told makes an *Error of why a refresh failed. A fault of our own stays what it
// is.
func (s *Service) told(a *Account, failure error) error {
	p := a.Platform
	var paused *pausedError
	var answer *platforms.Error
	switch {
	case errors.As(failure, &paused):
		e := &Error{
			Code:    CodeUnavailable,
			Message: fmt.Sprintf("%s is left alone for %s; try again then.", p.DisplayName, approximately(paused.wait.Round(time.Second))),
		}
		if paused.incident != nil {
			e.Diagnosis = &paused.incident.Diagnosis
		}
		return e
	case errors.Is(failure, errPaused):
		return &Error{Code: CodePaused, Message: "The account has just been paused; resume it first.", Diagnosis: a.explain(diagnosis.CodePaused, 0)}
	case errors.Is(failure, errFailing):
		e := &Error{Code: CodeUnavailable, Message: p.DisplayName + " did not renew the account; Mooring goes on trying."}
		if a.failure != nil {
			d := diagnosis.Diagnose(*a.failure)
			e.Diagnosis = &d
		}
		return e
	case errors.Is(failure, errNotRefreshable), errors.Is(failure, errOver):
		return &Error{Code: CodeWrongState, Message: "The account can no longer be renewed; reconnect it.", Diagnosis: a.Diagnosis}
	case errors.As(failure, &answer):
		d := diagnosis.Diagnose(s.met(failure, p.ID, platforms.StageRefresh))
		e := &Error{Code: CodeRefused, Message: p.DisplayName + " did not renew the account: " + d.PossibleCauses[0], Diagnosis: &d}
		if d.Transient {
			e.Code = CodeUnavailable
		}
		return e
	}
	return a.unopened(failure)
}
