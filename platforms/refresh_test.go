package platforms_test

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"mooring/platforms"
)

// before are tokens that are about to be refreshed.
func before() *platforms.Tokens {
	return &platforms.Tokens{
		Access:         platforms.NewSecret("old-acc3ss"),
		Refresh:        platforms.NewSecret("old-r3fresh"),
		AccessExpires:  answered,
		RefreshExpires: answered.Add(100 * time.Hour),
		Scopes:         []string{"held"},
		ScopeSource:    platforms.FromIntrospection,
	}
}

func TestRefresh(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	tests := []struct {
		platform        *platforms.Platform
		recording       string
		access, refresh string
		life            time.Duration
		refreshLife     time.Duration // 0: no end; -1: the old one's
		scopes          int
	}{
		{platforms.Twitter, "refresh", "bk9aXV0aG9y:1799007200:1:0:at:2", "TWxvbmc:1799007200:1:1:rt:2", 2 * time.Hour, 0, 5},
		{platforms.Twitter, "token-without-refresh", "bk9aXV0aG9y:1799000000:1:0:at:1", "old-r3fresh", 2 * time.Hour, -1, 2},
		{platforms.LinkedIn, "refresh", "AQVk3kX0exampleexampleexample", "AQWk3kX0exampleexampleexample", 60 * day, 306 * day, 3},
		{platforms.YouTube, "refresh", "ya29.a0exampleexampleexample", "old-r3fresh", time.Hour - time.Second, -1, 3},
		{platforms.TikTok, "refresh", "act.lr8exampleexampleexample!5712.e1", "rft.lr8exampleexampleexample!5712.e1", 2 * time.Hour, 180 * day, 3},
		{platforms.TikTok, "token-older", "act.kq7exampleexampleexample!5712.e1", "rft.kq7exampleexampleexample!5712.e1", 24 * time.Hour, 365 * day, 2},
		{platforms.Pinterest, "refresh", "pina_exampleexampleexampl2", "pinr_exampleexampleexampl2", 30 * day, 60 * day, 5},
		{platforms.Pinterest, "refresh-bare", "pina_exampleexampleexampl2", "pinr_exampleexampleexampl2", 30 * day, 60 * day, 5},
		{platforms.Pinterest, "token-without-refresh", "pina_exampleexampleexample", "old-r3fresh", 30 * day, -1, 5},
	}
	for _, tt := range tests {
		t.Run(tt.platform.ID+" "+tt.recording, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				got, err := app(tt.platform, always(recorded(t, tt.platform.ID)[tt.recording])).Refresh(t.Context(), before())
				if err != nil {
					t.Fatal(err)
				}
				ends := before().RefreshExpires
				switch {
				case tt.refreshLife == 0:
					ends = time.Time{}
				case tt.refreshLife > 0:
					ends = time.Now().Add(tt.refreshLife)
				}
				if got.Access.Reveal() != tt.access || got.Refresh.Reveal() != tt.refresh {
					t.Errorf("Refresh = %s, %s; want %s, %s", got.Access.Reveal(), got.Refresh.Reveal(), tt.access, tt.refresh)
				}
				if life := time.Until(got.AccessExpires); life != tt.life || !got.RefreshExpires.Equal(ends) {
					t.Errorf("Refresh ends in %s and at %s; want %s and %s", life, got.RefreshExpires, tt.life, ends)
				}
				if len(got.Scopes) != tt.scopes || got.ScopeSource != platforms.FromTokenResponse {
					t.Errorf("scopes = %q, from %s; want %d of the answer", got.Scopes, got.ScopeSource, tt.scopes)
				}
			})
		})
	}
}

