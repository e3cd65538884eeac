package accounts_test

import (
	"testing"

	"github.com/jmoiron/sqlx"

	"mooring/accounts"
)

// Whatever changes an account whose grant may be refreshed waits for the
// refresh's row before it takes the account's: a sweep that has claimed the row
// is free to change the account.
func TestRefreshesAreLockedBeforeAccounts(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(w *world, a *accounts.Account) error{
		"disconnect": func(w *world, a *accounts.Account) error {
			_, err := w.Disconnect(w.t.Context(), owner, a.ID)
			return err
		},
		"pause": func(w *world, a *accounts.Account) error {
			_, err := w.Pause(w.t.Context(), owner, a.ID, nil)
			return err
		},
		"import": func(w *world, _ *accounts.Account) error {
			_, err := w.Import(w.t.Context(), owner, accounts.ImportRequest{Platform: "twitter", AccessToken: w.access("", ":at:1")})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, migrated.URL(t))
			a := w.connect(owner, "twitter")
			claim := w.raw().MustBeginTx(t.Context(), nil)
			defer func() { _ = claim.Rollback() }() // it changed nothing
			lock(t, claim, "SELECT grant_id FROM refreshes FOR UPDATE")
			changed := make(chan error, 1)
			go func() { changed <- change(w, a) }()
			w.await("the change waits", func() bool {
				return w.count("SELECT count(*) FROM pg_locks WHERE NOT granted") > 0
			})
			lock(t, claim, "SELECT id FROM accounts FOR UPDATE NOWAIT")
			if err := claim.Rollback(); err != nil {
				t.Fatal(err)
			}
			if err := <-changed; err != nil {
				t.Errorf("%s = %v", name, err)
			}
		})
	}
}

// lock locks one row.
func lock(t *testing.T, tx *sqlx.Tx, query string) {
	t.Helper()
	var id string
	if err := tx.GetContext(t.Context(), &id, query); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}
