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
	known := []platforms.APIVersion{{Name: "v21.0", Ends: end}, {Name: "v26.0"}}
	for _, tt := range []struct {
		name  string
		now   time.Time
		state APIVersionState
		ends  *time.Time
	}{
		{"v21.0", end.Add(-versionNotice), VersionCurrent, &end},
		{"v21.0", end.Add(-versionNotice + 1), VersionEnding, &end},
		{"v21.0", end, VersionEnding, &end},
		{"v21.0", end.Add(1), VersionEnded, &end},
		{"v26.0", end, VersionCurrent, nil},
		{"v27.0", end, VersionUnknown, nil},
	} {
		want := APIVersion{Name: tt.name, EndsAt: tt.ends, Latest: "v26.0", State: tt.state}
		if diff := cmp.Diff(want, apiVersion(tt.name, known, tt.now)); diff != "" {
			t.Errorf("apiVersion(%s, at %v) (-want +got):\n%s", tt.name, tt.now, diff)
		}
	}
}
