package resolvers

import (
	"context"

	"mooring/accounts"
)

func (s subscriber) HealthChanged(ctx context.Context, accountIDs, platforms []string, statuses []accounts.Status, after *string) (<-chan *accounts.HealthChange, error) {
	actor, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	f := accounts.HealthFilter{AccountIDs: accountIDs, Platforms: platforms, Statuses: statuses}
	return s.Service.HealthChanges(ctx, actor, f, after)
}

func (s subscriber) ConnectAttemptChanged(ctx context.Context, id string) (<-chan *accounts.Attempt, error) {
	actor, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	return s.Service.AttemptChanges(ctx, actor, id)
}

func (s subscriber) EventAdded(ctx context.Context, after *string, filter *accounts.EventFilter) (<-chan *accounts.EventAdded, error) {
	actor, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	return s.Service.EventsAdded(ctx, actor, value(filter), after)
}
