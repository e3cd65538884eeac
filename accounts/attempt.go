package accounts

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"mooring/auth"
	"mooring/diagnosis"
	"mooring/platforms"
)

const (
	// attemptLife is how long a person has at the consent page.
	attemptLife = 10 * time.Minute
	// exchangeLife is how long the exchange may take once the answer is here.
	exchangeLife = 2 * time.Minute
	// selectionLife is how long a person has to choose among candidates.
	selectionLife = time.Hour

	attemptPrefix = "att_"

	maxScopes      = 50
	maxScopeLength = 200  // bytes
	maxReturnTo    = 2000 // bytes

	// maxUnfinished is how much of what a caller has begun and not finished is listed.
	maxUnfinished = 20
)

// AttemptStatus says how far a connect attempt is.
type AttemptStatus string

// The statuses of an attempt.
const (
	AttemptPending   AttemptStatus = "PENDING" // waiting for the person, or exchanging the answer
	AttemptSelecting AttemptStatus = "AWAITING_SELECTION"
	AttemptDone      AttemptStatus = "COMPLETED"
	AttemptBroken    AttemptStatus = "FAILED"
	AttemptTooLate   AttemptStatus = "EXPIRED"
	AttemptGivenUp   AttemptStatus = "CANCELLED"
)

// Ended reports whether nothing more will happen to the attempt.
func (s AttemptStatus) Ended() bool { return s != AttemptPending && s != AttemptSelecting }

// Attempt is one run through a platform's consent page. It never degrades what
// exists: only its success changes accounts.
type Attempt struct {
	ID               string
	Workspace        string
	Platform         *Platform
	Platforms        []*Platform // Platform, and those that the same consent is for
	LoginMethod      string
	Status           AttemptStatus
	AuthorizationURL *string // where to send the person; nil once the answer came or the attempt ended
	Scopes           []string
	ExpiresAt        time.Time
	CreatedAt        time.Time
	CreatedBy        string
	Candidates       []Candidate         // to choose from while AWAITING_SELECTION
	Warnings         []platforms.Finding // of what is not among the candidates
	AccountIDs       []string            // connected
	ReconnectsID     string              // the account to reconnect; "" for none
	ReturnTo         string              // where the browser goes at the end; "" for Mooring's own page
	Diagnosis        *diagnosis.Diagnosis
	BulkID           string // of the bulk connect that it is a part of; "" for none

	shares []share
}

// IsNode marks a type of the schema's Node interface.
func (*Attempt) IsNode() {}

// Permissions are the attempt's Scopes with what they are for.
func (a *Attempt) Permissions() []AskedPermission {
	return askedPermissions(a.Platform.login(a.LoginMethod).Login, a.Scopes)
}

// Candidate is something that the grant reaches and that can become an account.
type Candidate struct {
	Platform    *Platform
	ExternalID  string
	Kind        platforms.Kind
	DisplayName string
	Username    *string
	AvatarURL   *string
}

// Attempt returns the attempt with that id, or an *Error with CodeNotFound if
// the actor's workspace has none.
func (s *Service) Attempt(ctx context.Context, by auth.Actor, id string) (*Attempt, error) {
	row, err := s.ownAttempt(ctx, by, "id", id)
	if err != nil {
		return nil, err
	}
	return s.attempt(row), nil
}

// UnfinishedAttempts returns what the actor has begun and nobody finished, the latest
// first, and at most 20. An attempt of a bulk connect is that one's matter.
func (s *Service) UnfinishedAttempts(ctx context.Context, by auth.Actor) ([]*Attempt, error) {
	rows, err := s.unfinishedAttempts(ctx, by, present())
	if err != nil {
		return nil, err
	}
	attempts := make([]*Attempt, len(rows))
	for i := range rows {
		attempts[i] = s.attempt(&rows[i])
	}
	return attempts, nil
}

// CandidateAccount returns the account that a candidate already is, or an
// *Error with CodeNotFound.
func (s *Service) CandidateAccount(ctx context.Context, by auth.Actor, c *Candidate) (*Account, error) {
	found, err := s.accountsByExternalID(ctx, s.db.read, by.Workspace, c.Platform.ID, []string{c.ExternalID})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 || !found[0].DisconnectedAt.IsZero() {
		return nil, notFound("externalId", "account", c.ExternalID)
	}
	return found[0], nil
}

// outcome is what an attempt has come to so far. It is stored as JSON and holds
// no secret.
type outcome struct {
	// TokenEnds says, by external id, which profiles have a token of their own
	// among the attempt's secrets, and when it ends.
	TokenEnds map[string]time.Time `json:"tokenEnds,omitempty"`
	Subject   string               `json:"subject,omitempty"`
	Name      string               `json:"name,omitempty"`
	Profiles  []platforms.Profile  `json:"profiles,omitempty"`
	Warnings  []platforms.Finding  `json:"warnings,omitempty"`
	Tokens    *tokenDates          `json:"tokens,omitempty"`
	Accounts  []string             `json:"accounts,omitempty"`
	Diagnosis *diagnosis.Diagnosis `json:"diagnosis,omitempty"`
	Shares    []share              `json:"shares,omitempty"`
}

