package accounts

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"

	"mooring/diagnosis"
	"mooring/platforms"
	"mooring/vault"
)

// refresher keeps grants alive.
//
// Each grant that can be renewed has a row in refreshes with the moment at
// which it is due. A sweep claims what is due of an app: as many rows as the
// app's token bucket and its free slots allow, in one transaction with the
// journal's note that a request is about to be sent. A claim has a fence
// number, and ends by the database's clock.
//
// The answer is stored before anything else is done with it, by comparing the
// grant's generation, which moves with each change of tokens. A failure counts
// only while both fence and generation are what they were.
//
// Where a refresh token works once, a request without an answer may have spent
// it. The journal counts such requests. One more is allowed; after that only
// the person can help.
type refresher struct {
	replica  string // names this process in claims
	woken    chan struct{}
	swept    atomic.Int64 // when the last sweep ended, at first when it was made, in Unix milliseconds
	working  sync.WaitGroup
	patience *time.Timer // closes givenUp; set when the sweeps end

	mu      sync.Mutex
	flights map[string]*flight // what callers wait for, by grant
	carried map[string]bool    // grants whose outcome is not stored yet
	asking  map[string]int     // requests under way, by app
	busy    map[string]int     // those and outcomes that are not stored yet, by app
	givenUp chan struct{}      // closed when what cannot be stored is to be let go
	unkept  []*kept            // new tokens that are not stored yet
	keeping bool               // somebody is storing
}

func newRefresher() *refresher {
	r := &refresher{
		replica: newID("rep_"), woken: make(chan struct{}, 1),
		flights: map[string]*flight{}, carried: map[string]bool{},
		asking: map[string]int{}, busy: map[string]int{}, givenUp: make(chan struct{}),
	}
	r.swept.Store(present().UnixMilli())
	return r
}

// wake makes the sweep look again; it never blocks.
func (r *refresher) wake() {
	select {
	case r.woken <- struct{}{}:
	default: // it is awake
	}
}

// flight is a refresh under way in this process, which all callers share.
type flight struct {
	landed chan struct{} // closed when err is known
	err    error
}

func newFlight() *flight { return &flight{landed: make(chan struct{})} }

// job is a claimed refresh that is about to be sent.
type job struct {
	refreshRow
	grant  grantState
	app    *app
	tokens *platforms.Tokens
	by     CheckedBy // what led to it
	sendBy time.Time // later the claim might end before the answer is stored
}

// keepAlive runs until ctx ends: it refreshes what is due. What was sent by then
// is settled apart.
func (s *Service) keepAlive(ctx context.Context) {
	for {
		sleep := s.sweep(ctx)
		timer := time.NewTimer(sleep)
		select {
		case <-timer.C:
		case <-s.refresher.woken:
			timer.Stop()
		case <-ctx.Done():
			timer.Stop()
			s.refresher.patience = time.AfterFunc(s.opts.Lease, func() { close(s.refresher.givenUp) })
			return
		}
	}
}

