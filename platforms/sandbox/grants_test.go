package sandbox_test

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"mooring/platforms"
	"mooring/platforms/sandbox"
)

// latest is the newest grant of a platform.
func (w world) latest(p *platforms.Platform) sandbox.Grant {
	w.t.Helper()
	var grants []sandbox.Grant
	w.control(http.MethodGet, "grants?platform="+p.ID, "", &grants)
	if len(grants) == 0 {
		w.t.Fatalf("%s has no grants", p.ID)
	}
	return grants[len(grants)-1]
}

// act does something to a grant and returns it afterwards.
func (w world) act(g sandbox.Grant, action, body string) sandbox.Grant {
	w.t.Helper()
	var after sandbox.Grant
	if got := w.control(http.MethodPost, "grants/"+g.ID+"/"+action, body, &after); got != http.StatusOK {
		w.t.Fatalf("%s %s = %d; want 200", action, body, got)
	}
	return after
}

func TestRevokeLater(t *testing.T) {
	for _, body := range []string{`{"inSeconds":60}`, `{"at":"2000-01-01T00:01:00Z"}`} {
		synctest.Test(t, func(t *testing.T) { // it begins at 2000-01-01
			w := newWorld(t, sandbox.Options{})
			a := w.app(platforms.Twitter)
			tokens := w.connect(a, defaults(platforms.Twitter))
			g := w.act(w.latest(platforms.Twitter), "revoke", body)
			if g.Revoked || !g.RevokesAt.Equal(time.Now().Add(time.Minute)) {
				t.Errorf("revoke %s: revoked %t, at %s; want in a minute", body, g.Revoked, g.RevokesAt)
			}
			<-time.After(59 * time.Second)
			if _, err := a.Identify(t.Context(), tokens); err != nil {
				t.Errorf("Identify before the time = %v; want none", err)
			}
			<-time.After(time.Second)
			if _, err := a.Identify(t.Context(), tokens); classOf(t, err) != platforms.ClassStaleAccess {
				t.Errorf("Identify at the time = %v; want stale_access", err)
			}
			compare(t, platforms.Twitter, "token-dead-refresh", w.refresh(a, tokens.Refresh.Reveal()))
			if g := w.latest(platforms.Twitter); !g.Revoked || !g.RevokesAt.IsZero() {
				t.Errorf("afterwards: revoked %t, at %s; want revoked", g.Revoked, g.RevokesAt)
			}
		})
	}
}

// TestShrink takes scopes away while the tokens live on.
func TestShrink(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	a := w.app(platforms.Twitter)
	tokens := w.connect(a, defaults(platforms.Twitter))
	w.act(w.latest(platforms.Twitter), "shrink", `{"scopes":["users.read","offline.access"]}`)
	if _, err := a.Identify(t.Context(), tokens); classOf(t, err) != platforms.ClassMissingScope {
		t.Errorf("Identify = %v; want missing_scope", err)
	}
	refreshed, err := a.Refresh(t.Context(), tokens)
	if err != nil || !cmp.Equal(refreshed.Scopes, []string{"users.read", "offline.access"}) {
		t.Errorf("Refresh = %+v, %v; want the scopes that are left", refreshed, err)
	}
}

// TestPassword changes a person's password at each platform.
func TestPassword(t *testing.T) {
	synctest.Test(t, testPassword) // Mooring asks LinkedIn again for some seconds
}

