// Package sandbox plays the social networks of package platforms on this
// machine, so that Mooring, its tests and its users' tests need no credentials
// and no network.
//
// A [Sandbox] is an http.Handler for everything under /sandbox/. Each
// authorization server lives under /sandbox/{server} with the paths,
// parameters, error bodies, rotation rules and headers of the real one; what is
// particular to it is a dialect, one file each. A server is named after the
// Callback of the login methods that it serves: Facebook Login, "meta", serves
// Facebook Pages and the Instagram accounts that are linked to them with one app
// and one set of grants, and Instagram Login, "instagram", other accounts.
// [Sandbox.Register] does what the operator does in a platform's console: it
// enters a redirect URI and hands out credentials and endpoints. A Sandbox is
// also an http.RoundTripper that answers requests without a socket, for tests
// inside a testing/synctest bubble.
//
// # Consent page
//
// The authorize endpoint shows a page without scripts. A program can send its
// form instead of a person: POST to the same address, query included, as
// application/x-www-form-urlencoded, and follow the redirect.
//
//	decision  approve; deny; cancel_login (LinkedIn: the login page was left)
//	persona   who consents, see below; default: the platform's first
//	scope     of TikTok, YouTube, Facebook and Instagram: one of those granted,
//	          to be repeated; default: all that were asked for
//	asset     of Facebook: the id of a Page or of an Instagram account that is
//	          linked to one, to be repeated; default: all that the person has
//	lifetime  of access tokens in seconds, or "custom"; default: the platform's
//	seconds   the lifetime if that is "custom"
//	refresh   yes or no: whether to issue a refresh token; default: as the
//	          platform does, but none with a lifetime under a minute, so that
//	          the account is seen to expire; testing (YouTube): one that ends
//	          after seven days
//
// Meta has no refresh tokens. Its first tokens live an hour or so and are to be
// exchanged for those that live as long as the consent says.
//
// Where a platform grants all scopes or none, those on the page are for reading.
// An authorization request that a platform answers with an error page of its
// own (unknown client, foreign redirect URI, missing challenge) gets one here,
// and no callback.
//
// # Personas
//
// Each shows what a platform can find in life. Some are well at first, and a
// minute after the consent, or once it was aged, it has come to what is said of
// them.
//
//	X          rowan, mika; pell, verified, whose posts only followers see;
//	           vera, suspended after a minute
//	LinkedIn   ines, who administers two organisations; tomas, who has none;
//	           runa, no more than content admin after a minute; odd, without
//	           any role after a minute
//	YouTube    ada; sails and workshop, two channels of one person; noel, without
//	           a channel; edda, whose phone number is not confirmed; bo, suspended
//	           after a minute; pia, who is stopped because the app is in Testing
//	TikTok     mina; joris, banned from posting; finn, who has posted as much as
//	           he may; ayla, who meets an app without audit; sol, who meets one by
//	           which too many others post
//	Facebook   greta, two Pages, one with an Instagram account; odd, thirty Pages,
//	           one of them in a business portfolio and with an Instagram account;
//	           nora, without a Page; tess, who may not post; yusuf, who meets an
//	           app with Require App Secret; liv, without her role after a minute;
//	           emil, who has to log in at Facebook after a minute; sana, whose
//	           Instagram account is linked to her Page for a minute; ivo, who is
//	           stopped because the app is in Development mode
//	Instagram  juno, a business; ravi, a creator, about whom answers come in their
//	           other shapes; lotte, a personal account; mads, who has one after a
//	           minute; kai, who is no tester of the app
//	Pinterest  oak, a business; lena, a personal account; nova, a business without
//	           a board; wren, who meets an app with Trial access
//
// # Control
//
// Everything under /sandbox/api speaks JSON; a POST must say so in its
// Content-Type, and pages of other origins are refused. A platform is meant by
// its id or its server's name, and all are where there is none. An error says
// what would be possible. docs/sandbox.md has examples.
//
//	GET               /sandbox/api/apps               see App
//	POST              /sandbox/api/apps/{platform}    {"suspended", "secret",
//	                  "requireProof", "redirectUris", "webhooks"}, as in its
//	                  console; webhooks are addresses by event
//	POST, DELETE      /sandbox/api/consent            answer consent pages by
//	                  itself: {"platform", "decision", "persona", "lifetime",
//	                  "refresh", "scopes", "assets"}
//	GET               /sandbox/api/grants             who consented to what, see
//	                  Grant; ?platform=, ?persona=, ?subject=
//	POST              /sandbox/api/grants/{id}/age    {"expiresInSeconds"}
//	POST              /sandbox/api/grants/{id}/shrink {"scopes"}, the ones left
//	POST              /sandbox/api/grants/{id}/expire-refresh
//	POST              /sandbox/api/grants/{id}/end-data-access, of Facebook
//	POST              /sandbox/api/grants/{id}/revoke now, {"at"} or {"inSeconds"};
//	                  now, the app's webhooks are told, with {"deleteData": true}
//	                  that of Meta's for it as well
//	POST              /sandbox/api/grants/{id}/password
//	GET, POST, DELETE /sandbox/api/faults             what goes wrong next, see
//	                  Fault
//	GET, DELETE       /sandbox/api/requests           what was asked, see Request;
//	                  ?platform=, ?endpoint=, ?grantType=, ?grant=, ?method=
//	GET               /sandbox/api/requests/count     how much of it
//
// Endpoints are named authorize, token, revoke, introspect, profile,
// organizationAcls, organizationsLookup, creatorInfo, pins, pages and
// permissions (Facebook), exchange and refresh (Instagram); "api" is any resource
// call. debug_token is introspect. [Options] name a script, a JSON file with
// lists of apps, consents and faults to begin with.
//
// # Fidelity
//
// X: HTTP Basic on token and revoke; S256 demanded and verified; codes live 30
// seconds and work once; refresh tokens work once, and replaying a spent one
// kills the grant; access tokens live two hours. LinkedIn: credentials in the
// form, Basic is invalid_client; no challenge; codes live 30 minutes; access
// tokens live 60 days; refresh tokens only for partners, 365 days from the
// consent, never another value; a consent with another scope set ends the
// member's earlier tokens; LinkedIn-Version is demanded and checked. TikTok:
// client_key in the form; a hexadecimal S256 challenge for redirect URIs of
// localhost, which need a port, and none for others, which need https; codes
// hold characters that are encoded in a form, and live ten minutes; refusals of
// the OAuth endpoints come with 200; refresh tokens work once and live 180
// days; the profile's fields must be named and covered by the scopes; revoking
// one access token ends all that the person granted. Pinterest: HTTP Basic; no
// challenge; codes live ten minutes; refresh tokens work once, live 60 days,
// and are issued only to an exchange with continuous_refresh=true; access
// tokens live 30 days; errors are numbers; there is no revocation. YouTube:
// credentials in the form or as HTTP Basic; a challenge is verified where one
// was sent; refresh tokens only with access_type=offline, at the first consent
// or with prompt=consent, and they never change; all scopes but openid can be
// unticked, and the answer has them in another order; a token belongs to one
// channel; tokeninfo names the person where openid was granted; revoking any
// token ends all that the person granted. Facebook: credentials as parameters
// of POST or GET; a code_verifier is refused; codes live ten minutes; the first
// token lives 90 minutes and can be exchanged until then; a person has one
// grant for all the app's platforms, in which what was declined is asked again
// only with auth_type=rerequest; a config_id grants all or nothing; Pages show
// if they were ticked, at most 25 at a time, and those of a portfolio with
// business_management; a Page's token never ends by itself if it was read with
// a long-lived one; appsecret_proof is checked where one is sent; 90 days after
// the last consent Instagram's data are given no more, while the Pages' go on,
// and only a consent with auth_type=reauthorize brings them back; releases of
// the API that have ended are served by the oldest that has not, and unknown
// ones are unknown
// paths; DELETE /me/permissions removes the app. Instagram: the Meta app's id
// and bodies that are no form are an "Invalid platform app"; codes live an hour
// and come with #_ at their end, which is no part of them; the first token
// lives an hour; long-lived ones renew themselves once they are a day old.
//
// Simplified: X takes plain challenges, too; YouTube never ends refresh tokens
// for being idle or too many, and how long its codes live is not documented;
// LinkedIn skips its page where the same grant exists; how long TikTok's codes
// live is not known; rate headers never reach zero without a fault; Facebook
// lets a long-lived token keep its end when it is exchanged again, pages only
// forwards, says that the access to Instagram's data has ended as it says that a
// permission is missing (the words are not documented), and takes http for
// redirect URIs, as Instagram does. Answers are held against the recordings in
// platforms/testdata.
//
// State is kept in one JSON file, written whole after each change; tokens are
// in it as hashes. Faults and recorded requests are in memory only.
package sandbox

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"mooring/platforms"
)

