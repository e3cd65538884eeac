// Command bench measures Mooring as a whole program, each figure against the
// ceiling of what could be had without it, in the same run:
//
//	go run ./bench            # everything; about eight minutes
//	go run ./bench -quick     # the same on a small scale; the figures mean nothing
//	go run ./bench -check     # exit status 1 if a target is missed
//	go run ./bench -only queries,sockets,stall,refreshes,memory
//	go run ./bench -profile cpu.prof
//
// # Processes
//
// The server is built from the source at hand and runs as it would anywhere,
// in a process of its own, over an SQLite file in a temporary folder. Each
// ceiling is another process: this program again, with a role as its first
// argument. What remains is the load, so that neither side is measured
// together with its clients. Nothing leaves 127.0.0.1.
//
// Accounts come in through importAccount. The one stand-in is the platform: a
// handler in this process that believes every token (platform.go).
//
// # Queries
//
// account(id) and accounts(first: 50), with platform and health, by POST, over
// 32 connections kept alive. The ceiling (plain.go) is net/http,
// encoding/json and the same SQL, written by hand for these two answers.
// Before anything is measured, both sides must answer every request of the set
// with the same bytes. Rounds alternate between the two, so that a busy
// machine hurts both, and the ratio is the median over pairs of rounds.
//
// # Subscriptions
//
// One healthChanged subscription on a socket of its own, 1,000 and 10,000
// times. Memory is what the process holds (VmRSS) after a forced garbage
// collection, less what it held before, for each subscription. Delivery is the
// time from the event's own timestamp, which is taken before it is committed,
// to the moment at which the last subscriber has read it. The ceiling
// (broadcast.go) is a gorilla server that sends one prepared message, the very
// bytes of Mooring's, to every socket, and knows nothing else.
//
// Forcing a collection, counting goroutines and profiling need a way in that
// the program does not have. testdata/probe.go is laid over its build for
// these measurements (go build -overlay); queries are measured without it.
//
// # Refreshes
//
// Tokens live a second here, so that there is no end of those that are due, and
// Mooring may send as many as it can. The ceiling (refresh.go) is a bare loop of
// golang.org/x/oauth2, with as many at once, that stores nothing. Both renew at
// one token endpoint in this process. They take turns: one is frozen while the
// other runs, and what the endpoint was asked is counted.
//
// # Memory
//
// The server's peak (VmHWM) over a database whose only grant was copied by SQL
// until there were a million, after lists and counts over all of them.
//
// # A stalled client
//
// One of 21 subscribers stops reading while changes flood. How soon the server
// ends that connection is read from the kernel's table of sockets, so this
// program needs Linux.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1) //nolint:gocritic // stop only forgets a signal handler
	}
}

// The roles that this program starts itself in, as its first argument.
const (
	rolePlain     = "plain"     // and the database's file
	roleBare      = "bare"      // and the token endpoint
	roleBroadcast = "broadcast" // no more
)

// bench is one run.
type bench struct {
	log      io.Writer // of progress
	scale    scale
	dir      string // for everything; removed at the end
	programs programs
	postgres string // the address of a database for measurements; "" for none
	rows     []row
}

// scale is how much is measured.
type scale struct {
	accounts      int
	rounds        int // for each query and side
	round, warmup time.Duration
	crowds        []int // sockets at a time
	crowdRounds   int
	events        int // in each of them
	profile       time.Duration
	refreshing    int           // accounts that can be refreshed
	apart         time.Duration // how long after each other rounds of refreshes begin, so that all are due
	grants        int           // for memory
}

var (
	fullScale = scale{
		accounts: 1000, rounds: 9, round: 2 * time.Second, warmup: time.Second,
		crowds: []int{1000, 10_000}, crowdRounds: 3, events: 7, profile: 10 * time.Second, refreshing: 10_000, apart: 10 * time.Second, grants: 1_000_000,
	}
	quickScale = scale{
		accounts: 120, rounds: 2, round: 200 * time.Millisecond, warmup: 50 * time.Millisecond,
		crowds: []int{50}, crowdRounds: 1, events: 2, profile: time.Second, refreshing: 100, grants: 1000,
	}
)

