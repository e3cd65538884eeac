package sandbox_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"mooring/platforms"
	"mooring/platforms/sandbox"
)

// TestFaultsThatMakeNoSenseAreRefused, with what is wrong and what is possible.
func TestFaultsThatMakeNoSenseAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	for fault, want := range map[string][]string{
		`[`:                                       {"EOF"},
		`{"platform":"myspace"}`:                  {"myspace", "twitter", "tiktok"},
		`{"endpoint":"pokes"}`:                    {"pokes", "profile", "token", "creatorInfo"},
		`{"grantType":"refresh"}`:                 {"refresh_token", "authorization_code"},
		`{"grant":"grant_none"}`:                  {"grant_none"},
		`{"preset":"html"}`:                       {"html-403", "lost-answer"},
		`{"preset":"slow","delay":1}`:             {"delay"},
		`{"status":99}`:                           {"99", "200 to 599"},
		`{"status":600}`:                          {"600"},
		`{"status":500,"times":-2}`:               {"times", "-1"},
		`{"status":500,"after":-1}`:               {"after"},
		`{"delayMs":-1}`:                          {"delayMs"},
		`{"retryAfterSeconds":-1}`:                {"retryAfterSeconds"},
		`{"graceSeconds":-1}`:                     {"graceSeconds"},
		`{"status":500,"graceSeconds":1}`:         {"status", "graceSeconds"},
		`{"dropAfterRotaton":true}`:               {"dropAfterRotaton"},
		`{"scopes":[]}`:                           {"scopes"},
		`{}`:                                      {"delayMs", "dropAfterRotation", "html-403"},
		`{"platform":"twitter"}`:                  {"status"},
		`{"status":500,"dropAfterRotation":true}`: {"status", "dropAfterRotation"},
		`{"platform":"linkedin","endpoint":"pins","status":500}`: {"pins", "organizationAcls"},
		`{"dropBeforeRotation":true,"dropAfterRotation":true}`:   {"dropBeforeRotation"},
	} {
		var answer map[string]string
		status := w.control(http.MethodPost, "faults", fault, &answer)
		unsaid := func(part string) bool { return !strings.Contains(answer["error"], part) }
		if status != http.StatusBadRequest || slices.ContainsFunc(want, unsaid) {
			t.Errorf("fault %s = %d, %q; want 400 and %q", fault, status, answer["error"], want)
		}
	}
}

// TestFaultsChooseTheirRequests: a refresh is hit, and an exchange is not.
func TestFaultsChooseTheirRequests(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	a := w.app(platforms.Twitter)
	mine, other := w.connect(a, defaults(platforms.Twitter)), w.connect(a, defaults(platforms.Twitter), "persona", "mika")

	w.addFault(`{"endpoint":"token","grantType":"refresh_token","status":503}`)
	w.connect(a, defaults(platforms.Twitter)) // an exchange
	if got := w.refresh(a, mine.Refresh.Reveal()); got.status != 503 {
		t.Errorf("refresh = %d; want the fault", got.status)
	}

	var grants []sandbox.Grant
	w.control(http.MethodGet, "grants?platform=twitter&persona=mika", "", &grants)
	w.addFault(`{"grant":"` + grants[0].ID + `","status":503,"times":2}`)
	if _, err := a.Identify(t.Context(), mine); err != nil {
		t.Errorf("Identify of another grant = %v; want no fault", err)
	}
	if _, err := a.Identify(t.Context(), other); err == nil {
		t.Error("Identify of the grant succeeds; want the fault")
	}
	if got := w.refresh(a, other.Refresh.Reveal()); got.status != 503 {
		t.Errorf("refresh of the grant = %d; want the fault", got.status)
	}

	w.addFault(`{"endpoint":"profile","status":503,"after":2}`)
	var broken []bool
	for range 4 {
		_, err := a.Identify(t.Context(), mine)
		broken = append(broken, err != nil)
	}
	if diff := cmp.Diff([]bool{false, false, true, false}, broken); diff != "" {
		t.Errorf("broken after two requests (-want +got):\n%s", diff)
	}
}

// TestDropBeforeRotation loses a request before the platform did anything.
func TestDropBeforeRotation(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	a := w.app(platforms.Twitter)
	tokens := w.connect(a, defaults(platforms.Twitter))
	w.addFault(`{"grantType":"refresh_token","dropBeforeRotation":true}`)
	_, err := a.Refresh(t.Context(), tokens)
	if e, ok := errors.AsType[*platforms.Error](err); !ok || e.Outcome != platforms.OutcomeUnknown {
		t.Errorf("Refresh = %v; want an unknown outcome", err)
	}
	if _, err := a.Refresh(t.Context(), tokens); err != nil {
		t.Errorf("second Refresh = %v; want the refresh token unspent", err)
	}
}

func TestSpoiltAnswers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	a := w.app(platforms.Twitter)
	tokens := w.connect(a, defaults(platforms.Twitter))

	w.addFault(`{"grantType":"refresh_token","expiresInOffsetSeconds":-7000,"clockSkewSeconds":-3600}`)
	got := w.refresh(a, tokens.Refresh.Reveal())
	var answer struct {
		ExpiresIn int    `json:"expires_in"`
		Refresh   string `json:"refresh_token"`
	}
	if err := json.Unmarshal([]byte(got.body), &answer); err != nil || answer.ExpiresIn != 200 {
		t.Errorf("expires_in = %d, %v; want 7000 less than 7200", answer.ExpiresIn, err)
	}
	date, err := http.ParseTime(got.header.Get("Date"))
	if ago := time.Since(date); err != nil || ago < 59*time.Minute || ago > 61*time.Minute {
		t.Errorf("Date = %q; want an hour ago", got.header.Get("Date"))
	}

	w.addFault(`{"grantType":"refresh_token","scopes":["users.read","offline.access"]}`)
	got = w.refresh(a, answer.Refresh)
	if !strings.Contains(got.body, `"scope":"users.read offline.access"`) {
		t.Errorf("refresh = %s; want the scopes that are left", got.body)
	}
	w.addFault(`{"grantType":"authorization_code","scopes":["users.read"]}`)
	if tokens := w.connect(a, defaults(platforms.Twitter)); !cmp.Equal(tokens.Scopes, []string{"users.read"}) {
		t.Errorf("exchange with the fault grants %q; want users.read", tokens.Scopes)
	}
}

