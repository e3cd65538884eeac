package resolvers

import (
	"context"
	"fmt"

	"github.com/99designs/gqlgen/graphql"

	"mooring/auth"
)

// anyone is what everybody may do who has said who they are.
const anyone auth.Permission = ""

// access says which permission each field needs that code resolves; auth has the
// table of the roles and scopes that give it. [CheckAccess] asks it before every
// such field, and a field without a line is refused to everybody. All other
// fields are part of an object that one of these has led to.
var access = map[string]auth.Permission{
	"Query.viewer":         anyone,
	"Query.node":           auth.Read, // and what the object's own query needs
	"Query.nodes":          auth.Read,
	"Query.platforms":      auth.Read,
	"Query.platform":       auth.Read,
	"Query.account":        auth.Read,
	"Query.accounts":       auth.Read,
	"Query.overview":       auth.Read,
	"Query.connectAttempt": auth.Connect,
	"Query.bulkConnect":    auth.Connect,
	"Query.bulkJob":        auth.Manage,
	"Query.diagnose":       auth.Read,
	"Query.events":         auth.Read, // of one's visibility
	"Query.members":        auth.Read,
	"Query.invitations":    auth.Admin,
	"Query.apiKeys":        auth.Admin,

	"Mutation.connect":           auth.Connect,
	"Mutation.completeConnect":   auth.Connect,
	"Mutation.cancelConnect":     auth.Connect,
	"Mutation.bulkConnect":       auth.Connect,
	"Mutation.skipBulkItem":      auth.Connect,
	"Mutation.retryBulkItem":     auth.Connect,
	"Mutation.cancelBulkConnect": auth.Connect,
	"Mutation.startBulkJob":      auth.Manage,
	"Mutation.cancelBulkJob":     auth.Manage,
	"Mutation.importAccount":     auth.Import,
	"Mutation.disconnect":        auth.Manage,
	"Mutation.validate":          auth.Manage,
	"Mutation.checkPermissions":  auth.Manage,
	"Mutation.checkHealth":       auth.Manage,
	"Mutation.refresh":           auth.Manage,
	"Mutation.pause":             auth.Manage,
	"Mutation.resume":            auth.Manage,
	"Mutation.setLabels":         auth.Manage,
	"Mutation.leaseToken":        auth.Lease,
	"Mutation.reportFailure":     auth.Lease,
	"Mutation.eraseUser":         auth.Admin,
	"Mutation.eraseWorkspace":    auth.End,
	"Mutation.inviteMember":      auth.Admin,
	"Mutation.revokeInvitation":  auth.Admin,
	"Mutation.changeRole":        auth.Admin,
	"Mutation.removeMember":      auth.Admin,
	"Mutation.createApiKey":      auth.Admin,
	"Mutation.revokeApiKey":      auth.Admin,

	"Subscription.healthChanged":         auth.Read,
	"Subscription.connectAttemptChanged": auth.Connect,
	"Subscription.bulkConnectChanged":    auth.Connect,
	"Subscription.bulkJobChanged":        auth.Manage,
	"Subscription.eventAdded":            auth.Read, // of one's visibility

	"Account.activity":              auth.Audit,
	"Account.events":                auth.Read, // of one's visibility
	"Account.rateLimit":             auth.Read,
	"Account.rateLimits":            auth.Read,
	"Account.reconnect":             auth.Read,
	"Account.reconnectUrl":          auth.Read, // null for those who may not connect
	"AccountConnection.totalCount":  auth.Read,
	"BulkJob.results":               auth.Manage,
	"Candidate.account":             auth.Read,
	"ConnectAttempt.accounts":       auth.Read,
	"ConnectAttempt.reconnects":     auth.Read,
	"Lease.accessToken":             auth.Lease,
	"Lease.appSecretProof":          auth.Lease,
	"Overview.history":              auth.Read,
	"Overview.upcoming":             auth.Read,
	"Platform.incident":             auth.Read,
	"Platform.prerequisites":        auth.Read,
	"Platform.rateLimit":            auth.Read,
	"Platform.rateLimits":           auth.Read,
	"Viewer.unfinishedAttempts":     auth.Connect,
	"Viewer.unfinishedBulkConnects": auth.Connect,
}

// CheckAccess is field middleware that refuses what the caller may not do, with an
// [auth.Error].
func CheckAccess(ctx context.Context, next graphql.Resolver) (any, error) {
	field := graphql.GetFieldContext(ctx)
	if !field.IsResolver {
		return next(ctx)
	}
	actor, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	name := field.Object + "." + field.Field.Name
	switch needed, known := access[name]; {
	case !known:
		return nil, fmt.Errorf("%s has no line in the table of access", name)
	case needed != anyone:
		if err := actor.Require(needed); err != nil {
			return nil, err
		}
	}
	return next(ctx)
}

// caller returns who is calling. What they may do is in access.
func caller(ctx context.Context) (auth.Actor, error) {
	actor, ok := auth.FromContext(ctx)
	if !ok {
		return auth.Actor{}, &auth.Error{Code: auth.Unauthenticated, Message: "no credential was sent"}
	}
	return actor, nil
}
