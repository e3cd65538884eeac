package accounts

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"mooring/auth"
)

// bulkRow is a bulk connect.
type bulkRow struct {
	ID               string            `db:"id"`
	Workspace        string            `db:"workspace"`
	CreatedBy        string            `db:"created_by"`
	ClientMutationID *string           `db:"client_mutation_id"`
	ReturnTo         string            `db:"return_to"`
	ExternalUserID   string            `db:"external_user_id"`
	Labels           texts             `db:"labels"`
	Skipped          object[[]unready] `db:"skipped"`
	Minutes          int               `db:"minutes"`
	CreatedAt        instant           `db:"created_at"`
	ExpiresAt        instant           `db:"expires_at"`
	CancelledAt      instant           `db:"cancelled_at"`
}

// bulkItemRow is one consent of a bulk connect.
type bulkItemRow struct {
	ID        string               `db:"id"`
	BulkID    string               `db:"bulk_id"`
	Workspace string               `db:"workspace"`
	Place     int                  `db:"place"`
	Members   object[[]bulkMember] `db:"members"`
	AttemptID string               `db:"attempt_id"`
	SkippedAt instant              `db:"skipped_at"`
}

const (
	selectBulk = `
		SELECT id, workspace, created_by, client_mutation_id, return_to, external_user_id, labels, skipped, minutes,
		       created_at, expires_at, cancelled_at
		FROM bulk_connects`
	selectBulkItem = "SELECT id, bulk_id, workspace, place, members, attempt_id, skipped_at FROM bulk_items"
)

// event is an event about the bulk connect.
func (r *bulkRow) event(t EventType, by *string) Event {
	return Event{Workspace: r.Workspace, Type: t, Actor: by, BulkID: &r.ID}
}

// insertBulk stores a bulk connect and returns its id, or that of the one which
// the same caller has made by the same request before.
func (s *Service) insertBulk(ctx context.Context, r *bulkRow, items []*bulkItemRow) (id string, err error) {
	err = s.record(ctx, func(tx *sqlx.Tx) error {
		n, err := exec(ctx, tx, `
			INSERT INTO bulk_connects (id, workspace, created_by, client_mutation_id, return_to, external_user_id, labels,
				skipped, minutes, created_at, expires_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (workspace, created_by, client_mutation_id) DO NOTHING`,
			r.ID, r.Workspace, r.CreatedBy, r.ClientMutationID, r.ReturnTo, r.ExternalUserID, r.Labels,
			r.Skipped, r.Minutes, r.CreatedAt, r.ExpiresAt)
		if err != nil {
			return err
		}
		if n == 0 {
			return get(ctx, tx, &id, "SELECT id FROM bulk_connects WHERE workspace = ? AND created_by = ? AND client_mutation_id = ?",
				r.Workspace, r.CreatedBy, r.ClientMutationID)
		}
		id = r.ID
		for _, i := range items {
			_, err := exec(ctx, tx, "INSERT INTO bulk_items (id, bulk_id, workspace, place, members, attempt_id) VALUES (?, ?, ?, ?, ?, '')",
				i.ID, i.BulkID, i.Workspace, i.Place, i.Members)
			if err != nil {
				return err
			}
		}
		if err := schedule(ctx, tx, r.ID, r.ExpiresAt.Time); err != nil {
			return err
		}
		return appendEvent(ctx, tx, r.event(BulkConnectCreated, &r.CreatedBy))
	})
	if err != nil {
		return "", fmt.Errorf("store bulk connect: %w", err)
	}
	return id, nil
}

// readBulk reads a bulk connect of a workspace and its items in their order;
// sql.ErrNoRows where there is none.
func readBulk(ctx context.Context, q querier, workspace, id string) (*bulkRow, []*bulkItemRow, error) {
	var row bulkRow
	if err := get(ctx, q, &row, selectBulk+" WHERE id = ? AND workspace = ?", id, workspace); err != nil {
		return nil, nil, fmt.Errorf("read bulk connect: %w", err)
	}
	var items []*bulkItemRow
	if err := list(ctx, q, &items, selectBulkItem+" WHERE bulk_id = ? AND workspace = ? ORDER BY place", id, workspace); err != nil {
		return nil, nil, fmt.Errorf("read items of %s: %w", id, err)
	}
	return &row, items, nil
}

