package accounts

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"mooring/auth"
	"mooring/diagnosis"
	"mooring/platforms"
)

// ImportRequest is tokens obtained elsewhere.
type ImportRequest struct {
	Platform       string
	LoginMethod    *string // the first ready one unless said
	AccessToken    platforms.Secret
	RefreshToken   platforms.Secret
	ExpiresAt      time.Time // of the access token; zero: unknown
	Scopes         []string  // granted; the platform's default unless said
	ExternalIDs    []string  // of the accounts that the token reaches; all unless said
	ExternalUserID *string
	Labels         []string
}

// Import takes over accounts from tokens obtained elsewhere. The platform is
// asked once whose they are; nothing is stored unless it answers. Where it
// trades short-lived tokens for long-lived ones, the latter are kept.
func (s *Service) Import(ctx context.Context, by auth.Actor, in ImportRequest) ([]*Account, error) {
	platform, method, err := s.ready(in.Platform, in.LoginMethod)
	if err != nil {
		return nil, err
	}
	labels, err := checkLabels(in.Labels)
	if err != nil {
		return nil, err
	}
	if err := checkExternalUserID(in.ExternalUserID); err != nil {
		return nil, err
	}
	if in.AccessToken.IsZero() {
		return nil, invalid("accessToken", "The access token is empty.")
	}
	tokens := &platforms.Tokens{Access: in.AccessToken, Refresh: in.RefreshToken, AccessExpires: in.ExpiresAt.UTC(),
		Scopes: method.app.Login.ParseScopes(strings.Join(in.Scopes, " ")), ScopeSource: platforms.FromTokenResponse}
	if !in.ExpiresAt.IsZero() && !in.ExpiresAt.After(present()) {
		return nil, invalid("expiresAt", "The access token ended at %s; import one that still works.", in.ExpiresAt.UTC().Format(time.RFC3339))
	}
	if len(tokens.Scopes) == 0 {
		tokens.ScopeSource = platforms.FromRequest
		if tokens.Scopes, err = scopesFor(method.app.Login, nil, nil); err != nil {
			return nil, err
		}
	}
	asking, done := s.observingUnknown(ctx, method.app)
	// What is read with a short-lived token, such as a Page's own, ends with it.
	// One that is long-lived already is refused, and stays.
	switch long, err := method.app.Lengthen(asking, tokens); {
	case err == nil:
		tokens = long
	case unavailable(err):
		done("")
		return nil, s.refused(platform, err)
	}
	learned, err := s.learnScopes(asking, method.app, tokens)
	if err != nil {
		done("")
		return nil, s.refused(platform, err)
	}
	identity, err := method.app.Identify(asking, tokens)
	if err != nil {
		done("")
		return nil, s.refused(platform, err)
	}
	done(soleProfile(identity.Profiles))
	chosen, err := among(identity.Profiles, in.ExternalIDs)
	if err != nil {
		return nil, err
	}
	var ids []string
	err = s.record(ctx, func(tx *sqlx.Tx) error {
		ids, err = s.storeConsent(ctx, tx, consent{
			workspace: by.Workspace, app: method.app, by: by.User, tokens: tokens, learned: learned, identity: identity, chosen: chosen,
			externalUserID: in.ExternalUserID, labels: labels, event: AccountImported,
		})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("import accounts of %s: %w", platform.ID, err)
	}
	s.refresher.wake()
	s.prober.wake()
	return s.AccountsByID(ctx, by, ids)
}

// among picks profiles by id; without ids, all.
func among(profiles []platforms.Profile, ids []string) ([]platforms.Profile, error) {
	if len(ids) == 0 {
		ids = externalIDs(profiles)
	}
	var chosen []platforms.Profile
	for _, id := range union(nil, ids) {
		i := slices.IndexFunc(profiles, func(p platforms.Profile) bool { return p.ExternalID == id })
		if i < 0 {
			return nil, invalid("externalIds", "The token does not reach %q; it reaches %q.", id, externalIDs(profiles))
		}
		chosen = append(chosen, profiles[i])
	}
	if len(chosen) == 0 {
		return nil, &Error{Code: CodeRefused, Field: []string{"accessToken"}, Message: "The token reaches no account."}
	}
	return chosen, nil
}

// refused turns a platform's failure into an expected one.
func (s *Service) refused(platform *Platform, err error) error {
	var failure *platforms.Error
	if !errors.As(err, &failure) {
		return err
	}
	d := diagnosis.Diagnose(s.met(err, platform.ID, platforms.StageAPI))
	e := &Error{Code: CodeRefused, Message: platform.DisplayName + " refused the access token.", Diagnosis: &d}
	if unavailable(err) {
		e.Code, e.Message = CodeUnavailable, platform.DisplayName+" could not be asked; try again."
	}
	return e
}

// unavailable reports whether a platform's failure says nothing of the tokens.
func unavailable(err error) bool {
	failure, ok := errors.AsType[*platforms.Error](err)
	return ok && (failure.Class == platforms.ClassTemporary || failure.Class == platforms.ClassRateLimited)
}
