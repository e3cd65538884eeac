package accounts_test

import (
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"mooring/accounts"
)

// The paths of the token endpoints.
var tokenPaths = map[string]string{
	"twitter":        "/sandbox/twitter/2/oauth2/token",
	"google_youtube": "/sandbox/google_youtube/token",
}

// slow reports whether tests may take as long as what they are about.
func slow() bool { return os.Getenv("MOORING_SLOW_TESTS") == "1" }

// renewal is what a caller got.
type renewal struct {
	*accounts.Renewal
	err error
}

// refreshing asks for a refresh, and returns when the platform has answered and
// before Mooring knows.
func (w *world) refreshing(a *accounts.Account) (*answer, <-chan renewal) {
	w.t.Helper()
	held := w.wire.hold(tokenPaths[a.Platform.ID])
	w.t.Cleanup(held.release)
	got := make(chan renewal, 1)
	go func() {
		r, err := w.Refresh(w.t.Context(), owner, a.ID, true)
		got <- renewal{r, err}
	}()
	<-held.given
	return held, got
}

// A reconnect in mid-refresh wins: what was asked for with the grant before it
// is not stored over it, marks nothing, and is given back where that reaches no
// further.
func TestReconnectInMidRefresh(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		for platform, givenBack := range map[string]bool{"twitter": true, "google_youtube": false} {
			a := w.connect(owner, platform)
			l := w.lease(a.ID, 0)
			held, got := w.refreshing(a)
			w.run(w.begin(owner, accounts.ConnectRequest{Platform: platform, AccountID: &a.ID}))
			w.report(unauthorized(l), accounts.ReportSuperseded)
			again := w.account(owner, a.ID)
			held.release()
			if r := <-got; r.err != nil || !r.Refreshed {
				t.Errorf("%s: Refresh() = %+v, %v; want the reconnect's tokens", platform, r.Renewal, r.err)
			}
			w.wantRequests(platform, 3)
			after := w.wantHealth(a.ID, accounts.Healthy, "", true)
			if !after.Health.LastRefreshedAt.Equal(again.Health.LastRefreshedAt) {
				t.Errorf("%s: the old grant's answer was stored over the new grant", platform)
			}
			w.wantEvents(a.ID)
			grants := w.grants(platform)
			if len(grants) != 2 || grants[0].Revoked != givenBack || grants[1].Revoked {
				t.Errorf("%s: grants at the platform are %+v; want the new one alive, and the old one revoked %t", platform, grants, givenBack)
			}
			if _, err := w.Refresh(t.Context(), owner, a.ID, true); err != nil {
				t.Errorf("%s: Refresh() of the new grant = %v", platform, err)
			}
			w.wantRequests(platform, 4)
		}
	})
}

// Disconnecting in mid-refresh is final: the answer does not bring the account
// back, and the tokens in it are taken back too.
func TestDisconnectInMidRefresh(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		for platform := range tokenPaths {
			a := w.connect(owner, platform)
			held, got := w.refreshing(a)
			d, err := w.Disconnect(t.Context(), owner, a.ID)
			if err != nil {
				t.Fatal(err)
			}
			held.release()
			wantCode(t, platform+": Refresh() of an account disconnected meanwhile", (<-got).err, accounts.CodeNotFound)
			w.wantRequests(platform, 2)
			tomb := w.account(owner, a.ID)
			if !tomb.DisconnectedAt.Equal(d.Account.DisconnectedAt) || tomb.Health.IsConnected {
				t.Errorf("%s: account = %+v; want the tombstone", platform, tomb)
			}
			for what, query := range map[string]string{
				"secrets": "SELECT count(*) FROM secrets WHERE owner_id LIKE 'gra%'",
				"refresh": "SELECT count(*) FROM refreshes",
			} {
				if n := w.count(query); n != 0 {
					t.Errorf("%s: %d rows of %s are left; want none", platform, n, what)
				}
			}
			if g := w.grants(platform); len(g) != 1 || !g[0].Revoked {
				t.Errorf("%s: grants at the platform are %+v; want them revoked", platform, g)
			}
			w.wantEvents(a.ID)
		}
	})
}

// Erasing in mid-refresh is final, too: nobody waits for a grant that is gone,
// and its tokens are taken back.
func TestEraseInMidRefresh(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		for name, answers := range map[string]string{"tokens": `"delayMs":1`, "a refusal": `"status":400,"body":{"error":"invalid_grant"}`} {
			attempt := w.run(w.begin(owner, accounts.ConnectRequest{Platform: "twitter", ExternalUserID: ptr("customer-1")}))
			a := w.account(owner, attempt.AccountIDs[0])
			w.fault(`{"platform":"twitter","endpoint":"token",` + answers + `}`)
			held, got := w.refreshing(a)
			if _, err := w.EraseUser(t.Context(), owner, accounts.EraseRequest{ExternalUserID: ptr("customer-1")}); err != nil {
				t.Fatal(err)
			}
			held.release()
			wantCode(t, name+": Refresh() of an account erased meanwhile", (<-got).err, accounts.CodeNotFound)
			if n := w.count("SELECT count(*) FROM refreshes"); n != 0 {
				t.Errorf("%s: %d refreshes are left; want none", name, n)
			}
			if g := w.grants("twitter"); !g[len(g)-1].Revoked {
				t.Errorf("%s: grants at the platform are %+v; want them revoked", name, g)
			}
		}
		if log := w.log.String(); strings.Contains(log, "level=ERROR") {
			t.Errorf("the log has an error:\n%s", log)
		}
	})
}

