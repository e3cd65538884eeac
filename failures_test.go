package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"mooring/platforms"
)

// failure is one that a fact sheet knows, played again.
type failure struct {
	row     string // of the fact sheet, with what happens there
	ask     string // connect, validate, permissions, disconnect or import
	input   map[string]any
	persona string
	form    url.Values
	answer  url.Values
	// before are what happens before the question: `fault {…}`, `app {…}`, or an
	// action on the person's grants with its body.
	before []string
	want   string
	words  string // among those that people read
	ends   bool   // the platform says for good that the account's token is dead
}

// fault is an answer that a platform is known for.
func fault(endpoint string, status int, body string) string {
	return fmt.Sprintf(`fault {"endpoint": %q, "status": %d, "body": %s}`, endpoint, status, body)
}

// tokenError is a token endpoint's refusal, RFC 6749 §5.2.
func tokenError(status int, code, description string) string {
	return fault("token", status, fmt.Sprintf(`{"error": %q, "error_description": %q}`, code, description))
}

// graphError is one of Meta's Graph API; subcode 0: none.
func graphError(endpoint string, status, code, subcode int, message string) string {
	return fault(endpoint, status, fmt.Sprintf(
		`{"error": {"message": %q, "type": "OAuthException", "code": %d, "error_subcode": %d, "fbtrace_id": "A"}}`, message, code, subcode))
}

// instagramError is one of Instagram's token endpoint.
func instagramError(message string) string {
	return fault("token", 400, fmt.Sprintf(`{"error_type": "OAuthException", "code": 400, "error_message": %q}`, message))
}

// tikTokError is one of TikTok's API, which comes with 200 as well.
func tikTokError(endpoint string, status int, code string) string {
	return fault(endpoint, status, fmt.Sprintf(`{"data": {}, "error": {"code": %q, "message": "", "log_id": "1"}}`, code))
}

func pinterestError(endpoint string, status, code int, message string) string {
	return fault(endpoint, status, fmt.Sprintf(`{"code": %d, "message": %q}`, code, message))
}

func inputOf(name string, value any) map[string]any { return map[string]any{name: value} }

