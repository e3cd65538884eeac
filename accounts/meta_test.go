package accounts_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"mooring/accounts"
	"mooring/diagnosis"
	"mooring/platforms"
	"mooring/platforms/sandbox"
)

// Facebook Pages and the Instagram accounts that are linked to them come by one
// Meta app: with tokens of their own, and with one revocation for all.
func TestFacebookAndInstagramByOneApp(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		attempt := w.run(w.begin(owner, accounts.ConnectRequest{Platform: "meta_facebook"}), "persona", "greta")
		if attempt.Status != accounts.AttemptSelecting || len(attempt.Candidates) != 2 {
			t.Fatalf("attempt is %s with %v, %s; want a choice of two Pages", attempt.Status, attempt.Candidates, says(attempt.Diagnosis))
		}
		done, err := w.CompleteConnect(t.Context(), owner, attempt.ID, []string{attempt.Candidates[0].ExternalID, attempt.Candidates[1].ExternalID})
		if err != nil {
			t.Fatal(err)
		}
		if n := w.owned("acc"); n != 2 {
			t.Errorf("%d tokens of Pages; want 2", n)
		}
		for _, id := range done.AccountIDs {
			a, v, err := w.Validate(t.Context(), owner, id)
			if err != nil || sayso(v.IsValid) != "true" {
				t.Fatalf("Validate(%s) = %+v, %v; want valid", id, v, err)
			}
			if h := a.Health; !h.ExpiresAt.IsZero() || h.Status != accounts.Healthy || len(h.Warnings) != 0 {
				t.Errorf("%s: health = %+v; want nothing to end", a.DisplayName, h)
			}
			if p := a.Permissions(); p.Source != platforms.FromIntrospection || !p.CanPost {
				t.Errorf("%s: permissions = %+v; want them from Facebook", a.DisplayName, p)
			}
		}
		instagram := w.connect(owner, "meta_instagram", "persona", "greta")
		if left := time.Until(instagram.Health.ExpiresAt); *instagram.Health.ExpiresBecause != accounts.ClockConsent || left < 89*24*time.Hour || left > 90*24*time.Hour {
			t.Errorf("the Instagram account ends in %s because of %s; want 90 days of consent", left, *instagram.Health.ExpiresBecause)
		}
		if _, v, err := w.Validate(t.Context(), owner, instagram.ID); err != nil || sayso(v.IsValid) != "true" {
			t.Errorf("Validate() at Instagram = %+v, %v; want valid", v, err)
		}
		facebook, err := w.PlatformRateLimits(t.Context(), w.Platform("meta_facebook"))
		if err != nil || len(facebook) == 0 {
			t.Errorf("PlatformRateLimits() of Facebook = %v, %v; want the app's", facebook, err)
		}
		if shared, err := w.PlatformRateLimits(t.Context(), w.Platform("meta_instagram")); err != nil || len(shared) != len(facebook) {
			t.Errorf("PlatformRateLimits() of Instagram = %v, %v; want those of Facebook's, whose app it is", shared, err)
		}

		w.control(http.MethodPost, "grants/"+w.grants("meta_facebook")[0].ID+"/age", `{"expiresInSeconds": 259200}`, nil)
		if h := w.account(owner, done.AccountIDs[0]).Health; h.Status != accounts.Healthy || len(h.Warnings) != 1 || h.Warnings[0].Code != accounts.WarnGrantEnds {
			t.Errorf("three days before the person's token ends: %s, %v; want HEALTHY and a warning", h.Status, h.Warnings)
		}

		for i, id := range append([]string{instagram.ID}, done.AccountIDs...) {
			last := i == len(done.AccountIDs)
			if d, err := w.Disconnect(t.Context(), owner, id); err != nil || d.RevokedAtPlatform != last {
				t.Errorf("Disconnect(%s) = %+v, %v; want revoked %t", id, d, err, last)
			}
		}
		if n := w.owned("acc") + w.owned("gra"); n != 0 {
			t.Errorf("%d tokens are left; want none", n)
		}
	})
}

