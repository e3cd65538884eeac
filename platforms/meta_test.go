package platforms_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"mooring/platforms"
)

// instagramApp is an App of Instagram Login, which needs no Page.
func instagramApp(f far) *platforms.App {
	a := app(platforms.Instagram, f)
	a.Login, _ = platforms.Instagram.Login("INSTAGRAM_LOGIN")
	a.Endpoints = a.Login.Endpoints
	a.RedirectURI = "https://mooring.example/api/oauth/instagram/callback"
	return a
}

// metaFar answers by the path, with the version cut off, and holds each
// request to what Meta wants of all.
type metaFar struct {
	t       *testing.T
	answers map[string]recording // by path, or "debug_token TOKEN"
	asked   []string
}

func (m *metaFar) RoundTrip(r *http.Request) (*http.Response, error) {
	path := strings.TrimPrefix(r.URL.Path, "/v25.0")
	key := path
	query := r.URL.Query()
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	if path == "/debug_token" {
		key = "debug_token " + query.Get("input_token")
		if token != "id+1|top/secret" {
			m.t.Errorf("%s asked as %s; want the app itself", key, token)
		}
	}
	mac := hmac.New(sha256.New, []byte("top/secret"))
	mac.Write([]byte(token))
	if r.URL.Host == "graph.facebook.com" && query.Get("appsecret_proof") != hex.EncodeToString(mac.Sum(nil)) {
		m.t.Errorf("%s: appsecret_proof is not that of token %s", key, token)
	}
	if after := query.Get("after"); after != "" {
		key += " after " + after
	}
	m.asked = append(m.asked, key+" as "+token)
	answer, ok := m.answers[key]
	if !ok {
		m.t.Errorf("%s was asked for", key)
		return nil, io.ErrUnexpectedEOF
	}
	return answer.response(), nil
}

type metaCase struct {
	recording     string
	stage         platforms.Stage
	class         platforms.Class
	code, subcode string
	wait          time.Duration
}

