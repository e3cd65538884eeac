package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"mooring/platforms"
)

// diagnosed is what checks found: of each that did not pass, its status, name
// and what people read.
func diagnosed(checks []platforms.Check) (faults []string, words string) {
	for _, c := range checks {
		if c.Status == platforms.Fail || c.Status == platforms.Warn {
			faults = append(faults, string(c.Status)+" "+c.Name)
			words += c.Message + " " + c.Fix + "\n"
		}
	}
	return faults, words
}

// setup is a login method at a played platform, configured as if that were the
// real one.
type setup struct {
	platform *platforms.Platform
	login    *platforms.Login
	env      map[string]string // the variables of its prefix
	control  caller            // of what plays it
}

// with returns the login method's variables as NAME=value, changed.
func (s setup) with(change map[string]string) []string {
	env := []string{"MOORING_SANDBOX=off", "MOORING_REFRESH=off"}
	given := maps.Clone(s.env)
	for suffix, value := range change {
		if !strings.HasPrefix(suffix, "MOORING_") {
			suffix = s.login.Env.Prefix + "_" + suffix
		}
		given[suffix] = value
	}
	for name, value := range given {
		if value != "" {
			env = append(env, name+"="+value)
		}
	}
	return env
}

// command asks the command.
func (s setup) command(t *testing.T, change map[string]string) ([]platforms.Check, bool, string) {
	t.Helper()
	env := append(s.with(change), "DATABASE_URL=sqlite:"+filepath.Join(t.TempDir(), "none.db"))
	out, err := command(t, env, "doctor", "--json", "--platform", s.platform.ID)
	var found report
	if decodeErr := json.Unmarshal([]byte(out), &found); decodeErr != nil || len(found.Platforms) != 1 || found.Healthy != (err == nil) {
		t.Fatalf("doctor = %v, %v, %s", err, decodeErr, out)
	}
	return s.own(found.Platforms[0].Checks), found.Platforms[0].ReadyToConnect, out
}

// query asks a server of its own.
func (s setup) query(t *testing.T, change map[string]string) ([]platforms.Check, bool, string) {
	t.Helper()
	c := caller{instance: start(t, s.with(change)...)}
	var answer struct {
		Prerequisites struct {
			ReadyToConnect bool
			Checks         []platforms.Check
		}
	}
	c.ask(t, `query($id: ID!) { platform(id: $id) { prerequisites { readyToConnect checks { name status message fix } } } }`,
		map[string]any{"id": s.platform.ID}, &answer)
	p := answer.Prerequisites
	said, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	return s.own(p.Checks), p.ReadyToConnect, string(said) + c.log.String()
}

// own leaves out what is so in all these set-ups: stand-ins for the platform.
func (s setup) own(checks []platforms.Check) []platforms.Check {
	return slices.DeleteFunc(checks, func(c platforms.Check) bool {
		return c.Status == platforms.Warn && strings.HasPrefix(c.Name, "Environment variable: ") && strings.HasSuffix(c.Name, "_URL")
	})
}

// prerequisiteFault is something wrong with a set-up, and what the doctor has to
// say of it.
type prerequisiteFault struct {
	name   string
	change map[string]string // of the variables, by their suffix or, of Mooring's own, their name
	place  string            // a fault of the platform's
	app    string            // a change in the platform's console
	// want are the checks that do not pass, with | between alternatives; {env} is
	// the prefix, {id}, {secret} and {version} are the variables' suffixes.
	want  []string
	words string
}

