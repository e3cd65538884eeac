package sandbox_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"mooring/platforms"
	"mooring/platforms/sandbox"
)

// ownPage is what the sandbox writes on all pages that a platform shows in the
// place of calling back.
const ownPage = "stops here as well"

// journey connects, looks, refreshes and looks again, and returns where it got
// to: "works", or the step with what the platform said.
func (w world) journey(a *platforms.App, scopes []string) string {
	w.t.Helper()
	if got := w.page(a, scopes, ownPage); got != "works" {
		return "authorize: " + got
	}
	tokens, err := a.Exchange(w.t.Context(), platforms.NewSecret(w.consent(a, scopes).Get("code")), verifier, scopes)
	if err != nil {
		return "exchange: " + class(err)
	}
	if tokens, err = a.Lengthen(w.t.Context(), tokens); err != nil {
		return "lengthen: " + class(err)
	}
	for _, step := range []string{"look", "look again"} {
		if _, err := a.Identify(w.t.Context(), tokens); err != nil {
			return step + ": " + class(err)
		}
		if _, err := a.Inspect(w.t.Context(), tokens); err != nil {
			return step + ": inspect " + class(err)
		}
		switch a.Login.Refresh.Kind {
		case platforms.RefreshNone:
			continue
		case platforms.RefreshToken:
			if tokens.Refresh.IsZero() {
				return "refresh: no token"
			}
		}
		<-time.After(a.Login.Refresh.MinAge)
		if tokens, err = a.Refresh(w.t.Context(), tokens); err != nil {
			return "refresh: " + class(err)
		}
	}
	if _, err := a.Revoke(w.t.Context(), tokens); err != nil {
		return "revoke: " + class(err)
	}
	return "works"
}

// bent spoils what an app sends on its way.
type bent struct {
	http.RoundTripper
	spoil func(*http.Request)
}

func (b bent) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	b.spoil(r)
	return b.RoundTripper.RoundTrip(r)
}

func bend(a *platforms.App, spoil func(*http.Request)) {
	a.HTTP = &http.Client{Transport: bent{a.HTTP.Transport, spoil}}
}

// dropped leaves a parameter of the query out.
func dropped(name string) func(*http.Request) {
	return func(r *http.Request) {
		q := r.URL.Query()
		q.Del(name)
		r.URL.RawQuery = q.Encode()
	}
}

// asJSON sends forms as JSON.
func asJSON(r *http.Request) {
	if r.Method != http.MethodPost {
		return
	}
	if err := r.ParseForm(); err != nil {
		panic(err) // an app's own form
	}
	fields := make(map[string]string)
	for name := range r.PostForm {
		fields[name] = r.PostForm.Get(name)
	}
	body, err := json.Marshal(fields)
	if err != nil {
		panic(err) // strings always marshal
	}
	r.Header.Set("Content-Type", "application/json")
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
}

