package accounts

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"pgregory.net/rapid"

	"mooring/accounts/pgtest"
	"mooring/diagnosis"
	"mooring/platforms"
)

func TestNextRefreshAt(t *testing.T) {
	t.Parallel()
	const hour, never = time.Hour, time.Duration(-1)
	rotating := platforms.Refresh{Kind: platforms.RefreshToken, Rotates: true}
	self := platforms.Refresh{Kind: platforms.RefreshSelf, MinAge: day}
	for _, test := range []struct {
		name    string
		policy  platforms.Refresh
		life    time.Duration
		refresh time.Duration // the refresh token's life; 0: no end
		jitter  float64
		want    time.Duration // after the issue
	}{
		{"five minutes", rotating, 5 * time.Minute, 0, 0, 225 * time.Second},
		{"an hour", rotating, hour, 0, 0, 45 * time.Minute},
		{"two hours", rotating, 2 * hour, 0, 0, 90 * time.Minute},
		{"under a day, the window at its longest", rotating, day - time.Millisecond, 0, 0, 22*hour - time.Millisecond},
		{"a day", rotating, day, 0, 0, 22 * hour},
		{"a week", rotating, 7 * day, 0, 0, 7*day - 2*hour},
		{"over a week", rotating, 30 * day, 0, 0, 30*day - 90*hour},
		{"sixty days", rotating, 60 * day, 0, 0, 53 * day},
		{"a year", rotating, 365 * day, 0, 0, 358 * day},
		{"jitter delays by a quarter of the window", rotating, 2 * hour, 0, 1, 97*time.Minute + 30*time.Second},
		{"the refresh token ends first", rotating, 60 * day, 10 * day, 0, 3 * day},
		{"the last one before the refresh token ends", rotating, 60 * day, 7 * day, 0, never},
		{"the last but one", rotating, 60 * day, 7*day + time.Millisecond, 0, time.Millisecond},
		{"the refresh token ends later", rotating, 2 * hour, day, 0, 90 * time.Minute},
		{"the platform's own window", platforms.Refresh{Kind: platforms.RefreshToken, Ahead: 10 * day}, 60 * day, 0, 0, 50 * day},
		{"renews itself", self, 60 * day, 0, 0, 53 * day},
		{"renews itself, but not before it is a day old", self, 25 * hour, 0, 0, day},
		{"ends before it may be renewed", self, 20 * hour, 0, 0, never},
		{"nothing renews it", platforms.Refresh{Kind: platforms.RefreshNone}, 60 * day, 0, 0, never},
		{"nothing ends", rotating, 0, 0, 0, never},
	} {
		e := Evidence{AccessIssued: noon}
		if test.life > 0 {
			e.AccessEnds = noon.Add(test.life)
		}
		if test.refresh > 0 {
			e.RefreshEnds = noon.Add(test.refresh)
		}
		at, ok := e.NextRefreshAt(test.policy, 2*hour, test.jitter)
		if got := at.Sub(noon); ok != (test.want != never) || ok && got != test.want {
			t.Errorf("%s: NextRefreshAt() = %s after the issue, %t; want %s", test.name, got, ok, test.want)
		}
	}
}

