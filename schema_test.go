package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"mooring/accounts"
	"mooring/auth"
	"mooring/dashboard"
	"mooring/diagnosis"
	"mooring/platforms"
)

func readSchema(t *testing.T) *ast.Schema {
	t.Helper()
	text, err := os.ReadFile("schema.graphqls")
	if err != nil {
		t.Fatal(err)
	}
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: "schema.graphqls", Input: string(text)})
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// TestOperations compares the schema with the list of what clients rely on.
// Extend the list with the schema; taking from it breaks clients.
func TestOperations(t *testing.T) {
	t.Parallel()
	schema := readSchema(t)
	for kind, want := range map[*ast.Definition]string{
		schema.Query:        "account accounts apiKeys bulkConnect bulkJob connectAttempt diagnose events invitations members node nodes overview platform platforms viewer",
		schema.Mutation:     "bulkConnect cancelBulkConnect cancelBulkJob cancelConnect changeRole checkHealth checkPermissions completeConnect connect createApiKey disconnect eraseUser eraseWorkspace importAccount inviteMember leaseToken pause refresh removeMember reportFailure resume retryBulkItem revokeApiKey revokeInvitation setLabels skipBulkItem startBulkJob validate",
		schema.Subscription: "bulkConnectChanged bulkJobChanged connectAttemptChanged eventAdded healthChanged",
	} {
		var got []string
		for _, field := range kind.Fields {
			if !strings.HasPrefix(field.Name, "__") {
				got = append(got, field.Name)
			}
		}
		slices.Sort(got)
		if joined := strings.Join(got, " "); joined != want {
			t.Errorf("%s has %s; want %s", kind.Name, joined, want)
		}
	}
}

// own reports whether a definition is ours, not GraphQL's.
func own(d *ast.Definition) bool {
	return !d.BuiltIn && !strings.HasPrefix(d.Name, "__")
}

// TestSchemaIsDescribed wants a description on everything, an address on each
// scalar, and the shape of payloads.
func TestSchemaIsDescribed(t *testing.T) {
	t.Parallel()
	for name, d := range readSchema(t).Types {
		if !own(d) {
			continue
		}
		if d.Description == "" {
			t.Errorf("%s has no description", name)
		}
		if d.Kind == ast.Scalar && d.Directives.ForName("specifiedBy") == nil {
			t.Errorf("scalar %s has no @specifiedBy", name)
		}
		for _, field := range d.Fields {
			if strings.HasPrefix(field.Name, "__") {
				continue
			}
			if field.Description == "" {
				t.Errorf("%s.%s has no description", name, field.Name)
			}
			for _, argument := range field.Arguments {
				if argument.Description == "" {
					t.Errorf("%s.%s(%s) has no description", name, field.Name, argument.Name)
				}
			}
		}
		for _, value := range d.EnumValues {
			if value.Description == "" {
				t.Errorf("%s.%s has no description", name, value.Name)
			}
		}
		if strings.HasSuffix(name, "Payload") {
			if f := d.Fields.ForName("userErrors"); f == nil || f.Type.String() != "[UserError!]!" {
				t.Errorf("%s has no userErrors: [UserError!]!", name)
			}
		}
	}
}

// TestNoTokenLeaves looks for fields by which a token could leave, besides a
// lease's.
func TestNoTokenLeaves(t *testing.T) {
	t.Parallel()
	lent := map[string]bool{"Mutation.leaseToken": true, "Lease.accessToken": true, "Lease.appSecretProof": true}
	for name, d := range readSchema(t).Types {
		if d.Kind != ast.Object || !own(d) {
			continue
		}
		for _, field := range d.Fields {
			if lent[name+"."+field.Name] {
				continue
			}
			lower := strings.ToLower(field.Name)
			if strings.Contains(lower, "secret") || strings.HasSuffix(lower, "token") {
				t.Errorf("%s.%s looks as if it returned a secret", name, field.Name)
			}
		}
	}
}

