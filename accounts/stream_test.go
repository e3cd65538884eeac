package accounts_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"mooring/accounts"
	"mooring/auth"
)

// health subscribes until the test ends.
func (w *world) health(f accounts.HealthFilter, after *string) <-chan *accounts.HealthChange {
	w.t.Helper()
	changes, err := w.HealthChanges(w.t.Context(), owner, f, after)
	if err != nil {
		w.t.Fatalf("HealthChanges() = %v", err)
	}
	return changes
}

// wantChange wants the next item to be of these statuses, "" for none.
func wantChange(t testing.TB, what string, from <-chan *accounts.HealthChange, previous, status accounts.Status, replayed bool) *accounts.HealthChange {
	t.Helper()
	got := next(t, from)
	if got.Notice != nil {
		t.Fatalf("%s: notice %s; want %s", what, *got.Notice, status)
	}
	was := accounts.Status("")
	if got.PreviousStatus != nil {
		was = *got.PreviousStatus
	}
	if was != previous || got.Health.Status != status || got.Replayed != replayed {
		t.Errorf("%s: %q to %s, replayed %t; want %q to %s, replayed %t", what, was, got.Health.Status, got.Replayed, previous, status, replayed)
	}
	return got
}

// wantSilence wants nothing more within a bubble.
func wantSilence[T any](t testing.TB, what string, from <-chan T) {
	t.Helper()
	synctest.Wait()
	select {
	case got := <-from:
		t.Errorf("%s: %+v; want nothing", what, got)
	default:
	}
}

func TestTimeAloneChangesHealth(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, migrated.SQLite(t))
		changes := w.health(accounts.HealthFilter{}, nil)
		wantSilence(t, "an empty workspace", changes)
		a := w.connect(owner, "twitter", "lifetime", "20")
		begin := time.Now()
		wantChange(t, "connected", changes, "", accounts.Healthy, false)

		late := w.health(accounts.HealthFilter{}, nil)
		wantChange(t, "snapshot", late, "", accounts.Healthy, true)
		healthy := w.health(accounts.HealthFilter{Statuses: []accounts.Status{accounts.Healthy}}, nil)
		wantChange(t, "snapshot of HEALTHY", healthy, "", accounts.Healthy, true)
		expired := w.health(accounts.HealthFilter{Statuses: []accounts.Status{accounts.Expired}}, nil)
		elsewhere := w.health(accounts.HealthFilter{Platforms: []string{"linkedin"}}, nil)
		other := w.health(accounts.HealthFilter{AccountIDs: []string{"acc_0"}}, nil)

		for _, step := range []struct {
			at       time.Duration
			from, to accounts.Status
		}{{10 * time.Second, accounts.Healthy, accounts.ExpiringSoon}, {20 * time.Second, accounts.ExpiringSoon, accounts.Expired}} {
			<-time.After(step.at - time.Since(begin) - time.Millisecond)
			wantSilence(t, fmt.Sprintf("a millisecond before %s", step.at), changes)
			<-time.After(time.Millisecond)
			got := wantChange(t, step.at.String(), changes, step.from, step.to, false)
			if now := time.Since(begin); now > step.at+time.Second {
				t.Errorf("%s came after %s; want it at %s", step.to, now, step.at)
			}
			if !got.Health.Since.Equal(a.Health.ExpiresAt.Add(step.at - 20*time.Second)) {
				t.Errorf("%s since %s; want the moment of the clock", step.to, got.Health.Since)
			}
			wantChange(t, step.at.String(), late, step.from, step.to, false)
		}
		wantChange(t, "leaving the filter", healthy, accounts.Healthy, accounts.ExpiringSoon, false)
		wantChange(t, "entering the filter", expired, accounts.ExpiringSoon, accounts.Expired, false)
		<-time.After(2 * time.Minute)
		for what, stream := range map[string]<-chan *accounts.HealthChange{
			"after the end": changes, "having left the filter": healthy, "after EXPIRED": expired, "another platform": elsewhere, "another account": other,
		} {
			wantSilence(t, what, stream)
		}
	})
}

