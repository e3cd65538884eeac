package platforms_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"mooring/platforms"
)

var quillBakery = platforms.Profile{
	ExternalID:  "104455667788990",
	Kind:        platforms.KindPage,
	Username:    "quillbakery",
	DisplayName: "Quill Bakery",
	AvatarURL:   "https://scontent.example/quillbakery.jpg",
	ProfileURL:  "https://www.facebook.com/quillbakery",
	Token:       platforms.NewSecret("EAABexampleexamplepage1"),
}

func TestIdentifyFacebook(t *testing.T) {
	t.Parallel()
	files := recorded(t, "meta_facebook")
	café, academy := quillBakery, quillBakery
	café.ExternalID, café.Username, café.DisplayName, café.Token = "104455667788991", "quillcafe", "Quill Café", platforms.NewSecret("EAABexampleexamplepage2")
	café.AvatarURL, café.ProfileURL = "https://scontent.example/quillcafe.jpg", "https://www.facebook.com/quillcafe"
	academy.ExternalID, academy.Username, academy.DisplayName, academy.Token = "104455667788992", "quillacademy", "Quill Academy", platforms.NewSecret("EAABexampleexamplepage3")
	academy.AvatarURL, academy.ProfileURL = "https://scontent.example/quillacademy.jpg", "https://www.facebook.com/quillacademy"
	bare := platforms.Profile{
		ExternalID: "104455667788990123", Kind: platforms.KindPage, DisplayName: "Bare",
		ProfileURL: "https://www.facebook.com/104455667788990123", Token: platforms.NewSecret("t"),
	}
	body := func(text string) recording { return recording{Status: 200, Body: []byte(text)} }
	const first, next = "/me/accounts", "/me/accounts after QVQy"
	tests := []struct {
		name  string
		lists map[string]recording
		want  []platforms.Profile
	}{
		{"one Page", map[string]recording{first: files["accounts"]}, []platforms.Profile{quillBakery}},
		{"in two parts", map[string]recording{first: files["accounts-first"], next: files["accounts-last"]}, []platforms.Profile{quillBakery, café, academy}},
		{"the last part empty", map[string]recording{first: files["accounts-first"], next: files["accounts-none"]}, []platforms.Profile{quillBakery, café}},
		{"the same part for ever", map[string]recording{first: files["accounts-first"], next: files["accounts-first"]}, []platforms.Profile{quillBakery, café}},
		{"no Page", map[string]recording{first: files["accounts-none"]}, nil},
		{"a Page that was never granted", map[string]recording{first: files["accounts-never-granted"]}, []platforms.Profile{quillBakery}},
		{"no sound token, no id", map[string]recording{first: body(`{"data":[{"id":"1","access_token":"a b"},{"id":"2","access_token":""},{"access_token":"x"},null]}`)}, nil},
		{"a Page of another shape beside a sound one", map[string]recording{first: body(`{"data":[{"id":"1","access_token":7},{"id":{},"access_token":"x"},"Page",{"id":"104455667788990123","name":"Bare","tasks":"ALL","access_token":"t"}]}`)}, []platforms.Profile{bare}},
		{"number as id", map[string]recording{first: body(`{"data":[{"id":104455667788990123,"name":"Bare","access_token":"t"}]}`)}, []platforms.Profile{bare}},
		{"twice the same", map[string]recording{first: body(`{"data":[{"id":"104455667788990123","name":"Bare","access_token":"t"},{"id":"104455667788990123","access_token":"u"}]}`)}, []platforms.Profile{bare}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.lists["/me"] = files["me"]
			far := &metaFar{t: t, answers: tt.lists}
			got, err := app(platforms.Facebook, far.RoundTrip).Identify(t.Context(), &platforms.Tokens{Access: platforms.NewSecret("pers0n")})
			if err != nil {
				t.Fatal(err)
			}
			want := &platforms.Identity{Subject: "10224400112233", Name: "Ada Quill", Profiles: tt.want}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("Identify (-want +got):\n%s", diff)
			}
		})
	}
}

