package accounts

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"mooring/auth"
	"mooring/diagnosis"
	"mooring/platforms"
)

const (
	// answerKept is how long an answer of a platform serves those who ask the
	// same again: a second click is no second question, and X bills each.
	answerKept = 10 * time.Second
	// tokenYoung is the age below which no token is believed to be dead: LinkedIn
	// calls its own tokens revoked for the first seconds.
	tokenYoung = time.Minute
	// askingLife bounds all that is asked for one validation or permission check.
	askingLife = time.Minute
)

// Validation is what a platform said of an account when it was last asked.
type Validation struct {
	// IsValid is nil where it is not known: the platform could not be asked, and
	// did not say yes before. It is false only on the platform's own word.
	IsValid  *bool
	Verified bool // the platform answered this very question
	Errors   []platforms.Finding
	Warnings []platforms.Finding
	Info     AccountInfo
	// CheckedAt is when the platform answered; zero: it has not yet.
	CheckedAt time.Time
}

// AccountInfo is an account as its platform describes it.
type AccountInfo struct {
	ID         string // at the platform
	Username   *string
	Name       string
	Kind       platforms.Kind
	ProfileURL *string
	AvatarURL  *string
	Details    []platforms.Detail
}

// Validation returns the platform's last answer under the present grant, or nil
// if there is none.
func (a *Account) Validation() (*Validation, error) {
	if a.validation == nil {
		return nil, nil //nolint:nilnil // as documented
	}
	var v Validation
	if err := json.Unmarshal([]byte(*a.validation), &v); err != nil { //nolint:musttag // its own names, written here alone
		return nil, fmt.Errorf("read validation of %s: %w", a.ID, err)
	}
	return &v, nil
}

// Validate asks the platform whether an account can be used, with the
// platform's own checks, and returns the account as it then is. What the
// platform says of name, handle and picture is taken over. An answer is stored. A
// good one proves that the account works, and the word that its token is dead
// ends it as a probe that hears it does; what else the checks find is no verdict
// on the account's health.
//
// Those who ask about an account at the same time share one question, and one
// within 10 s of an answer gets that. If the platform could not be asked there
// are an account, a Validation that is not Verified, and an *Error that says
// why.
func (s *Service) Validate(ctx context.Context, by auth.Actor, id string) (*Account, *Validation, error) {
	if _, err := s.askable(ctx, by, id); err != nil {
		return nil, nil, err
	}
	answer, trouble := once(ctx, s, "validate "+id, func(ctx context.Context) (*Validation, error) {
		return s.validate(ctx, by, id)
	})
	if trouble != nil && !isExpected(trouble) {
		return nil, nil, trouble
	}
	account, err := s.Account(ctx, by, id)
	if err != nil {
		return nil, nil, err
	}
	if trouble != nil {
		answer, err = account.unverified()
	}
	return account, answer, cmp.Or(err, trouble)
}

// validate asks the platform and stores its answer, unless there is one of just
// now.
func (s *Service) validate(ctx context.Context, by auth.Actor, id string) (*Validation, error) {
	a, err := s.askable(ctx, by, id)
	if err != nil {
		return nil, err
	}
	last, err := a.Validation()
	if err != nil || last != nil && present().Sub(last.CheckedAt) < answerKept {
		return last, err
	}
	var answer *platforms.Validation
	r, err := s.question(ctx, a, func(ctx context.Context, r *reach) (err error) {
		answer, err = r.app.Validate(ctx, r.tokens, r.profile)
		return err
	})
	if r == nil {
		return nil, err
	}
	now := present()
	if failure, ok := errors.AsType[*platforms.Error](err); ok && r.deadBy(failure, now) {
		if err := s.hear(ctx, r, a, failure, now); err != nil {
			return nil, err
		}
		why := r.explain(failure, now)
		answer = &platforms.Validation{Profile: r.profile, Errors: []platforms.Finding{{
			Code: string(why.IssueType), Message: why.PossibleCauses[0] + " " + why.Solutions[0],
		}}}
		return s.storeAnswer(ctx, by, a, answer, &why.IssueType, now)
	}
	if err != nil {
		return nil, r.unasked(err, now)
	}
	return s.storeAnswer(ctx, by, a, answer, nil, now)
}

