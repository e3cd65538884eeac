package accounts_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"mooring/accounts"
	"mooring/platforms"
)

// pages makes X a platform whose consent reaches Pages with tokens of their
// own, as Facebook's does. Each consent gets new ones; the ids are what it
// reaches. validated returns the tokens that the latest validation was given.
func (w *world) pages(ids *[]string) (validated func() (grant, own string)) {
	var seen [2]string
	consents := 0
	w.alter("twitter", func(l *platforms.Login) {
		l.Refresh, l.RevokeReach = platforms.Refresh{Kind: platforms.RefreshNone}, platforms.RevokesSubject
		l.Lengthen = func(_ context.Context, _ *platforms.App, t *platforms.Tokens) (*platforms.Tokens, error) {
			long := *t
			long.Access, long.Refresh = platforms.NewSecret("long-"+t.Access.Reveal()), platforms.Secret{}
			long.AccessExpires = t.IssuedAt.Add(60 * 24 * time.Hour)
			w.wire.remember(long.Access.Reveal())
			return &long, nil
		}
		l.Identify = func(context.Context, *platforms.App, *platforms.Tokens) (*platforms.Identity, error) {
			consents++
			identity := &platforms.Identity{Subject: "person", Name: "Pat"}
			for _, id := range *ids {
				p := platforms.Profile{ExternalID: id, Kind: platforms.KindPage, DisplayName: "Page " + id}
				p.Token = platforms.NewSecret(fmt.Sprintf("page-token-%s-%d", id, consents))
				if id == "ends" {
					p.TokenExpires = time.Now().Add(48 * time.Hour)
				}
				if id == "none" {
					p.Token = platforms.Secret{}
				}
				w.wire.remember(p.Token.Reveal())
				identity.Profiles = append(identity.Profiles, p)
			}
			return identity, nil
		}
		l.Validate = func(_ context.Context, _ *platforms.App, t *platforms.Tokens, p platforms.Profile) (*platforms.Validation, error) {
			seen = [2]string{t.Access.Reveal(), p.Token.Reveal()}
			return &platforms.Validation{Profile: p}, nil
		}
	})
	return func() (string, string) { return seen[0], seen[1] }
}

// owned counts the secrets whose owner's id begins so.
func (w *world) owned(prefix string) int {
	w.t.Helper()
	return w.count("SELECT count(*) FROM secrets WHERE owner_id LIKE ?", prefix+"%")
}

// wantTokens validates an account and wants it to be asked about with these
// tokens.
func (w *world) wantTokens(id, own string, validated func() (string, string)) {
	w.t.Helper()
	w.age(w.account(owner, id))
	if _, _, err := w.Validate(w.t.Context(), owner, id); err != nil {
		w.t.Fatal(err)
	}
	if grant, got := validated(); got != own || !strings.HasPrefix(grant, "long-") {
		w.t.Errorf("asked about %s with %q and %q; want the grant's long-lived token and %q", id, grant, got, own)
	}
}

