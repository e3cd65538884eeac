package accounts

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/jmoiron/sqlx"

	"mooring/platforms"
)

// consent is what a person has granted, about to become a grant and accounts.
type consent struct {
	workspace string
	app       *app
	by        string // the user who connects
	tokens    *platforms.Tokens
	learned
	identity       *platforms.Identity
	chosen         []platforms.Profile // of the identity's
	externalUserID *string
	labels         []string
	event          EventType // for accounts that are new

	renewed bool // Mooring renews the tokens, next at renewAt
	renewAt time.Time
}

// evidence is the health of an account whose tokens were just issued.
func (c *consent) evidence(p platforms.Profile, now time.Time) Evidence {
	e := Evidence{
		AccessIssued: c.tokens.IssuedAt, AccessEnds: c.tokens.AccessExpires, RefreshEnds: c.app.refreshEnds(c.tokens),
		AutoRefresh: c.renewed, NextRefresh: c.renewAt, RenewsItself: c.app.Login.Refresh.Kind == platforms.RefreshSelf,
		ConsentEnds: c.ends, CheckedAt: now, CheckedBy: ByRefresh, announcedFrom: now,
	}
	if !p.Token.IsZero() {
		e.AccessEnds, e.RefreshEnds, e.GrantEnds = p.TokenExpires, time.Time{}, c.tokens.AccessExpires
		e.AutoRefresh, e.NextRefresh = false, time.Time{}
	}
	if c.event == AccountImported {
		e.CheckedBy = ByProbe
	}
	return e
}

// nextRefresh returns when tokens that were just issued are to be renewed, or
// false if nothing renews them. Those from elsewhere whose end is not known are as
// soon as they are surely old enough.
func (s *Service) nextRefresh(a *app, t *platforms.Tokens) (time.Time, bool) {
	if a.Login.Refresh.Kind == platforms.RefreshToken && t.Refresh.IsZero() {
		return time.Time{}, false
	}
	if a.Login.Refresh.Kind != platforms.RefreshNone && t.AccessExpires.IsZero() && a.Login.AccessLifetime > 0 {
		return present().Add(a.Login.Refresh.MinAge), true
	}
	clocks := Evidence{AccessIssued: t.IssuedAt, AccessEnds: t.AccessExpires, RefreshEnds: a.refreshEnds(t)}
	at, more := clocks.NextRefreshAt(a.Login.Refresh, s.opts.RefreshAhead, jitter())
	if more {
		at = later(at, t.IssuedAt.Add(leastAge))
	}
	return at, more
}

// leastAge is the age below which no token is renewed in its turn, whatever life
// the platform claims: one that says a second would be asked all the time.
const leastAge = 10 * time.Second

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// storeConsent makes a new grant and brings the chosen accounts under it. The
// same person's other accounts of that app move along if the new grant reaches
// them, and become UNHEALTHY (NOT_GRANTED) if not, unless each profile has a
// grant of its own there. Grants that are left without a working account are
// retired. It returns the ids of the chosen accounts.
func (s *Service) storeConsent(ctx context.Context, tx *sqlx.Tx, c consent) ([]string, error) {
	now := present()
	grantID := newID("gra_")
	if _, err := lockApp(ctx, tx, c.app.id); err != nil {
		return nil, err
	}
	if err := lockGrants(ctx, tx, c.workspace, c.app.Platform.ID); err != nil {
		return nil, err
	}
	known, err := s.accountsByExternalID(ctx, tx, c.workspace, c.app.Platform.ID, externalIDs(c.chosen))
	if err != nil {
		return nil, err
	}
	others, err := s.accountsOfSubject(ctx, tx, c.workspace, c.app.id, c.identity.Subject)
	if err != nil {
		return nil, err
	}
	if err := holdAccounts(ctx, tx, slices.Concat(known, others)); err != nil {
		return nil, err
	}
	if err := insertGrant(ctx, tx, grantID, c, now); err != nil {
		return nil, err
	}
	if err := s.putTokens(ctx, tx, c.workspace, grantID, c.tokens); err != nil {
		return nil, err
	}
	if c.renewAt, c.renewed = s.nextRefresh(c.app, c.tokens); c.renewed {
		if err := queueRefresh(ctx, tx, grantID, c.app.id, c.renewAt); err != nil {
			return nil, err
		}
	}
	if err := s.scheduleProbe(ctx, tx, c.app, grantID, now); err != nil {
		return nil, err
	}
	var ids, left []string
	for _, p := range c.chosen {
		old := find(known, p.ExternalID)
		id, err := s.connectAccount(ctx, tx, c, grantID, p, old, now)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
		if old != nil {
			left = append(left, old.grantID)
		}
	}
	for _, other := range others {
		if slices.Contains(ids, other.ID) {
			continue
		}
		i := slices.IndexFunc(c.identity.Profiles, func(p platforms.Profile) bool { return p.ExternalID == other.ExternalID })
		if i < 0 && c.app.Login.GrantPerProfile {
			continue
		}
		left = append(left, other.grantID)
		if i < 0 {
			err = s.condemn(ctx, tx, other, NotGranted, now)
		} else {
			_, err = s.connectAccount(ctx, tx, c, grantID, c.identity.Profiles[i], other, now)
		}
		if err != nil {
			return nil, err
		}
	}
	return ids, retireGrants(ctx, tx, c.workspace, left, now)
}

func externalIDs(profiles []platforms.Profile) []string {
	var ids []string
	for _, p := range profiles {
		ids = append(ids, p.ExternalID)
	}
	return ids
}

