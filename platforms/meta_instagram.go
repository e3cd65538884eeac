package platforms

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Instagram can be signed in to in two ways, each with an app of its own: by
// Facebook Login, for accounts that are linked to a Facebook Page, and by
// Instagram Login, which needs no Page. Ids, scopes and tokens of the two do
// not mix. Either way the account must be a professional one.
var Instagram = register(&Platform{
	ID:              "meta_instagram",
	DisplayName:     "Instagram",
	Icon:            "📷",
	IconPath:        "M9 4.5 7.5 7H5A2.5 2.5 0 0 0 2.5 9.5V17.5A2.5 2.5 0 0 0 5 20H19A2.5 2.5 0 0 0 21.5 17.5V9.5A2.5 2.5 0 0 0 19 7H16.5L15 4.5zM12 8.8a4.4 4.4 0 1 1 0 8.8 4.4 4.4 0 0 1 0-8.8zM12 11a2.2 2.2 0 1 0 0 4.4 2.2 2.2 0 0 0 0-4.4z",
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
		"For accounts that are linked to a Page (FACEBOOK_LOGIN): add Facebook Login for Business, under its Settings enter the redirect URI exactly as shown here under Valid OAuth Redirect URIs, and under App settings, Basic, copy App ID and App secret into META_APP_ID and META_APP_SECRET.",
		"For accounts without a Page (INSTAGRAM_LOGIN): under Use cases, Instagram, API setup with Instagram login, Business login settings, enter the other redirect URI, check that no slash was added at its end, and copy Instagram app ID and Instagram app secret into INSTAGRAM_APP_ID and INSTAGRAM_APP_SECRET. They differ from those of the Meta app.",
		"Under Use cases, Customize, add the permissions: instagram_basic, instagram_content_publish, pages_show_list, pages_read_engagement and business_management for the first way, instagram_business_basic and instagram_business_content_publish for the second.",
		"Until the review, invite the accounts that take part under App roles, Roles, Instagram Testers, and accept the invitations at instagram.com under Settings, Website permissions, Apps and websites.",
		"Pass Business Verification and App Review, then choose Publish.",
	},
	ReconnectInstructions: ReconnectInstructions{
		Title: "Reconnect your Instagram account",
		Steps: []string{
			"Check in the Instagram app that the account is a Business or Creator account and, if you connect through Facebook, that it is linked to a Page that you manage.",
			"Press Reconnect in {name} and log in as the person who manages the Page, or as the Instagram account itself.",
			"Tick the Instagram account, and on Facebook's page the Page it is linked to as well.",
			"Leave all permissions switched on and finish.",
		},
		RequiredPermissions: []string{
			"View profile and access media",
			"Publish content on your behalf",
			"Show a list of the Pages you manage",
		},
	},
	Limits: []string{
		"Only professional accounts, Business or Creator, can be connected.",
		"Instagram caps the posts of an account in 24 hours; Meta's documents name 100, 50 and 25.",
		"An account has 4,800 calls in 24 hours for each impression.",
		"With FACEBOOK_LOGIN people tick the Instagram account and its Page separately at the consent. Both are needed.",
		"With FACEBOOK_LOGIN a change of the person's password ends the tokens of all their accounts at once.",
		"A release of the API that is over goes on answering, as the oldest one still served would, and never with an error.",
	},

	Logins: []*Login{
		facebookLogin("instagram_", Login{
			ID:           "FACEBOOK_LOGIN",
			Requirements: []string{"Connected to a Facebook Page"},
			LifetimeNote: "Access to an account ends 90 days after the person last used the app, whatever its token says.",
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
			Validate:    validateLinkedInstagram,
		}),
		{
			ID:  "INSTAGRAM_LOGIN",
			Env: Env{Prefix: "INSTAGRAM", ID: "APP_ID", Secret: "APP_SECRET", Version: "GRAPH_VERSION"},
			Credentials: Credentials{
				Found: "They are Instagram app ID and Instagram app secret under Use cases, Instagram, API setup with Instagram login. App ID and App secret of the Meta app, and those of Threads, are others.",
				ID:    metaAppID, Looks: metaAppLooks,
			},
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

			CodeTail: "#_",

			AccessLifetime: metaLongLife,
			Refresh:        Refresh{Kind: RefreshSelf, MinAge: 24 * time.Hour},
			Probe:          Probe{Kind: ProbeIdentify, Cost: ProbeFree},
			RevokeReach:    RevokesNothing,

			Lengthen:   lengthenInstagram,
			Renew:      renewInstagram,
			Identify:   identifyInstagram,
			Validate:   validateInstagram,
			Served:     metaServed,
			Classify:   classifyMeta,
			RateLimits: metaRateLimits,
			Webhooks:   metaWebhooks(instagramConsole, instagramConsole),
		},
	},
})

// instagramConsole is the page of the app's settings for Instagram Login.
const instagramConsole = "Use cases, Instagram, API setup with Instagram login, Business login settings"

