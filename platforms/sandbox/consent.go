package sandbox

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"path"
	"slices"
	"strconv"
	"time"

	"mooring/platforms"
)

// decision is what a person presses on the consent page.
type decision string

const (
	approve     decision = "approve"
	deny        decision = "deny"
	cancelLogin decision = "cancel_login"
)

// consent is what the consent page's form says. See the package comment for
// its defaults.
type consent struct {
	Platform string   `json:"platform"` // of an automatic consent, or its server; empty: any
	Decision decision `json:"decision"`
	Persona  string   `json:"persona"`
	Lifetime int      `json:"lifetime"`
	Refresh  string   `json:"refresh"`
	// Scopes are the ones left ticked; nil: all that were asked for.
	Scopes []string `json:"scopes"`
	// Assets are the ids of the Pages and accounts left ticked; nil: all.
	Assets []string `json:"assets"`
}

// maxLifetime is ten years, in seconds.
const maxLifetime = 10 * 365 * 24 * 60 * 60

// check returns what is wrong with the consent at a platform.
func (c consent) check(d *dialect) error {
	_, denial := d.denials[c.Decision]
	_, known := d.person(c.Persona)
	switch {
	case c.Decision != approve && !denial:
		return fmt.Errorf("decision %q is not one of %s's", c.Decision, d.platform.DisplayName)
	case !known:
		return fmt.Errorf("persona %q does not live at %s", c.Persona, d.platform.DisplayName)
	case c.Lifetime < 0 || c.Lifetime > maxLifetime:
		return fmt.Errorf("the lifetime must be between 1 and %d seconds", maxLifetime)
	case c.Refresh == inTesting && d.testingLife == 0:
		return fmt.Errorf("%s has no apps in testing", d.platform.DisplayName)
	case !slices.Contains([]string{"", "yes", "no", inTesting}, c.Refresh):
		return errors.New("refresh must be yes, no or testing")
	case c.Refresh != "" && d.mintRefresh == nil:
		return fmt.Errorf("%s issues no refresh tokens", d.platform.DisplayName)
	case c.Scopes != nil && !d.partial:
		return fmt.Errorf("%s grants all scopes or none", d.platform.DisplayName)
	case c.Scopes != nil && len(c.Scopes)+len(d.fixed) == 0:
		return errors.New("no scope is left: deny the access instead")
	}
	return nil
}

// granted are those of the requested scopes that the person left ticked.
func (c consent) granted(d *dialect, requested []string) []string {
	if c.Scopes == nil {
		return requested
	}
	unticked := func(scope string) bool {
		return !slices.Contains(c.Scopes, scope) && !slices.Contains(d.fixed, scope)
	}
	return slices.DeleteFunc(slices.Clone(requested), unticked)
}

// demonstration is the lifetime below which no refresh token is issued unless
// asked for, in seconds: such an account is wanted to expire.
const demonstration = 60

// inTesting is the value of consent.Refresh for an app that the platform has in
// testing: its refresh tokens end soon.
const inTesting = "testing"

func (c consent) refreshes(d *dialect, scopes []string) bool {
	able := d.mintRefresh != nil && (d.refreshScope == "" || slices.Contains(scopes, d.refreshScope))
	switch c.Refresh {
	case "yes", inTesting:
		return able
	case "no":
		return false
	}
	shown := c.Lifetime > 0 && c.Lifetime < demonstration
	return able && d.refreshes && !shown
}

// automatic returns the consent that answers a platform's pages by itself.
func (s *Sandbox) automatic(d *dialect) (consent, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range append([]string{d.name}, append(d.platformIDs(), "")...) {
		if c, ok := s.consents[name]; ok {
			return c, true
		}
	}
	return consent{}, false
}

// askConsent shows the consent page.
func (s *Sandbox) askConsent(d *dialect, r *http.Request) reply {
	req, refused := s.readRequest(d, r.URL.Query())
	if refused != nil {
		return *refused
	}
	if c, ok := s.automatic(d); ok {
		return s.decide(d, req, c)
	}
	return consentReply(http.StatusOK, d, req, "")
}

// takeConsent reads the consent page's form.
func (s *Sandbox) takeConsent(d *dialect, r *http.Request) reply {
	req, refused := s.readRequest(d, r.URL.Query())
	if refused != nil {
		return *refused
	}
	c, err := readConsent(r)
	if err == nil {
		err = c.check(d)
	}
	if err != nil {
		return consentReply(http.StatusBadRequest, d, req, err.Error())
	}
	return s.decide(d, req, c)
}