// TestEnums compares enums with the values that the program has for them.
func TestEnums(t *testing.T) {
	t.Parallel()
	schema := readSchema(t)
	has := func(enum, value string) {
		if schema.Types[enum].EnumValues.ForName(value) == nil {
			t.Errorf("the program answers %s for %s, which the schema lacks", value, enum)
		}
	}
	for _, source := range []platforms.ScopeSource{platforms.FromTokenResponse, platforms.FromIntrospection, platforms.FromPermissionsAPI, platforms.FromRequest} {
		has("PermissionSource", string(source))
	}
	for _, event := range []accounts.EventType{
		accounts.AccountWarning, accounts.AccountValidated, accounts.AccountProfileChanged, accounts.AccountPermissionsChanged,
		accounts.AccountPaused, accounts.AccountResumed, accounts.BulkConnectCreated, accounts.BulkConnectChanged,
		accounts.BulkConnectCancelled, accounts.BulkConnectExpired, accounts.BulkJobCreated, accounts.BulkJobEnded, accounts.BulkJobCancelled,
		accounts.SignedIn, accounts.SignedOut, accounts.MemberInvited,
		accounts.InvitationRevoked, accounts.MemberJoined, accounts.MemberRoleChanged, accounts.MemberRemoved,
		accounts.KeyAdded, accounts.KeyPromoted, accounts.KeysResealed,
		accounts.KeyRemoved, accounts.KeyRingRewrapped, accounts.SignInFailed, accounts.AuditExported,
	} {
		has("EventType", string(event))
	}
	for _, by := range []accounts.CheckedBy{accounts.ByProbe, accounts.ByRefresh, accounts.ByCaller} {
		has("CheckedBy", string(by))
	}
	for _, outcome := range []accounts.ReportOutcome{
		accounts.ReportSuperseded, accounts.ReportRefreshed, accounts.ReportWorks, accounts.ReportConfirmed, accounts.ReportRecorded,
	} {
		has("ReportOutcome", string(outcome))
	}
	for _, kind := range []accounts.ActivityKind{accounts.TokenLeased, accounts.TokenRefreshed, accounts.FailureReported} {
		has("ActivityKind", string(kind))
	}
	for _, status := range []platforms.CheckStatus{platforms.Pass, platforms.Warn, platforms.Fail, platforms.Skipped} {
		has("CheckStatus", string(status))
	}
	for _, status := range []accounts.BulkStatus{accounts.BulkOpen, accounts.BulkDone, accounts.BulkGivenUp, accounts.BulkTooLate} {
		has("BulkStatus", string(status))
	}
	for _, status := range []accounts.BulkItemStatus{accounts.ItemPending, accounts.ItemOpen, accounts.ItemDone, accounts.ItemFailed, accounts.ItemSkipped} {
		has("BulkItemStatus", string(status))
	}
	for _, status := range []accounts.BulkJobStatus{accounts.JobRunning, accounts.JobDone, accounts.JobCancelled} {
		has("BulkJobStatus", string(status))
	}
	for _, outcome := range []accounts.BulkOutcome{accounts.OutcomePending, accounts.OutcomeSucceeded, accounts.OutcomeUnneeded, accounts.OutcomeFailed} {
		has("BulkOutcome", string(outcome))
	}
	has("HealthReason", string(accounts.Revoked))
	for _, code := range []accounts.Code{accounts.CodePaused, accounts.CodeLastOwner, accounts.CodeRolesElsewhere} {
		has("UserErrorCode", string(code))
	}
	for _, role := range auth.Roles() {
		has("Role", string(role))
	}
	for _, method := range []auth.Method{auth.MethodLocal, auth.MethodJWT, auth.MethodAPIKey, auth.MethodSession} {
		has("AuthMethod", string(method))
	}
	for _, p := range platforms.All() {
		has("Difficulty", string(p.Difficulty))
		for _, l := range p.Logins {
			has("RefreshKind", string(l.Refresh.Kind))
			has("RevokeReach", string(l.RevokeReach))
			for _, s := range l.Scopes {
				has("Capability", string(s.Capability))
			}
		}
		for _, condition := range []diagnosis.Condition{diagnosis.ExpiringSoon, diagnosis.Expired, diagnosis.NotGranted, diagnosis.Disconnected} {
			d := diagnosis.ForHealth(p.ID, condition, diagnosis.Facts{})
			has("IssueType", string(d.IssueType))
			has("Severity", string(d.Severity))
			has("FixableBy", string(d.FixableBy))
			has("SuggestedAction", string(d.SuggestedAction))
		}
	}
}

