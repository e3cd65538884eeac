package accounts

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
)

// macSize is how many bytes of an HMAC-SHA256 sign a text: RFC 2104 §5 allows
// the half.
const macSize = 16

// signed makes of a body a text for links and ids that says what the body says
// and that only this installation can make. Nothing has to be kept for it. One
// made for a purpose is of no use for another.
func (s *Service) signed(purpose, body string) string {
	return base64.RawURLEncoding.EncodeToString(append(s.signature(purpose, body), body...))
}

// verified returns the body of a signed text. It reports false for what this
// installation has not made, or not for that purpose.
func (s *Service) verified(purpose, text string) (body string, ok bool) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(raw) < macSize {
		return "", false
	}
	body = string(raw[macSize:])
	return body, hmac.Equal(raw[:macSize], s.signature(purpose, body))
}

func (s *Service) signature(purpose, body string) []byte {
	mac := hmac.New(sha256.New, s.mac)
	mac.Write([]byte(purpose + "\x00" + body))
	return mac.Sum(nil)[:macSize]
}
