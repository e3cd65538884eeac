package platforms

import (
	"cmp"
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode"
)

// CheckStatus is what came of a [Check].
type CheckStatus string

// The statuses.
const (
	Pass    CheckStatus = "PASS"
	Warn    CheckStatus = "WARN"    // it works, but not for ever or not for all, or it could not be told
	Fail    CheckStatus = "FAIL"    // with it nobody can connect
	Skipped CheckStatus = "SKIPPED" // it was not looked at; the message says why
)

// Check is one thing that has to be so before people can connect, and whether
// it is. No text of it holds a secret or a client's id.
type Check struct {
	Name    string      `json:"name"` // stable, and once in a platform's list
	Status  CheckStatus `json:"status"`
	Message string      `json:"message"`
	Fix     string      `json:"fix,omitempty"` // what to do; empty where there is nothing to do
}

// Remedy is Fix, nil where there is nothing to do.
func (c Check) Remedy() *string {
	if c.Fix == "" {
		return nil
	}
	return &c.Fix
}

// Ready reports whether nothing stands in the way: no check failed.
func Ready(checks []Check) bool {
	for _, c := range checks {
		if c.Status == Fail {
			return false
		}
	}
	return true
}

// Credentials say what a platform's id and secret are, so that those of
// something else are told from them.
type Credentials struct {
	// Found is where the console shows them and what they are mixed up with: a
	// sentence or two.
	Found string
	// ID is what every id looks like, and Looks the same in words; nil: nothing
	// certain is known.
	ID    *regexp.Regexp
	Looks string
}

// Setup is what an operator has configured, as the checks look at it.
type Setup struct {
	Apps      []*App // of all login methods, in the catalogue's order; one without a ClientID is not configured
	PublicURL string // how browsers reach the server, without trailing slash
}

// Checks looks at an app without asking anybody: its credentials, redirect URI,
// addresses, release of the API and scopes. What is known of the platform's own
// console counts only where the platform's own endpoints are used: the sandbox,
// and whatever else stands in for them, have rules of their own.
func (s Setup) Checks(a *App, now time.Time) []Check {
	checks := []Check{s.id(a), s.secret(a), s.redirect(a)}
	checks = append(checks, a.standIns()...)
	if a.Login.Version != "" {
		checks = append(checks, a.release(now))
	}
	checks = append(checks, a.scopes())
	if len(a.Login.Webhooks) > 0 && !a.Sandbox {
		checks = append(checks, s.webhooks(a))
	}
	return checks
}

// webhooks tells the addresses to enter in the console. Nobody connects in vain
// without them, and whether they are entered only the platform knows.
func (s Setup) webhooks(a *App) Check {
	var entries []string
	for _, w := range a.Login.Webhooks {
		entries = append(entries, s.PublicURL+a.Login.WebhookPath(w.Event)+" ("+w.Entry+")")
	}
	c := Check{
		Name: "Webhooks: " + a.Login.Env.Prefix, Status: Pass,
		Message: "Mooring learns at once that a person took access away if this is entered at " + a.Platform.DisplayName + ": " + strings.Join(entries, "; ") + ".",
	}
	if !strings.HasPrefix(s.PublicURL, "https://") && a.genuine() {
		c.Status, c.Fix = Warn, a.Platform.DisplayName+" sends to https addresses only: set MOORING_PUBLIC_URL to one by which it reaches this server."
	}
	return c
}

// variable is the name of one of an app's environment variables.
func (a *App) variable(suffix string) string { return a.Login.Env.Prefix + "_" + suffix }

const variableCheck = "Environment variable: "

func (s Setup) id(a *App) Check {
	name := a.variable(a.Login.Env.ID)
	flaw, remedy := flawOf(a.ClientID, name)
	form := a.Login.Credentials.ID
	switch other := s.earlier(a, func(o *App) bool { return o.ClientID == a.ClientID }); {
	case flaw != "":
	case other != nil:
		flaw = "is the same as " + other.variable(other.Login.Env.ID) + ", and belongs to another product"
	case form != nil && a.genuine() && !form.MatchString(a.ClientID):
		flaw = "is no id of " + a.Platform.DisplayName + "'s, which is " + a.Login.Credentials.Looks
	}
	return a.credential(name, flaw, remedy)
}

