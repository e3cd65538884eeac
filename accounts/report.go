package accounts

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"mooring/auth"
	"mooring/diagnosis"
	"mooring/platforms"
)

// FailureReport is what a platform answered to a back end that used a lease.
type FailureReport struct {
	LeaseID      string
	HTTPStatus   int
	ErrorCode    string
	ErrorSubcode string
	ErrorMessage string
	Body         string // of the answer
}

// ReportOutcome is what a report of a failure came to.
type ReportOutcome string

// The outcomes.
const (
	ReportSuperseded ReportOutcome = "SUPERSEDED" // the account has other tokens by now
	ReportRefreshed  ReportOutcome = "REFRESHED"  // the report led to other tokens
	ReportWorks      ReportOutcome = "WORKS"      // the platform takes the token
	ReportConfirmed  ReportOutcome = "CONFIRMED"  // the account does not work, by the platform's own word
	ReportRecorded   ReportOutcome = "RECORDED"   // nothing follows from it
)

// Reported is the answer to a report.
type Reported struct {
	Outcome   ReportOutcome
	Account   *Account             // as it is now
	Diagnosis *diagnosis.Diagnosis // of what was reported, or found out; nil if SUPERSEDED
}

// ReportFailure takes in what a platform answered to whoever used a lease.
//
// A report never is a verdict. One that the platform does not take the present
// token leads to one refresh or, where that cannot be, to one question, and the
// platform's own answer decides. Those who report at once share it. One report
// at most makes a grant's tokens of one generation be refreshed, and one a
// minute leads to a question about an account. A missing scope leads to a
// question about the scopes. Whatever else is wrong is diagnosed and changes
// nothing, and so does a report about earlier tokens.
func (s *Service) ReportFailure(ctx context.Context, by auth.Actor, report FailureReport) (*Reported, error) {
	lease, ok := s.openLease(report.LeaseID)
	if !ok {
		return nil, notFound("leaseId", "lease", report.LeaseID)
	}
	found, err := s.accountsByID(ctx, s.db.read, by.Workspace, []string{lease.accountID})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, notFound("leaseId", "lease", report.LeaseID)
	}
	a, now := found[0], present()
	switch {
	case a.grantID != lease.grantID || a.generation != lease.generation:
		return &Reported{Outcome: ReportSuperseded, Account: a}, nil
	case a.Paused != nil:
		e := pausedRefusal(a)
		e.Field = []string{"leaseId"}
		return nil, e
	}
	class, why := report.read(a, now)
	err = s.db.transact(ctx, func(tx *sqlx.Tx) error {
		return countActivity(ctx, tx, a, FailureReported, by.User, string(why.IssueType), now)
	})
	if err != nil {
		return nil, err
	}
	f := finding{ReportRecorded, &why}
	switch {
	case a.refusesLease() != nil:
		f.outcome = ReportConfirmed
	case class == platforms.ClassStaleAccess || class == platforms.ClassRefreshDead:
		f, err = s.examine(ctx, by, a, f, now)
	case class == platforms.ClassMissingScope:
		err = s.examineScopes(ctx, by, a, now)
	}
	if err != nil {
		return nil, fmt.Errorf("follow up a report about %s: %w", a.ID, err)
	}
	a, err = s.Account(ctx, by, a.ID)
	if err == nil && f.outcome == ReportConfirmed {
		f.why = a.Diagnosis
	}
	return &Reported{Outcome: f.outcome, Account: a, Diagnosis: f.why}, err
}

// finding is what came out about a report.
type finding struct {
	outcome ReportOutcome
	why     *diagnosis.Diagnosis
}

// issueClasses are the classes of what the login method's rules, which read
// whole answers, cannot tell of a code alone.
var issueClasses = map[diagnosis.IssueType]platforms.Class{
	diagnosis.ExpiredToken:            platforms.ClassStaleAccess,
	diagnosis.RevokedAccess:           platforms.ClassRefreshDead,
	diagnosis.InsufficientPermissions: platforms.ClassMissingScope,
	diagnosis.RateLimit:               platforms.ClassRateLimited,
	diagnosis.NetworkError:            platforms.ClassTemporary,
	diagnosis.PlatformOutage:          platforms.ClassTemporary,
}

