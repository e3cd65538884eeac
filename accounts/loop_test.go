package accounts_test

import (
	"testing"
	"time"

	"mooring/accounts"
)

// TestStrayDueRows puts rows into the due table that belong to nothing, or to
// what has ended, and wants them gone and the rest done.
func TestStrayDueRows(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		a := w.connect(owner, "linkedin", "lifetime", "3")
		ended := w.begin(owner, accounts.ConnectRequest{Platform: "twitter"})
		if _, err := w.CancelConnect(t.Context(), owner, ended.ID); err != nil {
			t.Fatal(err)
		}
		long := time.Now().Add(-time.Hour).UnixMilli()
		for _, id := range []string{"acc_ghost", "att_ghost", "ghost", ended.ID} {
			w.exec(1, "INSERT INTO due (id, due_at) VALUES (?, ?)", id, long)
		}
		changes, err := w.HealthChanges(t.Context(), owner, accounts.HealthFilter{AccountIDs: []string{a.ID}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		until(t, changes, func(c *accounts.HealthChange) bool { return c.Health.Status == accounts.Expired })
		if n := w.count("SELECT count(*) FROM due"); n != 0 {
			t.Errorf("%d rows are due; want 0", n)
		}
	})
}

// TestScheduledAnew changes an account's clocks between the loop's reading and
// its writing: the later schedule stands.
func TestScheduledAnew(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		a := w.connect(owner, "linkedin", "refresh", "no")
		changes, err := w.HealthChanges(t.Context(), owner, accounts.HealthFilter{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		next(t, changes) // the snapshot
		for range 20 {   // each time the loop wakes and reads while the next change is written
			ends := time.Now().Add(time.Hour)
			if err := w.SandboxAged(t.Context(), "linkedin", "tR4pQ9wYzA", ends); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.SandboxAged(t.Context(), "linkedin", "tR4pQ9wYzA", time.Now().Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		c := until(t, changes, func(c *accounts.HealthChange) bool { return c.Health.Status == accounts.Expired })
		if c.Account.ID != a.ID {
			t.Errorf("%s is EXPIRED; want %s", c.Account.ID, a.ID)
		}
	})
}
