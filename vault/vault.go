// Package vault seals the secrets that Mooring keeps: the tokens of grants,
// accounts and connect attempts. It is pure computation. It reads no
// environment, writes no file and knows no database; package accounts stores
// what it returns.
//
// # Two layers of keys
//
// Secrets are sealed under a data key. The data keys form a [Ring]: one of them,
// the primary, seals; all of them open. The ring is itself sealed under the
// operator's [Key] (the key-encryption key of MOORING_KEY or MOORING_KEY_FILE)
// and lives in the database next to what it protects:
//
//	operator's Key ──seals──▶ Ring ──seals──▶ token, token, token …
//	(environment)            (one row)       (one column each)
//
// A new operator's key therefore costs one row ([OpenRing] with the old one,
// [Ring.Sealed] with the new one) and touches no token. A backup of the database
// is worthless without the operator's key.
//
// # What a sealed value looks like
//
// The cipher is XAES-256-GCM (https://c2sp.org/XAES-256-GCM) in the bytes of
// Tink (template XAES256_GCM_192_BIT_NONCE):
//
//	01 | key id, 4 bytes big-endian | salt and nonce, 24 | ciphertext | tag, 16
//
// The 192 random bits are why it is not plain AES-GCM: that one is limited to
// 2^32 random nonces a key (NIST SP 800-38D §8.3), which a million accounts
// refreshed hourly use up within three months. Here the count has no limit worth
// watching, and keys are rotated by policy, not by necessity.
//
// The key id stands in front in the clear, and [Ring.Seal] returns it too, so
// that an indexed column can answer "how many rows are still under the old key".
//
// # Every value has its place
//
// [Place] (workspace, table, row, column) is authenticated along with the value.
// Whoever can write to the database but has no key cannot move a token into
// another row, column or workspace: [Ring.Open] answers [ErrTampered]. Nothing
// here prevents putting an older value back into its own place; the generation
// of the grant guards that.
//
// # Whose fault it is
//
// Three refusals are kept apart because three people mend them. A
// [*WrongKeyError] means that the server was given another operator's key than
// the ring was sealed with. An [*UnknownKeyError] means that the ring is too old
// or a data key was removed too early: reload the ring, and blame no account.
// [ErrTampered] means that this one value is lost: the person reconnects.
//
// The sealed ring doubles as the canary of the operator's key. It names the key
// that sealed it and is authenticated as a whole, so opening it at start proves
// that key and database belong together; a separate sealed constant would prove
// nothing more.
//
// # Rotation
//
// Rings are immutable and safe for concurrent use; each step returns a new one,
// which the caller stores before using it. Several replicas share a ring, so a key
// must be stored before it seals anything, and a replica that meets an unknown one
// loads the ring anew:
//
//  1. [Ring.Add] a key, store
//  2. [Ring.Promote] it, store: new values are sealed under it
//  3. reseal the rows whose key id is an older one
//  4. [Ring.Remove] the old key once no row names it
package vault

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
)

// KeyID names a data key of a [Ring]. It is random and public: ciphertexts carry
// it, and an indexed column repeats it.
type KeyID uint32

// String returns the id in decimal, the same digits that the database column
// shows, for errors and the command line.
func (id KeyID) String() string { return strconv.FormatUint(uint64(id), 10) }

// Place is where a sealed value lives. It is authenticated but not stored, so
// the same four strings must be given to open the value again; the row's id must
// thus be known before its secrets are sealed.
type Place struct {
	Workspace string
	Table     string
	Row       string
	Column    string
}

// String names the place in errors, without the workspace.
func (p Place) String() string {
	return fmt.Sprintf("%s.%s of %s", p.Table, p.Column, p.Row)
}

// associatedData encodes the place so that no two places share an encoding: each
// part is preceded by its length, and the order is fixed. Changing it makes every
// stored value unreadable.
func (p Place) associatedData() []byte {
	parts := [...]string{p.Workspace, p.Table, p.Row, p.Column}
	size := 0
	for _, part := range parts {
		size += binary.MaxVarintLen32 + len(part)
	}
	data := make([]byte, 0, size)
	for _, part := range parts {
		data = binary.AppendUvarint(data, uint64(len(part)))
		data = append(data, part...)
	}
	return data
}

// ErrTampered is returned for bytes that are no sealed value, were altered, or
// were sealed for another [Place]. No retry and no other key will open them.
var ErrTampered = errors.New("sealed value does not authenticate: it was altered or belongs elsewhere")

// ErrPrimary is returned by [Ring.Remove] for the primary key.
var ErrPrimary = errors.New("the primary key cannot be removed: promote another key first")

// UnknownKeyError reports a data key that the ring does not hold, either because
// the ring is older than the value, which reloading mends, or because the key was
// removed while values were still sealed under it.
type UnknownKeyError struct{ ID KeyID }

func (e *UnknownKeyError) Error() string {
	return fmt.Sprintf("data key %s is not in the key ring", e.ID)
}

// WrongKeyError reports that a ring was sealed under another operator's key than
// the one given. Both are named by their [Key.ID].
type WrongKeyError struct{ Sealed, Given string }

func (e *WrongKeyError) Error() string {
	return fmt.Sprintf("the key ring is sealed under the key with fingerprint %s, but the key given has fingerprint %s", e.Sealed, e.Given)
}

// Seal encrypts plaintext for one place under the primary key, whose id it
// returns. The result is 45 bytes longer than the plaintext, and differs each
// time.
func (r *Ring) Seal(plaintext []byte, at Place) (ciphertext []byte, id KeyID, err error) {
	ciphertext, err = r.aead.Encrypt(plaintext, at.associatedData())
	if err != nil {
		return nil, 0, fmt.Errorf("seal %s: %w", at, err)
	}
	return ciphertext, r.primary, nil
}

// Open decrypts what [Ring.Seal] returned for the same place. Its errors wrap
// [*UnknownKeyError] (the operator's fault, or a ring to be reloaded) or
// [ErrTampered] (this value is lost).
func (r *Ring) Open(ciphertext []byte, at Place) ([]byte, error) {
	id, err := KeyOf(ciphertext)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", at, err)
	}
	if !r.has(id) {
		return nil, fmt.Errorf("open %s: %w", at, &UnknownKeyError{id})
	}
	plaintext, err := r.aead.Decrypt(ciphertext, at.associatedData())
	if err != nil {
		// Tink's own error says less than this one.
		return nil, fmt.Errorf("open %s: %w", at, ErrTampered)
	}
	return plaintext, nil
}

// Tink's output prefix: a start byte and the key id
// (https://developers.google.com/tink/wire-format).
const (
	startByte  = 0x01
	prefixSize = 5
)

// KeyOf reads the id of the data key that sealed ciphertext, without opening it.
// It returns [ErrTampered] for bytes that are no sealed value.
func KeyOf(ciphertext []byte) (KeyID, error) {
	if len(ciphertext) < prefixSize || ciphertext[0] != startByte {
		return 0, ErrTampered
	}
	return KeyID(binary.BigEndian.Uint32(ciphertext[1:prefixSize])), nil
}
