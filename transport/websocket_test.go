package transport_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/gorilla/websocket"
	"go.uber.org/goleak"

	"mooring/transport"
)

// client speaks raw messages, so that it can break every rule.
type client struct {
	*testing.T
	conn *websocket.Conn
}

func dial(t *testing.T, server *httptest.Server, subprotocols ...string) client {
	t.Helper()
	dialer := websocket.Dialer{Subprotocols: subprotocols, HandshakeTimeout: patience}
	conn, response, err := dialer.Dial("ws"+strings.TrimPrefix(server.URL, "http"), nil)
	if err != nil {
		t.Fatalf("dial: %v (%v)", err, response)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return client{t, conn}
}

// connect dials and gets acknowledged.
func connect(t *testing.T, server *httptest.Server) client {
	t.Helper()
	c := dial(t, server, transport.Subprotocol)
	c.send(`{"type":"connection_init"}`)
	c.expect(`{"type":"connection_ack"}`)
	return c
}

func (c client) send(message string) {
	c.Helper()
	if err := c.conn.WriteMessage(websocket.TextMessage, []byte(message)); err != nil {
		c.Fatalf("send %s: %v", message, err)
	}
}

func (c client) subscribe(id, query string) {
	c.Helper()
	quoted, err := json.Marshal(query)
	if err != nil {
		c.Fatal(err)
	}
	c.send(fmt.Sprintf(`{"id":%q,"type":"subscribe","payload":{"query":%s}}`, id, quoted))
}

func (c client) receive() string {
	c.Helper()
	_, data, err := c.conn.ReadMessage()
	if err != nil {
		c.Fatalf("receive: %v", err)
	}
	return string(data)
}

func (c client) expect(want ...string) {
	c.Helper()
	for _, want := range want {
		if got := c.receive(); got != want {
			c.Fatalf("received %s; want %s", got, want)
		}
	}
}

// silence proves that the server has sent nothing, and has handled all that was sent to it.
func (c client) silence() {
	c.Helper()
	c.send(`{"type":"ping","payload":{"silence":true}}`)
	c.expect(`{"type":"pong","payload":{"silence":true}}`)
}

// expectClose reads until the server closes, and checks how. Code 1006 is an end without a close frame.
func (c client) expectClose(code int, reason string) {
	c.Helper()
	for {
		_, _, err := c.conn.ReadMessage()
		closed := (*websocket.CloseError)(nil)
		switch {
		case err == nil:
		case errors.As(err, &closed):
			if closed.Code != code || closed.Text != reason && code != websocket.CloseAbnormalClosure {
				c.Fatalf("closed with %d %q; want %d %q", closed.Code, closed.Text, code, reason)
			}
			return
		case code == websocket.CloseAbnormalClosure && !errors.Is(err, context.DeadlineExceeded):
			return
		default:
			c.Fatalf("read: %v; want close code %d", err, code)
		}
	}
}

// untilNone waits for all sockets to be gone.
func untilNone(t *testing.T, ws *transport.Websocket) {
	t.Helper()
	eventually(t, "no socket left", func() bool { return ws.Stats() == transport.Stats{} })
}

func TestCloseCodes(t *testing.T) {
	t.Parallel()
	const init, noInit = true, false
	for _, test := range []struct {
		name     string
		init     bool
		messages []string
		code     int
		reason   string
	}{
		{"bad JSON", noInit, []string{`{`}, 4400, "message is not a JSON object with string id and type"},
		{"bad JSON later", init, []string{`nonsense`}, 4400, "message is not a JSON object with string id and type"},
		{"array", init, []string{`[]`}, 4400, "message is not a JSON object with string id and type"},
		{"number for an id", init, []string{`{"id":1,"type":"complete"}`}, 4400, "message is not a JSON object with string id and type"},
		{"unknown type", init, []string{`{"type":"start","id":"1"}`}, 4400, "unknown message type"},
		{"no type", init, []string{`{}`}, 4400, "unknown message type"},
		{"a server's type", init, []string{`{"type":"next","id":"1","payload":{}}`}, 4400, "unknown message type"},
		{"text for a payload", noInit, []string{`{"type":"connection_init","payload":"x"}`}, 4400, "payload is not an object"},
		{"array for a pong", init, []string{`{"type":"pong","payload":[]}`}, 4400, "payload is not an object"},
		{"subscribe without id", init, []string{`{"type":"subscribe","payload":{"query":"{ hello }"}}`}, 4400, "subscribe needs an id and a payload"},
		{"subscribe without payload", init, []string{`{"id":"1","type":"subscribe"}`}, 4400, "subscribe needs an id and a payload"},
		{"subscribe without query", init, []string{`{"id":"1","type":"subscribe","payload":{}}`}, 4400, `payload: the request has no "query"`},
		{"array of variables", init, []string{`{"id":"1","type":"subscribe","payload":{"query":"{ hello }","variables":[]}}`}, 4400, `payload: "variables" is not an object`},
		{"complete without id", init, []string{`{"type":"complete"}`}, 4400, "complete needs an id"},
		{"subscribe first", noInit, []string{`{"id":"1","type":"subscribe","payload":{"query":"{ hello }"}}`}, 4401, "Unauthorized"},
		{"id taken", init, []string{
			`{"id":"1","type":"subscribe","payload":{"query":"subscription { silent }"}}`,
			`{"id":"1","type":"subscribe","payload":{"query":"subscription { silent }"}}`,
		}, 4409, "Subscriber for 1 already exists"},
		{"long id taken", init, []string{
			`{"id":"` + strings.Repeat("é", 200) + `","type":"subscribe","payload":{"query":"subscription { silent }"}}`,
			`{"id":"` + strings.Repeat("é", 200) + `","type":"subscribe","payload":{"query":"subscription { silent }"}}`,
		}, 4409, "Subscriber for " + strings.Repeat("é", 54)},
		{"init twice", init, []string{`{"type":"connection_init"}`}, 4429, "Too many initialisation requests"},
		{"too big", init, []string{`{"type":"ping","payload":{"x":"` + strings.Repeat("x", 2000) + `"}}`}, 1009, "message too big"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			ws := &transport.Websocket{MaxMessage: 2000}
			server, _ := newServer(t, ws)
			c := dial(t, server, "something-else", transport.Subprotocol)
			if test.init {
				c.send(`{"type":"connection_init","payload":null}`)
				c.expect(`{"type":"connection_ack"}`)
			}
			for _, message := range test.messages {
				c.send(message)
			}
			c.expectClose(test.code, test.reason)
			untilNone(t, ws)
		})
	}
}

