package accounts

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"

	"mooring/auth"
	"mooring/diagnosis"
	"mooring/platforms"
)

// prober asks platforms whether tokens still work.
//
// Each token that is probed has a row in probes: a grant's, which all its
// accounts live by, or the own token of an account such as a Facebook Page.
// Rows are claimed as refreshes are, out of the same token bucket, and left
// alone while the app is paused. Where a probe costs something there is a row
// only while the token is suspected or failing, and a budget for each day.
type prober struct {
	woken   chan struct{}
	working sync.WaitGroup

	mu   sync.Mutex
	busy map[string]int // probes under way, by app
}

func newProber() *prober { return &prober{woken: make(chan struct{}, 1), busy: map[string]int{}} }

// wake makes the prober look again; it never blocks.
func (p *prober) wake() {
	select {
	case p.woken <- struct{}{}:
	default: // it is awake
	}
}

// add changes how many probes of an app are under way, and returns how many are.
func (p *prober) add(a *app, n int) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.busy[a.id] += n
	return p.busy[a.id]
}

const (
	// probeSlots is how many probes of an app may be under way at once.
	probeSlots = 4
	// firstReprobe is how soon a failed probe is repeated; each further failure
	// doubles it.
	firstReprobe = time.Minute
	// unaskedWait is how long a platform is left alone that could not be asked,
	// or an app with an incident.
	unaskedWait = 15 * time.Minute
	// costlyEvery is how often a failing token is probed where that costs.
	costlyEvery = 24 * time.Hour
)

// sign is what a probe's answer says of a token.
type sign int

const (
	saysNothing sign = iota // nothing: the platform could not be asked
	saysAlive
	saysFailing // it does not work, which may pass
	saysDead    // it does not work any more
)

// heed reads the answer to a probe. Trouble of the platform, of the way there
// or of the operator's app says nothing of a token, and nothing that is said of
// a young one is believed. That a token is stale is certain where the platform
// was asked about the token itself.
func heed(failure error, kind platforms.ProbeKind, young bool) sign {
	e, ok := errors.AsType[*platforms.Error](failure)
	switch {
	case failure == nil:
		return saysAlive
	case !ok || young:
		return saysNothing
	}
	switch e.Class {
	case platforms.ClassTemporary, platforms.ClassRateLimited, platforms.ClassAppFault:
		return saysNothing
	case platforms.ClassRefreshDead:
		return saysDead
	case platforms.ClassStaleAccess:
		if kind == platforms.ProbeInspect {
			return saysDead
		}
	}
	return saysFailing
}

// believe reads what a platform answered about an account's token, and takes its
// word that the token is dead: whoever heard it, the account and all others that
// live by the token are UNHEALTHY for good. If they have got other tokens
// meanwhile that is an *Error.
func (s *Service) believe(ctx context.Context, r *reach, a *Account, failure error, now time.Time) (sign, error) {
	f := heed(failure, r.app.Login.Probe.Kind, r.young(now))
	if f != saysDead {
		return f, nil
	}
	disowned, err := s.disown(ctx, a, ByProbe, now)
	if err == nil && !disowned {
		return saysNothing, &Error{
			Code: CodeUnavailable, Field: []string{"accountId"},
			Message: "The account got other tokens while " + a.Platform.DisplayName + " was asked about the earlier ones; try again.",
		}
	}
	return f, err
}

// stale reports whether a failure is one that a refresh may mend.
func stale(failure error) bool {
	e, ok := errors.AsType[*platforms.Error](failure)
	return ok && (e.Class == platforms.ClassStaleAccess || e.Class == platforms.ClassRefreshDead)
}

// probeReason names why an account is UNHEALTHY that fails its probes.
func probeReason(in diagnosis.Input) Reason {
	if diagnosis.Diagnose(in).IssueType == diagnosis.AccountRestricted {
		return Checkpoint
	}
	return ProbeFailed
}

// condemned reports whether so many probes have failed that the token's
// accounts are UNHEALTHY.
func (r *probeRow) condemned(threshold int) bool { return r.Failures >= threshold }

