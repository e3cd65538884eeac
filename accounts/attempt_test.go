package accounts_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"mooring/accounts"
	"mooring/auth"
	"mooring/diagnosis"
)

// Nobody does anything: attempts end at their time, with an event.
func TestAttemptsEndByThemselves(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, migrated.SQLite(t))
		pending := w.begin(owner, accounts.ConnectRequest{Platform: "twitter"})
		started := w.begin(owner, accounts.ConnectRequest{Platform: "twitter"})
		b := browser{}
		late := w.consent(w.depart(b, started))
		selecting := w.run(w.organizations())
		changes, err := w.AttemptChanges(t.Context(), owner, pending.ID)
		if err != nil {
			t.Fatal(err)
		}
		if first := next(t, changes); first.Status != accounts.AttemptPending {
			t.Errorf("stream begins with %s; want PENDING", first.Status)
		}
		status := func(id string) accounts.AttemptStatus {
			synctest.Wait()
			a, err := w.Attempt(t.Context(), owner, id)
			if err != nil {
				t.Fatal(err)
			}
			return a.Status
		}

		<-time.After(time.Until(pending.ExpiresAt) - time.Millisecond)
		if got := status(pending.ID); got != accounts.AttemptPending {
			t.Errorf("a millisecond before its end the attempt is %s; want PENDING", got)
		}
		<-time.After(time.Second)
		for _, id := range []string{pending.ID, started.ID} {
			if got := status(id); got != accounts.AttemptTooLate {
				t.Errorf("after its end the attempt is %s; want EXPIRED", got)
			}
		}
		if got, err := w.back(b, started, late); err != nil || got.Status != accounts.AttemptTooLate || got.Diagnosis == nil {
			t.Errorf("an answer that comes too late = %+v, %v; want the attempt, EXPIRED", got, err)
		}
		last := next(t, changes)
		if last.Status != accounts.AttemptTooLate || last.Diagnosis == nil || last.Diagnosis.IssueType == diagnosis.Unknown {
			t.Errorf("stream ends with %s, %s; want EXPIRED", last.Status, says(last.Diagnosis))
		}
		if _, open := <-changes; open {
			t.Error("the stream goes on after the attempt's end; want it closed")
		}

		if got := status(selecting.ID); got != accounts.AttemptSelecting {
			t.Errorf("after ten minutes the choice is %s; want AWAITING_SELECTION for an hour", got)
		}
		<-time.After(time.Until(selecting.ExpiresAt))
		if got := status(selecting.ID); got != accounts.AttemptTooLate {
			t.Errorf("after its hour the choice is %s; want EXPIRED", got)
		}
		if n := w.count("SELECT count(*) FROM secrets WHERE owner_id LIKE 'att%'"); n != 0 {
			t.Errorf("%d secrets of expired attempts are kept; want none", n)
		}
		if n := w.count("SELECT count(*) FROM events WHERE type = 'ATTEMPT_EXPIRED'"); n != 3 {
			t.Errorf("%d ATTEMPT_EXPIRED; want one for each of 3", n)
		}
		if n := w.count("SELECT count(*) FROM due"); n != 0 {
			t.Errorf("%d things are still due; want none", n)
		}
	})
}

// An exchange that never ends, as when the server dies in it, fails the attempt;
// an answer that comes after all changes nothing any more.
func TestAnInterruptedExchangeFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, migrated.SQLite(t))
		b, attempt := browser{}, w.begin(owner, accounts.ConnectRequest{Platform: "linkedin"})
		query := w.consent(w.depart(b, attempt), "persona", "tomas")
		w.wire.on(func(path string) {
			if strings.HasSuffix(path, "/userinfo") {
				<-time.After(3 * time.Minute)
			}
		})
		returned := make(chan *accounts.Attempt)
		go func() {
			got, err := w.back(b, attempt, query)
			if err != nil {
				t.Errorf("Return() = %v", err)
			}
			returned <- got
		}()
		<-time.After(121 * time.Second)
		synctest.Wait()
		got, err := w.Attempt(t.Context(), owner, attempt.ID)
		if err != nil || got.Status != accounts.AttemptBroken || got.Diagnosis.Evidence[0].Value != diagnosis.CodeInterrupted {
			t.Errorf("after two minutes the attempt is %s, %s, %v; want FAILED, interrupted", got.Status, says(got.Diagnosis), err)
		}
		before := w.dump("accounts", "grants", "secrets", "attempts", "events", "due")
		if late := <-returned; late != nil && late.Status != accounts.AttemptBroken {
			t.Errorf("the late answer says %s; want FAILED", late.Status)
		}
		wantSame(t, "the late answer", w.dump("accounts", "grants", "secrets", "attempts", "events", "due"), before)
	})
}

