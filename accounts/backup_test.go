package accounts_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mooring/accounts"
	"mooring/accounts/pgtest"
	"mooring/auth"
	"mooring/vault"
)

// backup makes a backup of the world's database.
func (w *world) backup(workspace string) []byte {
	w.t.Helper()
	var file bytes.Buffer
	_, err := accounts.Backup(w.t.Context(), accounts.BackupOptions{DatabaseURL: w.options.DatabaseURL, Key: w.options.Key, Workspace: workspace}, &file)
	if err != nil {
		w.t.Fatal(err)
	}
	return file.Bytes()
}

// in is how a backup is restored in a database of the world's key.
func (w *world) in(url string) accounts.RestoreOptions {
	return accounts.RestoreOptions{DatabaseURL: url, Key: w.options.Key, PublicURL: public}
}

func (w *world) restore(file []byte, o accounts.RestoreOptions) {
	w.t.Helper()
	if _, err := accounts.Restore(w.t.Context(), o, bytes.NewReader(file)); err != nil {
		w.t.Fatal(err)
	}
}

// restored is a world on a database that a backup was restored in.
func (w *world) restored(file []byte, o accounts.RestoreOptions) *world {
	w.t.Helper()
	w.restore(file, o)
	next := *w
	next.options.DatabaseURL, next.db = o.DatabaseURL, nil
	next.Service, next.stop = next.start(next.options)
	return &next
}

// rows are a backup's rows, by table.
func rows(t *testing.T, file []byte, tables ...string) map[string][]string {
	t.Helper()
	all, table := map[string][]string{}, ""
	for line := range strings.Lines(string(file)) {
		if line[0] == '[' {
			if slices.Contains(tables, table) {
				all[table] = append(all[table], line)
			}
			continue
		}
		var head struct{ Table string }
		if err := json.Unmarshal([]byte(line), &head); err != nil {
			t.Fatal(err)
		}
		table = head.Table
	}
	for table := range all {
		if table != "events" { // whose order is theirs
			slices.Sort(all[table])
		}
	}
	return all
}

// furnish makes accounts and whatever hangs on them.
func (w *world) furnish() (google, gone *accounts.Account) {
	w.t.Helper()
	google = w.connect(owner, "google_youtube")
	w.connect(owner, "twitter", "persona", "mika")
	w.connect(mallory, "pinterest")
	gone = w.connect(owner, "linkedin")
	if _, err := w.Disconnect(w.t.Context(), owner, gone.ID); err != nil {
		w.t.Fatal(err)
	}
	w.run(w.organizations()) // waits for a choice
	w.borrow(google.ID)
	key, _, err := auth.NewAPIKey("acme", "it's \"odd\" \u2028 <x>", []auth.Permission{auth.Read}, time.Time{}, time.Now())
	if err != nil {
		w.t.Fatal(err)
	}
	if err := w.CreateAPIKey(w.t.Context(), key, "olive"); err != nil {
		w.t.Fatal(err)
	}
	return google, gone
}

// borrow leases an account's token.
func (w *world) borrow(id string) string {
	w.t.Helper()
	_, l, err := w.Lease(w.t.Context(), publisher, accounts.LeaseRequest{AccountID: id})
	if err != nil {
		w.t.Fatal(err)
	}
	return l.AccessToken.Reveal()
}

