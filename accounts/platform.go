package accounts

import (
	"slices"

	"mooring/platforms"
)

// Platform is an entry of the catalogue as this installation offers it: with
// the apps that the operator registered there.
type Platform struct {
	*platforms.Platform
	Sandboxed    bool // the built-in sandbox plays it
	LoginMethods []LoginMethod
}

// LoginMethod is one way to sign in at a platform.
type LoginMethod struct {
	ID           string
	Ready        bool // its credentials are configured
	Requirements []string
	RedirectURI  string // to be registered at the platform

	app *app // nil unless ready
}

// app is a registered client together with its row.
type app struct {
	*platforms.App
	id string
}

// TokenLifetimes are the documented lifetimes of a platform's tokens, in
// seconds; nil where they have no end or it is not known.
type TokenLifetimes struct{ AccessTokenSeconds, RefreshTokenSeconds *int }

// Scopes are those of the preferred login method.
func (p *Platform) Scopes() []platforms.Scope { return p.Logins[0].Scopes }

// Capabilities are what the scopes make possible, each once.
func (p *Platform) Capabilities() []platforms.Capability { return capabilities(p.Logins[0]) }

func capabilities(l *platforms.Login) []platforms.Capability {
	var all []platforms.Capability
	for _, s := range l.Scopes {
		if !slices.Contains(all, s.Capability) {
			all = append(all, s.Capability)
		}
	}
	return all
}

// TokenLifetimes are what the platform documents for the preferred login
// method.
func (p *Platform) TokenLifetimes() TokenLifetimes {
	var t TokenLifetimes
	if s := int(p.Logins[0].AccessLifetime.Seconds()); s > 0 {
		t.AccessTokenSeconds = &s
	}
	if s := int(p.Logins[0].RefreshLifetime.Seconds()); s > 0 {
		t.RefreshTokenSeconds = &s
	}
	return t
}

// Refreshable reports whether access can be renewed without the person.
func (p *Platform) Refreshable() bool {
	return p.Logins[0].Refresh.Kind != platforms.RefreshNone
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
// app without a client id only says where its callback is.
func install(apps []*app) []*Platform {
	var installed []*Platform
	for _, p := range platforms.All() {
		offered := &Platform{Platform: p}
		for _, l := range p.Logins {
			m := LoginMethod{ID: l.ID, Requirements: l.Requirements}
			for _, a := range apps {
				if a.Platform == p && a.Login.ID == l.ID {
					m.RedirectURI = a.RedirectURI
					if a.ClientID != "" {
						m.Ready, m.app = true, a
						offered.Sandboxed = offered.Sandboxed || a.Sandbox
					}
				}
			}
			if m.Requirements == nil {
				m.Requirements = []string{}
			}
			offered.LoginMethods = append(offered.LoginMethods, m)
		}
		installed = append(installed, offered)
	}
	return installed
}