// known are the failures of the fact sheets by platform and login method,
// except those of refreshing.
func known() map[string][]failure {
	const (
		outage = `fault {"preset": "outage"}`
		later  = "age " + inTenMinutes
	)
	denied := url.Values{"decision": {"deny"}}
	return map[string][]failure{
		"twitter/DEFAULT": {
			{row: "a: the secret does not fit", ask: "connect", before: []string{`app {"secret": "rotated"}`},
				want: "FAILED INVALID_CREDENTIALS OPERATOR", words: "TWITTER_CLIENT_SECRET"},
			{row: "b: the app is a Native App", ask: "connect",
				before: []string{tokenError(401, "unauthorized_client", "Missing valid authorization header")},
				want:   "FAILED INVALID_CREDENTIALS OPERATOR", words: "Web App"},
			{row: "d: the code is older than 30 seconds", ask: "connect",
				before: []string{tokenError(400, "invalid_request", "Value passed for the authorization code was invalid.")},
				want:   "FAILED INVALID_STATE USER"},
			{row: "e: the verifier does not fit", ask: "connect",
				before: []string{tokenError(400, "invalid_request", "Value passed for the code verifier did not match the code challenge.")},
				want:   "FAILED INVALID_STATE USER"},
			{row: "redirect differs at the exchange", ask: "connect",
				before: []string{tokenError(400, "invalid_request", "Value passed for the redirect uri did not match the uri of the authorization code.")},
				want:   "FAILED REDIRECT_URI_MISMATCH OPERATOR"},
			{row: "f: X gives no access to the app", ask: "connect", before: []string{`app {"suspended": true}`}, want: "stopped"},
			{row: "the person says no", ask: "connect", form: denied, want: "CANCELLED ACCESS_DENIED USER"},
			{row: "g: 429 when the profile is read", ask: "connect",
				before: []string{`fault {"endpoint": "profile", "status": 429, "headers": {"x-rate-limit-limit": "1", "x-rate-limit-remaining": "0", "x-rate-limit-reset": "4102444800"}, "body": {"title":"Too Many Requests","detail":"Too Many Requests","type":"about:blank","status":429}}`},
				want:   "FAILED RATE_LIMIT NOBODY_WAIT transient"},
			{row: "h: without media.write", ask: "connect",
				before: []string{`fault {"endpoint": "token", "scopes": ["users.read", "tweet.read", "offline.access", "tweet.write"]}`},
				want:   "COMPLETED, PUBLISH lacks media.write"},
			{row: "i: no credits", ask: "validate", before: []string{`fault {"preset": "twitter-credits"}`},
				want: "unknown: PLATFORM_UNAVAILABLE RATE_LIMIT OPERATOR", words: "credits"},
			{row: "the app is in no project", ask: "validate", before: []string{`app {"suspended": true}`},
				want: "unknown: PLATFORM_UNAVAILABLE APP_NOT_APPROVED OPERATOR"},
			{row: "k: without offline.access", ask: "connect",
				before: []string{`fault {"endpoint": "token", "scopes": ["users.read", "tweet.read", "tweet.write", "media.write"]}`},
				want:   "FAILED INSUFFICIENT_PERMISSIONS USER", words: "offline.access"},
			{row: "401 for a token that may be refreshed", ask: "validate", before: []string{later, `revoke {}`},
				want: "unknown: PLATFORM_UNAVAILABLE EXPIRED_TOKEN USER"},
			{row: "a token that X does not know", ask: "disconnect", before: []string{`revoke {}`}, want: "revoked"},
			{row: "a dead token from elsewhere", ask: "import", before: []string{`revoke {}`}, want: "PLATFORM_REFUSED EXPIRED_TOKEN USER"},
			{row: "a firewall's page", ask: "validate", before: []string{`fault {"preset": "html-403"}`},
				want: "unknown: PLATFORM_UNAVAILABLE PLATFORM_OUTAGE PLATFORM transient"},
			{row: "l: a token of OAuth 1.0a, as other projects have them", ask: "import",
				before: []string{fault("profile", 403, `{"title":"Unsupported Authentication","detail":"Authenticating with Unknown is forbidden for this endpoint.  Supported authentication types are [OAuth 1.0a User Context, OAuth 2.0 User Context].","type":"https://api.twitter.com/2/problems/unsupported-authentication","status":403}`)},
				want:   "PLATFORM_REFUSED INVALID_REQUEST OPERATOR", words: "consent page"},
		},

		"linkedin/DEFAULT": {
			{row: "a: a new token is called revoked", ask: "connect", before: []string{`fault {"preset": "linkedin-fresh-token"}`}, want: "COMPLETED"},
			{row: "b: the secret does not fit", ask: "connect", before: []string{`app {"secret": "rotated"}`},
				want: "FAILED INVALID_CREDENTIALS OPERATOR", words: "LINKEDIN_CLIENT_SECRET"},
			{row: "c: another issuer", ask: "connect", answer: url.Values{"iss": {"https://www.linkedin.com"}},
				want: "FAILED INVALID_STATE OPERATOR"},
			{row: "d: a scope of an old product", ask: "connect", input: inputOf("scopes", []string{"r_liteprofile"}),
				want: "FAILED INVALID_SCOPE OPERATOR", words: "r_liteprofile"},
			{row: "e: scopes of pages without their product", ask: "connect",
				answer: url.Values{"code": nil, "error": {"unauthorized_scope_error"}, "error_description": {"Scope &quot;w_organization_social&quot; is not authorized for your application"}},
				want:   "FAILED INVALID_SCOPE OPERATOR", words: "Community Management API"},
			{row: "g: no refresh token", ask: "connect", form: url.Values{"refresh": {"no"}}, want: "COMPLETED"},
			{row: "f: a consent that asked nobody has fewer scopes", ask: "connect",
				before: []string{`fault {"endpoint": "token", "scopes": ["openid", "profile"]}`},
				want:   "COMPLETED, PUBLISH lacks w_member_social"},
			{row: "the person leaves the login", ask: "connect", form: url.Values{"decision": {"cancel_login"}}, want: "CANCELLED ACCESS_DENIED USER"},
			{row: "three causes with one text", ask: "connect",
				before: []string{tokenError(400, "invalid_redirect_uri", "Unable to retrieve access token: appid/redirect uri/code verifier does not match authorization code. Or authorization code expired. Or external member binding exists")},
				want:   "FAILED REDIRECT_URI_MISMATCH OPERATOR", words: "cannot be told apart"},
			{row: "h: the version has ended", ask: "validate", before: []string{`fault {"preset": "linkedin-version"}`},
				want: "unknown: PLATFORM_UNAVAILABLE INVALID_REQUEST OPERATOR", words: "LINKEDIN_VERSION"},
			{row: "i: 403 for a scope that is not there", ask: "validate", before: []string{`shrink {"scopes": ["openid"]}`},
				want: "unknown: PLATFORM_UNAVAILABLE INSUFFICIENT_PERMISSIONS USER"},
			{row: "k: scope missing when it is asked for", ask: "permissions", before: []string{`shrink {"scopes": ["openid", "profile"]}`},
				want: "read INTROSPECTION, PUBLISH lacks w_member_social"},
			{row: "revoked by the member", ask: "validate", before: []string{later, `revoke {}`}, want: "invalid REVOKED_ACCESS", ends: true},
			{row: "revoked by the member, when scopes are asked for", ask: "permissions", before: []string{later, `revoke {}`},
				want: "PLATFORM_REFUSED REVOKED_ACCESS USER", ends: true},
			{row: "expired", ask: "validate", before: []string{`age {"expiresInSeconds": -60}`}, want: "invalid EXPIRED_TOKEN"},
			{row: "the day's quota", ask: "validate",
				before: []string{fault("profile", 429, `{"status":429,"message":"Resource level throttle limit for calls to this resource is reached."}`)},
				want:   "unknown: PLATFORM_UNAVAILABLE RATE_LIMIT NOBODY_WAIT transient"},
			{row: "there is no revocation", ask: "disconnect", want: "not revoked"},
		},

		"pinterest/DEFAULT": {
			{row: "a: Trial access", ask: "validate",
				before: []string{pinterestError("profile", 403, 29, "Apps with Trial access may not create Pins in production https://api.pinterest.com - use API Sandbox https://api-sandbox.pinterest.com instead.")},
				want:   "valid, warns of TRIAL_ACCESS"},
			{row: "b: pins that nobody sees", ask: "validate", persona: "wren", want: "valid, warns of TRIAL_ACCESS"},
			{row: "c: 401 code 3", ask: "validate", before: []string{`shrink {"scopes": ["pins:read"]}`},
				want: "unknown: PLATFORM_UNAVAILABLE INSUFFICIENT_PERMISSIONS USER"},
			{row: "f: 283 at the exchange", ask: "connect",
				before: []string{pinterestError("token", 401, 283, "The authorization grant is invalid")},
				want:   "FAILED INVALID_STATE USER"},
			{row: "g: 401 code 2 at the token endpoint", ask: "connect", before: []string{`app {"secret": "rotated"}`},
				want: "FAILED INVALID_CREDENTIALS OPERATOR", words: "PINTEREST_CLIENT_SECRET"},
			{row: "Pinterest knows no such app", ask: "connect", before: []string{`app {"suspended": true}`}, want: "stopped"},
			{row: "i: a token of another environment", ask: "import", before: []string{`revoke {}`}, want: "PLATFORM_REFUSED EXPIRED_TOKEN USER"},
			{row: "k: not refreshed for 30 days", ask: "validate", before: []string{`age {"expiresInSeconds": -60}`},
				want: "unknown: PLATFORM_UNAVAILABLE EXPIRED_TOKEN USER"},
			{row: "l: a scope of the first version", ask: "connect", input: inputOf("scopes", []string{"read_public"}), want: "stopped", words: "read_public"},
			{row: "not permitted", ask: "validate", before: []string{pinterestError("profile", 403, 29, "You are not permitted to access that resource.")},
				want: "unknown: PLATFORM_UNAVAILABLE INSUFFICIENT_PERMISSIONS USER"},
			{row: "the code is the status", ask: "connect", before: []string{pinterestError("profile", 403, 403, "Not authorized to access the user account.")},
				want: "FAILED INSUFFICIENT_PERMISSIONS USER"},
			{row: "the limit is reached", ask: "validate",
				before: []string{`fault {"endpoint": "profile", "status": 429, "headers": {"x-ratelimit-reset": "41"}, "body": {"code":8,"message":"You have exceeded your rate limit."}}`},
				want:   "unknown: PLATFORM_UNAVAILABLE RATE_LIMIT NOBODY_WAIT transient"},
			{row: "a denial", ask: "connect", form: denied, want: "CANCELLED ACCESS_DENIED USER"},
			{row: "there is no revocation", ask: "disconnect", want: "not revoked"},
			{row: "an outage", ask: "connect", before: []string{`fault {"preset": "outage", "endpoint": "token"}`}, want: "FAILED PLATFORM_OUTAGE PLATFORM transient"},
		},

		"tiktok/DEFAULT": {
			{row: "a: the page names client_key", ask: "connect", before: []string{`app {"suspended": true}`}, want: "stopped"},
			{row: "b: the verifier does not fit", ask: "connect",
				before: []string{tokenError(200, "invalid_request", "Code verifier or code challenge is invalid.")},
				want:   "FAILED INVALID_STATE USER", words: "Desktop"},
			{row: "d: keys of the Sandbox and of production mixed", ask: "connect", before: []string{`app {"secret": "rotated"}`},
				want: "FAILED INVALID_CREDENTIALS OPERATOR", words: "TIKTOK_CLIENT_SECRET"},
			{row: "e: the redirect does not fit", ask: "connect",
				before: []string{tokenError(200, "invalid_request", "Redirect_uri is not matched with the uri when requesting code.")},
				want:   "FAILED REDIRECT_URI_MISMATCH OPERATOR"},
			{row: "f: a failed exchange looks like missing scopes", ask: "connect",
				before: []string{tokenError(200, "invalid_grant", "Authorization code is expired.")},
				want:   "FAILED INVALID_STATE USER"},
			{row: "g: not audited", ask: "validate",
				before: []string{tikTokError("creatorInfo", 403, "unaudited_client_can_only_post_to_private_accounts")},
				want:   "unknown: PLATFORM_UNAVAILABLE APP_NOT_APPROVED OPERATOR"},
			{row: "h: five people a day", ask: "validate",
				before: []string{tikTokError("creatorInfo", 200, "reached_active_user_cap")},
				want:   "valid, warns of APP_USER_CAP_REACHED"},
			{row: "i: scopes before the approval", ask: "connect", answer: url.Values{"code": nil, "error": {"invalid_scope"}},
				want: "FAILED INVALID_SCOPE OPERATOR"},
			{row: "j: malformed", ask: "connect",
				before: []string{tokenError(200, "invalid_request", "The request parameters are malformed.")},
				want:   "FAILED INVALID_REQUEST OPERATOR"},
			{row: "a scope unticked since", ask: "validate", before: []string{`shrink {"scopes": ["video.publish"]}`},
				want: "unknown: PLATFORM_UNAVAILABLE INSUFFICIENT_PERMISSIONS USER"},
			{row: "expired and revoked alike", ask: "validate", before: []string{later, `revoke {}`},
				want: "unknown: PLATFORM_UNAVAILABLE EXPIRED_TOKEN USER"},
			{row: "too many requests", ask: "validate",
				before: []string{tikTokError("profile", 429, "rate_limit_exceeded")},
				want:   "unknown: PLATFORM_UNAVAILABLE RATE_LIMIT NOBODY_WAIT transient"},
			{row: "TikTok's own trouble", ask: "connect",
				before: []string{tikTokError("profile", 500, "internal_error")},
				want:   "FAILED PLATFORM_OUTAGE PLATFORM transient"},
			{row: "a refusal", ask: "connect", form: denied, want: "CANCELLED ACCESS_DENIED USER"},
			{row: "taken back", ask: "disconnect", want: "revoked"},
		},

		"google_youtube/DEFAULT": {
			{row: "5: not the brand account", ask: "connect", persona: "noel", want: "FAILED ACCOUNT_SETUP_INCOMPLETE USER"},
			{row: "7: a scope unticked", ask: "connect", form: url.Values{"scope": {"openid", "https://www.googleapis.com/auth/youtube.upload"}},
				want: "FAILED INSUFFICIENT_PERMISSIONS USER", words: "youtube.readonly"},
			{row: "7: a scope taken away since", ask: "validate", before: []string{`shrink {"scopes": ["openid"]}`},
				want: "unknown: PLATFORM_UNAVAILABLE INSUFFICIENT_PERMISSIONS USER"},
			{row: "8: 5xx", ask: "validate", before: []string{outage}, want: "unknown: PLATFORM_UNAVAILABLE PLATFORM_OUTAGE PLATFORM transient"},
			{row: "10: 401 for an account without channel", ask: "connect",
				before: []string{fault("profile", 401, `{"error":{"code":401,"message":"Unauthorized","errors":[{"message":"Unauthorized","domain":"youtube.header","reason":"youtubeSignupRequired"}]}}`)},
				want:   "FAILED ACCOUNT_SETUP_INCOMPLETE USER"},
			{row: "10: the channel is gone", ask: "validate",
				before: []string{fault("profile", 401, `{"error":{"code":401,"message":"Unauthorized","errors":[{"message":"Unauthorized","domain":"youtube.header","reason":"youtubeSignupRequired"}]}}`)},
				want:   "invalid NO_CHANNEL"},
			{row: "12: no items", ask: "validate", before: []string{fault("profile", 200, `{"kind":"youtube#channelListResponse","pageInfo":{"totalResults":0}}`)},
				want: "invalid NO_CHANNEL"},
			{row: "deleted_client", ask: "connect", before: []string{tokenError(401, "deleted_client", "The OAuth client was deleted.")},
				want: "FAILED INVALID_CREDENTIALS OPERATOR"},
			{row: "invalid_client", ask: "connect", before: []string{`app {"secret": "rotated"}`},
				want: "FAILED INVALID_CREDENTIALS OPERATOR", words: "GOOGLE_CLIENT_SECRET"},
			{row: "redirect_uri_mismatch", ask: "connect", before: []string{tokenError(400, "redirect_uri_mismatch", "Bad Request")},
				want: "FAILED REDIRECT_URI_MISMATCH OPERATOR"},
			{row: "quotaExceeded", ask: "validate", before: []string{`fault {"preset": "youtube-quota"}`},
				want: "unknown: PLATFORM_UNAVAILABLE RATE_LIMIT NOBODY_WAIT transient"},
			{row: "accessNotConfigured", ask: "connect",
				before: []string{fault("profile", 403, `{"error":{"code":403,"message":"m","errors":[{"domain":"usageLimits","reason":"accessNotConfigured","message":"m"}],"status":"PERMISSION_DENIED","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"SERVICE_DISABLED"}]}}`)},
				want:   "FAILED APP_NOT_APPROVED OPERATOR", words: "YouTube Data API"},
			{row: "401 authError", ask: "validate", before: []string{later, `revoke {}`},
				want: "unknown: PLATFORM_UNAVAILABLE EXPIRED_TOKEN USER"},
			{row: "revoked already", ask: "disconnect", before: []string{`revoke {}`}, want: "revoked"},
			{row: "a dead token from elsewhere", ask: "import", before: []string{`revoke {}`}, want: "PLATFORM_REFUSED EXPIRED_TOKEN USER"},
		},

		"meta_facebook/DEFAULT": {
			{row: "1: no Page of a portfolio", ask: "connect", persona: "odd",
				form: url.Values{"scope": {"public_profile", "pages_show_list", "pages_read_engagement", "pages_manage_posts"}},
				want: "COMPLETED 29"},
			{row: "2: the list goes on", ask: "connect", persona: "odd", want: "COMPLETED 30"},
			{row: "3: the first part of the list has no Page", ask: "connect",
				before: []string{fault("pages", 200, `{"data":[],"paging":{"cursors":{"after":"e30"},"next":"https://graph.facebook.com/v25.0/me/accounts?after=e30"}}`)},
				want:   "COMPLETED 2"},
			{row: "5: a Page without a token", ask: "connect", persona: "yusuf",
				before: []string{fault("pages", 200, `{"data":[{"id":"1","name":"A","access_token":""},{"id":"2","name":"B"},{"id":"3","name":"C","access_token":"EAABpage-token-of-three"}]}`)},
				want:   "COMPLETED"},
			{row: "7: code_verifier", ask: "connect",
				before: []string{graphError("token", 400, 1, 0, "code_verifier param is provided without a code_challenge in authorization request")},
				want:   "FAILED INVALID_REQUEST OPERATOR"},
			{row: "8: the app demands a proof", ask: "connect", before: []string{`app {"requireProof": true}`}, want: "COMPLETED 2"},
			{row: "8: the proof is refused", ask: "validate",
				before: []string{graphError("introspect", 400, 100, 0, "Invalid appsecret_proof provided in the API argument")},
				want:   "unknown: PLATFORM_UNAVAILABLE INVALID_CREDENTIALS OPERATOR"},
			{row: "9: Invalid Scopes", ask: "connect", input: inputOf("scopes", []string{"manage_pages"}), want: "stopped", words: "manage_pages"},
			{row: "11: in Development mode", ask: "connect", persona: "ivo", want: "stopped", words: "App not active"},
			{row: "12: the password was changed", ask: "validate", before: []string{later, `password {}`}, want: "invalid REVOKED_ACCESS", ends: true},
			{row: "13: nothing ticked", ask: "connect", form: url.Values{"asset": {""}}, want: "FAILED ACCOUNT_SETUP_INCOMPLETE USER"},
			{row: "14: 60 days later", ask: "validate", before: []string{`age {"expiresInSeconds": -60}`}, want: "valid, warns of GRANT_ENDS"},
			{row: "190/458: the app was removed", ask: "validate", before: []string{later, `revoke {}`}, want: "invalid REVOKED_ACCESS", ends: true},
			{row: "190/458: when scopes are asked for", ask: "permissions", before: []string{later, `revoke {}`}, want: "PLATFORM_REFUSED REVOKED_ACCESS USER", ends: true},
			{row: "the code was used", ask: "connect",
				before: []string{graphError("token", 400, 100, 36009, "This authorization code has been used.")},
				want:   "FAILED INVALID_STATE USER"},
			{row: "a wrong secret", ask: "connect", before: []string{`app {"secret": "rotated"}`},
				want: "FAILED INVALID_CREDENTIALS OPERATOR", words: "META_APP_SECRET"},
			{row: "code 4", ask: "validate",
				before: []string{graphError("introspect", 400, 4, 0, "(#4) Application request limit reached")},
				want:   "unknown: PLATFORM_UNAVAILABLE RATE_LIMIT NOBODY_WAIT transient"},
			{row: "code 2", ask: "connect",
				before: []string{graphError("pages", 500, 2, 0, "Service temporarily unavailable")},
				want:   "FAILED PLATFORM_OUTAGE PLATFORM transient"},
			{row: "code 10", ask: "connect",
				before: []string{graphError("pages", 403, 10, 0, "(#10) This endpoint requires the 'pages_read_engagement' permission")},
				want:   "FAILED INSUFFICIENT_PERMISSIONS USER"},
			{row: "a denial", ask: "connect", form: denied, want: "CANCELLED ACCESS_DENIED USER"},
			{row: "a dead token from elsewhere", ask: "import", before: []string{`revoke {}`}, want: "PLATFORM_REFUSED REVOKED_ACCESS USER"},
		},

		"meta_instagram/FACEBOOK_LOGIN": {
			{row: "ticked apart from the Page", ask: "connect", form: url.Values{"asset": {"104455667788990", "104455667788991"}},
				want: "FAILED ACCOUNT_SETUP_INCOMPLETE USER", words: "ticked the Page and not the Instagram account"},
			{row: "the Page is not ticked", ask: "connect", form: url.Values{"asset": {"17841400099887766"}}, want: "FAILED ACCOUNT_SETUP_INCOMPLETE USER"},
			{row: "no Page is linked", ask: "connect", persona: "yusuf", want: "FAILED ACCOUNT_SETUP_INCOMPLETE USER"},
			{row: "code 100 for an unknown field", ask: "connect",
				before: []string{graphError("pages", 400, 100, 0, "(#100) Tried accessing nonexisting field (account_type) on node type (InstagramUser)")},
				want:   "FAILED INVALID_REQUEST OPERATOR"},
			{row: "code 80002", ask: "validate",
				before: []string{`fault {"endpoint": "profile", "status": 400, "headers": {"X-Business-Use-Case-Usage": "{\"17841400099887766\":[{\"type\":\"instagram\",\"call_count\":101,\"total_cputime\":1,\"total_time\":1,\"estimated_time_to_regain_access\":12}]}"}, "body": {"error":{"message":"(#80002) There have been too many calls to this Instagram account.","type":"OAuthException","code":80002,"fbtrace_id":"A"}}}`},
				want:   "unknown: PLATFORM_UNAVAILABLE RATE_LIMIT NOBODY_WAIT transient"},
			{row: "subcode 33: gone", ask: "validate",
				before: []string{graphError("profile", 400, 100, 33, "Unsupported get request. Object with ID '17841400099887766' does not exist")},
				want:   "invalid NOT_REACHED"},
			{row: "a permission removed", ask: "validate", before: []string{`shrink {"scopes": ["public_profile", "pages_show_list"]}`}, want: "invalid NOT_LINKED"},
			{row: "the app was removed", ask: "validate", before: []string{later, `revoke {}`}, want: "invalid REVOKED_ACCESS", ends: true},
			{row: "the password was changed", ask: "permissions", before: []string{later, `password {}`}, want: "PLATFORM_REFUSED REVOKED_ACCESS USER", ends: true},
			{row: "restfb: the wrong exchange for the token", ask: "connect",
				before: []string{`fault {"endpoint": "token", "grantType": "fb_exchange_token", "status": 400, "body": {"error":{"message":"Invalid OAuth access token - Cannot parse access token","type":"OAuthException","code":190,"fbtrace_id":"A"}}}`},
				want:   "FAILED EXPIRED_TOKEN USER", words: "Meta does not trade the token"},
		},

		"meta_instagram/INSTAGRAM_LOGIN": {
			{row: "4: Invalid redirect_uri", ask: "connect",
				before: []string{instagramError("Invalid redirect_uri")},
				want:   "FAILED REDIRECT_URI_MISMATCH OPERATOR"},
			{row: "5: Invalid platform app", ask: "connect",
				before: []string{instagramError("Invalid platform app")},
				want:   "FAILED INVALID_CREDENTIALS OPERATOR", words: "INSTAGRAM_APP_ID"},
			{row: "3, 6: the exchange fails", ask: "connect",
				before: []string{graphError("exchange", 400, 100, 0, "Unsupported request - method type: get")},
				want:   "FAILED INVALID_REQUEST OPERATOR", words: "not entitled"},
			{row: "8: a token of the other login", ask: "import",
				before: []string{graphError("profile", 400, 190, 0, "Invalid OAuth access token - Cannot parse access token")},
				want:   "PLATFORM_REFUSED EXPIRED_TOKEN USER", words: "do not mix"},
			{row: "9: the token answer's id is another", ask: "connect", persona: "juno", want: "COMPLETED"},
			{row: "10: scopes of the other family", ask: "connect", input: inputOf("scopes", []string{"instagram_basic"}), want: "stopped", words: "instagram_basic"},
			{row: "the code was used", ask: "connect",
				before: []string{instagramError("Matching code was not found or was already used")},
				want:   "FAILED INVALID_STATE USER"},
			{row: "not a tester", ask: "connect", persona: "kai", want: "FAILED APP_NOT_APPROVED OPERATOR"},
			{row: "a personal account", ask: "connect", persona: "lotte", want: "FAILED ACCOUNT_SETUP_INCOMPLETE USER", words: "account that you logged in with is a personal one"},
			{row: "190", ask: "validate", before: []string{later, `revoke {}`}, want: "invalid REVOKED_ACCESS", ends: true},
			{row: "452 for a new token", ask: "validate", before: []string{graphError("profile", 400, 452, 0, "Session key invalid")},
				want: "unknown: PLATFORM_UNAVAILABLE EXPIRED_TOKEN NOBODY_WAIT transient"},
			{row: "code 80002", ask: "validate",
				before: []string{graphError("profile", 400, 80002, 0, "There have been too many calls")},
				want:   "unknown: PLATFORM_UNAVAILABLE RATE_LIMIT NOBODY_WAIT transient"},
			{row: "expired after 60 days", ask: "validate", before: []string{`age {"expiresInSeconds": -60}`}, want: "invalid EXPIRED_TOKEN"},
			{row: "a refusal", ask: "connect", form: denied, want: "CANCELLED ACCESS_DENIED USER"},
			{row: "there is no revocation", ask: "disconnect", want: "not revoked"},
		},
	}
}

