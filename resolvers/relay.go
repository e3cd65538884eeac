package resolvers

import (
	"mooring/accounts"
	"mooring/graph"
)

// accountPage is a page of accounts as the Relay specification has it.
func accountPage(p *accounts.Page, f accounts.Filter) *graph.AccountConnection {
	c := &graph.AccountConnection{
		Edges: make([]*graph.AccountEdge, len(p.Accounts)), Nodes: p.Accounts, Filter: f,
		PageInfo: pageInfo(p.Cursors, p.HasNext, p.HasPrevious),
	}
	for i, a := range p.Accounts {
		c.Edges[i] = &graph.AccountEdge{Cursor: p.Cursors[i], Node: a}
	}
	return c
}

// eventPage is a page of the log as the Relay specification has it.
func eventPage(p *accounts.EventPage) *graph.EventConnection {
	c := &graph.EventConnection{
		Edges: make([]*graph.EventEdge, len(p.Events)), Nodes: p.Events,
		PageInfo: pageInfo(p.Cursors, p.HasNext, p.HasPrevious),
	}
	for i, e := range p.Events {
		c.Edges[i] = &graph.EventEdge{Cursor: p.Cursors[i], Node: e}
	}
	return c
}

func pageInfo(cursors []string, next, previous bool) *graph.PageInfo {
	info := &graph.PageInfo{HasNextPage: next, HasPreviousPage: previous}
	if len(cursors) > 0 {
		info.StartCursor, info.EndCursor = &cursors[0], &cursors[len(cursors)-1]
	}
	return info
}
