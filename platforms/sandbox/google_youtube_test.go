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

	"github.com/google/go-cmp/cmp"

	"mooring/platforms"
	"mooring/platforms/sandbox"
)

const (
	readYouTube   = "https://www.googleapis.com/auth/youtube.readonly"
	uploadYouTube = "https://www.googleapis.com/auth/youtube.upload"
)

// youTubeAnswer compares an answer of YouTube's part with a recording.
func youTubeAnswer(t testing.TB, recording string, got result) {
	t.Helper()
	compare(t, platforms.YouTube, recording, got)
}

// tokeninfo asks Google about a token, as Mooring does.
func (w world) tokeninfo(a *platforms.App, token string) result {
	w.t.Helper()
	return w.form(a.Endpoints.Introspect, nil, "Authorization", "Bearer "+token)
}

func (w world) channels(a *platforms.App, query, token string) result {
	w.t.Helper()
	return w.send(http.MethodGet, a.Endpoints.API+"/channels?"+query, "", "", "Authorization", token)
}

func TestYouTubeAnswersAreAsRecorded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	a := w.app(platforms.YouTube)
	tokens := w.connect(a, defaults(platforms.YouTube))
	access, refresh := tokens.Access.Reveal(), tokens.Refresh.Reveal()
	const mine = "part=snippet&mine=true"
	youTubeAnswer(t, "channels", w.channels(a, mine, "Bearer "+access))
	youTubeAnswer(t, "api-parameter", w.channels(a, "part=snippet", "Bearer "+access))
	youTubeAnswer(t, "api-auth-invalid", w.channels(a, mine, "Bearer other"))
	youTubeAnswer(t, "api-no-token", w.channels(a, mine, ""))
	youTubeAnswer(t, "tokeninfo", w.tokeninfo(a, access))
	youTubeAnswer(t, "tokeninfo-invalid", w.tokeninfo(a, "other"))
	youTubeAnswer(t, "refresh", w.refresh(a, refresh))
	youTubeAnswer(t, "refresh", w.refresh(a, refresh)) // the same token, again and again

	if got := w.channels(a, "mine=true", "Bearer "+access); got.status != http.StatusBadRequest {
		t.Errorf("channels without part = %d; want 400", got.status)
	}
	noel := w.connect(a, defaults(platforms.YouTube), "persona", "noel")
	youTubeAnswer(t, "channels-none", w.channels(a, mine, "Bearer "+noel.Access.Reveal()))
	upload := w.connect(a, []string{uploadYouTube})
	youTubeAnswer(t, "api-scope", w.channels(a, mine, "Bearer "+upload.Access.Reveal()))
	reading := w.connect(a, []string{readYouTube, uploadYouTube})
	youTubeAnswer(t, "tokeninfo-without-openid", w.tokeninfo(a, reading.Access.Reveal()))

	youTubeAnswer(t, "revoke", w.form(a.Endpoints.Revoke, url.Values{"token": {refresh}}))
	youTubeAnswer(t, "revoke-invalid", w.form(a.Endpoints.Revoke, url.Values{"token": {refresh}}))
	youTubeAnswer(t, "token-revoked", w.refresh(a, refresh))
	youTubeAnswer(t, "api-auth-invalid", w.channels(a, mine, "Bearer "+access))
	youTubeAnswer(t, "tokeninfo-invalid", w.tokeninfo(a, access))
	if got := w.form(a.Endpoints.Revoke, nil); got.status != http.StatusBadRequest {
		t.Errorf("revoke without a token = %d; want 400", got.status)
	}
}

// TestYouTubeParts asks for all that the recording of one part leaves out.
func TestYouTubeParts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	a := w.app(platforms.YouTube)
	tokens := w.connect(a, defaults(platforms.YouTube))
	var list struct {
		Items []map[string]json.RawMessage `json:"items"`
	}
	got := w.channels(a, "part=id,statistics,contentDetails,status,nonsense&mine=true", "Bearer "+tokens.Access.Reveal())
	if err := json.Unmarshal([]byte(got.body), &list); err != nil || len(list.Items) != 1 {
		t.Fatalf("channels = %v: %s; want one", err, got.body)
	}
	var parts []string
	for name := range list.Items[0] {
		parts = append(parts, name)
	}
	slices.Sort(parts)
	if diff := cmp.Diff([]string{"contentDetails", "etag", "id", "kind", "statistics", "status"}, parts); diff != "" {
		t.Errorf("parts (-want +got):\n%s", diff)
	}
	if statistics := string(list.Items[0]["statistics"]); !strings.Contains(statistics, `"viewCount":"48210"`) {
		t.Errorf("statistics = %s; want numbers as strings", statistics)
	}
}