// TestKnownFailures plays the failures of the fact sheets on the running
// server: each is told to people as what it is, and none takes an account for
// dead that is not.
func TestKnownFailures(t *testing.T) {
	t.Parallel()
	all := known()
	for _, p := range platforms.All() {
		for _, l := range p.Logins {
			list := all[p.ID+"/"+l.ID]
			if len(list) < 8 {
				t.Errorf("%d known failures of %s/%s; want 8 at least", len(list), p.ID, l.ID)
			}
			t.Run(p.ID+"/"+l.ID, func(t *testing.T) {
				t.Parallel()
				// A server of its own, because faults are deleted for all platforms
				// at once. Nothing is renewed there: else the engine, too, would meet
				// the failures, and sometimes first.
				c := caller{instance: start(t, "MOORING_REFRESH=off")}
				for _, f := range list {
					t.Run(f.row, func(t *testing.T) { c.reenact(t, p, l, f) })
				}
			})
		}
	}
}

// reenact plays a failure, and mends what was broken for it.
func (c caller) reenact(t *testing.T, p *platforms.Platform, l *platforms.Login, f failure) {
	question := c.question(t, p, l, f)
	grant := c.newestGrant(t, l.Callback)
	for _, what := range f.before {
		c.happen(t, l.Callback, grant, what)
	}
	before := c.unhealthy(t)
	if got, words := question(); got != f.want || !strings.Contains(words, f.words) {
		t.Errorf("%s = %s, %q; want %s, about %q", f.ask, got, words, f.want, f.words)
	}
	if ended := c.unhealthy(t) > before; ended != f.ends {
		t.Errorf("an account became UNHEALTHY: %t; want %t", ended, f.ends)
	}
	c.mend(t, l.Callback, f.before)
}