// TestRefreshKeepsWhatIsNotTold: RFC 6749 §6 lets an answer leave out the
// refresh token and the scopes, whatever the platform.
func TestRefreshKeepsWhatIsNotTold(t *testing.T) {
	t.Parallel()
	for p, l := range everyLogin {
		if l.Refresh.Kind != platforms.RefreshToken {
			continue
		}
		old := before()
		a := appOf(p, l, func(*http.Request) (*http.Response, error) { return answer(200, nil, `{"access_token":"new"}`), nil })
		got, err := a.Refresh(t.Context(), old)
		if err != nil {
			t.Errorf("%s/%s: Refresh = %v", p.ID, l.ID, err)
			continue
		}
		if !got.Refresh.Equal(old.Refresh) || !got.RefreshExpires.Equal(old.RefreshExpires) ||
			!slices.Equal(got.Scopes, old.Scopes) || got.ScopeSource != old.ScopeSource {
			t.Errorf("%s/%s: Refresh = %+v; want the refresh token, its end and the scopes of %+v", p.ID, l.ID, got, old)
		}
		if !got.Access.Equal(platforms.NewSecret("new")) || got.AccessExpires.Sub(got.IssuedAt) != l.AccessLifetime {
			t.Errorf("%s/%s: Refresh = %+v; want the new token with the documented life", p.ID, l.ID, got)
		}
	}
}

func TestRefreshRequest(t *testing.T) {
	t.Parallel()
	inForm := func(id string) url.Values {
		return url.Values{"grant_type": {"refresh_token"}, "refresh_token": {"old-r3fresh"}, id: {"id+1"}, "client_secret": {"top/secret"}}
	}
	inHeader := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {"old-r3fresh"}}
	tests := []struct {
		platform *platforms.Platform
		form     url.Values
		basic    bool
	}{
		{platforms.Twitter, inHeader, true},
		{platforms.LinkedIn, inForm("client_id"), false},
		{platforms.YouTube, inForm("client_id"), false},
		{platforms.TikTok, inForm("client_key"), false},
		{platforms.Pinterest, inHeader, true},
	}
	for _, tt := range tests {
		asked := 0
		a := app(tt.platform, func(r *http.Request) (*http.Response, error) {
			asked++
			body, _ := io.ReadAll(r.Body)
			form, err := url.ParseQuery(string(body))
			if diff := cmp.Diff(tt.form, form); diff != "" || err != nil {
				t.Errorf("%s: form, %v (-want +got):\n%s", tt.platform.ID, err, diff)
			}
			if _, _, basic := r.BasicAuth(); basic != tt.basic || r.Method != http.MethodPost || r.URL.String() != tt.platform.Logins[0].Endpoints.Token {
				t.Errorf("%s: %s %s, Basic %t; want a POST to the token endpoint, %t", tt.platform.ID, r.Method, r.URL, basic, tt.basic)
			}
			return recorded(t, tt.platform.ID)["token"].response(), nil
		})
		if _, err := a.Refresh(t.Context(), before()); err != nil || asked != 1 {
			t.Errorf("%s: Refresh = %v after %d requests; want 1", tt.platform.ID, err, asked)
		}
	}
}