func TestYouTubePersonas(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	a := w.app(platforms.YouTube)
	const ada, bram = "108205314977360218845", "113370584419026637120"
	tests := []struct {
		persona, subject, channel, handle string
	}{
		{"ada", ada, "UCa1b2c3d4e5f6g7h8i9j0kLmN", "adaquill"},
		{"sails", bram, "UCq7w8e9r0t1y2u3i4o5p6aSdF", "vestbysails"},
		{"workshop", bram, "UCz9x8c7v6b5n4m3l2k1j0hGfD", "fjordworkshop"},
		{"noel", "101749926351880415372", "", ""},
	}
	for _, tt := range tests {
		identity, err := a.Identify(t.Context(), w.connect(a, defaults(platforms.YouTube), "persona", tt.persona))
		if err != nil {
			t.Fatal(err)
		}
		var channels, handles string
		for _, p := range identity.Profiles {
			channels, handles = channels+p.ExternalID, handles+p.Username
		}
		if identity.Subject != tt.subject || channels != tt.channel || handles != tt.handle {
			t.Errorf("%s is %s with channel %s, @%s; want %s, %s, @%s", tt.persona, identity.Subject, channels, handles, tt.subject, tt.channel, tt.handle)
		}
	}
}

func TestYouTubeStopsWhoIsNoTestUser(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	a := w.app(platforms.YouTube)
	got := w.form(a.AuthCodeURL("s", verifier, defaults(platforms.YouTube)), url.Values{"decision": {"approve"}, "persona": {"pia"}})
	if got.status != http.StatusBadRequest || got.header.Get("Location") != "" || !strings.Contains(got.body, "only its test users") {
		t.Errorf("consent = %d to %q: %s; want a page and no callback", got.status, got.header.Get("Location"), got.body)
	}
	if e := a.CallbackError(w.consent(a, defaults(platforms.YouTube), "decision", "deny")); e == nil || e.Class != platforms.ClassDenied {
		t.Errorf("CallbackError = %v; want denied", e)
	}
}

func TestYouTubeCallback(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	a := w.app(platforms.YouTube)
	back := w.consent(a, defaults(platforms.YouTube))
	if back.Get("code") == "" || back.Get("state") != "the-state" || back.Get("iss") != a.Login.Issuer ||
		back.Get("scope") != strings.Join(defaults(platforms.YouTube), " ") {
		t.Errorf("callback = %v; want code, state, iss and scope", back)
	}
	if e := a.CallbackError(back); e != nil {
		t.Errorf("CallbackError = %v; want none", e)
	}
}

func TestYouTubeAuthorizeBroken(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(url.Values)
		stops  bool
	}{
		{"nothing", func(url.Values) {}, false},
		{"no challenge", func(q url.Values) { q.Del("code_challenge"); q.Del("code_challenge_method") }, false},
		{"plain challenge", func(q url.Values) { q.Set("code_challenge_method", "plain") }, true},
		{"client", func(q url.Values) { q.Set("client_id", "other") }, true},
		{"client_key", func(q url.Values) { q.Set("client_key", q.Get("client_id")); q.Del("client_id") }, true},
		{"redirect", func(q url.Values) { q.Set("redirect_uri", callback+"/") }, true},
		{"response type", func(q url.Values) { q.Set("response_type", "token") }, true},
		{"scope without its prefix", func(q url.Values) { q.Set("scope", "openid youtube.readonly") }, true},
		{"commas", func(q url.Values) { q.Set("scope", strings.ReplaceAll(q.Get("scope"), " ", ",")) }, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, sandbox.Options{})
			u, err := url.Parse(w.app(platforms.YouTube).AuthCodeURL("the-state", verifier, defaults(platforms.YouTube)))
			if err != nil {
				t.Fatal(err)
			}
			q := u.Query()
			tt.change(q)
			u.RawQuery = q.Encode()
			got := w.send(http.MethodGet, u.String(), "", "")
			if stops := strings.Contains(got.body, "Access blocked"); stops != tt.stops || stops != (got.status == http.StatusBadRequest) {
				t.Errorf("answer = %d: %s\nwant Google's own page: %t", got.status, got.body, tt.stops)
			}
		})
	}
}

