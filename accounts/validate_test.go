package accounts_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mooring/accounts"
	"mooring/diagnosis"
	"mooring/platforms"
)

// alter makes w's Service one that knows other hooks of a platform.
func (w *world) alter(platform string, change func(l *platforms.Login)) {
	w.t.Helper()
	o := w.options
	o.Apps = slices.Clone(o.Apps)
	for i, a := range o.Apps {
		if a.Platform.ID == platform {
			app, login := *a, *a.Login
			change(&login)
			app.Login = &login
			o.Apps[i] = &app
		}
	}
	w.options = o
	w.Service = w.replica()
}

// silence renames a field of all answers, so that it is not told.
func (w *world) silence(field string) {
	next := w.wire.next
	w.wire.next = transport(func(r *http.Request) (*http.Response, error) {
		resp, err := next.RoundTrip(r)
		if err != nil {
			return nil, err
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body = io.NopCloser(bytes.NewReader(bytes.ReplaceAll(body, []byte(field), []byte(`"silenced":`))))
		return resp, err
	})
}

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// failure is a platform's failure of a class.
func failure(class platforms.Class, status int, code string) error {
	return &platforms.Error{
		Platform: "twitter", Stage: platforms.StageAPI, Status: status, Verdict: platforms.Verdict{Class: class, Code: code},
	}
}

// age makes the tokens of a grant older than those of which nothing permanent
// is believed, and an earlier answer older than those that are given again.
func (w *world) age(a *accounts.Account) {
	w.t.Helper()
	w.exec(1, "UPDATE grants SET access_issued_at = access_issued_at - 60000, scopes_checked_at = scopes_checked_at - 10000 WHERE id = (SELECT grant_id FROM accounts WHERE id = ?)", a.ID)
	v, err := w.account(owner, a.ID).Validation()
	if err != nil {
		w.t.Fatal(err)
	}
	if v == nil {
		return
	}
	before, after := v.CheckedAt.Format(time.RFC3339Nano), v.CheckedAt.Add(-10*time.Second).Format(time.RFC3339Nano)
	w.exec(1, "UPDATE accounts SET validation = replace(validation, ?, ?) WHERE id = ?", before, after, a.ID)
}

func codes(findings []platforms.Finding) (all []string) {
	for _, f := range findings {
		all = append(all, f.Code)
	}
	return all
}

// sayso is an IsValid in words.
func sayso(v *bool) string {
	if v == nil {
		return "unknown"
	}
	return fmt.Sprint(*v)
}

func TestValidate(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		var answer *platforms.Validation
		var refusal error
		w.alter("twitter", func(l *platforms.Login) {
			l.Validate = func(_ context.Context, _ *platforms.App, _ *platforms.Tokens, p platforms.Profile) (*platforms.Validation, error) {
				if answer != nil && answer.Profile.ExternalID == "" {
					answer.Profile = p
				}
				return answer, refusal
			}
		})
		a := w.connect(owner, "twitter")
		finding := []platforms.Finding{{Code: "SUSPENDED", Message: "X has suspended the account."}}
		none := []accounts.EventType(nil)
		validated := []accounts.EventType{accounts.AccountValidated}
		renamed := []accounts.EventType{accounts.AccountProfileChanged}
		for _, test := range []struct {
			name     string
			answer   *platforms.Validation
			refusal  error
			valid    string
			verified bool
			errors   []string
			warnings []string
			code     accounts.Code // of the error
			events   []accounts.EventType
			renewed  bool // by the way
		}{
			{name: "not asked, and never asked before", refusal: failure(platforms.ClassTemporary, 503, ""), valid: "unknown", code: accounts.CodeUnavailable, events: none},
			{name: "fine", answer: &platforms.Validation{Details: []platforms.Detail{{Name: "Followers", Value: "12"}}}, valid: "true", verified: true, events: none},
			{name: "not asked", refusal: failure(platforms.ClassTemporary, 503, ""), valid: "true", code: accounts.CodeUnavailable, events: none},
			{name: "rate limited", refusal: failure(platforms.ClassRateLimited, 429, ""), valid: "true", code: accounts.CodeUnavailable, events: none},
			{name: "the app is at fault", refusal: failure(platforms.ClassAppFault, 402, "credits"), valid: "true", code: accounts.CodeUnavailable, events: none},
			{name: "a scope is missing for asking", refusal: failure(platforms.ClassMissingScope, 403, ""), valid: "true", code: accounts.CodeUnavailable, events: none},
			{name: "a renewed access token is refused like the old one", refusal: failure(platforms.ClassStaleAccess, 401, ""), valid: "true", code: accounts.CodeUnavailable, events: none, renewed: true},
			{name: "a warning", answer: &platforms.Validation{Warnings: finding}, valid: "true", verified: true, warnings: []string{"SUSPENDED"}, events: validated},
			{name: "the same warning", answer: &platforms.Validation{Warnings: finding}, valid: "true", verified: true, warnings: []string{"SUSPENDED"}, events: none},
			{name: "not asked, with a warning before", refusal: failure(platforms.ClassTemporary, 503, ""), valid: "true", warnings: []string{"SUSPENDED"}, code: accounts.CodeUnavailable, events: none},
			{name: "an error", answer: &platforms.Validation{Errors: finding}, valid: "false", verified: true, errors: []string{"SUSPENDED"}, events: validated},
			{name: "not asked, with an error before", refusal: failure(platforms.ClassTemporary, 503, ""), valid: "unknown", code: accounts.CodeUnavailable, events: none},
			{name: "fine again", answer: &platforms.Validation{}, valid: "true", verified: true, events: validated},
			{name: "dead, and renewed", refusal: failure(platforms.ClassRefreshDead, 401, ""), valid: "true", code: accounts.CodeUnavailable, events: none, renewed: true},
			{name: "another name", answer: &platforms.Validation{Profile: platforms.Profile{ExternalID: a.ExternalID, Kind: a.Kind, DisplayName: "Rowan\x00 Oak", Username: "rowanoak", AvatarURL: "https://x.example/a.png?signed=1"}}, valid: "true", verified: true, events: renamed},
			{name: "a picture signed anew", answer: &platforms.Validation{Profile: platforms.Profile{ExternalID: a.ExternalID, Kind: a.Kind, DisplayName: "Rowan Oak", Username: "rowanoak", AvatarURL: "https://x.example/a.png?signed=2"}}, valid: "true", verified: true, events: none},
			{name: "another picture", answer: &platforms.Validation{Profile: platforms.Profile{ExternalID: a.ExternalID, Kind: a.Kind, DisplayName: "Rowan Oak", Username: "rowanoak", AvatarURL: "https://x.example/b.png"}}, valid: "true", verified: true, events: renamed},
			{name: "another account's profile", answer: &platforms.Validation{Profile: platforms.Profile{ExternalID: "7", DisplayName: "Somebody Else"}}, valid: "true", verified: true, events: none},
		} {
			w.age(a)
			known := len(w.events("", accounts.EventFilter{}))
			before := w.account(owner, a.ID)
			answer, refusal = test.answer, test.refusal
			got, v, err := w.Validate(t.Context(), owner, a.ID)
			if test.code != "" {
				wantCode(t, test.name, err, test.code)
				if e := expected(t, err); e.Diagnosis == nil {
					t.Errorf("%s: the error has no diagnosis", test.name)
				}
			} else if err != nil {
				t.Errorf("%s: Validate() = %v", test.name, err)
			}
			if got == nil || v == nil {
				t.Fatalf("%s: Validate() = %v, %v; want an account and a validation", test.name, got, v)
			}
			if sayso(v.IsValid) != test.valid || v.Verified != test.verified || !slices.Equal(codes(v.Errors), test.errors) || !slices.Equal(codes(v.Warnings), test.warnings) {
				t.Errorf("%s: valid %s, verified %t, errors %v, warnings %v; want %s, %t, %v, %v", test.name,
					sayso(v.IsValid), v.Verified, codes(v.Errors), codes(v.Warnings), test.valid, test.verified, test.errors, test.warnings)
			}
			if v.Info.ID != a.ExternalID || v.Info.Name != got.DisplayName {
				t.Errorf("%s: info = %+v; want that of the account", test.name, v.Info)
			}
			stored, err := got.Validation()
			if err != nil {
				t.Fatal(err)
			}
			if test.verified && (stored == nil || !stored.CheckedAt.Equal(v.CheckedAt) || sayso(stored.IsValid) != test.valid) {
				t.Errorf("%s: stored %+v; want the answer", test.name, stored)
			}
			if proved := test.verified && test.valid == "true"; got.Health.CheckedAt.After(before.Health.CheckedAt) != (proved || test.renewed) || proved && *got.Health.CheckedBy != accounts.ByProbe {
				t.Errorf("%s: checked at %s by %s, before at %s; want a proof %t", test.name, got.Health.CheckedAt, *got.Health.CheckedBy, before.Health.CheckedAt, proved)
			}
			if got.Health.Status != accounts.Healthy {
				t.Errorf("%s: the account is %s; want no verdict", test.name, got.Health.Status)
			}
			if events := types(w.events("", accounts.EventFilter{})[known:]); !slices.Equal(events, test.events) {
				t.Errorf("%s: events = %v; want %v", test.name, events, test.events)
			}
		}
		if got := w.account(owner, a.ID); got.DisplayName != "Rowan Oak" || *got.Username != "rowanoak" || *got.AvatarURL != "https://x.example/b.png" {
			t.Errorf("the account is %s, %s, %s; want what the platform said last", got.DisplayName, *got.Username, *got.AvatarURL)
		}
		if page, err := w.Accounts(t.Context(), owner, accounts.Filter{Search: ptr("oak")}, accounts.Order{}, accounts.Paging{}); err != nil || len(page.Accounts) != 1 {
			t.Errorf("searching for the new name finds %v, %v; want the account", page, err)
		}
	})
}

