package accounts_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mooring/accounts"
	"mooring/diagnosis"
	"mooring/platforms"
)

// unauthorized is a report that the token was refused.
func unauthorized(l *accounts.Lease) accounts.FailureReport {
	return accounts.FailureReport{LeaseID: l.ID, HTTPStatus: http.StatusUnauthorized}
}

// report reports a failure and wants an outcome.
func (w *world) report(r accounts.FailureReport, want accounts.ReportOutcome) *accounts.Reported {
	w.t.Helper()
	got, err := w.ReportFailure(w.t.Context(), publisher, r)
	if err != nil {
		w.t.Fatalf("ReportFailure(%+v) = %v; want %s", r, err, want)
	}
	if got.Outcome != want || got.Account == nil || (got.Diagnosis == nil) != (want == accounts.ReportSuperseded) {
		w.t.Errorf("ReportFailure(%+v) = %s, %s; want %s and a diagnosis", r, got.Outcome, says(got.Diagnosis), want)
	}
	return got
}

// A token that was refused is replaced by one refresh, however many report it;
// who comes late with the old one is told so.
func TestAReportLeadsToOneRefresh(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		a := w.connect(owner, "twitter")
		l := w.lease(a.ID, 0)
		pass(2 * time.Minute)
		w.fault(`{"platform":"twitter","endpoint":"token","delayMs":3000}`)
		var refreshed, superseded atomic.Int32
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				r, err := w.ReportFailure(t.Context(), publisher, unauthorized(l))
				switch {
				case err != nil:
					t.Errorf("ReportFailure() = %v", err)
				case r.Outcome == accounts.ReportRefreshed:
					refreshed.Add(1)
				case r.Outcome == accounts.ReportSuperseded:
					superseded.Add(1)
				}
			})
		}
		all.Wait()
		if refreshed.Load()+superseded.Load() != 8 || refreshed.Load() == 0 {
			t.Errorf("%d times REFRESHED and %d times SUPERSEDED; want eight, the first REFRESHED", refreshed.Load(), superseded.Load())
		}
		w.wantRequests("twitter", 2)
		before := w.dump("accounts", "grants", "refreshes", "activity", "events")
		for range 5 {
			w.report(unauthorized(l), accounts.ReportSuperseded)
		}
		wantSame(t, "a report about an earlier token", w.dump("accounts", "grants", "refreshes", "activity", "events"), before)
		w.wantRequests("twitter", 2)
		h := w.wantHealth(a.ID, accounts.Healthy, "", true).Health
		if *h.CheckedBy != accounts.ByCaller || h.LastRefreshedAt.Before(a.Health.LastRefreshedAt.Add(2*time.Minute)) {
			t.Errorf("health = %+v; want a refresh, checked by CALLER", h)
		}
		if next := w.lease(a.ID, 0); next.AccessToken.Equal(l.AccessToken) {
			t.Error("the refused token is lent again")
		}
		w.wantEvents(a.ID)
		pass(2 * time.Hour)
		if h := w.account(owner, a.ID).Health; *h.CheckedBy != accounts.ByRefresh {
			t.Errorf("checked by %s after Mooring's own refresh; want REFRESH", *h.CheckedBy)
		}
	})
}

// The platform's word decides: where the grant is over, the report finds out.
func TestAReportFindsADeadGrant(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		a := w.connect(owner, "twitter")
		l := w.lease(a.ID, 0)
		pass(2 * time.Minute)
		w.revokeAll()
		r := w.report(unauthorized(l), accounts.ReportConfirmed)
		if r.Diagnosis.FixableBy != diagnosis.User || *r.Account.Health.CheckedBy != accounts.ByCaller {
			t.Errorf("the report came to %s, checked by %s; want that the person has to act, by CALLER", says(r.Diagnosis), *r.Account.Health.CheckedBy)
		}
		w.wantRequests("twitter", 2)
		w.wantHealth(a.ID, accounts.Unhealthy, accounts.RefreshDead, true)
		w.wantEvents(a.ID, accounts.Unhealthy)

		// The access token was said to be dead, too: the platform is asked, and says so.
		l = w.lease(a.ID, 0, string(accounts.RefreshDead))
		w.report(unauthorized(l), accounts.ReportConfirmed)
		w.wantHealth(a.ID, accounts.Unhealthy, accounts.Revoked, false)
		w.wantRefused(a.ID, accounts.CodeWrongState)
		w.report(unauthorized(l), accounts.ReportConfirmed)
		w.wantRequests("twitter", 2)
		if n := w.count("SELECT count(*) FROM secrets WHERE owner_id LIKE 'gra%'"); n != 0 {
			t.Errorf("%d tokens are left; want none of an account that does not work", n)
		}
	})
}