// TestYouTubeExchangeBroken breaks one thing at a time in the exchange.
func TestYouTubeExchangeBroken(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		change    func(form url.Values, header http.Header, a *platforms.App)
		recording string
	}{
		{"nothing", func(url.Values, http.Header, *platforms.App) {}, "token"},
		{"Basic", func(f url.Values, h http.Header, a *platforms.App) {
			f.Del("client_id")
			f.Del("client_secret")
			basic(h, a.ClientID, a.ClientSecret.Reveal())
		}, "token"},
		{"other client", func(f url.Values, _ http.Header, _ *platforms.App) { f.Set("client_id", "other") }, "token-client"},
		{"other secret", func(f url.Values, _ http.Header, _ *platforms.App) { f.Set("client_secret", "other") }, "token-secret"},
		{"no secret", func(f url.Values, _ http.Header, _ *platforms.App) { f.Del("client_secret") }, "token-no-secret"},
		{"no verifier", func(f url.Values, _ http.Header, _ *platforms.App) { f.Del("code_verifier") }, "token-no-verifier"},
		{"other verifier", func(f url.Values, _ http.Header, _ *platforms.App) { f.Set("code_verifier", strings.Repeat("x", 43)) }, "token-verifier"},
		{"other redirect", func(f url.Values, _ http.Header, _ *platforms.App) { f.Set("redirect_uri", callback+"/") }, "token-redirect"},
		{"no code", func(f url.Values, _ http.Header, _ *platforms.App) { f.Del("code") }, "token-parameter"},
		{"other code", func(f url.Values, _ http.Header, _ *platforms.App) { f.Set("code", "other") }, "token-code"},
		{"other grant type", func(f url.Values, _ http.Header, _ *platforms.App) { f.Set("grant_type", "password") }, "token-grant-type"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, sandbox.Options{})
			a := w.app(platforms.YouTube)
			form, _ := client(a, url.Values{
				"grant_type":    {"authorization_code"},
				"code":          {w.consent(a, defaults(platforms.YouTube)).Get("code")},
				"redirect_uri":  {callback},
				"code_verifier": {verifier},
			})
			header := make(http.Header)
			tt.change(form, header, a)
			youTubeAnswer(t, tt.recording, w.form(a.Endpoints.Token, form, "Authorization", header.Get("Authorization")))
		})
	}
}

// TestYouTubeTakesNoChallenge: what was not challenged needs no verifier.
func TestYouTubeTakesNoChallenge(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	a := w.app(platforms.YouTube)
	u, err := url.Parse(a.AuthCodeURL("the-state", verifier, defaults(platforms.YouTube)))
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Del("code_challenge")
	q.Del("code_challenge_method")
	u.RawQuery = q.Encode()
	code := w.callbackOf(w.form(u.String(), url.Values{"decision": {"approve"}})).Get("code")
	form, _ := client(a, url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {callback}})
	youTubeAnswer(t, "token", w.form(a.Endpoints.Token, form))
}

func TestYouTubeCodesWorkOnceAndEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, sandbox.Options{})
		a := w.app(platforms.YouTube)
		redeem := func(code string) result {
			form, _ := client(a, url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {callback}, "code_verifier": {verifier}})
			return w.form(a.Endpoints.Token, form)
		}
		code := w.consent(a, defaults(platforms.YouTube)).Get("code")
		<-time.After(10*time.Minute - time.Second)
		youTubeAnswer(t, "token", redeem(code))
		youTubeAnswer(t, "token-forgotten", redeem(code))
		late := w.consent(a, defaults(platforms.YouTube)).Get("code")
		<-time.After(10 * time.Minute)
		youTubeAnswer(t, "token-forgotten", redeem(late))
	})
}

// TestYouTubeRefreshTokens: a client that forgets one parameter is refused
// nothing, and gets no refresh token.
func TestYouTubeRefreshTokens(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		again   bool // the person has consented before
		change  func(url.Values)
		refresh string // the page's choice
		want    bool
	}{
		{"as Mooring asks", false, func(url.Values) {}, "", true},
		{"as Mooring asks, again", true, func(url.Values) {}, "", true},
		{"no access_type", false, func(q url.Values) { q.Del("access_type") }, "yes", false},
		{"online", false, func(q url.Values) { q.Set("access_type", "online") }, "", false},
		{"first consent", false, func(q url.Values) { q.Del("prompt") }, "", true},
		{"consent remembered", true, func(q url.Values) { q.Del("prompt") }, "", false},
		{"only select_account", true, func(q url.Values) { q.Set("prompt", "select_account") }, "yes", false},
		{"the page says none", false, func(url.Values) {}, "no", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, sandbox.Options{})
			a := w.app(platforms.YouTube)
			if tt.again {
				w.connect(a, defaults(platforms.YouTube))
			}
			u, err := url.Parse(a.AuthCodeURL("the-state", verifier, defaults(platforms.YouTube)))
			if err != nil {
				t.Fatal(err)
			}
			q := u.Query()
			tt.change(q)
			u.RawQuery = q.Encode()
			back := w.callbackOf(w.form(u.String(), url.Values{"decision": {"approve"}, "refresh": {tt.refresh}}))
			tokens, err := a.Exchange(t.Context(), platforms.NewSecret(back.Get("code")), verifier, nil)
			if err != nil || tokens.Refresh.IsZero() == tt.want {
				t.Errorf("refresh token %t, %v; want %t", tokens != nil && !tokens.Refresh.IsZero(), err, tt.want)
			}
		})
	}
}

