package auth_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/golang-jwt/jwt/v5"

	"mooring/auth"
)

// issuer is the far side: an OpenID provider whose keys can be changed and which
// can fail. As an [http.RoundTripper] it answers without sockets.
type issuer struct {
	mu      sync.Mutex
	keys    []json.RawMessage
	answer  http.HandlerFunc // instead of the keys, unless nil
	fetches int              // of the keys
}

const issuerURL = "https://issuer.example/"

func (i *issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/.well-known/openid-configuration" {
		base := "http://" + r.Host
		if r.Host == "issuer.example" {
			base = "https://" + r.Host
		}
		fmt.Fprintf(w, `{"issuer": %q, "jwks_uri": %q}`, base+"/", base+"/jwks")
		return
	}
	i.mu.Lock()
	i.fetches++
	keys, answer := i.keys, i.answer
	i.mu.Unlock()
	if answer != nil {
		answer(w, r)
		return
	}
	// Encoding raw messages that the test made cannot fail.
	_ = json.NewEncoder(w).Encode(map[string]any{"keys": keys})
}

func (i *issuer) RoundTrip(r *http.Request) (*http.Response, error) {
	recorder := httptest.NewRecorder()
	i.ServeHTTP(recorder, r)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return recorder.Result(), nil
}

func (i *issuer) publish(t testing.TB, keys ...signer) {
	t.Helper()
	i.mu.Lock()
	defer i.mu.Unlock()
	i.keys = nil
	for _, key := range keys {
		i.keys = append(i.keys, key.public(t))
	}
}

func (i *issuer) answerWith(h http.HandlerFunc) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.answer = h
}

func (i *issuer) fetched() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.fetches
}

func (i *issuer) config() auth.Config {
	return auth.Config{JWT: auth.JWT{Issuer: issuerURL}, HTTP: &http.Client{Transport: i}}
}

// signer is one key pair of an issuer.
type signer struct {
	kid    string
	use    jwkset.USE
	method jwt.SigningMethod
	key    crypto.Signer
}

func newSigner(t testing.TB, kid string) signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatalf("generate key: %v", err)
	}
	return signer{kid: kid, use: jwkset.UseSig, method: jwt.SigningMethodES256, key: key}
}

func (s signer) public(t testing.TB) json.RawMessage {
	t.Helper()
	jwk, err := jwkset.NewJWKFromKey(s.key.Public(), jwkset.JWKOptions{Metadata: jwkset.JWKMetadataOptions{KID: s.kid, USE: s.use}})
	if err != nil {
		t.Fatalf("make JWK: %v", err)
	}
	raw, err := json.Marshal(jwk.Marshal())
	if err != nil {
		t.Fatalf("marshal JWK: %v", err)
	}
	return raw
}

// token returns the value of an Authorization header.
func (s signer) token(t testing.TB, changes ...jwt.MapClaims) string {
	t.Helper()
	token := jwt.NewWithClaims(s.method, claims(append([]jwt.MapClaims{{"iss": issuerURL}}, changes...)...))
	if s.kid != "" {
		token.Header["kid"] = s.kid
	}
	signed, err := token.SignedString(s.key)
	if err != nil {
		t.Fatalf("sign: %v", err)
	}
	return "Bearer " + signed
}

func wantAccepted(t testing.TB, a *auth.Authenticator, authorization string) {
	t.Helper()
	if _, err := a.Authenticate(context.Background(), authorization); err != nil {
		t.Errorf("Authenticate() = %v; want an actor", err)
	}
}

// wantFailure checks for an error that says nothing against the credential.
func wantFailure(t testing.TB, a *auth.Authenticator, authorization, want string) {
	t.Helper()
	actor, err := a.Authenticate(context.Background(), authorization)
	var refusal *auth.Error
	if err == nil || errors.As(err, &refusal) || !strings.Contains(err.Error(), want) {
		t.Errorf("Authenticate() = %+v, %v; want a failure with %q", actor, err, want)
		return
	}
	wantNoEcho(t, err.Error(), authorization)
}