// read sorts a report as the platform's answer would be, and diagnoses it.
func (r *FailureReport) read(a *Account, now time.Time) (platforms.Class, diagnosis.Diagnosis) {
	v := a.login.Verdict(platforms.Answer{Stage: platforms.StageAPI, Status: r.HTTPStatus, Body: []byte(r.Body), At: now})
	coded := r.Body == "" && (r.ErrorCode != "" || r.ErrorSubcode != "")
	in := diagnosis.Input{
		Platform: a.Platform.ID, Stage: platforms.StageAPI, HTTPStatus: r.HTTPStatus,
		ErrorCode: r.ErrorCode, ErrorSubcode: r.ErrorSubcode, ErrorMessage: r.ErrorMessage, Body: r.Body,
		Class: v.Class, RetryAfter: v.RetryAfter, FreshToken: a.young(now),
		Facts: diagnosis.Facts{Product: a.Platform.product, AccountName: a.DisplayName},
	}
	if coded {
		in.Class = ""
	}
	why := diagnosis.Diagnose(in)
	if coded || v.Class == platforms.ClassOK || v.Class == platforms.ClassInvalid {
		if class, known := issueClasses[why.IssueType]; known {
			return class, why
		}
	}
	return v.Class, why
}

// young reports whether the access token is of an age at which no platform is
// believed to have refused it for good.
func (a *Account) young(now time.Time) bool {
	return now.Before(a.evidence.AccessIssued.Add(tokenYoung))
}

// examine finds out whether a token works that somebody says does not: by a
// refresh or, where that cannot be, by a question. f is what to find if neither
// tells.
func (s *Service) examine(ctx context.Context, by auth.Actor, a *Account, f finding, now time.Time) (finding, error) {
	if a.young(now) || s.refusesRefresh(a, now, true) != nil {
		return once(ctx, s, "examine "+a.ID, func(ctx context.Context) (finding, error) { return s.probe(ctx, by, a, f, now) })
	}
	var trouble *Error
	switch err := s.renewAccount(ctx, a, errand{by: ByCaller}); {
	case err == nil:
		return finding{ReportRefreshed, f.why}, nil
	case !errors.As(err, &trouble):
		return f, err
	case trouble.Diagnosis != nil:
		f.why = trouble.Diagnosis
	}
	after, err := s.Account(ctx, by, a.ID)
	if err == nil && after.evidence.Verdict != "" {
		f.outcome = ReportConfirmed
	}
	return f, err
}

// probe asks the platform whether it takes an account's token, unless somebody
// did so a minute ago.
func (s *Service) probe(ctx context.Context, by auth.Actor, a *Account, f finding, now time.Time) (finding, error) {
	mine, err := s.suspect(ctx, a, now)
	if err != nil {
		return f, err
	}
	if !mine {
		a, err = s.Account(ctx, by, a.ID)
		if err == nil && a.evidence.CheckedBy != ByRefresh && now.Before(a.evidence.CheckedAt.Add(suspicionLife)) {
			f.outcome = ReportWorks
		}
		return f, err
	}
	r, err := s.reach(ctx, a)
	if isExpected(err) {
		return f, nil // there is nothing to ask with
	}
	if err != nil {
		return f, err
	}
	works, err := r.works(s.observing(ctx, r.app, a.ExternalID))
	failure, ok := errors.AsType[*platforms.Error](err)
	switch now := present(); {
	case ok && r.deadBy(failure, now):
		f.outcome = ReportConfirmed
		if disowned, err := s.disown(ctx, a, ByCaller, now); err != nil || !disowned {
			return finding{ReportRefreshed, f.why}, err
		}
	case ok:
		why := r.explain(err, now)
		f.why = &why
	case err != nil:
		return f, err
	case works:
		f.outcome = ReportWorks
		return f, s.proved(ctx, a, now)
	}
	return f, nil
}