func TestYouTubeInTesting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, sandbox.Options{})
		a := w.app(platforms.YouTube)
		code := w.consent(a, defaults(platforms.YouTube), "refresh", "testing").Get("code")
		tokens, err := a.Exchange(t.Context(), platforms.NewSecret(code), verifier, nil)
		if err != nil {
			t.Fatal(err)
		}
		const week = 7 * 24 * time.Hour
		if life := time.Until(tokens.RefreshExpires); life != week {
			t.Errorf("refresh token's life = %s; want a week", life)
		}
		<-time.After(week - time.Second)
		youTubeAnswer(t, "refresh", w.refresh(a, tokens.Refresh.Reveal())) // which lengthens nothing
		<-time.After(time.Second)
		youTubeAnswer(t, "token-revoked", w.refresh(a, tokens.Refresh.Reveal()))

		form, _ := client(a, url.Values{
			"grant_type": {"authorization_code"}, "redirect_uri": {callback}, "code_verifier": {verifier},
			"code": {w.consent(a, defaults(platforms.YouTube), "refresh", "testing").Get("code")},
		})
		youTubeAnswer(t, "token-testing", w.form(a.Endpoints.Token, form))
		got := w.form(w.app(platforms.Twitter).AuthCodeURL("s", verifier, defaults(platforms.Twitter)), url.Values{"decision": {"approve"}, "refresh": {"testing"}})
		if got.status != http.StatusBadRequest {
			t.Errorf("testing at X = %d; want 400", got.status)
		}
	})
}

func TestYouTubeAccessTokensEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, sandbox.Options{})
		a := w.app(platforms.YouTube)
		tokens := w.connect(a, defaults(platforms.YouTube))
		<-time.After(time.Hour - time.Second)
		if _, err := a.Identify(t.Context(), tokens); err != nil {
			t.Errorf("Identify before the end = %v", err)
		}
		<-time.After(time.Second)
		youTubeAnswer(t, "api-auth", w.channels(a, "part=snippet&mine=true", "Bearer "+tokens.Access.Reveal()))
		if _, err := a.Identify(t.Context(), tokens); classOf(t, err) != platforms.ClassStaleAccess {
			t.Errorf("Identify at the end = %v; want stale_access", err)
		}
	})
}

func TestYouTubeUntickedScopes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		ticked []string
		want   []string
		class  platforms.Class // of Identify's error
	}{
		{"all", []string{"", "openid", readYouTube, uploadYouTube}, []string{readYouTube, uploadYouTube, "openid"}, ""},
		{"no upload", []string{"", readYouTube}, []string{readYouTube, "openid"}, ""},
		{"no reading", []string{"", uploadYouTube}, []string{uploadYouTube, "openid"}, platforms.ClassMissingScope},
		{"none", []string{""}, []string{"openid"}, platforms.ClassMissingScope},
		{"more than asked for", []string{"", readYouTube, "email"}, []string{readYouTube, "openid"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, sandbox.Options{})
			a := w.app(platforms.YouTube)
			address := a.AuthCodeURL("the-state", verifier, defaults(platforms.YouTube))
			back := w.callbackOf(w.form(address, url.Values{"decision": {"approve"}, "scope": tt.ticked}))
			tokens, err := a.Exchange(t.Context(), platforms.NewSecret(back.Get("code")), verifier, defaults(platforms.YouTube))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, tokens.Scopes); diff != "" || tokens.ScopeSource != platforms.FromTokenResponse {
				t.Errorf("scopes, from %s (-want +got):\n%s", tokens.ScopeSource, diff)
			}
			_, err = a.Identify(t.Context(), tokens)
			if (err != nil) != (tt.class != "") || err != nil && classOf(t, err) != tt.class {
				t.Errorf("Identify = %v; want class %q", err, tt.class)
			}
		})
	}
}