func wantFetches(t testing.TB, i *issuer, want int) {
	t.Helper()
	if got := i.fetched(); got != want {
		t.Errorf("keys were fetched %d times; want %d", got, want)
	}
}

func TestIssuersKeysOverHTTP(t *testing.T) {
	t.Parallel()
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatalf("generate key: %v", err)
	}
	_, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatalf("generate key: %v", err)
	}
	es := newSigner(t, "es")
	rs := signer{"rs", "", jwt.SigningMethodRS256, rsaKey}
	ps := signer{"rs", "", jwt.SigningMethodPS256, rsaKey}
	ed := signer{"ed", jwkset.UseSig, jwt.SigningMethodEdDSA, edKey}
	encryption := newSigner(t, "encryption")
	encryption.use = jwkset.UseEnc

	provider := &issuer{}
	provider.publish(t, es, rs, ed, encryption)
	// RFC 7517 §5: what is not understood is ignored.
	provider.keys = append(provider.keys, json.RawMessage(`{"kty":"EC","crv":"secp256k1","kid":"k1"}`), json.RawMessage(`{"kty":"new"}`), json.RawMessage(`7`))
	var lured atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/strangers" {
			lured.Add(1)
		}
		provider.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		server.Close()
		if n := lured.Load(); n != 0 {
			t.Errorf("an address that a token names was asked %d times", n)
		}
	})

	for name, config := range map[string]auth.JWT{
		"discovery": {Issuer: server.URL + "/"},
		"JWKS URL":  {Issuer: server.URL + "/", JWKSURL: server.URL + "/jwks"},
		"both":      {Issuer: server.URL + "/", JWKSURL: server.URL + "/jwks", Secret: secret},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAuthenticator(t, auth.Config{JWT: config, HTTP: server.Client()})
			ours := jwt.MapClaims{"iss": server.URL + "/"}
			for _, s := range []signer{es, rs, ps, ed} {
				wantAccepted(t, a, s.token(t, ours))
				s.kid = ""
				wantAccepted(t, a, s.token(t, ours)) // any of the issuer's keys will do
			}
			wantRefused(t, a, es.token(t), "issuer", false)
			wantRefused(t, a, encryption.token(t, ours), "not signed", false)

			stranger := newSigner(t, "es")
			wantRefused(t, a, stranger.token(t, ours), "not signed", false)
			mixed := signer{"rs", "", jwt.SigningMethodES256, es.key}
			wantRefused(t, a, mixed.token(t, ours), "not signed", false)
			if config.Secret != "" {
				wantAccepted(t, a, "Bearer "+sign(t, claims(ours)))
			} else {
				wantRefused(t, a, "Bearer "+sign(t, claims(ours)), "not signed", false)
			}
			// A token's own word on where its key is, or what it is, counts for nothing.
			for name, value := range map[string]any{
				"jku": server.URL + "/strangers", "x5u": server.URL + "/strangers", "jwk": stranger.public(t), "x5c": []string{"AA=="}, "kid": "../../dev/null",
			} {
				token := jwt.NewWithClaims(stranger.method, claims(ours))
				token.Header["kid"] = "es"
				token.Header[name] = value
				bait, err := token.SignedString(stranger.key)
				if err != nil {
					t.Fatalf("sign: %v", err)
				}
				wantRefused(t, a, "Bearer "+bait, "not signed", false)
			}
			for _, publicKey := range publicForms(t, rsaKey) {
				token := jwt.NewWithClaims(jwt.SigningMethodHS256, claims(ours))
				token.Header["kid"] = "rs"
				confused, err := token.SignedString(publicKey)
				if err != nil {
					t.Fatalf("sign: %v", err)
				}
				wantRefused(t, a, "Bearer "+confused, "not signed", false)
			}
		})
	}
}