// A backup restored is what was backed up, on whichever database.
func TestBackupAndRestore(t *testing.T) {
	t.Parallel()
	databases := []struct {
		name string
		old  func(testing.TB) string
		new  func(testing.TB) string
	}{
		{"sqlite", migrated.SQLite, pgtest.SQLite},
		{"postgres", migrated.URL, pgtest.URL},
	}
	for _, from := range databases {
		for _, to := range databases {
			t.Run(from.name+" to "+to.name, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, from.old(t))
				google, gone := w.furnish()
				token, before := w.borrow(google.ID), w.events("", accounts.EventFilter{})
				file := w.backup("")

				o := w.in(to.new(t))
				w.restore(file, o)
				r := *w
				r.options.DatabaseURL, r.db = o.DatabaseURL, nil
				same := []string{"apps", "grants", "secrets", "events", "activity", "api_keys", "members", "bulk_connects", "rate_limits", "refreshes"}
				first, again := rows(t, file, same...), rows(t, r.backup(""), same...)
				again["events"] = again["events"][:len(first["events"])] // two more about backups
				if diff := cmp.Diff(first, again); diff != "" {
					t.Errorf("a backup of what was restored (-first +second):\n%s", diff)
				}
				r.Service, r.stop = r.start(r.options)
				if got := r.borrow(google.ID); got != token {
					t.Errorf("the restored account has another access token")
				}
				if got := r.account(owner, gone.ID); got.DisconnectedAt.IsZero() {
					t.Error("the restored tombstone is none")
				}
				if after := r.events("", accounts.EventFilter{}); !slices.Equal(types(after)[:len(before)], types(before)) {
					t.Errorf("the restored log is %v; want it to begin with %v", types(after), types(before))
				}
				page, err := w.Events(t.Context(), owner, accounts.EventFilter{}, accounts.Paging{})
				if err != nil {
					t.Fatal(err)
				}
				_, err = r.Events(t.Context(), owner, accounts.EventFilter{}, accounts.Paging{After: &page.Cursors[0]})
				wantCode(t, "Events() after a cursor of the original", err, accounts.CodeInvalid)
				// What was under way is over.
				if n := r.count("SELECT count(*) FROM attempts WHERE expires_at > ? AND status = 'AWAITING_SELECTION'", time.Now().UnixMilli()); n != 0 {
					t.Errorf("%d attempts wait for a choice still; want none", n)
				}
			})
		}
	}
}

// A restored installation renews nothing and trusts no account until it is
// adopted; then all are asked about within a quarter of an hour, not at once.
func TestRestoredIsUnverified(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		google, _ := w.furnish()
		for _, persona := range []string{"sails", "edda"} {
			w.connect(owner, "google_youtube", "persona", persona)
		}
		file := w.backup("")
		w.stop() // as if it had burnt down
		r := w.restored(file, w.in(pgtest.SQLite(t)))
		for _, check := range accounts.CheckInstallation(t.Context(), r.options.DatabaseURL, r.options.Key, public) {
			if check.Name == "Installation" && !strings.Contains(check.Fix, "mooring adopt") {
				t.Errorf("the check of the installation says %+v; want mooring adopt", check)
			}
		}
		unverified := func() (n int) {
			for _, a := range r.all() {
				if slices.ContainsFunc(a.Health.Warnings, func(w accounts.HealthWarning) bool { return w.Code == accounts.WarnRestored }) {
					n++
				}
			}
			return n
		}
		if n, all := unverified(), len(r.all()); n != all || n != 4 {
			t.Errorf("%d of %d accounts are unverified; want all 4", n, all)
		}
		if a := r.account(owner, google.ID); a.Health.Status != accounts.Healthy {
			t.Errorf("a restored account is %s; want HEALTHY, with a warning", a.Health.Status)
		}
		_, err := r.Refresh(t.Context(), owner, google.ID, true)
		wantCode(t, "Refresh() before adopting", err, accounts.CodeRefreshOff)
		asked := func() int {
			return r.requests("google_youtube", "introspect") + r.requests("google_youtube", "profile")
		}
		before := asked()
		pass(30 * time.Minute)
		if n := asked() - before; n != 0 || unverified() != 4 {
			t.Errorf("Google was asked %d times before the database was adopted; want never", n)
		}

		if _, _, err := r.Adopt(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.restart(r.options)
		pass(10 * time.Second)
		if n := asked() - before; n >= 3 {
			t.Errorf("Google was asked about %d tokens at once; want that spread", n)
		}
		pass(15 * time.Minute)
		if n := unverified(); n != 0 || asked()-before < 3 {
			t.Errorf("%d accounts are unverified after Google was asked %d times; want none", n, asked()-before)
		}
	})
}

