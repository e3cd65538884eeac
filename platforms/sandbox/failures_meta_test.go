package sandbox_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"mooring/platforms"
)

// less are the scopes that a login method asks for by itself, without some.
func less(l *platforms.Login, names ...string) []string {
	return slices.DeleteFunc(defaultsOf(l), func(s string) bool { return slices.Contains(names, s) })
}

// names says what the profiles that tokens reach are called.
func (w world) names(a *platforms.App, tokens *platforms.Tokens) string {
	w.t.Helper()
	var names []string
	for _, p := range w.own(a, tokens) {
		names = append(names, p.DisplayName)
	}
	return strings.Join(names, ", ")
}

// befalls connects as somebody, with all ticked, and validates the first of
// their profiles some time later.
func (w world) befalls(a *platforms.App, who string, later time.Duration) string {
	w.t.Helper()
	tokens := w.consenting(a, who)
	first := w.own(a, tokens)[0]
	<-time.After(later)
	return w.validate(a, tokens, first)
}

// stopped is whether the platform shows somebody a page of its own, of the text
// named, in place of going on.
func (w world) stopped(a *platforms.App, who, text string) string {
	w.t.Helper()
	got := w.form(a.AuthCodeURL("the-state", verifier, defaultsOf(a.Login)), url.Values{"decision": {"approve"}, "persona": {who}})
	return fmt.Sprintf("page that names %s: %t", text, got.header.Get("Location") == "" && strings.Contains(got.body, text))
}

