package main

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"mooring/vault"
)

// slow reports whether tests may take as long as what they are about.
func slow() bool { return os.Getenv("MOORING_SLOW_TESTS") == "1" }

// The shortest lease that the configuration takes with such a timeout.
const (
	crashTimeout = 10 * time.Second
	crashLease   = 20 * time.Second
)

// outside are the platforms, played by mooring sandbox. They outlive the
// servers that a test kills, and their answers can be kept back.
type outside struct {
	address string
	env     []string // leads a server there

	mu   sync.Mutex
	held *reply
}

// reply is an answer that a platform has given and that is still on its way.
type reply struct {
	given   chan struct{} // closed when the platform has done its work
	release func()        // lets it arrive
	arrives chan struct{}
}

// play starts the platforms.
func play(t *testing.T) *outside {
	t.Helper()
	o := &outside{}
	address, env := played(t)
	to, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	gate := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite:        func(r *httputil.ProxyRequest) { r.SetURL(to) },
		ModifyResponse: o.keep,
		ErrorHandler:   func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }, // as the platform did
	})
	t.Cleanup(gate.Close)
	o.address = address
	for name, value := range env {
		if strings.HasSuffix(name, "_TOKEN_URL") {
			value = strings.Replace(value, address, gate.URL, 1)
		}
		o.env = append(o.env, name+"="+value)
	}
	return o
}

// hold keeps the next answer of a token endpoint back.
func (o *outside) hold(t *testing.T) *reply {
	t.Helper()
	a := &reply{given: make(chan struct{}), arrives: make(chan struct{})}
	a.release = sync.OnceFunc(func() { close(a.arrives) })
	t.Cleanup(a.release)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.held = a
	return a
}

func (o *outside) keep(resp *http.Response) error {
	o.mu.Lock()
	a := o.held
	o.held = nil
	o.mu.Unlock()
	if a == nil {
		return nil
	}
	close(a.given)
	select {
	case <-a.arrives:
		return nil
	case <-resp.Request.Context().Done():
		return resp.Request.Context().Err()
	}
}

// control asks the sandbox's control API and reads its answer into v, unless
// that is nil.
func (o *outside) control(t *testing.T, method, path, body string, v any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, o.address+"/sandbox/api/"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	got := newBrowser(t).send(t, req)
	if got.status > 299 {
		t.Fatalf("%s %s = %d %s", method, path, got.status, got.body)
	}
	if v != nil {
		if err := json.Unmarshal([]byte(got.body), v); err != nil {
			t.Fatalf("%s %s: %v in %s", method, path, err, got.body)
		}
	}
}

// refreshes counts the refreshes that a platform was asked for.
func (o *outside) refreshes(t *testing.T, platform string) int {
	t.Helper()
	var count struct{ Count int }
	o.control(t, http.MethodGet, "requests/count?grantType=refresh_token&platform="+platform, "", &count)
	return count.Count
}

func (o *outside) want(t *testing.T, platform string, refreshes int) {
	t.Helper()
	if got := o.refreshes(t, platform); got != refreshes {
		t.Errorf("%s was asked for %d refreshes; want %d", platform, got, refreshes)
	}
}

// approve goes through the consent page of an attempt as far as the callback,
// which is not yet opened.
func (o *outside) approve(t *testing.T, c caller, b *browser, platform string) (attempt, callback string) {
	t.Helper()
	attempt, start := c.begin(t, map[string]any{"platform": platform})
	page, err := url.Parse(b.post(t, start, nil).location)
	if err != nil {
		t.Fatal(err)
	}
	o.control(t, http.MethodPost, "apps/"+platform, fmt.Sprintf(`{"redirectUris": [%q]}`, page.Query().Get("redirect_uri")), nil)
	return attempt, b.post(t, page.String(), url.Values{"decision": {"approve"}}).location
}

// connect connects the account of the first person at a platform.
func (o *outside) connect(t *testing.T, c caller, platform string) (id string) {
	t.Helper()
	b := newBrowser(t)
	attempt, callback := o.approve(t, c, b, platform)
	b.get(t, callback)
	return at(t, c.attempt(t, attempt), "accounts", 0, "id").(string)
}

