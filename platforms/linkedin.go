package platforms

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// LinkedIn has no revocation, and refresh tokens only for approved partners:
// for everybody else a person consents anew every 60 days. The consent with a
// scope set that differs ends the person's earlier tokens for the app.
var LinkedIn = register(&Platform{
	ID:              "linkedin",
	DisplayName:     "LinkedIn",
	Icon:            "💼",
	IconPath:        "M3.5 9.5H7V20.5H3.5zM5.25 3.5a2.1 2.1 0 1 1 0 4.2 2.1 2.1 0 0 1 0-4.2zM9.5 9.5H13V11C13.7 9.9 14.9 9.2 16.4 9.2 19.2 9.2 20.5 11 20.5 13.9V20.5H17V14.6C17 13.1 16.4 12.3 15.2 12.3 13.9 12.3 13 13.2 13 14.8V20.5H9.5z",
	Color:           "#0A66C2",
	Difficulty:      Easy,
	SetupMinutes:    2,
	Features:        []string{"Post updates", "Articles", "Auto-scheduling"},
	RecommendedRank: 4,

	DocsURL:    "https://learn.microsoft.com/en-us/linkedin/shared/authentication/authorization-code-flow",
	ErrorsURL:  "https://learn.microsoft.com/en-us/linkedin/shared/api-guide/concepts/error-handling",
	ConsoleURL: "https://www.linkedin.com/developers/apps",
	RevokeURL:  "https://www.linkedin.com/psettings/permitted-services",
	StatusURL:  "https://www.linkedin-apistatus.com/",

	SetupSteps: []string{
		"Open linkedin.com/developers/apps and choose Create app: name, LinkedIn Page, logo and privacy policy URL.",
		"Under Settings choose Verify and have an admin of the Page confirm the app.",
		"Under Products request Sign In with LinkedIn using OpenID Connect and Share on LinkedIn; to post for organisations also Community Management API, which LinkedIn reviews and often wants in an app of its own.",
		"Under Auth add the redirect URI exactly as shown here to Authorized redirect URLs, and copy Client ID and Primary Client Secret.",
	},
	ReconnectInstructions: ReconnectInstructions{
		Title: "Reconnect your LinkedIn account",
		Steps: []string{
			"Log in at linkedin.com as the member who connected the account; for an organisation, as one of its admins.",
			"Press Reconnect in {name}.",
			"Press Allow and keep all permissions: LinkedIn grants all of them or none.",
		},
		RequiredPermissions: []string{
			"Use your name and photo",
			"Create, modify, and delete posts, comments, and reactions on your behalf",
		},
	},
	Limits: []string{
		"150 posts a day per member and 100,000 per app. Quotas begin anew at midnight UTC, and LinkedIn does not tell how much is left.",
		"Community Management API begins in a development tier of 500 requests a day per app and 100 per member. The standard tier is for registered businesses, wants a screen recording, and takes weeks to months.",
		"A consent to another set of permissions ends all earlier tokens of that member for the app: always connect with the same capabilities.",
		"Members and organisations are granted all permissions or none.",
		"The same post again within ten minutes is refused.",
		"A member's id is particular to the app: with another app every account has to be connected anew.",
	},

	Logins: []*Login{{
		ID:  "DEFAULT",
		Env: Env{Prefix: "LINKEDIN", ID: "CLIENT_ID", Secret: "CLIENT_SECRET"},
		Credentials: Credentials{
			Found: "They are Client ID and Primary Client Secret under Auth.",
		},
		Callback: "linkedin",
		Endpoints: Endpoints{
			Authorize:  "https://www.linkedin.com/oauth/v2/authorization",
			Token:      "https://www.linkedin.com/oauth/v2/accessToken",
			Introspect: "https://www.linkedin.com/oauth/v2/introspectToken",
			API:        "https://api.linkedin.com",
		},
		// Versions live a year at least and are answered with 426 afterwards.
		// LinkedIn announces the days at
		// https://learn.microsoft.com/en-us/linkedin/marketing/integrations/migrations
		// (there was no 202512); that of 202608 is the rule's.
		Version: "202609",
		Versions: []APIVersion{
			{Name: "202508", Ends: utcDate(2026, time.August, 17)},
			{Name: "202509", Ends: utcDate(2026, time.September, 15)},
			{Name: "202510", Ends: utcDate(2026, time.October, 15)},
			{Name: "202511", Ends: utcDate(2026, time.November, 16)},
			{Name: "202601", Ends: utcDate(2027, time.January, 15)},
			{Name: "202602", Ends: utcDate(2027, time.February, 15)},
			{Name: "202603", Ends: utcDate(2027, time.March, 16)},
			{Name: "202604", Ends: utcDate(2027, time.April, 15)},
			{Name: "202605", Ends: utcDate(2027, time.May, 15)},
			{Name: "202606", Ends: utcDate(2027, time.June, 15)},
			{Name: "202607", Ends: utcDate(2027, time.July, 15)},
			{Name: "202608"},
			{Name: "202609", Ends: utcDate(2027, time.September, 15)},
		},
		MonthlyVersions: true,
		Redirects: Redirects{
			HTTPHosts: []string{"localhost"},
			Note:      "Compared without the query string.",
		},

		ClientAuth:     AuthBody,
		PKCE:           PKCENone,
		ScopeSeparator: " ",
		Scopes: []Scope{
			{Name: "openid", Purpose: "Sign in with LinkedIn", Required: true, Capability: ReadProfile, Default: true},
			{Name: "profile", Purpose: "See your name and photo", Required: true, Capability: ReadProfile, Default: true},
			{Name: "w_member_social", Purpose: "Create posts and comments in your name", Capability: Publish, Default: true},
			{Name: "r_member_postAnalytics", Purpose: "See how your posts perform", Capability: ReadAnalytics},
			{Name: "r_organization_admin", Purpose: "See which organisations you administer, and their statistics", Capability: Organizations},
			{Name: "w_organization_social", Purpose: "Create posts and comments in your organisations' names", Capability: Organizations},
			{Name: "r_organization_social", Purpose: "See your organisations' posts, comments and reactions", Capability: ReadPosts},
		},
		// Whoever may change an organisation's roles may see them.
		ScopeAliases: map[string]string{"rw_organization_admin": "r_organization_admin"},
		Issuer:       "https://www.linkedin.com/oauth",

		AccessLifetime:  60 * 24 * time.Hour,
		RefreshLifetime: 365 * 24 * time.Hour,
		Refresh:         Refresh{Kind: RefreshToken},
		Probe:           Probe{Kind: ProbeInspect, Cost: ProbeFree},
		LifetimeNote:    "LinkedIn gives refresh tokens to approved partners only; for everybody else a member consents anew every 60 days. A renewal does not move the refresh token's end.",
		RevokeReach:     RevokesNothing,

		Identify: identifyLinkedIn,
		Inspect:  inspectLinkedIn,
		Validate: validateLinkedIn,
		Ask:      askLinkedIn,
		Classify: classifyLinkedIn,
	}},
})