// count takes in a sign that is not the end of the token. Below the threshold
// one success forgets all failures; from it on it takes some in a row.
func (r *probeRow) count(f sign, failures, successes int) {
	switch f {
	case saysAlive:
		if r.Successes++; !r.condemned(failures) || r.Successes >= successes {
			r.Failures, r.Successes = 0, 0
		}
	case saysFailing:
		r.Failures, r.Successes = r.Failures+1, 0
	}
}

// next returns how long it is until the next probe. jitter, from 0 to 1, spreads
// what was begun together.
func (r *probeRow) next(f sign, every, asked time.Duration, jitter float64) time.Duration {
	switch {
	case f == saysNothing:
		return min(every, max(asked, unaskedWait))
	case r.Successes > 0:
		return min(every, firstReprobe)
	case r.Failures > 0 && r.Failures < 16:
		return min(every, firstReprobe<<(r.Failures-1))
	}
	return every - time.Duration(jitter*float64(every)/4)
}

// probeEvery is how often a token of an app is probed.
func (s *Service) probeEvery(a *app) time.Duration {
	if a.Login.Probe.Cost != platforms.ProbeFree {
		return costlyEvery
	}
	return s.opts.ProbeEvery
}

// probeAll runs until ctx ends: it probes what is due.
func (s *Service) probeAll(ctx context.Context) {
	for {
		sleep := s.longestSleep()
		for _, a := range s.apps {
			wait, err := s.probeApp(ctx, a)
			if err != nil && ctx.Err() == nil {
				s.log.LogAttrs(ctx, slog.LevelError, "probe what is due", slog.String("platform", a.Platform.ID), slog.Any("error", err))
				wait = time.Second
			}
			sleep = min(sleep, wait)
		}
		timer := time.NewTimer(max(0, sleep))
		select {
		case <-timer.C:
		case <-s.prober.woken:
			timer.Stop()
		case <-ctx.Done():
			timer.Stop()
			s.prober.working.Wait()
			return
		}
	}
}

// probeApp sends what is due at one app, as far as it may, and returns how long
// it is to be left alone.
func (s *Service) probeApp(ctx context.Context, a *app) (time.Duration, error) {
	free := probeSlots - s.prober.add(a, 0)
	if wait, err := s.untilDue(ctx, "probes", a, free); wait > 0 || err != nil {
		return wait, err
	}
	rows, wait, err := s.claimProbes(ctx, a, free)
	for _, r := range rows {
		s.prober.add(a, 1)
		s.prober.working.Go(func() {
			defer func() {
				s.prober.add(a, -1)
				s.prober.wake()
			}()
			_, err := once(context.WithoutCancel(ctx), s, "probe "+r.ID, func(ctx context.Context) (struct{}, error) {
				return struct{}{}, s.probeToken(ctx, a, r)
			})
			if err != nil && !isExpected(err) {
				s.log.LogAttrs(ctx, slog.LevelError, "probe", slog.String("token", r.ID), slog.Any("error", err))
			}
		})
	}
	return wait, err
}

// claimProbes claims up to n due probes of an app. It returns how long the app
// is to be left alone.
func (s *Service) claimProbes(ctx context.Context, a *app, n int) (rows []probeRow, wait time.Duration, err error) {
	err = s.record(ctx, func(tx *sqlx.Tx) error {
		rows = nil
		now, err := s.db.now(ctx, tx)
		if err != nil {
			return err
		}
		state, err := lockApp(ctx, tx, a.id)
		if err != nil {
			return err
		}
		wait = state.PausedUntil.Sub(now)
		if state.Incident.v != nil {
			wait = max(wait, unaskedWait)
		}
		if wait > 0 {
			return nil
		}
		left := min(n, state.probesLeft(now, a.Login.Probe))
		if left == 0 {
			wait = 24*time.Hour - now.Sub(now.Truncate(24*time.Hour))
			return nil
		}
		granted := state.take(now, left, s.opts.RefreshRate, s.opts.RefreshRate)
		if granted == 0 {
			wait = soon
			return nil
		}
		rows, err = claimDueProbes(ctx, tx, a.id, s.refresher.replica, now, now.Add(s.opts.Lease), granted)
		if err != nil || len(rows) == 0 {
			wait = soon // as with refreshes
			return err
		}
		wait = 0
		state.ProbesSpent += len(rows)
		return state.store(ctx, tx)
	})
	return rows, wait, err
}

