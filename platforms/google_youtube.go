package platforms

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// YouTube is played by Google's authorization server. A token belongs to the
// one channel that the person chose on Google's page, so each channel takes a
// consent of its own, and each permission can be unticked there.
//
// Refresh tokens do not rotate. They last until somebody revokes them, until
// they lay unused for six months, or for seven days if the consent screen was
// in Testing at the consent. A revocation ends all tokens of that person for
// the whole Cloud project, other channels and "Sign in with Google" included.
var YouTube = register(&Platform{
	ID:              "google_youtube",
	DisplayName:     "YouTube",
	Icon:            "▶️",
	IconPath:        "M7.5 4.5V19.5A.7.7 0 0 0 8.6 20.1L20 12.6A.7.7 0 0 0 20 11.4L8.6 3.9A.7.7 0 0 0 7.5 4.5z",
	Color:           "#FF0000",
	Difficulty:      Medium,
	SetupMinutes:    4,
	Features:        []string{"Upload videos", "Shorts", "Thumbnails", "Descriptions"},
	Requirements:    []string{"YouTube channel"},
	RecommendedRank: 5,

	DocsURL:    "https://developers.google.com/identity/protocols/oauth2/web-server",
	ErrorsURL:  "https://developers.google.com/youtube/v3/docs/errors",
	ConsoleURL: "https://console.cloud.google.com/auth/overview",
	RevokeURL:  "https://myaccount.google.com/connections",
	StatusURL:  "https://www.google.com/appsstatus/dashboard/",

	SetupSteps: []string{
		"Open console.cloud.google.com and create a project for Mooring alone: taking access back reaches all apps of a project.",
		"Under APIs & Services, Library, enable YouTube Data API v3, and YouTube Analytics API if you want statistics.",
		"Under Google Auth Platform, Branding, enter name, support address and domain; under Audience choose External and add yourself to the test users.",
		"Under Data Access add the scopes youtube.readonly and youtube.upload, and further ones that you will ask for.",
		"Under Clients choose Create client, Web application, and enter the redirect URI exactly as shown here under Authorized redirect URIs. Copy the client ID and the secret; the secret is shown only now.",
		"Under Audience choose Publish app. While the app is in Testing every connection ends after seven days, and publishing lengthens only those made afterwards.",
		"Apply for verification in the Verification Center, and for YouTube's compliance audit: until the audit, uploads are locked as private.",
	},
	ReconnectInstructions: ReconnectInstructions{
		Title: "Reconnect your YouTube channel",
		Steps: []string{
			"Press Reconnect in {name} and choose the Google account that owns the channel.",
			"If Google asks for an account or a brand account, choose the very channel you want to reconnect.",
			"Leave all permissions ticked and press Continue.",
		},
		RequiredPermissions: []string{
			"View your YouTube account",
			"Manage your YouTube videos",
		},
	},
	Limits: []string{
		"100 uploads a day for the whole Google Cloud project, and 10,000 units of quota for all else. Both begin anew at midnight Pacific time.",
		"Uploads of a project that YouTube has not audited are locked as private.",
		"At most 100 people, ever, can connect while the app is not verified.",
		"One consent reaches one channel: a person with several consents once for each.",
		"A channel without a confirmed phone number can neither upload long videos nor set thumbnails.",
		"Google deletes clients that are not used.",
	},

	Logins: []*Login{{
		ID:  "DEFAULT",
		Env: Env{Prefix: "GOOGLE", ID: "CLIENT_ID", Secret: "CLIENT_SECRET"},
		Credentials: Credentials{
			Found: "They are Client ID and Client secret of a client of the type Web application; an API key, a service account or another type of client does not do.",
			ID:    regexp.MustCompile(`^[\w-]+\.apps\.googleusercontent\.com$`),
			Looks: "a name that ends in .apps.googleusercontent.com",
		},
		Callback: "google_youtube",
		Endpoints: Endpoints{
			Authorize:  "https://accounts.google.com/o/oauth2/v2/auth",
			Token:      "https://oauth2.googleapis.com/token",
			Revoke:     "https://oauth2.googleapis.com/revoke",
			Introspect: "https://oauth2.googleapis.com/tokeninfo",
			API:        "https://www.googleapis.com/youtube/v3",
		},
		Options: []Option{{
			Name:    googlePublishing,
			Doc:     "State of Google's consent screen: `testing` while the app is not published, whose connections end after seven days. Default: `production`.",
			Example: "testing",
			Values:  []string{"production", googleTesting},
		}},
		Redirects: Redirects{
			HTTPHosts: []string{"localhost", "127.0.0.1"},
			Note:      "Compared character by character. The host must be a name under a public suffix, not an IP address, and no link shortener.",
			Refuses:   refusesGoogle,
		},
		ClientAuth:     AuthBody,
		PKCE:           PKCES256,
		ScopeSeparator: " ",
		Scopes: []Scope{
			// Without the person's id nobody could tell whether a revocation
			// would end other channels, too. It has no tick on Google's page.
			{Name: "openid", Purpose: "Know which of your channels belong to the same Google account", Required: true, Capability: ReadProfile, Default: true},
			{Name: youTubeScope + "youtube.readonly", Purpose: "See your channel, its videos and their figures", Required: true, Capability: ReadProfile, Default: true},
			{Name: youTubeScope + "youtube.upload", Purpose: "Upload videos and Shorts with thumbnail and description", Capability: Publish, Default: true},
			{Name: youTubeScope + "youtube.force-ssl", Purpose: "Answer comments and edit videos, captions and playlists", Capability: Comment},
			{Name: youTubeScope + "yt-analytics.readonly", Purpose: "See how your videos perform", Capability: ReadAnalytics},
		},
		ScopeAliases: map[string]string{
			youTubeScope + "userinfo.email":   "email",
			youTubeScope + "userinfo.profile": "profile",
		},
		AuthParams: map[string]string{
			"access_type": "offline", // no refresh token without it
			// A refresh token each time, not only at the first consent; and
			// the choice of the channel.
			"prompt": "consent select_account",
		},
		GrantPerProfile: true,
		Issuer:          "https://accounts.google.com",

		AccessLifetime: time.Hour,
		Refresh:        Refresh{Kind: RefreshToken, Ahead: 5 * time.Minute},
		Probe:          Probe{Kind: ProbeInspect, Cost: ProbeFree},
		LifetimeNote:   "A refresh token ends when nobody uses it for six months, and the oldest when a person has more than 100 for the app. While the app is in Testing each ends after seven days.",
		RevokeReach:    RevokesSubject,
		ConsentEnds:    googleConsentEnds,

		Identify: identifyYouTube,
		Inspect:  inspectGoogle,
		Validate: validateYouTube,
		Ask:      askYouTube,
		Classify: classifyYouTube,
		Revoke:   revokeGoogle,
	}},
})

