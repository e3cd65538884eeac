package platforms

import "time"

// Instagram can be signed in to in two ways, each with an app of its own: by
// Facebook Login, for accounts that are linked to a Facebook Page, and by
// Instagram Login, which needs no Page. Ids, scopes and tokens of the two do
// not mix. Either way the account must be a professional one.
var Instagram = register(&Platform{
	ID:              "meta_instagram",
	DisplayName:     "Instagram",
	Icon:            "📷",
	Color:           "#E4405F",
	Difficulty:      Medium,
	SetupMinutes:    5,
	Features:        []string{"Photos and videos", "Reels", "Stories", "Auto-scheduling"},
	Requirements:    []string{"Business or Creator account"},
	RecommendedRank: 3,

	DocsURL:    "https://developers.facebook.com/docs/instagram-platform/overview",
	ErrorsURL:  "https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/error-codes",
	ConsoleURL: metaConsole,
	RevokeURL:  "https://www.instagram.com/accounts/manage_access/",
	StatusURL:  metaStatus,

	SetupSteps: []string{
		"Open developers.facebook.com/apps and choose Create app, with the use case for Instagram. An app can hold only one of the two ways to sign in; for both, make two apps.",
		"For accounts that are linked to a Page: add Facebook Login for Business, under its Settings enter the callback URL exactly as shown here under Valid OAuth Redirect URIs, and under App settings, Basic, copy App ID and App secret into META_APP_ID and META_APP_SECRET.",
		"For accounts without a Page: under Use cases, Instagram, API setup with Instagram login, Business login settings, enter the other callback URL, check that no slash was added at its end, and copy Instagram app ID and Instagram app secret into INSTAGRAM_APP_ID and INSTAGRAM_APP_SECRET. They differ from those of the Meta app.",
		"Under Use cases, Customize, add the permissions: instagram_basic, instagram_content_publish, pages_show_list, pages_read_engagement and business_management for the first way, instagram_business_basic and instagram_business_content_publish for the second.",
		"Until the review, invite the accounts that take part under App roles, Roles, Instagram Testers, and accept the invitations at instagram.com under Settings, Website permissions, Apps and websites.",
		"Pass Business Verification and App Review, then choose Publish.",
	},
	ReconnectInstructions: ReconnectInstructions{
		Title: "Reconnect your Instagram account",
		Steps: []string{
			"Check in the Instagram app that the account is a Business or Creator account and, if you connect through Facebook, that it is linked to a Page that you manage.",
			"Press Reconnect and log in as the person who manages the Page, or as the Instagram account itself.",
			"Tick the Instagram account, and on Facebook's page the Page it is linked to as well.",
			"Leave all permissions switched on and finish.",
		},
		RequiredPermissions: []string{
			"View profile and access media",
			"Publish content on your behalf",
			"Show a list of the Pages you manage",
		},
	},

	Logins: []*Login{
		facebookLogin(Login{
			ID:           "FACEBOOK_LOGIN",
			Requirements: []string{"Connected to a Facebook Page"},
			Scopes: []Scope{
				{Name: "public_profile", Purpose: "See who you are: your name and picture", Required: true, Capability: ReadProfile, Default: true},
				{Name: "pages_show_list", Purpose: "See your Pages, through which Instagram accounts are found", Required: true, Capability: ReadProfile, Default: true},
				{Name: "instagram_basic", Purpose: "See your Instagram accounts: user name, picture and media", Required: true, Capability: ReadProfile, Default: true},
				{Name: "pages_read_engagement", Purpose: "See which Instagram account is linked to a Page", Capability: ReadProfile, Default: true},
				{Name: "business_management", Purpose: "See accounts whose Page belongs to a business portfolio", Capability: Organizations, Default: true},
				{Name: "instagram_content_publish", Purpose: "Publish photos, videos, Reels and Stories", Capability: Publish, Default: true},
				{Name: "instagram_manage_comments", Purpose: "Answer, hide and delete comments", Capability: Comment},
				{Name: "instagram_manage_insights", Purpose: "See how your account and media perform", Capability: ReadAnalytics},
			},
			ConsentEnds: func(_ *App, consented time.Time) time.Time { return consented.Add(metaDataAccess) },
			Identify:    identifyLinkedInstagram,
		}),
		{
			ID:       "INSTAGRAM_LOGIN",
			Env:      Env{Prefix: "INSTAGRAM", ID: "APP_ID", Secret: "APP_SECRET", Version: "GRAPH_VERSION"},
			Callback: "instagram",
			Endpoints: Endpoints{
				Authorize: "https://www.instagram.com/oauth/authorize",
				Token:     "https://api.instagram.com/oauth/access_token",
				// Without {version}: tokens are exchanged and refreshed on
				// this host, too, and have no version in their path.
				API: "https://graph.instagram.com",
			},
			Version:   metaVersion,
			Versions:  metaVersions,
			Redirects: Redirects{Note: "Instagram's console may add a slash at the end; take it away again, the address must be the same to the letter."},

			ClientAuth:     AuthBody,
			PKCE:           PKCENone,
			ScopeSeparator: ",",
			Scopes: []Scope{
				{Name: "instagram_business_basic", Purpose: "See your Instagram account: user name, picture and media", Required: true, Capability: ReadProfile, Default: true},
				{Name: "instagram_business_content_publish", Purpose: "Publish photos, videos, Reels and Stories", Capability: Publish, Default: true},
				{Name: "instagram_business_manage_comments", Purpose: "Answer, hide and delete comments", Capability: Comment},
				{Name: "instagram_business_manage_insights", Purpose: "See how your account and media perform", Capability: ReadAnalytics},
			},

			AccessLifetime: metaLongLife,
			Refresh:        Refresh{Kind: RefreshSelf, MinAge: 24 * time.Hour},
			RevokeReach:    RevokesNothing,

			Identify: identifyInstagram,
		},
	},
})
