package auth_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"mooring/auth"
)

// provider is the far side: an OpenID provider that gives one ID token for each
// code, if the verifier fits. It stands on [issuer] for its keys.
type provider struct {
	*issuer
	challenge string // of the latest visit
	nonce     string
	idToken   func(nonce string) string
	token     http.HandlerFunc // instead of the token endpoint, unless nil
	extra     string           // further metadata
}

const redirectURI = "https://mooring.example/login/callback"

func (p *provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/.well-known/openid-configuration":
		fmt.Fprintf(w, `{"issuer": %q, "jwks_uri": "https://issuer.example/jwks", "authorization_endpoint": "https://issuer.example/authorize?tenant=1",
			"token_endpoint": "https://issuer.example/token"%s}`, issuerURL, p.extra)
	case "/token":
		if p.token != nil {
			p.token(w, r)
			return
		}
		id, secret, _ := r.BasicAuth()
		challenge := sha256.Sum256([]byte(r.FormValue("code_verifier")))
		switch {
		case id != "mooring" || secret != url.QueryEscape("s3cret:&"):
			http.Error(w, `{"error":"invalid_client"}`, http.StatusUnauthorized)
		case r.FormValue("code") != "the-code" || r.FormValue("redirect_uri") != redirectURI || r.FormValue("grant_type") != "authorization_code",
			base64.RawURLEncoding.EncodeToString(challenge[:]) != p.challenge:
			http.Error(w, `{"error":"invalid_grant"}`, http.StatusBadRequest)
		default:
			fmt.Fprintf(w, `{"access_token": "x", "token_type": "Bearer", "id_token": %q}`, p.idToken(p.nonce))
		}
	default:
		p.issuer.ServeHTTP(w, r)
	}
}

func (p *provider) RoundTrip(r *http.Request) (*http.Response, error) {
	recorder := httptest.NewRecorder()
	p.ServeHTTP(recorder, r)
	return recorder.Result(), nil
}

// begin visits the provider's page and remembers what it was asked.
func (p *provider) begin(t *testing.T, at *auth.Provider) auth.SignIn {
	t.Helper()
	address, s, err := at.Begin(t.Context())
	if err != nil {
		t.Fatalf("Begin() = %v", err)
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	for name, want := range map[string]string{
		"response_type": "code", "client_id": "mooring", "redirect_uri": redirectURI, "code_challenge_method": "S256",
		"scope": "openid profile email", "state": s.State, "nonce": s.Nonce, "tenant": "1",
	} {
		if got := q.Get(name); got != want {
			t.Errorf("Begin() asks with %s = %q; want %q", name, got, want)
		}
	}
	p.challenge, p.nonce = q.Get("code_challenge"), q.Get("nonce")
	return s
}

func (p *provider) signIn(c *http.Client) *auth.Provider {
	return auth.NewProvider(auth.OIDC{Issuer: issuerURL, ClientID: "mooring", ClientSecret: "s3cret:&", RedirectURI: redirectURI}, c)
}

// idClaims are those of a good ID token, with changes; nil takes a claim away.
func idClaims(nonce string, changes jwt.MapClaims) jwt.MapClaims {
	c := jwt.MapClaims{
		"iss": issuerURL, "sub": "ada", "aud": "mooring", "exp": time.Now().Add(time.Minute).Unix(), "nonce": nonce,
		"name": "Ada L.", "email": "ada@example.com",
	}
	maps.Copy(c, changes)
	maps.DeleteFunc(c, func(_ string, value any) bool { return value == nil })
	return c
}

func idToken(t *testing.T, key signer, changes jwt.MapClaims) func(nonce string) string {
	return func(nonce string) string {
		token := jwt.NewWithClaims(key.method, idClaims(nonce, changes))
		token.Header["kid"] = key.kid
		signed, err := token.SignedString(key.key)
		if err != nil {
			t.Error(err)
		}
		return signed
	}
}

// newProvider returns the far side, with a key, and the near one.
func newProvider(t *testing.T) (*provider, signer, *auth.Provider) {
	t.Helper()
	p, key := &provider{issuer: &issuer{}}, newSigner(t, "1")
	p.publish(t, key)
	p.idToken = idToken(t, key, nil)
	at := p.signIn(&http.Client{Transport: p})
	return p, key, at
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	p, key, at := newProvider(t)
	s := p.begin(t, at)
	got, err := at.Finish(t.Context(), s, url.Values{"state": {s.State}, "code": {"the-code"}})
	if want := (auth.Person{User: "ada", Name: "Ada L.", Email: "ada@example.com"}); err != nil || got != want {
		t.Errorf("Finish() = %+v, %v; want %+v", got, err, want)
	}
	p.idToken = idToken(t, key, jwt.MapClaims{"workspace": "acme", "role": "viewer", "name": nil, "aud": []string{"mooring", "other"}, "azp": "mooring"})
	s = p.begin(t, at)
	got, err = at.Finish(t.Context(), s, url.Values{"state": {s.State}, "code": {"the-code"}, "iss": {issuerURL}})
	if want := (auth.Person{User: "ada", Name: "ada@example.com", Email: "ada@example.com", Workspace: "acme", Role: auth.RoleViewer}); err != nil || got != want {
		t.Errorf("Finish() = %+v, %v; want %+v", got, err, want)
	}
}

func TestSignInsDiffer(t *testing.T) {
	t.Parallel()
	p, _, at := newProvider(t)
	a, b := p.begin(t, at), p.begin(t, at)
	if a.State == b.State || a.Nonce == b.Nonce || a.Verifier == b.Verifier || len(a.State) < 26 || len(a.Verifier) < 43 {
		t.Errorf("Begin() twice = %+v, %+v; want other values, a state of 128 bits and a verifier of 43 characters or more", a, b)
	}
}

func TestAnswerRefused(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		answer url.Values // beside state and code
		forget bool       // what the browser remembers
		want   string
	}{
		{"another state", url.Values{"state": {"x"}}, false, "no sign-in"},
		{"no state", url.Values{"state": nil}, false, "no sign-in"},
		{"browser that began none", url.Values{}, true, "no sign-in"},
		{"browser that began none, no state", url.Values{"state": nil}, true, "no sign-in"},
		{"another issuer", url.Values{"iss": {"https://evil.example/"}}, false, "not of the identity provider"},
		{"empty issuer", url.Values{"iss": {""}}, false, "not of the identity provider"},
		{"denied", url.Values{"error": {"access_denied"}}, false, "cancelled"},
		{"no code", url.Values{"code": nil}, false, "no code"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p, _, at := newProvider(t)
			s := p.begin(t, at)
			answer := url.Values{"state": {s.State}, "code": {"the-code"}}
			maps.Copy(answer, test.answer)
			if test.forget {
				s = auth.SignIn{}
			}
			_, err := at.Finish(t.Context(), s, answer)
			var refused *auth.Error
			if !errors.As(err, &refused) || !strings.Contains(refused.Message, test.want) {
				t.Errorf("Finish() = %v; want a refusal with %q", err, test.want)
			}
		})
	}
}