// A refresh that fails for the platform's reasons says nothing of the account,
// and no report makes it be tried again before its turn.
func TestAReportWhileThePlatformIsDown(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		a := w.connect(owner, "google_youtube")
		l := w.lease(a.ID, 0)
		pass(2 * time.Minute)
		w.fault(`{"preset":"outage","platform":"google_youtube","endpoint":"token"}`)
		for range 20 {
			w.report(unauthorized(l), accounts.ReportRecorded)
		}
		w.wantRequests("google_youtube", 2)
		w.fault(`{"platform":"google_youtube","endpoint":"token","times":-1,"status":401,"body":{"error":"invalid_client"}}`)
		w.report(unauthorized(l), accounts.ReportRecorded)
		w.wantHealth(a.ID, accounts.Healthy, "", true)
		w.wantEvents(a.ID)
	})
}

// Where nothing can be refreshed the platform is asked once, and its answer
// decides.
func TestAReportLeadsToOneQuestion(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		a := w.connect(owner, "linkedin", "refresh", "no")
		l := w.lease(a.ID, 0)
		pass(2 * time.Minute)
		n := w.requests("linkedin", "")
		var all sync.WaitGroup
		w.fault(`{"platform":"linkedin","endpoint":"introspect","delayMs":3000}`)
		for range 8 {
			all.Go(func() { w.report(unauthorized(l), accounts.ReportWorks) })
		}
		all.Wait()
		w.report(unauthorized(l), accounts.ReportWorks)
		if got := w.requests("linkedin", "") - n; got != 1 {
			t.Errorf("%d questions; want one for all", got)
		}
		if h := w.account(owner, a.ID).Health; *h.CheckedBy != accounts.ByCaller || time.Since(h.CheckedAt) > time.Minute {
			t.Errorf("health = %+v; want it checked just now by CALLER", h)
		}

		pass(2 * time.Minute)
		w.fault(`{"platform":"linkedin","endpoint":"introspect","status":503}`)
		w.report(unauthorized(l), accounts.ReportRecorded)
		w.wantHealth(a.ID, accounts.Healthy, "", true)

		pass(2 * time.Minute)
		w.revokeAll()
		r := w.report(accounts.FailureReport{LeaseID: l.ID, HTTPStatus: http.StatusUnauthorized, ErrorCode: "65601"}, accounts.ReportConfirmed)
		if r.Diagnosis.FixableBy != diagnosis.User {
			t.Errorf("diagnosis = %s; want the person to act", says(r.Diagnosis))
		}
		w.wantHealth(a.ID, accounts.Unhealthy, accounts.Revoked, false)
		w.wantEvents(a.ID, accounts.Unhealthy)
	})
}

// Platforms refuse their own tokens for some seconds; nobody is told that those
// are dead.
func TestAReportAboutAYoungToken(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		for _, form := range []string{"yes", "no"} {
			a := w.connect(owner, "linkedin", "refresh", form)
			w.fault(`{"platform":"linkedin","endpoint":"introspect","status":401,"body":{"serviceErrorCode":65601,"code":"REVOKED_ACCESS_TOKEN"}}`)
			w.report(unauthorized(w.lease(a.ID, 0)), accounts.ReportRecorded)
			w.wantHealth(a.ID, accounts.Healthy, "", true)
			pass(time.Hour)
		}
		w.wantRequests("linkedin", 2)
	})
}

// What is not about the token changes nothing.
func TestReportsThatChangeNothing(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		for _, test := range []struct {
			platform string
			report   accounts.FailureReport
			issue    diagnosis.IssueType
		}{
			{"twitter", accounts.FailureReport{HTTPStatus: 429}, diagnosis.RateLimit},
			{"twitter", accounts.FailureReport{HTTPStatus: 503}, diagnosis.PlatformOutage},
			{"twitter", accounts.FailureReport{HTTPStatus: 403, Body: "<html>Access denied</html>"}, ""},
			{"google_youtube", accounts.FailureReport{HTTPStatus: 403, ErrorCode: "quotaExceeded"}, diagnosis.RateLimit},
			{"google_youtube", accounts.FailureReport{HTTPStatus: 401, Body: `{"error":{"code":403,"errors":[{"reason":"quotaExceeded","domain":"youtube.quota"}]}}`}, ""},
			{"tiktok", accounts.FailureReport{HTTPStatus: 200, Body: `{"error":{"code":"rate_limit_exceeded","message":"slow down"}}`}, diagnosis.RateLimit},
			{"tiktok", accounts.FailureReport{HTTPStatus: 400, ErrorMessage: "the video is too long"}, ""},
			{"tiktok", accounts.FailureReport{}, diagnosis.Unknown},
		} {
			a := w.connect(owner, test.platform)
			test.report.LeaseID = w.lease(a.ID, 0).ID
			pass(2 * time.Minute)
			n, before := w.requests(test.platform, ""), w.dump("accounts", "grants", "refreshes", "events", "apps")
			r := w.report(test.report, accounts.ReportRecorded)
			if test.issue != "" && r.Diagnosis.IssueType != test.issue {
				t.Errorf("%s, %+v: %s; want %s", test.platform, test.report, says(r.Diagnosis), test.issue)
			}
			wantSame(t, fmt.Sprintf("%+v", test.report), w.dump("accounts", "grants", "refreshes", "events", "apps"), before)
			if got := w.requests(test.platform, ""); got != n {
				t.Errorf("%s, %+v: %d requests; want none", test.platform, test.report, got-n)
			}
		}
		if n := w.count("SELECT sum(count) FROM activity WHERE kind = 'FAILURE_REPORTED'"); n != 8 {
			t.Errorf("%d reports are counted; want 8", n)
		}
	})
}