// TestPlatforms asks for all that the catalogue has, as the person and as the
// operator see it.
func TestPlatforms(t *testing.T) {
	t.Parallel()
	c := caller{instance: start(t)}
	data := c.do(t, `{ platforms {
		id displayName icon color difficulty setupMinutes features requirements limits recommendedRank
		docsUrl errorsUrl consoleUrl revokeUrl statusUrl setupSteps reconnectInstructions { title steps requiredPermissions }
		scopes { name } capabilities tokenLifetimes { accessTokenSeconds refreshTokenSeconds note } refreshable sandboxed
		loginMethods {
			id ready requirements redirectUri redirectRules { httpHosts queryAllowed note } environment
			scopes { name purpose required default capability } capabilities
			tokenLifetimes { accessTokenSeconds refreshTokenSeconds note }
			refreshable refresh { kind rotates minAgeSeconds } revokeReach apiVersion { name endsAt latest state }
		}
	} }`, nil)
	for i, p := range platforms.All() {
		got := at(t, data, "platforms", i).(map[string]any)
		if got["id"] != p.ID || got["errorsUrl"] != p.ErrorsURL || len(got["limits"].([]any)) != len(p.Limits) {
			t.Errorf("platforms[%d] = %v; want %s", i, got, p.ID)
		}
		for j, l := range p.Logins {
			got := at(t, got, "loginMethods", j).(map[string]any)
			version := got["apiVersion"] != nil
			if got["id"] != l.ID || got["revokeReach"] != string(l.RevokeReach) || version != (l.Version != "") ||
				at(t, got, "refresh", "kind") != string(l.Refresh.Kind) || at(t, got, "redirectRules", "queryAllowed") != !l.Redirects.NoQuery ||
				at(t, got, "environment", 0) != l.Env.Prefix+"_"+l.Env.ID || len(got["scopes"].([]any)) != len(l.Scopes) {
				t.Errorf("login method %s of %s = %v; want what the catalogue has", l.ID, p.ID, got)
			}
		}
	}
	var table []string
	for _, row := range at(t, data, "platforms").([]any) {
		r := row.(map[string]any)
		table = append(table, strings.TrimSpace(fmt.Sprintln(r["id"], r["displayName"], r["icon"], r["color"], r["difficulty"], r["setupMinutes"], r["features"], r["requirements"], at(t, row, "loginMethods", 0, "requirements"))))
	}
	if diff := cmp.Diff([]string{
		"twitter X 𝕏 #000000 EASY 2 [Post tweets Threads Media Auto-scheduling] [] []",
		"meta_facebook Facebook 📘 #1877F2 EASY 3 [Post to Pages Photos and videos Auto-scheduling Analytics] [] []",
		"meta_instagram Instagram 📷 #E4405F MEDIUM 5 [Photos and videos Reels Stories Auto-scheduling] [Business or Creator account] [Connected to a Facebook Page]",
		"linkedin LinkedIn 💼 #0A66C2 EASY 2 [Post updates Articles Auto-scheduling] [] []",
		"google_youtube YouTube ▶️ #FF0000 MEDIUM 4 [Upload videos Shorts Thumbnails Descriptions] [YouTube channel] []",
		"pinterest Pinterest 📌 #E60023 EASY 3 [Create pins Upload images Boards Auto-scheduling] [] []",
		"tiktok TikTok 🎵 #000000 HARD 10 [Upload videos Auto-scheduling Trending sounds] [Business account Manual API set-up] []",
	}, table); diff != "" {
		t.Errorf("the table of platforms (-want +got):\n%s", diff)
	}
	data = c.do(t, `{ platforms(ids: ["tiktok", "myspace", "twitter"]) { id } }`, nil)
	if got := len(at(t, data, "platforms").([]any)); got != 2 || at(t, data, "platforms", 0, "id") != "twitter" {
		t.Errorf("platforms(ids: tiktok, myspace, twitter) = %v; want twitter and tiktok", data)
	}
}

