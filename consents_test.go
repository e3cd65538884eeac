package main

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mooring/platforms"
)

// TestUnticked unticks a permission on each consent page that lets people do
// so: without a required one nothing is connected, and the person reads which;
// without another one a capability is missing.
func TestUnticked(t *testing.T) {
	t.Parallel()
	c := caller{instance: start(t)}
	const google = "https://www.googleapis.com/auth/"
	for _, tt := range []struct {
		platform, method string
		unticked         string
		lacking          string // the capability; "": it is a required one
	}{
		{"google_youtube", "DEFAULT", google + "youtube.readonly", ""},
		{"google_youtube", "DEFAULT", google + "youtube.upload", "PUBLISH"},
		{"tiktok", "DEFAULT", "user.info.basic", ""},
		{"tiktok", "DEFAULT", "user.info.profile", "READ_PROFILE"},
		{"tiktok", "DEFAULT", "video.publish", "PUBLISH"},
		{"meta_facebook", "DEFAULT", "pages_show_list", ""},
		{"meta_facebook", "DEFAULT", "pages_manage_posts", "PUBLISH"},
		{"meta_facebook", "DEFAULT", "business_management", "ORGANIZATIONS"},
		{"meta_instagram", "FACEBOOK_LOGIN", "instagram_basic", ""},
		{"meta_instagram", "FACEBOOK_LOGIN", "pages_show_list", ""},
		{"meta_instagram", "FACEBOOK_LOGIN", "instagram_content_publish", "PUBLISH"},
		{"meta_instagram", "INSTAGRAM_LOGIN", "instagram_business_content_publish", "PUBLISH"},
	} {
		t.Run(tt.platform+"/"+tt.method+"/"+tt.unticked, func(t *testing.T) {
			p, _ := platforms.Get(tt.platform)
			l, _ := p.Login(tt.method)
			ticked := slices.DeleteFunc(defaultScopes(l), func(name string) bool { return name == tt.unticked })
			got := c.connect(t, visit{
				input: map[string]any{"platform": tt.platform, "loginMethod": tt.method}, form: url.Values{"scope": ticked},
			})
			if tt.lacking == "" {
				if got.Status != "FAILED" || got.Diagnosis.String() != "INSUFFICIENT_PERMISSIONS USER" || !strings.Contains(got.Diagnosis.words(), tt.unticked) {
					t.Errorf("the attempt is %s, %v: %s; want FAILED for want of %s", got.Status, got.Diagnosis, got.Diagnosis.words(), tt.unticked)
				}
				return
			}
			if got.Status != "COMPLETED" {
				t.Fatalf("the attempt is %s, %v; want COMPLETED", got.Status, got.Diagnosis)
			}
			p1 := got.Accounts[0].Permissions
			if diff := cmp.Diff([]string{tt.unticked}, p1.lacks(tt.lacking)); diff != "" || len(p1.Missing) > 0 || !slices.Contains(p1.OptionalMissing, tt.unticked) {
				t.Errorf("permissions = %+v; want %s without %s (-want +got):\n%s", p1, tt.lacking, tt.unticked, diff)
			}
			if can := tt.lacking != "PUBLISH"; p1.CanPost != can {
				t.Errorf("canPost = %t; want %t", p1.CanPost, can)
			}
		})
	}
}

// TestUntickedAssets leaves Pages and Instagram accounts out on Facebook's page,
// at first and when connecting again.
func TestUntickedAssets(t *testing.T) {
	t.Parallel()
	c := caller{instance: start(t)}
	const bakery, catering, instagram = "104455667788990", "104455667788991", "17841400099887766"
	facebook := visit{input: map[string]any{"platform": "meta_facebook"}}
	ticking := func(assets ...string) visit {
		return visit{input: facebook.input, form: url.Values{"asset": assets}}
	}
	only := c.visit(t, ticking(catering))
	if diff := cmp.Diff([]string{"PAGE 104455667788991 Quist Catering"}, spelt(only.Accounts)); only.Status != "COMPLETED" || diff != "" {
		t.Errorf("with one Page ticked the attempt is %s; want COMPLETED, without a choice (-want +got):\n%s", only.Status, diff)
	}
	both := c.visit(t, facebook) // Facebook remembers, unless it is asked to ask again
	if len(both.Candidates) != 2 {
		t.Fatalf("connecting again offers %v; want both Pages", both.Candidates)
	}
	pages := c.chooseAll(t, both).Accounts
	if pages[1].ID != only.Accounts[0].ID {
		t.Errorf("the Page that was there before is %s; want %s", pages[1].ID, only.Accounts[0].ID)
	}
	linked := c.visit(t, visit{input: map[string]any{"platform": "meta_instagram"}, form: url.Values{"asset": {bakery, catering, instagram}}})
	if linked.Status != "COMPLETED" {
		t.Errorf("with Page and Instagram account ticked the attempt is %s, %v; want COMPLETED", linked.Status, linked.Diagnosis)
	}
	if again := c.visit(t, ticking(bakery)); again.Status != "COMPLETED" {
		t.Fatalf("the attempt is %s, %v; want COMPLETED", again.Status, again.Diagnosis)
	}
	var listed struct{ Nodes []account }
	c.ask(t, `{ accounts(filter: {statuses: [UNHEALTHY]}) { nodes `+accountFields+` } }`, nil, &listed)
	if diff := cmp.Diff([]string{"PAGE 104455667788991 Quist Catering"}, spelt(listed.Nodes)); diff != "" {
		t.Errorf("UNHEALTHY after a Page was unticked (-want +got):\n%s", diff)
	}
	c.wantSaid(t, pages[0], "valid")
	c.wantSaid(t, linked.Accounts[0], "invalid INSTAGRAM_NOT_TICKED")
}

