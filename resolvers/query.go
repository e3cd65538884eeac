package resolvers

import (
	"context"
	"errors"
	"fmt"

	"mooring/accounts"
	"mooring/auth"
	"mooring/diagnosis"
	"mooring/graph"
)

func (q query) Viewer(ctx context.Context) (*graph.Viewer, error) {
	actor, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	v := &graph.Viewer{User: actor.User, Workspace: actor.Workspace, Role: actor.Role, Method: actor.Method, Permissions: []string{}}
	for _, p := range auth.Permissions() {
		if actor.Can(p) {
			v.Permissions = append(v.Permissions, string(p))
		}
	}
	if !actor.ExpiresAt.IsZero() {
		v.ExpiresAt = &actor.ExpiresAt
	}
	return v, nil
}

func (v viewer) UnfinishedAttempts(ctx context.Context, _ *graph.Viewer) ([]*accounts.Attempt, error) {
	actor, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	return v.Service.UnfinishedAttempts(ctx, actor)
}

func (v viewer) UnfinishedBulkConnects(ctx context.Context, _ *graph.Viewer) ([]*accounts.BulkConnect, error) {
	actor, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	return v.Service.UnfinishedBulkConnects(ctx, actor)
}

func (q query) Node(ctx context.Context, id string) (graph.Node, error) {
	actor, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	object, err := q.Service.Node(ctx, actor, id)
	var missing *accounts.Error
	if errors.As(err, &missing) && missing.Code == accounts.CodeNotFound {
		return nil, nil //nolint:nilnil // null, in GraphQL
	}
	node, _ := object.(graph.Node)
	return node, err
}

// maxNodes is how many ids one request may ask for.
const maxNodes = 100

func (q query) Nodes(ctx context.Context, ids []string) ([]graph.Node, error) {
	if len(ids) > maxNodes {
		return nil, &accounts.Error{Code: accounts.CodeInvalid, Message: fmt.Sprintf("There are %d ids; at most %d are possible.", len(ids), maxNodes)}
	}
	nodes := make([]graph.Node, len(ids))
	for i, id := range ids {
		node, err := q.Node(ctx, id)
		if err != nil {
			return nil, err
		}
		nodes[i] = node
	}
	return nodes, nil
}

func (q query) Platforms(_ context.Context, ids []string) ([]*accounts.Platform, error) {
	return q.Service.Platforms(ids...), nil
}

func (q query) Platform(_ context.Context, id string) (*accounts.Platform, error) {
	return q.Service.Platform(id), nil
}

func (q query) Account(ctx context.Context, id string) (*accounts.Account, error) {
	actor, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	return orNull(q.Service.Account(ctx, actor, id))
}

func (q query) Accounts(ctx context.Context, first *int, after *string, last *int, before *string, filter *accounts.Filter, orderBy *accounts.Order) (*graph.AccountConnection, error) {
	actor, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	f := value(filter)
	p, err := q.Service.Accounts(ctx, actor, f, value(orderBy), accounts.Paging{First: first, Last: last, After: after, Before: before})
	if err != nil {
		return nil, err
	}
	return accountPage(p, f), nil
}

func (p page) TotalCount(ctx context.Context, c *graph.AccountConnection) (int, error) {
	actor, err := caller(ctx)
	if err != nil {
		return 0, err
	}
	return p.Service.CountAccounts(ctx, actor, c.Filter)
}

func (q query) Overview(ctx context.Context) (*accounts.Overview, error) {
	actor, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	return q.Service.Overview(ctx, actor)
}

func (o overview) History(ctx context.Context, _ *accounts.Overview, days int) ([]*accounts.HistoryDay, error) {
	actor, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	return o.Service.History(ctx, actor, days)
}

func (o overview) Upcoming(ctx context.Context, _ *accounts.Overview, days int) ([]*accounts.UpcomingDay, error) {
	actor, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	return o.Service.Upcoming(ctx, actor, days)
}

func (q query) ConnectAttempt(ctx context.Context, id string) (*accounts.Attempt, error) {
	actor, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	return orNull(q.Service.Attempt(ctx, actor, id))
}

func (q query) Diagnose(ctx context.Context, input accounts.Trouble) (*diagnosis.Diagnosis, error) {
	actor, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	return q.Service.Troubleshoot(ctx, actor, input)
}

func (q query) Events(ctx context.Context, first *int, after *string, last *int, before *string, filter *accounts.EventFilter) (*graph.EventConnection, error) {
	return q.eventPage(ctx, value(filter), accounts.Paging{First: first, After: after, Last: last, Before: before})
}

func (a account) Events(ctx context.Context, of *accounts.Account, first *int, after *string, last *int, before *string) (*graph.EventConnection, error) {
	return a.eventPage(ctx, accounts.EventFilter{AccountIDs: []string{of.ID}}, accounts.Paging{First: first, After: after, Last: last, Before: before})
}

func (a account) RateLimits(ctx context.Context, of *accounts.Account) ([]*accounts.RateLimit, error) {
	return a.Service.AccountRateLimits(ctx, of)
}

func (a account) RateLimit(ctx context.Context, of *accounts.Account) (*accounts.RateLimit, error) {
	limits, err := a.Service.AccountRateLimits(ctx, of)
	return accounts.Tightest(limits), err
}

func (p platform) Prerequisites(ctx context.Context, of *accounts.Platform) (*accounts.Prerequisites, error) {
	return p.Service.Prerequisites(ctx, of)
}

func (p platform) Incident(ctx context.Context, of *accounts.Platform) (*accounts.Incident, error) {
	return p.Service.PlatformIncident(ctx, of)
}

func (p platform) RateLimits(ctx context.Context, of *accounts.Platform) ([]*accounts.RateLimit, error) {
	return p.Service.PlatformRateLimits(ctx, of)
}

func (p platform) RateLimit(ctx context.Context, of *accounts.Platform) (*accounts.RateLimit, error) {
	limits, err := p.Service.PlatformRateLimits(ctx, of)
	return accounts.Tightest(limits), err
}

func (r *Resolver) eventPage(ctx context.Context, f accounts.EventFilter, paging accounts.Paging) (*graph.EventConnection, error) {
	actor, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	p, err := r.Service.Events(ctx, actor, f, paging)
	if err != nil {
		return nil, err
	}
	return eventPage(p), nil
}

func (a attempt) Accounts(ctx context.Context, of *accounts.Attempt) ([]*accounts.Account, error) {
	actor, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	found, err := a.Service.AccountsByID(ctx, actor, of.AccountIDs)
	if found == nil {
		found = []*accounts.Account{}
	}
	return found, err
}

func (a attempt) Reconnects(ctx context.Context, of *accounts.Attempt) (*accounts.Account, error) {
	if of.ReconnectsID == "" {
		return nil, nil
	}
	actor, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	return orNull(a.Service.Account(ctx, actor, of.ReconnectsID))
}

func (c candidate) Account(ctx context.Context, of *accounts.Candidate) (*accounts.Account, error) {
	actor, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	return orNull(c.Service.CandidateAccount(ctx, actor, of))
}
