package accounts

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"mooring/accounts/pgtest"
	"mooring/platforms"
	"mooring/vault"
)

// BenchmarkClaim measures what it costs to claim a batch of due refreshes and to
// write them down, among ever more that are not due: the median among the
// fewest, and that of the others as a multiple of it. The databases take turns.
func BenchmarkClaim(b *testing.B) {
	for name, database := range map[string]func(testing.TB) string{"sqlite": pgtest.SQLite, "postgres": pgtest.URL} {
		b.Run(name, func(b *testing.B) {
			sizes := []int{1000, 100_000, 1_000_000}
			var stores []*claimStore
			for _, grants := range sizes {
				stores = append(stores, newClaimStore(b, database(b), grants))
			}
			took := make([][]time.Duration, len(sizes))
			for b.Loop() {
				for i, c := range stores {
					took[i] = append(took[i], c.claim(b))
				}
			}
			median := func(i int) float64 {
				slices.Sort(took[i])
				return float64(took[i][len(took[i])/2])
			}
			b.ReportMetric(0, "ns/op") // of all three together
			b.ReportMetric(median(0)/1000, "µs/claim@1000")
			for i := 1; i < len(sizes); i++ {
				b.ReportMetric(median(i)/median(0), fmt.Sprintf("x@%d", sizes[i]))
			}
		})
	}
}

// claimStore is a Service with one app, whose grants are due within weeks.
type claimStore struct {
	*Service
	of *app
}

// claimed is the batch: the free slots of an app.
const claimed = 16

func newClaimStore(b testing.TB, url string, grants int) *claimStore {
	x := platforms.Twitter
	s, err := Open(b.Context(), Options{
		DatabaseURL: url, Key: vault.NewKey(), PublicURL: "http://localhost", RefreshRate: 1 << 20,
		Apps: []*platforms.App{{Platform: x, Login: x.Logins[0], ClientID: "bench", HTTP: http.DefaultClient}},
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() }) // it holds nothing worth keeping
	c := &claimStore{Service: s}
	for _, c.of = range s.apps {
	}
	if err := s.db.transact(b.Context(), func(tx *sqlx.Tx) error { return c.fill(b.Context(), tx, grants) }); err != nil {
		b.Fatal(err)
	}
	if s.db.postgres != nil {
		if _, err := exec(b.Context(), s.db.write, "ANALYZE"); err != nil {
			b.Fatal(err)
		}
	}
	for range 10 {
		c.claim(b) // warms caches and prepared statements
	}
	return c
}

// claim makes one batch due, claims it, and returns how long the claim took.
func (c *claimStore) claim(b testing.TB) time.Duration {
	err := c.db.transact(b.Context(), func(tx *sqlx.Tx) error {
		n, err := exec(b.Context(), tx, `
			UPDATE refreshes SET due_at = 1, owner = '', sender = '', requests = 0
			WHERE grant_id >= 'gra_1' AND grant_id < ?`, benchGrant(claimed))
		if err == nil && n != claimed {
			return fmt.Errorf("%d grants are due; want %d", n, claimed)
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	jobs, _, err := c.Service.claim(b.Context(), c.of, claimed)
	if err != nil || len(jobs) != claimed {
		b.Fatalf("claim() = %d jobs, %v; want %d", len(jobs), err, claimed)
	}
	return time.Since(began)
}

// benchGrant is the id of a grant; they sort by number.
func benchGrant(i int) string { return fmt.Sprint("gra_", 10_000_000+i) }

// fill makes the grants. The first have tokens that can be opened.
func (c *claimStore) fill(ctx context.Context, tx *sqlx.Tx, grants int) error {
	now := time.Now()
	const each = `WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < CAST(? AS INTEGER) - 1) `
	for _, insert := range []struct {
		query string
		args  []any
	}{
		{each + `
			INSERT INTO grants (id, workspace, app_id, platform, subject, scopes, scopes_source, consented_at, generation)
			SELECT 'gra_' || (10000000 + i), 'w', ?, 'twitter', 'subject ' || i, '[]', 'REQUEST', 0, 1 FROM n`, []any{grants, c.of.id}},
		{each + `
			INSERT INTO accounts (id, workspace, platform, external_id, grant_id, kind, display_name, labels, search,
				connected_at, connected_by, verdict, status, reason, since)
			SELECT 'acc_' || (10000000 + i), 'w', 'twitter', 'subject ' || i, 'gra_' || (10000000 + i), 'PROFILE', 'Person', '[]', '',
				0, 'olive', '', 'HEALTHY', '', 0 FROM n`, []any{grants}},
		{each + `
			INSERT INTO secrets (owner_id, kind, workspace, key_id, sealed)
			SELECT 'gra_' || (10000000 + i), k.kind, 'w', 1, ? FROM n
			CROSS JOIN (SELECT 'access_token' AS kind UNION ALL SELECT 'refresh_token') k`, []any{grants, make([]byte, 150)}},
		{each + `
			INSERT INTO refreshes (grant_id, app_id, due_at, owner, fence, failures, sender, requests)
			SELECT 'gra_' || (10000000 + i), ?, CAST(? AS BIGINT) + CAST(i AS BIGINT) * 60000, '', 0, 0, '', 0 FROM n`, []any{grants, c.of.id, now.UnixMilli()}},
	} {
		if _, err := exec(ctx, tx, insert.query, insert.args...); err != nil {
			return err
		}
	}
	for i := range claimed {
		t := &platforms.Tokens{Access: platforms.NewSecret("access"), Refresh: platforms.NewSecret("refresh")}
		if err := c.putTokens(ctx, tx, "w", benchGrant(i), t); err != nil {
			return err
		}
	}
	return nil
}
