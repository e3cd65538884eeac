package accounts

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
)

// dueRow is something that has to be looked at.
type dueRow struct {
	ID    string  `db:"id"`
	DueAt instant `db:"due_at"`
}

// dueRows returns what is due, and the next moment at which something will be
// if nothing is.
func (s *Service) dueRows(ctx context.Context, now time.Time, limit int) (due []dueRow, next time.Time, err error) {
	if err := list(ctx, s.db.read, &due, "SELECT id, due_at FROM due ORDER BY due_at, id LIMIT ?", limit); err != nil {
		return nil, time.Time{}, fmt.Errorf("read what is due: %w", err)
	}
	next = now.Add(s.longestSleep())
	for i, r := range due {
		if r.DueAt.After(now) {
			if i == 0 {
				next = r.DueAt.Time
			}
			return due[:i], next, nil
		}
	}
	return due, next, nil
}

// schedule sets when something has to be looked at next.
func schedule(ctx context.Context, tx *sqlx.Tx, id string, at time.Time) error {
	_, err := exec(ctx, tx, `
		INSERT INTO due (id, due_at) VALUES (?, ?)
		ON CONFLICT (id) DO UPDATE SET due_at = excluded.due_at`, id, instant{at})
	if err != nil {
		return fmt.Errorf("schedule %s: %w", id, err)
	}
	return nil
}

// scheduleTransition schedules the moment at which time alone changes an
// account's status next, if there is one.
func scheduleTransition(ctx context.Context, tx *sqlx.Tx, id string, e Evidence, now time.Time, within time.Duration) error {
	if next, more := e.nextTransition(now, within); more {
		return schedule(ctx, tx, id, next)
	}
	return unschedule(ctx, tx, id)
}

// scheduleTransitions schedules, for each of several accounts, the moment at
// which time alone changes its status next, if there is one.
func scheduleTransitions(ctx context.Context, tx *sqlx.Tx, all []assessment) error {
	var sooner []assessment
	var never []string
	for _, a := range all {
		if a.next.IsZero() {
			never = append(never, a.account.ID)
		} else {
			sooner = append(sooner, a)
		}
	}
	if len(sooner) > 0 {
		due, err := given(tx, []string{"id TEXT", "due_at BIGINT"}, sooner, func(a assessment) []any { return []any{a.account.ID, instant{a.next}} })
		if err == nil {
			_, err = exec(ctx, tx, `
				INSERT INTO due (id, due_at) SELECT id, due_at FROM `+due.text+` AS v WHERE true
				ON CONFLICT (id) DO UPDATE SET due_at = excluded.due_at`, due.args...)
		}
		if err != nil {
			return fmt.Errorf("schedule %s: %w", sooner[0].account.ID, err)
		}
	}
	if len(never) > 0 {
		ids, err := givenIDs(tx, never)
		if err == nil {
			_, err = exec(ctx, tx, "DELETE FROM due WHERE id IN "+ids.text, ids.args...)
		}
		if err != nil {
			return fmt.Errorf("unschedule %s: %w", never[0], err)
		}
	}
	return nil
}

// unschedule takes back what schedule set.
func unschedule(ctx context.Context, tx *sqlx.Tx, id string) error {
	if _, err := exec(ctx, tx, "DELETE FROM due WHERE id = ?", id); err != nil {
		return fmt.Errorf("unschedule %s: %w", id, err)
	}
	return nil
}

// reschedule moves a row that was due to another moment, or deletes it where
// nothing more will happen, unless it was scheduled anew meanwhile.
func reschedule(ctx context.Context, tx *sqlx.Tx, r dueRow, at time.Time, more bool) error {
	query, args := "DELETE FROM due WHERE id = ? AND due_at = ?", []any{r.ID, r.DueAt}
	if more {
		query, args = "UPDATE due SET due_at = ? WHERE id = ? AND due_at = ?", []any{instant{at}, r.ID, r.DueAt}
	}
	if _, err := exec(ctx, tx, query, args...); err != nil {
		return fmt.Errorf("reschedule %s: %w", r.ID, err)
	}
	return nil
}
