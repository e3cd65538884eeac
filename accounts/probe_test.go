package accounts

import (
	"errors"
	"testing"
	"time"

	"mooring/platforms"
)

func TestProbeThresholds(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		answers   string // a: alive, f: failing, n: nothing
		condemned string // after each: x if condemned
	}{
		{"aaaa", "...."},
		{"ffff", "..xx"},
		{"ffaff", "....."},
		{"fffaa", "..xx."},
		{"fffafaa", "..xxxx."},
		{"fnfnf", "....x"},
		{"fffnana", "..xxxx."},
		{"fffaaff", "..xx..."},
	} {
		r, got := probeRow{}, ""
		for _, c := range test.answers {
			r.count(map[rune]sign{'a': saysAlive, 'f': saysFailing, 'n': saysNothing}[c], 3, 2)
			got += map[bool]string{true: "x", false: "."}[r.condemned(3)]
		}
		if got != test.condemned {
			t.Errorf("%s: condemned %s; want %s", test.answers, got, test.condemned)
		}
	}
}

func TestProbesAreRepeatedInMinutes(t *testing.T) {
	t.Parallel()
	const every = 6 * time.Hour
	for _, test := range []struct {
		row   probeRow
		f     sign
		asked time.Duration
		want  time.Duration
	}{
		{probeRow{}, saysAlive, 0, every},
		{probeRow{Failures: 1}, saysFailing, 0, time.Minute},
		{probeRow{Failures: 2}, saysFailing, 0, 2 * time.Minute},
		{probeRow{Failures: 3}, saysFailing, 0, 4 * time.Minute},
		{probeRow{Failures: 9}, saysFailing, 0, 256 * time.Minute},
		{probeRow{Failures: 15}, saysFailing, 0, every},
		{probeRow{Failures: 99}, saysFailing, 0, every},
		{probeRow{Failures: 5, Successes: 1}, saysAlive, 0, time.Minute},
		{probeRow{Failures: 1}, saysNothing, 0, 15 * time.Minute},
		{probeRow{}, saysNothing, time.Hour, time.Hour},
		{probeRow{}, saysNothing, 24 * time.Hour, every},
	} {
		if got := test.row.next(test.f, every, test.asked, 0); got != test.want {
			t.Errorf("%+v.next(%d, %s) = %s; want %s", test.row, test.f, test.asked, got, test.want)
		}
	}
	if got := (&probeRow{}).next(saysAlive, every, 0, 1); got != every*3/4 {
		t.Errorf("next() with the whole jitter = %s; want three quarters of %s", got, every)
	}
}

func TestHeed(t *testing.T) {
	t.Parallel()
	of := func(c platforms.Class) error {
		return &platforms.Error{Verdict: platforms.Verdict{Class: c}}
	}
	for _, test := range []struct {
		name  string
		err   error
		kind  platforms.ProbeKind
		young bool
		want  sign
	}{
		{"a good answer", nil, platforms.ProbeInspect, false, saysAlive},
		{"a good answer about a young token", nil, platforms.ProbeIdentify, true, saysAlive},
		{"our own fault", errors.New("x"), platforms.ProbeInspect, false, saysNothing},
		{"an outage", of(platforms.ClassTemporary), platforms.ProbeIdentify, false, saysNothing},
		{"a limit", of(platforms.ClassRateLimited), platforms.ProbeIdentify, false, saysNothing},
		{"the app", of(platforms.ClassAppFault), platforms.ProbeInspect, false, saysNothing},
		{"a dead grant", of(platforms.ClassRefreshDead), platforms.ProbeIdentify, false, saysDead},
		{"a dead grant, young", of(platforms.ClassRefreshDead), platforms.ProbeInspect, true, saysNothing},
		{"a stale token, by introspection", of(platforms.ClassStaleAccess), platforms.ProbeInspect, false, saysDead},
		{"a stale token, by its use", of(platforms.ClassStaleAccess), platforms.ProbeIdentify, false, saysFailing},
		{"a scope", of(platforms.ClassMissingScope), platforms.ProbeIdentify, false, saysFailing},
		{"a refusal", of(platforms.ClassInvalid), platforms.ProbeInspect, false, saysFailing},
	} {
		if got := heed(test.err, test.kind, test.young); got != test.want {
			t.Errorf("%s: heed() = %d; want %d", test.name, got, test.want)
		}
	}
}
