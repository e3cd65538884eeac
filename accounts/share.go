package accounts

import (
	"context"
	"iter"
	"slices"
	"time"

	"mooring/diagnosis"
	"mooring/platforms"
)

// share is a platform beside an attempt's own that the same consent is for, such
// as Instagram by Facebook Login. Each platform gets a grant of its own from it,
// with the same tokens. That it comes to nothing, for want of a permission or of
// an account, keeps no other from being connected.
type share struct {
	AppID       string               `json:"appId"`
	Platform    string               `json:"platform"`
	Identity    platforms.Identity   `json:"identity"`
	ConsentEnds time.Time            `json:"consentEnds"`
	Diagnosis   *diagnosis.Diagnosis `json:"diagnosis,omitempty"` // why none of it can be connected
}

// sharesConsent reports whether what a person grants at one app serves the other,
// too: it is the same client, and a copy of its tokens does no harm, since
// nothing renews them.
func sharesConsent(a, b *app) bool {
	return a.ClientID == b.ClientID && a.Sandbox == b.Sandbox && a.Login.Env == b.Login.Env && a.Login.Callback == b.Login.Callback &&
		a.Login.Refresh.Kind == platforms.RefreshNone && b.Login.Refresh.Kind == platforms.RefreshNone
}

// identifyShares asks what an attempt's tokens reach at the other platforms that
// the consent is for.
func (s *Service) identifyShares(ctx context.Context, row *attemptRow, t *platforms.Tokens) {
	for i := range row.Outcome.v.Shares {
		sh := &row.Outcome.v.Shares[i]
		app := s.apps[sh.AppID]
		if app == nil { // no longer configured
			sh.Diagnosis = s.explain(row, diagnosis.Input{Platform: sh.Platform, Stage: platforms.StageAuthorize, ErrorCode: diagnosis.CodeStateExpired})
			continue
		}
		if app.Login.ConsentEnds != nil {
			sh.ConsentEnds = app.Login.ConsentEnds(app.App, present())
		}
		in := diagnosis.Input{Stage: platforms.StageAPI, ErrorCode: diagnosis.CodeNoAccounts, ErrorSubcode: app.Login.ID}
		if lacks := missing(app.Login, t.Scopes); len(lacks) > 0 {
			in = diagnosis.Input{
				Stage: platforms.StageExchange, ErrorCode: diagnosis.CodeScopesMissing,
				Facts: diagnosis.Facts{MissingScopes: inWords(lacks)},
			}
		} else if identity, err := app.Identify(ctx, t); err != nil {
			s.logOwnFault(ctx, row, err)
			in = s.met(err, sh.Platform, platforms.StageAPI)
			in.FreshToken = true
		} else {
			sh.Identity = *identity
			s.suspectOthers(ctx, app, identity.Subject)
		}
		if len(sh.Identity.Profiles) == 0 {
			in.Platform = sh.Platform
			sh.Diagnosis = s.explain(row, in)
		}
	}
}

// consents are what becomes of an attempt: one for each platform of which
// something was chosen.
func (s *Service) consents(row *attemptRow, t *platforms.Tokens, chosen []string) []consent {
	o := &row.Outcome.v
	own := share{AppID: row.AppID, Identity: platforms.Identity{Subject: o.Subject, Name: o.Name, Profiles: o.Profiles}, ConsentEnds: o.Tokens.ConsentEnds}
	var all []consent
	for _, sh := range append([]share{own}, o.Shares...) {
		c := consent{
			workspace: row.Workspace, app: s.apps[sh.AppID], by: row.CreatedBy, tokens: t, learned: learned{sh.ConsentEnds, o.Tokens.Targets},
			identity: &sh.Identity, externalUserID: optional[string](row.ExternalUserID), labels: row.Labels, event: AccountConnected,
		}
		for _, p := range sh.Identity.Profiles {
			if slices.Contains(chosen, p.ExternalID) {
				c.chosen = append(c.chosen, p)
			}
		}
		if len(c.chosen) > 0 && c.app != nil {
			all = append(all, c)
		}
	}
	return all
}

// reach are the profiles that an attempt's tokens reach on all its platforms.
func (o *outcome) reach() iter.Seq[*platforms.Profile] {
	return func(yield func(*platforms.Profile) bool) {
		for i := range o.Profiles {
			if !yield(&o.Profiles[i]) {
				return
			}
		}
		for _, sh := range o.Shares {
			for i := range sh.Identity.Profiles {
				if !yield(&sh.Identity.Profiles[i]) {
					return
				}
			}
		}
	}
}

// reached are the external ids of those profiles.
func (o *outcome) reached() []string {
	var ids []string
	for p := range o.reach() {
		ids = append(ids, p.ExternalID)
	}
	return ids
}

// ambiguous reports whether the person has to choose.
func (o *outcome) ambiguous() bool {
	return len(o.Profiles) > 1 || slices.ContainsFunc(o.Shares, func(sh share) bool { return len(sh.Identity.Profiles) > 1 })
}

// bareShares say only which platforms the consent was for.
func (o *outcome) bareShares() []share {
	var bare []share
	for _, sh := range o.Shares {
		bare = append(bare, share{AppID: sh.AppID, Platform: sh.Platform})
	}
	return bare
}
