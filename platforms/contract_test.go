package platforms_test

import (
	"context"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"mooring/platforms"
)

// checkPolicy holds what a login method says of versions, options, redirects
// and refreshing to what its readers rely on.
func checkPolicy(t *testing.T, p *platforms.Platform, l *platforms.Login) {
	t.Helper()
	name := p.ID + "/" + l.ID
	versions := make([]string, len(l.Versions))
	for i, v := range l.Versions {
		versions[i] = v.Name
	}
	noMonth := func(name string) bool {
		_, err := time.Parse("200601", name)
		return err != nil
	}
	release := func(a, b platforms.APIVersion) int { return strings.Compare(a.Name, b.Name) }
	for what, matches := range map[string]bool{
		"version, which is not among its versions":     l.Version == "" && len(versions) == 0 || slices.Contains(versions, l.Version),
		"order of versions":                            slices.IsSortedFunc(l.Versions, release) && len(slices.Compact(versions)) == len(l.Versions),
		"month of a release":                           !l.MonthlyVersions || !slices.ContainsFunc(versions, noMonth),
		"rotation without refresh tokens":              !l.Refresh.Rotates || l.Refresh.Kind == platforms.RefreshToken,
		"refresh lifetime without refresh tokens":      l.RefreshLifetime == 0 || l.Refresh.Kind == platforms.RefreshToken,
		"refresh by itself without a way":              l.Refresh.Kind != platforms.RefreshSelf || l.Renew != nil,
		"least age, at which the token has ended":      l.Refresh.MinAge >= 0 && (l.AccessLifetime == 0 || l.Refresh.MinAge < l.AccessLifetime),
		"time of refreshing, before the least age":     l.Refresh.Ahead >= 0 && (l.Refresh.Ahead == 0 || l.Refresh.Ahead <= l.AccessLifetime-l.Refresh.MinAge),
		"introspection endpoint that nobody asks":      l.Endpoints.Introspect == "" || l.Inspect != nil,
		"note on redirects, which is no sentence":      l.Redirects.Note == "" || strings.HasSuffix(l.Redirects.Note, "."),
		"probe of no kind":                             l.Probe.Kind == platforms.ProbeIdentify || l.Probe.Kind == platforms.ProbeInspect && l.Inspect != nil,
		"probe that costs and has no budget":           (l.Probe.Cost == platforms.ProbeFree) == (l.Probe.Daily == 0) && l.Probe.Cost != "",
		"revocation that forgets how far it goes":      l.Revoke == nil || l.RevokeReach != platforms.RevokesNothing,
		"challenge for redirects that cannot be known": l.PKCE != platforms.PKCEHexOnLoopback || len(l.Redirects.HTTPHosts) > 0,
	} {
		if !matches {
			t.Errorf("%s: bad %s", name, what)
		}
	}
	for _, host := range l.Redirects.HTTPHosts {
		if host != "localhost" && host != "127.0.0.1" {
			t.Errorf("%s: http for %s, which is not one's own machine", name, host)
		}
	}
	for _, o := range l.Options {
		if !regexp.MustCompile(`^[A-Z]+(_[A-Z]+)*$`).MatchString(o.Name) || o.Doc == "" || o.Example == "" ||
			o.Values != nil && !slices.Contains(o.Values, o.Example) {
			t.Errorf("%s: bad option %+v", name, o)
		}
	}
	for alias, scope := range l.ScopeAliases {
		if _, again := l.ScopeAliases[scope]; again || alias == scope {
			t.Errorf("%s: %s stands for %s, which is an alias, too", name, alias, scope)
		}
	}
	if l.ConsentEnds == nil {
		return
	}
	options := []map[string]string{nil}
	for _, o := range l.Options {
		for _, value := range o.Values {
			options = append(options, map[string]string{o.Name: value})
		}
	}
	for _, given := range options {
		a := appOf(p, l, nil)
		a.Options = given
		if ends := l.ConsentEnds(a, answered); !ends.IsZero() && !ends.After(answered) {
			t.Errorf("%s: with %v a consent ends at %s, when it was given at %s", name, given, ends, answered)
		}
	}
}

