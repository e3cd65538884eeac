package accounts

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"
)

// limitRow is a rate limit as the database has it.
type limitRow struct {
	Name        string  `db:"name"`
	Calls       *int    `db:"calls"`
	Remaining   *int    `db:"remaining"`
	UsedPercent float64 `db:"used_percent"`
	ResetAt     instant `db:"reset_at"`
	ObservedAt  instant `db:"observed_at"`
}

// selectLimits reads what is stored of the limits of apps, or of an account.
func (s *Service) selectLimits(ctx context.Context, appIDs []string, externalID string) ([]RateLimit, error) {
	if len(appIDs) == 0 {
		return nil, nil
	}
	query, args, err := sqlx.In(`
		SELECT name, calls, remaining, used_percent, reset_at, observed_at FROM rate_limits
		WHERE app_id IN (?) AND external_id = ?`, appIDs, externalID)
	if err != nil {
		return nil, fmt.Errorf("read rate limits: %w", err)
	}
	var rows []limitRow
	if err := list(ctx, s.db.read, &rows, query, args...); err != nil {
		return nil, fmt.Errorf("read rate limits: %w", err)
	}
	limits := make([]RateLimit, len(rows))
	for i, r := range rows {
		limits[i] = RateLimit{r.Name, r.Calls, r.Remaining, r.UsedPercent, r.ResetAt.Time, r.ObservedAt.Time}
	}
	return limits, nil
}

// putLimits stores limits, except where another replica has observed them
// later.
func (s *Service) putLimits(ctx context.Context, told map[limitKey]RateLimit) error {
	// Replicas that write at once go through the rows in one order.
	keys := slices.SortedFunc(maps.Keys(told), func(a, b limitKey) int {
		return cmp.Or(cmp.Compare(a.appID, b.appID), cmp.Compare(a.externalID, b.externalID), cmp.Compare(a.name, b.name))
	})
	return s.db.transact(ctx, func(tx *sqlx.Tx) error {
		for _, key := range keys {
			l := told[key]
			_, err := exec(ctx, tx, `
				INSERT INTO rate_limits (app_id, external_id, name, calls, remaining, used_percent, reset_at, observed_at)
				VALUES (?, ?, ?, ?, ?, ?, ?, ?)
				ON CONFLICT (app_id, external_id, name) DO UPDATE SET
					calls = excluded.calls, remaining = excluded.remaining, used_percent = excluded.used_percent,
					reset_at = excluded.reset_at, observed_at = excluded.observed_at
				WHERE excluded.observed_at >= rate_limits.observed_at`,
				key.appID, key.externalID, key.name, l.Limit, l.Remaining, l.UsedPercent, instant{l.ResetAt}, instant{l.ObservedAt})
			if err != nil {
				return fmt.Errorf("store rate limit %s: %w", key.name, err)
			}
		}
		return nil
	})
}

// deleteLimits deletes the limits that say nothing any more.
func (s *Service) deleteLimits(ctx context.Context, now time.Time) error {
	_, err := exec(ctx, s.db.write, `
		DELETE FROM rate_limits WHERE coalesce(reset_at, observed_at + ?) <= ?`, limitLife.Milliseconds(), now.UnixMilli())
	if err != nil {
		return fmt.Errorf("delete rate limits: %w", err)
	}
	return nil
}
