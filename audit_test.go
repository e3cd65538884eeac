package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mooring/accounts"
	"mooring/auth"
	"mooring/vault"
)

// TestAuditExport downloads the trail as a table and as lines.
func TestAuditExport(t *testing.T) {
	t.Parallel()
	i := secured(t)
	soon := time.Now().Add(time.Hour)
	const user = `=HYPERLINK("https://evil.example")` // whoever makes the tokens chooses the names
	ada := caller{i, token(t, user, "w1", "owner", soon)}
	viewer := caller{i, token(t, "vera", "w1", "viewer", soon)}
	other := caller{i, token(t, "other", "w2", "owner", soon)}
	attempt, _ := ada.begin(t, map[string]any{"platform": "twitter"})
	foreign, _ := other.begin(t, map[string]any{"platform": "twitter"})
	key, plain, err := auth.NewAPIKey("w1", "publisher", []auth.Permission{auth.Read}, time.Time{}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := i.service.CreateAPIKey(t.Context(), key, "cli"); err != nil {
		t.Fatal(err)
	}
	for range 3 { // one event a minute
		if resp := post(t, i.url+"/graphql", plain+"x", `{"query":"{ viewer { user } }"}`); resp.StatusCode != http.StatusUnauthorized {
			t.Fatalf("a key with another secret is answered %d; want 401", resp.StatusCode)
		}
	}

	lines := send(t, http.MethodGet, i.url+exportPath+"?format=jsonl", ada.token, "")
	var records []accounts.AuditRecord
	for line := range strings.Lines(said(t, lines)) {
		var r accounts.AuditRecord
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		records = append(records, r)
	}
	count := func(fits func(accounts.AuditRecord) bool) (n int) {
		for _, r := range records {
			if fits(r) {
				n++
			}
		}
		return n
	}
	for name, fits := range map[string]func(accounts.AuditRecord) bool{
		"the attempt": func(r accounts.AuditRecord) bool {
			return r.Type == "ATTEMPT_CREATED" && r.Actor == user && r.AttemptID == attempt && r.RequestID != ""
		},
		"the key": func(r accounts.AuditRecord) bool { return r.Type == "API_KEY_CREATED" && r.About == key.ID },
		"the failure": func(r accounts.AuditRecord) bool {
			return r.Type == "SIGN_IN_FAILED" && r.About == "key:"+key.ID && r.Outcome == "FAILED"
		},
		"the export": func(r accounts.AuditRecord) bool {
			return r.Type == "AUDIT_EXPORTED" && r.Actor == user && r.About == "jsonl"
		},
	} {
		if n := count(fits); n != 1 {
			t.Errorf("the lines have %s %d times; want once: %+v", name, n, records)
		}
	}
	if n := count(func(r accounts.AuditRecord) bool { return r.AttemptID == foreign || r.Actor == "other" }); n != 0 {
		t.Errorf("the lines have %d records of another workspace", n)
	}

	table := send(t, http.MethodGet, i.url+exportPath+"?format=CSV&from="+time.Now().UTC().AddDate(0, 0, -1).Format(time.DateOnly), ada.token, "")
	if got := table.Header.Get("Content-Disposition"); got != `attachment; filename="mooring-audit.csv"` {
		t.Errorf("Content-Disposition is %q", got)
	}
	rows, err := csv.NewReader(table.Body).ReadAll()
	if err != nil || len(rows) != len(records)+2 { // the title, and the first export
		t.Fatalf("the table has %d rows, %v; want %d", len(rows), err, len(records)+2)
	}
	for _, row := range rows {
		for _, cell := range row {
			if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r") {
				t.Errorf("the cell %q is a formula", cell)
			}
		}
	}
	if !slices.ContainsFunc(rows, func(row []string) bool { return row[3] == "'"+user }) {
		t.Errorf("nobody in %v is %q", rows, user)
	}

	for _, tt := range []struct {
		bearer, query string
		status        int
	}{
		{"", "format=csv", 401},
		{viewer.token, "format=csv", 403},
		{plain, "format=csv", 403}, // scope read
		{ada.token, "", 400},
		{ada.token, "format=xml", 400},
		{ada.token, "format=csv&from=yesterday", 400},
		{ada.token, "format=csv&to=2026-13-01", 400},
	} {
		if resp := send(t, http.MethodGet, i.url+exportPath+"?"+tt.query, tt.bearer, ""); resp.StatusCode != tt.status {
			t.Errorf("GET %s = %d %s; want %d", tt.query, resp.StatusCode, said(t, resp), tt.status)
		}
	}
}