// beat runs until ctx ends: it says that this replica lives, so that no other
// takes what it is doing for a crash.
func (s *Service) beat(ctx context.Context) {
	tick := time.NewTicker(s.opts.Lease / 3)
	defer tick.Stop()
	for {
		if err := s.db.beat(urgently(ctx), s.refresher.replica); err != nil && ctx.Err() == nil {
			s.log.LogAttrs(ctx, slog.LevelError, "say that the replica lives", slog.Any("error", err))
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// sweep sends what is due at all apps and returns how long nothing will be. An
// app's failure does not hold up the others, but a sweep with one does not count
// as one that ended.
func (s *Service) sweep(ctx context.Context) time.Duration {
	sleep, err := s.sweepGone(ctx)
	failures := []error{err}
	for _, a := range s.apps {
		if a.Login.Refresh.Kind == platforms.RefreshNone {
			continue
		}
		wait, err := s.sweepApp(ctx, a)
		if err != nil {
			failures = append(failures, fmt.Errorf("at %s: %w", a.Platform.ID, err))
		}
		sleep = min(sleep, wait)
	}
	if err := errors.Join(failures...); err != nil {
		if ctx.Err() == nil {
			s.log.LogAttrs(ctx, slog.LevelError, "refresh what is due", slog.Any("error", err))
		}
		return time.Second
	}
	s.refresher.swept.Store(present().UnixMilli())
	return max(0, sleep)
}

// untilDue returns how long it is until something of an app in a queue can be
// begun: 0 if it can. Without a free slot whoever ends wakes the queue.
func (s *Service) untilDue(ctx context.Context, queue string, a *app, free int) (time.Duration, error) {
	if free <= 0 {
		return s.longestSleep(), nil
	}
	first, err := firstDue(ctx, s.db.read, queue, a.id)
	if err != nil || first.IsZero() {
		return s.longestSleep(), err
	}
	return max(0, time.Until(first)), nil
}

// sweepApp sends what is due at one app, as far as it may, and returns how long
// it is to be left alone.
func (s *Service) sweepApp(ctx context.Context, a *app) (time.Duration, error) {
	free := s.refresher.free(a, s.opts.RefreshSlots)
	if free <= 0 || !a.crowded {
		if wait, err := s.untilDue(ctx, "refreshes", a, free); wait > 0 || err != nil {
			return wait, err
		}
	}
	jobs, wait, err := s.claim(ctx, a, free)
	a.crowded = len(jobs) == free
	for _, j := range jobs {
		s.send(j, newFlight())
	}
	return wait, s.spare(ctx, err)
}

// free returns how many requests more may be sent to an app. As many again as
// may be under way may wait to be stored meanwhile.
func (r *refresher) free(a *app, slots int) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return min(slots-r.asking[a.id], 2*slots-r.busy[a.id])
}

// answered notes that a request is no longer under way.
func (r *refresher) answered(a *app) {
	r.mu.Lock()
	r.asking[a.id]--
	r.mu.Unlock()
	r.wake()
}

// soon is when to look again at what is due and cannot be claimed.
const soon = time.Second / 10

// claim claims up to n due refreshes of an app and writes them down. It returns
// how long the app is to be left alone.
func (s *Service) claim(ctx context.Context, a *app, n int) (jobs []*job, wait time.Duration, err error) {
	paused := false
	err = s.record(urgently(ctx), func(tx *sqlx.Tx) error {
		jobs, wait, paused = nil, 0, false
		now, err := s.db.now(ctx, tx)
		if err != nil {
			return err
		}
		state, err := lockApp(ctx, tx, a.id)
		if err != nil {
			return err
		}
		a.struck.Store(state.Strikes > 0 || state.Incident.v != nil)
		if paused = state.PausedUntil.After(now); paused {
			failing := PlatformDown
			if i := state.Incident.v; i != nil {
				failing = i.Reason
			}
			rows, err := s.postpone(ctx, tx, a.id, now, state.PausedUntil.Time, func(g *grantState) error {
				return s.markFailing(ctx, tx, g, failing, now)
			})
			if wait = 0; len(rows) == 0 { // others come due before it goes on
				wait = soon
			}
			return err
		}
		most := n
		if state.Incident.v != nil {
			most = 1 // a trial; the others wait for its end
			state.pause(now, s.opts.HTTPTimeout+leaseMargin)
		}
		granted := state.take(now, most, s.opts.RefreshRate, s.opts.RefreshRate)
		if granted == 0 {
			wait = soon
			return nil
		}
		rows, err := claimDue(ctx, tx, a.id, s.refresher.replica, now, now.Add(s.opts.Lease), granted)
		if err != nil || len(rows) == 0 {
			wait = soon // by the database's clock it is not due yet, or another replica has it
			return err
		}
		ids := make([]string, len(rows))
		for i, r := range rows {
			ids[i] = r.GrantID
		}
		grants, together := grantsAnywhere(ctx, tx, ids...)
		for _, r := range rows {
			err := alone(r.GrantID, func() (err error) {
				from := grants
				if together != nil { // which of them it is shows when each is read by itself
					if from, err = grantsAnywhere(ctx, tx, r.GrantID); err != nil {
						return err
					}
				}
				j, _, err := s.prepare(ctx, tx, a, r, from, now)
				if j != nil {
					jobs = append(jobs, j)
				}
				return err
			})
			if err != nil {
				return err
			}
		}
		if err := writeDown(ctx, tx, s.refresher.replica, jobs...); err != nil {
			return err
		}
		return state.store(ctx, tx)
	})
	if err != nil {
		return nil, 0, err
	}
	if paused {
		s.loop.wake() // accounts may end before what it waits for
	}
	return jobs, wait, nil
}

// grantError is a fault that one grant alone has, and that ended the
// transaction in which others were claimed with it.
type grantError struct {
	grantID string
	err     error
}

func (e *grantError) Error() string { return fmt.Sprintf("grant %s: %v", e.grantID, e.err) }
func (e *grantError) Unwrap() error { return e.err }

// alone does something about one grant. A failure, even a panic, is a
// *grantError.
func alone(grantID string, do func() error) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
		}
		if err != nil {
			err = &grantError{grantID, err}
		}
	}()
	return do()
}