func testPassword(t *testing.T) {
	w := newWorld(t, sandbox.Options{})
	for _, p := range platforms.All() {
		if p == platforms.YouTube {
			continue
		}
		a := w.app(p)
		first, second := w.connect(a, defaults(p)), w.connect(a, defaults(p))
		if g := w.act(w.latest(p), "password", ""); !g.Revoked || !g.PasswordChanged {
			t.Errorf("%s: the grant is shown as %+v; want it ended by the password", p.ID, g)
		}
		for _, tokens := range []*platforms.Tokens{first, second} {
			_, err := a.Identify(t.Context(), tokens)
			if got, want := classOf(t, err), afterPassword(p); got != want {
				t.Errorf("%s: Identify = %v; want %s", p.ID, err, want)
			}
		}
		later := w.connect(a, defaults(p))
		if _, err := a.Identify(t.Context(), later); err != nil {
			t.Errorf("%s: Identify after a new consent = %v; want none", p.ID, err)
		}
	}
	a := w.app(platforms.YouTube)
	tokens := w.connect(a, defaults(platforms.YouTube))
	if got := w.control(http.MethodPost, "grants/"+w.latest(platforms.YouTube).ID+"/password", "", nil); got != http.StatusBadRequest {
		t.Errorf("password at YouTube = %d; want 400, since its grants outlive it", got)
	}
	if _, err := a.Identify(t.Context(), tokens); err != nil {
		t.Errorf("YouTube: Identify = %v; want none", err)
	}
}

// afterPassword is what a token is that died with a password: only Meta says
// that nothing but a new consent will help.
func afterPassword(p *platforms.Platform) platforms.Class {
	if p == platforms.Facebook || p == platforms.Instagram {
		return platforms.ClassRefreshDead
	}
	return platforms.ClassStaleAccess
}

// TestAge makes a consent older, by which what befalls the person some time
// after it has come; a longer life of its tokens makes it no younger.
func TestAge(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	a := w.app(platforms.Twitter)
	tokens := w.consenting(a, "vera")
	before := w.latest(platforms.Twitter)
	if after := w.act(before, "age", `{"expiresInSeconds": 86400}`); !after.CreatedAt.Equal(before.CreatedAt) {
		t.Errorf("with a longer life the consent is of %v; want %v", after.CreatedAt, before.CreatedAt)
	}
	if _, err := a.Identify(t.Context(), tokens); err != nil {
		t.Errorf("Identify = %v; want none yet", err)
	}
	after := w.act(before, "age", `{"expiresInSeconds": 60}`)
	if older := before.CreatedAt.Sub(after.CreatedAt); older < 23*time.Hour {
		t.Errorf("the consent is %v older; want a day", older)
	}
	if _, err := a.Identify(t.Context(), tokens); err == nil || !strings.Contains(err.Error(), "suspended") {
		t.Errorf("Identify = %v; want one about a suspended account", err)
	}
}

func TestExpireRefresh(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	a := w.app(platforms.Twitter)
	tokens := w.connect(a, defaults(platforms.Twitter))
	w.act(w.latest(platforms.Twitter), "expire-refresh", "")
	compare(t, platforms.Twitter, "token-dead-refresh", w.refresh(a, tokens.Refresh.Reveal()))
	if _, err := a.Identify(t.Context(), tokens); err != nil {
		t.Errorf("Identify = %v; want the access token to live on", err)
	}
}

// TestChangesThatMakeNoSenseAreRefused and change nothing.
func TestChangesThatMakeNoSenseAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	w.connect(w.app(platforms.LinkedIn), defaults(platforms.LinkedIn))
	before := w.latest(platforms.LinkedIn)
	for _, tt := range []struct {
		path, body string
		status     int
		reason     string
	}{
		{"grants/none/age", `{"expiresInSeconds":1}`, 404, "none"},
		{"grants/" + before.ID + "/melt", `{}`, 404, "age, end-data-access, expire-refresh, password, revoke, shrink"},
		{"grants/" + before.ID + "/age", `{}`, 400, "expiresInSeconds"},
		{"grants/" + before.ID + "/age", `{"expiresInSeconds":"soon"}`, 400, "expiresInSeconds"},
		{"grants/" + before.ID + "/end-data-access", ``, 400, "LinkedIn ends no access to data before the grant"},
		{"grants/" + before.ID + "/expire-refresh", ``, 400, "no refresh token"},
		{"grants/" + before.ID + "/revoke", `{"at":"2026-01-01T00:00:00Z","inSeconds":1}`, 400, "exclude"},
		{"grants/" + before.ID + "/revoke", `{"at":"tomorrow"}`, 400, "tomorrow"},
		{"grants/" + before.ID + "/shrink", `{}`, 400, "revoke the grant instead"},
		{"grants/" + before.ID + "/shrink", `{"scopes":["r_organization_admin"]}`, 400, "w_member_social"},
	} {
		var answer map[string]string
		if got := w.control(http.MethodPost, tt.path, tt.body, &answer); got != tt.status || !strings.Contains(answer["error"], tt.reason) {
			t.Errorf("%s %s = %d, %q; want %d and %q", tt.path, tt.body, got, answer["error"], tt.status, tt.reason)
		}
	}
	if diff := cmp.Diff(before, w.latest(platforms.LinkedIn)); diff != "" {
		t.Errorf("the grant changed (-before +after):\n%s", diff)
	}
}

