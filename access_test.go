package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/vektah/gqlparser/v2/ast"

	"mooring/auth"
)

// operation is how the tests ask for a field of a root type, and what a caller
// needs for it: "anyone" or a scope.
type operation struct {
	needs string
	text  string // a selection, with ID in the place of the id that it is about
	about string // whose id it is, a key of unknown; "" for none
}

// operations are all fields of the root types. What each needs is written down here
// once more, so that nobody widens it by mistake.
var operations = map[string]operation{
	"Query.viewer":         {"anyone", `viewer { user }`, ""},
	"Query.node":           {"read", `node(id: "ID") { id }`, "account"},
	"Query.nodes":          {"read", `nodes(ids: ["ID"]) { id }`, "event"},
	"Query.platforms":      {"read", `platforms { id incident { since } rateLimits { name } rateLimit { name } }`, ""},
	"Query.platform":       {"read", `platform(id: "twitter") { id }`, ""},
	"Query.account":        {"read", `account(id: "ID") { id events { nodes { id } } }`, "account"},
	"Query.accounts":       {"read", `accounts { totalCount nodes { id } }`, ""},
	"Query.overview":       {"read", `overview { totalAccounts }`, ""},
	"Query.connectAttempt": {"connect", `connectAttempt(id: "ID") { id accounts { id } reconnects { id } }`, "attempt"},
	"Query.bulkConnect":    {"connect", `bulkConnect(id: "ID") { id }`, "bulk"},
	"Query.bulkJob":        {"manage", `bulkJob(id: "ID") { id results { nodes { outcome } } }`, "job"},
	"Query.diagnose":       {"read", `diagnose(input: {accountId: "ID"}) { issueType }`, "account"},
	"Query.events":         {"read", `events(filter: {accountIds: ["ID"]}) { nodes { id } }`, "account"},
	"Query.members":        {"read", `members { nodes { user } }`, ""},
	"Query.invitations":    {"admin", `invitations { id }`, ""},
	"Query.apiKeys":        {"admin", `apiKeys { id }`, ""},

	"Mutation.connect":           {"connect", `connect(input: {platform: "twitter", accountId: "ID"}) { attempt { platform { id } } userErrors { code message } }`, "account"},
	"Mutation.completeConnect":   {"connect", `completeConnect(input: {attemptId: "ID", externalIds: ["x"]}) { attempt { id } userErrors { code message } }`, "attempt"},
	"Mutation.cancelConnect":     {"connect", `cancelConnect(input: {attemptId: "ID"}) { attempt { id } userErrors { code message } }`, "attempt"},
	"Mutation.bulkConnect":       {"connect", `bulkConnect(input: {platforms: ["myspace"]}) { userErrors { code message } }`, ""},
	"Mutation.skipBulkItem":      {"connect", `skipBulkItem(input: {itemId: "ID"}) { userErrors { code message } }`, "item"},
	"Mutation.retryBulkItem":     {"connect", `retryBulkItem(input: {itemId: "ID"}) { userErrors { code message } }`, "item"},
	"Mutation.cancelBulkConnect": {"connect", `cancelBulkConnect(input: {bulkConnectId: "ID"}) { userErrors { code message } }`, "bulk"},
	"Mutation.startBulkJob":      {"manage", `startBulkJob(input: {action: VALIDATE, accountIds: ["ID"]}) { bulkJob { total } userErrors { code message } }`, "account"},
	"Mutation.cancelBulkJob":     {"manage", `cancelBulkJob(input: {jobId: "ID"}) { userErrors { code message } }`, "job"},
	"Mutation.importAccount":     {"import", `importAccount(input: {platform: "twitter", accessToken: "x"}) { userErrors { code message } }`, ""},
	"Mutation.disconnect":        {"manage", `disconnect(input: {accountId: "ID"}) { account { id } userErrors { code message } }`, "account"},
	"Mutation.validate":          {"manage", `validate(input: {accountId: "ID"}) { account { id } userErrors { code message } }`, "account"},
	"Mutation.checkPermissions":  {"manage", `checkPermissions(input: {accountId: "ID"}) { account { id } userErrors { code message } }`, "account"},
	"Mutation.checkHealth":       {"manage", `checkHealth(input: {accountId: "ID"}) { account { id } userErrors { code message } }`, "account"},
	"Mutation.refresh":           {"manage", `refresh(input: {accountId: "ID"}) { account { id } userErrors { code message } }`, "account"},
	"Mutation.pause":             {"manage", `pause(input: {accountId: "ID"}) { account { id } userErrors { code message } }`, "account"},
	"Mutation.resume":            {"manage", `resume(input: {accountId: "ID"}) { account { id } userErrors { code message } }`, "account"},
	"Mutation.setLabels":         {"manage", `setLabels(input: {accountId: "ID", labels: ["x"]}) { account { id } userErrors { code message } }`, "account"},
	"Mutation.leaseToken":        {"lease", `leaseToken(input: {accountId: "ID"}) { lease { accessToken } userErrors { code message } }`, "account"},
	"Mutation.reportFailure":     {"lease", `reportFailure(input: {leaseId: "ID", httpStatus: 500}) { outcome userErrors { code message } }`, "lease"},
	"Mutation.inviteMember":      {"admin", `inviteMember(input: {name: "x", role: VIEWER}) { userErrors { code message } }`, ""},
	"Mutation.revokeInvitation":  {"admin", `revokeInvitation(input: {id: "ID"}) { invitation { role } userErrors { code message } }`, "invitation"},
	"Mutation.changeRole":        {"admin", `changeRole(input: {user: "ID", role: VIEWER}) { member { role } userErrors { code message } }`, "member"},
	"Mutation.eraseUser":         {"admin", `eraseUser(input: {user: "ID"}) { userErrors { code message } }`, "member"},
	"Mutation.eraseWorkspace":    {"end", `eraseWorkspace(input: {confirm: "another"}) { userErrors { code message } }`, ""},
	"Mutation.removeMember":      {"admin", `removeMember(input: {user: "ID"}) { member { role } userErrors { code message } }`, "member"},
	"Mutation.createApiKey":      {"admin", `createApiKey(input: {name: "x", scopes: ["read"]}) { userErrors { code message } }`, ""},
	"Mutation.revokeApiKey":      {"admin", `revokeApiKey(input: {id: "ID"}) { apiKey { name } userErrors { code message } }`, "key"},

	"Subscription.healthChanged":         {"read", `healthChanged(accountIds: ["ID"]) { account { id } }`, "account"},
	"Subscription.connectAttemptChanged": {"connect", `connectAttemptChanged(id: "ID") { id }`, "attempt"},
	"Subscription.bulkConnectChanged":    {"connect", `bulkConnectChanged(id: "ID") { id }`, "bulk"},
	"Subscription.bulkJobChanged":        {"manage", `bulkJobChanged(id: "ID") { id }`, "job"},
	"Subscription.eventAdded":            {"read", `eventAdded(filter: {accountIds: ["ID"]}) { event { id } }`, "account"},
}

