package accounts_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"mooring/accounts"
)

// A paused account is left alone, however due it is, and goes on where it was
// once it is resumed.
func TestPause(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		a := w.connect(owner, "google_youtube")
		l := w.lease(a.ID, 0)
		got, err := w.Pause(t.Context(), owner, a.ID, ptr("vacation"))
		if err != nil || got.Paused == nil || got.Paused.By != owner.User || *got.Paused.Reason != "vacation" || !got.Paused.Since.Equal(time.Now()) {
			t.Fatalf("Pause() = %+v, %v; want who, when and why", got.Paused, err)
		}
		if !got.Health.NextRefreshAt.IsZero() || got.Health.Status != accounts.Healthy || !got.Health.IsConnected {
			t.Errorf("health = %+v; want it as it was, without a refresh to come", got.Health)
		}
		if q := w.queue(owner); q != (accounts.Queue{}) {
			t.Errorf("queue = %+v; want nothing to come", q)
		}
		n := w.requests("google_youtube", "")
		pass(30 * time.Hour)
		calls := map[string]func() error{
			"Refresh()": func() error { _, err := w.Refresh(t.Context(), owner, a.ID, true); return err },
			"Validate()": func() error {
				_, _, err := w.Validate(t.Context(), owner, a.ID)
				return err
			},
			"CheckPermissions()": func() error { _, err := w.CheckPermissions(t.Context(), owner, a.ID); return err },
			"Lease()": func() error {
				_, _, err := w.Lease(t.Context(), publisher, accounts.LeaseRequest{AccountID: a.ID})
				return err
			},
			"ReportFailure()": func() error { _, err := w.ReportFailure(t.Context(), publisher, unauthorized(l)); return err },
		}
		for name, call := range calls {
			err := call()
			wantCode(t, name+" of a paused account", err, accounts.CodePaused)
			if e := expected(t, err); !strings.Contains(e.Message, "olive") || !strings.Contains(e.Message, "vacation") || e.Diagnosis == nil {
				t.Errorf("%s says %q, %s; want who paused it and why", name, e.Message, says(e.Diagnosis))
			}
		}
		if got := w.requests("google_youtube", ""); got != n {
			t.Errorf("%d requests while it is paused; want none", got-n)
		}
		_, err = w.Pause(t.Context(), mallory, a.ID, nil)
		wantCode(t, "Pause() of a stranger", err, accounts.CodeNotFound)
		if again, err := w.Pause(t.Context(), publisher, a.ID, ptr("other")); err != nil || *again.Paused.Reason != "vacation" {
			t.Errorf("Pause() again = %+v, %v; want it unchanged", again.Paused, err)
		}
		resumed, err := w.Resume(t.Context(), owner, a.ID)
		if err != nil || resumed.Paused != nil {
			t.Fatalf("Resume() = %+v, %v; want it no longer paused", resumed.Paused, err)
		}
		pass(time.Second)
		w.wantRequests("google_youtube", 2)
		w.wantHealth(a.ID, accounts.Healthy, "", true)
		if _, err := w.Resume(t.Context(), owner, a.ID); err != nil {
			t.Errorf("Resume() again = %v; want nothing to happen", err)
		}
		w.lease(a.ID, time.Minute)
		w.wantEvents(a.ID)
		var told []accounts.EventType
		for _, e := range w.events("", accounts.EventFilter{Types: []accounts.EventType{accounts.AccountPaused, accounts.AccountResumed}}) {
			told = append(told, e.Type)
		}
		if want := []accounts.EventType{accounts.AccountPaused, accounts.AccountResumed}; !slices.Equal(told, want) {
			t.Errorf("events %v; want %v", told, want)
		}
		pass(24 * time.Hour)
		w.wantHealth(a.ID, accounts.Healthy, "", true)
	})
}

// The status of a paused account is what its clocks say.
func TestAPausedAccountExpires(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		a := w.connect(owner, "linkedin", "refresh", "no")
		if _, err := w.Pause(t.Context(), owner, a.ID, nil); err != nil {
			t.Fatal(err)
		}
		pass(61 * 24 * time.Hour)
		w.wantHealth(a.ID, accounts.Expired, "", false)
		w.wantEvents(a.ID, accounts.ExpiringSoon, accounts.Expired)
	})
}

// A grant goes on for those of its accounts that are not paused. Once all are,
// it stops, what is under way excepted, and an incident's end changes nothing.
func TestPauseOfSeveralAccountsOfAGrant(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		done, err := w.CompleteConnect(t.Context(), owner, w.run(w.organizations()).ID, []string{"70931", "70932"})
		if err != nil {
			t.Fatal(err)
		}
		one, two := done.AccountIDs[0], done.AccountIDs[1]
		if _, err := w.Pause(t.Context(), owner, one, nil); err != nil {
			t.Fatal(err)
		}
		pass(55 * 24 * time.Hour)
		w.wantRequests("linkedin", 2)
		if h := w.account(owner, one).Health; time.Until(h.AccessTokenExpiresAt) < 50*24*time.Hour {
			t.Errorf("health of the paused account = %+v; want the grant's new clocks", h)
		}
		w.fault(`{"platform":"linkedin","endpoint":"token","delayMs":5000}`)
		go func() {
			if _, err := w.Refresh(t.Context(), owner, two, true); err != nil {
				t.Errorf("Refresh() under way at the pause = %v", err)
			}
		}()
		pass(time.Second)
		if _, err := w.Pause(t.Context(), owner, two, nil); err != nil {
			t.Fatal(err)
		}
		pass(10 * time.Second)
		w.wantRequests("linkedin", 3)
		w.exec(1, "UPDATE apps SET incident = '{\"Reason\":\"PLATFORM_DOWN\"}', strikes = 5 WHERE platform = 'linkedin'")
		other := w.connect(owner, "linkedin", "persona", "tomas")
		if _, err := w.Refresh(t.Context(), owner, other.ID, true); err != nil {
			t.Fatal(err)
		}
		w.wantRequests("linkedin", 5)
		pass(59 * 24 * time.Hour)
		w.wantRequests("linkedin", 6) // the other's
		if _, err := w.Resume(t.Context(), owner, two); err != nil {
			t.Fatal(err)
		}
		pass(time.Second)
		w.wantRequests("linkedin", 7)
		w.wantHealth(one, accounts.Healthy, "", true)
	})
}

