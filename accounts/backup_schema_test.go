package accounts

import (
	"bytes"
	"slices"
	"testing"

	"mooring/accounts/pgtest"
	"mooring/vault"
)

// Each table is in a backup, or left out for a reason.
func TestEveryTableIsBackedUp(t *testing.T) {
	t.Parallel()
	left := []string{"goose_db_version", "sqlite_sequence", "installation", "key_ring", "replicas", "sessions", "links"}
	pgtest.Both(t, func(t *testing.T, url string) {
		s, err := openStore(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.close() }) // nothing is pending
		if _, err := s.migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		query := "SELECT name FROM sqlite_master WHERE type = 'table'"
		if s.postgres != nil {
			query = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
		}
		var tables []string
		if err := list(t.Context(), s.read, &tables, query); err != nil {
			t.Fatal(err)
		}
		for _, name := range tables {
			if _, in := tableOfBackup(name); in == slices.Contains(left, name) {
				t.Errorf("table %s: in a backup is %t; add it to backupTables or to those left out here, and not to both", name, in)
			}
		}
		if len(tables) < len(backupTables) {
			t.Errorf("%d tables; want the %d of a backup among them", len(tables), len(backupTables))
		}
	})
}

// A backup of an older schema is stored as it is, and migrated as the original
// would have been.
func TestRestoreOlderSchema(t *testing.T) {
	t.Parallel()
	pgtest.Both(t, func(t *testing.T, url string) {
		key, ctx := vault.NewKey(), t.Context()
		old, err := openStore(ctx, "sqlite:"+t.TempDir()+"/old.db")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = old.close() }) // nothing is pending
		if _, err := old.migrateTo(ctx, oldestSchema); err != nil {
			t.Fatal(err)
		}
		ring, err := vault.NewRing()
		if err != nil {
			t.Fatal(err)
		}
		sealed, err := ring.Sealed(key)
		if err != nil {
			t.Fatal(err)
		}
		if err := old.insertRing(ctx, sealed); err != nil {
			t.Fatal(err)
		}
		if _, err := old.installation(ctx); err != nil {
			t.Fatal(err)
		}
		if _, err := exec(ctx, old.write, `
			INSERT INTO members (workspace, user_id, name, email, role, joined_at, invited_by) VALUES ('acme', 'ada', '', '', 'OWNER', 1, '')`); err != nil {
			t.Fatal(err)
		}
		var file bytes.Buffer
		if _, err := old.backup(ctx, BackupOptions{Key: key}, &file); err != nil {
			t.Fatal(err)
		}
		if _, err := Restore(ctx, RestoreOptions{DatabaseURL: url, Key: key}, &file); err != nil {
			t.Fatal(err)
		}
		s, err := openStore(ctx, url)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.close() }) // nothing is pending
		if v, err := s.version(ctx); v != latestSchema() || err != nil {
			t.Errorf("the restored database is at step %d, %v; want %d", v, err, latestSchema())
		}
		var owner string
		if err := get(ctx, s.read, &owner, "SELECT user_id FROM members WHERE role = 'OWNER'"); err != nil || owner != "ada" {
			t.Errorf("the restored owner is %q, %v; want ada", owner, err)
		}
	})
}
