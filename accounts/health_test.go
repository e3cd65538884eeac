package accounts

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	"pgregory.net/rapid"

	"mooring/accounts/pgtest"
	"mooring/auth"
	"mooring/platforms"
	"mooring/vault"
)

// noon is when all of these tests take place.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

const day = 24 * time.Hour

func TestHealthAtItsBoundaries(t *testing.T) {
	t.Parallel()
	in := noon.Add
	const ms = time.Millisecond
	const hour = time.Hour
	for _, test := range []struct {
		name      string
		evidence  Evidence
		within    time.Duration
		status    Status
		connected bool
		expired   bool
		because   Clock         // "" for nothing ends
		in        time.Duration // until expiresAt
	}{
		{"nothing is known to end", Evidence{}, day, Healthy, true, false, "", 0},

		{"access just over a day", Evidence{AccessEnds: in(day + ms)}, day, Healthy, true, false, ClockAccessToken, day + ms},
		{"access in a day", Evidence{AccessEnds: in(day)}, day, ExpiringSoon, true, false, ClockAccessToken, day},
		{"access in a millisecond", Evidence{AccessEnds: in(ms)}, day, ExpiringSoon, true, false, ClockAccessToken, ms},
		{"access now", Evidence{AccessEnds: in(0)}, day, Expired, false, true, ClockAccessToken, 0},
		{"access a year ago", Evidence{AccessEnds: in(-365 * day)}, day, Expired, false, true, ClockAccessToken, -365 * day},

		{"a short life before its half", Evidence{AccessIssued: in(-hour + ms), AccessEnds: in(hour + ms)}, day, Healthy, true, false, ClockAccessToken, hour + ms},
		{"a short life at its half", Evidence{AccessIssued: in(-hour), AccessEnds: in(hour)}, day, ExpiringSoon, true, false, ClockAccessToken, hour},
		{"a life of one millisecond", Evidence{AccessIssued: in(0), AccessEnds: in(ms)}, day, Healthy, true, false, ClockAccessToken, ms},
		{"a life that ended before it began", Evidence{AccessIssued: in(2 * hour), AccessEnds: in(hour)}, day, Healthy, true, false, ClockAccessToken, hour},
		{"a long life keeps to the threshold", Evidence{AccessIssued: in(-30 * day), AccessEnds: in(day + ms)}, day, Healthy, true, false, ClockAccessToken, day + ms},
		{"a life of twice the threshold", Evidence{AccessIssued: in(-day), AccessEnds: in(day)}, day, ExpiringSoon, true, false, ClockAccessToken, day},

		{"no threshold, a millisecond before", Evidence{AccessEnds: in(ms)}, 0, Healthy, true, false, ClockAccessToken, ms},
		{"no threshold, at the end", Evidence{AccessEnds: in(0)}, 0, Expired, false, true, ClockAccessToken, 0},

		{"renewed: the access token's end does not count", Evidence{AutoRefresh: true, AccessEnds: in(-hour)}, day, Healthy, false, false, "", 0},
		{"renewed: the refresh token's does", Evidence{AutoRefresh: true, AccessEnds: in(hour), RefreshEnds: in(hour)}, day, ExpiringSoon, true, false, ClockRefreshToken, hour},
		{"renewed: the refresh token is over", Evidence{AutoRefresh: true, AccessEnds: in(hour), RefreshEnds: in(0)}, day, Expired, false, true, ClockRefreshToken, 0},
		{"not renewed: the refresh token's end does not count", Evidence{AccessEnds: in(90 * day), RefreshEnds: in(-hour)}, day, Healthy, true, false, ClockAccessToken, 90 * day},

		{"consent ends first", Evidence{AccessEnds: in(3 * day), ConsentEnds: in(2 * day)}, day, Healthy, true, false, ClockConsent, 2 * day},
		{"consent ends with the token", Evidence{AccessEnds: in(2 * day), ConsentEnds: in(2 * day)}, day, Healthy, true, false, ClockAccessToken, 2 * day},
		{"consent is over", Evidence{AccessEnds: in(3 * day), ConsentEnds: in(0)}, day, Expired, false, true, ClockConsent, 0},

		{"a verdict outlasts good clocks", Evidence{Verdict: NotGranted, AccessEnds: in(90 * day)}, day, Unhealthy, false, false, ClockAccessToken, 90 * day},
		{"a verdict outlasts ended clocks", Evidence{Verdict: Disconnected, AccessEnds: in(-hour)}, day, Unhealthy, false, true, ClockAccessToken, -hour},
		{"renewal fails, but the token lives", Evidence{AutoRefresh: true, Failing: PlatformDown, AccessEnds: in(ms)}, day, Healthy, true, false, "", 0},
		{"renewal fails, and the token has ended", Evidence{AutoRefresh: true, Failing: PlatformDown, AccessEnds: in(0)}, day, Unhealthy, false, false, "", 0},
		{"renewal fails, and so it will", Evidence{AutoRefresh: true, Failing: PlatformDown, AccessEnds: in(-hour), RefreshEnds: in(0)}, day, Expired, false, true, ClockRefreshToken, 0},
		{"nothing to renew: a failure does not matter", Evidence{Failing: PlatformDown}, day, Healthy, true, false, "", 0},
		{"renewal is over, but the token lives", Evidence{Verdict: RefreshDead, AccessEnds: in(hour)}, day, Unhealthy, true, false, ClockAccessToken, hour},
		{"renewal is over, and so is the token", Evidence{Verdict: OutcomeUnknown, AccessEnds: in(0)}, day, Unhealthy, false, true, ClockAccessToken, 0},
		{"a verdict without clocks", Evidence{Verdict: NotGranted}, day, Unhealthy, false, false, "", 0},
	} {
		h := test.evidence.At(noon, test.within)
		if h.Status != test.status || h.IsConnected != test.connected || h.IsExpired != test.expired {
			t.Errorf("%s: At() = %s, connected %t, expired %t; want %s, %t, %t",
				test.name, h.Status, h.IsConnected, h.IsExpired, test.status, test.connected, test.expired)
		}
		if test.because == "" {
			if !h.ExpiresAt.IsZero() || h.ExpiresBecause != nil || h.ExpiresInHours != nil {
				t.Errorf("%s: ends at %s because of %v; want nothing to end", test.name, h.ExpiresAt, h.ExpiresBecause)
			}
			continue
		}
		hours := math.Max(0, test.in.Hours())
		if !h.ExpiresAt.Equal(noon.Add(test.in)) || *h.ExpiresBecause != test.because || *h.ExpiresInHours != hours {
			t.Errorf("%s: ends at %s because of %s, in %g hours; want %s, %s, %g",
				test.name, h.ExpiresAt, *h.ExpiresBecause, *h.ExpiresInHours, noon.Add(test.in), test.because, hours)
		}
		if (h.Reason != nil) != (test.status == Unhealthy) {
			t.Errorf("%s: reason %v of %s; want one for UNHEALTHY alone", test.name, h.Reason, h.Status)
		}
	}
}