// Prefix is the path under which a Sandbox is to be mounted.
const Prefix = "/sandbox/"

// Options configure a Sandbox.
type Options struct {
	// PublicURL is how a browser reaches the server that mounts the Sandbox,
	// without Prefix and trailing slash: http://localhost:33766.
	PublicURL string
	// BackURL is how Mooring itself reaches it; empty: PublicURL.
	BackURL string
	// File keeps the state; empty: memory.
	File string
	// Script is a JSON file with the apps, consents and faults to begin with;
	// empty: none.
	Script string
	// AutoApprove answers every consent page with the first persona's approval.
	AutoApprove bool
	// LinkedInPartner issues LinkedIn's refresh tokens unless the page says no.
	LinkedInPartner bool
	// OnAge, if set, is called after a grant's access token was aged, with the
	// token's new end.
	OnAge func(platformID, subject string, accessEnds time.Time)
}

// Sandbox plays the platforms. It is safe for concurrent use and starts no
// goroutines.
type Sandbox struct {
	options   Options
	dialects  []*dialect
	endpoints map[string][]string // names, by server
	handler   http.Handler

	mu        sync.Mutex
	state     state
	redirects map[string][]string // registered, by client id
	faults    []*Fault
	requests  []*Request
	consents  map[string]consent // automatic ones, by platform or server; "" is any
}

