package accounts

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"
)

// refreshShards is how many rows a workspace's refreshes of one day are counted
// in.
const refreshShards = 16

// tallyRefreshes counts what refreshes of grants came to. It is the last that a
// transaction does: others wait for the rows until the commit. It writes one row
// for each workspace, in their order.
func tallyRefreshes(ctx context.Context, tx *sqlx.Tx, succeeded bool, now time.Time, grants ...*grantState) error {
	of := map[string][]*grantState{}
	for _, g := range grants {
		of[g.Workspace] = append(of[g.Workspace], g)
	}
	columns := []string{"workspace TEXT", "day BIGINT", "shard BIGINT", "succeeded BIGINT", "failed BIGINT"}
	tallied, err := given(tx, columns, slices.Sorted(maps.Keys(of)), func(workspace string) []any {
		hash := fnv.New32a()
		_, _ = hash.Write([]byte(of[workspace][0].ID)) // never fails
		good, bad := 0, len(of[workspace])
		if succeeded {
			good, bad = bad, good
		}
		return []any{workspace, instant{now.Truncate(days(1))}, hash.Sum32() % refreshShards, good, bad}
	})
	if err == nil {
		_, err = exec(ctx, tx, `
			INSERT INTO refresh_days (workspace, day, shard, succeeded, failed)
			SELECT workspace, day, shard, succeeded, failed FROM `+tallied.text+` AS v WHERE true
			ON CONFLICT (workspace, day, shard) DO UPDATE SET
				succeeded = refresh_days.succeeded + excluded.succeeded, failed = refresh_days.failed + excluded.failed`, tallied.args...)
	}
	if err != nil {
		return fmt.Errorf("count refreshes: %w", err)
	}
	return nil
}

// refreshDay is how many refreshes of a day came to what.
type refreshDay struct {
	Day       instant `db:"day"`
	Succeeded int     `db:"succeeded"`
	Failed    int     `db:"failed"`
}

func (s *Service) refreshesByDay(ctx context.Context, workspace string, from, until time.Time) ([]refreshDay, error) {
	var rows []refreshDay
	err := list(ctx, s.db.read, &rows, `
		SELECT day, CAST(sum(succeeded) AS BIGINT) AS succeeded, CAST(sum(failed) AS BIGINT) AS failed FROM refresh_days
		WHERE workspace = ? AND day >= ? AND day < ? GROUP BY day`, workspace, instant{from}, instant{until})
	if err != nil {
		return nil, fmt.Errorf("read refreshes by day: %w", err)
	}
	return rows, nil
}

// changeDay is how many events of one kind became true on a day.
type changeDay struct {
	Day      instant   `db:"day"`
	Type     EventType `db:"type"`
	Previous Status    `db:"previous_status"`
	Status   Status    `db:"status"`
	Count    int       `db:"n"`
}

// changesByDay counts changes of the health of a workspace's accounts, and
// incidents. It reads nothing but the index events_by_day, whose condition it
// repeats by the letter: SQLite demands that.
func (s *Service) changesByDay(ctx context.Context, workspace string, from, until time.Time) ([]changeDay, error) {
	var rows []changeDay
	err := list(ctx, s.db.read, &rows, `
		SELECT effective_at / 86400000 * 86400000 AS day, type, previous_status, status, count(*) AS n FROM events
		WHERE workspace IN (?, '') AND effective_at >= ? AND effective_at < ?
			AND type IN ('ACCOUNT_HEALTH_CHANGED', 'ACCOUNT_RECONNECTED', 'INCIDENT_OPENED')
		GROUP BY 1, 2, 3, 4`, workspace, instant{from}, instant{until})
	if err != nil {
		return nil, fmt.Errorf("read changes by day: %w", err)
	}
	return rows, nil
}

// endDay is how many accounts end on a day.
type endDay struct {
	Day   instant `db:"day"`
	Count int     `db:"n"`
}

func (s *Service) endsByDay(ctx context.Context, where *condition) ([]endDay, error) {
	var rows []endDay
	err := errors.Join(where.err, list(ctx, s.db.read, &rows, `
		SELECT a.expires_at / 86400000 * 86400000 AS day, count(*) AS n FROM accounts a
		WHERE `+where.String()+` GROUP BY 1`, where.args...))
	if err != nil {
		return nil, fmt.Errorf("read ends by day: %w", err)
	}
	return rows, nil
}

// deleteHistory deletes the counts of days that were over at a moment.
func (s *Service) deleteHistory(ctx context.Context, before time.Time) error {
	if _, err := exec(ctx, s.db.write, "DELETE FROM refresh_days WHERE day <= ?", instant{before.Add(-days(1))}); err != nil {
		return fmt.Errorf("delete counts of refreshes: %w", err)
	}
	return nil
}
