package main

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"mooring/internal/programs"
	ingo "mooring/transport/testdata/clients/health"
)

const npmClients = "transport/testdata/clients"

// TestAudit lets the graphql-http package judge the endpoint.
func TestAudit(t *testing.T) {
	t.Parallel()
	t.Log(programs.Node(t, npmClients, nil, "audit.mjs", start(t).url+"/graphql"))
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
			printed := programs.Node(t, npmClients, nil, script, c.url+"/graphql", "subscription { healthChanged { health { status } } }", "3")
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

// TestDocumentedClients runs the programs of docs/clients.md: each gets the health
// of an account, loses its connection, misses a change, and is told of it once it
// goes on.
func TestDocumentedClients(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("docs/clients.md")
	if err != nil {
		t.Fatal(err)
	}
	snippets := regexp.MustCompile("(?s)```(js|go|sh)\n(?:// (\\w+\\.js)\n)?(.*?)```").FindAllStringSubmatch(string(text), -1)
	folder, err := os.MkdirTemp(npmClients, "documented-") //nolint:usetesting // beside the packages that it imports
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	var inGo, shell string
	for _, s := range snippets {
		switch s[1] {
		case "js":
			if err := os.WriteFile(filepath.Join(folder, s[2]), []byte(s[3]), 0o600); err != nil {
				t.Fatal(err)
			}
		case "go":
			inGo = s[3]
		case "sh":
			shell = s[3]
		}
	}
	if err := os.Link(filepath.Join(npmClients, "healthSubscription.graphql.js"), filepath.Join(folder, "healthSubscription.graphql.js")); err != nil {
		t.Fatal(err)
	}
	if compiled, err := os.ReadFile(npmClients + "/health/health.go"); err != nil || !strings.HasSuffix(string(compiled), inGo) {
		t.Errorf("docs/clients.md shows another Go program than %s/health/health.go, %v", npmClients, err)
	}

	c := caller{instance: start(t, "MOORING_JWT_SECRET="+jwtSecret, "MOORING_SANDBOX=on")}
	c.token = token(t, "ada", "acme", "owner", time.Now().Add(time.Hour))
	c.connected(t, "linkedin", "persona", "tomas", "refresh", "no")
	byGo, goCursor := c.followInGo(t, nil)
	byCurl, curlCursor := c.followByCurl(t, shell, "")
	if byGo != " HEALTHY" || byCurl != " HEALTHY" {
		t.Errorf("first the Go program saw %q, curl %q; want a snapshot, HEALTHY", byGo, byCurl)
	}
	t.Log(programs.Node(t, npmClients, nil, "documented.mjs", filepath.Base(folder), c.url+"/graphql", c.token, c.url+"/sandbox/api/grants/"+c.grants(t, "linkedin", "tomas")[0].ID+"/age"))
	if byGo, _ = c.followInGo(t, goCursor); byGo != "HEALTHY EXPIRING_SOON" {
		t.Errorf("going on, the Go program saw %q; want HEALTHY EXPIRING_SOON", byGo)
	}
	if byCurl, _ = c.followByCurl(t, shell, curlCursor); byCurl != "HEALTHY EXPIRING_SOON" {
		t.Errorf("going on, curl saw %q; want HEALTHY EXPIRING_SOON", byCurl)
	}
}

// followInGo returns the first change that the Go program of docs/clients.md sees,
// the status before it and after, and where to go on.
func (c caller) followInGo(t *testing.T, cursor *string) (change string, next *string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	next, err := ingo.Follow(ctx, "ws"+strings.TrimPrefix(c.url, "http")+"/graphql", c.token, cursor, func(item *ingo.HealthChangedHealthChangedHealthChange) {
		if change == "" && item.Health != nil {
			before := cmp.Or(item.PreviousStatus, new(ingo.HealthStatus))
			change = string(*before) + " " + string(item.Health.Status)
		}
		cancel()
	})
	if ctx.Err() == nil {
		t.Errorf("the Go program ended: %v", err)
	}
	return change, next
}

// followByCurl does the same by the shell script.
func (c caller) followByCurl(t *testing.T, script, cursor string) (change, next string) {
	t.Helper()
	programs.Need(t, "bash", "curl", "jq")
	shell := exec.CommandContext(t.Context(), "bash", "-c", script)
	shell.Env = append(os.Environ(), "URL="+c.url+"/graphql", "TOKEN="+c.token, "AFTER="+cursor)
	shell.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // curl ends with it
	printed, err := shell.StdoutPipe()
	if err == nil {
		err = shell.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	var item struct {
		Cursor, PreviousStatus string
		Health                 struct{ Status string }
	}
	err = json.NewDecoder(printed).Decode(&item)
	if err := syscall.Kill(-shell.Process.Pid, syscall.SIGKILL); err != nil {
		t.Error(err)
	}
	_ = shell.Wait() // it was killed
	if err != nil {
		t.Fatalf("curl: %v", err)
	}
	return item.PreviousStatus + " " + item.Health.Status, item.Cursor
}

// TestPlaygroundInBrowser opens the playground of the whole program in
// Chromium: it connects, subscribes, asks no other host and reports no fault.
func TestPlaygroundInBrowser(t *testing.T) {
	t.Parallel()
	programs.Chromium(t)
	t.Log(programs.Node(t, "dashboard", nil, "playground/browser-test.mjs", start(t).url))
}

// TestFrontEndInBrowser uses a front end that is written with plain fetch and
// served elsewhere: it shows the health of accounts, connects one, and explains
// errors.
func TestFrontEndInBrowser(t *testing.T) {
	t.Parallel()
	programs.Chromium(t)
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
	t.Log(programs.Node(t, "dashboard", nil, "playground/front-end-test.mjs", site.URL, ada.url, ada.token, "ada", healthy, ending, ended))
}