// goingBulks returns the ids of an actor's latest bulk connects whose links work.
func (s *Service) goingBulks(ctx context.Context, by auth.Actor, now time.Time) (ids []string, err error) {
	err = list(ctx, s.db.read, &ids, `
		SELECT id FROM bulk_connects
		WHERE created_at > ? AND expires_at > ? AND workspace = ? AND created_by = ? AND cancelled_at IS NULL
		ORDER BY created_at DESC, id DESC LIMIT ?`,
		instant{now.Add(-bulkLife)}, instant{now}, by.Workspace, by.User, maxUnfinished)
	if err != nil {
		return nil, fmt.Errorf("read the bulk connects of %s: %w", by.User, err)
	}
	return ids, nil
}

// bulkAnywhere reads a bulk connect of any workspace, or sql.ErrNoRows: for the
// engine itself, and for browsers, which prove by a link that they may.
func bulkAnywhere(ctx context.Context, q querier, id string) (*bulkRow, error) {
	var row bulkRow
	if err := get(ctx, q, &row, selectBulk+" WHERE id = ?", id); err != nil {
		return nil, fmt.Errorf("read bulk connect: %w", err)
	}
	return &row, nil
}

// bulkItemAnywhere reads an item of any workspace, as bulkAnywhere does.
func bulkItemAnywhere(ctx context.Context, q querier, id string) (*bulkItemRow, error) {
	var row bulkItemRow
	if err := get(ctx, q, &row, selectBulkItem+" WHERE id = ?", id); err != nil {
		return nil, fmt.Errorf("read item of a bulk connect: %w", err)
	}
	return &row, nil
}

// lockBulk keeps a bulk connect and its items from changing until the transaction
// ends. SQLite has one writer in any case.
func lockBulk(ctx context.Context, tx *sqlx.Tx, id string) error {
	if tx.DriverName() == "sqlite3" {
		return nil
	}
	if _, err := exec(ctx, tx, "SELECT 1 FROM bulk_connects WHERE id = ? FOR UPDATE", id); err != nil {
		return fmt.Errorf("lock %s: %w", id, err)
	}
	return nil
}

func setCancelled(ctx context.Context, tx *sqlx.Tx, b *BulkConnect, at time.Time) error {
	if _, err := exec(ctx, tx, "UPDATE bulk_connects SET cancelled_at = ? WHERE id = ? AND workspace = ?", instant{at}, b.ID, b.Workspace); err != nil {
		return fmt.Errorf("cancel %s: %w", b.ID, err)
	}
	return nil
}

// setItem stores an item's latest attempt and whether it is skipped.
func setItem(ctx context.Context, tx *sqlx.Tx, workspace, id, attemptID string, skipped time.Time) error {
	_, err := exec(ctx, tx, "UPDATE bulk_items SET attempt_id = ?, skipped_at = ? WHERE id = ? AND workspace = ?",
		attemptID, instant{skipped}, id, workspace)
	if err != nil {
		return fmt.Errorf("store %s: %w", id, err)
	}
	return nil
}

// deleteBulks deletes up to limit bulk connects from before a moment and returns
// how many it deleted.
func (s *Service) deleteBulks(ctx context.Context, before time.Time, limit int) (int, error) {
	n, err := exec(ctx, s.db.write, `
		DELETE FROM bulk_connects WHERE id IN (
			SELECT id FROM bulk_connects WHERE created_at < ? AND expires_at < ? ORDER BY created_at LIMIT ?)`,
		instant{before}, instant{before}, limit)
	return int(n), err
}
