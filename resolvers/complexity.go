package resolvers

import (
	"mooring/accounts"
	"mooring/graph"
	"mooring/platforms"
)

// Complexity says what a field costs: a page costs its size times what is asked
// of each object.
func Complexity() graph.ComplexityRoot {
	var c graph.ComplexityRoot
	c.Query.Accounts = func(child int, first *int, _ *string, last *int, _ *string, _ *accounts.Filter, _ *accounts.Order) int {
		return 1 + size(first, last)*child
	}
	c.Query.Events = func(child int, first *int, _ *string, last *int, _ *string, _ *accounts.EventFilter) int {
		return 1 + size(first, last)*child
	}
	c.Account.Events = func(child int, first *int, _ *string, last *int, _ *string) int { return 1 + size(first, last)*child }
	c.Account.Activity = func(child int, first *int, _ *string) int { return 1 + size(first, nil)*child }
	c.BulkJob.Results = func(child int, first *int, _ *string, _ *accounts.BulkOutcome) int { return 1 + size(first, nil)*child }
	c.Query.Members = func(child int, first *int, _ *string) int { return 1 + size(first, nil)*child }
	// Lists without pages count as a usual one.
	c.Query.Invitations = func(child int) int { return 1 + accounts.DefaultPageSize*child }
	c.Query.APIKeys = c.Query.Invitations
	c.Query.Platforms = func(child int, ids []string) int { return 1 + max(len(ids), len(platforms.All()))*child }
	c.Query.Nodes = func(child int, ids []string) int { return 1 + len(ids)*child }
	// Each reads the database once for each account or platform.
	const query = 10
	c.Account.RateLimits = func(child int) int { return query + child }
	c.Account.RateLimit = c.Account.RateLimits
	c.Platform.RateLimits, c.Platform.RateLimit = c.Account.RateLimits, c.Account.RateLimits
	c.Platform.Incident = c.Account.RateLimits
	c.Platform.Prerequisites = func(child int) int { return query + 20*child }
	c.Account.Reconnect = c.Account.RateLimits
	c.Viewer.UnfinishedAttempts = func(child int) int { return query + accounts.DefaultPageSize*child }
	c.Viewer.UnfinishedBulkConnects = func(child int) int { return accounts.DefaultPageSize * (query + child) }
	// Short rows, of one query.
	c.Overview.History = func(child, days int) int { return query + max(0, days)*child/10 }
	c.Overview.Upcoming = c.Overview.History
	c.Overview.NextExpiries = func(child int) int { return 1 + 10*child }
	return c
}

// size is how many objects a page asks for. A size out of bounds is refused
// later; here it counts as the largest page.
func size(first, last *int) int {
	for _, n := range []*int{first, last} {
		if n != nil {
			return max(1, min(*n, accounts.PageSize))
		}
	}
	return accounts.DefaultPageSize
}