// TestRefusedCredentials comes with credentials that are not good: the log has
// whose they were, or how many came, and no part of them.
func TestRefusedCredentials(t *testing.T) {
	t.Parallel()
	env := []string{
		"DATABASE_URL=" + migrated.SQLite(t), "MOORING_KEY=" + vault.NewKey().Encode(),
		"MOORING_JWT_SECRET=" + jwtSecret, "MOORING_SANDBOX=on",
	}
	i := start(t, env...)
	expired := token(t, "eve", "w1", "owner", time.Now().Add(-time.Hour))
	forged := expired[:strings.LastIndex(expired, ".")] + ".c2VjcmV0LXNpZ25hdHVyZQ"
	for _, credential := range []string{expired, expired, forged, forged, "not-a-token", ""} {
		if resp := post(t, i.url+"/graphql", credential, `{"query":"{ viewer { user } }"}`); resp.StatusCode != http.StatusUnauthorized {
			t.Errorf("%.10s… is answered %d; want 401", credential, resp.StatusCode)
		}
	}
	var session string // ends with the last one's
	for _, user := range []string{"ada", "ben"} {
		link, err := i.service.NewSignInLink(t.Context(), "w1", user, "")
		if err == nil {
			session, err = i.service.UseSignInLink(t.Context(), path.Base(link), nil)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := i.service.RemoveMember(t.Context(), auth.Actor{User: "ada", Workspace: "w1", Role: auth.RoleOwner}, "ben"); err != nil {
		t.Fatal(err)
	}
	for _, cookie := range []string{session, "no-session"} {
		send(t, http.MethodPost, i.url+"/graphql", "", `{"query":"{ viewer { user } }"}`, "Cookie", "mooring="+cookie, "Sec-Fetch-Site", "same-origin")
	}
	if err := i.stop(); err != nil {
		t.Fatal(err)
	}
	again := caller{start(t, env...), token(t, "ada", "w1", "owner", time.Now().Add(time.Hour))}
	data := again.do(t, `{ events(filter: {types: [SIGN_IN_FAILED]}) { nodes { about count actor } } }`, nil)
	found := map[string]float64{}
	for _, node := range at(t, data, "events", "nodes").([]any) {
		found[at(t, node, "about").(string)] += at(t, node, "count").(float64)
	}
	// An expired token is one event a minute; forged ones and unknown sessions are counted.
	if diff := cmp.Diff(map[string]float64{"eve": 1, "127.0.0.0/24": 5}, found); diff != "" {
		t.Errorf("refused credentials in the log (-want +got):\n%s", diff)
	}
	for _, secret := range []string{forged, "c2VjcmV0LXNpZ25hdHVyZQ", "not-a-token", session} {
		if text := fmt.Sprint(data); strings.Contains(text, secret) || strings.Contains(i.log.String(), secret) {
			t.Errorf("a refused credential is in the log: %.10s…", secret)
		}
	}
}

// TestHarmless looks at cells that a spreadsheet would calculate.
func TestHarmless(t *testing.T) {
	t.Parallel()
	for cell, want := range map[string]string{
		"": "", "ada": "ada", "1": "1", "a=b": "a=b", "é": "é", "=1": "'=1", "+1": "'+1", "-1": "'-1", "@SUM(A1)": "'@SUM(A1)", "\t=1": "'\t=1", "\r=1": "'\r=1", "\n=1": "'\n=1",
	} {
		if got := harmless(cell); got != want {
			t.Errorf("harmless(%q) = %q; want %q", cell, got, want)
		}
	}
}

// TestLogIsAppendOnly changes all that the API can change: what the log had
// before it has afterwards, and the statements that touch its rows are two.
func TestLogIsAppendOnly(t *testing.T) {
	t.Parallel()
	i := start(t)
	c := caller{instance: i}
	b := newBrowser(t)
	_, address := c.begin(t, map[string]any{"platform": "twitter"})
	b.get(t, b.consent(t, address, approve(7200)))
	account := at(t, c.do(t, `{ accounts { nodes { id } } }`, nil), "accounts", "nodes", 0, "id").(string)
	attempt, _ := c.begin(t, map[string]any{"platform": "linkedin"})
	log := func() (rows []any) {
		return at(t, c.do(t, `{ events(first: 100) { nodes {
			id type at effectiveAt actor accountId attemptId platform previousStatus status reason days issueType requestId bulkId about
		} } }`, nil), "events", "nodes").([]any)
	}
	before := log()
	event := at(t, before[0], "id").(string)
	for _, mutation := range readSchema(t).Mutation.Fields {
		input := readSchema(t).Types[mutation.Arguments.ForName("input").Type.Name()]
		for _, id := range []string{account, attempt, event} {
			given := map[string]any{}
			for _, field := range input.Fields {
				switch {
				case strings.HasSuffix(field.Name, "Id") && field.Name != "clientMutationId":
					given[field.Name] = id
				case field.Type.NonNull && field.Type.Elem != nil:
					given[field.Name] = []string{"twitter"}
				case field.Type.NonNull && field.Name == "action":
					given[field.Name] = "CHECK_HEALTH"
				case field.Type.NonNull:
					given[field.Name] = "twitter"
				}
			}
			c.try(t, "mutation($input: "+input.Name+"!) { "+mutation.Name+"(input: $input) { userErrors { code } } }", map[string]any{"input": given})
		}
	}
	after := log()
	if len(after) <= len(before) {
		t.Errorf("the log has %d rows after all mutations, and had %d: they did nothing", len(after), len(before))
	}
	if diff := cmp.Diff(before, after[:min(len(before), len(after))]); diff != "" {
		t.Errorf("mutations changed the log (-before +after):\n%s", diff)
	}

	var touching []string
	statement := regexp.MustCompile(`(?i)\b(UPDATE|DELETE FROM|REPLACE INTO|TRUNCATE)\s+(events|activity)\b[^` + "`" + `";]*`)
	files, err := filepath.Glob("accounts/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		for _, found := range statement.FindAllString(string(text), -1) {
			touching = append(touching, strings.Join(strings.Fields(found), " ")[:30])
		}
	}
	slices.Sort(touching)
	want := []string{
		"DELETE FROM activity WHERE (ac", // retention
		"DELETE FROM events WHERE posit", // retention
		"UPDATE events SET position = b", // a new event's place
	}
	if diff := cmp.Diff(want, touching); diff != "" {
		t.Errorf("statements on the log (-want +got):\n%s", diff)
	}
}
