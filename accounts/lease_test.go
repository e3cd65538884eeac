package accounts_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"mooring/accounts"
	"mooring/auth"
	"mooring/diagnosis"
)

// publisher is a back end with its scopes, and stranger one of another
// workspace.
var (
	publisher = auth.Actor{User: "key:1", Workspace: "acme", Role: auth.RoleService, Scopes: []auth.Permission{auth.Read, auth.Lease}}
	stranger  = auth.Actor{User: "key:2", Workspace: "evil", Role: auth.RoleService, Scopes: []auth.Permission{auth.Read, auth.Lease}}
)

// lease borrows a token that must be lent, with these warnings.
func (w *world) lease(id string, ttl time.Duration, warnings ...string) *accounts.Lease {
	w.t.Helper()
	_, l, err := w.Lease(w.t.Context(), publisher, accounts.LeaseRequest{AccountID: id, MinTTL: ttl})
	if err != nil {
		w.t.Fatalf("Lease(%s, %s) = %v; want a token", id, ttl, err)
	}
	var got []string
	for _, warning := range l.Warnings {
		got = append(got, warning.Code)
	}
	if !slices.Equal(got, warnings) || !slices.Contains(w.wire.seen(), l.AccessToken.Reveal()) || !strings.HasPrefix(l.ID, "lea_") {
		w.t.Errorf("Lease(%s, %s) = %+v; want a token that the platform issued, with warnings %v", id, ttl, l, warnings)
	}
	return l
}

// wantRefused wants no token to be lent, for a reason that the answer tells.
func (w *world) wantRefused(id string, code accounts.Code) *accounts.Error {
	w.t.Helper()
	a, l, err := w.Lease(w.t.Context(), publisher, accounts.LeaseRequest{AccountID: id})
	wantCode(w.t, "Lease()", err, code)
	if a == nil || l != nil {
		w.t.Errorf("a refused Lease() = %v, %v; want the account alone", a, l)
	}
	return expected(w.t, err)
}

// A token is lent as it is while it lasts, and otherwise renewed first. What is
// asked for beyond half of its life is not heeded.
func TestLease(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		a := w.connect(owner, "twitter")
		first := w.lease(a.ID, time.Hour)
		if !first.ExpiresAt.Equal(a.Health.AccessTokenExpiresAt) || first.AccountExternalID != a.ExternalID || !first.AppSecretProof.IsZero() {
			t.Errorf("Lease() = %+v; want what is known of %+v", first, a)
		}
		pass(time.Hour)
		w.lease(a.ID, 30*24*time.Hour)
		w.wantRequests("twitter", 1)
		pass(time.Minute)
		w.lease(a.ID, 59*time.Minute)
		w.wantRequests("twitter", 1)
		second := w.lease(a.ID, 30*24*time.Hour)
		w.wantRequests("twitter", 2)
		if second.AccessToken.Equal(first.AccessToken) || time.Until(second.ExpiresAt) < 119*time.Minute || second.ID == first.ID {
			t.Errorf("Lease() after a refresh = %+v; want another token for two hours", second)
		}
		if again := w.lease(a.ID, time.Minute); again.ID != second.ID || !again.AccessToken.Equal(second.AccessToken) {
			t.Errorf("Lease() within the same minute = %+v; want %+v", again, second)
		}
		w.wantEvents(a.ID)
	})
}

// Those who need a fresh token at once share one refresh, and it is one request
// even for those who come while its outcome is being stored.
func TestLeasesShareARefresh(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		a := w.connect(owner, "twitter")
		pass(80 * time.Minute)
		w.fault(`{"platform":"twitter","endpoint":"token","delayMs":3000}`)
		var mu sync.Mutex
		lent := map[string]bool{}
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				l := w.lease(a.ID, time.Hour)
				mu.Lock()
				defer mu.Unlock()
				lent[l.AccessToken.Reveal()] = true
			})
		}
		wg.Wait()
		if len(lent) != 1 {
			t.Errorf("%d tokens were lent; want one", len(lent))
		}
		w.wantRequests("twitter", 2)
	})
}