// A provider that says it names itself has to.
func TestAnswerWithoutItsIssuer(t *testing.T) {
	t.Parallel()
	p, _, at := newProvider(t)
	p.extra = `, "authorization_response_iss_parameter_supported": true`
	s := p.begin(t, at)
	var refused *auth.Error
	if _, err := at.Finish(t.Context(), s, url.Values{"state": {s.State}, "code": {"the-code"}}); !errors.As(err, &refused) {
		t.Errorf("Finish() = %v; want a refusal", err)
	}
}

func TestIDTokenRefused(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for _, test := range []struct {
		name    string
		changes jwt.MapClaims
		want    string
	}{
		{"expired", jwt.MapClaims{"exp": now.Add(-time.Hour).Unix()}, "expired"},
		{"without an end", jwt.MapClaims{"exp": nil}, "lacks"},
		{"not valid yet", jwt.MapClaims{"nbf": now.Add(time.Hour).Unix()}, "not valid yet"},
		{"another issuer", jwt.MapClaims{"iss": "https://evil.example/"}, "issuer"},
		{"another client", jwt.MapClaims{"aud": "other"}, "audience"},
		{"several clients, no azp", jwt.MapClaims{"aud": []string{"mooring", "other"}}, "another client"},
		{"azp of another client", jwt.MapClaims{"azp": "other"}, "another client"},
		{"azp is a number", jwt.MapClaims{"azp": 7}, "another client"},
		{"another nonce", jwt.MapClaims{"nonce": "x"}, "another sign-in"},
		{"no nonce", jwt.MapClaims{"nonce": nil}, "another sign-in"},
		{"no subject", jwt.MapClaims{"sub": nil}, "who has signed in"},
		{"subject with a NUL", jwt.MapClaims{"sub": "a\x00b"}, "who has signed in"},
		{"endless subject", jwt.MapClaims{"sub": strings.Repeat("a", 256)}, "who has signed in"},
		{"a back end's role", jwt.MapClaims{"workspace": "acme", "role": "service"}, "back ends"},
		{"no role", jwt.MapClaims{"workspace": "acme", "role": "root"}, "none of"},
		{"workspace with a NUL", jwt.MapClaims{"workspace": "a\x00b"}, "workspace"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p, key, at := newProvider(t)
			p.idToken = idToken(t, key, test.changes)
			wantNoPerson(t, p, at, test.want)
		})
	}
}

