package transport

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/gorilla/websocket"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// closeGrace is how long a close frame may take to be sent, and then to be answered.
const closeGrace = time.Second

// sendBuffer bounds what the kernel holds for a client that does not read. Left alone it would grow to megabytes,
// and hide the stall until they are full.
const sendBuffer = 64 << 10

// message is what a client sends.
type message struct {
	ID      string          `json:"id"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload"`
}

// socket is one websocket from its upgrade to its end. The goroutine in serve owns it; timers, operations and
// Shutdown reach in through close, abort and send.
type socket struct {
	transport *Websocket
	exec      graphql.GraphExecutor
	conn      *websocket.Conn
	cancel    context.CancelFunc
	closing   atomic.Bool // we have ended it; what still arrives is of no interest
	joined    bool        // Init has accepted it; guarded by the transport's lock, as is caller
	caller    string
	expiry    *time.Timer // serve's alone; nil if the credential does not end
	let       func()      // likewise; what Session.Hold returned, or nil
	running   sync.WaitGroup

	writing sync.Mutex // held for the length of a write; taken before mu

	mu           sync.Mutex
	acknowledged bool
	pinged       bool        // and not heard from since
	timer        *time.Timer // waits for connection_init, then beats
	operations   map[string]*operation
	inFlight     int // goroutines of operations, which outlive a client's complete
}

// operation is one subscribe message being carried out.
type operation struct {
	id     string
	cancel context.CancelFunc // for serve, and for the operation itself
	over   atomic.Bool        // the client has completed it and wants to hear no more
}

// start arms the timer that waits for connection_init.
func (s *socket) start() {
	if tcp, ok := s.conn.NetConn().(interface{ SetWriteBuffer(bytes int) error }); ok {
		// Merely a matter of memory if it fails.
		_ = tcp.SetWriteBuffer(sendBuffer)
	}
	s.conn.SetPongHandler(func(string) error { s.heard(); return nil })
	s.mu.Lock()
	defer s.mu.Unlock()
	s.timer = time.AfterFunc(cmp.Or(s.transport.InitTimeout, 5*time.Second), s.tick)
}

// serve reads until the socket ends, then waits for everything that runs on it.
func (s *socket) serve(ctx context.Context, r *http.Request) {
	defer s.end()
	for acknowledged := false; ; {
		m, ok, err := s.read()
		switch {
		case err != nil:
			return
		case !ok || s.closing.Load():
			continue
		}
		s.heard()
		switch {
		case m.Type == "connection_init" && acknowledged:
			s.close(CloseTooMany, "Too many initialisation requests")
		case m.Type == "connection_init":
			ctx, acknowledged = s.initialise(ctx, m.Payload, r)
			r = nil // not needed again, and larger than all the rest of an idle socket
		case m.Type == "ping":
			s.send(nil, "pong", m.Payload)
		case m.Type == "pong":
		case m.Type == "subscribe" && !acknowledged:
			s.close(CloseUnauthorized, "Unauthorized")
		case m.Type == "subscribe":
			s.subscribe(ctx, m)
		case m.Type == "complete":
			s.complete(m.ID)
		}
	}
}

// read returns the next message. One that the protocol does not allow closes the socket, is not ok, and is no error:
// reading goes on until the client has answered the close frame or its time is up.
func (s *socket) read() (m message, ok bool, err error) {
	kind, r, err := s.conn.NextReader()
	if err != nil {
		return m, false, err
	}
	limit := cmp.Or(s.transport.MaxMessage, defaultMaxRequest)
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	switch {
	case err != nil:
		return m, false, err
	case int64(len(data)) > limit:
		s.close(websocket.CloseMessageTooBig, "message too big")
	case kind != websocket.TextMessage:
		s.close(CloseInvalidMessage, "message is not text")
	case json.Unmarshal(data, &m) != nil:
		s.close(CloseInvalidMessage, "message is not a JSON object with string id and type")
	default:
		reason := m.invalid()
		if reason == "" {
			return m, true, nil
		}
		s.close(CloseInvalidMessage, reason)
	}
	return m, false, nil
}

