package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"mooring/resolvers"
)

func TestAddressOf(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		trusted, peer string
		forwarded     []string
		want          string
	}{
		{"", "203.0.113.9:1", nil, "203.0.113.9"},
		{"", "203.0.113.9:1", []string{"198.51.100.1"}, "203.0.113.9"}, // anybody can write it
		{"10.0.0.0/8", "203.0.113.9:1", []string{"198.51.100.1"}, "203.0.113.9"},
		{"10.0.0.0/8", "10.0.0.1:1", []string{"198.51.100.1"}, "198.51.100.1"},
		{"10.0.0.0/8", "10.0.0.1:1", []string{"192.0.2.66, 198.51.100.1"}, "198.51.100.1"},             // the first is the client's word
		{"10.0.0.0/8", "10.0.0.1:1", []string{"192.0.2.66", "198.51.100.1, 10.0.0.7"}, "198.51.100.1"}, // two proxies, two headers
		{"10.0.0.0/8", "10.0.0.1:1", []string{"198.51.100.1, nonsense"}, "10.0.0.1"},
		{"10.0.0.0/8", "10.0.0.1:1", nil, "10.0.0.1"},
		{"10.0.0.1", "10.0.0.2:1", []string{"198.51.100.1"}, "10.0.0.2"},
		{"10.0.0.0/8", "[::ffff:10.0.0.1]:1", []string{"::ffff:198.51.100.1"}, "198.51.100.1"},
		{"", "[2001:db8:1:2:3:4:5:6]:1", nil, "2001:db8:1:2::/64"},
		{"::1", "[::1]:1", []string{"2001:db8::1"}, "2001:db8::/64"},
	} {
		var l limits
		if tt.trusted != "" {
			var err error
			if l.trustedProxies, err = networks(tt.trusted); err != nil {
				t.Fatal(err)
			}
		}
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = tt.peer
		r.Header["X-Forwarded-For"] = tt.forwarded
		if got := l.addressOf(r); got != tt.want {
			t.Errorf("addressOf(%s, X-Forwarded-For %q) trusting %q = %s; want %s", tt.peer, tt.forwarded, tt.trusted, got, tt.want)
		}
	}
	for _, bad := range []string{"", "proxy", "10.0.0.0/99", "10.0.0.1,"} {
		if got, err := networks(bad); err == nil {
			t.Errorf("networks(%q) = %v; want an error", bad, got)
		}
	}
}

func TestBuckets(t *testing.T) {
	t.Parallel()
	b, now := newBuckets(2), time.Now()
	for i := range 2 * burst {
		if wait := b.take("ada", now); wait != 0 {
			t.Fatalf("request %d waits %s; want none", i, wait)
		}
	}
	for range 3 { // who does not wait does not wait longer for it
		if got := b.take("ada", now); got != 500*time.Millisecond {
			t.Errorf("one too many waits %s; want 500ms", got)
		}
	}
	if got := b.take("bob", now); got != 0 {
		t.Errorf("another one waits %s; want none", got)
	}
	if got := b.take("ada", now.Add(500*time.Millisecond)); got != 0 {
		t.Errorf("after the wait there are %s more; want none", got)
	}
	for i := range 2 * maxBuckets {
		b.take(strconv.Itoa(i), now)
	}
	if len(b.byKey) != maxBuckets || b.recent.Len() != maxBuckets {
		t.Errorf("%d callers are remembered, in %d places; want %d", len(b.byKey), b.recent.Len(), maxBuckets)
	}
}

// post sends a request and returns the answer, closed.
func post(t *testing.T, address, bearer, body string, header ...string) *http.Response {
	t.Helper()
	return send(t, http.MethodPost, address, bearer, body, header...)
}