// TestOperationsAreListed fails where the matrix lacks a field.
func TestOperationsAreListed(t *testing.T) {
	t.Parallel()
	schema := readSchema(t)
	var fields []string
	for _, root := range []*ast.Definition{schema.Query, schema.Mutation, schema.Subscription} {
		for _, f := range root.Fields {
			if !strings.HasPrefix(f.Name, "__") {
				fields = append(fields, root.Name+"."+f.Name)
			}
		}
	}
	slices.Sort(fields)
	if got := slices.Sorted(maps.Keys(operations)); !slices.Equal(got, fields) {
		t.Errorf("the matrix has %v; the schema has %v", got, fields)
	}
}

// document makes a document of an operation.
func (o operation) document(name, id string) string {
	kind, _, _ := strings.Cut(name, ".")
	return strings.ToLower(kind) + " { " + strings.ReplaceAll(o.text, `"ID"`, `"`+id+`"`) + " }"
}

// unknown are ids that nothing has.
var unknown = map[string]string{
	"account": "acc_0", "attempt": "att_0", "event": "evt_0", "invitation": "inv_0", "key": "AAAAAAAAAAAAAAAA", "lease": "lea_0", "member": "nobody",
	"bulk": "blk_0", "item": "bki_0", "job": "job_0",
}

