package diagnosis

import "mooring/platforms"

// TikTok's documents.
const (
	tikTokWeb     = "https://developers.tiktok.com/doc/login-kit-web"
	tikTokDesktop = "https://developers.tiktok.com/doc/login-kit-desktop"
	tikTokOAuth   = "https://developers.tiktok.com/doc/oauth-error-handling"
	tikTokTokens  = "https://developers.tiktok.com/doc/oauth-user-access-token-management"
	tikTokErrors  = "https://developers.tiktok.com/doc/tiktok-api-v2-error-handling"
	tikTokCreator = "https://developers.tiktok.com/doc/content-posting-api-reference-query-creator-info"
	tikTokPost    = "https://developers.tiktok.com/doc/content-posting-api-reference-direct-post"
	tikTokLimits  = "https://developers.tiktok.com/doc/tiktok-api-v2-rate-limit"
)

// tikTokRules know TikTok. Its consent page names the parameter that it does
// not like and sends nobody back; its endpoints may fail with HTTP 200, so no
// rule here looks at a status below 400.
var tikTokRules = ruleSet{platform: "tiktok", rules: []rule{
	{
		id: "tiktok/page-client-key", issue: InvalidCredentials, severity: High, fixableBy: Operator, action: FixConfiguration,
		causes: []string{
			"The app at TikTok is not Live yet, so its production key does not work.",
			"The client key of a Sandbox and the secret of production were mixed, or the other way round.",
			"The client key is misspelled.",
		},
		solutions: []string{
			"Open https://developers.tiktok.com, then Manage apps, and choose {{app}}.",
			"While the app is in review, use client key and client secret of its Sandbox, and add the TikTok account to the Sandbox's target users.",
			"Copy both from the same place into TIKTOK_CLIENT_KEY and TIKTOK_CLIENT_SECRET, and restart Mooring.",
			"Start connecting again.",
		},
		docs: tikTokWeb,
		patterns: []pattern{
			{text: "correct the following … client_key"},
			{codes: []string{"client_key"}, stages: []platforms.Stage{platforms.StageAuthorize}},
		},
		examples: []Input{
			{ErrorMessage: "We couldn't log in with TikTok. This may be due to specific app settings. If you're a developer, correct the following and try again: client_key"},
			{Stage: platforms.StageAuthorize, ErrorCode: "client_key"},
		},
	},
	{
		id: "tiktok/redirect-mismatch", issue: RedirectURIMismatch, severity: High, fixableBy: Operator, action: FixConfiguration,
		causes: []string{
			"The redirect URI that Mooring sends is not registered for {{app}} under Login Kit.",
			"An address under Web has http, localhost, a query or a fragment, which TikTok does not take there.",
			"An address of localhost or 127.0.0.1 has no port, or is not under Desktop.",
		},
		solutions: []string{
			"Open https://developers.tiktok.com, then Manage apps, {{app}} and Login Kit.",
			"Enter exactly this under Redirect URI, an https address under Web, one of localhost or 127.0.0.1 under Desktop: {{redirect}}",
			"If Mooring is reached under another address now, set MOORING_PUBLIC_URL or TIKTOK_REDIRECT_URI and restart it.",
			"Start connecting again.",
		},
		docs: tikTokWeb,
		patterns: []pattern{
			{text: "correct the following … redirect_uri"},
			{codes: []string{"redirect_uri"}, stages: []platforms.Stage{platforms.StageAuthorize}},
			{text: "redirect_uri is not matched"},
			{codes: []string{"invalid_request"}, text: "redirect_uri is not matched"},
			{codes: []string{"10006"}},
			{all: []string{redirectWords, mismatchWords}},
		},
		examples: []Input{
			{Stage: platforms.StageAuthorize, ErrorMessage: "Something went wrong. If you're a developer, please correct the following and try again: redirect_uri"},
			{Stage: platforms.StageAuthorize, ErrorCode: "redirect_uri"},
			{Stage: platforms.StageExchange, HTTPStatus: 200, Body: `{"error":"invalid_request","error_description":"Redirect_uri is not matched with the uri when requesting code.","log_id":"2026"}`},
			{ErrorMessage: "Redirect_uri is not matched with the uri when requesting code."},
			{Stage: platforms.StageAuthorize, ErrorCode: "10006"},
			{ErrorMessage: "リダイレクトURIが一致しません"},
		},
	},
	{
		id: "tiktok/invalid-scope", issue: InvalidScope, severity: High, fixableBy: Operator, action: FixConfiguration,
		causes: []string{
			"A requested scope is not among the scopes of {{app}}, or not approved for it yet.",
			"Direct Post is not switched on in Content Posting API, so video.publish is not there.",
			"The scope does not exist any more, as video.create.",
		},
		solutions: []string{
			"Open https://developers.tiktok.com, then Manage apps, and choose {{app}}.",
			"Add Login Kit and Content Posting API with Direct Post, and under Scopes user.info.basic, user.info.profile and video.publish.",
			"If the scopes are there, submit the app for review; until then they work in its Sandbox only.",
			"Start connecting again.",
		},
		docs: tikTokWeb,
		patterns: []pattern{
			{text: "correct the following … scope"},
			{codes: []string{"scope"}, stages: []platforms.Stage{platforms.StageAuthorize}},
			{codes: []string{"invalid_scope"}},
			{all: []string{scopeWords, badScopeWords}},
		},
		examples: []Input{
			{ErrorMessage: "Something went wrong. If you're a developer, correct the following and try again: scope"},
			{Stage: platforms.StageAuthorize, ErrorCode: "scope"},
			{Stage: platforms.StageAuthorize, ErrorCode: "invalid_scope", Class: platforms.ClassAppFault},
			{ErrorMessage: "Unknown scopes"},
		},
	},
	{
		id: "tiktok/page-challenge", issue: InvalidRequest, severity: High, fixableBy: Operator, action: FixConfiguration,
		causes: []string{
			"The redirect URI is on TikTok's list for Desktop, where a code challenge is needed, though it is no address of localhost or 127.0.0.1.",
			"A proxy removed the code challenge from the address.",
		},
		solutions: []string{
			"Open https://developers.tiktok.com, then Manage apps, {{app}} and Login Kit.",
			"Move an https address from Desktop to Web; under Desktop only localhost and 127.0.0.1 belong: {{redirect}}",
			"Start connecting again.",
		},
		docs: tikTokDesktop,
		patterns: []pattern{
			{text: "correct the following … code_challenge"},
			{codes: []string{"code_challenge"}, stages: []platforms.Stage{platforms.StageAuthorize}},
		},
		examples: []Input{
			{ErrorMessage: "Something went wrong. We couldn't log in with TikTok. If you're a developer, correct the following and try again:\n• code_challenge"},
			{Stage: platforms.StageAuthorize, ErrorCode: "code_challenge"},
		},
	},
	{
		id: "tiktok/attempt-expired", issue: InvalidState, severity: Medium, fixableBy: User, action: Retry,
		atMost: 0.7,
		causes: []string{
			"Nobody finished connecting in time.",
			"TikTok showed “Something went wrong”. It does not send you back then; the page names what does not fit: client_key, redirect_uri, scope or code_challenge.",
			"The app is tried in its Sandbox, and this TikTok account is not among the target users.",
		},
		solutions: []string{
			"Start connecting again and finish within ten minutes.",
			"If TikTok shows that page, tell whoever runs Mooring which word it names.",
			"Operator: open https://developers.tiktok.com, then Manage apps, {{app}} and Login Kit, and enter exactly this under Redirect URI: {{redirect}}",
			"Operator: compare TIKTOK_CLIENT_KEY and the scopes there, and use the Sandbox's own key until the app is Live.",
		},
		docs:     tikTokWeb,
		patterns: []pattern{{codes: []string{CodeAttemptExpired}}},
		examples: []Input{{Stage: platforms.StageAuthorize, ErrorCode: CodeAttemptExpired}},
	},
	{
		id: "tiktok/not-live", issue: AppNotApproved, severity: High, fixableBy: Operator, action: FixConfiguration,
		causes: []string{
			"The app at TikTok has not passed its review, or is not Live.",
			"The app lacks the product Login Kit.",
		},
		solutions: []string{
			"Open https://developers.tiktok.com, then Manage apps, and choose {{app}}.",
			"Submit it for review, and see that it is Live afterwards.",
			"Until then use client key and client secret of its Sandbox, and add the TikTok accounts to its target users.",
		},
		docs: tikTokOAuth,
		patterns: []pattern{
			{codes: []string{"unauthorized_client"}},
			{codes: []string{"10004", "10012"}},
			{all: []string{appWords, unapprovedWords}},
		},
		examples: []Input{
			{Stage: platforms.StageAuthorize, ErrorCode: "unauthorized_client"},
			{Stage: platforms.StageExchange, HTTPStatus: 200, Body: `{"error":"unauthorized_client","error_description":"The client is not authorized.","log_id":"2026"}`, Class: platforms.ClassAppFault},
			{Stage: platforms.StageAuthorize, ErrorCode: "10004", ErrorMessage: "errorMsg=server_error"},
			{ErrorMessage: "The app is under review"},
		},
	},
	{
		id: "tiktok/wrong-client", issue: InvalidCredentials, severity: High, fixableBy: Operator, action: FixConfiguration,
		causes: []string{
			"Client key and client secret do not belong together: a Sandbox and production have different ones.",
			"The client secret was reset at TikTok, and Mooring still has the old one.",
			"The app is not approved yet.",
		},
		solutions: []string{
			"Open https://developers.tiktok.com, then Manage apps, and choose {{app}} or its Sandbox.",
			"Copy client key and client secret from the same place into TIKTOK_CLIENT_KEY and TIKTOK_CLIENT_SECRET.",
			"Restart Mooring. Accounts that are connected recover by themselves.",
		},
		docs: tikTokOAuth,
		patterns: []pattern{
			{codes: []string{"invalid_client"}},
			{text: "client key or secret is incorrect"},
			{text: "client secret is missed"},
			{codes: []string{"invalid_request"}, text: "client secret is missed"},
			{codes: []string{"10003", "10011", "10013", "10014", "10033"}},
			{text: "app certificate does not match"},
			{text: "client info is illegal"},
			{all: []string{clientWords, badClientWords}},
		},
		examples: []Input{
			{Stage: platforms.StageRefresh, HTTPStatus: 200, ErrorCode: "invalid_client", Class: platforms.ClassAppFault},
			{ErrorMessage: "Client key or secret is incorrect."},
			{ErrorMessage: "Client secret is missed in request."},
			{Stage: platforms.StageExchange, HTTPStatus: 200, Body: `{"error":"invalid_request","error_description":"Client secret is missed in request.","log_id":"2026"}`},
			{Stage: platforms.StageAuthorize, ErrorCode: "10033", ErrorMessage: "App certificate does not match configurations."},
			{ErrorMessage: "App certificate does not match configurations."},
			{ErrorMessage: "Client info is illegal or malformed."},
			{ErrorMessage: "client key is wrong"},
			{ErrorCode: "10013"},
		},
	},
	{
		id: "tiktok/verifier", issue: InvalidState, severity: Medium, fixableBy: User, action: Retry,
		causes: []string{
			"The code came from another attempt than the one that was finished.",
			"The redirect URI is on TikTok's list for Desktop, though it is no address of localhost or 127.0.0.1, so that TikTok waits for a verifier that is not sent.",
		},
		solutions: []string{
			"Close other windows in which you were connecting, start again and finish in the same window.",
			"Operator: open https://developers.tiktok.com, then Manage apps, {{app}} and Login Kit, and keep https addresses under Web: {{redirect}}",
		},
		docs: tikTokDesktop,
		patterns: []pattern{
			{text: "code verifier or code challenge is invalid"},
			{codes: []string{"invalid_request"}, text: "code verifier or code challenge is invalid"},
			{all: []string{pkceWords, lostWords}},
		},
		examples: []Input{
			{Stage: platforms.StageExchange, HTTPStatus: 200, Body: `{"error":"invalid_request","error_description":"Code verifier or code challenge is invalid.","log_id":"2026"}`},
			{ErrorMessage: "Code verifier or code challenge is invalid."},
			{ErrorMessage: "PKCE verification failed"},
		},
	},
	{
		id: "tiktok/malformed", issue: InvalidRequest, severity: High, fixableBy: Operator, action: FixConfiguration,
		causes: []string{
			"A proxy changed the request on its way: TikTok wants a form, and its code encoded exactly once.",
			"TIKTOK_TOKEN_URL or TIKTOK_REVOKE_URL leads to another address than TikTok's v2 endpoints, which end in a slash.",
		},
		solutions: []string{
			"Remove overrides of TikTok's addresses from Mooring's environment unless you need them.",
			"Look for a proxy that rewrites requests.",
			"Start connecting again.",
		},
		docs: tikTokOAuth,
		patterns: []pattern{
			{text: "request parameters are malformed"},
			{codes: []string{"invalid_request"}, text: "request parameters are malformed"},
		},
		examples: []Input{
			{Stage: platforms.StageRefresh, HTTPStatus: 200, Body: `{"error":"invalid_request","error_description":"The request parameters are malformed.","log_id":"2026"}`},
			{ErrorMessage: "The request parameters are malformed."},
		},
	},
	{
		id: "tiktok/code-dead", issue: InvalidState, severity: Medium, fixableBy: User, action: Retry,
		causes: []string{
			"The page was reloaded, so that TikTok's one-time code was used twice.",
			"Too much time passed between consent and the way back to Mooring.",
			"A proxy encoded the code a second time.",
		},
		solutions: []string{
			"Start connecting again; an old page cannot be continued.",
			"Press Continue once, and do not reload the page that follows.",
		},
		docs: tikTokTokens,
		patterns: []pattern{
			{codes: []string{"invalid_grant"}, stages: []platforms.Stage{platforms.StageExchange}},
			{text: "authorization code is expired"},
			{codes: []string{"invalid_grant"}, text: "authorization code is expired"},
			{codes: []string{"10007"}},
			{all: []string{codeWords, deadWords}},
		},
		examples: []Input{
			{Stage: platforms.StageExchange, HTTPStatus: 200, ErrorCode: "invalid_grant", Class: platforms.ClassInvalid},
			{ErrorMessage: "Authorization code is expired."},
			{HTTPStatus: 200, Body: `{"error":"invalid_grant","error_description":"Authorization code is expired.","log_id":"2026"}`},
			{ErrorCode: "10007"},
			{ErrorMessage: "授权码已过期"},
		},
	},
	{
		id: "tiktok/refresh-dead", issue: RevokedAccess, severity: High, fixableBy: User, action: Reconnect,
		causes: []string{
			"You removed the app in TikTok under Settings, Security & permissions, Manage app permissions; or TikTok did, for example because the account was banned.",
			"The refresh token was used already. TikTok's work once, so another program with the same app may have used it.",
			"The account was not refreshed for half a year.",
		},
		solutions: []string{
			"Reconnect {{account}}.",
			"Operator: give each installation a client key of its own at TikTok, and keep Mooring running: access tokens live two hours only.",
		},
		docs: tikTokTokens,
		patterns: []pattern{
			{codes: []string{"invalid_grant"}},
			{codes: []string{"invalid_grant"}, stages: []platforms.Stage{platforms.StageRefresh}},
			{text: "refresh token is invalid or expired"},
			{codes: []string{"10010", "10020", "auth_removed"}},
			{all: []string{refreshWords, deadWords}},
			{all: []string{grantWords, revokedWords}},
		},
		examples: []Input{
			{ErrorCode: "invalid_grant"},
			{Stage: platforms.StageRefresh, HTTPStatus: 200, ErrorCode: "invalid_grant", Class: platforms.ClassRefreshDead},
			{Stage: platforms.StageRefresh, HTTPStatus: 400, Body: `{"error":"invalid_grant","error_description":"Refresh token is invalid or expired.","log_id":"2026"}`},
			{ErrorMessage: "Refresh token is invalid or expired."},
			{ErrorCode: "10010"},
			{ErrorMessage: "刷新令牌无效"},
			{ErrorMessage: "The user removed the app, access revoked"},
		},
	},
	{
		id: "tiktok/access-token", issue: ExpiredToken, severity: High, fixableBy: User, action: Reconnect,
		atMost: 0.8,
		causes: []string{
			"The access token has ended; TikTok's live for two hours, older ones for a day.",
			"You removed the app in TikTok under Settings, Security & permissions, Manage app permissions. TikTok answers the same in both cases.",
		},
		solutions: []string{
			"Refresh {{account}} once; if only the access token had ended, it works again.",
			"If it still fails, reconnect {{account}}.",
		},
		docs: tikTokErrors,
		patterns: []pattern{
			{codes: []string{"access_token_invalid"}}, {text: "access token is invalid or not found"},
			{codes: []string{"10008", "2190002", "2190008"}},
			{all: []string{tokenWords, expiredWords}},
			{all: []string{accessTokenWords, refusedWords}},
		},
		examples: []Input{
			{Stage: platforms.StageAPI, HTTPStatus: 401, Body: `{"data":{},"error":{"code":"access_token_invalid","message":"The access token is invalid or not found in the request.","log_id":"2026"}}`},
			{Stage: platforms.StageAPI, HTTPStatus: 401, ErrorCode: "access_token_invalid", Class: platforms.ClassStaleAccess},
			{ErrorMessage: "The access token is invalid or not found in the request. Please refresh the token and retry."},
			{ErrorCode: "10008"},
			{ErrorMessage: "Die Sitzung ist abgelaufen"},
			{ErrorMessage: "访问令牌无效"},
		},
	},
	{
		id: "tiktok/not-revoked", issue: ExpiredToken, severity: Low, fixableBy: User, action: NoAction,
		causes: []string{
			"The access token had ended, and TikTok takes back living ones only.",
			"You removed the app in TikTok before.",
		},
		solutions: []string{
			"Nothing has to be done in Mooring: the account is disconnected and its tokens are deleted.",
			"Open TikTok, then Settings, Security & permissions, Manage app permissions, and remove the app if it is there.",
		},
		docs: tikTokTokens,
		patterns: []pattern{
			{codes: []string{"access_token_invalid", "invalid_grant"}, stages: []platforms.Stage{platforms.StageRevoke}},
		},
		examples: []Input{
			{Stage: platforms.StageRevoke, HTTPStatus: 401, ErrorCode: "access_token_invalid", Class: platforms.ClassStaleAccess},
			{Stage: platforms.StageRevoke, HTTPStatus: 200, ErrorCode: "invalid_grant", Class: platforms.ClassRefreshDead},
		},
	},
	{
		id: "tiktok/scope-missing", issue: InsufficientPermissions, severity: High, fixableBy: User, action: Reconnect,
		causes: []string{
			"A permission was switched off on TikTok's consent page; TikTok lets you choose each.",
			"The account was connected before the app had this permission.",
		},
		solutions: []string{
			"Reconnect {{account}}, and leave all permissions switched on.",
			"Operator: check under Scopes of {{app}} at https://developers.tiktok.com that TikTok has approved the permission.",
		},
		docs: tikTokErrors,
		patterns: []pattern{
			{codes: []string{"scope_not_authorized", "scope_permission_missed"}},
			{text: "did not authorize the scope required"},
			{text: "additional scope permissions needed"},
			{codes: []string{"2190003", "2190004", "notenoughscopes", "token_not_authorized_for_specified_publish_id"}},
			{all: []string{permissionWords, lackingWords}},
		},
		examples: []Input{
			{Stage: platforms.StageAPI, HTTPStatus: 401, Body: `{"data":{},"error":{"code":"scope_not_authorized","message":"The user did not authorize the scope required for completing this request.","log_id":"2026"}}`},
			{Stage: platforms.StageAPI, HTTPStatus: 400, ErrorCode: "scope_permission_missed", Class: platforms.ClassMissingScope},
			{ErrorMessage: "The user did not authorize the scope required for completing this request."},
			{ErrorMessage: "Additional scope permissions needed to complete the request."},
			{ErrorCode: "2190003"},
			{ErrorMessage: "Permisos insuficientes"},
		},
	},
	{
		id: "tiktok/banned", issue: AccountRestricted, severity: High, fixableBy: User, action: SetUpAccount,
		causes: []string{"TikTok has banned {{account}} from making new posts."},
		solutions: []string{
			"Open TikTok, then Inbox, System notifications, and read what TikTok objects to.",
			"Appeal there if it is a mistake, or wait until the ban ends. Reconnecting changes nothing.",
			"Validate {{account}} afterwards.",
		},
		docs: tikTokCreator,
		patterns: []pattern{
			{codes: []string{"spam_risk_user_banned_from_posting"}}, {text: "banned from making new posts"},
			{all: []string{accountWords, restrictedWords}},
			{text: "violation of our community guidelines"},
			{codes: []string{"spam_risk", "spam_risk_text", "2100009"}},
		},
		examples: []Input{
			{Stage: platforms.StageAPI, HTTPStatus: 200, Body: `{"data":{},"error":{"code":"spam_risk_user_banned_from_posting","message":"The user is banned from making new posts.","log_id":"2026"}}`, Class: platforms.ClassInvalid},
			{Stage: platforms.StageAPI, HTTPStatus: 200, ErrorCode: "spam_risk_user_banned_from_posting"},
			{ErrorMessage: "The user is banned from making new posts."},
			{ErrorMessage: "Your account was suspended"},
			{ErrorMessage: "Post not created due to a potential violation of our Community Guidelines."},
			{ErrorCode: "spam_risk_text"},
		},
	},
	{
		id: "tiktok/too-many-posts", issue: RateLimit, severity: Medium, fixableBy: NobodyWait, action: Wait, transient: true,
		causes: []string{
			"The account has reached the number of posts that TikTok takes from apps within 24 hours, all apps together.",
		},
		solutions: []string{
			"Wait until a day has passed since the first of these posts, or post in the TikTok app.",
			"The account stays connected; only this post was refused.",
		},
		docs: tikTokCreator,
		patterns: []pattern{
			{codes: []string{"spam_risk_too_many_posts"}}, {text: "daily post cap from the api is reached"},
			{text: "daily post limit"},
		},
		examples: []Input{
			{Stage: platforms.StageAPI, HTTPStatus: 200, ErrorCode: "spam_risk_too_many_posts", Class: platforms.ClassRateLimited},
			{ErrorMessage: "The daily post cap from the API is reached for the current user."},
			{ErrorMessage: "TikTok says your daily post limit reached"},
		},
	},
	{
		id: "tiktok/too-many-drafts", issue: RateLimit, severity: Medium, fixableBy: NobodyWait, action: Wait, transient: true,
		causes: []string{"Too many drafts that came from apps wait in the account's inbox; TikTok takes five within 24 hours."},
		solutions: []string{
			"Open TikTok, then Inbox, and post or discard the drafts there.",
			"Otherwise wait a day, then try again. The account stays connected.",
		},
		docs: tikTokPost,
		patterns: []pattern{
			{codes: []string{"spam_risk_too_many_pending_share"}},
			{text: "limits pending posts"},
		},
		examples: []Input{
			{Stage: platforms.StageAPI, HTTPStatus: 403, ErrorCode: "spam_risk_too_many_pending_share", Class: platforms.ClassRateLimited},
			{ErrorMessage: "TikTok limits pending posts to 5 within any 24-hour period."},
		},
	},
	{
		id: "tiktok/user-cap", issue: RateLimit, severity: Medium, fixableBy: NobodyWait, action: Wait, transient: true,
		causes: []string{
			"The app has not passed TikTok's audit, and as many people as TikTok then allows have posted within 24 hours: five.",
		},
		solutions: []string{
			"Wait a day, or let fewer people post.",
			"Open https://developers.tiktok.com, then Manage apps, {{app}} and Content Posting API, and apply for the audit. TikTok refuses tools that are for personal use only.",
			"Nobody has to reconnect.",
		},
		docs: tikTokCreator,
		patterns: []pattern{
			{codes: []string{"reached_active_user_cap"}}, {text: "daily quota for active publishing users"},
			{text: "daily active user quota"},
		},
		examples: []Input{
			{Stage: platforms.StageAPI, HTTPStatus: 200, ErrorCode: "reached_active_user_cap", Class: platforms.ClassAppFault},
			{ErrorMessage: "The daily quota for active publishing users from your client is reached."},
			{ErrorMessage: "Daily active user quota reached, please try again later"},
		},
	},
	{
		id: "tiktok/unaudited", issue: AppNotApproved, severity: High, fixableBy: Operator, action: FixConfiguration,
		causes: []string{
			"The app has not passed TikTok's audit. Until then it may only post for accounts that are private, and posts are seen by their owner only.",
		},
		solutions: []string{
			"To try it out, set {{account}} to private in TikTok under Settings, Privacy, and post with the privacy level SELF_ONLY.",
			"Open https://developers.tiktok.com, then Manage apps, {{app}} and Content Posting API, and apply for the audit.",
			"Nobody has to reconnect afterwards.",
		},
		docs: tikTokPost,
		patterns: []pattern{
			{codes: []string{"unaudited_client_can_only_post_to_private_accounts"}}, {text: "unaudited client … private account"},
			{text: "public posting"},
		},
		examples: []Input{
			{Stage: platforms.StageAPI, HTTPStatus: 403, Body: `{"data":{},"error":{"code":"unaudited_client_can_only_post_to_private_accounts","message":"Please review our integration guidelines.","log_id":"2026"}}`, Class: platforms.ClassAppFault},
			{ErrorMessage: "Unaudited client can only post to a private account."},
			{ErrorMessage: "App not approved for public posting"},
		},
	},
	{
		id: "tiktok/privacy-level", issue: InvalidRequest, severity: Medium, fixableBy: User, action: Retry,
		causes: []string{
			"The post's privacy level is not among those that {{account}} offers. A private account cannot post to everyone, and a public one not to followers only.",
		},
		solutions: []string{
			"Choose one of the privacy levels that TikTok offers for the account now, and post again.",
			"The account stays connected; only this post was refused.",
		},
		docs:     tikTokPost,
		patterns: []pattern{{codes: []string{"privacy_level_option_mismatch"}}},
		examples: []Input{{Stage: platforms.StageAPI, HTTPStatus: 403, ErrorCode: "privacy_level_option_mismatch", Class: platforms.ClassInvalid}},
	},
	{
		id: "tiktok/url-unverified", issue: InvalidRequest, severity: High, fixableBy: Operator, action: FixConfiguration,
		causes: []string{
			"TikTok was to fetch the video from an address whose domain is not verified for {{app}}.",
		},
		solutions: []string{
			"Open https://developers.tiktok.com, then Manage apps, {{app}} and URL properties, and verify the domain or the beginning of the address.",
			"Otherwise upload the file instead of naming its address.",
		},
		docs:     tikTokPost,
		patterns: []pattern{{codes: []string{"url_ownership_unverified"}}},
		examples: []Input{{Stage: platforms.StageAPI, HTTPStatus: 403, ErrorCode: "url_ownership_unverified", Class: platforms.ClassInvalid}},
	},
	{
		id: "tiktok/parameters", issue: InvalidRequest, severity: High, fixableBy: Operator, action: FixConfiguration,
		causes: []string{
			"A field of the request is missing, unknown or out of bounds; the message may say which.",
		},
		solutions: []string{
			"Compare what was sent with TikTok's documentation of the call.",
			"The account stays connected; only this request was refused.",
		},
		docs: tikTokErrors,
		patterns: []pattern{
			{codes: []string{"invalid_params", "invalid_param"}},
			{codes: []string{"10002", "10005", "invalid_file_upload", "invalid_publish_id", "file_format_check_failed", "duration_check_failed", "frame_rate_check_failed", "picture_size_check_failed", "video_pull_failed", "photo_pull_failed", "2100005"}},
			{all: []string{parameterWords, faultyWords}},
		},
		examples: []Input{
			{Stage: platforms.StageAPI, HTTPStatus: 400, ErrorCode: "invalid_params", Class: platforms.ClassInvalid},
			{Stage: platforms.StageAPI, HTTPStatus: 400, ErrorCode: "invalid_param"},
			{HTTPStatus: 400, ErrorCode: "file_format_check_failed"},
			{ErrorMessage: "A required field is missing"},
		},
	},
	{
		id: "tiktok/rate-limit", issue: RateLimit, severity: Medium, fixableBy: NobodyWait, action: Wait, transient: true,
		causes: []string{
			"Too many requests were sent to TikTok within a minute, for this account or by this app.",
		},
		solutions: []string{
			"Wait {{wait}}, then try again. TikTok counts the last 60 seconds.",
			"The account stays connected; only this request was refused.",
		},
		docs: tikTokLimits,
		patterns: []pattern{
			{codes: []string{"rate_limit_exceeded"}}, {statuses: []int{429}},
			{codes: []string{"2190001"}},
			{all: []string{limitWords, exceededWords}},
			{all: []string{tooManyWords, requestWords}},
		},
		examples: []Input{
			{Stage: platforms.StageAPI, HTTPStatus: 429, Body: `{"data":{},"error":{"code":"rate_limit_exceeded","message":"The API rate limit was exceeded. Please try again later.","log_id":"2026"}}`},
			{Stage: platforms.StageAPI, HTTPStatus: 429, Class: platforms.ClassRateLimited},
			{ErrorCode: "2190001"},
			{ErrorMessage: "Das Limit ist erreicht"},
			{ErrorMessage: "请求过于频繁"},
		},
	},
	{
		id: "tiktok/internal", issue: PlatformOutage, severity: Low, fixableBy: PlatformIt, action: Retry, transient: true,
		causes: []string{"TikTok has trouble of its own at the moment."},
		solutions: []string{
			"Wait {{wait}}, then try again.",
			"If it lasts, write to TikTok's support and name the log_id of the answer.",
		},
		docs: tikTokErrors,
		patterns: []pattern{
			{codes: []string{"internal_error"}},
			{codes: []string{"2100001", "2100004"}},
			{text: "server is currently unavailable"},
			{all: []string{serviceWords, downWords}},
		},
		examples: []Input{
			{Stage: platforms.StageAPI, HTTPStatus: 500, ErrorCode: "internal_error", Class: platforms.ClassTemporary},
			{ErrorCode: "2100004"},
			{ErrorMessage: "Server is currently unavailable."},
			{ErrorMessage: "系统服务繁忙"},
		},
	},
}}
