package platforms

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"syscall"
	"time"
)

// Knock is what a login method's servers answer an app that no person has
// consented to.
type Knock struct {
	Hosts []Host // the token endpoint's first, then the API's, then those that only browsers need
	// Client is the token endpoint's refusal of a code that never was: that of
	// the code alone, with ClassInvalid, proves id and secret. Nil if it was not
	// refused, which makes no sense.
	Client *Error
	// API is the API's refusal of a token that never was; nil if it was not
	// refused.
	API *Error
	// Served is the release of the API that answered; empty where it is not told.
	Served string
	// Skew is how far the platform's clock is ahead of this one's; nil where no
	// answer had a date.
	Skew *time.Duration
}

// Host is a host of a login method's endpoints.
type Host struct {
	Name   string // with the port, if any
	Needed bool   // by this server, not only by browsers
	Err    *Error // what kept it from answering; nil if it answered, whatever it said
}

// neverWas is the code, the verifier and the token that no platform has given.
const neverWas = "mooring-checks-its-prerequisites-with-this"

// Knock asks the login method's servers, all at once and each once, how they
// take the app: the token endpoint with a code that never was, RFC 6749 §5.2,
// the API with such a token, and the other hosts whether they are there. It
// costs no quota of a person's. ctx bounds it in time.
func (a *App) Knock(ctx context.Context) *Knock {
	p := &Knock{}
	clock := &witness{next: cmp.Or[http.RoundTripper](a.HTTP.Transport, http.DefaultTransport)}
	app := *a
	client := *a.HTTP
	client.Transport = clock
	app.HTTP = &client

	token, api := hostOf(app.Endpoints.Token), hostOf(app.Endpoints.API)
	var wg sync.WaitGroup
	wg.Go(func() {
		_, err := app.Exchange(ctx, NewSecret(neverWas), neverWas, nil)
		p.Client, _ = errors.AsType[*Error](err)
	})
	wg.Go(func() { p.API, _ = errors.AsType[*Error](app.ask(ctx)) })
	others := app.otherHosts(token, api)
	for i := range others {
		wg.Go(func() { others[i].Err = app.reach(ctx, others[i].address) })
	}
	wg.Wait()

	p.Hosts = append(p.Hosts, Host{token, true, unanswered(p.Client)})
	if api != token {
		p.Hosts = append(p.Hosts, Host{api, true, unanswered(p.API)})
	}
	for _, o := range others {
		p.Hosts = append(p.Hosts, o.Host)
	}
	p.Skew = clock.skew
	if a.Login.Served != nil && clock.header != nil {
		p.Served = a.Login.Served(clock.header)
	}
	return p
}

// ask asks the API with a token that never was.
func (a *App) ask(ctx context.Context) error {
	t := &Tokens{Access: NewSecret(neverWas), Refresh: NewSecret(neverWas)}
	if a.Login.Ask != nil {
		return a.Login.Ask(ctx, a, t)
	}
	_, err := a.Login.Identify(ctx, a, t)
	return err
}

// unanswered returns a failure for which no answer came, or nil.
func unanswered(e *Error) *Error {
	if e == nil || e.Status != 0 {
		return nil
	}
	return e
}

type otherHost struct {
	Host
	address string
}

// otherHosts are the hosts of further endpoints, each once.
func (a *App) otherHosts(known ...string) []otherHost {
	var others []otherHost
	for _, e := range []struct {
		address string
		needed  bool
	}{{a.Endpoints.Authorize, false}, {a.Endpoints.Revoke, true}, {a.Endpoints.Introspect, true}} {
		if host := hostOf(e.address); host != "" && !slices.Contains(known, host) {
			known = append(known, host)
			others = append(others, otherHost{Host{Name: host, Needed: e.needed}, a.at(e.address)})
		}
	}
	return others
}

// hostOf is an address's host with its port; empty for none.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}

// reach asks for the headers of a page, and returns what kept any answer away.
func (a *App) reach(ctx context.Context, address string) *Error {
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, address, nil)
	if err != nil {
		return a.unanswered(StageAuthorize, err)
	}
	client := *a.HTTP
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := client.Do(req)
	if err != nil {
		return a.unanswered(StageAuthorize, err)
	}
	_ = resp.Body.Close() // it was only read
	return nil
}

// witness is a transport that looks at what answers say beside their bodies.
type witness struct {
	next http.RoundTripper

	mu     sync.Mutex
	skew   *time.Duration
	header http.Header // of the API's answer, which is to a GET
}

// RoundTrip sends the request on.
func (w *witness) RoundTrip(r *http.Request) (*http.Response, error) {
	sent := time.Now()
	resp, err := w.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	took := time.Since(sent)
	w.mu.Lock()
	defer w.mu.Unlock()
	// A date is cut to the second, and a copy from a cache has an old one.
	if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil && resp.Header.Get("Age") == "" {
		skew := date.Add(time.Second / 2).Sub(sent.Add(took / 2))
		if w.skew == nil || skew.Abs() > w.skew.Abs() {
			w.skew = &skew
		}
	}
	if r.Method == http.MethodGet {
		w.header = resp.Header
	}
	return resp, nil
}

// Obstacle says in words for people what kept an answer away, and what to do: a
// name that does not resolve, a refused connection, a certificate, time.
func Obstacle(err error) (what, fix string) {
	var (
		dns      *net.DNSError
		verify   *tls.CertificateVerificationError
		record   tls.RecordHeaderError
		alert    tls.AlertError
		hostname x509.HostnameError
		timeout  net.Error
	)
	switch {
	case errors.As(err, &dns) && !dns.IsTimeout:
		return "DNS does not know its name", "Look at the name for a misprint, and at this machine's resolver; in a container, at its network."
	case errors.As(err, &dns):
		return "DNS does not answer", "Look at this machine's resolver; in a container, at its network."
	case errors.As(err, &verify), errors.As(err, &record), errors.As(err, &alert), errors.As(err, &hostname),
		errors.Is(err, http.ErrSchemeMismatch):
		return "TLS fails: " + cause(err), "Look whether a proxy or firewall breaks the connection open, whether the certificates that this machine trusts are up to date (package ca-certificates), and whether its clock is right."
	case errors.Is(err, syscall.ECONNREFUSED):
		return "it refuses the connection", "Look whether the address and port are right, and whether a firewall or proxy stands in between."
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "it does not answer in time", "Look whether a firewall lets this machine out, and whether it needs a proxy (HTTPS_PROXY)."
	}
	return "the connection fails: " + cause(err), "Look whether a firewall or proxy stands in between, and try again."
}

// cause leaves out the address that net/http puts before its errors.
func cause(err error) string {
	if withAddress, ok := errors.AsType[*url.Error](err); ok {
		err = withAddress.Err
	}
	return err.Error()
}
