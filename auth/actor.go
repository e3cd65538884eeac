package auth

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Role is what an actor is in its workspace. The values are those of the GraphQL
// enum.
type Role string

// The roles.
const (
	RoleOwner   Role = "OWNER"
	RoleAdmin   Role = "ADMIN"
	RoleMember  Role = "MEMBER"
	RoleViewer  Role = "VIEWER"
	RoleService Role = "SERVICE" // a back end, which may do what its scopes say
)

// Roles lists all roles, that of back ends last.
func Roles() []Role { return []Role{RoleOwner, RoleAdmin, RoleMember, RoleViewer, RoleService} }

// OfPeople reports whether a member of a workspace can have the role.
func (r Role) OfPeople() bool { return r != RoleService && slices.Contains(Roles(), r) }

// Permission is something that an actor may do. The values are also the scopes
// of API keys and of service tokens.
type Permission string

// The permissions.
const (
	Read    Permission = "read"    // see accounts, health, attempts and the events of one's visibility
	Connect Permission = "connect" // start and finish connect attempts, single or in bulk
	Manage  Permission = "manage"  // refresh, validate, label, pause, resume and disconnect accounts
	Audit   Permission = "audit"   // read the whole audit trail
	Admin   Permission = "admin"   // make and revoke API keys; invite, change and remove members
	Lease   Permission = "lease"   // borrow access tokens, and report their failures
	Import  Permission = "import"  // bring in tokens that were obtained elsewhere
	End     Permission = "end"     // end the workspace, with all that it has
)

// Permissions lists all permissions.
func Permissions() []Permission {
	return []Permission{Read, Connect, Manage, Audit, Admin, Lease, Import, End}
}

// granted is the table of the package comment. A service has no line in it: its
// permissions are its scopes.
var granted = map[Role][]Permission{
	RoleViewer: {Read},
	RoleMember: {Read, Connect, Manage},
	RoleAdmin:  {Read, Connect, Manage, Audit, Admin},
	RoleOwner:  Permissions(),
}

// serviceDefault is what a service token without a scope claim may do.
var serviceDefault = []Permission{Read, Connect, Manage, Lease, Import}

// Method is the kind of credential that an actor came with.
type Method string

// The kinds of credential.
const (
	MethodLocal   Method = "LOCAL" // none, on a developer's machine
	MethodJWT     Method = "JWT"
	MethodAPIKey  Method = "API_KEY"
	MethodSession Method = "SESSION" // a person's browser, by its cookie
)

// Actor is who is calling. The zero Actor may do nothing.
type Actor struct {
	User      string // the token's subject; "key:<id>" for an API key; "local"
	Workspace string // the one workspace that the actor acts in
	Role      Role
	Scopes    []Permission // of a service; empty for people, whose role decides
	Method    Method
	KeyID     string // of the API key, where one was used
	SessionID string // of the session, where one was used

	// RoleClaimed says that a token named the role, so that the members of the
	// workspace are managed by whoever makes the tokens.
	RoleClaimed bool

	// ExpiresAt is the instant from which the credential is refused, so that what
	// outlives a request can end with it. Zero: it has no end.
	ExpiresAt time.Time
}

// Who everyone is in local mode.
const (
	LocalUser      = "local"
	LocalWorkspace = "default"
)

// Local returns the actor of local mode: the owner of the one local workspace.
func Local() Actor {
	return Actor{User: LocalUser, Workspace: LocalWorkspace, Role: RoleOwner, Method: MethodLocal}
}

// Can reports whether the actor has the permission.
func (a Actor) Can(p Permission) bool {
	if a.Role == RoleService {
		return slices.Contains(a.Scopes, p)
	}
	return slices.Contains(granted[a.Role], p)
}

// Require returns nil if the actor has the permission, and otherwise an [*Error]
// with code FORBIDDEN that says what is missing.
func (a Actor) Require(p Permission) error {
	switch {
	case a.Can(p):
		return nil
	case a.Role == RoleService:
		return &Error{Code: Forbidden, Message: fmt.Sprintf("this needs the scope %q; the credential has: %s", p, list(a.Scopes))}
	}
	return &Error{Code: Forbidden, Message: fmt.Sprintf("this needs the permission %q, which the role %s does not have", p, a.Role)}
}

// list joins values for a message.
func list[T ~string](values []T) string {
	if len(values) == 0 {
		return "none"
	}
	texts := make([]string, len(values))
	for i, value := range values {
		texts[i] = string(value)
	}
	return strings.Join(texts, ", ")
}

type actorKey struct{}

// WithActor returns a context in which a is calling.
func WithActor(ctx context.Context, a Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, a)
}

// FromContext returns who is calling, and false if nobody was authenticated.
func FromContext(ctx context.Context) (Actor, bool) {
	a, ok := ctx.Value(actorKey{}).(Actor)
	return a, ok
}