// unhealthy counts the accounts that do not work any more.
func (c caller) unhealthy(t *testing.T) int {
	t.Helper()
	var dead struct{ TotalCount int }
	c.ask(t, `{ accounts(filter: {statuses: [UNHEALTHY]}) { totalCount } }`, nil, &dead)
	return dead.TotalCount
}

// question prepares what a failure asks, and returns how to ask it. The answer
// comes with the words for people.
func (c caller) question(t *testing.T, p *platforms.Platform, l *platforms.Login, f failure) func() (answer, words string) {
	t.Helper()
	v := visit{input: map[string]any{"platform": p.ID, "loginMethod": l.ID}, persona: f.persona, form: f.form, answer: f.answer}
	maps.Copy(v.input, f.input)
	refused := func(answer string, list []refusal) (string, string) {
		if len(list) == 0 {
			return answer, ""
		}
		return list[0].String(), list[0].words()
	}
	switch f.ask {
	case "connect":
		return func() (string, string) { return c.connect(t, v).outcome() }
	case "import":
		tokens := c.foreign(t, p, l)
		return func() (string, string) {
			taken, why := c.take(t, p, l, tokens)
			return refused(fmt.Sprintf("imported %d", len(taken)), why)
		}
	case "permissions": // what was asked at a consent is not asked again at once
		taken, why := c.take(t, p, l, c.foreign(t, p, l))
		if len(taken) == 0 {
			t.Fatalf("import: %v", why)
		}
		return func() (string, string) {
			permitted, _, why := c.checkPermissions(t, taken[0].ID)
			return refused(permitted.String(), why)
		}
	}
	connected := c.connect(t, v)
	if connected.Status != "COMPLETED" {
		t.Fatalf("the attempt is %s, %v; want COMPLETED", connected.Status, connected.Diagnosis)
	}
	id := connected.Accounts[0].ID
	if f.ask == "disconnect" {
		return func() (string, string) { return c.disconnect(t, id).String(), "" }
	}
	return func() (string, string) {
		said, _, why := c.validate(t, id)
		answer, words := refused(said.String(), why)
		if len(why) > 0 {
			answer = said.String() + ": " + answer
		}
		return answer, words
	}
}

