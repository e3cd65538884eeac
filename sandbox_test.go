package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/joho/godotenv"
	"golang.org/x/oauth2"

	"mooring/internal/programs"
	"mooring/platforms"
)

// TestMain lets the test's own program play the command mooring. Many tests wait,
// for a browser or for the end of a token, so more of them run than there are
// processors, unless -parallel says otherwise.
func TestMain(m *testing.M) {
	if os.Getenv("MOORING_TEST_ROLE") == "mooring" {
		main()
		return
	}
	if err := flag.Set("test.parallel", fmt.Sprint(2*runtime.GOMAXPROCS(0))); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// played runs mooring sandbox and returns its address and the variables that
// lead there.
func played(t *testing.T, args ...string) (address string, env map[string]string) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	printed, out := io.Pipe()
	done := make(chan error, 1)
	go func() {
		err := run(ctx, append([]string{"sandbox", "--listen=127.0.0.1:0"}, args...), nil, out, out)
		out.CloseWithError(io.EOF)
		done <- err
	}()
	line, _ := bufio.NewReader(printed).ReadString('\n')
	go func() { _, _ = io.Copy(io.Discard, printed) }() // it ends with the command
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("mooring sandbox: %v", err)
		}
	})
	address = regexp.MustCompile(`http://[^/]+`).FindString(line)
	if address == "" {
		stop()
		t.Fatalf("mooring sandbox printed %q; want where it is", line)
	}
	env, err := godotenv.Unmarshal(must(t, nil, "sandbox", "--env", "--listen="+strings.TrimPrefix(address, "http://")))
	if err != nil {
		t.Fatal(err)
	}
	return address, env
}

// TestSandboxCommand points another client at mooring sandbox.
func TestSandboxCommand(t *testing.T) {
	t.Parallel()
	const back = "http://localhost:3000/callback"
	address, env := played(t, "--auto-approve", "--redirect-uri=https://other.example/back", "--redirect-uri="+back)
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	ctx := context.WithValue(t.Context(), oauth2.HTTPClient, client)
	for prefix, tt := range map[string]struct {
		style  oauth2.AuthStyle
		scopes []string
		params []oauth2.AuthCodeOption
	}{
		"TWITTER": {oauth2.AuthStyleInHeader, []string{"users.read", "tweet.read", "offline.access"}, nil},
		"GOOGLE":  {oauth2.AuthStyleInParams, []string{"openid", "https://www.googleapis.com/auth/youtube.readonly"}, []oauth2.AuthCodeOption{oauth2.AccessTypeOffline}},
	} {
		verifier := oauth2.GenerateVerifier()
		app := oauth2.Config{
			ClientID: env[prefix+"_CLIENT_ID"], ClientSecret: env[prefix+"_CLIENT_SECRET"], Scopes: tt.scopes, RedirectURL: back,
			Endpoint: oauth2.Endpoint{AuthURL: env[prefix+"_AUTHORIZE_URL"], TokenURL: env[prefix+"_TOKEN_URL"], AuthStyle: tt.style},
		}
		resp, err := client.Get(app.AuthCodeURL("s1", append(tt.params, oauth2.S256ChallengeOption(verifier))...))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		to, err := resp.Location()
		if err != nil || !strings.HasPrefix(to.String(), back) || to.Query().Get("state") != "s1" {
			t.Fatalf("%s: the consent page leads to %v, %v; want the callback", prefix, to, err)
		}
		token, err := app.Exchange(ctx, to.Query().Get("code"), oauth2.VerifierOption(verifier))
		if err != nil {
			t.Fatalf("%s: %v", prefix, err)
		}
		token.Expiry = time.Now().Add(-time.Minute)
		refreshed, err := app.TokenSource(ctx, token).Token()
		if err != nil || refreshed.AccessToken == token.AccessToken {
			t.Errorf("%s: refresh = %v, %v; want another token", prefix, refreshed, err)
		}
	}
	var count struct{ Count int }
	resp, err := client.Get(address + "/sandbox/api/requests/count?grantType=refresh_token")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&count); err != nil || count.Count != 2 {
		t.Errorf("refreshes = %d, %v; want 2", count.Count, err)
	}
}

