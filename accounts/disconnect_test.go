package accounts_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"mooring/accounts"
	"mooring/diagnosis"
	"mooring/platforms/sandbox"
)

func TestDisconnect(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		for _, test := range []struct {
			name, platform, fault string
			revoked               bool
			asked                 int // revocation requests
		}{
			{"X takes tokens back", "twitter", "", true, 2},
			{"X does not answer", "twitter", `{"endpoint":"revoke","times":2,"status":503}`, false, 2},
			{"LinkedIn has no revocation", "linkedin", "", false, 0},
		} {
			a := w.connect(owner, test.platform)
			if test.fault != "" {
				w.control(http.MethodPost, "faults", test.fault, nil)
			}
			before := w.requests(test.platform, "revoke")
			d, err := w.Disconnect(t.Context(), owner, a.ID)
			if err != nil {
				t.Fatalf("%s: Disconnect() = %v", test.name, err)
			}
			if d.RevokedAtPlatform != test.revoked || (d.Note == "") != test.revoked {
				t.Errorf("%s: revoked %t, note %q; want %t and a note if not", test.name, d.RevokedAtPlatform, d.Note, test.revoked)
			}
			if n := w.requests(test.platform, "revoke") - before; n != test.asked {
				t.Errorf("%s: %d revocation requests; want %d", test.name, n, test.asked)
			}
			if test.revoked {
				var grants []sandbox.Grant
				w.control(http.MethodGet, "grants?platform="+test.platform, "", &grants)
				if !grants[len(grants)-1].Revoked {
					t.Errorf("%s: the grant lives on at the platform", test.name)
				}
			}
			tomb := d.Account
			if tomb.ID != a.ID || tomb.DisconnectedAt.IsZero() || tomb.Health.Status != accounts.Unhealthy || *tomb.Health.Reason != accounts.Disconnected || tomb.Health.IsConnected {
				t.Errorf("%s: account = %+v; want a tombstone", test.name, tomb)
			}
			if tomb.Diagnosis == nil || tomb.Diagnosis.IssueType == diagnosis.Unknown {
				t.Errorf("%s: %s; want a diagnosis", test.name, says(tomb.Diagnosis))
			}
			if n := w.count("SELECT count(*) FROM secrets WHERE owner_id LIKE 'gra%'"); n != 0 {
				t.Errorf("%s: %d secrets are kept; want none", test.name, n)
			}
			if n := w.count("SELECT count(*) FROM grants WHERE retired_at IS NULL"); n != 0 {
				t.Errorf("%s: %d live grants; want none", test.name, n)
			}
			if n := w.count("SELECT count(*) FROM due WHERE id = ?", a.ID); n != 0 {
				t.Errorf("%s: the tombstone is due; want it forgotten", test.name)
			}
			page, err := w.Accounts(t.Context(), owner, accounts.Filter{}, accounts.Order{}, accounts.Paging{})
			if err != nil || len(page.Accounts) != 0 {
				t.Errorf("%s: Accounts() = %v, %v; want none", test.name, page, err)
			}
			if n, err := w.CountAccounts(t.Context(), owner, accounts.Filter{}); n != 0 || err != nil {
				t.Errorf("%s: CountAccounts() = %d, %v; want 0", test.name, n, err)
			}
			if o, err := w.Overview(t.Context(), owner); err != nil || o.TotalAccounts != 0 || len(o.ByPlatform) != 0 || len(o.NextExpiries) != 0 {
				t.Errorf("%s: Overview() = %+v, %v; want nothing", test.name, o, err)
			}
			_, err = w.Disconnect(t.Context(), owner, a.ID)
			wantCode(t, test.name+": once more", err, accounts.CodeNotFound)
			_, err = w.SetLabels(t.Context(), owner, a.ID, []string{"x"})
			wantCode(t, test.name+": SetLabels()", err, accounts.CodeNotFound)
		}
		events := w.events(accounts.AccountDisconnected, accounts.EventFilter{Types: []accounts.EventType{accounts.AccountDisconnected}})
		if e := events[0]; len(events) != 3 || *e.Actor != "olive" || *e.Status != accounts.Unhealthy || *e.PreviousStatus != accounts.Healthy || *e.Reason != accounts.Disconnected {
			t.Errorf("%d events, the first %+v; want one for each account, HEALTHY to UNHEALTHY by olive", len(events), e)
		}
	})
}

