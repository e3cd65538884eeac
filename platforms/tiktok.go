package platforms

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// TikTok replaces its refresh tokens with each use and can refuse with HTTP 200.
// On its consent page a person may untick single permissions. Its ids are good
// for one app: another client key makes other accounts of the same people.
var TikTok = register(&Platform{
	ID:              "tiktok",
	DisplayName:     "TikTok",
	Icon:            "🎵",
	Color:           "#000000",
	Difficulty:      Hard,
	SetupMinutes:    10,
	Features:        []string{"Upload videos", "Auto-scheduling", "Trending sounds"},
	Requirements:    []string{"Business account", "Manual API set-up"},
	RecommendedRank: 7,

	DocsURL:    "https://developers.tiktok.com/doc/login-kit-web",
	ErrorsURL:  "https://developers.tiktok.com/doc/tiktok-api-v2-error-handling",
	ConsoleURL: "https://developers.tiktok.com",
	RevokeURL:  "https://support.tiktok.com/en/safety-hc/account-and-user-safety/connect-to-third-party-apps",
	StatusURL:  "https://status.tiktok.com/",

	SetupSteps: []string{
		"Open developers.tiktok.com, choose Manage apps, your organization, then Connect an app.",
		"Add the products Login Kit and Content Posting API, and switch Direct Post on.",
		"Under Login Kit enter the callback URL exactly as shown here: an https address under Web, one of localhost or 127.0.0.1 with its port under Desktop. Web takes no query, no fragment and no http.",
		"Under Scopes add user.info.basic, user.info.profile and video.publish.",
		"To try it before the review, create a Sandbox, add the TikTok accounts that take part as target users, and use the Sandbox's own client key and secret.",
		"Copy client key and client secret.",
		"Submit the app for review with a video that shows the whole way; once it is Live, ask for the audit of Content Posting API. Until then posts are private, the posting accounts have to be private too, and only five people a day can post.",
	},
	ReconnectInstructions: ReconnectInstructions{
		Title: "Reconnect your TikTok account",
		Steps: []string{
			"Press Reconnect and check that TikTok shows the account you want to reconnect; else choose Switch account.",
			"Leave all permissions switched on.",
			"Press Continue.",
		},
		RequiredPermissions: []string{
			"Read your profile info (avatar, display name)",
			"Read your additional profile info (user name, bio, profile link)",
			"Post content to TikTok",
		},
	},

	Logins: []*Login{{
		ID:       "DEFAULT",
		Env:      Env{Prefix: "TIKTOK", ID: "CLIENT_KEY", Secret: "CLIENT_SECRET"},
		Callback: "tiktok",
		Endpoints: Endpoints{
			Authorize: "https://www.tiktok.com/v2/auth/authorize/",
			Token:     "https://open.tiktokapis.com/v2/oauth/token/",
			Revoke:    "https://open.tiktokapis.com/v2/oauth/revoke/",
			API:       "https://open.tiktokapis.com/v2",
		},
		ClientAuth:     AuthBody,
		ClientIDParam:  "client_key",
		PKCE:           PKCEHexOnLoopback,
		ScopeSeparator: ",",
		Scopes: []Scope{
			{Name: "user.info.basic", Purpose: "See who you are: display name and picture", Required: true, Capability: ReadProfile, Default: true},
			{Name: "user.info.profile", Purpose: "See your user name, biography and profile link", Capability: ReadProfile, Default: true},
			{Name: "video.publish", Purpose: "Post videos and photos to your profile", Capability: Publish, Default: true},
			{Name: "video.upload", Purpose: "Put drafts into your inbox, for you to finish and post", Capability: Publish},
			{Name: "video.list", Purpose: "See your public videos and how each performs", Capability: ReadPosts},
			{Name: "user.info.stats", Purpose: "See how many followers, likes and videos you have", Capability: ReadAnalytics},
		},
		// A live session at TikTok would else connect its account unasked.
		AuthParams: map[string]string{"disable_auto_auth": "1"},

		// Until November 2026 these were 24 hours and 365 days; the answers
		// tell which holds for an app.
		AccessLifetime:  2 * time.Hour,
		RefreshLifetime: 180 * 24 * time.Hour,
		Refresh:         Refresh{Kind: RefreshToken, Rotates: true},
		RevokeReach:     RevokesSubject,

		Identify: identifyTikTok,
		Classify: classifyTikTok,
		Revoke:   revokeTikTok,
	}},
})

