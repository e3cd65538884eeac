package diagnosis

import (
	"slices"
	"strconv"

	"mooring/platforms"
)

// Meta's documents.
const (
	metaErrors   = "https://developers.facebook.com/docs/graph-api/guides/error-handling"
	metaFlow     = "https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow"
	metaLimits   = "https://developers.facebook.com/docs/graph-api/overview/rate-limiting"
	metaVersions = "https://developers.facebook.com/docs/graph-api/changelog/versions"
	metaSecurity = "https://developers.facebook.com/docs/facebook-login/security"
	metaReview   = "https://developers.facebook.com/docs/app-review"
	metaPages    = "https://developers.facebook.com/documentation/pages-api/error-codes"
)

// metaNames are the words in which Facebook and Instagram differ.
type metaNames struct {
	set                string // what the ids of the rules begin with
	idVars, secretVars string // the variables of the app's credentials
	redirectVars       string
	tick               string // what a person must tick on the consent page
}

// Codes of the Graph API that stand for many failures.
var (
	metaToken      = []string{"190", "102", "452"}
	metaPermission = metaPermissions()
	metaLimit      = []string{"4", "9", "17", "32", "341", "613", "80000", "80001", "80002", "80003", "80004", "80005", "80006", "80007", "80008", "80009", "80014", "1390008"}
)

// metaPermissions are 10 and 200 to 299.
func metaPermissions() []string {
	codes := []string{"10"}
	for code := 200; code < 300; code++ {
		codes = append(codes, strconv.Itoa(code))
	}
	return codes
}

// withCode returns patterns that recognise a failure by its sentence alone, and
// with more certainty beside one of the codes.
func withCode(codes []string, sentences ...string) []pattern {
	var patterns []pattern
	for _, sentence := range sentences {
		patterns = append(patterns, pattern{beside: codes, text: sentence})
	}
	return patterns
}

// bySubcode returns patterns that recognise a failure by its code and subcode,
// by the subcode alone, or by its sentence.
func bySubcode(codes, subcodes []string, sentences ...string) []pattern {
	return append(withCode(codes, sentences...),
		pattern{codes: codes, subcodes: subcodes},
		pattern{subcodes: subcodes})
}

// metaRules know the dialog of Facebook Login and the Graph API. Codes and
// subcodes decide; the words are for people who paste a sentence, and for the
// few codes that mean several things.
func metaRules(n metaNames) []rule {
	return slices.Concat(metaDialogRules(n), metaAppRules(n), metaTokenRules(n), metaCallRules(n))
}

