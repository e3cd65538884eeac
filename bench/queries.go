package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"time"
)

// selection is what both queries ask of an account; plainAccount is its shape.
const selection = `{
	id externalId displayName username
	platform { id displayName icon }
	health { status isConnected isExpired expiresAt checkedAt }
}`

const (
	queryAccount  = `query ($id: ID!) { account(id: $id) ` + selection + ` }`
	queryAccounts = `query ($after: String) {
		accounts(first: 50, after: $after) { edges { cursor node ` + selection + ` } pageInfo { hasNextPage endCursor } }
	}`
)

const pageSize = 50

// connections is how many the load holds.
const connections = 32

// question is one query as both sides are asked it, with different variables
// each time.
type question struct {
	name           string
	mooring, plain []request // the same at the same index
	atLeast        float64   // the ratio
}

// queries measures the two queries.
func (b *bench) queries(ctx context.Context) (err error) {
	m, err := b.startMooring(ctx, "queries", false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.stop()) }()
	questions, err := b.fill(ctx, m)
	if err != nil {
		return err
	}
	p, err := start(ctx, b.dir, nil, b.programs.self, rolePlain, m.database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	for _, q := range questions {
		if err := sameBytes(ctx, m.process, p, q); err != nil {
			return err
		}
		fmt.Fprintf(b.log, "%s: both sides answer alike\n", q.name)
		if err := b.compare(ctx, m.process, p, q); err != nil {
			return err
		}
	}
	return nil
}

// fill connects accounts and returns the questions about them.
func (b *bench) fill(ctx context.Context, m *mooring) ([]question, error) {
	fmt.Fprintf(b.log, "importing %d accounts\n", b.scale.accounts)
	ids, err := m.importPeople(ctx, b.scale.accounts)
	if err != nil {
		return nil, err
	}
	cursors, err := m.cursors(ctx)
	if err != nil {
		return nil, err
	}
	one := question{name: "`account(id)`", atLeast: 0.65}
	for _, id := range ids {
		one.mooring = append(one.mooring, post(graphQL(queryAccount, map[string]any{"id": id})))
		one.plain = append(one.plain, get("/account?"+url.Values{"id": {id}}.Encode()))
	}
	fifty := question{name: "`accounts(first: 50)`", atLeast: 0.22}
	for _, cursor := range cursors[:len(cursors)-pageSize] { // so that each page is full
		fifty.mooring = append(fifty.mooring, post(graphQL(queryAccounts, map[string]any{"after": cursor})))
		fifty.plain = append(fifty.plain, get("/accounts?"+url.Values{"first": {fmt.Sprint(pageSize)}, "after": {cursor}}.Encode()))
	}
	return []question{one, fifty}, nil
}

// sameBytes compares every answer of the two sides, and lets the load know how
// long each has to be.
func sameBytes(ctx context.Context, m, p *process, q question) error {
	for i := range q.mooring {
		left, err := q.mooring[i].ask(ctx, m.address)
		if err != nil {
			return err
		}
		right, err := q.plain[i].ask(ctx, p.address)
		if err != nil {
			return err
		}
		if !bytes.Equal(left, right) {
			return fmt.Errorf("%s: the sides differ, so comparing their speed means nothing\nMooring: %s\nplain:   %s", q.name, left, right)
		}
		q.mooring[i].length, q.plain[i].length = len(left), len(left)
	}
	return nil
}

// compare measures both sides in turn.
func (b *bench) compare(ctx context.Context, m, p *process, q question) error {
	var left, right []sample
	var ratios []float64
	for round := range 1 + b.scale.rounds {
		length := b.scale.round
		if round == 0 {
			length = b.scale.warmup
		}
		l, err := hammer(ctx, m, q.mooring, length)
		if err != nil {
			return fmt.Errorf("%s: Mooring: %w", q.name, err)
		}
		r, err := hammer(ctx, p, q.plain, length)
		if err != nil {
			return fmt.Errorf("%s: plain: %w", q.name, err)
		}
		if round > 0 {
			left, right, ratios = append(left, l), append(right, r), append(ratios, l.rate/r.rate)
			fmt.Fprintf(b.log, "%s: %.0f to %.0f requests/s\n", q.name, l.rate, r.rate)
		}
	}
	l, r := middle(left), middle(right)
	b.rows = append(b.rows, row{
		what: fmt.Sprintf("%s, %d bytes", q.name, q.mooring[0].length), mooring: l.String(), ceiling: r.String(),
		value: median(ratios), unit: "×", target: q.atLeast, atLeast: true,
	})
	return nil
}

// middle is the sample with the median rate.
func middle(samples []sample) sample {
	slices.SortFunc(samples, func(a, b sample) int { return cmp.Compare(a.rate, b.rate) })
	return samples[len(samples)/2]
}

// String shows what the report has of a sample.
func (s sample) String() string {
	return fmt.Sprintf("%.0f/s, p50 %s, p99 %s, %.0f µs CPU", s.rate, milliseconds(s.p50), milliseconds(s.p99),
		float64(s.cpu)/float64(time.Microsecond))
}

// profile writes a CPU profile of the server under the load of the larger
// query.
func (b *bench) profile(ctx context.Context, file string) (err error) {
	m, err := b.startMooring(ctx, "profile", true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.stop()) }()
	questions, err := b.fill(ctx, m)
	if err != nil {
		return err
	}
	fifty := questions[1]
	for i := range fifty.mooring {
		answer, err := fifty.mooring[i].ask(ctx, m.address)
		if err != nil {
			return err
		}
		fifty.mooring[i].length = len(answer)
	}
	type result struct {
		profile []byte
		err     error
	}
	profiled := make(chan result, 1)
	go func() {
		profile, err := fetch(ctx, m.probe, http.MethodGet, fmt.Sprintf("http://probe/debug/pprof/profile?seconds=%.0f", b.scale.profile.Seconds()), nil)
		profiled <- result{profile, err}
	}()
	s, err := hammer(ctx, m.process, fifty.mooring, b.scale.profile)
	if err != nil {
		return err
	}
	fmt.Fprintf(b.log, "%s: %s\n", fifty.name, s)
	taken := <-profiled
	if taken.err != nil {
		return taken.err
	}
	return os.WriteFile(file, taken.profile, 0o600)
}
