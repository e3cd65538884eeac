package sandbox

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"mooring/platforms"
)

// What befalls members of LinkedIn some time after the consent.
const (
	demoted   trait = "demoted"   // to a content admin
	dismissed trait = "dismissed" // from all roles
)

func linkedIn(partner bool) *dialect {
	const contentType = "application/json"
	refuse := func(status int, code, text string) reply {
		return jsonReply(status, contentType, object{"error": code, "error_description": text})
	}
	mismatch := refuse(http.StatusBadRequest, "invalid_redirect_uri", "Unable to retrieve access token: appid/redirect uri/code verifier does not match authorization code. Or authorization code expired. Or external member binding exists")
	lacking := func(parameter string) reply {
		return refuse(http.StatusBadRequest, "invalid_request", fmt.Sprintf("A required parameter %q is missing", parameter))
	}
	return &dialect{
		name:     "linkedin",
		platform: platforms.LinkedIn,
		people: []person{
			{ID: "ines", Subject: "tR4pQ9wYzA", Name: "Ines Halvorsen", About: "Harbour engineer in Bergen", Organizations: []organization{
				{70931, "Halvorsen Maritime", "halvorsen-maritime"},
				{70932, "Nordlys Studio", "nordlys-studio"},
			}},
			{ID: "tomas", Subject: "mB7xK2vLqE", Name: "Tomas Reyl", About: "Freelance photographer, no pages"},
			{ID: "runa", Subject: "kV3nD8sJwR", Name: "Runa Solberg", About: "No more than content admin of her page, a minute after the consent", Trait: demoted, Organizations: []organization{
				{70933, "Solberg Keramikk", "solberg-keramikk"},
			}},
			{ID: "odd", Subject: "zH6cF1yTbU", Name: "Odd Aasen", About: "Loses his page a minute after the consent", Trait: dismissed, Organizations: []organization{
				{70934, "Aasen Verft", "aasen-verft"},
			}},
		},
		scopes: []string{"email", "r_basicprofile", "rw_organization_admin", "r_member_profileAnalytics"},

		codeLife:    30 * time.Minute,
		codeForm:    []string{"code", "redirect_uri"},
		refreshLife: 365 * 24 * time.Hour,
		refreshes:   partner,
		oneScopeSet: true,

		contentType:  contentType,
		authenticate: linkedInClient,
		refusals: map[refusal]reply{
			badClient:        refuse(http.StatusUnauthorized, "invalid_client", "Client authentication failed"),
			lacksClient:      lacking("client_id"),
			unknownCode:      refuse(http.StatusBadRequest, "invalid_request", "Unable to retrieve access token: authorization code not found"),
			deadCode:         mismatch,
			wrongRedirect:    mismatch,
			deadRefresh:      refuse(http.StatusBadRequest, "invalid_request", "The provided authorization grant or refresh token is invalid, expired or revoked"),
			strangeGrantType: refuse(http.StatusBadRequest, "unsupported_grant_type", "The grant type is not supported"),
		},
		lacking:      lacking,
		denials:      map[decision]string{deny: "user_cancelled_authorize", cancelLogin: "user_cancelled_login"},
		strangeScope: "unauthorized_scope_error",
		errorPage:    errorPage{Title: "Bummer, something went wrong.", Text: "The app asked LinkedIn for something it cannot have."},

		mintAccess:  func() string { return "AQV" + random(350) },
		mintRefresh: func() string { return "AQW" + random(350) },
		issued:      linkedInTokens,

		resources: map[string]resource{
			"profile": {
				path: "/v2/userinfo",
				permits: func(scopes []string) bool {
					return slices.Contains(scopes, "openid") && slices.Contains(scopes, "profile")
				},
				refused: linkedInScope("userinfo.GET.NO_VERSION"),
				answer:  linkedInUserinfo,
			},
			"organizationAcls": {
				path:         "/rest/organizationAcls",
				permits:      administers,
				refused:      linkedInScope("organizationAcls.FINDER-roleAssignee"),
				precondition: linkedInVersion,
				answer:       linkedInAcls,
			},
			"organizationsLookup": {
				path:         "/rest/organizationsLookup",
				permits:      administers,
				refused:      linkedInScope("organizationsLookup.BATCH_GET"),
				precondition: linkedInVersion,
				answer:       linkedInLookup,
			},
		},
		dead: func(why deadness) reply {
			switch why {
			case noToken:
				return linkedInProblem(object{"status": http.StatusUnauthorized, "serviceErrorCode": 65604, "message": "Empty oauth2_access_token"})
			case expiredToken:
				return linkedInProblem(object{"status": http.StatusUnauthorized, "serviceErrorCode": 65602, "code": "EXPIRED_ACCESS_TOKEN", "message": "The token used in the request is expired"})
			case revokedToken, passwordChanged:
				return linkedInProblem(object{"status": http.StatusUnauthorized, "serviceErrorCode": 65601, "code": "REVOKED_ACCESS_TOKEN", "message": "The token used in the request has been revoked by the user"})
			}
			return linkedInProblem(object{"status": http.StatusUnauthorized, "serviceErrorCode": 65600, "code": "INVALID_ACCESS_TOKEN", "message": "Invalid access token"})
		},
		unknown: linkedInProblem(object{"status": http.StatusNotFound, "code": "RESOURCE_NOT_FOUND", "message": "No virtual resource found"}),
	}
}

