package sandbox

import (
	"crypto/sha256"
	"encoding/hex"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"mooring/platforms"
)

// What TikTok knows of its people, and of the app that they meet.
const (
	banned    trait = "banned"    // from posting
	exhausted trait = "exhausted" // of today's posts
	unaudited trait = "unaudited" // the app, so that posts stay private
	crowded   trait = "crowded"   // the app, by others who post today
)

// tikTokLog is TikTok's id of a request, the same for all.
const tikTokLog = "202611220815000A1B2C3D4E5F60718293"

func tikTok() *dialect {
	const contentType = "application/json"
	// TikTok's OAuth endpoints are known to refuse with 200 as well as 400;
	// the former is the harder to notice.
	refuse := func(code, text string) reply {
		return jsonReply(http.StatusOK, contentType, object{"error": code, "error_description": text, "log_id": tikTokLog})
	}
	badRequest := refuse("invalid_request", "The request parameters are malformed.")
	deadCodeReply := refuse("invalid_grant", "Authorization code is expired.")
	return &dialect{
		name:     "tiktok",
		platform: platforms.TikTok,
		people: []person{
			{ID: "mina", Subject: "-000YkDKq3sample7wQm", Name: "Mina bakes", Username: "minabakes", About: "Bread, cake and the failures in between"},
			{ID: "joris", Subject: "-000Hv8Lt5sample2rXd", Name: "Joris Vaal", Username: "jorisvaal", About: "TikTok has banned him from posting", Trait: banned},
			{ID: "ayla", Subject: "-000Pm4Ws9sample6cNb", Name: "Ayla Rieger", Username: "aylarieger", About: "Sees the app as one without audit: her posts stay private", Trait: unaudited},
			{ID: "finn", Subject: "-000Kd7Rt4sample8vBn", Name: "Finn Albers", Username: "finnalbers", About: "Has posted as much as he may today", Trait: exhausted},
			{ID: "sol", Subject: "-000Ws2Yp6sample3hGt", Name: "Sol Marin", Username: "solmarin", About: "Sees the app as one by which too many people post today", Trait: crowded},
		},

		clientID:    "client_key",
		registrable: tikTokRegisters,
		partial:     true,

		codeLife:    10 * time.Minute,
		codeForm:    []string{"code", "redirect_uri"},
		codeTail:    "*0!5712.e1",
		grantedTo:   "scopes",
		challenge:   tikTokChallenge,
		rotates:     true,
		refreshLife: 180 * 24 * time.Hour,
		refreshes:   true,

		contentType:  contentType,
		authenticate: tikTokClient,
		refusals: map[refusal]reply{
			badClient:        refuse("invalid_client", "Client key or secret is incorrect."),
			lacksClient:      refuse("invalid_request", "Client secret is missed in request."),
			suspendedApp:     refuse("unauthorized_client", "The client is not authorized to request an authorization code using this method."),
			malformed:        badRequest,
			unknownCode:      deadCodeReply,
			deadCode:         deadCodeReply,
			wrongRedirect:    refuse("invalid_request", "Redirect_uri is not matched with the uri when requesting code."),
			wrongVerifier:    refuse("invalid_request", "Code verifier or code challenge is invalid."),
			deadRefresh:      refuse("invalid_grant", "Refresh token is invalid or expired."),
			deadToken:        tikTokProblem(http.StatusUnauthorized, "access_token_invalid", "The access token is invalid or not found in the request."),
			strangeGrantType: refuse("unsupported_grant_type", "The authorization grant type is not supported by the authorization server."),
		},
		lacking: func(string) reply { return badRequest },
		denials: map[decision]string{deny: "access_denied"},
		errorPage: errorPage{
			Title: "Something went wrong",
			Text:  "We couldn’t log in with TikTok. This may be due to specific app settings. If you’re a developer, please correct the following and try again.",
		},

		mintAccess:  func() string { return "act." + random(60) + "!5712.e1" },
		mintRefresh: func() string { return "rft." + random(60) + "!5712.e1" },
		issued: func(i issue) any {
			answer := object{
				"access_token": i.access,
				"expires_in":   i.expiresIn,
				"open_id":      i.subject,
				"scope":        strings.Join(i.scopes, ","),
				"token_type":   "Bearer",
			}
			if i.refresh != "" {
				answer["refresh_token"] = i.refresh
				answer["refresh_expires_in"] = i.refreshExpiresIn
			}
			return answer
		},
		webhooks: tikTokWebhooks,
		revoke:   tikTokRevoke,
		revoked:  object{},

		resources: map[string]resource{
			"profile": {
				path:    "/user/info/",
				permits: func(scopes []string) bool { return slices.Contains(scopes, "user.info.basic") },
				refused: tikTokScope,
				answer:  tikTokUser,
			},
			"creatorInfo": {
				method:  http.MethodPost,
				path:    "/post/publish/creator_info/query/",
				permits: func(scopes []string) bool { return slices.Contains(scopes, "video.publish") },
				refused: tikTokScope,
				answer:  tikTokCreator,
			},
		},
		dead: func(deadness) reply {
			return tikTokProblem(http.StatusUnauthorized, "access_token_invalid", "The access token is invalid or not found in the request.")
		},
		unknown: tikTokProblem(http.StatusNotFound, "invalid_params", "Unsupported path."),
	}
}

