package platforms_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mooring/platforms"
)

func TestIdentifyPinterest(t *testing.T) {
	t.Parallel()
	tests := []struct {
		recording string
		want      platforms.Profile
	}{
		{"user-business", platforms.Profile{
			ExternalID:  "660194182233410092",
			Kind:        platforms.KindBusiness,
			Username:    "oakandlinen",
			DisplayName: "Oak & Linen",
			AvatarURL:   "https://i.pinimg.com/600x600_R/a.jpg",
			ProfileURL:  "https://www.pinterest.com/oakandlinen/",
		}},
		{"user-personal", platforms.Profile{
			ExternalID:  "718324159950286614",
			Kind:        platforms.KindProfile,
			Username:    "lenakost",
			DisplayName: "lenakost",
			AvatarURL:   "https://i.pinimg.com/600x600_R/b.jpg",
			ProfileURL:  "https://www.pinterest.com/lenakost/",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.recording, func(t *testing.T) {
			t.Parallel()
			var address string
			a := app(platforms.Pinterest, func(r *http.Request) (*http.Response, error) {
				address = r.URL.String()
				return recorded(t, "pinterest")[tt.recording].response(), nil
			})
			got, err := a.Identify(t.Context(), &platforms.Tokens{Access: platforms.NewSecret("a")})
			if err != nil {
				t.Fatal(err)
			}
			want := &platforms.Identity{Subject: tt.want.ExternalID, Name: tt.want.DisplayName, Profiles: []platforms.Profile{tt.want}}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("Identify (-want +got):\n%s", diff)
			}
			if address != "https://api.pinterest.com/v5/user_account" {
				t.Errorf("asked %s", address)
			}
		})
	}
}

// TestPinterestNumbersAreOfErrors: what succeeds may have a code, too.
func TestPinterestNumbersAreOfErrors(t *testing.T) {
	t.Parallel()
	a := platforms.Answer{Stage: platforms.StageAPI, Status: 200, Body: []byte(`{"id":"1","code":3,"message":"hello"}`), At: answered}
	if got := platforms.Pinterest.Logins[0].Verdict(a); got != (platforms.Verdict{}) {
		t.Errorf("Verdict = %+v; want none", got)
	}
}

func TestPinterestReset(t *testing.T) {
	t.Parallel()
	tests := []struct {
		reset, retryAfter string
		want              time.Duration
	}{
		{"900", "", 15 * time.Minute},
		{"1799000900", "", 15 * time.Minute},
		{"900", "60", time.Minute}, // the standard's header decides
		{"0", "", 0},
		{"-5", "", 0},
		{"-9223372036854775808", "", 0},
		{"315359999", "", 24 * time.Hour},
		{"315360000", "", 0}, // in 1979
		{"9223372036854775807", "", 24 * time.Hour},
		{"soon", "", 0},
		{"", "", 0},
	}
	for _, tt := range tests {
		header := make(http.Header)
		header.Set("x-ratelimit-reset", tt.reset)
		header.Set("Retry-After", tt.retryAfter)
		a := platforms.Answer{Stage: platforms.StageAPI, Status: 429, Header: header, Body: []byte(`{"code":8}`), At: answered}
		if got := platforms.Pinterest.Logins[0].Verdict(a).RetryAfter; got != tt.want {
			t.Errorf("RetryAfter of x-ratelimit-reset: %s, Retry-After: %s = %s; want %s", tt.reset, tt.retryAfter, got, tt.want)
		}
	}
}
