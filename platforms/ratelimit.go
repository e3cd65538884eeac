package platforms

import (
	"context"
	"math"
	"net/http"
	"strconv"
	"time"
)

// LimitOwner says who uses a rate limit up.
type LimitOwner string

// The owners.
const (
	LimitOfApp     LimitOwner = "APP"     // all accounts of the operator's app together
	LimitOfAccount LimitOwner = "ACCOUNT" // each account for itself
)

// RateLimit is what a platform told of one of its limits.
type RateLimit struct {
	Name  string // as the platform's headers begin, such as "x-rate-limit"; at Meta what is limited: "app", "page" or a type of theirs, such as "pages"
	Owner LimitOwner
	// ExternalID is the account's id at the platform where the answer names
	// it; empty: the account that was asked for.
	ExternalID  string
	Limit       *int      // calls in the window; nil where only a share is told
	Remaining   *int      // calls left in it
	UsedPercent float64   // 0 to 100, and above where the platform goes on counting
	ResetAt     time.Time // when the window begins anew; zero: not told
}

type limitsKey struct{}

// WithRateLimits returns a context under which every answer's rate limits are
// reported to observe, in the goroutine of the request.
func WithRateLimits(ctx context.Context, observe func([]RateLimit)) context.Context {
	return context.WithValue(ctx, limitsKey{}, observe)
}

// reportLimits tells whoever asked of an answer's limits.
func (a *App) reportLimits(ctx context.Context, answer Answer) {
	observe, ok := ctx.Value(limitsKey{}).(func([]RateLimit))
	if !ok || a.Login.RateLimits == nil {
		return
	}
	if limits := a.Login.RateLimits(answer); len(limits) > 0 {
		observe(limits)
	}
}

// headerLimit reads a limit that is told in the headers name-limit and
// name-remaining. It reports false where nothing is told of what is left.
func headerLimit(h http.Header, name string) (RateLimit, bool) {
	remaining, ok := calls(h.Get(name + "-remaining"))
	if !ok {
		return RateLimit{}, false
	}
	r := RateLimit{Name: name, Remaining: &remaining}
	if limit, ok := calls(h.Get(name + "-limit")); ok && limit > 0 {
		r.Limit = &limit
		r.UsedPercent = 100 * float64(limit-min(remaining, limit)) / float64(limit)
	} else if remaining == 0 {
		r.UsedPercent = 100
	}
	return r, true
}

// calls reads a number of calls; GraphQL's integers have 32 bits.
func calls(text string) (int, bool) {
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= 0 && n <= math.MaxInt32
}

// maxWindow is the longest window of a limit, with an hour for clocks that
// differ.
const maxWindow = 25 * time.Hour

// resetAt is a window's end, or zero for one that no window can have.
func resetAt(end, now time.Time) time.Time {
	if end.Sub(now).Abs() > maxWindow {
		return time.Time{}
	}
	return end
}
