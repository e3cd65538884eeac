package sandbox_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"mooring/platforms"
	"mooring/platforms/sandbox"
)

// journey connects, looks, refreshes and looks again, and returns where it got
// to: "works", or the step with what the platform said.
func (w world) journey(a *platforms.App, scopes []string) string {
	w.t.Helper()
	if got := w.page(a, scopes, "went wrong"); got != "works" {
		return "authorize: " + got
	}
	tokens, err := a.Exchange(w.t.Context(), platforms.NewSecret(w.consent(a, scopes).Get("code")), verifier, scopes)
	if err != nil {
		return "exchange: " + class(err)
	}
	for _, step := range []string{"look", "look again"} {
		if _, err := a.Identify(w.t.Context(), tokens); err != nil {
			return step + ": " + class(err)
		}
		if _, err := a.Inspect(w.t.Context(), tokens); err != nil {
			return step + ": inspect " + class(err)
		}
		if tokens.Refresh.IsZero() {
			return "refresh: no token"
		}
		if tokens, err = a.Refresh(w.t.Context(), tokens); err != nil {
			return "refresh: " + class(err)
		}
	}
	if _, err := a.Revoke(w.t.Context(), tokens); err != nil {
		return "revoke: " + class(err)
	}
	return "works"
}

// TestClientsWithOneThingBroken: a sandbox that forgives its client would hide
// what the real platform refuses. "nothing" shows that it is the one thing.
func TestClientsWithOneThingBroken(t *testing.T) {
	t.Parallel()
	const page = "authorize: page that names went wrong: "
	type broken struct {
		name     string
		platform *platforms.Platform
		change   func(a *platforms.App, l *platforms.Login)
		want     string
	}
	nothing := func(*platforms.App, *platforms.Login) {}
	inBody := func(_ *platforms.App, l *platforms.Login) { l.ClientAuth = platforms.AuthBody }
	inHeader := func(_ *platforms.App, l *platforms.Login) { l.ClientAuth = platforms.AuthHeader }
	wrongSecret := func(a *platforms.App, _ *platforms.Login) { a.ClientSecret = platforms.NewSecret("other-secret") }
	wrongID := func(a *platforms.App, _ *platforms.Login) { a.ClientID = "other" }
	wrongRedirect := func(a *platforms.App, _ *platforms.Login) { a.RedirectURI = callback + "/" }
	commas := func(_ *platforms.App, l *platforms.Login) { l.ScopeSeparator = "," }
	spaces := func(_ *platforms.App, l *platforms.Login) { l.ScopeSeparator = " " }
	idParam := func(name string) func(*platforms.App, *platforms.Login) {
		return func(_ *platforms.App, l *platforms.Login) { l.ClientIDParam = name }
	}
	pkce := func(kind platforms.PKCE) func(*platforms.App, *platforms.Login) {
		return func(_ *platforms.App, l *platforms.Login) { l.PKCE = kind }
	}
	version := func(name string) func(*platforms.App, *platforms.Login) {
		return func(_ *platforms.App, l *platforms.Login) { l.Version = name }
	}
	noParams := func(_ *platforms.App, l *platforms.Login) { l.AuthParams, l.TokenParams = nil, nil }
	x, li, yt, tt, pi := platforms.Twitter, platforms.LinkedIn, platforms.YouTube, platforms.TikTok, platforms.Pinterest
	for _, b := range []broken{
		{"nothing", x, nothing, "works"},
		{"secret in the body", x, inBody, "exchange: app_fault unauthorized_client"},
		{"wrong secret", x, wrongSecret, "exchange: app_fault unauthorized_client"},
		{"wrong client", x, wrongID, page + "true"},
		{"client_key", x, idParam("client_key"), page + "true"},
		{"wrong redirect URI", x, wrongRedirect, page + "true"},
		{"commas", x, commas, page + "true"},
		{"no challenge", x, pkce(platforms.PKCENone), page + "true"},
		{"hexadecimal challenge", x, pkce(platforms.PKCEHexOnLoopback), "exchange: invalid invalid_request"},

		{"nothing", li, nothing, "works"},
		{"secret in the header", li, inHeader, "exchange: app_fault invalid_client"},
		{"wrong secret", li, wrongSecret, "exchange: app_fault invalid_client"},
		{"wrong client", li, wrongID, page + "true"},
		{"client_key", li, idParam("client_key"), page + "true"},
		{"wrong redirect URI", li, wrongRedirect, page + "true"},
		{"commas", li, commas, "authorize: app_fault unauthorized_scope_error"},
		{"a challenge, which LinkedIn ignores", li, pkce(platforms.PKCES256), "works"},
		{"no version", li, version(""), "look: invalid VERSION_MISSING"},
		{"dead version", li, version("202504"), "look: app_fault NONEXISTENT_VERSION"},
		{"version with a day", li, version("20260901"), "look: app_fault NONEXISTENT_VERSION"},

		{"nothing", yt, nothing, "works"},
		{"secret in the header, which Google takes", yt, inHeader, "works"},
		{"wrong secret", yt, wrongSecret, "exchange: app_fault invalid_client"},
		{"wrong client", yt, wrongID, page + "false"},
		{"client_key", yt, idParam("client_key"), page + "false"},
		{"wrong redirect URI", yt, wrongRedirect, page + "false"},
		{"commas", yt, commas, page + "false"},
		{"no challenge, which Google does without", yt, pkce(platforms.PKCENone), "works"},
		{"hexadecimal challenge", yt, pkce(platforms.PKCEHexOnLoopback), "exchange: invalid invalid_grant"},
		{"no access_type", yt, noParams, "refresh: no token"},

		{"nothing", tt, nothing, "works"},
		{"secret in the header", tt, inHeader, "exchange: app_fault invalid_request"},
		{"wrong secret", tt, wrongSecret, "exchange: app_fault invalid_client"},
		{"wrong client", tt, wrongID, page + "true"},
		{"client_id", tt, idParam("client_id"), page + "true"},
		{"wrong redirect URI", tt, wrongRedirect, page + "true"},
		{"spaces", tt, spaces, page + "true"},
		{"no challenge", tt, pkce(platforms.PKCENone), page + "true"},
		{"challenge in base64url", tt, pkce(platforms.PKCES256), "exchange: invalid invalid_request"},

		{"nothing", pi, nothing, "works"},
		{"secret in the body", pi, inBody, "exchange: app_fault 2"},
		{"wrong secret", pi, wrongSecret, "exchange: app_fault 2"},
		{"wrong client", pi, wrongID, page + "true"},
		{"client_key", pi, idParam("client_key"), page + "true"},
		{"wrong redirect URI", pi, wrongRedirect, page + "true"},
		{"spaces", pi, spaces, page + "true"},
		{"a challenge, which Pinterest ignores", pi, pkce(platforms.PKCES256), "works"},
		{"no continuous_refresh", pi, noParams, "refresh: no token"},
	} {
		t.Run(b.platform.ID+" "+b.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, sandbox.Options{LinkedInPartner: true})
			a := w.app(b.platform)
			login := *a.Login
			a.Login = &login
			b.change(a, &login)
			scopes := defaults(b.platform)
			if b.platform == li {
				scopes = append(scopes, "r_organization_admin")
			}
			if got := w.journey(a, scopes); got != b.want {
				t.Errorf("the client got to %q; want %q", got, b.want)
			}
		})
	}
}