// populate fills workspace w1 and returns the ids of what is in it.
func populate(t *testing.T, i *instance) map[string]string {
	t.Helper()
	owner := caller{i, token(t, "olive", "w1", "owner", time.Now().Add(time.Hour))}
	keeper := i.browserOf(t, "w1", "keeper") // by the members table, so that there is something to change
	ids := map[string]string{"member": "max"}
	var address string
	ids["attempt"], address = owner.begin(t, map[string]any{"platform": "twitter"})
	b := newBrowser(t)
	b.get(t, b.post(t, b.post(t, address, nil).location, approve(7200)).location)
	data := owner.do(t, `{ accounts { nodes { id } } events { nodes { id } } }`, nil)
	ids["account"] = at(t, data, "accounts", "nodes", 0, "id").(string)
	ids["event"] = at(t, data, "events", "nodes", 0, "id").(string)
	data = owner.do(t, `mutation($id: ID!) { leaseToken(input: {accountId: $id}) { lease { id } } }`, map[string]any{"id": ids["account"]})
	ids["lease"] = at(t, data, "leaseToken", "lease", "id").(string)
	caller{i, token(t, "max", "w1", "", time.Now().Add(time.Hour))}.do(t, `{ viewer { user } }`, nil)
	data = owner.do(t, `mutation($id: ID!) {
		bulkConnect(input: {platforms: ["twitter", "linkedin"]}) { bulkConnect { id sequence { id } } }
		startBulkJob(input: {action: VALIDATE, accountIds: [$id]}) { bulkJob { id } }
	}`, map[string]any{"id": ids["account"]})
	ids["bulk"] = at(t, data, "bulkConnect", "bulkConnect", "id").(string)
	ids["item"] = at(t, data, "bulkConnect", "bulkConnect", "sequence", 0, "id").(string)
	ids["job"] = at(t, data, "startBulkJob", "bulkJob", "id").(string)
	_, made := keeper.ask(t, i, `mutation { inviteMember(input: {name: "x", role: VIEWER}) { invitation { id } } createApiKey(input: {name: "x", scopes: ["read"]}) { apiKey { id } } }`)
	ids["invitation"] = at(t, made, "data", "inviteMember", "invitation", "id").(string)
	ids["key"] = at(t, made, "data", "createApiKey", "apiKey", "id").(string)
	await(t, "the job is done, and changes nothing more", func() bool {
		data := owner.do(t, `query($id: ID!) { bulkJob(id: $id) { endedAt } }`, map[string]any{"id": ids["job"]})
		return at(t, data, "bulkJob", "endedAt") != nil
	})
	return ids
}

// TestMatrix asks for each field as each kind of caller: who may not is refused,
// who may is answered. The ids are of nothing, so that nothing changes.
func TestMatrix(t *testing.T) {
	t.Parallel()
	i := secured(t)
	end := time.Now().Add(time.Hour)
	type column struct {
		caller
		may string
	}
	callers := map[string]column{
		"none":    {caller{instance: i}, ""},
		"foreign": {caller{i, token(t, "bob", "w2", "owner", end)}, "anyone read connect manage audit admin lease import end"},
		"viewer":  {caller{i, token(t, "vera", "w1", "viewer", end)}, "anyone read"},
		"member":  {caller{i, token(t, "max", "w1", "member", end)}, "anyone read connect manage"},
		"admin":   {caller{i, token(t, "alma", "w1", "admin", end)}, "anyone read connect manage audit admin"},
		"owner":   {caller{i, token(t, "olive", "w1", "owner", end)}, "anyone read connect manage audit admin lease import end"},
	}
	for _, p := range auth.Permissions() { // a service with this scope, and without the others
		key, plaintext, err := auth.NewAPIKey("w1", "x", []auth.Permission{p}, end, time.Now())
		if err == nil {
			err = i.service.CreateAPIKey(t.Context(), key, "test")
		}
		if err != nil {
			t.Fatal(err)
		}
		callers["service with "+string(p)] = column{caller{i, plaintext}, "anyone " + string(p)}
	}
	for name, o := range operations {
		for who, c := range callers {
			want := "FORBIDDEN"
			switch {
			case who == "none":
				want = "UNAUTHENTICATED"
			case slices.Contains(strings.Fields(c.may), o.needs):
				want = ""
			}
			if got := c.refusal(t, name, o.document(name, unknown[o.about])); got != want {
				t.Errorf("%s for %s = %q; want %q", name, who, got, want)
			}
		}
	}
}

