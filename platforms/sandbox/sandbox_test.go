package sandbox_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"mooring/platforms"
	"mooring/platforms/sandbox"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	public   = "http://localhost:33766"
	callback = public + "/api/oauth/callback"
	// otherCallback is registered as well, but not what the apps here use.
	otherCallback = callback + "/other"
	verifier      = "0123456789012345678901234567890123456789012"
)

// world is a sandbox that is reached without sockets.
type world struct {
	*sandbox.Sandbox
	t testing.TB
}

func newWorld(t testing.TB, options sandbox.Options) world {
	t.Helper()
	options.PublicURL = public
	s, err := sandbox.New(options)
	if err != nil {
		t.Fatal(err)
	}
	return world{s, t}
}

// app is Mooring's app at a platform's preferred login method.
func (w world) app(p *platforms.Platform) *platforms.App {
	w.t.Helper()
	return w.appOf(p, p.Logins[0])
}

func (w world) appOf(p *platforms.Platform, l *platforms.Login) *platforms.App {
	w.t.Helper()
	w.Register(l, otherCallback)
	client, ok := w.Register(l, callback)
	if !ok {
		w.t.Fatalf("%s is not played", p.ID)
	}
	return &platforms.App{
		Platform:     p,
		Login:        l,
		ClientID:     client.ID,
		ClientSecret: client.Secret,
		RedirectURI:  callback,
		Endpoints:    client.Endpoints,
		Sandbox:      true,
		HTTP:         &http.Client{Transport: w.Sandbox},
	}
}

// everyLogin yields the login methods of the catalogue, with their platforms.
func everyLogin(yield func(*platforms.Platform, *platforms.Login) bool) {
	for _, p := range platforms.All() {
		for _, l := range p.Logins {
			if !yield(p, l) {
				return
			}
		}
	}
}

func defaults(p *platforms.Platform) []string { return defaultsOf(p.Logins[0]) }

func defaultsOf(l *platforms.Login) []string {
	var scopes []string
	for _, s := range l.Scopes {
		if s.Default {
			scopes = append(scopes, s.Name)
		}
	}
	return scopes
}

type result struct {
	status int
	header http.Header
	body   string
}

// send sends a request into the sandbox and follows nothing.
func (w world) send(method, address, contentType, body string, header ...string) result {
	w.t.Helper()
	address = strings.ReplaceAll(address, "{version}", "v25.0")
	req, err := http.NewRequestWithContext(w.t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := w.RoundTrip(req)
	if err != nil {
		w.t.Fatalf("%s %s: %v", method, address, err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return result{resp.StatusCode, resp.Header, string(data)}
}

func (w world) form(address string, form url.Values, header ...string) result {
	w.t.Helper()
	return w.send(http.MethodPost, address, "application/x-www-form-urlencoded", form.Encode(), header...)
}

func (w world) control(method, path, body string, into any) int {
	w.t.Helper()
	got := w.send(method, public+"/sandbox/api/"+path, "application/json", body)
	if into != nil {
		if err := json.Unmarshal([]byte(got.body), into); err != nil {
			w.t.Fatalf("%s %s: %v in %s", method, path, err, got.body)
		}
	}
	return got.status
}

// callbackOf reads the parameters of a redirect to the callback.
func (w world) callbackOf(got result) url.Values {
	w.t.Helper()
	location, _, _ := strings.Cut(got.header.Get("Location"), "#")
	address, query, _ := strings.Cut(location, "?")
	if got.status != http.StatusFound || address != callback {
		w.t.Fatalf("answer = %d to %q; want a redirect to the callback. %s", got.status, address, got.body)
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		w.t.Fatal(err)
	}
	return values
}

// consent sends the consent page's form and returns the callback's parameters.
func (w world) consent(a *platforms.App, scopes []string, form ...string) url.Values {
	w.t.Helper()
	values := url.Values{"decision": {"approve"}}
	for i := 0; i+1 < len(form); i += 2 {
		values.Set(form[i], form[i+1])
	}
	return w.callbackOf(w.form(a.AuthCodeURL("the-state", verifier, scopes), values))
}

// connect consents and trades the code.
func (w world) connect(a *platforms.App, scopes []string, form ...string) *platforms.Tokens {
	w.t.Helper()
	code := platforms.NewSecret(w.consent(a, scopes, form...).Get("code"))
	tokens, err := a.Exchange(w.t.Context(), code, verifier, scopes)
	if err != nil {
		w.t.Fatal(err)
	}
	return tokens
}

// client is the credentials of a raw request, as the platform wants them.
func client(a *platforms.App, form url.Values) (url.Values, []string) {
	if a.Login.ClientAuth == platforms.AuthBody {
		name := "client_id"
		if a.Platform == platforms.TikTok {
			name = "client_key"
		}
		form.Set(name, a.ClientID)
		form.Set("client_secret", a.ClientSecret.Reveal())
		return form, nil
	}
	r := httptest.NewRequest(http.MethodPost, "/", nil)
	r.SetBasicAuth(a.ClientID, a.ClientSecret.Reveal())
	return form, []string{"Authorization", r.Header.Get("Authorization")}
}

func (w world) refresh(a *platforms.App, token string) result {
	w.t.Helper()
	form, header := client(a, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}})
	return w.form(a.Endpoints.Token, form, header...)
}

// classOf is the class of an error of a platform.
func classOf(t testing.TB, err error) platforms.Class {
	t.Helper()
	return platformError(t, err).Class
}

// platformError is an error of a platform.
func platformError(t testing.TB, err error) *platforms.Error {
	t.Helper()
	e, ok := errors.AsType[*platforms.Error](err)
	if !ok {
		t.Fatalf("error = %v; want a platform's", err)
	}
	return e
}

// TestPlaysEveryPlatform is the sandbox's half of the catalogue's contract.
func TestPlaysEveryPlatform(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{BackURL: "http://127.0.0.1:1"})
	for p, l := range everyLogin {
		got, ok := w.Register(l, callback)
		if !ok {
			t.Errorf("%s/%s is not played", p.ID, l.ID)
			continue
		}
		e := got.Endpoints
		if !strings.HasPrefix(e.Authorize, public+"/sandbox/"+l.Callback+"/") || !strings.HasPrefix(e.Token, "http://127.0.0.1:1/sandbox/"+l.Callback+"/") {
			t.Errorf("%s: endpoints %+v; want authorize in public, token behind", p.ID, e)
		}
		if (e.Revoke == "") != (l.Endpoints.Revoke == "") || (e.Introspect == "") != (l.Endpoints.Introspect == "") {
			t.Errorf("%s: endpoints %+v; want those that the platform has", p.ID, e)
		}
	}
}

