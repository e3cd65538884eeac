package accounts_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"mooring/accounts"
	"mooring/accounts/pgtest"
	"mooring/auth"
	"mooring/platforms"
)

// bulk begins a bulk connect.
func (w *world) bulk(by auth.Actor, in accounts.BulkConnectRequest) *accounts.BulkConnect {
	w.t.Helper()
	b, err := w.BulkConnect(w.t.Context(), by, in)
	if err != nil {
		w.t.Fatalf("BulkConnect(%+v) = %v", in, err)
	}
	return b
}

// line is a bulk connect's sequence, as text.
func line(b *accounts.BulkConnect) (items []string) {
	for _, i := range b.Sequence {
		var names []string
		for _, p := range i.Platforms {
			names = append(names, p.Platform.ID)
		}
		items = append(items, strings.Join(names, "+")+" "+string(i.Status))
	}
	return items
}

// linkToken is what the link of an item ends with.
func (w *world) linkToken(i *accounts.BulkItem) string {
	w.t.Helper()
	if i.AuthorizationURL == nil {
		w.t.Fatalf("item of %s is %s and has no link", i.Platform.ID, i.Status)
	}
	return strings.TrimPrefix(*i.AuthorizationURL, public+"/connect/")
}

// open opens an item's link in a browser and goes as far as the consent page.
func (w *world) open(b browser, i *accounts.BulkItem) (*accounts.Attempt, string) {
	w.t.Helper()
	a, err := w.StartBulkItem(w.t.Context(), w.linkToken(i), b.cookie)
	if err != nil {
		w.t.Fatalf("StartBulkItem(%s) = %v", i.Platform.ID, err)
	}
	return a, w.depart(b, a)
}

// through takes an item through the consent page, and returns how far the bulk
// connect is then.
func (w *world) through(b browser, i *accounts.BulkItem, form ...string) *accounts.BulkPlace {
	w.t.Helper()
	a, page := w.open(b, i)
	a, err := w.back(b, a, w.consent(page, form...))
	if err != nil {
		w.t.Fatalf("Return() = %v", err)
	}
	place, err := w.BulkPlace(w.t.Context(), a)
	if err != nil || place == nil {
		w.t.Fatalf("BulkPlace() = %v, %v; want one", place, err)
	}
	return place
}

func (w *world) bulkNow(id string) *accounts.BulkConnect {
	w.t.Helper()
	b, err := w.BulkConnectByID(w.t.Context(), owner, id)
	if err != nil {
		w.t.Fatal(err)
	}
	return b
}

var seven = []string{"google_youtube", "meta_instagram", "linkedin", "tiktok", "twitter", "pinterest", "meta_facebook"}

