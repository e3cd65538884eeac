package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/gorilla/websocket"

	"mooring/vault"
)

// idp is the operator's OpenID provider, played. Whoever comes is the person.
type idp struct {
	*httptest.Server
	key *ecdsa.PrivateKey

	mu     sync.Mutex
	person string // who sits at the browser
	claims jwt.MapClaims
	codes  map[string]url.Values // what was asked when the code was given
}

func newIDP(t *testing.T) *idp {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p := &idp{key: key, codes: map[string]url.Values{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{
			"issuer": p.URL, "jwks_uri": p.URL + "/keys", "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token",
		})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		point, _ := key.PublicKey.Bytes() // 4, x and y: P-256 never fails
		_ = json.NewEncoder(w).Encode(map[string]any{"keys": []any{map[string]string{
			"kty": "EC", "crv": "P-256", "kid": "1",
			"x": base64.RawURLEncoding.EncodeToString(point[1:33]), "y": base64.RawURLEncoding.EncodeToString(point[33:]),
		}}})
	})
	mux.HandleFunc("GET /authorize", p.authorize)
	mux.HandleFunc("POST /token", p.token)
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

// is lets another person sit at the browser, with further claims.
func (p *idp) is(person string, claims jwt.MapClaims) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.person, p.claims = person, claims
}

func (p *idp) authorize(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	code := rand.Text()
	q := r.URL.Query()
	q.Set("person", p.person)
	p.codes[code] = q
	http.Redirect(w, r, q.Get("redirect_uri")+"?"+url.Values{"code": {code}, "state": {q.Get("state")}}.Encode(), http.StatusFound)
}

func (p *idp) token(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	asked := p.codes[r.FormValue("code")]
	delete(p.codes, r.FormValue("code"))
	challenge := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	id, secret, _ := r.BasicAuth()
	if asked == nil || id != "mooring" || secret != "planted-client-secret" || base64.RawURLEncoding.EncodeToString(challenge[:]) != asked.Get("code_challenge") {
		http.Error(w, `{"error":"invalid_grant"}`, http.StatusBadRequest)
		return
	}
	claims := jwt.MapClaims{
		"iss": p.URL, "aud": "mooring", "sub": asked.Get("person"), "nonce": asked.Get("nonce"), "exp": time.Now().Add(time.Minute).Unix(),
	}
	maps.Copy(claims, p.claims)
	token := jwt.NewWithClaims(jwt.SigningMethodES256, claims)
	token.Header["kid"] = "1"
	signed, err := token.SignedString(p.key)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]string{"id_token": signed})
}

// settings make a server ask this provider.
func (p *idp) settings() []string {
	return []string{
		"MOORING_OIDC_ISSUER=" + p.URL, "MOORING_OIDC_CLIENT_ID=mooring", "MOORING_OIDC_CLIENT_SECRET=planted-client-secret", "MOORING_SANDBOX=on",
	}
}

// login goes the whole way from an address with a button to the page after the
// sign-in.
func (b *browser) login(t *testing.T, address string) page {
	t.Helper()
	departure := b.post(t, address, nil)
	if departure.status != http.StatusSeeOther {
		t.Fatalf("POST %s = %d %s; want 303", address, departure.status, departure.body)
	}
	back := b.get(t, departure.location)
	if back.status != http.StatusFound {
		t.Fatalf("the provider answers %d %s", back.status, back.body)
	}
	return b.get(t, back.location)
}

// ask sends a query as a page of the server's own does, with the browser's cookies.
func (b *browser) ask(t *testing.T, i *instance, query string, headers ...string) (status int, body map[string]any) {
	t.Helper()
	payload, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, i.url+"/graphql", strings.NewReader(string(payload)))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	for n := 0; n < len(headers); n += 2 {
		req.Header.Set(headers[n], headers[n+1])
	}
	answer := b.send(t, req)
	if err := json.Unmarshal([]byte(answer.body), &body); err != nil {
		body = map[string]any{"text": answer.body}
	}
	return answer.status, body
}

// who is the browser's "user of workspace as role", or "" if it is nobody.
func (b *browser) who(t *testing.T, i *instance, headers ...string) string {
	t.Helper()
	status, body := b.ask(t, i, `{ viewer { user workspace role method } }`, headers...)
	if status != http.StatusOK {
		return ""
	}
	v := at(t, body, "data", "viewer")
	return fmt.Sprint(at(t, v, "user"), " of ", at(t, v, "workspace"), " as ", at(t, v, "role"))
}

