package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"math"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"mooring/dashboard"
	"mooring/platforms"
)

// brand is what people see the installation as, on the pages and in the
// dashboard.
type brand struct {
	name  string
	color *color // nil: none of its own
	logo  logo
}

// color is one of sRGB, as shares of red, green and blue from 0 to 1.
type color [3]float64

// parseColor reads #RRGGBB or #RGB.
func parseColor(v string) (*color, error) {
	digits, found := strings.CutPrefix(v, "#")
	if len(digits) == 3 {
		digits = string([]byte{digits[0], digits[0], digits[1], digits[1], digits[2], digits[2]})
	}
	n, err := strconv.ParseUint(digits, 16, 32)
	if !found || len(digits) != 6 || err != nil {
		return nil, errors.New("is no colour of the form #RRGGBB")
	}
	return &color{float64(n>>16) / 255, float64(n>>8&255) / 255, float64(n&255) / 255}, nil
}

func (c color) String() string {
	part := func(v float64) int { return int(math.Round(min(1, max(0, v)) * 255)) }
	return fmt.Sprintf("#%02x%02x%02x", part(c[0]), part(c[1]), part(c[2]))
}

// luminance is the relative luminance of WCAG 2.2.
func (c color) luminance() float64 {
	linear := func(v float64) float64 {
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c[0]) + 0.7152*linear(c[1]) + 0.0722*linear(c[2])
}

// contrast is the contrast ratio of WCAG 2.2, from 1 to 21.
func (c color) contrast(with color) float64 {
	a, b := c.luminance(), with.luminance()
	return (max(a, b) + 0.05) / (min(a, b) + 0.05)
}

var (
	black = color{0, 0, 0}
	white = color{1, 1, 1}
	// The grounds on which pages and the dashboard write, by theme: of each the one
	// that text stands out from the least.
	lightGround = color{0xee / 255., 0xf1 / 255., 0xf5 / 255.}
	darkGround  = color{0x23 / 255., 0x2a / 255., 0x34 / 255.}
)

// readable is the contrast that WCAG 2.2 (1.4.3) wants of text.
const readable = 4.5

// textOn is white or black, whichever can be read on c. One of them always can.
func (c color) textOn() color {
	if c.contrast(white) >= readable {
		return white
	}
	return black
}

// mixed is c with a share of another colour.
func (c color) mixed(with color, share float64) color {
	for i := range c {
		c[i] += (with[i] - c[i]) * share
	}
	return c
}

// shade is the colour nearest to c, on its way to another, that can be read on
// all grounds.
func (c color) shade(towards color, grounds ...color) color {
	const steps = 50
	for i := range steps {
		mixed := c.mixed(towards, float64(i)/steps)
		if !slices.ContainsFunc(grounds, func(g color) bool { return mixed.contrast(g) < readable }) {
			return mixed
		}
	}
	return towards
}

// style is the stylesheet of the brand's colour: for fields filled with it and
// the text upon them, for links and the like (--act), and for soft grounds below
// those. It is empty without a colour: pages and dashboard have one of their own.
func (b brand) style() []byte {
	if b.color == nil {
		return nil
	}
	c := *b.color
	theme := func(ground, soft, towards color) string {
		return fmt.Sprintf("--act: %s; --act-fill: %s; --act-fill-hover: %s; --act-ink: %s; --act-soft: %s;",
			c.shade(towards, ground, soft), c, c.mixed(c.textOn(), -0.12), c.textOn(), soft)
	}
	light := theme(lightGround, white.mixed(c, 0.1), black)
	dark := theme(darkGround, darkGround.mixed(c, 0.15), white)
	return fmt.Appendf(nil, `:root { %s }
@media (prefers-color-scheme: dark) { :root:not([data-theme="light"]) { %s } }
:root[data-theme="dark"] { %[2]s }
`, light, dark)
}

// logo is a picture: one elsewhere, by its address, or one that is served here.
// Its zero value is none.
type logo struct {
	address     string
	content     []byte
	contentType string
}

// logoPath is where a logo is served that was given as a file.
const logoPath = "/pages/logo"

// maxLogo is how large a logo's file may be, in bytes.
const maxLogo = 512 << 10

// parseLogo reads an https address, or a file.
func parseLogo(v string) (logo, error) {
	if strings.Contains(v, "://") {
		if u, err := url.Parse(v); err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || strings.ContainsAny(u.Host, " ;,'\"") {
			return logo{}, errors.New("is no https address")
		}
		return logo{address: v}, nil
	}
	file, err := os.Open(v)
	if err != nil {
		return logo{}, errors.New("is neither an https address nor a file that can be read")
	}
	defer func() { _ = file.Close() }() // it was only read
	content, err := io.ReadAll(io.LimitReader(file, maxLogo+1))
	switch {
	case err != nil:
		return logo{}, errors.New("cannot be read")
	case len(content) > maxLogo:
		return logo{}, fmt.Errorf("is larger than %d KiB", maxLogo>>10)
	}
	kind := pictureType(content)
	if kind == "" {
		return logo{}, errors.New("is no picture: neither SVG, PNG, JPEG, WebP nor GIF")
	}
	return logo{address: logoPath, content: content, contentType: kind}, nil
}

// pictureType is the media type of a picture that browsers show, or "".
func pictureType(content []byte) string {
	switch kind := http.DetectContentType(content); kind {
	case "image/png", "image/jpeg", "image/webp", "image/gif":
		return kind
	}
	if head := content[:min(len(content), 4<<10)]; bytes.Contains(head, []byte("<svg")) && utf8.Valid(content) {
		return "image/svg+xml"
	}
	return ""
}

// source is where a page may load the logo from, for its
// Content-Security-Policy.
func (l logo) source() string {
	u, err := url.Parse(l.address)
	if err != nil || u.Host == "" {
		return "'self'"
	}
	return "'self' " + u.Scheme + "://" + u.Host
}

// brandStyle serves the brand's stylesheet.
func (s *server) brandStyle(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(s.config.brand.style()) // the browser may be gone
}

// logoFile serves a logo that was given as a file. Its name does not change with
// it, so browsers ask again.
func (s *server) logoFile(w http.ResponseWriter, r *http.Request) {
	l := s.config.brand.logo
	if l.content == nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", l.contentType)
	w.Header().Set("Cache-Control", "public, max-age=300")
	_, _ = w.Write(l.content) // the browser may be gone
}

// icon serves what stands for the brand in a browser's tab: its logo, or else its
// initial on its colour. Where nothing is branded that is Mooring's own.
func (s *server) icon() http.Handler {
	b := s.config.brand
	switch {
	case b.logo.content != nil:
		return http.HandlerFunc(s.logoFile)
	case b.logo.address != "":
		return http.RedirectHandler(b.logo.address, http.StatusTemporaryRedirect)
	case b.color == nil && b.name == "Mooring":
		return dashboard.Favicon()
	}
	fill := color{0x0b / 255., 0x57 / 255., 0xd0 / 255.} // as --act-fill of the pages
	if b.color != nil {
		fill = *b.color
	}
	initial, _ := utf8.DecodeRuneInString(b.name)
	mark := fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="%s"/>`+
		`<text x="16" y="23" text-anchor="middle" font-family="system-ui, sans-serif" font-size="20" font-weight="700" fill="%s">%s</text></svg>`,
		fill, fill.textOn(), html.EscapeString(string(unicode.ToUpper(initial))))
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "image/svg+xml")
		w.Header().Set("Cache-Control", "no-cache")
		_, _ = w.Write(mark) // the browser may be gone
	})
}

// checkLogo asks for a logo that is elsewhere, as a browser would.
func (c *config) checkLogo(ctx context.Context) []platforms.Check {
	if c.brand.logo.address == "" || c.brand.logo.content != nil {
		return nil
	}
	check := platforms.Check{Name: "Logo: MOORING_BRAND_LOGO", Status: platforms.Skipped, Message: "Checks that need the network are switched off."}
	if c.checkNetwork == "off" {
		return []platforms.Check{check}
	}
	resp, err := c.fetch(ctx, c.brand.logo.address, nil)
	if err != nil {
		what, fix := platforms.Obstacle(err)
		check.Status, check.Message, check.Fix = platforms.Warn, "It is not reached from here: "+what+".", fix
		return []platforms.Check{check}
	}
	_ = resp.Body.Close() // its header has told
	check.Status, check.Message = platforms.Pass, "There is a picture."
	if kind := resp.Header.Get("Content-Type"); resp.StatusCode != http.StatusOK || !strings.HasPrefix(kind, "image/") {
		check.Status, check.Message = platforms.Warn, fmt.Sprintf("There is no picture: HTTP %d, type %q.", resp.StatusCode, kind)
		check.Fix = "Open the address in a browser, and set the one that it ends at; or set a file, which Mooring serves itself."
	}
	return []platforms.Check{check}
}
