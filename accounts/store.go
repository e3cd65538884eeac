package accounts

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/jmoiron/sqlx"
	"github.com/mattn/go-sqlite3"
)

// store is the database: SQLite by default, PostgreSQL for several replicas.
// The statements in store_*.go are one text for both, with ? for arguments.
//
// On SQLite there is one writing connection and a pool of read-only ones; on
// PostgreSQL both are the same pool.
//
// # The order of locks
//
// On PostgreSQL transactions run beside each other. One that changes several
// things locks them in this order, lest two wait for each other: an app
// (lockApp); a workspace's grants (lockGrants, shareGrants); refreshes
// (holdRefreshes); accounts; then whatever hangs on those, such as a grant, its
// secrets and its probe. Beside these stand a workspace's owners (lockOwners), which
// go before a member, and that before links and sessions. Of one kind the
// smaller id comes first; only who has locked an app locks several of its
// refreshes or probes in another order. New tokens that are stored together
// (keepAll) lock the apps only of those whose app may have strikes, and all of
// their refreshes by id: a claim wants one of these only if its own claim has
// ended before the tokens came. Where two meet all the same, the database ends
// one, and it is run again.
type store struct {
	write, read *sqlx.DB
	postgres    *pgxpool.Pool // nil on SQLite
	path        string        // of the SQLite file
	commits     groupCommit   // of SQLite
}

// openStore opens the database that url names: "sqlite:FILE" or a
// postgres:// address. The schema is not touched.
func openStore(ctx context.Context, address string) (*store, error) {
	scheme, rest, _ := strings.Cut(address, ":")
	switch scheme {
	case "sqlite":
		return openSQLite(ctx, rest)
	case "postgres", "postgresql":
		return openPostgres(ctx, address)
	}
	return nil, fmt.Errorf("database address starts with %q; want sqlite:FILE or postgres://", scheme+":")
}

func openSQLite(ctx context.Context, path string) (*store, error) {
	if path == "" {
		return nil, errors.New("database address names no file; want sqlite:FILE")
	}
	// The driver would make the file readable by everyone.
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	if err := f.Close(); err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	// synchronous=FULL: a rotated refresh token that a power cut takes back is a
	// lost account.
	// secure_delete: what was deleted, a person's data perhaps, does not stay in the
	// file.
	// case_sensitive_like: as on PostgreSQL.
	const shared = "_case_sensitive_like=1&_busy_timeout=5000&_cache_size=-16000&_mutex=no&_stmt_cache_size=64"
	file := "file:" + (&url.URL{Path: abs}).EscapedPath()
	write, err := sqlx.Open("sqlite3", file+"?_journal_mode=WAL&_synchronous=FULL&_txlock=immediate&_foreign_keys=1&_secure_delete=1&"+shared)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	write.SetMaxOpenConns(1)
	// The writer makes the WAL files, which the readers cannot.
	if err := pingSQLite(ctx, write); err != nil {
		return nil, errors.Join(fmt.Errorf("open database %s: %w", path, err), write.Close())
	}
	// A page that changes again before it is copied out of the WAL is copied once.
	if _, err := write.ExecContext(ctx, fmt.Sprintf("PRAGMA wal_autocheckpoint = %d", walPages)); err != nil {
		return nil, errors.Join(fmt.Errorf("open database %s: %w", path, err), write.Close())
	}
	read, err := sqlx.Open("sqlite3", file+"?mode=ro&_query_only=1&"+shared)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open database: %w", err), write.Close())
	}
	readers := max(8, 2*runtime.GOMAXPROCS(0))
	read.SetMaxOpenConns(readers)
	read.SetMaxIdleConns(readers)
	return &store{write: write, read: read, path: path, commits: groupCommit{db: write}}, nil
}