// TestOldTokensAreNotStrangers: LinkedIn tells an expired token from an unknown
// one, however long ago it ended.
func TestOldTokensAreNotStrangers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, sandbox.Options{})
		a := w.app(platforms.LinkedIn)
		tokens := w.connect(a, defaults(platforms.LinkedIn))
		<-time.After(100 * 24 * time.Hour)
		w.connect(a, defaults(platforms.LinkedIn), "persona", "tomas") // writes the state
		compare(t, platforms.LinkedIn, "api-expired", w.send(http.MethodGet, a.Endpoints.API+"/v2/userinfo", "", "",
			"Authorization", "Bearer "+tokens.Access.Reveal()))
	})
}

// exchange connects without ending the test when it fails.
func (w world) exchange(a *platforms.App) error {
	code := platforms.NewSecret(w.consent(a, defaults(a.Platform)).Get("code"))
	_, err := a.Exchange(w.t.Context(), code, verifier, nil)
	return err
}

// TestApps suspends each platform's app and rotates its secret.
func TestApps(t *testing.T) {
	t.Parallel()
	for _, p := range platforms.All() {
		t.Run(p.ID, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "sandbox.json")
			w := newWorld(t, sandbox.Options{File: file})
			a := w.app(p)
			tokens := w.connect(a, defaults(p))
			code := platforms.NewSecret(w.consent(a, defaults(p)).Get("code"))
			set := func(change string) {
				t.Helper()
				if got := w.control(http.MethodPost, "apps/"+p.ID, change, nil); got != http.StatusOK {
					t.Fatalf("apps %s = %d; want 200", change, got)
				}
			}

			set(`{"suspended":true}`)
			if got := w.send(http.MethodGet, a.AuthCodeURL("s", verifier, defaults(p)), "", ""); got.status != http.StatusBadRequest || !strings.Contains(got.body, "suspended") {
				t.Errorf("the consent page of a suspended app = %d; want the platform's error page", got.status)
			}
			if _, err := a.Exchange(t.Context(), code, verifier, nil); classOf(t, err) != platforms.ClassAppFault {
				t.Errorf("Exchange by a suspended app = %v; want app_fault", err)
			}
			if _, err := a.Identify(t.Context(), tokens); err == nil {
				t.Error("a suspended app's token works")
			}
			again := newWorld(t, sandbox.Options{File: file})
			if _, err := again.app(p).Identify(t.Context(), tokens); err == nil {
				t.Error("the app's suspension ended by a restart")
			}
			set(`{"suspended":false}`)
			if _, err := a.Exchange(t.Context(), code, verifier, nil); err != nil {
				t.Errorf("Exchange afterwards = %v; want nothing lost", err)
			}
			if _, err := a.Identify(t.Context(), tokens); err != nil {
				t.Errorf("Identify afterwards = %v; want nothing lost", err)
			}

			set(`{"secret":"rotated"}`)
			if err := w.exchange(a); classOf(t, err) != platforms.ClassAppFault {
				t.Errorf("Exchange with the old secret = %v; want app_fault", err)
			}
			if err := w.exchange(w.app(p)); err != nil {
				t.Errorf("Exchange with the new secret = %v; want none", err)
			}
		})
	}
}

