package sandbox

import (
	"encoding/json"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"mooring/platforms"
)

// What Instagram knows of its people, and of the app that they meet.
const (
	creator  trait = "creator"  // a creator's account, answered about in the other shape
	personal trait = "personal" // no professional account
	retired  trait = "retired"  // to a personal account, some time after the consent
	outsider trait = "outsider" // has no role in the app, which is in Development mode
)

// instagramRefusal is an error of the token endpoint's host.
func instagramRefusal(message string) reply {
	return jsonReply(http.StatusBadRequest, metaType, object{
		"error_type": "OAuthException", "code": http.StatusBadRequest, "error_message": message,
	})
}

// instagramLogin is the Instagram API with Instagram Login.
func instagramLogin() *dialect {
	platform := instagramRefusal("Invalid platform app")
	code := instagramRefusal("Matching code was not found or was already used")
	return &dialect{
		name:     "instagram",
		platform: platforms.Instagram,
		people: []person{
			{ID: "juno", Subject: "17841461200993311", Name: "Juno Vale", Username: "juno.vale", About: "A business account: letterpress and posters"},
			{ID: "ravi", Subject: "17841461200994422", Name: "Ravi Menon", Username: "ravi.draws", About: "A creator's account; Instagram answers in its other shapes", Trait: creator},
			{ID: "lotte", Subject: "17841461200995533", Name: "Lotte Baum", Username: "lottebaum", About: "A personal account", Trait: personal},
			{ID: "mads", Subject: "17841461200997755", Name: "Mads Holm", Username: "madsholm", About: "Goes back to a personal account a minute after the consent", Trait: retired},
			{ID: "kai", Subject: "17841461200996644", Name: "Kai Ferro", Username: "kaiferro", About: "No tester of the app, which is in Development mode", Trait: outsider},
		},
		scopes: []string{"instagram_business_manage_messages"},

		asked:   func(_ *dialect, q url.Values) ([]string, bool) { return listed(q.Get("scope")), false },
		partial: true,
		fixed:   []string{"instagram_business_basic"},

		codeLife:  time.Hour,
		codeForm:  []string{"code", "redirect_uri"},
		codeGlue:  "#_",
		denied:    map[string]string{"error_reason": "user_denied", "error_description": "The user denied your request."},
		shortLife: time.Hour,

		webhooks: metaWebhooks,

		contentType:  metaType,
		authenticate: instagramClient,
		refusals: map[refusal]reply{
			badClient:        platform,
			malformed:        platform,
			badSecret:        instagramRefusal("Error validating client secret."),
			unknownCode:      code,
			deadCode:         code,
			wrongRedirect:    instagramRefusal("Invalid redirect_uri"),
			barredPerson:     instagramRefusal("Insufficient developer role"),
			strangeGrantType: instagramRefusal("Invalid grant_type"),
		},
		lacking: func(parameter string) reply { return instagramRefusal("Missing required field " + parameter) },
		denials: map[decision]string{deny: "access_denied"},
		errorPage: errorPage{
			Title: "Sorry, this page isn't available.",
			Text:  "Invalid Request: Request parameters are invalid: Invalid platform app, or its settings do not allow this request.",
		},

		mintAccess: func() string { return "IGAA" + random(140) },
		issued:     instagramTokens,

		resources: map[string]resource{
			"profile":  {path: "/{version}/me", serve: graph(readInstagram)},
			"exchange": {path: "/access_token", serve: graph(exchangeInstagram)},
			"refresh":  {path: "/refresh_access_token", serve: graph(refreshInstagram)},
		},
		barred:  metaBlocked.reply(),
		unknown: metaError{code: 100, kind: "IGApiException", message: "Unsupported get request."}.reply(),
		around:  metaVersions,
	}
}

// instagramClient wants a form; to any other body it says what it says to a
// strange app.
func instagramClient(r *http.Request, id, secret string) (refusal, bool) {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case kind != "application/x-www-form-urlencoded" && kind != "multipart/form-data":
		return malformed, true
	case r.PostForm.Get("client_id") != id:
		return badClient, true
	}
	return badSecret, r.PostForm.Get("client_secret") != secret
}

// instagramTokens answers a code in one of two shapes: flat, with numbers and a
// list, or with strings in an envelope. The flat one's user_id is not that of
// the profile. What is renewed is answered in a third.
func instagramTokens(i issue) any {
	permissions := strings.Join(i.scopes, ",")
	if i.renewed {
		answer := object{"access_token": i.access, "token_type": "bearer", "expires_in": i.expiresIn}
		if permissions != "" {
			answer["permissions"] = permissions
		}
		return answer
	}
	if i.trait == creator {
		return object{"data": []object{{"access_token": i.access, "user_id": i.subject, "permissions": permissions}}}
	}
	return object{"access_token": i.access, "user_id": json.Number(appScoped(i.subject)), "permissions": i.scopes}
}

// appScoped is the id of an account that only the app knows it by.
func appScoped(id string) string { return "26" + strings.TrimPrefix(id, "17") }

// readInstagram is GET /me. About a creator it speaks in an envelope.
func readInstagram(c *graphCall) reply {
	if !c.granted("instagram_business_basic") {
		return metaError{status: http.StatusForbidden, code: 10, message: "(#10) Requires instagram_business_basic permission to manage the object"}.reply()
	}
	kind := "Business"
	switch {
	case c.who.Trait == creator:
		kind = "Media_Creator"
	case c.who.Trait == personal, c.befallen(retired):
		kind = "PERSONAL"
	}
	node := graphNode{
		kind: "InstagramUser",
		fields: map[string]any{
			"id":                  appScoped(c.who.Subject),
			"user_id":             c.who.Subject,
			"username":            c.who.Username,
			"name":                c.who.Name,
			"account_type":        kind,
			"profile_picture_url": c.avatar(),
			"followers_count":     812,
			"follows_count":       97,
			"media_count":         64,
			"biography":           nil,
		},
	}
	out, refused := node.read(c.r.Form.Get("fields"))
	if refused != nil {
		return *refused
	}
	var body any = out
	if c.who.Trait == creator {
		body = object{"data": []object{out}}
	}
	return businessUsage(jsonReply(http.StatusOK, metaType, body), c.who.Subject, "instagram")
}

// wrongKind is Instagram's answer to a token that cannot be exchanged or
// refreshed, or not yet.
var wrongKind = metaError{code: 100, kind: "IGApiException", message: "Unsupported request - method type: get"}

// minAge is how old a token has to be before it can be refreshed.
const minAge = 24 * time.Hour

func exchangeInstagram(c *graphCall) reply {
	_, secret := c.s.credentials(c.d)
	switch {
	case c.r.Form.Get("client_secret") != secret:
		return metaError{code: 1, message: "Error validating client secret."}.reply()
	case c.r.Form.Get("grant_type") != "ig_exchange_token", !c.token.Short:
		return wrongKind.reply()
	}
	return c.prolong(c.consented(), nil)
}

func refreshInstagram(c *graphCall) reply {
	fits := c.r.Form.Get("grant_type") == "ig_refresh_token" && slices.Contains(c.grant.Scopes, "instagram_business_basic")
	if !fits || c.token.Short || c.now.Sub(c.token.Since) < minAge {
		return wrongKind.reply()
	}
	c.grant.Refreshes, c.grant.RefreshedAt = c.grant.Refreshes+1, c.now
	return c.prolong(c.consented(), c.grant.Scopes)
}
