package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/joho/godotenv"

	"mooring/accounts"
	"mooring/auth"
	"mooring/platforms"
	"mooring/vault"
)

// config is the environment, read and checked.
type config struct {
	listen         string
	brand          brand
	publicURL      string // "" until the listener says which port
	databaseURL    string
	key            vault.Key // zero: not given
	keyFile        string
	jwt            auth.JWT
	oidc           auth.OIDC // Issuer "": none
	signIn         string    // auto or on
	sandbox        string    // auto, on or off
	sandboxFile    string
	sandboxScript  string
	expiringWithin time.Duration
	refresh        string // on or off
	refreshAhead   time.Duration
	refreshSlots   int
	refreshRate    int
	probeEvery     time.Duration
	probeFailures  int
	probeSuccesses int
	lease          time.Duration
	httpTimeout    time.Duration
	origins        []string // that may call from a browser
	returnTo       []string // origins an attempt may return to
	checkNetwork   string   // on or off
	eventsKeep     time.Duration
	activityKeep   time.Duration
	maxSockets     int
	limits
	privateNetworks string // on or off
	metricsToken    string
	logLevel        slog.Level
	logFormat       string
	credentials     map[string]*credentials // by platforms.Env.Prefix
	unknown         []string                // MOORING_ variables that are no settings
}

// credentials are the operator's app for the login methods of one prefix, and
// the addresses that stand in for the platform's own.
type credentials struct {
	id, secret, nextSecret, redirectURI, version string
	options                                      map[string]string
	endpoints                                    platforms.Endpoints
}

// given are the credentials for a login method.
func (c *config) given(l *platforms.Login) *credentials { return c.credentials[l.Env.Prefix] }

// ready reports whether the operator has given an app.
func (c *credentials) ready() bool { return c.id != "" && c.secret != "" }

// setting is one variable of the environment. The README has a table of those
// that are Mooring's own, docs/platforms of each platform's.
type setting struct {
	name     string
	fallback string // as documented and parsed; "" leaves the zero value
	example  string
	doc      string
	secret   bool // never shown, not even in an error
	parse    func(*config, string) error
}

// settings lists the variables that Mooring reads, those of the platforms last.
func settings() []setting {
	all := ownSettings()
	seen := map[string]bool{}
	for _, p := range platforms.All() {
		for _, l := range p.Logins {
			for _, s := range loginSettings(p, l) {
				if !seen[s.name] {
					seen[s.name] = true
					all = append(all, s)
				}
			}
		}
	}
	return all
}

