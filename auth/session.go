package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// How long a session lasts.
const (
	SessionIdle = 24 * time.Hour     // without a request
	SessionLife = 7 * 24 * time.Hour // in any case
)

// Session is what is stored of a person's sign-in in one browser. The browser's
// cookie holds a value that cannot be recovered from this.
type Session struct {
	ID        string // the hash of the cookie's value, see [SessionID]
	Workspace string
	User      string

	// Role is what the person is now. RoleClaimed says that the identity provider
	// named it at the sign-in, so that it stands until the session ends.
	Role        Role
	RoleClaimed bool

	CreatedAt time.Time
	UsedAt    time.Time // the last time, to the minute
	ExpiresAt time.Time // in any case
}

// NewSession makes a session and returns what to store and the value for the
// cookie: 130 random bits. An empty role leaves it to the members of the workspace.
func NewSession(workspace, user string, claimed Role, now time.Time) (s Session, value string) {
	value = rand.Text()
	return Session{
		ID: SessionID(value), Workspace: workspace, User: user, Role: claimed, RoleClaimed: claimed != "",
		CreatedAt: now, UsedAt: now, ExpiresAt: now.Add(SessionLife),
	}, value
}

// SessionID returns the id of the session with a cookie's value: the value's
// SHA-256 in hexadecimal. A value of 130 random bits needs no slow hash.
func SessionID(value string) string {
	hash := sha256.Sum256([]byte(value))
	return hex.EncodeToString(hash[:])
}

// actor returns who the session belongs to, or why it has ended.
func (s *Session) actor(now time.Time) (Actor, error) {
	switch {
	case !now.Before(s.ExpiresAt):
		return Actor{}, expired("the session has ended; sign in again")
	case now.Sub(s.UsedAt) >= SessionIdle:
		return Actor{}, expired("the session has ended, since it was not used for %s; sign in again", SessionIdle)
	}
	return Actor{
		User: s.User, Workspace: s.Workspace, Role: s.Role, RoleClaimed: s.RoleClaimed,
		Method: MethodSession, SessionID: s.ID, ExpiresAt: s.ExpiresAt,
	}, nil
}
