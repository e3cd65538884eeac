package accounts_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"mooring/accounts"
	"mooring/diagnosis"
)

// inTime runs a test on SQLite in a bubble, where days pass at once.
func inTime(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, migrated.SQLite(t))
		w.options.Poll, w.options.Lease = 24*time.Hour, 24*time.Hour // nobody else is here, and days have many seconds
		w.options.EventsKeep = 365 * 24 * time.Hour
		w.restart(w.options)
		test(t, w)
	})
}

func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// wantRequests wants the token endpoint of a platform to have been asked so
// often since the test began, exchanges included.
func (w *world) wantRequests(platform string, want int) {
	w.t.Helper()
	if got := w.requests(platform, "token"); got != want {
		w.t.Errorf("%d requests to the token endpoint of %s; want %d", got, platform, want)
	}
}

// wantHealth wants an account to be in a status, for a reason, and to have been
// announced so.
func (w *world) wantHealth(id string, status accounts.Status, reason accounts.Reason, connected bool) *accounts.Account {
	w.t.Helper()
	a := w.account(owner, id)
	h := a.Health
	var why accounts.Reason
	if h.Reason != nil {
		why = *h.Reason
	}
	if h.Status != status || why != reason || h.IsConnected != connected {
		w.t.Errorf("%s is %s %q, connected %t; want %s %q, %t", a.DisplayName, h.Status, why, h.IsConnected, status, reason, connected)
	}
	if (a.Diagnosis == nil) != (status == accounts.Healthy) {
		w.t.Errorf("%s is %s with %s", a.DisplayName, status, says(a.Diagnosis))
	}
	return a
}

// wantEvents wants an account to have had these events after it was connected.
func (w *world) wantEvents(id string, want ...accounts.Status) {
	w.t.Helper()
	var got []accounts.Status
	for _, e := range w.events("", accounts.EventFilter{AccountIDs: []string{id}, Types: []accounts.EventType{accounts.AccountHealthChanged}}) {
		got = append(got, *e.Status)
	}
	if !slices.Equal(got, want) {
		w.t.Errorf("health events of %s are %v; want %v", id, got, want)
	}
}

func (w *world) fault(body string) { w.control("POST", "faults", body, nil) }
func (w *world) mend()             { w.control("DELETE", "faults", "", nil) }

// incidents counts the events about incidents, opened and closed.
func (w *world) incidents() (opened, closed int) {
	w.t.Helper()
	for _, e := range w.events("", accounts.EventFilter{Types: []accounts.EventType{accounts.IncidentOpened, accounts.IncidentClosed}}) {
		if e.Type == accounts.IncidentOpened {
			opened++
		} else {
			closed++
		}
	}
	return opened, closed
}

func (w *world) wantIncidents(opened, closed int) {
	w.t.Helper()
	if o, c := w.incidents(); o != opened || c != closed {
		w.t.Errorf("%d incidents opened and %d closed; want %d and %d", o, c, opened, closed)
	}
}

// X's tokens live two hours. They are renewed once in each, inside the window
// and not before, for as long as anybody looks.
func TestTokensAreRenewedAheadOfTheirEnd(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		a := w.connect(owner, "twitter")
		w.wantRequests("twitter", 1)
		pass(90*time.Minute - time.Second)
		w.wantRequests("twitter", 1)
		pass(8 * time.Minute) // the jitter is a quarter of the window at most
		w.wantRequests("twitter", 2)
		h := w.wantHealth(a.ID, accounts.Healthy, "", true).Health
		if left := time.Until(h.AccessTokenExpiresAt); left < 110*time.Minute || !h.LastRefreshedAt.After(a.ConnectedAt) || h.NextRefreshAt.Before(time.Now().Add(80*time.Minute)) {
			t.Errorf("after the refresh: %+v; want a fresh token", h)
		}
		for range 10 {
			pass(24 * time.Hour)
			w.wantHealth(a.ID, accounts.Healthy, "", true)
		}
		if n := w.requests("twitter", "token"); n < 145 || n > 165 {
			t.Errorf("%d requests in ten days; want one in each 90 to 97.5 minutes", n)
		}
		w.wantEvents(a.ID)
	})
}

