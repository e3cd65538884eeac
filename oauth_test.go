package main

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"mooring/platforms"
)

const attemptQuery = `query($id: ID!) { connectAttempt(id: $id) {
	status authorizationUrl accounts { id displayName } diagnosis { issueType possibleCauses } candidates { externalId displayName account { id } }
} }`

func (c caller) attempt(t *testing.T, id string) any {
	t.Helper()
	return at(t, c.do(t, attemptQuery, map[string]any{"id": id}), "connectAttempt")
}

// secured starts the program with authentication and the sandbox.
func secured(t *testing.T) *instance {
	t.Helper()
	return start(t, "MOORING_JWT_SECRET="+jwtSecret, "MOORING_SANDBOX=on")
}

// TestForwardedLink lets a victim follow an attacker's link. Without pressing
// Continue nothing happens, and the page says who asks.
func TestForwardedLink(t *testing.T) {
	t.Parallel()
	i := secured(t)
	attacker := caller{i, token(t, "mallory", "evil", "owner", time.Now().Add(time.Hour))}
	id, address := attacker.begin(t, map[string]any{"platform": "linkedin"})

	victim := newBrowser(t)
	shown := victim.get(t, address)
	if shown.status != http.StatusOK || !strings.Contains(shown.body, "mallory") || !strings.Contains(shown.body, "evil") {
		t.Fatalf("the start page = %d %s; want a page that names mallory and evil", shown.status, shown.body)
	}
	if !strings.Contains(shown.body, `fill="#0A66C2"`) {
		t.Errorf("the start page is %s; want the platform's drawing", shown.body)
	}
	if !strings.Contains(shown.body, "Create posts and comments in your name") || strings.Contains(shown.body, "w_member_social") {
		t.Errorf("the start page is %s; want what permissions are for, not their names", shown.body)
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	if cookies := victim.http.Jar.Cookies(u); len(cookies) != 0 {
		t.Errorf("looking at the page set cookies %v", cookies)
	}
	if got := at(t, attacker.attempt(t, id), "status"); got != "PENDING" {
		t.Errorf("the attempt is %v after a look; want PENDING", got)
	}

	// A page of the attacker's cannot press the button.
	forged, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	forged.Header.Set("Sec-Fetch-Site", "cross-site")
	forged.Header.Set("Origin", "https://evil.example")
	if got := victim.send(t, forged); got.status != http.StatusForbidden {
		t.Errorf("a cross-site Continue = %d; want 403", got.status)
	}

	// Pressing Continue is the victim's own visible choice, and it is audited.
	departure := victim.post(t, address, nil)
	if departure.status != http.StatusSeeOther {
		t.Fatalf("Continue = %d %s; want 303", departure.status, departure.body)
	}
	// From now on the attacker's browser cannot take the attempt over.
	if got := newBrowser(t).post(t, address, nil); got.status != http.StatusBadRequest {
		t.Errorf("Continue in another browser = %d; want 400", got.status)
	}
	events := attacker.do(t, `{ events(filter: {types: [ATTEMPT_STARTED]}) { nodes { attemptId actor } } }`, nil)
	if got := at(t, events, "events", "nodes").([]any); len(got) != 1 {
		t.Errorf("ATTEMPT_STARTED events = %v; want one", got)
	}
}

// TestFinishedElsewhere finishes an attacker's attempt in the victim's browser,
// as a forged callback would: nothing happens.
func TestFinishedElsewhere(t *testing.T) {
	t.Parallel()
	i := secured(t)
	attacker := caller{i, token(t, "mallory", "evil", "owner", time.Now().Add(time.Hour))}
	id, address := attacker.begin(t, map[string]any{"platform": "linkedin"})
	own := newBrowser(t)
	departure := own.post(t, address, nil)
	back := own.post(t, departure.location, approve(3600)).location

	victim := newBrowser(t)
	if got := victim.get(t, back); got.status != http.StatusBadRequest || !strings.Contains(got.body, "browser") {
		t.Errorf("the callback in another browser = %d %s; want 400 and a page about browsers", got.status, got.body)
	}
	if got := at(t, attacker.attempt(t, id), "status"); got != "PENDING" {
		t.Errorf("the attempt is %v; want PENDING", got)
	}
	// The rightful browser still can, once; a reload shows the result again.
	for range 2 {
		if got := own.get(t, back); got.status != http.StatusOK || !strings.Contains(got.body, "is connected") {
			t.Errorf("the callback in the rightful browser = %d %s", got.status, got.body)
		}
	}
	if got := at(t, attacker.do(t, `{ accounts { totalCount } }`, nil), "accounts", "totalCount"); got != 1.0 {
		t.Errorf("%v accounts; want 1", got)
	}
}

// TestReturnTo sends the browser back to the product with the attempt's id,
// and refuses foreign addresses.
func TestReturnTo(t *testing.T) {
	t.Parallel()
	c := caller{instance: start(t, "MOORING_RETURN_TO=https://app.example.com")}
	b := newBrowser(t)
	id, address := c.begin(t, map[string]any{"platform": "twitter", "returnTo": "https://app.example.com/done?x=1"})
	result := b.get(t, b.consent(t, address, approve(7200)))
	if want := "https://app.example.com/done?attempt=" + id + "&x=1"; result.status != http.StatusSeeOther || result.location != want {
		t.Errorf("callback = %d to %q; want 303 to %q", result.status, result.location, want)
	}
	for _, foreign := range []string{
		"https://evil.example/", "https://app.example.com.evil.example/", "http://app.example.com/", "//app.example.com/",
		"https://app.example.com@evil.example/", "javascript:alert(1)", "https://user@app.example.com/", "",
	} {
		data := c.do(t, connectMutation, map[string]any{"input": map[string]any{"platform": "twitter", "returnTo": foreign}})
		if got := at(t, data, "connect", "userErrors", 0, "code"); got != "INVALID" {
			t.Errorf("connect with returnTo %q answered %v; want INVALID", foreign, data)
		}
	}
	const link = `query($returnTo: URL) { accounts { nodes { reconnectUrl(returnTo: $returnTo) } } }`
	data := c.do(t, link, map[string]any{"returnTo": "https://app.example.com/mended?why=\"a b\""})
	person, address := newBrowser(t), at(t, data, "accounts", "nodes", 0, "reconnectUrl").(string)
	if shown := person.get(t, address); !strings.Contains(shown.body, "<strong>Mooring</strong> uses this account, and asks you") {
		t.Errorf("the reconnect page is %s; want no name of a workspace that nobody knows", shown.body)
	}
	consent := person.post(t, address, nil).location
	result = person.get(t, person.post(t, consent, approve(7200)).location)
	if !strings.HasPrefix(result.location, "https://app.example.com/mended?attempt=att_") || !strings.HasSuffix(result.location, "&why=%22a+b%22") {
		t.Errorf("the reconnect link ends with %d at %q; want it to lead back", result.status, result.location)
	}
	if _, body := c.try(t, link, map[string]any{"returnTo": "https://evil.example/"}); !strings.Contains(fmt.Sprint(body["errors"]), "not on an allowed origin") {
		t.Errorf("a reconnect link to a foreign address = %v; want it refused", body)
	}
}

// TestAsker: people are told who asks, unless it says nothing to them.
func TestAsker(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		user, workspace string
		want            asker
	}{
		{"max", "acme", asker{"max", "acme"}},
		{"max", "default", asker{"max", ""}},
		{"local", "default", asker{"", ""}},
		{"local", "acme", asker{"local", "acme"}},
		{"key:ABC", "acme", asker{"", "acme"}},
	} {
		if got := askerOf(c.user, c.workspace); got != c.want {
			t.Errorf("askerOf(%q, %q) = %+v; want %+v", c.user, c.workspace, got, c.want)
		}
	}
}

