package accounts

import (
	"context"
	"time"
)

// bell tells a goroutine that there is something to write. However often it is
// rung meanwhile, it is heard once.
type bell chan struct{}

func newBell() bell { return make(bell, 1) }

// ring never blocks.
func (b bell) ring() {
	select {
	case b <- struct{}{}:
	default: // it will be heard
	}
}

// keepBook runs until ctx ends: it writes what was noted since the last time, at
// most once within a time, however much that is.
func (s *Service) keepBook(ctx context.Context, noted bell, within time.Duration, write func(context.Context)) {
	for {
		select {
		case <-noted:
		case <-ctx.Done():
			return
		}
		select {
		case <-time.After(within):
			write(ctx)
		case <-ctx.Done():
			return
		}
	}
}

func (s *Service) keepLimits(ctx context.Context) {
	s.keepBook(ctx, s.limits.noted, 5*s.opts.Poll, s.writeLimits)
}

func (s *Service) keepUnknown(ctx context.Context) {
	s.keepBook(ctx, s.unknown.noted, 5*s.opts.Poll, s.writeUnknown)
}

func (s *Service) keepRefusals(ctx context.Context) {
	s.keepBook(ctx, s.refusals.noted, 60*s.opts.Poll, s.writeRefusals)
}