// child is the program as a process of its own.
type child struct {
	caller
	process *exec.Cmd
	ended   chan error
}

// spawn starts the program and waits until it serves. It is killed when the
// test ends, if not before.
func spawn(t *testing.T, env ...string) *child {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := &child{process: exec.CommandContext(t.Context(), self, "serve"), ended: make(chan error, 1)}
	c.process.Dir = t.TempDir() // without an .env
	c.process.Env = append(os.Environ(), "MOORING_TEST_ROLE=mooring", "MOORING_LISTEN=127.0.0.1:0", "MOORING_SANDBOX=off",
		fmt.Sprint("MOORING_HTTP_TIMEOUT=", crashTimeout), fmt.Sprint("MOORING_LEASE=", crashLease))
	c.process.Env = append(c.process.Env, env...)
	log := &lockedBuffer{}
	c.process.Stderr = log
	out, err := c.process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("log:\n%s", log)
		}
	})
	serves := make(chan string, 1)
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if found := regexp.MustCompile(`GraphQL +(http.*)/graphql`).FindStringSubmatch(lines.Text()); found != nil {
				serves <- found[1]
			}
		}
		close(serves)
		c.ended <- c.process.Wait()
	}()
	address := <-serves
	if address == "" {
		t.Fatalf("the program does not serve:\n%s", log)
	}
	c.caller = caller{instance: &instance{url: address}}
	return c
}

// kill ends the program as a power cut would.
func (c *child) kill(t *testing.T) {
	t.Helper()
	if err := c.process.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-c.ended
}

// terminate asks the program to end. What comes out of ended is nil if all went
// well.
func (c *child) terminate(t *testing.T) {
	t.Helper()
	if err := c.process.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
}

// end terminates the program and waits for that.
func (c *child) end(t *testing.T) {
	t.Helper()
	c.terminate(t)
	if err := <-c.ended; err != nil {
		t.Errorf("the program ended with %v; want 0", err)
	}
}

// refresh asks for a refresh in any case, and returns its payload; nil if the
// program does not answer.
func (c *child) refresh(ctx context.Context, id string) map[string]any {
	payload, _ := json.Marshal(map[string]any{
		"query":     `mutation($id: ID!) { refresh(input: {accountId: $id, force: true}) { refreshed userErrors { code message } } }`,
		"variables": map[string]any{"id": id},
	})
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url+"/graphql", bytes.NewReader(payload))
	if err != nil {
		return nil
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil
	}
	defer resp.Body.Close()
	var body struct {
		Data   struct{ Refresh map[string]any }
		Errors any
	}
	if err := json.NewDecoder(resp.Body).Decode(&body); err != nil {
		return nil
	}
	if body.Errors != nil {
		return map[string]any{"errors": body.Errors}
	}
	return body.Data.Refresh
}

// refreshing is refresh without waiting for its end.
func (c *child) refreshing(ctx context.Context, id string) <-chan map[string]any {
	got := make(chan map[string]any, 1)
	go func() { got <- c.refresh(ctx, id) }()
	return got
}

// health is the health of an account.
type health struct {
	Status          string
	Reason          string
	LastRefreshedAt string
}

func (c *child) health(t *testing.T, id string) (h health) {
	t.Helper()
	data := c.do(t, `query($id: ID!) { account(id: $id) { health { status reason lastRefreshedAt } } }`, map[string]any{"id": id})
	fields, err := json.Marshal(at(t, data, "account", "health"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(fields, &h); err != nil {
		t.Fatal(err)
	}
	return h
}

// await waits until something is so.
func await(t *testing.T, what string, so func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(20 * time.Second); !so(); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatalf("in vain: %s", what)
		}
	}
}

// world is a database, and the key to it.
type world struct {
	*outside
	env []string
	db  *sql.DB
}

