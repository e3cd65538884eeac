package accounts_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"mooring/accounts"
	"mooring/auth"
	"mooring/diagnosis"
)

func TestOneAnswerIsExchangedOnce(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		services := []*accounts.Service{w.Service, w.Service}
		if w.postgres() {
			services[1] = w.replica()
		}
		b, attempt := browser{}, w.begin(owner, accounts.ConnectRequest{Platform: "twitter"})
		query := w.consent(w.depart(b, attempt))
		const calls = 20
		var arrived, all sync.WaitGroup
		arrived.Add(calls)
		w.wire.on(func(path string) {
			if strings.HasSuffix(path, "/token") {
				arrived.Wait() // the exchange lasts until all are here
			}
		})
		got := make([]*accounts.Attempt, calls)
		for i := range calls {
			all.Go(func() {
				arrived.Done()
				var err error
				got[i], err = services[i%2].Return(t.Context(), accounts.Callback{Path: "twitter", Query: query, Browser: b.cookie})
				if err != nil {
					t.Errorf("Return() = %v", err)
				}
			})
		}
		all.Wait()
		if n := w.requests("twitter", "token"); n != 1 {
			t.Errorf("%d exchanges for %d calls; want 1", n, calls)
		}
		for _, a := range got {
			if a != nil && (a.Status != accounts.AttemptDone || !slices.Equal(a.AccountIDs, got[0].AccountIDs)) {
				t.Errorf("one call saw %s %v, another %s %v; want all the same result", a.Status, a.AccountIDs, got[0].Status, got[0].AccountIDs)
			}
		}
	})
}

// What does not belong to an attempt, or not to this browser, is refused with a
// diagnosis and changes nothing, not even the attempt.
func TestForeignAnswersChangeNothing(t *testing.T) {
	everything := append([]string{"attempts", "events", "due"}, lasting...)
	both(t, func(t *testing.T, w *world) {
		b := browser{}
		other := w.begin(owner, accounts.ConnectRequest{Platform: "twitter"})
		w.depart(b, other)
		for _, test := range []struct {
			name string
			rule string // of the diagnosis
			bend func(a *accounts.Attempt, cb *accounts.Callback)
		}{
			{"no state", "own/state-unknown", func(_ *accounts.Attempt, cb *accounts.Callback) { cb.Query.Del("state") }},
			{"unknown state", "own/state-unknown", func(_ *accounts.Attempt, cb *accounts.Callback) { cb.Query.Set("state", strings.Repeat("A", 52)) }},
			{"tampered state", "own/state-unknown", func(_ *accounts.Attempt, cb *accounts.Callback) {
				s := cb.Query.Get("state")
				cb.Query.Set("state", s[:51]+string('A'+(s[51]-'A'+1)%25))
			}},
			{"longer state", "own/state-unknown", func(_ *accounts.Attempt, cb *accounts.Callback) {
				cb.Query.Set("state", cb.Query.Get("state")+"A")
			}},
			{"another platform's callback", "own/state-unknown", func(_ *accounts.Attempt, cb *accounts.Callback) { cb.Path = "linkedin" }},
			{"no cookie", "own/other-browser", func(_ *accounts.Attempt, cb *accounts.Callback) { cb.Browser = browser{}.cookie }},
			{"another browser's cookie", "own/other-browser", func(a *accounts.Attempt, cb *accounts.Callback) {
				cb.Browser = browser{a.ID: strings.Repeat("B", 52)}.cookie
			}},
			{"another attempt's cookie", "own/other-browser", func(_ *accounts.Attempt, cb *accounts.Callback) {
				cb.Browser = func(string) string { return b[other.ID] }
			}},
			{"a denial in another browser", "own/other-browser", func(_ *accounts.Attempt, cb *accounts.Callback) {
				cb.Query.Del("code")
				cb.Query.Set("error", "access_denied")
				cb.Browser = browser{}.cookie
			}},
			{"too late", "own/state-expired", func(a *accounts.Attempt, _ *accounts.Callback) {
				w.exec(1, "UPDATE attempts SET expires_at = ? WHERE id = ?", time.Now().Add(-time.Millisecond).UnixMilli(), a.ID)
			}},
		} {
			attempt := w.begin(owner, accounts.ConnectRequest{Platform: "twitter"})
			cb := accounts.Callback{Path: "twitter", Query: w.consent(w.depart(b, attempt)), Browser: b.cookie}
			good := accounts.Callback{Path: cb.Path, Query: maps.Clone(cb.Query), Browser: cb.Browser}
			test.bend(attempt, &cb)
			before, asked := w.dump(everything...), w.requests("twitter", "token")
			got, err := w.Return(t.Context(), cb)
			if err == nil {
				t.Errorf("%s: Return() = %s; want an error", test.name, got.Status)
				continue
			}
			e := expected(t, err)
			if e.Diagnosis == nil || len(e.Diagnosis.Evidence) == 0 || e.Diagnosis.Evidence[0].Rule != test.rule || e.Diagnosis.IssueType != diagnosis.InvalidState {
				t.Errorf("%s: %s; want %s", test.name, says(e.Diagnosis), test.rule)
			}
			wantSame(t, test.name, w.dump(everything...), before)
			if n := w.requests("twitter", "token"); n != asked {
				t.Errorf("%s: the code was exchanged", test.name)
			}
			if test.name == "too late" {
				continue
			}
			// The rightful answer still works.
			if got, err := w.Return(t.Context(), good); err != nil || got.Status != accounts.AttemptDone {
				t.Errorf("after %q the rightful answer gives %+v, %v; want COMPLETED", test.name, got, err)
			}
		}
	})
}

