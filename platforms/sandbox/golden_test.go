package sandbox_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"mooring/platforms"
	"mooring/platforms/sandbox"
)

// compare holds an answer against a recording of the real platform: status,
// the recorded headers, and the body's keys and types; of an error its code
// and words, too.
func compare(t testing.TB, p *platforms.Platform, name string, got result) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "testdata", p.ID, name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var want struct {
		Status int               `json:"status"`
		Header map[string]string `json:"header"`
		Body   any               `json:"body"`
	}
	if err := json.Unmarshal(unparticular.ReplaceAll(data, nil), &want); err != nil {
		t.Fatal(err)
	}
	if got.status != want.Status {
		t.Errorf("%s %s: status %d; want %d: %s", p.ID, name, got.status, want.Status, got.body)
		return
	}
	for header, value := range want.Header {
		if header == "Content-Type" && got.header.Get(header) != value || got.header.Get(header) == "" {
			t.Errorf("%s %s: header %s = %q; want such as %q", p.ID, name, header, got.header.Get(header), value)
		}
	}
	var body any
	if err := json.Unmarshal(unparticular.ReplaceAll([]byte(got.body), nil), &body); err != nil {
		t.Errorf("%s %s: %v in %s", p.ID, name, err, got.body)
		return
	}
	if diff := cmp.Diff(shape(want.Body), shape(body)); diff != "" {
		t.Errorf("%s %s: body's shape (-recorded +got):\n%s", p.ID, name, diff)
	}
	if want.Status < 400 && !fails(want.Body) {
		return
	}
	if diff := cmp.Diff(want.Body, body, ignoreTrace); diff != "" {
		t.Errorf("%s %s: body (-recorded +got):\n%s", p.ID, name, diff)
	}
}

// unparticular matches the instants and app ids in Meta's messages.
var unparticular = regexp.MustCompile(`( The current time is)? \w+day, \d\d-\w{3}-\d\d [\d:]{8} PST\.| application (\d+|sandbox-meta)\.`)

// ignoreTrace leaves Meta's ids of requests out of a comparison.
var ignoreTrace = cmpopts.IgnoreMapEntries(func(name string, _ any) bool { return name == "fbtrace_id" })

// fails reports whether a body speaks of a failure in the manner of TikTok,
// whatever its status.
func fails(body any) bool {
	fields, _ := body.(map[string]any)
	switch problem := fields["error"].(type) {
	case string:
		return true
	case map[string]any:
		return problem["code"] != "ok"
	}
	return false
}

// shape replaces a JSON value's leaves by their types. Lists count as their
// first element, and objects keyed by numbers as one under "#".
func shape(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any)
		for key, value := range v {
			if key != "" && key[0] >= '0' && key[0] <= '9' {
				key = "#"
			}
			out[key] = shape(value)
		}
		return out
	case []any:
		if len(v) == 0 {
			return []any{}
		}
		return []any{shape(v[0])}
	}
	return fmt.Sprintf("%T", v)
}

// TestAnswersAreAsRecorded asks for every answer that no other test compares.
func TestAnswersAreAsRecorded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{LinkedInPartner: true})
	get := func(a *platforms.App, path, token string) result {
		header := []string{"LinkedIn-Version", "202609", "X-Restli-Protocol-Version", "2.0.0"}
		if token != "" {
			header = append(header, "Authorization", "Bearer "+token)
		}
		return w.send(http.MethodGet, a.Endpoints.API+path, "", "", header...)
	}
	post := func(a *platforms.App, endpoint, token string) result {
		form, header := client(a, url.Values{"token": {token}})
		return w.form(endpoint, form, header...)
	}

	x := w.app(platforms.Twitter)
	tokens := w.connect(x, defaults(platforms.Twitter))
	compare(t, platforms.Twitter, "me", get(x, "/users/me?user.fields=profile_image_url", tokens.Access.Reveal()))
	compare(t, platforms.Twitter, "api-unauthorized", get(x, "/users/me", "other"))
	compare(t, platforms.Twitter, "api-unauthorized", get(x, "/users/me", ""))
	compare(t, platforms.Twitter, "revoke", post(x, x.Endpoints.Revoke, tokens.Refresh.Reveal()))
	compare(t, platforms.Twitter, "revoke-unknown", post(x, x.Endpoints.Revoke, tokens.Refresh.Reveal()))
	compare(t, platforms.Twitter, "token-without-basic", w.form(x.Endpoints.Revoke, url.Values{"token": {"t"}}))
	compare(t, platforms.Twitter, "token-without-basic", w.form(x.Endpoints.Token, url.Values{"grant_type": {"refresh_token"}}))

	l := w.app(platforms.LinkedIn)
	scopes := append(defaults(platforms.LinkedIn), "r_organization_admin")
	code := w.consent(l, scopes).Get("code")
	form, _ := client(l, url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {callback}})
	got := w.form(l.Endpoints.Token, form)
	compare(t, platforms.LinkedIn, "token-partner", got)
	var issued struct {
		Access string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(got.body), &issued); err != nil {
		t.Fatal(err)
	}
	compare(t, platforms.LinkedIn, "userinfo", get(l, "/v2/userinfo", issued.Access))
	compare(t, platforms.LinkedIn, "acls", get(l, "/rest/organizationAcls?q=roleAssignee", issued.Access))
	compare(t, platforms.LinkedIn, "organizations", get(l, "/rest/organizationsLookup?ids=List(70931)", issued.Access))
	compare(t, platforms.LinkedIn, "introspect", post(l, l.Endpoints.Introspect, issued.Access))
	compare(t, platforms.LinkedIn, "api-invalid", get(l, "/v2/userinfo", "other"))
	compare(t, platforms.LinkedIn, "api-no-token", get(l, "/v2/userinfo", ""))
	compare(t, platforms.LinkedIn, "token-dead-refresh", w.refresh(l, "other"))

	var grants []sandbox.Grant
	w.control(http.MethodGet, "grants?platform=linkedin", "", &grants)
	w.control(http.MethodPost, "grants/"+grants[0].ID+"/age", `{"expiresInSeconds": -1}`, nil)
	compare(t, platforms.LinkedIn, "api-expired", get(l, "/v2/userinfo", issued.Access))

	bare := w.connect(l, []string{"openid"}, "persona", "tomas")
	compare(t, platforms.LinkedIn, "api-scope", get(l, "/v2/userinfo", bare.Access.Reveal()))
}

