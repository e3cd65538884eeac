package dashboard_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"mooring/dashboard"
)

func schema(t *testing.T) *ast.Schema {
	t.Helper()
	text, err := os.ReadFile("../schema.graphqls")
	if err != nil {
		t.Fatal(err)
	}
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: "schema.graphqls", Input: string(text)})
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func TestExamplesFitTheSchema(t *testing.T) {
	t.Parallel()
	schema := schema(t)
	for _, example := range dashboard.Examples() {
		document, errs := gqlparser.LoadQueryWithRules(schema, example.Query, rules.NewDefaultRules())
		if errs != nil {
			t.Errorf("%s: %v", example.Name, errs)
			continue
		}
		if len(document.Operations) != 1 || document.Operations[0].Name == "" {
			t.Errorf("%s has not exactly one named operation", example.Name)
			continue
		}
		if !strings.HasPrefix(example.Query, "# ") {
			t.Errorf("%s does not begin with a comment", example.Name)
		}
		operation := document.Operations[0]
		if name := strings.ReplaceAll(example.Name, "-", ""); !strings.EqualFold(operation.Name, name) {
			t.Errorf("%s calls its operation %s; want the same name", example.Name, operation.Name)
		}
		var variables map[string]any
		if example.Variables != nil {
			if err := json.Unmarshal(example.Variables, &variables); err != nil {
				t.Errorf("variables of %s: %v", example.Name, err)
			}
		}
		if _, err := validator.VariableValues(schema, operation, variables); err != nil {
			t.Errorf("variables of %s: %v", example.Name, err)
		}
		for name := range variables {
			if operation.VariableDefinitions.ForName(name) == nil {
				t.Errorf("%s has a value for $%s, which it does not declare", example.Name, name)
			}
		}
	}
}

// The first tab is a newcomer's first step, and has to run as it stands.
func TestFirstExampleConnects(t *testing.T) {
	t.Parallel()
	if first := dashboard.Examples()[0]; first.Name != "connect" || first.Variables != nil {
		t.Errorf("first example = %s with variables %s; want connect without", first.Name, first.Variables)
	}
}

func TestEveryExampleFileIsRead(t *testing.T) {
	t.Parallel()
	entries, err := os.ReadDir("playground/examples")
	if err != nil {
		t.Fatal(err)
	}
	var want, got int
	numbers := map[string]string{}
	for _, entry := range entries {
		number, name, _ := strings.Cut(strings.TrimSuffix(entry.Name(), filepath.Ext(entry.Name())), "-")
		if other, taken := numbers[number]; taken && other != name {
			t.Errorf("playground/examples: %s and %s are both number %s", other, name, number)
		}
		numbers[number] = name
		switch filepath.Ext(entry.Name()) {
		case ".graphql", ".json":
			want++
		default:
			t.Errorf("playground/examples/%s is neither a document nor variables", entry.Name())
		}
	}
	for _, example := range dashboard.Examples() {
		got++
		if example.Variables != nil {
			got++
		}
	}
	if got != want {
		t.Errorf("Examples() uses %d files; playground/examples has %d", got, want)
	}
}
