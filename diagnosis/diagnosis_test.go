package diagnosis

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"mooring/platforms"
)

// answer is what most callers look at in a diagnosis.
type answer struct {
	rule      string
	issue     IssueType
	fixableBy FixableBy
	action    Action
	transient bool
}

func answerOf(d Diagnosis) answer {
	a := answer{issue: d.IssueType, fixableBy: d.FixableBy, action: d.SuggestedAction, transient: d.Transient}
	if len(d.Evidence) > 0 {
		a.rule = d.Evidence[0].Rule
	}
	return a
}

const (
	linkedInShared = `Unable to retrieve access token: appid/redirect uri/code verifier does not match authorization code. ` +
		`Or authorization code expired. Or external member binding exists`
	xUnauthorized = `{"title":"Unauthorized","type":"about:blank","status":401,"detail":"Unauthorized"}`
)

func xTokenError(code, description string) string {
	return `{"error":"` + code + `","error_description":"` + description + `"}`
}

func TestDiagnoseTwitter(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		stage  platforms.Stage
		status int
		body   string
		want   answer
	}{
		{"no Basic", platforms.StageExchange, 401, xTokenError("unauthorized_client", "Missing valid authorization header"), answer{"twitter/no-client-authentication", InvalidCredentials, Operator, FixConfiguration, false}},
		{"no Basic on refresh", platforms.StageRefresh, 401, xTokenError("unauthorized_client", "Missing valid authorization header"), answer{"twitter/no-client-authentication", InvalidCredentials, Operator, FixConfiguration, false}},
		{"wrong secret", platforms.StageExchange, 401, xTokenError("invalid_client", "Client authentication failed"), answer{"twitter/wrong-secret", InvalidCredentials, Operator, FixConfiguration, false}},
		{"dead refresh token", platforms.StageRefresh, 400, xTokenError("invalid_request", "Value passed for the token was invalid."), answer{"twitter/refresh-dead", RevokedAccess, User, Reconnect, false}},
		{"dead refresh token, RFC", platforms.StageRefresh, 400, xTokenError("invalid_grant", "Token revoked"), answer{"twitter/refresh-dead", RevokedAccess, User, Reconnect, false}},
		{"dead code", platforms.StageExchange, 400, xTokenError("invalid_request", "Value passed for the authorization code was invalid."), answer{"twitter/code-dead", InvalidState, User, Retry, false}},
		{"redirect", platforms.StageExchange, 400, xTokenError("invalid_request", "Value passed for the redirect uri did not match the uri of the authorization code."), answer{"twitter/redirect-mismatch", RedirectURIMismatch, Operator, FixConfiguration, false}},
		{"PKCE", platforms.StageExchange, 400, xTokenError("invalid_request", "Value passed for the code verifier did not match the code challenge."), answer{"twitter/pkce", InvalidState, User, Retry, false}},
		{"revoke unknown token", platforms.StageRevoke, 400, xTokenError("invalid_request", "Value passed for the token was invalid."), answer{"twitter/already-revoked", RevokedAccess, User, NoAction, false}},
		{"stale token", platforms.StageAPI, 401, xUnauthorized, answer{"twitter/unauthorized", ExpiredToken, User, Reconnect, false}},
		{"stale token, status only in the body", platforms.StageAPI, 0, xUnauthorized, answer{"twitter/unauthorized", ExpiredToken, User, Reconnect, false}},
		{"missing scope", platforms.StageAPI, 403, `{"title":"Forbidden","type":"about:blank","detail":"You are not permitted to perform this action."}`, answer{"twitter/forbidden", InsufficientPermissions, Operator, FixConfiguration, false}},
		{"app-only token", platforms.StageAPI, 403, `{"title":"Unsupported Authentication","type":"https://api.twitter.com/2/problems/unsupported-authentication"}`, answer{"twitter/app-only-token", InvalidRequest, Operator, FixConfiguration, false}},
		{"not enrolled", platforms.StageAPI, 403, `{"title":"Client Forbidden","reason":"client-not-enrolled","type":"https://api.x.com/2/problems/client-forbidden"}`, answer{"twitter/not-enrolled", AppNotApproved, Operator, FixConfiguration, false}},
		{"problem type as an anchor", platforms.StageAPI, 403, `{"type":"https://developer.x.com/en/support/x-api/error-troubleshooting#client-forbidden"}`, answer{"twitter/not-enrolled", AppNotApproved, Operator, FixConfiguration, false}},
		{"credits", platforms.StageAPI, 402, `{"title":"CreditsDepleted","account_id":1,"type":"https://api.twitter.com/2/problems/credits"}`, answer{"twitter/credits", RateLimit, Operator, FixConfiguration, false}},
		{"credits as 403", platforms.StageAPI, 403, `{"title":"CreditsDepleted"}`, answer{"twitter/credits", RateLimit, Operator, FixConfiguration, false}},
		{"spending cap", platforms.StageAPI, 403, `{"title":"SpendCapReached"}`, answer{"twitter/spend-cap", RateLimit, Operator, FixConfiguration, false}},
		{"rate limit", platforms.StageAPI, 429, `{"title":"Too Many Requests","type":"about:blank","status":429}`, answer{"twitter/rate-limit", RateLimit, NobodyWait, Wait, true}},
		{"rate limit, older form", platforms.StageAPI, 0, `{"errors":[{"code":88,"message":"Rate limit exceeded"}]}`, answer{"twitter/rate-limit", RateLimit, NobodyWait, Wait, true}},
		{"usage cap", platforms.StageAPI, 429, `{"title":"UsageCapExceeded","type":"https://api.twitter.com/2/problems/usage-capped"}`, answer{"twitter/usage-cap", RateLimit, Operator, FixConfiguration, false}},
		{"denied", platforms.StageAuthorize, 0, "error=access_denied&state=abc", answer{"oauth/access-denied", AccessDenied, User, Reconnect, false}},
		{"refused page", platforms.StageAuthorize, 0, "Something went wrong. You weren't able to give access to the App.", answer{"twitter/refused-page", RedirectURIMismatch, Operator, FixConfiguration, false}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := answerOf(Diagnose(Input{Platform: "twitter", Stage: tt.stage, HTTPStatus: tt.status, Body: tt.body}))
			if got != tt.want {
				t.Errorf("Diagnose(%s) = %+v; want %+v", tt.body, got, tt.want)
			}
		})
	}
}

