package sandbox_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
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

// facebookAnswer compares an answer of Facebook's part with a recording.
func facebookAnswer(t testing.TB, recording string, got result) {
	t.Helper()
	compare(t, platforms.Facebook, recording, got)
}

// graph asks the Graph API.
func (w world) graph(a *platforms.App, method, path, token string) result {
	w.t.Helper()
	return w.send(method, a.Endpoints.API+path, "", "", "Authorization", "Bearer "+token)
}

// debug asks debug_token, with the app's own token.
func (w world) debug(a *platforms.App, token string) result {
	w.t.Helper()
	own := a.ClientID + "|" + a.ClientSecret.Reveal()
	return w.send(http.MethodGet, a.Endpoints.Introspect+"?input_token="+token, "", "", "Authorization", "Bearer "+own)
}

// tick consents with the Pages and Instagram accounts that are left ticked, and
// returns the long-lived tokens.
func (w world) tick(a *platforms.App, scopes []string, persona string, assets ...string) *platforms.Tokens {
	w.t.Helper()
	form := url.Values{"decision": {"approve"}, "persona": {persona}, "asset": append([]string{""}, assets...)}
	return w.long(a, scopes, w.form(a.AuthCodeURL("the-state", verifier, scopes), form))
}

// long trades a callback's code for long-lived tokens.
func (w world) long(a *platforms.App, scopes []string, back result) *platforms.Tokens {
	w.t.Helper()
	short, err := a.Exchange(w.t.Context(), platforms.NewSecret(w.callbackOf(back).Get("code")), verifier, scopes)
	if err != nil {
		w.t.Fatal(err)
	}
	long, err := a.Lengthen(w.t.Context(), short)
	if err != nil {
		w.t.Fatal(err)
	}
	return long
}

// consenting consents with everything ticked and returns long-lived tokens.
func (w world) consenting(a *platforms.App, persona string) *platforms.Tokens {
	w.t.Helper()
	scopes := defaultsOf(a.Login)
	back := w.form(a.AuthCodeURL("the-state", verifier, scopes), url.Values{"decision": {"approve"}, "persona": {persona}})
	return w.long(a, scopes, back)
}

// listOf reads the ids, or another field, of a list of the Graph API.
func listOf(t testing.TB, got result, field string) []string {
	t.Helper()
	var list struct{ Data []map[string]any }
	if err := json.Unmarshal([]byte(got.body), &list); err != nil || got.status != http.StatusOK {
		t.Fatalf("list = %d, %v: %s", got.status, err, got.body)
	}
	values := []string{}
	for _, element := range list.Data {
		value, _ := element[field].(string)
		values = append(values, value)
	}
	return values
}

const (
	bakery          = "104455667788990"
	catering        = "104455667788991"
	bakeryInstagram = "17841400099887766"
)

