// Package platforms is the catalogue of social networks and the client that
// speaks to them.
//
// A [Platform] is data: what a person sees (name, colour, steps), what OAuth
// needs (endpoints, scopes, client authentication) and what is known of its
// tokens. Where a network departs from RFC 6749 the Platform carries a small
// function; a nil function means "as the RFC says". Each network is one file
// with one register call, and nothing else in the program lists networks:
// whoever needs them all ranges over [All].
//
// A [Platform] has one or more [Login] methods, each an OAuth authorization
// server of its own with its own client credentials. Together with the
// credentials that the operator registered a Login becomes an [App], and the
// App is what talks. To connect: [App.AuthCodeURL], [App.CallbackError],
// [App.Exchange], [App.Lengthen], [App.Identify]. To keep alive: [App.Refresh].
// To look: [App.Inspect] at a token, [App.Validate] at a profile. And in the
// end: [App.Revoke].
//
// Every answer of a network is sorted, where it arrives, into a [Class]:
// first by the Login's own Classify, then by general rules ([Login.Verdict]).
// A failure is an [*Error] that keeps the network's own code and words, and an
// [Outcome] that says whether the request may have had an effect. Token
// answers are read leniently, because networks write expiries and scopes in
// many ways, but nothing senseless is passed on.
//
// What an answer tells of the platform's limits reaches whoever asked by
// [WithRateLimits], as net/http/httptrace reports what a request goes through.
//
// The package knows HTTP and OAuth and nothing of accounts, storage or
// GraphQL. Tokens travel as [Secret], which does not print itself.
package platforms

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Difficulty says how hard it is to set an app up at a platform.
type Difficulty string

// The difficulties, from the operator's point of view.
const (
	Easy   Difficulty = "EASY"
	Medium Difficulty = "MEDIUM"
	Hard   Difficulty = "HARD"
)

// Capability is what a product wants to do with an account. It is the word of
// Mooring's own contract; each platform translates it into scopes.
type Capability string

// The capabilities.
const (
	Publish       Capability = "PUBLISH"
	ReadProfile   Capability = "READ_PROFILE"
	ReadPosts     Capability = "READ_POSTS"
	ReadAnalytics Capability = "READ_ANALYTICS"
	Comment       Capability = "COMMENT"
	// Organizations is acting for organisations that the person administers.
	Organizations Capability = "ORGANIZATIONS"
	// StayConnected is the capability of a scope that only makes the grant
	// refreshable, such as X's offline.access.
	StayConnected Capability = "STAY_CONNECTED"
)

// Scope is one permission that a platform grants.
type Scope struct {
	Name       string
	Purpose    string
	Required   bool // without it Mooring cannot identify or keep the account
	Capability Capability
	// Default scopes are asked for when connect names no capabilities.
	Default bool
}

// Reach says how far a platform's revocation goes.
type Reach string

// The reaches of revocation.
const (
	RevokesNothing Reach = "NONE"    // there is no revocation endpoint
	RevokesToken   Reach = "TOKEN"   // only the tokens named
	RevokesSubject Reach = "SUBJECT" // all the app's tokens of that person
)

// Kind says what sort of thing an account is at its platform.
type Kind string

// The kinds of account.
const (
	KindProfile      Kind = "PROFILE"
	KindPage         Kind = "PAGE"
	KindChannel      Kind = "CHANNEL"
	KindBusiness     Kind = "BUSINESS"
	KindOrganization Kind = "ORGANIZATION"
)

// Platform is a social network as the catalogue describes it.
type Platform struct {
	ID              string // public and stable, e.g. "twitter"
	DisplayName     string
	Icon            string // one emoji or letter
	IconPath        string // the icon as a drawing: an SVG path to fill, by the even-odd rule, on a field of 24 by 24
	Color           string // brand colour, #RRGGBB
	Difficulty      Difficulty
	SetupMinutes    int
	Features        []string
	Requirements    []string
	RecommendedRank int // 1 is recommended first

	// Logins are the ways to sign in, the preferred one first.
	Logins []*Login

	DocsURL    string // OAuth documentation
	ErrorsURL  string // documentation of errors
	ConsoleURL string // where the operator registers an app
	RevokeURL  string // where a person takes the app's access away
	StatusURL  string // the platform's own status page

	SetupSteps            []string
	ReconnectInstructions ReconnectInstructions
	// Limits are what the platform restricts however well all is set up, a
	// sentence each.
	Limits []string
}

