package accounts

import (
	"cmp"
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"mooring/platforms"
)

// RateLimit is what a platform told last of one of its limits.
type RateLimit struct {
	Name        string // as in platforms.RateLimit
	Limit       *int   // calls in the window; nil where only a share is told
	Remaining   *int   // calls left in it; nil where only a share is told
	UsedPercent float64
	ResetAt     time.Time // when the window begins anew; zero: not told
	ObservedAt  time.Time // when the platform told
}

// limitLife is how long a limit is shown whose window is not told. Platforms
// that tell no more than a share count over the last hour.
const limitLife = time.Hour

// holds reports whether the limit still says something at now.
func (l RateLimit) holds(now time.Time) bool {
	if l.ResetAt.IsZero() {
		return now.Before(l.ObservedAt.Add(limitLife))
	}
	return now.Before(l.ResetAt)
}

// Tightest returns the limit that is used up the most, or nil where there is
// none.
func Tightest(limits []*RateLimit) *RateLimit {
	if len(limits) == 0 {
		return nil
	}
	return slices.MaxFunc(limits, func(a, b *RateLimit) int { return cmp.Compare(a.UsedPercent, b.UsedPercent) })
}

// AccountRateLimits returns what the platform told of the limits of one
// account, by name. They count what an app does for the account, whatever the
// workspace.
func (s *Service) AccountRateLimits(ctx context.Context, a *Account) ([]*RateLimit, error) {
	return s.rateLimits(ctx, []string{a.appID}, a.ExternalID)
}

// PlatformRateLimits returns what a platform told of the limits of the
// operator's apps there, by name.
func (s *Service) PlatformRateLimits(ctx context.Context, p *Platform) ([]*RateLimit, error) {
	var ids []string
	for _, m := range p.LoginMethods {
		for _, other := range s.apps {
			// One client may serve several platforms, and has one limit for all.
			if m.app != nil && other.ClientID == m.app.ClientID && other.Sandbox == m.app.Sandbox {
				ids = append(ids, other.id)
			}
		}
	}
	return s.rateLimits(ctx, ids, "")
}

// rateLimits joins what is stored with what is yet to be.
func (s *Service) rateLimits(ctx context.Context, appIDs []string, externalID string) ([]*RateLimit, error) {
	stored, err := s.selectLimits(ctx, appIDs, externalID)
	if err != nil {
		return nil, err
	}
	latest := map[string]RateLimit{}
	for _, l := range append(stored, s.limits.of(appIDs, externalID)...) {
		if !l.ObservedAt.Before(latest[l.Name].ObservedAt) {
			latest[l.Name] = l
		}
	}
	now := present()
	limits := []*RateLimit{}
	for _, l := range latest {
		if l.holds(now) {
			limits = append(limits, &l)
		}
	}
	slices.SortFunc(limits, func(a, b *RateLimit) int { return cmp.Compare(a.Name, b.Name) })
	return limits, nil
}

// observing returns a context under which what the platform tells of its limits
// is kept. externalID is the account that is asked for, "" where none is.
func (s *Service) observing(ctx context.Context, a *app, externalID string) context.Context {
	return platforms.WithRateLimits(ctx, func(told []platforms.RateLimit) {
		s.limits.note(a.id, externalID, told, present())
	})
}

// observingUnknown is observing for an account that is yet to be identified. It
// keeps nothing until done is called with the account's external id, or "" if
// there is not exactly one.
func (s *Service) observingUnknown(ctx context.Context, a *app) (observed context.Context, done func(externalID string)) {
	var all []platforms.RateLimit
	observed = platforms.WithRateLimits(ctx, func(told []platforms.RateLimit) { all = append(all, told...) })
	return observed, func(externalID string) { s.limits.note(a.id, externalID, all, present()) }
}

// limitKey names a limit. externalID is "" for one of the whole app.
type limitKey struct{ appID, externalID, name string }

// limitBook holds what was told of limits and is not written yet.
type limitBook struct {
	noted bell

	mu   sync.Mutex
	told map[limitKey]RateLimit
}

func newLimitBook() *limitBook {
	return &limitBook{noted: newBell(), told: map[limitKey]RateLimit{}}
}

// note takes in what an answer told. A limit of an account that neither the
// answer nor the caller names is dropped.
func (b *limitBook) note(appID, externalID string, told []platforms.RateLimit, now time.Time) {
	if len(told) == 0 {
		return
	}
	defer b.noted.ring()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, l := range told {
		key := limitKey{appID: appID, name: l.Name}
		if l.Owner == platforms.LimitOfAccount {
			if key.externalID = cmp.Or(l.ExternalID, externalID); key.externalID == "" {
				continue
			}
		}
		b.told[key] = RateLimit{
			Name: l.Name, Limit: l.Limit, Remaining: l.Remaining, UsedPercent: l.UsedPercent,
			ResetAt: l.ResetAt.UTC().Truncate(time.Millisecond), ObservedAt: now,
		}
	}
}

func (b *limitBook) of(appIDs []string, externalID string) []RateLimit {
	b.mu.Lock()
	defer b.mu.Unlock()
	var found []RateLimit
	for key, l := range b.told {
		if key.externalID == externalID && slices.Contains(appIDs, key.appID) {
			found = append(found, l)
		}
	}
	return found
}

// forget drops what was told of an account.
func (b *limitBook) forget(appID, externalID string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	maps.DeleteFunc(b.told, func(key limitKey, _ RateLimit) bool { return key.appID == appID && key.externalID == externalID })
}

// take empties the book.
func (b *limitBook) take() map[limitKey]RateLimit {
	b.mu.Lock()
	defer b.mu.Unlock()
	told := b.told
	b.told = map[limitKey]RateLimit{}
	return told
}

// giveBack puts back what could not be written, except where more is known.
func (b *limitBook) giveBack(told map[limitKey]RateLimit) {
	defer b.noted.ring()
	b.mu.Lock()
	defer b.mu.Unlock()
	for key, l := range told {
		if _, newer := b.told[key]; !newer {
			b.told[key] = l
		}
	}
}

// writeLimits writes what was told of limits since the last time.
func (s *Service) writeLimits(ctx context.Context) {
	told := s.limits.take()
	if len(told) == 0 {
		return
	}
	if err := s.putLimits(ctx, told); err != nil {
		s.limits.giveBack(told)
		if ctx.Err() == nil {
			s.log.LogAttrs(ctx, slog.LevelError, "store rate limits", slog.Any("error", err))
		}
	}
}