// metaDialogRules are about the consent page and the code that comes of it.
// What is wrong with the app is shown on Meta's own page, after which nobody
// comes back.
func metaDialogRules(n metaNames) []rule {
	authorize := []platforms.Stage{platforms.StageAuthorize}
	return []rule{
		{
			id: n.set + "/denied", issue: AccessDenied, severity: Low, fixableBy: User, action: Reconnect,
			causes: []string{
				"You pressed Cancel or Not now on {{platform}}'s page.",
			},
			solutions: []string{
				"Start connecting again and finish on {{platform}}'s page.",
				"Tick " + n.tick + " there, and leave the permissions switched on.",
			},
			docs: metaFlow,
			patterns: []pattern{
				{codes: []string{"access_denied", "user_denied"}, stages: authorize},
				{codes: []string{"user_denied"}},
				{codes: []string{"user_denied"}, text: "user denied your request"},
			},
			examples: []Input{
				{Stage: platforms.StageAuthorize, Body: "error=access_denied&error_code=200&error_description=Permissions+error&error_reason=user_denied&state=s"},
				{Stage: platforms.StageAuthorize, ErrorCode: "access_denied", ErrorSubcode: "user_denied", Class: platforms.ClassDenied},
				{ErrorMessage: "https://m.example/callback?error=access_denied&error_reason=user_denied"},
			},
		},
		{
			id: n.set + "/attempt-expired", issue: InvalidState, severity: Medium, fixableBy: User, action: Retry,
			atMost: 0.7,
			causes: []string{
				"Nobody finished connecting in time.",
				"Meta showed an error of its own, such as “URL blocked”, “App not active”, “Invalid Scopes”, “Feature unavailable” or “Invalid platform app”. It does not send you back then.",
			},
			solutions: []string{
				"Start connecting again and finish within ten minutes.",
				"If Meta shows an error, send its words to whoever runs Mooring.",
				"Operator: open {{console}}, choose {{app}}, and compare " + n.idVars + " and the redirect URI: {{redirect}}",
				"Operator: while the app is unpublished, only people with a role under App roles, Roles can connect.",
			},
			docs:     metaFlow,
			patterns: []pattern{{codes: []string{CodeAttemptExpired}}},
			examples: []Input{{Stage: platforms.StageAuthorize, ErrorCode: CodeAttemptExpired}},
		},
		{
			id: n.set + "/redirect-mismatch", issue: RedirectURIMismatch, severity: High, fixableBy: Operator, action: FixConfiguration,
			causes: []string{
				"The redirect URI that Mooring sends is not registered for {{app}} to the letter: Meta compares slashes, the port and the query, too.",
				"Between consent and exchange the redirect URI changed, for example through a proxy or a new public URL.",
				"Client OAuth login or Web OAuth login is switched off for the app.",
			},
			solutions: []string{
				"Open {{console}}, choose {{app}}, then Facebook Login (for Business), Settings; for Instagram Login open Use cases, Instagram, API setup with Instagram login, Business login settings.",
				"Enter exactly this under Valid OAuth Redirect URIs, and see that no slash was added at its end: {{redirect}}",
				"Switch Client OAuth login and Web OAuth login on, and add the host under App settings, Basic, App domains.",
				"If Mooring is reached under another address now, set MOORING_PUBLIC_URL or " + n.redirectVars + " and restart it. Then start connecting again.",
			},
			docs: metaFlow,
			patterns: append(withCode([]string{"100", "191", "400", "1"},
				"redirect_uri is identical",
				"redirect uri is not whitelisted",
				"not whitelisted in the … oauth",
				"url is not allowed by the application",
				"url blocked",
				"can't load url",
				"domain of this url",
				"redirect uri does not match registered",
				"insecure login blocked",
				"no redirect present in uri",
				"invalid redirect uri",
				"invalid redirect url",
			), pattern{codes: []string{"191"}}, pattern{codes: []string{"1349048", "1349168", "1349187"}}, pattern{codes: []string{"100"}, subcodes: []string{"36008"}}, pattern{subcodes: []string{"36008", "1349048", "1349168"}},
				pattern{all: []string{redirectWords, mismatchWords}}, pattern{all: []string{urlBlockedWords}}, pattern{all: []string{domainWords, appDomainWords}}),
			examples: []Input{
				{Stage: platforms.StageExchange, HTTPStatus: 400, ErrorCode: "100", ErrorSubcode: "36008", Class: platforms.ClassAppFault},
				{Stage: platforms.StageExchange, HTTPStatus: 400, ErrorCode: "191"},
				{Stage: platforms.StageAuthorize, ErrorMessage: "URL Blocked. The address that you were to come back to is not allowed in the settings."},
				{ErrorMessage: "FacebookTokenError: your redirect_uri is identical? It was not."},
				{HTTPStatus: 400, Body: `{"error_type":"OAuthException","code":400,"error_message":"Invalid redirect_uri"}`},
				{ErrorMessage: "URL kan niet worden geladen: Het domein van deze URL is niet toegevoegd aan de domeinen van deze app."},
				{ErrorMessage: "このURLを読み込めません"},
				{ErrorMessage: `{"error_message":"URL Blocked","error_code":1349168}`},
				{ErrorMessage: "Die Umleitungs-URI ist ungültig"},
			},
		},
		{
			id: n.set + "/code-dead", issue: InvalidState, severity: Medium, fixableBy: User, action: Retry,
			causes: []string{
				"The page was reloaded, or a browser extension opened it a second time, so that Meta's one-time code was used twice.",
				"Too much time passed between consent and the way back to Mooring.",
			},
			solutions: []string{
				"Start connecting again; an old page cannot be continued.",
				"Press Continue once, and do not reload the page that follows.",
			},
			docs: metaFlow,
			patterns: append(bySubcode([]string{"100", "400"}, []string{"36007", "36009"},
				"authorization code has been used",
				"authorization code has expired",
				"verification code … has been used",
				"matching code was not found",
				"invalid verification code format",
				"code … was already used",
				"invalid verification code",
				"authorization code … invalid",
			), pattern{all: []string{codeWords, deadWords}}),
			examples: []Input{
				{Stage: platforms.StageExchange, HTTPStatus: 400, ErrorCode: "100", ErrorSubcode: "36009", Class: platforms.ClassInvalid},
				{Stage: platforms.StageExchange, HTTPStatus: 400, Body: `{"error":{"message":"This authorization code has expired.","type":"OAuthException","code":100,"error_subcode":36007}}`},
				{ErrorMessage: "No token: this authorization code has been used"},
				{HTTPStatus: 400, ErrorCode: "400", ErrorMessage: "Matching code was not found"},
				{Stage: platforms.StageExchange, HTTPStatus: 400, ErrorCode: "100", ErrorMessage: "Invalid verification code format."},
				{ErrorMessage: "Le code d'autorisation a déjà été utilisé"},
			},
		},
		{
			id: n.set + "/pkce", issue: InvalidRequest, severity: High, fixableBy: Operator, action: FixConfiguration,
			causes: []string{
				"The exchange carried a PKCE code verifier. Meta drops the challenge and then refuses the verifier.",
				"Mooring sends none, so that the request came from another client, or a proxy changed it.",
			},
			solutions: []string{
				"Switch PKCE off for Meta in the client that sent the request.",
				"Look for a proxy between Mooring and graph.facebook.com that rewrites requests.",
			},
			docs:     metaFlow,
			patterns: withCode([]string{"1"}, "code_verifier param", "code_verifier … without", "code_challenge … authorization request"),
			examples: []Input{
				{Stage: platforms.StageExchange, HTTPStatus: 400, ErrorCode: "1", ErrorMessage: "code_verifier param is provided without a code_challenge", Class: platforms.ClassAppFault},
				{ErrorMessage: "a code_verifier param was not expected"},
			},
		},
		{
			id: n.set + "/invalid-scopes", issue: InvalidScope, severity: High, fixableBy: Operator, action: FixConfiguration,
			causes: []string{
				"A requested permission is not among the permissions of {{app}}: the use case was not added, or the app is not of the type Business.",
				"Names of two families were mixed: instagram_business_… belongs to Instagram Login, instagram_… without business and pages_… to Facebook Login.",
				"The permission does not exist any more, as manage_pages or user_media.",
			},
			solutions: []string{
				"Open {{console}}, choose {{app}}, then Use cases, Customize, and add the permission that the message names.",
				"If it is not offered there, add the use case for Pages or Instagram, or create a new app with it.",
				"Start connecting again.",
			},
			docs: metaFlow,
			patterns: append(withCode([]string{"100", "400", "invalid_scope"}, "invalid scopes", "invalid scope:", "invalid permissions", "permission is not available to this app", "permissions … not valid … app type"),
				pattern{codes: []string{"invalid_scope"}}, pattern{all: []string{scopeWords, badScopeWords}}),
			examples: []Input{
				{Stage: platforms.StageAuthorize, ErrorMessage: "Invalid Scopes: pages_manage_cake. This message is only shown to developers."},
				{Stage: platforms.StageAuthorize, HTTPStatus: 400, ErrorCode: "400", ErrorMessage: "Invalid scope: ['media']"},
				{Stage: platforms.StageAuthorize, ErrorCode: "invalid_scope"},
				{ErrorMessage: "Ungültiger Scope: scope pages_cake unbekannt"},
			},
		},
		{
			id: n.set + "/app-not-live", issue: AppNotApproved, severity: High, fixableBy: Operator, action: FixConfiguration,
			causes: []string{
				"The app is not published, so that only people with a role in it can connect.",
				"The person was invited as a tester and has not accepted yet.",
				"Meta waits for something from the operator, such as a data use check-up or a completed profile of the app, and has closed the login meanwhile.",
			},
			solutions: []string{
				"Open {{console}}, choose {{app}}, and see to all required actions there.",
				"To try it at once, add the person under App roles, Roles (for Instagram as Instagram Tester) and have the invitation accepted.",
				"For everybody else pass Business Verification and App Review for Advanced Access, then choose Publish.",
			},
			docs: metaReview,
			patterns: append(withCode([]string{"400", "200", "10"},
				"app not active",
				"app isn't active",
				"app not set up",
				"app not setup",
				"app isn't available",
				"feature unavailable",
				"currently unavailable for this app",
				"developer role",
				"app is in development mode",
				"app must be live",
				"not accepted the invite",
				"access deactivated",
				"cannot use this app at this time",
				"app … currently not accessible",
				"isn't available to you",
				"updating additional details for this app",
			), pattern{codes: []string{"1349195", "1349220", "1349245"}}, pattern{all: []string{appWords, unapprovedWords}}),
			examples: []Input{
				{Stage: platforms.StageAuthorize, ErrorMessage: "App not active: This app is currently not accessible"},
				{Stage: platforms.StageAuthorize, ErrorMessage: "Feature Unavailable. Facebook Login is currently unavailable for this app"},
				{Stage: platforms.StageExchange, HTTPStatus: 400, Body: `{"error_type":"OAuthException","code":400,"error_message":"Insufficient developer role"}`},
				{ErrorMessage: "App Not Setup: its developers have more to do"},
				{ErrorMessage: `{"error_message":"Invalid Request: The user has not accepted the invite to test the app","error_code":1349245}`},
				{ErrorMessage: "La app está en modo de desarrollo"},
			},
		},
	}
}

