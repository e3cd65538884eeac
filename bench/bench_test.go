package main

import (
	"bytes"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"mooring/accounts"
)

// TestMain plays the roles in which run starts this program again.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && slices.Contains([]string{rolePlain, roleBroadcast, roleBare}, os.Args[1]) {
		main()
		return
	}
	os.Exit(m.Run())
}

// TestRun keeps the benchmarks from rotting; it judges no figure.
func TestRun(t *testing.T) {
	if os.Getenv("MOORING_SLOW_TESTS") != "1" {
		t.Skip("set MOORING_SLOW_TESTS=1 to build and measure the server")
	}
	ctx, stop := signal.NotifyContext(t.Context(), syscall.SIGTERM)
	defer stop()
	var report bytes.Buffer
	if err := run(ctx, []string{"-quick"}, &report); err != nil {
		t.Fatal(err)
	}
	t.Log(report.String())
	if got, want := strings.Count(report.String(), "\n"), 2+7; got != want {
		t.Errorf("the report has %d lines; want a heading and 7 rows, %d:\n%s", got, want, report.String())
	}
}

// TestSameSQL fails when package accounts reads accounts in another way than
// the plain handler.
func TestSameSQL(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("../accounts/store_accounts.go")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(source, []byte("const selectAccount = `"+selectAccount+"`\n")) {
		t.Errorf("plain.go's selectAccount is not that of accounts/store_accounts.go; copy it, and scan its columns")
	}
}

func TestRowOK(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		value, target float64
		atLeast, want bool
	}{
		{0.65, 0.65, true, true},
		{0.649, 0.65, true, false},
		{25, 25, false, true},
		{25.1, 25, false, false},
	} {
		r := row{value: test.value, target: test.target, atLeast: test.atLeast}
		if got := r.ok(); got != test.want {
			t.Errorf("%+v.ok() = %t; want %t", r, got, test.want)
		}
	}
}

func TestInHex(t *testing.T) {
	t.Parallel()
	const address, want = "127.0.0.1:33766", "0100007F:83E6"
	if got, err := inHex(address); got != want || err != nil {
		t.Errorf("inHex(%q) = %q, %v; want %q", address, got, err, want)
	}
}

// BenchmarkHealth is what a read adds to an account that ends within a day.
func BenchmarkHealth(b *testing.B) {
	now := time.Now()
	evidence := accounts.Evidence{AccessIssued: now.Add(-time.Hour), AccessEnds: now.Add(12 * time.Hour), CheckedBy: accounts.ByRefresh}
	b.ReportAllocs()
	for b.Loop() {
		if h := evidence.At(now, expiringWithin); h.Status == accounts.Expired {
			b.Fatal(h.Status)
		}
	}
}