// tokenDates is a token answer without its tokens.
type tokenDates struct {
	IssuedAt       time.Time             `json:"issuedAt"`
	AccessExpires  time.Time             `json:"accessExpires"`
	RefreshExpires time.Time             `json:"refreshExpires"`
	Scopes         []string              `json:"scopes"`
	ScopeSource    platforms.ScopeSource `json:"scopeSource"`
	Targets        map[string][]string   `json:"targets,omitempty"` // see learned
	ConsentEnds    time.Time             `json:"consentEnds"`
}

func datesOf(t *platforms.Tokens, l learned) *tokenDates {
	return &tokenDates{t.IssuedAt, t.AccessExpires, t.RefreshExpires, t.Scopes, t.ScopeSource, l.targets, l.ends}
}

// attempt makes the domain's Attempt of a row.
func (s *Service) attempt(r *attemptRow) *Attempt {
	o := r.Outcome.v
	a := &Attempt{
		ID: r.ID, Workspace: r.Workspace, Platform: s.platforms[r.Platform], LoginMethod: r.LoginMethod,
		Status: r.Status, Scopes: r.Scopes, ExpiresAt: r.ExpiresAt.Time, CreatedAt: r.CreatedAt.Time,
		CreatedBy: r.CreatedBy, AccountIDs: o.Accounts, ReconnectsID: r.AccountID, ReturnTo: r.ReturnTo,
		Candidates: []Candidate{}, Warnings: slices.Concat([]platforms.Finding{}, o.Warnings), Diagnosis: o.Diagnosis,
		BulkID: r.BulkID, shares: o.Shares,
	}
	a.Platforms = append(a.Platforms, a.Platform)
	for _, sh := range o.Shares {
		a.Platforms = append(a.Platforms, s.platforms[sh.Platform])
		a.Warnings = append(a.Warnings, sh.Identity.Warnings...)
	}
	if r.Status == AttemptPending && r.ConsumedAt.IsZero() {
		link := s.opts.PublicURL + "/api/oauth/start/" + s.startToken(r.ID)
		a.AuthorizationURL = &link
	}
	if r.Status == AttemptSelecting {
		a.Candidates = append(a.Candidates, candidates(a.Platform, o.Profiles)...)
		for _, sh := range o.Shares {
			a.Candidates = append(a.Candidates, candidates(s.platforms[sh.Platform], sh.Identity.Profiles)...)
		}
	}
	return a
}

func candidates(platform *Platform, profiles []platforms.Profile) []Candidate {
	offered := make([]Candidate, len(profiles))
	for i, p := range profiles {
		offered[i] = Candidate{
			Platform: platform, ExternalID: p.ExternalID, Kind: p.Kind, DisplayName: p.DisplayName,
			Username: optional[string](p.Username), AvatarURL: optional[string](p.AvatarURL),
		}
	}
	return offered
}

// ConnectRequest is what to connect.
type ConnectRequest struct {
	Platform       string
	LoginMethod    *string                // unless said the account's, or else the first ready one
	Capabilities   []platforms.Capability // the platform's default unless said
	Scopes         []string               // further scopes
	ReturnTo       *string                // Mooring's own page unless said
	AccountID      *string                // to reconnect
	ExternalUserID *string
	Labels         []string
}

// Connect begins an attempt. The person then opens its AuthorizationURL. Who has
// begun Options.ConnectsPerHour has to wait; a back end has as many for each
// external user.
func (s *Service) Connect(ctx context.Context, by auth.Actor, in ConnectRequest) (*Attempt, error) {
	row, err := s.newAttempt(ctx, by, in)
	if err != nil {
		return nil, err
	}
	if most := s.opts.ConnectsPerHour; most > 0 {
		begun, oldest, err := s.attemptsBegunBy(ctx, row, present().Add(-time.Hour))
		if err != nil {
			return nil, err
		}
		if begun >= most {
			return nil, &Error{Code: CodeRateLimited, Message: fmt.Sprintf("%d attempts were begun within the hour, and no more are possible before %s.",
				begun, oldest.Add(time.Hour).UTC().Format(time.RFC3339))}
		}
	}
	err = s.record(ctx, func(tx *sqlx.Tx) error { return insertAttempt(ctx, tx, row) })
	if err != nil {
		return nil, err
	}
	return s.attempt(row), nil
}