func newWorld(t *testing.T, database string) *world {
	t.Helper()
	driver, source := "pgx", database
	if file, ok := strings.CutPrefix(database, "sqlite:"); ok {
		driver, source = "sqlite3", "file:"+file+"?_busy_timeout=5000"
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	o := play(t)
	return &world{o, append(o.env, "DATABASE_URL="+database, "MOORING_KEY="+vault.NewKey().Encode()), db}
}

// exec meddles with the database.
func (w *world) exec(t *testing.T, statement string) {
	t.Helper()
	if _, err := w.db.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

// elapse makes claims and heartbeats older.
func (w *world) elapse(t *testing.T, d time.Duration) {
	t.Helper()
	w.exec(t, fmt.Sprintf("UPDATE refreshes SET due_at = due_at - %d", d.Milliseconds()))
	w.exec(t, fmt.Sprintf("UPDATE replicas SET seen_at = seen_at - %d", d.Milliseconds()))
}

// awaitPutOff waits until a refresh whose sender is silent was claimed by
// another replica, and left alone.
func (w *world) awaitPutOff(t *testing.T) {
	t.Helper()
	await(t, "another replica claims the refresh", func() bool {
		var n int
		err := w.db.QueryRowContext(t.Context(), "SELECT count(*) FROM refreshes WHERE owner = '' AND sender <> '' AND fence > 1").Scan(&n)
		return err == nil && n == 1
	})
}

// awaitInherited waits until a claim of a dead process ends as soon as the
// platform must have answered it.
func (w *world) awaitInherited(t *testing.T) {
	t.Helper()
	await(t, "the next process inherits the claim", func() bool {
		var n int
		err := w.db.QueryRowContext(t.Context(), "SELECT count(*) FROM refreshes WHERE owner <> '' AND due_at <= ?",
			time.Now().Add(crashTimeout).UnixMilli()).Scan(&n)
		return err == nil && n == 1
	})
}

// crash is a way in which a server may be killed while a platform answers, and
// what comes of it.
type crash struct {
	name, platform string
	acted          bool // before the server was killed
	grace          bool // in which the refresh token works on
	want           health
}

var crashes = []crash{
	{"X has done nothing yet", "twitter", false, false, health{Status: "HEALTHY"}},
	{"X has rotated the token", "twitter", true, false, health{Status: "UNHEALTHY", Reason: "OUTCOME_UNKNOWN"}},
	{"X has rotated the token and bears the old one", "twitter", true, true, health{Status: "HEALTHY"}},
	{"YouTube has answered", "google_youtube", true, false, health{Status: "HEALTHY"}},
}

// kill refreshes an account and kills the server while the platform answers.
func (w *world) kill(t *testing.T, c *child, id string, how crash) {
	t.Helper()
	if how.grace {
		w.control(t, http.MethodPost, "faults", `{"endpoint":"token","graceSeconds":3600}`, nil)
	}
	if how.acted {
		held := w.hold(t)
		c.refreshing(t.Context(), id)
		<-held.given
	} else {
		w.control(t, http.MethodPost, "faults", `{"endpoint":"token","delayMs":60000}`, nil)
		c.refreshing(t.Context(), id)
		await(t, "the platform is asked", func() bool { return w.refreshes(t, how.platform) == 1 })
	}
	c.kill(t)
}

// wantAfter wants what the one further request after a crash leads to, and none
// after it that could do harm.
func (w *world) wantAfter(t *testing.T, how crash, c *child, id string, before health) {
	t.Helper()
	await(t, "the refresh is repeated", func() bool {
		h := c.health(t, id)
		return h.Status != "HEALTHY" || h.LastRefreshedAt != before.LastRefreshedAt
	})
	w.want(t, how.platform, 2)
	got := c.health(t, id)
	if got.LastRefreshedAt = ""; got != how.want {
		t.Errorf("health = %+v; want %+v", got, how.want)
	}
	alive, asked := how.want.Status == "HEALTHY", 2
	if alive {
		asked = 3
	}
	// Whoever asks while the repeated one is still being told of shares it.
	await(t, "a refresh after the repeated one", func() bool {
		if r := c.refresh(t.Context(), id); r == nil || r["refreshed"] != alive {
			t.Fatalf("refresh answers %v; want refreshed %t", r, alive)
		}
		return w.refreshes(t, how.platform) >= asked
	})
	w.want(t, how.platform, asked)
}

// restart kills the only server in mid-refresh and starts it again. It knows
// that it is alone and takes over; where refresh tokens rotate, it first gives
// the platform the time to do what it was asked to. elapse lets a time go by.
func (w *world) restart(t *testing.T, how crash, elapse func(*testing.T, time.Duration)) {
	t.Helper()
	first := spawn(t, w.env...)
	id := w.connect(t, first.caller, how.platform)
	before := first.health(t, id)
	w.kill(t, first, id, how)

	next := spawn(t, w.env...)
	if how.platform == "twitter" {
		w.awaitInherited(t)
		w.want(t, how.platform, 1)
		if got := next.health(t, id); got != before {
			t.Errorf("while it is not known what came of the refresh: %+v; want %+v", got, before)
		}
		next.end(t)
		elapse(t, crashTimeout)
		next = spawn(t, w.env...)
	}
	w.wantAfter(t, how, next, id, before)
	next.end(t)
}

func TestKilledInMidRefresh(t *testing.T) {
	t.Parallel()
	for _, how := range crashes {
		t.Run(how.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, migrated.SQLite(t))
			w.restart(t, how, w.elapse)
		})
	}
}

