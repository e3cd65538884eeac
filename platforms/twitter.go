package platforms

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"
)

// Twitter is X. Its access tokens live two hours, its refresh tokens work
// once, and its authorization codes live 30 seconds.
var Twitter = register(&Platform{
	ID:              "twitter",
	DisplayName:     "X",
	Icon:            "𝕏",
	Color:           "#000000",
	Difficulty:      Easy,
	SetupMinutes:    2,
	Features:        []string{"Post tweets", "Threads", "Media", "Auto-scheduling"},
	RecommendedRank: 1,

	DocsURL:    "https://docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code",
	ErrorsURL:  "https://docs.x.com/x-api/fundamentals/response-codes-and-errors",
	ConsoleURL: "https://console.x.com",
	RevokeURL:  "https://x.com/settings/connected_apps",
	StatusURL:  "https://developer.x.com/status",

	SetupSteps: []string{
		"Open console.x.com, accept the developer agreement and describe your use case.",
		"Choose New app, with the package Pay-per-use and the environment Production.",
		"Under User authentication settings choose the permission Read and write and the type Web App, and enter the callback URL exactly as shown here and your website's URL.",
		"Under Keys and tokens copy the OAuth 2.0 Client ID and Client Secret; the secret is shown once. The API key and secret are another pair and do not work here.",
		"Buy credits and set a spending limit: without credits X answers every call with 402.",
	},
	ReconnectInstructions: ReconnectInstructions{
		Title: "Reconnect your X account",
		Steps: []string{
			"Log in at x.com as the account you want to reconnect.",
			"Press Reconnect and check that X shows this account's name.",
			"Press Authorize app.",
		},
		RequiredPermissions: []string{
			"Read posts and profile",
			"Create posts",
			"Upload media",
			"Stay connected until you remove the access",
		},
	},

	Logins: []*Login{{
		ID:       "DEFAULT",
		Env:      Env{Prefix: "TWITTER", ID: "CLIENT_ID", Secret: "CLIENT_SECRET"},
		Callback: "twitter",
		Endpoints: Endpoints{
			Authorize: "https://x.com/i/oauth2/authorize",
			Token:     "https://api.x.com/2/oauth2/token",
			Revoke:    "https://api.x.com/2/oauth2/revoke",
			API:       "https://api.x.com/2",
		},
		ClientAuth:     AuthHeader,
		PKCE:           PKCES256,
		ScopeSeparator: " ",
		Scopes: []Scope{
			{Name: "users.read", Purpose: "See who you are: name, user name and picture", Required: true, Capability: ReadProfile, Default: true},
			{Name: "tweet.read", Purpose: "See posts and their statistics; X wants it for reading the profile, too", Required: true, Capability: ReadPosts, Default: true},
			{Name: "offline.access", Purpose: "Stay connected for longer than two hours", Required: true, Capability: StayConnected, Default: true},
			{Name: "tweet.write", Purpose: "Create posts, threads and replies", Capability: Publish, Default: true},
			{Name: "media.write", Purpose: "Upload pictures and videos for posts", Capability: Publish, Default: true},
		},
		AccessLifetime: 2 * time.Hour,
		Refresh:        Refresh{Kind: RefreshToken, Rotates: true},
		RevokeReach:    RevokesToken,

		Identify: identifyTwitter,
		Classify: classifyTwitter,
		Revoke:   revokeTwitter,
	}},
})

// identifyTwitter reads GET /2/users/me. X bills each profile once a day.
func identifyTwitter(ctx context.Context, app *App, t *Tokens) (*Identity, error) {
	var me struct {
		Data struct {
			ID       string `json:"id"`
			Name     string `json:"name"`
			Username string `json:"username"`
			Picture  string `json:"profile_image_url"`
		} `json:"data"`
	}
	if err := app.get(ctx, t.Access, "/users/me?user.fields=profile_image_url", nil, &me); err != nil {
		return nil, err
	}
	return &Identity{
		Subject: me.Data.ID,
		Name:    me.Data.Name,
		Profiles: []Profile{{
			ExternalID:  me.Data.ID,
			Kind:        KindProfile,
			Username:    me.Data.Username,
			DisplayName: me.Data.Name,
			AvatarURL:   me.Data.Picture,
			ProfileURL:  "https://x.com/" + me.Data.Username,
		}},
	}, nil
}

