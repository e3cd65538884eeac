package main

import (
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mooring/vault"
)

const (
	bulkFields = `{ id status totalPlatforms estimatedTimeMinutes nextAuthorizationUrl current { id }
		sequence { id platform { id } platforms { platform { id } status diagnosis { issueType } } status authorizationUrl attempt { id accounts { id } } }
		skipped { platform { id } failedChecks { name message } } progress { completed inProgress pending failed skipped } }`
	bulkMutation = `mutation($input: BulkConnectInput!) { bulkConnect(input: $input) { bulkConnect ` + bulkFields + ` userErrors { code message field } clientMutationId } }`
)

// bulkItem and bulkConnect are what bulkFields asks for.
type bulkItem struct {
	ID               string
	Platform         struct{ ID string }
	Platforms        []struct{ Status string }
	Status           string
	AuthorizationURL string
}

type bulkConnect struct {
	ID, Status, NextAuthorizationURL string
	TotalPlatforms                   int
	EstimatedTimeMinutes             int
	Sequence                         []bulkItem
	Progress                         bulkProgress
}

type bulkProgress struct{ Completed, InProgress, Pending, Failed, Skipped int }

// beginBulk begins a bulk connect.
func (c caller) beginBulk(t *testing.T, input map[string]any) bulkConnect {
	t.Helper()
	var payload struct {
		BulkConnect bulkConnect
		UserErrors  []refusal
	}
	c.ask(t, bulkMutation, map[string]any{"input": input}, &payload)
	if len(payload.UserErrors) > 0 {
		t.Fatalf("bulkConnect: %+v", payload.UserErrors)
	}
	return payload.BulkConnect
}

func (c caller) bulk(t *testing.T, id string) (b bulkConnect) {
	t.Helper()
	c.ask(t, `query($id: ID!) { bulkConnect(id: $id) `+bulkFields+` }`, map[string]any{"id": id}, &b)
	return b
}

// agree goes from a platform's consent page back to Mooring and on, as far as
// there is something to see or another consent page.
func (b *browser) agree(t *testing.T, c caller, consent string, form url.Values) page {
	t.Helper()
	at := b.get(t, b.post(t, consent, form).location)
	for at.status == http.StatusSeeOther && strings.HasPrefix(at.location, c.url+"/connect/") {
		at = b.get(t, at.location)
	}
	return at
}

