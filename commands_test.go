package main

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mooring/accounts"
	"mooring/accounts/pgtest"
)

// command runs one command and returns what it printed.
func command(t *testing.T, env []string, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	err := run(t.Context(), args, append([]string{"MOORING_LISTEN=127.0.0.1:0"}, env...), &out, &out)
	return out.String(), err
}

// must is command that has to succeed.
func must(t *testing.T, env []string, args ...string) string {
	t.Helper()
	out, err := command(t, env, args...)
	if err != nil {
		t.Fatalf("mooring %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

// production is an environment without the sandbox, with a key file.
func production(t *testing.T) []string {
	t.Helper()
	key := filepath.Join(t.TempDir(), "key")
	if _, err := create(t, key).Write([]byte(must(t, nil, "keys", "generate"))); err != nil {
		t.Fatal(err)
	}
	return []string{
		"DATABASE_URL=" + migrated.SQLite(t), "MOORING_KEY_FILE=" + key,
		"MOORING_JWT_SECRET=" + jwtSecret,
	}
}

func TestMigrate(t *testing.T) {
	t.Parallel()
	env := []string{"DATABASE_URL=" + pgtest.SQLite(t)}
	if out := must(t, env, "migrate"); !strings.Contains(out, "0001") {
		t.Errorf("the first migrate printed %q; want the first migration", out)
	}
	if out := must(t, env, "migrate"); !strings.Contains(out, "up to date") {
		t.Errorf("the second migrate printed %q; want that it is up to date", out)
	}
}

// TestKeyRotation rotates keys by the command line while accounts exist.
func TestKeyRotation(t *testing.T) {
	t.Parallel()
	env := append(production(t), "MOORING_SANDBOX=on")
	i := start(t, env...)
	c := caller{i, token(t, "ada", "w1", "owner", time.Now().Add(time.Hour))}
	b := newBrowser(t)
	_, address := c.begin(t, map[string]any{"platform": "twitter"})
	b.get(t, b.post(t, b.post(t, address, nil).location, approve(7200)).location)

	old := strings.Fields(must(t, env, "keys", "list"))[2]
	added := strings.TrimSuffix(strings.Fields(must(t, env, "keys", "add"))[2], ";")
	must(t, env, "keys", "promote", added)
	if out, err := command(t, env, "keys", "remove", old); err == nil || !strings.Contains(err.Error(), old) {
		t.Errorf("removing a key in use: %q, %v; want an error that names %s", out, err, old)
	}
	if out := must(t, env, "keys", "reseal"); strings.HasPrefix(out, "0 ") {
		t.Errorf("reseal printed %q; want more than none", out)
	}
	must(t, env, "keys", "remove", old)

	// The running server, whose ring is older, seals under no key that is gone …
	_, address = c.begin(t, map[string]any{"platform": "twitter"})
	other := approve(7200)
	other.Set("persona", "mika")
	b.get(t, b.post(t, b.post(t, address, nil).location, other).location)
	if out := must(t, env, "keys", "list"); strings.Contains(out, old) {
		t.Errorf("keys list after the rotation:\n%s; want no %s", out, old)
	}
	// … and opens what was sealed anew.
	data := c.do(t, `{ accounts { nodes { id } } }`, nil)
	payload := c.do(t, `mutation($id: ID!) { disconnect(input: {accountId: $id}) { revokedAtPlatform revocationNote } }`,
		map[string]any{"id": at(t, data, "accounts", "nodes", 0, "id")})
	if at(t, payload, "disconnect", "revokedAtPlatform") != true {
		t.Errorf("after the rotation disconnect answered %v; want it revoked", payload)
	}
}

// TestWrongKey starts with another key than the database's: it refuses, and
// names both.
func TestWrongKey(t *testing.T) {
	t.Parallel()
	env := production(t)
	must(t, env, "keys", "list") // makes the database
	must(t, env, "doctor")
	other := production(t)
	out, err := command(t, []string{env[0], other[1], env[2]}, "doctor")
	if err == nil || !strings.Contains(out, "FAIL") || !strings.Contains(out, "key") {
		t.Errorf("doctor with another key: %v\n%s", err, out)
	}
	// Moving to it is rewrap.
	must(t, env, "keys", "rewrap", "--key-file", strings.TrimPrefix(other[1], "MOORING_KEY_FILE="))
	must(t, []string{env[0], other[1], env[2]}, "doctor")
}

// TestNoKeyInProduction starts without a key where real accounts could be.
func TestNoKeyInProduction(t *testing.T) {
	t.Parallel()
	_, err := command(t, []string{"DATABASE_URL=sqlite:" + filepath.Join(t.TempDir(), "mooring.db"), "MOORING_JWT_SECRET=" + jwtSecret}, "serve")
	if err == nil || !strings.Contains(err.Error(), "MOORING_KEY") || !strings.Contains(err.Error(), "keys generate") {
		t.Errorf("serve without a key: %v; want an error that says how to make one", err)
	}
}

// TestAPIKey makes a key by the command line and uses it.
func TestAPIKey(t *testing.T) {
	t.Parallel()
	env := append(production(t), "MOORING_SANDBOX=on")
	key := strings.TrimSpace(must(t, env, "apikey", "create", "--workspace", "w1", "--scopes", "read,import"))
	c := caller{start(t, env...), key}
	data := c.do(t, `{ viewer { workspace role permissions method } }`, nil)
	if at(t, data, "viewer", "workspace") != "w1" || at(t, data, "viewer", "role") != "SERVICE" || at(t, data, "viewer", "method") != "API_KEY" {
		t.Errorf("viewer = %v; want the service of w1", data)
	}
	if _, body := c.try(t, `mutation { connect(input: {platform: "twitter"}) { userErrors { code } } }`, nil); body["errors"] == nil {
		t.Errorf("a key without the scope connect connected: %v", body)
	}
	// By socket, too.
	c.subscribe(t, healthSubscription, nil)
	if _, err := command(t, env, "apikey", "create", "--workspace", "w1", "--scopes", "everything"); err == nil || !strings.Contains(err.Error(), "read") {
		t.Errorf("a wrong scope: %v; want an error that lists the scopes", err)
	}
}

// TestRevokedAPIKey ends a key's work.
func TestRevokedAPIKey(t *testing.T) {
	t.Parallel()
	env := production(t)
	key := strings.TrimSpace(must(t, env, "apikey", "create", "--workspace", "w1", "--scopes", "read"))
	id := strings.Split(key, "_")[1]
	if out := must(t, env, "apikey", "list", "--workspace", "w1"); !strings.Contains(out, id) || strings.Contains(out, key) {
		t.Errorf("apikey list printed %q; want the id %s and no key", out, id)
	}
	if _, err := command(t, env, "apikey", "revoke", "--workspace", "w2", id); err == nil {
		t.Error("another workspace revoked the key")
	}
	must(t, env, "apikey", "revoke", "--workspace", "w1", id)
	if status, body := (caller{start(t, env...), key}).try(t, `{ viewer { user } }`, nil); status != 401 {
		t.Errorf("a revoked key = %d %v; want 401", status, body)
	}
}

func TestVersionAndHelp(t *testing.T) {
	t.Parallel()
	if out := must(t, nil, "version"); !strings.HasPrefix(out, "mooring ") {
		t.Errorf("version printed %q", out)
	}
	if out := must(t, nil, "--help"); !strings.Contains(out, "serve") || !strings.Contains(out, "keys") {
		t.Errorf("--help printed %q; want the commands", out)
	}
	if _, err := command(t, nil, "serv"); err == nil || !strings.Contains(err.Error(), "serve") {
		t.Errorf("a misspelt command: %v; want a hint", err)
	}
}

func TestUnknownErrors(t *testing.T) {
	t.Parallel()
	env := append(production(t), "MOORING_SANDBOX=on")
	me := caller{start(t, env...), token(t, "ada", "w1", "member", time.Now().Add(time.Hour))}
	me.do(t, `{ diagnose(input: {platform: "tiktok", httpStatus: 418, errorMessage: "The teapot refuses to brew for 17"}) { issueType } }`, nil)
	if err := me.stop(); err != nil {
		t.Fatal(err)
	}
	if out := must(t, env, "unknown-errors"); !strings.Contains(out, "tiktok") || !strings.Contains(out, "teapot") || strings.Contains(out, "17") {
		t.Errorf("unknown-errors = %s; want the teapot, without its number", out)
	}
	var found []accounts.UnknownError
	if err := json.Unmarshal([]byte(must(t, env, "unknown-errors", "--json")), &found); err != nil || len(found) != 1 || found[0].Times != 1 {
		t.Errorf("unknown-errors --json = %v, %v; want one", found, err)
	}
}
