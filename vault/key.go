package vault

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"strings"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/aead/xaesgcm"
	"github.com/tink-crypto/tink-go/v2/insecuresecretdataaccess"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/secretdata"
	"github.com/tink-crypto/tink-go/v2/tink"
)

const (
	keySize         = 32
	fingerprintSize = 8
	saltSize        = 12 // of XAES: half of the 192 random bits, the rest is the nonce
)

// Key is the operator's key, the key-encryption key under which a [Ring] is
// sealed. It shows its value through [Key.Encode] alone: printing, logging and
// marshalling say "[redacted]". The zero Key is no key, and seals and opens
// nothing.
type Key struct {
	// A function, because fmt does not call the methods of a Key that sits in an
	// unexported field of another struct, and looks behind pointers there: of a
	// function it prints the address whatever the verb.
	reveal func() []byte
}

func keyOf(raw []byte) Key { return Key{func() []byte { return raw }} }

// NewKey makes a random key.
func NewKey() Key {
	raw := make([]byte, keySize)
	rand.Read(raw) // never fails (crypto/rand, since Go 1.24)
	return keyOf(raw)
}

// ParseKey reads what [Key.Encode] wrote: 32 bytes in standard base64 (RFC 4648
// §4). White space around it, such as the last newline of a key file, is ignored.
// Its errors say what is wrong and how a key is made, and repeat no part of
// the text.
func ParseKey(text string) (Key, error) {
	const advice = "make one with `mooring keys generate` or `openssl rand -base64 32`"
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return Key{}, errors.New("parse key: it is empty; " + advice)
	case strings.ContainsAny(text, " \t\r\n"):
		return Key{}, errors.New("parse key: there is white space inside it; " + advice)
	case strings.ContainsAny(text, "-_"):
		return Key{}, errors.New("parse key: it is in URL-safe base64, want the standard alphabet with + and /; " + advice)
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil {
		return Key{}, fmt.Errorf("parse key of %d characters, want %d: %w; %s",
			len(text), base64.StdEncoding.EncodedLen(keySize), err, advice)
	}
	if len(raw) != keySize {
		return Key{}, fmt.Errorf("parse key: it has %d bytes, want %d; %s", len(raw), keySize, advice)
	}
	return keyOf(raw), nil
}

// ID returns the key's fingerprint, 16 hexadecimal digits that identify the key
// and reveal nothing of it. The zero Key has none and returns "".
func (k Key) ID() string {
	if k.reveal == nil {
		return ""
	}
	return hex.EncodeToString(k.fingerprint())
}

// Encode returns the secret itself in base64, for a key file or a terminal.
// The zero Key returns "".
func (k Key) Encode() string {
	if k.reveal == nil {
		return ""
	}
	return base64.StdEncoding.EncodeToString(k.reveal())
}

// String hides the key.
func (Key) String() string { return "[redacted]" }

// MarshalText hides the key from encoding/json, log/slog and the like.
func (Key) MarshalText() ([]byte, error) { return []byte("[redacted]"), nil }

// Authenticator returns a MAC (HMAC-SHA-256, RFC 2104) under a key that is derived
// from this one for that purpose alone (HKDF, RFC 5869).
func (k Key) Authenticator(purpose string) (hash.Hash, error) {
	if k.reveal == nil {
		return nil, errors.New("no operator's key given")
	}
	derived, err := hkdf.Key(sha256.New, k.reveal(), nil, "mooring "+purpose, keySize)
	if err != nil {
		return nil, fmt.Errorf("derive the key for %s: %w", purpose, err)
	}
	return hmac.New(sha256.New, derived), nil
}

func (k Key) fingerprint() []byte {
	hash := sha256.New()
	hash.Write([]byte("mooring operator's key\x00"))
	hash.Write(k.reveal())
	return hash.Sum(nil)[:fingerprintSize]
}

// aead returns the cipher that seals rings: the one that seals values, without
// Tink's prefix, since the sealed ring has a header of its own.
func (k Key) aead() (tink.AEAD, error) {
	if k.reveal == nil {
		return nil, errors.New("no operator's key given")
	}
	params, err := xaesgcm.NewParameters(xaesgcm.VariantNoPrefix, saltSize)
	if err != nil {
		return nil, err
	}
	secret := secretdata.NewBytesFromData(k.reveal(), insecuresecretdataaccess.Token{})
	key, err := xaesgcm.NewKey(secret, 0, params)
	if err != nil {
		return nil, err
	}
	manager := keyset.NewManager()
	id, err := manager.AddKey(key)
	if err != nil {
		return nil, err
	}
	if err := manager.SetPrimary(id); err != nil {
		return nil, err
	}
	handle, err := manager.Handle()
	if err != nil {
		return nil, err
	}
	return aead.New(handle)
}
