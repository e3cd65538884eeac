package platforms_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"mooring/platforms"
)

// far plays the platform's side of a request.
type far func(*http.Request) (*http.Response, error)

func (f far) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// everyLogin is a sequence of all login methods with their platforms.
func everyLogin(yield func(*platforms.Platform, *platforms.Login) bool) {
	for _, p := range platforms.All() {
		for _, l := range p.Logins {
			if !yield(p, l) {
				return
			}
		}
	}
}

// app is an App of the platform whose requests are answered by f.
func app(p *platforms.Platform, f far) *platforms.App { return appOf(p, p.Logins[0], f) }

// appOf is an App of one of the platform's login methods.
func appOf(p *platforms.Platform, l *platforms.Login, f far) *platforms.App {
	return &platforms.App{
		Platform:     p,
		Login:        l,
		ClientID:     "id+1",
		ClientSecret: platforms.NewSecret("top/secret"),
		RedirectURI:  "https://mooring.example/api/oauth/" + l.Callback + "/callback",
		Endpoints:    l.Endpoints,
		HTTP:         &http.Client{Transport: f},
	}
}

func answer(status int, header http.Header, body string) *http.Response {
	if header == nil {
		header = make(http.Header)
	}
	return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(body))}
}

func (r recording) response() *http.Response { return answer(r.Status, r.header(), string(r.Body)) }

func always(r recording) far {
	return func(*http.Request) (*http.Response, error) { return r.response(), nil }
}

// platformError is err as a platform's, or the test's end.
func platformError(t *testing.T, err error) *platforms.Error {
	t.Helper()
	e, ok := errors.AsType[*platforms.Error](err)
	if !ok {
		t.Fatalf("error = %v; want a *platforms.Error", err)
	}
	return e
}

func TestAuthCodeURL(t *testing.T) {
	t.Parallel()
	const verifier = "0123456789012345678901234567890123456789012"
	sum := sha256.Sum256([]byte(verifier))
	tests := []struct {
		platform *platforms.Platform
		want     url.Values
	}{
		{platforms.Twitter, url.Values{
			"response_type":         {"code"},
			"client_id":             {"id+1"},
			"redirect_uri":          {"https://mooring.example/api/oauth/twitter/callback"},
			"scope":                 {"users.read tweet.read"},
			"state":                 {"s&1"},
			"code_challenge":        {base64.RawURLEncoding.EncodeToString(sum[:])},
			"code_challenge_method": {"S256"},
		}},
		{platforms.LinkedIn, url.Values{
			"response_type": {"code"},
			"client_id":     {"id+1"},
			"redirect_uri":  {"https://mooring.example/api/oauth/linkedin/callback"},
			"scope":         {"users.read tweet.read"},
			"state":         {"s&1"},
		}},
		{platforms.TikTok, url.Values{
			"response_type":     {"code"},
			"client_key":        {"id+1"},
			"redirect_uri":      {"https://mooring.example/api/oauth/tiktok/callback"},
			"scope":             {"users.read,tweet.read"},
			"state":             {"s&1"},
			"disable_auto_auth": {"1"},
		}},
		{platforms.Pinterest, url.Values{
			"response_type": {"code"},
			"client_id":     {"id+1"},
			"redirect_uri":  {"https://mooring.example/api/oauth/pinterest/callback"},
			"scope":         {"users.read,tweet.read"},
			"state":         {"s&1"},
		}},
	}
	for _, tt := range tests {
		a := app(tt.platform, nil)
		got := a.AuthCodeURL("s&1", verifier, []string{"users.read", "tweet.read"})
		if again := a.ReauthCodeURL("s&1", verifier, []string{"users.read", "tweet.read"}); again != got {
			t.Errorf("%s: ReauthCodeURL = %s; want %s, since no consent ends", tt.platform.ID, again, got)
		}
		page, query, _ := strings.Cut(got, "?")
		values, err := url.ParseQuery(query)
		if err != nil || page != a.Endpoints.Authorize {
			t.Errorf("AuthCodeURL = %s; want it under %s", got, a.Endpoints.Authorize)
		}
		if diff := cmp.Diff(tt.want, values); diff != "" {
			t.Errorf("%s: AuthCodeURL's parameters (-want +got):\n%s", tt.platform.ID, diff)
		}
	}
}