// Whatever the clocks and the policy, a refresh is neither too late to succeed,
// nor early enough to be one more at each sweep.
func TestNextRefreshAtIsInTime(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		seconds := func(label string, most int) time.Duration {
			return time.Duration(rapid.IntRange(1, most).Draw(t, label)) * time.Second
		}
		const year = 365 * 24 * 3600
		life, ahead := seconds("life", year), seconds("ahead", 12*3600)
		policy := platforms.Refresh{Kind: platforms.RefreshToken}
		if rapid.Bool().Draw(t, "renews itself") {
			policy = platforms.Refresh{Kind: platforms.RefreshSelf, MinAge: day}
		}
		e := Evidence{AccessIssued: noon, AccessEnds: noon.Add(life)}
		at, ok := e.NextRefreshAt(policy, ahead, rapid.Float64Range(0, 1).Draw(t, "jitter"))
		if !ok {
			if policy.MinAge == 0 || life > policy.MinAge {
				t.Fatalf("a token of %s is never renewed", life)
			}
			return
		}
		if !at.Before(e.AccessEnds) {
			t.Fatalf("a token of %s is renewed %s after its end", life, at.Sub(e.AccessEnds))
		}
		if age := at.Sub(noon); age < policy.MinAge || policy.MinAge == 0 && ahead <= life/2 && age < life/2 {
			t.Fatalf("a token of %s is renewed at an age of %s", life, age)
		}
		earliest, _ := e.NextRefreshAt(policy, ahead, 0)
		if at.Before(earliest) {
			t.Fatalf("jitter renews %s earlier", earliest.Sub(at))
		}
		if latest := e.AccessEnds.Sub(earliest); at.Sub(earliest) > latest/4+time.Millisecond {
			t.Fatalf("jitter takes %s of a window of %s", at.Sub(earliest), latest)
		}
	})
}

// Where a refresh token's end is not pushed back, the refreshes before it are as
// many as fit, and no more.
func TestNextRefreshAtComesToAnEnd(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		life := time.Duration(rapid.IntRange(1, 90*24).Draw(t, "hours")) * time.Hour
		ends := noon.Add(time.Duration(rapid.IntRange(1, 365*24).Draw(t, "hours of the refresh token")) * time.Hour)
		policy := platforms.Refresh{Kind: platforms.RefreshToken}
		e := Evidence{AccessIssued: noon, AccessEnds: noon.Add(life), RefreshEnds: ends}
		most := int(ends.Sub(noon)/(life/2)) + 2
		for n := 0; ; n++ {
			at, more := e.NextRefreshAt(policy, life/2, rapid.Float64Range(0, 1).Draw(t, "jitter"))
			if !more {
				return
			}
			if n == most || !at.Before(ends) {
				t.Fatalf("refresh %d is %s before the refresh token's end; want at most %d, before it", n, ends.Sub(at), most)
			}
			e.AccessIssued, e.AccessEnds = at, at.Add(life)
		}
	})
}

func TestRule(t *testing.T) {
	t.Parallel()
	rotating, lasting := platforms.Refresh{Rotates: true}, platforms.Refresh{}
	failure := func(class platforms.Class, outcome platforms.Outcome) *platforms.Error {
		return &platforms.Error{Verdict: platforms.Verdict{Class: class}, Outcome: outcome, Status: http.StatusBadRequest}
	}
	broken := failure(platforms.ClassTemporary, platforms.OutcomeUnknown)
	broken.Status = http.StatusBadGateway
	const answered, unsent, unknown = platforms.OutcomeAnswered, platforms.OutcomeNotSent, platforms.OutcomeUnknown
	for _, test := range []struct {
		name     string
		failure  error
		policy   platforms.Refresh
		requests int
		verdict  Reason
		failing  Reason
		forget   bool
		strike   bool
		trip     bool
	}{
		{"dead", failure(platforms.ClassRefreshDead, answered), rotating, 1, RefreshDead, "", true, false, false},
		{"dead after a lost answer", failure(platforms.ClassRefreshDead, answered), rotating, 2, OutcomeUnknown, "", true, false, false},
		{"dead, where nothing rotates", failure(platforms.ClassRefreshDead, answered), lasting, 2, RefreshDead, "", true, false, false},
		{"the token that renews itself is dead", failure(platforms.ClassStaleAccess, answered), lasting, 1, RefreshDead, "", true, false, false},
		{"rate limited", failure(platforms.ClassRateLimited, answered), rotating, 1, "", PlatformDown, true, false, false},
		{"not sent", failure(platforms.ClassTemporary, unsent), rotating, 2, "", PlatformDown, true, true, false},
		{"declared unprocessed", failure(platforms.ClassTemporary, answered), rotating, 2, "", PlatformDown, true, true, false},
		{"no answer", failure(platforms.ClassTemporary, unknown), rotating, 1, "", PlatformDown, false, true, false},
		{"no answer twice", failure(platforms.ClassTemporary, unknown), rotating, 2, OutcomeUnknown, PlatformDown, false, true, false},
		{"a server's error", broken, rotating, 1, "", PlatformDown, false, true, false},
		{"another server's error", broken, rotating, 2, "", PlatformDown, true, true, false},
		{"a server's error, where nothing rotates", broken, lasting, 2, "", PlatformDown, true, true, false},
		{"no answer, where nothing rotates", failure(platforms.ClassTemporary, unknown), lasting, 2, "", PlatformDown, true, true, false},
		{"the app is refused", failure(platforms.ClassAppFault, answered), rotating, 1, "", AppMisconfigured, true, true, true},
		{"not understood", failure(platforms.ClassInvalid, answered), rotating, 1, "", AppMisconfigured, true, true, false},
		{"our own fault", errors.New("no memory"), rotating, 2, "", "", true, false, false},
	} {
		r := rule(test.failure, test.policy, test.requests)
		if r.Verdict != test.verdict || r.Failing != test.failing || r.Forget != test.forget || r.Strike != test.strike || r.Trip != test.trip {
			t.Errorf("%s: rule() = %+v; want verdict %q, failing %q, forget %t, strike %t, trip %t",
				test.name, r, test.verdict, test.failing, test.forget, test.strike, test.trip)
		}
	}
}