// A request that outlives its claim, and even the access token, is not repeated
// by who waits for it, and what it brings is stored.
func TestAClaimIsOutlived(t *testing.T) {
	for _, platform := range []string{"twitter", "google_youtube"} {
		t.Run(platform, func(t *testing.T) {
			inTime(t, func(t *testing.T, w *world) {
				o := w.options
				o.Lease, o.Poll = time.Minute, time.Second
				w.restart(o)
				a := w.connect(owner, platform, "lifetime", "1200")
				held := w.wire.hold(tokenPaths[platform])
				defer held.release()
				<-held.given // its time has come
				pass(6 * time.Minute)
				w.wantRequests(platform, 2)
				w.wantHealth(a.ID, accounts.Healthy, "", false)
				held.release()
				pass(time.Second)
				w.wantHealth(a.ID, accounts.Healthy, "", true)
				w.wantRequests(platform, 2)
				w.wantEvents(a.ID)
				pass(time.Hour)
				w.wantHealth(a.ID, accounts.Healthy, "", true)
			})
		})
	}
}

// A caller is not told that an account was refreshed when it was not.
func TestALateRefusalIsNoSuccess(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		o := w.options
		o.Lease, o.Poll = time.Minute, time.Second
		w.restart(o)
		a := w.connect(owner, "google_youtube", "lifetime", "36000")
		w.fault(`{"platform":"google_youtube","endpoint":"token","status":500,"times":-1}`)
		held, got := w.refreshing(a)
		pass(3 * time.Minute)
		held.release()
		if r := <-got; r.err == nil {
			t.Errorf("Refresh() = %+v; want the failure", r.Renewal)
		}
		w.mend()
		pass(30 * time.Minute)
		w.wantHealth(a.ID, accounts.Healthy, "", true)
	})
}

// Where the platform lets a spent refresh token work on for a while, a lost
// answer costs nothing but one more request.
func TestALostAnswerWithinGrace(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		a := w.connect(owner, "twitter")
		w.fault(`{"preset":"lost-answer","platform":"twitter","graceSeconds":60}`)
		_, err := w.Refresh(t.Context(), owner, a.ID, true)
		wantCode(t, "Refresh() without an answer", err, accounts.CodeUnavailable)
		pass(time.Minute)
		w.wantRequests("twitter", 3)
		w.wantHealth(a.ID, accounts.Healthy, "", true)
		pass(24 * time.Hour)
		w.wantHealth(a.ID, accounts.Healthy, "", true)
		w.wantEvents(a.ID)
	})
}

// The database is away just as the answer arrives: it is kept, and stored when
// the database is back.
func TestTheDatabaseIsAway(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		patience := time.Duration(0)
		if slow() {
			patience = 5 * time.Second
		}
		a := w.connect(owner, "twitter")
		held, got := w.refreshing(a)
		back := w.takeAway()
		held.release()
		w.awaitLog("store the outcome of a refresh")
		<-time.After(patience)
		back()
		if r := <-got; r.err != nil || !r.Refreshed {
			t.Errorf("Refresh() = %+v, %v; want the tokens that were kept", r.Renewal, r.err)
		}
		w.wantRequests("twitter", 2)
		if after := w.wantHealth(a.ID, accounts.Healthy, "", true); !after.Health.LastRefreshedAt.After(a.Health.LastRefreshedAt) {
			t.Error("the answer was not stored")
		}
		if _, err := w.Refresh(t.Context(), owner, a.ID, true); err != nil {
			t.Errorf("Refresh() with what was stored = %v", err)
		}
		w.wantRequests("twitter", 3)
	})
}

// takeAway makes the database refuse to write until back is called.
func (w *world) takeAway() (back func()) {
	w.t.Helper()
	do := func(db *sqlx.Conn, statement string) {
		if _, err := db.ExecContext(w.t.Context(), statement); err != nil {
			w.t.Fatal(err)
		}
	}
	if !w.postgres() {
		conn := w.conn(w.raw())
		do(conn, "BEGIN EXCLUSIVE")
		return func() { do(conn, "ROLLBACK") }
	}
	address, err := url.Parse(w.options.DatabaseURL)
	if err != nil {
		w.t.Fatal(err)
	}
	name := strings.TrimPrefix(address.Path, "/")
	address.Path = "/postgres"
	db, err := sqlx.Open("pgx", address.String())
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = db.Close() })
	conn := w.conn(db)
	do(conn, "ALTER DATABASE "+name+" ALLOW_CONNECTIONS false")
	do(conn, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '"+name+"'")
	return func() { do(conn, "ALTER DATABASE "+name+" ALLOW_CONNECTIONS true") }
}