func TestFacebookWithoutARequiredPermission(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		before := w.dump(lasting...)
		got := w.run(w.begin(owner, accounts.ConnectRequest{Platform: "meta_facebook"}),
			"persona", "greta", "scope", "public_profile", "scope", "pages_manage_posts", "scope", "")
		if d := got.Diagnosis; got.Status != accounts.AttemptBroken || d.IssueType != diagnosis.InsufficientPermissions ||
			!strings.Contains(strings.Join(append(d.PossibleCauses, d.Solutions...), " "), "pages_show_list") {
			t.Errorf("attempt is %s, %s, %v; want FAILED for pages_show_list", got.Status, says(d), d)
		}
		wantSame(t, "a consent without a required permission", w.dump(lasting...), before)
	})
}

func TestInstagramLogin(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		method := "INSTAGRAM_LOGIN"
		attempt := w.run(w.begin(owner, accounts.ConnectRequest{Platform: "meta_instagram", LoginMethod: &method}))
		if attempt.Status != accounts.AttemptDone {
			t.Fatalf("attempt is %s, %s; want COMPLETED", attempt.Status, says(attempt.Diagnosis))
		}
		a, v, err := w.Validate(t.Context(), owner, attempt.AccountIDs[0])
		if err != nil || sayso(v.IsValid) != "true" {
			t.Errorf("Validate() = %+v, %v; want valid", v, err)
		}
		if left := time.Until(a.Health.ExpiresAt); left < 59*24*time.Hour || w.owned("acc") != 0 {
			t.Errorf("it ends in %s, with %d tokens of its own; want 60 days, and the grant's", left, w.owned("acc"))
		}
	})
}

// A Page works on when the person's token has ended, and so do questions about it.
func TestPagesOutliveThePersonsToken(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		page := w.connect(owner, "meta_facebook", "persona", "tess")
		grants := w.grants("meta_facebook")
		w.control(http.MethodPost, "grants/"+grants[0].ID+"/age", `{"expiresInSeconds": -1}`, nil)
		w.age(page)
		if got, err := w.CheckPermissions(t.Context(), owner, page.ID); err != nil || !got.Permissions().CanPost {
			t.Errorf("CheckPermissions() = %+v, %v; want those of the Page's own token", got.Permissions(), err)
		}
		w.control(http.MethodPost, "grants/"+grants[0].ID+"/password", "{}", nil)
		w.age(page)
		_, err := w.CheckPermissions(t.Context(), owner, page.ID)
		wantCode(t, "CheckPermissions() after the Page's token died", err, accounts.CodeRefused)
	})
}

// A Page's token that is read with a short-lived one dies with it.
func TestImportLengthensTokens(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.control(http.MethodPost, "faults", `{"platform": "meta", "grantType": "fb_exchange_token", "status": 500}`, nil)
		w.run(w.begin(mallory, accounts.ConnectRequest{Platform: "meta_facebook"}), "persona", "tess") // to have a token
		in := accounts.ImportRequest{Platform: "meta_facebook", AccessToken: w.access("EAAB", "")}
		w.control(http.MethodPost, "faults", `{"platform": "meta", "grantType": "fb_exchange_token", "status": 500}`, nil)
		_, err := w.Import(t.Context(), owner, in)
		wantCode(t, "Import() while Facebook is down", err, accounts.CodeUnavailable)
		got, err := w.Import(t.Context(), owner, in)
		if err != nil || len(got) != 1 {
			t.Fatalf("Import() = %v, %v; want one Page", got, err)
		}
		if h := got[0].Health; !h.ExpiresAt.IsZero() || len(h.Warnings) != 0 {
			t.Errorf("health = %+v; want no end, and the person's for a long time", h)
		}
	})
}

// A consent that waits for the person's choice is hit by a revocation, too.
func TestRevocationSparesConsentsThatWait(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		instagram := w.connect(owner, "meta_instagram", "persona", "greta")
		waiting := w.run(w.begin(mallory, accounts.ConnectRequest{Platform: "meta_facebook"}), "persona", "greta")
		if d, err := w.Disconnect(t.Context(), owner, instagram.ID); err != nil || d.RevokedAtPlatform || d.Note == "" {
			t.Errorf("Disconnect() while %s waits = %+v, %v; want Instagram not to be told", waiting.Status, d, err)
		}
		done, err := w.CompleteConnect(t.Context(), mallory, waiting.ID, []string{waiting.Candidates[0].ExternalID})
		if err != nil {
			t.Fatal(err)
		}
		if d, err := w.Disconnect(t.Context(), mallory, done.AccountIDs[0]); err != nil || !d.RevokedAtPlatform {
			t.Errorf("Disconnect() of the last = %+v, %v; want the app removed", d, err)
		}
	})
}

