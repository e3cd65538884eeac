package transport_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for what must happen.
const patience = 10 * time.Second

const schemaText = `
	type Query {
		hello: String
		echo(text: String!): String
		count(n: Int!): Int
		fails: String
		panics: String
		"Waits until the request is cancelled."
		waits: String
		node: Node
		indented: String
	}
	type Node { name: String, node: Node }
	type Mutation { bump: Int }
	type Subscription {
		"Yields 1 to n."
		upTo(n: Int!): Int
		"Yields nothing."
		silent(name: String): Int
		"Yields events of a kilobyte, as fast as they are taken."
		flood(name: String): String
		"Yields one event, then panics."
		panics: Int
		"Is refused by its resolver."
		denied: Int
		"Yields nothing, and cannot be cancelled before the test ends it."
		stubborn: Int
	}
`

// stub is an executable schema without generated code. It answers the first field of an operation.
type stub struct {
	schema *ast.Schema
	bumps  int
	mu     sync.Mutex
	ended  chan string   // names of cancelled subscriptions
	stuck  chan struct{} // receives when a stubborn subscription has begun
	let    chan struct{} // closed to let it end
}

func newStub() *stub {
	return &stub{
		schema: gqlparser.MustLoadSchema(&ast.Source{Input: schemaText}),
		ended:  make(chan string, 1000),
		stuck:  make(chan struct{}, 10),
		let:    make(chan struct{}),
	}
}

func (s *stub) Schema() *ast.Schema { return s.schema }

func (s *stub) Complexity(context.Context, string, string, int, map[string]any) (int, bool) {
	return 0, false
}

func (s *stub) Exec(ctx context.Context) graphql.ResponseHandler {
	op := graphql.GetOperationContext(ctx)
	field, ok := op.Operation.SelectionSet[0].(*ast.Field)
	if !ok {
		return graphql.OneShot(&graphql.Response{Data: []byte(`{}`)})
	}
	args := field.ArgumentMap(op.Variables)
	data := func(value any) *graphql.Response {
		encoded, err := json.Marshal(map[string]any{field.Alias: value})
		if err != nil {
			panic(err)
		}
		return &graphql.Response{Data: encoded}
	}
	if op.Operation.Operation == ast.Subscription {
		return s.subscribe(ctx, field, args, data)
	}
	switch field.Name {
	case "__typename":
		return graphql.OneShot(data(field.ObjectDefinition.Name))
	case "hello":
		return graphql.OneShot(data("world"))
	case "echo":
		return graphql.OneShot(data(args["text"]))
	case "count":
		return graphql.OneShot(data(args["n"]))
	case "fails":
		return graphql.OneShot(&graphql.Response{Data: []byte("null"), Errors: graphql.ErrorResponse(ctx, "broken").Errors})
	case "panics":
		return func(context.Context) *graphql.Response { panic("planned") }
	case "waits":
		return func(ctx context.Context) *graphql.Response { <-ctx.Done(); return nil }
	case "indented":
		return graphql.OneShot(&graphql.Response{Data: []byte("{\r\n  \"indented\": \"a\\nb\"\n}")})
	case "bump":
		s.mu.Lock()
		defer s.mu.Unlock()
		s.bumps++
		return graphql.OneShot(data(s.bumps))
	default:
		return graphql.OneShot(data(nil))
	}
}

func (s *stub) subscribe(
	ctx context.Context, field *ast.Field, args map[string]any, data func(any) *graphql.Response,
) graphql.ResponseHandler {
	if name, ok := args["name"].(string); ok {
		context.AfterFunc(ctx, func() { s.ended <- name })
	}
	n := 0
	switch field.Name {
	case "upTo":
		return func(context.Context) *graphql.Response {
			if n++; fmt.Sprint(n-1) == fmt.Sprint(args["n"]) {
				return nil
			}
			return data(n)
		}
	case "flood":
		event := strings.Repeat("x", 1024)
		return func(ctx context.Context) *graphql.Response {
			if ctx.Err() != nil {
				return nil
			}
			return data(event)
		}
	case "panics":
		return func(context.Context) *graphql.Response {
			if n++; n > 1 {
				panic("planned")
			}
			return data(n)
		}
	case "denied":
		return graphql.OneShot(graphql.ErrorResponse(ctx, "denied"))
	case "stubborn":
		return func(context.Context) *graphql.Response { s.stuck <- struct{}{}; <-s.let; return nil }
	default: // silent
		return func(ctx context.Context) *graphql.Response { <-ctx.Done(); return nil }
	}
}

// newServer serves the transports over the stub as the real server does: with a query cache, persisted queries and
// limits.
func newServer(t *testing.T, transports ...graphql.Transport) (*httptest.Server, *stub) {
	t.Helper()
	schema := newStub()
	server := httptest.NewServer(newHandler(schema, transports...))
	t.Cleanup(server.Close)
	return server, schema
}

func newHandler(schema graphql.ExecutableSchema, transports ...graphql.Transport) *handler.Server {
	h := handler.New(schema)
	for _, transport := range transports {
		h.AddTransport(transport)
	}
	h.SetQueryCache(lru.New[*ast.QueryDocument](100))
	h.SetParserTokenLimit(1000)
	h.Use(extension.Introspection{})
	h.Use(extension.AutomaticPersistedQuery{Cache: lru.New[string](100)})
	h.Use(extension.FixedComplexityLimit(200))
	h.SetRecoverFunc(func(context.Context, any) error { return fmt.Errorf("internal system error") })
	return h
}

// do sends a request and returns the status, the header and the body of the answer.
func do(t *testing.T, method, url, body string, header ...string) (int, http.Header, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatalf("%s %s: %v", method, url, err)
	}
	defer response.Body.Close()
	got, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatalf("%s %s: read the body: %v", method, url, err)
	}
	return response.StatusCode, response.Header, string(bytes.TrimSpace(got))
}

// receive waits for a value.
func receive[T any](t *testing.T, from <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(patience):
		t.Fatalf("no %s within %v", what, patience)
		panic("unreachable")
	}
}

// eventually waits for what has no event to wait on: the server side of a connection ends by itself.
func eventually(t *testing.T, what string, reached func() bool) {
	t.Helper()
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	for deadline := time.Now().Add(patience); !reached(); <-ticker.C {
		if time.Now().After(deadline) {
			t.Fatalf("not within %v: %s", patience, what)
		}
	}
}