// prerequisiteFaults are the faults that any login method can have.
func prerequisiteFaults(t *testing.T) []prerequisiteFault {
	untrusted := httptest.NewUnstartedServer(http.NotFoundHandler())
	untrusted.Config.ErrorLog = log.New(io.Discard, "", 0) // its clients leave in the handshake
	untrusted.StartTLS()
	t.Cleanup(untrusted.Close)
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	const client, network, clock, api = "FAIL Client credentials: {env}_{secret}", "FAIL Network: {env}", "FAIL Clock: {env}", "API: {env}"
	at := func(base string) map[string]string { return map[string]string{"TOKEN_URL": base + "/token"} }
	forbidden := `"status": 503, "body": "<!doctype html><title>503 Service Unavailable</title>"`
	return []prerequisiteFault{
		{name: "nothing", want: nil},
		{name: "no id and no secret", change: map[string]string{"{id}": "", "{secret}": ""},
			want: []string{"FAIL Environment variable: {env}_{id}", "FAIL Environment variable: {env}_{secret}"}, words: "is not set"},
		{name: "a placeholder", change: map[string]string{"{id}": "your-app-id"}, want: []string{"FAIL Environment variable: {env}_{id}"}, words: "placeholder"},
		{name: "quotation marks", change: map[string]string{"{secret}": `"planted-secret-in-quotes"`},
			want: []string{"FAIL Environment variable: {env}_{secret}"}, words: "quotation marks"},
		{name: "a zero-width space", change: map[string]string{"{secret}": "planted-secret-and-more\u200b"},
			want: []string{"FAIL Environment variable: {env}_{secret}"}, words: "invisible"},
		{name: "a wrong secret", change: map[string]string{"{secret}": "planted-secret-of-another"}, want: []string{client}, words: "does not take"},
		{name: "an unknown client", change: map[string]string{"{id}": "70707070707"}, want: []string{client}, words: "does not take"},
		{name: "a secret that was changed in the console", app: `{"secret": "planted-in-the-console"}`, want: []string{client}, words: "does not take"},
		{name: "a redirect URI elsewhere", change: map[string]string{"REDIRECT_URI": "http://localhost:1/callback"},
			want: []string{"FAIL Redirect URI: {env}_REDIRECT_URI"}, words: "another path"},
		{name: "a redirect URI with a fragment", change: map[string]string{"REDIRECT_URI": "https://mooring.example.com/api/oauth/x/callback#top"},
			want: []string{"FAIL Redirect URI: {env}_REDIRECT_URI"}, words: "fragment"},
		{name: "DNS", change: at("http://no-such-host.invalid"), want: []string{network}, words: "no-such-host.invalid is not reached: DNS"},
		{name: "an untrusted certificate", change: at(untrusted.URL), want: []string{network}, words: "TLS fails"},
		{name: "a refused connection", change: at(closed.URL), want: []string{network}, words: "it refuses the connection"},
		{name: "silence", change: map[string]string{"MOORING_HTTP_TIMEOUT": "1s"}, place: `"endpoint": "token", "delayMs": 60000`, want: []string{network}, words: "it does not answer in time"},
		{name: "an outage of the token endpoint", place: `"endpoint": "token", ` + forbidden,
			want: []string{"WARN Client credentials: {env}_{secret}"}, words: "HTTP 503"},
		{name: "an outage of the API", place: `"endpoint": "api", ` + forbidden, want: []string{"WARN " + api}, words: "HTTP 503"},
		{name: "a limit", place: `"endpoint": "token", "retryAfterSeconds": 30`, want: []string{"WARN Client credentials: {env}_{secret}"}, words: "HTTP 429"},
		{name: "a firewall", place: `"endpoint": "token", "status": 403, "body": "<!doctype html><title>Attention Required!</title>"`,
			want: []string{"WARN Client credentials: {env}_{secret}"}, words: "HTTP 403"},
		{name: "words that nobody knows", place: `"endpoint": "token", "status": 400, "body": {"error": "peculiar", "error_description": "Peculiar."}`,
			want: []string{"WARN Client credentials: {env}_{secret}"}, words: "words that Mooring does not know"},
		{name: "a refusal that repeats the id", place: `"endpoint": "token", "status": 401, "body": {"error": "invalid_client", "error_description": "Client {client} is unknown."}`,
			want: []string{client}, words: "Client [id] is unknown"},
		{name: "a clock an hour off", place: `"clockSkewSeconds": 3600`, want: []string{clock}, words: "1h0m"},
		{name: "a clock a minute off", place: `"clockSkewSeconds": -60`, want: []string{"WARN Clock: {env}"}, words: "ahead of"},
		// Which of the two says more differs between platforms.
		{name: "a suspended app", app: `{"suspended": true}`, want: []string{client + "|FAIL " + api}},
	}
}