// linkedInClient wants id and secret in the form, and nothing in the header.
func linkedInClient(r *http.Request, id, secret string) (refusal, bool) {
	_, _, basic := r.BasicAuth()
	switch {
	case !basic && r.PostForm.Get("client_id") == "":
		return lacksClient, true
	case basic, r.PostForm.Get("client_id") != id, r.PostForm.Get("client_secret") != secret:
		return badClient, true
	}
	return 0, false
}

func linkedInTokens(i issue) any {
	answer := object{
		"access_token": i.access,
		"expires_in":   i.expiresIn,
		"scope":        strings.Join(i.scopes, ","),
		"token_type":   "Bearer",
	}
	if i.refresh != "" {
		answer["refresh_token"] = i.refresh
		answer["refresh_token_expires_in"] = i.refreshExpiresIn
	}
	if !i.renewed && slices.Contains(i.scopes, "openid") {
		answer["id_token"] = idToken(platforms.LinkedIn, i)
	}
	return answer
}

// idToken looks like the platform's; its signature is no signature.
func idToken(p *platforms.Platform, i issue) string {
	part := func(v object) string {
		data, err := json.Marshal(v)
		if err != nil {
			panic(fmt.Sprintf("encode an id_token: %v", err)) // strings and numbers only
		}
		return base64.RawURLEncoding.EncodeToString(data)
	}
	return part(object{"alg": "RS256", "typ": "JWT", "kid": "sandbox"}) + "." + part(object{
		"iss": p.Logins[0].Issuer,
		"aud": i.client,
		"sub": i.subject,
		"iat": i.now.Unix(),
		"exp": i.now.Add(time.Hour).Unix(),
	}) + "." + random(64)
}

// linkedInProblem is the API's envelope; its status is the answer's, too.
func linkedInProblem(body object) reply {
	status, _ := body["status"].(int)
	return jsonReply(status, "application/json", body)
}

func linkedInScope(resource string) reply {
	return linkedInProblem(object{
		"status":           http.StatusForbidden,
		"serviceErrorCode": 100,
		"code":             "ACCESS_DENIED",
		"message":          "Not enough permissions to access: " + resource,
	})
}

func administers(scopes []string) bool {
	return slices.Contains(scopes, "r_organization_admin") || slices.Contains(scopes, "rw_organization_admin")
}

// oldestVersion is the oldest LinkedIn-Version that is played. It does not
// move with the clock, so that no demonstration breaks by waiting.
const oldestVersion = "202511"

