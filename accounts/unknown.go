package accounts

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"

	"mooring/diagnosis"
	"mooring/platforms"
)

// UnknownError is a failure that the troubleshooter does not recognise. They are
// counted, so that an operator sees what rules it lacks.
type UnknownError struct {
	// Fingerprint is what its cases have in common; see [diagnosis.Fingerprint].
	Fingerprint string    `json:"fingerprint"`
	Times       int       `json:"times"`
	FirstAt     time.Time `json:"firstAt"`
	LastAt      time.Time `json:"lastAt"`
}

const (
	// maxUnknown is how many unknown errors are kept, those met last.
	maxUnknown = 1000
	// maxUnwritten is how many may wait to be written: whoever asks the
	// troubleshooter can make them up.
	maxUnwritten = 100
)

// UnknownErrors returns the unknown errors of the whole installation that were
// met most often, at most that many.
func (s *Service) UnknownErrors(ctx context.Context, most int) ([]UnknownError, error) {
	var rows []struct {
		Fingerprint string  `db:"fingerprint"`
		Times       int     `db:"times"`
		FirstAt     instant `db:"first_at"`
		LastAt      instant `db:"last_at"`
	}
	err := list(ctx, s.db.read, &rows, `
		SELECT fingerprint, times, first_at, last_at FROM unknown_errors
		ORDER BY times DESC, last_at DESC, fingerprint LIMIT ?`, most)
	if err != nil {
		return nil, fmt.Errorf("read unknown errors: %w", err)
	}
	found := make([]UnknownError, len(rows))
	for i, r := range rows {
		found[i] = UnknownError{r.Fingerprint, r.Times, r.FirstAt.Time, r.LastAt.Time}
	}
	return found, nil
}

// met makes a diagnosis's input of a failure of asking a platform, and counts it
// if it is unknown.
func (s *Service) met(err error, platformID string, stage platforms.Stage) diagnosis.Input {
	in := diagnosis.FromError(err, platformID, stage)
	in.Facts.Product = s.opts.Name
	s.unknown.note(in, diagnosis.Diagnose(in))
	return in
}

// unknownBook counts unknown errors until they are written.
type unknownBook struct {
	noted bell

	mu   sync.Mutex
	book map[string]*UnknownError // by fingerprint
}

func newUnknownBook() *unknownBook {
	return &unknownBook{noted: newBell(), book: map[string]*UnknownError{}}
}

// note counts a failure that was diagnosed, if that says that it is unknown and
// a failure at all.
func (b *unknownBook) note(in diagnosis.Input, d diagnosis.Diagnosis) {
	if d.IssueType != diagnosis.Unknown || d.Severity == diagnosis.Low {
		return
	}
	now := present()
	b.add(UnknownError{diagnosis.Fingerprint(in), 1, now, now})
}

func (b *unknownBook) add(e UnknownError) {
	defer b.noted.ring()
	b.mu.Lock()
	defer b.mu.Unlock()
	known := b.book[e.Fingerprint]
	switch {
	case known != nil:
		known.Times += e.Times
		known.LastAt = e.LastAt
	case len(b.book) < maxUnwritten:
		b.book[e.Fingerprint] = &e
	}
}

// take empties the book.
func (b *unknownBook) take() []*UnknownError {
	b.mu.Lock()
	defer b.mu.Unlock()
	// Replicas that write at once go through the rows in one order.
	taken := slices.SortedFunc(maps.Values(b.book), func(a, c *UnknownError) int { return cmp.Compare(a.Fingerprint, c.Fingerprint) })
	b.book = map[string]*UnknownError{}
	return taken
}

// writeUnknown writes the unknown errors since the last time.
func (s *Service) writeUnknown(ctx context.Context) {
	taken := s.unknown.take()
	if len(taken) == 0 {
		return
	}
	if err := s.putUnknown(ctx, taken); err != nil {
		for _, e := range taken {
			s.unknown.add(*e)
		}
		if ctx.Err() == nil {
			s.log.LogAttrs(ctx, slog.LevelError, "store unknown errors", slog.Any("error", err))
		}
	}
}

func (s *Service) putUnknown(ctx context.Context, taken []*UnknownError) error {
	return s.db.transact(ctx, func(tx *sqlx.Tx) error {
		for _, e := range taken {
			_, err := exec(ctx, tx, `
				INSERT INTO unknown_errors (fingerprint, times, first_at, last_at) VALUES (?, ?, ?, ?)
				ON CONFLICT (fingerprint) DO UPDATE SET times = unknown_errors.times + excluded.times, last_at = excluded.last_at`,
				e.Fingerprint, e.Times, instant{e.FirstAt}, instant{e.LastAt})
			if err != nil {
				return fmt.Errorf("store an unknown error: %w", err)
			}
		}
		_, err := exec(ctx, tx, `
			DELETE FROM unknown_errors WHERE fingerprint IN
				(SELECT fingerprint FROM unknown_errors ORDER BY last_at DESC, fingerprint LIMIT 1000000 OFFSET ?)`, maxUnknown)
		if err != nil {
			return fmt.Errorf("delete old unknown errors: %w", err)
		}
		return nil
	})
}