// The end of a grant that the account can do without is no clock, and is warned
// of in its last two weeks and afterwards.
func TestGrantWarning(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		evidence Evidence
		words    string // "" for no warning
	}{
		{"no end", Evidence{}, ""},
		{"in two weeks and a millisecond", Evidence{GrantEnds: noon.Add(14*day + time.Millisecond)}, ""},
		{"in two weeks", Evidence{GrantEnds: noon.Add(14 * day)}, "after 14 days"},
		{"in an hour", Evidence{GrantEnds: noon.Add(time.Hour)}, "after 1 hour"},
		{"now", Evidence{GrantEnds: noon}, "any more"},
		{"a year ago", Evidence{GrantEnds: noon.Add(-365 * day)}, "any more"},
		{"of an account that is lost", Evidence{Verdict: NotGranted, GrantEnds: noon}, ""},
	} {
		h := test.evidence.At(noon, day)
		if !h.ExpiresAt.IsZero() || (h.Status == Healthy) != (test.evidence.Verdict == "") {
			t.Errorf("%s: At() = %s, ends at %s; want it to end nothing", test.name, h.Status, h.ExpiresAt)
		}
		if test.words == "" {
			if len(h.Warnings) != 0 {
				t.Errorf("%s: warnings %v; want none", test.name, h.Warnings)
			}
			continue
		}
		if len(h.Warnings) != 1 || h.Warnings[0].Code != WarnGrantEnds || !strings.Contains(h.Warnings[0].Message, test.words) {
			t.Errorf("%s: warnings %v; want one with %q", test.name, h.Warnings, test.words)
		}
	}
}

func TestApproximately(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		d    time.Duration
		want string
	}{
		{0, "less than a second"}, {time.Second - 1, "less than a second"}, {time.Second, "1 second"}, {90 * time.Second, "1 minute"},
		{2 * time.Minute, "2 minutes"}, {time.Hour - 1, "59 minutes"}, {time.Hour, "1 hour"}, {2*time.Hour - 1, "1 hour"},
		{24*time.Hour - 1, "23 hours"}, {24 * time.Hour, "1 day"}, {60 * day, "60 days"},
	} {
		if got := approximately(test.d); got != test.want {
			t.Errorf("approximately(%s) = %q; want %q", test.d, got, test.want)
		}
	}
}

