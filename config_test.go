package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mooring/platforms"
	"mooring/vault"
)

var update = flag.Bool("update", false, "rewrite what is made from the program: the README's table of settings, and docs/platforms")

// The README's table stands between these lines.
const (
	tableBegins = "<!-- settings -->\n"
	tableEnds   = "<!-- /settings -->\n"
)

func TestREADMEListsSettings(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begins := strings.Cut(string(readme), tableBegins)
	table, after, ends := strings.Cut(rest, tableEnds)
	if !begins || !ends {
		t.Fatalf("README.md has no table between %q and %q", tableBegins, tableEnds)
	}
	want := settingsTable()
	if *update {
		if err := os.WriteFile("README.md", []byte(before+tableBegins+want+tableEnds+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, table); diff != "" {
		t.Errorf("the README's settings differ from config.go; run `go test . -update` (-config.go +README.md):\n%s", diff)
	}
}

func settingsTable() string {
	var table strings.Builder
	table.WriteString("| variable | default | meaning |\n|---|---|---|\n")
	for _, s := range ownSettings() {
		fallback := ""
		if s.fallback != "" {
			fallback = "`" + s.fallback + "`"
		}
		fmt.Fprintf(&table, "| `%s` | %s | %s |\n", s.name, fallback, s.doc)
	}
	return table.String()
}

// inFolder reads the configuration in a folder of its own with a file .env,
// unless that is "".
func inFolder(t *testing.T, dotenv string, environ ...string) (*config, error) {
	t.Helper()
	t.Chdir(t.TempDir())
	if dotenv != "" {
		if err := os.WriteFile(".env", []byte(dotenv), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return readConfig(environ)
}

// mustRead is inFolder where nothing is wrong.
func mustRead(t *testing.T, environ ...string) *config {
	t.Helper()
	c, err := inFolder(t, "", environ...)
	if err != nil {
		t.Fatalf("readConfig(%q): %v", environ, err)
	}
	return c
}

// authentication is the least that makes callers say who they are.
const authentication = "MOORING_JWT_SECRET=0123456789abcdef0123456789abcdef"

func TestReadConfigDefaults(t *testing.T) {
	c := mustRead(t)
	for _, d := range []struct {
		name      string
		got, want any
	}{
		{"listen", c.listen, "127.0.0.1:33766"},
		{"publicURL", c.publicURL, ""},
		{"databaseURL", c.databaseURL, "sqlite:mooring.db"},
		{"sandbox", c.sandbox, "auto"},
		{"expiringWithin", c.expiringWithin, 24 * time.Hour},
		{"httpTimeout", c.httpTimeout, 20 * time.Second},
		{"eventsKeep", c.eventsKeep, 400 * 24 * time.Hour},
		{"activityKeep", c.activityKeep, 30 * 24 * time.Hour},
		{"authenticates()", c.authenticates(), false},
		{"sandboxed()", c.sandboxed(), true},
	} {
		if d.got != d.want {
			t.Errorf("%s = %v; want %v", d.name, d.got, d.want)
		}
	}
}

func TestReadConfigErrors(t *testing.T) {
	for _, c := range []struct {
		environ []string
		want    []string // in each line of the error, in order
	}{
		{[]string{"MOORING_LISTEN=33766"}, []string{`MOORING_LISTEN: "33766" is not host:port; for example MOORING_LISTEN=127.0.0.1:33766`}},
		{[]string{"MOORING_PUBLIC_URL=mooring.example.com"}, []string{"MOORING_PUBLIC_URL: "}},
		{[]string{"MOORING_PUBLIC_URL=http://localhost/mooring"}, []string{`MOORING_PUBLIC_URL: "http://localhost/mooring" has a path`}},
		{[]string{"MOORING_PUBLIC_URL=https://example.com"}, []string{`MOORING_PUBLIC_URL: "https://example.com" can be reached from elsewhere`}},
		{[]string{"DATABASE_URL=mysql://db"}, []string{"DATABASE_URL: is neither sqlite:FILE nor a postgres:// address; for example DATABASE_URL=postgres://"}},
		{[]string{"DATABASE_URL=sqlite:"}, []string{"DATABASE_URL: is neither"}},
		{[]string{"MOORING_KEY=c2hvcnQ="}, []string{"MOORING_KEY: "}},
		{[]string{"MOORING_JWT_SECRET=short"}, []string{"MOORING_JWT_SECRET: "}},
		{[]string{"MOORING_JWT_JWKS_URL=id.example.com"}, []string{`MOORING_JWT_JWKS_URL: "id.example.com" is no http or https address; for example MOORING_JWT_JWKS_URL=https://`}},
		{[]string{"MOORING_OIDC_ISSUER=http://id.example.com"}, []string{`MOORING_OIDC_ISSUER: "http://id.example.com" is no https address`, "MOORING_OIDC_CLIENT_ID: is missing", "MOORING_OIDC_CLIENT_SECRET: is missing"}},
		{[]string{"MOORING_OIDC_CLIENT_ID=x", "MOORING_OIDC_CLIENT_SECRET=y"}, []string{"MOORING_OIDC_ISSUER: is missing"}},
		{[]string{"MOORING_SIGN_IN=yes"}, []string{`MOORING_SIGN_IN: "yes" is none of auto, on; for example MOORING_SIGN_IN=on`}},
		{[]string{"MOORING_SIGN_IN=on", "MOORING_PUBLIC_URL=http://mooring.example.com"}, []string{`MOORING_PUBLIC_URL: "http://mooring.example.com" is not https`}},
		{[]string{"MOORING_SANDBOX=yes"}, []string{`MOORING_SANDBOX: "yes" is none of auto, on, off; for example MOORING_SANDBOX=off`}},
		{[]string{"MOORING_EXPIRING_WITHIN=soon"}, []string{`MOORING_EXPIRING_WITHIN: "soon" is no duration of a second or more, such as 90s, 12h or 3d; for example MOORING_EXPIRING_WITHIN=3d`}},
		{[]string{"MOORING_HTTP_TIMEOUT=0"}, []string{`MOORING_HTTP_TIMEOUT: "0" is no duration`}},
		{[]string{"MOORING_ALLOWED_ORIGINS=https://a.example.com, b.example.com"}, []string{"MOORING_ALLOWED_ORIGINS: "}},
		{[]string{"MOORING_RETURN_TO=https://a.example.com/path"}, []string{"MOORING_RETURN_TO: "}},
		{[]string{"MOORING_MAX_SOCKETS=many"}, []string{`MOORING_MAX_SOCKETS: "many" is not a number from 1; for example MOORING_MAX_SOCKETS=2000`}},
		{[]string{"MOORING_MAX_SOCKETS=0"}, []string{`MOORING_MAX_SOCKETS: "0" is not a number from 1`}},
		{[]string{"MOORING_LOG_LEVEL=loud"}, []string{`MOORING_LOG_LEVEL: "loud" is none of debug, info, warn, error`}},
		{[]string{"MOORING_LOG_FORMAT=xml"}, []string{`MOORING_LOG_FORMAT: "xml" is none of text, json`}},
		{[]string{"TWITTER_TOKEN_URL=ftp://example.com"}, []string{`TWITTER_TOKEN_URL: "ftp://example.com" is no http or https address`}},
		{[]string{"LINKEDIN_REDIRECT_URI=/callback"}, []string{`LINKEDIN_REDIRECT_URI: "/callback" is no http or https address`}},
		{[]string{"TWITTER_CLIENT_ID=abc"}, []string{"TWITTER_CLIENT_SECRET: is missing, though TWITTER_CLIENT_ID is set"}},
		{[]string{"TWITTER_CLIENT_SECRET=abc"}, []string{"TWITTER_CLIENT_ID: is missing, though TWITTER_CLIENT_SECRET is set"}},
		{[]string{"MOORING_KEY=" + vault.NewKey().Encode(), "MOORING_KEY_FILE=key"}, []string{"MOORING_KEY and MOORING_KEY_FILE are both set"}},
		{
			[]string{"MOORING_LOG_FORMAT=xml", "MOORING_SANDBOX=yes", "LINKEDIN_CLIENT_ID=abc"},
			[]string{"MOORING_SANDBOX: ", "MOORING_LOG_FORMAT: ", "LINKEDIN_CLIENT_SECRET: "},
		},
	} {
		t.Run(c.environ[0], func(t *testing.T) {
			_, err := inFolder(t, "", c.environ...)
			if err == nil {
				t.Fatalf("readConfig(%q) = nil error; want %q", c.environ, c.want)
			}
			lines := strings.Split(err.Error(), "\n")
			if len(lines) != len(c.want) {
				t.Fatalf("readConfig(%q) has %d lines; want %d:\n%v", c.environ, len(lines), len(c.want), err)
			}
			for i, line := range lines {
				if !strings.HasPrefix(line, c.want[i]) || !strings.Contains(line, "for example ") {
					t.Errorf("line %d of readConfig(%q) = %s; want %s… with an example", i+1, c.environ, line, c.want[i])
				}
			}
		})
	}
}

// An example that is refused would be worse than none.
func TestExamplesAreGood(t *testing.T) {
	c := mustRead(t)
	for _, s := range settings() {
		if s.secret && s.name != "DATABASE_URL" {
			continue // described, not shown
		}
		if err := s.parse(c, s.example); err != nil {
			t.Errorf("%s=%s: %v", s.name, s.example, err)
		}
	}
}

func TestErrorsKeepSecrets(t *testing.T) {
	const planted = "pLaNtEd"
	for _, s := range settings() {
		if !s.secret {
			continue
		}
		t.Run(s.name, func(t *testing.T) {
			// Each is wrong in some way: too short, no key, no address, or alone.
			if _, err := inFolder(t, "", s.name+"="+planted); err == nil {
				t.Errorf("readConfig(%s=%s) = nil error", s.name, planted)
			} else if strings.Contains(err.Error(), planted) {
				t.Errorf("readConfig(%s=%s) echoes the secret: %v", s.name, planted, err)
			}
		})
	}
	t.Run(".env", func(t *testing.T) {
		if _, err := inFolder(t, "MOORING_KEY="+planted+"\n'"+planted); err == nil {
			t.Error("readConfig with a broken .env = nil error")
		} else if strings.Contains(err.Error(), planted) {
			t.Errorf("readConfig echoes .env: %v", err)
		}
	})
	t.Run("key file", func(t *testing.T) {
		c := mustRead(t, "MOORING_KEY_FILE=key")
		if err := os.WriteFile("key", []byte(planted), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := c.openKey(); err == nil || strings.Contains(err.Error(), planted) {
			t.Errorf("openKey with a file of %q = %v; want an error without it", planted, err)
		}
	})
}

func TestDotEnv(t *testing.T) {
	const dotenv = `
# a comment
export MOORING_LOG_FORMAT=json
MOORING_EXPIRING_WITHIN="3d"
MOORING_LISTEN=127.0.0.1:1
MOORING_SANDBOX=off
`
	c, err := inFolder(t, dotenv, "MOORING_LISTEN=127.0.0.1:2", "MOORING_SANDBOX=")
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []struct{ what, got, want string }{
		{"logFormat, from .env", c.logFormat, "json"},
		{"expiringWithin, from .env", c.expiringWithin.String(), "72h0m0s"},
		{"listen, from the environment", c.listen, "127.0.0.1:2"},
		{"sandbox, emptied by the environment", c.sandbox, "auto"},
	} {
		if v.got != v.want {
			t.Errorf("%s = %q; want %q", v.what, v.got, v.want)
		}
	}
}

func TestUnknownVariables(t *testing.T) {
	c, err := inFolder(t, "MOORING_SANDBOKS=off\n", "MOORING_LISTNE=:80", "MOORING_SANDBOX=on", "HOME=/root", "TWITTER_NAME=x")
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"MOORING_LISTNE", "MOORING_SANDBOKS"}; !slices.Equal(c.unknown, want) {
		t.Errorf("unknown = %q; want %q", c.unknown, want)
	}
}

// Without authentication the caller is the owner, so nobody else may get here.
func TestBeyondThisMachine(t *testing.T) {
	for _, c := range []struct {
		name, value string
		refused     bool
	}{
		{"MOORING_LISTEN", "127.0.0.1:33766", false},
		{"MOORING_LISTEN", "127.8.8.8:33766", false},
		{"MOORING_LISTEN", "localhost:33766", false},
		{"MOORING_LISTEN", "LOCALHOST:0", false},
		{"MOORING_LISTEN", "[::1]:33766", false},
		{"MOORING_LISTEN", "0.0.0.0:33766", true},
		{"MOORING_LISTEN", "[::]:33766", true},
		{"MOORING_LISTEN", ":33766", true},
		{"MOORING_LISTEN", "192.168.1.5:33766", true},
		{"MOORING_LISTEN", "localhost.example.com:33766", true},
		{"MOORING_PUBLIC_URL", "http://localhost:33766", false},
		{"MOORING_PUBLIC_URL", "http://127.0.0.1", false},
		{"MOORING_PUBLIC_URL", "https://mooring.example.com", true},
		{"MOORING_PUBLIC_URL", "http://192.168.1.5:33766", true},
	} {
		t.Run(c.name+"="+c.value, func(t *testing.T) {
			_, err := inFolder(t, "", c.name+"="+c.value)
			if refused := err != nil && strings.HasPrefix(err.Error(), c.name+": "); refused != c.refused {
				t.Errorf("readConfig without authentication = %v; want an error: %v", err, c.refused)
			}
			if _, err := readConfig([]string{c.name + "=" + c.value, authentication}); err != nil {
				t.Errorf("readConfig with authentication = %v; want no error", err)
			}
		})
	}
}

func TestSandboxed(t *testing.T) {
	const id, secret = "TWITTER_CLIENT_ID=abc", "TWITTER_CLIENT_SECRET=def"
	for _, c := range []struct {
		environ           []string
		twitter, linkedIn bool // played
	}{
		{nil, true, true},
		{[]string{id, secret}, false, false},
		{[]string{authentication}, false, false},
		{[]string{"MOORING_SANDBOX=on"}, true, true},
		{[]string{"MOORING_SANDBOX=on", authentication}, true, true},
		{[]string{"MOORING_SANDBOX=on", id, secret}, false, true},
		{[]string{"MOORING_SANDBOX=off"}, false, false},
	} {
		t.Run(strings.Join(c.environ, " "), func(t *testing.T) {
			config := mustRead(t, c.environ...)
			for _, p := range []struct {
				platform *platforms.Platform
				want     bool
			}{{platforms.Twitter, c.twitter}, {platforms.LinkedIn, c.linkedIn}} {
				if got := config.played(p.platform.Logins[0]); got != p.want {
					t.Errorf("played(%s) = %v; want %v", p.platform.ID, got, p.want)
				}
			}
			if got, want := config.sandboxed(), c.twitter || c.linkedIn; got != want {
				t.Errorf("sandboxed() = %v; want %v", got, want)
			}
		})
	}
}

func TestDuration(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"1s":    time.Second,
		"90s":   90 * time.Second,
		"1h30m": 90 * time.Minute,
		"3d":    72 * time.Hour,
		"0.5d":  12 * time.Hour,
		"400d":  400 * 24 * time.Hour,
		// Refused:
		"":       0,
		"d":      0,
		"0d":     0,
		"-3d":    0,
		"3":      0,
		"999ms":  0,
		"-1h":    0,
		"3 days": 0,
		"1d12h":  0,
		"NaNd":   0,
	} {
		got, err := duration(text)
		if got != want || (err != nil) != (want == 0) {
			t.Errorf("duration(%q) = %v, %v; want %v", text, got, err, want)
		}
	}
}

func TestOpenKey(t *testing.T) {
	t.Run("the sandbox makes a key once", func(t *testing.T) {
		c := mustRead(t, "DATABASE_URL=sqlite:data/mooring.db")
		if err := os.Mkdir("data", 0o700); err != nil {
			t.Fatal(err)
		}
		first, err := c.openKey()
		if err != nil {
			t.Fatal(err)
		}
		again, err := c.openKey()
		if err != nil || first.ID() == "" || again.ID() != first.ID() {
			t.Errorf("openKey() = key %s, then key %s, %v; want the same", first.ID(), again.ID(), err)
		}
		file, err := os.Stat(filepath.Join("data", "mooring.key"))
		if err != nil {
			t.Fatal(err)
		}
		if got := file.Mode().Perm(); got != 0o600 {
			t.Errorf("mode of mooring.key = %o; want 600", got)
		}
	})
	t.Run("nothing else makes one up", func(t *testing.T) {
		c := mustRead(t, "MOORING_SANDBOX=off")
		_, err := c.openKey()
		if err == nil || !strings.HasPrefix(err.Error(), "MOORING_KEY: is missing") {
			t.Errorf("openKey() = %v; want MOORING_KEY: is missing…", err)
		}
		if _, err := os.Stat("mooring.key"); err == nil {
			t.Error("openKey() wrote mooring.key")
		}
	})
	t.Run("a file that is named must be there", func(t *testing.T) {
		c := mustRead(t, "MOORING_KEY_FILE=missing.key")
		if _, err := c.openKey(); err == nil || !strings.HasPrefix(err.Error(), "MOORING_KEY_FILE: ") {
			t.Errorf("openKey() = %v; want MOORING_KEY_FILE: …", err)
		}
	})
	t.Run("a file or a variable holds it", func(t *testing.T) {
		want := vault.NewKey()
		file := filepath.Join(t.TempDir(), "given.key")
		if err := os.WriteFile(file, []byte(want.Encode()+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, setting := range []string{"MOORING_KEY_FILE=" + file, "MOORING_KEY=" + want.Encode()} {
			got, err := mustRead(t, setting).openKey()
			if err != nil || got.ID() != want.ID() {
				t.Errorf("openKey() with %.16s… = key %s, %v; want key %s", setting, got.ID(), err, want.ID())
			}
		}
	})
}