func TestAuthCodeURLOfOtherShapes(t *testing.T) {
	t.Parallel()
	a := &platforms.App{
		Login:     &platforms.Login{ScopeSeparator: ",", AuthParams: map[string]string{"access_type": "offline"}},
		Endpoints: platforms.Endpoints{Authorize: "https://a.example/oauth?lang=en"},
	}
	u, err := url.Parse(a.AuthCodeURL("s", "v", []string{"x", "y"}))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"scope": "x,y", "access_type": "offline", "lang": "en", "code_challenge": ""} {
		if got := u.Query().Get(name); got != want {
			t.Errorf("%s = %q; want %q", name, got, want)
		}
	}
}

func TestExchangeRequest(t *testing.T) {
	t.Parallel()
	common := func(callback string, more url.Values) url.Values {
		form := url.Values{
			"grant_type":   {"authorization_code"},
			"code":         {"the code"},
			"redirect_uri": {"https://mooring.example/api/oauth/" + callback + "/callback"},
		}
		for k, v := range more {
			form[k] = v
		}
		return form
	}
	tests := []struct {
		platform *platforms.Platform
		form     url.Values
		user     string
	}{
		{platforms.Twitter, common("twitter", url.Values{"code_verifier": {"the verifier"}}), "id%2B1:top%2Fsecret"},
		{platforms.LinkedIn, common("linkedin", url.Values{"client_id": {"id+1"}, "client_secret": {"top/secret"}}), ""},
		{platforms.TikTok, common("tiktok", url.Values{"client_key": {"id+1"}, "client_secret": {"top/secret"}}), ""},
		{platforms.Pinterest, common("pinterest", url.Values{"continuous_refresh": {"true"}}), "id%2B1:top%2Fsecret"},
	}
	for _, tt := range tests {
		var form url.Values
		var user string
		a := app(tt.platform, func(r *http.Request) (*http.Response, error) {
			if r.Method != http.MethodPost || r.URL.String() != tt.platform.Logins[0].Endpoints.Token ||
				r.Header.Get("Accept") != "application/json" || r.Header.Get("Content-Type") != "application/x-www-form-urlencoded" {
				t.Errorf("%s: request = %s %s %v", tt.platform.ID, r.Method, r.URL, r.Header)
			}
			body, _ := io.ReadAll(r.Body)
			form, _ = url.ParseQuery(string(body))
			if id, secret, ok := r.BasicAuth(); ok {
				user = id + ":" + secret
			}
			return recorded(t, tt.platform.ID)["token"].response(), nil
		})
		if _, err := a.Exchange(t.Context(), platforms.NewSecret("the code"), "the verifier", nil); err != nil {
			t.Errorf("%s: Exchange: %v", tt.platform.ID, err)
		}
		if diff := cmp.Diff(tt.form, form); diff != "" {
			t.Errorf("%s: form (-want +got):\n%s", tt.platform.ID, diff)
		}
		if user != tt.user {
			t.Errorf("%s: Basic = %q; want %q", tt.platform.ID, user, tt.user)
		}
	}
}

func TestExchangeFailureKeepsThePlatformsWords(t *testing.T) {
	t.Parallel()
	a := app(platforms.Twitter, always(recorded(t, "twitter")["token-dead-code"]))
	_, err := a.Exchange(t.Context(), platforms.NewSecret("c-17"), "v-17", nil)
	got := platformError(t, err)
	want := &platforms.Error{
		Platform: "twitter",
		Stage:    platforms.StageExchange,
		Status:   400,
		Verdict: platforms.Verdict{
			Class:   platforms.ClassInvalid,
			Code:    "invalid_request",
			Message: "Value passed for the authorization code was invalid.",
		},
		Outcome: platforms.OutcomeAnswered,
		Body:    got.Body,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Exchange's error (-want +got):\n%s", diff)
	}
	if text := "twitter exchange: HTTP 400: invalid_request: Value passed for the authorization code was invalid."; err.Error() != text {
		t.Errorf("Error() = %s; want %s", err, text)
	}
}

