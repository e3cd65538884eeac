package platforms

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"time"
)

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
	IconPath:        "M10 22v-9H7V9.5h3V8a5.5 5.5 0 0 1 5.5-5.5H17V6h-1.2A2.2 2.2 0 0 0 13.6 8.2V9.5H17L16.5 13H13.6V22z",
	Color:           "#1877F2",
	Difficulty:      Easy,
	SetupMinutes:    3,
	Features:        []string{"Post to Pages", "Photos and videos", "Auto-scheduling", "Analytics"},
	RecommendedRank: 2,

	DocsURL:    "https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow",
	ErrorsURL:  "https://developers.facebook.com/docs/graph-api/guides/error-handling",
	ConsoleURL: metaConsole,
	RevokeURL:  metaRevoke,
	StatusURL:  metaStatus,

	SetupSteps: []string{
		"Open developers.facebook.com/apps and choose Create app: name, contact address, the use case for managing Pages, and your business portfolio.",
		"Under Use cases, Customize, add the permissions pages_show_list, business_management, pages_read_engagement and pages_manage_posts, and further ones that you will ask for.",
		"Under Facebook Login for Business (or Facebook Login), Settings, enter the redirect URI exactly as shown here under Valid OAuth Redirect URIs.",
		"Under App settings, Basic, add the platform Website, the privacy policy URL and the data deletion URL, and copy App ID and App secret.",
		"Connect a Page of your own once, so that each permission has had a test call; up to 24 hours later Advanced Access can be asked for.",
		"Pass Business Verification and App Review, then choose Publish. Until then only people with a role in the app can connect.",
	},
	ReconnectInstructions: ReconnectInstructions{
		Title: "Reconnect your Facebook Page",
		Steps: []string{
			"Log in at facebook.com as a person who manages the Page.",
			"Press Reconnect in {name}, choose Edit settings if Facebook offers it, and tick this Page and all others you use here.",
			"Leave all permissions switched on and press Save or Continue.",
		},
		RequiredPermissions: []string{
			"Show a list of the Pages you manage",
			"Manage your business portfolio",
			"Read content posted on the Page",
			"Create and manage content on your Page",
		},
	},
	Limits: []string{
		"A Page has 4,800 calls in 24 hours for each engaged user, and the app 200 an hour for each of its daily users. Calls made while Facebook throttles prolong it.",
		"People tick Pages at the consent; one that was not ticked is not offered here.",
		"A change of the person's password ends the tokens of all their Pages at once.",
		"Some Pages have to pass Facebook's publishing authorisation, or their people confirm who they are, before they can post; only a post shows it.",
		"A release of the API that is over goes on answering, as the oldest one still served would, and never with an error.",
	},

	Logins: []*Login{facebookLogin("pages_", Login{
		ID:           "DEFAULT",
		LifetimeNote: "A Page's own token has no end, and goes on when the person's has ended; only new Pages are then not found.",
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
		Validate: validateFacebook,
	})},
})

// What is asked of a Page, and beside that of one in the person's list.
const (
	pageFields     = "id,name,username,category,access_token,picture"
	facebookFields = pageFields + ",tasks"
)

// identifyFacebook returns the Pages that the person ticked, each with its own
// token.
func identifyFacebook(ctx context.Context, app *App, t *Tokens) (*Identity, error) {
	identity, err := facebookPerson(ctx, app, t)
	if err != nil {
		return nil, err
	}
	pages, more, err := facebookPages(ctx, app, t.Access, facebookFields)
	if err != nil {
		return nil, err
	}
	for _, page := range pages {
		identity.add(page.profile())
	}
	if more {
		identity.Warnings = append(identity.Warnings, morePages)
	}
	return identity, nil
}

func (p *facebookPage) profile() Profile {
	return Profile{
		ExternalID:  string(p.ID),
		Kind:        KindPage,
		Username:    p.Username,
		DisplayName: p.Name,
		AvatarURL:   p.Picture.Data.URL,
		ProfileURL:  "https://www.facebook.com/" + url.PathEscape(cmp.Or(p.Username, string(p.ID))),
		Token:       NewSecret(p.AccessToken),
	}
}

// validateFacebook looks at a Page's own token, then with the person's token at
// the Page. Where the person's token has died the first suffices.
func validateFacebook(ctx context.Context, app *App, t *Tokens, p Profile) (*Validation, error) {
	v := &Validation{Profile: p}
	if !p.Token.IsZero() {
		own, err := debugToken(ctx, app, p.Token)
		if err != nil {
			return refused(v, err)
		}
		if own.Type != "PAGE" || own.ProfileID != "" && string(own.ProfileID) != p.ExternalID {
			v.Errors = append(v.Errors, Finding{FindingPageToken, "The token that is kept for this Page is not the Page's own; reconnect the Page."})
			return v, nil
		}
	}
	person, err := debugToken(ctx, app, t.Access)
	var page *facebookPage
	if err == nil {
		page, err = findPage(ctx, app, t.Access, p.ExternalID)
	}
	if ended(err) && !p.Token.IsZero() {
		v.Warnings = append(v.Warnings, grantEnded)
		return v, nil
	}
	if err != nil {
		return refused(v, err)
	}
	if page == nil {
		v.Errors = append(v.Errors, pageMissing(person, p.ExternalID))
		return v, nil
	}
	v.Profile = page.profile()
	if page.Category != "" {
		v.Details = append(v.Details, Detail{"Category", page.Category})
	}
	v.Warnings = append(v.Warnings, page.roleWarnings()...)
	if person.leavesOut("pages_manage_posts", p.ExternalID) {
		v.Warnings = append(v.Warnings, Finding{FindingPageNotTicked, "The permission to post was given for other Pages, not for this one; reconnect and tick this Page wherever Facebook asks for Pages."})
	}
	v.Warnings = append(v.Warnings, grantWarnings(person.ExpiresAt, time.Now())...)
	return v, nil
}

// findPage looks for a Page among the person's, and where not all of them are
// read at the Page itself; nil: it is not there.
func findPage(ctx context.Context, app *App, person Secret, id string) (*facebookPage, error) {
	pages, more, err := facebookPages(ctx, app, person, facebookFields)
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(pages, func(page facebookPage) bool { return string(page.ID) == id }); i >= 0 {
		return &pages[i], nil
	}
	if !more {
		return nil, nil //nolint:nilnil // as documented
	}
	var page facebookPage
	if err := graph(ctx, app, person, app.Endpoints.API+"/"+url.PathEscape(id), url.Values{"fields": {pageFields}}, &page); err != nil {
		return nil, err
	}
	if string(page.ID) != id || !page.granted() {
		return nil, nil //nolint:nilnil // as documented
	}
	return &page, nil
}

// pageMissing explains why a Page is not among the person's.
func pageMissing(person *metaToken, page string) Finding {
	switch {
	case person.leavesOut("pages_show_list", page):
		return Finding{FindingPageNotTicked, "This Page was left out on Facebook's page; reconnect, choose Edit settings and tick it."}
	case !slices.Contains(person.Scopes, "business_management"):
		return Finding{FindingNotReached, "Facebook does not show this Page. If it belongs to a business portfolio, reconnect and allow managing your business; otherwise ask an admin of the Page for a role."}
	}
	return Finding{FindingNotReached, "Facebook does not show this Page. Ask an admin of the Page to give the person who connected it a role again, then reconnect and tick the Page."}
}
