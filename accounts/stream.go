package accounts

import (
	"context"
	"log/slog"
	"slices"

	"mooring/auth"
)

// MaxSnapshot is how many accounts a health stream starts with at most; beyond
// that it sends RESYNC and the client queries.
const MaxSnapshot = 1000

// StreamNotice is a message to the client of a stream.
type StreamNotice string

// Resync tells the client that what it holds may be out of date: a snapshot
// follows or, where it would be too large, the client queries again.
const Resync StreamNotice = "RESYNC"

// HealthFilter says whose health. Conditions are joined by and; an empty one
// is no condition.
type HealthFilter struct {
	AccountIDs []string
	Platforms  []string
	Statuses   []Status
}

// HealthChange is one item of a health stream. It holds nothing that depends
// on who reads it.
type HealthChange struct {
	Cursor         string
	Replayed       bool // from before the subscription
	Notice         *StreamNotice
	Account        *Account // nil in a notice
	Health         *Health  // nil in a notice
	PreviousStatus *Status  // nil in a snapshot, or for a new account
}

// EventAdded is one item of a stream of the log.
type EventAdded struct {
	Cursor   string
	Replayed bool
	Notice   *StreamNotice
	Event    *Event // nil in a notice
}

// HealthChanges streams the health of the workspace's accounts until ctx ends.
// Without after it starts with a snapshot, whose cursor was read before the
// state; otherwise with what was missed. Health is state: a slow reader gets
// the latest of each account. An account that leaves the filter's statuses is
// sent once more, as it left.
func (s *Service) HealthChanges(ctx context.Context, by auth.Actor, f HealthFilter, after *string) (<-chan *HealthChange, error) {
	if len(f.AccountIDs) > MaxSnapshot {
		return nil, invalid("accountIds", "There are %d ids; at most %d are possible.", len(f.AccountIDs), MaxSnapshot)
	}
	from, err := s.resume(ctx, after)
	if err != nil {
		return nil, err
	}
	var first []*HealthChange
	if after == nil || from.resync {
		snapshot, whole, err := s.snapshot(ctx, by, f, from.position)
		if err != nil {
			return nil, err
		}
		if from.resync || !whole {
			notice := Resync
			first = append(first, &HealthChange{Cursor: s.cursor(from.position), Replayed: true, Notice: &notice})
		}
		first = append(first, snapshot...)
	}
	pick := func(entries []entry) []*HealthChange { return s.pickHealth(entries, by, f, from.last) }
	return follow(ctx, s.hub, from.position, first, pick, s.loader(ctx, by.Workspace)), nil
}

// start is where a stream starts.
type start struct {
	position int64 // after this
	last     int64 // what is not after this happened before the subscription
	resync   bool  // the client's cursor is of no use
}

func (s *Service) resume(ctx context.Context, after *string) (start, error) {
	// What a snapshot shows must not come again as a change.
	if err := s.sequence(ctx); err != nil {
		return start{}, err
	}
	last, prunedTo, err := s.logBounds(ctx)
	if err != nil || after == nil {
		return start{position: last, last: last}, err
	}
	c, err := parseCursor("after", *after)
	if err != nil {
		return start{}, err
	}
	if c.log != s.logID || c.position < prunedTo || c.position > last {
		return start{position: last, last: last, resync: true}, nil
	}
	return start{position: c.position, last: last}, nil
}

// loader reads a workspace's entries that the hub no longer remembers.
func (s *Service) loader(ctx context.Context, workspace string) func(int64) ([]entry, error) {
	return func(after int64) ([]entry, error) {
		events, err := s.workspaceEvents(ctx, workspace, after, tailPage)
		if err == nil {
			var entries []entry
			if entries, err = s.entries(ctx, events); err == nil {
				return entries, nil
			}
		}
		if ctx.Err() == nil {
			s.log.LogAttrs(ctx, slog.LevelError, "read the event log for a subscriber", slog.Any("error", err))
		}
		return nil, err
	}
}

