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
	whole                      bool // none of the scopes is granted without the others
	query                      url.Values
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
		query:     q,
	}
	if d.asked != nil {
		req.scopes, req.whole = d.asked(d, q)
	}
	switch {
	case q.Get(d.idParam()) != id:
		return broken(fmt.Sprintf("%s %q is not registered here; the app's id is %q.", d.idParam(), q.Get(d.idParam()), id))
	case !s.registered(d, req.redirect):
		return broken(fmt.Sprintf("redirect_uri %q is not among the app's callback URLs.", req.redirect))
	case q.Get("response_type") != "code":
		return broken("response_type must be code.")
	case req.state == "":
		return broken("state is missing.")
	case d.demandsChallenge(req) && (req.challenge == "" || q.Get("code_challenge_method") != "S256"):
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
		}, d.fragment)
		return request{}, &back
	}
	return req, nil
}

// registered reports whether a redirect URI is on the app's list. What the
// platform's console refuses never came to be on it.
func (s *Sandbox) registered(d *dialect, redirect string) bool {
	u, err := url.Parse(redirect)
	if err != nil || d.registrable != nil && !d.registrable(u) {
		return false
	}
	id, _ := d.credentials()
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Contains(s.redirects[id], redirect)
}

// demandsChallenge reports whether a request needs a challenge. One that is
// volunteered has to be sound as well.
func (d *dialect) demandsChallenge(req request) bool {
	return d.challengeFor(req.redirect) != nil && (!d.volunteered || req.challenge != "")
}

// challengeFor returns what makes a verifier the challenge that is demanded of
// a client with that redirect URI; nil if none is.
func (d *dialect) challengeFor(redirect string) func(verifier string) string {
	if d.challenge == nil {
		return nil
	}
	return d.challenge(redirect)
}

// decide ends an authorization request as the person, or the automatic
// consent, wants it.
func (s *Sandbox) decide(d *dialect, req request, c consent) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	who, _ := d.person(c.Persona)
	scopes, assets := c.granted(d, req.scopes), c.Assets
	if before := s.standing(d, who); before != nil && req.query.Get("auth_type") != "rerequest" {
		scopes, assets = without(scopes, before.Declined), before.Assets
	}
	if len(scopes) == 0 || req.whole && len(scopes) < len(req.scopes) {
		c.Decision = deny // nothing is left to approve
	}
	if denial, ok := d.denials[c.Decision]; ok {
		back := url.Values{"error": {denial}, "error_description": {"The user cancelled"}, "state": {req.state}}
		for name, value := range d.denied {
			back.Set(name, value)
		}
		return redirect(req.redirect, back, d.fragment)
	}
	if who.Barred != "" {
		return d.errorPage.reply(d, who.Barred)
	}
	client, _ := d.credentials()
	lifetime := c.Lifetime
	if lifetime == 0 {
		lifetime = int(d.login().AccessLifetime.Seconds())
	}
	text := random(64) + d.codeTail
	s.state.Codes[hash(text)] = &code{
		Client:    client,
		Redirect:  req.redirect,
		Challenge: req.challenge,
		Persona:   who.ID,
		Scopes:    scopes,
		Declined:  without(req.scopes, scopes),
		Assets:    assets,
		Lifetime:  lifetime,
		Refresh:   c.refreshes(d, scopes) && s.earned(d, req, who),
		Testing:   c.Refresh == inTesting,
		Reauth:    req.query.Get("auth_type") == "reauthorize",
		Ends:      time.Now().Add(d.codeLife),
	}
	if err := s.save(); err != nil {
		return ourFault(err)
	}
	back := url.Values{"code": {text + d.codeGlue}, "state": {req.state}}
	for name, value := range d.callback {
		back.Set(name, value)
	}
	if d.grantedTo != "" {
		back.Set(d.grantedTo, strings.Join(scopes, d.login().ScopeSeparator))
	}
	return redirect(req.redirect, back, d.fragment)
}

// without returns the elements of a list that are not in another.
func without(list, other []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(other, s) })
}

// standing returns the grant that a person's further consents change; nil if
// there is none, or each consent makes a grant of its own. The caller holds
// s.mu.
func (s *Sandbox) standing(d *dialect, who person) *grant {
	for _, g := range s.state.Grants {
		if d.standing && g.Server == d.name && g.Subject == who.Subject && !g.Revoked {
			return g
		}
	}
	return nil
}

