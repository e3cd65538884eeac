package transport_test

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"

	"mooring/transport"
)

// TestHold ends a socket from outside, before and after it is acknowledged.
func TestHold(t *testing.T) {
	t.Parallel()
	ends := make(chan func(transport.Refusal), 1)
	released := make(chan struct{}, 2)
	ended := false // before the first socket is acknowledged it is not
	ws := &transport.Websocket{Init: func(ctx context.Context, _ json.RawMessage, _ *http.Request) (context.Context, transport.Session, error) {
		already := ended
		return ctx, transport.Session{Hold: func(end func(transport.Refusal)) func() {
			if already {
				end(transport.Refusal{Code: transport.CloseForbidden, Reason: "it was over before"})
			} else {
				ends <- end
			}
			return func() { released <- struct{}{} }
		}}, nil
	}}
	server, schema := newServer(t, ws)
	c := connect(t, server)
	c.subscribe("1", `subscription { silent(name: "a") }`)
	c.silence()
	receive(t, ends, "hold")(transport.Refusal{Code: transport.CloseForbidden, Reason: "the API key was revoked"})
	c.expectClose(transport.CloseForbidden, "the API key was revoked")
	receive(t, schema.ended, "end of the subscription")
	receive(t, released, "release")

	ended = true
	late := dial(t, server, transport.Subprotocol)
	late.send(`{"type":"connection_init"}`)
	late.expectClose(transport.CloseForbidden, "it was over before")
	receive(t, released, "release")
	untilNone(t, ws)
}
