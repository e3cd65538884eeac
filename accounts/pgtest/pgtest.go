// Package pgtest gives tests real databases.
//
// [URL] is the address of an empty PostgreSQL database of the test's own, and
// [Both] runs one test body on SQLite and on PostgreSQL. Tests that need
// several replicas open the same address several times. A [Template] does the
// same with databases that have their tables already.
//
// # Where the server comes from
//
// MOORING_TEST_POSTGRES may hold the postgres:// address of a server, of a role
// that may create databases. Otherwise the first call in a process makes a
// private cluster: it finds initdb and postgres in PATH or where Debian keeps
// them, and starts a server that listens on a socket in a temporary folder and
// nowhere else. It never waits for the disk, so it is quick and its data are
// worth nothing. Where Linux has room for them, these and the files of SQLite lie
// in memory: a disk takes longer than most tests. Since PostgreSQL refuses to run
// as root, a root's tests run it as the user postgres.
//
// # How it ends
//
// The server's parent is a shell that reads from a pipe whose other end is this
// process and nobody else. However the process ends, by its last test, a panic
// or a SIGKILL, the kernel closes the pipe; the shell then stops the server and
// deletes the folder. So no TestMain is needed, and there is nothing to forget.
//
// # Without PostgreSQL
//
// Tests are skipped with the advice to install it; where the environment has
// CI they fail, lest half of the suite vanish unseen.
package pgtest

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"mooring/internal/programs"
)

// Both runs a test on SQLite and on PostgreSQL, in parallel subtests of these
// names. url is what accounts.Options.DatabaseURL takes; the database is empty.
func Both(t *testing.T, test func(t *testing.T, url string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, SQLite(t))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, URL(t))
	})
}

// SQLite returns the address of a SQLite database that does not exist yet, in a
// temporary folder of its own.
func SQLite(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp(memory(), "mooring-sqlite-") //nolint:usetesting // t.TempDir is on a disk
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return "sqlite:" + filepath.Join(dir, "mooring.db")
}

// URL returns the postgres:// address of a fresh, empty database, which is
// dropped at the end of the test, however many connections there still are.
func URL(t testing.TB) string {
	t.Helper()
	return create(t, "template1")
}

// create makes a database as a copy of another.
func create(t testing.TB, template string) string {
	t.Helper()
	server, err := server()
	if err != nil {
		programs.Missing(t, fmt.Sprintf("PostgreSQL: %v", err))
	}
	name := "mooring_" + strings.ToLower(rand.Text())
	if err := command(t.Context(), server, "CREATE DATABASE "+name+" TEMPLATE "+template); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := command(context.WithoutCancel(t.Context()), server, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	database := *server
	database.Path = "/" + name
	return database.String()
}

func command(ctx context.Context, server *url.URL, sql string) error {
	conn, err := pgx.Connect(ctx, server.String())
	if err != nil {
		return fmt.Errorf("connect to the test server: %w", err)
	}
	defer func() { _ = conn.Close(ctx) }() // the command has been carried out
	if _, err := conn.Exec(ctx, sql); err != nil {
		return fmt.Errorf("%s: %w", sql, err)
	}
	return nil
}

// given names the variable that may hold the address of a server.
const given = "MOORING_TEST_POSTGRES"

// server is the address of the process's server; it starts one if need be.
var server = sync.OnceValues(func() (*url.URL, error) {
	if address := os.Getenv(given); address != "" {
		u, err := url.Parse(address)
		if err != nil {
			return nil, fmt.Errorf("MOORING_TEST_POSTGRES cannot be parsed") // the error would repeat the password
		}
		return u, nil
	}
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	return start(bin)
})

// binaries finds the folder of initdb and postgres.
func binaries() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			return filepath.Dir(path), nil
		}
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb") // the pattern is well-formed
	if len(found) == 0 {
		return "", fmt.Errorf("initdb is neither in PATH nor in /usr/lib/postgresql: install the server " +
			"(apt-get install postgresql, brew install postgresql) or set MOORING_TEST_POSTGRES=postgres://…")
	}
	newest := slices.MaxFunc(found, func(a, b string) int { return cmp.Or(len(a)-len(b), strings.Compare(a, b)) })
	return filepath.Dir(newest), nil
}

// keeper runs postgres ($1) on the folder $2 until its standard input ends, and
// deletes the folder.
const keeper = `
"$1/postgres" -D "$2/data" -k "$2" -c listen_addresses= -c max_connections=400 -c shared_buffers=32MB \
	-c deadlock_timeout=100ms -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off >"$2/log" 2>&1 &
cat >/dev/null
kill -QUIT $!
wait
rm -rf "$2"`

// start makes a cluster and starts its server.
func start(bin string) (_ *url.URL, err error) {
	dir, err := os.MkdirTemp(memory(), "mooring-pg-")
	if err != nil {
		return nil, err
	}
	kept := false
	defer func() {
		if !kept {
			_ = os.RemoveAll(dir) // there is an error already
		}
	}()
	attributes, err := unprivileged(dir)
	if err != nil {
		return nil, err
	}
	initdb := exec.Command(bin+"/initdb", "-D", dir+"/data", "-U", "postgres", "-A", "trust", "-E", "UTF8",
		"--no-locale", "--no-sync", "--no-instructions")
	initdb.Dir, initdb.SysProcAttr = dir, attributes
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	shell := exec.Command("sh", "-c", keeper, "sh", bin, dir)
	shell.Dir, shell.SysProcAttr = dir, attributes
	pipe, err := shell.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := shell.Start(); err != nil {
		return nil, err
	}
	kept = true
	u := &url.URL{
		Scheme: "postgres", User: url.User("postgres"), Path: "/postgres",
		RawQuery: url.Values{"host": {dir}, "sslmode": {"disable"}}.Encode(),
	}
	if err := answers(u); err != nil {
		log, _ := os.ReadFile(dir + "/log") // the error stands without it
		_ = pipe.Close()
		_ = shell.Wait()
		return nil, fmt.Errorf("start postgres: %w\n%s", err, log)
	}
	lifeline = pipe
	return u, nil
}

// lifeline is the pipe that keeps the server alive. Nobody writes to it; it is
// here so that the garbage collector does not close it.
var lifeline any //nolint:unused // to be kept is its use

// answers waits until the server takes connections.
func answers(u *url.URL) error {
	const patience = 20 * time.Second
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := command(ctx, u, "SELECT 1")
		if err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return err
		}
	}
}