// invalid says what is wrong with the shape of m; the empty string means nothing.
func (m message) invalid() string {
	isObject := bytes.HasPrefix(m.Payload, []byte("{"))
	switch m.Type {
	case "connection_init", "ping", "pong":
		if !isObject && m.Payload != nil && string(m.Payload) != "null" {
			return "payload is not an object"
		}
	case "subscribe":
		if m.ID == "" || !isObject {
			return "subscribe needs an id and a payload"
		}
	case "complete":
		if m.ID == "" {
			return "complete needs an id"
		}
	default:
		return "unknown message type"
	}
	return ""
}

// initialise lets Init judge the caller and acknowledges the socket, or closes it. It returns the context that the
// socket's operations run under.
func (s *socket) initialise(ctx context.Context, payload json.RawMessage, r *http.Request) (context.Context, bool) {
	inner, session, refused := s.transport.init(ctx, s, payload, r)
	if refused != nil {
		s.close(refused.Code, refused.Reason)
		return ctx, false
	}
	if code, reason := s.transport.join(s, session.Caller); code != 0 {
		s.close(code, reason)
		return ctx, false
	}
	if !session.Expires.IsZero() {
		s.expiry = time.AfterFunc(time.Until(session.Expires), func() {
			s.close(CloseForbidden, "credential expired")
		})
	}
	if session.Hold != nil {
		s.let = session.Hold(func(r Refusal) { s.close(r.Code, r.Reason) })
	}
	s.mu.Lock()
	s.acknowledged = true
	s.timer.Reset(s.pingInterval())
	s.mu.Unlock()
	return inner, s.send(nil, "connection_ack", session.Ack)
}

// subscribe starts an operation.
func (s *socket) subscribe(ctx context.Context, m message) {
	params, err := decodeRequest(m.Payload)
	if err != nil {
		s.close(CloseInvalidMessage, "payload: "+err.Error())
		return
	}
	params.ReadTime.Start = graphql.Now()
	params.ReadTime.End = params.ReadTime.Start

	op := &operation{id: m.ID}
	s.mu.Lock()
	_, taken := s.operations[op.id]
	full := s.inFlight >= cmp.Or(s.transport.MaxOperations, 100)
	if !taken && !full {
		s.operations[op.id] = op
		s.inFlight++
	}
	s.mu.Unlock()
	switch {
	case taken:
		s.close(CloseSubscriberExists, "Subscriber for "+op.id+" already exists")
	case full:
		s.fail(op, refusal("RATE_LIMITED", "too many operations in flight on this socket"))
	default:
		ctx, op.cancel = context.WithCancel(ctx)
		s.running.Go(func() { s.run(ctx, op, params) })
	}
}

// complete is the client's wish to hear no more of an operation. One that it cannot know to have ended is no mistake.
func (s *socket) complete(id string) {
	s.mu.Lock()
	op := s.operations[id]
	delete(s.operations, id)
	s.mu.Unlock()
	if op != nil {
		op.over.Store(true)
		op.cancel()
	}
}

// run carries op out. A panic outside of its resolvers ends this operation alone.
func (s *socket) run(ctx context.Context, op *operation, params *graphql.RawParams) {
	defer func() {
		op.cancel()
		s.mu.Lock()
		defer s.mu.Unlock()
		s.inFlight--
	}()
	defer func() {
		if panicked := recover(); panicked != nil {
			s.fail(op, recovered(ctx, s.exec, panicked).Errors...)
		}
	}()
	ctx = graphql.StartOperationTrace(ctx)
	opCtx, failed := prepare(ctx, s.exec, params)
	if failed != nil {
		s.fail(op, failed.Errors...)
		return
	}
	if opCtx.Operation.Operation == ast.Subscription {
		s.transport.subscriptions.Add(1)
		defer s.transport.subscriptions.Add(-1)
	}
	responses, ctx := s.exec.DispatchOperation(ctx, opCtx)
	for {
		response := responses(ctx)
		switch {
		case response == nil:
			s.send(op, typeComplete, nil)
			return
		case response.Data == nil && len(response.Errors) > 0:
			s.fail(op, response.Errors...)
			return
		}
		var payload bytes.Buffer
		// A buffer takes all that is written to it.
		_ = writeResponse(&payload, response)
		if !s.send(op, "next", payload.Bytes()) {
			return
		}
	}
}

