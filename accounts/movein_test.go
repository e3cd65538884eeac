package accounts_test

import (
	"testing"
	"time"
)

// leave makes a grant look as if a replica that is gone had claimed it, and
// perhaps sent its refresh token.
func (w *world) leave(platform string) {
	w.t.Helper()
	w.exec(1, "INSERT INTO replicas (id, seen_at) VALUES (?, ?)", "rep_"+platform, time.Now().UnixMilli())
	w.exec(1, "UPDATE refreshes SET owner = ?, sender = ?, fence = fence + 1, requests = 1, due_at = ? WHERE app_id IN (SELECT id FROM apps WHERE platform = ?)",
		"rep_"+platform, "rep_"+platform, time.Now().Add(23*time.Hour).UnixMilli(), platform)
}

// A SQLite file that nobody else is at has no claims but those of the dead. They
// are taken over at once or, where the platform may have spent the refresh
// token, when it must have answered.
func TestWhatTheDeadLeftIsTakenOver(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		w.connect(owner, "google_youtube")
		w.connect(owner, "twitter")
		w.stop()
		w.leave("google_youtube")
		w.leave("twitter")
		w.restart(w.options)
		pass(time.Second)
		w.wantRequests("google_youtube", 2)
		w.wantRequests("twitter", 1)
		pass(20 * time.Second) // the time that an answer may take
		w.wantRequests("twitter", 2)
		w.leave("google_youtube") // as another that lives may have, beside which nobody is alone
		w.replica()
		pass(time.Minute)
		w.wantRequests("google_youtube", 2)
	})
}

// Replicas that are gone are forgotten, and this one is not.
func TestReplicasThatAreGoneAreForgotten(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		o := w.options
		o.Poll, o.Lease = time.Minute, time.Hour
		w.restart(o)
		pass(time.Second) // it has taken over
		w.exec(1, "INSERT INTO replicas (id, seen_at) VALUES ('rep_gone', ?)", time.Now().UnixMilli())
		pass(23 * time.Hour)
		if n := w.count("SELECT count(*) FROM replicas"); n != 2 {
			t.Errorf("%d replicas after 23 hours; want 2", n)
		}
		pass(3 * time.Hour)
		if n := w.count("SELECT count(*) FROM replicas WHERE id <> 'rep_gone'"); n != 1 || w.count("SELECT count(*) FROM replicas") != 1 {
			t.Error("after 26 hours there are others than this replica; want it alone")
		}
	})
}