// heard alters LinkedIn so that it answers all questions with a failure.
func (w *world) heard(refusal error) {
	w.alter("linkedin", func(l *platforms.Login) {
		l.Validate = func(context.Context, *platforms.App, *platforms.Tokens, platforms.Profile) (*platforms.Validation, error) {
			return nil, refusal
		}
		l.Inspect = func(context.Context, *platforms.App, *platforms.Tokens) (*platforms.Inspection, error) {
			return nil, refusal
		}
	})
}

// ask validates an account, or checks its permissions; the answer is IsValid,
// unknown for the latter.
func (w *world) ask(question, id string) (string, error) {
	if question == "validate" {
		_, v, err := w.Validate(w.t.Context(), owner, id)
		return sayso(v.IsValid), err
	}
	_, err := w.CheckPermissions(w.t.Context(), owner, id)
	return "unknown", err
}

// The platform's word that a token is dead is believed of whoever asked, once
// the token is a minute old: platforms call fresh ones dead for seconds.
func TestTheWordThatATokenIsDead(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.heard(failure(platforms.ClassRefreshDead, 401, ""))
		for _, question := range []string{"validate", "permissions"} {
			a := w.connect(owner, "linkedin", "refresh", "no")
			_, err := w.ask(question, a.ID)
			wantCode(t, question+" about a young token", err, accounts.CodeUnavailable)
			if p := w.wantHealth(a.ID, accounts.Healthy, "", true).Permissions(); !p.CanPost || p.Source != platforms.FromTokenResponse {
				t.Errorf("%s: permissions = %+v; want those last known", question, p)
			}
			w.age(a)
			known := len(w.events("", accounts.EventFilter{}))
			events := []accounts.EventType{accounts.AccountHealthChanged}
			if valid, err := w.ask(question, a.ID); question == "validate" {
				events = append(events, accounts.AccountValidated)
				if valid != "false" || err != nil {
					t.Errorf("validate a dead token: %s, %v; want false", valid, err)
				}
			} else {
				wantCode(t, "permissions of a dead token", err, accounts.CodeRefused)
			}
			dead := w.wantHealth(a.ID, accounts.Unhealthy, accounts.Revoked, false)
			if *dead.Health.CheckedBy != accounts.ByProbe {
				t.Errorf("%s: checked by %s; want PROBE", question, *dead.Health.CheckedBy)
			}
			if got := types(w.events("", accounts.EventFilter{})[known:]); !slices.Equal(got, events) {
				t.Errorf("%s: events = %v; want %v", question, got, events)
			}
			if n := w.count("SELECT count(*) FROM secrets WHERE owner_id LIKE 'gra%'"); n != 0 {
				t.Errorf("%s: %d tokens are kept; want none", question, n)
			}
		}
	})
}

