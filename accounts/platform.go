package accounts

import (
	"cmp"
	"slices"
	"sync/atomic"
	"time"

	"mooring/platforms"
)

// Platform is an entry of the catalogue as this installation offers it: with
// the apps that the operator registered there.
type Platform struct {
	*platforms.Platform
	Sandboxed    bool // the built-in sandbox plays it
	LoginMethods []LoginMethod
	// ReconnectInstructions are the catalogue's, with this installation's name.
	ReconnectInstructions platforms.ReconnectInstructions

	product string // that name
}

// LoginMethod is one way to sign in at a platform, with the operator's app.
type LoginMethod struct {
	*platforms.Login
	Ready       bool   // no check of what is configured failed, see Prerequisites
	RedirectURI string // to be registered at the platform

	version string            // that the operator configured; "": the Login's
	app     *app              // nil without credentials
	flaws   []platforms.Check // those that failed
}

// app is a registered client together with its row.
type app struct {
	*platforms.App
	id string
	// struck is whether the app may have strikes or an incident, which a success
	// then has to take back.
	struck atomic.Bool

	// crowded is whether more may be due than the sweep, which alone uses it, was
	// free to claim the last time.
	crowded bool
}

// refreshEnds returns when tokens can no longer be renewed; the zero time if
// that is not known. A token that renews itself has to do so while it lives.
func (a *app) refreshEnds(t *platforms.Tokens) time.Time {
	if a.Login.Refresh.Kind == platforms.RefreshSelf {
		return t.AccessExpires
	}
	return t.RefreshExpires
}

// preferred is the login method that is offered first.
func (p *Platform) preferred() *LoginMethod { return &p.LoginMethods[0] }

// Scopes are those of the preferred login method.
func (p *Platform) Scopes() []platforms.Scope { return p.preferred().Scopes }

// Capabilities are what the preferred login method's scopes make possible.
func (p *Platform) Capabilities() []platforms.Capability { return p.preferred().Capabilities() }

// TokenLifetimes are those of the preferred login method.
func (p *Platform) TokenLifetimes() TokenLifetimes { return p.preferred().TokenLifetimes() }

// Refreshable reports whether access by the preferred login method can be
// renewed without the person.
func (p *Platform) Refreshable() bool { return p.preferred().Refreshable() }

// Capabilities are what the scopes make possible, each once.
func (m *LoginMethod) Capabilities() []platforms.Capability { return capabilities(m.Login) }

func capabilities(l *platforms.Login) []platforms.Capability {
	var all []platforms.Capability
	for _, s := range l.Scopes {
		if !slices.Contains(all, s.Capability) {
			all = append(all, s.Capability)
		}
	}
	return all
}

// TokenLifetimes are the documented lifetimes of a login method's tokens, in
// seconds; nil where they have no end or it is not known.
type TokenLifetimes struct {
	AccessTokenSeconds, RefreshTokenSeconds *int
	Note                                    *string // what else is to be known
}

// TokenLifetimes are what the platform documents.
func (m *LoginMethod) TokenLifetimes() TokenLifetimes {
	t := TokenLifetimes{Note: optional[string](m.LifetimeNote)}
	if s := int(m.AccessLifetime.Seconds()); s > 0 {
		t.AccessTokenSeconds = &s
	}
	if s := int(m.RefreshLifetime.Seconds()); s > 0 {
		t.RefreshTokenSeconds = &s
	}
	return t
}

// Refreshable reports whether access can be renewed without the person.
func (m *LoginMethod) Refreshable() bool { return m.Refresh.Kind != platforms.RefreshNone }

// RefreshPolicy says how access is renewed without the person.
type RefreshPolicy struct {
	Kind          platforms.RefreshKind
	Rotates       bool // each refresh token works once
	MinAgeSeconds int  // how old a token must be before it is renewed
}

// RefreshPolicy is the platform's.
func (m *LoginMethod) RefreshPolicy() RefreshPolicy {
	r := m.Refresh
	return RefreshPolicy{Kind: r.Kind, Rotates: r.Rotates, MinAgeSeconds: int(r.MinAge.Seconds())}
}

