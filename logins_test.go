package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// departure begins an attempt and returns its login method and the platform's
// address to which its browser is sent, or the refusal.
func (c caller) departure(t *testing.T, input map[string]any) (method string, to *url.URL, refused *refusal) {
	t.Helper()
	var payload struct {
		Attempt    *struct{ LoginMethod, AuthorizationURL string }
		UserErrors []refusal
	}
	c.ask(t, `mutation($input: ConnectInput!) { connect(input: $input) { attempt { loginMethod authorizationUrl } userErrors `+refusalFields+` } }`,
		map[string]any{"input": input}, &payload)
	if len(payload.UserErrors) > 0 {
		return "", nil, &payload.UserErrors[0]
	}
	to, err := url.Parse(newBrowser(t).get(t, payload.Attempt.AuthorizationURL).location)
	if err != nil {
		t.Fatal(err)
	}
	return payload.Attempt.LoginMethod, to, nil
}

// TestLoginMethods asks for Instagram with the credentials of one login method,
// of the other, and of both: the id of one never stands in for the other's.
func TestLoginMethods(t *testing.T) {
	t.Parallel()
	const meta, instagram = "1234500000678", "9876500000432"
	byMeta := []string{"META_APP_ID=" + meta, "META_APP_SECRET=m"}
	// Instagram itself would want https, which this server is not reached by.
	byInstagram := []string{"INSTAGRAM_APP_ID=" + instagram, "INSTAGRAM_APP_SECRET=i", "INSTAGRAM_TOKEN_URL=http://127.0.0.1:9/token"}
	for _, tt := range []struct {
		name  string
		env   []string
		asked any    // the argument loginMethod
		want  string // the method and its app's id, or what is refused
	}{
		{"Instagram's app alone", byInstagram, nil, "INSTAGRAM_LOGIN www.instagram.com " + instagram},
		{"Instagram's app alone, by name", byInstagram, "INSTAGRAM_LOGIN", "INSTAGRAM_LOGIN www.instagram.com " + instagram},
		{"Instagram's app alone, and the other asked for", byInstagram, "FACEBOOK_LOGIN", "PLATFORM_NOT_READY for INSTAGRAM_LOGIN, not for FACEBOOK_LOGIN. The operator registers an app at https://developers.facebook.com/apps/ and sets META_APP_ID"},
		{"Meta's app alone", byMeta, nil, "FACEBOOK_LOGIN www.facebook.com " + meta},
		{"Meta's app alone, and the other asked for", byMeta, "INSTAGRAM_LOGIN", "PLATFORM_NOT_READY for FACEBOOK_LOGIN, not for INSTAGRAM_LOGIN. The operator registers an app at https://developers.facebook.com/apps/ and sets INSTAGRAM_APP_ID"},
		{"both", append(byMeta, byInstagram...), nil, "FACEBOOK_LOGIN www.facebook.com " + meta},
		{"both, by name", append(byMeta, byInstagram...), "INSTAGRAM_LOGIN", "INSTAGRAM_LOGIN www.instagram.com " + instagram},
		{"an unknown one", byMeta, "THREADS_LOGIN", "NOT_FOUND THREADS_LOGIN"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := caller{instance: start(t, append([]string{"MOORING_SANDBOX=off"}, tt.env...)...)}
			method, to, refused := c.departure(t, map[string]any{"platform": "meta_instagram", "loginMethod": tt.asked})
			if refused != nil {
				code, named, _ := strings.Cut(tt.want, " ")
				if refused.Code != code || !strings.Contains(refused.Message, named) {
					t.Errorf("connect = %+v; want %s", refused, tt.want)
				}
				return
			}
			if got := method + " " + to.Host + " " + to.Query().Get("client_id"); got != tt.want {
				t.Errorf("connect leads to %s; want %s", got, tt.want)
			}
		})
	}
}

