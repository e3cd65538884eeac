package accounts

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"
)

const (
	// notifyChannel is the PostgreSQL channel by which replicas wake each other.
	notifyChannel = "mooring_events"
	// retryPause is how long a failed reader of the database waits.
	retryPause = time.Second
	// tailPause bounds how often the log is sequenced and replicas are notified.
	tailPause = 20 * time.Millisecond
	// tailKept is how many entries followers find in memory; one that falls
	// further behind reads the database.
	tailKept = 1024
	tailPage = 500
)

// entry is an event with the state that it is about, read after it happened.
type entry struct {
	*Event
	account *Account
	attempt *Attempt
}

// hub follows the log and hands each new entry to those who follow the hub. It
// holds the latest entries in memory; the table is the truth.
type hub struct {
	woken chan struct{}

	mu        sync.Mutex
	tail      []entry // in order of position
	from      int64   // entries after this position are in tail
	position  int64   // of the last entry
	followers map[int]func()
	own       int // of the followers: Mooring's own
	next      int
}

func newHub(position int64) *hub {
	return &hub{woken: make(chan struct{}, 1), from: position, position: position, followers: map[int]func(){}}
}

// wake tells the hub that there may be new events. It never blocks.
func (h *hub) wake() {
	select {
	case h.woken <- struct{}{}:
	default: // it is awake
	}
}

// add registers what is called after new entries came; it must not block.
func (h *hub) add(wake func()) (remove func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	id := h.next
	h.next++
	h.followers[id] = wake
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.followers, id)
	}
}

// count is how many follow, Mooring's own aside.
func (h *hub) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.followers) - h.own
}

// countOut takes one follower out of the count, until ctx ends.
func (h *hub) countOut(ctx context.Context) {
	change := func(n int) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.own += n
	}
	change(1)
	context.AfterFunc(ctx, func() { change(-1) })
}

func (h *hub) append(entries []entry) {
	h.mu.Lock()
	h.tail = append(h.tail, entries...)
	h.position = entries[len(entries)-1].position
	if extra := len(h.tail) - tailKept; extra > 0 {
		h.from = h.tail[extra-1].position
		h.tail = slices.Delete(h.tail, 0, extra)
	}
	followers := make([]func(), 0, len(h.followers))
	for _, wake := range h.followers {
		followers = append(followers, wake)
	}
	h.mu.Unlock()
	for _, wake := range followers {
		wake()
	}
}

// since returns the entries after a position, or false if the hub no longer
// has them all.
func (h *hub) since(position int64) ([]entry, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if position < h.from {
		return nil, false
	}
	i, _ := slices.BinarySearchFunc(h.tail, position+1, func(e entry, p int64) int { return int(e.position - p) })
	return slices.Clone(h.tail[i:]), true
}

// at is the position of the last entry handed out.
func (h *hub) at() int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.position
}

// follow runs until ctx ends: it sequences what was committed, reads what is
// new and hands it to the followers.
func (s *Service) followLog(ctx context.Context) {
	poll := time.NewTicker(s.opts.Poll)
	defer poll.Stop()
	for {
		if err := s.advance(ctx); err != nil && ctx.Err() == nil {
			s.log.LogAttrs(ctx, slog.LevelError, "follow the event log", slog.Any("error", err))
		}
		if s.db.postgres != nil {
			select {
			case <-time.After(tailPause):
			case <-ctx.Done():
				return
			}
		}
		select {
		case <-s.hub.woken:
		case <-poll.C:
		case <-ctx.Done():
			return
		}
	}
}

// advance hands out all entries that are new.
func (s *Service) advance(ctx context.Context) error {
	if err := s.sequence(ctx); err != nil {
		return err
	}
	for {
		events, err := s.eventsAnywhere(ctx, s.hub.at(), tailPage)
		if err != nil {
			return err
		}
		if len(events) == 0 {
			return nil
		}
		entries, err := s.entries(ctx, events)
		if err != nil {
			return err
		}
		s.hub.append(entries)
		s.loop.wake()
	}
}

// entries reads the state that events are about.
func (s *Service) entries(ctx context.Context, events []*Event) ([]entry, error) {
	var accountIDs, attemptIDs []string
	for _, e := range events {
		if e.AccountID != nil && !slices.Contains(accountIDs, *e.AccountID) {
			accountIDs = append(accountIDs, *e.AccountID)
		}
		if e.AttemptID != nil && !slices.Contains(attemptIDs, *e.AttemptID) {
			attemptIDs = append(attemptIDs, *e.AttemptID)
		}
	}
	accounts, err := s.accountsAnywhere(ctx, s.db.read, accountIDs)
	if err != nil {
		return nil, err
	}
	attempts, err := s.attemptsAnywhere(ctx, attemptIDs)
	if err != nil {
		return nil, err
	}
	entries := make([]entry, len(events))
	for i, e := range events {
		entries[i].Event = e
		if j := slices.IndexFunc(accounts, func(a *Account) bool { return e.AccountID != nil && a.ID == *e.AccountID }); j >= 0 {
			entries[i].account = accounts[j]
		}
		if j := slices.IndexFunc(attempts, func(a *Attempt) bool { return e.AttemptID != nil && a.ID == *e.AttemptID }); j >= 0 {
			entries[i].attempt = attempts[j]
		}
	}
	return entries, nil
}

