package platforms

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// What Meta's platforms share.
const (
	metaConsole = "https://developers.facebook.com/apps/"
	metaStatus  = "https://metastatus.com/"
	metaRevoke  = "https://www.facebook.com/settings/?tab=business_tools" // what Facebook Login gave
	metaVersion = "v25.0"

	metaLongLife   = 60 * 24 * time.Hour // of a long-lived token
	metaDataAccess = 90 * 24 * time.Hour // since the person last used the app
)

// metaVersions are the releases of the Graph API. One that has ended is served
// silently by the oldest that has not, so only this table tells.
var metaVersions = []APIVersion{
	{Name: "v17.0", Ends: utcDate(2025, time.September, 12)},
	{Name: "v18.0", Ends: utcDate(2026, time.January, 26)},
	{Name: "v19.0", Ends: utcDate(2026, time.May, 21)},
	{Name: "v20.0", Ends: utcDate(2026, time.September, 24)},
	{Name: "v21.0", Ends: utcDate(2027, time.January, 21)},
	{Name: "v22.0", Ends: utcDate(2027, time.May, 20)},
	{Name: "v23.0", Ends: utcDate(2027, time.October, 8)},
	{Name: "v24.0", Ends: utcDate(2028, time.February, 18)},
	{Name: "v25.0", Ends: utcDate(2028, time.July, 29)},
	{Name: "v26.0"},
}

// Ids of apps, whichever of Meta's products they are for.
var metaAppID = regexp.MustCompile(`^\d+$`)

const metaAppLooks = "of digits only"

// metaServed is the release that answered, which is another than the one asked
// for once that has ended.
func metaServed(h http.Header) string { return h.Get("Facebook-Api-Version") }

func utcDate(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

// facebookLogin completes a login method with what is the same for all who
// sign in by Facebook Login: one Meta app and one callback serve them all.
// family is how the scopes begin that people grant for single profiles of it.
func facebookLogin(family string, l Login) *Login {
	l.Env = Env{Prefix: "META", ID: "APP_ID", Secret: "APP_SECRET", Version: "GRAPH_VERSION"}
	l.Credentials = Credentials{
		Found: "They are App ID and App secret under App settings, Basic. The Instagram app ID and the Threads app ID, which are shown elsewhere, are others.",
		ID:    metaAppID, Looks: metaAppLooks,
	}
	l.Callback = "meta"
	l.Endpoints = Endpoints{
		Authorize:  "https://www.facebook.com/{version}/dialog/oauth",
		Token:      "https://graph.facebook.com/{version}/oauth/access_token",
		Revoke:     "https://graph.facebook.com/{version}/me/permissions",
		Introspect: "https://graph.facebook.com/{version}/debug_token",
		API:        "https://graph.facebook.com/{version}",
	}
	l.Version, l.Versions = metaVersion, metaVersions
	l.Options = []Option{{
		Name:    "CONFIG_ID",
		Doc:     "Id of a configuration of Facebook Login for Business. Its permissions then take the place of the scopes, so it must have those of all that Mooring connects, and people can only accept them as a whole.",
		Example: "1234567890123456",
	}}
	l.Redirects = Redirects{
		HTTPHosts: []string{"localhost"},
		Note:      "Facebook's console takes no address of localhost. While the app is in Development mode it works without being listed there.",
	}
	l.RevokeURL = metaRevoke
	l.ClientAuth = AuthBody
	l.PKCE = PKCENone // a challenge is dropped and the verifier then refused
	l.ScopeSeparator = ","
	l.ScopesUntold = true
	// Without it Facebook neither asks again for a permission that was once
	// declined nor shows the choice of Pages a second time.
	l.AuthParams = map[string]string{"auth_type": "rerequest"}
	// It asks for neither, and renews an access to data that has ended, which
	// the other does not.
	l.ReauthParams = map[string]string{"auth_type": "reauthorize"}
	l.Authorize = authorizeByConfig
	l.AccessLifetime = metaLongLife
	l.Refresh = Refresh{Kind: RefreshNone}
	l.Probe = Probe{Kind: ProbeInspect, Cost: ProbeFree}
	l.RevokeReach = RevokesSubject
	l.Lengthen = lengthenFacebook
	l.Inspect = func(ctx context.Context, app *App, t *Tokens) (*Inspection, error) {
		return inspectFacebook(ctx, app, t, family)
	}
	l.Proof = appSecretProof
	l.Served = metaServed
	l.Classify = classifyMeta
	l.RateLimits = metaRateLimits
	l.Revoke = revokeFacebook
	l.Webhooks = metaWebhooks("Facebook Login, Settings", "App settings, Basic")
	return &l
}

// authorizeByConfig asks for a configuration of Facebook Login for Business,
// which excludes asking for scopes.
func authorizeByConfig(app *App, q url.Values) {
	if id := app.Options["CONFIG_ID"]; id != "" {
		q.Set("config_id", id)
		q.Del("scope")
	}
}

// lengthenFacebook trades a person's token of an hour or two for one of 60
// days. It must come before the Pages are read: their tokens end with the one
// that they are read with, unless that is a long-lived one.
func lengthenFacebook(ctx context.Context, app *App, t *Tokens) (*Tokens, error) {
	form := url.Values{"grant_type": {"fb_exchange_token"}, "fb_exchange_token": {t.Access.Reveal()}}
	answer, err := app.post(ctx, StageExchange, app.Endpoints.Token, form, t.Access.Reveal())
	if err != nil {
		return nil, err
	}
	long, _ := app.Login.parseTokens(answer, t.Scopes)
	if seconds := answer.fields().text("expires_in"); seconds == "" || seconds == "0" {
		long.AccessExpires = time.Time{} // as a system user's token
	}
	return long, nil
}

// graph reads a resource of the Graph API. The proof that whoever has the token
// knows the app's secret, too, is compulsory where the app says so and harmless
// elsewhere; each token has its own. secrets are kept out of the *Error.
func graph(ctx context.Context, app *App, token Secret, endpoint string, query url.Values, v any, secrets ...string) error {
	query.Set("appsecret_proof", appSecretProof(app, token))
	return app.getAt(ctx, token, endpoint+"?"+query.Encode(), nil, v, secrets...)
}

// appSecretProof is the HMAC-SHA256 of a token under the app's secret, in
// hexadecimal (Securing Graph API Requests).
func appSecretProof(app *App, token Secret) string {
	mac := hmac.New(sha256.New, []byte(app.ClientSecret.Reveal()))
	mac.Write([]byte(token.Reveal()))
	return hex.EncodeToString(mac.Sum(nil))
}

// metaID is an id as it is written, be it a string or a number beyond what a
// float64 holds.
type metaID string

// UnmarshalJSON accepts strings and whole numbers.
func (id *metaID) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '"' {
		return json.Unmarshal(data, (*string)(id))
	}
	var number json.Number
	if err := json.Unmarshal(data, &number); err != nil {
		return err
	}
	if strings.Trim(number.String(), "0123456789") != "" {
		return errors.New("an id is no whole number")
	}
	*id = metaID(number)
	return nil
}