// ReconnectInstructions tell a person how to reconnect a broken account.
type ReconnectInstructions struct {
	Title               string
	Steps               []string // {name} is what people know the installation by
	RequiredPermissions []string // in the words of the platform's consent page
}

// In returns the instructions as an installation of that name gives them.
func (r ReconnectInstructions) In(name string) ReconnectInstructions {
	r.Steps = slices.Clone(r.Steps)
	for i, step := range r.Steps {
		r.Steps[i] = strings.ReplaceAll(step, "{name}", name)
	}
	return r
}

// ClientAuth says where the client's id and secret go at the token endpoint.
type ClientAuth int

// The ways of client authentication, RFC 6749 §2.3.1.
const (
	AuthHeader ClientAuth = iota // HTTP Basic
	AuthBody                     // form parameters
)

// PKCE says which challenge a login method takes, RFC 7636.
type PKCE int

// The challenges.
const (
	PKCENone PKCE = iota // refused or ignored: do not send one
	PKCES256             // base64url of the SHA-256, as the RFC says
	// PKCEHexOnLoopback is the SHA-256 in hexadecimal where the redirect URI
	// leads to the person's own machine, and nothing elsewhere. TikTok calls
	// the two desktop and web.
	PKCEHexOnLoopback
)

// Endpoints are the addresses of a login method. Each can be overridden by the
// operator; an empty one does not exist at that platform.
type Endpoints struct {
	Authorize  string
	Token      string
	Revoke     string
	Introspect string
	API        string // base of the resource API, without trailing slash
}

// Env names the environment variables of a login method's credentials:
// Prefix_ID, Prefix_Secret, Prefix_REDIRECT_URI, Prefix_AUTHORIZE_URL and its
// like for the endpoints, and Prefix_Version where the login has a Version.
// Logins with the same prefix share one app.
type Env struct {
	Prefix  string // e.g. "TWITTER"
	ID      string // e.g. "CLIENT_ID"
	Secret  string // e.g. "CLIENT_SECRET"
	Version string // e.g. "GRAPH_VERSION"; empty: "VERSION"
}

// Environment returns the names of the environment variables by which an
// operator sets up the login method's app: id and secret, which it needs, then
// redirect URI, version and Options, which it may have.
func (l *Login) Environment() []string {
	suffixes := []string{l.Env.ID, l.Env.Secret, "REDIRECT_URI"}
	if l.Version != "" {
		suffixes = append(suffixes, cmp.Or(l.Env.Version, "VERSION"))
	}
	for _, o := range l.Options {
		suffixes = append(suffixes, o.Name)
	}
	names := make([]string, len(suffixes))
	for i, suffix := range suffixes {
		names[i] = l.Env.Prefix + "_" + suffix
	}
	return names
}

// CallbackPath is where Mooring waits for the login method's callbacks.
func (l *Login) CallbackPath() string { return "/api/oauth/" + l.Callback + "/callback" }

// Option is something more that the operator can say of an app, in the
// environment variable Prefix_Name.
type Option struct {
	Name    string
	Doc     string
	Example string
	Values  []string // the only ones allowed; nil: any text
}

// APIVersion is a release of a platform's API.
type APIVersion struct {
	Name string
	Ends time.Time // last moment it is served; zero: not announced
}

// Redirects says which redirect URIs a platform's console takes. A fragment is
// allowed nowhere, https everywhere.
type Redirects struct {
	HTTPHosts []string // hosts for which http does, such as "localhost"
	NoQuery   bool     // a query string is refused
	Note      string   // what else a person must know; may be empty
	// Refuses, if set, says what else is wrong with one, as the end of a sentence
	// that begins with it; "" if nothing is.
	Refuses func(u *url.URL) string
	// Doubts, if set, says of one that is taken of some apps only which those are,
	// as a sentence; "" if all may have it.
	Doubts func(u *url.URL) string
}

// RefreshKind says how a platform renews an access token.
type RefreshKind string

// The kinds of refresh.
const (
	RefreshNone  RefreshKind = "NONE"
	RefreshToken RefreshKind = "REFRESH_TOKEN" // RFC 6749 §6
	RefreshSelf  RefreshKind = "SELF"          // the access token renews itself
)

// Refresh is a login method's token policy.
type Refresh struct {
	Kind    RefreshKind
	Rotates bool // each refresh token works once
	// MinAge is how old a token must be before the platform renews it.
	MinAge time.Duration
	// Ahead is how long before the end it is renewed, where the platform wants
	// another time than the general rule gives; 0: as that says.
	Ahead time.Duration
}

