package accounts

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jmoiron/sqlx"

	"mooring/auth"
	"mooring/diagnosis"
	"mooring/platforms"
	"mooring/vault"
)

// Account is what a user connected: a profile, Page, channel or organisation
// on a platform. It is plain data, as of the moment it was read, and holds no
// token.
type Account struct {
	ID             string
	Workspace      string
	Platform       *Platform
	ExternalID     string
	Kind           platforms.Kind
	Username       *string
	DisplayName    string
	AvatarURL      *string
	ProfileURL     *string
	Health         Health
	Diagnosis      *diagnosis.Diagnosis // nil while healthy
	ConnectedAt    time.Time
	ConnectedBy    string
	DisconnectedAt time.Time // zero while connected
	ExternalUserID *string
	Labels         []string
	Paused         *Pause // nil while it is not

	grantID    string
	generation int64 // of the grant's tokens
	appID      string
	evidence   Evidence
	ownToken   bool             // it has an access token of its own, beside the grant's
	failure    *diagnosis.Input // of the last refresh, unless it succeeded
	probed     *diagnosis.Input // what the platform said when a probe failed last

	login           *platforms.Login
	scopes          []string // granted
	targets         targets
	source          platforms.ScopeSource
	scopesCheckedAt time.Time

	validation *string // JSON; see Validation
}

// IsNode marks a type of the schema's Node interface.
func (*Account) IsNode() {}

// Filter says which accounts. Conditions are joined by and; an empty one is no
// condition.
type Filter struct {
	IDs             []string
	Platforms       []string
	Statuses        []Status
	Search          *string
	ExternalUserIDs []string
	Labels          []string // all of them
	Paused          *bool
	Disconnected    *bool      // true: those that were disconnected, instead of those that are connected
	ExpiresFrom     *time.Time // ends at this moment or later
	ExpiresTo       *time.Time // ends before
}

// OrderField is what accounts are ordered by.
type OrderField string

// The orders.
const (
	OrderConnectedAt OrderField = "CONNECTED_AT"
	OrderDisplayName OrderField = "DISPLAY_NAME"
	OrderExpiresAt   OrderField = "EXPIRES_AT" // those that do not expire come last
)

// Direction is the direction of an order.
type Direction string

// The directions.
const (
	Ascending  Direction = "ASC"
	Descending Direction = "DESC"
)

// Order is an order of accounts; the zero Order is by connecting, oldest
// first.
type Order struct {
	Field     OrderField
	Direction Direction
}

// PageSize bounds a page, and DefaultPageSize is a page that names no size.
const (
	PageSize        = 100
	DefaultPageSize = 50
)

// Paging is a page's place, as the Relay specification has it. Cursors come
// from an earlier page of the same order.
type Paging struct {
	First, Last   *int
	After, Before *string
}

// Page is a page of accounts.
type Page struct {
	Accounts    []*Account
	Cursors     []string // one for each account
	HasNext     bool
	HasPrevious bool
}

// Account returns the account with that id, a tombstone included, or an *Error
// with CodeNotFound if the actor's workspace has none.
func (s *Service) Account(ctx context.Context, by auth.Actor, id string) (*Account, error) {
	return s.accountNamed(ctx, by, "id", id)
}

// accountNamed is Account for the id in an input field.
func (s *Service) accountNamed(ctx context.Context, by auth.Actor, field, id string) (*Account, error) {
	found, err := s.accountsByID(ctx, s.db.read, by.Workspace, []string{id})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, notFound(field, "account", id)
	}
	return found[0], nil
}

// AccountsByID returns the accounts of those ids that the actor's workspace
// has, in the order of the ids.
func (s *Service) AccountsByID(ctx context.Context, by auth.Actor, ids []string) ([]*Account, error) {
	found, err := s.accountsByID(ctx, s.db.read, by.Workspace, ids)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(found, func(a, b *Account) int { return slices.Index(ids, a.ID) - slices.Index(ids, b.ID) })
	return found, nil
}