// link is a link of the operator's.
func (i *instance) link(t *testing.T, workspace, user string) string {
	t.Helper()
	link, err := i.service.NewSignInLink(t.Context(), workspace, user, "")
	if err != nil {
		t.Fatal(err)
	}
	return link
}

// browserOf returns a browser that has signed in by a link of the operator's.
func (i *instance) browserOf(t *testing.T, workspace, user string) *browser {
	t.Helper()
	b := newBrowser(t)
	if got := b.post(t, i.link(t, workspace, user), nil); got.status != http.StatusSeeOther || got.location != i.url+"/" {
		t.Fatalf("sign-in by link = %d to %q %s; want 303 to the start", got.status, got.location, got.body)
	}
	return b
}

func TestSignInByLink(t *testing.T) {
	t.Parallel()
	env := append(production(t), "MOORING_PUBLIC_URL=http://localhost:1")
	out := must(t, env, "signin-link", "--user", "ada", "--workspace", "acme")
	i := start(t, env[:3]...)
	path := regexp.MustCompile(`/login/\w+`).FindString(out)
	b := newBrowser(t)
	for range 2 {
		if got := b.get(t, i.url+path); got.status != http.StatusOK || !strings.Contains(got.body, "ada") || !strings.Contains(got.body, "acme") {
			t.Errorf("GET of the link = %d %s; want a page that names ada and acme", got.status, got.body)
		}
	}
	if got := b.who(t, i); got != "" {
		t.Errorf("after looking at the link the browser is %q; want nobody", got)
	}
	if got := b.post(t, i.url+path, nil); got.status != http.StatusSeeOther || got.location != i.url+"/" {
		t.Fatalf("POST of the link = %d to %q; want 303 to the start", got.status, got.location)
	}
	if got := b.who(t, i); got != "ada of acme as OWNER" {
		t.Errorf("the browser is %q; want the first owner", got)
	}
	if got := b.get(t, i.url+"/login"); !strings.Contains(got.body, "ada") || !strings.Contains(got.body, "Sign out") {
		t.Errorf("/login = %s; want who is signed in", got.body)
	}
	again := newBrowser(t)
	if got := again.post(t, i.url+path, nil); got.status != http.StatusBadRequest || !strings.Contains(got.body, "used before") {
		t.Errorf("the link used again = %d %s; want 400 and why", got.status, got.body)
	}
	if got := again.who(t, i); got != "" {
		t.Errorf("the second browser is %q; want nobody", got)
	}
	for _, wrong := range [][]string{{"--role", "service"}, {"--role", "root"}} {
		if _, err := command(t, env, append([]string{"signin-link", "--user", "x", "--workspace", "acme"}, wrong...)...); err == nil {
			t.Errorf("signin-link %v: no error", wrong)
		}
	}
	if _, err := command(t, append(env[:2:2], "MOORING_SANDBOX=on"), "signin-link", "--user", "x", "--workspace", "acme"); err == nil || !strings.Contains(err.Error(), "MOORING_SIGN_IN") {
		t.Errorf("signin-link where nobody signs in: %v; want an error that says what to set", err)
	}
}

