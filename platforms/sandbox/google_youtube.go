package sandbox

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"mooring/platforms"
)

// What YouTube knows of its people. Brand channels are further people with the
// same subject, as on Google's page.
const (
	unverified trait = "unverified" // no phone number confirmed
	terminated trait = "terminated" // the account, some time after the consent
)

// googleScope is what the names of most of Google's scopes begin with.
const googleScope = "https://www.googleapis.com/auth/"

func youTube() *dialect {
	const contentType = "application/json; charset=utf-8"
	refuse := func(status int, code, text string) reply {
		return jsonReply(status, contentType, object{"error": code, "error_description": text})
	}
	const bram = "113370584419026637120" // has two brand channels and none of his own
	return &dialect{
		name:     "google_youtube",
		platform: platforms.YouTube,
		people: []person{
			{ID: "ada", Subject: "108205314977360218845", Name: "Ada Quill", Username: "adaquill", About: "Her own channel, about bread and slow mornings", Channel: "UCa1b2c3d4e5f6g7h8i9j0kLmN"},
			{ID: "sails", Subject: bram, Name: "Vestby Sails", Username: "vestbysails", About: "Brand account of Bram Vestby", Channel: "UCq7w8e9r0t1y2u3i4o5p6aSdF"},
			{ID: "workshop", Subject: bram, Name: "Fjord Workshop", Username: "fjordworkshop", About: "Another brand account of Bram Vestby", Channel: "UCz9x8c7v6b5n4m3l2k1j0hGfD"},
			{ID: "noel", Subject: "101749926351880415372", Name: "Noel Marsh", About: "A Google account without a YouTube channel"},
			{ID: "edda", Subject: "104418820736651290077", Name: "Edda Roth", Username: "eddaroth", About: "A new channel: no long videos, no thumbnails of her own", Channel: "UCe4d3c2b1a0z9y8x7w6v5uTsR", Trait: unverified},
			{ID: "bo", Subject: "112093374485516620318", Name: "Bo Engel", Username: "boengel", About: "YouTube suspends him a minute after the consent", Channel: "UCb5o4e3n2g1e0l9k8j7h6gFdS", Trait: terminated},
			{
				ID: "pia", Subject: "117002648390517264900", Name: "Pia Sund", About: "Is not among the app's test users",
				Barred: "Error 403: access_denied. The app is in Testing, and only its test users can give it access.",
			},
		},
		scopes: []string{
			"email", "profile", googleScope + "userinfo.email", googleScope + "userinfo.profile",
			googleScope + "youtube", googleScope + "youtubepartner", googleScope + "yt-analytics-monetary.readonly",
		},
		partial:   true,
		fixed:     []string{"openid"},
		grantedTo: "scope",
		callback:  map[string]string{"iss": "https://accounts.google.com", "authuser": "0", "prompt": "consent"},

		codeLife:    10 * time.Minute,
		codeForm:    []string{"code", "redirect_uri"},
		challenge:   s256,
		volunteered: true,
		refreshes:   true,
		offline: func(q url.Values, before bool) bool {
			asked := slices.Contains(strings.Fields(q.Get("prompt")), "consent")
			return q.Get("access_type") == "offline" && (asked || !before)
		},
		testingLife:      7 * 24 * time.Hour,
		outlivesPassword: true, // only Gmail's scopes do not

		contentType:  contentType,
		authenticate: googleClient,
		refusals: map[refusal]reply{
			badClient:        refuse(http.StatusUnauthorized, "invalid_client", "The OAuth client was not found."),
			badSecret:        refuse(http.StatusUnauthorized, "invalid_client", "Unauthorized"),
			suspendedApp:     refuse(http.StatusUnauthorized, "deleted_client", "The OAuth client was deleted."),
			lacksClient:      refuse(http.StatusBadRequest, "invalid_request", "Could not determine client ID from request."),
			lacksSecret:      refuse(http.StatusBadRequest, "invalid_request", "client_secret is missing."),
			unknownCode:      refuse(http.StatusBadRequest, "invalid_grant", "Malformed auth code."),
			deadCode:         refuse(http.StatusBadRequest, "invalid_grant", "Bad Request"),
			wrongRedirect:    refuse(http.StatusBadRequest, "redirect_uri_mismatch", "Bad Request"),
			wrongVerifier:    refuse(http.StatusBadRequest, "invalid_grant", "Invalid code verifier."),
			lacksVerifier:    refuse(http.StatusBadRequest, "invalid_grant", "Missing code verifier."),
			deadRefresh:      refuse(http.StatusBadRequest, "invalid_grant", "Token has been expired or revoked."),
			deadToken:        refuse(http.StatusBadRequest, "invalid_token", "Token expired or revoked"),
			strangeGrantType: refuse(http.StatusBadRequest, "unsupported_grant_type", "Invalid grant_type: password"),
		},
		lacking: func(parameter string) reply {
			return refuse(http.StatusBadRequest, "invalid_request", "Missing required parameter: "+parameter)
		},
		denials: map[decision]string{deny: "access_denied"},
		errorPage: errorPage{
			Title: "Access blocked",
			Text:  "You can’t sign in because Mooring sent an invalid request, or because you may not use it. You can try again later, or contact the developer.",
		},

		mintAccess:  func() string { return "ya29." + random(200) },
		mintRefresh: func() string { return "1//0" + random(96) },
		issued:      googleTokens,
		openRevoke:  true,
		introspect:  googleTokenInfo,
		revoke:      googleRevoke,
		revoked:     object{},

		resources: map[string]resource{
			"profile": {
				path:    "/channels",
				permits: readsYouTube,
				refused: googleError{
					status:  http.StatusForbidden,
					message: "Request had insufficient authentication scopes.",
					reason:  "insufficientPermissions", domain: "global", brief: "Insufficient Permission",
					rpc: "PERMISSION_DENIED", info: "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
				}.reply(),
				precondition: youTubeParameters,
				answer:       youTubeChannels,
			},
		},
		dead:    googleDead,
		unknown: googleError{status: http.StatusNotFound, message: "Not Found", reason: "notFound", domain: "global"}.reply(),
	}
}

