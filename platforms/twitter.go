package platforms

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"
)

// Twitter is X. Its access tokens live two hours, its refresh tokens work
// once, and its authorization codes live 30 seconds.
var Twitter = register(&Platform{
	ID:              "twitter",
	DisplayName:     "X",
	Icon:            "𝕏",
	IconPath:        "M4.5 3H9l3 5.7L15 3h4.5l-5.2 9 5.2 9H15l-3-5.7L9 21H4.5l5.2-9z",
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
		"Under User authentication settings choose the permission Read and write and the type Web App, and enter the redirect URI exactly as shown here and your website's URL.",
		"Under Keys and tokens copy the OAuth 2.0 Client ID and Client Secret; the secret is shown once. The API key and secret are another pair and do not work here.",
		"Buy credits and set a spending limit: without credits X answers every call with 402.",
	},
	ReconnectInstructions: ReconnectInstructions{
		Title: "Reconnect your X account",
		Steps: []string{
			"Log in at x.com as the account you want to reconnect.",
			"Press Reconnect in {name} and check that X shows this account's name.",
			"Press Authorize app.",
		},
		RequiredPermissions: []string{
			"Read posts and profile",
			"Create posts",
			"Upload media",
			"Stay connected until you remove the access",
		},
	},
	Limits: []string{
		"X bills what the app does: in April 2026 $0.015 a post, $0.20 a post with a link, and $0.010 for each profile read on a day. Without credits X answers every account with 402, and at the spending limit until the next billing cycle.",
		"100 posts in 15 minutes per account, and 10,000 a day per app.",
		"Replies are restricted since February 2026; likes, follows and quotes are no longer sold self-serve.",
		"Access tokens that were made before a change of the app's permissions keep the old ones: reconnect the accounts.",
	},

	Logins: []*Login{{
		ID:  "DEFAULT",
		Env: Env{Prefix: "TWITTER", ID: "CLIENT_ID", Secret: "CLIENT_SECRET"},
		Credentials: Credentials{
			Found: "They are the OAuth 2.0 Client ID and Client Secret under Keys and tokens; the API key and its secret are another pair.",
		},
		Callback: "twitter",
		Endpoints: Endpoints{
			Authorize: "https://x.com/i/oauth2/authorize",
			Token:     "https://api.x.com/2/oauth2/token",
			Revoke:    "https://api.x.com/2/oauth2/revoke",
			API:       "https://api.x.com/2",
		},
		Redirects: Redirects{
			HTTPHosts: []string{"127.0.0.1", "localhost"},
			Note:      "Compared character by character, the last slash included; up to ten for an app. On your own machine prefer http://127.0.0.1 to localhost, about which X's documents disagree.",
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
		// X bills $0.010 for each profile read on a day.
		Probe:       Probe{Kind: ProbeIdentify, Cost: ProbePaid, Daily: 100},
		RevokeReach: RevokesToken,

		Identify:   identifyTwitter,
		Validate:   validateTwitter,
		Classify:   classifyTwitter,
		RateLimits: twitterRateLimits,
		Revoke:     revokeTwitter,
	}},
})

// twitterUser is who GET /2/users/me says consented.
type twitterUser struct {
	ID           string `json:"id"`
	Name         string `json:"name"`
	Username     string `json:"username"`
	Picture      string `json:"profile_image_url"`
	Verified     bool   `json:"verified"`
	VerifiedType string `json:"verified_type"`
	Protected    bool   `json:"protected"`
	Metrics      struct {
		Followers *int64 `json:"followers_count"`
		Posts     *int64 `json:"tweet_count"`
	} `json:"public_metrics"`
}

// twitterMe reads GET /2/users/me with the fields named. X bills each profile
// once a day (UTC), however often it is read.
func twitterMe(ctx context.Context, app *App, t *Tokens, fields string) (twitterUser, error) {
	var me struct {
		Data twitterUser `json:"data"`
	}
	err := app.get(ctx, t.Access, "/users/me?user.fields="+fields, nil, &me)
	return me.Data, err
}