// refusal is the code by which an operation is refused for want of access, or "";
// or what is wrong with the test.
func (c caller) refusal(t *testing.T, name, document string) string {
	t.Helper()
	var answer any
	if !strings.HasPrefix(name, "Subscription.") {
		_, answer = c.try(t, document, nil)
	} else if answer = c.first(t, document); answer == "4401" {
		return "UNAUTHENTICATED"
	}
	return regexp.MustCompile("FORBIDDEN|UNAUTHENTICATED|VALIDATION|INTERNAL|$").FindString(fmt.Sprint(answer))
}

// first is the first answer to a subscription, nil if none comes, or the code that
// its socket is closed with.
func (c caller) first(t *testing.T, document string) any {
	t.Helper()
	dialer := websocket.Dialer{Subprotocols: []string{"graphql-transport-ws"}}
	conn, resp, err := dialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(c.url, "http")+"/graphql", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	defer conn.Close()
	s := &socket{conn}
	s.write(t, map[string]any{"type": "connection_init", "payload": map[string]any{"authorization": "Bearer " + c.token}})
	s.write(t, map[string]any{"type": "subscribe", "id": "1", "payload": map[string]any{"query": document}})
	s.write(t, map[string]any{"type": "ping"})
	for {
		_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second)) // a test must end
		var m map[string]any
		if err := conn.ReadJSON(&m); err != nil {
			var closed *websocket.CloseError
			if !asClose(err, &closed) {
				t.Fatal(err)
			}
			return fmt.Sprint(closed.Code)
		}
		switch m["type"] {
		case "next", "error":
			return m["payload"]
		case "pong": // sent before the subscription answers, which it may never do
			select {
			case <-time.After(50 * time.Millisecond):
			case <-t.Context().Done():
			}
			s.write(t, map[string]any{"type": "complete", "id": "1"})
			s.write(t, map[string]any{"type": "subscribe", "id": "2", "payload": map[string]any{"query": "{ viewer { user } }"}})
		}
		if m["id"] == "2" {
			return nil
		}
	}
}

// TestForeignIDs asks for each field with an id of another workspace: it answers as
// an unknown one, and nothing changes.
func TestForeignIDs(t *testing.T) {
	t.Parallel()
	i := secured(t)
	ids := populate(t, i)
	// An owner by the members table, who may try everything.
	bob := i.browserOf(t, "w2", "bob")
	owner := caller{i, token(t, "olive", "w1", "owner", time.Now().Add(time.Hour))}
	const state = `{ accounts { nodes { id labels paused { since } health { status } } } members { nodes { user role } } invitations { id } apiKeys { id revokedAt } events { nodes { id } } }`
	before := fmt.Sprint(owner.do(t, state, nil))
	asked := 0
	for name, o := range operations {
		if o.about == "" || strings.HasPrefix(name, "Subscription.") {
			continue
		}
		asked++
		_, foreign := bob.ask(t, i, o.document(name, ids[o.about]))
		_, missing := bob.ask(t, i, o.document(name, unknown[o.about]))
		a, z := fmt.Sprint(foreign), fmt.Sprint(missing)
		if got, want := strings.ReplaceAll(a, ids[o.about], "ID"), strings.ReplaceAll(z, unknown[o.about], "ID"); got != want || strings.Contains(got, "INTERNAL") {
			t.Errorf("%s with a foreign id answers %s; with an unknown one %s", name, got, want)
		}
	}
	if asked < 15 {
		t.Errorf("asked %d operations; want all that take an id", asked)
	}
	elsewhere := caller{i, token(t, "bob", "w2", "owner", time.Now().Add(time.Hour))}
	for name, o := range operations {
		if !strings.HasPrefix(name, "Subscription.") {
			continue
		}
		foreign, missing := elsewhere.first(t, o.document(name, ids[o.about])), elsewhere.first(t, o.document(name, unknown[o.about]))
		if got, want := strings.ReplaceAll(fmt.Sprint(foreign), ids[o.about], "ID"), strings.ReplaceAll(fmt.Sprint(missing), unknown[o.about], "ID"); got != want {
			t.Errorf("%s with a foreign id answers %s; with an unknown one %s", name, got, want)
		}
	}
	// Cursors of another workspace are places, and lead to nothing of it.
	data := owner.do(t, `{ accounts { edges { cursor } } members { edges { cursor } } events { edges { cursor } } }`, nil)
	for field, selection := range map[string]string{"accounts": "id", "members": "user", "events": "id"} {
		cursor := at(t, data, field, "edges", 0, "cursor").(string)
		answer := elsewhere.do(t, `query($after: String) { `+field+`(after: $after) { nodes { `+selection+` } } }`, map[string]any{"after": cursor})
		if text := fmt.Sprint(answer); strings.Contains(text, ids["account"]) || strings.Contains(text, "max") || strings.Contains(text, ids["event"]) {
			t.Errorf("%s by a cursor of another workspace = %s", field, text)
		}
	}
	if after := fmt.Sprint(owner.do(t, state, nil)); after != before {
		t.Errorf("another workspace changed\n%s\nto\n%s", before, after)
	}
}