// TestCallersArePaced lets one caller send too much. Others are served, and
// REST and sockets count like GraphQL.
func TestCallersArePaced(t *testing.T) {
	t.Parallel()
	i := start(t, "MOORING_JWT_SECRET="+jwtSecret, "MOORING_SANDBOX=on", "MOORING_RATE_CALLER=1", "MOORING_CONNECTS_PER_HOUR=2")
	soon := time.Now().Add(time.Hour)
	greedy := caller{i, token(t, "greedy", "w1", "owner", soon)}
	other := caller{i, token(t, "other", "w1", "owner", soon)}

	input := map[string]any{"input": map[string]any{"platform": "twitter"}}
	for _, want := range []any{nil, nil, "RATE_LIMITED"} {
		answer := other.do(t, connectMutation, input)
		var code any
		if failed := at(t, answer, "connect", "userErrors").([]any); len(failed) > 0 {
			code = at(t, failed, 0, "code")
		}
		if code != want {
			t.Errorf("connect = %v; want %v", code, want)
		}
	}

	s := greedy.subscribe(t, `query { viewer { user } }`, nil)
	s.next(t)
	var status int
	var body map[string]any
	for range burst + 5 {
		if status, body = greedy.try(t, `{ viewer { user } }`, nil); status != http.StatusOK {
			break
		}
	}
	if got := at(t, body, "errors", 0, "extensions", "code"); status != http.StatusTooManyRequests || got != "RATE_LIMITED" {
		t.Errorf("too many requests are answered %d %v; want 429 RATE_LIMITED", status, body)
	}
	for _, endpoint := range []string{"/graphql", "/api/connection/quick-connect/options", exportPath} {
		resp := send(t, http.MethodGet, i.url+endpoint, greedy.token, "")
		if after, err := strconv.Atoi(resp.Header.Get("Retry-After")); resp.StatusCode != http.StatusTooManyRequests || err != nil || after < 1 || after > 2 {
			t.Errorf("GET %s = %d with Retry-After %q; want 429 and a second or two", endpoint, resp.StatusCode, resp.Header.Get("Retry-After"))
		}
	}
	refused := false
	for range 2 { // one of the two may have become possible meanwhile
		s.write(t, map[string]any{"type": "subscribe", "id": "2", "payload": map[string]any{"query": `query { viewer { user } }`}})
		answer := s.read(t)
		for answer["type"] == "complete" || answer["type"] == "ping" {
			answer = s.read(t)
		}
		if refused = answer["type"] == "error"; refused {
			if got := at(t, answer, "payload", 0, "extensions", "code"); got != "RATE_LIMITED" {
				t.Errorf("over a socket: %v; want RATE_LIMITED", answer)
			}
			break
		}
	}
	if !refused {
		t.Error("operations over a socket are not paced")
	}
	if status, body := other.try(t, `{ viewer { user } }`, nil); status != http.StatusOK {
		t.Errorf("another caller is answered %d %v; want 200", status, body)
	}
}

// TestAddressesArePaced bounds callers who are nobody yet. What they say of
// themselves in X-Forwarded-For helps them only behind a trusted proxy.
func TestAddressesArePaced(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		trusted string
		refused bool
	}{{"", true}, {"MOORING_TRUSTED_PROXIES=127.0.0.1,::1", false}} {
		i := start(t, "MOORING_JWT_SECRET="+jwtSecret, "MOORING_RATE_ADDRESS=1", tt.trusted)
		refused := 0
		for n := range 2 * burst {
			resp := post(t, i.url+"/graphql", "nonsense", `{"query":"{ viewer { user } }"}`, "X-Forwarded-For", fmt.Sprintf("192.0.2.66, 198.51.100.%d", n))
			if resp.StatusCode == http.StatusTooManyRequests {
				refused++
			}
		}
		if (refused > 0) != tt.refused {
			t.Errorf("with %q %d requests of so many addresses were refused; want some: %t", tt.trusted, refused, tt.refused)
		}
		if resp := send(t, http.MethodGet, i.url+"/healthz", "", ""); resp.StatusCode != http.StatusOK {
			t.Errorf("GET /healthz = %d; want 200, whoever asks", resp.StatusCode)
		}
	}
}

