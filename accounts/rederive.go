package accounts

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"mooring/platforms"
)

// rederiveAfter is the least age of an account's own token that is got anew: one
// that does not last is not asked for again and again.
const rederiveAfter = time.Hour

// rederive gets an account's own token anew from its grant's, which may live on
// without it: a Page's token ends with the person's role there, and another
// comes with the role's return. It reports whether the account has another token
// now. If the platform could not be asked that is an *Error.
func (s *Service) rederive(ctx context.Context, asked *Account, by CheckedBy, now time.Time) (renewed bool, err error) {
	r, err := s.reach(ctx, asked)
	if isExpected(err) {
		return false, nil // there is nothing to get it with
	}
	ends := asked.evidence.AccessIssued.Add(rederiveAfter)
	if err != nil || now.Before(ends) || !r.tokens.AccessExpires.IsZero() && !now.Before(r.tokens.AccessExpires) {
		return false, err
	}
	identity, failure := r.app.Identify(s.observing(ctx, r.app, asked.ExternalID), r.tokens)
	if failure != nil {
		if heed(failure, platforms.ProbeInspect, false) == saysNothing {
			return false, r.unasked(failure, now)
		}
		return false, nil
	}
	i := slices.IndexFunc(identity.Profiles, func(p platforms.Profile) bool { return p.ExternalID == asked.ExternalID })
	if i < 0 || identity.Profiles[i].Token.IsZero() || identity.Profiles[i].Token.Equal(r.profile.Token) {
		return false, nil
	}
	err = s.record(ctx, func(tx *sqlx.Tx) error {
		renewed, err = s.storeDerived(ctx, tx, asked, r.app, identity.Profiles[i], by, now)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("store the token of %s: %w", asked.ID, err)
	}
	return renewed, nil
}

// storeDerived gives an account another token of its own, unless it has got
// another grant meanwhile.
func (s *Service) storeDerived(ctx context.Context, tx *sqlx.Tx, asked *Account, app *app, p platforms.Profile, by CheckedBy, now time.Time) (bool, error) {
	a, err := s.lockAccountAnywhere(ctx, tx, asked.ID)
	if err != nil || a.grantID != asked.grantID || a.generation != asked.generation || !a.DisconnectedAt.IsZero() || a.evidence.Verdict.final() {
		return false, err
	}
	e := a.evidence
	e.AccessIssued, e.AccessEnds, e.CheckedAt, e.CheckedBy = now, p.TokenExpires, now, by
	if e.Verdict.passing() {
		e.Verdict = ""
	}
	return true, errors.Join(
		s.replaceToken(ctx, tx, a.Workspace, a.ID, p.Token),
		s.scheduleProbe(ctx, tx, app, a.ID, now),
		countActivity(ctx, tx, a, TokenRefreshed, "", "", now),
		s.assess(ctx, tx, a, e, now),
	)
}