func TestBackoff(t *testing.T) {
	t.Parallel()
	for failures, want := range map[int]time.Duration{1: 30 * time.Second, 2: time.Minute, 5: 8 * time.Minute, 6: 15 * time.Minute, 60: 15 * time.Minute} {
		if got := backoff(failures, 1); got != want {
			t.Errorf("backoff(%d, 1) = %s; want %s", failures, got, want)
		}
		if got := backoff(failures, 0); got != want/2 {
			t.Errorf("backoff(%d, 0) = %s; want %s", failures, got, want/2)
		}
	}
}

func TestBucket(t *testing.T) {
	t.Parallel()
	a := &appState{}
	take := func(after time.Duration, n, want int) {
		t.Helper()
		if got := a.take(noon.Add(after), n, 10, 20); got != want {
			t.Errorf("take(%d) after %s = %d; want %d", n, after, got, want)
		}
	}
	take(0, 15, 15)
	take(0, 15, 5)
	take(0, 1, 0)
	take(99*time.Millisecond, 1, 0)
	take(100*time.Millisecond, 3, 1)
	take(time.Second, 100, 9)
	take(time.Hour, 100, 20)
}

// A trial that fails does not shorten what the platform asked for.
func TestTrialsObeyRetryAfter(t *testing.T) {
	t.Parallel()
	a := &appState{}
	a.strike(noon, ruling{Failing: PlatformDown, Trip: true}, diagnosis.Diagnosis{})
	a.pause(noon, time.Hour)
	for range 3 {
		a.strike(noon, ruling{Failing: PlatformDown}, diagnosis.Diagnosis{})
	}
	if got := a.PausedUntil.Sub(noon); got != time.Hour {
		t.Errorf("after failed trials it is paused for %s; want the hour that the platform asked for", got)
	}
}

// Rows that are due by this machine's clock and not by the database's do not
// keep the sweep and the prober awake.
func TestClocksThatDiffer(t *testing.T) {
	t.Parallel()
	s := openForTest(t, pgtest.SQLite(t))
	for _, a := range s.apps {
		if _, wait, err := s.claim(t.Context(), a, 1); err != nil || wait < time.Second/20 {
			t.Errorf("claim() of nothing = %s, %v; want a wait", wait, err)
		}
		if _, wait, err := s.claimProbes(t.Context(), a, 1); err != nil || wait < time.Second/20 {
			t.Errorf("claimProbes() of nothing = %s, %v; want a wait", wait, err)
		}
	}
}