func TestSignInAtTheProvider(t *testing.T) {
	t.Parallel()
	migrated.Both(t, func(t *testing.T, database string) {
		p := newIDP(t)
		i := start(t, append(p.settings(), "DATABASE_URL="+database)...)
		p.is("ada", nil)
		b := newBrowser(t)
		if got := b.get(t, i.url+"/login"); !strings.Contains(got.body, "Sign in at 127.0.0.1") {
			t.Errorf("/login = %s; want the provider's host", got.body)
		}
		if got := b.login(t, i.url+"/login"); got.status != http.StatusForbidden || !strings.Contains(got.body, "belong to no workspace") || b.who(t, i) != "" {
			t.Errorf("a stranger signs in: %d %s; want 403 and no session", got.status, got.body)
		}
		i.browserOf(t, "acme", "ada")
		if got := b.login(t, i.url+"/login?returnTo=/playground"); got.status != http.StatusSeeOther || got.location != i.url+"/playground" {
			t.Errorf("sign-in = %d to %q %s; want 303 to /playground", got.status, got.location, got.body)
		}
		if got := b.who(t, i); got != "ada of acme as OWNER" {
			t.Errorf("the browser is %q", got)
		}

		// Of two workspaces one is chosen.
		i.browserOf(t, "zoo", "ada")
		if got := b.login(t, i.url+"/login"); got.status != http.StatusOK || !strings.Contains(got.body, "workspace=zoo") {
			t.Errorf("sign-in with two workspaces = %d %s; want a choice", got.status, got.body)
		}
		b.login(t, i.url+"/login?workspace=zoo")
		if got := b.who(t, i); got != "ada of zoo as OWNER" {
			t.Errorf("the browser is %q; want ada of zoo", got)
		}
		p.is("eve", nil)
		if got := newBrowser(t).login(t, i.url+"/login?workspace=zoo"); got.status != http.StatusForbidden {
			t.Errorf("eve signs in to zoo: %d %s; want 403", got.status, got.body)
		}

		// The provider's claims decide, and then the members cannot be changed here.
		p.is("nia", jwt.MapClaims{"workspace": "acme", "role": "admin"})
		nia := newBrowser(t)
		nia.login(t, i.url+"/login")
		if got := nia.who(t, i); got != "nia of acme as ADMIN" {
			t.Errorf("the browser is %q; want nia, an admin by claim", got)
		}
		for mutation, input := range map[string]string{
			"inviteMember": `name: "x", role: VIEWER`, "revokeInvitation": `id: "inv_0"`, "changeRole": `user: "ada", role: VIEWER`, "removeMember": `user: "ada"`,
		} {
			_, body := nia.ask(t, i, `mutation { `+mutation+`(input: {`+input+`}) { userErrors { code } } }`)
			if got := at(t, body, "data", mutation, "userErrors", 0, "code"); got != "ROLES_MANAGED_ELSEWHERE" {
				t.Errorf("%s with a role by claim = %v; want ROLES_MANAGED_ELSEWHERE", mutation, body)
			}
		}
	})
}

func TestInvitationAtTheProvider(t *testing.T) {
	t.Parallel()
	p := newIDP(t)
	i := start(t, p.settings()...)
	ada := i.browserOf(t, "acme", "ada")
	_, body := ada.ask(t, i, `mutation { inviteMember(input: {name: "Ben", role: ADMIN}) { link invitation { id expiresAt } userErrors { code } } }`)
	link := at(t, body, "data", "inviteMember", "link").(string)
	b := newBrowser(t)
	if got := b.get(t, link); got.status != http.StatusOK || !strings.Contains(got.body, "ada") || !strings.Contains(got.body, "ADMIN") {
		t.Errorf("the invitation = %d %s; want a page with who invites and to what", got.status, got.body)
	}
	p.is("ben", jwt.MapClaims{"name": "Ben B."})
	if got := b.login(t, link); got.status != http.StatusSeeOther || b.who(t, i) != "ben of acme as ADMIN" {
		t.Errorf("accepting = %d %s, the browser is %q; want ben, an admin", got.status, got.body, b.who(t, i))
	}
	p.is("eve", nil)
	if got := newBrowser(t).post(t, link, nil); got.status != http.StatusBadRequest {
		t.Errorf("the invitation used again = %d; want 400", got.status)
	}
	_, body = ada.ask(t, i, `{ members { nodes { user displayName role invitedBy } } invitations { id } }`)
	if got := fmt.Sprint(at(t, body, "data", "members", "nodes", 1)); got != "map[displayName:Ben B. invitedBy:ada role:ADMIN user:ben]" {
		t.Errorf("the second member is %s", got)
	}
	if got := at(t, body, "data", "invitations").([]any); len(got) != 0 {
		t.Errorf("open invitations: %v; want none", got)
	}
}