// The line has the easiest first, Facebook and Instagram in one, and names what
// is not set up here.
func TestBulkLine(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		all := w.bulk(owner, accounts.BulkConnectRequest{Platforms: seven})
		want := []string{"meta_facebook+meta_instagram", "twitter", "linkedin", "pinterest", "google_youtube", "tiktok"}
		var got []string
		minutes := 0
		for _, i := range all.Sequence {
			var names []string
			longest := 0
			for _, p := range i.Platforms {
				names = append(names, p.Platform.ID)
				longest = max(longest, p.Platform.SetupMinutes)
			}
			got = append(got, strings.Join(names, "+"))
			minutes += longest
		}
		slices.Sort(want)
		sorted := slices.Sorted(slices.Values(got))
		if diff := cmp.Diff(want, sorted); diff != "" {
			t.Errorf("sequence (-want +got):\n%s", diff)
		}
		hard := func(i *accounts.BulkItem) int {
			return slices.Index([]platforms.Difficulty{platforms.Easy, platforms.Medium, platforms.Hard}, i.Platform.Difficulty)
		}
		if !slices.IsSortedFunc(all.Sequence, func(a, b *accounts.BulkItem) int { return hard(a) - hard(b) }) {
			t.Errorf("sequence = %v; want the easiest first", got)
		}
		if all.TotalPlatforms != 7 || all.EstimatedTimeMinutes != minutes || len(all.Skipped) > 0 || all.Progress != (accounts.BulkProgress{Pending: 7}) ||
			all.Status != accounts.BulkOpen || all.Current != nil || *all.NextAuthorizationURL != *all.Sequence[0].AuthorizationURL {
			t.Errorf("BulkConnect() = %+v; want 7 platforms that wait, in %d minutes", all, minutes)
		}
		if left := time.Until(all.ExpiresAt); left < 23*time.Hour || left > 24*time.Hour {
			t.Errorf("it ends in %s; want 24 h", left)
		}

		partly := w.options
		partly.Apps = slices.Clone(partly.Apps)
		for i, a := range partly.Apps {
			if a.Platform.ID == "linkedin" || a.Login.ID == "FACEBOOK_LOGIN" {
				unset := *a
				unset.ClientID, unset.Sandbox = "", false
				partly.Apps[i] = &unset
			}
		}
		w.Service, _ = w.start(partly)
		capable := []platforms.Capability{platforms.Publish, platforms.Organizations}
		some := w.bulk(owner, accounts.BulkConnectRequest{Platforms: []string{"linkedin", "meta_instagram", "meta_facebook"}, Capabilities: capable})
		if diff := cmp.Diff([]string{"meta_facebook PENDING", "meta_instagram PENDING"}, line(some)); diff != "" || some.TotalPlatforms != 2 {
			t.Errorf("without one app in common the line is (-want +got):\n%s", diff)
		}
		if len(some.Skipped) != 1 || some.Skipped[0].Platform.ID != "linkedin" || !strings.Contains(some.Skipped[0].FailedChecks[0].Name, "LINKEDIN_CLIENT_ID") {
			t.Errorf("skipped = %+v; want LinkedIn, with what the operator sets", some.Skipped)
		}
		none := w.bulk(owner, accounts.BulkConnectRequest{Platforms: []string{"twitter", "linkedin"}, Capabilities: capable[1:]})
		if len(none.Sequence) > 0 || len(none.Skipped) != 2 || none.Status != accounts.BulkDone || none.NextAuthorizationURL != nil {
			t.Errorf("of platforms that cannot BulkConnect() = %+v; want an empty line", none)
		}
	})
}

func TestBulkConnectRefusesBadInput(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		long, nul, foreign := strings.Repeat("x", 257), "a\x00b", "https://evil.example/"
		for name, tt := range map[string]struct {
			in    accounts.BulkConnectRequest
			code  accounts.Code
			field string
		}{
			"none":              {accounts.BulkConnectRequest{}, accounts.CodeInvalid, "platforms"},
			"unknown":           {accounts.BulkConnectRequest{Platforms: []string{"twitter", "myspace"}}, accounts.CodeNotFound, "platforms"},
			"twice":             {accounts.BulkConnectRequest{Platforms: []string{"twitter", "twitter"}}, accounts.CodeInvalid, "platforms"},
			"foreign return":    {accounts.BulkConnectRequest{Platforms: seven, ReturnTo: &foreign}, accounts.CodeInvalid, "returnTo"},
			"label":             {accounts.BulkConnectRequest{Platforms: seven, Labels: []string{" "}}, accounts.CodeInvalid, "labels"},
			"user id":           {accounts.BulkConnectRequest{Platforms: seven, ExternalUserID: &nul}, accounts.CodeInvalid, "externalUserId"},
			"long mutation id":  {accounts.BulkConnectRequest{Platforms: seven, ClientMutationID: &long}, accounts.CodeInvalid, "clientMutationId"},
			"mutation id's NUL": {accounts.BulkConnectRequest{Platforms: seven, ClientMutationID: &nul}, accounts.CodeInvalid, "clientMutationId"},
		} {
			_, err := w.BulkConnect(t.Context(), owner, tt.in)
			if e := expected(t, err); e.Code != tt.code || !slices.Equal(e.Field, []string{tt.field}) || e.Message == "" {
				t.Errorf("%s: BulkConnect() = %+v; want %s of %s", name, e, tt.code, tt.field)
			}
		}
		if n := w.count("SELECT count(*) FROM bulk_connects"); n != 0 {
			t.Errorf("%d bulk connects are stored; want none", n)
		}
	})
}

