// Package auth answers who is calling and what they may do. It knows HTTP's
// Authorization header by its value only, so that the same door serves a request,
// an event stream and a websocket's connection_init; it knows no GraphQL and no
// SQL.
//
// # From credential to actor
//
// [Authenticator.Authenticate] takes "Bearer …" (RFC 6750 §2.1) and returns an
// [Actor]: a user in one workspace, with a role. There are four kinds of
// credential, of which the last but one has a door of its own,
// [Authenticator.Session]:
//
//   - An API key, "mrg_<id>_<secret>", for back ends. It is recognised by its
//     prefix, looked up by its id and compared by hash ([APIKey]). Its role is
//     SERVICE and its scopes are its permissions.
//   - A JSON Web Token (RFC 7519) for everyone else, issued by the product that
//     embeds Mooring. It is signed with a shared secret (HS256) or with a key of an
//     issuer (RS, PS, ES or EdDSA), and names the workspace and the role ([JWT]).
//   - A session cookie, for people's browsers. It is a random value that is stored
//     as its hash ([Session]), made when a person has signed in at the operator's
//     OpenID Connect provider ([Provider]) or by a single-use link.
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
//	OWNER    read connect manage audit admin lease import end
//	SERVICE  the scopes of its API key or token
//
// Callers ask [Actor.Can] or [Actor.Require] and never look at the role. Where a
// token does not name the role, the members of the workspace are asked
// ([Config.Member]); that someone is one now does not mean that they stay one, so
// whatever outlives a request asks [Authenticator.Recheck] from time to time. A
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
	"unicode"
	"unicode/utf8"
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

	// Workspace and User say whose credential was refused, where that is known: of
	// an API key that exists, with or without its secret, of a session, and of a
	// token that an accepted key has signed.
	Workspace, User string

	Missing bool // there was no credential at all

	forged bool // anybody can have made the credential up
}

// of adds whose credential was refused, as far as the database can name them.
func (e *Error) of(workspace, user string) *Error {
	if !isName(workspace) || !isName(user) {
		return e
	}
	about := *e
	about.Workspace, about.User = workspace, user
	return &about
}

func (e *Error) Error() string { return e.Message }

func refuse(format string, args ...any) *Error {
	return &Error{Code: Unauthenticated, Message: fmt.Sprintf(format, args...)}
}

func expired(format string, args ...any) *Error {
	return &Error{Code: Unauthenticated, Message: fmt.Sprintf(format, args...), Ended: true}
}

// What the look-ups of [Config] return for what is not there.
var (
	ErrUnknownAPIKey  = errors.New("unknown API key")
	ErrUnknownSession = errors.New("unknown session")
	ErrNoMember       = errors.New("no member of the workspace")
)

// Config says which credentials are accepted. At least one kind must be.
type Config struct {
	// JWT accepts tokens, unless it is zero.
	JWT JWT

	// APIKey looks an API key up by its id and returns [ErrUnknownAPIKey] if there
	// is none; any other error is a failure. It returns revoked and expired keys
	// too. Nil accepts no API keys.
	APIKey func(ctx context.Context, id string) (APIKey, error)

	// Session looks a session up by its id, with the role that the person has now.
	// It returns [ErrUnknownSession] if there is none, and [ErrNoMember] if its
	// person was removed from the workspace. Nil accepts no sessions.
	Session func(ctx context.Context, id string) (Session, error)

	// Member returns the role of the subject of a token that names none, or
	// [ErrNoMember] for one who was removed from the workspace. Nil makes everyone
	// a member.
	Member func(ctx context.Context, workspace, user string) (Role, error)

	// Used, if set, hears of the use of an API key or a session whose last known
	// use is a minute old.
	Used func(ctx context.Context, a Actor)

	// Local makes everyone who sends no API key the [Local] owner. It excludes
	// JWT, and belongs on a loopback address only, which the caller must ensure.
	Local bool

	// HTTP fetches the issuer's keys; nil is [http.DefaultClient]. Each fetch is
	// limited to five seconds and one MiB in any case.
	HTTP *http.Client
}

// Authenticator tells who is calling. It is safe for concurrent use.
type Authenticator struct {
	config Config
	tokens *tokenVerifier // nil where no tokens are accepted
}

// New checks the configuration and makes no request.
func New(c Config) (*Authenticator, error) {
	a := &Authenticator{config: c}
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
	case a.config.Local:
		return Local(), nil
	case !isBearer && a.config.Session != nil:
		return Actor{}, &Error{Code: Unauthenticated, Missing: true, Message: `no credential: sign in at /login, or send "Authorization: Bearer <token or API key>"`}
	case !isBearer:
		return Actor{}, &Error{Code: Unauthenticated, Missing: true, Message: `no credential: want "Authorization: Bearer <token or API key>"`}
	case a.tokens == nil:
		return Actor{}, refuse("only API keys are accepted here")
	}
	actor, err := a.tokens.authenticate(ctx, credential)
	if err != nil || actor.RoleClaimed {
		return actor, err
	}
	return a.asMember(ctx, actor)
}