func (u twitterUser) profile() Profile {
	return Profile{
		ExternalID:  u.ID,
		Kind:        KindProfile,
		Username:    u.Username,
		DisplayName: u.Name,
		AvatarURL:   u.Picture,
		ProfileURL:  "https://x.com/" + url.PathEscape(u.Username),
	}
}

func identifyTwitter(ctx context.Context, app *App, t *Tokens) (*Identity, error) {
	me, err := twitterMe(ctx, app, t, "profile_image_url")
	if err != nil {
		return nil, err
	}
	return &Identity{Subject: me.ID, Name: me.Name, Profiles: []Profile{me.profile()}}, nil
}

// validateTwitter costs a billed read of the profile, once a day.
func validateTwitter(ctx context.Context, app *App, t *Tokens, p Profile) (*Validation, error) {
	me, err := twitterMe(ctx, app, t, "profile_image_url,verified,verified_type,protected,public_metrics")
	if e, ok := errors.AsType[*Error](err); ok && isTwitterSuspension(e) {
		v := &Validation{Profile: p}
		v.fail(FindingSuspended, "X no longer shows this account: it is suspended, locked or closed. Log in at x.com as this account and follow what X says there.")
		return v, nil
	}
	if err != nil {
		return nil, err
	}
	if me.ID == "" {
		return nil, app.nameless()
	}
	v, reached := validationOf(p, me.profile())
	if !reached {
		return v, nil
	}
	if me.Verified {
		v.detail("Verified", cmp.Or(me.VerifiedType, "yes"))
	}
	if me.Protected {
		v.detail("Protected", "yes: only followers see its posts")
	}
	v.count("Followers", me.Metrics.Followers)
	v.count("Posts", me.Metrics.Posts)
	return v, nil
}

// isTwitterSuspension reports whether X says of the account itself that it is
// gone. X does not document how it does so: seen are a user that is not found
// under a token of theirs, and the words alone.
func isTwitterSuspension(e *Error) bool {
	return e.Code == "resource-not-found" || strings.Contains(strings.ToLower(e.Message), "user has been suspended")
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
	case a.Status < 300 && p == (twitterProblem{}):
		v.Class = ClassTemporary // neither data nor problem: not X's answer
	case a.Status < 300:
		v.Class = ClassInvalid
	}
	return v
}

// twitterLimits are the beginnings of the headers in which X tells its limits,
// with whose they are. Not every endpoint and package has all of them.
func twitterLimits() map[string]LimitOwner {
	return map[string]LimitOwner{
		"x-rate-limit":        LimitOfAccount,
		"x-user-limit-24hour": LimitOfAccount,
		"x-app-limit-24hour":  LimitOfApp,
	}
}

func twitterRateLimits(a Answer) []RateLimit {
	var limits []RateLimit
	for name, owner := range twitterLimits() {
		limit, ok := headerLimit(a.Header, name)
		if !ok {
			continue
		}
		limit.Owner = owner
		if end, ok := unixSeconds(a.Header.Get(name+"-reset"), a.At); ok {
			limit.ResetAt = resetAt(end, a.At)
		}
		limits = append(limits, limit)
	}
	slices.SortFunc(limits, func(x, y RateLimit) int { return strings.Compare(x.Name, y.Name) })
	return limits
}

// twitterReset returns how long the spent limits last; one whose remainder is
// not told counts as spent.
func twitterReset(a Answer) time.Duration {
	var wait time.Duration
	for name := range twitterLimits() {
		if left := a.Header.Get(name + "-remaining"); left != "" && left != "0" {
			continue
		}
		if reset, ok := unixSeconds(a.Header.Get(name+"-reset"), a.At); ok {
			wait = max(wait, waitUntil(reset, a.At))
		}
	}
	return wait
}
