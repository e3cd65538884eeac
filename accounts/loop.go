package accounts

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
)

const (
	// longestSleep bounds the wait for the next due moment: what another replica
	// scheduled without an event is found at the latest then.
	longestSleep = 30 * time.Second
	dueBatch     = 100
	pruneEvery   = time.Hour
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

// watch runs until ctx ends. It announces what time alone changes: statuses of
// accounts, and the end of attempts.
func (s *Service) watch(ctx context.Context) {
	pruned := present()
	for {
		sleep := s.work(ctx)
		if now := present(); now.Sub(pruned) >= pruneEvery {
			pruned = now
			if err := s.pruneEvents(ctx, now); err != nil && ctx.Err() == nil {
				s.log.LogAttrs(ctx, slog.LevelError, "prune the event log", slog.Any("error", err))
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
			return min(longestSleep, max(0, time.Until(next)))
		}
	}
}

// settleDue does what is due. One row that cannot be settled is put off and
// does not hold up the others.
func (s *Service) settleDue(ctx context.Context, rows []dueRow, now time.Time) error {
	var ids []string
	for _, r := range rows {
		ids = append(ids, r.ID)
	}
	found, err := s.accountsAnywhere(ctx, s.db.read, ids)
	if err != nil {
		return err
	}
	for _, a := range found {
		if err := s.announceStatus(ctx, a, now); err != nil {
			return s.putOff(ctx, a.ID, now, err)
		}
	}
	for _, id := range ids {
		if !strings.HasPrefix(id, attemptPrefix) {
			continue
		}
		if err := s.expireAttempt(ctx, id, now); err != nil {
			return s.putOff(ctx, id, now, err)
		}
	}
	return nil
}

func (s *Service) putOff(ctx context.Context, id string, now time.Time, cause error) error {
	return errors.Join(cause, s.record(ctx, func(tx *sqlx.Tx) error {
		return schedule(ctx, tx, id, now.Add(longestSleep))
	}))
}

// announceStatus writes the event of a status that changed by itself, once
// over all replicas, and schedules the next such moment.
func (s *Service) announceStatus(ctx context.Context, a *Account, now time.Time) error {
	within := s.opts.ExpiringWithin
	health := a.evidence.At(now, within)
	next, more := a.evidence.nextTransition(now, within)
	return s.record(ctx, func(tx *sqlx.Tx) error {
		if !a.DisconnectedAt.IsZero() || health.Status == a.evidence.announced {
			return reschedule(ctx, tx, a.ID, next, more && a.DisconnectedAt.IsZero())
		}
		first, err := announce(ctx, tx, a, health)
		if err != nil || !first {
			return err
		}
		if err := appendEvent(ctx, tx, Event{
			Workspace: a.Workspace, Type: AccountHealthChanged, AccountID: &a.ID, Platform: &a.Platform.ID,
			PreviousStatus: &a.evidence.announced, Status: &health.Status, EffectiveAt: health.Since,
		}); err != nil {
			return err
		}
		return reschedule(ctx, tx, a.ID, next, more)
	})
}
