package diagnosis

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"mooring/platforms"
)

// TestDiagnoseYouTube explains each recorded failure twice: as a stranger to
// the platform pastes it, and as package platforms has understood it.
func TestDiagnoseYouTube(t *testing.T) {
	t.Parallel()
	const (
		exchange = platforms.StageExchange
		refresh  = platforms.StageRefresh
		api      = platforms.StageAPI
	)
	dead := answer{"youtube/refresh-dead", RevokedAccess, User, Reconnect, false}
	client := answer{"youtube/invalid-client", InvalidCredentials, Operator, FixConfiguration, false}
	policy := answer{"youtube/admin-policy", AccessDenied, Admin, Reconnect, false}
	otherClient := answer{"youtube/other-client", RevokedAccess, User, Reconnect, false}
	parameter := answer{"oauth/invalid-request", InvalidRequest, Operator, FixConfiguration, false}
	code := answer{"oauth/code-dead", InvalidState, User, Retry, false}
	pkce := answer{"oauth/pkce", InvalidState, User, Retry, false}
	stale := answer{"youtube/token-stale", ExpiredToken, User, Reconnect, false}
	quota := answer{"youtube/quota", RateLimit, NobodyWait, Wait, true}
	rate := answer{"youtube/rate-limit", RateLimit, NobodyWait, Wait, true}
	upload := answer{"youtube/upload-limit", RateLimit, NobodyWait, Wait, true}
	scope := answer{"youtube/scope-missing", InsufficientPermissions, User, Reconnect, false}
	disabled := answer{"youtube/api-disabled", AppNotApproved, Operator, FixConfiguration, false}
	owner := answer{"youtube/not-owner", InsufficientPermissions, User, Reconnect, false}
	tests := []struct {
		recording string
		stage     platforms.Stage
		want      answer
	}{
		{"token-revoked", refresh, dead},
		{"token-forgotten", refresh, dead},
		{"token-forgotten", exchange, code},
		{"token-rapt", refresh, answer{"youtube/session-control", RevokedAccess, User, Reconnect, false}},
		{"token-code", exchange, code},
		{"token-verifier", exchange, pkce},
		{"token-no-verifier", exchange, pkce},
		{"token-redirect", exchange, answer{"youtube/redirect-mismatch", RedirectURIMismatch, Operator, FixConfiguration, false}},
		{"token-client", exchange, client},
		{"token-secret", refresh, client},
		{"token-deleted", refresh, answer{"youtube/client-deleted", InvalidCredentials, Operator, FixConfiguration, false}},
		{"token-unauthorized", refresh, otherClient},
		{"token-unauthorized-400", refresh, otherClient},
		{"token-unauthorized", exchange, answer{"oauth/unauthorized-client", InvalidCredentials, Operator, FixConfiguration, false}},
		{"token-policy", refresh, policy},
		{"token-policy-403", exchange, policy},
		{"token-parameter", exchange, parameter},
		{"token-no-secret", refresh, answer{"youtube/invalid-client", InvalidCredentials, Operator, FixConfiguration, false}},
		{"token-grant-type", exchange, answer{"oauth/unsupported", InvalidRequest, Operator, FixConfiguration, false}},
		{"tokeninfo-invalid", api, stale},
		{"revoke-invalid", platforms.StageRevoke, answer{"revoke/refused", InvalidRequest, User, NoAction, false}},
		{"api-auth", api, stale},
		{"api-auth-invalid", api, stale},
		{"api-no-token", api, stale},
		{"api-signup", api, answer{"youtube/no-channel", AccountSetupIncomplete, User, SetUpAccount, false}},
		{"api-quota", api, quota},
		{"api-quota-older", api, quota},
		{"api-rate", api, rate},
		{"api-rate-user", api, rate},
		{"api-rate-newer", api, rate},
		{"api-scope", api, scope},
		{"api-scope-newer", api, scope},
		{"api-disabled", api, disabled},
		{"api-disabled-newer", api, disabled},
		{"api-forbidden", api, owner},
		{"api-delegation", api, owner},
		{"api-closed", api, answer{"youtube/account-closed", AccountRestricted, User, SetUpAccount, false}},
		{"api-suspended", api, answer{"youtube/account-suspended", AccountRestricted, User, ContactPlatform, false}},
		{"api-upload-limit", api, upload},
		{"api-upload-limit-403", api, upload},
		{"api-thumbnail", api, answer{"youtube/thumbnail", AccountSetupIncomplete, User, SetUpAccount, false}},
		{"api-channel", api, answer{"youtube/channel-not-found", AccountSetupIncomplete, User, SetUpAccount, false}},
	}
	for _, tt := range tests {
		t.Run(tt.recording+" "+string(tt.stage), func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(filepath.Join("..", "platforms", "testdata", "google_youtube", tt.recording+".json"))
			if err != nil {
				t.Fatal(err)
			}
			var r struct {
				Status int             `json:"status"`
				Body   json.RawMessage `json:"body"`
			}
			if err := json.Unmarshal(data, &r); err != nil {
				t.Fatal(err)
			}
			v := platforms.YouTube.Logins[0].Verdict(platforms.Answer{Stage: tt.stage, Status: r.Status, Body: r.Body, At: time.Now()})
			pasted := Input{Platform: "google_youtube", Stage: tt.stage, HTTPStatus: r.Status, Body: string(r.Body)}
			understood := pasted
			understood.ErrorCode, understood.ErrorSubcode, understood.ErrorMessage, understood.Class = v.Code, v.Subcode, v.Message, v.Class
			for name, in := range map[string]Input{"pasted": pasted, "understood": understood} {
				if got := answerOf(Diagnose(in)); got != tt.want {
					t.Errorf("Diagnose(%s %s) = %+v; want %+v", name, r.Body, got, tt.want)
				}
			}
		})
	}
}

