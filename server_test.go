package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/gorilla/websocket"

	"mooring/accounts"
	"mooring/accounts/pgtest"
	"mooring/vault"
)

// jwtSecret is what tokens of the tests are signed with.
const jwtSecret = "planted-jwt-secret-0123456789abcdefghij"

// migrated are databases with all tables and nothing in them. To make those takes
// longer than most tests; [TestMainJob] and those of commands begin without.
var migrated = pgtest.NewTemplate(func(ctx context.Context, url string) error {
	_, err := accounts.Migrate(ctx, url)
	return err
})

// instance is the whole program, running in this process.
type instance struct {
	*server
	url  string
	log  *lockedBuffer
	stop func() error // waits until it has stopped
}

// lockedBuffer collects the log.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// start runs the program with a fresh SQLite database unless env names another.
func start(t *testing.T, env ...string) *instance {
	t.Helper()
	base := []string{
		"MOORING_LISTEN=127.0.0.1:0", "MOORING_SANDBOX_FILE=" + filepath.Join(t.TempDir(), "sandbox.json"),
		"MOORING_LOG_LEVEL=debug", "MOORING_LOG_FORMAT=json",
	}
	if !slices.ContainsFunc(env, func(v string) bool { return strings.HasPrefix(v, "DATABASE_URL=") }) {
		base = append(base, "DATABASE_URL="+migrated.SQLite(t))
	}
	if !slices.ContainsFunc(env, func(v string) bool { return strings.HasPrefix(v, "MOORING_KEY") }) {
		base = append(base, "MOORING_KEY="+vault.NewKey().Encode())
	}
	c, err := readConfig(append(base, env...))
	if err != nil {
		t.Fatal(err)
	}
	logged := &lockedBuffer{}
	log := slog.New(requestHandler{slog.NewJSONHandler(logged, &slog.HandlerOptions{Level: c.logLevel})})
	s, err := newServer(t.Context(), c, log)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.run(ctx) }()
	stop := sync.OnceValue(func() error { cancel(); return <-done })
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
	return &instance{server: s, url: s.public, log: logged, stop: stop}
}

// token is a JWT for a user of a workspace; without a role if that is "".
func token(t *testing.T, user, workspace, role string, expires time.Time) string {
	t.Helper()
	claims := jwt.MapClaims{"sub": user, "workspace": workspace, "role": role, "exp": expires.Unix()}
	if role == "" {
		delete(claims, "role")
	}
	signed, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte(jwtSecret))
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// caller sends GraphQL operations.
type caller struct {
	*instance
	token string // "" sends none
}

// try sends an operation and returns the whole answer.
func (c caller) try(t *testing.T, query string, variables map[string]any) (status int, body map[string]any) {
	t.Helper()
	payload, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.url+"/graphql", bytes.NewReader(payload))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&body); err != nil {
		t.Fatalf("answer to %s: %v", query, err)
	}
	return resp.StatusCode, body
}

// do sends an operation that must succeed and returns its data.
func (c caller) do(t *testing.T, query string, variables map[string]any) map[string]any {
	t.Helper()
	_, body := c.try(t, query, variables)
	if body["errors"] != nil {
		t.Fatalf("%s: %v", query, body["errors"])
	}
	return body["data"].(map[string]any)
}

// at walks into an answer: keys of objects and indices of lists.
func at(t *testing.T, v any, path ...any) any {
	t.Helper()
	for _, step := range path {
		switch step := step.(type) {
		case string:
			object, ok := v.(map[string]any)
			if !ok {
				t.Fatalf("%v: no %q in %v", path, step, v)
			}
			v = object[step]
		case int:
			list, ok := v.([]any)
			if !ok || step >= len(list) {
				t.Fatalf("%v: no [%d] in %v", path, step, v)
			}
			v = list[step]
		}
	}
	return v
}

// browser keeps cookies and does not follow redirects.
type browser struct {
	http *http.Client
}

