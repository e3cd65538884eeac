package rest

import (
	"os"
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
