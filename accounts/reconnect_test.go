package accounts_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"mooring/accounts"
	"mooring/accounts/pgtest"
	"mooring/auth"
)

// reconnectToken is what an account's reconnectUrl ends with.
func reconnectToken(w *world, a *accounts.Account) string {
	w.t.Helper()
	address, err := w.ReconnectURL(owner, a, nil)
	if err != nil || address == nil {
		w.t.Fatalf("ReconnectURL() of %s = %v, %v; want one", a.ID, address, err)
	}
	return strings.TrimPrefix(*address, public+"/reconnect/")
}

// Whoever has the link mends the account, without signing in, and the link is
// spent by that.
func TestReconnectLink(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		a := w.connect(owner, "twitter")
		if _, err := w.SetLabels(t.Context(), owner, a.ID, []string{"spring"}); err != nil {
			t.Fatal(err)
		}
		before := w.dump(append([]string{"attempts", "events", "due"}, lasting...)...)
		link := reconnectToken(w, a)
		if again := reconnectToken(w, a); again != link {
			t.Errorf("asked twice the link is %s and %s; want one", link, again)
		}
		page, err := w.OpenReconnect(t.Context(), link)
		if err != nil || page.Account.ID != a.ID || page.Reason != nil || len(page.MissingPermissions) > 0 {
			t.Errorf("OpenReconnect() = %+v, %v; want the account, with nothing wrong", page, err)
		}
		if !slices.ContainsFunc(page.Steps, func(s string) bool { return strings.HasPrefix(s, "Press Reconnect in Mooring") }) {
			t.Errorf("steps = %q; want the installation's name in them", page.Steps)
		}
		wantSame(t, "reading and opening the link", w.dump(append([]string{"attempts", "events", "due"}, lasting...)...), before)

		stranger := auth.Actor{User: "bob", Workspace: "elsewhere", Role: auth.RoleOwner}
		for _, tt := range []struct {
			who  *auth.Actor
			want string
		}{{nil, "link"}, {&stranger, "link"}, {&viewer, "link"}, {&owner, "olive"}} {
			attempt, err := w.StartReconnect(t.Context(), link, tt.who)
			if err != nil || attempt.CreatedBy != tt.want || attempt.Workspace != "acme" || attempt.ReconnectsID != a.ID {
				t.Fatalf("StartReconnect(%v) = %+v, %v; want an attempt of acme by %s", tt.who, attempt, err, tt.want)
			}
			if tt.who == nil {
				if got := w.run(attempt, "persona", "mika"); got.Status != accounts.AttemptBroken || !slices.Equal(got.AccountIDs, nil) {
					t.Errorf("as somebody else the attempt is %s; want FAILED", got.Status)
				}
				if url, err := w.RetryURL(t.Context(), attempt); err != nil || !strings.HasSuffix(url, link) {
					t.Errorf("RetryURL() = %q, %v; want the same link", url, err)
				}
			}
		}
		attempt, err := w.StartReconnect(t.Context(), link, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := w.run(attempt); got.Status != accounts.AttemptDone || !slices.Equal(got.AccountIDs, []string{a.ID}) {
			t.Fatalf("attempt is %s with %v, %s; want COMPLETED with %s", got.Status, got.AccountIDs, says(got.Diagnosis), a.ID)
		}
		after := w.account(owner, a.ID)
		if !slices.Equal(after.Labels, []string{"spring"}) || after.ConnectedBy != "olive" || !after.ConnectedAt.Equal(a.ConnectedAt) {
			t.Errorf("reconnected account = %+v; want labels and history kept", after)
		}
		for what, token := range map[string]string{
			"the spent link": link, "a forged link": link[:9] + "_" + link[10:], "half a link": link[:40], "no link": "", "rubbish": "\xff%00",
			"a lease": strings.TrimPrefix(w.lend(after), "lea_"),
		} {
			want := accounts.CodeNotFound
			if token == link {
				want = accounts.CodeWrongState
			}
			_, err := w.OpenReconnect(t.Context(), token)
			wantCode(t, what, err, want)
			_, err = w.StartReconnect(t.Context(), token, &owner)
			wantCode(t, what, err, want)
		}
	})
}

// lend leases an account's token and returns the lease's id.
func (w *world) lend(a *accounts.Account) string {
	w.t.Helper()
	_, lease, err := w.Lease(w.t.Context(), owner, accounts.LeaseRequest{AccountID: a.ID})
	if err != nil {
		w.t.Fatal(err)
	}
	return lease.ID
}

