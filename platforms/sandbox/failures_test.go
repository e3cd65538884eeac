package sandbox_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"mooring/platforms"
	"mooring/platforms/sandbox"
)

// The failures that are known from each platform's field, re-enacted: every
// case connects as Mooring does, lets the thing happen and says what Mooring
// makes of it.
type failure struct {
	name string
	play func(w world, a *platforms.App) string
	want string
}

// TestKnownFailures wants at least eight of them of every login method in the
// catalogue.
func TestKnownFailures(t *testing.T) {
	t.Parallel()
	known := map[*platforms.Login][]failure{
		platforms.Twitter.Logins[0]:   failuresOfTwitter(),
		platforms.Facebook.Logins[0]:  failuresOfFacebook(),
		platforms.Instagram.Logins[0]: failuresOfLinkedInstagram(),
		platforms.Instagram.Logins[1]: failuresOfInstagram(),
		platforms.LinkedIn.Logins[0]:  failuresOfLinkedIn(),
		platforms.YouTube.Logins[0]:   failuresOfYouTube(),
		platforms.TikTok.Logins[0]:    failuresOfTikTok(),
		platforms.Pinterest.Logins[0]: failuresOfPinterest(),
	}
	for p, l := range everyLogin {
		cases := known[l]
		if len(cases) < 8 {
			t.Errorf("%s/%s: %d known failures are re-enacted; want 8", p.ID, l.ID, len(cases))
		}
		for _, tt := range cases {
			t.Run(p.ID+" "+l.ID+" "+tt.name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, sandbox.Options{LinkedInPartner: true})
					if got := tt.play(w, w.appOf(p, l)); got != tt.want {
						t.Errorf("%s = %q; want %q", tt.name, got, tt.want)
					}
				})
			})
		}
	}
}

// class is what an error comes to: its class and the platform's own code, with
// the subcode where that is a number, as Meta's are.
func class(err error) string {
	e, ok := errors.AsType[*platforms.Error](err)
	switch {
	case err == nil:
		return "works"
	case !ok:
		return err.Error()
	}
	said := strings.TrimSpace(string(e.Class) + " " + e.Code)
	if _, err := strconv.Atoi(e.Subcode); err == nil {
		said += "/" + e.Subcode
	}
	return said
}

// granted says whether tokens have a scope, and whether they can be refreshed.
func granted(tokens *platforms.Tokens, scope string) string {
	return fmt.Sprintf("%s %t, refresh token %t", scope, slices.Contains(tokens.Scopes, scope), !tokens.Refresh.IsZero())
}

func (w world) identify(a *platforms.App, tokens *platforms.Tokens) string {
	_, err := a.Identify(w.t.Context(), tokens)
	return class(err)
}

func (w world) inspect(a *platforms.App, tokens *platforms.Tokens) string {
	_, err := a.Inspect(w.t.Context(), tokens)
	return class(err)
}

// renew refreshes as Mooring does.
func (w world) renew(a *platforms.App, tokens *platforms.Tokens) (*platforms.Tokens, string) {
	renewed, err := a.Refresh(w.t.Context(), tokens)
	return renewed, class(err)
}

// own are the profiles that tokens reach.
func (w world) own(a *platforms.App, tokens *platforms.Tokens) []platforms.Profile {
	w.t.Helper()
	identity, err := a.Identify(w.t.Context(), tokens)
	if err != nil {
		w.t.Fatal(err)
	}
	return identity.Profiles
}

// validate is what a validation finds: "works", or the codes of errors after !
// and of warnings after ~.
func (w world) validate(a *platforms.App, tokens *platforms.Tokens, p platforms.Profile) string {
	v, err := a.Validate(w.t.Context(), tokens, p)
	if err != nil {
		return class(err)
	}
	var codes []string
	for _, f := range v.Errors {
		codes = append(codes, "!"+f.Code)
	}
	for _, f := range v.Warnings {
		codes = append(codes, "~"+f.Code)
	}
	if codes == nil {
		return "works"
	}
	return strings.Join(codes, " ")
}

