package transport

import (
	"bytes"
	"cmp"
	"context"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// SSE streams one operation as server-sent events, by POST or by GET (GraphQL over SSE, "distinct connections mode"):
// a next event for each response, a complete event at the operation's own end. It takes the requests whose Accept
// header likes text/event-stream best. An operation that is refused yields its errors as next, then complete; a
// request that is no GraphQL request is answered with an HTTP status, as by [HTTP].
//
// A stream lasts as long as the request's context, so a credential's end is a deadline on that context. Then, and
// when the server stops, it ends without complete.
type SSE struct {
	// KeepAlive is the time between comment lines, which keep proxies from giving up on a quiet stream. Zero means
	// 15 s.
	KeepAlive time.Duration
	// WriteTimeout bounds each write; a client that does not read for so long is let go. Zero means 5 s.
	WriteTimeout time.Duration
	// MaxBody is the largest request body in bytes; a larger one is answered 413. Zero means 256 KiB.
	MaxBody int64
	// Stop, once closed, ends all streams. It lets a server shut down without cancelling its other requests; nil
	// leaves it to their contexts.
	Stop <-chan struct{}
	// MaxStreams limits the streams open at a time; one more is answered 503. Zero means 1,000.
	MaxStreams int

	streams atomic.Int64
}

var _ graphql.Transport = (*SSE)(nil)

// Supports reports whether r asks for a stream of events.
func (*SSE) Supports(r *http.Request) bool {
	return (r.Method == http.MethodPost || r.Method == http.MethodGet) && negotiate(r.Header) == mediaEvents
}

// Do answers r and returns when its stream has ended.
func (t *SSE) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	// Set before anything runs: handler.Server answers a panic without a content type of its own.
	w.Header().Set("Content-Type", mediaJSON+"; charset=utf-8")
	w.Header().Add("Vary", "Accept")
	w.Header().Set("Cache-Control", "no-store")
	params, status, err := readRequest(w, r, t.MaxBody)
	if err != nil {
		refuse(w, status, err.Error())
		return
	}
	opCtx, failed := prepare(r.Context(), exec, params)
	if failed == nil && opCtx.Operation.Operation == ast.Mutation && r.Method != http.MethodPost {
		refuseMutation(w)
		return
	}
	defer t.streams.Add(-1)
	if t.streams.Add(1) > int64(cmp.Or(t.MaxStreams, 1_000)) {
		w.Header().Set("Retry-After", "5")
		refuse(w, http.StatusServiceUnavailable, "too many streams are open")
		return
	}
	s := &stream{w: w, control: http.NewResponseController(w), timeout: cmp.Or(t.WriteTimeout, 5*time.Second)}
	if err := s.control.SetWriteDeadline(time.Now().Add(s.timeout)); err != nil {
		refuse(w, http.StatusInternalServerError, "this connection cannot stream")
		return
	}
	if s.open() != nil {
		return
	}
	ctx, cancel := context.WithCancel(r.Context())
	var keepAlive sync.WaitGroup
	// Nothing may write once Do has returned.
	defer func() { cancel(); keepAlive.Wait() }()
	keepAlive.Go(func() {
		defer cancel()
		s.keepAlive(ctx, cmp.Or(t.KeepAlive, 15*time.Second), t.Stop)
	})
	if failed != nil {
		s.finish(failed)
		return
	}
	s.run(ctx, exec, opCtx)
}

// stream writes events; its methods may be called from several goroutines.
type stream struct {
	mu      sync.Mutex
	w       http.ResponseWriter
	control *http.ResponseController
	timeout time.Duration
}

// open sends the header, and a comment so that the client sees the stream at once.
func (s *stream) open() error {
	header := s.w.Header()
	header.Set("Content-Type", mediaEvents+"; charset=utf-8")
	header.Set("X-Accel-Buffering", "no") // nginx would collect the events
	return s.write([]byte(":\n\n"))
}

// run sends the operation's responses as they come. A panic becomes its last one.
func (s *stream) run(ctx context.Context, exec graphql.GraphExecutor, opCtx *graphql.OperationContext) {
	defer func() {
		if panicked := recover(); panicked != nil {
			s.finish(recovered(ctx, exec, panicked))
		}
	}()
	responses, opRunCtx := exec.DispatchOperation(ctx, opCtx)
	for {
		response := responses(opRunCtx)
		if response == nil {
			break
		}
		if s.next(response) != nil {
			return
		}
	}
	if ctx.Err() == nil {
		s.complete()
	}
}

func (s *stream) finish(response *graphql.Response) {
	if s.next(response) == nil {
		s.complete()
	}
}

func (s *stream) next(response *graphql.Response) error {
	var event bytes.Buffer
	event.WriteString("event: next\ndata: ")
	if err := writeResponse(oneLine{&event}, response); err != nil {
		return err
	}
	event.WriteString("\n\n")
	return s.write(event.Bytes())
}

// complete has an empty data line because EventSource drops an event without one.
func (s *stream) complete() {
	// The stream ends here either way.
	_ = s.write([]byte("event: complete\ndata:\n\n"))
}

// keepAlive sends comments. It returns when the stream has to end.
func (s *stream) keepAlive(ctx context.Context, interval time.Duration, stop <-chan struct{}) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-stop:
			return
		case <-ticker.C:
			if s.write([]byte(":\n\n")) != nil {
				return
			}
		}
	}
}

func (s *stream) write(event []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.control.SetWriteDeadline(time.Now().Add(s.timeout)); err != nil {
		return err
	}
	if _, err := s.w.Write(event); err != nil {
		return err
	}
	return s.control.Flush()
}

// oneLine replaces line breaks, which would end an event's data. JSON has them only between tokens.
type oneLine struct{ w io.Writer }

func (l oneLine) Write(p []byte) (int, error) {
	if bytes.ContainsAny(p, "\r\n") {
		p = bytes.ReplaceAll(bytes.ReplaceAll(p, []byte{'\n'}, []byte{' '}), []byte{'\r'}, []byte{' '})
	}
	return l.w.Write(p)
}