// releaseFaults are those of login methods whose API has dated releases.
func releaseFaults(l *platforms.Login) []prerequisiteFault {
	if l.Callback == "linkedin" {
		return []prerequisiteFault{
			{name: "a release that is over", place: `"preset": "linkedin-version"`, want: []string{"FAIL API: {env}"}, words: "LINKEDIN_VERSION"},
			{name: "a release that ended long ago", change: map[string]string{"{version}": "202511"}, want: []string{"WARN API version: {env}_{version}"}, words: "has ended on"},
		}
	}
	if l.Version == "" {
		return nil
	}
	return []prerequisiteFault{
		{name: "a release that is over", change: map[string]string{"{version}": "v17.0"},
			want: []string{"WARN API version: {env}_{version}", "FAIL API: {env}"}, words: "v17.0"},
		{name: "a release that never was", change: map[string]string{"{version}": "v99.0"},
			want: []string{"WARN API version: {env}_{version}", "FAIL API: {env}"}, words: "{env}_{version}"},
	}
}

// expand fills in the names of a login method's variables.
func expand(l *platforms.Login, text string) string {
	version := ""
	if l.Version != "" {
		version = strings.TrimPrefix(l.Environment()[3], l.Env.Prefix+"_")
	}
	return strings.NewReplacer("{env}", l.Env.Prefix, "{id}", l.Env.ID, "{secret}", l.Env.Secret, "{version}", version, "{client}", "sandbox-"+l.Callback).Replace(text)
}

// TestPrerequisites breaks one thing at a time at each login method and asks
// command and server: they say that thing, and no other. No secret of any of it
// is printed.
func TestPrerequisites(t *testing.T) {
	t.Parallel()
	for _, p := range platforms.All() {
		for _, l := range p.Logins {
			t.Run(p.ID+"/"+l.ID, func(t *testing.T) {
				t.Parallel()
				address, env := played(t)
				s := setup{p, l, map[string]string{}, caller{instance: &instance{url: address}}}
				for name, value := range env {
					if !strings.HasPrefix(name, l.Env.Prefix+"_") {
						continue
					}
					if l.Version != "" { // one in the address would hide what is set
						value = strings.Replace(value, "/"+l.Version, "/{version}", 1)
					}
					s.env[name] = value
				}
				for _, f := range append(prerequisiteFaults(t), releaseFaults(l)...) {
					t.Run(f.name, func(t *testing.T) { s.suffer(t, f) })
				}
			})
		}
	}
}

// suffer breaks one thing, asks, and mends it.
func (s setup) suffer(t *testing.T, f prerequisiteFault) {
	l := s.login
	change := map[string]string{}
	for suffix, value := range f.change {
		change[expand(l, suffix)] = value
	}
	if f.place != "" {
		s.control.control(t, http.MethodPost, "faults", `{"platform": "`+l.Callback+`", "times": -1, `+expand(l, f.place)+`}`)
		defer s.control.control(t, http.MethodDelete, "faults", "")
	}
	if f.app != "" {
		s.control.control(t, http.MethodPost, "apps/"+l.Callback, f.app)
		defer s.control.control(t, http.MethodPost, "apps/"+l.Callback, `{"secret": "sandbox-`+l.Callback+`-secret", "suspended": false}`)
	}
	var want []string
	fails := false
	for _, w := range f.want {
		want = append(want, expand(l, w))
		fails = fails || strings.HasPrefix(w, "FAIL")
	}
	for door, ask := range map[string]func(*testing.T, map[string]string) ([]platforms.Check, bool, string){"command": s.command, "server": s.query} {
		checks, ready, printed := ask(t, change)
		if f.name == "no id and no secret" { // then both ways to Instagram lack them
			checks = slices.DeleteFunc(checks, func(c platforms.Check) bool { return !strings.Contains(c.Name, l.Env.Prefix+"_") })
		}
		got, words := diagnosed(checks)
		if !slices.EqualFunc(got, want, oneOfThem) || !strings.Contains(words, expand(l, f.words)) {
			t.Errorf("%s = %q; want %q\n%s\nabout %q", door, got, want, words, f.words)
		}
		if ready == fails {
			t.Errorf("%s: readyToConnect = %t with %v", door, ready, got)
		}
		for _, secret := range []string{"planted", "sandbox-" + l.Callback + "-secret", "sandbox-" + l.Callback, "70707070707"} {
			if strings.Contains(printed, secret) {
				t.Errorf("%s prints %q:\n%s", door, secret, printed)
			}
		}
	}
}

