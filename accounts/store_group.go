package accounts

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"
)

const (
	// groupTime bounds how long a group collects, and with it how long the
	// urgent wait for the others.
	groupTime = 50 * time.Millisecond
	groupSize = 128
)

// groupCommit lets transactions that come at once share a commit, since each
// commit costs SQLite a wait for the disk. Each is still all or nothing: it has
// a savepoint of its own. Whoever finds nobody committing leads: runs its own
// and those that came meanwhile, commits, and hands over to the first that is
// left.
type groupCommit struct {
	db *sqlx.DB

	mu      sync.Mutex
	led     bool
	urgent  []*member
	patient []*member
}

// member is a transaction in a group.
type member struct {
	ctx   context.Context //nolint:containedctx // of the call that waits
	fn    func(*sqlx.Tx) error
	err   error
	cause any           // what fn panicked with
	ended chan struct{} // closed when err is known
	lead  chan struct{} // closed when the member is to lead
}

type urgentKey struct{}

// urgently returns a context whose transactions go before others: answers with
// tokens, the journal of refreshes, and people who wait for a callback.
func urgently(ctx context.Context) context.Context {
	return context.WithValue(ctx, urgentKey{}, true)
}

// do runs fn in a transaction that others may share.
func (g *groupCommit) do(ctx context.Context, fn func(*sqlx.Tx) error) error {
	m := &member{ctx: ctx, fn: fn, ended: make(chan struct{}), lead: make(chan struct{})}
	g.mu.Lock()
	if ctx.Value(urgentKey{}) != nil {
		g.urgent = append(g.urgent, m)
	} else {
		g.patient = append(g.patient, m)
	}
	first := !g.led
	g.led = true
	g.mu.Unlock()
	if !first {
		select {
		case <-m.ended:
		case <-m.lead:
			first = true
		}
	}
	if first {
		for g.run(); !m.hasEnded(); { // the urgent may have filled the group
			g.run()
		}
		g.handOver()
	}
	if m.cause != nil {
		panic(m.cause)
	}
	return m.err
}

func (m *member) hasEnded() bool {
	select {
	case <-m.ended:
		return true
	default:
		return false
	}
}

// take removes the next member from the queue; nil if there is none.
func (g *groupCommit) take() *member {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, queue := range []*[]*member{&g.urgent, &g.patient} {
		if len(*queue) > 0 {
			m := (*queue)[0]
			*queue = (*queue)[1:]
			return m
		}
	}
	return nil
}

// handOver makes the first that waits the leader.
func (g *groupCommit) handOver() {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case len(g.urgent) > 0:
		close(g.urgent[0].lead)
	case len(g.patient) > 0:
		close(g.patient[0].lead)
	default:
		g.led = false
	}
}

// run commits one group.
func (g *groupCommit) run() {
	var group []*member
	defer func() {
		for _, m := range group {
			close(m.ended)
		}
	}()
	var tx *sqlx.Tx
	open := 0 // members whose work is in tx
	for began := time.Now(); len(group) < groupSize && time.Since(began) < groupTime; {
		m := g.take()
		if m == nil {
			break
		}
		group = append(group, m)
		if m.err = m.ctx.Err(); m.err != nil {
			continue
		}
		if tx == nil {
			if tx, m.err = g.db.BeginTxx(context.WithoutCancel(m.ctx), nil); m.err != nil {
				m.err = fmt.Errorf("begin transaction: %w", m.err)
				continue
			}
		}
		if !m.within(tx, open > 0) {
			if open == 0 {
				_ = tx.Rollback() // nothing of anybody else is in it
				tx = nil
			}
			continue
		}
		open++
	}
	if tx == nil {
		return
	}
	if err := tx.Commit(); err != nil {
		for _, m := range group {
			if m.err == nil && m.cause == nil {
				m.err = fmt.Errorf("commit: %w", err)
			}
		}
	}
}

// within runs the member's function in tx and reports whether its work is to
// stay. With others in tx before it, its work alone is undone.
func (m *member) within(tx *sqlx.Tx, others bool) bool {
	ctx := context.WithoutCancel(m.ctx)
	if others {
		if _, m.err = tx.ExecContext(ctx, "SAVEPOINT member"); m.err != nil {
			return false
		}
	}
	m.call(tx)
	kept := m.err == nil && m.cause == nil
	if others {
		end := "RELEASE member"
		if !kept {
			end = "ROLLBACK TO member; RELEASE member"
		}
		if _, err := tx.ExecContext(ctx, end); err != nil {
			m.err = errors.Join(m.err, err)
			return false
		}
	}
	return kept
}

func (m *member) call(tx *sqlx.Tx) {
	defer func() {
		m.cause = recover()
	}()
	m.err = m.fn(tx)
}