// earned reports whether a request earns a refresh token. The caller holds s.mu.
func (s *Sandbox) earned(d *dialect, req request, who person) bool {
	if d.offline == nil {
		return true
	}
	before := slices.ContainsFunc(s.state.list(), func(g *grant) bool {
		return g.Server == d.name && g.Subject == who.Subject && !g.Revoked
	})
	return d.offline(req.query, before)
}

// token is the token endpoint, RFC 6749 §4.1.3 and §6.
func (s *Sandbox) token(d *dialect, r *http.Request) reply {
	if why, refused := s.authenticate(d, r); refused {
		return d.refusals[why]
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	form := r.PostForm
	if d.byGet {
		form = r.Form
	}
	trades := d.trades
	if trades == nil {
		trades = map[string]trade{"authorization_code": (*Sandbox).redeem, "refresh_token": (*Sandbox).renew}
	}
	kind := form.Get("grant_type")
	if trade, ok := trades[kind]; ok {
		return trade(s, d, form)
	}
	if kind == "" {
		return d.lacking("grant_type")
	}
	return d.refusals[strangeGrantType]
}

// trade gives tokens for what a form has. The caller holds s.mu.
type trade func(s *Sandbox, d *dialect, form url.Values) reply

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
	case c.Spent:
		return d.refuse(spentCode, deadCode)
	case !now.Before(c.Ends):
		return d.refusals[deadCode]
	case !slices.Contains(s.redirects[client], form.Get("redirect_uri")):
		return d.refuse(strangeRedirect, wrongRedirect)
	case c.Redirect != form.Get("redirect_uri"):
		return d.refusals[wrongRedirect]
	}
	if why, refused := d.refuseVerifier(c, form.Get("code_verifier")); refused {
		return d.refusals[why]
	}
	c.Spent = true
	who, _ := d.person(c.Persona)
	if answer, told := d.refusals[barredPerson]; told && who.Trait == outsider {
		return answer
	}
	g := s.standing(d, who)
	if g == nil {
		g = &grant{ID: "grant_" + random(12), Server: d.name, Client: client, Persona: who.ID, Subject: who.Subject}
	}
	g.consent(c, d.dataAccess, now)
	if d.oneScopeSet {
		s.endOtherScopeSets(g)
	}
	s.state.Grants[g.ID] = g
	var refresh string
	if c.Refresh && (d.refreshParam == "" || form.Get(d.refreshParam) == "true") {
		refresh = d.mintRefresh()
		ends := d.refreshEnds(now)
		if c.Testing {
			ends = now.Add(d.testingLife)
		}
		s.state.add(g, refreshToken, refresh, now, ends)
	}
	return s.issue(d, g, refresh, false)
}

// refuseVerifier reports whether a verifier is not that of the code's challenge.
func (d *dialect) refuseVerifier(c *code, verifier string) (refusal, bool) {
	of := d.challengeFor(c.Redirect)
	if of == nil || d.volunteered && c.Challenge == "" || c.Challenge == of(verifier) {
		return 0, false
	}
	if _, told := d.refusals[lacksVerifier]; told && verifier == "" {
		return lacksVerifier, true
	}
	return wrongVerifier, true
}

// refuse is the answer to the more particular of two refusals that the platform
// knows.
func (d *dialect) refuse(why, otherwise refusal) reply {
	if answer, told := d.refusals[why]; told {
		return answer
	}
	return d.refusals[otherwise]
}

// refreshEnds is when a refresh token that is issued now ends; zero: never.
func (d *dialect) refreshEnds(now time.Time) time.Time {
	if d.refreshLife == 0 {
		return time.Time{}
	}
	return now.Add(d.refreshLife)
}