func TestFacebookAnswersAreAsRecorded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	a := w.app(platforms.Facebook)
	const pageFields = "?fields=id,name,username,category,tasks,access_token,picture"
	tokens := w.tick(a, defaults(platforms.Facebook), "greta", bakery)
	access := tokens.Access.Reveal()
	facebookAnswer(t, "me", w.graph(a, http.MethodGet, "/me", access))
	facebookAnswer(t, "accounts", w.graph(a, http.MethodGet, "/me/accounts"+pageFields, access))
	facebookAnswer(t, "debug", w.debug(a, access))
	page := listOf(t, w.graph(a, http.MethodGet, "/me/accounts", access), "access_token")[0]
	facebookAnswer(t, "debug-page", w.debug(a, page))
	facebookAnswer(t, "api-no-token", w.send(http.MethodGet, a.Endpoints.API+"/me", "", ""))
	facebookAnswer(t, "api-object", w.graph(a, http.MethodGet, "/"+bakery, w.consenting(a, "nora").Access.Reveal()))
	facebookAnswer(t, "api-parameter", w.graph(a, http.MethodGet, "/me?fields=followers", access))
	facebookAnswer(t, "api-proof", w.graph(a, http.MethodGet, "/me", w.consenting(a, "yusuf").Access.Reveal()))
	facebookAnswer(t, "accounts-none", w.graph(a, http.MethodGet, "/me/accounts", w.consenting(a, "nora").Access.Reveal()))
	facebookAnswer(t, "accounts-analyst", w.graph(a, http.MethodGet, "/me/accounts"+pageFields, w.consenting(a, "tess").Access.Reveal()))
	facebookAnswer(t, "debug-app-token", w.send(http.MethodGet, a.Endpoints.Introspect+"?input_token="+access, "", "", "Authorization", "Bearer "+a.ClientID+"|other"))

	direct := w.appOf(platforms.Instagram, platforms.Instagram.Logins[1])
	facebookAnswer(t, "debug-other-app", w.debug(a, w.consenting(direct, "juno").Access.Reveal()))

	exchange := func(token string) result {
		form, _ := client(a, url.Values{"grant_type": {"fb_exchange_token"}, "fb_exchange_token": {token}})
		return w.form(a.Endpoints.Token, form)
	}
	facebookAnswer(t, "token-long", exchange(access))

	var grants []sandbox.Grant
	w.control(http.MethodGet, "grants?platform=meta_facebook&persona=tess", "", &grants)
	tess := w.consenting(a, "tess").Access.Reveal()
	w.control(http.MethodPost, "grants/"+grants[0].ID+"/age", `{"expiresInSeconds": -1}`, nil)
	facebookAnswer(t, "api-expired", w.graph(a, http.MethodGet, "/me", tess))
	facebookAnswer(t, "token-short-expired", exchange(tess))
	facebookAnswer(t, "debug-expired", w.debug(a, tess))
	w.control(http.MethodPost, "grants/"+grants[0].ID+"/password", "{}", nil)
	facebookAnswer(t, "api-password", w.graph(a, http.MethodGet, "/me", tess))
	facebookAnswer(t, "debug-password", w.debug(a, tess))

	facebookAnswer(t, "permissions", w.graph(a, http.MethodGet, "/me/permissions", w.tick(a, defaults(platforms.Facebook), "nora").Access.Reveal()))
	if got := w.debug(a, ""); !strings.Contains(got.body, "input_token is required") {
		t.Errorf("debug_token about nothing = %d %s", got.status, got.body)
	}
	if got := w.debug(a, "other"); got.status != http.StatusOK || !strings.Contains(got.body, `"is_valid":false`) {
		t.Errorf("debug_token about an unknown token = %d %s; want 200 with is_valid false", got.status, got.body)
	}
	for _, method := range []string{http.MethodGet, http.MethodDelete} {
		facebookAnswer(t, "api-object", w.graph(a, method, "/"+bakery+"/permissions", access))
	}
	facebookAnswer(t, "revoke", w.graph(a, http.MethodDelete, "/me/permissions", access))
	facebookAnswer(t, "api-removed", w.graph(a, http.MethodGet, "/me", access))
	facebookAnswer(t, "api-removed", w.graph(a, http.MethodGet, "/me", page))
}

// TestFacebookPersonas connects as Mooring does, by either platform that shares
// the app.
func TestFacebookPersonas(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	tests := []struct {
		platform *platforms.Platform
		persona  string
		profiles int
		first    string
		finding  string // of the first profile
	}{
		{platforms.Facebook, "greta", 2, "Quist Bakery", ""},
		{platforms.Facebook, "odd", 30, "Vandermeer Stores", ""},
		{platforms.Facebook, "nora", 0, "", ""},
		{platforms.Facebook, "tess", 1, "Aronsen Ceramics", platforms.FindingNoPublishTask},
		{platforms.Facebook, "yusuf", 1, "Demir Cycles", ""},
		{platforms.Instagram, "greta", 1, "Quist Bakery", ""},
		{platforms.Instagram, "odd", 1, "Vandermeer Stores", ""},
		{platforms.Instagram, "tess", 0, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.platform.ID+" "+tt.persona, func(t *testing.T) {
			t.Parallel()
			w := world{w.Sandbox, t}
			a := w.app(tt.platform)
			tokens := w.consenting(a, tt.persona)
			identity, err := a.Identify(t.Context(), tokens)
			if err != nil {
				t.Fatal(err)
			}
			if len(identity.Profiles) != tt.profiles {
				t.Fatalf("Identify = %+v; want %d profiles", identity, tt.profiles)
			}
			inspection, err := a.Inspect(t.Context(), tokens)
			if err != nil || inspection.Source != platforms.FromIntrospection {
				t.Errorf("Inspect = %+v, %v; want what debug_token tells", inspection, err)
			}
			if tt.profiles == 0 {
				return
			}
			first := identity.Profiles[0]
			if first.DisplayName != tt.first || first.Token.IsZero() {
				t.Errorf("first profile = %+v; want %s with a token of its own", first, tt.first)
			}
			v, err := a.Validate(t.Context(), tokens, first)
			if err != nil || len(v.Errors) > 0 {
				t.Fatalf("Validate = %+v, %v; want no errors", v, err)
			}
			if warned := len(v.Warnings) > 0; warned != (tt.finding != "") || warned && v.Warnings[0].Code != tt.finding {
				t.Errorf("Validate = %+v; want the warning %q", v, tt.finding)
			}
		})
	}
}