// oneOfThem reports whether a text is one of several that | separates.
func oneOfThem(got, want string) bool { return slices.Contains(strings.Split(want, "|"), got) }

// TestPrerequisitesOfTheSandbox: a newcomer sees that all platforms can be
// connected.
func TestPrerequisitesOfTheSandbox(t *testing.T) {
	t.Parallel()
	c := caller{instance: start(t)}
	var list []struct {
		ID            string
		Prerequisites struct {
			ReadyToConnect bool
			Checks         []platforms.Check
		}
		LoginMethods []struct{ Ready bool }
	}
	const query = `{ platforms { id loginMethods { ready } prerequisites { readyToConnect checks { name status message fix } } } }`
	c.ask(t, query, nil, &list)
	for _, p := range list {
		seen := map[string]bool{}
		for _, check := range p.Prerequisites.Checks {
			if check.Status != platforms.Pass || seen[check.Name] {
				t.Errorf("%s: %+v; want it to pass, once", p.ID, check)
			}
			seen[check.Name] = true
		}
		if !p.Prerequisites.ReadyToConnect || !p.LoginMethods[0].Ready || !seen["Public URL: MOORING_PUBLIC_URL"] {
			t.Errorf("%s = %+v; want it ready, with the public URL looked at", p.ID, p)
		}
	}
	// Many who ask at once, for all platforms, cost one question to each app.
	var many sync.WaitGroup
	for range 10 {
		many.Go(func() { c.do(t, query, nil) })
	}
	many.Wait()
	for _, l := range []string{"twitter", "meta", "instagram", "linkedin", "google_youtube", "tiktok", "pinterest"} {
		if got := c.requests(t, l, "token"); got != 1 {
			t.Errorf("the token endpoint of %s was asked %d times; want once", l, got)
		}
	}
	out := must(t, nil, "doctor")
	if strings.Contains(out, "FAIL") || strings.Count(out, "\nWARN  ") > 0 && !strings.Contains(out, "Authentication") {
		t.Errorf("doctor without any settings:\n%s", out)
	}
}

// TestPrerequisitesOffline: nobody is asked, and each check says so.
func TestPrerequisitesOffline(t *testing.T) {
	t.Parallel()
	c := caller{instance: start(t, "MOORING_CHECK_NETWORK=off")}
	data := c.do(t, `{ platform(id: "twitter") { prerequisites { readyToConnect checks { name status message } } } }`, nil)
	if at(t, data, "platform", "prerequisites", "readyToConnect") != true {
		t.Errorf("prerequisites = %v; want it ready", data)
	}
	for _, v := range at(t, data, "platform", "prerequisites", "checks").([]any) {
		check := v.(map[string]any)
		name, _, _ := strings.Cut(check["name"].(string), ":")
		network := slices.Contains([]string{"Network", "Client credentials", "API", "Clock", "Public URL"}, name)
		if (check["status"] == "SKIPPED") != network {
			t.Errorf("offline: %v", check)
		}
	}
	if got := c.requests(t, "twitter", ""); got != 0 {
		t.Errorf("X was asked %d times; want never", got)
	}
}