func TestTransitionsBecomeTrueWhenTheClockSaysSo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, migrated.SQLite(t))
		a := w.connect(owner, "twitter", "lifetime", "20")
		<-time.After(time.Minute)
		synctest.Wait()
		events := w.events("", accounts.EventFilter{Types: []accounts.EventType{accounts.AccountHealthChanged}})
		if len(events) != 2 {
			t.Fatalf("events = %v; want two", types(events))
		}
		for i, want := range []time.Time{a.Health.ExpiresAt.Add(-10 * time.Second), a.Health.ExpiresAt} {
			if e := events[i]; !e.EffectiveAt.Equal(want) || e.At.Before(want) || e.At.Sub(want) > time.Second || e.Actor != nil {
				t.Errorf("%s is effective at %s, recorded at %s by %v; want %s, within a second, by nobody", *e.Status, e.EffectiveAt, e.At, e.Actor, want)
			}
		}
	})
}

// The server was down when the status changed: it says so when it comes back,
// once, and as of the moment at which it happened.
func TestTransitionsWhileNobodyRan(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, migrated.SQLite(t))
		o := w.options
		o.DatabaseURL = migrated.SQLite(t)
		s, stop := w.start(o)
		w.Service, w.options = s, o
		a := w.connect(owner, "twitter", "lifetime", "20")
		changes := w.health(accounts.HealthFilter{}, nil)
		cursor := wantChange(t, "snapshot", changes, "", accounts.Healthy, true).Cursor
		stop()
		<-time.After(time.Minute)
		w.Service = w.replica()
		got := wantChange(t, "resumed", w.health(accounts.HealthFilter{}, &cursor), accounts.Healthy, accounts.Expired, false)
		if !got.Health.Since.Equal(a.Health.ExpiresAt) {
			t.Errorf("EXPIRED since %s; want %s", got.Health.Since, a.Health.ExpiresAt)
		}
		events := w.events(accounts.AccountHealthChanged, accounts.EventFilter{AccountIDs: []string{a.ID}})
		if e := events[1]; len(events) != 2 || !e.EffectiveAt.Equal(a.Health.ExpiresAt) || e.At.Before(a.Health.ExpiresAt.Add(time.Minute-20*time.Second)) {
			t.Errorf("events %v, the last effective at %s, recorded at %s; want one change of %s, recorded when the server was back", types(events), e.EffectiveAt, e.At, a.Health.ExpiresAt)
		}
	})
}

// What the sandbox's control page does to a token is announced at once.
func TestAgedTokensAreAnnouncedAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, migrated.SQLite(t))
		w.connect(owner, "linkedin", "persona", "tomas", "refresh", "no")
		changes := w.health(accounts.HealthFilter{}, nil)
		wantChange(t, "snapshot", changes, "", accounts.Healthy, true)
		var grants []struct{ ID string }
		w.control("GET", "grants", "", &grants)
		<-time.After(20 * time.Second) // and the loop sleeps, too
		at := time.Now()
		w.control("POST", "grants/"+grants[0].ID+"/age", `{"expiresInSeconds":10}`, nil)
		wantChange(t, "aged", changes, accounts.Healthy, accounts.ExpiringSoon, false)
		w.control("POST", "grants/"+grants[0].ID+"/age", `{"expiresInSeconds":0}`, nil)
		wantChange(t, "ended", changes, accounts.ExpiringSoon, accounts.Expired, false)
		if late := time.Since(at); late > time.Second {
			t.Errorf("the changes came after %s; want them at once", late)
		}
	})
}

// A reader that does not read gets the latest of each account in the end, and
// costs no goroutine once it has gone.
func TestASlowReaderGetsTheLatest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, migrated.SQLite(t))
		w.connect(mallory, "twitter")
		slow := w.health(accounts.HealthFilter{}, nil)
		ctx, leave := context.WithCancel(t.Context())
		if _, err := w.HealthChanges(ctx, owner, accounts.HealthFilter{}, nil); err != nil {
			t.Fatal(err)
		}
		const changes = 40
		for i := range changes {
			_, err := w.Import(t.Context(), owner, accounts.ImportRequest{
				Platform: "twitter", AccessToken: w.access("", ":at:1"), ExpiresAt: time.Now().Add(time.Duration(100+i) * time.Hour),
			})
			if err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		var last *accounts.HealthChange
		n := 0
		for done := false; !done; {
			synctest.Wait()
			select {
			case last = <-slow:
				n++
			default:
				done = true
			}
		}
		if n > 5 {
			t.Errorf("a slow reader got %d items for %d changes of one account; want a few", n, changes)
		}
		if last == nil || !last.Health.ExpiresAt.After(time.Now().Add((100+changes-2)*time.Hour)) {
			t.Errorf("the last item is %+v; want the latest state", last)
		}
		leave() // with an item that was never read; the bubble waits for all goroutines
	})
}

