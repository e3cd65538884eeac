package sandbox

import (
	"cmp"
	"encoding/json"
	"fmt"
	"html"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"mooring/platforms"
)

// dialect is an authorization server with its API: what sets it apart from the
// others. It serves every login method of the catalogue with its name as
// Callback, so that platforms which share an app share its grants, too.
type dialect struct {
	name     string              // also its place under Prefix
	platform *platforms.Platform // as which it shows itself to people
	people   []person
	scopes   []string // further ones than the catalogue asks for

	// clientID is the client id's parameter; empty: client_id.
	clientID string
	// registrable reports whether the console takes a redirect URI; nil: any.
	registrable func(redirect *url.URL) bool
	// asked returns the scopes of an authorization request, and whether they are
	// to be had as a whole only; nil: those of the parameter scope, and no.
	asked   func(d *dialect, q url.Values) (scopes []string, whole bool)
	partial bool     // people may untick scopes
	fixed   []string // the scopes that cannot be unticked all the same
	// standing is set where a person has one grant, which further consents
	// change. What was declined is then asked again only with
	// auth_type=rerequest.
	standing bool

	codeLife time.Duration
	codeForm []string // parameters that the exchange needs
	codeTail string   // what codes end in
	codeGlue string   // what the callback appends to a code, although it is no part of it
	// grantedTo is the callback's parameter with the granted scopes; empty: none.
	grantedTo string
	callback  map[string]string // its further parameters beside a code
	denied    map[string]string // its further parameters beside a denial
	fragment  string            // of the callback
	// challenge returns what makes a verifier the challenge that is demanded of
	// a client with that redirect URI; nil: none is looked at.
	challenge   func(redirect string) func(verifier string) string
	volunteered bool // the challenge is only looked at where one is sent
	rotates     bool // each refresh token works once
	replayEnds  bool // replaying a spent refresh token ends the grant
	refreshLife time.Duration
	// refreshScope is the scope that earns a refresh token, and refreshParam
	// what the exchange has to set to true for it; empty: nothing is needed.
	refreshScope, refreshParam string
	refreshes                  bool // refresh tokens are issued unless the page says otherwise
	// offline reports whether an authorization request earns a refresh token of
	// somebody who has or has not consented before; nil: each does.
	offline func(q url.Values, before bool) bool
	// testingLife is how long refresh tokens live of an app that the platform
	// has in testing; 0: there is no such state.
	testingLife time.Duration
	// shortLife is that of a code's access token, which has to be exchanged for
	// one that lives as long as the consent says; 0: it does from the start.
	shortLife time.Duration
	// dataAccess is how long after a consent the API gives all that was granted,
	// and not only what is exempt; 0: always. Once over it is renewed only with
	// auth_type=reauthorize.
	dataAccess time.Duration
	// oneScopeSet ends a person's earlier tokens when the scope set changes.
	oneScopeSet bool
	// outlivesPassword keeps grants alive when the person changes the password.
	outlivesPassword bool

	contentType string // of the OAuth endpoints
	proves      bool   // the API checks a proof of the app's secret
	byGet       bool   // they take GET, too
	// trades are what the token endpoint does by grant_type; nil: what RFC 6749
	// says.
	trades map[string]trade
	// authenticate checks the client's credentials in r.
	authenticate func(r *http.Request, id, secret string) (refusal, bool)
	refusals     map[refusal]reply
	// lacking refuses a request without a parameter.
	lacking func(parameter string) reply
	// denials are the callback's error codes by decision.
	denials map[decision]string
	// strangeScope is the callback's error to a scope the app may not ask for;
	// empty: an error page.
	strangeScope string
	errorPage    errorPage

	mintAccess, mintRefresh func() string
	// issued is the token endpoint's answer.
	issued     func(issue) any
	openRevoke bool // revocation takes no credentials of the client
	// introspect answers about a token, with s.mu held; nil: as RFC 7662 says.
	introspect func(s *Sandbox, d *dialect, r *http.Request, now time.Time) reply
	// revoke ends what a token stands for; false for one that works no longer.
	// nil: revocation, if there is any, is not that of RFC 7009 but a resource.
	revoke  func(st *state, token string, now time.Time) bool
	revoked any // the revocation endpoint's answer

	resources map[string]resource // by endpoint name
	// dead is the API's answer to a token that does not work; nil where all
	// resources serve themselves.
	dead func(deadness) reply
	// barred is the API's answer while the app is suspended; without a status:
	// as if no token worked.
	barred  reply
	unknown reply // the API's answer to a path it lacks
	// webhooks are what it tells of its own accord, by event.
	webhooks map[string]webhook
	// around, if set, is put around everything but the consent page.
	around func(handler) handler
}

