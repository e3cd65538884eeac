package accounts_test

import (
	"testing"
	"time"

	"mooring/accounts"
	"mooring/platforms"
)

func TestRateLimits(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		now := time.Now().UTC().Truncate(time.Millisecond)
		used := 10.0
		limits := func(l *platforms.Login) {
			l.RateLimits = func(a platforms.Answer) []platforms.RateLimit {
				if a.Stage != platforms.StageAPI {
					return nil
				}
				return []platforms.RateLimit{
					{Name: "reads", Owner: platforms.LimitOfAccount, Limit: ptr(100), Remaining: ptr(100 - int(used)), UsedPercent: used, ResetAt: now.Add(time.Hour)},
					{Name: "posts", Owner: platforms.LimitOfAccount, UsedPercent: 1},
					{Name: "over", Owner: platforms.LimitOfAccount, UsedPercent: 100, ResetAt: now.Add(-time.Second)},
					{Name: "other", Owner: platforms.LimitOfAccount, ExternalID: "somebody", UsedPercent: 99},
					{Name: "daily", Owner: platforms.LimitOfApp, UsedPercent: 50.5},
				}
			}
		}
		w.alter("twitter", limits)
		a := w.connect(owner, "twitter")
		check := func(s *accounts.Service, when string, remaining int) {
			t.Helper()
			of, err := s.AccountRateLimits(t.Context(), a)
			if err != nil || len(of) != 2 || of[0].Name != "posts" || of[1].Name != "reads" {
				t.Fatalf("%s: AccountRateLimits() = %v, %v; want posts and reads", when, of, err)
			}
			tightest := accounts.Tightest(of)
			if tightest.Name != "reads" || *tightest.Limit != 100 || *tightest.Remaining != remaining || !tightest.ResetAt.Equal(now.Add(time.Hour)) || tightest.ObservedAt.Before(now) {
				t.Errorf("%s: the tightest is %+v; want reads with %d left", when, tightest, remaining)
			}
			if of[0].Limit != nil || of[0].Remaining != nil || !of[0].ResetAt.IsZero() {
				t.Errorf("%s: %+v; want a share alone", when, of[0])
			}
			of, err = s.PlatformRateLimits(t.Context(), s.Platform("twitter"))
			if err != nil || len(of) != 1 || of[0].Name != "daily" || of[0].UsedPercent != 50.5 {
				t.Errorf("%s: PlatformRateLimits() = %v, %v; want daily", when, of, err)
			}
		}
		check(w.Service, "after connecting", 90)
		used = 20
		w.age(a)
		if _, _, err := w.Validate(t.Context(), owner, a.ID); err != nil {
			t.Fatal(err)
		}
		check(w.Service, "after validating", 80)
		if of, err := w.PlatformRateLimits(t.Context(), w.Platform("linkedin")); err != nil || len(of) != 0 {
			t.Errorf("PlatformRateLimits() of another platform = %v, %v; want none", of, err)
		}
		if accounts.Tightest(nil) != nil {
			t.Error("Tightest() of none is a limit")
		}

		// What was told outlives the process, and is known to the others.
		first, stop := w.start(w.options)
		w.Service = first
		w.age(a)
		used = 30
		if _, _, err := w.Validate(t.Context(), owner, a.ID); err != nil {
			t.Fatal(err)
		}
		stop()
		second, _ := w.start(w.options)
		check(second, "after a restart", 70)
		if n := w.count("SELECT count(*) FROM rate_limits"); n != 5 {
			t.Errorf("%d limits stored; want 5", n)
		}
	})
}
