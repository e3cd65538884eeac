package accounts

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"

	"github.com/jmoiron/sqlx"

	"mooring/auth"
	"mooring/platforms"
)

// Disconnection is what disconnecting an account did.
type Disconnection struct {
	Account           *Account // a tombstone
	RevokedAtPlatform bool
	Note              string // why not, for people; "" when it was
	RevokeURL         string // where the person can do it
}

// Disconnect makes an account a tombstone. If no other account needs its grant
// the local secrets are deleted, whatever the platform says, and the tokens are
// taken back at the platform as far as that hurts nobody else.
func (s *Service) Disconnect(ctx context.Context, by auth.Actor, id string) (*Disconnection, error) {
	return s.disconnect(ctx, by, id, func(*sqlx.Tx, *Account) error { return nil })
}

// disconnect is Disconnect with something more to do in its transaction, which
// its error undoes.
func (s *Service) disconnect(ctx context.Context, by auth.Actor, id string, also func(*sqlx.Tx, *Account) error) (*Disconnection, error) {
	account, err := s.accountNamed(ctx, by, "accountId", id)
	if err != nil {
		return nil, err
	}
	if !account.DisconnectedAt.IsZero() {
		return nil, notFound("accountId", "account", id)
	}
	var tokens *platforms.Tokens
	var grant grantRow
	var note string
	err = s.record(ctx, func(tx *sqlx.Tx) error {
		if err := lockGrants(ctx, tx, by.Workspace, account.Platform.ID); err != nil {
			return err
		}
		// Somebody may have reconnected it meanwhile.
		current, err := s.accountsByID(ctx, tx, by.Workspace, []string{id})
		if err != nil || len(current) == 0 {
			return err
		}
		account = current[0]
		if err := holdAccounts(ctx, tx, current); err != nil {
			return err
		}
		if err := also(tx, account); err != nil {
			return err
		}
		tokens, grant, note, err = s.release(ctx, tx, account)
		if err != nil {
			return err
		}
		buried, err := bury(ctx, tx, by.Workspace, id, present())
		if err != nil {
			return err
		}
		if !buried {
			return notFound("accountId", "account", id)
		}
		if err := deleteSecrets(ctx, tx, by.Workspace, id); err != nil { // its own
			return err
		}
		if err := retireGrants(ctx, tx, by.Workspace, []string{grant.ID}, present()); err != nil {
			return err
		}
		if err := unschedule(ctx, tx, id); err != nil {
			return err
		}
		status, reason := Unhealthy, Disconnected
		return appendEvent(ctx, tx, Event{
			Workspace: by.Workspace, Type: AccountDisconnected, Actor: &by.User, AccountID: &id,
			Platform: &account.Platform.ID, PreviousStatus: &account.evidence.announced, Status: &status, Reason: &reason,
		})
	})
	if err != nil {
		return nil, fmt.Errorf("disconnect %s: %w", id, err)
	}
	d := &Disconnection{Note: note, RevokeURL: cmp.Or(account.login.RevokeURL, account.Platform.RevokeURL)}
	if tokens != nil {
		d.RevokedAtPlatform, d.Note = s.revoke(ctx, s.apps[grant.AppID], tokens)
	}
	d.Account, err = s.Account(ctx, by, id)
	return d, err
}

// release decides whether an account's tokens are to be taken back at the
// platform, and reads them if so; else it says why not.
func (s *Service) release(ctx context.Context, tx *sqlx.Tx, a *Account) (*platforms.Tokens, grantRow, string, error) {
	grant, err := readGrant(ctx, tx, a.Workspace, a.grantID)
	if err != nil {
		return nil, grant, "", err
	}
	shared, err := grantWorks(ctx, tx, a.Workspace, grant.ID, a.ID)
	if err != nil {
		return nil, grant, "", err
	}
	name := a.Platform.DisplayName
	switch {
	case shared:
		return nil, grant, "Other connected accounts use the same grant, so " + name + " was not told.", nil
	case a.login.RevokeReach == platforms.RevokesNothing:
		return nil, grant, name + " offers no revocation; the person can take access away in its settings.", nil
	case s.apps[grant.AppID] == nil:
		return nil, grant, "The app that the account was connected with is no longer configured here.", nil
	case !a.Health.IsConnected && a.evidence.Verdict.final():
		return nil, grant, "Its tokens were forgotten when it stopped working.", nil
	}
	if a.login.RevokeReach == platforms.RevokesSubject {
		other, err := subjectHasOther(ctx, tx, grant)
		if err == nil && !other {
			other, err = subjectWaits(ctx, tx, grant, present())
		}
		if err != nil {
			return nil, grant, "", err
		}
		if other {
			return nil, grant, name + " would end all of the person's grants at once, and there is another, so it was not told.", nil
		}
	}
	tokens, err := s.openTokens(ctx, tx, a.Workspace, grant.ID, grant.dates())
	if err != nil {
		// A secret that cannot be opened must not keep the account alive.
		s.log.LogAttrs(ctx, slog.LevelError, "open tokens to revoke them", slog.String("account", a.ID), slog.Any("error", err))
		return nil, grant, "Its tokens could not be opened, so " + name + " was not told.", nil
	}
	return tokens, grant, "", nil
}

// revoke takes tokens back at the platform, best effort.
func (s *Service) revoke(ctx context.Context, app *app, tokens *platforms.Tokens) (revoked bool, note string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.observing(ctx, app, "")), exchangeLife)
	defer cancel()
	revoked, err := app.Revoke(ctx, tokens)
	switch {
	case err != nil:
		s.log.LogAttrs(ctx, slog.LevelWarn, "revoke at the platform", slog.String("platform", app.Platform.ID), slog.Any("error", err))
		return false, app.Platform.DisplayName + " did not take the tokens back; the person can take access away in its settings."
	case !revoked:
		return false, app.Platform.DisplayName + " offers no revocation; the person can take access away in its settings."
	}
	return true, ""
}
