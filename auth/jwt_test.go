package auth_test

import (
	"context"
	"encoding/base64"
	"errors"
	"maps"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"mooring/auth"
)

// claims are those of a good token, with changes; nil takes a claim away.
func claims(changes ...jwt.MapClaims) jwt.MapClaims {
	c := jwt.MapClaims{"sub": "user_1", "workspace": "ws_1", "exp": time.Now().Add(time.Hour).Unix()}
	for _, change := range changes {
		maps.Copy(c, change)
	}
	maps.DeleteFunc(c, func(_ string, value any) bool { return value == nil })
	return c
}

func sign(t testing.TB, c jwt.MapClaims) string {
	t.Helper()
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, c).SignedString([]byte(secret))
	if err != nil {
		t.Fatalf("sign: %v", err)
	}
	return token
}

func TestToken(t *testing.T) {
	t.Parallel()
	a := newAuthenticator(t, auth.Config{JWT: auth.JWT{Secret: secret}})
	end := time.Now().Add(time.Hour).Truncate(time.Second)
	wantActor(t, a, "Bearer "+sign(t, claims(jwt.MapClaims{"exp": end.Unix(), "role": "admin"})), auth.Actor{
		User:        "user_1",
		Workspace:   "ws_1",
		Role:        auth.RoleAdmin,
		RoleClaimed: true,
		Method:      auth.MethodJWT,
		ExpiresAt:   end.Add(30 * time.Second),
	})
}

func TestTokenRefused(t *testing.T) {
	t.Parallel()
	a := newAuthenticator(t, auth.Config{JWT: auth.JWT{Secret: secret, Issuer: "us", Audience: "mooring"}})
	ours := jwt.MapClaims{"iss": "us", "aud": []string{"other", "mooring"}}
	if _, err := a.Authenticate(t.Context(), "Bearer "+sign(t, claims(ours))); err != nil {
		t.Fatalf("Authenticate() = %v; want an actor", err)
	}

	now := time.Now()
	for _, test := range []struct {
		name    string
		changes jwt.MapClaims
		want    string
		ended   bool
	}{
		{"expired", jwt.MapClaims{"exp": now.Add(-time.Hour).Unix()}, "expired", true},
		{"expired and from another issuer", jwt.MapClaims{"exp": now.Add(-time.Hour).Unix(), "iss": "them"}, "issuer", false},
		{"expired and not valid yet", jwt.MapClaims{"exp": now.Add(-time.Hour).Unix(), "nbf": now.Add(time.Hour).Unix()}, "not valid yet", false},
		{"without an end", jwt.MapClaims{"exp": nil}, "lacks", false},
		{"end is a word", jwt.MapClaims{"exp": "tomorrow"}, "wrong type", false},
		{"not valid yet", jwt.MapClaims{"nbf": now.Add(time.Hour).Unix()}, "not valid yet", false},
		{"another issuer", jwt.MapClaims{"iss": "them"}, "issuer", false},
		{"no issuer", jwt.MapClaims{"iss": nil}, "lacks", false},
		{"another audience", jwt.MapClaims{"aud": "them"}, "audience", false},
		{"no audience", jwt.MapClaims{"aud": nil}, "lacks", false},
		{"no subject", jwt.MapClaims{"sub": nil}, `"sub" is missing`, false},
		{"empty subject", jwt.MapClaims{"sub": ""}, `"sub" is missing`, false},
		{"no workspace", jwt.MapClaims{"workspace": nil}, `"workspace" is missing`, false},
		{"workspace is a number", jwt.MapClaims{"workspace": 7}, `"workspace" is missing`, false},
		{"unknown role", jwt.MapClaims{"role": "superuser"}, `"role" is none of: OWNER, ADMIN, MEMBER, VIEWER, SERVICE`, false},
		{"empty role", jwt.MapClaims{"role": ""}, `"role" is none of`, false},
		{"roles in a list", jwt.MapClaims{"role": []string{"owner"}}, `"role" is none of`, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			wantRefused(t, a, "Bearer "+sign(t, claims(ours, test.changes)), test.want, test.ended)
		})
	}
}