// A link is for those who may act on the account, and only while there is one.
func TestWhoGetsTheReconnectLink(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		a := w.connect(owner, "linkedin")
		link := reconnectToken(w, a)
		for _, tt := range []struct {
			by   auth.Actor
			want bool
		}{
			{owner, true},
			{viewer, false},
			{auth.Actor{Workspace: "acme", Role: auth.RoleMember}, true},
			{auth.Actor{Workspace: "acme", Role: auth.RoleService, Scopes: []auth.Permission{auth.Lease}}, true},
			{auth.Actor{Workspace: "acme", Role: auth.RoleService, Scopes: []auth.Permission{auth.Read}}, false},
		} {
			r, err := w.Reconnection(t.Context(), tt.by, a)
			if err != nil || (r.URL != nil) != tt.want {
				t.Errorf("for %s %v the link is %v, %v; want one: %t", tt.by.Role, tt.by.Scopes, r.URL, err, tt.want)
			}
			if got, err := w.ReconnectURL(tt.by, a, ptr(public+"/done")); err != nil || (got != nil) != tt.want {
				t.Errorf("for %s %v the link back is %v, %v; want one: %t", tt.by.Role, tt.by.Scopes, got, err, tt.want)
			}
		}
		for range 20 {
			if _, err := w.StartReconnect(t.Context(), link, nil); err != nil {
				t.Fatal(err)
			}
		}
		_, err := w.StartReconnect(t.Context(), link, nil)
		wantCode(t, "the link for the 21st time", err, accounts.CodeWrongState)
		if _, err := w.StartReconnect(t.Context(), link, &owner); err != nil {
			t.Errorf("StartReconnect() of somebody signed in = %v; want an attempt", err)
		}
		if _, err := w.Disconnect(t.Context(), owner, a.ID); err != nil {
			t.Fatal(err)
		}
		_, err = w.OpenReconnect(t.Context(), link)
		wantCode(t, "the link of a disconnected account", err, accounts.CodeWrongState)
		if got, err := w.ReconnectURL(owner, w.account(owner, a.ID), nil); err != nil || got != nil {
			t.Errorf("ReconnectURL() of a disconnected account = %v, %v; want none", got, err)
		}
	})
}

// The wizard says why the account broke, which permissions it lacks and what
// becomes of the person's other accounts; and a refused lease has the link.
func TestReconnection(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		facebook := accounts.ConnectRequest{Platform: "meta_facebook"}
		both := w.run(w.begin(owner, facebook))
		done, err := w.CompleteConnect(t.Context(), owner, both.ID, []string{both.Candidates[0].ExternalID, both.Candidates[1].ExternalID})
		if err != nil {
			t.Fatal(err)
		}
		stays, leaves := w.account(owner, done.AccountIDs[0]), w.account(owner, done.AccountIDs[1])
		r, err := w.Reconnection(t.Context(), owner, stays)
		if err != nil || len(r.AlsoAffects) != 1 || r.AlsoAffects[0].ID != leaves.ID || r.Consequence == nil || !strings.Contains(*r.Consequence, "left out") {
			t.Errorf("Reconnection() = %+v, %v; want the other Page and what becomes of it", r, err)
		}
		w.run(w.begin(owner, facebook), "asset", stays.ExternalID,
			"scope", "public_profile", "scope", "pages_show_list", "scope", "pages_read_engagement")
		if r, err = w.Reconnection(t.Context(), owner, w.account(owner, stays.ID)); err != nil || !slices.Contains(r.MissingPermissions, "pages_manage_posts") {
			t.Errorf("without a permission Reconnection() = %+v, %v; want it to say so", r, err)
		}
		if i := slices.IndexFunc(r.RequiredPermissions, func(p accounts.AskedPermission) bool { return p.Name == "pages_manage_posts" }); i < 0 || !r.RequiredPermissions[i].Missing {
			t.Errorf("RequiredPermissions = %+v; want pages_manage_posts, missing", r.RequiredPermissions)
		}
		if r, err = w.Reconnection(t.Context(), owner, w.account(owner, leaves.ID)); err != nil || r.Reason == nil {
			t.Errorf("of a Page left out Reconnection() = %+v, %v; want the reason", r, err)
		}
		_, _, err = w.Lease(t.Context(), owner, accounts.LeaseRequest{AccountID: leaves.ID})
		if e := expected(t, err); e.ReconnectURL == nil || !strings.HasPrefix(*e.ReconnectURL, public+"/reconnect/") {
			t.Errorf("a refused lease = %+v; want the reconnect link", e)
		}
	})
}

// A link ends after a week and a part of a day, or with the account's tokens.
func TestReconnectLinkEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, pgtest.SQLite(t))
		lasting := w.connect(owner, "meta_facebook", "asset", "104455667788991")
		renewed := w.connect(owner, "twitter")
		long, short := reconnectToken(w, lasting), reconnectToken(w, renewed)
		if _, err := w.Refresh(t.Context(), owner, renewed.ID, true); err != nil {
			t.Fatal(err)
		}
		_, err := w.OpenReconnect(t.Context(), short)
		wantCode(t, "the link of an account that was refreshed since", err, accounts.CodeWrongState)

		w.stop()
		if w.Service, err = accounts.Open(t.Context(), w.options); err != nil { // does nothing by itself for a week
			t.Fatal(err)
		}
		defer func() { _ = w.Close() }()
		<-time.After(7 * 24 * time.Hour)
		if _, err := w.OpenReconnect(t.Context(), long); err != nil {
			t.Errorf("after seven days OpenReconnect() = %v; want the page", err)
		}
		<-time.After(24 * time.Hour)
		_, err = w.OpenReconnect(t.Context(), long)
		if e := expected(t, err); !strings.Contains(e.Message, "over") {
			t.Errorf("after eight days OpenReconnect() = %q; want that its time is over", e.Message)
		}
	})
}
