package accounts

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"mooring/diagnosis"
	"mooring/platforms"
)

// refreshRow is a claimed row of refreshes, with what the claim found.
type refreshRow struct {
	GrantID  string `db:"grant_id"`
	Fence    int64  `db:"fence"`
	Failures int    `db:"failures"`
	Sender   string `db:"sender"`
	Requests int    `db:"requests"`
}

// now is the time by the database's clock, which the replicas share.
func (s *store) now(ctx context.Context, q querier) (time.Time, error) {
	if s.postgres == nil {
		return present(), nil
	}
	var now instant
	if err := get(ctx, q, &now, "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint"); err != nil {
		return time.Time{}, fmt.Errorf("read the database's clock: %w", err)
	}
	return now.Time, nil
}

// queueRefreshes sets when grants are to be refreshed next, as queueRefresh does,
// one after another.
func queueRefreshes(ctx context.Context, tx *sqlx.Tx, batch ...*kept) error {
	columns := []string{"id TEXT", "app_id TEXT", "due_at BIGINT"}
	queued, err := given(tx, columns, batch, func(k *kept) []any { return []any{k.GrantID, k.app.id, instant{k.next}} })
	if err == nil {
		_, err = exec(ctx, tx, `
			INSERT INTO refreshes (grant_id, app_id, due_at, owner, fence, failures, sender, requests)
			SELECT id, app_id, due_at, '', 0, 0, '', 0 FROM `+queued.text+` AS v WHERE true`+onQueued, queued.args...)
	}
	if err != nil {
		return fmt.Errorf("queue refreshes: %w", err)
	}
	return nil
}

const onQueued = `
	ON CONFLICT (grant_id) DO UPDATE SET due_at = excluded.due_at, owner = '', failures = 0, sender = '', requests = 0`

// queueRefresh sets when a grant is to be refreshed next. What is known of
// requests under its earlier tokens is forgotten.
func queueRefresh(ctx context.Context, tx *sqlx.Tx, grantID, appID string, at time.Time) error {
	_, err := exec(ctx, tx, `
		INSERT INTO refreshes (grant_id, app_id, due_at, owner, fence, failures, sender, requests)
		VALUES (?, ?, ?, '', 0, 0, '', 0)`+onQueued,
		grantID, appID, instant{at})
	if err != nil {
		return fmt.Errorf("queue refresh of %s: %w", grantID, err)
	}
	return nil
}

// unqueueRefresh makes a grant one that is never refreshed again.
func unqueueRefresh(ctx context.Context, tx *sqlx.Tx, grantID string) error {
	if _, err := exec(ctx, tx, "DELETE FROM refreshes WHERE grant_id = ?", grantID); err != nil {
		return fmt.Errorf("unqueue refresh of %s: %w", grantID, err)
	}
	return nil
}

// firstDue returns when the next of an app is due in a queue, which is a table's
// name; the zero time if there is none.
func firstDue(ctx context.Context, q querier, queue, appID string) (time.Time, error) {
	var at instant
	err := get(ctx, q, &at, "SELECT due_at FROM "+queue+" WHERE app_id = ? ORDER BY due_at LIMIT 1", appID)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, fmt.Errorf("read what is due of %s: %w", queue, err)
	}
	return at.Time, nil
}

// claimDue claims up to limit of an app's due refreshes, the longest due first,
// until a moment. A claim that has ended is due again.
func claimDue(ctx context.Context, tx *sqlx.Tx, appID, owner string, now, until time.Time, limit int) ([]refreshRow, error) {
	var rows []refreshRow
	err := list(ctx, tx, &rows, `
		UPDATE refreshes SET owner = ?, due_at = ?, fence = fence + 1
		WHERE due_at <= ? AND grant_id IN (
			SELECT grant_id FROM refreshes WHERE app_id = ? AND due_at <= ? ORDER BY due_at LIMIT ?)
		RETURNING grant_id, fence, failures, sender, requests`,
		owner, instant{until}, instant{now}, appID, instant{now}, limit)
	if err != nil {
		return nil, fmt.Errorf("claim refreshes: %w", err)
	}
	return rows, nil
}

// claimOne claims the refresh of one grant, due or not, unless somebody else
// has it or it has failed more often than a caller minds. It reports false then,
// and where there is nothing to refresh.
func claimOne(ctx context.Context, tx *sqlx.Tx, grantID, owner string, now, until time.Time, failures int) (refreshRow, bool, error) {
	var row refreshRow
	err := get(ctx, tx, &row, `
		UPDATE refreshes SET owner = ?, due_at = ?, fence = fence + 1
		WHERE grant_id = ? AND (owner = '' OR due_at <= ?) AND failures <= ?
		RETURNING grant_id, fence, failures, sender, requests`,
		owner, instant{until}, grantID, instant{now}, failures)
	if errors.Is(err, sql.ErrNoRows) {
		return row, false, nil
	}
	if err != nil {
		return row, false, fmt.Errorf("claim refresh of %s: %w", grantID, err)
	}
	return row, true, nil
}