// TestShrink takes scopes of a living token away. Where the platform can be
// asked, checkPermissions tells; elsewhere what came with the token stands.
func TestShrink(t *testing.T) {
	t.Parallel()
	c := caller{instance: start(t)}
	for _, tt := range []struct {
		platform, method string
		left             []string
		want             string
	}{
		{"linkedin", "DEFAULT", []string{"openid", "profile"}, "read INTROSPECTION, PUBLISH lacks w_member_social"},
		{"google_youtube", "DEFAULT", []string{"openid", "https://www.googleapis.com/auth/youtube.readonly"},
			"read INTROSPECTION, PUBLISH lacks https://www.googleapis.com/auth/youtube.upload"},
		{"meta_facebook", "DEFAULT", []string{"public_profile", "pages_show_list", "pages_read_engagement"},
			"read INTROSPECTION, PUBLISH lacks pages_manage_posts"},
		{"meta_instagram", "FACEBOOK_LOGIN", []string{"public_profile", "pages_show_list", "pages_read_engagement", "instagram_basic"},
			"read INTROSPECTION, PUBLISH lacks instagram_content_publish"},
		{"meta_instagram", "INSTAGRAM_LOGIN", []string{"instagram_business_basic"}, "post read TOKEN_RESPONSE"},
		{"twitter", "DEFAULT", []string{"users.read"}, "post read TOKEN_RESPONSE"},
		{"tiktok", "DEFAULT", []string{"user.info.basic"}, "post read TOKEN_RESPONSE"},
		{"pinterest", "DEFAULT", []string{"pins:read"}, "post read TOKEN_RESPONSE"},
	} {
		t.Run(tt.platform+"/"+tt.method, func(t *testing.T) {
			p, _ := platforms.Get(tt.platform)
			l, _ := p.Login(tt.method)
			// Tokens from elsewhere: what was asked at a consent is not asked again at once.
			taken, refused := c.take(t, p, l, c.foreign(t, p, l))
			if len(taken) == 0 {
				t.Fatalf("import: %v", refused)
			}
			scopes, err := json.Marshal(map[string]any{"scopes": tt.left})
			if err != nil {
				t.Fatal(err)
			}
			c.happen(t, l.Callback, c.newestGrant(t, l.Callback), "shrink "+string(scopes))
			got, after, refused := c.checkPermissions(t, taken[0].ID)
			if got.String() != tt.want || len(refused) > 0 {
				t.Errorf("checkPermissions = %v, %v; want %s", got, refused, tt.want)
			}
			if diff := cmp.Diff(got, after.Permissions); diff != "" {
				t.Errorf("the account's permissions (-answered +account):\n%s", diff)
			}
			c.wantEvent(t, "ACCOUNT_PERMISSIONS_CHANGED", taken, strings.Contains(tt.want, "lacks"))
		})
	}
}

// wantEvent looks for an event of each of the accounts.
func (c caller) wantEvent(t *testing.T, kind string, of []account, want bool) {
	t.Helper()
	var events struct{ Nodes []struct{ AccountID string } }
	c.ask(t, `query($types: [EventType!], $ids: [ID!]) { events(filter: {types: $types, accountIds: $ids}) { nodes { accountId } } }`,
		map[string]any{"types": []string{kind}, "ids": ids(of)}, &events)
	n := 0
	if want {
		n = len(of)
	}
	if len(events.Nodes) != n {
		t.Errorf("%d events %s of %d accounts; want %d", len(events.Nodes), kind, len(of), n)
	}
}
