package sandbox_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"mooring/platforms"
	"mooring/platforms/sandbox"
)

func (w world) addFault(fault string) {
	w.t.Helper()
	var added map[string]any
	if got := w.control(http.MethodPost, "faults", fault, &added); got != http.StatusCreated {
		w.t.Fatalf("fault %s = %d, %v; want 201", fault, got, added)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		fault string
		want  platforms.Error // of Identify, with the fields that count
	}{
		{"rate limit", `{"platform":"twitter","endpoint":"profile","retryAfterSeconds":7}`, platforms.Error{Status: 429, Verdict: platforms.Verdict{Class: platforms.ClassRateLimited, RetryAfter: 7 * time.Second}}},
		{"any resource", `{"platform":"twitter","endpoint":"api","status":503}`, platforms.Error{Status: 503, Verdict: platforms.Verdict{Class: platforms.ClassTemporary}}},
		{"any endpoint", `{"status":500}`, platforms.Error{Status: 500, Verdict: platforms.Verdict{Class: platforms.ClassTemporary}}},
		{"HTML", `{"endpoint":"profile","status":403,"body":"<!doctype html><title>Attention required</title>"}`, platforms.Error{Status: 403, Verdict: platforms.Verdict{Class: platforms.ClassTemporary}}},
		{"JSON", `{"endpoint":"profile","status":403,"body":{"title":"SpendCapReached","detail":"no"}}`, platforms.Error{Status: 403, Verdict: platforms.Verdict{Class: platforms.ClassAppFault, Code: "SpendCapReached"}}},
		{"header", `{"endpoint":"profile","status":503,"headers":{"Retry-After":"3"}}`, platforms.Error{Status: 503, Verdict: platforms.Verdict{Class: platforms.ClassTemporary, RetryAfter: 3 * time.Second}}},
		{"body alone", `{"endpoint":"profile","body":"oops"}`, platforms.Error{Status: 500, Verdict: platforms.Verdict{Class: platforms.ClassTemporary}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, sandbox.Options{})
			a := w.app(platforms.Twitter)
			tokens := w.connect(a, defaults(platforms.Twitter))
			w.addFault(tt.fault)
			_, err := a.Identify(t.Context(), tokens)
			got, ok := errors.AsType[*platforms.Error](err)
			if !ok {
				t.Fatalf("Identify = %v; want a platform's error", err)
			}
			if diff := cmp.Diff(&tt.want, got, cmpopts.IgnoreFields(platforms.Error{}, "Platform", "Stage", "Body", "Verdict.Message", "Outcome")); diff != "" {
				t.Errorf("Identify's error (-want +got):\n%s", diff)
			}
			if _, err := a.Identify(t.Context(), tokens); err != nil {
				t.Errorf("second Identify = %v; want the fault spent", err)
			}
		})
	}
}

func TestFaultsAreForOnePlatformAndSomeTimes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	x, l := w.app(platforms.Twitter), w.app(platforms.LinkedIn)
	tokens, other := w.connect(x, defaults(platforms.Twitter)), w.connect(l, defaults(platforms.LinkedIn))
	broken := func() bool { _, err := x.Identify(t.Context(), tokens); return err != nil }

	w.addFault(`{"platform":"twitter","endpoint":"profile","status":500,"times":2}`)
	if _, err := l.Identify(t.Context(), other); err != nil {
		t.Errorf("LinkedIn = %v; want X's fault to leave it alone", err)
	}
	if got := []bool{broken(), broken(), broken()}; !cmp.Equal(got, []bool{true, true, false}) {
		t.Errorf("broken = %v; want twice", got)
	}
	w.addFault(`{"status":500,"times":-1}`)
	var list []sandbox.Fault
	w.control(http.MethodGet, "faults", "", &list)
	if len(list) != 1 || list[0].Times != -1 {
		t.Errorf("faults = %+v; want the one", list)
	}
	if got := []bool{broken(), broken(), broken()}; !cmp.Equal(got, []bool{true, true, true}) {
		t.Errorf("broken = %v; want always", got)
	}
	w.control(http.MethodDelete, "faults", "", nil)
	if broken() {
		t.Error("broken after the faults were cleared")
	}
}

