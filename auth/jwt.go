package auth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// JWT says which tokens are accepted: those signed with Secret, with a key of
// JWKSURL, or, where neither is given, with a key of Issuer. The zero JWT accepts
// none.
type JWT struct {
	// Secret verifies HS256. It has 32 bytes or more (RFC 7518 §3.2), and is taken
	// as it stands, not decoded.
	Secret string

	// JWKSURL is where the issuer publishes its keys (RFC 7517).
	JWKSURL string

	// Issuer is what the claim iss must be; empty accepts any. If neither Secret
	// nor JWKSURL is given, it is a URL from which the keys are discovered (OpenID
	// Connect Discovery 1.0 §4).
	Issuer string

	// Audience is what the claim aud must contain; empty accepts any. Set it
	// wherever the issuer also makes tokens for others (RFC 8725 §3.9).
	Audience string

	// WorkspaceClaim and RoleClaim are the names of the claims that say where and
	// as what the subject acts. Empty: "workspace" and "role".
	WorkspaceClaim, RoleClaim string
}

// Configured reports whether tokens are accepted at all.
func (c JWT) Configured() bool {
	return c.Secret != "" || c.JWKSURL != "" || c.Issuer != ""
}

const (
	leeway         = 30 * time.Second // by which clocks may differ
	minSecretBytes = 32
)

// The algorithms verified with an issuer's keys (RFC 7518 §3.1, RFC 8037 §3.1).
var issuerMethods = []string{
	"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
}

// tokenVerifier turns a token into an actor.
type tokenVerifier struct {
	parser         *jwt.Parser
	secret         []byte
	issuerKeys     *issuerKeys // nil where only Secret verifies
	workspaceClaim string
	roleClaim      string
}

func newTokenVerifier(c JWT, client *http.Client) (*tokenVerifier, error) {
	v := &tokenVerifier{
		secret:         []byte(c.Secret),
		workspaceClaim: cmp.Or(c.WorkspaceClaim, "workspace"),
		roleClaim:      cmp.Or(c.RoleClaim, "role"),
	}
	var methods []string
	if c.Secret != "" {
		if len(c.Secret) < minSecretBytes {
			return nil, fmt.Errorf("the JWT secret has %d bytes; HS256 needs %d or more (make one with `openssl rand -base64 32`)", len(c.Secret), minSecretBytes)
		}
		methods = append(methods, jwt.SigningMethodHS256.Alg())
	}
	if c.JWKSURL != "" || c.Secret == "" {
		source := cmp.Or(c.JWKSURL, c.Issuer)
		if u, err := url.Parse(source); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
			return nil, fmt.Errorf("the JWT issuer's keys are to come from %q, which is not an http(s) URL", source)
		}
		v.issuerKeys = newIssuerKeys(cmp.Or(client, http.DefaultClient), c.JWKSURL, c.Issuer)
		methods = append(methods, issuerMethods...)
	}
	options := []jwt.ParserOption{jwt.WithValidMethods(methods), jwt.WithExpirationRequired(), jwt.WithLeeway(leeway)}
	if c.Issuer != "" {
		options = append(options, jwt.WithIssuer(c.Issuer))
	}
	if c.Audience != "" {
		options = append(options, jwt.WithAudience(c.Audience))
	}
	v.parser = jwt.NewParser(options...)
	return v, nil
}

func (v *tokenVerifier) authenticate(ctx context.Context, token string) (Actor, error) {
	claims := jwt.MapClaims{}
	_, err := v.parser.ParseWithClaims(token, claims, func(t *jwt.Token) (any, error) {
		if t.Method == jwt.SigningMethodHS256 {
			return v.secret, nil
		}
		return v.issuerKeys.find(ctx, t)
	})
	if err != nil {
		return Actor{}, v.named(tokenRefusal(err), claims)
	}
	actor, err := v.actor(claims)
	return actor, v.named(err, claims)
}

// named adds to the refusal of a token whose claims an accepted key has signed
// who it says it is of.
func (v *tokenVerifier) named(err error, claims jwt.MapClaims) error {
	refused, ok := errors.AsType[*Error](err)
	if !ok || refused.forged {
		return err
	}
	subject, _ := claims["sub"].(string)
	workspace, _ := claims[v.workspaceClaim].(string)
	return refused.of(workspace, subject)
}