// TestIdentifyFacebookFails: half a list of Pages is none.
func TestIdentifyFacebookFails(t *testing.T) {
	t.Parallel()
	files := recorded(t, "meta_facebook")
	body := func(text string) recording { return recording{Status: 200, Body: []byte(text)} }
	tests := []struct {
		name    string
		answers map[string]recording
		class   platforms.Class
	}{
		{"dead token", map[string]recording{"/me": files["api-removed"]}, platforms.ClassRefreshDead},
		{"nobody", map[string]recording{"/me": body(`{}`), "/me/accounts": files["accounts"]}, platforms.ClassTemporary},
		{"no permission", map[string]recording{"/me": files["me"], "/me/accounts": files["api-permission"]}, platforms.ClassMissingScope},
		{"no list", map[string]recording{"/me": files["me"], "/me/accounts": body(`{}`)}, platforms.ClassTemporary},
		{"second part fails", map[string]recording{"/me": files["me"], "/me/accounts": files["accounts-first"], "/me/accounts after QVQy": files["api-down"]}, platforms.ClassTemporary},
		{"an id that is none", map[string]recording{"/me": body(`{"id":1e9}`)}, platforms.ClassTemporary},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			far := &metaFar{t: t, answers: tt.answers}
			got, err := app(platforms.Facebook, far.RoundTrip).Identify(t.Context(), &platforms.Tokens{Access: platforms.NewSecret("pers0n")})
			if err == nil {
				t.Fatalf("Identify = %+v; want an error", got)
			}
			if e := platformError(t, err); e.Class != tt.class {
				t.Errorf("Identify = %v (%s); want %s", e, e.Class, tt.class)
			}
		})
	}
}

// TestFacebookPagesAreBounded: no answer makes Mooring ask for ever, or ask
// another host.
func TestFacebookPagesAreBounded(t *testing.T) {
	t.Parallel()
	asked := 0
	a := app(platforms.Facebook, func(r *http.Request) (*http.Response, error) {
		if r.URL.Host != "graph.facebook.com" {
			t.Errorf("asked %s", r.URL)
		}
		if strings.HasSuffix(r.URL.Path, "/me") {
			return answer(200, nil, `{"id":"1"}`), nil
		}
		asked++
		return answer(200, nil, fmt.Sprintf(`{"data":[{"id":"%d","access_token":"t"}],"paging":{"cursors":{"after":"%d"},"next":"https://evil.example/?access_token=t"}}`, asked, asked)), nil
	})
	got, err := a.Identify(t.Context(), &platforms.Tokens{Access: platforms.NewSecret("a")})
	if err != nil || asked != 20 || len(got.Profiles) != 20 {
		t.Fatalf("Identify = %v, %v after %d requests; want 20 Pages after 20", got, err, asked)
	}
	if codes := findings(got.Warnings); !slices.Equal(codes, []string{platforms.FindingMoreThanRead}) {
		t.Errorf("Identify warns of %v; want that there are more Pages", codes)
	}
}

func findings(list []platforms.Finding) []string {
	var codes []string
	for _, f := range list {
		codes = append(codes, f.Code)
	}
	return codes
}

