package accounts_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jmoiron/sqlx"

	"mooring/accounts"
	"mooring/accounts/pgtest"
	"mooring/platforms"
	"mooring/platforms/sandbox"
	"mooring/vault"
)

// counted is a transport that counts, and takes its time.
type counted struct {
	next  http.RoundTripper
	takes time.Duration
	all   atomic.Int64
	now   atomic.Int64 // requests under way
	most  atomic.Int64
}

func (c *counted) RoundTrip(r *http.Request) (*http.Response, error) {
	c.all.Add(1)
	defer c.now.Add(-1)
	if now := c.now.Add(1); now > c.most.Load() {
		c.most.Store(now)
	}
	select {
	case <-time.After(c.takes):
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	return c.next.RoundTrip(r)
}

// examined returns an Examiner of apps at the sandbox, asked through wire.
func examined(t *testing.T, wire *counted) *accounts.Examiner {
	t.Helper()
	played, err := sandbox.New(sandbox.Options{PublicURL: public})
	if err != nil {
		t.Fatal(err)
	}
	wire.next = played
	setup := platforms.Setup{PublicURL: public}
	for _, p := range platforms.All() {
		for _, l := range p.Logins {
			uri := public + "/api/oauth/" + l.Callback + "/callback"
			client, _ := played.Register(l, uri)
			setup.Apps = append(setup.Apps, &platforms.App{
				Platform: p, Login: l, ClientID: client.ID, ClientSecret: client.Secret, RedirectURI: uri,
				Endpoints: client.Endpoints, Sandbox: true, HTTP: &http.Client{Transport: wire},
			})
		}
	}
	return accounts.NewExaminer(setup, false, nil)
}

// TestExaminerRemembers: many who ask at once ask once, and nobody asks again
// within the minute.
func TestExaminerRemembers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		wire := &counted{takes: time.Second}
		e := examined(t, wire)
		ask := func() {
			p, err := e.Examine(t.Context(), platforms.Twitter)
			if err != nil || !p.ReadyToConnect {
				t.Errorf("Examine = %+v, %v; want X ready", p, err)
			}
		}
		var many sync.WaitGroup
		for range 20 {
			many.Go(ask)
		}
		many.Wait()
		const once = 2 // token endpoint and API; the sandbox's other endpoints are on their host
		if got := wire.all.Load(); got != once {
			t.Errorf("%d requests for 20 who ask at once; want %d", got, once)
		}
		pass(58 * time.Second)
		if ask(); wire.all.Load() != once {
			t.Errorf("%d requests within the minute; want %d", wire.all.Load(), once)
		}
		pass(2 * time.Second)
		if ask(); wire.all.Load() != 2*once {
			t.Errorf("%d requests after the minute; want %d", wire.all.Load(), 2*once)
		}
	})
}

// TestExaminerIsBounded: all platforms at once are asked side by side, a few at
// a time, and none is waited for longer than it may take.
func TestExaminerIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		wire := &counted{takes: time.Hour}
		e := examined(t, wire)
		began := time.Now()
		var all sync.WaitGroup
		for _, p := range platforms.All() {
			all.Go(func() {
				got, err := e.Examine(t.Context(), p)
				if err != nil || got.ReadyToConnect || !slices.ContainsFunc(got.Checks, func(c platforms.Check) bool {
					return strings.HasPrefix(c.Name, "Network") && c.Status == platforms.Fail && strings.Contains(c.Message, "in time")
				}) {
					t.Errorf("Examine(%s) = %+v, %v; want no answer in time", p.ID, got, err)
				}
			})
		}
		all.Wait()
		if took := time.Since(began); took != 10*time.Second {
			t.Errorf("it took %s; want two rounds of 5s for seven apps, four at once", took)
		}
		if most := wire.most.Load(); most > 8 {
			t.Errorf("%d requests at once; want 8 at most", most)
		}
	})
}

// TestExaminerWhoeverLeaves: one who does not wait keeps nobody else from the
// answer.
func TestExaminerWhoeverLeaves(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		wire := &counted{takes: 2 * time.Second}
		e := examined(t, wire)
		hasty, leave := context.WithCancel(t.Context())
		left := make(chan error, 1)
		go func() {
			_, err := e.Examine(hasty, platforms.Twitter)
			left <- err
		}()
		synctest.Wait()
		stays := make(chan bool, 1)
		go func() {
			p, err := e.Examine(t.Context(), platforms.Twitter)
			stays <- err == nil && p.ReadyToConnect
		}()
		synctest.Wait()
		leave()
		if err := <-left; !errors.Is(err, context.Canceled) {
			t.Errorf("who leaves is told %v; want context.Canceled", err)
		}
		if !<-stays || wire.all.Load() != 2 {
			t.Errorf("who stays got no answer, or one of %d requests; want one of 2", wire.all.Load())
		}
	})
}