// works asks the platform about the token that an account lives by, in the
// cheapest way there is.
func (r *reach) works(ctx context.Context) (bool, error) {
	if r.app.Login.Inspect != nil {
		_, err := r.app.Inspect(ctx, r.working())
		return err == nil, err
	}
	v, err := r.app.Validate(ctx, r.tokens, r.profile)
	return err == nil && len(v.Errors) == 0, err
}

// suspicionLife is how long one question about an account answers all reports.
const suspicionLife = time.Minute

// suspect reports whether the caller is to ask the platform about an account:
// nobody has, in any replica, for a minute.
func (s *Service) suspect(ctx context.Context, a *Account, now time.Time) (mine bool, err error) {
	err = s.db.transact(ctx, func(tx *sqlx.Tx) error {
		mine, err = setSuspected(ctx, tx, a, now, now.Add(-suspicionLife))
		return err
	})
	return mine, err
}

// proved notes that the platform takes an account's token.
func (s *Service) proved(ctx context.Context, asked *Account, now time.Time) error {
	return s.record(ctx, func(tx *sqlx.Tx) error {
		a, err := s.lockAccountAnywhere(ctx, tx, asked.ID)
		if err != nil || a.grantID != asked.grantID || !a.DisconnectedAt.IsZero() {
			return err
		}
		e := a.evidence
		e.CheckedAt, e.CheckedBy = now, ByCaller
		return s.assess(ctx, tx, a, e, now)
	})
}

// disown says for good that the platform does not take a token any more: of the
// account alone, where it is the account's own, otherwise of all that live by
// the grant's. It reports false if they have got other tokens meanwhile, or get
// another now, see rederive.
func (s *Service) disown(ctx context.Context, asked *Account, by CheckedBy, now time.Time) (disowned bool, err error) {
	if asked.ownToken {
		if renewed, err := s.rederive(ctx, asked, by, now); err != nil || renewed {
			return false, err
		}
	}
	err = s.record(ctx, func(tx *sqlx.Tx) error {
		if err := lockGrants(ctx, tx, asked.Workspace, asked.Platform.ID); err != nil {
			return err
		}
		if err := holdRefreshes(ctx, tx, asked.grantID); err != nil {
			return err
		}
		g, err := grantAnywhere(ctx, tx, asked.grantID)
		disowned = err == nil && g.Generation == asked.generation && g.RetiredAt.IsZero()
		if !disowned {
			return err
		}
		accounts, err := s.accountsOfGrant(ctx, tx, &g)
		if err != nil {
			return err
		}
		accounts = slices.DeleteFunc(accounts, func(a *Account) bool {
			return !a.Health.IsConnected || a.ID != asked.ID && (a.ownToken || asked.ownToken)
		})
		return s.condemnAll(ctx, tx, &g, accounts, by, now)
	})
	return disowned, err
}

// condemnAll says for good that accounts of a grant do not work.
func (s *Service) condemnAll(ctx context.Context, tx *sqlx.Tx, g *grantState, accounts []*Account, by CheckedBy, now time.Time) error {
	for _, a := range accounts {
		if err := s.condemnRevoked(ctx, tx, a, by, now); err != nil {
			return err
		}
	}
	return retireGrants(ctx, tx, g.Workspace, []string{g.ID}, now)
}

// condemnRevoked says for good that an account does not work.
func (s *Service) condemnRevoked(ctx context.Context, tx *sqlx.Tx, a *Account, by CheckedBy, now time.Time) error {
	if err := deleteSecrets(ctx, tx, a.Workspace, a.ID); err != nil { // its own
		return err
	}
	e := a.evidence
	e.Verdict, e.AutoRefresh, e.NextRefresh, e.Failing = Revoked, false, time.Time{}, ""
	e.CheckedAt, e.CheckedBy = now, by
	return s.assess(ctx, tx, a, e, now)
}

// examineScopes asks the platform which scopes an account has, one of which
// somebody missed.
func (s *Service) examineScopes(ctx context.Context, by auth.Actor, a *Account, now time.Time) error {
	mine, err := s.suspect(ctx, a, now)
	if err != nil || !mine {
		return err
	}
	if _, err = s.CheckPermissions(ctx, by, a.ID); isExpected(err) {
		return nil // it could not be asked, which is no answer to a report
	}
	return err
}
