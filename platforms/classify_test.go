package platforms_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"mooring/platforms"
)

// A recording is an answer of a platform as its sources show it; see the
// Source of each file in testdata.
type recording struct {
	Source string            `json:"source"`
	Status int               `json:"status"`
	Header map[string]string `json:"header"`
	Body   json.RawMessage   `json:"body"`
}

func (r recording) header() http.Header {
	header := make(http.Header)
	for name, value := range r.Header {
		header.Set(name, value)
	}
	return header
}

// recorded reads all recordings of a platform by file name.
func recorded(t testing.TB, platform string) map[string]recording {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", platform, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no recordings of %s: %v", platform, err)
	}
	all := make(map[string]recording)
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var r recording
		if err := json.Unmarshal(data, &r); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if r.Source == "" {
			t.Errorf("%s names no source", file)
		}
		all[strings.TrimSuffix(filepath.Base(file), ".json")] = r
	}
	return all
}

// answered is when the recordings were made: 3 Jan 2027, 18:13:20 UTC, 900
// seconds before the reset that they speak of.
var answered = time.Unix(1799000000, 0)

type verdictCase struct {
	recording string
	stage     platforms.Stage
	class     platforms.Class
	code      string
	wait      time.Duration
}

func TestVerdictsOnRecordings(t *testing.T) {
	t.Parallel()
	const (
		exchange = platforms.StageExchange
		refresh  = platforms.StageRefresh
		revoke   = platforms.StageRevoke
		api      = platforms.StageAPI
	)
	untilMidnight := 5*time.Hour + 46*time.Minute + 40*time.Second
	untilPacificMidnight := 13*time.Hour + 46*time.Minute + 40*time.Second
	tests := map[*platforms.Platform][]verdictCase{
		platforms.Twitter: {
			{"token", exchange, platforms.ClassOK, "", 0},
			{"token", refresh, platforms.ClassOK, "", 0},
			{"token-without-refresh", exchange, platforms.ClassOK, "", 0},
			{"token-without-basic", exchange, platforms.ClassAppFault, "unauthorized_client", 0},
			{"token-without-basic", refresh, platforms.ClassAppFault, "unauthorized_client", 0},
			{"token-without-basic", revoke, platforms.ClassAppFault, "unauthorized_client", 0},
			{"token-dead-refresh", refresh, platforms.ClassRefreshDead, "invalid_request", 0},
			{"refresh", refresh, platforms.ClassOK, "", 0},
			{"token-dead-refresh-grant", refresh, platforms.ClassRefreshDead, "invalid_grant", 0},
			{"token-dead-code", exchange, platforms.ClassInvalid, "invalid_request", 0},
			{"token-redirect", exchange, platforms.ClassAppFault, "invalid_request", 0},
			{"token-verifier", exchange, platforms.ClassInvalid, "invalid_request", 0},
			{"me", api, platforms.ClassOK, "", 0},
			{"me-full", api, platforms.ClassOK, "", 0},
			{"me-suspended", api, platforms.ClassInvalid, "resource-not-found", 0},
			{"me-only-errors", api, platforms.ClassInvalid, "resource-not-found", 0},
			{"api-unauthorized", api, platforms.ClassStaleAccess, "", 0},
			{"api-forbidden", api, platforms.ClassMissingScope, "", 0},
			{"api-app-only", api, platforms.ClassInvalid, "unsupported-authentication", 0},
			{"api-not-enrolled", api, platforms.ClassAppFault, "client-forbidden", 0},
			{"api-credits", api, platforms.ClassAppFault, "credits", 0},
			{"api-credits-403", api, platforms.ClassAppFault, "CreditsDepleted", 0},
			{"api-spend-cap", api, platforms.ClassAppFault, "SpendCapReached", 0},
			{"api-rate-limit", api, platforms.ClassRateLimited, "", 15 * time.Minute},
			{"api-rate-limit-older", api, platforms.ClassRateLimited, "88", 0},
			{"api-usage-cap", api, platforms.ClassAppFault, "usage-capped", 0},
			{"revoke", revoke, platforms.ClassOK, "", 0},
			{"revoke-unknown", revoke, platforms.ClassRefreshDead, "invalid_request", 0},
		},
		platforms.LinkedIn: {
			{"token", exchange, platforms.ClassOK, "", 0},
			{"token-partner", exchange, platforms.ClassOK, "", 0},
			{"refresh", refresh, platforms.ClassOK, "", 0},
			{"token-client", exchange, platforms.ClassAppFault, "invalid_client", 0},
			{"token-client", refresh, platforms.ClassAppFault, "invalid_client", 0},
			{"token-parameter", exchange, platforms.ClassInvalid, "invalid_request", 0},
			{"token-parameter", refresh, platforms.ClassInvalid, "invalid_request", 0},
			{"token-unknown-code", exchange, platforms.ClassInvalid, "invalid_request", 0},
			{"token-mismatch", exchange, platforms.ClassInvalid, "invalid_redirect_uri", 0},
			{"token-mismatch-seen", exchange, platforms.ClassInvalid, "invalid_request", 0},
			{"token-dead-refresh", refresh, platforms.ClassRefreshDead, "invalid_request", 0},
			{"userinfo", api, platforms.ClassOK, "", 0},
			{"acls", api, platforms.ClassOK, "", 0},
			{"organizations", api, platforms.ClassOK, "", 0},
			{"acls-content", api, platforms.ClassOK, "", 0},
			{"acls-none", api, platforms.ClassOK, "", 0},
			{"introspect", api, platforms.ClassOK, "", 0},
			{"introspect-revoked", api, platforms.ClassRefreshDead, "revoked", 0},
			{"introspect-expired", api, platforms.ClassStaleAccess, "expired", 0},
			{"introspect-unknown", api, platforms.ClassStaleAccess, "inactive", 0},
			{"api-invalid", api, platforms.ClassStaleAccess, "65600", 0},
			{"api-revoked", api, platforms.ClassStaleAccess, "65601", 0},
			{"api-expired", api, platforms.ClassStaleAccess, "65602", 0},
			{"api-no-token", api, platforms.ClassStaleAccess, "65604", 0},
			{"api-scope", api, platforms.ClassMissingScope, "100", 0},
			{"api-version-dead", api, platforms.ClassAppFault, "NONEXISTENT_VERSION", 0},
			{"api-version-missing", api, platforms.ClassInvalid, "VERSION_MISSING", 0},
			{"api-throttled", api, platforms.ClassRateLimited, "101", untilMidnight},
		},
		platforms.TikTok: {
			{"token", exchange, platforms.ClassOK, "", 0},
			{"token", refresh, platforms.ClassOK, "", 0},
			{"refresh", refresh, platforms.ClassOK, "", 0},
			{"token-older", exchange, platforms.ClassOK, "", 0},
			{"token-redirect", exchange, platforms.ClassAppFault, "invalid_request", 0},
			{"token-verifier", exchange, platforms.ClassInvalid, "invalid_request", 0},
			{"token-malformed", exchange, platforms.ClassInvalid, "invalid_request", 0},
			{"token-malformed", refresh, platforms.ClassInvalid, "invalid_request", 0},
			{"token-secret", exchange, platforms.ClassAppFault, "invalid_request", 0},
			{"token-secret", revoke, platforms.ClassAppFault, "invalid_request", 0},
			{"token-client", exchange, platforms.ClassAppFault, "invalid_client", 0},
			{"token-client", refresh, platforms.ClassAppFault, "invalid_client", 0},
			{"token-client", revoke, platforms.ClassAppFault, "invalid_client", 0},
			{"token-unauthorized", exchange, platforms.ClassAppFault, "unauthorized_client", 0},
			{"token-grant-type", exchange, platforms.ClassAppFault, "unsupported_grant_type", 0},
			{"token-dead-code", exchange, platforms.ClassInvalid, "invalid_grant", 0},
			{"token-dead-code-400", exchange, platforms.ClassInvalid, "invalid_grant", 0},
			{"token-dead-refresh", refresh, platforms.ClassRefreshDead, "invalid_grant", 0},
			{"token-dead-refresh-400", refresh, platforms.ClassRefreshDead, "invalid_grant", 0},
			{"token-unavailable", refresh, platforms.ClassTemporary, "temporarily_unavailable", 0},
			{"revoke", revoke, platforms.ClassOK, "", 0},
			{"user", api, platforms.ClassOK, "", 0},
			{"user-full", api, platforms.ClassOK, "", 0},
			{"user-basic", api, platforms.ClassOK, "", 0},
			{"creator", api, platforms.ClassOK, "", 0},
			{"creator-unaudited", api, platforms.ClassOK, "", 0},
			{"creator-banned", api, platforms.ClassInvalid, "spam_risk_user_banned_from_posting", 0},
			{"creator-too-many", api, platforms.ClassRateLimited, "spam_risk_too_many_posts", 0},
			{"creator-user-cap", api, platforms.ClassAppFault, "reached_active_user_cap", 0},
			{"api-token", api, platforms.ClassStaleAccess, "access_token_invalid", 0},
			{"api-token", revoke, platforms.ClassStaleAccess, "access_token_invalid", 0},
			{"api-scope", api, platforms.ClassMissingScope, "scope_not_authorized", 0},
			{"api-scope-field", api, platforms.ClassMissingScope, "scope_permission_missed", 0},
			{"api-params", api, platforms.ClassInvalid, "invalid_params", 0},
			{"api-param", api, platforms.ClassInvalid, "invalid_param", 0},
			{"api-rate-limit", api, platforms.ClassRateLimited, "rate_limit_exceeded", time.Minute},
			{"api-internal", api, platforms.ClassTemporary, "internal_error", 0},
			{"post-unaudited", api, platforms.ClassAppFault, "unaudited_client_can_only_post_to_private_accounts", 0},
			{"post-privacy", api, platforms.ClassInvalid, "privacy_level_option_mismatch", 0},
			{"post-url", api, platforms.ClassInvalid, "url_ownership_unverified", 0},
			{"post-pending", api, platforms.ClassRateLimited, "spam_risk_too_many_pending_share", 0},
		},
		platforms.Pinterest: {
			{"token", exchange, platforms.ClassOK, "", 0},
			{"token-spaces", exchange, platforms.ClassOK, "", 0},
			{"token-without-refresh", exchange, platforms.ClassOK, "", 0},
			{"refresh", refresh, platforms.ClassOK, "", 0},
			{"refresh-bare", refresh, platforms.ClassOK, "", 0},
			{"authentication", exchange, platforms.ClassAppFault, "2", 0},
			{"authentication", refresh, platforms.ClassAppFault, "2", 0},
			{"authentication", api, platforms.ClassStaleAccess, "2", 0},
			{"token-grant", exchange, platforms.ClassInvalid, "283", 0},
			{"token-grant", refresh, platforms.ClassRefreshDead, "283", 0},
			{"token-grant-older", exchange, platforms.ClassInvalid, "283", 0},
			{"token-grant-older", refresh, platforms.ClassRefreshDead, "283", 0},
			{"parameters", exchange, platforms.ClassInvalid, "1", 0},
			{"parameters", refresh, platforms.ClassInvalid, "1", 0},
			{"parameters", api, platforms.ClassInvalid, "1", 0},
			{"user-business", api, platforms.ClassOK, "", 0},
			{"user-trial", api, platforms.ClassOK, "", 0},
			{"user-personal", api, platforms.ClassOK, "", 0},
			{"pin", api, platforms.ClassOK, "", 0},
			{"api-scope", api, platforms.ClassMissingScope, "3", 0},
			{"api-forbidden", api, platforms.ClassMissingScope, "29", 0},
			{"api-forbidden-user", api, platforms.ClassMissingScope, "403", 0},
			{"api-trial", api, platforms.ClassAppFault, "29", 0},
			{"api-rate-limit", api, platforms.ClassRateLimited, "8", 15 * time.Minute},
			{"api-rate-limit", refresh, platforms.ClassRateLimited, "8", 15 * time.Minute},
			{"api-rate-limit-unix", api, platforms.ClassRateLimited, "8", 15 * time.Minute},
		},
		platforms.YouTube: {
			{"token", exchange, platforms.ClassOK, "", 0},
			{"token-testing", exchange, platforms.ClassOK, "", 0},
			{"token-without-refresh", exchange, platforms.ClassOK, "", 0},
			{"refresh", refresh, platforms.ClassOK, "", 0},
			{"token-revoked", refresh, platforms.ClassRefreshDead, "invalid_grant", 0},
			{"token-forgotten", refresh, platforms.ClassRefreshDead, "invalid_grant", 0},
			{"token-forgotten", exchange, platforms.ClassInvalid, "invalid_grant", 0},
			{"token-rapt", refresh, platforms.ClassRefreshDead, "invalid_grant", 0},
			{"token-code", exchange, platforms.ClassInvalid, "invalid_grant", 0},
			{"token-verifier", exchange, platforms.ClassInvalid, "invalid_grant", 0},
			{"token-no-verifier", exchange, platforms.ClassInvalid, "invalid_grant", 0},
			{"token-redirect", exchange, platforms.ClassAppFault, "redirect_uri_mismatch", 0},
			{"token-client", exchange, platforms.ClassAppFault, "invalid_client", 0},
			{"token-client", refresh, platforms.ClassAppFault, "invalid_client", 0},
			{"token-secret", refresh, platforms.ClassAppFault, "invalid_client", 0},
			{"token-deleted", refresh, platforms.ClassAppFault, "deleted_client", 0},
			{"token-unauthorized", refresh, platforms.ClassRefreshDead, "unauthorized_client", 0},
			{"token-unauthorized-400", refresh, platforms.ClassRefreshDead, "unauthorized_client", 0},
			{"token-unauthorized", exchange, platforms.ClassAppFault, "unauthorized_client", 0},
			{"token-policy", refresh, platforms.ClassRefreshDead, "admin_policy_enforced", 0},
			{"token-policy-403", refresh, platforms.ClassRefreshDead, "admin_policy_enforced", 0},
			{"token-policy", exchange, platforms.ClassInvalid, "admin_policy_enforced", 0},
			{"token-policy-403", exchange, platforms.ClassInvalid, "admin_policy_enforced", 0},
			{"token-parameter", exchange, platforms.ClassInvalid, "invalid_request", 0},
			{"token-parameter", refresh, platforms.ClassInvalid, "invalid_request", 0},
			{"token-no-secret", refresh, platforms.ClassInvalid, "invalid_request", 0},
			{"token-grant-type", exchange, platforms.ClassAppFault, "unsupported_grant_type", 0},
			{"tokeninfo", api, platforms.ClassOK, "", 0},
			{"tokeninfo-without-openid", api, platforms.ClassOK, "", 0},
			{"tokeninfo-invalid", api, platforms.ClassStaleAccess, "invalid_token", 0},
			{"revoke", revoke, platforms.ClassOK, "", 0},
			{"revoke-invalid", revoke, platforms.ClassRefreshDead, "invalid_token", 0},
			{"channels", api, platforms.ClassOK, "", 0},
			{"channels-full", api, platforms.ClassOK, "", 0},
			{"channels-none", api, platforms.ClassOK, "", 0},
			{"api-auth", api, platforms.ClassStaleAccess, "authError", 0},
			{"api-auth-invalid", api, platforms.ClassStaleAccess, "authError", 0},
			{"api-no-token", api, platforms.ClassStaleAccess, "required", 0},
			{"api-signup", api, platforms.ClassInvalid, "youtubeSignupRequired", 0},
			{"api-quota", api, platforms.ClassRateLimited, "quotaExceeded", untilPacificMidnight},
			{"api-quota-older", api, platforms.ClassRateLimited, "dailyLimitExceeded", untilPacificMidnight},
			{"api-rate", api, platforms.ClassRateLimited, "rateLimitExceeded", 0},
			{"api-rate-user", api, platforms.ClassRateLimited, "userRateLimitExceeded", 0},
			{"api-rate-newer", api, platforms.ClassRateLimited, "RATE_LIMIT_EXCEEDED", 0},
			{"api-scope", api, platforms.ClassMissingScope, "insufficientPermissions", 0},
			{"api-scope-newer", api, platforms.ClassMissingScope, "ACCESS_TOKEN_SCOPE_INSUFFICIENT", 0},
			{"api-disabled", api, platforms.ClassAppFault, "accessNotConfigured", 0},
			{"api-disabled-newer", api, platforms.ClassAppFault, "SERVICE_DISABLED", 0},
			{"api-forbidden", api, platforms.ClassInvalid, "forbidden", 0},
			{"api-delegation", api, platforms.ClassInvalid, "accountDelegationForbidden", 0},
			{"api-closed", api, platforms.ClassInvalid, "authenticatedUserAccountClosed", 0},
			{"api-suspended", api, platforms.ClassInvalid, "authenticatedUserAccountSuspended", 0},
			{"api-upload-limit", api, platforms.ClassRateLimited, "uploadLimitExceeded", 0},
			{"api-upload-limit-403", api, platforms.ClassRateLimited, "uploadLimitExceeded", 0},
			{"api-thumbnail", api, platforms.ClassInvalid, "forbidden", 0},
			{"api-channel", api, platforms.ClassInvalid, "channelNotFound", 0},
			{"api-parameter", api, platforms.ClassInvalid, "missingRequiredParameter", 0},
		},
	}
	for p, cases := range tests {
		files := recorded(t, p.ID)
		untested := maps.Clone(files)
		for _, tt := range cases {
			r, ok := files[tt.recording]
			if !ok {
				t.Fatalf("no recording %s of %s", tt.recording, p.ID)
			}
			delete(untested, tt.recording)
			got := p.Logins[0].Verdict(platforms.Answer{
				Stage: tt.stage, Status: r.Status, Header: r.header(), Body: r.Body, At: answered,
			})
			want := platforms.Verdict{Class: tt.class, Code: tt.code, RetryAfter: tt.wait}
			if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(want, "Message", "Subcode")); diff != "" {
				t.Errorf("%s %s at %s: Verdict (-want +got):\n%s", p.ID, tt.recording, tt.stage, diff)
			}
			if (got.Class != platforms.ClassOK) && got.Message == "" {
				t.Errorf("%s %s at %s: Verdict has no message", p.ID, tt.recording, tt.stage)
			}
		}
		for name := range untested {
			t.Errorf("recording %s of %s has no case", name, p.ID)
		}
	}
}

