package accounts

import (
	"fmt"

	"mooring/diagnosis"
)

// Code is the kind of an expected failure.
type Code string

// The expected failures, as the schema's UserErrorCode has them.
const (
	CodeNotFound    Code = "NOT_FOUND"
	CodeInvalid     Code = "INVALID"
	CodeNotReady    Code = "PLATFORM_NOT_READY"
	CodeWrongState  Code = "WRONG_STATE"
	CodePaused      Code = "PAUSED"
	CodeRefused     Code = "PLATFORM_REFUSED"
	CodeUnavailable Code = "PLATFORM_UNAVAILABLE"
	CodeRateLimited Code = "RATE_LIMITED"
	// About members:
	CodeLastOwner      Code = "LAST_OWNER"
	CodeRolesElsewhere Code = "ROLES_MANAGED_ELSEWHERE" // they come with the tokens
	// About refreshing:
	CodeTooYoung       Code = "TOO_YOUNG"       // the platform renews only older tokens
	CodeNotRefreshable Code = "NOT_REFRESHABLE" // nothing but a reconnect renews it
	CodeRefreshOff     Code = "REFRESH_OFF"     // this installation renews nothing
)

// Error is an expected failure: something that the caller may see and can act
// on. Every other error of this package is the server's fault.
type Error struct {
	Code      Code
	Message   string   // for people: what is wrong and what to do
	Field     []string // the input field concerned, nil for none
	Diagnosis *diagnosis.Diagnosis
	// ReconnectURL is where the person mends the account, where nothing else does
	// and the caller may have it; nil otherwise.
	ReconnectURL *string
}

func (e *Error) Error() string { return e.Message }

// invalid says what is wrong with an input field.
func invalid(field, format string, args ...any) *Error {
	return &Error{Code: CodeInvalid, Field: []string{field}, Message: fmt.Sprintf(format, args...)}
}

// notFound is the answer for an id that does not exist or belongs to another
// workspace.
func notFound(field, what, id string) *Error {
	return &Error{Code: CodeNotFound, Field: []string{field}, Message: fmt.Sprintf("There is no %s %q.", what, id)}
}
