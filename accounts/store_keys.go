package accounts

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"
)

// installation makes the row of what is true of the whole database, if there is
// none, and returns the id of the event log.
func (s *store) installation(ctx context.Context) (logID string, err error) {
	err = get(ctx, s.write, &logID, `
		INSERT INTO installation (id, log_id, created_at) VALUES (1, ?, ?)
		ON CONFLICT (id) DO UPDATE SET log_id = installation.log_id
		RETURNING log_id`, newID("log_"), instant{present()})
	if err != nil {
		return "", fmt.Errorf("read installation: %w", err)
	}
	return logID, nil
}

func (s *store) hasRing(ctx context.Context) (bool, error) {
	var exists bool
	if err := get(ctx, s.write, &exists, "SELECT EXISTS (SELECT 1 FROM key_ring)"); err != nil {
		return false, fmt.Errorf("read key ring: %w", err)
	}
	return exists, nil
}

func readRing(ctx context.Context, q querier) (sealed []byte, version int64, err error) {
	var row struct {
		Sealed  []byte `db:"sealed"`
		Version int64  `db:"version"`
	}
	if err := get(ctx, q, &row, "SELECT sealed, version FROM key_ring WHERE id = 1"); err != nil {
		return nil, 0, fmt.Errorf("read key ring: %w", err)
	}
	return row.Sealed, row.Version, nil
}

// lockRing returns the ring's version and holds its row until the transaction
// ends: with SHARE against changes, with UPDATE against everybody. SQLite has
// one writer in any case.
func lockRing(ctx context.Context, tx *sqlx.Tx, mode string) (version int64, err error) {
	query := "SELECT version FROM key_ring WHERE id = 1"
	if tx.DriverName() != "sqlite3" {
		query += " FOR " + mode
	}
	if err := get(ctx, tx, &version, query); err != nil {
		return 0, fmt.Errorf("lock key ring: %w", err)
	}
	return version, nil
}

// insertRing stores the first ring, unless there is one.
func (s *store) insertRing(ctx context.Context, sealed []byte) error {
	_, err := exec(ctx, s.write, "INSERT INTO key_ring (id, version, sealed) VALUES (1, 1, ?) ON CONFLICT DO NOTHING", sealed)
	if err != nil {
		return fmt.Errorf("store key ring: %w", err)
	}
	return nil
}

// replaceRing stores a changed ring, whose row the transaction has locked.
func replaceRing(ctx context.Context, tx *sqlx.Tx, sealed []byte) error {
	if _, err := exec(ctx, tx, "UPDATE key_ring SET sealed = ?, version = version + 1 WHERE id = 1", sealed); err != nil {
		return fmt.Errorf("store key ring: %w", err)
	}
	return nil
}

// keyIDs lists the data keys under which anything is sealed. It steps from key
// to key along the index, so its cost does not grow with the secrets.
func (s *store) keyIDs(ctx context.Context) ([]int64, error) {
	var ids []int64
	err := list(ctx, s.read, &ids, `
		WITH RECURSIVE used (id) AS (
			SELECT min(key_id) FROM secrets
			UNION ALL
			SELECT (SELECT min(key_id) FROM secrets WHERE key_id > used.id) FROM used WHERE used.id IS NOT NULL
		)
		SELECT id FROM used WHERE id IS NOT NULL`)
	if err != nil {
		return nil, fmt.Errorf("list data keys in use: %w", err)
	}
	return ids, nil
}

func countByKey(ctx context.Context, q querier) (map[int64]int, error) {
	var rows []struct {
		KeyID int64 `db:"key_id"`
		Count int   `db:"n"`
	}
	if err := list(ctx, q, &rows, "SELECT key_id, count(*) AS n FROM secrets GROUP BY key_id"); err != nil {
		return nil, fmt.Errorf("count secrets: %w", err)
	}
	counts := map[int64]int{}
	for _, r := range rows {
		counts[r.KeyID] = r.Count
	}
	return counts, nil
}