// TestKilledInRealTime is one of those without turning clocks.
func TestKilledInRealTime(t *testing.T) {
	t.Parallel()
	if !slow() {
		t.Skip("set MOORING_SLOW_TESTS=1 to wait for more than a minute")
	}
	w := newWorld(t, migrated.SQLite(t))
	w.restart(t, crashes[0], func(_ *testing.T, d time.Duration) { <-time.After(d) })
}

// TestKilledBesideAnother kills one of two servers on one database while a
// platform answers it, and a caller asks the other for the same refresh.
func TestKilledBesideAnother(t *testing.T) {
	t.Parallel()
	for _, how := range crashes {
		t.Run(how.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, migrated.URL(t))
			first := spawn(t, w.env...)
			other := spawn(t, w.env...)
			id := w.connect(t, first.caller, how.platform)
			before := first.health(t, id)
			w.kill(t, first, id, how)

			got := other.refreshing(t.Context(), id)
			w.elapse(t, crashLease)
			if how.platform == "twitter" {
				w.awaitPutOff(t)
				w.want(t, how.platform, 1)
				w.elapse(t, 3*crashLease)
			}
			if r := <-got; r == nil || r["refreshed"] != (how.want.Status == "HEALTHY") {
				t.Errorf("the caller of the other server got %v; want what %+v means", r, how.want)
			}
			w.wantAfter(t, how, other, id, before)
			other.end(t)
		})
	}
}

// TestTerminatedInMidRefresh asks the server to end while a platform answers: it
// waits, stores what came, and says that all is well.
func TestTerminatedInMidRefresh(t *testing.T) {
	t.Parallel()
	for name, stays := range map[string]bool{"the caller waits": true, "the caller has left": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			migrated.Both(t, func(t *testing.T, database string) {
				w := newWorld(t, database)
				c := spawn(t, w.env...)
				id := w.connect(t, c.caller, "twitter")
				before := c.health(t, id)
				held := w.hold(t)
				ctx, leave := context.WithCancel(t.Context())
				defer leave()
				got := c.refreshing(ctx, id)
				<-held.given
				if !stays {
					leave()
					<-got
				}
				c.terminate(t)
				await(t, "the server stops listening", func() bool {
					_, err := http.Get(c.url + "/healthz")
					return err != nil
				})
				held.release()
				if stays {
					if r := <-got; r == nil || r["refreshed"] != true {
						t.Errorf("refresh answers %v; want it refreshed", r)
					}
				}
				if err := <-c.ended; err != nil {
					t.Errorf("the program ended with %v; want 0", err)
				}
				w.want(t, "twitter", 1)
				c = spawn(t, w.env...)
				if after := c.health(t, id); after.Status != "HEALTHY" || after.LastRefreshedAt == before.LastRefreshedAt {
					t.Errorf("health = %+v; want the new tokens stored", after)
				}
				if r := c.refresh(t.Context(), id); r == nil || r["refreshed"] != true {
					t.Errorf("refresh after the restart answers %v; want it refreshed", r)
				}
				w.want(t, "twitter", 2)
			})
		})
	}
}

