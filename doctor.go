package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"text/tabwriter"
	"time"

	"mooring/accounts"
	"mooring/diagnosis"
	"mooring/platforms"
	"mooring/platforms/sandbox"
)

type doctorCommand struct {
	Platform []string `help:"Look at this platform only, and demand that it is set up. May be repeated."`
	JSON     bool     `name:"json" help:"Print JSON."`
}

// errUnwell makes the doctor's exit status say that something is wrong.
var errUnwell = errors.New("something is wrong, see above")

// report is what the doctor found.
type report struct {
	Healthy      bool              `json:"healthy"` // no check failed
	Installation []platforms.Check `json:"installation"`
	Platforms    []patient         `json:"platforms"`
}

// patient is a platform as the doctor found it.
type patient struct {
	ID             string            `json:"platform"`
	ReadyToConnect bool              `json:"readyToConnect"`
	Checks         []platforms.Check `json:"checks"`
}

// Run prints what is wrong. It needs no running server, and changes nothing.
func (d doctorCommand) Run(p *program) error {
	found, err := d.examine(p)
	if err != nil {
		return err
	}
	found.Healthy = platforms.Ready(found.Installation)
	for _, f := range found.Platforms {
		found.Healthy = found.Healthy && platforms.Ready(f.Checks)
	}
	write := found.table
	if d.JSON {
		write = found.json
	}
	if err := write(p.out); err != nil || found.Healthy {
		return err
	}
	return errUnwell
}

func (d doctorCommand) examine(p *program) (*report, error) {
	found := &report{Installation: []platforms.Check{}, Platforms: []patient{}}
	asked, err := named(d.Platform)
	if err != nil {
		return nil, err
	}
	c, _, err := p.config()
	if err != nil {
		found.Installation = append(found.Installation, platforms.Check{
			Name: "Configuration", Status: platforms.Fail, Message: err.Error(), Fix: "Set what is named, in the environment or in .env.",
		})
		return found, nil //nolint:nilerr // it is what was found
	}
	public := cmp.Or(c.publicURL, localURL(c.listen))
	if len(d.Platform) == 0 {
		found.Installation = c.checkInstallation(p.ctx, public)
	}
	examiner, err := c.examiner(public)
	if err != nil {
		return nil, err
	}
	for _, pl := range asked {
		if len(d.Platform) == 0 && !c.offers(pl) {
			found.Platforms = append(found.Platforms, patient{ID: pl.ID, Checks: []platforms.Check{notSetUp(pl)}})
			continue
		}
		result, err := examiner.Examine(p.ctx, pl)
		if err != nil {
			return nil, err
		}
		found.Platforms = append(found.Platforms, patient{pl.ID, result.ReadyToConnect, result.Checks})
	}
	return found, nil
}

// named are the platforms with those ids, or names such as "x"; without any all.
func named(ids []string) ([]*platforms.Platform, error) {
	if len(ids) == 0 {
		return platforms.All(), nil
	}
	var found []*platforms.Platform
	for _, id := range ids {
		pl, ok := platforms.Get(diagnosis.PlatformID(id))
		if !ok {
			var known []string
			for _, k := range platforms.All() {
				known = append(known, k.ID)
			}
			return nil, fmt.Errorf("--platform: there is no %q; there are %s", id, strings.Join(known, ", "))
		}
		found = append(found, pl)
	}
	return found, nil
}

// offers reports whether a platform is set up at all, or played.
func (c *config) offers(p *platforms.Platform) bool {
	for _, l := range p.Logins {
		if given := c.given(l); given.id != "" || given.secret != "" || c.played(l) {
			return true
		}
	}
	return false
}

// notSetUp is no failure: nobody needs all platforms.
func notSetUp(p *platforms.Platform) platforms.Check {
	env := p.Logins[0].Env
	return platforms.Check{
		Name: "Credentials", Status: platforms.Skipped, Message: p.DisplayName + " is not set up.",
		Fix: fmt.Sprintf("To offer it, register an app at %s and set %[2]s_%[3]s and %[2]s_%[4]s.", p.ConsoleURL, env.Prefix, env.ID, env.Secret),
	}
}

// examiner examines the apps as the server would have them. What the server's
// sandbox plays is played here, too, by one in memory.
func (c *config) examiner(public string) (*accounts.Examiner, error) {
	played, err := sandbox.New(sandbox.Options{PublicURL: public})
	if err != nil {
		return nil, err
	}
	apps := c.apps(public, played, c.outgoing(public))
	for _, a := range apps {
		if a.Sandbox {
			a.HTTP = &http.Client{Transport: played, Timeout: c.httpTimeout}
		}
	}
	return accounts.NewExaminer(platforms.Setup{Apps: apps, PublicURL: public}, c.checkNetwork == "off", nil), nil
}