// TestFlow connects over sockets, as Mooring does.
func TestFlow(t *testing.T) {
	t.Parallel()
	tests := []struct {
		platform *platforms.Platform
		scopes   []string
		persona  string
		names    []string
		lifetime time.Duration
		refresh  bool
		revoked  bool
	}{
		{platforms.Twitter, defaults(platforms.Twitter), "mika", []string{"Mika Ostrow"}, 2 * time.Hour, true, true},
		{platforms.LinkedIn, defaults(platforms.LinkedIn), "ines", []string{"Ines Halvorsen"}, 60 * 24 * time.Hour, false, false},
		{platforms.LinkedIn, append(defaults(platforms.LinkedIn), "r_organization_admin", "w_organization_social"), "ines", []string{"Ines Halvorsen", "Halvorsen Maritime", "Nordlys Studio"}, 60 * 24 * time.Hour, false, false},
		{platforms.LinkedIn, append(defaults(platforms.LinkedIn), "r_organization_admin"), "tomas", []string{"Tomas Reyl"}, 60 * 24 * time.Hour, false, false},
		{platforms.TikTok, defaults(platforms.TikTok), "mina", []string{"Mina bakes"}, 2 * time.Hour, true, true},
		{platforms.TikTok, []string{"user.info.basic"}, "joris", []string{"Joris Vaal"}, 2 * time.Hour, true, true},
		{platforms.Pinterest, defaults(platforms.Pinterest), "oak", []string{"Oak & Linen"}, 30 * 24 * time.Hour, true, false},
		{platforms.Pinterest, defaults(platforms.Pinterest), "lena", []string{"lenakost"}, 30 * 24 * time.Hour, true, false},
	}
	for _, tt := range tests {
		t.Run(tt.platform.ID+" "+tt.persona, func(t *testing.T) {
			t.Parallel()
			var s *sandbox.Sandbox
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.ServeHTTP(w, r) }))
			defer server.Close()
			s, err := sandbox.New(sandbox.Options{PublicURL: server.URL})
			if err != nil {
				t.Fatal(err)
			}
			a := world{s, t}.app(tt.platform)
			browser := server.Client()
			a.HTTP = server.Client()
			browser.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

			address := a.AuthCodeURL("the-state", verifier, tt.scopes)
			page, err := browser.Get(address)
			if err != nil {
				t.Fatal(err)
			}
			html, err := io.ReadAll(page.Body)
			page.Body.Close()
			if err != nil || page.StatusCode != http.StatusOK || !strings.Contains(string(html), "nothing leaves this machine") {
				t.Fatalf("consent page = %d, %v: %s", page.StatusCode, err, html)
			}
			back, err := browser.PostForm(address, url.Values{"decision": {"approve"}, "persona": {tt.persona}})
			if err != nil {
				t.Fatal(err)
			}
			back.Body.Close()
			to, err := back.Location()
			if err != nil || to.Query().Get("state") != "the-state" {
				t.Fatalf("redirect = %v, %v; want the state back", to, err)
			}
			tokens, err := a.Exchange(t.Context(), platforms.NewSecret(to.Query().Get("code")), verifier, tt.scopes)
			if err != nil {
				t.Fatal(err)
			}
			if life := tokens.AccessExpires.Sub(tokens.IssuedAt); life != tt.lifetime {
				t.Errorf("lifetime = %s; want %s", life, tt.lifetime)
			}
			if tokens.Refresh.IsZero() == tt.refresh || tokens.ScopeSource != platforms.FromTokenResponse {
				t.Errorf("tokens = %+v; want refresh %t, scopes told", tokens, tt.refresh)
			}
			if diff := cmp.Diff(tt.scopes, tokens.Scopes); diff != "" {
				t.Errorf("scopes (-want +got):\n%s", diff)
			}
			identity, err := a.Identify(t.Context(), tokens)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, profile := range identity.Profiles {
				names = append(names, profile.DisplayName)
			}
			if diff := cmp.Diff(tt.names, names); diff != "" {
				t.Errorf("profiles (-want +got):\n%s", diff)
			}
			avatar, err := browser.Get(identity.Profiles[0].AvatarURL)
			if err != nil {
				t.Fatal(err)
			}
			avatar.Body.Close()
			if kind := avatar.Header.Get("Content-Type"); avatar.StatusCode != http.StatusOK || kind != "image/svg+xml" {
				t.Errorf("avatar = %d, %s; want a picture", avatar.StatusCode, kind)
			}
			revoked, err := a.Revoke(t.Context(), tokens)
			if err != nil || revoked != tt.revoked {
				t.Errorf("Revoke = %t, %v; want %t", revoked, err, tt.revoked)
			}
			if _, err := a.Identify(t.Context(), tokens); tt.revoked && classOf(t, err) != platforms.ClassStaleAccess {
				t.Errorf("Identify after Revoke = %v; want stale_access", err)
			}
		})
	}
}

