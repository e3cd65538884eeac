package accounts

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"mooring/auth"
	"mooring/diagnosis"
	"mooring/platforms"
)

// startToken is the token of an attempt's authorizationUrl. It is derived, not
// stored: whoever reads the database cannot make one.
func (s *Service) startToken(attemptID string) string {
	mac := hmac.New(sha256.New, s.mac)
	mac.Write([]byte("start\x00" + attemptID))
	return strings.TrimPrefix(attemptID, attemptPrefix) + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// StartToken is what the authorizationUrl of an attempt that can be started ends
// with.
func (s *Service) StartToken(a *Attempt) string { return s.startToken(a.ID) }

// digest is how states and cookies are stored: who reads the database cannot
// use them.
func digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// StartedAttempt returns the attempt that a start token belongs to, or an
// *Error that says why it cannot be started.
func (s *Service) StartedAttempt(ctx context.Context, token string) (*Attempt, error) {
	row, err := s.startable(ctx, token)
	if err != nil {
		return nil, err
	}
	return s.attempt(row), nil
}

// startable finds the attempt of a start token that can still be started.
func (s *Service) startable(ctx context.Context, token string) (*attemptRow, error) {
	id, _, _ := strings.Cut(token, ".")
	id = attemptPrefix + id
	if !hmac.Equal([]byte(token), []byte(s.startToken(id))) {
		return nil, s.refuse(diagnosis.CodeStateUnknown, nil)
	}
	row, err := s.attemptAnywhere(ctx, id)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, s.refuse(diagnosis.CodeStateUnknown, nil)
	case err != nil:
		return nil, err
	case row.Status != AttemptPending || !row.ConsumedAt.IsZero() || !row.ExpiresAt.After(present()):
		return nil, s.refuse(diagnosis.CodeStateExpired, row)
	}
	return row, nil
}

// refuse is an *Error about a browser's request that belongs to no attempt, or
// not to this browser. Nothing is changed by such a request.
func (s *Service) refuse(code string, row *attemptRow) *Error {
	in := diagnosis.Input{Stage: platforms.StageAuthorize, ErrorCode: code, Facts: diagnosis.Facts{Product: s.opts.Name}}
	if row != nil {
		in.Platform = row.Platform
	}
	d := diagnosis.Diagnose(in)
	return &Error{Code: CodeWrongState, Message: d.PossibleCauses[0], Diagnosis: &d}
}

// Departure is what a browser needs to go to the platform.
type Departure struct {
	AttemptID   string
	Browser     string // the cookie's value; only this browser can come back
	PlatformURL string
	ExpiresAt   time.Time
}

// StartAttempt binds an attempt to a browser and returns where to send it.
// cookie returns the value of an attempt's cookie, "" if the browser has none:
// the same browser may start again (with a new state), another may not. who is
// nil for somebody who is not signed in.
func (s *Service) StartAttempt(ctx context.Context, token string, cookie func(attemptID string) string, who *auth.Actor) (*Departure, error) {
	row, err := s.startable(ctx, token)
	if err != nil {
		return nil, err
	}
	browser := cookie(row.ID)
	if row.BrowserHash != "" && row.BrowserHash != digest(browser) {
		return nil, s.refuse(diagnosis.CodeOtherBrowser, row)
	}
	app := s.apps[row.AppID]
	if app == nil {
		return nil, s.refuse(diagnosis.CodeStateExpired, row)
	}
	address := app.AuthCodeURL
	switch ending, err := s.consentEnding(ctx, row); {
	case err != nil:
		return nil, err
	case ending:
		address = app.ReauthCodeURL
	}
	first := row.BrowserHash == ""
	if first {
		browser = rand.Text() + rand.Text()
	}
	// 52 characters of base32 fit RFC 7636 §4.1.
	state, verifier := rand.Text()+rand.Text(), rand.Text()+rand.Text()
	err = s.record(ctx, func(tx *sqlx.Tx) error {
		bound, err := bindAttempt(ctx, tx, row, digest(state), digest(browser))
		if err != nil {
			return err
		}
		if !bound {
			return s.refuse(diagnosis.CodeOtherBrowser, row)
		}
		err = s.putSecret(ctx, tx, row.Workspace, row.ID, secretVerifier, platforms.NewSecret(verifier))
		if err != nil || !first {
			return err
		}
		e := row.event(AttemptStarted)
		if who != nil {
			e.Actor = &who.User
		}
		return appendEvent(ctx, tx, e)
	})
	if err != nil {
		return nil, err
	}
	return &Departure{
		AttemptID: row.ID, Browser: browser, ExpiresAt: row.ExpiresAt.Time,
		PlatformURL: address(state, verifier, row.Scopes),
	}, nil
}