// Where there is something to renew a dead token by, the token endpoint decides.
func TestTheTokenEndpointDecides(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.heard(failure(platforms.ClassRefreshDead, 401, ""))
		for _, question := range []string{"validate", "permissions"} {
			for _, test := range []struct {
				name, fault string
				reason      accounts.Reason
				valid       string // said by validate
				code        accounts.Code
			}{
				{"renews", "", "", "unknown", accounts.CodeUnavailable},
				{"is down", `{"platform":"linkedin","endpoint":"token","status":503}`, "", "unknown", accounts.CodeUnavailable},
				{"refuses", `{"platform":"linkedin","endpoint":"token","status":400,"body":{"error":"invalid_grant"}}`, accounts.RefreshDead, "false", accounts.CodeRefused},
			} {
				a := w.connect(owner, "linkedin")
				w.age(a)
				if test.fault != "" {
					w.fault(test.fault)
				}
				before := w.requests("linkedin", "token")
				valid, err := w.ask(question, a.ID)
				if question == "validate" && valid != test.valid {
					t.Errorf("validate when the token endpoint %s = %s; want %s", test.name, valid, test.valid)
				}
				if question != "validate" || test.valid != "false" {
					wantCode(t, question+" when the token endpoint "+test.name, err, test.code)
				}
				if n := w.requests("linkedin", "token") - before; n != 1 {
					t.Errorf("%s when the token endpoint %s: %d refreshes; want 1", question, test.name, n)
				}
				status := accounts.Healthy
				if test.reason != "" {
					status = accounts.Unhealthy
				}
				w.wantHealth(a.ID, status, test.reason, true)
				w.mend()
			}
		}
	})
}

