package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"slices"
	"strings"
	"time"
)

// apiKeyPrefix tells API keys from tokens, and lets secret scanners find leaked
// ones.
const apiKeyPrefix = "mrg_"

// An id is public and only has to be unique: 80 random bits in the base32
// alphabet of [rand.Text].
const (
	apiKeyIDLength   = 16
	apiKeyIDAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
)

// APIKey is what is stored of an API key. The key itself is shown once, when it is
// made, and cannot be recovered from this.
type APIKey struct {
	ID        string // the public part between prefix and secret
	Workspace string
	Name      string // given by its maker, for people

	// Hash is the SHA-256 of the whole key. A slow hash protects weak secrets;
	// this one has 128 random bits or more.
	Hash []byte

	Scopes    []Permission
	CreatedAt time.Time
	CreatedBy string    // the actor
	ExpiresAt time.Time // zero: never
	RevokedAt time.Time // zero: it was not
	UsedAt    time.Time // the last time, to the minute; zero: never
}

// Prefix is how the key begins: what tells it from others without giving it away.
func (k *APIKey) Prefix() string { return apiKeyPrefix + k.ID }

// ScopeNames are the scopes as texts.
func (k *APIKey) ScopeNames() []string {
	names := make([]string, len(k.Scopes))
	for i, scope := range k.Scopes {
		names[i] = string(scope)
	}
	return names
}

// APIKeyUser is the Actor.User of whoever comes with the key of that id.
func APIKeyUser(id string) string { return "key:" + id }

// NewAPIKey makes a key and returns what to store and the plaintext to show once.
// A zero expiresAt makes a key without an end. It returns an [*Error] with code
// BAD_USER_INPUT if the name is blank, if there is no scope or an unknown one, or if
// the end is not after now.
func NewAPIKey(workspace, name string, scopes []Permission, expiresAt, now time.Time) (APIKey, string, error) {
	if err := checkNewAPIKey(name, scopes, expiresAt, now); err != nil {
		return APIKey{}, "", err
	}
	id := rand.Text()[:apiKeyIDLength]
	plaintext := apiKeyPrefix + id + "_" + rand.Text()
	hash := sha256.Sum256([]byte(plaintext))
	scopes = slices.Clone(scopes)
	slices.Sort(scopes)
	return APIKey{
		ID:        id,
		Workspace: workspace,
		Name:      strings.TrimSpace(name),
		Hash:      hash[:],
		Scopes:    slices.Compact(scopes),
		CreatedAt: now,
		ExpiresAt: expiresAt,
	}, plaintext, nil
}

func checkNewAPIKey(name string, scopes []Permission, expiresAt, now time.Time) error {
	invalid := func(format string, args ...any) error {
		return &Error{Code: BadUserInput, Message: fmt.Sprintf(format, args...)}
	}
	all := Permissions()
	switch {
	case strings.TrimSpace(name) == "":
		return invalid("an API key needs a name")
	case len(scopes) == 0:
		return invalid("an API key needs at least one scope of: %s", list(all))
	case !expiresAt.IsZero() && !expiresAt.After(now):
		return invalid("an API key cannot expire before it is made")
	}
	for _, scope := range scopes {
		if !slices.Contains(all, scope) {
			return invalid("%q is not a scope; the scopes are: %s", scope, list(all))
		}
	}
	return nil
}

// apiKeyID returns the id within a key. It accepts only what NewAPIKey can have made,
// so that nothing else reaches the database.
func apiKeyID(credential string) (id string, ok bool) {
	id, secret, _ := strings.Cut(strings.TrimPrefix(credential, apiKeyPrefix), "_")
	ok = len(id) == apiKeyIDLength && strings.Trim(id, apiKeyIDAlphabet) == "" && secret != ""
	return id, ok
}

// errNoSuchAPIKey answers an unknown id and a wrong secret alike.
var errNoSuchAPIKey = refuse("the API key is unknown")

// actor checks the whole key against what is stored. Only who has the secret
// learns that the key was revoked or has expired.
func (k *APIKey) actor(credential string, now time.Time) (Actor, error) {
	hash := sha256.Sum256([]byte(credential))
	if subtle.ConstantTimeCompare(hash[:], k.Hash) != 1 {
		return Actor{}, errNoSuchAPIKey
	}
	if err := k.check(now); err != nil {
		return Actor{}, err
	}
	return Actor{
		User:      APIKeyUser(k.ID),
		Workspace: k.Workspace,
		Role:      RoleService,
		Scopes:    slices.Clone(k.Scopes),
		Method:    MethodAPIKey,
		KeyID:     k.ID,
		ExpiresAt: k.ExpiresAt,
	}, nil
}

// check says why the key works no more.
func (k *APIKey) check(now time.Time) error {
	switch {
	case !k.RevokedAt.IsZero():
		return refuse("the API key was revoked")
	case !k.ExpiresAt.IsZero() && !now.Before(k.ExpiresAt):
		return expired("the API key expired on %s", k.ExpiresAt.UTC().Format(time.DateOnly))
	}
	return nil
}
