package sandbox_test

import (
	"net/http"
	"testing"

	"mooring/platforms"
	"mooring/platforms/sandbox"
)

func TestPinterestAnswers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	a := w.app(platforms.Pinterest)
	oak := w.connect(a, defaults(platforms.Pinterest))
	lena := w.connect(a, defaults(platforms.Pinterest), "persona", "lena")
	wren := w.connect(a, defaults(platforms.Pinterest), "persona", "wren")
	compare(t, platforms.Pinterest, "user-business", w.bearing(a, http.MethodGet, "/user_account", oak))
	compare(t, platforms.Pinterest, "user-personal", w.bearing(a, http.MethodGet, "/user_account", lena))
	compare(t, platforms.Pinterest, "pin", w.bearing(a, http.MethodPost, "/pins", oak))
	compare(t, platforms.Pinterest, "api-trial", w.bearing(a, http.MethodPost, "/pins", wren))
	reader := w.connect(a, []string{"user_accounts:read", "pins:read"})
	compare(t, platforms.Pinterest, "api-scope", w.bearing(a, http.MethodPost, "/pins", reader))
	compare(t, platforms.Pinterest, "api-scope", w.bearing(a, http.MethodGet, "/user_account", w.connect(a, []string{"pins:read"})))
	// A token of nowhere, of another platform, or none.
	stranger := w.connect(w.app(platforms.TikTok), defaults(platforms.TikTok))
	compare(t, platforms.Pinterest, "authentication", w.bearing(a, http.MethodGet, "/user_account", stranger))
	compare(t, platforms.Pinterest, "authentication", w.send(http.MethodGet, a.Endpoints.API+"/user_account", "", ""))
	compare(t, platforms.Pinterest, "token-grant", w.refresh(a, "other"))
	if got := w.send(http.MethodPost, a.Endpoints.API+"/oauth/token/revoke", "", ""); got.status != http.StatusNotFound {
		t.Errorf("revoke = %d; want none", got.status)
	}
}

func TestPinterestRefreshesOnlyContinuously(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	a := w.app(platforms.Pinterest)
	login := *a.Login
	login.TokenParams = nil
	a.Login = &login
	if tokens := w.connect(a, defaults(platforms.Pinterest)); !tokens.Refresh.IsZero() {
		t.Error("a refresh token without continuous_refresh")
	}
}