func failuresOfFacebook() []failure {
	f := platforms.Facebook
	const life = 60 * 24 * time.Hour
	return []failure{
		{"Pages of a portfolio missing without business_management", func(w world, a *platforms.App) string {
			fewer := w.tick(a, less(a.Login, "business_management"), "odd", "208714455093300", "208714455093301")
			some := w.names(a, fewer)
			return some + "; " + w.names(a, w.tick(a, defaults(f), "odd", "208714455093300", "208714455093301"))
		}, "Vandermeer Branch 1; Vandermeer Stores, Vandermeer Branch 1"},
		{"a validation says so", func(w world, a *platforms.App) string {
			all := w.own(a, w.consenting(a, "odd"))
			w.act(w.latest(f), "revoke", "")
			fewer := w.long(a, nil, w.form(a.AuthCodeURL("the-state", verifier, less(a.Login, "business_management")), url.Values{"decision": {"approve"}, "persona": {"odd"}}))
			return w.validate(a, fewer, platforms.Profile{ExternalID: all[0].ExternalID})
		}, "!NOT_REACHED"},
		{"Pages beyond the first answer missing", func(w world, a *platforms.App) string {
			tokens := w.consenting(a, "odd")
			bend(a, func(r *http.Request) {
				if q := r.URL.Query(); q.Has("limit") {
					q.Set("limit", "7")
					r.URL.RawQuery = q.Encode()
				}
			})
			return fmt.Sprint(len(w.own(a, tokens)))
		}, "30"},
		{"choice of Pages skipped at the second consent", func(w world, a *platforms.App) string {
			w.tick(a, defaults(f), "greta", bakery)
			remembered := w.tick(changed(a, func(l *platforms.Login) { l.AuthParams = nil }), defaults(f), "greta", bakery, catering)
			before := w.names(a, remembered)
			return before + "; " + w.names(a, w.tick(a, defaults(f), "greta", bakery, catering))
		}, "Quist Bakery; Quist Bakery, Quist Catering"},
		{"Page offered that was never granted", func(w world, a *platforms.App) string {
			tokens := w.consenting(a, "greta")
			w.answers(f, "pages", "accounts-never-granted", 1)
			return w.names(a, tokens)
		}, "Quill Bakery"},
		{"Page left out at the next consent", func(w world, a *platforms.App) string {
			own := w.own(a, w.consenting(a, "greta"))
			tokens := w.tick(a, defaults(f), "greta", bakery)
			return w.validate(a, tokens, platforms.Profile{ExternalID: own[1].ExternalID})
		}, "!PAGE_NOT_TICKED"},
		{"empty list of Pages, and no error", func(w world, a *platforms.App) string {
			none := w.own(a, w.consenting(a, "nora"))
			return fmt.Sprint(len(none), " ", len(w.own(a, w.tick(a, defaults(f), "greta"))))
		}, "0 0"},
		{"verifier without a challenge", func(w world, a *platforms.App) string {
			code := w.consent(a, defaults(f)).Get("code")
			return w.exchanged(changed(a, func(l *platforms.Login) { l.PKCE = platforms.PKCES256 }), code, verifier)
		}, "app_fault 1"},
		{"app demands a proof", func(w world, a *platforms.App) string {
			tokens := w.consenting(a, "yusuf")
			proven := w.identify(a, tokens)
			bend(a, dropped("appsecret_proof"))
			return proven + ", " + w.identify(a, tokens)
		}, "works, app_fault 100"},
		{"invalid scopes at the dialog", func(w world, a *platforms.App) string {
			return w.page(a, append(defaults(f), "instagram_business_basic"), ownPage)
		}, "page that names " + ownPage + ": true"},
		{"works for the developer alone", func(w world, a *platforms.App) string {
			return w.stopped(a, "ivo", "App not active")
		}, "page that names App not active: true"},
		{"all Pages dead at once after a change of the password", func(w world, a *platforms.App) string {
			tokens := w.consenting(a, "greta")
			own := w.own(a, tokens)
			w.act(w.latest(f), "password", "")
			return w.validate(a, tokens, own[0]) + ", " + w.validate(a, tokens, own[1])
		}, "refresh_dead 190/460, refresh_dead 190/460"},
		{"app removed by the person", func(w world, a *platforms.App) string {
			tokens := w.consenting(a, "greta")
			own := w.own(a, tokens)
			w.act(w.latest(f), "revoke", "")
			return w.validate(a, tokens, own[0]) + ", " + w.inspect(a, tokens)
		}, "refresh_dead 190/458, refresh_dead 190/458"},
		{"never exchanged: Pages dead within hours", func(w world, a *platforms.App) string {
			short := w.connect(a, defaults(f))
			own := w.own(a, short)
			<-time.After(90 * time.Minute)
			return w.validate(a, short, own[0])
		}, "refresh_dead 190/463"},
		{"no refresh token, dead after 60 days, and the Pages go on", func(w world, a *platforms.App) string {
			tokens := w.consenting(a, "greta")
			own := w.own(a, tokens)
			<-time.After(life)
			return fmt.Sprint(tokens.Refresh.IsZero(), " ", a.Login.Refresh.Kind, ", ", w.identify(a, tokens), ", ", w.validate(a, tokens, own[0]))
		}, "true NONE, refresh_dead 190/463, ~GRANT_ENDS"},
		{"near its end", func(w world, a *platforms.App) string { return w.befalls(a, "greta", life-24*time.Hour) }, "~GRANT_ENDS"},
		{"version over, and nothing says so", func(w world, a *platforms.App) string {
			<-time.After(time.Until(time.Date(2026, time.November, 22, 0, 0, 0, 0, time.UTC)))
			a.Version = "v18.0"
			return w.befalls(a, "greta", 0)
		}, "works"},
		{"a Page's call with a person's token", func(w world, a *platforms.App) string {
			tokens := w.consenting(a, "greta")
			w.answers(f, "profile", "api-page-token", 1)
			return w.identify(a, tokens)
		}, "invalid 190/2069032"},
		{"person's token kept for the Page", func(w world, a *platforms.App) string {
			tokens := w.consenting(a, "greta")
			own := w.own(a, tokens)
			own[0].Token = tokens.Access
			return w.validate(a, tokens, own[0])
		}, "!PAGE_TOKEN"},
		{"may not post", func(w world, a *platforms.App) string { return w.befalls(a, "tess", 0) }, "~NO_PUBLISH_TASK"},
		{"role lost", func(w world, a *platforms.App) string { return w.befalls(a, "liv", time.Minute) }, "!ROLE_LOST"},
		{"held back by Facebook", func(w world, a *platforms.App) string { return w.befalls(a, "emil", time.Minute) }, "!CHECKPOINT"},
		{"throttled", func(w world, a *platforms.App) string {
			tokens := w.consenting(a, "greta")
			w.answers(f, "pages", "api-user-limit", 1)
			return w.identify(a, tokens) + ", " + w.identify(a, tokens)
		}, "rate_limited 17/2446079, works"},
		{"nothing wrong", func(w world, a *platforms.App) string { return w.befalls(a, "greta", time.Minute) }, "works"},
	}
}

