package platforms

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Tokens are a platform's answer to an exchange.
type Tokens struct {
	Access, Refresh Secret

	IssuedAt       time.Time // when the request was sent: never later than the platform's clock
	AccessExpires  time.Time // zero: no end known
	RefreshExpires time.Time // zero: no end known

	// Scopes are those granted, in the catalogue's spelling.
	Scopes      []string
	ScopeSource ScopeSource
}

// ScopeSource is where granted scopes are known from.
type ScopeSource string

// The sources.
const (
	FromTokenResponse  ScopeSource = "TOKEN_RESPONSE"
	FromIntrospection  ScopeSource = "INTROSPECTION"
	FromPermissionsAPI ScopeSource = "PERMISSIONS_API"
	// FromRequest: the platform named no scopes, so they equal the requested
	// ones (RFC 6749 §5.1).
	FromRequest ScopeSource = "ASSUMED"
)

// maxLifetime is the longest life of a token that is believed; platforms
// document at most a year.
const maxLifetime = 10 * 365 * 24 * time.Hour

// parseTokens reads a token answer, RFC 6749 §5.1, as JSON or as a form. A
// lifetime that makes no sense is replaced by the one the login method
// documents. It reports false where there is no usable access token.
func (l *Login) parseTokens(a Answer, requested []string) (*Tokens, bool) {
	fields := a.fields().unwrapped()
	access, ok := tokenText(fields["access_token"])
	if !ok {
		return nil, false
	}
	issued := a.At.UTC().Truncate(time.Millisecond)
	t := &Tokens{
		Access:        NewSecret(access),
		IssuedAt:      issued,
		AccessExpires: after(issued, fields.text("expires_in"), l.AccessLifetime),
	}
	if refresh, ok := tokenText(fields["refresh_token"]); ok {
		t.Refresh = NewSecret(refresh)
		seconds := cmp.Or(fields.text("refresh_token_expires_in"), fields.text("refresh_expires_in"))
		t.RefreshExpires = after(issued, seconds, l.RefreshLifetime)
	}
	t.Scopes, t.ScopeSource = l.ParseScopes(cmp.Or(fields.list("scope"), fields.list("permissions"))), FromTokenResponse
	if len(t.Scopes) == 0 {
		t.Scopes, t.ScopeSource = l.ParseScopes(strings.Join(requested, " ")), FromRequest
	}
	return t, true
}

// unwrapped is a token answer's object where Instagram makes it the one element
// of a list under data.
func (f fields) unwrapped() fields {
	list, _ := f["data"].([]any)
	if f["access_token"] != nil || len(list) != 1 {
		return f
	}
	object, _ := list[0].(map[string]any)
	return object
}

// list reads a list of names that is an array or, as a rule, a text.
func (f fields) list(key string) string {
	array, ok := f[key].([]any)
	if !ok {
		return f.text(key)
	}
	var names []string
	for _, name := range array {
		if name, ok := name.(string); ok {
			names = append(names, name)
		}
	}
	return strings.Join(names, " ")
}

// tokenText accepts a string that can stand in an Authorization header.
func tokenText(v any) (string, bool) {
	s, _ := v.(string)
	outside := func(r rune) bool { return r <= ' ' || r > '~' }
	return s, s != "" && !strings.ContainsFunc(s, outside)
}

// after returns the instant that many seconds after issued, or the default's
// if seconds is no sensible number; zero where neither is known.
func after(issued time.Time, seconds string, otherwise time.Duration) time.Time {
	life := otherwise
	n, err := strconv.ParseFloat(strings.TrimSpace(seconds), 64)
	if err == nil && n >= 1 && n <= maxLifetime.Seconds() {
		life = time.Duration(n) * time.Second
	}
	if life == 0 {
		return time.Time{}
	}
	return issued.Add(life)
}

// unixSeconds reads Unix seconds; it reports false for what is no time that a
// token or limit of today can speak of.
func unixSeconds(text string, now time.Time) (time.Time, bool) {
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	t := time.Unix(n, 0).UTC()
	if err != nil || t.Sub(now).Abs() > maxLifetime {
		return time.Time{}, false
	}
	return t, true
}

// ParseScopes splits a scope list whatever its separator: spaces, commas or
// either URL-encoded. Names are those of the catalogue, in its spelling. Doubles
// go, and what RFC 6749 §3.3 forbids in a name; order stays.
func (l *Login) ParseScopes(list string) []string {
	if decoded, err := url.QueryUnescape(list); err == nil {
		list = decoded
	}
	var scopes []string
	for name := range strings.FieldsFuncSeq(list, func(r rune) bool { return r <= ' ' || r == ',' }) {
		name = l.spell(name)
		if _, ok := tokenText(name); ok && !slices.Contains(scopes, name) {
			scopes = append(scopes, name)
		}
	}
	return scopes
}

// spell gives a scope the name that it is asked for by, and the catalogue's
// capitals.
func (l *Login) spell(name string) string {
	name = cmp.Or(l.ScopeAliases[name], name)
	for _, s := range l.Scopes {
		if strings.EqualFold(s.Name, name) {
			return s.Name
		}
	}
	return name
}