// Failures at the platform end the attempt with a diagnosis and touch nothing
// else.
func TestFailedAttemptsHaveADiagnosis(t *testing.T) {
	failures := []struct {
		name, platform string
		fault          string
		form           []string
		bend           func(url.Values)
		status         accounts.AttemptStatus
		issue          diagnosis.IssueType
		fixable        diagnosis.FixableBy
	}{
		{name: "denied at X", platform: "twitter", form: []string{"decision", "deny"}, status: accounts.AttemptGivenUp, issue: diagnosis.AccessDenied, fixable: diagnosis.User},
		{name: "denied at LinkedIn", platform: "linkedin", form: []string{"decision", "deny"}, status: accounts.AttemptGivenUp, issue: diagnosis.AccessDenied, fixable: diagnosis.User},
		{name: "left LinkedIn's login", platform: "linkedin", form: []string{"decision", "cancel_login"}, status: accounts.AttemptGivenUp, issue: diagnosis.AccessDenied, fixable: diagnosis.User},
		{name: "an error of the platform", platform: "linkedin", bend: func(q url.Values) { q.Del("code"); q.Set("error", "server_error") }, status: accounts.AttemptBroken, issue: diagnosis.PlatformOutage, fixable: diagnosis.PlatformIt},
		{name: "a scope not allowed", platform: "linkedin", bend: func(q url.Values) { q.Del("code"); q.Set("error", "unauthorized_scope_error") }, status: accounts.AttemptBroken, issue: diagnosis.InvalidScope, fixable: diagnosis.Operator},
		{name: "neither code nor error", platform: "twitter", bend: func(q url.Values) { q.Del("code") }, status: accounts.AttemptBroken, issue: diagnosis.AccessDenied, fixable: diagnosis.User},
		{name: "another issuer", platform: "linkedin", bend: func(q url.Values) { q.Set("iss", "https://evil.example") }, status: accounts.AttemptBroken, issue: diagnosis.InvalidState, fixable: diagnosis.Operator},
		{name: "garbage code at X", platform: "twitter", bend: func(q url.Values) { q.Set("code", "garbage-code-garbage") }, status: accounts.AttemptBroken, issue: diagnosis.InvalidState, fixable: diagnosis.User},
		{name: "garbage code at LinkedIn", platform: "linkedin", bend: func(q url.Values) { q.Set("code", "garbage-code-garbage") }, status: accounts.AttemptBroken, issue: diagnosis.InvalidState, fixable: diagnosis.User},
		{name: "wrong client secret", platform: "linkedin", fault: `{"endpoint":"token","status":401,"body":{"error":"invalid_client"}}`, status: accounts.AttemptBroken, issue: diagnosis.InvalidCredentials, fixable: diagnosis.Operator},
		{name: "rate limit", platform: "twitter", fault: `{"endpoint":"token","retryAfterSeconds":30}`, status: accounts.AttemptBroken, issue: diagnosis.RateLimit, fixable: diagnosis.NobodyWait},
		{name: "the platform is down", platform: "twitter", fault: `{"endpoint":"token","status":503,"body":"<html>over capacity</html>"}`, status: accounts.AttemptBroken, issue: diagnosis.PlatformOutage, fixable: diagnosis.PlatformIt},
		{name: "an answer cut off", platform: "twitter", fault: `{"endpoint":"token","dropAfterRotation":true}`, status: accounts.AttemptBroken, issue: diagnosis.NetworkError, fixable: diagnosis.NobodyWait},
		{name: "time-out", platform: "twitter", fault: `{"endpoint":"token","delayMs":600000}`, status: accounts.AttemptBroken, issue: diagnosis.NetworkError, fixable: diagnosis.NobodyWait},
		{name: "success without a token", platform: "twitter", fault: `{"endpoint":"token","status":200,"body":{"token_type":"bearer"}}`, status: accounts.AttemptBroken, issue: diagnosis.PlatformOutage, fixable: diagnosis.PlatformIt},
		{name: "success in HTML", platform: "twitter", fault: `{"endpoint":"token","status":200,"body":"<html>hello</html>"}`, status: accounts.AttemptBroken, issue: diagnosis.PlatformOutage, fixable: diagnosis.PlatformIt},
		{name: "an access token that is a list", platform: "twitter", fault: `{"endpoint":"token","status":200,"body":{"access_token":[]}}`, status: accounts.AttemptBroken, issue: diagnosis.PlatformOutage, fixable: diagnosis.PlatformIt},
		{name: "credits spent", platform: "twitter", fault: `{"endpoint":"profile","status":402,"body":{"title":"CreditsDepleted","type":"https://api.x.com/2/problems/credits","detail":"no credits"}}`, status: accounts.AttemptBroken, issue: diagnosis.RateLimit, fixable: diagnosis.Operator},
		{name: "the profile is refused", platform: "linkedin", fault: `{"endpoint":"profile","status":403,"body":{"status":403,"serviceErrorCode":100,"code":"ACCESS_DENIED"}}`, status: accounts.AttemptBroken, issue: diagnosis.InsufficientPermissions, fixable: diagnosis.User},
		{name: "the profile is nobody's", platform: "twitter", fault: `{"endpoint":"profile","status":200,"body":{"data":{}}}`, status: accounts.AttemptBroken, issue: diagnosis.PlatformOutage, fixable: diagnosis.PlatformIt},
	}
	both(t, func(t *testing.T, w *world) {
		w.connect(owner, "twitter", "persona", "mika")
		for _, test := range failures {
			if test.fault != "" {
				w.control(http.MethodPost, "faults", test.fault, nil)
			}
			b, attempt := browser{}, w.begin(owner, accounts.ConnectRequest{Platform: test.platform})
			before := w.dump(lasting...)
			query := w.consent(w.depart(b, attempt), test.form...)
			if test.bend != nil {
				test.bend(query)
			}
			for _, app := range w.options.Apps {
				app.HTTP.Timeout = 20 * time.Second
				if strings.Contains(test.fault, "delayMs") {
					app.HTTP.Timeout = 50 * time.Millisecond
				}
			}
			got, err := w.back(b, attempt, query)
			if err != nil {
				t.Errorf("%s: Return() = %v", test.name, err)
				continue
			}
			if got.Status != test.status || len(got.AccountIDs) != 0 || got.AuthorizationURL != nil {
				t.Errorf("%s: attempt is %s with accounts %v; want %s", test.name, got.Status, got.AccountIDs, test.status)
			}
			if d := got.Diagnosis; d == nil || d.IssueType != test.issue || d.FixableBy != test.fixable || len(d.Solutions) == 0 {
				t.Errorf("%s: %s, %+v; want %s for %s", test.name, says(d), d, test.issue, test.fixable)
			}
			wantSame(t, test.name, w.dump(lasting...), before)
			asked := w.requests(test.platform, "token")
			if again, err := w.back(b, attempt, query); err != nil || again.Status != test.status {
				t.Errorf("%s, replayed: %+v, %v; want %s", test.name, again, err, test.status)
			}
			if n := w.requests(test.platform, "token"); n != asked {
				t.Errorf("%s, replayed: exchanged again", test.name)
			}
			if n := w.count("SELECT count(*) FROM due WHERE id = ?", attempt.ID); n != 0 {
				t.Errorf("%s: the attempt is still due", test.name)
			}
			types := map[accounts.AttemptStatus]accounts.EventType{accounts.AttemptGivenUp: accounts.AttemptCancelled, accounts.AttemptBroken: accounts.AttemptFailed}
			if n := w.count("SELECT count(*) FROM events WHERE attempt_id = ? AND type = ? AND issue_type = ?", attempt.ID, types[test.status], test.issue); n != 1 {
				t.Errorf("%s: %d events %s with %s; want one", test.name, n, types[test.status], test.issue)
			}
		}
	})
}