// TestTerminatedInMidExchange asks the server to end while a platform trades a
// code for tokens: the person sees that it worked, and so it has.
func TestTerminatedInMidExchange(t *testing.T) {
	t.Parallel()
	w := newWorld(t, migrated.SQLite(t))
	c := spawn(t, w.env...)
	b := newBrowser(t)
	attempt, callback := w.approve(t, c.caller, b, "twitter")
	held := w.hold(t)
	shown := make(chan page, 1)
	go func() { shown <- b.get(t, callback) }()
	<-held.given
	c.terminate(t)
	await(t, "the server stops listening", func() bool {
		_, err := http.Get(c.url + "/healthz")
		return err != nil
	})
	held.release()
	if got := <-shown; got.status != http.StatusOK || !strings.Contains(got.body, "is connected") {
		t.Errorf("callback = %d %s; want a page that says it is connected", got.status, got.body)
	}
	if err := <-c.ended; err != nil {
		t.Errorf("the program ended with %v; want 0", err)
	}
	c = spawn(t, w.env...)
	id := at(t, c.attempt(t, attempt), "accounts", 0, "id").(string)
	if got := c.health(t, id); got.Status != "HEALTHY" {
		t.Errorf("health = %+v; want HEALTHY", got)
	}
	if r := c.refresh(t.Context(), id); r == nil || r["refreshed"] != true {
		t.Errorf("refresh answers %v; want it refreshed", r)
	}
}

// TestCallersAndSweepersShareARefresh starts two servers on one database in
// which a refresh is due, and asks each of them eight times for it.
func TestCallersAndSweepersShareARefresh(t *testing.T) {
	t.Parallel()
	w := newWorld(t, migrated.URL(t))
	c := spawn(t, w.env...)
	id := w.connect(t, c.caller, "twitter")
	c.end(t)
	w.exec(t, "UPDATE refreshes SET due_at = 1")
	held := w.hold(t)
	servers := []*child{spawn(t, w.env...), spawn(t, w.env...)}
	<-held.given
	var callers []<-chan map[string]any
	for i := range 16 {
		callers = append(callers, servers[i%2].refreshing(t.Context(), id))
	}
	<-time.After(2 * time.Second) // nothing tells that a caller waits
	held.release()
	for _, got := range callers {
		if r := <-got; r == nil || r["refreshed"] != true {
			t.Errorf("refresh answers %v; want it refreshed", r)
		}
	}
	w.want(t, "twitter", 1)
	for i, s := range servers {
		if r := s.refresh(t.Context(), id); r == nil || r["refreshed"] != true {
			t.Errorf("refresh with the new tokens answers %v; want it refreshed", r)
		}
		w.want(t, "twitter", 2+i)
	}
}

// TestQueriesBesideSlowRefreshes asks the API while fifty refreshes wait for
// their platform and when all are answered at once, on five connections.
func TestQueriesBesideSlowRefreshes(t *testing.T) {
	if !slow() {
		t.Skip("set MOORING_SLOW_TESTS=1 to measure beside fifty refreshes")
	}
	const accounts, patience = 50, 500 * time.Millisecond
	database := migrated.URL(t)
	w := newWorld(t, database)
	w.env = append(w.env, "DATABASE_URL="+database+"&pool_max_conns=5",
		"MOORING_JWT_SECRET="+jwtSecret, fmt.Sprint("MOORING_REFRESH_SLOTS=", accounts))
	c := spawn(t, w.env...)
	for i := range accounts {
		c.token = token(t, "ada", fmt.Sprint("w", i), "owner", time.Now().Add(time.Hour))
		w.connect(t, c.caller, "twitter")
	}
	c.end(t)
	w.exec(t, "UPDATE refreshes SET due_at = 1")
	w.control(t, http.MethodPost, "faults", fmt.Sprintf(`{"platform":"twitter","endpoint":"token","delayMs":3000,"times":%d}`, accounts), nil)
	bearer := c.token
	c = spawn(t, w.env...)
	c.token = bearer
	await(t, "all are asked for", func() bool { return w.refreshes(t, "twitter") == accounts })
	var longest time.Duration
	await(t, "all are refreshed", func() bool {
		began := time.Now()
		c.do(t, `{ accounts(first: 20) { totalCount nodes { id health { status lastRefreshedAt } } } }`, nil)
		longest = max(longest, time.Since(began))
		var waiting int
		err := w.db.QueryRowContext(t.Context(), "SELECT count(*) FROM refreshes WHERE sender <> ''").Scan(&waiting)
		return err == nil && waiting == 0
	})
	if t.Logf("the longest query took %s", longest); longest > patience {
		t.Errorf("a query took %s; want at most %s", longest, patience)
	}
	w.want(t, "twitter", accounts)
}