// TestGeneralVerdicts uses a login without rules of its own.
func TestGeneralVerdicts(t *testing.T) {
	t.Parallel()
	const (
		exchange  = platforms.StageExchange
		refresh   = platforms.StageRefresh
		revoke    = platforms.StageRevoke
		api       = platforms.StageAPI
		authorize = platforms.StageAuthorize
	)
	tests := []struct {
		stage  platforms.Stage
		status int
		body   string
		want   platforms.Class
	}{
		{exchange, 200, `{"access_token":"a"}`, platforms.ClassOK},
		{exchange, 200, `access_token=a&expires_in=60`, platforms.ClassOK},
		{exchange, 200, `{}`, platforms.ClassTemporary},
		{refresh, 200, `{"refresh_token":"r"}`, platforms.ClassTemporary},
		{exchange, 200, ``, platforms.ClassTemporary},
		{exchange, 200, `<html>Log in to the hotel's network</html>`, platforms.ClassTemporary},
		{exchange, 200, `{"error":"invalid_grant"}`, platforms.ClassInvalid},
		{exchange, 200, `{"error":"custom"}`, platforms.ClassInvalid},
		{exchange, 302, ``, platforms.ClassTemporary},
		{exchange, 400, `{"error":"invalid_grant"}`, platforms.ClassInvalid},
		{refresh, 400, `{"error":"invalid_grant"}`, platforms.ClassRefreshDead},
		{refresh, 400, `error=invalid_grant`, platforms.ClassRefreshDead},
		{refresh, 500, `{"error":"invalid_grant"}`, platforms.ClassRefreshDead},
		{refresh, 400, `{"error":"invalid_request"}`, platforms.ClassInvalid},
		{refresh, 429, `{"error":"invalid_request"}`, platforms.ClassRateLimited},
		{refresh, 400, `{"error":"temporarily_unavailable"}`, platforms.ClassTemporary},
		{refresh, 400, `{"error":"invalid_client"}`, platforms.ClassAppFault},
		{refresh, 400, `{"error":"invalid_scope"}`, platforms.ClassAppFault},
		{refresh, 400, `{"error":{"code":7}}`, platforms.ClassInvalid},
		{refresh, 401, ``, platforms.ClassAppFault},
		{refresh, 403, `<!DOCTYPE html><title>Attention Required!</title>`, platforms.ClassTemporary},
		{refresh, 403, `Access denied`, platforms.ClassTemporary},
		{refresh, 404, ``, platforms.ClassAppFault},
		{refresh, 408, ``, platforms.ClassTemporary},
		{refresh, 409, ``, platforms.ClassTemporary},
		{refresh, 423, ``, platforms.ClassTemporary},
		{refresh, 425, ``, platforms.ClassTemporary},
		{refresh, 429, ``, platforms.ClassRateLimited},
		{refresh, 500, ``, platforms.ClassTemporary},
		{refresh, 503, `{"error":"invalid_request"}`, platforms.ClassTemporary},
		{revoke, 200, ``, platforms.ClassOK},
		{revoke, 204, ``, platforms.ClassOK},
		{revoke, 400, `{"error":"unsupported_token_type"}`, platforms.ClassInvalid},
		{api, 200, `{"id":"1","error":"none"}`, platforms.ClassOK},
		{api, 200, `<html>`, platforms.ClassTemporary},
		{api, 401, `{}`, platforms.ClassStaleAccess},
		{api, 401, `<html>`, platforms.ClassTemporary},
		{api, 403, `[]`, platforms.ClassMissingScope},
		{api, 404, ``, platforms.ClassInvalid},
		{api, 502, `<html>`, platforms.ClassTemporary},
		{authorize, 0, `error=access_denied&state=s`, platforms.ClassDenied},
		{authorize, 0, `error=server_error`, platforms.ClassTemporary},
		{authorize, 0, `error=invalid_request`, platforms.ClassInvalid},
		{authorize, 0, `code=c&state=s`, platforms.ClassOK},
		{authorize, 0, ``, platforms.ClassOK},
	}
	for _, tt := range tests {
		a := platforms.Answer{Stage: tt.stage, Status: tt.status, Body: []byte(tt.body), At: answered}
		if got := new(platforms.Login).Verdict(a).Class; got != tt.want {
			t.Errorf("Verdict(%s %d %s) = %q; want %q", tt.stage, tt.status, tt.body, got, tt.want)
		}
	}
}

