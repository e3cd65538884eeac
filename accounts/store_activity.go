package accounts

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
)

// activityRow is an Activity as the database has it.
type activityRow struct {
	Workspace string       `db:"workspace"`
	AccountID string       `db:"account_id"`
	BeganAt   instant      `db:"began_at"`
	Kind      ActivityKind `db:"kind"`
	Actor     string       `db:"actor"` // "": Mooring itself
	Count     int          `db:"count"`
	LastAt    instant      `db:"last_at"`
	Reason    string       `db:"reason"`
}

const onActivity = `
	ON CONFLICT (account_id, began_at, kind, actor) DO UPDATE SET
		count = activity.count + 1, last_at = excluded.last_at, reason = excluded.reason`

// countActivity counts something that a caller did to an account.
func countActivity(ctx context.Context, tx *sqlx.Tx, a *Account, kind ActivityKind, actor, reason string, now time.Time) error {
	_, err := exec(ctx, tx, `
		INSERT INTO activity (workspace, account_id, began_at, kind, actor, count, last_at, reason)
		VALUES (?, ?, ?, ?, ?, 1, ?, ?)`+onActivity,
		a.Workspace, a.ID, instant{now.Truncate(time.Minute)}, kind, actor, instant{now}, reason)
	if err != nil {
		return fmt.Errorf("count %s of %s: %w", kind, a.ID, err)
	}
	return nil
}

// countRefreshes counts a refresh of Mooring's own for each account.
func countRefreshes(ctx context.Context, tx *sqlx.Tx, of []*Account, now time.Time) error {
	if len(of) == 0 {
		return nil
	}
	counted, err := given(tx, []string{"id TEXT", "workspace TEXT"}, of, func(a *Account) []any { return []any{a.ID, a.Workspace} })
	if err == nil {
		_, err = exec(ctx, tx, `
			INSERT INTO activity (workspace, account_id, began_at, kind, actor, count, last_at, reason)
			SELECT workspace, id, CAST(? AS BIGINT), ?, '', 1, CAST(? AS BIGINT), ''
			FROM `+counted.text+` AS v WHERE true`+onActivity,
			counted.after(instant{now.Truncate(24 * time.Hour)}, TokenRefreshed, instant{now})...)
	}
	if err != nil {
		return fmt.Errorf("count the refresh of %s: %w", of[0].ID, err)
	}
	return nil
}

// selectActivity reads a page of an account's activity, the latest first.
func (s *Service) selectActivity(ctx context.Context, workspace, accountID string, after *activityCursor, limit int) ([]activityRow, error) {
	c := &condition{}
	c.and("workspace = ? AND account_id = ?", workspace, accountID)
	if after != nil {
		c.and("(began_at, kind, actor) < (?, ?, ?)", after.beganAt, after.kind, after.actor)
	}
	var rows []activityRow
	err := list(ctx, s.db.read, &rows, `
		SELECT workspace, account_id, began_at, kind, actor, count, last_at, reason FROM activity
		WHERE `+c.String()+` ORDER BY began_at DESC, kind DESC, actor DESC LIMIT ?`, append(c.args, limit)...)
	if err != nil {
		return nil, fmt.Errorf("read activity of %s: %w", accountID, err)
	}
	return rows, nil
}

// activityBetween reads a page of a workspace's activity that began within a
// time, the oldest first, behind the row last of the page before.
func (s *Service) activityBetween(ctx context.Context, workspace string, from, to time.Time, last activityRow, limit int) ([]activityRow, error) {
	var rows []activityRow
	err := list(ctx, s.db.read, &rows, `
		SELECT workspace, account_id, began_at, kind, actor, count, last_at, reason FROM activity
		WHERE workspace = ? AND began_at >= ? AND began_at < ? AND (began_at, account_id, kind, actor) > (?, ?, ?, ?)
		ORDER BY began_at, account_id, kind, actor LIMIT ?`,
		workspace, from.UnixMilli(), to.UnixMilli(), last.BeganAt.UnixMilli(), last.AccountID, last.Kind, last.Actor, limit)
	if err != nil {
		return nil, fmt.Errorf("read activity of %s: %w", workspace, err)
	}
	return rows, nil
}

// deleteActivity deletes up to limit rows from before a moment and returns how
// many it deleted.
func (s *Service) deleteActivity(ctx context.Context, before time.Time, limit int) (int, error) {
	n, err := exec(ctx, s.db.write, `
		DELETE FROM activity WHERE (account_id, began_at, kind, actor) IN (
			SELECT account_id, began_at, kind, actor FROM activity WHERE began_at < ? ORDER BY began_at LIMIT ?)`,
		instant{before}, limit)
	return int(n), err
}