// publicForms are the texts of a public key that an attacker may use as a secret.
func publicForms(t *testing.T, key *rsa.PrivateKey) [][]byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatalf("marshal public key: %v", err)
	}
	return [][]byte{der, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), key.N.Bytes()}
}

// With a secret alone, iss is checked but nobody is asked for keys.
func TestIssuerBesideASecretIsNotDiscovered(t *testing.T) {
	t.Parallel()
	provider, key := &issuer{}, newSigner(t, "1")
	provider.publish(t, key)
	config := provider.config()
	config.JWT.Secret = secret
	a := newAuthenticator(t, config)
	wantAccepted(t, a, "Bearer "+sign(t, claims(jwt.MapClaims{"iss": issuerURL})))
	wantRefused(t, a, "Bearer "+sign(t, claims()), "lacks", false)
	wantRefused(t, a, key.token(t), "not signed", false)
	wantFetches(t, provider, 0)
}

func TestKeysAreFetchedWhenFirstNeeded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		provider, key := &issuer{}, newSigner(t, "1")
		provider.publish(t, key)
		a := newAuthenticator(t, provider.config())
		wantRefused(t, a, "Bearer not-a-token", "well-formed", false)
		wantFetches(t, provider, 0)

		var callers sync.WaitGroup
		for range 20 {
			callers.Go(func() { wantAccepted(t, a, key.token(t)) })
		}
		callers.Wait()
		wantFetches(t, provider, 1)
	})
}

func TestUnknownKeysCannotFloodTheIssuer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		provider, key := &issuer{}, newSigner(t, "1")
		provider.publish(t, key)
		a := newAuthenticator(t, provider.config())
		wantAccepted(t, a, key.token(t))

		flood := func(round string) {
			for n := range 200 {
				stranger := key
				stranger.kid = fmt.Sprint(round, n)
				wantRefused(t, a, stranger.token(t), "not signed", false)
			}
		}
		flood("first")
		wantFetches(t, provider, 2)
		<-time.After(9 * time.Second)
		flood("second")
		wantFetches(t, provider, 2)
		<-time.After(time.Second)
		flood("third")
		wantFetches(t, provider, 3)

		// The budget does not pile up: after a long rest it is two again.
		<-time.After(9 * time.Minute)
		flood("fourth")
		wantFetches(t, provider, 5)
		wantAccepted(t, a, key.token(t))
	})
}

func TestRotatedKeyIsSeenAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		provider, old, next := &issuer{}, newSigner(t, "old"), newSigner(t, "next")
		provider.publish(t, old)
		a := newAuthenticator(t, provider.config())
		wantAccepted(t, a, old.token(t))
		provider.publish(t, old, next)
		wantAccepted(t, a, next.token(t))
		wantAccepted(t, a, old.token(t))
		wantFetches(t, provider, 2)
	})
}

func TestWithdrawnKeyIsForgotten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		provider, old, next := &issuer{}, newSigner(t, "old"), newSigner(t, "next")
		provider.publish(t, old)
		a := newAuthenticator(t, provider.config())
		wantAccepted(t, a, old.token(t))
		provider.publish(t, next)
		<-time.After(10 * time.Minute)
		wantAccepted(t, a, old.token(t)) // not older than ten minutes yet
		wantFetches(t, provider, 1)
		<-time.After(time.Nanosecond)
		wantAccepted(t, a, old.token(t)) // starts the renewal without waiting for it
		synctest.Wait()
		wantFetches(t, provider, 2)
		wantRefused(t, a, old.token(t), "not signed", false)
		wantAccepted(t, a, next.token(t))
	})
}

