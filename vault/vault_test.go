package vault_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"mooring/vault"
)

var place = vault.Place{Workspace: "ws_1", Table: "grants", Row: "grt_1", Column: "refresh_token"}

func newRing(t testing.TB) *vault.Ring {
	t.Helper()
	ring, err := vault.NewRing()
	if err != nil {
		t.Fatalf("NewRing() = %v", err)
	}
	return ring
}

func seal(t testing.TB, r *vault.Ring, plaintext string) []byte {
	t.Helper()
	sealed, id, err := r.Seal([]byte(plaintext), place)
	if err != nil {
		t.Fatalf("Seal() = %v", err)
	}
	if id != r.Primary() {
		t.Fatalf("Seal() under key %s; want the primary %s", id, r.Primary())
	}
	return sealed
}

func TestSealedValuesOpenInTheirPlace(t *testing.T) {
	t.Parallel()
	ring := newRing(t)
	rapid.Check(t, func(t *rapid.T) {
		plaintext := rapid.SliceOf(rapid.Byte()).Draw(t, "plaintext")
		at := drawPlace(t, "place")

		sealed, id, err := ring.Seal(plaintext, at)
		if err != nil {
			t.Fatalf("Seal() = %v", err)
		}
		if got, err := vault.KeyOf(sealed); got != id || err != nil {
			t.Fatalf("KeyOf() = %v, %v; want %v", got, err, id)
		}
		if got, want := len(sealed), len(plaintext)+45; got != want {
			t.Fatalf("sealed value has %d bytes; want %d", got, want)
		}
		if got, err := ring.Open(sealed, at); !bytes.Equal(got, plaintext) || err != nil {
			t.Fatalf("Open() = %x, %v; want %x", got, err, plaintext)
		}
	})
}

// Few letters, so that neighbouring parts are often moved against each other:
// ("a", "bc") and ("ab", "c") must differ.
func drawPlace(t *rapid.T, label string) vault.Place {
	part := rapid.StringMatching(`[ab\x00\x01]{0,3}`)
	return vault.Place{
		Workspace: part.Draw(t, label+" workspace"),
		Table:     part.Draw(t, label+" table"),
		Row:       part.Draw(t, label+" row"),
		Column:    part.Draw(t, label+" column"),
	}
}

func TestAnotherPlaceIsRefused(t *testing.T) {
	t.Parallel()
	ring := newRing(t)
	rapid.Check(t, func(t *rapid.T) {
		from, to := drawPlace(t, "from"), drawPlace(t, "to")
		if from == to {
			t.Skip("same place")
		}
		sealed, _, err := ring.Seal([]byte("token"), from)
		if err != nil {
			t.Fatalf("Seal() = %v", err)
		}
		if got, err := ring.Open(sealed, to); !errors.Is(err, vault.ErrTampered) || got != nil {
			t.Fatalf("sealed at %#v, Open at %#v = %q, %v; want ErrTampered", from, to, got, err)
		}
	})
}

func TestEachPartOfThePlaceCounts(t *testing.T) {
	t.Parallel()
	ring := newRing(t)
	sealed := seal(t, ring, "token")
	for name, change := range map[string]func(*vault.Place){
		"workspace":      func(p *vault.Place) { p.Workspace = "ws_2" },
		"table":          func(p *vault.Place) { p.Table = "attempts" },
		"row":            func(p *vault.Place) { p.Row = "grt_2" },
		"column":         func(p *vault.Place) { p.Column = "access_token" },
		"parts swapped":  func(p *vault.Place) { p.Row, p.Column = p.Column, p.Row },
		"border shifted": func(p *vault.Place) { p.Table, p.Row = "grant", "sgrt_1" },
	} {
		at := place
		change(&at)
		if _, err := ring.Open(sealed, at); !errors.Is(err, vault.ErrTampered) {
			t.Errorf("%s changed: Open() = %v; want ErrTampered", name, err)
		}
	}
}

func TestEveryBitCounts(t *testing.T) {
	t.Parallel()
	ring, key := newRing(t), vault.NewKey()

	value := seal(t, ring, "a token of some length")
	for bit := range len(value) * 8 {
		altered := flip(value, bit)
		_, err := ring.Open(altered, place)
		var unknown *vault.UnknownKeyError
		if inKeyID := bit/8 >= 1 && bit/8 < 5; inKeyID {
			if !errors.As(err, &unknown) || unknown.ID != vault.KeyID(binary.BigEndian.Uint32(altered[1:])) {
				t.Fatalf("bit %d flipped: Open() = %v; want UnknownKeyError", bit, err)
			}
		} else if !errors.Is(err, vault.ErrTampered) {
			t.Fatalf("bit %d flipped: Open() = %v; want ErrTampered", bit, err)
		}
	}

	sealed, err := ring.Sealed(key)
	if err != nil {
		t.Fatalf("Sealed() = %v", err)
	}
	for bit := range len(sealed) * 8 {
		_, err := vault.OpenRing(flip(sealed, bit), key)
		var wrong *vault.WrongKeyError
		if inFingerprint := bit/8 >= 1 && bit/8 < 9; inFingerprint {
			if !errors.As(err, &wrong) {
				t.Fatalf("bit %d of the ring flipped: OpenRing() = %v; want WrongKeyError", bit, err)
			}
		} else if !errors.Is(err, vault.ErrTampered) {
			t.Fatalf("bit %d of the ring flipped: OpenRing() = %v; want ErrTampered", bit, err)
		}
	}
}