func TestAppsAreListedAndChecked(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	if got := w.control(http.MethodPost, "apps/linkedin", `{"redirectUris":["https://app.example/back"]}`, nil); got != http.StatusOK {
		t.Errorf("redirectUris = %d; want 200", got)
	}
	var apps []sandbox.App
	w.control(http.MethodGet, "apps", "", &apps)
	want := sandbox.App{
		Server: "linkedin", Platforms: []string{"linkedin"}, ClientID: "sandbox-linkedin",
		RedirectURIs: []string{"https://app.example/back"},
	}
	var got sandbox.App
	for _, a := range apps {
		if a.Server == "linkedin" {
			got = a
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("LinkedIn's app (-want +got):\n%s", diff)
	}
	for _, tt := range []struct{ platform, body, reason string }{
		{"myspace", `{"suspended":true}`, "twitter"},
		{"twitter", `{}`, "suspended, secret"},
		{"twitter", `{"secret":""}`, "empty"},
		{"twitter", `{"requireProof":true}`, "proof"},
		{"twitter", `{"redirectUris":["/back"]}`, "/back"},
		{"instagram", `{"requireProof":true}`, "proof"},
		{"tiktok", `{"redirectUris":["http://app.example/back"]}`, "TikTok"},
	} {
		var answer map[string]string
		if got := w.control(http.MethodPost, "apps/"+tt.platform, tt.body, &answer); got != http.StatusBadRequest || !strings.Contains(answer["error"], tt.reason) {
			t.Errorf("apps/%s %s = %d, %q; want 400 and %q", tt.platform, tt.body, got, answer["error"], tt.reason)
		}
	}
}

// TestRequestsTell enough to say that a refresh token was sent exactly once.
func TestRequestsTell(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	a := w.app(platforms.Twitter)
	tokens := w.connect(a, defaults(platforms.Twitter))
	grant := w.latest(platforms.Twitter).ID
	refreshed := refreshTokenOf(t, w.refresh(a, tokens.Refresh.Reveal()))
	w.addFault(`{"grantType":"refresh_token","dropBeforeRotation":true}`)
	if _, err := a.Refresh(t.Context(), &platforms.Tokens{Refresh: platforms.NewSecret(refreshed)}); err == nil {
		t.Fatal("the fault did not hit")
	}
	w.refresh(a, refreshed)
	w.refresh(a, tokens.Refresh.Reveal()) // spent

	var list []sandbox.Request
	w.control(http.MethodGet, "requests?platform=twitter&endpoint=token&grantType=refresh_token&method=POST&grant="+grant, "", &list)
	var statuses []int
	for _, q := range list {
		statuses = append(statuses, q.Status)
	}
	if diff := cmp.Diff([]int{200, 0, 200, 400}, statuses); diff != "" {
		t.Fatalf("statuses (-want +got):\n%s", diff)
	}
	first, lost, second, spent := list[0].Form["refresh_token"], list[1].Form["refresh_token"], list[2].Form["refresh_token"], list[3].Form["refresh_token"]
	if first != spent || lost != second || first == second || !strings.HasPrefix(first, "sha256:") {
		t.Errorf("fingerprints %s, %s, %s, %s; want the first again at the end, and the second one twice", first, lost, second, spent)
	}
	var count struct{ Count int }
	w.control(http.MethodGet, "requests/count?grantType=refresh_token", "", &count)
	if count.Count != 4 {
		t.Errorf("count = %d; want 4", count.Count)
	}
	for path, known := range map[string]string{"requests?grant_type=x": "grantType", "requests/count?status=200": "endpoint", "grants?id=1": "persona", "faults?platform=x": "platform"} {
		var answer map[string]string
		if got := w.control(http.MethodGet, path, "", &answer); got != http.StatusBadRequest || !strings.Contains(answer["error"], known) {
			t.Errorf("GET %s = %d, %q; want 400 and %q", path, got, answer["error"], known)
		}
	}
}
