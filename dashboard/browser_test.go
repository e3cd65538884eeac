package dashboard_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"github.com/gorilla/websocket"

	"mooring/dashboard"
	"mooring/internal/programs"
)

// TestInBrowser opens the playground in a real browser against a server that
// plays just enough of the API; playground/browser-test.mjs says what it checks.
// SCREENSHOTS names a folder for pictures of the page.
func TestInBrowser(t *testing.T) {
	t.Parallel()
	programs.Chromium(t)
	api := playedAPI{t: t, token: "let-me-in", introspection: introspection(t)}
	mux := http.NewServeMux()
	mux.Handle("/graphql", api)
	mux.Handle("/", dashboard.Playground(dashboard.Options{Endpoint: "/graphql", Sandbox: true}))
	server := httptest.NewServer(mux)
	defer server.Close()

	args := []string{"playground/browser-test.mjs", server.URL}
	if folder := os.Getenv("SCREENSHOTS"); folder != "" {
		args = append(args, folder)
	}
	programs.Node(t, ".", []string{"TOKEN=" + api.token}, args...)
}

// introspection is what the real schema answers to GraphiQL's introspection query.
func introspection(t *testing.T) json.RawMessage {
	t.Helper()
	return json.RawMessage(programs.Node(t, ".", nil, "--input-type=module", "--eval", `
		import { readFileSync } from "node:fs";
		import { buildSchema, introspectionFromSchema } from "graphql";
		const schema = buildSchema(readFileSync("../schema.graphqls", "utf8"));
		console.log(JSON.stringify(introspectionFromSchema(schema)));`))
}

// playedAPI answers introspection, Connect and ConnectAttemptChanged, and only
// with its token.
type playedAPI struct {
	t             *testing.T
	token         string
	introspection json.RawMessage
}

func (api playedAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if websocket.IsWebSocketUpgrade(r) {
		api.serveSocket(w, r)
		return
	}
	var request struct{ OperationName string }
	if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
		api.t.Errorf("request to %s: %v", r.URL, err)
	}
	w.Header().Set("Content-Type", "application/graphql-response+json")
	switch {
	case request.OperationName == "IntrospectionQuery":
		fmt.Fprintf(w, `{"data":%s}`, api.introspection)
	case r.Header.Get("Authorization") != "Bearer "+api.token:
		io.WriteString(w, `{"errors":[{"message":"who are you?"}]}`)
	default:
		io.WriteString(w, `{"data":{"connect":{"attempt":{"id":"att_1","status":"PENDING",
			"authorizationUrl":"http://localhost:1/start?a=b\u0026c=d","expiresAt":"2026-11-23T09:40:00.000Z"},"userErrors":[]}}}`)
	}
}

func (api playedAPI) serveSocket(w http.ResponseWriter, r *http.Request) {
	upgrader := websocket.Upgrader{Subprotocols: []string{"graphql-transport-ws"}}
	socket, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		api.t.Errorf("upgrade: %v", err)
		return
	}
	defer socket.Close()
	for {
		var message struct {
			Type, ID string
			Payload  struct{ Authorization string }
		}
		if err := socket.ReadJSON(&message); err != nil {
			return
		}
		switch message.Type {
		case "connection_init":
			if got, want := message.Payload.Authorization, "Bearer "+api.token; got != want {
				api.t.Errorf("connection_init carries authorization %q; want %q", got, want)
			}
			err = socket.WriteJSON(map[string]any{"type": "connection_ack"})
		case "subscribe":
			attempt := map[string]any{"id": "att_1", "status": "PENDING"}
			err = socket.WriteJSON(map[string]any{"type": "next", "id": message.ID,
				"payload": map[string]any{"data": map[string]any{"connectAttemptChanged": attempt}}})
		}
		if err != nil {
			api.t.Errorf("answer to %s: %v", message.Type, err)
		}
	}
}