func wantNoPerson(t *testing.T, p *provider, at *auth.Provider, want string) {
	t.Helper()
	s := p.begin(t, at)
	got, err := at.Finish(t.Context(), s, url.Values{"state": {s.State}, "code": {"the-code"}})
	var refused *auth.Error
	if !errors.As(err, &refused) || !strings.Contains(refused.Message, want) || got != (auth.Person{}) {
		t.Errorf("Finish() = %+v, %v; want a refusal with %q", got, err, want)
	}
}

func TestForgedIDToken(t *testing.T) {
	t.Parallel()
	p, key, at := newProvider(t)
	stranger := newSigner(t, "1")
	for name, token := range map[string]func(nonce string) string{
		"another key": idToken(t, stranger, nil),
		"unknown kid": idToken(t, signer{"2", "", stranger.method, stranger.key}, nil),
		"none": func(nonce string) string {
			token, _ := jwt.NewWithClaims(jwt.SigningMethodNone, idClaims(nonce, nil)).SignedString(jwt.UnsafeAllowNoneSignatureType)
			return token
		},
		"HS256 with the client's secret": func(nonce string) string {
			token, _ := jwt.NewWithClaims(jwt.SigningMethodHS256, idClaims(nonce, nil)).SignedString([]byte("s3cret:&"))
			return token
		},
		"HS256 with the public key": func(nonce string) string {
			token, _ := jwt.NewWithClaims(jwt.SigningMethodHS256, idClaims(nonce, nil)).SignedString([]byte(key.public(t)))
			return token
		},
		"kid that leads to a file": idToken(t, signer{"../../../dev/null", "", stranger.method, stranger.key}, nil),
	} {
		p.idToken = token
		t.Run(name, func(t *testing.T) { wantNoPerson(t, p, at, "not signed") })
	}
}

// What the provider does wrong is a failure, and gives nobody in.
func TestProviderFails(t *testing.T) {
	t.Parallel()
	elsewhere := false
	for name, token := range map[string]http.HandlerFunc{
		"refuses the code": func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, `{"error":"invalid_grant"}`, http.StatusBadRequest)
		},
		"answers with a page": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>") },
		"gives no ID token":   func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"access_token":"x"}`) },
		"redirects": func(w http.ResponseWriter, r *http.Request) {
			elsewhere = elsewhere || strings.Contains(r.URL.Path, "elsewhere")
			http.Redirect(w, r, "https://issuer.example/token?elsewhere", http.StatusTemporaryRedirect)
		},
	} {
		p, _, at := newProvider(t)
		p.token = token
		s := p.begin(t, at)
		_, err := at.Finish(t.Context(), s, url.Values{"state": {s.State}, "code": {"the-code"}})
		var refused *auth.Error
		if err == nil || errors.As(err, &refused) {
			t.Errorf("a provider that %s: Finish() = %v; want a failure", name, err)
		} else if strings.Contains(err.Error(), "the-code") || strings.Contains(err.Error(), s.Verifier) {
			t.Errorf("a provider that %s: Finish() = %v, which repeats a secret", name, err)
		}
	}
}

func TestClientSecretByForm(t *testing.T) {
	t.Parallel()
	p, _, at := newProvider(t)
	p.extra = `, "token_endpoint_auth_methods_supported": ["client_secret_post"]`
	p.token = func(w http.ResponseWriter, r *http.Request) {
		if _, _, basic := r.BasicAuth(); basic || r.FormValue("client_id") != "mooring" || r.FormValue("client_secret") != "s3cret:&" {
			http.Error(w, `{"error":"invalid_client"}`, http.StatusUnauthorized)
			return
		}
		fmt.Fprintf(w, `{"id_token": %q}`, p.idToken(p.nonce))
	}
	s := p.begin(t, at)
	if got, err := at.Finish(t.Context(), s, url.Values{"state": {s.State}, "code": {"the-code"}}); err != nil || got.User != "ada" {
		t.Errorf("Finish() = %+v, %v; want ada", got, err)
	}
}

// However many people knock, a provider that is down is asked at a pace.
func TestSignInDoesNotFloodTheProvider(t *testing.T) {
	t.Parallel()
	asked := 0
	down := handlerTransport{http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked++
		w.WriteHeader(http.StatusServiceUnavailable)
	})}
	at := (&provider{}).signIn(&http.Client{Transport: down})
	for range 50 {
		if _, _, err := at.Begin(context.Background()); err == nil || !strings.Contains(err.Error(), "503") {
			t.Errorf("Begin() = %v; want 503", err)
		}
	}
	if asked != 2 {
		t.Errorf("the provider was asked %d times; want 2", asked)
	}
}