// TestMisfortunes looks at accounts when they are new, and a minute later.
func TestMisfortunes(t *testing.T) {
	tests := []struct {
		login            *platforms.Login
		platform         *platforms.Platform
		persona, finding string
	}{
		{platforms.Facebook.Logins[0], platforms.Facebook, "liv", platforms.FindingRoleLost},
		{platforms.Facebook.Logins[0], platforms.Facebook, "emil", platforms.FindingCheckpoint},
		{platforms.Instagram.Logins[0], platforms.Instagram, "sana", platforms.FindingNotLinked},
		{platforms.Instagram.Logins[1], platforms.Instagram, "mads", platforms.FindingNotProfessional},
	}
	for _, tt := range tests {
		t.Run(tt.persona, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, sandbox.Options{})
				a := w.appOf(tt.platform, tt.login)
				tokens := w.consenting(a, tt.persona)
				identity, err := a.Identify(t.Context(), tokens)
				if err != nil || len(identity.Profiles) != 1 {
					t.Fatalf("Identify = %+v, %v; want one profile", identity, err)
				}
				v, err := a.Validate(t.Context(), tokens, identity.Profiles[0])
				if err != nil || len(v.Errors) > 0 {
					t.Errorf("Validate at first = %+v, %v; want no errors", v, err)
				}
				<-time.After(time.Minute)
				v, err = a.Validate(t.Context(), tokens, identity.Profiles[0])
				if err != nil || len(v.Errors) != 1 || v.Errors[0].Code != tt.finding {
					t.Errorf("Validate a minute later = %+v, %v; want %s", v, err, tt.finding)
				}
			})
		})
	}
}

func TestFacebookStopsPeopleOnItsOwnPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	got := w.form(w.app(platforms.Facebook).AuthCodeURL("s", verifier, defaults(platforms.Facebook)), url.Values{"decision": {"approve"}, "persona": {"ivo"}})
	if got.status != http.StatusBadRequest || got.header.Get("Location") != "" || !strings.Contains(got.body, "App not active") {
		t.Errorf("consent = %d to %q; want a page about the app", got.status, got.header.Get("Location"))
	}
}

// TestFacebookAndInstagramShareAnApp connects both, and ends both at once.
func TestFacebookAndInstagramShareAnApp(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	pages, accounts := w.app(platforms.Facebook), w.app(platforms.Instagram)
	if pages.ClientID != accounts.ClientID || pages.Endpoints != accounts.Endpoints {
		t.Fatalf("apps %s at %+v and %s at %+v; want one", pages.ClientID, pages.Endpoints, accounts.ClientID, accounts.Endpoints)
	}
	first, second := w.consenting(pages, "greta"), w.consenting(accounts, "greta")
	var grants []sandbox.Grant
	w.control(http.MethodGet, "grants", "", &grants)
	if len(grants) != 1 || !slices.Equal(grants[0].Platforms, []string{"meta_facebook", "meta_instagram"}) {
		t.Fatalf("grants = %+v; want one for both platforms", grants)
	}
	for _, scope := range []string{"pages_manage_posts", "instagram_content_publish"} {
		if !slices.Contains(grants[0].Scopes, scope) {
			t.Errorf("scopes = %v; want %s among them", grants[0].Scopes, scope)
		}
	}
	if revoked, err := accounts.Revoke(t.Context(), second); err != nil || !revoked {
		t.Fatalf("Revoke = %t, %v", revoked, err)
	}
	for _, tokens := range []*platforms.Tokens{first, second} {
		if _, err := pages.Identify(t.Context(), tokens); classOf(t, err) != platforms.ClassRefreshDead {
			t.Errorf("Identify after Revoke = %v; want refresh_dead", err)
		}
	}
	if again := w.consenting(pages, "greta"); again != nil {
		if _, err := pages.Identify(t.Context(), first); classOf(t, err) != platforms.ClassRefreshDead {
			t.Errorf("Identify with the old token after another consent = %v; want refresh_dead", err)
		}
	}
}