// TestExamples runs every example of the playground, with real ids in the
// place of its placeholders.
func TestExamples(t *testing.T) {
	t.Parallel()
	c := caller{instance: start(t)}
	b := newBrowser(t)
	attempt, address := c.begin(t, map[string]any{"platform": "twitter"})
	b.get(t, b.consent(t, address, approve(7200)))
	account := at(t, c.do(t, `{ accounts { nodes { id } } }`, nil), "accounts", "nodes", 0, "id").(string)
	bulk := c.beginBulk(t, map[string]any{"platforms": []string{"twitter"}})
	job := at(t, c.do(t, `mutation { startBulkJob(input: {action: VALIDATE}) { bulkJob { id } } }`, nil), "startBulkJob", "bulkJob", "id").(string)
	ids := strings.NewReplacer(`"acc_…"`, `"`+account+`"`, `"att_…"`, `"`+attempt+`"`,
		`"blk_…"`, `"`+bulk.ID+`"`, `"bki_…"`, `"`+bulk.Sequence[0].ID+`"`, `"job_…"`, `"`+job+`"`)
	for _, example := range dashboard.Examples() {
		var variables map[string]any
		if len(example.Variables) > 0 {
			if err := json.Unmarshal([]byte(ids.Replace(string(example.Variables))), &variables); err != nil {
				t.Fatalf("%s: %v", example.Name, err)
			}
		}
		if strings.Contains(example.Query, "subscription") {
			if m := c.subscribe(t, example.Query, variables).firstOf(t); m == "error" {
				t.Errorf("%s: refused", example.Name)
			}
			continue
		}
		if _, body := c.try(t, example.Query, variables); body["errors"] != nil {
			t.Errorf("%s: %v", example.Name, body["errors"])
		}
	}
}

// firstOf returns the type of the first message, or "" if none comes: a stream
// without a snapshot is silent.
func (s *socket) firstOf(t *testing.T) string {
	t.Helper()
	s.write(t, map[string]any{"type": "ping", "payload": map[string]any{"after": "subscribe"}})
	for {
		m := s.read(t)
		if m["type"] == "pong" {
			return ""
		}
		if m["type"] != "ping" {
			return m["type"].(string)
		}
	}
}

