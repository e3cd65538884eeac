package accounts_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mooring/accounts"
)

// history reads what happened on the last n days.
func (w *world) history(n int) []accounts.HistoryDay {
	w.t.Helper()
	found, err := w.History(w.t.Context(), owner, n)
	if err != nil || len(found) != n {
		w.t.Fatalf("History(%d) = %d days, %v", n, len(found), err)
	}
	var all []accounts.HistoryDay
	for _, d := range found {
		all = append(all, *d)
	}
	return all
}

// Each day has what happened on it, days without anything included.
func TestHistory(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		today := time.Now().UTC().Truncate(24 * time.Hour)
		day := func(n int, d accounts.HistoryDay) accounts.HistoryDay {
			d.Day = today.AddDate(0, 0, n)
			return d
		}
		a := w.connect(owner, "google_youtube")
		w.connect(owner, "linkedin", "refresh", "no", "lifetime", "129600") // ends in the middle of the second day
		pass(24 * time.Hour)                                                // tokens of an hour, renewed some time before
		renewed := w.requests("google_youtube", "token") - 1
		two := w.history(2)
		first, second := two[0].RefreshesSucceeded, two[1].RefreshesSucceeded
		if first+second != renewed || first < 20 {
			t.Errorf("%d and %d refreshes; want %d", first, second, renewed)
		}
		w.stop()
		pass(24 * time.Hour)
		w.fault(`{"platform":"google_youtube","endpoint":"token","times":1000,"status":401,"body":{"error":"invalid_client"}}`)
		w.restart(w.options)
		for range 5 {
			if _, err := w.Refresh(t.Context(), owner, a.ID, true); err == nil {
				t.Fatal("Refresh() of a refused app = nil")
			}
			pass(time.Hour)
		}
		w.wantHealth(a.ID, accounts.Unhealthy, accounts.AppMisconfigured, false)
		w.control(http.MethodDelete, "faults", "", nil)
		w.run(w.begin(owner, accounts.ConnectRequest{Platform: "google_youtube", AccountID: &a.ID}))
		w.wantHealth(a.ID, accounts.Healthy, "", true)
		got := w.history(5)
		if got[4].RefreshesFailed < 5 || got[4].RefreshesFailed != w.requests("google_youtube", "token")-2-renewed-got[4].RefreshesSucceeded {
			t.Errorf("%d refreshes failed on the last day; %+v", got[4].RefreshesFailed, got)
		}
		got[4].RefreshesFailed, got[4].RefreshesSucceeded = 0, 0
		want := []accounts.HistoryDay{
			day(-2, accounts.HistoryDay{}),
			day(-1, accounts.HistoryDay{}),
			day(0, accounts.HistoryDay{RefreshesSucceeded: first}),
			// The account of LinkedIn ended while nobody was looking: on this day all the same.
			day(1, accounts.HistoryDay{RefreshesSucceeded: second, Broke: 1}),
			day(2, accounts.HistoryDay{Broke: 1, Recovered: 1, IncidentsOpened: 1}),
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("history (-want +got):\n%s", diff)
		}
		if theirs, err := w.History(t.Context(), mallory, 5); err != nil || *theirs[4] != day(2, accounts.HistoryDay{IncidentsOpened: 1}) || *theirs[2] != day(0, accounts.HistoryDay{}) {
			t.Errorf("history of another workspace = %+v, %v; want the incident alone", theirs, err)
		}
	})
}