// A token that cannot be renewed is lent for as long as it lives. However often
// that is tried, the platform is asked as often as without.
func TestLeaseWhileThePlatformIsDown(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		a := w.connect(owner, "google_youtube")
		pass(40 * time.Minute)
		w.fault(`{"preset":"outage","platform":"google_youtube","endpoint":"token"}`)
		l := w.lease(a.ID, 30*time.Minute, accounts.WarnShort)
		if m := l.Warnings[0].Message; !strings.Contains(m, "19 minutes") && !strings.Contains(m, "20 minutes") {
			t.Errorf("warning %q; want how long it lives", m)
		}
		w.wantRequests("google_youtube", 2)
		for range 50 {
			w.lease(a.ID, 30*time.Minute, accounts.WarnShort)
		}
		w.wantRequests("google_youtube", 2)
		pass(30 * time.Minute)
		n := w.requests("google_youtube", "token")
		for range 50 {
			if e := w.wantRefused(a.ID, accounts.CodeUnavailable); e.Diagnosis == nil || !e.Diagnosis.Transient {
				t.Fatalf("refused with %s; want a diagnosis that it passes", says(e.Diagnosis))
			}
		}
		w.wantRequests("google_youtube", n)
		w.mend()
		pass(20 * time.Minute)
		w.lease(a.ID, time.Minute)
		w.wantHealth(a.ID, accounts.Healthy, "", true)
	})
}

// A lease does not wait for a platform that hangs longer than a refresh may
// take.
func TestLeaseDoesNotHang(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		a := w.connect(owner, "twitter")
		pass(80 * time.Minute)
		w.exec(1, "UPDATE refreshes SET owner = 'rep_other', due_at = ?", time.Now().Add(time.Hour).UnixMilli())
		began := time.Now()
		w.lease(a.ID, time.Hour, accounts.WarnShort)
		if took := time.Since(began); took > time.Minute {
			t.Errorf("Lease() took %s while another replica was at it", took)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, l, err := w.Lease(ctx, publisher, accounts.LeaseRequest{AccountID: a.ID, MinTTL: time.Hour}); l != nil || err == nil {
			t.Errorf("Lease() of a caller who left = %v, %v; want the context's end", l, err)
		}
	})
}

// An account that can no longer be renewed is lent until its token ends.
func TestLeaseOfADeadGrant(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		a := w.connect(owner, "twitter")
		w.revokeRefresh(a)
		w.wantHealth(a.ID, accounts.Unhealthy, accounts.RefreshDead, true)
		n := w.requests("twitter", "")
		l := w.lease(a.ID, time.Hour, string(accounts.RefreshDead))
		if !strings.Contains(l.Warnings[0].Message, "hour") {
			t.Errorf("warning %q; want how long it lives", l.Warnings[0].Message)
		}
		pass(119 * time.Minute)
		w.lease(a.ID, time.Hour, string(accounts.RefreshDead))
		pass(2 * time.Minute)
		if e := w.wantRefused(a.ID, accounts.CodeWrongState); e.Diagnosis == nil || e.Diagnosis.SuggestedAction != diagnosis.Reconnect {
			t.Errorf("refused with %s; want the advice to reconnect", says(e.Diagnosis))
		}
		if got := w.requests("twitter", ""); got != n {
			t.Errorf("%d requests to the platform; want none", got-n)
		}
	})
}

// revokeRefresh makes the platform forget an account's grant, and lets Mooring
// find out by a refresh.
func (w *world) revokeRefresh(a *accounts.Account) {
	w.t.Helper()
	w.revokeAll()
	_, err := w.Refresh(w.t.Context(), owner, a.ID, true)
	wantCode(w.t, "Refresh()", err, accounts.CodeRefused)
}

