package platforms_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mooring/platforms"
)

// played answers by the end of the request's path, and notes what it was asked.
func played(t *testing.T, asked *[]string, answers map[string]recording) far {
	t.Helper()
	return func(r *http.Request) (*http.Response, error) {
		*asked = append(*asked, r.Method+" "+r.URL.RequestURI())
		for path, recorded := range answers {
			if strings.HasSuffix(r.URL.Path, path) {
				return recorded.response(), nil
			}
		}
		return answer(404, nil, ""), nil
	}
}

// told is a validation in brief: details as they are, an error's code after !,
// a warning's after ~; or the class and code of why it could not be asked.
func told(v *platforms.Validation, e *platforms.Error) []string {
	if e != nil {
		return []string{"could not ask: " + strings.TrimSpace(string(e.Class)+" "+e.Code)}
	}
	var all []string
	for _, d := range v.Details {
		all = append(all, d.Name+": "+d.Value)
	}
	for _, f := range v.Errors {
		all = append(all, "!"+f.Code)
	}
	for _, f := range v.Warnings {
		all = append(all, "~"+f.Code)
	}
	return all
}

func TestValidate(t *testing.T) {
	t.Parallel()
	const (
		me       = "/users/me"
		userinfo = "/v2/userinfo"
		acls     = "/rest/organizationAcls"
		lookup   = "/rest/organizationsLookup"
		channels = "/channels"
		user     = "/user/info/"
		creator  = "/creator_info/query/"
		account  = "/user_account"
	)
	rowan := platforms.Profile{ExternalID: "1483920017263554561", Kind: platforms.KindProfile}
	ines := platforms.Profile{ExternalID: "tR4pQ9wYzA", Kind: platforms.KindProfile}
	halvorsen := platforms.Profile{ExternalID: "70931", Kind: platforms.KindOrganization}
	quill := platforms.Profile{ExternalID: "UCa1b2c3d4e5f6g7h8i9j0kLmN", Kind: platforms.KindChannel}
	mina := platforms.Profile{ExternalID: "-000YkDKq3sample7wQm", Kind: platforms.KindProfile}
	oak := platforms.Profile{ExternalID: "660194182233410092", Kind: platforms.KindBusiness}
	lena := platforms.Profile{ExternalID: "718324159950286614", Kind: platforms.KindProfile}
	other := platforms.Profile{ExternalID: "17", Kind: platforms.KindProfile}

	posting := []string{"user.info.basic", "user.info.profile", "user.info.stats", "video.publish"}
	minaStats := []string{"Verified: yes", "Followers: 5120", "Likes: 40310", "Videos: 212"}
	oakStats := []string{"Followers: 1204", "Pins: 612", "Boards: 23", "Monthly views: 45110"}
	figures := []string{"Visibility: public", "Subscribers: 812", "Videos: 37", "Views: 48210"}
	tests := []struct {
		name     string
		platform *platforms.Platform
		profile  platforms.Profile
		answers  map[string]string // recording by path
		want     []string
	}{
		{"X", platforms.Twitter, rowan, map[string]string{me: "me-full"}, []string{"Verified: blue", "Protected: yes: only followers see its posts", "Followers: 812", "Posts: 2044"}},
		{"X without details", platforms.Twitter, rowan, map[string]string{me: "me"}, nil},
		{"X suspended", platforms.Twitter, rowan, map[string]string{me: "me-suspended"}, []string{"!ACCOUNT_SUSPENDED"}},
		{"X not found", platforms.Twitter, rowan, map[string]string{me: "me-only-errors"}, []string{"!ACCOUNT_SUSPENDED"}},
		{"X of somebody else", platforms.Twitter, other, map[string]string{me: "me-full"}, []string{"!NOT_REACHED"}},
		{"X token dead", platforms.Twitter, rowan, map[string]string{me: "api-unauthorized"}, []string{"could not ask: stale_access"}},
		{"X limited", platforms.Twitter, rowan, map[string]string{me: "api-rate-limit"}, []string{"could not ask: rate_limited"}},
		{"X without credits", platforms.Twitter, rowan, map[string]string{me: "api-credits"}, []string{"could not ask: app_fault credits"}},
		{"X says nothing", platforms.Twitter, rowan, map[string]string{me: "revoke"}, []string{"could not ask: temporary"}},

		{"LinkedIn member", platforms.LinkedIn, ines, map[string]string{userinfo: "userinfo"}, nil},
		{"LinkedIn other member", platforms.LinkedIn, other, map[string]string{userinfo: "userinfo"}, []string{"!NOT_REACHED"}},
		{"LinkedIn admin", platforms.LinkedIn, halvorsen, map[string]string{acls: "acls", lookup: "organizations"}, []string{"Role: ADMINISTRATOR"}},
		{"LinkedIn content admin", platforms.LinkedIn, halvorsen, map[string]string{acls: "acls-content", lookup: "organizations"}, []string{"Role: CONTENT_ADMINISTRATOR", "~ROLE_LIMITED"}},
		{"LinkedIn no admin", platforms.LinkedIn, halvorsen, map[string]string{acls: "acls-none"}, []string{"!ROLE_LOST"}},
		{"LinkedIn admin of another", platforms.LinkedIn, platforms.Profile{ExternalID: "70999", Kind: platforms.KindOrganization}, map[string]string{acls: "acls"}, []string{"!ROLE_LOST"}},
		{"LinkedIn scope missing", platforms.LinkedIn, halvorsen, map[string]string{acls: "api-scope"}, []string{"could not ask: missing_scope 100"}},
		{"LinkedIn version dead", platforms.LinkedIn, halvorsen, map[string]string{acls: "api-version-dead"}, []string{"could not ask: app_fault NONEXISTENT_VERSION"}},
		{"LinkedIn says nothing", platforms.LinkedIn, ines, map[string]string{userinfo: "acls-none"}, []string{"could not ask: temporary"}},

		{"YouTube", platforms.YouTube, quill, map[string]string{channels: "channels-full"}, append(figures, "~LONG_UPLOADS_OFF")},
		{"YouTube without parts", platforms.YouTube, quill, map[string]string{channels: "channels"}, nil},
		{"YouTube other channel", platforms.YouTube, other, map[string]string{channels: "channels-full"}, []string{"!NOT_REACHED"}},
		{"YouTube no channel", platforms.YouTube, quill, map[string]string{channels: "channels-none"}, []string{"!NO_CHANNEL"}},
		{"YouTube sign-up", platforms.YouTube, quill, map[string]string{channels: "api-signup"}, []string{"!NO_CHANNEL"}},
		{"YouTube suspended", platforms.YouTube, quill, map[string]string{channels: "api-suspended"}, []string{"!ACCOUNT_SUSPENDED"}},
		{"YouTube closed", platforms.YouTube, quill, map[string]string{channels: "api-closed"}, []string{"!ACCOUNT_SUSPENDED"}},
		{"YouTube quota", platforms.YouTube, quill, map[string]string{channels: "api-quota"}, []string{"could not ask: rate_limited quotaExceeded"}},
		{"YouTube says nothing", platforms.YouTube, quill, map[string]string{channels: "revoke"}, []string{"could not ask: temporary"}},

		{"TikTok", platforms.TikTok, mina, map[string]string{user: "user-full", creator: "creator"}, append(minaStats, "Who may see its posts: PUBLIC_TO_EVERYONE, MUTUAL_FOLLOW_FRIENDS, SELF_ONLY", "Longest video in seconds: 600")},
		{"TikTok unaudited", platforms.TikTok, mina, map[string]string{user: "user", creator: "creator-unaudited"}, []string{"Who may see its posts: SELF_ONLY", "Longest video in seconds: 600", "~APP_UNAUDITED"}},
		{"TikTok banned", platforms.TikTok, mina, map[string]string{user: "user", creator: "creator-banned"}, []string{"!POSTING_BANNED"}},
		{"TikTok too many posts", platforms.TikTok, mina, map[string]string{user: "user", creator: "creator-too-many"}, []string{"!POST_LIMIT_REACHED"}},
		{"TikTok too many users", platforms.TikTok, mina, map[string]string{user: "user", creator: "creator-user-cap"}, []string{"~APP_USER_CAP_REACHED"}},
		{"TikTok scope refused", platforms.TikTok, mina, map[string]string{user: "user", creator: "api-scope"}, []string{"could not ask: missing_scope scope_not_authorized"}},
		{"TikTok token dead", platforms.TikTok, mina, map[string]string{user: "api-token"}, []string{"could not ask: stale_access access_token_invalid"}},
		{"TikTok of somebody else", platforms.TikTok, other, map[string]string{user: "user", creator: "creator-banned"}, []string{"!NOT_REACHED"}},
		{"TikTok says nothing", platforms.TikTok, mina, map[string]string{user: "creator"}, []string{"could not ask: temporary"}},

		{"Pinterest business", platforms.Pinterest, oak, map[string]string{account: "user-business"}, oakStats},
		{"Pinterest personal", platforms.Pinterest, lena, map[string]string{account: "user-personal"}, []string{"Followers: 41", "Pins: 130", "Boards: 9", "~PERSONAL_ACCOUNT"}},
		{"Pinterest on trial", platforms.Pinterest, oak, map[string]string{account: "user-trial"}, []string{"Followers: 1204", "Pins: 612", "Boards: 0", "Monthly views: 45110", "~TRIAL_ACCESS", "~NO_BOARD"}},
		{"Pinterest refused on trial", platforms.Pinterest, oak, map[string]string{account: "api-trial"}, []string{"~TRIAL_ACCESS"}},
		{"Pinterest refused", platforms.Pinterest, oak, map[string]string{account: "api-forbidden"}, []string{"could not ask: missing_scope 29"}},
		{"Pinterest of somebody else", platforms.Pinterest, lena, map[string]string{account: "user-business"}, []string{"!NOT_REACHED"}},
		{"Pinterest says nothing", platforms.Pinterest, lena, map[string]string{account: "refresh"}, []string{"could not ask: temporary"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			files := recorded(t, tt.platform.ID)
			answers := make(map[string]recording)
			for path, name := range tt.answers {
				r, ok := files[name]
				if !ok {
					t.Fatalf("no recording %s", name)
				}
				answers[path] = r
			}
			var asked []string
			a := app(tt.platform, played(t, &asked, answers))
			v, err := a.Validate(t.Context(), &platforms.Tokens{Access: platforms.NewSecret("acc3ss"), Scopes: posting}, tt.profile)
			var failure *platforms.Error
			if err != nil {
				failure = platformError(t, err)
			}
			if diff := cmp.Diff(tt.want, told(v, failure)); diff != "" {
				t.Errorf("Validate = %v (-want +got):\n%s", err, diff)
			}
			if v != nil && v.Profile.ExternalID != tt.profile.ExternalID {
				t.Errorf("Validate speaks of %s; want %s", v.Profile.ExternalID, tt.profile.ExternalID)
			}
		})
	}
}

