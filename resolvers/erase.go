package resolvers

import (
	"context"

	"mooring/accounts"
	"mooring/graph"
)

func (m mutation) EraseUser(ctx context.Context, in graph.EraseUserInput) (*graph.EraseUserPayload, error) {
	actor, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	e, err := m.Service.EraseUser(ctx, actor, accounts.EraseRequest{
		ExternalUserID: in.ExternalUserID, User: in.User, KeepAccounts: value(in.KeepAccounts),
	})
	expected, err := userErrors(err)
	return &graph.EraseUserPayload{Erasure: e, UserErrors: expected, ClientMutationID: in.ClientMutationID}, err
}

func (m mutation) EraseWorkspace(ctx context.Context, in graph.EraseWorkspaceInput) (*graph.EraseWorkspacePayload, error) {
	actor, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	e, err := m.Service.EraseWorkspace(ctx, actor, in.Confirm)
	expected, err := userErrors(err)
	return &graph.EraseWorkspacePayload{Erasure: e, UserErrors: expected, ClientMutationID: in.ClientMutationID}, err
}
