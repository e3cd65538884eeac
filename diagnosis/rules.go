package diagnosis

import "mooring/platforms"

// unknownRule answers where no other rule does.
var unknownRule = rule{
	id: "unknown", issue: Unknown, severity: Medium, fixableBy: Operator, action: Retry,
	causes: []string{
		"Mooring does not recognise this failure.",
		"Something between Mooring and {{platform}} may have changed the answer.",
	},
	solutions: []string{
		"Try again once.",
		"Look at {{status}} for a known disturbance.",
		"If it happens again, search {{platform}}'s documentation for the code and the words under evidence.",
	},
	docs: errorsPage,
}

// tokenStages are those in which the client itself has to authenticate.
var tokenStages = []platforms.Stage{platforms.StageExchange, platforms.StageRefresh, platforms.StageRevoke}

// keepingStages are those in which a dead grant matters: while it is revoked
// it does not.
var keepingStages = []platforms.Stage{platforms.StageRefresh, platforms.StageAPI}

// generalRules know OAuth 2.0, HTTP and the network.
var generalRules = ruleSet{rules: []rule{
	// RFC 6749 §4.1.2.1: answers of the authorization endpoint.
	{
		id: "oauth/access-denied", issue: AccessDenied, severity: Low, fixableBy: User, action: Reconnect,
		causes: []string{
			"You pressed Cancel or Deny on {{platform}}'s consent page.",
			"You are not allowed to give this app access, for example because an administrator forbids it.",
		},
		solutions: []string{
			"Start connecting again.",
			"Check on the consent page that you are signed in to the right account, then press Allow.",
		},
		docs: errorsPage,
		patterns: []pattern{
			{codes: []string{"access_denied", "user_denied"}},
			{class: platforms.ClassDenied},
			{text: "user denied access"},
			{text: "denied the request"},
		},
		examples: []Input{
			{Stage: platforms.StageAuthorize, ErrorCode: "access_denied"},
			{ErrorMessage: "error_reason=user_denied&error=access_denied&error_description=The+user+denied+your+request."},
			{Stage: platforms.StageAuthorize, Class: platforms.ClassDenied},
			{ErrorMessage: "The user denied access to the application"},
			{ErrorMessage: "The resource owner or authorization server denied the request."},
		},
	},
	{
		id: "oauth/sign-in-needed", issue: AccessDenied, severity: Low, fixableBy: User, action: Reconnect,
		causes: []string{
			"Signing in was to happen unseen, but {{platform}} wants to ask you something first.",
		},
		solutions: []string{
			"Sign in to {{platform}} in this browser.",
			"Start connecting again and answer what the consent page asks.",
		},
		docs: errorsPage,
		patterns: []pattern{{codes: []string{
			"login_required", "consent_required", "interaction_required", "account_selection_required",
		}}},
		examples: []Input{{Stage: platforms.StageAuthorize, ErrorCode: "login_required"}},
	},
	{
		id: "oauth/unsupported", issue: InvalidRequest, severity: High, fixableBy: Operator, action: FixConfiguration,
		causes: []string{
			"OAuth 2.0 or the authorization code flow is not switched on for {{app}} at {{platform}}.",
			"The app's type does not allow this flow.",
			"An address in Mooring's configuration overrides the platform's endpoint with a wrong one.",
		},
		solutions: []string{
			"Open {{console}} and choose {{app}}.",
			"Switch on OAuth 2.0 for a web application.",
			"Remove overrides of the platform's addresses from Mooring's environment unless you need them.",
			"Start connecting again.",
		},
		docs:     errorsPage,
		patterns: []pattern{{codes: []string{"unsupported_response_type", "unsupported_grant_type"}}},
		examples: []Input{
			{Stage: platforms.StageAuthorize, ErrorCode: "unsupported_response_type"},
			{Stage: platforms.StageExchange, HTTPStatus: 400, Body: `{"error":"unsupported_grant_type"}`},
		},
	},
	{
		id: "oauth/invalid-scope", issue: InvalidScope, severity: High, fixableBy: Operator, action: FixConfiguration,
		causes: []string{
			"A requested scope is not enabled for {{app}} at {{platform}}.",
			"A requested scope does not exist, or the platform has retired it.",
		},
		solutions: []string{
			"Open {{console}} and choose {{app}}.",
			"Enable the products or permissions that contain the requested scopes, or ask for review where the console says so.",
			"If you asked for extra scopes by name, compare their spelling with the platform's documentation.",
			"Start connecting again.",
		},
		docs: errorsPage,
		patterns: []pattern{
			{codes: []string{"invalid_scope"}},
			{text: "invalid scope"},
			{text: "scope … not authorized"},
			{text: "requested scope … invalid"},
		},
		examples: []Input{
			{Stage: platforms.StageAuthorize, ErrorCode: "invalid_scope"},
			{ErrorMessage: "Invalid Scopes: posts_write, posts_manage"},
			{ErrorMessage: "Scope posts_write is not authorized"},
			{ErrorMessage: "The requested scope is invalid, unknown, or malformed."},
		},
	},

	// RFC 6749 §5.2: answers of the token endpoint.
	{
		id: "oauth/invalid-client", issue: InvalidCredentials, severity: High, fixableBy: Operator, action: FixConfiguration,
		causes: []string{
			"The client secret in Mooring's configuration is not the one in the console; it may have been regenerated there.",
			"The client id belongs to another app, or the app was deleted.",
			"The platform wants the secret sent in another way than it was.",
		},
		solutions: []string{
			"Open {{console}} and choose {{app}}.",
			"Copy the client id and the client secret again, without spaces, into {{idVariable}} and {{secretVariable}}.",
			"Restart Mooring and start connecting again.",
		},
		docs: errorsPage,
		patterns: []pattern{
			{codes: []string{"invalid_client"}},
			{statuses: []int{401}, stages: tokenStages},
			{text: "client authentication failed"},
			{text: "client secret … invalid"},
			{text: "invalid client secret"},
			{text: "client_secret … incorrect"},
			{text: "oauth client was not found"},
		},
		examples: []Input{
			{Stage: platforms.StageExchange, HTTPStatus: 401, ErrorCode: "invalid_client"},
			{Stage: platforms.StageExchange, HTTPStatus: 401},
			{Stage: platforms.StageRefresh, HTTPStatus: 401, Class: platforms.ClassAppFault, ErrorCode: "invalid_client"},
			{Stage: platforms.StageRefresh, HTTPStatus: 401, Class: platforms.ClassAppFault},
			{Stage: platforms.StageRevoke, HTTPStatus: 401},
			{ErrorMessage: "oauthlib.oauth2.rfc6749.errors.InvalidClientError: (invalid_client) Unauthorized"},
			{ErrorMessage: "The OAuth client was not found."},
			{ErrorMessage: "Invalid client secret provided."},
			{ErrorMessage: "The client secret you sent is invalid"},
			{ErrorMessage: "The client_secret is incorrect"},
			{ErrorMessage: "Client authentication failed"},
		},
	},
	{
		id: "oauth/unauthorized-client", issue: InvalidCredentials, severity: High, fixableBy: Operator, action: FixConfiguration,
		causes: []string{
			"The app at {{platform}} is not allowed to use this flow.",
			"The app is of a type without a secret, such as a native or single-page app, while Mooring sends one.",
		},
		solutions: []string{
			"Open {{console}} and choose {{app}}.",
			"Set the app's type to a web application, which has a client secret.",
			"Copy the client id and the client secret into {{idVariable}} and {{secretVariable}}, and restart Mooring.",
			"Start connecting again.",
		},
		docs:     errorsPage,
		patterns: []pattern{{codes: []string{"unauthorized_client"}}},
		examples: []Input{
			{Stage: platforms.StageAuthorize, ErrorCode: "unauthorized_client"},
			{Stage: platforms.StageExchange, HTTPStatus: 400, Body: `{"error":"unauthorized_client"}`},
		},
	},
	{
		id: "oauth/code-dead", issue: InvalidState, severity: Medium, fixableBy: User, action: Retry,
		causes: []string{
			"The page was reloaded, so that its one-time code was used twice.",
			"Too much time passed between consent and the way back to Mooring.",
			"The code belongs to another app or another redirect URI.",
		},
		solutions: []string{
			"Start connecting again; an old page cannot be continued.",
			"Press Allow once, and do not reload the page that follows.",
		},
		docs: errorsPage,
		patterns: []pattern{
			{codes: []string{"invalid_grant"}, stages: []platforms.Stage{platforms.StageExchange, platforms.StageAuthorize}},
			{text: "authorization code … expired"},
			{text: "authorization code … used"},
			{text: "authorization code … invalid"},
			{text: "authorization code … not found"},
			{text: "invalid authorization code"},
		},
		examples: []Input{
			{Stage: platforms.StageExchange, HTTPStatus: 400, ErrorCode: "invalid_grant"},
			{Stage: platforms.StageExchange, Body: "error=invalid_grant"},
			{ErrorMessage: "Authorization code is expired"},
			{ErrorMessage: "This authorization code has been used"},
			{ErrorMessage: "The authorization code is invalid."},
			{ErrorMessage: "Invalid authorization code"},
			{ErrorMessage: "authorization code could not be not found"},
		},
	},
	{
		id: "oauth/refresh-dead", issue: RevokedAccess, severity: High, fixableBy: User, action: Reconnect,
		causes: []string{
			"You or {{platform}} took the app's access away, for example after a password change.",
			"The refresh token was not used for too long and has ended.",
			"Another installation with the same app renewed the token and so used this one up.",
		},
		solutions: []string{
			"Reconnect {{account}}.",
			"If it happens again soon, ask whoever runs Mooring whether another program uses the same app.",
		},
		docs: errorsPage,
		patterns: []pattern{
			{codes: []string{"invalid_grant"}},
			{class: platforms.ClassRefreshDead},
			{class: platforms.ClassRefreshDead, statuses: []int{400, 401, 403}, stages: keepingStages},
			{class: platforms.ClassRefreshDead, codes: []string{"invalid_request", "invalid_token"}, stages: keepingStages},
			{text: "refresh token … invalid"},
			{text: "refresh token … expired"},
			{text: "refresh token … revoked"},
			{text: "authorization grant is invalid"},
		},
		examples: []Input{
			{Stage: platforms.StageRefresh, HTTPStatus: 400, ErrorCode: "invalid_grant"},
			{ErrorMessage: `oauth2: "invalid_grant" "Token has been expired or revoked."`},
			{Class: platforms.ClassRefreshDead},
			{Stage: platforms.StageRefresh, HTTPStatus: 400, Class: platforms.ClassRefreshDead},
			{Stage: platforms.StageRefresh, HTTPStatus: 400, ErrorCode: "invalid_request", Class: platforms.ClassRefreshDead},
			{ErrorMessage: "The provided refresh token is invalid."},
			{ErrorMessage: "Your refresh token has expired"},
			{ErrorMessage: "This refresh token was revoked"},
			{ErrorMessage: `b'{"code":283,"message":"The authorization grant is invalid"}'`},
		},
	},
	{
		id: "oauth/redirect-mismatch", issue: RedirectURIMismatch, severity: High, fixableBy: Operator, action: FixConfiguration,
		causes: []string{
			"The redirect URI that Mooring sends is not registered for {{app}} at {{platform}}.",
			"The two differ in one character: http and https, localhost and 127.0.0.1, a port, or a slash at the end.",
		},
		solutions: []string{
			"Open {{console}} and choose {{app}}.",
			"Register the redirect URI, letter by letter: {{redirect}}",
			"If Mooring is reached under another address now, set MOORING_PUBLIC_URL or {{redirectVariable}} and restart it.",
			"Start connecting again.",
		},
		docs: errorsPage,
		patterns: []pattern{
			{codes: []string{"redirect_uri_mismatch", "invalid_redirect_uri"}},
			{text: "redirect uri … match"},
			{text: "redirect uri … not … registered"},
			{text: "redirect_uri … match"},
			{text: "redirect_uri … not … registered"},
			{text: "redirect_uri … invalid"},
			{text: "invalid redirect ur"},
			{text: "invalid redirect_uri"},
			{text: "redirect uri … whitelisted"},
		},
		examples: []Input{
			{Stage: platforms.StageAuthorize, HTTPStatus: 400, ErrorCode: "redirect_uri_mismatch"},
			{ErrorMessage: "oAuth Invalid Redirect URL"},
			{ErrorMessage: "Invalid redirect_uri parameter"},
			{ErrorMessage: "The redirect URI in the request does not match the ones authorized for the client."},
			{ErrorMessage: "redirect_uri does not match"},
			{ErrorMessage: "The redirect URI you used is not yet registered"},
			{ErrorMessage: "redirect_uri is not registered"},
			{ErrorMessage: "redirect_uri was invalid"},
			{ErrorMessage: "URL Blocked: the redirect URI is not whitelisted in the app's Client OAuth Settings."},
		},
	},
	{
		id: "oauth/pkce", issue: InvalidState, severity: Medium, fixableBy: User, action: Retry,
		causes: []string{
			"The code came from another attempt than the one that was finished.",
			"Something rewrote the address of the consent page on the way.",
		},
		solutions: []string{
			"Close other windows in which you were connecting.",
			"Start connecting again and finish in the same window.",
			"If it fails each time, ask whoever runs Mooring to look at proxies that change addresses.",
		},
		docs: "https://www.rfc-editor.org/rfc/rfc7636#section-4.6",
		patterns: []pattern{
			{codes: []string{"invalid_request", "invalid_grant"}, text: "code verifier"},
			{codes: []string{"invalid_request", "invalid_grant"}, text: "code_verifier"},
			{text: "code verifier … match"},
			{text: "code_verifier … match"},
			{text: "code verifier … invalid"},
			{text: "invalid code verifier"},
			{text: "pkce verification failed"},
		},
		examples: []Input{
			{Stage: platforms.StageExchange, HTTPStatus: 400, ErrorCode: "invalid_grant", ErrorMessage: "Missing code verifier."},
			{Stage: platforms.StageExchange, Body: "error=invalid_request&error_description=code_verifier+is+wrong"},
			{ErrorMessage: "The code verifier does not match the challenge supplied."},
			{ErrorMessage: "code_verifier did not match code_challenge"},
			{ErrorMessage: "The code verifier is invalid"},
			{ErrorMessage: "Invalid code verifier."},
			{ErrorMessage: "PKCE verification failed"},
		},
	},
	{
		id: "oauth/invalid-request", issue: InvalidRequest, severity: High, fixableBy: Operator, action: FixConfiguration,
		causes: []string{
			"A parameter of the request was missing or malformed, often because the client id or another setting is empty.",
			"The platform changed what it expects.",
		},
		solutions: []string{
			"Check that {{idVariable}}, {{secretVariable}} and the redirect URI are set, without quotes or spaces.",
			"Compare them with {{console}}.",
			"Restart Mooring and start connecting again.",
		},
		docs: errorsPage,
		patterns: []pattern{
			{codes: []string{"invalid_request"}},
			{text: "required parameter … missing"},
			{text: "missing required parameter"},
		},
		examples: []Input{
			{Stage: platforms.StageAuthorize, ErrorCode: "invalid_request"},
			{Stage: platforms.StageExchange, HTTPStatus: 400, Body: `{"error":"invalid_request"}`},
			{ErrorMessage: "A required parameter is missing"},
			{ErrorMessage: "Missing required parameter: client_id"},
		},
	},

	// RFC 6750 §3.1, RFC 7009 §2.2.1 and the resource API.
	{
		id: "api/access-token-dead", issue: ExpiredToken, severity: High, fixableBy: User, action: Reconnect,
		causes: []string{
			"The access token has ended and could not be renewed.",
			"You or {{platform}} took the app's access away.",
		},
		solutions: []string{
			"Refresh or validate {{account}} once; an access token that can be renewed is renewed then.",
			"If it still fails, reconnect {{account}}.",
		},
		docs: errorsPage,
		patterns: []pattern{
			{codes: []string{"invalid_token", "expired_token"}},
			{class: platforms.ClassStaleAccess},
			{statuses: []int{401}},
			{text: "access token … expired"},
			{text: "expired access token"},
			{text: "token … has expired"},
			{text: "invalid access token"},
			{text: "access token … invalid"},
		},
		examples: []Input{
			{Stage: platforms.StageAPI, HTTPStatus: 401, ErrorCode: "invalid_token"},
			{Stage: platforms.StageAPI, HTTPStatus: 401},
			{HTTPStatus: 401},
			{Stage: platforms.StageAPI, Class: platforms.ClassStaleAccess},
			{ErrorMessage: "the access token has expired"},
			{ErrorMessage: "[unauthorized]. Expired access token. Timestamp: 1401629005911"},
			{ErrorMessage: "Your token has expired"},
			{ErrorMessage: "Invalid access token"},
			{ErrorMessage: "The access token is invalid"},
		},
	},
	{
		id: "api/revoked", issue: RevokedAccess, severity: High, fixableBy: User, action: Reconnect,
		causes: []string{
			"You removed the app in your settings at {{platform}}.",
			"The platform ended the session, for example after a password change.",
		},
		solutions: []string{"Reconnect {{account}} and press Allow on the consent page."},
		docs:      errorsPage,
		patterns: []pattern{
			{text: "token … revoked"},
			{text: "revoked by the user"},
			{text: "user … revoked access"},
			{text: "access has been revoked"},
			{text: "has not authorized application"},
		},
		examples: []Input{
			{HTTPStatus: 401, ErrorMessage: "The token used in the request has been revoked by the user"},
			{ErrorMessage: "This token was revoked"},
			{ErrorMessage: "Authorization revoked by the user"},
			{ErrorMessage: "The user revoked access to the app"},
			{ErrorMessage: "Access has been revoked"},
			{ErrorMessage: "The user has not authorized application 4711."},
		},
	},
	{
		id: "api/scope-missing", issue: InsufficientPermissions, severity: High, fixableBy: User, action: Reconnect,
		causes: []string{
			"The account was connected without a permission that is needed now.",
			"You lack the role for this at {{platform}}.",
			"The platform has not allowed {{app}} this permission.",
		},
		solutions: []string{
			"Reconnect {{account}} and leave all permissions ticked.",
			"If it is still refused, ask whoever runs Mooring to compare the app's permissions in {{console}}.",
		},
		docs: errorsPage,
		patterns: []pattern{
			{codes: []string{"insufficient_scope", "insufficient_permissions"}},
			{codes: []string{"access_denied"}, stages: []platforms.Stage{platforms.StageAPI}},
			{class: platforms.ClassMissingScope},
			{class: platforms.ClassMissingScope, statuses: []int{400, 401}},
			{statuses: []int{403}},
			{text: "not enough permissions"},
			{text: "insufficient permission"},
			{text: "insufficient authentication scopes"},
			{text: "requires … permission"},
		},
		examples: []Input{
			{Stage: platforms.StageAPI, HTTPStatus: 403, ErrorCode: "insufficient_scope"},
			{Stage: platforms.StageAPI, HTTPStatus: 403, ErrorCode: "access_denied"},
			{Stage: platforms.StageAPI, HTTPStatus: 403},
			{HTTPStatus: 403},
			{Stage: platforms.StageAPI, Class: platforms.ClassMissingScope},
			{Stage: platforms.StageAPI, HTTPStatus: 401, Class: platforms.ClassMissingScope},
			{ErrorMessage: "Not enough permissions to access this resource"},
			{ErrorMessage: "HTTP: global, Insufficient Permission"},
			{ErrorMessage: "Request had insufficient authentication scopes."},
			{ErrorMessage: "This call requires the posts_read permission"},
		},
	},
	{
		id: "api/account-restricted", issue: AccountRestricted, severity: High, fixableBy: User, action: SetUpAccount,
		causes: []string{
			"The platform has locked or suspended this account.",
			"The platform waits for you to confirm that the account is yours.",
		},
		solutions: []string{
			"Sign in at {{platform}} in a browser and follow what it asks.",
			"If the account is suspended, appeal there.",
			"Validate {{account}} afterwards, and reconnect it if that fails.",
		},
		docs: errorsPage,
		patterns: []pattern{
			{text: "account … temporarily locked"},
			{text: "account … suspended"},
			{text: "account … restricted"},
			{text: "account … been disabled"},
			{text: "user has been suspended"},
		},
		examples: []Input{
			{HTTPStatus: 403, ErrorMessage: "To protect our users, this account is temporarily locked."},
			{ErrorMessage: "Your account is suspended"},
			{ErrorMessage: "My account got restricted."},
			{ErrorMessage: "The account has been disabled"},
			{ErrorMessage: "User has been suspended."},
		},
	},
	{
		id: "revoke/refused", issue: InvalidRequest, severity: Low, fixableBy: User, action: NoAction,
		causes: []string{
			"The platform did not take the token back, probably because it had ended already.",
		},
		solutions: []string{
			"Nothing has to be done in Mooring: the account is disconnected and its tokens are deleted.",
			"To be sure, open {{revoke}} and remove the app by hand.",
		},
		docs: "https://www.rfc-editor.org/rfc/rfc7009#section-2.2",
		patterns: []pattern{
			{codes: []string{"unsupported_token_type"}},
			{statuses: []int{4}, stages: []platforms.Stage{platforms.StageRevoke}},
			{codes: []string{"invalid_request", "invalid_token", "invalid_grant"}, stages: []platforms.Stage{platforms.StageRevoke}},
		},
		examples: []Input{
			{Stage: platforms.StageRevoke, HTTPStatus: 400, ErrorCode: "unsupported_token_type"},
			{Stage: platforms.StageRevoke, HTTPStatus: 404},
			{Stage: platforms.StageRevoke, HTTPStatus: 400, ErrorCode: "invalid_grant", Class: platforms.ClassRefreshDead},
			{Stage: platforms.StageRevoke, HTTPStatus: 400, ErrorCode: "invalid_request"},
		},
	},
	{
		id: "revoke/unreachable", issue: PlatformOutage, severity: Medium, fixableBy: User, action: NoAction, transient: true,
		causes: []string{
			"The platform could not be told that the account was disconnected.",
		},
		solutions: []string{
			"Nothing has to be done in Mooring: the account is disconnected and its tokens are deleted.",
			"Open {{revoke}} and remove the app by hand.",
		},
		docs: statusPage,
		patterns: []pattern{
			{statuses: []int{5, 408, 429}, stages: []platforms.Stage{platforms.StageRevoke}},
			{codes: []string{CodeNotSent, CodeTimeout}, stages: []platforms.Stage{platforms.StageRevoke}},
			{class: platforms.ClassTemporary, stages: []platforms.Stage{platforms.StageRevoke}},
		},
		examples: []Input{
			{Stage: platforms.StageRevoke, HTTPStatus: 503},
			{Stage: platforms.StageRevoke, HTTPStatus: 503, Class: platforms.ClassTemporary},
			{Stage: platforms.StageRevoke, ErrorCode: CodeTimeout, Class: platforms.ClassTemporary},
			{Stage: platforms.StageRevoke, Class: platforms.ClassTemporary},
			{Stage: platforms.StageRevoke, HTTPStatus: 429, Class: platforms.ClassRateLimited},
		},
	},

	// HTTP.
	{
		id: "http/rate-limit", issue: RateLimit, severity: Medium, fixableBy: NobodyWait, action: Wait, transient: true,
		causes: []string{
			"Too many requests were sent to {{platform}} in a short time, by this app or for this account.",
			"Another program uses up the same app's allowance.",
		},
		solutions: []string{
			"Wait {{wait}}, then try again; Mooring slows down by itself.",
			"If it happens often, ask whoever runs Mooring to look at the app's limits in {{console}}.",
		},
		docs: errorsPage,
		patterns: []pattern{
			{statuses: []int{429}},
			{class: platforms.ClassRateLimited},
			{class: platforms.ClassRateLimited, statuses: []int{400, 403}},
			{codes: []string{"rate_limit_exceeded", "too_many_requests", "slow_down"}},
			{text: "rate limit … exceeded"},
			{text: "too many requests"},
			{text: "exceeded … rate limit"},
			{text: "error 429"},
		},
		examples: []Input{
			{HTTPStatus: 429},
			{HTTPStatus: 429, Body: "<html><body>Too many</body></html>"},
			{Stage: platforms.StageAPI, HTTPStatus: 403, Class: platforms.ClassRateLimited},
			{Class: platforms.ClassRateLimited},
			{ErrorCode: "rate_limit_exceeded"},
			{ErrorMessage: "Rate limit exceeded"},
			{ErrorMessage: "Too Many Requests"},
			{ErrorMessage: "You have exceeded your rate limit."},
			{ErrorMessage: "Received error 429 from server"},
		},
	},
	{
		id: "http/outage", issue: PlatformOutage, severity: Low, fixableBy: PlatformIt, action: Retry, transient: true,
		causes: []string{
			"The platform has trouble of its own at the moment.",
		},
		solutions: []string{
			"Wait {{wait}}, then try again.",
			"If it lasts, see {{status}} for news.",
		},
		docs: statusPage,
		patterns: []pattern{
			{statuses: []int{5, 408, 409, 423, 425}},
			{class: platforms.ClassTemporary},
			{class: platforms.ClassTemporary, statuses: []int{400, 401, 403, 404}},
			{codes: []string{"server_error", "temporarily_unavailable", "internal_server_error", "service_unavailable"}},
			{text: "service … temporarily unavailable"},
			{text: "internal server error"},
			{text: "service unavailable"},
			{text: "bad gateway"},
			{text: "over capacity"},
			{text: "something went wrong on our end"},
		},
		examples: []Input{
			{HTTPStatus: 503},
			{HTTPStatus: 500, Body: "<html>Oops</html>"},
			{Stage: platforms.StageRefresh, HTTPStatus: 409, Class: platforms.ClassTemporary},
			{Class: platforms.ClassTemporary},
			{Stage: platforms.StageAPI, HTTPStatus: 403, Body: "Blocked", Class: platforms.ClassTemporary},
			{Stage: platforms.StageAuthorize, ErrorCode: "temporarily_unavailable"},
			{Stage: platforms.StageAuthorize, ErrorCode: "server_error"},
			{ErrorMessage: "(#2) Service temporarily unavailable"},
			{ErrorMessage: "Internal Server Error"},
			{ErrorMessage: "503 Service Unavailable"},
			{ErrorMessage: "502 Bad Gateway"},
			{ErrorMessage: "Over capacity"},
			{ErrorMessage: "Something went wrong on our end. Sorry about that."},
		},
	},
	{
		id: "http/web-page", issue: PlatformOutage, severity: Medium, fixableBy: PlatformIt, action: Retry, transient: true,
		atMost: 0.6,
		causes: []string{
			"A firewall in front of {{platform}} answered with a web page and did not let the request through.",
			"A proxy between Mooring and the platform answered in its place.",
		},
		solutions: []string{
			"Wait {{wait}}, then try again.",
			"If it lasts, ask whoever runs Mooring whether the server's address is blocked, and whether a proxy stands in between.",
			"See {{status}} for news.",
		},
		docs: statusPage,
		patterns: []pattern{
			{
				codes: []string{htmlAnswer}, statuses: []int{2, 3, 400, 401, 403, 404},
				stages: []platforms.Stage{platforms.StageExchange, platforms.StageRefresh, platforms.StageAPI},
			},
		},
		examples: []Input{
			{Stage: platforms.StageAPI, HTTPStatus: 403, Body: "<!DOCTYPE html><html><title>Attention Required!</title></html>"},
			{Stage: platforms.StageExchange, HTTPStatus: 401, Body: "<html></html>"},
			{Stage: platforms.StageAPI, HTTPStatus: 403, Body: "<html></html>", Class: platforms.ClassTemporary},
			{Stage: platforms.StageRefresh, HTTPStatus: 200, Body: " <html></html>"},
		},
	},
	{
		id: "http/bad-request", issue: InvalidRequest, severity: High, fixableBy: Operator, action: FixConfiguration,
		atMost: 0.5,
		causes: []string{
			"The platform could not make sense of the request, and did not say why.",
			"A setting such as the client id or the redirect URI is wrong.",
		},
		solutions: []string{
			"Start connecting again once, since an old code or token can be the reason.",
			"If it fails again, compare {{idVariable}}, {{secretVariable}} and the redirect URI with {{console}}.",
		},
		docs: errorsPage,
		patterns: []pattern{
			{statuses: []int{400, 406, 411, 412, 413, 414, 415, 422}},
		},
		examples: []Input{{HTTPStatus: 400}, {HTTPStatus: 422, Body: "{}", Class: platforms.ClassInvalid}},
	},
	{
		id: "http/wrong-address", issue: InvalidRequest, severity: High, fixableBy: Operator, action: FixConfiguration,
		causes: []string{
			"The address that Mooring called does not exist at {{platform}} any more.",
			"An address in Mooring's configuration overrides the platform's with a wrong one.",
		},
		solutions: []string{
			"Remove overrides of the platform's addresses from Mooring's environment unless you need them.",
			"Update Mooring: platforms retire old versions of their interfaces.",
		},
		docs:     errorsPage,
		patterns: []pattern{{statuses: []int{404, 405, 410, 426, 501}}},
		examples: []Input{
			{HTTPStatus: 404},
			{HTTPStatus: 501},
			{Stage: platforms.StageRefresh, HTTPStatus: 410, Class: platforms.ClassAppFault},
			{Stage: platforms.StageAPI, HTTPStatus: 404, Class: platforms.ClassInvalid},
		},
	},
	{
		id: "http/app-refused", issue: AppNotApproved, severity: High, fixableBy: Operator, action: FixConfiguration,
		atMost: 0.6,
		causes: []string{
			"The platform refuses {{app}} itself, not this account.",
			"The app is in development mode, suspended, or lacks a product or a review.",
		},
		solutions: []string{
			"Open {{console}} and choose {{app}}.",
			"Look for warnings, pending reviews and missing products there, and mend them.",
			"Start connecting again; accounts that are connected recover by themselves.",
		},
		docs: errorsPage,
		patterns: []pattern{
			{class: platforms.ClassAppFault},
			{class: platforms.ClassAppFault, statuses: []int{400, 403}},
			{statuses: []int{403}, stages: []platforms.Stage{
				platforms.StageAuthorize, platforms.StageExchange, platforms.StageRefresh,
			}},
		},
		examples: []Input{
			{Stage: platforms.StageAPI, HTTPStatus: 403, Class: platforms.ClassAppFault},
			{Class: platforms.ClassAppFault},
			{Stage: platforms.StageExchange, HTTPStatus: 403},
			{Stage: platforms.StageAuthorize, HTTPStatus: 403},
		},
	},
	{
		id: "http/payment", issue: RateLimit, severity: High, fixableBy: Operator, action: FixConfiguration,
		causes: []string{
			"The app's paid allowance at {{platform}} is used up, or a bill is open.",
		},
		solutions: []string{
			"Open {{console}} and look at billing and usage of {{app}}.",
			"Pay, buy more, or raise the limit; accounts recover by themselves afterwards.",
		},
		docs: errorsPage,
		patterns: []pattern{
			{statuses: []int{402}},
		},
		examples: []Input{{HTTPStatus: 402}, {HTTPStatus: 402, Class: platforms.ClassAppFault}},
	},
	{
		id: "http/proxy", issue: NetworkError, severity: High, fixableBy: Operator, action: FixConfiguration,
		causes: []string{
			"A proxy or gateway near Mooring wants to be signed in to.",
		},
		solutions: []string{
			"Check HTTPS_PROXY and NO_PROXY in Mooring's environment.",
			"Let the server reach {{platform}} without signing in, then try again.",
		},
		patterns: []pattern{{statuses: []int{407, 511}}, {text: "proxy authentication required"}},
		examples: []Input{{HTTPStatus: 407}, {HTTPStatus: 511}, {ErrorMessage: "Proxy Authentication Required"}},
	},

	// The network.
	{
		id: "network/not-sent", issue: NetworkError, severity: High, fixableBy: Operator, action: Retry, transient: true,
		causes: []string{
			"The server that runs Mooring could not reach {{platform}}; nothing was sent.",
			"A firewall blocks outgoing connections, or the network was down for a moment.",
		},
		solutions: []string{
			"Try again in a minute; nothing was lost.",
			"If it lasts, check from the server that outgoing HTTPS connections are allowed.",
			"See {{status}} for news.",
		},
		docs: statusPage,
		patterns: []pattern{
			{codes: []string{CodeNotSent, "econnrefused", "ehostunreach", "enetunreach", "eai_again"}},
			{text: "connection refused"},
			{text: "network is unreachable"},
			{text: "no route to host"},
			{text: "temporary failure in name resolution"},
		},
		examples: []Input{
			{Stage: platforms.StageExchange, ErrorCode: CodeNotSent},
			{ErrorCode: "ECONNREFUSED"},
			{ErrorMessage: "dial tcp 192.0.2.1:443: connect: connection refused"},
			{ErrorMessage: "connect: network is unreachable"},
			{ErrorMessage: "connect: no route to host"},
			{ErrorMessage: "lookup example.org: Temporary failure in name resolution"},
			{Stage: platforms.StageExchange, ErrorCode: CodeNotSent, Class: platforms.ClassTemporary},
		},
	},
	{
		id: "network/dns", issue: NetworkError, severity: High, fixableBy: Operator, action: FixConfiguration,
		causes: []string{
			"The server that runs Mooring cannot find the platform's address: its name service does not work or is filtered.",
			"An address in Mooring's configuration is misspelled.",
		},
		solutions: []string{
			"Check from the server that names are resolved, and mend its DNS settings.",
			"Compare overrides of the platform's addresses in Mooring's environment letter by letter.",
			"Try again; nothing was lost.",
		},
		patterns: []pattern{
			{codes: []string{"enotfound"}},
			{text: "no such host"},
			{codes: []string{CodeNotSent}, text: "no such host"},
			{text: "could not resolve host"},
		},
		examples: []Input{
			{ErrorCode: "ENOTFOUND", ErrorMessage: "getaddrinfo ENOTFOUND api.example.org"},
			{ErrorMessage: "Error: getaddrinfo ENOTFOUND api.example.org"},
			{ErrorCode: CodeNotSent, ErrorMessage: "dial tcp: lookup api.example.org: no such host"},
			{ErrorMessage: "dial tcp: lookup api.example.org: no such host"},
			{ErrorMessage: "cURL error 6: Could not resolve host: api.example.org"},
		},
	},
	{
		id: "network/tls", issue: NetworkError, severity: High, fixableBy: Operator, action: FixConfiguration,
		causes: []string{
			"The server that runs Mooring does not trust the certificate it was shown; its root certificates are missing or old.",
			"A proxy or virus scanner opens encrypted connections.",
			"The server's clock is wrong.",
		},
		solutions: []string{
			"Install or update the root certificates (package ca-certificates).",
			"If a proxy opens connections, add its certificate to the trusted ones.",
			"Check the server's clock.",
			"Try again; nothing was lost.",
		},
		patterns: []pattern{
			{text: "unable to get local issuer certificate"},
			{text: "certificate has expired"},
			{text: "certificate verify failed"},
			{text: "x509: certificate"},
			{text: "ssl routines"},
			{text: "tls: … failure"},
			{codes: []string{CodeNotSent}, text: "certificate"},
			{codes: []string{CodeNotSent}, text: "tls:"},
			{codes: []string{"cert_has_expired", "unable_to_get_issuer_cert_locally", "unable_to_verify_leaf_signature"}},
		},
		examples: []Input{
			{ErrorCode: CodeNotSent, ErrorMessage: "tls: failed to verify certificate: x509: certificate signed by unknown authority"},
			{ErrorCode: CodeNotSent, ErrorMessage: "remote error: tls: handshake failure"},
			{ErrorMessage: "Error: unable to get local issuer certificate undefined"},
			{ErrorMessage: "SSL: certificate verify failed"},
			{ErrorMessage: "x509: certificate has expired or is not yet valid"},
			{ErrorMessage: "x509: certificate signed by unknown authority"},
			{ErrorMessage: "cURL error 35: error:140773E8:SSL routines:SSL23_GET_SERVER_HELLO:reason(1000)"},
			{ErrorMessage: "remote error: tls: handshake failure"},
			{ErrorCode: "CERT_HAS_EXPIRED"},
		},
	},
	{
		id: "network/timeout", issue: NetworkError, severity: High, fixableBy: NobodyWait, action: Retry, transient: true,
		causes: []string{
			"The request was sent, but no whole answer came back in time.",
			"The platform is slow, or the connection broke.",
		},
		solutions: []string{
			"Wait {{wait}}, then try again.",
			"If you were connecting, start again from the beginning: the code on its way may be used up.",
			"If it lasts, see {{status}} for news.",
		},
		docs: statusPage,
		patterns: []pattern{
			{codes: []string{CodeTimeout, "etimedout", "econnreset", "econnaborted", "und_err_connect_timeout"}},
			{text: "i/o timeout"},
			{text: "context deadline exceeded"},
			{text: "connection reset by peer"},
			{text: "connection timed out"},
			{text: "request timed out"},
			{text: "socket hang up"},
			{text: "operation timed out"},
		},
		examples: []Input{
			{Stage: platforms.StageExchange, ErrorCode: CodeTimeout},
			{Stage: platforms.StageRefresh, ErrorCode: CodeTimeout, Class: platforms.ClassTemporary},
			{ErrorCode: "ETIMEDOUT", ErrorMessage: "failed to obtain access token (Error: connect ETIMEDOUT)"},
			{ErrorMessage: "TypeError: fetch failed [cause]: AggregateError [ETIMEDOUT]"},
			{ErrorMessage: "read tcp 192.0.2.1:443: i/o timeout"},
			{ErrorMessage: "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"},
			{ErrorMessage: "read: connection reset by peer"},
			{ErrorMessage: "Connection timed out after 10001 milliseconds"},
			{ErrorMessage: "Request timed out"},
			{ErrorMessage: "Error: socket hang up"},
			{ErrorMessage: "Operation timed out"},
		},
	},
}}
