package diagnosis

import (
	"slices"

	"mooring/platforms"
)

// Instagram's documents.
const (
	instagramLogin   = "https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/business-login"
	instagramAccount = "https://help.instagram.com/502981923235522"
	instagramLink    = "https://www.facebook.com/business/help/connect-instagram-to-page"
)

// instagramRules know Instagram, by Facebook Login and by Instagram Login. Of
// the latter's token endpoint only the words tell one failure from another.
var instagramRules = ruleSet{platform: "meta_instagram", rules: slices.Concat([]rule{
	{
		id: "instagram/personal-account", issue: AccountSetupIncomplete, severity: Medium, fixableBy: User, action: SetUpAccount,
		causes: []string{
			"The Instagram account that you logged in with is a personal one; only Business and Creator accounts can be connected.",
		},
		solutions: []string{
			"In the Instagram app choose Settings, Account type and tools, Switch to professional account.",
			"If it was the wrong account, log out at instagram.com or switch to the right one there.",
			"Start connecting again.",
		},
		docs:     instagramAccount,
		patterns: []pattern{{codes: []string{CodeNoAccounts}, subcodes: []string{"instagram_login"}}},
		examples: []Input{{Stage: platforms.StageAPI, ErrorCode: CodeNoAccounts, ErrorSubcode: "INSTAGRAM_LOGIN"}},
	},
	{
		id: "instagram/no-account", issue: AccountSetupIncomplete, severity: Medium, fixableBy: User, action: SetUpAccount,
		causes: []string{
			"The Instagram account is a personal one; only Business and Creator accounts can be connected.",
			"The account is not linked to a Facebook Page that you manage, or the link is broken.",
			"On Facebook's page you ticked the Page and not the Instagram account, which is asked for apart.",
		},
		solutions: []string{
			"In the Instagram app choose Settings, Account type and tools, Switch to professional account.",
			"To connect through Facebook, link it to a Page under Edit profile, Page; if it is linked already, unlink it and link it again.",
			"Start connecting again and tick both Page and Instagram account, or choose Instagram Login, which needs no Page.",
		},
		docs: instagramAccount,
		patterns: []pattern{
			{codes: []string{CodeNoAccounts}},
			{text: "no instagram … found"},
			{text: "not an instagram business"},
			{codes: append([]string{"100"}, metaPermission...), text: "not an instagram business"},
			{text: "instagram … was not found"},
			{all: []string{"no |without ", "instagram business account"}},
			{text: "instagram business accounts linked"},
			{text: "no instagram accounts found"},
			{all: []string{professionalWords, notYetWords}},
			{all: []string{noneWords, placeWords, foundWords}},
		},
		examples: []Input{
			{Stage: platforms.StageAPI, ErrorCode: CodeNoAccounts, ErrorSubcode: "FACEBOOK_LOGIN"},
			{ErrorMessage: "no Instagram business account could be found"},
			{ErrorMessage: "The person is not an Instagram Business"},
			{ErrorMessage: "the instagram_account of the Page was not found"},
			{ErrorMessage: "Bitte in ein professionelles Konto umwandeln"},
			{ErrorMessage: "Keine Seite gefunden"},
		},
	},
	{
		id: "instagram/page-missing", issue: InvalidCredentials, severity: High, fixableBy: Operator, action: FixConfiguration,
		atMost: 0.7,
		causes: []string{
			"The app id in the address of Instagram's page is empty or is not an Instagram app's.",
		},
		solutions: []string{
			"Open {{console}}, choose {{app}}, then Use cases, Instagram, API setup with Instagram login, and copy the Instagram app ID into INSTAGRAM_APP_ID.",
			"Restart Mooring and start connecting again.",
		},
		docs:     instagramLogin,
		patterns: []pattern{{text: "this page isn't available"}},
		examples: []Input{{Stage: platforms.StageAuthorize, ErrorMessage: "This page isn't available, says Instagram."}},
	},
	{
		id: "instagram/wrong-kind-of-token", issue: InvalidRequest, severity: High, fixableBy: Operator, action: FixConfiguration,
		causes: []string{
			"The token is not one that Instagram Login can lengthen or renew: it is long-lived already, or it comes from Facebook Login.",
			"The app or the account is not entitled to it, for example because the account is not a tester while the app is unpublished.",
		},
		solutions: []string{
			"Import tokens of Facebook Login under the login method FACEBOOK_LOGIN.",
			"Add the account under App roles, Roles, Instagram Testers, and accept the invitation in Instagram under Website permissions.",
			"Connect {{account}} again.",
		},
		docs:     instagramLogin,
		patterns: withCode([]string{"100"}, "unsupported request - method type"),
		examples: []Input{
			{Stage: platforms.StageExchange, HTTPStatus: 400, ErrorCode: "100", ErrorMessage: "Unsupported request - method type: get"},
			{ErrorMessage: "IGApiException: Unsupported request - method type: get"},
		},
	},
	{
		id: "instagram/post-limit", issue: RateLimit, severity: Medium, fixableBy: NobodyWait, action: Wait, transient: true,
		causes: []string{
			"The account has published as many posts in 24 hours as Instagram allows by API.",
		},
		solutions: []string{
			"Wait until the oldest of them is a day old, then try again. The account stays connected.",
		},
		docs:     errorsPage,
		patterns: bySubcode([]string{"4", "9"}, []string{"2207042"}, "maximum number of posts"),
		examples: []Input{
			{Stage: platforms.StageAPI, HTTPStatus: 403, ErrorCode: "9", ErrorSubcode: "2207042", Class: platforms.ClassRateLimited},
			{ErrorMessage: "You reached the maximum number of posts."},
		},
	},
	{
		id: "instagram/expiring-soon", issue: ExpiredToken, severity: Medium, fixableBy: User, action: Reconnect,
		causes: []string{
			"Meta gives access to Instagram through Facebook for 90 days, and wants your consent again then. Page and Instagram account end apart. This access ends {{ends}}.",
			"With Instagram Login, a token that is not renewed for 60 days ends.",
		},
		solutions: []string{
			"Reconnect {{account}} before then.",
		},
		docs:     "https://developers.facebook.com/docs/facebook-login/auth-vs-data",
		patterns: []pattern{{codes: []string{ExpiringSoon.code()}}},
		examples: []Input{{ErrorCode: ExpiringSoon.code()}},
	},
	{
		id: "instagram/expired", issue: ExpiredToken, severity: High, fixableBy: User, action: Reconnect,
		causes: []string{
			"More than 90 days have passed since you last allowed the access through Facebook. The Page may go on working; Instagram does not.",
			"With Instagram Login, the token was not renewed within 60 days.",
		},
		solutions: []string{
			"Reconnect {{account}}. Its history and settings stay.",
		},
		docs:     "https://developers.facebook.com/docs/facebook-login/auth-vs-data",
		patterns: []pattern{{codes: []string{Expired.code()}}},
		examples: []Input{{ErrorCode: Expired.code()}},
	},
}, metaRules(metaNames{
	set:          "instagram",
	idVars:       "META_APP_ID (for Instagram Login INSTAGRAM_APP_ID)",
	secretVars:   "META_APP_SECRET, or INSTAGRAM_APP_SECRET for Instagram Login",
	redirectVars: "META_REDIRECT_URI (INSTAGRAM_REDIRECT_URI for Instagram Login)",
	tick:         "the Instagram account and its Page",
}))}
