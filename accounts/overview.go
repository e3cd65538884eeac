package accounts

import (
	"context"

	"mooring/auth"
)

// Overview is a workspace at a glance.
type Overview struct {
	TotalAccounts int
	ByStatus      []StatusCount // all statuses
	ByPlatform    []PlatformCount
	NextExpiries  []*Account // at most nextExpiries, the first first
	Queue         Queue
	Incidents     []*Incident // of all platforms, the oldest first
}

// StatusCount is how many accounts are in a status.
type StatusCount struct {
	Status Status
	Count  int
}

// PlatformCount is how many accounts a platform has.
type PlatformCount struct {
	Platform *Platform
	Count    int
	ByStatus []StatusCount // all statuses
}

// nextExpiries is how many accounts an overview lists.
const nextExpiries = 10

// Overview counts the workspace's connected accounts. Its counts are those
// that Accounts gives with the same filters.
func (s *Service) Overview(ctx context.Context, by auth.Actor) (*Overview, error) {
	now := present()
	byPlatform, err := s.countByStatus(ctx, by.Workspace, now)
	if err != nil {
		return nil, err
	}
	total := map[Status]int{}
	o := &Overview{ByPlatform: []PlatformCount{}}
	for _, p := range s.Platforms() {
		counts := byPlatform[p.ID]
		if counts == nil {
			continue
		}
		pc := PlatformCount{Platform: p, ByStatus: statusCounts(counts)}
		for status, n := range counts {
			pc.Count += n
			total[status] += n
		}
		o.TotalAccounts += pc.Count
		o.ByPlatform = append(o.ByPlatform, pc)
	}
	o.ByStatus = statusCounts(total)
	if o.Incidents, err = s.incidents(ctx); err != nil {
		return nil, err
	}
	if o.Queue, err = s.queue(ctx, by.Workspace, now); err != nil {
		return nil, err
	}
	if o.Queue.NextRefreshAt, err = s.nextRefreshOf(ctx, by.Workspace, now); err != nil {
		return nil, err
	}
	where := filterSQL(Filter{}, by.Workspace, now, s.opts.ExpiringWithin)
	where.and("a.verdict = '' AND a.expires_at > ?", now.UnixMilli())
	expiring, err := s.selectAccounts(ctx, where, newOrdering(Order{Field: OrderExpiresAt}).by(false), nextExpiries)
	if err != nil {
		return nil, err
	}
	o.NextExpiries = []*Account{}
	for i := range expiring {
		o.NextExpiries = append(o.NextExpiries, s.account(&expiring[i], now))
	}
	return o, nil
}

func statusCounts(counts map[Status]int) []StatusCount {
	var all []StatusCount
	for _, st := range Statuses {
		all = append(all, StatusCount{st, counts[st]})
	}
	return all
}