// TestDenied lets the person say no.
func TestDenied(t *testing.T) {
	t.Parallel()
	c := caller{instance: start(t)}
	for _, p := range platforms.All() {
		b := newBrowser(t)
		id, address := c.begin(t, map[string]any{"platform": p.ID})
		result := b.get(t, b.consent(t, address, url.Values{"decision": {"deny"}}))
		if result.status != http.StatusOK || !strings.Contains(result.body, "was not connected") {
			t.Errorf("%s: callback = %d %s", p.ID, result.status, result.body)
		}
		attempt := c.attempt(t, id)
		if at(t, attempt, "status") != "CANCELLED" || at(t, attempt, "diagnosis", "issueType") != "ACCESS_DENIED" {
			t.Errorf("%s: the attempt is %v; want CANCELLED, ACCESS_DENIED", p.ID, attempt)
		}
	}
}

// TestSelection connects one of several organisations.
func TestSelection(t *testing.T) {
	t.Parallel()
	c := caller{instance: start(t)}
	b := newBrowser(t)
	id, address := c.begin(t, map[string]any{"platform": "linkedin", "capabilities": []string{"PUBLISH", "ORGANIZATIONS"}})
	sub := c.subscribe(t, `subscription($id: ID!) { connectAttemptChanged(id: $id) { status candidates { externalId } } }`, map[string]any{"id": id})
	if got := at(t, sub.next(t), "connectAttemptChanged", "status"); got != "PENDING" {
		t.Fatalf("the first item is %v; want PENDING", got)
	}
	form := approve(3600)
	form.Set("persona", "ines")
	result := b.get(t, b.consent(t, address, form))
	attempt := c.attempt(t, id)
	if at(t, attempt, "status") != "AWAITING_SELECTION" {
		t.Fatalf("callback = %d %s, attempt = %v; want AWAITING_SELECTION", result.status, result.body, attempt)
	}
	chosen := at(t, attempt, "candidates", 1, "externalId")
	payload := c.do(t, `mutation($input: CompleteConnectInput!) {
		completeConnect(input: $input) { attempt { status accounts { externalId kind } } userErrors { code } }
	}`, map[string]any{"input": map[string]any{"attemptId": id, "externalIds": []any{chosen}}})
	if got := at(t, payload, "completeConnect", "attempt", "accounts", 0, "externalId"); got != chosen {
		t.Errorf("completeConnect answered %v; want the account %v", payload, chosen)
	}
	last := ""
	for last != "COMPLETED" {
		last, _ = at(t, sub.next(t), "connectAttemptChanged", "status").(string)
	}
	if m := sub.read(t); m["type"] != "complete" {
		t.Errorf("after its end the stream sends %v; want complete", m)
	}
}