func failuresOfLinkedInstagram() []failure {
	i := platforms.Instagram
	return []failure{
		{"account_type spoils the whole list", func(w world, a *platforms.App) string {
			tokens := w.consenting(a, "greta")
			bend(a, func(r *http.Request) {
				r.URL.RawQuery = strings.Replace(r.URL.RawQuery, "profile_picture_url", "account_type", 1)
			})
			return w.identify(a, tokens)
		}, "invalid 100"},
		{"Page without an account", func(w world, a *platforms.App) string {
			return fmt.Sprint(len(w.own(a, w.consenting(a, "tess"))))
		}, "0"},
		{"Page ticked, account not", func(w world, a *platforms.App) string {
			own := w.own(a, w.consenting(a, "greta"))
			tokens := w.tick(a, defaults(i), "greta", bakery)
			return w.names(a, tokens) + w.validate(a, tokens, platforms.Profile{ExternalID: own[0].ExternalID})
		}, "!INSTAGRAM_NOT_TICKED"},
		{"account ticked, Page not", func(w world, a *platforms.App) string {
			return fmt.Sprint(len(w.own(a, w.tick(a, defaults(i), "greta", bakeryInstagram))))
		}, "0"},
		{"account of a portfolio's Page missing without business_management", func(w world, a *platforms.App) string {
			form := url.Values{"decision": {"approve"}, "persona": {"odd"}}
			fewer := w.long(a, nil, w.form(a.AuthCodeURL("the-state", verifier, less(a.Login, "business_management")), form))
			before := len(w.own(a, fewer))
			return fmt.Sprint(before, " ", len(w.own(a, w.consenting(a, "odd"))))
		}, "0 1"},
		{"unlinked from its Page", func(w world, a *platforms.App) string { return w.befalls(a, "sana", time.Minute) }, "!NOT_LINKED"},
		{"linked again", func(w world, a *platforms.App) string { return w.befalls(a, "sana", 59*time.Second) }, "works"},
		{"permission unticked", func(w world, a *platforms.App) string {
			form := url.Values{"decision": {"approve"}, "scope": less(a.Login, "instagram_content_publish")}
			tokens := w.long(a, nil, w.form(a.AuthCodeURL("the-state", verifier, defaults(i)), form))
			inspection, err := a.Inspect(w.t.Context(), tokens)
			if err != nil {
				return class(err)
			}
			return fmt.Sprint(slices.Contains(inspection.Scopes, "instagram_content_publish"), " ", w.identify(a, tokens))
		}, "false works"},
		{"permission of the other way to sign in", func(w world, a *platforms.App) string {
			return w.page(a, append(defaults(i), "instagram_business_content_publish"), ownPage)
		}, "page that names " + ownPage + ": true"},
		{"verifier without a challenge", func(w world, a *platforms.App) string {
			code := w.consent(a, defaults(i)).Get("code")
			return w.exchanged(changed(a, func(l *platforms.Login) { l.PKCE = platforms.PKCES256 }), code, verifier)
		}, "app_fault 1"},
		{"all accounts dead after a change of the password", func(w world, a *platforms.App) string {
			tokens := w.consenting(a, "greta")
			own := w.own(a, tokens)
			w.act(w.latest(i), "password", "")
			return w.validate(a, tokens, own[0])
		}, "refresh_dead 190/460"},
		{"person's token over, and the account goes on", func(w world, a *platforms.App) string {
			return w.befalls(a, "greta", 60*24*time.Hour)
		}, "~GRANT_ENDS"},
		{"90 days without the person: the account ends, and its Page goes on", func(w world, a *platforms.App) string {
			tokens := w.consenting(a, "greta")
			account, pages := w.own(a, tokens)[0], w.app(platforms.Facebook)
			page := w.own(pages, tokens)[0]
			<-time.After(90*24*time.Hour - time.Second)
			before := w.validate(a, tokens, account)
			<-time.After(time.Second)
			return before + "; " + w.validate(a, tokens, account) + "; " + w.validate(pages, tokens, page)
		}, "~GRANT_ENDS; !DATA_ACCESS_ENDED ~GRANT_ENDS; ~GRANT_ENDS"},
		{"consents before the 90 days are over", func(w world, a *platforms.App) string {
			w.consenting(a, "greta")
			<-time.After(89 * 24 * time.Hour)
			tokens := w.consenting(a, "greta")
			account := w.own(a, tokens)[0]
			<-time.After(24 * time.Hour)
			return w.validate(a, tokens, account)
		}, "works"},
		{"only reauthorize renews an access that has ended", func(w world, a *platforms.App) string {
			account := w.own(a, w.consenting(a, "greta"))[0]
			w.act(w.latest(i), "end-data-access", "")
			again := w.consenting(a, "greta")
			ended := fmt.Sprint(len(w.own(a, again)), " ", w.validate(a, again, account))
			address := a.ReauthCodeURL("the-state", verifier, defaults(i))
			renewed := w.long(a, defaults(i), w.form(address, url.Values{"decision": {"approve"}, "persona": {"greta"}}))
			return ended + "; " + w.validate(a, renewed, account)
		}, "0 !DATA_ACCESS_ENDED; works"},
		{"account throttled", func(w world, a *platforms.App) string {
			tokens := w.consenting(a, "greta")
			own := w.own(a, tokens)
			w.answers(i, "profile", "api-limit", 1)
			return w.validate(a, tokens, own[0]) + ", " + w.validate(a, tokens, own[0])
		}, "rate_limited 80002, works"},
		{"restricted by Instagram", func(w world, a *platforms.App) string {
			tokens := w.consenting(a, "greta")
			own := w.own(a, tokens)
			w.answers(i, "profile", "post-restricted", 1)
			return w.validate(a, tokens, own[0])
		}, "invalid 25/2207050"},
		{"day's posts used up", func(w world, a *platforms.App) string {
			tokens := w.consenting(a, "greta")
			own := w.own(a, tokens)
			w.answers(i, "profile", "post-cap", 1)
			return w.validate(a, tokens, own[0])
		}, "rate_limited 9/2207042"},
		{"nothing wrong", func(w world, a *platforms.App) string { return w.befalls(a, "greta", time.Minute) }, "works"},
	}
}