// TestValidateAsksNoMore than the scopes show: at TikTok a field too many
// fails the whole question, and at X each reading is billed.
func TestValidateAsksNoMore(t *testing.T) {
	t.Parallel()
	tests := []struct {
		platform *platforms.Platform
		scopes   []string
		profile  platforms.Profile
		answers  map[string]string
		asked    []string
	}{
		{platforms.TikTok, []string{"user.info.basic"}, platforms.Profile{ExternalID: "-000YkDKq3sample7wQm"},
			map[string]string{"/user/info/": "user-basic"},
			[]string{"GET /v2/user/info/?fields=open_id,display_name,avatar_url"}},
		{platforms.TikTok, []string{"video.publish", "user.info.stats", "user.info.profile"}, platforms.Profile{ExternalID: "-000YkDKq3sample7wQm"},
			map[string]string{"/user/info/": "user-full", "/creator_info/query/": "creator"},
			[]string{"GET /v2/user/info/?fields=open_id,display_name,avatar_url,username,is_verified,follower_count,likes_count,video_count", "POST /v2/post/publish/creator_info/query/"}},
		{platforms.Twitter, nil, platforms.Profile{ExternalID: "1483920017263554561"},
			map[string]string{"/users/me": "me-full"},
			[]string{"GET /2/users/me?user.fields=profile_image_url,verified,verified_type,protected,public_metrics"}},
		{platforms.LinkedIn, nil, platforms.Profile{ExternalID: "70931", Kind: platforms.KindOrganization},
			map[string]string{"/organizationAcls": "acls", "/organizationsLookup": "organizations"},
			[]string{"GET /rest/organizationAcls?count=50&q=roleAssignee&start=0&state=APPROVED", "GET /rest/organizationsLookup?ids=List(70931)"}},
	}
	for _, tt := range tests {
		files := recorded(t, tt.platform.ID)
		answers := make(map[string]recording)
		for path, name := range tt.answers {
			answers[path] = files[name]
		}
		var asked []string
		a := app(tt.platform, played(t, &asked, answers))
		if _, err := a.Validate(t.Context(), &platforms.Tokens{Access: platforms.NewSecret("a"), Scopes: tt.scopes}, tt.profile); err != nil {
			t.Errorf("%s: Validate = %v", tt.platform.ID, err)
		}
		if diff := cmp.Diff(tt.asked, asked); diff != "" {
			t.Errorf("%s with %q: requests (-want +got):\n%s", tt.platform.ID, tt.scopes, diff)
		}
	}
}

