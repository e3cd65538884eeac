package accounts_test

import (
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"mooring/accounts"
	"mooring/auth"
	"mooring/platforms/sandbox"
)

// tables lists all tables of the database.
func (w *world) tables() []string {
	w.t.Helper()
	query := "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
	if !w.postgres() {
		query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
	}
	var names []string
	if err := w.raw().SelectContext(w.t.Context(), &names, query); err != nil {
		w.t.Fatal(err)
	}
	return names
}

// wantGone looks for words in all tables and, on SQLite, in the files.
func (w *world) wantGone(words ...string) {
	w.t.Helper()
	places := w.files()
	for table, rows := range w.dump(w.tables()...) {
		places["table "+table] = strings.Join(rows, "\n")
	}
	if len(places) < 15 {
		w.t.Errorf("there are %d tables; want them all", len(places))
	}
	for place, text := range places {
		for _, word := range words {
			if strings.Contains(text, word) {
				w.t.Errorf("%s has %q still", place, word)
			}
		}
	}
}

// files are the contents of SQLite's files, by name.
func (w *world) files() map[string]string {
	w.t.Helper()
	contents := map[string]string{}
	if file, ok := strings.CutPrefix(w.options.DatabaseURL, "sqlite:"); ok {
		for _, name := range []string{file, file + "-wal"} {
			text, err := os.ReadFile(name)
			if err != nil {
				w.t.Fatal(err)
			}
			contents[name] = string(text)
		}
	}
	return contents
}

// removedOf is how much of something an erasure removed.
func removedOf(e *accounts.Erasure, what string) int {
	for _, r := range e.Removed {
		if r.What == what {
			return r.Count
		}
	}
	return 0
}

// person plants somebody in all places that know people, and returns the words
// to look for.
func (w *world) person(by auth.Actor, externalUserID string) (*accounts.Account, []string) {
	w.t.Helper()
	request := accounts.ConnectRequest{Platform: "twitter", ExternalUserID: &externalUserID, Labels: []string{"planted-label"}}
	for range 2 { // the first grant is retired by the second
		w.run(w.begin(by, request), "persona", "pell")
	}
	a, b := w.begin(by, request), browser{}
	w.back(b, a, w.consent(w.depart(b, a), "decision", "deny"))
	w.begin(by, request)
	page, err := w.Accounts(w.t.Context(), by, accounts.Filter{ExternalUserIDs: []string{externalUserID}}, accounts.Order{}, accounts.Paging{})
	if err != nil || len(page.Accounts) != 1 {
		w.t.Fatalf("Accounts() = %v, %v; want one", page, err)
	}
	account := page.Accounts[0]
	if _, _, err := w.Lease(w.t.Context(), publisher, accounts.LeaseRequest{AccountID: account.ID, Reason: ptr("planted-reason")}); err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.Pause(w.t.Context(), by, account.ID, ptr("planted-pause")); err != nil {
		w.t.Fatal(err)
	}
	return account, []string{
		externalUserID, "planted-label", "planted-reason", "planted-pause", account.ExternalID, *account.Username, account.DisplayName,
	}
}

