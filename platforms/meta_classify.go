package platforms

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// metaTokenBad is Meta's code for a token that is refused; the subcode tells why.
const metaTokenBad = "190"

// classifyMeta reads the three forms in which Meta's hosts report a failure:
// the Graph API's error object, also with HTTP 200 where debug_token tells of a
// dead token, and the flat one of Instagram's token endpoint.
func classifyMeta(a Answer) Verdict {
	f := a.fields()
	if a.Stage == StageAuthorize {
		return Verdict{Subcode: f.text("error_reason")}
	}
	if e, ok := f["error"].(map[string]any); ok {
		return metaVerdict(a, e)
	}
	if message := f.text("error_message"); message != "" {
		return Verdict{
			Class:   instagramTokenClass(message),
			Code:    f.text("code"),
			Subcode: f.text("error_type"),
			Message: message,
		}
	}
	if a.Stage == StageRevoke && f["success"] == false {
		return Verdict{Class: ClassTemporary}
	}
	if data, _ := f["data"].(map[string]any); a.Stage == StageAPI && data["is_valid"] == false {
		return deadToken(a, data)
	}
	return Verdict{}
}

// deadToken is debug_token's word that the token asked about is no good, for a
// reason that may be missing.
func deadToken(a Answer, data fields) Verdict {
	e, _ := data["error"].(map[string]any)
	v := metaVerdict(a, e)
	v.Message = cmp.Or(v.Message, "The token is not valid.")
	vague := v.Class == ClassStaleAccess || v.Class == ClassInvalid
	if vague && metaSubcodeClass(v.Subcode) == ClassOK {
		v.Class = ClassRefreshDead
	}
	return v
}

// metaVerdict decides by code and subcode. The text is asked only where Meta
// has one code for several faults.
func metaVerdict(a Answer, e fields) Verdict {
	v := Verdict{
		Code:    e.text("code"),
		Subcode: cmp.Or(e.text("error_subcode"), e.text("subcode")),
		Message: e.text("message"),
	}
	v.Class = cmp.Or(metaSubcodeClass(v.Subcode), metaCodeClass(a.Stage, v))
	if e["is_transient"] == true && v.Class != ClassRateLimited {
		v.Class = ClassTemporary
	}
	if v.Class == ClassRateLimited && a.Header.Get("Retry-After") == "" {
		v.RetryAfter = metaBlocked(a.Header)
	}
	if v.Class == ClassOK && a.Status < http.StatusMultipleChoices {
		v.Class = ClassInvalid
	}
	return v
}

// metaSubcodeClass knows the subcodes that outweigh their code.
func metaSubcodeClass(subcode string) Class {
	switch subcode {
	case "36007", "36009", // the code of a callback has expired, or was used
		"2069030", "2069031", "2069032", "2069033": // sound token, wrong kind of token or call for a Page
		return ClassInvalid
	case "36008": // the redirect URI differs from that of the dialog
		return ClassAppFault
	case "459", "464", // the person must log in at Facebook, or confirm the account; the token may recover
		"1404078", "4854002", "1404112", // authorise publishing, confirm an identity, limited account
		"2207050", "2207051", "2207001": // Instagram restricts the account, or takes the post for spam
		return ClassInvalid
	case "492": // the person lost their role on one Page; the grant is good for others
		return ClassMissingScope
	case "2207042": // the account's posts for today are used up
		return ClassRateLimited
	}
	return ClassOK
}

func metaCodeClass(stage Stage, v Verdict) Class {
	text := strings.ToLower(v.Message)
	code, err := strconv.Atoi(v.Code)
	switch {
	case err != nil:
		return ClassOK
	case code == 1 && stage != StageAPI && (strings.Contains(text, "client secret") || strings.Contains(text, "code_verifier")):
		return ClassAppFault
	case code == 1, code == 2:
		return ClassTemporary
	case code == 4, code == 17, code == 32, code == 341, code == 613, code >= 80000 && code <= 80014:
		return ClassRateLimited
	case code == 3, code == 101, code == 191, code == 2635:
		return ClassAppFault
	case code == 200 && strings.Contains(text, "api access blocked"):
		return ClassAppFault // Meta has suspended the app
	case code == 10, code >= 200 && code <= 299:
		return ClassMissingScope
	case code == 100 && (strings.Contains(text, "appsecret_proof") || strings.Contains(text, "viewing app")):
		return ClassAppFault // the app's secret is wrong, or the token is another app's
	case code == 2500 && strings.Contains(text, "unknown path components"):
		return ClassAppFault // the version that the operator chose has never been
	case code == 102, code == 190, code == 452:
		return metaTokenClass(stage, v.Subcode)
	case code == 100, code == 368, code == 506, code == 1404078, code == 1404112, code == 4854002:
		return ClassInvalid
	}
	return ClassOK
}