func TestErrorsHoldNoSecrets(t *testing.T) {
	t.Parallel()
	secrets := []string{"c0de+1/x", "ver1fier-0123456789", "top/secret", "acc3ss", "r3fresh"}
	bodies := []string{
		`{"error":"invalid_request","error_description":"no c0de+1/x or ver1fier-0123456789 with top/secret"}`,
		`{"error":"c0de+1/x"}`,
		`error=invalid_request&error_description=` + url.QueryEscape("c0de+1/x top/secret"),
		`{"error":"x","echo":"top\/secret c0de+1\/x"}`,
		`{"error":"x","access_token":"acc3ss","refresh_token" : "r3fresh"}`,
		`error=x&access_token=acc3ss&refresh_token=r3fresh`,
		`{"error":"x","client_secret":"top/secret","access_token":"acc3ss`,
		`<html>code=c0de%2B1%2Fx</html>`,
		strings.Repeat("x", 2040) + ` ver1fier-0123456789`,
	}
	for _, body := range bodies {
		a := app(platforms.Twitter, func(*http.Request) (*http.Response, error) { return answer(400, nil, body), nil })
		_, err := a.Exchange(t.Context(), platforms.NewSecret("c0de+1/x"), "ver1fier-0123456789", nil)
		e := platformError(t, err)
		shown := e.Error() + e.Body + e.Code + e.Message
		for _, secret := range secrets {
			if strings.Contains(shown, secret) || strings.Contains(shown, secret[:5]) {
				t.Errorf("error to %s shows %s:\n%s", body, secret, shown)
			}
		}
		if len(e.Body) > 2048 {
			t.Errorf("error keeps %d bytes of the answer; want at most 2048", len(e.Body))
		}
	}
}

