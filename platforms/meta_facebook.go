package platforms

// Facebook is played by Facebook Login, whose consent names both permissions
// and Pages. Each Page comes with a token of its own, which has no end if the
// person's token was long-lived when the Pages were read. The person's token
// lives 60 days and cannot be refreshed: once it has ended the Pages go on, but
// new ones cannot be found.
//
// A revocation removes the whole app for the person, Instagram accounts that
// were connected through the same app included.
var Facebook = register(&Platform{
	ID:              "meta_facebook",
	DisplayName:     "Facebook",
	Icon:            "📘",
	Color:           "#1877F2",
	Difficulty:      Easy,
	SetupMinutes:    3,
	Features:        []string{"Post to Pages", "Photos and videos", "Auto-scheduling", "Analytics"},
	RecommendedRank: 2,

	DocsURL:    "https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow",
	ErrorsURL:  "https://developers.facebook.com/docs/graph-api/guides/error-handling",
	ConsoleURL: metaConsole,
	RevokeURL:  "https://www.facebook.com/settings/?tab=business_tools",
	StatusURL:  metaStatus,

	SetupSteps: []string{
		"Open developers.facebook.com/apps and choose Create app: name, contact address, the use case for managing Pages, and your business portfolio.",
		"Under Use cases, Customize, add the permissions pages_show_list, business_management, pages_read_engagement and pages_manage_posts, and further ones that you will ask for.",
		"Under Facebook Login for Business (or Facebook Login), Settings, enter the callback URL exactly as shown here under Valid OAuth Redirect URIs.",
		"Under App settings, Basic, add the platform Website, the privacy policy URL and the data deletion URL, and copy App ID and App secret.",
		"Connect a Page of your own once, so that each permission has had a test call; up to 24 hours later Advanced Access can be asked for.",
		"Pass Business Verification and App Review, then choose Publish. Until then only people with a role in the app can connect.",
	},
	ReconnectInstructions: ReconnectInstructions{
		Title: "Reconnect your Facebook Page",
		Steps: []string{
			"Log in at facebook.com as a person who manages the Page.",
			"Press Reconnect, choose Edit settings if Facebook offers it, and tick this Page and all others you use here.",
			"Leave all permissions switched on and press Save or Continue.",
		},
		RequiredPermissions: []string{
			"Show a list of the Pages you manage",
			"Manage your business portfolio",
			"Read content posted on the Page",
			"Create and manage content on your Page",
		},
	},

	Logins: []*Login{facebookLogin(Login{
		ID: "DEFAULT",
		Scopes: []Scope{
			{Name: "public_profile", Purpose: "See who you are: your name and picture", Required: true, Capability: ReadProfile, Default: true},
			{Name: "pages_show_list", Purpose: "See the list of your Pages", Required: true, Capability: ReadProfile, Default: true},
			{Name: "business_management", Purpose: "See those of your Pages that belong to a business portfolio", Capability: Organizations, Default: true},
			{Name: "pages_read_engagement", Purpose: "See your Pages' posts and figures; Facebook wants it for posting, too", Capability: ReadPosts, Default: true},
			{Name: "pages_manage_posts", Purpose: "Create, change and delete posts, photos and videos of your Pages", Capability: Publish, Default: true},
			{Name: "read_insights", Purpose: "See how your Pages and posts perform", Capability: ReadAnalytics},
			{Name: "pages_read_user_content", Purpose: "See what visitors write on your Pages", Capability: Comment},
			{Name: "pages_manage_engagement", Purpose: "Answer, hide and delete comments on your Pages", Capability: Comment},
		},
		Identify: identifyFacebook,
	})},
})
