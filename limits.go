package main

import (
	"container/list"
	"context"
	"errors"
	"log/slog"
	"math"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"golang.org/x/time/rate"

	"mooring/auth"
	"mooring/rest"
)

// limits are the settings of what one caller, or one address, may have. Where
// nobody has to sign in they do not apply: whoever uses the machine is the owner.
type limits struct {
	callerRate     int // requests a second
	addressRate    int // requests a second
	connects       int // attempts an hour
	callerSockets  int
	callerStreams  int // subscriptions
	trustedProxies []netip.Prefix
	introspection  string // on or off
	dashboard      string // on or off
	playground     string // on or off
}

// limitSettings are the variables about what callers may have.
func limitSettings() []setting {
	number := func(name, fallback, example, doc string, into func(*config) *int) setting {
		return setting{
			name: name, fallback: fallback, example: example, doc: doc,
			parse: func(c *config, v string) (err error) { *into(c), err = count(v); return err },
		}
	}
	onOff := func(name, fallback, doc string, into func(*config) *string) setting {
		return setting{
			name: name, fallback: fallback, example: map[string]string{"on": "off", "off": "on"}[fallback], doc: doc,
			parse: func(c *config, v string) error { *into(c) = v; return oneOf(v, "on", "off") },
		}
	}
	return []setting{
		number("MOORING_RATE_CALLER", "100", "20",
			"How many requests a second one caller may send; ten times as many at once after a pause. An operation over a websocket is one.",
			func(c *config) *int { return &c.callerRate }),
		number("MOORING_RATE_ADDRESS", "300", "50",
			"How many requests a second may come from one address (IPv6: one /64), whoever sends them; ten times as many at once after a pause. A tenth of them may be for signing in and webhooks.",
			func(c *config) *int { return &c.addressRate }),
		{
			name: "MOORING_TRUSTED_PROXIES", example: "10.0.0.0/8,192.0.2.7",
			doc:   "Addresses and networks of proxies whose `X-Forwarded-For` is believed. Without it the proxy itself is whom the limits see.",
			parse: func(c *config, v string) (err error) { c.trustedProxies, err = networks(v); return err },
		},
		number("MOORING_CONNECTS_PER_HOUR", "60", "10",
			"How many connect attempts one caller may begin within an hour; a back end as many for each external user.",
			func(c *config) *int { return &c.connects }),
		number("MOORING_CALLER_SOCKETS", "100", "10",
			"How many websockets one caller may have open at one server.", func(c *config) *int { return &c.callerSockets }),
		number("MOORING_CALLER_SUBSCRIPTIONS", "1000", "50",
			"How many subscriptions one caller may have running at one server, over websockets and server-sent events together.",
			func(c *config) *int { return &c.callerStreams }),
		onOff("MOORING_INTROSPECTION", "on", "`off`: the API does not describe its schema.", func(c *config) *string { return &c.introspection }),
		onOff("MOORING_DASHBOARD", "on", "`off`: there is no dashboard; the API has all that it has.", func(c *config) *string { return &c.dashboard }),
		onOff("MOORING_PLAYGROUND", "on", "`off`: there is no playground.", func(c *config) *string { return &c.playground }),
		onOff("MOORING_PRIVATE_NETWORKS", "off",
			"`on`: platforms and token issuers may be reached at private addresses that are not in the configuration, too, as where DNS leads to a proxy inside.",
			func(c *config) *string { return &c.privateNetworks }),
	}
}

// networks reads a list of addresses and CIDR networks.
func networks(v string) ([]netip.Prefix, error) {
	var all []netip.Prefix
	for part := range strings.SplitSeq(v, ",") {
		part = strings.TrimSpace(part)
		prefix, err := netip.ParsePrefix(part)
		if err != nil {
			address, notOne := netip.ParseAddr(part)
			if notOne != nil {
				return nil, errors.New("is no list of IP addresses and networks")
			}
			prefix = netip.PrefixFrom(address, address.BitLen())
		}
		all = append(all, prefix.Masked())
	}
	return all, nil
}

// connectsPerHour is the limit of accounts.Options.
func (c *config) connectsPerHour() int {
	if !c.authenticates() {
		return 0
	}
	return c.connects
}

// burst is how many seconds' worth of requests may come at once.
const burst = 10

// maxBuckets is how many callers or addresses are remembered, a few hundred
// bytes each.
const maxBuckets = 50_000

// buckets are token buckets by caller or address. Of too many the one that was
// not used for the longest time is forgotten.
type buckets struct {
	rate int

	mu     sync.Mutex
	byKey  map[string]*list.Element
	recent list.List // of *bucket, the latest used first
}

type bucket struct {
	key     string
	limiter *rate.Limiter
}

func newBuckets(perSecond int) *buckets {
	return &buckets{rate: perSecond, byKey: map[string]*list.Element{}}
}

// take takes one request out of a bucket. If it is empty, it returns how long
// to wait.
func (b *buckets) take(key string, now time.Time) (wait time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	element, known := b.byKey[key]
	if !known {
		if b.recent.Len() >= maxBuckets {
			oldest := b.recent.Back()
			delete(b.byKey, b.recent.Remove(oldest).(*bucket).key)
		}
		element = b.recent.PushFront(&bucket{key, rate.NewLimiter(rate.Limit(b.rate), burst*b.rate)})
		b.byKey[key] = element
	}
	b.recent.MoveToFront(element)
	r := element.Value.(*bucket).limiter.ReserveN(now, 1)
	if wait = r.DelayFrom(now); wait > 0 {
		r.CancelAt(now)
	}
	return wait
}

const tooMany = "There are too many requests. Try again later, and more slowly."

