package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"code.dny.dev/ssrf"

	"mooring/platforms"
)

// maxIncoming is the most of an answer that anybody here reads, in bytes. What
// reads answers has closer limits of its own.
const maxIncoming = 8 << 20

// outgoing is the client for every call that the server makes: to platforms and
// to the issuer of tokens. It follows no redirect and reads no endless answer.
//
// An address may come from somebody else: from a platform's answer, or from an
// issuer's description of itself. So no connection is made to an address that
// only this machine or its network has, whatever name or spelling led there:
// the check is of the address connected to, after DNS. What the operator wrote
// into the configuration is exempt, as are the server's own addresses, where the
// sandbox is, and everything where MOORING_PRIVATE_NETWORKS is on.
func (c *config) outgoing(own ...string) *http.Client {
	return c.outgoingBy(net.DefaultResolver, own...)
}

// outgoingBy is outgoing with names looked up by a resolver.
func (c *config) outgoingBy(resolver *net.Resolver, own ...string) *http.Client {
	reach := &net.Dialer{Timeout: 10 * time.Second, Resolver: resolver}
	guarded := &net.Dialer{Timeout: reach.Timeout, Resolver: resolver, Control: ssrf.New(ssrf.WithAnyPort()).Safe}
	trusted := map[string]bool{}
	for _, address := range append(c.configured(), parsed(own)...) {
		trusted[hostPort(address)] = true
		// A proxy that the operator uses is the operator's, too.
		if proxy, err := http.ProxyFromEnvironment(&http.Request{URL: address}); err == nil && proxy != nil {
			trusted[hostPort(proxy)] = true
		}
	}
	known := map[string]bool{}
	for _, address := range c.called() {
		known[hostPort(address)] = true
	}
	return &http.Client{
		Timeout:       c.httpTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: bounded{&http.Transport{
			// A proxy would connect to addresses in the guard's stead.
			Proxy: func(r *http.Request) (*url.URL, error) {
				if !known[hostPort(r.URL)] {
					return nil, nil //nolint:nilnil // net/http wants no proxy so
				}
				return http.ProxyFromEnvironment(r)
			},
			DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				if c.privateNetworks == "on" || trusted[address] {
					return reach.DialContext(ctx, network, address)
				}
				return guarded.DialContext(ctx, network, address)
			},
			// As many as refreshes may be under way, so that each does not begin with a handshake.
			MaxIdleConnsPerHost: c.refreshSlots,
			ForceAttemptHTTP2:   true, IdleConnTimeout: 90 * time.Second,
			TLSHandshakeTimeout: 10 * time.Second, ExpectContinueTimeout: time.Second,
			MaxResponseHeaderBytes: 64 << 10,
		}},
	}
}

// configured are the addresses to call that the operator wrote down.
func (c *config) configured() []*url.URL {
	addresses := []string{c.jwt.JWKSURL, c.jwt.Issuer, c.oidc.Issuer}
	for _, app := range c.credentials {
		addresses = append(addresses, app.endpoints.Token, app.endpoints.Revoke, app.endpoints.Introspect, app.endpoints.API, app.endpoints.Authorize)
	}
	return parsed(addresses)
}

// called are these, and the platforms' own.
func (c *config) called() []*url.URL {
	var addresses []string
	for _, p := range platforms.All() {
		for _, l := range p.Logins {
			e := l.Endpoints
			addresses = append(addresses, e.Token, e.Revoke, e.Introspect, e.API, e.Authorize)
		}
	}
	return append(parsed(addresses), c.configured()...)
}

// parsed leaves out what is no address: a setting may be empty.
func parsed(addresses []string) []*url.URL {
	var all []*url.URL
	for _, address := range addresses {
		if u, err := url.Parse(address); err == nil && u.Host != "" {
			all = append(all, u)
		}
	}
	return all
}

// hostPort is where a connection for an address goes, as net/http's transport
// spells it.
func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}

// bounded is a transport whose answers end.
type bounded struct{ http.RoundTripper }

// RoundTrip sends the request on.
func (t bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := t.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{http.MaxBytesReader(nil, resp.Body, maxIncoming), resp.Body}
	return resp, nil
}
