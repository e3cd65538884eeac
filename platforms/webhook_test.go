package platforms_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mooring/platforms"
)

// hookOf returns a login method's webhook, and an app with a secret and the next.
func hookOf(t *testing.T, p *platforms.Platform, event string) (*platforms.App, platforms.Webhook) {
	t.Helper()
	for _, h := range p.Logins[0].Webhooks {
		if h.Event == event {
			return &platforms.App{
				Platform: p, Login: p.Logins[0], ClientID: "client",
				ClientSecret: platforms.NewSecret("now"), NextSecret: platforms.NewSecret("next"),
			}, h
		}
	}
	t.Fatalf("%s has no webhook %s", p.ID, event)
	return nil, platforms.Webhook{}
}

func mac(secret, text string) []byte {
	m := hmac.New(sha256.New, []byte(secret))
	m.Write([]byte(text))
	return m.Sum(nil)
}

func TestSignedRequest(t *testing.T) {
	t.Parallel()
	app, hook := hookOf(t, platforms.Facebook, "data-deletion")
	if !hook.Erases {
		t.Error("data-deletion does not erase")
	}
	now := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	issued := now.Add(-time.Minute)
	said := func(algorithm string, issued time.Time, more string) string {
		return fmt.Sprintf(`{"algorithm":%q,"issued_at":%d%s}`, algorithm, issued.Unix(), more)
	}
	const ada = `,"user_id":"10224400112233"`
	good := platforms.Notice{Subject: "10224400112233", At: issued}
	for _, tt := range []struct {
		name, secret, payload string
		want                  platforms.Notice // zero: unverified
	}{
		{"a good one", "now", said("HMAC-SHA256", issued, ada), good},
		{"the next secret", "next", said("HMAC-SHA256", issued, ada), good},
		{"a number for an id", "now", said("hmac-sha256", issued, `,"user_id":10224400112233`), good},
		{"it ends later", "now", said("HMAC-SHA256", issued, ada+fmt.Sprintf(`,"expires":%d`, now.Unix())), good},
		{"another secret", "past", said("HMAC-SHA256", issued, ada), platforms.Notice{}},
		{"no secret", "", said("HMAC-SHA256", issued, ada), platforms.Notice{}},
		{"another algorithm", "now", said("none", issued, ada), platforms.Notice{}},
		{"it has ended", "now", said("HMAC-SHA256", issued, ada+fmt.Sprintf(`,"expires":%d`, now.Unix()-1)), platforms.Notice{}},
		{"of the day before yesterday", "now", said("HMAC-SHA256", now.Add(-25*time.Hour), ada), platforms.Notice{}},
		{"of tomorrow", "now", said("HMAC-SHA256", now.Add(6*time.Minute), ada), platforms.Notice{}},
		{"no moment", "now", `{"algorithm":"HMAC-SHA256","user_id":"10224400112233"}`, platforms.Notice{}},
		{"nobody", "now", said("HMAC-SHA256", issued, ""), platforms.Notice{}},
		{"no JSON", "now", "10224400112233", platforms.Notice{}},
	} {
		payload := base64.RawURLEncoding.EncodeToString([]byte(tt.payload))
		signature := base64.RawURLEncoding.EncodeToString(mac(tt.secret, payload))
		body := url.Values{"signed_request": {signature + "." + payload}}.Encode()
		got, err := hook.Read(app, platforms.Delivery{Body: []byte(body), At: now})
		if diff := cmp.Diff(tt.want, got); diff != "" || errors.Is(err, platforms.ErrUnverified) != (tt.want == platforms.Notice{}) {
			t.Errorf("%s: Read() = %+v, %v; want %+v", tt.name, got, err, tt.want)
		}
	}
	for _, body := range []string{"", "signed_request=", "signed_request=.", "signed_request=a.b.c", "%zz", strings.Repeat(".", 999)} {
		if got, err := hook.Read(app, platforms.Delivery{Body: []byte(body), At: now}); !errors.Is(err, platforms.ErrUnverified) {
			t.Errorf("Read(%q) = %+v, %v; want ErrUnverified", body, got, err)
		}
	}
	bare := &platforms.App{Platform: app.Platform, Login: app.Login}
	payload := base64.RawURLEncoding.EncodeToString([]byte(said("HMAC-SHA256", issued, ada)))
	body := "signed_request=" + base64.RawURLEncoding.EncodeToString(mac("", payload)) + "." + payload
	if _, err := hook.Read(bare, platforms.Delivery{Body: []byte(body), At: now}); !errors.Is(err, platforms.ErrUnverified) {
		t.Errorf("an app without a secret takes what is signed with none: %v", err)
	}
}

func TestTikTokSignature(t *testing.T) {
	t.Parallel()
	app, hook := hookOf(t, platforms.TikTok, "authorization.removed")
	now := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	created := now.Add(-70 * time.Hour) // repeated since
	body := func(client, event string) string {
		return fmt.Sprintf(`{"client_key":%q,"event":%q,"create_time":%d,"user_openid":"act.mina","content":"{\"reason\":1}"}`, client, event, created.Unix())
	}
	removed := body("client", "authorization.removed")
	good := platforms.Notice{Subject: "act.mina", At: created}
	signed := func(secret string, at time.Time, text string) string {
		return fmt.Sprintf("t=%d,s=%s", at.Unix(), hex.EncodeToString(mac(secret, fmt.Sprintf("%d.%s", at.Unix(), text))))
	}
	for _, tt := range []struct {
		name, header, body string
		want               platforms.Notice
		unverified         bool
	}{
		{"a good one", signed("now", now, removed), removed, good, false},
		{"the next secret", signed("next", now, removed), removed, good, false},
		{"just in time", signed("now", now.Add(-5*time.Minute), removed), removed, good, false},
		{"another event", signed("now", now, body("client", "video.publish.completed")), body("client", "video.publish.completed"), platforms.Notice{}, false},
		{"too late", signed("now", now.Add(-5*time.Minute-time.Second), removed), removed, platforms.Notice{}, true},
		{"too early", signed("now", now.Add(5*time.Minute+time.Second), removed), removed, platforms.Notice{}, true},
		{"another secret", signed("past", now, removed), removed, platforms.Notice{}, true},
		{"another body", signed("now", now, removed), strings.Replace(removed, "mina", "finn", 1), platforms.Notice{}, true},
		{"another app", signed("now", now, body("other", "authorization.removed")), body("other", "authorization.removed"), platforms.Notice{}, true},
		{"another moment", strings.Replace(signed("now", now, removed), "t=", "t=1,t=", 1), removed, good, false},
		{"no signature", fmt.Sprintf("t=%d", now.Unix()), removed, platforms.Notice{}, true},
		{"no header", "", removed, platforms.Notice{}, true},
		{"no JSON", signed("now", now, "x"), "x", platforms.Notice{}, true},
	} {
		header := http.Header{}
		header.Set("TikTok-Signature", tt.header)
		got, err := hook.Read(app, platforms.Delivery{Header: header, Body: []byte(tt.body), At: now})
		if diff := cmp.Diff(tt.want, got); diff != "" || errors.Is(err, platforms.ErrUnverified) != tt.unverified {
			t.Errorf("%s: Read() = %+v, %v; want %+v", tt.name, got, err, tt.want)
		}
	}
}
