package resolvers

import (
	"context"

	"mooring/accounts"
	"mooring/auth"
	"mooring/graph"
)

func (q query) BulkConnect(ctx context.Context, id string) (*accounts.BulkConnect, error) {
	actor, err := caller(ctx, auth.Connect)
	if err != nil {
		return nil, err
	}
	return orNull(q.Service.BulkConnectByID(ctx, actor, id))
}

func (m mutation) BulkConnect(ctx context.Context, in graph.BulkConnectInput) (*graph.BulkConnectPayload, error) {
	actor, err := caller(ctx, auth.Connect)
	if err != nil {
		return nil, err
	}
	b, err := m.Service.BulkConnect(ctx, actor, accounts.BulkConnectRequest{
		Platforms: in.Platforms, Capabilities: in.Capabilities, ReturnTo: in.ReturnTo,
		ExternalUserID: in.ExternalUserID, Labels: in.Labels, ClientMutationID: in.ClientMutationID,
	})
	expected, err := userErrors(err)
	return &graph.BulkConnectPayload{BulkConnect: b, UserErrors: expected, ClientMutationID: in.ClientMutationID}, err
}

func (m mutation) SkipBulkItem(ctx context.Context, in graph.SkipBulkItemInput) (*graph.SkipBulkItemPayload, error) {
	actor, err := caller(ctx, auth.Connect)
	if err != nil {
		return nil, err
	}
	b, err := m.Service.SkipBulkItem(ctx, actor, in.ItemID)
	expected, err := userErrors(err)
	return &graph.SkipBulkItemPayload{BulkConnect: b, UserErrors: expected, ClientMutationID: in.ClientMutationID}, err
}

func (m mutation) RetryBulkItem(ctx context.Context, in graph.RetryBulkItemInput) (*graph.RetryBulkItemPayload, error) {
	actor, err := caller(ctx, auth.Connect)
	if err != nil {
		return nil, err
	}
	b, err := m.Service.RetryBulkItem(ctx, actor, in.ItemID)
	expected, err := userErrors(err)
	return &graph.RetryBulkItemPayload{BulkConnect: b, UserErrors: expected, ClientMutationID: in.ClientMutationID}, err
}

func (m mutation) CancelBulkConnect(ctx context.Context, in graph.CancelBulkConnectInput) (*graph.CancelBulkConnectPayload, error) {
	actor, err := caller(ctx, auth.Connect)
	if err != nil {
		return nil, err
	}
	b, err := m.Service.CancelBulkConnect(ctx, actor, in.BulkConnectID)
	expected, err := userErrors(err)
	return &graph.CancelBulkConnectPayload{BulkConnect: b, UserErrors: expected, ClientMutationID: in.ClientMutationID}, err
}

func (s subscriber) BulkConnectChanged(ctx context.Context, id string) (<-chan *accounts.BulkConnect, error) {
	actor, err := caller(ctx, auth.Connect)
	if err != nil {
		return nil, err
	}
	return s.Service.BulkChanges(ctx, actor, id)
}
