package platforms_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"mooring/platforms"
)

// TestObstacles meets what keeps answers away, each on a socket of its own.
func TestObstacles(t *testing.T) {
	t.Parallel()
	unknown := httptest.NewUnstartedServer(http.NotFoundHandler())
	unknown.Config.ErrorLog = log.New(io.Discard, "", 0) // its client leaves in the handshake
	unknown.StartTLS()
	t.Cleanup(unknown.Close)
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	t.Cleanup(silent.Close)
	rude := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	t.Cleanup(rude.Close)
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	for _, tt := range []struct{ name, address, want string }{
		{"a certificate of nobody's", unknown.URL, "TLS fails"},
		{"no TLS at all", strings.Replace(plain.URL, "http:", "https:", 1), "TLS fails"},
		{"a closed port", gone.URL, "it refuses the connection"},
		{"silence", silent.URL, "it does not answer in time"},
		{"a cut connection", rude.URL, "the connection fails: EOF"},
	} {
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		if tt.name == "silence" {
			client.Timeout = 50 * time.Millisecond
		}
		_, err := client.Get(tt.address + "?access_token=planted")
		if err == nil {
			t.Fatalf("%s: an answer; want none", tt.name)
		}
		what, fix := platforms.Obstacle(err)
		if !strings.HasPrefix(what, tt.want) || fix == "" || strings.Contains(what, "planted") {
			t.Errorf("Obstacle(%v) = %q, %q; want %q", err, what, fix, tt.want)
		}
	}
	for _, tt := range []struct {
		err  error
		want string
	}{
		{&url.Error{Op: "Get", URL: "https://a.example", Err: &net.OpError{Err: &net.DNSError{Err: "no such host", Name: "a.example", IsNotFound: true}}}, "DNS does not know its name"},
		{&net.DNSError{Err: "timeout", IsTimeout: true}, "DNS does not answer"},
		{context.DeadlineExceeded, "it does not answer in time"},
		{errors.New("odd"), "the connection fails: odd"},
	} {
		if what, _ := platforms.Obstacle(tt.err); what != tt.want {
			t.Errorf("Obstacle(%v) = %q; want %q", tt.err, what, tt.want)
		}
	}
}

// answers is what stands in the place of the network.
type answers func(*http.Request) (*http.Response, error)

func (f answers) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// reply answers any request with a status and a header.
func reply(r *http.Request, status int, header http.Header) *http.Response {
	return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(`{"error":"invalid_grant"}`)), Request: r}
}

// TestKnockAsksOnce: each host hears of a knock once, and no person's token or
// secret goes where it does not belong.
func TestKnockAsksOnce(t *testing.T) {
	t.Parallel()
	for _, a := range all() {
		heard := make(chan string, 10)
		a.HTTP = &http.Client{Transport: answers(func(r *http.Request) (*http.Response, error) {
			heard <- r.Method + " " + r.URL.Host
			return reply(r, http.StatusBadRequest, http.Header{}), nil
		})}
		p := a.Knock(t.Context())
		close(heard)
		hosts := map[string]int{}
		requests := 0
		for line := range heard {
			_, host, _ := strings.Cut(line, " ")
			hosts[host]++
			requests++
		}
		if requests != max(2, len(hosts)) && requests != len(hosts)+1 { // token endpoint and API may share a host
			t.Errorf("%s: %d requests to %v; want one each", a.Login.Env.Prefix, requests, hosts)
		}
		if len(p.Hosts) != len(hosts) {
			t.Errorf("%s: %d hosts told of %v", a.Login.Env.Prefix, len(p.Hosts), hosts)
		}
		for _, h := range p.Hosts {
			if h.Err != nil || hosts[h.Name] == 0 {
				t.Errorf("%s: host %+v; want it to have answered", a.Login.Env.Prefix, h)
			}
		}
		if p.Client == nil || p.API == nil {
			t.Errorf("%s: Client = %v, API = %v; want both refused", a.Login.Env.Prefix, p.Client, p.API)
		}
		if p.Skew != nil {
			t.Errorf("%s: Skew = %s without a date", a.Login.Env.Prefix, *p.Skew)
		}
	}
}

func TestKnockReadsTheClock(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		date string
		age  string
		want time.Duration
		none bool
	}{
		{"as here", time.Now().UTC().Format(http.TimeFormat), "", 0, false},
		{"an hour ahead", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat), "", time.Hour, false},
		{"an hour behind", time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat), "", -time.Hour, false},
		{"from a cache", time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat), "3600", 0, true},
		{"no date", "", "", 0, true},
		{"nonsense", "yesterday", "", 0, true},
	} {
		a := operated(platforms.Twitter, platforms.Twitter.Logins[0])
		a.HTTP = &http.Client{Transport: answers(func(r *http.Request) (*http.Response, error) {
			header := http.Header{}
			for name, value := range map[string]string{"Date": tt.date, "Age": tt.age} {
				if value != "" {
					header.Set(name, value)
				}
			}
			return reply(r, http.StatusBadRequest, header), nil
		})}
		p := a.Knock(t.Context())
		if tt.none != (p.Skew == nil) || p.Skew != nil && (*p.Skew-tt.want).Abs() > 2*time.Second {
			t.Errorf("%s: Skew = %v; want %s", tt.name, p.Skew, tt.want)
		}
	}
}