// TestDiagnoseYouTubePages is about what people read on Google's pages, and
// about what Mooring finds out itself.
func TestDiagnoseYouTubePages(t *testing.T) {
	t.Parallel()
	const authorize = platforms.StageAuthorize
	tests := []struct {
		in   Input
		want answer
	}{
		{Input{Stage: authorize, Body: "error=access_denied&state=s"}, answer{"oauth/access-denied", AccessDenied, User, Reconnect, false}},
		{Input{Stage: authorize, HTTPStatus: 403, ErrorCode: "access_denied"}, answer{"youtube/not-a-test-user", AppNotApproved, Operator, FixConfiguration, false}},
		{Input{Stage: authorize, HTTPStatus: 401, ErrorCode: "invalid_client"}, answer{"youtube/invalid-client", InvalidCredentials, Operator, FixConfiguration, false}},
		{Input{Stage: authorize, ErrorMessage: "Error 403: org_internal"}, answer{"youtube/org-internal", AppNotApproved, Operator, FixConfiguration, false}},
		{Input{Stage: authorize, ErrorMessage: "Error 403: disallowed_useragent"}, answer{"youtube/web-view", InvalidRequest, User, Retry, false}},
		{Input{Stage: authorize, ErrorMessage: "Error 400: redirect_uri_mismatch"}, answer{"youtube/redirect-mismatch", RedirectURIMismatch, Operator, FixConfiguration, false}},
		{Input{Stage: authorize, ErrorMessage: "Error 400: admin_policy_enforced"}, answer{"youtube/admin-policy", AccessDenied, Admin, Reconnect, false}},
		{Input{Stage: authorize, ErrorMessage: "Error 400: invalid_scope"}, answer{"youtube/scope-unknown", InvalidScope, Operator, FixConfiguration, false}},
		{Input{Stage: authorize, ErrorCode: CodeAttemptExpired}, answer{"youtube/attempt-expired", InvalidState, User, Retry, false}},
		{Input{Stage: platforms.StageAPI, ErrorCode: CodeNoAccounts}, answer{"youtube/no-channel", AccountSetupIncomplete, User, SetUpAccount, false}},
		{Input{Stage: platforms.StageAPI, ErrorCode: CodeDifferentAccount}, answer{"youtube/other-channel", InvalidState, User, Reconnect, false}},
		{Input{Stage: platforms.StageExchange, ErrorCode: CodeScopesMissing}, answer{"youtube/scopes-unticked", InsufficientPermissions, User, Reconnect, false}},
		{Input{Stage: platforms.StageRefresh, HTTPStatus: 503, Class: platforms.ClassTemporary}, answer{"http/outage", PlatformOutage, PlatformIt, Retry, true}},
		{Input{Stage: platforms.StageRefresh, HTTPStatus: 500, Body: `{"error":"internal_failure"}`, Class: platforms.ClassTemporary}, answer{"http/outage", PlatformOutage, PlatformIt, Retry, true}},
		{Input{ErrorCode: ExpiringSoon.code()}, answer{"youtube/expiring-soon", ExpiredToken, User, Reconnect, false}},
		{Input{ErrorCode: Expired.code()}, answer{"youtube/expired", ExpiredToken, User, Reconnect, false}},
	}
	for _, tt := range tests {
		tt.in.Platform = "google_youtube"
		if got := answerOf(Diagnose(tt.in)); got != tt.want {
			t.Errorf("Diagnose(%+v) = %+v; want %+v", tt.in, got, tt.want)
		}
	}
}
