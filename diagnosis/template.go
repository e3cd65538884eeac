package diagnosis

import (
	"fmt"
	"strings"
	"time"

	"mooring/platforms"
)

// neutral is what each placeholder says where nothing is known. The sentences
// must read well with it.
var neutral = map[string]string{
	"product":          "Mooring",
	"platform":         "the platform",
	"console":          "the platform's developer console",
	"revoke":           "the platform's settings for connected apps",
	"status":           "the platform's status page",
	"redirect":         "the one that Mooring lists for this platform.", // ends its sentence
	"app":              "your app",
	"account":          "the account",
	"other":            "another account",
	"ends":             "soon",
	"flaw":             "mooring doctor says which.",
	"scopes":           "those that are marked as required",
	"wait":             "a few minutes",
	"idVariable":       "the client id variable",
	"secretVariable":   "the client secret variable",
	"redirectVariable": "the redirect URI variable",
}

// place is where a failure happened: what the placeholders can be filled with.
type place struct {
	platform *platforms.Platform // nil if the catalogue does not have it
	in       *Input
}

func (p place) fillAll(templates []string) []string {
	filled := make([]string, len(templates))
	for i, template := range templates {
		filled[i] = fill(strings.ReplaceAll(template, "Mooring", "{{product}}"), p.value)
	}
	return filled
}

// value returns a placeholder's fact, or its neutral wording.
func (p place) value(name string) string {
	value := ""
	switch name {
	case "product":
		value = p.in.Facts.Product
	case "redirect":
		value = p.in.Facts.RedirectURI
	case "app":
		value = p.in.Facts.AppName
	case "account":
		value = p.in.Facts.AccountName
	case "other":
		value = p.in.Facts.OtherName
	case "ends":
		if ends := p.in.Facts.EndsAt; !ends.IsZero() {
			value = ends.UTC().Format("on 2 January 2006 at 15:04 UTC")
		}
	case "flaw":
		value = p.in.Facts.Flaw
	case "scopes":
		value = p.in.Facts.MissingScopes
	case "wait":
		if wait := p.in.RetryAfter; wait > 0 {
			value = spell(wait)
		}
	default:
		value = p.catalogued(name)
	}
	if value == "" && p.in.Facts.Product != "" {
		return strings.ReplaceAll(neutral[name], "Mooring", p.in.Facts.Product)
	}
	if value == "" {
		return neutral[name]
	}
	return value
}

func (p place) catalogued(name string) string {
	if p.platform == nil {
		return ""
	}
	switch name {
	case "platform":
		return p.platform.DisplayName
	case "console":
		return p.platform.ConsoleURL
	case "revoke":
		return p.platform.RevokeURL
	case "status":
		return p.platform.StatusURL
	}
	if len(p.platform.Logins) != 1 {
		return "" // which login method it was is not known
	}
	env := p.platform.Logins[0].Env
	switch name {
	case "idVariable":
		return env.Prefix + "_" + env.ID
	case "secretVariable":
		return env.Prefix + "_" + env.Secret
	case "redirectVariable":
		return env.Prefix + "_REDIRECT_URI"
	}
	return ""
}

// spell rounds a duration up to what a person would say.
func spell(d time.Duration) string {
	unit, name := time.Second, "second"
	switch {
	case d > 90*time.Minute:
		unit, name = time.Hour, "hour"
	case d > 90*time.Second:
		unit, name = time.Minute, "minute"
	}
	n := int64((d-1)/unit) + 1
	if n != 1 {
		name += "s"
	}
	return fmt.Sprintf("%d %s", n, name)
}

// fill replaces each {{name}} in one pass: a value is never filled again.
func fill(template string, value func(name string) string) string {
	head, rest, found := strings.Cut(template, "{{")
	if !found {
		return template
	}
	var b strings.Builder
	for found {
		b.WriteString(head)
		var name string
		name, rest, _ = strings.Cut(rest, "}}")
		b.WriteString(value(name))
		head, rest, found = strings.Cut(rest, "{{")
	}
	b.WriteString(head)
	return b.String()
}

// checkTemplate refuses unknown placeholders, and sentences that a value in
// lower case could begin.
func checkTemplate(template string) error {
	if strings.HasPrefix(template, "{{") {
		return fmt.Errorf("%q begins with a placeholder", template)
	}
	if strings.Count(template, "{{") != strings.Count(template, "}}") {
		return fmt.Errorf("%q has an open placeholder", template)
	}
	var err error
	fill(template, func(name string) string {
		if _, ok := neutral[name]; !ok {
			err = fmt.Errorf("%q has an unknown placeholder %q", template, name)
		}
		return ""
	})
	return err
}