// An access token that nothing can refresh is dead when it is stale.
func TestStaleAccessWithoutRefresh(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.alter("twitter", func(l *platforms.Login) {
			l.Refresh = platforms.Refresh{Kind: platforms.RefreshNone}
			l.Validate = func(context.Context, *platforms.App, *platforms.Tokens, platforms.Profile) (*platforms.Validation, error) {
				return nil, failure(platforms.ClassStaleAccess, 401, "")
			}
		})
		a := w.connect(owner, "twitter")
		w.age(a)
		_, v, err := w.Validate(t.Context(), owner, a.ID)
		if err != nil || sayso(v.IsValid) != "false" || len(v.Errors) != 1 || v.Errors[0].Message == "" {
			t.Errorf("Validate() = %+v, %v; want invalid, with words", v, err)
		}
	})
}

// With no hook of its own a platform is asked whether it still finds the
// account; the sandbox is, here.
func TestValidateAtThePlatforms(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		for _, platform := range []string{"twitter", "linkedin", "google_youtube", "tiktok", "pinterest"} {
			a := w.connect(owner, platform)
			if _, v, err := w.Validate(t.Context(), owner, a.ID); err != nil || sayso(v.IsValid) != "true" || v.Info.Name == "" {
				t.Errorf("Validate() of %s = %+v, %v; want valid", platform, v, err)
			}
			if got, err := w.CheckPermissions(t.Context(), owner, a.ID); err != nil || !got.Permissions().CanRead {
				t.Errorf("CheckPermissions() of %s = %+v, %v; want that it can read", platform, got, err)
			}
			w.age(a)
			w.control(http.MethodPost, "faults", `{"platform":"`+platform+`","times":9,"status":503}`, nil)
			_, v, err := w.Validate(t.Context(), owner, a.ID)
			if wantCode(t, platform, err, accounts.CodeUnavailable); sayso(v.IsValid) != "true" || v.Verified {
				t.Errorf("Validate() of %s while it is down = %+v; want what it said last, not verified", platform, v)
			}
			w.control(http.MethodDelete, "faults", "", nil)
		}
	})
}

