package accounts

import (
	"context"
	"log/slog"
	"maps"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"
)

// maxRefused is how many networks are told apart within a minute; the rest are
// counted together.
const maxRefused = 100

// elsewhere stands for those networks.
const elsewhere = "others"

// refusalBook counts, by network, who came with a credential that anybody could
// have made up. Nothing but where it came from is known of it.
type refusalBook struct {
	noted bell

	mu    sync.Mutex
	since time.Time
	from  map[string]int
}

func newRefusalBook() *refusalBook { return &refusalBook{noted: newBell(), from: map[string]int{}} }

func (b *refusalBook) add(network string, n int, at time.Time) {
	defer b.noted.ring()
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.from) == 0 || at.Before(b.since) {
		b.since = at
	}
	if _, known := b.from[network]; !known && len(b.from) >= maxRefused {
		network = elsewhere
	}
	b.from[network] += n
}

// take empties the book.
func (b *refusalBook) take() (from map[string]int, since time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	from, b.from = b.from, map[string]int{}
	return from, b.since
}

// CredentialRefused counts that somebody came from an address with a credential
// that nobody can be held to: a forged token, an API key that never was. Each
// network becomes one event a minute. It is the network and not the address,
// since the event concerns no workspace, and the auditors of all see it.
func (s *Service) CredentialRefused(address string) {
	s.refusals.add(networkOf(address), 1, present())
}

// networkOf is the /24 of an IPv4 address and the /48 of an IPv6 one.
func networkOf(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		prefix, notOne := netip.ParsePrefix(address)
		if notOne != nil {
			return elsewhere
		}
		ip = prefix.Addr()
	}
	ip = ip.Unmap().WithZone("")
	bits := 24
	if ip.Is6() {
		bits = 48
	}
	return netip.PrefixFrom(ip, bits).Masked().String()
}

// writeRefusals appends the events.
func (s *Service) writeRefusals(ctx context.Context) {
	from, since := s.refusals.take()
	if len(from) == 0 {
		return
	}
	err := s.record(ctx, func(tx *sqlx.Tx) error {
		for _, network := range slices.Sorted(maps.Keys(from)) {
			if err := appendEvent(ctx, tx, Event{Type: SignInFailed, About: &network, Count: from[network], EffectiveAt: since}); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		return
	}
	for network, n := range from {
		s.refusals.add(network, n, since)
	}
	if ctx.Err() == nil {
		s.log.LogAttrs(ctx, slog.LevelError, "record refused credentials", slog.Any("error", err))
	}
}
