package resolvers

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"mooring/accounts"
)

// ReconnectURL is null in a stream, whose items are the same for all who read
// them.
func (a account) ReconnectURL(ctx context.Context, of *accounts.Account, returnTo *string) (*string, error) {
	actor, err := caller(ctx)
	if err != nil || inStream(ctx) {
		return nil, err
	}
	return a.Service.ReconnectURL(actor, of, returnTo)
}

func (a account) Reconnect(ctx context.Context, of *accounts.Account) (*accounts.Reconnection, error) {
	actor, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	r, err := a.Service.Reconnection(ctx, actor, of)
	if r != nil && inStream(ctx) {
		r.URL = nil
	}
	return r, err
}

func inStream(ctx context.Context) bool {
	return graphql.GetOperationContext(ctx).Operation.Operation == ast.Subscription
}