func TestMetaVerdicts(t *testing.T) {
	t.Parallel()
	const (
		exchange = platforms.StageExchange
		refresh  = platforms.StageRefresh
		revoke   = platforms.StageRevoke
		api      = platforms.StageAPI

		none      = platforms.ClassOK
		dead      = platforms.ClassRefreshDead
		stale     = platforms.ClassStaleAccess
		scope     = platforms.ClassMissingScope
		limited   = platforms.ClassRateLimited
		temporary = platforms.ClassTemporary
		fault     = platforms.ClassAppFault
		invalid   = platforms.ClassInvalid
	)
	tests := map[string][]metaCase{
		"meta_facebook": {
			{"token", exchange, none, "", "", 0},
			{"token-long", exchange, none, "", "", 0},
			{"token-without-end", exchange, none, "", "", 0},
			{"token-code-expired", exchange, invalid, "100", "36007", 0},
			{"token-redirect", exchange, fault, "100", "36008", 0},
			{"token-code-used", exchange, invalid, "100", "36009", 0},
			{"token-redirect-unknown", exchange, fault, "191", "", 0},
			{"token-secret", exchange, fault, "1", "", 0},
			{"token-app", exchange, fault, "101", "", 0},
			{"token-verifier", exchange, fault, "1", "", 0},
			{"token-short-expired", exchange, invalid, "190", "463", 0},
			{"me", api, none, "", "", 0},
			{"accounts", api, none, "", "", 0},
			{"accounts-first", api, none, "", "", 0},
			{"accounts-last", api, none, "", "", 0},
			{"accounts-none", api, none, "", "", 0},
			{"accounts-never-granted", api, none, "", "", 0},
			{"accounts-analyst", api, none, "", "", 0},
			{"permissions", api, none, "", "", 0},
			{"debug", api, none, "", "", 0},
			{"debug-page", api, none, "", "", 0},
			{"debug-system-user", api, none, "", "", 0},
			{"debug-password", api, dead, "190", "460", 0},
			{"debug-expired", api, dead, "190", "463", 0},
			{"debug-checkpoint", api, invalid, "190", "459", 0},
			{"debug-role", api, scope, "190", "492", 0},
			{"debug-other-app", api, fault, "100", "", 0},
			{"debug-other-app-older", api, fault, "100", "", 0},
			{"debug-app-token", api, stale, "190", "", 0}, // Inspect knows better whose token it is
			{"revoke", revoke, none, "", "", 0},
			{"revoke-bare", revoke, none, "", "", 0},
			{"api-removed", api, dead, "190", "458", 0},
			{"api-removed", revoke, dead, "190", "458", 0},
			{"api-checkpoint", api, invalid, "190", "459", 0},
			{"api-checkpoint", revoke, invalid, "190", "459", 0},
			{"api-password", api, dead, "190", "460", 0},
			{"api-expired", api, dead, "190", "463", 0},
			{"api-expired", revoke, stale, "190", "463", 0},
			{"api-unconfirmed", api, invalid, "190", "464", 0},
			{"api-logged-out", api, dead, "190", "467", 0},
			{"api-role", api, scope, "190", "492", 0},
			{"api-malformed", api, stale, "190", "", 0},
			{"api-session", api, stale, "102", "", 0},
			{"api-page-token", api, invalid, "190", "2069032", 0},
			{"api-new-page", api, invalid, "200", "2069030", 0},
			{"api-app-blocked", api, fault, "200", "", 0},
			{"api-permission", api, scope, "10", "", 0},
			{"api-permission-named", api, scope, "283", "", 0},
			{"api-parameter", api, invalid, "100", "", 0},
			{"api-object", api, invalid, "100", "33", 0},
			{"api-proof", api, fault, "100", "", 0},
			{"api-no-token", api, invalid, "2500", "", 0},
			{"api-unknown", api, temporary, "1", "", 0},
			{"api-unknown", exchange, temporary, "1", "", 0},
			{"api-down", api, temporary, "2", "", 0},
			{"api-transient", api, temporary, "960", "", 0},
			{"api-capability", api, fault, "3", "", 0},
			{"api-app-limit", api, limited, "4", "", 0},
			{"api-user-limit", api, limited, "17", "2446079", 0},
			{"api-page-limit", api, limited, "32", "", 0},
			{"api-page-usage", api, limited, "80001", "", 19 * time.Minute},
			{"api-uneven", api, limited, "613", "1996", 0},
			{"api-blocked", api, invalid, "368", "", 0},
			{"api-duplicate", api, invalid, "506", "", 0},
			{"api-version", api, fault, "2635", "", 0},
			{"api-version-unknown", api, fault, "2500", "", 0},
			{"api-version-unknown", exchange, fault, "2500", "", 0},
			{"post-authorise", api, invalid, "200", "1404078", 0},
			{"post-identity", api, invalid, "100", "4854002", 0},
			{"post-limited", api, invalid, "368", "1404112", 0},
		},
		"meta_instagram": {
			{"token", exchange, none, "", "", 0},
			{"token-flat", exchange, none, "", "", 0},
			{"token-long", exchange, none, "", "", 0},
			{"refresh", refresh, none, "", "", 0},
			{"token-code", exchange, invalid, "400", "OAuthException", 0},
			{"token-client", exchange, fault, "400", "OAuthException", 0},
			{"token-redirect", exchange, fault, "400", "OAuthException", 0},
			{"token-role", exchange, fault, "400", "OAuthException", 0},
			{"token-kind", exchange, invalid, "100", "", 0},
			{"token-kind", refresh, invalid, "100", "", 0},
			{"token-dead", refresh, dead, "190", "463", 0},
			{"token-dead", exchange, invalid, "190", "463", 0},
			{"token-unparsable", refresh, dead, "190", "", 0},
			{"token-unparsable", api, stale, "190", "", 0},
			{"api-session", refresh, dead, "452", "", 0},
			{"api-session", api, stale, "452", "", 0},
			{"me", api, none, "", "", 0},
			{"me-data", api, none, "", "", 0},
			{"me-number", api, none, "", "", 0},
			{"me-personal", api, none, "", "", 0},
			{"accounts", api, none, "", "", 0},
			{"accounts-not-linked", api, none, "", "", 0},
			{"accounts-account-type", api, invalid, "100", "", 0},
			{"account", api, none, "", "", 0},
			{"debug", api, none, "", "", 0},
			{"debug-not-ticked", api, none, "", "", 0},
			{"api-limit", api, limited, "80002", "", 7 * time.Minute},
			{"api-permission", api, scope, "10", "", 0},
			{"api-permission", refresh, scope, "10", "", 0},
			{"post-restricted", api, invalid, "25", "2207050", 0},
			{"post-blocked", api, invalid, "4", "2207051", 0},
			{"post-cap", api, limited, "9", "2207042", 0},
		},
	}
	for id, cases := range tests {
		p, _ := platforms.Get(id)
		files := recorded(t, id)
		untested := maps.Clone(files)
		for _, tt := range cases {
			r, ok := files[tt.recording]
			if !ok {
				t.Fatalf("no recording %s of %s", tt.recording, id)
			}
			delete(untested, tt.recording)
			a := platforms.Answer{Stage: tt.stage, Status: r.Status, Header: r.header(), Body: r.Body, At: answered}
			want := platforms.Verdict{Class: tt.class, Code: tt.code, Subcode: tt.subcode, RetryAfter: tt.wait}
			for _, l := range p.Logins {
				got := l.Verdict(a)
				if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(want, "Message")); diff != "" {
					t.Errorf("%s/%s %s at %s: Verdict (-want +got):\n%s", id, l.ID, tt.recording, tt.stage, diff)
				}
				if got.Class != none && got.Message == "" {
					t.Errorf("%s/%s %s at %s: Verdict has no message", id, l.ID, tt.recording, tt.stage)
				}
			}
		}
		for name := range untested {
			t.Errorf("recording %s of %s has no case", name, id)
		}
	}
}