// However many ask at once, and right after, the platform is asked once.
func TestOneQuestionAtATime(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		var validations, inspections atomic.Int32
		w.alter("twitter", func(l *platforms.Login) {
			l.Validate = func(_ context.Context, _ *platforms.App, _ *platforms.Tokens, p platforms.Profile) (*platforms.Validation, error) {
				validations.Add(1)
				return &platforms.Validation{Profile: p}, nil
			}
			l.Inspect = func(_ context.Context, _ *platforms.App, t *platforms.Tokens) (*platforms.Inspection, error) {
				inspections.Add(1)
				return &platforms.Inspection{Scopes: t.Scopes, Source: platforms.FromIntrospection}, nil
			}
		})
		a := w.connect(owner, "twitter")
		ask := func() {
			var all sync.WaitGroup
			for range 10 {
				all.Go(func() {
					if _, v, err := w.Validate(t.Context(), owner, a.ID); err != nil || !v.Verified {
						t.Errorf("Validate() = %+v, %v; want an answer", v, err)
					}
				})
				all.Go(func() {
					if _, err := w.CheckPermissions(t.Context(), owner, a.ID); err != nil {
						t.Errorf("CheckPermissions() = %v", err)
					}
				})
			}
			all.Wait()
		}
		for want := int32(1); want <= 2; want++ {
			ask()
			if v, i := validations.Load(), inspections.Load(); v != want || i != want {
				t.Errorf("%d validations and %d inspections; want %d of each", v, i, want)
			}
			w.age(a)
		}
	})
}

func TestCheckPermissions(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		var scopes []string
		var refusal error
		w.alter("linkedin", func(l *platforms.Login) {
			l.Inspect = func(_ context.Context, _ *platforms.App, t *platforms.Tokens) (*platforms.Inspection, error) {
				if refusal != nil {
					return nil, refusal
				}
				return &platforms.Inspection{Scopes: scopes, Source: platforms.FromIntrospection}, nil
			}
		})
		done, err := w.CompleteConnect(t.Context(), owner, w.run(w.organizations()).ID, []string{"70931", "70932"})
		if err != nil {
			t.Fatal(err)
		}
		a := w.account(owner, done.AccountIDs[0])
		granted := a.Permissions().Granted
		turned := slices.Clone(granted)
		slices.Reverse(turned)
		for _, test := range []struct {
			name    string
			scopes  []string
			refusal error
			want    []string
			source  platforms.ScopeSource
			events  int
		}{
			{"could not be asked", nil, failure(platforms.ClassTemporary, 502, ""), granted, platforms.FromTokenResponse, 0},
			{"one alone, in capitals", []string{strings.ToUpper(turned[0])}, nil, nil, platforms.FromIntrospection, 2},
			{"the same in small letters", []string{turned[0]}, nil, []string{turned[0]}, platforms.FromIntrospection, 0},
			{"all of them", turned, nil, turned, platforms.FromIntrospection, 2},
			{"the same in another order", granted, nil, granted, platforms.FromIntrospection, 0},
		} {
			w.age(a)
			scopes, refusal = test.scopes, test.refusal
			before := w.count("SELECT count(*) FROM events WHERE type = ?", accounts.AccountPermissionsChanged)
			got, err := w.CheckPermissions(t.Context(), owner, a.ID)
			if (err != nil) != (test.refusal != nil) {
				t.Errorf("%s: CheckPermissions() = %v", test.name, err)
			}
			p := got.Permissions()
			if test.want != nil && !slices.Equal(p.Granted, test.want) || p.Source != test.source {
				t.Errorf("%s: %v from %s; want %v from %s", test.name, p.Granted, p.Source, test.want, test.source)
			}
			other := w.account(owner, done.AccountIDs[1]).Permissions()
			if !slices.Equal(other.Granted, p.Granted) {
				t.Errorf("%s: the grant's other account has %v; want the same", test.name, other.Granted)
			}
			if n := w.count("SELECT count(*) FROM events WHERE type = ?", accounts.AccountPermissionsChanged) - before; n != test.events {
				t.Errorf("%s: %d events; want %d", test.name, n, test.events)
			}
		}
	})
}

func TestNothingIsAskedAboutLostAccounts(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		a := w.connect(owner, "twitter")
		lost := w.connect(owner, "tiktok")
		w.exec(2, "DELETE FROM secrets WHERE owner_id = (SELECT grant_id FROM accounts WHERE id = ?)", lost.ID)
		gone := w.connect(owner, "linkedin")
		if _, err := w.Disconnect(t.Context(), owner, gone.ID); err != nil {
			t.Fatal(err)
		}
		elsewhere := w.options
		elsewhere.Apps = slices.DeleteFunc(slices.Clone(elsewhere.Apps), func(app *platforms.App) bool { return app.Platform.ID == "twitter" })
		elsewhere.Apps = append(elsewhere.Apps, &platforms.App{Platform: platforms.Twitter, Login: platforms.Twitter.Logins[0], HTTP: http.DefaultClient})
		without, _ := w.start(elsewhere)
		for _, test := range []struct {
			name string
			s    *accounts.Service
			id   string
			code accounts.Code
		}{
			{"disconnected", w.Service, gone.ID, accounts.CodeWrongState},
			{"without tokens", w.Service, lost.ID, accounts.CodeWrongState},
			{"of an app that is gone", without, a.ID, accounts.CodeNotReady},
			{"unknown", w.Service, "acc_0", accounts.CodeNotFound},
		} {
			_, _, err := test.s.Validate(t.Context(), owner, test.id)
			wantCode(t, test.name+": Validate()", err, test.code)
			_, err = test.s.CheckPermissions(t.Context(), owner, test.id)
			wantCode(t, test.name+": CheckPermissions()", err, test.code)
		}
	})
}