// A reader of the log that is further behind than memory reaches misses
// nothing and sees nothing twice.
func TestAReaderFarBehindReadsTheDatabase(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		behind, err := w.EventsAdded(ctx, owner, accounts.EventFilter{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		const n = 2500
		w.exec(n, `INSERT INTO events (id, workspace, type, visibility, at, effective_at, actor, account_id, attempt_id,
				platform, previous_status, status, reason, issue_type, request_id)
			WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
			SELECT 'evt_' || CAST(i AS TEXT), 'acme', 'ACCOUNT_LABELS_SET', 'read', 1, 1, '', '', '', '', '', '', '', '', '' FROM n`)
		w.begin(owner, accounts.ConnectRequest{Platform: "twitter"})
		w.awaitSequenced(ctx) // the hub has long forgotten the first
		for i := 1; i <= n; i++ {
			if got := next(t, behind); got.Notice != nil || got.Event.ID != fmt.Sprint("evt_", i) {
				t.Fatalf("item %d is %+v; want evt_%d", i, got, i)
			}
		}
		if got := next(t, behind); got.Event.Type != accounts.AttemptCreated {
			t.Errorf("then comes %s; want ATTEMPT_CREATED", got.Event.Type)
		}
	})
}

// A cursor outlives the server: what was missed is replayed, in order, and what
// comes then is live.
func TestReplayAcrossARestart(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		o := w.options
		s, stop := w.start(o)
		first := w.Service
		w.Service = s
		log, err := w.EventsAdded(t.Context(), owner, accounts.EventFilter{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		a := w.connect(owner, "twitter")
		cursor := next(t, log).Cursor // after ATTEMPT_CREATED
		w.Service = first
		stop()
		if _, err := w.Disconnect(t.Context(), owner, a.ID); err != nil {
			t.Fatal(err)
		}
		w.awaitSequenced(t.Context())
		w.Service = w.replica()
		log, err = w.EventsAdded(t.Context(), owner, accounts.EventFilter{}, &cursor)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []accounts.EventType{accounts.AttemptStarted, accounts.AccountConnected, accounts.AttemptCompleted, accounts.AccountDisconnected} {
			if got := next(t, log); got.Notice != nil || got.Event.Type != want || !got.Replayed {
				t.Errorf("replay has %+v; want %s", got, want)
			}
		}
		health := w.health(accounts.HealthFilter{}, &cursor)
		if got := next(t, health); got.Account.ID != a.ID || got.Health.Status != accounts.Unhealthy || got.PreviousStatus != nil || !got.Replayed {
			t.Errorf("replay of health has %+v; want the account's latest state", got)
		}
		w.connect(owner, "twitter")
		if got := next(t, log); got.Event.Type != accounts.AttemptCreated || got.Replayed {
			t.Errorf("then comes %+v; want ATTEMPT_CREATED, live", got)
		}
		if got := next(t, health); got.Health.Status != accounts.Healthy || got.Replayed {
			t.Errorf("then comes %+v; want HEALTHY, live", got)
		}
	})
}

// forge makes the cursor of another position of the same log.
func forge(t testing.TB, cursor string, move int64) *string {
	t.Helper()
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		t.Fatal(err)
	}
	log, number, _ := strings.Cut(string(text), ":")
	var position int64
	if _, err := fmt.Sscan(number, &position); err != nil {
		t.Fatal(err)
	}
	return ptr(base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%s:%d", log, position+move)))
}