func newBrowser(t *testing.T) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{&http.Client{
		Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// page is an answer to a browser.
type page struct {
	status   int
	location string
	body     string
	header   http.Header
}

func (b *browser) get(t *testing.T, address string) page {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	return b.send(t, req)
}

func (b *browser) post(t *testing.T, address string, form url.Values) page {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.send(t, req)
}

func (b *browser) send(t *testing.T, req *http.Request) page {
	t.Helper()
	resp, err := b.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return page{resp.StatusCode, resp.Header.Get("Location"), string(text), resp.Header}
}

// consent goes from an authorizationUrl through the consent page and returns
// the address of the callback, not yet opened.
func (b *browser) consent(t *testing.T, authorizationURL string, form url.Values) string {
	t.Helper()
	departure := b.get(t, authorizationURL)
	if departure.status != http.StatusSeeOther {
		t.Fatalf("GET authorizationUrl = %d %s; want 303", departure.status, departure.body)
	}
	back := b.post(t, departure.location, form)
	if back.status != http.StatusFound && back.status != http.StatusSeeOther {
		t.Fatalf("consent = %d %s; want a redirect", back.status, back.body)
	}
	return back.location
}

// approve is a consent with tokens that live so many seconds.
func approve(seconds int) url.Values {
	return url.Values{"decision": {"approve"}, "lifetime": {fmt.Sprint(seconds)}}
}

const connectMutation = `mutation($input: ConnectInput!) {
	connect(input: $input) { attempt { id authorizationUrl status } userErrors { code message field } }
}`

// begin begins a connect attempt.
func (c caller) begin(t *testing.T, input map[string]any) (id, authorizationURL string) {
	t.Helper()
	data := c.do(t, connectMutation, map[string]any{"input": input})
	if list := at(t, data, "connect", "userErrors").([]any); len(list) > 0 {
		t.Fatalf("connect: %v", list)
	}
	return at(t, data, "connect", "attempt", "id").(string), at(t, data, "connect", "attempt", "authorizationUrl").(string)
}

// socket is a subscription over graphql-transport-ws.
type socket struct {
	conn *websocket.Conn
}

// subscribe opens a socket of its own and subscribes.
func (c caller) subscribe(t *testing.T, query string, variables map[string]any) *socket {
	t.Helper()
	dialer := websocket.Dialer{Subprotocols: []string{"graphql-transport-ws"}}
	conn, resp, err := dialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(c.url, "http")+"/graphql", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	t.Cleanup(func() { conn.Close() })
	s := &socket{conn}
	init := map[string]any{}
	if c.token != "" {
		init["authorization"] = "Bearer " + c.token
	}
	s.write(t, map[string]any{"type": "connection_init", "payload": init})
	if m := s.read(t); m["type"] != "connection_ack" {
		t.Fatalf("connection_init answered with %v", m)
	}
	s.write(t, map[string]any{"type": "subscribe", "id": "1", "payload": map[string]any{"query": query, "variables": variables}})
	return s
}

func (s *socket) write(t *testing.T, message any) {
	t.Helper()
	if err := s.conn.WriteJSON(message); err != nil {
		t.Fatal(err)
	}
}

func (s *socket) read(t *testing.T) (message map[string]any) {
	t.Helper()
	_ = s.conn.SetReadDeadline(time.Now().Add(20 * time.Second)) // a test must end
	if err := s.conn.ReadJSON(&message); err != nil {
		t.Fatal(err)
	}
	return message
}

// next returns the data of the next item.
func (s *socket) next(t *testing.T) map[string]any {
	t.Helper()
	for {
		m := s.read(t)
		switch m["type"] {
		case "ping":
			s.write(t, map[string]any{"type": "pong"})
		case "next":
			if failed := at(t, m, "payload").(map[string]any)["errors"]; failed != nil {
				t.Fatalf("subscription: %v", failed)
			}
			return at(t, m, "payload", "data").(map[string]any)
		default:
			t.Fatalf("got %v; want next", m)
		}
	}
}

const healthSubscription = `subscription($after: String) {
	healthChanged(after: $after) { cursor replayed notice previousStatus account { id } health { status isConnected expiresAt } }
}`

// TestMainJob connects a LinkedIn account through the sandbox's consent page
// and sees its health change live as its token nears its end.
func TestMainJob(t *testing.T) {
	t.Parallel()
	pgtest.Both(t, func(t *testing.T, database string) {
		c := caller{instance: start(t, "DATABASE_URL="+database)}
		b := newBrowser(t)
		_, address := c.begin(t, map[string]any{"platform": "linkedin", "labels": []string{"a"}, "externalUserId": "u1"})
		result := b.get(t, b.consent(t, address, approve(6)))
		if result.status != http.StatusOK || !strings.Contains(result.body, "LinkedIn is connected") {
			t.Fatalf("callback = %d %s", result.status, result.body)
		}
		data := c.do(t, `{ accounts { totalCount nodes {
			id displayName externalUserId labels platform { id } health { status expiresInHours } permissions { canPost canRead missing }
		} } }`, nil)
		account := at(t, data, "accounts", "nodes", 0)
		for path, want := range map[string]any{"externalUserId": "u1"} {
			if got := at(t, account, path); got != want {
				t.Errorf("%s = %v; want %v", path, got, want)
			}
		}
		if got := at(t, data, "accounts", "totalCount"); got != 1.0 {
			t.Errorf("totalCount = %v; want 1", got)
		}
		if got := at(t, account, "permissions", "canPost"); got != true {
			t.Errorf("canPost = %v; want true", got)
		}
		sub := c.subscribe(t, healthSubscription, nil)
		previous := any(nil)
		for i, want := range []string{"HEALTHY", "EXPIRING_SOON", "EXPIRED"} {
			item := at(t, sub.next(t), "healthChanged")
			if got := at(t, item, "health", "status"); got != want {
				t.Fatalf("item %d is %v; want %s", i, got, want)
			}
			if got := at(t, item, "previousStatus"); got != previous {
				t.Errorf("previousStatus of item %d = %v; want %v", i, got, previous)
			}
			if got := at(t, item, "replayed"); got != (i == 0) {
				t.Errorf("replayed of item %d = %v; want %v", i, got, i == 0)
			}
			previous = want
		}
		// Each was announced once.
		events := c.do(t, `{ events(filter: {types: [ACCOUNT_HEALTH_CHANGED]}) { nodes { previousStatus status } } }`, nil)
		if got := at(t, events, "events", "nodes").([]any); len(got) != 2 {
			t.Errorf("%d health events: %v; want 2", len(got), got)
		}
	})
}

// TestResume subscribes again with a cursor after a restart and misses
// nothing.
func TestResume(t *testing.T) {
	t.Parallel()
	migrated.Both(t, func(t *testing.T, database string) {
		key := filepath.Join(t.TempDir(), "key")
		if err := run(t.Context(), []string{"keys", "generate"}, nil, create(t, key), io.Discard); err != nil {
			t.Fatal(err)
		}
		settings := []string{"DATABASE_URL=" + database, "MOORING_KEY_FILE=" + key}
		first := caller{instance: start(t, settings...)}
		b := newBrowser(t)
		_, address := first.begin(t, map[string]any{"platform": "twitter"})
		b.get(t, b.consent(t, address, approve(7200)))
		cursor := at(t, first.subscribe(t, healthSubscription, nil).next(t), "healthChanged", "cursor")
		id := at(t, first.do(t, `{ accounts { nodes { id } } }`, nil), "accounts", "nodes", 0, "id")
		first.do(t, `mutation($id: ID!) { disconnect(input: {accountId: $id}) { revokedAtPlatform } }`, map[string]any{"id": id})
		if err := first.stop(); err != nil {
			t.Fatal(err)
		}
		second := caller{instance: start(t, settings...)}
		item := at(t, second.subscribe(t, healthSubscription, map[string]any{"after": cursor}).next(t), "healthChanged")
		if at(t, item, "account", "id") != id || at(t, item, "replayed") != true || at(t, item, "health", "isConnected") != false {
			t.Errorf("after a restart the stream resumes with %v; want the disconnected %v, replayed", item, id)
		}
	})
}

// create makes a file to write to.
func create(t *testing.T, path string) io.Writer {
	t.Helper()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// TestStop stops the server with a socket open: the socket is told, and the
// server does not wait for it.
func TestStop(t *testing.T) {
	t.Parallel()
	c := caller{instance: start(t)}
	sub := c.subscribe(t, healthSubscription, nil)
	began := time.Now()
	if err := c.stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("stopping took %v; want under 5 s", took)
	}
	_, _, err := sub.conn.ReadMessage()
	if !websocket.IsCloseError(err, websocket.CloseGoingAway) {
		t.Errorf("the socket ended with %v; want close code 1001", err)
	}
}

// TestUnknownAddresses: a browser gets a page with a way home, or the page that the
// address means; a client gets what the router says.
func TestUnknownAddresses(t *testing.T) {
	t.Parallel()
	i := start(t)
	for _, c := range []struct {
		path, location string
		status, client int
	}{
		{"/nonsense", "", 404, 404},
		{"/accounts/acc_1/nonsense", "", 404, 404},
		{"/api/nonsense", "", 404, 404},
		{"/logout", "", 404, 405},
		{"//evil.example/", "", 404, 307},
		{"/accounts/?status=EXPIRED", "/accounts?status=EXPIRED", 307, 404},
		{"/accounts/acc_1/", "/accounts/acc_1", 307, 404},
		{"//accounts/", "/accounts", 307, 307},
		{"/accounts", "", 200, 200},
	} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			got := asBrowser(t, method, i.url+c.path)
			if got.status != c.status || got.location != c.location {
				t.Errorf("%s %s of a browser = %d to %q; want %d to %q", method, c.path, got.status, got.location, c.status, c.location)
			}
			if found := strings.Contains(got.body, `href="/">Go to the overview`); found != (c.status == 404 && method == http.MethodGet) {
				t.Errorf("%s %s of a browser shows %s", method, c.path, got.body)
			}
		}
		if got := newBrowser(t).get(t, i.url+c.path); got.status != c.client || strings.Contains(got.body, "overview") {
			t.Errorf("GET %s of a client = %d %s; want %d", c.path, got.status, got.body, c.client)
		}
	}
	if got := send(t, http.MethodPost, i.url+"/accounts", "", "").StatusCode; got != http.StatusMethodNotAllowed {
		t.Errorf("POST /accounts = %d; want 405", got)
	}
}