// What the platform wants of a token's age and end differs.
func TestEachPlatformIsRenewedInItsOwnTime(t *testing.T) {
	for _, test := range []struct {
		platform      string
		before, after time.Duration
	}{
		{"google_youtube", 54 * time.Minute, 57 * time.Minute},
		{"tiktok", 89 * time.Minute, 98 * time.Minute},
		{"pinterest", 19 * 24 * time.Hour, 23 * 24 * time.Hour},
		{"linkedin", 52 * 24 * time.Hour, 55 * 24 * time.Hour},
	} {
		t.Run(test.platform, func(t *testing.T) {
			inTime(t, func(t *testing.T, w *world) {
				a := w.connect(owner, test.platform)
				pass(test.before)
				w.wantRequests(test.platform, 1)
				pass(test.after - test.before)
				w.wantRequests(test.platform, 2)
				w.wantHealth(a.ID, accounts.Healthy, "", true)
			})
		})
	}
}

// A row that was due while nobody ran is renewed as soon as somebody does.
func TestWhatEndedMeanwhileIsRenewed(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		off := w.options
		off.RefreshOff = true
		stop := w.restart(off)
		a := w.connect(owner, "google_youtube")
		pass(30 * time.Hour)
		w.wantRequests("google_youtube", 1)
		if h := w.account(owner, a.ID).Health; h.IsConnected {
			t.Errorf("health = %+v; want it not connected", h)
		}
		stop()
		w.restart(w.options)
		pass(time.Second)
		w.wantRequests("google_youtube", 2)
		w.wantHealth(a.ID, accounts.Healthy, "", true)
	})
}

// restart puts another Service in the place of the world's.
func (w *world) restart(o accounts.Options) (stop func()) {
	w.t.Helper()
	if w.stop != nil {
		w.stop()
	}
	w.Service, stop = w.start(o)
	w.stop = stop
	return stop
}

// The platform's word that a grant is over ends it with one request and one
// event. The access token is good until its end.
func TestADeadGrantIsToldOnce(t *testing.T) {
	for _, platform := range []string{"twitter", "google_youtube", "pinterest", "tiktok", "linkedin"} {
		t.Run(platform, func(t *testing.T) {
			inTime(t, func(t *testing.T, w *world) {
				a := w.connect(owner, platform)
				w.revokeAll()
				_, err := w.Refresh(t.Context(), owner, a.ID, true)
				refused := expected(t, err)
				if refused.Code != accounts.CodeRefused || refused.Diagnosis == nil {
					t.Errorf("Refresh() = %s %q; want %s and a diagnosis", refused.Code, refused.Message, accounts.CodeRefused)
				}
				w.wantRequests(platform, 2)
				dead := w.wantHealth(a.ID, accounts.Unhealthy, accounts.RefreshDead, true)
				if dead.Health.AutoRefresh || !dead.Health.ExpiresAt.Equal(dead.Health.AccessTokenExpiresAt) {
					t.Errorf("health = %+v; want it to end with its access token", dead.Health)
				}
				if dead.Diagnosis.FixableBy != diagnosis.User {
					t.Errorf("diagnosis = %s, fixable by %s; want the person", says(dead.Diagnosis), dead.Diagnosis.FixableBy)
				}
				pass(61 * 24 * time.Hour)
				w.wantRequests(platform, 2)
				w.wantHealth(a.ID, accounts.Unhealthy, accounts.RefreshDead, false)
				w.wantEvents(a.ID, accounts.Unhealthy)
				w.wantIncidents(0, 0)
				_, err = w.Refresh(t.Context(), owner, a.ID, true)
				wantCode(t, "Refresh() of a dead grant", err, accounts.CodeWrongState)
				w.wantRequests(platform, 2)
			})
		})
	}
}

func (w *world) revokeAll() {
	w.t.Helper()
	var grants []struct{ ID string }
	w.control("GET", "grants", "", &grants)
	for _, g := range grants {
		w.control("POST", "grants/"+g.ID+"/revoke", "{}", nil)
	}
}

// Eight callers and the sweep share one request.
func TestCallersShareARefresh(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		a := w.connect(owner, "twitter")
		w.fault(`{"platform":"twitter","endpoint":"token","delayMs":3000}`)
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				r, err := w.Refresh(t.Context(), owner, a.ID, true)
				if err != nil || !r.Refreshed {
					t.Errorf("Refresh() = %+v, %v; want a refresh", r, err)
				}
			})
		}
		wg.Wait()
		w.wantRequests("twitter", 2)
		r, err := w.Refresh(t.Context(), owner, a.ID, false)
		if err != nil || r.Refreshed {
			t.Errorf("Refresh() where none is needed = %+v, %v; want none", r, err)
		}
		w.wantRequests("twitter", 2)
		pass(24 * time.Hour)
		w.wantHealth(a.ID, accounts.Healthy, "", true)
	})
}

