package accounts

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"mooring/diagnosis"
)

// probeRow is a claimed row of probes.
type probeRow struct {
	ID        string `db:"id"` // of the grant or account whose token it is
	Fence     int64  `db:"fence"`
	Failures  int    `db:"failures"`
	Successes int    `db:"successes"`
	Suspected bool   `db:"suspected"`
}

// selectByToken reads the accounts that live by the token of a grant, or of an
// account, both given by id, unless they are over for good or paused. For the
// casts see accountsOfGrant.
const selectByToken = selectAccount + `
	WHERE (a.grant_id = CAST(? AS TEXT) AND a.own_token = 0 OR a.id = CAST(? AS TEXT) AND a.own_token = 1)
		AND a.disconnected_at IS NULL AND a.paused_at IS NULL AND a.verdict IN ('', ` + passing + `)
	ORDER BY a.id`

// passing are the verdicts that probes take back.
const passing = "'CHECKPOINT', 'PROBE_FAILED'"

// queueProbe sets when a new token is to be probed first.
func queueProbe(ctx context.Context, tx *sqlx.Tx, token, appID string, at time.Time) error {
	_, err := exec(ctx, tx, `
		INSERT INTO probes (id, app_id, due_at, owner, fence, failures, successes, suspected)
		VALUES (?, ?, ?, '', 0, 0, 0, 0)
		ON CONFLICT (id) DO UPDATE SET app_id = excluded.app_id, due_at = excluded.due_at, owner = '',
			fence = probes.fence + 1, failures = 0, successes = 0, suspected = 0`,
		token, appID, instant{at})
	if err != nil {
		return fmt.Errorf("queue probe of %s: %w", token, err)
	}
	return nil
}

// unqueueProbe makes a token one that is not probed as a matter of course.
func unqueueProbe(ctx context.Context, tx *sqlx.Tx, token string) error {
	if _, err := exec(ctx, tx, "DELETE FROM probes WHERE id = ?", token); err != nil {
		return fmt.Errorf("unqueue probe of %s: %w", token, err)
	}
	return nil
}

// suspectTokens makes the probes due at a moment of all tokens that a person
// has at an app, in all workspaces.
func suspectTokens(ctx context.Context, tx *sqlx.Tx, appID, subject string, at time.Time) error {
	_, err := exec(ctx, tx, `
		INSERT INTO probes (id, app_id, due_at, owner, fence, failures, successes, suspected)
		SELECT DISTINCT CASE WHEN a.own_token = 1 THEN a.id ELSE g.id END, g.app_id, CAST(? AS BIGINT), '', 0, 0, 0, 1
		FROM grants g JOIN accounts a ON a.grant_id = g.id
		WHERE g.app_id = ? AND g.subject = ? AND g.retired_at IS NULL AND a.disconnected_at IS NULL
		ON CONFLICT (id) DO UPDATE SET suspected = 1,
			due_at = CASE WHEN probes.owner = '' THEN excluded.due_at ELSE probes.due_at END`,
		at.UnixMilli(), appID, subject)
	if err != nil {
		return fmt.Errorf("queue probes of the person's grants: %w", err)
	}
	return nil
}

// delayProbes puts off all probes.
func delayProbes(ctx context.Context, tx *sqlx.Tx, by time.Duration) error {
	if _, err := exec(ctx, tx, "UPDATE probes SET due_at = due_at + ?", by.Milliseconds()); err != nil {
		return fmt.Errorf("put off probes: %w", err)
	}
	return nil
}

// claimDueProbes claims up to limit of an app's due probes, the longest due
// first, until a moment. A claim that has ended is due again.
func claimDueProbes(ctx context.Context, tx *sqlx.Tx, appID, owner string, now, until time.Time, limit int) ([]probeRow, error) {
	var rows []probeRow
	err := list(ctx, tx, &rows, `
		UPDATE probes SET owner = ?, due_at = ?, fence = fence + 1
		WHERE due_at <= ? AND id IN (SELECT id FROM probes WHERE app_id = ? AND due_at <= ? ORDER BY due_at LIMIT ?)
		RETURNING id, fence, failures, successes, suspected`,
		owner, instant{until}, instant{now}, appID, instant{now}, limit)
	if err != nil {
		return nil, fmt.Errorf("claim probes: %w", err)
	}
	return rows, nil
}

// claimOneProbe claims the probe of a token for somebody who asks, due or not.
// Whoever else had it loses it.
func claimOneProbe(ctx context.Context, tx *sqlx.Tx, token, appID, owner string, until time.Time) (probeRow, error) {
	var row probeRow
	err := get(ctx, tx, &row, `
		INSERT INTO probes (id, app_id, due_at, owner, fence, failures, successes, suspected)
		VALUES (?, ?, ?, ?, 1, 0, 0, 1)
		ON CONFLICT (id) DO UPDATE SET due_at = excluded.due_at, owner = excluded.owner, fence = probes.fence + 1, suspected = 1
		RETURNING id, fence, failures, successes, suspected`, token, appID, instant{until}, owner)
	if err != nil {
		return row, fmt.Errorf("claim probe of %s: %w", token, err)
	}
	return row, nil
}

// settleProbe ends a claim. The probe comes again at that time, or, if done,
// not as a matter of course. It reports false if the claim was another's by
// then.
func settleProbe(ctx context.Context, tx *sqlx.Tx, r probeRow, at time.Time, suspected, done bool) (bool, error) {
	query, args := "UPDATE probes SET owner = '', due_at = ?, failures = ?, successes = ?, suspected = ? WHERE id = ? AND fence = ?",
		[]any{instant{at}, r.Failures, r.Successes, flag(suspected), r.ID, r.Fence}
	if done {
		query, args = "DELETE FROM probes WHERE id = ? AND fence = ?", []any{r.ID, r.Fence}
	}
	n, err := exec(ctx, tx, query, args...)
	if err != nil {
		return false, fmt.Errorf("settle probe of %s: %w", r.ID, err)
	}
	return n == 1, nil
}

// putProbeFailure keeps what a platform said when a probe failed, for the
// account's diagnosis.
func putProbeFailure(ctx context.Context, tx *sqlx.Tx, a *Account, in diagnosis.Input) error {
	_, err := exec(ctx, tx, "UPDATE accounts SET probe_failure = ? WHERE id = ? AND workspace = ?",
		object[diagnosis.Input]{in}, a.ID, a.Workspace)
	if err != nil {
		return fmt.Errorf("store the probe of %s: %w", a.ID, err)
	}
	return nil
}
