package accounts

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"mooring/auth"
)

// NewAPIKey makes an API key for a back end of the actor's workspace, and returns
// its plaintext, which cannot be shown again. Nobody gives a key what they
// may not do themselves.
func (s *Service) NewAPIKey(ctx context.Context, by auth.Actor, name string, scopes []auth.Permission, expiresAt time.Time) (*auth.APIKey, string, error) {
	key, plaintext, err := auth.NewAPIKey(by.Workspace, name, scopes, expiresAt, present())
	var refused *auth.Error
	switch i := slices.IndexFunc(scopes, func(p auth.Permission) bool { return !by.Can(p) }); {
	case errors.As(err, &refused):
		return nil, "", &Error{Code: CodeInvalid, Message: refused.Message}
	case err != nil:
		return nil, "", err
	case i >= 0:
		return nil, "", invalid("scopes", "You cannot give the scope %q, which you do not have.", scopes[i])
	}
	key.CreatedBy = by.User
	err = s.record(ctx, func(tx *sqlx.Tx) error {
		if err := confirm(ctx, tx, by); err != nil {
			return err
		}
		return createAPIKey(ctx, tx, key)
	})
	if err != nil {
		return nil, "", err
	}
	return &key, plaintext, nil
}

// CreateAPIKey stores a new API key of a back end. actor is who made it.
func (s *Service) CreateAPIKey(ctx context.Context, k auth.APIKey, actor string) error {
	k.CreatedBy = actor
	return s.record(ctx, func(tx *sqlx.Tx) error { return createAPIKey(ctx, tx, k) })
}

func createAPIKey(ctx context.Context, tx *sqlx.Tx, k auth.APIKey) error {
	if err := insertAPIKey(ctx, tx, k); err != nil {
		return err
	}
	return appendEvent(ctx, tx, Event{Workspace: k.Workspace, Type: APIKeyCreated, Actor: &k.CreatedBy, About: &k.ID})
}

// lockAPIKey reports whether a key was not revoked, and keeps it from being so until
// the transaction ends.
func lockAPIKey(ctx context.Context, tx *sqlx.Tx, id string) (works bool, err error) {
	query := "SELECT id FROM api_keys WHERE id = ? AND revoked_at IS NULL"
	if tx.DriverName() != "sqlite3" {
		query += " FOR UPDATE"
	}
	err = get(ctx, tx, &id, query, id)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return false, fmt.Errorf("read API key: %w", err)
	}
	return err == nil, nil
}

// APIKey returns a key by id, revoked and expired ones included, or
// auth.ErrUnknownAPIKey. It is how callers are recognised, so it knows no
// workspace yet.
func (s *Service) APIKey(ctx context.Context, id string) (auth.APIKey, error) {
	var row apiKeyRow
	err := get(ctx, s.db.read, &row, selectAPIKey+" WHERE id = ?", id)
	if errors.Is(err, sql.ErrNoRows) {
		return auth.APIKey{}, auth.ErrUnknownAPIKey
	}
	if err != nil {
		return auth.APIKey{}, fmt.Errorf("read API key: %w", err)
	}
	return row.key(), nil
}

// APIKeys lists a workspace's keys, the oldest first.
func (s *Service) APIKeys(ctx context.Context, workspace string) ([]auth.APIKey, error) {
	var rows []apiKeyRow
	err := list(ctx, s.db.read, &rows, selectAPIKey+" WHERE workspace = ? ORDER BY created_at, id", workspace)
	if err != nil {
		return nil, fmt.Errorf("list API keys: %w", err)
	}
	keys := make([]auth.APIKey, len(rows))
	for i := range rows {
		keys[i] = rows[i].key()
	}
	return keys, nil
}

// RevokeAPIKey lets a key work no more. actor is who did it.
func (s *Service) RevokeAPIKey(ctx context.Context, workspace, id, actor string) error {
	return s.record(ctx, func(tx *sqlx.Tx) error {
		n, err := exec(ctx, tx, "UPDATE api_keys SET revoked_at = ? WHERE id = ? AND workspace = ? AND revoked_at IS NULL",
			instant{present()}, id, workspace)
		if err != nil {
			return fmt.Errorf("revoke API key %s: %w", id, err)
		}
		if n == 0 {
			return notFound("id", "API key that works", id)
		}
		// A stolen key must not leave a way back in.
		if err := withdrawLinksOf(ctx, tx, workspace, auth.APIKeyUser(id)); err != nil {
			return err
		}
		return appendEvent(ctx, tx, Event{Workspace: workspace, Type: APIKeyRevoked, Actor: &actor, About: &id})
	})
}

// apiKeyRow is an API key as the database has it.
type apiKeyRow struct {
	ID        string  `db:"id"`
	Workspace string  `db:"workspace"`
	Name      string  `db:"name"`
	Hash      []byte  `db:"hash"`
	Scopes    texts   `db:"scopes"`
	CreatedAt instant `db:"created_at"`
	ExpiresAt instant `db:"expires_at"`
	RevokedAt instant `db:"revoked_at"`
	CreatedBy string  `db:"created_by"`
	UsedAt    instant `db:"used_at"`
}

const selectAPIKey = "SELECT id, workspace, name, hash, scopes, created_at, expires_at, revoked_at, created_by, used_at FROM api_keys"

func (r *apiKeyRow) key() auth.APIKey {
	k := auth.APIKey{
		ID: r.ID, Workspace: r.Workspace, Name: r.Name, Hash: r.Hash,
		CreatedAt: r.CreatedAt.Time, ExpiresAt: r.ExpiresAt.Time, RevokedAt: r.RevokedAt.Time,
		CreatedBy: r.CreatedBy, UsedAt: r.UsedAt.Time,
	}
	for _, scope := range r.Scopes {
		k.Scopes = append(k.Scopes, auth.Permission(scope))
	}
	return k
}

func insertAPIKey(ctx context.Context, tx *sqlx.Tx, k auth.APIKey) error {
	var scopes texts
	for _, scope := range k.Scopes {
		scopes = append(scopes, string(scope))
	}
	_, err := exec(ctx, tx, `
		INSERT INTO api_keys (id, workspace, name, hash, scopes, created_at, created_by, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		k.ID, k.Workspace, k.Name, k.Hash, scopes, instant{k.CreatedAt}, k.CreatedBy, instant{k.ExpiresAt})
	if err != nil {
		return fmt.Errorf("store API key: %w", err)
	}
	return nil
}
