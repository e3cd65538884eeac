package resolvers

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"mooring/auth"
	"mooring/graph"
)

// resolved lists the fields of the schema that code resolves, as "Type.field":
// graph.ResolverRoot has a method for each type, which returns an interface with
// a method for each such field.
func resolved(t *testing.T) []string {
	t.Helper()
	schema := graph.NewExecutableSchema(graph.Config{}).Schema()
	var fields []string
	root := reflect.TypeFor[graph.ResolverRoot]()
	for i := range root.NumMethod() {
		of := root.Method(i)
		definition := schema.Types[of.Name]
		if definition == nil {
			t.Fatalf("graph.ResolverRoot has %s, the schema has not", of.Name)
		}
		methods := of.Type.Out(0)
		for j := range methods.NumMethod() {
			name := methods.Method(j).Name
			k := slices.IndexFunc(definition.Fields, func(f *ast.FieldDefinition) bool { return strings.EqualFold(f.Name, name) })
			if k < 0 {
				t.Fatalf("%s has no field for the resolver %s", of.Name, name)
			}
			fields = append(fields, of.Name+"."+definition.Fields[k].Name)
		}
	}
	return fields
}

// TestAccessIsComplete compares the table of access with the schema.
func TestAccessIsComplete(t *testing.T) {
	t.Parallel()
	fields := resolved(t)
	for _, root := range []string{"Query.", "Mutation.", "Subscription."} {
		if !slices.ContainsFunc(fields, func(f string) bool { return strings.HasPrefix(f, root) }) {
			t.Fatalf("found no field of %s; the walk is broken", root)
		}
	}
	for _, field := range fields {
		if _, ok := access[field]; !ok {
			t.Errorf("%s has no line in the table of access", field)
		}
	}
	for field, needed := range access {
		if !slices.Contains(fields, field) {
			t.Errorf("the table of access has %s, which no code resolves", field)
		}
		if needed != anyone && !slices.Contains(auth.Permissions(), needed) {
			t.Errorf("%s needs %q, which is no permission", field, needed)
		}
	}
}
