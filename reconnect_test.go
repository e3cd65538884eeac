package main

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

const reconnectQuery = `query($id: ID!) { account(id: $id) { id labels connectedBy reconnectUrl health { status }
	reconnect { title steps requiredPermissions { name missing } missingPermissions alsoAffects { id } consequence reason url } } }`

// TestReconnectLink sends the link of an expired account to a person without a
// session, who mends it with one press of a button.
func TestReconnectLink(t *testing.T) {
	t.Parallel()
	migrated.Both(t, func(t *testing.T, database string) {
		i := start(t, "MOORING_JWT_SECRET="+jwtSecret, "MOORING_SANDBOX=on", "MOORING_BRAND_NAME=Acme Social", "DATABASE_URL="+database)
		in := time.Now().Add(time.Hour)
		member := caller{i, token(t, "max", "w1", "member", in)}
		viewer := caller{i, token(t, "vera", "w1", "viewer", in)}
		service := caller{i, token(t, "publisher", "w1", "service", in)}
		id := member.connectFor(t, "linkedin", 2, map[string]any{"labels": []string{"spring"}})
		health := member.subscribe(t, `subscription { healthChanged { account { reconnectUrl reconnect { url } } health { status } } }`, nil)
		for status := ""; status != "EXPIRED"; {
			item := health.next(t)
			status = at(t, item, "healthChanged", "health", "status").(string)
			if got := at(t, item, "healthChanged", "account"); at(t, got, "reconnectUrl") != nil || at(t, got, "reconnect", "url") != nil {
				t.Errorf("the stream has %v; want no link", got)
			}
		}
		variables := map[string]any{"id": id}
		broken := at(t, member.do(t, reconnectQuery, variables), "account")
		link, _ := at(t, broken, "reconnectUrl").(string)
		if at(t, broken, "reconnect", "url") != link || !strings.HasPrefix(link, i.url+"/reconnect/") || at(t, broken, "reconnect", "reason") == nil {
			t.Fatalf("account = %v; want a link and the reason", broken)
		}
		if got := at(t, viewer.do(t, reconnectQuery, variables), "account"); at(t, got, "reconnectUrl") != nil || at(t, got, "reconnect", "url") != nil {
			t.Errorf("a viewer gets %v; want no link", got)
		}
		lease := service.do(t, `mutation($id: ID!) { leaseToken(input: {accountId: $id}) { userErrors { code reconnectUrl } } }`, variables)
		if got := at(t, lease, "leaseToken", "userErrors", 0, "reconnectUrl"); got != link {
			t.Errorf("the refused lease names %v; want %s", got, link)
		}

		reconnected := member.subscribe(t, `subscription { eventAdded(filter: {types: [ACCOUNT_RECONNECTED]}) { event { accountId actor } } }`, nil)
		person := newBrowser(t)
		for range 2 { // looking changes nothing
			shown := person.get(t, link)
			for _, words := range []string{"Acme Social", "w1", "Ines Halvorsen", "Press Reconnect in Acme Social", at(t, broken, "reconnect", "reason").(string)[:10]} {
				if shown.status != http.StatusOK || !strings.Contains(shown.body, words) {
					t.Errorf("the page = %d %s; want %q in it", shown.status, shown.body, words)
				}
			}
		}
		events := `{ events(filter: {types: [ATTEMPT_CREATED, ACCOUNT_CONNECTED, ACCOUNT_RECONNECTED]}) { nodes { type actor } } }`
		if got := at(t, member.do(t, events, nil), "events", "nodes").([]any); len(got) != 2 {
			t.Errorf("after a look the log has %v; want the first connect alone", got)
		}
		forged, err := http.NewRequestWithContext(t.Context(), http.MethodPost, link, nil)
		if err != nil {
			t.Fatal(err)
		}
		forged.Header.Set("Sec-Fetch-Site", "cross-site")
		forged.Header.Set("Origin", "https://evil.example")
		if got := person.send(t, forged); got.status != http.StatusForbidden {
			t.Errorf("a cross-site press = %d; want 403", got.status)
		}

		wrong := approve(3600)
		wrong.Set("persona", "tomas")
		failed := person.get(t, person.post(t, person.post(t, link, nil).location, wrong).location)
		if !strings.Contains(failed.body, "could not be connected") || !strings.Contains(failed.body, link) {
			t.Errorf("as somebody else = %d %s; want a page with the link to try again", failed.status, failed.body)
		}
		mended := person.get(t, person.post(t, person.post(t, link, nil).location, approve(3600)).location)
		if mended.status != http.StatusOK || !strings.Contains(mended.body, "LinkedIn is reconnected") {
			t.Errorf("the callback = %d %s; want that it is reconnected", mended.status, mended.body)
		}
		now := at(t, member.do(t, reconnectQuery, variables), "account")
		if at(t, now, "health", "status") != "EXPIRING_SOON" && at(t, now, "health", "status") != "HEALTHY" || at(t, now, "labels", 0) != "spring" || at(t, now, "connectedBy") != "max" {
			t.Errorf("after reconnecting the account is %v; want it to work, with its label and history", now)
		}
		if got := at(t, reconnected.next(t), "eventAdded", "event"); at(t, got, "accountId") != id || at(t, got, "actor") != "link" {
			t.Errorf("ACCOUNT_RECONNECTED is %v; want one of the account by the link", got)
		}
		for address, want := range map[string]int{link: http.StatusGone, link[:len(link)-2]: http.StatusNotFound, i.url + "/reconnect/x": http.StatusNotFound} {
			for _, got := range []page{person.get(t, address), person.post(t, address, nil)} {
				if got.status != want || !strings.Contains(got.body, "cannot be used") {
					t.Errorf("%s = %d %s; want %d and a page that says why", address, got.status, got.body, want)
				}
			}
		}
	})
}

// connectFor connects an account of a platform with tokens that live so many
// seconds, and returns its id.
func (c caller) connectFor(t *testing.T, platform string, seconds int, input map[string]any) string {
	t.Helper()
	if input == nil {
		input = map[string]any{}
	}
	input["platform"] = platform
	b := newBrowser(t)
	attempt, address := c.begin(t, input)
	departure := b.post(t, address, nil)
	b.get(t, b.post(t, departure.location, approve(seconds)).location)
	return at(t, c.attempt(t, attempt), "accounts", 0, "id").(string)
}