// person is somebody who can consent.
type person struct {
	ID, Subject    string
	Name, Username string
	About          string
	Trait          trait
	Barred         string // why the platform stops this person on a page of its own
	Organizations  []organization
	Channel        string // the id; empty: none
	Pages          []facebookPage
}

// trait is what a platform finds particular about a person; each dialect has
// its own.
type trait string

type organization struct {
	ID     int
	Name   string
	Vanity string
}

// refusal is a reason for which the token endpoint says no.
type refusal int

const (
	badClient refusal = iota
	badSecret
	lacksClient
	lacksSecret
	unknownCode
	deadCode
	spentCode // where the platform tells it from deadCode
	wrongRedirect
	strangeRedirect // not on the app's list, where the platform tells it from wrongRedirect
	wrongVerifier
	lacksVerifier // where the platform tells it from wrongVerifier
	strayVerifier // where the platform minds
	barredPerson  // by the state of the app
	deadRefresh
	deadToken    // to be revoked
	suspendedApp // where the platform tells it from badClient
	strangeGrantType
	malformed
)

// deadness is why an access token does not work.
type deadness int

const (
	noToken deadness = iota
	unknownToken
	expiredToken
	revokedToken
	passwordChanged // most platforms say no more than that it was revoked
)

// issue is what the token endpoint has to tell.
type issue struct {
	access, refresh  string // refresh: empty if there is none
	expiresIn        int
	refreshExpiresIn int
	scopes           []string
	client           string
	subject          string
	trait            trait // the person's
	renewed          bool  // by a refresh token, not by a code
	now              time.Time
}

// resource is one path of a platform's API.
type resource struct {
	method string // empty: GET
	path   string
	// permits reports whether the scopes suffice; refused answers if not.
	permits func(scopes []string) bool
	refused reply
	// precondition, if set, looks at the request's headers.
	precondition func(r *http.Request) (refused reply, ok bool)
	answer       func(r *http.Request, c caller) reply
	// serve, if set, does all of this in its own way.
	serve func(s *Sandbox, d *dialect, r *http.Request) reply
}

// caller is whose access token a request for a resource has.
type caller struct {
	person
	scopes []string
	since  time.Time // of the consent
	avatar string    // the picture's address
}

// honeymoon is how long things go well for people whom something befalls after
// they have connected.
const honeymoon = time.Minute

// befallen reports whether it has come to what the person's trait says.
func (c caller) befallen(by trait) bool {
	return c.Trait == by && time.Since(c.since) >= honeymoon
}

// errorPage is the text of a platform's own page for a broken request.
type errorPage struct{ Title, Text string }

func (d *dialect) credentials() (id, secret string) {
	return "sandbox-" + d.name, "sandbox-" + d.name + "-secret"
}

// idParam is the name of the client id's parameter.
func (d *dialect) idParam() string { return cmp.Or(d.clientID, "client_id") }

// logins are the login methods that the server serves, with their platforms, in
// recommended order.
func (d *dialect) logins() iter.Seq2[*platforms.Platform, *platforms.Login] {
	return func(yield func(*platforms.Platform, *platforms.Login) bool) {
		for _, p := range platforms.All() {
			for _, l := range p.Logins {
				if l.Callback == d.name && !yield(p, l) {
					return
				}
			}
		}
	}
}

// login is the first of the login methods, whose endpoints and lifetimes are
// those of the others as well.
func (d *dialect) login() *platforms.Login {
	for _, l := range d.logins() {
		return l
	}
	panic("no login method has the callback " + d.name) // a test registers every login method
}