// asBrowser asks for an address as a browser does that shows it.
func asBrowser(t *testing.T, method, address string) page {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
	return newBrowser(t).send(t, req)
}

// TestReadiness asks the two probes.
func TestReadiness(t *testing.T) {
	t.Parallel()
	i := start(t)
	for _, path := range []string{"/healthz", "/readyz"} {
		if got := newBrowser(t).get(t, i.url+path); got.status != http.StatusOK {
			t.Errorf("%s = %d; want 200", path, got.status)
		}
	}
}

// TestSecretsStayInside plants secrets everywhere they can enter and looks for
// them everywhere they could leave.
func TestSecretsStayInside(t *testing.T) {
	t.Parallel()
	file := strings.TrimPrefix(migrated.SQLite(t), "sqlite:")
	folder := filepath.Dir(file)
	key := vault.NewKey()
	i := start(t, "DATABASE_URL=sqlite:"+file, "MOORING_JWT_SECRET="+jwtSecret, "MOORING_SANDBOX=on", "MOORING_KEY="+key.Encode(),
		"MOORING_SANDBOX_FILE="+filepath.Join(folder, "sandbox.json"), "MOORING_METRICS_TOKEN=planted-metrics-token",
		"TIKTOK_CLIENT_KEY=aw1", "TIKTOK_CLIENT_SECRET=planted-client-secret", "TIKTOK_CLIENT_SECRET_NEXT=planted-next-secret")
	owner := caller{i, token(t, "ada", "w1", "owner", time.Now().Add(time.Hour))}
	planted := []string{
		jwtSecret, key.Encode(), "planted-access-token", "planted-refresh-token", owner.token,
		"planted-metrics-token", "planted-client-secret", "planted-next-secret", "planted-signature",
	}

	var answers strings.Builder
	collect := func(query string, variables map[string]any) map[string]any {
		_, body := owner.try(t, query, variables)
		fmt.Fprintln(&answers, body)
		return body
	}
	collect(`mutation($input: ImportAccountInput!) { importAccount(input: $input) { userErrors { message diagnosis { evidence { value } possibleCauses } } } }`,
		map[string]any{"input": map[string]any{"platform": "twitter", "accessToken": "planted-access-token", "refreshToken": "planted-refresh-token"}})
	b := newBrowser(t)
	_, address := owner.begin(t, map[string]any{"platform": "twitter"})
	departure := b.post(t, address, nil)
	back := b.post(t, departure.location, approve(7200))
	result := b.get(t, back.location)
	fmt.Fprintln(&answers, result.body)
	callback, err := url.Parse(back.location)
	if err != nil {
		t.Fatal(err)
	}
	planted = append(planted, callback.Query().Get("code"), callback.Query().Get("state"))
	u, err := url.Parse(i.url)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/"
	for _, cookie := range b.http.Jar.Cookies(u) {
		planted = append(planted, cookie.Value)
	}
	fmt.Fprintln(&answers, b.post(t, i.url+"/api/webhooks/tiktok/authorization.removed", url.Values{"signed_request": {"planted-signature"}}).body)
	leased := owner.do(t, `mutation($input: LeaseTokenInput!) { leaseToken(input: $input) { lease { accessToken } userErrors { message } } }`,
		map[string]any{"input": map[string]any{"accountId": at(t, owner.do(t, `{ accounts { nodes { id } } }`, nil), "accounts", "nodes", 0, "id")}})
	planted = append(planted, at(t, leased, "leaseToken", "lease", "accessToken").(string))
	keeper := i.browserOf(t, "w1", "keeper")
	made := owner.do(t, `mutation { createApiKey(input: {name: "x", scopes: ["read"]}) { key } }`, nil)
	invited, _ := keeper.ask(t, i, `mutation { inviteMember(input: {name: "x", role: VIEWER}) { link } }`)
	if invited != http.StatusOK {
		t.Fatalf("inviteMember = %d", invited)
	}
	planted = append(planted, at(t, made, "createApiKey", "key").(string), keeper.http.Jar.Cookies(u)[0].Value)
	if len(planted) < 15 || slices.Contains(planted, "") {
		t.Fatalf("planted %d secrets, some empty; the test would find nothing", len(planted))
	}
	collect(`{ accounts { nodes { id health { status } permissions { granted } } } events { nodes { id type actor requestId about } } viewer { user } apiKeys { id name } invitations { id name } members { nodes { user } } }`, nil)
	for _, format := range []string{"csv", "jsonl"} {
		fmt.Fprintln(&answers, said(t, send(t, http.MethodGet, i.url+exportPath+"?format="+format, owner.token, "")))
	}
	_, measured := i.scrape(t, "planted-metrics-token")
	if !strings.Contains(measured, "mooring_build_info") {
		t.Fatalf("/metrics = %q; want the metrics", measured)
	}
	if err := i.stop(); err != nil {
		t.Fatal(err)
	}
	var backup strings.Builder
	if _, err := accounts.Backup(t.Context(), accounts.BackupOptions{DatabaseURL: "sqlite:" + file, Key: key}, &backup); err != nil {
		t.Fatal(err)
	}
	places := map[string]string{"a backup": backup.String(), "the log": i.log.String(), "the answers": answers.String(), "the metrics": measured}
	for _, name := range []string{"mooring.db", "mooring.db-wal", "sandbox.json"} {
		content, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		places[name] = string(content)
	}
	for place, content := range places {
		for _, secret := range planted {
			if strings.Contains(content, secret) {
				t.Errorf("%s holds the planted secret %.12s…", place, secret)
			}
		}
	}
}

