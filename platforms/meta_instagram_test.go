package platforms_test

import (
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"mooring/platforms"
)

// quill is the account as Instagram Login tells of it; through a Page it comes
// with the Page's token.
var quill = platforms.Profile{
	ExternalID:  "17841400099887766",
	Kind:        platforms.KindBusiness,
	Username:    "quill.bakery",
	DisplayName: "Quill Bakery",
	AvatarURL:   "https://scontent.example/quill.jpg",
	ProfileURL:  "https://www.instagram.com/quill.bakery/",
}

func linkedQuill() platforms.Profile {
	p := quill
	p.Token = platforms.NewSecret("EAABexampleexamplepage1")
	return p
}

func TestIdentifyInstagramByPage(t *testing.T) {
	t.Parallel()
	files := recorded(t, "meta_instagram")
	for name, want := range map[string][]platforms.Profile{
		"accounts":            {linkedQuill()},
		"accounts-not-linked": nil,
	} {
		far := &metaFar{t: t, answers: map[string]recording{
			"/me":          recorded(t, "meta_facebook")["me"],
			"/me/accounts": files[name],
		}}
		got, err := app(platforms.Instagram, far.RoundTrip).Identify(t.Context(), &platforms.Tokens{Access: platforms.NewSecret("pers0n")})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(&platforms.Identity{Subject: "10224400112233", Name: "Ada Quill", Profiles: want}, got); diff != "" {
			t.Errorf("Identify answered by %s (-want +got):\n%s", name, diff)
		}
	}
}

func TestIdentifyInstagram(t *testing.T) {
	t.Parallel()
	files := recorded(t, "meta_instagram")
	tests := []struct {
		recording string
		want      *platforms.Identity
	}{
		{"me", &platforms.Identity{Subject: quill.ExternalID, Name: "Quill Bakery", Profiles: []platforms.Profile{quill}}},
		{"me-data", &platforms.Identity{Subject: quill.ExternalID, Name: "Quill Bakery", Profiles: []platforms.Profile{quill}}},
		{"me-number", &platforms.Identity{Subject: quill.ExternalID, Name: "Quill Bakery", Profiles: []platforms.Profile{quill}}},
		{"me-personal", &platforms.Identity{Subject: quill.ExternalID, Name: "quill.bakery"}},
	}
	for _, tt := range tests {
		a := instagramApp(func(r *http.Request) (*http.Response, error) {
			const want = "https://graph.instagram.com/v25.0/me?fields=user_id,username,name,account_type,profile_picture_url,followers_count,follows_count,media_count"
			if r.URL.String() != want || r.Header.Get("Authorization") != "Bearer acc3ss" {
				t.Errorf("asked %s as %s; want %s", r.URL, r.Header.Get("Authorization"), want)
			}
			return files[tt.recording].response(), nil
		})
		got, err := a.Identify(t.Context(), &platforms.Tokens{Access: platforms.NewSecret("acc3ss")})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("Identify answered by %s (-want +got):\n%s", tt.recording, diff)
		}
	}
	for _, body := range []string{`{}`, `{"id":"26123450000011122"}`, `{"data":[]}`, `{"data":[{}]}`, `{"user_id":1.5}`, `[]`} {
		a := instagramApp(func(*http.Request) (*http.Response, error) { return answer(200, nil, body), nil })
		got, err := a.Identify(t.Context(), &platforms.Tokens{Access: platforms.NewSecret("acc3ss")})
		if e := platformError(t, err); e.Class != platforms.ClassTemporary {
			t.Errorf("Identify answered by %s = %+v, %v; want a temporary failure", body, got, err)
		}
	}
}