// snapshot returns the present health of the accounts that a filter leaves, or
// whole = false if there are more than MaxSnapshot.
func (s *Service) snapshot(ctx context.Context, by auth.Actor, f HealthFilter, position int64) (changes []*HealthChange, whole bool, err error) {
	now := present()
	where := filterSQL(Filter{IDs: f.AccountIDs, Platforms: f.Platforms, Statuses: f.Statuses},
		by.Workspace, now, s.opts.ExpiringWithin)
	rows, err := s.selectAccounts(ctx, where, newOrdering(Order{}).by(false), MaxSnapshot+1)
	if err != nil || len(rows) > MaxSnapshot {
		return nil, false, err
	}
	cursor := s.cursor(position)
	for i := range rows {
		a := s.account(&rows[i], now)
		changes = append(changes, &HealthChange{Cursor: cursor, Replayed: true, Account: a, Health: &a.Health})
	}
	return changes, true, nil
}

// pickHealth joins entries to one change for each account: its latest state,
// and the status before the first of them.
func (s *Service) pickHealth(entries []entry, by auth.Actor, f HealthFilter, last int64) []*HealthChange {
	var changes []*HealthChange // the latest first
	seen := map[string]*HealthChange{}
	for _, e := range slices.Backward(entries) {
		if e.Status == nil || e.account == nil || !e.seenBy(by) ||
			!anyOf(f.AccountIDs, e.AccountID) || !anyOf(f.Platforms, e.Platform) ||
			!anyOf(f.Statuses, e.Status) && !anyOf(f.Statuses, e.PreviousStatus) {
			continue
		}
		if later := seen[e.account.ID]; later != nil {
			later.PreviousStatus = e.PreviousStatus
			continue
		}
		change := &HealthChange{
			Cursor: s.cursor(e.position), Replayed: e.position <= last,
			Account: e.account, Health: &e.account.Health, PreviousStatus: e.PreviousStatus,
		}
		seen[e.account.ID] = change
		changes = append(changes, change)
	}
	slices.Reverse(changes)
	return changes
}

// EventsAdded streams the workspace's log, in order and without gaps, until
// ctx ends: what the actor may see, from after on or, without it, from now on.
func (s *Service) EventsAdded(ctx context.Context, by auth.Actor, f EventFilter, after *string) (<-chan *EventAdded, error) {
	from, err := s.resume(ctx, after)
	if err != nil {
		return nil, err
	}
	var first []*EventAdded
	if from.resync {
		notice := Resync
		first = append(first, &EventAdded{Cursor: s.cursor(from.position), Replayed: true, Notice: &notice})
	}
	pick := func(entries []entry) []*EventAdded {
		var added []*EventAdded
		for _, e := range entries {
			if e.seenBy(by) && f.matches(e.Event) {
				added = append(added, &EventAdded{
					Cursor: s.cursor(e.position), Replayed: e.position <= from.last, Event: e.Event,
				})
			}
		}
		return added
	}
	return follow(ctx, s.hub, from.position, first, pick, s.loader(ctx, by.Workspace)), nil
}

// AttemptChanges streams one attempt: its present state, then each change
// until it has ended, when the channel is closed.
func (s *Service) AttemptChanges(ctx context.Context, by auth.Actor, id string) (<-chan *Attempt, error) {
	from, err := s.resume(ctx, nil)
	if err != nil {
		return nil, err
	}
	attempt, err := s.Attempt(ctx, by, id)
	if err != nil {
		return nil, err
	}
	pick := func(entries []entry) []*Attempt {
		for _, e := range slices.Backward(entries) { // it is state: the latest will do
			if e.attempt != nil && e.attempt.ID == id {
				return []*Attempt{e.attempt}
			}
		}
		return nil
	}
	following, cancel := context.WithCancel(ctx)
	changes := follow(following, s.hub, from.position, []*Attempt{attempt}, pick, s.loader(ctx, by.Workspace))
	out := make(chan *Attempt)
	go func() {
		defer cancel()
		defer close(out)
		for {
			select {
			case a := <-changes:
				select {
				case out <- a:
				case <-ctx.Done():
					return
				}
				if a.Status.Ended() {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	return out, nil
}