// ownSettings are the variables that have nothing to do with a platform.
func ownSettings() []setting {
	return append([]setting{
		{
			name: "MOORING_LISTEN", fallback: "127.0.0.1:33766", example: "127.0.0.1:33766",
			doc: "Address to listen on. Anything but this machine needs authentication.",
			parse: func(c *config, v string) error {
				if _, _, err := net.SplitHostPort(v); err != nil {
					return errors.New("is not host:port")
				}
				c.listen = v
				return nil
			},
		},
		{
			name: "MOORING_PUBLIC_URL", example: "https://mooring.example.com",
			doc: "How browsers and platforms reach the server. Default: `http://localhost` with the port listened on.",
			parse: func(c *config, v string) error {
				origin, err := accounts.Origin(v)
				if err != nil {
					return err
				}
				if strings.TrimSuffix(v, "/") != origin {
					return errors.New("has a path; Mooring is served from the root of a host")
				}
				c.publicURL = origin
				return nil
			},
		},
		{
			name: "MOORING_BRAND_NAME", fallback: "Mooring", example: "Acme Social",
			doc:   "What people know the installation by: on the pages that they see, in instructions for them, and in the dashboard.",
			parse: func(c *config, v string) error { c.brand.name = v; return nil },
		},
		{
			name: "MOORING_BRAND_COLOR", example: "#0f766e",
			doc:   "The colour of buttons and links there. Text upon it is black or white, and links are darkened or lightened until they can be read.",
			parse: func(c *config, v string) (err error) { c.brand.color, err = parseColor(v); return err },
		},
		{
			name: "MOORING_BRAND_LOGO", example: "https://cdn.example.com/logo.svg",
			doc:   "The logo there, and in the browser's tab: an `https` address, or a file (SVG, PNG, JPEG, WebP or GIF), which Mooring then serves itself.",
			parse: func(c *config, v string) (err error) { c.brand.logo, err = parseLogo(v); return err },
		},
		{
			name: "DATABASE_URL", fallback: "sqlite:mooring.db", example: "postgres://mooring:password@db/mooring", secret: true,
			doc:   "`sqlite:FILE` or a `postgres://` address.",
			parse: func(c *config, v string) error { c.databaseURL = v; return checkDatabaseURL(v) },
		},
		{
			name: "MOORING_KEY", example: "the output of `mooring keys generate`", secret: true,
			doc:   "Seals the key ring: 32 random bytes in base64. Sandbox mode makes one in `mooring.key` if none is given.",
			parse: func(c *config, v string) (err error) { c.key, err = vault.ParseKey(v); return err },
		},
		{
			name: "MOORING_KEY_FILE", example: "/run/secrets/mooring.key",
			doc:   "A file that holds the key instead.",
			parse: func(c *config, v string) error { c.keyFile = v; return nil },
		},
		{
			name: "MOORING_JWT_SECRET", example: "32 random bytes or more", secret: true,
			doc: "Callers authenticate with HS256 tokens under this secret.",
			parse: func(c *config, v string) error {
				c.jwt.Secret = v
				return checkJWT(auth.JWT{Secret: v})
			},
		},
		{
			name: "MOORING_JWT_JWKS_URL", example: "https://id.example.com/.well-known/jwks.json",
			doc:   "Callers authenticate with tokens under the keys published here.",
			parse: func(c *config, v string) error { c.jwt.JWKSURL = v; return checkURL(v) },
		},
		{
			name: "MOORING_JWT_ISSUER", example: "https://id.example.com",
			doc:   "What `iss` must be. Alone: an OpenID Connect issuer, whose keys are discovered.",
			parse: func(c *config, v string) error { c.jwt.Issuer = v; return nil },
		},
		{
			name: "MOORING_JWT_AUDIENCE", example: "mooring",
			doc:   "What `aud` must contain.",
			parse: func(c *config, v string) error { c.jwt.Audience = v; return nil },
		},
		{
			name: "MOORING_JWT_CLAIM_WORKSPACE", fallback: "workspace", example: "org_id",
			doc:   "The claim that names the workspace.",
			parse: func(c *config, v string) error { c.jwt.WorkspaceClaim = v; return nil },
		},
		{
			name: "MOORING_JWT_CLAIM_ROLE", fallback: "role", example: "org_role",
			doc:   "The claim that names the role: owner, admin, member, viewer or service. Without the claim the members of the workspace decide, and a newcomer is a member.",
			parse: func(c *config, v string) error { c.jwt.RoleClaim = v; return nil },
		},
		{
			name: "MOORING_OIDC_ISSUER", example: "https://id.example.com",
			doc: "Where people sign in: an OpenID Connect provider, as it writes its issuer. Its redirect URI is the public URL with `/login/callback`.",
			parse: func(c *config, v string) error {
				c.oidc.Issuer = v
				u, err := url.Parse(v)
				if err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Host)) {
					return errors.New("is no https address")
				}
				return nil
			},
		},
		{
			name: "MOORING_OIDC_CLIENT_ID", example: "mooring",
			doc:   "The client registered there.",
			parse: func(c *config, v string) error { c.oidc.ClientID = v; return nil },
		},
		{
			name: "MOORING_OIDC_CLIENT_SECRET", example: "the client's secret", secret: true,
			doc:   "Its secret.",
			parse: func(c *config, v string) error { c.oidc.ClientSecret = v; return nil },
		},
		{
			name: "MOORING_SIGN_IN", fallback: "auto", example: "on",
			doc: "`auto`: callers say who they are where a `MOORING_JWT_` or `MOORING_OIDC_` setting says how; " +
				"`on`: in any case, people by the links of `mooring signin-link` and invitations, and back ends by API keys.",
			parse: func(c *config, v string) error { c.signIn = v; return oneOf(v, "auto", "on") },
		},
		{
			name: "MOORING_SANDBOX", fallback: "auto", example: "off",
			doc: "`auto`: platforms are played on this machine while neither platform credentials nor authentication are configured; " +
				"`on`: platforms without credentials are played; `off`.",
			parse: func(c *config, v string) error { c.sandbox = v; return oneOf(v, "auto", "on", "off") },
		},
		{
			name: "MOORING_SANDBOX_FILE", example: "/tmp/sandbox.json",
			doc:   "Where the sandbox keeps its state. Default: `mooring.sandbox.json` beside the SQLite file, or in the working directory.",
			parse: func(c *config, v string) error { c.sandboxFile = v; return nil },
		},
		{
			name: "MOORING_SANDBOX_SCRIPT", example: "sandbox-script.json",
			doc:   "A JSON file with apps, consents and faults that the sandbox begins with; see docs/sandbox.md.",
			parse: func(c *config, v string) error { c.sandboxScript = v; return nil },
		},
		{
			name: "MOORING_EXPIRING_WITHIN", fallback: "24h", example: "3d",
			doc:   "How long before its end an account is EXPIRING_SOON; at most half of its life.",
			parse: func(c *config, v string) (err error) { c.expiringWithin, err = duration(v); return err },
		},
		{
			name: "MOORING_REFRESH", fallback: "on", example: "off",
			doc:   "`off` renews no tokens: for copies of a database, whose refreshes would end the original's tokens.",
			parse: func(c *config, v string) error { c.refresh = v; return oneOf(v, "on", "off") },
		},
		{
			name: "MOORING_REFRESH_AHEAD", fallback: "2h", example: "4h",
			doc:   "How long before their end tokens are renewed that live from a day to a week; others in proportion to their life.",
			parse: func(c *config, v string) (err error) { c.refreshAhead, err = duration(v); return err },
		},
		{
			name: "MOORING_REFRESH_SLOTS", fallback: "16", example: "32",
			doc:   "How many refreshes may be under way at once, for each app and replica.",
			parse: func(c *config, v string) (err error) { c.refreshSlots, err = count(v); return err },
		},
		{
			name: "MOORING_REFRESH_RATE", fallback: "50", example: "20",
			doc:   "How many refreshes a second an app may begin, over all replicas.",
			parse: func(c *config, v string) (err error) { c.refreshRate, err = count(v); return err },
		},
		{
			name: "MOORING_PROBE_EVERY", fallback: "6h", example: "1h",
			doc:   "How often platforms are asked whether tokens still work, where that costs nothing and no refresh has told.",
			parse: func(c *config, v string) (err error) { c.probeEvery, err = duration(v); return err },
		},
		{
			name: "MOORING_PROBE_FAILURES", fallback: "3", example: "5",
			doc:   "How many such questions have to fail in a row before an account is UNHEALTHY.",
			parse: func(c *config, v string) (err error) { c.probeFailures, err = count(v); return err },
		},
		{
			name: "MOORING_PROBE_SUCCESSES", fallback: "2", example: "1",
			doc:   "How many have to succeed in a row before it is well again.",
			parse: func(c *config, v string) (err error) { c.probeSuccesses, err = count(v); return err },
		},
		{
			name: "MOORING_LEASE", fallback: "60s", example: "90s",
			doc:   "How long a replica holds what it is refreshing; longer than `MOORING_HTTP_TIMEOUT` by 10 s or more.",
			parse: func(c *config, v string) (err error) { c.lease, err = duration(v); return err },
		},
		{
			name: "MOORING_HTTP_TIMEOUT", fallback: "20s", example: "10s",
			doc:   "How long a platform may take to answer.",
			parse: func(c *config, v string) (err error) { c.httpTimeout, err = duration(v); return err },
		},
		{
			name: "MOORING_CHECK_NETWORK", fallback: "on", example: "off",
			doc:   "`off`: prerequisites and `mooring doctor` look at what is configured and ask no platform; for machines without a way out.",
			parse: func(c *config, v string) error { c.checkNetwork = v; return oneOf(v, "on", "off") },
		},
		{
			name: "MOORING_ALLOWED_ORIGINS", example: "https://app.example.com,https://admin.example.com",
			doc:   "Origins of pages that may call from a browser, besides the public URL.",
			parse: func(c *config, v string) (err error) { c.origins, err = originList(v); return err },
		},
		{
			name: "MOORING_RETURN_TO", example: "https://app.example.com",
			doc:   "Origins to which a connect attempt may return, besides the public URL.",
			parse: func(c *config, v string) (err error) { c.returnTo, err = originList(v); return err },
		},
		{
			name: "MOORING_EVENTS_KEEP", fallback: "400d", example: "90d",
			doc:   "How long events are kept.",
			parse: func(c *config, v string) (err error) { c.eventsKeep, err = duration(v); return err },
		},
		{
			name: "MOORING_ACTIVITY_KEEP", fallback: "30d", example: "90d",
			doc:   "How long it is kept who borrowed tokens, and how often they were refreshed.",
			parse: func(c *config, v string) (err error) { c.activityKeep, err = duration(v); return err },
		},
		{
			name: "MOORING_MAX_SOCKETS", fallback: "10000", example: "2000",
			doc: "How many websockets may be open at once.",
			parse: func(c *config, v string) (err error) {
				c.maxSockets, err = count(v)
				return err
			},
		},
		{
			name: "MOORING_METRICS_TOKEN", example: "the output of `openssl rand -base64 24`", secret: true,
			doc: "Who sends this as a bearer token may read `/metrics`. Without it the page is there only where nobody has to sign in.",
			parse: func(c *config, v string) error {
				if len(v) < 16 {
					return errors.New("is shorter than 16 characters")
				}
				c.metricsToken = v
				return nil
			},
		},
		{
			name: "MOORING_LOG_LEVEL", fallback: "info", example: "debug",
			doc: "The least level to log: debug, info, warn or error.",
			parse: func(c *config, v string) error {
				if err := c.logLevel.UnmarshalText([]byte(v)); err != nil {
					return errors.New("is none of debug, info, warn, error")
				}
				return nil
			},
		},
		{
			name: "MOORING_LOG_FORMAT", fallback: "text", example: "json",
			doc:   "How to log: text or json.",
			parse: func(c *config, v string) error { c.logFormat = v; return oneOf(v, "text", "json") },
		},
	}, limitSettings()...)
}