func TestDiagnoseLinkedIn(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		in   Input
		want answer
	}{
		{"cancelled sign-in", Input{Stage: platforms.StageAuthorize, ErrorCode: "user_cancelled_login"}, answer{"linkedin/cancelled", AccessDenied, User, Reconnect, false}},
		{"cancelled consent", Input{Stage: platforms.StageAuthorize, ErrorCode: "user_cancelled_authorize"}, answer{"linkedin/cancelled", AccessDenied, User, Reconnect, false}},
		{"scope", Input{Stage: platforms.StageAuthorize, ErrorCode: "unauthorized_scope_error", ErrorMessage: "Scope &quot;w_x&quot; is not authorized for your application"}, answer{"linkedin/scope-not-authorized", InvalidScope, Operator, FixConfiguration, false}},
		{"refused page", Input{Stage: platforms.StageAuthorize, Body: "<html><h1>Bummer, something went wrong.</h1></html>"}, answer{"linkedin/refused-page", RedirectURIMismatch, Operator, FixConfiguration, false}},
		{"bad client", Input{Stage: platforms.StageExchange, HTTPStatus: 401, Body: xTokenError("invalid_client", "Client authentication failed")}, answer{"linkedin/invalid-client", InvalidCredentials, Operator, FixConfiguration, false}},
		{"missing parameter", Input{Stage: platforms.StageRefresh, HTTPStatus: 400, ErrorCode: "invalid_request", ErrorMessage: `A required parameter "client_id" is missing`}, answer{"linkedin/parameter-missing", InvalidRequest, Operator, FixConfiguration, false}},
		{"unknown code", Input{Stage: platforms.StageExchange, HTTPStatus: 400, Body: xTokenError("invalid_request", "Unable to retrieve access token: authorization code not found")}, answer{"linkedin/code-unknown", InvalidState, User, Retry, false}},
		{"shared message, field", Input{Stage: platforms.StageExchange, HTTPStatus: 400, Body: xTokenError("invalid_request", linkedInShared)}, answer{"linkedin/code-or-redirect", InvalidState, User, Retry, false}},
		{"shared message, documented", Input{Stage: platforms.StageExchange, HTTPStatus: 400, Body: xTokenError("invalid_redirect_uri", linkedInShared)}, answer{"linkedin/redirect-or-code", RedirectURIMismatch, Operator, FixConfiguration, false}},
		{"dead refresh token", Input{Stage: platforms.StageRefresh, HTTPStatus: 400, ErrorCode: "invalid_grant"}, answer{"linkedin/refresh-dead", RevokedAccess, User, Reconnect, false}},
		{"invalid token", Input{Stage: platforms.StageAPI, HTTPStatus: 401, Body: `{"status":401,"serviceErrorCode":65600,"message":"Invalid access token"}`}, answer{"linkedin/token-invalid", ExpiredToken, User, Reconnect, false}},
		{"no token", Input{Stage: platforms.StageAPI, HTTPStatus: 401, Body: `{"message":"Empty oauth2_access_token"}`}, answer{"linkedin/token-invalid", ExpiredToken, User, Reconnect, false}},
		{"revoked", Input{Stage: platforms.StageAPI, HTTPStatus: 401, Body: `{"status":401,"serviceErrorCode":65601,"code":"REVOKED_ACCESS_TOKEN"}`}, answer{"linkedin/revoked", RevokedAccess, User, Reconnect, false}},
		{"revoked, just minted", Input{Stage: platforms.StageAPI, HTTPStatus: 401, ErrorCode: "65601", Class: platforms.ClassStaleAccess, FreshToken: true}, answer{"linkedin/not-yet-active", PlatformOutage, NobodyWait, Retry, true}},
		{"expired", Input{Stage: platforms.StageAPI, HTTPStatus: 401, Body: `{"code":"EXPIRED_ACCESS_TOKEN","message":"The token used in the request is expired"}`}, answer{"linkedin/expired", ExpiredToken, User, Reconnect, false}},
		{"missing scope", Input{Stage: platforms.StageAPI, HTTPStatus: 403, Body: `{"status":403,"serviceErrorCode":100,"code":"ACCESS_DENIED","message":"Not enough permissions to access: userinfo.GET.NO_VERSION"}`}, answer{"linkedin/scope-missing", InsufficientPermissions, User, Reconnect, false}},
		{"restricted API", Input{Stage: platforms.StageAPI, HTTPStatus: 404, Class: platforms.ClassInvalid}, answer{"linkedin/api-restricted", AppNotApproved, Operator, FixConfiguration, false}},
		{"old version", Input{Stage: platforms.StageAPI, HTTPStatus: 426, Body: `{"code":"NONEXISTENT_VERSION","message":"Requested version 20250401 is not active"}`}, answer{"linkedin/version-retired", InvalidRequest, Operator, FixConfiguration, false}},
		{"no version", Input{Stage: platforms.StageAPI, HTTPStatus: 400, ErrorCode: "VERSION_MISSING"}, answer{"linkedin/version-missing", InvalidRequest, Operator, FixConfiguration, false}},
		{"duplicate", Input{Stage: platforms.StageAPI, HTTPStatus: 422, ErrorMessage: "Duplicate post is detected"}, answer{"linkedin/duplicate", InvalidRequest, User, NoAction, false}},
		{"throttled", Input{Stage: platforms.StageAPI, HTTPStatus: 429, ErrorMessage: "Resource level throttle limit for calls to this resource is reached."}, answer{"linkedin/throttled", RateLimit, NobodyWait, Wait, true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.in.Platform = "linkedin"
			if got := answerOf(Diagnose(tt.in)); got != tt.want {
				t.Errorf("Diagnose(%+v) = %+v; want %+v", tt.in, got, tt.want)
			}
		})
	}
}

