package sandbox_test

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"mooring/platforms"
	"mooring/platforms/sandbox"
)

// TestGuide: docs/sandbox.md names every persona, endpoint, preset and action.
func TestGuide(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile(filepath.Join("..", "..", "docs", "sandbox.md"))
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, sandbox.Options{})
	list := func(pattern, text string) []string {
		found := regexp.MustCompile(pattern).FindStringSubmatch(text)
		if found == nil {
			t.Fatalf("%q has nothing like %s", text, pattern)
		}
		return strings.Split(found[1], ", ")
	}
	var names []string
	for _, p := range platforms.All() {
		for _, l := range p.Logins {
			a := w.appOf(p, l)
			page := w.send(http.MethodGet, a.AuthCodeURL("s", verifier, []string{l.Scopes[0].Name}), "", "").body
			for _, persona := range regexp.MustCompile(`name="persona" value="([^"]+)"`).FindAllStringSubmatch(page, -1) {
				names = append(names, persona[1])
			}
		}
	}
	if len(names) < 10 {
		t.Fatalf("the consent pages have the personas %q only", names)
	}
	var answer map[string]string
	w.control(http.MethodPost, "faults", `{"endpoint":"none"}`, &answer)
	names = append(names, list(`there are (.*)`, answer["error"])...)
	w.control(http.MethodPost, "faults", `{"preset":"none"}`, &answer)
	names = append(names, list(`there are (.*)`, answer["error"])...)
	w.control(http.MethodPost, "grants/none/none", `{}`, &answer)
	names = append(names, list(`there are (.*)`, answer["error"])...)
	for _, name := range names {
		if !strings.Contains(string(guide), "`"+name+"`") {
			t.Errorf("docs/sandbox.md does not mention `%s`", name)
		}
	}
}