// The same request of the same caller is answered with the same bulk connect,
// however many come at once; anybody else's is another.
func TestBulkConnectOnce(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		id := "request 1"
		in := accounts.BulkConnectRequest{Platforms: []string{"twitter"}, ClientMutationID: &id}
		first := w.bulk(owner, in)
		got := make(chan string)
		for range 10 {
			go func() {
				b, err := w.BulkConnect(t.Context(), owner, in)
				if err != nil {
					got <- err.Error()
					return
				}
				got <- b.ID
			}()
		}
		for range 10 {
			if again := <-got; again != first.ID {
				t.Errorf("the request repeated = %s; want %s", again, first.ID)
			}
		}
		for name, by := range map[string]auth.Actor{"a colleague": {User: "colin", Workspace: "acme", Role: auth.RoleMember}, "elsewhere": mallory} {
			if b := w.bulk(by, in); b.ID == first.ID {
				t.Errorf("%s gets the same bulk connect; want another", name)
			}
		}
		in.ClientMutationID = nil
		if a, b := w.bulk(owner, in), w.bulk(owner, in); a.ID == b.ID {
			t.Error("requests without a name get the same bulk connect; want one each")
		}
		if n := w.count("SELECT count(*) FROM attempts"); n != 0 {
			t.Errorf("%d attempts before any link was opened; want none", n)
		}
	})
}

// A person goes through four platforms: one succeeds, one is denied and tried
// again, one is skipped, and the server is replaced in the middle.
func TestBulkThroughConsent(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		user := "u1"
		bulk := w.bulk(owner, accounts.BulkConnectRequest{
			Platforms: []string{"twitter", "linkedin", "pinterest", "tiktok"}, Labels: []string{"spring"}, ExternalUserID: &user,
		})
		changes, err := w.BulkChanges(t.Context(), owner, bulk.ID)
		if err != nil {
			t.Fatal(err)
		}
		if first := next(t, changes); first.ID != bulk.ID || first.Progress.Pending != 4 {
			t.Errorf("the stream begins with %+v; want the bulk connect as it is", first)
		}
		b := browser{}
		a, _ := w.open(b, bulk.Sequence[0])
		until(t, changes, func(b *accounts.BulkConnect) bool {
			return b.Progress == (accounts.BulkProgress{InProgress: 1, Pending: 3}) && b.Current.Attempt.ID == a.ID
		})
		again, page := w.open(b, bulk.Sequence[0])
		if again.ID != a.ID {
			t.Errorf("the link opened again by the same browser leads to %s; want %s", again.ID, a.ID)
		}
		if _, err := w.back(b, a, w.consent(page)); err != nil {
			t.Fatal(err)
		}
		until(t, changes, func(b *accounts.BulkConnect) bool {
			return b.Progress == (accounts.BulkProgress{Completed: 1, Pending: 3}) && b.Current == nil &&
				*b.NextAuthorizationURL == *bulk.Sequence[1].AuthorizationURL
		})

		denied := w.through(b, bulk.Sequence[1], "decision", "deny")
		if denied.Item.Status != accounts.ItemFailed || denied.Item.Platforms[0].Diagnosis == nil || *denied.Bulk.Next().AuthorizationURL != *bulk.Sequence[2].AuthorizationURL {
			t.Errorf("after a no the item is %+v; want FAILED, its diagnosis, and the third next", denied.Item)
		}
		w.stop()
		w.Service, w.stop = w.start(w.options)
		if changes, err = w.BulkChanges(t.Context(), owner, bulk.ID); err != nil {
			t.Fatal(err)
		}
		until(t, changes, func(b *accounts.BulkConnect) bool {
			return b.Progress == (accounts.BulkProgress{Completed: 1, Failed: 1, Pending: 2})
		})
		if _, err := w.SkipBulkItem(t.Context(), owner, bulk.Sequence[2].ID); err != nil {
			t.Fatal(err)
		}
		until(t, changes, func(b *accounts.BulkConnect) bool { return b.Progress.Skipped == 1 })
		last := w.through(b, bulk.Sequence[3])
		if last.Bulk.Status != accounts.BulkOpen || last.Bulk.Next() != nil || last.Bulk.NextAuthorizationURL != nil {
			t.Errorf("with one failed the bulk connect is %+v; want it OPEN, with nothing that waits", last.Bulk)
		}
		retried := w.through(b, bulk.Sequence[1])
		if retried.Item.Status != accounts.ItemDone || retried.Bulk.Status != accounts.BulkDone {
			t.Errorf("after the retry it is %s, %v; want COMPLETED", retried.Bulk.Status, line(retried.Bulk))
		}
		until(t, changes, func(b *accounts.BulkConnect) bool {
			return b.Status == accounts.BulkDone && b.Progress == (accounts.BulkProgress{Completed: 3, Skipped: 1})
		})
		if _, open := <-changes; open {
			t.Error("the stream goes on after the end; want it closed")
		}
		page1, err := w.Accounts(t.Context(), owner, accounts.Filter{Labels: []string{"spring"}, ExternalUserIDs: []string{"u1"}}, accounts.Order{}, accounts.Paging{})
		if err != nil || len(page1.Accounts) != 3 {
			t.Errorf("accounts = %v, %v; want three with the label and the user's id", page1.Accounts, err)
		}
		for _, i := range bulk.Sequence {
			_, err := w.StartBulkItem(t.Context(), w.linkToken(i), b.cookie)
			wantCode(t, "the link of what is done", err, accounts.CodeWrongState)
		}
		// What was skipped can be put back.
		back, err := w.RetryBulkItem(t.Context(), owner, bulk.Sequence[2].ID)
		if err != nil || back.Status != accounts.BulkOpen || back.Progress.Pending != 1 {
			t.Fatalf("RetryBulkItem() = %+v, %v; want it PENDING", back, err)
		}
		w.through(b, back.Sequence[2])
		if got := w.bulkNow(bulk.ID); got.Progress.Completed != 4 {
			t.Errorf("progress = %+v; want all completed", got.Progress)
		}
		for what, change := range map[string]func() error{
			"skip":   func() error { _, err := w.SkipBulkItem(t.Context(), owner, bulk.Sequence[0].ID); return err },
			"retry":  func() error { _, err := w.RetryBulkItem(t.Context(), owner, bulk.Sequence[0].ID); return err },
			"cancel": func() error { _, err := w.CancelBulkConnect(t.Context(), owner, bulk.ID); return err },
		} {
			wantCode(t, what+" of what is done", change(), accounts.CodeWrongState)
		}
	})
}

