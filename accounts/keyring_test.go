package accounts_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"mooring/accounts"
	"mooring/diagnosis"
	"mooring/vault"
)

// revokes disconnects an account of X and wants the platform to take its tokens
// back, which it does only if the Service could open them.
func revokes(t testing.TB, s *accounts.Service, a *accounts.Account) {
	t.Helper()
	if d, err := s.Disconnect(t.Context(), owner, a.ID); err != nil || !d.RevokedAtPlatform {
		t.Errorf("Disconnect(%s) = %+v, %v; want its tokens revoked", a.DisplayName, d, err)
	}
}

// primary adds a data key and makes it the one that seals.
func primary(t testing.TB, w *world) vault.KeyID {
	t.Helper()
	id, err := w.AddKey(t.Context())
	if err != nil {
		t.Fatalf("AddKey() = %v", err)
	}
	if err := w.PromoteKey(t.Context(), id); err != nil {
		t.Fatalf("PromoteKey() = %v", err)
	}
	return id
}

func TestKeyRotation(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		replica := w.replica() // learns of nothing until it has to
		rowan := w.connect(owner, "twitter", "persona", "rowan")
		keys, err := w.Keys(t.Context())
		if err != nil || len(keys) != 1 || !keys[0].Primary || keys[0].Secrets == 0 {
			t.Fatalf("Keys() = %+v, %v; want one, primary, in use", keys, err)
		}
		old := keys[0].ID
		fresh := primary(t, w)
		mika := w.connect(owner, "twitter", "persona", "mika")
		revokes(t, replica, mika) // its ring is older than the secret

		if err := w.RemoveKey(t.Context(), old); err == nil || !strings.Contains(err.Error(), old.String()) {
			t.Errorf("RemoveKey() while in use = %v; want an error that names %s", err, old)
		}
		sealed := w.count("SELECT count(*) FROM secrets WHERE key_id = ?", int64(old))
		if n, err := w.Reseal(t.Context()); n != sealed || err != nil {
			t.Errorf("Reseal() = %d, %v; want %d", n, err, sealed)
		}
		if n, err := w.Reseal(t.Context()); n != 0 || err != nil {
			t.Errorf("Reseal() once more = %d, %v; want 0", n, err)
		}
		if err := w.RemoveKey(t.Context(), old); err != nil {
			t.Errorf("RemoveKey() = %v", err)
		}
		if err := w.RemoveKey(t.Context(), fresh); err == nil {
			t.Error("RemoveKey() of the primary key succeeded")
		}
		keys, err = w.Keys(t.Context())
		if err != nil || len(keys) != 1 || keys[0].ID != fresh || !keys[0].Primary {
			t.Errorf("Keys() = %+v, %v; want %s alone", keys, err, fresh)
		}
		revokes(t, w.replica(), rowan) // connected before, opened by a server started after
	})
}

// Tokens under a key that is missing, or that are damaged, are no fault inside:
// whoever asks learns what is wrong and who can mend it.
func TestTokensThatCannotBeOpened(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		for name, tt := range map[string]struct {
			persona string
			damaged int // which byte
			code    accounts.Code
			fixable diagnosis.FixableBy
		}{
			"a missing key":    {"rowan", 1, accounts.CodeNotReady, diagnosis.Operator}, // it is named there
			"a damaged secret": {"mika", 20, accounts.CodeWrongState, diagnosis.User},
		} {
			a := w.connect(owner, "twitter", "persona", tt.persona)
			var sealed []struct {
				OwnerID string `db:"owner_id"`
				Sealed  []byte
			}
			db := w.raw()
			if err := db.Select(&sealed, db.Rebind("SELECT owner_id, sealed FROM secrets WHERE owner_id = (SELECT grant_id FROM accounts WHERE id = ?)"), a.ID); err != nil {
				t.Fatal(err)
			}
			for _, secret := range sealed {
				damaged := bytes.Clone(secret.Sealed)
				damaged[tt.damaged] ^= 1
				w.exec(1, "UPDATE secrets SET sealed = ? WHERE owner_id = ? AND sealed = ?", damaged, secret.OwnerID, secret.Sealed)
			}
			for asked, ask := range map[string]func() error{
				"Validate":         func() error { _, _, err := w.Validate(t.Context(), owner, a.ID); return err },
				"CheckPermissions": func() error { _, err := w.CheckPermissions(t.Context(), owner, a.ID); return err },
				"CheckHealth":      func() error { _, err := w.CheckHealth(t.Context(), owner, a.ID); return err },
				"Lease": func() error {
					_, _, err := w.Lease(t.Context(), publisher, accounts.LeaseRequest{AccountID: a.ID})
					return err
				},
				"Refresh": func() error { _, err := w.Refresh(t.Context(), owner, a.ID, true); return err },
			} {
				e := expected(t, ask())
				if e.Code != tt.code || e.Diagnosis == nil || e.Diagnosis.FixableBy != tt.fixable {
					t.Errorf("%s() with %s = %s, %s; want %s, to be mended by %s", asked, name, e.Code, says(e.Diagnosis), tt.code, tt.fixable)
				}
			}
		}
	})
}

