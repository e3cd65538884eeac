package sandbox

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"mooring/platforms"
)

// facebookPage is a Page that a person has a role on.
type facebookPage struct {
	ID, Name, Username, Category string
	Tasks                        []string
	Portfolio                    bool              // it belongs to a business portfolio
	Instagram                    *instagramAccount // linked to it; nil: none
}

// instagramAccount is a professional account that is linked to a Page.
type instagramAccount struct{ ID, Username, Name string }

// facebookPeople are the people at Facebook Login.
func facebookPeople() []person {
	all := []string{"ADVERTISE", "ANALYZE", "CREATE_CONTENT", "MESSAGING", "MODERATE", "MANAGE"}
	branches := []facebookPage{
		{ID: "208714455093300", Name: "Vandermeer Stores", Username: "vandermeerstores", Category: "Shopping & Retail", Tasks: all, Portfolio: true, Instagram: &instagramAccount{"17841405822304914", "vandermeer.stores", "Vandermeer Stores"}},
	}
	for i := 1; i <= 29; i++ {
		branches = append(branches, facebookPage{
			ID: fmt.Sprintf("2087144550933%02d", i), Name: fmt.Sprintf("Vandermeer Branch %d", i), Category: "Shopping & Retail",
			Tasks: []string{"PROFILE_PLUS_CREATE_CONTENT", "PROFILE_PLUS_ANALYZE"},
		})
	}
	return []person{
		{ID: "greta", Subject: "10224400112233", Name: "Greta Quist", About: "Two Pages; one has an Instagram account", Pages: []facebookPage{
			{ID: "104455667788990", Name: "Quist Bakery", Username: "quistbakery", Category: "Bakery", Tasks: all, Instagram: &instagramAccount{"17841400099887766", "quist.bakery", "Quist Bakery"}},
			{ID: "104455667788991", Name: "Quist Catering", Category: "Caterer", Tasks: all},
		}},
		{ID: "odd", Subject: "10224400445566", Name: "Odd Vandermeer", About: "Thirty Pages; the first is in a business portfolio and has an Instagram account", Pages: branches},
		{ID: "nora", Subject: "10224400778899", Name: "Nora Lind", About: "No Page"},
		{ID: "tess", Subject: "10224400990011", Name: "Tess Aronsen", About: "May only read figures on her Page", Pages: []facebookPage{
			{ID: "311902277455001", Name: "Aronsen Ceramics", Username: "aronsenceramics", Category: "Artist", Tasks: []string{"ANALYZE"}},
		}},
		{ID: "yusuf", Subject: "10224400334455", Name: "Yusuf Demir", About: "Meets an app with Require App Secret", Trait: wantsProof, Pages: []facebookPage{
			{ID: "118800223344556", Name: "Demir Cycles", Username: "demircycles", Category: "Bicycle Shop", Tasks: all},
		}},
		{ID: "liv", Subject: "10224400667788", Name: "Liv Sandoe", About: "Loses her role on the Page a minute after the consent", Trait: dismissed, Pages: []facebookPage{
			{ID: "127300556677001", Name: "Sandoe Books", Username: "sandoebooks", Category: "Bookstore", Tasks: all},
		}},
		{ID: "emil", Subject: "10224400889900", Name: "Emil Roth", About: "Facebook wants him to log in there, a minute after the consent", Trait: checkpointed, Pages: []facebookPage{
			{ID: "135500667788112", Name: "Roth Guitars", Username: "rothguitars", Category: "Musical Instrument Store", Tasks: all},
		}},
		{ID: "sana", Subject: "10224400101112", Name: "Sana Malik", About: "Unlinks her Instagram account a minute after the consent", Trait: unlinked, Pages: []facebookPage{
			{ID: "142200778899223", Name: "Malik Florals", Username: "malikflorals", Category: "Florist", Tasks: all, Instagram: &instagramAccount{"17841403355779911", "malik.florals", "Malik Florals"}},
		}},
		{
			ID: "ivo", Subject: "10224400556677", Name: "Ivo Hartl", About: "Has no role in the app, which is in Development mode",
			Barred: "App not active: This app is not accessible right now and the app developer is aware of the issue. You will be able to log in when the app is reactivated.",
		},
	}
}

