package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const picture = `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"></svg>`

// Whatever the brand's colour, what is written in it or upon it can be read.
func TestBrandColoursCanBeRead(t *testing.T) {
	t.Parallel()
	steps := []float64{0, 0.1, 0.25, 0.4, 0.5, 0.6, 0.75, 0.9, 1}
	for _, r := range steps {
		for _, g := range steps {
			for _, b := range steps {
				c := color{r, g, b}
				if got := c.contrast(c.textOn()); got < readable {
					t.Errorf("text on %s is %s, with a contrast of %.2f; want %.1f", c, c.textOn(), got, readable)
				}
				hover := c.mixed(c.textOn(), -0.12)
				if got := hover.contrast(c.textOn()); got < c.contrast(c.textOn()) {
					t.Errorf("the pointer on a button of %s makes its text harder to read: %.2f", c, got)
				}
				for _, theme := range []struct{ ground, soft, towards color }{
					{lightGround, white.mixed(c, 0.1), black}, {darkGround, darkGround.mixed(c, 0.15), white},
				} {
					link := c.shade(theme.towards, theme.ground, theme.soft)
					for _, ground := range []color{theme.ground, theme.soft} {
						if got := link.contrast(ground); got < readable {
							t.Errorf("links of %s are %s on %s, with a contrast of %.2f; want %.1f", c, link, ground, got, readable)
						}
					}
				}
			}
		}
	}
}

// Known values, of WCAG's own examples and of everybody's calculators.
func TestContrast(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b string
		want float64
	}{{"#000000", "#ffffff", 21}, {"#777777", "#fff", 4.48}, {"#767676", "#fff", 4.54}, {"#f00", "#0000ff", 2.15}, {"#0f766e", "#0F766E", 1}} {
		a, errA := parseColor(test.a)
		b, errB := parseColor(test.b)
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		if got := a.contrast(*b); got < test.want-0.005 || got > test.want+0.005 {
			t.Errorf("contrast of %s and %s = %.3f; want %.2f", test.a, test.b, got, test.want)
		}
	}
	c, err := parseColor("#0F766E")
	if err != nil || c.String() != "#0f766e" {
		t.Errorf("parseColor(#0F766E) = %s, %v; want the same", c, err)
	}
}

func TestWrongBrandsAreRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, test := range []struct{ setting, want string }{
		{"MOORING_BRAND_COLOR=teal", "is no colour of the form #RRGGBB"},
		{"MOORING_BRAND_COLOR=#12345", "is no colour"},
		{"MOORING_BRAND_COLOR=0f766e", "is no colour"},
		{"MOORING_BRAND_COLOR=#12345g", "is no colour"},
		{"MOORING_BRAND_LOGO=http://cdn.example.com/logo.svg", "is no https address"},
		{"MOORING_BRAND_LOGO=https://cdn.example.com;script-src/logo.svg", "is no https address"},
		{"MOORING_BRAND_LOGO=" + filepath.Join(dir, "nothing.svg"), "a file that can be read"},
		{"MOORING_BRAND_LOGO=" + dir, "cannot be read"},
		{"MOORING_BRAND_LOGO=" + write("page.svg", "<!doctype html><title>x</title>"), "is no picture"},
		{"MOORING_BRAND_LOGO=" + write("large.svg", picture+strings.Repeat(" ", maxLogo)), "is larger than 512 KiB"},
	} {
		_, err := readConfig([]string{test.setting})
		name, _, _ := strings.Cut(test.setting, "=")
		if err == nil || !strings.HasPrefix(err.Error(), name+": ") || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "for example "+name+"=") {
			t.Errorf("%s: %v; want the name, %q and an example", test.setting, err, test.want)
		}
	}
}

// The pages show the installation's own name, colour and logo, and nothing of
// Mooring's.
func TestPagesAreWhiteLabel(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "logo.svg")
	if err := os.WriteFile(file, []byte(picture), 0o600); err != nil {
		t.Fatal(err)
	}
	for logo, want := range map[string]struct{ source, sources string }{
		file:                                {"/pages/logo", "img-src 'self';"},
		"https://cdn.example.com/a?b=c&d=e": {"https://cdn.example.com/a?b=c&amp;d=e", "img-src 'self' https://cdn.example.com;"},
		"":                                  {"", "img-src 'self';"},
	} {
		i := start(t, "MOORING_BRAND_NAME=Acme & Sons", "MOORING_BRAND_COLOR=#ffd400", "MOORING_BRAND_LOGO="+logo)
		b := newBrowser(t)
		_, address := caller{i, ""}.begin(t, map[string]any{"platform": "twitter"})
		for _, shown := range []page{b.get(t, i.url+"/login"), b.get(t, address+"x")} {
			header := `<header>Acme &amp; Sons</header>`
			if logo != "" {
				header = `<img src="` + want.source + `" alt="Acme &amp; Sons">`
			}
			if !strings.Contains(shown.body, header) || strings.Contains(shown.body, "Mooring") || !strings.Contains(shown.body, "Acme &amp; Sons</title>") {
				t.Errorf("with the logo %q the page is %s; want %s, and nothing of Mooring", logo, shown.body, header)
			}
			if got := shown.header.Get("Content-Security-Policy"); !strings.Contains(got, want.sources) {
				t.Errorf("with the logo %q pictures may come from %q; want %s", logo, got, want.sources)
			}
		}
		icon := b.get(t, i.url+"/favicon.ico")
		switch {
		case logo == file:
			if icon.body != picture || icon.header.Get("Content-Type") != "image/svg+xml" {
				t.Errorf("with the logo %q the icon is %s; want the logo", logo, icon.body)
			}
		case logo != "":
			if icon.location != logo {
				t.Errorf("with the logo %q the icon is %d at %q; want it there", logo, icon.status, icon.location)
			}
		case !strings.Contains(icon.body, `fill="#ffd400"`) || !strings.Contains(icon.body, `fill="#000000">A</text>`):
			t.Errorf("without a logo the icon is %s; want the initial on the colour", icon.body)
		}
		style := b.get(t, i.url+"/pages/brand.css")
		if !strings.Contains(style.body, "--act-fill: #ffd400;") || !strings.Contains(style.body, "--act-ink: #000000;") {
			t.Errorf("the stylesheet is %s; want the colour, and black upon it", style.body)
		}
		served := b.get(t, i.url+logoPath)
		if logo == file && (served.body != picture || served.header.Get("Content-Type") != "image/svg+xml") || logo != file && served.status != http.StatusNotFound {
			t.Errorf("with the logo %q GET %s = %d %s %s", logo, logoPath, served.status, served.header.Get("Content-Type"), served.body)
		}
	}
}