func TestContentTypeDoesNotHideTokens(t *testing.T) {
	t.Parallel()
	html := http.Header{"Content-Type": {"text/html; charset=utf-8"}}
	for body, want := range map[string]platforms.Class{
		`{"access_token":"a"}`:     platforms.ClassOK,
		`Sorry, a=b is in no JSON`: platforms.ClassTemporary,
		``:                         platforms.ClassTemporary,
	} {
		a := platforms.Answer{Stage: platforms.StageExchange, Status: 200, Header: html, Body: []byte(body), At: answered}
		if got := new(platforms.Login).Verdict(a).Class; got != want {
			t.Errorf("Verdict(200, text/html, %s) = %q; want %q", body, got, want)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	tests := []struct {
		header string
		want   time.Duration
	}{
		{"", 0},
		{"0", 0},
		{"-5", 0},
		{"90", 90 * time.Second},
		{"86400", 24 * time.Hour},
		{"86401", 24 * time.Hour},
		{"9223372036854775807", 24 * time.Hour},
		{answered.Add(2 * time.Minute).UTC().Format(http.TimeFormat), 2 * time.Minute},
		{answered.Add(-time.Minute).UTC().Format(http.TimeFormat), 0},
		{"Fri, 31 Dec 9999 23:59:59 GMT", 24 * time.Hour},
		{"soon", 0},
	}
	for _, tt := range tests {
		a := platforms.Answer{Stage: platforms.StageAPI, Status: 503, Header: http.Header{"Retry-After": {tt.header}}, At: answered}
		if got := new(platforms.Login).Verdict(a).RetryAfter; got != tt.want {
			t.Errorf("Verdict(Retry-After: %s).RetryAfter = %s; want %s", tt.header, got, tt.want)
		}
	}
}

func TestTwitterResetIsTheLatestSpentLimit(t *testing.T) {
	t.Parallel()
	header := make(http.Header)
	for name, value := range map[string]string{
		"x-rate-limit-remaining": "12", "x-rate-limit-reset": "1799000900",
		"x-user-limit-24hour-remaining": "0", "x-user-limit-24hour-reset": "1799003600",
		"x-app-limit-24hour-remaining": "5", "x-app-limit-24hour-reset": "1799007200",
	} {
		header.Set(name, value)
	}
	a := platforms.Answer{Stage: platforms.StageAPI, Status: 429, Header: header, Body: []byte(`{"title":"Too Many Requests"}`), At: answered}
	if got, want := platforms.Twitter.Logins[0].Verdict(a).RetryAfter, time.Hour; got != want {
		t.Errorf("RetryAfter = %s; want %s, when the spent daily limit of the user ends", got, want)
	}
}
