package platforms

import (
	"errors"
	"net/url"
	"strconv"
	"strings"
	"unicode"
)

// nameless is the failure of an answer that should name an account and does
// not: half an answer is none, and says nothing of anybody.
func (a *App) nameless() *Error { return a.senseless("the answer names no account") }

// validationOf is what the profiles that the tokens reach tell of the one that
// was asked about: true if it is there, with what it is now; else the finding
// that it is not.
func validationOf(asked Profile, reached ...Profile) (*Validation, bool) {
	for _, now := range reached {
		if now.ExternalID == asked.ExternalID {
			return &Validation{Profile: now}, true
		}
	}
	v := &Validation{Profile: asked}
	v.fail(FindingNotReached, "The connection no longer leads to this account; reconnect it and choose this very account.")
	return v, false
}

// validation is what an identity tells of a profile: that it is there, or not.
func (i *Identity) validation(p Profile) *Validation {
	v, _ := validationOf(p, i.Profiles...)
	return v
}

// detail adds a fact; an empty value is none.
func (v *Validation) detail(name, value string) {
	if value != "" {
		v.Details = append(v.Details, Detail{name, value})
	}
}

// count adds a number; nil is one that the platform does not tell.
func (v *Validation) count(name string, n *int64) {
	if n != nil {
		v.detail(name, strconv.FormatInt(*n, 10))
	}
}

func (v *Validation) fail(code, message string) {
	v.Errors = append(v.Errors, Finding{code, message})
}

func (v *Validation) warn(code, message string) {
	v.Warnings = append(v.Warnings, Finding{code, message})
}

// inspection reads an introspection's answer, RFC 7662 §2.2, whose end is in
// the field named, in Unix seconds. One that names no scopes is none.
func (a *App) inspection(answer Answer, end string, access Secret) (*Inspection, error) {
	f := answer.fields()
	i := &Inspection{Scopes: a.Login.ParseScopes(f.text("scope")), Source: FromIntrospection}
	if len(i.Scopes) == 0 {
		return nil, a.misshapen(answer, errors.New("it names no scopes"), access.Reveal())
	}
	if at, ok := unixSeconds(f.text(end), answer.At); ok {
		i.AccessExpires = at
	}
	return i, nil
}

// tidy makes the identity fit to be kept and shown. It reports false where a
// key to find anything by again is missing or no key.
func (i *Identity) tidy() bool {
	i.Name = plain(i.Name)
	sound := isKey(i.Subject)
	for n := range i.Profiles {
		sound = i.Profiles[n].tidy() && sound
	}
	return sound
}

func (p *Profile) tidy() bool {
	p.Username, p.DisplayName = plain(p.Username), plain(p.DisplayName)
	p.AvatarURL, p.ProfileURL = webAddress(p.AvatarURL), webAddress(p.ProfileURL)
	_, usable := tokenText(p.Token.Reveal())
	return isKey(p.ExternalID) && (p.Token.IsZero() || usable)
}

func (v *Validation) tidy() bool {
	for n, d := range v.Details {
		v.Details[n] = Detail{d.Name, plain(d.Value)}
	}
	return v.Profile.tidy()
}

// maxText is how much of a name, a key or an address is believed, in bytes.
const maxText = 2 << 10

// isKey reports whether a text can be somebody's id at a platform.
func isKey(id string) bool {
	_, ok := tokenText(id)
	return ok && len(id) <= maxText
}

// plain is a platform's text without control characters, which databases and
// terminals stumble over.
func plain(text string) string {
	text = strings.ToValidUTF8(text[:min(len(text), maxText)], "")
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, text)
}

// webAddress is an address that a page may link to, or nothing.
func webAddress(text string) string {
	u, err := url.Parse(text)
	if err != nil || len(text) > maxText || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	return text
}
