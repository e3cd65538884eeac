package rest

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

func TestDocumentsFitTheSchema(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../schema.graphqls")
	if err != nil {
		t.Fatal(err)
	}
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: "schema.graphqls", Input: string(text)})
	if err != nil {
		t.Fatal(err)
	}
	entries, err := documents.ReadDir("documents")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		document, err := documents.ReadFile("documents/" + entry.Name())
		if err != nil {
			t.Fatal(err)
		}
		if _, errs := gqlparser.LoadQueryWithRules(schema, string(document), rules.NewDefaultRules()); errs != nil {
			t.Errorf("%s: %v", entry.Name(), errs)
		}
	}
}

// What nobody foresaw is a failure of the one request, which the log explains and
// the answer does not.
func TestFaultsAreAnswered(t *testing.T) {
	t.Parallel()
	var logged bytes.Buffer
	graphql := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"data": ["not what was asked for"]}`)
	})
	w := httptest.NewRecorder()
	Handler(graphql, slog.New(slog.NewTextHandler(&logged, nil))).
		ServeHTTP(w, httptest.NewRequest(http.MethodGet, Prefix+"health/acc_1", nil))
	if w.Code != http.StatusInternalServerError || !strings.Contains(w.Body.String(), `"INTERNAL_SERVER_ERROR"`) || strings.Contains(w.Body.String(), "json") {
		t.Errorf("GET health = %d %s; want 500 in words for people", w.Code, w.Body)
	}
	if !strings.Contains(logged.String(), "json: cannot unmarshal") {
		t.Errorf("the log says %q; want why", logged.String())
	}
}
