package auth

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/golang-jwt/jwt/v5"
)

// OIDC says at which OpenID Connect provider people sign in.
type OIDC struct {
	Issuer       string // as the provider writes it, see OpenID Connect Discovery 1.0 §4.3
	ClientID     string
	ClientSecret string
	RedirectURI  string // registered there

	// WorkspaceClaim and RoleClaim are those of [JWT]. An ID token need not have
	// them.
	WorkspaceClaim, RoleClaim string
}

// Provider signs people in by the authorization code flow (OpenID Connect Core 1.0
// §3.1) with PKCE (RFC 7636). It is safe for concurrent use.
type Provider struct {
	config OIDC
	client *http.Client
	keys   *issuerKeys
	parser *jwt.Parser
}

// NewProvider makes no request. client may be nil for [http.DefaultClient].
func NewProvider(c OIDC, client *http.Client) *Provider {
	c.WorkspaceClaim = cmp.Or(c.WorkspaceClaim, "workspace")
	c.RoleClaim = cmp.Or(c.RoleClaim, "role")
	client = cmp.Or(client, http.DefaultClient)
	// A redirect of the token endpoint would carry the secret and the code elsewhere.
	direct := *client
	direct.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Provider{
		config: c, client: &direct, keys: newIssuerKeys(client, "", c.Issuer),
		parser: jwt.NewParser(jwt.WithValidMethods(issuerMethods), jwt.WithExpirationRequired(),
			jwt.WithLeeway(leeway), jwt.WithIssuer(c.Issuer), jwt.WithAudience(c.ClientID)),
	}
}

// SignIn is one run through the provider's page. It belongs into the browser that
// began it and nowhere else: that the answer comes to the same browser is known
// by State, that the ID token is for this run by Nonce, and that nobody else uses
// the code by Verifier.
type SignIn struct {
	State    string `json:"state"`
	Nonce    string `json:"nonce"`
	Verifier string `json:"verifier"`
}

// Person is whom a provider has recognised.
type Person struct {
	User        string // the ID token's sub
	Name, Email string // for people to read; "" where the provider does not tell
	Workspace   string // as claimed; "" leaves it to the memberships
	Role        Role   // as claimed, and only beside Workspace; "" leaves it to the members
}

// Begin returns where the browser goes and what it is to remember. An error means
// that the provider could not be asked about itself.
func (p *Provider) Begin(ctx context.Context) (address string, s SignIn, err error) {
	m, err := p.keys.discovered(ctx)
	if err != nil {
		return "", SignIn{}, fmt.Errorf("discover the identity provider: %w", err)
	}
	u, err := url.Parse(m.AuthorizationEndpoint)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return "", SignIn{}, fmt.Errorf("the identity provider's authorization_endpoint %q is no address", m.AuthorizationEndpoint)
	}
	s = SignIn{State: rand.Text(), Nonce: rand.Text(), Verifier: rand.Text() + rand.Text()}
	challenge := sha256.Sum256([]byte(s.Verifier))
	q := u.Query()
	for name, value := range map[string]string{
		"response_type": "code", "client_id": p.config.ClientID, "redirect_uri": p.config.RedirectURI,
		"scope": "openid profile email", "state": s.State, "nonce": s.Nonce,
		"code_challenge": base64.RawURLEncoding.EncodeToString(challenge[:]), "code_challenge_method": "S256",
	} {
		q.Set(name, value)
	}
	u.RawQuery = q.Encode()
	return u.String(), s, nil
}