// TestOutcome tells a request that cannot have had an effect from one that may.
func TestOutcome(t *testing.T) {
	t.Parallel()
	exchange := func(t *testing.T, a *platforms.App, ctx context.Context) *platforms.Error {
		t.Helper()
		_, err := a.Exchange(ctx, platforms.NewSecret("code"), "verifier", nil)
		e := platformError(t, err)
		if e.Class != platforms.ClassTemporary {
			t.Errorf("Exchange's class = %q; want temporary", e.Class)
		}
		return e
	}
	serve := func(t *testing.T, handler http.HandlerFunc) *platforms.App {
		server := httptest.NewServer(handler)
		t.Cleanup(server.Close)
		a := app(platforms.Twitter, nil)
		a.Endpoints.Token, a.HTTP = server.URL, server.Client()
		return a
	}
	t.Run("refused connection", func(t *testing.T) {
		t.Parallel()
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		listener.Close()
		a := app(platforms.Twitter, nil)
		a.Endpoints.Token, a.HTTP = "http://"+listener.Addr().String(), &http.Client{}
		if got := exchange(t, a, t.Context()).Outcome; got != platforms.OutcomeNotSent {
			t.Errorf("Outcome = %d; want not sent", got)
		}
	})
	t.Run("TLS refused", func(t *testing.T) {
		t.Parallel()
		server := httptest.NewUnstartedServer(http.NotFoundHandler())
		server.Config.ErrorLog = log.New(io.Discard, "", 0)
		server.StartTLS()
		t.Cleanup(server.Close)
		a := app(platforms.Twitter, nil)
		a.Endpoints.Token, a.HTTP = server.URL, &http.Client{} // does not trust the certificate
		if got := exchange(t, a, t.Context()).Outcome; got != platforms.OutcomeNotSent {
			t.Errorf("Outcome = %d; want not sent", got)
		}
	})
	t.Run("bad address", func(t *testing.T) {
		t.Parallel()
		a := app(platforms.Twitter, nil)
		a.Endpoints.Token = "http://bad host/"
		if got := exchange(t, a, t.Context()).Outcome; got != platforms.OutcomeNotSent {
			t.Errorf("Outcome = %d; want not sent", got)
		}
	})
	t.Run("cancelled before", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		e := exchange(t, app(platforms.Twitter, nil), ctx)
		if e.Outcome != platforms.OutcomeNotSent || !errors.Is(e, context.Canceled) {
			t.Errorf("Exchange = %v, outcome %d; want context.Canceled, not sent", e, e.Outcome)
		}
	})
	t.Run("connection cut", func(t *testing.T) {
		t.Parallel()
		a := serve(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
		if got := exchange(t, a, t.Context()).Outcome; got != platforms.OutcomeUnknown {
			t.Errorf("Outcome = %d; want unknown", got)
		}
	})
	t.Run("no answer in time", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		release := make(chan struct{})
		a := serve(t, func(http.ResponseWriter, *http.Request) { cancel(); <-release })
		defer close(release)
		e := exchange(t, a, ctx)
		if e.Outcome != platforms.OutcomeUnknown || e.Status != 0 {
			t.Errorf("Outcome = %d, status %d; want unknown, 0", e.Outcome, e.Status)
		}
	})
	t.Run("answer cut", func(t *testing.T) {
		t.Parallel()
		a := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, `{"access_token":"acc3ss`)
		})
		e := exchange(t, a, t.Context())
		if e.Outcome != platforms.OutcomeUnknown || e.Status != 200 || strings.Contains(e.Body, "acc3ss") {
			t.Errorf("Exchange = %+v; want unknown, 200, no token", e)
		}
	})
	t.Run("answer too long", func(t *testing.T) {
		t.Parallel()
		a := app(platforms.Twitter, func(*http.Request) (*http.Response, error) {
			return answer(200, nil, `{"access_token":"a"}`+strings.Repeat(" ", 1<<20)), nil
		})
		if got := exchange(t, a, t.Context()).Outcome; got != platforms.OutcomeUnknown {
			t.Errorf("Outcome = %d; want unknown", got)
		}
	})
	t.Run("transport without trace", func(t *testing.T) {
		t.Parallel()
		a := app(platforms.Twitter, func(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF })
		if got := exchange(t, a, t.Context()).Outcome; got != platforms.OutcomeUnknown {
			t.Errorf("Outcome = %d; want unknown", got)
		}
	})
	for status, want := range map[int]platforms.Outcome{
		200: platforms.OutcomeUnknown, // without tokens
		403: platforms.OutcomeAnswered,
		408: platforms.OutcomeAnswered,
		500: platforms.OutcomeUnknown,
		502: platforms.OutcomeUnknown,
		503: platforms.OutcomeAnswered,
		504: platforms.OutcomeUnknown,
	} {
		a := app(platforms.Twitter, func(*http.Request) (*http.Response, error) { return answer(status, nil, "<html>"), nil })
		if got := exchange(t, a, t.Context()).Outcome; got != want {
			t.Errorf("Outcome of HTTP %d = %d; want %d", status, got, want)
		}
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	requests := 0
	a := app(platforms.LinkedIn, func(*http.Request) (*http.Response, error) {
		requests++
		return answer(307, http.Header{"Location": {"https://evil.example/"}}, ""), nil
	})
	_, err := a.Exchange(t.Context(), platforms.NewSecret("c"), "", nil)
	if e := platformError(t, err); e.Status != 307 || requests != 1 {
		t.Errorf("Exchange = %v after %d requests; want 307 after 1", e, requests)
	}
}

