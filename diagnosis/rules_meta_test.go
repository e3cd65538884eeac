package diagnosis

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"mooring/platforms"
)

// TestDiagnoseMetaRecordings explains each recorded failure twice: as a
// stranger to the platform pastes it, and as package platforms has understood
// it.
func TestDiagnoseMetaRecordings(t *testing.T) {
	t.Parallel()
	const (
		exchange = platforms.StageExchange
		refresh  = platforms.StageRefresh
		revoke   = platforms.StageRevoke
		api      = platforms.StageAPI
	)
	tests := []struct {
		platform, recording string
		stage               platforms.Stage
		rule                string
	}{
		{"facebook", "token-code-expired", exchange, "code-dead"},
		{"facebook", "token-redirect", exchange, "redirect-mismatch"},
		{"facebook", "token-code-used", exchange, "code-dead"},
		{"facebook", "token-redirect-unknown", exchange, "redirect-mismatch"},
		{"facebook", "token-secret", exchange, "wrong-secret"},
		{"facebook", "token-app", exchange, "wrong-app"},
		{"facebook", "token-verifier", exchange, "pkce"},
		{"facebook", "token-short-expired", exchange, "token-expired"},
		{"facebook", "debug-password", api, "password-changed"},
		{"facebook", "debug-expired", api, "token-expired"},
		{"facebook", "debug-checkpoint", api, "checkpoint"},
		{"facebook", "debug-role", api, "role-lost"},
		{"facebook", "debug-other-app", api, "other-app"},
		{"facebook", "debug-other-app-older", api, "other-app"},
		{"facebook", "api-removed", api, "removed"},
		{"facebook", "api-checkpoint", api, "checkpoint"},
		{"facebook", "api-password", api, "password-changed"},
		{"facebook", "api-expired", api, "token-expired"},
		{"facebook", "api-expired", revoke, "not-revoked"},
		{"facebook", "api-unconfirmed", api, "checkpoint"},
		{"facebook", "api-logged-out", api, "logged-out"},
		{"facebook", "api-role", api, "role-lost"},
		{"facebook", "api-malformed", api, "token-refused"},
		{"facebook", "api-session", api, "token-refused"},
		{"facebook", "api-page-token", api, "page-token-needed"},
		{"facebook", "api-new-page", api, "new-page"},
		{"facebook", "api-app-blocked", api, "app-blocked"},
		{"facebook", "api-permission", api, "not-approved"},
		{"facebook", "api-permission-named", api, "scope-missing"},
		{"facebook", "api-parameter", api, "parameter"},
		{"facebook", "api-object", api, "object-gone"},
		{"facebook", "api-proof", api, "proof-missing"},
		{"facebook", "api-no-token", api, "no-token"},
		{"facebook", "api-unknown", api, "outage"},
		{"facebook", "api-unknown", exchange, "outage"},
		{"facebook", "api-down", api, "outage"},
		{"facebook", "api-capability", api, "not-approved"},
		{"facebook", "api-app-limit", api, "rate-limit"},
		{"facebook", "api-user-limit", api, "rate-limit"},
		{"facebook", "api-page-limit", api, "rate-limit"},
		{"facebook", "api-page-usage", api, "rate-limit"},
		{"facebook", "api-uneven", api, "rate-limit"},
		{"facebook", "api-blocked", api, "restricted"},
		{"facebook", "api-duplicate", api, "duplicate"},
		{"facebook", "api-version", api, "version-dead"},
		{"facebook", "api-version-unknown", api, "version-dead"},
		{"facebook", "api-version-unknown", exchange, "version-dead"},
		{"facebook", "post-authorise", api, "publishing-authorisation"},
		{"facebook", "post-identity", api, "publishing-authorisation"},
		{"facebook", "post-limited", api, "restricted"},
		{"instagram", "token-code", exchange, "code-dead"},
		{"instagram", "token-client", exchange, "wrong-app"},
		{"instagram", "token-redirect", exchange, "redirect-mismatch"},
		{"instagram", "token-role", exchange, "app-not-live"},
		{"instagram", "token-kind", exchange, "wrong-kind-of-token"},
		{"instagram", "token-kind", refresh, "wrong-kind-of-token"},
		{"instagram", "token-dead", refresh, "token-expired"},
		{"instagram", "token-unparsable", refresh, "token-refused"},
		{"instagram", "api-session", refresh, "token-refused"},
		{"instagram", "accounts-account-type", api, "parameter"},
		{"instagram", "api-limit", api, "rate-limit"},
		{"instagram", "api-permission", api, "scope-missing"},
		{"instagram", "post-restricted", api, "restricted"},
		{"instagram", "post-blocked", api, "restricted"},
		{"instagram", "post-cap", api, "post-limit"},
	}
	for _, tt := range tests {
		t.Run(tt.platform+" "+tt.recording+" "+string(tt.stage), func(t *testing.T) {
			t.Parallel()
			id := "meta_" + tt.platform
			data, err := os.ReadFile(filepath.Join("..", "platforms", "testdata", id, tt.recording+".json"))
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
			p, _ := platforms.Get(id)
			v := p.Logins[0].Verdict(platforms.Answer{Stage: tt.stage, Status: r.Status, Body: r.Body, At: time.Now()})
			failure := &platforms.Error{Platform: id, Stage: tt.stage, Status: r.Status, Verdict: v, Body: string(r.Body)}
			for name, in := range map[string]Input{
				"pasted":     {Platform: id, Stage: tt.stage, HTTPStatus: r.Status, Body: string(r.Body)},
				"understood": FromError(failure, id, tt.stage),
			} {
				if got := answerOf(Diagnose(in)).rule; got != tt.platform+"/"+tt.rule {
					t.Errorf("Diagnose(%s %s) is decided by %s; want %s/%s", name, r.Body, got, tt.platform, tt.rule)
				}
			}
		})
	}
}

