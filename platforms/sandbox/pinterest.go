package sandbox

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"mooring/platforms"
)

// What Pinterest knows of its people, and of the app that they meet.
const (
	pinner    trait = "pinner"    // no business account, as the others have
	boardless trait = "boardless" // no board yet
	trial     trait = "trial"     // the app has Trial access only
)

func pinterest() *dialect {
	const contentType = "application/json; charset=utf-8"
	authentication := pinterestProblem(http.StatusUnauthorized, 2, "Authentication failed.")
	deadGrant := pinterestProblem(http.StatusUnauthorized, 283, "The authorization grant is invalid")
	parameters := pinterestProblem(http.StatusBadRequest, 1, "Invalid parameters.")
	scope := pinterestProblem(http.StatusUnauthorized, 3, "Your token does not have sufficient permissions to perform this action. Please make sure that the token has the correct set of scopes.")
	return &dialect{
		name:     "pinterest",
		platform: platforms.Pinterest,
		people: []person{
			{ID: "oak", Subject: "660194182233410092", Name: "Oak & Linen", Username: "oakandlinen", About: "A business account: tables and what goes on them"},
			{ID: "lena", Subject: "718324159950286614", Name: "Lena Kost", Username: "lenakost", About: "A personal account with many gardens", Trait: pinner},
			{ID: "wren", Subject: "803611247785093121", Name: "Wren Aldous", Username: "wrenaldous", About: "Meets an app with Trial access: her pins are refused", Trait: trial},
			{ID: "nova", Subject: "917722460183355178", Name: "Nova Glass", Username: "novaglass", About: "A new business account that has no board yet", Trait: boardless},
		},
		scopes: []string{"ads:read", "ads:write", "biz_access:read", "biz_access:write", "catalogs:read", "catalogs:write", "user_accounts:write"},

		codeLife:     10 * time.Minute,
		codeForm:     []string{"code", "redirect_uri"},
		rotates:      true,
		refreshLife:  60 * 24 * time.Hour,
		refreshParam: "continuous_refresh",
		refreshes:    true,

		contentType: contentType,
		authenticate: func(r *http.Request, id, secret string) (refusal, bool) {
			user, password, ok := r.BasicAuth()
			return badClient, !ok || unescape(user) != id || unescape(password) != secret
		},
		refusals: map[refusal]reply{
			badClient:        authentication,
			unknownCode:      deadGrant,
			deadCode:         deadGrant,
			wrongRedirect:    deadGrant,
			deadRefresh:      deadGrant,
			strangeGrantType: parameters,
		},
		lacking: func(string) reply { return parameters },
		denials: map[decision]string{deny: "access_denied"},
		errorPage: errorPage{
			Title: "Sorry, something went wrong",
			Text:  "You are not permitted to access that resource.",
		},

		mintAccess:  func() string { return "pina_" + random(80) },
		mintRefresh: func() string { return "pinr_" + random(80) },
		issued:      pinterestTokens,

		resources: map[string]resource{
			"profile": {
				path:    "/user_account",
				permits: func(scopes []string) bool { return slices.Contains(scopes, "user_accounts:read") },
				refused: scope,
				answer:  pinterestAccount,
			},
			"pins": {
				method:  http.MethodPost,
				path:    "/pins",
				permits: pins,
				refused: scope,
				answer:  pinterestPin,
			},
		},
		dead:    func(deadness) reply { return authentication },
		unknown: pinterestProblem(http.StatusNotFound, http.StatusNotFound, "Resource not found."),
	}
}

// pinterestProblem is Pinterest's error, which has a number and no name.
func pinterestProblem(status, code int, message string) reply {
	return jsonReply(status, "application/json; charset=utf-8", object{"code": code, "message": message})
}

func pinterestTokens(i issue) any {
	answer := object{
		"response_type": "authorization_code",
		"token_type":    "bearer",
		"access_token":  i.access,
		"expires_in":    i.expiresIn,
		"scope":         strings.Join(i.scopes, ","),
	}
	if i.renewed {
		answer["response_type"] = "refresh_token"
	}
	if i.refresh != "" {
		answer["refresh_token"] = i.refresh
		answer["refresh_token_expires_in"] = i.refreshExpiresIn
		answer["refresh_token_expires_at"] = i.now.Unix() + int64(i.refreshExpiresIn)
	}
	return answer
}

// pins reports whether the scopes suffice for a pin, which is always on a
// board.
func pins(scopes []string) bool {
	for _, scope := range []string{"boards:read", "boards:write", "pins:read", "pins:write"} {
		if !slices.Contains(scopes, scope) {
			return false
		}
	}
	return true
}

// limited adds the headers of a limit: a thousand requests of the person in a
// minute, or in a day of all people together if the app has Trial access.
func limited(a reply, who caller) reply {
	remaining, reset := "998", "41"
	if who.Trait == trial {
		remaining, reset = "250", "3600"
	}
	return a.with("x-ratelimit-limit", "1000").
		with("x-ratelimit-remaining", remaining).
		with("x-ratelimit-reset", reset)
}

// pinterestAccount is GET /v5/user_account. A personal account has no business
// name and no count of views.
func pinterestAccount(_ *http.Request, who caller) reply {
	account := object{
		"id":              who.Subject,
		"username":        who.Username,
		"account_type":    "PINNER",
		"business_name":   nil,
		"about":           who.About,
		"profile_image":   who.avatar,
		"website_url":     "",
		"follower_count":  41,
		"following_count": 88,
		"monthly_views":   nil,
		"pin_count":       130,
		"board_count":     9,
	}
	if who.Trait == boardless {
		account["board_count"] = 0
	}
	if who.Trait != pinner {
		account["account_type"] = "BUSINESS"
		account["business_name"] = who.Name
		account["monthly_views"] = 45110
	}
	return limited(jsonReply(http.StatusOK, "application/json; charset=utf-8", account), who)
}

// pinterestPin is POST /v5/pins. The sandbox keeps no pins.
func pinterestPin(_ *http.Request, who caller) reply {
	if who.Trait == trial {
		return pinterestProblem(http.StatusForbidden, 29, "Apps with Trial access may not create Pins in production https://api.pinterest.com - use API Sandbox https://api-sandbox.pinterest.com instead.")
	}
	return limited(jsonReply(http.StatusCreated, "application/json; charset=utf-8", object{
		"id":         "813744226420795884",
		"board_id":   "549755885175",
		"title":      "A pin of the sandbox",
		"link":       "",
		"created_at": time.Now().UTC().Format("2006-01-02T15:04:05"),
	}), who)
}