// What cannot work is refused without a word to the platform.
func TestLeaseRefusals(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		gone := w.connect(owner, "linkedin")
		if _, err := w.Disconnect(t.Context(), owner, gone.ID); err != nil {
			t.Fatal(err)
		}
		expired := w.connect(owner, "linkedin", "refresh", "no")
		paused := w.connect(owner, "tiktok")
		if _, err := w.Pause(t.Context(), owner, paused.ID, nil); err != nil {
			t.Fatal(err)
		}
		lost := w.connect(owner, "pinterest")
		w.exec(2, "DELETE FROM secrets WHERE owner_id = (SELECT grant_id FROM accounts WHERE id = ?)", lost.ID)
		condemned := w.connect(owner, "google_youtube")
		w.exec(1, "UPDATE accounts SET verdict = 'NOT_GRANTED' WHERE id = ?", condemned.ID)
		w.exec(1, "UPDATE accounts SET access_expires_at = 1, expires_at = 1 WHERE id = ?", expired.ID)
		platforms := []string{"linkedin", "tiktok", "pinterest", "google_youtube"}
		asked := func() (n int) {
			for _, p := range platforms {
				n += w.requests(p, "")
			}
			return n
		}
		before := asked()
		for _, test := range []struct {
			name, id string
			code     accounts.Code
			advice   diagnosis.Action
		}{
			{"disconnected", gone.ID, accounts.CodeWrongState, diagnosis.Reconnect},
			{"expired", expired.ID, accounts.CodeWrongState, diagnosis.Reconnect},
			{"not granted", condemned.ID, accounts.CodeWrongState, diagnosis.Reconnect},
			{"without tokens", lost.ID, accounts.CodeWrongState, diagnosis.Reconnect},
			{"paused", paused.ID, accounts.CodePaused, diagnosis.NoAction},
		} {
			e := w.wantRefused(test.id, test.code)
			if e.Diagnosis == nil || e.Diagnosis.SuggestedAction != test.advice {
				t.Errorf("%s: refused with %q, %s; want the advice %q", test.name, e.Message, says(e.Diagnosis), test.advice)
			}
		}
		if got := asked(); got != before {
			t.Errorf("%d requests to platforms; want none", got-before)
		}
		if n := w.count("SELECT count(*) FROM activity WHERE kind = 'TOKEN_LEASED'"); n != 0 {
			t.Errorf("%d rows of activity; want none for what was not lent", n)
		}
		for _, in := range []accounts.LeaseRequest{
			{AccountID: paused.ID, MinTTL: -time.Second}, {AccountID: paused.ID, Reason: ptr(strings.Repeat("a", 257))}, {AccountID: paused.ID, Reason: ptr("\x00")},
		} {
			_, _, err := w.Lease(t.Context(), publisher, in)
			wantCode(t, fmt.Sprintf("Lease(%+v)", in), err, accounts.CodeInvalid)
		}
		_, _, err := w.Lease(t.Context(), stranger, accounts.LeaseRequest{AccountID: paused.ID})
		wantCode(t, "Lease() of a stranger", err, accounts.CodeNotFound)
	})
}

// A Page lends its own token, with the proof that Meta wants beside it.
func TestLeaseOfAPage(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		attempt := w.run(w.begin(owner, accounts.ConnectRequest{Platform: "meta_facebook"}), "persona", "greta")
		var ids []string
		for _, c := range attempt.Candidates {
			ids = append(ids, c.ExternalID)
		}
		done, err := w.CompleteConnect(t.Context(), owner, attempt.ID, ids)
		if err != nil {
			t.Fatal(err)
		}
		tokens := map[string]bool{}
		for _, id := range done.AccountIDs {
			_, l, err := w.Lease(t.Context(), publisher, accounts.LeaseRequest{AccountID: id, MinTTL: time.Hour})
			if err != nil {
				t.Fatal(err)
			}
			tokens[l.AccessToken.Reveal()] = true
			if !l.ExpiresAt.IsZero() || len(l.Warnings) != 0 || slices.Contains(w.wire.seen(), l.AccessToken.Reveal()) {
				t.Errorf("Lease() = %+v; want the Page's own token, which has no end", l)
			}
			mac := hmac.New(sha256.New, []byte(w.secret("meta_facebook")))
			mac.Write([]byte(l.AccessToken.Reveal()))
			if got, want := l.AppSecretProof.Reveal(), hex.EncodeToString(mac.Sum(nil)); got != want {
				t.Errorf("appSecretProof of %s = %s; want %s", id, got, want)
			}
		}
		if len(tokens) != len(ids) {
			t.Errorf("%d tokens for %d Pages", len(tokens), len(ids))
		}
	})
}