// TestFacebookAsksAgainOnlyByRerequest unticks a permission and a Page, and
// tries to have them ticked again.
func TestFacebookAsksAgainOnlyByRerequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	a := w.app(platforms.Facebook)
	scopes := defaults(platforms.Facebook)
	consent := func(authType string, scope, asset []string) (permissions string, pages []string) {
		t.Helper()
		u, err := url.Parse(a.AuthCodeURL("the-state", verifier, scopes))
		if err != nil {
			t.Fatal(err)
		}
		q := u.Query()
		q.Set("auth_type", authType)
		u.RawQuery = q.Encode()
		form := url.Values{"decision": {"approve"}, "persona": {"greta"}, "scope": append(scope, ""), "asset": append(asset, "")}
		access := w.long(a, scopes, w.form(u.String(), form)).Access.Reveal()
		return w.graph(a, http.MethodGet, "/me/permissions", access).body, listOf(t, w.graph(a, http.MethodGet, "/me/accounts", access), "id")
	}
	const declined = `{"permission":"pages_manage_posts","status":"declined"}`
	fewer := slices.DeleteFunc(slices.Clone(scopes), func(s string) bool { return s == "pages_manage_posts" || s == "public_profile" })
	all := w.consenting(a, "tess")
	page := listOf(t, w.graph(a, http.MethodGet, "/me/accounts", all.Access.Reveal()), "access_token")[0]
	w.tick(a, scopes, "tess")
	facebookAnswer(t, "api-removed", w.graph(a, http.MethodGet, "/me", page)) // its Page was unticked
	steps := []struct {
		authType string
		scopes   []string
		pages    []string
		declined bool
		want     []string
	}{
		{"", fewer, []string{bakery}, true, []string{bakery}},
		{"", scopes, []string{bakery, catering}, true, []string{bakery}},
		{"rerequest", scopes, []string{bakery, catering}, false, []string{bakery, catering}},
		{"rerequest", fewer, []string{catering}, true, []string{catering}},
	}
	for i, step := range steps {
		permissions, pages := consent(step.authType, step.scopes, step.pages)
		if got := strings.Contains(permissions, declined); got != step.declined {
			t.Errorf("step %d: permissions %s; want pages_manage_posts declined %t", i, permissions, step.declined)
		}
		if !strings.Contains(permissions, `{"permission":"public_profile","status":"granted"}`) {
			t.Errorf("step %d: permissions %s; want public_profile, which cannot be unticked", i, permissions)
		}
		if diff := cmp.Diff(step.want, pages); diff != "" {
			t.Errorf("step %d: Pages (-want +got):\n%s", i, diff)
		}
	}
}

// TestFacebookShowsWhatWasTicked ticks Pages and Instagram accounts apart.
func TestFacebookShowsWhatWasTicked(t *testing.T) {
	t.Parallel()
	everything := defaults(platforms.Instagram)
	without := func(scope string) []string {
		return slices.DeleteFunc(slices.Clone(everything), func(s string) bool { return s == scope })
	}
	tests := []struct {
		name    string
		scopes  []string
		persona string
		assets  []string
		pages   int
		account bool // the first Page's Instagram account shows
	}{
		{"all", everything, "greta", []string{bakery, catering, bakeryInstagram}, 2, true},
		{"Page only", everything, "greta", []string{bakery}, 1, false},
		{"account without its Page", everything, "greta", []string{bakeryInstagram}, 0, false},
		{"nothing", everything, "greta", nil, 0, false},
		{"another's Page", everything, "greta", []string{"118800223344556"}, 0, false},
		{"no instagram_basic", without("instagram_basic"), "greta", []string{bakery, bakeryInstagram}, 1, false},
		{"no pages_show_list", without("pages_show_list"), "greta", []string{bakery, bakeryInstagram}, 0, false},
		{"portfolio", everything, "odd", []string{"208714455093300", "208714455093301", "17841405822304914"}, 2, true},
		{"no business_management", without("business_management"), "odd", []string{"208714455093300", "208714455093301", "17841405822304914"}, 1, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, sandbox.Options{})
			a := w.app(platforms.Instagram)
			tokens := w.tick(a, tt.scopes, tt.persona, tt.assets...)
			got := w.graph(a, http.MethodGet, "/me/accounts?fields=instagram_business_account{id,username}", tokens.Access.Reveal())
			ids := listOf(t, got, "id")
			if account := strings.Contains(got.body, `"instagram_business_account":{"id":"1784`); len(ids) != tt.pages || account != tt.account {
				t.Errorf("accounts = %s; want %d Pages, an Instagram account %t", got.body, tt.pages, tt.account)
			}
			inspection, err := a.Inspect(t.Context(), tokens)
			if err != nil {
				t.Fatal(err)
			}
			for scope, ids := range inspection.Targets {
				for _, id := range ids {
					if strings.HasPrefix(scope, "instagram_") != strings.HasPrefix(id, "1784") || !slices.Contains(tt.assets, id) {
						t.Errorf("targets of %s = %v; want those of its kind among %v", scope, ids, tt.assets)
					}
				}
			}
		})
	}
}

func TestFacebookPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	a := w.app(platforms.Facebook)
	access := w.consenting(a, "odd").Access.Reveal()
	for _, tt := range []struct {
		limit    string
		requests int
	}{{"", 2}, {"?limit=7", 5}, {"?limit=15&fields=id", 2}, {"?limit=100", 2}} {
		seen := make(map[string]bool)
		requests := 0
		for next := a.Endpoints.API + "/me/accounts" + tt.limit; next != ""; requests++ {
			var list struct {
				Data   []struct{ ID string }
				Paging struct{ Next string }
			}
			got := w.send(http.MethodGet, next, "", "", "Authorization", "Bearer "+access)
			if err := json.Unmarshal([]byte(got.body), &list); err != nil {
				t.Fatal(err)
			}
			for _, page := range list.Data {
				seen[page.ID] = true
			}
			next = list.Paging.Next
		}
		if len(seen) != 30 || requests != tt.requests {
			t.Errorf("accounts%s: %d Pages in %d requests; want 30 in %d", tt.limit, len(seen), requests, tt.requests)
		}
	}
}

func TestFacebookFields(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	a := w.app(platforms.Instagram)
	access := w.consenting(a, "greta").Access.Reveal()
	page := listOf(t, w.graph(a, http.MethodGet, "/me/accounts", access), "access_token")[0]
	tests := []struct {
		path, token string
		want        string // the keys, or what the refusal says
	}{
		{"/me", access, "id name"},
		{"/me?fields=name,picture.width(96).height(96){url}", access, "id name picture"},
		{"/me?fields=id,email", access, "id"},
		{"/me", page, "access_token category category_list id name tasks"},
		{"/me?fields=instagram_business_account", page, "id instagram_business_account"},
		{"/" + bakery + "?fields=name,username", access, "id name username"},
		{"/" + catering + "?fields=name,username,instagram_business_account", access, "id name"},
		{"/" + bakeryInstagram + "?fields=username,followers_count,website", page, "followers_count id username"},
		{"/" + bakeryInstagram, page, "id"},
		{"/me?fields=instagram_business_account{id,account_type}", page, "(#100) Tried accessing nonexisting field (account_type) on node type (InstagramUser)"},
		{"/me/accounts?fields=id,instagram_business_account{account_type}", access, "(#100) Tried accessing nonexisting field (account_type) on node type (InstagramUser)"},
		{"/me/accounts", page, "(#100) Tried accessing nonexisting field (accounts) on node type (Page)"},
		{"/5", access, "Unsupported get request. Object with ID '5' does not exist, cannot be loaded due to missing permissions, or does not support this operation."},
		{"/me/nothing", access, "Unknown path components"},
	}
	for _, tt := range tests {
		got := w.graph(a, http.MethodGet, tt.path, tt.token)
		var body map[string]any
		if err := json.Unmarshal([]byte(got.body), &body); err != nil {
			t.Fatal(err)
		}
		var said string
		if problem, failed := body["error"].(map[string]any); failed {
			said, _ = problem["message"].(string)
		} else {
			var keys []string
			for key := range body {
				keys = append(keys, key)
			}
			slices.Sort(keys)
			said = strings.Join(keys, " ")
		}
		if said != tt.want {
			t.Errorf("GET %s = %d %q; want %q", tt.path, got.status, said, tt.want)
		}
	}
}