// happen lets something happen at a server, or to a grant there: see
// failure.before.
func (c caller) happen(t *testing.T, server, grant, what string) {
	t.Helper()
	kind, body, _ := strings.Cut(what, " ")
	switch kind {
	case "fault":
		var f map[string]any
		if err := json.Unmarshal([]byte(body), &f); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		f["platform"] = server
		placed, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		c.control(t, http.MethodPost, "faults", string(placed))
	case "app":
		c.control(t, http.MethodPost, "apps/"+server, body)
	default:
		c.control(t, http.MethodPost, "grants/"+grant+"/"+kind, body)
	}
}

// mend undoes what happened to the app, and looks whether all faults were met.
func (c caller) mend(t *testing.T, server string, before []string) {
	t.Helper()
	var faults []struct{ Times int }
	if err := json.Unmarshal(c.control(t, http.MethodGet, "faults", ""), &faults); err != nil {
		t.Fatal(err)
	}
	if slices.ContainsFunc(faults, func(f struct{ Times int }) bool { return f.Times >= 0 }) {
		t.Errorf("faults that nobody met: %v", faults)
	}
	c.control(t, http.MethodDelete, "faults", "")
	for _, what := range before {
		switch {
		case strings.HasPrefix(what, `app {"suspended"`):
			c.happen(t, server, "", `app {"suspended": false}`)
		case strings.HasPrefix(what, `app {"requireProof"`):
			c.happen(t, server, "", `app {"requireProof": false}`)
		case strings.HasPrefix(what, `app {"secret"`):
			c.happen(t, server, "", `app {"secret": "sandbox-`+server+`-secret"}`)
		}
	}
}