// TestDropAfterRotation loses an answer after the platform did its work.
func TestDropAfterRotation(t *testing.T) {
	t.Parallel()
	var s *sandbox.Sandbox
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.ServeHTTP(w, r) }))
	defer server.Close()
	s, err := sandbox.New(sandbox.Options{PublicURL: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	w := world{s, t}
	overSocket := w.app(platforms.Twitter)
	overSocket.HTTP = server.Client()
	for name, a := range map[string]*platforms.App{"socket": overSocket, "round trip": w.app(platforms.Twitter)} {
		got := w.form(a.AuthCodeURL("s", verifier, defaults(platforms.Twitter)), url.Values{"decision": {"approve"}})
		code := platforms.NewSecret(w.callbackOf(got).Get("code"))
		addFault(t, s, `{"endpoint":"token","dropAfterRotation":true}`)
		_, err := a.Exchange(t.Context(), code, verifier, nil)
		if e, ok := errors.AsType[*platforms.Error](err); !ok || e.Outcome != platforms.OutcomeUnknown {
			t.Errorf("%s: Exchange = %v; want an unknown outcome", name, err)
		}
		if _, err := a.Exchange(t.Context(), code, verifier, nil); classOf(t, err) != platforms.ClassInvalid {
			t.Errorf("%s: second Exchange = %v; want the code spent", name, err)
		}
	}
}

// addFault adds a fault to a sandbox whose public address is not the world's.
func addFault(t *testing.T, s *sandbox.Sandbox, fault string) {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/sandbox/api/faults", strings.NewReader(fault))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if w.Code != http.StatusCreated {
		t.Fatalf("fault %s = %d: %s", fault, w.Code, w.Body)
	}
}

func TestDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, sandbox.Options{})
		a := w.app(platforms.Twitter)
		tokens := w.connect(a, defaults(platforms.Twitter))
		w.addFault(`{"endpoint":"profile","delayMs":90000,"times":2}`)
		start := time.Now()
		if _, err := a.Identify(t.Context(), tokens); err != nil || time.Since(start) != 90*time.Second {
			t.Errorf("Identify = %v after %s; want an answer after 90 s", err, time.Since(start))
		}
		start = time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := a.Identify(ctx, tokens); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
			t.Errorf("Identify = %v after %s; want the caller's end after 1 s", err, time.Since(start))
		}
	})
}

func TestRequestsAreRecordedWithoutSecrets(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	x, l := w.app(platforms.Twitter), w.app(platforms.LinkedIn)
	tokens := w.connect(x, defaults(platforms.Twitter))
	w.connect(l, defaults(platforms.LinkedIn))
	if _, err := x.Identify(t.Context(), tokens); err != nil {
		t.Fatal(err)
	}
	w.refresh(x, tokens.Refresh.Reveal())

	raw := w.send(http.MethodGet, public+"/sandbox/api/requests", "", "").body
	for _, secret := range []string{tokens.Access.Reveal(), tokens.Refresh.Reveal(), x.ClientSecret.Reveal(), l.ClientSecret.Reveal(), verifier, "the-state"} {
		if strings.Contains(raw, secret) {
			t.Errorf("requests show %s", secret)
		}
	}
	list := func(query string) (said []string) {
		var requests []sandbox.Request
		w.control(http.MethodGet, "requests"+query, "", &requests)
		for _, r := range requests {
			said = append(said, strings.Join([]string{r.Platform, r.Endpoint, r.Method, r.Auth, r.Form["grant_type"]}, " "))
		}
		return said
	}
	want := []string{
		"twitter authorize POST none ",
		"twitter token POST basic authorization_code",
		"linkedin authorize POST none ",
		"linkedin token POST body authorization_code",
		"twitter profile GET bearer ",
		"twitter token POST basic refresh_token",
	}
	if diff := cmp.Diff(want, list("")); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	if got := list("?platform=twitter&endpoint=token"); len(got) != 2 {
		t.Errorf("X's token requests = %q; want two", got)
	}
	w.control(http.MethodDelete, "requests", "", nil)
	if got := list(""); len(got) != 0 {
		t.Errorf("requests after DELETE = %q; want none", got)
	}
}

func TestOnlyTheLatestRequestsAreKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	for range 1010 {
		w.send(http.MethodGet, public+"/sandbox/twitter/2/nothing", "", "")
	}
	var requests []sandbox.Request
	w.control(http.MethodGet, "requests", "", &requests)
	if len(requests) != 1000 {
		t.Errorf("%d requests are kept; want 1000", len(requests))
	}
}

func TestGrants(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var aged []string
		w := newWorld(t, sandbox.Options{OnAge: func(platform, subject string, ends time.Time) {
			aged = append(aged, platform+" "+subject+" "+time.Until(ends).String())
		}})
		a := w.app(platforms.Twitter)
		tokens := w.connect(a, defaults(platforms.Twitter), "persona", "rowan")
		w.connect(w.app(platforms.LinkedIn), defaults(platforms.LinkedIn))

		var grants []sandbox.Grant
		w.control(http.MethodGet, "grants?platform=twitter", "", &grants)
		want := []sandbox.Grant{{
			ID:                grants[0].ID,
			Server:            "twitter",
			Platforms:         []string{"twitter"},
			Persona:           "rowan",
			Subject:           "1483920017263554561",
			Scopes:            defaults(platforms.Twitter),
			CreatedAt:         time.Now(),
			Name:              "Rowan Ames",
			LifetimeSeconds:   7200,
			AccessTokenEndsAt: time.Now().Add(2 * time.Hour),
			HasRefreshToken:   true,
		}}
		if diff := cmp.Diff(want, grants); diff != "" {
			t.Errorf("grants (-want +got):\n%s", diff)
		}

		path := "grants/" + grants[0].ID
		if got := w.control(http.MethodPost, path+"/age", `{"expiresInSeconds":30}`, nil); got != http.StatusOK {
			t.Errorf("age = %d; want 200", got)
		}
		if diff := cmp.Diff([]string{"twitter 1483920017263554561 30s"}, aged); diff != "" {
			t.Errorf("OnAge (-want +got):\n%s", diff)
		}
		if _, err := a.Identify(t.Context(), tokens); err != nil {
			t.Errorf("Identify after age = %v; want 30 s left", err)
		}
		<-time.After(30 * time.Second)
		if _, err := a.Identify(t.Context(), tokens); classOf(t, err) != platforms.ClassStaleAccess {
			t.Errorf("Identify 30 s after age = %v; want stale_access", err)
		}
		refreshed := refreshTokenOf(t, w.refresh(a, tokens.Refresh.Reveal()))

		w.control(http.MethodPost, path+"/revoke", "", nil)
		compare(t, platforms.Twitter, "token-dead-refresh", w.refresh(a, refreshed))
		w.control(http.MethodGet, "grants?platform=twitter", "", &grants)
		if !grants[0].Revoked {
			t.Error("the revoked grant is not shown so")
		}

		if !grants[0].RefreshedAt.Equal(time.Now()) || grants[0].Refreshes != 1 {
			t.Errorf("the grant shows %d refreshes, the last at %s; want one, now", grants[0].Refreshes, grants[0].RefreshedAt)
		}
	})
}

