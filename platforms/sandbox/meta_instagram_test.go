package sandbox_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"mooring/platforms"
	"mooring/platforms/sandbox"
)

// instagram is Mooring's app at Instagram Login.
func (w world) instagram() *platforms.App {
	w.t.Helper()
	return w.appOf(platforms.Instagram, platforms.Instagram.Logins[1])
}

// instagramAnswer compares an answer of Instagram's part with a recording.
func instagramAnswer(t testing.TB, recording string, got result) {
	t.Helper()
	compare(t, platforms.Instagram, recording, got)
}

// instagramCode consents and returns the code without what is glued to it.
func (w world) instagramCode(a *platforms.App, persona string) string {
	w.t.Helper()
	glued := w.consent(a, defaultsOf(a.Login), "persona", persona).Get("code")
	code, ok := strings.CutSuffix(glued, "#_")
	if !ok {
		w.t.Errorf("code = %s; want #_ at its end", glued)
	}
	return code
}

// instagramToken exchanges or refreshes a token, as Mooring does.
func (w world) instagramToken(a *platforms.App, path, token string) result {
	w.t.Helper()
	q := url.Values{"grant_type": {"ig_exchange_token"}, "client_secret": {a.ClientSecret.Reveal()}, "access_token": {token}}
	if path == "/refresh_access_token" {
		q = url.Values{"grant_type": {"ig_refresh_token"}, "access_token": {token}}
	}
	return w.send(http.MethodGet, a.Endpoints.API+path+"?"+q.Encode(), "", "")
}

const instagramFields = "/{version}/me?fields=user_id,username,name,account_type,profile_picture_url,followers_count,follows_count,media_count"

func TestInstagramAnswersAreAsRecorded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	a := w.instagram()
	for persona, recordings := range map[string]struct{ token, me string }{
		"juno": {"token-flat", "me"},
		"ravi": {"token", "me-data"},
	} {
		form, _ := client(a, url.Values{"grant_type": {"authorization_code"}, "code": {w.instagramCode(a, persona)}, "redirect_uri": {callback}})
		instagramAnswer(t, recordings.token, w.form(a.Endpoints.Token, form))
		long := w.consenting(a, persona).Access.Reveal()
		instagramAnswer(t, recordings.me, w.graph(a, http.MethodGet, instagramFields, long))
		instagramAnswer(t, "token-kind", w.instagramToken(a, "/access_token", long))
	}
	lotte := w.consenting(a, "lotte").Access.Reveal()
	instagramAnswer(t, "me-personal", w.graph(a, http.MethodGet, "/{version}/me?fields=user_id,username,account_type", lotte))
	short := w.connect(a, defaultsOf(a.Login))
	instagramAnswer(t, "token-kind", w.instagramToken(a, "/refresh_access_token", short.Access.Reveal()))
	instagramAnswer(t, "token-long", w.instagramToken(a, "/access_token", short.Access.Reveal()))
	facebook := w.consenting(w.app(platforms.Facebook), "greta").Access.Reveal()
	instagramAnswer(t, "token-unparsable", w.instagramToken(a, "/access_token", facebook))

	linked := w.app(platforms.Instagram)
	tokens := w.tick(linked, defaults(platforms.Instagram), "greta", bakery, bakeryInstagram).Access.Reveal()
	const fields = "/me/accounts?fields=id,name,tasks,access_token,instagram_business_account{id,username,name,profile_picture_url}"
	instagramAnswer(t, "accounts", w.graph(linked, http.MethodGet, fields, tokens))
	instagramAnswer(t, "debug", w.debug(linked, tokens))
	instagramAnswer(t, "account", w.graph(linked, http.MethodGet, "/"+bakeryInstagram+"?fields=username,name,profile_picture_url,followers_count,media_count", tokens))
	instagramAnswer(t, "accounts-account-type", w.graph(linked, http.MethodGet, "/me/accounts?fields=instagram_business_account{account_type}", tokens))
	alone := w.tick(linked, defaults(platforms.Instagram), "greta", bakery).Access.Reveal()
	instagramAnswer(t, "accounts-not-linked", w.graph(linked, http.MethodGet, fields, alone))
}