// spare puts off a due grant whose fault an error is, so that it holds up no
// other. Any other error is returned as it is.
func (s *Service) spare(ctx context.Context, err error) error {
	bad, is := errors.AsType[*grantError](err)
	if !is {
		return err
	}
	s.log.LogAttrs(ctx, slog.LevelError, "refresh", slog.String("grant", bad.grantID), slog.Any("error", bad.err))
	return s.record(urgently(ctx), func(tx *sqlx.Tx) error {
		now, err := s.db.now(ctx, tx)
		if err != nil {
			return err
		}
		return postponeRefresh(ctx, tx, bad.grantID, now, now.Add(putOffFor))
	})
}

// prepare looks at a claimed grant, which was read after the claim, with its
// tokens. It returns a request that is to be written down, or says why none is
// to be sent.
func (s *Service) prepare(ctx context.Context, tx *sqlx.Tx, a *app, r refreshRow, grants map[string]grantState, now time.Time) (j *job, idle, err error) {
	g, exists := grants[r.GrantID]
	if !exists || !g.RetiredAt.IsZero() {
		return nil, errNotRefreshable, unqueueRefresh(ctx, tx, r.GrantID)
	}
	if s.refresher.carries(r.GrantID) { // the claim has ended, and the answer may yet come
		_, err := putOff(ctx, tx, r, r.Sender, now.Add(s.opts.Lease))
		return nil, errBusyElsewhere, err
	}
	if a.Login.Refresh.Kind == platforms.RefreshSelf && !g.AccessEnds.IsZero() && !now.Before(g.AccessEnds.Time) {
		return nil, errOver, unqueueRefresh(ctx, tx, r.GrantID) // its clock says so
	}
	if !g.Wanted {
		_, err := putOff(ctx, tx, r, r.Sender, time.UnixMilli(parkedAt))
		return nil, errPaused, err
	}
	if r.Sender != "" && a.Login.Refresh.Rotates {
		waits, err := s.awaitSender(ctx, tx, r, &g, now)
		if err != nil || waits {
			return nil, errBusyElsewhere, err
		}
		if r.Requests >= maxRequests {
			return nil, errOver, s.condemnGrant(ctx, tx, &g, OutcomeUnknown, ByRefresh, now)
		}
	}
	tokens := &platforms.Tokens{
		IssuedAt: g.AccessIssued.Time, AccessExpires: g.AccessEnds.Time, RefreshExpires: g.RefreshEnds.Time,
		Scopes: g.Scopes, ScopeSource: g.ScopeSource,
	}
	if err := s.unsealTokens(ctx, tx, g.tokens, tokens); err != nil {
		return nil, err, s.unopened(ctx, tx, r, &g, err, now)
	}
	r.Requests++
	return &job{
		refreshRow: r, grant: g, app: a, tokens: tokens, by: ByRefresh,
		sendBy: time.Now().Add(s.opts.Lease - s.opts.HTTPTimeout - leaseMargin),
	}, nil, nil
}