// facebook is Facebook Login with the Graph API, for Facebook Pages and for the
// Instagram accounts that are linked to them.
func facebook() *dialect {
	code := func(subcode int, message string) reply {
		return metaError{code: 100, subcode: subcode, message: message}.reply()
	}
	return &dialect{
		name:     "meta",
		platform: platforms.Facebook,
		people:   facebookPeople(),
		scopes:   []string{"email", "pages_manage_metadata", "pages_messaging", "ads_management", "ads_read"},

		asked:    facebookScopes,
		partial:  true,
		fixed:    []string{"public_profile"},
		standing: true,

		codeLife:  10 * time.Minute,
		codeForm:  []string{"redirect_uri", "code"},
		denied:    map[string]string{"error_code": "200", "error_description": "Permissions error", "error_reason": "user_denied"},
		fragment:  "#_=_",
		shortLife: 90 * time.Minute,

		dataAccess: 90 * 24 * time.Hour,

		webhooks: metaWebhooks,

		contentType: metaType,
		byGet:       true,
		proves:      true,
		trades: map[string]trade{
			"":                   (*Sandbox).redeem,
			"authorization_code": (*Sandbox).redeem,
			"fb_exchange_token":  exchangeFacebook,
		},
		authenticate: facebookClient,
		refusals: map[refusal]reply{
			lacksClient:      metaError{code: 101, message: "Missing client_id parameter."}.reply(),
			badClient:        metaError{code: 101, message: "Error validating application. Cannot get application info due to a system error."}.reply(),
			lacksSecret:      metaError{code: 1, message: "Missing client_secret parameter."}.reply(),
			badSecret:        metaError{code: 1, message: "Error validating client secret."}.reply(),
			strayVerifier:    metaError{code: 1, message: "code_verifier param is provided without a code_challenge in authorization request"}.reply(),
			unknownCode:      metaError{code: 100, message: "Invalid verification code format."}.reply(),
			deadCode:         code(36007, "This authorization code has expired."),
			strangeRedirect:  metaError{code: 191, message: "Can't Load URL: The domain of this URL isn't included in the app's domains. To be able to load this URL, add all domains and subdomains of your app to the App Domains field in your app settings."}.reply(),
			wrongRedirect:    code(36008, "Error validating verification code. Please make sure your redirect_uri is identical to the one you used in the OAuth dialog request"),
			spentCode:        code(36009, "This authorization code has been used."),
			strangeGrantType: metaError{code: 100, message: "(#100) Param grant_type must be one of {AUTHORIZATION_CODE, FB_EXCHANGE_TOKEN}"}.reply(),
		},
		lacking: func(parameter string) reply {
			number := 100
			if parameter == "redirect_uri" {
				number = 191
			}
			return metaError{code: number, message: "Missing " + parameter + " parameter."}.reply()
		},
		denials: map[decision]string{deny: "access_denied"},
		errorPage: errorPage{
			Title: "Sorry, something went wrong",
			Text:  "Facebook Login is currently unavailable for this app, since its settings do not allow this request.",
		},

		mintAccess: func() string { return "EAAB" + random(180) },
		issued: func(i issue) any {
			return object{"access_token": i.access, "token_type": "bearer", "expires_in": i.expiresIn}
		},
		introspect: debugToken,

		resources: map[string]resource{
			"profile":     {path: "/{id}", serve: graph(readNode)},
			"pages":       {path: "/{id}/accounts", serve: graph(readPages)},
			"permissions": {path: "/{id}/permissions", serve: graph(readPermissions)},
			"revoke":      {method: http.MethodDelete, path: "/{id}/permissions", serve: graph(removeApp)},
		},
		barred:  metaBlocked.reply(),
		unknown: metaError{code: 2500, message: "Unknown path components"}.reply(),
		around:  metaVersions,
	}
}

