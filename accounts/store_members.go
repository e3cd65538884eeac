package accounts

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"mooring/auth"
)

// memberRow is a member as the database has it; absent texts are ”.
type memberRow struct {
	Workspace string    `db:"workspace"`
	User      string    `db:"user_id"`
	Name      string    `db:"name"`
	Email     string    `db:"email"`
	Role      auth.Role `db:"role"`
	JoinedAt  instant   `db:"joined_at"`
	InvitedBy string    `db:"invited_by"`
	RemovedAt instant   `db:"removed_at"`
}

const memberSelect = "SELECT workspace, user_id, name, email, role, joined_at, invited_by, removed_at FROM members"

func (r *memberRow) member() *Member {
	return &Member{
		User: r.User, DisplayName: optional[string](r.Name), Email: optional[string](r.Email), Role: r.Role,
		JoinedAt: r.JoinedAt.Time, InvitedBy: optional[string](r.InvitedBy),
	}
}

// selectMember reads a member, removed ones included; sql.ErrNoRows if there never
// was one.
func selectMember(ctx context.Context, q querier, workspace, user string) (*memberRow, error) {
	row := &memberRow{}
	if err := get(ctx, q, row, memberSelect+" WHERE workspace = ? AND user_id = ?", workspace, user); err != nil {
		return nil, fmt.Errorf("read member: %w", err)
	}
	return row, nil
}

// lockMember is selectMember that keeps the member from changing until the
// transaction ends, so that what is written back undoes nobody's change.
func lockMember(ctx context.Context, tx *sqlx.Tx, workspace, user string) (*memberRow, error) {
	query := memberSelect + " WHERE workspace = ? AND user_id = ?"
	if tx.DriverName() != "sqlite3" {
		query += " FOR UPDATE"
	}
	row := &memberRow{}
	if err := get(ctx, tx, row, query, workspace, user); err != nil {
		return nil, fmt.Errorf("read member: %w", err)
	}
	return row, nil
}

// selectMembers reads a page of a workspace's members.
func (s *Service) selectMembers(ctx context.Context, workspace string, after *memberCursor, limit int) ([]memberRow, error) {
	c := &condition{}
	c.and("workspace = ? AND removed_at IS NULL", workspace)
	if after != nil {
		c.and("(joined_at, user_id) > (?, ?)", after.joinedAt, after.user)
	}
	var rows []memberRow
	err := list(ctx, s.db.read, &rows, memberSelect+" WHERE "+c.String()+" ORDER BY joined_at, user_id LIMIT ?", append(c.args, limit)...)
	if err != nil {
		return nil, fmt.Errorf("list members: %w", err)
	}
	return rows, nil
}

// workspacesOf lists the workspaces that a person belongs to.
func (s *Service) workspacesOf(ctx context.Context, user string) ([]string, error) {
	var workspaces []string
	err := list(ctx, s.db.read, &workspaces, `
		SELECT workspace FROM members WHERE user_id = ? AND removed_at IS NULL ORDER BY workspace LIMIT 100`, user)
	if err != nil {
		return nil, fmt.Errorf("list the workspaces of a person: %w", err)
	}
	return workspaces, nil
}

// insertMember stores a member unless there is one, or was.
func insertMember(ctx context.Context, tx *sqlx.Tx, m *memberRow) (inserted bool, err error) {
	n, err := exec(ctx, tx, `
		INSERT INTO members (workspace, user_id, name, email, role, joined_at, invited_by, removed_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (workspace, user_id) DO NOTHING`,
		m.Workspace, m.User, m.Name, m.Email, m.Role, m.JoinedAt, m.InvitedBy, m.RemovedAt)
	if err != nil {
		return false, fmt.Errorf("store member: %w", err)
	}
	return n > 0, nil
}

func updateMember(ctx context.Context, tx *sqlx.Tx, m *memberRow) error {
	_, err := exec(ctx, tx, `
		UPDATE members SET name = ?, email = ?, role = ?, joined_at = ?, invited_by = ?, removed_at = ?
		WHERE workspace = ? AND user_id = ?`,
		m.Name, m.Email, m.Role, m.JoinedAt, m.InvitedBy, m.RemovedAt, m.Workspace, m.User)
	if err != nil {
		return fmt.Errorf("store member: %w", err)
	}
	return nil
}