// awaitSender puts a grant off whose last request has no end in the journal, if
// the replica that sent it may still write it: unless that has been silent for
// three leases, or the access token has ended and there is nothing to lose.
func (s *Service) awaitSender(ctx context.Context, tx *sqlx.Tx, r refreshRow, g *grantState, now time.Time) (bool, error) {
	if r.Sender == s.refresher.replica {
		return false, nil // it could not be stored that it failed
	}
	if !g.AccessEnds.IsZero() && !now.Before(g.AccessEnds.Time) {
		return false, nil
	}
	alive, err := lives(ctx, tx, r.Sender, now.Add(-3*s.opts.Lease))
	if err != nil || !alive {
		return false, err
	}
	_, err = putOff(ctx, tx, r, r.Sender, now.Add(s.opts.Lease))
	return true, err
}

func (r *refresher) carries(grantID string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.carried[grantID]
}

// unopened deals with tokens that cannot be opened. A key that the ring lacks is
// the operator's trouble, and another replica may have it; only a damaged
// secret is the account's.
func (s *Service) unopened(ctx context.Context, tx *sqlx.Tx, r refreshRow, g *grantState, failure error, now time.Time) error {
	s.log.LogAttrs(ctx, slog.LevelError, "open tokens to refresh them", slog.String("grant", g.ID), slog.Any("error", failure))
	if errors.Is(failure, vault.ErrTampered) || errors.Is(failure, sql.ErrNoRows) {
		return s.condemnGrant(ctx, tx, g, SecretLost, ByRefresh, now)
	}
	r.Failures++
	if _, err := putOff(ctx, tx, r, r.Sender, now.Add(backoff(r.Failures, jitter()))); err != nil {
		return err
	}
	if unknown := (*vault.UnknownKeyError)(nil); !errors.As(failure, &unknown) {
		return nil
	}
	return s.markOurs(ctx, tx, g, diagnosis.CodeKeyMissing, now)
}

// postponed is how many due grants are put off in one transaction.
const postponed = 100

