package diagnosis

import "mooring/platforms"

// Pinterest's documents.
const (
	pinterestOAuth   = "https://developers.pinterest.com/docs/getting-started/set-up-authentication-and-authorization/"
	pinterestAPI     = "https://developers.pinterest.com/docs/api/v5/"
	pinterestTiers   = "https://developers.pinterest.com/docs/key-concepts/access-tiers/"
	pinterestSandbox = "https://developers.pinterest.com/docs/developer-tools/sandbox/"
	pinterestLimits  = "https://developers.pinterest.com/docs/reference/rate-limits/"
)

// pinterestRules know Pinterest, whose errors are numbers: HTTP 401 says too
// little, and the same number means one thing at the token endpoint and
// another at the API.
var pinterestRules = ruleSet{platform: "pinterest", rules: []rule{
	{
		id: "pinterest/redirect-mismatch", issue: RedirectURIMismatch, severity: High, fixableBy: Operator, action: FixConfiguration,
		causes: []string{
			"The redirect URI that Mooring sends is not among the redirect links of {{app}}.",
			"The two differ in one character: http and https, or a slash at the end.",
		},
		solutions: []string{
			"Open https://developers.pinterest.com/apps/ and choose Manage at {{app}}.",
			"Add exactly this to the redirect links: {{redirect}}",
			"If Mooring is reached under another address now, set MOORING_PUBLIC_URL or PINTEREST_REDIRECT_URI and restart it.",
			"Start connecting again.",
		},
		docs: pinterestOAuth,
		patterns: []pattern{
			{text: "does not match any of the registered redirect uris"},
			{codes: []string{"7"}},
			{codes: []string{"7"}, text: "you are not permitted to access that resource"},
			{all: []string{redirectWords, mismatchWords}},
		},
		examples: []Input{
			{ErrorMessage: "The provided redirect_uri https://a.example/ does not match any of the registered redirect URIs."},
			{Stage: platforms.StageAuthorize, ErrorCode: "7"},
			{Stage: platforms.StageAuthorize, Body: `{"status":"failure","code":7,"message":"You are not permitted to access that resource.","data":"The provided redirect_uri https://a.example/ does not match any of the registered redirect URIs."}`},
			{ErrorMessage: "Die Weiterleitungs-URI ist ungültig"},
		},
	},
	{
		id: "pinterest/attempt-expired", issue: InvalidState, severity: Medium, fixableBy: User, action: Retry,
		atMost: 0.7,
		causes: []string{
			"Nobody finished connecting in time.",
			"Pinterest showed an error. It does not send you back then: the redirect link, the app id or a scope does not fit the app.",
		},
		solutions: []string{
			"Start connecting again and finish within ten minutes.",
			"If Pinterest shows an error, tell whoever runs Mooring.",
			"Operator: open https://developers.pinterest.com/apps/, choose Manage at {{app}}, and add exactly this to the redirect links: {{redirect}}",
			"Operator: compare PINTEREST_CLIENT_ID with the App ID there.",
		},
		docs:     pinterestOAuth,
		patterns: []pattern{{codes: []string{CodeAttemptExpired}}},
		examples: []Input{{Stage: platforms.StageAuthorize, ErrorCode: CodeAttemptExpired}},
	},
	{
		id: "pinterest/old-scope", issue: InvalidScope, severity: High, fixableBy: Operator, action: FixConfiguration,
		causes: []string{
			"A requested scope does not exist in version 5: read_public, write_public and their like belonged to the first version, which is gone.",
		},
		solutions: []string{
			"Ask for user_accounts:read, boards:read, boards:write, pins:read and pins:write, or for no scopes by name.",
			"Remove overrides of Pinterest's addresses that lead to api.pinterest.com/oauth from Mooring's environment.",
			"Start connecting again.",
		},
		docs: pinterestOAuth,
		patterns: []pattern{
			{codes: []string{"invalid_scope", "read_public", "write_public", "read_relationships", "write_relationships"}},
			{all: []string{scopeWords, badScopeWords}},
		},
		examples: []Input{
			{Stage: platforms.StageAuthorize, ErrorCode: "invalid_scope"},
			{ErrorMessage: "Requested scope read_public is not known"},
			{ErrorMessage: "Unknown scopes"},
		},
	},
	{
		id: "pinterest/wrong-client", issue: InvalidCredentials, severity: High, fixableBy: Operator, action: FixConfiguration,
		causes: []string{
			"The app secret in Mooring's configuration is not the one of {{app}}.",
			"The app id belongs to another app.",
			"PINTEREST_TOKEN_URL leads to Pinterest's sandbox with credentials of production, or the other way round.",
		},
		solutions: []string{
			"Open https://developers.pinterest.com/apps/ and choose Manage at {{app}}.",
			"Copy App ID and App secret into PINTEREST_CLIENT_ID and PINTEREST_CLIENT_SECRET, as they are shown and without spaces.",
			"Restart Mooring. Accounts that are connected recover by themselves.",
		},
		docs: pinterestOAuth,
		patterns: []pattern{
			{codes: []string{"2"}, stages: tokenStages},
			{text: "invalid application id"},
			{codes: []string{"283"}, text: "invalid application id"},
			{all: []string{clientWords, badClientWords}},
		},
		examples: []Input{
			{Stage: platforms.StageExchange, HTTPStatus: 401, Body: `{"code":2,"message":"Authentication failed."}`},
			{Stage: platforms.StageRefresh, HTTPStatus: 401, ErrorCode: "2", Class: platforms.ClassAppFault},
			{ErrorMessage: "Invalid Application ID"},
			{Stage: platforms.StageExchange, Body: `{"status":"failure","code":283,"data":"Invalid Application ID","message":"The authorization grant is invalid","endpoint_name":"oauth_connect"}`},
			{ErrorMessage: "The app secret is wrong"},
		},
	},
	{
		id: "pinterest/code-dead", issue: InvalidState, severity: Medium, fixableBy: User, action: Retry,
		causes: []string{
			"The page was reloaded, so that Pinterest's one-time code was used twice.",
			"Too much time passed between consent and the way back to Mooring.",
			"The redirect URI differs from the one that the consent page was given.",
		},
		solutions: []string{
			"Start connecting again; an old page cannot be continued.",
			"Press Give access once, and do not reload the page that follows.",
			"Operator: if it fails each time, see that this is among the redirect links at https://developers.pinterest.com/apps/: {{redirect}}",
		},
		docs: pinterestOAuth,
		patterns: []pattern{
			{codes: []string{"283"}, stages: []platforms.Stage{platforms.StageExchange}},
			{all: []string{codeWords, deadWords}},
		},
		examples: []Input{
			{Stage: platforms.StageExchange, HTTPStatus: 401, Body: `{"code":283,"message":"The authorization grant is invalid"}`},
			{Stage: platforms.StageExchange, HTTPStatus: 401, ErrorCode: "283", Class: platforms.ClassInvalid},
			{ErrorMessage: "The authorization code was used"},
		},
	},
	{
		id: "pinterest/refresh-dead", issue: RevokedAccess, severity: High, fixableBy: User, action: Reconnect,
		causes: []string{
			"You removed the app at https://www.pinterest.com/settings/security, or changed your password or user name.",
			"The account was not refreshed for 60 days.",
			"The refresh token was replaced by another program with the same app, or was damaged when it was copied.",
			"The account was connected before autumn 2025, with a refresh token of the kind that Pinterest no longer takes.",
		},
		solutions: []string{
			"Reconnect {{account}}.",
			"Operator: keep Mooring running, and give each installation an app of its own at Pinterest.",
		},
		docs: pinterestOAuth,
		patterns: []pattern{
			{codes: []string{"283"}},
			{codes: []string{"283"}, stages: []platforms.Stage{platforms.StageRefresh}},
			{text: "authorization grant is invalid"},
			{all: []string{refreshWords, deadWords}},
			{all: []string{grantWords, revokedWords}},
		},
		examples: []Input{
			{ErrorCode: "283"},
			{Stage: platforms.StageRefresh, HTTPStatus: 401, Body: `{"status":"failure","code":283,"data":null,"message":"The authorization grant is invalid","endpoint_name":"oauth_connect"}`},
			{Stage: platforms.StageRefresh, HTTPStatus: 401, ErrorCode: "283", Class: platforms.ClassRefreshDead},
			{ErrorMessage: "The authorization grant is invalid"},
			{ErrorMessage: "The refresh token has expired"},
			{ErrorMessage: "OAuth seems to be deauthorized"},
		},
	},
	{
		id: "pinterest/access-token", issue: ExpiredToken, severity: High, fixableBy: User, action: Reconnect,
		atMost: 0.8,
		causes: []string{
			"The access token has ended; Pinterest's live for 30 days.",
			"You removed the app at https://www.pinterest.com/settings/security, or changed your password.",
			"The token belongs to Pinterest's sandbox and was sent to production, or the other way round.",
		},
		solutions: []string{
			"Refresh {{account}} once; if only the access token had ended, it works again.",
			"If it still fails, reconnect {{account}}.",
			"Operator: if it happens to new tokens, see that PINTEREST_API_URL and PINTEREST_TOKEN_URL lead to the same environment.",
		},
		docs: pinterestSandbox,
		patterns: []pattern{
			{codes: []string{"2"}}, {codes: []string{"2"}, stages: []platforms.Stage{platforms.StageAPI}},
			{all: []string{tokenWords, expiredWords}},
			{all: []string{accessTokenWords, refusedWords}},
		},
		examples: []Input{
			{HTTPStatus: 401, Body: `{"code":2,"message":"Authentication failed."}`},
			{Stage: platforms.StageAPI, HTTPStatus: 401, Body: `{"code":2,"message":"Authentication failed."}`},
			{Stage: platforms.StageAPI, HTTPStatus: 401, ErrorCode: "2", Class: platforms.ClassStaleAccess},
			{ErrorMessage: "Your token has expired. Please reconnect."},
			{ErrorMessage: "Bearer token refused"},
		},
	},
	{
		id: "pinterest/scope-missing", issue: InsufficientPermissions, severity: High, fixableBy: User, action: Reconnect,
		causes: []string{
			"The account was connected without a scope that this needs. A pin needs boards:read, boards:write, pins:read and pins:write.",
		},
		solutions: []string{
			"Reconnect {{account}} and press Give access.",
			"Operator: if scopes were asked for by name, add the missing ones.",
		},
		docs: pinterestAPI,
		patterns: []pattern{
			{codes: []string{"3"}},
			{text: "token does not have sufficient permissions"},
			{text: "not authorized to access the user account"},
			{text: "correct set of scopes"},
			{all: []string{scopeWords, lackingWords}},
		},
		examples: []Input{
			{Stage: platforms.StageAPI, HTTPStatus: 401, Body: `{"code":3,"message":"Your token does not have sufficient permissions to perform this action."}`},
			{Stage: platforms.StageAPI, HTTPStatus: 401, ErrorCode: "3", Class: platforms.ClassMissingScope},
			{ErrorMessage: "Your token does not have sufficient permissions"},
			{Stage: platforms.StageAPI, HTTPStatus: 403, Body: `{"code":403,"message":"Not authorized to access the user account."}`},
			{ErrorMessage: "Please ensure your token is authorized with the correct set of scopes."},
			{ErrorMessage: "Scope required"},
		},
	},
	{
		id: "pinterest/forbidden", issue: InsufficientPermissions, severity: Medium, fixableBy: User, action: SetUpAccount,
		atMost: 0.7,
		causes: []string{
			"The board or pin belongs to somebody else, or does not let {{account}} take part.",
			"The app at Pinterest is not allowed to do this.",
		},
		solutions: []string{
			"See at Pinterest that {{account}} owns the board or takes part in it, and that the account has one at all.",
			"Operator: open https://developers.pinterest.com/apps/ and compare the access of {{app}} with what the call needs.",
		},
		docs: pinterestAPI,
		patterns: []pattern{
			{codes: []string{"29"}}, {text: "you are not permitted to access that resource"},
			{text: "permission to edit that board"},
			{all: []string{permissionWords, lackingWords}},
		},
		examples: []Input{
			{Stage: platforms.StageAPI, HTTPStatus: 403, ErrorCode: "29", Class: platforms.ClassMissingScope},
			{Stage: platforms.StageAPI, HTTPStatus: 403, Body: `{"code":29,"message":"You are not permitted to access that resource."}`},
			{ErrorMessage: "You are not permitted to access that resource."},
			{ErrorMessage: "You don't have permission to edit that board."},
			{ErrorMessage: "Fehlende Berechtigung"},
		},
	},
	{
		id: "pinterest/trial", issue: AppNotApproved, severity: High, fixableBy: Operator, action: FixConfiguration,
		causes: []string{
			"The app has Trial access. Pinterest refuses new pins of such apps, though everything else works; pins from before that rule are seen by their owner only.",
		},
		solutions: []string{
			"Open https://developers.pinterest.com/apps/, choose {{app}}, then Upgrade, and send a video that shows the whole sign-in and a pin being created.",
			"Standard access takes one to four weeks. Nobody has to reconnect.",
			"To try things out meanwhile, set PINTEREST_API_URL and PINTEREST_TOKEN_URL to https://api-sandbox.pinterest.com/v5 and its token endpoint, and connect again.",
		},
		docs: pinterestTiers,
		patterns: []pattern{
			{text: "trial access may not create"},
			{codes: []string{"29"}, text: "trial access"},
			{all: []string{appWords, unapprovedWords}},
			{text: "consumer type is not supported"},
		},
		examples: []Input{
			{ErrorMessage: "Apps with Trial access may not create Pins in production https://api.pinterest.com - use API Sandbox https://api-sandbox.pinterest.com instead."},
			{Stage: platforms.StageAPI, HTTPStatus: 403, Body: `{"code":29,"message":"Apps with Trial access may not create Pins in production https://api.pinterest.com - use API Sandbox https://api-sandbox.pinterest.com instead."}`, Class: platforms.ClassAppFault},
			{Stage: platforms.StageAPI, HTTPStatus: 403, ErrorCode: "29", ErrorMessage: "This is not for Trial access"},
			{ErrorMessage: "The app is under review"},
			{ErrorMessage: "Your application consumer type is not supported, please contact support."},
		},
	},
	{
		id: "pinterest/parameters", issue: InvalidRequest, severity: High, fixableBy: Operator, action: FixConfiguration,
		causes: []string{
			"A parameter of the request is missing or malformed; the message may say which.",
		},
		solutions: []string{
			"Compare what was sent with Pinterest's documentation of the call.",
			"While connecting: check that PINTEREST_CLIENT_ID, PINTEREST_CLIENT_SECRET and the redirect URI are set, without quotes or spaces.",
		},
		docs: pinterestAPI,
		patterns: []pattern{
			{codes: []string{"1"}},
			{all: []string{parameterWords, faultyWords}},
		},
		examples: []Input{
			{Stage: platforms.StageExchange, HTTPStatus: 400, Body: `{"code":1,"message":"Invalid parameters."}`},
			{Stage: platforms.StageAPI, HTTPStatus: 400, ErrorCode: "1", Class: platforms.ClassInvalid},
			{ErrorMessage: "A required field is missing"},
		},
	},
	{
		id: "pinterest/rate-limit", issue: RateLimit, severity: Medium, fixableBy: NobodyWait, action: Wait, transient: true,
		causes: []string{
			"The app's allowance at Pinterest is used up. With Trial access all accounts share 1,000 requests a day, refreshing included.",
		},
		solutions: []string{
			"Wait {{wait}}, then try again. The account stays connected.",
			"Operator: open https://developers.pinterest.com/apps/, choose {{app}}, then Upgrade: Standard access has its limits per account.",
		},
		docs: pinterestLimits,
		patterns: []pattern{
			{statuses: []int{429}}, {codes: []string{"8"}},
			{text: "rate limit reached"},
			{all: []string{limitWords, exceededWords}},
			{all: []string{tooManyWords, requestWords}},
			{text: "block we have in place to combat spam"},
		},
		examples: []Input{
			{Stage: platforms.StageAPI, HTTPStatus: 429, Class: platforms.ClassRateLimited},
			{Stage: platforms.StageRefresh, HTTPStatus: 429, Body: `{"code":8,"message":"You have exceeded your rate limit. Try again later."}`, Class: platforms.ClassRateLimited},
			{ErrorCode: "8"},
			{ErrorMessage: "Rate limit reached."},
			{ErrorMessage: "Das Limit ist erreicht"},
			{ErrorMessage: "Zu viele Anfragen"},
			{ErrorMessage: "Sorry! You've hit a block we have in place to combat spam."},
		},
	},
	{
		id: "pinterest/in-review", issue: AccountSetupIncomplete, severity: Medium, fixableBy: PlatformIt, action: Wait,
		causes: []string{
			"Pinterest is still reviewing the business account. That takes days rather than minutes.",
		},
		solutions: []string{
			"Sign in at https://www.pinterest.com and see under Business hub what Pinterest waits for.",
			"Start connecting again when Pinterest has written that the account is approved.",
		},
		docs: pinterestAPI,
		patterns: []pattern{
			{codes: []string{"2625", "2626"}},
			{text: "still reviewing your account"},
		},
		examples: []Input{
			{Body: `{"error":{"message":"None"},"code":2626,"data":null,"message":"We are still reviewing your account. Please try again later"}`},
			{ErrorMessage: "We are still reviewing your account. Please try again later"},
			{ErrorCode: "2625"},
		},
	},
	{
		id: "pinterest/account-suspended", issue: AccountRestricted, severity: High, fixableBy: User, action: ContactPlatform,
		causes: []string{
			"Pinterest has suspended or limited the account.",
		},
		solutions: []string{
			"Sign in at https://www.pinterest.com, read why, and appeal at https://help.pinterest.com/contact.",
			"Validate {{account}} afterwards.",
		},
		docs:     "https://help.pinterest.com/article/account-suspension",
		patterns: []pattern{{all: []string{accountWords, restrictedWords}}},
		examples: []Input{{ErrorMessage: "Your account has been suspended"}},
	},
	{
		id: "pinterest/outage", issue: PlatformOutage, severity: Low, fixableBy: PlatformIt, action: Retry, transient: true,
		causes: []string{"Pinterest has trouble of its own at the moment."},
		solutions: []string{
			"Wait {{wait}}, then try again.",
			"If it lasts, see {{status}} for news.",
		},
		docs: statusPage,
		patterns: []pattern{
			{codes: []string{"12"}},
			{text: "went wrong on our end"},
		},
		examples: []Input{
			{Body: `{"code":12,"message":"Something went wrong on our end. Sorry about that."}`},
			{ErrorMessage: "Something went wrong on our end."},
		},
	},
	{
		id: "pinterest/not-found", issue: InvalidRequest, severity: Medium, fixableBy: User, action: Retry,
		causes: []string{
			"The board or pin that was named does not exist, or {{account}} cannot see it.",
		},
		solutions: []string{
			"See at Pinterest which boards {{account}} has, choose one of them, and try again.",
			"The account stays connected; only this request was refused.",
		},
		docs: pinterestAPI,
		patterns: []pattern{
			{codes: []string{"40", "50"}},
			{text: "board not found"},
			{text: "pin not found"},
		},
		examples: []Input{
			{Stage: platforms.StageAPI, HTTPStatus: 404, Body: `{"code":40,"message":"Board not found."}`},
			{ErrorMessage: "Pinterest error (code: 404) with message: Board not found."},
			{ErrorMessage: "Pin not found"},
		},
	},
}}