// The platform has issued tokens: whoever gave up waiting, they are stored.
func TestABrowserThatLeavesDoesNotLoseTheTokens(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		b, attempt := browser{}, w.begin(owner, accounts.ConnectRequest{Platform: "twitter"})
		query := w.consent(w.depart(b, attempt))
		ctx, leave := context.WithCancel(t.Context())
		w.wire.on(func(path string) {
			if strings.HasSuffix(path, "/token") {
				leave()
			}
		})
		got, err := w.Return(ctx, accounts.Callback{Path: "twitter", Query: query, Browser: b.cookie})
		if err != nil || got.Status != accounts.AttemptDone || ctx.Err() == nil {
			t.Errorf("Return() of a browser that left = %+v, %v; want COMPLETED", got, err)
		}
		if n := w.count("SELECT count(*) FROM secrets WHERE owner_id LIKE 'gra%'"); n != 2 {
			t.Errorf("%d tokens stored; want both", n)
		}
	})
}

func TestOneBrowserStartsAnAttempt(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		b, attempt := browser{}, w.begin(owner, accounts.ConnectRequest{Platform: "twitter"})
		link := token(w, attempt)
		if got, err := w.StartedAttempt(t.Context(), link); err != nil || got.ID != attempt.ID {
			t.Fatalf("StartedAttempt() = %+v, %v; want %s", got, err, attempt.ID)
		}
		first := w.consent(w.depart(b, attempt))
		second := w.consent(w.depart(b, attempt)) // the person pressed Back
		if first.Get("state") == second.Get("state") {
			t.Error("a second start has the same state; want a fresh one")
		}
		for _, cookie := range []string{"", "guess"} {
			_, err := w.StartAttempt(t.Context(), link, always(cookie), nil)
			if e := expected(t, err); e.Diagnosis.Evidence[0].Rule != "own/other-browser" {
				t.Errorf("StartAttempt() with cookie %q: %s; want other-browser", cookie, says(e.Diagnosis))
			}
		}
		_, err := w.back(b, attempt, first)
		if e := expected(t, err); e.Diagnosis.Evidence[0].Rule != "own/state-unknown" {
			t.Errorf("Return() with the first state: %s; want state-unknown", says(e.Diagnosis))
		}
		if got, err := w.back(b, attempt, second); err != nil || got.Status != accounts.AttemptDone {
			t.Errorf("Return() with the second state = %+v, %v; want COMPLETED", got, err)
		}
		if n := w.count("SELECT count(*) FROM events WHERE type = 'ATTEMPT_STARTED'"); n != 1 {
			t.Errorf("%d ATTEMPT_STARTED; want 1", n)
		}
		// The link of an attempt that has ended, and links that never were.
		id, _, _ := strings.Cut(link, ".")
		other := token(w, w.begin(mallory, accounts.ConnectRequest{Platform: "twitter"}))
		_, foreign, _ := strings.Cut(other, ".")
		for bad, rule := range map[string]string{
			link: "own/state-expired", "": "own/state-unknown", id: "own/state-unknown", id + ".": "own/state-unknown",
			id + "." + foreign: "own/state-unknown", link + "A": "own/state-unknown",
		} {
			_, err := w.StartedAttempt(t.Context(), bad)
			if e := expected(t, err); e.Diagnosis.Evidence[0].Rule != rule {
				t.Errorf("StartedAttempt(%q): %s; want %s", bad, says(e.Diagnosis), rule)
			}
			if _, err := w.StartAttempt(t.Context(), bad, always(b[attempt.ID]), nil); err == nil {
				t.Errorf("StartAttempt(%q) succeeded", bad)
			}
		}
	})
}

// Browsers that open one link at once: one gets it.
func TestOneOfManyBrowsersStartsAnAttempt(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		link := token(w, w.begin(owner, accounts.ConnectRequest{Platform: "twitter"}))
		var all sync.WaitGroup
		var mu sync.Mutex
		started := 0
		for i := range 8 {
			all.Go(func() {
				who := &auth.Actor{User: fmt.Sprint("u", i), Workspace: "acme"}
				_, err := w.StartAttempt(t.Context(), link, always(""), who)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					started++
				} else if e := expected(t, err); e.Diagnosis.Evidence[0].Rule != "own/other-browser" {
					t.Errorf("StartAttempt() = %s; want other-browser", says(e.Diagnosis))
				}
			})
		}
		all.Wait()
		if started != 1 {
			t.Errorf("%d browsers started; want 1", started)
		}
	})
}