// row is a line of the report.
type row struct {
	what, mooring, ceiling string
	value                  float64 // what the target is about
	unit                   string  // of value; "×" for a ratio to the ceiling
	target                 float64
	atLeast                bool // whether value has to be target or more, rather than or less
}

func (r row) ok() bool {
	if r.atLeast {
		return r.value >= r.target
	}
	return r.value <= r.target
}

func run(ctx context.Context, args []string, out io.Writer) error {
	switch len(args) {
	case 1:
		if args[0] == roleBroadcast {
			return serveBroadcast(ctx, out)
		}
	case 2:
		switch args[0] {
		case rolePlain:
			return servePlain(ctx, args[1], out)
		case roleBare:
			return refreshBarely(ctx, args[1], out)
		}
	}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	quick := flags.Bool("quick", false, "run everything on a small scale")
	check := flags.Bool("check", false, "fail if a target is missed")
	only := flags.String("only", "queries,sockets,stall,refreshes,memory", "what to measure")
	profile := flags.String("profile", "", "profile the server under accounts(first: 50), or with -only refreshes while it refreshes, into this `file` instead")
	postgres := flags.String("postgres", "", "measure refreshes over this PostgreSQL database, too, which is filled; its `address`")
	if err := flags.Parse(args); err != nil {
		return err
	}
	b := &bench{log: os.Stderr, scale: fullScale, postgres: *postgres}
	if *quick {
		b.scale = quickScale
	}
	measures := []func(context.Context) error{}
	for name := range strings.SplitSeq(*only, ",") {
		measure, ok := map[string]func(context.Context) error{
			"queries": b.queries, "sockets": b.sockets, "stall": b.stall, "refreshes": b.refreshes, "memory": b.memory,
		}[name]
		if !ok {
			return fmt.Errorf("-only %q: want queries, sockets, stall, refreshes or memory", name)
		}
		measures = append(measures, measure)
	}
	if *profile != "" {
		under := b.profile
		if *only == "refreshes" {
			under = b.profileRefreshes
		}
		measures = []func(context.Context) error{func(ctx context.Context) error { return under(ctx, *profile) }}
	}
	if err := b.measure(ctx, measures); err != nil {
		return err
	}
	b.report(out)
	if *check && slices.ContainsFunc(b.rows, func(r row) bool { return !r.ok() }) {
		return errors.New("a target is missed")
	}
	return nil
}

// measure builds what is measured and runs the measures one after the other.
func (b *bench) measure(ctx context.Context, measures []func(context.Context) error) (err error) {
	if b.dir, err = os.MkdirTemp("", "mooring-bench-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(b.dir)) }()
	fmt.Fprintln(b.log, "building the server")
	if b.programs, err = build(ctx, b.dir); err != nil {
		return err
	}
	for _, measure := range measures {
		if err := measure(ctx); err != nil {
			return err
		}
	}
	return nil
}

// report prints the rows as a table in Markdown.
func (b *bench) report(out io.Writer) {
	if len(b.rows) == 0 {
		return
	}
	fmt.Fprintln(out, "| what | Mooring | ceiling | result | target | |")
	fmt.Fprintln(out, "|---|---|---|---|---|---|")
	for _, r := range b.rows {
		sign, verdict := "≤", "pass"
		if r.atLeast {
			sign = "≥"
		}
		if !r.ok() {
			verdict = "**MISSED**"
		}
		fmt.Fprintf(out, "| %s | %s | %s | %.3g %s | %s %.3g %s | %s |\n",
			r.what, r.mooring, r.ceiling, r.value, r.unit, sign, r.target, r.unit, verdict)
	}
}

// median returns the middle of values, which it sorts; of an even number the
// upper one. There must be at least one.
func median[T float64 | time.Duration](values []T) T {
	slices.Sort(values)
	return values[len(values)/2]
}

// percentile returns the value that a fraction of the sorted values do not
// exceed.
func percentile(sorted []time.Duration, fraction float64) time.Duration {
	return sorted[min(len(sorted)-1, int(fraction*float64(len(sorted))))]
}

// milliseconds shows a duration to a tenth of a millisecond.
func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
}