func TestValidateInstagramByPage(t *testing.T) {
	t.Parallel()
	files, facebook := recorded(t, "meta_instagram"), recorded(t, "meta_facebook")
	const person, page, list, account = "debug_token pers0n", "debug_token EAABexampleexamplepage1", "/me/accounts", "/17841400099887766"
	ended := recording{Status: 200, Body: []byte(`{"data":{"is_valid":true,"type":"PAGE","data_access_expires_at":1}}`)}
	details := []platforms.Detail{{Name: "Followers", Value: "812"}, {Name: "Posts", Value: "64"}}
	tests := []struct {
		name             string
		answers          map[string]recording
		errors, warnings []string
		details          []platforms.Detail
	}{
		{"sound", map[string]recording{person: files["debug"], list: files["accounts"], account: files["account"]}, nil, nil, details},
		{"link gone", map[string]recording{person: files["debug"], list: files["accounts-not-linked"]}, []string{platforms.FindingNotLinked}, nil, nil},
		{"not ticked", map[string]recording{person: files["debug-not-ticked"], list: files["accounts-not-linked"]}, []string{platforms.FindingInstagramNotTicked}, nil, nil},
		{"person's token ended", map[string]recording{person: facebook["debug-expired"], account: files["account"]}, nil, []string{platforms.FindingGrantEnds}, details},
		{"person's token ended just now", map[string]recording{person: files["debug"], list: facebook["api-removed"], account: files["account"]}, nil, []string{platforms.FindingGrantEnds}, details},
		{"account gone", map[string]recording{person: facebook["debug-expired"], account: facebook["api-object"], page: facebook["debug-page"]}, []string{platforms.FindingNotReached}, []string{platforms.FindingGrantEnds}, nil},
		{"checkpoint", map[string]recording{person: facebook["debug-checkpoint"]}, []string{platforms.FindingCheckpoint}, nil, nil},
		{"role lost", map[string]recording{person: files["debug"], list: files["accounts"], account: facebook["api-role"], page: facebook["debug-page"]}, []string{platforms.FindingRoleLost}, nil, nil},
		{"data access ended", map[string]recording{person: ended}, []string{platforms.FindingDataEnded}, nil, nil},
		{"data access ended, and the person's token", map[string]recording{person: facebook["debug-expired"], account: files["api-permission"], page: ended}, []string{platforms.FindingDataEnded}, []string{platforms.FindingGrantEnds}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // in the year 2000 the recorded end is far
				far := &metaFar{t: t, answers: tt.answers}
				got, err := app(platforms.Instagram, far.RoundTrip).Validate(t.Context(), &platforms.Tokens{Access: platforms.NewSecret("pers0n")}, linkedQuill())
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(tt.errors, findings(got.Errors)); diff != "" {
					t.Errorf("errors (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(tt.warnings, findings(got.Warnings)); diff != "" {
					t.Errorf("warnings (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(tt.details, got.Details); diff != "" {
					t.Errorf("details (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(linkedQuill(), got.Profile); diff != "" {
					t.Errorf("profile (-want +got):\n%s", diff)
				}
			})
		})
	}
	for name, answers := range map[string]map[string]recording{
		"down":            {person: files["debug"], list: files["accounts"], account: facebook["api-down"]},
		"another account": {person: files["debug"], list: files["accounts"], account: {Status: 200, Body: []byte(`{"id":"1"}`)}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				far := &metaFar{t: t, answers: answers}
				got, err := app(platforms.Instagram, far.RoundTrip).Validate(t.Context(), &platforms.Tokens{Access: platforms.NewSecret("pers0n")}, linkedQuill())
				if e := platformError(t, err); got != nil || e.Class != platforms.ClassTemporary {
					t.Errorf("Validate = %+v, %v; want a temporary failure", got, err)
				}
			})
		})
	}
}

func TestValidateInstagram(t *testing.T) {
	t.Parallel()
	files := recorded(t, "meta_instagram")
	other := quill
	other.ExternalID = "17841400000000001"
	tests := []struct {
		recording string
		profile   platforms.Profile
		errors    []string
		details   []platforms.Detail
	}{
		{"me", quill, nil, []platforms.Detail{{Name: "Account type", Value: "Business"}, {Name: "Followers", Value: "812"}, {Name: "Posts", Value: "64"}}},
		{"me-number", quill, nil, []platforms.Detail{{Name: "Account type", Value: "Media Creator"}, {Name: "Followers", Value: "812"}, {Name: "Posts", Value: "64"}}},
		{"me-personal", quill, []string{platforms.FindingNotProfessional}, []platforms.Detail{{Name: "Account type", Value: "PERSONAL"}}},
		{"me-data", other, []string{platforms.FindingNotReached}, nil},
	}
	for _, tt := range tests {
		got, err := instagramApp(always(files[tt.recording])).Validate(t.Context(), &platforms.Tokens{Access: platforms.NewSecret("a")}, tt.profile)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.errors, findings(got.Errors)); diff != "" {
			t.Errorf("%s: errors (-want +got):\n%s", tt.recording, diff)
		}
		if diff := cmp.Diff(tt.details, got.Details); diff != "" {
			t.Errorf("%s: details (-want +got):\n%s", tt.recording, diff)
		}
		if got.Profile.ExternalID != tt.profile.ExternalID {
			t.Errorf("%s: Validate tells of %s; want %s", tt.recording, got.Profile.ExternalID, tt.profile.ExternalID)
		}
	}
	_, err := instagramApp(always(recording{Status: 200, Body: []byte(`{}`)})).Validate(t.Context(), &platforms.Tokens{Access: platforms.NewSecret("a")}, quill)
	if e := platformError(t, err); e.Class != platforms.ClassTemporary {
		t.Errorf("Validate without an account = %v; want a temporary failure", err)
	}
}