func TestDenials(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	tests := []struct {
		platform       *platforms.Platform
		decision, code string
	}{
		{platforms.Twitter, "deny", "access_denied"},
		{platforms.LinkedIn, "deny", "user_cancelled_authorize"},
		{platforms.LinkedIn, "cancel_login", "user_cancelled_login"},
		{platforms.Facebook, "deny", "access_denied"},
		{platforms.TikTok, "deny", "access_denied"},
		{platforms.Pinterest, "deny", "access_denied"},
	}
	for _, tt := range tests {
		a := w.app(tt.platform)
		query := w.consent(a, defaults(tt.platform), "decision", tt.decision)
		if query.Get("error") != tt.code || query.Get("state") != "the-state" || query.Has("code") {
			t.Errorf("%s %s: callback = %v; want error %s", tt.platform.ID, tt.decision, query, tt.code)
		}
		if e := a.CallbackError(query); e == nil || e.Class != platforms.ClassDenied {
			t.Errorf("%s %s: CallbackError = %v; want denied", tt.platform.ID, tt.decision, e)
		}
	}
}

// TestAuthorizeBroken breaks one thing at a time in the authorization request.
func TestAuthorizeBroken(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	tests := []struct {
		name     string
		platform *platforms.Platform
		change   func(url.Values)
		page     string
		callback string // the error, where the platform calls back
	}{
		{"client", platforms.Twitter, func(q url.Values) { q.Set("client_id", "other") }, "Something went wrong", ""},
		{"client", platforms.LinkedIn, func(q url.Values) { q.Set("client_id", "other") }, "Bummer, something went wrong.", ""},
		{"redirect", platforms.Twitter, func(q url.Values) { q.Set("redirect_uri", callback+"/") }, "Something went wrong", ""},
		{"redirect", platforms.LinkedIn, func(q url.Values) { q.Set("redirect_uri", "https://evil.example/") }, "Bummer, something went wrong.", ""},
		{"no challenge", platforms.Twitter, func(q url.Values) { q.Del("code_challenge") }, "Something went wrong", ""},
		{"plain challenge", platforms.Twitter, func(q url.Values) { q.Set("code_challenge_method", "s256") }, "Something went wrong", ""},
		{"no state", platforms.Twitter, func(q url.Values) { q.Del("state") }, "Something went wrong", ""},
		{"response type", platforms.LinkedIn, func(q url.Values) { q.Set("response_type", "token") }, "Bummer, something went wrong.", ""},
		{"scope", platforms.Twitter, func(q url.Values) { q.Set("scope", "users.read everything") }, "Something went wrong", ""},
		{"commas", platforms.Twitter, func(q url.Values) { q.Set("scope", "users.read,tweet.read") }, "Something went wrong", ""},
		{"scope", platforms.LinkedIn, func(q url.Values) { q.Set("scope", "openid r_liteprofile") }, "", "unauthorized_scope_error"},
		{"client", platforms.Facebook, func(q url.Values) { q.Set("client_id", "sandbox-instagram") }, "Sorry, something went wrong", ""},
		{"redirect", platforms.Facebook, func(q url.Values) { q.Set("redirect_uri", callback+"/") }, "Sorry, something went wrong", ""},
		{"scope", platforms.Facebook, func(q url.Values) { q.Set("scope", "public_profile,instagram_business_basic") }, "instagram_business_basic", ""},
		{"client", platforms.TikTok, func(q url.Values) { q.Set("client_key", "other") }, "client_key", ""},
		{"client_id", platforms.TikTok, func(q url.Values) { q.Set("client_id", q.Get("client_key")); q.Del("client_key") }, "client_key", ""},
		{"redirect", platforms.TikTok, func(q url.Values) { q.Set("redirect_uri", callback+"/") }, "redirect_uri", ""},
		{"no challenge", platforms.TikTok, func(q url.Values) { q.Del("code_challenge") }, "code_challenge", ""},
		{"scope", platforms.TikTok, func(q url.Values) { q.Set("scope", "user.info.basic,video.create") }, "scope", ""},
		{"spaces", platforms.TikTok, func(q url.Values) { q.Set("scope", "user.info.basic video.publish") }, "scope", ""},
		{"client", platforms.Pinterest, func(q url.Values) { q.Set("client_id", "other") }, "Sorry, something went wrong", ""},
		{"redirect", platforms.Pinterest, func(q url.Values) { q.Set("redirect_uri", callback+"/") }, "You are not permitted to access that resource.", ""},
		{"scope", platforms.Pinterest, func(q url.Values) { q.Set("scope", "read_public") }, "Sorry, something went wrong", ""},
		{"spaces", platforms.Pinterest, func(q url.Values) { q.Set("scope", "boards:read pins:read") }, "Sorry, something went wrong", ""},
	}
	for _, tt := range tests {
		t.Run(tt.platform.ID+" "+tt.name, func(t *testing.T) {
			t.Parallel()
			w := world{w.Sandbox, t}
			u, err := url.Parse(w.app(tt.platform).AuthCodeURL("the-state", verifier, defaults(tt.platform)))
			if err != nil {
				t.Fatal(err)
			}
			q := u.Query()
			tt.change(q)
			u.RawQuery = q.Encode()
			for _, got := range []result{
				w.send(http.MethodGet, u.String(), "", ""),
				w.form(u.String(), url.Values{"decision": {"approve"}}),
			} {
				if tt.callback != "" {
					if back := w.callbackOf(got); back.Get("error") != tt.callback {
						t.Errorf("callback = %v; want error %s", back, tt.callback)
					}
					continue
				}
				if got.status != http.StatusBadRequest || got.header.Get("Location") != "" || !strings.Contains(got.body, tt.page) {
					t.Errorf("answer = %d, %v: %s\nwant the page %q and no callback", got.status, got.header, got.body, tt.page)
				}
			}
		})
	}
}