// Another browser takes an item over; what the first one left is given up.
func TestBulkInAnotherBrowser(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		bulk := w.bulk(owner, accounts.BulkConnectRequest{Platforms: []string{"linkedin"}, Capabilities: []platforms.Capability{platforms.Publish, platforms.Organizations}})
		phone, desk := browser{}, browser{}
		left, page := w.open(phone, bulk.Sequence[0])
		taken, page2 := w.open(desk, bulk.Sequence[0])
		if left.ID == taken.ID {
			t.Fatal("both browsers have one attempt; want one each")
		}
		if a, err := w.Attempt(t.Context(), owner, left.ID); err != nil || a.Status != accounts.AttemptGivenUp {
			t.Errorf("the first attempt is %s, %v; want CANCELLED", a.Status, err)
		}
		if got, err := w.back(phone, left, w.consent(page)); err != nil || got.Status != accounts.AttemptGivenUp {
			t.Errorf("the first browser's answer = %v, %v; want the attempt as it ended", got, err)
		}
		if place, err := w.BulkPlace(t.Context(), left); place != nil || err != nil {
			t.Errorf("BulkPlace() of what was given up = %v, %v; want none", place, err)
		}
		chosen, err := w.back(desk, taken, w.consent(page2))
		if err != nil || chosen.Status != accounts.AttemptSelecting {
			t.Fatalf("Return() = %v, %v; want a choice", chosen, err)
		}
		_, err = w.StartBulkItem(t.Context(), w.linkToken(bulk.Sequence[0]), desk.cookie)
		wantCode(t, "opening what waits for a choice", err, accounts.CodeWrongState)
		_, err = w.ChooseInBrowser(t.Context(), taken.ID, phone[left.ID], []string{chosen.Candidates[0].ExternalID})
		wantCode(t, "choosing in another browser", err, accounts.CodeWrongState)
		_, err = w.ChooseInBrowser(t.Context(), taken.ID, desk[taken.ID], nil)
		wantCode(t, "choosing nothing", err, accounts.CodeInvalid)
		done, err := w.ChooseInBrowser(t.Context(), taken.ID, desk[taken.ID], []string{chosen.Candidates[0].ExternalID})
		if err != nil || done.Status != accounts.AttemptDone || len(done.AccountIDs) != 1 {
			t.Errorf("ChooseInBrowser() = %v, %v; want one account", done, err)
		}
		if got := w.bulkNow(bulk.ID); got.Status != accounts.BulkDone {
			t.Errorf("the bulk connect is %s; want COMPLETED", got.Status)
		}
	})
}

