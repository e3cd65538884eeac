package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// sockets measures memory and delivery for each size of crowd.
func (b *bench) sockets(ctx context.Context) error {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return err
	}
	fmt.Fprintf(b.log, "%d files may be open in a process\n", limit.Cur)
	for _, size := range b.scale.crowds {
		const others = 100 // files that the processes have open besides
		if uint64(size+others) > limit.Cur {
			return fmt.Errorf("%d sockets need that many open files; raise the limit of %d (ulimit -n)", size, limit.Cur)
		}
		if err := b.crowd(ctx, size); err != nil {
			return fmt.Errorf("%d subscriptions: %w", size, err)
		}
	}
	return nil
}

// footprint is what one side's crowd took.
type footprint struct {
	memory     []float64 // KiB a socket, after a forced collection; each round
	settled    []float64 // KiB a socket, as it was before that
	goroutines float64   // for each socket
	first      []time.Duration
	middle     []time.Duration
	last       []time.Duration // each event
}

func (f *footprint) String() string {
	return fmt.Sprintf("first %s, median %s, last %s", milliseconds(median(f.first)), milliseconds(median(f.middle)), milliseconds(median(f.last)))
}

// crowd measures both sides in turn, each round with new processes.
func (b *bench) crowd(ctx context.Context, size int) error {
	var left, right footprint
	var frame []byte
	for round := range b.scale.crowdRounds {
		name := fmt.Sprintf("sockets-%d-%d", size, round)
		var err error
		if frame, err = b.crowdOfMooring(ctx, name, size, &left); err != nil {
			return fmt.Errorf("the server: %w", err)
		}
		if err := b.crowdOfBroadcast(ctx, size, frame, &right); err != nil {
			return fmt.Errorf("the broadcast: %w", err)
		}
		fmt.Fprintf(b.log, "%d subscriptions: %.1f to %.1f KiB; Mooring %v; broadcast %v\n",
			size, median(left.memory), median(right.memory), &left, &right)
	}
	show := func(f footprint) string {
		return fmt.Sprintf("%.1f KiB, %.1f before the collection, %.1f goroutines", median(f.memory), median(f.settled), f.goroutines)
	}
	b.rows = append(b.rows, row{
		what: fmt.Sprintf("memory of a subscription, of %d", size), mooring: show(left), ceiling: show(right),
		value: median(left.memory), unit: "KiB", target: 25,
	}, row{
		what: fmt.Sprintf("one event, %d bytes, to %d subscribers", len(frame), size), mooring: left.String(), ceiling: right.String(),
		value: float64(median(left.last)) / float64(median(right.last)), unit: "×", target: 3.5,
	})
	return nil
}

// subscription is what somebody asks who holds the list of accounts already
// and tells a person what changed.
const subscription = `subscription {
	healthChanged { cursor previousStatus account { id displayName } health { status isConnected expiresAt } }
}`

// crowdOfMooring lets a crowd subscribe and imports the same account again for
// each event. It returns what the subscribers were sent last.
func (b *bench) crowdOfMooring(ctx context.Context, name string, size int, f *footprint) (frame []byte, err error) {
	m, err := b.startMooring(ctx, name, true)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, m.stop()) }()
	const person = 1
	if _, err := m.importPerson(ctx, person); err != nil {
		return nil, err
	}
	collect := func() (int, error) { return goroutines(ctx, m.probe, "http://probe/collect") }
	c := newCrowd(size)
	defer c.close()
	if err := f.weigh(m.process, size, collect, func() error { return c.subscribe(ctx, m.address) }); err != nil {
		return nil, err
	}
	err = f.time(ctx, b.scale.events, c, func() (time.Time, error) {
		account, err := m.importPerson(ctx, person)
		return account.Health.CheckedAt, err
	})
	return c.frame(), err
}

// crowdOfBroadcast does the same with the ceiling.
func (b *bench) crowdOfBroadcast(ctx context.Context, size int, frame []byte, f *footprint) (err error) {
	p, err := start(ctx, b.dir, nil, b.programs.self, roleBroadcast)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	collect := func() (int, error) { return goroutines(ctx, http.DefaultClient, "http://"+p.address+"/collect") }
	c := newCrowd(size)
	defer c.close()
	if err := f.weigh(p, size, collect, func() error { return c.connect(ctx, p.address) }); err != nil {
		return err
	}
	return f.time(ctx, b.scale.events, c, func() (time.Time, error) {
		began := time.Now()
		_, err := fetch(ctx, http.DefaultClient, http.MethodPost, "http://"+p.address+"/send", frame)
		return began, err
	})
}

// goroutines forces a collection and returns how many goroutines there are.
func goroutines(ctx context.Context, client *http.Client, url string) (int, error) {
	answer, err := fetch(ctx, client, http.MethodGet, url, nil)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(answer)))
}

// weigh measures what p holds more once join has returned.
func (f *footprint) weigh(p *process, size int, collect func() (int, error), join func() error) error {
	idle, err := collect()
	if err != nil {
		return err
	}
	before, err := p.resident()
	if err != nil {
		return err
	}
	if err := join(); err != nil {
		return err
	}
	settled, err := p.resident()
	if err != nil {
		return err
	}
	busy, err := collect()
	if err != nil {
		return err
	}
	after, err := p.resident()
	if err != nil {
		return err
	}
	f.memory = append(f.memory, float64(after-before)/float64(size))
	f.settled = append(f.settled, float64(settled-before)/float64(size))
	f.goroutines = float64(busy-idle) / float64(size)
	return nil
}

// patience is how long a crowd may take to be served.
const patience = 30 * time.Second

// time causes events, one after the other, and measures how soon the crowd has
// them. cause returns the event's own time. The first warms up.
func (f *footprint) time(ctx context.Context, events int, c *crowd, cause func() (time.Time, error)) error {
	for i := range 1 + events {
		c.expect()
		began, err := cause()
		if err != nil {
			return err
		}
		arrived, err := c.served(ctx, patience)
		if err != nil {
			return err
		}
		if i > 0 {
			f.first = append(f.first, arrived[0].Sub(began))
			f.middle = append(f.middle, arrived[len(arrived)/2].Sub(began))
			f.last = append(f.last, arrived[len(arrived)-1].Sub(began))
		}
	}
	return nil
}