// pingSQLite connects to the database. Whoever turns a new file to WAL locks out
// all others who do, whatever the busy timeout is; they try again for as long.
func pingSQLite(ctx context.Context, db *sqlx.DB) error {
	for deadline := time.Now().Add(5 * time.Second); ; {
		err := db.PingContext(ctx)
		var busy sqlite3.Error
		if !errors.As(err, &busy) || busy.Code != sqlite3.ErrBusy || time.Now().After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func openPostgres(ctx context.Context, address string) (*store, error) {
	pool, err := pgxpool.New(ctx, address)
	if err != nil {
		// The parser's message would repeat the address, password included.
		return nil, errors.New("open database: the postgres:// address cannot be parsed")
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("open database: %w", err)
	}
	db := sqlx.NewDb(stdlib.OpenDBFromPool(pool), "pgx")
	return &store{write: db, read: db, postgres: pool}, nil
}

// walPages is how many pages of 4 KiB the WAL gathers before they are copied
// into the database, which the transaction that reaches it waits for.
const walPages = 4000

func (s *store) close() error {
	if s.postgres != nil {
		err := s.write.Close()
		s.postgres.Close()
		return err
	}
	return errors.Join(s.read.Close(), s.write.Close())
}

// querier is the database or a transaction.
type querier interface {
	sqlx.ExtContext
	Rebind(string) string
}

// get reads one row; sql.ErrNoRows where there is none.
func get(ctx context.Context, q querier, dest any, query string, args ...any) error {
	err := sqlx.GetContext(statementContext(ctx, q), q, dest, q.Rebind(query), args...)
	if unstorable(err) {
		return sql.ErrNoRows
	}
	return err
}

// list reads all rows.
func list(ctx context.Context, q querier, dest any, query string, args ...any) error {
	err := sqlx.SelectContext(statementContext(ctx, q), q, dest, q.Rebind(query), args...)
	if unstorable(err) {
		return nil
	}
	return err
}

// unstorable reports whether err says that an argument is a text that
// PostgreSQL cannot hold (a NUL, broken UTF-8), so that no row can have it.
func unstorable(err error) bool {
	const notInRepertoire = "22021" // https://www.postgresql.org/docs/current/errcodes-appendix.html
	var refused *pgconn.PgError
	return errors.As(err, &refused) && refused.Code == notInRepertoire
}

// exec runs a statement and returns how many rows it touched.
func exec(ctx context.Context, q querier, query string, args ...any) (int64, error) {
	result, err := q.ExecContext(statementContext(ctx, q), q.Rebind(query), args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// statementContext spares a short SQLite statement the goroutine that the driver
// starts for each cancellable context, a third of a read's cost. A write that
// is interrupted would take the whole transaction with it, and the others that
// share it.
func statementContext(ctx context.Context, q querier) context.Context {
	if q.DriverName() == "sqlite3" {
		return context.WithoutCancel(ctx)
	}
	return ctx
}

// transact runs fn in a transaction: all of it or nothing. fn must not talk to
// the network, and is run again if the database ends the transaction in favour
// of others: whatever it leaves outside has to stand that. On SQLite several
// that come at once share a commit.
func (s *store) transact(ctx context.Context, fn func(*sqlx.Tx) error) error {
	if s.postgres == nil {
		return s.commits.do(ctx, fn)
	}
	for tries := 1; ; tries++ {
		err := s.transactOnce(ctx, fn)
		if tries == maxTries || !sacrificed(err) {
			return err
		}
		select {
		case <-time.After(time.Duration(float64(tries) * jitter() * float64(retrySpread))):
		case <-ctx.Done():
			return err
		}
	}
}

const (
	// maxTries is how often a transaction is run that the database ends.
	maxTries = 5
	// retrySpread is the longest wait after the first time.
	retrySpread = 20 * time.Millisecond
)

// sacrificed reports whether err says that PostgreSQL ended a transaction so
// that others can go on.
func sacrificed(err error) bool {
	const (
		serializationFailure = "40001"
		deadlockDetected     = "40P01"
	)
	refused, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (refused.Code == serializationFailure || refused.Code == deadlockDetected)
}

func (s *store) transactOnce(ctx context.Context, fn func(*sqlx.Tx) error) error {
	tx, err := s.write.BeginTxx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin transaction: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // after Commit it does nothing
	if err := fn(tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// instant is a time as the database holds it: Unix milliseconds, NULL for the
// zero time.
type instant struct{ time.Time }

func (t instant) Value() (driver.Value, error) {
	if t.IsZero() {
		return nil, nil //nolint:nilnil // NULL is the value
	}
	return t.UnixMilli(), nil
}

func (t *instant) Scan(src any) error {
	if ms, ok := src.(int64); ok { // the usual case, without a detour
		t.Time = time.UnixMilli(ms).UTC()
		return nil
	}
	var ms sql.NullInt64
	if err := ms.Scan(src); err != nil {
		return err
	}
	t.Time = time.Time{}
	if ms.Valid {
		t.Time = time.UnixMilli(ms.Int64).UTC()
	}
	return nil
}

// object is a value as the database holds it: JSON in TEXT.
type object[T any] struct{ v T }

func (o object[T]) Value() (driver.Value, error) {
	text, err := json.Marshal(o.v)
	return string(text), err
}

func (o *object[T]) Scan(src any) error {
	var text sql.NullString
	if err := text.Scan(src); err != nil || !text.Valid {
		return err
	}
	return json.Unmarshal([]byte(text.String), &o.v)
}

// texts is a list of strings as the database holds it. A nil list is stored as
// an empty one.
type texts []string

func (l texts) Value() (driver.Value, error) {
	if l == nil {
		l = texts{}
	}
	return object[[]string]{l}.Value()
}

func (l *texts) Scan(src any) error {
	if src == "[]" { // the usual case, without a decoder
		*l = texts{}
		return nil
	}
	var o object[[]string]
	err := o.Scan(src)
	*l = o.v
	return err
}

// targets are the external ids that scopes cover, by scope, as the database
// holds them: NULL where each covers all.
type targets map[string][]string

func (t targets) Value() (driver.Value, error) {
	if len(t) == 0 {
		return nil, nil //nolint:nilnil // NULL is the value
	}
	return object[map[string][]string]{t}.Value()
}

func (t *targets) Scan(src any) error {
	var o object[map[string][]string]
	err := o.Scan(src)
	*t = o.v
	return err
}

// newID makes a global id: a prefix that tells the type, and a version 7 UUID,
// which sorts by time.
func newID(prefix string) string {
	id := uuid.Must(uuid.NewV7())
	return prefix + strings.ReplaceAll(id.String(), "-", "")
}

// present is the time as the program sees it: UTC, to the millisecond, as the
// database keeps it.
func present() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }
