package accounts

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mooring/platforms"
)

func TestAPIVersion(t *testing.T) {
	t.Parallel()
	end := time.Date(2027, 1, 21, 0, 0, 0, 0, time.UTC)
	dated := &platforms.Login{Versions: []platforms.APIVersion{{Name: "v21.0", Ends: end}, {Name: "v26.0"}}}
	ends := time.Date(2026, 11, 16, 0, 0, 0, 0, time.UTC)
	monthly := &platforms.Login{MonthlyVersions: true, Versions: []platforms.APIVersion{{Name: "202511", Ends: ends}, {Name: "202601"}, {Name: "202609"}}}
	october, january := time.Date(2026, 10, 15, 0, 0, 0, 0, time.UTC), time.Date(2027, 1, 15, 0, 0, 0, 0, time.UTC)
	next := time.Date(2027, 10, 15, 0, 0, 0, 0, time.UTC)
	now := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name   string
		login  *platforms.Login
		now    time.Time
		state  APIVersionState
		ends   *time.Time
		latest string
	}{
		{"v21.0", dated, end.Add(-platforms.ReleaseNotice), VersionCurrent, &end, "v26.0"},
		{"v21.0", dated, end.Add(-platforms.ReleaseNotice + 1), VersionEnding, &end, "v26.0"},
		{"v21.0", dated, end, VersionEnding, &end, "v26.0"},
		{"v21.0", dated, end.Add(1), VersionEnded, &end, "v26.0"},
		{"v26.0", dated, end, VersionCurrent, nil, "v26.0"},
		{"v27.0", dated, end, VersionUnknown, nil, "v26.0"},
		{"202511", monthly, now, VersionEnded, &ends, "202609"},
		{"202510", monthly, now, VersionEnded, &october, "202609"},  // older than those known
		{"202512", monthly, now, VersionUnknown, nil, "202609"},     // between them: LinkedIn left it out
		{"202601", monthly, now, VersionEnding, &january, "202609"}, // its end was not announced
		{"202610", monthly, now, VersionCurrent, &next, "202610"},   // newer
		{"202610", monthly, next.Add(1), VersionEnded, &next, "202610"},
		{"202612", monthly, now, VersionUnknown, nil, "202609"}, // to come
		{"2026-10", monthly, now, VersionUnknown, nil, "202609"},
		{"202613", monthly, now, VersionUnknown, nil, "202609"},
	} {
		want := APIVersion{Name: tt.name, EndsAt: tt.ends, Latest: tt.latest, State: tt.state}
		if diff := cmp.Diff(want, apiVersion(tt.name, tt.login, tt.now)); diff != "" {
			t.Errorf("apiVersion(%s, at %v) (-want +got):\n%s", tt.name, tt.now, diff)
		}
	}
}
