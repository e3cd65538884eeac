package accounts_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mooring/accounts"
	"mooring/diagnosis"
	"mooring/platforms"
)

const instagramFault = `{"platform":"meta_instagram","endpoint":"profile","times":%d,"status":403,"body":{"error":{"message":"(#10) Application does not have permission for this action","type":"OAuthException","code":10}}}`

// byInstagram connects an account that is probed by reading its profile.
func (w *world) byInstagram() *accounts.Account {
	w.t.Helper()
	attempt := w.run(w.begin(owner, accounts.ConnectRequest{Platform: "meta_instagram", LoginMethod: ptr("INSTAGRAM_LOGIN")}))
	return w.account(owner, attempt.AccountIDs[0])
}

// A token that the platform's introspection calls dead, and that nothing can
// renew, is told within the interval and once.
func TestADeadTokenIsFound(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		a := w.connect(owner, "linkedin", "refresh", "no")
		pass(7 * time.Hour)
		h := w.wantHealth(a.ID, accounts.Healthy, "", true).Health
		if *h.CheckedBy != accounts.ByProbe || !h.CheckedAt.After(a.ConnectedAt) {
			t.Errorf("checked by %s at %s; want a probe", *h.CheckedBy, h.CheckedAt)
		}
		w.revokeAll()
		pass(6*time.Hour + time.Minute)
		dead := w.wantHealth(a.ID, accounts.Unhealthy, accounts.Revoked, false)
		if dead.Diagnosis.IssueType != diagnosis.RevokedAccess {
			t.Errorf("diagnosis is %s; want revoked access", says(dead.Diagnosis))
		}
		pass(2 * day)
		w.wantEvents(a.ID, accounts.Unhealthy)
		again := w.connect(owner, "linkedin", "refresh", "no")
		if again.ID != a.ID {
			t.Errorf("reconnected as %s; want %s", again.ID, a.ID)
		}
		pass(day)
		w.wantHealth(a.ID, accounts.Healthy, "", true)
	})
}

// A Page's verdict comes from probes of its own token alone.
func TestPagesAreProbed(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		attempt := w.run(w.begin(owner, accounts.ConnectRequest{Platform: "meta_facebook"}), "persona", "greta")
		done, err := w.CompleteConnect(t.Context(), owner, attempt.ID, []string{attempt.Candidates[0].ExternalID, attempt.Candidates[1].ExternalID})
		if err != nil {
			t.Fatal(err)
		}
		pass(day)
		for _, id := range done.AccountIDs {
			w.wantHealth(id, accounts.Healthy, "", true)
		}
		w.revokeAll()
		pass(6*time.Hour + time.Minute)
		for _, id := range done.AccountIDs {
			w.wantHealth(id, accounts.Unhealthy, accounts.Revoked, false)
			w.wantEvents(id, accounts.Unhealthy)
		}
	})
}

// A Page's token that is dead is got anew from the person's, where that gives
// another.
func TestPageTokensAreDerivedAnew(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		attempt := w.run(w.begin(owner, accounts.ConnectRequest{Platform: "meta_facebook"}), "persona", "greta")
		done, err := w.CompleteConnect(t.Context(), owner, attempt.ID, []string{attempt.Candidates[0].ExternalID, attempt.Candidates[1].ExternalID})
		if err != nil {
			t.Fatal(err)
		}
		id, other := done.AccountIDs[0], done.AccountIDs[1]
		lent := func(id string) string {
			t.Helper()
			_, l, err := w.Lease(t.Context(), publisher, accounts.LeaseRequest{AccountID: id})
			if err != nil {
				t.Fatal(err)
			}
			return l.AccessToken.Reveal()
		}
		first, others := lent(id), lent(other)
		dead := sync.Map{}
		dead.Store(first, true)
		var derived atomic.Int32
		w.stop()
		w.alter("meta_facebook", func(l *platforms.Login) {
			inspect, identify := l.Inspect, l.Identify
			l.Inspect = func(ctx context.Context, app *platforms.App, t *platforms.Tokens) (*platforms.Inspection, error) {
				if _, is := dead.Load(t.Access.Reveal()); is {
					return nil, &platforms.Error{Platform: "meta_facebook", Stage: platforms.StageAPI, Verdict: platforms.Verdict{Class: platforms.ClassRefreshDead, Code: "190", Subcode: "460"}}
				}
				return inspect(ctx, app, t)
			}
			l.Identify = func(ctx context.Context, app *platforms.App, t *platforms.Tokens) (*platforms.Identity, error) {
				found, err := identify(ctx, app, t)
				for i := range found.Profiles {
					found.Profiles[i].Token = platforms.NewSecret(found.Profiles[i].Token.Reveal() + "-anew")
				}
				if derived.Add(1) == 1 {
					return nil, &platforms.Error{Platform: "meta_facebook", Stage: platforms.StageAPI, Status: 503, Verdict: platforms.Verdict{Class: platforms.ClassTemporary}}
				}
				return found, err
			}
		})
		pass(7 * time.Hour) // at first the platform cannot be asked
		w.wantHealth(id, accounts.Healthy, "", true)
		if got := lent(id); got != first+"-anew" || derived.Load() != 2 {
			t.Errorf("%q is lent after %d questions; want the second's token", got, derived.Load())
		}
		if got := lent(other); got != others {
			t.Errorf("%q is lent of the other Page; want its token as it was", got)
		}
		dead.Store(first+"-anew", true)
		pass(7 * time.Hour) // nothing else is to be had
		w.wantHealth(id, accounts.Unhealthy, accounts.Revoked, false)
		w.wantHealth(other, accounts.Healthy, "", true)
		w.wantEvents(id, accounts.Unhealthy)
		if derived.Load() != 3 {
			t.Errorf("%d questions; want three", derived.Load())
		}
	})
}

