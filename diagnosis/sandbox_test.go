package diagnosis_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"

	"mooring/diagnosis"
	"mooring/platforms"
	"mooring/platforms/sandbox"
)

const (
	mooring  = "http://localhost:33766"
	callback = "https://app.example/api/oauth/callback"
	verifier = "a-code-verifier-of-at-least-forty-three-characters"
)

// played is an app at a platform that the sandbox plays.
type played struct {
	*platforms.App
	sandbox *sandbox.Sandbox
	t       *testing.T
}

func play(t *testing.T, p *platforms.Platform, l *platforms.Login) played {
	t.Helper()
	s, err := sandbox.New(sandbox.Options{PublicURL: mooring, LinkedInPartner: true})
	if err != nil {
		t.Fatal(err)
	}
	client, ok := s.Register(l, callback)
	if !ok {
		t.Fatalf("%s is not played", p.ID)
	}
	return played{&platforms.App{
		Platform: p, Login: l, ClientID: client.ID, ClientSecret: client.Secret, RedirectURI: callback,
		Endpoints: client.Endpoints, Sandbox: true, HTTP: &http.Client{Transport: s},
	}, s, t}
}

func (a played) send(method, address, contentType, body string) (*http.Response, string) {
	a.t.Helper()
	req, err := http.NewRequestWithContext(a.t.Context(), method, strings.ReplaceAll(address, "{version}", "v25.0"), strings.NewReader(body))
	if err != nil {
		a.t.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
	resp, err := a.sandbox.RoundTrip(req)
	if err != nil {
		a.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		a.t.Fatal(err)
	}
	return resp, string(data)
}

func (a played) control(method, path, body string) string {
	a.t.Helper()
	_, answer := a.send(method, mooring+"/sandbox/api/"+path, "application/json", body)
	return answer
}

// names asks the control interface what there is, by asking for what is not.
func (a played) names(path, body string) []string {
	a.t.Helper()
	answer := a.control(http.MethodPost, path, body)
	_, list, found := strings.Cut(answer, "there are ")
	if !found {
		a.t.Fatalf("%s %s = %s; want it to list what there is", path, body, answer)
	}
	list, _, _ = strings.Cut(list, `"`)
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' || r == '.' })
}

// consent answers the consent page and returns the callback's parameters.
func (a played) consent(decision string) url.Values {
	a.t.Helper()
	var scopes []string
	for _, s := range a.Login.Scopes {
		if s.Default {
			scopes = append(scopes, s.Name)
		}
	}
	resp, _ := a.send(http.MethodPost, a.AuthCodeURL("the-state", verifier, scopes), "application/x-www-form-urlencoded", "decision="+decision)
	location, _, _ := strings.Cut(resp.Header.Get("Location"), "#")
	_, query, _ := strings.Cut(location, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		a.t.Fatal(err)
	}
	return values
}

func (a played) exchange(code string) (*platforms.Tokens, error) {
	return a.Exchange(a.t.Context(), platforms.NewSecret(code), verifier, nil)
}

// failures does everything with tokens and yields what fails.
func (a played) failures(tokens *platforms.Tokens) []error {
	_, refresh := a.Refresh(a.t.Context(), tokens)
	_, identify := a.Identify(a.t.Context(), tokens)
	_, inspect := a.Inspect(a.t.Context(), tokens)
	_, revoke := a.Revoke(a.t.Context(), tokens)
	return []error{refresh, identify, inspect, revoke}
}

// TestSandboxFaultsAreKnown: nothing that the sandbox can do to an app is
// UNKNOWN, at whatever step it happens.
func TestSandboxFaultsAreKnown(t *testing.T) {
	t.Parallel()
	for _, p := range platforms.All() {
		for _, l := range p.Logins {
			t.Run(p.ID+" "+l.ID, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) { testFaults(t, p, l) })
			})
		}
	}
}

func testFaults(t *testing.T, p *platforms.Platform, l *platforms.Login) {
	first := play(t, p, l)
	var faults []string
	for _, preset := range first.names("faults", `{"preset":"none such"}`) {
		faults = append(faults, fmt.Sprintf(`{"preset":%q,"times":-1}`, preset))
	}
	for _, status := range []int{400, 401, 402, 403, 404, 405, 408, 409, 410, 413, 423, 425, 426, 429, 500, 502, 503, 504, 520, 530} {
		for _, body := range []string{`""`, `"<!doctype html><title>Sorry</title>"`, `{"a":1}`} {
			faults = append(faults, fmt.Sprintf(`{"times":-1,"status":%d,"body":%s}`, status, body))
		}
	}
	faults = append(faults, `{"times":-1,"dropBeforeRotation":true}`, `{"times":-1,"dropAfterRotation":true}`, `{"times":-1,"retryAfterSeconds":7}`, `{"times":-1,"delayMs":3600000}`, `{"times":-1,"scopes":["nothing"]}`)

	met := 0
	known := func(what string, err error) {
		var failure *platforms.Error
		if !errors.As(err, &failure) {
			return
		}
		met++
		if d := diagnosis.Diagnose(diagnosis.FromError(err, p.ID, failure.Stage)); d.IssueType == diagnosis.Unknown {
			t.Errorf("%s: Diagnose(%v) = UNKNOWN, of %+v", what, err, d.Evidence)
		}
	}
	for _, fault := range faults {
		a := play(t, p, l)
		a.HTTP.Timeout = 1e10
		tokens, err := a.exchange(a.consent("approve").Get("code"))
		if err != nil {
			t.Fatal(err)
		}
		code := a.consent("approve").Get("code")
		if answer := a.control(http.MethodPost, "faults", fault); strings.Contains(answer, "is not played by") {
			continue
		}
		_, err = a.exchange(code)
		known(fault, err)
		for _, err := range a.failures(tokens) {
			known(fault, err)
		}
	}
	for _, action := range first.names("grants/none/none", "{}") {
		a := play(t, p, l)
		tokens, err := a.exchange(a.consent("approve").Get("code"))
		if err != nil {
			t.Fatal(err)
		}
		_, grants, _ := strings.Cut(a.control(http.MethodGet, "grants", ""), `"id":"`)
		id, _, _ := strings.Cut(grants, `"`)
		for _, body := range []string{`{}`, `{"expiresInSeconds":-1}`, `{"scopes":[]}`} {
			a.control(http.MethodPost, "grants/"+id+"/"+action, body)
		}
		for _, err := range a.failures(tokens) {
			known(action, err)
		}
	}
	if failure := first.CallbackError(first.consent("deny")); failure != nil {
		known("denied", failure)
	}
	if met < 100 {
		t.Errorf("met %d failures; want those of every fault", met)
	}
}