func TestLinkedInSharedMessageSaysItCannotTell(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"invalid_request", "invalid_redirect_uri"} {
		d := Diagnose(Input{Platform: "linkedin", Stage: platforms.StageExchange, HTTPStatus: 400, ErrorCode: code, ErrorMessage: linkedInShared})
		if d.Confidence > 0.6 {
			t.Errorf("Diagnose(%s).Confidence = %v; want at most 0.6", code, d.Confidence)
		}
		if !strings.Contains(strings.Join(d.PossibleCauses, " "), "cannot be told apart") {
			t.Errorf("Diagnose(%s).PossibleCauses = %q; want it to say that the causes cannot be told apart", code, d.PossibleCauses)
		}
	}
}

func TestDiagnoseGeneral(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		in   Input
		want answer
	}{
		// RFC 6749 §4.1.2.1
		{"invalid_request", Input{Stage: platforms.StageAuthorize, ErrorCode: "invalid_request"}, answer{"oauth/invalid-request", InvalidRequest, Operator, FixConfiguration, false}},
		{"unauthorized_client", Input{Stage: platforms.StageAuthorize, ErrorCode: "unauthorized_client"}, answer{"oauth/unauthorized-client", InvalidCredentials, Operator, FixConfiguration, false}},
		{"access_denied", Input{Stage: platforms.StageAuthorize, ErrorCode: "access_denied"}, answer{"oauth/access-denied", AccessDenied, User, Reconnect, false}},
		{"unsupported_response_type", Input{Stage: platforms.StageAuthorize, ErrorCode: "unsupported_response_type"}, answer{"oauth/unsupported", InvalidRequest, Operator, FixConfiguration, false}},
		{"invalid_scope", Input{Stage: platforms.StageAuthorize, ErrorCode: "invalid_scope"}, answer{"oauth/invalid-scope", InvalidScope, Operator, FixConfiguration, false}},
		{"server_error", Input{Stage: platforms.StageAuthorize, ErrorCode: "server_error"}, answer{"http/outage", PlatformOutage, PlatformIt, Retry, true}},
		{"temporarily_unavailable", Input{Stage: platforms.StageAuthorize, ErrorCode: "temporarily_unavailable"}, answer{"http/outage", PlatformOutage, PlatformIt, Retry, true}},
		// RFC 6749 §5.2
		{"invalid_client", Input{Stage: platforms.StageExchange, HTTPStatus: 401, ErrorCode: "invalid_client"}, answer{"oauth/invalid-client", InvalidCredentials, Operator, FixConfiguration, false}},
		{"invalid_grant for a code", Input{Stage: platforms.StageExchange, HTTPStatus: 400, ErrorCode: "invalid_grant", Class: platforms.ClassInvalid}, answer{"oauth/code-dead", InvalidState, User, Retry, false}},
		{"invalid_grant for a refresh token", Input{Stage: platforms.StageRefresh, HTTPStatus: 400, ErrorCode: "invalid_grant", Class: platforms.ClassRefreshDead}, answer{"oauth/refresh-dead", RevokedAccess, User, Reconnect, false}},
		{"unsupported_grant_type", Input{Stage: platforms.StageExchange, HTTPStatus: 400, ErrorCode: "unsupported_grant_type"}, answer{"oauth/unsupported", InvalidRequest, Operator, FixConfiguration, false}},
		{"invalid_scope on refresh", Input{Stage: platforms.StageRefresh, HTTPStatus: 400, ErrorCode: "invalid_scope", Class: platforms.ClassAppFault}, answer{"oauth/invalid-scope", InvalidScope, Operator, FixConfiguration, false}},
		{"form-encoded", Input{Stage: platforms.StageExchange, HTTPStatus: 400, Body: "error=invalid_grant&error_description=gone"}, answer{"oauth/code-dead", InvalidState, User, Retry, false}},
		{"truncated JSON", Input{Stage: platforms.StageRefresh, HTTPStatus: 400, Body: `{"error":"invalid_grant","error_descr`}, answer{"oauth/refresh-dead", RevokedAccess, User, Reconnect, false}},
		// RFC 6750 §3.1 and RFC 7009 §2.2.1
		{"invalid_token", Input{Stage: platforms.StageAPI, HTTPStatus: 401, ErrorCode: "invalid_token"}, answer{"api/access-token-dead", ExpiredToken, User, Reconnect, false}},
		{"insufficient_scope", Input{Stage: platforms.StageAPI, HTTPStatus: 403, ErrorCode: "insufficient_scope"}, answer{"api/scope-missing", InsufficientPermissions, User, Reconnect, false}},
		{"access_denied by an API", Input{Stage: platforms.StageAPI, HTTPStatus: 403, ErrorCode: "ACCESS_DENIED"}, answer{"api/scope-missing", InsufficientPermissions, User, Reconnect, false}},
		{"unsupported_token_type", Input{Stage: platforms.StageRevoke, HTTPStatus: 400, ErrorCode: "unsupported_token_type"}, answer{"revoke/refused", InvalidRequest, User, NoAction, false}},
		{"revoke while down", Input{Stage: platforms.StageRevoke, HTTPStatus: 502, Class: platforms.ClassTemporary}, answer{"revoke/unreachable", PlatformOutage, User, NoAction, true}},
		{"revoke with a wrong secret", Input{Stage: platforms.StageRevoke, HTTPStatus: 401, ErrorCode: "invalid_client", Class: platforms.ClassAppFault}, answer{"oauth/invalid-client", InvalidCredentials, Operator, FixConfiguration, false}},
		// HTTP
		{"400", Input{HTTPStatus: 400}, answer{"http/bad-request", InvalidRequest, Operator, FixConfiguration, false}},
		{"401 at the token endpoint", Input{Stage: platforms.StageExchange, HTTPStatus: 401}, answer{"oauth/invalid-client", InvalidCredentials, Operator, FixConfiguration, false}},
		{"401 at the API", Input{Stage: platforms.StageAPI, HTTPStatus: 401}, answer{"api/access-token-dead", ExpiredToken, User, Reconnect, false}},
		{"402", Input{HTTPStatus: 402}, answer{"http/payment", RateLimit, Operator, FixConfiguration, false}},
		{"403 at the token endpoint", Input{Stage: platforms.StageRefresh, HTTPStatus: 403, Class: platforms.ClassAppFault}, answer{"http/app-refused", AppNotApproved, Operator, FixConfiguration, false}},
		{"403 at the API", Input{Stage: platforms.StageAPI, HTTPStatus: 403}, answer{"api/scope-missing", InsufficientPermissions, User, Reconnect, false}},
		{"404", Input{HTTPStatus: 404}, answer{"http/wrong-address", InvalidRequest, Operator, FixConfiguration, false}},
		{"408", Input{HTTPStatus: 408, Class: platforms.ClassTemporary}, answer{"http/outage", PlatformOutage, PlatformIt, Retry, true}},
		{"429", Input{HTTPStatus: 429}, answer{"http/rate-limit", RateLimit, NobodyWait, Wait, true}},
		{"429 as a page", Input{HTTPStatus: 429, Body: "<html></html>", Class: platforms.ClassRateLimited}, answer{"http/rate-limit", RateLimit, NobodyWait, Wait, true}},
		{"500", Input{HTTPStatus: 500}, answer{"http/outage", PlatformOutage, PlatformIt, Retry, true}},
		{"599", Input{HTTPStatus: 599}, answer{"http/outage", PlatformOutage, PlatformIt, Retry, true}},
		{"firewall", Input{Stage: platforms.StageAPI, HTTPStatus: 403, Body: "<!DOCTYPE html>", Class: platforms.ClassTemporary}, answer{"http/web-page", PlatformOutage, PlatformIt, Retry, true}},
		// Not failures that anybody knows
		{"friendly notice", Input{ErrorMessage: "Your connection request to Anna has been accepted."}, answer{rule: "unknown/quiet", issue: Unknown, fixableBy: Operator, action: Retry}},
		{"one word", Input{ErrorMessage: "token"}, answer{rule: "unknown/quiet", issue: Unknown, fixableBy: Operator, action: Retry}},
		{"another word", Input{ErrorMessage: "denied"}, answer{rule: "unknown/quiet", issue: Unknown, fixableBy: Operator, action: Retry}},
		{"success", Input{HTTPStatus: 200}, answer{rule: "unknown", issue: Unknown, fixableBy: Operator, action: Retry}},
		{"LinkedIn's number elsewhere", Input{ErrorCode: "65601"}, answer{rule: "unknown", issue: Unknown, fixableBy: Operator, action: Retry}},
		{"words too far apart", Input{ErrorMessage: "access token" + strings.Repeat(" log", 40) + " expired"}, answer{rule: "unknown", issue: Unknown, fixableBy: Operator, action: Retry}},
		{"words together", Input{ErrorMessage: "access token" + strings.Repeat(" log", 40) + " access token expired"}, answer{"api/access-token-dead", ExpiredToken, User, Reconnect, false}},
		{"nothing", Input{}, answer{issue: Unknown, fixableBy: Operator, action: Retry}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := Diagnose(tt.in)
			if got := answerOf(d); got != tt.want {
				t.Errorf("Diagnose(%+v) = %+v; want %+v", tt.in, got, tt.want)
			}
			if unknown := d.IssueType == Unknown; unknown != (d.Confidence <= unknownConfidence) {
				t.Errorf("Diagnose(%+v) = %s with confidence %v", tt.in, d.IssueType, d.Confidence)
			}
		})
	}
}

