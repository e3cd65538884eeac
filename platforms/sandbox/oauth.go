package sandbox

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// request is an authorization request that the platform accepts.
type request struct {
	redirect, state, challenge string
	scopes                     []string
}

// readRequest checks an authorization request, RFC 6749 §4.1.1. The reply is
// the platform's to one that it does not accept.
func (s *Sandbox) readRequest(d *dialect, q url.Values) (request, *reply) {
	broken := func(why string) (request, *reply) {
		page := d.errorPage.reply(d, why)
		return request{}, &page
	}
	id, _ := d.credentials()
	req := request{
		redirect:  q.Get("redirect_uri"),
		state:     q.Get("state"),
		challenge: q.Get("code_challenge"),
		scopes:    strings.Split(q.Get("scope"), d.login().ScopeSeparator),
	}
	switch {
	case q.Get("client_id") != id:
		return broken(fmt.Sprintf("client_id %q is not registered here; the app's id is %q.", q.Get("client_id"), id))
	case !s.registered(id, req.redirect):
		return broken(fmt.Sprintf("redirect_uri %q is not among the app's callback URLs.", req.redirect))
	case q.Get("response_type") != "code":
		return broken("response_type must be code.")
	case req.state == "":
		return broken("state is missing.")
	case d.challenge && (req.challenge == "" || q.Get("code_challenge_method") != "S256"):
		return broken("code_challenge with code_challenge_method=S256 is missing.")
	}
	for _, scope := range req.scopes {
		if d.knows(scope) {
			continue
		}
		if d.strangeScope == "" {
			return broken(fmt.Sprintf("scope %q does not exist.", scope))
		}
		back := redirect(req.redirect, url.Values{
			"error":             {d.strangeScope},
			"error_description": {fmt.Sprintf("Scope &quot;%s&quot; is not authorized for your application", scope)},
			"state":             {req.state},
		})
		return request{}, &back
	}
	return req, nil
}

func (s *Sandbox) registered(client, redirect string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Contains(s.redirects[client], redirect)
}

// decide ends an authorization request as the person, or the automatic
// consent, wants it.
func (s *Sandbox) decide(d *dialect, req request, c consent) reply {
	if denial, ok := d.denials[c.Decision]; ok {
		return redirect(req.redirect, url.Values{
			"error":             {denial},
			"error_description": {"The user cancelled"},
			"state":             {req.state},
		})
	}
	client, _ := d.credentials()
	who, _ := d.person(c.Persona)
	lifetime := c.Lifetime
	if lifetime == 0 {
		lifetime = int(d.login().AccessLifetime.Seconds())
	}
	text := random(64)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.Codes[hash(text)] = &code{
		Client:    client,
		Redirect:  req.redirect,
		Challenge: req.challenge,
		Persona:   who.ID,
		Scopes:    req.scopes,
		Lifetime:  lifetime,
		Refresh:   c.refreshes(d, req.scopes),
		Ends:      time.Now().Add(d.codeLife),
	}
	if err := s.save(); err != nil {
		return ourFault(err)
	}
	return redirect(req.redirect, url.Values{"code": {text}, "state": {req.state}})
}

