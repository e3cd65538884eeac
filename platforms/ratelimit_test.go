package platforms_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mooring/platforms"
)

func TestRateLimits(t *testing.T) {
	t.Parallel()
	whole := func(n int) *int { return &n }
	in := func(d time.Duration) time.Time { return answered.Add(d).UTC() }
	tests := []struct {
		name     string
		platform *platforms.Platform
		header   map[string]string
		want     []platforms.RateLimit
	}{
		{"X", platforms.Twitter, recorded(t, "twitter")["me"].Header, []platforms.RateLimit{
			{Name: "x-rate-limit", Owner: platforms.LimitOfAccount, Limit: whole(75), Remaining: whole(74), UsedPercent: 100. / 75, ResetAt: in(15 * time.Minute)},
		}},
		{"X, spent", platforms.Twitter, recorded(t, "twitter")["api-rate-limit"].Header, []platforms.RateLimit{
			{Name: "x-rate-limit", Owner: platforms.LimitOfAccount, Limit: whole(75), Remaining: whole(0), UsedPercent: 100, ResetAt: in(15 * time.Minute)},
		}},
		{"X, daily ones", platforms.Twitter, map[string]string{
			"x-rate-limit-limit": "100", "x-rate-limit-remaining": "99", "x-rate-limit-reset": "1799000900",
			"x-app-limit-24hour-limit": "10000", "x-app-limit-24hour-remaining": "2500", "x-app-limit-24hour-reset": "1799086400",
			"x-user-limit-24hour-limit": "100", "x-user-limit-24hour-remaining": "0", "x-user-limit-24hour-reset": "1799003600",
		}, []platforms.RateLimit{
			{Name: "x-app-limit-24hour", Owner: platforms.LimitOfApp, Limit: whole(10000), Remaining: whole(2500), UsedPercent: 75, ResetAt: in(24 * time.Hour)},
			{Name: "x-rate-limit", Owner: platforms.LimitOfAccount, Limit: whole(100), Remaining: whole(99), UsedPercent: 1, ResetAt: in(15 * time.Minute)},
			{Name: "x-user-limit-24hour", Owner: platforms.LimitOfAccount, Limit: whole(100), Remaining: whole(0), UsedPercent: 100, ResetAt: in(time.Hour)},
		}},
		{"X, no limit told", platforms.Twitter, map[string]string{"x-rate-limit-remaining": "3"}, []platforms.RateLimit{
			{Name: "x-rate-limit", Owner: platforms.LimitOfAccount, Remaining: whole(3)},
		}},
		{"X, none left of who knows how many", platforms.Twitter, map[string]string{"x-rate-limit-remaining": "0"}, []platforms.RateLimit{
			{Name: "x-rate-limit", Owner: platforms.LimitOfAccount, Remaining: whole(0), UsedPercent: 100},
		}},
		{"X, more left than there are", platforms.Twitter, map[string]string{"x-rate-limit-limit": "1", "x-rate-limit-remaining": "40"}, []platforms.RateLimit{
			{Name: "x-rate-limit", Owner: platforms.LimitOfAccount, Limit: whole(1), Remaining: whole(40)},
		}},
		{"X, the remainder not told", platforms.Twitter, map[string]string{"x-rate-limit-limit": "75", "x-rate-limit-reset": "1799000900"}, nil},
		{"X, nonsense", platforms.Twitter, map[string]string{"x-rate-limit-limit": "-75", "x-rate-limit-remaining": "9999999999", "x-rate-limit-reset": "x"}, nil},
		{"X, seconds left for Unix seconds", platforms.Twitter, map[string]string{"x-rate-limit-limit": "0", "x-rate-limit-remaining": "5", "x-rate-limit-reset": "900"}, []platforms.RateLimit{
			{Name: "x-rate-limit", Owner: platforms.LimitOfAccount, Remaining: whole(5)},
		}},
		{"X, nothing", platforms.Twitter, nil, nil},
		{"Pinterest, Standard access", platforms.Pinterest, recorded(t, "pinterest")["user-business"].Header, []platforms.RateLimit{
			{Name: "x-ratelimit", Owner: platforms.LimitOfAccount, Limit: whole(1000), Remaining: whole(998), UsedPercent: 0.2, ResetAt: in(41 * time.Second)},
		}},
		{"Pinterest, Trial access", platforms.Pinterest, recorded(t, "pinterest")["user-trial"].Header, []platforms.RateLimit{
			{Name: "x-ratelimit", Owner: platforms.LimitOfApp, Limit: whole(1000), Remaining: whole(250), UsedPercent: 75, ResetAt: in(time.Hour)},
		}},
		{"Pinterest, Unix seconds", platforms.Pinterest, recorded(t, "pinterest")["api-rate-limit-unix"].Header, []platforms.RateLimit{
			{Name: "x-ratelimit", Owner: platforms.LimitOfApp, Limit: whole(1000), Remaining: whole(0), UsedPercent: 100, ResetAt: in(15 * time.Minute)},
		}},
		{"Pinterest, no end told", platforms.Pinterest, map[string]string{"x-ratelimit-limit": "1000", "x-ratelimit-remaining": "500"}, []platforms.RateLimit{
			{Name: "x-ratelimit", Owner: platforms.LimitOfAccount, Limit: whole(1000), Remaining: whole(500), UsedPercent: 50},
		}},
		{"Pinterest, an end beyond all windows", platforms.Pinterest, map[string]string{"x-ratelimit-remaining": "5", "x-ratelimit-reset": "99999999999"}, []platforms.RateLimit{
			{Name: "x-ratelimit", Owner: platforms.LimitOfAccount, Remaining: whole(5)},
		}},
		{"Pinterest, nothing", platforms.Pinterest, nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := platforms.Answer{Stage: platforms.StageAPI, Status: 200, Header: recording{Header: tt.header}.header(), At: answered}
			if diff := cmp.Diff(tt.want, tt.platform.Logins[0].RateLimits(a)); diff != "" {
				t.Errorf("RateLimits (-want +got):\n%s", diff)
			}
		})
	}
}