// Facebook ends the access to Instagram's data after 90 days, and renews it only
// if it is asked to; a Page goes on.
func TestTheEndOfDataAccess(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		a := w.connect(owner, "meta_instagram", "persona", "greta")
		reconnect := func() *accounts.Attempt {
			return w.begin(owner, accounts.ConnectRequest{Platform: "meta_instagram", AccountID: &a.ID})
		}
		asks := func(attempt *accounts.Attempt) string {
			t.Helper()
			u, err := url.Parse(w.depart(browser{}, attempt))
			if err != nil {
				t.Fatal(err)
			}
			return u.Query().Get("auth_type")
		}
		if got := asks(reconnect()); got != "rerequest" {
			t.Errorf("long before the end a reconnect asks for %q; want rerequest", got)
		}
		w.control(http.MethodPost, "grants/"+w.grants("meta")[0].ID+"/end-data-access", "{}", nil)
		w.exec(1, "UPDATE grants SET scopes_checked_at = 0 WHERE retired_at IS NULL")
		if _, err := w.CheckPermissions(t.Context(), owner, a.ID); err != nil {
			t.Fatalf("CheckPermissions() = %v", err)
		}
		if h := w.account(owner, a.ID).Health; h.Status != accounts.Expired || *h.ExpiresBecause != accounts.ClockConsent {
			t.Errorf("the account is %s; want EXPIRED, as the consent is", h.Status)
		}
		if _, v, err := w.Validate(t.Context(), owner, a.ID); err != nil || len(v.Errors) != 1 || v.Errors[0].Code != platforms.FindingDataEnded {
			t.Errorf("Validate() = %+v, %v; want %s", v, err, platforms.FindingDataEnded)
		}
		if got := asks(reconnect()); got != "reauthorize" {
			t.Errorf("after the end a reconnect asks for %q; want reauthorize", got)
		}
		if got := asks(w.begin(owner, accounts.ConnectRequest{Platform: "meta_instagram"})); got != "rerequest" {
			t.Errorf("a connect asks for %q; want rerequest", got)
		}
		if done := w.run(reconnect(), "persona", "greta"); done.Status != accounts.AttemptDone {
			t.Errorf("attempt is %s, %s; want COMPLETED", done.Status, says(done.Diagnosis))
		}
		if h := w.account(owner, a.ID).Health; h.Status != accounts.Healthy {
			t.Errorf("reconnected, the account is %s; want HEALTHY", h.Status)
		}
		w.exec(1, "UPDATE accounts SET consent_expires_at = ?", time.Now().Add(23*time.Hour).UnixMilli())
		if got := asks(reconnect()); got != "reauthorize" {
			t.Errorf("a day before the end a reconnect asks for %q; want reauthorize", got)
		}
	})
}

// Facebook's token answers never name scopes, and people untick them one by one:
// if Facebook cannot be asked, nothing is assumed.
func TestFacebookCannotBeAskedForPermissions(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		before := w.dump(lasting...)
		down := func(endpoints ...string) {
			for _, endpoint := range endpoints {
				w.control(http.MethodPost, "faults", `{"platform": "meta", "endpoint": "`+endpoint+`", "status": 503}`, nil)
			}
		}
		down("introspect", "permissions")
		got := w.run(w.begin(owner, accounts.ConnectRequest{Platform: "meta_facebook"}), "persona", "tess")
		if d := got.Diagnosis; got.Status != accounts.AttemptBroken || d.IssueType != diagnosis.PlatformOutage || !d.Transient {
			t.Errorf("attempt is %s, %s; want FAILED for an outage", got.Status, says(d))
		}
		wantSame(t, "a consent of which Facebook says nothing", w.dump(lasting...), before)
		in := accounts.ImportRequest{Platform: "meta_facebook", AccessToken: w.access("EAAB", "")}
		down("introspect", "permissions")
		_, err := w.Import(t.Context(), owner, in)
		wantCode(t, "Import() of which Facebook says nothing", err, accounts.CodeUnavailable)

		down("introspect")
		page := w.connect(owner, "meta_facebook", "persona", "tess",
			"scope", "pages_show_list", "scope", "pages_read_engagement", "scope", "business_management", "scope", "")
		if p := page.Permissions(); p.Source != platforms.FromPermissionsAPI || p.CanPost {
			t.Errorf("permissions = %+v; want those of me/permissions, without the one that was unticked", p)
		}
	})
}

