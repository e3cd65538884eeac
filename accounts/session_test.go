package accounts

import (
	"testing"
	"time"

	"mooring/accounts/pgtest"
	"mooring/auth"
)

// Sessions and links that are of no use any more are deleted, and no others.
func TestPruneSessions(t *testing.T) {
	t.Parallel()
	pgtest.Both(t, func(t *testing.T, url string) {
		s := openForTest(t, url)
		enter := func(user string) (id string) {
			t.Helper()
			link, err := s.NewSignInLink(t.Context(), "acme", user, "")
			if err != nil {
				t.Fatal(err)
			}
			value, err := s.UseSignInLink(t.Context(), link[len(s.opts.PublicURL+"/login/"):], nil)
			if err != nil {
				t.Fatal(err)
			}
			return auth.SessionID(value)
		}
		fresh, idle, over := enter("ada"), enter("ben"), enter("eve")
		now := present()
		for id, change := range map[string]string{idle: "used_at", over: "expires_at"} {
			at := now.Add(-time.Millisecond)
			if change == "used_at" {
				at = at.Add(-auth.SessionIdle)
			}
			if _, err := exec(t.Context(), s.db.write, "UPDATE sessions SET "+change+" = ? WHERE id = ?", instant{at}, id); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.pruneSessions(t.Context(), now); err != nil {
			t.Fatalf("pruneSessions() = %v", err)
		}
		var left []string
		if err := list(t.Context(), s.db.read, &left, "SELECT id FROM sessions"); err != nil || len(left) != 1 || left[0] != fresh {
			t.Errorf("sessions left: %v, %v; want the one in use", left, err)
		}
		if err := s.pruneSessions(t.Context(), now.Add(signInLinkLife+time.Second)); err != nil {
			t.Fatal(err)
		}
		if err := list(t.Context(), s.db.read, &left, "SELECT id FROM links"); err != nil || len(left) != 0 {
			t.Errorf("links left: %v, %v; want none", left, err)
		}
	})
}
