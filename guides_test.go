package main

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/template"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"mooring/platforms"
)

// guidesFolder holds a guide for each platform, and a page that compares them.
const guidesFolder = "docs/platforms"

// guide is what guide.tmpl and, for all platforms, readme.tmpl are filled with.
type guide struct {
	*platforms.Platform
	Ways []way
}

// way is a login method in a guide.
type way struct {
	*platforms.Login
	Several     bool // the platform has more ways than this
	RedirectURI string
	Settings    []variable
	SharedWith  []*platforms.Platform // whose app it is, too
}

type variable struct{ Name, Doc string }

func newGuide(p *platforms.Platform) guide {
	g := guide{Platform: p}
	for _, l := range p.Logins {
		w := way{
			Login: l, Several: len(p.Logins) > 1,
			RedirectURI: "https://mooring.example.com/api/oauth/" + l.Callback + "/callback",
		}
		for _, s := range loginSettings(p, l) {
			w.Settings = append(w.Settings, variable{s.name, s.doc})
		}
		for _, other := range platforms.All() {
			same := func(o *platforms.Login) bool { return o.Env == l.Env }
			if other != p && slices.ContainsFunc(other.Logins, same) {
				w.SharedWith = append(w.SharedWith, other)
			}
		}
		g.Ways = append(g.Ways, w)
	}
	return g
}

// Versioned are the ways whose API has dated releases.
func (g guide) Versioned() []way {
	return slices.DeleteFunc(slices.Clone(g.Ways), func(w way) bool { return w.Version == "" })
}

// Telling are the ways whose platform has webhooks.
func (g guide) Telling() []way {
	return slices.DeleteFunc(slices.Clone(g.Ways), func(w way) bool { return len(w.Webhooks) == 0 })
}

// VersionVariable is the setting of the API's release.
func (w way) VersionVariable() string { return w.Environment()[3] }

// Defaults are the scopes that connect asks for unless told otherwise.
func (w way) Defaults() []string {
	var names []string
	for _, s := range w.Scopes {
		if s.Default {
			names = append(names, s.Name)
		}
	}
	return names
}

// Asked says when connect asks for a scope.
func (w way) Asked(s platforms.Scope) string {
	gives := func(o platforms.Scope) bool { return o.Default && o.Capability == s.Capability }
	switch {
	case s.Required:
		return "always; without it nothing is connected"
	case s.Default:
		return "by default"
	case slices.ContainsFunc(w.Scopes, gives):
		return "by name"
	}
	return "for its capability, or by name"
}

// lasts says a duration in the largest unit that gives a whole number; two days
// at least are days.
func lasts(d time.Duration) string {
	n, unit := int(d/time.Minute), "minute"
	switch {
	case d%(24*time.Hour) == 0 && d > 24*time.Hour:
		n, unit = int(d/(24*time.Hour)), "day"
	case d%time.Hour == 0:
		n, unit = int(d/time.Hour), "hour"
	}
	if n != 1 {
		unit += "s"
	}
	return strconv.Itoa(n) + " " + unit
}

// guides are the pages of docs/platforms by file name.
func guides(t *testing.T) map[string]string {
	t.Helper()
	templates, err := template.New("").Option("missingkey=error").Funcs(template.FuncMap{
		"join": strings.Join, "lasts": lasts,
		"lower": func(d platforms.Difficulty) string { return strings.ToLower(string(d)) },
		"inc":   func(i int) int { return i + 1 },
	}).ParseGlob(filepath.Join(guidesFolder, "*.tmpl"))
	if err != nil {
		t.Fatal(err)
	}
	pages := map[string]string{}
	fill := func(page, name string, data any) {
		var text strings.Builder
		if err := templates.ExecuteTemplate(&text, name, data); err != nil {
			t.Fatal(err)
		}
		pages[page] = strings.TrimSpace(text.String()) + "\n"
	}
	var all []guide
	for _, p := range platforms.All() {
		g := newGuide(p)
		fill(p.ID+".md", "guide.tmpl", g)
		all = append(all, g)
	}
	fill("README.md", "readme.tmpl", all)
	return pages
}

func TestGuides(t *testing.T) {
	want := guides(t)
	if *update {
		for page, text := range want {
			if err := os.WriteFile(filepath.Join(guidesFolder, page), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	files, err := filepath.Glob(filepath.Join(guidesFolder, "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		got[filepath.Base(file)] = string(text)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s differs from the catalogue; run `make guides` (-catalogue +%[1]s):\n%s", guidesFolder, diff)
	}
}

// TestGuidesAskTheSchema takes the operations out of the guides: they must be
// ones that the server answers.
func TestGuidesAskTheSchema(t *testing.T) {
	t.Parallel()
	schema := readSchema(t)
	for page, text := range guides(t) {
		for _, block := range strings.Split(text, "```graphql\n")[1:] {
			operation, _, _ := strings.Cut(block, "```")
			if _, err := gqlparser.LoadQueryWithRules(schema, operation, rules.NewDefaultRules()); err != nil {
				t.Errorf("%s: %s: %v", page, operation, err)
			}
		}
	}
}

// What the API calls a login method's variables, the configuration reads.
func TestEnvironmentIsRead(t *testing.T) {
	t.Parallel()
	for _, p := range platforms.All() {
		for _, l := range p.Logins {
			var read []string
			for _, s := range loginSettings(p, l) {
				read = append(read, s.name)
			}
			if names := l.Environment(); len(names) > len(read) || !slices.Equal(names, read[:len(names)]) {
				t.Errorf("Environment() of %s/%s = %q; want the first settings of %q", p.ID, l.ID, names, read)
			}
		}
	}
}

func TestLasts(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		time.Minute: "1 minute", 90 * time.Minute: "90 minutes", time.Hour: "1 hour", 2 * time.Hour: "2 hours",
		24 * time.Hour: "24 hours", 48 * time.Hour: "2 days", 60 * 24 * time.Hour: "60 days",
	} {
		if got := lasts(d); got != want {
			t.Errorf("lasts(%v) = %q; want %q", d, got, want)
		}
	}
}
