package auth_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"

	"mooring/auth"
)

// sessions looks sessions up as the database does.
type sessions map[string]auth.Session

func (s sessions) find(_ context.Context, id string) (auth.Session, error) {
	found, ok := s[id]
	if !ok {
		return auth.Session{}, auth.ErrUnknownSession
	}
	if found.Role == "" {
		return auth.Session{}, auth.ErrNoMember
	}
	return found, nil
}

func TestSession(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		stored := sessions{}
		var used []auth.Actor
		a := newAuthenticator(t, auth.Config{Session: stored.find, JWT: auth.JWT{Secret: secret}, Used: func(_ context.Context, by auth.Actor) { used = append(used, by) }})
		session, value := auth.NewSession("acme", "ada", "", time.Now())
		if strings.Contains(session.ID, value) || len(value) < 26 {
			t.Errorf("NewSession() = %+v, %q; want 128 bits, and an id that does not hold them", session, value)
		}
		session.Role = auth.RoleAdmin // as the members have it
		stored[session.ID] = session
		want := auth.Actor{User: "ada", Workspace: "acme", Role: auth.RoleAdmin, Method: auth.MethodSession, SessionID: session.ID, ExpiresAt: time.Now().Add(auth.SessionLife)}
		got, err := a.Session(t.Context(), value)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("Session() = %v (-want +got):\n%s", err, diff)
		}
		if len(used) != 0 {
			t.Errorf("a session used at once: Used(%v); want none", used)
		}
		refused := func(value, want string, ended bool) {
			t.Helper()
			got, err := a.Session(t.Context(), value)
			var refusal *auth.Error
			if !errors.As(err, &refusal) || refusal.Ended != ended || !strings.Contains(refusal.Message, want) {
				t.Errorf("Session() = %+v, %v; want a refusal with %q", got, err, want)
			}
		}
		for _, wrong := range []string{"", value + "x", value[1:], strings.ToLower(value), session.ID} {
			refused(wrong, "sign in again", false)
		}

		<-time.After(time.Minute)
		if _, err := a.Session(t.Context(), value); err != nil || len(used) != 1 || used[0].SessionID != session.ID {
			t.Errorf("after a minute: Session() = %v, Used(%v); want it noted once", err, used)
		}
		if err := a.Recheck(t.Context(), got); err != nil || len(used) != 1 {
			t.Errorf("Recheck() = %v, Used(%v); want nil, and no use", err, used)
		}
		<-time.After(auth.SessionIdle - time.Minute - 1)
		if _, err := a.Session(t.Context(), value); err != nil {
			t.Errorf("just before it is idle for too long: Session() = %v", err)
		}
		<-time.After(1)
		refused(value, "not used for", true)

		session.UsedAt = session.ExpiresAt
		stored[session.ID] = session
		<-time.After(time.Until(session.ExpiresAt) - 1)
		if _, err := a.Session(t.Context(), value); err != nil {
			t.Errorf("just before its end: Session() = %v", err)
		}
		<-time.After(1)
		refused(value, "has ended", true)
	})
}

func TestNoSessionWhereThereAreNone(t *testing.T) {
	t.Parallel()
	a := newAuthenticator(t, auth.Config{JWT: auth.JWT{Secret: secret}})
	var refusal *auth.Error
	if got, err := a.Session(t.Context(), "x"); !errors.As(err, &refusal) {
		t.Errorf("Session() = %+v, %v; want a refusal", got, err)
	}
	local := newAuthenticator(t, auth.Config{Local: true})
	if got, err := local.Session(t.Context(), "x"); err != nil || got.Method != auth.MethodLocal {
		t.Errorf("Session() in local mode = %+v, %v; want the local owner", got, err)
	}
}