// exportedCodes reads the Code constants from the source, so that none is
// forgotten here.
func exportedCodes(t *testing.T) map[string]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "input.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	codes := map[string]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok && strings.HasPrefix(spec.Names[0].Name, "Code") {
			value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			codes[spec.Names[0].Name] = value
		}
		return true
	})
	return codes
}

func TestEveryCodeIsKnown(t *testing.T) {
	t.Parallel()
	codes := exportedCodes(t)
	if len(codes) < 10 {
		t.Fatalf("found the constants %v; want all of input.go", codes)
	}
	for name, code := range codes {
		for _, platform := range []string{"", "twitter", "linkedin", "elsewhere"} {
			d := Diagnose(Input{Platform: platform, Stage: platforms.StageAuthorize, ErrorCode: code})
			if d.IssueType == Unknown || d.Confidence < 0.7 {
				t.Errorf("Diagnose(%q, %s) = %s with confidence %v; want it known", platform, name, d.IssueType, d.Confidence)
			}
		}
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	tests := []struct {
		wait    time.Duration
		seconds *int
		words   string
	}{
		{0, nil, "Wait a few minutes, "},
		{-time.Second, nil, "Wait a few minutes, "},
		{time.Millisecond, new(1), "Wait 1 second, "},
		{90 * time.Second, new(90), "Wait 90 seconds, "},
		{90*time.Second + 1, new(91), "Wait 2 minutes, "},
		{15 * time.Minute, new(900), "Wait 15 minutes, "},
		{3 * time.Hour, new(10800), "Wait 3 hours, "},
	}
	for _, tt := range tests {
		d := Diagnose(Input{Platform: "twitter", HTTPStatus: 429, RetryAfter: tt.wait})
		if diff := cmp.Diff(tt.seconds, d.RetryAfterSeconds); diff != "" {
			t.Errorf("Diagnose(retry after %v).RetryAfterSeconds (-want +got):\n%s", tt.wait, diff)
		}
		if !strings.HasPrefix(d.Solutions[0], tt.words) {
			t.Errorf("Diagnose(retry after %v).Solutions[0] = %q; want it to begin with %q", tt.wait, d.Solutions[0], tt.words)
		}
	}
}

func TestFactsMakeSentencesConcrete(t *testing.T) {
	t.Parallel()
	in := Input{Platform: "twitter", Stage: platforms.StageExchange, HTTPStatus: 400, ErrorCode: "invalid_request", ErrorMessage: "Value passed for the redirect uri did not match the uri of the authorization code."}
	without := strings.Join(Diagnose(in).Solutions, "\n")
	in.Facts = Facts{RedirectURI: "https://mooring.example/api/oauth/twitter/callback", AppName: "Harbour {{console}}"}
	with := strings.Join(Diagnose(in).Solutions, "\n")
	for _, want := range []string{"this callback URI: https://mooring.example/api/oauth/twitter/callback", "choose Harbour {{console}}, then"} {
		if !strings.Contains(with, want) {
			t.Errorf("solutions = %s\nwant them to contain %q", with, want)
		}
	}
	if want := "choose your app, then"; !strings.Contains(without, want) {
		t.Errorf("solutions without facts = %s\nwant them to contain %q", without, want)
	}
}

func TestEvidence(t *testing.T) {
	t.Parallel()
	d := Diagnose(Input{Platform: "twitter", Stage: platforms.StageExchange, HTTPStatus: 400, Body: xTokenError("invalid_request", "Value passed for the code verifier did not match the code challenge.")})
	want := []Evidence{
		{"twitter/pkce", "body", "invalid_request"},
		{"twitter/pkce", "body", "Value passed for the code verifier did not match"},
	}
	if diff := cmp.Diff(want, d.Evidence); diff != "" {
		t.Errorf("evidence (-want +got):\n%s", diff)
	}

	d = Diagnose(Input{ErrorMessage: "<b>\x1b[31m\xff\u202e" + strings.Repeat("ä", 300)})
	want = []Evidence{{"unknown/quiet", "errorMessage", `&lt;b&gt;\x1b[31m�\u202e` + strings.Repeat("ä", 175) + "…"}}
	if diff := cmp.Diff(want, d.Evidence); diff != "" {
		t.Errorf("evidence of the unknown (-want +got):\n%s", diff)
	}
}

func TestDocsURL(t *testing.T) {
	t.Parallel()
	tests := []struct {
		in   Input
		want *string
	}{
		{Input{Platform: "linkedin", Stage: platforms.StageAPI, HTTPStatus: 429}, new(linkedInLimits)},
		{Input{ErrorCode: "access_denied"}, new(rfcErrors)},
		{Input{Platform: "nowhere", HTTPStatus: 503}, nil},
		{Input{ErrorCode: CodeOtherBrowser}, nil},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, Diagnose(tt.in).DocsURL); diff != "" {
			t.Errorf("Diagnose(%+v).DocsURL (-want +got):\n%s", tt.in, diff)
		}
	}
	for _, p := range platforms.All() {
		if got := Diagnose(Input{Platform: p.ID, HTTPStatus: 503}).DocsURL; got == nil || *got != p.StatusURL {
			t.Errorf("Diagnose(%s, 503).DocsURL = %v; want %s", p.ID, got, p.StatusURL)
		}
	}
}