// facebookPerson asks whose token it is.
func facebookPerson(ctx context.Context, app *App, t *Tokens) (*Identity, error) {
	var me struct {
		ID   metaID `json:"id"`
		Name string `json:"name"`
	}
	if err := graph(ctx, app, t.Access, app.Endpoints.API+"/me", url.Values{"fields": {"id,name"}}, &me); err != nil {
		return nil, err
	}
	return &Identity{Subject: string(me.ID), Name: me.Name}, nil
}

// facebookPage is a Page as /me/accounts tells of it.
type facebookPage struct {
	ID          metaID   `json:"id"`
	Name        string   `json:"name"`
	Username    string   `json:"username"`
	Category    string   `json:"category"`
	Tasks       []string `json:"tasks"` // what the person may do there; nil: not told
	AccessToken string   `json:"access_token"`
	Picture     struct {
		Data struct {
			URL string `json:"url"`
		} `json:"data"`
	} `json:"picture"`
	Instagram *instagramUser `json:"instagram_business_account"` // nil: none linked, or not ticked
}

// How many Pages are asked for at once, and how often at most.
const (
	facebookPageSize = "100"
	facebookPageRuns = 20
)

// facebookPages lists the Pages that the person ticked and has a role on, and
// reports whether there are more than it reads. Those without a token of their
// own are left out: they show through a business portfolio and were never
// granted.
func facebookPages(ctx context.Context, app *App, person Secret, fields string) (all []facebookPage, more bool, err error) {
	query := url.Values{"fields": {fields}, "limit": {facebookPageSize}}
	for range facebookPageRuns {
		var list struct {
			Data   []json.RawMessage `json:"data"`
			Paging struct {
				Cursors struct {
					After string `json:"after"`
				} `json:"cursors"`
				Next string `json:"next"`
			} `json:"paging"`
		}
		if err := graph(ctx, app, person, app.Endpoints.API+"/me/accounts", query, &list); err != nil {
			return nil, false, err
		}
		if list.Data == nil {
			return nil, false, app.senseless("the answer has no list of Pages")
		}
		for _, text := range list.Data {
			var page facebookPage
			_ = json.Unmarshal(text, &page) // what of it is of another shape is as if not told
			if page.granted() {
				all = append(all, page)
			}
		}
		// The address of the next part has the token in it, and whatever host
		// the answer names; only its being there counts.
		after := list.Paging.Cursors.After
		if list.Paging.Next == "" || after == "" || after == query.Get("after") {
			return all, false, nil
		}
		query.Set("after", after)
	}
	return all, true, nil
}