// secretsNotUnder reads secrets of other data keys, in the order of their
// primary key, from after a row on.
func secretsNotUnder(ctx context.Context, tx *sqlx.Tx, key int64, after sealedSecret, limit int) ([]sealedSecret, error) {
	var rows []sealedSecret
	err := list(ctx, tx, &rows, `
		SELECT owner_id, kind, workspace, key_id, sealed FROM secrets
		WHERE key_id <> ? AND (owner_id, kind) > (?, ?) ORDER BY owner_id, kind LIMIT ?`,
		key, after.OwnerID, after.Kind, limit)
	if err != nil {
		return nil, fmt.Errorf("read secrets: %w", err)
	}
	return rows, nil
}

// readSecret reads one secret; sql.ErrNoRows where there is none.
func readSecret(ctx context.Context, q querier, workspace, ownerID, kind string) (sealedSecret, error) {
	var row sealedSecret
	err := get(ctx, q, &row, `
		SELECT owner_id, kind, workspace, key_id, sealed FROM secrets
		WHERE workspace = ? AND owner_id = ? AND kind = ?`, workspace, ownerID, kind)
	if err != nil {
		return row, fmt.Errorf("read %s of %s: %w", kind, ownerID, err)
	}
	return row, nil
}

// readSecrets reads those secrets of an owner whose kind begins with a prefix.
func readSecrets(ctx context.Context, q querier, workspace, ownerID, prefix string) ([]sealedSecret, error) {
	var rows []sealedSecret
	err := list(ctx, q, &rows, `
		SELECT owner_id, kind, workspace, key_id, sealed FROM secrets
		WHERE workspace = ? AND owner_id = ? AND kind LIKE ? ESCAPE '\'`, workspace, ownerID, escapeLike(prefix)+"%")
	if err != nil {
		return nil, fmt.Errorf("read secrets of %s: %w", ownerID, err)
	}
	return rows, nil
}

// insertSecrets stores secrets in the place of the owners' earlier ones. There
// must be at least one.
func insertSecrets(ctx context.Context, tx *sqlx.Tx, secrets ...sealedSecret) error {
	columns := []string{"owner_id TEXT", "kind TEXT", "workspace TEXT", "key_id BIGINT", "sealed BYTES"}
	stored, err := given(tx, columns, secrets, func(s sealedSecret) []any {
		return []any{s.OwnerID, s.Kind, s.Workspace, s.KeyID, s.Sealed}
	})
	if err == nil {
		_, err = exec(ctx, tx, `
			INSERT INTO secrets (owner_id, kind, workspace, key_id, sealed)
			SELECT owner_id, kind, workspace, key_id, sealed
			FROM `+stored.text+` AS v WHERE true
			ON CONFLICT (owner_id, kind) DO UPDATE SET key_id = excluded.key_id, sealed = excluded.sealed`, stored.args...)
	}
	if err != nil {
		return fmt.Errorf("store secrets of %s: %w", secrets[0].OwnerID, err)
	}
	return nil
}

// replaceSecret stores a secret sealed anew, unless it was changed meanwhile.
func replaceSecret(ctx context.Context, tx *sqlx.Tx, old, fresh sealedSecret) error {
	_, err := exec(ctx, tx, `
		UPDATE secrets SET key_id = ?, sealed = ?
		WHERE owner_id = ? AND kind = ? AND workspace = ? AND key_id = ? AND sealed = ?`,
		fresh.KeyID, fresh.Sealed, old.OwnerID, old.Kind, old.Workspace, old.KeyID, old.Sealed)
	return err
}

// deleteSecrets deletes all secrets of an owner.
func deleteSecrets(ctx context.Context, tx *sqlx.Tx, workspace, ownerID string) error {
	if _, err := exec(ctx, tx, "DELETE FROM secrets WHERE workspace = ? AND owner_id = ?", workspace, ownerID); err != nil {
		return fmt.Errorf("delete secrets of %s: %w", ownerID, err)
	}
	return nil
}
