package accounts

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"mooring/platforms"
)

// putApp makes the row of an app if there is none and returns its id.
func (s *store) putApp(ctx context.Context, platform, method, clientID string, sandbox bool) (string, error) {
	var id string
	err := get(ctx, s.write, &id, `
		INSERT INTO apps (id, platform, login_method, client_id, sandbox) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (platform, login_method, client_id, sandbox) DO UPDATE SET client_id = excluded.client_id
		RETURNING id`, newID("app_"), platform, method, clientID, flag(sandbox))
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
	if _, err := exec(ctx, tx, "SELECT pg_advisory_xact_lock(hashtextextended(?, 0))", territory{workspace, platform}.String()); err != nil {
		return fmt.Errorf("lock grants of %s: %w", platform, err)
	}
	return nil
}

// shareGrants keeps others from changing which grants carry workspaces'
// accounts of platforms, and lets them refresh beside.
func shareGrants(ctx context.Context, tx *sqlx.Tx, of ...territory) error {
	if tx.DriverName() == "sqlite3" {
		return nil
	}
	names := make([]string, len(of))
	for i, t := range of {
		names[i] = t.String()
	}
	slices.Sort(names)
	shared, err := givenIDs(tx, slices.Compact(names))
	if err == nil {
		_, err = exec(ctx, tx, "SELECT pg_advisory_xact_lock_shared(hashtextextended(id, 0)) FROM "+shared.text+" AS v", shared.args...)
	}
	if err != nil {
		return fmt.Errorf("share grants of %s: %w", of[0].platform, err)
	}
	return nil
}

// territory is a workspace's accounts of a platform.
type territory struct{ workspace, platform string }

func (t territory) String() string { return t.platform + " " + t.workspace }

func insertGrant(ctx context.Context, tx *sqlx.Tx, id string, c consent, now time.Time) error {
	_, err := exec(ctx, tx, `
		INSERT INTO grants (id, workspace, app_id, platform, subject, scopes, targets, scopes_source, scopes_checked_at,
			consented_at, generation, access_issued_at, access_expires_at, refresh_expires_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?)`,
		id, c.workspace, c.app.id, c.app.Platform.ID, c.identity.Subject, texts(c.tokens.Scopes), targets(c.targets), c.tokens.ScopeSource, instant{now},
		instant{now}, instant{c.tokens.IssuedAt}, instant{c.tokens.AccessExpires}, instant{c.tokens.RefreshExpires})
	if err != nil {
		return fmt.Errorf("store grant: %w", err)
	}
	return nil
}

// grantRow is a grant without its tokens.
type grantRow struct {
	ID           string                `db:"id"`
	Workspace    string                `db:"workspace"`
	AppID        string                `db:"app_id"`
	Subject      string                `db:"subject"`
	Scopes       texts                 `db:"scopes"`
	Targets      targets               `db:"targets"`
	ScopesSource platforms.ScopeSource `db:"scopes_source"`
	AccessIssued instant               `db:"access_issued_at"`
	AccessEnds   instant               `db:"access_expires_at"`
	RefreshEnds  instant               `db:"refresh_expires_at"`
}

// accessToken reads the access token that an account lives by, and its grant's
// generation; sql.ErrNoRows where it has none any more.
func accessToken(ctx context.Context, q querier, a *Account) (sealedSecret, int64, error) {
	owner := a.grantID
	if a.ownToken {
		owner = a.ID
	}
	var row struct {
		sealedSecret

		Generation int64 `db:"generation"`
	}
	err := get(ctx, q, &row, `
		SELECT s.owner_id, s.kind, s.workspace, s.key_id, s.sealed, g.generation
		FROM grants g JOIN secrets s ON s.workspace = g.workspace
		WHERE g.id = ? AND g.workspace = ? AND s.owner_id = ? AND s.kind = ?`, a.grantID, a.Workspace, owner, secretAccess)
	if err != nil {
		return sealedSecret{}, 0, fmt.Errorf("read access token of %s: %w", a.ID, err)
	}
	return row.sealedSecret, row.Generation, nil
}

// dates are what is known of the grant's tokens.
func (r *grantRow) dates() *tokenDates {
	return &tokenDates{
		IssuedAt: r.AccessIssued.Time, AccessExpires: r.AccessEnds.Time, RefreshExpires: r.RefreshEnds.Time,
		Scopes: r.Scopes, ScopeSource: r.ScopesSource,
	}
}

func readGrant(ctx context.Context, q querier, workspace, id string) (grantRow, error) {
	var row grantRow
	err := get(ctx, q, &row, `
		SELECT id, workspace, app_id, subject, scopes, targets, scopes_source, access_issued_at, access_expires_at, refresh_expires_at
		FROM grants WHERE id = ? AND workspace = ?`, id, workspace)
	if err != nil {
		return row, fmt.Errorf("read grant %s: %w", id, err)
	}
	return row, nil
}

// living are the verdicts under which an account still needs its grant: none,
// those after which its access token lives on, and those that may be taken back.
const living = "('', 'REFRESH_DEAD', 'OUTCOME_UNKNOWN', " + passing + ")"

