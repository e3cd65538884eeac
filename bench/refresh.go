package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"syscall"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/sync/errgroup"
)

// slots is how many refreshes are under way at once, on either side.
const slots = 64

// refreshes measures how many tokens a second Mooring renews when there is no
// end of due ones, against a bare loop that stores nothing.
func (b *bench) refreshes(ctx context.Context) error {
	if err := b.refreshesOn(ctx, "SQLite", 0.5); err != nil || b.postgres == "" {
		return err
	}
	return b.refreshesOn(ctx, "PostgreSQL", 0.4, "DATABASE_URL="+b.postgres)
}

func (b *bench) refreshesOn(ctx context.Context, database string, target float64, env ...string) (err error) {
	m, err := b.startRefreshing(ctx, database, false, env...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.resume(), m.stop()) }()
	bare, err := start(ctx, b.dir, nil, b.programs.self, roleBare, m.platform.URL+tokenPath)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, bare.resume(), bare.stop()) }()
	sides := []*process{m.process, bare}
	var rates [2][]float64
	var ratios []float64
	began := time.Now()
	for _, p := range sides {
		if err := p.pause(); err != nil {
			return err
		}
	}
	for range b.scale.rounds {
		if err := sleep(ctx, b.scale.apart-time.Since(began)); err != nil {
			return err
		}
		began = time.Now()
		for i, p := range sides {
			rate, err := b.alone(ctx, p, &m.platform.refreshed)
			if err != nil {
				return err
			}
			rates[i] = append(rates[i], rate)
		}
		last := len(rates[0]) - 1
		ratios = append(ratios, rates[0][last]/rates[1][last])
		fmt.Fprintf(b.log, "refreshes on %s: %.0f/s, bare loop %.0f/s\n", database, rates[0][last], rates[1][last])
	}
	b.rows = append(b.rows, row{
		what: "refreshes, " + database, mooring: fmt.Sprintf("%.0f/s", median(rates[0])), ceiling: fmt.Sprintf("%.0f/s", median(rates[1])),
		value: median(ratios), unit: "×", target: target, atLeast: true,
	})
	return nil
}

// startRefreshing starts a server with more accounts than it refreshes in a
// round. Their tokens live a second, but none is renewed before it is ten seconds
// old.
func (b *bench) startRefreshing(ctx context.Context, name string, probed bool, env ...string) (*mooring, error) {
	m, err := b.startMooring(ctx, "refreshes on "+name, probed, append(env,
		"MOORING_REFRESH_RATE=1000000", fmt.Sprint("MOORING_REFRESH_SLOTS=", slots))...)
	if err != nil {
		return nil, err
	}
	group, importing := errgroup.WithContext(ctx)
	group.SetLimit(8)
	for i := range b.scale.refreshing {
		group.Go(func() error {
			return m.importAccount(importing, nil, map[string]any{
				"platform": "twitter", "accessToken": fmt.Sprint(i + 1), "refreshToken": fmt.Sprint("refresh ", i),
				"expiresAt": time.Now().Add(time.Second).UTC(),
			})
		})
	}
	if err := group.Wait(); err != nil {
		return nil, errors.Join(err, m.stop())
	}
	return m, nil
}

// alone lets one of several paused processes run for a round and returns how
// many refreshes a second there were.
func (b *bench) alone(ctx context.Context, p *process, refreshed counter) (float64, error) {
	if err := p.resume(); err != nil {
		return 0, err
	}
	if err := sleep(ctx, b.scale.warmup); err != nil {
		return 0, err
	}
	before, began := refreshed.Load(), time.Now()
	if err := sleep(ctx, b.scale.round); err != nil {
		return 0, err
	}
	rate := float64(refreshed.Load()-before) / time.Since(began).Seconds()
	return rate, p.pause()
}

// counter is an *atomic.Int64.
type counter interface{ Load() int64 }

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// pause freezes the process.
func (p *process) pause() error { return p.cmd.Process.Signal(syscall.SIGSTOP) }

// resume lets a frozen process go on.
func (p *process) resume() error { return p.cmd.Process.Signal(syscall.SIGCONT) }

// refreshBarely renews tokens at an endpoint until ctx ends, and stores none.
func refreshBarely(ctx context.Context, endpoint string, out io.Writer) error {
	fmt.Fprintln(out, "refreshing at", endpoint)
	config := oauth2.Config{
		ClientID: "bench", ClientSecret: "bench",
		Endpoint: oauth2.Endpoint{TokenURL: endpoint, AuthStyle: oauth2.AuthStyleInHeader},
	}
	client := &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: slots}}
	group, ctx := errgroup.WithContext(context.WithValue(ctx, oauth2.HTTPClient, client))
	for i := range slots {
		group.Go(func() error {
			refresh := fmt.Sprint("refresh ", i)
			for ctx.Err() == nil {
				token, err := config.TokenSource(ctx, &oauth2.Token{RefreshToken: refresh}).Token()
				if err != nil && ctx.Err() == nil {
					return err
				}
				if err == nil {
					refresh = token.RefreshToken
				}
			}
			return nil
		})
	}
	return group.Wait()
}

// profileRefreshes writes a CPU profile of the server while it refreshes.
func (b *bench) profileRefreshes(ctx context.Context, file string) (err error) {
	var env []string
	if b.postgres != "" {
		env = append(env, "DATABASE_URL="+b.postgres)
	}
	m, err := b.startRefreshing(ctx, "profile", true, env...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.stop()) }()
	before := m.platform.refreshed.Load()
	profile, err := fetch(ctx, m.probe, http.MethodGet, fmt.Sprintf("http://probe/debug/pprof/profile?seconds=%.0f", b.scale.profile.Seconds()), nil)
	if err != nil {
		return err
	}
	fmt.Fprintf(b.log, "%d refreshes\n", m.platform.refreshed.Load()-before)
	return os.WriteFile(file, profile, 0o600)
}