// A caller that goes away takes nothing along: what the platform answers is
// stored.
func TestACallerMayLeave(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		a := w.connect(owner, "twitter")
		pass(time.Minute)
		w.fault(`{"platform":"twitter","endpoint":"token","delayMs":5000}`)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := w.Refresh(ctx, owner, a.ID, true); !errors.Is(err, ctx.Err()) {
			t.Errorf("Refresh() = %v; want the context's end", err)
		}
		pass(10 * time.Second)
		if h := w.account(owner, a.ID).Health; !h.LastRefreshedAt.After(a.Health.LastRefreshedAt) {
			t.Error("the answer was not stored")
		}
		pass(5 * time.Hour)
		w.wantHealth(a.ID, accounts.Healthy, "", true)
	})
}

// An answer that is lost after the platform rotated the token leads to one more
// request, and no third.
func TestALostAnswer(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		a := w.connect(owner, "twitter")
		w.fault(`{"platform":"twitter","endpoint":"token","dropAfterRotation":true}`)
		_, err := w.Refresh(t.Context(), owner, a.ID, true)
		wantCode(t, "Refresh() without an answer", err, accounts.CodeUnavailable)
		w.wantHealth(a.ID, accounts.Healthy, "", true)
		pass(time.Minute)
		w.wantRequests("twitter", 3)
		w.wantHealth(a.ID, accounts.Unhealthy, accounts.OutcomeUnknown, true)
		pass(24 * time.Hour)
		w.wantRequests("twitter", 3)
		w.wantEvents(a.ID, accounts.Unhealthy)
	})
}

// A time-out on a rotating platform allows one more request; where nothing
// rotates it is like any other outage.
func TestTimeouts(t *testing.T) {
	for platform, endless := range map[string]bool{"twitter": false, "google_youtube": true} {
		t.Run(platform, func(t *testing.T) {
			inTime(t, func(t *testing.T, w *world) {
				a := w.connect(owner, platform)
				w.fault(fmt.Sprintf(`{"platform":%q,"endpoint":"token","delayMs":60000,"status":503,"times":-1}`, platform))
				pass(24 * time.Hour)
				n := w.requests(platform, "token")
				if !endless {
					if n != 3 {
						t.Errorf("%d requests; want the exchange, a refresh and one more", n)
					}
					w.wantHealth(a.ID, accounts.Unhealthy, accounts.OutcomeUnknown, false)
					return
				}
				if n > 130 {
					t.Errorf("%d requests in a day of outage; want one in fifteen minutes", n)
				}
				w.wantHealth(a.ID, accounts.Unhealthy, accounts.PlatformDown, false)
				w.wantIncidents(1, 0)
				w.mend()
				pass(20 * time.Minute)
				w.wantHealth(a.ID, accounts.Healthy, "", true)
				w.wantIncidents(1, 1)
				w.wantEvents(a.ID, accounts.Unhealthy, accounts.Healthy)
			})
		})
	}
}

// What cannot be renewed in time is announced when its access token ends, not
// when somebody looks next.
func TestAnEndWithoutRenewalIsAnnouncedAtOnce(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		a := w.connect(owner, "google_youtube")
		others := []*accounts.Account{w.connect(owner, "google_youtube", "persona", "sails"), w.connect(owner, "google_youtube", "persona", "workshop")}
		w.fault(`{"platform":"google_youtube","endpoint":"token","retryAfterSeconds":7200}`)
		pass(time.Until(others[1].Health.AccessTokenExpiresAt))
		w.wantRequests("google_youtube", 4) // the others' had to wait
		w.wantEvents(a.ID, accounts.Unhealthy)
		for _, other := range others {
			w.wantEvents(other.ID, accounts.Unhealthy)
		}
	})
}

