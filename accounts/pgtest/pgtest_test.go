package pgtest_test

import (
	"bufio"
	"context"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"mooring/accounts/pgtest"
)

func TestDatabasesAreFreshAndApart(t *testing.T) {
	t.Parallel()
	for _, address := range []string{pgtest.URL(t), pgtest.URL(t)} {
		conn, err := pgx.Connect(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Exec(t.Context(), "CREATE TABLE mine (id INTEGER)"); err != nil {
			t.Error(err)
		}
		// Left open: dropping the database must not mind.
		t.Cleanup(func() { _ = conn.Close(context.WithoutCancel(t.Context())) })
	}
}

// victim is run as another process, which prints where its server is.
const victim = "MOORING_TEST_VICTIM"

func TestVictim(t *testing.T) {
	if os.Getenv(victim) == "" {
		t.Skip("it is run by TestTheServerDiesWithTheProcess")
	}
	u, err := url.Parse(pgtest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stdout.WriteString("\ndir=" + u.Query().Get("host") + "\n"); err != nil {
		t.Fatal(err)
	}
	select {} // until killed
}

func TestTheServerDiesWithTheProcess(t *testing.T) {
	t.Parallel()
	if os.Getenv("MOORING_TEST_POSTGRES") != "" {
		t.Skip("a server is given")
	}
	pgtest.URL(t) // skips if there is no PostgreSQL
	process := exec.Command(os.Args[0], "-test.run=^TestVictim$")
	process.Env = append(os.Environ(), victim+"=1")
	out, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	dir := ""
	for lines := bufio.NewScanner(out); dir == "" && lines.Scan(); {
		_, dir, _ = strings.Cut(lines.Text(), "dir=")
	}
	if _, err := os.Stat(dir + "/data"); err != nil {
		t.Errorf("while the process lives: %v", err)
	}
	if err := process.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = process.Wait() // it was killed
	deadline := time.After(20 * time.Second)
	for tick := time.Tick(10 * time.Millisecond); ; {
		if _, err := os.Stat(dir); os.IsNotExist(err) {
			return
		}
		select {
		case <-tick:
		case <-deadline:
			t.Fatalf("%s is still there after the process was killed", dir)
		}
	}
}
