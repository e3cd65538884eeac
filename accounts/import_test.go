package accounts_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"mooring/accounts"
	"mooring/diagnosis"
	"mooring/platforms"
)

// access is an access token that the sandbox has issued to Mooring.
func (w *world) access(prefix, suffix string) platforms.Secret {
	w.t.Helper()
	for _, s := range w.wire.seen() {
		if strings.HasPrefix(s, prefix) && strings.HasSuffix(s, suffix) {
			return platforms.NewSecret(s)
		}
	}
	w.t.Fatal("no access token has passed")
	panic("unreachable")
}

func TestImport(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.connect(mallory, "twitter") // elsewhere; only to have a token
		token, before := w.access("", ":at:1"), w.requests("twitter", "profile")
		in := accounts.ImportRequest{
			Platform: "twitter", AccessToken: token, RefreshToken: platforms.NewSecret("refresh-from-elsewhere"),
			ExpiresAt: time.Now().Add(48 * time.Hour), ExternalUserID: ptr("u-9"), Labels: []string{"moved"},
		}
		got, err := w.Import(t.Context(), owner, in)
		if err != nil || len(got) != 1 {
			t.Fatalf("Import() = %v, %v; want one account", got, err)
		}
		a := got[0]
		if a.DisplayName != "Rowan Ames" || a.Health.Status != accounts.Healthy || *a.Health.CheckedBy != accounts.ByProbe || *a.ExternalUserID != "u-9" || !slices.Equal(a.Labels, []string{"moved"}) {
			t.Errorf("imported %+v; want Rowan Ames, HEALTHY by PROBE", a)
		}
		if a.Permissions().Source != platforms.FromRequest || !a.Permissions().CanPost {
			t.Errorf("permissions = %+v; want the assumed default", a.Permissions())
		}
		if n := w.requests("twitter", "profile") - before; n != 1 {
			t.Errorf("%d probes; want 1", n)
		}
		if n := w.count("SELECT count(*) FROM secrets s JOIN grants g ON g.id = s.owner_id WHERE g.workspace = 'acme'"); n != 2 {
			t.Errorf("%d secrets; want both tokens", n)
		}
		again, err := w.Import(t.Context(), owner, in)
		if err != nil || again[0].ID != a.ID {
			t.Errorf("imported once more: %v, %v; want %s", again, err, a.ID)
		}
		types := types(w.events("", accounts.EventFilter{AccountIDs: []string{a.ID}}))
		if want := []accounts.EventType{accounts.AccountImported, accounts.AccountReconnected}; !slices.Equal(types, want) {
			t.Errorf("events = %v; want %v", types, want)
		}
	})
}

// Tokens that end nobody knows when are renewed before they can have: at once,
// or as soon as they are surely old enough.
func TestImportedTokensOfUnknownAge(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		w.connect(mallory, "twitter") // elsewhere; only to have tokens
		x := accounts.ImportRequest{Platform: "twitter", AccessToken: w.access("", ":at:1"), RefreshToken: w.access("", ":rt:1"), Scopes: []string{"users.read", "tweet.read"}}
		attempt := w.run(w.begin(mallory, accounts.ConnectRequest{Platform: "meta_instagram", LoginMethod: ptr("INSTAGRAM_LOGIN")}))
		_, l, err := w.Lease(t.Context(), mallory, accounts.LeaseRequest{AccountID: attempt.AccountIDs[0]})
		if err != nil {
			t.Fatal(err)
		}
		instagram := accounts.ImportRequest{Platform: "meta_instagram", LoginMethod: ptr("INSTAGRAM_LOGIN"), AccessToken: l.AccessToken}
		var ids []string
		for _, in := range []accounts.ImportRequest{x, instagram} {
			got, err := w.Import(t.Context(), owner, in)
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, got[0].ID)
		}
		pass(time.Second)
		w.wantRequests("twitter", 2)
		if h := w.wantHealth(ids[0], accounts.Healthy, "", true).Health; time.Until(h.AccessTokenExpiresAt) < 119*time.Minute || h.NextRefreshAt.IsZero() {
			t.Errorf("health of X's = %+v; want two hours", h)
		}
		if n := w.requests("meta_instagram", "refresh"); n != 0 {
			t.Errorf("%d requests to renew a token that may be young; want none", n)
		}
		pass(day)
		if h := w.wantHealth(ids[1], accounts.Healthy, "", true).Health; time.Until(h.AccessTokenExpiresAt) < 59*day || h.NextRefreshAt.IsZero() {
			t.Errorf("health of Instagram's = %+v; want sixty days", h)
		}
	})
}