func TestValidateFacebook(t *testing.T) {
	t.Parallel()
	files := recorded(t, "meta_facebook")
	with := func(override map[string]recording) map[string]recording {
		answers := map[string]recording{
			"debug_token EAABexampleexamplepage1": files["debug-page"],
			"debug_token pers0n":                  files["debug"],
			"/me/accounts":                        files["accounts"],
		}
		for key, r := range override {
			answers[key] = r
		}
		return answers
	}
	person := func(data string) map[string]recording {
		return map[string]recording{"debug_token pers0n": {Status: 200, Body: []byte(`{"data":{"is_valid":true,` + data + `}}`)}}
	}
	// The tests run in bubbles, which begin with the year 2000.
	begin := time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC)
	ends := func(days int) map[string]recording {
		return person(fmt.Sprintf(`"expires_at":%d`, begin.AddDate(0, 0, days).Unix()))
	}
	tests := []struct {
		name             string
		answers          map[string]recording
		errors, warnings []string
	}{
		{"sound", with(ends(15)), nil, nil},
		{"no role to post", with(map[string]recording{"/me/accounts": files["accounts-analyst"]}), nil, []string{platforms.FindingNoPublishTask}},
		{"person's token near its end", with(ends(14)), nil, []string{platforms.FindingGrantEnds}},
		{"person's token ended", with(map[string]recording{"debug_token pers0n": files["debug-expired"]}), nil, []string{platforms.FindingGrantEnds}},
		{"person's token ended just now", with(map[string]recording{"/me/accounts": files["api-removed"]}), nil, []string{platforms.FindingGrantEnds}},
		{"not ticked for posting", with(person(`"granular_scopes":[{"scope":"pages_manage_posts","target_ids":["1"]}]`)), nil, []string{platforms.FindingPageNotTicked}},
		{"nothing ticked for posting", with(person(`"granular_scopes":[{"scope":"pages_manage_posts","target_ids":[]}]`)), nil, []string{platforms.FindingPageNotTicked}},
		{"not ticked", with(map[string]recording{
			"/me/accounts":       files["accounts-none"],
			"debug_token pers0n": {Status: 200, Body: []byte(`{"data":{"is_valid":true,"granular_scopes":[{"scope":"pages_show_list","target_ids":["1"]}]}}`)},
		}), []string{platforms.FindingPageNotTicked}, nil},
		{"not among the Pages", with(map[string]recording{"/me/accounts": files["accounts-none"]}), []string{platforms.FindingNotReached}, nil},
		{"role lost", with(map[string]recording{"debug_token EAABexampleexamplepage1": files["debug-role"]}), []string{platforms.FindingRoleLost}, nil},
		{"checkpoint, Page's token", with(map[string]recording{"debug_token EAABexampleexamplepage1": files["debug-checkpoint"]}), []string{platforms.FindingCheckpoint}, nil},
		{"checkpoint, person's token", with(map[string]recording{"debug_token pers0n": files["debug-checkpoint"]}), []string{platforms.FindingCheckpoint}, nil},
		{"checkpoint at the list", with(map[string]recording{"/me/accounts": files["api-unconfirmed"]}), []string{platforms.FindingCheckpoint}, nil},
		{"a person's token in the Page's place", with(map[string]recording{"debug_token EAABexampleexamplepage1": files["debug"]}), []string{platforms.FindingPageToken}, nil},
		{"another Page's token", with(map[string]recording{"debug_token EAABexampleexamplepage1": {Status: 200, Body: []byte(`{"data":{"is_valid":true,"type":"PAGE","profile_id":"2"}}`)}}), []string{platforms.FindingPageToken}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				far := &metaFar{t: t, answers: tt.answers}
				got, err := app(platforms.Facebook, far.RoundTrip).Validate(t.Context(), &platforms.Tokens{Access: platforms.NewSecret("pers0n")}, quillBakery)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(tt.errors, findings(got.Errors)); diff != "" {
					t.Errorf("errors (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(tt.warnings, findings(got.Warnings)); diff != "" {
					t.Errorf("warnings (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(quillBakery, got.Profile); diff != "" {
					t.Errorf("profile (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// TestValidateBeyondTheBound: what stands behind the Pages that are read is
// asked for by its id.
func TestValidateBeyondTheBound(t *testing.T) {
	t.Parallel()
	files, instagram := recorded(t, "meta_facebook"), recorded(t, "meta_instagram")
	sound := recording{Status: 200, Body: []byte(`{"id":"104455667788990","name":"Quill Bakery","username":"quillbakery","category":"Bakery","access_token":"EAABexampleexamplepage1","picture":{"data":{"url":"https://scontent.example/quillbakery.jpg"}}}`)}
	tests := []struct {
		name     string
		platform *platforms.Platform
		asked    platforms.Profile
		answer   recording // of the Page or account itself
		errors   []string
	}{
		{"a Page", platforms.Facebook, quillBakery, sound, nil},
		{"a Page without a token for the person", platforms.Facebook, quillBakery, recording{Status: 200, Body: []byte(`{"id":"104455667788990","name":"Quill Bakery"}`)}, []string{platforms.FindingNotReached}},
		{"a Page that is gone", platforms.Facebook, quillBakery, files["api-object"], []string{platforms.FindingNotReached}},
		{"an account", platforms.Instagram, linkedQuill(), instagram["account"], nil},
		{"an account that is gone", platforms.Instagram, linkedQuill(), files["api-object"], []string{platforms.FindingNotReached}},
	}
	for _, tt := range tests {
		asked := 0
		far := func(r *http.Request) (*http.Response, error) {
			switch path := strings.TrimPrefix(r.URL.Path, "/v25.0"); path {
			case "/debug_token":
				if r.FormValue("input_token") == "pers0n" {
					return answer(200, nil, `{"data":{"is_valid":true,"type":"USER"}}`), nil
				}
				return files["debug-page"].response(), nil
			case "/me/accounts":
				asked++
				return answer(200, nil, fmt.Sprintf(`{"data":[{"id":"%d","access_token":"t"}],"paging":{"cursors":{"after":"%d"},"next":"x"}}`, asked, asked)), nil
			case "/" + tt.asked.ExternalID:
				if strings.Contains(r.FormValue("fields"), "tasks") {
					t.Errorf("%s: asked for %s, which a Page by itself does not have", tt.name, r.FormValue("fields"))
				}
				return tt.answer.response(), nil
			}
			t.Errorf("%s: %s was asked for", tt.name, r.URL.Path)
			return answer(404, nil, ""), nil
		}
		got, err := app(tt.platform, far).Validate(t.Context(), &platforms.Tokens{Access: platforms.NewSecret("pers0n")}, tt.asked)
		if err != nil {
			t.Errorf("%s: Validate = %v", tt.name, err)
			continue
		}
		if diff := cmp.Diff(tt.errors, findings(got.Errors)); diff != "" {
			t.Errorf("%s: errors (-want +got):\n%s", tt.name, diff)
		}
		if diff := cmp.Diff(tt.asked, got.Profile); diff != "" {
			t.Errorf("%s: profile (-want +got):\n%s", tt.name, diff)
		}
	}
}

// TestValidateFacebookCouldNotAsk: such a failure says nothing of the Page.
func TestValidateFacebookCouldNotAsk(t *testing.T) {
	t.Parallel()
	files := recorded(t, "meta_facebook")
	const own, person, list = "debug_token EAABexampleexamplepage1", "debug_token pers0n", "/me/accounts"
	tests := []struct {
		name    string
		answers map[string]recording
		class   platforms.Class
	}{
		{"down at once", map[string]recording{own: files["api-down"]}, platforms.ClassTemporary},
		{"down later", map[string]recording{own: files["debug-page"], person: files["debug"], list: files["api-down"]}, platforms.ClassTemporary},
		{"throttled", map[string]recording{own: files["debug-page"], person: files["api-app-limit"]}, platforms.ClassRateLimited},
		{"app's secret", map[string]recording{own: files["debug-app-token"]}, platforms.ClassAppFault},
		{"Page's token dead", map[string]recording{own: files["debug-password"]}, platforms.ClassRefreshDead},
		{"another answer", map[string]recording{own: files["debug-page"], person: files["debug"], list: {Status: 200, Body: []byte(`{}`)}}, platforms.ClassTemporary},
	}
	for _, tt := range tests {
		far := &metaFar{t: t, answers: tt.answers}
		got, err := app(platforms.Facebook, far.RoundTrip).Validate(t.Context(), &platforms.Tokens{Access: platforms.NewSecret("pers0n")}, quillBakery)
		if e := platformError(t, err); got != nil || e.Class != tt.class {
			t.Errorf("%s: Validate = %+v, %v; want %s", tt.name, got, err, tt.class)
		}
	}
}
