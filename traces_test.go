package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// trace is a mutation that succeeds, and what it leaves in the audit trail.
type trace struct {
	mutation string // its selection; $name stands for what the steps before remembered
	leaves   string // the type of an event or an activity
	about    string // a part of the event's target; "" for any
}

// TestEveryChangeLeavesATrace makes each change that the API offers: the trail has
// who made it, by which request and to what. What mutations only ask leaves one
// where the answer is new.
func TestEveryChangeLeavesATrace(t *testing.T) {
	t.Parallel()
	i := start(t, "MOORING_SIGN_IN=on", "MOORING_SANDBOX=on")
	ada := i.browserOf(t, "acme", "ada")
	i.browserOf(t, "acme", "max")
	known := map[string]string{}
	fill := func(text string) string {
		return regexp.MustCompile(`\$\w+`).ReplaceAllStringFunc(text, func(name string) string {
			if known[name[1:]] == "" {
				t.Fatalf("%s: nothing is known of %s", text, name)
			}
			return known[name[1:]]
		})
	}
	ask := func(document string) map[string]any {
		t.Helper()
		_, answer := ada.ask(t, i, document)
		data, ok := answer["data"].(map[string]any)
		if !ok || answer["errors"] != nil {
			t.Fatalf("%s = %v", document, answer)
		}
		return data
	}
	consent := func(attempt, persona string) { // of a browser that is signed in
		address := at(t, ask(`{ connectAttempt(id: "`+attempt+`") { authorizationUrl } }`), "connectAttempt", "authorizationUrl").(string)
		form := approve(7200)
		if persona != "" {
			form.Set("persona", persona)
		}
		ada.get(t, ada.post(t, ada.get(t, address).location, form).location)
	}
	done := map[string]bool{}
	step := func(name string, s trace, remember ...string) {
		t.Helper()
		done[name] = true
		before := len(i.trail(t, ada, ""))
		text := fill(s.mutation)
		payload := at(t, ask("mutation { "+name+text+" }"), name).(map[string]any)
		if failed, _ := payload["userErrors"].([]any); len(failed) > 0 {
			t.Fatalf("%s%s = %v", name, text, failed)
		}
		for n := 0; n < len(remember); n += 2 {
			var value any = payload
			for key := range strings.SplitSeq(remember[n+1], ".") {
				value = at(t, value, key)
			}
			known[remember[n]] = fmt.Sprint(value)
		}
		records := i.trail(t, ada, "")
		if s.leaves == "" {
			return
		}
		if !slices.ContainsFunc(records, func(r map[string]any) bool {
			counted := s.leaves == "TOKEN_LEASED" || s.leaves == "FAILURE_REPORTED" // in one row a minute, without a request
			return r["type"] == s.leaves && r["actor"] == "ada" && (counted || r["requestId"] != nil) && r["outcome"] == "OK" &&
				strings.Contains(fmt.Sprint(r["accountId"], r["attemptId"], r["bulkId"], r["about"]), fill(s.about))
		}) {
			t.Errorf("%s leaves %v; want %s by ada about %q", name, records[before:], s.leaves, fill(s.about))
		}
	}

	step("connect", trace{`(input: {platform: "twitter"}) { attempt { id } userErrors { message } }`, "ATTEMPT_CREATED", ""}, "attempt", "attempt.id")
	consent(known["attempt"], "")
	known["account"] = at(t, ask(`{ accounts { nodes { id } } }`), "accounts", "nodes", 0, "id").(string)
	step("connect", trace{`(input: {platform: "linkedin", capabilities: [PUBLISH, ORGANIZATIONS]}) { attempt { id } userErrors { message } }`, "ATTEMPT_CREATED", ""}, "selecting", "attempt.id")
	consent(known["selecting"], "ines")
	known["candidate"] = at(t, ask(fill(`{ connectAttempt(id: "$selecting") { candidates { externalId } } }`)), "connectAttempt", "candidates", 0, "externalId").(string)
	step("completeConnect", trace{`(input: {attemptId: "$selecting", externalIds: ["$candidate"]}) { userErrors { message } }`, "ATTEMPT_COMPLETED", "$selecting"})
	step("connect", trace{`(input: {platform: "twitter", accountId: "$account"}) { attempt { id } userErrors { message } }`, "ATTEMPT_CREATED", ""}, "other", "attempt.id")
	step("cancelConnect", trace{`(input: {attemptId: "$other"}) { userErrors { message } }`, "ATTEMPT_CANCELLED", "$other"})

	const account = `(input: {accountId: "$account"}) { userErrors { message } }`
	step("setLabels", trace{`(input: {accountId: "$account", labels: ["x"]}) { userErrors { message } }`, "ACCOUNT_LABELS_SET", "$account"})
	step("validate", trace{account, "", ""})         // ACCOUNT_VALIDATED where the answer is another
	step("checkPermissions", trace{account, "", ""}) // ACCOUNT_PERMISSIONS_CHANGED where they have
	step("checkHealth", trace{account, "", ""})      // ACCOUNT_HEALTH_CHANGED where it has
	step("refresh", trace{`(input: {accountId: "$account", force: true}) { userErrors { message } }`, "", ""})
	if !slices.ContainsFunc(i.trail(t, ada, ""), func(r map[string]any) bool {
		return r["type"] == "TOKEN_REFRESHED" && r["accountId"] == known["account"]
	}) {
		t.Error("refresh leaves no TOKEN_REFRESHED")
	}
	step("pause", trace{account, "ACCOUNT_PAUSED", "$account"})
	step("resume", trace{account, "ACCOUNT_RESUMED", "$account"})
	step("leaseToken", trace{`(input: {accountId: "$account"}) { lease { id accessToken } userErrors { message } }`, "TOKEN_LEASED", "$account"}, "lease", "lease.id", "token", "lease.accessToken")
	step("reportFailure", trace{`(input: {leaseId: "$lease", httpStatus: 500}) { userErrors { message } }`, "FAILURE_REPORTED", "$account"})
	step("importAccount", trace{`(input: {platform: "twitter", accessToken: "$token"}) { userErrors { message } }`, "ACCOUNT_RECONNECTED", "$account"}) // since it is there already

	step("bulkConnect", trace{`(input: {platforms: ["pinterest", "linkedin"]}) { bulkConnect { id sequence { id } } userErrors { message } }`, "BULK_CONNECT_CREATED", ""},
		"bulk", "bulkConnect.id", "bulkConnect", "bulkConnect.sequence")
	known["item"] = regexp.MustCompile(`bki_\w+`).FindString(known["bulkConnect"])
	step("skipBulkItem", trace{`(input: {itemId: "$item"}) { userErrors { message } }`, "BULK_CONNECT_CHANGED", "$bulk"})
	step("retryBulkItem", trace{`(input: {itemId: "$item"}) { userErrors { message } }`, "BULK_CONNECT_CHANGED", "$bulk"})
	step("cancelBulkConnect", trace{`(input: {bulkConnectId: "$bulk"}) { userErrors { message } }`, "BULK_CONNECT_CANCELLED", "$bulk"})
	hold := `{"endpoint":"profile","times":2,"delayMs":500}` // so that there is a job to cancel
	if resp := send(t, http.MethodPost, i.url+"/sandbox/api/faults", "", hold); resp.StatusCode > 299 {
		t.Fatalf("a fault = %d %s", resp.StatusCode, said(t, resp))
	}
	step("startBulkJob", trace{`(input: {action: VALIDATE}) { bulkJob { id } userErrors { message } }`, "BULK_JOB_CREATED", ""}, "job", "bulkJob.id")
	done["cancelBulkJob"] = true
	cancelled := ask(fill(`mutation { cancelBulkJob(input: {jobId: "$job"}) { userErrors { code } } }`))
	if late := len(at(t, cancelled, "cancelBulkJob", "userErrors").([]any)) > 0; !late && !slices.ContainsFunc(i.trail(t, ada, ""), func(r map[string]any) bool {
		return r["type"] == "BULK_JOB_CANCELLED" && r["actor"] == "ada" && r["bulkId"] == known["job"] && r["requestId"] != nil
	}) {
		t.Error("cancelBulkJob leaves no BULK_JOB_CANCELLED")
	}

	step("inviteMember", trace{`(input: {name: "Ben", role: VIEWER}) { invitation { id } userErrors { message } }`, "MEMBER_INVITED", ""}, "invitation", "invitation.id")
	step("revokeInvitation", trace{`(input: {id: "$invitation"}) { userErrors { message } }`, "INVITATION_REVOKED", "$invitation"})
	step("changeRole", trace{`(input: {user: "max", role: VIEWER}) { userErrors { message } }`, "MEMBER_ROLE_CHANGED", "max"})
	step("removeMember", trace{`(input: {user: "max"}) { userErrors { message } }`, "MEMBER_REMOVED", "max"})
	step("createApiKey", trace{`(input: {name: "x", scopes: ["read"]}) { apiKey { id } userErrors { message } }`, "API_KEY_CREATED", ""}, "key", "apiKey.id")
	step("revokeApiKey", trace{`(input: {id: "$key"}) { userErrors { message } }`, "API_KEY_REVOKED", "$key"})
	step("disconnect", trace{account, "ACCOUNT_DISCONNECTED", "$account"})
	step("eraseUser", trace{`(input: {externalUserId: "somebody"}) { userErrors { message } }`, "DATA_ERASED", ""})
	done["eraseWorkspace"] = true // leaves DATA_ERASED as eraseUser does, and takes this log along

	var all []string
	for _, f := range readSchema(t).Mutation.Fields {
		all = append(all, f.Name)
	}
	slices.Sort(all)
	if tried := slices.Sorted(maps.Keys(done)); !slices.Equal(tried, all) {
		t.Errorf("tried %v; the schema has %v", tried, all)
	}
}