func TestCursorsOfNoUse(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		a := w.connect(owner, "twitter")
		w.events(accounts.AttemptCompleted, accounts.EventFilter{})
		page, err := w.Events(t.Context(), owner, accounts.EventFilter{}, accounts.Paging{})
		if err != nil {
			t.Fatal(err)
		}
		last := page.Cursors[len(page.Cursors)-1]
		for name, cursor := range map[string]*string{
			"from the future":  forge(t, last, 1000),
			"from another log": ptr(base64.RawURLEncoding.EncodeToString([]byte("log_other:1"))),
		} {
			health := w.health(accounts.HealthFilter{}, cursor)
			if got := next(t, health); got.Notice == nil || *got.Notice != accounts.Resync {
				t.Errorf("health after a cursor %s: %+v; want RESYNC", name, got)
			}
			if got := wantChange(t, "snapshot after RESYNC", health, "", accounts.Healthy, true); got.Account.ID != a.ID {
				t.Errorf("snapshot has %s; want %s", got.Account.ID, a.ID)
			}
			log, err := w.EventsAdded(t.Context(), owner, accounts.EventFilter{}, cursor)
			if err != nil {
				t.Fatal(err)
			}
			if got := next(t, log); got.Notice == nil || *got.Notice != accounts.Resync {
				t.Errorf("log after a cursor %s: %+v; want RESYNC", name, got)
			}
		}
		for _, bad := range []string{"", "x", "????", base64.RawURLEncoding.EncodeToString([]byte("nonsense")),
			base64.RawURLEncoding.EncodeToString([]byte("log:-1")), base64.RawURLEncoding.EncodeToString([]byte("log:9223372036854775808"))} {
			_, err := w.HealthChanges(t.Context(), owner, accounts.HealthFilter{}, &bad)
			wantCode(t, fmt.Sprintf("HealthChanges(after %q)", bad), err, accounts.CodeInvalid)
			_, err = w.EventsAdded(t.Context(), owner, accounts.EventFilter{}, &bad)
			wantCode(t, fmt.Sprintf("EventsAdded(after %q)", bad), err, accounts.CodeInvalid)
			_, err = w.Events(t.Context(), owner, accounts.EventFilter{}, accounts.Paging{After: &bad})
			wantCode(t, fmt.Sprintf("Events(after %q)", bad), err, accounts.CodeInvalid)
		}
		foreign := base64.RawURLEncoding.EncodeToString([]byte("log_other:1"))
		_, err = w.Events(t.Context(), owner, accounts.EventFilter{}, accounts.Paging{After: &foreign})
		wantCode(t, "Events() after a cursor of another log", err, accounts.CodeInvalid)
		_, err = w.HealthChanges(t.Context(), owner, accounts.HealthFilter{AccountIDs: make([]string, accounts.MaxSnapshot+1)}, nil)
		wantCode(t, "HealthChanges() of 1001 ids", err, accounts.CodeInvalid)
	})
}

// TestEventsFromTheEnd pages through the log backward, and finds what forward pages
// have.
func TestEventsFromTheEnd(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.connect(owner, "twitter")
		w.connect(owner, "linkedin")
		want := w.events(accounts.AttemptCompleted, accounts.EventFilter{})
		var got []*accounts.Event
		p := accounts.Paging{Last: ptr(3)}
		for range want {
			page, err := w.Events(t.Context(), owner, accounts.EventFilter{}, p)
			if err != nil {
				t.Fatal(err)
			}
			if page.HasNext != (p.Before != nil) {
				t.Errorf("HasNext of the page before %v = %t", p.Before, page.HasNext)
			}
			got = append(slices.Clone(page.Events), got...)
			if !page.HasPrevious {
				break
			}
			p.Before = &page.Cursors[0]
		}
		if diff := cmp.Diff(types(want), types(got)); diff != "" {
			t.Errorf("pages from the end (-want +got):\n%s", diff)
		}
		page, err := w.Events(t.Context(), owner, accounts.EventFilter{}, accounts.Paging{First: ptr(100), Before: p.Before})
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Events) >= len(want) || len(page.Events) == 0 || page.Events[0].ID != want[0].ID {
			t.Errorf("the first events before a cursor = %v; want those that begin %v", types(page.Events), types(want))
		}
	})
}

// Beyond a thousand accounts the client queries instead.
func TestALargeSnapshotIsARESYNC(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		a := w.connect(owner, "twitter")
		never := func(int) *int64 { return nil }
		w.multiply(a, accounts.MaxSnapshot, func(i int) string { return fmt.Sprint("x", i) }, never)
		changes := w.health(accounts.HealthFilter{}, nil)
		if got := next(t, changes); got.Notice == nil || *got.Notice != accounts.Resync {
			t.Errorf("1,001 accounts begin with %+v; want RESYNC", got)
		}
		if _, err := w.Disconnect(t.Context(), owner, a.ID); err != nil {
			t.Fatal(err)
		}
		wantChange(t, "then, live", changes, accounts.Healthy, accounts.Unhealthy, false)
		changes = w.health(accounts.HealthFilter{}, nil)
		for i := range accounts.MaxSnapshot {
			if got := next(t, changes); got.Notice != nil {
				t.Fatalf("item %d of 1,000 accounts is %s; want all of them", i, *got.Notice)
			}
		}
	})
}

