package accounts

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"io/fs"
	"math"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migration is one step of the schema.
type Migration struct {
	Version int64
	Name    string
	Applied bool
}

// Migrate brings the database's schema up to date and returns the steps it
// took. Several processes may do so at once.
func Migrate(ctx context.Context, address string) ([]Migration, error) {
	s, err := openStore(ctx, address)
	if err != nil {
		return nil, err
	}
	defer func() { _ = s.close() }() // nothing is pending
	return s.migrate(ctx)
}

func (s *store) migrate(ctx context.Context) ([]Migration, error) {
	return s.migrateTo(ctx, math.MaxInt64)
}

// migrateTo takes the steps that are left up to a version.
func (s *store) migrateTo(ctx context.Context, version int64) ([]Migration, error) {
	if s.postgres == nil {
		unlock, err := lockFile(ctx, s.path+".lock")
		if err != nil {
			return nil, fmt.Errorf("migrate: %w", err)
		}
		defer unlock()
	}
	provider, err := s.migrator()
	if err != nil {
		return nil, fmt.Errorf("migrate: %w", err)
	}
	results, err := provider.UpTo(ctx, version)
	if err != nil {
		return nil, fmt.Errorf("migrate: %w", err)
	}
	var done []Migration
	for _, r := range results {
		done = append(done, Migration{Version: r.Source.Version, Name: r.Source.Path, Applied: true})
	}
	return done, nil
}

// latestSchema is the last step that this Mooring knows.
func latestSchema() int64 {
	files, err := migrations.ReadDir("migrations")
	if err != nil {
		panic(err) // they are embedded
	}
	version, err := goose.NumericComponent(files[len(files)-1].Name())
	if err != nil {
		panic(err)
	}
	return version
}

// migrator is what applies the embedded steps to the database.
func (s *store) migrator() (*goose.Provider, error) {
	dialect, options := goose.DialectSQLite3, []goose.ProviderOption{}
	words := strings.NewReplacer(
		"{{int}}", "INTEGER",
		"{{real}}", "REAL",
		"{{blob}}", "BLOB",
		"{{serial}}", "INTEGER PRIMARY KEY AUTOINCREMENT",
		// One writer: the order of insertion is the order of commit.
		"{{position}}", "INTEGER GENERATED ALWAYS AS (seq) VIRTUAL",
		"{{strict}}", " STRICT",
		"{{hot}}", "")
	if s.postgres != nil {
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 120))
		if err != nil {
			return nil, err
		}
		dialect, options = goose.DialectPostgres, append(options, goose.WithSessionLocker(locker))
		words = strings.NewReplacer(
			"{{int}}", "BIGINT",
			"{{real}}", "DOUBLE PRECISION",
			"{{blob}}", "BYTEA",
			"{{serial}}", "BIGSERIAL PRIMARY KEY",
			"{{position}}", "BIGINT", // given after the commit, see sequence
			"{{strict}}", "",
			"{{hot}}", " WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02)")
	}
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(dialect, s.write.DB, replacedFS{sub, words}, options...)
}

// replacedFS gives files with words replaced.
type replacedFS struct {
	fs.FS
	words *strings.Replacer
}

func (r replacedFS) Open(name string) (fs.File, error) {
	f, err := r.FS.Open(name)
	if err != nil || name == "." {
		return f, err
	}
	defer func() { _ = f.Close() }() // an embedded file has nothing to lose
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	text, err := fs.ReadFile(r.FS, name)
	if err != nil {
		return nil, err
	}
	return &replacedFile{bytes.NewReader([]byte(r.words.Replace(string(text)))), info}, nil
}

// ReadDir lists the files; goose asks for it.
func (r replacedFS) ReadDir(name string) ([]fs.DirEntry, error) { return fs.ReadDir(r.FS, name) }

type replacedFile struct {
	*bytes.Reader
	info fs.FileInfo
}

func (f *replacedFile) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *replacedFile) Close() error               { return nil }

// lockPoll is how often a process asks for a file lock that another holds.
const lockPoll = 20 * time.Millisecond