func TestCallbackError(t *testing.T) {
	t.Parallel()
	tests := []struct {
		platform *platforms.Platform
		query    string
		class    platforms.Class
		message  string
	}{
		{platforms.Twitter, "error=access_denied&state=s", platforms.ClassDenied, ""},
		{platforms.LinkedIn, "error=user_cancelled_login&error_description=The+user+cancelled&state=s", platforms.ClassDenied, "The user cancelled"},
		{platforms.LinkedIn, "error=user_cancelled_authorize", platforms.ClassDenied, ""},
		{platforms.LinkedIn, "error=unauthorized_scope_error&error_description=Scope+%26quot%3Br_x%26quot%3B+is+not+authorized", platforms.ClassAppFault, `Scope "r_x" is not authorized`},
		{platforms.LinkedIn, "error=invalid_request&error_description=You+need+to+pass+the+%22state%22+parameter", platforms.ClassInvalid, `You need to pass the "state" parameter`},
		{platforms.TikTok, "error=access_denied&error_description=User+denied&state=s", platforms.ClassDenied, "User denied"},
		{platforms.TikTok, "error=unauthorized_client", platforms.ClassAppFault, ""},
		{platforms.Pinterest, "error=access_denied", platforms.ClassDenied, ""},
		{platforms.Pinterest, "error=user_said_no", platforms.ClassDenied, ""},
		{platforms.Pinterest, "error=invalid_scope", platforms.ClassAppFault, ""},
		{platforms.Pinterest, "error=server_error", platforms.ClassTemporary, ""},
		{platforms.Pinterest, "error=invalid_request", platforms.ClassInvalid, ""},
	}
	for _, tt := range tests {
		query, err := url.ParseQuery(tt.query)
		if err != nil {
			t.Fatal(err)
		}
		got := app(tt.platform, nil).CallbackError(query)
		if got == nil || got.Class != tt.class || got.Message != tt.message || got.Stage != platforms.StageAuthorize || got.Code != query.Get("error") {
			t.Errorf("CallbackError(%s) = %+v; want class %s, message %q", tt.query, got, tt.class, tt.message)
		}
	}
	for _, p := range platforms.All() {
		if got := app(p, nil).CallbackError(url.Values{"code": {"283"}, "state": {"s"}}); got != nil {
			t.Errorf("%s: CallbackError(code) = %v; want nil", p.ID, got)
		}
	}
}