// TestFaultsOfOurOwn: what went wrong inside stays inside, and the log has it.
func TestFaultsOfOurOwn(t *testing.T) {
	t.Parallel()
	path := strings.TrimPrefix(migrated.SQLite(t), "sqlite:")
	c := caller{instance: start(t, "DATABASE_URL=sqlite:"+path)}
	db, err := sql.Open("sqlite3", "file:"+path+"?_busy_timeout=5000")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), "ALTER TABLE accounts RENAME TO elsewhere"); err != nil {
		t.Fatal(err)
	}
	_, body := c.try(t, `{ accounts { nodes { id } } }`, nil)
	message := at(t, body, "errors", 0, "message").(string)
	if code := at(t, body, "errors", 0, "extensions", "code"); code != "INTERNAL_SERVER_ERROR" || strings.Contains(message, "table") {
		t.Errorf("a fault of our own is shown as %v %q; want INTERNAL_SERVER_ERROR and no details", code, message)
	}
	if !strings.Contains(c.log.String(), "no such table") {
		t.Error("the log does not say what went wrong")
	}
}

// A refresh does not begin with a handshake because others ended before it: as
// many connections to a platform are kept as requests may be under way.
func TestConnectionsToPlatformsAreKept(t *testing.T) {
	t.Parallel()
	const slots = 8
	var made atomic.Int32
	together := make(chan struct{}, slots)
	platform := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		together <- struct{}{}
		for len(together) < slots { // all at once
			runtime.Gosched()
		}
	}))
	platform.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			made.Add(1)
		}
	}
	platform.Start()
	t.Cleanup(platform.Close)
	c, err := readConfig([]string{"MOORING_REFRESH_SLOTS=8", "MOORING_SANDBOX=off", "TWITTER_TOKEN_URL=" + platform.URL})
	if err != nil {
		t.Fatal(err)
	}
	client := c.outgoing()
	t.Cleanup(client.CloseIdleConnections)
	for range 2 {
		var round sync.WaitGroup
		for range slots {
			round.Go(func() {
				resp, err := client.Get(platform.URL)
				if err != nil {
					t.Error(err)
					return
				}
				resp.Body.Close()
			})
		}
		round.Wait()
		for range slots {
			<-together
		}
	}
	if n := made.Load(); n != slots {
		t.Errorf("%d connections were made for twice %d requests; want %d", n, slots, slots)
	}
}