// instagramUser is an account as either API tells of it.
type instagramUser struct {
	ID        metaID `json:"id"`      // with Instagram Login good for one app only
	UserID    metaID `json:"user_id"` // with Instagram Login the account's own id
	Username  string `json:"username"`
	Name      string `json:"name"`
	Picture   string `json:"profile_picture_url"`
	Type      string `json:"account_type"` // Business or Media_Creator
	Followers *int   `json:"followers_count"`
	Media     *int   `json:"media_count"`
}

func (u *instagramUser) profile() Profile {
	p := Profile{
		ExternalID:  string(cmp.Or(u.UserID, u.ID)),
		Kind:        KindBusiness,
		Username:    u.Username,
		DisplayName: cmp.Or(u.Name, u.Username),
		AvatarURL:   u.Picture,
	}
	if u.Username != "" {
		p.ProfileURL = "https://www.instagram.com/" + url.PathEscape(u.Username) + "/"
	}
	return p
}

func (u *instagramUser) details() []Detail {
	var details []Detail
	if u.Type != "" {
		details = append(details, Detail{"Account type", strings.ReplaceAll(u.Type, "_", " ")})
	}
	for _, count := range []struct {
		name  string
		value *int
	}{{"Followers", u.Followers}, {"Posts", u.Media}} {
		if count.value != nil {
			details = append(details, Detail{count.name, strconv.Itoa(*count.value)})
		}
	}
	return details
}

// The fields of an account that is reached through a Page. account_type is not
// among them: asking for it fails the whole list of Pages.
const (
	linkedFields  = "id,name,tasks,access_token,instagram_business_account{id,username,name,profile_picture_url}"
	accountFields = "id,username,name,profile_picture_url,followers_count,media_count"
)

// identifyLinkedInstagram returns the accounts that are linked to the person's
// Pages. Each is used with its Page's token.
func identifyLinkedInstagram(ctx context.Context, app *App, t *Tokens) (*Identity, error) {
	identity, err := facebookPerson(ctx, app, t)
	if err != nil {
		return nil, err
	}
	pages, more, err := facebookPages(ctx, app, t.Access, linkedFields)
	if err != nil {
		return nil, err
	}
	for _, page := range pages {
		if page.Instagram != nil && page.Instagram.ID != "" {
			identity.add(page.linked())
		}
	}
	if more {
		identity.Warnings = append(identity.Warnings, morePages)
	}
	return identity, nil
}

// linked is the profile of the account that is linked to a Page.
func (p *facebookPage) linked() Profile {
	profile := p.Instagram.profile()
	profile.Token = NewSecret(p.AccessToken)
	return profile
}

// The findings of Instagram accounts.
const (
	FindingNotProfessional    = "NOT_PROFESSIONAL"     // neither a Business nor a Creator account
	FindingNotLinked          = "NOT_LINKED"           // to no Page that the person reaches
	FindingInstagramNotTicked = "INSTAGRAM_NOT_TICKED" // left out on Facebook's page
)

// validateLinkedInstagram looks for the Page that links to the account, and at
// the account with the Page's token. Where the person's token has died the
// second suffices.
func validateLinkedInstagram(ctx context.Context, app *App, t *Tokens, p Profile) (*Validation, error) {
	v := &Validation{Profile: p}
	if err := findLinked(ctx, app, t, v); err != nil || len(v.Errors) > 0 {
		return refused(v, err)
	}
	token := p.Token
	if token.IsZero() {
		token = v.Profile.Token
	}
	var user instagramUser
	address := app.Endpoints.API + "/" + url.PathEscape(p.ExternalID)
	if err := graph(ctx, app, token, address, url.Values{"fields": {accountFields}}, &user); err != nil {
		if withheld(ctx, app, token, err) {
			v.Errors = append(v.Errors, dataEnded)
			return v, nil
		}
		return refused(v, err)
	}
	if string(user.ID) != p.ExternalID {
		return nil, app.senseless("the answer is about another account")
	}
	current := v.Profile.Token
	v.Profile, v.Details = user.profile(), user.details()
	v.Profile.Token = current
	return v, nil
}

// findLinked sets v.Profile to the account that one of the person's Pages is
// linked to, if any is. Where not all Pages are read the account itself has to
// tell.
func findLinked(ctx context.Context, app *App, t *Tokens, v *Validation) error {
	person, err := debugToken(ctx, app, t.Access)
	if err == nil && person.dataEnded(time.Now()) {
		v.Errors = append(v.Errors, dataEnded)
		return nil
	}
	var pages []facebookPage
	var more bool
	if err == nil {
		pages, more, err = facebookPages(ctx, app, t.Access, linkedFields)
	}
	if ended(err) && !v.Profile.Token.IsZero() {
		v.Warnings = append(v.Warnings, grantEnded)
		return nil
	}
	if err != nil {
		return err
	}
	i := slices.IndexFunc(pages, func(page facebookPage) bool {
		return page.Instagram != nil && string(page.Instagram.ID) == v.Profile.ExternalID
	})
	if i < 0 && more && !v.Profile.Token.IsZero() {
		return nil
	}
	if i < 0 {
		v.Errors = append(v.Errors, linkMissing(person, v.Profile.ExternalID))
		return nil
	}
	v.Profile = pages[i].linked()
	v.Warnings = append(v.Warnings, pages[i].roleWarnings()...)
	v.Warnings = append(v.Warnings, grantWarnings(person.ExpiresAt, time.Now())...)
	return nil
}