// fail ends op by an error message, which no complete follows.
func (s *socket) fail(op *operation, errs ...*gqlerror.Error) {
	s.send(op, typeError, mustMarshal(errs))
}

// The messages that end an operation.
const (
	typeComplete = "complete"
	typeError    = "error"
)

// send writes a message about op, or about the socket itself if op is nil. It returns when the kernel has taken the
// message, and false if nothing more is to be sent: the socket has ended, or the client has completed op.
func (s *socket) send(op *operation, kind string, payload []byte) bool {
	text := encodeMessage(op, kind, payload)
	s.writing.Lock()
	defer s.writing.Unlock()
	if s.closing.Load() || op != nil && op.over.Load() {
		return false
	}
	if kind == typeComplete || kind == typeError {
		// Before the client learns of it, so that it can use the id again at once.
		s.mu.Lock()
		delete(s.operations, op.id)
		s.mu.Unlock()
	}
	// gorilla only stores the deadline.
	_ = s.conn.SetWriteDeadline(time.Now().Add(s.transport.writeTimeout()))
	if s.conn.WriteMessage(websocket.TextMessage, text) != nil {
		if !s.closing.Load() {
			s.abort()
		}
		return false
	}
	return true
}

// encodeMessage does not use encoding/json for the whole, which would check and copy a payload that is JSON already.
func encodeMessage(op *operation, kind string, payload []byte) []byte {
	text := make([]byte, 0, len(payload)+96)
	text = append(append(append(text, `{"type":"`...), kind...), '"')
	if op != nil {
		text = append(append(text, `,"id":`...), mustMarshal(op.id)...)
	}
	if len(payload) > 0 {
		text = append(append(text, `,"payload":`...), payload...)
	}
	return append(text, '}')
}

// heard notes a sign of life.
func (s *socket) heard() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pinged {
		s.pinged = false
		s.timer.Reset(s.pingInterval())
	}
}

// tick is what the timer does: first it gives up waiting for connection_init, later it sends a ping or gives up
// waiting for an answer to one.
func (s *socket) tick() {
	s.mu.Lock()
	acknowledged, silent := s.acknowledged, s.pinged
	if acknowledged && !silent {
		s.pinged = true
		s.timer.Reset(cmp.Or(s.transport.PongTimeout, 4*time.Second))
	}
	s.mu.Unlock()
	switch {
	case !acknowledged:
		s.close(CloseInitTimeout, "Connection initialisation timeout")
	case silent:
		s.abort() // nobody is there to read a close frame
	default:
		s.send(nil, "ping", nil)
	}
}

func (s *socket) pingInterval() time.Duration { return cmp.Or(s.transport.PingInterval, 5*time.Second) }

// close tells the client why the socket ends, and ends it. Only the first call counts. It may take closeGrace if
// another write is stuck.
func (s *socket) close(code int, reason string) {
	if s.closing.Swap(true) {
		return
	}
	s.cancel()
	frame := websocket.FormatCloseMessage(code, strings.ToValidUTF8(reason[:min(len(reason), 123)], ""))
	// Whether or not the client can be told, serve ends by the read deadline at the latest.
	_ = s.conn.WriteControl(websocket.CloseMessage, frame, time.Now().Add(closeGrace))
	_ = s.conn.SetReadDeadline(time.Now().Add(closeGrace))
}

// abort ends the socket without a word.
func (s *socket) abort() {
	s.closing.Store(true)
	s.cancel()
	// There is nothing left to do for a connection that does not even close.
	_ = s.conn.Close()
}

// end frees what the socket holds. When it returns, nothing runs on the socket any more.
func (s *socket) end() {
	s.abort()
	s.mu.Lock()
	s.timer.Stop()
	s.mu.Unlock()
	if s.expiry != nil {
		s.expiry.Stop()
	}
	if s.let != nil {
		s.let()
	}
	s.running.Wait()
	s.transport.release(s)
}