func TestProfilesKeepTheirOwnTokens(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		reached := []string{"a%", "b", "ends", "none"}
		validated := w.pages(&reached)
		attempt := w.run(w.begin(owner, accounts.ConnectRequest{Platform: "twitter"}))
		if attempt.Status != accounts.AttemptSelecting || len(attempt.Candidates) != 4 {
			t.Fatalf("attempt is %s with %v, %s; want a choice of four", attempt.Status, attempt.Candidates, says(attempt.Diagnosis))
		}
		if n := w.owned("att"); n != 4 {
			t.Errorf("%d secrets wait for the choice; want the person's and three Pages'", n)
		}
		done, err := w.CompleteConnect(t.Context(), owner, attempt.ID, []string{"a%", "ends", "none"})
		if err != nil {
			t.Fatal(err)
		}
		if att, acc, gra := w.owned("att"), w.owned("acc"), w.owned("gra"); att != 0 || acc != 2 || gra != 1 {
			t.Errorf("secrets: %d of the attempt, %d of accounts, %d of the grant; want 0, 2, 1", att, acc, gra)
		}
		ids := map[string]string{}
		for _, id := range done.AccountIDs {
			a := w.account(owner, id)
			ids[a.ExternalID] = id
			h := a.Health
			var left time.Duration // until it ends
			switch a.ExternalID {
			case "a%":
				if !h.ExpiresAt.IsZero() || h.Status != accounts.Healthy || !h.IsConnected {
					t.Errorf("a Page with an endless token: %+v; want nothing to end", h)
				}
				continue
			case "ends":
				left = 48 * time.Hour
			case "none":
				left = 60 * 24 * time.Hour
			}
			if got := time.Until(h.ExpiresAt); got > left || got < left-time.Minute {
				t.Errorf("%s ends in %s; want %s", a.ExternalID, got, left)
			}
		}
		w.wantTokens(ids["a%"], "page-token-a%-1", validated)
		w.wantTokens(ids["none"], "", validated)

		// The clock of the person's token is a warning, and no more.
		w.exec(1, "UPDATE grants SET access_expires_at = ?", time.Now().Add(5*24*time.Hour+time.Minute).UnixMilli())
		h := w.account(owner, ids["a%"]).Health
		if h.Status != accounts.Healthy || len(h.Warnings) != 1 || h.Warnings[0].Code != accounts.WarnGrantEnds || !strings.Contains(h.Warnings[0].Message, "5 days") {
			t.Errorf("as the person's token nears its end: %s, %v; want HEALTHY with a warning of 5 days", h.Status, h.Warnings)
		}
		if h := w.account(owner, ids["none"]).Health; len(h.Warnings) != 0 {
			t.Errorf("an account without a token of its own: %v; want no such warning", h.Warnings)
		}

		keys, err := w.Keys(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		primary(t, w)
		if _, err := w.Reseal(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := w.RemoveKey(t.Context(), keys[0].ID); err != nil {
			t.Fatal(err)
		}
		w.wantTokens(ids["ends"], "page-token-ends-1", validated)

		// A reconnect replaces the tokens of all that it reaches, and condemns the rest.
		reached = []string{"b", "a%", "none"}
		again := w.run(w.begin(owner, accounts.ConnectRequest{Platform: "twitter", AccountID: ptr(ids["none"])}))
		if again.Status != accounts.AttemptDone {
			t.Fatalf("reconnect is %s, %s; want COMPLETED", again.Status, says(again.Diagnosis))
		}
		w.wantTokens(ids["a%"], "page-token-a%-2", validated)
		if n := w.owned("acc"); n != 1 {
			t.Errorf("%d tokens of accounts after the reconnect; want one: \"ends\" is not granted", n)
		}
		if h := w.account(owner, ids["ends"]).Health; h.Reason == nil || *h.Reason != accounts.NotGranted {
			t.Errorf("what the reconnect does not reach: %+v; want NOT_GRANTED", h)
		}
		if _, err := w.Disconnect(t.Context(), owner, ids["a%"]); err != nil {
			t.Fatal(err)
		}
		if acc, gra := w.owned("acc"), w.owned("gra"); acc != 0 || gra != 1 {
			t.Errorf("after one disconnects: %d tokens of accounts, %d of the grant; want 0 and 1", acc, gra)
		}
		if _, err := w.Disconnect(t.Context(), owner, ids["none"]); err != nil {
			t.Fatal(err)
		}
		if n := w.owned("gra"); n != 0 {
			t.Errorf("%d tokens after the last disconnects; want none", n)
		}
		shown := fmt.Sprint(w.dump("attempts", "accounts", "grants", "events", "secrets"), w.log.String())
		for _, secret := range w.wire.seen() {
			if strings.Contains(shown, secret) {
				t.Errorf("the database or the log has %.12s…", secret)
			}
		}
	})
}

// What waits for a choice that is never made is forgotten.
func TestUnchosenTokensAreForgotten(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		reached := []string{"a", "b"}
		w.pages(&reached)
		attempt := w.run(w.begin(owner, accounts.ConnectRequest{Platform: "twitter"}))
		if n := w.owned("att"); n != 3 {
			t.Fatalf("%d secrets wait; want 3", n)
		}
		if _, err := w.CancelConnect(t.Context(), owner, attempt.ID); err != nil {
			t.Fatal(err)
		}
		if n := w.owned("att"); n != 0 {
			t.Errorf("%d secrets are kept; want none", n)
		}
	})
}

// When the last working account leaves a grant, no account of it keeps a token.
func TestARetiredGrantKeepsNoTokens(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		reached := []string{"a", "b"}
		w.pages(&reached)
		done, err := w.CompleteConnect(t.Context(), owner, w.run(w.begin(owner, accounts.ConnectRequest{Platform: "twitter"})).ID, reached)
		if err != nil {
			t.Fatal(err)
		}
		w.exec(1, "UPDATE accounts SET verdict = 'NOT_GRANTED' WHERE id = ?", done.AccountIDs[0])
		if _, err := w.Disconnect(t.Context(), owner, done.AccountIDs[1]); err != nil {
			t.Fatal(err)
		}
		if n := w.owned("acc"); n != 0 {
			t.Errorf("%d tokens of accounts are kept; want none", n)
		}
	})
}

// Two platforms may share one client, as Facebook and Instagram do: a person's
// grant at one is ended by a revocation at the other.
func TestRevocationLooksAtTheWholeClient(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		a := w.connect(owner, "google_youtube")
		w.exec(1, `INSERT INTO apps (id, platform, login_method, client_id, sandbox)
			SELECT 'app_2', 'google_drive', login_method, client_id, sandbox FROM apps WHERE platform = 'google_youtube'`)
		w.exec(1, `INSERT INTO grants (id, workspace, app_id, platform, subject, scopes, scopes_source, consented_at, generation)
			SELECT 'gra_2', 'elsewhere', 'app_2', 'google_drive', subject, scopes, scopes_source, consented_at, 1 FROM grants`)
		if d, err := w.Disconnect(t.Context(), owner, a.ID); err != nil || d.RevokedAtPlatform || w.requests("google_youtube", "revoke") != 0 {
			t.Errorf("Disconnect() = %+v, %v; want Google not to be told", d, err)
		}
		b := w.connect(owner, "google_youtube")
		w.exec(1, "UPDATE apps SET sandbox = 0 WHERE id = 'app_2'") // the real client of that id is another
		if d, err := w.Disconnect(t.Context(), owner, b.ID); err != nil || !d.RevokedAtPlatform {
			t.Errorf("Disconnect() = %+v, %v; want its tokens revoked", d, err)
		}
	})
}
