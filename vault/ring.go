package vault

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	tinkpb "github.com/tink-crypto/tink-go/v2/proto/tink_go_proto"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// Ring is a set of data keys, one of them primary. It is immutable and safe for
// concurrent use, and shows no key when printed.
type Ring struct {
	handle  *keyset.Handle
	aead    tink.AEAD
	primary KeyID
	ids     []KeyID // oldest first
}

// KeyInfo is what may be known about a data key.
type KeyInfo struct {
	ID      KeyID
	Primary bool // seals new values
}

// NewRing makes a ring with one data key, which is primary.
func NewRing() (*Ring, error) {
	manager := keyset.NewManager()
	id, err := manager.Add(aead.XAES256GCM192BitNonceKeyTemplate())
	if err != nil {
		return nil, fmt.Errorf("make data key: %w", err)
	}
	if err := manager.SetPrimary(id); err != nil {
		return nil, fmt.Errorf("make data key: %w", err)
	}
	return ringOf(manager)
}

// ringOf freezes what the manager holds.
func ringOf(manager *keyset.Manager) (*Ring, error) {
	handle, err := manager.Handle()
	if err != nil {
		return nil, fmt.Errorf("make key ring: %w", err)
	}
	return ringFrom(handle)
}

func ringFrom(handle *keyset.Handle) (*Ring, error) {
	cipher, err := aead.New(handle)
	if err != nil {
		return nil, fmt.Errorf("make key ring: %w", err)
	}
	info := handle.KeysetInfo()
	r := &Ring{handle: handle, aead: cipher, primary: KeyID(info.GetPrimaryKeyId())}
	for _, key := range info.GetKeyInfo() {
		r.ids = append(r.ids, KeyID(key.GetKeyId()))
	}
	return r, nil
}

// String names the ring's keys by their ids.
func (r *Ring) String() string {
	return fmt.Sprintf("key ring %v with primary %v", r.ids, r.primary)
}

// Primary returns the id of the key that seals.
func (r *Ring) Primary() KeyID { return r.primary }

// Keys lists the ring's keys, oldest first.
func (r *Ring) Keys() []KeyInfo {
	keys := make([]KeyInfo, len(r.ids))
	for i, id := range r.ids {
		keys[i] = KeyInfo{ID: id, Primary: id == r.primary}
	}
	return keys
}

func (r *Ring) has(id KeyID) bool { return slices.Contains(r.ids, id) }

// Add returns a ring with one more random key, which opens but does not seal yet,
// and its id.
func (r *Ring) Add() (*Ring, KeyID, error) {
	manager := keyset.NewManagerFromHandle(r.handle)
	id, err := manager.Add(aead.XAES256GCM192BitNonceKeyTemplate())
	if err != nil {
		return nil, 0, fmt.Errorf("add data key: %w", err)
	}
	ring, err := ringOf(manager)
	return ring, KeyID(id), err
}

// Promote returns a ring whose primary key is id, or an error that wraps
// [*UnknownKeyError]. Every replica must have the key before it is promoted.
func (r *Ring) Promote(id KeyID) (*Ring, error) {
	if !r.has(id) {
		return nil, fmt.Errorf("promote data key: %w", &UnknownKeyError{id})
	}
	manager := keyset.NewManagerFromHandle(r.handle)
	if err := manager.SetPrimary(uint32(id)); err != nil {
		return nil, fmt.Errorf("promote data key %s: %w", id, err)
	}
	return ringOf(manager)
}

// Remove returns a ring without the key id, or an error that wraps
// [*UnknownKeyError] or [ErrPrimary]. What is still sealed under the key is lost
// with it, and the ring cannot know: ask the database first.
func (r *Ring) Remove(id KeyID) (*Ring, error) {
	switch {
	case !r.has(id):
		return nil, fmt.Errorf("remove data key: %w", &UnknownKeyError{id})
	case id == r.primary:
		return nil, fmt.Errorf("remove data key %s: %w", id, ErrPrimary)
	}
	manager := keyset.NewManagerFromHandle(r.handle)
	if err := manager.Delete(uint32(id)); err != nil {
		return nil, fmt.Errorf("remove data key %s: %w", id, err)
	}
	return ringOf(manager)
}

// A sealed ring is a header, which is authenticated too, and the ring's keyset
// under XAES-256-GCM:
//
//	version, 1 byte | fingerprint of the operator's key, 8 | salt and nonce, 24 | ciphertext | tag, 16
const (
	sealedVersion = 0x01
	headerSize    = 1 + fingerprintSize
)

// Sealed returns the ring as it is stored, sealed under key. The result differs
// each time.
func (r *Ring) Sealed(key Key) ([]byte, error) {
	cipher, err := key.aead()
	if err != nil {
		return nil, fmt.Errorf("seal key ring: %w", err)
	}
	header := append([]byte{sealedVersion}, key.fingerprint()...)
	var body keysetBody
	if err := r.handle.WriteWithAssociatedData(&body, cipher, header); err != nil {
		return nil, fmt.Errorf("seal key ring: %w", err)
	}
	return append(header, body.ciphertext...), nil
}

// OpenRing reads what [Ring.Sealed] returned. Its errors wrap [*WrongKeyError] if
// another key sealed the ring, and [ErrTampered] if the bytes are no sealed ring
// or were altered. A ring that opens proves that the operator's key is the right
// one for this database.
func OpenRing(sealed []byte, key Key) (*Ring, error) {
	cipher, err := key.aead()
	if err != nil {
		return nil, fmt.Errorf("open key ring: %w", err)
	}
	if len(sealed) < headerSize || sealed[0] != sealedVersion {
		return nil, fmt.Errorf("open key ring: %w", ErrTampered)
	}
	header, ciphertext := sealed[:headerSize], sealed[headerSize:]
	if sealer := header[1:]; !bytes.Equal(sealer, key.fingerprint()) {
		return nil, fmt.Errorf("open key ring: %w", &WrongKeyError{Sealed: hex.EncodeToString(sealer), Given: key.ID()})
	}
	handle, err := keyset.ReadWithAssociatedData(&keysetBody{ciphertext}, cipher, header)
	if err != nil {
		return nil, fmt.Errorf("open key ring: %w", ErrTampered)
	}
	return ringFrom(handle)
}

// keysetBody is the keyset's ciphertext alone, as Tink's writer and reader of
// keysets. Tink's own formats add a description of the keys that is not
// authenticated.
type keysetBody struct{ ciphertext []byte }

func (b *keysetBody) WriteEncrypted(k *tinkpb.EncryptedKeyset) error {
	b.ciphertext = k.GetEncryptedKeyset()
	return nil
}

func (b *keysetBody) ReadEncrypted() (*tinkpb.EncryptedKeyset, error) {
	return &tinkpb.EncryptedKeyset{EncryptedKeyset: b.ciphertext}, nil
}

var errCleartext = errors.New("a keyset is never stored unsealed")

func (*keysetBody) Write(*tinkpb.Keyset) error { return errCleartext }

func (*keysetBody) Read() (*tinkpb.Keyset, error) { return nil, errCleartext }