// googlePublishing names the option for the state of Google's consent screen,
// and googleTesting is its value while that is not published.
const (
	googlePublishing = "PUBLISHING"
	googleTesting    = "testing"
)

// googleConsentEnds: a consent that was given while the app was in Testing
// lasts a week, and publishing the app afterwards does not lengthen it.
func googleConsentEnds(app *App, consented time.Time) time.Time {
	if app.Options[googlePublishing] != googleTesting {
		return time.Time{}
	}
	return consented.Add(7 * 24 * time.Hour)
}

// refusesGoogle knows of Google's rules for hosts what needs no list of public
// suffixes.
func refusesGoogle(u *url.URL) string {
	switch host := u.Hostname(); {
	case onLoopback(u.String()):
		return ""
	case isIP(host):
		return "has an IP address; Google takes names only"
	case !strings.Contains(host, "."), strings.HasSuffix(host, ".local"), strings.HasSuffix(host, ".internal"), strings.HasSuffix(host, ".test"):
		return "has a host under no public suffix, which Google wants"
	}
	return ""
}

const youTubeScope = "https://www.googleapis.com/auth/"

// youTubeSignUp is YouTube's reason, beside HTTP 401, for a Google account
// without a channel. The token is fine.
const youTubeSignUp = "youtubeSignupRequired"

// YouTube's reasons for refusing an account itself.
const (
	youTubeClosed    = "authenticatedUserAccountClosed"
	youTubeSuspended = "authenticatedUserAccountSuspended"
)

// identifyYouTube returns the channel that the token belongs to. An account
// without one is an Identity without profiles.
func identifyYouTube(ctx context.Context, app *App, t *Tokens) (*Identity, error) {
	info, err := googleTokenInfo(ctx, app, t)
	if err != nil {
		return nil, err
	}
	channels, err := ownChannels(ctx, app, t, "snippet")
	if err != nil {
		return nil, err
	}
	// The person's id is missing where openid was not granted, and does not
	// tell a person's channels apart.
	identity := &Identity{Subject: info.fields().text("sub")}
	for _, c := range channels {
		identity.Subject = cmp.Or(identity.Subject, c.ID)
		identity.Name = cmp.Or(identity.Name, c.Snippet.Title)
		identity.Profiles = append(identity.Profiles, c.profile())
	}
	return identity, nil
}