// TestRefreshFailures: what each platform says of a dead refresh token, of the
// app, and in its own trouble; and whether a token that works once may be spent.
func TestRefreshFailures(t *testing.T) {
	t.Parallel()
	const (
		refused = platforms.OutcomeAnswered
		unknown = platforms.OutcomeUnknown
	)
	tests := []struct {
		platform  *platforms.Platform
		recording string
		class     platforms.Class
		code      string
		status    int
	}{
		{platforms.Twitter, "token-dead-refresh", platforms.ClassRefreshDead, "invalid_request", 400},
		{platforms.Twitter, "token-dead-refresh-grant", platforms.ClassRefreshDead, "invalid_grant", 400},
		{platforms.Twitter, "token-without-basic", platforms.ClassAppFault, "unauthorized_client", 401},
		{platforms.LinkedIn, "token-dead-refresh", platforms.ClassRefreshDead, "invalid_request", 400},
		{platforms.LinkedIn, "token-client", platforms.ClassAppFault, "invalid_client", 401},
		{platforms.LinkedIn, "token-parameter", platforms.ClassInvalid, "invalid_request", 400},
		{platforms.YouTube, "token-revoked", platforms.ClassRefreshDead, "invalid_grant", 400},
		{platforms.YouTube, "token-forgotten", platforms.ClassRefreshDead, "invalid_grant", 400},
		{platforms.YouTube, "token-rapt", platforms.ClassRefreshDead, "invalid_grant", 400},
		{platforms.YouTube, "token-policy", platforms.ClassRefreshDead, "admin_policy_enforced", 400},
		{platforms.YouTube, "token-unauthorized", platforms.ClassRefreshDead, "unauthorized_client", 401},
		{platforms.YouTube, "token-deleted", platforms.ClassAppFault, "deleted_client", 401},
		{platforms.TikTok, "token-dead-refresh", platforms.ClassRefreshDead, "invalid_grant", 200},
		{platforms.TikTok, "token-dead-refresh-400", platforms.ClassRefreshDead, "invalid_grant", 400},
		{platforms.TikTok, "token-client", platforms.ClassAppFault, "invalid_client", 200},
		{platforms.TikTok, "token-secret", platforms.ClassAppFault, "invalid_request", 200},
		{platforms.TikTok, "token-malformed", platforms.ClassInvalid, "invalid_request", 200},
		{platforms.TikTok, "token-unavailable", platforms.ClassTemporary, "temporarily_unavailable", 200},
		{platforms.Pinterest, "token-grant", platforms.ClassRefreshDead, "283", 401},
		{platforms.Pinterest, "token-grant-older", platforms.ClassRefreshDead, "283", 401},
		{platforms.Pinterest, "authentication", platforms.ClassAppFault, "2", 401},
		{platforms.Pinterest, "api-rate-limit", platforms.ClassRateLimited, "8", 429},
	}
	for _, tt := range tests {
		_, err := app(tt.platform, always(recorded(t, tt.platform.ID)[tt.recording])).Refresh(t.Context(), before())
		e := platformError(t, err)
		if e.Class != tt.class || e.Code != tt.code || e.Status != tt.status || e.Outcome != refused || e.Stage != platforms.StageRefresh {
			t.Errorf("%s: Refresh answered by %s = %v (%s, outcome %d); want %s, %s, refused", tt.platform.ID, tt.recording, e, e.Class, e.Outcome, tt.class, tt.code)
		}
	}
	for p, l := range everyLogin {
		if l.Refresh.Kind != platforms.RefreshToken {
			continue
		}
		for _, trouble := range []struct {
			status  int
			body    string
			class   platforms.Class
			outcome platforms.Outcome
		}{
			{200, `{}`, platforms.ClassTemporary, unknown},
			{200, `<html>Log in to this network`, platforms.ClassTemporary, unknown},
			{302, ``, platforms.ClassTemporary, refused},
			{403, `<html>Attention required`, platforms.ClassTemporary, refused},
			{429, ``, platforms.ClassRateLimited, refused},
			{500, `{}`, platforms.ClassTemporary, unknown},
			{502, `<html>`, platforms.ClassTemporary, unknown},
			{503, ``, platforms.ClassTemporary, refused},
			{504, ``, platforms.ClassTemporary, unknown},
		} {
			a := appOf(p, l, func(*http.Request) (*http.Response, error) { return answer(trouble.status, nil, trouble.body), nil })
			_, err := a.Refresh(t.Context(), before())
			if e := platformError(t, err); e.Class != trouble.class || e.Outcome != trouble.outcome {
				t.Errorf("%s/%s: Refresh answered by %d %s = %v (%s, outcome %d); want %s, %d", p.ID, l.ID, trouble.status, trouble.body, e, e.Class, e.Outcome, trouble.class, trouble.outcome)
			}
		}
	}
}