// TestValidateShowsTheProfileAsItIs: names and pictures change.
func TestValidateShowsTheProfileAsItIs(t *testing.T) {
	t.Parallel()
	a := app(platforms.LinkedIn, linkedInFar(t, new([]string), nil))
	asked := platforms.Profile{ExternalID: "70931", Kind: platforms.KindOrganization, DisplayName: "Halvorsen Boats"}
	v, err := a.Validate(t.Context(), &platforms.Tokens{Access: platforms.NewSecret("a")}, asked)
	if err != nil {
		t.Fatal(err)
	}
	want := platforms.Profile{
		ExternalID: "70931", Kind: platforms.KindOrganization, Username: "halvorsen-maritime",
		DisplayName: "Halvorsen Maritime", ProfileURL: "https://www.linkedin.com/company/halvorsen-maritime/",
	}
	if diff := cmp.Diff(want, v.Profile); diff != "" {
		t.Errorf("Validate's profile (-want +got):\n%s", diff)
	}
}

// TestPinterestTellsNoCounts: they may be null, which is not none.
func TestPinterestTellsNoCounts(t *testing.T) {
	t.Parallel()
	a := app(platforms.Pinterest, func(*http.Request) (*http.Response, error) {
		return answer(200, nil, `{"id":"1","account_type":"BUSINESS","board_count":null,"pin_count":null,"business_name":null}`), nil
	})
	v, err := a.Validate(t.Context(), &platforms.Tokens{Access: platforms.NewSecret("a")}, platforms.Profile{ExternalID: "1"})
	if err != nil || told(v, nil) != nil {
		t.Errorf("Validate = %+v, %v; want nothing told and nothing found", v, err)
	}
}