// TestInstagramExchangeBroken breaks one thing at a time.
func TestInstagramExchangeBroken(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	tests := []struct {
		name      string
		persona   string
		change    func(form url.Values)
		recording string
	}{
		{"nothing", "juno", func(url.Values) {}, "token-flat"},
		{"stray verifier", "juno", func(f url.Values) { f.Set("code_verifier", verifier) }, "token-flat"},
		{"the Meta app's id", "juno", func(f url.Values) { f.Set("client_id", "sandbox-meta") }, "token-client"},
		{"no id", "juno", func(f url.Values) { f.Del("client_id") }, "token-client"},
		{"glued code", "juno", func(f url.Values) { f.Set("code", f.Get("code")+"#_") }, "token-code"},
		{"other code", "juno", func(f url.Values) { f.Set("code", "other") }, "token-code"},
		{"other redirect", "juno", func(f url.Values) { f.Set("redirect_uri", otherCallback) }, "token-redirect"},
		{"slash", "juno", func(f url.Values) { f.Set("redirect_uri", callback+"/") }, "token-redirect"},
		{"no tester", "kai", func(url.Values) {}, "token-role"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := world{w.Sandbox, t}
			a := w.instagram()
			form, _ := client(a, url.Values{"grant_type": {"authorization_code"}, "code": {w.instagramCode(a, tt.persona)}, "redirect_uri": {callback}})
			tt.change(form)
			instagramAnswer(t, tt.recording, w.form(a.Endpoints.Token, form))
			if tt.recording == "token-flat" {
				instagramAnswer(t, "token-code", w.form(a.Endpoints.Token, form)) // spent
			}
		})
	}
	a := w.instagram()
	body := `{"client_id":"` + a.ClientID + `","grant_type":"authorization_code","code":"` + w.instagramCode(a, "juno") + `"}`
	instagramAnswer(t, "token-client", w.send(http.MethodPost, a.Endpoints.Token, "application/json", body))
	form, _ := client(a, url.Values{"grant_type": {"authorization_code"}, "code": {"c"}, "redirect_uri": {callback}})
	form.Set("client_secret", "other")
	if got := w.form(a.Endpoints.Token, form); got.status != http.StatusBadRequest || !strings.Contains(got.body, `"error_message":"Error validating client secret."`) {
		t.Errorf("exchange with another secret = %d %s", got.status, got.body)
	}
	q := url.Values{"grant_type": {"ig_exchange_token"}, "client_secret": {"other"}, "access_token": {w.connect(a, defaultsOf(a.Login)).Access.Reveal()}}
	if got := w.send(http.MethodGet, a.Endpoints.API+"/access_token?"+q.Encode(), "", ""); !strings.Contains(got.body, `"message":"Error validating client secret."`) {
		t.Errorf("lengthening with another secret = %d %s", got.status, got.body)
	}
}

func TestInstagramPersonas(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	a := w.instagram()
	for persona, want := range map[string]struct{ subject, kind string }{
		"juno":  {"17841461200993311", "Business"},
		"ravi":  {"17841461200994422", "Media Creator"},
		"lotte": {"17841461200995533", ""}, // personal: no profile
	} {
		tokens := w.consenting(a, persona)
		identity, err := a.Identify(t.Context(), tokens)
		if err != nil || identity.Subject != want.subject || (len(identity.Profiles) == 0) != (want.kind == "") {
			t.Fatalf("%s: Identify = %+v, %v; want %s", persona, identity, err, want.subject)
		}
		v, err := a.Validate(t.Context(), tokens, platforms.Profile{ExternalID: want.subject})
		if err != nil {
			t.Fatal(err)
		}
		if want.kind == "" {
			if len(v.Errors) == 0 || v.Errors[0].Code != platforms.FindingNotProfessional {
				t.Errorf("%s: Validate = %+v; want NOT_PROFESSIONAL", persona, v)
			}
			continue
		}
		if len(v.Errors) > 0 || v.Details[0].Value != want.kind {
			t.Errorf("%s: Validate = %+v; want a %s account", persona, v, want.kind)
		}
	}
	if revoked, err := a.Revoke(t.Context(), w.consenting(a, "juno")); revoked || err != nil {
		t.Errorf("Revoke = %t, %v; want none, which Instagram has not", revoked, err)
	}
}

