package diagnosis

import "mooring/platforms"

// X's documents.
const (
	twitterErrors  = "https://docs.x.com/x-api/fundamentals/response-codes-and-errors"
	twitterOAuth   = "https://docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code"
	twitterApps    = "https://docs.x.com/fundamentals/developer-apps"
	twitterLimits  = "https://docs.x.com/x-api/fundamentals/rate-limits"
	twitterPricing = "https://docs.x.com/x-api/getting-started/pricing"
)

// twitterRules know X. Its token endpoint says invalid_request for nearly
// everything, so the description decides; its API answers with problem types,
// of which only the last segment is stable.
var twitterRules = ruleSet{platform: "twitter", rules: []rule{
	{
		id: "twitter/refused-page", issue: RedirectURIMismatch, severity: High, fixableBy: Operator, action: FixConfiguration,
		causes: []string{
			"The callback address registered at X differs from Mooring's, if only in a slash at the end.",
			"The client id is empty, or it is the API key of OAuth 1.0a.",
			"OAuth 2.0 is not set up under User authentication settings.",
		},
		solutions: []string{
			"Open https://console.x.com and choose {{app}}, then User authentication settings.",
			"Set the type of app to Web App, Automated App or Bot.",
			"Enter exactly this callback URI: {{redirect}}",
			"Copy the OAuth 2.0 Client ID from Keys and tokens into TWITTER_CLIENT_ID, and restart Mooring.",
			"Start connecting again.",
		},
		docs: twitterApps,
		patterns: []pattern{
			{text: "you weren't able to give access to the app"},
		},
		examples: []Input{
			{ErrorMessage: "Something went wrong. You weren't able to give access to the App. Go back and try logging in again."},
			{Stage: platforms.StageAuthorize, ErrorMessage: "Something went wrong\nYou weren’t able to give access to the App."},
		},
	},
	{
		id: "twitter/attempt-expired", issue: InvalidState, severity: Medium, fixableBy: User, action: Retry,
		atMost: 0.7,
		causes: []string{
			"Nobody finished connecting in time.",
			"X showed “You weren't able to give access to the App”. It does not send you back then: the callback URI, the client id, the scopes or the type of app do not fit.",
		},
		solutions: []string{
			"Start connecting again and finish within ten minutes.",
			"If X shows that page, tell whoever runs Mooring.",
			"Operator: open https://console.x.com, choose {{app}}, then User authentication settings, and enter exactly this callback URI: {{redirect}}",
			"Operator: set the type of app to Web App, and compare TWITTER_CLIENT_ID with the OAuth 2.0 Client ID under Keys and tokens.",
		},
		docs:     twitterApps,
		patterns: []pattern{{codes: []string{CodeAttemptExpired}}},
		examples: []Input{{Stage: platforms.StageAuthorize, ErrorCode: CodeAttemptExpired}},
	},
	{
		id: "twitter/no-client-authentication", issue: InvalidCredentials, severity: High, fixableBy: Operator, action: FixConfiguration,
		causes: []string{
			"The app's type at X does not fit: Mooring signs in as a Web App with a secret, and the app is a Native App or Single page App.",
			"The client id or secret is empty, or belongs to OAuth 1.0a.",
		},
		solutions: []string{
			"Open https://console.x.com and choose {{app}}, then User authentication settings.",
			"Set the type of app to Web App, Automated App or Bot.",
			"Under Keys and tokens copy the OAuth 2.0 Client ID and Client Secret into TWITTER_CLIENT_ID and TWITTER_CLIENT_SECRET. The API key and secret are not these.",
			"Restart Mooring and start connecting again.",
		},
		docs: twitterOAuth,
		patterns: []pattern{
			{codes: []string{"unauthorized_client"}},
			{text: "missing valid authorization header"},
			{text: "missing … authorization header"},
		},
		examples: []Input{
			{Stage: platforms.StageExchange, HTTPStatus: 401, Body: `{"error":"unauthorized_client","error_description":"Missing valid authorization header"}`},
			{Stage: platforms.StageRefresh, HTTPStatus: 401, ErrorCode: "unauthorized_client", Class: platforms.ClassAppFault},
			{Stage: platforms.StageRevoke, HTTPStatus: 401, ErrorCode: "unauthorized_client", ErrorMessage: "Missing valid authorization header"},
			{ErrorMessage: "Missing valid authorization header"},
			{ErrorMessage: "Missing or bad authorization header"},
		},
	},
	{
		id: "twitter/wrong-secret", issue: InvalidCredentials, severity: High, fixableBy: Operator, action: FixConfiguration,
		causes: []string{
			"The client secret was regenerated at X, and Mooring still has the old one.",
			"The API key and secret of OAuth 1.0a were entered instead of the OAuth 2.0 ones.",
		},
		solutions: []string{
			"Open https://console.x.com and choose {{app}}, then Keys and tokens.",
			"Copy the OAuth 2.0 Client ID into TWITTER_CLIENT_ID. Regenerate the Client Secret if you do not have it; X shows it once.",
			"Enter it as TWITTER_CLIENT_SECRET and restart Mooring.",
		},
		docs: twitterOAuth,
		patterns: []pattern{
			{codes: []string{"invalid_client"}},
			{codes: []string{"32", "99", "215"}},
			{text: "could not authenticate you"},
			{text: "bad authentication data"},
			{text: "could not verify your credentials"},
			{text: "unable to verify your credentials"},
			{all: []string{clientWords, badClientWords}},
		},
		examples: []Input{
			{Stage: platforms.StageExchange, HTTPStatus: 401, ErrorCode: "invalid_client"},
			{HTTPStatus: 401, Body: `{"errors":[{"code":32,"message":"Could not authenticate you."}]}`},
			{HTTPStatus: 400, Body: `{"errors":[{"code":215,"message":"Bad Authentication data."}]}`},
			{ErrorMessage: "Could not authenticate you"},
			{ErrorMessage: "Bad Authentication data"},
			{ErrorMessage: "We could not verify your credentials"},
			{ErrorMessage: "Unable to verify your credentials"},
			{ErrorMessage: "Consumer key and secret are wrong"},
		},
	},
	{
		id: "twitter/code-dead", issue: InvalidState, severity: Medium, fixableBy: User, action: Retry,
		causes: []string{
			"The page was reloaded, so that X's one-time code was used twice.",
			"More than 30 seconds passed before the code was exchanged; X's codes live no longer.",
		},
		solutions: []string{
			"Start connecting again.",
			"Press Authorize app once, and do not reload the page that follows.",
			"Operator: if it happens often, look for a slow network or a wrong clock on the server.",
		},
		docs: twitterOAuth,
		patterns: []pattern{
			{text: "value passed for the authorization code was invalid"},
			{all: []string{codeWords, deadWords}},
		},
		examples: []Input{
			{Stage: platforms.StageExchange, HTTPStatus: 400, ErrorCode: "invalid_request", ErrorMessage: "Value passed for the authorization code was invalid."},
			{Stage: platforms.StageExchange, HTTPStatus: 400, Body: `{"error":"invalid_request","error_description":"Value passed for the authorization code was invalid."}`},
			{ErrorMessage: "Request failed: Value passed for the authorization code was invalid."},
			{ErrorMessage: "The auth code has expired"},
		},
	},
	{
		id: "twitter/redirect-mismatch", issue: RedirectURIMismatch, severity: High, fixableBy: Operator, action: FixConfiguration,
		causes: []string{
			"The redirect URI was changed between the consent page and the exchange, for example by a restart with another setting.",
			"Two installations of Mooring with different addresses share the attempt.",
		},
		solutions: []string{
			"Set MOORING_PUBLIC_URL or TWITTER_REDIRECT_URI to the same value everywhere.",
			"Open https://console.x.com, choose {{app}}, then User authentication settings, and enter exactly this callback URI: {{redirect}}",
			"On your own machine use 127.0.0.1 rather than localhost.",
			"Start connecting again.",
		},
		docs: twitterApps,
		patterns: []pattern{
			{text: "value passed for the redirect uri did not match"},
			{codes: []string{"415", "417"}},
			{text: "callback url not approved"},
			{text: "desktop applications only support"},
			{all: []string{redirectWords, mismatchWords}},
		},
		examples: []Input{
			{Stage: platforms.StageExchange, HTTPStatus: 400, ErrorCode: "invalid_request", ErrorMessage: "Value passed for the redirect uri did not match the uri of the authorization code."},
			{ErrorMessage: "Value passed for the redirect uri did not match the uri of the authorization code."},
			{HTTPStatus: 403, Body: `{"errors":[{"code":415,"message":"Callback URL not approved for this client application."}]}`},
			{ErrorMessage: "Callback URL not approved for this client application"},
			{ErrorMessage: "Desktop applications only support the oauth_callback value of oob"},
			{ErrorMessage: "Die Weiterleitungs-URI ist ungültig"},
			{ErrorCode: "417"},
		},
	},
	{
		id: "twitter/pkce", issue: InvalidState, severity: Medium, fixableBy: User, action: Retry,
		causes: []string{
			"The code came from another attempt than the one that was finished.",
			"Something rewrote the address of X's consent page on the way.",
		},
		solutions: []string{
			"Close other windows in which you were connecting.",
			"Start connecting again and finish in the same window.",
			"Operator: if it fails each time, look for a proxy that changes addresses; X wants code_challenge_method to be exactly S256.",
		},
		docs: twitterOAuth,
		patterns: []pattern{
			{text: "value passed for the code verifier did not match"},
			{codes: []string{"invalid_request"}, text: "value passed for the code verifier did not match"},
		},
		examples: []Input{
			{Stage: platforms.StageExchange, HTTPStatus: 400, ErrorCode: "invalid_request", ErrorMessage: "Value passed for the code verifier did not match the code challenge."},
			{ErrorMessage: "Value passed for the code verifier did not match the code challenge."},
		},
	},
	{
		id: "twitter/request-token", issue: InvalidState, severity: Medium, fixableBy: User, action: Retry,
		causes: []string{
			"The page belongs to an attempt that was finished, given up or begun too long ago. Cookies that are blocked have the same effect.",
		},
		solutions: []string{
			"Start connecting again, and allow cookies for X and for the address you start from.",
		},
		docs: twitterOAuth,
		patterns: []pattern{
			{text: "request token for this page"},
			{all: []string{"request token", deadWords + "|no |there is no|geen|kein"}},
		},
		examples: []Input{
			{ErrorMessage: "Whoa there! The request token for this page is invalid. It may have already been used, or expired because it is too old."},
			{ErrorMessage: "De \"request token\" voor deze pagina is ongeldig."},
		},
	},
	{
		id: "twitter/refresh-dead", issue: RevokedAccess, severity: High, fixableBy: User, action: Reconnect,
		causes: []string{
			"You removed the app at https://x.com/settings/connected_apps, or X did.",
			"The refresh token was used already. X's work once, so another program with the same app may have used it.",
			"The account was not used for about half a year.",
		},
		solutions: []string{
			"Reconnect {{account}}.",
			"Operator: give each installation an app of its own at X, so that they do not use up each other's tokens.",
		},
		docs: twitterOAuth,
		patterns: []pattern{
			{text: "value passed for the token was invalid"},
			{codes: []string{"invalid_request"}, class: platforms.ClassRefreshDead, stages: []platforms.Stage{platforms.StageRefresh}},
			{codes: []string{"invalid_grant"}, stages: []platforms.Stage{platforms.StageRefresh}},
			{all: []string{refreshWords, deadWords}},
		},
		examples: []Input{
			{Stage: platforms.StageRefresh, HTTPStatus: 400, ErrorCode: "invalid_request", ErrorMessage: "Value passed for the token was invalid.", Class: platforms.ClassRefreshDead},
			{Stage: platforms.StageRefresh, HTTPStatus: 400, Body: `{"error":"invalid_request","error_description":"Value passed for the token was invalid."}`},
			{Stage: platforms.StageRefresh, HTTPStatus: 400, ErrorCode: "invalid_grant"},
			{Stage: platforms.StageRefresh, HTTPStatus: 400, ErrorCode: "invalid_request", Class: platforms.ClassRefreshDead},
			{ErrorMessage: "Value passed for the token was invalid."},
			{ErrorMessage: "El token de actualización ha expirado"},
		},
	},
	{
		id: "twitter/already-revoked", issue: RevokedAccess, severity: Low, fixableBy: User, action: NoAction,
		causes: []string{
			"The token had ended or been revoked before.",
		},
		solutions: []string{
			"Nothing has to be done: the account is disconnected.",
			"To be sure, open https://x.com/settings/connected_apps and see that the app is gone.",
		},
		docs: twitterOAuth,
		patterns: []pattern{
			{statuses: []int{400}, stages: []platforms.Stage{platforms.StageRevoke}},
			{codes: []string{"invalid_request"}, stages: []platforms.Stage{platforms.StageRevoke}},
			{text: "value passed for the token was invalid", stages: []platforms.Stage{platforms.StageRevoke}},
		},
		examples: []Input{
			{Stage: platforms.StageRevoke, HTTPStatus: 400},
			{Stage: platforms.StageRevoke, ErrorMessage: "Value passed for the token was invalid."},
			{Stage: platforms.StageRevoke, HTTPStatus: 400, ErrorCode: "invalid_request", ErrorMessage: "Value passed for the token was invalid."},
			{Stage: platforms.StageRevoke, HTTPStatus: 400, ErrorCode: "invalid_request"},
			{Stage: platforms.StageRevoke, HTTPStatus: 400, ErrorCode: "invalid_request", Class: platforms.ClassRefreshDead},
			{Stage: platforms.StageRevoke, HTTPStatus: 400, ErrorCode: "invalid_request", ErrorMessage: "Value passed for the token was invalid.", Class: platforms.ClassRefreshDead},
		},
	},
	{
		id: "twitter/unauthorized", issue: ExpiredToken, severity: High, fixableBy: User, action: Reconnect,
		atMost: 0.8,
		causes: []string{
			"The access token has ended; X's live for two hours.",
			"You removed the app at https://x.com/settings/connected_apps. X answers the same in both cases.",
		},
		solutions: []string{
			"Refresh {{account}} once; if only the access token had ended, it works again.",
			"If it still fails, reconnect {{account}}.",
		},
		docs: twitterErrors,
		patterns: []pattern{
			{statuses: []int{401}, stages: []platforms.Stage{platforms.StageAPI}},
			{statuses: []int{401}, stages: []platforms.Stage{platforms.StageAPI}, class: platforms.ClassRefreshDead},
			{codes: []string{"89"}},
			{text: "invalid or expired token"},
			{all: []string{tokenWords, expiredWords}},
			{all: []string{accessTokenWords, refusedWords}},
		},
		examples: []Input{
			{Stage: platforms.StageAPI, HTTPStatus: 401, Class: platforms.ClassRefreshDead},
			{Stage: platforms.StageAPI, HTTPStatus: 401, Body: `{"title":"Unauthorized","type":"about:blank","status":401,"detail":"Unauthorized"}`},
			{Stage: platforms.StageAPI, Body: `{"title":"Unauthorized","type":"about:blank","status":401,"detail":"Unauthorized"}`},
			{Stage: platforms.StageAPI, HTTPStatus: 401, Class: platforms.ClassStaleAccess},
			{HTTPStatus: 401, Body: `{"errors":[{"code":89,"message":"Invalid or expired token."}]}`},
			{ErrorCode: "89"},
			{ErrorMessage: "Twitter says: Invalid or expired token."},
			{ErrorMessage: "Le jeton a expiré"},
			{ErrorMessage: "Bearer token refused"},
		},
	},
	{
		id: "twitter/forbidden", issue: InsufficientPermissions, severity: Medium, fixableBy: Operator, action: FixConfiguration,
		causes: []string{
			"The account was connected without the scope for this, such as media.write, which came later than the others.",
			"The app's permission at X is Read, while this needs Read and write.",
			"X does not offer this action to self-serve apps, such as likes, follows and many replies.",
		},
		solutions: []string{
			"Open https://console.x.com, choose {{app}}, then User authentication settings, and set the permissions to Read and write.",
			"Reconnect {{account}}: a token keeps the permissions it was issued with.",
			"If the scopes are all there, look in X's changelog whether the action is still offered.",
		},
		docs: twitterErrors,
		patterns: []pattern{
			{statuses: []int{403}, stages: []platforms.Stage{platforms.StageAPI}},
			{text: "you are not permitted to perform this action"},
			{text: "read-only application cannot post"},
			{codes: []string{"87", "93", "179", "220", "oauth1-permissions", "not-authorized-for-resource", "not-authorized-for-field"}},
			{text: "appropriate oauth1 app permissions"},
			{text: "not permitted to access or delete"},
			{all: []string{permissionWords, lackingWords}},
		},
		examples: []Input{
			{Stage: platforms.StageAPI, HTTPStatus: 403, Body: `{"title":"Forbidden","type":"about:blank","status":403,"detail":"You are not permitted to perform this action."}`},
			{Stage: platforms.StageAPI, HTTPStatus: 403, Class: platforms.ClassMissingScope},
			{Stage: platforms.StageAPI, HTTPStatus: 403},
			{ErrorMessage: "'error' => 'Read-only application cannot POST.'"},
			{ErrorCode: "220"},
			{ErrorMessage: "Your client app is not configured with the appropriate oauth1 app permissions for this endpoint."},
			{ErrorMessage: "This application is not permitted to access or delete your direct messages."},
			{ErrorMessage: "Fehlende Berechtigung"},
		},
	},
	{
		id: "twitter/app-only-token", issue: InvalidRequest, severity: High, fixableBy: Operator, action: FixConfiguration,
		causes: []string{
			"The token belongs to the app and not to a person. It was imported, or copied from Keys and tokens as Bearer Token.",
		},
		solutions: []string{
			"Connect {{account}} through X's consent page, or import a token that a person's consent gave.",
		},
		docs:     twitterErrors,
		patterns: []pattern{{codes: []string{"unsupported-authentication", "unsupported authentication"}}},
		examples: []Input{
			{Stage: platforms.StageAPI, HTTPStatus: 403, Body: `{"title":"Unsupported Authentication","detail":"Authenticating with OAuth 2.0 Application-Only is forbidden for this endpoint.","type":"https://api.twitter.com/2/problems/unsupported-authentication","status":403}`},
		},
	},
	{
		id: "twitter/not-enrolled", issue: AppNotApproved, severity: High, fixableBy: Operator, action: FixConfiguration,
		causes: []string{
			"The app at X is not attached to a package and to the Production environment. No account can work until it is.",
		},
		solutions: []string{
			"Open https://console.x.com and choose {{app}}.",
			"Move it to the package Pay-per-use and to the environment Production.",
			"Check that it has credits.",
			"Start connecting again; accounts that are connected recover by themselves.",
		},
		docs: twitterApps,
		patterns: []pattern{
			{codes: []string{"client-not-enrolled", "client-forbidden", "client forbidden"}},
			{subcodes: []string{"client-not-enrolled"}},
			{text: "attached to a project"},
			{codes: []string{"user-not-enrolled"}},
			{codes: []string{"453"}},
			{text: "must use keys and tokens from a"},
			{text: "subset of … api"},
			{text: "need a different access level"},
			{text: "you must use keys and"},
			{all: []string{appWords, unapprovedWords}},
		},
		examples: []Input{
			{Stage: platforms.StageAPI, HTTPStatus: 403, Body: `{"title":"Client Forbidden","reason":"client-not-enrolled","required_enrollment":"Appropriate Level of API Access","client_id":"4711","type":"https://api.twitter.com/2/problems/client-forbidden"}`},
			{Stage: platforms.StageAPI, HTTPStatus: 403, Class: platforms.ClassAppFault, ErrorCode: "client-not-enrolled"},
			{Stage: platforms.StageAPI, HTTPStatus: 403, ErrorSubcode: "client-not-enrolled", Class: platforms.ClassAppFault},
			{ErrorMessage: "you must use keys and tokens from a developer App that is attached to a Project"},
			{HTTPStatus: 403, Body: `{"errors":[{"message":"You currently have access to a subset of X API V2 endpoints","code":453}]}`},
			{ErrorMessage: "You currently have access to a subset of X API V2 endpoints and limited v1.1 endpoints only."},
			{ErrorMessage: "you may need a different access level"},
			{HTTPStatus: 403, ErrorMessage: `{"client_id":"0","detail":"When authenticating requests to the Twitter API v2 endpoints, you must use keys and to (truncated...)`},
			{ErrorMessage: "App is not approved"},
			{Body: `{"title":"Client Forbidden","reason":"user-not-enrolled"}`},
			{ErrorCode: "453"},
		},
	},
	{
		id: "twitter/credits", issue: RateLimit, severity: High, fixableBy: Operator, action: FixConfiguration,
		causes: []string{
			"The prepaid credits of the developer account at X are used up. X refuses all accounts of the app until there are new ones.",
		},
		solutions: []string{
			"Open https://console.x.com, then Billing, and buy credits.",
			"Switch on auto-recharge, and keep the balance above zero: auto-recharge stops there too.",
			"Accounts recover by themselves; nobody has to reconnect.",
		},
		docs: twitterPricing,
		patterns: []pattern{
			{codes: []string{"creditsdepleted", "credits"}},
			{statuses: []int{402}},
			{text: "does not have any credits"},
		},
		examples: []Input{
			{Stage: platforms.StageAPI, HTTPStatus: 402, Body: `{"title":"CreditsDepleted","account_id":1,"detail":"Your enrolled account [1] does not have any credits to fulfill this request.","type":"https://api.twitter.com/2/problems/credits"}`},
			{Stage: platforms.StageAPI, HTTPStatus: 403, ErrorCode: "CreditsDepleted"},
			{HTTPStatus: 402},
			{Stage: platforms.StageAPI, HTTPStatus: 402, Class: platforms.ClassAppFault},
			{ErrorMessage: "Your enrolled account [1] does not have any credits to fulfill this request."},
		},
	},
	{
		id: "twitter/spend-cap", issue: RateLimit, severity: High, fixableBy: Operator, action: FixConfiguration,
		causes: []string{
			"The spending limit that you set at X is reached. X refuses all accounts of the app until the next billing cycle.",
		},
		solutions: []string{
			"Open https://console.x.com, then Billing, and raise the spending limit.",
			"Otherwise wait for the next billing cycle. Nobody has to reconnect.",
		},
		docs:     twitterPricing,
		patterns: []pattern{{codes: []string{"spendcapreached", "spend-cap-reached"}}},
		examples: []Input{
			{Stage: platforms.StageAPI, HTTPStatus: 403, Body: `{"title":"SpendCapReached","detail":"Your spending cap has been reached."}`},
			{ErrorMessage: "403 SpendCapReached"},
		},
	},
	{
		id: "twitter/usage-cap", issue: RateLimit, severity: Medium, fixableBy: Operator, action: FixConfiguration,
		causes: []string{
			"The app's monthly allowance at X is used up. All its accounts are affected.",
		},
		solutions: []string{
			"Open https://console.x.com and look at the app's usage.",
			"Move to a larger package or to Pay-per-use, or wait for the next cycle. Nobody has to reconnect.",
		},
		docs: twitterLimits,
		patterns: []pattern{
			{codes: []string{"usage-capped", "usagecapexceeded"}},
			{text: "usage cap exceeded"},
		},
		examples: []Input{
			{Stage: platforms.StageAPI, HTTPStatus: 429, Body: `{"title":"UsageCapExceeded","detail":"Usage cap exceeded: Monthly product cap","type":"https://api.twitter.com/2/problems/usage-capped"}`},
			{HTTPStatus: 429, ErrorMessage: "twitter callout status 429 UsageCapExceeded:Usage cap exceeded: Monthly product cap"},
			{ErrorMessage: "Usage cap exceeded: Monthly product cap"},
		},
	},
	{
		id: "twitter/rate-limit", issue: RateLimit, severity: Medium, fixableBy: NobodyWait, action: Wait, transient: true,
		causes: []string{
			"Too many requests were sent to X within 15 minutes, for this account or by this app.",
		},
		solutions: []string{
			"Wait {{wait}}, then try again. X counts in windows of 15 minutes.",
			"The account stays connected; only this request was refused.",
		},
		docs: twitterLimits,
		patterns: []pattern{
			{statuses: []int{429}},
			{codes: []string{"88"}},
			{codes: []string{"185"}},
			{text: "over daily status update limit"},
			{all: []string{limitWords, exceededWords}},
			{all: []string{tooManyWords, requestWords}},
		},
		examples: []Input{
			{Stage: platforms.StageAPI, HTTPStatus: 429, Body: `{"title":"Too Many Requests","detail":"Too Many Requests","type":"about:blank","status":429}`},
			{Body: `{"errors":[{"code":88,"message":"Rate limit exceeded"}]}`},
			{HTTPStatus: 429, Body: `{"errors":[{"code":88,"message":"Rate limit exceeded"}]}`},
			{Stage: platforms.StageAPI, HTTPStatus: 429, Class: platforms.ClassRateLimited},
			{ErrorMessage: "User is over daily status update limit."},
			{ErrorMessage: "Das Limit ist erreicht"},
			{ErrorMessage: "Zu viele Anfragen"},
			{ErrorCode: "185"},
		},
	},
	{
		id: "twitter/account-locked", issue: AccountRestricted, severity: High, fixableBy: User, action: SetUpAccount,
		causes: []string{
			"X has locked or suspended this account.",
		},
		solutions: []string{
			"Sign in at https://x.com and follow what it asks to unlock the account.",
			"If the account is suspended, open https://help.x.com/forms and appeal.",
			"Validate {{account}} afterwards, and reconnect it if that fails.",
		},
		docs: twitterErrors,
		patterns: []pattern{
			{codes: []string{"326", "64", "63", "226", "231", "user-suspended"}},
			{text: "looks like it might be automated"},
			{text: "used for authentication is suspended"},
			{text: "account is temporarily locked"},
			{text: "user has been suspended"},
			{all: []string{accountWords, restrictedWords}},
			{all: []string{verifyWords, selfWords}},
		},
		examples: []Input{
			{ErrorCode: "326", ErrorMessage: "this account is temporarily locked. Please log in to https://twitter.com to unlock your account."},
			{Stage: platforms.StageAPI, HTTPStatus: 403, Body: `{"errors":[{"code":64,"message":"Your account is suspended and is not permitted to access this feature."}]}`},
			{ErrorMessage: "This request looks like it might be automated."},
			{ErrorMessage: "The user used for authentication is suspended"},
			{ErrorMessage: "Your account is temporarily locked."},
			{ErrorMessage: "User has been suspended"},
			{ErrorMessage: "Votre compte est bloqué"},
			{ErrorMessage: "Please verify your identity"},
			{HTTPStatus: 403, Body: `{"detail":"The user used for authentication is suspended","title":"Forbidden","status":403,"type":"https://api.twitter.com/2/problems/user-suspended"}`},
		},
	},
	{
		id: "twitter/app-restricted", issue: AccountRestricted, severity: High, fixableBy: Operator, action: ContactPlatform,
		causes: []string{
			"X has restricted {{app}} itself. No account can work until X lifts it.",
		},
		solutions: []string{
			"Open https://console.x.com and look for a notice about {{app}}.",
			"Answer X, or open https://help.x.com/forms and write to its support.",
			"Nobody has to reconnect afterwards.",
		},
		docs: twitterErrors,
		patterns: []pattern{
			{codes: []string{"261", "416"}},
			{text: "application cannot perform write actions"},
			{text: "application has been suspended"},
			{text: "app has violated"},
			{text: "application is suspended"},
		},
		examples: []Input{
			{Stage: platforms.StageAuthorize, HTTPStatus: 403, ErrorCode: "261", ErrorMessage: "Application cannot perform write actions. Contact Twitter Platform Operations."},
			{ErrorMessage: "Application cannot perform write actions."},
			{ErrorMessage: "Your application has been suspended."},
			{ErrorMessage: "This App has violated X Rules and policies."},
			{ErrorMessage: "The application is suspended"},
		},
	},
	{
		id: "twitter/over-capacity", issue: PlatformOutage, severity: Low, fixableBy: PlatformIt, action: Retry, transient: true,
		causes: []string{
			"X has trouble of its own at the moment.",
		},
		solutions: []string{
			"Wait {{wait}}, then try again.",
			"If it lasts, see https://developer.x.com/status for news.",
		},
		docs: "https://developer.x.com/status",
		patterns: []pattern{
			{codes: []string{"130", "131"}},
			{codes: []string{"operational-disconnect"}},
			{text: "over capacity"},
			{all: []string{serviceWords, downWords}},
		},
		examples: []Input{
			{HTTPStatus: 503, Body: `{"errors":[{"message":"Over capacity","code":130}]}`},
			{ErrorMessage: "503: Over capacity"},
			{ErrorMessage: "Der Dienst ist überlastet"},
			{ErrorCode: "operational-disconnect"},
		},
	},
	{
		id: "twitter/duplicate", issue: InvalidRequest, severity: Low, fixableBy: User, action: NoAction,
		causes: []string{
			"The same post was published a moment ago. X takes no text twice in a row.",
		},
		solutions: []string{
			"Look at X whether the post is there; then nothing has to be done.",
			"Change the text if you do want a second post.",
		},
		docs: twitterErrors,
		patterns: []pattern{
			{codes: []string{"187"}},
			{text: "duplicate content"},
			{text: "status is a duplicate"},
		},
		examples: []Input{
			{HTTPStatus: 403, Body: `{"errors":[{"code":187,"message":"Status is a duplicate."}]}`},
			{HTTPStatus: 403, Body: `{"detail":"You are not allowed to create a Tweet with duplicate content.","type":"about:blank","title":"Forbidden","status":403}`},
			{ErrorMessage: "Status is a duplicate."},
			{ErrorMessage: "No duplicate content, please"},
			{ErrorCode: "187"},
		},
	},
	{
		id: "twitter/request", issue: InvalidRequest, severity: Medium, fixableBy: Operator, action: FixConfiguration,
		causes: []string{
			"The call names something that X does not have, lacks a parameter, or goes to a version of the API that was retired.",
			"The server's clock is wrong, so that X takes the call for an old one.",
		},
		solutions: []string{
			"Compare the call with X's reference, and its address with https://api.x.com/2.",
			"Check the server's clock.",
			"If Mooring itself made the call, report it with the message. The account stays connected.",
		},
		docs: twitterErrors,
		patterns: []pattern{
			{codes: []string{"17", "25", "34", "38", "44", "50", "68", "135", "144", "186", "195", "214", "251", "324", "resource-not-found", "invalid-request", "invalid request"}},
			{text: "page does not exist"},
			{text: "endpoint has been retired"},
			{text: "timestamp out of bounds"},
			{text: "one or more parameters to your request was invalid"},
			{all: []string{parameterWords, faultyWords}},
			{all: []string{apiWords, oldWords}},
		},
		examples: []Input{
			{HTTPStatus: 404, Body: `{"errors":[{"code":34,"message":"Sorry, that page does not exist."}]}`},
			{HTTPStatus: 400, Body: `{"errors":[{"parameters":{"ids":["a"]},"message":"The ids query parameter value [a] is not valid"}],"title":"Invalid Request","detail":"One or more parameters to your request was invalid.","type":"https://api.twitter.com/2/problems/invalid-request"}`},
			{ErrorMessage: "Sorry, that page does not exist"},
			{ErrorMessage: "This endpoint has been retired"},
			{ErrorMessage: "Timestamp out of bounds."},
			{ErrorMessage: "One or more parameters to your request was invalid."},
			{ErrorMessage: "A required field is missing"},
			{ErrorMessage: "That version is no longer supported"},
		},
	},
}}
