package accounts

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"mooring/diagnosis"
	"mooring/platforms"
)

// carryOut sends a job's request and stores what comes of it. It returns nil if
// the grant now has new tokens, whoever got them, or nobody needs it any more.
func (s *Service) carryOut(ctx context.Context, j *job) error {
	began := time.Now()
	tokens, failure := s.ask(ctx, j)
	s.refresher.answered(j.app)
	if s.opts.Refreshed != nil {
		s.opts.Refreshed(j.app.Platform.ID, resultOf(failure), time.Since(began))
	}
	if failure == nil && j.app.Login.Refresh.Rotates && tokens.Refresh.Equal(j.tokens.Refresh) {
		s.log.LogAttrs(ctx, slog.LevelWarn, "NO_REFRESH_TOKEN: the platform should have given another refresh token; the one before is kept",
			slog.String("platform", j.app.Platform.ID), slog.String("grant", j.GrantID))
	}
	for wait := firstStoreRetry; ; wait = min(2*wait, lastStoreRetry) {
		err := s.storeOutcome(ctx, j, tokens, failure)
		switch {
		case err == nil:
			return failure
		case errors.Is(err, errRaceLost):
			return nil
		case errors.Is(err, errRetired), errors.Is(err, sql.ErrNoRows): // or even erased
			if failure == nil && j.app.Login.RevokeReach == platforms.RevokesToken {
				s.revoke(ctx, j.app, tokens)
			}
			return nil
		case errors.Is(err, errBusyElsewhere):
			return err
		}
		s.log.LogAttrs(ctx, slog.LevelError, "store the outcome of a refresh", slog.String("grant", j.GrantID), slog.Any("error", err))
		select {
		case <-time.After(wait):
		case <-s.refresher.givenUp:
			return err
		}
	}
}

// storeOutcome stores the outcome of a request. A panic is an error.
func (s *Service) storeOutcome(ctx context.Context, j *job, tokens *platforms.Tokens, failure error) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
		}
	}()
	if failure == nil {
		return s.keep(j, tokens)
	}
	return s.settleFailure(ctx, j, failure)
}

const (
	firstStoreRetry = 50 * time.Millisecond
	lastStoreRetry  = 2 * time.Second
)

// What may have become of a grant while the platform was asked.
var (
	errRaceLost = errors.New("somebody else gave the grant new tokens")
	errRetired  = errors.New("nobody needs the grant any more")
)

// overtaken returns why the outcome of a job is too late: errRaceLost or
// errRetired; nil if it is not.
func (g *grantState) overtaken(j *job) error {
	switch {
	case !g.RetiredAt.IsZero():
		return errRetired
	case g.Generation != j.grant.Generation:
		return errRaceLost
	}
	return nil
}

// leaseMargin is how much longer than a request a claim has to last when the
// request is sent. A configuration leaves as much again to send it.
const leaseMargin = 5 * time.Second

// errTooLate says that so much time went by since the claim that another
// replica might begin before the answer is stored.
var errTooLate = errors.New("too late to send the request under this claim")

// ask sends the request. A panic on the way is a failure that may have had an
// effect.
func (s *Service) ask(ctx context.Context, j *job) (tokens *platforms.Tokens, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			s.log.LogAttrs(ctx, slog.LevelError, "refresh", slog.String("grant", j.GrantID),
				slog.Any("panic", cause), slog.String("stack", string(debug.Stack())))
			err = &platforms.Error{
				Platform: j.app.Platform.ID, Stage: platforms.StageRefresh,
				Verdict: platforms.Verdict{Class: platforms.ClassTemporary}, Outcome: platforms.OutcomeUnknown,
				Err: errors.New("the answer could not be dealt with"),
			}
		}
	}()
	now := time.Now()
	if now.After(j.sendBy) || now.Round(0).After(j.sendBy.Round(0)) { // the machine may have slept, which only the calendar tells
		return nil, errTooLate
	}
	ctx, cancel := context.WithTimeout(ctx, s.opts.HTTPTimeout)
	defer cancel()
	return j.app.Refresh(ctx, j.tokens)
}

