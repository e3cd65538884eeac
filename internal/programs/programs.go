// Package programs has what tests need besides Go and a C compiler: Node.js with
// packages of npm, a browser, programs of the system.
//
// Where something is missing, the test is skipped and says how to get it; where
// the environment has CI it fails, lest half of the suite vanish unseen.
package programs

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// longest is how long a script may run.
const longest = 8 * time.Minute

// Missing ends a test that lacks something: it is skipped, or fails in CI.
func Missing(t testing.TB, why string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(why)
	}
	t.Skip(why)
}

// Need wants programs to be in PATH.
func Need(t testing.TB, names ...string) {
	t.Helper()
	for _, name := range names {
		if !installed(name) {
			Missing(t, name+" is not on the PATH: install it")
		}
	}
}

// Chromium wants a browser that dashboard/browser.mjs finds.
func Chromium(t testing.TB) {
	t.Helper()
	if !slices.ContainsFunc([]string{os.Getenv("CHROMIUM"), "chromium", "chromium-browser", "google-chrome-stable", "google-chrome"}, installed) {
		Missing(t, "there is no Chromium: install it, or set CHROMIUM to its path")
	}
}

func installed(program string) bool {
	_, err := exec.LookPath(program)
	return err == nil
}

// Node runs Node.js in a folder whose npm packages are installed, with more
// variables, and returns what it printed. What fails, fails the test.
func Node(t testing.TB, folder string, env []string, args ...string) string {
	t.Helper()
	if !installed("node") {
		Missing(t, "node is not on the PATH: install Node.js 20.19 or newer")
	}
	if _, err := os.Stat(filepath.Join(folder, "node_modules")); err != nil {
		Missing(t, "the npm packages are missing: run npm ci in "+folder)
	}
	ctx, cancel := context.WithTimeout(t.Context(), longest)
	defer cancel()
	command := exec.CommandContext(ctx, "node", args...)
	command.Dir, command.Env = folder, append(os.Environ(), env...)
	var printed, complaints strings.Builder
	command.Stdout, command.Stderr = &printed, &complaints
	if err := command.Run(); err != nil {
		t.Fatalf("node %s: %v\n%s%s", args[0], err, &printed, &complaints)
	}
	return printed.String()
}