// loginSettings are the variables of one login method.
func loginSettings(p *platforms.Platform, l *platforms.Login) []setting {
	text := func(suffix, example, doc string, into func(*credentials) *string) setting {
		return setting{
			name: l.Env.Prefix + "_" + suffix, example: example, doc: doc,
			parse: func(c *config, v string) error { *into(c.given(l)) = v; return nil },
		}
	}
	address := func(suffix, fallback string, into func(*credentials) *string) setting {
		s := text(suffix, "http://127.0.0.1:9000/"+strings.ToLower(suffix),
			"Stands in for `"+fallback+"`.", into)
		set := s.parse
		s.parse = func(c *config, v string) error { return errors.Join(set(c, v), checkURL(v)) }
		return s
	}
	id := text(l.Env.ID, "a1b2c3", "Id of the app registered for "+p.DisplayName+".", func(c *credentials) *string { return &c.id })
	secret := text(l.Env.Secret, "the app's secret", "Its secret.", func(c *credentials) *string { return &c.secret })
	secret.secret = true
	redirect := text("REDIRECT_URI", "https://mooring.example.com/api/oauth/"+l.Callback+"/callback",
		"The redirect URI registered there. Default: the public URL with `/api/oauth/"+l.Callback+"/callback`.",
		func(c *credentials) *string { return &c.redirectURI })
	setRedirect := redirect.parse
	redirect.parse = func(c *config, v string) error { return errors.Join(setRedirect(c, v), checkURL(v)) }
	all := []setting{id, secret, redirect}
	if l.Version != "" {
		all = append(all, text(cmp.Or(l.Env.Version, "VERSION"), l.Version, "Version of the API to ask for. Default: `"+l.Version+"`.",
			func(c *credentials) *string { return &c.version }))
	}
	for _, o := range l.Options {
		all = append(all, setting{
			name: l.Env.Prefix + "_" + o.Name, example: o.Example, doc: o.Doc,
			parse: func(c *config, v string) error {
				c.given(l).options[o.Name] = v
				if o.Values == nil {
					return nil
				}
				return oneOf(v, o.Values...)
			},
		})
	}
	for _, e := range []struct {
		suffix, fallback string
		into             func(*credentials) *string
	}{
		{"AUTHORIZE_URL", l.Endpoints.Authorize, func(c *credentials) *string { return &c.endpoints.Authorize }},
		{"TOKEN_URL", l.Endpoints.Token, func(c *credentials) *string { return &c.endpoints.Token }},
		{"REVOKE_URL", l.Endpoints.Revoke, func(c *credentials) *string { return &c.endpoints.Revoke }},
		{"INTROSPECT_URL", l.Endpoints.Introspect, func(c *credentials) *string { return &c.endpoints.Introspect }},
		{"API_URL", l.Endpoints.API, func(c *credentials) *string { return &c.endpoints.API }},
	} {
		if e.fallback != "" {
			all = append(all, address(e.suffix, e.fallback, e.into))
		}
	}
	if len(l.Webhooks) > 0 {
		next := text(l.Env.Secret+"_NEXT", "the app's next secret",
			"The secret that follows, while it is rotated: webhooks signed with either are taken.", func(c *credentials) *string { return &c.nextSecret })
		next.secret = true
		all = append(all, next)
	}
	return all
}

