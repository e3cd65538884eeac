package sandbox

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"mooring/platforms"
)

// What the two servers of Meta share: the Graph API, its errors and versions.

const metaType = "application/json; charset=UTF-8"

// listed takes a list of scopes apart, which Meta takes with commas or spaces.
func listed(scopes string) []string {
	return strings.FieldsFunc(scopes, func(r rune) bool { return r == ',' || r == ' ' })
}

// metaTrace is Meta's id of a request, the same for all.
const metaTrace = "AbCdEfGhIjKlMnOpQrStUvW"

// What Meta knows of its people, and of the app that they meet. dismissed is
// about a role on a Page here.
const (
	wantsProof   trait = "proof"      // the app has Require App Secret
	checkpointed trait = "checkpoint" // has to log in at facebook.com, some time after the consent
	unlinked     trait = "unlinked"   // the Page from its Instagram account, some time after the consent
)

// metaError is an error of the Graph API and of Facebook Login.
type metaError struct {
	status        int // 0: 400
	code, subcode int
	kind          string // empty: OAuthException
	message       string
}

func (e metaError) object() object {
	fields := object{"message": e.message, "type": cmp.Or(e.kind, "OAuthException"), "code": e.code, "fbtrace_id": metaTrace}
	if e.subcode != 0 {
		fields["error_subcode"] = e.subcode
	}
	return fields
}

func (e metaError) reply() reply {
	return jsonReply(cmp.Or(e.status, http.StatusBadRequest), metaType, object{"error": e.object()})
}

var (
	metaNoToken = metaError{code: 2500, message: "An active access token must be used to query information about the current user."}
	// metaDataEnded is said of Instagram's data once the access to them has ended.
	// Meta documents the end and not its error; this is that of a permission
	// which is not there any more.
	metaDataEnded = metaError{status: http.StatusForbidden, code: 10, message: "(#10) Application does not have permission for this action"}
	metaBlocked   = metaError{code: 200, message: "API access blocked."}
)

// metaDeath is what Meta says of a token, or nil, that does not work.
func metaDeath(d *dialect, why deadness, t *token, now time.Time) metaError {
	const invalid = "Error validating access token: "
	switch why {
	case expiredToken:
		message := fmt.Sprintf("%sSession has expired on %s. The current time is %s.", invalid, pacific(t.Ends), pacific(now))
		return metaError{code: 190, subcode: 463, message: message}
	case revokedToken:
		id, _ := d.credentials()
		return metaError{code: 190, subcode: 458, message: invalid + "The user has not authorized application " + id + "."}
	case passwordChanged:
		return metaError{code: 190, subcode: 460, message: invalid + "The session has been invalidated because the user changed their password or Facebook has changed the session for security reasons."}
	}
	e := metaError{code: 190, message: "Invalid OAuth access token - Cannot parse access token"}
	if d.platform == platforms.Instagram {
		e.kind = "IGApiException"
	}
	return e
}

// metaJudge reports whether a token, or nil, works at a server of Meta's, and
// why not. The caller holds s.mu.
func metaJudge(d *dialect, t *token, g *grant, now time.Time) (death metaError, alive bool) {
	if why, alive := d.judge(t, g, now); !alive {
		return metaDeath(d, why, t, now), false
	}
	who, _ := d.person(g.Persona)
	after := caller{person: who, since: g.Since}
	switch {
	case after.befallen(checkpointed):
		return metaError{code: 190, subcode: 459, message: "Error validating access token: You cannot access the app till you log in to www.facebook.com and follow the instructions given."}, false
	case t.Page != "" && after.befallen(dismissed):
		return metaError{code: 190, subcode: 492, message: "Error validating access token: The user must be an administrator, editor, or moderator of the page in order to impersonate it."}, false
	}
	return metaError{}, true
}

// pacific spells an instant as Meta's messages do.
func pacific(at time.Time) string {
	return at.In(time.FixedZone("PST", -8*60*60)).Format("Monday, 02-Jan-06 15:04:05 MST")
}