// newAttempt checks the input and makes the attempt's row.
func (s *Service) newAttempt(ctx context.Context, by auth.Actor, in ConnectRequest) (*attemptRow, error) {
	var account *Account
	wanted := in.LoginMethod
	if in.AccountID != nil {
		var err error
		if account, err = s.accountNamed(ctx, by, "accountId", *in.AccountID); err != nil {
			return nil, err
		}
		if account.Platform.ID != in.Platform {
			return nil, s.foreignTo(account, in.Platform)
		}
		if wanted == nil && account.Platform.login(account.login.ID).Ready {
			wanted = &account.login.ID
		}
	}
	platform, method, err := s.ready(in.Platform, wanted)
	if err != nil {
		return nil, err
	}
	scopes, err := scopesFor(method.app.Login, in.Capabilities, in.Scopes)
	if err != nil {
		return nil, err
	}
	labels, err := checkLabels(in.Labels)
	if err != nil {
		return nil, err
	}
	now := present()
	row := &attemptRow{
		ID: newID(attemptPrefix), Workspace: by.Workspace, AppID: method.app.id, Platform: platform.ID,
		LoginMethod: method.ID, Status: AttemptPending, Labels: labels, CreatedBy: by.User,
		CreatedAt: instant{now}, ExpiresAt: instant{now.Add(attemptLife)},
	}
	if in.ReturnTo != nil {
		if !s.MayReturnTo(*in.ReturnTo) {
			return nil, foreignReturn(*in.ReturnTo)
		}
		row.ReturnTo = *in.ReturnTo
	}
	if err := checkExternalUserID(in.ExternalUserID); err != nil {
		return nil, err
	}
	if in.ExternalUserID != nil {
		row.ExternalUserID = *in.ExternalUserID
	}
	row.Scopes = scopes
	if account != nil {
		row.AccountID = account.ID
		row.Scopes = account.rescoped(method.Login, scopes)
	}
	return row, nil
}

// foreignTo says that an account is none of a platform, if there is such a one.
func (s *Service) foreignTo(a *Account, platformID string) *Error {
	platform := s.platforms[platformID]
	if platform == nil {
		return notFound("platform", "platform", platformID)
	}
	return invalid("accountId", "%s is an account of %s, not of %s.", a.ID, a.Platform.DisplayName, platform.DisplayName)
}

// rescoped are the scopes that a reconnect asks for by a login method: those
// wanted, and those that were granted by it. A smaller set than before would
// take permissions away and, at LinkedIn, end the person's earlier tokens.
func (a *Account) rescoped(l *platforms.Login, wanted []string) []string {
	if l != a.login {
		return wanted
	}
	return union(wanted, a.scopes)
}

// ready finds a platform and one of its login methods that has credentials.
func (s *Service) ready(platformID string, methodID *string) (*Platform, *LoginMethod, error) {
	platform := s.platforms[platformID]
	if platform == nil {
		return nil, nil, notFound("platform", "platform", platformID)
	}
	wanted := ""
	if methodID != nil {
		wanted = *methodID
	}
	method := platform.login(wanted)
	if method == nil {
		return nil, nil, notFound("loginMethod", "login method", wanted)
	}
	if !method.Ready {
		return nil, nil, notReady(platform, method)
	}
	return platform, method, nil
}

// notReady is an *Error about a login method that lacks credentials, or whose
// set-up has a fault. That another one is ready is said, and no credentials of
// one serve the other.
func notReady(p *Platform, m *LoginMethod) *Error {
	field, lacks := "platform", p.DisplayName+" is not set up here."
	if other := p.login(""); other.Ready {
		field, lacks = "loginMethod", p.DisplayName+" is set up here for "+other.ID+", not for "+m.ID+"."
	}
	todo := "The operator registers an app at " + p.ConsoleURL +
		" and sets " + m.Env.Prefix + "_" + m.Env.ID + " and " + m.Env.Prefix + "_" + m.Env.Secret + "."
	if m.app != nil {
		todo = "The operator has to mend: " + m.flaws[0].Message + " " + m.flaws[0].Fix
	}
	why := diagnosis.Diagnose(diagnosis.Input{Platform: p.ID, ErrorCode: diagnosis.CodeNotReady, Facts: diagnosis.Facts{Product: p.product, Flaw: todo}})
	return &Error{Code: CodeNotReady, Field: []string{field}, Message: lacks + " " + todo, Diagnosis: &why}
}

