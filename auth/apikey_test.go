package auth_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"mooring/auth"
)

// stored looks keys up as the database does.
func stored(keys ...auth.APIKey) func(context.Context, string) (auth.APIKey, error) {
	return func(_ context.Context, id string) (auth.APIKey, error) {
		for _, key := range keys {
			if key.ID == id {
				return key, nil
			}
		}
		return auth.APIKey{}, fmt.Errorf("select: %w", auth.ErrUnknownAPIKey)
	}
}

func newAPIKey(t testing.TB, scopes ...auth.Permission) (auth.APIKey, string) {
	t.Helper()
	key, plaintext, err := auth.NewAPIKey("ws_1", " publisher ", scopes, time.Time{}, time.Now())
	if err != nil {
		t.Fatalf("NewAPIKey() = %v", err)
	}
	return key, plaintext
}

func TestAPIKey(t *testing.T) {
	t.Parallel()
	key, plaintext := newAPIKey(t, auth.Lease, auth.Read, auth.Lease)
	if key.Name != "publisher" || len(key.Scopes) != 2 {
		t.Errorf("NewAPIKey() = %+v; want the name trimmed and the scopes once each", key)
	}
	a := newAuthenticator(t, auth.Config{APIKey: stored(key)})
	wantActor(t, a, "Bearer "+plaintext, auth.Actor{
		User:      "key:" + key.ID,
		Workspace: "ws_1",
		Role:      auth.RoleService,
		Scopes:    []auth.Permission{auth.Lease, auth.Read},
		Method:    auth.MethodAPIKey,
		KeyID:     key.ID,
	})
	if secret := plaintext[strings.LastIndex(plaintext, "_")+1:]; len(secret) < 26 || strings.Contains(fmt.Sprintf("%+v", key), secret) {
		t.Errorf("secret has %d characters, stored key is %+v; want 26 (130 bits), and not stored", len(secret), key)
	}
	if _, other := newAPIKey(t, auth.Read); other == plaintext {
		t.Error("two new keys are the same")
	}
}

func TestAPIKeyRefused(t *testing.T) {
	t.Parallel()
	key, plaintext := newAPIKey(t, auth.Read)
	_, foreign := newAPIKey(t, auth.Read)
	foreignSecret := foreign[strings.LastIndex(foreign, "_"):]
	expired, ofExpired := newAPIKey(t, auth.Read)
	expired.ExpiresAt = time.Now().Add(-time.Nanosecond)
	revoked, ofRevoked := newAPIKey(t, auth.Read)
	revoked.RevokedAt, revoked.ExpiresAt = time.Now(), time.Now().Add(-time.Hour)
	hashless, ofHashless := newAPIKey(t, auth.Read)
	hashless.Hash = nil
	a := newAuthenticator(t, auth.Config{APIKey: stored(key, expired, revoked, hashless)})

	for _, test := range []struct {
		name, key, want string
		ended           bool
	}{
		{"unknown id", foreign, "unknown", false},
		{"wrong secret", "mrg_" + key.ID + foreignSecret, "unknown", false},
		{"secret cut short", plaintext[:len(plaintext)-1], "unknown", false},
		{"secret lengthened", plaintext + "A", "unknown", false},
		{"secret in lower case", "mrg_" + key.ID + "_" + strings.ToLower(plaintext[21:]), "unknown", false},
		{"nothing stored to compare with", ofHashless, "unknown", false},
		{"expired", ofExpired, "expired", true},
		{"expired, wrong secret", "mrg_" + expired.ID + foreignSecret, "unknown", false},
		{"revoked and expired", ofRevoked, "revoked", false},
		{"prefix alone", "mrg_", "malformed", false},
		{"no secret", "mrg_" + key.ID, "malformed", false},
		{"empty secret", "mrg_" + key.ID + "_", "malformed", false},
		{"id of another form", "mrg_'; DROP TABLE--_secretsecretsecret", "malformed", false},
		{"id with a NUL", "mrg_ABCDEFGH\x00JKLMNOP_secretsecretsecret", "malformed", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			wantRefused(t, a, "Bearer "+test.key, test.want, test.ended)
		})
	}
}

func TestAPIKeyEndsOnTime(t *testing.T) {
	t.Parallel()
	end := time.Now().Add(time.Hour)
	key, plaintext, err := auth.NewAPIKey("ws_1", "short", []auth.Permission{auth.Read}, end, time.Now())
	if err != nil {
		t.Fatalf("NewAPIKey() = %v", err)
	}
	a := newAuthenticator(t, auth.Config{APIKey: stored(key)})
	if actor, err := a.Authenticate(t.Context(), "Bearer "+plaintext); err != nil || !actor.ExpiresAt.Equal(end) {
		t.Errorf("Authenticate() = %+v, %v; want an actor until %v", actor, err, end)
	}
}

func TestFailedLookUpIsNoRefusal(t *testing.T) {
	t.Parallel()
	broken := errors.New("database is locked")
	a := newAuthenticator(t, auth.Config{APIKey: func(context.Context, string) (auth.APIKey, error) {
		return auth.APIKey{}, broken
	}})
	_, plaintext := newAPIKey(t, auth.Read)
	_, err := a.Authenticate(t.Context(), "Bearer "+plaintext)
	var refusal *auth.Error
	if !errors.Is(err, broken) || errors.As(err, &refusal) {
		t.Errorf("Authenticate() = %v; want the look-up's own error", err)
	}
}

func TestWithoutTokensOnlyAPIKeysAreAccepted(t *testing.T) {
	t.Parallel()
	key, _ := newAPIKey(t, auth.Read)
	a := newAuthenticator(t, auth.Config{APIKey: stored(key)})
	wantRefused(t, a, "", "no credential", false)
	wantRefused(t, a, "Bearer "+sign(t, claims()), "only API keys", false)
}

func TestNewAPIKeyRefuses(t *testing.T) {
	t.Parallel()
	now := time.Now()
	read := []auth.Permission{auth.Read}
	for _, test := range []struct {
		name   string
		scopes []auth.Permission
		end    time.Time
		want   string
	}{
		{" ", read, time.Time{}, "name"},
		{"no scopes", nil, time.Time{}, "read, connect, manage, audit, admin, lease, import, end"},
		{"unknown scope", []auth.Permission{auth.Read, "write"}, time.Time{}, `"write" is not a scope; the scopes are: read, connect,`},
		{"ends now", read, now, "expire"},
	} {
		key, plaintext, err := auth.NewAPIKey("ws_1", test.name, test.scopes, test.end, now)
		var refusal *auth.Error
		if !errors.As(err, &refusal) || refusal.Code != auth.BadUserInput || !strings.Contains(refusal.Message, test.want) {
			t.Errorf("NewAPIKey(%q, %v) = %v; want BAD_USER_INPUT with %q", test.name, test.scopes, err, test.want)
		}
		if plaintext != "" || !bytes.Equal(key.Hash, nil) {
			t.Errorf("NewAPIKey(%q, %v) made a key in spite of its error", test.name, test.scopes)
		}
	}
	if _, _, err := auth.NewAPIKey("ws_1", "ends later", read, now.Add(1), now); err != nil {
		t.Errorf("NewAPIKey(ends later) = %v", err)
	}
}