// TestMetaVerdictsOfOtherShapes are those that no document shows.
func TestMetaVerdictsOfOtherShapes(t *testing.T) {
	t.Parallel()
	const (
		api    = platforms.StageAPI
		revoke = platforms.StageRevoke
	)
	tests := []struct {
		stage  platforms.Stage
		status int
		body   string
		want   platforms.Class
	}{
		{api, 200, `{"error":{"code":190,"error_subcode":460,"message":"x"}}`, platforms.ClassRefreshDead},
		{api, 200, `{"error":{"code":12345,"message":"x"}}`, platforms.ClassInvalid},
		{api, 400, `{"error":{"code":"190","error_subcode":"460","message":"x"}}`, platforms.ClassRefreshDead},
		{api, 400, `{"error":{"code":190,"error_subcode":460,"is_transient":true}}`, platforms.ClassTemporary},
		{api, 400, `{"error":{"code":4,"is_transient":true}}`, platforms.ClassRateLimited},
		{api, 400, `{"error":{"code":80006}}`, platforms.ClassRateLimited},
		{api, 400, `{"error":{"code":80015}}`, platforms.ClassInvalid},
		{api, 400, `{"error":{"code":9}}`, platforms.ClassInvalid},
		{api, 400, `{"error":{"code":11}}`, platforms.ClassInvalid},
		{api, 400, `{"error":{"code":199}}`, platforms.ClassInvalid},
		{api, 400, `{"error":{"code":299}}`, platforms.ClassMissingScope},
		{api, 400, `{"error":{"code":300}}`, platforms.ClassInvalid},
		{api, 400, `{"error":{"code":1,"message":"Error validating client secret."}}`, platforms.ClassTemporary}, // only the token endpoint means it
		{api, 503, `{"error":{"code":31337}}`, platforms.ClassTemporary},
		{api, 400, `{"error":{}}`, platforms.ClassInvalid},
		{api, 200, `{"data":{"is_valid":false}}`, platforms.ClassRefreshDead},
		{api, 200, `{"data":{"is_valid":false,"error":{"code":190}}}`, platforms.ClassRefreshDead},
		{api, 200, `{"data":{"is_valid":false,"error":{"code":190,"subcode":464}}}`, platforms.ClassInvalid},
		{api, 200, `{"data":{"is_valid":false,"error":{"code":2}}}`, platforms.ClassTemporary},
		{api, 502, `<html>`, platforms.ClassTemporary},
		{revoke, 200, `{"success":false}`, platforms.ClassTemporary},
		{revoke, 400, `{"error":{"code":190,"error_subcode":467}}`, platforms.ClassRefreshDead},
		{revoke, 400, `{"error":{"code":190}}`, platforms.ClassStaleAccess},
	}
	for _, tt := range tests {
		a := platforms.Answer{Stage: tt.stage, Status: tt.status, Body: []byte(tt.body), At: answered}
		if got := platforms.Facebook.Logins[0].Verdict(a).Class; got != tt.want {
			t.Errorf("Verdict(%s %d %s) = %q; want %q", tt.stage, tt.status, tt.body, got, tt.want)
		}
	}
}

