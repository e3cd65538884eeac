package platforms

import (
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"
)

// Secret is a token, a code or a client secret. It prints as [redacted]
// whatever the verb, logger or encoder; only [Secret.Reveal] gives its text.
// The zero Secret is no secret.
type Secret struct {
	_ [0]func() // forbids ==, which would compare pointers: there is Equal
	// A pointer, because fmt prints the unexported fields of other structs
	// without asking for methods, but does not follow pointers in them.
	text *string
}

const redacted = "[redacted]"

// NewSecret wraps text; an empty text makes the zero Secret.
func NewSecret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	return Secret{text: &text}
}

// Reveal returns the secret's text, to be sent to its platform or sealed.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// IsZero reports whether there is no secret.
func (s Secret) IsZero() bool { return s.text == nil }

// Equal reports whether two secrets have the same text, in constant time.
func (s Secret) Equal(other Secret) bool {
	return subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(other.Reveal())) == 1
}

// String says [redacted].
func (s Secret) String() string { return redacted }

// Format is what fmt prints, under every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// MarshalText is what encoding/json and its like print.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue is what slog prints.
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }
