package sandbox

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Grant is a consent as the control API shows it.
type Grant struct {
	ID                 string    `json:"id"`
	Server             string    `json:"server"`
	Platforms          []string  `json:"platforms"` // that the server serves
	Persona            string    `json:"persona"`
	Name               string    `json:"name"`    // the persona's
	Subject            string    `json:"subject"` // the platform's id of the person
	Scopes             []string  `json:"scopes"`
	CreatedAt          time.Time `json:"createdAt"`
	LifetimeSeconds    int       `json:"lifetimeSeconds"` // of each access token
	AccessTokenEndsAt  time.Time `json:"accessTokenEndsAt"`
	HasRefreshToken    bool      `json:"hasRefreshToken"`
	RefreshTokenEndsAt time.Time `json:"refreshTokenEndsAt,omitzero"`
	Refreshes          int       `json:"refreshes"`
	RefreshedAt        time.Time `json:"refreshedAt,omitzero"`
	Revoked            bool      `json:"revoked"`
	PasswordChanged    bool      `json:"passwordChanged"`
	RevokesAt          time.Time `json:"revokesAt,omitzero"`
	DataAccessEndsAt   time.Time `json:"dataAccessEndsAt,omitzero"` // of Instagram's data, at Facebook
	Delivered          []string  `json:"delivered,omitempty"`       // what became of the webhooks just sent
}

// shown is the grant as the control API shows it. The caller holds s.mu.
func (s *Sandbox) shown(g *grant) Grant {
	d := s.server(g.Server)
	who, _ := d.person(g.Persona)
	out := Grant{
		ID:                g.ID,
		Server:            g.Server,
		Platforms:         d.platformIDs(),
		Persona:           g.Persona,
		Name:              who.Name,
		Subject:           g.Subject,
		Scopes:            g.Scopes,
		CreatedAt:         g.Since,
		LifetimeSeconds:   g.Lifetime,
		AccessTokenEndsAt: s.state.accessEnds(g),
		Refreshes:         g.Refreshes,
		RefreshedAt:       g.RefreshedAt,
		Revoked:           g.Revoked,
		PasswordChanged:   g.PasswordChanged,
		RevokesAt:         g.RevokesAt,
		DataAccessEndsAt:  g.DataEnds,
	}
	for t := range s.state.tokens(g, refreshToken) {
		if !t.Spent {
			out.HasRefreshToken, out.RefreshTokenEndsAt = true, t.Ends
		}
	}
	return out
}

