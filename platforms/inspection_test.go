package platforms_test

import (
	"io"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mooring/platforms"
)

func TestInspect(t *testing.T) {
	t.Parallel()
	const google = "https://www.googleapis.com/auth/youtube."
	body := func(text string) recording { return recording{Status: 200, Body: []byte(text)} }
	linkedIn, youTube := recorded(t, "linkedin"), recorded(t, "google_youtube")
	tests := []struct {
		name     string
		platform *platforms.Platform
		answer   recording
		want     *platforms.Inspection
		class    platforms.Class
		code     string
	}{
		{"LinkedIn", platforms.LinkedIn, linkedIn["introspect"], &platforms.Inspection{
			Scopes: []string{"openid", "profile", "w_member_social"}, Source: platforms.FromIntrospection, AccessExpires: time.Unix(1804184000, 0).UTC(),
		}, "", ""},
		{"LinkedIn revoked", platforms.LinkedIn, linkedIn["introspect-revoked"], nil, platforms.ClassRefreshDead, "revoked"},
		{"LinkedIn expired", platforms.LinkedIn, linkedIn["introspect-expired"], nil, platforms.ClassStaleAccess, "expired"},
		{"LinkedIn unknown", platforms.LinkedIn, linkedIn["introspect-unknown"], nil, platforms.ClassStaleAccess, "inactive"},
		{"LinkedIn wrong secret", platforms.LinkedIn, linkedIn["token-client"], nil, platforms.ClassAppFault, "invalid_client"},
		{"LinkedIn throttled", platforms.LinkedIn, linkedIn["api-throttled"], nil, platforms.ClassRateLimited, "101"},
		{"LinkedIn down", platforms.LinkedIn, recording{Status: 503}, nil, platforms.ClassTemporary, ""},
		{"LinkedIn says nothing", platforms.LinkedIn, body(`{"active":true}`), nil, platforms.ClassTemporary, ""},
		{"LinkedIn without a sensible end", platforms.LinkedIn, body(`{"active":true,"scope":"openid","expires_at":-1}`), &platforms.Inspection{
			Scopes: []string{"openid"}, Source: platforms.FromIntrospection,
		}, "", ""},
		{"Google", platforms.YouTube, youTube["tokeninfo"], &platforms.Inspection{
			Scopes: []string{google + "upload", google + "readonly", "openid"}, Source: platforms.FromIntrospection, AccessExpires: time.Unix(1799003599, 0).UTC(),
		}, "", ""},
		{"Google, spelt otherwise", platforms.YouTube, body(`{"scope":"https://www.googleapis.com/auth/userinfo.email OPENID"}`), &platforms.Inspection{
			Scopes: []string{"email", "openid"}, Source: platforms.FromIntrospection,
		}, "", ""},
		{"Google dead", platforms.YouTube, youTube["tokeninfo-invalid"], nil, platforms.ClassStaleAccess, "invalid_token"},
		{"Google down", platforms.YouTube, recording{Status: 500, Body: []byte(`<html>`)}, nil, platforms.ClassTemporary, ""},
		{"Google says nothing", platforms.YouTube, body(`{}`), nil, platforms.ClassTemporary, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := app(tt.platform, always(tt.answer)).Inspect(t.Context(), &platforms.Tokens{Access: platforms.NewSecret("acc3ss")})
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Inspect (-want +got):\n%s", diff)
			}
			if (err != nil) != (tt.class != "") {
				t.Fatalf("Inspect = %v; want class %q", err, tt.class)
			}
			if err == nil {
				return
			}
			if e := platformError(t, err); e.Class != tt.class || e.Code != tt.code {
				t.Errorf("Inspect = %v (%s, %s); want %s, %s", e, e.Class, e.Code, tt.class, tt.code)
			}
		})
	}
}

// TestInspectRequests: LinkedIn takes the client's credentials and the token
// in the form, Google the token alone, and neither in the address.
func TestInspectRequests(t *testing.T) {
	t.Parallel()
	tests := []struct {
		platform      *platforms.Platform
		answer        string
		authorization string
		form          url.Values
	}{
		{platforms.LinkedIn, "introspect", "", url.Values{"client_id": {"id+1"}, "client_secret": {"top/secret"}, "token": {"acc3ss"}}},
		{platforms.YouTube, "tokeninfo", "Bearer acc3ss", url.Values{}},
	}
	for _, tt := range tests {
		a := app(tt.platform, func(r *http.Request) (*http.Response, error) {
			var body []byte
			if r.Body != nil {
				body, _ = io.ReadAll(r.Body)
			}
			form, err := url.ParseQuery(string(body))
			if diff := cmp.Diff(tt.form, form); diff != "" || err != nil {
				t.Errorf("%s: form (-want +got), %v:\n%s", tt.platform.ID, err, diff)
			}
			if r.Method != http.MethodPost || r.URL.String() != tt.platform.Logins[0].Endpoints.Introspect || r.Header.Get("Authorization") != tt.authorization {
				t.Errorf("%s: asked %s %s as %q", tt.platform.ID, r.Method, r.URL, r.Header.Get("Authorization"))
			}
			return recorded(t, tt.platform.ID)[tt.answer].response(), nil
		})
		if _, err := a.Inspect(t.Context(), &platforms.Tokens{Access: platforms.NewSecret("acc3ss")}); err != nil {
			t.Errorf("%s: Inspect = %v", tt.platform.ID, err)
		}
	}
}

// TestInspectWhereNothingIsTold: the tokens themselves are all that is known.
func TestInspectWhereNothingIsTold(t *testing.T) {
	t.Parallel()
	for _, p := range []*platforms.Platform{platforms.Twitter, platforms.TikTok, platforms.Pinterest} {
		a := app(p, func(*http.Request) (*http.Response, error) {
			t.Errorf("%s was asked", p.ID)
			return answer(500, nil, ""), nil
		})
		tokens := &platforms.Tokens{Scopes: []string{"x"}, ScopeSource: platforms.FromRequest, AccessExpires: answered}
		got, err := a.Inspect(t.Context(), tokens)
		want := &platforms.Inspection{Scopes: []string{"x"}, Source: platforms.FromRequest, AccessExpires: answered}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: Inspect, %v (-want +got):\n%s", p.ID, err, diff)
		}
	}
}

// TestGoogleConsentEnds: only consents given to an app in Testing do.
func TestGoogleConsentEnds(t *testing.T) {
	t.Parallel()
	for publishing, want := range map[string]time.Time{
		"": {}, "production": {}, "testing": answered.Add(7 * 24 * time.Hour),
	} {
		a := app(platforms.YouTube, nil)
		if publishing != "" {
			a.Options = map[string]string{"PUBLISHING": publishing}
		}
		if got := a.Login.ConsentEnds(a, answered); !got.Equal(want) {
			t.Errorf("ConsentEnds with GOOGLE_PUBLISHING=%s = %s; want %s", publishing, got, want)
		}
	}
}