// A call is something that an App asks of its platform. It returns the
// soundness of what came of it: "" or what is wrong.
type call struct {
	name string
	ask  func(ctx context.Context, a *platforms.App) (string, error)
}

// The secrets of calls, which nobody may see.
const (
	accessSecret  = "acc3ss-t0ken-of-the-contract"
	refreshSecret = "r3fresh-t0ken-of-the-contract"
	codeSecret    = "c0de-of-the-contract"
	pageSecret    = "p4ge-t0ken-of-the-contract"
)

// heldTokens are old enough that no platform is given time to get to know them.
func heldTokens(l *platforms.Login) *platforms.Tokens {
	t := &platforms.Tokens{
		Access:      platforms.NewSecret(accessSecret),
		Refresh:     platforms.NewSecret(refreshSecret),
		IssuedAt:    time.Now().Add(-48 * time.Hour),
		ScopeSource: platforms.FromTokenResponse,
	}
	for _, s := range l.Scopes {
		t.Scopes = append(t.Scopes, s.Name)
	}
	return t
}

// calls are all that can be asked through a login method.
func calls(l *platforms.Login) []call {
	kinds := []platforms.Kind{platforms.KindProfile, platforms.KindPage, platforms.KindChannel, platforms.KindBusiness, platforms.KindOrganization}
	all := []call{
		{"Exchange", func(ctx context.Context, a *platforms.App) (string, error) {
			tokens, err := a.Exchange(ctx, platforms.NewSecret(codeSecret), "verifier", []string{"asked"})
			return tokensSound(tokens, err), err
		}},
		{"Lengthen", func(ctx context.Context, a *platforms.App) (string, error) {
			tokens, err := a.Lengthen(ctx, heldTokens(l))
			return tokensSound(tokens, err), err
		}},
		{"Identify", func(ctx context.Context, a *platforms.App) (string, error) {
			identity, err := a.Identify(ctx, heldTokens(l))
			return identitySound(identity, err), err
		}},
		{"Inspect", func(ctx context.Context, a *platforms.App) (string, error) {
			inspection, err := a.Inspect(ctx, heldTokens(l))
			return inspectionSound(inspection, err), err
		}},
		{"Revoke", func(ctx context.Context, a *platforms.App) (string, error) {
			done, err := a.Revoke(ctx, heldTokens(l))
			if done && err != nil {
				return "revoked and failed", err
			}
			return "", err
		}},
	}
	if l.Refresh.Kind != platforms.RefreshNone {
		all = append(all, call{"Refresh", func(ctx context.Context, a *platforms.App) (string, error) {
			tokens, err := a.Refresh(ctx, heldTokens(l))
			return tokensSound(tokens, err), err
		}})
	}
	for _, kind := range kinds {
		all = append(all, call{"Validate " + string(kind), func(ctx context.Context, a *platforms.App) (string, error) {
			asked := platforms.Profile{ExternalID: "70931", Kind: kind, Token: platforms.NewSecret(pageSecret)}
			v, err := a.Validate(ctx, heldTokens(l), asked)
			return validationSound(v, asked, err), err
		}})
	}
	return all
}

// checkCalls lets a login method ask a platform in trouble, one that answers
// with each of its recordings whatever it is asked, and one that repeats what
// it heard.
func checkCalls(t *testing.T, p *platforms.Platform, l *platforms.Login) {
	t.Helper()
	files := recorded(t, p.ID)
	for _, c := range calls(l) {
		name := p.ID + "/" + l.ID + " " + c.name
		checkTrouble(t, name, p, l, c)
		for recording, r := range files {
			if flaw, _ := c.ask(t.Context(), appOf(p, l, always(r))); flaw != "" {
				t.Errorf("%s answered by %s: %s", name, recording, flaw)
			}
		}
		checkSecrecy(t, name, p, l, c)
	}
}