// TestClientsWithOneThingBroken: a sandbox that forgives its client would hide
// what the real platform refuses. "nothing" shows that it is the one thing.
func TestClientsWithOneThingBroken(t *testing.T) {
	t.Parallel()
	const page = "authorize: page that names " + ownPage + ": true"
	type change = func(a *platforms.App, l *platforms.Login)
	type broken struct {
		name   string
		change change
		want   string
	}
	nothing := func(*platforms.App, *platforms.Login) {}
	inBody := func(_ *platforms.App, l *platforms.Login) { l.ClientAuth = platforms.AuthBody }
	inHeader := func(_ *platforms.App, l *platforms.Login) { l.ClientAuth = platforms.AuthHeader }
	wrongSecret := func(a *platforms.App, _ *platforms.Login) { a.ClientSecret = platforms.NewSecret("other-secret") }
	wrongRedirect := func(a *platforms.App, _ *platforms.Login) { a.RedirectURI = callback + "/" }
	noParams := func(_ *platforms.App, l *platforms.Login) { l.AuthParams, l.TokenParams = nil, nil }
	tooEarly := func(_ *platforms.App, l *platforms.Login) { l.Refresh.MinAge = 0 }
	short := func(_ *platforms.App, l *platforms.Login) { l.Lengthen = nil }
	id := func(id string) change {
		return func(a *platforms.App, _ *platforms.Login) { a.ClientID = id }
	}
	separator := func(with string) change {
		return func(_ *platforms.App, l *platforms.Login) { l.ScopeSeparator = with }
	}
	idParam := func(name string) change {
		return func(_ *platforms.App, l *platforms.Login) { l.ClientIDParam = name }
	}
	pkce := func(kind platforms.PKCE) change {
		return func(_ *platforms.App, l *platforms.Login) { l.PKCE = kind }
	}
	version := func(name string) change {
		return func(_ *platforms.App, l *platforms.Login) { l.Version = name }
	}
	spoilt := func(spoil func(*http.Request)) change {
		return func(a *platforms.App, _ *platforms.Login) { bend(a, spoil) }
	}
	otherProof := func(r *http.Request) {
		if q := r.URL.Query(); q.Has("appsecret_proof") {
			q.Set("appsecret_proof", strings.Repeat("0", 64))
			r.URL.RawQuery = q.Encode()
		}
	}
	facebookLogin := []broken{
		{"nothing", nothing, "works"},
		{"secret in the header", inHeader, "exchange: app_fault 101"},
		{"wrong secret", wrongSecret, "exchange: app_fault 1"},
		{"wrong client", id("other"), page},
		{"the Instagram app's id", id("sandbox-instagram"), page},
		{"client_key", idParam("client_key"), page},
		{"wrong redirect URI", wrongRedirect, page},
		{"spaces, which Facebook takes", separator(" "), "works"},
		{"semicolons", separator(";"), page},
		{"a challenge, whose verifier Facebook refuses", pkce(platforms.PKCES256), "exchange: app_fault 1"},
		{"version that never was", version("v99.0"), "exchange: app_fault 2500"},
		{"no version", version("oauth"), "exchange: app_fault 2500"},
		{"dead version, which the oldest alive serves", version("v3.3"), "works"},
		{"no proof", spoilt(dropped("appsecret_proof")), "look: app_fault 100"},
		{"wrong proof", spoilt(otherProof), "look: app_fault 100"},
	}
	clients := map[*platforms.Login][]broken{
		platforms.Twitter.Logins[0]: {
			{"nothing", nothing, "works"},
			{"secret in the body", inBody, "exchange: app_fault unauthorized_client"},
			{"wrong secret", wrongSecret, "exchange: app_fault unauthorized_client"},
			{"wrong client", id("other"), page},
			{"client_key", idParam("client_key"), page},
			{"wrong redirect URI", wrongRedirect, page},
			{"commas", separator(","), page},
			{"no challenge", pkce(platforms.PKCENone), page},
			{"hexadecimal challenge", pkce(platforms.PKCEHexOnLoopback), "exchange: invalid invalid_request"},
		},
		platforms.Facebook.Logins[0]:  facebookLogin,
		platforms.Instagram.Logins[0]: facebookLogin,
		platforms.Instagram.Logins[1]: {
			{"nothing", nothing, "works"},
			{"secret in the header", inHeader, "exchange: app_fault 400"},
			{"wrong secret", wrongSecret, "exchange: app_fault 400"},
			{"wrong client", id("other"), page},
			{"the Meta app's id", id("sandbox-meta"), page},
			{"client_key", idParam("client_key"), page},
			{"wrong redirect URI", wrongRedirect, page},
			{"spaces, which Instagram takes", separator(" "), "works"},
			{"semicolons", separator(";"), page},
			{"a challenge, of which Instagram says nothing", pkce(platforms.PKCES256), "works"},
			{"JSON in the place of a form", spoilt(asJSON), "exchange: app_fault 400"},
			{"version that never was", version("v99.0"), "look: app_fault 2500"},
			{"dead version, which the oldest alive serves", version("v3.3"), "works"},
			{"exchange without the token", spoilt(dropped("access_token")), "lengthen: invalid 2500"},
			{"exchange without the secret", spoilt(dropped("client_secret")), "lengthen: app_fault 1"},
			{"exchange of the wrong kind", spoilt(dropped("grant_type")), "lengthen: invalid 100"},
			{"refresh of a short-lived token", short, "refresh: refresh_dead 190/463"},
			{"refresh of a new token", tooEarly, "refresh: invalid 100"},
		},
		platforms.LinkedIn.Logins[0]: {
			{"nothing", nothing, "works"},
			{"secret in the header", inHeader, "exchange: app_fault invalid_client"},
			{"wrong secret", wrongSecret, "exchange: app_fault invalid_client"},
			{"wrong client", id("other"), page},
			{"client_key", idParam("client_key"), page},
			{"wrong redirect URI", wrongRedirect, page},
			{"commas", separator(","), "authorize: app_fault unauthorized_scope_error"},
			{"a challenge, which LinkedIn ignores", pkce(platforms.PKCES256), "works"},
			{"no version", version(""), "look: invalid VERSION_MISSING"},
			{"dead version", version("202504"), "look: app_fault NONEXISTENT_VERSION"},
			{"version with a day", version("20260901"), "look: app_fault NONEXISTENT_VERSION"},
		},
		platforms.YouTube.Logins[0]: {
			{"nothing", nothing, "works"},
			{"secret in the header, which Google takes", inHeader, "works"},
			{"wrong secret", wrongSecret, "exchange: app_fault invalid_client"},
			{"wrong client", id("other"), page},
			{"client_key", idParam("client_key"), page},
			{"wrong redirect URI", wrongRedirect, page},
			{"commas", separator(","), page},
			{"no challenge, which Google does without", pkce(platforms.PKCENone), "works"},
			{"hexadecimal challenge", pkce(platforms.PKCEHexOnLoopback), "exchange: invalid invalid_grant"},
			{"no access_type", noParams, "refresh: no token"},
		},
		platforms.TikTok.Logins[0]: {
			{"nothing", nothing, "works"},
			{"secret in the header", inHeader, "exchange: app_fault invalid_request"},
			{"wrong secret", wrongSecret, "exchange: app_fault invalid_client"},
			{"wrong client", id("other"), page},
			{"client_id", idParam("client_id"), page},
			{"wrong redirect URI", wrongRedirect, page},
			{"spaces", separator(" "), page},
			{"no challenge", pkce(platforms.PKCENone), page},
			{"challenge in base64url", pkce(platforms.PKCES256), "exchange: invalid invalid_request"},
		},
		platforms.Pinterest.Logins[0]: {
			{"nothing", nothing, "works"},
			{"secret in the body", inBody, "exchange: app_fault 2"},
			{"wrong secret", wrongSecret, "exchange: app_fault 2"},
			{"wrong client", id("other"), page},
			{"client_key", idParam("client_key"), page},
			{"wrong redirect URI", wrongRedirect, page},
			{"spaces", separator(" "), page},
			{"a challenge, which Pinterest ignores", pkce(platforms.PKCES256), "works"},
			{"no continuous_refresh", noParams, "refresh: no token"},
		},
	}
	for p, l := range everyLogin {
		if len(clients[l]) == 0 {
			t.Errorf("%s/%s: no client is broken", p.ID, l.ID)
		}
		for _, b := range clients[l] {
			t.Run(p.ID+" "+l.ID+" "+b.name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, sandbox.Options{LinkedInPartner: true})
					if l.Callback == "meta" {
						w.control(http.MethodPost, "apps/meta", `{"requireProof": true}`, nil)
					}
					a := changed(w.appOf(p, l), func(*platforms.Login) {})
					b.change(a, a.Login)
					scopes := defaultsOf(l)
					if p == platforms.LinkedIn {
						scopes = append(scopes, "r_organization_admin")
					}
					if got := w.journey(a, scopes); got != b.want {
						t.Errorf("the client got to %q; want %q", got, b.want)
					}
				})
			})
		}
	}
}