// googleClient takes the credentials in the form or as HTTP Basic.
func googleClient(r *http.Request, id, secret string) (refusal, bool) {
	givenID, givenSecret, basic := r.BasicAuth()
	if basic {
		givenID, givenSecret = unescape(givenID), unescape(givenSecret)
	} else {
		givenID, givenSecret = r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
	}
	switch {
	case givenID == "":
		return lacksClient, true
	case givenID != id:
		return badClient, true
	case givenSecret == "":
		return lacksSecret, true
	}
	return badSecret, givenSecret != secret
}

func googleTokens(i issue) any {
	answer := object{
		"access_token": i.access,
		"expires_in":   i.expiresIn,
		"scope":        googleScopes(i.scopes),
		"token_type":   "Bearer",
	}
	if i.refresh != "" && !i.renewed {
		answer["refresh_token"] = i.refresh
		if i.refreshExpiresIn > 0 {
			answer["refresh_token_expires_in"] = i.refreshExpiresIn
		}
	}
	if slices.Contains(i.scopes, "openid") {
		answer["id_token"] = idToken(platforms.YouTube, i)
	}
	return answer
}

// googleScopes spells scopes as Google's answers do: in another order than
// asked for, and some under another name.
func googleScopes(scopes []string) string {
	spelt := make([]string, len(scopes))
	for i, name := range scopes {
		spelt[i] = name
		if name == "email" || name == "profile" {
			spelt[i] = googleScope + "userinfo." + name
		}
	}
	slices.Sort(spelt)
	return strings.Join(spelt, " ")
}

// googleTokenInfo takes the access token in the header, the form or the query.
// It names the person only where openid was granted. Numbers are strings.
func googleTokenInfo(s *Sandbox, d *dialect, r *http.Request, now time.Time) reply {
	const contentType = "application/json; charset=utf-8"
	text, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		text = r.Form.Get("access_token")
	}
	t, g := s.state.find(accessToken, text)
	if _, alive := d.judge(t, g, now); !alive {
		return jsonReply(http.StatusBadRequest, contentType, object{"error": "invalid_token", "error_description": "Invalid Value"})
	}
	answer := object{
		"azp":         g.Client,
		"aud":         g.Client,
		"scope":       googleScopes(g.Scopes),
		"exp":         strconv.FormatInt(t.Ends.Unix(), 10),
		"expires_in":  strconv.Itoa(int(t.Ends.Sub(now).Seconds())),
		"access_type": "offline",
	}
	if slices.Contains(g.Scopes, "openid") {
		answer["sub"] = g.Subject
	}
	return jsonReply(http.StatusOK, contentType, answer)
}

// googleRevoke ends all that the person granted to the project, whichever
// channel and token is named.
func googleRevoke(st *state, token string, now time.Time) bool {
	t, named := st.find(accessToken, token)
	if t == nil {
		t, named = st.find(refreshToken, token)
	}
	if t == nil || named.Server != "google_youtube" || named.Revoked || t.ended(now) {
		return false
	}
	for _, g := range st.Grants {
		if g.Client == named.Client && g.Subject == named.Subject {
			g.Revoked = true
		}
	}
	return true
}

