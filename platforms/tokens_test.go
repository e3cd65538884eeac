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

func exchange(t *testing.T, p *platforms.Platform, body string, requested ...string) (*platforms.Tokens, error) {
	t.Helper()
	a := app(p, func(*http.Request) (*http.Response, error) { return answer(200, nil, body), nil })
	return a.Exchange(t.Context(), platforms.NewSecret("code"), "verifier", requested)
}

func TestTokens(t *testing.T) {
	t.Parallel()
	secret := platforms.NewSecret
	tests := []struct {
		name     string
		platform *platforms.Platform
		body     string
		want     platforms.Tokens // times as offsets from the bubble's start are set below
		access   time.Duration
		refresh  time.Duration
	}{
		{
			name: "X", platform: platforms.Twitter, body: string(recorded(t, "twitter")["token"].Body),
			want: platforms.Tokens{
				Access:  secret("bk9aXV0aG9y:1799000000:1:0:at:1"),
				Refresh: secret("TWxvbmc:1799000000:1:1:rt:1"),
				Scopes:  []string{"users.read", "tweet.read", "offline.access", "tweet.write", "media.write"},
			},
			access: 2 * time.Hour,
		},
		{
			name: "X without offline.access", platform: platforms.Twitter, body: string(recorded(t, "twitter")["token-without-refresh"].Body),
			want:   platforms.Tokens{Access: secret("bk9aXV0aG9y:1799000000:1:0:at:1"), Scopes: []string{"users.read", "tweet.read"}},
			access: 2 * time.Hour,
		},
		{
			name: "LinkedIn", platform: platforms.LinkedIn, body: string(recorded(t, "linkedin")["token"].Body),
			want: platforms.Tokens{
				Access: secret("AQVk3kX0exampleexampleexample"),
				Scopes: []string{"openid", "profile", "w_member_social"},
			},
			access: 60 * 24 * time.Hour,
		},
		{
			name: "LinkedIn partner", platform: platforms.LinkedIn, body: string(recorded(t, "linkedin")["token-partner"].Body),
			want: platforms.Tokens{
				Access:  secret("AQVk3kX0exampleexampleexample"),
				Refresh: secret("AQWk3kX0exampleexampleexample"),
				Scopes:  []string{"openid", "profile", "w_member_social"},
			},
			access: 60 * 24 * time.Hour, refresh: 365*24*time.Hour - time.Second,
		},
		{
			name: "TikTok", platform: platforms.TikTok, body: string(recorded(t, "tiktok")["token"].Body),
			want: platforms.Tokens{
				Access:  secret("act.kq7exampleexampleexample!5712.e1"),
				Refresh: secret("rft.kq7exampleexampleexample!5712.e1"),
				Scopes:  []string{"user.info.basic", "user.info.profile", "video.publish"},
			},
			access: 2 * time.Hour, refresh: 180 * 24 * time.Hour,
		},
		{
			name: "TikTok before November 2026", platform: platforms.TikTok, body: string(recorded(t, "tiktok")["token-older"].Body),
			want: platforms.Tokens{
				Access:  secret("act.kq7exampleexampleexample!5712.e1"),
				Refresh: secret("rft.kq7exampleexampleexample!5712.e1"),
				Scopes:  []string{"user.info.basic", "video.list"},
			},
			access: 24 * time.Hour, refresh: 365 * 24 * time.Hour,
		},
		{
			name: "Pinterest", platform: platforms.Pinterest, body: string(recorded(t, "pinterest")["token"].Body),
			want: platforms.Tokens{
				Access:  secret("pina_exampleexampleexample"),
				Refresh: secret("pinr_exampleexampleexample"),
				Scopes:  []string{"user_accounts:read", "boards:read", "boards:write", "pins:read", "pins:write"},
			},
			access: 30 * 24 * time.Hour, refresh: 60 * 24 * time.Hour,
		},
		{
			name: "Pinterest with spaces", platform: platforms.Pinterest, body: string(recorded(t, "pinterest")["token-spaces"].Body),
			want: platforms.Tokens{
				Access:  secret("pina_exampleexampleexample"),
				Refresh: secret("pinr_exampleexampleexample"),
				Scopes:  []string{"user_accounts:read", "boards:read"},
			},
			access: 30 * 24 * time.Hour, refresh: 60 * 24 * time.Hour,
		},
		{
			name: "form", platform: platforms.Twitter, body: "access_token=a&expires_in=60&scope=tweet.read%20users.read",
			want:   platforms.Tokens{Access: secret("a"), Scopes: []string{"tweet.read", "users.read"}},
			access: time.Minute,
		},
		{
			name: "no scope", platform: platforms.Twitter, body: `{"access_token":"a","scope":"  "}`,
			want:   platforms.Tokens{Access: secret("a"), Scopes: []string{"users.read", "other"}, ScopeSource: platforms.FromRequest},
			access: 2 * time.Hour,
		},
		{
			name: "bad refresh token", platform: platforms.Twitter, body: `{"access_token":"a","refresh_token":"r\n2","scope":"x"}`,
			want:   platforms.Tokens{Access: secret("a"), Scopes: []string{"x"}},
			access: 2 * time.Hour,
		},
		{
			name: "refresh token that is no string", platform: platforms.Twitter, body: `{"access_token":"a","refresh_token":17,"scope":"x"}`,
			want:   platforms.Tokens{Access: secret("a"), Scopes: []string{"x"}},
			access: 2 * time.Hour,
		},
		{
			name: "documented refresh lifetime", platform: platforms.LinkedIn, body: `{"access_token":"a","refresh_token":"r","scope":"x","refresh_token_expires_in":-1}`,
			want:   platforms.Tokens{Access: secret("a"), Refresh: secret("r"), Scopes: []string{"x"}},
			access: 60 * 24 * time.Hour, refresh: 365 * 24 * time.Hour,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				now := time.Now().UTC()
				tt.want.IssuedAt = now
				if tt.want.ScopeSource == "" {
					tt.want.ScopeSource = platforms.FromTokenResponse
				}
				tt.want.AccessExpires = now.Add(tt.access)
				if tt.refresh > 0 {
					tt.want.RefreshExpires = now.Add(tt.refresh)
				}
				got, err := exchange(t, tt.platform, tt.body, "users.read", "other")
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(&tt.want, got); diff != "" {
					t.Errorf("Exchange (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestLifetimes(t *testing.T) {
	t.Parallel()
	const documented = 2 * time.Hour
	tests := []struct {
		expiresIn string
		want      time.Duration
	}{
		{`3600`, time.Hour},
		{`"3600"`, time.Hour},
		{`" 3600 "`, time.Hour},
		{`3600.9`, time.Hour},
		{`3.6e3`, time.Hour},
		{`1`, time.Second},
		{`315360000`, 10 * 365 * 24 * time.Hour},
		{`315360001`, documented},
		{`0`, documented},
		{`-1`, documented},
		{`0.5`, documented},
		{`1e12`, documented},
		{`1e999`, documented},
		{`"NaN"`, documented},
		{`"Infinity"`, documented},
		{`"tomorrow"`, documented},
		{`""`, documented},
		{`null`, documented},
		{`true`, documented},
		{`[3600]`, documented},
	}
	for _, tt := range tests {
		got, err := exchange(t, platforms.Twitter, fmt.Sprintf(`{"access_token":"a","expires_in":%s}`, tt.expiresIn))
		if err != nil {
			t.Errorf("expires_in %s: %v", tt.expiresIn, err)
			continue
		}
		if life := got.AccessExpires.Sub(got.IssuedAt); life != tt.want {
			t.Errorf("lifetime of expires_in %s = %s; want %s", tt.expiresIn, life, tt.want)
		}
	}
}

func TestScopeSpellings(t *testing.T) {
	t.Parallel()
	want := []string{"openid", "r_organization_admin", "custom"}
	for _, list := range []string{
		"openid r_organization_admin custom",
		"openid,r_organization_admin,custom",
		"openid, r_organization_admin ,custom,",
		"openid%20r_organization_admin%20custom",
		"openid+r_organization_admin+custom",
		"openid%2Cr_organization_admin%2Ccustom",
		"OpenID R_ORGANIZATION_ADMIN openid custom custom",
		"openid rw_organization_admin r_organization_admin custom",
	} {
		got, err := exchange(t, platforms.LinkedIn, fmt.Sprintf(`{"access_token":"a","scope":%q}`, list))
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got.Scopes, want) || got.ScopeSource != platforms.FromTokenResponse {
			t.Errorf("scopes of %q = %q, from %s; want %q", list, got.Scopes, got.ScopeSource, want)
		}
	}
	got, err := exchange(t, platforms.LinkedIn, `{"access_token":"a"}`, "OpenID", "rw_organization_admin", "custom")
	if err != nil || !slices.Equal(got.Scopes, want) || got.ScopeSource != platforms.FromRequest {
		t.Errorf("scopes of none = %q, from %s, %v; want %q", got.Scopes, got.ScopeSource, err, want)
	}
}

func TestNoUsableAccessToken(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		``, `{}`, `{"access_token":""}`, `{"access_token":null}`, `{"access_token":{"a":1}}`, `{"access_token":17}`, `{"access_token":true}`,
		`{"access_token":"a b"}`, `{"access_token":"a\r\nHost: x"}`, `{"access_token":"ключ"}`, `{"access_token":"a"`, `[]`, `access_token=`,
	} {
		got, err := exchange(t, platforms.Twitter, body)
		if err == nil || !strings.HasPrefix(err.Error(), "twitter exchange: HTTP 200: a success without") {
			t.Errorf("Exchange(%s) = %+v, %v; want an error that says what is missing", body, got, err)
		}
	}
}