// TestPinterestOnTrial: only a window of a day is one of Trial access.
func TestPinterestOnTrial(t *testing.T) {
	t.Parallel()
	for reset, trial := range map[string]bool{
		"60": false, "600": false, "601": true, "86400": true, "90000": true, "90001": false,
		"1799000600": false, "1799000601": true, "": false,
	} {
		a := platforms.Answer{At: answered, Header: recording{Header: map[string]string{
			"x-ratelimit-remaining": "1", "x-ratelimit-reset": reset,
		}}.header()}
		if got := platforms.Pinterest.Logins[0].RateLimits(a)[0].Owner; (got == platforms.LimitOfApp) != trial {
			t.Errorf("owner of a limit that ends in %q = %s; want the app %t", reset, got, trial)
		}
	}
}

// TestWithRateLimits: limits are reported of failures and of the token
// endpoint, too, and of nobody who does not ask.
func TestWithRateLimits(t *testing.T) {
	t.Parallel()
	header := http.Header{"X-Ratelimit-Remaining": {"0"}}
	a := app(platforms.Pinterest, func(*http.Request) (*http.Response, error) {
		return answer(429, header, `{"code":8,"message":"m"}`), nil
	})
	var told []platforms.RateLimit
	ctx := platforms.WithRateLimits(t.Context(), func(limits []platforms.RateLimit) { told = append(told, limits...) })
	tokens := &platforms.Tokens{Access: platforms.NewSecret("a"), Refresh: platforms.NewSecret("r")}
	if _, err := a.Refresh(ctx, tokens); platformError(t, err).Class != platforms.ClassRateLimited {
		t.Errorf("Refresh = %v; want rate_limited", err)
	}
	if _, err := a.Validate(ctx, tokens, platforms.Profile{}); platformError(t, err).Class != platforms.ClassRateLimited {
		t.Errorf("Validate = %v; want rate_limited", err)
	}
	if _, err := a.Refresh(t.Context(), tokens); err == nil {
		t.Error("Refresh = nil; want an error")
	}
	if len(told) != 2 {
		t.Errorf("told of %+v; want two limits", told)
	}
}