// drawEvidence draws clocks around noon, to the millisecond, often on each
// other's boundaries.
func drawEvidence(t *rapid.T, verdicts ...Reason) Evidence {
	clock := func(label string) time.Time {
		if rapid.IntRange(0, 3).Draw(t, label+" missing") == 0 {
			return time.Time{}
		}
		whole := rapid.SampledFrom([]time.Duration{-2 * day, -day, -time.Hour, 0, time.Hour, 2 * time.Hour, day, 2 * day, 60 * day}).Draw(t, label)
		return noon.Add(whole + time.Duration(rapid.IntRange(-2, 2).Draw(t, label+" ms"))*time.Millisecond)
	}
	e := Evidence{
		AccessIssued: clock("issued"), AccessEnds: clock("access"), RefreshEnds: clock("refresh"), ConsentEnds: clock("consent"),
		AutoRefresh: rapid.Bool().Draw(t, "renewed"), NextRefresh: clock("next refresh"), RenewsItself: rapid.Bool().Draw(t, "by itself"),
		warnedMark: rapid.SampledFrom([]int{0, 0, 14, 7, 3, 1}).Draw(t, "warned"), announced: Healthy, announcedFrom: noon.Add(-90 * day),
	}
	e.Verdict = rapid.SampledFrom(append(verdicts, "")).Draw(t, "verdict")
	e.Failing = rapid.SampledFrom([]Reason{"", "", PlatformDown, AppMisconfigured}).Draw(t, "failing")
	return e
}

func drawWithin(t *rapid.T) time.Duration {
	return rapid.SampledFrom([]time.Duration{0, time.Millisecond, time.Hour, day, 7 * day}).Draw(t, "within")
}

func drawMoment(t *rapid.T, label string) time.Time {
	return noon.Add(time.Duration(rapid.Int64Range(int64(-3*day/time.Millisecond), int64(70*day/time.Millisecond)).Draw(t, label)) * time.Millisecond)
}

func TestExpiresAtIsNeverAfterAClockThatNothingPushesBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		e := drawEvidence(t, NotGranted)
		h := e.At(drawMoment(t, "now"), drawWithin(t))
		clocks := map[Clock]time.Time{ClockConsent: e.ConsentEnds}
		if e.AutoRefresh {
			clocks[ClockRefreshToken] = e.RefreshEnds
		} else {
			clocks[ClockAccessToken] = e.AccessEnds
		}
		named := false
		for name, end := range clocks {
			if end.IsZero() {
				continue
			}
			if h.ExpiresAt.IsZero() || h.ExpiresAt.After(end) {
				t.Fatalf("ends at %s, but %s ends at %s", h.ExpiresAt, name, end)
			}
			named = named || h.ExpiresAt.Equal(end) && *h.ExpiresBecause == name
		}
		if !h.ExpiresAt.IsZero() && !named {
			t.Fatalf("ends at %s because of %s, which is none of %v", h.ExpiresAt, *h.ExpiresBecause, clocks)
		}
	})
}

func TestTimeAloneOnlyMakesHealthWorse(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		e, within := drawEvidence(t, NotGranted, Disconnected), drawWithin(t)
		first, second := drawMoment(t, "first"), drawMoment(t, "second")
		if second.Before(first) {
			first, second = second, first
		}
		before, after := e.At(first, within), e.At(second, within)
		if e.Failing == "" && (before.Status == Unhealthy) != (after.Status == Unhealthy) {
			t.Fatalf("time alone made %s of %s", after.Status, before.Status)
		}
		if e.Failing == "" && slices.Index(Statuses, after.Status) < slices.Index(Statuses, before.Status) {
			t.Fatalf("%s at %s became %s at %s", before.Status, first, after.Status, second)
		}
		if after.IsConnected && !before.IsConnected || before.IsExpired && !after.IsExpired {
			t.Fatalf("at %s %+v; at %s %+v", first, before, second, after)
		}
		if again := e.At(first, within); !reflect.DeepEqual(again, before) {
			t.Fatalf("the same evidence and moment give %+v and %+v", before, again)
		}
	})
}