// facebookScopes are the scopes asked for, or all of a configuration of
// Facebook Login for Business, which are granted as a whole.
func facebookScopes(d *dialect, q url.Values) (scopes []string, whole bool) {
	if q.Get("config_id") != "" && q.Get("scope") == "" {
		for _, l := range d.logins() {
			for _, s := range l.Scopes {
				scopes = append(without(scopes, []string{s.Name}), s.Name)
			}
		}
		return scopes, true
	}
	return append([]string{"public_profile"}, without(listed(q.Get("scope")), []string{"public_profile"})...), false
}

// facebookClient takes the credentials as parameters, and minds a code_verifier.
func facebookClient(r *http.Request, id, secret string) (refusal, bool) {
	switch {
	case r.Form.Get("client_id") == "":
		return lacksClient, true
	case r.Form.Get("client_id") != id:
		return badClient, true
	case r.Form.Get("client_secret") == "":
		return lacksSecret, true
	case r.Form.Get("client_secret") != secret:
		return badSecret, true
	}
	return strayVerifier, r.Form.Has("code_verifier")
}

// exchangeFacebook trades a token that works for one that lives long. Whether
// Facebook prolongs a long one is not documented; here it keeps its end.
func exchangeFacebook(s *Sandbox, d *dialect, form url.Values) reply {
	now := time.Now()
	t, g := s.state.find(accessToken, form.Get("fb_exchange_token"))
	if death, alive := metaJudge(d, t, g, now); !alive {
		return death.reply()
	}
	c := &graphCall{s: s, d: d, token: t, grant: g, now: now}
	if !t.Short {
		return c.prolong(t.Ends, nil)
	}
	return c.prolong(c.consented(), nil)
}

// sees reports whether the person ticked a Page or an Instagram account.
func (g *grant) sees(id string) bool { return g.Assets == nil || slices.Contains(g.Assets, id) }

// pages are those that the token reaches.
func (c *graphCall) pages() []facebookPage {
	if !c.granted("pages_show_list") || c.befallen(dismissed) {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(c.who.Pages), func(p facebookPage) bool {
		return !c.grant.sees(p.ID) || p.Portfolio && !c.granted("business_management")
	})
}

// linked is the Instagram account of a Page, if the token reaches it.
func (c *graphCall) linked(p facebookPage) (graphNode, bool) {
	if p.Instagram == nil || c.befallen(unlinked) || !c.grant.sees(p.Instagram.ID) || !c.granted("instagram_basic") || c.grant.dataEnded(c.now) {
		return graphNode{}, false
	}
	return graphNode{kind: "InstagramUser", fields: map[string]any{
		"id":                  p.Instagram.ID,
		"username":            p.Instagram.Username,
		"name":                p.Instagram.Name,
		"profile_picture_url": c.avatar(),
		"followers_count":     812,
		"follows_count":       97,
		"media_count":         64,
		"biography":           nil,
		"website":             nil,
	}}, true
}

func (c *graphCall) page(p facebookPage) graphNode {
	node := graphNode{
		kind:  "Page",
		usual: []string{"access_token", "category", "category_list", "name", "tasks"},
		fields: map[string]any{
			"id":                         p.ID,
			"name":                       p.Name,
			"username":                   nil,
			"category":                   p.Category,
			"category_list":              []object{{"id": "1103", "name": p.Category}},
			"tasks":                      p.Tasks,
			"access_token":               c.pageToken(p),
			"picture":                    c.picture(),
			"link":                       "https://www.facebook.com/" + p.ID,
			"fan_count":                  640,
			"followers_count":            655,
			"instagram_business_account": nil,
		},
	}
	if p.Username != "" {
		node.fields["username"] = p.Username
	}
	if account, ok := c.linked(p); ok {
		node.fields["instagram_business_account"] = account
	}
	return node
}