// TestNotReady: what fails in a set-up keeps everybody from connecting, and
// connect says what it is.
func TestNotReady(t *testing.T) {
	t.Parallel()
	c := caller{instance: start(t, "MOORING_SANDBOX=off", "TWITTER_CLIENT_ID=your-client-id", "TWITTER_CLIENT_SECRET=planted-secret",
		"PINTEREST_CLIENT_ID=1500001", "PINTEREST_CLIENT_SECRET=other-planted")}
	data := c.do(t, `mutation { connect(input: {platform: "twitter"}) { userErrors { code message field } } }`, nil)
	message, _ := at(t, data, "connect", "userErrors", 0, "message").(string)
	if at(t, data, "connect", "userErrors", 0, "code") != "PLATFORM_NOT_READY" || !strings.Contains(message, "TWITTER_CLIENT_ID is a placeholder") || strings.Contains(message, "planted") {
		t.Errorf("connect = %v; want PLATFORM_NOT_READY, about the placeholder", data)
	}
	for id, want := range map[string]bool{"twitter": false, "pinterest": true, "tiktok": false} {
		data := c.do(t, `query($id: ID!) { platform(id: $id) { loginMethods { ready } } }`, map[string]any{"id": id})
		if got := at(t, data, "platform", "loginMethods", 0, "ready"); got != want {
			t.Errorf("ready of %s = %v; want %t", id, got, want)
		}
	}
}

// TestDoctor looks at what the command says as a whole, and that it changes
// nothing.
func TestDoctor(t *testing.T) {
	t.Parallel()
	t.Run("a new installation", func(t *testing.T) {
		t.Parallel()
		folder := t.TempDir()
		out := must(t, []string{"DATABASE_URL=sqlite:" + filepath.Join(folder, "mooring.db")}, "doctor")
		if !strings.Contains(out, "There is no database yet") {
			t.Errorf("doctor:\n%s", out)
		}
		if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
			t.Errorf("doctor left %v, %v; want nothing", left, err)
		}
	})
	t.Run("no key in production", func(t *testing.T) {
		t.Parallel()
		out, err := command(t, []string{"DATABASE_URL=sqlite:" + filepath.Join(t.TempDir(), "mooring.db"), "MOORING_JWT_SECRET=" + jwtSecret}, "doctor")
		if err == nil || !strings.Contains(out, "MOORING_KEY: is missing") {
			t.Errorf("doctor: %v\n%s; want a failure that names MOORING_KEY", err, out)
		}
	})
	t.Run("a platform that is not set up", func(t *testing.T) {
		t.Parallel()
		env := append(production(t), "MOORING_CHECK_NETWORK=off")
		if out := must(t, env, "doctor"); !strings.Contains(out, "X is not set up") {
			t.Errorf("doctor:\n%s; want it to mention X, and no failure", out)
		}
		out, err := command(t, env, "doctor", "--platform=twitter")
		if err == nil || !strings.Contains(out, "FAIL") || !strings.Contains(out, "TWITTER_CLIENT_ID is not set") || strings.Contains(out, "linkedin") {
			t.Errorf("doctor --platform=twitter: %v\n%s; want a failure, of X alone", err, out)
		}
		if called, err := command(t, env, "doctor", "--platform=X"); err == nil || called != out {
			t.Errorf("doctor --platform=X: %v\n%s; want the same as of twitter", err, called)
		}
		if _, err := command(t, env, "doctor", "--platform=myspace"); err == nil || !strings.Contains(err.Error(), "google_youtube") {
			t.Errorf("doctor --platform=myspace: %v; want an error that lists the platforms", err)
		}
	})
	t.Run("a wrong setting", func(t *testing.T) {
		t.Parallel()
		out, err := command(t, []string{"MOORING_CHECK_NETWORK=perhaps"}, "doctor", "--json")
		var found report
		if decodeErr := json.Unmarshal([]byte(out), &found); err == nil || decodeErr != nil || found.Healthy || !strings.Contains(found.Installation[0].Message, "MOORING_CHECK_NETWORK") {
			t.Errorf("doctor: %v, %v\n%s; want a failure that names the setting", err, decodeErr, out)
		}
	})
	t.Run("a database without its key", func(t *testing.T) {
		t.Parallel()
		folder := t.TempDir()
		env := []string{"DATABASE_URL=sqlite:" + filepath.Join(folder, "mooring.db")}
		must(t, env, "keys", "list") // makes both
		if err := os.Remove(filepath.Join(folder, "mooring.key")); err != nil {
			t.Fatal(err)
		}
		out, err := command(t, env, "doctor")
		if err == nil || !strings.Contains(out, "its key is not at") {
			t.Errorf("doctor: %v\n%s; want a failure that names the key's file", err, out)
		}
		if _, err := os.Stat(filepath.Join(folder, "mooring.key")); err == nil {
			t.Error("the doctor made another key")
		}
	})
	t.Run("beside a running server", func(t *testing.T) {
		t.Parallel()
		i := start(t)
		out := must(t, []string{"MOORING_LISTEN=" + strings.TrimPrefix(i.url, "http://"), "MOORING_PUBLIC_URL=" + i.url}, "doctor", "--json")
		var found report
		if err := json.Unmarshal([]byte(out), &found); err != nil {
			t.Fatal(err)
		}
		passed := map[string]bool{}
		for _, c := range found.Installation {
			passed[c.Name] = c.Status == platforms.Pass
		}
		if !passed["Public URL: MOORING_PUBLIC_URL"] || !passed["Websocket: MOORING_PUBLIC_URL"] {
			t.Errorf("doctor: %s; want the public URL reached, and a websocket", out)
		}
	})
}

