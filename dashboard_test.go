package main

import (
	"database/sql"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"mooring/auth"
	"mooring/internal/programs"
)

// TestDashboardInBrowser runs dashboard/app/test: the dashboard of the whole program
// in Chromium, as people use it. ONLY may hold a part of the names of those to run.
func TestDashboardInBrowser(t *testing.T) {
	t.Parallel()
	programs.Chromium(t)
	t.Log(programs.Node(t, "dashboard", nil, "app/test/run.mjs", start(t).url, securedForBrowsers(t), os.Getenv("ONLY")))
}

// securedForBrowsers starts a server where people sign in, by links or at a provider
// where gus sits at the browser, and describes it as run.mjs wants it. In their
// workspace there is an account that needs a person; in nora's there is nothing.
func securedForBrowsers(t *testing.T) string {
	t.Helper()
	provider := newIDP(t)
	provider.is("gus", nil)
	i := start(t, append(provider.settings(), "MOORING_JWT_SECRET="+jwtSecret)...)
	links := map[string]string{}
	for user, role := range map[string]auth.Role{
		"olive": auth.RoleOwner, "alma": auth.RoleAdmin, "max": auth.RoleMember, "tom": auth.RoleMember, "vera": auth.RoleViewer, "gus": auth.RoleViewer, "lina": auth.RoleViewer,
	} {
		link, err := i.service.NewSignInLink(t.Context(), "acme", user, role)
		if err != nil {
			t.Fatal(err)
		}
		links[user] = link
	}
	first, err := i.service.NewSignInLink(t.Context(), "empty", "nora", auth.RoleOwner)
	if err != nil {
		t.Fatal(err)
	}
	links["nora"] = first
	ada := caller{i, token(t, "ada", "acme", "owner", time.Now().Add(time.Hour))}
	account := ada.connected(t, "linkedin", "persona", "tomas", "refresh", "no", "lifetime", "7200")
	described, err := json.Marshal(map[string]any{"url": i.url, "links": links, "account": account})
	if err != nil {
		t.Fatal(err)
	}
	return string(described)
}

// TestDashboardUnderLoad measures the dashboard with ten thousand accounts, and
// while a thousand of them expire within ten seconds; dashboard/app/test/budget.mjs
// has the budgets.
func TestDashboardUnderLoad(t *testing.T) { //nolint:paralleltest // measures time
	if !slow() {
		t.Skip("set MOORING_SLOW_TESTS=1 to measure the dashboard with 10,000 accounts")
	}
	programs.Chromium(t)
	file := strings.TrimPrefix(migrated.SQLite(t), "sqlite:")
	c := caller{instance: start(t, "DATABASE_URL=sqlite:"+file)}
	c.connected(t, "linkedin", "persona", "tomas", "refresh", "no")
	c.connected(t, "pinterest", "persona", "lena", "refresh", "no")
	db, err := sql.Open("sqlite3", "file:"+file+"?_busy_timeout=5000")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	exec := func(statement string, args ...any) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), statement, args...); err != nil {
			t.Error(err)
		}
	}
	// 1,000 have expired, 2,000 will within a day, the others on the days after.
	now := time.Now().UnixMilli()
	exec(`INSERT INTO accounts (id, workspace, platform, external_id, grant_id, kind, username, display_name, labels, search,
			connected_at, connected_by, verdict, access_issued_at, access_expires_at, expires_at, expiring_from, status, reason, since, warned_of, warned_mark)
		WITH RECURSIVE counted (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < 4999),
			copies AS (SELECT a.*, n, row_number() OVER () AS i FROM accounts a, counted),
			ending AS (SELECT *, ? + CASE WHEN i <= 1000 THEN -86400000 WHEN i <= 3000 THEN 36000000 + i ELSE 86400000 * (2 + i % 58) END AS ends FROM copies)
		SELECT id || '_' || n, workspace, platform, external_id || '_' || n, grant_id, kind, username, display_name || ' ' || n, labels, search,
			connected_at + i, connected_by, verdict, access_issued_at, ends, ends, expiring_from,
			CASE WHEN i <= 1000 THEN 'EXPIRED' WHEN i <= 3000 THEN 'EXPIRING_SOON' ELSE 'HEALTHY' END, reason, since, ends, 1
		FROM ending`, now)
	t.Log(programs.Node(t, "dashboard", nil, "app/test/budget.mjs", c.url, "render"))

	const changes = 1000
	storm := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		begin := time.Now().Add(time.Second).UnixMilli()
		exec(`UPDATE accounts SET access_expires_at = ? + 10 * rank, expires_at = ? + 10 * rank, warned_of = ? + 10 * rank
			FROM (SELECT id AS which, row_number() OVER (ORDER BY expires_at) AS rank FROM accounts WHERE status = 'EXPIRING_SOON' LIMIT 1000)
			WHERE id = which`, begin, begin, begin)
		exec(`INSERT INTO due (id, due_at) SELECT id, expires_at FROM accounts WHERE expires_at BETWEEN ? AND ?`, begin, begin+10*changes)
	}))
	defer storm.Close()
	t.Log(programs.Node(t, "dashboard", nil, "app/test/budget.mjs", c.url, "storm", "1000", "2000", storm.URL))
}
