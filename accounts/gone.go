package accounts

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"mooring/diagnosis"
)

// goneAfter is how long a grant is due before its app is taken for gone: another
// replica may have it configured, and would be at it by then.
const goneAfter = time.Minute

// sweepGone looks after what is due at apps that are not configured here any
// more, so that nobody can renew it: its accounts say so when their access token
// has ended. It returns how long nothing more will be due there.
func (s *Service) sweepGone(ctx context.Context) (time.Duration, error) {
	sleep := s.longestSleep()
	ids, err := s.goneApps(ctx)
	for _, id := range ids {
		var first time.Time
		if first, err = firstDue(ctx, s.db.read, "refreshes", id); err != nil {
			break
		}
		if wait := time.Until(first.Add(goneAfter)); first.IsZero() || wait > 0 {
			if !first.IsZero() {
				sleep = min(sleep, wait)
			}
			continue
		}
		if err = s.spare(ctx, s.postponeGone(ctx, id)); err != nil {
			break
		}
		sleep = soon // there may be more
		s.loop.wake()
	}
	return sleep, err
}

func (s *Service) postponeGone(ctx context.Context, appID string) error {
	return s.record(ctx, func(tx *sqlx.Tx) error {
		now, err := s.db.now(ctx, tx)
		if err != nil {
			return err
		}
		if _, err := lockApp(ctx, tx, appID); err != nil {
			return err
		}
		_, err = s.postpone(ctx, tx, appID, now.Add(-goneAfter), now.Add(lastRetry), func(g *grantState) error {
			return s.markOurs(ctx, tx, g, diagnosis.CodeAppGone, now)
		})
		return err
	})
}

// markOurs notes that a grant's accounts are not renewed at present for a reason
// that the operator can mend, given as a code of diagnosis's.
func (s *Service) markOurs(ctx context.Context, tx *sqlx.Tx, g *grantState, code string, now time.Time) error {
	accounts, err := s.accountsOfGrant(ctx, tx, g)
	if err != nil || len(accounts) == 0 {
		return err
	}
	if err := putFailure(ctx, tx, g, diagnosis.Input{Platform: accounts[0].Platform.ID, ErrorCode: code}); err != nil {
		return err
	}
	return s.markFailing(ctx, tx, g, AppMisconfigured, now)
}

// goneApps are the ids of the apps that are not configured here.
func (s *Service) goneApps(ctx context.Context) ([]string, error) {
	query, args, err := sqlx.In("SELECT id FROM apps WHERE id NOT IN (?) ORDER BY id", append(s.appIDs(), ""))
	var ids []string
	if err == nil {
		err = list(ctx, s.db.read, &ids, query, args...)
	}
	if err != nil {
		return nil, fmt.Errorf("read the apps that are gone: %w", err)
	}
	return ids, nil
}