func TestBinaryFrame(t *testing.T) {
	t.Parallel()
	server, _ := newServer(t, &transport.Websocket{})
	c := connect(t, server)
	if err := c.conn.WriteMessage(websocket.BinaryMessage, []byte(`{"type":"ping"}`)); err != nil {
		t.Fatal(err)
	}
	c.expectClose(transport.CloseInvalidMessage, "message is not text")
}

func TestSubprotocolNotAcceptable(t *testing.T) {
	t.Parallel()
	ws := &transport.Websocket{}
	server, _ := newServer(t, ws)
	for _, offered := range [][]string{nil, {"graphql-ws"}, {"mqtt", "graphql-ws"}} {
		c := dial(t, server, offered...)
		// Other clients than this one would not finish the handshake otherwise.
		if len(offered) > 0 && c.conn.Subprotocol() != offered[0] {
			t.Errorf("handshake with %q = %q; want the first", offered, c.conn.Subprotocol())
		}
		c.expectClose(transport.CloseSubprotocol, "Subprotocol not acceptable")
	}
	untilNone(t, ws)
}

func TestInitTimeout(t *testing.T) {
	t.Parallel()
	server, _ := newServer(t, &transport.Websocket{InitTimeout: 20 * time.Millisecond})
	c := dial(t, server, transport.Subprotocol)
	c.expectClose(transport.CloseInitTimeout, "Connection initialisation timeout")
}