func (s *Sandbox) listGrants(w http.ResponseWriter, r *http.Request) {
	if !filtered(w, r, "platform", "persona", "subject") {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.settle(time.Now())
	filters := r.URL.Query()
	fits := func(name, value string) bool { return filters.Get(name) == "" || filters.Get(name) == value }
	list := []Grant{}
	for _, g := range s.state.list() {
		if s.server(g.Server).means(filters.Get("platform")) && fits("persona", g.Persona) && fits("subject", g.Subject) {
			list = append(list, s.shown(g))
		}
	}
	show(w, http.StatusOK, list)
}

// change is something that happens to a grant behind Mooring's back.
type change interface {
	// apply makes it happen, or says why it cannot. The caller holds s.mu.
	apply(s *Sandbox, g *grant, now time.Time) error
}

// changes are the actions of the control API.
var changes = map[string]func() change{
	"age":             func() change { return new(ageing) },
	"end-data-access": func() change { return new(dataEnd) },
	"expire-refresh":  func() change { return new(refreshEnd) },
	"password":        func() change { return new(passwordChange) },
	"revoke":          func() change { return new(revocation) },
	"shrink":          func() change { return new(shrinkage) },
}

func (s *Sandbox) changeGrant(w http.ResponseWriter, r *http.Request) {
	action, ok := changes[r.PathValue("action")]
	if !ok {
		complain(w, http.StatusNotFound, fmt.Errorf("there is no action %q; there are %s", r.PathValue("action"), names(maps.Keys(changes))))
		return
	}
	c := action()
	if !read(w, r, c) {
		return
	}
	s.mu.Lock()
	now := time.Now()
	s.state.settle(now)
	g := s.state.Grants[r.PathValue("id")]
	status, err := http.StatusNotFound, fmt.Errorf("there is no grant %q", r.PathValue("id"))
	if g != nil {
		status, err = http.StatusBadRequest, c.apply(s, g, now)
	}
	if err == nil {
		status, err = http.StatusInternalServerError, s.save()
	}
	if err != nil {
		s.mu.Unlock()
		complain(w, status, err)
		return
	}
	after := s.shown(g)
	var requests []*http.Request
	if c, revokes := c.(*revocation); revokes && g.Revoked {
		requests, err = s.outgoing(g, c.DeleteData, now)
	}
	s.mu.Unlock()
	if err != nil {
		complain(w, http.StatusInternalServerError, err)
		return
	}
	after.Delivered = deliver(requests)
	if _, aged := c.(*ageing); aged && s.options.OnAge != nil {
		for _, platformID := range after.Platforms {
			s.options.OnAge(platformID, after.Subject, after.AccessTokenEndsAt)
		}
	}
	show(w, http.StatusOK, after)
}

// ageing makes access tokens older, or younger, so that they end when it says.
// The consent gets as much older: what befalls a person some time after it has
// befallen them then.
type ageing struct {
	ExpiresInSeconds *int `json:"expiresInSeconds"`
}

func (a *ageing) apply(s *Sandbox, g *grant, now time.Time) error {
	if a.ExpiresInSeconds == nil {
		return errors.New("expiresInSeconds is missing")
	}
	ends := now.Add(time.Duration(*a.ExpiresInSeconds) * time.Second)
	var passed time.Duration
	for t := range s.state.tokens(g, accessToken) {
		if !t.Ends.IsZero() {
			passed = max(passed, t.Ends.Sub(ends))
			t.Since = t.Since.Add(ends.Sub(t.Ends))
		}
		t.Ends = ends
	}
	g.Since = g.Since.Add(-passed)
	if !g.DataEnds.IsZero() {
		g.DataEnds = g.DataEnds.Add(-passed)
	}
	return nil
}

// refreshEnd lets the refresh token end.
type refreshEnd struct{}

func (*refreshEnd) apply(s *Sandbox, g *grant, now time.Time) error {
	has := false
	for t := range s.state.tokens(g, refreshToken) {
		has = has || !t.Spent
		t.Ends = now
	}
	if !has {
		return errors.New("the grant has no refresh token; age lets its access token end")
	}
	return nil
}

// dataEnd ends the access to data that are not exempt.
type dataEnd struct{}

func (*dataEnd) apply(s *Sandbox, g *grant, now time.Time) error {
	if d := s.server(g.Server); d.dataAccess == 0 {
		return fmt.Errorf("%s ends no access to data before the grant", d.platform.DisplayName)
	}
	g.DataEnds = now
	return nil
}

// passwordChange ends what the person granted here, as the platform does then.
type passwordChange struct{}

func (*passwordChange) apply(s *Sandbox, g *grant, _ time.Time) error {
	if d := s.server(g.Server); d.outlivesPassword {
		return fmt.Errorf("grants of %s outlive a change of the password", d.platform.DisplayName)
	}
	for _, other := range s.state.Grants {
		if other.Server == g.Server && other.Subject == g.Subject && !other.Revoked {
			other.Revoked, other.PasswordChanged = true, true
		}
	}
	return nil
}

// revocation takes the grant away, now unless it says when.
type revocation struct {
	At        *time.Time `json:"at"`
	InSeconds *int       `json:"inSeconds"`
	// DeleteData is set where the person wants their data deleted, too.
	DeleteData bool `json:"deleteData"`
}

func (c *revocation) apply(s *Sandbox, g *grant, now time.Time) error {
	when := now
	switch {
	case c.At != nil && c.InSeconds != nil:
		return errors.New("at and inSeconds exclude each other")
	case c.At != nil:
		when = *c.At
	case c.InSeconds != nil:
		when = now.Add(time.Duration(*c.InSeconds) * time.Second)
	}
	g.RevokesAt = when
	s.state.settle(now)
	return nil
}

// shrinkage takes scopes away and lets the tokens live.
type shrinkage struct {
	Scopes []string `json:"scopes"` // the ones left
}

func (c *shrinkage) apply(_ *Sandbox, g *grant, _ time.Time) error {
	if len(c.Scopes) == 0 {
		return errors.New("scopes says none that is left; revoke the grant instead")
	}
	for _, scope := range c.Scopes {
		if !slices.Contains(g.Scopes, scope) {
			return fmt.Errorf("scope %q was not granted; there are %s", scope, strings.Join(g.Scopes, ", "))
		}
	}
	g.Scopes = c.Scopes
	return nil
}
