package main

import (
	"context"
	"crypto/subtle"
	"log/slog"
	"net/http"
	"runtime"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"mooring/accounts"
)

// metrics are what GET /metrics shows to Prometheus. No label names a person, a
// workspace or an account. What comes from the database is the same at all
// replicas; see docs/operating.md.
type metrics struct {
	registry  *prometheus.Registry
	refreshes *prometheus.CounterVec
	durations *prometheus.HistogramVec
	probes    *prometheus.CounterVec
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		refreshes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "mooring_refresh_total", Help: "Requests for new tokens, by what came of them.",
		}, []string{"platform", "outcome"}),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "mooring_refresh_duration_seconds", Help: "How long platforms took to answer them.",
			Buckets: []float64{.05, .1, .25, .5, 1, 2.5, 5, 10, 20},
		}, []string{"platform"}),
		probes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "mooring_probe_total", Help: "Questions whether a token works, by what came of them.",
		}, []string{"platform", "outcome"}),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "mooring_build_info", Help: "Always 1.",
		ConstLabels: prometheus.Labels{"version": version(), "goversion": runtime.Version()},
	})
	build.Set(1)
	m.registry.MustRegister(m.refreshes, m.durations, m.probes, build,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// refreshed counts one request for new tokens.
func (m *metrics) refreshed(platform, outcome string, took time.Duration) {
	m.refreshes.WithLabelValues(platform, outcome).Inc()
	m.durations.WithLabelValues(platform).Observe(took.Seconds())
}

// probed counts one probe.
func (m *metrics) probed(platform, outcome string) { m.probes.WithLabelValues(platform, outcome).Inc() }

// What is read anew at each scrape.
var (
	descSwept    = describe("mooring_sweep_timestamp_seconds", "When this process last looked what is to be refreshed.")
	descDue      = describe("mooring_refresh_due", "Refreshes that wait, their moment having come.")
	descOldest   = describe("mooring_refresh_oldest_due_seconds", "How long the one has waited that waits longest; 0 if none does.")
	descInFlight = describe("mooring_refresh_in_flight", "Refreshes under way.")
	descIncident = describe("mooring_incident", "1 for each platform whose app is in trouble.", "platform", "reason")
	descStreams  = describe("mooring_subscriptions", "Subscriptions that this process serves.")
	descSockets  = describe("mooring_sockets", "Websockets open at this process.")
	descAccounts = describe("mooring_accounts", "Connected accounts, counted once a minute.", "platform", "status")
)

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, labels, nil)
}

const (
	// scrapeLife bounds what a scrape asks the database.
	scrapeLife = 5 * time.Second
	// countedEvery is how long a count of all accounts serves.
	countedEvery = time.Minute
)

// vitalsCollector reads the service's state when it is scraped.
type vitalsCollector struct {
	server *server

	mu      sync.Mutex
	counts  map[string]map[accounts.Status]int
	counted time.Time
}

// Describe implements prometheus.Collector. What there is depends on the
// moment, so the collector is unchecked.
func (*vitalsCollector) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector. What the database does not tell is
// left out.
func (c *vitalsCollector) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeLife)
	defer cancel()
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	gauge(descSockets, float64(c.server.socket.Stats().Sockets))
	v, err := c.server.service.Vitals(ctx)
	if err != nil {
		c.server.log.LogAttrs(ctx, slog.LevelError, "collect metrics", slog.Any("error", err))
		return
	}
	gauge(descStreams, float64(v.Streams))
	if !v.SweptAt.IsZero() {
		gauge(descSwept, float64(v.SweptAt.UnixMilli())/1000)
	}
	gauge(descDue, float64(v.Queue.Due))
	gauge(descInFlight, float64(v.Queue.InFlight))
	age := 0.0
	if oldest := v.Queue.OldestDueAt; !oldest.IsZero() {
		age = max(0, time.Since(oldest).Seconds())
	}
	gauge(descOldest, age)
	type trouble struct{ platform, reason string }
	troubles := map[trouble]bool{} // apps of several login methods may have the same
	for _, i := range v.Incidents {
		troubles[trouble{i.Platform.ID, string(i.Reason)}] = true
	}
	for t := range troubles {
		gauge(descIncident, 1, t.platform, t.reason)
	}
	for platform, counts := range c.count(ctx) {
		for _, status := range accounts.Statuses {
			gauge(descAccounts, float64(counts[status]), platform, string(status))
		}
	}
}

// count counts the accounts, unless it has done so lately.
func (c *vitalsCollector) count(ctx context.Context) map[string]map[accounts.Status]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.counted) < countedEvery {
		return c.counts
	}
	counts, err := c.server.service.CountAll(ctx)
	if err != nil {
		c.server.log.LogAttrs(ctx, slog.LevelError, "count accounts for metrics", slog.Any("error", err))
		return nil
	}
	c.counts, c.counted = counts, time.Now()
	return counts
}

// metricsPage is GET /metrics: for whoever has MOORING_METRICS_TOKEN, or for
// everybody on this machine where nobody has to sign in. Where people sign in
// and no token is set, there is no such page: it counts all workspaces, so no
// role of one may see it.
func (s *server) metricsPage() http.Handler {
	s.metrics.registry.MustRegister(&vitalsCollector{server: s})
	page := promhttp.HandlerFor(s.metrics.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 2})
	want := []byte("Bearer " + s.config.metricsToken)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case s.config.metricsToken == "" && s.config.authenticates():
			http.NotFound(w, r)
		case s.config.metricsToken != "" && subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), want) != 1:
			w.Header().Set("WWW-Authenticate", `Bearer realm="mooring metrics"`)
			http.Error(w, "This needs MOORING_METRICS_TOKEN as a bearer token.", http.StatusUnauthorized)
		default:
			page.ServeHTTP(w, r)
		}
	})
}