// linkedInRevoked is LinkedIn's code of a revoked token, and for some seconds
// of a new one that has not reached all of its servers.
const linkedInRevoked = "65601"

// linkedInMember reads the member's own profile, of OpenID Connect.
func linkedInMember(ctx context.Context, app *App, t *Tokens) (Profile, error) {
	var me struct {
		Sub     string `json:"sub"`
		Name    string `json:"name"`
		Picture string `json:"picture"`
	}
	err := getWhenReplicated(ctx, app, t, "/v2/userinfo", nil, &me)
	return Profile{ExternalID: me.Sub, Kind: KindProfile, DisplayName: me.Name, AvatarURL: me.Picture}, err
}

func identifyLinkedIn(ctx context.Context, app *App, t *Tokens) (*Identity, error) {
	member, err := linkedInMember(ctx, app, t)
	if err != nil {
		return nil, err
	}
	identity := &Identity{Subject: member.ExternalID, Name: member.DisplayName, Profiles: []Profile{member}}
	lists := func(scope string) bool { return strings.HasSuffix(scope, "_organization_admin") }
	if slices.ContainsFunc(t.Scopes, lists) {
		organizations, err := administered(ctx, app, t)
		if err != nil {
			return nil, err
		}
		identity.Profiles = append(identity.Profiles, organizations...)
		if len(organizations) >= linkedInOrganizations {
			identity.Warnings = append(identity.Warnings, Finding{FindingMoreThanRead, "The member may administer more organisations than the 1,000 that are read. If one is missing here, connect as an admin of fewer."})
		}
	}
	return identity, nil
}