// TestErrors asks for what cannot be answered and looks at code and message.
func TestErrors(t *testing.T) {
	t.Parallel()
	i := secured(t)
	member := caller{i, token(t, "ada", "w1", "member", time.Now().Add(time.Hour))}
	viewer := caller{i, token(t, "eve", "w1", "viewer", time.Now().Add(time.Hour))}
	nobody := caller{instance: i}
	ended := caller{i, token(t, "ada", "w1", "member", time.Now().Add(-time.Hour))}
	for _, tt := range []struct {
		name   string
		who    caller
		query  string
		status int
		code   string
		words  string // of the message
	}{
		{"no credential", nobody, `{ viewer { user } }`, 401, "UNAUTHENTICATED", ""},
		{"ended credential", ended, `{ viewer { user } }`, 401, "UNAUTHENTICATED", "expired"},
		{"viewer connects", viewer, `mutation { connect(input: {platform: "twitter"}) { userErrors { code } } }`, 200, "FORBIDDEN", "connect"},
		{"member imports", member, `mutation { importAccount(input: {platform: "twitter", accessToken: "x"}) { userErrors { code } } }`, 200, "FORBIDDEN", "import"},
		{"member leases", member, `mutation { leaseToken(input: {accountId: "acc_0"}) { lease { id } } }`, 200, "FORBIDDEN", "lease"},
		{"member reports", member, `mutation { reportFailure(input: {leaseId: "lea_0"}) { outcome } }`, 200, "FORBIDDEN", "lease"},
		{"viewer pauses", viewer, `mutation { pause(input: {accountId: "acc_0"}) { account { id } } }`, 200, "FORBIDDEN", "manage"},
		{"viewer resumes", viewer, `mutation { resume(input: {accountId: "acc_0"}) { account { id } } }`, 200, "FORBIDDEN", "manage"},
		{"viewer connects in bulk", viewer, `mutation { bulkConnect(input: {platforms: ["twitter"]}) { userErrors { code } } }`, 200, "FORBIDDEN", "connect"},
		{"viewer skips", viewer, `mutation { skipBulkItem(input: {itemId: "bki_0"}) { userErrors { code } } }`, 200, "FORBIDDEN", "connect"},
		{"viewer looks at a bulk connect", viewer, `{ bulkConnect(id: "blk_0") { id } }`, 200, "FORBIDDEN", "connect"},
		{"viewer starts a job", viewer, `mutation { startBulkJob(input: {action: REFRESH}) { userErrors { code } } }`, 200, "FORBIDDEN", "manage"},
		{"viewer looks at a job", viewer, `{ bulkJob(id: "job_0") { id } }`, 200, "FORBIDDEN", "manage"},
		{"page too large", viewer, `{ accounts(first: 101) { nodes { id } } }`, 200, "BAD_USER_INPUT", "1 to 100"},
		{"first and last", viewer, `{ accounts(first: 1, last: 1) { nodes { id } } }`, 200, "BAD_USER_INPUT", "not both"},
		{"foreign cursor", viewer, `{ accounts(after: "x") { nodes { id } } }`, 200, "BAD_USER_INPUT", "cursor"},
		{"too many ids", viewer, `{ nodes(ids: ["` + strings.Repeat(`a","`, 100) + `"]) { id } }`, 200, "BAD_USER_INPUT", "at most 100"},
		{"wrong date", member, `mutation { importAccount(input: {platform: "twitter", accessToken: "x", expiresAt: "soon"}) { userErrors { code } } }`, 200, "", ""},
		{"too complex", viewer, `{ accounts(first: 100) { nodes { events(first: 100) { nodes { id type at } } } } }`, 200, "COMPLEXITY_LIMIT_EXCEEDED", ""},
		{"deferred", viewer, `{ viewer { ... @defer { user } } }`, 200, "GRAPHQL_VALIDATION_FAILED", "defer"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			status, body := tt.who.try(t, tt.query, nil)
			if status != tt.status || body["errors"] == nil {
				t.Fatalf("answer = %d %v; want %d and an error", status, body, tt.status)
			}
			message := at(t, body, "errors", 0, "message").(string)
			if tt.code != "" {
				if got := at(t, body, "errors", 0, "extensions", "code"); got != tt.code {
					t.Errorf("code = %v (%s); want %s", got, message, tt.code)
				}
			}
			if !strings.Contains(message, tt.words) || strings.Contains(message, "went wrong") {
				t.Errorf("message = %q; want one about %q", message, tt.words)
			}
		})
	}
}