// The same on both databases, by a server that was down at the time.
func TestAttemptsThatEndedWhileNobodyRan(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		pending := w.begin(owner, accounts.ConnectRequest{Platform: "twitter"})
		consumed := w.begin(owner, accounts.ConnectRequest{Platform: "twitter"})
		past := time.Now().Add(-time.Minute).UnixMilli()
		w.exec(1, "UPDATE attempts SET consumed_at = ? WHERE id = ?", past, consumed.ID)
		w.exec(2, "UPDATE attempts SET expires_at = ?", past)
		w.exec(2, "UPDATE due SET due_at = ?", past)
		s := w.replica()
		for id, want := range map[string]accounts.AttemptStatus{pending.ID: accounts.AttemptTooLate, consumed.ID: accounts.AttemptBroken} {
			changes, err := s.AttemptChanges(t.Context(), owner, id)
			if err != nil {
				t.Fatal(err)
			}
			if got := until(t, changes, func(a *accounts.Attempt) bool { return a == nil || a.Status.Ended() }); got.Status != want {
				t.Errorf("attempt is %s; want %s", got.Status, want)
			}
		}
	})
}

// wantUnfinished compares what an actor has begun and nobody finished with the ids of
// attempts and then of bulk connects.
func (w *world) wantUnfinished(by auth.Actor, want ...string) {
	w.t.Helper()
	attempts, err := w.UnfinishedAttempts(w.t.Context(), by)
	if err != nil {
		w.t.Fatal(err)
	}
	bulks, err := w.UnfinishedBulkConnects(w.t.Context(), by)
	if err != nil {
		w.t.Fatal(err)
	}
	var got []string
	for _, a := range attempts {
		got = append(got, a.ID)
	}
	for _, b := range bulks {
		got = append(got, b.ID)
	}
	if !slices.Equal(got, want) {
		w.t.Errorf("unfinished of %s in %s = %v; want %v", by.User, by.Workspace, got, want)
	}
}

func TestCancelConnect(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		b, pending := browser{}, w.begin(owner, accounts.ConnectRequest{Platform: "twitter"})
		query := w.consent(w.depart(b, pending))
		choosing := w.run(w.organizations())
		w.wantUnfinished(owner, choosing.ID, pending.ID)
		w.wantUnfinished(viewer)
		w.wantUnfinished(auth.Actor{User: owner.User, Workspace: mallory.Workspace})
		for _, a := range []*accounts.Attempt{pending, choosing} {
			got, err := w.CancelConnect(t.Context(), owner, a.ID)
			if err != nil || got.Status != accounts.AttemptGivenUp || got.AuthorizationURL != nil || len(got.Candidates) != 0 {
				t.Errorf("CancelConnect() of one %s = %+v, %v; want CANCELLED", a.Status, got, err)
			}
			_, err = w.CancelConnect(t.Context(), owner, a.ID)
			wantCode(t, "CancelConnect() once more", err, accounts.CodeWrongState)
			_, err = w.CompleteConnect(t.Context(), owner, a.ID, []string{"70931"})
			wantCode(t, "CompleteConnect() of a cancelled attempt", err, accounts.CodeWrongState)
		}
		w.wantUnfinished(owner)
		if n := w.count("SELECT count(*) FROM secrets WHERE owner_id LIKE 'att%'"); n != 0 {
			t.Errorf("%d secrets of cancelled attempts are kept; want none", n)
		}
		asked := w.requests("twitter", "token")
		if got, err := w.back(b, pending, query); err != nil || got.Status != accounts.AttemptGivenUp {
			t.Errorf("coming back to a cancelled attempt = %+v, %v; want CANCELLED", got, err)
		}
		if n := w.requests("twitter", "token"); n != asked {
			t.Error("the code of a cancelled attempt was exchanged")
		}
		done := w.connect(owner, "twitter")
		if n := w.count("SELECT count(*) FROM accounts"); n != 1 {
			t.Errorf("%d accounts; want 1", n)
		}
		attempt := w.events(accounts.AttemptCompleted, accounts.EventFilter{})
		_, err := w.CancelConnect(t.Context(), owner, *attempt[len(attempt)-1].AttemptID)
		wantCode(t, "CancelConnect() of a completed attempt", err, accounts.CodeWrongState)
		if a := w.account(owner, done.ID); a.Health.Status != accounts.Healthy {
			t.Errorf("the account is then %s; want HEALTHY", a.Health.Status)
		}
	})
}