// TestExchangeBroken breaks one thing at a time in the exchange; the answers
// are compared with recordings.
func TestExchangeBroken(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		platform  *platforms.Platform
		change    func(form url.Values, header http.Header, a *platforms.App)
		recording string
	}{
		{"nothing", platforms.Twitter, func(url.Values, http.Header, *platforms.App) {}, "token"},
		{"nothing", platforms.LinkedIn, func(url.Values, http.Header, *platforms.App) {}, "token"},
		{"secret in the body", platforms.Twitter, func(f url.Values, h http.Header, a *platforms.App) {
			h.Del("Authorization")
			f.Set("client_id", a.ClientID)
			f.Set("client_secret", a.ClientSecret.Reveal())
		}, "token-without-basic"},
		{"wrong secret", platforms.Twitter, func(_ url.Values, h http.Header, a *platforms.App) { basic(h, a.ClientID, "other") }, "token-without-basic"},
		{"no verifier", platforms.Twitter, func(f url.Values, _ http.Header, _ *platforms.App) { f.Del("code_verifier") }, "token-verifier"},
		{"other verifier", platforms.Twitter, func(f url.Values, _ http.Header, _ *platforms.App) { f.Set("code_verifier", strings.Repeat("x", 43)) }, "token-verifier"},
		{"other redirect", platforms.Twitter, func(f url.Values, _ http.Header, _ *platforms.App) { f.Set("redirect_uri", callback+"/") }, "token-redirect"},
		{"other code", platforms.Twitter, func(f url.Values, _ http.Header, _ *platforms.App) { f.Set("code", "other") }, "token-dead-code"},
		{"Basic", platforms.LinkedIn, func(f url.Values, h http.Header, a *platforms.App) {
			f.Del("client_id")
			f.Del("client_secret")
			basic(h, a.ClientID, a.ClientSecret.Reveal())
		}, "token-client"},
		{"Basic beside the form", platforms.LinkedIn, func(_ url.Values, h http.Header, a *platforms.App) { basic(h, a.ClientID, a.ClientSecret.Reveal()) }, "token-client"},
		{"wrong secret", platforms.LinkedIn, func(f url.Values, _ http.Header, _ *platforms.App) { f.Set("client_secret", "other") }, "token-client"},
		{"no client", platforms.LinkedIn, func(f url.Values, _ http.Header, _ *platforms.App) { f.Del("client_id"); f.Del("client_secret") }, "token-parameter"},
		{"other redirect", platforms.LinkedIn, func(f url.Values, _ http.Header, _ *platforms.App) { f.Set("redirect_uri", callback+"/") }, "token-mismatch"},
		{"other code", platforms.LinkedIn, func(f url.Values, _ http.Header, _ *platforms.App) { f.Set("code", "other") }, "token-unknown-code"},
		{"stray verifier", platforms.LinkedIn, func(f url.Values, _ http.Header, _ *platforms.App) { f.Set("code_verifier", "x") }, "token"},
		{"nothing", platforms.Facebook, func(url.Values, http.Header, *platforms.App) {}, "token"},
		{"no grant type", platforms.Facebook, func(f url.Values, _ http.Header, _ *platforms.App) { f.Del("grant_type") }, "token"},
		{"other client", platforms.Facebook, func(f url.Values, _ http.Header, _ *platforms.App) { f.Set("client_id", "sandbox-instagram") }, "token-app"},
		{"wrong secret", platforms.Facebook, func(f url.Values, _ http.Header, _ *platforms.App) { f.Set("client_secret", "other") }, "token-secret"},
		{"stray verifier", platforms.Facebook, func(f url.Values, _ http.Header, _ *platforms.App) { f.Set("code_verifier", verifier) }, "token-verifier"},
		{"other redirect", platforms.Facebook, func(f url.Values, _ http.Header, _ *platforms.App) { f.Set("redirect_uri", otherCallback) }, "token-redirect"},
		{"foreign redirect", platforms.Facebook, func(f url.Values, _ http.Header, _ *platforms.App) { f.Set("redirect_uri", callback+"/") }, "token-redirect-unknown"},
		{"nothing", platforms.TikTok, func(url.Values, http.Header, *platforms.App) {}, "token"},
		{"client_id", platforms.TikTok, func(f url.Values, _ http.Header, a *platforms.App) {
			f.Del("client_key")
			f.Set("client_id", a.ClientID)
		}, "token-client"},
		{"Basic", platforms.TikTok, func(f url.Values, h http.Header, a *platforms.App) {
			f.Del("client_key")
			f.Del("client_secret")
			basic(h, a.ClientID, a.ClientSecret.Reveal())
		}, "token-secret"},
		{"wrong secret", platforms.TikTok, func(f url.Values, _ http.Header, _ *platforms.App) { f.Set("client_secret", "other") }, "token-client"},
		{"no verifier", platforms.TikTok, func(f url.Values, _ http.Header, _ *platforms.App) { f.Del("code_verifier") }, "token-verifier"},
		{"other verifier", platforms.TikTok, func(f url.Values, _ http.Header, _ *platforms.App) { f.Set("code_verifier", strings.Repeat("x", 43)) }, "token-verifier"},
		{"other redirect", platforms.TikTok, func(f url.Values, _ http.Header, _ *platforms.App) { f.Set("redirect_uri", callback+"/") }, "token-redirect"},
		{"other code", platforms.TikTok, func(f url.Values, _ http.Header, _ *platforms.App) { f.Set("code", "other") }, "token-dead-code"},
		{"code encoded twice", platforms.TikTok, func(f url.Values, _ http.Header, _ *platforms.App) { f.Set("code", url.QueryEscape(f.Get("code"))) }, "token-dead-code"},
		{"no code", platforms.TikTok, func(f url.Values, _ http.Header, _ *platforms.App) { f.Del("code") }, "token-malformed"},
		{"nothing", platforms.Pinterest, func(url.Values, http.Header, *platforms.App) {}, "token"},
		{"secret in the body", platforms.Pinterest, func(f url.Values, h http.Header, a *platforms.App) {
			h.Del("Authorization")
			f.Set("client_id", a.ClientID)
			f.Set("client_secret", a.ClientSecret.Reveal())
		}, "authentication"},
		{"wrong secret", platforms.Pinterest, func(_ url.Values, h http.Header, a *platforms.App) { basic(h, a.ClientID, "other") }, "authentication"},
		{"Basic without base64", platforms.Pinterest, func(_ url.Values, h http.Header, a *platforms.App) {
			h.Set("Authorization", "Basic "+a.ClientID+":"+a.ClientSecret.Reveal())
		}, "authentication"},
		{"other redirect", platforms.Pinterest, func(f url.Values, _ http.Header, _ *platforms.App) { f.Set("redirect_uri", callback+"/") }, "token-grant"},
		{"no redirect", platforms.Pinterest, func(f url.Values, _ http.Header, _ *platforms.App) { f.Del("redirect_uri") }, "parameters"},
		{"other code", platforms.Pinterest, func(f url.Values, _ http.Header, _ *platforms.App) { f.Set("code", "other") }, "token-grant"},
		{"stray verifier", platforms.Pinterest, func(f url.Values, _ http.Header, _ *platforms.App) { f.Set("code_verifier", "x") }, "token"},
		{"no continuous refresh", platforms.Pinterest, func(f url.Values, _ http.Header, _ *platforms.App) { f.Del("continuous_refresh") }, "token-without-refresh"},
	}
	for _, tt := range tests {
		t.Run(tt.platform.ID+" "+tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, sandbox.Options{})
			a := w.app(tt.platform)
			form, pairs := client(a, url.Values{
				"grant_type":   {"authorization_code"},
				"code":         {w.consent(a, defaults(tt.platform)).Get("code")},
				"redirect_uri": {callback},
			})
			if a.Login.PKCE != platforms.PKCENone {
				form.Set("code_verifier", verifier)
			}
			for name, value := range a.Login.TokenParams {
				form.Set(name, value)
			}
			header := make(http.Header)
			for i := 0; i+1 < len(pairs); i += 2 {
				header.Set(pairs[i], pairs[i+1])
			}
			tt.change(form, header, a)
			got := w.form(a.Endpoints.Token, form, "Authorization", header.Get("Authorization"))
			compare(t, tt.platform, tt.recording, got)
		})
	}
}