// hear draws what follows for the account from the failure of a question that
// is not a probe. After a refresh it is the token endpoint that decided.
func (s *Service) hear(ctx context.Context, r *reach, a *Account, failure error, now time.Time) error {
	if r.renewing {
		return nil
	}
	_, err := s.believe(ctx, r, a, failure, now)
	return err
}

// storeAnswer stores a platform's answer, unless the account got another grant
// meanwhile. issue is the kind of trouble behind a failure.
func (s *Service) storeAnswer(ctx context.Context, by auth.Actor, asked *Account, answer *platforms.Validation, issue *diagnosis.IssueType, now time.Time) (*Validation, error) {
	p := asked.profile()
	if answer.Profile.ExternalID == p.ExternalID && answer.Profile.DisplayName != "" {
		p = cleaned(answer.Profile)
	}
	v := validated(p, answer, now)
	err := s.record(ctx, func(tx *sqlx.Tx) error {
		a, err := s.lockAccountAnywhere(ctx, tx, asked.ID)
		if err != nil || a.grantID != asked.grantID || !a.DisconnectedAt.IsZero() {
			return err
		}
		last, err := a.Validation()
		if err != nil {
			return err
		}
		e := a.evidence
		if *v.IsValid {
			e.CheckedAt, e.CheckedBy = now, ByProbe
		}
		if err := putValidation(ctx, tx, a, p, e, v); err != nil {
			return err
		}
		event := Event{Workspace: a.Workspace, Actor: &by.User, AccountID: &a.ID, Platform: &a.Platform.ID}
		if renamed(a.profile(), p) {
			event.Type = AccountProfileChanged
			if err := appendEvent(ctx, tx, event); err != nil {
				return err
			}
		}
		if !v.differs(last) {
			return nil
		}
		event.Type, event.IssueType = AccountValidated, issue
		return appendEvent(ctx, tx, event)
	})
	if err != nil {
		return nil, fmt.Errorf("store validation of %s: %w", asked.ID, err)
	}
	return v, nil
}

// validated is a platform's answer.
func validated(p platforms.Profile, answer *platforms.Validation, now time.Time) *Validation {
	valid := len(answer.Errors) == 0
	v := &Validation{
		IsValid: &valid, Verified: true, CheckedAt: now,
		Errors: slices.Concat([]platforms.Finding{}, answer.Errors), Warnings: slices.Concat([]platforms.Finding{}, answer.Warnings),
		Info: infoOf(p),
	}
	v.Info.Details = append(v.Info.Details, answer.Details...)
	return v
}

// unverified is what remains to be said when the platform could not be asked:
// that it was content the last time, or nothing.
func (a *Account) unverified() (*Validation, error) {
	v, err := a.Validation()
	if err != nil {
		return nil, err
	}
	if v == nil || !*v.IsValid {
		v = &Validation{Errors: []platforms.Finding{}, Warnings: []platforms.Finding{}, Info: infoOf(a.profile())}
	}
	v.Verified = false
	return v, nil
}

// differs reports whether an answer says something new. A first answer without
// findings does not: that an account can be used goes without saying.
func (v *Validation) differs(last *Validation) bool {
	if last == nil {
		last = &Validation{}
	}
	same := func(x, y platforms.Finding) bool { return x.Code == y.Code }
	return !slices.EqualFunc(v.Errors, last.Errors, same) || !slices.EqualFunc(v.Warnings, last.Warnings, same)
}

func infoOf(p platforms.Profile) AccountInfo {
	return AccountInfo{
		ID: p.ExternalID, Username: optional[string](p.Username), Name: p.DisplayName, Kind: p.Kind,
		ProfileURL: optional[string](p.ProfileURL), AvatarURL: optional[string](p.AvatarURL), Details: []platforms.Detail{},
	}
}

// profile is the account as it was last seen at the platform.
func (a *Account) profile() platforms.Profile {
	return platforms.Profile{
		ExternalID: a.ExternalID, Kind: a.Kind, Username: text(a.Username), DisplayName: a.DisplayName,
		AvatarURL: text(a.AvatarURL), ProfileURL: text(a.ProfileURL),
	}
}

// renamed reports whether people would see a difference. The query of a
// picture's address is none: some platforms sign it anew with each answer.
func renamed(before, after platforms.Profile) bool {
	return before.DisplayName != after.DisplayName || before.Username != after.Username ||
		withoutQuery(before.AvatarURL) != withoutQuery(after.AvatarURL)
}