// granted reports whether the Page came with what it takes to use it.
func (p *facebookPage) granted() bool {
	_, ok := tokenText(p.AccessToken)
	return ok && p.ID != ""
}

// morePages says that only the first Pages were read.
var morePages = Finding{
	FindingMoreThanRead, "Facebook has more Pages of this person than the 2,000 that are read. If one is missing here, connect again and tick fewer Pages on Facebook's page.",
}

// ended reports whether a failure is that of a person's token which has died.
// Tokens of Pages may outlive it.
func ended(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && (e.Class == ClassRefreshDead || e.Class == ClassStaleAccess)
}

// roleWarnings tells of a person's tasks on a Page, in the older or the newer
// spelling, if none of them lets the person post.
func (p *facebookPage) roleWarnings() []Finding {
	posts := func(task string) bool {
		switch task {
		case "MANAGE", "CREATE_CONTENT", "PROFILE_PLUS_FULL_CONTROL", "PROFILE_PLUS_MANAGE", "PROFILE_PLUS_CREATE_CONTENT":
			return true
		}
		return false
	}
	if p.Tasks == nil || slices.ContainsFunc(p.Tasks, posts) {
		return nil
	}
	return []Finding{{
		FindingNoPublishTask, "The person's role on the Page does not let them post. Ask an admin of the Page for full control or for the task Content, then reconnect.",
	}}
}

// metaToken is what debug_token tells of a token.
type metaToken struct {
	Type              string   `json:"type"`
	IsValid           bool     `json:"is_valid"`
	ExpiresAt         int64    `json:"expires_at"`             // 0: no end
	DataAccessExpires int64    `json:"data_access_expires_at"` // 0: no end
	Scopes            []string `json:"scopes"`
	GranularScopes    []struct {
		Scope   string   `json:"scope"`
		Targets []metaID `json:"target_ids"` // nil: all
	} `json:"granular_scopes"`
	ProfileID metaID `json:"profile_id"`
}

// debugToken asks what a token is worth, as the app itself. A token that is
// dead is an *Error with the code and subcode of its death.
func debugToken(ctx context.Context, app *App, token Secret) (*metaToken, error) {
	var answer struct {
		Data metaToken `json:"data"`
	}
	self := NewSecret(app.ClientID + "|" + app.ClientSecret.Reveal())
	query := url.Values{"input_token": {token.Reveal()}}
	err := graph(ctx, app, self, app.Endpoints.Introspect, query, &answer, token.Reveal())
	if e, ok := errors.AsType[*Error](err); ok && e.Code == metaTokenBad && e.Status >= http.StatusBadRequest {
		e.Class = ClassAppFault // the token refused is the app's own
	}
	if err == nil && !answer.Data.IsValid {
		err = app.senseless("the answer does not tell of the token")
	}
	return &answer.Data, err
}

// inspectFacebook prefers debug_token to /me/permissions, which knows neither
// ends nor the Pages that were ticked, and which a dead token cannot ask; where
// the former cannot be asked, the latter tells what was granted. The targets of scopes of another family are
// no profiles: those of pages_ are not Instagram's accounts, nor portfolios Pages.
func inspectFacebook(ctx context.Context, app *App, t *Tokens, family string) (*Inspection, error) {
	token, err := debugToken(ctx, app, t.Access)
	if e, ok := errors.AsType[*Error](err); ok && (e.Class == ClassTemporary || e.Class == ClassAppFault) {
		if i, untold := facebookPermissions(ctx, app, t); untold == nil {
			return i, nil
		}
	}
	if err != nil {
		return nil, err
	}
	i := &Inspection{
		Scopes:        app.Login.ParseScopes(strings.Join(token.Scopes, " ")),
		Source:        FromIntrospection,
		AccessExpires: unixTime(token.ExpiresAt),
		Targets:       token.targets(),
	}
	maps.DeleteFunc(i.Targets, func(scope string, _ []string) bool { return !strings.HasPrefix(scope, family) })
	// Permissions for Pages outlast the end of data access, Instagram's do not.
	if app.Login.ConsentEnds != nil {
		i.ConsentExpires = unixTime(token.DataAccessExpires)
	}
	return i, nil
}

