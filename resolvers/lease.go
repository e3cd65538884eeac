package resolvers

import (
	"context"
	"time"

	"mooring/accounts"
	"mooring/graph"
)

func (m mutation) LeaseToken(ctx context.Context, in graph.LeaseTokenInput) (*graph.LeaseTokenPayload, error) {
	actor, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	const year = 365 * 24 * 3600 // no token lives twice as long
	a, l, err := m.Service.Lease(ctx, actor, accounts.LeaseRequest{
		AccountID: in.AccountID, MinTTL: time.Duration(min(value(in.MinTTLSeconds), year)) * time.Second, Reason: in.Reason,
	})
	expected, err := userErrors(err)
	return &graph.LeaseTokenPayload{Lease: l, Account: a, UserErrors: expected, ClientMutationID: in.ClientMutationID}, err
}

// AccessToken is the only place where an access token leaves.
func (lease) AccessToken(_ context.Context, of *accounts.Lease) (string, error) {
	return of.AccessToken.Reveal(), nil
}

func (lease) AppSecretProof(_ context.Context, of *accounts.Lease) (*string, error) {
	return filled(of.AppSecretProof.Reveal()), nil
}

func (m mutation) ReportFailure(ctx context.Context, in graph.ReportFailureInput) (*graph.ReportFailurePayload, error) {
	actor, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	r, err := m.Service.ReportFailure(ctx, actor, accounts.FailureReport{
		LeaseID: in.LeaseID, HTTPStatus: value(in.HTTPStatus), ErrorCode: value(in.ErrorCode),
		ErrorSubcode: value(in.ErrorSubcode), ErrorMessage: value(in.ErrorMessage), Body: value(in.Body),
	})
	payload := &graph.ReportFailurePayload{ClientMutationID: in.ClientMutationID}
	if r != nil {
		payload.Outcome, payload.Account, payload.Diagnosis = &r.Outcome, r.Account, r.Diagnosis
	}
	payload.UserErrors, err = userErrors(err)
	return payload, err
}

func (m mutation) Pause(ctx context.Context, in graph.PauseInput) (*graph.PausePayload, error) {
	actor, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	a, err := m.Service.Pause(ctx, actor, in.AccountID, in.Reason)
	expected, err := userErrors(err)
	return &graph.PausePayload{Account: a, UserErrors: expected, ClientMutationID: in.ClientMutationID}, err
}

func (m mutation) Resume(ctx context.Context, in graph.ResumeInput) (*graph.ResumePayload, error) {
	actor, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	a, err := m.Service.Resume(ctx, actor, in.AccountID)
	expected, err := userErrors(err)
	return &graph.ResumePayload{Account: a, UserErrors: expected, ClientMutationID: in.ClientMutationID}, err
}

func (a account) Activity(ctx context.Context, of *accounts.Account, first *int, after *string) (*graph.ActivityConnection, error) {
	actor, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	p, err := a.Service.Activity(ctx, actor, of, first, after)
	if err != nil {
		return nil, err
	}
	c := &graph.ActivityConnection{
		Edges: make([]*graph.ActivityEdge, len(p.Activities)), Nodes: p.Activities,
		PageInfo: pageInfo(p.Cursors, p.HasNext, after != nil),
	}
	for i, activity := range p.Activities {
		c.Edges[i] = &graph.ActivityEdge{Cursor: p.Cursors[i], Node: activity}
	}
	return c, nil
}
