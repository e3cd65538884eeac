package accounts

import (
	"context"
	"fmt"

	"mooring/auth"
)

// Overview is a workspace at a glance.
type Overview struct {
	TotalAccounts int
	ByStatus      []StatusCount // all statuses
	ByPlatform    []PlatformCount
	NextExpiries  []*Account // at most nextExpiries, the first first
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
	var rows []struct {
		Platform string `db:"platform"`
		Status   Status `db:"status_now"`
		Count    int    `db:"n"`
	}
	args := append(statusArgs(now, s.opts.ExpiringWithin), by.Workspace)
	err := list(ctx, s.db.read, &rows, `
		SELECT platform, status_now, count(*) AS n FROM (
			SELECT a.platform, `+statusSQL+` AS status_now
			FROM accounts a WHERE a.workspace = ? AND a.disconnected_at IS NULL) counted
		GROUP BY platform, status_now`, args...)
	if err != nil {
		return nil, fmt.Errorf("count accounts: %w", err)
	}
	total := map[Status]int{}
	byPlatform := map[string]map[Status]int{}
	o := &Overview{ByPlatform: []PlatformCount{}}
	for _, r := range rows {
		if byPlatform[r.Platform] == nil {
			byPlatform[r.Platform] = map[Status]int{}
		}
		byPlatform[r.Platform][r.Status] = r.Count
		total[r.Status] += r.Count
		o.TotalAccounts += r.Count
	}
	o.ByStatus = statusCounts(total)
	for _, p := range s.Platforms() {
		counts := byPlatform[p.ID]
		if counts == nil {
			continue
		}
		pc := PlatformCount{Platform: p, ByStatus: statusCounts(counts)}
		for _, n := range counts {
			pc.Count += n
		}
		o.ByPlatform = append(o.ByPlatform, pc)
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