// What was said under another grant says nothing of the present one.
func TestAReconnectForgetsTheValidation(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		a := w.connect(owner, "twitter")
		if _, v, err := w.Validate(t.Context(), owner, a.ID); err != nil || !v.Verified {
			t.Fatalf("Validate() = %+v, %v", v, err)
		}
		w.run(w.begin(owner, accounts.ConnectRequest{Platform: "twitter", AccountID: &a.ID}))
		if v, err := w.account(owner, a.ID).Validation(); v != nil || err != nil {
			t.Errorf("after a reconnect Validation() = %+v, %v; want none", v, err)
		}
	})
}

func TestRequiredScopes(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		before := w.dump(lasting...)
		attempt := w.run(w.begin(owner, accounts.ConnectRequest{Platform: "google_youtube"}), "scope", "openid")
		if attempt.Status != accounts.AttemptBroken || len(attempt.AccountIDs) != 0 {
			t.Fatalf("attempt is %s with accounts %v; want FAILED", attempt.Status, attempt.AccountIDs)
		}
		d := attempt.Diagnosis
		if d.IssueType != diagnosis.InsufficientPermissions || !strings.Contains(d.PossibleCauses[0], "youtube.readonly") || !strings.Contains(d.Solutions[0], "See your channel") {
			t.Errorf("%s, %v; want it to name youtube.readonly, and what to tick", says(d), d.Solutions)
		}
		wantSame(t, "a consent without a required scope", w.dump(lasting...), before)

		// Where the token answer names no scopes the platform is asked.
		var inspection *platforms.Inspection
		var refusal error
		w.silence(`"scope":`)
		w.alter("twitter", func(l *platforms.Login) {
			l.ConsentEnds = func(_ *platforms.App, consented time.Time) time.Time { return consented.Add(90 * 24 * time.Hour) }
			l.Inspect = func(context.Context, *platforms.App, *platforms.Tokens) (*platforms.Inspection, error) {
				return inspection, refusal
			}
		})
		all := []string{"users.read", "tweet.read", "offline.access", "tweet.write"}
		ends := time.Now().Add(30 * 24 * time.Hour).UTC().Truncate(time.Millisecond)
		for _, test := range []struct {
			name       string
			inspection *platforms.Inspection
			refusal    error
			status     accounts.AttemptStatus
			source     platforms.ScopeSource
			in         time.Duration // until the consent ends
		}{
			{"a required one is missing", &platforms.Inspection{Scopes: all[:2], Source: platforms.FromIntrospection}, nil, accounts.AttemptBroken, "", 0},
			{"not asked", nil, failure(platforms.ClassTemporary, 503, ""), accounts.AttemptDone, platforms.FromRequest, 90 * 24 * time.Hour},
			{"granted", &platforms.Inspection{Scopes: all, Source: platforms.FromPermissionsAPI}, nil, accounts.AttemptDone, platforms.FromPermissionsAPI, 90 * 24 * time.Hour},
			{"granted, with an end", &platforms.Inspection{Scopes: all, Source: platforms.FromIntrospection, ConsentExpires: ends, AccessExpires: ends}, nil, accounts.AttemptDone, platforms.FromIntrospection, 30 * 24 * time.Hour},
		} {
			inspection, refusal = test.inspection, test.refusal
			attempt := w.run(w.begin(owner, accounts.ConnectRequest{Platform: "twitter"}))
			if attempt.Status != test.status {
				t.Errorf("%s: attempt is %s, %s; want %s", test.name, attempt.Status, says(attempt.Diagnosis), test.status)
				continue
			}
			if test.status != accounts.AttemptDone {
				continue
			}
			a := w.account(owner, attempt.AccountIDs[0])
			if p := a.Permissions(); p.Source != test.source {
				t.Errorf("%s: source %s; want %s", test.name, p.Source, test.source)
			}
			if left := time.Until(a.Health.ConsentExpiresAt); left > test.in || left < test.in-time.Minute {
				t.Errorf("%s: the consent ends in %s; want %s", test.name, left, test.in)
			}
		}
	})
}