// TestBulkConnect takes a person through four platforms: each consent leads to
// the next, one is denied and tried again, one is skipped, the server is
// replaced meanwhile, and in the end the browser is back at the product.
func TestBulkConnect(t *testing.T) {
	t.Parallel()
	migrated.Both(t, func(t *testing.T, database string) {
		settings := []string{
			"DATABASE_URL=" + database, "MOORING_KEY=" + vault.NewKey().Encode(), "MOORING_RETURN_TO=https://app.example.com",
			"MOORING_SANDBOX_FILE=" + filepath.Join(t.TempDir(), "sandbox.json"),
		}
		c := caller{instance: start(t, settings...)}
		input := map[string]any{
			"platforms": []string{"tiktok", "linkedin", "meta_instagram", "twitter", "meta_facebook"}, "returnTo": "https://app.example.com/done?x=1",
			"labels": []string{"spring"}, "clientMutationId": "wizard-1",
		}
		begun := c.beginBulk(t, input)
		if again := c.beginBulk(t, input); again.ID != begun.ID {
			t.Errorf("the same request again = %s; want %s", again.ID, begun.ID)
		}
		if begun.TotalPlatforms != 5 || len(begun.Sequence) != 4 || begun.Progress != (bulkProgress{Pending: 5}) {
			t.Fatalf("bulkConnect = %+v; want five platforms in four consents", begun)
		}
		follow := func() *socket {
			return c.subscribe(t, `subscription($id: ID!) { bulkConnectChanged(id: $id) { status progress { completed inProgress pending failed skipped } } }`, map[string]any{"id": begun.ID})
		}
		live := follow()
		wait := func(want string) {
			t.Helper()
			for got := ""; got != want; {
				item := at(t, live.next(t), "bulkConnectChanged")
				p := at(t, item, "progress")
				got = fmt.Sprint(at(t, item, "status"), " ", at(t, p, "completed"), at(t, p, "inProgress"), at(t, p, "pending"), at(t, p, "failed"), at(t, p, "skipped"))
			}
		}
		wait("OPEN 0 0 5 0 0")
		both := approve(7200)
		both["asset"] = []string{"104455667788990", "17841400099887766"}
		b := newBrowser(t)
		shown := b.agree(t, c, b.get(t, begun.NextAuthorizationURL).location, approve(7200))
		wait("OPEN 1 2 2 0 0") // the next consent page, for two platforms, is open
		shown = b.agree(t, c, shown.location, both)
		shown = b.agree(t, c, shown.location, url.Values{"decision": {"deny"}})
		linkedin, tiktok := begun.Sequence[2], begun.Sequence[3]
		for _, words := range []string{"3 of 5 connected", "LinkedIn was not connected", "Try LinkedIn again", linkedin.AuthorizationURL, "Skip LinkedIn", "Continue with TikTok"} {
			if shown.status != http.StatusOK || !strings.Contains(shown.body, words) {
				t.Errorf("after a no = %d %s; want %q", shown.status, shown.body, words)
			}
		}
		wait("OPEN 3 0 1 1 0")
		if err := c.stop(); err != nil {
			t.Fatal(err)
		}
		c = caller{instance: start(t, append(settings, "MOORING_LISTEN=127.0.0.1"+c.url[strings.LastIndex(c.url, ":"):])...)}
		live = follow()
		wait("OPEN 3 0 1 1 0")
		c.do(t, `mutation($id: ID!) { skipBulkItem(input: {itemId: $id}) { bulkConnect { id } userErrors { code } } }`, map[string]any{"id": tiktok.ID})
		wait("OPEN 3 0 0 1 1")
		shown = b.agree(t, c, b.get(t, linkedin.AuthorizationURL).location, approve(7200))
		if want := "https://app.example.com/done?bulk=" + begun.ID + "&x=1"; shown.location != want {
			t.Errorf("in the end the browser is led to %d %q; want %q", shown.status, shown.location, want)
		}
		wait("COMPLETED 4 0 0 0 1")
		connected := c.do(t, `{ accounts(filter: {labels: ["spring"]}) { nodes { platform { id } } } }`, nil)
		if got := len(at(t, connected, "accounts", "nodes").([]any)); got != 4 {
			t.Errorf("%d accounts with the label; want 4", got)
		}
	})
}

// TestBulkLinkForSomebodyElse sends the links to a person without a session, who
// sees who asks, skips one, and chooses Pages on Mooring's own page.
func TestBulkLinkForSomebodyElse(t *testing.T) {
	t.Parallel()
	i := start(t, "MOORING_JWT_SECRET="+jwtSecret, "MOORING_SANDBOX=on", "MOORING_BRAND_NAME=Acme Social")
	c := caller{i, token(t, "max", "w1", "member", time.Now().Add(time.Hour))}
	begun := c.beginBulk(t, map[string]any{"platforms": []string{"twitter", "meta_facebook"}})
	b := newBrowser(t)
	for _, item := range begun.Sequence {
		shown := b.get(t, item.AuthorizationURL)
		for _, words := range []string{"max", "w1", "Acme Social", "0 of 2", "Continue to"} {
			if shown.status != http.StatusOK || !strings.Contains(shown.body, words) {
				t.Errorf("the link shows %d %s; want %q", shown.status, shown.body, words)
			}
		}
	}
	if got := at(t, c.do(t, `{ events(filter: {types: [ATTEMPT_CREATED]}) { nodes { id } } }`, nil), "events", "nodes").([]any); len(got) > 0 {
		t.Errorf("looking made attempts: %v", got)
	}
	facebook, x := begun.Sequence[0], begun.Sequence[1]
	if facebook.Platform.ID != "meta_facebook" {
		facebook, x = x, facebook
	}
	if skipped := b.post(t, x.AuthorizationURL+"/skip", nil); skipped.location != facebook.AuthorizationURL {
		t.Errorf("Skip = %d to %q; want to be led to Facebook", skipped.status, skipped.location)
	}
	choice := b.get(t, b.post(t, b.post(t, facebook.AuthorizationURL, nil).location, approve(3600)).location)
	_, rest, found := strings.Cut(choice.body, `action="/api/oauth/choose/`)
	if !found || !strings.Contains(choice.body, "Quist Bakery") {
		t.Fatalf("with two Pages = %d %s; want a choice", choice.status, choice.body)
	}
	id, _, _ := strings.Cut(rest, `"`)
	chosen := url.Values{"account": {"104455667788990"}}
	if got := newBrowser(t).post(t, c.url+"/api/oauth/choose/"+id, chosen); got.status != http.StatusBadRequest {
		t.Errorf("choosing in another browser = %d; want 400", got.status)
	}
	if got := b.post(t, c.url+"/api/oauth/choose/"+id, nil); got.status != http.StatusGone || !strings.Contains(got.body, "at least one") {
		t.Errorf("choosing nothing = %d %s; want a page that says so", got.status, got.body)
	}
	if done := b.post(t, c.url+"/api/oauth/choose/"+id, chosen); done.status != http.StatusOK || !strings.Contains(done.body, "1 of 2 connected") || !strings.Contains(done.body, "Quist Bakery") {
		t.Errorf("choosing = %d %s; want the result", done.status, done.body)
	}
	got := c.bulk(t, begun.ID)
	if diff := cmp.Diff(bulkProgress{Completed: 1, Skipped: 1}, got.Progress); diff != "" || got.Status != "COMPLETED" {
		t.Errorf("the bulk connect is %s (-want +got):\n%s", got.Status, diff)
	}
	for _, address := range []string{x.AuthorizationURL, facebook.AuthorizationURL} {
		if shown := b.get(t, address); shown.status != http.StatusOK || !strings.Contains(shown.body, "skipped") {
			t.Errorf("the link of what is done = %d %s; want how far all is", shown.status, shown.body)
		}
		if pressed := b.post(t, address, nil); pressed.status != http.StatusGone {
			t.Errorf("pressing Continue on what is done = %d; want 410", pressed.status)
		}
	}
	if forged := b.get(t, c.url+"/connect/x"); forged.status != http.StatusNotFound {
		t.Errorf("a forged link = %d; want 404", forged.status)
	}
}