// A dead access token that can be renewed leads to one refresh, and the token
// endpoint decides.
func TestADeadTokenIsRenewed(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		a := w.connect(owner, "linkedin")
		w.fault(`{"platform":"linkedin","endpoint":"introspect","times":1,"status":200,"body":{"active":false,"status":"expired"}}`)
		pass(7 * time.Hour)
		w.wantRequests("linkedin", 2)
		w.wantHealth(a.ID, accounts.Healthy, "", true)
		w.revokeAll()
		pass(7 * time.Hour)
		w.wantRequests("linkedin", 3)
		w.wantHealth(a.ID, accounts.Unhealthy, accounts.RefreshDead, true)
		pass(2 * day)
		w.wantRequests("linkedin", 3)
		w.wantEvents(a.ID, accounts.Unhealthy)
	})
}

// Failures below the threshold change nothing. From it on the account is
// UNHEALTHY until the platform has said yes twice.
func TestFailingProbes(t *testing.T) {
	for failures, want := range map[int][]accounts.Status{2: nil, 3: {accounts.Unhealthy, accounts.Healthy}} {
		t.Run(fmt.Sprint(failures), func(t *testing.T) {
			inTime(t, func(t *testing.T, w *world) {
				a := w.byInstagram()
				pass(time.Hour)
				w.fault(fmt.Sprintf(instagramFault, failures))
				pass(6 * time.Hour)
				w.wantEvents(a.ID, want...)
				w.wantHealth(a.ID, accounts.Healthy, "", true)
			})
		})
	}
}

// While it fails an account says why, and is asked about ever more rarely.
func TestAProbeThatGoesOnFailing(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		a := w.byInstagram()
		pass(time.Hour)
		before := w.requests("meta_instagram", "profile")
		w.fault(fmt.Sprintf(instagramFault, -1))
		pass(3 * day)
		failing := w.wantHealth(a.ID, accounts.Unhealthy, accounts.ProbeFailed, false)
		if failing.Diagnosis.IssueType != diagnosis.InsufficientPermissions {
			t.Errorf("diagnosis is %s; want the platform's words", says(failing.Diagnosis))
		}
		if n := w.requests("meta_instagram", "profile") - before; n < 10 || n > 25 {
			t.Errorf("%d questions in three days; want some", n)
		}
		w.mend()
		pass(7 * time.Hour)
		w.wantHealth(a.ID, accounts.Healthy, "", true)
		w.wantEvents(a.ID, accounts.Unhealthy, accounts.Healthy)
	})
}

// Trouble of the platform or of the app says nothing of an account.
func TestProbesBlameNobodyForTrouble(t *testing.T) {
	for name, fault := range map[string]string{
		"503":       `"status":503`,
		"429":       `"status":429,"retryAfterSeconds":60`,
		"firewall":  `"status":403,"body":"<html>Access denied</html>"`,
		"app fault": `"status":400,"body":{"error":{"message":"Error validating application.","type":"OAuthException","code":101}}`,
	} {
		t.Run(name, func(t *testing.T) {
			inTime(t, func(t *testing.T, w *world) {
				a := w.byInstagram()
				w.fault(`{"platform":"meta_instagram","endpoint":"profile","times":-1,` + fault + `}`)
				pass(2 * day)
				w.wantHealth(a.ID, accounts.Healthy, "", true)
				w.wantEvents(a.ID)
				_, err := w.CheckHealth(t.Context(), owner, a.ID)
				wantCode(t, "CheckHealth()", err, accounts.CodeUnavailable)
			})
		})
	}
}