// Until the next transition nothing happens, and at that very moment the status
// is another, or a mark is reached.
func TestNextTransitionIsTheNextChange(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		e, within, now := drawEvidence(t, NotGranted), drawWithin(t), drawMoment(t, "now")
		type state struct {
			Status
			mark int
		}
		is := func(at time.Time) state {
			mark, _ := e.markReached(at)
			return state{e.At(at, within).Status, mark}
		}
		next, more := e.nextTransition(now, within)
		if !more {
			if later := drawMoment(t, "later"); later.After(now) && is(later) != is(now) {
				t.Fatalf("no transition after %s, but %v became %v at %s", now, is(now), is(later), later)
			}
			return
		}
		if !next.After(now) {
			t.Fatalf("the next transition after %s is at %s", now, next)
		}
		if is(next) == is(now) {
			t.Fatalf("%v at %s, and still at the transition at %s", is(now), now, next)
		}
		between := now.Add(time.Duration(rapid.Int64Range(0, int64(next.Sub(now))-1).Draw(t, "between")))
		for _, at := range []time.Time{between, next.Add(-1)} {
			if is(at) != is(now) {
				t.Fatalf("%v at %s became %v at %s, before the transition at %s", is(now), now, is(at), at, next)
			}
		}
		if h := e.At(next, within); h.Status != is(now).Status && !h.Since.Equal(next) {
			t.Fatalf("%s since %s; want the moment of the transition, %s", h.Status, h.Since, next)
		}
	})
}

// openForTest opens a Service that offers X, without running it.
func openForTest(t *testing.T, url string) *Service {
	t.Helper()
	s, err := Open(t.Context(), Options{
		DatabaseURL: url, Key: vault.NewKey(), ExpiringWithin: day, EventsKeep: day,
		Apps: []*platforms.App{{Platform: platforms.Twitter, Login: platforms.Twitter.Logins[0], ClientID: "id", HTTP: http.DefaultClient}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// The expression by which accounts are filtered and counted says what the
// function says, for whatever clocks are stored and at every moment.
func TestStatusInSQLIsStatusInGo(t *testing.T) {
	t.Parallel()
	pgtest.Both(t, func(t *testing.T, url string) {
		s := openForTest(t, url)
		by := auth.Actor{User: "olive", Workspace: "acme", Role: auth.RoleOwner}
		accounts := storeRandomAccounts(t, s, by.Workspace)
		rapid.Check(t, func(t *rapid.T) {
			within, now := drawWithin(t), drawMoment(t, "now")
			if a := rapid.SampledFrom(accounts).Draw(t, "account"); rapid.Bool().Draw(t, "at a boundary") {
				if next, more := a.evidence.nextTransition(noon.Add(-90*day), within); more {
					now = next.Add(time.Duration(rapid.IntRange(-1, 1).Draw(t, "off")) * time.Millisecond)
				}
			}
			var rows []struct {
				ID     string `db:"id"`
				Status Status `db:"status_now"`
			}
			err := list(context.Background(), s.db.read, &rows, "SELECT a.id, "+statusSQL+" AS status_now FROM accounts a", statusArgs(now, within)...)
			if err != nil || len(rows) != len(accounts) {
				t.Fatalf("read %d statuses, %v; want %d", len(rows), err, len(accounts))
			}
			for _, r := range rows {
				a := accounts[slices.IndexFunc(accounts, func(a *Account) bool { return a.ID == r.ID })]
				if want, _ := a.evidence.status(now, within); r.Status != want {
					t.Fatalf("at %s within %s, %+v is %s in SQL and %s in Go", now, within, a.evidence, r.Status, want)
				}
			}
		})
	})
}

// storeRandomAccounts stores accounts with clocks of all kinds, and reads them
// back.
func storeRandomAccounts(t *testing.T, s *Service, workspace string) []*Account {
	t.Helper()
	const n = 150
	generator := rapid.Custom(func(t *rapid.T) Evidence {
		return drawEvidence(t, NotGranted)
	})
	var ids []string
	err := s.db.transact(t.Context(), func(tx *sqlx.Tx) error {
		c := consent{workspace: workspace, app: s.platforms["twitter"].LoginMethods[0].app, tokens: &platforms.Tokens{}, identity: &platforms.Identity{Subject: "1"}}
		if err := insertGrant(t.Context(), tx, "gra_1", c, noon); err != nil {
			return err
		}
		for i := range n {
			a := &Account{ID: newID("acc_"), Workspace: workspace, Platform: s.platforms["twitter"], grantID: "gra_1", ConnectedAt: noon}
			id, err := putAccount(t.Context(), tx, a, platforms.Profile{ExternalID: fmt.Sprint(i)}, generator.Example(i))
			if err != nil {
				return err
			}
			ids = append(ids, id)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	stored, err := s.accountsByID(t.Context(), s.db.read, workspace, ids)
	if err != nil || len(stored) != n {
		t.Fatalf("read %d accounts, %v; want %d", len(stored), err, n)
	}
	return stored
}
