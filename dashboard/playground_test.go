package dashboard_test

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"mooring/dashboard"
)

var playground = dashboard.Playground(dashboard.Options{Endpoint: "/graphql", Sandbox: true})

// request asks the playground for a path, with headers as pairs of name and value.
func request(method, path string, headers ...string) *http.Response {
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	playground.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r io.Reader) string {
	t.Helper()
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

var assetPath = regexp.MustCompile(`/playground/assets/[\w.-]+`)

// assets are the paths that the page names.
func assets(t *testing.T) []string {
	t.Helper()
	page := body(t, request("GET", "/playground").Body)
	paths := assetPath.FindAllString(page, -1)
	if len(paths) == 0 {
		t.Fatalf("the page names no assets:\n%s", page)
	}
	return paths
}

func TestPlaygroundStatus(t *testing.T) {
	t.Parallel()
	script := assets(t)[0]
	for _, c := range []struct {
		method, path string
		want         int
	}{
		{"GET", "/", 404},
		{"GET", "/playground", 200},
		{"GET", "/playground/", 200},
		{"HEAD", "/playground", 200},
		{"GET", "/playground/config.json", 200},
		{"GET", "/playground/favicon.svg", 200},
		{"GET", script, 200},
		{"HEAD", script, 200},
		{"POST", "/playground", 405},
		{"DELETE", script, 405},
		{"GET", script + ".gz", 404},
		{"GET", "/playground/assets/", 404},
		{"GET", "/playground/assets/missing.js", 404},
		{"GET", "/playground/assets/..%2f..%2fexamples%2f01-connect.graphql", 404},
		{"GET", "/playground/assets/..%2findex.html", 404},
		{"GET", "/playground/dist/index.html", 404},
		{"GET", "/playground/index.html", 404},
		{"GET", "/elsewhere", 404},
	} {
		if got := request(c.method, c.path).StatusCode; got != c.want {
			t.Errorf("%s %s = %d; want %d", c.method, c.path, got, c.want)
		}
	}
}

func TestPlaygroundHeaders(t *testing.T) {
	t.Parallel()
	script := assets(t)[0]
	for _, c := range []struct{ path, contentType, cacheControl string }{
		{"/playground", "text/html; charset=utf-8", "no-cache"},
		{"/playground/config.json", "application/json", "no-cache"},
		{"/playground/favicon.svg", "image/svg+xml", "no-cache"},
		{script, "", "public, max-age=31536000, immutable"},
		{"/playground/assets/missing.js", "text/plain; charset=utf-8", ""},
	} {
		h := request("GET", c.path).Header
		want := map[string]string{
			"Cache-Control":          c.cacheControl,
			"X-Content-Type-Options": "nosniff",
			"X-Frame-Options":        "DENY",
			"Referrer-Policy":        "same-origin",
		}
		if c.contentType != "" {
			want["Content-Type"] = c.contentType
		}
		for name, value := range want {
			if got := h.Get(name); got != value {
				t.Errorf("%s of %s = %q; want %q", name, c.path, got, value)
			}
		}
		policy := h.Get("Content-Security-Policy")
		for _, directive := range []string{"default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"} {
			if !strings.Contains(policy+";", directive+";") {
				t.Errorf("Content-Security-Policy of %s = %q; want %s in it", c.path, policy, directive)
			}
		}
	}
}

func TestPlaygroundContentTypes(t *testing.T) {
	t.Parallel()
	for _, path := range assets(t) {
		want := map[string]string{
			"js":  "text/javascript; charset=utf-8",
			"css": "text/css; charset=utf-8",
			"txt": "text/plain; charset=utf-8",
		}[path[strings.LastIndex(path, ".")+1:]]
		if got := request("HEAD", path).Header.Get("Content-Type"); got != want {
			t.Errorf("Content-Type of %s = %q; want %q", path, got, want)
		}
	}
}

// A page without inline script and foreign addresses is what the policy counts on.
func TestPlaygroundPageIsBare(t *testing.T) {
	t.Parallel()
	page := body(t, request("GET", "/playground").Body)
	if found := regexp.MustCompile(`<script[^>]*>\s*[^<\s]|\son\w+=|https?://`).FindString(page); found != "" {
		t.Errorf("the page contains %q", found)
	}
}

func TestPlaygroundEncodings(t *testing.T) {
	t.Parallel()
	for _, path := range assets(t) {
		packed := request("GET", path, "Accept-Encoding", "br, gzip")
		unpacked, err := gzip.NewReader(packed.Body)
		if err != nil {
			t.Fatalf("%s as gzip: %v", path, err)
		}
		plain := request("GET", path)
		if body(t, unpacked) != body(t, plain.Body) {
			t.Errorf("%s differs between gzip and identity", path)
		}
		if packed.Header.Get("ETag") == plain.Header.Get("ETag") {
			t.Errorf("%s has one ETag for two encodings", path)
		}
		for _, answer := range []*http.Response{packed, plain} {
			if got := answer.Header.Get("Vary"); got != "Accept-Encoding" {
				t.Errorf("Vary of %s = %q; want Accept-Encoding", path, got)
			}
		}
	}
}

func TestPlaygroundAcceptEncoding(t *testing.T) {
	t.Parallel()
	script := assets(t)[0]
	for accepted, want := range map[string]string{
		"gzip":                "gzip",
		"GZip":                "gzip",
		"gzip, deflate, br":   "gzip",
		"br;q=1.0,gzip;q=0.8": "gzip",
		"br, gzip; q=0.5":     "gzip",
		"":                    "",
		"br":                  "",
		"identity":            "",
		"gzip;q=0":            "",
		"gzip;q=0.000, br":    "",
		"gzip;q=much":         "",
		"x-gzip2":             "",
	} {
		if got := request("HEAD", script, "Accept-Encoding", accepted).Header.Get("Content-Encoding"); got != want {
			t.Errorf("Content-Encoding for Accept-Encoding %q = %q; want %q", accepted, got, want)
		}
	}
}

func TestPlaygroundNotModified(t *testing.T) {
	t.Parallel()
	for _, path := range append(assets(t), "/playground", "/playground/config.json", "/playground/favicon.svg") {
		etag := request("GET", path).Header.Get("ETag")
		again := request("GET", path, "If-None-Match", etag)
		if again.StatusCode != http.StatusNotModified || body(t, again.Body) != "" {
			t.Errorf("GET %s with its ETag %s = %d; want 304 without a body", path, etag, again.StatusCode)
		}
		if got := request("GET", path, "If-None-Match", `"another"`).StatusCode; got != http.StatusOK {
			t.Errorf("GET %s with another ETag = %d; want 200", path, got)
		}
	}
}

// Every embedded asset is referred to, by the page or by another asset: the
// build leaves nothing of an earlier one behind.
func TestPlaygroundHasNoLeftovers(t *testing.T) {
	t.Parallel()
	var references strings.Builder
	references.WriteString(body(t, request("GET", "/playground").Body))
	for _, path := range assets(t) {
		references.WriteString(body(t, request("GET", path).Body))
	}
	entries, err := os.ReadDir("playground/dist/assets")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if name := strings.TrimSuffix(entry.Name(), ".gz"); !strings.Contains(references.String(), name) {
			t.Errorf("nothing refers to the asset %s", name)
		}
	}
}

func TestPlaygroundConfig(t *testing.T) {
	t.Parallel()
	var config struct {
		Endpoint string
		Sandbox  bool
		Examples []dashboard.Example
	}
	if err := json.NewDecoder(request("GET", "/playground/config.json").Body).Decode(&config); err != nil {
		t.Fatal(err)
	}
	if config.Endpoint != "/graphql" || !config.Sandbox {
		t.Errorf("config.json has endpoint %q, sandbox %t; want /graphql, true", config.Endpoint, config.Sandbox)
	}
	if got, want := len(config.Examples), len(dashboard.Examples()); got != want {
		t.Errorf("config.json has %d examples; want %d", got, want)
	}
}

func TestFavicon(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	dashboard.Favicon().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/favicon.ico", nil))
	if got := w.Header().Get("Content-Type"); w.Code != 200 || got != "image/svg+xml" {
		t.Errorf("GET /favicon.ico = %d, %s; want 200, image/svg+xml", w.Code, got)
	}
}