func TestInit(t *testing.T) {
	t.Parallel()
	type key struct{}
	ws := &transport.Websocket{
		InitTimeout: 100 * time.Millisecond,
		Init: func(ctx context.Context, payload json.RawMessage, r *http.Request) (context.Context, transport.Session, error) {
			switch string(payload) {
			case `{"is":"bad"}`:
				return nil, transport.Session{}, fmt.Errorf("wrapped: %w", &transport.Refusal{Code: transport.CloseUnauthorized, Reason: "unknown key"})
			case `{"is":"over"}`:
				return nil, transport.Session{}, &transport.Refusal{Code: transport.CloseForbidden, Reason: "credential expired"}
			case `{"is":"error"}`:
				return nil, transport.Session{}, errors.New("secret detail")
			case `{"is":"panic"}`:
				panic("planned")
			case `{"is":"slow"}`:
				<-ctx.Done()
				return nil, transport.Session{}, ctx.Err()
			case `{"is":"brief"}`:
				return ctx, transport.Session{Expires: time.Now().Add(20 * time.Millisecond)}, nil
			}
			return context.WithValue(ctx, key{}, r.URL.Path), transport.Session{Ack: json.RawMessage(`{"hello":"you"}`)}, nil
		},
	}
	schema := newStub()
	h := newHandler(schema, ws)
	h.AroundOperations(func(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
		path, _ := ctx.Value(key{}).(string)
		return graphql.OneShot(&graphql.Response{Data: []byte(fmt.Sprintf("%q", path))})
	})
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)

	for _, test := range []struct {
		payload string
		code    int
		reason  string
	}{
		{`{"is":"bad"}`, 4401, "unknown key"},
		{`{"is":"over"}`, 4403, "credential expired"},
		{`{"is":"error"}`, 1013, "Try again later"},
		{`{"is":"panic"}`, 1013, "Try again later"},
		{`{"is":"slow"}`, 4408, "Connection initialisation timeout"},
		{`{"is":"brief"}`, 4403, "credential expired"},
	} {
		t.Run(test.payload, func(t *testing.T) {
			t.Parallel()
			c := dial(t, server, transport.Subprotocol)
			c.send(`{"type":"connection_init","payload":` + test.payload + `}`)
			c.expectClose(test.code, test.reason)
		})
	}
	t.Run("accepted", func(t *testing.T) {
		t.Parallel()
		c := dial(t, server, transport.Subprotocol)
		c.send(`{"type":"connection_init","payload":{"is":"good"}}`)
		c.expect(`{"type":"connection_ack","payload":{"hello":"you"}}`)
		c.subscribe("1", "{ hello }")
		c.expect(`{"type":"next","id":"1","payload":{"data":"/"}}`)
	})
}

func TestOperations(t *testing.T) {
	t.Parallel()
	server, _ := newServer(t, &transport.Websocket{})
	c := connect(t, server)
	for _, test := range []struct {
		name, query string
		want        []string
	}{
		{"query", "{ hello }", []string{`{"type":"next","id":"an \"id\"","payload":{"data":{"hello":"world"}}}`, `{"type":"complete","id":"an \"id\""}`}},
		{"mutation", "mutation { bump }", []string{`{"type":"next","id":"an \"id\"","payload":{"data":{"bump":1}}}`, `{"type":"complete","id":"an \"id\""}`}},
		{"subscription", "subscription { upTo(n: 2) }", []string{
			`{"type":"next","id":"an \"id\"","payload":{"data":{"upTo":1}}}`,
			`{"type":"next","id":"an \"id\"","payload":{"data":{"upTo":2}}}`,
			`{"type":"complete","id":"an \"id\""}`,
		}},
		{"field error", "{ fails }", []string{`{"type":"next","id":"an \"id\"","payload":{"errors":[{"message":"broken"}],"data":null}}`, `{"type":"complete","id":"an \"id\""}`}},
		{"syntax error", "{", []string{`{"type":"error","id":"an \"id\"","payload":[{"message":"Expected Name, found \u003cEOF\u003e","locations":[{"line":1,"column":2}],"extensions":{"code":"GRAPHQL_PARSE_FAILED"}}]}`}},
		{"empty query", "", []string{`{"type":"error","id":"an \"id\"","payload":[{"message":"no operation provided","extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}]}`}},
		{"refused by the resolver", "subscription { denied }", []string{`{"type":"error","id":"an \"id\"","payload":[{"message":"denied"}]}`}},
		{"panic of a query", "{ panics }", []string{`{"type":"error","id":"an \"id\"","payload":[{"message":"internal system error"}]}`}},
		{"panic of a subscription", "subscription { panics }", []string{
			`{"type":"next","id":"an \"id\"","payload":{"data":{"panics":1}}}`,
			`{"type":"error","id":"an \"id\"","payload":[{"message":"internal system error"}]}`,
		}},
	} {
		// One socket for all, and one id: it is free again after each end.
		t.Run(test.name, func(t *testing.T) {
			c := client{t, c.conn}
			c.subscribe(`an "id"`, test.query)
			c.expect(test.want...)
			c.silence()
		})
	}
}