// metaAppRules are about the operator's app.
func metaAppRules(n metaNames) []rule {
	fault := platforms.ClassAppFault
	return []rule{
		{
			id: n.set + "/wrong-secret", issue: InvalidCredentials, severity: High, fixableBy: Operator, action: FixConfiguration,
			causes: []string{
				"The app's secret is wrong: it is another app's, it was reset at Meta, or it has quotes or blanks around it.",
			},
			solutions: []string{
				"Open {{console}}, choose {{app}}, then App settings, Basic, press Show beside App secret, and copy it into " + n.secretVars + ".",
				"Restart Mooring. Accounts that are connected recover by themselves.",
			},
			docs: metaSecurity,
			patterns: append(withCode([]string{"1", "100", "190", "400"},
				"validating client secret",
				"invalid client secret",
				"invalid appsecret_proof",
				"incorrect signature",
				"app_secret is invalid",
			),
				// The app's own token was refused, which is made of id and secret.
				pattern{codes: []string{"190"}, class: fault},
				pattern{codes: []string{"190"}, class: fault, text: "invalid oauth access token"},
				pattern{codes: []string{"190"}, class: fault, text: "malformed access token"},
				pattern{codes: []string{"190"}, class: fault, text: "validating access token"},
			),
			examples: []Input{
				{Stage: platforms.StageExchange, HTTPStatus: 400, ErrorCode: "1", ErrorMessage: "Error validating client secret.", Class: fault},
				{Stage: platforms.StageAPI, HTTPStatus: 400, ErrorCode: "100", ErrorMessage: "Invalid appsecret_proof provided in the API argument", Class: fault},
				{Stage: platforms.StageAPI, HTTPStatus: 400, ErrorCode: "190", ErrorMessage: "Invalid OAuth access token signature.", Class: fault},
				{ErrorMessage: `Graph said: {"error":{"message":"Error validating client secret.","code":1}}`},
			},
		},
		{
			id: n.set + "/proof-missing", issue: InvalidRequest, severity: High, fixableBy: Operator, action: FixConfiguration,
			causes: []string{
				"The app demands a proof of its secret with each call (Require App Secret), and this call had none. Mooring sends one always; whoever uses a leased token must, too.",
			},
			solutions: []string{
				"Add appsecret_proof to the call: the HMAC-SHA256 of the very access token under the app's secret, in lower-case hexadecimal. A Page's token has a proof of its own.",
				"Otherwise open {{console}}, choose {{app}}, then App settings, Advanced, and switch Require App Secret off.",
			},
			docs:     metaSecurity,
			patterns: withCode([]string{"100"}, "require an appsecret_proof", "requires … appsecret_proof", "appsecret_proof argument"),
			examples: []Input{
				{Stage: platforms.StageAPI, HTTPStatus: 400, ErrorCode: "100", ErrorMessage: "API calls from the server require an appsecret_proof argument", Class: fault},
				{ErrorMessage: "it lacks the appsecret_proof argument"},
			},
		},
		{
			id: n.set + "/wrong-app", issue: InvalidCredentials, severity: High, fixableBy: Operator, action: FixConfiguration,
			causes: []string{
				"The app id does not exist, is misspelled, or has quotes or blanks around it.",
				"The ids of two apps were mixed up: Instagram Login has an app id of its own, which is not the Meta app's.",
			},
			solutions: []string{
				"Open {{console}}, choose {{app}}, and copy the id, which is digits only, into " + n.idVars + ".",
				"Facebook Login wants the App ID of App settings, Basic; Instagram Login the Instagram app ID of API setup with Instagram login.",
				"Restart Mooring and start connecting again.",
			},
			docs: metaFlow,
			patterns: append(withCode([]string{"101", "400", "100"},
				"error validating application",
				"cannot get application info",
				"invalid app id",
				"valid app id",
				"invalid platform app",
				"invalid client_id",
				"no app id",
				"no application data was given",
				"th__application … incompatible",
				"app … does not exist",
			), pattern{codes: []string{"101"}}, pattern{codes: []string{"1349026", "1349040", "4476002"}}, pattern{all: []string{clientWords, badClientWords}}),
			examples: []Input{
				{Stage: platforms.StageExchange, HTTPStatus: 400, ErrorCode: "101", Class: fault},
				{Stage: platforms.StageAuthorize, ErrorMessage: "Invalid App ID: the app ID that you gave is none."},
				{Stage: platforms.StageExchange, HTTPStatus: 400, Body: `{"error_type":"OAuthException","code":400,"error_message":"Invalid platform app"}`},
				{ErrorMessage: "OAuthException: error validating application"},
				{ErrorMessage: `{"error_message":"No app ID was provided in the request.","error_code":4476002}`},
				{ErrorMessage: "Identifiant de l'app introuvable"},
			},
		},
		{
			id: n.set + "/other-app", issue: InvalidCredentials, severity: High, fixableBy: Operator, action: FixConfiguration,
			causes: []string{
				"The token belongs to another app than the one that Mooring uses now; " + n.idVars + " was changed.",
			},
			solutions: []string{
				"If the change was a mistake, set the former id and secret again and restart Mooring.",
				"Otherwise everybody has to reconnect under the new app.",
			},
			docs:     metaErrors,
			patterns: withCode([]string{"100"}, "match the viewing app", "token does not belong to application"),
			examples: []Input{
				{Stage: platforms.StageAPI, HTTPStatus: 400, ErrorCode: "100", ErrorMessage: "(#100) The App_id in the input_token did not match the Viewing App", Class: fault},
				{ErrorMessage: "its app did not match the Viewing App"},
			},
		},
		{
			id: n.set + "/app-blocked", issue: AppNotApproved, severity: High, fixableBy: Operator, action: ContactPlatform,
			causes: []string{
				"Meta has suspended the app, or taken its access to the API away, for example because a yearly data check is due.",
			},
			solutions: []string{
				"Open {{console}}, choose {{app}}, and see its alerts and Required actions; follow them, or appeal there.",
				"The accounts stay connected and work again once the app does.",
			},
			docs:     metaErrors,
			patterns: withCode(metaPermission, "api access blocked"),
			examples: []Input{
				{Stage: platforms.StageAPI, HTTPStatus: 400, ErrorCode: "200", ErrorMessage: "API access blocked.", Class: fault},
				{ErrorMessage: "(#200) API access blocked."},
			},
		},
		{
			id: n.set + "/not-approved", issue: AppNotApproved, severity: High, fixableBy: Operator, action: FixConfiguration,
			causes: []string{
				"The app lacks Advanced Access, or a feature that Meta gives only after App Review. It works for people with a role in the app, and for nobody else.",
			},
			solutions: []string{
				"Open {{console}}, choose {{app}}, then App Review, Permissions and features, and ask for Advanced Access to what the message names.",
				"Each permission needs one successful test call first, which shows there after up to 24 hours.",
				"Until the review, add the people who take part under App roles, Roles.",
			},
			docs: metaReview,
			patterns: append(withCode(append([]string{"3", "100"}, metaPermission...),
				"page public content access",
				"page public metadata access",
				"reviewable feature",
				"does not have the capability",
				"requires advanced access",
				"must be reviewed",
			), pattern{codes: []string{"3"}}),
			examples: []Input{
				{Stage: platforms.StageAPI, HTTPStatus: 403, ErrorCode: "10", ErrorMessage: "(#10) This endpoint needs the 'Page Public Content Access' feature", Class: platforms.ClassMissingScope},
				{Stage: platforms.StageAPI, HTTPStatus: 400, ErrorCode: "3"},
				{ErrorMessage: "(#3) Application does not have the capability to do that."},
				{ErrorCode: "100", ErrorMessage: "missing permission or reviewable feature"},
			},
		},
		{
			id: n.set + "/version-dead", issue: InvalidRequest, severity: High, fixableBy: Operator, action: FixConfiguration,
			causes: []string{
				"The version of the Graph API that is asked for has ended, or does not exist. Most calls go on silently in the oldest living version, and may answer otherwise than expected.",
			},
			solutions: []string{
				"Set META_GRAPH_VERSION (INSTAGRAM_GRAPH_VERSION for Instagram Login) to a living version, or remove it, and restart Mooring.",
				"Calls of your own with leased tokens need the same change.",
			},
			docs: metaVersions,
			patterns: append(withCode([]string{"2635", "2500"}, "deprecated version", "unknown path components"),
				pattern{codes: []string{"2635"}}),
			examples: []Input{
				{Stage: platforms.StageAPI, HTTPStatus: 400, ErrorCode: "2635", Class: fault},
				{ErrorMessage: "You call a deprecated version of the API."},
				{ErrorCode: "2500", ErrorMessage: "Unknown path components: /me"},
			},
		},
	}
}

