package transport

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// DepthLimit is a gqlgen extension that refuses operations whose fields are nested more deeply. A field of the root
// is at depth 1, and fragments add nothing of their own. GraphiQL's introspection query needs 15.
type DepthLimit int

// AliasLimit is a gqlgen extension that refuses operations with more fields under a name of the client's choice,
// counted after fragments are expanded. It bounds how often one request can have the same thing computed.
type AliasLimit int

// FieldLimit is a gqlgen extension that refuses operations with more fields, counted after fragments are expanded.
// Fragments that spread one another twice double at each step, and gqlgen's complexity limit follows every path: use
// this limit ahead of that one, so that thirty lines of query cannot keep a core busy for minutes. GraphiQL's
// introspection query has under 1,000 fields.
type FieldLimit int

// DirectiveLimit is a gqlgen extension that refuses operations with more directives, counted after fragments are
// expanded. Each costs an evaluation, and answers nothing.
type DirectiveLimit int

var (
	_ graphql.OperationContextMutator = DirectiveLimit(0)
	_ graphql.OperationContextMutator = DepthLimit(0)
	_ graphql.OperationContextMutator = AliasLimit(0)
	_ graphql.OperationContextMutator = FieldLimit(0)
)

// ExtensionName names the extension in gqlgen's statistics.
func (DepthLimit) ExtensionName() string { return "DepthLimit" }

// ExtensionName names the extension in gqlgen's statistics.
func (AliasLimit) ExtensionName() string { return "AliasLimit" }

// ExtensionName names the extension in gqlgen's statistics.
func (FieldLimit) ExtensionName() string { return "FieldLimit" }

// ExtensionName names the extension in gqlgen's statistics.
func (DirectiveLimit) ExtensionName() string { return "DirectiveLimit" }

// Validate refuses a negative limit; zero allows no directive.
func (n DirectiveLimit) Validate(graphql.ExecutableSchema) error { return mustBePositive(int(n) + 1) }

// Validate refuses a limit that would refuse every operation.
func (n DepthLimit) Validate(graphql.ExecutableSchema) error { return mustBePositive(int(n)) }

// Validate refuses a negative limit; zero allows no alias.
func (n AliasLimit) Validate(graphql.ExecutableSchema) error { return mustBePositive(int(n) + 1) }

// Validate refuses a limit that would refuse every operation.
func (n FieldLimit) Validate(graphql.ExecutableSchema) error { return mustBePositive(int(n)) }

func mustBePositive(n int) error {
	if n <= 0 {
		return errors.New("the limit is too small for any operation")
	}
	return nil
}

// MutateOperationContext refuses an operation that is too deep with the code BAD_USER_INPUT.
func (n DepthLimit) MutateOperationContext(_ context.Context, opCtx *graphql.OperationContext) *gqlerror.Error {
	return exceeds("is %d fields deep", measure(opCtx).depth, int(n))
}

// MutateOperationContext refuses an operation with too many aliases with the code BAD_USER_INPUT.
func (n AliasLimit) MutateOperationContext(_ context.Context, opCtx *graphql.OperationContext) *gqlerror.Error {
	return exceeds("has %d aliases", measure(opCtx).aliases, int(n))
}

// MutateOperationContext refuses an operation with too many fields with the code BAD_USER_INPUT.
func (n FieldLimit) MutateOperationContext(_ context.Context, opCtx *graphql.OperationContext) *gqlerror.Error {
	return exceeds("has %d fields", measure(opCtx).fields, int(n))
}

// MutateOperationContext refuses an operation with too many directives with the code BAD_USER_INPUT.
func (n DirectiveLimit) MutateOperationContext(_ context.Context, opCtx *graphql.OperationContext) *gqlerror.Error {
	return exceeds("has %d directives", measure(opCtx).directives, int(n))
}

func exceeds(what string, actual, limit int) *gqlerror.Error {
	if actual <= limit {
		return nil
	}
	return refusal("BAD_USER_INPUT", fmt.Sprintf("the operation "+what+", and the limit is %d", actual, limit))
}

// size is what the limits look at in a selection set.
type size struct{ depth, aliases, fields, directives int }

func measure(opCtx *graphql.OperationContext) size {
	return ruler{}.selectionSet(opCtx.Operation.SelectionSet)
}

// ruler measures selection sets, and each fragment once, however often it is spread. Validation has seen to it that
// fragments exist and do not contain themselves.
type ruler map[*ast.FragmentDefinition]size

func (known ruler) selectionSet(set ast.SelectionSet) size {
	var total size
	for _, selection := range set {
		var part size
		switch selection := selection.(type) {
		case *ast.Field:
			part = known.selectionSet(selection.SelectionSet)
			part.depth++
			part.directives = add(part.directives, len(selection.Directives))
			part.fields = add(part.fields, 1)
			if selection.Alias != selection.Name {
				part.aliases = add(part.aliases, 1)
			}
		case *ast.InlineFragment:
			part = known.selectionSet(selection.SelectionSet)
			part.directives = add(part.directives, len(selection.Directives))
		case *ast.FragmentSpread:
			measured, ok := known[selection.Definition]
			if !ok {
				measured = known.selectionSet(selection.Definition.SelectionSet)
				known[selection.Definition] = measured
			}
			part = measured
			part.directives = add(part.directives, len(selection.Directives))
		}
		total.depth = max(total.depth, part.depth)
		total.aliases = add(total.aliases, part.aliases)
		total.fields = add(total.fields, part.fields)
		total.directives = add(total.directives, part.directives)
	}
	return total
}

// add stays at the largest integer rather than wrap around: expanded fragments can count beyond it.
func add(a, b int) int {
	if a > math.MaxInt-b {
		return math.MaxInt
	}
	return a + b
}
