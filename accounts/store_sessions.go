package accounts

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"mooring/auth"
)

// sessionRow is a session as the database has it.
type sessionRow struct {
	ID        string    `db:"id"`
	Workspace string    `db:"workspace"`
	User      string    `db:"user_id"`
	Claimed   auth.Role `db:"claimed"`
	Role      auth.Role `db:"role"` // of the member; "" if it is none
	CreatedAt instant   `db:"created_at"`
	UsedAt    instant   `db:"used_at"`
	ExpiresAt instant   `db:"expires_at"`
}

// selectSession reads a session with its person's present role; sql.ErrNoRows if
// there is none.
func (s *Service) selectSession(ctx context.Context, id string) (*sessionRow, error) {
	row := &sessionRow{}
	err := get(ctx, s.db.read, row, `
		SELECT s.id, s.workspace, s.user_id, s.role AS claimed, coalesce(m.role, '') AS role, s.created_at, s.used_at, s.expires_at
		FROM sessions s LEFT JOIN members m ON m.workspace = s.workspace AND m.user_id = s.user_id AND m.removed_at IS NULL
		WHERE s.id = ?`, id)
	if err != nil {
		return nil, fmt.Errorf("read session: %w", err)
	}
	return row, nil
}

func insertSession(ctx context.Context, tx *sqlx.Tx, s auth.Session) error {
	_, err := exec(ctx, tx, `
		INSERT INTO sessions (id, workspace, user_id, role, created_at, used_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		s.ID, s.Workspace, s.User, s.Role, instant{s.CreatedAt}, instant{s.UsedAt}, instant{s.ExpiresAt})
	if err != nil {
		return fmt.Errorf("store session: %w", err)
	}
	return nil
}

// deleteSession deletes a session and says whose it was; sql.ErrNoRows if there is
// none.
func deleteSession(ctx context.Context, tx *sqlx.Tx, id string) (*sessionRow, error) {
	row := &sessionRow{}
	if err := get(ctx, tx, row, "DELETE FROM sessions WHERE id = ? RETURNING workspace, user_id", id); err != nil {
		return nil, fmt.Errorf("end session: %w", err)
	}
	return row, nil
}

func deleteSessionsOf(ctx context.Context, tx *sqlx.Tx, workspace, user string) error {
	if _, err := exec(ctx, tx, "DELETE FROM sessions WHERE workspace = ? AND user_id = ?", workspace, user); err != nil {
		return fmt.Errorf("end the sessions of a member: %w", err)
	}
	return nil
}

// deleteSessions deletes the sessions and links that ended before a moment.
func (s *Service) deleteSessions(ctx context.Context, now time.Time) error {
	_, err := exec(ctx, s.db.write, "DELETE FROM sessions WHERE expires_at < ? OR used_at < ?", instant{now}, instant{now.Add(-auth.SessionIdle)})
	_, linkErr := exec(ctx, s.db.write, "DELETE FROM links WHERE expires_at < ?", instant{now})
	return errors.Join(err, linkErr)
}

// touch notes when a credential was used. table is api_keys or sessions.
func (s *Service) touch(ctx context.Context, table, id string, now time.Time) error {
	return s.db.transact(ctx, func(tx *sqlx.Tx) error {
		_, err := exec(ctx, tx, "UPDATE "+table+" SET used_at = ? WHERE id = ?", instant{now}, id)
		return err
	})
}