func flip(b []byte, bit int) []byte {
	altered := bytes.Clone(b)
	altered[bit/8] ^= 1 << (bit % 8)
	return altered
}

func TestTruncatedValuesAreRefused(t *testing.T) {
	t.Parallel()
	ring := newRing(t)
	sealed := seal(t, ring, "token")
	for n := range sealed {
		if _, err := ring.Open(sealed[:n], place); !errors.Is(err, vault.ErrTampered) {
			t.Errorf("Open(first %d bytes) = %v; want ErrTampered", n, err)
		}
	}
}

func TestKeyOfRefusesWhatIsNotSealed(t *testing.T) {
	t.Parallel()
	for _, data := range []string{"", "\x01abc", "\x00abcd and more", "EAAG… a token in the clear"} {
		if id, err := vault.KeyOf([]byte(data)); !errors.Is(err, vault.ErrTampered) {
			t.Errorf("KeyOf(%q) = %v, %v; want ErrTampered", data, id, err)
		}
	}
}

// The format outlives the process: a value and a ring sealed by an earlier build
// must open for ever.
func TestStoredFormatIsStable(t *testing.T) {
	t.Parallel()
	const (
		operatorKey = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
		fingerprint = "7ae39a0a9678ba2d"
		sealedRing  = "017ae39a0a9678ba2d357c4dfd1040da656a801cd2879f8d4d8baa4bb5c6f852" +
			"b1099e5dd4292b9d557863984c37c075f3bc266bcfa67566c2f70bffbd32b91b" +
			"c2d531fd3dd5625e96c691ffc8358ae0f9af018dd7e9e25b43791d9f2c7b314d" +
			"8087b94cadd60538cf3ccc75b38e64219d2c11fa38f017a031a11017b3577719" +
			"d8594a863ddc905a2e1bf6bca58d201a39677c6266a4ebe9770bb0d5cb5e4a49" +
			"b9a0"
		sealedValue = "016b2b3c6d6dae205102ca7e521f0faf67bd7785f2d3234cfa62f10daf87f482" +
			"31a12f40832675d11ebf6bd015d6a08a8c5f"
	)
	key, err := vault.ParseKey(operatorKey)
	if err != nil {
		t.Fatalf("ParseKey() = %v", err)
	}
	if got := key.ID(); got != fingerprint {
		t.Errorf("ID() = %q; want %q", got, fingerprint)
	}
	ring, err := vault.OpenRing(unhex(t, sealedRing), key)
	if err != nil {
		t.Fatalf("OpenRing() = %v", err)
	}
	got, err := ring.Open(unhex(t, sealedValue), place)
	if string(got) != "token" || err != nil {
		t.Errorf("Open() = %q, %v; want %q", got, err, "token")
	}
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatalf("unhex: %v", err)
	}
	return b
}

func TestRotation(t *testing.T) {
	t.Parallel()
	first := newRing(t)
	oldID := first.Primary()
	oldValue := seal(t, first, "old")

	added, newID, err := first.Add()
	if err != nil {
		t.Fatalf("Add() = %v", err)
	}
	wantKeys(t, first, vault.KeyInfo{ID: oldID, Primary: true})
	wantKeys(t, added, vault.KeyInfo{ID: oldID, Primary: true}, vault.KeyInfo{ID: newID})
	stillOld := seal(t, added, "still old")
	wantOpen(t, first, stillOld, "still old") // a replica that has not reloaded yet

	promoted, err := added.Promote(newID)
	if err != nil {
		t.Fatalf("Promote() = %v", err)
	}
	wantKeys(t, promoted, vault.KeyInfo{ID: oldID}, vault.KeyInfo{ID: newID, Primary: true})
	newValue := seal(t, promoted, "new")
	wantOpen(t, promoted, oldValue, "old")
	wantOpen(t, added, newValue, "new")
	wantUnknown(t, first, newValue, newID)

	// The ring survives storage half way through, under another operator's key.
	next := vault.NewKey()
	sealed, err := promoted.Sealed(next)
	if err != nil {
		t.Fatalf("Sealed() = %v", err)
	}
	reopened, err := vault.OpenRing(sealed, next)
	if err != nil {
		t.Fatalf("OpenRing() = %v", err)
	}
	wantKeys(t, reopened, promoted.Keys()...)
	wantOpen(t, reopened, oldValue, "old")

	removed, err := reopened.Remove(oldID)
	if err != nil {
		t.Fatalf("Remove() = %v", err)
	}
	wantKeys(t, removed, vault.KeyInfo{ID: newID, Primary: true})
	wantOpen(t, removed, newValue, "new")
	wantUnknown(t, removed, oldValue, oldID)
	wantOpen(t, reopened, oldValue, "old")
}