// facebookPermissions asks which permissions the person granted and has not
// taken back since.
func facebookPermissions(ctx context.Context, app *App, t *Tokens) (*Inspection, error) {
	var list struct {
		Data []struct {
			Permission string `json:"permission"`
			Status     string `json:"status"` // granted, declined or, unused for 90 days, expired
		} `json:"data"`
	}
	if err := graph(ctx, app, t.Access, app.Endpoints.API+"/me/permissions", url.Values{}, &list); err != nil {
		return nil, err
	}
	var granted []string
	for _, p := range list.Data {
		if p.Status == "granted" {
			granted = append(granted, p.Permission)
		}
	}
	i := &Inspection{Scopes: app.Login.ParseScopes(strings.Join(granted, " ")), Source: FromPermissionsAPI}
	if len(i.Scopes) == 0 {
		return nil, app.senseless("the answer names no permission") // public_profile cannot be declined
	}
	return i, nil
}

// dataEnded reports whether the time is over for which the app is given data
// other than those for Pages. No error says so.
func (t *metaToken) dataEnded(now time.Time) bool {
	ends := unixTime(t.DataAccessExpires)
	return !ends.IsZero() && !now.Before(ends)
}

func (t *metaToken) targets() map[string][]string {
	targets := make(map[string][]string)
	for _, g := range t.GranularScopes {
		if g.Targets == nil {
			continue
		}
		targets[g.Scope] = []string{}
		for _, id := range g.Targets {
			targets[g.Scope] = append(targets[g.Scope], string(id))
		}
	}
	return targets
}

// leavesOut reports whether a scope was granted for other things than this.
func (t *metaToken) leavesOut(scope, id string) bool {
	only := t.targets()[scope]
	return only != nil && !slices.Contains(only, id)
}

// unixTime is the zero time for 0 and for what cannot be an end.
func unixTime(seconds int64) time.Time {
	if seconds <= 0 || seconds > 1<<35 { // the year 3058
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}

// revokeFacebook removes the app for the person.
func revokeFacebook(ctx context.Context, app *App, t *Tokens) error {
	query := url.Values{"appsecret_proof": {appSecretProof(app, t.Access)}}
	req, err := http.NewRequestWithContext(ctx, http.MethodDelete, app.at(app.Endpoints.Revoke)+"?"+query.Encode(), nil)
	if err != nil {
		return app.unanswered(StageRevoke, err)
	}
	req.Header.Set("Authorization", "Bearer "+t.Access.Reveal())
	_, err = app.do(req, StageRevoke, t.Access.Reveal())
	if e, ok := errors.AsType[*Error](err); ok && e.Class == ClassRefreshDead {
		return nil
	}
	return err
}

// The findings of accounts that hang on a Facebook Page.
const (
	FindingPageNotTicked = "PAGE_NOT_TICKED"   // left out on Facebook's page, as a whole or for one permission
	FindingNoPublishTask = "NO_PUBLISH_TASK"   // the person's role on the Page does not let them post
	FindingRoleLost      = "ROLE_LOST"         // the person has no role on the Page any more
	FindingPageToken     = "PAGE_TOKEN"        // the token kept for the Page is not the Page's
	FindingCheckpoint    = "CHECKPOINT"        // Facebook wants the person to log in there first
	FindingGrantEnds     = "GRANT_ENDS"        // the person's own token is near its end, or past it
	FindingDataEnded     = "DATA_ACCESS_ENDED" // 90 days have passed since the person last allowed it
)

// grantEndsSoon is when the end of a person's token is worth a warning.
const grantEndsSoon = 14 * 24 * time.Hour

var grantEnded = Finding{
	FindingGrantEnds, "The person's connection to Facebook has ended. This account goes on working, but new Pages cannot be found and the role on the Page cannot be checked; reconnect to renew it.",
}

// grantWarnings tells of the end of a person's token, which takes no account
// along.
func grantWarnings(expiresAt int64, now time.Time) []Finding {
	ends := unixTime(expiresAt)
	if ends.IsZero() || ends.Sub(now) > grantEndsSoon {
		return nil
	}
	return []Finding{{
		FindingGrantEnds,
		"The person's connection to Facebook ends on " + ends.Format("2 January 2006") + ". This account goes on working, but new Pages cannot be found afterwards; reconnect to renew it.",
	}}
}

// refused takes a failure that only people can mend, at Facebook and not by
// consenting anew, for a finding; any other failure it returns.
func refused(v *Validation, err error) (*Validation, error) {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return v, err
	}
	var finding Finding
	switch e.Subcode {
	case "459", "464":
		finding = Finding{FindingCheckpoint, "Facebook holds the person's account back. Log in at facebook.com, follow the instructions there, and check again."}
	case "492":
		finding = Finding{FindingRoleLost, "The person who connected this Page has no role on it any more. Ask an admin of the Page for a role with full control, then reconnect."}
	case "33":
		finding = Finding{FindingNotReached, "Facebook does not show this account any more: it is gone, or access to it was taken away. Reconnect and choose this very account."}
	default:
		return nil, err
	}
	v.Errors = append(v.Errors, finding)
	return v, nil
}