// readConfig reads the environment ("NAME=value" each) over the file .env in
// the working directory, if there is one. An error has a line for each
// variable that is wrong, with an example.
func readConfig(environ []string) (*config, error) {
	env, err := godotenv.Read(".env")
	switch {
	case errors.Is(err, fs.ErrNotExist):
		env = map[string]string{}
	case err != nil:
		return nil, errors.New(".env cannot be read; each line is NAME=value, and # begins a comment")
	}
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		env[name] = value
	}
	c := &config{credentials: map[string]*credentials{}}
	for _, p := range platforms.All() {
		for _, l := range p.Logins {
			c.credentials[l.Env.Prefix] = &credentials{options: map[string]string{}}
		}
	}
	var wrong []error
	known := map[string]bool{}
	for _, s := range settings() {
		known[s.name] = true
		value := strings.TrimSpace(env[s.name])
		if value == "" {
			value = s.fallback
		}
		if value == "" {
			continue
		}
		if err := s.parse(c, value); err != nil {
			wrong = append(wrong, s.wrong(value, err))
		}
	}
	for name := range env {
		if strings.HasPrefix(name, "MOORING_") && !known[name] {
			c.unknown = append(c.unknown, name)
		}
	}
	slices.Sort(c.unknown)
	return c, errors.Join(append(wrong, c.check()...)...)
}

