package transport_test

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"math"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/extension"

	"mooring/transport"
)

// The query that GraphiQL opens with: getIntrospectionQuery of graphql 16 with every option on.
//
//go:embed testdata/introspection.graphql
var introspectionQuery string

func TestLimits(t *testing.T) {
	t.Parallel()
	// Sixty-two fragments that spread the next one twice each; the last has one aliased field.
	var doubling strings.Builder
	doubling.WriteString("{ node { ...f0 } }")
	for i := range 62 {
		fmt.Fprintf(&doubling, " fragment f%d on Node { ...f%d ...f%d }", i, i+1, i+1)
	}
	doubling.WriteString(" fragment f62 on Node { n: name }")

	const aliases = `{ a: hello ...f ... on Query { b: hello } } fragment f on Query { c: hello hello }`
	const directives = `{ hello @skip(if: false) ...f @include(if: true) ... on Query @skip(if: false) { hello } } fragment f on Query { hello @include(if: true) }`
	for _, test := range []struct {
		name  string
		limit graphql.HandlerExtension
		query string
		want  string // the error's message; "" means none
	}{
		{"depth reached", transport.DepthLimit(3), "{ node { node { name } } }", ""},
		{"depth exceeded", transport.DepthLimit(2), "{ node { node { name } } }", "the operation is 3 fields deep, and the limit is 2"},
		{"depth of another operation", transport.DepthLimit(1), "query A { hello } query B { node { name } }", ""},
		{"depth through fragments", transport.DepthLimit(3), "{ node { ...a } } fragment a on Node { ... on Node { node { ...b } } } fragment b on Node { node { name } }", "the operation is 4 fields deep, and the limit is 3"},
		{"depth counts the deepest", transport.DepthLimit(2), "{ node { node { name } } hello }", "the operation is 3 fields deep, and the limit is 2"},
		{"depth of introspection", transport.DepthLimit(15), introspectionQuery, ""},
		{"depth of introspection exceeded", transport.DepthLimit(14), introspectionQuery, "the operation is 15 fields deep, and the limit is 14"},
		{"aliases reached", transport.AliasLimit(3), aliases, ""},
		{"aliases exceeded", transport.AliasLimit(2), aliases, "the operation has 3 aliases, and the limit is 2"},
		{"no aliases", transport.AliasLimit(0), "{ hello node { name } }", ""},
		{"aliases doubled", transport.AliasLimit(10), doubling.String(), fmt.Sprintf("the operation has %d aliases, and the limit is 10", 1<<62)},
		{"fields reached", transport.FieldLimit(4), aliases, ""},
		{"fields exceeded", transport.FieldLimit(3), aliases, "the operation has 4 fields, and the limit is 3"},
		{"fields doubled", transport.FieldLimit(1000), doubling.String(), fmt.Sprintf("the operation has %d fields, and the limit is 1000", 1<<62+1)},
		{"fields beyond counting", transport.FieldLimit(1000), strings.Replace(doubling.String(), "{ ...f0 }", "{ ...f0 node { ...f0 } }", 1), fmt.Sprintf("the operation has %d fields, and the limit is 1000", math.MaxInt)},
		{"directives reached", transport.DirectiveLimit(4), directives, ""},
		{"directives exceeded", transport.DirectiveLimit(3), directives, "the operation has 4 directives, and the limit is 3"},
		{"fields of introspection", transport.FieldLimit(1000), introspectionQuery, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := handler.New(newStub())
			h.AddTransport(transport.HTTP{})
			h.Use(extension.Introspection{})
			h.Use(test.limit)
			h.Use(extension.FixedComplexityLimit(10_000)) // last, for it would follow every path
			operation := ""
			if strings.HasPrefix(test.query, "query A") {
				operation = "A"
			}
			body, err := json.Marshal(map[string]any{"query": test.query, "operationName": operation})
			if err != nil {
				t.Fatal(err)
			}
			server := httptest.NewServer(h)
			defer server.Close()
			_, _, got := do(t, "POST", server.URL, string(body), "Content-Type", asJSON)
			want := ""
			if test.want != "" {
				want = `{"errors":[{"message":"` + test.want + `","extensions":{"code":"BAD_USER_INPUT"}}]}`
			}
			if (want != "" && got != want) || (want == "" && strings.Contains(got, "errors")) {
				t.Errorf("%s = %s; want %s", test.query, got, want)
			}
		})
	}
}

func TestLimitsTooSmall(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		limit graphql.HandlerExtension
		ok    bool
	}{
		{transport.DepthLimit(0), false},
		{transport.DepthLimit(1), true},
		{transport.AliasLimit(-1), false},
		{transport.AliasLimit(0), true},
		{transport.DirectiveLimit(-1), false},
		{transport.DirectiveLimit(0), true},
		{transport.FieldLimit(0), false},
		{transport.FieldLimit(1), true},
	} {
		if err := test.limit.Validate(nil); (err == nil) != test.ok {
			t.Errorf("%s(%d).Validate() = %v; want ok %t", test.limit.ExtensionName(), test.limit, err, test.ok)
		}
	}
}