// Accounts returns a page of the workspace's connected accounts.
func (s *Service) Accounts(ctx context.Context, by auth.Actor, f Filter, o Order, p Paging) (*Page, error) {
	limit, backward, err := p.size()
	if err != nil {
		return nil, err
	}
	order := newOrdering(o)
	where := filterSQL(f, by.Workspace, present(), s.opts.ExpiringWithin)
	if err := order.bound(where, p.After, !order.descending); err != nil {
		return nil, invalid("after", "%v", err)
	}
	if err := order.bound(where, p.Before, order.descending); err != nil {
		return nil, invalid("before", "%v", err)
	}
	rows, err := s.selectAccounts(ctx, where, order.by(backward), limit+1)
	if err != nil {
		return nil, err
	}
	more := len(rows) > limit
	rows = rows[:min(limit, len(rows))]
	page := &Page{HasNext: more, HasPrevious: p.After != nil}
	if backward {
		slices.Reverse(rows)
		page.HasNext, page.HasPrevious = p.Before != nil, more
	}
	now := present()
	for i := range rows {
		page.Accounts = append(page.Accounts, s.account(&rows[i], now))
		page.Cursors = append(page.Cursors, order.cursor(&rows[i]))
	}
	return page, nil
}

// size checks a page's bounds and returns its size, and whether it is counted
// from the end.
func (p Paging) size() (limit int, backward bool, err error) {
	field, n := "first", p.First
	if p.Last != nil {
		if p.First != nil {
			return 0, false, invalid("last", "Give first or last, not both.")
		}
		field, n, backward = "last", p.Last, true
	}
	switch {
	case n == nil:
		return DefaultPageSize, false, nil
	case *n < 1 || *n > PageSize:
		return 0, false, invalid(field, "%s is %d; it must be 1 to %d.", field, *n, PageSize)
	}
	return *n, backward, nil
}

// CountAccounts returns how many accounts a filter leaves.
func (s *Service) CountAccounts(ctx context.Context, by auth.Actor, f Filter) (int, error) {
	where := filterSQL(f, by.Workspace, present(), s.opts.ExpiringWithin)
	return s.countAccounts(ctx, where)
}

// The bounds of labels.
const (
	maxLabels      = 20
	maxLabelLength = 64 // characters
)

// checkLabels trims labels and drops repetitions.
func checkLabels(labels []string) ([]string, error) {
	clean := []string{}
	for _, l := range labels {
		l = strings.TrimSpace(l)
		switch {
		case l == "":
			return nil, invalid("labels", "A label is empty; leave it out.")
		case utf8.RuneCountInString(l) > maxLabelLength:
			return nil, invalid("labels", "The label %.20q… is longer than %d characters.", l, maxLabelLength)
		case !slices.Contains(clean, l):
			clean = append(clean, l)
		}
	}
	if len(clean) > maxLabels {
		return nil, invalid("labels", "There are %d labels; an account may have %d.", len(clean), maxLabels)
	}
	return clean, nil
}

// checkExternalUserID refuses what no database holds.
func checkExternalUserID(id *string) error {
	const longest = 256 // bytes
	if id != nil && (len(*id) > longest || !utf8.ValidString(*id) || strings.ContainsRune(*id, 0)) {
		return invalid("externalUserId", "The external user id must be text of at most %d bytes, without NUL.", longest)
	}
	return nil
}

// SetLabels replaces an account's labels.
func (s *Service) SetLabels(ctx context.Context, by auth.Actor, id string, labels []string) (*Account, error) {
	labels, err := checkLabels(labels)
	if err != nil {
		return nil, err
	}
	err = s.record(ctx, func(tx *sqlx.Tx) error {
		platform, err := setLabels(ctx, tx, by.Workspace, id, labels)
		if err != nil {
			return err
		}
		return appendEvent(ctx, tx, Event{
			Workspace: by.Workspace, Type: AccountLabelsSet, Actor: &by.User,
			AccountID: &id, Platform: &platform,
		})
	})
	if err != nil {
		return nil, fmt.Errorf("set labels of %s: %w", id, err)
	}
	return s.Account(ctx, by, id)
}