// TestReconnect keeps the account's id and refuses another account.
func TestReconnect(t *testing.T) {
	t.Parallel()
	c := caller{instance: start(t)}
	b := newBrowser(t)
	_, address := c.begin(t, map[string]any{"platform": "twitter"})
	b.get(t, b.consent(t, address, approve(7200)))
	account := at(t, c.do(t, `{ accounts { nodes { id displayName } } }`, nil), "accounts", "nodes", 0)
	id := at(t, account, "id")

	attempt, address := c.begin(t, map[string]any{"platform": "twitter", "accountId": id})
	other := approve(7200)
	other.Set("persona", "mika")
	b.get(t, b.consent(t, address, other))
	failed := c.attempt(t, attempt)
	cause, _ := at(t, failed, "diagnosis", "possibleCauses", 0).(string)
	if at(t, failed, "status") != "FAILED" || !strings.Contains(cause, at(t, account, "displayName").(string)) || !strings.Contains(cause, "Mika") {
		t.Errorf("reconnecting as somebody else = %v; want FAILED with both names", failed)
	}

	attempt, address = c.begin(t, map[string]any{"platform": "twitter", "accountId": id})
	b.get(t, b.consent(t, address, approve(7200)))
	if got := at(t, c.attempt(t, attempt), "accounts", 0, "id"); got != id {
		t.Errorf("reconnecting gave %v; want %v", got, id)
	}
	if got := at(t, c.do(t, `{ accounts { totalCount } }`, nil), "accounts", "totalCount"); got != 1.0 {
		t.Errorf("%v accounts; want 1", got)
	}
}

// FuzzCallback sends callbacks with any query: none may connect anything, make
// the server fail, or get more than a page that explains.
func FuzzCallback(f *testing.F) {
	for _, seed := range []string{
		"", "state=x", "code=x&state=y", "error=access_denied", "error=access_denied&state=z&error_description=%00",
		"state=%ff%fe&code=%", "state[]=1", "code=a&code=b&state=c&state=d", "iss=https://evil.example&state=x", strings.Repeat("a=b&", 500),
	} {
		f.Add(seed)
	}
	c, err := readConfig([]string{"MOORING_LISTEN=127.0.0.1:0", "DATABASE_URL=" + migrated.SQLite(f)})
	if err != nil {
		f.Fatal(err)
	}
	i, err := newServer(f.Context(), c, slog.New(slog.DiscardHandler))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, query string) {
		for _, path := range i.callbacks() {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "/api/oauth/"+path+"/callback", nil)
			if err != nil {
				t.Fatal(err)
			}
			r.URL.RawQuery, r.Host = query, strings.TrimPrefix(i.public, "http://")
			w := &recorded{header: http.Header{}}
			i.handler.ServeHTTP(w, r)
			if w.status != http.StatusBadRequest {
				t.Errorf("callback?%s = %d; want 400", query, w.status)
			}
		}
	})
}

// recorded is an answer that nobody reads.
type recorded struct {
	header http.Header
	status int
}

func (r *recorded) Header() http.Header         { return r.header }
func (r *recorded) WriteHeader(status int)      { r.status = status }
func (r *recorded) Write(p []byte) (int, error) { return len(p), nil }
