package transport

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/gorilla/websocket"
)

// Subprotocol is the only websocket subprotocol that is served, as graphql-ws's PROTOCOL.md specifies it.
const Subprotocol = "graphql-transport-ws"

// Close codes of graphql-transport-ws. Clients decide by them whether to reconnect: after [CloseForbidden] and
// [CloseInitTimeout] the reference client tries again, with a fresh credential if it has a way to get one; after the
// others it gives up.
const (
	CloseInvalidMessage   = 4400 // not JSON, a binary frame, an unknown type, a field missing
	CloseUnauthorized     = 4401 // subscribe before connection_init, or a credential that will never do
	CloseForbidden        = 4403 // the credential has ended, or may not be used here
	CloseSubprotocol      = 4406 // the client does not speak graphql-transport-ws
	CloseInitTimeout      = 4408 // no connection_init within InitTimeout
	CloseSubscriberExists = 4409 // the id of a subscribe message is taken
	CloseTooMany          = 4429 // a second connection_init, or too many sockets; the reason says which
)

// Refusal is the error by which [Websocket.Init] chooses how a socket is closed.
type Refusal struct {
	// Code is CloseUnauthorized for a credential that will never do, CloseForbidden for one that has ended.
	Code int
	// Reason is shown to the client; what exceeds the 123 bytes of a close frame is cut off.
	Reason string
}

// Error returns the reason.
func (r *Refusal) Error() string { return r.Reason }

// Session is what [Websocket.Init] found out about the caller of one socket.
type Session struct {
	// Expires is when the caller's credential ends; the socket is closed then, with CloseForbidden. Zero means never.
	Expires time.Time
	// Caller is whom the socket counts against in MaxSocketsPerCaller. Empty means that nobody's limit applies.
	Caller string
	// Ack is the payload of connection_ack, a JSON object, or nil.
	Ack json.RawMessage
	// Hold, if not nil, is called before connection_ack with what ends the socket, for credentials that can end at any
	// time. What it returns is called when the socket has ended.
	Hold func(end func(Refusal)) (release func())
}

// Websocket serves operations over graphql-transport-ws. The zero value works and lets everyone in; the fields are
// read-only once it serves. A Websocket must not be copied. Operations see the headers of the handshake only through
// the context that Init returns; keeping them would double the size of an idle socket.
type Websocket struct {
	// Init judges connection_init. Its context is that of the upgrade request r without its cancellation, and ends
	// with the socket; the context that it returns is the one that the socket's operations run under. An error that
	// is a [*Refusal] closes the socket as that says. Any other is taken for a fault of the server, and the client is
	// told to try again later (1013). Nil accepts every socket.
	Init func(ctx context.Context, payload json.RawMessage, r *http.Request) (context.Context, Session, error)

	// AllowedOrigins are the origins, such as "https://app.example.com", that a browser's page may connect from
	// besides the host that the request itself names. A handshake is a GET with the user's cookies and knows no
	// preflight, so this check is all that stands between a socket and another site's page.
	AllowedOrigins []string

	// InitTimeout is how long connection_init may take, Init's own work included. Zero means 5 s.
	InitTimeout time.Duration
	// PingInterval is the time between the client's last pong and the next ping. Zero means 5 s.
	PingInterval time.Duration
	// PongTimeout is how long a client may stay silent after a ping; then it is let go. Zero means 4 s.
	PongTimeout time.Duration
	// WriteTimeout bounds each write; a client that does not read for so long is let go. Zero means 5 s.
	WriteTimeout time.Duration

	// MaxMessage is the largest message from a client in bytes; a larger one closes the socket with 1009. Zero means
	// 256 KiB.
	MaxMessage int64
	// MaxSockets limits the sockets that Init has accepted, MaxPending those that it has not: whoever cannot say who
	// they are must not take the places of those who can. One more is closed with 1013, on which clients try again
	// later. Zero means 10,000 and 1,000.
	MaxSockets, MaxPending int
	// MaxSocketsPerCaller limits the sockets of one Session.Caller; one more is closed with CloseTooMany. Zero means
	// 100.
	MaxSocketsPerCaller int
	// MaxOperations limits the operations in flight on one socket, those just cancelled included; one more gets an
	// error with the code RATE_LIMITED. Zero means 100.
	MaxOperations int

	writeBuffers  sync.Pool // of gorilla's; an idle socket holds none
	subscriptions atomic.Int64

	mu      sync.Mutex
	sockets map[*socket]struct{}
	joined  int            // how many of the sockets Init has accepted
	callers map[string]int // open sockets by Session.Caller
	drained chan struct{}  // not nil: shutting down; closed: the last socket has gone
}

var _ graphql.Transport = (*Websocket)(nil)

// Stats are counts at one instant.
type Stats struct {
	Sockets       int // open, acknowledged or not
	Subscriptions int // subscription operations running on them
}

// Stats counts what is open now. It is cheap enough for a metrics endpoint.
func (t *Websocket) Stats() Stats {
	t.mu.Lock()
	defer t.mu.Unlock()
	return Stats{Sockets: len(t.sockets), Subscriptions: int(t.subscriptions.Load())}
}