// TestInstagramRefreshes renews a token that is a day old and not over.
func TestInstagramRefreshes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, sandbox.Options{})
		a := w.instagram()
		short := w.connect(a, defaultsOf(a.Login))
		long, err := a.Lengthen(t.Context(), short)
		if err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Hour)
		instagramAnswer(t, "token-dead", w.instagramToken(a, "/access_token", short.Access.Reveal()))
		<-time.After(23*time.Hour - time.Second)
		instagramAnswer(t, "token-kind", w.instagramToken(a, "/refresh_access_token", long.Access.Reveal()))
		<-time.After(time.Second)
		instagramAnswer(t, "refresh", w.instagramToken(a, "/refresh_access_token", long.Access.Reveal()))
		renewed, err := a.Refresh(t.Context(), long)
		if err != nil {
			t.Fatal(err)
		}
		if life := time.Until(renewed.AccessExpires); life != 60*24*time.Hour {
			t.Errorf("renewed token's life = %s; want 60 days", life)
		}
		var grants []sandbox.Grant
		w.control(http.MethodGet, "grants?platform=instagram", "", &grants)
		if grants[0].Refreshes != 2 {
			t.Errorf("refreshes = %d; want 2", grants[0].Refreshes)
		}
		<-time.After(59 * 24 * time.Hour)
		instagramAnswer(t, "token-dead", w.instagramToken(a, "/refresh_access_token", long.Access.Reveal()))
		instagramAnswer(t, "refresh", w.instagramToken(a, "/refresh_access_token", renewed.Access.Reveal()))
	})
}

// TestInstagramRefreshesAfterAgeing makes a token older by the control API.
func TestInstagramRefreshesAfterAgeing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	a := w.instagram()
	tokens := w.consenting(a, "juno")
	var grants []sandbox.Grant
	w.control(http.MethodGet, "grants?platform=instagram", "", &grants)
	w.control(http.MethodPost, "grants/"+grants[0].ID+"/age", `{"expiresInSeconds": 3600}`, nil)
	if _, err := a.Refresh(t.Context(), tokens); err != nil {
		t.Errorf("Refresh an hour before the end = %v", err)
	}
}

func TestInstagramWantsBasic(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	a := w.instagram()
	tokens := w.connect(a, []string{"instagram_business_content_publish"})
	got := w.graph(a, http.MethodGet, instagramFields, tokens.Access.Reveal())
	if got.status != http.StatusForbidden || !strings.Contains(got.body, `"code":10,`) {
		t.Errorf("me without instagram_business_basic = %d %s; want 403 with code 10", got.status, got.body)
	}
}

func TestInstagramDenial(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	a := w.instagram()
	back := w.consent(a, defaultsOf(a.Login), "decision", "deny")
	if back.Get("error") != "access_denied" || back.Get("error_reason") != "user_denied" || back.Get("error_description") != "The user denied your request." {
		t.Errorf("callback = %v; want Instagram's denial", back)
	}
	if e := a.CallbackError(back); e == nil || e.Class != platforms.ClassDenied {
		t.Errorf("CallbackError = %v; want denied", e)
	}
	a.ClientID = "sandbox-meta"
	if got := w.send(http.MethodGet, a.AuthCodeURL("s", verifier, defaultsOf(a.Login)), "", ""); got.status != http.StatusBadRequest || !strings.Contains(got.body, "Invalid platform app") {
		t.Errorf("dialog with the Meta app's id = %d; want Instagram's own page", got.status)
	}
}