func (c *graphCall) picture() object {
	return object{"data": object{"url": c.avatar(), "is_silhouette": false, "width": 50, "height": 50}}
}

// pageToken returns a Page's own token, always the same for the same token of
// the person. It has no end, unless the person's is a short-lived one.
func (c *graphCall) pageToken(p facebookPage) string {
	if c.token.Page != "" {
		return c.text
	}
	text := "EAAB" + hash(p.ID+" "+c.text)
	if t, _ := c.s.state.find(pageToken, text); t == nil {
		var ends time.Time
		if c.token.Short {
			ends = c.token.Ends
		}
		c.s.state.add(c.grant, pageToken, text, c.now, ends).Page = p.ID
	}
	return text
}

// saved returns the answer once the state, with the Page tokens in it, is
// written.
func (c *graphCall) saved(answer reply) reply {
	if err := c.s.save(); err != nil {
		return ourFault(err)
	}
	return answer
}

func (c *graphCall) user() graphNode {
	first, last, _ := strings.Cut(c.who.Name, " ")
	return graphNode{
		kind:  "User",
		usual: []string{"name"},
		fields: map[string]any{
			"id":         c.who.Subject,
			"name":       c.who.Name,
			"first_name": first,
			"last_name":  last,
			"email":      nil,
			"picture":    c.picture(),
		},
	}
}

// self reports whether the path is about the token's person.
func (c *graphCall) self() bool {
	id := c.r.PathValue("id")
	return id == "me" && c.token.Page == "" || id == c.who.Subject
}

// readNode is GET /{id} for the person, a Page or an Instagram account; me is
// whose token it is.
func readNode(c *graphCall) reply {
	if c.self() {
		return appUsage(c.user().answer(c.r))
	}
	id := c.r.PathValue("id")
	if id == "me" {
		id = c.token.Page
	}
	for _, p := range c.pages() {
		if p.ID == id {
			return c.saved(businessUsage(c.page(p).answer(c.r), id, "pages"))
		}
		if p.Instagram == nil || p.Instagram.ID != id {
			continue
		}
		if c.grant.dataEnded(c.now) {
			return metaDataEnded.reply()
		}
		if account, ok := c.linked(p); ok {
			return businessUsage(account.answer(c.r), id, "instagram")
		}
	}
	if id == c.token.Page {
		return metaDeath(c.d, revokedToken, c.token, c.now).reply() // the Page was unticked since
	}
	return metaMissing(id)
}

// pagesAtOnce is the most Pages of one answer. Facebook may give fewer than the
// limit asked for; it always does here, so that whoever does not go on misses
// some.
const pagesAtOnce = 25

// readPages is GET /me/accounts.
func readPages(c *graphCall) reply {
	if !c.self() {
		return metaError{code: 100, message: "(#100) Tried accessing nonexisting field (accounts) on node type (Page)"}.reply()
	}
	pages := c.pages()
	if after, err := base64.RawURLEncoding.DecodeString(c.r.Form.Get("after")); err == nil && len(after) > 0 {
		last := slices.IndexFunc(pages, func(p facebookPage) bool { return p.ID == string(after) })
		pages = pages[last+1:]
	}
	limit := min(max(1, whole(c.r, "limit", pagesAtOnce)), pagesAtOnce)
	shown := pages[:min(limit, len(pages))]
	data := []object{}
	for _, p := range shown {
		fields, refused := c.page(p).read(c.r.Form.Get("fields"))
		if refused != nil {
			return *refused
		}
		data = append(data, fields)
	}
	answer := object{"data": data}
	if len(shown) > 0 {
		cursor := func(p facebookPage) string { return base64.RawURLEncoding.EncodeToString([]byte(p.ID)) }
		after := cursor(shown[len(shown)-1])
		paging := object{"cursors": object{"before": cursor(shown[0]), "after": after}}
		if len(shown) < len(pages) {
			paging["next"] = c.next(limit, after)
		}
		answer["paging"] = paging
	}
	return c.saved(appUsage(jsonReply(http.StatusOK, metaType, answer)))
}