// checkTrouble: a platform that could not be asked has said nothing of anybody.
func checkTrouble(t *testing.T, name string, p *platforms.Platform, l *platforms.Login, c call) {
	t.Helper()
	troubles := map[string]far{
		"no answer": func(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF },
	}
	for status, body := range map[int]string{
		200: `<html>Log in to this network`, 302: ``, 403: `<html>Attention required`,
		408: ``, 429: ``, 500: `{}`, 502: `<html>Bad gateway`, 503: ``,
	} {
		troubles[fmt.Sprint(status, body)] = func(*http.Request) (*http.Response, error) { return answer(status, nil, body), nil }
	}
	for trouble, play := range troubles {
		requests := 0
		_, err := c.ask(t.Context(), appOf(p, l, func(r *http.Request) (*http.Response, error) {
			requests++
			return play(r)
		}))
		if requests == 0 {
			continue // it asks nothing
		}
		if err == nil {
			t.Errorf("%s answered by %s = nil; want an error", name, trouble)
			continue
		}
		if e := platformError(t, err); e.Class != platforms.ClassTemporary && e.Class != platforms.ClassRateLimited {
			t.Errorf("%s answered by %s = %v (%s); want it temporary", name, trouble, e, e.Class)
		}
	}
}

// checkSecrecy: no secret gets into an error, and none to another host than
// those that the operator configured.
func checkSecrecy(t *testing.T, name string, p *platforms.Platform, l *platforms.Login, c call) {
	t.Helper()
	replace := func(endpoint, host string) string {
		if endpoint == "" {
			return ""
		}
		u, err := url.Parse(strings.ReplaceAll(endpoint, "{version}", "v"))
		if err != nil {
			t.Fatal(err)
		}
		return "https://" + host + ".example" + u.Path
	}
	for _, fails := range []bool{true, false} {
		a := appOf(p, l, func(r *http.Request) (*http.Response, error) {
			if !strings.HasSuffix(r.URL.Host, ".example") {
				t.Errorf("%s asks %s, although all endpoints are replaced", name, r.URL.Host)
			}
			if fails {
				return nil, io.ErrUnexpectedEOF
			}
			heard := fmt.Sprint(r.URL, r.Header)
			if r.Body != nil {
				body, _ := io.ReadAll(r.Body)
				heard += string(body)
			}
			return answer(400, nil, fmt.Sprintf(`{"error":%q,"error_description":%q,"message":%q}`, heard, heard, heard)), nil
		})
		a.Endpoints = platforms.Endpoints{
			Authorize:  replace(l.Endpoints.Authorize, "authorize"),
			Token:      replace(l.Endpoints.Token, "token"),
			Revoke:     replace(l.Endpoints.Revoke, "revoke"),
			Introspect: replace(l.Endpoints.Introspect, "introspect"),
			API:        replace(l.Endpoints.API, "api"),
		}
		_, err := c.ask(t.Context(), a)
		if err == nil {
			continue
		}
		e := platformError(t, err)
		shown := err.Error() + e.Body + e.Code + e.Subcode + e.Message
		for _, secret := range []string{accessSecret, refreshSecret, codeSecret, pageSecret, "top/secret", "top%2Fsecret"} {
			if strings.Contains(shown, secret) {
				t.Errorf("%s shows %s: %s", name, secret, shown)
			}
		}
	}
}

func tokensSound(t *platforms.Tokens, err error) string {
	switch {
	case err != nil:
		return ""
	case !isToken(t.Access.Reveal()):
		return fmt.Sprintf("access token %q", t.Access.Reveal())
	case !t.Refresh.IsZero() && !isToken(t.Refresh.Reveal()):
		return fmt.Sprintf("refresh token %q", t.Refresh.Reveal())
	case t.Refresh.IsZero() && !t.RefreshExpires.IsZero():
		return "an end without a refresh token"
	case t.IssuedAt.IsZero() || t.IssuedAt.After(time.Now()):
		return fmt.Sprintf("issued at %s", t.IssuedAt)
	case len(t.Scopes) == 0 || slices.ContainsFunc(t.Scopes, func(s string) bool { return !isToken(s) }):
		return fmt.Sprintf("scopes %q", t.Scopes)
	}
	for _, end := range []time.Time{t.AccessExpires, t.RefreshExpires} {
		if life := end.Sub(t.IssuedAt); !end.IsZero() && (life < time.Second || life > 10*365*24*time.Hour) {
			return fmt.Sprintf("lifetime %s", life)
		}
	}
	return ""
}

