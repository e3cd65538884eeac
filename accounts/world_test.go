package accounts_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/jmoiron/sqlx"
	_ "github.com/mattn/go-sqlite3"
	"go.uber.org/goleak"

	"mooring/accounts"
	"mooring/accounts/pgtest"
	"mooring/auth"
	"mooring/diagnosis"
	"mooring/platforms"
	"mooring/platforms/sandbox"
	"mooring/vault"
)

// migrated are databases with all tables and nothing in them.
var migrated = pgtest.NewTemplate(func(ctx context.Context, url string) error {
	_, err := accounts.Migrate(ctx, url)
	return err
})

// TestMain lets more tests run than there are processors, unless -parallel says
// otherwise: many of them wait.
func TestMain(m *testing.M) {
	if err := flag.Set("test.parallel", fmt.Sprint(2*runtime.GOMAXPROCS(0))); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m)
}

const public = "http://localhost:33766"

// Those who act in the tests. Mallory has every permission, elsewhere.
var (
	owner   = auth.Actor{User: "olive", Workspace: "acme", Role: auth.RoleOwner}
	viewer  = auth.Actor{User: "vera", Workspace: "acme", Role: auth.RoleViewer}
	mallory = auth.Actor{User: "mallory", Workspace: "evil", Role: auth.RoleOwner}
)

// world is a database, the sandbox in the place of the platforms, and a running
// Service.
type world struct {
	*accounts.Service
	t       testing.TB
	options accounts.Options
	sandbox *sandbox.Sandbox
	wire    *wire
	log     *syncBuffer
	db      *sqlx.DB // see raw
	stop    func()   // ends Service
}

// both runs a test on each database in a world of its own.
func both(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	t.Parallel()
	migrated.Both(t, func(t *testing.T, url string) { test(t, newWorld(t, url)) })
}

func newWorld(t testing.TB, url string) *world {
	t.Helper()
	w := &world{t: t, log: &syncBuffer{}}
	var err error
	w.sandbox, err = sandbox.New(sandbox.Options{PublicURL: public, LinkedInPartner: true, OnAge: w.aged})
	if err != nil {
		t.Fatal(err)
	}
	w.wire = &wire{next: w.sandbox}
	w.options = accounts.Options{
		DatabaseURL: url, Key: vault.NewKey(), PublicURL: public, ReturnTo: []string{public},
		ExpiringWithin: 24 * time.Hour, EventsKeep: 24 * time.Hour,
		Log: slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	for _, p := range platforms.All() {
		for _, l := range p.Logins {
			app := &platforms.App{
				Platform: p, Login: l, RedirectURI: public + "/api/oauth/" + l.Callback + "/callback",
				HTTP: &http.Client{Transport: w.wire, Timeout: 20 * time.Second},
			}
			if client, ok := w.sandbox.Register(l, app.RedirectURI); ok {
				app.ClientID, app.ClientSecret, app.Endpoints, app.Sandbox = client.ID, client.Secret, client.Endpoints, true
			}
			w.options.Apps = append(w.options.Apps, app)
		}
	}
	w.Service, w.stop = w.start(w.options)
	return w
}

func (w *world) aged(platform, subject string, ends time.Time) {
	if err := w.SandboxAged(context.Background(), platform, subject, ends); err != nil {
		w.t.Error(err)
	}
}

// replica opens one more Service on the world's database and runs it until the
// test ends.
func (w *world) replica() *accounts.Service {
	w.t.Helper()
	s, _ := w.start(w.options)
	return s
}

// start opens and runs a Service; stop ends it, which the test's end does too.
func (w *world) start(o accounts.Options) (s *accounts.Service, stop func()) {
	w.t.Helper()
	s, err := accounts.Open(w.t.Context(), o)
	if err != nil {
		w.t.Fatalf("Open() = %v", err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(w.t.Context()))
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.Run(ctx)
	}()
	stop = sync.OnceFunc(func() {
		cancel()
		<-done
		if err := s.Close(); err != nil {
			w.t.Errorf("Close() = %v", err)
		}
	})
	w.t.Cleanup(stop)
	return s, stop
}

// raw opens the database beside the Service, to look and to meddle.
func (w *world) raw() *sqlx.DB {
	w.t.Helper()
	if w.db != nil {
		return w.db
	}
	driver, source := "pgx", w.options.DatabaseURL
	if file, ok := strings.CutPrefix(source, "sqlite:"); ok {
		driver, source = "sqlite3", "file:"+file+"?_busy_timeout=5000&_txlock=immediate"
	}
	db, err := sqlx.Open(driver, source)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = db.Close() }) // it holds nothing
	w.db = db
	return db
}

