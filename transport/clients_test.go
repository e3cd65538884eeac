package transport_test

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"

	"mooring/internal/programs"
	"mooring/transport"
)

const clients = "testdata/clients"

// TestOutsideClients lets the reference implementations of the three protocols judge the server.
func TestOutsideClients(t *testing.T) {
	t.Parallel()
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

// node runs a script of the clients, whose token the server takes.
func node(t *testing.T, script string, args ...string) string {
	t.Helper()
	return programs.Node(t, clients, []string{"GRAPHQL_TOKEN=token"}, append([]string{script}, args...)...)
}