// TestTenants gives one workspace the ids of another: they answer as unknown
// ones do.
func TestTenants(t *testing.T) {
	t.Parallel()
	i := secured(t)
	ada := caller{i, token(t, "ada", "w1", "owner", time.Now().Add(time.Hour))}
	bob := caller{i, token(t, "bob", "w2", "owner", time.Now().Add(time.Hour))}
	b := newBrowser(t)
	attempt, address := ada.begin(t, map[string]any{"platform": "twitter"})
	departure := b.post(t, address, nil)
	b.get(t, b.post(t, departure.location, approve(7200)).location)
	data := ada.do(t, `{ accounts { nodes { id } } events { nodes { id } } }`, nil)
	account := at(t, data, "accounts", "nodes", 0, "id").(string)
	event := at(t, data, "events", "nodes", 0, "id").(string)
	bulk := ada.beginBulk(t, map[string]any{"platforms": []string{"twitter"}})
	job := at(t, ada.do(t, `mutation { startBulkJob(input: {action: VALIDATE}) { bulkJob { id } } }`, nil), "startBulkJob", "bulkJob", "id").(string)
	for known, unknown := range map[string]string{
		account: "acc_0", attempt: "att_0", event: "evt_0", bulk.ID: "blk_0", bulk.Sequence[0].ID: "bki_0", job: "job_0",
	} {
		for _, query := range []string{
			`query($id: ID!) { node(id: $id) { id } }`, `query($id: ID!) { nodes(ids: [$id]) { id } }`,
			`query($id: ID!) { account(id: $id) { id } }`, `query($id: ID!) { connectAttempt(id: $id) { id } }`,
			`mutation($id: ID!) { disconnect(input: {accountId: $id}) { userErrors { code message field } account { id } } }`,
			`mutation($id: ID!) { validate(input: {accountId: $id}) { userErrors { code message field } validation { isValid } account { id } } }`,
			`mutation($id: ID!) { refresh(input: {accountId: $id, force: true}) { userErrors { code message field } refreshed error account { id } } }`,
			`mutation($id: ID!) { leaseToken(input: {accountId: $id}) { userErrors { code message field } lease { id accessToken } account { id } } }`,
			`mutation($id: ID!) { pause(input: {accountId: $id}) { userErrors { code message field } account { id } } }`,
			`mutation($id: ID!) { resume(input: {accountId: $id}) { userErrors { code message field } account { id } } }`,
			`mutation($id: ID!) { checkPermissions(input: {accountId: $id}) { userErrors { code message field } permissions { granted } account { id } } }`,
			`mutation($id: ID!) { setLabels(input: {accountId: $id, labels: ["x"]}) { userErrors { code message field } account { id } } }`,
			`mutation($id: ID!) { connect(input: {platform: "twitter", accountId: $id}) { userErrors { code message field } attempt { id } } }`,
			`mutation($id: ID!) { cancelConnect(input: {attemptId: $id}) { userErrors { code message field } attempt { id } } }`,
			`mutation($id: ID!) { completeConnect(input: {attemptId: $id, externalIds: ["x"]}) { userErrors { code message field } attempt { id } } }`,
			`query($id: ID!) { events(filter: {accountIds: [$id]}) { nodes { id } } }`,
			`query($id: ID!) { bulkConnect(id: $id) { id } }`, `query($id: ID!) { bulkJob(id: $id) { id } }`,
			`mutation($id: ID!) { skipBulkItem(input: {itemId: $id}) { userErrors { code message field } bulkConnect { id } } }`,
			`mutation($id: ID!) { retryBulkItem(input: {itemId: $id}) { userErrors { code message field } bulkConnect { id } } }`,
			`mutation($id: ID!) { cancelBulkConnect(input: {bulkConnectId: $id}) { userErrors { code message field } bulkConnect { id } } }`,
			`mutation($id: ID!) { startBulkJob(input: {action: DISCONNECT, accountIds: [$id]}) { userErrors { code message field } bulkJob { id } } }`,
			`mutation($id: ID!) { cancelBulkJob(input: {jobId: $id}) { userErrors { code message field } bulkJob { id } } }`,
		} {
			_, foreign := bob.try(t, query, map[string]any{"id": known})
			_, missing := bob.try(t, query, map[string]any{"id": unknown})
			a, _ := json.Marshal(foreign) // maps marshal
			z, _ := json.Marshal(missing)
			if got, want := strings.ReplaceAll(string(a), known, "ID"), strings.ReplaceAll(string(z), unknown, "ID"); got != want {
				t.Errorf("%s with a foreign id answers %s; with an unknown one %s", query, got, want)
			}
		}
	}
	if got := at(t, bob.do(t, `{ overview { totalAccounts } }`, nil), "overview", "totalAccounts"); got != 0.0 {
		t.Errorf("the other workspace counts %v accounts; want 0", got)
	}
}
