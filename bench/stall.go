package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// stall lets one subscriber stop reading while changes flood, and measures how
// soon the server is rid of it, and whether the others are served on.
func (b *bench) stall(ctx context.Context) (err error) {
	m, err := b.startMooring(ctx, "stall", false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.stop()) }()
	const person = 1
	if _, err := m.importPerson(ctx, person); err != nil {
		return err
	}
	others := newCrowd(20)
	others.want = []byte(`"Person 2"`) // no part of the flood
	defer others.close()
	if err := others.subscribe(ctx, m.address); err != nil {
		return err
	}
	stalled := &member{crowd: newCrowd(1)}
	if err := stalled.open(ctx, m.address); err != nil {
		return err
	}
	defer stalled.conn.Close()
	// What the kernel takes for a client that does not read hides the stall.
	if err := stalled.conn.NetConn().(*net.TCPConn).SetReadBuffer(4 << 10); err != nil {
		return err
	}
	if err := stalled.subscribe(); err != nil {
		return err
	}
	began := time.Now()
	changes := 0
	for open := true; open && time.Since(began) < patience; {
		n, err := m.flood(ctx, person)
		if err != nil {
			return err
		}
		changes += n
		if open, err = established(m.address, stalled.conn.LocalAddr().String()); err != nil {
			return err
		}
	}
	closed := time.Since(began)
	others.expect()
	last, err := m.importPerson(ctx, person+1)
	if err != nil {
		return err
	}
	arrived, err := others.served(ctx, patience)
	if err != nil {
		return fmt.Errorf("the others: %w", err)
	}
	b.rows = append(b.rows, row{
		what: "a client that stops reading is closed",
		mooring: fmt.Sprintf("%d changes meanwhile; all %d others had the next after %s",
			changes, len(arrived), milliseconds(arrived[len(arrived)-1].Sub(last.Health.CheckedAt))),
		ceiling: "–", value: closed.Seconds(), unit: "s", target: 10,
	})
	return nil
}

// flood imports a person's account several times at once and returns how often.
func (m *mooring) flood(ctx context.Context, person int) (int, error) {
	const times = 8
	group, ctx := errgroup.WithContext(ctx)
	for range times {
		group.Go(func() error {
			_, err := m.importPerson(ctx, person)
			return err
		})
	}
	return times, group.Wait()
}

// established reports whether a server still holds its end of a connection
// from client, both as 127.0.0.1:port. The client's end cannot tell: the end of
// the stream waits behind what it does not read.
func established(server, client string) (bool, error) {
	table, err := os.ReadFile("/proc/net/tcp")
	if err != nil {
		return false, err
	}
	// sl, local address, remote address, state, … (proc(5))
	local, err := inHex(server)
	if err != nil {
		return false, err
	}
	remote, err := inHex(client)
	if err != nil {
		return false, err
	}
	const stateEstablished = "01"
	return strings.Contains(string(table), local+" "+remote+" "+stateEstablished+" "), nil
}

// inHex is an IPv4 address as the kernel's table has it: the bytes of the
// address backwards.
func inHex(address string) (string, error) {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return "", err
	}
	ip := at.Addr().As4()
	return fmt.Sprintf("%02X%02X%02X%02X:%04X", ip[3], ip[2], ip[1], ip[0], at.Port()), nil
}
