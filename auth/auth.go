// Package auth answers who is calling and what they may do. It knows HTTP's
// Authorization header by its value only, so that the same door serves a request,
// an event stream and a websocket's connection_init; it knows no GraphQL and no
// SQL.
//
// # From credential to actor
//
// [Authenticator.Authenticate] takes "Bearer …" (RFC 6750 §2.1) and returns an
// [Actor]: a user in one workspace, with a role. There are three kinds of
// credential:
//
//   - An API key, "mrg_<id>_<secret>", for back ends. It is recognised by its
//     prefix, looked up by its id and compared by hash ([APIKey]). Its role is
//     SERVICE and its scopes are its permissions.
//   - A JSON Web Token (RFC 7519) for everyone else, issued by the product that
//     embeds Mooring. It is signed with a shared secret (HS256) or with a key of an
//     issuer (RS, PS, ES or EdDSA), and names the workspace and the role ([JWT]).
//   - None at all, on a developer's machine: [Config.Local] makes every caller the
//     local owner. Even there an API key that is sent is checked, so that its scopes
//     can be tried out.
//
// An algorithm belongs to a kind of key, never to the token's choice: HS256 is
// verified with the shared secret only and the others with the issuer's keys only,
// so that a public key cannot be passed off as a secret (RFC 8725 §3.1). A token
// without an end is refused. Clocks may differ by 30 seconds.
//
// # From actor to permission
//
// One table maps roles to permissions:
//
//	VIEWER   read
//	MEMBER   read connect manage
//	ADMIN    read connect manage audit admin
//	OWNER    read connect manage audit admin lease import
//	SERVICE  the scopes of its API key or token
//
// Callers ask [Actor.Can] or [Actor.Require] and never look at the role. A
// service's token without a scope claim has read, connect, manage, lease and
// import: all that a back end does. Scopes of people's tokens ("openid profile")
// mean nothing here and are ignored.
//
// # Refusals and failures
//
// A refusal is an [*Error]: its code is the one that GraphQL clients see, and its
// message is safe to show and repeats nothing of the credential. [Error.Ended] sets
// apart a credential that was good and has expired, which a client mends by
// coming back with a new one, from one that will never do. Any other error is
// a failure of ours or of the issuer (the database or the issuer's keys cannot be
// reached): nothing was decided about the credential, and the caller may retry.
//
// # The issuer's keys
//
// They are fetched when the first token needs them, not at start, so that an
// issuer that is down does not keep the server down. They are renewed in the
// background every ten minutes, and the old ones serve for as long as the issuer
// does not answer. A token signed with an unknown key causes a fetch, since keys
// rotate; because anybody can make up such tokens, fetches are limited to two at
// once and then one in ten seconds, however many callers ask.
package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Code is the class of an [Error], in the words of GraphQL's extensions.code.
type Code string

// The classes of refusal.
const (
	Unauthenticated Code = "UNAUTHENTICATED" // who is calling is not known
	Forbidden       Code = "FORBIDDEN"       // who is calling may not do this
	BadUserInput    Code = "BAD_USER_INPUT"  // an API key cannot be made like this
)

// Error is a refusal. Its message is safe to show to the caller.
type Error struct {
	Code    Code
	Message string

	// Ended says that the credential was good and has expired. A websocket is
	// then closed with 4403, and with 4401 for any other refused credential.
	Ended bool
}

func (e *Error) Error() string { return e.Message }

func refuse(format string, args ...any) *Error {
	return &Error{Code: Unauthenticated, Message: fmt.Sprintf(format, args...)}
}

func expired(format string, args ...any) *Error {
	return &Error{Code: Unauthenticated, Message: fmt.Sprintf(format, args...), Ended: true}
}

// ErrUnknownAPIKey is what [Config.APIKey] returns for an id that does not exist.
var ErrUnknownAPIKey = errors.New("unknown API key")

// Config says which credentials are accepted. At least one kind must be.
type Config struct {
	// JWT accepts tokens, unless it is zero.
	JWT JWT

	// APIKey looks an API key up by its id and returns [ErrUnknownAPIKey] if there
	// is none; any other error is a failure. It returns revoked and expired keys
	// too. Nil accepts no API keys.
	APIKey func(ctx context.Context, id string) (APIKey, error)

	// Local makes everyone who sends no API key the [Local] owner. It excludes
	// JWT, and belongs on a loopback address only, which the caller must ensure.
	Local bool

	// HTTP fetches the issuer's keys; nil is [http.DefaultClient]. Each fetch is
	// limited to five seconds and one MiB in any case.
	HTTP *http.Client
}

// Authenticator tells who is calling. It is safe for concurrent use.
type Authenticator struct {
	apiKey func(ctx context.Context, id string) (APIKey, error)
	tokens *tokenVerifier // nil where no tokens are accepted
	local  bool
}

// New checks the configuration and makes no request.
func New(c Config) (*Authenticator, error) {
	a := &Authenticator{apiKey: c.APIKey, local: c.Local}
	switch {
	case c.Local && c.JWT.Configured():
		return nil, errors.New("authentication: local access for everyone excludes JWT")
	case !c.Local && !c.JWT.Configured() && c.APIKey == nil:
		return nil, errors.New("authentication: no kind of credential is accepted")
	case c.JWT.Configured():
		tokens, err := newTokenVerifier(c.JWT, c.HTTP)
		if err != nil {
			return nil, fmt.Errorf("authentication: %w", err)
		}
		a.tokens = tokens
	}
	return a, nil
}

// Authenticate returns the actor behind the value of an Authorization header, or
// of "authorization" in a websocket's connection_init; empty where there is none.
// It returns an [*Error] with code UNAUTHENTICATED if the credential is missing,
// will never do or has ended, and any other error if that could not be found out.
func (a *Authenticator) Authenticate(ctx context.Context, authorization string) (Actor, error) {
	credential, isBearer := bearer(authorization)
	switch {
	case strings.HasPrefix(credential, apiKeyPrefix):
		return a.byAPIKey(ctx, credential)
	case a.local:
		return Local(), nil
	case !isBearer:
		return Actor{}, refuse(`no credential: want "Authorization: Bearer <token or API key>"`)
	case a.tokens == nil:
		return Actor{}, refuse("only API keys are accepted here")
	}
	return a.tokens.authenticate(ctx, credential)
}

// bearer returns the credential of the Bearer scheme, whose name is written in
// any case (RFC 9110 §11.1).
func bearer(authorization string) (credential string, ok bool) {
	scheme, credential, _ := strings.Cut(strings.TrimSpace(authorization), " ")
	credential = strings.TrimSpace(credential)
	if !strings.EqualFold(scheme, "Bearer") || credential == "" {
		return "", false
	}
	return credential, true
}

func (a *Authenticator) byAPIKey(ctx context.Context, credential string) (Actor, error) {
	id, ok := apiKeyID(credential)
	switch {
	case a.apiKey == nil:
		return Actor{}, refuse("API keys are not accepted here")
	case !ok:
		return Actor{}, refuse("the API key is malformed: want %s<id>_<secret>, as shown when it was made", apiKeyPrefix)
	}
	key, err := a.apiKey(ctx, id)
	switch {
	case errors.Is(err, ErrUnknownAPIKey):
		return Actor{}, errNoSuchAPIKey
	case err != nil:
		return Actor{}, fmt.Errorf("look up API key: %w", err)
	}
	return key.actor(credential, time.Now())
}
