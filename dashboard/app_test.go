package dashboard_test

import (
	"encoding/json"
	"html"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"

	"mooring/dashboard"
)

// appMux mounts the dashboard as main does.
func appMux() *http.ServeMux {
	app := dashboard.App(dashboard.AppOptions{Endpoint: "/graphql", Sandbox: true, SignIn: true, Version: `1 "x" <y>`})
	mux := http.NewServeMux()
	for _, pattern := range dashboard.AppPaths() {
		mux.Handle(pattern, app)
	}
	return mux
}

// requestApp asks the dashboard for a path.
func requestApp(method, path string) *http.Response {
	w := httptest.NewRecorder()
	appMux().ServeHTTP(w, httptest.NewRequest(method, path, nil))
	return w.Result()
}

var appAsset = regexp.MustCompile(`/app/assets/[\w.-]+`)

func TestAppStatus(t *testing.T) {
	t.Parallel()
	script := appAsset.FindString(body(t, requestApp("GET", "/").Body))
	for _, c := range []struct {
		method, path string
		want         int
	}{
		{"GET", "/", 200},
		{"HEAD", "/", 200},
		{"GET", "/accounts", 200},
		{"GET", "/accounts/acc_1", 200},
		{"GET", "/accounts/acc_1/reconnect", 200},
		{"GET", "/settings/keys", 200},
		{"GET", "/settings", 307},
		{"GET", script, 200},
		{"POST", "/accounts", 405},
		{"GET", "/accounts/acc_1/else", 404},
		{"GET", "/elsewhere", 404},
		{"GET", "/app/index.html", 404},
		{"GET", "/app/assets/missing.js", 404},
		{"GET", "/app/assets/..%2findex.html", 404},
	} {
		if got := requestApp(c.method, c.path).StatusCode; got != c.want {
			t.Errorf("%s %s = %d; want %d", c.method, c.path, got, c.want)
		}
	}
}

func TestAppHeaders(t *testing.T) {
	t.Parallel()
	page := requestApp("GET", "/accounts")
	script := requestApp("GET", appAsset.FindString(body(t, page.Body)))
	for name, want := range map[string]string{"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-cache"} {
		if got := page.Header.Get(name); got != want {
			t.Errorf("%s of the page = %q; want %q", name, got, want)
		}
	}
	if got, want := script.Header.Get("Cache-Control"), "public, max-age=31536000, immutable"; got != want {
		t.Errorf("Cache-Control of an asset = %q; want %q", got, want)
	}
	policy := page.Header.Get("Content-Security-Policy") + ";"
	for _, directive := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"} {
		if !strings.Contains(policy, directive+";") {
			t.Errorf("Content-Security-Policy = %q; want %s in it", policy, directive)
		}
	}
	if strings.Contains(policy, "unsafe") {
		t.Errorf("Content-Security-Policy = %q; want nothing unsafe", policy)
	}
}

// TestAppConfiguration reads what the page is told, as its script does.
func TestAppConfiguration(t *testing.T) {
	t.Parallel()
	page := body(t, requestApp("GET", "/").Body)
	meta := regexp.MustCompile(`<meta name="mooring" content="([^"]*)">`).FindStringSubmatch(page)
	if meta == nil {
		t.Fatalf("the page has no configuration:\n%s", page)
	}
	var got dashboard.AppOptions
	if err := json.Unmarshal([]byte(html.UnescapeString(meta[1])), &got); err != nil {
		t.Fatal(err)
	}
	if want := (dashboard.AppOptions{Endpoint: "/graphql", Sandbox: true, SignIn: true, Version: `1 "x" <y>`}); got != want {
		t.Errorf("configuration = %+v; want %+v", got, want)
	}
	if found := regexp.MustCompile(`<script[^>]*>\s*[^<\s]|\son\w+=|https?://`).FindString(page); found != "" {
		t.Errorf("the page contains %q", found)
	}
}

// budget is how many bytes of script, packed, the browser may have to load before
// it shows anything.
const budget = 150 << 10

// TestAppScriptBudget weighs the scripts that the page names: all that is loaded
// before the first page is shown. What is fetched later has no mark there.
func TestAppScriptBudget(t *testing.T) {
	t.Parallel()
	var size int64
	for _, asset := range appAsset.FindAllString(body(t, requestApp("GET", "/").Body), -1) {
		if path.Ext(asset) != ".js" {
			continue
		}
		info, err := os.Stat("app/dist/assets/" + path.Base(asset) + ".gz")
		if err != nil {
			t.Fatal(err)
		}
		size += info.Size()
	}
	if t.Logf("%d bytes of %d", size, budget); size == 0 || size > budget {
		t.Errorf("scripts loaded at first = %d bytes; want at most %d", size, budget)
	}
}

// Every embedded asset is referred to, by the page or by another asset: the
// build leaves nothing of an earlier one behind.
func TestAppHasNoLeftovers(t *testing.T) {
	t.Parallel()
	entries, err := os.ReadDir("app/dist/assets")
	if err != nil {
		t.Fatal(err)
	}
	var references strings.Builder
	references.WriteString(body(t, requestApp("GET", "/").Body))
	for _, entry := range entries {
		references.WriteString(body(t, requestApp("GET", "/app/assets/"+strings.TrimSuffix(entry.Name(), ".gz")).Body))
	}
	for _, entry := range entries {
		if name := strings.TrimSuffix(entry.Name(), ".gz"); !strings.Contains(references.String(), name) {
			t.Errorf("nothing refers to the asset %s", name)
		}
	}
}