// TestDisconnectAtMeta disconnects what one person has at one app of Meta's,
// where taking access back hits everything: it waits for the last.
func TestDisconnectAtMeta(t *testing.T) {
	t.Parallel()
	c := caller{instance: start(t)}
	pages := c.connect(t, visit{input: map[string]any{"platform": "meta_facebook"}}).Accounts
	instagram := c.connect(t, visit{input: map[string]any{"platform": "meta_instagram"}}).Accounts[0]
	own := c.connect(t, visit{input: map[string]any{"platform": "meta_instagram", "loginMethod": "INSTAGRAM_LOGIN"}}).Accounts[0]
	for _, step := range []struct {
		gone    account
		revoked bool
		note    string
		left    []account
	}{
		{pages[0], false, "the same grant", []account{pages[1], instagram}},
		{pages[1], false, "all of the person's grants at once", []account{instagram}},
		{instagram, true, "", nil},
		{own, false, "no revocation", nil},
	} {
		got := c.disconnect(t, step.gone.ID)
		if got.RevokedAtPlatform != step.revoked || !strings.Contains(got.RevocationNote, step.note) || (got.RevokeURL == "") != step.revoked {
			t.Errorf("disconnect of %v = %+v; want revoked %t, else a note on %q and an address", step.gone, got, step.revoked, step.note)
		}
		if g := c.grants(t, "meta", "greta")[0]; g.Revoked != (step.left == nil) {
			t.Errorf("after the disconnect of %v the grant is revoked: %t", step.gone, g.Revoked)
		}
		for _, a := range step.left {
			c.wantSaid(t, a, "valid")
		}
	}
	if n := c.requests(t, "meta", "revoke"); n != 1 {
		t.Errorf("%d revocations at Meta; want one", n)
	}
}

// requests counts what an endpoint was asked.
func (c caller) requests(t *testing.T, server, endpoint string) int {
	t.Helper()
	var counted struct{ Count int }
	if err := json.Unmarshal(c.control(t, http.MethodGet, "requests/count?platform="+server+"&endpoint="+endpoint, ""), &counted); err != nil {
		t.Fatal(err)
	}
	return counted.Count
}

// TestDisconnect disconnects the last account of a person everywhere else.
func TestDisconnect(t *testing.T) {
	t.Parallel()
	c := caller{instance: start(t)}
	for platform, want := range map[string]struct {
		personas []string // in this order
		revoked  []bool
		asked    int // at the revocation endpoint
	}{
		"twitter":        {[]string{"rowan", "mika"}, []bool{true, true}, 4}, // both tokens of each
		"tiktok":         {[]string{"mina"}, []bool{true}, 1},
		"google_youtube": {[]string{"sails", "workshop"}, []bool{false, true}, 1}, // of one Google account
		"linkedin":       {[]string{"tomas"}, []bool{false}, 0},
		"pinterest":      {[]string{"oak"}, []bool{false}, 0},
	} {
		t.Run(platform, func(t *testing.T) {
			t.Parallel()
			var connected []account
			for _, persona := range want.personas {
				connected = append(connected, c.connect(t, visit{persona: persona, input: map[string]any{"platform": platform}}).Accounts...)
			}
			var revoked []bool
			for _, a := range connected {
				revoked = append(revoked, c.disconnect(t, a.ID).RevokedAtPlatform)
			}
			if diff := cmp.Diff(want.revoked, revoked); diff != "" {
				t.Errorf("revoked (-want +got):\n%s", diff)
			}
			if want.asked == 0 {
				return // there is no such endpoint
			}
			if n := c.requests(t, platform, "revoke"); n != want.asked {
				t.Errorf("%d revocations; want %d", n, want.asked)
			}
			for _, g := range c.grants(t, platform, "") {
				if !g.Revoked {
					t.Errorf("the grant of %s lives on", g.Persona)
				}
			}
		})
	}
}