// consentEnding reports whether an attempt is to mend an account whose consent
// has ended of itself, or is about to.
func (s *Service) consentEnding(ctx context.Context, row *attemptRow) (bool, error) {
	if row.AccountID == "" {
		return false, nil
	}
	found, err := s.accountsByID(ctx, s.db.read, row.Workspace, []string{row.AccountID})
	if err != nil || len(found) == 0 {
		return false, err
	}
	ends := found[0].evidence.ConsentEnds
	return !ends.IsZero() && !present().Before(ends.Add(-s.opts.ExpiringWithin)), nil
}

// Callback is a browser that came back from a platform.
type Callback struct {
	Path    string                        // the {platform} of /api/oauth/{platform}/callback
	Query   url.Values                    // state, code, error, iss …
	Browser func(attemptID string) string // the value of the attempt's cookie, or ""
}

// Return takes in the platform's answer and returns the attempt as it then is.
// Unless state, time and browser fit, it changes nothing and returns an *Error
// with a diagnosis. The same answer once more returns the attempt's result, and one
// that comes after the attempt's end says that it has EXPIRED: the browser goes back
// to the product in any case.
//
// The exchange goes on when ctx ends: tokens that the platform has issued must
// be stored.
func (s *Service) Return(ctx context.Context, cb Callback) (*Attempt, error) {
	stateHash := digest(cb.Query.Get("state"))
	row, err := s.attemptByState(ctx, stateHash)
	switch {
	case err != nil && !errors.Is(err, sql.ErrNoRows):
		return nil, err
	case err != nil || s.apps[row.AppID] == nil || s.apps[row.AppID].Login.Callback != cb.Path:
		return nil, s.refuse(diagnosis.CodeStateUnknown, nil)
	case row.BrowserHash != digest(cb.Browser(row.ID)):
		return nil, s.refuse(diagnosis.CodeOtherBrowser, row)
	}
	s.settling.Add(1)
	defer s.settling.Done()
	ctx = urgently(context.WithoutCancel(ctx)) // a person waits, and codes live for seconds
	if row.Status == AttemptPending && row.ConsumedAt.IsZero() {
		mine, err := s.consumeAttempt(ctx, row, stateHash)
		if err != nil {
			return nil, err
		}
		if mine {
			if err := s.settle(ctx, row, cb.Query); err != nil {
				return nil, fmt.Errorf("complete %s: %w", row.ID, err)
			}
		}
	}
	waiting, cancel := context.WithTimeout(ctx, exchangeLife)
	defer cancel()
	if row, err = s.awaitSettled(waiting, row.ID); err != nil {
		return nil, err
	}
	if row.Status == AttemptPending {
		return nil, s.refuse(diagnosis.CodeStateExpired, row)
	}
	return s.attempt(row), nil
}

