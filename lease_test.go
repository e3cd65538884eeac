package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

const leaseMutation = `mutation($id: ID!) {
	leaseToken(input: {accountId: $id, reason: "publish"}) {
		lease { id accessToken expiresAt accountExternalId appSecretProof warnings { code message } }
		account { id health { status reason } }
		userErrors { code message field diagnosis { suggestedAction } }
	}
}`

// TestLease borrows a token as a back end does, and wants it to be in that
// answer and nowhere else.
func TestLease(t *testing.T) {
	t.Parallel()
	migrated.Both(t, func(t *testing.T, database string) {
		i := start(t, "MOORING_JWT_SECRET="+jwtSecret, "MOORING_SANDBOX=on", "DATABASE_URL="+database)
		in := time.Now().Add(time.Hour)
		service := caller{i, token(t, "publisher", "w1", "service", in)}
		admin := caller{i, token(t, "ada", "w1", "admin", in)}
		member := caller{i, token(t, "max", "w1", "member", in)}
		other := caller{i, token(t, "bob", "w2", "owner", in)}
		b := newBrowser(t)
		_, address := admin.begin(t, map[string]any{"platform": "twitter"})
		departure := b.post(t, address, nil)
		b.get(t, b.post(t, departure.location, approve(7200)).location)
		account := at(t, admin.do(t, `{ accounts { nodes { id } } }`, nil), "accounts", "nodes", 0, "id").(string)

		var seen strings.Builder // all answers but those of leaseToken
		ask := func(c caller, query string, variables map[string]any) map[string]any {
			t.Helper()
			_, body := c.try(t, query, variables)
			text, _ := json.Marshal(body) // maps marshal
			seen.Write(text)
			return body
		}
		id := map[string]any{"id": account}
		data := service.do(t, leaseMutation, id)
		leaseID := at(t, data, "leaseToken", "lease", "id").(string)
		secret := at(t, data, "leaseToken", "lease", "accessToken").(string)
		if at(t, data, "leaseToken", "lease", "appSecretProof") != nil || at(t, data, "leaseToken", "account", "id") != account || len(secret) < 20 {
			t.Errorf("leaseToken = %v; want a token of X", data)
		}

		report := `mutation($id: ID!) { reportFailure(input: {leaseId: $id, httpStatus: 401}) {
			outcome account { id health { status checkedBy } } diagnosis { issueType } userErrors { code message field }
		} }`
		if got := at(t, ask(service, report, map[string]any{"id": leaseID}), "data", "reportFailure", "outcome"); got != "WORKS" {
			t.Errorf("reportFailure of a token that works = %v; want WORKS", got)
		}
		foreign := at(t, ask(other, report, map[string]any{"id": leaseID}), "data", "reportFailure", "userErrors", 0)
		made := at(t, ask(other, report, map[string]any{"id": "lea_0"}), "data", "reportFailure", "userErrors", 0)
		if f, m := jsonText(t, foreign), jsonText(t, made); strings.ReplaceAll(f, leaseID, "") != strings.ReplaceAll(m, "lea_0", "") {
			t.Errorf("a lease of another workspace answers %s, an unknown one %s", f, m)
		}

		activity := `query($id: ID!) { account(id: $id) { activity { nodes { kind actor count reason from lastAt } edges { cursor } pageInfo { hasNextPage } } } }`
		page := ask(admin, activity, id)
		if got := at(t, page, "data", "account", "activity", "nodes", 1); at(t, got, "kind") != "TOKEN_LEASED" && at(t, got, "kind") != "FAILURE_REPORTED" {
			t.Errorf("activity = %v; want the lease and the report", page)
		}
		for _, c := range []caller{member, service} {
			if got := at(t, ask(c, activity, id), "errors", 0, "extensions", "code"); got != "FORBIDDEN" {
				t.Errorf("activity for whom it is not for = %v; want FORBIDDEN", got)
			}
		}

		pause := `mutation($id: ID!) { pause(input: {accountId: $id, reason: "moving"}) { account { paused { since by reason } } userErrors { code } } }`
		if got := at(t, ask(member, pause, id), "data", "pause", "account", "paused"); at(t, got, "by") != "max" || at(t, got, "reason") != "moving" {
			t.Errorf("pause = %v; want who paused it and why", got)
		}
		if got := at(t, ask(service, leaseMutation, id), "data", "leaseToken", "userErrors", 0, "code"); got != "PAUSED" {
			t.Errorf("leaseToken of a paused account = %v; want PAUSED", got)
		}
		if got := at(t, ask(admin, `{ accounts(filter: {paused: true}) { totalCount } }`, nil), "data", "accounts", "totalCount"); got != 1.0 {
			t.Errorf("%v accounts are paused; want 1", got)
		}
		resume := `mutation($id: ID!) { resume(input: {accountId: $id}) { account { paused { since } } userErrors { code } } }`
		if got := at(t, ask(member, resume, id), "data", "resume", "account", "paused"); got != nil {
			t.Errorf("resume = %v; want no pause", got)
		}
		ask(admin, `{ events { nodes { type actor accountId } } node(id: "`+leaseID+`") { id } accounts { nodes { id displayName validation { isValid } } } }`, nil)

		if err := i.stop(); err != nil {
			t.Fatal(err)
		}
		for where, text := range map[string]string{"an answer": seen.String(), "the log": i.log.String()} {
			if text == "" || strings.Contains(text, secret) {
				t.Errorf("%s has the access token, or is empty", where)
			}
		}
	})
}

func jsonText(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestAnswersAreNotStored wants nobody on the way to keep an answer, however it
// is asked for: it may hold a token.
func TestAnswersAreNotStored(t *testing.T) {
	t.Parallel()
	i := start(t)
	for _, accept := range []string{"application/json", "application/graphql-response+json", "text/event-stream"} {
		for _, query := range []string{`mutation { leaseToken(input: {accountId: "acc_0"}) { lease { accessToken } } }`, `{ nonsense }`, `{`} {
			body, _ := json.Marshal(map[string]string{"query": query}) // maps marshal
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, i.url+"/graphql", bytes.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", "application/json")
			req.Header.Set("Accept", accept)
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, resp.Body) // its header matters
			resp.Body.Close()
			if got := resp.Header.Get("Cache-Control"); got != "no-store" {
				t.Errorf("%s as %s: Cache-Control is %q; want no-store", query, accept, got)
			}
		}
	}
}
