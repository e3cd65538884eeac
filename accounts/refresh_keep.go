package accounts

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"

	"mooring/platforms"
)

// kept are new tokens on their way into the database.
type kept struct {
	*job

	tokens *platforms.Tokens
	next   time.Time     // when they are to be renewed; zero for never
	err    error         // why they are not stored
	ended  chan struct{} // closed when err is known
}

// keepSize bounds how many tokens are stored in one transaction.
const keepSize = 128

// keep stores new tokens. Those that come while others are being stored share
// the next transaction, and its statements.
func (s *Service) keep(j *job, t *platforms.Tokens) error {
	k := &kept{job: j, tokens: t, ended: make(chan struct{})}
	r := s.refresher
	r.mu.Lock()
	r.unkept = append(r.unkept, k)
	first := !r.keeping
	r.keeping = true
	r.mu.Unlock()
	if first {
		r.working.Go(s.keepWaiting)
	}
	<-k.ended
	if k.err == nil {
		s.log.LogAttrs(context.Background(), slog.LevelInfo, "refreshed",
			slog.String("platform", j.app.Platform.ID), slog.String("grant", j.GrantID))
	}
	return k.err
}

// keepWaiting stores what waits until nothing does.
func (s *Service) keepWaiting() {
	for {
		batch := s.refresher.takeUnkept()
		if len(batch) == 0 {
			return
		}
		err := s.keepAll(batch)
		var alone sync.WaitGroup
		for _, k := range batch {
			if k.err = err; err != nil && len(batch) > 1 { // one of them may be the cause
				alone.Go(func() { k.err = s.keepAll([]*kept{k}) })
			}
		}
		alone.Wait()
		for _, k := range batch {
			close(k.ended)
		}
	}
}

// takeUnkept returns tokens that wait. None means that the caller stores no
// more.
func (r *refresher) takeUnkept() []*kept {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := min(keepSize, len(r.unkept))
	batch := slices.Clone(r.unkept[:n])
	r.unkept = slices.Delete(r.unkept, 0, n)
	r.keeping = n > 0
	return batch
}

// keepAll stores new tokens: all of them or none. Of one alone it says why not,
// see overtaken. A panic is an error.
func (s *Service) keepAll(batch []*kept) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
		}
	}()
	batch = slices.Clone(batch)
	slices.SortFunc(batch, func(a, b *kept) int { return cmp.Compare(a.GrantID, b.GrantID) }) // see store: the order of locks
	ctx := urgently(context.Background())
	return s.record(ctx, func(tx *sqlx.Tx) error { return s.keepWithin(ctx, tx, batch) })
}

func (s *Service) keepWithin(ctx context.Context, tx *sqlx.Tx, batch []*kept) error {
	struck, err := lockStruck(ctx, tx, batch)
	if err != nil {
		return err
	}
	of, grants := make([]territory, len(batch)), make([]*grantState, len(batch))
	for i, k := range batch {
		of[i], grants[i] = territory{k.grant.Workspace, k.app.Platform.ID}, &k.grant
	}
	if err := shareGrants(ctx, tx, of...); err != nil {
		return err
	}
	now := present()
	if err := s.requeue(ctx, tx, batch); err != nil {
		return err
	}
	all, renewed, err := s.renewed(ctx, tx, batch, now)
	if err != nil {
		return err
	}
	advanced, err := advanceGrants(ctx, tx, batch)
	if err != nil {
		return err
	}
	if !advanced && len(batch) > 1 {
		return errNotAlone
	}
	if !advanced {
		g, err := grantAnywhere(ctx, tx, batch[0].GrantID)
		return cmp.Or(err, g.overtaken(batch[0].job)) // either undoes what was done
	}
	if err := s.putAllTokens(ctx, tx, batch); err != nil {
		return err
	}
	if err := storeAssessments(ctx, tx, all...); err != nil {
		return err
	}
	if err := countRefreshes(ctx, tx, renewed, now); err != nil {
		return err
	}
	for a, state := range struck {
		if err := s.appWorks(ctx, tx, state, a, now); err != nil {
			return err
		}
	}
	return tallyRefreshes(ctx, tx, true, now, grants...)
}

// errNotAlone says that one of those that were to be stored together came too
// late.
var errNotAlone = errors.New("somebody else gave one of the grants new tokens, or it is retired")

// lockStruck locks those apps that a success has something to take back from.
func lockStruck(ctx context.Context, tx *sqlx.Tx, batch []*kept) (map[*app]*appState, error) {
	struck := map[*app]*appState{}
	for _, k := range batch {
		if k.app.struck.Load() {
			struck[k.app] = nil
		}
	}
	for _, a := range slices.SortedFunc(maps.Keys(struck), func(a, b *app) int { return cmp.Compare(a.id, b.id) }) {
		state, err := lockApp(ctx, tx, a.id)
		if err != nil {
			return nil, err
		}
		struck[a] = state
	}
	return struck, nil
}

// requeue sets when the grants are to be refreshed next, in the order of their
// ids.
func (s *Service) requeue(ctx context.Context, tx *sqlx.Tx, batch []*kept) error {
	lasts := false // one of them is never refreshed again
	for _, k := range batch {
		k.next, _ = s.nextRefresh(k.app, k.tokens)
		lasts = lasts || k.next.IsZero()
	}
	if !lasts {
		return queueRefreshes(ctx, tx, batch...)
	}
	for _, k := range batch {
		var err error
		if k.next.IsZero() {
			err = unqueueRefresh(ctx, tx, k.GrantID)
		} else {
			err = queueRefreshes(ctx, tx, k)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// renewed returns what becomes of the accounts that live by the grants' own
// tokens, unless they are over for good, and which of them count it.
func (s *Service) renewed(ctx context.Context, tx *sqlx.Tx, batch []*kept, now time.Time) (all []assessment, counted []*Account, err error) {
	of, ids := map[string]*kept{}, make([]string, len(batch))
	for i, k := range batch {
		of[k.GrantID], ids[i] = k, k.GrantID
	}
	accounts, err := s.accountsOfGrantsAnywhere(ctx, tx, ids)
	if err != nil {
		return nil, nil, err
	}
	for _, a := range accounts {
		if a.evidence.Verdict.final() || a.ownToken {
			continue
		}
		k, e := of[a.grantID], a.evidence
		e.AccessIssued, e.AccessEnds, e.RefreshEnds = k.tokens.IssuedAt, k.tokens.AccessExpires, k.app.refreshEnds(k.tokens)
		e.AutoRefresh, e.NextRefresh, e.Failing = !k.next.IsZero(), k.next, ""
		e.CheckedAt, e.CheckedBy = now, k.by
		all = append(all, s.assessed(a, e, now))
		if e.Verdict == "" {
			counted = append(counted, a)
		}
	}
	return all, counted, nil
}

// putAllTokens is putTokens for several grants.
func (s *Service) putAllTokens(ctx context.Context, tx *sqlx.Tx, batch []*kept) error {
	ring, err := s.currentRing(ctx, tx)
	if err != nil {
		return err
	}
	var all []sealedSecret
	for _, k := range batch {
		sealed, err := sealTokens(ring, k.grant.Workspace, k.GrantID, k.tokens)
		if err != nil {
			return err
		}
		all = append(all, sealed...)
	}
	return insertSecrets(ctx, tx, all...)
}
