package sandbox

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
)

// App is Mooring's app at a server, as the control API shows it.
type App struct {
	Server       string            `json:"server"`
	Platforms    []string          `json:"platforms"` // that the server serves
	ClientID     string            `json:"clientId"`
	RedirectURIs []string          `json:"redirectUris"`
	Suspended    bool              `json:"suspended"`
	RequireProof bool              `json:"requireProof"`
	Webhooks     map[string]string `json:"webhooks"` // addresses, by event
}

// appChange is what is done to an app in the platform's console. What is nil
// stays as it is.
type appChange struct {
	Suspended    *bool             `json:"suspended"`
	Secret       *string           `json:"secret"`
	RequireProof *bool             `json:"requireProof"`
	RedirectURIs []string          `json:"redirectUris"` // further ones
	Webhooks     map[string]string `json:"webhooks"`     // addresses in the place of all earlier ones, by event
}

// check returns what is wrong with the change at a server.
func (c appChange) check(d *dialect) error {
	if c.Suspended == nil && c.Secret == nil && c.RequireProof == nil && c.RedirectURIs == nil && c.Webhooks == nil {
		return errors.New("nothing changes; say suspended, secret, requireProof, redirectUris or webhooks")
	}
	if c.Secret != nil && *c.Secret == "" {
		return errors.New("secret is empty")
	}
	if c.RequireProof != nil && !d.proves {
		return fmt.Errorf("%s knows no proof of the app's secret", d.platform.DisplayName)
	}
	for _, redirect := range c.RedirectURIs {
		u, err := url.Parse(redirect)
		if err != nil || !u.IsAbs() || u.Fragment != "" {
			return fmt.Errorf("redirect URI %q is no address without a fragment, such as http://localhost:3000/callback", redirect)
		}
		if d.registrable != nil && !d.registrable(u) {
			return fmt.Errorf("redirect URI %q is not one that %s takes", redirect, d.platform.DisplayName)
		}
	}
	return d.checkWebhooks(c.Webhooks)
}

// changeApp applies a change that was checked. The caller holds s.mu.
func (s *Sandbox) changeApp(d *dialect, c appChange) {
	a := s.state.app(d)
	if c.Suspended != nil {
		a.Suspended = *c.Suspended
	}
	if c.Secret != nil {
		a.Secret = *c.Secret
	}
	if c.RequireProof != nil {
		a.RequireProof = *c.RequireProof
	}
	if c.Webhooks != nil {
		a.Webhooks = c.Webhooks
	}
	s.state.Apps[d.name] = &a
	s.addRedirects(d, c.RedirectURIs)
}

// addRedirects enters redirect URIs. The caller holds s.mu.
func (s *Sandbox) addRedirects(d *dialect, redirects []string) {
	id, _ := d.credentials()
	for _, redirect := range redirects {
		if !slices.Contains(s.redirects[id], redirect) {
			s.redirects[id] = append(s.redirects[id], redirect)
		}
	}
}

// credentials are the app's, as they are by now. The caller holds s.mu.
func (s *Sandbox) credentials(d *dialect) (id, secret string) {
	id, secret = d.credentials()
	if a := s.state.app(d); a.Secret != "" {
		secret = a.Secret
	}
	return id, secret
}

// authenticate checks the client's credentials in r.
func (s *Sandbox) authenticate(d *dialect, r *http.Request) (refusal, bool) {
	s.mu.Lock()
	id, secret := s.credentials(d)
	s.mu.Unlock()
	return d.authenticate(r, id, secret)
}

// suspended is the server's answer while it has suspended the app.
func (d *dialect) suspended(endpoint string) reply {
	_, isResource := d.resources[endpoint]
	isResource = isResource || endpoint == "api"
	switch {
	case endpoint == "authorize":
		return d.errorPage.reply(d, "The app is suspended.")
	case isResource && d.barred.status != 0:
		return d.barred
	case isResource:
		return d.dead(unknownToken)
	}
	return d.refuse(suspendedApp, badClient)
}

func (s *Sandbox) listApps(w http.ResponseWriter, r *http.Request) {
	if !filtered(w, r) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []App{}
	for _, d := range s.dialects {
		list = append(list, s.shownApp(d))
	}
	show(w, http.StatusOK, list)
}

// shownApp is the app as the control API shows it. The caller holds s.mu.
func (s *Sandbox) shownApp(d *dialect) App {
	id, _ := d.credentials()
	a := s.state.app(d)
	return App{
		Server:       d.name,
		Platforms:    d.platformIDs(),
		ClientID:     id,
		RedirectURIs: append([]string{}, s.redirects[id]...),
		Suspended:    a.Suspended,
		RequireProof: a.RequireProof,
		Webhooks:     a.Webhooks,
	}
}

// setApp changes the app of each server that a platform has.
func (s *Sandbox) setApp(w http.ResponseWriter, r *http.Request) {
	var c appChange
	if !read(w, r, &c) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	name := r.PathValue("platform")
	if err := s.changeApps(name, c); err != nil {
		complain(w, http.StatusBadRequest, err)
		return
	}
	if err := s.save(); err != nil {
		complain(w, http.StatusInternalServerError, err)
		return
	}
	list := []App{}
	for _, d := range s.dialects {
		if d.means(name) {
			list = append(list, s.shownApp(d))
		}
	}
	show(w, http.StatusOK, list)
}

// changeApps applies a change at all servers that a name means, or at none. The
// caller holds s.mu.
func (s *Sandbox) changeApps(name string, c appChange) error {
	if err := s.checkPlatform(name); err != nil {
		return err
	}
	for _, d := range s.dialects {
		if d.means(name) {
			if err := c.check(d); err != nil {
				return err
			}
		}
	}
	for _, d := range s.dialects {
		if d.means(name) {
			s.changeApp(d, c)
		}
	}
	return nil
}
