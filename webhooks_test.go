package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// takesAway lets a person take access away at a server, and returns what the
// server's webhooks were answered.
func (c caller) takesAway(t *testing.T, server, how string) []string {
	t.Helper()
	var after struct{ Delivered []string }
	if err := json.Unmarshal(c.control(t, http.MethodPost, "grants/"+c.newestGrant(t, server)+"/revoke", how), &after); err != nil {
		t.Fatal(err)
	}
	return after.Delivered
}

// TestWebhooks lets people take access away at platforms that tell so.
func TestWebhooks(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ platform, server, event, persona string }{
		{"meta_facebook", "meta", "deauthorize", "yusuf"},
		{"meta_instagram", "instagram", "deauthorize", "juno"},
		{"tiktok", "tiktok", "authorization.removed", "mina"},
	} {
		t.Run(test.platform, func(t *testing.T) {
			t.Parallel()
			c := caller{instance: start(t)}
			address := c.url + "/api/webhooks/" + test.server + "/" + test.event
			c.control(t, http.MethodPost, "apps/"+test.server, fmt.Sprintf(`{"webhooks": {%q: %q}}`, test.event, address))
			input := map[string]any{"platform": test.platform}
			if test.server == "instagram" {
				input["loginMethod"] = "INSTAGRAM_LOGIN"
			}
			id := c.connect(t, visit{input: input, persona: test.persona}).Accounts[0].ID
			const query = `query($id: ID!) { account(id: $id) { health { status reason checkedBy isConnected } } events(first: 50) { nodes { type reason } } }`

			forged := newBrowser(t).post(t, address, url.Values{"signed_request": {"bm9uZQ.eyJ1c2VyX2lkIjoiMSJ9"}})
			unknown := newBrowser(t).post(t, c.url+"/api/webhooks/none/such", nil)
			if forged.status != http.StatusForbidden || unknown.status != forged.status || unknown.body != forged.body {
				t.Errorf("a forged delivery is answered %d %q, one to nobody %d %q; want 403, and the same", forged.status, forged.body, unknown.status, unknown.body)
			}
			if got := at(t, c.do(t, query, map[string]any{"id": id}), "account", "health", "status"); got == "UNHEALTHY" {
				t.Error("a forged delivery made the account UNHEALTHY")
			}
			if said := c.takesAway(t, test.server, "{}"); len(said) != 1 || !strings.Contains(said[0], "200 OK") {
				t.Fatalf("deliveries: %q; want one, taken", said)
			}
			data := c.do(t, query, map[string]any{"id": id})
			health := at(t, data, "account", "health").(map[string]any)
			if health["status"] != "UNHEALTHY" || health["reason"] != "REVOKED" || health["checkedBy"] != "WEBHOOK" || health["isConnected"] != false {
				t.Errorf("health = %v; want UNHEALTHY for REVOKED by WEBHOOK", health)
			}
			if events := fmt.Sprint(at(t, data, "events", "nodes")); strings.Count(events, "REVOKED") != 1 {
				t.Errorf("events = %s; want one of REVOKED", events)
			}
		})
	}
}

// TestDataDeletion follows a person's request from Meta to the page about it.
func TestDataDeletion(t *testing.T) {
	t.Parallel()
	c := caller{instance: start(t)}
	base := c.url + "/api/webhooks/meta/"
	c.control(t, http.MethodPost, "apps/meta", fmt.Sprintf(`{"webhooks": {"data-deletion": %q}}`, base+"data-deletion"))
	id := c.connect(t, visit{input: map[string]any{"platform": "meta_facebook"}, persona: "yusuf"}).Accounts[0].ID
	delivered := c.takesAway(t, "meta", `{"deleteData": true}`)
	if len(delivered) != 1 {
		t.Fatalf("deliveries: %q; want one", delivered)
	}
	_, answer, _ := strings.Cut(delivered[0], "200 OK ")
	var said struct {
		URL  string `json:"url"`
		Code string `json:"confirmation_code"`
	}
	if err := json.Unmarshal([]byte(answer), &said); err != nil || said.Code == "" || !strings.HasSuffix(said.URL, said.Code) {
		t.Fatalf("answer = %q, %v; want url and confirmation_code", answer, err)
	}
	if page := newBrowser(t).get(t, said.URL); page.status != http.StatusOK || !strings.Contains(page.body, "Your data are deleted") {
		t.Errorf("page = %d %s; want that it is done", page.status, page.body)
	}
	if page := newBrowser(t).get(t, said.URL+"x"); page.status != http.StatusNotFound {
		t.Errorf("page of another code = %d; want 404", page.status)
	}
	if got := c.do(t, `query($id: ID!) { account(id: $id) { id } }`, map[string]any{"id": id})["account"]; got != nil {
		t.Errorf("account = %v; want none", got)
	}
}