func TestEraseUserByExternalID(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		other := w.connect(owner, "twitter")
		a, words := w.person(owner, "planted-customer-1")
		_, err := w.EraseUser(t.Context(), owner, accounts.EraseRequest{})
		wantCode(t, "EraseUser() of nobody", err, accounts.CodeInvalid)
		_, err = w.EraseUser(t.Context(), owner, accounts.EraseRequest{User: ptr("x"), ExternalUserID: ptr("x")})
		wantCode(t, "EraseUser() of two", err, accounts.CodeInvalid)
		none, err := w.EraseUser(t.Context(), mallory, accounts.EraseRequest{ExternalUserID: ptr("planted-customer-1")})
		if err != nil || len(none.Removed) != 0 {
			t.Errorf("EraseUser() from elsewhere = %+v, %v; want nothing", none, err)
		}

		e, err := w.EraseUser(t.Context(), owner, accounts.EraseRequest{ExternalUserID: ptr("planted-customer-1")})
		if err != nil {
			t.Fatal(err)
		}
		if e.EndedAt.IsZero() || removedOf(e, "accounts") != 1 || removedOf(e, "grants") != 2 || removedOf(e, "attempts") != 4 || len(e.Kept) == 0 {
			t.Errorf("EraseUser() = %+v; want one account, two grants and four attempts", e)
		}
		if len(e.Revocations) != 1 || !e.Revocations[0].RevokedAtPlatform || e.Revocations[0].AccountID != a.ID || e.Revocations[0].RevokeURL != nil {
			t.Errorf("revocations = %+v; want X's", e.Revocations)
		}
		var grants []sandbox.Grant
		w.control(http.MethodGet, "grants?platform=twitter&persona=pell", "", &grants)
		if !grants[len(grants)-1].Revoked {
			t.Error("the latest grant lives on at X")
		}
		w.wantGone(words...)
		_, err = w.Account(t.Context(), owner, a.ID)
		wantCode(t, "Account()", err, accounts.CodeNotFound)
		if got := w.account(owner, other.ID); got.Health.Status != accounts.Healthy {
			t.Errorf("another's account is %s; want HEALTHY", got.Health.Status)
		}
		if again, err := w.EraseUser(t.Context(), owner, accounts.EraseRequest{ExternalUserID: ptr("planted-customer-1")}); err != nil || len(again.Removed) != 0 {
			t.Errorf("EraseUser() once more = %+v, %v; want nothing", again, err)
		}
	})
}

func TestEraseUserWhoActs(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		member := auth.Actor{User: "planted-user", Workspace: "acme", Role: auth.RoleMember}
		_, words := w.person(member, "planted-customer-2")
		plant := func(query string, args ...any) {
			t.Helper()
			db := w.raw()
			if _, err := db.ExecContext(t.Context(), db.Rebind(query), args...); err != nil {
				t.Fatal(err)
			}
		}
		plant("INSERT INTO members (workspace, user_id, name, email, role, joined_at, invited_by) VALUES ('acme', ?, 'planted-name', 'planted-email', 'OWNER', 1, '')", member.User)
		plant("INSERT INTO sessions (id, workspace, user_id, role, created_at, used_at, expires_at) VALUES ('s', 'acme', ?, '', 1, 1, 9)", member.User)
		_, err := w.EraseUser(t.Context(), owner, accounts.EraseRequest{User: &member.User})
		wantCode(t, "EraseUser() of the last owner", err, accounts.CodeLastOwner)
		plant("INSERT INTO members (workspace, user_id, name, email, role, joined_at, invited_by) VALUES ('acme', 'heir', '', '', 'OWNER', 1, ?)", member.User)
		words = append(words, "planted-name", "planted-email")
		if err := w.SignInFailed(t.Context(), "acme", member.User); err != nil {
			t.Fatal(err)
		}
		kept := w.connect(owner, "linkedin")
		if _, err := w.Pause(t.Context(), member, kept.ID, ptr("planted-pause")); err != nil {
			t.Fatal(err)
		}
		e, err := w.EraseUser(t.Context(), owner, accounts.EraseRequest{User: &member.User})
		if err != nil {
			t.Fatal(err)
		}
		w.wantGone(append(words, member.User)...)
		if n := w.count("SELECT count(*) FROM events WHERE actor LIKE 'erased:%'"); n == 0 {
			t.Error("the log has nothing by who was erased; want it kept under another name")
		}
		if a := w.account(owner, kept.ID); a.Paused == nil || !strings.HasPrefix(a.Paused.By, "erased:") {
			t.Errorf("a pause of theirs = %+v; want it by another name", a.Paused)
		}
		if removedOf(e, "accounts") != 1 {
			t.Errorf("EraseUser() = %+v; want one account removed", e)
		}

		leaver := auth.Actor{User: "planted-leaver", Workspace: "acme", Role: auth.RoleMember}
		company := w.connect(leaver, "tiktok")
		if _, err := w.EraseUser(t.Context(), owner, accounts.EraseRequest{User: &leaver.User, KeepAccounts: true}); err != nil {
			t.Fatal(err)
		}
		w.wantGone(leaver.User)
		if a := w.account(owner, company.ID); a.Health.Status != accounts.Healthy || !strings.HasPrefix(a.ConnectedBy, "erased:") {
			t.Errorf("the account is %s by %s; want it HEALTHY by another name", a.Health.Status, a.ConnectedBy)
		}
	})
}