// TestLeftOut: one way to sign in is enough, and the other is no failure.
func TestLeftOut(t *testing.T) {
	t.Parallel()
	setup := platforms.Setup{PublicURL: public}
	linked := platforms.Instagram.Logins[0]
	setup.Apps = []*platforms.App{{
		Platform: platforms.Instagram, Login: linked, ClientID: "123987", ClientSecret: platforms.NewSecret("s"),
		RedirectURI: public + "/api/oauth/meta/callback", Endpoints: linked.Endpoints, HTTP: http.DefaultClient,
	}}
	p, err := accounts.NewExaminer(setup, true, nil).Examine(t.Context(), platforms.Instagram)
	if err != nil || !p.ReadyToConnect {
		t.Fatalf("Examine = %+v, %v; want it ready by Facebook Login alone", p, err)
	}
	for _, c := range p.Checks {
		if c.Status == platforms.Fail || strings.Contains(c.Name, "INSTAGRAM_APP_ID") && c.Status != platforms.Skipped {
			t.Errorf("%+v; want Instagram Login left out", c)
		}
	}
	p, err = accounts.NewExaminer(platforms.Setup{}, true, nil).Examine(t.Context(), platforms.Instagram)
	if err != nil || p.ReadyToConnect || platforms.Ready(p.Checks) {
		t.Errorf("Examine without apps = %+v, %v; want failures", p, err)
	}
}

// statuses are the checks by name.
func statuses(checks []platforms.Check) map[string]platforms.CheckStatus {
	all := map[string]platforms.CheckStatus{}
	for _, c := range checks {
		all[c.Name] = c.Status
	}
	return all
}

func TestCheckInstallation(t *testing.T) {
	t.Parallel()
	pgtest.Both(t, func(t *testing.T, url string) {
		key := vault.NewKey()
		look := func(key vault.Key) []platforms.Check {
			return accounts.CheckInstallation(t.Context(), url, key, public)
		}
		want := func(when string, checks []platforms.Check, name string, status platforms.CheckStatus, words string) {
			t.Helper()
			for _, c := range checks {
				if c.Name == name && c.Status == status && strings.Contains(c.Message, words) {
					return
				}
			}
			t.Errorf("%s: %+v; want %s %s, %q", when, checks, name, status, words)
		}
		fresh := look(key)
		want("before the first start", fresh, "Migrations", platforms.Warn, "step 0 of")
		want("before the first start", fresh, "Key ring", platforms.Warn, "no key ring yet")
		if again := look(key); statuses(again)["Migrations"] != platforms.Warn {
			t.Errorf("once more: %+v; want looking to have changed nothing", again)
		}

		s, err := accounts.Open(t.Context(), accounts.Options{DatabaseURL: url, Key: key, PublicURL: public})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		sound := look(key)
		for name, status := range statuses(sound) {
			if status != platforms.Pass && name != "Disk" {
				t.Errorf("a sound installation: %s is %s", name, status)
			}
		}
		if len(sound) != 5 {
			t.Errorf("%d checks of a sound installation; want 5", len(sound))
		}
		want("with another key", look(vault.NewKey()), "Key ring", platforms.Fail, "key")
		elsewhere := accounts.CheckInstallation(t.Context(), url, key, "https://copy.example.com")
		want("at another address", elsewhere, "Installation", platforms.Warn, public)

		db := (&world{t: t, options: accounts.Options{DatabaseURL: url}}).raw()
		change := func(statement string) {
			t.Helper()
			if _, err := db.Exec(statement); err != nil {
				t.Fatal(err)
			}
		}
		change("INSERT INTO secrets (owner_id, kind, workspace, key_id, sealed) SELECT 'grant_x', kind, workspace, 77, sealed FROM secrets LIMIT 1")
		want("with secrets under a key that is gone", look(key), "Key ring", platforms.Fail, "data key 77")
		change("INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, " + trueOf(db) + ")")
		want("after a newer Mooring", look(key), "Migrations", platforms.Fail, "at step 9999")
	})
}

// trueOf is how a database writes what goose keeps as true.
func trueOf(db *sqlx.DB) string {
	if db.DriverName() == "sqlite3" {
		return "1"
	}
	return "TRUE"
}

func TestCheckInstallationUnreachable(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"sqlite:/no/such/folder/mooring.db", "postgres://user:planted@127.0.0.1:1/mooring"} {
		got := accounts.CheckInstallation(t.Context(), url, vault.NewKey(), public)
		if len(got) != 1 || got[0].Name != "Database" || got[0].Status != platforms.Fail || strings.Contains(got[0].Message, "planted") {
			t.Errorf("CheckInstallation(%s) = %+v; want the database to fail, without its password", url, got)
		}
	}
}