func TestPersistedQueryOverWebsocket(t *testing.T) {
	t.Parallel()
	server, _ := newServer(t, &transport.Websocket{})
	c := connect(t, server)
	c.send(`{"id":"1","type":"subscribe","payload":{"extensions":` + persisted("{ hello }") + `}}`)
	c.expect(`{"type":"error","id":"1","payload":[{"message":"PersistedQueryNotFound","extensions":{"code":"PERSISTED_QUERY_NOT_FOUND"}}]}`)
	for _, payload := range []string{
		`{"query":"{ hello }","extensions":` + persisted("{ hello }") + `}`,
		`{"extensions":` + persisted("{ hello }") + `}`,
	} {
		c.send(`{"id":"1","type":"subscribe","payload":` + payload + `}`)
		c.expect(`{"type":"next","id":"1","payload":{"data":{"hello":"world"}}}`, `{"type":"complete","id":"1"}`)
	}
}

func TestLimitsOverWebsocket(t *testing.T) {
	t.Parallel()
	schema := newStub()
	h := newHandler(schema, &transport.Websocket{})
	h.Use(transport.DepthLimit(1))
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	c := connect(t, server)
	c.subscribe("1", "{ node { name } }")
	c.expect(`{"type":"error","id":"1","payload":[{"message":"the operation is 2 fields deep, and the limit is 1","extensions":{"code":"BAD_USER_INPUT"}}]}`)
}

func TestPing(t *testing.T) {
	t.Parallel()
	server, _ := newServer(t, &transport.Websocket{})
	c := dial(t, server, transport.Subprotocol)
	// Even before connection_init.
	for _, payload := range []string{``, `,"payload":null`, `,"payload":{"n":[1,"two"]}`} {
		c.send(`{"type":"ping"` + payload + `}`)
		c.expect(`{"type":"pong"` + payload + `}`)
	}
	c.send(`{"type":"pong"}`) // unasked for
	c.send(`{"type":"connection_init"}`)
	c.expect(`{"type":"connection_ack"}`)
	c.silence()
}

func TestComplete(t *testing.T) {
	t.Parallel()
	ws := &transport.Websocket{}
	server, schema := newServer(t, ws)
	c := connect(t, server)
	c.subscribe("1", `subscription { silent(name: "a") }`)
	c.send(`{"id":"1","type":"complete"}`)
	if got := receive(t, schema.ended, "end of the subscription"); got != "a" {
		t.Fatalf("ended %q; want a", got)
	}
	c.send(`{"id":"1","type":"complete"}`)     // of one that has ended
	c.send(`{"id":"never","type":"complete"}`) // of one that never was
	c.silence()

	c.subscribe("1", `subscription { flood(name: "b") }`)
	c.receive()
	c.send(`{"id":"1","type":"complete"}`)
	c.send(`{"type":"ping"}`)
	for got := ""; got != `{"type":"pong"}`; got = c.receive() { // what was under way
	}
	receive(t, schema.ended, "end of the subscription")
	c.silence() // and nothing after it
	c.subscribe("1", "subscription { upTo(n: 1) }")
	c.expect(`{"type":"next","id":"1","payload":{"data":{"upTo":1}}}`, `{"type":"complete","id":"1"}`)
	if got, want := ws.Stats().Sockets, 1; got != want {
		t.Errorf("Stats().Sockets = %d; want %d", got, want)
	}
}

func TestHeartbeat(t *testing.T) {
	t.Parallel()
	ws := &transport.Websocket{PingInterval: 5 * time.Millisecond, PongTimeout: time.Second}
	server, schema := newServer(t, ws)
	c := connect(t, server)
	c.subscribe("1", `subscription { silent(name: "a") }`)
	for range 3 {
		c.expect(`{"type":"ping"}`)
		c.send(`{"type":"pong"}`)
	}
	for range 3 {
		c.expect(`{"type":"ping"}`)
		// A pong frame of the websocket itself is a sign of life too.
		if err := c.conn.WriteControl(websocket.PongMessage, nil, time.Now().Add(patience)); err != nil {
			t.Fatal(err)
		}
	}
	start := time.Now()
	c.expect(`{"type":"ping"}`)
	c.expectClose(websocket.CloseAbnormalClosure, "") // no more pongs
	if took := time.Since(start); took < 900*time.Millisecond {
		t.Errorf("closed %v after the last pong; want a second", took)
	}
	receive(t, schema.ended, "end of the subscription")
	untilNone(t, ws)
}