// A permission that was granted for other Pages is none for this one.
func TestPermissionsForSomePagesOnly(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		const bakery, catering = "104455667788990", "104455667788991"
		tells := func(targets string) {
			w.control(http.MethodPost, "faults", fmt.Sprintf(`{"platform": "meta", "endpoint": "introspect", "status": 200, "body": {"data": {
				"is_valid": true, "type": "PAGE", "scopes": ["public_profile", "pages_show_list", "pages_manage_posts"],
				"granular_scopes": [{"scope": "pages_show_list"}, {"scope": "business_management", "target_ids": ["1"]}, {"scope": "pages_manage_posts", "target_ids": [%s]}]}}}`, targets), nil)
		}
		posts := func(a *accounts.Account) bool {
			p := a.Permissions()
			lacks := slices.Contains(p.OptionalMissing, "pages_manage_posts")
			if lacks == p.CanPost || lacks == slices.Contains(p.Granted, "pages_manage_posts") || !p.CanRead {
				t.Errorf("%s: permissions = %+v; want it to read, and to post unless pages_manage_posts is missing", a.DisplayName, p)
			}
			return p.CanPost
		}
		tells(`"` + catering + `"`)
		attempt := w.run(w.begin(owner, accounts.ConnectRequest{Platform: "meta_facebook"}), "persona", "greta")
		done, err := w.CompleteConnect(t.Context(), owner, attempt.ID, []string{bakery, catering})
		if err != nil {
			t.Fatal(err)
		}
		pages := map[string]*accounts.Account{}
		for _, id := range done.AccountIDs {
			a := w.account(owner, id)
			pages[a.ExternalID] = a
		}
		if posts(pages[bakery]) || !posts(pages[catering]) {
			t.Error("connected, the bakery can post or the catering cannot; want it the other way round")
		}
		for _, step := range []struct {
			targets          string
			bakery, catering bool
		}{{`"` + bakery + `"`, true, false}, {``, false, false}, {`"` + bakery + `", "` + catering + `"`, true, true}} {
			w.exec(1, "UPDATE grants SET scopes_checked_at = 0")
			tells(step.targets)
			got, err := w.CheckPermissions(t.Context(), owner, pages[bakery].ID)
			if err != nil {
				t.Fatal(err)
			}
			if b, c := posts(got), posts(w.account(owner, pages[catering].ID)); b != step.bakery || c != step.catering {
				t.Errorf("for [%s] the bakery can post: %t, the catering: %t; want %t, %t", step.targets, b, c, step.bakery, step.catering)
			}
		}
		changed := w.count("SELECT count(*) FROM events WHERE type = ?", accounts.AccountPermissionsChanged)
		if changed != 6 {
			t.Errorf("%d events of changed permissions; want one for each Page and change", changed)
		}
	})
}

// grants are the sandbox's, of a platform.
func (w *world) grants(platform string) (list []sandbox.Grant) {
	w.t.Helper()
	w.control(http.MethodGet, "grants?platform="+platform, "", &list)
	return list
}

// An answer that cannot be read is no answer that never came.
func TestAnAnswerInAnotherShape(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.control(http.MethodPost, "faults", `{"platform": "meta", "endpoint": "pages", "status": 200, "body": {"data": [{"id": "1", "access_token": 5}]}}`, nil)
		got := w.run(w.begin(owner, accounts.ConnectRequest{Platform: "meta_facebook"}))
		if got.Status != accounts.AttemptBroken || got.Diagnosis.IssueType == diagnosis.NetworkError {
			t.Errorf("attempt is %s, %s; want FAILED, and not for the network", got.Status, says(got.Diagnosis))
		}
	})
}
