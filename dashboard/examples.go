package dashboard

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// Example is an operation that the playground opens in a tab of its own.
type Example struct {
	// Name is the file's, without number and ending: "connect", "health-changed".
	Name string `json:"name"`
	// Query is a GraphQL document with one named operation, whose name is the
	// tab's title, under a comment that says what it is for.
	Query string `json:"query"`
	// Variables is a JSON object, nil when the operation takes none. Ids in it
	// are placeholders such as "acc_…", to be replaced by those of an answer.
	Variables json.RawMessage `json:"variables,omitempty"`
}

// Examples returns the examples in the order of the tabs.
func Examples() []Example {
	// Glob fails only on a malformed pattern, and sorts.
	documents, _ := fs.Glob(files, "playground/examples/*.graphql")
	examples := make([]Example, 0, len(documents))
	for _, document := range documents {
		stem := strings.TrimSuffix(document, ".graphql")
		_, name, _ := strings.Cut(path.Base(stem), "-")
		variables, err := files.ReadFile(stem + ".json")
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			panic(fmt.Errorf("variables of example %s: %w", name, err))
		}
		examples = append(examples, Example{name, string(embedded(document)), variables})
	}
	return examples
}