// TestSubscriptionsOfOneCaller counts streams over all sockets, and forgets
// those that have ended.
func TestSubscriptionsOfOneCaller(t *testing.T) {
	t.Parallel()
	i := start(t, "MOORING_JWT_SECRET="+jwtSecret, "MOORING_SANDBOX=on", "MOORING_CALLER_SUBSCRIPTIONS=1", "MOORING_CALLER_SOCKETS=2")
	ada := caller{i, token(t, "ada", "w1", "owner", time.Now().Add(time.Hour))}
	const query = `subscription { eventAdded { event { id } } }`
	first := ada.subscribe(t, query, nil)
	for i.streams.count() == 0 {
		runtime.Gosched()
	}
	second := ada.subscribe(t, query, nil)
	answer := second.read(t)
	if answer["type"] != "error" || at(t, answer, "payload", 0, "extensions", "code") != "RATE_LIMITED" {
		t.Errorf("the second subscription is answered %v; want RATE_LIMITED", answer)
	}
	first.conn.Close()
	deadline := time.Now().Add(10 * time.Second)
	for i.streams.count() > 0 && time.Now().Before(deadline) {
		runtime.Gosched()
	}
	if got := i.streams.count(); got != 0 {
		t.Errorf("%d callers have streams after the socket closed; want 0", got)
	}
}

// count is how many callers have something running.
func (t *tally) count() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.running)
}

// TestSwitches leaves out what the operator does not want to show.
func TestSwitches(t *testing.T) {
	t.Parallel()
	c := caller{instance: start(t, "MOORING_INTROSPECTION=off", "MOORING_DASHBOARD=off", "MOORING_PLAYGROUND=off")}
	for _, path := range []string{"/", "/accounts", "/playground", "/playground/config.json"} {
		if resp := send(t, http.MethodGet, c.url+path, "", ""); resp.StatusCode != http.StatusNotFound {
			t.Errorf("GET %s = %d; want 404", path, resp.StatusCode)
		}
	}
	if shown := asBrowser(t, http.MethodGet, c.url+"/"); shown.status != http.StatusNotFound || strings.Contains(shown.body, "href=\"/\"") {
		t.Errorf("GET / of a browser = %d %s; want a page that does not lead to the dashboard", shown.status, shown.body)
	}
	if _, body := c.try(t, `{ __schema { types { name } } }`, nil); body["errors"] == nil {
		t.Errorf("introspection = %v; want it refused", body)
	}
	if _, body := c.try(t, `{ __typename viewer { user } }`, nil); body["errors"] != nil {
		t.Errorf("an ordinary query = %v; want an answer", body)
	}
}

// TestPagesHaveTheirCost wants a cost by its size of each field that takes one:
// gqlgen counts an object once otherwise, however many of it there may be.
func TestPagesHaveTheirCost(t *testing.T) {
	t.Parallel()
	costs := reflect.ValueOf(resolvers.Complexity())
	for _, d := range readSchema(t).Types {
		if d.Kind != ast.Object || !own(d) {
			continue
		}
		for _, field := range d.Fields {
			if field.Arguments.ForName("first") == nil && field.Arguments.ForName("ids") == nil {
				continue
			}
			object := costs.FieldByName(d.Name)
			cost := object.FieldByNameFunc(func(name string) bool { return strings.EqualFold(name, field.Name) })
			if !cost.IsValid() || cost.IsNil() {
				t.Errorf("%s.%s has a size and no cost", d.Name, field.Name)
			}
		}
	}
}

// TestStrangersArePaced signs in and delivers too often: a tenth of what an address
// may ask for.
func TestStrangersArePaced(t *testing.T) {
	t.Parallel()
	i := start(t, "MOORING_JWT_SECRET="+jwtSecret, "MOORING_SANDBOX=on", "MOORING_RATE_ADDRESS=10")
	for path, method := range map[string]string{
		"/login": http.MethodGet, "/login/guess": http.MethodGet, "/api/webhooks/meta/deauthorize": http.MethodPost,
	} {
		refused := 0
		for range burst + 5 {
			resp := send(t, method, i.url+path, "", "")
			if resp.StatusCode != http.StatusTooManyRequests {
				continue
			}
			refused++
			if after, err := strconv.Atoi(resp.Header.Get("Retry-After")); err != nil || after < 1 {
				t.Errorf("%s: Retry-After is %q", path, resp.Header.Get("Retry-After"))
			}
		}
		if refused == 0 {
			t.Errorf("%s was never refused", path)
		}
	}
	if resp := send(t, http.MethodGet, i.url+"/playground", "", ""); resp.StatusCode == http.StatusTooManyRequests {
		t.Error("what is cheap is refused, too")
	}
}
