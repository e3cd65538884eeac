package accounts_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"mooring/accounts"
	"mooring/auth"
	"mooring/platforms"
)

// removed is TikTok's word, signed now, that a person took access away at a
// moment.
func (w *world) removed(subject string, at time.Time) platforms.Delivery {
	w.t.Helper()
	for _, app := range w.options.Apps {
		if app.Platform != platforms.TikTok {
			continue
		}
		now := time.Now()
		body := fmt.Sprintf(`{"client_key":%q,"event":"authorization.removed","create_time":%d,"user_openid":%q}`, app.ClientID, at.Unix(), subject)
		mac := hmac.New(sha256.New, []byte(app.ClientSecret.Reveal()))
		fmt.Fprintf(mac, "%d.%s", now.Unix(), body)
		header := http.Header{}
		header.Set("TikTok-Signature", fmt.Sprintf("t=%d,s=%s", now.Unix(), hex.EncodeToString(mac.Sum(nil))))
		return platforms.Delivery{Header: header, Body: []byte(body), At: now}
	}
	w.t.Fatal("TikTok has no app")
	return platforms.Delivery{}
}

const tikTokRemoved = "authorization.removed"

// What a person granted ends in all workspaces, as often as it is told, and what
// they granted afterwards does not.
func TestHeed(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		elsewhere := auth.Actor{User: "eve", Workspace: "elsewhere", Role: auth.RoleOwner}
		mine, theirs, other := w.connect(owner, "tiktok"), w.connect(elsewhere, "tiktok"), w.connect(owner, "tiktok", "persona", "finn")
		// One that fails its probes has tokens still, and may work again.
		w.exec(1, "UPDATE accounts SET verdict = 'PROBE_FAILED' WHERE id = ?", theirs.ID)
		subject := mine.ExternalID

		forged := w.removed(subject, time.Now())
		forged.Body = append(forged.Body, ' ')
		if _, err := w.Heed(t.Context(), "tiktok", tikTokRemoved, forged); !errors.Is(err, platforms.ErrUnverified) {
			t.Errorf("Heed() of a forged delivery = %v; want ErrUnverified", err)
		}
		if _, err := w.Heed(t.Context(), "twitter", tikTokRemoved, forged); !errors.Is(err, accounts.ErrNoWebhook) {
			t.Errorf("Heed() where there is none = %v; want ErrNoWebhook", err)
		}
		old := w.removed(subject, time.Now().Add(-time.Hour))
		if code, err := w.Heed(t.Context(), "tiktok", tikTokRemoved, old); code != "" || err != nil {
			t.Errorf("Heed() of an old delivery = %q, %v; want nothing", code, err)
		}
		if a := w.account(owner, mine.ID); a.Health.Status != accounts.Healthy {
			t.Errorf("after forged and old deliveries: %s; want HEALTHY", a.Health.Status)
		}

		for range 2 {
			if code, err := w.Heed(t.Context(), "tiktok", tikTokRemoved, w.removed(subject, time.Now())); code != "" || err != nil {
				t.Fatalf("Heed() = %q, %v; want nothing", code, err)
			}
		}
		for _, a := range []*accounts.Account{w.account(owner, mine.ID), w.account(elsewhere, theirs.ID)} {
			if h := a.Health; h.Status != accounts.Unhealthy || *h.Reason != accounts.Revoked || *h.CheckedBy != accounts.ByWebhook {
				t.Errorf("account of %s: %+v; want UNHEALTHY for REVOKED by WEBHOOK", a.Workspace, h)
			}
		}
		if a := w.account(owner, other.ID); a.Health.Status != accounts.Healthy {
			t.Errorf("another person's account is %s; want HEALTHY", a.Health.Status)
		}
		if n := w.count("SELECT count(*) FROM secrets WHERE owner_id LIKE 'gra%'"); n != 2 {
			t.Errorf("%d tokens are left; want the other person's two", n)
		}
		if n := w.count("SELECT count(*) FROM events WHERE reason = 'REVOKED'"); n != 2 {
			t.Errorf("%d events; want one for each account", n)
		}

		again := w.connect(owner, "tiktok")
		if _, err := w.Heed(t.Context(), "tiktok", tikTokRemoved, w.removed(subject, time.Now().Add(-2*time.Second))); err != nil {
			t.Fatal(err)
		}
		if a := w.account(owner, again.ID); a.ID != mine.ID || a.Health.Status != accounts.Healthy {
			t.Errorf("after a new consent and a late delivery: %s, %s; want %s HEALTHY", a.ID, a.Health.Status, mine.ID)
		}
	})
}
