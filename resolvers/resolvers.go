// Package resolvers answers GraphQL with the domain: each field calls package
// accounts and maps the result. Whether the caller may is asked before, of one
// table: see [CheckAccess].
//
// Most types of the schema are bound to plain structs of the domain, so most
// fields need no code here. Objects of an installation are read by one query
// with joins; only what leads to other objects (an account's events, an
// attempt's accounts) is a resolver.
//
// Failures come in two kinds. What a caller can expect, such as a wrong value or
// a platform's refusal, is an [accounts.Error]: data in a mutation's
// userErrors, a BAD_USER_INPUT or NOT_FOUND error elsewhere. Refused access is
// an [auth.Error]. Everything else is the server's fault, and [PresentError]
// tells the caller no more than the request's id.
package resolvers

import (
	"errors"
	"log/slog"

	"mooring/accounts"
	"mooring/graph"
)

// Resolver is the root of all resolvers.
type Resolver struct {
	Service *accounts.Service
	Log     *slog.Logger
}

var _ graph.ResolverRoot = (*Resolver)(nil)

type (
	query      struct{ *Resolver }
	mutation   struct{ *Resolver }
	subscriber struct{ *Resolver }
	account    struct{ *Resolver }
	platform   struct{ *Resolver }
	page       struct{ *Resolver }
	attempt    struct{ *Resolver }
	candidate  struct{ *Resolver }
	lease      struct{ *Resolver }
	overview   struct{ *Resolver }
	bulkJob    struct{ *Resolver }
	viewer     struct{ *Resolver }
)

// Query resolves reading.
func (r *Resolver) Query() graph.QueryResolver { return query{r} }

// Mutation resolves changing.
func (r *Resolver) Mutation() graph.MutationResolver { return mutation{r} }

// Subscription resolves streams.
func (r *Resolver) Subscription() graph.SubscriptionResolver { return subscriber{r} }

// Account resolves what leads from an account to other objects.
func (r *Resolver) Account() graph.AccountResolver { return account{r} }

// Platform resolves what is known of a platform only at the moment.
func (r *Resolver) Platform() graph.PlatformResolver { return platform{r} }

// AccountConnection resolves what is counted only when asked for.
func (r *Resolver) AccountConnection() graph.AccountConnectionResolver { return page{r} }

// ConnectAttempt resolves what leads from an attempt to accounts.
func (r *Resolver) ConnectAttempt() graph.ConnectAttemptResolver { return attempt{r} }

// Candidate resolves what leads from a candidate to its account.
func (r *Resolver) Candidate() graph.CandidateResolver { return candidate{r} }

// Overview resolves what is asked about days.
func (r *Resolver) Overview() graph.OverviewResolver { return overview{r} }

// Lease resolves the secrets of a lease.
func (r *Resolver) Lease() graph.LeaseResolver { return lease{r} }

// BulkJob resolves what leads from a bulk job to its results.
func (r *Resolver) BulkJob() graph.BulkJobResolver { return bulkJob{r} }

// Viewer resolves what leads from the caller to what they have begun.
func (r *Resolver) Viewer() graph.ViewerResolver { return viewer{r} }

// orNull turns a missing object into null.
func orNull[T any](v *T, err error) (*T, error) {
	var missing *accounts.Error
	if errors.As(err, &missing) && missing.Code == accounts.CodeNotFound {
		return nil, nil //nolint:nilnil // null, in GraphQL
	}
	return v, err
}

// value is *p, or the zero value for nil.
func value[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// filled is nil for an empty text.
func filled(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
