package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestBackup copies a database that a server is at, and restores it elsewhere,
// by the command line.
func TestBackup(t *testing.T) {
	t.Parallel()
	env := append(production(t), "MOORING_SANDBOX=on")
	i := start(t, env...)
	c := caller{i, token(t, "ada", "w1", "owner", time.Now().Add(time.Hour))}
	b := newBrowser(t)
	_, address := c.begin(t, map[string]any{"platform": "twitter"})
	b.get(t, b.post(t, b.post(t, address, nil).location, approve(7200)).location)

	file := filepath.Join(t.TempDir(), "mooring.backup")
	if out := must(t, env, "backup", file); !strings.Contains(out, "1 accounts") || !strings.Contains(out, "key with fingerprint") {
		t.Errorf("mooring backup printed %q; want what is in it", out)
	}
	if info, err := os.Stat(file); err != nil || info.Mode() != 0o600 {
		t.Errorf("the backup's mode is %v, %v; want 0600", info.Mode(), err)
	}
	if out, err := command(t, env, "backup", file); err == nil || !strings.Contains(err.Error(), "exists") {
		t.Errorf("a second backup into the file: %q, %v; want it refused", out, err)
	}
	none := filepath.Join(t.TempDir(), "none.backup")
	if _, err := command(t, env, "backup", none, "--workspace", "nobody"); err == nil {
		t.Error("the backup of a workspace that is not there succeeds")
	}
	if _, err := os.Stat(none); !os.IsNotExist(err) {
		t.Errorf("a backup that failed leaves a file: %v", err)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if out := must(t, env, "backup", "-"); !strings.HasPrefix(out, string(content[:20])) {
		t.Errorf("mooring backup - printed %.40q; want a backup", out)
	}

	there := append([]string{"DATABASE_URL=sqlite:" + filepath.Join(t.TempDir(), "new.db")}, env[1:]...)
	out := must(t, there, "restore", "--dry-run", file)
	if !strings.Contains(out, "w1\ttwitter\tacc_") || !strings.Contains(out, "Nothing was changed") {
		t.Errorf("mooring restore --dry-run printed %q; want the account", out)
	}
	if out := must(t, there, "restore", file); !strings.Contains(out, "mooring adopt") {
		t.Errorf("mooring restore printed %q; want what comes next", out)
	}
	if out, err := command(t, there, "restore", file); err == nil || !strings.Contains(err.Error(), "not empty") {
		t.Errorf("mooring restore into it again: %q, %v; want it refused", out, err)
	}
	if out := must(t, there, "doctor"); !strings.Contains(out, "restored from a backup") {
		t.Errorf("mooring doctor says %q; want that nothing is refreshed", out)
	}
	must(t, there, "adopt")
	if out := must(t, there, "doctor"); strings.Contains(out, "restored from a backup") {
		t.Errorf("mooring doctor says %q after mooring adopt", out)
	}
	other := production(t)
	if _, err := command(t, other, "restore", "--dry-run", file); err == nil || !strings.Contains(err.Error(), "fingerprint") {
		t.Errorf("mooring restore with another key: %v; want it refused", err)
	}
	key := strings.TrimPrefix(env[1], "MOORING_KEY_FILE=")
	must(t, other, "restore", "--key-file", key, "--adopt", file)
	must(t, other, "keys", "list")
}