// A consent that gets through ends an incident, too: the account that might have
// been refreshed may be gone.
func TestAConsentEndsAnIncident(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		a := w.connect(owner, "google_youtube")
		w.fault(`{"platform":"google_youtube","endpoint":"token","grantType":"refresh_token","times":-1,"status":401,"body":{"error":"invalid_client"}}`)
		_, err := w.Refresh(t.Context(), owner, a.ID, true)
		wantCode(t, "Refresh()", err, accounts.CodeRefused)
		w.wantIncidents(1, 0)
		if _, err := w.Disconnect(t.Context(), owner, a.ID); err != nil {
			t.Fatal(err)
		}
		pass(24 * time.Hour)
		w.wantIncidents(1, 0)
		w.connect(owner, "google_youtube")
		w.wantIncidents(1, 1)
	})
}

// A refused app is one incident. Nobody is told to reconnect, and all recover
// when it is mended.
func TestARefusedAppBlamesNobody(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		var ids []string
		for _, persona := range []string{"ada", "sails", "workshop"} {
			ids = append(ids, w.connect(owner, "google_youtube", "persona", persona).ID)
		}
		w.fault(`{"platform":"google_youtube","endpoint":"token","times":-1,"status":401,"body":{"error":"invalid_client","error_description":"The OAuth client was not found."}}`)
		pass(58 * time.Minute)
		for _, id := range ids {
			w.wantHealth(id, accounts.Healthy, "", true)
		}
		w.wantIncidents(1, 0)
		pass(10 * time.Minute)
		for _, id := range ids {
			a := w.wantHealth(id, accounts.Unhealthy, accounts.AppMisconfigured, false)
			if a.Diagnosis.FixableBy != diagnosis.Operator {
				t.Errorf("fixable by %s; want the operator", a.Diagnosis.FixableBy)
			}
		}
		if n := w.requests("google_youtube", "token"); n > 3+12 {
			t.Errorf("%d requests to an app that is refused; want few", n)
		}
		w.mend()
		pass(20 * time.Minute)
		for _, id := range ids {
			w.wantHealth(id, accounts.Healthy, "", true)
			w.wantEvents(id, accounts.Unhealthy, accounts.Healthy)
		}
		w.wantIncidents(1, 1)
	})
}

// Retry-After silences the platform that asked for it, and no other.
func TestRetryAfterIsObeyed(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		one := w.connect(owner, "twitter")
		two := w.connect(owner, "twitter", "persona", "mika")
		other := w.connect(owner, "google_youtube")
		w.fault(`{"platform":"twitter","endpoint":"token","retryAfterSeconds":600}`)
		_, err := w.Refresh(t.Context(), owner, one.ID, true)
		wantCode(t, "Refresh() at its limit", err, accounts.CodeUnavailable)
		w.wantRequests("twitter", 3)
		_, err = w.Refresh(t.Context(), owner, two.ID, true)
		wantCode(t, "Refresh() during Retry-After", err, accounts.CodeUnavailable)
		w.wantRequests("twitter", 3)
		if _, err := w.Refresh(t.Context(), owner, other.ID, true); err != nil {
			t.Errorf("Refresh() elsewhere = %v", err)
		}
		pass(9 * time.Minute)
		w.wantRequests("twitter", 3)
		pass(2 * time.Minute)
		w.wantRequests("twitter", 4)
		for _, a := range []*accounts.Account{one, two} {
			w.wantHealth(a.ID, accounts.Healthy, "", true)
		}
		w.wantIncidents(0, 0)
	})
}

// No trouble on the way breaks an account for good.
func TestTransientFailuresBreakNothing(t *testing.T) {
	for name, fault := range map[string]string{
		"408":      `"status":408`,
		"409":      `"status":409`,
		"423":      `"status":423`,
		"425":      `"status":425`,
		"500":      `"status":500`,
		"502 HTML": `"status":502,"body":"<html><body>Bad Gateway</body></html>"`,
		"503":      `"status":503`,
		"firewall": `"status":403,"body":"<html><body>Access denied. Ray ID 7</body></html>"`,
		"empty":    `"status":200,"body":"{}"`,
	} {
		for _, platform := range []string{"google_youtube", "linkedin", "twitter"} {
			if name == "empty" && platform == "twitter" {
				continue // the tokens may have been lost on the way
			}
			t.Run(name+" "+platform, func(t *testing.T) {
				inTime(t, func(t *testing.T, w *world) {
					a := w.connect(owner, platform)
					w.fault(fmt.Sprintf(`{"platform":%q,"endpoint":"token","times":3,%s}`, platform, fault))
					_, err := w.Refresh(t.Context(), owner, a.ID, true)
					wantCode(t, "Refresh()", err, accounts.CodeUnavailable)
					w.wantHealth(a.ID, accounts.Healthy, "", true)
					pass(15 * time.Minute)
					w.wantHealth(a.ID, accounts.Healthy, "", true)
					w.wantRequests(platform, 5)
					w.wantEvents(a.ID)
				})
			})
		}
	}
}