// TestMatrixOfObjects asks for what leads from an object further on.
func TestMatrixOfObjects(t *testing.T) {
	t.Parallel()
	i := secured(t)
	ids := populate(t, i)
	for field, needs := range map[string]string{
		`account(id: "` + ids["account"] + `") { activity { nodes { count } } }`:                 "admin owner",
		`account(id: "` + ids["account"] + `") { events { nodes { id } } rateLimit { name } }`:   "viewer member admin owner",
		`accounts { totalCount nodes { rateLimits { name } } }`:                                  "viewer member admin owner",
		`connectAttempt(id: "` + ids["attempt"] + `") { accounts { id } reconnects { id } }`:     "member admin owner",
		`viewer { unfinishedAttempts { id } unfinishedBulkConnects { id } }`:                     "member admin owner",
		`node(id: "` + ids["account"] + `") { ... on Account { activity { nodes { actor } } } }`: "admin owner",
	} {
		for _, role := range []string{"viewer", "member", "admin", "owner"} {
			c := caller{i, token(t, role, "w1", role, time.Now().Add(time.Hour))}
			want := "FORBIDDEN"
			if slices.Contains(strings.Fields(needs), role) {
				want = ""
			}
			if got := c.refusal(t, "Query", "{ "+field+" }"); got != want {
				t.Errorf("%s for %s = %q; want %q", field, role, got, want)
			}
		}
	}
	// A node that the role may not ask for is none.
	viewer := caller{i, token(t, "vera", "w1", "viewer", time.Now().Add(time.Hour))}
	if got := at(t, viewer.do(t, `{ node(id: "`+ids["attempt"]+`") { id } }`, nil), "node"); got != nil {
		t.Errorf("a viewer's node of an attempt = %v; want null", got)
	}
}

// TestRebinding: a page whose name leads here reaches neither the API nor the
// sandbox, with and without authentication.
func TestRebinding(t *testing.T) {
	t.Parallel()
	for name, i := range map[string]*instance{"open": start(t), "secured": secured(t)} {
		for path, method := range map[string]string{"/graphql": http.MethodPost, "/sandbox/api/grants": http.MethodGet, "/login": http.MethodGet} {
			for host, want := range map[string]int{"evil.example": http.StatusMisdirectedRequest, "localhost.evil.example": http.StatusMisdirectedRequest, "": 0} {
				req, err := http.NewRequestWithContext(t.Context(), method, "http://"+i.listener.Addr().String()+path, strings.NewReader(`{"query":"{ viewer { user } }"}`))
				if err != nil {
					t.Fatal(err)
				}
				req.Header.Set("Content-Type", "application/json")
				req.Host = host
				got := newBrowser(t).send(t, req)
				if refused := got.status == http.StatusMisdirectedRequest; refused != (want != 0) {
					t.Errorf("%s: %s by the name %q = %d %s; want it refused: %v", name, path, host, got.status, got.body, want != 0)
				}
			}
		}
	}
}