// wrong names the variable, what is wrong with it, and an example.
func (s setting) wrong(value string, err error) error {
	if s.secret {
		return fmt.Errorf("%s: %w; for example %s=%s", s.name, err, s.name, s.example)
	}
	return fmt.Errorf("%s: %q %w; for example %s=%s", s.name, value, err, s.name, s.example)
}

// check looks for settings that are wrong together.
func (c *config) check() []error {
	var wrong []error
	if c.key.ID() != "" && c.keyFile != "" {
		wrong = append(wrong, errors.New("MOORING_KEY and MOORING_KEY_FILE are both set; set one, for example MOORING_KEY_FILE=/run/secrets/mooring.key"))
	}
	if c.listen != "" && !c.authenticates() && !isLoopback(c.listen) {
		wrong = append(wrong, fmt.Errorf("MOORING_LISTEN: %q is reachable from other machines, and nobody would be asked who they are; "+
			"set "+waysIn+", or listen on this machine, for example MOORING_LISTEN=127.0.0.1:33766", c.listen))
	}
	if c.lease < c.httpTimeout+10*time.Second {
		wrong = append(wrong, fmt.Errorf("MOORING_LEASE: %s does not outlast MOORING_HTTP_TIMEOUT (%s) by 10s, so that another replica could repeat a refresh under way; "+
			"for example MOORING_LEASE=%s", c.lease, c.httpTimeout, c.httpTimeout+40*time.Second))
	}
	switch {
	case c.jwt.Secret == "" && c.jwt.JWKSURL == "" && c.jwt.Issuer != "":
		if err := checkJWT(c.jwt); err != nil {
			wrong = append(wrong, fmt.Errorf("MOORING_JWT_ISSUER: %w; for example MOORING_JWT_ISSUER=https://id.example.com", err))
		}
	case c.jwt.Audience != "" && !c.jwt.Configured():
		wrong = append(wrong, errors.New("MOORING_JWT_AUDIENCE: says whose tokens to accept, but not how to check them; "+
			"set MOORING_JWT_SECRET, MOORING_JWT_JWKS_URL or MOORING_JWT_ISSUER too, for example MOORING_JWT_ISSUER=https://id.example.com"))
	}
	if c.sandbox == "on" && !isLoopback(c.listen) {
		wrong = append(wrong, errors.New("MOORING_SANDBOX: \"on\" would let whoever reaches MOORING_LISTEN control the sandbox; "+
			"listen on this machine or switch it off, for example MOORING_SANDBOX=off"))
	}
	if u, err := url.Parse(c.publicURL); c.publicURL != "" && err == nil && !c.authenticates() && !isLoopback(u.Host) {
		wrong = append(wrong, fmt.Errorf("MOORING_PUBLIC_URL: %q can be reached from elsewhere, and nobody would be asked who they are; "+
			"set "+waysIn+", for example MOORING_JWT_ISSUER=https://id.example.com", c.publicURL))
	}
	if c.oidc.Issuer != "" || c.oidc.ClientID != "" || c.oidc.ClientSecret != "" {
		for _, s := range []struct{ name, value string }{
			{"MOORING_OIDC_ISSUER", c.oidc.Issuer}, {"MOORING_OIDC_CLIENT_ID", c.oidc.ClientID}, {"MOORING_OIDC_CLIENT_SECRET", c.oidc.ClientSecret},
		} {
			if s.value == "" {
				wrong = append(wrong, fmt.Errorf("%s: is missing; MOORING_OIDC_ISSUER, _CLIENT_ID and _CLIENT_SECRET belong together, for example %s=…", s.name, s.name))
			}
		}
	}
	if (c.oidc.Issuer != "" || c.signIn == "on") && !c.keepsSessions(cmp.Or(c.publicURL, "http://localhost")) {
		wrong = append(wrong, fmt.Errorf("MOORING_PUBLIC_URL: %q is not https, so that a session's cookie could be read on its way; for example MOORING_PUBLIC_URL=https://mooring.example.com", c.publicURL))
	}
	checked := map[string]bool{}
	for _, p := range platforms.All() {
		for _, l := range p.Logins {
			app := c.given(l)
			if (app.id == "") != (app.secret == "") && !checked[l.Env.Prefix] {
				checked[l.Env.Prefix] = true
				missing, have := l.Env.Prefix+"_"+l.Env.Secret, l.Env.Prefix+"_"+l.Env.ID
				if app.id == "" {
					missing, have = have, missing
				}
				wrong = append(wrong, fmt.Errorf("%s: is missing, though %s is set; set both or neither, for example %s=…", missing, have, missing))
			}
			if secret := l.Env.Prefix + "_" + l.Env.Secret; app.nextSecret != "" && app.secret == "" && !checked[secret] {
				checked[secret] = true
				wrong = append(wrong, fmt.Errorf("%s: is missing, though %s_NEXT is set, which only follows it; for example %s=…", secret, secret, secret))
			}
		}
	}
	return wrong
}