// TestSignInStaysInItsBrowser: an answer of the provider's works only in the
// browser that asked, once, and only the latest.
func TestSignInStaysInItsBrowser(t *testing.T) {
	t.Parallel()
	p := newIDP(t)
	i := start(t, p.settings()...)
	i.browserOf(t, "evil", "mallory")
	i.browserOf(t, "acme", "ada")

	// Mallory begins, and finishes in Ada's browser: Ada does not become Mallory.
	p.is("mallory", nil)
	attacker := newBrowser(t)
	back := attacker.get(t, attacker.post(t, i.url+"/login", nil).location).location
	victim := newBrowser(t)
	if got := victim.get(t, back); got.status != http.StatusBadRequest || !strings.Contains(got.body, "this browser") || victim.who(t, i) != "" {
		t.Errorf("an answer in another browser = %d %s; want 400 and nobody signed in", got.status, got.body)
	}
	// Nor if Ada has begun a sign-in of her own.
	begun := victim.post(t, i.url+"/login", nil)
	if got := victim.get(t, back); got.status != http.StatusBadRequest || victim.who(t, i) != "" {
		t.Errorf("an answer to another sign-in = %d %s; want 400", got.status, got.body)
	}
	// Nor with her state and Mallory's code: the nonce and the verifier are others.
	u, err := url.Parse(begun.location)
	if err != nil {
		t.Fatal(err)
	}
	stolen, err := url.Parse(back)
	if err != nil {
		t.Fatal(err)
	}
	injected := i.url + "/login/callback?" + url.Values{"code": stolen.Query()["code"], "state": u.Query()["state"]}.Encode()
	if got := victim.get(t, injected); got.status < 400 || victim.who(t, i) != "" {
		t.Errorf("an injected code = %d %s; want a refusal", got.status, got.body)
	}
	// A reload does not sign in twice.
	p.is("ada", nil)
	back = victim.get(t, victim.post(t, i.url+"/login", nil).location).location
	if got := victim.get(t, back); got.status != http.StatusSeeOther || victim.who(t, i) != "ada of acme as OWNER" {
		t.Errorf("her own answer = %d %s", got.status, got.body)
	}
	if got := victim.get(t, back); got.status != http.StatusBadRequest {
		t.Errorf("the same answer again = %d; want 400", got.status)
	}
	// A page of another site cannot begin a sign-in, use a link or sign her out.
	for _, path := range []string{"/login", "/logout", strings.TrimPrefix(i.link(t, "evil", "mallory"), i.url)} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, i.url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Sec-Fetch-Site", "cross-site")
		req.Header.Set("Origin", "https://evil.example")
		if got := victim.send(t, req); got.status != http.StatusForbidden {
			t.Errorf("POST %.8s from another site = %d; want 403", path, got.status)
		}
	}
	if got := victim.who(t, i); got != "ada of acme as OWNER" {
		t.Errorf("the browser is %q; want ada still", got)
	}
	if log := i.log.String(); strings.Contains(log, "planted-client-secret") || strings.Contains(log, u.Query().Get("state")) {
		t.Error("the log holds a secret of the sign-in")
	}
}

// TestSignInReturnsHome: a sign-in leads to no foreign address.
func TestSignInReturnsHome(t *testing.T) {
	t.Parallel()
	p := newIDP(t)
	i := start(t, append(p.settings(), "MOORING_RETURN_TO=https://app.example.com")...)
	i.browserOf(t, "acme", "ada")
	p.is("ada", nil)
	for to, want := range map[string]string{
		"": "/", "/playground?x=1#y": "/playground?x=1#y", "playground": "/playground", "https://app.example.com/done": "https://app.example.com/done",
		`/\evil.example`: "/%5Cevil.example",
	} {
		if strings.HasPrefix(want, "/") {
			want = i.url + want
		}
		b := newBrowser(t)
		if got := b.login(t, i.url+"/login?returnTo="+url.QueryEscape(to)); got.status != http.StatusSeeOther || got.location != want {
			t.Errorf("sign-in with returnTo %q leads to %d %q; want %q", to, got.status, got.location, want)
		}
	}
	for _, foreign := range []string{
		"https://evil.example/", "//evil.example/", "///evil.example/", `\\evil.example`, `https:\\evil.example`, "https:evil.example", "javascript:alert(1)",
		"data:text/html,x", "https://app.example.com.evil.example/", "https://app.example.com@evil.example/", "http://app.example.com/",
		i.url + ".evil.example/", "//" + strings.TrimPrefix(i.url, "http://") + "@evil.example/", "\t//evil.example", "/\t/evil.example",
	} {
		address := i.url + "/login?returnTo=" + url.QueryEscape(foreign)
		b := newBrowser(t)
		if shown := b.get(t, address); shown.status == http.StatusOK { // it was taken for a path here
			if got := b.login(t, address); got.status != http.StatusSeeOther || !strings.HasPrefix(got.location, i.url+"/") {
				t.Errorf("sign-in with returnTo %q leads to %d %q; want an address here", foreign, got.status, got.location)
			}
		} else if left := b.post(t, address, nil); shown.status != http.StatusBadRequest || left.status != http.StatusBadRequest {
			t.Errorf("/login with returnTo %q = %d, and by POST %d to %q; want 400", foreign, shown.status, left.status, left.location)
		}
	}
}

