package platforms

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Pinterest numbers its errors instead of naming them as RFC 6749 does, and
// has no revocation for ordinary people. Its refresh tokens are replaced with
// each use; an account that is not refreshed for 60 days is lost.
var Pinterest = register(&Platform{
	ID:              "pinterest",
	DisplayName:     "Pinterest",
	Icon:            "📌",
	Color:           "#E60023",
	Difficulty:      Easy,
	SetupMinutes:    3,
	Features:        []string{"Create pins", "Upload images", "Boards", "Auto-scheduling"},
	RecommendedRank: 6,

	DocsURL:    "https://developers.pinterest.com/docs/getting-started/set-up-authentication-and-authorization/",
	ErrorsURL:  "https://developers.pinterest.com/docs/api/v5/",
	ConsoleURL: "https://developers.pinterest.com/apps/",
	RevokeURL:  "https://www.pinterest.com/settings/security",
	StatusURL:  "https://www.pintereststatus.com/",

	SetupSteps: []string{
		"Sign in to a Pinterest business account with a confirmed e-mail address: personal accounts cannot create apps.",
		"Open developers.pinterest.com, choose My apps, then Connect app: a name without “Pinterest”, company, privacy policy URL and purpose. Wait for Trial access.",
		"Choose Manage and add the callback URL exactly as shown here to the redirect links.",
		"Copy App ID and App secret.",
		"With Trial access Pinterest refuses new pins. Choose Upgrade and send a video that shows the whole sign-in and a pin being created; Standard access takes one to four weeks.",
	},
	ReconnectInstructions: ReconnectInstructions{
		Title: "Reconnect your Pinterest account",
		Steps: []string{
			"Log in at pinterest.com as the account you want to reconnect.",
			"Press Reconnect and check that Pinterest shows this account's name.",
			"Press Give access.",
		},
		RequiredPermissions: []string{
			"See your user accounts and followers",
			"See your public boards, including group boards you join",
			"Create, update, or delete your public boards",
			"See your public Pins",
			"Create, update, or delete your public Pins",
		},
	},

	Logins: []*Login{{
		ID:       "DEFAULT",
		Env:      Env{Prefix: "PINTEREST", ID: "CLIENT_ID", Secret: "CLIENT_SECRET"},
		Callback: "pinterest",
		Endpoints: Endpoints{
			Authorize: "https://www.pinterest.com/oauth/",
			Token:     "https://api.pinterest.com/v5/oauth/token",
			API:       "https://api.pinterest.com/v5",
		},
		ClientAuth:     AuthHeader,
		PKCE:           PKCENone,
		ScopeSeparator: ",",
		Scopes: []Scope{
			{Name: "user_accounts:read", Purpose: "See who you are, and your account's statistics", Required: true, Capability: ReadProfile, Default: true},
			// A pin needs all four: it is always on a board.
			{Name: "boards:read", Purpose: "See your boards", Capability: Publish, Default: true},
			{Name: "boards:write", Purpose: "Create boards and change them", Capability: Publish, Default: true},
			{Name: "pins:read", Purpose: "See your pins and their statistics", Capability: Publish, Default: true},
			{Name: "pins:write", Purpose: "Create pins and change them", Capability: Publish, Default: true},
			{Name: "boards:read_secret", Purpose: "See your secret boards", Capability: Publish},
			{Name: "boards:write_secret", Purpose: "Create secret boards and change them", Capability: Publish},
			{Name: "pins:read_secret", Purpose: "See your secret pins", Capability: Publish},
			{Name: "pins:write_secret", Purpose: "Create secret pins and change them", Capability: Publish},
		},
		// Apps from before 25 September 2025 would else get a refresh token of
		// a kind that is no longer taken.
		TokenParams: map[string]string{"continuous_refresh": "true"},

		AccessLifetime:  30 * 24 * time.Hour,
		RefreshLifetime: 60 * 24 * time.Hour,
		Refresh:         Refresh{Kind: RefreshToken, Rotates: true},
		RevokeReach:     RevokesNothing,

		Identify: identifyPinterest,
		Classify: classifyPinterest,
	}},
})

// identifyPinterest reads GET /v5/user_account. The user name can change, the
// id cannot.
func identifyPinterest(ctx context.Context, app *App, t *Tokens) (*Identity, error) {
	var me struct {
		ID       string `json:"id"`
		Type     string `json:"account_type"` // PINNER or BUSINESS
		Username string `json:"username"`
		Business string `json:"business_name"`
		Picture  string `json:"profile_image"`
	}
	if err := app.get(ctx, t.Access, "/user_account", nil, &me); err != nil {
		return nil, err
	}
	profile := Profile{
		ExternalID:  me.ID,
		Kind:        KindProfile,
		Username:    me.Username,
		DisplayName: cmp.Or(me.Business, me.Username),
		AvatarURL:   me.Picture,
		ProfileURL:  "https://www.pinterest.com/" + url.PathEscape(me.Username) + "/",
	}
	if me.Type == "BUSINESS" {
		profile.Kind = KindBusiness
	}
	return &Identity{Subject: me.ID, Name: profile.DisplayName, Profiles: []Profile{profile}}, nil
}

// classifyPinterest decides by the number: HTTP 401 alone may be a wrong
// client, a dead token, a dead grant or a missing scope.
func classifyPinterest(a Answer) Verdict {
	f := a.fields()
	if a.Stage == StageAuthorize {
		return classifyPinterestCallback(f.text("error"))
	}
	if a.Status < http.StatusBadRequest {
		return Verdict{}
	}
	v := Verdict{Code: f.text("code"), Message: f.text("message"), RetryAfter: pinterestReset(a)}
	switch v.Code {
	case "2":
		v.Class = ClassAppFault // the client, or the environment
		if a.Stage == StageAPI {
			v.Class = ClassStaleAccess
		}
	case "3":
		v.Class = ClassMissingScope
	case "29":
		v.Class = ClassMissingScope
		if strings.Contains(strings.ToLower(v.Message), "trial access") {
			v.Class = ClassAppFault
		}
	case "283":
		v.Class = ClassRefreshDead
		if a.Stage == StageExchange {
			v.Class = ClassInvalid
		}
	}
	return v
}

// classifyPinterestCallback takes an error for the person's refusal, because
// Pinterest does not document how it reports one, unless the code has a
// meaning of its own.
func classifyPinterestCallback(code string) Verdict {
	if code == "" || code == "invalid_request" || codeClass(StageAuthorize, code) != ClassOK {
		return Verdict{}
	}
	return Verdict{Class: ClassDenied}
}

// pinterestReset returns how long a spent limit lasts. Whether the header has
// seconds or a Unix time is not documented, so the size of the number decides.
func pinterestReset(a Answer) time.Duration {
	seconds, err := strconv.ParseInt(a.Header.Get("X-Ratelimit-Reset"), 10, 64)
	if err != nil || a.Status != http.StatusTooManyRequests || a.Header.Get("Retry-After") != "" {
		return 0
	}
	if seconds >= int64(maxLifetime/time.Second) {
		seconds -= a.At.Unix()
	}
	seconds = min(max(seconds, 0), int64(maxRetryAfter/time.Second))
	return time.Duration(seconds) * time.Second
}
