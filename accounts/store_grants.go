package accounts

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"
)

// putApp makes the row of an app if there is none and returns its id.
func (s *store) putApp(ctx context.Context, platform, method, clientID string, sandbox bool) (string, error) {
	played := 0
	if sandbox {
		played = 1
	}
	var id string
	err := get(ctx, s.write, &id, `
		INSERT INTO apps (id, platform, login_method, client_id, sandbox) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (platform, login_method, client_id, sandbox) DO UPDATE SET client_id = excluded.client_id
		RETURNING id`, newID("app_"), platform, method, clientID, played)
	if err != nil {
		return "", fmt.Errorf("store app of %s: %w", platform, err)
	}
	return id, nil
}

// lockGrants lets one transaction at a time change which grants carry a
// workspace's accounts of a platform, so that what it reads of them stays true.
// SQLite has one writer in any case.
func lockGrants(ctx context.Context, tx *sqlx.Tx, workspace, platform string) error {
	if tx.DriverName() == "sqlite3" {
		return nil
	}
	if _, err := exec(ctx, tx, "SELECT pg_advisory_xact_lock(hashtextextended(?, 0))", platform+" "+workspace); err != nil {
		return fmt.Errorf("lock grants of %s: %w", platform, err)
	}
	return nil
}

func insertGrant(ctx context.Context, tx *sqlx.Tx, id string, c consent, now time.Time) error {
	_, err := exec(ctx, tx, `
		INSERT INTO grants (id, workspace, app_id, platform, subject, scopes, scopes_source, consented_at, generation)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1)`,
		id, c.workspace, c.app.id, c.app.Platform.ID, c.identity.Subject, texts(c.tokens.Scopes), c.tokens.ScopeSource, instant{now})
	if err != nil {
		return fmt.Errorf("store grant: %w", err)
	}
	return nil
}

// grantRow is what disconnecting needs to know of a grant.
type grantRow struct {
	ID      string `db:"id"`
	AppID   string `db:"app_id"`
	Subject string `db:"subject"`
}

func readGrant(ctx context.Context, tx *sqlx.Tx, workspace, id string) (grantRow, error) {
	var row grantRow
	err := get(ctx, tx, &row, "SELECT id, app_id, subject FROM grants WHERE id = ? AND workspace = ?", id, workspace)
	if err != nil {
		return row, fmt.Errorf("read grant %s: %w", id, err)
	}
	return row, nil
}

// retireGrants retires those of the grants that no working account needs any
// more, and deletes their secrets.
func retireGrants(ctx context.Context, tx *sqlx.Tx, workspace string, ids []string, now time.Time) error {
	for _, id := range slices.Sorted(slices.Values(ids)) { // in the order of Reseal, so that they cannot block each other
		n, err := exec(ctx, tx, `
			UPDATE grants SET retired_at = ?
			WHERE id = ? AND workspace = ? AND retired_at IS NULL AND NOT EXISTS (
				SELECT 1 FROM accounts a WHERE a.grant_id = grants.id AND a.disconnected_at IS NULL AND a.verdict = '')`,
			instant{now}, id, workspace)
		if err != nil {
			return fmt.Errorf("retire grant %s: %w", id, err)
		}
		if n == 0 {
			continue
		}
		if err := deleteSecrets(ctx, tx, workspace, id); err != nil {
			return err
		}
	}
	return nil
}

// grantWorks reports whether a connected account other than one still needs
// the grant.
func grantWorks(ctx context.Context, tx *sqlx.Tx, workspace, id, exceptAccount string) (bool, error) {
	var works bool
	err := get(ctx, tx, &works, `
		SELECT EXISTS (SELECT 1 FROM accounts
			WHERE grant_id = ? AND workspace = ? AND id <> ? AND disconnected_at IS NULL AND verdict = '')`,
		id, workspace, exceptAccount)
	if err != nil {
		return false, fmt.Errorf("read accounts of grant %s: %w", id, err)
	}
	return works, nil
}

// subjectHasOther reports whether the person has another live grant at the app,
// in any workspace: a revocation with RevokesSubject would end that too.
func subjectHasOther(ctx context.Context, tx *sqlx.Tx, g grantRow) (bool, error) {
	var other bool
	err := get(ctx, tx, &other, `
		SELECT EXISTS (SELECT 1 FROM grants WHERE app_id = ? AND subject = ? AND id <> ? AND retired_at IS NULL)`,
		g.AppID, g.Subject, g.ID)
	if err != nil {
		return false, fmt.Errorf("read other grants of %s: %w", g.ID, err)
	}
	return other, nil
}