// The tokens of an exchange, and then the longer ones, are stored before the
// platform is asked anything else.
func TestLengthen(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		var refusal error
		stored := func() int {
			return w.count("SELECT count(*) FROM secrets WHERE owner_id LIKE 'att%' AND kind <> 'code_verifier'")
		}
		var during, after int
		w.alter("twitter", func(l *platforms.Login) {
			identify := l.Identify
			l.Lengthen = func(_ context.Context, _ *platforms.App, t *platforms.Tokens) (*platforms.Tokens, error) {
				during = stored()
				if refusal != nil {
					return nil, refusal
				}
				long := *t
				long.Refresh, long.AccessExpires = platforms.Secret{}, time.Now().Add(60*24*time.Hour)
				return &long, nil
			}
			l.Identify = func(ctx context.Context, a *platforms.App, t *platforms.Tokens) (*platforms.Identity, error) {
				after = stored()
				return identify(ctx, a, t)
			}
		})
		a := w.connect(owner, "twitter")
		if left := time.Until(a.Health.ExpiresAt); left < 59*24*time.Hour {
			t.Errorf("the account ends in %s; want the longer token's 60 days", left)
		}
		if during != 2 || after != 1 {
			t.Errorf("%d tokens stored while lengthening, %d afterwards; want access and refresh token, then the long-lived one alone", during, after)
		}
		if n := w.count("SELECT count(*) FROM secrets WHERE owner_id LIKE 'gra%'"); n != 1 {
			t.Errorf("the grant has %d tokens; want the long-lived one", n)
		}
		refusal = failure(platforms.ClassTemporary, 503, "")
		before := w.dump(lasting...)
		got := w.run(w.begin(owner, accounts.ConnectRequest{Platform: "twitter"}))
		if got.Status != accounts.AttemptBroken || got.Diagnosis == nil || got.Diagnosis.IssueType != diagnosis.PlatformOutage {
			t.Errorf("after a failure to lengthen the attempt is %s, %s; want FAILED", got.Status, says(got.Diagnosis))
		}
		wantSame(t, "a failure to lengthen", w.dump(lasting...), before)
		refusal = errors.New("a fault of ours")
		if got = w.run(w.begin(owner, accounts.ConnectRequest{Platform: "twitter"})); got.Status != accounts.AttemptBroken {
			t.Errorf("after a fault of ours the attempt is %s; want FAILED", got.Status)
		}
	})
}

// LinkedIn's API refuses the tokens of a suspended app as if they were dead; its
// introspection tells the two apart.
func TestASuspendedAppKillsNoAccount(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		a := w.connect(owner, "linkedin")
		w.age(a)
		w.control(http.MethodPost, "apps/linkedin", `{"suspended": true}`, nil)
		_, v, err := w.Validate(t.Context(), owner, a.ID)
		wantCode(t, "Validate() under a suspended app", err, accounts.CodeUnavailable)
		if v.IsValid != nil || v.Verified {
			t.Errorf("Validate() under a suspended app = %+v; want nothing known", v)
		}
		w.control(http.MethodPost, "apps/linkedin", `{"suspended": false}`, nil)
		w.control(http.MethodPost, "faults", `{"platform": "linkedin", "endpoint": "profile", "status": 401, "body": {"status": 401, "serviceErrorCode": 65600}}`, nil)
		_, _, err = w.Validate(t.Context(), owner, a.ID)
		wantCode(t, "Validate() of a token that is active", err, accounts.CodeUnavailable)
		w.control(http.MethodPost, "grants/"+w.grants("linkedin")[0].ID+"/revoke", "{}", nil)
		if _, v, err = w.Validate(t.Context(), owner, a.ID); err != nil || sayso(v.IsValid) != "false" {
			t.Errorf("Validate() of a revoked token = %+v, %v; want not valid", v, err)
		}
	})
}