// endpoints are all operations of the OpenAPI document, by what a caller needs.
var endpoints = map[string]string{
	"GET /health/{account_id}":               "read",
	"GET /reconnect-instructions/{platform}": "read",
	"POST /validate/{account_id}":            "manage",
	"GET /check-permissions/{account_id}":    "manage",
	"GET /quick-connect/options":             "read",
	"POST /quick-connect/{platform}":         "connect",
	"POST /troubleshoot":                     "read",
	"GET /test-prerequisites/{platform}":     "read",
	"POST /bulk-connect/prepare":             "connect",
	"POST /auto-refresh/{account_id}":        "manage",
}

// TestMatrixOfEndpoints walks over the OpenAPI document as each kind of caller, and
// with an id of another workspace. It fails on an operation that endpoints lacks.
func TestMatrixOfEndpoints(t *testing.T) {
	t.Parallel()
	i := secured(t)
	end := time.Now().Add(time.Hour)
	may := map[string]string{"viewer": "read", "member": "read connect manage", "admin": "read connect manage", "owner": "read connect manage"}
	callers := map[string]caller{"none": {instance: i}}
	for role := range may {
		callers[role] = caller{i, token(t, role, "w1", role, end)}
	}
	for _, p := range auth.Permissions() {
		key, plaintext, err := auth.NewAPIKey("w1", "x", []auth.Permission{p}, end, time.Now())
		if err == nil {
			err = i.service.CreateAPIKey(t.Context(), key, "test")
		}
		if err != nil {
			t.Fatal(err)
		}
		callers["service with "+string(p)], may["service with "+string(p)] = caller{i, plaintext}, string(p)
	}
	account := callers["member"].connected(t, "twitter")
	foreigner := caller{i, token(t, "bob", "w2", "owner", end)}
	seen := 0
	for path, methods := range callers["owner"].must(t, http.MethodGet, "openapi.json", "")["paths"].(map[string]any) {
		for method, operation := range methods.(map[string]any) {
			name := strings.ToUpper(method) + " " + path
			needs, ok := endpoints[name]
			if !ok {
				t.Errorf("%s is not in the matrix: say what it needs", name)
				continue
			}
			seen++
			body := ""
			if sent, ok := operation.(map[string]any)["requestBody"]; ok {
				example := at(t, sent, "content", "application/json", "example").(map[string]any)
				delete(example, "user_id") // only a service acts for others
				text, err := json.Marshal(example)
				if err != nil {
					t.Fatal(err)
				}
				body = string(text)
			}
			address := func(account string) string {
				return strings.NewReplacer("{account_id}", account, "{platform}", "myspace").Replace(strings.TrimPrefix(path, "/"))
			}
			for who, c := range callers {
				want := http.StatusForbidden
				switch {
				case who == "none":
					want = http.StatusUnauthorized
				case slices.Contains(strings.Fields(may[who]), needs):
					want = 0
				}
				got, answer := c.call(t, strings.ToUpper(method), address("acc_0"), body)
				if refused := got == http.StatusForbidden || got == http.StatusUnauthorized; refused != (want != 0) || refused && got != want || got >= 500 {
					t.Errorf("%s for %s = %d %v; want %d (0: it is answered)", name, who, got, answer, want)
				}
			}
			if !strings.Contains(path, "{account_id}") {
				continue
			}
			status, foreign := foreigner.call(t, strings.ToUpper(method), address(account), body)
			unknown, missing := foreigner.call(t, strings.ToUpper(method), address("acc_0"), body)
			if a := strings.ReplaceAll(fmt.Sprint(status, foreign), account, "ID"); a != strings.ReplaceAll(fmt.Sprint(unknown, missing), "acc_0", "ID") {
				t.Errorf("%s with a foreign id answers %s; with an unknown one %d %v", name, a, unknown, missing)
			}
		}
	}
	if seen != len(endpoints) {
		t.Errorf("the document has %d of the matrix's %d operations", seen, len(endpoints))
	}
}