// s256 is RFC 7636 §4.2's challenge, demanded whatever the redirect URI.
func s256(string) func(verifier string) string {
	return func(verifier string) string {
		sum := sha256.Sum256([]byte(verifier))
		return base64.RawURLEncoding.EncodeToString(sum[:])
	}
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
	case t == nil, g.Server != d.name, g.Revoked, t.ended(now):
		return d.refusals[deadRefresh]
	case t.Spent && !now.Before(t.Grace): // somebody else has the token, too
		g.Revoked = d.replayEnds
		if err := s.save(); err != nil {
			return ourFault(err)
		}
		return d.refusals[deadRefresh]
	}
	if d.rotates {
		t.Spent = true
		refresh = d.mintRefresh()
		s.state.add(g, refreshToken, refresh, now, d.refreshEnds(now))
	}
	return s.issue(d, g, refresh, true)
}

// issue mints an access token and answers with it. The caller holds s.mu.
func (s *Sandbox) issue(d *dialect, g *grant, refresh string, renewed bool) reply {
	now := time.Now()
	access := d.mintAccess()
	if renewed {
		g.Refreshes, g.RefreshedAt = g.Refreshes+1, now
	}
	life := time.Duration(g.Lifetime) * time.Second
	short := d.shortLife > 0 && !renewed
	if short {
		life = min(life, d.shortLife)
	}
	s.state.add(g, accessToken, access, now, now.Add(life)).Short = short
	if err := s.save(); err != nil {
		return ourFault(err)
	}
	who, _ := d.person(g.Persona)
	i := issue{
		access:    access,
		refresh:   refresh,
		expiresIn: int(life.Seconds()),
		scopes:    g.Scopes,
		client:    g.Client,
		subject:   g.Subject,
		trait:     who.Trait,
		renewed:   renewed,
		now:       now,
	}
	if t, _ := s.state.find(refreshToken, refresh); t != nil && !t.Ends.IsZero() {
		i.refreshExpiresIn = int(t.Ends.Sub(now).Seconds())
	}
	return jsonReply(http.StatusOK, d.contentType, d.issued(i)).with("Cache-Control", "no-store")
}

// revoke is the revocation endpoint, RFC 7009.
func (s *Sandbox) revoke(d *dialect, r *http.Request) reply {
	if why, refused := s.authenticate(d, r); refused && !d.openRevoke {
		return d.refusals[why]
	}
	text := r.PostForm.Get("token")
	if text == "" {
		return d.lacking("token")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !d.revoke(&s.state, text, time.Now()) {
		return d.refusals[deadToken]
	}
	if err := s.save(); err != nil {
		return ourFault(err)
	}
	return jsonReply(http.StatusOK, d.contentType, d.revoked)
}

// introspect is the introspection endpoint: LinkedIn's, in the manner of
// RFC 7662, unless the dialect has one of its own.
func (s *Sandbox) introspect(d *dialect, r *http.Request) reply {
	if d.introspect != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		return d.introspect(s, d, r, time.Now())
	}
	if why, refused := s.authenticate(d, r); refused {
		return d.refusals[why]
	}
	text := r.PostForm.Get("token")
	if text == "" {
		return d.lacking("token")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t, g := s.state.find(accessToken, text)
	if t == nil || g.Server != d.name {
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
		if res.serve != nil {
			return res.serve(s, d, r)
		}
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
		return res.answer(r, caller{who, g.Scopes, g.Since, s.options.PublicURL + avatarPath(d, who.ID)})
	}
}

// bearer returns the grant behind a request's access token, RFC 6750 §2.1.
func (s *Sandbox) bearer(d *dialect, r *http.Request) (grant, deadness, bool) {
	text, ok := bearerToken(r)
	if !ok {
		return grant{}, noToken, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t, g := s.state.find(accessToken, text)
	if why, alive := d.judge(t, g, time.Now()); !alive {
		return grant{}, why, false
	}
	return *g, 0, true
}

// judge reports whether a token, or nil, works at the server, and why not.
func (d *dialect) judge(t *token, g *grant, now time.Time) (deadness, bool) {
	switch {
	case t == nil, g.Server != d.name:
		return unknownToken, false
	case g.PasswordChanged:
		return passwordChanged, false
	case g.Revoked:
		return revokedToken, false
	case t.ended(now):
		return expiredToken, false
	}
	return 0, true
}

func unknownResource(d *dialect, _ *http.Request) reply { return d.unknown }

// ourFault is the answer when the state could not be written.
func ourFault(err error) reply {
	return jsonReply(http.StatusInternalServerError, "application/json", object{
		"error": "server_error", "error_description": err.Error(),
	})
}