// persona connects as somebody and, some time later, validates the last of
// their profiles, or a profile that is not there if there is none.
func (w world) persona(a *platforms.App, who string, later time.Duration, scopes ...string) string {
	w.t.Helper()
	tokens := w.connect(a, append(defaults(a.Platform), scopes...), "persona", who)
	profile := platforms.Profile{ExternalID: "none"}
	if own := w.own(a, tokens); len(own) > 0 {
		profile = own[len(own)-1]
	}
	<-time.After(later)
	return w.validate(a, tokens, profile)
}

// answers makes an endpoint give a recorded answer so many times.
func (w world) answers(p *platforms.Platform, endpoint, recording string, times int) {
	w.t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "testdata", p.ID, recording+".json"))
	if err != nil {
		w.t.Fatal(err)
	}
	var r struct {
		Status int               `json:"status"`
		Header map[string]string `json:"header"`
		Body   json.RawMessage   `json:"body"`
	}
	if err := json.Unmarshal(data, &r); err != nil {
		w.t.Fatal(err)
	}
	fault, err := json.Marshal(sandbox.Fault{
		Platform: p.ID, Endpoint: endpoint, Times: times, Status: r.Status, Headers: r.Header, Body: r.Body,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.addFault(string(fault))
}

// exchanged trades a code, as it is or spoilt.
func (w world) exchanged(a *platforms.App, code, verifier string) string {
	_, err := a.Exchange(w.t.Context(), platforms.NewSecret(code), verifier, nil)
	return class(err)
}

// page is what the platform shows in place of its consent page, of the text
// named; else where it sends the person.
func (w world) page(a *platforms.App, scopes []string, text string) string {
	w.t.Helper()
	got := w.form(a.AuthCodeURL("the-state", verifier, scopes), url.Values{"decision": {"approve"}})
	if got.header.Get("Location") != "" {
		if e := a.CallbackError(w.callbackOf(got)); e != nil {
			return class(e)
		}
		return "works"
	}
	return fmt.Sprintf("page that names %s: %t", text, strings.Contains(got.body, text))
}

// changed is an app whose login method is another than the platform's.
func changed(a *platforms.App, change func(*platforms.Login)) *platforms.App {
	login, other := *a.Login, *a
	change(&login)
	other.Login = &login
	return &other
}

func failuresOfTwitter() []failure {
	x := platforms.Twitter
	connect := func(w world, a *platforms.App) *platforms.Tokens { return w.connect(a, defaults(x)) }
	return []failure{
		{"Basic forgotten when refreshing", func(w world, a *platforms.App) string {
			tokens := connect(w, a)
			_, got := w.renew(changed(a, func(l *platforms.Login) { l.ClientAuth = platforms.AuthBody }), tokens)
			return got
		}, "app_fault unauthorized_client"},
		{"two workers refresh at once", func(w world, a *platforms.App) string {
			tokens := connect(w, a)
			_, first := w.renew(a, tokens)
			_, second := w.renew(a, tokens)
			return first + ", " + second
		}, "works, refresh_dead invalid_request"},
		{"new refresh token not saved", func(w world, a *platforms.App) string {
			tokens := connect(w, a)
			renewed, _ := w.renew(a, tokens)
			renewed.Refresh = tokens.Refresh
			_, got := w.renew(a, renewed)
			return got
		}, "refresh_dead invalid_request"},
		{"refreshed again and again", func(w world, a *platforms.App) string {
			tokens := connect(w, a)
			for range 5 {
				<-time.After(2 * time.Hour)
				tokens, _ = w.renew(a, tokens)
			}
			return w.identify(a, tokens)
		}, "works"},
		{"callback page loaded again", func(w world, a *platforms.App) string {
			code := w.consent(a, defaults(x)).Get("code")
			return w.exchanged(a, code, verifier) + ", " + w.exchanged(a, code, verifier)
		}, "works, invalid invalid_request"},
		{"code over 30 seconds old", func(w world, a *platforms.App) string {
			code := w.consent(a, defaults(x)).Get("code")
			<-time.After(30 * time.Second)
			return w.exchanged(a, code, verifier)
		}, "invalid invalid_request"},
		{"verifier lost", func(w world, a *platforms.App) string {
			return w.exchanged(a, w.consent(a, defaults(x)).Get("code"), strings.Repeat("z", 43))
		}, "invalid invalid_request"},
		{"callback URL not as registered", func(w world, a *platforms.App) string {
			a.RedirectURI += "/"
			return w.page(a, defaults(x), "Something went wrong")
		}, "page that names Something went wrong: true"},
		{"one call in the window, and the profile was it", func(w world, a *platforms.App) string {
			tokens := connect(w, a)
			w.answers(x, "profile", "api-rate-limit", 1)
			return w.identify(a, tokens) + ", " + w.identify(a, tokens)
		}, "rate_limited, works"},
		{"no media.write", func(w world, a *platforms.App) string {
			return granted(w.connect(a, []string{"users.read", "tweet.read", "tweet.write", "offline.access"}), "media.write")
		}, "media.write false, refresh token true"},
		{"no offline.access", func(w world, a *platforms.App) string {
			return granted(w.connect(a, []string{"users.read", "tweet.read"}), "tweet.read")
		}, "tweet.read true, refresh token false"},
		{"credits spent", func(w world, a *platforms.App) string {
			tokens := connect(w, a)
			w.answers(x, "profile", "api-credits", 1)
			return w.identify(a, tokens)
		}, "app_fault credits"},
		{"spending cap reached", func(w world, a *platforms.App) string {
			tokens := connect(w, a)
			w.answers(x, "profile", "api-spend-cap", 1)
			return w.validate(a, tokens, platforms.Profile{ExternalID: "1"})
		}, "app_fault SpendCapReached"},
		{"app in no package", func(w world, a *platforms.App) string {
			tokens := connect(w, a)
			w.answers(x, "profile", "api-not-enrolled", 1)
			return w.identify(a, tokens)
		}, "app_fault client-forbidden"},
		{"tokens revoked twice", func(w world, a *platforms.App) string {
			tokens := connect(w, a)
			_, first := a.Revoke(w.t.Context(), tokens)
			_, second := a.Revoke(w.t.Context(), tokens)
			return class(first) + ", " + class(second)
		}, "works, works"},
		{"suspended by X", func(w world, a *platforms.App) string { return w.persona(a, "vera", time.Minute) }, "!ACCOUNT_SUSPENDED"},
		{"not suspended yet", func(w world, a *platforms.App) string { return w.persona(a, "vera", 59*time.Second) }, "works"},
		{"protected", func(w world, a *platforms.App) string { return w.persona(a, "pell", 0) }, "works"},
	}
}

func failuresOfLinkedIn() []failure {
	l := platforms.LinkedIn
	const admin = "r_organization_admin"
	connect := func(w world, a *platforms.App) *platforms.Tokens { return w.connect(a, defaults(l)) }
	return []failure{
		{"token just issued is said to be revoked", func(w world, a *platforms.App) string {
			tokens := connect(w, a)
			w.answers(l, "profile", "api-revoked", 3)
			return w.identify(a, tokens)
		}, "works"},
		{"token just issued is said to be revoked by the machines that know organisations", func(w world, a *platforms.App) string {
			tokens := w.connect(a, append(defaults(l), admin))
			w.answers(l, "organizationAcls", "api-revoked", 2)
			w.answers(l, "organizationsLookup", "api-revoked", 2)
			own := w.own(a, tokens)
			return own[len(own)-1].DisplayName
		}, "Nordlys Studio"},
		{"token is said to be revoked, and stays so", func(w world, a *platforms.App) string {
			tokens := connect(w, a)
			w.answers(l, "profile", "api-revoked", -1)
			return w.identify(a, tokens)
		}, "stale_access 65601"},
		{"secret in the header", func(w world, a *platforms.App) string {
			code := w.consent(a, defaults(l)).Get("code")
			return w.exchanged(changed(a, func(l *platforms.Login) { l.ClientAuth = platforms.AuthHeader }), code, "")
		}, "app_fault invalid_client"},
		{"scopes of a product that is gone", func(w world, a *platforms.App) string {
			return w.page(a, []string{"r_liteprofile", "r_emailaddress"}, "")
		}, "app_fault unauthorized_scope_error"},
		{"person closes the login page", func(w world, a *platforms.App) string {
			return class(a.CallbackError(w.consent(a, defaults(l), "decision", "cancel_login")))
		}, "denied user_cancelled_login"},
		{"another scope set ends earlier tokens", func(w world, a *platforms.App) string {
			tokens := connect(w, a)
			w.connect(a, append(defaults(l), admin))
			<-time.After(time.Minute)
			return w.identify(a, tokens) + ", " + w.inspect(a, tokens)
		}, "stale_access 65601, refresh_dead revoked"},
		{"app is no partner's", func(w world, a *platforms.App) string {
			return granted(w.connect(a, defaults(l), "refresh", "no"), "w_member_social")
		}, "w_member_social true, refresh token false"},
		{"sixty days over", func(w world, a *platforms.App) string {
			tokens := w.connect(a, defaults(l), "refresh", "no")
			<-time.After(60 * 24 * time.Hour)
			return w.identify(a, tokens) + ", " + w.inspect(a, tokens)
		}, "stale_access 65602, stale_access expired"},
		{"version retired from one day to the next", func(w world, a *platforms.App) string {
			tokens := w.connect(a, append(defaults(l), admin))
			a.Version = "202504"
			return w.identify(a, tokens)
		}, "app_fault NONEXISTENT_VERSION"},
		{"profile asked for without the product", func(w world, a *platforms.App) string {
			return w.identify(a, w.connect(a, []string{"w_member_social"}))
		}, "missing_scope 100"},
		{"credentials left out when refreshing", func(w world, a *platforms.App) string {
			tokens := connect(w, a)
			_, got := w.renew(changed(a, func(l *platforms.Login) { l.ClientIDParam = "id" }), tokens)
			return got
		}, "invalid invalid_request"},
		{"refresh token of nowhere", func(w world, a *platforms.App) string {
			_, got := w.renew(a, &platforms.Tokens{Refresh: platforms.NewSecret("AQWother")})
			return got
		}, "refresh_dead invalid_request"},
		{"page cannot be posted to: no role", func(w world, a *platforms.App) string { return w.persona(a, "odd", time.Minute, admin) }, "!ROLE_LOST"},
		{"page cannot be posted to: a lesser role", func(w world, a *platforms.App) string { return w.persona(a, "runa", time.Minute, admin) }, "~ROLE_LIMITED"},
		{"page can be posted to", func(w world, a *platforms.App) string { return w.persona(a, "odd", 0, admin) }, "works"},
		{"page of somebody without pages", func(w world, a *platforms.App) string {
			pages := w.own(a, w.connect(a, append(defaults(l), admin)))
			tomas := w.connect(a, append(defaults(l), admin), "persona", "tomas")
			return w.validate(a, tomas, pages[1])
		}, "!ROLE_LOST"},
		{"page cannot be asked about: no scope", func(w world, a *platforms.App) string {
			return w.validate(a, connect(w, a), platforms.Profile{ExternalID: "70931", Kind: platforms.KindOrganization})
		}, "missing_scope 100"},
		{"day's quota spent", func(w world, a *platforms.App) string {
			tokens := connect(w, a)
			w.answers(l, "profile", "api-throttled", 1)
			return w.identify(a, tokens)
		}, "rate_limited 101"},
	}
}

func failuresOfYouTube() []failure {
	y := platforms.YouTube
	const week = 7 * 24 * time.Hour
	connect := func(w world, a *platforms.App) *platforms.Tokens { return w.connect(a, defaults(y)) }
	return []failure{
		{"app in Testing: everybody must reconnect weekly", func(w world, a *platforms.App) string {
			a.Options = map[string]string{"PUBLISHING": "testing"}
			consented := time.Now()
			tokens := w.connect(a, defaults(y), "refresh", "testing")
			<-time.After(a.Login.ConsentEnds(a, consented).Sub(consented) - time.Second)
			_, before := w.renew(a, tokens)
			<-time.After(time.Second)
			_, after := w.renew(a, tokens)
			return before + ", " + after
		}, "works, refresh_dead invalid_grant"},
		{"published app: nobody must", func(w world, a *platforms.App) string {
			tokens := connect(w, a)
			<-time.After(4 * week)
			_, got := w.renew(a, tokens)
			return fmt.Sprint(a.Login.ConsentEnds(a, time.Now()).IsZero(), " ", got)
		}, "true works"},
		{"consent remembered: no refresh token", func(w world, a *platforms.App) string {
			connect(w, a)
			return granted(w.connect(changed(a, func(l *platforms.Login) { l.AuthParams = map[string]string{"access_type": "offline"} }), defaults(y)), "openid")
		}, "openid true, refresh token false"},
		{"answer without a refresh token", func(w world, a *platforms.App) string {
			tokens := connect(w, a)
			renewed, _ := w.renew(a, tokens)
			return fmt.Sprint(renewed.Refresh.Equal(tokens.Refresh))
		}, "true"},
		{"other channel chosen when reconnecting", func(w world, a *platforms.App) string {
			sails := w.own(a, w.connect(a, defaults(y), "persona", "sails"))
			return w.validate(a, w.connect(a, defaults(y), "persona", "workshop"), sails[0])
		}, "!NOT_REACHED"},
		{"only one of several channels", func(w world, a *platforms.App) string {
			return fmt.Sprint(len(w.own(a, w.connect(a, defaults(y), "persona", "sails"))), a.Login.GrantPerProfile)
		}, "1 true"},
		{"access taken away at Google", func(w world, a *platforms.App) string {
			tokens := connect(w, a)
			w.act(w.latest(y), "revoke", "")
			_, renewed := w.renew(a, tokens)
			return w.identify(a, tokens) + ", " + w.inspect(a, tokens) + ", " + renewed
		}, "stale_access invalid_token, stale_access invalid_token, refresh_dead invalid_grant"},
		{"scope unticked on a good connect", func(w world, a *platforms.App) string {
			address := a.AuthCodeURL("the-state", verifier, defaults(y))
			back := w.callbackOf(w.form(address, url.Values{"decision": {"approve"}, "scope": {"", uploadYouTube}}))
			tokens, err := a.Exchange(w.t.Context(), platforms.NewSecret(back.Get("code")), verifier, defaults(y))
			if err != nil {
				return class(err)
			}
			return granted(tokens, readYouTube) + ", " + w.identify(a, tokens)
		}, readYouTube + " false, refresh token true, missing_scope insufficientPermissions"},
		{"Google's trouble is nobody's death", func(w world, a *platforms.App) string {
			tokens := connect(w, a)
			w.addFault(`{"platform":"google_youtube","endpoint":"token","status":500,"body":{"error":"internal_failure"}}`)
			_, first := w.renew(a, tokens)
			_, second := w.renew(a, tokens)
			return first + ", " + second
		}, "temporary internal_failure, works"},
		{"sign-up required read as a bad token", func(w world, a *platforms.App) string {
			tokens := connect(w, a)
			own := w.own(a, tokens)
			w.answers(y, "profile", "api-signup", 1)
			return w.validate(a, tokens, own[0])
		}, "!NO_CHANNEL"},
		{"items missing", func(w world, a *platforms.App) string { return w.persona(a, "noel", 0) }, "!NO_CHANNEL"},
		{"day's quota spent", func(w world, a *platforms.App) string {
			tokens := connect(w, a)
			w.answers(y, "profile", "api-quota", 1)
			return w.validate(a, tokens, platforms.Profile{ExternalID: "UC"})
		}, "rate_limited quotaExceeded"},
		{"API not enabled", func(w world, a *platforms.App) string {
			tokens := connect(w, a)
			w.answers(y, "profile", "api-disabled", 1)
			return w.identify(a, tokens)
		}, "app_fault accessNotConfigured"},
		{"client deleted for want of use", func(w world, a *platforms.App) string {
			tokens := connect(w, a)
			w.answers(y, "token", "token-deleted", 1)
			_, got := w.renew(a, tokens)
			return got
		}, "app_fault deleted_client"},
		{"phone not confirmed", func(w world, a *platforms.App) string { return w.persona(a, "edda", 0) }, "~LONG_UPLOADS_OFF"},
		{"suspended by YouTube", func(w world, a *platforms.App) string { return w.persona(a, "bo", time.Minute) }, "!ACCOUNT_SUSPENDED"},
		{"nothing wrong", func(w world, a *platforms.App) string { return w.persona(a, "ada", time.Minute) }, "works"},
	}
}

func failuresOfTikTok() []failure {
	k := platforms.TikTok
	connect := func(w world, a *platforms.App) *platforms.Tokens { return w.connect(a, defaults(k)) }
	return []failure{
		{"desktop app without a challenge", func(w world, a *platforms.App) string {
			return w.page(changed(a, func(l *platforms.Login) { l.PKCE = platforms.PKCENone }), defaults(k), "code_challenge")
		}, "page that names code_challenge: true"},
		{"challenge in base64url", func(w world, a *platforms.App) string {
			a = changed(a, func(l *platforms.Login) { l.PKCE = platforms.PKCES256 })
			return w.exchanged(a, w.consent(a, defaults(k)).Get("code"), verifier)
		}, "invalid invalid_request"},
		{"client_id for client_key when refreshing", func(w world, a *platforms.App) string {
			tokens := connect(w, a)
			_, got := w.renew(changed(a, func(l *platforms.Login) { l.ClientIDParam = "client_id" }), tokens)
			return got
		}, "app_fault invalid_client"},
		{"key of another app", func(w world, a *platforms.App) string {
			a.ClientID = "sbaw-other"
			return w.page(a, defaults(k), "client_key")
		}, "page that names client_key: true"},
		{"redirect URI with a query", func(w world, a *platforms.App) string {
			a.RedirectURI = "https://mooring.example/callback?from=tiktok"
			return w.page(a, defaults(k), "redirect_uri")
		}, "page that names redirect_uri: true"},
		{"failure with HTTP 200 read as missing scopes", func(w world, a *platforms.App) string {
			w.answers(k, "token", "token-dead-code", 1)
			return w.exchanged(a, w.consent(a, defaults(k)).Get("code"), verifier)
		}, "invalid invalid_grant"},
		{"app without audit", func(w world, a *platforms.App) string { return w.persona(a, "ayla", 0) }, "~APP_UNAUDITED"},
		{"five people have posted today", func(w world, a *platforms.App) string { return w.persona(a, "sol", 0) }, "~APP_USER_CAP_REACHED"},
		{"banned from posting", func(w world, a *platforms.App) string { return w.persona(a, "joris", 0) }, "!POSTING_BANNED"},
		{"posted too much", func(w world, a *platforms.App) string { return w.persona(a, "finn", 0) }, "!POST_LIMIT_REACHED"},
		{"app not approved yet", func(w world, a *platforms.App) string {
			w.answers(k, "token", "token-unauthorized", 1)
			return w.exchanged(a, w.consent(a, defaults(k)).Get("code"), verifier)
		}, "app_fault unauthorized_client"},
		{"code encoded twice", func(w world, a *platforms.App) string {
			return w.exchanged(a, url.QueryEscape(w.consent(a, defaults(k)).Get("code")), verifier)
		}, "invalid invalid_grant"},
		{"dead after a day unless refreshed", func(w world, a *platforms.App) string {
			tokens := connect(w, a)
			<-time.After(24 * time.Hour)
			renewed, got := w.renew(a, tokens)
			return w.identify(a, tokens) + ", " + got + ", " + w.identify(a, renewed)
		}, "stale_access access_token_invalid, works, works"},
		{"spent refresh token", func(w world, a *platforms.App) string {
			tokens := connect(w, a)
			_, first := w.renew(a, tokens)
			_, second := w.renew(a, tokens)
			return first + ", " + second
		}, "works, refresh_dead invalid_grant"},
		{"permissions unticked", func(w world, a *platforms.App) string {
			tokens := w.connect(a, defaults(k), "scope", "user.info.basic")
			return granted(tokens, "video.publish") + ", " + w.validate(a, tokens, w.own(a, tokens)[0])
		}, "video.publish false, refresh token true, works"},
		{"revoked when the access token has ended", func(w world, a *platforms.App) string {
			tokens := connect(w, a)
			<-time.After(3 * time.Hour)
			done, err := a.Revoke(w.t.Context(), tokens)
			_, again := a.Revoke(w.t.Context(), tokens)
			return fmt.Sprint(done, " ", class(err), ", ", w.latest(k).Revoked, ", ", class(again))
		}, "true works, true, works"},
	}
}

func failuresOfPinterest() []failure {
	p := platforms.Pinterest
	connect := func(w world, a *platforms.App) *platforms.Tokens { return w.connect(a, defaults(p)) }
	return []failure{
		{"connected, and every pin is refused", func(w world, a *platforms.App) string { return w.persona(a, "wren", 0) }, "~TRIAL_ACCESS"},
		{"Trial access, said aloud", func(w world, a *platforms.App) string {
			tokens := connect(w, a)
			w.answers(p, "profile", "api-trial", 1)
			return w.validate(a, tokens, platforms.Profile{ExternalID: "660194182233410092"})
		}, "~TRIAL_ACCESS"},
		{"scope not in the consent", func(w world, a *platforms.App) string {
			return w.identify(a, w.connect(a, []string{"boards:read", "pins:read"}))
		}, "missing_scope 3"},
		{"continuous refresh not asked for", func(w world, a *platforms.App) string {
			return granted(w.connect(changed(a, func(l *platforms.Login) { l.TokenParams = nil }), defaults(p)), "pins:write")
		}, "pins:write true, refresh token false"},
		{"refresh token damaged on its way", func(w world, a *platforms.App) string {
			tokens := connect(w, a)
			tokens.Refresh = platforms.NewSecret(tokens.Refresh.Reveal()[1:])
			_, got := w.renew(a, tokens)
			return got
		}, "refresh_dead 283"},
		{"why the exchange failed", func(w world, a *platforms.App) string { return w.exchanged(a, "other", "") }, "invalid 283"},
		{"wrong secret", func(w world, a *platforms.App) string {
			tokens := connect(w, a)
			a.ClientSecret = platforms.NewSecret("other-secret")
			_, got := w.renew(a, tokens)
			return got
		}, "app_fault 2"},
		{"redirect URI with a slash too many", func(w world, a *platforms.App) string {
			a.RedirectURI += "/"
			return w.page(a, defaults(p), "redirect_uri")
		}, "page that names redirect_uri: true"},
		{"token of another environment", func(w world, a *platforms.App) string {
			return w.identify(a, &platforms.Tokens{Access: platforms.NewSecret("pina_other")})
		}, "stale_access 2"},
		{"rotated refresh token thrown away", func(w world, a *platforms.App) string {
			tokens := connect(w, a)
			_, first := w.renew(a, tokens)
			_, second := w.renew(a, tokens)
			return first + ", " + second
		}, "works, refresh_dead 283"},
		{"silent after thirty days", func(w world, a *platforms.App) string {
			tokens := connect(w, a)
			<-time.After(30 * 24 * time.Hour)
			before := w.identify(a, tokens)
			renewed, got := w.renew(a, tokens)
			return before + ", " + got + ", " + w.identify(a, renewed)
		}, "stale_access 2, works, works"},
		{"lost after sixty days", func(w world, a *platforms.App) string {
			tokens := connect(w, a)
			<-time.After(60 * 24 * time.Hour)
			_, got := w.renew(a, tokens)
			return got
		}, "refresh_dead 283"},
		{"limit reached at the token endpoint", func(w world, a *platforms.App) string {
			tokens := connect(w, a)
			w.answers(p, "token", "api-rate-limit", 1)
			_, got := w.renew(a, tokens)
			return got
		}, "rate_limited 8"},
		{"personal account", func(w world, a *platforms.App) string { return w.persona(a, "lena", 0) }, "~PERSONAL_ACCOUNT"},
		{"no board to pin to", func(w world, a *platforms.App) string { return w.persona(a, "nova", 0) }, "~NO_BOARD"},
		{"nothing wrong", func(w world, a *platforms.App) string { return w.persona(a, "oak", 0) }, "works"},
	}
}