// foreign are tokens that a platform gave to somebody else with the same app.
func (c caller) foreign(t *testing.T, p *platforms.Platform, l *platforms.Login) *platforms.Tokens {
	t.Helper()
	i := slices.IndexFunc(c.apps, func(a *platforms.App) bool { return a.Platform == p && a.Login == l })
	app := c.apps[i]
	const verifier = "a-verifier-of-forty-three-characters-or-more"
	scopes := defaultScopes(l)
	consent := newBrowser(t).post(t, app.AuthCodeURL("elsewhere", verifier, scopes), url.Values{"decision": {"approve"}})
	back, err := url.Parse(consent.location)
	if err != nil {
		t.Fatal(err)
	}
	tokens, err := app.Exchange(t.Context(), platforms.NewSecret(back.Query().Get("code")), verifier, scopes)
	if err != nil {
		t.Fatal(err)
	}
	if tokens, err = app.Lengthen(t.Context(), tokens); err != nil {
		t.Fatal(err)
	}
	return tokens
}

// defaultScopes are those that connect asks for unless told otherwise.
func defaultScopes(l *platforms.Login) []string {
	var names []string
	for _, s := range l.Scopes {
		if s.Default {
			names = append(names, s.Name)
		}
	}
	return names
}

// take imports the accounts that tokens reach.
func (c caller) take(t *testing.T, p *platforms.Platform, l *platforms.Login, tokens *platforms.Tokens) ([]account, []refusal) {
	t.Helper()
	var payload struct {
		Accounts   []account
		UserErrors []refusal
	}
	c.ask(t, `mutation($input: ImportAccountInput!) { importAccount(input: $input) { accounts `+accountFields+` userErrors `+refusalFields+` } }`,
		map[string]any{"input": map[string]any{
			"platform": p.ID, "loginMethod": l.ID, "accessToken": tokens.Access.Reveal(), "scopes": tokens.Scopes,
		}}, &payload)
	return payload.Accounts, payload.UserErrors
}

