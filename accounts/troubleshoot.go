package accounts

import (
	"context"

	"mooring/auth"
	"mooring/diagnosis"
	"mooring/platforms"
)

// Trouble is what somebody asks the troubleshooter about: an error, an account,
// or an error of an account. Any part may be missing.
type Trouble struct {
	AccountID    string
	Platform     string // by id or by a name such as "x"; of an account, its own
	LoginMethod  string // of an account, its own; "" is the preferred one
	Stage        platforms.Stage
	HTTPStatus   int
	ErrorCode    string
	ErrorSubcode string
	ErrorMessage string
	Body         string
}

// says reports whether there is an error in it.
func (t *Trouble) says() bool {
	return t.HTTPStatus != 0 || t.ErrorCode+t.ErrorSubcode+t.ErrorMessage+t.Body != ""
}

// Troubleshoot explains an error with this installation's names and addresses,
// or, where none is given, what is wrong with an account: nil if that is nothing.
// An account that the actor's workspace does not have is an *Error.
func (s *Service) Troubleshoot(ctx context.Context, by auth.Actor, t Trouble) (*diagnosis.Diagnosis, error) {
	in := diagnosis.Input{
		Platform: diagnosis.PlatformID(t.Platform), Stage: t.Stage, HTTPStatus: t.HTTPStatus,
		ErrorCode: t.ErrorCode, ErrorSubcode: t.ErrorSubcode, ErrorMessage: t.ErrorMessage, Body: t.Body,
	}
	if t.AccountID != "" {
		account, err := s.accountNamed(ctx, by, "accountId", t.AccountID)
		if err != nil {
			return nil, err
		}
		if !t.says() {
			return s.findFault(account), nil
		}
		in.Platform, t.LoginMethod = account.Platform.ID, account.login.ID
		in.FreshToken = account.young(present())
		in.Facts.AccountName = account.DisplayName
	}
	d := s.diagnose(in, t.LoginMethod)
	s.unknown.note(in, d)
	return &d, nil
}

// findFault finds what is wrong with an account, the gravest first: its health,
// its last failure that still stands, the operator's app and its set-up, its
// permissions.
func (s *Service) findFault(a *Account) *diagnosis.Diagnosis {
	in := diagnosis.Input{Platform: a.Platform.ID, Stage: platforms.StageAPI}
	switch {
	case a.Diagnosis != nil:
		return a.Diagnosis
	case a.evidence.Failing != "" && a.failure != nil:
		in = *a.failure
	case s.apps[a.appID] == nil:
		in.ErrorCode = diagnosis.CodeAppGone
	case len(s.flaws(a)) > 0:
		flaw := s.flaws(a)[0]
		in.ErrorCode, in.Facts.Flaw = diagnosis.CodeNotReady, flaw.Message+" "+flaw.Fix
	default:
		lacks := missing(a.login, a.granted())
		if len(lacks) == 0 {
			return nil
		}
		in.ErrorCode, in.Facts.MissingScopes = diagnosis.CodeScopesMissing, inWords(lacks)
	}
	in.Facts.AccountName, in.Facts.EndsAt = a.DisplayName, a.Health.ExpiresAt
	d := s.diagnose(in, a.login.ID)
	return &d
}

// flaws are the failed checks of the set-up by which an account is connected.
func (s *Service) flaws(a *Account) []platforms.Check {
	return s.platforms[a.Platform.ID].login(a.login.ID).flaws
}

// diagnose diagnoses a failure with what this installation knows of the
// platform.
func (s *Service) diagnose(in diagnosis.Input, loginMethod string) diagnosis.Diagnosis {
	in.Facts.Product = s.opts.Name
	if p := s.platforms[in.Platform]; p != nil {
		if method := p.login(loginMethod); method != nil {
			in.Facts.RedirectURI = method.RedirectURI
		}
	}
	return diagnosis.Diagnose(in)
}