func (s Setup) secret(a *App) Check {
	name := a.variable(a.Login.Env.Secret)
	secret := a.ClientSecret.Reveal()
	form := a.Login.Credentials.ID
	flaw, remedy := flawOf(secret, name)
	switch other := s.earlier(a, func(o *App) bool { return o.ClientSecret.Reveal() == secret }); {
	case flaw != "":
	case secret == a.ClientID:
		flaw = "is the same as " + a.variable(a.Login.Env.ID)
	case other != nil:
		flaw = "is the same as " + other.variable(other.Login.Env.Secret) + ", and belongs to another product"
	case form != nil && a.genuine() && form.MatchString(secret):
		flaw = "is an id, not a secret"
	}
	return a.credential(name, flaw, remedy)
}

// earlier finds a real app before a that is configured by other variables. Of
// two that are the same the later is taken for the mistaken one: platforms have
// one product first and others beside it.
func (s Setup) earlier(a *App, same func(*App) bool) *App {
	for _, other := range s.Apps {
		if other == a {
			break
		}
		if other.Login.Env.Prefix != a.Login.Env.Prefix && other.ClientID != "" && !other.Sandbox && same(other) {
			return other
		}
	}
	return nil
}

// credential is the check of a credential with that flaw, "" for none. The remedy
// is "" where only the platform's console has one.
func (a *App) credential(variable, flaw, remedy string) Check {
	c := Check{Name: variableCheck + variable, Status: Pass, Message: variable + " is set."}
	switch {
	case a.Sandbox:
		c.Message = "The sandbox plays " + a.Platform.DisplayName + " with credentials of its own; " + variable + " is not needed."
	case flaw != "":
		c.Status, c.Message = Fail, variable+" "+flaw+"."
		c.Fix = cmp.Or(remedy, "Register an app at "+a.Platform.ConsoleURL+" and set "+variable+". "+a.Login.Credentials.Found)
	}
	return c
}

// flawOf says what is wrong with a credential in itself, as the end of a
// sentence that begins with its variable, "" if nothing is, and how to mend it
// where that needs no other value. The value is in neither.
func flawOf(value, variable string) (flaw, remedy string) {
	switch {
	case value == "":
		return "is not set", ""
	case isPlaceholder(value, variable):
		return "is a placeholder", ""
	case strings.ContainsAny(value, "\"'`“”‘’«»"):
		return "holds quotation marks: they became a part of it where it was set",
			"Take the quotation marks away from " + variable + ". Docker's --env-file and forms of hosting services take them as a part of the value."
	case strings.ContainsFunc(value, func(r rune) bool { return r <= ' ' || r > unicode.MaxASCII || r == 0x7f }):
		return "holds spaces, line breaks or invisible characters that were copied along",
			"Copy " + variable + " from the console again, without what stands around it and in one line."
	case encodedByte.MatchString(value):
		return "is percent-encoded", "Set " + variable + " as the console shows it."
	}
	return "", ""
}

var (
	encodedByte = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)
	// A credential is random; these stand in templates and instructions.
	placeholder = regexp.MustCompile(`^(your|enter|insert|paste|example|changeme|replace)|` +
		`placeholder|changeme|replaceme|your(app|client|secret|key|id)|(app|client)(id|key|secret)here|x{4}|` +
		`^(todo|tbd|none|null|nil|undefined|(app|client)(id|key|secret)|a1b2c3|theappssecret)$`)
	framed = regexp.MustCompile(`^(<.*>|\{.*\}|\$\{?\w*\}?|\[.*\]|%\w+%|\.{2,}|…|\*+|-+|_+)$`)
)

// isPlaceholder reports whether a value stands in a credential's place until
// somebody puts the credential there.
func isPlaceholder(value, variable string) bool {
	letters := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, value)
	const digits = "012345678901234567890123456789"
	counted := len(letters) >= 4 && strings.Contains(digits, letters)
	repeated := len(letters) >= 3 && strings.Count(letters, letters[:1]) == len(letters)
	return counted || repeated || framed.MatchString(strings.TrimSpace(value)) || placeholder.MatchString(letters) ||
		letters == strings.ToLower(strings.ReplaceAll(variable, "_", ""))
}