// TestTwitterSuspension: of an account and not of the operator's app.
func TestTwitterSuspension(t *testing.T) {
	t.Parallel()
	for detail, want := range map[string]string{
		"User has been suspended: [rowanames].":          "!ACCOUNT_SUSPENDED",
		"This application has been suspended.":           "could not ask: missing_scope",
		"You are not permitted to perform this action.":  "could not ask: missing_scope",
		"Your enrolled account [1] is suspended for now": "could not ask: missing_scope",
	} {
		a := app(platforms.Twitter, func(*http.Request) (*http.Response, error) {
			return answer(403, nil, `{"title":"Forbidden","type":"about:blank","status":403,"detail":"`+detail+`"}`), nil
		})
		v, err := a.Validate(t.Context(), &platforms.Tokens{Access: platforms.NewSecret("a")}, platforms.Profile{ExternalID: "1"})
		var failure *platforms.Error
		if err != nil {
			failure = platformError(t, err)
		}
		if got := told(v, failure); len(got) != 1 || got[0] != want {
			t.Errorf("Validate of a 403 that says %q = %q; want %q", detail, got, want)
		}
	}
}

// TestLongUploads: only what YouTube says for certain is warned of.
func TestLongUploads(t *testing.T) {
	t.Parallel()
	for status, warns := range map[string]bool{
		"allowed": false, "eligible": true, "disallowed": true, "longUploadsUnspecified": false, "": false,
	} {
		body := `{"kind":"youtube#channelListResponse","items":[{"id":"UC1","status":{"longUploadsStatus":"` + status + `"}}]}`
		a := app(platforms.YouTube, func(*http.Request) (*http.Response, error) { return answer(200, nil, body), nil })
		v, err := a.Validate(t.Context(), &platforms.Tokens{Access: platforms.NewSecret("a")}, platforms.Profile{ExternalID: "UC1"})
		if err != nil || (len(v.Warnings) > 0) != warns || len(v.Errors) > 0 {
			t.Errorf("Validate of a channel with longUploadsStatus %q = %+v, %v; want a warning %t", status, v, err, warns)
		}
	}
}