func TestImportStoresNothingUnlessThePlatformAnswers(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.connect(mallory, "twitter")
		token := w.access("", ":at:1")
		for _, test := range []struct {
			name, fault string
			in          accounts.ImportRequest
			code        accounts.Code
			issue       diagnosis.IssueType
			asked       int
		}{
			{"unknown platform", "", accounts.ImportRequest{Platform: "friendster", AccessToken: token}, accounts.CodeNotFound, "", 0},
			{"empty token", "", accounts.ImportRequest{Platform: "twitter"}, accounts.CodeInvalid, "", 0},
			{"ended token", "", accounts.ImportRequest{Platform: "twitter", AccessToken: token, ExpiresAt: time.Now()}, accounts.CodeInvalid, "", 0},
			{"bad label", "", accounts.ImportRequest{Platform: "twitter", AccessToken: token, Labels: []string{""}}, accounts.CodeInvalid, "", 0},
			{"dead token", "", accounts.ImportRequest{Platform: "twitter", AccessToken: platforms.NewSecret("dead-token")}, accounts.CodeRefused, diagnosis.ExpiredToken, 1},
			{"the platform is down", `{"endpoint":"profile","status":503}`, accounts.ImportRequest{Platform: "twitter", AccessToken: token}, accounts.CodeUnavailable, diagnosis.PlatformOutage, 1},
			{"rate limit", `{"endpoint":"profile","retryAfterSeconds":60}`, accounts.ImportRequest{Platform: "twitter", AccessToken: token}, accounts.CodeUnavailable, diagnosis.RateLimit, 1},
			{"another account", "", accounts.ImportRequest{Platform: "twitter", AccessToken: token, ExternalIDs: []string{"1", "1483920017263554561"}}, accounts.CodeInvalid, "", 1},
		} {
			if test.fault != "" {
				w.control(http.MethodPost, "faults", test.fault, nil)
			}
			all := append([]string{"attempts", "events", "due"}, lasting...)
			before, asked := w.dump(all...), w.requests("twitter", "profile")
			got, err := w.Import(t.Context(), owner, test.in)
			if err == nil {
				t.Errorf("%s: Import() = %v; want an error", test.name, got)
				continue
			}
			e := expected(t, err)
			if e.Code != test.code || (e.Diagnosis == nil) != (test.issue == "") || e.Diagnosis != nil && e.Diagnosis.IssueType != test.issue {
				t.Errorf("%s: %s %q, %s; want %s, %s", test.name, e.Code, e.Message, says(e.Diagnosis), test.code, test.issue)
			}
			if n := w.requests("twitter", "profile") - asked; n != test.asked {
				t.Errorf("%s: %d probes; want %d", test.name, n, test.asked)
			}
			wantSame(t, test.name, w.dump(all...), before)
		}
	})
}

// A token may reach several accounts; each is imported once however often it is
// named.
func TestImportChoosesAmongAccounts(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		attempt := w.organizations()
		w.run(attempt)
		in := accounts.ImportRequest{
			Platform: "linkedin", AccessToken: w.access("AQV", ""), Scopes: attempt.Scopes, ExternalIDs: []string{"70932", "70932"},
		}
		got, err := w.Import(t.Context(), owner, in)
		if err != nil || len(got) != 1 || got[0].DisplayName != "Nordlys Studio" {
			t.Errorf("Import(70932 twice) = %v, %v; want Nordlys Studio", got, err)
		}
		if events := w.events("", accounts.EventFilter{Types: []accounts.EventType{accounts.AccountImported, accounts.AccountReconnected}}); len(events) != 1 {
			t.Errorf("events = %v; want one ACCOUNT_IMPORTED", types(events))
		}
		in.ExternalIDs = nil
		// Scopes may be given as answers have them.
		in.Scopes = []string{"openid,profile,w_member_social,w_organization_social,rw_organization_admin"}
		if got, err = w.Import(t.Context(), owner, in); err != nil || len(got) != 3 {
			t.Fatalf("Import() of all = %v, %v; want 3", got, err)
		}
		acts := func(c accounts.CapabilityState) bool { return c.Name == platforms.Organizations && c.Available }
		if p := got[0].Permissions(); !slices.ContainsFunc(p.Capabilities, acts) {
			t.Errorf("permissions = %+v; want ORGANIZATIONS among them", p)
		}
	})
}