// revokeTwitter names both tokens: that one takes the other along is not
// documented.
func revokeTwitter(ctx context.Context, app *App, t *Tokens) error {
	err := app.revoke(ctx, t.Access, "access_token")
	if !t.Refresh.IsZero() {
		err = errors.Join(err, app.revoke(ctx, t.Refresh, "refresh_token"))
	}
	return err
}

func classifyTwitter(a Answer) Verdict {
	switch a.Stage {
	case StageAPI:
		return classifyTwitterAPI(a)
	case StageRevoke:
		if a.Status == http.StatusBadRequest {
			return Verdict{Class: ClassRefreshDead}
		}
	case StageExchange, StageRefresh:
		return classifyTwitterToken(a)
	}
	return Verdict{}
}

// classifyTwitterToken reads the description, because X answers invalid_request
// to nearly everything.
func classifyTwitterToken(a Answer) Verdict {
	f := a.fields()
	if f.text("error") != "invalid_request" {
		return Verdict{}
	}
	switch text := strings.ToLower(f.text("error_description")); {
	case strings.Contains(text, "passed for the token was invalid"):
		return Verdict{Class: ClassRefreshDead}
	case strings.Contains(text, "redirect uri did not match"):
		return Verdict{Class: ClassAppFault}
	}
	return Verdict{}
}

// twitterProblem is X's form of RFC 9457, and an element of its list of errors.
type twitterProblem struct {
	Title   string      `json:"title"`
	Detail  string      `json:"detail"`
	Type    string      `json:"type"`
	Reason  string      `json:"reason"`
	Code    json.Number `json:"code"` // in the older form only
	Message string      `json:"message"`
}

// code is the type's last segment, because its host varies, or what else
// tells the problem from others of the same status.
func (p twitterProblem) code(status int) string {
	switch {
	case p.Code != "":
		return p.Code.String()
	case p.Type != "" && p.Type != "about:blank":
		return path.Base(p.Type)
	case p.Title != http.StatusText(status):
		return p.Title
	}
	return ""
}

func classifyTwitterAPI(a Answer) Verdict {
	var body struct {
		twitterProblem
		Errors []twitterProblem `json:"errors"`
		Data   json.RawMessage  `json:"data"`
	}
	if json.Unmarshal(a.Body, &body) != nil || body.Data != nil {
		return Verdict{} // data with errors beside it is a success with gaps
	}
	p := body.twitterProblem
	if p.Type == "" && len(body.Errors) > 0 {
		p = body.Errors[0]
	}
	v := Verdict{Code: p.code(a.Status), Subcode: p.Reason, Message: cmp.Or(p.Detail, p.Message, p.Title)}
	switch v.Code {
	case "credits", "CreditsDepleted", "SpendCapReached", "usage-capped", "client-forbidden":
		v.Class = ClassAppFault
	case "unsupported-authentication":
		v.Class = ClassInvalid
	}
	switch {
	case a.Status == http.StatusPaymentRequired:
		v.Class = ClassAppFault
	case a.Status == http.StatusTooManyRequests:
		v.RetryAfter = twitterReset(a)
	case a.Status < 300:
		v.Class = ClassInvalid
	}
	return v
}

// twitterReset returns how long the spent limits last. Their ends are in Unix
// seconds; a limit whose remainder is not told counts as spent.
func twitterReset(a Answer) time.Duration {
	var wait time.Duration
	for _, limit := range []string{"x-rate-limit", "x-user-limit-24hour", "x-app-limit-24hour"} {
		if left := a.Header.Get(limit + "-remaining"); left != "" && left != "0" {
			continue
		}
		if reset, err := strconv.ParseInt(a.Header.Get(limit+"-reset"), 10, 64); err == nil {
			wait = max(wait, waitUntil(time.Unix(reset, 0), a.At))
		}
	}
	return wait
}
