package diagnosis

import "mooring/platforms"

// LinkedIn's documents.
const (
	linkedInOAuth   = "https://learn.microsoft.com/en-us/linkedin/shared/authentication/authorization-code-flow"
	linkedInRefresh = "https://learn.microsoft.com/en-us/linkedin/shared/authentication/programmatic-refresh-tokens"
	linkedInErrors  = "https://learn.microsoft.com/en-us/linkedin/shared/api-guide/concepts/error-handling"
	linkedInLimits  = "https://learn.microsoft.com/en-us/linkedin/shared/api-guide/concepts/rate-limits"
)

// connecting are the stages in which LinkedIn has just issued the token.
var connecting = []platforms.Stage{platforms.StageAuthorize, platforms.StageExchange}

// linkedInRules know LinkedIn, whose API puts a number and a word beside each
// other, and whose token endpoint has one sentence for three failures.
var linkedInRules = ruleSet{platform: "linkedin", rules: []rule{
	{
		id: "linkedin/redirect-mismatch", issue: RedirectURIMismatch, severity: High, fixableBy: Operator, action: FixConfiguration,
		causes: []string{
			"The redirect URL that Mooring sends is not among the app's Authorized redirect URLs, if only for a slash at the end.",
		},
		solutions: []string{
			"Open https://www.linkedin.com/developers/apps, choose {{app}}, then Auth.",
			"Enter exactly this under Authorized redirect URLs: {{redirect}}",
			"If Mooring is reached under another address now, set MOORING_PUBLIC_URL or LINKEDIN_REDIRECT_URI and restart it.",
			"Start connecting again.",
		},
		docs: linkedInOAuth,
		patterns: []pattern{
			{text: "redirect_uri does not match the registered value"},
			{text: "must match a url registered"},
			{all: []string{redirectWords, mismatchWords}},
		},
		examples: []Input{
			{ErrorMessage: "Bummer, something went wrong. The redirect_uri does not match the registered value"},
			{ErrorMessage: "Invalid redirect_uri. This value must match a URL registered with the API Key."},
			{ErrorMessage: "リダイレクトURIが一致しません"},
		},
	},
	{
		id: "linkedin/refused-page", issue: RedirectURIMismatch, severity: High, fixableBy: Operator, action: FixConfiguration,
		atMost: 0.7,
		causes: []string{
			"The redirect URL registered at LinkedIn differs from Mooring's.",
			"The client id does not belong to any app.",
			"A requested scope is not among the app's products.",
		},
		solutions: []string{
			"Open https://www.linkedin.com/developers/apps, choose {{app}}, then Auth.",
			"Enter exactly this under Authorized redirect URLs: {{redirect}}",
			"Compare the Client ID there with LINKEDIN_CLIENT_ID.",
			"Under Products request “Sign In with LinkedIn using OpenID Connect” and “Share on LinkedIn”.",
			"Start connecting again.",
		},
		docs:     linkedInOAuth,
		patterns: []pattern{{text: "bummer, something went wrong"}},
		examples: []Input{{Stage: platforms.StageAuthorize, ErrorMessage: "Bummer, something went wrong."}},
	},
	{
		id: "linkedin/attempt-expired", issue: InvalidState, severity: Medium, fixableBy: User, action: Retry,
		atMost: 0.7,
		causes: []string{
			"Nobody finished connecting in time.",
			"LinkedIn showed “Bummer, something went wrong”. It does not send you back then: the redirect URL, the client id or a scope does not fit the app.",
		},
		solutions: []string{
			"Start connecting again and finish within ten minutes.",
			"If LinkedIn shows that page, tell whoever runs Mooring.",
			"Operator: open https://www.linkedin.com/developers/apps, choose {{app}}, then Auth, and enter exactly this under Authorized redirect URLs: {{redirect}}",
			"Operator: compare LINKEDIN_CLIENT_ID with the Client ID there, and the requested scopes with the list at the bottom of that page.",
		},
		docs:     linkedInOAuth,
		patterns: []pattern{{codes: []string{CodeAttemptExpired}}},
		examples: []Input{{Stage: platforms.StageAuthorize, ErrorCode: CodeAttemptExpired}},
	},
	{
		id: "linkedin/cancelled", issue: AccessDenied, severity: Low, fixableBy: User, action: Reconnect,
		causes: []string{
			"You pressed Cancel on LinkedIn's sign-in or consent page.",
		},
		solutions: []string{
			"Start connecting again.",
			"Sign in with the right LinkedIn account, and press Allow.",
		},
		docs: linkedInOAuth,
		patterns: []pattern{
			{codes: []string{"user_cancelled_login", "user_cancelled_authorize"}},
			{all: []string{userWords, deniedWords, consentWords}},
			{text: "user cancelled"},
		},
		examples: []Input{
			{Stage: platforms.StageAuthorize, ErrorCode: "user_cancelled_login", ErrorMessage: "The user cancelled LinkedIn login"},
			{Stage: platforms.StageAuthorize, ErrorCode: "user_cancelled_authorize", Class: platforms.ClassDenied},
			{Body: "https://example.org/callback?error=user_cancelled_authorize&error_description=The+user+cancelled+the+authorization&state=x"},
			{ErrorMessage: "L'utilisateur a annulé la connexion"},
			{ErrorMessage: "The user cancelled"},
		},
	},
	{
		id: "linkedin/scope-not-authorized", issue: InvalidScope, severity: High, fixableBy: Operator, action: FixConfiguration,
		causes: []string{
			"The app at LinkedIn lacks the product that contains a requested scope.",
			"The scope belongs to a retired product: r_liteprofile and r_emailaddress are now openid, profile and email.",
			"Scopes for organisations were asked for together with personal ones, and the app has no Community Management API.",
		},
		solutions: []string{
			"Open https://www.linkedin.com/developers/apps, choose {{app}}, then Products.",
			"Request “Sign In with LinkedIn using OpenID Connect” and “Share on LinkedIn”; organisations need the Community Management API.",
			"Compare the scopes asked for with the list under Auth.",
			"Start connecting again.",
		},
		docs: linkedInOAuth,
		patterns: []pattern{
			{codes: []string{"unauthorized_scope_error", "invalid_scope"}},
			{text: "scope … is not authorized for your application"},
			{text: "scope not_authorized"},
			{all: []string{scopeWords, badScopeWords}},
		},
		examples: []Input{
			{Stage: platforms.StageAuthorize, ErrorCode: "unauthorized_scope_error", ErrorMessage: "Scope &quot;w_organization_social&quot; is not authorized for your application"},
			{ErrorMessage: "Error in OAuth Server: unauthorized_scope_error"},
			{ErrorMessage: "Scope &quot;r_liteprofile&quot; is not authorized for your application"},
			{ErrorMessage: "OAuth::Problem - Scope NOT_AUTHORIZED : r_fullprofile"},
			{ErrorMessage: "Unknown scopes"},
		},
	},
	{
		id: "linkedin/invalid-client", issue: InvalidCredentials, severity: High, fixableBy: Operator, action: FixConfiguration,
		causes: []string{
			"The client secret in Mooring's configuration is not the app's Primary Client Secret.",
			"The client id belongs to another app.",
		},
		solutions: []string{
			"Open https://www.linkedin.com/developers/apps, choose {{app}}, then Auth.",
			"Copy Client ID and Primary Client Secret into LINKEDIN_CLIENT_ID and LINKEDIN_CLIENT_SECRET.",
			"Restart Mooring and start connecting again.",
		},
		docs: linkedInOAuth,
		patterns: []pattern{
			{codes: []string{"invalid_client"}},
			{text: "client_id is invalid"},
			{text: "client authentication failed"},
			{all: []string{clientWords, badClientWords}},
		},
		examples: []Input{
			{Stage: platforms.StageExchange, HTTPStatus: 401, Body: `{"error":"invalid_client","error_description":"Client authentication failed"}`},
			{ErrorMessage: "The passed in client_id is invalid"},
			{ErrorMessage: "Client authentication failed"},
			{ErrorMessage: "Wrong API key"},
		},
	},
	{
		id: "linkedin/parameter-missing", issue: InvalidRequest, severity: High, fixableBy: Operator, action: FixConfiguration,
		causes: []string{
			"The client id or the client secret in Mooring's configuration is empty.",
			"A proxy removed a parameter of the request.",
		},
		solutions: []string{
			"Check that LINKEDIN_CLIENT_ID and LINKEDIN_CLIENT_SECRET are set, without quotes or spaces.",
			"Restart Mooring and start connecting again.",
		},
		docs: linkedInOAuth,
		patterns: []pattern{
			{text: "a required parameter … is missing"},
			{codes: []string{"invalid_request"}, text: "a required parameter … is missing"},
			{codes: []string{"invalid_request"}, text: "you need to pass the … parameter"},
		},
		examples: []Input{
			{Stage: platforms.StageExchange, HTTPStatus: 400, Body: `{"error":"invalid_request","error_description":"A required parameter \"client_id\" is missing"}`},
			{ErrorMessage: `A required parameter "client_id" is missing`},
			{ErrorMessage: "/authenticate/linkedin?error=invalid_request&error_description=You+need+to+pass+the+%22state%22+parameter"},
		},
	},
	{
		id: "linkedin/code-unknown", issue: InvalidState, severity: Medium, fixableBy: User, action: Retry,
		causes: []string{
			"The code in the address is not one that LinkedIn issued: it was cut off, changed or copied wrongly.",
		},
		solutions: []string{"Start connecting again, and let the browser go back to Mooring by itself."},
		docs:      linkedInOAuth,
		patterns: []pattern{
			{text: "unable to retrieve access token … authorization code not found"},
			{all: []string{codeWords, deadWords}},
		},
		examples: []Input{
			{Stage: platforms.StageExchange, HTTPStatus: 400, Body: `{"error":"invalid_request","error_description":"Unable to retrieve access token: authorization code not found"}`},
			{ErrorMessage: "Unable to retrieve access token: authorization code not found"},
			{ErrorMessage: "Der Autorisierungscode ist ungültig"},
		},
	},
	{
		// Mooring sends the same redirect URI twice, and LinkedIn refuses an
		// unregistered one on its own page, so a dead code is the likeliest.
		id: "linkedin/code-or-redirect", issue: InvalidState, severity: Medium, fixableBy: User, action: Retry,
		atMost: 0.6,
		causes: []string{
			"The code was used already, for example because the page was reloaded.",
			"The code has expired; LinkedIn's live for 30 minutes.",
			"The redirect URI differs from the one that the consent page was given.",
			"LinkedIn answers the same in all three cases, so they cannot be told apart.",
		},
		solutions: []string{
			"Start connecting again, and do not reload the page after pressing Allow.",
			"If it fails again at once, tell whoever runs Mooring.",
			"Operator: open https://www.linkedin.com/developers/apps, choose {{app}}, then Auth, and enter exactly this under Authorized redirect URLs: {{redirect}}",
		},
		docs: linkedInOAuth,
		patterns: []pattern{
			{text: "redirect uri … does not match authorization code"},
			{codes: []string{"invalid_request"}, text: "redirect uri … does not match authorization code"},
		},
		examples: []Input{
			{Stage: platforms.StageExchange, HTTPStatus: 400, Body: `{"error":"invalid_request","error_description":"Unable to retrieve access token: appid/redirect uri/code verifier does not match authorization code. Or authorization code expired. Or external member binding exists"}`},
			{ErrorMessage: "Unable to retrieve access token: appid/redirect uri/code verifier does not match authorization code. Or authorization code expired. Or external member binding exists"},
			{ErrorMessage: "invalid_request: Unable to retrieve access token : appId or redirect uri does not match authorization code or authorization code expired"},
		},
	},
	{
		id: "linkedin/redirect-or-code", issue: RedirectURIMismatch, severity: High, fixableBy: Operator, action: FixConfiguration,
		atMost: 0.6,
		causes: []string{
			"The redirect URI differs from the one that the consent page was given.",
			"The code has expired; LinkedIn's live for 30 minutes.",
			"The code was used already, for example because the page was reloaded.",
			"LinkedIn answers the same in all three cases, so they cannot be told apart.",
		},
		solutions: []string{
			"Start connecting again once, and do not reload the page after pressing Allow. If that works, the code was the cause.",
			"Open https://www.linkedin.com/developers/apps, choose {{app}}, then Auth, and enter exactly this under Authorized redirect URLs: {{redirect}}",
			"If Mooring is reached under another address now, set MOORING_PUBLIC_URL or LINKEDIN_REDIRECT_URI and restart it.",
		},
		docs: linkedInOAuth,
		patterns: []pattern{
			{codes: []string{"invalid_redirect_uri"}},
			{codes: []string{"invalid_redirect_uri"}, text: "redirect uri … does not match authorization code"},
		},
		examples: []Input{
			{Stage: platforms.StageExchange, HTTPStatus: 400, ErrorCode: "invalid_redirect_uri", ErrorMessage: "Unable to retrieve access token: appid/redirect uri/code verifier does not match authorization code. Or authorization code expired. Or external member binding exists"},
			{Stage: platforms.StageExchange, HTTPStatus: 400, ErrorCode: "invalid_redirect_uri"},
		},
	},
	{
		id: "linkedin/refresh-dead", issue: RevokedAccess, severity: High, fixableBy: User, action: Reconnect,
		atMost: 0.8,
		causes: []string{
			"The refresh token has ended: LinkedIn's live for a year from the first consent, however often they are used.",
			"You removed the app under https://www.linkedin.com/psettings/permitted-services in your settings.",
			"LinkedIn ended the access early, which it may do for technical or policy reasons.",
		},
		solutions: []string{"Reconnect {{account}}."},
		docs:      linkedInRefresh,
		patterns: []pattern{
			{codes: []string{"invalid_grant", "invalid_request"}, stages: []platforms.Stage{platforms.StageRefresh}},
			{all: []string{refreshWords, deadWords}},
		},
		examples: []Input{
			{Stage: platforms.StageRefresh, HTTPStatus: 400, ErrorCode: "invalid_grant"},
			{Stage: platforms.StageRefresh, HTTPStatus: 400, ErrorCode: "invalid_request", Class: platforms.ClassRefreshDead},
			{Stage: platforms.StageRefresh, HTTPStatus: 400, Body: `{"error":"invalid_request","error_description":"The refresh token was refused"}`},
			{ErrorMessage: "The refresh token expired"},
		},
	},
	{
		id: "linkedin/token-invalid", issue: ExpiredToken, severity: High, fixableBy: User, action: Reconnect,
		causes: []string{
			"LinkedIn no longer takes the access token.",
			"A later consent with other scopes ended it: LinkedIn ends all earlier tokens of an app then.",
		},
		solutions: []string{
			"Reconnect {{account}}.",
			"Operator: ask for one set of scopes only with this app.",
		},
		docs: linkedInErrors,
		patterns: []pattern{
			{codes: []string{"65600", "65604", "invalid_access_token"}},
			{text: "empty oauth2 access token"},
			{text: "unable to verify access token"},
			{all: []string{accessTokenWords, refusedWords}},
		},
		examples: []Input{
			{Stage: platforms.StageAPI, HTTPStatus: 401, Body: `{"status":401,"serviceErrorCode":65600,"code":"INVALID_ACCESS_TOKEN","message":"Invalid access token"}`},
			{Stage: platforms.StageAPI, HTTPStatus: 401, ErrorCode: "65600", Class: platforms.ClassStaleAccess},
			{Stage: platforms.StageAPI, HTTPStatus: 401, ErrorMessage: "Empty oauth2_access_token"},
			{ErrorMessage: "Empty oauth2 access token"},
			{ErrorMessage: "Unable to verify access token"},
			{ErrorMessage: "Zugriffstoken ungültig"},
		},
	},
	{
		id: "linkedin/revoked", issue: RevokedAccess, severity: High, fixableBy: User, action: Reconnect,
		atMost: 0.9,
		causes: []string{
			"You removed the app under https://www.linkedin.com/psettings/permitted-services in your settings.",
			"LinkedIn ended the access early, which it may do for technical or policy reasons.",
			"A later consent with other scopes ended the token.",
		},
		solutions: []string{
			"Reconnect {{account}}, and press Allow on LinkedIn's consent page.",
		},
		docs: linkedInErrors,
		patterns: []pattern{
			{codes: []string{"65601", "revoked_access_token"}},
			{all: []string{grantWords, revokedWords}},
		},
		examples: []Input{
			{Stage: platforms.StageAPI, HTTPStatus: 401, Body: `{"status":401,"serviceErrorCode":65601,"code":"REVOKED_ACCESS_TOKEN","message":"The token used in the request has been revoked by the user"}`},
			{Stage: platforms.StageAPI, HTTPStatus: 401, ErrorCode: "65601", Class: platforms.ClassStaleAccess},
			{ErrorCode: "REVOKED_ACCESS_TOKEN"},
			{ErrorMessage: "El acceso fue revocado"},
		},
	},
	{
		id: "linkedin/not-yet-active", issue: PlatformOutage, severity: Low, fixableBy: NobodyWait, action: Retry, transient: true,
		causes: []string{
			"The token is so new that not all of LinkedIn's servers know it. They call it revoked for the first seconds.",
		},
		solutions: []string{
			"Wait ten seconds, then try again.",
			"If it still says revoked after a minute, reconnect {{account}}.",
		},
		docs: linkedInErrors,
		patterns: []pattern{
			{codes: []string{"65601", "revoked_access_token"}, stages: connecting},
			{codes: []string{"65601", "revoked_access_token"}, fresh: true},
		},
		examples: []Input{
			{Stage: platforms.StageAPI, HTTPStatus: 401, ErrorCode: "65601", FreshToken: true},
			{ErrorCode: "65601", FreshToken: true},
			{Stage: platforms.StageExchange, HTTPStatus: 401, Body: `{"status":401,"serviceErrorCode":65601,"code":"REVOKED_ACCESS_TOKEN","message":"The token used in the request has been revoked by the user"}`},
		},
	},
	{
		id: "linkedin/expired", issue: ExpiredToken, severity: High, fixableBy: User, action: Reconnect,
		causes: []string{
			"The access token has ended; LinkedIn's live for 60 days, and only apps of approved partners may renew them.",
		},
		solutions: []string{"Reconnect {{account}}. While you are signed in to LinkedIn this takes one click."},
		docs:      linkedInRefresh,
		patterns: []pattern{
			{codes: []string{"65602", "expired_access_token", Expired.code()}},
			{subcodes: []string{"expired_access_token"}},
			{text: "token used in the request is expired"},
			{all: []string{tokenWords, expiredWords}},
			{text: "expired access token"},
		},
		examples: []Input{
			{Stage: platforms.StageAPI, HTTPStatus: 401, Body: `{"status":401,"code":"EXPIRED_ACCESS_TOKEN","message":"The token used in the request is expired"}`},
			{Stage: platforms.StageAPI, HTTPStatus: 401, ErrorCode: "EXPIRED_ACCESS_TOKEN", Class: platforms.ClassStaleAccess},
			{Stage: platforms.StageAPI, HTTPStatus: 401, ErrorCode: "65609", ErrorSubcode: "EXPIRED_ACCESS_TOKEN", Class: platforms.ClassStaleAccess},
			{ErrorMessage: "The token used in the request is expired"},
			{ErrorCode: Expired.code()},
			{ErrorMessage: "Die Sitzung ist abgelaufen"},
			{ErrorMessage: "[unauthorized]. Expired access token."},
		},
	},
	{
		id: "linkedin/scope-missing", issue: InsufficientPermissions, severity: High, fixableBy: User, action: Reconnect,
		causes: []string{
			"The account was connected without the scope that this needs.",
			"The app lacks the product that contains the scope, so LinkedIn left it out.",
			"You are not an administrator of the page.",
		},
		solutions: []string{
			"Reconnect {{account}}, and press Allow on LinkedIn's consent page.",
			"For a page, ask its super admin to make you an administrator under Admin tools, Manage admins.",
			"Operator: open https://www.linkedin.com/developers/apps, choose {{app}}, and compare Products and the scopes under Auth.",
		},
		docs: linkedInErrors,
		patterns: []pattern{
			{codes: []string{"100"}},
			{codes: []string{"access_denied"}, statuses: []int{403}},
			{text: "not enough permissions to access"},
			{text: "access to … denied"},
			{all: []string{permissionWords, lackingWords}},
			{statuses: []int{403}, stages: []platforms.Stage{platforms.StageAPI}},
		},
		examples: []Input{
			{Stage: platforms.StageAPI, HTTPStatus: 403, Body: `{"status":403,"serviceErrorCode":100,"code":"ACCESS_DENIED","message":"Not enough permissions to access: userinfo.GET.NO_VERSION"}`},
			{Stage: platforms.StageAPI, HTTPStatus: 403, ErrorCode: "ACCESS_DENIED", Class: platforms.ClassMissingScope},
			{ErrorMessage: "Not enough permissions to access: GET /me"},
			{ErrorCode: "100", ErrorMessage: `Authentication failure! invalid_credentials: OAuth2::Error, : {"serviceErrorCode":100,"message":"Not enough permissions to access: GET /me","status":403}`},
			{ErrorMessage: "Access to posting shares denied"},
			{ErrorMessage: "Permiso insuficiente"},
			{Stage: platforms.StageAPI, HTTPStatus: 403},
		},
	},
	{
		id: "linkedin/api-restricted", issue: AppNotApproved, severity: High, fixableBy: Operator, action: FixConfiguration,
		atMost: 0.6,
		causes: []string{
			"LinkedIn shows this part of its API only to apps with a certain product.",
			"The object asked for does not exist any more.",
		},
		solutions: []string{
			"Open https://www.linkedin.com/developers/apps, choose {{app}}, then Products.",
			"Request the product that contains the API, and have the app verified by a page admin under Settings.",
		},
		docs: linkedInErrors,
		patterns: []pattern{
			{statuses: []int{404}, stages: []platforms.Stage{platforms.StageAPI}},
		},
		examples: []Input{
			{Stage: platforms.StageAPI, HTTPStatus: 404},
		},
	},
	{
		id: "linkedin/version-retired", issue: InvalidRequest, severity: High, fixableBy: Operator, action: FixConfiguration,
		causes: []string{
			"The version of LinkedIn's API that Mooring asks for was switched off. LinkedIn keeps one for about a year.",
		},
		solutions: []string{
			"Set LINKEDIN_VERSION to a version that is alive, written as year and month such as 202611.",
			"Restart Mooring. Accounts recover by themselves; nobody has to reconnect.",
		},
		docs: linkedInErrors,
		patterns: []pattern{
			{codes: []string{"nonexistent_version"}},
			{statuses: []int{426}},
			{text: "requested version … is not active"},
		},
		examples: []Input{
			{Stage: platforms.StageAPI, HTTPStatus: 426, Body: `{"status":426,"code":"NONEXISTENT_VERSION","message":"Requested version 20250401 is not active"}`},
			{Stage: platforms.StageAPI, HTTPStatus: 426, Class: platforms.ClassAppFault},
			{HTTPStatus: 426},
			{ErrorCode: "NONEXISTENT_VERSION"},
			{ErrorMessage: "Requested version 20250401 is not active"},
		},
	},
	{
		id: "linkedin/version-missing", issue: InvalidRequest, severity: High, fixableBy: Operator, action: FixConfiguration,
		causes: []string{
			"The request carried no version of LinkedIn's API, which its newer parts want.",
		},
		solutions: []string{
			"Set LINKEDIN_VERSION to a version that is alive, written as year and month such as 202611.",
			"Check that no proxy removes the header LinkedIn-Version.",
			"Restart Mooring.",
		},
		docs: linkedInErrors,
		patterns: []pattern{
			{codes: []string{"version_missing"}},
			{text: "version … header … missing"},
			{text: "a version must be present"},
		},
		examples: []Input{
			{Stage: platforms.StageAPI, HTTPStatus: 400, Body: `{"status":400,"code":"VERSION_MISSING","message":"A version must be present. Please specify a version by adding the LinkedIn-Version header."}`},
			{Stage: platforms.StageAPI, HTTPStatus: 400, ErrorCode: "VERSION_MISSING"},
			{Stage: platforms.StageAPI, HTTPStatus: 400, ErrorMessage: "The version header is missing"},
			{ErrorMessage: "A version must be present. Please specify a version."},
		},
	},
	{
		id: "linkedin/duplicate", issue: InvalidRequest, severity: Low, fixableBy: User, action: NoAction,
		causes: []string{
			"The same post was sent twice within about ten minutes. LinkedIn keeps the first.",
		},
		solutions: []string{
			"Look at LinkedIn whether the post is there; then nothing has to be done.",
			"To post again, change the text or wait ten minutes.",
		},
		docs: linkedInErrors,
		patterns: []pattern{
			{codes: []string{"duplicate_post"}},
			{statuses: []int{422}, text: "duplicate"},
			{text: "content is a duplicate"},
		},
		examples: []Input{
			{Stage: platforms.StageAPI, HTTPStatus: 422, Body: `{"status":422,"code":"DUPLICATE_POST","message":"Content is a duplicate of urn:li:share:1"}`},
			{HTTPStatus: 422, ErrorCode: "DUPLICATE_POST"},
			{HTTPStatus: 422, ErrorMessage: "Duplicate post is detected"},
			{ErrorMessage: "Content is a duplicate of urn:li:share:1"},
		},
	},
	{
		id: "linkedin/throttled", issue: RateLimit, severity: Medium, fixableBy: NobodyWait, action: Wait, transient: true,
		causes: []string{
			"The day's allowance at LinkedIn is used up, for this member or for the whole app.",
			"Apps in the development tier have a small allowance.",
		},
		solutions: []string{
			"Wait: LinkedIn counts anew at 00:00 UTC. The account stays connected.",
			"Operator: look at the Analytics tab of {{app}} at https://www.linkedin.com/developers/apps, and apply for the standard tier if the allowance is too small.",
		},
		docs: linkedInLimits,
		patterns: []pattern{
			{statuses: []int{429}},
			{text: "throttle limit … is reached"},
			{codes: []string{"too_many_requests"}},
			{all: []string{limitWords, exceededWords}},
			{all: []string{tooManyWords, requestWords}},
		},
		examples: []Input{
			{Stage: platforms.StageAPI, HTTPStatus: 429, Body: `{"status":429,"message":"Resource level throttle limit for calls to this resource is reached."}`},
			{Stage: platforms.StageAPI, HTTPStatus: 429, Class: platforms.ClassRateLimited},
			{ErrorMessage: "Resource level throttle limit for calls to this resource is reached."},
			{ErrorCode: "TOO_MANY_REQUESTS"},
			{ErrorMessage: "Das Limit ist erreicht"},
			{ErrorMessage: "Zu viele Anfragen"},
		},
	},
	{
		id: "linkedin/member-restricted", issue: AccountRestricted, severity: High, fixableBy: User, action: ContactPlatform,
		causes: []string{
			"LinkedIn has restricted the member's account, often after something looked automated.",
		},
		solutions: []string{
			"Sign in at https://www.linkedin.com and follow what it asks, such as confirming your identity.",
			"If it stays restricted, appeal at https://www.linkedin.com/help/linkedin.",
			"Validate {{account}} afterwards, and reconnect it if that fails.",
		},
		docs: linkedInErrors,
		patterns: []pattern{
			{codes: []string{"member_restricted", "restricted_member"}},
			{all: []string{accountWords, restrictedWords}},
			{all: []string{verifyWords, selfWords}},
		},
		examples: []Input{
			{ErrorCode: "RESTRICTED_MEMBER"},
			{ErrorMessage: "My account got restricted"},
			{ErrorMessage: "Please confirm your identity"},
		},
	},
	{
		id: "linkedin/request", issue: InvalidRequest, severity: Medium, fixableBy: Operator, action: FixConfiguration,
		causes: []string{
			"A field of the request is missing, unknown or malformed; the message may say which.",
		},
		solutions: []string{
			"Compare what was sent with LinkedIn's documentation of the call and of its version.",
			"The account stays connected; only this request was refused.",
		},
		docs: linkedInErrors,
		patterns: []pattern{
			{codes: []string{
				"illegal_argument", "missing_required_field", "missing_field", "invalid_value", "invalid_urn_id", "invalid_urn_type", "query_param_not_allowed", "field_length_too_long", "param_invalid", "unpermitted_fields_present", "resource_not_found",
			}},
			{all: []string{parameterWords, faultyWords}},
		},
		examples: []Input{
			{Stage: platforms.StageAPI, HTTPStatus: 400, Body: `{"status":400,"code":"ILLEGAL_ARGUMENT","message":"Syntax exception in path variables"}`},
			{ErrorMessage: "Unpermitted fields: parameters unknown"},
		},
	},
}}