var versionForm = regexp.MustCompile(`^20\d\d(0[1-9]|1[0-2])$`)

func linkedInVersion(r *http.Request) (reply, bool) {
	version := r.Header.Get("LinkedIn-Version")
	named := version
	if versionForm.MatchString(version) {
		named += "01" // LinkedIn speaks of the month's first day
	}
	switch {
	case version == "":
		return linkedInProblem(object{
			"status":  http.StatusBadRequest,
			"code":    "VERSION_MISSING",
			"message": "A version must be present. Please specify a version by adding the LinkedIn-Version header.",
		}), false
	case named == version, version < oldestVersion:
		return linkedInProblem(object{
			"status":  http.StatusUpgradeRequired,
			"code":    "NONEXISTENT_VERSION",
			"message": "Requested version " + named + " is not active",
		}), false
	}
	return reply{}, true
}

func linkedInUserinfo(_ *http.Request, who caller) reply {
	given, family, _ := strings.Cut(who.Name, " ")
	return jsonReply(http.StatusOK, "application/json", object{
		"sub":         who.Subject,
		"name":        who.Name,
		"given_name":  given,
		"family_name": family,
		"picture":     who.avatar,
		"locale":      object{"country": "NO", "language": "nb"},
	})
}

// linkedInAcls is the finder roleAssignee, narrowed by role and paged by start
// and count.
func linkedInAcls(r *http.Request, who caller) reply {
	start, count := whole(r, "start", 0), whole(r, "count", 10)
	role := "ADMINISTRATOR"
	if who.befallen(demoted) {
		role = "CONTENT_ADMINISTRATOR"
	}
	roles := who.Organizations
	if asked := r.FormValue("role"); who.befallen(dismissed) || asked != "" && asked != role {
		roles = nil
	}
	elements := []object{}
	for i, o := range roles {
		if i >= start && i < start+count {
			elements = append(elements, object{
				"organization": fmt.Sprintf("urn:li:organization:%d", o.ID),
				"role":         role,
				"state":        "APPROVED",
				"roleAssignee": "urn:li:person:" + who.Subject,
			})
		}
	}
	return jsonReply(http.StatusOK, "application/json", object{
		"elements": elements,
		"paging":   object{"start": start, "count": count, "links": []object{}},
	})
}

func whole(r *http.Request, parameter string, otherwise int) int {
	if n, err := strconv.Atoi(r.FormValue(parameter)); err == nil && n >= 0 {
		return n
	}
	return otherwise
}

var restliList = regexp.MustCompile(`^List\(([0-9,]+)\)$`)

// linkedInLookup is a batch read by ids=List(1,2) of Rest.li 2.0.
func linkedInLookup(r *http.Request, who caller) reply {
	list := restliList.FindStringSubmatch(r.FormValue("ids"))
	if list == nil || r.Header.Get("X-Restli-Protocol-Version") != "2.0.0" {
		return linkedInProblem(object{"status": http.StatusBadRequest, "code": "ILLEGAL_ARGUMENT", "message": "Invalid query parameters passed to request"})
	}
	results, statuses, problems := object{}, object{}, object{}
	for id := range strings.SplitSeq(list[1], ",") {
		i := slices.IndexFunc(who.Organizations, func(o organization) bool { return strconv.Itoa(o.ID) == id })
		if i < 0 {
			statuses[id] = http.StatusNotFound
			problems[id] = object{"status": http.StatusNotFound, "message": "Could not find entity"}
			continue
		}
		o := who.Organizations[i]
		statuses[id] = http.StatusOK
		results[id] = object{
			"id":                      o.ID,
			"localizedName":           o.Name,
			"vanityName":              o.Vanity,
			"primaryOrganizationType": "NONE",
			"name": object{
				"localized":       object{"en_US": o.Name},
				"preferredLocale": object{"country": "US", "language": "en"},
			},
			"locations": []object{},
		}
	}
	return jsonReply(http.StatusOK, "application/json", object{"results": results, "statuses": statuses, "errors": problems})
}