func basic(h http.Header, id, secret string) {
	r := http.Request{Header: h}
	r.SetBasicAuth(id, secret)
}

func TestCodesWorkOnceAndEnd(t *testing.T) {
	tests := []struct {
		platform  *platforms.Platform
		life      time.Duration
		recording string
	}{
		{platforms.Twitter, 30 * time.Second, "token-dead-code"},
		{platforms.LinkedIn, 30 * time.Minute, "token-mismatch"},
		{platforms.Facebook, 10 * time.Minute, "token-code-used"},
		{platforms.TikTok, 10 * time.Minute, "token-dead-code"},
		{platforms.Pinterest, 10 * time.Minute, "token-grant"},
	}
	for _, tt := range tests {
		t.Run(tt.platform.ID, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, sandbox.Options{})
				a := w.app(tt.platform)
				exchange := func(code string) error {
					_, err := a.Exchange(t.Context(), platforms.NewSecret(code), verifier, nil)
					return err
				}
				code := w.consent(a, defaults(tt.platform)).Get("code")
				<-time.After(tt.life - time.Second)
				if err := exchange(code); err != nil {
					t.Errorf("Exchange just in time = %v; want none", err)
				}
				if got := classOf(t, exchange(code)); got != platforms.ClassInvalid {
					t.Errorf("second Exchange = %s; want invalid", got)
				}
				late := w.consent(a, defaults(tt.platform)).Get("code")
				<-time.After(tt.life)
				if got := classOf(t, exchange(late)); got != platforms.ClassInvalid {
					t.Errorf("late Exchange = %s; want invalid", got)
				}
			})
		})
	}
}