// What an answer lacks stays as it was, and what makes no sense in it is not
// believed; no answer makes a platform be asked all the time.
func TestStrangeAnswers(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		a, often := w.connect(owner, "twitter"), w.connect(owner, "google_youtube")
		scopes := w.count("SELECT length(scopes) FROM grants WHERE id = (SELECT grant_id FROM accounts WHERE id = ?)", a.ID)
		for _, life := range []string{`-7200`, `0`, `1e12`, `"soon"`} {
			pass(time.Minute)
			w.fault(`{"platform":"twitter","endpoint":"token","status":200,"body":{"token_type":"bearer","access_token":"strange","expires_in":` + life + `}}`)
			r, err := w.Refresh(t.Context(), owner, a.ID, true)
			if err != nil || r.Account.Health.AccessTokenExpiresAt.Sub(r.Account.Health.LastRefreshedAt) != 2*time.Hour {
				t.Fatalf("Refresh() with a life of %s = %+v, %v; want two hours", life, r, err)
			}
		}
		if n := w.count("SELECT length(scopes) FROM grants WHERE id = (SELECT grant_id FROM accounts WHERE id = ?)", a.ID); n != scopes {
			t.Error("an answer without scopes changed those of the grant")
		}
		if !strings.Contains(w.log.String(), "NO_REFRESH_TOKEN") {
			t.Error("the log does not say that there was no refresh token")
		}
		if _, err := w.Refresh(t.Context(), owner, a.ID, true); err != nil {
			t.Errorf("Refresh() with the refresh token of before = %v", err)
		}
		w.fault(`{"platform":"google_youtube","endpoint":"token","times":-1,"status":200,"body":{"token_type":"Bearer","access_token":"short","expires_in":1}}`)
		pass(time.Until(often.Health.NextRefreshAt) + time.Minute)
		if n := w.requests("google_youtube", "token"); n < 5 || n > 8 {
			t.Errorf("%d requests, the exchange included, to a platform whose tokens live for a second; want one in ten seconds of a minute", n)
		}
	})
}

// Nothing is renewed where that is switched off.
func TestRefreshOff(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		off := w.options
		off.RefreshOff = true
		w.restart(off)
		a := w.connect(owner, "google_youtube")
		pass(3 * time.Hour)
		w.wantRequests("google_youtube", 1)
		_, err := w.Refresh(t.Context(), owner, a.ID, true)
		wantCode(t, "Refresh()", err, accounts.CodeRefreshOff)
		if d := expected(t, err).Diagnosis; d == nil || d.FixableBy != diagnosis.Operator {
			t.Errorf("Refresh() is explained by %s; want the operator to act", says(d))
		}

		// So it is in a copy, which is reached at another address, until that is said
		// to be the installation now.
		w.restart(w.options)
		pass(time.Second)
		w.wantRequests("google_youtube", 2)
		w.options.PublicURL = "https://elsewhere.example.com"
		w.restart(w.options)
		pass(3 * time.Hour)
		w.wantRequests("google_youtube", 2)
		_, err = w.Refresh(t.Context(), owner, a.ID, true)
		wantCode(t, "Refresh() in a copy", err, accounts.CodeRefreshOff)
		if from, to, err := w.Adopt(t.Context()); err != nil || from != public || to != w.options.PublicURL {
			t.Errorf("Adopt() = %s, %s, %v; want it from %s", from, to, err, public)
		}
		w.restart(w.options)
		pass(time.Second)
		w.wantRequests("google_youtube", 3)
		w.wantHealth(a.ID, accounts.Healthy, "", true)
	})
}