// writeDown notes in the journal that requests are about to be sent.
func writeDown(ctx context.Context, tx *sqlx.Tx, sender string, jobs ...*job) error {
	if len(jobs) == 0 {
		return nil
	}
	columns := []string{"id TEXT", "claim BIGINT", "sent BIGINT"}
	sent, err := given(tx, columns, jobs, func(j *job) []any { return []any{j.GrantID, j.Fence, j.Requests} })
	if err == nil {
		_, err = exec(ctx, tx, `
			UPDATE refreshes SET sender = ?, requests = v.sent
			FROM `+sent.text+` AS v
			WHERE refreshes.grant_id = v.id AND refreshes.fence = v.claim`, sent.after(sender)...)
	}
	if err != nil {
		return fmt.Errorf("write down refreshes: %w", err)
	}
	return nil
}

// putOff ends a claim without new tokens. It reports false if the claim was
// another's by then.
func putOff(ctx context.Context, tx *sqlx.Tx, r refreshRow, sender string, at time.Time) (bool, error) {
	n, err := exec(ctx, tx, `
		UPDATE refreshes SET owner = '', due_at = ?, failures = ?, sender = ?, requests = ?
		WHERE grant_id = ? AND fence = ?`,
		instant{at}, r.Failures, sender, r.Requests, r.GrantID, r.Fence)
	if err != nil {
		return false, fmt.Errorf("put off the refresh of %s: %w", r.GrantID, err)
	}
	return n == 1, nil
}

// parkedAt is when a refresh is due that waits for a person to resume an
// account: at the end of the year 9999, in Unix milliseconds.
const parkedAt = 253_402_300_799_999

// holdRefreshes keeps grants from being claimed until the transaction ends.
// SQLite has one writer in any case.
func holdRefreshes(ctx context.Context, tx *sqlx.Tx, grantIDs ...string) error {
	if tx.DriverName() == "sqlite3" || len(grantIDs) == 0 {
		return nil
	}
	query, args, err := sqlx.In("SELECT 1 FROM refreshes WHERE grant_id IN (?) ORDER BY grant_id FOR UPDATE", grantIDs)
	if err == nil {
		_, err = exec(ctx, tx, query, args...)
	}
	if err != nil {
		return fmt.Errorf("hold refreshes: %w", err)
	}
	return nil
}

// wanted is whether a grant has a working account that is not paused.
const wanted = `EXISTS (
	SELECT 1 FROM accounts a
	WHERE a.grant_id = %s AND a.disconnected_at IS NULL AND a.paused_at IS NULL AND a.verdict IN ` + living + `)`

// parkRefresh parks the refresh of a grant that nobody is at and no account
// wants.
func parkRefresh(ctx context.Context, tx *sqlx.Tx, grantID string) error {
	_, err := exec(ctx, tx, "UPDATE refreshes SET due_at = ? WHERE grant_id = ? AND owner = '' AND NOT "+
		fmt.Sprintf(wanted, "refreshes.grant_id"), int64(parkedAt), grantID)
	if err != nil {
		return fmt.Errorf("park the refresh of %s: %w", grantID, err)
	}
	return nil
}

// unparkRefresh gives a grant whose refresh is parked its place in the queue
// back.
func unparkRefresh(ctx context.Context, tx *sqlx.Tx, grantID string, due time.Time) error {
	_, err := exec(ctx, tx, "UPDATE refreshes SET due_at = ? WHERE grant_id = ? AND owner = '' AND due_at = ?",
		due.UnixMilli(), grantID, int64(parkedAt))
	if err != nil {
		return fmt.Errorf("unpark the refresh of %s: %w", grantID, err)
	}
	return nil
}

// grantState is what a refresh needs to know of a grant.
type grantState struct {
	ID           string                `db:"id"`
	Workspace    string                `db:"workspace"`
	AppID        string                `db:"app_id"`
	Generation   int64                 `db:"generation"`
	Scopes       texts                 `db:"scopes"`
	ScopeSource  platforms.ScopeSource `db:"scopes_source"`
	AccessIssued instant               `db:"access_issued_at"`
	AccessEnds   instant               `db:"access_expires_at"`
	RefreshEnds  instant               `db:"refresh_expires_at"`
	RetiredAt    instant               `db:"retired_at"`
	Wanted       bool                  `db:"wanted"` // by an account that is not paused

	tokens []sealedSecret // of grantsAnywhere alone
}

var grantColumns = `g.id, g.workspace, g.app_id, g.generation, g.scopes, g.scopes_source, g.access_issued_at, g.access_expires_at,
	g.refresh_expires_at, g.retired_at, ` + fmt.Sprintf(wanted, "g.id") + ` AS wanted`