// TestExchangesWithOneThingBroken: what was in order at the consent page and
// is not at the token endpoint.
func TestExchangesWithOneThingBroken(t *testing.T) {
	t.Parallel()
	spent := func(w world, a *platforms.App, code string) string {
		w.exchanged(a, code, verifier)
		return w.exchanged(a, code, verifier)
	}
	elsewhere := func(w world, a *platforms.App, code string) string {
		a.RedirectURI = callback + "/"
		return w.exchanged(a, code, verifier)
	}
	replayed := func(w world, a *platforms.App, _ string) string {
		tokens := w.connect(a, defaults(a.Platform))
		w.renew(a, tokens)
		_, got := w.renew(a, tokens)
		return got
	}
	tests := []struct {
		platform                   *platforms.Platform
		spent, elsewhere, replayed string
	}{
		{platforms.Twitter, "invalid invalid_request", "app_fault invalid_request", "refresh_dead invalid_request"},
		{platforms.LinkedIn, "invalid invalid_redirect_uri", "invalid invalid_redirect_uri", "works"},
		{platforms.YouTube, "invalid invalid_grant", "app_fault redirect_uri_mismatch", "works"},
		{platforms.TikTok, "invalid invalid_grant", "app_fault invalid_request", "refresh_dead invalid_grant"},
		{platforms.Pinterest, "invalid 283", "invalid 283", "refresh_dead 283"},
	}
	for _, tt := range tests {
		for _, broken := range []struct {
			name string
			play func(world, *platforms.App, string) string
			want string
		}{{"spent code", spent, tt.spent}, {"other redirect URI", elsewhere, tt.elsewhere}, {"old refresh token", replayed, tt.replayed}} {
			t.Run(tt.platform.ID+" "+broken.name, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, sandbox.Options{LinkedInPartner: true})
				a := w.app(tt.platform)
				if got := broken.play(w, a, w.consent(a, defaults(tt.platform)).Get("code")); got != broken.want {
					t.Errorf("%s = %q; want %q", broken.name, got, broken.want)
				}
			})
		}
	}
}

// TestRequiredScopes: the catalogue calls those scopes required without which a
// person cannot be told or the grant not kept, and no others.
func TestRequiredScopes(t *testing.T) {
	t.Parallel()
	for _, p := range []*platforms.Platform{platforms.Twitter, platforms.LinkedIn, platforms.YouTube, platforms.TikTok, platforms.Pinterest} {
		w := newWorld(t, sandbox.Options{LinkedInPartner: true})
		a := w.app(p)
		whole := w.keeps(a, defaults(p))
		for _, s := range a.Login.Scopes {
			without := slices.DeleteFunc(defaults(p), func(name string) bool { return name == s.Name })
			if lacks := w.keeps(a, without) != whole; lacks != s.Required {
				t.Errorf("%s without %s: differs %t; want %t, as it is required", p.ID, s.Name, lacks, s.Required)
			}
		}
		if !strings.HasSuffix(whole, "true") {
			t.Errorf("%s with all scopes: %s; want a refresh token", p.ID, whole)
		}
	}
}

// keeps says who is known under some scopes, and whether they can be kept.
func (w world) keeps(a *platforms.App, scopes []string) string {
	w.t.Helper()
	tokens := w.connect(a, scopes)
	identity, err := a.Identify(w.t.Context(), tokens)
	if err != nil {
		return class(err)
	}
	return fmt.Sprint(identity.Subject, identity.Profiles[0].ExternalID, !tokens.Refresh.IsZero())
}