// TestExchangesWithOneThingBroken: what was in order at the consent page and
// is not at the token endpoint.
func TestExchangesWithOneThingBroken(t *testing.T) {
	t.Parallel()
	type play func(w world, a *platforms.App) string
	code := func(w world, a *platforms.App) string { return w.consent(a, defaultsOf(a.Login)).Get("code") }
	spent := func(w world, a *platforms.App) string {
		code := code(w, a)
		w.exchanged(a, code, verifier)
		return w.exchanged(a, code, verifier)
	}
	unknown := func(w world, a *platforms.App) string { return w.exchanged(a, "other", verifier) }
	elsewhere := func(w world, a *platforms.App) string {
		code := code(w, a)
		a.RedirectURI = callback + "/"
		return w.exchanged(a, code, verifier)
	}
	registered := func(w world, a *platforms.App) string {
		code := code(w, a)
		a.RedirectURI = otherCallback
		return w.exchanged(a, code, verifier)
	}
	replayed := func(w world, a *platforms.App) string {
		tokens := w.connect(a, defaultsOf(a.Login))
		w.renew(a, tokens)
		_, got := w.renew(a, tokens)
		return got
	}
	// twice lengthens a token that has been, and late one that has ended.
	twice := func(w world, a *platforms.App) string { return w.lengthened(a, w.consenting(a, "")) }
	late := func(w world, a *platforms.App) string {
		tokens := w.connect(a, defaultsOf(a.Login))
		<-time.After(time.Until(tokens.AccessExpires))
		return w.lengthened(a, tokens)
	}
	over := func(w world, a *platforms.App) string {
		tokens := w.consenting(a, "")
		<-time.After(time.Until(tokens.AccessExpires))
		_, got := w.renew(a, tokens)
		return got
	}
	type broken struct {
		name string
		play play
		want string
	}
	rows := func(spentCode, unknownCode, otherRedirect, registeredRedirect string, more ...broken) []broken {
		return append([]broken{
			{"spent code", spent, spentCode},
			{"unknown code", unknown, unknownCode},
			{"redirect URI from nowhere", elsewhere, otherRedirect},
			{"other redirect URI of the app's", registered, registeredRedirect},
		}, more...)
	}
	facebookLogin := rows("invalid 100/36009", "invalid 100", "app_fault 191", "app_fault 100/36008",
		broken{"long-lived token lengthened, which keeps its end", twice, "works"},
		broken{"token lengthened that has ended", late, "invalid 190/463"})
	exchanges := map[*platforms.Login][]broken{
		platforms.Twitter.Logins[0]: rows("invalid invalid_request", "invalid invalid_request", "app_fault invalid_request", "app_fault invalid_request",
			broken{"old refresh token", replayed, "refresh_dead invalid_request"}),
		platforms.Facebook.Logins[0]:  facebookLogin,
		platforms.Instagram.Logins[0]: facebookLogin,
		platforms.Instagram.Logins[1]: rows("invalid 400", "invalid 400", "app_fault 400", "app_fault 400",
			broken{"long-lived token lengthened", twice, "invalid 100"},
			broken{"token lengthened that has ended", late, "invalid 190/463"},
			broken{"token refreshed that has ended", over, "refresh_dead 190/463"}),
		platforms.LinkedIn.Logins[0]: rows("invalid invalid_redirect_uri", "invalid invalid_request", "invalid invalid_redirect_uri", "invalid invalid_redirect_uri",
			broken{"old refresh token, which is the new one", replayed, "works"}),
		platforms.YouTube.Logins[0]: rows("invalid invalid_grant", "invalid invalid_grant", "app_fault redirect_uri_mismatch", "app_fault redirect_uri_mismatch",
			broken{"old refresh token, which is the new one", replayed, "works"}),
		platforms.TikTok.Logins[0]: rows("invalid invalid_grant", "invalid invalid_grant", "app_fault invalid_request", "app_fault invalid_request",
			broken{"old refresh token", replayed, "refresh_dead invalid_grant"}),
		platforms.Pinterest.Logins[0]: rows("invalid 283", "invalid 283", "invalid 283", "invalid 283",
			broken{"old refresh token", replayed, "refresh_dead 283"}),
	}
	for p, l := range everyLogin {
		if len(exchanges[l]) == 0 {
			t.Errorf("%s/%s: no exchange is broken", p.ID, l.ID)
		}
		for _, b := range exchanges[l] {
			t.Run(p.ID+" "+l.ID+" "+b.name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, sandbox.Options{LinkedInPartner: true})
					if got := b.play(w, w.appOf(p, l)); got != b.want {
						t.Errorf("%s = %q; want %q", b.name, got, b.want)
					}
				})
			})
		}
	}
}