func TestMetaRateLimits(t *testing.T) {
	t.Parallel()
	const (
		appUsage = "X-App-Usage"
		pages    = "X-Business-Use-Case-Usage"
	)
	tests := []struct {
		name   string
		header map[string]string
		want   []platforms.RateLimit
	}{
		{"none", nil, nil},
		{"app", map[string]string{appUsage: `{"call_count":28,"total_time":25,"total_cputime":31}`}, []platforms.RateLimit{
			{Name: "app", Owner: platforms.LimitOfApp, UsedPercent: 31},
		}},
		{"page", map[string]string{"X-Page-Usage": `{"call_count":7}`}, []platforms.RateLimit{
			{Name: "page", Owner: platforms.LimitOfAccount, UsedPercent: 7},
		}},
		{"business", map[string]string{pages: `{"17841400099887766":[{"type":"instagram","total_time":3}],"104455667788990":[{"type":"pages","call_count":103,"estimated_time_to_regain_access":19},{"type":"messenger","total_cputime":0}]}`}, []platforms.RateLimit{
			{Name: "pages", Owner: platforms.LimitOfAccount, ExternalID: "104455667788990", UsedPercent: 103, ResetAt: answered.Add(19 * time.Minute)},
			{Name: "messenger", Owner: platforms.LimitOfAccount, ExternalID: "104455667788990"},
			{Name: "instagram", Owner: platforms.LimitOfAccount, ExternalID: "17841400099887766", UsedPercent: 3},
		}},
		{"nonsense", map[string]string{
			appUsage: `{"call_count":-4}`,
			pages:    `{"1":[{"type":"pages","call_count":-1,"estimated_time_to_regain_access":1e18},{"call_count":9}],"":[{"type":"pages","call_count":9}],"2\u0000":[{"type":"pages"}],"3":[{"type":"pa\u0000ges"}]}`,
		}, nil},
		{"for ever", map[string]string{pages: `{"1":[{"type":"pages","call_count":0,"total_time":-1,"estimated_time_to_regain_access":1e18}]}`}, []platforms.RateLimit{
			{Name: "pages", Owner: platforms.LimitOfAccount, ExternalID: "1", ResetAt: answered.Add(24 * time.Hour)},
		}},
		{"nothing told", map[string]string{appUsage: `{}`, "X-Page-Usage": `null`, pages: `{"1":[{"type":"pages","estimated_time_to_regain_access":0},null],"2":null}`}, nil},
		{"other keys", map[string]string{appUsage: `{"calls":28}`, "X-Page-Usage": `{"call_count":null}`}, nil},
		{"no JSON", map[string]string{appUsage: "28%", pages: `[]`}, nil},
	}
	for _, tt := range tests {
		header := make(http.Header)
		for name, value := range tt.header {
			header.Set(name, value)
		}
		got := platforms.Facebook.Logins[0].RateLimits(platforms.Answer{Header: header, At: answered})
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: RateLimits (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestMetaConsentPages(t *testing.T) {
	t.Parallel()
	const verifier = "0123456789012345678901234567890123456789012"
	configured := app(platforms.Facebook, nil)
	configured.Options = map[string]string{"CONFIG_ID": "77"}
	newer := app(platforms.Facebook, nil)
	newer.Version = "v26.0"
	tests := []struct {
		app  *platforms.App
		page string
		want url.Values
	}{
		{app(platforms.Facebook, nil), "https://www.facebook.com/v25.0/dialog/oauth", url.Values{"auth_type": {"rerequest"}, "scope": {"a,b"}}},
		{app(platforms.Instagram, nil), "https://www.facebook.com/v25.0/dialog/oauth", url.Values{"auth_type": {"rerequest"}, "scope": {"a,b"}}},
		{configured, "https://www.facebook.com/v25.0/dialog/oauth", url.Values{"auth_type": {"rerequest"}, "config_id": {"77"}}},
		{newer, "https://www.facebook.com/v26.0/dialog/oauth", url.Values{"auth_type": {"rerequest"}, "scope": {"a,b"}}},
		{instagramApp(nil), "https://www.instagram.com/oauth/authorize", url.Values{"scope": {"a,b"}}},
	}
	for _, tt := range tests {
		for name, value := range map[string]string{
			"response_type": "code", "client_id": "id+1", "state": "s&1", "redirect_uri": tt.app.RedirectURI,
		} {
			tt.want.Set(name, value)
		}
		again := maps.Clone(tt.want)
		if again.Has("auth_type") {
			again.Set("auth_type", "reauthorize")
		}
		for address, want := range map[string]url.Values{
			tt.app.AuthCodeURL("s&1", verifier, []string{"a", "b"}):   tt.want,
			tt.app.ReauthCodeURL("s&1", verifier, []string{"a", "b"}): again,
		} {
			page, query, _ := strings.Cut(address, "?")
			values, err := url.ParseQuery(query)
			if err != nil || page != tt.page {
				t.Errorf("the address leads to %s, %v; want %s", page, err, tt.page)
			}
			if diff := cmp.Diff(want, values); diff != "" {
				t.Errorf("%s: parameters (-want +got):\n%s", page, diff)
			}
		}
	}
}

func TestMetaCallbackDenied(t *testing.T) {
	t.Parallel()
	for query, a := range map[string]*platforms.App{
		"error=access_denied&error_code=200&error_description=Permissions+error&error_reason=user_denied&state=s": app(platforms.Facebook, nil),
		"error=access_denied&error_reason=user_denied&error_description=The+user+denied+your+request.&state=s":    instagramApp(nil),
	} {
		values, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		if e := a.CallbackError(values); e == nil || e.Class != platforms.ClassDenied || e.Code != "access_denied" || e.Subcode != "user_denied" {
			t.Errorf("CallbackError(%s) = %+v; want a refusal", query, e)
		}
	}
	if e := app(platforms.Facebook, nil).CallbackError(url.Values{"code": {"c"}, "state": {"s"}}); e != nil {
		t.Errorf("CallbackError of a code = %v; want none", e)
	}
}

func TestMetaExchange(t *testing.T) {
	t.Parallel()
	common := url.Values{
		"grant_type": {"authorization_code"}, "code": {"the code"},
		"client_id": {"id+1"}, "client_secret": {"top/secret"},
	}
	tests := []struct {
		make      func(far) *platforms.App
		address   string
		code      string
		recording recording
		scopes    []string
		source    platforms.ScopeSource
	}{
		{
			func(f far) *platforms.App { return app(platforms.Facebook, f) },
			"https://graph.facebook.com/v25.0/oauth/access_token", "the code",
			recorded(t, "meta_facebook")["token"], []string{"asked"}, platforms.FromRequest,
		},
		{
			instagramApp, "https://api.instagram.com/oauth/access_token", "the code#_",
			recorded(t, "meta_instagram")["token"],
			[]string{"instagram_business_basic", "instagram_business_content_publish"}, platforms.FromTokenResponse,
		},
		{
			instagramApp, "https://api.instagram.com/oauth/access_token", "the code",
			recorded(t, "meta_instagram")["token-flat"],
			[]string{"instagram_business_basic", "instagram_business_content_publish"}, platforms.FromTokenResponse,
		},
	}
	for _, tt := range tests {
		var form url.Values
		a := tt.make(func(r *http.Request) (*http.Response, error) {
			if r.Method != http.MethodPost || r.URL.String() != tt.address {
				t.Errorf("exchanged by %s %s; want POST %s", r.Method, r.URL, tt.address)
			}
			body, _ := io.ReadAll(r.Body)
			form, _ = url.ParseQuery(string(body))
			return tt.recording.response(), nil
		})
		got, err := a.Exchange(t.Context(), platforms.NewSecret(tt.code), "the verifier", []string{"asked"})
		if err != nil {
			t.Fatal(err)
		}
		want := maps.Clone(common)
		want.Set("redirect_uri", a.RedirectURI)
		if diff := cmp.Diff(want, form); diff != "" {
			t.Errorf("%s: form (-want +got):\n%s", tt.address, diff)
		}
		if !strings.HasSuffix(got.Access.Reveal(), "short") || got.ScopeSource != tt.source {
			t.Errorf("Exchange = %s from %s; want the short token, scopes from %s", got.Access.Reveal(), got.ScopeSource, tt.source)
		}
		if diff := cmp.Diff(tt.scopes, got.Scopes); diff != "" {
			t.Errorf("scopes (-want +got):\n%s", diff)
		}
	}
}

func TestMetaTokenAnswersOfOtherShapes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		body string
		want bool
	}{
		{`{"data":[{"access_token":"a","permissions":[]}]}`, true},
		{`{"data":[{"access_token":"a","permissions":[1,null]}]}`, true},
		{`{"access_token":"a","data":[{"access_token":"b"}]}`, true},
		{`{"data":[]}`, false},
		{`{"data":[{"access_token":"a"},{"access_token":"b"}]}`, false},
		{`{"data":["a"]}`, false},
		{`{"data":{"access_token":"a"}}`, false},
	}
	for _, tt := range tests {
		a := instagramApp(func(*http.Request) (*http.Response, error) { return answer(200, nil, tt.body), nil })
		got, err := a.Exchange(t.Context(), platforms.NewSecret("c"), "", []string{"asked"})
		if (err == nil) != tt.want {
			t.Errorf("Exchange answered by %s = %v, %v; want success %t", tt.body, got, err, tt.want)
			continue
		}
		if tt.want && (got.Access.Reveal() != "a" || !cmp.Equal(got.Scopes, []string{"asked"}) || got.ScopeSource != platforms.FromRequest) {
			t.Errorf("Exchange answered by %s = %s for %q; want a for those asked", tt.body, got.Access.Reveal(), got.Scopes)
		}
	}
}

func TestMetaLengthen(t *testing.T) {
	t.Parallel()
	facebook := func(f far) *platforms.App { return app(platforms.Facebook, f) }
	form := "client_id=id%2B1&client_secret=top%2Fsecret&fb_exchange_token=sh0rt&grant_type=fb_exchange_token"
	files, instagram := recorded(t, "meta_facebook"), recorded(t, "meta_instagram")
	tests := []struct {
		name      string
		make      func(far) *platforms.App
		recording recording
		request   string
		life      time.Duration
	}{
		{"facebook", facebook, files["token-long"], "POST https://graph.facebook.com/v25.0/oauth/access_token " + form, 5183944 * time.Second},
		{"system user", facebook, files["token-without-end"], "POST https://graph.facebook.com/v25.0/oauth/access_token " + form, 0},
		{
			"instagram", instagramApp, instagram["token-long"],
			"GET https://graph.instagram.com/access_token?access_token=sh0rt&client_secret=top%2Fsecret&grant_type=ig_exchange_token ",
			5183944 * time.Second,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := tt.make(func(r *http.Request) (*http.Response, error) {
					var body []byte
					if r.Body != nil {
						body, _ = io.ReadAll(r.Body)
					}
					if got := r.Method + " " + r.URL.String() + " " + string(body); got != tt.request {
						t.Errorf("request = %s; want %s", got, tt.request)
					}
					return tt.recording.response(), nil
				})
				short := &platforms.Tokens{Access: platforms.NewSecret("sh0rt"), Scopes: []string{"x"}, ScopeSource: platforms.FromTokenResponse}
				got, err := a.Lengthen(t.Context(), short)
				if err != nil {
					t.Fatal(err)
				}
				var ends time.Time
				if tt.life > 0 {
					ends = time.Now().UTC().Add(tt.life)
				}
				if got.Access.Equal(short.Access) || !got.AccessExpires.Equal(ends) || !got.Refresh.IsZero() {
					t.Errorf("Lengthen = a token until %s; want a new one until %s", got.AccessExpires, ends)
				}
				if !cmp.Equal(got.Scopes, short.Scopes) || got.ScopeSource != short.ScopeSource {
					t.Errorf("scopes = %q from %s; want those of the short token", got.Scopes, got.ScopeSource)
				}
			})
		})
	}
}