// Whatever part of the platform's answer is passed on, the login method's rules
// find out what it is about.
func TestReportsAboutTheToken(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		for _, test := range []struct {
			platform string
			report   accounts.FailureReport
		}{
			{"twitter", accounts.FailureReport{HTTPStatus: 401}},
			{"google_youtube", accounts.FailureReport{HTTPStatus: 401, Body: `{"error":{"code":401,"status":"UNAUTHENTICATED"}}`}},
			{"tiktok", accounts.FailureReport{HTTPStatus: 200, Body: `{"error":{"code":"access_token_invalid","message":"The access token is invalid"}}`}},
			{"tiktok", accounts.FailureReport{ErrorCode: "access_token_invalid"}},
			{"linkedin", accounts.FailureReport{HTTPStatus: 401, ErrorCode: "65601"}},
		} {
			a := w.connect(owner, test.platform)
			test.report.LeaseID = w.lease(a.ID, 0).ID
			pass(2 * time.Minute)
			w.report(test.report, accounts.ReportRefreshed)
		}
	})
}

// A missing scope makes the platform be asked for the scopes, and no more.
func TestAReportOfAMissingScope(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		var asked atomic.Int32
		w.alter("linkedin", func(l *platforms.Login) {
			l.Inspect = func(_ context.Context, _ *platforms.App, t *platforms.Tokens) (*platforms.Inspection, error) {
				asked.Add(1)
				return &platforms.Inspection{Scopes: t.Scopes[:1], Source: platforms.FromIntrospection}, nil
			}
		})
		a := w.connect(owner, "linkedin")
		w.age(a)
		_, l, err := w.Lease(t.Context(), publisher, accounts.LeaseRequest{AccountID: a.ID})
		if err != nil {
			t.Fatal(err)
		}
		for range 5 {
			r := w.report(accounts.FailureReport{LeaseID: l.ID, HTTPStatus: 403}, accounts.ReportRecorded)
			if granted := r.Account.Permissions().Granted; len(granted) != 1 {
				t.Errorf("after the report the account has %v; want the one scope that is left", granted)
			}
		}
		if n := asked.Load(); n != 1 {
			t.Errorf("%d questions; want one", n)
		}
	})
}

// The dead token of a Page is the Page's trouble alone.
func TestAReportAboutAPage(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		attempt := w.run(w.begin(owner, accounts.ConnectRequest{Platform: "meta_facebook"}), "persona", "greta")
		done, err := w.CompleteConnect(t.Context(), owner, attempt.ID, []string{attempt.Candidates[0].ExternalID, attempt.Candidates[1].ExternalID})
		if err != nil {
			t.Fatal(err)
		}
		dead, fine := done.AccountIDs[0], done.AccountIDs[1]
		w.age(w.account(owner, dead))
		leases := map[string]*accounts.Lease{}
		for _, id := range done.AccountIDs {
			if _, leases[id], err = w.Lease(t.Context(), publisher, accounts.LeaseRequest{AccountID: id}); err != nil {
				t.Fatal(err)
			}
		}
		refused := accounts.FailureReport{LeaseID: leases[fine].ID, HTTPStatus: 400, ErrorCode: "190", ErrorSubcode: "460"}
		w.report(refused, accounts.ReportWorks)
		w.control("POST", "faults", `{"platform":"meta_facebook","endpoint":"introspect","status":200,"body":{"data":{"is_valid":false,"error":{"message":"The session has been invalidated because the user changed their password.","code":190,"subcode":460}}}}`, nil)
		refused.LeaseID = leases[dead].ID
		w.report(refused, accounts.ReportConfirmed)
		w.wantHealth(dead, accounts.Unhealthy, accounts.Revoked, false)
		w.wantHealth(fine, accounts.Healthy, "", true)
		if n := w.owned("acc"); n != 1 {
			t.Errorf("%d tokens of Pages; want the other's alone", n)
		}
	})
}

// What a caller passes on is not kept: it may hold the token.
func TestReportsAreNotKept(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		a := w.connect(owner, "twitter")
		_, l, err := w.Lease(t.Context(), publisher, accounts.LeaseRequest{AccountID: a.ID})
		if err != nil {
			t.Fatal(err)
		}
		token := l.AccessToken.Reveal()
		w.report(accounts.FailureReport{
			LeaseID: l.ID, HTTPStatus: 400, ErrorCode: token, ErrorSubcode: token, ErrorMessage: token, Body: `{"sent":"` + token + `"}`,
		}, accounts.ReportRecorded)
		shown := fmt.Sprintf("%+v %#v %v", l, l, *l) + w.log.String() +
			fmt.Sprint(w.dump("accounts", "grants", "activity", "events", "apps", "refreshes"))
		if strings.Contains(shown, token) {
			t.Error("the token is shown, logged or stored in the clear")
		}
	})
}