// trail is the audit trail as a browser downloads it.
func (i *instance) trail(t *testing.T, b *browser, query string) (records []map[string]any) {
	t.Helper()
	answer := b.get(t, i.url+exportPath+"?format=jsonl"+query)
	if answer.status != http.StatusOK {
		t.Fatalf("the export = %d %s", answer.status, answer.body)
	}
	for line := range strings.Lines(answer.body) {
		var r map[string]any
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		records = append(records, r)
	}
	return records
}

// TestSecurityPageNamesTests: each test that docs/security.md names is one.
func TestSecurityPageNamesTests(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	defined := map[string]string{} // by folder
	err = filepath.WalkDir(".", func(path string, d os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		defined[filepath.Dir(path)] += string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	for line := range strings.Lines(string(page)) {
		cells := strings.Split(line, " | ")
		if len(cells) != 3 || !strings.HasPrefix(line, "|") {
			continue
		}
		folder := "."
		for _, word := range regexp.MustCompile("([a-z]+): |`(Test\\w+)`").FindAllStringSubmatch(cells[2], -1) {
			if word[1] != "" {
				folder = word[1]
				continue
			}
			named++
			if !strings.Contains(defined[folder], "func "+word[2]+"(") {
				t.Errorf("docs/security.md names %s in %s, which is not there", word[2], folder)
			}
		}
	}
	if named < 40 {
		t.Errorf("the page names %d tests; want all that it says", named)
	}
}