// TestServerAtSandboxCommand lets a server take mooring sandbox for the real
// platforms: with credentials and addresses from the environment, and no
// sandbox of its own.
func TestServerAtSandboxCommand(t *testing.T) {
	t.Parallel()
	address, env := played(t)
	given := []string{"MOORING_SANDBOX=off"}
	for name, value := range env {
		given = append(given, name+"="+value)
	}
	c := caller{instance: start(t, given...)}
	consoles := caller{instance: &instance{url: address}}
	for _, p := range platforms.All() {
		for _, l := range p.Logins {
			t.Run(p.ID+"/"+l.ID, func(t *testing.T) {
				v := visit{input: map[string]any{"platform": p.ID, "loginMethod": l.ID}}
				// What is registered for Facebook serves Instagram as well.
				if early := c.visit(t, v); l.Callback != "meta" && !strings.Contains(early.stopped, "callback URLs") {
					t.Errorf("before the redirect URI is registered the attempt is %+v; want the platform's own page", early)
				}
				consoles.control(t, http.MethodPost, "apps/"+l.Callback, `{"redirectUris": ["`+c.url+`/api/oauth/`+l.Callback+`/callback"]}`)
				got := c.connect(t, v)
				if got.Status != "COMPLETED" {
					t.Fatalf("the attempt is %s, %v %s; want COMPLETED", got.Status, got.Diagnosis, got.stopped)
				}
				for _, a := range got.Accounts {
					c.wantSaid(t, a, "valid")
					_, asked := told(p.ID + "/" + l.ID)
					if permitted, _, refused := c.checkPermissions(t, a.ID); permitted.String() != "post read "+asked || len(refused) > 0 {
						t.Errorf("checkPermissions of %v = %v, %v; want post read %s", a, permitted, refused, asked)
					}
				}
			})
		}
	}
	var offered []struct {
		ID        string
		Sandboxed bool
	}
	c.ask(t, `{ platforms { id sandboxed } }`, nil, &offered)
	for _, p := range offered {
		if p.Sandboxed {
			t.Errorf("%s is played by the server's own sandbox; want the configured one", p.ID)
		}
	}
}

func TestSandboxCommandRefuses(t *testing.T) {
	t.Parallel()
	damaged := filepath.Join(t.TempDir(), "script.json")
	if _, err := io.WriteString(create(t, damaged), `{"faults":[{"platform":"myspace"}]}`); err != nil {
		t.Fatal(err)
	}
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	for _, tt := range []struct{ arg, want string }{
		{"--listen=0.0.0.0:33767", "other machines"},
		{"--listen=:33767", "other machines"},
		{"--listen=localhost", "port"},
		{"--listen=" + busy.Addr().String(), "another program"},
		{"--listen=127.0.0.1:0 --env", "which port"},
		{"--listen=127.0.0.1:0 --redirect-uri=/back", "/back"},
		{"--listen=127.0.0.1:0 --script=" + damaged, "faults[0]"},
	} {
		if out, err := command(t, nil, append([]string{"sandbox"}, strings.Fields(tt.arg)...)...); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("mooring sandbox %s = %q, %v; want an error with %q", tt.arg, out, err, tt.want)
		}
	}
}

// TestSandboxCommandKeepsToItself: a page whose name leads here gets nothing.
func TestSandboxCommandKeepsToItself(t *testing.T) {
	t.Parallel()
	address, _ := played(t)
	var got []int
	for _, host := range []string{"", "localhost:33767", "evil.example"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = host
		got = append(got, newBrowser(t).send(t, req).status)
	}
	if diff := cmp.Diff([]int{302, 302, 421}, got); diff != "" {
		t.Errorf("statuses by name (-want +got):\n%s", diff)
	}
}

// TestSandboxGuide runs what docs/sandbox.md shows, in its order.
func TestSandboxGuide(t *testing.T) {
	t.Parallel()
	programs.Need(t, "bash", "curl", "jq")
	guide, err := os.ReadFile(filepath.Join("docs", "sandbox.md"))
	if err != nil {
		t.Fatal(err)
	}
	port, err := net.Listen("tcp", "127.0.0.1:0") // one that is free
	if err != nil {
		t.Fatal(err)
	}
	_, free, _ := net.SplitHostPort(port.Addr().String())
	port.Close()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	wrapper := "#!/bin/sh\nMOORING_TEST_ROLE=mooring exec '" + self + "' \"$@\" --listen=127.0.0.1:" + free + "\n"
	if err := os.WriteFile(filepath.Join(folder, "mooring"), []byte(wrapper), 0o700); err != nil {
		t.Fatal(err)
	}
	script := `set -euo pipefail
		trap 'kill $(jobs -p); wait' EXIT
		PATH=$PWD:$PATH
		curl() { command curl --fail-with-body --no-progress-meter --max-time 20 "$@"; }
		`
	blocks := regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(string(guide), -1)
	if len(blocks) == 0 {
		t.Fatal("docs/sandbox.md has no examples")
	}
	for _, block := range blocks {
		script += block[1]
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	shell := exec.CommandContext(ctx, "bash", "-c", strings.ReplaceAll(script, "33767", free))
	shell.Dir, shell.WaitDelay = folder, 10*time.Second
	if out, err := shell.CombinedOutput(); err != nil {
		t.Errorf("docs/sandbox.md: %v\n%s", err, out)
	}
	example := regexp.MustCompile("(?s)```json\n(.*?)```").FindSubmatch(guide)
	if len(example) == 0 {
		t.Fatal("docs/sandbox.md has no script")
	}
	begin := filepath.Join(folder, "script.json")
	if err := os.WriteFile(begin, example[1], 0o600); err != nil {
		t.Fatal(err)
	}
	must(t, nil, "sandbox", "--env", "--script="+begin)
}