// Finish takes the provider's answer, the query of the redirect URI, to the sign-in
// that the browser remembers. It returns an [*Error] if the answer is not to this
// sign-in, if the person or the provider declined, or if the ID token will not do;
// any other error is a failure of the provider's or ours.
func (p *Provider) Finish(ctx context.Context, s SignIn, answer url.Values) (Person, error) {
	if s.State == "" || subtle.ConstantTimeCompare([]byte(answer.Get("state")), []byte(s.State)) != 1 {
		return Person{}, refuse("this answer belongs to no sign-in that was begun in this browser")
	}
	m, err := p.keys.discovered(ctx)
	if err != nil {
		return Person{}, fmt.Errorf("discover the identity provider: %w", err)
	}
	iss, named := answer.Get("iss"), answer.Has("iss")
	switch {
	case (named || m.NamesItself) && iss != p.config.Issuer:
		return Person{}, refuse("this answer is not of the identity provider that was asked") // mix-up: RFC 9207 §2.4
	case answer.Get("error") == "access_denied":
		return Person{}, refuse("the sign-in was cancelled at the identity provider")
	case answer.Get("error") != "":
		return Person{}, fmt.Errorf("the identity provider answered %.100q: %.200q", answer.Get("error"), answer.Get("error_description"))
	case answer.Get("code") == "":
		return Person{}, refuse("this answer of the identity provider has no code")
	}
	token, err := p.exchange(ctx, m, answer.Get("code"), s.Verifier)
	if err != nil {
		return Person{}, fmt.Errorf("exchange the identity provider's code: %w", err)
	}
	return p.person(ctx, token, s.Nonce)
}

// exchange trades a code for an ID token (OpenID Connect Core 1.0 §3.1.3).
func (p *Provider) exchange(ctx context.Context, m metadata, code, verifier string) (idToken string, err error) {
	form := url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {p.config.RedirectURI}, "code_verifier": {verifier},
	}
	// client_secret_basic is what a provider takes that does not say: Discovery §3.
	byForm := len(m.TokenAuthMethods) > 0 && !slices.Contains(m.TokenAuthMethods, "client_secret_basic")
	if byForm {
		form.Set("client_id", p.config.ClientID)
		form.Set("client_secret", p.config.ClientSecret)
	}
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, m.TokenEndpoint, strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Accept", "application/json")
	if !byForm {
		// Both are form-encoded first: RFC 6749 §2.3.1.
		request.SetBasicAuth(url.QueryEscape(p.config.ClientID), url.QueryEscape(p.config.ClientSecret))
	}
	response, err := p.client.Do(request)
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }() // it was only read
	var body struct {
		IDToken string `json:"id_token"`
		Error   string `json:"error"`
	}
	err = json.NewDecoder(http.MaxBytesReader(nil, response.Body, fetchLimit)).Decode(&body)
	switch {
	case response.StatusCode != http.StatusOK:
		return "", fmt.Errorf("%s answered %s %.100q", m.TokenEndpoint, response.Status, body.Error)
	case err != nil:
		return "", fmt.Errorf("read the answer of %s: %w", m.TokenEndpoint, err)
	case body.IDToken == "":
		return "", fmt.Errorf("%s answered without an ID token", m.TokenEndpoint)
	}
	return body.IDToken, nil
}

// person validates an ID token (§3.1.3.7) and reads it.
func (p *Provider) person(ctx context.Context, token, nonce string) (Person, error) {
	claims := jwt.MapClaims{}
	_, err := p.parser.ParseWithClaims(token, claims, func(t *jwt.Token) (any, error) { return p.keys.find(ctx, t) })
	if err != nil {
		return Person{}, tokenRefusal(err)
	}
	text := func(name string) string { value, _ := claims[name].(string); return value }
	audience, err := claims.GetAudience()
	switch {
	case err != nil:
		return Person{}, errors.New("read the audience of a verified ID token")
	case subtle.ConstantTimeCompare([]byte(text("nonce")), []byte(nonce)) != 1:
		return Person{}, refuse("the ID token is of another sign-in")
	case len(audience) > 1 && text("azp") == "", claims["azp"] != nil && text("azp") != p.config.ClientID:
		return Person{}, refuse("the ID token was made for another client")
	case !isName(text("sub")):
		return Person{}, refuse("the ID token does not say who has signed in")
	}
	person := Person{
		User: text("sub"), Email: text("email"), Workspace: text(p.config.WorkspaceClaim),
		Name: cmp.Or(text("name"), text("preferred_username"), text("email")),
	}
	if person.Workspace == "" {
		return person, nil
	}
	role, _, err := roleOf(claims, p.config.RoleClaim)
	switch {
	case err != nil:
		return Person{}, err
	case role == RoleService:
		return Person{}, refuse("the ID token has the role service, which is for back ends")
	case !isName(person.Workspace):
		return Person{}, refuse("the ID token names no possible workspace")
	}
	person.Role = role
	return person, nil
}
