package sandbox_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"mooring/platforms"
	"mooring/platforms/sandbox"
)

// bearing asks a platform's API with an access token.
func (w world) bearing(a *platforms.App, method, path string, tokens *platforms.Tokens) result {
	w.t.Helper()
	return w.send(method, a.Endpoints.API+path, "", "", "Authorization", "Bearer "+tokens.Access.Reveal())
}

// TestTikTokRedirects: a redirect URI is of the web or of the desktop list,
// and each has rules of its own.
func TestTikTokRedirects(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	tests := []struct {
		redirect string
		accepted bool
		desktop  bool
	}{
		{"https://mooring.example/callback", true, false},
		{"http://localhost:33766/callback", true, true},
		{"https://127.0.0.1:8443/callback", true, true},
		{"http://mooring.example/callback", false, false},
		{"https://mooring.example/callback?from=tiktok", false, false},
		{"https://mooring.example/callback#top", false, false},
		{"https://mooring.example/" + strings.Repeat("x", 500), false, false},
		{"https://localhost/callback", false, true},
		{"http://127.0.0.1/callback", false, true},
	}
	for _, tt := range tests {
		a := w.app(platforms.TikTok)
		if _, ok := w.Register(a.Login, tt.redirect); !ok {
			t.Fatal("TikTok is not played")
		}
		a.RedirectURI = tt.redirect
		address := a.AuthCodeURL("s", verifier, defaults(platforms.TikTok))
		if got := strings.Contains(address, "code_challenge="); got != tt.desktop {
			t.Errorf("%s: challenge %t; want %t", tt.redirect, got, tt.desktop)
		}
		got := w.form(address, url.Values{"decision": {"approve"}})
		if accepted := got.status == http.StatusFound; accepted != tt.accepted {
			t.Errorf("%s: consent = %d; want accepted %t", tt.redirect, got.status, tt.accepted)
			continue
		}
		if !tt.accepted {
			if !strings.Contains(got.body, "redirect_uri") {
				t.Errorf("%s: the page does not name redirect_uri: %s", tt.redirect, got.body)
			}
			continue
		}
		back, err := url.Parse(got.header.Get("Location"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.Exchange(t.Context(), platforms.NewSecret(back.Query().Get("code")), verifier, nil); err != nil {
			t.Errorf("%s: Exchange = %v", tt.redirect, err)
		}
	}
}

// TestTikTokWantsHex sends the challenge of RFC 7636, as most libraries do.
func TestTikTokWantsHex(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	a := w.app(platforms.TikTok)
	login := *a.Login
	login.PKCE = platforms.PKCES256
	a.Login = &login
	code := w.consent(a, defaults(platforms.TikTok)).Get("code")
	form, _ := client(a, url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {callback}, "code_verifier": {verifier},
	})
	compare(t, platforms.TikTok, "token-verifier", w.form(a.Endpoints.Token, form))
}

func TestTikTokWantsAForm(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	a := w.app(platforms.TikTok)
	body := `{"client_key":"` + a.ClientID + `","client_secret":"` + a.ClientSecret.Reveal() + `","grant_type":"refresh_token","refresh_token":"r"}`
	compare(t, platforms.TikTok, "token-malformed", w.send(http.MethodPost, a.Endpoints.Token, "application/json", body))
}

func TestTikTokScopesCanBeUnticked(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	a := w.app(platforms.TikTok)
	asked := defaults(platforms.TikTok)
	page := w.send(http.MethodGet, a.AuthCodeURL("the-state", verifier, asked), "", "")
	if strings.Contains(page.body, " disabled") || !strings.Contains(page.body, `name="scope" value="video.publish" checked`) {
		t.Errorf("the page's scopes cannot be unticked: %s", page.body)
	}
	left := []string{"user.info.basic", "user.info.profile"}
	// The page sends an empty scope first, so that none is not all.
	form := url.Values{"decision": {"approve"}, "scope": append([]string{""}, left...)}
	back := w.callbackOf(w.form(a.AuthCodeURL("the-state", verifier, asked), form))
	if got := back.Get("scopes"); got != strings.Join(left, ",") {
		t.Errorf("callback's scopes = %q; want %v", got, left)
	}
	tokens, err := a.Exchange(t.Context(), platforms.NewSecret(back.Get("code")), verifier, asked)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(tokens.Scopes, left) || tokens.ScopeSource != platforms.FromTokenResponse {
		t.Errorf("granted = %v, from %s; want %v", tokens.Scopes, tokens.ScopeSource, left)
	}
	identity, err := a.Identify(t.Context(), tokens)
	if err != nil || identity.Profiles[0].Username != "minabakes" {
		t.Errorf("Identify = %+v, %v; want the user name", identity, err)
	}
	compare(t, platforms.TikTok, "api-scope", w.bearing(a, http.MethodPost, "/post/publish/creator_info/query/", tokens))
	compare(t, platforms.TikTok, "api-scope-field", w.bearing(a, http.MethodGet, "/user/info/?fields=open_id,follower_count", tokens))

	for _, scopes := range [][]string{{""}, {"video.publish", ""}} {
		form := url.Values{"decision": {"approve"}, "scope": scopes}
		got := w.form(a.AuthCodeURL("the-state", verifier, []string{"user.info.basic"}), form)
		if wants := scopes[0] == ""; (got.status == http.StatusBadRequest) != wants {
			t.Errorf("consent with %q left = %d", scopes, got.status)
		}
	}
	x := w.app(platforms.Twitter)
	if got := w.form(x.AuthCodeURL("s", verifier, defaults(platforms.Twitter)), url.Values{"decision": {"approve"}, "scope": {"users.read"}}); got.status != http.StatusBadRequest {
		t.Errorf("X's consent to one scope = %d; want 400, since X grants all or none", got.status)
	}
	w.control(http.MethodPost, "consent", `{"platform":"tiktok","decision":"approve","scopes":["user.info.basic"]}`, nil)
	back = w.callbackOf(w.send(http.MethodGet, a.AuthCodeURL("the-state", verifier, asked), "", ""))
	if got := back.Get("scopes"); got != "user.info.basic" {
		t.Errorf("automatic consent's scopes = %q; want user.info.basic", got)
	}
}

// TestReplaysAreRefusedAndNoMore: a spent refresh token is refused at TikTok
// and Pinterest, and the one in its place works on.
func TestReplaysAreRefusedAndNoMore(t *testing.T) {
	t.Parallel()
	tests := []struct {
		platform *platforms.Platform
		answer   string
		dead     string
		life     time.Duration
	}{
		{platforms.TikTok, "token", "token-dead-refresh", 180 * 24 * time.Hour},
		{platforms.Pinterest, "refresh", "token-grant", 60 * 24 * time.Hour},
	}
	for _, tt := range tests {
		t.Run(tt.platform.ID, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, sandbox.Options{})
				a := w.app(tt.platform)
				tokens := w.connect(a, defaults(tt.platform))
				if life := time.Until(tokens.RefreshExpires); life != tt.life {
					t.Errorf("refresh token's life = %s; want %s", life, tt.life)
				}
				<-time.After(tt.life - time.Second)
				first := tokens.Refresh.Reveal()
				got := w.refresh(a, first)
				compare(t, tt.platform, tt.answer, got)
				second := refreshTokenOf(t, got)
				third := refreshTokenOf(t, w.refresh(a, second))
				compare(t, tt.platform, tt.dead, w.refresh(a, first))
				compare(t, tt.platform, tt.dead, w.refresh(a, second))
				<-time.After(tt.life - time.Second) // a new one's life is whole
				fourth := refreshTokenOf(t, w.refresh(a, third))
				<-time.After(tt.life)
				compare(t, tt.platform, tt.dead, w.refresh(a, fourth))
			})
		})
	}
}