// TestPublicURL puts all kinds of proxies before a server.
func TestPublicURL(t *testing.T) {
	t.Parallel()
	i := start(t)
	behind, err := url.Parse(i.url)
	if err != nil {
		t.Fatal(err)
	}
	through := func(change func(*http.Request)) http.Handler {
		return &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(behind)
			r.Out.Host = behind.Host
			r.Out.Header.Set("Origin", i.url)
			change(r.Out)
		}}
	}
	says := func(header, value string) http.Handler {
		return through(func(r *http.Request) { r.Header.Set(header, value) })
	}
	noUpgrade := through(func(r *http.Request) { r.Header.Del("Connection"); r.Header.Del("Upgrade") })
	for _, tt := range []struct {
		name    string
		proxy   http.Handler
		tls     bool
		want    string // public URL, websocket
		message string
	}{
		{"one that passes all on", through(func(*http.Request) {}), false, "PASS PASS", "leads to this server"},
		{"one that tells the truth", says("X-Forwarded-Proto", "http"), false, "PASS PASS", ""},
		{"one that was asked by https", says("X-Forwarded-Proto", "https, http"), false, "WARN PASS", "begins with http, but the proxy says that it is asked by https"},
		{"RFC 7239", says("Forwarded", `for=192.0.2.1;proto=https;by=203.0.113.4, for=10.0.0.1`), false, "WARN PASS", "asked by https"},
		{"one without websockets", noUpgrade, false, "PASS FAIL", ""},
		{"one that wants https", http.RedirectHandler("https://mooring.example.com/healthz", http.StatusMovedPermanently), false, "FAIL SKIPPED", "sends browsers on to https://mooring.example.com"},
		{"another program", http.NotFoundHandler(), false, "FAIL SKIPPED", "is not this server (HTTP 404)"},
		{"another program's healthz", http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), false, "FAIL SKIPPED", "is not this server (HTTP 200)"},
		{"a certificate of nobody's", through(func(*http.Request) {}), true, "FAIL SKIPPED", "TLS fails"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			proxy := httptest.NewUnstartedServer(tt.proxy)
			if proxy.Start(); tt.tls {
				proxy.Close()
				proxy = httptest.NewTLSServer(tt.proxy)
			}
			t.Cleanup(proxy.Close)
			c := &config{checkNetwork: "on"}
			reached := c.checkPublic(t.Context(), proxy.URL)
			socket := c.checkWebsocket(t.Context(), proxy.URL, reached)
			if got := fmt.Sprint(reached.Status, " ", socket.Status); got != tt.want || !strings.Contains(reached.Message, tt.message) {
				t.Errorf("%s; %+v %+v; want %s, %q", got, reached, socket, tt.want, tt.message)
			}
		})
	}
	c := &config{checkNetwork: "on"}
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	if got := c.checkPublic(t.Context(), closed.URL); got.Status != platforms.Skipped || !strings.Contains(got.Message, "not running") {
		t.Errorf("nothing on this machine: %+v; want it skipped", got)
	}
	if got := c.checkPublic(t.Context(), "https://mooring.invalid"); got.Status != platforms.Warn || !strings.Contains(got.Message, "not reached from here") {
		t.Errorf("a name that does not resolve: %+v; want a warning", got)
	}
}