// TestMetaErrorsHoldNoAddress: where a token stands in the address, no failure
// may show it.
func TestMetaErrorsHoldNoAddress(t *testing.T) {
	t.Parallel()
	tokens := &platforms.Tokens{Access: platforms.NewSecret("acc3ss-t0ken")}
	cut := func(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF }
	echo := func(r *http.Request) (*http.Response, error) {
		return answer(400, nil, `{"error":{"code":100,"message":"`+r.URL.String()+`"}}`), nil
	}
	for name, f := range map[string]far{"cut": cut, "echo": echo} {
		for _, broken := range []bool{false, true} {
			facebook, instagram := app(platforms.Facebook, f), instagramApp(f)
			if broken {
				facebook.Endpoints.Introspect, instagram.Endpoints.API = "http://bad host", "http://bad host"
				facebook.Endpoints.Revoke = "http://bad host"
			}
			_, lengthen := instagram.Lengthen(t.Context(), tokens)
			_, renew := instagram.Refresh(t.Context(), tokens)
			_, inspect := facebook.Inspect(t.Context(), tokens)
			_, revoke := facebook.Revoke(t.Context(), tokens)
			for what, err := range map[string]error{"lengthen": lengthen, "renew": renew, "inspect": inspect, "revoke": revoke} {
				e := platformError(t, err)
				shown := e.Error() + e.Body + e.Message
				for _, secret := range []string{"acc3ss", "top/secret", "top%2Fsecret"} {
					if strings.Contains(shown, secret) {
						t.Errorf("%s, %s, bad address %t: the error shows %s: %s", name, what, broken, secret, shown)
					}
				}
			}
		}
	}
}