// settleFailure stores what follows from a failed request.
func (s *Service) settleFailure(ctx context.Context, j *job, failure error) error {
	r := rule(failure, j.app.Login.Refresh, j.Requests)
	in := s.met(failure, j.app.Platform.ID, platforms.StageRefresh)
	err := s.record(ctx, func(tx *sqlx.Tx) error {
		now, err := s.db.now(ctx, tx)
		if err != nil {
			return err
		}
		state, err := lockApp(ctx, tx, j.app.id)
		if err != nil {
			return err
		}
		if err := shareGrants(ctx, tx, territory{j.grant.Workspace, j.app.Platform.ID}); err != nil {
			return err
		}
		row := j.refreshRow
		row.Failures++
		if r.Forget {
			row.Requests--
		}
		mine, err := putOff(ctx, tx, row, "", now.Add(max(r.Pause, backoff(row.Failures, jitter()))))
		if err != nil {
			return err
		}
		g, err := grantAnywhere(ctx, tx, j.GrantID)
		if err != nil {
			return err
		}
		if err := g.overtaken(j); err != nil {
			return err
		}
		if !mine {
			return errBusyElsewhere // the claim has ended, and another began
		}
		if err := putFailure(ctx, tx, &g, in); err != nil {
			return err
		}
		if r.Verdict != "" {
			err = s.condemnGrant(ctx, tx, &g, r.Verdict, j.by, now)
		} else {
			err = s.markFailing(ctx, tx, &g, r.Failing, now)
		}
		if err != nil {
			return err
		}
		if err := s.judgeApp(ctx, tx, state, j.app, r, in, now); err != nil {
			return err
		}
		return tallyRefreshes(ctx, tx, false, now, &g)
	})
	if err == nil {
		s.loop.wake() // the account may end before what it waits for
		s.log.LogAttrs(ctx, slog.LevelWarn, "refresh", slog.String("grant", j.GrantID), slog.Any("error", failure))
	}
	return err
}

// condemnGrant says for good that a grant is not renewed any more. Its accounts
// live on until their access token ends.
func (s *Service) condemnGrant(ctx context.Context, tx *sqlx.Tx, g *grantState, why Reason, by CheckedBy, now time.Time) error {
	if err := unqueueRefresh(ctx, tx, g.ID); err != nil {
		return err
	}
	return s.eachAccount(ctx, tx, g, now, func(e *Evidence) {
		e.Verdict, e.AutoRefresh, e.NextRefresh, e.Failing = why, false, time.Time{}, ""
		e.CheckedAt, e.CheckedBy = now, by
	})
}

// markFailing notes why a grant's accounts are not renewed at present.
func (s *Service) markFailing(ctx context.Context, tx *sqlx.Tx, g *grantState, why Reason, now time.Time) error {
	if why == "" {
		return nil
	}
	return s.eachAccount(ctx, tx, g, now, func(e *Evidence) { e.Failing = why })
}

// eachAccount changes the evidence of the accounts that live by a grant's own
// tokens, unless they are over for good.
func (s *Service) eachAccount(ctx context.Context, tx *sqlx.Tx, g *grantState, now time.Time, change func(*Evidence)) error {
	accounts, err := s.accountsOfGrant(ctx, tx, g)
	if err != nil {
		return err
	}
	var all []assessment
	for _, a := range accounts {
		if a.evidence.Verdict.final() || a.ownToken {
			continue
		}
		e := a.evidence
		change(&e)
		all = append(all, s.assessed(a, e, now))
	}
	return storeAssessments(ctx, tx, all...)
}

// judgeApp draws what a failure says of the app.
func (s *Service) judgeApp(ctx context.Context, tx *sqlx.Tx, state *appState, a *app, r ruling, in diagnosis.Input, now time.Time) error {
	switch {
	case r.Strike:
		if state.strike(now, r, impersonal(diagnosis.Diagnose(in))) {
			if err := s.announceIncident(ctx, tx, a, IncidentOpened, state.Incident.v.Reason); err != nil {
				return err
			}
		}
	case r.Pause == 0 && r.Verdict != "": // the platform answered as it should
		return s.appWorks(ctx, tx, state, a, now)
	}
	if r.Pause > 0 {
		state.pause(now, r.Pause)
	}
	a.struck.Store(true)
	return state.store(ctx, tx)
}

// impersonal leaves out of a diagnosis what the platform said of one account,
// since all workspaces see an incident.
func impersonal(d diagnosis.Diagnosis) diagnosis.Diagnosis {
	d.Evidence = slices.DeleteFunc(slices.Clone(d.Evidence), func(e diagnosis.Evidence) bool { return e.Told() })
	return d
}

// appWorks notes that an app's platform did what it should. If that ends an
// incident, all that waited for it is due.
func (s *Service) appWorks(ctx context.Context, tx *sqlx.Tx, state *appState, a *app, now time.Time) error {
	incident := state.Incident.v
	if state.heal(now) {
		if err := s.announceIncident(ctx, tx, a, IncidentClosed, incident.Reason); err != nil {
			return err
		}
		if err := hasten(ctx, tx, a.id, now); err != nil {
			return err
		}
	}
	a.struck.Store(false)
	return state.store(ctx, tx)
}

// vouch notes that an app's platform gave tokens for a code, which ends its
// incident as a refresh would: whoever might have refreshed may be gone.
func (s *Service) vouch(ctx context.Context, tx *sqlx.Tx, a *app) error {
	state, err := lockApp(ctx, tx, a.id)
	if err != nil || state.Strikes == 0 && state.Incident.v == nil {
		return err
	}
	return s.appWorks(ctx, tx, state, a, present())
}

func (s *Service) announceIncident(ctx context.Context, tx *sqlx.Tx, a *app, t EventType, why Reason) error {
	return appendEvent(ctx, tx, Event{Type: t, Platform: &a.Platform.ID, Reason: &why})
}