func TestPlatformIsTheKnownOne(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]*string{"": nil, "elsewhere": nil, "linkedin": new("linkedin")} {
		if diff := cmp.Diff(want, Diagnose(Input{Platform: id}).Platform); diff != "" {
			t.Errorf("Diagnose(%q).Platform (-want +got):\n%s", id, diff)
		}
	}
}

func FuzzDiagnose(f *testing.F) {
	for _, set := range allSets() {
		for _, r := range set.rules {
			for _, in := range r.examples {
				f.Add(set.platform, string(in.Stage), in.HTTPStatus, in.ErrorCode, in.ErrorSubcode, in.ErrorMessage, in.Body, string(in.Class))
			}
		}
	}
	f.Add("twitter", "API", -1, "\xff", "{{", `{"error":{"error":[[[{"error":{}}]]]}}`, `{"a":`+strings.Repeat("[", 9000), "x")
	f.Add("", "", 0, "", "", "?error=%zz&error", "<"+strings.Repeat("&", 20000), "")
	f.Fuzz(func(t *testing.T, platform, stage string, status int, code, subcode, message, body, class string) {
		in := Input{
			Platform: platform, Stage: platforms.Stage(stage), HTTPStatus: status, ErrorCode: code,
			ErrorSubcode: subcode, ErrorMessage: message, Body: body, Class: platforms.Class(class),
		}
		d := Diagnose(in)
		checkDiagnosis(t, d)
		if diff := cmp.Diff(d, Diagnose(in)); diff != "" {
			t.Errorf("Diagnose(%+v) differs the second time:\n%s", in, diff)
		}
	})
}