func TestWhatCannotBeRefreshed(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		lasting := w.connect(owner, "linkedin", "refresh", "no")
		_, err := w.Refresh(t.Context(), owner, lasting.ID, true)
		wantCode(t, "Refresh() without a refresh token", err, accounts.CodeNotRefreshable)
		pass(61 * 24 * time.Hour)
		_, err = w.Refresh(t.Context(), owner, lasting.ID, true)
		wantCode(t, "Refresh() of what has ended", err, accounts.CodeNotRefreshable)
		var refused *accounts.Error
		if !errors.As(err, &refused) || refused.Diagnosis == nil || strings.Contains(refused.Message, "before it ends") {
			t.Errorf("Refresh() of what has ended = %+v; want its diagnosis, and nothing of a later end", refused)
		}
		if _, err := w.Disconnect(t.Context(), owner, lasting.ID); err != nil {
			t.Fatal(err)
		}
		_, err = w.Refresh(t.Context(), owner, lasting.ID, true)
		wantCode(t, "Refresh() of a tombstone", err, accounts.CodeNotFound)
		_, err = w.Refresh(t.Context(), mallory, lasting.ID, true)
		wantCode(t, "Refresh() of a stranger's", err, accounts.CodeNotFound)
	})
}

// Nobody is advised to refresh what nothing renews.
func TestAdviceCanBeFollowed(t *testing.T) {
	for name, advice := range map[string]string{"ended": "Reconnect Rowan Ames. Its history", "dead": "Reconnect Rowan Ames if you want"} {
		t.Run(name, func(t *testing.T) {
			inTime(t, func(t *testing.T, w *world) {
				a := w.connect(owner, "twitter")
				pass(2 * time.Minute)
				if name == "ended" {
					w.exec(1, "DELETE FROM secrets WHERE kind = 'refresh_token'")
					w.exec(1, "DELETE FROM refreshes")
					w.exec(1, "UPDATE accounts SET auto_refresh = 0, expires_at = access_expires_at")
					pass(3 * time.Hour)
				} else {
					w.revokeRefresh(a)
				}
				_, v, err := w.Validate(t.Context(), owner, a.ID)
				if err != nil || *v.IsValid || len(v.Errors) != 1 || !strings.Contains(v.Errors[0].Message, advice) {
					t.Errorf("Validate() = %+v, %v; want the advice %q", v, err, advice)
				}
			})
		})
	}
}

// A question that the platform refuses because the access token has ended is
// asked again with a new one.
func TestAQuestionRenewsATokenThatHasEnded(t *testing.T) {
	for _, platform := range []string{"google_youtube", "twitter"} {
		t.Run(platform, func(t *testing.T) {
			inTime(t, func(t *testing.T, w *world) {
				a := w.connect(owner, platform)
				w.fault(fmt.Sprintf(`{"platform":%q,"endpoint":"token","grantType":"refresh_token","status":503,"times":1}`, platform))
				pass(2*time.Hour + time.Minute) // the first refresh has failed, a later one has not
				w.exec(1, "UPDATE refreshes SET due_at = ?", time.Now().Add(100*24*time.Hour).UnixMilli())
				pass(3 * time.Hour)
				w.wantHealth(a.ID, accounts.Healthy, "", false)
				_, v, err := w.Validate(t.Context(), owner, a.ID)
				if err != nil || !v.Verified || v.IsValid == nil || !*v.IsValid {
					t.Errorf("Validate() = %+v, %v; want it verified and valid", v, err)
				}
				w.wantHealth(a.ID, accounts.Healthy, "", true)
				w.revokeAll()
				w.exec(1, "UPDATE refreshes SET due_at = ?", time.Now().Add(100*24*time.Hour).UnixMilli())
				pass(3 * time.Hour)
				_, v, err = w.Validate(t.Context(), owner, a.ID)
				if err != nil || v.IsValid == nil || *v.IsValid {
					t.Errorf("Validate() of a revoked grant = %+v, %v; want it invalid", v, err)
				}
				w.wantHealth(a.ID, accounts.Unhealthy, accounts.RefreshDead, false)
			})
		})
	}
}

// Callers and the sweep that come for the same grant at the same moment do not
// get in each other's way.
func TestCallersMeetTheSweep(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		a := w.connect(owner, "google_youtube")
		for range 20 {
			pass(time.Until(w.account(owner, a.ID).Health.NextRefreshAt) - time.Millisecond)
			before := w.requests("google_youtube", "token")
			var wg sync.WaitGroup
			for i := range 8 {
				wg.Go(func() {
					<-time.After(time.Duration(i) * time.Millisecond / 4)
					if _, err := w.Refresh(t.Context(), owner, a.ID, false); err != nil {
						t.Errorf("Refresh() = %v", err)
					}
				})
			}
			wg.Wait()
			pass(time.Second)
			if n := w.requests("google_youtube", "token") - before; n != 1 {
				t.Errorf("%d requests; want one", n)
			}
		}
	})
}