// withheld reports whether a failure comes of an access to data that has ended,
// which its code does not tell.
func withheld(ctx context.Context, app *App, token Secret, err error) bool {
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Class != ClassMissingScope && e.Class != ClassInvalid {
		return false
	}
	own, err := debugToken(ctx, app, token)
	return err == nil && own.dataEnded(time.Now())
}

var dataEnded = Finding{
	FindingDataEnded, "90 days have passed since the person last allowed the access, and Facebook gives nothing of Instagram's any more; the Page may go on. Reconnect the account.",
}

// linkMissing explains why no Page of the person's leads to an account.
func linkMissing(person *metaToken, id string) Finding {
	if person.leavesOut("instagram_basic", id) {
		return Finding{FindingInstagramNotTicked, "This Instagram account was left out on Facebook's page, where accounts are ticked apart from Pages; reconnect, choose Edit settings and tick both."}
	}
	return Finding{FindingNotLinked, "None of the person's Pages leads to this Instagram account. Check in Instagram that it is a Business or Creator account and linked to a Page the person manages (unlinking and linking again can help), then reconnect and tick Page and account."}
}

// identifyInstagram asks for the account that consented. Its id is /me's
// user_id: that of the token answer may be another. A personal account, which
// the API does not serve, is an Identity without profiles.
func identifyInstagram(ctx context.Context, app *App, t *Tokens) (*Identity, error) {
	me, err := instagramMe(ctx, app, t)
	if err != nil {
		return nil, err
	}
	profile := me.profile()
	identity := &Identity{Subject: profile.ExternalID, Name: profile.DisplayName}
	if !me.personal() {
		identity.add(profile)
	}
	return identity, nil
}

func instagramMe(ctx context.Context, app *App, t *Tokens) (*instagramUser, error) {
	var answer struct {
		instagramUser
		Data []instagramUser `json:"data"` // as documented; most answers are flat
	}
	const fields = "user_id,username,name,account_type,profile_picture_url,followers_count,follows_count,media_count"
	if err := app.get(ctx, t.Access, "/"+app.version()+"/me?fields="+fields, nil, &answer); err != nil {
		return nil, err
	}
	me := answer.instagramUser
	if len(answer.Data) > 0 {
		me = answer.Data[0]
	}
	me.ID = "" // never taken for the account's own
	return &me, nil
}

func (u *instagramUser) personal() bool { return strings.EqualFold(u.Type, "personal") }

func validateInstagram(ctx context.Context, app *App, t *Tokens, p Profile) (*Validation, error) {
	me, err := instagramMe(ctx, app, t)
	if err != nil {
		return nil, err
	}
	if me.UserID == "" {
		return nil, app.senseless("the answer names no account")
	}
	identity := &Identity{Profiles: []Profile{me.profile()}}
	v := identity.validation(p)
	if len(v.Errors) > 0 {
		return v, nil // the facts are another account's
	}
	v.Details = me.details()
	if me.personal() {
		v.Errors = append(v.Errors, Finding{FindingNotProfessional, "This is a personal account. In the Instagram app choose Settings, Account type and tools, Switch to professional account; then check again."})
	}
	return v, nil
}

// lengthenInstagram trades the token of an hour for one of 60 days.
func lengthenInstagram(ctx context.Context, app *App, t *Tokens) (*Tokens, error) {
	return instagramToken(ctx, app, t, StageExchange, "/access_token", url.Values{
		"grant_type":    {"ig_exchange_token"},
		"client_secret": {app.ClientSecret.Reveal()},
	})
}

// renewInstagram trades a long-lived token that is a day old or older, and has
// not ended, for a new one. The token is its own refresh token.
func renewInstagram(ctx context.Context, app *App, t *Tokens) (*Tokens, error) {
	return instagramToken(ctx, app, t, StageRefresh, "/refresh_access_token", url.Values{
		"grant_type": {"ig_refresh_token"},
	})
}

// instagramToken asks for a token by GET with everything in the address, which
// is the only way that Instagram documents.
func instagramToken(ctx context.Context, app *App, t *Tokens, stage Stage, path string, query url.Values) (*Tokens, error) {
	query.Set("access_token", t.Access.Reveal())
	// An empty body that net/http cannot rewind: it repeats a GET without a body
	// when a connection breaks that was used before, and that may be after the
	// token was traded.
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, app.at(app.Endpoints.API)+path+"?"+query.Encode(), io.MultiReader())
	if err != nil {
		return nil, app.unanswered(stage, err)
	}
	answer, err := app.do(req, stage, t.Access.Reveal())
	if err != nil {
		return nil, err
	}
	tokens, _ := app.Login.parseTokens(answer, t.Scopes)
	return tokens, nil
}