// maxName bounds the names of users and workspaces, in bytes.
const maxName = 255

// asMember gives an actor the role that its workspace has for it.
func (a *Authenticator) asMember(ctx context.Context, actor Actor) (Actor, error) {
	if a.config.Member == nil {
		actor.Role = RoleMember
		return actor, nil
	}
	for _, name := range []string{actor.User, actor.Workspace} {
		if !isName(name) {
			return Actor{}, refuse("the token names a user or a workspace in more than %d bytes, or with control characters", maxName)
		}
	}
	var err error
	actor.Role, err = a.config.Member(ctx, actor.Workspace, actor.User)
	switch {
	case errors.Is(err, ErrNoMember):
		return Actor{}, errNoMember.of(actor.Workspace, actor.User)
	case err != nil:
		return Actor{}, fmt.Errorf("look up member: %w", err)
	}
	return actor, nil
}

// errNoMember answers those who were removed from a workspace.
var errNoMember = refuse("you are no longer a member of this workspace")

// isName reports whether a text can name a user or a workspace in the database.
func isName(text string) bool {
	return text != "" && len(text) <= maxName && utf8.ValidString(text) && !strings.ContainsFunc(text, unicode.IsControl)
}

// Session returns the actor behind a session cookie's value. Its errors are those
// of [Authenticator.Authenticate].
func (a *Authenticator) Session(ctx context.Context, value string) (Actor, error) {
	switch {
	case a.config.Local:
		return Local(), nil
	case a.config.Session == nil:
		return Actor{}, refuse("sessions are not accepted here")
	}
	return a.bySession(ctx, SessionID(value), true)
}

func (a *Authenticator) bySession(ctx context.Context, id string, use bool) (Actor, error) {
	session, err := a.config.Session(ctx, id)
	switch {
	case errors.Is(err, ErrUnknownSession):
		return Actor{}, refuse("the session is over; sign in again")
	case errors.Is(err, ErrNoMember):
		return Actor{}, errNoMember.of(session.Workspace, session.User)
	case err != nil:
		return Actor{}, fmt.Errorf("look up session: %w", err)
	}
	now := time.Now()
	actor, err := session.actor(now)
	if refused, ok := errors.AsType[*Error](err); ok {
		err = refused.of(session.Workspace, session.User)
	}
	if err == nil && use {
		a.used(ctx, actor, session.UsedAt, now)
	}
	return actor, err
}

// useEvery is how exactly the last use of a credential is known.
const useEvery = time.Minute

func (a *Authenticator) used(ctx context.Context, actor Actor, last, now time.Time) {
	if a.config.Used != nil && now.Sub(last) >= useEvery {
		a.config.Used(ctx, actor)
	}
}

// Recheck returns nil while a credential is still what it was when its actor was
// authenticated, and otherwise an [*Error] that says what happened: it was revoked,
// it has expired, the person has another role or was removed. It is for what
// outlives a request, and counts as no use. Any other error means that it could not
// be found out.
func (a *Authenticator) Recheck(ctx context.Context, was Actor) error {
	present := was
	var err error
	switch {
	case was.Method == MethodAPIKey:
		var key APIKey
		if key, err = a.config.APIKey(ctx, was.KeyID); err == nil {
			err = key.check(time.Now())
		} else if errors.Is(err, ErrUnknownAPIKey) {
			err = errNoSuchAPIKey
		}
	case was.Method == MethodSession:
		present, err = a.bySession(ctx, was.SessionID, false)
	case was.Method == MethodJWT && !was.RoleClaimed:
		present, err = a.asMember(ctx, was)
	}
	if err == nil && present.Role != was.Role {
		err = expired("your role in the workspace is another now")
	}
	return err
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
	case a.config.APIKey == nil:
		return Actor{}, refuse("API keys are not accepted here")
	case !ok:
		return Actor{}, refuse("the API key is malformed: want %s<id>_<secret>, as shown when it was made", apiKeyPrefix)
	}
	key, err := a.config.APIKey(ctx, id)
	switch {
	case errors.Is(err, ErrUnknownAPIKey):
		return Actor{}, errNoSuchAPIKey
	case err != nil:
		return Actor{}, fmt.Errorf("look up API key: %w", err)
	}
	now := time.Now()
	actor, err := key.actor(credential, now)
	if refused, ok := errors.AsType[*Error](err); ok {
		err = refused.of(key.Workspace, APIKeyUser(key.ID))
	}
	if err == nil {
		a.used(ctx, actor, key.UsedAt, now)
	}
	return actor, err
}