func metaMissing(id string) reply {
	return metaError{code: 100, subcode: 33, kind: "GraphMethodException", message: fmt.Sprintf("Unsupported get request. Object with ID '%s' does not exist, cannot be loaded due to missing permissions, or does not support this operation.", id)}.reply()
}

// metaVersions plays the releases of the Graph API: one that has ended is
// served by the oldest that has not, and one that never was is an unknown path.
func metaVersions(h handler) handler {
	return func(d *dialect, r *http.Request) reply {
		asked := r.PathValue("version")
		if asked == "" {
			return h(d, r) // Instagram's tokens have no version in their paths
		}
		served, ok := servedVersion(d.login().Versions, asked, time.Now())
		if !ok {
			_, path, _ := strings.Cut(r.URL.Path, "/"+asked)
			return metaError{code: 2500, message: "Unknown path components: " + path}.reply()
		}
		return h(d, r).with("facebook-api-version", served)
	}
}

var versionName = regexp.MustCompile(`^v\d+\.\d$`)

// servedVersion is the release that answers for the one asked for; false if
// there never was such a one. known begins with the oldest.
func servedVersion(known []platforms.APIVersion, asked string, now time.Time) (string, bool) {
	alive := slices.DeleteFunc(slices.Clone(known), func(v platforms.APIVersion) bool {
		return !v.Ends.IsZero() && !now.Before(v.Ends)
	})
	named := func(v platforms.APIVersion) bool { return v.Name == asked }
	if slices.ContainsFunc(alive, named) {
		return asked, true
	}
	older := func(x, y string) bool { return len(x) < len(y) || len(x) == len(y) && x < y }
	ended := slices.ContainsFunc(known, named) || versionName.MatchString(asked) && older(asked, known[0].Name)
	return alive[0].Name, ended
}

// graphCall is a request to the Graph API with a token that works. It exists
// only while s.mu is held.
type graphCall struct {
	s     *Sandbox
	d     *dialect
	r     *http.Request
	text  string // the token's
	token *token
	grant *grant
	who   person
	now   time.Time
}

// graph serves a resource of the Graph API. The token comes in the header or as
// access_token.
func graph(answer func(c *graphCall) reply) func(*Sandbox, *dialect, *http.Request) reply {
	return func(s *Sandbox, d *dialect, r *http.Request) reply {
		s.mu.Lock()
		defer s.mu.Unlock()
		c := &graphCall{s: s, d: d, r: r, text: metaToken(r), now: time.Now()}
		if c.text == "" {
			return metaNoToken.reply()
		}
		c.token, c.grant = s.state.graphToken(c.text)
		if death, alive := metaJudge(d, c.token, c.grant, c.now); !alive {
			return death.reply()
		}
		c.who, _ = d.person(c.grant.Persona)
		if refused, ok := c.proven(); !ok {
			return refused
		}
		return answer(c)
	}
}

// graphToken finds a person's or a Page's token; nil for an unknown one.
func (st *state) graphToken(text string) (*token, *grant) {
	if t, g := st.find(accessToken, text); t != nil {
		return t, g
	}
	return st.find(pageToken, text)
}

// metaToken is the token of a request for a resource.
func metaToken(r *http.Request) string {
	if text, ok := bearerToken(r); ok {
		return text
	}
	return r.Form.Get("access_token")
}

// proven checks the appsecret_proof, which is demanded of some and has to be
// sound of all.
func (c *graphCall) proven() (reply, bool) {
	if c.r.Form.Get("appsecret_proof") == "" && (c.who.Trait == wantsProof || c.s.state.app(c.d).RequireProof) {
		return metaError{code: 100, kind: "GraphMethodException", message: "API calls from the server require an appsecret_proof argument"}.reply(), false
	}
	_, secret := c.s.credentials(c.d)
	return checkProof(c.r, secret, c.text)
}

// checkProof refuses an appsecret_proof that is not the token's.
func checkProof(r *http.Request, secret, token string) (reply, bool) {
	proof := r.Form.Get("appsecret_proof")
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(token))
	if proof != "" && proof != hex.EncodeToString(mac.Sum(nil)) {
		return metaError{code: 100, kind: "GraphMethodException", message: "Invalid appsecret_proof provided in the API argument"}.reply(), false
	}
	return reply{}, true
}