// ProbeKind says how a platform is asked whether a token still works.
type ProbeKind string

// The kinds of probe.
const (
	ProbeInspect  ProbeKind = "INSPECT"  // about the token itself: App.Inspect
	ProbeIdentify ProbeKind = "IDENTIFY" // for the profile that it shows: App.Identify
)

// ProbeCost says what a probe costs.
type ProbeCost string

// The costs of probes.
const (
	ProbeFree   ProbeCost = "FREE"
	ProbePaid   ProbeCost = "PAID"   // the operator is billed for it
	ProbeScarce ProbeCost = "SCARCE" // it takes from a quota that other calls need
)

// Probe is how a login method's tokens are checked beside being refreshed.
type Probe struct {
	Kind ProbeKind
	Cost ProbeCost
	// Daily is how many probes of an app may be made in a day (UTC), where they
	// are not free.
	Daily int
}

// Login is one way to sign in at a platform: an authorization server with
// endpoints, scopes and rules of its own.
type Login struct {
	ID           string // "DEFAULT" where a platform has only one
	Requirements []string
	Env          Env
	Credentials  Credentials
	// Callback is the {platform} part of /api/oauth/{platform}/callback.
	Callback  string
	Endpoints Endpoints
	// Version is the default of App.Version: the release of the API that is
	// asked for, where the platform dates its releases. In Endpoints it stands
	// for {version}. Versions are the releases known, the oldest first.
	Version  string
	Versions []APIVersion
	// MonthlyVersions is set where a release is named after the month it comes
	// in, as 202609 is, and served until the middle of that month in the next year.
	MonthlyVersions bool
	Options         []Option
	Redirects       Redirects

	ClientAuth ClientAuth
	// ClientIDParam is the client id's parameter; empty: client_id.
	ClientIDParam  string
	PKCE           PKCE
	ScopeSeparator string // in requests; answers are read with any separator
	Scopes         []Scope
	// ScopesUntold is set where no token answer names scopes, so that its silence
	// does not mean that all were granted, RFC 6749 §5.1: Inspect has to tell.
	ScopesUntold bool
	// ScopeAliases are names that answers have for scopes, or of scopes that
	// include them, with the names that they are asked for by.
	ScopeAliases map[string]string
	AuthParams   map[string]string // added to the authorization request
	// ReauthParams are added as well, or in the place of those in AuthParams,
	// where a consent is renewed that comes to the end told by ConsentEnds.
	ReauthParams map[string]string
	// Authorize, if set, has the last word on the authorization request.
	Authorize   func(app *App, q url.Values)
	TokenParams map[string]string // added to the code exchange
	// CodeTail is what the platform may glue to the end of its codes.
	CodeTail string
	// GrantPerProfile is set where the person chooses one profile at each
	// consent, which says nothing of their others.
	GrantPerProfile bool
	// Issuer, when set, is what RFC 9207's iss must equal if it is sent.
	Issuer string

	AccessLifetime  time.Duration // what the platform documents; 0: no end
	RefreshLifetime time.Duration // 0: unknown, or no refresh token
	LifetimeNote    string        // what else a person must know of them; may be empty
	Refresh         Refresh
	Probe           Probe
	RevokeReach     Reach
	// RevokeURL is where a person takes away what this login method gave;
	// empty: the Platform's.
	RevokeURL string

	// ConsentEnds returns when a person's consent ends of itself, whatever the
	// tokens say; the zero time, as a nil function does: never. A platform whose
	// Inspection tells may know better.
	ConsentEnds func(app *App, consented time.Time) time.Time

	// Lengthen trades the tokens of an exchange for long-lived ones, where the
	// platform has a step of its own for it.
	Lengthen func(ctx context.Context, app *App, t *Tokens) (*Tokens, error)

	// Renew is a refresh that is not that of RFC 6749 §6.
	Renew func(ctx context.Context, app *App, t *Tokens) (*Tokens, error)

	// Identify asks the platform who consented and which accounts the tokens
	// reach, in the platform's order.
	Identify func(ctx context.Context, app *App, t *Tokens) (*Identity, error)

	// Inspect asks the platform what a token is worth; nil where it does not
	// tell.
	Inspect func(ctx context.Context, app *App, t *Tokens) (*Inspection, error)

	// Validate looks at one profile with the platform's own questions; nil:
	// whether Identify still finds it.
	Validate func(ctx context.Context, app *App, t *Tokens, p Profile) (*Validation, error)

	// Proof shows the platform that whoever uses a token knows the app's secret,
	// too; nil where it takes no such proof.
	Proof func(app *App, token Secret) string

	// Ask asks the API something that takes a token and a living release, for an
	// answer that is thrown away; nil: Identify does.
	Ask func(ctx context.Context, app *App, t *Tokens) error

	// Served reads from an answer of the API which release gave it; nil where the
	// platform does not tell.
	Served func(http.Header) string

	// Classify sorts an answer of the platform, 2xx included. Each field it
	// leaves empty is filled by the general rules.
	Classify func(Answer) Verdict

	// RateLimits reads what an answer tells of the platform's limits.
	RateLimits func(Answer) []RateLimit

	// Webhooks are what the platform tells of its own accord.
	Webhooks []Webhook

	// Revoke takes the tokens back; nil means RFC 7009 for the refresh token,
	// else for the access token.
	Revoke func(ctx context.Context, app *App, t *Tokens) error
}