// TestFindingsAreAsRecorded asks as Validate and Inspect do, of the people
// about whom there is something to find.
func TestFindingsAreAsRecorded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, sandbox.Options{})
		x, l, y, k, p := w.app(platforms.Twitter), w.app(platforms.LinkedIn), w.app(platforms.YouTube), w.app(platforms.TikTok), w.app(platforms.Pinterest)
		admin := append(defaults(platforms.LinkedIn), "r_organization_admin")
		everything := append(defaults(platforms.TikTok), "user.info.stats")
		vera := w.connect(x, defaults(platforms.Twitter), "persona", "vera")
		runa := w.connect(l, admin, "persona", "runa")
		odd := w.connect(l, admin, "persona", "odd")
		bo := w.connect(y, defaults(platforms.YouTube), "persona", "bo")
		<-time.After(time.Minute)

		const (
			full    = "/users/me?user.fields=profile_image_url,verified,verified_type,protected,public_metrics"
			parts   = "/channels?part=snippet,statistics,status&mine=true"
			fields  = "/user/info/?fields=open_id,display_name,avatar_url,username,is_verified,follower_count,likes_count,video_count"
			creator = "/post/publish/creator_info/query/"
		)
		pell := w.connect(x, defaults(platforms.Twitter), "persona", "pell")
		compare(t, platforms.Twitter, "me-full", w.bearing(x, http.MethodGet, full, pell))
		compare(t, platforms.Twitter, "me-suspended", w.bearing(x, http.MethodGet, full, vera))

		acls := func(tokens *platforms.Tokens) result {
			return w.send(http.MethodGet, l.Endpoints.API+"/rest/organizationAcls?q=roleAssignee", "", "",
				"Authorization", "Bearer "+tokens.Access.Reveal(), "LinkedIn-Version", "202609")
		}
		compare(t, platforms.LinkedIn, "acls-content", acls(runa))
		compare(t, platforms.LinkedIn, "acls-none", acls(odd))
		introspect := func(token string) result {
			form, header := client(l, url.Values{"token": {token}})
			return w.form(l.Endpoints.Introspect, form, header...)
		}
		compare(t, platforms.LinkedIn, "introspect-unknown", introspect("other"))
		w.act(w.latest(platforms.LinkedIn), "revoke", "")
		compare(t, platforms.LinkedIn, "introspect-revoked", introspect(odd.Access.Reveal()))
		ines := w.connect(l, admin)
		w.act(w.latest(platforms.LinkedIn), "age", `{"expiresInSeconds": 0}`)
		compare(t, platforms.LinkedIn, "introspect-expired", introspect(ines.Access.Reveal()))

		edda := w.connect(y, defaults(platforms.YouTube), "persona", "edda")
		compare(t, platforms.YouTube, "channels-full", w.bearing(y, http.MethodGet, parts, edda))
		compare(t, platforms.YouTube, "api-suspended", w.bearing(y, http.MethodGet, parts, bo))

		compare(t, platforms.TikTok, "user-full", w.bearing(k, http.MethodGet, fields, w.connect(k, everything)))
		compare(t, platforms.TikTok, "creator-too-many", w.bearing(k, http.MethodPost, creator, w.connect(k, everything, "persona", "finn")))
		compare(t, platforms.TikTok, "creator-user-cap", w.bearing(k, http.MethodPost, creator, w.connect(k, everything, "persona", "sol")))

		wren := w.connect(p, defaults(platforms.Pinterest), "persona", "wren")
		compare(t, platforms.Pinterest, "user-trial", w.bearing(p, http.MethodGet, "/user_account", wren))
	})
}

func TestIntrospection(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	a := w.app(platforms.LinkedIn)
	tokens := w.connect(a, defaults(platforms.LinkedIn))
	ask := func(token string) map[string]any {
		form, _ := client(a, url.Values{"token": {token}})
		var body map[string]any
		if err := json.Unmarshal([]byte(w.form(a.Endpoints.Introspect, form).body), &body); err != nil {
			t.Fatal(err)
		}
		return body
	}
	if got := ask(tokens.Access.Reveal()); got["active"] != true || got["status"] != "active" || got["scope"] != "openid,profile,w_member_social" {
		t.Errorf("introspection = %v; want it active with its scopes", got)
	}
	var grants []sandbox.Grant
	w.control(http.MethodGet, "grants", "", &grants)
	w.control(http.MethodPost, "grants/"+grants[0].ID+"/revoke", "", nil)
	if got := ask(tokens.Access.Reveal()); got["active"] != false || got["status"] != "revoked" {
		t.Errorf("introspection = %v; want it revoked", got)
	}
	if got := ask("other"); got["active"] != false || len(slices.Collect(maps.Keys(got))) != 1 {
		t.Errorf("introspection of an unknown token = %v; want only active", got)
	}
}