func refreshTokenOf(t testing.TB, got result) string {
	t.Helper()
	var body struct {
		Refresh string `json:"refresh_token"`
	}
	if err := json.Unmarshal([]byte(got.body), &body); err != nil || got.status != http.StatusOK || body.Refresh == "" {
		t.Fatalf("refresh = %d: %s", got.status, got.body)
	}
	return body.Refresh
}

func TestTwitterRotates(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	a := w.app(platforms.Twitter)
	tokens := w.connect(a, defaults(platforms.Twitter))
	first := tokens.Refresh.Reveal()
	got := w.refresh(a, first)
	compare(t, platforms.Twitter, "token", got)
	second := refreshTokenOf(t, got)
	third := refreshTokenOf(t, w.refresh(a, second))
	if first == second || second == third {
		t.Error("a refresh token came twice")
	}
	if _, err := a.Identify(t.Context(), tokens); err != nil {
		t.Errorf("the old access token = %v; want it alive until its end", err)
	}
	compare(t, platforms.Twitter, "token-dead-refresh", w.refresh(a, first))
	compare(t, platforms.Twitter, "token-dead-refresh", w.refresh(a, third)) // the replay killed the family
	if _, err := a.Identify(t.Context(), tokens); classOf(t, err) != platforms.ClassStaleAccess {
		t.Errorf("Identify after the replay = %v; want stale_access", err)
	}
}