func wantKeys(t *testing.T, r *vault.Ring, want ...vault.KeyInfo) {
	t.Helper()
	if got := r.Keys(); !slices.Equal(got, want) {
		t.Errorf("Keys() = %v; want %v", got, want)
	}
}

func wantOpen(t *testing.T, r *vault.Ring, sealed []byte, want string) {
	t.Helper()
	if got, err := r.Open(sealed, place); string(got) != want || err != nil {
		t.Errorf("%v: Open() = %q, %v; want %q", r, got, err, want)
	}
}

func wantUnknown(t *testing.T, r *vault.Ring, sealed []byte, want vault.KeyID) {
	t.Helper()
	_, err := r.Open(sealed, place)
	var unknown *vault.UnknownKeyError
	if !errors.As(err, &unknown) || unknown.ID != want || errors.Is(err, vault.ErrTampered) {
		t.Errorf("%v: Open() = %v; want UnknownKeyError of %v", r, err, want)
	}
}

func TestRotationRefuses(t *testing.T) {
	t.Parallel()
	ring := newRing(t)
	absent := ring.Primary() + 1
	var unknown *vault.UnknownKeyError
	if _, err := ring.Promote(absent); !errors.As(err, &unknown) || unknown.ID != absent {
		t.Errorf("Promote(absent) = %v; want UnknownKeyError", err)
	}
	unknown = nil
	if _, err := ring.Remove(absent); !errors.As(err, &unknown) || unknown.ID != absent {
		t.Errorf("Remove(absent) = %v; want UnknownKeyError", err)
	}
	if _, err := ring.Remove(ring.Primary()); !errors.Is(err, vault.ErrPrimary) {
		t.Errorf("Remove(primary) = %v; want ErrPrimary", err)
	}
}

func TestWrongKeyIsNamed(t *testing.T) {
	t.Parallel()
	right, wrong := vault.NewKey(), vault.NewKey()
	sealed, err := newRing(t).Sealed(right)
	if err != nil {
		t.Fatalf("Sealed() = %v", err)
	}
	_, err = vault.OpenRing(sealed, wrong)
	var mismatch *vault.WrongKeyError
	if !errors.As(err, &mismatch) {
		t.Fatalf("OpenRing(wrong key) = %v; want WrongKeyError", err)
	}
	if want := (vault.WrongKeyError{Sealed: right.ID(), Given: wrong.ID()}); *mismatch != want {
		t.Errorf("OpenRing(wrong key) = %+v; want %+v", *mismatch, want)
	}
}

func TestRingIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	ring, key := newRing(t), vault.NewKey()
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for j := range 50 {
				want := fmt.Appendf(nil, "token %d of %d", j, i)
				sealed, _, err := ring.Seal(want, place)
				if err != nil {
					t.Errorf("Seal() = %v", err)
					return
				}
				if got, err := ring.Open(sealed, place); !bytes.Equal(got, want) || err != nil {
					t.Errorf("Open() = %q, %v; want %q", got, err, want)
				}
			}
			if _, _, err := ring.Add(); err != nil {
				t.Errorf("Add() = %v", err)
			}
			if _, err := ring.Sealed(key); err != nil {
				t.Errorf("Sealed() = %v", err)
			}
		})
	}
	group.Wait()
}

func FuzzOpen(f *testing.F) {
	ring := newRing(f)
	genuine := seal(f, ring, "token")
	f.Add([]byte{})
	f.Add(genuine[:5])
	f.Add(append(bytes.Clone(genuine), 0))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := ring.Open(data, place)
		if err == nil && !bytes.Equal(data, genuine) {
			t.Errorf("Open(%x) = %q; want an error", data, got)
		}
	})
}

func FuzzOpenRing(f *testing.F) {
	key := vault.NewKey()
	genuine, err := newRing(f).Sealed(key)
	if err != nil {
		f.Fatalf("Sealed() = %v", err)
	}
	f.Add([]byte{})
	f.Add(genuine[:9])
	f.Add(append(bytes.Clone(genuine), 0))
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := vault.OpenRing(data, key); err == nil && !bytes.Equal(data, genuine) {
			t.Errorf("OpenRing(%x) opened; want an error", data)
		}
	})
}

func BenchmarkSeal(b *testing.B) {
	ring, token := newRing(b), make([]byte, 200)
	b.SetBytes(int64(len(token)))
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := ring.Seal(token, place); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	ring := newRing(b)
	sealed := seal(b, ring, string(make([]byte, 200)))
	b.SetBytes(200)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ring.Open(sealed, place); err != nil {
			b.Fatal(err)
		}
	}
}