// TestDiagnoseMeta is about what people paste, and about what Mooring finds
// out itself; both platforms say the same, but for what is their own.
func TestDiagnoseMeta(t *testing.T) {
	t.Parallel()
	const (
		authorize = platforms.StageAuthorize
		exchange  = platforms.StageExchange
		api       = platforms.StageAPI
	)
	redirect := answer{"redirect-mismatch", RedirectURIMismatch, Operator, FixConfiguration, false}
	notLive := answer{"app-not-live", AppNotApproved, Operator, FixConfiguration, false}
	scopes := answer{"invalid-scopes", InvalidScope, Operator, FixConfiguration, false}
	denied := answer{"denied", AccessDenied, User, Reconnect, false}
	outage := answer{"outage", PlatformOutage, PlatformIt, Retry, true}
	limit := answer{"rate-limit", RateLimit, NobodyWait, Wait, true}
	missing := answer{"scope-missing", InsufficientPermissions, User, Reconnect, false}
	tests := []struct {
		in   Input
		want answer
	}{
		{Input{Stage: authorize, ErrorMessage: "URL blocked\nThis redirect failed because the redirect URI is not white-listed"}, redirect},
		{Input{Stage: authorize, ErrorMessage: "Can't load URL: The domain of this URL isn't included in the app's domains."}, redirect},
		{Input{ErrorMessage: "please check that your redirect_uri is identical to that of the dialog"}, redirect},
		{Input{Stage: authorize, ErrorMessage: "App not active. Try again later."}, notLive},
		{Input{Stage: authorize, ErrorMessage: "Invalid Scopes: pages_manage_posts, instagram_business_basic"}, scopes},
		{Input{Stage: authorize, Body: "error=access_denied&error_code=200&error_description=Permissions+error&error_reason=user_denied"}, denied},
		{Input{Stage: authorize, ErrorCode: "access_denied", ErrorSubcode: "user_denied", ErrorMessage: "Permissions error", Class: platforms.ClassDenied}, denied},
		{Input{Stage: authorize, ErrorCode: CodeAttemptExpired}, answer{"attempt-expired", InvalidState, User, Retry, false}},
		{Input{Stage: exchange, ErrorCode: CodeScopesMissing}, answer{"scopes-unticked", InsufficientPermissions, User, Reconnect, false}},
		{Input{Stage: api, HTTPStatus: 500, ErrorMessage: "type: OAuthException, code: 2, message: An unexpected error has occurred."}, outage},
		{Input{Stage: api, HTTPStatus: 400, ErrorCode: "1", ErrorMessage: "Please reduce the amount of data", Class: platforms.ClassTemporary}, outage},
		{Input{Stage: exchange, ErrorCode: "1", ErrorMessage: "Error validating client secret."}, answer{"wrong-secret", InvalidCredentials, Operator, FixConfiguration, false}},
		{Input{Stage: api, ErrorMessage: "(#4) Application request limit reached"}, limit},
		{Input{Stage: api, ErrorMessage: "(#200) Requires pages_manage_posts permission"}, missing},
		{Input{Stage: api, HTTPStatus: 403, ErrorCode: "200", ErrorSubcode: "1376025", ErrorMessage: "Permissions error"}, missing},
		{Input{Stage: api, ErrorMessage: "Error validating access token: the session has been invalidated because the user changed their password"}, answer{"password-changed", RevokedAccess, User, Reconnect, false}},
		{Input{Stage: api, HTTPStatus: 400, ErrorCode: "190", ErrorSubcode: "459"}, answer{"checkpoint", AccountRestricted, User, SetUpAccount, false}},
		{Input{Stage: api, HTTPStatus: 400, ErrorCode: "190", ErrorSubcode: "492"}, answer{"role-lost", InsufficientPermissions, Admin, Reconnect, false}},
		{Input{Stage: api, HTTPStatus: 400, ErrorCode: "190", ErrorSubcode: "99999"}, answer{"token-refused", ExpiredToken, User, Reconnect, false}},
	}
	for _, platform := range []string{"facebook", "instagram"} {
		for _, tt := range tests {
			tt.in.Platform = "meta_" + platform
			tt.want.rule = platform + "/" + tt.want.rule
			if got := answerOf(Diagnose(tt.in)); got != tt.want {
				t.Errorf("Diagnose(%+v) = %+v; want %+v", tt.in, got, tt.want)
			}
		}
	}
	own := map[string]map[string]answer{
		"meta_facebook": {
			CodeNoAccounts:      {"facebook/no-page", AccountSetupIncomplete, User, SetUpAccount, false},
			ExpiringSoon.code(): {"facebook/expiring-soon", ExpiredToken, User, Reconnect, false},
			Expired.code():      {"facebook/expired", ExpiredToken, User, Reconnect, false},
		},
		"meta_instagram": {
			CodeNoAccounts:      {"instagram/no-account", AccountSetupIncomplete, User, SetUpAccount, false},
			ExpiringSoon.code(): {"instagram/expiring-soon", ExpiredToken, User, Reconnect, false},
			Expired.code():      {"instagram/expired", ExpiredToken, User, Reconnect, false},
		},
	}
	for id, codes := range own {
		for code, want := range codes {
			if got := answerOf(Diagnose(Input{Platform: id, ErrorCode: code})); got != want {
				t.Errorf("Diagnose(%s, %s) = %+v; want %+v", id, code, got, want)
			}
		}
	}
}