func TestYouTubeWithNothingTickedIsDenied(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	address := w.app(platforms.YouTube).AuthCodeURL("the-state", verifier, []string{readYouTube})
	back := w.callbackOf(w.form(address, url.Values{"decision": {"approve"}, "scope": {""}}))
	if back.Get("error") != "access_denied" || back.Has("code") {
		t.Errorf("callback = %v; want access_denied", back)
	}
}

func TestYouTubeSpellsScopesItsOwnWay(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	tokens := w.connect(w.app(platforms.YouTube), []string{"openid", "email", readYouTube})
	want := []string{"email", readYouTube, "openid"}
	if diff := cmp.Diff(want, tokens.Scopes); diff != "" {
		t.Errorf("scopes (-want +got):\n%s", diff)
	}
}

// TestYouTubeRevocationReachesThePerson: all channels of the person go, and
// nobody else's.
func TestYouTubeRevocationReachesThePerson(t *testing.T) {
	t.Parallel()
	for _, named := range []string{"refresh token", "access token"} {
		t.Run(named, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, sandbox.Options{})
			a := w.app(platforms.YouTube)
			sails := w.connect(a, defaults(platforms.YouTube), "persona", "sails")
			workshop := w.connect(a, defaults(platforms.YouTube), "persona", "workshop")
			ada := w.connect(a, defaults(platforms.YouTube), "persona", "ada")
			revoked := *sails
			if named == "access token" {
				revoked.Refresh = platforms.Secret{}
			}
			if ok, err := a.Revoke(t.Context(), &revoked); !ok || err != nil {
				t.Fatalf("Revoke = %t, %v; want true", ok, err)
			}
			for _, tokens := range []*platforms.Tokens{sails, workshop} {
				if _, err := a.Identify(t.Context(), tokens); classOf(t, err) != platforms.ClassStaleAccess {
					t.Errorf("Identify = %v; want stale_access", err)
				}
				youTubeAnswer(t, "token-revoked", w.refresh(a, tokens.Refresh.Reveal()))
			}
			if _, err := a.Identify(t.Context(), ada); err != nil {
				t.Errorf("Identify of somebody else = %v", err)
			}
			if ok, err := a.Revoke(t.Context(), workshop); !ok || err != nil {
				t.Errorf("second Revoke = %t, %v; want it to count as taken back", ok, err)
			}
		})
	}
}

// TestYouTubeFaults re-enacts failures that only a fault can bring about.
func TestYouTubeFaults(t *testing.T) {
	t.Parallel()
	tests := []struct {
		fault string
		class platforms.Class
		code  string
	}{
		{`{"endpoint":"profile","status":403,"body":{"error":{"code":403,"message":"m","errors":[{"domain":"youtube.quota","reason":"quotaExceeded"}]}}}`, platforms.ClassRateLimited, "quotaExceeded"},
		{`{"endpoint":"profile","status":403,"body":{"error":{"code":403,"message":"m","errors":[{"domain":"usageLimits","reason":"accessNotConfigured"}]}}}`, platforms.ClassAppFault, "accessNotConfigured"},
		{`{"endpoint":"profile","status":403,"body":{"error":{"code":403,"message":"m","errors":[{"domain":"youtube.common","reason":"authenticatedUserAccountSuspended"}]}}}`, platforms.ClassInvalid, "authenticatedUserAccountSuspended"},
		{`{"endpoint":"introspect","status":502}`, platforms.ClassTemporary, ""},
	}
	for _, tt := range tests {
		t.Run(tt.code, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, sandbox.Options{})
			a := w.app(platforms.YouTube)
			tokens := w.connect(a, defaults(platforms.YouTube))
			w.addFault(tt.fault)
			if _, err := a.Identify(t.Context(), tokens); classOf(t, err) != tt.class {
				t.Errorf("Identify = %v; want %s", err, tt.class)
			}
		})
	}
	w := newWorld(t, sandbox.Options{})
	a := w.app(platforms.YouTube)
	tokens := w.connect(a, defaults(platforms.YouTube))
	w.addFault(`{"endpoint":"profile","status":401,"body":{"error":{"code":401,"message":"Unauthorized","errors":[{"domain":"youtube.header","reason":"youtubeSignupRequired"}]}}}`)
	identity, err := a.Identify(t.Context(), tokens)
	if err != nil || identity.Subject == "" || len(identity.Profiles) != 0 {
		t.Errorf("Identify = %+v, %v; want a person without channels", identity, err)
	}
}