// postpone puts off some of what has been due at an app since a moment, because
// nothing is sent there until another. Accounts whose access token ends meanwhile
// are not to blame, but they do not work either: mark says why.
func (s *Service) postpone(ctx context.Context, tx *sqlx.Tx, appID string, since, until time.Time, mark func(*grantState) error) ([]refreshRow, error) {
	rows, err := claimDue(ctx, tx, appID, s.refresher.replica, since, until, postponed)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		err := alone(r.GrantID, func() error {
			g, err := grantAnywhere(ctx, tx, r.GrantID)
			if err == nil {
				err = mark(&g)
			}
			if err != nil {
				return err
			}
			r.Failures = max(r.Failures, 1) // it is due again when the app is well
			_, err = putOff(ctx, tx, r, r.Sender, until.Add(time.Duration(jitter()*float64(firstTrial))))
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// settle waits, with patience, for the refreshes under way.
func (r *refresher) settle() {
	r.working.Wait()
	if r.patience != nil {
		r.patience.Stop()
	}
}

// send carries a job out in a goroutine of its own, which outlives whoever asked
// for it: what the platform answers must be stored. A caller whose flight f
// takes the place of is about to find the grant claimed, and boards f then.
func (s *Service) send(j *job, f *flight) {
	r := s.refresher
	r.mu.Lock()
	r.asking[j.app.id]++
	r.busy[j.app.id]++
	r.carried[j.GrantID] = true
	r.flights[j.GrantID] = f
	r.mu.Unlock()
	r.working.Go(func() {
		defer func() {
			r.mu.Lock()
			r.busy[j.app.id]--
			delete(r.carried, j.GrantID)
			r.mu.Unlock()
			r.land(j.GrantID, f, f.err)
			r.wake()
		}()
		f.err = s.carryOut(urgently(context.Background()), j)
	})
}

// Why a claimed grant is not sent a request for.
var (
	errNotRefreshable = errors.New("nothing renews this grant")
	errBusyElsewhere  = errors.New("another replica is at it")
	errOver           = errors.New("the grant is over")
	errPaused         = errors.New("its accounts are paused")
	errFailing        = errors.New("it has failed already, and is tried again in its turn")
)

// errand is why a grant is refreshed outside of its turn.
type errand struct {
	failures int // how many in a row do not deter: after more the sweep alone tries
	by       CheckedBy
}

// renew refreshes a grant now, or waits for the refresh that is under way in
// this process or in another. It returns nil once the grant has other tokens
// than those of the given generation, or is retired.
func (s *Service) renew(ctx context.Context, a *app, grantID string, generation int64, e errand) error {
	for wait := firstRenewPoll; ; wait = min(2*wait, lastRenewPoll) {
		f, mine := s.refresher.board(grantID)
		if mine {
			j, err := s.claimNow(ctx, a, grantID, generation, e)
			switch {
			case j != nil:
				s.send(j, f)
			default:
				s.refresher.land(grantID, f, err)
			}
		}
		select {
		case <-f.landed:
		case <-ctx.Done():
			return ctx.Err()
		}
		if !errors.Is(f.err, errBusyElsewhere) {
			return f.err
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// How often a caller looks whether another replica is done, at first and after
// a while: each look is a write.
const (
	firstRenewPoll = 25 * time.Millisecond
	lastRenewPoll  = 800 * time.Millisecond
)

// board returns the flight of a grant, and whether the caller is to start it.
func (r *refresher) board(grantID string) (f *flight, mine bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if under := r.flights[grantID]; under != nil {
		return under, false
	}
	f = newFlight()
	r.flights[grantID] = f
	return f, true
}

// land ends a flight.
func (r *refresher) land(grantID string, f *flight, err error) {
	r.mu.Lock()
	if r.flights[grantID] == f {
		delete(r.flights, grantID)
	}
	r.mu.Unlock()
	f.err = err
	close(f.landed)
}

// claimNow claims one grant for a caller. Without a job, a nil error means that
// the grant has moved on to other tokens, or accounts to another grant.
func (s *Service) claimNow(ctx context.Context, a *app, grantID string, generation int64, e errand) (j *job, err error) {
	var idle error
	err = s.record(urgently(ctx), func(tx *sqlx.Tx) error {
		j, idle = nil, nil
		now, err := s.db.now(ctx, tx)
		if err != nil {
			return err
		}
		state, err := lockApp(ctx, tx, a.id)
		if err != nil {
			return err
		}
		g, err := grantAnywhere(ctx, tx, grantID)
		if errors.Is(err, sql.ErrNoRows) {
			return nil // erased
		}
		if err != nil || g.Generation != generation || !g.RetiredAt.IsZero() {
			return err
		}
		if wait := state.PausedUntil.Sub(now); wait > 0 {
			return &pausedError{state.Incident.v, wait}
		}
		row, claimed, err := claimOne(ctx, tx, grantID, s.refresher.replica, now, now.Add(s.opts.Lease), e.failures)
		if err != nil {
			return err
		}
		if !claimed {
			idle, err = whyUnclaimed(ctx, tx, grantID, e.failures)
			return err
		}
		a.struck.Store(state.Strikes > 0 || state.Incident.v != nil)
		if state.Incident.v != nil {
			state.pause(now, s.opts.HTTPTimeout+leaseMargin) // this is the trial
		}
		// A caller does not wait for the bucket, but those after it do.
		state.take(now, 1, s.opts.RefreshRate, math.MaxInt32)
		// Until the claim, which may have waited, others could store tokens.
		grants, err := grantsAnywhere(ctx, tx, grantID)
		if err != nil {
			return err
		}
		if j, idle, err = s.prepare(ctx, tx, a, row, grants, now); err != nil {
			return err
		}
		if j != nil {
			if err := writeDown(ctx, tx, s.refresher.replica, j); err != nil {
				return err
			}
		}
		return state.store(ctx, tx)
	})
	if err != nil {
		return nil, err
	}
	if j != nil {
		j.by = e.by
	}
	return j, idle
}

// pausedError says that an app is left alone at present.
type pausedError struct {
	incident *Incident // nil: the platform asked to wait
	wait     time.Duration
}

func (e *pausedError) Error() string {
	return fmt.Sprintf("the platform is left alone for %s", approximately(e.wait))
}