// account makes the domain's Account of a row, as of now.
func (s *Service) account(r *accountRow, now time.Time) *Account {
	platform := s.platforms[r.Platform]
	a := &Account{
		ID: r.ID, Workspace: r.Workspace, Platform: platform,
		ExternalID: r.ExternalID, Kind: r.Kind, Username: r.Username,
		DisplayName: r.DisplayName, AvatarURL: r.AvatarURL, ProfileURL: r.ProfileURL,
		ConnectedAt: r.ConnectedAt.Time, ConnectedBy: r.ConnectedBy, DisconnectedAt: r.DisconnectedAt.Time,
		ExternalUserID: r.ExternalUserID, Labels: r.Labels,
		grantID: r.GrantID, generation: r.Generation, appID: r.AppID, evidence: r.evidence(), ownToken: r.OwnToken,
		failure: r.Failure.v, probed: r.ProbeFailure.v,
		scopes: r.Scopes, targets: r.Targets, source: r.ScopesSource, scopesCheckedAt: r.ScopesCheckedAt.Time, validation: r.Validation,
	}
	a.login, _ = platform.Login(r.LoginMethod)
	a.evidence.RenewsItself = a.login.Refresh.Kind == platforms.RefreshSelf
	a.Health = a.evidence.At(now, s.opts.ExpiringWithin)
	if !r.PausedAt.IsZero() {
		a.Paused = &Pause{Since: r.PausedAt.Time, By: r.PausedBy, Reason: optional[string](r.PausedReason)}
		a.Health.NextRefreshAt = time.Time{} // not before it is resumed
	}
	a.Diagnosis = a.diagnose()
	return a
}

// explain explains why Mooring itself refuses something about an account, given
// as a code of diagnosis's. wait is how long it does; 0 where that is not known.
func (a *Account) explain(code string, wait time.Duration) *diagnosis.Diagnosis {
	d := diagnosis.Diagnose(diagnosis.Input{
		Platform: a.Platform.ID, ErrorCode: code, RetryAfter: wait, Facts: diagnosis.Facts{Product: a.Platform.product, AccountName: a.DisplayName},
	})
	return &d
}

// unopened makes an *Error of why an account's tokens cannot be opened. Any other
// failure stays what it is.
func (a *Account) unopened(failure error) error {
	switch {
	case errors.As(failure, new(*vault.UnknownKeyError)):
		return &Error{
			Code: CodeNotReady, Field: []string{"accountId"}, Diagnosis: a.explain(diagnosis.CodeKeyMissing, 0),
			Message: "The account's tokens are sealed under a key that is missing here: the key ring is not the one of this database.",
		}
	case errors.Is(failure, sql.ErrNoRows), errors.Is(failure, vault.ErrTampered):
		lost := diagnosis.ForHealth(a.Platform.ID, diagnosis.SecretLost, diagnosis.Facts{Product: a.Platform.product, AccountName: a.DisplayName})
		return &Error{
			Code: CodeWrongState, Field: []string{"accountId"}, Diagnosis: &lost,
			Message: "The account's tokens are lost; reconnect it.",
		}
	}
	return failure
}

// passes reports whether a failure to refresh is the platform's, which passes,
// and not the operator's.
func passes(in diagnosis.Input) bool {
	return in.Class == platforms.ClassTemporary || in.Class == platforms.ClassRateLimited
}

// diagnose explains why an account is not healthy, or returns nil.
func (a *Account) diagnose() *diagnosis.Diagnosis {
	facts := diagnosis.Facts{Product: a.Platform.product, AccountName: a.DisplayName, EndsAt: a.Health.ExpiresAt}
	var said *diagnosis.Input
	switch a.Health.reason() {
	case RefreshDead:
		said = a.failure
	case PlatformDown, AppMisconfigured:
		if a.failure != nil && passes(*a.failure) == (a.Health.reason() == PlatformDown) { // else it is what others met
			said = a.failure
		}
	case Checkpoint, ProbeFailed:
		said = a.probed
	}
	if said != nil {
		in := *said
		in.Facts = facts
		d := diagnosis.Diagnose(in)
		return &d
	}
	var condition diagnosis.Condition
	switch {
	case a.Health.Status == Healthy:
		return nil
	case a.Health.Reason != nil:
		condition = diagnosis.Condition(*a.Health.Reason)
	default:
		condition = diagnosis.Condition(a.Health.Status)
	}
	d := diagnosis.ForHealth(a.Platform.ID, condition, facts)
	return &d
}

// searchText is what a search looks through.
func searchText(p platforms.Profile) string {
	return strings.ToLower(p.DisplayName + "\n" + p.Username + "\n" + p.ExternalID)
}

// escapeLike makes a text stand for itself in a pattern of LIKE … ESCAPE '\'. A
// NUL, which no text has, would end the pattern on SQLite.
func escapeLike(text string) string {
	return strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`, "\x00", "").Replace(text)
}

// quoted is a label as it stands in a JSON array.
func quoted(label string) string {
	text, err := json.Marshal(label)
	if err != nil {
		panic(err) // a string always marshals
	}
	return string(text)
}