func (w *world) postgres() bool { return strings.HasPrefix(w.options.DatabaseURL, "postgres") }

// exec meddles with the database and wants rows rows to be touched.
func (w *world) exec(rows int64, query string, args ...any) {
	w.t.Helper()
	db := w.raw()
	result, err := db.ExecContext(w.t.Context(), db.Rebind(query), args...)
	if err != nil {
		w.t.Fatal(err)
	}
	if n, err := result.RowsAffected(); n != rows || err != nil {
		w.t.Fatalf("%s touched %d rows, %v; want %d", query, n, err, rows)
	}
}

// count reads one number from the database.
func (w *world) count(query string, args ...any) (n int) {
	w.t.Helper()
	db := w.raw()
	if err := db.GetContext(w.t.Context(), &n, db.Rebind(query), args...); err != nil {
		w.t.Fatal(err)
	}
	return n
}

// dump reads whole tables, as text.
func (w *world) dump(tables ...string) map[string][]string {
	w.t.Helper()
	db := w.raw()
	all := map[string][]string{}
	for _, table := range tables {
		all[table] = []string{}
		rows, err := db.QueryxContext(w.t.Context(), "SELECT * FROM "+table) //nolint:sqlclosecheck // closed below
		if err != nil {
			w.t.Fatal(err)
		}
		defer func() { _ = rows.Close() }() //nolint:gocritic // a handful of tables
		for rows.Next() {
			row := map[string]any{}
			if err := rows.MapScan(row); err != nil {
				w.t.Fatal(err)
			}
			delete(row, "position") // given later, on PostgreSQL
			all[table] = append(all[table], fmt.Sprint(row))
		}
		if err := rows.Err(); err != nil {
			w.t.Fatal(err)
		}
		slices.Sort(all[table])
	}
	return all
}

// lasting are the tables that a connect attempt leaves alone unless it
// succeeds. Its own secrets come and go.
var lasting = []string{"accounts", "grants", "secrets", "apps", "key_ring", "api_keys", "installation"}

// browser is a person's, with its cookies.
type browser map[string]string

func (b browser) cookie(attemptID string) string { return b[attemptID] }

// begin creates an attempt.
func (w *world) begin(by auth.Actor, in accounts.ConnectRequest) *accounts.Attempt {
	w.t.Helper()
	attempt, err := w.Connect(w.t.Context(), by, in)
	if err != nil {
		w.t.Fatalf("Connect(%+v) = %v", in, err)
	}
	return attempt
}

// token is what an attempt's authorizationUrl ends with.
func token(w *world, a *accounts.Attempt) string {
	w.t.Helper()
	if a.AuthorizationURL == nil {
		w.t.Fatalf("attempt %s is %s and has no authorizationUrl", a.ID, a.Status)
	}
	return strings.TrimPrefix(*a.AuthorizationURL, public+"/api/oauth/start/")
}

// depart starts an attempt in a browser and returns the consent page's address.
func (w *world) depart(b browser, a *accounts.Attempt) string {
	w.t.Helper()
	d, err := w.StartAttempt(w.t.Context(), token(w, a), always(b[a.ID]), &owner)
	if err != nil {
		w.t.Fatalf("StartAttempt() = %v", err)
	}
	b[d.AttemptID] = d.Browser
	return d.PlatformURL
}

// consent sends the consent page's form, given as names and values, and returns
// the callback's parameters.
func (w *world) consent(page string, form ...string) url.Values {
	w.t.Helper()
	values := url.Values{}
	for i := 0; i+1 < len(form); i += 2 {
		values.Add(form[i], form[i+1])
	}
	if !values.Has("decision") {
		values.Set("decision", "approve")
	}
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, page, strings.NewReader(values.Encode()))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := w.wire.RoundTrip(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	location, err := resp.Location()
	if err != nil {
		body, _ := io.ReadAll(resp.Body)
		w.t.Fatalf("consent page answers %s: %s", resp.Status, body)
	}
	return location.Query()
}

// back brings a browser's answer to Mooring.
func (w *world) back(b browser, a *accounts.Attempt, query url.Values) (*accounts.Attempt, error) {
	login, _ := a.Platform.Login(a.LoginMethod)
	return w.Return(w.t.Context(), accounts.Callback{Path: login.Callback, Query: query, Browser: b.cookie})
}

// run takes an attempt through the consent page and back.
func (w *world) run(a *accounts.Attempt, form ...string) *accounts.Attempt {
	w.t.Helper()
	b := browser{}
	got, err := w.back(b, a, w.consent(w.depart(b, a), form...))
	if err != nil {
		w.t.Fatalf("Return() = %v", err)
	}
	return got
}