// probesLeft is how many probes the app's budget allows today.
func (a *appState) probesLeft(now time.Time, p platforms.Probe) int {
	if today := now.Unix() / (24 * 60 * 60); a.ProbeDay != today {
		a.ProbeDay, a.ProbesSpent = today, 0
	}
	if p.Cost == platforms.ProbeFree {
		return probeSlots
	}
	return max(0, p.Daily-a.ProbesSpent)
}

// probeToken asks about a claimed token and stores what follows. A failure to ask is
// an *Error.
func (s *Service) probeToken(ctx context.Context, a *app, r probeRow) error {
	lives, err := s.accountsByToken(ctx, s.db.read, r.ID)
	if err != nil {
		return err
	}
	if len(lives) == 0 {
		return s.forgetProbe(ctx, r)
	}
	account, now := lives[0], present()
	every := s.probeEvery(a)
	if proved := account.evidence.CheckedAt.Add(every - every/4); !r.Suspected && r.Failures == 0 && now.Before(proved) {
		return s.putOffProbe(ctx, r, proved) // by a refresh or by hand
	}
	if ends := account.evidence.AccessEnds; !ends.IsZero() && !now.Before(ends) {
		if !s.mends(account, now) && !s.opts.RefreshOff {
			return s.forgetProbe(ctx, r) // its clock says so
		}
		return errors.Join(errTokenEnded, s.putOffProbe(ctx, r, now.Add(unaskedWait)))
	}
	reach, err := s.reach(ctx, account)
	if err != nil {
		return errors.Join(err, s.putOffProbe(ctx, r, now.Add(unaskedWait)))
	}
	found, failure := s.askWhether(ctx, reach, account)
	if s.opts.Probed != nil {
		s.opts.Probed(a.Platform.ID, resultOf(failure))
	}
	young := reach.young(now)
	if stale(failure) && !young && s.mends(account, now) {
		// The token endpoint decides; it writes its own verdict.
		if trouble := s.renewAccount(ctx, account, errand{by: ByProbe}); trouble != nil {
			return errors.Join(trouble, s.putOffProbe(ctx, r, now.Add(unaskedWait)))
		}
		return s.putOffProbe(ctx, probeRow{ID: r.ID, Fence: r.Fence}, now.Add(every))
	}
	f, err := s.believe(ctx, reach, account, failure, now)
	if err != nil {
		return errors.Join(err, s.putOffProbe(ctx, r, now.Add(unaskedWait)))
	}
	if f == saysDead {
		return s.forgetProbe(ctx, r)
	}
	if err := s.judge(ctx, a, r, account, f, found, failure); err != nil || f == saysAlive {
		return err
	}
	if f == saysNothing {
		return reach.unasked(failure, now)
	}
	why := reach.explain(failure, now)
	return &Error{
		Code: CodeRefused, Field: []string{"accountId"}, Diagnosis: &why,
		Message: fmt.Sprintf("%s refused to answer; after %d times in a row the account counts as UNHEALTHY.",
			a.Platform.DisplayName, s.opts.ProbeFailures),
	}
}

// errTokenEnded says that there is nothing to ask about until the sweep, which
// is at it, has renewed the token.
var errTokenEnded = &Error{
	Code: CodeUnavailable, Field: []string{"accountId"},
	Message: "The access token has ended; the platform can be asked once it is refreshed.",
}

// mends reports whether a refresh may give the account another access token.
func (s *Service) mends(a *Account, now time.Time) bool {
	return a.login.Refresh.Kind == platforms.RefreshToken && s.refusesRefresh(a, now, true) == nil
}