// Shutdown closes all sockets with 1001 (going away), refuses new ones likewise, and returns when their operations
// have ended, or else ctx's error. Clients have a second to answer the close frame. http.Server.Shutdown knows nothing
// of hijacked connections, so this is to be called next to it.
func (t *Websocket) Shutdown(ctx context.Context) error {
	t.mu.Lock()
	if t.drained == nil {
		t.drained = make(chan struct{})
		if len(t.sockets) == 0 {
			close(t.drained)
		}
	}
	for s := range t.sockets {
		go s.close(websocket.CloseGoingAway, reasonShutdown) // each may wait for a stalled writer
	}
	t.mu.Unlock()

	select {
	case <-t.drained:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for websockets to close: %w", ctx.Err())
	}
}

const (
	reasonShutdown = "server is shutting down"
	reasonLater    = "Try again later"
)

// Supports reports whether r is a websocket handshake.
func (t *Websocket) Supports(r *http.Request) bool { return websocket.IsWebSocketUpgrade(r) }

// Do upgrades r and returns; the socket lives on until either side closes it.
func (t *Websocket) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	offered, header := websocket.Subprotocols(r), http.Header{}
	acceptable := slices.Contains(offered, Subprotocol)
	switch {
	case acceptable:
		header.Set("Sec-Websocket-Protocol", Subprotocol)
	case len(offered) > 0:
		// A client fails a handshake that answers none of its subprotocols, and would never see the close code.
		header.Set("Sec-Websocket-Protocol", offered[0])
	}
	upgrader := websocket.Upgrader{
		HandshakeTimeout: t.writeTimeout(),
		ReadBufferSize:   512, // net/http's own 4 KiB would stay for as long as the socket
		WriteBufferSize:  4096,
		WriteBufferPool:  &t.writeBuffers,
		CheckOrigin:      t.originAllowed,
		Error: func(w http.ResponseWriter, _ *http.Request, status int, reason error) {
			refuse(w, status, reason.Error())
		},
	}
	conn, err := upgrader.Upgrade(w, r, header)
	if err != nil {
		return // the client has been answered
	}
	// The request's context ends when this method returns.
	ctx, cancel := context.WithCancel(context.WithoutCancel(r.Context()))
	s := &socket{transport: t, exec: exec, conn: conn, cancel: cancel, operations: map[string]*operation{}}
	s.start()
	if code, reason := t.admit(s); code != 0 {
		s.close(code, reason)
	} else if !acceptable {
		s.close(CloseSubprotocol, "Subprotocol not acceptable")
	}
	go s.serve(ctx, r)
}

// originAllowed reports whether the page behind r, if it is a page, may open sockets here.
func (t *Websocket) originAllowed(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true // not a browser
	}
	if slices.ContainsFunc(t.AllowedOrigins, func(allowed string) bool { return strings.EqualFold(allowed, origin) }) {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && strings.EqualFold(u.Host, r.Host)
}

// admit counts s in, or returns the code and reason to close it with.
func (t *Websocket) admit(s *socket) (int, string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.drained != nil:
		return websocket.CloseGoingAway, reasonShutdown
	case len(t.sockets)-t.joined >= cmp.Or(t.MaxPending, 1_000):
		return websocket.CloseTryAgainLater, reasonLater
	}
	if t.sockets == nil {
		t.sockets, t.callers = map[*socket]struct{}{}, map[string]int{}
	}
	t.sockets[s] = struct{}{}
	return 0, ""
}

// join counts s, which Init has accepted, or returns the code and reason to close it with.
func (t *Websocket) join(s *socket, caller string) (int, string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.joined >= cmp.Or(t.MaxSockets, 10_000):
		return websocket.CloseTryAgainLater, reasonLater
	case caller != "" && t.callers[caller] >= cmp.Or(t.MaxSocketsPerCaller, 100):
		return CloseTooMany, "Too many sockets"
	}
	t.joined++
	s.joined = true
	if caller != "" {
		s.caller = caller
		t.callers[caller]++
	}
	return 0, ""
}

// release is the end of what admit and join began. A socket that was never admitted may be released too.
func (t *Websocket) release(s *socket) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, admitted := t.sockets[s]; !admitted {
		return
	}
	delete(t.sockets, s)
	if s.joined {
		t.joined--
	}
	if s.caller != "" {
		if t.callers[s.caller]--; t.callers[s.caller] == 0 {
			delete(t.callers, s.caller)
		}
	}
	if t.drained != nil && len(t.sockets) == 0 {
		close(t.drained)
	}
}

func (t *Websocket) writeTimeout() time.Duration { return cmp.Or(t.WriteTimeout, 5*time.Second) }

// init asks the hook about the caller of s.
func (t *Websocket) init(
	ctx context.Context, s *socket, payload json.RawMessage, r *http.Request,
) (inner context.Context, session Session, refused *Refusal) {
	if t.Init == nil {
		return ctx, Session{}, nil
	}
	tryAgain := &Refusal{Code: websocket.CloseTryAgainLater, Reason: reasonLater}
	defer func() {
		// No handler of net/http is left to catch it.
		if panicked := recover(); panicked != nil {
			recovered(ctx, s.exec, panicked)
			refused = tryAgain
		}
	}()
	inner, session, err := t.Init(ctx, payload, r)
	if err != nil && !errors.As(err, &refused) {
		refused = tryAgain
	}
	return inner, session, refused
}