// newestGrant is the id of the latest consent at a server, or "".
func (c caller) newestGrant(t *testing.T, server string) string {
	t.Helper()
	all := c.grants(t, server, "")
	if len(all) == 0 {
		return ""
	}
	return all[len(all)-1].ID
}

// TestWhatLinkedInIsNotAsked: prompt=none returns without the permissions that
// a new consent would ask for (f of the fact sheet), a nonce is ignored and its
// check then fails (l), and the resources before OpenID Connect refuse (m).
func TestWhatLinkedInIsNotAsked(t *testing.T) {
	t.Parallel()
	c := caller{instance: start(t)}
	_, to, refused := c.departure(t, map[string]any{"platform": "linkedin"})
	if refused != nil {
		t.Fatal(refused)
	}
	for _, name := range []string{"prompt", "nonce"} {
		if q := to.Query(); q.Has(name) {
			t.Errorf("the authorization request has %s=%s", name, q.Get(name))
		}
	}
	for range 2 { // and when there is an account already
		if got := c.connect(t, visit{input: map[string]any{"platform": "linkedin"}}); got.Status != "COMPLETED" {
			t.Fatalf("the attempt is %s, %v; want COMPLETED", got.Status, got.Diagnosis)
		}
	}
	var asked []struct{ Path, Auth string }
	if err := json.Unmarshal(c.control(t, http.MethodGet, "requests?platform=linkedin", ""), &asked); err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, r := range asked {
		if r.Auth == "bearer" {
			paths = append(paths, strings.TrimPrefix(r.Path, "/sandbox/linkedin"))
		}
	}
	if slices.Sort(paths); !slices.Equal(slices.Compact(paths), []string{"/v2/userinfo"}) {
		t.Errorf("with a token LinkedIn was asked for %q; want the member by OpenID Connect alone", paths)
	}
}