// metaTokenRules are about tokens that Meta refuses.
func metaTokenRules(n metaNames) []rule {
	return []rule{
		{
			id: n.set + "/not-revoked", issue: RevokedAccess, severity: Low, fixableBy: User, action: NoAction,
			causes: []string{
				"The token that would have taken the access back has ended itself.",
			},
			solutions: []string{
				"The account is disconnected in Mooring. To remove the app at Meta as well, open {{revoke}} and remove {{app}} there.",
			},
			docs: metaErrors,
			patterns: []pattern{
				{codes: metaToken, stages: []platforms.Stage{platforms.StageRevoke}},
				{codes: metaToken, subcodes: []string{"463"}, stages: []platforms.Stage{platforms.StageRevoke}},
				{codes: metaToken, text: "session has expired", stages: []platforms.Stage{platforms.StageRevoke}},
			},
			examples: []Input{
				{Stage: platforms.StageRevoke, HTTPStatus: 400, ErrorCode: "190", ErrorSubcode: "463", Class: platforms.ClassStaleAccess},
				{Stage: platforms.StageRevoke, HTTPStatus: 400, ErrorCode: "190", Class: platforms.ClassStaleAccess},
				{Stage: platforms.StageRevoke, ErrorCode: "190", ErrorMessage: "Session has expired on Sunday"},
			},
		},
		{
			id: n.set + "/removed", issue: RevokedAccess, severity: High, fixableBy: User, action: Reconnect,
			causes: []string{
				"You removed the app in your settings at Meta. All accounts that were connected through it end with that.",
			},
			solutions: []string{
				"Reconnect {{account}}, and tick " + n.tick + " and all others you use here.",
			},
			docs:     metaErrors,
			patterns: bySubcode(metaToken, []string{"458"}, "has not authorized application", "not authorized the application", "user has removed … app", "app not installed", "deauthorized the app"),
			examples: []Input{
				{Stage: platforms.StageAPI, HTTPStatus: 400, ErrorCode: "190", ErrorSubcode: "458", Class: platforms.ClassRefreshDead},
				{ErrorMessage: "The user has not authorized application 17."},
			},
		},
		{
			id: n.set + "/checkpoint", issue: AccountRestricted, severity: High, fixableBy: User, action: SetUpAccount,
			causes: []string{
				"Meta holds your account back until you log in there yourself: it saw something unusual, or the account was never confirmed.",
			},
			solutions: []string{
				"Log in at https://www.facebook.com (for Instagram in its app) with the account that connected this one, and follow the instructions.",
				"Check {{account}} again. Often it works then without reconnecting; otherwise reconnect it.",
			},
			docs: metaErrors,
			patterns: append(bySubcode(metaToken, []string{"459", "464"},
				"log in to www.facebook.com",
				"log in at www.facebook.com",
				"logged in checkpoint",
				"verify your account",
				"checkpoint error",
				"checkpoint … required",
				"not a confirmed user",
			), pattern{codes: []string{"checkpoint_required", "challenge_required", "checkpointerror", "checkpoint_challenge_required", "igcheckpointerror"}}, pattern{all: []string{verifyWords, selfWords}}),
			examples: []Input{
				{Stage: platforms.StageAPI, HTTPStatus: 400, ErrorCode: "190", ErrorSubcode: "459", Class: platforms.ClassInvalid},
				{Stage: platforms.StageAPI, HTTPStatus: 400, ErrorCode: "190", ErrorSubcode: "464", Class: platforms.ClassInvalid},
				{ErrorMessage: "No access until you log in to www.facebook.com"},
				{ErrorMessage: "login failed: checkpoint_required"},
				{ErrorMessage: "Bitte bestätige deine Identität"},
			},
		},
		{
			id: n.set + "/password-changed", issue: RevokedAccess, severity: High, fixableBy: User, action: Reconnect,
			causes: []string{
				"You changed your password at Facebook, or Facebook ended all sessions for security reasons. The tokens of all your Pages end with that.",
			},
			solutions: []string{
				"Reconnect {{account}} once; all accounts that you connected come back with it if you tick them.",
			},
			docs: metaErrors,
			patterns: append(bySubcode(metaToken, []string{"460"},
				"changed their password",
				"changed the password",
				"changed the session for security reasons",
				"session has been invalidated",
				"does not match current stored session",
				"invalidated because the user … password",
			), pattern{all: []string{passwordWords, changedWords}}),
			examples: []Input{
				{Stage: platforms.StageAPI, HTTPStatus: 400, ErrorCode: "190", ErrorSubcode: "460", Class: platforms.ClassRefreshDead},
				{ErrorMessage: "The session is void because the user changed the password."},
				{HTTPStatus: 200, Body: `{"data":{"is_valid":false,"error":{"code":190,"message":"The session has been invalidated.","subcode":460}}}`},
				{ErrorMessage: "El usuario cambió su contraseña"},
			},
		},
		{
			id: n.set + "/token-expired", issue: ExpiredToken, severity: High, fixableBy: User, action: Reconnect,
			causes: []string{
				"The token has reached its end. Meta's long-lived ones live 60 days, short ones an hour or two.",
			},
			solutions: []string{
				"Reconnect {{account}}. Its history and settings stay.",
			},
			docs:     metaErrors,
			patterns: append(bySubcode(metaToken, []string{"463"}, "session has expired", "access token has expired", "session token is expired", "token … expired"), pattern{all: []string{tokenWords, expiredWords}}),
			examples: []Input{
				{Stage: platforms.StageAPI, HTTPStatus: 400, ErrorCode: "190", ErrorSubcode: "463", Class: platforms.ClassRefreshDead},
				{ErrorMessage: "Cannot post: session has expired on Monday"},
				{ErrorMessage: "La sesión ha caducado"},
			},
		},
		{
			id: n.set + "/logged-out", issue: RevokedAccess, severity: High, fixableBy: User, action: Reconnect,
			causes: []string{
				"The session that the token came from was ended, for example by logging out everywhere.",
			},
			solutions: []string{
				"Reconnect {{account}}.",
			},
			docs:     metaErrors,
			patterns: bySubcode(metaToken, []string{"467", "490"}, "because the user logged out", "user logged out"),
			examples: []Input{
				{Stage: platforms.StageAPI, HTTPStatus: 400, ErrorCode: "190", ErrorSubcode: "467", Class: platforms.ClassRefreshDead},
				{ErrorMessage: "void because the user logged out"},
			},
		},
		{
			id: n.set + "/role-lost", issue: InsufficientPermissions, severity: High, fixableBy: Admin, action: Reconnect,
			causes: []string{
				"The person who connected the Page has no fitting role on it any more.",
			},
			solutions: []string{
				"Ask an admin of the Page to give the person full control, or the task Content, in Meta Business Suite under Settings, People or Page access.",
				"Reconnect {{account}} afterwards. Another person with such a role can do so, too.",
			},
			docs:     metaErrors,
			patterns: bySubcode(metaToken, []string{"492"}, "must be an administrator … of the page", "user … not … admin of the page", "must be an admin"),
			examples: []Input{
				{Stage: platforms.StageAPI, HTTPStatus: 400, ErrorCode: "190", ErrorSubcode: "492", Class: platforms.ClassMissingScope},
				{ErrorMessage: "The user must be an administrator or editor of the page"},
			},
		},
		{
			id: n.set + "/page-token-needed", issue: InvalidRequest, severity: High, fixableBy: Operator, action: FixConfiguration,
			causes: []string{
				"The call was made with a person's token where Meta wants the Page's own. The token is sound.",
			},
			solutions: []string{
				"Use the token that leaseToken gives for the account; for a Page it is the Page's.",
				"Do not reconnect: nothing is wrong with the connection.",
			},
			docs:     metaPages,
			patterns: bySubcode(metaToken, []string{"2069032"}, "page access token"),
			examples: []Input{
				{Stage: platforms.StageAPI, HTTPStatus: 400, ErrorCode: "190", ErrorSubcode: "2069032", Class: platforms.ClassInvalid},
				{ErrorCode: "190", ErrorMessage: "Call this with a Page Access Token"},
			},
		},
		{
			id: n.set + "/token-not-exchanged", issue: ExpiredToken, severity: High, fixableBy: User, action: Retry,
			causes: []string{
				"Meta does not trade the token for a long-lived one: it was taken back or has ended since it was given.",
				"It comes from the other kind of login: tokens of Facebook Login and Instagram Login do not mix.",
			},
			solutions: []string{
				"Start connecting again.",
				"If it fails again, send these words to whoever runs Mooring.",
				"Operator: compare " + n.idVars + " with {{console}}; import tokens from elsewhere under the login method that gave them.",
			},
			docs: metaErrors,
			patterns: []pattern{
				{codes: metaToken, stages: []platforms.Stage{platforms.StageExchange}},
				{codes: metaToken, stages: []platforms.Stage{platforms.StageExchange}, text: "session key invalid"},
				{codes: metaToken, stages: []platforms.Stage{platforms.StageExchange}, text: "malformed access token"},
				{codes: metaToken, stages: []platforms.Stage{platforms.StageExchange}, text: "invalid oauth access token"},
				{codes: metaToken, stages: []platforms.Stage{platforms.StageExchange}, text: "cannot parse access token"},
			},
			examples: []Input{
				{Stage: platforms.StageExchange, HTTPStatus: 400, ErrorCode: "190", Class: platforms.ClassInvalid},
				{Stage: platforms.StageExchange, HTTPStatus: 400, ErrorCode: "190", ErrorMessage: "Invalid OAuth access token - Cannot parse access token", Class: platforms.ClassInvalid},
				{Stage: platforms.StageExchange, HTTPStatus: 400, ErrorCode: "452", ErrorMessage: "Session key invalid"},
			},
		},
		{
			id: n.set + "/token-refused", issue: ExpiredToken, severity: High, fixableBy: User, action: Reconnect,
			causes: []string{
				"Meta does not take the token: it has ended or was taken back.",
				"The token was cut off or changed on its way, or it comes from the other kind of login: tokens of Facebook Login and Instagram Login do not mix.",
			},
			solutions: []string{
				"Check {{account}} once more; if it still fails, reconnect it.",
			},
			docs: metaErrors,
			patterns: append(withCode(metaToken,
				"malformed access token",
				"cannot parse access token",
				"invalid oauth access token",
				"validating access token",
				"session key invalid",
				"access_token provided is invalid",
				"error decrypting access token",
				"token … could not be decrypted",
				"login required",
			), pattern{codes: metaToken}, pattern{codes: []string{"login_required"}}, pattern{all: []string{accessTokenWords, refusedWords}}),
			examples: []Input{
				{Stage: platforms.StageAPI, HTTPStatus: 400, ErrorCode: "190", Class: platforms.ClassStaleAccess},
				{Stage: platforms.StageAPI, HTTPStatus: 400, ErrorCode: "102"},
				{Stage: platforms.StageRefresh, HTTPStatus: 400, Body: `{"error":{"message":"Session key invalid","type":"IGApiException","code":452}}`},
				{ErrorMessage: "GraphAPIError: Malformed access token EAAB"},
				{ErrorMessage: "Bearer token unauthorized"},
			},
		},
		{
			id: n.set + "/no-token", issue: InvalidRequest, severity: Medium, fixableBy: Operator, action: FixConfiguration,
			causes: []string{
				"The call carried no access token.",
			},
			solutions: []string{
				"Send the token of leaseToken as Authorization: Bearer; look for a proxy that drops the header.",
			},
			docs:     metaErrors,
			patterns: append(withCode([]string{"2500", "104"}, "active access token must be used", "access token is required", "requires a valid access_token"), pattern{codes: []string{"2500"}}),
			examples: []Input{
				{Stage: platforms.StageAPI, HTTPStatus: 400, ErrorCode: "2500", Class: platforms.ClassInvalid},
				{ErrorMessage: "An active access token must be used for this."},
			},
		},
	}
}

