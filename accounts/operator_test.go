package accounts_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"mooring/accounts"
	"mooring/diagnosis"
)

// wantOperator wants an account not to work because of something that the
// operator alone can mend, about which the diagnosis has these words.
func (w *world) wantOperator(id, words string) {
	w.t.Helper()
	d := w.wantHealth(id, accounts.Unhealthy, accounts.AppMisconfigured, false).Diagnosis
	if d == nil || d.FixableBy != diagnosis.Operator || d.SuggestedAction != diagnosis.FixConfiguration || !strings.Contains(fmt.Sprint(d.PossibleCauses), words) {
		w.t.Errorf("diagnosis = %s; want the operator to act, about %q", says(d), words)
	}
}

// Accounts whose app is no longer configured are told of once their access token
// has ended, and go on when it is configured again.
func TestAnAppIsGone(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		a, other := w.connect(owner, "twitter"), w.connect(owner, "google_youtube")
		o := w.options
		o.Apps = slices.Clone(o.Apps)
		for i, app := range o.Apps {
			if app.Platform.ID == "twitter" {
				another := *app
				another.ClientID = "another"
				o.Apps[i] = &another
			}
		}
		w.restart(o)
		pass(119 * time.Minute)
		w.wantHealth(a.ID, accounts.Healthy, "", true)
		pass(24 * time.Hour)
		w.wantOperator(a.ID, "no longer configured")
		w.wantHealth(other.ID, accounts.Healthy, "", true)
		_, err := w.Refresh(t.Context(), owner, a.ID, true)
		wantCode(t, "Refresh()", err, accounts.CodeNotReady)
		_, _, asked := w.Validate(t.Context(), owner, a.ID)
		wantCode(t, "Validate()", asked, accounts.CodeNotReady)
		for _, err := range []error{err, asked} {
			if d := expected(t, err).Diagnosis; d == nil || d.FixableBy != diagnosis.Operator {
				t.Errorf("%v is explained by %s; want the operator to act", err, says(d))
			}
		}
		w.wantRequests("twitter", 1)
		w.restart(w.options)
		pass(20 * time.Minute)
		w.wantHealth(a.ID, accounts.Healthy, "", true)
		w.wantRequests("twitter", 2)
		w.wantEvents(a.ID, accounts.Unhealthy, accounts.Healthy)
		w.wantIncidents(0, 0)
	})
}

// Accounts whose tokens are sealed under a key that the ring lacks are told of
// likewise, and go on when it has the key again.
func TestAKeyIsLost(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		w.options.Poll = time.Second // a minute until another ring is read
		w.restart(w.options)
		a := w.connect(owner, "twitter")
		w.exec(0, "CREATE TABLE rings (sealed blob)")
		keep := func() { w.exec(1, "INSERT INTO rings SELECT sealed FROM key_ring") }
		restore := func(nth int) {
			w.exec(1, "UPDATE key_ring SET sealed = (SELECT sealed FROM rings WHERE rowid = ?), version = version + 1", nth)
		}
		keep()
		keeper := w.replica()
		added, err := keeper.AddKey(t.Context())
		if err == nil {
			err = keeper.PromoteKey(t.Context(), added)
		}
		if err == nil {
			_, err = keeper.Reseal(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
		keep()
		restore(1)
		pass(121 * time.Minute)
		w.wantOperator(a.ID, "key")
		w.wantRequests("twitter", 1)
		restore(2)
		pass(20 * time.Minute)
		w.wantHealth(a.ID, accounts.Healthy, "", true)
		w.wantRequests("twitter", 2)
		w.wantEvents(a.ID, accounts.Unhealthy, accounts.Healthy)
		w.wantIncidents(0, 0)
	})
}

// While an app is in trouble one grant at a time is tried, also of those whose
// callers want it. Whatever ends the trouble closes the incident, also one that
// an earlier process opened.
func TestCallersDuringAnIncident(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		var ids []string
		for _, persona := range []string{"ada", "sails", "workshop"} {
			ids = append(ids, w.connect(owner, "google_youtube", "persona", persona).ID)
		}
		ask := func() (refreshed int) {
			var mu sync.Mutex
			var callers sync.WaitGroup
			for _, id := range ids {
				callers.Go(func() {
					if _, err := w.Refresh(t.Context(), owner, id, true); err == nil {
						mu.Lock()
						defer mu.Unlock()
						refreshed++
					}
				})
			}
			callers.Wait()
			return refreshed
		}
		w.fault(`{"platform":"google_youtube","endpoint":"token","times":-1,"delayMs":2000,"status":401,"body":{"error":"invalid_client"}}`)
		if _, err := w.Refresh(t.Context(), owner, ids[0], true); err == nil {
			t.Fatal("Refresh() of a refused app = nil")
		}
		w.wantIncidents(1, 0)
		alone := func() { w.exec(3, "UPDATE refreshes SET due_at = ?", time.Now().Add(day).UnixMilli()) } // the sweep has nothing to do
		alone()
		pass(16 * time.Second)
		n := w.requests("google_youtube", "token")
		if got := ask(); got != 0 || w.requests("google_youtube", "token") != n+1 {
			t.Errorf("%d of three callers got tokens by %d requests; want none, by one trial", got, w.requests("google_youtube", "token")-n)
		}
		alone()
		pass(31 * time.Second)
		w.mend()
		w.restart(w.options)
		if _, err := w.Refresh(t.Context(), owner, ids[1], true); err != nil {
			t.Errorf("Refresh() after the trouble = %v", err)
		}
		w.wantIncidents(1, 1)
		if got := ask(); got != 3 {
			t.Errorf("%d of three callers got tokens after the trouble; want all", got)
		}
	})
}

