package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"code.dny.dev/ssrf"

	"mooring/auth"
)

// inside is a server that only this machine reaches, and how often it was.
func inside(t *testing.T, handler http.HandlerFunc) (address string, asked *atomic.Int32) {
	t.Helper()
	asked = new(atomic.Int32)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if handler != nil {
			handler(w, r)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL, asked
}

func settingsFor(t *testing.T, environ ...string) *config {
	t.Helper()
	c, err := readConfig(append([]string{"MOORING_HTTP_TIMEOUT=5s"}, environ...))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestPrivateAddressesAreNotReached tries the spellings of what only this
// machine or its network reaches. A name is checked by the address that it led
// to.
func TestPrivateAddressesAreNotReached(t *testing.T) {
	t.Parallel()
	address, asked := inside(t, nil)
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(address, "http://"))
	client := settingsFor(t).outgoing("http://localhost:1")
	for _, host := range []string{
		"127.0.0.1", "localhost", "LOCALHOST", "127.1.2.3", "127.1", "2130706433", "0x7f.1", "0x7f000001", "0177.0.0.1", "017700000001",
		"0.0.0.0", "[::]", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]",
		"169.254.169.254", "[fe80::1]", "[fd00:ec2::254]", "10.0.0.1", "172.16.0.1", "192.168.0.1", "100.64.0.1", "198.18.0.1",
		"[::ffff:10.0.0.1]", "[::ffff:169.254.169.254]", "224.0.0.1", "255.255.255.255",
	} {
		resp, err := client.Get("http://" + host + ":" + port + "/")
		if err == nil {
			resp.Body.Close()
			t.Errorf("%s was reached", host)
			continue
		}
		// Some spellings are no address at all to some resolvers.
		if _, unknown := errors.AsType[*net.DNSError](err); !unknown && !errors.Is(err, ssrf.ErrProhibitedIP) {
			t.Errorf("Get(%s) = %v; want it refused", host, err)
		}
	}
	if n := asked.Load(); n != 0 {
		t.Errorf("a server inside was asked %d times", n)
	}
}

// TestConfiguredAddressesAreReached trusts what the operator wrote down, by host
// and port, and no redirect from there.
func TestConfiguredAddressesAreReached(t *testing.T) {
	t.Parallel()
	other, asked := inside(t, nil)
	configured, _ := inside(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other, http.StatusFound) })
	c := settingsFor(t, "TWITTER_TOKEN_URL="+configured+"/token")
	resp, err := c.outgoing().Get(configured + "/token")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusFound || asked.Load() != 0 {
		t.Errorf("status %d, and the redirect's target was asked %d times; want 302 and 0", resp.StatusCode, asked.Load())
	}
	if resp, err := c.outgoing().Get(other); err == nil {
		resp.Body.Close()
		t.Error("another port of the same host was reached")
	}
	open := settingsFor(t, "MOORING_PRIVATE_NETWORKS=on")
	if resp, err = open.outgoing().Get(other); err != nil {
		t.Fatalf("with MOORING_PRIVATE_NETWORKS=on: %v", err)
	}
	resp.Body.Close()
}

// TestIssuersDescriptionIsNotTrusted lets an issuer say that its keys are inside.
func TestIssuersDescriptionIsNotTrusted(t *testing.T) {
	t.Parallel()
	keys, asked := inside(t, nil)
	var issuer string
	issuer, described := inside(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"issuer":"`+issuer+`","jwks_uri":"`+keys+`"}`)
	})
	c := settingsFor(t, "MOORING_JWT_ISSUER="+issuer, "MOORING_KEY_FILE=none")
	a, err := auth.New(auth.Config{JWT: c.jwt, HTTP: c.outgoing()})
	if err != nil {
		t.Fatal(err)
	}
	const unsigned = "eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.e30.c2ln"
	if _, err := a.Authenticate(t.Context(), "Bearer "+unsigned); err == nil {
		t.Error("a token without a key was accepted")
	}
	if described.Load() == 0 || asked.Load() != 0 {
		t.Errorf("the issuer was asked %d times, and what it named inside %d times; want the first alone", described.Load(), asked.Load())
	}
}

// TestAnswersEnd cuts answers off that have no end, and does not wait for ever.
func TestAnswersEnd(t *testing.T) {
	t.Parallel()
	stopped := make(chan struct{})
	endless, _ := inside(t, func(w http.ResponseWriter, r *http.Request) {
		defer close(stopped)
		for chunk := make([]byte, 64<<10); r.Context().Err() == nil; {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
	c := settingsFor(t, "TWITTER_TOKEN_URL="+endless)
	resp, err := c.outgoing().Get(endless)
	if err != nil {
		t.Fatal(err)
	}
	n, err := io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
	if _, ok := errors.AsType[*http.MaxBytesError](err); !ok || n != maxIncoming {
		t.Errorf("%d bytes were read, then %v; want %d and an end", n, err, maxIncoming)
	}
	select {
	case <-stopped:
	case <-time.After(10 * time.Second):
		t.Error("the endless answer goes on")
	}
}

// rebinding is a resolver whose name server changes its mind: a name has an IPv6
// address the first time, and an IPv4 address from then on.
func rebinding(t *testing.T, first, then string) *net.Resolver {
	t.Helper()
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	go func() {
		const header, typeA, typeAAAA = 12, 1, 28
		asked := map[byte]int{}
		for query := make([]byte, 512); ; {
			n, from, err := server.ReadFrom(query)
			if err != nil {
				return // the test is over
			}
			question := query[header:n]
			question = question[:bytes.IndexByte(question, 0)+5] // name, type and class, RFC 1035 §4.1.2; EDNS is not answered
			kind := question[len(question)-3]
			asked[kind]++
			var address net.IP
			switch {
			case kind == typeAAAA && asked[kind] == 1:
				address = net.ParseIP(first)
			case kind == typeA && asked[kind] > 1:
				address = net.ParseIP(then).To4()
			}
			// A response, recursion available; one question, no or one answer.
			answer := append(slices.Clone(query[:2]), 0x81, 0x80, 0, 1, 0, byte(min(1, len(address))), 0, 0, 0, 0)
			answer = append(answer, question...)
			if address != nil { // for the name of the question, good for no time
				answer = append(append(answer, 0xc0, header, 0, kind, 0, 1, 0, 0, 0, 0, 0, byte(len(address))), address...)
			}
			_, _ = server.WriteTo(answer, from) // the resolver would ask again
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", server.LocalAddr().String())
	}}
}

// TestNamesThatChange asks for a name that leads outside when it is looked up
// first, and inside when it is again: what is checked is what is connected to.
func TestNamesThatChange(t *testing.T) {
	t.Parallel()
	address, asked := inside(t, nil)
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(address, "http://"))
	const outside = "3ffe::1" // a public address that was given back: nobody has it
	client := settingsFor(t).outgoingBy(rebinding(t, outside, "127.0.0.1"))
	for n, refused := range []bool{false, true} {
		client.Timeout = []time.Duration{time.Second, 20 * time.Second}[n] // nobody answers from outside
		resp, err := client.Get("http://rebound.example:" + port + "/")
		if err == nil {
			resp.Body.Close()
		}
		if err == nil || errors.Is(err, ssrf.ErrProhibitedIP) != refused || asked.Load() != 0 {
			t.Errorf("request %d: Get() = %v, and the server inside was asked %d times; want it refused %t", n+1, err, asked.Load(), refused)
		}
	}
}