// waysIn are the settings of which one makes callers say who they are.
const waysIn = "MOORING_OIDC_ISSUER, MOORING_JWT_SECRET, MOORING_JWT_JWKS_URL or MOORING_JWT_ISSUER, or MOORING_SIGN_IN=on"

// authenticates reports whether callers have to say who they are.
func (c *config) authenticates() bool {
	return c.jwt.Configured() || c.oidc.Issuer != "" || c.signIn == "on"
}

// keepsSessions reports whether people can sign in at a public URL: their cookie
// must not cross a network in the clear.
func (c *config) keepsSessions(public string) bool {
	u, err := url.Parse(public)
	return c.authenticates() && err == nil && (u.Scheme == "https" || isLoopback(u.Host))
}

// played reports whether the sandbox plays a login method.
func (c *config) played(l *platforms.Login) bool {
	switch c.sandbox {
	case "on":
		return !c.given(l).ready()
	case "auto":
		return !c.authenticates() && !c.anyReady()
	}
	return false
}

func (c *config) anyReady() bool {
	for _, app := range c.credentials {
		if app.ready() {
			return true
		}
	}
	return false
}

// sandboxed reports whether the sandbox plays anything.
func (c *config) sandboxed() bool {
	for _, p := range platforms.All() {
		if slices.ContainsFunc(p.Logins, c.played) {
			return true
		}
	}
	return false
}

// beside is the path of a file that belongs to the database: in the SQLite
// file's folder, or in the working directory.
func (c *config) beside(name string) string {
	if file, ok := strings.CutPrefix(c.databaseURL, "sqlite:"); ok {
		return filepath.Join(filepath.Dir(file), name)
	}
	return name
}