// scopesFor returns the least scopes that the capabilities need: the required
// ones, those of the capabilities (the default ones unless any are named), and
// the further ones.
func scopesFor(l *platforms.Login, wanted []platforms.Capability, further []string) ([]string, error) {
	offered := capabilities(l)
	for _, c := range wanted {
		if !slices.Contains(offered, c) {
			return nil, invalid("capabilities", "The platform does not offer %s; it offers %v.", c, offered)
		}
	}
	var scopes []string
	for _, sc := range l.Scopes {
		named := slices.Contains(wanted, sc.Capability)
		byDefault := sc.Default && (len(wanted) == 0 || named || sc.Capability == platforms.StayConnected)
		if sc.Required || byDefault || named && !hasDefault(l, sc.Capability) {
			scopes = append(scopes, sc.Name)
		}
	}
	if len(further) > maxScopes {
		return nil, invalid("scopes", "There are %d scopes; at most %d are possible.", len(further), maxScopes)
	}
	for _, name := range further {
		if name == "" || len(name) > maxScopeLength || !isScopeToken(name) {
			return nil, invalid("scopes", "%.40q is not a scope; give one scope to an entry, without spaces or commas.", name)
		}
	}
	return union(scopes, further), nil
}

// hasDefault reports whether a capability is given by default scopes.
func hasDefault(l *platforms.Login, c platforms.Capability) bool {
	return slices.ContainsFunc(l.Scopes, func(s platforms.Scope) bool { return s.Capability == c && s.Default })
}

// isScopeToken reports whether a name has the characters of RFC 6749 §3.3 and
// no comma, by which some platforms separate scopes.
func isScopeToken(name string) bool {
	for _, c := range []byte(name) {
		if c <= ' ' || c == '"' || c == '\\' || c == ',' || c > '~' {
			return false
		}
	}
	return true
}

// union joins two lists without repetitions.
func union(a, b []string) []string {
	all := slices.Clone(a)
	for _, v := range b {
		if !slices.Contains(all, v) {
			all = append(all, v)
		}
	}
	return all
}

func foreignReturn(address string) *Error {
	return invalid("returnTo", "%.100q is not on an allowed origin; the operator adds it to MOORING_RETURN_TO.", address)
}

// MayReturnTo reports whether a browser may be sent to an address: whether it is
// on one of Options.ReturnTo.
func (s *Service) MayReturnTo(address string) bool {
	u, err := url.Parse(address)
	if err != nil || len(address) > maxReturnTo || u.Host == "" || u.User != nil {
		return false
	}
	return slices.Contains(s.opts.ReturnTo, u.Scheme+"://"+u.Host)
}

// CancelConnect gives an attempt up. What the platform granted is forgotten.
func (s *Service) CancelConnect(ctx context.Context, by auth.Actor, id string) (*Attempt, error) {
	row, err := s.ownAttempt(ctx, by, "attemptId", id)
	if err != nil {
		return nil, err
	}
	if row.Status.Ended() {
		return nil, wrongState(row)
	}
	ended, err := s.endAttempt(ctx, row, AttemptGivenUp, nil, &by.User)
	if err != nil {
		return nil, err
	}
	if !ended {
		return nil, wrongState(row)
	}
	return s.Attempt(ctx, by, id)
}

// ownAttempt reads an attempt of the actor's workspace, by the id in an input
// field.
func (s *Service) ownAttempt(ctx context.Context, by auth.Actor, field, id string) (*attemptRow, error) {
	row, err := s.attemptIn(ctx, by.Workspace, id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, notFound(field, "connect attempt", id)
	}
	return row, err
}

func wrongState(r *attemptRow) *Error {
	return &Error{
		Code: CodeWrongState, Field: []string{"attemptId"},
		Message: "The connect attempt is " + string(r.Status) + "; begin another with connect.",
	}
}

// expireAttempt ends an attempt whose time is over.
func (s *Service) expireAttempt(ctx context.Context, due dueRow, now time.Time) error {
	row, err := s.attemptAnywhere(ctx, due.ID)
	gone := errors.Is(err, sql.ErrNoRows)
	if err != nil && !gone {
		return err
	}
	if gone || row.Status.Ended() || row.ExpiresAt.After(now) {
		return s.record(ctx, func(tx *sqlx.Tx) error {
			if gone || row.Status.Ended() {
				return reschedule(ctx, tx, due, time.Time{}, false)
			}
			return reschedule(ctx, tx, due, row.ExpiresAt.Time, true)
		})
	}
	status, code := AttemptTooLate, diagnosis.CodeAttemptExpired
	if row.Status == AttemptPending && !row.ConsumedAt.IsZero() {
		status, code = AttemptBroken, diagnosis.CodeInterrupted
	}
	_, err = s.endAttempt(ctx, row, status, s.explain(row, diagnosis.Input{
		Platform: row.Platform, Stage: platforms.StageAuthorize, ErrorCode: code,
	}), nil)
	return err
}

// explain diagnoses a failure of an attempt with this installation's facts.
func (s *Service) explain(row *attemptRow, in diagnosis.Input) *diagnosis.Diagnosis {
	d := s.diagnose(in, row.LoginMethod)
	return &d
}