// Who logs in by Instagram has no Page to look for.
func TestInstagramLoginKnowsNoPages(t *testing.T) {
	t.Parallel()
	got := Diagnose(Input{Platform: "meta_instagram", Stage: platforms.StageAPI, ErrorCode: CodeNoAccounts, ErrorSubcode: "INSTAGRAM_LOGIN"})
	if a := answerOf(got); a != (answer{"instagram/personal-account", AccountSetupIncomplete, User, SetUpAccount, false}) {
		t.Errorf("an account that cannot be connected = %+v", a)
	}
	for _, sentence := range slices.Concat(got.PossibleCauses, got.Solutions) {
		if strings.Contains(sentence, "Page") || strings.Contains(sentence, "Facebook") {
			t.Errorf("%q; want nothing of Facebook's Pages", sentence)
		}
	}
}

// TestDiagnoseMetaLeavesOthersAlone: the same numbers mean nothing elsewhere,
// and a sentence is not a failure because it has a word of one.
func TestDiagnoseMetaLeavesOthersAlone(t *testing.T) {
	t.Parallel()
	for _, in := range []Input{
		{Platform: "twitter", ErrorCode: "190", ErrorSubcode: "460"},
		{ErrorCode: "506"},
		{Platform: "meta_facebook", ErrorMessage: "Your page was found to be lovely, and nobody denied it."},
		{Platform: "meta_instagram", ErrorMessage: "190 people liked the post within 10 minutes."},
	} {
		if got := answerOf(Diagnose(in)).rule; strings.HasPrefix(got, "facebook/") || strings.HasPrefix(got, "instagram/") {
			t.Errorf("Diagnose(%+v) is decided by %s; want none of Meta's rules", in, got)
		}
	}
}