// secret is the secret of a platform's app.
func (w *world) secret(platform string) string {
	for _, app := range w.options.Apps {
		if app.Platform.ID == platform {
			return app.ClientSecret.Reveal()
		}
	}
	return ""
}

// Leases are counted by caller and minute, refreshes by day, and read back the
// latest first; what is old goes.
func TestActivity(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		a := w.connect(owner, "twitter")
		other := w.connect(owner, "twitter", "persona", "mika")
		borrow := func(by auth.Actor, id, reason string) {
			t.Helper()
			if _, _, err := w.Lease(t.Context(), by, accounts.LeaseRequest{AccountID: id, Reason: &reason}); err != nil {
				t.Fatal(err)
			}
		}
		for range 3 {
			borrow(publisher, a.ID, "post 1")
		}
		w.exec(1, "UPDATE activity SET began_at = began_at - 60000, last_at = last_at - 60000")
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() { borrow(publisher, a.ID, "post 2") })
		}
		all.Wait()
		borrow(owner, a.ID, "look")
		borrow(publisher, other.ID, "elsewhere")
		if _, err := w.Refresh(t.Context(), owner, a.ID, true); err != nil {
			t.Fatal(err)
		}
		var got []string
		var after *string
		for {
			page, err := w.Activity(t.Context(), owner, a, ptr(2), after)
			if err != nil {
				t.Fatal(err)
			}
			for _, act := range page.Activities {
				actor, reason := "", ""
				if act.Actor != nil {
					actor = *act.Actor
				}
				if act.Reason != nil {
					reason = *act.Reason
				}
				got = append(got, fmt.Sprint(act.Kind, " ", actor, " ", act.Count, " ", reason))
				if act.LastAt.Before(act.From) || time.Since(act.LastAt) > 2*time.Minute {
					t.Errorf("%+v; want it of now", act)
				}
			}
			if !page.HasNext {
				break
			}
			after = &page.Cursors[len(page.Cursors)-1]
		}
		slices.Sort(got)
		want := []string{"TOKEN_LEASED key:1 3 post 1", "TOKEN_LEASED olive 1 look", "TOKEN_REFRESHED  1 ", "TOKEN_REFRESHED olive 1 "}
		// The ten may have met the end of a minute.
		ten := slices.DeleteFunc(slices.Clone(got), func(s string) bool { return !strings.HasSuffix(s, "post 2") })
		got = slices.DeleteFunc(got, func(s string) bool { return strings.HasSuffix(s, "post 2") })
		total := 0
		for _, row := range ten {
			var n int
			fmt.Sscanf(row, "TOKEN_LEASED key:1 %d", &n)
			total += n
		}
		if !slices.Equal(got, want) || total != 10 {
			t.Errorf("activity = %q, %q; want %q and ten leases", got, ten, want)
		}
		if page, err := w.Activity(t.Context(), mallory, a, nil, nil); err != nil || len(page.Activities) != 0 {
			t.Errorf("Activity() elsewhere = %v, %v; want none", page, err)
		}
		for _, cursor := range []string{"x", "", "e30", "WzEsMiwzXQ"} {
			_, err := w.Activity(t.Context(), owner, a, nil, &cursor)
			wantCode(t, "Activity() after "+cursor, err, accounts.CodeInvalid)
		}
	})
}