func TestInstagramRefresh(t *testing.T) {
	t.Parallel()
	files := recorded(t, "meta_instagram")
	old := &platforms.Tokens{Access: platforms.NewSecret("0ld"), Scopes: []string{"instagram_business_basic"}, ScopeSource: platforms.FromTokenResponse}
	tests := []struct {
		recording string
		class     platforms.Class
		scopes    []string
	}{
		{"refresh", "", []string{"instagram_business_basic", "instagram_business_content_publish"}},
		{"token-long", "", old.Scopes},
		{"token-dead", platforms.ClassRefreshDead, nil},
		{"token-unparsable", platforms.ClassRefreshDead, nil},
		{"token-kind", platforms.ClassInvalid, nil},
	}
	for _, tt := range tests {
		a := instagramApp(func(r *http.Request) (*http.Response, error) {
			const want = "https://graph.instagram.com/refresh_access_token?access_token=0ld&grant_type=ig_refresh_token"
			if r.Method != http.MethodGet || r.URL.String() != want {
				t.Errorf("refreshed by %s %s; want GET %s", r.Method, r.URL, want)
			}
			return files[tt.recording].response(), nil
		})
		got, err := a.Refresh(t.Context(), old)
		if tt.class != "" {
			if e := platformError(t, err); e.Class != tt.class || e.Stage != platforms.StageRefresh {
				t.Errorf("Refresh answered by %s = %v (%s); want %s", tt.recording, e, e.Class, tt.class)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if !cmp.Equal(got.Scopes, tt.scopes) || got.ScopeSource != platforms.FromTokenResponse || got.Access.Equal(old.Access) || !got.Refresh.IsZero() {
			t.Errorf("Refresh answered by %s: scopes %q from %s; want a new token for %q", tt.recording, got.Scopes, got.ScopeSource, tt.scopes)
		}
	}
}

func TestMetaRevoke(t *testing.T) {
	t.Parallel()
	files := recorded(t, "meta_facebook")
	tests := []struct {
		recording string
		want      bool
		class     platforms.Class
	}{
		{"revoke", true, ""},
		{"revoke-bare", true, ""},
		{"api-removed", true, ""},
		{"api-expired", false, platforms.ClassStaleAccess}, // the Pages' tokens live on
		{"api-down", false, platforms.ClassTemporary},
	}
	for _, tt := range tests {
		far := &metaFar{t: t, answers: map[string]recording{"/me/permissions": files[tt.recording]}}
		a := app(platforms.Facebook, func(r *http.Request) (*http.Response, error) {
			if r.Method != http.MethodDelete {
				t.Errorf("revoked by %s; want DELETE", r.Method)
			}
			return far.RoundTrip(r)
		})
		got, err := a.Revoke(t.Context(), &platforms.Tokens{Access: platforms.NewSecret("pers0n")})
		if got != tt.want || (err != nil) != (tt.class != "") {
			t.Errorf("Revoke answered by %s = %t, %v; want %t", tt.recording, got, err, tt.want)
		}
		if err != nil && platformError(t, err).Class != tt.class {
			t.Errorf("Revoke answered by %s = %v; want class %s", tt.recording, err, tt.class)
		}
	}
	if got, err := instagramApp(nil).Revoke(t.Context(), &platforms.Tokens{Access: platforms.NewSecret("a")}); got || err != nil {
		t.Errorf("Revoke by Instagram Login = %t, %v; want that there is none", got, err)
	}
}

func TestMetaInspect(t *testing.T) {
	t.Parallel()
	files := recorded(t, "meta_facebook")
	person := &platforms.Tokens{Access: platforms.NewSecret("pers0n"), Scopes: []string{"asked"}, ScopeSource: platforms.FromRequest}
	want := &platforms.Inspection{
		Scopes:        []string{"pages_show_list", "business_management", "pages_read_engagement", "pages_manage_posts", "public_profile"},
		Source:        platforms.FromIntrospection,
		AccessExpires: time.Unix(1804184000, 0).UTC(),
		Targets: map[string][]string{
			"pages_show_list":    {"104455667788990", "104455667788991"},
			"pages_manage_posts": {"104455667788990"},
		},
	}
	withConsent, endless := *want, *want
	withConsent.ConsentExpires = time.Unix(1806776000, 0).UTC()
	withConsent.Targets = map[string][]string{} // Pages are no Instagram accounts
	endless.AccessExpires = time.Time{}
	endlessToo := endless
	endlessToo.Targets = withConsent.Targets
	tests := []struct {
		platform  *platforms.Platform
		recording string
		want      *platforms.Inspection
		class     platforms.Class
		subcode   string
	}{
		{platforms.Facebook, "debug", want, "", ""},
		{platforms.Instagram, "debug", &withConsent, "", ""},
		{platforms.Facebook, "debug-system-user", &endless, "", ""},
		{platforms.Instagram, "debug-system-user", &endlessToo, "", ""},
		{platforms.Facebook, "debug-password", nil, platforms.ClassRefreshDead, "460"},
		{platforms.Facebook, "debug-expired", nil, platforms.ClassRefreshDead, "463"},
		{platforms.Facebook, "debug-checkpoint", nil, platforms.ClassInvalid, "459"},
		{platforms.Facebook, "debug-app-token", nil, platforms.ClassAppFault, ""},
		{platforms.Facebook, "debug-other-app", nil, platforms.ClassAppFault, ""},
		{platforms.Facebook, "debug-other-app-older", nil, platforms.ClassAppFault, ""},
		{platforms.Facebook, "api-down", nil, platforms.ClassTemporary, ""},
		{platforms.Facebook, "me", nil, platforms.ClassTemporary, ""}, // another answer
	}
	for _, tt := range tests {
		far := &metaFar{t: t, answers: map[string]recording{"debug_token pers0n": files[tt.recording], "/me/permissions": files["api-down"]}}
		got, err := app(tt.platform, far.RoundTrip).Inspect(t.Context(), person)
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: Inspect answered by %s (-want +got):\n%s", tt.platform.ID, tt.recording, diff)
		}
		if tt.class != "" {
			if e := platformError(t, err); e.Class != tt.class || e.Subcode != tt.subcode {
				t.Errorf("%s: Inspect answered by %s = %v (%s, %s); want %s, %s", tt.platform.ID, tt.recording, e, e.Class, e.Subcode, tt.class, tt.subcode)
			}
		}
	}
	granted := &platforms.Inspection{Scopes: []string{"public_profile", "pages_show_list"}, Source: platforms.FromPermissionsAPI}
	none := recording{Status: 200, Body: []byte(`{"data":[]}`)}
	for _, tt := range []struct {
		debug, permissions recording
		want               *platforms.Inspection
		class              platforms.Class
	}{
		{files["api-down"], files["permissions"], granted, ""},
		{files["debug-app-token"], files["permissions"], granted, ""},
		{files["api-down"], none, nil, platforms.ClassTemporary},
		{files["api-down"], files["api-expired"], nil, platforms.ClassTemporary},
	} {
		far := &metaFar{t: t, answers: map[string]recording{"debug_token pers0n": tt.debug, "/me/permissions": tt.permissions}}
		got, err := app(platforms.Facebook, far.RoundTrip).Inspect(t.Context(), person)
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("Inspect answered by %s and %s (-want +got):\n%s", tt.debug.Body, tt.permissions.Body, diff)
		}
		if tt.class != "" && platformError(t, err).Class != tt.class {
			t.Errorf("Inspect answered by %s and %s = %v; want %s", tt.debug.Body, tt.permissions.Body, err, tt.class)
		}
	}
	got, err := instagramApp(nil).Inspect(t.Context(), person)
	if err != nil || got.Source != platforms.FromRequest || !cmp.Equal(got.Scopes, person.Scopes) {
		t.Errorf("Inspect by Instagram Login = %+v, %v; want what the tokens know", got, err)
	}
}

func TestInstagramConsentEnds(t *testing.T) {
	t.Parallel()
	ends := platforms.Instagram.Logins[0].ConsentEnds(nil, answered)
	if want := answered.AddDate(0, 0, 90); !ends.Equal(want) {
		t.Errorf("ConsentEnds(%s) = %s; want %s", answered, ends, want)
	}
	if platforms.Facebook.Logins[0].ConsentEnds != nil || platforms.Instagram.Logins[1].ConsentEnds != nil {
		t.Error("a consent ends that does not")
	}
}

func TestMetaVersions(t *testing.T) {
	t.Parallel()
	versions := platforms.Facebook.Logins[0].Versions
	known := false
	for i, v := range versions {
		known = known || v.Name == platforms.Facebook.Logins[0].Version
		if i > 0 && !v.Ends.IsZero() && !v.Ends.After(versions[i-1].Ends) {
			t.Errorf("%s ends before %s", v.Name, versions[i-1].Name)
		}
	}
	if !known {
		t.Error("the default version is none of the versions")
	}
}