// TestFacebookLifetimes lets an hour and 60 days pass. A Page's token dies with
// the person's if that was a short-lived one.
func TestFacebookLifetimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, sandbox.Options{})
		a := w.app(platforms.Facebook)
		pageOf := func(tokens *platforms.Tokens) string {
			return listOf(t, w.graph(a, http.MethodGet, "/me/accounts", tokens.Access.Reveal()), "access_token")[0]
		}
		alive := func(token string) bool { return w.graph(a, http.MethodGet, "/me", token).status == http.StatusOK }

		short := w.connect(a, defaults(platforms.Facebook))
		shortPage := pageOf(short)
		long, err := a.Lengthen(t.Context(), short)
		if err != nil {
			t.Fatal(err)
		}
		longPage := pageOf(long)
		if shortPage == longPage || longPage != pageOf(long) {
			t.Error("a Page's token depends on the person's, and on nothing else")
		}
		if life := time.Until(short.AccessExpires); life != 90*time.Minute {
			t.Errorf("short token's life = %s; want 90 minutes", life)
		}
		if life := time.Until(long.AccessExpires); life != 60*24*time.Hour {
			t.Errorf("long token's life = %s; want 60 days", life)
		}
		form, _ := client(a, url.Values{"code": {w.consent(a, defaults(platforms.Facebook)).Get("code")}, "redirect_uri": {callback}})
		<-time.After(10 * time.Minute)
		facebookAnswer(t, "token-code-expired", w.form(a.Endpoints.Token, form))
		<-time.After(80 * time.Minute)
		if alive(short.Access.Reveal()) || alive(shortPage) || !alive(long.Access.Reveal()) || !alive(longPage) {
			t.Error("after 90 minutes: want the long token and its Page's alive, the short ones dead")
		}
		if _, err := a.Lengthen(t.Context(), short); classOf(t, err) != platforms.ClassInvalid {
			t.Errorf("Lengthen of an ended token = %v; want invalid", err)
		}
		<-time.After(10 * 24 * time.Hour)
		again, err := a.Lengthen(t.Context(), long)
		if err != nil {
			t.Fatal(err)
		}
		if drift := again.AccessExpires.Sub(long.AccessExpires).Abs(); drift > time.Second {
			t.Errorf("a long token's end moved by %s; want it where it was", drift)
		}
		<-time.After(60 * 24 * time.Hour)
		if alive(long.Access.Reveal()) || !alive(longPage) {
			t.Error("after 70 days: want the long token dead and its Page's alive")
		}
	})
}

func TestFacebookVersions(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // in the year 2000, when none had ended
		w := newWorld(t, sandbox.Options{})
		a := w.app(platforms.Facebook)
		access := w.consenting(a, "greta").Access.Reveal()
		ask := func(version string) result {
			address := strings.ReplaceAll(a.Endpoints.API, "{version}", version)
			return w.send(http.MethodGet, address+"/me", "", "", "Authorization", "Bearer "+access)
		}
		for version, served := range map[string]string{"v26.0": "v26.0", "v17.0": "v17.0", "v3.3": "v17.0", "v16.0": "v17.0"} {
			if got := ask(version); got.status != http.StatusOK || got.header.Get("Facebook-Api-Version") != served {
				t.Errorf("%s = %d by %q; want it served by %s", version, got.status, got.header.Get("Facebook-Api-Version"), served)
			}
		}
		for _, version := range []string{"v27.0", "v99.0", "latest", "17.0", "v2x.0"} {
			if got := ask(version); got.status != http.StatusBadRequest || !strings.Contains(got.body, `"message":"Unknown path components: /me"`) {
				t.Errorf("%s = %d %s; want an unknown path", version, got.status, got.body)
			}
		}
		<-time.After(time.Until(time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)))
		access = w.consenting(a, "greta").Access.Reveal()
		for version, served := range map[string]string{"v18.0": "v21.0", "v20.0": "v21.0", "v21.0": "v21.0", "v25.0": "v25.0"} {
			if got := ask(version); got.status != http.StatusOK || got.header.Get("Facebook-Api-Version") != served {
				t.Errorf("%s in 2026 = %d by %q; want it served by %s", version, got.status, got.header.Get("Facebook-Api-Version"), served)
			}
		}
	})
}

func TestFacebookProof(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	a := w.app(platforms.Facebook)
	prove := func(secret, token string) string {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(token))
		return hex.EncodeToString(mac.Sum(nil))
	}
	greta, yusuf := w.consenting(a, "greta").Access.Reveal(), w.consenting(a, "yusuf").Access.Reveal()
	secret := a.ClientSecret.Reveal()
	const lacks, invalid = "require an appsecret_proof argument", "Invalid appsecret_proof provided"
	tests := []struct{ name, token, proof, refusal string }{
		{"none, not demanded", greta, "", ""},
		{"right, not demanded", greta, prove(secret, greta), ""},
		{"wrong, not demanded", greta, prove("other", greta), invalid},
		{"of another token", greta, prove(secret, yusuf), invalid},
		{"in capitals", greta, strings.ToUpper(prove(secret, greta)), invalid},
		{"none", yusuf, "", lacks},
		{"right", yusuf, prove(secret, yusuf), ""},
		{"wrong", yusuf, prove("other", yusuf), invalid},
	}
	for _, tt := range tests {
		path := "/me"
		if tt.proof != "" {
			path += "?appsecret_proof=" + tt.proof
		}
		got := w.graph(a, http.MethodGet, path, tt.token)
		if (got.status == http.StatusOK) != (tt.refusal == "") || !strings.Contains(got.body, tt.refusal) {
			t.Errorf("%s: %d %s; want %q", tt.name, got.status, got.body, tt.refusal)
		}
	}
	w.control(http.MethodPost, "apps/meta", `{"requireProof": true}`, nil)
	if got := w.graph(a, http.MethodGet, "/me", greta); !strings.Contains(got.body, lacks) {
		t.Errorf("without proof once the app demands it: %d %s", got.status, got.body)
	}
	if _, err := a.Identify(t.Context(), w.consenting(a, "greta")); err != nil {
		t.Errorf("Identify, which proves = %v", err)
	}
}

