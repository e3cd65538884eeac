package transport_test

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"mooring/transport"
)

const (
	asEvents = "text/event-stream"
	complete = "event: complete\ndata:\n\n"
)

func next(data string) string { return "event: next\ndata: " + data + "\n\n" }

// open starts a stream that the test reads itself.
func open(ctx context.Context, t *testing.T, url, query string) (*http.Response, *bufio.Reader) {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(fmt.Sprintf(`{"query":%q}`, query)))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", asJSON)
	request.Header.Set("Accept", asEvents)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatalf("open a stream: %v", err)
	}
	t.Cleanup(func() { response.Body.Close() })
	return response, bufio.NewReader(response.Body)
}

// readEvent returns the next event or comment with its empty line, or the error's text.
func readEvent(r *bufio.Reader) string {
	var event strings.Builder
	for {
		line, err := r.ReadString('\n')
		event.WriteString(line)
		if err != nil {
			return event.String() + err.Error()
		}
		if line == "\n" {
			return event.String()
		}
	}
}

func TestStream(t *testing.T) {
	t.Parallel()
	server, schema := newServer(t, &transport.SSE{MaxBody: 1000}, transport.HTTP{})
	const denied = `{"errors":[{"message":"denied"}]}`
	const internal = `{"errors":[{"message":"internal system error"}]}`
	const syntax = `{"errors":[{"message":"Expected Name, found \u003cEOF\u003e","locations":[{"line":1,"column":2}],"extensions":{"code":"GRAPHQL_PARSE_FAILED"}}]}`
	for _, test := range []struct{ name, query, want string }{
		{"subscription", "subscription { upTo(n: 2) }", next(`{"data":{"upTo":1}}`) + next(`{"data":{"upTo":2}}`) + complete},
		{"query", "{ hello }", next(`{"data":{"hello":"world"}}`) + complete},
		{"invalid", "{", next(syntax) + complete},
		{"refused by the resolver", "subscription { denied }", next(denied) + complete},
		{"panic", "subscription { panics }", next(`{"data":{"panics":1}}`) + next(internal) + complete},
		{"line breaks", "{ indented }", next(`{"data":{    "indented": "a\nb" }}`) + complete},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			want := strings.TrimSpace(":\n\n" + test.want)
			body := fmt.Sprintf(`{"query":%q}`, test.query)
			status, header, got := do(t, "POST", server.URL, body, "Content-Type", asJSON, "Accept", asEvents)
			if status != 200 || header.Get("Content-Type") != "text/event-stream; charset=utf-8" || got != want {
				t.Errorf("POST %s = %d %s\n%s\nwant\n%s", test.query, status, header.Get("Content-Type"), got, want)
			}
			status, _, got = do(t, "GET", server.URL+"?query="+url.QueryEscape(test.query), "", "Accept", asEvents)
			if status != 200 || got != want {
				t.Errorf("GET %s = %d\n%s\nwant\n%s", test.query, status, got, want)
			}
		})
	}
	for _, test := range []struct {
		name, method, query, body, contentType string
		status                                 int
	}{
		{"bad JSON", "POST", "", "{", asJSON, 400},
		{"content type", "POST", "", `{"query":"{ hello }"}`, "text/plain", 415},
		{"too large", "POST", "", `{"query":"` + strings.Repeat(" ", 1000) + `"}`, asJSON, 413},
		{"mutation by GET", "GET", "?query=mutation{bump}", "", "", 405},
		{"PUT", "PUT", "", "", "", 405},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			status, header, got := do(t, test.method, server.URL+test.query, test.body, "Content-Type", test.contentType, "Accept", asEvents)
			if status != test.status || header.Get("Content-Type") != "application/json; charset=utf-8" || !strings.HasPrefix(got, `{"errors":[`) {
				t.Errorf("%s %s = %d %s %s; want errors with %d", test.method, test.body, status, header.Get("Content-Type"), got, test.status)
			}
		})
	}
	t.Cleanup(func() {
		if schema.bumps != 0 {
			t.Errorf("%d mutations ran by GET; want 0", schema.bumps)
		}
	})
}

// TestStreamOutlivesTimeouts has a server whose timeouts are shorter than the stream.
func TestStreamOutlivesTimeouts(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(newHandler(newStub(), &transport.SSE{
		KeepAlive: 10 * time.Millisecond, WriteTimeout: 100 * time.Millisecond,
	}))
	server.Config.ReadTimeout, server.Config.WriteTimeout = 50*time.Millisecond, 50*time.Millisecond
	server.Start()
	t.Cleanup(server.Close)
	_, r := open(t.Context(), t, server.URL, "subscription { silent }")
	for start := time.Now(); time.Since(start) < 300*time.Millisecond; {
		if got := readEvent(r); got != ":\n\n" {
			t.Fatalf("event %q after %v; want a comment", got, time.Since(start))
		}
	}
}

func TestClientEndsStream(t *testing.T) {
	t.Parallel()
	server, schema := newServer(t, &transport.SSE{})
	ctx, cancel := context.WithCancel(t.Context())
	_, r := open(ctx, t, server.URL, `subscription { silent(name: "a") }`)
	readEvent(r)
	cancel()
	receive(t, schema.ended, "end of the subscription")
}

func TestStreamLimit(t *testing.T) {
	t.Parallel()
	server, schema := newServer(t, &transport.SSE{MaxStreams: 1})
	ctx, cancel := context.WithCancel(t.Context())
	_, r := open(ctx, t, server.URL, `subscription { silent(name: "a") }`)
	readEvent(r)
	const query = `{"query":"{ hello }"}`
	status, header, got := do(t, http.MethodPost, server.URL, query, "Content-Type", asJSON, "Accept", asEvents)
	if status != http.StatusServiceUnavailable || header.Get("Retry-After") == "" {
		t.Errorf("a second stream = %d %s; want 503 with Retry-After", status, got)
	}
	cancel()
	receive(t, schema.ended, "end of the subscription")
	eventually(t, "room for another stream", func() bool {
		status, _, _ := do(t, http.MethodPost, server.URL, query, "Content-Type", asJSON, "Accept", asEvents)
		return status == http.StatusOK
	})
}

func TestStoppingEndsStreams(t *testing.T) {
	t.Parallel()
	stop := make(chan struct{})
	server, schema := newServer(t, &transport.SSE{Stop: stop})
	_, r := open(t.Context(), t, server.URL, `subscription { silent(name: "a") }`)
	readEvent(r)
	close(stop)
	receive(t, schema.ended, "end of the subscription")
	if got := readEvent(r); got != "EOF" {
		t.Errorf("after Stop the stream goes on with %q; want its end without complete", got)
	}
}

func TestStalledStream(t *testing.T) {
	t.Parallel()
	server, schema := newServer(t, &transport.SSE{WriteTimeout: 100 * time.Millisecond})
	open(t.Context(), t, server.URL, `subscription { flood(name: "a") }`)
	receive(t, schema.ended, "end of the subscription")
}

func TestStreamNeedsDeadlines(t *testing.T) {
	t.Parallel()
	request := httptest.NewRequest(http.MethodGet, "/?query={hello}", nil)
	request.Header.Set("Accept", asEvents)
	recorder := httptest.NewRecorder()
	newHandler(newStub(), &transport.SSE{}).ServeHTTP(recorder, request)
	if recorder.Code != 500 || !strings.Contains(recorder.Body.String(), "cannot stream") {
		t.Errorf("a stream without deadlines = %d %s; want 500", recorder.Code, recorder.Body)
	}
}
