package sandbox

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"mooring/platforms"
)

// What X knows of its people.
const (
	guarded   trait = "guarded"   // posts are for followers only
	suspended trait = "suspended" // by X, some time after the consent
)

func twitter() *dialect {
	const contentType = "application/json; charset=utf-8"
	refuse := func(status int, code, text string) reply {
		return jsonReply(status, contentType, object{"error": code, "error_description": text})
	}
	unauthorized := refuse(http.StatusUnauthorized, "unauthorized_client", "Missing valid authorization header")
	deadCodeReply := refuse(http.StatusBadRequest, "invalid_request", "Value passed for the authorization code was invalid.")
	deadTokenReply := refuse(http.StatusBadRequest, "invalid_request", "Value passed for the token was invalid.")
	return &dialect{
		name:     "twitter",
		platform: platforms.Twitter,
		people: []person{
			{ID: "rowan", Subject: "1483920017263554561", Name: "Rowan Ames", Username: "rowanames", About: "Writes about tides, boats and weather"},
			{ID: "mika", Subject: "1590377124408901632", Name: "Mika Ostrow", Username: "mikaostrow", About: "Runs the account of a bakery"},
			{ID: "pell", Subject: "1622049871335522304", Name: "Pell Iverson", Username: "pelliverson", About: "Verified, and only followers see the posts", Trait: guarded},
			{ID: "vera", Subject: "1701835526640128000", Name: "Vera Lund", Username: "veralund", About: "X suspends her a minute after the consent", Trait: suspended},
		},
		scopes: []string{"users.email", "follows.read", "like.read", "list.read", "bookmark.read"},

		codeLife:     30 * time.Second,
		codeForm:     []string{"code", "redirect_uri"},
		challenge:    s256,
		rotates:      true,
		replayEnds:   true,
		refreshScope: "offline.access",
		refreshes:    true,

		contentType: contentType,
		authenticate: func(r *http.Request, id, secret string) (refusal, bool) {
			user, password, ok := r.BasicAuth()
			return badClient, !ok || unescape(user) != id || unescape(password) != secret
		},
		refusals: map[refusal]reply{
			badClient:        unauthorized,
			unknownCode:      deadCodeReply,
			deadCode:         deadCodeReply,
			wrongRedirect:    refuse(http.StatusBadRequest, "invalid_request", "Value passed for the redirect uri did not match the uri of the authorization code."),
			wrongVerifier:    refuse(http.StatusBadRequest, "invalid_request", "Value passed for the code verifier did not match the code challenge."),
			deadRefresh:      deadTokenReply,
			deadToken:        deadTokenReply,
			strangeGrantType: refuse(http.StatusBadRequest, "unsupported_grant_type", "Value passed for the grant type was invalid."),
		},
		lacking: func(parameter string) reply {
			return refuse(http.StatusBadRequest, "invalid_request", "Missing required parameter ["+parameter+"].")
		},
		denials: map[decision]string{deny: "access_denied"},
		errorPage: errorPage{
			Title: "Something went wrong",
			Text:  "You weren’t able to give access to the App. Go back and try logging in again.",
		},

		mintAccess:  func() string { return random(80) + ":1:at:1" },
		mintRefresh: func() string { return random(80) + ":1:rt:1" },
		issued: func(i issue) any {
			answer := object{
				"token_type":   "bearer",
				"expires_in":   i.expiresIn,
				"access_token": i.access,
				"scope":        strings.Join(i.scopes, " "),
			}
			if i.refresh != "" {
				answer["refresh_token"] = i.refresh
			}
			return answer
		},
		revoke:  twitterRevoke,
		revoked: object{"revoked": true},

		resources: map[string]resource{
			"profile": {
				path: "/users/me",
				permits: func(scopes []string) bool {
					return slices.Contains(scopes, "users.read") && slices.Contains(scopes, "tweet.read")
				},
				refused: twitterProblem(http.StatusForbidden, "You are not permitted to perform this action."),
				answer:  twitterMe,
			},
		},
		dead: func(deadness) reply { return twitterProblem(http.StatusUnauthorized, "Unauthorized") },
		barred: jsonReply(http.StatusForbidden, "application/problem+json", object{
			"title":               "Client Forbidden",
			"reason":              "client-not-enrolled",
			"required_enrollment": "Appropriate Level of API Access",
			"client_id":           "1",
			"registration_url":    "https://developer.x.com/en/docs/projects/overview",
			"type":                "https://api.twitter.com/2/problems/client-forbidden",
		}),
		unknown: twitterProblem(http.StatusNotFound, "Not Found"),
	}
}

// twitterRevoke ends the token named, and with a refresh token the whole grant.
func twitterRevoke(st *state, token string, now time.Time) bool {
	if t, g := st.find(accessToken, token); t != nil && !g.Revoked && !t.ended(now) {
		t.Ends = now
		return true
	}
	t, g := st.find(refreshToken, token)
	if t == nil || g.Revoked || t.Spent {
		return false
	}
	g.Revoked = true
	return true
}

func twitterProblem(status int, detail string) reply {
	return jsonReply(status, "application/problem+json", object{
		"title": http.StatusText(status), "type": "about:blank", "status": status, "detail": detail,
	})
}

// twitterMe is GET /2/users/me. Only id, name and username come unasked.
func twitterMe(r *http.Request, who caller) reply {
	if who.befallen(suspended) {
		return twitterLimited(object{"errors": []object{{
			"title":  "Forbidden",
			"detail": "User has been suspended: [" + who.Username + "].",
			"type":   "https://api.twitter.com/2/problems/resource-not-found",
		}}})
	}
	data := object{"id": who.Subject, "name": who.Name, "username": who.Username}
	more := object{
		"profile_image_url": who.avatar,
		"description":       who.About,
		"verified":          who.Trait == guarded,
		"verified_type":     "none",
		"protected":         who.Trait == guarded,
		"public_metrics":    object{"followers_count": 812, "following_count": 190, "tweet_count": 2044, "listed_count": 7},
	}
	if who.Trait == guarded {
		more["verified_type"] = "blue"
	}
	for field := range strings.SplitSeq(r.FormValue("user.fields"), ",") {
		if value, ok := more[field]; ok {
			data[field] = value
		}
	}
	return twitterLimited(object{"data": data})
}

// twitterLimited is a success, with the headers of its limit.
func twitterLimited(body object) reply {
	const window = 15 * time.Minute
	reset := time.Now().Truncate(window).Add(window)
	return jsonReply(http.StatusOK, "application/json; charset=utf-8", body).
		with("x-rate-limit-limit", "75").
		with("x-rate-limit-remaining", "74").
		with("x-rate-limit-reset", strconv.FormatInt(reset.Unix(), 10))
}

// unescape undoes the encoding of RFC 6749 §2.3.1; a text that is not encoded
// stays as it is.
func unescape(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}