func readConsent(r *http.Request) (consent, error) {
	c := consent{
		Decision: decision(r.PostForm.Get("decision")),
		Persona:  r.PostForm.Get("persona"),
		Refresh:  r.PostForm.Get("refresh"),
	}
	c.Scopes, c.Assets = ticked(r, "scope"), ticked(r, "asset")
	lifetime := r.PostForm.Get("lifetime")
	if lifetime == "custom" {
		lifetime = r.PostForm.Get("seconds")
	}
	if lifetime == "" {
		return c, nil
	}
	var err error
	if c.Lifetime, err = strconv.Atoi(lifetime); err != nil || c.Lifetime < 1 {
		return c, fmt.Errorf("%q is no lifetime in seconds", lifetime)
	}
	return c, nil
}

// ticked returns what is left ticked of a list on the page; nil if the form
// does not have the list at all.
func ticked(r *http.Request, name string) []string {
	return slices.DeleteFunc(r.PostForm[name], func(value string) bool { return value == "" })
}

//go:embed consent.html
var pageSource string

var pages = template.Must(template.New("").Funcs(template.FuncMap{"base": path.Base}).Parse(pageSource))

// page is what consent.html shows.
type page struct {
	Platform *platforms.Platform
	Nonce    string
	Error    string
	Broken   *errorPage // nil on the consent page, which has the rest

	Connects   string   // what the scopes are for
	People     []person // their Pages, if there are any, can be unticked
	Scopes     []platforms.Scope
	Lifetime   string
	Renewable  bool // there are refresh tokens
	Refreshes  bool // they are issued unless the page says otherwise
	Outlived   bool // accounts have tokens of their own, which go on
	TwoDenials bool
	Partial    bool            // scopes can be unticked
	Fixed      map[string]bool // except these
	Testing    string          // how long refresh tokens live in testing; empty: no such state
}

func consentReply(status int, d *dialect, req request, problem string) reply {
	_, twoDenials := d.denials[cancelLogin]
	fixed := make(map[string]bool)
	for _, scope := range d.fixed {
		fixed[scope] = true
	}
	var life string
	if d.testingLife > 0 {
		life = spell(d.testingLife)
	}
	return pageReply(status, page{
		Platform:   d.platform,
		Error:      problem,
		Connects:   d.connecting(req.scopes),
		People:     d.people,
		Scopes:     described(d, req.scopes),
		Lifetime:   spell(d.login().AccessLifetime),
		Renewable:  d.mintRefresh != nil,
		Refreshes:  d.refreshes,
		Outlived:   slices.ContainsFunc(d.people, func(p person) bool { return p.Pages != nil }),
		TwoDenials: twoDenials,
		Partial:    d.partial,
		Fixed:      fixed,
		Testing:    life,
	})
}

// described adds the catalogue's purposes to scopes.
func described(d *dialect, scopes []string) []platforms.Scope {
	list := make([]platforms.Scope, len(scopes))
	for i, name := range scopes {
		list[i], _ = d.describe(name)
	}
	return list
}

// spell says a lifetime as people do.
func spell(life time.Duration) string {
	const day = 24 * time.Hour
	if life >= day {
		return fmt.Sprintf("%d days", life/day)
	}
	if life == time.Hour {
		return "1 hour"
	}
	return fmt.Sprintf("%d hours", life/time.Hour)
}

// reply is a platform's own page for a request that it will not call back.
func (e errorPage) reply(d *dialect, why string) reply {
	return pageReply(http.StatusBadRequest, page{Platform: d.platform, Error: why, Broken: &e})
}

func pageReply(status int, p page) reply {
	p.Nonce = random(22)
	var body bytes.Buffer
	if err := pages.Execute(&body, p); err != nil {
		panic(fmt.Sprintf("render consent.html: %v", err)) // a test renders each kind of page
	}
	return reply{status, http.Header{
		"Content-Type": {"text/html; charset=utf-8"},
		// No form-action: it would also bind the redirects that follow the
		// form, and these lead to wherever Mooring sends the person back.
		"Content-Security-Policy": {"default-src 'none'; style-src 'nonce-" + p.Nonce + "'; base-uri 'none'; frame-ancestors 'none'"},
		"Cache-Control":           {"no-store"},
		"Referrer-Policy":         {"same-origin"},
	}, body.Bytes()}
}
