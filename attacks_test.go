package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// send sends a request and returns the answer with its body read.
func send(t *testing.T, method, address, bearer, body string, header ...string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	for n := 0; n < len(header); n += 2 {
		req.Header.Set(header[n], header[n+1])
		if header[n] == "Host" {
			req.Host = header[n+1]
		}
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body = io.NopCloser(strings.NewReader(string(text)))
	return resp
}

// said is the body of an answer of send.
func said(t *testing.T, resp *http.Response) string {
	t.Helper()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// served fails unless somebody else is answered, and soon.
func (c caller) served(t *testing.T) {
	t.Helper()
	began := time.Now()
	if _, body := c.try(t, `{ viewer { user } }`, nil); body["errors"] != nil {
		t.Errorf("another caller is answered %v", body)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("another caller waits %s", took)
	}
}

// TestHostileRequests sends what costs the sender little and a careless server
// much. All is refused before it is run, in words that are not longer than
// what was sent, and somebody else is served meanwhile.
func TestHostileRequests(t *testing.T) {
	t.Parallel()
	i := secured(t)
	soon := time.Now().Add(time.Hour)
	mallory := caller{i, token(t, "mallory", "w1", "owner", soon)}
	bystander := caller{i, token(t, "bystander", "w2", "owner", soon)}

	query := func(text string, variables any) string {
		body, err := json.Marshal(map[string]any{"query": text, "variables": variables})
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	each := func(n int, format string) string {
		var s strings.Builder
		for k := range n {
			fmt.Fprintf(&s, format+" ", k)
		}
		return s.String()
	}
	chain := each(20, "fragment f%[1]d on Query { ...g%[1]d ...g%[1]d }")
	for k := range 20 {
		chain += fmt.Sprintf("fragment g%d on Query { ...f%d ...f%d } ", k, k+1, k+1)
	}
	var nested any = "x"
	for range 50 {
		nested = []any{nested}
	}
	const connect = `mutation($input: ConnectInput!) { connect(input: $input) { attempt { id } } }`
	for _, tt := range []struct {
		name, body string
		status     int
		want       string
	}{
		{"alias ×500", query("{ "+each(500, "a%d: __typename")+"}", nil), 200, "500 aliases"},
		{"depth bomb", query("{ __schema { queryType { fields { type { "+strings.Repeat("ofType { ", 38)+"name"+strings.Repeat(" }", 43), nil), 200, "43 fields deep"},
		{"megabyte", query("{ viewer { user } } #"+strings.Repeat("x", 1<<20), nil), 413, "larger than"},
		{"many tokens", query("{ viewer { "+strings.Repeat("user ", 3000)+"} }", nil), 200, "token"},
		{"batch", "[" + query("{ viewer { user } }", nil) + "," + query("{ viewer { user } }", nil) + "]", 400, "not a JSON object"},
		{"circular fragments", query("{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }", nil), 200, "within itself"},
		{"fragments that double", query("{ ...f0 } "+chain+"fragment f20 on Query { __typename }", nil), 200, "fields, and the limit"},
		{"pages in pages", query("{ accounts(first: 100) { nodes { events(first: 100) { nodes { id at } } activity(first: 100) { nodes { at: from } } } } }", nil), 200, "complexity"},
		{"many values", query(connect, map[string]any{"input": map[string]any{"platform": "twitter", "labels": make([]string, 20_000)}}), 400, "20004 values"},
		{"nested values", query(connect, map[string]any{"input": nested}), 400, "nested more than"},
		{"deep JSON", `{"query":"{ viewer { user } }","variables":` + strings.Repeat(`{"a":`, 20_000) + "1" + strings.Repeat("}", 20_000) + "}", 400, "not valid JSON"},
		{"directives", query("{ viewer { "+strings.Repeat("user @skip(if: false) ", 150)+"} }", nil), 200, "150 directives"},
		{"unknown directives", query("{ viewer { user "+each(600, "@a%d")+"} }", nil), 200, "Unknown directive"},
		{"repeated directive", query("{ viewer { user "+strings.Repeat("@skip(if: true) ", 200)+"} }", nil), 200, "errors"},
		{"mutation by form", `query=mutation{x}`, 400, "not valid JSON"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			began := time.Now()
			resp := post(t, i.url+"/graphql", mallory.token, tt.body)
			text := said(t, resp)
			if resp.StatusCode != tt.status || !strings.Contains(text, tt.want) || strings.Contains(text, `"data":{`) {
				t.Errorf("answered %d %.300s; want %d about %q and no data", resp.StatusCode, text, tt.status, tt.want)
			}
			if most := 4*len(tt.body) + 4096; len(text) > 200<<10 || len(text) > most*20 {
				t.Errorf("%d bytes are answered with %d", len(tt.body), len(text))
			}
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("it took %s", took)
			}
			bystander.served(t)
		})
	}
}

// TestSlowClients opens connections that say nothing, or not enough, and keeps
// them open.
func TestSlowClients(t *testing.T) {
	t.Parallel()
	i := secured(t)
	soon := time.Now().Add(time.Hour)
	bystander := caller{i, token(t, "bystander", "w2", "owner", soon)}
	many := 100
	if slow() {
		many = 1000
	}
	dial := func(text string) net.Conn {
		conn, err := net.Dial("tcp", i.listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		if _, err := io.WriteString(conn, text); err != nil {
			t.Fatal(err)
		}
		return conn
	}
	host := strings.TrimPrefix(i.url, "http://")
	var last, body net.Conn
	for range many {
		last = dial("POST /graphql HTTP/1.1\r\nHost: " + host + "\r\nX-Slow: ")
		body = dial("POST /graphql HTTP/1.1\r\nHost: " + host + "\r\nAuthorization: Bearer " + bystander.token +
			"\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{")
	}
	var silent *websocket.Conn
	for range many {
		conn, resp, err := (&websocket.Dialer{Subprotocols: []string{"graphql-transport-ws"}}).Dial("ws"+strings.TrimPrefix(i.url, "http")+"/graphql", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		t.Cleanup(func() { conn.Close() })
		silent = conn
	}
	bystander.served(t)

	_ = silent.SetReadDeadline(time.Now().Add(20 * time.Second)) // a test must end
	if _, _, err := silent.ReadMessage(); !websocket.IsCloseError(err, 4408) {
		t.Errorf("a socket without connection_init ends with %v; want 4408", err)
	}
	_ = last.SetReadDeadline(time.Now().Add(20 * time.Second))
	if _, err := bufio.NewReader(last).ReadString('\n'); err != io.EOF && err != nil {
		t.Errorf("a request without an end of its headers ends with %v; want the connection closed", err)
	}
	if slow() { // half a minute
		_ = body.SetReadDeadline(time.Now().Add(60 * time.Second)) // a test must end
		if _, err := io.ReadAll(body); err != nil && !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("a request without an end of its body ends with %v; want the connection closed", err)
		}
	}
	bystander.served(t)
}

// TestForeignPages sends what another site's page can make a browser send.
func TestForeignPages(t *testing.T) {
	t.Parallel()
	i := start(t) // nobody signs in: the machine's browser is the owner
	const mutation = `{"query":"mutation { startBulkJob(input: {action: DISCONNECT}) { bulkJob { id } } }"}`
	for _, tt := range []struct {
		name, method, path, body string
		header                   []string
		status                   int
	}{
		{"form across sites", "POST", "/graphql", mutation, []string{"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"}, 403},
		{"old browser", "POST", "/graphql", mutation, []string{"Origin", "https://evil.example"}, 403},
		{"no origin told", "POST", "/graphql", mutation, []string{"Origin", "null", "Sec-Fetch-Site", "cross-site"}, 403},
		{"simple request", "POST", "/graphql", mutation, []string{"Content-Type", "text/plain"}, 415},
		{"mutation by GET", "GET", "/graphql?query=" + url.QueryEscape("mutation { startBulkJob(input: {action: DISCONNECT}) { bulkJob { id } } }"), "", nil, 405},
		{"REST across sites", "POST", "/api/connection/quick-connect/twitter", "{}", []string{"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"}, 403},
		{"rebound name", "POST", "/graphql", mutation, []string{"Host", "rebound.example"}, 421},
		{"rebound name's own origin", "POST", "/graphql", mutation, []string{"Host", "rebound.example", "Origin", "http://rebound.example", "Sec-Fetch-Site", "same-origin"}, 421},
		{"rebound page", "GET", "/", "", []string{"Host", "rebound.example"}, 421},
		{"rebound sandbox", "GET", "/sandbox/api/grants", "", []string{"Host", "rebound.example"}, 421},
		{"socket across sites", "GET", "/graphql", "", []string{
			"Origin", "https://evil.example", "Connection", "Upgrade", "Upgrade", "websocket",
			"Sec-WebSocket-Version", "13", "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol", "graphql-transport-ws",
		}, 403},
	} {
		resp := send(t, tt.method, i.url+tt.path, "", tt.body, tt.header...)
		if resp.StatusCode != tt.status {
			t.Errorf("%s = %d %s; want %d", tt.name, resp.StatusCode, said(t, resp), tt.status)
		}
		if got := resp.Header.Get("Access-Control-Allow-Origin"); got != "" {
			t.Errorf("%s: pages of %q may read the answer", tt.name, got)
		}
	}
	c := caller{instance: i}
	if got := at(t, c.do(t, `{ events(filter: {types: [BULK_JOB_CREATED]}) { nodes { id } } }`, nil), "events", "nodes").([]any); len(got) != 0 {
		t.Errorf("a foreign page began %d jobs", len(got))
	}
}

// TestForgedForwarding says in headers that the server is elsewhere: addresses
// are made of what is configured alone.
func TestForgedForwarding(t *testing.T) {
	t.Parallel()
	i := secured(t)
	bearer := token(t, "ada", "w1", "owner", time.Now().Add(time.Hour))
	resp := post(t, i.url+"/graphql", bearer,
		`{"query":"mutation { connect(input: {platform: \"twitter\"}) { attempt { authorizationUrl } } }"}`,
		"X-Forwarded-Host", "evil.example", "X-Forwarded-Proto", "https", "X-Forwarded-Port", "1", "Forwarded", "host=evil.example;proto=https",
		"X-Original-URL", "/metrics", "X-Rewrite-URL", "/metrics")
	text := said(t, resp)
	if !strings.Contains(text, `"authorizationUrl":"`+i.url+"/api/oauth/start/") || strings.Contains(text, "evil") {
		t.Errorf("connect answered %s; want addresses of %s alone", text, i.url)
	}
}

// TestHeadersOfAnswers wants every answer to tell browsers to be careful.
func TestHeadersOfAnswers(t *testing.T) {
	t.Parallel()
	for _, public := range []string{"", "https://mooring.example.com"} {
		env := []string{"MOORING_JWT_SECRET=" + jwtSecret}
		if public != "" {
			env = append(env, "MOORING_PUBLIC_URL="+public)
		}
		i := start(t, env...)
		base := "http://" + i.listener.Addr().String()
		for _, path := range []string{"/", "/accounts", "/playground", "/graphql", "/api/connection/openapi.json", "/api/oauth/start/x", "/reconnect/x", "/healthz", "/nothing"} {
			header := []string{}
			if public == "" {
				header = append(header, "Host", strings.TrimPrefix(i.url, "http://"))
			}
			h := send(t, http.MethodGet, base+path, "", "", header...).Header
			for name, want := range map[string]string{
				"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
			} {
				if got := h.Get(name); got != want {
					t.Errorf("GET %s: %s is %q; want %q", path, name, got, want)
				}
			}
			if got := h.Get("Content-Security-Policy"); !strings.Contains(got, "default-src 'none'") || !strings.Contains(got, "frame-ancestors 'none'") {
				t.Errorf("GET %s: Content-Security-Policy is %q", path, got)
			}
			if got := h.Get("Referrer-Policy"); got != "no-referrer" && got != "same-origin" {
				t.Errorf("GET %s: Referrer-Policy is %q", path, got)
			}
			if h.Get("Permissions-Policy") == "" {
				t.Errorf("GET %s has no Permissions-Policy", path)
			}
			if got := h.Get("Strict-Transport-Security"); (got != "") != (public != "") {
				t.Errorf("GET %s: Strict-Transport-Security is %q with the public URL %q", path, got, public)
			}
		}
	}
}

// TestForgedRequestsChangeNothing lets other sites' pages act in a browser that is
// signed in: what they send has its cookie, and does nothing.
func TestForgedRequestsChangeNothing(t *testing.T) {
	t.Parallel()
	i := start(t, "MOORING_SIGN_IN=on", "MOORING_ALLOWED_ORIGINS=https://app.example.com")
	victim := i.browserOf(t, "acme", "ada")
	attackers, err := i.service.NewSignInLink(t.Context(), "evil", "mallory", "")
	if err != nil {
		t.Fatal(err)
	}
	const mutation = `mutation { createApiKey(input: {name: "theft", scopes: ["read"]}) { key } }`
	body := `{"query":` + strconv.Quote(mutation) + `}`
	sites := map[string][]string{
		"another site":            {"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"},
		"another site, unnamed":   {"Sec-Fetch-Site", "cross-site", "Origin", "null"},
		"a neighbour":             {"Sec-Fetch-Site", "same-site", "Origin", "http://localhost:1"},
		"an old browser":          {"Origin", "https://evil.example"},
		"an allowed origin":       {"Sec-Fetch-Site", "cross-site", "Origin", "https://app.example.com"}, // which sends tokens
		"an old browser, unnamed": {"Origin", "null"},
	}
	forge := func(method, path, contentType, body string, headers []string) page {
		req, err := http.NewRequestWithContext(t.Context(), method, i.url+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", contentType)
		for n := 0; n < len(headers); n += 2 {
			req.Header.Set(headers[n], headers[n+1])
		}
		return victim.send(t, req)
	}
	for site, headers := range sites {
		for _, attack := range []struct{ method, path, contentType, body string }{
			{"POST", "/graphql", "application/json", body},
			{"POST", "/graphql", "text/plain", body},
			{"POST", "/graphql", "application/x-www-form-urlencoded", url.Values{"query": {mutation}}.Encode()},
			{"GET", "/graphql?query=" + url.QueryEscape(mutation), "", ""},
			{"POST", "/api/connection/quick-connect/twitter", "application/json", "{}"},
			{"POST", "/logout", "application/x-www-form-urlencoded", ""},
			{"POST", strings.TrimPrefix(attackers, i.url), "application/x-www-form-urlencoded", ""}, // signs the victim in as the attacker
		} {
			got := forge(attack.method, attack.path, attack.contentType, attack.body, headers)
			if got.status < 400 || strings.Contains(got.body, "mrg_") {
				t.Errorf("%s: %s %s = %d %.80s; want it refused", site, attack.method, attack.path, got.status, got.body)
			}
		}
	}
	if got := victim.who(t, i); got != "ada of acme as OWNER" {
		t.Errorf("afterwards the browser is %q; want ada", got)
	}
	_, answer := victim.ask(t, i, `{ apiKeys { name } events(filter: {types: [ATTEMPT_CREATED, API_KEY_CREATED]}) { nodes { type } } }`)
	if text := fmt.Sprint(answer["data"]); strings.Contains(text, "theft") || strings.Contains(text, "CREATED") {
		t.Errorf("forged requests made %s", text)
	}
	if got := forge("POST", "/graphql", "application/json", body, []string{"Sec-Fetch-Site", "same-origin", "Origin", i.url}); !strings.Contains(got.body, "mrg_") {
		t.Errorf("the page's own request = %d %s; want a key", got.status, got.body)
	}
}

// TestAllowedOrigins lets pages of the origins that the operator names read
// answers, none others, and none with cookies.
func TestAllowedOrigins(t *testing.T) {
	t.Parallel()
	for allowed, origins := range map[string]map[string]bool{
		"":                        {"https://app.example.com": false, "null": false},
		"https://app.example.com": {"https://app.example.com": true, "https://app.example.com.evil.example": false, "http://app.example.com": false, "null": false},
	} {
		env := []string{"MOORING_JWT_SECRET=" + jwtSecret}
		if allowed != "" {
			env = append(env, "MOORING_ALLOWED_ORIGINS="+allowed)
		}
		i := start(t, env...)
		for origin, may := range origins {
			for _, path := range []string{"/graphql", "/api/connection/troubleshoot", exportPath} {
				h := send(t, http.MethodOptions, i.url+path, "", "", "Origin", origin, "Access-Control-Request-Method", "POST").Header
				if got := h.Get("Access-Control-Allow-Origin"); (got == origin) != may || !may && got != "" {
					t.Errorf("with %q allowed, %s is told %q for %s; want it allowed %t", allowed, origin, got, path, may)
				}
				if h.Get("Access-Control-Allow-Credentials") != "" {
					t.Errorf("%s may send cookies to %s", origin, path)
				}
			}
		}
	}
}

// TestPersistedQueries asks by hash for what was sent once, within the same limits
// and as whoever asks.
func TestPersistedQueries(t *testing.T) {
	t.Parallel()
	i := secured(t)
	soon := time.Now().Add(time.Hour)
	ada, vera := token(t, "ada", "w1", "owner", soon), token(t, "vera", "w1", "viewer", soon)
	const query = "{ apiKeys { id } }"
	hash := fmt.Sprintf(`"extensions":{"persistedQuery":{"version":1,"sha256Hash":"%x"}}`, sha256.Sum256([]byte(query)))
	for _, tt := range []struct{ bearer, body, want string }{
		{ada, `{` + hash + `}`, "PersistedQueryNotFound"},
		{ada, `{"query":"{ viewer { user } }",` + hash + `}`, "errors"}, // another query's hash
		{ada, `{"query":"` + query + `",` + hash + `}`, `"apiKeys":[`},
		{ada, `{` + hash + `}`, `"apiKeys":[`},
		{vera, `{` + hash + `}`, "FORBIDDEN"},
		{"", `{` + hash + `}`, "UNAUTHENTICATED"},
	} {
		if got := said(t, post(t, i.url+"/graphql", tt.bearer, tt.body)); !strings.Contains(got, tt.want) {
			t.Errorf("%.60s is answered %s; want %s", tt.body, got, tt.want)
		}
	}
}
