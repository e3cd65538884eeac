package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/sync/errgroup"
)

// crowd is many sockets that each wait for the same events. One goroutine for
// each reads.
type crowd struct {
	members []*member
	reading sync.WaitGroup
	failed  chan error // the first failure of a member
	want    []byte     // what the event that is expected contains; nil is any

	missing atomic.Int64  // how many do not have the event that is expected
	all     chan struct{} // one value when nobody misses it any more
}

// member is one socket of a crowd.
type member struct {
	crowd   *crowd
	conn    *websocket.Conn
	arrived time.Time // of the last event; read when all have it
	last    []byte    // the last event
}

func newCrowd(size int) *crowd {
	return &crowd{members: make([]*member, size), failed: make(chan error, 1), all: make(chan struct{}, 1)}
}

// connect opens the sockets.
func (c *crowd) connect(ctx context.Context, address string) error {
	return c.join(ctx, func(ctx context.Context, m *member) error { return m.open(ctx, address) })
}

// subscribe opens the sockets and a healthChanged subscription on each, and
// reads the snapshot of the one account that there is.
func (c *crowd) subscribe(ctx context.Context, address string) error {
	return c.join(ctx, func(ctx context.Context, m *member) error {
		if err := m.open(ctx, address); err != nil {
			return err
		}
		return m.subscribe()
	})
}

// join lets all members in, many at once. Each reads from then on, since the
// first have to answer pings before the last have come.
func (c *crowd) join(ctx context.Context, enter func(context.Context, *member) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(connections)
	for i := range c.members {
		m := &member{crowd: c}
		c.members[i] = m
		group.Go(func() error {
			if err := enter(ctx, m); err != nil {
				return err
			}
			c.reading.Go(m.read)
			return nil
		})
	}
	return group.Wait()
}

// expect gets ready for one event.
func (c *crowd) expect() { c.missing.Store(int64(len(c.members))) }

// served waits until every member has the event, and returns when it reached
// each, in order.
func (c *crowd) served(ctx context.Context, patience time.Duration) ([]time.Time, error) {
	select {
	case <-c.all:
	case err := <-c.failed:
		return nil, err
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(patience):
		return nil, fmt.Errorf("%d of %d subscribers are not served after %v", c.missing.Load(), len(c.members), patience)
	}
	arrived := make([]time.Time, len(c.members))
	for i, m := range c.members {
		arrived[i] = m.arrived
	}
	slices.SortFunc(arrived, time.Time.Compare)
	return arrived, nil
}

// frame is what the members were sent last.
func (c *crowd) frame() []byte { return c.members[0].last }

// close closes all sockets and waits for their readers.
func (c *crowd) close() {
	for _, m := range c.members {
		if m != nil && m.conn != nil {
			_ = m.conn.Close() // the server is about to end anyway
		}
	}
	c.reading.Wait()
}

func (m *member) open(ctx context.Context, address string) error {
	dialer := websocket.Dialer{
		NetDialContext: (&net.Dialer{}).DialContext, ReadBufferSize: 1024, WriteBufferSize: 512,
		Subprotocols: []string{"graphql-transport-ws"},
	}
	conn, response, err := dialer.DialContext(ctx, "ws://"+address+"/graphql", nil)
	if err != nil {
		return err
	}
	m.conn = conn
	return response.Body.Close()
}

// subscribe is the client's part of graphql-transport-ws, up to the snapshot.
func (m *member) subscribe() error {
	text, err := json.Marshal(map[string]any{"id": "1", "type": "subscribe", "payload": map[string]string{"query": subscription}})
	if err != nil {
		return err
	}
	if err := m.conn.WriteMessage(websocket.TextMessage, []byte(`{"type":"connection_init"}`)); err != nil {
		return err
	}
	if err := m.conn.WriteMessage(websocket.TextMessage, text); err != nil {
		return err
	}
	for _, want := range []string{`{"type":"connection_ack"`, next} {
		_, got, err := m.conn.ReadMessage()
		if err != nil {
			return err
		}
		if !bytes.HasPrefix(got, []byte(want)) {
			return fmt.Errorf("a subscriber got %s; want %s…", got, want)
		}
	}
	return nil
}

// next is how a message with an event begins.
const next = `{"type":"next"`

// read notes events and answers pings until the socket ends.
func (m *member) read() {
	err := m.converse()
	if errors.Is(err, net.ErrClosed) {
		return // by us
	}
	select {
	case m.crowd.failed <- err:
	default: // somebody else failed first
	}
}

func (m *member) converse() error {
	for {
		_, text, err := m.conn.ReadMessage()
		if err != nil {
			return err
		}
		switch {
		case bytes.HasPrefix(text, []byte(next)):
			if bytes.Contains(text, m.crowd.want) {
				m.note(text)
			}
		case bytes.HasPrefix(text, []byte(`{"type":"ping"`)):
			if err := m.conn.WriteMessage(websocket.TextMessage, []byte(`{"type":"pong"}`)); err != nil {
				return err
			}
		default:
			return fmt.Errorf("a subscriber got %s", text)
		}
	}
}

func (m *member) note(text []byte) {
	m.arrived, m.last = time.Now(), text
	if m.crowd.missing.Add(-1) == 0 {
		m.crowd.all <- struct{}{}
	}
}