// grantAnywhere reads a grant of any workspace, or sql.ErrNoRows.
func grantAnywhere(ctx context.Context, q querier, id string) (grantState, error) {
	var g grantState
	if err := get(ctx, q, &g, "SELECT "+grantColumns+" FROM grants g WHERE g.id = ?", id); err != nil {
		return g, fmt.Errorf("read grant %s: %w", id, err)
	}
	return g, nil
}

// grantsAnywhere reads grants of any workspace with their tokens, by id.
func grantsAnywhere(ctx context.Context, q querier, ids ...string) (map[string]grantState, error) {
	of, err := givenIDs(q, ids)
	if err != nil {
		return nil, err
	}
	var found []struct {
		grantState
		AccessKey  sql.NullInt64 `db:"access_key"`
		Access     []byte        `db:"access_sealed"`
		RefreshKey sql.NullInt64 `db:"refresh_key"`
		Refresh    []byte        `db:"refresh_sealed"`
	}
	err = list(ctx, q, &found, `
		SELECT `+grantColumns+`, a.key_id AS access_key, a.sealed AS access_sealed, r.key_id AS refresh_key, r.sealed AS refresh_sealed
		FROM grants g
		LEFT JOIN secrets a ON a.owner_id = g.id AND a.kind = 'access_token' AND a.workspace = g.workspace
		LEFT JOIN secrets r ON r.owner_id = g.id AND r.kind = 'refresh_token' AND r.workspace = g.workspace
		WHERE g.id IN `+of.text, of.args...)
	if err != nil {
		return nil, fmt.Errorf("read grants: %w", err)
	}
	grants := make(map[string]grantState, len(found))
	for _, f := range found {
		g := f.grantState
		if f.AccessKey.Valid {
			g.tokens = append(g.tokens, sealedSecret{g.ID, secretAccess, g.Workspace, f.AccessKey.Int64, f.Access})
		}
		if f.RefreshKey.Valid {
			g.tokens = append(g.tokens, sealedSecret{g.ID, secretRefresh, g.Workspace, f.RefreshKey.Int64, f.Refresh})
		}
		grants[g.ID] = g
	}
	return grants, nil
}

// advanceGrants gives grants new tokens' dates and moves their generation. It
// reports false if somebody else has, or one is retired.
func advanceGrants(ctx context.Context, tx *sqlx.Tx, batch []*kept) (bool, error) {
	columns := []string{
		"id TEXT", "workspace TEXT", "generation BIGINT", "scopes TEXT", "scopes_source TEXT",
		"access_issued_at BIGINT", "access_expires_at BIGINT", "refresh_expires_at BIGINT",
	}
	advanced, err := given(tx, columns, batch, func(k *kept) []any {
		t := k.tokens
		return []any{
			k.GrantID, k.grant.Workspace, k.grant.Generation, texts(t.Scopes), t.ScopeSource,
			instant{t.IssuedAt}, instant{t.AccessExpires}, instant{t.RefreshExpires},
		}
	})
	if err != nil {
		return false, err
	}
	n, err := exec(ctx, tx, `
		UPDATE grants SET generation = grants.generation + 1, scopes = v.scopes, scopes_source = v.scopes_source,
			access_issued_at = v.access_issued_at, access_expires_at = v.access_expires_at,
			refresh_expires_at = v.refresh_expires_at, failure = NULL
		FROM `+advanced.text+` AS v
		WHERE grants.id = v.id AND grants.workspace = v.workspace AND grants.generation = v.generation AND grants.retired_at IS NULL`,
		advanced.args...)
	if err != nil {
		return false, fmt.Errorf("store dates of tokens: %w", err)
	}
	return n == int64(len(batch)), nil
}

// accountsOfGrantsAnywhere is accountsOfGrant for grants of any workspace.
func (s *Service) accountsOfGrantsAnywhere(ctx context.Context, tx *sqlx.Tx, ids []string) ([]*Account, error) {
	grants, err := givenIDs(tx, ids)
	if err != nil {
		return nil, err
	}
	query := selectAccount + " WHERE a.grant_id IN " + grants.text + " AND a.disconnected_at IS NULL ORDER BY a.id"
	if tx.DriverName() != "sqlite3" {
		query += " FOR UPDATE OF a"
	}
	return s.readAccounts(ctx, tx, query, grants.args...)
}

// accountsOfGrant reads the connected accounts that a grant carries and keeps
// them from changing until the transaction ends.
func (s *Service) accountsOfGrant(ctx context.Context, tx *sqlx.Tx, g *grantState) ([]*Account, error) {
	query := selectAccount + " WHERE a.grant_id = CAST(? AS TEXT) AND a.workspace = CAST(? AS TEXT) AND a.disconnected_at IS NULL ORDER BY a.id" // see castList
	if tx.DriverName() != "sqlite3" {
		query += " FOR UPDATE OF a"
	}
	return s.readAccounts(ctx, tx, query, g.ID, g.Workspace)
}