// granted reports whether the person granted a permission.
func (c *graphCall) granted(scope string) bool { return slices.Contains(c.grant.Scopes, scope) }

// befallen reports whether it has come to what the person's trait says.
func (c *graphCall) befallen(by trait) bool {
	return caller{person: c.who, since: c.grant.Since}.befallen(by)
}

// avatar is the address of a picture.
func (c *graphCall) avatar() string { return c.s.options.PublicURL + avatarPath(c.d, c.who.ID) }

// prolong answers with a new token that lives until then, and with scopes if
// there are any.
func (c *graphCall) prolong(ends time.Time, scopes []string) reply {
	access := c.d.mintAccess()
	c.s.state.add(c.grant, accessToken, access, c.now, ends)
	if err := c.s.save(); err != nil {
		return ourFault(err)
	}
	return jsonReply(http.StatusOK, metaType, c.d.issued(issue{
		access:    access,
		expiresIn: int(ends.Sub(c.now).Seconds()),
		scopes:    scopes,
		renewed:   true,
	}))
}

// consented is when a token ends that lives as long as the consent says.
func (c *graphCall) consented() time.Time {
	return c.now.Add(time.Duration(c.grant.Lifetime) * time.Second)
}

// appUsage adds the header on the app's own limit, in percent.
func appUsage(a reply) reply {
	return a.with("X-App-Usage", `{"call_count":7,"total_cputime":2,"total_time":3}`)
}

// businessUsage adds the header on the limit of a Page or an Instagram account.
func businessUsage(a reply, id, kind string) reply {
	usage, err := json.Marshal(map[string][]object{id: {{
		"type": kind, "call_count": 5, "total_cputime": 1, "total_time": 2, "estimated_time_to_regain_access": 0,
	}}})
	if err != nil {
		panic(fmt.Sprintf("encode a usage header: %v", err)) // strings and numbers only
	}
	return a.with("X-Business-Use-Case-Usage", string(usage))
}

// graphNode is an object of the Graph API.
type graphNode struct {
	kind   string         // its type, as errors call it
	usual  []string       // the fields of an answer to a request that names none
	fields map[string]any // a nil value: the field exists, and this object lacks it
}

// read returns the fields that a list names, and always the id. A field that
// its type does not have spoils the answer.
func (n graphNode) read(list string) (object, *reply) {
	wanted := fieldList(list)
	if len(wanted) == 0 {
		for _, name := range n.usual {
			wanted = append(wanted, field{name: name})
		}
	}
	out := object{"id": n.fields["id"]}
	for _, f := range wanted {
		value, ok := n.fields[f.name]
		if !ok {
			refused := metaError{code: 100, message: fmt.Sprintf("(#100) Tried accessing nonexisting field (%s) on node type (%s)", f.name, n.kind)}.reply()
			return nil, &refused
		}
		if inner, ok := value.(graphNode); ok {
			nested, refused := inner.read(f.inner)
			if refused != nil {
				return nil, refused
			}
			value = nested
		}
		if value != nil {
			out[f.name] = value
		}
	}
	return out, nil
}

// answer is the reply to a request for the node.
func (n graphNode) answer(r *http.Request) reply {
	out, refused := n.read(r.Form.Get("fields"))
	if refused != nil {
		return *refused
	}
	return jsonReply(http.StatusOK, metaType, out)
}

// field is one of a list of fields, with the list in its braces.
type field struct{ name, inner string }

// fieldList takes a list such as id,picture.width(96){url} apart.
func fieldList(list string) []field {
	var fields []field
	for list != "" {
		depth := 0
		item, rest := list, ""
		if end := strings.IndexFunc(list, func(r rune) bool {
			switch r {
			case '{', '(':
				depth++
			case '}', ')':
				depth--
			}
			return r == ',' && depth == 0
		}); end >= 0 {
			item, rest = list[:end], list[end+1:]
		}
		head, inner, _ := strings.Cut(item, "{")
		name, _, _ := strings.Cut(head, ".")
		fields = append(fields, field{strings.TrimSpace(name), strings.TrimSuffix(inner, "}")})
		list = rest
	}
	return fields
}
