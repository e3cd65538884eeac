package auth_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"

	"mooring/auth"
)

const secret = "a shared secret of thirty-two bytes or more"

func newAuthenticator(t testing.TB, c auth.Config) *auth.Authenticator {
	t.Helper()
	a, err := auth.New(c)
	if err != nil {
		t.Fatalf("New() = %v", err)
	}
	return a
}

// wantRefused checks for an UNAUTHENTICATED error that mentions want and nothing
// of the credential.
func wantRefused(t testing.TB, a *auth.Authenticator, authorization, want string, ended bool) {
	t.Helper()
	actor, err := a.Authenticate(context.Background(), authorization)
	var refusal *auth.Error
	if !errors.As(err, &refusal) {
		t.Errorf("Authenticate() = %+v, %v; want an *auth.Error", actor, err)
		return
	}
	if refusal.Code != auth.Unauthenticated || refusal.Ended != ended || !strings.Contains(refusal.Message, want) {
		t.Errorf("Authenticate() = %+v; want code UNAUTHENTICATED, ended %v, a message with %q", *refusal, ended, want)
	}
	if !cmp.Equal(actor, auth.Actor{}) {
		t.Errorf("Authenticate() = %+v beside an error; want the zero Actor", actor)
	}
	wantNoEcho(t, refusal.Message, authorization)
}

// wantNoEcho checks that no part of a credential that could be a secret is in message.
func wantNoEcho(t testing.TB, message, authorization string) {
	t.Helper()
	parts := strings.FieldsFunc(authorization, func(r rune) bool { return strings.ContainsRune(" ._", r) })
	for _, part := range parts {
		if len(part) >= 16 && strings.Contains(message, part) {
			t.Errorf("Authenticate() = %q, which repeats %q of the credential", message, part)
		}
	}
}

func wantActor(t testing.TB, a *auth.Authenticator, authorization string, want auth.Actor) {
	t.Helper()
	got, err := a.Authenticate(context.Background(), authorization)
	if err != nil {
		t.Errorf("Authenticate() = %v; want %+v", err, want)
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Authenticate() (-want +got):\n%s", diff)
	}
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		config auth.Config
		want   string
	}{
		{"nothing", auth.Config{}, "no kind of credential"},
		{"local and JWT", auth.Config{Local: true, JWT: auth.JWT{Secret: secret}}, "excludes JWT"},
		{"audience alone", auth.Config{JWT: auth.JWT{Audience: "mooring"}}, "no kind of credential"},
		{"short secret", auth.Config{JWT: auth.JWT{Secret: "hunter2hunter2hunter2hunter2hun"}}, "31 bytes"},
		{"issuer without URL", auth.Config{JWT: auth.JWT{Issuer: "our-app"}}, `"our-app"`},
		{"JWKS not over HTTP", auth.Config{JWT: auth.JWT{JWKSURL: "file:///etc/keys"}}, "not an http(s) URL"},
	} {
		_, err := auth.New(test.config)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: New() = %v; want an error with %q", test.name, err, test.want)
		} else if s := test.config.JWT.Secret; s != "" && strings.Contains(err.Error(), s) {
			t.Errorf("%s: New() = %q, which repeats the secret", test.name, err)
		}
	}
}

func TestCredentialIsRequired(t *testing.T) {
	t.Parallel()
	a := newAuthenticator(t, auth.Config{JWT: auth.JWT{Secret: secret}})
	for _, authorization := range []string{"", "   ", "Bearer", "Bearer ", "Basic dXNlcjpwYXNzd29yZHBhc3N3b3Jk", sign(t, claims())} {
		wantRefused(t, a, authorization, "no credential", false)
	}
	wantRefused(t, a, "Bearer mrg_ABCDEFGHIJKLMNOP_x", "not accepted here", false)
}

func TestBearerIsWrittenInAnyCase(t *testing.T) {
	t.Parallel()
	a := newAuthenticator(t, auth.Config{JWT: auth.JWT{Secret: secret}})
	for _, scheme := range []string{"Bearer ", "bearer ", "BEARER  ", " Bearer "} {
		if _, err := a.Authenticate(t.Context(), scheme+sign(t, claims())); err != nil {
			t.Errorf("Authenticate(%q…) = %v; want an actor", scheme, err)
		}
	}
}

func TestLocal(t *testing.T) {
	t.Parallel()
	key, plaintext, err := auth.NewAPIKey("default", "try it", []auth.Permission{auth.Read}, time.Time{}, time.Now())
	if err != nil {
		t.Fatalf("NewAPIKey() = %v", err)
	}
	a := newAuthenticator(t, auth.Config{Local: true, APIKey: stored(key)})
	for _, authorization := range []string{"", "Basic eDp5", "Bearer from-elsewhere", "Bearer " + sign(t, claims())} {
		wantActor(t, a, authorization, auth.Local())
	}
	if local := auth.Local(); local.Role != auth.RoleOwner || !local.ExpiresAt.IsZero() {
		t.Errorf("Local() = %+v; want an owner without an end", local)
	}
	if actor, err := a.Authenticate(t.Context(), "Bearer "+plaintext); err != nil || actor.Can(auth.Lease) {
		t.Errorf("Authenticate(API key) = %+v, %v; want an actor with the key's scopes only", actor, err)
	}
	wantRefused(t, a, "Bearer "+plaintext+"x", "unknown", false)
}

func FuzzAuthenticate(f *testing.F) {
	key, plaintext, err := auth.NewAPIKey("ws_1", "fuzz", auth.Permissions(), time.Time{}, time.Now())
	if err != nil {
		f.Fatalf("NewAPIKey() = %v", err)
	}
	a := newAuthenticator(f, auth.Config{JWT: auth.JWT{Secret: secret, Issuer: "us"}, APIKey: stored(key)})
	genuine := "Bearer " + plaintext
	token := sign(f, jwt.MapClaims{"sub": "u"})
	for _, seed := range []string{"", "Bearer mrg_", "Bearer mrg_ABCDEFGHIJKLMNOP_", genuine + "x", "Bearer a.b.c", "Bearer " + token, "Bearer " + strings.Replace(token, "e", "é", 3)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, authorization string) {
		actor, err := a.Authenticate(context.Background(), authorization)
		if err == nil {
			if !strings.Contains(authorization, plaintext) {
				t.Errorf("Authenticate(%q) = %+v; want an error", authorization, actor)
			}
			return
		}
		var refusal *auth.Error
		if !errors.As(err, &refusal) || refusal.Code != auth.Unauthenticated {
			t.Errorf("Authenticate(%q) = %v; want UNAUTHENTICATED", authorization, err)
		}
		wantNoEcho(t, err.Error(), authorization)
	})
}