// genuine reports whether the platform's own token endpoint is used.
func (a *App) genuine() bool { return !a.Sandbox && a.Endpoints.Token == a.Login.Endpoints.Token }

// redirect checks the redirect URI: its form, the platform's rules, and whether
// it leads back to this server.
func (s Setup) redirect(a *App) Check {
	name := a.variable("REDIRECT_URI")
	c := Check{Name: "Redirect URI: " + name, Status: Pass, Message: a.RedirectURI + " leads back to Mooring."}
	u, err := url.Parse(a.RedirectURI)
	flaw := "is no address"
	if err == nil {
		if flaw = redirectFlaw(a.RedirectURI, u); flaw == "" && a.genuine() {
			flaw = a.Login.Redirects.refuses(u, a.Platform.DisplayName)
		}
		if flaw == "" {
			flaw = s.astray(u, a.Login)
		}
	}
	if flaw == "" {
		if a.genuine() {
			c.Message += " Register it at " + a.Platform.DisplayName + " letter by letter."
			a.Login.Redirects.doubt(u, &c)
		}
		return c
	}
	c.Status = Fail
	c.Message = fmt.Sprintf("%q %s.", a.RedirectURI, flaw)
	c.Fix = "Leave " + name + " out: Mooring then uses " + s.PublicURL + a.Login.CallbackPath() + ". Register that at " + a.Platform.ConsoleURL + "."
	if a.RedirectURI == s.PublicURL+a.Login.CallbackPath() {
		c.Fix = "Set MOORING_PUBLIC_URL to an https address by which browsers reach this server, and register that with " +
			a.Login.CallbackPath() + " behind it at " + a.Platform.ConsoleURL + "."
	}
	if note := a.Login.Redirects.Note; note != "" && a.genuine() {
		c.Fix += " " + note
	}
	return c
}

// redirectFlaw says what no platform takes, RFC 6749 §3.1.2 and RFC 9700 §4.1.
func redirectFlaw(text string, u *url.URL) string {
	switch {
	case u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return "is no http or https address"
	case strings.Contains(text, "#"):
		return "has a fragment, which no platform takes"
	case u.User != nil:
		return "holds a user's name"
	case strings.Contains(text, "*"):
		return "has a wildcard; it has to be exact"
	case strings.Contains(u.Path, "/../") || strings.HasSuffix(u.Path, "/.."):
		return "leads up by /.."
	}
	return ""
}

// doubt warns of a redirect URI that the platform's console takes of some apps
// only.
func (r Redirects) doubt(u *url.URL, c *Check) {
	if r.Doubts == nil {
		return
	}
	if doubt := r.Doubts(u); doubt != "" {
		c.Status, c.Message, c.Fix = Warn, c.Message+" "+doubt, r.Note
	}
}

// refuses says why a platform's console does not take a redirect URI.
func (r Redirects) refuses(u *url.URL, platform string) string {
	httpDoes := func() bool {
		for _, host := range r.HTTPHosts {
			if strings.EqualFold(host, u.Hostname()) {
				return true
			}
		}
		return false
	}
	switch {
	case u.Scheme == "http" && !httpDoes() && len(r.HTTPHosts) == 0:
		return "begins with http; " + platform + " takes https alone, and no localhost"
	case u.Scheme == "http" && !httpDoes():
		return "begins with http; " + platform + " takes https, except of " + strings.Join(r.HTTPHosts, " and ")
	case r.NoQuery && (u.RawQuery != "" || u.ForceQuery):
		return "has a query, which " + platform + " does not take"
	case r.Refuses != nil:
		return r.Refuses(u)
	}
	return ""
}