// TestFacebookConfiguration asks by config_id, which grants all or nothing.
func TestFacebookConfiguration(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	a := w.app(platforms.Facebook)
	a.Options = map[string]string{"CONFIG_ID": "1234567890123456"}
	address := a.AuthCodeURL("the-state", verifier, nil)
	tokens := w.long(a, nil, w.form(address, url.Values{"decision": {"approve"}}))
	inspection, err := a.Inspect(t.Context(), tokens)
	if err != nil {
		t.Fatal(err)
	}
	for _, scope := range []string{"pages_manage_posts", "instagram_content_publish"} {
		if !slices.Contains(inspection.Scopes, scope) {
			t.Errorf("scopes = %v; want those of the configuration, %s among them", inspection.Scopes, scope)
		}
	}
	back := w.callbackOf(w.form(address, url.Values{"decision": {"approve"}, "scope": {"pages_show_list"}}))
	if back.Get("error") != "access_denied" || back.Has("code") {
		t.Errorf("callback with unticked permissions = %v; want a denial", back)
	}
}

func TestFacebookDenial(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	a := w.app(platforms.Facebook)
	got := w.form(a.AuthCodeURL("the-state", verifier, defaults(platforms.Facebook)), url.Values{"decision": {"deny"}})
	want := url.Values{
		"error": {"access_denied"}, "error_code": {"200"}, "error_description": {"Permissions error"},
		"error_reason": {"user_denied"}, "state": {"the-state"},
	}
	if diff := cmp.Diff(want, w.callbackOf(got)); diff != "" {
		t.Errorf("callback (-want +got):\n%s", diff)
	}
	if !strings.HasSuffix(got.header.Get("Location"), "#_=_") {
		t.Errorf("callback = %s; want the fragment #_=_", got.header.Get("Location"))
	}
}

// TestFacebookSuspended suspends the app in Meta's console.
func TestFacebookSuspended(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"meta", "instagram"} {
		w := newWorld(t, sandbox.Options{})
		a, me := w.app(platforms.Facebook), "/me"
		if name == "instagram" {
			a, me = w.instagram(), "/{version}/me"
		}
		access := w.consenting(a, "").Access.Reveal()
		w.control(http.MethodPost, "apps/"+name, `{"suspended": true}`, nil)
		if got := w.graph(a, http.MethodGet, me, access); got.status != http.StatusBadRequest || !strings.Contains(got.body, "API access blocked.") {
			t.Errorf("%s: me = %d %s; want it blocked", name, got.status, got.body)
		}
		if _, err := a.Exchange(t.Context(), platforms.NewSecret("any"), "", nil); classOf(t, err) != platforms.ClassAppFault {
			t.Errorf("%s: Exchange = %v; want app_fault", name, err)
		}
	}
}

// TestFacebookTokenByGET asks for tokens as Meta's documentation does.
func TestFacebookTokenByGET(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	a := w.app(platforms.Facebook)
	q, _ := client(a, url.Values{"code": {w.consent(a, defaults(platforms.Facebook)).Get("code")}, "redirect_uri": {callback}})
	facebookAnswer(t, "token", w.send(http.MethodGet, a.Endpoints.Token+"?"+q.Encode(), "", ""))
	facebookAnswer(t, "token-code-used", w.send(http.MethodGet, a.Endpoints.Token+"?"+q.Encode(), "", ""))
	for _, name := range []string{"client_id", "client_secret"} {
		less := maps.Clone(q)
		less.Del(name)
		if got := w.form(a.Endpoints.Token, less); got.status != http.StatusBadRequest || !strings.Contains(got.body, "Missing "+name+" parameter.") {
			t.Errorf("exchange without %s = %d %s", name, got.status, got.body)
		}
	}
}