func TestForgedTokenIsRefused(t *testing.T) {
	t.Parallel()
	a := newAuthenticator(t, auth.Config{JWT: auth.JWT{Secret: secret}})
	genuine := sign(t, claims())
	parts := strings.Split(genuine, ".")
	owner := base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"me","workspace":"ws_1","role":"owner","exp":99999999999}`))
	none, err := jwt.NewWithClaims(jwt.SigningMethodNone, claims()).SignedString(jwt.UnsafeAllowNoneSignatureType)
	if err != nil {
		t.Fatalf("sign: %v", err)
	}
	other, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims()).SignedString([]byte(secret + "."))
	if err != nil {
		t.Fatalf("sign: %v", err)
	}
	longer, err := jwt.NewWithClaims(jwt.SigningMethodHS512, claims()).SignedString([]byte(secret))
	if err != nil {
		t.Fatalf("sign: %v", err)
	}
	for name, token := range map[string]string{
		"algorithm none":     none,
		"other secret":       other,
		"other algorithm":    longer,
		"claims replaced":    parts[0] + "." + owner + "." + parts[2],
		"signature removed":  parts[0] + "." + parts[1] + ".",
		"signature altered":  parts[0] + "." + parts[1] + ".A" + parts[2][1:],
		"unknown algorithm":  base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"XS256"}`)) + "." + parts[1] + "." + parts[2],
		"algorithm a number": base64.RawURLEncoding.EncodeToString([]byte(`{"alg":256}`)) + "." + parts[1] + "." + parts[2],
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantRefused(t, a, "Bearer "+token, "not signed with a key and algorithm accepted here", false)
		})
	}
	for _, token := range []string{"opaque-token-of-another-server", "a.b", "a.b.c", "a.b.c.d", parts[0] + "." + parts[1], parts[0] + ".%." + parts[2], "....", parts[0] + ".bnVsbA." + "%"} {
		wantRefused(t, a, "Bearer "+token, "well-formed", false)
	}
}

// The clock stands still within the bubble, so that both sides of each limit can
// be tried.
func TestLeeway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAuthenticator(t, auth.Config{JWT: auth.JWT{Secret: secret}})
		now := time.Now() // a whole second: midnight of 2000-01-01
		at := func(claim string, offset time.Duration) string {
			return "Bearer " + sign(t, claims(jwt.MapClaims{claim: now.Add(offset).Unix()}))
		}
		actor, err := a.Authenticate(t.Context(), at("exp", -29*time.Second))
		if err != nil {
			t.Fatalf("exp 29 s ago: Authenticate() = %v; want an actor", err)
		}
		if want := now.Add(time.Second); !actor.ExpiresAt.Equal(want) {
			t.Errorf("exp 29 s ago: ExpiresAt = %v; want %v, when the token is refused", actor.ExpiresAt, want)
		}
		wantRefused(t, a, at("exp", -30*time.Second), "expired", true)
		if _, err := a.Authenticate(t.Context(), at("nbf", 30*time.Second)); err != nil {
			t.Errorf("nbf in 30 s: Authenticate() = %v; want an actor", err)
		}
		wantRefused(t, a, at("nbf", 31*time.Second), "not valid yet", false)
	})
}

func TestRoleClaim(t *testing.T) {
	t.Parallel()
	a := newAuthenticator(t, auth.Config{JWT: auth.JWT{Secret: secret}})
	for _, test := range []struct {
		role any
		want auth.Role
	}{
		{nil, auth.RoleMember},
		{"owner", auth.RoleOwner},
		{"ADMIN", auth.RoleAdmin},
		{"Member", auth.RoleMember},
		{"viewer", auth.RoleViewer},
		{"service", auth.RoleService},
	} {
		actor, err := a.Authenticate(t.Context(), "Bearer "+sign(t, claims(jwt.MapClaims{"role": test.role})))
		if err != nil || actor.Role != test.want {
			t.Errorf("role %v: Authenticate() = %+v, %v; want %s", test.role, actor, err, test.want)
		}
	}
}