// connect connects the one account that a consent reaches.
func (w *world) connect(by auth.Actor, platform string, form ...string) *accounts.Account {
	w.t.Helper()
	attempt := w.run(w.begin(by, accounts.ConnectRequest{Platform: platform}), form...)
	if attempt.Status != accounts.AttemptDone || len(attempt.AccountIDs) != 1 {
		w.t.Fatalf("attempt is %s with accounts %v, %s; want one account", attempt.Status, attempt.AccountIDs, says(attempt.Diagnosis))
	}
	return w.account(by, attempt.AccountIDs[0])
}

// account reads an account that must be there.
func (w *world) account(by auth.Actor, id string) *accounts.Account {
	w.t.Helper()
	a, err := w.Account(w.t.Context(), by, id)
	if err != nil || a == nil {
		w.t.Fatalf("Account(%q) = %v, %v; want one", id, a, err)
	}
	return a
}

// organizations begins an attempt at LinkedIn that reaches organisations too.
func (w *world) organizations() *accounts.Attempt {
	w.t.Helper()
	return w.begin(owner, accounts.ConnectRequest{
		Platform:     "linkedin",
		Capabilities: []platforms.Capability{platforms.Publish, platforms.Organizations},
	})
}

// control asks the sandbox's control API and reads its answer into v.
func (w *world) control(method, path, body string, v any) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), method, public+"/sandbox/api/"+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := w.sandbox.RoundTrip(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode > 299 {
		w.t.Fatalf("%s %s = %s, %v: %s", method, path, resp.Status, err, data)
	}
	if v != nil {
		if err := json.Unmarshal(data, v); err != nil {
			w.t.Fatalf("%s %s: %v in %s", method, path, err, data)
		}
	}
}

// requests counts what an endpoint of a platform was asked.
func (w *world) requests(platform, endpoint string) int {
	w.t.Helper()
	var asked []sandbox.Request
	w.control(http.MethodGet, "requests?platform="+platform+"&endpoint="+endpoint, "", &asked)
	return len(asked)
}

// wire carries Mooring's requests to the sandbox, remembers the secrets that
// pass, and can be told to do something at the moment of a request.
type wire struct {
	next http.RoundTripper

	mu      sync.Mutex
	secrets map[string]bool
	during  func(path string)
	held    *answer
}

// answer is one that a platform has given and that is still on its way.
type answer struct {
	path    string
	given   chan struct{} // closed when the platform has done its work
	release func()        // lets it arrive
	arrives chan struct{}
}

// hold keeps the next answer from a path back until it is released, whatever
// becomes of who asked.
func (w *wire) hold(path string) *answer {
	a := &answer{path: path, given: make(chan struct{}), arrives: make(chan struct{})}
	a.release = sync.OnceFunc(func() { close(a.arrives) })
	w.mu.Lock()
	defer w.mu.Unlock()
	w.held = a
	return a
}

// keep waits if the answer from a path is held.
func (w *wire) keep(path string) {
	w.mu.Lock()
	a := w.held
	if a == nil || a.path != path {
		w.mu.Unlock()
		return
	}
	w.held = nil
	w.mu.Unlock()
	close(a.given)
	<-a.arrives
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body) // from memory
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	sent, _ := url.ParseQuery(string(body))
	for _, name := range []string{"code", "code_verifier", "token"} {
		w.remember(sent.Get(name))
	}
	w.mu.Lock()
	during := w.during
	w.mu.Unlock()
	if during != nil {
		during(r.URL.Path)
	}
	resp, err := w.next.RoundTrip(r)
	w.keep(r.URL.Path)
	if err != nil {
		return nil, err
	}
	answer, err := io.ReadAll(resp.Body)
	resp.Body = io.NopCloser(bytes.NewReader(answer))
	var tokens struct {
		Access  string `json:"access_token"`
		Refresh string `json:"refresh_token"`
		ID      string `json:"id_token"`
	}
	if json.Unmarshal(answer, &tokens) == nil {
		w.remember(tokens.Access, tokens.Refresh, tokens.ID)
	}
	return resp, err
}

func (w *wire) remember(secrets ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.secrets == nil {
		w.secrets = map[string]bool{}
	}
	for _, s := range secrets {
		if s != "" {
			w.secrets[s] = true
		}
	}
}

// seen returns the secrets that have passed.
func (w *wire) seen() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Collect(maps.Keys(w.secrets))
}

// on sets what happens at the moment of each request.
func (w *wire) on(during func(path string)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.during = during
}

// syncBuffer is a log that may be read while it is written.
type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// expected is an error's *accounts.Error; any other error ends the test.
func expected(t testing.TB, err error) *accounts.Error {
	t.Helper()
	var e *accounts.Error
	if !errors.As(err, &e) {
		t.Fatalf("error = %v; want an *accounts.Error", err)
	}
	return e
}