// googleError is an error of Google's APIs.
type googleError struct {
	status         int
	message        string
	reason, domain string
	brief          string // the message beside the reason; empty: the same
	atHeader       bool   // it is about the Authorization header
	rpc, info      string // of the newer form google.rpc.Status; empty: not said
}

const youTubeType = "application/json; charset=UTF-8"

func (e googleError) reply() reply {
	element := object{"message": cmp.Or(e.brief, e.message), "domain": e.domain, "reason": e.reason}
	if e.atHeader {
		element["locationType"], element["location"] = "header", "Authorization"
	}
	body := object{"code": e.status, "message": e.message, "errors": []object{element}}
	if e.rpc != "" {
		body["status"] = e.rpc
		body["details"] = []object{{
			"@type":    "type.googleapis.com/google.rpc.ErrorInfo",
			"reason":   e.info,
			"domain":   "googleapis.com",
			"metadata": object{"service": "youtube.googleapis.com"},
		}}
	}
	return jsonReply(e.status, youTubeType, object{"error": body})
}

func googleDead(why deadness) reply {
	const remedy = "Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project."
	e := googleError{
		status:  http.StatusUnauthorized,
		message: "Request had invalid authentication credentials. " + remedy,
		reason:  "authError", domain: "global", brief: "Invalid Credentials", atHeader: true,
		rpc: "UNAUTHENTICATED", info: "ACCESS_TOKEN_TYPE_UNSUPPORTED",
	}
	switch why {
	case noToken:
		e.message = "Request is missing required authentication credential. " + remedy
		e.reason, e.brief, e.info = "required", "Login Required.", "CREDENTIALS_MISSING"
	case expiredToken:
		e.info = "ACCESS_TOKEN_EXPIRED"
	}
	return e.reply()
}

// readsYouTube reports whether the scopes permit channels.list, which
// youtube.upload alone does not.
func readsYouTube(scopes []string) bool {
	return slices.ContainsFunc([]string{"youtube.readonly", "youtube", "youtube.force-ssl", "youtubepartner"}, func(name string) bool {
		return slices.Contains(scopes, googleScope+name)
	})
}

func youTubeParameters(r *http.Request) (reply, bool) {
	message := "No filter selected. Expected one of: forHandle, forUsername, id, managedByMe, mine"
	switch {
	case r.FormValue("part") == "":
		message = "Required parameter: part"
	case r.FormValue("mine") == "true":
		return reply{}, true
	}
	return googleError{
		status: http.StatusBadRequest, message: message,
		reason: "missingRequiredParameter", domain: "youtube.parameter",
	}.reply(), false
}

// youTubeChannels is channels.list with mine=true: the token's own channel
// with the parts asked for, or no items at all.
func youTubeChannels(r *http.Request, who caller) reply {
	answer := object{"kind": "youtube#channelListResponse", "etag": random(27)}
	if who.befallen(terminated) {
		return googleError{
			status: http.StatusForbidden, message: "The YouTube account of the authenticated user is suspended.",
			reason: "authenticatedUserAccountSuspended", domain: "youtube.common",
		}.reply()
	}
	id := who.Channel
	if id == "" {
		answer["pageInfo"] = object{"totalResults": 0, "resultsPerPage": 5}
		return jsonReply(http.StatusOK, youTubeType, answer)
	}
	picture := func(side int) object {
		return object{"url": who.avatar, "width": side, "height": side}
	}
	longUploads := "allowed"
	if who.Trait == unverified {
		longUploads = "eligible" // once a phone number is confirmed
	}
	channel := object{"kind": "youtube#channel", "etag": random(27), "id": id}
	parts := object{
		"snippet": object{
			"title":       who.Name,
			"description": who.About,
			"customUrl":   "@" + who.Username,
			"publishedAt": "2019-04-02T09:30:00Z",
			"thumbnails":  object{"default": picture(88), "medium": picture(240), "high": picture(800)},
			"localized":   object{"title": who.Name, "description": who.About},
		},
		"contentDetails": object{"relatedPlaylists": object{"likes": "", "uploads": "UU" + strings.TrimPrefix(id, "UC")}},
		"statistics":     object{"viewCount": "48210", "subscriberCount": "812", "hiddenSubscriberCount": false, "videoCount": "37"},
		"status":         object{"privacyStatus": "public", "isLinked": true, "longUploadsStatus": longUploads, "madeForKids": false},
	}
	for part := range strings.SplitSeq(r.FormValue("part"), ",") {
		if value, ok := parts[part]; ok {
			channel[part] = value
		}
	}
	answer["pageInfo"] = object{"totalResults": 1, "resultsPerPage": 5}
	answer["items"] = []object{channel}
	return jsonReply(http.StatusOK, youTubeType, answer)
}