// retireGrants retires those of the grants that no working account needs any
// more, and deletes their secrets and their accounts' own.
func retireGrants(ctx context.Context, tx *sqlx.Tx, workspace string, ids []string, now time.Time) error {
	for _, id := range slices.Sorted(slices.Values(ids)) { // in the order of Reseal, so that they cannot block each other
		n, err := exec(ctx, tx, `
			UPDATE grants SET retired_at = ?
			WHERE id = ? AND workspace = ? AND retired_at IS NULL AND NOT EXISTS (
				SELECT 1 FROM accounts a WHERE a.grant_id = grants.id AND a.disconnected_at IS NULL AND a.verdict IN `+living+`)`,
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
		if _, err := exec(ctx, tx, `
			DELETE FROM secrets WHERE workspace = ? AND owner_id IN (SELECT id FROM accounts WHERE grant_id = ?)`,
			workspace, id); err != nil {
			return fmt.Errorf("delete secrets of the accounts of grant %s: %w", id, err)
		}
		if err := unqueueRefresh(ctx, tx, id); err != nil {
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
			WHERE grant_id = ? AND workspace = ? AND id <> ? AND disconnected_at IS NULL AND verdict IN `+living+`)`,
		id, workspace, exceptAccount)
	if err != nil {
		return false, fmt.Errorf("read accounts of grant %s: %w", id, err)
	}
	return works, nil
}

// subjectHasOther reports whether the person has another live grant at the same
// client, in any workspace and on any platform that the client serves: a
// revocation with RevokesSubject would end that too.
func subjectHasOther(ctx context.Context, tx *sqlx.Tx, g grantRow) (bool, error) {
	var other bool
	err := get(ctx, tx, &other, `
		SELECT EXISTS (
			SELECT 1 FROM apps mine
			JOIN apps p ON p.client_id = mine.client_id AND p.sandbox = mine.sandbox
			JOIN grants g ON g.app_id = p.id
			WHERE mine.id = ? AND g.subject = ? AND g.id <> ? AND g.retired_at IS NULL)`,
		g.AppID, g.Subject, g.ID)
	if err != nil {
		return false, fmt.Errorf("read other grants of %s: %w", g.ID, err)
	}
	return other, nil
}

// setScopes stores which scopes a platform said that a live grant has. It
// reports false where there is no such grant any more.
func setScopes(ctx context.Context, tx *sqlx.Tx, g grantRow, found *platforms.Inspection, now time.Time) (bool, error) {
	n, err := exec(ctx, tx, `
		UPDATE grants SET scopes = ?, targets = ?, scopes_source = ?, scopes_checked_at = ?
		WHERE id = ? AND workspace = ? AND retired_at IS NULL`,
		texts(found.Scopes), targets(found.Targets), found.Source, instant{now}, g.ID, g.Workspace)
	if err != nil {
		return false, fmt.Errorf("store scopes of grant %s: %w", g.ID, err)
	}
	return n == 1, nil
}

// grantAccounts lists the connected accounts of a grant.
func grantAccounts(ctx context.Context, tx *sqlx.Tx, g grantRow) ([]string, error) {
	var ids []string
	err := list(ctx, tx, &ids, `
		SELECT id FROM accounts WHERE grant_id = ? AND workspace = ? AND disconnected_at IS NULL ORDER BY id`, g.ID, g.Workspace)
	if err != nil {
		return nil, fmt.Errorf("list accounts of grant %s: %w", g.ID, err)
	}
	return ids, nil
}

// ageGrant moves the end of a grant's access token, and its beginning as far:
// the token has become older, not shorter-lived.
func ageGrant(ctx context.Context, tx *sqlx.Tx, workspace, id string, ends time.Time) error {
	_, err := exec(ctx, tx, `
		UPDATE grants SET access_issued_at = access_issued_at + (? - access_expires_at), access_expires_at = ?
		WHERE id = ? AND workspace = ?`, instant{ends}, instant{ends}, id, workspace)
	if err != nil {
		return fmt.Errorf("age grant %s: %w", id, err)
	}
	return nil
}

// toldGrant is a grant that a webhook is about.
type toldGrant struct {
	ID        string `db:"id"`
	Workspace string `db:"workspace"`
	Platform  string `db:"platform"`
}

// grantsOfSubjectAnywhere lists the live grants, of all workspaces, that a
// person gave to apps before a moment.
func (s *Service) grantsOfSubjectAnywhere(ctx context.Context, appIDs []string, subject string, before time.Time) ([]toldGrant, error) {
	query, args, err := sqlx.In(`
		SELECT id, workspace, platform FROM grants
		WHERE app_id IN (?) AND subject = ? AND consented_at < ? AND retired_at IS NULL ORDER BY id`, appIDs, subject, instant{before})
	var found []toldGrant
	if err == nil {
		err = list(ctx, s.db.read, &found, query, args...)
	}
	if err != nil {
		return nil, fmt.Errorf("list grants of a person: %w", err)
	}
	return found, nil
}
