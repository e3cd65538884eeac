package platforms_test

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"path"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"mooring/platforms"
)

// TestTikTokChallenge: the list on which TikTok has the redirect URI decides.
func TestTikTokChallenge(t *testing.T) {
	t.Parallel()
	const verifier = "0123456789012345678901234567890123456789012"
	sum := sha256.Sum256([]byte(verifier))
	challenge := hex.EncodeToString(sum[:])
	tests := []struct{ redirect, challenge string }{
		{"http://localhost:33766/api/oauth/tiktok/callback", challenge},
		{"http://127.0.0.1:33766/api/oauth/tiktok/callback", challenge},
		{"https://localhost:8443/callback", challenge},
		{"https://mooring.example/api/oauth/tiktok/callback", ""},
		{"https://localhost.example/callback", ""},
		{"https://127.0.0.1.example/callback", ""},
		{"https://10.0.0.1/callback", ""},
		{"::", ""},
	}
	for _, tt := range tests {
		var sent url.Values
		a := app(platforms.TikTok, func(r *http.Request) (*http.Response, error) {
			sent = url.Values{"code_verifier": {r.FormValue("code_verifier")}}
			return recorded(t, "tiktok")["token"].response(), nil
		})
		a.RedirectURI = tt.redirect
		u, err := url.Parse(a.AuthCodeURL("s", verifier, nil))
		if err != nil {
			t.Fatal(err)
		}
		method, sends := "", ""
		if tt.challenge != "" {
			method, sends = "S256", verifier
		}
		if q := u.Query(); q.Get("code_challenge") != tt.challenge || q.Get("code_challenge_method") != method {
			t.Errorf("challenge for %s = %q, %q; want %q, %q", tt.redirect, q.Get("code_challenge"), q.Get("code_challenge_method"), tt.challenge, method)
		}
		if _, err := a.Exchange(t.Context(), platforms.NewSecret("c"), verifier, nil); err != nil {
			t.Fatal(err)
		}
		if got := sent.Get("code_verifier"); got != sends {
			t.Errorf("verifier for %s = %q; want %q", tt.redirect, got, sends)
		}
	}
}

func TestIdentifyTikTok(t *testing.T) {
	t.Parallel()
	profile := platforms.Profile{
		ExternalID:  "-000YkDKq3sample7wQm",
		Kind:        platforms.KindProfile,
		DisplayName: "Mina bakes",
		AvatarURL:   "https://p16-sign.tiktokcdn-us.com/a.jpeg?x-expires=1799086400",
	}
	named := profile
	named.Username, named.ProfileURL = "minabakes", "https://www.tiktok.com/@minabakes"
	const asked = "https://open.tiktokapis.com/v2/user/info/?fields=open_id,display_name,avatar_url"
	tests := []struct {
		name, recording string
		scopes          []string
		address         string
		want            platforms.Profile
	}{
		{"whole profile", "user", []string{"user.info.basic", "user.info.profile", "video.publish"}, asked + ",username", named},
		{"profile unticked", "user-basic", []string{"user.info.basic", "video.publish"}, asked, profile},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var address, authorization string
			a := app(platforms.TikTok, func(r *http.Request) (*http.Response, error) {
				address, authorization = r.URL.String(), r.Header.Get("Authorization")
				return recorded(t, "tiktok")[tt.recording].response(), nil
			})
			got, err := a.Identify(t.Context(), &platforms.Tokens{Access: platforms.NewSecret("acc3ss"), Scopes: tt.scopes})
			if err != nil {
				t.Fatal(err)
			}
			want := &platforms.Identity{Subject: "-000YkDKq3sample7wQm", Name: "Mina bakes", Profiles: []platforms.Profile{tt.want}}
			if diff := gocmp.Diff(want, got); diff != "" {
				t.Errorf("Identify (-want +got):\n%s", diff)
			}
			if address != tt.address || authorization != "Bearer acc3ss" {
				t.Errorf("asked %s as %s; want %s", address, authorization, tt.address)
			}
		})
	}
}

