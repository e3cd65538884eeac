package accounts

import (
	"errors"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"mooring/accounts/pgtest"
	"mooring/auth"
)

// An event is in the log exactly if what it tells of is in the database.
func TestRowsAndEventsAreOneTransaction(t *testing.T) {
	t.Parallel()
	pgtest.Both(t, func(t *testing.T, url string) {
		s := openForTest(t, url)
		broken := errors.New("broken")
		err := s.record(t.Context(), func(tx *sqlx.Tx) error {
			if err := appendEvent(t.Context(), tx, Event{Workspace: "acme", Type: AccountConnected}); err != nil {
				return err
			}
			return broken
		})
		if !errors.Is(err, broken) {
			t.Errorf("record() = %v; want the function's own error", err)
		}
		if err := s.record(WithRequestID(t.Context(), "req-1"), func(tx *sqlx.Tx) error {
			return appendEvent(WithRequestID(t.Context(), "req-1"), tx, Event{Workspace: "acme", Type: AccountLabelsSet})
		}); err != nil {
			t.Fatal(err)
		}
		if err := s.sequence(t.Context()); err != nil {
			t.Fatal(err)
		}
		events, err := s.eventsAnywhere(t.Context(), 0, 10)
		if err != nil || len(events) != 1 || events[0].Type != AccountLabelsSet || *events[0].RequestID != "req-1" {
			t.Errorf("the log has %+v, %v; want the committed event alone", events, err)
		}
	})
}

// What is older than the log is kept goes, and a cursor from before is answered
// by RESYNC; positions are never given twice.
func TestRetention(t *testing.T) {
	t.Parallel()
	pgtest.Both(t, func(t *testing.T, url string) {
		s := openForTest(t, url)
		by := auth.Actor{User: "olive", Workspace: "acme", Role: auth.RoleOwner}
		const old, young = 2300, 5 // more than two chunks
		add := func(n int, at time.Time) {
			t.Helper()
			if err := s.record(t.Context(), func(tx *sqlx.Tx) error {
				for range n {
					if err := appendEvent(t.Context(), tx, Event{Workspace: "acme", Type: AccountLabelsSet}); err != nil {
						return err
					}
				}
				_, err := exec(t.Context(), tx, "UPDATE events SET at = ? WHERE at > ?", instant{at}, instant{at})
				return err
			}); err != nil {
				t.Fatal(err)
			}
			if err := s.sequence(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		now := present()
		add(old, now.Add(-day-time.Millisecond))
		add(young, now)
		cursors := map[string]string{"before the log": s.cursor(old - 1), "where it begins": s.cursor(old), "in it": s.cursor(old + 2)}
		if err := s.pruneEvents(t.Context(), now); err != nil {
			t.Fatal(err)
		}
		page, err := s.Events(t.Context(), by, EventFilter{}, Paging{})
		if err != nil || len(page.Events) != young || page.Events[0].position != old+1 {
			t.Fatalf("%d events after pruning, %v; want the young %d", len(page.Events), err, young)
		}
		for name, cursor := range cursors {
			from, err := s.resume(t.Context(), &cursor)
			if err != nil || from.resync != (name == "before the log") {
				t.Errorf("resume %s: %+v, %v; want RESYNC before the log alone", name, from, err)
			}
		}
		// An empty log goes on counting.
		if err := s.pruneEvents(t.Context(), now.Add(2*day)); err != nil {
			t.Fatal(err)
		}
		last, prunedTo, err := s.logBounds(t.Context())
		if err != nil || last != old+young || prunedTo != last {
			t.Errorf("bounds of the empty log = %d, %d, %v; want %d for both", last, prunedTo, err, old+young)
		}
		add(1, now)
		if last, _, err := s.logBounds(t.Context()); err != nil || last != old+young+1 {
			t.Errorf("the next event is at %d, %v; want %d", last, err, old+young+1)
		}
	})
}

// Activity that is older than it is kept goes, in chunks.
func TestActivityRetention(t *testing.T) {
	t.Parallel()
	pgtest.Both(t, func(t *testing.T, url string) {
		s := openForTest(t, url)
		now := present().Truncate(time.Minute).Add(30 * time.Second)
		limit := now.Add(-s.opts.ActivityKeep).Truncate(time.Minute).Add(time.Minute)
		if err := s.db.transact(t.Context(), func(tx *sqlx.Tx) error {
			for i := range 2*pruneChunk + 300 {
				a := &Account{ID: "acc_1", Workspace: "acme"}
				if err := countActivity(t.Context(), tx, a, TokenLeased, "key:1", "", limit.Add(-time.Duration(i)*time.Minute)); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if err := s.pruneActivity(t.Context(), now); err != nil {
			t.Fatal(err)
		}
		page, err := s.Activity(t.Context(), auth.Actor{Workspace: "acme"}, &Account{ID: "acc_1"}, nil, nil)
		if err != nil || len(page.Activities) != 1 || !page.Activities[0].From.Equal(limit) {
			t.Errorf("after pruning there are %v, %v; want that of %s alone", page.Activities, err, limit)
		}
	})
}

func TestVisibilities(t *testing.T) {
	t.Parallel()
	for event, want := range map[EventType]auth.Permission{
		AccountConnected: auth.Read, AccountHealthChanged: auth.Read, AttemptStarted: auth.Connect, AttemptFailed: auth.Connect, APIKeyCreated: auth.Audit,
	} {
		if got := event.visibility(); got != want {
			t.Errorf("%s is visible with %s; want %s", event, got, want)
		}
	}
	for i, a := range []auth.Actor{{Workspace: "acme", Role: auth.RoleViewer}, {Workspace: "acme", Role: auth.RoleMember}, {Workspace: "acme", Role: auth.RoleAdmin}} {
		for j, e := range []EventType{AccountConnected, AttemptStarted, APIKeyCreated} {
			if got := (&Event{Workspace: "acme", Type: e}).seenBy(a); got != (j <= i) {
				t.Errorf("%s sees %s: %t; want %t", a.Role, e, got, j <= i)
			}
			if (&Event{Workspace: "other", Type: e}).seenBy(a) {
				t.Errorf("%s sees %s of another workspace", a.Role, e)
			}
		}
	}
}