// conn is one connection of a pool, until the test ends.
func (w *world) conn(db *sqlx.DB) *sqlx.Conn {
	w.t.Helper()
	conn, err := db.Connx(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// awaitLog waits until the log has a message.
func (w *world) awaitLog(message string) {
	w.t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(20 * time.Second); !strings.Contains(w.log.String(), message); <-tick.C {
		if time.Now().After(deadline) {
			w.t.Fatalf("nothing was logged of %q", message)
		}
	}
}

// Resealing while a platform answers loses neither the tokens sealed before nor
// those that come after.
func TestResealInMidRefresh(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		a := w.connect(owner, "twitter")
		other := w.replica()
		held, got := w.refreshing(a)
		added, err := other.AddKey(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := other.PromoteKey(t.Context(), added); err != nil {
			t.Fatal(err)
		}
		if n, err := other.Reseal(t.Context()); n == 0 || err != nil {
			t.Errorf("Reseal() = %d, %v; want the secrets there are", n, err)
		}
		held.release()
		if r := <-got; r.err != nil {
			t.Errorf("Refresh() = %v", r.err)
		}
		if n := w.count("SELECT count(*) FROM secrets WHERE key_id <> ?", int64(added)); n != 0 {
			t.Errorf("%d secrets are under the old key; want none", n)
		}
		for _, s := range []*accounts.Service{w.Service, other} {
			if _, err := s.Refresh(t.Context(), owner, a.ID, true); err != nil {
				t.Errorf("Refresh() after the reseal = %v", err)
			}
		}
		w.wantRequests("twitter", 4)
		w.wantHealth(a.ID, accounts.Healthy, "", true)
	})
}

// A replica that lacks a data key blames no account and asks nobody; one that
// has it goes on.
func TestAKeyIsMissing(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		a := w.connect(owner, "twitter")
		w.exec(0, "CREATE TABLE older (sealed "+map[bool]string{true: "bytea", false: "blob"}[w.postgres()]+")")
		w.exec(1, "INSERT INTO older SELECT sealed FROM key_ring")
		poor := w.replica()
		added, err := w.AddKey(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := w.PromoteKey(t.Context(), added); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Reseal(t.Context()); err != nil {
			t.Fatal(err)
		}
		// A ring of before, as from a backup.
		w.exec(1, "UPDATE key_ring SET sealed = (SELECT sealed FROM older), version = 1")
		_, err = poor.Refresh(t.Context(), owner, a.ID, true)
		wantCode(t, "Refresh() without the key", err, accounts.CodeNotReady)
		w.wantRequests("twitter", 1)
		w.wantHealth(a.ID, accounts.Healthy, "", true)
		if _, err := w.Refresh(t.Context(), owner, a.ID, true); err != nil {
			t.Errorf("Refresh() with the key = %v", err)
		}
		w.wantRequests("twitter", 2)
		w.wantHealth(a.ID, accounts.Healthy, "", true)
		w.wantEvents(a.ID)
		w.wantIncidents(0, 0)
	})
}

// Sixteen callers over two replicas, both of which sweep at that very moment,
// share one request.
func TestReplicasShareARefresh(t *testing.T) {
	for _, platform := range []string{"twitter", "google_youtube"} {
		t.Run(platform, func(t *testing.T) {
			inTime(t, func(t *testing.T, w *world) {
				w.options.Lease, w.options.Poll = time.Minute, time.Second
				w.restart(w.options)
				other := w.replica()
				a := w.connect(owner, platform)
				pass(time.Until(a.Health.NextRefreshAt) - time.Second)
				w.fault(`{"endpoint":"token","delayMs":3000}`)
				<-time.After(time.Second)
				var wg sync.WaitGroup
				for i := range 16 {
					wg.Go(func() {
						s := []*accounts.Service{w.Service, other}[i%2]
						if r, err := s.Refresh(t.Context(), owner, a.ID, true); err != nil || !r.Refreshed {
							t.Errorf("Refresh() = %+v, %v; want a refresh", r, err)
						}
					})
				}
				wg.Wait()
				w.wantRequests(platform, 2)
				for _, s := range []*accounts.Service{w.Service, other} {
					if _, err := s.Refresh(t.Context(), owner, a.ID, true); err != nil {
						t.Errorf("Refresh() with the new tokens = %v", err)
					}
				}
				w.wantHealth(a.ID, accounts.Healthy, "", true)
				w.wantEvents(a.ID)
			})
		})
	}
}
