package platforms

import (
	"fmt"
	"strings"
	"time"
)

// Stage says during which step a platform answered.
type Stage string

// The stages.
const (
	StageAuthorize Stage = "AUTHORIZE" // the consent page and its callback
	StageExchange  Stage = "EXCHANGE"  // code for tokens
	StageRefresh   Stage = "REFRESH"
	StageAPI       Stage = "API" // profile and other resource calls
	StageRevoke    Stage = "REVOKE"
)

// Class is the verdict on an answer: who has to act, and whether waiting helps.
type Class string

// The classes. Only RefreshDead and Denied say anything final about a grant.
const (
	ClassOK           Class = ""
	ClassRefreshDead  Class = "refresh_dead"  // the grant is over; ask the person
	ClassStaleAccess  Class = "stale_access"  // the access token no longer works
	ClassMissingScope Class = "missing_scope" // the grant lacks a permission
	ClassRateLimited  Class = "rate_limited"  // wait
	ClassTemporary    Class = "temporary"     // the platform's or the network's trouble
	ClassAppFault     Class = "app_fault"     // the operator's app, not the account: credentials, redirect …
	ClassDenied       Class = "denied"        // the person said no
	ClassInvalid      Class = "invalid"       // the request itself: dead code, wrong verifier …
)

// Verdict is how a platform's answer is to be understood.
type Verdict struct {
	Class         Class
	Code, Subcode string // the platform's own
	Message       string // the platform's own words, without secrets
	RetryAfter    time.Duration
}

// Outcome says whether a failed request can have had an effect.
type Outcome int

// The outcomes. Where refresh tokens rotate, OutcomeUnknown may mean that the
// token is spent.
const (
	OutcomeAnswered Outcome = iota // the platform refused, and did nothing
	OutcomeNotSent                 // DNS, dial or TLS failed: nothing was sent
	OutcomeUnknown                 // sent, but no answer tells whether it was done
)

// Error is a failure of a platform or of the way to it.
type Error struct {
	Platform string
	Stage    Stage
	Status   int // HTTP status; 0 without an answer or at the callback
	Verdict
	Outcome Outcome
	Body    string // the start of the answer, with secrets cut out
	Err     error  // the cause in the network or in the answer's shape, if any
}

// Error says platform, stage, status and code; never a token.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", e.Platform, strings.ToLower(string(e.Stage)))
	if e.Status != 0 {
		fmt.Fprintf(&b, ": HTTP %d", e.Status)
	}
	for _, part := range []string{e.Code, e.Message} {
		if part != "" {
			b.WriteString(": " + part)
		}
	}
	if e.Err != nil {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }
