package accounts_test

import (
	"testing"
	"time"

	"mooring/accounts"
	"mooring/auth"
)

// A process that no longer sweeps is not ready; one that is not to sweep is.
func TestReadinessWantsSweeps(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		w.stop()
		for _, off := range []bool{false, true} {
			o := w.options
			o.Poll, o.RefreshOff = time.Second, off
			s, err := accounts.Open(t.Context(), o) // and nothing runs
			if err != nil {
				t.Fatal(err)
			}
			pass(90 * time.Second)
			if err := s.Check(t.Context()); err != nil {
				t.Errorf("Check() after three intervals = %v; want nil", err)
			}
			pass(time.Second)
			if err := s.Check(t.Context()); (err == nil) != off {
				t.Errorf("refreshing off %t: Check() after more than three intervals = %v", off, err)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			if err := s.Check(t.Context()); err == nil {
				t.Error("Check() without a database = nil")
			}
		}
		o := w.options
		o.Poll = time.Second
		w.restart(o)
		pass(10 * time.Minute)
		if err := w.Check(t.Context()); err != nil {
			t.Errorf("Check() while sweeping = %v", err)
		}
		w.exec(0, "ALTER TABLE refreshes RENAME TO elsewhere") // no sweep gets through
		pass(10 * time.Minute)
		if err := w.Check(t.Context()); err == nil {
			t.Error("Check() while all sweeps fail = nil")
		}
		w.exec(0, "ALTER TABLE elsewhere RENAME TO refreshes")
		pass(time.Minute)
		if err := w.Check(t.Context()); err != nil {
			t.Errorf("Check() once they get through = %v", err)
		}
	})
}

func (w *world) queue(by auth.Actor) accounts.Queue {
	w.t.Helper()
	o, err := w.Overview(w.t.Context(), by)
	if err != nil {
		w.t.Fatal(err)
	}
	return o.Queue
}

// The queue shows what waits, what is under way and what comes, to whom it
// belongs.
func TestTheQueueIsShown(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		a := w.connect(owner, "google_youtube")
		if q := w.queue(owner); q != (accounts.Queue{NextRefreshAt: a.Health.NextRefreshAt}) {
			t.Errorf("queue = %+v; want nothing but the next refresh at %s", q, a.Health.NextRefreshAt)
		}
		off := w.options
		off.RefreshOff = true
		w.restart(off)
		pass(2 * time.Hour)
		if q := w.queue(owner); q != (accounts.Queue{Due: 1, OldestDueAt: a.Health.NextRefreshAt}) {
			t.Errorf("queue = %+v; want one due since %s", q, a.Health.NextRefreshAt)
		}
		if q := w.queue(mallory); q != (accounts.Queue{}) {
			t.Errorf("queue of another workspace = %+v; want nothing", q)
		}
		v, err := w.Vitals(t.Context())
		if err != nil || v.Queue.Due != 1 || !v.SweptAt.IsZero() || len(v.Incidents) != 0 {
			t.Errorf("Vitals() = %+v, %v; want one due and no sweep", v, err)
		}
		w.fault(`{"platform":"google_youtube","endpoint":"token","delayMs":10000}`)
		w.restart(w.options)
		pass(time.Second)
		if q := w.queue(owner); q != (accounts.Queue{InFlight: 1}) {
			t.Errorf("queue = %+v; want one under way", q)
		}
		pass(10 * time.Second)
		if q := w.queue(owner); q.InFlight != 0 || q.NextRefreshAt.IsZero() {
			t.Errorf("queue = %+v; want none under way, and a next one", q)
		}
	})
}

func TestVitals(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.connect(owner, "twitter")
		w.connect(mallory, "google_youtube")
		if q := w.queue(owner); q.Due != 0 || q.InFlight != 0 || q.NextRefreshAt.IsZero() {
			t.Errorf("queue = %+v; want a refresh to come", q)
		}
		w.fault(`{"platform":"google_youtube","endpoint":"token","status":401,"body":{"error":"invalid_client"}}`)
		theirs, err := w.Accounts(t.Context(), mallory, accounts.Filter{}, accounts.Order{}, accounts.Paging{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Refresh(t.Context(), mallory, theirs.Accounts[0].ID, true); err == nil {
			t.Fatal("Refresh() of a refused app = nil")
		}
		v, err := w.Vitals(t.Context())
		if err != nil || len(v.Incidents) != 1 || v.Incidents[0].Platform.ID != "google_youtube" {
			t.Errorf("Vitals() = %+v, %v; want one incident, of YouTube", v, err)
		}
		counts, err := w.CountAll(t.Context())
		if err != nil || counts["twitter"][accounts.Healthy] != 1 || counts["google_youtube"][accounts.Healthy] != 1 {
			t.Errorf("CountAll() = %v, %v; want one of each", counts, err)
		}
	})
}