// New returns a Sandbox with the state of options.File, if there is any. The
// errors are of the file and the script: unreadable, or not what a Sandbox
// wrote.
func New(options Options) (*Sandbox, error) {
	options.BackURL = cmp.Or(options.BackURL, options.PublicURL)
	s := &Sandbox{
		options:   options,
		dialects:  []*dialect{twitter(), linkedIn(options.LinkedInPartner), youTube(), tikTok(), pinterest(), facebook(), instagramLogin()},
		endpoints: make(map[string][]string),
		redirects: make(map[string][]string),
		consents:  make(map[string]consent),
	}
	if options.AutoApprove {
		s.consents[""] = consent{Decision: approve}
	}
	var err error
	if s.state, err = load(options.File); err != nil {
		return nil, err
	}
	for _, g := range s.state.Grants {
		if s.server(g.Server) == nil {
			return nil, fmt.Errorf("the sandbox's state in %s is damaged (delete the file to start afresh): a grant of the unknown server %q", options.File, g.Server)
		}
	}
	s.handler = s.routes()
	if err := s.runScript(options.Script); err != nil {
		return nil, err
	}
	return s, nil
}

// Client is an app registered at a server of the Sandbox.
type Client struct {
	ID        string
	Secret    platforms.Secret
	Endpoints platforms.Endpoints
}

// Register enters redirect URIs for Mooring's app at a login method and
// returns the app, which login methods with the same Callback share.
// Credentials are the same at each start, unless the secret is rotated. It
// reports false for a login method that the Sandbox does not play.
func (s *Sandbox) Register(l *platforms.Login, redirectURIs ...string) (Client, bool) {
	d := s.server(l.Callback)
	if d == nil {
		return Client{}, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.addRedirects(d, redirectURIs)
	id, secret := s.credentials(d)
	return Client{
		ID:     id,
		Secret: platforms.NewSecret(secret),
		Endpoints: platforms.Endpoints{
			Authorize:  s.options.PublicURL + d.local(l.Endpoints.Authorize),
			Token:      s.options.BackURL + d.local(l.Endpoints.Token),
			Revoke:     onlyIf(l.Endpoints.Revoke, s.options.BackURL+d.local(l.Endpoints.Revoke)),
			Introspect: onlyIf(l.Endpoints.Introspect, s.options.BackURL+d.local(l.Endpoints.Introspect)),
			API:        s.options.BackURL + d.local(l.Endpoints.API),
		},
	}, true
}

// server returns the one with that name, or nil.
func (s *Sandbox) server(name string) *dialect {
	for _, d := range s.dialects {
		if d.name == name {
			return d
		}
	}
	return nil
}

// local is the path at which a platform's endpoint is played. Its {version}, if
// there is one, is a wildcard of http.ServeMux as well.
func (d *dialect) local(endpoint string) string {
	u, err := url.Parse(endpoint)
	if err != nil {
		panic(fmt.Sprintf("endpoint of %s: %v", d.name, err)) // the catalogue's contract test excludes it
	}
	return Prefix + d.name + u.Path
}

// exactly is the pattern of a path and nothing below it.
func exactly(path string) string {
	if strings.HasSuffix(path, "/") {
		return path + "{$}"
	}
	return path
}

func onlyIf(condition, value string) string {
	if condition == "" {
		return ""
	}
	return value
}

// ServeHTTP answers requests under Prefix.
func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

func (s *Sandbox) routes() http.Handler {
	mux := http.NewServeMux()
	for _, d := range s.dialects {
		l := d.login()
		around := d.around
		if around == nil {
			around = func(h handler) handler { return h }
		}
		play := func(method, endpoint, name string, h handler) {
			if endpoint != "" {
				mux.Handle(method+" "+exactly(d.local(endpoint)), s.play(d, name, h))
			}
		}
		play("GET", l.Endpoints.Authorize, "authorize", s.askConsent)
		play("POST", l.Endpoints.Authorize, "authorize", s.takeConsent)
		play("POST", l.Endpoints.Token, "token", around(s.token))
		play("POST", l.Endpoints.Introspect, "introspect", around(s.introspect))
		if d.byGet {
			play("GET", l.Endpoints.Token, "token", around(s.token))
			play("GET", l.Endpoints.Introspect, "introspect", around(s.introspect))
		}
		if d.revoke != nil {
			play("POST", l.Endpoints.Revoke, "revoke", s.revoke)
		}
		for name, resource := range d.resources {
			play(cmp.Or(resource.method, "GET"), l.Endpoints.API+resource.path, name, around(s.resource(resource)))
		}
		mux.Handle(Prefix+d.name+"/", s.play(d, "api", unknownResource))
		mux.HandleFunc("GET "+avatarPath(d, "{persona}"), d.avatar)
	}
	s.control(mux)
	return http.NewCrossOriginProtection().Handler(mux)
}