// Probes that cost something are made by hand or on suspicion alone, and those
// on suspicion within the day's budget.
func TestCostlyProbes(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		a := w.connect(owner, "twitter")
		pass(2 * day)
		asked := func(want int) {
			t.Helper()
			if n := w.requests("twitter", "profile"); n != want {
				t.Errorf("%d profiles read; want %d", n, want)
			}
		}
		asked(1)
		for range 3 {
			got, err := w.CheckHealth(t.Context(), owner, a.ID)
			if err != nil || *got.Health.CheckedBy != accounts.ByProbe {
				t.Fatalf("CheckHealth() = %+v, %v; want a probe", got, err)
			}
		}
		asked(2)
		pass(time.Minute)
		if _, err := w.CheckHealth(t.Context(), owner, a.ID); err != nil {
			t.Fatal(err)
		}
		asked(3)
		w.exec(1, "UPDATE apps SET probes_spent = 100 WHERE platform = 'twitter'")
		elsewhere := owner
		elsewhere.Workspace = "elsewhere"
		w.connect(elsewhere, "twitter") // the same person
		asked(4)
		pass(10 * time.Minute)
		asked(4)
		pass(day)
		asked(5)
		pass(day)
		asked(5)
	})
}

// After an exchange the person's other grants at the app are asked about.
func TestAnExchangeCastsSuspicion(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		a := w.connect(owner, "linkedin", "refresh", "no")
		pass(time.Hour)
		w.revokeAll()
		elsewhere := owner
		elsewhere.Workspace = "elsewhere"
		w.connect(elsewhere, "linkedin", "refresh", "no")
		pass(2 * time.Minute)
		w.wantHealth(a.ID, accounts.Unhealthy, accounts.Revoked, false)
	})
}

// Nothing is concluded about a token that was just issued.
func TestAYoungTokenIsNotJudged(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		a := w.connect(owner, "linkedin", "refresh", "no")
		w.fault(`{"platform":"linkedin","endpoint":"introspect","times":1,"status":200,"body":{"active":false,"status":"revoked"}}`)
		pass(10 * time.Second)
		_, err := w.CheckHealth(t.Context(), owner, a.ID)
		wantCode(t, "CheckHealth() of a young token", err, accounts.CodeUnavailable)
		w.wantHealth(a.ID, accounts.Healthy, "", true)
		pass(2 * time.Minute)
		w.wantHealth(a.ID, accounts.Healthy, "", true)
		w.wantEvents(a.ID)
		b := w.connect(owner, "twitter")
		pass(10 * time.Second)
		w.revokeAll()
		_, err = w.CheckHealth(t.Context(), owner, b.ID)
		wantCode(t, "CheckHealth() of a young token that can be renewed", err, accounts.CodeUnavailable)
		if d := expected(t, err).Diagnosis; d == nil || !d.Transient || d.SuggestedAction != diagnosis.Retry || *d.RetryAfterSeconds != 50 {
			t.Errorf("it is explained by %s; want to be told to try again in 50 s", says(d))
		}
		pass(50 * time.Second)
		got, err := w.CheckHealth(t.Context(), owner, b.ID)
		if err != nil || *got.Health.Reason != accounts.RefreshDead {
			t.Errorf("CheckHealth() after a minute = %+v, %v; want REFRESH_DEAD", got.Health, err)
		}
	})
}

func TestCheckHealth(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		a := w.connect(owner, "linkedin", "refresh", "no")
		w.exec(1, "UPDATE grants SET access_issued_at = access_issued_at - 3600000")
		got, err := w.CheckHealth(t.Context(), owner, a.ID)
		if err != nil || *got.Health.CheckedBy != accounts.ByProbe || got.Health.Status != accounts.Healthy {
			t.Fatalf("CheckHealth() = %+v, %v; want HEALTHY by a probe", got, err)
		}
		w.revokeAll()
		w.exec(1, "UPDATE accounts SET checked_at = checked_at - 60000")
		got, err = w.CheckHealth(t.Context(), owner, a.ID)
		if err != nil || got.Health.Status != accounts.Unhealthy || *got.Health.Reason != accounts.Revoked || got.Health.IsConnected {
			t.Fatalf("CheckHealth() of a revoked grant = %+v, %v; want UNHEALTHY, REVOKED", got.Health, err)
		}
		_, err = w.CheckHealth(t.Context(), mallory, a.ID)
		wantCode(t, "CheckHealth() of a stranger's", err, accounts.CodeNotFound)
		if _, err := w.Disconnect(t.Context(), owner, a.ID); err != nil {
			t.Fatal(err)
		}
		_, err = w.CheckHealth(t.Context(), owner, a.ID)
		wantCode(t, "CheckHealth() of a tombstone", err, accounts.CodeWrongState)
	})
}