// A link that was made before a rotation still works after it.
func TestLinksSurviveARotation(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		b, attempt := browser{}, w.begin(owner, accounts.ConnectRequest{Platform: "twitter"})
		page := w.depart(b, attempt) // with a verifier under the old key
		waiting := w.begin(owner, accounts.ConnectRequest{Platform: "twitter"})
		keys, err := w.Keys(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		primary(t, w)
		if _, err := w.Reseal(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := w.RemoveKey(t.Context(), keys[0].ID); err != nil {
			t.Fatal(err)
		}
		w.Service = w.replica()
		if got, err := w.back(b, attempt, w.consent(page)); err != nil || got.Status != accounts.AttemptDone {
			t.Errorf("an attempt under way: %+v, %v; want COMPLETED", got, err)
		}
		if got := w.run(waiting); got.Status != accounts.AttemptDone {
			t.Errorf("an attempt not started: %s; want COMPLETED", got.Status)
		}
	})
}

// Resealing that stops in the middle keeps what it has done and goes on there.
func TestResealIsResumable(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		rowan := w.connect(owner, "twitter")
		old, err := w.Keys(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for range 200 { // a chunk of verifiers, which come before the grant's tokens
			w.depart(browser{}, w.begin(owner, accounts.ConnectRequest{Platform: "linkedin"}))
		}
		primary(t, w)
		w.exec(1, "UPDATE secrets SET owner_id = 'lost' WHERE owner_id = 'installation'") // does not open there
		done, err := w.Reseal(t.Context())
		if err == nil || !strings.Contains(err.Error(), "mac_key of lost") || done != 200 {
			t.Errorf("Reseal() with a damaged secret = %d, %v; want 200 and an error that names it", done, err)
		}
		w.exec(1, "UPDATE secrets SET owner_id = 'installation' WHERE owner_id = 'lost'")
		if n, err := w.Reseal(t.Context()); n != 3 || err != nil {
			t.Errorf("Reseal() resumed = %d, %v; want the other 3", n, err)
		}
		if err := w.RemoveKey(t.Context(), old[0].ID); err != nil {
			t.Errorf("RemoveKey() = %v", err)
		}
		revokes(t, w.Service, rowan)
	})
}

func TestTheWrongKeyIsRefused(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		o := w.options
		o.Key = vault.NewKey()
		s, err := accounts.Open(t.Context(), o)
		var wrong *vault.WrongKeyError
		if !errors.As(err, &wrong) || wrong.Sealed != w.options.Key.ID() || wrong.Given != o.Key.ID() {
			t.Errorf("Open() with another key = %v, %v; want a WrongKeyError that names both", s, err)
		}
		rowan := w.connect(owner, "twitter")
		if err := w.Rewrap(t.Context(), o.Key); err != nil {
			t.Fatalf("Rewrap() = %v", err)
		}
		if s, err := accounts.Open(t.Context(), w.options); !errors.As(err, &wrong) || wrong.Sealed != o.Key.ID() {
			t.Errorf("Open() with the former key = %v, %v; want a WrongKeyError", s, err)
		}
		s, stop := w.start(o)
		defer stop()
		revokes(t, s, rowan)
	})
}

// A key ring that lacks a key in use is older than the database: nothing may be
// sealed or sent with it.
func TestALostDataKeyIsRefused(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		var ring []byte
		if err := w.raw().GetContext(t.Context(), &ring, "SELECT sealed FROM key_ring"); err != nil {
			t.Fatal(err)
		}
		fresh := primary(t, w)
		w.connect(owner, "twitter")
		w.exec(1, "UPDATE key_ring SET sealed = ?, version = version + 1", ring)
		s, err := accounts.Open(t.Context(), w.options)
		if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("data key %s,", fresh)) {
			t.Errorf("Open() = %v, %v; want an error that names data key %s", s, err, fresh)
		}
	})
}

// Commands that change the ring at once do not lose each other's key: each
// either has added one or says that it has not.
func TestRingChangesDoNotOverwriteEachOther(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		services := []*accounts.Service{w.Service, w.replica()}
		var all sync.WaitGroup
		var mu sync.Mutex
		added := map[vault.KeyID]bool{}
		for i := range 8 {
			all.Go(func() {
				id, err := services[i%2].AddKey(t.Context())
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					added[id] = true
				} else if !strings.Contains(err.Error(), "changed it meanwhile") {
					t.Errorf("AddKey() = %v", err)
				}
			})
		}
		all.Wait()
		keys, err := w.replica().Keys(t.Context())
		if err != nil || len(keys) != 1+len(added) {
			t.Errorf("Keys() = %+v, %v; want the first one and %d added", keys, err, len(added))
		}
		for _, k := range keys[1:] {
			if !added[k.ID] {
				t.Errorf("the ring has key %s; want one of %v", k.ID, added)
			}
		}
	})
}
