package accounts_test

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"mooring/accounts"
	"mooring/auth"
)

var auditor = auth.Actor{User: "aud", Workspace: owner.Workspace, Role: auth.RoleAdmin}

// trail reads the whole of what an actor may export.
func (w *world) trail(by auth.Actor, from, to time.Time) (records []*accounts.AuditRecord, err error) {
	w.t.Helper()
	for r, failed := range w.AuditTrail(w.t.Context(), by, from, to, "csv") {
		if failed != nil {
			return records, failed
		}
		records = append(records, r)
	}
	return records, nil
}

// What happened is exported: by whom, to what, with what result; the export,
// too. What happens often is counted.
func TestAuditTrail(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		began := time.Now().Add(-time.Minute)
		a := w.connect(owner, "twitter")
		foreign := w.connect(mallory, "twitter")
		ctx := accounts.WithRequestID(t.Context(), "req-1")
		if _, err := w.SetLabels(ctx, owner, a.ID, []string{"x"}); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if _, _, err := w.Lease(t.Context(), owner, accounts.LeaseRequest{AccountID: a.ID, Reason: ptr("=post")}); err != nil {
				t.Fatal(err)
			}
		}
		key, err := w.AddKey(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := w.PromoteKey(t.Context(), key); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Reseal(t.Context()); err != nil {
			t.Fatal(err)
		}
		for range 3 { // one event a minute
			if err := w.SignInFailed(t.Context(), owner.Workspace, "key:1"); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := w.trail(auditor, began, time.Now().Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		w.events("", accounts.EventFilter{}) // all have their place
		records, err := w.trail(auditor, began, time.Now().Add(time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []accounts.AuditRecord{
			{Type: "ACCOUNT_CONNECTED", Outcome: "OK", Actor: "olive", AccountID: a.ID, Count: 1},
			{Type: "ACCOUNT_LABELS_SET", Outcome: "OK", Actor: "olive", AccountID: a.ID, RequestID: "req-1", Count: 1},
			{Type: "KEY_ADDED", Outcome: "OK", Actor: "cli", About: key.String(), Count: 1},
			{Type: "KEY_PROMOTED", Outcome: "OK", Actor: "cli", About: key.String(), Count: 1},
			{Type: "KEYS_RESEALED", Outcome: "OK", Actor: "cli", About: key.String(), Count: 1},
			{Type: "SIGN_IN_FAILED", Outcome: "FAILED", About: "key:1", Count: 1},
			{Type: "AUDIT_EXPORTED", Outcome: "OK", Actor: "aud", About: "csv", Count: 1},
			{Type: "TOKEN_LEASED", Outcome: "OK", Actor: "olive", AccountID: a.ID, Reason: "=post", Count: 3},
		} {
			n := 0
			for _, r := range records {
				if r.Type == want.Type && r.Outcome == want.Outcome && r.Actor == want.Actor && r.AccountID == want.AccountID &&
					r.About == want.About && r.Count == want.Count && r.Reason == want.Reason && (want.RequestID == "" || r.RequestID == want.RequestID) {
					n++
				}
			}
			// The leases may have met the end of a minute.
			if n != 1 && want.Type != "TOKEN_LEASED" && want.Type != "AUDIT_EXPORTED" || n == 0 && want.Type == "AUDIT_EXPORTED" {
				t.Errorf("the trail has %d of %+v; want 1", n, want)
			}
		}
		leases := 0
		for _, r := range records {
			if r.Type == "TOKEN_LEASED" {
				leases += r.Count
			}
			if r.AccountID == foreign.ID || r.Actor == mallory.User {
				t.Errorf("the trail has %+v of another workspace", r)
			}
			if _, err := json.Marshal(r); err != nil || r.At.Before(began.Add(-25*time.Hour)) {
				t.Errorf("%+v, %v; want it of now", r, err)
			}
		}
		if leases != 3 {
			t.Errorf("the trail counts %d leases; want 3", leases)
		}
		if got, err := w.trail(auditor, began.Add(-time.Hour), began); err != nil || len(got) != 0 {
			t.Errorf("before it began: %v, %v; want nothing", got, err)
		}
		for _, by := range []auth.Actor{{User: "v", Workspace: owner.Workspace, Role: auth.RoleViewer}, {User: "m", Workspace: owner.Workspace, Role: auth.RoleMember}} {
			got, err := w.trail(by, began, time.Now())
			if refused := (*auth.Error)(nil); !errors.As(err, &refused) || refused.Code != auth.Forbidden || len(got) != 0 {
				t.Errorf("a %s gets %d records, %v; want it FORBIDDEN", by.Role, len(got), err)
			}
		}
	})
}

// Each condition of a filter leaves out what it is about.
func TestEventFilters(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		a := w.connect(owner, "twitter")
		other := auth.Actor{User: "other", Workspace: owner.Workspace, Role: auth.RoleAdmin}
		if _, err := w.SetLabels(accounts.WithRequestID(t.Context(), "req-2"), other, a.ID, []string{"x"}); err != nil {
			t.Fatal(err)
		}
		all := w.events(accounts.AccountLabelsSet, accounts.EventFilter{})
		last := all[len(all)-1]
		after := last.At.Add(time.Millisecond)
		for _, tt := range []struct {
			name string
			f    accounts.EventFilter
			want int
		}{
			{"actor", accounts.EventFilter{Actors: []string{"other"}}, 1},
			{"request", accounts.EventFilter{RequestIDs: []string{"req-2", "req-3"}}, 1},
			{"from its moment", accounts.EventFilter{Actors: []string{"other"}, From: &last.At}, 1},
			{"from later", accounts.EventFilter{Actors: []string{"other"}, From: &after}, 0},
			{"to its moment", accounts.EventFilter{Actors: []string{"other"}, To: &last.At}, 0},
			{"to later", accounts.EventFilter{Actors: []string{"other"}, To: &after}, 1},
			{"all that there is", accounts.EventFilter{To: &after}, len(all)},
			{"nobody", accounts.EventFilter{Actors: []string{"nobody"}}, 0},
		} {
			if got := w.events("", tt.f); len(got) != tt.want {
				t.Errorf("%s: %v; want %d", tt.name, types(got), tt.want)
			}
		}
		// A stream asks the same.
		stream, err := w.EventsAdded(t.Context(), owner, accounts.EventFilter{Actors: []string{"other"}, From: &after}, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, by := range []auth.Actor{owner, other} {
			if _, err := w.SetLabels(t.Context(), by, a.ID, []string{"y", by.User}); err != nil {
				t.Fatal(err)
			}
		}
		if got := next(t, stream); *got.Event.Actor != "other" || got.Event.ID == last.ID {
			t.Errorf("the stream has %+v; want what the other did since", got.Event)
		}
	})
}

// A sealed value opens in its own place only, and only as it was written:
// whoever can write to the database gains no token by it.
func TestSealedValuesCannotBeMoved(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		mine, theirs := w.connect(mallory, "twitter"), w.connect(owner, "twitter")
		type secret struct {
			OwnerID   string `db:"owner_id"`
			Kind      string `db:"kind"`
			Workspace string `db:"workspace"`
			Sealed    []byte `db:"sealed"`
		}
		var all []secret
		if err := w.raw().SelectContext(t.Context(), &all, "SELECT owner_id, kind, workspace, sealed FROM secrets WHERE workspace <> ''"); err != nil {
			t.Fatal(err)
		}
		find := func(workspace, kind string) secret {
			i := slices.IndexFunc(all, func(s secret) bool { return s.Workspace == workspace && s.Kind == kind })
			if i < 0 {
				t.Fatalf("there is no %s of %s", kind, workspace)
			}
			return all[i]
		}
		own := find(mallory.Workspace, "access_token")
		flipped := slices.Clone(own.Sealed)
		flipped[len(flipped)-1] ^= 1
		for name, sealed := range map[string][]byte{
			"another row":          find(owner.Workspace, "access_token").Sealed,
			"another column":       find(mallory.Workspace, "refresh_token").Sealed,
			"one bit of the end":   flipped,
			"less than was sealed": own.Sealed[:len(own.Sealed)-1],
			"nothing":              {},
		} {
			w.exec(1, "UPDATE secrets SET sealed = ? WHERE owner_id = ? AND kind = ?", sealed, own.OwnerID, own.Kind)
			_, lease, err := w.Lease(t.Context(), mallory, accounts.LeaseRequest{AccountID: mine.ID})
			if err == nil {
				t.Errorf("with %s in its place a token was lent: %v", name, lease.ID)
			}
			if _, _, err := w.Lease(t.Context(), owner, accounts.LeaseRequest{AccountID: theirs.ID}); err != nil {
				t.Errorf("with %s in another's place: %v; want the token", name, err)
			}
		}
		w.exec(1, "UPDATE secrets SET sealed = ? WHERE owner_id = ? AND kind = ?", own.Sealed, own.OwnerID, own.Kind)
		if _, _, err := w.Lease(t.Context(), mallory, accounts.LeaseRequest{AccountID: mine.ID}); err != nil {
			t.Errorf("with the value back in its place: %v; want the token", err)
		}
	})
}

// A caller begins only so many attempts an hour; a back end so many for each of
// its users.
func TestConnectsPerHour(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		o := w.options
		o.ConnectsPerHour = 2
		s, stop := w.start(o)
		defer stop()
		begin := func(by auth.Actor, user *string) error {
			_, err := s.Connect(t.Context(), by, accounts.ConnectRequest{Platform: "twitter", ExternalUserID: user})
			return err
		}
		for range 2 {
			for _, user := range []*string{nil, ptr("u1"), ptr("u2")} {
				if err := begin(owner, user); err != nil {
					t.Fatal(err)
				}
			}
		}
		wantCode(t, "one more", begin(owner, nil), accounts.CodeRateLimited)
		wantCode(t, "one more for a user", begin(owner, ptr("u1")), accounts.CodeRateLimited)
		if err := begin(mallory, nil); err != nil {
			t.Errorf("somebody else: %v; want an attempt", err)
		}
		w.exec(2, "UPDATE attempts SET created_at = created_at - 3600001 WHERE created_by = ? AND external_user_id = ''", owner.User)
		if err := begin(owner, nil); err != nil {
			t.Errorf("an hour later: %v; want an attempt", err)
		}
	})
}