func TestASharedGrantOutlivesOneOfItsAccounts(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		done, err := w.CompleteConnect(t.Context(), owner, w.run(w.organizations()).ID, []string{"70931", "70932"})
		if err != nil {
			t.Fatal(err)
		}
		first, err := w.Disconnect(t.Context(), owner, done.AccountIDs[0])
		if err != nil || first.RevokedAtPlatform || first.Note == "" {
			t.Fatalf("Disconnect() = %+v, %v; want a note", first, err)
		}
		if n := w.count("SELECT count(*) FROM secrets WHERE owner_id LIKE 'gra%'"); n != 2 {
			t.Errorf("%d secrets after the first; want both kept for the other account", n)
		}
		if a := w.account(owner, done.AccountIDs[1]); a.Health.Status != accounts.Healthy {
			t.Errorf("the other account is %s; want HEALTHY", a.Health.Status)
		}
		if _, err := w.Disconnect(t.Context(), owner, done.AccountIDs[1]); err != nil {
			t.Fatal(err)
		}
		if n := w.count("SELECT count(*) FROM secrets WHERE owner_id LIKE 'gra%'"); n != 0 {
			t.Errorf("%d secrets after the last; want none", n)
		}

		// Where tokens can be taken back they are, with the last account.
		x := w.connect(owner, "twitter")
		w.multiply(x, 1, func(int) string { return "another" }, func(int) *int64 { return nil })
		if d, err := w.Disconnect(t.Context(), owner, x.ID); err != nil || d.RevokedAtPlatform || d.Note == "" || w.requests("twitter", "revoke") != 0 {
			t.Errorf("Disconnect() of one of two = %+v, %v; want X not to be asked", d, err)
		}
		if d, err := w.Disconnect(t.Context(), owner, x.ID+"_0000"); err != nil || !d.RevokedAtPlatform {
			t.Errorf("Disconnect() of the last = %+v, %v; want its tokens revoked", d, err)
		}
	})
}

// Google takes all of a person's grants back at once, and each channel has its
// own.
func TestDisconnectOneChannelOfAPerson(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		sails := w.connect(owner, "google_youtube", "persona", "sails")
		workshop := w.connect(owner, "google_youtube", "persona", "workshop")
		d, err := w.Disconnect(t.Context(), owner, sails.ID)
		if err != nil || d.RevokedAtPlatform || !strings.Contains(d.Note, "all of the person's grants") {
			t.Fatalf("Disconnect() of one of two = %+v, %v; want a note about the other", d, err)
		}
		if n := w.requests("google_youtube", "revoke"); n != 0 {
			t.Errorf("%d revocation requests; want none", n)
		}
		if a := w.account(owner, workshop.ID); a.Health.Status != accounts.Healthy {
			t.Errorf("the other channel is %s; want HEALTHY", a.Health.Status)
		}
		if d, err := w.Disconnect(t.Context(), owner, workshop.ID); err != nil || !d.RevokedAtPlatform || d.Note != "" {
			t.Errorf("Disconnect() of the last = %+v, %v; want its tokens revoked", d, err)
		}
		var grants []sandbox.Grant
		w.control(http.MethodGet, "grants?platform=google_youtube", "", &grants)
		for _, g := range grants {
			if !g.Revoked {
				t.Errorf("the grant of %s lives on at the platform", g.Persona)
			}
		}
	})
}

// Whichever comes last, no live grant and no secret is left without a
// connected account.
func TestDisconnectDuringReconnect(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		a := w.connect(owner, "twitter")
		for range 5 {
			b, attempt := browser{}, w.begin(owner, accounts.ConnectRequest{Platform: "twitter", AccountID: &a.ID})
			query := w.consent(w.depart(b, attempt))
			var all sync.WaitGroup
			all.Go(func() {
				if got, err := w.back(b, attempt, query); err != nil || got.Status != accounts.AttemptDone {
					t.Errorf("Return() = %+v, %v; want COMPLETED", got, err)
				}
			})
			all.Go(func() {
				if _, err := w.Disconnect(t.Context(), owner, a.ID); err != nil && expected(t, err).Code != accounts.CodeNotFound {
					t.Errorf("Disconnect() = %v", err)
				}
			})
			all.Wait()
			live := w.count("SELECT count(*) FROM accounts WHERE disconnected_at IS NULL")
			if n := w.count("SELECT count(*) FROM grants WHERE retired_at IS NULL"); n != live {
				t.Errorf("%d live grants for %d connected accounts", n, live)
			}
			if n := w.count("SELECT count(*) FROM secrets WHERE owner_id LIKE 'gra%'"); n != 2*live {
				t.Errorf("%d secrets for %d connected accounts; want 2 for each", n, live)
			}
		}
	})
}
