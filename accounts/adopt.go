package accounts

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"time"

	"github.com/jmoiron/sqlx"
)

// recognise switches refreshing off if the database belongs to an installation
// at another address, or came from a backup: in a copy, each refresh would rotate
// the original's tokens away. A database that has no address yet gets this one.
func (s *Service) recognise(ctx context.Context) error {
	if s.opts.RefreshOff {
		return nil
	}
	home, restored, err := s.db.home(ctx)
	switch {
	case err != nil:
		return err
	case !restored.IsZero():
		s.opts.RefreshOff = true
		s.log.LogAttrs(ctx, slog.LevelWarn,
			"nothing is refreshed: the database was restored from a backup; once nothing else refreshes what is in it, run mooring adopt",
			slog.Time("restored", restored))
		return nil
	case home == "":
		return s.db.settle(ctx, s.opts.PublicURL)
	case sameHome(home, s.opts.PublicURL):
		return nil
	}
	s.opts.RefreshOff = true
	s.log.LogAttrs(ctx, slog.LevelWarn,
		"nothing is refreshed: the database belongs to an installation at another address; if this one takes its place, run mooring adopt",
		slog.String("there", home), slog.String("here", s.opts.PublicURL))
	return nil
}

// Adopt makes the database this installation's, which from its next start on
// refreshes what is in it. It returns whose it was, "" for nobody's, and whose
// it is.
func (s *Service) Adopt(ctx context.Context) (from, to string, err error) {
	from, restored, err := s.db.home(ctx)
	if err != nil {
		return "", "", err
	}
	actor := operator
	err = s.record(ctx, func(tx *sqlx.Tx) error {
		if err := settle(ctx, tx, s.opts.PublicURL); err != nil {
			return err
		}
		if !restored.IsZero() {
			if err := delayProbes(ctx, tx, present().Sub(restored)); err != nil {
				return err
			}
		}
		return appendEvent(ctx, tx, Event{Type: InstallationAdopted, Actor: &actor})
	})
	return from, s.opts.PublicURL, err
}

// sameHome reports whether two public URLs may be the same installation's. What
// is only reached from its own machine moves between ports freely.
func sameHome(a, b string) bool { return a == b || isLocal(a) && isLocal(b) }

func isLocal(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

// home returns the public URL of the installation that refreshes, "" if none
// has, and when the database was restored, if it is not adopted since.
func (s *store) home(ctx context.Context) (address string, restored time.Time, err error) {
	var row struct {
		PublicURL  string  `db:"public_url"`
		RestoredAt instant `db:"restored_at"`
	}
	if err := get(ctx, s.read, &row, "SELECT public_url, restored_at FROM installation"); err != nil {
		return "", time.Time{}, fmt.Errorf("read installation: %w", err)
	}
	return row.PublicURL, row.RestoredAt.Time, nil
}

func (s *store) settle(ctx context.Context, home string) error {
	return s.transact(ctx, func(tx *sqlx.Tx) error { return settle(ctx, tx, home) })
}

func settle(ctx context.Context, tx *sqlx.Tx, home string) error {
	if _, err := exec(ctx, tx, "UPDATE installation SET public_url = ?, restored_at = NULL", home); err != nil {
		return fmt.Errorf("store installation: %w", err)
	}
	return nil
}