// askWhether asks the platform whether an account's token works. A panic is a
// failure that says nothing.
func (s *Service) askWhether(ctx context.Context, r *reach, a *Account) (found *platforms.Inspection, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
		}
	}()
	ctx, cancel := context.WithTimeout(s.observing(ctx, r.app, a.ExternalID), s.opts.HTTPTimeout)
	defer cancel()
	if r.app.Login.Probe.Kind == platforms.ProbeInspect {
		return r.app.Inspect(ctx, r.working())
	}
	_, err = r.app.Identify(ctx, r.working())
	return &platforms.Inspection{}, err
}

// judge stores what follows from an answer that is not the token's end, unless
// the token is another by now.
func (s *Service) judge(ctx context.Context, a *app, r probeRow, asked *Account, f sign, found *platforms.Inspection, failure error) error {
	in := s.met(failure, a.Platform.ID, platforms.StageAPI)
	err := s.record(ctx, func(tx *sqlx.Tx) error {
		row, f, now := r, f, present()
		lives, err := s.lockAccountsByToken(ctx, tx, r.ID)
		if err != nil {
			return err
		}
		if len(lives) == 0 || lives[0].grantID != asked.grantID || lives[0].generation != asked.generation {
			f = saysNothing // the answer is about an earlier token
		}
		row.count(f, s.opts.ProbeFailures, s.opts.ProbeSuccesses)
		wait := row.next(f, s.probeEvery(a), in.RetryAfter, jitter())
		done := f == saysAlive && row.Failures == 0 && a.Login.Probe.Cost != platforms.ProbeFree
		mine, err := settleProbe(ctx, tx, row, now.Add(wait), f == saysNothing && r.Suspected, done)
		if err != nil || !mine || f == saysNothing {
			return err
		}
		for _, account := range lives {
			if f == saysFailing {
				if err := putProbeFailure(ctx, tx, account, in); err != nil {
					return err
				}
			}
			if err := s.assess(ctx, tx, account, s.afterProbe(account.evidence, row, f, in, found, now), now); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("store probe of %s: %w", r.ID, err)
	}
	return nil
}

// afterProbe is the evidence of an account whose token was probed. row has the
// answer counted.
func (s *Service) afterProbe(e Evidence, row probeRow, f sign, in diagnosis.Input, found *platforms.Inspection, now time.Time) Evidence {
	condemned := row.condemned(s.opts.ProbeFailures)
	switch {
	case f == saysFailing && condemned && e.Verdict == "":
		e.Verdict = probeReason(in)
	case f == saysAlive && !condemned && e.Verdict.passing():
		e.Verdict = ""
	}
	if f == saysAlive || condemned {
		e.CheckedAt, e.CheckedBy = now, ByProbe
	}
	if f == saysAlive && !found.ConsentExpires.IsZero() {
		e.ConsentEnds = found.ConsentExpires
	}
	return e
}

func (s *Service) forgetProbe(ctx context.Context, r probeRow) error {
	return s.db.transact(ctx, func(tx *sqlx.Tx) error {
		_, err := settleProbe(ctx, tx, r, time.Time{}, false, true)
		return err
	})
}

func (s *Service) putOffProbe(ctx context.Context, r probeRow, at time.Time) error {
	return s.db.transact(ctx, func(tx *sqlx.Tx) error {
		_, err := settleProbe(ctx, tx, r, at, r.Suspected, false)
		return err
	})
}

// CheckHealth asks the platform now whether an account's token works, and
// returns the account as it then is. What follows is what follows from any
// probe: a dead token that can be renewed is, and failures count.
//
// Those who ask at the same time share one question, and one within 10 s of an
// answer gets that. If the platform could not be asked, or refused in a way that
// does not yet make the account UNHEALTHY, there are an account and an *Error
// that says why.
func (s *Service) CheckHealth(ctx context.Context, by auth.Actor, id string) (*Account, error) {
	account, err := s.askable(ctx, by, id)
	if err != nil {
		return nil, err
	}
	a := s.apps[account.appID]
	if a == nil || account.evidence.Verdict.final() {
		if _, err := s.reach(ctx, account); err != nil {
			return account, err
		}
		return account, &Error{
			Code: CodeWrongState, Field: []string{"accountId"}, Diagnosis: account.Diagnosis,
			Message: "The account does not work any more; reconnect it.",
		}
	}
	token := account.tokenOwner()
	_, trouble := once(ctx, s, "probe "+token, func(ctx context.Context) (struct{}, error) {
		// Somebody may have asked since.
		current, err := s.accountsByToken(ctx, s.db.read, token)
		if err != nil || len(current) == 0 || current[0].answered(present()) {
			return struct{}{}, err
		}
		r, err := s.claimProbe(ctx, a, token)
		if err != nil {
			return struct{}{}, err
		}
		return struct{}{}, s.probeToken(ctx, a, r)
	})
	if trouble != nil && !isExpected(trouble) {
		return nil, trouble
	}
	account, err = s.Account(ctx, by, id)
	if err != nil {
		return nil, err
	}
	if refused := (*Error)(nil); errors.As(trouble, &refused) && refused.Code == CodeRefused && account.evidence.Verdict != "" {
		trouble = nil // the account says so itself
	}
	return account, trouble
}

// answered reports whether a probe has been answered just now.
func (a *Account) answered(now time.Time) bool {
	return a.evidence.CheckedBy == ByProbe && now.Sub(a.evidence.CheckedAt) < answerKept
}

// claimProbe claims the probe of one token, whoever has it. It counts against
// the app's budget, which does not hold a person up.
func (s *Service) claimProbe(ctx context.Context, a *app, token string) (r probeRow, err error) {
	err = s.record(ctx, func(tx *sqlx.Tx) error {
		now, err := s.db.now(ctx, tx)
		if err != nil {
			return err
		}
		state, err := lockApp(ctx, tx, a.id)
		if err != nil {
			return err
		}
		state.probesLeft(now, a.Login.Probe)
		state.ProbesSpent++
		if r, err = claimOneProbe(ctx, tx, token, a.id, s.refresher.replica, now.Add(s.opts.Lease)); err != nil {
			return err
		}
		return state.store(ctx, tx)
	})
	return r, err
}

// suspectOthers has the tokens probed that a person has at an app already, once the
// platform knows of those that it just issued: some end the earlier ones, or
// leave out what the person unticked. It is no part of connecting.
func (s *Service) suspectOthers(ctx context.Context, a *app, subject string) {
	err := s.db.transact(ctx, func(tx *sqlx.Tx) error {
		if _, err := lockApp(ctx, tx, a.id); err != nil { // those who claim do so, too
			return err
		}
		return suspectTokens(ctx, tx, a.id, subject, present().Add(tokenYoung))
	})
	if err != nil {
		s.log.LogAttrs(ctx, slog.LevelError, "queue probes", slog.Any("error", err))
	}
	s.prober.wake()
}

// tokenOwner is what the token belongs to that the account lives by.
func (a *Account) tokenOwner() string {
	if a.ownToken {
		return a.ID
	}
	return a.grantID
}

// scheduleProbe makes a token that was just issued one that is probed as a
// matter of course, or one that is not.
func (s *Service) scheduleProbe(ctx context.Context, tx *sqlx.Tx, a *app, token string, now time.Time) error {
	if a.Login.Probe.Cost != platforms.ProbeFree {
		return unqueueProbe(ctx, tx, token)
	}
	return queueProbe(ctx, tx, token, a.id, now.Add(s.opts.ProbeEvery-time.Duration(jitter()*float64(s.opts.ProbeEvery)/4)))
}

// accountsByToken reads the accounts that live by a token and may yet work.
func (s *Service) accountsByToken(ctx context.Context, q querier, token string) ([]*Account, error) {
	return s.readAccounts(ctx, q, selectByToken, token, token)
}

// lockAccountsByToken is accountsByToken, and keeps them from changing until
// the transaction ends.
func (s *Service) lockAccountsByToken(ctx context.Context, tx *sqlx.Tx, token string) ([]*Account, error) {
	query := selectByToken
	if tx.DriverName() != "sqlite3" {
		query += " FOR UPDATE OF a"
	}
	return s.readAccounts(ctx, tx, query, token, token)
}
