package platforms_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"mooring/platforms"
)

func TestYouTubeAsksForOfflineAccessAndTheChannel(t *testing.T) {
	t.Parallel()
	u, err := url.Parse(app(platforms.YouTube, nil).AuthCodeURL("s", strings.Repeat("v", 43), []string{"openid", "x"}))
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	for name, want := range map[string]string{
		"access_type":            "offline",
		"prompt":                 "consent select_account",
		"scope":                  "openid x",
		"code_challenge_method":  "S256",
		"include_granted_scopes": "", // would give the token earlier consents' scopes
	} {
		if got := q.Get(name); got != want {
			t.Errorf("%s = %q; want %q", name, got, want)
		}
	}
	if len(q.Get("code_challenge")) != 43 {
		t.Errorf("code_challenge = %q; want a S256", q.Get("code_challenge"))
	}
}

func TestYouTubeTokens(t *testing.T) {
	t.Parallel()
	tests := []struct {
		recording string
		refresh   bool
		ends      time.Duration // of the refresh token; 0: no end known
	}{
		{"token", true, 0},
		{"token-testing", true, 7*24*time.Hour - time.Second},
		{"token-without-refresh", false, 0},
	}
	for _, tt := range tests {
		t.Run(tt.recording, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tokens, err := exchange(t, platforms.YouTube, string(recorded(t, "google_youtube")[tt.recording].Body), "asked")
				if err != nil {
					t.Fatal(err)
				}
				want := []string{"https://www.googleapis.com/auth/youtube.upload", "https://www.googleapis.com/auth/youtube.readonly", "openid"}
				if diff := cmp.Diff(want, tokens.Scopes); diff != "" || tokens.ScopeSource != platforms.FromTokenResponse {
					t.Errorf("scopes, from %s (-want +got):\n%s", tokens.ScopeSource, diff)
				}
				if life := time.Until(tokens.AccessExpires); life != time.Hour-time.Second {
					t.Errorf("access token's life = %s; want 59m59s", life)
				}
				var ends time.Time
				if tt.ends > 0 {
					ends = time.Now().UTC().Add(tt.ends)
				}
				if tokens.Refresh.IsZero() == tt.refresh || !tokens.RefreshExpires.Equal(ends) {
					t.Errorf("refresh token %t until %s; want %t until %s", !tokens.Refresh.IsZero(), tokens.RefreshExpires, tt.refresh, ends)
				}
			})
		})
	}
}

const ownChannel = "/youtube/v3/channels?part=snippet&mine=true"

// youTubeFar answers as Google does, with tokeninfo from one recording and
// channels.list from another, and notes what it was asked.
func youTubeFar(asked *[]string, tokeninfo, channels recording) far {
	return func(r *http.Request) (*http.Response, error) {
		*asked = append(*asked, r.Method+" "+r.URL.RequestURI()+" "+r.Header.Get("Authorization"))
		if r.URL.Host == "oauth2.googleapis.com" {
			return tokeninfo.response(), nil
		}
		return channels.response(), nil
	}
}