// astray says why a redirect URI does not lead back to the route that waits for
// it. Between names of this very machine Mooring leads browsers over.
func (s Setup) astray(u *url.URL, l *Login) string {
	public, err := url.Parse(s.PublicURL)
	switch {
	case u.EscapedPath() != l.CallbackPath():
		return "leads to another path than " + l.CallbackPath() + ", where Mooring waits for the callback"
	case err != nil || u.Scheme == public.Scheme && strings.EqualFold(u.Host, public.Host):
		return ""
	case strings.EqualFold(u.Host, public.Host):
		return "begins with " + u.Scheme + ", and MOORING_PUBLIC_URL with " + public.Scheme
	case onLoopback(u.String()) && onLoopback(s.PublicURL) && u.Port() == public.Port() && u.Scheme == public.Scheme:
		return ""
	}
	return "leads to another host than MOORING_PUBLIC_URL, " + s.PublicURL + ": the browser's cookie would not be there"
}

// standIns warn of addresses that stand in for the platform's own. Those of the
// sandbox are meant to.
func (a *App) standIns() []Check {
	if a.Sandbox {
		return nil
	}
	var checks []Check
	for _, e := range []struct{ suffix, used, own string }{
		{"AUTHORIZE_URL", a.Endpoints.Authorize, a.Login.Endpoints.Authorize},
		{"TOKEN_URL", a.Endpoints.Token, a.Login.Endpoints.Token},
		{"REVOKE_URL", a.Endpoints.Revoke, a.Login.Endpoints.Revoke},
		{"INTROSPECT_URL", a.Endpoints.Introspect, a.Login.Endpoints.Introspect},
		{"API_URL", a.Endpoints.API, a.Login.Endpoints.API},
	} {
		if e.used != e.own {
			name := a.variable(e.suffix)
			checks = append(checks, Check{
				Name: variableCheck + name, Status: Warn,
				Message: name + " leads elsewhere than to " + a.Platform.DisplayName + ", whose own is " + e.own + ".",
				Fix:     "Leave " + name + " out, unless something is to stand in for " + a.Platform.DisplayName + ".",
			})
		}
	}
	return checks
}

// ReleaseNotice is how long before a release's end the operator is warned: time
// to read the platform's changelog, to try and to deploy.
const ReleaseNotice = 90 * 24 * time.Hour

// release checks the release of the API by the table of those known. One that
// is over is no failure: some platforms go on answering, and the table may be
// older than a platform's change of mind.
func (a *App) release(now time.Time) Check {
	variable := a.Login.Environment()[3]
	newest := a.Login.Versions[len(a.Login.Versions)-1].Name
	c := Check{Name: "API version: " + variable, Status: Warn, Fix: "Set " + variable + " to a newer release; " + newest + " is the newest that Mooring knows."}
	v, ok := a.Login.Release(a.version(), now)
	switch {
	case !ok:
		c.Message = a.version() + " is no release that Mooring knows."
	case v.Ends.IsZero():
		return Check{c.Name, Pass, v.Name + " is served; no end is announced.", ""}
	case now.After(v.Ends):
		c.Message = v.Name + " has ended on " + v.Ends.Format("2 January 2006") + "."
	case v.Ends.Sub(now) < ReleaseNotice:
		c.Message = v.Name + " ends on " + v.Ends.Format("2 January 2006") + "."
	default:
		return Check{c.Name, Pass, v.Name + " is served until " + v.Ends.Format("2 January 2006") + ".", ""}
	}
	return c
}

// scopes tells what is asked for, which the app has to be allowed in the
// platform's console; nobody but a person's consent shows whether it is.
func (a *App) scopes() Check {
	name := "Scopes"
	if len(a.Platform.Logins) > 1 {
		name += ": " + a.Login.ID
	}
	var asked []string
	for _, sc := range a.Login.Scopes {
		if sc.Required || sc.Default {
			asked = append(asked, sc.Name)
		}
	}
	list := strings.Join(asked, ", ")
	address, err := url.Parse(a.AuthCodeURL("state", "verifier", asked))
	if err == nil && !address.Query().Has("scope") {
		return Check{
			name, Warn, "A configuration in " + a.Platform.DisplayName + "'s console takes the place of the scopes.",
			"See that it has " + list + "; people accept it as a whole.",
		}
	}
	return Check{name, Pass, "Unless told otherwise Mooring asks for " + list + ".", ""}
}

// isIP reports whether a host is an address rather than a name.
func isIP(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}