// checkInstallation checks what has to do with no platform.
func (c *config) checkInstallation(ctx context.Context, public string) []platforms.Check {
	checks := []platforms.Check{{Name: "Configuration", Status: platforms.Pass, Message: "It listens on " + c.listen + "."}}
	for _, name := range c.unknown {
		checks = append(checks, platforms.Check{
			Name: "Environment variable: " + name, Status: platforms.Warn, Message: name + " looks like a setting but is none.",
			Fix: "Compare it with the table in README.md.",
		})
	}
	authentication := platforms.Check{Name: "Authentication", Status: platforms.Pass, Message: "Callers say who they are; people " + c.signsIn() + "."}
	if !c.authenticates() {
		authentication.Status, authentication.Message = platforms.Warn, "There is none: whoever uses this machine is the owner."
		authentication.Fix = "Set " + waysIn + " before anything real is connected."
	}
	checks = append(checks, authentication)
	checks = append(checks, c.checkDatabase(ctx, public)...)
	checks = append(checks, c.checkLogo(ctx)...)
	reached := c.checkPublic(ctx, public)
	return append(checks, reached, c.checkWebsocket(ctx, public, reached))
}

func (c *config) checkDatabase(ctx context.Context, public string) []platforms.Check {
	key, err := c.readKey()
	switch unmade := errors.Is(err, fs.ErrNotExist) && c.keyFile == ""; {
	case err != nil && !unmade:
		return []platforms.Check{{Name: "Key ring", Status: platforms.Fail, Message: err.Error() + ".", Fix: "Make a key with mooring keys generate, and keep it."}}
	case c.newDatabase():
		return []platforms.Check{{Name: "Database", Status: platforms.Warn, Message: "There is no database yet.", Fix: "Nothing: mooring serve makes it."}}
	case unmade:
		return []platforms.Check{{
			Name: "Key ring", Status: platforms.Fail, Message: "There is a database, but its key is not at " + c.keyPath() + ".",
			Fix: "Put the key back, or set MOORING_KEY or MOORING_KEY_FILE.",
		}}
	}
	return accounts.CheckInstallation(ctx, c.databaseURL, key, public)
}

// seenAsHeader is where /healthz says by which protocol the proxy was asked,
// going by what the proxy says.
const seenAsHeader = "X-Mooring-Seen-As"

// alive answers /healthz.
func alive(w http.ResponseWriter, r *http.Request) {
	w.Header().Set(seenAsHeader, seenAs(r))
	answer(w, http.StatusOK, "ok")
}

// seenAs is the protocol by which a request reached the outermost proxy that
// says so: X-Forwarded-Proto, or RFC 7239's proto; "direct" where none does.
func seenAs(r *http.Request) string {
	proto, _, _ := strings.Cut(r.Header.Get("X-Forwarded-Proto"), ",")
	if proto == "" {
		first, _, _ := strings.Cut(r.Header.Get("Forwarded"), ",")
		for pair := range strings.SplitSeq(first, ";") {
			if name, value, _ := strings.Cut(strings.TrimSpace(pair), "="); strings.EqualFold(name, "proto") {
				proto = strings.Trim(value, `"`)
			}
		}
	}
	switch proto = strings.ToLower(strings.TrimSpace(proto)); proto {
	case "http", "https":
		return proto
	}
	return "direct"
}

// checkPublic asks for the server by its public URL. Not to reach it from here
// is no failure: the server may not run yet, or its own network may not lead
// back.
func (c *config) checkPublic(ctx context.Context, public string) platforms.Check {
	check := platforms.Check{Name: "Public URL: MOORING_PUBLIC_URL", Status: platforms.Skipped}
	if c.checkNetwork == "off" {
		check.Message = "Checks that need the network are switched off."
		return check
	}
	if strings.HasSuffix(public, ":0") {
		check.Message = "The port is chosen when the server starts."
		return check
	}
	resp, err := c.fetch(ctx, public+"/healthz", nil)
	if err != nil {
		what, fix := platforms.Obstacle(err)
		check.Status, check.Message, check.Fix = platforms.Warn, public+" is not reached from here: "+what+".", fix
		switch u, _ := url.Parse(public); {
		case strings.HasPrefix(what, "TLS"):
			check.Status = platforms.Fail
		case isLoopback(u.Host):
			check.Status, check.Message, check.Fix = platforms.Skipped, "Nothing answers at "+public+": mooring serve is not running.", ""
		}
		return check
	}
	_ = resp.Body.Close() // it was only read
	return judgePublic(public, resp)
}