func TestFacebookUsage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	a := w.app(platforms.Instagram)
	access := w.consenting(a, "greta").Access.Reveal()
	page := listOf(t, w.graph(a, http.MethodGet, "/me/accounts", access), "access_token")[0]
	tests := []struct{ path, token, header, holds string }{
		{"/me", access, "X-App-Usage", `"call_count":`},
		{"/me/accounts", access, "X-App-Usage", `"total_time":`},
		{"/me", page, "X-Business-Use-Case-Usage", `{"` + bakery + `":[{`},
		{"/" + bakeryInstagram, page, "X-Business-Use-Case-Usage", `"type":"instagram"`},
	}
	for _, tt := range tests {
		if got := w.graph(a, http.MethodGet, tt.path, tt.token).header.Get(tt.header); !strings.Contains(got, tt.holds) {
			t.Errorf("GET %s: %s = %q; want %q in it", tt.path, tt.header, got, tt.holds)
		}
	}
}

// TestNamesOfServers uses a platform's name and a server's in the control API.
func TestNamesOfServers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	page, direct := w.app(platforms.Facebook), w.appOf(platforms.Instagram, platforms.Instagram.Logins[1])
	greta, juno := w.consenting(page, "greta").Access.Reveal(), w.consenting(direct, "juno").Access.Reveal()
	hit := func() (meta, instagram bool) {
		return w.graph(page, http.MethodGet, "/me", greta).status == http.StatusTeapot,
			w.graph(direct, http.MethodGet, "/{version}/me", juno).status == http.StatusTeapot
	}
	for _, tt := range []struct {
		name            string
		meta, instagram bool
	}{
		{"meta", true, false}, {"instagram", false, true},
		{"meta_facebook", true, false}, {"meta_instagram", true, true}, {"twitter", false, false},
	} {
		w.control(http.MethodPost, "faults", `{"platform":"`+tt.name+`","times":-1,"status":418}`, nil)
		if meta, instagram := hit(); meta != tt.meta || instagram != tt.instagram {
			t.Errorf("fault at %s hits meta %t, instagram %t; want %t, %t", tt.name, meta, instagram, tt.meta, tt.instagram)
		}
		w.control(http.MethodDelete, "faults", "", nil)
		var requests []sandbox.Request
		w.control(http.MethodGet, "requests?platform="+tt.name, "", &requests)
		servers := make(map[string]string)
		for _, r := range requests {
			servers[r.Server] = r.Platform
		}
		want := make(map[string]string)
		if tt.meta {
			want["meta"] = "" // it serves two platforms
		}
		if tt.instagram {
			want["instagram"] = "meta_instagram"
		}
		if diff := cmp.Diff(want, servers); diff != "" {
			t.Errorf("servers and platforms of requests to %s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestFacebookConsentPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	got := w.send(http.MethodGet, w.app(platforms.Facebook).AuthCodeURL("s", verifier, defaults(platforms.Facebook)), "", "")
	for _, text := range []string{
		`value="` + bakery + `"`, `value="` + bakeryInstagram + `"`, `id="assets-greta"`, `[value="greta"]:checked) #assets-greta`, "@quist.bakery",
	} {
		if !strings.Contains(got.body, text) {
			t.Errorf("the page lacks %s", text)
		}
	}
	for _, text := range []string{`name="refresh"`, "EXPIRED"} {
		if strings.Contains(got.body, text) {
			t.Errorf("the page has %s, and Facebook no refresh tokens, nor Pages that expire", text)
		}
	}
	refused := w.form(w.app(platforms.Facebook).AuthCodeURL("s", verifier, defaults(platforms.Facebook)), url.Values{"decision": {"approve"}, "refresh": {"yes"}})
	if refused.status != http.StatusBadRequest {
		t.Errorf("consent with a refresh token = %d; want 400", refused.status)
	}
}

// TestTheConsentPageNamesWhatIsConnected: Instagram accounts are connected on
// Facebook's page, too.
func TestTheConsentPageNamesWhatIsConnected(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	facebook, instagram := w.app(platforms.Facebook), w.app(platforms.Instagram)
	both := append(defaults(platforms.Facebook), defaults(platforms.Instagram)...)
	for _, tt := range []struct {
		app    *platforms.App
		scopes []string
		want   string
	}{
		{facebook, defaults(platforms.Facebook), "your Facebook account"},
		{instagram, defaults(platforms.Instagram), "your Instagram account"},
		{instagram, both, "your Facebook and Instagram account"},
		{facebook, []string{"public_profile", "pages_show_list"}, "your Facebook account"},
		{w.app(platforms.Twitter), defaults(platforms.Twitter), "your X account"},
	} {
		got := w.send(http.MethodGet, tt.app.AuthCodeURL("s", verifier, tt.scopes), "", "")
		if !strings.Contains(got.body, "Mooring wants to access "+tt.want+"<") {
			t.Errorf("the page for %s = %d: %s; want it to be about %s", tt.scopes, got.status, got.body, tt.want)
		}
	}
}