// next is the address of the following Pages; like Facebook's it has the token
// in it.
func (c *graphCall) next(limit int, after string) string {
	q := url.Values{"access_token": {c.text}, "limit": {strconv.Itoa(limit)}, "after": {after}}
	if fields := c.r.Form.Get("fields"); fields != "" {
		q.Set("fields", fields)
	}
	return c.s.options.BackURL + c.r.URL.Path + "?" + q.Encode()
}

func readPermissions(c *graphCall) reply {
	if !c.self() {
		return metaMissing(c.r.PathValue("id"))
	}
	data := []object{}
	for _, scope := range c.grant.Scopes {
		data = append(data, object{"permission": scope, "status": "granted"})
	}
	for _, scope := range c.grant.Declined {
		data = append(data, object{"permission": scope, "status": "declined"})
	}
	return appUsage(jsonReply(http.StatusOK, metaType, object{"data": data}))
}

// removeApp ends all that the person granted to the app.
func removeApp(c *graphCall) reply {
	if !c.self() {
		return metaMissing(c.r.PathValue("id"))
	}
	c.grant.Revoked = true
	return c.saved(appUsage(jsonReply(http.StatusOK, metaType, object{"success": true})))
}

// debugToken is GET /debug_token with the app's own token, which is its id and
// its secret.
func debugToken(s *Sandbox, d *dialect, r *http.Request, now time.Time) reply {
	id, secret := s.credentials(d)
	if metaToken(r) != id+"|"+secret {
		return metaError{code: 190, message: "Invalid OAuth access token signature."}.reply()
	}
	if refused, ok := checkProof(r, secret, id+"|"+secret); !ok {
		return refused
	}
	text := r.Form.Get("input_token")
	if text == "" {
		return metaError{code: 100, message: "(#100) The parameter input_token is required"}.reply()
	}
	t, g := s.state.graphToken(text)
	if t != nil && g.Server != d.name {
		return metaError{code: 100, message: "(#100) The App_id in the input_token did not match the Viewing App"}.reply()
	}
	death, alive := metaJudge(d, t, g, now)
	if alive {
		return jsonReply(http.StatusOK, metaType, object{"data": debugged(t, g)})
	}
	problem := object{"code": death.code, "message": death.message}
	if death.subcode != 0 {
		problem["subcode"] = death.subcode
	}
	return jsonReply(http.StatusOK, metaType, object{"data": object{"error": problem, "is_valid": false, "scopes": []string{}}})
}

// debugged is what debug_token tells of a token that works.
func debugged(t *token, g *grant) object {
	data := object{
		"app_id":                 g.Client,
		"type":                   "USER",
		"application":            "Mooring",
		"expires_at":             0,
		"data_access_expires_at": g.DataEnds.Unix(),
		"is_valid":               true,
		"issued_at":              t.Since.Unix(),
		"scopes":                 g.Scopes,
		"granular_scopes":        granularScopes(g),
		"user_id":                g.Subject,
	}
	if !t.Ends.IsZero() {
		data["expires_at"] = t.Ends.Unix()
	}
	if t.Page != "" {
		data["type"], data["profile_id"] = "PAGE", t.Page
	}
	return data
}

// granularScopes names the Pages and Instagram accounts that a permission
// covers; without target_ids it covers all.
func granularScopes(g *grant) []object {
	list := []object{}
	for _, scope := range g.Scopes {
		instagram, pages := strings.HasPrefix(scope, "instagram_"), strings.HasPrefix(scope, "pages_")
		if !instagram && !pages && scope != "business_management" {
			continue
		}
		entry := object{"scope": scope}
		if g.Assets != nil && scope != "business_management" {
			entry["target_ids"] = slices.DeleteFunc(slices.Clone(g.Assets), func(id string) bool {
				return strings.HasPrefix(id, "1784") != instagram // as all ids of Instagram begin
			})
		}
		list = append(list, entry)
	}
	return list
}
