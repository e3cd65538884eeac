package accounts

import (
	"context"
	"time"

	"mooring/auth"
)

// HistoryDay is what happened in a workspace on one day, in UTC.
type HistoryDay struct {
	Day time.Time // when it began
	// RefreshesSucceeded counts grants that got new tokens, RefreshesFailed the
	// requests for some that came to nothing, those that were repeated included.
	RefreshesSucceeded, RefreshesFailed int
	Broke                               int // changes of an account from working to EXPIRED or UNHEALTHY
	Recovered                           int // and back, by themselves or by a reconnect
	IncidentsOpened                     int // at all platforms
}

// UpcomingDay is how many working accounts end on one day, in UTC, unless a
// person reconnects them.
type UpcomingDay struct {
	Day   time.Time // when it begins
	Count int
}

// maxDays is how many days History and Upcoming look away from the present.
const maxDays = 366

// History returns what happened on each of the last days, the present one being
// the last. It is kept for Options.EventsKeep, and there are days from before.
func (s *Service) History(ctx context.Context, by auth.Actor, n int) ([]*HistoryDay, error) {
	if err := checkDays(n); err != nil {
		return nil, err
	}
	until := present().Truncate(days(1)).Add(days(1))
	from := until.Add(-days(n))
	history := make([]*HistoryDay, n)
	for i := range history {
		history[i] = &HistoryDay{Day: from.Add(days(i))}
	}
	of := func(day instant) *HistoryDay { return history[day.Sub(from)/days(1)] }
	refreshes, err := s.refreshesByDay(ctx, by.Workspace, from, until)
	if err != nil {
		return nil, err
	}
	for _, r := range refreshes {
		of(r.Day).RefreshesSucceeded, of(r.Day).RefreshesFailed = r.Succeeded, r.Failed
	}
	changes, err := s.changesByDay(ctx, by.Workspace, from, until)
	if err != nil {
		return nil, err
	}
	for _, c := range changes {
		switch day := of(c.Day); {
		case c.Type == IncidentOpened:
			day.IncidentsOpened += c.Count
		case c.Status.broken() && !c.Previous.broken():
			day.Broke += c.Count
		case c.Previous.broken() && !c.Status.broken():
			day.Recovered += c.Count
		}
	}
	return history, nil
}

// Upcoming returns how many accounts end on each of the coming days, the
// present one being the first. Accounts gives those of a day, by a filter of
// the statuses HEALTHY and EXPIRING_SOON and the moments between which they end.
func (s *Service) Upcoming(ctx context.Context, by auth.Actor, n int) ([]*UpcomingDay, error) {
	if err := checkDays(n); err != nil {
		return nil, err
	}
	now := present()
	from := now.Truncate(days(1))
	until := from.Add(days(n))
	upcoming := make([]*UpcomingDay, n)
	for i := range upcoming {
		upcoming[i] = &UpcomingDay{Day: from.Add(days(i))}
	}
	ends, err := s.endsByDay(ctx, filterSQL(Filter{
		Statuses: []Status{Healthy, ExpiringSoon}, ExpiresFrom: &now, ExpiresTo: &until,
	}, by.Workspace, now, s.opts.ExpiringWithin))
	if err != nil {
		return nil, err
	}
	for _, e := range ends {
		upcoming[e.Day.Sub(from)/days(1)].Count = e.Count
	}
	return upcoming, nil
}

func checkDays(n int) error {
	if n < 1 || n > maxDays {
		return invalid("days", "%d days are not possible; ask for 1 to %d.", n, maxDays)
	}
	return nil
}