func TestClaimsCanBeNamedOtherwise(t *testing.T) {
	t.Parallel()
	a := newAuthenticator(t, auth.Config{JWT: auth.JWT{Secret: secret, WorkspaceClaim: "https://us.example/tenant", RoleClaim: "rank"}})
	token := sign(t, claims(jwt.MapClaims{"https://us.example/tenant": "ws_2", "rank": "viewer", "role": "owner"}))
	actor, err := a.Authenticate(t.Context(), "Bearer "+token)
	if err != nil || actor.Workspace != "ws_2" || actor.Role != auth.RoleViewer {
		t.Errorf("Authenticate() = %+v, %v; want a viewer of ws_2", actor, err)
	}
	wantRefused(t, a, "Bearer "+sign(t, claims()), `"https://us.example/tenant" is missing`, false)
}

func TestScopesNarrowServices(t *testing.T) {
	t.Parallel()
	a := newAuthenticator(t, auth.Config{JWT: auth.JWT{Secret: secret}})
	for _, test := range []struct {
		claims jwt.MapClaims
		want   string
	}{
		{jwt.MapClaims{"role": "service"}, "read connect manage lease import"},
		{jwt.MapClaims{"role": "service", "scope": "lease read"}, "read lease"},
		{jwt.MapClaims{"role": "service", "scope": "openid lease"}, "lease"},
		{jwt.MapClaims{"role": "service", "scope": "openid profile"}, ""},
		{jwt.MapClaims{"role": "service", "scope": ""}, ""},
		{jwt.MapClaims{"role": "service", "scope": 7}, ""},
		{jwt.MapClaims{"role": "service", "scopes": []any{"lease", 7, "admin"}}, "admin lease"},
		{jwt.MapClaims{"role": "service", "scope": "read", "scopes": []string{"lease"}}, "read lease"},
		{jwt.MapClaims{"role": "viewer", "scope": "admin"}, "read"},
		{jwt.MapClaims{"role": "member", "scope": "openid"}, "read connect manage"},
	} {
		actor, err := a.Authenticate(t.Context(), "Bearer "+sign(t, claims(test.claims)))
		if err != nil {
			t.Errorf("%v: Authenticate() = %v", test.claims, err)
			continue
		}
		var got []string
		for _, p := range auth.Permissions() {
			if actor.Can(p) {
				got = append(got, string(p))
			}
		}
		if got := strings.Join(got, " "); got != test.want {
			t.Errorf("%v: permissions %q; want %q", test.claims, got, test.want)
		}
	}
}

// A refusal names whose credential it was if a key that is accepted has signed it,
// and nobody if anybody can have written the name.
func TestRefusalsNameWhoseItWas(t *testing.T) {
	t.Parallel()
	a := newAuthenticator(t, auth.Config{
		JWT:    auth.JWT{Secret: secret, Audience: "mooring"},
		Member: func(context.Context, string, string) (auth.Role, error) { return "", auth.ErrNoMember },
	})
	past := time.Now().Add(-time.Hour).Unix()
	expired := sign(t, claims(jwt.MapClaims{"aud": "mooring", "exp": past}))
	parts := strings.Split(expired, ".")
	for _, test := range []struct {
		name, credential string
		who              string
		missing          bool
	}{
		{"expired", expired, "ws_1 user_1", false},
		{"for others", sign(t, claims(jwt.MapClaims{"aud": "them"})), "ws_1 user_1", false},
		{"with an odd role", sign(t, claims(jwt.MapClaims{"aud": "mooring", "role": "x"})), "ws_1 user_1", false},
		{"removed", sign(t, claims(jwt.MapClaims{"aud": "mooring", "role": nil})), "ws_1 user_1", false},
		{"with a name that no database takes", sign(t, claims(jwt.MapClaims{"aud": "mooring", "exp": past, "sub": "a\x00b"})), " ", false},
		{"of nobody", sign(t, claims(jwt.MapClaims{"aud": "mooring", "sub": nil})), " ", false},
		{"forged", parts[0] + "." + parts[1] + ".AAAA", " ", false},
		{"without a signature", parts[0] + "." + parts[1] + ".", " ", false},
		{"no token", "x", " ", false},
		{"nothing", "", " ", true},
	} {
		_, err := a.Authenticate(t.Context(), strings.TrimSuffix("Bearer "+test.credential, "Bearer "))
		refused, ok := errors.AsType[*auth.Error](err)
		if !ok || refused.Workspace+" "+refused.User != test.who || refused.Missing != test.missing {
			t.Errorf("%s: Authenticate() = %+v; want it of %q, missing %t", test.name, err, test.who, test.missing)
		}
	}
}
