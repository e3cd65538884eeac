package main

import (
	"database/sql"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// scrape reads /metrics with a bearer token, "" for none.
func (i *instance) scrape(t *testing.T, token string) (status int, page string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, i.url+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

// TestMetrics looks for what an operator's alerts are made of, and for nothing
// that names a person.
func TestMetrics(t *testing.T) {
	t.Parallel()
	file := strings.TrimPrefix(migrated.SQLite(t), "sqlite:")
	c := caller{instance: start(t, "DATABASE_URL=sqlite:"+file)}
	b := newBrowser(t)
	_, address := c.begin(t, map[string]any{"platform": "twitter"})
	b.get(t, b.consent(t, address, approve(7200)))
	account := at(t, c.do(t, `{ accounts { nodes { id username } } }`, nil), "accounts", "nodes", 0).(map[string]any)
	c.do(t, `mutation($id: ID!) { refresh(input: {accountId: $id, force: true}) { refreshed } }`, map[string]any{"id": account["id"]})
	meddle(t, file, `UPDATE apps SET incident = '{"Reason":"PLATFORM_DOWN"}' WHERE platform = 'meta_instagram'`, 2) // of both login methods
	status, page := c.scrape(t, "")
	if status != http.StatusOK {
		t.Fatalf("/metrics = %d: %s", status, page)
	}
	for _, line := range []string{
		`mooring_refresh_total{outcome="ok",platform="twitter"} 1`,
		`mooring_refresh_duration_seconds_count{platform="twitter"} 1`,
		`mooring_refresh_oldest_due_seconds 0`,
		`mooring_refresh_due 0`,
		`mooring_sweep_timestamp_seconds 1.`,
		`mooring_accounts{platform="twitter",status="HEALTHY"} 1`,
		`mooring_accounts{platform="twitter",status="UNHEALTHY"} 0`,
		`mooring_refresh_in_flight 0`,
		`mooring_incident{platform="meta_instagram",reason="PLATFORM_DOWN"} 1`,
		`mooring_subscriptions 0`,
		`mooring_sockets 0`,
		`mooring_build_info{`,
		`go_goroutines `,
	} {
		if !strings.Contains(page, "\n"+line) {
			t.Errorf("/metrics has no line %q", line)
		}
	}
	for _, name := range []string{account["id"].(string), account["username"].(string), "default"} {
		if strings.Contains(page, name) {
			t.Errorf("/metrics names %q", name)
		}
	}
	// Each of these has a handful of values.
	few := []string{"platform", "outcome", "status", "reason", "le", "quantile", "version", "goversion"}
	for _, found := range regexp.MustCompile(`[{,]([a-z_]+)="`).FindAllStringSubmatch(page, -1) {
		if !slices.Contains(few, found[1]) {
			t.Errorf("/metrics has a label %q", found[1])
		}
	}
	meddle(t, file, "ALTER TABLE installation RENAME TO elsewhere", 0)
	if got := newBrowser(t).get(t, c.url+"/readyz"); got.status != http.StatusServiceUnavailable {
		t.Errorf("/readyz without its database = %d; want 503", got.status)
	}
	meddle(t, file, "ALTER TABLE elsewhere RENAME TO installation", 0)
}

// meddle changes a SQLite database beside the server, and wants rows rows to be
// touched.
func meddle(t *testing.T, file, statement string, rows int64) {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+file+"?_busy_timeout=5000")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	result, err := db.ExecContext(t.Context(), statement)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := result.RowsAffected(); err != nil || rows > 0 && n != rows {
		t.Fatalf("%s touched %d rows, %v; want %d", statement, n, err, rows)
	}
}

// TestMetricsAreForTheOperator asks for the page where people sign in.
func TestMetricsAreForTheOperator(t *testing.T) {
	t.Parallel()
	const secret = "0123456789abcdef"
	for _, tt := range []struct {
		name, configured, sent string
		want                   int
	}{
		{"not configured", "", "", http.StatusNotFound},
		{"not configured, by an owner", "", token(t, "ada", "w1", "owner", time.Now().Add(time.Hour)), http.StatusNotFound},
		{"without the token", secret, "", http.StatusUnauthorized},
		{"with another", secret, secret + "0", http.StatusUnauthorized},
		{"with the token", secret, secret, http.StatusOK},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			i := start(t, "MOORING_JWT_SECRET="+jwtSecret, "MOORING_SANDBOX=on", "MOORING_METRICS_TOKEN="+tt.configured)
			if got, _ := i.scrape(t, tt.sent); got != tt.want {
				t.Errorf("/metrics = %d; want %d", got, tt.want)
			}
		})
	}
}