// TestCookieCounts only where a page of our own, or no page, sends it.
func TestCookieCounts(t *testing.T) {
	t.Parallel()
	i := start(t, "MOORING_SIGN_IN=on", "MOORING_ALLOWED_ORIGINS=https://app.example.com")
	b := i.browserOf(t, "acme", "ada")
	const ada = "ada of acme as OWNER"
	for _, tt := range []struct {
		site, origin, want string
	}{
		{"", "", ada},
		{"same-origin", i.url, ada},
		{"none", "", ada},
		{"", i.url, ada},
		{"", "https://evil.example", ""},
		{"", "null", ""},
		{"cross-site", "https://evil.example", ""},
		{"cross-site", "https://app.example.com", ""}, // sends tokens instead
		{"same-site", "http://localhost:1", ""},       // a neighbour, to whom SameSite=Lax does not apply
		{"same-site", "", ""},
		{"cross-site", "", ""},
	} {
		var headers []string
		for name, value := range map[string]string{"Sec-Fetch-Site": tt.site, "Origin": tt.origin} {
			if value != "" {
				headers = append(headers, name, value)
			}
		}
		if got := b.who(t, i, headers...); got != tt.want {
			t.Errorf("from %q, origin %q, the browser is %q; want %q", tt.site, tt.origin, got, tt.want)
		}
		// A socket is a GET without a preflight.
		address := "ws" + strings.TrimPrefix(i.url, "http") + "/graphql"
		header := http.Header{}
		for n := 0; n < len(headers); n += 2 {
			header.Set(headers[n], headers[n+1])
		}
		dialer := websocket.Dialer{Subprotocols: []string{"graphql-transport-ws"}, Jar: b.http.Jar}
		conn, resp, err := dialer.DialContext(t.Context(), address, header)
		if err != nil {
			if tt.want != "" || resp == nil || resp.StatusCode != http.StatusForbidden {
				t.Errorf("socket from %q, origin %q: %v", tt.site, tt.origin, err)
			}
			continue
		}
		resp.Body.Close()
		s := &socket{conn}
		s.write(t, map[string]any{"type": "connection_init"})
		var m map[string]any
		_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second)) // a test must end
		err = conn.ReadJSON(&m)
		if acknowledged := err == nil && m["type"] == "connection_ack"; acknowledged != (tt.want != "") {
			t.Errorf("socket from %q, origin %q: %v, %v; want acknowledged %v", tt.site, tt.origin, m, err, tt.want != "")
		} else if tt.want == "" && !websocket.IsCloseError(err, 4401) {
			t.Errorf("socket from %q, origin %q ends with %v; want 4401", tt.site, tt.origin, err)
		}
		conn.Close()
	}
	// A token goes before the cookie.
	if got := b.who(t, i, "Authorization", "Bearer mrg_x"); got != "" {
		t.Errorf("with a wrong key beside the cookie the browser is %q; want nobody", got)
	}
}

// TestAttemptCookie looks at the cookie that binds an attempt to its browser.
func TestAttemptCookie(t *testing.T) {
	t.Parallel()
	i := start(t, "MOORING_JWT_SECRET="+jwtSecret, "MOORING_PUBLIC_URL=https://mooring.example.com", "TWITTER_CLIENT_ID=kJ8wq1", "TWITTER_CLIENT_SECRET=Zq1kJ8w")
	resp := send(t, http.MethodPost, "http://"+i.listener.Addr().String()+"/graphql", token(t, "ada", "w1", "owner", time.Now().Add(time.Hour)),
		`{"query":"mutation { connect(input: {platform: \"twitter\"}) { attempt { authorizationUrl } userErrors { message } } }"}`)
	text := said(t, resp)
	path := regexp.MustCompile(`/api/oauth/start/[^"]+`).FindString(text)
	if path == "" {
		t.Fatalf("connect = %s", text)
	}
	started := send(t, http.MethodPost, "http://"+i.listener.Addr().String()+path, "", "", "Host", "mooring.example.com")
	want := regexp.MustCompile(`^__Host-mooring_att_\w+=[\w-]{20,}; Path=/; Max-Age=\d+; HttpOnly; Secure; SameSite=Lax$`)
	if got := started.Header.Get("Set-Cookie"); !want.MatchString(got) {
		t.Errorf("%s = %d with the cookie %q; want %s", path, started.StatusCode, got, want)
	}
}

