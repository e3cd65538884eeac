package diagnosis

import (
	"errors"
	"net/url"
	"time"

	"mooring/platforms"
)

// Input is what is known of a failure; any part may be missing.
type Input struct {
	Platform     string // an id of the catalogue, such as "twitter"
	Stage        platforms.Stage
	HTTPStatus   int
	ErrorCode    string // the platform's, RFC 6749's, or one of the Code constants
	ErrorSubcode string
	ErrorMessage string
	Body         string // JSON, form-encoded, HTML or anything else

	// Class is package platforms' verdict on the answer, if it gave one.
	Class platforms.Class
	// RetryAfter is how long the platform asked to wait; zero if it did not say.
	RetryAfter time.Duration
	// FreshToken says that the access token used was under a minute old. Some
	// platforms refuse their own tokens for the first seconds.
	FreshToken bool

	Facts Facts
}

// Facts are what this installation knows and the catalogue does not. They make
// the sentences of a diagnosis concrete; each may be missing.
type Facts struct {
	Product     string    // what people know the installation by, in the place of Mooring
	RedirectURI string    // what the operator must register at the platform
	AppName     string    // the app's name in the platform's console
	AccountName string    // the account as people know it
	OtherName   string    // the account that was met in its place
	EndsAt      time.Time // when the account stops working without a person

	Flaw          string // what is wrong with the set-up here, and how to mend it
	MissingScopes string // the permissions that the person has to tick, in words
}

// Codes for failures that no platform reports: Mooring's own callback, the
// network, and answers that are no answers. They are passed as
// [Input.ErrorCode]; callback trouble belongs to [platforms.StageAuthorize].
const (
	// CodeStateUnknown is a callback whose state was never issued.
	CodeStateUnknown = "mooring_state_unknown"
	// CodeStateExpired is a callback whose state is past its ten minutes.
	CodeStateExpired = "mooring_state_expired"
	// CodeOtherBrowser is a callback in a browser that did not begin the attempt.
	CodeOtherBrowser = "mooring_other_browser"
	// CodeIssuerMismatch is a callback whose iss is not the platform's, RFC 9207.
	CodeIssuerMismatch = "mooring_issuer_mismatch"
	// CodeNoCode is a callback with neither a code nor an error.
	CodeNoCode = "mooring_no_code"
	// CodeAttemptExpired is an attempt for which no callback ever came.
	CodeAttemptExpired = "mooring_attempt_expired"
	// CodeDifferentAccount is a reconnect that signed in to another account.
	CodeDifferentAccount = "mooring_different_account"
	// CodeNoAccounts is a grant that reaches nothing that could be connected. Its
	// subcode is the login method.
	CodeNoAccounts = "mooring_no_accounts"
	// CodeScopesMissing is a grant without a scope that Mooring cannot do without.
	CodeScopesMissing = "mooring_scopes_missing"
	// CodeInterrupted is an exchange during which the server stopped.
	CodeInterrupted = "mooring_interrupted"
	// CodeAppGone is an account whose app is no longer configured.
	CodeAppGone = "mooring_app_gone"
	// CodeNotReady is a set-up of a platform in which a check fails: the Flaw of
	// the facts.
	CodeNotReady = "mooring_not_ready"
	// CodeKeyMissing is an account whose tokens are sealed under a key that the
	// key ring lacks.
	CodeKeyMissing = "mooring_key_missing"
	// CodeTokenFresh is a token that its platform refuses within its first minute.
	CodeTokenFresh = "mooring_token_fresh"
	// CodePaused is an account that somebody paused.
	CodePaused = "mooring_paused"
	// CodeTooYoung is a token that its platform does not renew yet.
	CodeTooYoung = "mooring_too_young"
	// CodeRefreshOff is an installation that renews nothing.
	CodeRefreshOff = "mooring_refresh_off"
	// CodeNotSent is a request that never left: DNS, dial or TLS failed.
	CodeNotSent = "mooring_not_sent"
	// CodeTimeout is a request that was sent and got no whole answer.
	CodeTimeout = "mooring_timeout"
	// CodeBadAnswer is a success status with an answer that makes no sense.
	CodeBadAnswer = "mooring_bad_answer"
)

// codeInternal is any error that does not come from a platform.
const codeInternal = "mooring_internal"

// FromError makes an Input of an error. Of a [*platforms.Error] anywhere in
// err's chain everything known is taken over. Any other error is Mooring's own
// fault: platform and stage are kept, and nothing of the error's text.
func FromError(err error, platform string, stage platforms.Stage) Input {
	var failure *platforms.Error
	if !errors.As(err, &failure) {
		return Input{Platform: platform, Stage: stage, ErrorCode: codeInternal}
	}
	in := Input{
		Platform:     failure.Platform,
		Stage:        failure.Stage,
		HTTPStatus:   failure.Status,
		ErrorCode:    failure.Code,
		ErrorSubcode: failure.Subcode,
		ErrorMessage: failure.Message,
		Body:         failure.Body,
		Class:        failure.Class,
		RetryAfter:   failure.RetryAfter,
	}
	if in.ErrorMessage == "" && failure.Err != nil {
		in.ErrorMessage = causeText(failure.Err)
	}
	if in.ErrorCode == "" {
		in.ErrorCode = outcomeCode(failure)
	}
	return in
}

// outcomeCode names a failure for which the platform had no code.
func outcomeCode(failure *platforms.Error) string {
	switch {
	case failure.Outcome == platforms.OutcomeNotSent:
		return CodeNotSent
	case failure.Outcome == platforms.OutcomeUnknown && (failure.Status == 0 || failure.Err != nil):
		return CodeTimeout
	case failure.Status >= 200 && failure.Status < 300:
		return CodeBadAnswer
	}
	return ""
}

// causeText leaves out the address that net/http puts before its errors: some
// platforms take tokens in the query.
func causeText(err error) string {
	var withAddress *url.Error
	if errors.As(err, &withAddress) {
		err = withAddress.Err
	}
	return err.Error()
}