// Whether or not a platform answers, nothing stays here, and the report says
// where the person goes.
func TestEraseWorkspace(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		theirs := w.connect(mallory, "twitter", "persona", "mika")
		_, words := w.person(owner, "planted-customer-3")
		w.connect(owner, "linkedin")
		key, _, err := auth.NewAPIKey("acme", "planted-key", []auth.Permission{auth.Read}, time.Time{}, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if err := w.CreateAPIKey(t.Context(), key, "cli"); err != nil {
			t.Fatal(err)
		}
		_, err = w.EraseWorkspace(t.Context(), owner, "evil")
		wantCode(t, "EraseWorkspace() of another name", err, accounts.CodeInvalid)

		w.control(http.MethodPost, "faults", `{"endpoint":"revoke","times":5,"status":503}`, nil)
		e, err := w.EraseWorkspace(t.Context(), owner, "acme")
		if err != nil {
			t.Fatal(err)
		}
		if len(e.Revocations) != 2 || removedOf(e, "accounts") != 2 || removedOf(e, "API keys") != 1 || removedOf(e, "events") == 0 {
			t.Errorf("EraseWorkspace() = %+v; want two accounts and all that is theirs", e)
		}
		for _, r := range e.Revocations {
			if r.RevokedAtPlatform || r.Note == nil || r.RevokeURL == nil {
				t.Errorf("revocation = %+v; want none, with a note and an address", r)
			}
		}
		w.wantGone(append(words, "planted-key")...)
		for table, rows := range w.dump(w.tables()...) {
			for _, row := range rows {
				if strings.Contains(row, "workspace:acme") && table != "erasures" && table != "events" {
					t.Errorf("%s has %s still", table, row)
				}
			}
		}
		if n := w.count("SELECT count(*) FROM events WHERE workspace = 'acme' AND type NOT IN ('DATA_ERASED', 'ACCOUNT_ERASED')"); n != 0 {
			t.Errorf("%d events are left; want what the erasure itself says", n)
		}
		if a := w.account(mallory, theirs.ID); a.Health.Status != accounts.Healthy {
			t.Errorf("another workspace's account is %s; want HEALTHY", a.Health.Status)
		}
		if err := w.Check(t.Context()); err != nil {
			t.Error(err)
		}
		w.connect(owner, "twitter") // the workspace can begin anew
	})
}

// An erasure that was interrupted goes on by itself.
func TestErasureGoesOn(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		_, words := w.person(owner, "planted-customer-4")
		w.exec(1, `INSERT INTO erasures (id, workspace, target, report, begun_at) VALUES ('ers_x', 'acme', '{"by":"olive","externalUserId":"planted-customer-4"}', '{}', 0)`)
		w.exec(1, `INSERT INTO due (id, due_at) VALUES ('ers_x', 0)`)
		w.replica() // looks at once
		w.await("the erasure ends", func() bool {
			return w.count("SELECT count(*) FROM erasures WHERE ended_at IS NOT NULL AND target = '{}'") == 1 && w.count("SELECT count(*) FROM due WHERE id = 'ers_x'") == 0
		})
		w.await("SQLite's log is scrubbed, too", func() bool {
			return !slices.ContainsFunc(slices.Collect(maps.Values(w.files())), func(text string) bool { return strings.Contains(text, words[0]) })
		})
		w.wantGone(words...)
	})
}