// newDatabase reports whether the database is a SQLite file that does not exist.
func (c *config) newDatabase() bool {
	file, ok := strings.CutPrefix(c.databaseURL, "sqlite:")
	if !ok {
		return false
	}
	_, err := os.Stat(file)
	return errors.Is(err, fs.ErrNotExist)
}

// keyPath is the file of the key where the key is not given itself.
func (c *config) keyPath() string { return cmp.Or(c.keyFile, c.beside("mooring.key")) }

// openKey returns the key that seals the key ring. Only sandbox mode makes one
// up, in a file that nobody else may read.
func (c *config) openKey() (vault.Key, error) {
	key, err := c.readKey()
	if errors.Is(err, fs.ErrNotExist) && c.keyFile == "" {
		key = vault.NewKey()
		return key, writeKey(c.keyPath(), key)
	}
	return key, err
}

// readKey returns the key that seals the key ring. Where sandbox mode has yet to
// make it the error is fs.ErrNotExist.
func (c *config) readKey() (vault.Key, error) {
	if c.key.ID() != "" {
		return c.key, nil
	}
	path := c.keyPath()
	if c.keyFile == "" && !c.sandboxed() {
		return vault.Key{}, fmt.Errorf("MOORING_KEY: is missing; make one with `mooring keys generate`, keep it outside the database's backups, "+
			"and set it, for example MOORING_KEY_FILE=%s", path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return vault.Key{}, fmt.Errorf("MOORING_KEY_FILE: %w", err)
	}
	key, err := vault.ParseKey(strings.TrimSpace(string(text)))
	if err != nil {
		return vault.Key{}, fmt.Errorf("MOORING_KEY_FILE: %s: %w", path, err)
	}
	return key, nil
}

// writeKey writes a new key file that only its owner may read.
func writeKey(path string, key vault.Key) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("write key: %w", err)
	}
	if _, err := f.WriteString(key.Encode() + "\n"); err != nil {
		return errors.Join(fmt.Errorf("write key: %w", err), f.Close())
	}
	return f.Close()
}

// isLoopback reports whether an address can be reached from this machine only.
func isLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = address
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

func checkDatabaseURL(v string) error {
	if file, ok := strings.CutPrefix(v, "sqlite:"); ok && file != "" {
		return nil
	}
	if strings.HasPrefix(v, "postgres://") || strings.HasPrefix(v, "postgresql://") {
		return nil
	}
	return errors.New("is neither sqlite:FILE nor a postgres:// address")
}

// checkJWT asks package auth what it thinks of a setting, so that the variable
// is named at start.
func checkJWT(c auth.JWT) error {
	_, err := auth.New(auth.Config{JWT: c})
	return err
}

func checkURL(v string) error {
	u, err := url.Parse(v)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return errors.New("is no http or https address")
	}
	return nil
}

func oneOf(v string, allowed ...string) error {
	if slices.Contains(allowed, v) {
		return nil
	}
	return fmt.Errorf("is none of %s", strings.Join(allowed, ", "))
}

// duration is time.ParseDuration with days, and nothing below a second.
func duration(v string) (time.Duration, error) {
	var d time.Duration
	var err error
	if days, ok := strings.CutSuffix(v, "d"); ok {
		var n float64
		n, err = strconv.ParseFloat(days, 64)
		d = time.Duration(n * float64(24*time.Hour))
	} else {
		d, err = time.ParseDuration(v)
	}
	if err != nil || d < time.Second {
		return 0, errors.New("is no duration of a second or more, such as 90s, 12h or 3d")
	}
	return d, nil
}

// count is a number from 1.
func count(v string) (int, error) {
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 {
		return 0, errors.New("is not a number from 1")
	}
	return n, nil
}

func originList(v string) ([]string, error) {
	var origins []string
	for _, address := range strings.Split(v, ",") {
		address = strings.TrimSuffix(strings.TrimSpace(address), "/")
		origin, err := accounts.Origin(address)
		if err != nil || origin != address {
			return nil, errors.New("is no list of origins, each scheme://host")
		}
		origins = append(origins, origin)
	}
	return origins, nil
}

// localURL is how a browser on this machine reaches an address listened on.
func localURL(listen string) string {
	_, port, _ := net.SplitHostPort(listen)
	return "http://localhost:" + port
}
