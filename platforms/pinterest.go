package platforms

import (
	"cmp"
	"context"
	"errors"
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
	IconPath:        "M7 3H13A5.7 5.7 0 0 1 13 14.4H10.5V21H7zM10.5 6.3V11.1H12.8A2.4 2.4 0 0 0 12.8 6.3z",
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
		"Choose Manage and add the redirect URI exactly as shown here to the redirect links.",
		"Copy App ID and App secret.",
		"With Trial access Pinterest refuses new pins. Choose Upgrade and send a video that shows the whole sign-in and a pin being created; Standard access takes one to four weeks.",
	},
	ReconnectInstructions: ReconnectInstructions{
		Title: "Reconnect your Pinterest account",
		Steps: []string{
			"Log in at pinterest.com as the account you want to reconnect.",
			"Press Reconnect in {name} and check that Pinterest shows this account's name.",
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
	Limits: []string{
		"With Trial access new pins are refused, and the whole app has 1,000 requests a day, token requests included.",
		"With Standard access 100 requests a second per person and app.",
		"A pin is always on a board; an account without boards cannot post.",
		"Statistics are for business accounts.",
	},

	Logins: []*Login{{
		ID:  "DEFAULT",
		Env: Env{Prefix: "PINTEREST", ID: "CLIENT_ID", Secret: "CLIENT_SECRET"},
		Credentials: Credentials{
			Found: "They are App ID and App secret, behind Manage; an access token that the portal generates is neither.",
		},
		Callback: "pinterest",
		Endpoints: Endpoints{
			Authorize: "https://www.pinterest.com/oauth/",
			Token:     "https://api.pinterest.com/v5/oauth/token",
			API:       "https://api.pinterest.com/v5",
		},
		Redirects: Redirects{
			HTTPHosts: []string{"localhost"},
			Note:      "Compared character by character; add each address that you use.",
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
		// Ten days before the end: every twentieth day, so that a month of
		// trouble loses no refresh token.
		Refresh: Refresh{Kind: RefreshToken, Rotates: true, Ahead: 10 * 24 * time.Hour},
		// With Trial access an app has 1,000 requests a day, refreshes included.
		Probe:        Probe{Kind: ProbeIdentify, Cost: ProbeScarce, Daily: 100},
		LifetimeNote: "Each renewal gives a refresh token for another 60 days.",
		RevokeReach:  RevokesNothing,

		Identify:   identifyPinterest,
		Validate:   validatePinterest,
		Classify:   classifyPinterest,
		RateLimits: pinterestRateLimits,
	}},
})

// pinterestUser is the answer of GET /v5/user_account. The user name can
// change, the id cannot.
type pinterestUser struct {
	ID        string `json:"id"`
	Type      string `json:"account_type"` // PINNER or BUSINESS
	Username  string `json:"username"`
	Business  string `json:"business_name"`
	Picture   string `json:"profile_image"`
	Followers *int64 `json:"follower_count"`
	Pins      *int64 `json:"pin_count"`
	Boards    *int64 `json:"board_count"`
	Views     *int64 `json:"monthly_views"`
}

func (u pinterestUser) profile() Profile {
	p := Profile{
		ExternalID:  u.ID,
		Kind:        KindProfile,
		Username:    u.Username,
		DisplayName: cmp.Or(u.Business, u.Username),
		AvatarURL:   u.Picture,
		ProfileURL:  "https://www.pinterest.com/" + url.PathEscape(u.Username) + "/",
	}
	if u.Type == "BUSINESS" {
		p.Kind = KindBusiness
	}
	return p
}

func identifyPinterest(ctx context.Context, app *App, t *Tokens) (*Identity, error) {
	var me pinterestUser
	if err := app.get(ctx, t.Access, "/user_account", nil, &me); err != nil {
		return nil, err
	}
	p := me.profile()
	return &Identity{Subject: me.ID, Name: p.DisplayName, Profiles: []Profile{p}}, nil
}

// validatePinterest costs one request, of which an app with Trial access has a
// thousand a day for all its accounts.
func validatePinterest(ctx context.Context, app *App, t *Tokens, p Profile) (*Validation, error) {
	var me pinterestUser
	answer, err := app.call(ctx, http.MethodGet, t.Access, app.Endpoints.API+"/user_account", nil, &me)
	const trial = "Pinterest has given this app Trial access only, with which it refuses new pins. In the developer portal choose the app, then Upgrade, and send the video that Pinterest asks for."
	if e, ok := errors.AsType[*Error](err); ok && e.Code == pinterestRefusal && e.Class == ClassAppFault {
		v := &Validation{Profile: p}
		v.warn(FindingTrialAccess, trial)
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
	v.count("Followers", me.Followers)
	v.count("Pins", me.Pins)
	v.count("Boards", me.Boards)
	v.count("Monthly views", me.Views)
	if onTrial(answer) {
		v.warn(FindingTrialAccess, trial)
	}
	if me.Type == "PINNER" {
		v.warn(FindingPersonalAccount, "This is a personal account, for which Pinterest has no analytics. Convert it to a business account under Settings, Account management; it is free.")
	}
	if me.Boards != nil && *me.Boards == 0 {
		v.warn(FindingNoBoard, "The account has no board, and a pin is always on one. Create a board at pinterest.com.")
	}
	return v, nil
}

// pinterestRefusal is Pinterest's code of what an account, or an app with Trial
// access, may not do; the words tell them apart.
const pinterestRefusal = "29"

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
	case pinterestRefusal:
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

// pinterestReset returns how long a spent limit lasts.
func pinterestReset(a Answer) time.Duration {
	end, ok := pinterestEnd(a)
	if !ok || a.Status != http.StatusTooManyRequests || a.Header.Get("Retry-After") != "" {
		return 0
	}
	return waitUntil(end, a.At)
}

// pinterestEnd is when the limit's window ends. Whether the header has the
// seconds left or a Unix time is not documented, so the size of the number
// decides.
func pinterestEnd(a Answer) (time.Time, bool) {
	n, err := strconv.ParseInt(a.Header.Get("X-Ratelimit-Reset"), 10, 64)
	const lifetime, eternity = int64(maxLifetime / time.Second), 1 << 40
	switch n = min(max(n, 0), eternity); {
	case err != nil:
		return time.Time{}, false
	case n < lifetime:
		return a.At.Add(time.Duration(n) * time.Second), true
	}
	return time.Unix(n, 0).UTC(), true
}

// pinterestLimit is what the headers of Pinterest's limit begin with.
const pinterestLimit = "x-ratelimit"

func pinterestRateLimits(a Answer) []RateLimit {
	limit, ok := headerLimit(a.Header, pinterestLimit)
	if !ok {
		return nil
	}
	limit.Owner = LimitOfAccount
	if onTrial(a) {
		limit.Owner = LimitOfApp
	}
	if end, ok := pinterestEnd(a); ok {
		limit.ResetAt = resetAt(end, a.At)
	}
	return []RateLimit{limit}
}

// onTrial reports whether an answer's limit is that of an app with Trial
// access, which counts by the day; with Standard access no window is longer
// than a minute, and the rest is for clocks that differ. In the day's last
// minutes the two cannot be told apart.
// https://developers.pinterest.com/docs/reference/rate-limits/
func onTrial(a Answer) bool {
	end, ok := pinterestEnd(a)
	left := end.Sub(a.At)
	return ok && left > 10*time.Minute && left <= maxWindow
}
