package transport_test

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mooring/transport"
)

const clients = "testdata/clients"

// TestOutsideClients lets the reference implementations of the three protocols judge the server.
func TestOutsideClients(t *testing.T) {
	t.Parallel()
	requireClients(t)
	ws := &transport.Websocket{
		Init: func(ctx context.Context, payload json.RawMessage, _ *http.Request) (context.Context, transport.Session, error) {
			var params struct{ Authorization string }
			if err := json.Unmarshal(payload, &params); err != nil || params.Authorization != "Bearer token" {
				return nil, transport.Session{}, &transport.Refusal{Code: transport.CloseUnauthorized, Reason: "unknown token"}
			}
			return ctx, transport.Session{}, nil
		},
	}
	server, schema := newServer(t, ws, &transport.SSE{}, transport.HTTP{})

	t.Run("graphql-http audit", func(t *testing.T) {
		t.Parallel()
		t.Log(node(t, "audit.mjs", server.URL))
	})
	for _, script := range []string{"websocket.mjs", "sse.mjs"} {
		t.Run(script, func(t *testing.T) {
			t.Parallel()
			want := `{"data":{"upTo":1}}` + "\n" + `{"data":{"upTo":2}}` + "\n"
			if got := node(t, script, server.URL, "subscription { upTo(n: 2) }", "2"); got != want {
				t.Errorf("%s printed\n%s\nwant\n%s", script, got, want)
			}
			// Ended by the client.
			if got := node(t, script, server.URL, "subscription { upTo(n: 100) }", "2"); got != want {
				t.Errorf("%s printed\n%s\nwant\n%s", script, got, want)
			}
			want = `{"data":{"hello":"world"}}` + "\n"
			if got := node(t, script, server.URL, "{ hello }"); got != want {
				t.Errorf("%s printed\n%s\nwant\n%s", script, got, want)
			}
		})
	}
	t.Run("refused", func(t *testing.T) {
		t.Parallel()
		if got, want := node(t, "refused.mjs", server.URL), "4401 unknown token after 1\n"; got != want {
			t.Errorf("refused.mjs printed %q; want %q", got, want)
		}
	})
	t.Cleanup(func() {
		untilNone(t, ws)
		if schema.bumps != 0 {
			t.Errorf("%d mutations ran; want 0", schema.bumps)
		}
	})
}

// requireClients skips the test where Node or the clients' packages are missing; in CI it fails instead.
func requireClients(t *testing.T) {
	t.Helper()
	missing := ""
	if _, err := exec.LookPath("node"); err != nil {
		missing = "node is not on the PATH"
	} else if _, err := os.Stat(filepath.Join(clients, "node_modules")); err != nil {
		missing = "run npm ci in transport/testdata/clients"
	}
	switch {
	case missing == "":
	case os.Getenv("CI") == "true":
		t.Fatal(missing)
	default:
		t.Skip(missing)
	}
}

// node runs a script and returns what it printed; a script that fails, fails the test.
func node(t *testing.T, script string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, "node", append([]string{script}, args...)...)
	command.Dir = clients
	command.Env = append(os.Environ(), "GRAPHQL_TOKEN=token")
	var printed, complaints strings.Builder
	command.Stdout, command.Stderr = &printed, &complaints
	if err := command.Run(); err != nil {
		t.Fatalf("node %s: %v\n%s%s", script, err, &printed, &complaints)
	}
	return printed.String()
}
