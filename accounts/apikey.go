package accounts

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"

	"mooring/auth"
)

// CreateAPIKey stores a new API key of a back end. actor is who made it.
func (s *Service) CreateAPIKey(ctx context.Context, k auth.APIKey, actor string) error {
	return s.record(ctx, func(tx *sqlx.Tx) error {
		if err := insertAPIKey(ctx, tx, k); err != nil {
			return err
		}
		return appendEvent(ctx, tx, Event{Workspace: k.Workspace, Type: APIKeyCreated, Actor: &actor})
	})
}

// APIKey returns a key by id, revoked and expired ones included, or
// auth.ErrUnknownAPIKey.
func (s *Service) APIKey(ctx context.Context, id string) (auth.APIKey, error) {
	var row struct {
		ID        string  `db:"id"`
		Workspace string  `db:"workspace"`
		Name      string  `db:"name"`
		Hash      []byte  `db:"hash"`
		Scopes    texts   `db:"scopes"`
		CreatedAt instant `db:"created_at"`
		ExpiresAt instant `db:"expires_at"`
		RevokedAt instant `db:"revoked_at"`
	}
	err := get(ctx, s.db.read, &row, `
		SELECT id, workspace, name, hash, scopes, created_at, expires_at, revoked_at FROM api_keys WHERE id = ?`, id)
	if errors.Is(err, sql.ErrNoRows) {
		return auth.APIKey{}, auth.ErrUnknownAPIKey
	}
	if err != nil {
		return auth.APIKey{}, fmt.Errorf("read API key: %w", err)
	}
	k := auth.APIKey{
		ID: row.ID, Workspace: row.Workspace, Name: row.Name, Hash: row.Hash,
		CreatedAt: row.CreatedAt.Time, ExpiresAt: row.ExpiresAt.Time, RevokedAt: row.RevokedAt.Time,
	}
	for _, scope := range row.Scopes {
		k.Scopes = append(k.Scopes, auth.Permission(scope))
	}
	return k, nil
}

func insertAPIKey(ctx context.Context, tx *sqlx.Tx, k auth.APIKey) error {
	var scopes texts
	for _, scope := range k.Scopes {
		scopes = append(scopes, string(scope))
	}
	_, err := exec(ctx, tx, `
		INSERT INTO api_keys (id, workspace, name, hash, scopes, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		k.ID, k.Workspace, k.Name, k.Hash, scopes, instant{k.CreatedAt}, instant{k.ExpiresAt})
	if err != nil {
		return fmt.Errorf("store API key: %w", err)
	}
	return nil
}