// askYouTube leaves out what Google's authorization server answers.
func askYouTube(ctx context.Context, app *App, t *Tokens) error {
	_, err := ownChannels(ctx, app, t, "id")
	return err
}

// googleTokenInfo asks whose token it is and what it permits.
func googleTokenInfo(ctx context.Context, app *App, t *Tokens) (Answer, error) {
	// POST with the token in the header, as Google's own libraries do it: the
	// documented GET has the token in the address.
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, app.Endpoints.Introspect, nil)
	if err != nil {
		return Answer{}, app.unanswered(StageAPI, err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Authorization", "Bearer "+t.Access.Reveal())
	return app.do(req, StageAPI, t.Access.Reveal())
}

func inspectGoogle(ctx context.Context, app *App, t *Tokens) (*Inspection, error) {
	info, err := googleTokenInfo(ctx, app, t)
	if err != nil {
		return nil, err
	}
	return app.inspection(info, "exp", t.Access)
}

// ownChannels reads the parts named of the channel that the token belongs to,
// if there is one. YouTube says in two ways that there is none.
func ownChannels(ctx context.Context, app *App, t *Tokens, parts string) ([]youTubeChannel, error) {
	var list youTubeChannels
	err := app.get(ctx, t.Access, "/channels?part="+parts+"&mine=true", nil, &list)
	if e, ok := errors.AsType[*Error](err); ok && e.Code == youTubeSignUp {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if list.Kind != "youtube#channelListResponse" {
		return nil, app.nameless()
	}
	return list.Items, nil
}

// validateYouTube costs one unit of the project's daily quota.
func validateYouTube(ctx context.Context, app *App, t *Tokens, p Profile) (*Validation, error) {
	channels, err := ownChannels(ctx, app, t, "snippet,statistics,status")
	if e, ok := errors.AsType[*Error](err); ok && (e.Code == youTubeClosed || e.Code == youTubeSuspended) {
		v := &Validation{Profile: p}
		v.fail(FindingSuspended, "YouTube has closed or suspended this account. Log in at youtube.com as its owner and follow what YouTube says there.")
		return v, nil
	}
	if err != nil {
		return nil, err
	}
	if len(channels) == 0 {
		v := &Validation{Profile: p}
		v.fail(FindingNoChannel, "The Google account has no YouTube channel. Open youtube.com with it, choose Create a channel in the account menu, then reconnect.")
		return v, nil
	}
	c := channels[0]
	if c.ID == "" {
		return nil, app.nameless()
	}
	v, reached := validationOf(p, c.profile())
	if !reached {
		return v, nil
	}
	v.detail("Visibility", c.Status.Privacy)
	if !c.Statistics.HiddenSubscribers {
		v.detail("Subscribers", c.Statistics.Subscribers)
	}
	v.detail("Videos", c.Statistics.Videos)
	v.detail("Views", c.Statistics.Views)
	switch c.Status.LongUploads {
	case "eligible":
		v.warn(FindingLongUploadsOff, "Videos over 15 minutes and custom thumbnails are refused until the channel's owner confirms a phone number at youtube.com/verify.")
	case "disallowed":
		v.warn(FindingLongUploadsOff, "YouTube lets this channel upload no videos over 15 minutes. Its owner sees why in YouTube Studio under Settings, Channel, Feature eligibility.")
	}
	return v, nil
}

// youTubeChannels is the answer of channels.list. Without a channel it has no
// items at all.
type youTubeChannels struct {
	Kind  string           `json:"kind"`
	Items []youTubeChannel `json:"items"`
}

type youTubeChannel struct {
	ID         string `json:"id"`
	Statistics struct {
		Subscribers       string `json:"subscriberCount"`
		HiddenSubscribers bool   `json:"hiddenSubscriberCount"`
		Videos            string `json:"videoCount"`
		Views             string `json:"viewCount"`
	} `json:"statistics"`
	Status struct {
		Privacy     string `json:"privacyStatus"`
		LongUploads string `json:"longUploadsStatus"` // allowed, eligible, disallowed, longUploadsUnspecified
	} `json:"status"`
	Snippet struct {
		Title      string `json:"title"`
		CustomURL  string `json:"customUrl"` // the handle with @, or an older name without
		Thumbnails struct {
			Default youTubeThumbnail `json:"default"`
			Medium  youTubeThumbnail `json:"medium"`
		} `json:"thumbnails"`
	} `json:"snippet"`
}

type youTubeThumbnail struct {
	URL string `json:"url"`
}

func (c youTubeChannel) profile() Profile {
	handle, ok := strings.CutPrefix(c.Snippet.CustomURL, "@")
	if !ok {
		handle = ""
	}
	return Profile{
		ExternalID:  c.ID,
		Kind:        KindChannel,
		Username:    handle,
		DisplayName: c.Snippet.Title,
		AvatarURL:   cmp.Or(c.Snippet.Thumbnails.Medium.URL, c.Snippet.Thumbnails.Default.URL),
		ProfileURL:  "https://www.youtube.com/channel/" + c.ID,
	}
}

// revokeGoogle names one token, since each takes the others along, and no
// kind of token, for which Google's endpoint has no parameter.
func revokeGoogle(ctx context.Context, app *App, t *Tokens) error {
	if !t.Refresh.IsZero() {
		return app.revoke(ctx, t.Refresh, "")
	}
	return app.revoke(ctx, t.Access, "")
}

func classifyYouTube(a Answer) Verdict {
	code := a.fields().text("error")
	switch a.Stage {
	case StageExchange, StageRefresh:
		return Verdict{Class: googleTokenClass(a.Stage, code), Subcode: a.fields().text("error_subtype")}
	case StageRevoke:
		if code == "invalid_token" {
			return Verdict{Class: ClassRefreshDead}
		}
	case StageAPI:
		if code == "invalid_token" { // said by tokeninfo, with status 400
			return Verdict{Class: ClassStaleAccess}
		}
		return classifyYouTubeAPI(a)
	}
	return Verdict{}
}

// googleTokenClass knows Google's own codes at the token endpoint. Descriptions
// are not documented and decide nothing.
func googleTokenClass(stage Stage, code string) Class {
	switch code {
	case "redirect_uri_mismatch", "deleted_client":
		return ClassAppFault
	case "unauthorized_client": // the token is another client's
		if stage == StageRefresh {
			return ClassRefreshDead
		}
	case "admin_policy_enforced": // of the person's organisation, not of the app
		if stage == StageRefresh {
			return ClassRefreshDead
		}
		return ClassInvalid
	}
	return ClassOK
}

func classifyYouTubeAPI(a Answer) Verdict {
	var body struct {
		Error struct {
			Message string `json:"message"`
			Status  string `json:"status"`
			Errors  []struct {
				Domain string `json:"domain"`
				Reason string `json:"reason"`
			} `json:"errors"`
			Details []struct {
				Reason string `json:"reason"`
			} `json:"details"`
		} `json:"error"`
	}
	if a.Status < 400 || json.Unmarshal(a.Body, &body) != nil {
		return Verdict{}
	}
	// The older form has its reasons in errors, the newer one in details, and
	// most answers have both.
	v := Verdict{Message: body.Error.Message}
	for _, e := range body.Error.Errors {
		v.Code = cmp.Or(v.Code, e.Reason)
		v.Subcode = cmp.Or(v.Subcode, e.Domain)
		v.Class = cmp.Or(v.Class, youTubeClass(e.Reason))
	}
	for _, d := range body.Error.Details {
		v.Code = cmp.Or(v.Code, d.Reason)
		v.Class = cmp.Or(v.Class, youTubeClass(d.Reason))
	}
	v.Code = cmp.Or(v.Code, body.Error.Status)
	switch {
	case v.Subcode == "youtube.thumbnail":
		v.Class = ClassInvalid // the channel lacks a verified phone, not the grant a scope
	case v.Class == ClassOK && (v.Code == "forbidden" || v.Code == "accountDelegationForbidden"):
		v.Class = ClassInvalid // the channel is somebody else's, which no scope changes
	}
	if v.Code == "quotaExceeded" || v.Code == "dailyLimitExceeded" {
		v.RetryAfter = youTubeQuotaReset(a.At)
	}
	return v
}

func youTubeClass(reason string) Class {
	switch reason {
	case youTubeSignUp, youTubeClosed, youTubeSuspended:
		return ClassInvalid
	case "quotaExceeded", "dailyLimitExceeded", "rateLimitExceeded", "userRateLimitExceeded",
		"uploadLimitExceeded", "RATE_LIMIT_EXCEEDED":
		return ClassRateLimited
	case "insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT":
		return ClassMissingScope
	case "accessNotConfigured", "SERVICE_DISABLED":
		return ClassAppFault
	}
	return ClassOK
}

// youTubeQuotaReset returns the time until the project's daily quota begins
// anew, at midnight Pacific. Standard time is taken all year, which in summer
// is an hour late and never early.
func youTubeQuotaReset(now time.Time) time.Duration {
	pacific := time.FixedZone("PST", -8*60*60)
	year, month, day := now.In(pacific).Date()
	return waitUntil(time.Date(year, month, day+1, 0, 0, 0, 0, pacific), now)
}