func TestIdentifyTwitter(t *testing.T) {
	t.Parallel()
	var address, authorization string
	a := app(platforms.Twitter, func(r *http.Request) (*http.Response, error) {
		address, authorization = r.URL.String(), r.Header.Get("Authorization")
		return recorded(t, "twitter")["me"].response(), nil
	})
	got, err := a.Identify(t.Context(), &platforms.Tokens{Access: platforms.NewSecret("acc3ss")})
	if err != nil {
		t.Fatal(err)
	}
	want := &platforms.Identity{
		Subject: "1483920017263554561",
		Name:    "Rowan Ames",
		Profiles: []platforms.Profile{{
			ExternalID:  "1483920017263554561",
			Kind:        platforms.KindProfile,
			Username:    "rowanames",
			DisplayName: "Rowan Ames",
			AvatarURL:   "https://pbs.twimg.com/profile_images/1/a_normal.jpg",
			ProfileURL:  "https://x.com/rowanames",
		}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Identify (-want +got):\n%s", diff)
	}
	if address != "https://api.x.com/2/users/me?user.fields=profile_image_url" || authorization != "Bearer acc3ss" {
		t.Errorf("asked %s as %s", address, authorization)
	}
}

func TestIdentifyRefusesNobody(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{"data":{}}`, `{"data":{"id":""}}`, `{"data":{"id":12}}`, `{"data":null}`, `{}`, `[]`} {
		a := app(platforms.Twitter, func(*http.Request) (*http.Response, error) { return answer(200, nil, body), nil })
		identity, err := a.Identify(t.Context(), &platforms.Tokens{Access: platforms.NewSecret("a")})
		if err == nil {
			t.Errorf("Identify(%s) = %+v; want an error", body, identity)
			continue
		}
		platformError(t, err)
	}
}

// linkedInFar answers LinkedIn's API from its recordings.
func linkedInFar(t *testing.T, asked *[]string, override map[string]recording) far {
	files := recorded(t, "linkedin")
	return func(r *http.Request) (*http.Response, error) {
		*asked = append(*asked, r.URL.RequestURI())
		if r.URL.Path != "/v2/userinfo" && (r.Header.Get("LinkedIn-Version") == "" || r.Header.Get("X-Restli-Protocol-Version") != "2.0.0") {
			t.Errorf("%s without its version headers: %v", r.URL, r.Header)
		}
		if o, ok := override[r.URL.Path]; ok {
			return o.response(), nil
		}
		switch r.URL.Path {
		case "/v2/userinfo":
			return files["userinfo"].response(), nil
		case "/rest/organizationAcls":
			return files["acls"].response(), nil
		case "/rest/organizationsLookup":
			return files["organizations"].response(), nil
		}
		return answer(404, nil, ""), nil
	}
}

func TestIdentifyLinkedIn(t *testing.T) {
	t.Parallel()
	member := platforms.Profile{
		ExternalID:  "tR4pQ9wYzA",
		Kind:        platforms.KindProfile,
		DisplayName: "Ines Halvorsen",
		AvatarURL:   "https://media.licdn.com/dms/image/v2/a?e=1799000000&v=beta&t=b",
	}
	organization := platforms.Profile{
		ExternalID:  "70931",
		Kind:        platforms.KindOrganization,
		Username:    "halvorsen-maritime",
		DisplayName: "Halvorsen Maritime",
		ProfileURL:  "https://www.linkedin.com/company/halvorsen-maritime/",
	}
	unnamed := platforms.Profile{
		ExternalID:  "70931",
		Kind:        platforms.KindOrganization,
		DisplayName: "70931",
		ProfileURL:  "https://www.linkedin.com/company/70931/",
	}
	const (
		userinfo = "/v2/userinfo"
		acls     = "/rest/organizationAcls?count=50&q=roleAssignee&role=ADMINISTRATOR&start=0&state=APPROVED"
		lookup   = "/rest/organizationsLookup?ids=List(70931)"
	)
	forbidden := recorded(t, "linkedin")["api-scope"]
	tests := []struct {
		name     string
		scopes   []string
		override map[string]recording
		want     []platforms.Profile
		asked    []string
	}{
		{"member", []string{"openid", "profile", "w_member_social"}, nil, []platforms.Profile{member}, []string{userinfo}},
		{"organisations", []string{"openid", "r_organization_admin"}, nil, []platforms.Profile{member, organization}, []string{userinfo, acls, lookup}},
		{"organisations, wider scope", []string{"rw_organization_admin"}, nil, []platforms.Profile{member, organization}, []string{userinfo, acls, lookup}},
		{"names refused", []string{"r_organization_admin"}, map[string]recording{"/rest/organizationsLookup": forbidden}, []platforms.Profile{member, unnamed}, []string{userinfo, acls, lookup}},
		{"no organisation", []string{"r_organization_admin"}, map[string]recording{"/rest/organizationAcls": {Status: 200, Body: []byte(`{"elements":[]}`)}}, []platforms.Profile{member}, []string{userinfo, acls}},
		{"older name", []string{"r_organization_admin"}, map[string]recording{"/rest/organizationAcls": {Status: 200, Body: []byte(`{"elements":[{"organizationTarget":"urn:li:organization:70931"}]}`)}}, []platforms.Profile{member, organization}, []string{userinfo, acls, lookup}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var asked []string
			a := app(platforms.LinkedIn, linkedInFar(t, &asked, tt.override))
			got, err := a.Identify(t.Context(), &platforms.Tokens{Access: platforms.NewSecret("a"), Scopes: tt.scopes})
			if err != nil {
				t.Fatal(err)
			}
			want := &platforms.Identity{Subject: "tR4pQ9wYzA", Name: "Ines Halvorsen", Profiles: tt.want}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("Identify (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.asked, asked); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}

// TestIdentifyLinkedInIsWholeOrNothing: a list without the organisations would
// read as "no longer an administrator".
func TestIdentifyLinkedInIsWholeOrNothing(t *testing.T) {
	t.Parallel()
	var asked []string
	a := app(platforms.LinkedIn, linkedInFar(t, &asked, map[string]recording{
		"/rest/organizationAcls": recorded(t, "linkedin")["api-version-dead"],
	}))
	identity, err := a.Identify(t.Context(), &platforms.Tokens{Access: platforms.NewSecret("a"), Scopes: []string{"r_organization_admin"}})
	if err == nil {
		t.Fatalf("Identify = %+v; want an error", identity)
	}
	if e := platformError(t, err); e.Class != platforms.ClassAppFault || e.Status != 426 {
		t.Errorf("Identify: %v (%s); want app_fault, 426", e, e.Class)
	}
}

func TestLinkedInVersion(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{"": platforms.LinkedIn.Logins[0].Version, "202612": "202612"} {
		var got string
		var asked []string
		play := linkedInFar(t, &asked, nil)
		a := app(platforms.LinkedIn, func(r *http.Request) (*http.Response, error) {
			got = r.Header.Get("LinkedIn-Version")
			return play(r)
		})
		a.Version = given
		if _, err := a.Identify(t.Context(), &platforms.Tokens{Access: platforms.NewSecret("a"), Scopes: []string{"r_organization_admin"}}); err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("LinkedIn-Version with App.Version %q = %q; want %q", given, got, want)
		}
	}
}

func TestLinkedInReadsAllPagesOfOrganisations(t *testing.T) {
	t.Parallel()
	element := `{"organization":"urn:li:organization:1"},`
	page := func(n int) string {
		return `{"elements":[` + strings.TrimSuffix(strings.Repeat(element, n), ",") + `]}`
	}
	a := app(platforms.LinkedIn, func(r *http.Request) (*http.Response, error) {
		switch {
		case r.URL.Path == "/v2/userinfo":
			return answer(200, nil, `{"sub":"s"}`), nil
		case r.URL.Path == "/rest/organizationsLookup":
			return answer(200, nil, `{}`), nil
		case r.FormValue("start") == "50":
			return answer(200, nil, page(3)), nil
		}
		return answer(200, nil, page(50)), nil
	})
	got, err := a.Identify(t.Context(), &platforms.Tokens{Access: platforms.NewSecret("a"), Scopes: []string{"r_organization_admin"}})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(got.Profiles); n != 1+53 {
		t.Errorf("Identify found %d profiles; want 54", n)
	}
}

// TestLinkedInRolesAreBounded: who has more roles than are read hears so, and
// is not said to have lost one behind them.
func TestLinkedInRolesAreBounded(t *testing.T) {
	t.Parallel()
	asked := 0
	page := `{"elements":[` + strings.TrimSuffix(strings.Repeat(`{"organization":"urn:li:organization:1","role":"ADMINISTRATOR"},`, 50), ",") + `]}`
	a := app(platforms.LinkedIn, func(r *http.Request) (*http.Response, error) {
		switch r.URL.Path {
		case "/v2/userinfo":
			return answer(200, nil, `{"sub":"s"}`), nil
		case "/rest/organizationAcls":
			asked++
			return answer(200, nil, page), nil
		}
		return answer(200, nil, `{}`), nil
	})
	tokens := &platforms.Tokens{Access: platforms.NewSecret("a"), Scopes: []string{"r_organization_admin"}}
	got, err := a.Identify(t.Context(), tokens)
	if err != nil || asked != 20 || !slices.Equal(findings(got.Warnings), []string{platforms.FindingMoreThanRead}) {
		t.Errorf("Identify = %+v, %v after %d questions; want a warning after 20", got, err, asked)
	}
	for id, want := range map[string]string{"1": "", "2": "could not ask: temporary"} {
		v, err := a.Validate(t.Context(), tokens, platforms.Profile{ExternalID: id, Kind: platforms.KindOrganization})
		if (err != nil) != (want != "") {
			t.Errorf("Validate(organisation %s) = %+v, %v; want %q", id, v, err, want)
		}
	}
}

// TestLinkedInMinting: a new token is answered as revoked until all of
// LinkedIn's servers know it.
func TestLinkedInMinting(t *testing.T) {
	revoked := recorded(t, "linkedin")["api-revoked"]
	userinfo := recorded(t, "linkedin")["userinfo"]
	tests := []struct {
		name     string
		age      time.Duration
		refusals int
		patience time.Duration // of the caller
		fails    bool
		asked    int
		took     time.Duration
	}{
		{"known at once", 0, 0, time.Hour, false, 1, 0},
		{"known after a second", 0, 2, time.Hour, false, 3, 1500 * time.Millisecond},
		{"known at the last", 0, 4, time.Hour, false, 5, 7500 * time.Millisecond},
		{"never known", 0, 99, time.Hour, true, 5, 7500 * time.Millisecond},
		{"not a new token", 2 * time.Minute, 99, time.Hour, true, 1, 0},
		{"caller gone", 0, 99, time.Second, true, 2, time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				asked := 0
				a := app(platforms.LinkedIn, func(*http.Request) (*http.Response, error) {
					if asked++; asked <= tt.refusals {
						return revoked.response(), nil
					}
					return userinfo.response(), nil
				})
				start := time.Now()
				ctx, cancel := context.WithTimeout(t.Context(), tt.patience)
				defer cancel()
				_, err := a.Identify(ctx, &platforms.Tokens{Access: platforms.NewSecret("a"), IssuedAt: start.Add(-tt.age)})
				if (err != nil) != tt.fails || asked != tt.asked || time.Since(start) != tt.took {
					t.Errorf("Identify = %v after %d requests and %s; want failure %t, %d, %s", err, asked, time.Since(start), tt.fails, tt.asked, tt.took)
				}
				if tt.fails && platformError(t, err).Code != "65601" {
					t.Errorf("Identify = %v; want LinkedIn's own answer", err)
				}
			})
		})
	}
}

func TestRevoke(t *testing.T) {
	t.Parallel()
	both := &platforms.Tokens{Access: platforms.NewSecret("acc3ss"), Refresh: platforms.NewSecret("r3fresh")}
	access := &platforms.Tokens{Access: platforms.NewSecret("acc3ss")}
	files := recorded(t, "twitter")
	tests := []struct {
		name   string
		tokens *platforms.Tokens
		answer recording
		forms  []string
		want   bool
		class  platforms.Class
	}{
		{"both tokens", both, files["revoke"], []string{"token=acc3ss&token_type_hint=access_token", "token=r3fresh&token_type_hint=refresh_token"}, true, ""},
		{"one token", access, files["revoke"], []string{"token=acc3ss&token_type_hint=access_token"}, true, ""},
		{"dead already", access, files["revoke-unknown"], []string{"token=acc3ss&token_type_hint=access_token"}, true, ""},
		{"refused", access, files["token-without-basic"], []string{"token=acc3ss&token_type_hint=access_token"}, false, platforms.ClassAppFault},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var forms []string
			a := app(platforms.Twitter, func(r *http.Request) (*http.Response, error) {
				var body bytes.Buffer
				_, _ = body.ReadFrom(r.Body)
				forms = append(forms, body.String())
				if _, _, ok := r.BasicAuth(); !ok || r.URL.String() != "https://api.x.com/2/oauth2/revoke" {
					t.Errorf("revoked at %s, Basic %t", r.URL, ok)
				}
				return tt.answer.response(), nil
			})
			got, err := a.Revoke(t.Context(), tt.tokens)
			if got != tt.want || (err != nil) != (tt.class != "") {
				t.Errorf("Revoke = %t, %v; want %t", got, err, tt.want)
			}
			if err != nil && platformError(t, err).Class != tt.class {
				t.Errorf("Revoke = %v; want class %s", err, tt.class)
			}
			if diff := cmp.Diff(tt.forms, forms); diff != "" {
				t.Errorf("forms (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRevokeWhereThereIsNone(t *testing.T) {
	t.Parallel()
	a := app(platforms.LinkedIn, func(*http.Request) (*http.Response, error) {
		t.Error("LinkedIn was asked to revoke")
		return answer(200, nil, ""), nil
	})
	if got, err := a.Revoke(t.Context(), &platforms.Tokens{Access: platforms.NewSecret("a")}); got || err != nil {
		t.Errorf("Revoke = %t, %v; want false, nil", got, err)
	}
}