// tikTokDesktop reports whether a redirect URI belongs on TikTok's list for
// desktop apps; else it is one for the web.
func tikTokDesktop(redirect *url.URL) bool {
	return redirect.Hostname() == "localhost" || redirect.Hostname() == "127.0.0.1"
}

// tikTokRegisters holds a redirect URI to the rules of its list: a port on the
// desktop; https, no query and no fragment on the web.
func tikTokRegisters(redirect *url.URL) bool {
	if tikTokDesktop(redirect) {
		return redirect.Port() != ""
	}
	return redirect.Scheme == "https" && redirect.Host != "" && redirect.RawQuery == "" && redirect.Fragment == "" && len(redirect.String()) < 512
}

// tikTokChallenge wants the SHA-256 in hexadecimal of a desktop app.
func tikTokChallenge(redirect string) func(verifier string) string {
	if u, err := url.Parse(redirect); err != nil || !tikTokDesktop(u) {
		return nil
	}
	return func(verifier string) string {
		sum := sha256.Sum256([]byte(verifier))
		return hex.EncodeToString(sum[:])
	}
}

// tikTokClient wants a form with client_key and client_secret.
func tikTokClient(r *http.Request, id, secret string) (refusal, bool) {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case kind != "application/x-www-form-urlencoded":
		return malformed, true
	case r.PostForm.Get("client_secret") == "":
		return lacksClient, true
	case r.PostForm.Get("client_key") != id, r.PostForm.Get("client_secret") != secret:
		return badClient, true
	}
	return 0, false
}

// tikTokRevoke takes an access token, and ends all that its person ever
// granted to the app.
func tikTokRevoke(st *state, token string, now time.Time) bool {
	t, g := st.find(accessToken, token)
	if t == nil || g.Revoked || t.ended(now) {
		return false
	}
	for _, other := range st.Grants {
		if other.Client == g.Client && other.Subject == g.Subject {
			other.Revoked = true
		}
	}
	return true
}

// tikTokAnswer is the API's envelope, which has an error even in success.
func tikTokAnswer(status int, code, message string, data object) reply {
	return jsonReply(status, "application/json; charset=utf-8", object{
		"data":  data,
		"error": object{"code": code, "message": message, "log_id": tikTokLog},
	})
}

func tikTokProblem(status int, code, message string) reply {
	return tikTokAnswer(status, code, message, object{})
}

var tikTokScope = tikTokProblem(http.StatusUnauthorized, "scope_not_authorized", "The user did not authorize the scope required for completing this request.")

// tikTokField is a field of a user, with the scope that shows it.
type tikTokField struct {
	scope string
	value any
}

func tikTokFields(who caller) map[string]tikTokField {
	const basic, profile, stats = "user.info.basic", "user.info.profile", "user.info.stats"
	return map[string]tikTokField{
		"open_id":           {basic, who.Subject},
		"union_id":          {basic, "union" + who.Subject},
		"avatar_url":        {basic, who.avatar},
		"display_name":      {basic, who.Name},
		"username":          {profile, who.Username},
		"bio_description":   {profile, who.About},
		"profile_deep_link": {profile, "https://vm.tiktok.com/" + who.ID},
		"is_verified":       {profile, false},
		"follower_count":    {stats, 5120},
		"following_count":   {stats, 88},
		"likes_count":       {stats, 40310},
		"video_count":       {stats, 212},
	}
}

// tikTokUser is GET /v2/user/info/. Its fields have to be named, and one that
// the scopes do not show spoils the answer.
func tikTokUser(r *http.Request, who caller) reply {
	known := tikTokFields(who)
	user := object{}
	for name := range strings.SplitSeq(r.FormValue("fields"), ",") {
		field, ok := known[name]
		switch {
		case !ok:
			return tikTokProblem(http.StatusBadRequest, "invalid_params", "One or more fields in request is invalid.")
		case !slices.Contains(who.scopes, field.scope):
			return tikTokProblem(http.StatusBadRequest, "scope_permission_missed", "Additional scope permissions needed to complete the request, please check the fields requested and ask the user to authorize.")
		}
		user[name] = field.value
	}
	return tikTokAnswer(http.StatusOK, "ok", "", object{"user": user})
}

// tikTokCreator is POST /v2/post/publish/creator_info/query/, which refuses
// with 200.
func tikTokCreator(_ *http.Request, who caller) reply {
	switch who.Trait {
	case banned:
		return tikTokProblem(http.StatusOK, "spam_risk_user_banned_from_posting", "The user is banned from making new posts.")
	case exhausted:
		return tikTokProblem(http.StatusOK, "spam_risk_too_many_posts", "The daily post cap from the API is reached for the current user.")
	case crowded:
		return tikTokProblem(http.StatusOK, "reached_active_user_cap", "The daily quota for active publishing users from your client is reached.")
	}
	levels := []string{"PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"}
	if who.Trait == unaudited {
		levels = []string{"SELF_ONLY"}
	}
	return tikTokAnswer(http.StatusOK, "ok", "", object{
		"creator_avatar_url":          who.avatar,
		"creator_username":            who.Username,
		"creator_nickname":            who.Name,
		"privacy_level_options":       levels,
		"comment_disabled":            false,
		"duet_disabled":               false,
		"stitch_disabled":             false,
		"max_video_post_duration_sec": 600,
	})
}