func TestIdentifyYouTube(t *testing.T) {
	t.Parallel()
	files := recorded(t, "google_youtube")
	const subject = "108205314977360218845"
	channel := platforms.Profile{
		ExternalID:  "UCa1b2c3d4e5f6g7h8i9j0kLmN",
		Kind:        platforms.KindChannel,
		Username:    "quillbakes",
		DisplayName: "Quill Bakes",
		AvatarURL:   "https://yt3.ggpht.com/example=s240-c",
		ProfileURL:  "https://www.youtube.com/channel/UCa1b2c3d4e5f6g7h8i9j0kLmN",
	}
	bare := platforms.Profile{ExternalID: "UCx", Kind: platforms.KindChannel, DisplayName: "Old", AvatarURL: "https://a.example/88", ProfileURL: "https://www.youtube.com/channel/UCx"}
	older := recording{Status: 200, Body: []byte(`{"kind":"youtube#channelListResponse","items":[{"id":"UCx","snippet":{"title":"Old","customUrl":"oldname","thumbnails":{"default":{"url":"https://a.example/88"}}}}]}`)}
	tests := []struct {
		name      string
		tokeninfo recording
		channels  recording
		want      platforms.Identity
	}{
		{"channel", files["tokeninfo"], files["channels"], platforms.Identity{Subject: subject, Name: "Quill Bakes", Profiles: []platforms.Profile{channel}}},
		{"without openid", files["tokeninfo-without-openid"], files["channels"], platforms.Identity{Subject: channel.ExternalID, Name: "Quill Bakes", Profiles: []platforms.Profile{channel}}},
		{"no channel", files["tokeninfo"], files["channels-none"], platforms.Identity{Subject: subject}},
		{"no channel, older answer", files["tokeninfo"], files["api-signup"], platforms.Identity{Subject: subject}},
		{"name without a handle", files["tokeninfo"], older, platforms.Identity{Subject: subject, Name: "Old", Profiles: []platforms.Profile{bare}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var asked []string
			a := app(platforms.YouTube, youTubeFar(&asked, tt.tokeninfo, tt.channels))
			got, err := a.Identify(t.Context(), &platforms.Tokens{Access: platforms.NewSecret("acc3ss")})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(&tt.want, got); diff != "" {
				t.Errorf("Identify (-want +got):\n%s", diff)
			}
			want := []string{"POST /tokeninfo Bearer acc3ss", "GET " + ownChannel + " Bearer acc3ss"}
			if diff := cmp.Diff(want, asked); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}

// TestIdentifyYouTubeFails: without the person's id a later revocation could
// end other channels, and half an answer is none.
func TestIdentifyYouTubeFails(t *testing.T) {
	t.Parallel()
	files := recorded(t, "google_youtube")
	body := func(text string) recording { return recording{Status: 200, Body: []byte(text)} }
	tests := []struct {
		name      string
		tokeninfo recording
		channels  recording
		class     platforms.Class
		asked     int
	}{
		{"dead token", files["tokeninfo-invalid"], files["channels"], platforms.ClassStaleAccess, 1},
		{"tokeninfo down", recording{Status: 503, Body: []byte(`{}`)}, files["channels"], platforms.ClassTemporary, 1},
		{"token dies in between", files["tokeninfo"], files["api-auth"], platforms.ClassStaleAccess, 2},
		{"youtube.readonly unticked", files["tokeninfo"], files["api-scope"], platforms.ClassMissingScope, 2},
		{"quota", files["tokeninfo"], files["api-quota"], platforms.ClassRateLimited, 2},
		{"API not enabled", files["tokeninfo"], files["api-disabled"], platforms.ClassAppFault, 2},
		{"another answer", files["tokeninfo"], body(`{}`), platforms.ClassTemporary, 2},
		{"no object", files["tokeninfo"], body(`[]`), platforms.ClassTemporary, 2},
		{"channel without id", files["tokeninfo"], body(`{"kind":"youtube#channelListResponse","items":[{"snippet":{"title":"x"}}]}`), platforms.ClassTemporary, 2},
		{"neither person nor channel", files["tokeninfo-without-openid"], files["channels-none"], platforms.ClassTemporary, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var asked []string
			a := app(platforms.YouTube, youTubeFar(&asked, tt.tokeninfo, tt.channels))
			identity, err := a.Identify(t.Context(), &platforms.Tokens{Access: platforms.NewSecret("acc3ss")})
			if err == nil {
				t.Fatalf("Identify = %+v; want an error", identity)
			}
			if e := platformError(t, err); e.Class != tt.class || e.Stage != platforms.StageAPI || len(asked) != tt.asked {
				t.Errorf("Identify = %v (%s) after %d requests; want %s after %d", e, e.Class, len(asked), tt.class, tt.asked)
			}
		})
	}
}

func TestRevokeYouTube(t *testing.T) {
	t.Parallel()
	files := recorded(t, "google_youtube")
	access, refresh := platforms.NewSecret("acc3ss"), platforms.NewSecret("r3fresh")
	tests := []struct {
		name   string
		tokens *platforms.Tokens
		answer recording
		token  string
		want   bool
	}{
		{"refresh token", &platforms.Tokens{Access: access, Refresh: refresh}, files["revoke"], "r3fresh", true},
		{"access token", &platforms.Tokens{Access: access}, files["revoke"], "acc3ss", true},
		{"dead already", &platforms.Tokens{Access: access, Refresh: refresh}, files["revoke-invalid"], "r3fresh", true},
		{"down", &platforms.Tokens{Access: access}, recording{Status: 503}, "acc3ss", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var forms []url.Values
			a := app(platforms.YouTube, func(r *http.Request) (*http.Response, error) {
				body, _ := io.ReadAll(r.Body)
				form, _ := url.ParseQuery(string(body))
				forms = append(forms, form)
				return tt.answer.response(), nil
			})
			got, err := a.Revoke(t.Context(), tt.tokens)
			if got != tt.want || (err == nil) != tt.want {
				t.Errorf("Revoke = %t, %v; want %t", got, err, tt.want)
			}
			want := []url.Values{{"token": {tt.token}, "client_id": {"id+1"}, "client_secret": {"top/secret"}}}
			if diff := cmp.Diff(want, forms); diff != "" {
				t.Errorf("forms (-want +got):\n%s", diff)
			}
		})
	}
}

func TestYouTubeQuotaEndsAtMidnightPacific(t *testing.T) {
	t.Parallel()
	body := recorded(t, "google_youtube")["api-quota"].Body
	tests := []struct {
		at   string
		want time.Duration
	}{
		{"2027-01-03T08:00:00Z", 24 * time.Hour},
		{"2027-01-03T07:59:59Z", time.Second},
		{"2027-01-03T18:00:00Z", 14 * time.Hour},
		{"2026-12-31T23:30:00-08:00", 30 * time.Minute},
	}
	for _, tt := range tests {
		at, err := time.Parse(time.RFC3339, tt.at)
		if err != nil {
			t.Fatal(err)
		}
		a := platforms.Answer{Stage: platforms.StageAPI, Status: 403, Body: body, At: at}
		if got := platforms.YouTube.Logins[0].Verdict(a).RetryAfter; got != tt.want {
			t.Errorf("RetryAfter at %s = %s; want %s", tt.at, got, tt.want)
		}
	}
}

// TestYouTubeReasons is about answers with more than one reason, or none.
func TestYouTubeReasons(t *testing.T) {
	t.Parallel()
	tests := []struct {
		status int
		error  string
		want   platforms.Verdict
	}{
		{403, `{"message":"m","errors":[{"domain":"global","reason":"forbidden"}],"details":[{"reason":"ACCESS_TOKEN_SCOPE_INSUFFICIENT"}]}`, platforms.Verdict{Class: platforms.ClassMissingScope, Code: "forbidden", Subcode: "global", Message: "m"}},
		{403, `{"message":"m","errors":[{"domain":"d","reason":"other"},{"domain":"youtube.quota","reason":"rateLimitExceeded"}]}`, platforms.Verdict{Class: platforms.ClassRateLimited, Code: "other", Subcode: "d", Message: "m"}},
		{403, `{"message":"m","status":"PERMISSION_DENIED"}`, platforms.Verdict{Class: platforms.ClassMissingScope, Code: "PERMISSION_DENIED", Message: "m"}},
		{401, `{"message":"m","errors":[],"details":[{"@type":"t"}]}`, platforms.Verdict{Class: platforms.ClassStaleAccess, Message: "m"}},
		{503, `{"message":"m","errors":[{"domain":"global","reason":"backendError"}]}`, platforms.Verdict{Class: platforms.ClassTemporary, Code: "backendError", Subcode: "global", Message: "m"}},
		{404, `{"errors":"none"}`, platforms.Verdict{Class: platforms.ClassInvalid}},
		{200, `{"message":"m","errors":[{"reason":"quotaExceeded"}]}`, platforms.Verdict{}},
	}
	for _, tt := range tests {
		a := platforms.Answer{Stage: platforms.StageAPI, Status: tt.status, Body: fmt.Appendf(nil, `{"error":%s}`, tt.error), At: answered}
		if diff := cmp.Diff(tt.want, platforms.YouTube.Logins[0].Verdict(a)); diff != "" {
			t.Errorf("Verdict(%d %s) (-want +got):\n%s", tt.status, tt.error, diff)
		}
	}
}

func TestYouTubeKeepsTheSubtype(t *testing.T) {
	t.Parallel()
	r := recorded(t, "google_youtube")["token-rapt"]
	a := platforms.Answer{Stage: platforms.StageRefresh, Status: r.Status, Body: r.Body, At: answered}
	if got := platforms.YouTube.Logins[0].Verdict(a); got.Subcode != "invalid_rapt" {
		t.Errorf("Verdict = %+v; want the subcode invalid_rapt", got)
	}
}