// TestKilledInMidRotation kills the command that seals everything anew, and runs
// it again: nothing is lost, and nothing left under the old key.
func TestKilledInMidRotation(t *testing.T) {
	t.Parallel()
	const many = 4000
	env := production(t)
	must(t, env, "migrate")
	old := strings.Fields(must(t, env, "keys", "list"))[2]
	key, err := os.ReadFile(strings.TrimPrefix(env[1], "MOORING_KEY_FILE="))
	if err != nil {
		t.Fatal(err)
	}
	operators, err := vault.ParseKey(strings.TrimSpace(string(key)))
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite3", "file:"+strings.TrimPrefix(env[0], "DATABASE_URL=sqlite:")+"?_busy_timeout=5000&_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ring := func() *vault.Ring {
		var sealed []byte
		if err := db.QueryRowContext(t.Context(), "SELECT sealed FROM key_ring").Scan(&sealed); err != nil {
			t.Fatal(err)
		}
		r, err := vault.OpenRing(sealed, operators)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	count := func(where string) (n int) {
		if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM secrets WHERE "+where).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	place := func(n int) vault.Place {
		return vault.Place{Workspace: "w", Table: "secrets", Row: fmt.Sprintf("gra_%05d", n), Column: "access_token"}
	}
	first := ring()
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for n := range many {
		sealed, id, err := first.Seal([]byte(fmt.Sprint("token ", n)), place(n))
		if err == nil {
			_, err = tx.ExecContext(t.Context(), "INSERT INTO secrets (owner_id, kind, workspace, key_id, sealed) VALUES (?, 'access_token', 'w', ?, ?)", place(n).Row, int64(id), sealed)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	added := strings.TrimSuffix(strings.Fields(must(t, env, "keys", "add"))[2], ";")
	must(t, env, "keys", "promote", added)

	change := func(statement string) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	// At the last secret it has more to do than it gets the time for.
	change(`CREATE TRIGGER stuck BEFORE UPDATE ON secrets WHEN OLD.owner_id = '` + place(many-1).Row + `' BEGIN
		SELECT max(n) FROM (WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n FROM c LIMIT 1000000000000);
	END`)

	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	reseal := exec.CommandContext(t.Context(), self, "keys", "reseal")
	reseal.Dir = t.TempDir()
	reseal.Env = append(append(os.Environ(), "MOORING_TEST_ROLE=mooring"), env...)
	if err := reseal.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); count("key_id = "+added) == 0; runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatal("in vain: some secrets are sealed anew")
		}
	}
	if err := reseal.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = reseal.Wait() // it was killed
	change("DROP TRIGGER stuck")
	if count("key_id = "+old) == 0 {
		t.Fatal("it was done before it could be killed")
	}
	if out, err := command(t, env, "keys", "remove", old); err == nil {
		t.Errorf("the old key could be removed in between: %s", out)
	}
	must(t, env, "keys", "reseal")
	must(t, env, "keys", "remove", old)
	if n := count("key_id <> " + added); n != 0 {
		t.Errorf("%d secrets are not under the new key", n)
	}
	last := ring()
	for n := range many {
		var sealed []byte
		if err := db.QueryRowContext(t.Context(), "SELECT sealed FROM secrets WHERE owner_id = ?", place(n).Row).Scan(&sealed); err != nil {
			t.Fatal(err)
		}
		if plain, err := last.Open(sealed, place(n)); err != nil || string(plain) != fmt.Sprint("token ", n) {
			t.Fatalf("secret %d = %q, %v; want as it was", n, plain, err)
		}
	}
}