// token is the token endpoint, RFC 6749 §4.1.3 and §6.
func (s *Sandbox) token(d *dialect, r *http.Request) reply {
	client, secret := d.credentials()
	if why, refused := d.authenticate(r, client, secret); refused {
		return d.refusals[why]
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch r.PostForm.Get("grant_type") {
	case "":
		return d.lacking("grant_type")
	case "authorization_code":
		return s.redeem(d, r.PostForm)
	case "refresh_token":
		return s.renew(d, r.PostForm)
	}
	return d.refusals[strangeGrantType]
}

// redeem trades a code for tokens. The caller holds s.mu.
func (s *Sandbox) redeem(d *dialect, form url.Values) reply {
	for _, name := range d.codeForm {
		if form.Get(name) == "" {
			return d.lacking(name)
		}
	}
	now := time.Now()
	c := s.state.Codes[hash(form.Get("code"))]
	client, _ := d.credentials()
	switch {
	case c == nil, c.Client != client:
		return d.refusals[unknownCode]
	case c.Spent, !now.Before(c.Ends):
		return d.refusals[deadCode]
	case c.Redirect != form.Get("redirect_uri"):
		return d.refusals[wrongRedirect]
	case d.challenge && c.Challenge != challengeOf(form.Get("code_verifier")):
		return d.refusals[wrongVerifier]
	}
	c.Spent = true
	who, _ := d.person(c.Persona)
	g := &grant{
		ID:       "grant_" + random(12),
		Platform: d.platform.ID,
		Client:   client,
		Persona:  who.ID,
		Subject:  who.Subject,
		Scopes:   c.Scopes,
		Lifetime: c.Lifetime,
		Since:    now,
	}
	if d.oneScopeSet {
		s.endOtherScopeSets(g)
	}
	s.state.Grants[g.ID] = g
	var refresh string
	if c.Refresh {
		refresh = d.mintRefresh()
		var ends time.Time
		if d.refreshLife > 0 {
			ends = now.Add(d.refreshLife)
		}
		s.state.add(g, refreshToken, refresh, now, ends)
	}
	return s.issue(d, g, refresh, false)
}

// challengeOf is RFC 7636 §4.2's S256.
func challengeOf(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func (s *Sandbox) endOtherScopeSets(g *grant) {
	set := func(g *grant) []string { return slices.Sorted(slices.Values(g.Scopes)) }
	for _, other := range s.state.Grants {
		if other.Client == g.Client && other.Subject == g.Subject && !slices.Equal(set(other), set(g)) {
			other.Revoked = true
		}
	}
}

// renew trades a refresh token for new tokens. The caller holds s.mu.
func (s *Sandbox) renew(d *dialect, form url.Values) reply {
	refresh := form.Get("refresh_token")
	if refresh == "" {
		return d.lacking("refresh_token")
	}
	now := time.Now()
	t, g := s.state.find(refreshToken, refresh)
	switch {
	case t == nil, g.Platform != d.platform.ID, g.Revoked, t.ended(now):
		return d.refusals[deadRefresh]
	case t.Spent: // somebody else has the token, too
		g.Revoked = true
		if err := s.save(); err != nil {
			return ourFault(err)
		}
		return d.refusals[deadRefresh]
	}
	if d.rotates {
		t.Spent = true
		refresh = d.mintRefresh()
		s.state.add(g, refreshToken, refresh, now, t.Ends)
	}
	return s.issue(d, g, refresh, true)
}

// issue mints an access token and answers with it. The caller holds s.mu.
func (s *Sandbox) issue(d *dialect, g *grant, refresh string, renewed bool) reply {
	now := time.Now()
	access := d.mintAccess()
	s.state.add(g, accessToken, access, now, now.Add(time.Duration(g.Lifetime)*time.Second))
	if err := s.save(); err != nil {
		return ourFault(err)
	}
	i := issue{
		access:    access,
		refresh:   refresh,
		expiresIn: g.Lifetime,
		scopes:    g.Scopes,
		client:    g.Client,
		subject:   g.Subject,
		renewed:   renewed,
		now:       now,
	}
	if t, _ := s.state.find(refreshToken, refresh); t != nil && !t.Ends.IsZero() {
		i.refreshExpiresIn = int(t.Ends.Sub(now).Seconds())
	}
	return jsonReply(http.StatusOK, d.contentType, d.issued(i)).with("Cache-Control", "no-store")
}

// revoke is X's revocation endpoint, RFC 7009: it ends the token named, and
// with a refresh token the whole grant.
func (s *Sandbox) revoke(d *dialect, r *http.Request) reply {
	client, secret := d.credentials()
	if why, refused := d.authenticate(r, client, secret); refused {
		return d.refusals[why]
	}
	text := r.PostForm.Get("token")
	if text == "" {
		return d.lacking("token")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if t, g := s.state.find(accessToken, text); t != nil && !g.Revoked && !t.ended(now) {
		t.Ends = now
	} else if t, g := s.state.find(refreshToken, text); t != nil && !g.Revoked && !t.Spent {
		g.Revoked = true
	} else {
		return d.refusals[deadRefresh]
	}
	if err := s.save(); err != nil {
		return ourFault(err)
	}
	return jsonReply(http.StatusOK, d.contentType, object{"revoked": true})
}

// introspect is LinkedIn's introspection endpoint, in the manner of RFC 7662.
func (s *Sandbox) introspect(d *dialect, r *http.Request) reply {
	client, secret := d.credentials()
	if why, refused := d.authenticate(r, client, secret); refused {
		return d.refusals[why]
	}
	text := r.PostForm.Get("token")
	if text == "" {
		return d.lacking("token")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t, g := s.state.find(accessToken, text)
	if t == nil || g.Platform != d.platform.ID {
		return jsonReply(http.StatusOK, d.contentType, object{"active": false})
	}
	status := "active"
	switch {
	case g.Revoked:
		status = "revoked"
	case t.ended(time.Now()):
		status = "expired"
	}
	return jsonReply(http.StatusOK, d.contentType, object{
		"active":        status == "active",
		"client_id":     g.Client,
		"authorized_at": g.Since.Unix(),
		"created_at":    t.Since.Unix(),
		"status":        status,
		"expires_at":    t.Ends.Unix(),
		"scope":         strings.Join(g.Scopes, ","),
		"auth_type":     "3L",
	})
}

// resource answers a call of the API.
func (s *Sandbox) resource(res resource) handler {
	return func(d *dialect, r *http.Request) reply {
		g, why, ok := s.bearer(d, r)
		if !ok {
			return d.dead(why)
		}
		if res.precondition != nil {
			if refused, ok := res.precondition(r); !ok {
				return refused
			}
		}
		if !res.permits(g.Scopes) {
			return res.refused
		}
		who, _ := d.person(g.Persona)
		return res.answer(r, d, s.options.PublicURL, who)
	}
}

// bearer returns the grant behind a request's access token, RFC 6750 §2.1.
func (s *Sandbox) bearer(d *dialect, r *http.Request) (grant, deadness, bool) {
	text, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok || text == "" {
		return grant{}, noToken, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t, g := s.state.find(accessToken, text)
	switch {
	case t == nil, g.Platform != d.platform.ID:
		return grant{}, unknownToken, false
	case g.Revoked:
		return grant{}, revokedToken, false
	case t.ended(time.Now()):
		return grant{}, expiredToken, false
	}
	return *g, 0, true
}

func unknownResource(d *dialect, _ *http.Request) reply { return d.unknown }

// ourFault is the answer when the state could not be written.
func ourFault(err error) reply {
	return jsonReply(http.StatusInternalServerError, "application/json", object{
		"error": "server_error", "error_description": err.Error(),
	})
}
