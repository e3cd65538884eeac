package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// node runs a script in a folder whose npm packages are installed, and returns
// what it printed. What is missing skips the test, or fails it in CI.
func node(t *testing.T, folder, script string, args ...string) string {
	t.Helper()
	missing := ""
	if _, err := exec.LookPath("node"); err != nil {
		missing = "node is not on the PATH: install Node.js 20 or newer"
	} else if _, err := os.Stat(filepath.Join(folder, "node_modules")); err != nil {
		missing = "the npm packages are missing: run npm ci in " + folder
	}
	if missing != "" && os.Getenv("CI") != "" {
		t.Fatal(missing)
	}
	if missing != "" {
		t.Skip(missing)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, "node", append([]string{script}, args...)...)
	command.Dir = folder
	var printed, complaints strings.Builder
	command.Stdout, command.Stderr = &printed, &complaints
	if err := command.Run(); err != nil {
		t.Fatalf("node %s: %v\n%s%s", script, err, &printed, &complaints)
	}
	return printed.String()
}

const npmClients = "transport/testdata/clients"

// TestAudit lets the graphql-http package judge the endpoint.
func TestAudit(t *testing.T) {
	t.Parallel()
	t.Log(node(t, npmClients, "audit.mjs", start(t).url+"/graphql"))
}

// TestOutsideClients sees health change through the graphql-ws and graphql-sse
// clients.
func TestOutsideClients(t *testing.T) {
	t.Parallel()
	for _, script := range []string{"websocket.mjs", "sse.mjs"} {
		t.Run(script, func(t *testing.T) {
			t.Parallel()
			c := caller{instance: start(t)}
			b := newBrowser(t)
			_, address := c.begin(t, map[string]any{"platform": "linkedin"})
			b.get(t, b.consent(t, address, approve(8)))
			printed := node(t, npmClients, script, c.url+"/graphql", "subscription { healthChanged { health { status } } }", "3")
			var got []string
			for line := range strings.Lines(printed) {
				var item struct {
					Data struct {
						HealthChanged struct{ Health struct{ Status string } }
					}
				}
				if err := json.Unmarshal([]byte(line), &item); err != nil {
					t.Fatalf("%s: %v", line, err)
				}
				got = append(got, item.Data.HealthChanged.Health.Status)
			}
			if want := "HEALTHY EXPIRING_SOON EXPIRED"; strings.Join(got, " ") != want {
				t.Errorf("%s saw %v; want %s", script, got, want)
			}
		})
	}
}

// needChromium skips the test where there is no browser, or fails it in CI.
func needChromium(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("chromium"); err == nil || os.Getenv("CHROMIUM") != "" {
		return
	}
	const missing = "chromium is not on the PATH, and CHROMIUM does not name it"
	if os.Getenv("CI") != "" {
		t.Fatal(missing)
	}
	t.Skip(missing)
}

// TestPlaygroundInBrowser opens the playground of the whole program in
// Chromium: it connects, subscribes, asks no other host and reports no fault.
func TestPlaygroundInBrowser(t *testing.T) {
	t.Parallel()
	needChromium(t)
	t.Log(node(t, "dashboard", "playground/browser-test.mjs", start(t).url))
}

// TestFrontEndInBrowser uses a front end that is written with plain fetch and
// served elsewhere: it shows the health of accounts, connects one, and explains
// errors.
func TestFrontEndInBrowser(t *testing.T) {
	t.Parallel()
	needChromium(t)
	site := httptest.NewServer(http.FileServer(http.Dir("dashboard/playground")))
	defer site.Close()
	program := start(t, "MOORING_JWT_SECRET="+jwtSecret, "MOORING_SANDBOX=on", "MOORING_ALLOWED_ORIGINS="+site.URL)
	ada := caller{program, token(t, "ada", "w", "member", time.Now().Add(time.Hour))}
	healthy := ada.connected(t, "twitter")
	ending := ada.connected(t, "linkedin", "persona", "ines")
	ended := ada.connected(t, "linkedin", "persona", "tomas")
	for persona, age := range map[string]string{"ines": `{"expiresInSeconds": 3600}`, "tomas": `{"expiresInSeconds": 0}`} {
		for _, g := range ada.grants(t, "linkedin", persona) {
			ada.control(t, http.MethodPost, "grants/"+g.ID+"/age", age)
		}
	}
	t.Log(node(t, "dashboard", "playground/front-end-test.mjs", site.URL, ada.url, ada.token, "ada", healthy, ending, ended))
}