// Where a token names no role the workspace does.
func TestMembersDecideWithoutARoleClaim(t *testing.T) {
	t.Parallel()
	roles := map[string]auth.Role{"ada": auth.RoleOwner, "vera": auth.RoleViewer}
	asked := 0
	a := newAuthenticator(t, auth.Config{JWT: auth.JWT{Secret: secret}, Member: func(_ context.Context, workspace, user string) (auth.Role, error) {
		asked++
		switch {
		case workspace != "ws_1":
			return "", errors.New("database is locked")
		case roles[user] == "":
			return "", auth.ErrNoMember
		}
		return roles[user], nil
	}})
	as := func(changes jwt.MapClaims) string { return "Bearer " + sign(t, claims(changes)) }
	for user, want := range roles {
		got, err := a.Authenticate(t.Context(), as(jwt.MapClaims{"sub": user}))
		if err != nil || got.Role != want || got.RoleClaimed {
			t.Errorf("%s: Authenticate() = %+v, %v; want %s", user, got, err, want)
		}
	}
	wantRefused(t, a, as(jwt.MapClaims{"sub": "mallory"}), "no longer a member", false)
	if _, err := a.Authenticate(t.Context(), as(jwt.MapClaims{"workspace": "ws_2"})); err == nil || !strings.Contains(err.Error(), "locked") {
		t.Errorf("Authenticate() = %v; want the look-up's own error", err)
	}
	asked = 0
	for _, odd := range []string{"a\x00b", "a\nb", strings.Repeat("a", 256)} {
		wantRefused(t, a, as(jwt.MapClaims{"sub": odd}), "control characters", false)
		wantRefused(t, a, as(jwt.MapClaims{"workspace": odd}), "control characters", false)
	}
	got, err := a.Authenticate(t.Context(), as(jwt.MapClaims{"sub": "mallory", "role": "viewer"}))
	if err != nil || got.Role != auth.RoleViewer || !got.RoleClaimed || asked != 0 {
		t.Errorf("with a role: Authenticate() = %+v, %v, members asked %d times; want a viewer by claim, and nobody asked", got, err, asked)
	}
}

func TestRecheck(t *testing.T) {
	t.Parallel()
	key, plaintext := newAPIKey(t, auth.Read)
	keys := map[string]auth.APIKey{key.ID: key}
	session, value := auth.NewSession("ws_1", "ada", "", time.Now())
	session.Role = auth.RoleMember
	stored := sessions{session.ID: session}
	role := auth.RoleMember
	a := newAuthenticator(t, auth.Config{
		JWT: auth.JWT{Secret: secret}, Session: stored.find,
		APIKey: func(_ context.Context, id string) (auth.APIKey, error) {
			if k, ok := keys[id]; ok {
				return k, nil
			}
			return auth.APIKey{}, auth.ErrUnknownAPIKey
		},
		Member: func(context.Context, string, string) (auth.Role, error) {
			if role == "" {
				return "", auth.ErrNoMember
			}
			return role, nil
		},
	})
	authenticate := func(authorization string) auth.Actor {
		t.Helper()
		actor, err := a.Authenticate(t.Context(), authorization)
		if err != nil {
			t.Fatal(err)
		}
		return actor
	}
	byKey, byToken := authenticate("Bearer "+plaintext), authenticate("Bearer "+sign(t, claims()))
	byClaim := authenticate("Bearer " + sign(t, claims(jwt.MapClaims{"role": "member"})))
	bySession, err := a.Session(t.Context(), value)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]auth.Actor{"key": byKey, "token": byToken, "claim": byClaim, "session": bySession, "local": auth.Local()}
	want := func(when string, ended map[string]string) {
		t.Helper()
		for name, actor := range all {
			err := a.Recheck(t.Context(), actor)
			var refusal *auth.Error
			switch words, over := ended[name]; {
			case !over && err != nil:
				t.Errorf("%s: Recheck(%s) = %v; want nil", when, name, err)
			case over && (!errors.As(err, &refusal) || !strings.Contains(refusal.Message, words)):
				t.Errorf("%s: Recheck(%s) = %v; want a refusal with %q", when, name, err, words)
			}
		}
	}
	want("at first", nil)
	role, session.Role = auth.RoleViewer, auth.RoleOwner
	stored[session.ID] = session
	key.RevokedAt = time.Now()
	keys[key.ID] = key
	want("with other roles", map[string]string{"key": "revoked", "token": "role", "session": "role"})
	role, session.Role = "", ""
	stored[session.ID] = session
	delete(keys, key.ID)
	want("when removed", map[string]string{"key": "unknown", "token": "no longer a member", "session": "no longer a member"})
	delete(stored, session.ID)
	want("signed out", map[string]string{"key": "unknown", "token": "no longer a member", "session": "over"})
}

func TestUseOfAPIKeysIsNoted(t *testing.T) {
	t.Parallel()
	key, plaintext := newAPIKey(t, auth.Read)
	for _, test := range []struct {
		age  time.Duration
		want int
	}{{30 * time.Second, 0}, {time.Hour, 1}} {
		used := 0
		key.UsedAt = time.Now().Add(-test.age)
		a := newAuthenticator(t, auth.Config{APIKey: stored(key), Used: func(context.Context, auth.Actor) { used++ }})
		wantAccepted(t, a, "Bearer "+plaintext)
		wantRefused(t, a, "Bearer "+plaintext+"x", "unknown", false)
		if used != test.want {
			t.Errorf("a key last used %s ago: noted %d times; want %d", test.age, used, test.want)
		}
	}
}