// identifyTikTok reads GET /v2/user/info/, which wants its fields named and
// fails as a whole if one is outside the granted scopes.
func identifyTikTok(ctx context.Context, app *App, t *Tokens) (*Identity, error) {
	fields := []string{"open_id", "display_name", "avatar_url"}
	if slices.Contains(t.Scopes, "user.info.profile") {
		fields = append(fields, "username")
	}
	var info struct {
		Data struct {
			User struct {
				OpenID      string `json:"open_id"`
				DisplayName string `json:"display_name"`
				Avatar      string `json:"avatar_url"`
				Username    string `json:"username"`
			} `json:"user"`
		} `json:"data"`
	}
	if err := app.get(ctx, t.Access, "/user/info/?fields="+strings.Join(fields, ","), nil, &info); err != nil {
		return nil, err
	}
	user := info.Data.User
	profile := Profile{
		ExternalID:  user.OpenID,
		Kind:        KindProfile,
		Username:    user.Username,
		DisplayName: user.DisplayName,
		AvatarURL:   user.Avatar,
	}
	if user.Username != "" {
		profile.ProfileURL = "https://www.tiktok.com/@" + url.PathEscape(user.Username)
	}
	return &Identity{Subject: user.OpenID, Name: user.DisplayName, Profiles: []Profile{profile}}, nil
}

// revokeTikTok names the access token, which ends the person's consent to the
// app. TikTok wants a living one: a token that has ended must be refreshed
// first.
func revokeTikTok(ctx context.Context, app *App, t *Tokens) error {
	return app.revoke(ctx, t.Access, "")
}

// classifyTikTok reads the body, whatever the status: the OAuth endpoints
// answer with a flat error, the API with an envelope whose error is always
// there and says "ok" of a success.
func classifyTikTok(a Answer) Verdict {
	f := a.fields()
	if envelope, ok := f["error"].(map[string]any); ok {
		return classifyTikTokEnvelope(a, envelope)
	}
	text := strings.ToLower(f.text("error_description"))
	operators := strings.Contains(text, "redirect_uri is not matched") || strings.Contains(text, "client secret is missed")
	if f.text("error") == "invalid_request" && operators {
		return Verdict{Class: ClassAppFault}
	}
	return Verdict{}
}

// tikTokWindow is how far back TikTok counts requests.
const tikTokWindow = time.Minute

func classifyTikTokEnvelope(a Answer, envelope fields) Verdict {
	v := Verdict{Code: envelope.text("code"), Message: envelope.text("message")}
	switch v.Code {
	case "", "ok":
		return Verdict{}
	case "access_token_invalid":
		v.Class = ClassStaleAccess // when revoking, too: the grant may well live on
	case "scope_not_authorized", "scope_permission_missed":
		v.Class = ClassMissingScope
	case "rate_limit_exceeded":
		v.Class = ClassRateLimited
		if a.Header.Get("Retry-After") == "" {
			v.RetryAfter = tikTokWindow
		}
	case "spam_risk_too_many_posts", "spam_risk_too_many_pending_share":
		v.Class = ClassRateLimited
	case "internal_error":
		v.Class = ClassTemporary
	case "reached_active_user_cap", "unaudited_client_can_only_post_to_private_accounts":
		v.Class = ClassAppFault
	case "spam_risk_user_banned_from_posting", "privacy_level_option_mismatch", "url_ownership_unverified":
		v.Class = ClassInvalid // of this request, though some come with 403
	default:
		if a.Status < http.StatusMultipleChoices {
			v.Class = ClassInvalid
		}
	}
	return v
}