// Release returns what is known of a release of the API: what Versions says of
// it, and of monthly ones what their name does. Between those in Versions there
// are no others. It reports false where nothing is known.
func (l *Login) Release(name string, now time.Time) (APIVersion, bool) {
	i := slices.IndexFunc(l.Versions, func(v APIVersion) bool { return v.Name >= name })
	listed := i >= 0 && l.Versions[i].Name == name
	switch {
	case !l.MonthlyVersions && !listed:
		return APIVersion{}, false
	case listed && (!l.MonthlyVersions || !l.Versions[i].Ends.IsZero()):
		return l.Versions[i], true
	}
	month, err := time.Parse("200601", name)
	skipped := !listed && i > 0
	if err != nil || skipped || month.After(now) {
		return APIVersion{}, false
	}
	return APIVersion{Name: name, Ends: month.AddDate(1, 0, 14)}, true
}

// Identity is who consented, and what the grant reaches.
type Identity struct {
	Subject  string // the person's id at the platform
	Name     string
	Profiles []Profile
	Warnings []Finding // of what is not among Profiles and yet may be reached
}

// Profile is one thing that can be connected: a person's profile, a Page, a
// channel, an organisation.
type Profile struct {
	ExternalID  string
	Kind        Kind
	Username    string // without @; empty where the platform has none
	DisplayName string
	AvatarURL   string
	ProfileURL  string

	// Token is the profile's own access token, such as a Facebook Page's, and
	// TokenExpires its end (zero: none). Without one it is used with the
	// grant's. It does not travel in JSON.
	Token        Secret    `json:"-"`
	TokenExpires time.Time `json:"-"`
}

// Inspection is what a platform tells of a token.
type Inspection struct {
	Scopes         []string    // granted now, in the catalogue's spelling
	Source         ScopeSource // FromIntrospection or FromPermissionsAPI
	AccessExpires  time.Time   // zero: not told
	ConsentExpires time.Time   // zero: not told
	// Targets lists the external ids that a scope covers, by scope, if people
	// grant it for some of the login method's profiles only. One that is not in
	// it covers all.
	Targets map[string][]string
}

// Validation is what a platform says of a profile.
type Validation struct {
	Profile  Profile   // as it is now
	Details  []Detail  // further facts, for people
	Errors   []Finding // why the profile cannot be used
	Warnings []Finding // what will get in the way
}

// Detail is a fact about a profile, such as the number of its followers.
type Detail struct{ Name, Value string }

// Finding is something that a validation found. Code is for programs and
// stable, Message for people and says what to do.
type Finding struct{ Code, Message string }

var registry []*Platform

// register adds a platform to the catalogue at start-up and returns it, so
// that a file of this package reads `var X = register(&Platform{...})`.
func register(p *Platform) *Platform {
	registry = append(registry, p)
	return p
}

// All returns the platforms in recommended order.
func All() []*Platform {
	all := slices.Clone(registry)
	slices.SortFunc(all, func(a, b *Platform) int { return a.RecommendedRank - b.RecommendedRank })
	return all
}

// Get returns the platform with that id, or false.
func Get(id string) (*Platform, bool) {
	for _, p := range registry {
		if p.ID == id {
			return p, true
		}
	}
	return nil, false
}

// Login returns the login method with that id; an empty id is the preferred
// one.
func (p *Platform) Login(id string) (*Login, bool) {
	for _, l := range p.Logins {
		if id == "" || l.ID == id {
			return l, true
		}
	}
	return nil, false
}