// metaTokenClass tells how dead a refused token is.
func metaTokenClass(stage Stage, subcode string) Class {
	switch {
	case stage == StageExchange:
		return ClassInvalid
	case subcode == "458", subcode == "460", subcode == "467": // app removed, password changed, logged out
		return ClassRefreshDead
	case stage == StageRevoke:
		// A token that is over cannot take the app away, and the tokens of
		// Pages may well live on.
		return ClassStaleAccess
	case subcode == "463", stage == StageRefresh: // expired, with nothing to renew it by
		return ClassRefreshDead
	}
	return ClassStaleAccess
}

// instagramTokenClass sorts the failures of Instagram's token endpoint, which
// have one code for all.
func instagramTokenClass(message string) Class {
	message = strings.ToLower(message)
	for _, fault := range []string{"platform app", "redirect_uri", "developer role", "client_secret", "client secret"} {
		if strings.Contains(message, fault) {
			return ClassAppFault
		}
	}
	return ClassOK
}

// metaUsage is a share of a limit that is used up, in percent.
type metaUsage struct {
	Type    string   `json:"type"`
	Calls   *float64 `json:"call_count"` // nil, as the next two: not told
	CPU     *float64 `json:"total_cputime"`
	Time    *float64 `json:"total_time"`
	Blocked float64  `json:"estimated_time_to_regain_access"` // minutes
}

// percent is the greatest of the shares; false: none was told.
func (u metaUsage) percent() (most float64, told bool) {
	for _, share := range []*float64{u.Calls, u.CPU, u.Time} {
		if share != nil && *share >= 0 {
			most, told = max(most, *share), true
		}
	}
	return most, told
}

// blocked is how long calls will be refused.
func (u metaUsage) blocked() time.Duration {
	return time.Duration(min(max(u.Blocked, 0), maxRetryAfter.Minutes()) * float64(time.Minute))
}

// businessUsage reads the header with the limits of single Pages and Instagram
// accounts, by their ids.
func businessUsage(h http.Header) map[string][]metaUsage {
	var usage map[string][]metaUsage
	if json.Unmarshal([]byte(h.Get("X-Business-Use-Case-Usage")), &usage) != nil {
		return nil
	}
	return usage
}

// metaBlocked is how long calls for the Page or account asked for will be
// refused.
func metaBlocked(h http.Header) time.Duration {
	var longest time.Duration
	for _, list := range businessUsage(h) {
		for _, u := range list {
			longest = max(longest, u.blocked())
		}
	}
	return longest
}

// metaRateLimits reads Meta's usage headers, which tell shares and no counts,
// and come only after some use.
func metaRateLimits(a Answer) []RateLimit {
	var limits []RateLimit
	for _, h := range []struct {
		header, name string
		owner        LimitOwner
	}{
		{"X-App-Usage", "app", LimitOfApp},
		{"X-Page-Usage", "page", LimitOfAccount},
	} {
		var u metaUsage
		if json.Unmarshal([]byte(a.Header.Get(h.header)), &u) != nil {
			continue
		}
		if used, told := u.percent(); told {
			limits = append(limits, RateLimit{Name: h.name, Owner: h.owner, UsedPercent: used})
		}
	}
	usage := businessUsage(a.Header)
	for _, id := range slices.Sorted(maps.Keys(usage)) {
		for _, u := range usage[id] {
			used, told := u.percent()
			if !told || !isKey(id) || !isKey(u.Type) {
				continue // of nothing that can be stored under its name
			}
			limit := RateLimit{Name: u.Type, Owner: LimitOfAccount, ExternalID: id, UsedPercent: used}
			if wait := u.blocked(); wait > 0 {
				limit.ResetAt = a.At.Add(wait)
			}
			limits = append(limits, limit)
		}
	}
	return limits
}
