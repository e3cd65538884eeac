package accounts

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/jmoiron/sqlx"

	"mooring/auth"
	"mooring/diagnosis"
)

// eventRow is an event as the database has it; absent values are ”.
type eventRow struct {
	Position       int64     `db:"position"`
	ID             string    `db:"id"`
	Workspace      string    `db:"workspace"`
	Type           EventType `db:"type"`
	At             instant   `db:"at"`
	EffectiveAt    instant   `db:"effective_at"`
	Actor          string    `db:"actor"`
	AccountID      string    `db:"account_id"`
	AttemptID      string    `db:"attempt_id"`
	Platform       string    `db:"platform"`
	PreviousStatus string    `db:"previous_status"`
	Status         string    `db:"status"`
	Reason         string    `db:"reason"`
	Days           int       `db:"days"`
	IssueType      string    `db:"issue_type"`
	RequestID      string    `db:"request_id"`
	BulkID         string    `db:"bulk_id"`
	About          string    `db:"about"`
	Count          int       `db:"count"`
}

const (
	eventColumns = `position, id, workspace, type, at, effective_at, actor, account_id, attempt_id, platform,
		previous_status, status, reason, days, issue_type, request_id, bulk_id, about, count`
	selectEvent = "SELECT " + eventColumns + " FROM events"
)

func (r *eventRow) event() *Event {
	e := &Event{
		position: r.Position, ID: r.ID, Workspace: r.Workspace, Type: r.Type,
		At: r.At.Time, EffectiveAt: r.EffectiveAt.Time,
		Actor: optional[string](r.Actor), AccountID: optional[string](r.AccountID), AttemptID: optional[string](r.AttemptID),
		Platform:       optional[string](r.Platform),
		PreviousStatus: optional[Status](r.PreviousStatus), Status: optional[Status](r.Status),
		Reason: optional[Reason](r.Reason), IssueType: optional[diagnosis.IssueType](r.IssueType),
		RequestID: optional[string](r.RequestID), BulkID: optional[string](r.BulkID),
		About: optional[string](r.About), Count: r.Count,
	}
	if r.Days > 0 {
		e.Days = &r.Days
	}
	return e
}