// listen wakes the hub when another replica has sequenced events, until ctx
// ends. A lost notification costs at most Options.Poll.
func (s *Service) listen(ctx context.Context) {
	for ctx.Err() == nil {
		err := s.waitForNotifications(ctx)
		if ctx.Err() != nil {
			return
		}
		s.log.LogAttrs(ctx, slog.LevelWarn, "listen for events of other replicas", slog.Any("error", err))
		select {
		case <-time.After(retryPause):
		case <-ctx.Done():
		}
	}
}

func (s *Service) waitForNotifications(ctx context.Context) error {
	pooled, err := s.db.postgres.Acquire(ctx)
	if err != nil {
		return err
	}
	conn := pooled.Hijack() // a listening connection must not go back to the pool
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, "LISTEN "+notifyChannel); err != nil {
		return err
	}
	for {
		if _, err := conn.WaitForNotification(ctx); err != nil {
			return err
		}
		s.hub.wake()
	}
}

// follower is a subscriber's place in the log. While nothing happens it costs
// no goroutine; one runs only as long as there is something that the reader
// has not yet taken.
type follower[T any] struct {
	out  chan T
	pick func([]entry) []T
	load func(after int64) ([]entry, error) // a page from the database
	hub  *hub

	mu       sync.Mutex
	position int64 // of the last entry picked from
	queue    []T   // picked and not yet taken
	running  bool  // deliver runs
}

// follow streams first, and then what pick makes of the entries after a
// position, until ctx ends. pick may drop and join entries: it sees all those
// that came while the reader was slow at once. load reads entries from the
// database, for a reader who is further behind than the hub remembers.
func follow[T any](ctx context.Context, h *hub, position int64, first []T, pick func([]entry) []T, load func(after int64) ([]entry, error)) <-chan T {
	f := &follower[T]{out: make(chan T, 1), pick: pick, load: load, hub: h, position: position, queue: first}
	remove := h.add(func() { f.wake(ctx) })
	context.AfterFunc(ctx, remove)
	f.wake(ctx)
	return f.out
}

// wake takes up what is new. It does not block: what the reader has no room
// for is left to a goroutine.
func (f *follower[T]) wake(ctx context.Context) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.running || ctx.Err() != nil {
		return
	}
	if len(f.queue) == 0 {
		entries, ok := f.hub.since(f.position)
		if !ok {
			f.running = true
			go f.deliver(ctx)
			return
		}
		f.take(entries)
	}
	for len(f.queue) > 0 {
		select {
		case f.out <- f.queue[0]:
			f.queue = f.queue[1:]
		default:
			f.running = true
			go f.deliver(ctx)
			return
		}
	}
	f.queue = nil
}

func (f *follower[T]) take(entries []entry) {
	if len(entries) > 0 {
		f.position = entries[len(entries)-1].position
		f.queue = f.pick(entries)
	}
}

// deliver hands the reader what is new until there is nothing left.
func (f *follower[T]) deliver(ctx context.Context) {
	for {
		item, ok := f.next(ctx)
		if !ok {
			return
		}
		select {
		case f.out <- item:
		case <-ctx.Done():
			return
		}
	}
}

// next takes the next item, or ends the delivery if there is none.
func (f *follower[T]) next(ctx context.Context) (item T, ok bool) {
	for {
		f.mu.Lock()
		remembered := true
		if len(f.queue) == 0 {
			var entries []entry
			entries, remembered = f.hub.since(f.position)
			if ctx.Err() != nil || remembered && len(entries) == 0 {
				f.running = false
				f.mu.Unlock()
				return item, false
			}
			f.take(entries)
		}
		if len(f.queue) > 0 {
			item, f.queue = f.queue[0], f.queue[1:]
			f.mu.Unlock()
			return item, true
		}
		f.mu.Unlock()
		if !remembered {
			f.catchUp(ctx)
		}
	}
}

// catchUp takes up a page of entries from the database. While running is set
// nobody else touches the place and the queue, so it needs no lock.
func (f *follower[T]) catchUp(ctx context.Context) {
	known := f.hub.at()
	entries, err := f.load(f.position)
	if err != nil { // load has said so
		select {
		case <-time.After(retryPause):
		case <-ctx.Done():
		}
		return
	}
	f.take(entries)
	if len(entries) < tailPage { // the rest is none of this reader's
		f.position = max(f.position, known)
	}
}