// judgePublic looks at the answer of /healthz by the public URL.
func judgePublic(public string, resp *http.Response) platforms.Check {
	check := platforms.Check{Name: "Public URL: MOORING_PUBLIC_URL", Status: platforms.Fail}
	scheme, _, _ := strings.Cut(public, "://")
	seen := resp.Header.Get(seenAsHeader)
	elsewhere, err := resp.Location()
	switch {
	case err == nil && elsewhere.Scheme+"://"+elsewhere.Host != public:
		check.Message = fmt.Sprintf("%s sends browsers on to %s://%s: cookies set for one are not sent to the other.", public, elsewhere.Scheme, elsewhere.Host)
		check.Fix = fmt.Sprintf("Set MOORING_PUBLIC_URL=%s://%s, and register the redirect URIs anew.", elsewhere.Scheme, elsewhere.Host)
	case resp.StatusCode != http.StatusOK || seen == "":
		check.Message = fmt.Sprintf("What answers at %s is not this server (HTTP %d).", public, resp.StatusCode)
		check.Fix = "Let the proxy pass the whole host on to MOORING_LISTEN, and let MOORING_PUBLIC_URL be how browsers reach it."
	case seen != "direct" && seen != scheme:
		check.Status = platforms.Warn
		check.Message = fmt.Sprintf("MOORING_PUBLIC_URL begins with %s, but the proxy says that it is asked by %s.", scheme, seen)
		check.Fix = "Let the proxy pass X-Forwarded-Proto on as it was given, or set MOORING_PUBLIC_URL to what browsers use."
	case scheme == "http" && !isLoopback(resp.Request.URL.Host):
		check.Status = platforms.Warn
		check.Message = public + " is not https: tokens of callers can be read on the way."
		check.Fix = "Put a proxy with TLS in front and set MOORING_PUBLIC_URL to its https address."
	default:
		check.Status, check.Message = platforms.Pass, public+" leads to this server."
	}
	return check
}

// checkWebsocket opens a websocket by the public URL, which reached says
// whether it is reached at all.
func (c *config) checkWebsocket(ctx context.Context, public string, reached platforms.Check) platforms.Check {
	check := platforms.Check{Name: "Websocket: MOORING_PUBLIC_URL", Status: platforms.Skipped, Message: "The public URL has to be reached first."}
	if reached.Status != platforms.Pass && reached.Status != platforms.Warn {
		return check
	}
	resp, err := c.fetch(ctx, public+"/graphql", http.Header{
		"Connection": {"Upgrade"}, "Upgrade": {"websocket"}, "Origin": {public},
		"Sec-Websocket-Version": {"13"}, "Sec-Websocket-Key": {"bW9vcmluZy1kb2N0b3ItMQ=="}, "Sec-Websocket-Protocol": {"graphql-transport-ws"},
	})
	if err != nil {
		return check
	}
	_ = resp.Body.Close() // nothing is to be said on it
	if resp.StatusCode == http.StatusSwitchingProtocols {
		check.Status, check.Message = platforms.Pass, "A websocket opens at "+public+"/graphql."
		return check
	}
	check.Status, check.Message = platforms.Fail, fmt.Sprintf("No websocket opens at %s/graphql (HTTP %d): subscriptions do not work.", public, resp.StatusCode)
	check.Fix = "Let the proxy pass Upgrade and Connection on, by HTTP/1.1; at nginx: proxy_http_version 1.1, proxy_set_header Upgrade $http_upgrade and proxy_set_header Connection \"upgrade\"."
	return check
}

// checkTime is how long the public URL may take to answer.
const checkTime = 5 * time.Second

// fetch asks for a page of the public URL and follows no redirect. It has a client
// of its own: the address is the operator's, a websocket opens by HTTP/1.1 only,
// and no connection may be one that worked before.
func (c *config) fetch(ctx context.Context, address string, header http.Header) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	for name, values := range header {
		req.Header[name] = values
	}
	return (&http.Client{
		Transport:     &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}).Do(req)
}

func (r *report) json(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(r)
}

// table prints a line for each check, and under it how to mend what is wrong.
func (r *report) table(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	say := func(subject string, checks []platforms.Check) {
		for _, c := range checks {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", c.Status, subject, c.Name, strings.ReplaceAll(c.Message, "\n", "\n\t\t\t"))
			if c.Fix != "" {
				fmt.Fprintf(table, "\t\t\t→ %s\n", c.Fix)
			}
		}
	}
	say("installation", r.Installation)
	for _, p := range r.Platforms {
		say(p.ID, p.Checks)
	}
	return table.Flush()
}