// Cancelling gives up what waits for the person, and ends the links.
func TestCancelBulkConnect(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		bulk := w.bulk(owner, accounts.BulkConnectRequest{Platforms: []string{"twitter", "linkedin", "pinterest"}})
		b := browser{}
		w.through(b, bulk.Sequence[0])
		a, _ := w.open(b, bulk.Sequence[1])
		w.wantUnfinished(owner, bulk.ID)
		w.wantUnfinished(viewer)
		w.wantUnfinished(mallory)
		got, err := w.CancelBulkConnect(t.Context(), owner, bulk.ID)
		if err != nil || got.Status != accounts.BulkGivenUp || got.Progress != (accounts.BulkProgress{Completed: 1, Failed: 1, Skipped: 1}) || got.NextAuthorizationURL != nil {
			t.Errorf("CancelBulkConnect() = %+v, %v; want it CANCELLED, with nothing left to do", got, err)
		}
		w.wantUnfinished(owner)
		if a, err := w.Attempt(t.Context(), owner, a.ID); err != nil || a.Status != accounts.AttemptGivenUp {
			t.Errorf("the attempt under way is %s, %v; want CANCELLED", a.Status, err)
		}
		for _, i := range bulk.Sequence {
			_, err := w.OpenBulkLink(t.Context(), w.linkToken(i))
			wantCode(t, "a link of what was cancelled", err, accounts.CodeWrongState)
		}
		_, err = w.CancelBulkConnect(t.Context(), owner, bulk.ID)
		wantCode(t, "cancelling twice", err, accounts.CodeWrongState)
		for _, token := range []string{"", "x", w.linkToken(bulk.Sequence[0])[1:], reconnectToken(w, w.account(owner, got.Sequence[0].Attempt.AccountIDs[0]))} {
			_, err := w.OpenBulkLink(t.Context(), token)
			wantCode(t, fmt.Sprintf("the forged link %q", token), err, accounts.CodeNotFound)
		}
	})
}

// One consent connects Pages and the Instagram accounts that are linked to them,
// each under a grant of its own.
func TestFacebookAndInstagramInOneConsent(t *testing.T) {
	const bakery, catering, instagram = "104455667788990", "104455667788991", "17841400099887766"
	both(t, func(t *testing.T, w *world) {
		request := accounts.BulkConnectRequest{Platforms: []string{"meta_facebook", "meta_instagram"}}
		b := browser{}
		bulk := w.bulk(owner, request)
		place := w.through(b, bulk.Sequence[0], "asset", bakery, "asset", instagram)
		attempt := place.Item.Attempt
		if place.Bulk.Status != accounts.BulkDone || place.Bulk.Progress.Completed != 2 || len(attempt.AccountIDs) != 2 || len(attempt.Platforms) != 2 {
			t.Fatalf("one Page and one account = %v, %+v; want both connected without a choice", line(place.Bulk), attempt)
		}
		page, account := w.account(owner, attempt.AccountIDs[0]), w.account(owner, attempt.AccountIDs[1])
		if page.Platform.ID != "meta_facebook" || account.Platform.ID != "meta_instagram" || account.ExternalID != instagram {
			t.Errorf("accounts = %s, %s; want the Page and the Instagram account", page.Platform.ID, account.ExternalID)
		}
		if left := time.Until(account.Health.ConsentExpiresAt); left < 89*24*time.Hour {
			t.Errorf("the Instagram account's consent ends in %s; want 90 days", left)
		}
		if n := w.count("SELECT count(*) FROM grants WHERE retired_at IS NULL"); n != 2 {
			t.Errorf("%d grants; want one for each platform", n)
		}
		for _, id := range attempt.AccountIDs {
			if _, v, err := w.Validate(t.Context(), owner, id); err != nil || sayso(v.IsValid) != "true" {
				t.Errorf("Validate(%s) = %+v, %v; want valid", id, v, err)
			}
		}
		if n := w.requests("meta_facebook", "authorize"); n > 2 { // the page and the form
			t.Errorf("the consent page was asked for %d times; want once", n)
		}

		several := w.through(b, w.bulk(owner, request).Sequence[0], "asset", bakery, "asset", catering, "asset", instagram)
		var offered []string
		for _, c := range several.Item.Attempt.Candidates {
			offered = append(offered, c.Platform.ID+" "+c.ExternalID)
		}
		if diff := cmp.Diff([]string{"meta_facebook " + bakery, "meta_facebook " + catering, "meta_instagram " + instagram}, offered); diff != "" || several.Bulk.Progress.InProgress != 2 {
			t.Errorf("with two Pages the choice is (-want +got):\n%s", diff)
		}
		done, err := w.CompleteConnect(t.Context(), owner, several.Item.Attempt.ID, []string{catering})
		if err != nil || len(done.AccountIDs) != 1 {
			t.Fatalf("CompleteConnect() = %+v, %v; want the one Page chosen", done, err)
		}
		if got := w.account(owner, account.ID); got.Health.Status != accounts.Healthy {
			t.Errorf("the Instagram account that was not chosen again is %s; want it as it was", got.Health.Status)
		}

		partly := w.bulk(owner, request)
		place = w.through(b, partly.Sequence[0], "asset", bakery)
		item := place.Item
		if item.Status != accounts.ItemDone || item.Platforms[0].Status != accounts.ItemDone || item.Platforms[1].Status != accounts.ItemFailed ||
			item.Platforms[1].Diagnosis == nil || place.Bulk.Progress != (accounts.BulkProgress{Completed: 1, Failed: 1}) || place.Bulk.Status != accounts.BulkOpen {
			t.Errorf("without an Instagram account = %+v, %+v; want the Page connected and Instagram failed", item, place.Bulk.Progress)
		}
		place = w.through(b, item, "asset", bakery, "asset", instagram)
		if place.Bulk.Status != accounts.BulkDone {
			t.Errorf("tried again it is %s, %v; want COMPLETED", place.Bulk.Status, line(place.Bulk))
		}
		nothing := w.through(b, w.bulk(owner, request).Sequence[0], "decision", "deny")
		if nothing.Bulk.Progress.Failed != 2 || len(nothing.Item.Attempt.Platforms) != 2 {
			t.Errorf("denied = %+v; want both failed", nothing.Bulk.Progress)
		}
	})
}