// TestSessionCookie looks at the cookie itself.
func TestSessionCookie(t *testing.T) {
	t.Parallel()
	for public, want := range map[string]string{
		"https://mooring.example.com": `^__Host-mooring=\w{26}; Path=/; Max-Age=604800; HttpOnly; Secure; SameSite=Lax$`,
		"":                            `^mooring=\w{26}; Path=/; Max-Age=604800; HttpOnly; SameSite=Lax$`,
	} {
		env := []string{"MOORING_SIGN_IN=on"}
		if public != "" {
			env = append(env, "MOORING_PUBLIC_URL="+public)
		}
		i := start(t, env...)
		link, err := url.Parse(i.link(t, "acme", "ada"))
		if err != nil {
			t.Fatal(err)
		}
		address := "http://" + i.listener.Addr().String() + link.Path
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = link.Host
		resp, err := newBrowser(t).http.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if got := resp.Header.Get("Set-Cookie"); !regexp.MustCompile(want).MatchString(got) {
			t.Errorf("at %q the cookie is %q; want %s", public, got, want)
		}
		if got := resp.Header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("Cache-Control of a sign-in = %q; want no-store", got)
		}
	}
}

// TestSignOut ends a session: the cookie is of no use any more, even a copy of it.
func TestSignOut(t *testing.T) {
	t.Parallel()
	i := start(t, "MOORING_SIGN_IN=on")
	b := i.browserOf(t, "acme", "ada")
	u, err := url.Parse(i.url)
	if err != nil {
		t.Fatal(err)
	}
	copied := newBrowser(t)
	copied.http.Jar.SetCookies(u, b.http.Jar.Cookies(u))
	if got := copied.who(t, i); got != "ada of acme as OWNER" {
		t.Fatalf("the copied cookie is %q's", got)
	}
	if got := b.post(t, i.url+"/logout", nil); got.status != http.StatusSeeOther || got.location != i.url+"/login" {
		t.Errorf("sign-out = %d to %q; want 303 to /login", got.status, got.location)
	}
	if cookies := b.http.Jar.Cookies(u); len(cookies) != 0 {
		t.Errorf("cookies after the sign-out: %v; want none", cookies)
	}
	if got := copied.who(t, i); got != "" {
		t.Errorf("after the sign-out the copied cookie is %q's; want nobody's", got)
	}
	// A value that an attacker has put into the browser never becomes a session.
	fixed := newBrowser(t)
	fixed.http.Jar.SetCookies(u, []*http.Cookie{{Name: "mooring", Value: "AAAAAAAAAAAAAAAAAAAAAAAAAA", Path: "/"}})
	fixed.post(t, i.link(t, "acme", "ada"), nil)
	if cookies := fixed.http.Jar.Cookies(u); len(cookies) != 1 || strings.HasPrefix(cookies[0].Value, "AAAA") {
		t.Errorf("cookies after the sign-in: %v; want a new value", cookies)
	}
	// A new sign-in ends the browser's earlier session.
	copied.http.Jar.SetCookies(u, fixed.http.Jar.Cookies(u))
	fixed.post(t, i.link(t, "acme", "ada"), nil)
	if got := copied.who(t, i); got != "" {
		t.Errorf("the earlier session is %q's; want nobody's", got)
	}
	if events := i.signInEvents(t); !slices.Contains(events, "SIGNED_IN") || !slices.Contains(events, "SIGNED_OUT") {
		t.Errorf("the log has %v; want the sign-in and the sign-out", events)
	}
}

func (i *instance) signInEvents(t *testing.T) []string {
	t.Helper()
	_, body := i.browserOf(t, "acme", "ada").ask(t, i, `{ events { nodes { type } } }`)
	var all []string
	for _, e := range at(t, body, "data", "events", "nodes").([]any) {
		all = append(all, at(t, e, "type").(string))
	}
	return all
}

// TestLoginPage says what is configured.
func TestLoginPage(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		env  []string
		want string
	}{
		"nothing":   {nil, "whoever uses this machine is the owner"},
		"links":     {[]string{"MOORING_SIGN_IN=on"}, "mooring signin-link"},
		"tokens":    {[]string{"MOORING_JWT_SECRET=" + jwtSecret}, "by a link that works once"},
		"plain web": {[]string{"MOORING_JWT_SECRET=" + jwtSecret, "MOORING_PUBLIC_URL=http://mooring.example.com"}, "over https only"},
	} {
		i := start(t, tt.env...)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+i.listener.Addr().String()+"/login", nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := newBrowser(t).send(t, req); got.status != http.StatusOK || !strings.Contains(got.body, tt.want) {
			t.Errorf("%s: /login = %d %s; want %q", name, got.status, got.body, tt.want)
		}
	}
}