// TestTikTokFailsWithSuccess: HTTP 200 is no success at TikTok.
func TestTikTokFailsWithSuccess(t *testing.T) {
	t.Parallel()
	a := app(platforms.TikTok, always(recorded(t, "tiktok")["token-dead-code"]))
	_, err := a.Exchange(t.Context(), platforms.NewSecret("c"), "", nil)
	if e := platformError(t, err); e.Class != platforms.ClassInvalid || e.Code != "invalid_grant" || e.Outcome != platforms.OutcomeAnswered {
		t.Errorf("Exchange = %+v; want an invalid grant, refused", e)
	}
	a = app(platforms.TikTok, func(*http.Request) (*http.Response, error) {
		return answer(200, nil, `{"data":{},"error":{"code":"not_known_yet","message":"No."}}`), nil
	})
	_, err = a.Identify(t.Context(), &platforms.Tokens{Access: platforms.NewSecret("a")})
	if e := platformError(t, err); e.Class != platforms.ClassInvalid || e.Code != "not_known_yet" || e.Message != "No." {
		t.Errorf("Identify = %+v; want TikTok's code and words", e)
	}
}

func TestRevokeTikTok(t *testing.T) {
	t.Parallel()
	tests := []struct {
		recording string
		want      bool
		class     platforms.Class
	}{
		{"revoke", true, ""},
		{"api-token", false, platforms.ClassStaleAccess}, // says nothing of the grant
		{"token-client", false, platforms.ClassAppFault},
	}
	for _, tt := range tests {
		var form string
		a := app(platforms.TikTok, func(r *http.Request) (*http.Response, error) {
			var body bytes.Buffer
			_, _ = body.ReadFrom(r.Body)
			form = body.String()
			if r.URL.String() != "https://open.tiktokapis.com/v2/oauth/revoke/" {
				t.Errorf("revoked at %s", r.URL)
			}
			return recorded(t, "tiktok")[tt.recording].response(), nil
		})
		got, err := a.Revoke(t.Context(), &platforms.Tokens{Access: platforms.NewSecret("acc3ss"), Refresh: platforms.NewSecret("r3fresh")})
		if got != tt.want || (err != nil) != (tt.class != "") {
			t.Errorf("Revoke answered by %s = %t, %v; want %t", tt.recording, got, err, tt.want)
		}
		if err != nil && platformError(t, err).Class != tt.class {
			t.Errorf("Revoke answered by %s = %v; want class %s", tt.recording, err, tt.class)
		}
		if want := "client_key=id%2B1&client_secret=top%2Fsecret&token=acc3ss"; form != want {
			t.Errorf("form = %s; want %s", form, want)
		}
	}
}

// TestRevokeTikTokRefreshesFirst: TikTok takes living access tokens only.
func TestRevokeTikTokRefreshesFirst(t *testing.T) {
	t.Parallel()
	const token, revoke = "token ", "revoke "
	files := recorded(t, "tiktok")
	renewed := "lr8exampleexampleexample!5712.e1"
	past, future := time.Now().Add(-time.Second), time.Now().Add(time.Hour)
	tests := []struct {
		name    string
		ends    time.Time
		refresh string
		answers map[string]string
		asked   []string
		class   platforms.Class // of the failure
	}{
		{"living", future, "r3fresh", map[string]string{"revoke": "revoke"}, []string{revoke + "acc3ss"}, ""},
		{"no end known", time.Time{}, "r3fresh", map[string]string{"revoke": "revoke"}, []string{revoke + "acc3ss"}, ""},
		{"ended", past, "r3fresh", map[string]string{"token": "refresh", "revoke": "revoke"}, []string{token + "r3fresh", revoke + "act." + renewed}, ""},
		{"ended, and nothing to refresh it by", past, "", map[string]string{"revoke": "api-token"}, []string{revoke + "acc3ss"}, platforms.ClassStaleAccess},
		{"over already", past, "r3fresh", map[string]string{"token": "token-dead-refresh"}, []string{token + "r3fresh"}, ""},
		{"TikTok in trouble", past, "r3fresh", map[string]string{"token": "token-unavailable"}, []string{token + "r3fresh"}, platforms.ClassTemporary},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var asked []string
			a := app(platforms.TikTok, func(r *http.Request) (*http.Response, error) {
				endpoint := path.Base(r.URL.Path)
				asked = append(asked, endpoint+" "+cmp.Or(r.FormValue("refresh_token"), r.FormValue("token")))
				return files[tt.answers[endpoint]].response(), nil
			})
			got, err := a.Revoke(t.Context(), &platforms.Tokens{
				Access: platforms.NewSecret("acc3ss"), AccessExpires: tt.ends, Refresh: platforms.NewSecret(tt.refresh),
			})
			if got != (tt.class == "") || (err != nil) != (tt.class != "") {
				t.Errorf("Revoke = %t, %v; want class %q", got, err, tt.class)
			}
			if err != nil && platformError(t, err).Class != tt.class {
				t.Errorf("Revoke = %v; want class %s", err, tt.class)
			}
			if diff := gocmp.Diff(tt.asked, asked); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}
