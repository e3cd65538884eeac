package accounts

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"mooring/accounts/pgtest"
	"mooring/platforms"
)

// Of tokens that are stored together, those that come too late or cannot be
// stored keep none of the others out.
func TestTokensThatCannotBeStoredHoldUpNoOthers(t *testing.T) {
	t.Parallel()
	pgtest.Both(t, func(t *testing.T, url string) {
		c := newClaimStore(t, url, 100)
		if err := c.db.transact(t.Context(), func(tx *sqlx.Tx) error {
			_, err := exec(t.Context(), tx, "UPDATE refreshes SET due_at = 1, owner = '', sender = '', requests = 0 WHERE grant_id < ?", benchGrant(4))
			return err
		}); err != nil {
			t.Fatal(err)
		}
		jobs, _, err := c.Service.claim(t.Context(), c.of, 4)
		if err != nil || len(jobs) != 4 {
			t.Fatalf("claim() = %d jobs, %v; want 4", len(jobs), err)
		}
		for query, id := range map[string]string{
			"UPDATE grants SET retired_at = 1 WHERE id = ?": jobs[0].GrantID,
			"UPDATE grants SET generation = 2 WHERE id = ?": jobs[1].GrantID,
		} {
			if _, err := exec(t.Context(), c.db.write, query, id); err != nil {
				t.Fatal(err)
			}
		}
		want := []error{errRetired, errRaceLost, nil, nil}
		for i, j := range jobs {
			c.refresher.unkept = append(c.refresher.unkept, &kept{job: j, ended: make(chan struct{}), tokens: &platforms.Tokens{
				Access: platforms.NewSecret(fmt.Sprint("access ", i)), Refresh: platforms.NewSecret(fmt.Sprint("refresh ", i)),
				IssuedAt: time.Now(), AccessExpires: time.Now().Add(time.Hour),
			}})
		}
		batch := slices.Clone(c.refresher.unkept)
		c.keepWaiting()
		for i, k := range batch {
			<-k.ended
			if !errors.Is(k.err, want[i]) {
				t.Errorf("tokens %d: %v; want %v", i, k.err, want[i])
			}
			grants, err := grantsAnywhere(t.Context(), c.db.write, k.GrantID)
			if err != nil {
				t.Fatal(err)
			}
			found := &platforms.Tokens{}
			if err := c.unsealTokens(t.Context(), c.db.write, grants[k.GrantID].tokens, found); err != nil {
				t.Fatal(err)
			}
			stored := found.Access.Reveal() == fmt.Sprint("access ", i) && found.Refresh.Reveal() == fmt.Sprint("refresh ", i)
			if stored != (want[i] == nil) {
				t.Errorf("tokens %d are stored: %t; want %t", i, stored, want[i] == nil)
			}
		}
	})
}

// A caller's claim that has waited for another replica's tokens goes on with
// those, not with the ones that they have replaced.
func TestAClaimThatWaitedSendsTheLatestTokens(t *testing.T) {
	t.Parallel()
	c := newClaimStore(t, pgtest.URL(t), 100)
	id := benchGrant(1)
	const free = "UPDATE refreshes SET owner = '', sender = '', requests = 0 WHERE grant_id = ?"
	if _, err := exec(t.Context(), c.db.write, free, id); err != nil {
		t.Fatal(err)
	}
	claimed := make(chan *job, 1)
	err := c.db.transact(t.Context(), func(tx *sqlx.Tx) error { // the other replica
		if _, err := exec(t.Context(), tx, free, id); err != nil {
			return err
		}
		go func() {
			j, err := c.claimNow(context.WithoutCancel(t.Context()), c.of, id, 1, errand{math.MaxInt32, ByRefresh})
			if err != nil {
				t.Errorf("claimNow() = %v", err)
			}
			claimed <- j
		}()
		for waits := false; !waits; {
			if err := get(t.Context(), c.db.read, &waits, "SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')"); err != nil {
				return err
			}
		}
		if _, err := exec(t.Context(), tx, "UPDATE grants SET generation = 2 WHERE id = ?", id); err != nil {
			return err
		}
		return c.putTokens(t.Context(), tx, "w", id, &platforms.Tokens{Access: platforms.NewSecret("latest"), Refresh: platforms.NewSecret("latest")})
	})
	if err != nil {
		t.Fatal(err)
	}
	j := <-claimed
	if j == nil {
		t.Fatal("claimNow() = nil; want a job")
	}
	if got := j.tokens.Refresh.Reveal(); got != "latest" || j.grant.Generation != 2 {
		t.Errorf("claimNow() = tokens %q of generation %d; want those of the other replica", got, j.grant.Generation)
	}
}
