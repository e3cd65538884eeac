package accounts

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// A warning for each mark and no other, whatever ends move and whenever
// somebody looks: of the marks passed since the last look, the latest.
func TestAWarningForEachMark(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		now := noon
		span := func(label string, most time.Duration) time.Duration {
			return time.Duration(rapid.Int64Range(1, int64(most/time.Hour)).Draw(t, label)) * time.Hour
		}
		e := Evidence{AccessIssued: now, AccessEnds: now.Add(span("life", 100*day))}
		e = e.armed(now)
		looked, life := now, e.AccessEnds.Sub(now)
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			if rapid.IntRange(0, 6).Draw(t, "renew") == 0 { // a reconnect
				e.AccessIssued, e.AccessEnds = now, now.Add(span("new life", 100*day))
				if e.AccessEnds.Sub(e.warnedOf).Abs() < sameEnd {
					e.AccessEnds = e.AccessEnds.Add(2 * sameEnd)
				}
				looked, life = now, e.AccessEnds.Sub(now)
			}
			next, more := e.nextTransition(now, day)
			if !more || rapid.Bool().Draw(t, "nobody runs") {
				next = now.Add(span("asleep", 30*day))
			}
			now = next
			want := 0
			for _, mark := range []int{1, 3, 7, 14} {
				at := e.AccessEnds.AddDate(0, 0, -mark)
				if want == 0 && 2*days(mark) <= life && at.After(looked) && !at.After(now) && now.Before(e.AccessEnds) {
					want = mark
				}
			}
			e = e.armed(now)
			got, at := e.markReached(now)
			if got != want || got > 0 && !at.Equal(e.AccessEnds.AddDate(0, 0, -got)) {
				t.Fatalf("at %s, last looked at %s: warns at mark %d, %s; want %d of an end at %s after a life of %s",
					now, looked, got, at, want, e.AccessEnds, life)
			}
			if got > 0 {
				e.warnedMark = got
			}
			looked = now
		}
	})
}

// The words count down from two weeks before the end, but not in the first half
// of a life, nor while the token is about to renew itself.
func TestWarningsCountDown(t *testing.T) {
	t.Parallel()
	in := noon.Add
	for _, test := range []struct {
		name     string
		evidence Evidence
		words    string // "" for no warning
	}{
		{"in two weeks and a millisecond", Evidence{AccessEnds: in(14*day + time.Millisecond)}, ""},
		{"in two weeks", Evidence{AccessEnds: in(14 * day)}, "in 14 days"},
		{"in a day and a half", Evidence{AccessEnds: in(36 * time.Hour)}, "in 1 day"},
		{"in five hours", Evidence{AccessEnds: in(5*time.Hour + time.Minute)}, "in 5 hours"},
		{"over", Evidence{AccessEnds: in(0)}, ""},
		{"a week, young", Evidence{AccessIssued: in(-day), AccessEnds: in(6 * day)}, ""},
		{"a week, half of it", Evidence{AccessIssued: in(-4 * day), AccessEnds: in(4 * day)}, "in 4 days"},
		{"renewed before", Evidence{AutoRefresh: true, RenewsItself: true, NextRefresh: in(2 * day), AccessEnds: in(9 * day), RefreshEnds: in(9 * day)}, ""},
		{"not renewed when it should have been", Evidence{AutoRefresh: true, RenewsItself: true, NextRefresh: in(-day), AccessEnds: in(6 * day), RefreshEnds: in(6 * day)}, "in 6 days"},
		{"renewed, but not beyond its refresh token", Evidence{AutoRefresh: true, NextRefresh: in(day), AccessEnds: in(2 * day), RefreshEnds: in(9 * day)}, "in 9 days"},
		{"lost anyway", Evidence{Verdict: NotGranted, AccessEnds: in(2 * day)}, ""},
	} {
		words := []string{}
		for _, w := range test.evidence.At(noon, day).Warnings {
			words = append(words, w.Code+" "+w.Message)
		}
		fits := func(w string) bool { return strings.HasPrefix(w, WarnExpires) && strings.Contains(w, test.words) }
		if test.words == "" && len(words) > 0 || test.words != "" && (len(words) != 1 || !slices.ContainsFunc(words, fits)) {
			t.Errorf("%s: warnings are %q; want %q", test.name, words, test.words)
		}
	}
}
