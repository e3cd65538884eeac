package accounts_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"mooring/accounts"
	"mooring/auth"
)

// overdue connects n accounts of X, each in a workspace of its own, and lets
// them come due while nobody refreshes.
func (w *world) overdue(n int) (owners []auth.Actor, ids []string) {
	w.t.Helper()
	off := w.options
	off.RefreshOff = true
	w.restart(off)
	for i := range n {
		by := owner
		by.Workspace = fmt.Sprint("w", i)
		owners, ids = append(owners, by), append(ids, w.connect(by, "twitter").ID)
	}
	pass(100 * time.Minute)
	return owners, ids
}

// renewed counts the accounts with a token of at most that age.
func (w *world) renewed(owners []auth.Actor, ids []string, age time.Duration) (n int) {
	w.t.Helper()
	for i, id := range ids {
		a, err := w.Account(w.t.Context(), owners[i], id)
		if err == nil && time.Since(a.Health.LastRefreshedAt) <= age {
			n++
		}
	}
	return n
}

// One grant that hangs and one whose answer cannot be dealt with do not keep
// eight others from being renewed in the same sweep.
func TestOneGrantDoesNotHoldUpTheOthers(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		owners, ids := w.overdue(10)
		var n atomic.Int32
		w.wire.on(func(path string) {
			if path != tokenPaths["twitter"] {
				return
			}
			switch n.Add(1) {
			case 1:
				<-time.After(15 * time.Second)
			case 2:
				panic("a parser that fails")
			}
		})
		w.restart(w.options)
		pass(time.Second)
		if got := w.renewed(owners, ids, time.Second); got != 8 {
			t.Errorf("%d accounts were renewed in the first second; want 8", got)
		}
		pass(time.Minute)
		if got := w.renewed(owners, ids, time.Minute+time.Second); got != 10 {
			t.Errorf("%d accounts were renewed; want all 10", got)
		}
		w.wantRequests("twitter", 10+10) // the panic came before one was sent
	})
}

// A row that cannot be read holds up no other.
func TestADamagedGrantDoesNotHoldUpTheOthers(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		owners, ids := w.overdue(3)
		w.exec(1, "UPDATE grants SET scopes = '{' WHERE workspace = 'w0'")
		w.exec(1, "UPDATE refreshes SET due_at = 1 WHERE grant_id = (SELECT id FROM grants WHERE workspace = 'w0')")
		w.restart(w.options)
		pass(time.Second)
		if got := w.renewed(owners, ids, time.Second); got != 2 {
			t.Errorf("%d accounts were renewed; want the other 2", got)
		}
		w.exec(1, "UPDATE grants SET scopes = '[]' WHERE workspace = 'w0'")
		pass(time.Minute)
		if got := w.renewed(owners, ids, time.Minute+time.Second); got != 3 {
			t.Errorf("%d accounts were renewed after the repair; want all 3", got)
		}
	})
}

// A platform that keeps all its slots waiting delays no other's claim.
func TestASlowPlatformDelaysNoOther(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		owners, ids := w.overdue(20)
		answers := make(chan struct{})
		w.wire.on(func(path string) {
			if path == tokenPaths["twitter"] {
				<-answers
			}
		})
		w.restart(w.options)
		other := w.connect(owner, "google_youtube")
		pass(time.Until(other.Health.NextRefreshAt) - time.Millisecond)
		w.wantRequests("google_youtube", 1)
		pass(time.Second)
		w.wantRequests("google_youtube", 2)
		w.wantHealth(other.ID, accounts.Healthy, "", true)
		close(answers)
		pass(time.Minute)
		w.wantRequests("twitter", 20+20)
		if got := w.renewed(owners, ids, 90*time.Minute); got != 20 {
			t.Errorf("%d accounts were renewed; want all 20", got)
		}
	})
}

// Failures that go on for one reason are one event, and their end is another.
func TestFailuresOfOneCauseAreOneEvent(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		off := w.options
		off.RefreshOff = true
		w.restart(off)
		a := w.connect(owner, "google_youtube")
		pass(2 * time.Hour)
		w.fault(`{"platform":"google_youtube","endpoint":"token","status":503,"times":3}`)
		w.restart(w.options)
		pass(time.Second)
		w.wantHealth(a.ID, accounts.Unhealthy, accounts.PlatformDown, false)
		pass(10 * time.Minute)
		w.wantRequests("google_youtube", 1+3+1)
		w.wantHealth(a.ID, accounts.Healthy, "", true)
		w.wantEvents(a.ID, accounts.Unhealthy, accounts.Healthy)
		w.wantIncidents(0, 0)
	})
}