// TestSocketsEnd: a socket ends, with a reason, when its credential does, be it at
// another replica.
func TestSocketsEnd(t *testing.T) {
	t.Parallel()
	migrated.Both(t, socketsEnd)
}

func socketsEnd(t *testing.T, database string) {
	env := []string{"DATABASE_URL=" + database, "MOORING_KEY=" + vault.NewKey().Encode(), "MOORING_JWT_SECRET=" + jwtSecret}
	i := start(t, env...)
	other := i // where the credentials are ended
	if strings.HasPrefix(database, "postgres") {
		other = start(t, env...)
	}
	ada := i.browserOf(t, "acme", "ada")
	mutate := func(query string) map[string]any {
		t.Helper()
		status, body := ada.ask(t, other, query)
		if status != http.StatusOK || body["errors"] != nil {
			t.Fatalf("%s: %d %v", query, status, body)
		}
		return body
	}
	made := mutate(`mutation { createApiKey(input: {name: "x", scopes: ["read"]}) { key apiKey { id prefix scopes } userErrors { code } } }`)
	key, id := at(t, made, "data", "createApiKey", "key").(string), at(t, made, "data", "createApiKey", "apiKey", "id").(string)
	claimless := func(user string) caller { return caller{i, token(t, user, "acme", "", time.Now().Add(time.Hour))} }
	eve, nia := claimless("eve"), claimless("nia")
	ben := i.browserOf(t, "acme", "ben")
	u, err := url.Parse(i.url)
	if err != nil {
		t.Fatal(err)
	}
	bySession := func() *socket {
		dialer := websocket.Dialer{Subprotocols: []string{"graphql-transport-ws"}, Jar: ben.http.Jar}
		conn, resp, err := dialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(i.url, "http")+"/graphql", http.Header{"Origin": {"http://" + u.Host}})
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		t.Cleanup(func() { conn.Close() })
		s := &socket{conn}
		s.write(t, map[string]any{"type": "connection_init"})
		if m := s.read(t); m["type"] != "connection_ack" {
			t.Fatalf("connection_init with the cookie answered %v", m)
		}
		return s
	}
	stays := claimless("zoe").subscribe(t, healthSubscription, nil)
	for _, tt := range []struct {
		name   string
		socket *socket
		end    func()
		reason string
	}{
		{"API key", caller{i, key}.subscribe(t, healthSubscription, nil), func() {
			mutate(`mutation { revokeApiKey(input: {id: "` + id + `"}) { userErrors { code } } }`)
		}, "the API key was revoked"},
		{"role", eve.subscribe(t, healthSubscription, nil), func() {
			mutate(`mutation { changeRole(input: {user: "eve", role: VIEWER}) { userErrors { code } } }`)
		}, "your role in the workspace is another now"},
		{"membership", nia.subscribe(t, healthSubscription, nil), func() {
			mutate(`mutation { removeMember(input: {user: "nia"}) { userErrors { code } } }`)
		}, "you are no longer a member of this workspace"},
		{"session", bySession(), func() { ben.post(t, other.url+"/logout", nil) }, "the session is over; sign in again"},
	} {
		began := time.Now()
		tt.end()
		_ = tt.socket.conn.SetReadDeadline(time.Now().Add(20 * time.Second)) // a test must end
		_, _, err := tt.socket.conn.ReadMessage()
		var closed *websocket.CloseError
		for err == nil { // pings
			_, _, err = tt.socket.conn.ReadMessage()
		}
		if ok := asClose(err, &closed); !ok || closed.Code != 4403 || closed.Text != tt.reason {
			t.Errorf("%s: the socket ended with %v; want 4403 %q", tt.name, err, tt.reason)
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("%s: the socket ended after %v; want seconds", tt.name, took)
		}
	}
	if status, _ := nia.try(t, `{ viewer { user } }`, nil); status != http.StatusUnauthorized {
		t.Errorf("who was removed gets %d; want 401", status)
	}
	if got := stays.firstOf(t); got != "" {
		t.Errorf("another member's socket has %q; want it to go on", got)
	}
}

func asClose(err error, into **websocket.CloseError) bool {
	closed, ok := err.(*websocket.CloseError) //nolint:errorlint // gorilla does not wrap it
	*into = closed
	return ok
}