// Both databases count alike, keep workspaces apart and forget in time.
func TestHistoryIsStored(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		a := w.connect(owner, "google_youtube")
		if _, err := w.Refresh(t.Context(), owner, a.ID, true); err != nil {
			t.Fatal(err)
		}
		w.fault(`{"platform":"google_youtube","endpoint":"token","status":400,"body":{"error":"invalid_grant"}}`)
		if _, err := w.Refresh(t.Context(), owner, a.ID, true); err == nil {
			t.Fatal("Refresh() by a dead refresh token = nil")
		}
		w.run(w.begin(owner, accounts.ConnectRequest{Platform: "google_youtube", AccountID: &a.ID}))
		days := w.history(2) // midnight may have passed
		got := accounts.HistoryDay{
			RefreshesSucceeded: days[0].RefreshesSucceeded + days[1].RefreshesSucceeded,
			RefreshesFailed:    days[0].RefreshesFailed + days[1].RefreshesFailed,
			Broke:              days[0].Broke + days[1].Broke, Recovered: days[0].Recovered + days[1].Recovered,
		}
		if want := (accounts.HistoryDay{RefreshesSucceeded: 1, RefreshesFailed: 1, Broke: 1, Recovered: 1}); got != want {
			t.Errorf("history = %+v; want %+v", got, want)
		}
		theirs, err := w.History(t.Context(), mallory, 1)
		if err != nil || theirs[0].RefreshesSucceeded+theirs[0].Broke != 0 {
			t.Errorf("history of another workspace = %+v, %v; want nothing", theirs[0], err)
		}
		for _, n := range []int{0, 367} {
			_, err := w.History(t.Context(), owner, n)
			wantCode(t, "History()", err, accounts.CodeInvalid)
			_, err = w.Upcoming(t.Context(), owner, n)
			wantCode(t, "Upcoming()", err, accounts.CodeInvalid)
		}
		if _, err := w.EraseWorkspace(t.Context(), owner, "acme"); err != nil {
			t.Fatal(err)
		}
		w.await("the counts of refreshes are erased", func() bool { return w.count("SELECT count(*) FROM refresh_days") == 0 })
	})
}

// The counts of what is to come are those of the list.
func TestUpcoming(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		a := w.connect(owner, "linkedin", "refresh", "no")
		today := time.Now().UTC().Truncate(24 * time.Hour)
		at := func(days int, more time.Duration) time.Time { return today.AddDate(0, 0, days).Add(more) }
		ends := []time.Time{at(-1, 0), at(1, time.Hour), at(2, 0), at(3, -time.Millisecond), at(3, 0), at(6, 0)}
		want := map[time.Time]int{at(1, 0): 1, at(2, 0): 2, at(3, 0): 1}
		w.multiply(a, len(ends), func(int) string { return "copy" }, func(i int) *int64 { return ptr(ends[i].UnixMilli()) })
		got, err := w.Upcoming(t.Context(), owner, 5)
		if err != nil || len(got) != 5 || got[0].Day.Before(today) {
			t.Fatalf("Upcoming() = %d days, %v; want five from today on", len(got), err)
		}
		for _, day := range got {
			if day.Count != want[day.Day] {
				t.Errorf("%d accounts end on %s; want %d", day.Count, day.Day, want[day.Day])
			}
			n, err := w.CountAccounts(t.Context(), owner, accounts.Filter{
				Statuses: []accounts.Status{accounts.Healthy, accounts.ExpiringSoon}, ExpiresFrom: &day.Day, ExpiresTo: ptr(day.Day.AddDate(0, 0, 1)),
			})
			if err != nil || n != day.Count {
				t.Errorf("the list of %s has %d, %v; want %d", day.Day, n, err, day.Count)
			}
		}
		if theirs, err := w.Upcoming(t.Context(), mallory, 2); err != nil || theirs[1].Count != 0 {
			t.Errorf("upcoming of another workspace = %+v, %v; want nothing", theirs[1], err)
		}
	})
}

// Days that are over for longer than the log is kept are forgotten.
func TestHistoryIsPruned(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		w.options.EventsKeep, w.options.Poll = 48*time.Hour, 10*time.Minute
		w.restart(w.options)
		w.connect(owner, "tiktok")
		pass(5 * 24 * time.Hour)
		if got := w.history(6); got[2].RefreshesSucceeded != 0 || got[3].RefreshesSucceeded == 0 {
			t.Errorf("history = %+v; want the last two whole days", got)
		}
	})
}