// wantCode wants an expected failure of that kind.
func wantCode(t testing.TB, what string, err error, code accounts.Code) {
	t.Helper()
	if e := expected(t, err); e.Code != code || e.Message == "" {
		t.Errorf("%s = %s %q; want %s and a message", what, e.Code, e.Message, code)
	}
}

// wantSame wants two dumps to be equal.
func wantSame(t testing.TB, what string, got, want map[string][]string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s changed the database (-before +after):\n%s", what, diff)
	}
}

func says(d *diagnosis.Diagnosis) string {
	if d == nil {
		return "no diagnosis"
	}
	return fmt.Sprintf("%s: %v %v", d.IssueType, d.PossibleCauses, d.Evidence)
}

// next receives one item of a stream. It gives up long after any wake-up should
// have come.
func next[T any](t testing.TB, from <-chan T) T {
	t.Helper()
	timer := time.NewTimer(10 * time.Second)
	defer timer.Stop()
	select {
	case item := <-from:
		return item
	case <-timer.C:
		t.Fatal("the stream is silent")
	}
	panic("unreachable")
}

// until receives items until one fits, and returns it.
func until[T any](t testing.TB, from <-chan T, fits func(T) bool) T {
	t.Helper()
	for {
		if item := next(t, from); fits(item) {
			return item
		}
	}
}

// events reads the whole log as an owner sees it, once it has got as far as the
// last event of the given type.
func (w *world) events(last accounts.EventType, f accounts.EventFilter) []*accounts.Event {
	w.t.Helper()
	ctx, cancel := context.WithCancel(w.t.Context())
	defer cancel()
	w.awaitSequenced(ctx)
	var all []*accounts.Event
	var after *string
	for {
		page, err := w.Events(ctx, owner, f, accounts.Paging{After: after})
		if err != nil {
			w.t.Fatalf("Events() = %v", err)
		}
		all = append(all, page.Events...)
		if !page.HasNext {
			break
		}
		after = &page.Cursors[len(page.Cursors)-1]
	}
	if last != "" && (len(all) == 0 || all[len(all)-1].Type != last) {
		w.t.Fatalf("events are %v; want %s last", types(all), last)
	}
	return all
}

// awaitSequenced waits until every committed event can be read: it appends one
// and follows the log until it comes.
func (w *world) awaitSequenced(ctx context.Context) {
	w.t.Helper()
	if !w.postgres() {
		return
	}
	marker := auth.Actor{User: "marker", Workspace: "marker", Role: auth.RoleOwner}
	stream, err := w.EventsAdded(ctx, marker, accounts.EventFilter{}, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	key, _, err := auth.NewAPIKey(marker.Workspace, "marker", []auth.Permission{auth.Read}, time.Time{}, time.Now())
	if err != nil {
		w.t.Fatal(err)
	}
	if err := w.CreateAPIKey(ctx, key, marker.User); err != nil {
		w.t.Fatal(err)
	}
	next(w.t, stream)
}

func types(events []*accounts.Event) []accounts.EventType {
	var all []accounts.EventType
	for _, e := range events {
		all = append(all, e.Type)
	}
	return all
}

func ptr[T any](v T) *T { return &v }

func capabilities(names ...platforms.Capability) []platforms.Capability { return names }

// multiply makes n copies of an account, in the database alone, whose names are
// those of name(i) and whose clocks end at the times of ends(i).
func (w *world) multiply(a *accounts.Account, n int, name func(i int) string, ends func(i int) *int64) {
	w.t.Helper()
	db := w.raw()
	tx, err := db.BeginTxx(w.t.Context(), nil)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }() // after Commit it does nothing
	insert := db.Rebind(`
		INSERT INTO accounts (id, workspace, platform, external_id, grant_id, kind, display_name, labels, search,
			connected_at, connected_by, verdict, access_issued_at, access_expires_at, expires_at, expiring_from, status, reason, since)
		SELECT ?, workspace, platform, ?, grant_id, kind, ?, labels, search,
			connected_at + ?, connected_by, verdict, access_issued_at, ?, ?, expiring_from, status, reason, since
		FROM accounts WHERE id = ?`)
	for i := range n {
		end := ends(i)
		if _, err := tx.ExecContext(w.t.Context(), insert, fmt.Sprintf("%s_%04d", a.ID, i), fmt.Sprint("x", i), name(i), i/3, end, end, a.ID); err != nil {
			w.t.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		w.t.Fatal(err)
	}
}

// always is a browser with one cookie for whatever attempt.
func always(cookie string) func(string) string { return func(string) string { return cookie } }