func TestTwitterRefreshesOnlyWithOfflineAccess(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	a := w.app(platforms.Twitter)
	if tokens := w.connect(a, []string{"users.read", "tweet.read"}, "refresh", "yes"); !tokens.Refresh.IsZero() {
		t.Error("a refresh token without offline.access")
	}
}

func TestTwitterWantsBothScopesForTheProfile(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	a := w.app(platforms.Twitter)
	tokens := w.connect(a, []string{"users.read"})
	got := w.send(http.MethodGet, a.Endpoints.API+"/users/me", "", "", "Authorization", "Bearer "+tokens.Access.Reveal())
	compare(t, platforms.Twitter, "api-forbidden", got)
}

func TestAccessTokensEnd(t *testing.T) {
	tests := []struct {
		platform *platforms.Platform
		form     []string
		life     time.Duration
		refresh  bool
	}{
		{platforms.Twitter, nil, 2 * time.Hour, true},
		{platforms.Twitter, []string{"lifetime", "3600"}, time.Hour, true},
		{platforms.Twitter, []string{"lifetime", "20"}, 20 * time.Second, false},
		{platforms.Twitter, []string{"lifetime", "20", "refresh", "yes"}, 20 * time.Second, true},
		{platforms.Twitter, []string{"lifetime", "custom", "seconds", "90"}, 90 * time.Second, true},
		{platforms.Twitter, []string{"refresh", "no"}, 2 * time.Hour, false},
		{platforms.LinkedIn, nil, 60 * 24 * time.Hour, false},
		{platforms.LinkedIn, []string{"lifetime", "20"}, 20 * time.Second, false},
		{platforms.LinkedIn, []string{"refresh", "yes"}, 60 * 24 * time.Hour, true},
		{platforms.TikTok, nil, 2 * time.Hour, true},
		{platforms.TikTok, []string{"lifetime", "20"}, 20 * time.Second, false},
		{platforms.Pinterest, nil, 30 * 24 * time.Hour, true},
		{platforms.Pinterest, []string{"refresh", "no"}, 30 * 24 * time.Hour, false},
	}
	for _, tt := range tests {
		t.Run(tt.platform.ID+" "+strings.Join(tt.form, " "), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, sandbox.Options{})
				a := w.app(tt.platform)
				tokens := w.connect(a, defaults(tt.platform), tt.form...)
				if life := time.Until(tokens.AccessExpires); life != tt.life || tokens.Refresh.IsZero() == tt.refresh {
					t.Errorf("lifetime = %s, refresh %t; want %s, %t", life, !tokens.Refresh.IsZero(), tt.life, tt.refresh)
				}
				<-time.After(tt.life - time.Second)
				if _, err := a.Identify(t.Context(), tokens); err != nil {
					t.Errorf("Identify before the end = %v", err)
				}
				<-time.After(time.Second)
				if _, err := a.Identify(t.Context(), tokens); classOf(t, err) != platforms.ClassStaleAccess {
					t.Errorf("Identify at the end = %v; want stale_access", err)
				}
			})
		})
	}
}

func TestLinkedInPartner(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, sandbox.Options{LinkedInPartner: true})
		a := w.app(platforms.LinkedIn)
		tokens := w.connect(a, defaults(platforms.LinkedIn))
		if life := time.Until(tokens.RefreshExpires); life != 365*24*time.Hour {
			t.Errorf("refresh token's life = %s; want 365 days", life)
		}
		<-time.After(59 * 24 * time.Hour)
		got := w.refresh(a, tokens.Refresh.Reveal())
		compare(t, platforms.LinkedIn, "refresh", got)
		var body struct {
			Refresh string `json:"refresh_token"`
			Left    int    `json:"refresh_token_expires_in"`
		}
		if err := json.Unmarshal([]byte(got.body), &body); err != nil {
			t.Fatal(err)
		}
		if body.Refresh != tokens.Refresh.Reveal() || body.Left != 306*24*60*60 {
			t.Errorf("refresh token changed %t, ends in %d s; want the same, 306 days", body.Refresh != tokens.Refresh.Reveal(), body.Left)
		}
		<-time.After(306 * 24 * time.Hour)
		compare(t, platforms.LinkedIn, "token-dead-refresh", w.refresh(a, tokens.Refresh.Reveal()))
		if tokens := w.connect(a, defaults(platforms.LinkedIn), "refresh", "no"); !tokens.Refresh.IsZero() {
			t.Error("a refresh token although the page said no")
		}
	})
}