func TestTikTokRevocationEndsAllOfThePerson(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	a := w.app(platforms.TikTok)
	first, second := w.connect(a, defaults(platforms.TikTok)), w.connect(a, defaults(platforms.TikTok))
	other := w.connect(a, defaults(platforms.TikTok), "persona", "joris")
	revoke := func(token platforms.Secret) result {
		form, _ := client(a, url.Values{"token": {token.Reveal()}})
		return w.form(a.Endpoints.Revoke, form)
	}
	compare(t, platforms.TikTok, "api-token", revoke(first.Refresh)) // it wants the access token
	compare(t, platforms.TikTok, "revoke", revoke(first.Access))
	compare(t, platforms.TikTok, "api-token", revoke(first.Access))
	compare(t, platforms.TikTok, "token-dead-refresh", w.refresh(a, second.Refresh.Reveal()))
	if _, err := a.Identify(t.Context(), second); classOf(t, err) != platforms.ClassStaleAccess {
		t.Errorf("Identify with the other grant = %v; want stale_access", err)
	}
	if _, err := a.Identify(t.Context(), other); err != nil {
		t.Errorf("Identify of another person = %v", err)
	}
	if ok, err := a.Revoke(t.Context(), first); ok || classOf(t, err) != platforms.ClassStaleAccess {
		t.Errorf("Revoke of a dead token = %t, %v; want it refused, since the grant may live on", ok, err)
	}
}

func TestTikTokAnswers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	a := w.app(platforms.TikTok)
	mina := w.connect(a, defaults(platforms.TikTok))
	const creator = "/post/publish/creator_info/query/"
	compare(t, platforms.TikTok, "user", w.bearing(a, http.MethodGet, "/user/info/?fields=open_id,display_name,avatar_url,username", mina))
	compare(t, platforms.TikTok, "api-params", w.bearing(a, http.MethodGet, "/user/info/", mina))
	compare(t, platforms.TikTok, "api-params", w.bearing(a, http.MethodGet, "/user/info/?fields=open_id,email", mina))
	compare(t, platforms.TikTok, "creator", w.bearing(a, http.MethodPost, creator, mina))
	compare(t, platforms.TikTok, "creator-banned", w.bearing(a, http.MethodPost, creator, w.connect(a, defaults(platforms.TikTok), "persona", "joris")))
	compare(t, platforms.TikTok, "api-token", w.send(http.MethodGet, a.Endpoints.API+"/user/info/?fields=open_id", "", ""))

	got := w.bearing(a, http.MethodPost, creator, w.connect(a, defaults(platforms.TikTok), "persona", "ayla"))
	compare(t, platforms.TikTok, "creator-unaudited", got)
	var info struct {
		Data struct {
			Levels []string `json:"privacy_level_options"`
		} `json:"data"`
	}
	if err := json.Unmarshal([]byte(got.body), &info); err != nil || !slices.Equal(info.Data.Levels, []string{"SELF_ONLY"}) {
		t.Errorf("privacy levels without audit = %v, %v; want SELF_ONLY", info.Data.Levels, err)
	}
	bare := w.connect(a, []string{"video.publish"})
	compare(t, platforms.TikTok, "api-scope", w.bearing(a, http.MethodGet, "/user/info/?fields=open_id", bare))
}