// TestBulkJobAfterACrash kills the server while it works on the second of two
// accounts. The next one does that again, and the first not.
func TestBulkJobAfterACrash(t *testing.T) {
	t.Parallel()
	migrated.Both(t, func(t *testing.T, database string) {
		w := newWorld(t, database)
		first := spawn(t, w.env...)
		ids := map[string]string{}
		for _, platform := range []string{"twitter", "google_youtube"} {
			ids[w.connect(t, first.caller, platform)] = platform
		}
		held := w.hold(t)
		begun := first.do(t, `mutation { startBulkJob(input: {action: REFRESH, force: true, clientMutationId: "nightly"}) { bulkJob { id total } userErrors { code } } }`, nil)
		job := map[string]any{"id": at(t, begun, "startBulkJob", "bulkJob", "id")}
		<-held.given
		state := func(c *child) map[string]any {
			return at(t, c.do(t, `query($id: ID!) { bulkJob(id: $id) { status total done failed results(outcome: SUCCEEDED) { nodes { accountId } } } }`, job), "bulkJob").(map[string]any)
		}
		await(t, "the other account is done", func() bool { return state(first)["done"] == 1.0 })
		finished := ids[at(t, state(first), "results", "nodes", 0, "accountId").(string)]
		first.kill(t)
		held.release()
		w.elapse(t, 3*crashLease)
		second := spawn(t, w.env...)
		live := second.subscribe(t, `subscription($id: ID!) { bulkJobChanged(id: $id) { status total done succeeded failed endedAt } }`, job)
		if got := at(t, live.next(t), "bulkJobChanged"); at(t, got, "status") != "RUNNING" || at(t, got, "done") != 1.0 || at(t, got, "total") != 2.0 {
			t.Errorf("after the crash the job is %v; want one of two done", got)
		}
		w.exec(t, fmt.Sprintf("UPDATE bulk_job_items SET claimed_until = claimed_until - %d", 3*crashLease.Milliseconds()))
		if got := at(t, live.next(t), "bulkJobChanged"); at(t, got, "status") != "COMPLETED" || at(t, got, "done") != 2.0 || at(t, got, "endedAt") == nil {
			t.Errorf("then the job is %v; want it COMPLETED", got)
		}
		w.want(t, finished, 1)
		again := second.do(t, `mutation { startBulkJob(input: {action: REFRESH, force: true, clientMutationId: "nightly"}) { bulkJob { id } } }`, nil)
		if got := at(t, again, "startBulkJob", "bulkJob", "id"); got != job["id"] {
			t.Errorf("the same request after the crash begins %v; want %v", got, job["id"])
		}
	})
}