func withoutQuery(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return u.Host + u.Path
}

// CheckPermissions asks the platform which scopes the account's grant has, and
// returns the account as it then is. Where a platform cannot be asked that, what
// it said with the tokens stands. An account with a token of its own is asked
// about with that one. The grant's other accounts change along.
//
// Questions are shared and answers kept as those of Validate are. If the
// platform could not be asked, or refused the token, there are an account with
// the permissions last known, and an *Error that says why.
func (s *Service) CheckPermissions(ctx context.Context, by auth.Actor, id string) (*Account, error) {
	account, err := s.askable(ctx, by, id)
	if err != nil {
		return nil, err
	}
	owner := account.grantID
	if account.ownToken {
		owner = account.ID
	}
	_, trouble := once(ctx, s, "check permissions "+owner, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, s.checkPermissions(ctx, by, id)
	})
	if trouble != nil && !isExpected(trouble) {
		return nil, trouble
	}
	account, err = s.Account(ctx, by, id)
	if err != nil {
		return nil, err
	}
	return account, trouble
}

// checkPermissions asks the platform and stores its answer, unless there is one
// of just now.
func (s *Service) checkPermissions(ctx context.Context, by auth.Actor, id string) error {
	a, err := s.askable(ctx, by, id)
	if err != nil {
		return err
	}
	answered := a.source == platforms.FromIntrospection || a.source == platforms.FromPermissionsAPI
	if answered && present().Sub(a.scopesCheckedAt) < answerKept {
		return nil
	}
	var found *platforms.Inspection
	r, err := s.question(ctx, a, func(ctx context.Context, r *reach) (err error) {
		if r.app.Login.Inspect != nil {
			found, err = r.app.Inspect(ctx, r.working())
		}
		return err
	})
	if r == nil || err == nil && found == nil {
		return err
	}
	now := present()
	if err != nil {
		return cmp.Or(s.hear(ctx, r, a, err, now), r.unasked(err, now))
	}
	err = s.record(ctx, func(tx *sqlx.Tx) error {
		if err := shareGrants(ctx, tx, territory{a.Workspace, a.Platform.ID}); err != nil {
			return err
		}
		stored, err := setScopes(ctx, tx, r.grant, found, now)
		if err != nil || !stored {
			return err
		}
		ids, err := grantAccounts(ctx, tx, r.grant)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := s.setConsentEnd(ctx, tx, id, found.ConsentExpires, now); err != nil {
				return err
			}
			if sameScopes(r.grant.Scopes, found.Scopes) && maps.EqualFunc(r.grant.Targets, found.Targets, slices.Equal) {
				continue
			}
			if err := appendEvent(ctx, tx, Event{
				Workspace: a.Workspace, Type: AccountPermissionsChanged, Actor: &by.User, AccountID: &id, Platform: &a.Platform.ID,
			}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("store permissions of %s: %w", a.ID, err)
	}
	return nil
}

// setConsentEnd stores when a platform says that the consent to an account
// ends; the zero time: it did not say.
func (s *Service) setConsentEnd(ctx context.Context, tx *sqlx.Tx, id string, ends, now time.Time) error {
	if ends.IsZero() {
		return nil
	}
	a, err := s.lockAccountAnywhere(ctx, tx, id)
	if err != nil {
		return err
	}
	e := a.evidence
	e.ConsentEnds = ends
	return s.assess(ctx, tx, a, e, now)
}

// sameScopes reports whether two lists have the same scopes, whatever their
// order and case.
func sameScopes(a, b []string) bool {
	within := func(list, all []string) bool {
		return !slices.ContainsFunc(list, func(name string) bool { return !grants(all, name) })
	}
	return within(a, b) && within(b, a)
}

// askable reads an account of the actor's workspace about which the platform
// can be asked.
func (s *Service) askable(ctx context.Context, by auth.Actor, id string) (*Account, error) {
	a, err := s.connected(ctx, by, id)
	if err == nil && a.Paused != nil {
		return nil, pausedRefusal(a)
	}
	return a, err
}

// connected reads an account of the actor's workspace that is no tombstone.
func (s *Service) connected(ctx context.Context, by auth.Actor, id string) (*Account, error) {
	a, err := s.accountNamed(ctx, by, "accountId", id)
	if err == nil && !a.DisconnectedAt.IsZero() {
		return nil, disconnectedRefusal(a)
	}
	return a, err
}

func disconnectedRefusal(a *Account) *Error {
	return &Error{
		Code: CodeWrongState, Field: []string{"accountId"}, Diagnosis: a.Diagnosis,
		Message: "The account is disconnected, and its tokens are deleted; connect it again first.",
	}
}

// reach is what it takes to ask a platform about an account.
type reach struct {
	app     *app
	grant   grantRow
	tokens  *platforms.Tokens // the grant's
	profile platforms.Profile // with the account's own token, if it has one
	verdict Reason            // on the account; "" for none
	met     func(err error, platformID string, stage platforms.Stage) diagnosis.Input

	renewing bool // the platform was asked for other tokens, and gave none
}

// reach opens an account's tokens. An account that has none any more, or whose
// app is gone, is an *Error.
func (s *Service) reach(ctx context.Context, a *Account) (*reach, error) {
	r := &reach{app: s.apps[a.appID], profile: a.profile(), verdict: a.evidence.Verdict, met: s.met}
	if r.app == nil {
		return nil, &Error{
			Code: CodeNotReady, Field: []string{"accountId"}, Diagnosis: a.explain(diagnosis.CodeAppGone, 0),
			Message: "The app that the account was connected with is no longer configured here.",
		}
	}
	var err error
	if r.grant, err = readGrant(ctx, s.db.read, a.Workspace, a.grantID); err != nil {
		return nil, err
	}
	r.tokens, err = s.openTokens(ctx, s.db.read, a.Workspace, a.grantID, r.grant.dates())
	if errors.Is(err, sql.ErrNoRows) && r.verdict.final() {
		return nil, &Error{
			Code: CodeWrongState, Field: []string{"accountId"}, Diagnosis: a.Diagnosis,
			Message: "The account's tokens were deleted when it stopped working; reconnect it first.",
		}
	}
	if err != nil {
		return nil, a.unopened(err)
	}
	if a.ownToken {
		row, err := readSecret(ctx, s.db.read, a.Workspace, a.ID, secretAccess)
		if err == nil {
			r.profile.Token, err = s.unseal(ctx, s.db.read, row)
		}
		if err != nil {
			return nil, a.unopened(err)
		}
		r.profile.TokenExpires = a.evidence.AccessEnds
	}
	return r, nil
}

// question asks a platform about an account. If the platform refuses the access
// token, and a refresh may give another, that is done and the platform asked once
// more.
// Without a reach nothing could be asked.
func (s *Service) question(ctx context.Context, a *Account, ask func(context.Context, *reach) error) (*reach, error) {
	r, err := s.reach(ctx, a)
	if err != nil {
		return nil, err
	}
	observed := s.observing(ctx, r.app, a.ExternalID)
	failure := r.confirmed(observed, ask(observed, r))
	if !s.worthRenewing(r, a, failure) {
		return r, failure
	}
	renewal := s.renewAccount(ctx, a, errand{failures: 1, by: ByRefresh})
	found, err := s.accountsByID(ctx, s.db.read, a.Workspace, []string{a.ID})
	if err != nil || len(found) == 0 {
		return r, errors.Join(failure, err)
	}
	if r, err = s.reach(ctx, found[0]); err != nil || renewal != nil {
		if r != nil {
			r.renewing = true
		}
		return r, cmp.Or(err, failure)
	}
	failure = r.confirmed(observed, ask(observed, r))
	return r, failure
}

// worthRenewing reports whether a refresh may mend the failure of a question.
func (s *Service) worthRenewing(r *reach, a *Account, failure error) bool {
	e, ok := errors.AsType[*platforms.Error](failure)
	switch {
	case !ok:
		return false
	case e.Class == platforms.ClassRefreshDead:
		return !r.young(present()) && s.mends(a, present())
	}
	return e.Class == platforms.ClassStaleAccess && s.refusesRefresh(a, present(), true) == nil
}

// working are the tokens by which the account works: its own token may outlive
// the grant's.
func (r *reach) working() *platforms.Tokens {
	if r.profile.Token.IsZero() {
		return r.tokens
	}
	own := *r.tokens
	own.Access, own.AccessExpires = r.profile.Token, r.profile.TokenExpires
	return &own
}

// confirmed lets the platform's introspection, where there is one, settle
// whether a refused token is dead: some APIs refuse those of a suspended app in
// the same words.
func (r *reach) confirmed(ctx context.Context, err error) error {
	e, ok := errors.AsType[*platforms.Error](err)
	if !ok || e.Class != platforms.ClassStaleAccess || r.app.Login.Inspect == nil {
		return err
	}
	if _, verdict := r.app.Inspect(ctx, r.working()); verdict != nil {
		return verdict
	}
	unsettled := *e
	unsettled.Class = platforms.ClassTemporary // the one says dead, the other alive
	return &unsettled
}

// deadBy reports whether a failure is the platform's word that the tokens are
// dead, and that nothing automatic can bring them back.
func (r *reach) deadBy(failure *platforms.Error, now time.Time) bool {
	switch {
	case r.young(now):
		return false
	case failure.Class == platforms.ClassRefreshDead && !r.renewing:
		return true
	case failure.Class == platforms.ClassRefreshDead, failure.Class == platforms.ClassStaleAccess:
		return r.app.Login.Refresh.Kind != platforms.RefreshToken || r.tokens.Refresh.IsZero() ||
			r.verdict == RefreshDead || r.verdict == OutcomeUnknown
	}
	return false
}

func (r *reach) young(now time.Time) bool { return now.Before(r.tokens.IssuedAt.Add(tokenYoung)) }

// explain diagnoses a failure of asking. Platforms answer alike for a token that
// a refresh would mend and for one that is over; what is known here tells them
// apart.
func (r *reach) explain(err error, now time.Time) diagnosis.Diagnosis {
	in := r.met(err, r.app.Platform.ID, platforms.StageAPI)
	in.FreshToken = r.young(now)
	in.Facts.AccountName = r.profile.DisplayName
	d := diagnosis.Diagnose(in)
	failure, ok := errors.AsType[*platforms.Error](err)
	switch {
	case stale(err) && in.FreshToken && !d.Transient:
		return diagnosis.Diagnose(diagnosis.Input{
			Platform: in.Platform, ErrorCode: diagnosis.CodeTokenFresh,
			RetryAfter: r.tokens.IssuedAt.Add(tokenYoung).Sub(now), Facts: in.Facts,
		})
	case ok && failure.Class == platforms.ClassStaleAccess && r.app.Login.Refresh.Kind == platforms.RefreshToken && r.deadBy(failure, now):
		condition := diagnosis.Revoked
		if ends := r.tokens.AccessExpires; !ends.IsZero() && !now.Before(ends) {
			condition = diagnosis.Expired
		}
		return diagnosis.ForHealth(in.Platform, condition, in.Facts)
	}
	return d
}

// unasked turns a failure of asking into an expected one: the platform refused
// dead tokens, or could not be asked. An error that is not the platform's is
// returned as it is.
func (r *reach) unasked(err error, now time.Time) error {
	failure, ok := errors.AsType[*platforms.Error](err)
	if !ok {
		return err
	}
	why := r.explain(err, now)
	e := &Error{Code: CodeUnavailable, Field: []string{"accountId"}, Diagnosis: &why}
	name := r.app.Platform.DisplayName
	switch {
	case r.deadBy(failure, now):
		e.Code, e.Message = CodeRefused, name+" does not take the account's tokens any more; reconnect it."
	case stale(err) && r.young(now):
		e.Message = name + " refuses the account's new token, which says nothing in its first minute; try again then."
	case failure.Class == platforms.ClassStaleAccess:
		e.Message = name + " could not be asked, because the access token has ended; it can be asked once the token is refreshed."
	default:
		e.Message = name + " could not be asked, which says nothing of the account; try again."
	}
	return e
}

// once asks a platform one thing at a time: those who come meanwhile share the
// answer. It goes on when ctx ends, and Close waits for it.
func once[T any](ctx context.Context, s *Service, what string, ask func(context.Context) (T, error)) (T, error) {
	s.settling.Add(1)
	defer s.settling.Done()
	answer, err, _ := s.asking.Do(what, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), askingLife)
		defer cancel()
		return ask(ctx)
	})
	return answer.(T), err
}

// isExpected reports whether an error is a failure that the caller may see.
func isExpected(err error) bool {
	_, ok := errors.AsType[*Error](err)
	return ok
}