// tokenRefusal sorts the parser's errors, which come joined: a token has ended
// only if nothing else is wrong with it. Their texts are not passed on, since
// they may quote the token.
func tokenRefusal(err error) error {
	if failure, ok := errors.AsType[*keysUnavailableError](err); ok {
		return failure
	}
	for _, refusal := range []struct {
		cause   error
		message string
		forged  bool
	}{
		{jwt.ErrTokenMalformed, "the credential is neither an API key nor a well-formed JWT", true},
		{jwt.ErrTokenUnverifiable, "the token is not signed with a key and algorithm accepted here", true},
		{jwt.ErrTokenSignatureInvalid, "the token is not signed with a key and algorithm accepted here", true},
		{jwt.ErrTokenInvalidIssuer, "the token is from another issuer", false},
		{jwt.ErrTokenInvalidAudience, "the token is for another audience", false},
		{jwt.ErrTokenRequiredClaimMissing, "the token lacks one of the claims exp, iss and aud", false},
		{jwt.ErrInvalidType, "the token has a registered claim of the wrong type", false},
		{jwt.ErrTokenNotValidYet, "the token is not valid yet", false},
	} {
		if errors.Is(err, refusal.cause) {
			return &Error{Code: Unauthenticated, Message: refusal.message, forged: refusal.forged}
		}
	}
	if errors.Is(err, jwt.ErrTokenExpired) {
		return expired("the token has expired")
	}
	return refuse("the token is not valid")
}

// actor reads the claims of a verified token. Its role is "" if they name none.
func (v *tokenVerifier) actor(claims jwt.MapClaims) (Actor, error) {
	subject, _ := claims["sub"].(string)
	workspace, _ := claims[v.workspaceClaim].(string)
	role, claimed, err := roleOf(claims, v.roleClaim)
	switch {
	case subject == "":
		return Actor{}, refuse("the token does not say who is calling: the claim %q is missing", "sub")
	case workspace == "":
		return Actor{}, refuse("the token does not name a workspace: the claim %q is missing", v.workspaceClaim)
	case err != nil:
		return Actor{}, err
	}
	end, err := claims.GetExpirationTime()
	if err != nil {
		return Actor{}, fmt.Errorf("read the end of a verified token: %w", err)
	}
	actor := Actor{
		User:        subject,
		Workspace:   workspace,
		Role:        role,
		RoleClaimed: claimed,
		Method:      MethodJWT,
		ExpiresAt:   end.Add(leeway),
	}
	if role == RoleService {
		actor.Scopes = scopesOf(claims)
	}
	return actor, nil
}

// roleOf reads the claim that names the role, if there is one.
func roleOf(claims jwt.MapClaims, name string) (role Role, claimed bool, err error) {
	value, claimed := claims[name]
	if !claimed {
		return "", false, nil
	}
	text, _ := value.(string)
	role = Role(strings.ToUpper(text))
	if !slices.Contains(Roles(), role) {
		return "", true, refuse("the token's claim %q is none of: %s", name, list(Roles()))
	}
	return role, true, nil
}

// scopesOf reads the scopes of a service token from the claims scope or scopes,
// each a list or a string of words (RFC 8693 §4.2). Other systems' scopes are
// dropped. A claim that is there but cannot be read gives none.
func scopesOf(claims jwt.MapClaims) []Permission {
	scope, hasScope := claims["scope"]
	scopes, hasScopes := claims["scopes"]
	if !hasScope && !hasScopes {
		return slices.Clone(serviceDefault)
	}
	words := append(wordsOf(scope), wordsOf(scopes)...)
	return slices.DeleteFunc(Permissions(), func(p Permission) bool {
		return !slices.Contains(words, string(p))
	})
}

func wordsOf(claim any) []string {
	switch claim := claim.(type) {
	case string:
		return strings.Fields(claim)
	case []any:
		var words []string
		for _, element := range claim {
			if word, ok := element.(string); ok {
				words = append(words, word)
			}
		}
		return words
	}
	return nil
}