func TestIssuerDown(t *testing.T) {
	t.Parallel()
	unavailable := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }
	synctest.Test(t, func(t *testing.T) {
		provider, key, next := &issuer{}, newSigner(t, "1"), newSigner(t, "2")
		provider.publish(t, key)
		provider.answerWith(unavailable)
		a := newAuthenticator(t, provider.config())

		for range 50 {
			wantFailure(t, a, key.token(t), "503")
		}
		wantFetches(t, provider, 2)
		provider.answerWith(nil)
		wantFailure(t, a, key.token(t), "503") // the pace is kept
		<-time.After(10 * time.Second)
		wantAccepted(t, a, key.token(t))

		// Down again: known keys go on, and an unknown one may be a new one.
		provider.answerWith(unavailable)
		<-time.After(24 * time.Hour)
		wantAccepted(t, a, key.token(t))
		synctest.Wait()
		wantAccepted(t, a, key.token(t))
		wantFailure(t, a, next.token(t), "503")
		provider.publish(t, key, next)
		provider.answerWith(nil)
		<-time.After(10 * time.Second)
		wantAccepted(t, a, next.token(t))
	})
}

func TestIssuerHangs(t *testing.T) {
	t.Parallel()
	hang := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	synctest.Test(t, func(t *testing.T) {
		provider, key := &issuer{}, newSigner(t, "1")
		provider.publish(t, key)
		provider.answerWith(hang)
		a := newAuthenticator(t, provider.config())

		// A caller who leaves neither waits for the fetch nor ends it for others.
		impatient, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		if _, err := a.Authenticate(impatient, key.token(t)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Authenticate() = %v; want DeadlineExceeded", err)
		}
		if took := time.Since(start); took != time.Second {
			t.Errorf("an impatient caller waited %v; want 1s", took)
		}
		wantFailure(t, a, key.token(t), "deadline")
		if took := time.Since(start); took != 5*time.Second {
			t.Errorf("the fetch took %v; want 5s", took)
		}
		wantFetches(t, provider, 1)

		provider.answerWith(nil)
		wantAccepted(t, a, key.token(t))
		provider.answerWith(hang)
		<-time.After(time.Hour)
		start = time.Now()
		wantAccepted(t, a, key.token(t))
		if took := time.Since(start); took != 0 {
			t.Errorf("with known keys and a hanging issuer a caller waited %v; want 0s", took)
		}
		<-time.After(5 * time.Second) // the renewal gives up before the bubble ends
	})
}

func TestUnusableAnswersOfTheIssuer(t *testing.T) {
	t.Parallel()
	key := newSigner(t, "1")
	write := func(body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) }
	}
	for name, test := range map[string]struct {
		discovery, jwks http.HandlerFunc
		want            string
	}{
		"discovery of another issuer": {discovery: write(`{"issuer":"https://evil.example","jwks_uri":"https://evil.example/jwks"}`), want: "evil.example"},
		"discovery without keys":      {discovery: write(`{"issuer":"https://issuer.example/"}`), want: "no jwks_uri"},
		"discovery is a page":         {discovery: write(`<html>`), want: "openid-configuration"},
		"no such page":                {discovery: http.NotFound, want: "404"},
		"keys are a page":             {jwks: write(`<html>`), want: "/jwks"},
		"no keys":                     {jwks: write(`{}`), want: "publishes no key"},
		"endless keys":                {jwks: write(`{"keys":[` + strings.Repeat(" ", 1<<20) + `]}`), want: "too large"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mux := http.NewServeMux()
			provider := &issuer{}
			provider.publish(t, key)
			mux.Handle("/", provider)
			if test.discovery != nil {
				mux.Handle("/.well-known/openid-configuration", test.discovery)
			}
			if test.jwks != nil {
				mux.Handle("/jwks", test.jwks)
			}
			a := newAuthenticator(t, auth.Config{JWT: auth.JWT{Issuer: issuerURL}, HTTP: &http.Client{Transport: handlerTransport{mux}}})
			wantFailure(t, a, key.token(t), test.want)
		})
	}
}

// handlerTransport answers requests with a handler, without sockets.
type handlerTransport struct{ http.Handler }

func (h handlerTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	recorder := httptest.NewRecorder()
	recorder.Body = new(bytes.Buffer)
	h.ServeHTTP(recorder, r)
	return recorder.Result(), nil
}