// TestStalledClient has one client that stops reading while events flood it, and one that goes on.
func TestStalledClient(t *testing.T) {
	t.Parallel()
	ws := &transport.Websocket{WriteTimeout: 200 * time.Millisecond, PingInterval: time.Hour}
	server, schema := newServer(t, ws)
	stalled, healthy := connect(t, server), connect(t, server)
	stalled.subscribe("1", `subscription { flood(name: "stalled") }`)
	stalled.subscribe("2", `subscription { silent(name: "beside it") }`)
	healthy.subscribe("1", `subscription { upTo(n: 1000000) }`)

	ended := map[string]bool{}
	for received := 1; len(ended) < 2 || received%1000 != 0; received++ {
		if want := fmt.Sprintf(`{"type":"next","id":"1","payload":{"data":{"upTo":%d}}}`, received); healthy.receive() != want {
			t.Fatalf("message %d is not %s", received, want)
		}
		select {
		case name := <-schema.ended:
			ended[name] = true
		default:
		}
	}
	if !ended["stalled"] || !ended["beside it"] {
		t.Errorf("ended %v; want stalled and beside it", ended)
	}
	healthy.conn.Close()
	untilNone(t, ws)
}

// TestStalledClientIsClosed closes a socket whose client does not read: the close frame cannot be sent, and must not
// be waited for.
func TestStalledClientIsClosed(t *testing.T) {
	t.Parallel()
	ws := &transport.Websocket{
		WriteTimeout: time.Hour, PingInterval: time.Hour,
		Init: func(ctx context.Context, _ json.RawMessage, _ *http.Request) (context.Context, transport.Session, error) {
			return ctx, transport.Session{Expires: time.Now().Add(300 * time.Millisecond)}, nil
		},
	}
	server, schema := newServer(t, ws)
	c := connect(t, server)
	c.subscribe("1", `subscription { flood(name: "a") }`)
	receive(t, schema.ended, "end of the subscription")
	untilNone(t, ws)
}

func TestOrigin(t *testing.T) {
	t.Parallel()
	server, _ := newServer(t, &transport.Websocket{AllowedOrigins: []string{"https://app.example.com"}})
	for _, test := range []struct {
		origin string
		status int
	}{
		{"", 101},
		{server.URL, 101},
		{"https://app.example.com", 101},
		{"https://APP.example.com", 101},
		{"https://app.example.com.evil.example", 403},
		{"http://app.example.com", 403},
		{"https://evil.example", 403},
		{"null", 403},
		{"%", 403},
	} {
		header := http.Header{}
		if test.origin != "" {
			header.Set("Origin", test.origin)
		}
		dialer := websocket.Dialer{Subprotocols: []string{transport.Subprotocol}}
		conn, response, err := dialer.Dial("ws"+strings.TrimPrefix(server.URL, "http"), header)
		if response == nil {
			t.Fatalf("dial: %v", err)
		}
		if response.StatusCode != test.status {
			t.Errorf("handshake from origin %q = %d; want %d", test.origin, response.StatusCode, test.status)
		}
		if conn != nil {
			conn.Close()
		}
	}
}

func TestBadHandshake(t *testing.T) {
	t.Parallel()
	server, _ := newServer(t, &transport.Websocket{}, transport.HTTP{})
	status, header, body := do(t, "GET", server.URL, "", "Connection", "Upgrade", "Upgrade", "websocket", "Sec-WebSocket-Version", "12")
	if status != 400 || header.Get("Content-Type") != "application/json; charset=utf-8" || !strings.HasPrefix(body, `{"errors":[`) {
		t.Errorf("handshake of version 12 = %d %s %s; want a GraphQL error with 400", status, header.Get("Content-Type"), body)
	}
}

func TestSocketLimits(t *testing.T) {
	t.Parallel()
	ws := &transport.Websocket{
		MaxSockets: 3, MaxSocketsPerCaller: 2, MaxPending: 1,
		Init: func(ctx context.Context, payload json.RawMessage, _ *http.Request) (context.Context, transport.Session, error) {
			return ctx, transport.Session{Caller: string(payload)}, nil
		},
	}
	server, _ := newServer(t, ws)
	open := func(caller string) client {
		c := dial(t, server, transport.Subprotocol)
		c.send(`{"type":"connection_init","payload":` + caller + `}`)
		return c
	}
	first := open(`{"a":1}`)
	first.expect(`{"type":"connection_ack"}`)
	open(`{"a":1}`).expect(`{"type":"connection_ack"}`)
	open(`{"a":1}`).expectClose(transport.CloseTooMany, "Too many sockets") // of this caller
	eventually(t, "the refused socket gone", func() bool { return ws.Stats().Sockets == 2 })
	open(`{"b":1}`).expect(`{"type":"connection_ack"}`)
	open(`{"c":1}`).expectClose(websocket.CloseTryAgainLater, "Try again later") // all are taken

	// Whoever has not said who they are takes no place of those who have.
	eventually(t, "the refused socket gone", func() bool { return ws.Stats().Sockets == 3 })
	silent := dial(t, server, transport.Subprotocol)
	eventually(t, "a silent socket", func() bool { return ws.Stats().Sockets == 4 })
	dial(t, server, transport.Subprotocol).expectClose(websocket.CloseTryAgainLater, "Try again later")
	silent.conn.Close()
	eventually(t, "the silent socket gone", func() bool { return ws.Stats().Sockets == 3 })

	first.conn.Close()
	eventually(t, "one socket less", func() bool { return ws.Stats().Sockets == 2 })
	open(`{"a":1}`).expect(`{"type":"connection_ack"}`)
}