// seconds is a wait as Retry-After has it, RFC 9110 §10.2.3.
func seconds(wait time.Duration) int { return int(math.Ceil(wait.Seconds())) }

// perAddress bounds what comes from one address, before anything is known of
// the caller. Whoever watches over the server is not refused.
func (s *server) perAddress(next http.Handler) http.Handler {
	if !s.config.authenticates() {
		return next
	}
	seen, strict := newBuckets(s.config.addressRate), newBuckets(max(1, s.config.addressRate/strictly))
	var warned sync.Once
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if slices.Contains([]string{"/healthz", "/readyz", "/metrics"}, r.URL.Path) {
			next.ServeHTTP(w, r)
			return
		}
		if len(s.config.trustedProxies) == 0 && r.Header.Get("X-Forwarded-For") != "" {
			warned.Do(func() {
				s.log.LogAttrs(r.Context(), slog.LevelWarn, "requests come through a proxy, and MOORING_TRUSTED_PROXIES is not set: all of them count against the proxy's address")
			})
		}
		address, now := s.config.limits.addressOf(r), time.Now()
		wait := seen.take(address, now)
		if wait == 0 && isCostly(r.URL.Path) {
			wait = strict.take(address, now)
		}
		if wait > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(seconds(wait)))
			switch {
			case r.URL.Path == "/graphql":
				refuse(w, http.StatusTooManyRequests, tooMany, codeRateLimited)
			case strings.HasPrefix(r.URL.Path, "/api/"):
				rest.Refuse(w, http.StatusTooManyRequests, tooMany, codeRateLimited)
			default:
				http.Error(w, tooMany, http.StatusTooManyRequests)
			}
			return
		}
		next.ServeHTTP(w, r)
	})
}

// strictly is the part of an address's requests that may be for what strangers
// can make costly.
const strictly = 10

// isCostly reports whether a request that comes from anybody makes the server
// ask others or look into signatures: signing in, and what platforms tell.
func isCostly(path string) bool {
	return path == "/login" || strings.HasPrefix(path, "/login/") || strings.HasPrefix(path, "/api/webhooks/")
}

const codeRateLimited = "RATE_LIMITED"

// addressOf is whom a request comes from: the peer, or before trusted proxies
// the nearest that is none of them. What stands further left in X-Forwarded-For
// anybody can have written. An IPv6 address stands for its /64, which is what
// one customer has.
func (l *limits) addressOf(r *http.Request) string {
	host, _, _ := net.SplitHostPort(r.RemoteAddr)
	address, err := netip.ParseAddr(host)
	if err != nil {
		return host // not TCP
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for ; len(hops) > 0 && l.trusts(address); hops = hops[:len(hops)-1] {
		before, err := netip.ParseAddr(strings.TrimSpace(hops[len(hops)-1]))
		if err != nil {
			break
		}
		address = before
	}
	address = address.Unmap().WithZone("")
	if address.Is6() {
		return netip.PrefixFrom(address, 64).Masked().String()
	}
	return address.String()
}

func (l *limits) trusts(address netip.Addr) bool {
	return slices.ContainsFunc(l.trustedProxies, func(p netip.Prefix) bool { return p.Contains(address.Unmap()) })
}

// perCaller bounds what an authenticated caller sends. A websocket's operations
// are bounded by [server.paceOperations].
func (s *server) perCaller(refuse refuser, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if actor, ok := auth.FromContext(r.Context()); ok {
			if wait := s.pace(actor); wait > 0 {
				w.Header().Set("Retry-After", strconv.Itoa(seconds(wait)))
				refuse(w, http.StatusTooManyRequests, tooMany, codeRateLimited)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// pace counts a request of a caller, and returns how long to wait if there were
// too many.
func (s *server) pace(a auth.Actor) time.Duration {
	if a.Method == auth.MethodLocal {
		return 0
	}
	return s.callers.take(callerKey(a), time.Now())
}

// callerKey tells callers apart.
func callerKey(a auth.Actor) string { return a.Workspace + "\x00" + a.User }

type overSocket struct{}

// paceOperations bounds the operations that come over websockets, and the
// subscriptions of a caller however they come.
func (s *server) paceOperations(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	actor, ok := auth.FromContext(ctx)
	if !ok || actor.Method == auth.MethodLocal {
		return next(ctx)
	}
	if ctx.Value(overSocket{}) != nil {
		if wait := s.pace(actor); wait > 0 {
			return refused(tooMany, map[string]any{"code": codeRateLimited, "retryAfterSeconds": seconds(wait)})
		}
	}
	if graphql.GetOperationContext(ctx).Operation.Operation == ast.Subscription {
		if !s.streams.enter(callerKey(actor), s.config.callerStreams) {
			return refused("There are too many subscriptions. End some first.", map[string]any{"code": codeRateLimited})
		}
		context.AfterFunc(ctx, func() { s.streams.leave(callerKey(actor)) })
	}
	return next(ctx)
}

// refused is the one response of an operation that does not run.
func refused(message string, extensions map[string]any) graphql.ResponseHandler {
	return graphql.OneShot(&graphql.Response{Errors: gqlerror.List{{Message: message, Extensions: extensions}}})
}

// tally counts what each caller has running.
type tally struct {
	mu      sync.Mutex
	running map[string]int
}

// enter counts one more, unless there are as many as possible.
func (t *tally) enter(key string, most int) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.running[key] >= most {
		return false
	}
	if t.running == nil {
		t.running = map[string]int{}
	}
	t.running[key]++
	return true
}

// leave is the end of one.
func (t *tally) leave(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.running[key]--; t.running[key] == 0 {
		delete(t.running, key)
	}
}