// beat says that a replica lives.
func (s *store) beat(ctx context.Context, id string) error {
	return s.transact(ctx, func(tx *sqlx.Tx) error {
		now, err := s.now(ctx, tx)
		if err != nil {
			return err
		}
		_, err = exec(ctx, tx, `
			INSERT INTO replicas (id, seen_at) VALUES (?, ?)
			ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at`, id, instant{now})
		if err != nil {
			return fmt.Errorf("say that the replica lives: %w", err)
		}
		return nil
	})
}

// forgetReplicas deletes those that nobody has seen since a moment. They count
// as dead with a row or without.
func (s *store) forgetReplicas(ctx context.Context, since time.Time) error {
	if _, err := exec(ctx, s.write, "DELETE FROM replicas WHERE seen_at < ?", instant{since}); err != nil {
		return fmt.Errorf("forget replicas: %w", err)
	}
	return nil
}

// inheritClaims ends, at a moment that is to come, the claims that all others
// hold of an app's refreshes or probes, as the table says. Claims end before
// the last moment.
func inheritClaims(ctx context.Context, tx *sqlx.Tx, table, appID, heir string, at, last time.Time) error {
	_, err := exec(ctx, tx, "UPDATE "+table+" SET due_at = ? WHERE app_id = ? AND due_at > ? AND due_at <= ? AND owner NOT IN ('', ?)",
		instant{at}, appID, instant{at}, instant{last}, heir)
	if err != nil {
		return fmt.Errorf("inherit %s: %w", table, err)
	}
	return nil
}

// lives reports whether a replica has been seen since a moment.
func lives(ctx context.Context, q querier, id string, since time.Time) (bool, error) {
	var found bool
	err := get(ctx, q, &found, "SELECT EXISTS (SELECT 1 FROM replicas WHERE id = ? AND seen_at > ?)", id, instant{since})
	if err != nil {
		return false, fmt.Errorf("look for replica %s: %w", id, err)
	}
	return found, nil
}

// whyUnclaimed says why a grant could not be claimed by whom so many failures
// deter.
func whyUnclaimed(ctx context.Context, tx *sqlx.Tx, grantID string, failures int) (idle, err error) {
	var failing bool
	err = get(ctx, tx, &failing, "SELECT owner = '' AND failures > ? FROM refreshes WHERE grant_id = ?", failures, grantID)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return errNotRefreshable, nil
	case err != nil:
		return nil, fmt.Errorf("look for the refresh of %s: %w", grantID, err)
	case failing:
		return errFailing, nil
	}
	return errBusyElsewhere, nil
}

// hasten makes the refreshes of an app due that have failed or were put off.
// One that is parked will be parked again.
func hasten(ctx context.Context, tx *sqlx.Tx, appID string, now time.Time) error {
	_, err := exec(ctx, tx, "UPDATE refreshes SET due_at = ? WHERE app_id = ? AND owner = '' AND failures > 0 AND due_at > ?",
		instant{now}, appID, instant{now})
	if err != nil {
		return fmt.Errorf("hasten refreshes: %w", err)
	}
	return nil
}

// putFailure keeps what a platform said when a refresh failed, for the
// diagnosis of the grant's accounts.
func putFailure(ctx context.Context, tx *sqlx.Tx, g *grantState, in diagnosis.Input) error {
	_, err := exec(ctx, tx, "UPDATE grants SET failure = ? WHERE id = ? AND workspace = ?",
		object[diagnosis.Input]{in}, g.ID, g.Workspace)
	if err != nil {
		return fmt.Errorf("store the failure of grant %s: %w", g.ID, err)
	}
	return nil
}

// postponeRefresh moves a refresh that is due to a later moment.
func postponeRefresh(ctx context.Context, tx *sqlx.Tx, grantID string, now, at time.Time) error {
	_, err := exec(ctx, tx, "UPDATE refreshes SET due_at = ? WHERE grant_id = ? AND due_at <= ?", instant{at}, grantID, instant{now})
	if err != nil {
		return fmt.Errorf("postpone the refresh of %s: %w", grantID, err)
	}
	return nil
}

// moveRefresh moves the refresh of a grant that nobody is at to another moment.
func moveRefresh(ctx context.Context, tx *sqlx.Tx, grantID string, at time.Time) error {
	if _, err := exec(ctx, tx, "UPDATE refreshes SET due_at = ? WHERE grant_id = ? AND owner = ''", instant{at}, grantID); err != nil {
		return fmt.Errorf("move the refresh of %s: %w", grantID, err)
	}
	return nil
}