func TestAutomaticConsent(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{AutoApprove: true})
	ask := func(p *platforms.Platform) result {
		return w.send(http.MethodGet, w.app(p).AuthCodeURL("the-state", verifier, defaults(p)), "", "")
	}
	if back := w.callbackOf(ask(platforms.Twitter)); back.Get("code") == "" {
		t.Errorf("callback = %v; want a code", back)
	}
	w.control(http.MethodPost, "consent", `{"platform":"linkedin","decision":"cancel_login"}`, nil)
	if back := w.callbackOf(ask(platforms.LinkedIn)); back.Get("error") != "user_cancelled_login" {
		t.Errorf("callback = %v; want the cancelled login", back)
	}
	w.control(http.MethodPost, "consent", `{"platform":"twitter","decision":"approve","persona":"mika","lifetime":20}`, nil)
	a := w.app(platforms.Twitter)
	tokens, err := a.Exchange(t.Context(), platforms.NewSecret(w.callbackOf(ask(platforms.Twitter)).Get("code")), verifier, nil)
	if err != nil {
		t.Fatal(err)
	}
	identity, err := a.Identify(t.Context(), tokens)
	if err != nil || identity.Name != "Mika Ostrow" || tokens.AccessExpires.Sub(tokens.IssuedAt) != 20*time.Second {
		t.Errorf("Identify = %+v, %v; want Mika for 20 s", identity, err)
	}
	w.control(http.MethodDelete, "consent", "", nil)
	if got := ask(platforms.Twitter); got.status != http.StatusOK {
		t.Errorf("consent page = %d; want it back", got.status)
	}
	for _, bad := range []string{`{"decision":"approve","platform":"myspace"}`, `{"decision":"perhaps"}`, `{"platform":"twitter","decision":"cancel_login"}`,
		`{"platform":"twitter","decision":"approve","persona":"ines"}`, `{"decision":"approve","lifetime":-1}`, `{"decision":"approve","refresh":"maybe"}`} {
		if got := w.control(http.MethodPost, "consent", bad, nil); got != http.StatusBadRequest {
			t.Errorf("consent %s = %d; want 400", bad, got)
		}
	}
}

func TestConsentFormSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	address := w.app(platforms.Twitter).AuthCodeURL("s", verifier, defaults(platforms.Twitter))
	for _, form := range []url.Values{
		{},
		{"decision": {"cancel_login"}},
		{"decision": {"approve"}, "persona": {"ines"}},
		{"decision": {"approve"}, "lifetime": {"soon"}},
		{"decision": {"approve"}, "lifetime": {"0"}},
		{"decision": {"approve"}, "lifetime": {"custom"}, "seconds": {"-3"}},
		{"decision": {"approve"}, "lifetime": {"99999999999"}},
		{"decision": {"approve"}, "refresh": {"maybe"}},
	} {
		got := w.form(address, form)
		if got.status != http.StatusBadRequest || !strings.Contains(got.body, `role="alert"`) {
			t.Errorf("form %v = %d; want 400 and the page with the reason", form, got.status)
		}
	}
}

// TestPagesCannotDriveTheControl: a page that the person happens to visit can
// send requests to this machine.
func TestPagesCannotDriveTheControl(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	authorize := w.app(platforms.Twitter).AuthCodeURL("s", verifier, defaults(platforms.Twitter))
	tests := []struct {
		name, method, address, contentType string
		header                             []string
		want                               int
	}{
		{"form", http.MethodPost, public + "/sandbox/api/faults", "application/x-www-form-urlencoded", nil, http.StatusUnsupportedMediaType},
		{"plain text", http.MethodPost, public + "/sandbox/api/faults", "text/plain", nil, http.StatusUnsupportedMediaType},
		{"no type", http.MethodPost, public + "/sandbox/api/grants/x/revoke", "", nil, http.StatusUnsupportedMediaType},
		{"other site", http.MethodPost, public + "/sandbox/api/faults", "application/json", []string{"Sec-Fetch-Site", "cross-site"}, http.StatusForbidden},
		{"other origin", http.MethodDelete, public + "/sandbox/api/faults", "", []string{"Origin", "https://evil.example"}, http.StatusForbidden},
		{"consent from another site", http.MethodPost, authorize, "application/x-www-form-urlencoded", []string{"Sec-Fetch-Site", "cross-site"}, http.StatusForbidden},
		{"same origin", http.MethodPost, public + "/sandbox/api/faults", "application/json; charset=utf-8", []string{"Sec-Fetch-Site", "same-origin"}, http.StatusCreated},
	}
	for _, tt := range tests {
		if got := w.send(tt.method, tt.address, tt.contentType, `{"status":500}`, tt.header...); got.status != tt.want {
			t.Errorf("%s: %d %s; want %d", tt.name, got.status, got.body, tt.want)
		}
	}
}