// Whoever appends, and however long: each event is seen once, in one order by
// all, and a transaction left open does not silence the stream.
func TestTheLogHasOneOrderWithoutGaps(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		services := []*accounts.Service{w.Service, w.replica()}
		var streams []<-chan *accounts.EventAdded
		for _, s := range services {
			stream, err := s.EventsAdded(t.Context(), owner, accounts.EventFilter{}, nil)
			if err != nil {
				t.Fatal(err)
			}
			streams = append(streams, stream)
		}
		const writers, each = 8, 15
		want := writers * each
		late := func() {}
		if w.postgres() { // SQLite has one writer: there it would hold up the others
			tx, err := w.raw().BeginTxx(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := tx.ExecContext(t.Context(), `INSERT INTO events (id, workspace, type, visibility, at, effective_at, actor,
					account_id, attempt_id, platform, previous_status, status, reason, issue_type, request_id)
				VALUES ('evt_late', 'acme', 'API_KEY_CREATED', 'audit', 1, 1, '', '', '', '', '', '', '', '', '')`); err != nil {
				t.Fatal(err)
			}
			late = func() {
				if err := tx.Commit(); err != nil {
					t.Error(err)
				}
			}
		}
		create := func(s *accounts.Service, name string) {
			key, _, err := auth.NewAPIKey("acme", name, []auth.Permission{auth.Read}, time.Time{}, time.Now())
			if err != nil {
				t.Error(err)
			}
			if err := s.CreateAPIKey(t.Context(), key, name); err != nil {
				t.Errorf("CreateAPIKey() = %v", err)
			}
		}
		var all sync.WaitGroup
		for i := range writers {
			all.Go(func() {
				for j := range each {
					create(services[i%2], fmt.Sprintf("w%d-%d", i, j))
				}
			})
		}
		orders := make([][]string, 2)
		read := func(n int) {
			for i, stream := range streams {
				for len(orders[i]) < n {
					orders[i] = append(orders[i], next(t, stream).Event.ID)
				}
			}
		}
		read(want) // while the other transaction is open
		all.Wait()
		if w.postgres() {
			late()
			create(w.Service, "after")
			want += 2
			read(want)
			if got := orders[0][want-2]; got != "evt_late" {
				t.Errorf("the late event came as %s; want it after all that were seen before its commit", got)
			}
		}
		seen := map[string]bool{}
		for i, id := range orders[0] {
			if seen[id] {
				t.Errorf("%s was seen twice", id)
			}
			seen[id] = true
			if orders[1][i] != id {
				t.Fatalf("event %d is %s for one reader and %s for the other; want one order", i, id, orders[1][i])
			}
		}
		page := w.events("", accounts.EventFilter{})
		for i, e := range page {
			if i < want && e.ID != orders[0][i] {
				t.Fatalf("event %d of the page is %s; want %s as in the stream", i, e.ID, orders[0][i])
			}
		}
	})
}

// What one replica does, the streams of another tell within a second, and what
// time does is told once.
func TestReplicas(t *testing.T) {
	t.Parallel()
	w := newWorld(t, migrated.URL(t))
	second := w.replica()
	changes, err := second.HealthChanges(t.Context(), owner, accounts.HealthFilter{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	quickest := time.Hour
	for range 5 {
		w.connect(owner, "twitter", "persona", "rowan")
		begin := time.Now()
		next(t, changes)
		quickest = min(quickest, time.Since(begin))
	}
	if quickest > time.Second {
		t.Errorf("the quickest of 5 changes took %s to the other replica; want less than a second", quickest)
	}
	a := w.connect(owner, "twitter", "persona", "mika", "lifetime", "1")
	got := until(t, changes, func(c *accounts.HealthChange) bool { return c.Health.Status == accounts.Expired })
	if got.Account.ID != a.ID {
		t.Errorf("%s expired; want %s", got.Account.ID, a.ID)
	}
	w.awaitSequenced(t.Context())
	if n := w.count("SELECT count(*) FROM events WHERE type = 'ACCOUNT_HEALTH_CHANGED' AND account_id = ?", a.ID); n > 2 {
		t.Errorf("two replicas announced %d transitions; want each of the 2 once", n)
	}
	if n := w.count("SELECT count(*) FROM events WHERE type = 'ACCOUNT_HEALTH_CHANGED' AND account_id = ? AND status = 'EXPIRED'", a.ID); n != 1 {
		t.Errorf("two replicas announced EXPIRED %d times; want once", n)
	}
}