// TestReconnectElsewhere reconnects where a consent can lead to another account
// of the same person, and where one consent serves several accounts.
func TestReconnectElsewhere(t *testing.T) {
	t.Parallel()
	c := caller{instance: start(t)}
	sails := c.connect(t, visit{persona: "sails", input: map[string]any{"platform": "google_youtube"}}).Accounts[0]
	again := map[string]any{"platform": "google_youtube", "accountId": sails.ID}
	other := c.visit(t, visit{persona: "workshop", input: again})
	if words := other.Diagnosis.words(); other.Status != "FAILED" || !strings.Contains(words, "Vestby Sails") || !strings.Contains(words, "Fjord Workshop") {
		t.Errorf("reconnecting with another channel = %s, %s; want FAILED with both names", other.Status, words)
	}
	c.wantSaid(t, sails, "valid")
	if same := c.visit(t, visit{persona: "sails", input: again}); same.Status != "COMPLETED" || same.Accounts[0].ID != sails.ID {
		t.Errorf("reconnecting with the same channel = %+v; want COMPLETED and %s", same, sails.ID)
	}
	for _, g := range c.grants(t, "google_youtube", "sails") {
		if !g.HasRefreshToken {
			t.Error("a consent at Google brought no refresh token")
		}
	}

	pages := c.connect(t, visit{input: map[string]any{"platform": "meta_facebook"}}).Accounts
	back := c.visit(t, visit{input: map[string]any{"platform": "meta_facebook", "accountId": pages[0].ID}})
	if diff := cmp.Diff(ids(pages[:1]), ids(back.Accounts)); back.Status != "COMPLETED" || diff != "" {
		t.Errorf("reconnecting a Page = %s (-want +got):\n%s", back.Status, diff)
	}
	for _, a := range pages {
		c.wantSaid(t, a, "valid")
	}
	without := url.Values{"asset": {pages[1].ExternalID}}
	if left := c.visit(t, visit{form: without, input: map[string]any{"platform": "meta_facebook", "accountId": pages[0].ID}}); left.Status != "FAILED" {
		t.Errorf("reconnecting a Page that is not ticked = %s; want FAILED", left.Status)
	}
	c.wantSaid(t, pages[1], "valid")
}

// TestOperatorsWord configures what no platform tells but its operator knows:
// a release of an API that is over, which goes on answering; an app in Testing,
// whose connections end after seven days; a configuration that takes the place
// of scopes.
func TestOperatorsWord(t *testing.T) {
	t.Parallel()
	c := caller{instance: start(t, "META_GRAPH_VERSION=v19.0", "META_CONFIG_ID=1234567890123456", "GOOGLE_PUBLISHING=testing")}
	var meta struct {
		LoginMethods []struct{ APIVersion struct{ Name, State string } }
	}
	c.ask(t, `{ platform(id: "meta_facebook") { loginMethods { apiVersion { name state } } } }`, nil, &meta)
	if got := meta.LoginMethods[0].APIVersion; got.Name != "v19.0" || got.State != "ENDED" {
		t.Errorf("apiVersion = %+v; want v19.0, ENDED", got)
	}
	_, to, _ := c.departure(t, map[string]any{"platform": "meta_facebook"})
	if q := to.Query(); q.Get("config_id") != "1234567890123456" || q.Has("scope") || !strings.Contains(to.Path, "/v19.0/") {
		t.Errorf("connect leads to %s; want the release and the configuration in it, and no scope", to)
	}
	pages := c.connect(t, visit{input: map[string]any{"platform": "meta_facebook"}})
	if pages.Status != "COMPLETED" {
		t.Fatalf("the attempt is %s, %v; want COMPLETED", pages.Status, pages.Diagnosis)
	}
	c.wantSaid(t, pages.Accounts[0], "valid")
	if part := c.visit(t, visit{input: map[string]any{"platform": "meta_facebook"}, form: url.Values{"scope": {"pages_show_list"}}}); part.Status != "CANCELLED" {
		t.Errorf("accepting part of a configuration = %s; want CANCELLED: Facebook then grants nothing", part.Status)
	}

	channel := c.connect(t, visit{input: map[string]any{"platform": "google_youtube"}}).Accounts[0]
	var told struct {
		Health struct{ ConsentExpiresAt time.Time }
	}
	c.ask(t, `query($id: ID!) { account(id: $id) { health { consentExpiresAt } } }`, map[string]any{"id": channel.ID}, &told)
	if left := time.Until(told.Health.ConsentExpiresAt); left < 6*24*time.Hour || left > 7*24*time.Hour {
		t.Errorf("the consent ends in %s; want seven days", left)
	}
}
