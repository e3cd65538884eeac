package accounts

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jmoiron/sqlx"

	"mooring/accounts/pgtest"
)

// Two transactions that wait for each other both come to their end: one is run
// again.
func TestATransactionThatIsSacrificedIsRunAgain(t *testing.T) {
	t.Parallel()
	s, err := openPostgres(t.Context(), pgtest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.close() }) // nothing is pending
	if _, err := s.write.ExecContext(t.Context(), "CREATE TABLE t AS SELECT n, 0 AS v FROM generate_series(1, 2) n"); err != nil {
		t.Fatal(err)
	}
	runs := [2]int{}
	met := [2]chan struct{}{make(chan struct{}), make(chan struct{})} // closed when a side has locked its first row
	var wg sync.WaitGroup
	for mine, first := range []int{1, 2} {
		wg.Go(func() {
			err := s.transact(t.Context(), func(tx *sqlx.Tx) error {
				if err := raise(t.Context(), tx, first); err != nil {
					return err
				}
				if runs[mine]++; runs[mine] == 1 {
					close(met[mine])
					<-met[1-mine]
				}
				return raise(t.Context(), tx, 3-first)
			})
			if err != nil {
				t.Errorf("transact() from row %d = %v", first, err)
			}
		})
	}
	wg.Wait()
	if runs[0]+runs[1] < 3 { // more where they met again
		t.Errorf("the transactions ran %d times; want one of them again", runs)
	}
	var values []int
	if err := list(t.Context(), s.read, &values, "SELECT v FROM t"); err != nil {
		t.Fatal(err)
	}
	if len(values) != 2 || values[0] != 2 || values[1] != 2 {
		t.Errorf("the rows hold %v; want 2 each", values)
	}
}

func raise(ctx context.Context, tx *sqlx.Tx, row int) error {
	_, err := exec(ctx, tx, "UPDATE t SET v = v + 1 WHERE n = ?", row)
	return err
}

// What is sacrificed each time is given up, and what failed for another reason
// is not run again.
func TestTransactionsAreRunAgainForAReason(t *testing.T) {
	t.Parallel()
	s, err := openPostgres(t.Context(), pgtest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.close() }) // nothing is pending
	for code, want := range map[string]int{"40P01": maxTries, "40001": maxTries, "23505": 1} {
		runs := 0
		err := s.transact(t.Context(), func(*sqlx.Tx) error {
			runs++
			return &pgconn.PgError{Code: code}
		})
		if refused, ok := errors.AsType[*pgconn.PgError](err); !ok || refused.Code != code || runs != want {
			t.Errorf("transact() of what fails with %s = %v after %d runs; want that error after %d", code, err, runs, want)
		}
	}
}
