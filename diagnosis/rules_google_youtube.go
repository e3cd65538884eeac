package diagnosis

import "mooring/platforms"

// Google's and YouTube's documents.
const (
	googleOAuth     = "https://developers.google.com/identity/protocols/oauth2/web-server"
	googleExpiry    = "https://developers.google.com/identity/protocols/oauth2#expiration"
	googleWorkspace = "https://support.google.com/a/answer/7281227"
	youTubeErrors   = "https://developers.google.com/youtube/v3/docs/errors"
	youTubeQuota    = "https://developers.google.com/youtube/v3/determine_quota_cost"
	youTubeStart    = "https://developers.google.com/youtube/v3/getting-started"
	youTubeChannel  = "https://support.google.com/youtube/answer/1646861"
	youTubeVerify   = "https://support.google.com/youtube/answer/171664"
)

// youTubeRules know Google's authorization server and YouTube's API. The
// server's descriptions are not documented, so its codes decide; the API names
// a reason, and says 401 and 403 for much that is no fault of the token.
var youTubeRules = ruleSet{platform: "google_youtube", rules: []rule{
	// Google's own pages, after which nobody comes back.
	{
		id: "youtube/attempt-expired", issue: InvalidState, severity: Medium, fixableBy: User, action: Retry,
		atMost: 0.7,
		causes: []string{
			"Nobody finished connecting in time.",
			"Google showed “Access blocked” or another page of its own. It does not send you back then: you are not among the app's test users, your organisation forbids it, or the redirect URI, the client ID or a scope does not fit.",
		},
		solutions: []string{
			"Start connecting again and finish within ten minutes.",
			"If Google shows an error, send the code at its end, such as “Error 400: redirect_uri_mismatch”, to whoever runs Mooring.",
			"Operator: open https://console.cloud.google.com/auth/clients and compare GOOGLE_CLIENT_ID and, under Authorized redirect URIs, this: {{redirect}}",
			"Operator: while the app is in Testing, add the person under Audience, Test users.",
		},
		docs:     googleOAuth,
		patterns: []pattern{{codes: []string{CodeAttemptExpired}}},
		examples: []Input{{Stage: platforms.StageAuthorize, ErrorCode: CodeAttemptExpired}},
	},
	{
		id: "youtube/not-a-test-user", issue: AppNotApproved, severity: High, fixableBy: Operator, action: FixConfiguration,
		causes: []string{
			"The app is in Testing at Google, and this Google account is not among its test users.",
			"The app asks for sensitive scopes, and Google has not verified it.",
		},
		solutions: []string{
			"Open https://console.cloud.google.com/auth/audience and add the account's address under Test users.",
			"For everybody else choose Publish app there, and apply for verification in the Verification Center.",
			"Start connecting again.",
		},
		docs: googleOAuth,
		patterns: []pattern{
			{codes: []string{"access_denied"}, statuses: []int{403}},
			{text: "has not completed the google verification process"},
			{text: "only available to testers"},
			{text: "currently being tested … verified by google"},
			{codes: []string{"restricted_client"}},
			{codes: []string{"rate_limit_exceeded"}, statuses: []int{403}, stages: []platforms.Stage{platforms.StageAuthorize}},
			{text: "hasn't verified this app"},
			{text: "app isn't verified"},
			{text: "app is blocked"},
			{text: "sign in with google temporarily disabled"},
			{text: "error 403 access denied"},
			{all: []string{appWords, unapprovedWords}},
			{all: []string{googleBlockedWords, unapprovedWords}},
			{text: "developer has not authorized"},
			{text: "developer hasn't given you access"},
		},
		examples: []Input{
			{Stage: platforms.StageAuthorize, HTTPStatus: 403, ErrorCode: "access_denied"},
			{Stage: platforms.StageAuthorize, HTTPStatus: 403, ErrorMessage: `Access Denied: "Harbour" has not completed the Google verification process.`},
			{ErrorMessage: "This app is under testing and is only available to testers approved by the developer. Error 403: Access Denied"},
			{ErrorMessage: "The developer hasn't given you access to this app. It's currently being tested and it hasn't been verified by Google."},
			{ErrorMessage: "Error 403: restricted_client This app is not yet registered to use Google APIs"},
			{Stage: platforms.StageAuthorize, HTTPStatus: 403, ErrorMessage: "Error 403: rate_limit_exceeded This app has reached its sign-in rate limit for now."},
			{ErrorMessage: "Google hasn't verified this app"},
			{ErrorMessage: "This app isn't verified"},
			{ErrorMessage: "This app is blocked"},
			{ErrorMessage: "Sign in with Google temporarily disabled for this app"},
			{ErrorMessage: "Error 403 Access Denied"},
			{ErrorMessage: "Die App wird derzeit getestet"},
			{ErrorMessage: "Zugriff blockiert: Harbour hat den Überprüfungsprozess von Google nicht abgeschlossen"},
			{ErrorMessage: "Sign in fails, the developer has not authorized the app"},
			{ErrorMessage: "The developer hasn't given you access to this app."},
		},
	},
	{
		id: "youtube/org-internal", issue: AppNotApproved, severity: High, fixableBy: Operator, action: FixConfiguration,
		causes: []string{
			"The app's audience at Google is Internal: only accounts of the operator's own organisation can give it access.",
		},
		solutions: []string{
			"Open https://console.cloud.google.com/auth/audience and choose Make external.",
			"Otherwise connect with an account of the organisation.",
		},
		docs: googleOAuth,
		patterns: []pattern{
			{codes: []string{"org_internal"}},
			{text: "only be used within its organization"},
			{all: []string{googleBlockedWords, organizationWords}},
		},
		examples: []Input{
			{Stage: platforms.StageAuthorize, HTTPStatus: 403, ErrorCode: "org_internal"},
			{ErrorMessage: "Access blocked: Harbour can only be used within its organization. Error 403: org_internal"},
			{ErrorMessage: "Harbour can only be used within its organization"},
			{ErrorMessage: "Accès bloqué : Harbour est réservée à son organisation"},
		},
	},
	{
		id: "youtube/web-view", issue: InvalidRequest, severity: High, fixableBy: User, action: Retry,
		causes: []string{
			"Google's page was opened inside another app, such as a mail or chat program. Google lets nobody sign in there.",
		},
		solutions: []string{
			"Open the same link in Chrome, Firefox, Safari or Edge.",
			"Start connecting again there.",
		},
		docs: googleOAuth,
		patterns: []pattern{
			{codes: []string{"disallowed_useragent"}},
			{text: "google's secure browsers policy"},
		},
		examples: []Input{
			{Stage: platforms.StageAuthorize, HTTPStatus: 403, ErrorCode: "disallowed_useragent"},
			{ErrorMessage: "You can't sign in from this screen because this app doesn't comply with Google's secure browsers policy."},
		},
	},
	{
		id: "youtube/redirect-mismatch", issue: RedirectURIMismatch, severity: High, fixableBy: Operator, action: FixConfiguration,
		causes: []string{
			"The redirect URI that Mooring sends is not among the client's Authorized redirect URIs, if only for a slash at the end.",
			"The client at Google is of another type than Web application.",
		},
		solutions: []string{
			"Open https://console.cloud.google.com/auth/clients and choose {{app}}. If its type is not Web application, create a new client.",
			"Enter exactly this under Authorized redirect URIs: {{redirect}}",
			"Google wants https, except for localhost and 127.0.0.1, and no bare IP address. A change takes some minutes.",
			"If Mooring is reached under another address now, set MOORING_PUBLIC_URL or GOOGLE_REDIRECT_URI and restart it.",
		},
		docs: googleOAuth,
		patterns: []pattern{
			{codes: []string{"redirect_uri_mismatch"}},
			{text: "out-of-band … flow has been blocked"},
			{codes: []string{"invalid_request"}, text: "out-of-band … flow has been blocked"},
			{text: "not allowed for … client type"},
			{codes: []string{"invalid_request"}, text: "not allowed for … client type"},
			{codes: []string{"origin_mismatch"}},
			{text: "redirect uri … did not match a registered"},
			{all: []string{redirectWords, mismatchWords}},
			{all: []string{googleBlockedWords, badRequestWords}},
			{text: "doesn't comply with google's oauth 2.0 policy"},
			{codes: []string{"invalid_request"}, text: "doesn't comply with google's oauth 2.0 policy"},
			{text: "device_id and device_name are required"},
			{text: "not a valid origin for the client"},
		},
		examples: []Input{
			{Stage: platforms.StageAuthorize, HTTPStatus: 400, ErrorCode: "redirect_uri_mismatch"},
			{Stage: platforms.StageExchange, HTTPStatus: 400, Class: platforms.ClassAppFault, Body: `{"error":"redirect_uri_mismatch","error_description":"Bad Request"}`},
			{Stage: platforms.StageAuthorize, HTTPStatus: 400, ErrorCode: "invalid_request", ErrorMessage: "The out-of-band (OOB) flow has been blocked in order to keep users secure."},
			{ErrorMessage: "The out-of-band (OOB) flow has been blocked"},
			{Stage: platforms.StageAuthorize, HTTPStatus: 400, ErrorCode: "invalid_request", ErrorMessage: "Error 400: invalid_request Localhost URI is not allowed for 'NATIVE_DEVICE' client type."},
			{ErrorMessage: "It is not allowed for the WEB client type."},
			{ErrorCode: "origin_mismatch"},
			{ErrorMessage: "The redirect URI in the request: https://a.example/ did not match a registered redirect URI"},
			{ErrorMessage: "L’URI de redirection ne correspond pas"},
			{ErrorMessage: "アクセスをブロック: このアプリのリクエストは無効です"},
			{ErrorMessage: "You can't sign in to this app because it doesn't comply with Google's OAuth 2.0 policy for keeping apps secure."},
			{ErrorMessage: "Error 400: invalid_request You can't sign in to this app because it doesn't comply with Google's OAuth 2.0 policy."},
			{ErrorMessage: "device_id and device_name are required for private IP"},
			{ErrorMessage: "idpiframe_initialization_failed: Not a valid origin for the client"},
		},
	},
	{
		id: "youtube/scope-unknown", issue: InvalidScope, severity: High, fixableBy: Operator, action: FixConfiguration,
		causes: []string{
			"A requested scope does not exist at Google, or lacks its beginning https://www.googleapis.com/auth/.",
			"The scope is not open to this app.",
		},
		solutions: []string{
			"Compare the scopes that you ask for by name with https://developers.google.com/identity/protocols/oauth2/scopes#youtube.",
			"Add them at https://console.cloud.google.com/auth/scopes under Data Access.",
			"Start connecting again.",
		},
		docs: googleOAuth,
		patterns: []pattern{
			{codes: []string{"invalid_scope"}},
			{text: "requested scopes cannot be shown"},
			{all: []string{scopeWords, badScopeWords}},
		},
		examples: []Input{
			{Stage: platforms.StageAuthorize, HTTPStatus: 400, ErrorCode: "invalid_scope", ErrorMessage: "Access blocked: Authorization Error Some requested scopes cannot be shown"},
			{ErrorMessage: "Some requested scopes cannot be shown: [youtube.readonly]"},
			{ErrorMessage: "Unbekannter Scope: scopes youtube.cake unbekannt"},
		},
	},

	// The token endpoint.
	{
		id: "youtube/invalid-client", issue: InvalidCredentials, severity: High, fixableBy: Operator, action: FixConfiguration,
		causes: []string{
			"The client secret is another client's, or it was replaced at Google.",
			"The client ID does not exist; it ends in .apps.googleusercontent.com.",
		},
		solutions: []string{
			"Open https://console.cloud.google.com/auth/clients, choose {{app}}, and copy the client ID into GOOGLE_CLIENT_ID.",
			"Google shows a secret only when it is made. If you do not have it, choose Add secret and copy the new one into GOOGLE_CLIENT_SECRET.",
			"Restart Mooring. Accounts that are connected recover by themselves.",
		},
		docs: googleOAuth,
		patterns: []pattern{
			{codes: []string{"invalid_client"}},
			{text: "the oauth client was not found"},
			{codes: []string{"keyinvalid", "keyexpired", "iprefererblocked", "api_key_invalid"}},
			{text: "invalid client type"},
			{text: "client secret is invalid"},
			{text: "client_secret is missing"},
			{text: "api key not valid"},
			{all: []string{clientWords, badClientWords}},
			{text: "required parameter client_id"},
		},
		examples: []Input{
			{Stage: platforms.StageExchange, HTTPStatus: 401, Body: `{"error":"invalid_client","error_description":"The OAuth client was not found."}`},
			{Stage: platforms.StageRefresh, HTTPStatus: 401, ErrorCode: "invalid_client", ErrorMessage: "Unauthorized", Class: platforms.ClassAppFault},
			{Stage: platforms.StageAuthorize, HTTPStatus: 401, ErrorCode: "invalid_client"},
			{ErrorMessage: "The OAuth client was not found."},
			{ErrorMessage: `LoginException ("Invalid client type")`},
			{ErrorMessage: "The provided client secret is invalid."},
			{ErrorMessage: "client_secret is missing."},
			{ErrorMessage: "API key not valid. Please pass a valid API key."},
			{ErrorMessage: "Falsche Client-ID: client ID falsch"},
			{HTTPStatus: 400, ErrorCode: "keyInvalid"},
			{ErrorMessage: "Error 400: Missing required parameter: client_id"},
		},
	},
	{
		id: "youtube/client-deleted", issue: InvalidCredentials, severity: High, fixableBy: Operator, action: FixConfiguration,
		causes: []string{
			"The client was deleted at Google. Google itself deletes clients that nobody used for half a year.",
		},
		solutions: []string{
			"Open https://console.cloud.google.com/auth/clients and restore it under Deleted credentials, which is possible for 30 days.",
			"Otherwise create a new one, enter it as GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET, and restart Mooring. Everybody has to reconnect then.",
		},
		docs:     googleOAuth,
		patterns: []pattern{{codes: []string{"deleted_client", "disabled_client"}}},
		examples: []Input{
			{Stage: platforms.StageRefresh, HTTPStatus: 401, ErrorCode: "deleted_client", Class: platforms.ClassAppFault},
			{ErrorMessage: "Error 401: deleted_client"},
		},
	},
	{
		id: "youtube/other-client", issue: RevokedAccess, severity: High, fixableBy: User, action: Reconnect,
		causes: []string{
			"The refresh token was issued to another client than the one that Mooring uses now.",
		},
		solutions: []string{
			"Reconnect {{account}}.",
			"Operator: if GOOGLE_CLIENT_ID was changed by mistake, set it back and restart Mooring.",
		},
		docs:     googleOAuth,
		patterns: []pattern{{codes: []string{"unauthorized_client"}, stages: []platforms.Stage{platforms.StageRefresh}}},
		examples: []Input{{Stage: platforms.StageRefresh, HTTPStatus: 401, ErrorCode: "unauthorized_client", Class: platforms.ClassRefreshDead}},
	},
	{
		id: "youtube/refresh-dead", issue: RevokedAccess, severity: High, fixableBy: User, action: Reconnect,
		causes: []string{
			"You removed the app at https://myaccount.google.com/connections, or disconnected another channel of the same Google account somewhere else with it.",
			"The app is in Testing at Google, where every connection ends after seven days.",
			"The account was not used for six months, or more than a hundred newer connections with the same app pushed this one out.",
			"The Google account was closed.",
		},
		solutions: []string{
			"Reconnect {{account}}, and choose the same channel on Google's page.",
			"Operator: if this happens every week, open https://console.cloud.google.com/auth/audience and choose Publish app. Connections made before still end, so reconnect afterwards.",
		},
		docs: googleExpiry,
		patterns: []pattern{
			{codes: []string{"invalid_grant"}, stages: []platforms.Stage{platforms.StageRefresh}},
			{text: "token has been expired or revoked"},
			{codes: []string{"invalid_grant"}, text: "token has been expired or revoked"},
			{all: []string{refreshWords, deadWords}},
			{all: []string{grantWords, revokedWords}},
		},
		examples: []Input{
			{Stage: platforms.StageRefresh, HTTPStatus: 400, ErrorCode: "invalid_grant", ErrorMessage: "Bad Request", Class: platforms.ClassRefreshDead},
			{ErrorMessage: "Token has been expired or revoked."},
			{ErrorMessage: `oauth2: "invalid_grant" "Token has been expired or revoked."`},
			{ErrorMessage: "Le jeton d'actualisation a expiré"},
			{ErrorMessage: "Der Zugriff wurde widerrufen"},
		},
	},
	{
		id: "youtube/session-control", issue: RevokedAccess, severity: High, fixableBy: User, action: Reconnect,
		causes: []string{
			"Your organisation wants you to sign in to Google anew after some hours, and ends the app's access until you do.",
		},
		solutions: []string{
			"Reconnect {{account}}.",
			"Ask your organisation's administrator to mark {{app}} as trusted and to exempt trusted apps under Google Cloud session control.",
		},
		docs: googleWorkspace,
		patterns: []pattern{
			{codes: []string{"invalid_grant"}, subcodes: []string{"invalid_rapt"}},
			{codes: []string{"invalid_grant"}, text: "invalid_rapt"},
			{codes: []string{"invalid_rapt"}},
		},
		examples: []Input{
			{Stage: platforms.StageRefresh, HTTPStatus: 400, ErrorCode: "invalid_grant", ErrorSubcode: "invalid_rapt", Class: platforms.ClassRefreshDead},
			{Stage: platforms.StageRefresh, HTTPStatus: 400, Body: `{"error":"invalid_grant","error_description":"reauth related error (invalid_rapt)","error_subtype":"invalid_rapt"}`},
			{ErrorCode: "invalid_rapt"},
		},
	},
	{
		id: "youtube/admin-policy", issue: AccessDenied, severity: High, fixableBy: Admin, action: Reconnect,
		causes: []string{
			"The administrator of your organisation's Google Workspace does not allow this app, or not its scopes.",
		},
		solutions: []string{
			"Ask the administrator to allow {{app}} in the Admin console under Security, API controls, Manage app access.",
			"Reconnect {{account}} afterwards.",
			"Otherwise use a Google account outside the organisation.",
		},
		docs:     googleWorkspace,
		patterns: []pattern{{codes: []string{"admin_policy_enforced", "policy_enforced", "domainpolicy"}}},
		examples: []Input{
			{Stage: platforms.StageAuthorize, HTTPStatus: 400, ErrorCode: "admin_policy_enforced"},
			{Stage: platforms.StageRefresh, HTTPStatus: 403, ErrorCode: "admin_policy_enforced", Class: platforms.ClassRefreshDead},
			{ErrorMessage: "Error 400: admin_policy_enforced"},
		},
	},

	// The channel.
	{
		id: "youtube/no-channel", issue: AccountSetupIncomplete, severity: Medium, fixableBy: User, action: SetUpAccount,
		causes: []string{
			"The Google account has no YouTube channel.",
			"The channel belongs to a brand account, and on Google's page you chose your own account instead.",
		},
		solutions: []string{
			"Open https://www.youtube.com/create_channel with this account and create a channel.",
			"Start connecting again. If Google asks for an account or a brand account, choose the one that has the channel.",
		},
		docs: youTubeChannel,
		patterns: []pattern{
			{codes: []string{"youtubesignuprequired"}},
			{codes: []string{"youtubesignuprequired"}, statuses: []int{401}, stages: []platforms.Stage{platforms.StageAPI}},
			{codes: []string{CodeNoAccounts}},
			{text: "no channel found"},
			{text: "no youtube channel"},
			{text: "channel not found"},
			{all: []string{noneWords, placeWords, foundWords}},
		},
		examples: []Input{
			{Stage: platforms.StageAPI, HTTPStatus: 401, Body: `{"error":{"code":401,"message":"Unauthorized","errors":[{"domain":"youtube.header","reason":"youtubeSignupRequired","message":"Unauthorized"}]}}`},
			{ErrorCode: "youtubeSignupRequired"},
			{Stage: platforms.StageAPI, ErrorCode: CodeNoAccounts},
			{ErrorMessage: "No channel found for this account"},
			{ErrorMessage: "This account has no YouTube channel"},
			{ErrorMessage: "Channel not found"},
			{ErrorMessage: "Keine Kanäle gefunden"},
		},
	},
	{
		id: "youtube/other-channel", issue: InvalidState, severity: Medium, fixableBy: User, action: Reconnect,
		causes: []string{
			"You chose {{other}} on Google's page, but {{account}} was to be reconnected. A connection reaches only the one channel that you choose.",
			"You were signed in to another Google account.",
		},
		solutions: []string{
			"Reconnect again, and choose {{account}} among the accounts and brand accounts that Google shows. Nothing was changed so far.",
			"If you want both channels, add the other one as a new account.",
		},
		docs:     youTubeChannel,
		patterns: []pattern{{codes: []string{CodeDifferentAccount}}},
		examples: []Input{{Stage: platforms.StageAPI, ErrorCode: CodeDifferentAccount}},
	},
	{
		id: "youtube/channel-not-found", issue: AccountSetupIncomplete, severity: Medium, fixableBy: User, action: SetUpAccount,
		causes: []string{
			"The channel was deleted, or it moved to another brand account.",
		},
		solutions: []string{
			"Open https://www.youtube.com/channel_switcher and see whether the channel is still there.",
			"Reconnect {{account}} and choose the channel on Google's page.",
		},
		docs:     youTubeErrors,
		patterns: []pattern{{codes: []string{"channelnotfound"}}},
		examples: []Input{{Stage: platforms.StageAPI, HTTPStatus: 404, ErrorCode: "channelNotFound", Class: platforms.ClassInvalid}},
	},
	{
		id: "youtube/account-closed", issue: AccountRestricted, severity: High, fixableBy: User, action: SetUpAccount,
		causes: []string{
			"The YouTube account is closed.",
		},
		solutions: []string{
			"Sign in at https://www.youtube.com and see whether it can be restored.",
			"Otherwise connect another channel, and disconnect {{account}}.",
		},
		docs:     youTubeErrors,
		patterns: []pattern{{codes: []string{"authenticateduseraccountclosed", "channelclosed", "useraccountclosed"}}},
		examples: []Input{{Stage: platforms.StageAPI, HTTPStatus: 403, ErrorCode: "authenticatedUserAccountClosed", Class: platforms.ClassInvalid}},
	},
	{
		id: "youtube/account-suspended", issue: AccountRestricted, severity: High, fixableBy: User, action: ContactPlatform,
		causes: []string{
			"YouTube has suspended the account.",
		},
		solutions: []string{
			"Sign in at https://www.youtube.com, read why, and appeal there.",
			"Validate {{account}} afterwards.",
		},
		docs: youTubeErrors,
		patterns: []pattern{
			{codes: []string{"authenticateduseraccountsuspended", "channelsuspended", "accountsuspended", "account_disabled"}},
			{all: []string{accountWords, restrictedWords}},
		},
		examples: []Input{
			{Stage: platforms.StageAPI, HTTPStatus: 403, ErrorCode: "authenticatedUserAccountSuspended", Class: platforms.ClassInvalid},
			{ErrorMessage: "Your channel was suspended"},
		},
	},
	{
		id: "youtube/thumbnail", issue: AccountSetupIncomplete, severity: Medium, fixableBy: User, action: SetUpAccount,
		causes: []string{
			"Only channels with a verified phone number may set their own thumbnails, stream live or upload long videos.",
		},
		solutions: []string{
			"Open https://www.youtube.com/verify with the channel's account and verify a phone number.",
			"Try again. The video itself was not affected.",
		},
		docs: youTubeVerify,
		patterns: []pattern{
			{subcodes: []string{"youtube.thumbnail"}},
			{codes: []string{"forbidden"}, subcodes: []string{"youtube.thumbnail"}},
			{codes: []string{"forbidden"}, text: "custom video thumbnails"},
			{text: "set custom video thumbnails"},
			{codes: []string{"livestreamingnotenabled", "insufficientlivepermissions"}},
			{text: "not enabled for live streaming"},
		},
		examples: []Input{
			{Stage: platforms.StageAPI, HTTPStatus: 403, ErrorCode: "forbidden", ErrorSubcode: "youtube.thumbnail", Class: platforms.ClassInvalid},
			{ErrorSubcode: "youtube.thumbnail"},
			{Stage: platforms.StageAPI, HTTPStatus: 403, Body: `{"error":{"code":403,"errors":[{"domain":"youtube.thumbnail","reason":"forbidden","message":"The authenticated user doesn't have permissions to upload and set custom video thumbnails."}]}}`},
			{ErrorMessage: "The authenticated user doesn't have permissions to upload and set custom video thumbnails."},
			{HTTPStatus: 403, ErrorCode: "liveStreamingNotEnabled"},
			{ErrorMessage: "The user is not enabled for live streaming."},
		},
	},
	{
		id: "youtube/not-owner", issue: InsufficientPermissions, severity: High, fixableBy: User, action: Reconnect,
		atMost: 0.8,
		causes: []string{
			"You are neither the channel's owner nor its manager.",
			"The channel was reached through another Google account than the one that connected it.",
		},
		solutions: []string{
			"Open https://studio.youtube.com, Settings, Permissions, and see your role in the channel.",
			"Reconnect {{account}} with the Google account that owns it, and choose the channel on Google's page.",
		},
		docs: youTubeErrors,
		patterns: []pattern{
			{codes: []string{"forbidden", "accountdelegationforbidden"}},
			{text: "request may not be properly authorized"},
			{codes: []string{"insufficientcapabilities", "authenticatedusernotchannel"}},
		},
		examples: []Input{
			{Stage: platforms.StageAPI, HTTPStatus: 403, ErrorCode: "forbidden", Class: platforms.ClassInvalid},
			{Stage: platforms.StageAPI, HTTPStatus: 403, ErrorCode: "accountDelegationForbidden", Class: platforms.ClassInvalid},
			{ErrorMessage: "Access forbidden. The request may not be properly authorized."},
			{ErrorCode: "insufficientCapabilities"},
		},
	},

	// The token's rights and life.
	{
		id: "youtube/scope-missing", issue: InsufficientPermissions, severity: High, fixableBy: User, action: Reconnect,
		causes: []string{
			"You unticked a permission on Google's page. Each of them can be unticked there.",
			"The account was connected before Mooring asked for this permission.",
		},
		solutions: []string{
			"Reconnect {{account}} and leave all permissions ticked on Google's page.",
			"Operator: if a permission is not offered there, add its scope at https://console.cloud.google.com/auth/scopes under Data Access.",
		},
		docs: googleOAuth,
		patterns: []pattern{
			{codes: []string{"insufficientpermissions", "access_token_scope_insufficient"}},
			{codes: []string{"insufficientpermissions", "access_token_scope_insufficient"}, statuses: []int{403}},
			{text: "insufficient permission"},
			{text: "insufficient authentication scopes"},
			{all: []string{permissionWords, lackingWords}},
		},
		examples: []Input{
			{Stage: platforms.StageAPI, HTTPStatus: 403, Class: platforms.ClassMissingScope, ErrorCode: "insufficientPermissions"},
			{Stage: platforms.StageAPI, HTTPStatus: 403, Body: `{"error":{"code":403,"message":"Request had insufficient authentication scopes.","status":"PERMISSION_DENIED","details":[{"reason":"ACCESS_TOKEN_SCOPE_INSUFFICIENT"}]}}`},
			{Stage: platforms.StageAPI, ErrorCode: "insufficientPermissions"},
			{ErrorMessage: "Failed to start the resumable upload (HTTP 403: global, Insufficient Permission)"},
			{ErrorMessage: "Request had insufficient authentication scopes."},
			{ErrorMessage: "没有足够的权限"},
		},
	},
	{
		id: "youtube/scopes-unticked", issue: InsufficientPermissions, severity: High, fixableBy: User, action: Reconnect,
		causes: []string{
			"You unticked permissions on Google's page that Mooring cannot do without: {{scopes}}.",
		},
		solutions: []string{
			"Start connecting again and leave all permissions ticked on Google's page, above all {{scopes}}.",
			"Operator: if a permission is not offered there, add its scope at https://console.cloud.google.com/auth/scopes under Data Access.",
		},
		docs:     googleOAuth,
		patterns: []pattern{{codes: []string{CodeScopesMissing}}},
		examples: []Input{{Stage: platforms.StageExchange, ErrorCode: CodeScopesMissing}},
	},
	{
		id: "youtube/token-stale", issue: ExpiredToken, severity: High, fixableBy: User, action: Reconnect,
		causes: []string{
			"The access token has ended; Google's live for one hour.",
			"You removed the app at https://myaccount.google.com/connections.",
		},
		solutions: []string{
			"Refresh {{account}} once; if only the access token had ended, it works again.",
			"If it still fails, reconnect {{account}}.",
		},
		docs: youTubeErrors,
		patterns: []pattern{
			{codes: []string{"autherror", "unauthenticated", "access_token_expired", "access_token_type_unsupported", "credentials_missing"}},
			{codes: []string{"invalid_token"}, stages: []platforms.Stage{platforms.StageAPI}},
			{text: "request had invalid authentication credentials"},
			{text: "missing required authentication credential"},
			{text: "invalid credentials"},
			{text: "login required"},
			{all: []string{tokenWords, expiredWords}},
			{all: []string{accessTokenWords, refusedWords}},
		},
		examples: []Input{
			{Stage: platforms.StageAPI, HTTPStatus: 401, ErrorCode: "authError", Class: platforms.ClassStaleAccess},
			{Stage: platforms.StageAPI, HTTPStatus: 400, Body: `{"error":"invalid_token","error_description":"Invalid Value"}`, Class: platforms.ClassStaleAccess},
			{HTTPStatus: 401, ErrorCode: "401", ErrorMessage: "googleapi: Error 401: Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential."},
			{ErrorMessage: "Request is missing required authentication credential. Expected OAuth 2 access token"},
			{ErrorMessage: "401 Invalid Credentials"},
			{ErrorMessage: "Login Required"},
			{ErrorMessage: "Das Zugriffstoken ist abgelaufen"},
			{ErrorMessage: "Zugriffstoken ungültig"},
		},
	},
	{
		id: "youtube/expiring-soon", issue: ExpiredToken, severity: Medium, fixableBy: User, action: Reconnect,
		causes: []string{
			"The app is in Testing at Google, where every connection ends after seven days. This one ends {{ends}}.",
			"On Google's page you allowed the access for a limited time.",
		},
		solutions: []string{
			"Reconnect {{account}} before then.",
			"Operator: open https://console.cloud.google.com/auth/audience and choose Publish app; reconnect afterwards, because connections made before are not lengthened.",
		},
		docs:     googleExpiry,
		patterns: []pattern{{codes: []string{ExpiringSoon.code()}}},
		examples: []Input{{ErrorCode: ExpiringSoon.code()}},
	},
	{
		id: "youtube/expired", issue: ExpiredToken, severity: High, fixableBy: User, action: Reconnect,
		causes: []string{
			"The app is in Testing at Google, where every connection ends after seven days.",
			"Google gave no refresh token, and the access token of one hour has ended.",
		},
		solutions: []string{
			"Reconnect {{account}}. Its history and settings stay.",
			"Operator: open https://console.cloud.google.com/auth/audience and choose Publish app before people reconnect.",
		},
		docs:     googleExpiry,
		patterns: []pattern{{codes: []string{Expired.code()}}},
		examples: []Input{{ErrorCode: Expired.code()}},
	},

	// The project.
	{
		id: "youtube/api-disabled", issue: AppNotApproved, severity: High, fixableBy: Operator, action: FixConfiguration,
		causes: []string{
			"The YouTube Data API is not enabled in the app's project at Google, or the YouTube Analytics API is not. No account can work until it is.",
		},
		solutions: []string{
			"Open https://console.cloud.google.com/apis/library/youtube.googleapis.com, choose the project of the client ID, and press Enable.",
			"For statistics enable https://console.cloud.google.com/apis/library/youtubeanalytics.googleapis.com as well.",
			"Wait some minutes and try again; nobody has to reconnect.",
		},
		docs: youTubeStart,
		patterns: []pattern{
			{codes: []string{"accessnotconfigured", "service_disabled"}},
			{codes: []string{"accessnotconfigured", "service_disabled"}, statuses: []int{403}},
			{text: "has not been used in project"},
			{text: "access not configured"},
			{all: []string{"api", disabledWords}},
		},
		examples: []Input{
			{Stage: platforms.StageAPI, HTTPStatus: 403, ErrorCode: "accessNotConfigured", Class: platforms.ClassAppFault},
			{Stage: platforms.StageAPI, HTTPStatus: 403, Body: `{"error":{"code":403,"status":"PERMISSION_DENIED","details":[{"reason":"SERVICE_DISABLED"}]}}`},
			{ErrorCode: "accessNotConfigured"},
			{ErrorMessage: "YouTube Data API v3 has not been used in project 4711 before or it is disabled."},
			{ErrorMessage: "Access Not Configured. Please use Google Developers Console to activate the API for your project."},
			{ErrorMessage: "Die API ist nicht aktiviert"},
		},
	},
	{
		id: "youtube/quota", issue: RateLimit, severity: Medium, fixableBy: NobodyWait, action: Wait, transient: true,
		causes: []string{
			"The project's daily quota of YouTube's API is used up, for all accounts together. No account is at fault.",
			"Google gave the project a small quota, or none for uploads; in the console it may say 0.",
		},
		solutions: []string{
			"Wait {{wait}}: the quota begins anew at midnight Pacific time. The account stays connected.",
			"Operator: see https://console.cloud.google.com/apis/api/youtube.googleapis.com/quotas for what uses it up, and apply for more with YouTube's audit form.",
		},
		docs: youTubeQuota,
		patterns: []pattern{
			{codes: []string{"quotaexceeded", "dailylimitexceeded", "dailylimitexceededunreg", "quota_exceeded", "limitexceeded", "variabletermlimitexceeded"}},
			{codes: []string{"quotaexceeded", "dailylimitexceeded"}, statuses: []int{403}},
			{text: "exceeded your … quota"},
			{text: "daily limit exceeded"},
			{all: []string{quotaWords, exceededWords}},
		},
		examples: []Input{
			{Stage: platforms.StageAPI, HTTPStatus: 403, ErrorCode: "quotaExceeded", Class: platforms.ClassRateLimited},
			{Stage: platforms.StageAPI, HTTPStatus: 403, ErrorCode: "dailyLimitExceeded", ErrorMessage: "Daily Limit Exceeded. The quota will be reset at midnight Pacific Time (PT)."},
			{ErrorCode: "quotaExceeded"},
			{ErrorMessage: "The request cannot be completed because you have exceeded your quota"},
			{ErrorMessage: "Daily Limit Exceeded."},
			{ErrorMessage: "Das Kontingent ist ausgeschöpft"},
		},
	},
	{
		id: "youtube/rate-limit", issue: RateLimit, severity: Medium, fixableBy: NobodyWait, action: Wait, transient: true,
		causes: []string{
			"Too many requests were sent to YouTube in a short time, by this app or for this account.",
		},
		solutions: []string{
			"Wait {{wait}}, then try again. The account stays connected; only this request was refused.",
		},
		docs: youTubeErrors,
		patterns: []pattern{
			{codes: []string{"ratelimitexceeded", "userratelimitexceeded", "rate_limit_exceeded", "servinglimitexceeded", "concurrentlimitexceeded", "resource_exhausted"}},
			{codes: []string{"ratelimitexceeded", "userratelimitexceeded", "rate_limit_exceeded"}, statuses: []int{403, 429}},
			{all: []string{limitWords, exceededWords}},
			{all: []string{tooManyWords, requestWords}},
		},
		examples: []Input{
			{Stage: platforms.StageAPI, HTTPStatus: 403, ErrorCode: "userRateLimitExceeded", Class: platforms.ClassRateLimited},
			{Stage: platforms.StageAPI, HTTPStatus: 429, ErrorCode: "RATE_LIMIT_EXCEEDED", Class: platforms.ClassRateLimited},
			{ErrorCode: "rateLimitExceeded"},
			{ErrorMessage: "Limite atteinte: la limite est atteinte"},
			{ErrorMessage: "Trop de requêtes"},
		},
	},
	{
		id: "youtube/upload-limit", issue: RateLimit, severity: Medium, fixableBy: NobodyWait, action: Wait, transient: true,
		causes: []string{
			"The channel has uploaded as many videos as YouTube allows it in a day. This limit is the channel's own.",
		},
		solutions: []string{
			"Wait until tomorrow, then try again. The account stays connected.",
			"To be allowed more, open https://www.youtube.com/verify with the channel's account and verify a phone number.",
		},
		docs: youTubeErrors,
		patterns: []pattern{
			{codes: []string{"uploadlimitexceeded"}},
			{codes: []string{"uploadlimitexceeded"}, statuses: []int{400, 403}},
			{text: "exceeded the number of videos they may upload"},
			{text: "uploaded too many videos"},
		},
		examples: []Input{
			{Stage: platforms.StageAPI, HTTPStatus: 400, ErrorCode: "uploadLimitExceeded", Class: platforms.ClassRateLimited},
			{ErrorCode: "uploadLimitExceeded"},
			{ErrorMessage: "The user has exceeded the number of videos they may upload."},
			{ErrorMessage: "you uploaded too many videos in a short time"},
		},
	},
	{
		id: "youtube/outage", issue: PlatformOutage, severity: Low, fixableBy: PlatformIt, action: Retry, transient: true,
		causes: []string{"YouTube has trouble of its own at the moment."},
		solutions: []string{
			"Try again in some minutes; Mooring does so by itself.",
			"If it lasts, look at {{status}}.",
		},
		docs: youTubeErrors,
		patterns: []pattern{
			{codes: []string{"backenderror", "internalerror", "processingfailure", "servicenotavailable", "transienterror"}},
			{all: []string{serviceWords, downWords}},
		},
		examples: []Input{
			{Stage: platforms.StageAPI, HTTPStatus: 500, ErrorCode: "backendError", Class: platforms.ClassTemporary},
			{ErrorMessage: "Service momentanément indisponible"},
		},
	},
	{
		id: "youtube/parameter", issue: InvalidRequest, severity: Medium, fixableBy: Operator, action: FixConfiguration,
		causes: []string{
			"A field of the request is missing, unknown or not allowed, or the video or playlist that it names does not exist.",
		},
		solutions: []string{
			"Compare what was sent with YouTube's reference of the call; the message may say which field it is.",
			"The account stays connected; only this request was refused.",
		},
		docs: youTubeErrors,
		patterns: []pattern{
			{codes: []string{
				"badrequest", "invalidparameter", "invalidvalue", "missingrequiredparameter", "unexpectedparameter", "unknownpart", "unknownapi", "invalidvideometadata", "invalidtitle", "invaliddescription", "invalidtags", "invalidcategoryid",
				"mediabodyrequired", "videonotfound", "playlistnotfound", "commentnotfound", "forbiddenprivacysetting", "forbiddenlicensesetting", "invalidpublishat", "parseerror", "failedprecondition", "invalid_argument",
			}},
			{all: []string{parameterWords, faultyWords}},
		},
		examples: []Input{
			{Stage: platforms.StageAPI, HTTPStatus: 400, ErrorCode: "invalidVideoMetadata", Class: platforms.ClassInvalid},
			{ErrorMessage: "A required field is missing"},
		},
	},
}}