// isToken reports whether a text can be sent in a header.
func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}

func identitySound(i *platforms.Identity, err error) string {
	if err != nil {
		return ""
	}
	if !isToken(i.Subject) || !isPlain(i.Name) {
		return fmt.Sprintf("subject %q, %q", i.Subject, i.Name)
	}
	for _, p := range i.Profiles {
		if flaw := profileSound(p); flaw != "" {
			return flaw
		}
	}
	return ""
}

func profileSound(p platforms.Profile) string {
	switch {
	case !isToken(p.ExternalID), p.Kind == "", !isPlain(p.Username), !isPlain(p.DisplayName), !isAddress(p.AvatarURL), !isAddress(p.ProfileURL):
		return fmt.Sprintf("profile %+v", p)
	case !p.Token.IsZero() && !isToken(p.Token.Reveal()):
		return fmt.Sprintf("profile's token %q", p.Token.Reveal())
	case p.Token.IsZero() && !p.TokenExpires.IsZero():
		return "an end without a profile's token"
	}
	return ""
}

func isPlain(text string) bool { return !strings.ContainsFunc(text, unicode.IsControl) }

func isAddress(text string) bool {
	return text == "" || strings.HasPrefix(strings.ToLower(text), "https://") || strings.HasPrefix(strings.ToLower(text), "http://")
}

func inspectionSound(i *platforms.Inspection, err error) string {
	switch {
	case err != nil:
		return ""
	case len(i.Scopes) == 0 || slices.ContainsFunc(i.Scopes, func(s string) bool { return !isToken(s) }):
		return fmt.Sprintf("scopes %q", i.Scopes)
	case i.Source == "":
		return "scopes from nowhere"
	}
	for _, end := range []time.Time{i.AccessExpires, i.ConsentExpires} {
		if left := time.Until(end); !end.IsZero() && left.Abs() > 11*365*24*time.Hour {
			return fmt.Sprintf("an end at %s", end)
		}
	}
	return ""
}

var code = regexp.MustCompile(`^[A-Z]+(_[A-Z]+)*$`)

func validationSound(v *platforms.Validation, asked platforms.Profile, err error) string {
	if err != nil {
		return ""
	}
	if v.Profile.ExternalID != asked.ExternalID {
		return fmt.Sprintf("validation of %q; want of %q", v.Profile.ExternalID, asked.ExternalID)
	}
	if flaw := profileSound(v.Profile); flaw != "" {
		return flaw
	}
	for _, d := range v.Details {
		if d.Name == "" || d.Value == "" || !isPlain(d.Value) {
			return fmt.Sprintf("detail %+v", d)
		}
	}
	for _, f := range append(slices.Clone(v.Errors), v.Warnings...) {
		if !code.MatchString(f.Code) || !strings.HasSuffix(f.Message, ".") {
			return fmt.Sprintf("finding %+v", f)
		}
	}
	return ""
}

func limitsSound(limits []platforms.RateLimit) string {
	for _, r := range limits {
		switch {
		case !isToken(r.Name), r.Owner != platforms.LimitOfApp && r.Owner != platforms.LimitOfAccount,
			r.Limit != nil && *r.Limit < 0, r.Remaining != nil && *r.Remaining < 0,
			math.IsNaN(r.UsedPercent), math.IsInf(r.UsedPercent, 0), r.UsedPercent < 0,
			r.ExternalID != "" && !isToken(r.ExternalID),
			!r.ResetAt.IsZero() && r.ResetAt.Sub(answered).Abs() > 366*24*time.Hour:
			return fmt.Sprintf("limit %+v", r)
		}
	}
	return ""
}