// all are the accounts of acme.
func (w *world) all() []*accounts.Account {
	w.t.Helper()
	page, err := w.Accounts(w.t.Context(), owner, accounts.Filter{}, accounts.Order{}, accounts.Paging{})
	if err != nil {
		w.t.Fatal(err)
	}
	return page.Accounts
}

// What is not, to the byte, a backup under the right key is refused, and leaves
// nothing behind.
func TestBadBackupsAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, migrated.SQLite(t))
	w.furnish()
	file := w.backup("")
	fresh := "sqlite:" + filepath.Join(t.TempDir(), "new.db")
	refuse := func(what string, file []byte, o accounts.RestoreOptions, words string) {
		t.Helper()
		_, err := accounts.Restore(t.Context(), o, bytes.NewReader(file))
		if err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("Restore() of %s = %v; want an error with %q", what, err, words)
		}
	}
	dry := w.in(fresh)
	dry.DryRun = true
	lines := bytes.SplitAfter(file, []byte("\n"))
	for i := range lines[:len(lines)-1] {
		refuse("a file that is cut between lines", bytes.Join(lines[:i], nil), dry, "too early")
		if i > 0 {
			refuse("a file without one line", bytes.Join(slices.Delete(slices.Clone(lines), i, i+1), nil), dry, "")
		}
	}
	for at := 0; at < len(file); at += 97 {
		bad := bytes.Clone(file)
		bad[at] ^= 4
		refuse("a changed byte", bad, dry, "")
	}
	refuse("a cut file", file[:len(file)-1], dry, "too early")
	refuse("a file with more behind it", append(bytes.Clone(file), '\n'), dry, "follows")
	refuse("something else", []byte("{}\n"), dry, "no backup")
	refuse("nothing", nil, dry, "too early")
	newer := func(name string, by string) []byte {
		return bytes.Replace(file, []byte(name), []byte(name+by), 1)
	}
	refuse("a newer schema", newer(`"schema":`, "9"), dry, "take a newer one")
	refuse("a newer format", newer(`"format":`, "9"), dry, "take a newer one")
	other := dry
	other.Key = vault.NewKey()
	refuse("a backup under another key", file, other, w.options.Key.ID())
	if _, err := os.Stat(strings.TrimPrefix(fresh, "sqlite:")); !os.IsNotExist(err) {
		t.Errorf("the dry run made a file: %v", err)
	}
	refuse("a backup in a database that is in use", file, w.in(w.options.DatabaseURL), "not empty")

	bad := bytes.Clone(file)
	bad[len(bad)-10] ^= 1 // nothing is known of it before the end
	refuse("a changed MAC", bad, w.in(fresh), "")
	if _, err := accounts.Restore(t.Context(), w.in(fresh), bytes.NewReader(file)); err != nil {
		t.Errorf("Restore() where another was refused = %v; want the database empty as before", err)
	}
}

// A dry run tells what would come, and changes nothing.
func TestDryRun(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		google, _ := w.furnish()
		w.exec(1, "UPDATE secrets SET sealed = substr(sealed, 1, 60) WHERE owner_id = (SELECT grant_id FROM accounts WHERE id = ?) AND kind = 'access_token'", google.ID)
		file := w.backup("")
		o := w.in(pgtest.SQLite(t))
		var seen []accounts.RestoredAccount
		o.DryRun, o.Each = true, func(a accounts.RestoredAccount) { seen = append(seen, a) }
		got, err := accounts.Restore(t.Context(), o, bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(map[string]int{"acme": 2, "evil": 1}, got.Accounts); diff != "" || len(seen) != 3 || got.Rows["accounts"] != 4 {
			t.Errorf("a dry run tells of accounts %v and %+v, %d rows (-want +got):\n%s", got.Accounts, seen, got.Rows["accounts"], diff)
		}
		if got.Damaged != 1 || got.Backup.PublicURL != public || time.Since(got.Backup.MadeAt) > time.Hour {
			t.Errorf("a dry run says %d damaged, %+v; want the one", got.Damaged, got.Backup)
		}
		before := w.dump(lasting...)
		o = w.in(w.options.DatabaseURL)
		o.DryRun = true
		if _, err := accounts.Restore(t.Context(), o, bytes.NewReader(file)); err == nil {
			t.Error("a dry run in a database that is in use succeeds")
		}
		wantSame(t, "a dry run", w.dump(lasting...), before)
	})
}