func find(accounts []*Account, externalID string) *Account {
	if i := slices.IndexFunc(accounts, func(a *Account) bool { return a.ExternalID == externalID }); i >= 0 {
		return accounts[i]
	}
	return nil
}

// connectAccount brings one account under a grant. old is what the workspace
// has of it, a tombstone perhaps, or nil.
func (s *Service) connectAccount(ctx context.Context, tx *sqlx.Tx, c consent, grantID string, p platforms.Profile, old *Account, now time.Time) (string, error) {
	a := &Account{
		ID: newID("acc_"), Workspace: c.workspace, Platform: s.platforms[c.app.Platform.ID], grantID: grantID,
		ConnectedAt: now, ConnectedBy: c.by, ExternalUserID: c.externalUserID, Labels: c.labels,
		ownToken: !p.Token.IsZero(),
	}
	event := Event{Workspace: c.workspace, Type: c.event, Actor: &c.by, Platform: &c.app.Platform.ID}
	if old != nil {
		a.ID = old.ID
		if old.DisconnectedAt.IsZero() {
			a.ConnectedAt, a.ConnectedBy = old.ConnectedAt, old.ConnectedBy
			event.Type, event.PreviousStatus = AccountReconnected, &old.evidence.announced
		}
		if a.ExternalUserID == nil {
			a.ExternalUserID = old.ExternalUserID
		}
		if len(a.Labels) == 0 {
			a.Labels = old.Labels
		}
	}
	e := c.evidence(p, now)
	e.announced, _ = e.status(now, s.opts.ExpiringWithin)
	e = e.armed(now)
	id, err := putAccount(ctx, tx, a, cleaned(p), e)
	if err != nil {
		return "", err
	}
	if err := s.replaceToken(ctx, tx, c.workspace, id, p.Token); err != nil {
		return "", err
	}
	if a.ownToken {
		if err := s.scheduleProbe(ctx, tx, c.app, id, now); err != nil {
			return "", err
		}
	}
	if err := scheduleTransition(ctx, tx, id, e, now, s.opts.ExpiringWithin); err != nil {
		return "", err
	}
	event.AccountID, event.Status = &id, &e.announced
	return id, appendEvent(ctx, tx, event)
}

// replaceToken gives an account a token of its own in the place of its earlier
// one; the zero Secret is none.
func (s *Service) replaceToken(ctx context.Context, tx *sqlx.Tx, workspace, id string, token platforms.Secret) error {
	if token.IsZero() {
		return deleteSecrets(ctx, tx, workspace, id)
	}
	return s.putSecret(ctx, tx, workspace, id, secretAccess, token)
}

// cleaned drops from what a platform calls an account whatever no database
// takes or no page should show.
func cleaned(p platforms.Profile) platforms.Profile {
	for _, text := range []*string{&p.Username, &p.DisplayName, &p.AvatarURL, &p.ProfileURL} {
		*text = strings.Map(func(r rune) rune {
			if unicode.IsControl(r) {
				return -1
			}
			return r
		}, strings.ToValidUTF8(*text, ""))
	}
	return p
}

// condemn says for good that an account does not work.
func (s *Service) condemn(ctx context.Context, tx *sqlx.Tx, a *Account, why Reason, now time.Time) error {
	a, err := s.lockAccountAnywhere(ctx, tx, a.ID)
	if err != nil || a.evidence.Verdict == why {
		return err
	}
	if err := deleteSecrets(ctx, tx, a.Workspace, a.ID); err != nil {
		return err
	}
	e := a.evidence
	e.Verdict, e.CheckedAt, e.AutoRefresh, e.NextRefresh, e.Failing = why, now, false, time.Time{}, ""
	return s.assess(ctx, tx, a, e, now)
}

// SandboxAged moves the end of the access tokens that the sandbox issued to a
// person, as a real platform's introspection would tell.
func (s *Service) SandboxAged(ctx context.Context, platformID, subject string, ends time.Time) error {
	ends = ends.UTC().Truncate(time.Millisecond)
	err := s.record(ctx, func(tx *sqlx.Tx) error {
		ids, err := sandboxAccounts(ctx, tx, platformID, subject)
		if err != nil {
			return err
		}
		aged, err := s.accountsAnywhere(ctx, tx, ids)
		if err != nil {
			return err
		}
		if err := holdAccounts(ctx, tx, aged); err != nil {
			return err
		}
		for _, a := range aged {
			if err := ageGrant(ctx, tx, a.Workspace, a.grantID, ends); err != nil {
				return err
			}
			if a.ownToken {
				continue
			}
			e := a.evidence
			if !e.AccessIssued.IsZero() { // it has become older, not shorter-lived
				e.AccessIssued = e.AccessIssued.Add(ends.Sub(e.AccessEnds))
			}
			e.AccessEnds = ends
			if a.login.Refresh.Kind == platforms.RefreshSelf {
				e.RefreshEnds = ends
			}
			if e.AutoRefresh {
				e.NextRefresh, _ = e.NextRefreshAt(a.login.Refresh, s.opts.RefreshAhead, 0)
				if err := moveRefresh(ctx, tx, a.grantID, e.NextRefresh); err != nil {
					return err
				}
			}
			if err := s.assess(ctx, tx, a, e, present()); err != nil {
				return err
			}
		}
		return nil
	})
	s.loop.wake()
	s.refresher.wake()
	s.prober.wake()
	return err
}