// getWhenReplicated is [App.get] with patience for a token under a minute old:
// it repeats an answer of linkedInRevoked for some eight seconds.
func getWhenReplicated(ctx context.Context, app *App, t *Tokens, path string, header http.Header, v any) error {
	for wait := 500 * time.Millisecond; ; wait *= 2 {
		err := app.get(ctx, t.Access, path, header, v)
		e, ok := errors.AsType[*Error](err)
		if !ok || e.Code != linkedInRevoked || time.Since(t.IssuedAt) > time.Minute || wait > 4*time.Second {
			return err
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return err
		}
	}
}

// How many organisations are asked for at once, and at most.
const (
	linkedInPage          = 50
	linkedInOrganizations = 1000
)

// linkedInRole is what the member may do for an organisation.
type linkedInRole struct {
	Organization string `json:"organization"`
	Target       string `json:"organizationTarget"` // the organisation in older versions
	Role         string `json:"role"`
}

// id is the organisation's, without what its URN begins with.
func (r linkedInRole) id() string {
	urn := cmp.Or(r.Organization, r.Target)
	return urn[strings.LastIndexByte(urn, ':')+1:]
}

const linkedInAdministrator = "ADMINISTRATOR"

// linkedInRoles shows visit the member's approved roles, page by page and up to
// linkedInOrganizations; role narrows them to one, and an empty one does not.
func linkedInRoles(ctx context.Context, app *App, t *Tokens, role string, visit func([]linkedInRole)) error {
	query := url.Values{"q": {"roleAssignee"}, "state": {"APPROVED"}, "count": {strconv.Itoa(linkedInPage)}}
	if role != "" {
		query.Set("role", role)
	}
	for start := 0; start < linkedInOrganizations; start += linkedInPage {
		var page struct {
			Elements []linkedInRole `json:"elements"`
		}
		query.Set("start", strconv.Itoa(start))
		if err := getWhenReplicated(ctx, app, t, "/rest/organizationAcls?"+query.Encode(), linkedInHeader(app), &page); err != nil {
			return err
		}
		visit(page.Elements)
		if len(page.Elements) < linkedInPage {
			break
		}
	}
	return nil
}

// administered lists the organisations that the member administers.
func administered(ctx context.Context, app *App, t *Tokens) ([]Profile, error) {
	var all []Profile
	err := linkedInRoles(ctx, app, t, linkedInAdministrator, func(page []linkedInRole) {
		ids := make([]string, len(page))
		for i, r := range page {
			ids[i] = r.id()
		}
		all = append(all, organizationProfiles(ctx, app, t, ids)...)
	})
	return all, err
}

// organizationProfiles looks the names of organisations up. A name is a
// comfort: where it cannot be had the id takes its place.
func organizationProfiles(ctx context.Context, app *App, t *Tokens, ids []string) []Profile {
	if len(ids) == 0 {
		return nil
	}
	var found struct {
		Results map[string]struct {
			Name   string `json:"localizedName"`
			Vanity string `json:"vanityName"`
		} `json:"results"`
	}
	// Rest.li 2.0 wants a list's parentheses and commas as they are.
	list := strings.ReplaceAll(url.QueryEscape(strings.Join(ids, ",")), "%2C", ",")
	_ = getWhenReplicated(ctx, app, t, "/rest/organizationsLookup?ids=List("+list+")", linkedInHeader(app), &found)
	profiles := make([]Profile, len(ids))
	for i, id := range ids {
		organization := found.Results[id]
		profiles[i] = Profile{
			ExternalID:  id,
			Kind:        KindOrganization,
			Username:    organization.Vanity,
			DisplayName: cmp.Or(organization.Name, id),
			ProfileURL:  "https://www.linkedin.com/company/" + url.PathEscape(cmp.Or(organization.Vanity, id)) + "/",
		}
	}
	return profiles
}

// askLinkedIn asks what is versioned; the member's profile is not.
func askLinkedIn(ctx context.Context, app *App, t *Tokens) error {
	return linkedInRoles(ctx, app, t, linkedInAdministrator, func([]linkedInRole) {})
}

// validateLinkedIn looks at the member, or at the member's role in an
// organisation.
func validateLinkedIn(ctx context.Context, app *App, t *Tokens, p Profile) (*Validation, error) {
	if p.Kind == KindOrganization {
		return validateOrganization(ctx, app, t, p)
	}
	member, err := linkedInMember(ctx, app, t)
	if err != nil {
		return nil, err
	}
	if member.ExternalID == "" {
		return nil, app.nameless()
	}
	v, _ := validationOf(p, member)
	return v, nil
}