// TestIdentitiesAreTidy: what goes into the database and onto pages is clean,
// and what has no key goes nowhere.
func TestIdentitiesAreTidy(t *testing.T) {
	t.Parallel()
	identify := func(user string) (*platforms.Identity, error) {
		a := app(platforms.Twitter, func(*http.Request) (*http.Response, error) {
			return answer(200, nil, `{"data":`+user+`}`), nil
		})
		return a.Identify(t.Context(), &platforms.Tokens{Access: platforms.NewSecret("a")})
	}
	got, err := identify(`{"id":"1","name":"A\u0000b\u001b[2J","username":"x\n","profile_image_url":"javascript:alert(1)"}`)
	if err != nil {
		t.Fatal(err)
	}
	want := &platforms.Identity{Subject: "1", Name: "Ab[2J", Profiles: []platforms.Profile{{
		ExternalID: "1", Kind: platforms.KindProfile, Username: "x", DisplayName: "Ab[2J", ProfileURL: "https://x.com/x%0A",
	}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Identify (-want +got):\n%s", diff)
	}
	a := app(platforms.Twitter, func(*http.Request) (*http.Response, error) {
		return answer(200, nil, `{"data":{"id":"1","verified":true,"verified_type":"bl\u0000ue\u001b"}}`), nil
	})
	v, err := a.Validate(t.Context(), &platforms.Tokens{Access: platforms.NewSecret("a")}, platforms.Profile{ExternalID: "1"})
	if diff := cmp.Diff([]string{"Verified: blue"}, told(v, nil)); diff != "" || err != nil {
		t.Errorf("Validate, %v (-want +got):\n%s", err, diff)
	}
	for _, id := range []string{"", " ", `1\u0000`, `1\n2`, "ключ", strings.Repeat("1", 4096)} {
		if got, err := identify(`{"id":"` + id + `"}`); err == nil {
			t.Errorf("Identify with id %.20q = %+v; want an error", id, got)
		}
	}
	a = app(platforms.LinkedIn, linkedInFar(t, new([]string), map[string]recording{
		"/rest/organizationAcls": {Status: 200, Body: []byte(`{"elements":[{"role":"ADMINISTRATOR"}]}`)},
	}))
	if got, err := a.Identify(t.Context(), &platforms.Tokens{Access: platforms.NewSecret("a"), Scopes: []string{"r_organization_admin"}}); err == nil {
		t.Errorf("Identify with an organisation without id = %+v; want an error", got)
	}
}

// TestErrorsHoldNoNUL: PostgreSQL keeps no text with one.
func TestErrorsHoldNoNUL(t *testing.T) {
	t.Parallel()
	a := app(platforms.YouTube, func(*http.Request) (*http.Response, error) {
		return answer(400, nil, `{"error":"in\u0000valid","error_description":"so\u0000rry"}`+"\x00"), nil
	})
	_, err := a.Refresh(t.Context(), &platforms.Tokens{Refresh: platforms.NewSecret("r3fresh")})
	if e := platformError(t, err); strings.Contains(e.Code+e.Message+e.Body, "\x00") {
		t.Errorf("Refresh = %q, %q, %q; want no NUL", e.Code, e.Message, e.Body)
	}
}