// platformIDs are those of the platforms that the server serves.
func (d *dialect) platformIDs() []string {
	var ids []string
	for p := range d.logins() {
		ids = append(ids, p.ID)
	}
	return slices.Compact(ids)
}

// connecting names what scopes connect: each of the server's platforms that has
// one of them to itself, or else the one as which the server shows itself.
func (d *dialect) connecting(scopes []string) string {
	owners := make(map[string][]string)
	for p, l := range d.logins() {
		for _, s := range l.Scopes {
			owners[s.Name] = append(owners[s.Name], p.DisplayName)
		}
	}
	var names []string
	for _, scope := range scopes {
		if o := owners[scope]; len(o) == 1 && !slices.Contains(names, o[0]) {
			names = append(names, o[0])
		}
	}
	if len(names) == 0 {
		return d.platform.DisplayName
	}
	slices.Sort(names)
	return strings.Join(names, " and ")
}

// onlyPlatform is the platform that a request to the server is about; empty
// where it serves several.
func (d *dialect) onlyPlatform() string {
	if ids := d.platformIDs(); len(ids) == 1 {
		return ids[0]
	}
	return ""
}

// means reports whether a name in the control API means the server: its own, a
// platform's that it serves, or an empty one, which means any.
func (d *dialect) means(name string) bool {
	return name == "" || name == d.name || slices.Contains(d.platformIDs(), name)
}

// person returns the one with that id, an empty id being the first.
func (d *dialect) person(id string) (person, bool) {
	for _, p := range d.people {
		if id == "" || p.ID == id {
			return p, true
		}
	}
	return person{}, false
}

// describe returns what the catalogue says of a scope; false for one that it
// does not ask for.
func (d *dialect) describe(scope string) (platforms.Scope, bool) {
	for _, l := range d.logins() {
		for _, s := range l.Scopes {
			if s.Name == scope {
				return s, true
			}
		}
	}
	return platforms.Scope{Name: scope, Purpose: scope}, false
}

// knows reports whether a scope exists at the server.
func (d *dialect) knows(scope string) bool {
	_, asked := d.describe(scope)
	return asked || slices.Contains(d.scopes, scope)
}

// reply is an answer before it is sent, or kept from being sent.
type reply struct {
	status int
	header http.Header
	body   []byte
}

func (a reply) write(w http.ResponseWriter) {
	for name, values := range a.header {
		w.Header()[name] = values
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // whoever asked may be gone
}

// with returns the reply with one more header.
func (a reply) with(name, value string) reply {
	a.header = a.header.Clone()
	a.header.Set(name, value)
	return a
}

// object is a JSON object of an answer.
type object map[string]any

func jsonReply(status int, contentType string, body any) reply {
	data, err := json.Marshal(body)
	if err != nil {
		panic(fmt.Sprintf("encode an answer: %v", err)) // all bodies are objects and structs of this package
	}
	return reply{status, http.Header{"Content-Type": {contentType}}, data}
}

func redirect(to string, parameters url.Values, fragment string) reply {
	separator := "?"
	if strings.Contains(to, "?") {
		separator = "&"
	}
	return reply{http.StatusFound, http.Header{
		"Location":      {to + separator + parameters.Encode() + fragment},
		"Cache-Control": {"no-store"},
	}, nil}
}

func avatarPath(d *dialect, persona string) string {
	return Prefix + "avatar/" + d.name + "/" + persona
}

// avatar draws a person's initials.
func (d *dialect) avatar(w http.ResponseWriter, r *http.Request) {
	who, ok := d.person(r.PathValue("persona"))
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "image/svg+xml")
	w.Header().Set("Content-Security-Policy", "default-src 'none'")
	fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96"><rect width="96" height="96" fill="%s"/>`+
		`<text x="48" y="60" font-family="sans-serif" font-size="34" fill="#fff" text-anchor="middle">%s</text></svg>`,
		html.EscapeString(d.platform.Color), html.EscapeString(who.Initials()))
}

// Initials are the first letters of the names.
func (p person) Initials() string {
	var b strings.Builder
	for name := range strings.FieldsSeq(p.Name) {
		b.WriteString(name[:1])
	}
	return b.String()
}