// TestAPIKeysByTheAPI makes, lists and revokes a key.
func TestAPIKeysByTheAPI(t *testing.T) {
	t.Parallel()
	i := secured(t)
	admin := caller{i, token(t, "alma", "w1", "admin", time.Now().Add(time.Hour))}
	const create = `mutation($in: CreateApiKeyInput!) { createApiKey(input: $in) { key apiKey { id prefix } userErrors { code field } } }`
	for _, wrong := range []map[string]any{
		{"name": "x", "scopes": []string{"lease"}}, {"name": "x", "scopes": []string{"all"}}, {"name": "x", "scopes": []string{}}, {"name": " ", "scopes": []string{"read"}},
		{"name": "x", "scopes": []string{"read"}, "expiresAt": "2001-01-01T00:00:00Z"},
	} {
		data := admin.do(t, create, map[string]any{"in": wrong})
		if at(t, data, "createApiKey", "userErrors", 0, "code") != "INVALID" || at(t, data, "createApiKey", "key") != nil {
			t.Errorf("createApiKey(%v) = %v; want INVALID", wrong, data)
		}
	}
	data := admin.do(t, create, map[string]any{"in": map[string]any{"name": "publisher", "scopes": []string{"read", "admin"}}})
	plaintext, id := at(t, data, "createApiKey", "key").(string), at(t, data, "createApiKey", "apiKey", "id").(string)
	key := caller{i, plaintext}
	if got := at(t, key.do(t, `{ viewer { workspace } }`, nil), "viewer", "workspace"); got != "w1" {
		t.Errorf("the key acts in %v; want w1", got)
	}
	data = key.do(t, `{ apiKeys { id prefix name scopes createdBy usedAt revokedAt expiresAt } }`, nil)
	got := at(t, data, "apiKeys", 0)
	if !strings.HasPrefix(plaintext, at(t, got, "prefix").(string)) || at(t, got, "createdBy") != "alma" || at(t, got, "usedAt") == nil || at(t, got, "revokedAt") != nil {
		t.Errorf("apiKeys = %v; want the key, used, made by alma", got)
	}
	if text := fmt.Sprint(data); strings.Contains(text, strings.Split(plaintext, "_")[2]) {
		t.Errorf("apiKeys shows the key: %s", text)
	}
	const revoke = `mutation($id: ID!) { revokeApiKey(input: {id: $id}) { apiKey { revokedAt } userErrors { code } } }`
	if data := admin.do(t, revoke, map[string]any{"id": id}); at(t, data, "revokeApiKey", "apiKey", "revokedAt") == nil {
		t.Errorf("revokeApiKey = %v; want it revoked", data)
	}
	if data := admin.do(t, revoke, map[string]any{"id": id}); at(t, data, "revokeApiKey", "userErrors", 0, "code") != "NOT_FOUND" {
		t.Errorf("revokeApiKey again = %v; want NOT_FOUND", data)
	}
	if status, _ := key.try(t, `{ viewer { user } }`, nil); status != http.StatusUnauthorized {
		t.Errorf("the revoked key gets %d; want 401", status)
	}
}

// TestStreamsEnd is TestSocketsEnd for server-sent events.
func TestStreamsEnd(t *testing.T) {
	t.Parallel()
	env := production(t)
	plain := strings.TrimSpace(must(t, env, "apikey", "create", "--workspace", "acme", "--scopes", "read"))
	i := start(t, env...)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, i.url+"/graphql", strings.NewReader(`{"query":"subscription { eventAdded { cursor } }"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "text/event-stream")
	req.Header.Set("Authorization", "Bearer "+plain)
	ended := make(chan page, 1)
	go func() { ended <- newBrowser(t).send(t, req) }()
	for len(i.holds.in("acme")) == 0 {
		select {
		case got := <-ended:
			t.Fatalf("the stream ended with %d %s", got.status, got.body)
		case <-time.After(5 * time.Millisecond):
		}
	}
	must(t, env, "apikey", "revoke", "--workspace", "acme", strings.Split(plain, "_")[1])
	select {
	case got := <-ended:
		if got.status != http.StatusOK || strings.Contains(got.body, "complete") {
			t.Errorf("the stream ended with %d %s; want no complete", got.status, got.body)
		}
	case <-time.After(20 * time.Second):
		t.Error("the stream outlives its API key")
	}
	if left := i.holds.in(""); len(left) != 0 {
		t.Errorf("%d are still held; want none", len(left))
	}
}
