package accounts

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"mooring/platforms"
)

// Queue is how far refreshing has got. What is claimed counts as under way.
type Queue struct {
	Due           int       // waiting, their moment having come
	OldestDueAt   time.Time // of those; zero if there are none
	InFlight      int
	NextRefreshAt time.Time // of a workspace's accounts: when the next one's will come; zero if none will
}

// Vitals are what an operator watches, over all workspaces.
type Vitals struct {
	SweptAt   time.Time // when this process last looked what is to be refreshed; zero where it never does
	Queue     Queue
	Incidents []*Incident
	Streams   int // subscriptions that this process serves
}

// Vitals returns the present state of the whole installation. It costs by what
// is due, not by how many accounts there are.
func (s *Service) Vitals(ctx context.Context) (*Vitals, error) {
	v := &Vitals{Streams: s.hub.count()}
	if !s.opts.RefreshOff {
		v.SweptAt = time.UnixMilli(s.refresher.swept.Load()).UTC()
	}
	var err error
	if v.Queue, err = s.queue(ctx, "", present()); err != nil {
		return nil, err
	}
	v.Incidents, err = s.incidents(ctx)
	return v, err
}

// CountAll returns how many accounts all workspaces have together, by the
// platform's id and status. It looks at every account.
func (s *Service) CountAll(ctx context.Context) (map[string]map[Status]int, error) {
	return s.countByStatus(ctx, "", present())
}

// Check reports whether the service can do its work: the database answers, and,
// where tokens are refreshed, a sweep has ended in the time that three take.
func (s *Service) Check(ctx context.Context) error {
	var one int
	if err := get(ctx, s.db.read, &one, "SELECT id FROM installation"); err != nil {
		return fmt.Errorf("ask the database: %w", err)
	}
	silent := present().Sub(time.UnixMilli(s.refresher.swept.Load()))
	if !s.opts.RefreshOff && silent > 3*s.longestSleep() {
		return fmt.Errorf("nothing has looked for %s what is to be refreshed", approximately(silent))
	}
	return nil
}

// queue reads the refreshes of a workspace; "" for all.
func (s *Service) queue(ctx context.Context, workspace string, now time.Time) (Queue, error) {
	c := &condition{}
	c.and("r.app_id IN (?)", append(s.appIDs(), ""))
	c.and("r.due_at <= ?", instant{now.Add(s.opts.Lease)}) // when what is claimed now is due again
	if workspace != "" {
		c.and("EXISTS (SELECT 1 FROM grants g WHERE g.id = r.grant_id AND g.workspace = ?)", workspace)
	}
	var row struct {
		Due      int     `db:"due"`
		Oldest   instant `db:"oldest"`
		InFlight int     `db:"in_flight"`
	}
	err := errors.Join(c.err, get(ctx, s.db.read, &row, `
		SELECT count(CASE WHEN r.due_at <= ? THEN 1 END) AS due, min(CASE WHEN r.due_at <= ? THEN r.due_at END) AS oldest,
		       count(CASE WHEN r.due_at > ? AND r.owner <> '' THEN 1 END) AS in_flight
		FROM refreshes r WHERE `+c.String(), append([]any{instant{now}, instant{now}, instant{now}}, c.args...)...))
	if err != nil {
		return Queue{}, fmt.Errorf("read what is to be refreshed: %w", err)
	}
	return Queue{Due: row.Due, OldestDueAt: row.Oldest.Time, InFlight: row.InFlight}, nil
}

// nextRefreshOf returns when the next of a workspace's accounts is to be
// refreshed; the zero time if none is.
func (s *Service) nextRefreshOf(ctx context.Context, workspace string, now time.Time) (time.Time, error) {
	var next instant
	err := get(ctx, s.db.read, &next, `
		SELECT min(next_refresh_at) FROM accounts
		WHERE workspace = ? AND disconnected_at IS NULL AND paused_at IS NULL AND auto_refresh = 1 AND next_refresh_at > ?`, workspace, instant{now})
	if err != nil {
		return time.Time{}, fmt.Errorf("read the next refresh: %w", err)
	}
	return next.Time, nil
}

func (s *Service) appIDs() []string {
	var ids []string
	for id := range s.apps {
		ids = append(ids, id)
	}
	return ids
}

// incidents reads the incidents of all apps, the oldest first.
func (s *Service) incidents(ctx context.Context) ([]*Incident, error) {
	query, args, err := sqlx.In("SELECT id, incident FROM apps WHERE incident IS NOT NULL AND id IN (?)", append(s.appIDs(), ""))
	if err != nil {
		return nil, fmt.Errorf("read incidents: %w", err)
	}
	var rows []struct {
		ID       string            `db:"id"`
		Incident object[*Incident] `db:"incident"`
	}
	if err := list(ctx, s.db.read, &rows, query, args...); err != nil {
		return nil, fmt.Errorf("read incidents: %w", err)
	}
	open := []*Incident{}
	for _, r := range rows {
		r.Incident.v.Platform = s.platforms[s.apps[r.ID].Platform.ID]
		open = append(open, r.Incident.v)
	}
	slices.SortFunc(open, func(a, b *Incident) int { return a.Since.Compare(b.Since) })
	return open, nil
}

// resultOf names what came of a request to a platform, for counting: ok, unknown
// where no answer came, the class of its failure, or internal.
func resultOf(failure error) string {
	e, ok := errors.AsType[*platforms.Error](failure)
	switch {
	case failure == nil:
		return "ok"
	case !ok:
		return "internal"
	case e.Outcome == platforms.OutcomeUnknown:
		return "unknown"
	}
	return string(cmp.Or(e.Class, platforms.ClassTemporary))
}