// metaCallRules are about calls of the Graph API with a sound token.
func metaCallRules(n metaNames) []rule {
	return []rule{
		{
			id: n.set + "/scope-missing", issue: InsufficientPermissions, severity: High, fixableBy: User, action: Reconnect,
			causes: []string{
				"A permission was switched off on Facebook's page, or it was given for other Pages or accounts than this one.",
				"You took a permission back later, or did not use it for 90 days.",
				"The app lacks Advanced Access to the permission, so that only people with a role in the app can give it.",
			},
			solutions: []string{
				"Reconnect {{account}}, choose Edit settings if it is offered, tick " + n.tick + ", and leave all permissions switched on.",
				"Operator: if that changes nothing, open {{console}}, choose {{app}}, then App Review, Permissions and features, and ask for Advanced Access.",
			},
			docs: metaErrors,
			patterns: append(withCode(append([]string{"100", "190"}, metaPermission...),
				"requires … permission",
				"impersonating a user's page",
				"no permission to",
				"(#200) permissions error",
				"permission … not granted",
				"missing permission",
				"sufficient administrative permission",
				"requires extended permission",
				"application does not have permission",
				"permission denied",
			), pattern{codes: metaPermission}, pattern{all: []string{permissionWords, lackingWords}}),
			examples: []Input{
				{Stage: platforms.StageAPI, HTTPStatus: 403, ErrorCode: "10", Class: platforms.ClassMissingScope},
				{Stage: platforms.StageAPI, HTTPStatus: 400, ErrorCode: "299"},
				{ErrorMessage: "(#283) Requires the cake permission to eat the object"},
				{ErrorMessage: "Autorisation insuffisante"},
			},
		},
		{
			id: n.set + "/scopes-unticked", issue: InsufficientPermissions, severity: High, fixableBy: User, action: Reconnect,
			causes: []string{
				"You switched off permissions on Facebook's page that Mooring cannot do without: {{scopes}}.",
				"The app lacks Advanced Access to a permission, so that only people with a role in the app can give it.",
			},
			solutions: []string{
				"Start connecting again, choose Edit settings if it is offered, tick " + n.tick + ", and leave all permissions switched on, above all {{scopes}}.",
				"Operator: if that changes nothing, open {{console}}, choose {{app}}, then App Review, Permissions and features, and ask for Advanced Access.",
			},
			docs:     metaErrors,
			patterns: []pattern{{codes: []string{CodeScopesMissing}}},
			examples: []Input{{Stage: platforms.StageExchange, ErrorCode: CodeScopesMissing}},
		},
		{
			id: n.set + "/object-gone", issue: InsufficientPermissions, severity: High, fixableBy: User, action: Reconnect,
			atMost: 0.75,
			causes: []string{
				"The Page, account or post does not exist any more.",
				"It exists, and the connection does not reach it: it was not ticked, or the role on the Page is gone.",
			},
			solutions: []string{
				"See at {{platform}} whether it is still there.",
				"Reconnect {{account}} and tick " + n.tick + ".",
			},
			docs: metaErrors,
			patterns: bySubcode([]string{"100"}, []string{"33"},
				"does not exist … cannot be loaded",
				"unsupported get request. object",
				"unsupported post request. object",
				"aliases you requested do not exist",
				"requested resource does not exist",
			),
			examples: []Input{
				{Stage: platforms.StageAPI, HTTPStatus: 400, ErrorCode: "100", ErrorSubcode: "33", Class: platforms.ClassInvalid},
				{ErrorMessage: "Object 17 does not exist or cannot be loaded"},
			},
		},
		{
			id: n.set + "/rate-limit", issue: RateLimit, severity: Medium, fixableBy: NobodyWait, action: Wait, transient: true,
			causes: []string{
				"Too many calls were made in the last hour by this app, for this Page or for this account. Meta's limits grow with the number of people who use it.",
			},
			solutions: []string{
				"Wait {{wait}}, then try again. The account stays connected.",
				"Make no calls meanwhile: those that are refused prolong the block.",
			},
			docs: metaLimits,
			patterns: append(withCode(metaLimit,
				"request limit reached",
				"too many calls",
				"exceeded the rate limit",
				"wait a few minutes before",
				"posting too fast",
				"limit how often you can",
				"calls to this api have exceeded",
				"we limit the number",
			), pattern{codes: metaLimit}, pattern{all: []string{limitWords, exceededWords}}, pattern{all: []string{tooManyWords, requestWords}}),
			examples: []Input{
				{Stage: platforms.StageAPI, HTTPStatus: 403, ErrorCode: "4", Class: platforms.ClassRateLimited},
				{Stage: platforms.StageAPI, HTTPStatus: 400, ErrorCode: "80001", ErrorMessage: "There have been too many calls to this Page account."},
				{ErrorMessage: "(#17) User request limit reached"},
				{ErrorMessage: "Die Quote ist überschritten: quota überschritten"},
				{ErrorMessage: "Zu viele Anfragen"},
			},
		},
		{
			id: n.set + "/outage", issue: PlatformOutage, severity: Low, fixableBy: PlatformIt, action: Retry, transient: true,
			causes: []string{
				"Something failed at Meta. Its message may speak of OAuth; it has nothing to do with the connection.",
			},
			solutions: []string{
				"Try again in some minutes; Mooring does so by itself.",
				"If it lasts, look at {{status}}.",
			},
			docs: statusPage,
			patterns: append(withCode([]string{"1", "2", "9007"},
				"unexpected error has occurred",
				"unknown error has occurred",
				"unknown error occurred",
				"service temporarily unavailable",
				"there was a problem … try again later",
				"media is not ready",
			), pattern{codes: []string{"1", "2"}}, pattern{codes: []string{"1", "2"}, statuses: []int{5}},
				pattern{codes: []string{"1", "2"}, class: platforms.ClassTemporary}, pattern{class: platforms.ClassTemporary, statuses: []int{400}}, pattern{codes: []string{"9007"}}, pattern{subcodes: []string{"2207027", "2207001", "2207003", "2207032"}}, pattern{codes: []string{"-1", "-2"}}),
			examples: []Input{
				{Stage: platforms.StageAPI, HTTPStatus: 500, ErrorCode: "2", Class: platforms.ClassTemporary},
				{Stage: platforms.StageAPI, ErrorCode: "1"},
				{Stage: platforms.StageAPI, HTTPStatus: 400, ErrorCode: "960", Class: platforms.ClassTemporary},
				{ErrorMessage: "OAuthException: an unexpected error has occurred."},
			},
		},
		{
			id: n.set + "/publishing-authorisation", issue: AccountSetupIncomplete, severity: High, fixableBy: User, action: SetUpAccount,
			causes: []string{
				"Meta wants whoever posts for this Page to be authorised first: Page publishing authorisation, a second factor, or a confirmed identity.",
			},
			solutions: []string{
				"Open the Page at https://www.facebook.com as the person who connected it, and do what Meta asks for.",
				"Try again. Reconnecting is not needed.",
			},
			docs: metaPages,
			patterns: append(bySubcode(append([]string{"100", "368"}, metaPermission...), []string{"1404078", "4854002"},
				"page publishing authorization", "confirm your identity", "two factor authentication"),
				pattern{codes: []string{"1404078", "4854002"}}),
			examples: []Input{
				{Stage: platforms.StageAPI, HTTPStatus: 403, ErrorCode: "200", ErrorSubcode: "1404078", Class: platforms.ClassInvalid},
				{ErrorCode: "4854002"},
				{ErrorMessage: "You need Page Publishing Authorization to post"},
			},
		},
		{
			id: n.set + "/restricted", issue: AccountRestricted, severity: High, fixableBy: User, action: ContactPlatform,
			causes: []string{
				"Meta blocks the account or the Page from this for a while, because of its rules or of something that looked like spam.",
			},
			solutions: []string{
				"Stop posting for now; trying again prolongs the block.",
				"Open Account status and Page quality at {{platform}}, read why, and appeal there.",
				"Validate {{account}} afterwards. Reconnecting does not help.",
			},
			docs: metaErrors,
			patterns: append(bySubcode([]string{"368", "100", "200", "25", "4", "1"}, []string{"1404112", "1404102", "1404006", "2207050", "2207051"},
				"deemed abusive",
				"temporarily blocked",
				"account … is restricted",
				"user access is restricted",
				"account has been disabled",
				"violates our community standards",
				"feedback required",
				"action blocked",
			), pattern{codes: []string{"368", "1404112", "feedback_required", "sentry_block"}}, pattern{all: []string{accountWords, restrictedWords}}),
			examples: []Input{
				{Stage: platforms.StageAPI, HTTPStatus: 400, ErrorCode: "368", Class: platforms.ClassInvalid},
				{Stage: platforms.StageAPI, HTTPStatus: 403, ErrorCode: "25", ErrorSubcode: "2207050", Class: platforms.ClassInvalid},
				{Stage: platforms.StageAPI, HTTPStatus: 403, ErrorCode: "4", ErrorSubcode: "2207051", Class: platforms.ClassInvalid},
				{ErrorMessage: "The action has been deemed abusive"},
				{ErrorMessage: "Votre compte est suspendu"},
				{ErrorMessage: `{"message":"feedback_required","status":"fail"}`},
			},
		},
		{
			id: n.set + "/duplicate", issue: InvalidRequest, severity: Low, fixableBy: User, action: NoAction,
			causes: []string{
				"The very same post was published a moment ago.",
			},
			solutions: []string{
				"Do not try again. Change the text if you do want a second post.",
			},
			docs:     metaErrors,
			patterns: append(withCode([]string{"506"}, "duplicate status message"), pattern{codes: []string{"506"}}),
			examples: []Input{
				{Stage: platforms.StageAPI, HTTPStatus: 400, ErrorCode: "506", Class: platforms.ClassInvalid},
				{ErrorMessage: "(#506) Duplicate status message"},
			},
		},
		{
			id: n.set + "/new-page", issue: InvalidRequest, severity: Medium, fixableBy: Operator, action: FixConfiguration,
			causes: []string{
				"The endpoint or field does not exist for Pages of the new Pages experience. The token is sound.",
			},
			solutions: []string{
				"Use the call that Meta's documentation names for new Pages.",
			},
			docs:     metaPages,
			patterns: bySubcode([]string{"100", "200"}, []string{"2069030", "2069031", "2069033"}, "new pages experience"),
			examples: []Input{
				{Stage: platforms.StageAPI, HTTPStatus: 403, ErrorCode: "200", ErrorSubcode: "2069030", Class: platforms.ClassInvalid},
				{ErrorCode: "100", ErrorMessage: "not there in the new Pages experience"},
			},
		},
		{
			id: n.set + "/parameter", issue: InvalidRequest, severity: Medium, fixableBy: Operator, action: FixConfiguration,
			causes: []string{
				"The call names a field or parameter that does not exist there, or lacks one. A field of a Page asked of a person is such a case.",
			},
			solutions: []string{
				"Compare the call with Meta's reference for the version asked for.",
				"If Mooring itself made the call, report it with the message.",
			},
			docs: metaErrors,
			patterns: append(withCode([]string{"100"}, "nonexisting field", "invalid parameter", "no node specified", "syntax error", "update your instagram app", "only photo or video can be accepted", "must be a valid"),
				pattern{codes: []string{"100", "9004", "36000", "36001", "36003", "36004", "352", "324", "1366046", "1609005", "803", "2018", "12", "5"}}, pattern{all: []string{parameterWords, faultyWords}},
				pattern{subcodes: []string{"2207004", "2207005", "2207009", "2207010", "2207020", "2207026", "2207052", "2207053", "2207057"}}),
			examples: []Input{
				{Stage: platforms.StageAPI, HTTPStatus: 400, ErrorCode: "100", Class: platforms.ClassInvalid},
				{ErrorMessage: "Tried accessing nonexisting field (cake)"},
				{ErrorMessage: "A query argument is unsupported"},
				{HTTPStatus: 400, Body: `{"error":{"message":"Only photo or video can be accepted as media type.","type":"OAuthException","code":9004,"error_subcode":2207052}}`},
			},
		},
	}
}
