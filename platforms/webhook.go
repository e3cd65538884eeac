package platforms

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Webhook is something that a platform tells of its own accord, by a POST to
// [Login.WebhookPath].
type Webhook struct {
	Event string // the last part of the address
	Entry string // where its address is entered in the console
	// Erases is set where the person wants what came from the platform deleted,
	// and is answered with a page about it (Meta, Data Deletion Request Callback).
	Erases bool
	// Read verifies a delivery under one of the app's secrets and returns what it
	// says. Any delivery that is not the platform's, or not of now, is an
	// [ErrUnverified], whatever is wrong with it.
	Read func(app *App, d Delivery) (Notice, error)
}

// WebhookPath is where Mooring waits for what a platform tells. Login methods
// with one Callback share it.
func (l *Login) WebhookPath(event string) string { return "/api/webhooks/" + l.Callback + "/" + event }

// Delivery is a request to a webhook.
type Delivery struct {
	Header http.Header
	Body   []byte
	At     time.Time // when it came
}

// Notice is what a delivery says that was verified.
type Notice struct {
	// Subject is who has taken access away, see [Identity]; "" if the delivery is
	// about something else, which is not for Mooring.
	Subject string
	At      time.Time // when that was so, to the second
}

// ErrUnverified is all that whoever sends a delivery may learn of what is wrong
// with it.
var ErrUnverified = errors.New("the delivery is not verified")

// signs reports whether a MAC over a text was made with one of the app's
// secrets, the next one included. An app without a secret has signed nothing.
func (a *App) signs(text, mac []byte) bool {
	found := false
	for _, secret := range []Secret{a.ClientSecret, a.NextSecret} {
		if secret.IsZero() {
			continue
		}
		want := hmac.New(sha256.New, []byte(secret.Reveal()))
		want.Write(text)
		found = hmac.Equal(want.Sum(nil), mac) || found
	}
	return found
}

// webhookSkew is how far the platform's clock may be from ours.
const webhookSkew = 5 * time.Minute

// current reports whether a delivery that was signed at a moment came in time.
func (d *Delivery) current(signed time.Time, life time.Duration) bool {
	age := d.At.Sub(signed)
	return age >= -webhookSkew && age <= life
}

// metaWebhooks are what Meta tells of people who remove an app. The arguments
// are the console's pages where the addresses are entered.
func metaWebhooks(deauthorize, deletion string) []Webhook {
	return []Webhook{
		{Event: "deauthorize", Entry: deauthorize + ", Deauthorize callback URL", Read: readSignedRequest},
		{Event: "data-deletion", Entry: deletion + ", Data deletion request URL", Erases: true, Read: readSignedRequest},
	}
}

// signedRequestLife is for how long a signed request is taken that does not
// say itself when it ends.
const signedRequestLife = 24 * time.Hour

// readSignedRequest reads the form field signed_request: the signature and a
// JSON object, both in base64url, with a point between them. The signature is
// over the object as it is written.
func readSignedRequest(app *App, d Delivery) (Notice, error) {
	form, err := url.ParseQuery(string(d.Body))
	if err != nil {
		return Notice{}, ErrUnverified
	}
	signature, payload, _ := strings.Cut(form.Get("signed_request"), ".")
	mac, err := unpadded(signature)
	if err != nil || !app.signs([]byte(payload), mac) {
		return Notice{}, ErrUnverified
	}
	var said struct {
		Algorithm string `json:"algorithm"`
		UserID    metaID `json:"user_id"`
		IssuedAt  int64  `json:"issued_at"`
		Expires   int64  `json:"expires"`
	}
	text, err := unpadded(payload)
	if err == nil {
		err = json.Unmarshal(text, &said)
	}
	issued := time.Unix(said.IssuedAt, 0).UTC()
	ended := said.Expires > 0 && d.At.After(time.Unix(said.Expires, 0))
	if err != nil || !strings.EqualFold(said.Algorithm, "HMAC-SHA256") || said.UserID == "" || ended || !d.current(issued, signedRequestLife) {
		return Notice{}, ErrUnverified
	}
	return Notice{Subject: string(said.UserID), At: issued}, nil
}

// unpadded decodes base64url with padding or without.
func unpadded(text string) ([]byte, error) {
	return base64.RawURLEncoding.DecodeString(strings.TrimRight(text, "="))
}

// tikTokRemoved is the one of TikTok's events that is about an account. All go
// to one address.
const tikTokRemoved = "authorization.removed"

// tikTokSignatureLife is for how long a signature of TikTok's is taken.
const tikTokSignatureLife = 5 * time.Minute

// readTikTokEvent reads an event of TikTok's. The header TikTok-Signature has
// the moment t of signing and the signature s, in hexadecimal, over t, a point
// and the body (Webhook Verification).
func readTikTokEvent(app *App, d Delivery) (Notice, error) {
	parts := map[string]string{}
	for part := range strings.SplitSeq(d.Header.Get("TikTok-Signature"), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		parts[name] = value
	}
	seconds, err := strconv.ParseInt(parts["t"], 10, 64)
	if err != nil || !d.current(time.Unix(seconds, 0), tikTokSignatureLife) {
		return Notice{}, ErrUnverified
	}
	mac, err := hex.DecodeString(parts["s"])
	if err != nil || !app.signs([]byte(parts["t"]+"."+string(d.Body)), mac) {
		return Notice{}, ErrUnverified
	}
	var said struct {
		ClientKey string `json:"client_key"`
		Event     string `json:"event"`
		Created   int64  `json:"create_time"`
		OpenID    string `json:"user_openid"`
	}
	if err := json.Unmarshal(d.Body, &said); err != nil || said.ClientKey != app.ClientID {
		return Notice{}, ErrUnverified
	}
	if said.Event != tikTokRemoved {
		return Notice{}, nil
	}
	// A delivery is repeated for days, and signed each time.
	return Notice{Subject: said.OpenID, At: time.Unix(said.Created, 0).UTC()}, nil
}
