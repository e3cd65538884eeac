package vault_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"mooring/vault"
)

func TestParseKeyReadsWhatEncodeWrote(t *testing.T) {
	t.Parallel()
	key := vault.NewKey()
	for _, text := range []string{key.Encode(), key.Encode() + "\n", "\t " + key.Encode() + "\r\n"} {
		got, err := vault.ParseKey(text)
		if err != nil {
			t.Fatalf("ParseKey(%q) = %v", text, err)
		}
		if got.ID() != key.ID() || got.Encode() != key.Encode() {
			t.Errorf("ParseKey(%q) has fingerprint %s; want %s", text, got.ID(), key.ID())
		}
	}
	if other := vault.NewKey(); other.ID() == key.ID() || other.Encode() == key.Encode() {
		t.Error("two new keys are the same")
	}
}

func TestParseKeySaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	text := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{0xfb, 0xff}, 16))
	for _, test := range []struct{ name, text, want string }{
		{"empty", " \n", "empty"},
		{"too short", "c2VjcmV0", "6 bytes"},
		{"too long", base64.StdEncoding.EncodeToString(make([]byte, 33)), "33 bytes"},
		{"unpadded", strings.TrimRight(text, "="), "43 characters, want 44"},
		{"hexadecimal", strings.Repeat("ab", 32), "48 bytes"},
		{"white space inside", text[:20] + "\n" + text[20:], "white space inside"},
		{"URL-safe", strings.NewReplacer("+", "-", "/", "_").Replace(text), "URL-safe"},
		{"foreign character", "é" + text[2:], "byte 0"},
		{"bits after the end", text[:42] + "9=", "44 characters"},
	} {
		key, err := vault.ParseKey(test.text)
		if err == nil {
			t.Errorf("%s: ParseKey(%q) = key %s; want an error", test.name, test.text, key.ID())
			continue
		}
		if !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "mooring keys generate") {
			t.Errorf("%s: ParseKey() = %q; want it to mention %q and how to make a key", test.name, err, test.want)
		}
		if secret := strings.TrimSpace(test.text); secret != "" && strings.Contains(err.Error(), secret) {
			t.Errorf("%s: ParseKey() = %q, which repeats the key", test.name, err)
		}
	}
}

func TestTheZeroKeySealsNothing(t *testing.T) {
	t.Parallel()
	ring := newRing(t)
	sealed, err := ring.Sealed(vault.NewKey())
	if err != nil {
		t.Fatalf("Sealed() = %v", err)
	}
	var none vault.Key
	if got, err := ring.Sealed(none); err == nil {
		t.Errorf("Sealed(zero Key) = %x; want an error", got)
	}
	if _, err := vault.OpenRing(sealed, none); err == nil {
		t.Error("OpenRing(zero Key) succeeded; want an error")
	}
	if none.ID() != "" || none.Encode() != "" {
		t.Errorf("zero Key: ID() = %q, Encode() = %q; want empty", none.ID(), none.Encode())
	}
}

// Whatever prints a key, or a struct that hides one, must not print its bytes.
func TestKeysAreNotPrinted(t *testing.T) {
	t.Parallel()
	key, ring := vault.NewKey(), newRing(t)
	raw, err := base64.StdEncoding.DecodeString(key.Encode())
	if err != nil {
		t.Fatalf("Encode(): %v", err)
	}
	type config struct {
		key  vault.Key
		Key  vault.Key
		Ring *vault.Ring
	}
	values := []any{key, &key, config{key, key, ring}, &config{key, key, ring}, []vault.Key{key}, map[string]vault.Key{"k": key}, ring, *ring}

	var out bytes.Buffer
	for _, value := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%X", "%t", "%e"} {
			fmt.Fprintf(&out, verb+"\n", value)
		}
		if err := json.NewEncoder(&out).Encode(value); err != nil {
			t.Fatalf("encode %T: %v", value, err)
		}
		slog.New(slog.NewTextHandler(&out, nil)).Info("text", slog.Any("value", value))
		slog.New(slog.NewJSONHandler(&out, nil)).Info("json", slog.Any("value", value))
	}
	printed := out.String()
	for _, secret := range []string{
		key.Encode()[:12],
		base64.RawURLEncoding.EncodeToString(raw)[:12],
		string(raw[:8]),
		hex.EncodeToString(raw[:6]),
		strings.ToUpper(hex.EncodeToString(raw[:6])),
		strings.Trim(fmt.Sprint(raw[:6]), "[]"),
		strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("%#v", raw[:6]), "[]byte{"), "}"),
	} {
		if strings.Contains(printed, secret) {
			t.Errorf("output has %q of the key:\n%s", secret, printed)
		}
	}
	for _, verb := range []string{"%v", "%+v", "%s"} {
		if got := fmt.Sprintf(verb, key); got != "[redacted]" {
			t.Errorf("Sprintf(%q) = %q; want [redacted]", verb, got)
		}
	}
}

// What one purpose authenticates says nothing of another's, nor of another key's.
func TestAuthenticators(t *testing.T) {
	t.Parallel()
	key := vault.NewKey()
	again, err := vault.ParseKey(key.Encode())
	if err != nil {
		t.Fatal(err)
	}
	sum := func(k vault.Key, purpose string) string {
		t.Helper()
		mac, err := k.Authenticator(purpose)
		if err != nil {
			t.Fatal(err)
		}
		mac.Write([]byte("text"))
		return string(mac.Sum(nil))
	}
	if sum(key, "backup") != sum(again, "backup") {
		t.Error("the same key and purpose authenticate the same text differently")
	}
	if sum(key, "backup") == sum(key, "links") || sum(key, "backup") == sum(vault.NewKey(), "backup") {
		t.Error("another purpose or another key authenticates a text in the same way")
	}
	if mac, err := (vault.Key{}).Authenticator("backup"); err == nil {
		t.Errorf("the zero Key's Authenticator() = %v; want an error", mac)
	}
}
