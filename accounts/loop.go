package accounts

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
)

const (
	dueBatch   = 100
	pruneEvery = time.Hour
	// pruneChunk is how much is deleted in one transaction, which keeps the writer
	// free for others.
	pruneChunk = 1000
	// replicasKept is how long a replica is remembered that is gone.
	replicasKept = 24 * time.Hour
	// putOffFor is how long a row waits that could not be settled.
	putOffFor = 30 * time.Second
)

// loop waits for the next moment at which anything is due.
type loop struct{ woken chan struct{} }

func newLoop() *loop { return &loop{make(chan struct{}, 1)} }

// wake makes the loop look again; it never blocks.
func (l *loop) wake() {
	select {
	case l.woken <- struct{}{}:
	default: // it is awake
	}
}

// longestSleep bounds the wait for the next due moment: what another replica
// scheduled is found at the latest then.
func (s *Service) longestSleep() time.Duration { return 30 * s.opts.Poll }

// watch runs until ctx ends. It announces what time alone changes: statuses of
// accounts, and the end of attempts and bulk connects. Erasures that were
// interrupted it takes up.
func (s *Service) watch(ctx context.Context) {
	pruned := present()
	for {
		sleep := s.work(ctx)
		if now := present(); now.Sub(pruned) >= pruneEvery {
			pruned = now
			if err := errors.Join(s.pruneEvents(ctx, now), s.deleteHistory(ctx, now.Add(-s.opts.EventsKeep)), s.pruneActivity(ctx, now), s.pruneSessions(ctx, now), s.deleteLimits(ctx, now), s.db.forgetReplicas(ctx, now.Add(-max(replicasKept, 3*s.opts.Lease)))); err != nil && ctx.Err() == nil {
				s.log.LogAttrs(ctx, slog.LevelError, "prune the database", slog.Any("error", err))
			}
		}
		timer := time.NewTimer(sleep)
		select {
		case <-timer.C:
		case <-s.loop.woken:
			timer.Stop()
		case <-ctx.Done():
			timer.Stop()
			return
		}
	}
}

// work does what is due and returns how long there is nothing to do.
func (s *Service) work(ctx context.Context) time.Duration {
	for {
		now := present()
		rows, next, err := s.dueRows(ctx, now, dueBatch)
		if err == nil && len(rows) > 0 {
			err = s.settleDue(ctx, rows, now)
		}
		if err != nil {
			if ctx.Err() == nil {
				s.log.LogAttrs(ctx, slog.LevelError, "do what is due", slog.Any("error", err))
			}
			return time.Second
		}
		if len(rows) == 0 {
			return min(s.longestSleep(), max(0, time.Until(next)))
		}
	}
}

// settleDue does what is due. A row that cannot be settled is put off and does
// not hold up the others.
func (s *Service) settleDue(ctx context.Context, rows []dueRow, now time.Time) error {
	var failures []error
	for _, r := range rows {
		if err := s.settleRow(ctx, r, now); err != nil {
			failures = append(failures, fmt.Errorf("settle %s: %w", r.ID, err), s.record(ctx, func(tx *sqlx.Tx) error {
				return reschedule(ctx, tx, r, now.Add(putOffFor), true)
			}))
		}
	}
	return errors.Join(failures...)
}

// settleRow does what one row asks for. A panic is an error of that row.
func (s *Service) settleRow(ctx context.Context, r dueRow, now time.Time) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
		}
	}()
	switch {
	case strings.HasPrefix(r.ID, attemptPrefix):
		return s.expireAttempt(ctx, r, now)
	case strings.HasPrefix(r.ID, bulkPrefix):
		return s.expireBulk(ctx, r)
	case strings.HasPrefix(r.ID, erasurePrefix):
		return s.resumeErasure(ctx, r, now)
	}
	return s.announceStatus(ctx, r.ID)
}

// announceStatus writes the event of a status that changed by itself, once
// over all replicas, and schedules the next such moment.
func (s *Service) announceStatus(ctx context.Context, id string) error {
	return s.record(ctx, func(tx *sqlx.Tx) error {
		a, err := s.lockAccountAnywhere(ctx, tx, id)
		if errors.Is(err, sql.ErrNoRows) || err == nil && !a.DisconnectedAt.IsZero() {
			return unschedule(ctx, tx, id)
		}
		if err != nil {
			return err
		}
		return s.assess(ctx, tx, a, a.evidence, present())
	})
}

// assessment is what the evidence of an account has become, and what follows.
type assessment struct {
	account  *Account // as it was
	evidence Evidence
	events   []Event
	next     time.Time // when time alone changes something; zero for never
}

// assess stores the evidence of an account that the transaction has locked,
// writes the event if status or reason are others than were announced, and that
// of a mark that was reached, and schedules the next moment at which time alone
// changes either.
func (s *Service) assess(ctx context.Context, tx *sqlx.Tx, a *Account, e Evidence, now time.Time) error {
	return storeAssessments(ctx, tx, s.assessed(a, e, now))
}

// assessed is what assess stores.
func (s *Service) assessed(a *Account, e Evidence, now time.Time) assessment {
	within := s.opts.ExpiringWithin
	var events []Event
	was, is := a.evidence.At(now, within), e.At(now, within)
	if reason := is.reason(); is.Status != e.announced || reason != e.announcedReason {
		since := now
		if is.Status == was.Status && reason == was.reason() {
			since = is.Since // time alone has changed it, at a moment known to the millisecond
		}
		events = append(events, Event{
			Workspace: a.Workspace, Type: AccountHealthChanged, AccountID: &a.ID, Platform: &a.Platform.ID,
			PreviousStatus: &a.evidence.announced, Status: &is.Status, Reason: is.Reason, EffectiveAt: since,
		})
		e.announced, e.announcedReason, e.announcedFrom = is.Status, reason, since
	}
	e = e.armed(now)
	if mark, at := e.markReached(now); mark > 0 {
		events = append(events, Event{
			Workspace: a.Workspace, Type: AccountWarning, AccountID: &a.ID, Platform: &a.Platform.ID,
			PreviousStatus: &is.Status, Status: &is.Status, Reason: is.Reason, Days: &mark, EffectiveAt: at,
		})
		e.warnedMark = mark
	}
	next, _ := e.nextTransition(now, within)
	return assessment{account: a, evidence: e, events: events, next: next}
}

// storeAssessments stores what accounts that the transaction has locked have
// become.
func storeAssessments(ctx context.Context, tx *sqlx.Tx, all ...assessment) error {
	var changed []assessment
	for _, a := range all {
		for _, e := range a.events {
			if err := appendEvent(ctx, tx, e); err != nil {
				return err
			}
		}
		if a.evidence != a.account.evidence {
			changed = append(changed, a)
		}
	}
	if err := setEvidence(ctx, tx, changed); err != nil {
		return err
	}
	return scheduleTransitions(ctx, tx, all)
}