// checkDiagnosis holds what is promised of every diagnosis.
func checkDiagnosis(t *testing.T, d Diagnosis) {
	t.Helper()
	if d.IssueType == "" || d.Severity == "" || d.FixableBy == "" || d.SuggestedAction == "" {
		t.Errorf("an enum is empty in %+v", d)
	}
	if d.Confidence < 0 || d.Confidence > maxConfidence {
		t.Errorf("confidence = %v; want 0 to %v", d.Confidence, maxConfidence)
	}
	if len(d.PossibleCauses) == 0 || len(d.Solutions) == 0 || d.Evidence == nil {
		t.Errorf("something is missing in %+v", d)
	}
	for _, sentence := range append(append([]string{}, d.PossibleCauses...), d.Solutions...) {
		if sentence == "" || strings.Contains(sentence, "{{") || strings.Contains(sentence, "}}") {
			t.Errorf("sentence = %q; want no placeholder", sentence)
		}
	}
	for _, e := range d.Evidence {
		if n := utf8.RuneCountInString(e.Value); n > maxValue || !utf8.ValidString(e.Value) || strings.ContainsAny(e.Value, "<>\n\x1b") {
			t.Errorf("evidence = %q (%d runes); want it short and escaped", e.Value, n)
		}
	}
}

func BenchmarkDiagnose(b *testing.B) {
	page := "<!DOCTYPE html><html>" + strings.Repeat("<p>Attention required</p>", 600) + "</html>"
	for _, bb := range []struct {
		name string
		in   Input
	}{
		{"code", Input{Platform: "twitter", Stage: platforms.StageAuthorize, ErrorCode: "access_denied"}},
		{"body", Input{Platform: "linkedin", Stage: platforms.StageExchange, HTTPStatus: 400, Body: xTokenError("invalid_request", linkedInShared)}},
		{"message", Input{Platform: "twitter", ErrorMessage: "Request failed: Value passed for the token was invalid."}},
		{"unknown", Input{Platform: "linkedin", ErrorMessage: "Your connection request to Anna has been accepted."}},
		{"page", Input{Platform: "linkedin", Stage: platforms.StageAPI, HTTPStatus: 403, Body: page}},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Diagnose(bb.in)
			}
		})
	}
}
