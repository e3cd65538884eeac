package accounts

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/url"

	"github.com/jmoiron/sqlx"
)

// recognise switches refreshing off if the database belongs to an installation
// at another address: in a copy, each refresh would rotate the original's tokens
// away. A database that has no address yet gets this one.
func (s *Service) recognise(ctx context.Context) error {
	if s.opts.RefreshOff {
		return nil
	}
	home, err := s.db.home(ctx)
	switch {
	case err != nil:
		return err
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
	if from, err = s.db.home(ctx); err != nil {
		return "", "", err
	}
	return from, s.opts.PublicURL, s.db.settle(ctx, s.opts.PublicURL)
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

// home returns the public URL of the installation that refreshes; "" if none
// has.
func (s *store) home(ctx context.Context) (string, error) {
	var home string
	if err := get(ctx, s.read, &home, "SELECT public_url FROM installation"); err != nil {
		return "", fmt.Errorf("read installation: %w", err)
	}
	return home, nil
}

func (s *store) settle(ctx context.Context, home string) error {
	return s.transact(ctx, func(tx *sqlx.Tx) error {
		if _, err := exec(ctx, tx, "UPDATE installation SET public_url = ?", home); err != nil {
			return fmt.Errorf("store installation: %w", err)
		}
		return nil
	})
}