// lockOwners lists a workspace's owners and keeps them from changing until the
// transaction ends, so that the last two cannot go at the same time.
func lockOwners(ctx context.Context, tx *sqlx.Tx, workspace string) ([]string, error) {
	query := "SELECT user_id FROM members WHERE workspace = ? AND role = ? AND removed_at IS NULL ORDER BY user_id"
	if tx.DriverName() != "sqlite3" {
		query += " FOR UPDATE"
	}
	var owners []string
	if err := list(ctx, tx, &owners, query, workspace, auth.RoleOwner); err != nil {
		return nil, fmt.Errorf("list owners: %w", err)
	}
	return owners, nil
}

// linkRow is a single-use link as the database has it.
type linkRow struct {
	ID        string    `db:"id"`
	Hash      []byte    `db:"hash"`
	Workspace string    `db:"workspace"`
	User      string    `db:"user_id"`
	Name      string    `db:"name"`
	Role      auth.Role `db:"role"`
	CreatedBy string    `db:"created_by"`
	CreatedAt instant   `db:"created_at"`
	ExpiresAt instant   `db:"expires_at"`
}

const linkColumns = "id, hash, workspace, user_id, name, role, created_by, created_at, expires_at"

func (r *linkRow) invitation() *Invitation {
	return &Invitation{
		ID: r.ID, DisplayName: r.Name, Role: r.Role, CreatedBy: r.CreatedBy, CreatedAt: r.CreatedAt.Time, ExpiresAt: r.ExpiresAt.Time,
	}
}

func insertLink(ctx context.Context, tx *sqlx.Tx, l *linkRow) error {
	_, err := exec(ctx, tx, "INSERT INTO links ("+linkColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
		l.ID, l.Hash, l.Workspace, l.User, l.Name, l.Role, l.CreatedBy, l.CreatedAt, l.ExpiresAt)
	if err != nil {
		return fmt.Errorf("store link: %w", err)
	}
	return nil
}

// openLink reads a link that can still be used; sql.ErrNoRows if it cannot.
func (s *Service) openLink(ctx context.Context, hash []byte, now time.Time) (*linkRow, error) {
	row := &linkRow{}
	err := get(ctx, s.db.read, row, "SELECT "+linkColumns+" FROM links WHERE hash = ? AND used_at IS NULL AND expires_at > ?", hash, instant{now})
	if err != nil {
		return nil, fmt.Errorf("read link: %w", err)
	}
	return row, nil
}

// useLink marks a link as used and returns it; sql.ErrNoRows if it was used
// before, was revoked or has ended.
func useLink(ctx context.Context, tx *sqlx.Tx, hash []byte, now time.Time) (*linkRow, error) {
	row := &linkRow{}
	err := get(ctx, tx, row, `
		UPDATE links SET used_at = ? WHERE hash = ? AND used_at IS NULL AND expires_at > ? RETURNING `+linkColumns,
		instant{now}, hash, instant{now})
	if err != nil {
		return nil, fmt.Errorf("use link: %w", err)
	}
	return row, nil
}

// selectInvitations lists a workspace's open invitations.
func selectInvitations(ctx context.Context, q querier, workspace string, now time.Time) ([]linkRow, error) {
	var rows []linkRow
	err := list(ctx, q, &rows, "SELECT "+linkColumns+` FROM links
		WHERE workspace = ? AND user_id = '' AND used_at IS NULL AND expires_at > ? ORDER BY created_at, id`, workspace, instant{now})
	if err != nil {
		return nil, fmt.Errorf("list invitations: %w", err)
	}
	return rows, nil
}

// withdrawInvitation makes an open invitation useless and returns it;
// sql.ErrNoRows if the workspace has none with that id.
func withdrawInvitation(ctx context.Context, tx *sqlx.Tx, workspace, id string, now time.Time) (*linkRow, error) {
	row := &linkRow{}
	err := get(ctx, tx, row, `
		UPDATE links SET used_at = ? WHERE id = ? AND workspace = ? AND user_id = '' AND used_at IS NULL AND expires_at > ?
		RETURNING `+linkColumns, instant{now}, id, workspace, instant{now})
	if err != nil {
		return nil, fmt.Errorf("revoke invitation: %w", err)
	}
	return row, nil
}

// withdrawLinksOf makes useless what somebody has invited to a workspace, and the
// links that sign them in.
func withdrawLinksOf(ctx context.Context, tx *sqlx.Tx, workspace, user string) error {
	_, err := exec(ctx, tx, "UPDATE links SET used_at = ? WHERE workspace = ? AND used_at IS NULL AND (created_by = ? OR user_id = ?)",
		instant{present()}, workspace, user, user)
	if err != nil {
		return fmt.Errorf("revoke the invitations of a member: %w", err)
	}
	return nil
}