// A probe that is due is claimed by one replica, on either database.
func TestReplicasShareProbes(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		var ids []string
		for _, persona := range []string{"ada", "sails"} {
			ids = append(ids, w.connect(owner, "google_youtube", "persona", persona).ID)
		}
		w.exec(2, "UPDATE grants SET access_issued_at = access_issued_at - 3600000")
		w.stop()
		w.exec(2, "UPDATE probes SET due_at = 0, suspected = 1")
		asked := w.requests("google_youtube", "introspect")
		w.replica()
		w.replica()
		w.Service, w.stop = w.start(w.options)
		until(t, w.ticks(), func(time.Time) bool { return w.count("SELECT count(*) FROM probes WHERE suspected = 1") == 0 })
		if n := w.requests("google_youtube", "introspect") - asked; n != 2 {
			t.Errorf("%d questions; want one for each of 2 tokens", n)
		}
		for _, id := range ids {
			if h := w.account(owner, id).Health; *h.CheckedBy != accounts.ByProbe {
				t.Errorf("checked by %s; want a probe", *h.CheckedBy)
			}
		}
	})
}

// ticks comes often until the test ends.
func (w *world) ticks() <-chan time.Time {
	tick := time.NewTicker(10 * time.Millisecond)
	w.t.Cleanup(tick.Stop)
	return tick.C
}

// Whoever asks by hand is told what the threshold still hides.
func TestCheckHealthTellsOfAFailure(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		a := w.byInstagram()
		pass(time.Hour)
		w.fault(fmt.Sprintf(instagramFault, 3))
		for range 2 {
			_, err := w.CheckHealth(t.Context(), owner, a.ID)
			wantCode(t, "CheckHealth() below the threshold", err, accounts.CodeRefused)
			w.wantHealth(a.ID, accounts.Healthy, "", true)
		}
		got, err := w.CheckHealth(t.Context(), owner, a.ID)
		if err != nil || got.Health.Status != accounts.Unhealthy {
			t.Errorf("CheckHealth() at the threshold = %+v, %v; want UNHEALTHY", got, err)
		}
	})
}

// An app that its platform refuses, or has asked to be left alone, asks nothing.
func TestProbesWaitForTheApp(t *testing.T) {
	for name, fault := range map[string]string{
		"incident":    `"status":401,"body":{"error":"invalid_client"}`,
		"retry after": `"status":429,"retryAfterSeconds":86400`,
	} {
		t.Run(name, func(t *testing.T) {
			inTime(t, func(t *testing.T, w *world) {
				a := w.connect(owner, "linkedin")
				w.fault(`{"platform":"linkedin","endpoint":"token","times":-1,` + fault + `}`)
				if _, err := w.Refresh(t.Context(), owner, a.ID, true); err == nil {
					t.Fatal("Refresh() = nil; want a failure")
				}
				pass(12 * time.Hour)
				if n := w.requests("linkedin", "introspect"); n != 0 {
					t.Errorf("%d questions in twelve hours; want none", n)
				}
				w.mend()
				pass(day)
				if n := w.requests("linkedin", "introspect"); n == 0 {
					t.Error("nothing was asked in the day after")
				}
			})
		})
	}
}

// A paused account is not asked about, and after its pause it is again.
func TestPausedAccountsAreNotProbed(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		a := w.connect(owner, "linkedin", "refresh", "no")
		pass(time.Hour)
		if _, err := w.Pause(t.Context(), owner, a.ID, nil); err != nil {
			t.Fatal(err)
		}
		before := w.requests("linkedin", "introspect")
		pass(2 * day)
		_, err := w.CheckHealth(t.Context(), owner, a.ID)
		wantCode(t, "CheckHealth() of a paused account", err, accounts.CodePaused)
		if n := w.requests("linkedin", "introspect") - before; n != 0 {
			t.Errorf("%d questions about a paused account; want none", n)
		}
		w.revokeAll()
		if _, err := w.Resume(t.Context(), owner, a.ID); err != nil {
			t.Fatal(err)
		}
		pass(7 * time.Hour)
		w.wantHealth(a.ID, accounts.Unhealthy, accounts.Revoked, false)
	})
}