// An incident is everybody's: what the platform said of one account is not told
// to others.
func TestAnIncidentNamesNobody(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		a := w.connect(owner, "google_youtube")
		w.fault(`{"platform":"google_youtube","endpoint":"token","times":-1,"status":418,"body":{"error":"strange","error_description":"planted-words of ada@example.com","note":"planted-words"}}`)
		pass(time.Until(a.Health.NextRefreshAt) + 15*time.Minute)
		w.wantIncidents(1, 0)
		o, err := w.Overview(t.Context(), mallory)
		if err != nil || len(o.Incidents) != 1 || len(o.Incidents[0].Diagnosis.PossibleCauses) == 0 {
			t.Fatalf("Overview() of another workspace = %+v, %v; want the incident, explained", o, err)
		}
		if told := fmt.Sprintf("%+v", o.Incidents[0].Diagnosis); strings.Contains(told, "planted") {
			t.Errorf("the incident is explained by %s; want nothing of what was said of one account", told)
		}
		if d := w.account(owner, a.ID).Diagnosis; d == nil || !strings.Contains(says(d), "planted") {
			t.Errorf("the account is explained by %s; want the platform's words", says(d))
		}
	})
}

// What is said of an account fits the reason for which it does not work, also
// where something else was the matter when it was tried itself.
func TestTheReasonIsExplained(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		a, other := w.connect(owner, "google_youtube"), w.connect(owner, "google_youtube", "persona", "sails")
		w.fault(`{"platform":"google_youtube","endpoint":"token","status":503}`)
		_, err := w.Refresh(t.Context(), owner, a.ID, true)
		wantCode(t, "Refresh() during an outage", err, accounts.CodeUnavailable)
		w.fault(`{"platform":"google_youtube","endpoint":"token","times":-1,"status":401,"body":{"error":"invalid_client"}}`)
		_, err = w.Refresh(t.Context(), owner, other.ID, true)
		wantCode(t, "Refresh() of a refused app", err, accounts.CodeRefused)
		w.exec(1, "UPDATE apps SET paused_until = ? WHERE platform = 'google_youtube'", time.Now().Add(2*time.Hour).UnixMilli()) // no trial is made
		pass(time.Hour)
		w.wantOperator(a.ID, "credentials")
		w.wantOperator(other.ID, "client")
	})
}

// Instagram renews no token before it is a day old, whoever wants it.
func TestNoYoungTokenIsRenewed(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		a := w.byInstagram()
		pass(day - time.Second)
		refuse := func() {
			w.fault(`{"platform":"meta_instagram","endpoint":"profile","status":400,"body":{"error":{"message":"Session key invalid","type":"OAuthException","code":452}}}`)
		}
		refuse()
		if _, v, err := w.Validate(t.Context(), owner, a.ID); err != nil || *v.IsValid {
			t.Errorf("Validate() of a token that is refused = %+v, %v; want it invalid", v, err)
		}
		refuse()
		_, err := w.CheckHealth(t.Context(), owner, a.ID)
		wantCode(t, "CheckHealth() of a token that is refused", err, accounts.CodeRefused)
		w.lease(a.ID, 90*day)
		_, err = w.Refresh(t.Context(), owner, a.ID, true)
		wantCode(t, "Refresh() of a young token", err, accounts.CodeTooYoung)
		e := expected(t, err)
		if ripe := a.Health.AccessTokenExpiresAt.Add(-59 * day).UTC().Format(time.RFC3339); !strings.Contains(e.Message, ripe) || e.Diagnosis == nil || e.Diagnosis.SuggestedAction != diagnosis.Wait {
			t.Errorf("Refresh() of a young token = %q, %s; want to be told to wait until %s", e.Message, says(e.Diagnosis), ripe)
		}
		if n := w.requests("meta_instagram", "refresh"); n != 0 {
			t.Errorf("%d requests to renew a young token; want none", n)
		}
		pass(time.Second)
		if _, err := w.Refresh(t.Context(), owner, a.ID, true); err != nil {
			t.Errorf("Refresh() of a token of a day = %v", err)
		}
		if n := w.requests("meta_instagram", "refresh"); n != 1 {
			t.Errorf("%d requests to renew a token of a day; want one", n)
		}
	})
}
