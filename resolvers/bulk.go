package resolvers

import (
	"context"

	"mooring/accounts"
	"mooring/graph"
)

func (q query) BulkConnect(ctx context.Context, id string) (*accounts.BulkConnect, error) {
	actor, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	return orNull(q.Service.BulkConnectByID(ctx, actor, id))
}

func (m mutation) BulkConnect(ctx context.Context, in graph.BulkConnectInput) (*graph.BulkConnectPayload, error) {
	actor, err := caller(ctx)
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
	actor, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	b, err := m.Service.SkipBulkItem(ctx, actor, in.ItemID)
	expected, err := userErrors(err)
	return &graph.SkipBulkItemPayload{BulkConnect: b, UserErrors: expected, ClientMutationID: in.ClientMutationID}, err
}

func (m mutation) RetryBulkItem(ctx context.Context, in graph.RetryBulkItemInput) (*graph.RetryBulkItemPayload, error) {
	actor, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	b, err := m.Service.RetryBulkItem(ctx, actor, in.ItemID)
	expected, err := userErrors(err)
	return &graph.RetryBulkItemPayload{BulkConnect: b, UserErrors: expected, ClientMutationID: in.ClientMutationID}, err
}

func (m mutation) CancelBulkConnect(ctx context.Context, in graph.CancelBulkConnectInput) (*graph.CancelBulkConnectPayload, error) {
	actor, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	b, err := m.Service.CancelBulkConnect(ctx, actor, in.BulkConnectID)
	expected, err := userErrors(err)
	return &graph.CancelBulkConnectPayload{BulkConnect: b, UserErrors: expected, ClientMutationID: in.ClientMutationID}, err
}

func (s subscriber) BulkConnectChanged(ctx context.Context, id string) (<-chan *accounts.BulkConnect, error) {
	actor, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	return s.Service.BulkChanges(ctx, actor, id)
}

func (q query) BulkJob(ctx context.Context, id string) (*accounts.BulkJob, error) {
	actor, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	return orNull(q.Service.BulkJob(ctx, actor, id))
}

func (m mutation) StartBulkJob(ctx context.Context, in graph.StartBulkJobInput) (*graph.StartBulkJobPayload, error) {
	actor, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	filter := value(in.Filter)
	filter.IDs = in.AccountIds
	j, err := m.Service.StartBulkJob(ctx, actor, accounts.BulkJobRequest{
		Action: in.Action, Filter: filter, Force: value(in.Force), ClientMutationID: in.ClientMutationID,
	})
	expected, err := userErrors(err)
	return &graph.StartBulkJobPayload{BulkJob: j, UserErrors: expected, ClientMutationID: in.ClientMutationID}, err
}

func (m mutation) CancelBulkJob(ctx context.Context, in graph.CancelBulkJobInput) (*graph.CancelBulkJobPayload, error) {
	actor, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	j, err := m.Service.CancelBulkJob(ctx, actor, in.JobID)
	expected, err := userErrors(err)
	return &graph.CancelBulkJobPayload{BulkJob: j, UserErrors: expected, ClientMutationID: in.ClientMutationID}, err
}

func (j bulkJob) Results(ctx context.Context, of *accounts.BulkJob, first *int, after *string, outcome *accounts.BulkOutcome) (*graph.BulkJobResultConnection, error) {
	actor, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	p, err := j.Service.BulkJobResults(ctx, actor, of, outcome, first, after)
	if err != nil {
		return nil, err
	}
	c := &graph.BulkJobResultConnection{
		Edges: make([]*graph.BulkJobResultEdge, len(p.Results)), Nodes: p.Results, PageInfo: pageInfo(p.Cursors, p.HasNext, after != nil),
	}
	for i, r := range p.Results {
		c.Edges[i] = &graph.BulkJobResultEdge{Cursor: p.Cursors[i], Node: r}
	}
	return c, nil
}

func (s subscriber) BulkJobChanged(ctx context.Context, id string) (<-chan *accounts.BulkJob, error) {
	actor, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	return s.Service.BulkJobChanges(ctx, actor, id)
}
