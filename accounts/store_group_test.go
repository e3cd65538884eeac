package accounts

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jmoiron/sqlx"
)

// groups returns a SQLite database with a table t of one unique column n.
func groups(t *testing.T) *store {
	t.Helper()
	s, err := openSQLite(t.Context(), filepath.Join(t.TempDir(), "group.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.close() }) // nothing is pending
	if _, err := s.write.ExecContext(t.Context(), "CREATE TABLE t (n INTEGER NOT NULL UNIQUE) STRICT"); err != nil {
		t.Fatal(err)
	}
	return s
}

func insert(ctx context.Context, n int) func(*sqlx.Tx) error {
	return func(tx *sqlx.Tx) error {
		_, err := exec(ctx, tx, "INSERT INTO t (n) VALUES (?)", n)
		return err
	}
}

func stored(t *testing.T, s *store) []int {
	t.Helper()
	var all []int
	if err := list(t.Context(), s.read, &all, "SELECT n FROM t ORDER BY rowid"); err != nil {
		t.Fatal(err)
	}
	return all
}

// hold occupies the writer until release is called, so that whoever comes
// meanwhile waits.
func hold(t *testing.T, s *store) (release func()) {
	t.Helper()
	entered, leave, left := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(left)
		err := s.transact(context.WithoutCancel(t.Context()), func(*sqlx.Tx) error {
			close(entered)
			<-leave
			return nil
		})
		if err != nil {
			t.Errorf("transact() = %v", err)
		}
	}()
	<-entered
	return func() { close(leave); <-left }
}

// queued waits until so many transactions wait for the writer.
func queued(s *store, n int) {
	for {
		s.commits.mu.Lock()
		waiting := len(s.commits.urgent) + len(s.commits.patient)
		s.commits.mu.Unlock()
		if waiting == n {
			return
		}
		runtime.Gosched()
	}
}

func TestTransactionsShareACommit(t *testing.T) {
	t.Parallel()
	s := groups(t)
	release := hold(t, s)
	const n = 40
	var seen atomic.Int32 // the most rows that one of them saw uncommitted
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			err := s.transact(t.Context(), func(tx *sqlx.Tx) error {
				if err := insert(t.Context(), i)(tx); err != nil {
					return err
				}
				var mine, others int32
				if err := get(t.Context(), tx, &mine, "SELECT count(*) FROM t"); err != nil {
					return err
				}
				if err := get(t.Context(), s.read, &others, "SELECT count(*) FROM t"); err != nil {
					return err
				}
				seen.Store(max(seen.Load(), mine-others))
				return nil
			})
			if err != nil {
				t.Errorf("transact(%d) = %v", i, err)
			}
		})
	}
	queued(s, n)
	release()
	wg.Wait()
	if got := len(stored(t, s)); got != n {
		t.Errorf("%d rows stored; want %d", got, n)
	}
	if seen.Load() < 2 {
		t.Error("no transaction shared its commit with another")
	}
}

func TestEachTransactionIsAllOrNothing(t *testing.T) {
	t.Parallel()
	s := groups(t)
	refused := errors.New("refused")
	work := map[string]struct {
		first, second int
		err           error
		panics        bool
	}{
		"first fails":   {1, 2, refused, false},
		"kept":          {3, 4, nil, false},
		"fails late":    {5, 6, refused, false},
		"panics":        {7, 8, nil, true},
		"breaks a rule": {9, 9, nil, false},
		"kept too":      {10, 11, nil, false},
	}
	order := []string{"first fails", "kept", "fails late", "panics", "breaks a rule", "kept too"}
	release := hold(t, s)
	var wg sync.WaitGroup
	for i, name := range order {
		w := work[name]
		wg.Go(func() {
			defer func() {
				if cause := recover(); (cause != nil) != w.panics {
					t.Errorf("%s: panic %v; want one: %t", name, cause, w.panics)
				}
			}()
			err := s.transact(t.Context(), func(tx *sqlx.Tx) error {
				if err := errors.Join(insert(t.Context(), w.first)(tx), insert(t.Context(), w.second)(tx)); err != nil {
					return fmt.Errorf("insert: %w", err)
				}
				if w.panics {
					panic(name)
				}
				return w.err
			})
			if w.err != nil && !errors.Is(err, w.err) {
				t.Errorf("%s: transact() = %v; want %v", name, err, w.err)
			}
			if wantErr := w.err != nil || w.first == w.second; (err != nil) != wantErr {
				t.Errorf("%s: transact() = %v; want an error: %t", name, err, wantErr)
			}
		})
		queued(s, i+1)
	}
	release()
	wg.Wait()
	if got, want := stored(t, s), []int{3, 4, 10, 11}; !slices.Equal(got, want) {
		t.Errorf("stored %v; want %v", got, want)
	}
}

func TestUrgentTransactionsGoFirst(t *testing.T) {
	t.Parallel()
	s := groups(t)
	release := hold(t, s)
	var wg sync.WaitGroup
	for i := range 3 {
		wg.Go(func() { _ = s.transact(t.Context(), insert(t.Context(), i)) })
		queued(s, i+1)
	}
	wg.Go(func() { _ = s.transact(urgently(t.Context()), insert(t.Context(), 9)) })
	queued(s, 4)
	release()
	wg.Wait()
	if got, want := stored(t, s), []int{9, 0, 1, 2}; !slices.Equal(got, want) {
		t.Errorf("stored in the order %v; want %v", got, want)
	}
}

func TestALeaderIsServedThoughTheUrgentFillItsGroup(t *testing.T) {
	t.Parallel()
	s := groups(t)
	release := hold(t, s)
	var wg sync.WaitGroup
	wg.Go(func() { _ = s.transact(t.Context(), insert(t.Context(), -1)) })
	queued(s, 1)
	for i := range 3 * groupSize {
		wg.Go(func() { _ = s.transact(urgently(t.Context()), insert(t.Context(), i)) })
	}
	queued(s, 3*groupSize+1)
	release()
	wg.Wait()
	if got := len(stored(t, s)); got != 3*groupSize+1 {
		t.Errorf("%d rows stored; want %d", got, 3*groupSize+1)
	}
}

func TestACancelledTransactionDoesNotRun(t *testing.T) {
	t.Parallel()
	s := groups(t)
	release := hold(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	cancelled := make(chan error, 1)
	go func() { cancelled <- s.transact(ctx, insert(t.Context(), 1)) }()
	queued(s, 1)
	cancel()
	kept := make(chan error, 1)
	go func() { kept <- s.transact(t.Context(), insert(t.Context(), 2)) }()
	queued(s, 2)
	release()
	if err := <-cancelled; !errors.Is(err, context.Canceled) {
		t.Errorf("transact() of a cancelled context = %v; want context.Canceled", err)
	}
	if err := <-kept; err != nil {
		t.Errorf("transact() beside it = %v", err)
	}
	if got := stored(t, s); !slices.Equal(got, []int{2}) {
		t.Errorf("stored %v; want [2]", got)
	}
}