func TestPageIsLockedDown(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	got := w.send(http.MethodGet, w.app(platforms.LinkedIn).AuthCodeURL("s", verifier, defaults(platforms.LinkedIn)), "", "")
	policy := got.header.Get("Content-Security-Policy")
	for _, part := range []string{"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "style-src 'nonce-"} {
		if !strings.Contains(policy, part) {
			t.Errorf("Content-Security-Policy = %s; want %s", policy, part)
		}
	}
	_, after, _ := strings.Cut(policy, "'nonce-")
	nonce, _, _ := strings.Cut(after, "'")
	if !strings.Contains(got.body, `<style nonce="`+nonce+`">`) || strings.Contains(got.body, "<script") {
		t.Errorf("the page's style lacks the nonce %s, or there is a script", nonce)
	}
	for _, text := range []string{"Ines Halvorsen", "Tomas Reyl", "Nordlys Studio", "#0A66C2", "w_member_social", `value="cancel_login"`} {
		if !strings.Contains(got.body, text) {
			t.Errorf("the page lacks %s", text)
		}
	}
}

func TestUnknownPaths(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	for _, path := range []string{"/sandbox/twitter/2/nothing", "/sandbox/linkedin/v2/me", "/sandbox/avatar/twitter/nobody", "/sandbox/myspace/", "/sandbox/"} {
		if got := w.send(http.MethodGet, public+path, "", ""); got.status != http.StatusNotFound {
			t.Errorf("GET %s = %d; want 404", path, got.status)
		}
	}
	if got := w.form(public+"/sandbox/twitter/2/oauth2/token", nil); got.status != http.StatusUnauthorized {
		t.Errorf("token without a client = %d; want 401", got.status)
	}
	if got := w.send(http.MethodPost, public+"/sandbox/twitter/2/oauth2/token", "application/x-www-form-urlencoded", "a=%zz"); got.status != http.StatusBadRequest {
		t.Errorf("token with a broken form = %d; want 400", got.status)
	}
}

func TestStrangeGrantTypes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	type refusals struct {
		status           int
		lacking, strange string
		refresh          string // of a refresh without a token
	}
	standard := refusals{http.StatusBadRequest, `"invalid_request"`, `"unsupported_grant_type"`, `"invalid_request"`}
	others := map[*platforms.Platform]refusals{
		platforms.Facebook:  {http.StatusBadRequest, `"code":191,`, `"code":100,`, `"code":100,`},
		platforms.Instagram: {http.StatusBadRequest, `"code":191,`, `"code":100,`, `"code":100,`},
		platforms.TikTok:    {http.StatusOK, `"invalid_request"`, `"unsupported_grant_type"`, `"invalid_request"`},
		platforms.Pinterest: {http.StatusBadRequest, `"code":1,`, `"code":1,`, `"code":1,`},
	}
	for _, p := range platforms.All() {
		a := w.app(p)
		want, other := others[p]
		if !other {
			want = standard
		}
		for grantType, refusal := range map[string]string{"": want.lacking, "password": want.strange, "refresh_token": want.refresh, "authorization_code": want.lacking} {
			form, header := client(a, url.Values{"grant_type": {grantType}})
			got := w.form(a.Endpoints.Token, form, header...)
			if got.status != want.status || !strings.Contains(got.body, refusal) {
				t.Errorf("%s grant_type %q = %d %s; want %d %s", p.ID, grantType, got.status, got.body, want.status, refusal)
			}
		}
	}
}

func TestRoundTripReadsWholeBodies(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	resp, err := (&http.Client{Transport: w.Sandbox}).Get(public + "/sandbox/avatar/twitter/rowan")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || int64(len(body)) != resp.ContentLength || !strings.Contains(string(body), ">RA<") {
		t.Errorf("avatar = %d bytes of %d, %v: %s", len(body), resp.ContentLength, err, body)
	}
}