func failuresOfInstagram() []failure {
	const life = 60 * 24 * time.Hour
	refreshed := func(w world, a *platforms.App, after time.Duration) string {
		tokens := w.consenting(a, "juno")
		<-time.After(after)
		_, got := w.renew(a, tokens)
		return got
	}
	return []failure{
		{"app id not set", func(w world, a *platforms.App) string {
			a.ClientID = ""
			return w.page(a, defaultsOf(a.Login), "Invalid platform app")
		}, "page that names Invalid platform app: true"},
		{"quotes around the app id", func(w world, a *platforms.App) string {
			a.ClientID = `"` + a.ClientID + `"`
			return w.page(a, defaultsOf(a.Login), "Invalid platform app")
		}, "page that names Invalid platform app: true"},
		{"Meta app's id at the exchange", func(w world, a *platforms.App) string {
			code := w.consent(a, defaultsOf(a.Login)).Get("code")
			a.ClientID = "sandbox-meta"
			return w.exchanged(a, code, "")
		}, "app_fault 400"},
		{"JSON in the place of a form", func(w world, a *platforms.App) string {
			code := w.consent(a, defaultsOf(a.Login)).Get("code")
			bend(a, asJSON)
			return w.exchanged(a, code, "")
		}, "app_fault 400"},
		{"long-lived token exchanged again", func(w world, a *platforms.App) string {
			return w.lengthened(a, w.consenting(a, "juno"))
		}, "invalid 100"},
		{"slash at the end of the redirect URI", func(w world, a *platforms.App) string {
			code := w.consent(a, defaultsOf(a.Login)).Get("code")
			a.RedirectURI += "/"
			return w.exchanged(a, code, "") + ", " + w.page(a, defaultsOf(a.Login), ownPage)
		}, "app_fault 400, page that names " + ownPage + ": true"},
		{"exchange without the token", func(w world, a *platforms.App) string {
			short := w.connect(a, defaultsOf(a.Login))
			bend(a, dropped("access_token"))
			return w.lengthened(a, short)
		}, "invalid 2500"},
		{"dead after an hour without an exchange", func(w world, a *platforms.App) string {
			short := w.connect(a, defaultsOf(a.Login))
			<-time.After(time.Hour)
			return w.identify(a, short) + ", " + w.lengthened(a, short)
		}, "refresh_dead 190/463, invalid 190/463"},
		{"token of Facebook Login", func(w world, a *platforms.App) string {
			facebook := w.consenting(w.app(platforms.Instagram), "greta")
			_, renewed := w.renew(a, facebook)
			return w.lengthened(a, facebook) + ", " + renewed
		}, "invalid 190, refresh_dead 190"},
		{"id of the token answer is not the account's", func(w world, a *platforms.App) string {
			tokens := w.consenting(a, "juno")
			own := w.own(a, tokens)
			return own[0].ExternalID + ", " + w.validate(a, tokens, own[0])
		}, "17841461200993311, works"},
		{"permissions of both families", func(w world, a *platforms.App) string {
			return w.page(a, append(defaultsOf(a.Login), "instagram_content_publish"), ownPage)
		}, "page that names " + ownPage + ": true"},
		{"what is glued to the code taken for a part of it", func(w world, a *platforms.App) string {
			code := w.consent(a, defaultsOf(a.Login)).Get("code")
			return w.exchanged(changed(a, func(l *platforms.Login) { l.CodeTail = "" }), code, "") + ", " + w.exchanged(a, code, "")
		}, "invalid 400, works"},
		{"code over an hour old", func(w world, a *platforms.App) string {
			code := w.consent(a, defaultsOf(a.Login)).Get("code")
			<-time.After(time.Hour)
			return w.exchanged(a, code, "")
		}, "invalid 400"},
		{"refreshed before it is a day old", func(w world, a *platforms.App) string {
			return refreshed(w, a, 24*time.Hour-time.Second) + ", " + refreshed(w, a, 24*time.Hour)
		}, "invalid 100, works"},
		{"refreshed too late", func(w world, a *platforms.App) string {
			return refreshed(w, a, life-time.Second) + ", " + refreshed(w, a, life)
		}, "works, refresh_dead 190/463"},
		{"refreshed when the permission is gone", func(w world, a *platforms.App) string {
			tokens := w.consenting(a, "juno")
			<-time.After(24 * time.Hour)
			w.act(w.latest(platforms.Instagram), "shrink", `{"scopes":["instagram_business_content_publish"]}`)
			_, got := w.renew(a, tokens)
			return got + ", " + w.identify(a, tokens)
		}, "invalid 100, missing_scope 10"},
		{"app removed by the person", func(w world, a *platforms.App) string {
			tokens := w.consenting(a, "juno")
			own := w.own(a, tokens)
			w.act(w.latest(platforms.Instagram), "revoke", "")
			_, renewed := w.renew(a, tokens)
			return w.validate(a, tokens, own[0]) + ", " + renewed
		}, "refresh_dead 190/458, refresh_dead 190/458"},
		{"no tester of the app", func(w world, a *platforms.App) string {
			return w.exchanged(a, w.consent(a, defaultsOf(a.Login), "persona", "kai").Get("code"), "")
		}, "app_fault 400"},
		{"personal account", func(w world, a *platforms.App) string {
			return fmt.Sprint(len(w.own(a, w.consenting(a, "lotte")))) + ", " + w.befalls(a, "mads", time.Minute)
		}, "0, !NOT_PROFESSIONAL"},
		{"other account logged in when reconnecting", func(w world, a *platforms.App) string {
			own := w.own(a, w.consenting(a, "juno"))
			return w.validate(a, w.consenting(a, "ravi"), own[0])
		}, "!NOT_REACHED"},
		{"nothing wrong", func(w world, a *platforms.App) string { return w.befalls(a, "juno", time.Minute) }, "works"},
	}
}