// Nobody makes up the id of a lease, or uses one of another workspace.
func TestLeaseIDs(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		a := w.connect(owner, "twitter")
		_, l, err := w.Lease(t.Context(), publisher, accounts.LeaseRequest{AccountID: a.ID})
		if err != nil {
			t.Fatal(err)
		}
		turned := []byte(l.ID)
		turned[len(turned)-2] ^= 1
		before := w.dump("accounts", "grants", "activity", "events")
		for _, id := range []string{"", "lea_", "lea_AAAA", string(turned), l.ID + "A", l.ID[4:], a.ID, "lea_" + strings.Repeat("A", 10_000)} {
			_, err := w.ReportFailure(t.Context(), publisher, accounts.FailureReport{LeaseID: id, HTTPStatus: http.StatusUnauthorized})
			wantCode(t, "ReportFailure()", err, accounts.CodeNotFound)
		}
		_, err = w.ReportFailure(t.Context(), stranger, accounts.FailureReport{LeaseID: l.ID, HTTPStatus: http.StatusUnauthorized})
		foreign := expected(t, err)
		_, err = w.ReportFailure(t.Context(), stranger, accounts.FailureReport{LeaseID: string(turned), HTTPStatus: http.StatusUnauthorized})
		if made := expected(t, err); strings.ReplaceAll(foreign.Message, l.ID, "") != strings.ReplaceAll(made.Message, string(turned), "") || foreign.Code != made.Code {
			t.Errorf("a foreign lease answers %+v, one made up %+v; want the same", foreign, made)
		}
		wantSame(t, "a lease that is none", w.dump("accounts", "grants", "activity", "events"), before)
	})
}

// Once a refresh has failed, leases leave the next one to the sweep.
func TestLeasesDoNotInsist(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		a := w.connect(owner, "google_youtube")
		w.exec(1, "UPDATE accounts SET access_issued_at = 1, access_expires_at = ? WHERE id = ?", time.Now().Add(time.Minute).UnixMilli(), a.ID)
		w.control("POST", "faults", `{"preset":"outage","platform":"google_youtube","endpoint":"token"}`, nil)
		for range 5 {
			_, l, err := w.Lease(t.Context(), publisher, accounts.LeaseRequest{AccountID: a.ID, MinTTL: time.Hour})
			if err != nil || len(l.Warnings) != 1 || l.Warnings[0].Code != accounts.WarnShort {
				t.Errorf("Lease() = %+v, %v; want a token with a warning", l, err)
			}
		}
		w.wantRequests("google_youtube", 2)
	})
}

// Whatever is done to one account at once, nothing waits for itself.
func TestEverythingAtOnce(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		done, err := w.CompleteConnect(t.Context(), owner, w.run(w.organizations()).ID, []string{"70931", "70932"})
		if err != nil {
			t.Fatal(err)
		}
		services := []*accounts.Service{w.Service, w.Service}
		if w.postgres() {
			services[1] = w.replica()
		}
		var all sync.WaitGroup
		for i, s := range services {
			id := done.AccountIDs[i]
			calls := []func() error{
				func() error { _, err := s.Refresh(t.Context(), owner, id, true); return err },
				func() error {
					_, l, err := s.Lease(t.Context(), publisher, accounts.LeaseRequest{AccountID: id})
					if err != nil {
						return err
					}
					_, err = s.ReportFailure(t.Context(), publisher, unauthorized(l))
					return err
				},
				func() error {
					if _, err := s.Pause(t.Context(), owner, id, nil); err != nil {
						return err
					}
					_, err := s.Resume(t.Context(), owner, id)
					return err
				},
			}
			for _, call := range calls {
				all.Go(func() {
					for range 15 {
						var e *accounts.Error
						if err := call(); err != nil && !errors.As(err, &e) {
							t.Errorf("unexpected error: %v", err)
						}
					}
				})
			}
		}
		all.Wait()
		if log := w.log.String(); strings.Contains(log, "level=ERROR") {
			t.Errorf("the log has an error:\n%s", log)
		}
		for _, id := range done.AccountIDs {
			if _, _, err := w.Lease(t.Context(), publisher, accounts.LeaseRequest{AccountID: id}); err != nil {
				t.Errorf("in the end Lease() = %v", err)
			}
		}
	})
}