func validateOrganization(ctx context.Context, app *App, t *Tokens, p Profile) (*Validation, error) {
	var roles []string
	read := 0
	err := linkedInRoles(ctx, app, t, "", func(page []linkedInRole) {
		read += len(page)
		for _, r := range page {
			if r.id() == p.ExternalID {
				roles = append(roles, r.Role)
			}
		}
	})
	if len(roles) == 0 && read >= linkedInOrganizations {
		err = app.senseless("the member has more roles than are read")
	}
	if err != nil {
		return nil, err
	}
	v := &Validation{Profile: p}
	if len(roles) > 0 {
		v.Profile = organizationProfiles(ctx, app, t, []string{p.ExternalID})[0]
		v.detail("Role", strings.Join(roles, ", "))
	}
	posts := func(role string) bool {
		return strings.HasPrefix(role, "CONTENT_ADMIN") || role == "DIRECT_SPONSORED_CONTENT_POSTER"
	}
	switch {
	case slices.Contains(roles, linkedInAdministrator):
	case slices.ContainsFunc(roles, posts):
		v.warn(FindingRoleLimited, "The member can post for the organisation and no longer administers it. Have a super admin give the role back under Admin tools, Manage admins, on the organisation's page.")
	default:
		v.fail(FindingRoleLost, "The member may no longer act for the organisation. Have a super admin give the role back under Admin tools, Manage admins, on the organisation's page, or reconnect as another admin.")
	}
	return v, nil
}

// inspectLinkedIn asks the introspection endpoint, RFC 7662. A token that is
// not active is a failure, see [classifyLinkedIn].
func inspectLinkedIn(ctx context.Context, app *App, t *Tokens) (*Inspection, error) {
	answer, err := app.post(ctx, StageAPI, app.Endpoints.Introspect, url.Values{"token": {t.Access.Reveal()}}, t.Access.Reveal())
	if err != nil {
		return nil, err
	}
	return app.inspection(answer, "expires_at", t.Access)
}

func linkedInHeader(app *App) http.Header {
	header := make(http.Header)
	header.Set("LinkedIn-Version", app.version())
	header.Set("X-Restli-Protocol-Version", "2.0.0")
	return header
}

func classifyLinkedIn(a Answer) Verdict {
	f := a.fields()
	switch a.Stage {
	case StageAuthorize:
		switch f.text("error") {
		case "user_cancelled_login", "user_cancelled_authorize":
			return Verdict{Class: ClassDenied}
		case "unauthorized_scope_error":
			return Verdict{Class: ClassAppFault}
		}
	case StageRefresh:
		// LinkedIn says invalid_request of a dead refresh token and of a
		// request that lacks a parameter.
		lacking := strings.Contains(f.text("error_description"), "required parameter")
		if f.text("error") == "invalid_request" && !lacking {
			return Verdict{Class: ClassRefreshDead}
		}
	case StageAPI:
		if a.Status >= 400 {
			return classifyLinkedInAPI(a, f)
		}
		return classifyLinkedInIntrospection(f)
	}
	return Verdict{}
}

// classifyLinkedInIntrospection finds fault with a dead token, of which the
// introspection endpoint tells with 200. A token that LinkedIn does not know
// has no status.
func classifyLinkedInIntrospection(f fields) Verdict {
	if active, ok := f["active"].(bool); !ok || active {
		return Verdict{}
	}
	v := Verdict{Class: ClassStaleAccess, Code: cmp.Or(f.text("status"), "inactive")}
	v.Message = "The token is " + v.Code
	if v.Code == "revoked" {
		v.Class = ClassRefreshDead
	}
	return v
}

func classifyLinkedInAPI(a Answer, f fields) Verdict {
	v := Verdict{Code: f.text("code"), Message: f.text("message")}
	if number := f.text("serviceErrorCode"); number != "" && number != "0" {
		v.Code, v.Subcode = number, v.Code
	}
	switch a.Status {
	case http.StatusUpgradeRequired: // the LinkedIn-Version has been retired
		v.Class = ClassAppFault
	case http.StatusTooManyRequests:
		// Quotas are daily, end at midnight UTC, and no header says so.
		if f != nil && a.Header.Get("Retry-After") == "" {
			midnight := a.At.UTC().Truncate(24 * time.Hour).Add(24 * time.Hour)
			v.RetryAfter = waitUntil(midnight, a.At)
		}
	}
	return v
}