// awaitSettled waits until the exchange of an attempt is over, for the browser
// that reloads in the middle of it.
func (s *Service) awaitSettled(ctx context.Context, id string) (*attemptRow, error) {
	changed := make(chan struct{}, 1)
	defer s.hub.add(func() {
		select {
		case changed <- struct{}{}:
		default:
		}
	})()
	for {
		row, err := s.attemptAnywhere(ctx, id)
		if err != nil {
			return nil, err
		}
		if row.Status != AttemptPending || row.ConsumedAt.IsZero() {
			return row, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// settle brings an attempt from the platform's answer to its end, or to the
// person's choice.
func (s *Service) settle(ctx context.Context, row *attemptRow, query url.Values) error {
	app := s.apps[row.AppID]
	if issuer := query.Get("iss"); issuer != "" && app.Login.Issuer != "" && issuer != app.Login.Issuer {
		return s.fail(ctx, row, diagnosis.Input{ErrorCode: diagnosis.CodeIssuerMismatch})
	}
	if refusal := app.CallbackError(query); refusal != nil {
		if refusal.Class == platforms.ClassDenied {
			why := s.explain(row, s.met(refusal, row.Platform, platforms.StageAuthorize))
			_, err := s.endAttempt(ctx, row, AttemptGivenUp, why, nil)
			return err
		}
		return s.fail(ctx, row, s.met(refusal, row.Platform, platforms.StageAuthorize))
	}
	code := query.Get("code")
	if code == "" {
		return s.fail(ctx, row, diagnosis.Input{ErrorCode: diagnosis.CodeNoCode})
	}
	observed, done := s.observingUnknown(ctx, app)
	defer func() { done(soleProfile(row.Outcome.v.Profiles)) }()
	tokens, err := s.exchange(observed, row, platforms.NewSecret(code))
	if errors.Is(err, errAttemptEnded) {
		return nil
	}
	if err != nil {
		s.logOwnFault(ctx, row, err)
		return s.fail(ctx, row, s.met(err, row.Platform, platforms.StageExchange))
	}
	asking, cancel := context.WithTimeout(observed, exchangeLife/2)
	defer cancel()
	learned, err := s.learnScopes(asking, app, tokens)
	if err != nil {
		return s.failAsking(ctx, row, err)
	}
	row.Outcome.v.Tokens = datesOf(tokens, learned)
	if lacks := missing(app.Login, tokens.Scopes); len(lacks) > 0 {
		return s.fail(ctx, row, diagnosis.Input{
			Stage: platforms.StageExchange, ErrorCode: diagnosis.CodeScopesMissing,
			Facts: diagnosis.Facts{MissingScopes: inWords(lacks)},
		})
	}
	identity, err := app.Identify(asking, tokens)
	if err != nil {
		return s.failAsking(ctx, row, err)
	}
	s.identifyShares(asking, row, tokens)
	if err := s.keepIdentity(ctx, row, identity); err != nil {
		if errors.Is(err, errAttemptEnded) {
			return nil
		}
		return err
	}
	s.suspectOthers(ctx, app, identity.Subject)
	return s.choose(ctx, row)
}

// learned is what is known of a consent beside its tokens.
type learned struct {
	ends    time.Time           // zero: never
	targets map[string][]string // the external ids that a scope covers, as in platforms.Inspection
}

// learnScopes asks the platform which scopes were granted if its token answer
// did not say, and returns what else it says of the consent. A platform that
// cannot be asked leaves the assumption, RFC 6749 §5.1, unless its token answers
// never say: then it is an error.
func (s *Service) learnScopes(ctx context.Context, app *app, t *platforms.Tokens) (l learned, err error) {
	if app.Login.ConsentEnds != nil {
		l.ends = app.Login.ConsentEnds(app.App, present())
	}
	if t.ScopeSource != platforms.FromRequest || app.Login.Inspect == nil {
		return l, nil
	}
	found, err := app.Inspect(ctx, t)
	if err != nil && app.Login.ScopesUntold {
		return l, err
	}
	if err != nil {
		s.log.LogAttrs(ctx, slog.LevelWarn, "granted scopes are assumed", slog.String("platform", app.Platform.ID), slog.Any("error", err))
		return l, nil
	}
	t.Scopes, t.ScopeSource, l.targets = found.Scopes, found.Source, found.Targets
	if !found.AccessExpires.IsZero() {
		t.AccessExpires = found.AccessExpires
	}
	if app.Login.ConsentEnds != nil && !found.ConsentExpires.IsZero() {
		l.ends = found.ConsentExpires
	}
	return l, nil
}

// soleProfile is the external id of the only one of profiles, or "".
func soleProfile(profiles []platforms.Profile) string {
	if len(profiles) != 1 {
		return ""
	}
	return profiles[0].ExternalID
}

// logOwnFault logs an error that is not a platform's, which the attempt's
// diagnosis only calls Mooring's own.
func (s *Service) logOwnFault(ctx context.Context, row *attemptRow, err error) {
	var failure *platforms.Error
	if !errors.As(err, &failure) {
		s.log.LogAttrs(ctx, slog.LevelError, "complete connect attempt", slog.String("attempt", row.ID), slog.Any("error", err))
	}
}

// exchange trades the code for tokens and these for long-lived ones. Either are
// stored under the attempt before anything else is asked of the platform. If
// the attempt was ended meanwhile they are forgotten: errAttemptEnded.
func (s *Service) exchange(ctx context.Context, row *attemptRow, code platforms.Secret) (*platforms.Tokens, error) {
	sealed, err := readSecret(ctx, s.db.read, row.Workspace, row.ID, secretVerifier)
	if err != nil {
		return nil, err
	}
	verifier, err := s.unseal(ctx, s.db.read, sealed)
	if err != nil {
		return nil, err
	}
	asking, cancel := context.WithTimeout(ctx, exchangeLife/2)
	defer cancel()
	app := s.apps[row.AppID]
	short, err := app.Exchange(asking, code, verifier.Reveal(), row.Scopes)
	if err != nil {
		return nil, err
	}
	if err := s.keepTokens(ctx, row, short); err != nil {
		return nil, err
	}
	long, err := app.Lengthen(asking, short)
	if err != nil || long == short {
		return long, err
	}
	return long, s.keepTokens(ctx, row, long)
}

// keepTokens stores tokens under an attempt, in the place of all its secrets:
// the verifier is spent, and so are earlier tokens.
func (s *Service) keepTokens(ctx context.Context, row *attemptRow, t *platforms.Tokens) error {
	row.Outcome.v.Tokens = datesOf(t, learned{})
	return s.keepOutcome(ctx, row, func(tx *sqlx.Tx) error {
		if err := s.vouch(ctx, tx, s.apps[row.AppID]); err != nil {
			return err
		}
		if err := deleteSecrets(ctx, tx, row.Workspace, row.ID); err != nil {
			return err
		}
		return s.putTokens(ctx, tx, row.Workspace, row.ID, t)
	})
}

// keepIdentity stores whom the tokens belong to and what they reach, with the
// profiles' own tokens.
func (s *Service) keepIdentity(ctx context.Context, row *attemptRow, identity *platforms.Identity) error {
	o := &row.Outcome.v
	o.Subject, o.Name, o.Profiles, o.Warnings = identity.Subject, identity.Name, identity.Profiles, identity.Warnings
	o.TokenEnds = map[string]time.Time{}
	for p := range o.reach() {
		if !p.Token.IsZero() {
			o.TokenEnds[p.ExternalID] = p.TokenExpires
		}
	}
	if len(o.TokenEnds) == 0 {
		return nil // the rest is stored with the attempt's next status
	}
	return s.keepOutcome(ctx, row, func(tx *sqlx.Tx) error {
		for p := range o.reach() {
			if p.Token.IsZero() {
				continue
			}
			if err := s.putSecret(ctx, tx, row.Workspace, row.ID, secretProfile+p.ExternalID, p.Token); err != nil {
				return err
			}
		}
		return nil
	})
}

// keepOutcome stores what an attempt has come to, together with secrets; or
// errAttemptEnded if it was ended meanwhile.
func (s *Service) keepOutcome(ctx context.Context, row *attemptRow, secrets func(*sqlx.Tx) error) error {
	return s.db.transact(ctx, func(tx *sqlx.Tx) error {
		pending, err := updateOutcome(ctx, tx, row)
		if err != nil {
			return err
		}
		if !pending {
			return errAttemptEnded
		}
		return secrets(tx)
	})
}

// openProfiles gives an attempt's profiles the tokens of their own back.
func (s *Service) openProfiles(ctx context.Context, row *attemptRow) error {
	o := &row.Outcome.v
	if len(o.TokenEnds) == 0 {
		return nil
	}
	sealed, err := readSecrets(ctx, s.db.read, row.Workspace, row.ID, secretProfile)
	if err != nil {
		return err
	}
	for p := range o.reach() {
		at := slices.IndexFunc(sealed, func(s sealedSecret) bool { return s.Kind == secretProfile+p.ExternalID })
		if at < 0 {
			continue
		}
		if p.Token, err = s.unseal(ctx, s.db.read, sealed[at]); err != nil {
			return err
		}
		p.TokenExpires = o.TokenEnds[p.ExternalID]
	}
	return nil
}

// openTokens reads the tokens of an owner back; dates may be nil.
func (s *Service) openTokens(ctx context.Context, q querier, workspace, ownerID string, dates *tokenDates) (*platforms.Tokens, error) {
	t := &platforms.Tokens{}
	if dates != nil {
		t.IssuedAt, t.AccessExpires, t.RefreshExpires = dates.IssuedAt, dates.AccessExpires, dates.RefreshExpires
		t.Scopes, t.ScopeSource = dates.Scopes, dates.ScopeSource
	}
	var sealed []sealedSecret
	for _, kind := range []string{secretAccess, secretRefresh} {
		row, err := readSecret(ctx, q, workspace, ownerID, kind)
		if err == nil {
			sealed = append(sealed, row)
		} else if !errors.Is(err, sql.ErrNoRows) {
			return nil, err
		}
	}
	return t, s.unsealTokens(ctx, q, sealed, t)
}

// unsealTokens opens the tokens of one owner into t. An access token there must
// be, or it is sql.ErrNoRows.
func (s *Service) unsealTokens(ctx context.Context, q querier, sealed []sealedSecret, t *platforms.Tokens) (err error) {
	for _, row := range sealed {
		into := &t.Access
		if row.Kind == secretRefresh {
			into = &t.Refresh
		}
		if *into, err = s.unseal(ctx, q, row); err != nil {
			return err
		}
	}
	if t.Access.IsZero() {
		return fmt.Errorf("read access token: %w", sql.ErrNoRows)
	}
	return nil
}

// choose connects what the attempt reaches if there is nothing to choose, and
// otherwise asks the person.
func (s *Service) choose(ctx context.Context, row *attemptRow) error {
	o := &row.Outcome.v
	switch {
	case len(o.Profiles) == 0:
		return s.fail(ctx, row, diagnosis.Input{Stage: platforms.StageAPI, ErrorCode: diagnosis.CodeNoAccounts, ErrorSubcode: row.LoginMethod})
	case row.AccountID != "":
		return s.reconnect(ctx, row)
	case !o.ambiguous():
		_, err := s.complete(ctx, row, o.reached(), nil)
		return err
	}
	return s.awaitSelection(ctx, row)
}

// reconnect connects an attempt that is to mend an account: to that very one.
func (s *Service) reconnect(ctx context.Context, row *attemptRow) error {
	found, err := s.accountsByID(ctx, s.db.read, row.Workspace, []string{row.AccountID})
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return s.fail(ctx, row, diagnosis.Input{Stage: platforms.StageAPI, ErrorCode: diagnosis.CodeNoAccounts})
	}
	account := found[0]
	profiles := row.Outcome.v.Profiles
	same := func(p platforms.Profile) bool { return p.ExternalID == account.ExternalID }
	if slices.ContainsFunc(profiles, same) {
		_, err := s.complete(ctx, row, []string{account.ExternalID}, nil)
		return err
	}
	var names []string
	for _, p := range profiles {
		names = append(names, p.DisplayName)
	}
	return s.fail(ctx, row, diagnosis.Input{
		Stage: platforms.StageAPI, ErrorCode: diagnosis.CodeDifferentAccount,
		Facts: diagnosis.Facts{AccountName: account.DisplayName, OtherName: strings.Join(names, ", ")},
	})
}

// fail ends an attempt for a reason other than the person's no.
func (s *Service) fail(ctx context.Context, row *attemptRow, in diagnosis.Input) error {
	in.Platform = row.Platform
	if in.Stage == "" {
		in.Stage = platforms.StageAuthorize
	}
	_, err := s.endAttempt(ctx, row, AttemptBroken, s.explain(row, in), nil)
	return err
}

// failAsking ends an attempt because nothing could be learned with its new
// tokens.
func (s *Service) failAsking(ctx context.Context, row *attemptRow, err error) error {
	s.logOwnFault(ctx, row, err)
	in := s.met(err, row.Platform, platforms.StageAPI)
	in.FreshToken = true
	return s.fail(ctx, row, in)
}

// CompleteConnect connects the chosen candidates, given by their external ids,
// of an attempt that is AWAITING_SELECTION.
func (s *Service) CompleteConnect(ctx context.Context, by auth.Actor, id string, chosen []string) (*Attempt, error) {
	row, err := s.ownAttempt(ctx, by, "attemptId", id)
	if err != nil {
		return nil, err
	}
	return s.completeChosen(ctx, row, chosen, &by.User)
}

// ChooseInBrowser is CompleteConnect for the browser that has the attempt's
// cookie.
func (s *Service) ChooseInBrowser(ctx context.Context, id, cookie string, chosen []string) (*Attempt, error) {
	row, err := s.attemptAnywhere(ctx, id)
	switch {
	case err != nil && !errors.Is(err, sql.ErrNoRows):
		return nil, err
	case err != nil || row.BrowserHash != digest(cookie):
		return nil, s.refuse(diagnosis.CodeOtherBrowser, nil)
	}
	return s.completeChosen(ctx, row, chosen, nil)
}

// completeChosen connects candidates of an attempt. by is nil for the person who
// has consented.
func (s *Service) completeChosen(ctx context.Context, row *attemptRow, chosen []string, by *string) (*Attempt, error) {
	if row.Status != AttemptSelecting || !row.ExpiresAt.After(present()) {
		return nil, wrongState(row)
	}
	for _, wanted := range chosen {
		if !slices.Contains(row.Outcome.v.reached(), wanted) {
			return nil, notFound("externalIds", "candidate", wanted)
		}
	}
	if len(chosen) == 0 {
		return nil, invalid("externalIds", "Choose at least one candidate.")
	}
	completed, err := s.complete(ctx, row, chosen, by)
	if err != nil {
		return nil, err
	}
	if !completed {
		return nil, wrongState(row)
	}
	if row, err = s.attemptIn(ctx, row.Workspace, row.ID); err != nil {
		return nil, err
	}
	return s.attempt(row), nil
}

// complete makes a grant of an attempt, one for each platform that it is for, and
// accounts of its profiles with the chosen external ids. It reports false if the attempt has ended meanwhile.
func (s *Service) complete(ctx context.Context, row *attemptRow, chosen []string, by *string) (bool, error) {
	o := &row.Outcome.v
	tokens, err := s.openTokens(ctx, s.db.read, row.Workspace, row.ID, o.Tokens)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil // its secrets went with its end
	}
	if err != nil {
		return false, err
	}
	if err := s.openProfiles(ctx, row); err != nil {
		return false, err
	}
	from := row.Status
	err = s.record(ctx, func(tx *sqlx.Tx) error {
		o.Accounts = nil
		all := s.consents(row, tokens, chosen)
		for _, c := range all { // before any account is locked
			if err := lockGrants(ctx, tx, c.workspace, c.app.Platform.ID); err != nil {
				return err
			}
		}
		for _, c := range all {
			ids, err := s.storeConsent(ctx, tx, c)
			if err != nil {
				return err
			}
			o.Accounts = append(o.Accounts, ids...)
		}
		row.Status = AttemptDone
		moved, err := moveAttempt(ctx, tx, row, from)
		if err != nil {
			return err
		}
		if !moved {
			return errAttemptEnded
		}
		if err := closeAttempt(ctx, tx, row); err != nil {
			return err
		}
		e := row.event(AttemptCompleted)
		e.Actor = by
		return appendEvent(ctx, tx, e)
	})
	if errors.Is(err, errAttemptEnded) {
		return false, nil
	}
	s.refresher.wake()
	s.prober.wake()
	return err == nil, err
}

// errAttemptEnded undoes a transaction about an attempt that somebody else
// ended meanwhile.
var errAttemptEnded = errors.New("the attempt has ended")

// awaitSelection offers what the grant reaches to the person.
func (s *Service) awaitSelection(ctx context.Context, row *attemptRow) error {
	row.Status = AttemptSelecting
	row.ExpiresAt = instant{present().Add(selectionLife)}
	return s.record(ctx, func(tx *sqlx.Tx) error {
		moved, err := moveAttempt(ctx, tx, row, AttemptPending)
		if err != nil || !moved {
			return err
		}
		if err := schedule(ctx, tx, row.ID, row.ExpiresAt.Time); err != nil {
			return err
		}
		return appendEvent(ctx, tx, row.event(AttemptAwaitingSelection))
	})
}

// endAttempt ends an attempt without success and forgets its secrets. It
// reports false if the attempt had ended already.
func (s *Service) endAttempt(ctx context.Context, row *attemptRow, status AttemptStatus, why *diagnosis.Diagnosis, by *string) (bool, error) {
	moved := false
	err := s.record(ctx, func(tx *sqlx.Tx) (err error) {
		moved, err = concludeAttempt(ctx, tx, row, status, why, by)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("end %s: %w", row.ID, err)
	}
	return moved, nil
}

// concludeAttempt is endAttempt within a transaction.
func concludeAttempt(ctx context.Context, tx *sqlx.Tx, row *attemptRow, status AttemptStatus, why *diagnosis.Diagnosis, by *string) (bool, error) {
	types := map[AttemptStatus]EventType{
		AttemptBroken: AttemptFailed, AttemptTooLate: AttemptExpired, AttemptGivenUp: AttemptCancelled,
	}
	ended := *row
	ended.Status = status
	ended.Outcome.v = outcome{Diagnosis: why, Shares: row.Outcome.v.bareShares()}
	moved, err := moveAttempt(ctx, tx, &ended, row.Status)
	if err != nil || !moved {
		return false, err
	}
	if err := closeAttempt(ctx, tx, &ended); err != nil {
		return false, err
	}
	e := ended.event(types[status])
	e.Actor = by
	if why != nil {
		e.IssueType = &why.IssueType
	}
	return true, appendEvent(ctx, tx, e)
}