// appendEvent adds an event to the log, within the transaction that makes it
// true. At, and EffectiveAt unless set, become the present.
func appendEvent(ctx context.Context, tx *sqlx.Tx, e Event) error {
	e.At = present()
	if e.EffectiveAt.IsZero() {
		e.EffectiveAt = e.At
	}
	mark := 0
	if e.Days != nil {
		mark = *e.Days
	}
	_, err := exec(ctx, tx, `
		INSERT INTO events (id, workspace, type, visibility, at, effective_at, actor, account_id, attempt_id,
			platform, previous_status, status, reason, days, issue_type, request_id, bulk_id, about, count)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		newID("evt_"), e.Workspace, e.Type, e.Type.visibility(), instant{e.At}, instant{e.EffectiveAt},
		text(e.Actor), text(e.AccountID), text(e.AttemptID), text(e.Platform), text(e.PreviousStatus),
		text(e.Status), text(e.Reason), mark, text(e.IssueType), RequestID(ctx), text(e.BulkID), text(e.About), max(1, e.Count))
	if err != nil {
		return fmt.Errorf("append event %s: %w", e.Type, err)
	}
	return nil
}

// span is a part of the log: what is after one position and before another. It
// is read in the order of the log, or backward.
type span struct {
	after, before int64
	backward      bool
}

// since is the span of all that is after a position.
func since(position int64) span { return span{after: position, before: math.MaxInt64} }

// selectEvents reads the first events of a part of a workspace's log.
func (s *Service) selectEvents(ctx context.Context, workspace string, f EventFilter, seen []auth.Permission, part span, limit int) ([]*Event, error) {
	c := &condition{}
	if len(seen) == 0 {
		return nil, nil
	}
	c.and("visibility IN (?)", seen)
	if len(f.Types) > 0 {
		c.and("type IN (?)", f.Types)
	}
	if len(f.AccountIDs) > 0 {
		c.and("account_id IN (?)", f.AccountIDs)
	}
	if len(f.Platforms) > 0 {
		c.and("platform IN (?)", f.Platforms)
	}
	if len(f.Actors) > 0 {
		c.and("actor IN (?)", f.Actors)
	}
	if len(f.RequestIDs) > 0 {
		c.and("request_id IN (?)", f.RequestIDs)
	}
	if f.From != nil {
		c.and("at >= ?", f.From.UnixMilli())
	}
	if f.To != nil {
		c.and("at < ?", f.To.UnixMilli())
	}
	if c.err != nil {
		return nil, fmt.Errorf("read events: %w", c.err)
	}
	return s.eventsOf(ctx, workspace, c, part, limit)
}

// happened reports whether a workspace's log has an event of the same type and
// about the same since a moment.
func (s *Service) happened(ctx context.Context, like Event, since time.Time) (bool, error) {
	var found bool
	// Not by position: another replica's is yet to get one.
	err := get(ctx, s.db.read, &found, "SELECT EXISTS (SELECT 1 FROM events WHERE workspace = ? AND at > ? AND type = ? AND about = ?)",
		like.Workspace, instant{since}, like.Type, text(like.About))
	if err != nil {
		return false, fmt.Errorf("look for %s: %w", like.Type, err)
	}
	return found, nil
}

// eventsOf reads the first events of a part of a workspace's log, and of the whole
// installation's. Each kind is a walk along the index.
func (s *Service) eventsOf(ctx context.Context, workspace string, c *condition, part span, limit int) ([]*Event, error) {
	c.and("position > ?", part.after)
	c.and("position < ?", part.before)
	order := "ORDER BY position"
	if part.backward {
		order += " DESC"
	}
	walk := "SELECT " + eventColumns + " FROM (" + selectEvent + " WHERE workspace = ? AND " + c.String() + " " + order + " LIMIT ?)"
	query := walk + " own UNION ALL " + walk + " common " + order + " LIMIT ?"
	args := append(append([]any{workspace}, c.args...), limit, "")
	args = append(append(args, c.args...), limit, limit)
	return s.readEvents(ctx, query, args...)
}

// workspaceEvents reads a workspace's log after a position.
func (s *Service) workspaceEvents(ctx context.Context, workspace string, after int64, limit int) ([]*Event, error) {
	return s.eventsOf(ctx, workspace, &condition{}, since(after), limit)
}

// eventsAnywhere reads the log of all workspaces after a position.
func (s *Service) eventsAnywhere(ctx context.Context, after int64, limit int) ([]*Event, error) {
	return s.readEvents(ctx, selectEvent+" WHERE position > ? ORDER BY position LIMIT ?", after, limit)
}

// event reads one event that an actor may see, or an *Error with CodeNotFound.
func (s *Service) event(ctx context.Context, by auth.Actor, id string) (*Event, error) {
	found, err := s.readEvents(ctx, selectEvent+" WHERE id = ? AND workspace IN (?, '') AND position IS NOT NULL", id, by.Workspace)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 || !found[0].seenBy(by) {
		return nil, notFound("id", "event", id)
	}
	return found[0], nil
}

func (s *Service) readEvents(ctx context.Context, query string, args ...any) ([]*Event, error) {
	var rows []eventRow
	if err := list(ctx, s.db.read, &rows, query, args...); err != nil {
		return nil, fmt.Errorf("read events: %w", err)
	}
	events := make([]*Event, len(rows))
	for i := range rows {
		events[i] = rows[i].event()
	}
	return events, nil
}

// logBounds returns the position of the last event, and that up to which
// events have been pruned.
func (s *Service) logBounds(ctx context.Context) (last, prunedTo int64, err error) {
	var row struct {
		Last     int64 `db:"last"`
		PrunedTo int64 `db:"pruned_to"`
	}
	err = get(ctx, s.db.read, &row, `
		SELECT coalesce((SELECT max(position) FROM events), pruned_to) AS last, pruned_to FROM installation`)
	if err != nil {
		return 0, 0, fmt.Errorf("read the log's bounds: %w", err)
	}
	return row.Last, row.PrunedTo, nil
}

// sequence gives committed events their position, on PostgreSQL, where a
// sequence is not commit order. The lock on the one installation row lets one
// replica do so at a time; since a position is only ever given to what has
// been committed, in one transaction after the other, a reader that has seen a
// position has seen all before it. It wakes the other replicas.
func (s *Service) sequence(ctx context.Context) error {
	if s.db.postgres == nil {
		return nil
	}
	var waiting bool
	if err := get(ctx, s.db.read, &waiting, "SELECT EXISTS (SELECT 1 FROM events WHERE position IS NULL)"); err != nil {
		return fmt.Errorf("sequence events: %w", err)
	}
	if !waiting {
		return nil
	}
	err := s.db.transact(ctx, func(tx *sqlx.Tx) error {
		if _, err := exec(ctx, tx, "SELECT 1 FROM installation FOR UPDATE"); err != nil {
			return err
		}
		// A statement of its own, so that its snapshot is younger than the lock.
		if err := givePositions(ctx, tx); err != nil {
			return err
		}
		_, err := exec(ctx, tx, "SELECT pg_notify(?, '')", notifyChannel)
		return err
	})
	if err != nil {
		return fmt.Errorf("sequence events: %w", err)
	}
	return nil
}

// givePositions gives the events that the transaction sees without a position one,
// on PostgreSQL.
func givePositions(ctx context.Context, tx *sqlx.Tx) error {
	_, err := exec(ctx, tx, `
		WITH fresh AS MATERIALIZED (
			SELECT seq, row_number() OVER (ORDER BY seq) AS n FROM events WHERE position IS NULL
		), base AS MATERIALIZED (
			SELECT coalesce((SELECT max(position) FROM events), pruned_to) AS position FROM installation
		)
		UPDATE events SET position = base.position + fresh.n FROM fresh, base WHERE events.seq = fresh.seq`)
	return err
}

// deleteEvents deletes up to limit events from before a moment and returns how
// many it deleted.
func (s *Service) deleteEvents(ctx context.Context, before time.Time, limit int) (int, error) {
	var deleted int
	err := s.db.transact(ctx, func(tx *sqlx.Tx) error {
		deleted = 0
		var oldest []struct {
			Position int64   `db:"position"`
			At       instant `db:"at"`
		}
		err := list(ctx, tx, &oldest, `
			SELECT position, at FROM events WHERE position IS NOT NULL ORDER BY position LIMIT ?`, limit)
		if err != nil {
			return err
		}
		for deleted < len(oldest) && oldest[deleted].At.Before(before) {
			deleted++
		}
		if deleted == 0 {
			return nil
		}
		last := oldest[deleted-1].Position
		if _, err := exec(ctx, tx, "DELETE FROM events WHERE position <= ?", last); err != nil {
			return err
		}
		_, err = exec(ctx, tx, "UPDATE installation SET pruned_to = ? WHERE pruned_to < ?", last, last)
		return err
	})
	return deleted, err
}

// text is ” for nil.
func text[T ~string](v *T) string {
	if v == nil {
		return ""
	}
	return string(*v)
}