// A cancelled attempt whose exchange is under way stays cancelled, and what the
// platform issued is forgotten.
func TestCancelDuringTheExchange(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		b, attempt := browser{}, w.begin(owner, accounts.ConnectRequest{Platform: "twitter"})
		query := w.consent(w.depart(b, attempt))
		before := w.dump("accounts", "grants")
		w.wire.on(func(path string) {
			if strings.HasSuffix(path, "/token") {
				if _, err := w.CancelConnect(t.Context(), owner, attempt.ID); err != nil {
					t.Errorf("CancelConnect() = %v", err)
				}
			}
		})
		if got, err := w.back(b, attempt, query); err != nil || got.Status != accounts.AttemptGivenUp {
			t.Errorf("Return() = %+v, %v; want CANCELLED", got, err)
		}
		wantSame(t, "the cancelled attempt", w.dump("accounts", "grants"), before)
		if n := w.count("SELECT count(*) FROM secrets WHERE owner_id LIKE 'att%'"); n != 0 {
			t.Errorf("%d secrets of the cancelled attempt are kept; want none", n)
		}
	})
}

// The state that a browser brings dies the moment the same browser starts
// again, even between being read and being used.
func TestAStateReplacedMeanwhileIsDead(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		b, attempt := browser{}, w.begin(owner, accounts.ConnectRequest{Platform: "twitter"})
		query := w.consent(w.depart(b, attempt))
		var fresh string
		got, err := w.Return(t.Context(), accounts.Callback{Path: "twitter", Query: query, Browser: func(id string) string {
			fresh = w.depart(b, attempt)
			return b[id]
		}})
		if err == nil {
			t.Fatalf("Return() with a replaced state = %s; want an error", got.Status)
		}
		expected(t, err)
		if n := w.requests("twitter", "token"); n != 0 {
			t.Error("the code was exchanged")
		}
		if got, err := w.back(b, attempt, w.consent(fresh)); err != nil || got.Status != accounts.AttemptDone {
			t.Errorf("Return() with the fresh state = %+v, %v; want COMPLETED", got, err)
		}
	})
}

func TestScopesAreTheLeastThatTheCapabilitiesNeed(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		for _, test := range []struct {
			in   accounts.ConnectRequest
			want []string
		}{
			{accounts.ConnectRequest{Platform: "linkedin"}, []string{"openid", "profile", "w_member_social"}},
			{accounts.ConnectRequest{Platform: "linkedin", Capabilities: capabilities("READ_PROFILE")}, []string{"openid", "profile"}},
			{accounts.ConnectRequest{Platform: "linkedin", Capabilities: capabilities("ORGANIZATIONS")}, []string{"openid", "profile", "r_organization_admin", "w_organization_social"}},
			{accounts.ConnectRequest{Platform: "linkedin", Capabilities: capabilities("READ_PROFILE"), Scopes: []string{"email", "openid"}}, []string{"openid", "profile", "email"}},
			{accounts.ConnectRequest{Platform: "twitter"}, []string{"users.read", "tweet.read", "offline.access", "tweet.write", "media.write"}},
			{accounts.ConnectRequest{Platform: "twitter", Capabilities: capabilities("READ_PROFILE")}, []string{"users.read", "tweet.read", "offline.access"}},
		} {
			if got := w.begin(owner, test.in).Scopes; !slices.Equal(got, test.want) {
				t.Errorf("Connect(%s %v %v) asks for %v; want %v", test.in.Platform, test.in.Capabilities, test.in.Scopes, got, test.want)
			}
		}
		// A reconnect never asks for less than there is.
		a := w.account(owner, w.run(w.begin(owner, accounts.ConnectRequest{Platform: "linkedin", Scopes: []string{"email"}}), "persona", "tomas").AccountIDs[0])
		got := w.begin(owner, accounts.ConnectRequest{Platform: "linkedin", AccountID: &a.ID, Capabilities: capabilities("READ_PROFILE")}).Scopes
		if want := []string{"openid", "profile", "w_member_social", "email"}; !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))) {
			t.Errorf("a reconnect asks for %v; want %v", got, want)
		}
	})
}