func TestOperationLimit(t *testing.T) {
	t.Parallel()
	ws := &transport.Websocket{MaxOperations: 2}
	server, schema := newServer(t, ws)
	c := connect(t, server)
	const limited = `{"type":"error","id":"3","payload":[{"message":"too many operations in flight on this socket","extensions":{"code":"RATE_LIMITED"}}]}`
	c.subscribe("1", `subscription { silent(name: "a") }`)
	c.subscribe("2", "subscription { stubborn }")
	receive(t, schema.stuck, "stubborn subscription")
	c.subscribe("3", "{ hello }")
	c.expect(limited)
	c.send(`{"id":"2","type":"complete"}`)
	c.subscribe("3", "{ hello }") // 2 is still winding up
	c.expect(limited)
	c.silence()
	close(schema.let)
	c.send(`{"id":"1","type":"complete"}`)
	eventually(t, "room for a third", func() bool {
		c.subscribe("3", "{ hello }")
		return c.receive() != limited
	})
	c.expect(`{"type":"complete","id":"3"}`)
}

func TestShutdown(t *testing.T) {
	t.Parallel()
	ws := &transport.Websocket{}
	server, schema := newServer(t, ws)
	acknowledged, waiting := connect(t, server), dial(t, server, transport.Subprotocol)
	acknowledged.subscribe("1", `subscription { silent(name: "a") }`)
	acknowledged.silence()
	done := make(chan error, 2)
	go func() { done <- ws.Shutdown(t.Context()) }()
	acknowledged.expectClose(websocket.CloseGoingAway, "server is shutting down")
	waiting.expectClose(websocket.CloseGoingAway, "server is shutting down")
	if err := receive(t, done, "end of Shutdown"); err != nil {
		t.Errorf("Shutdown() = %v; want nil", err)
	}
	receive(t, schema.ended, "end of the subscription")
	if got := ws.Stats(); got != (transport.Stats{}) {
		t.Errorf("Stats() = %+v; want none", got)
	}
	dial(t, server, transport.Subprotocol).expectClose(websocket.CloseGoingAway, "server is shutting down")
	if err := ws.Shutdown(t.Context()); err != nil {
		t.Errorf("second Shutdown() = %v; want nil", err)
	}
}

func TestShutdownRunsOutOfTime(t *testing.T) {
	t.Parallel()
	ws := &transport.Websocket{}
	server, schema := newServer(t, ws)
	c := connect(t, server)
	c.subscribe("1", "subscription { stubborn }")
	receive(t, schema.stuck, "stubborn subscription")
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- ws.Shutdown(ctx) }()
	c.expectClose(websocket.CloseGoingAway, "server is shutting down")
	if err := receive(t, done, "end of Shutdown"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Shutdown() with an operation that goes on = %v; want %v", err, context.DeadlineExceeded)
	}
	close(schema.let)
	untilNone(t, ws)
}

// TestNothingIsLeft is not parallel: it counts goroutines.
func TestNothingIsLeft(t *testing.T) {
	ws := &transport.Websocket{}
	server, schema := newServer(t, ws)
	before := goleak.IgnoreCurrent()
	for i := range 200 {
		c := connect(t, server)
		c.subscribe("1", `subscription { silent(name: "a") }`)
		c.subscribe("2", `subscription { flood }`)
		c.receive()
		if i%2 == 0 {
			c.conn.Close() // without a close frame
		} else {
			c.send(`{"type":"nonsense"}`)
			c.expectClose(transport.CloseInvalidMessage, "unknown message type")
		}
		receive(t, schema.ended, "end of the subscription")
	}
	untilNone(t, ws)
	goleak.VerifyNone(t, before)
}
