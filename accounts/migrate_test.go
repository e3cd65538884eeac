package accounts_test

import (
	"os"
	"strings"
	"sync"
	"testing"

	"mooring/accounts"
	"mooring/accounts/pgtest"
)

func TestMigrateTwice(t *testing.T) {
	t.Parallel()
	pgtest.Both(t, func(t *testing.T, url string) {
		first, err := accounts.Migrate(t.Context(), url)
		if err != nil || len(first) == 0 || first[0].Version != 1 || !first[0].Applied {
			t.Fatalf("Migrate() = %+v, %v; want the first step", first, err)
		}
		if again, err := accounts.Migrate(t.Context(), url); len(again) != 0 || err != nil {
			t.Errorf("Migrate() once more = %+v, %v; want nothing to do", again, err)
		}
	})
}

// Replicas that start on an empty database at once share one schema, one key
// ring and one log.
func TestManyOpenANewDatabaseAtOnce(t *testing.T) {
	t.Parallel()
	pgtest.Both(t, func(t *testing.T, url string) {
		w := newWorld(t, pgtest.SQLite(t)) // for its options
		w.options.DatabaseURL = url
		services := make([]*accounts.Service, 4)
		var all sync.WaitGroup
		for i := range services {
			all.Go(func() {
				s, err := accounts.Open(t.Context(), w.options)
				if err != nil {
					t.Errorf("Open() = %v", err)
					return
				}
				services[i] = s
			})
		}
		all.Wait()
		var ids []string
		for _, s := range services {
			if s == nil {
				continue
			}
			t.Cleanup(func() { _ = s.Close() }) // it has written nothing
			keys, err := s.Keys(t.Context())
			if err != nil || len(keys) != 1 {
				t.Errorf("Keys() = %v, %v; want one", keys, err)
				continue
			}
			ids = append(ids, keys[0].ID.String())
		}
		for _, id := range ids {
			if id != ids[0] {
				t.Errorf("the replicas have keys %v; want one", ids)
				break
			}
		}
		w.Service = services[0]
		attempt := w.begin(owner, accounts.ConnectRequest{Platform: "twitter"})
		if _, err := services[1].StartedAttempt(t.Context(), token(w, attempt)); err != nil {
			t.Errorf("a link of one replica at another: %v", err)
		}
	})
}

func TestOpenRefusesAddresses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, test := range []struct{ url, want string }{
		{"", "want sqlite:FILE or postgres://"},
		{"mysql://localhost/x", `"mysql:"`},
		{"sqlite:", "names no file"},
		{"sqlite:" + dir + "/none/mooring.db", "no such file"},
		{"sqlite:" + dir, "is a directory"},
		{"postgres://u:hunter2@host:bad/x", "cannot be parsed"},
		{"postgres://u:hunter2@127.0.0.1:1/x?connect_timeout=1", "open database"},
	} {
		s, err := accounts.Open(t.Context(), accounts.Options{DatabaseURL: test.url})
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("Open(%q) = %v, %v; want %q", test.url, s, err, test.want)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("Open(%q) = %v, which has the password", test.url, err)
		}
	}
}

// The database holds sealed tokens and people's names: nobody else may read it.
func TestTheSQLiteFilesArePrivate(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pgtest.SQLite(t))
	w.connect(owner, "twitter")
	file := strings.TrimPrefix(w.options.DatabaseURL, "sqlite:")
	for _, name := range []string{file, file + "-wal", file + "-shm", file + ".lock"} {
		info, err := os.Stat(name)
		if err != nil {
			t.Error(err)
		} else if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %o; want 600", name, info.Mode().Perm())
		}
	}
}