// A pause survives a reconnect, and ends with a disconnect. Accounts are found
// by it.
func TestPauseAndTheRest(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		a, other := w.connect(owner, "twitter"), w.connect(owner, "tiktok")
		if _, err := w.Pause(t.Context(), owner, a.ID, nil); err != nil {
			t.Fatal(err)
		}
		found := func(paused *bool) string {
			t.Helper()
			page, err := w.Accounts(t.Context(), owner, accounts.Filter{Paused: paused}, accounts.Order{}, accounts.Paging{})
			if err != nil {
				t.Fatal(err)
			}
			n, err := w.CountAccounts(t.Context(), owner, accounts.Filter{Paused: paused})
			if err != nil || n != len(page.Accounts) {
				t.Errorf("CountAccounts() = %d, %v; want %d", n, err, len(page.Accounts))
			}
			var ids []string
			for _, a := range page.Accounts {
				ids = append(ids, a.ID)
			}
			return strings.Join(ids, " ")
		}
		for want, paused := range map[string]*bool{a.ID: ptr(true), other.ID: ptr(false), a.ID + " " + other.ID: nil} {
			if got := found(paused); got != want {
				t.Errorf("accounts(paused: %v) = %s; want %s", paused, got, want)
			}
		}
		if o, err := w.Overview(t.Context(), owner); err != nil || o.TotalAccounts != 2 {
			t.Errorf("Overview() = %+v, %v; want both accounts", o, err)
		}
		w.run(w.begin(owner, accounts.ConnectRequest{Platform: "twitter", AccountID: &a.ID}))
		if w.account(owner, a.ID).Paused == nil {
			t.Error("a reconnect resumed the account")
		}
		if _, err := w.Disconnect(t.Context(), owner, a.ID); err != nil {
			t.Fatal(err)
		}
		for name, call := range map[string]func() error{
			"Pause()":  func() error { _, err := w.Pause(t.Context(), owner, a.ID, nil); return err },
			"Resume()": func() error { _, err := w.Resume(t.Context(), owner, a.ID); return err },
		} {
			wantCode(t, name+" of a tombstone", call(), accounts.CodeWrongState)
		}
		if again := w.connect(owner, "twitter"); again.ID != a.ID || again.Paused != nil {
			t.Errorf("connected again: %s, paused %+v; want %s, not paused", again.ID, again.Paused, a.ID)
		}
		for _, reason := range []string{strings.Repeat("x", 257), "\x00", "\xff"} {
			_, err := w.Pause(t.Context(), owner, other.ID, &reason)
			wantCode(t, fmt.Sprintf("Pause(%q)", reason), err, accounts.CodeInvalid)
		}
	})
}

// await waits until something that another goroutine does is done.
func (w *world) await(what string, done func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !done(); {
		if time.Now().After(deadline) {
			w.t.Fatalf("%s did not happen", what)
		}
		<-time.After(5 * time.Millisecond)
	}
}

// A paused grant that comes up in the queue is parked there, and resuming gives
// it its place back.
func TestPausedGrantsAreParked(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		a, other := w.connect(owner, "google_youtube"), w.connect(owner, "google_youtube", "persona", "sails")
		if _, err := w.Pause(t.Context(), owner, a.ID, nil); err != nil {
			t.Fatal(err)
		}
		parked := func() bool {
			return w.count("SELECT count(*) FROM refreshes r JOIN accounts a ON a.grant_id = r.grant_id WHERE a.id = ? AND r.due_at > ? AND r.owner = ''",
				a.ID, time.Now().Add(365*24*time.Hour).UnixMilli()) == 1
		}
		if !parked() {
			t.Error("the grant is not parked")
		}
		w.exec(1, "UPDATE refreshes SET due_at = 1 WHERE grant_id = (SELECT grant_id FROM accounts WHERE id = ?)", a.ID)
		if _, err := w.Refresh(t.Context(), owner, other.ID, true); err != nil { // its end wakes the sweep
			t.Fatal(err)
		}
		w.await("parking", parked)
		w.wantRequests("google_youtube", 3)
		w.exec(1, "UPDATE accounts SET next_refresh_at = 1 WHERE id = ?", a.ID)
		if _, err := w.Resume(t.Context(), owner, a.ID); err != nil {
			t.Fatal(err)
		}
		w.await("the refresh", func() bool { return w.requests("google_youtube", "token") == 4 })
	})
}
