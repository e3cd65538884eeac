package accounts

import (
	"context"
	"log/slog"

	"github.com/jmoiron/sqlx"
)

// moveIn makes this process known as one that refreshes what is in a SQLite
// file, until leave. If it is the only one, all others whose claims are left in
// the file are dead, and it inherits them rather than wait for their end.
//
// With PostgreSQL nobody knows who else is there; claims end with their lease,
// and replicas live by their heartbeat.
func (s *Service) moveIn(ctx context.Context) (leave func()) {
	if s.db.postgres != nil {
		return func() {}
	}
	leave, err := shareFile(ctx, s.db.path+".running", func() error { return s.inherit(urgently(ctx)) })
	if err != nil {
		s.log.LogAttrs(ctx, slog.LevelError, "take over what was left", slog.Any("error", err))
		return func() {}
	}
	return leave
}

// inherit ends the claims of all others. Where a refresh token works once, the
// platform may still be at the last request, which has no more time than it
// would have had to answer.
func (s *Service) inherit(ctx context.Context) error {
	return s.db.transact(ctx, func(tx *sqlx.Tx) error {
		now := present()
		for _, a := range s.apps {
			free := now
			if a.Login.Refresh.Rotates {
				free = now.Add(s.opts.HTTPTimeout)
			}
			if err := inheritClaims(ctx, tx, "refreshes", a.id, s.refresher.replica, free, now.Add(s.opts.Lease)); err != nil {
				return err
			}
			if err := inheritClaims(ctx, tx, "probes", a.id, s.refresher.replica, now, now.Add(s.opts.Lease)); err != nil {
				return err
			}
		}
		_, err := exec(ctx, tx, "DELETE FROM replicas WHERE id <> ?", s.refresher.replica)
		return err
	})
}
