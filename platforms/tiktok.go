package platforms

import (
	"context"
	"errors"
	"maps"
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
	IconPath:        "M8 6 20 3V16.5A3.2 2.8 0 1 1 17.7 13.8V8.5L10.3 10.3V18.5A3.2 2.8 0 1 1 8 15.8z",
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
		"Under Login Kit enter the redirect URI exactly as shown here: an https address under Web, one of localhost or 127.0.0.1 with its port under Desktop. Web takes no query, no fragment and no http.",
		"Under Scopes add user.info.basic, user.info.profile and video.publish.",
		"To try it before the review, create a Sandbox, add the TikTok accounts that take part as target users, and use the Sandbox's own client key and secret.",
		"Copy client key and client secret.",
		"Submit the app for review with a video that shows the whole way; once it is Live, ask for the audit of Content Posting API. Until then posts are private, the posting accounts have to be private too, and only five people a day can post.",
	},
	ReconnectInstructions: ReconnectInstructions{
		Title: "Reconnect your TikTok account",
		Steps: []string{
			"Press Reconnect in {name} and check that TikTok shows the account you want to reconnect; else choose Switch account.",
			"Leave all permissions switched on.",
			"Press Continue.",
		},
		RequiredPermissions: []string{
			"Read your profile info (avatar, display name)",
			"Read your additional profile info (user name, bio, profile link)",
			"Post content to TikTok",
		},
	},
	Limits: []string{
		"Until the audit posts are visible to their author only, the account itself has to be private, and five accounts in 24 hours can post.",
		"TikTok refuses the audit to tools for personal use.",
		"About 15 to 25 posts a day per account, over all apps; six a minute.",
		"A Sandbox of TikTok's has its own client key and secret, and at most ten target users.",
		"Videos that TikTok shall fetch from an address need a verified domain.",
		"A person's id is particular to the app: with another app, or from Sandbox to production, every account has to be connected anew.",
	},

	Logins: []*Login{{
		ID:  "DEFAULT",
		Env: Env{Prefix: "TIKTOK", ID: "CLIENT_KEY", Secret: "CLIENT_SECRET"},
		Credentials: Credentials{
			Found: "They are Client key and Client secret of the app; a Sandbox of TikTok's has a pair of its own, and TikTok API for Business others still.",
		},
		Callback: "tiktok",
		Endpoints: Endpoints{
			Authorize: "https://www.tiktok.com/v2/auth/authorize/",
			Token:     "https://open.tiktokapis.com/v2/oauth/token/",
			Revoke:    "https://open.tiktokapis.com/v2/oauth/revoke/",
			API:       "https://open.tiktokapis.com/v2",
		},
		Redirects: Redirects{
			HTTPHosts: []string{"localhost", "127.0.0.1"},
			NoQuery:   true,
			Note:      "Up to ten of fewer than 512 characters each. One of localhost or 127.0.0.1 belongs under Desktop and needs its port; all others belong under Web.",
			Refuses:   refusesTikTok,
			Doubts:    doubtsTikTok,
		},
		ClientAuth:     AuthBody,
		ClientIDParam:  "client_key",
		PKCE:           PKCEHexOnLoopback,
		ScopeSeparator: ",",
		Scopes: []Scope{
			{Name: "user.info.basic", Purpose: "See who you are: display name and picture", Required: true, Capability: ReadProfile, Default: true},
			{Name: "user.info.profile", Purpose: "See your user name, biography and profile link", Capability: ReadProfile, Default: true},
			{Name: tikTokPublish, Purpose: "Post videos and photos to your profile", Capability: Publish, Default: true},
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
		Probe:           Probe{Kind: ProbeIdentify, Cost: ProbeFree},
		LifetimeNote:    "Until November 2026 these were 24 hours and 365 days; the token answers tell which holds for an app.",
		RevokeReach:     RevokesSubject,

		Identify: identifyTikTok,
		Validate: validateTikTok,
		Classify: classifyTikTok,
		Revoke:   revokeTikTok,
		Webhooks: []Webhook{{Event: tikTokRemoved, Entry: "the app's page, Webhooks, Callback URL", Read: readTikTokEvent}},
	}},
})

// tikTokRedirectLength is what a redirect URI has to be shorter than.
const tikTokRedirectLength = 512

func refusesTikTok(u *url.URL) string {
	switch {
	case len(u.String()) >= tikTokRedirectLength:
		return "is not shorter than 512 characters"
	case onLoopback(u.String()) && u.Port() == "":
		return "has no port, which TikTok wants of this machine's addresses"
	}
	return ""
}

// doubtsTikTok knows no app's kind: TikTok tells it to nobody.
func doubtsTikTok(u *url.URL) string {
	if !onLoopback(u.String()) {
		return ""
	}
	return "TikTok takes this machine's addresses under Desktop alone: an app that has Login Kit for Web needs an https address."
}

// tikTokUser is a person as GET /v2/user/info/ describes them.
type tikTokUser struct {
	OpenID      string `json:"open_id"`
	DisplayName string `json:"display_name"`
	Avatar      string `json:"avatar_url"`
	Username    string `json:"username"`
	Verified    bool   `json:"is_verified"`
	Followers   *int64 `json:"follower_count"`
	Likes       *int64 `json:"likes_count"`
	Videos      *int64 `json:"video_count"`
}