// A workspace comes back into the installation that it was erased from, and
// moves to one with other keys once its own refreshes it no more.
func TestRestoreWorkspace(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		google, _ := w.furnish()
		token, file := w.borrow(google.ID), w.backup("acme")
		if bytes.Contains(file, []byte("evil")) || bytes.Contains(file, []byte("mallory")) {
			t.Error("the backup of a workspace has something of another")
		}
		_, err := accounts.Restore(t.Context(), w.in(w.options.DatabaseURL), bytes.NewReader(file))
		if err == nil || !strings.Contains(err.Error(), "erase it first") {
			t.Errorf("Restore() beside the original = %v; want a refusal", err)
		}
		others := w.names(mallory)
		if _, err := w.EraseWorkspace(t.Context(), owner, "acme"); err != nil {
			t.Fatal(err)
		}
		if _, err := accounts.Restore(t.Context(), w.in(w.options.DatabaseURL), bytes.NewReader(file)); err != nil {
			t.Fatal(err)
		}
		if got := w.borrow(google.ID); got != token {
			t.Error("the restored account has another access token")
		}
		if n := len(w.all()); n != 2 {
			t.Errorf("%d accounts came back; want 2", n)
		}
		if diff := cmp.Diff(others, w.names(mallory)); diff != "" {
			t.Errorf("another workspace changed (-before +after):\n%s", diff)
		}

		elsewhere := newWorld(t, migrated.SQLite(t))
		elsewhere.connect(mallory, "twitter") // so that it has an app of its own
		o := elsewhere.in(elsewhere.options.DatabaseURL)
		o.FileKey = w.options.Key
		_, err = accounts.Restore(t.Context(), o, bytes.NewReader(file))
		if err == nil || !strings.Contains(err.Error(), "--adopt") {
			t.Errorf("Restore() elsewhere = %v; want a refusal", err)
		}
		o.Adopt = true
		if _, err := accounts.Restore(t.Context(), o, bytes.NewReader(file)); err != nil {
			t.Fatal(err)
		}
		if got := elsewhere.borrow(google.ID); got != token {
			t.Error("the account that moved has another access token")
		}
		if n := elsewhere.count("SELECT count(*) FROM apps WHERE platform = 'twitter'"); n != 1 {
			t.Errorf("there are %d apps of X; want the one of before", n)
		}
		_, err = accounts.Backup(t.Context(), accounts.BackupOptions{DatabaseURL: w.options.DatabaseURL, Key: w.options.Key, Workspace: "nobody"}, &bytes.Buffer{})
		if err == nil || !strings.Contains(err.Error(), "nobody") {
			t.Errorf("Backup() of no workspace = %v; want a refusal", err)
		}
	})
}

// names are the ids and statuses of an actor's accounts.
func (w *world) names(by auth.Actor) []string {
	w.t.Helper()
	page, err := w.Accounts(w.t.Context(), by, accounts.Filter{}, accounts.Order{}, accounts.Paging{})
	if err != nil {
		w.t.Fatal(err)
	}
	var names []string
	for _, a := range page.Accounts {
		names = append(names, a.ID+string(a.Health.Status))
	}
	return names
}

// Moving with another key seals the ring under it.
func TestRestoreUnderAnotherKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t, migrated.SQLite(t))
	google, _ := w.furnish()
	token, file := w.borrow(google.ID), w.backup("")
	o := w.in(pgtest.SQLite(t))
	o.Key, o.FileKey = vault.NewKey(), w.options.Key
	w.options.Key = o.Key
	if got := w.restored(file, o).borrow(google.ID); got != token {
		t.Error("the restored account has another access token")
	}
}