// TestGrace: a refresh token that was traded works on until the grace is over,
// and then ends the family as ever.
func TestGrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, sandbox.Options{})
		a := w.app(platforms.Twitter)
		tokens := w.connect(a, defaults(platforms.Twitter))
		w.addFault(`{"platform":"twitter","grantType":"refresh_token","graceSeconds":60}`)
		for i, want := range []int{200, 200, 400} {
			if got := w.refresh(a, tokens.Refresh.Reveal()); got.status != want {
				t.Errorf("use %d of one refresh token = %d; want %d", i+1, got.status, want)
			}
			<-time.After(59 * time.Second * time.Duration(i+1))
		}
		if _, err := a.Identify(t.Context(), tokens); classOf(t, err) != platforms.ClassStaleAccess {
			t.Errorf("Identify after a use too many = %v; want the family ended", err)
		}
	})
}

// TestPresets holds the presets that speak a platform's words against its
// recordings, and lets one be changed in part.
func TestPresets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, sandbox.Options{})
		ask := func(p *platforms.Platform) result {
			return w.send(http.MethodGet, w.app(p).Endpoints.API+"/nothing", "", "")
		}
		for preset, tt := range map[string]struct {
			platform  *platforms.Platform
			recording string
		}{
			"linkedin-fresh-token": {platforms.LinkedIn, "api-revoked"},
			"linkedin-version":     {platforms.LinkedIn, "api-version-dead"},
			"twitter-credits":      {platforms.Twitter, "api-credits"},
			"youtube-quota":        {platforms.YouTube, "api-quota"},
		} {
			w.addFault(`{"preset":"` + preset + `","times":1}`)
			compare(t, tt.platform, tt.recording, ask(tt.platform))
			if got := ask(tt.platform); got.status != http.StatusNotFound {
				t.Errorf("%s with times 1 hits twice: %d", preset, got.status)
			}
		}
		for preset, want := range map[string]int{"html-403": 403, "outage": 503, "rate-limit": 429, "slow": 404, "lost-answer": 404} {
			w.addFault(`{"preset":"` + preset + `"}`)
			if got := ask(platforms.Twitter); got.status != want {
				t.Errorf("%s = %d; want %d", preset, got.status, want)
			}
			w.control(http.MethodDelete, "faults", "", nil)
		}
	})
}

func TestScript(t *testing.T) {
	t.Parallel()
	write := func(content string) string {
		file := filepath.Join(t.TempDir(), "script.json")
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	w := newWorld(t, sandbox.Options{Script: write(`{
		"apps": [{"platform": "linkedin", "redirectUris": ["https://app.example/back"]}],
		"consents": [{"platform": "linkedin", "decision": "approve", "persona": "tomas"}],
		"faults": [{"platform": "linkedin", "endpoint": "token", "status": 503}]
	}`)})
	a := w.app(platforms.LinkedIn)
	back := w.callbackOf(w.send(http.MethodGet, a.AuthCodeURL("s", "", defaults(platforms.LinkedIn)), "", ""))
	code := platforms.NewSecret(back.Get("code"))
	if _, err := a.Exchange(t.Context(), code, "", nil); classOf(t, err) != platforms.ClassTemporary {
		t.Errorf("Exchange = %v; want the script's 503", err)
	}
	tokens, err := a.Exchange(t.Context(), code, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	if who, err := a.Identify(t.Context(), tokens); err != nil || who.Name != "Tomas Reyl" {
		t.Errorf("Identify = %v, %v; want the script's persona", who, err)
	}
	a.RedirectURI = "https://app.example/back"
	if got := w.form(a.AuthCodeURL("s", "", defaults(platforms.LinkedIn)), url.Values{"decision": {"approve"}}); got.status != http.StatusFound {
		t.Errorf("the script's redirect URI = %d; want it known", got.status)
	}
	for content, entry := range map[string]string{
		`{`:            "consents",
		`[]`:           "consents",
		`{"fault":[]}`: "consents",
		`{"faults":[{"status":500},{"platform":"myspace"}]}`:           "faults[1]",
		`{"faults":[{"colour":1}]}`:                                    "faults[0]",
		`{"consents":[{"decision":"approve"},{"decision":"perhaps"}]}`: "consents[1]",
		`{"apps":[{"platform":"twitter","requireProof":true}]}`:        "apps[0]",
		`{"apps":[{"platform":"twitter"}]}`:                            "apps[0]",
	} {
		file := write(content)
		if _, err := sandbox.New(sandbox.Options{Script: file}); err == nil || !strings.Contains(err.Error(), file) || !strings.Contains(err.Error(), entry) {
			t.Errorf("New with the script %s = %v; want an error that names it and %s", content, err, entry)
		}
	}
	none := filepath.Join(t.TempDir(), "none")
	if _, err := sandbox.New(sandbox.Options{Script: none}); err == nil || !strings.Contains(err.Error(), none) {
		t.Errorf("New without the script = %v; want an error that names it", err)
	}
}