// tikTokMe reads GET /v2/user/info/, which wants its fields named and fails as
// a whole if one is outside the granted scopes. more are further fields by the
// scope that shows them.
func tikTokMe(ctx context.Context, app *App, t *Tokens, more map[string]string) (tikTokUser, error) {
	fields := "open_id,display_name,avatar_url"
	for _, scope := range slices.Sorted(maps.Keys(more)) {
		if slices.Contains(t.Scopes, scope) {
			fields += "," + more[scope]
		}
	}
	var info struct {
		Data struct {
			User tikTokUser `json:"user"`
		} `json:"data"`
	}
	err := app.get(ctx, t.Access, "/user/info/?fields="+fields, nil, &info)
	return info.Data.User, err
}

func (u tikTokUser) profile() Profile {
	p := Profile{
		ExternalID:  u.OpenID,
		Kind:        KindProfile,
		Username:    u.Username,
		DisplayName: u.DisplayName,
		AvatarURL:   u.Avatar,
	}
	if u.Username != "" {
		p.ProfileURL = "https://www.tiktok.com/@" + url.PathEscape(u.Username)
	}
	return p
}

func identifyTikTok(ctx context.Context, app *App, t *Tokens) (*Identity, error) {
	me, err := tikTokMe(ctx, app, t, map[string]string{"user.info.profile": "username"})
	if err != nil {
		return nil, err
	}
	return &Identity{Subject: me.OpenID, Name: me.DisplayName, Profiles: []Profile{me.profile()}}, nil
}

// validateTikTok reads the person and, where posting was granted, what TikTok
// lets them post now.
func validateTikTok(ctx context.Context, app *App, t *Tokens, p Profile) (*Validation, error) {
	me, err := tikTokMe(ctx, app, t, map[string]string{
		"user.info.profile": "username,is_verified",
		"user.info.stats":   "follower_count,likes_count,video_count",
	})
	if err != nil {
		return nil, err
	}
	if me.OpenID == "" {
		return nil, app.nameless()
	}
	v, reached := validationOf(p, me.profile())
	if !reached {
		return v, nil
	}
	if me.Verified {
		v.detail("Verified", "yes")
	}
	v.count("Followers", me.Followers)
	v.count("Likes", me.Likes)
	v.count("Videos", me.Videos)
	if !slices.Contains(t.Scopes, tikTokPublish) {
		return v, nil
	}
	err = v.creator(ctx, app, t)
	return v, err
}

// tikTokPublish is the scope of posting to the profile.
const tikTokPublish = "video.publish"

// creator asks what the person may post. Of its refusals those that speak of
// posting are findings, the others are the error.
func (v *Validation) creator(ctx context.Context, app *App, t *Tokens) error {
	var info struct {
		Data struct {
			Privacy []string `json:"privacy_level_options"`
			Seconds *int64   `json:"max_video_post_duration_sec"`
		} `json:"data"`
	}
	header := http.Header{"Content-Type": {"application/json; charset=UTF-8"}}
	_, err := app.call(ctx, http.MethodPost, t.Access, app.Endpoints.API+"/post/publish/creator_info/query/", header, &info)
	if e, ok := errors.AsType[*Error](err); ok {
		switch e.Code {
		case tikTokBanned:
			v.fail(FindingPostingBanned, "TikTok has banned this account from posting. Open TikTok's app, Settings, Account status, and appeal there.")
			return nil
		case tikTokTooMany:
			v.fail(FindingPostLimit, "TikTok takes no more posts of this account by apps today. Wait until tomorrow, or post in TikTok's own app.")
			return nil
		case tikTokUserCap:
			v.warn(FindingAppUserCap, "As many people as TikTok allows have posted by this app today. Wait until tomorrow; once TikTok has audited the app there is no such limit.")
			return nil
		}
	}
	if err != nil {
		return err
	}
	v.detail("Who may see its posts", strings.Join(info.Data.Privacy, ", "))
	v.count("Longest video in seconds", info.Data.Seconds)
	if slices.Equal(info.Data.Privacy, []string{"SELF_ONLY"}) {
		v.warn(FindingAppUnaudited, "TikTok offers nothing but private posts, as it does to apps that it has not audited. In TikTok's developer portal ask for the audit of the Content Posting API; until then the account has to be private, too.")
	}
	return nil
}

// revokeTikTok names the access token, which ends the person's consent to the
// app. TikTok wants a living one, so that an ended one is refreshed first; a
// grant whose refresh token is dead has nothing left to take back.
func revokeTikTok(ctx context.Context, app *App, t *Tokens) error {
	ended := !t.AccessExpires.IsZero() && !time.Now().Before(t.AccessExpires)
	if !ended || t.Refresh.IsZero() {
		return app.revoke(ctx, t.Access, "")
	}
	renewed, err := app.Refresh(ctx, t)
	if e, ok := errors.AsType[*Error](err); ok && e.Class == ClassRefreshDead {
		return nil
	}
	if err != nil {
		return err
	}
	return app.revoke(ctx, renewed.Access, "")
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

// TikTok's codes for a person who may not post now.
const (
	tikTokBanned  = "spam_risk_user_banned_from_posting"
	tikTokTooMany = "spam_risk_too_many_posts"
	tikTokUserCap = "reached_active_user_cap" // too many others post by the app
)

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
	case tikTokTooMany, "spam_risk_too_many_pending_share":
		v.Class = ClassRateLimited
	case "internal_error":
		v.Class = ClassTemporary
	case tikTokUserCap, "unaudited_client_can_only_post_to_private_accounts":
		v.Class = ClassAppFault
	case tikTokBanned, "privacy_level_option_mismatch", "url_ownership_unverified":
		v.Class = ClassInvalid // of this request, though some come with 403
	default:
		if a.Status < http.StatusMultipleChoices {
			v.Class = ClassInvalid
		}
	}
	return v
}