// Links work for a day. What was measured here goes before the catalogue.
func TestBulkTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, pgtest.SQLite(t))
		w.stop()
		w.options.Poll, w.options.Lease = time.Hour, 24*time.Hour // a day of polling would be long
		w.Service, w.stop = w.start(w.options)
		request := accounts.BulkConnectRequest{Platforms: []string{"twitter"}}
		catalogue := w.Platform("twitter").SetupMinutes
		for n := range 5 {
			bulk := w.bulk(owner, request)
			if bulk.EstimatedTimeMinutes != catalogue {
				t.Errorf("after %d people it takes %d minutes; want the catalogue's %d", n, bulk.EstimatedTimeMinutes, catalogue)
			}
			b := browser{}
			a, page := w.open(b, bulk.Sequence[0])
			<-time.After(7*time.Minute + time.Duration(n)*time.Second)
			if _, err := w.back(b, a, w.consent(page)); err != nil {
				t.Fatal(err)
			}
		}
		bulk := w.bulk(owner, request)
		if bulk.EstimatedTimeMinutes != 8 { // the median is 7 minutes and 2 seconds
			t.Errorf("after 5 people it takes %d minutes; want 8", bulk.EstimatedTimeMinutes)
		}
		changes, err := w.BulkChanges(t.Context(), owner, bulk.ID)
		if err != nil {
			t.Fatal(err)
		}
		next(t, changes)
		w.open(browser{}, bulk.Sequence[0])
		until(t, changes, func(b *accounts.BulkConnect) bool { return b.Progress.InProgress == 1 })
		<-time.After(11 * time.Minute) // the person is gone
		until(t, changes, func(b *accounts.BulkConnect) bool { return b.Progress.Failed == 1 })
		<-time.After(23*time.Hour + 45*time.Minute)
		w.open(browser{}, bulk.Sequence[0]) // it works to the last
		<-time.After(5 * time.Minute)
		last := until(t, changes, func(b *accounts.BulkConnect) bool { return b.Status != accounts.BulkOpen })
		if last.Status != accounts.BulkTooLate || last.Sequence[0].AuthorizationURL != nil {
			t.Errorf("after a day it is %s; want EXPIRED, without links", last.Status)
		}
		_, err = w.OpenBulkLink(t.Context(), w.linkToken(bulk.Sequence[0]))
		wantCode(t, "a link of yesterday", err, accounts.CodeWrongState)
		_, err = w.CancelBulkConnect(t.Context(), owner, bulk.ID)
		wantCode(t, "cancelling what has ended", err, accounts.CodeWrongState)
	})
}