// RedirectRules say which redirect URIs a platform's console takes.
type RedirectRules struct {
	HTTPHosts    []string // for which http does
	QueryAllowed bool
	Note         *string
}

// RedirectRules are the platform's.
func (m *LoginMethod) RedirectRules() RedirectRules {
	r := m.Redirects
	return RedirectRules{HTTPHosts: r.HTTPHosts, QueryAllowed: !r.NoQuery, Note: optional[string](r.Note)}
}

// APIVersionState says whether a release of a platform's API can stay.
type APIVersionState string

// The states of a release.
const (
	VersionCurrent APIVersionState = "CURRENT"
	VersionEnding  APIVersionState = "ENDING" // within platforms.ReleaseNotice
	VersionEnded   APIVersionState = "ENDED"
	VersionUnknown APIVersionState = "UNKNOWN" // to the catalogue
)

// APIVersion is a release of a platform's API, as a moment finds it.
type APIVersion struct {
	Name   string
	EndsAt *time.Time // nil: not announced, or not known
	Latest string     // the newest release known
	State  APIVersionState
}

// APIVersion is the release that is asked for; nil where the platform does not
// date its releases.
func (m *LoginMethod) APIVersion() *APIVersion {
	name := cmp.Or(m.version, m.Version)
	if name == "" {
		return nil
	}
	v := apiVersion(name, m.Login, present())
	return &v
}

// apiVersion says what a login method's catalogue knows of a release.
func apiVersion(name string, l *platforms.Login, now time.Time) APIVersion {
	v := APIVersion{Name: name, Latest: name, State: VersionUnknown}
	if n := len(l.Versions); n > 0 {
		v.Latest = l.Versions[n-1].Name
	}
	release, ok := l.Release(name, now)
	if !ok {
		return v
	}
	v.Latest, v.State = max(v.Latest, name), VersionCurrent
	if !release.Ends.IsZero() {
		v.EndsAt = &release.Ends
		v.State = stateBefore(release.Ends, now)
	}
	return v
}

func stateBefore(end, now time.Time) APIVersionState {
	switch left := end.Sub(now); {
	case left < 0:
		return VersionEnded
	case left < platforms.ReleaseNotice:
		return VersionEnding
	}
	return VersionCurrent
}

// login finds a login method by id; "" is the first ready one, or the first.
func (p *Platform) login(id string) *LoginMethod {
	if id == "" {
		if i := slices.IndexFunc(p.LoginMethods, func(m LoginMethod) bool { return m.Ready }); i >= 0 {
			return &p.LoginMethods[i]
		}
		return &p.LoginMethods[0]
	}
	for i := range p.LoginMethods {
		if p.LoginMethods[i].ID == id {
			return &p.LoginMethods[i]
		}
	}
	return nil
}

// install builds the platforms of the catalogue with the operator's apps. An
// app without a client id only says where its callback is. name is what people
// know the installation by.
func install(apps []*app, setup platforms.Setup, name string) []*Platform {
	var installed []*Platform
	for _, p := range platforms.All() {
		offered := &Platform{Platform: p, ReconnectInstructions: p.ReconnectInstructions.In(name), product: name}
		for _, l := range p.Logins {
			m := LoginMethod{Login: l}
			for _, a := range apps {
				if a.Platform == p && a.Login.ID == l.ID {
					m.RedirectURI, m.version = a.RedirectURI, a.Version
					m.flaws = failed(setup.Checks(a.App, present()))
					m.Ready = len(m.flaws) == 0
					if a.ClientID != "" {
						m.app = a
						offered.Sandboxed = offered.Sandboxed || a.Sandbox
					}
				}
			}
			offered.LoginMethods = append(offered.LoginMethods, m)
		}
		installed = append(installed, offered)
	}
	return installed
}

// failed are the checks that failed. None of what is configured fails with time
// alone, so they are known at start.
func failed(checks []platforms.Check) []platforms.Check {
	return slices.DeleteFunc(checks, func(c platforms.Check) bool { return c.Status != platforms.Fail })
}