func TestLinkedInScopeSets(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	a := w.app(platforms.LinkedIn)
	scopes := defaults(platforms.LinkedIn)
	first := w.connect(a, scopes)
	reversed := slices.Clone(scopes)
	slices.Reverse(reversed)
	second := w.connect(a, reversed)
	other := w.connect(a, scopes, "persona", "tomas")
	for _, tokens := range []*platforms.Tokens{first, second, other} {
		if _, err := a.Identify(t.Context(), tokens); err != nil {
			t.Errorf("Identify with the same scope set = %v", err)
		}
	}
	third := w.connect(a, append(scopes, "r_organization_admin"))
	for _, tokens := range []*platforms.Tokens{first, second} {
		got := w.send(http.MethodGet, a.Endpoints.API+"/v2/userinfo", "", "", "Authorization", "Bearer "+tokens.Access.Reveal())
		compare(t, platforms.LinkedIn, "api-revoked", got)
	}
	for _, tokens := range []*platforms.Tokens{other, third} {
		if _, err := a.Identify(t.Context(), tokens); err != nil {
			t.Errorf("Identify of another member, or with the new set = %v", err)
		}
	}
}

func TestLinkedInVersions(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	a := w.app(platforms.LinkedIn)
	tokens := w.connect(a, append(defaults(platforms.LinkedIn), "rw_organization_admin"))
	tests := []struct{ version, recording string }{
		{"", "api-version-missing"},
		{"20250401", "api-version-dead"},
		{"202504", "api-version-dead"},
		{"202511", "acls"},
		{platforms.LinkedIn.Logins[0].Version, "acls"},
	}
	for _, tt := range tests {
		got := w.send(http.MethodGet, a.Endpoints.API+"/rest/organizationAcls?q=roleAssignee", "", "",
			"Authorization", "Bearer "+tokens.Access.Reveal(), "LinkedIn-Version", tt.version)
		compare(t, platforms.LinkedIn, tt.recording, got)
	}
	lookup := func(version string) result {
		return w.send(http.MethodGet, a.Endpoints.API+"/rest/organizationsLookup?ids=List(70931,5)", "", "",
			"Authorization", "Bearer "+tokens.Access.Reveal(), "LinkedIn-Version", "202609", "X-Restli-Protocol-Version", version)
	}
	if got := lookup("2.0.0"); got.status != http.StatusOK || !strings.Contains(got.body, `"5":404`) {
		t.Errorf("lookup = %d: %s; want one of two", got.status, got.body)
	}
	if got := lookup(""); got.status != http.StatusBadRequest {
		t.Errorf("lookup by the older protocol = %d; want 400", got.status)
	}
}

func TestStateSurvivesARestart(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "sandbox.json")
	before := newWorld(t, sandbox.Options{File: file})
	a := before.app(platforms.Twitter)
	tokens := before.connect(a, defaults(platforms.Twitter))
	code := before.consent(a, defaults(platforms.Twitter)).Get("code")

	after := newWorld(t, sandbox.Options{File: file})
	again := after.app(platforms.Twitter)
	if again.ClientID != a.ClientID || !again.ClientSecret.Equal(a.ClientSecret) {
		t.Error("the app's credentials changed")
	}
	if _, err := again.Identify(t.Context(), tokens); err != nil {
		t.Errorf("Identify = %v", err)
	}
	if _, err := again.Exchange(t.Context(), platforms.NewSecret(code), verifier, nil); err != nil {
		t.Errorf("Exchange = %v", err)
	}
	refreshTokenOf(t, after.refresh(again, tokens.Refresh.Reveal()))

	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("state file: %v, %v; want mode 0600", info.Mode(), err)
	}
	data, err := os.ReadFile(file)
	if err != nil || strings.Contains(string(data), tokens.Access.Reveal()) || strings.Contains(string(data), tokens.Refresh.Reveal()) {
		t.Errorf("the state file holds a token (%v)", err)
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(file), ".sandbox-*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestDamagedState(t *testing.T) {
	t.Parallel()
	for _, content := range []string{"", "{", `{"tokens":{"x":{"grant":"gone"}}}`, `{"grants":{"x":{"server":"myspace"}}}`, `[]`} {
		file := filepath.Join(t.TempDir(), "sandbox.json")
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := sandbox.New(sandbox.Options{File: file})
		if err == nil || !strings.Contains(err.Error(), file) || !strings.Contains(err.Error(), "delete the file") {
			t.Errorf("New with state %q = %v; want the file's name and the remedy", content, err)
		}
	}
}

func TestUnwritableStateIsAFaultOfOurs(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "gone")
	w := newWorld(t, sandbox.Options{File: filepath.Join(dir, "sandbox.json")})
	got := w.form(w.app(platforms.Twitter).AuthCodeURL("s", verifier, defaults(platforms.Twitter)), url.Values{"decision": {"approve"}})
	if got.status != http.StatusInternalServerError {
		t.Errorf("consent = %d; want 500", got.status)
	}
}