// lengthened trades tokens for long-lived ones.
func (w world) lengthened(a *platforms.App, tokens *platforms.Tokens) string {
	_, err := a.Lengthen(w.t.Context(), tokens)
	return class(err)
}

// TestRequiredScopes: the catalogue calls those scopes required without which a
// person cannot be told or the grant not kept, and no others. Of a scope that is
// granted whether asked for or not nothing can be shown.
func TestRequiredScopes(t *testing.T) {
	t.Parallel()
	for p, l := range everyLogin {
		t.Run(p.ID+" "+l.ID, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				whole, _ := keeps(t, p, l, defaultsOf(l))
				for _, s := range l.Scopes {
					without := slices.DeleteFunc(defaultsOf(l), func(name string) bool { return name == s.Name })
					kept, granted := keeps(t, p, l, without)
					if lacks := kept != whole; lacks != s.Required && !slices.Contains(granted, s.Name) {
						t.Errorf("%s without %s: differs %t; want %t, as it is required", p.ID, s.Name, lacks, s.Required)
					}
				}
				if !strings.HasSuffix(whole, "true") {
					t.Errorf("%s with all scopes: %s; want it kept", p.ID, whole)
				}
			})
		})
	}
}

// keeps says who is known under some scopes, and whether they can be kept; and
// which scopes were granted.
func keeps(t *testing.T, p *platforms.Platform, l *platforms.Login, scopes []string) (who string, granted []string) {
	t.Helper()
	w := newWorld(t, sandbox.Options{LinkedInPartner: true})
	a := w.appOf(p, l)
	tokens, err := a.Lengthen(t.Context(), w.connect(a, scopes))
	if err != nil {
		t.Fatal(err)
	}
	inspection, err := a.Inspect(t.Context(), tokens)
	if err != nil {
		t.Fatal(err)
	}
	identity, err := a.Identify(t.Context(), tokens)
	if err != nil {
		return class(err), inspection.Scopes
	}
	who = identity.Subject
	for _, p := range identity.Profiles {
		who += " " + p.ExternalID
	}
	kept := true
	if a.Login.Refresh.Kind != platforms.RefreshNone {
		<-time.After(a.Login.Refresh.MinAge)
		_, err := a.Refresh(t.Context(), tokens)
		kept = err == nil
	}
	return fmt.Sprint(who, " ", kept), inspection.Scopes
}
