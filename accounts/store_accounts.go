package accounts

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"mooring/diagnosis"
	"mooring/platforms"
)

// accountRow is an account together with its grant.
type accountRow struct {
	ID             string
	Workspace      string
	Platform       string
	ExternalID     string
	GrantID        string
	Kind           platforms.Kind
	Username       *string
	DisplayName    string
	AvatarURL      *string
	ProfileURL     *string
	ExternalUserID *string
	Labels         texts
	ConnectedAt    instant
	ConnectedBy    string
	DisconnectedAt instant

	Verdict       Reason
	AccessIssued  instant
	AccessEnds    instant
	RefreshEnds   instant
	ConsentEnds   instant
	CheckedAt     instant
	CheckedBy     *CheckedBy
	RestoredAt    instant
	AutoRefresh   bool
	NextRefresh   instant
	Failing       Reason
	Ends          instant
	Announced     Status
	Because       Reason // announced
	AnnouncedFrom instant
	WarnedOf      instant
	WarnedMark    int

	OwnToken   bool
	Validation *string // JSON

	PausedAt     instant
	PausedBy     string
	PausedReason string

	Generation      int64 // of the grant's tokens
	AppID           string
	LoginMethod     string
	Scopes          texts
	Targets         targets
	ScopesSource    platforms.ScopeSource
	ScopesCheckedAt instant
	GrantEnds       instant // the end of the grant's access token
	Failure         object[*diagnosis.Input]
	ProbeFailure    object[*diagnosis.Input]
}

const selectAccount = `
	SELECT a.id, a.workspace, a.platform, a.external_id, a.grant_id, a.kind, a.username, a.display_name,
	       a.avatar_url, a.profile_url, a.external_user_id, a.labels, a.connected_at, a.connected_by,
	       a.disconnected_at, a.verdict, a.access_issued_at, a.access_expires_at, a.refresh_expires_at,
	       a.consent_expires_at, a.checked_at, a.checked_by, a.auto_refresh, a.next_refresh_at, a.failing,
	       a.expires_at, a.status, a.reason, a.since, a.warned_of, a.warned_mark, a.own_token, a.validation,
	       a.paused_at, a.paused_by, a.paused_reason, g.generation, g.app_id, p.login_method, g.scopes,
	       g.targets, g.scopes_source, g.scopes_checked_at, g.access_expires_at, g.failure, a.probe_failure,
	       a.restored_at
	FROM accounts a
	JOIN grants g ON g.id = a.grant_id AND g.workspace = a.workspace
	JOIN apps p ON p.id = g.app_id`

// scan reads the columns of selectAccount, in their order. By hand: finding the
// field of each column by reflection took as long as SQLite took for the row.
func (r *accountRow) scan(rows *sqlx.Rows) error {
	return rows.Scan(
		&r.ID, &r.Workspace, &r.Platform, &r.ExternalID, &r.GrantID, &r.Kind, &r.Username, &r.DisplayName,
		&r.AvatarURL, &r.ProfileURL, &r.ExternalUserID, &r.Labels, &r.ConnectedAt, &r.ConnectedBy,
		&r.DisconnectedAt, &r.Verdict, &r.AccessIssued, &r.AccessEnds, &r.RefreshEnds, &r.ConsentEnds,
		&r.CheckedAt, &r.CheckedBy, &r.AutoRefresh, &r.NextRefresh, &r.Failing, &r.Ends, &r.Announced,
		&r.Because, &r.AnnouncedFrom, &r.WarnedOf, &r.WarnedMark, &r.OwnToken, &r.Validation,
		&r.PausedAt, &r.PausedBy, &r.PausedReason, &r.Generation, &r.AppID, &r.LoginMethod,
		&r.Scopes, &r.Targets, &r.ScopesSource, &r.ScopesCheckedAt, &r.GrantEnds, &r.Failure, &r.ProbeFailure,
		&r.RestoredAt)
}

// queryAccounts runs a query that begins with selectAccount.
func queryAccounts(ctx context.Context, q querier, query string, args ...any) ([]accountRow, error) {
	rows, err := q.QueryxContext(statementContext(ctx, q), q.Rebind(query), args...)
	if unstorable(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read accounts: %w", err)
	}
	defer rows.Close() // Err has told
	var found []accountRow
	for rows.Next() {
		var r accountRow
		if err := r.scan(rows); err != nil {
			return nil, fmt.Errorf("read accounts: %w", err)
		}
		found = append(found, r)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read accounts: %w", err)
	}
	return found, nil
}

func (r *accountRow) evidence() Evidence {
	e := Evidence{
		Verdict:      r.Verdict,
		AccessIssued: r.AccessIssued.Time, AccessEnds: r.AccessEnds.Time,
		RefreshEnds: r.RefreshEnds.Time, ConsentEnds: r.ConsentEnds.Time,
		AutoRefresh: r.AutoRefresh, NextRefresh: r.NextRefresh.Time, Failing: r.Failing,
		CheckedAt: r.CheckedAt.Time, RestoredAt: r.RestoredAt.Time,
		announced: r.Announced, announcedReason: r.Because, announcedFrom: r.AnnouncedFrom.Time,
		warnedOf: r.WarnedOf.Time, warnedMark: r.WarnedMark,
	}
	if r.CheckedBy != nil {
		e.CheckedBy = *r.CheckedBy
	}
	if r.OwnToken {
		e.GrantEnds = r.GrantEnds.Time
	}
	if r.Generation > 1 {
		e.LastRefresh = e.AccessIssued
	}
	return e
}

// statusSQL is Evidence.status as an expression over the stored clocks. Its
// arguments are those of statusArgs.
const statusSQL = `(CASE
	WHEN a.verdict <> '' THEN 'UNHEALTHY'
	WHEN a.expires_at <= ? THEN 'EXPIRED'
	WHEN a.failing <> '' AND a.access_expires_at <= ? THEN 'UNHEALTHY'
	WHEN a.expires_at IS NULL THEN 'HEALTHY'
	WHEN a.expires_at - (CASE
		WHEN a.expiring_from IS NULL OR (a.expires_at - a.expiring_from) / 2 >= ? THEN ?
		ELSE (a.expires_at - a.expiring_from) / 2 END) <= ? THEN 'EXPIRING_SOON'
	ELSE 'HEALTHY' END)`

func statusArgs(now time.Time, within time.Duration) []any {
	return []any{now.UnixMilli(), now.UnixMilli(), within.Milliseconds(), within.Milliseconds(), now.UnixMilli()}
}

// condition is a WHERE clause being put together.
type condition struct {
	terms []string
	args  []any
	err   error
}

func (c *condition) and(term string, args ...any) {
	query, args, err := sqlx.In(term, args...)
	if err != nil {
		c.err = errors.Join(c.err, err)
		return
	}
	c.terms = append(c.terms, query)
	c.args = append(c.args, args...)
}

func (c *condition) String() string { return strings.Join(c.terms, " AND ") }

// filterSQL is the condition for the accounts of a workspace that a filter
// leaves: connected ones, unless it asks for the others.
func filterSQL(f Filter, workspace string, now time.Time, within time.Duration) *condition {
	c := &condition{}
	if f.Disconnected != nil && *f.Disconnected {
		c.and("a.workspace = ? AND a.disconnected_at IS NOT NULL", workspace)
	} else {
		c.and("a.workspace = ? AND a.disconnected_at IS NULL", workspace)
	}
	if len(f.IDs) > 0 {
		c.and("a.id IN (?)", f.IDs)
	}
	if len(f.Platforms) > 0 {
		c.and("a.platform IN (?)", f.Platforms)
	}
	if len(f.Statuses) > 0 {
		c.and(statusSQL+" IN (?)", append(statusArgs(now, within), f.Statuses)...)
	}
	if f.Search != nil && *f.Search != "" {
		c.and(`a.search LIKE ? ESCAPE '\'`, "%"+escapeLike(strings.ToLower(*f.Search))+"%")
	}
	if len(f.ExternalUserIDs) > 0 {
		c.and("a.external_user_id IN (?)", f.ExternalUserIDs)
	}
	switch {
	case f.Paused == nil:
	case *f.Paused:
		c.and("a.paused_at IS NOT NULL")
	default:
		c.and("a.paused_at IS NULL")
	}
	if f.ExpiresFrom != nil {
		c.and("a.expires_at >= ?", f.ExpiresFrom.UnixMilli())
	}
	if f.ExpiresTo != nil {
		c.and("a.expires_at < ?", f.ExpiresTo.UnixMilli())
	}
	for _, l := range f.Labels {
		// In JSON a quote that ends a label stands behind [ or a comma, one within a
		// label behind a backslash.
		first, later := escapeLike("["+quoted(l))+"%", "%"+escapeLike(","+quoted(l))+"%"
		c.and(`(a.labels LIKE ? ESCAPE '\' OR a.labels LIKE ? ESCAPE '\')`, first, later)
	}
	return c
}

// ordering is an order of accounts with its cursors, which hold the value
// ordered by and the id.
type ordering struct {
	column     string
	descending bool
	value      func(*accountRow) any
}

func newOrdering(o Order) ordering {
	ord := ordering{descending: o.Direction == Descending}
	switch o.Field {
	case OrderDisplayName:
		ord.column = "a.display_name"
		ord.value = func(r *accountRow) any { return r.DisplayName }
	case OrderExpiresAt:
		ord.column = fmt.Sprintf("coalesce(a.expires_at, %d)", int64(math.MaxInt64))
		ord.value = func(r *accountRow) any {
			if r.Ends.IsZero() {
				return int64(math.MaxInt64)
			}
			return r.Ends.UnixMilli()
		}
	default:
		ord.column = "a.connected_at"
		ord.value = func(r *accountRow) any { return r.ConnectedAt.UnixMilli() }
	}
	return ord
}

// by is the ORDER BY, turned round to read a page from its end.
func (o ordering) by(backward bool) string {
	direction := "ASC"
	if o.descending != backward {
		direction = "DESC"
	}
	return o.column + " " + direction + ", a.id " + direction
}

func (o ordering) cursor(r *accountRow) string {
	text, err := json.Marshal([]any{o.value(r), r.ID})
	if err != nil {
		panic(err) // numbers and strings always marshal
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// bound restricts a page to what comes after (or before) a cursor.
func (o ordering) bound(c *condition, cursor *string, greater bool) error {
	if cursor == nil {
		return nil
	}
	malformed := errors.New("the cursor is not one of this list; take it from pageInfo of an earlier page of the same order")
	text, err := base64.RawURLEncoding.DecodeString(*cursor)
	if err != nil {
		return malformed
	}
	var id string
	var value any
	if o.column == "a.display_name" {
		var name string
		value, err = &name, json.Unmarshal(text, &[]any{&name, &id})
	} else {
		var number int64
		value, err = &number, json.Unmarshal(text, &[]any{&number, &id})
	}
	if err != nil || id == "" {
		return malformed
	}
	operator := "<"
	if greater {
		operator = ">"
	}
	c.and("("+o.column+", a.id) "+operator+" (?, ?)", value, id)
	return nil
}

func (s *Service) selectAccounts(ctx context.Context, where *condition, order string, limit int) ([]accountRow, error) {
	if where.err != nil {
		return nil, fmt.Errorf("list accounts: %w", where.err)
	}
	return queryAccounts(ctx, s.db.read,
		selectAccount+" WHERE "+where.String()+" ORDER BY "+order+" LIMIT ?", append(where.args, limit)...)
}

func (s *Service) countAccounts(ctx context.Context, where *condition) (int, error) {
	if where.err != nil {
		return 0, fmt.Errorf("count accounts: %w", where.err)
	}
	var n int
	err := get(ctx, s.db.read, &n, "SELECT count(*) FROM accounts a WHERE "+where.String(), where.args...)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil // a text that no row can have
	}
	if err != nil {
		return 0, fmt.Errorf("count accounts: %w", err)
	}
	return n, nil
}

// countByStatus counts the connected accounts of a workspace, "" for all, by
// platform and status.
func (s *Service) countByStatus(ctx context.Context, workspace string, now time.Time) (map[string]map[Status]int, error) {
	where, args := "a.disconnected_at IS NULL", statusArgs(now, s.opts.ExpiringWithin)
	if workspace != "" {
		where, args = "a.workspace = ? AND "+where, append(args, workspace)
	}
	var rows []struct {
		Platform string `db:"platform"`
		Status   Status `db:"status_now"`
		Count    int    `db:"n"`
	}
	err := list(ctx, s.db.read, &rows, `
		SELECT platform, status_now, count(*) AS n FROM (
			SELECT a.platform, `+statusSQL+` AS status_now FROM accounts a WHERE `+where+`) counted
		GROUP BY platform, status_now`, args...)
	if err != nil {
		return nil, fmt.Errorf("count accounts: %w", err)
	}
	counts := map[string]map[Status]int{}
	for _, r := range rows {
		if counts[r.Platform] == nil {
			counts[r.Platform] = map[Status]int{}
		}
		counts[r.Platform][r.Status] = r.Count
	}
	return counts, nil
}

// accountsByID reads accounts, tombstones included, in no particular order.
func (s *Service) accountsByID(ctx context.Context, q querier, workspace string, ids []string) ([]*Account, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	args := append([]any{workspace}, arguments(ids)...)
	return s.readAccounts(ctx, q, selectAccount+" WHERE a.workspace = CAST(? AS TEXT) AND a.id IN "+castList(len(ids)), args...)
}

// castList is a list of n texts as arguments. They are cast because SQLite
// prepares a join anew whenever one that is compared with = has another value,
// which takes several times as long as to run it.
func castList(n int) string {
	return "(CAST(? AS TEXT)" + strings.Repeat(", CAST(? AS TEXT)", n-1) + ")"
}

func arguments(texts []string) []any {
	args := make([]any, len(texts))
	for i, t := range texts {
		args[i] = t
	}
	return args
}

// accountsAnywhere reads accounts of all workspaces, for the engine itself.
func (s *Service) accountsAnywhere(ctx context.Context, q querier, ids []string) ([]*Account, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return s.readAccounts(ctx, q, selectAccount+" WHERE a.id IN "+castList(len(ids)), arguments(ids)...)
}

// accountsOfSubject reads the connected accounts that a person's grants at an
// app carry in a workspace.
func (s *Service) accountsOfSubject(ctx context.Context, q querier, workspace, appID, subject string) ([]*Account, error) {
	return s.readAccounts(ctx, q, selectAccount+`
		WHERE a.workspace = ? AND g.app_id = ? AND g.subject = ? AND a.disconnected_at IS NULL`,
		workspace, appID, subject)
}

// accountsBeside reads the other connected accounts that the person behind an
// account's grant has at its app, the oldest first.
func (s *Service) accountsBeside(ctx context.Context, a *Account) ([]*Account, error) {
	return s.readAccounts(ctx, s.db.read, selectAccount+`
		WHERE a.workspace = ? AND g.app_id = ? AND a.id <> ? AND a.disconnected_at IS NULL
		AND g.subject = (SELECT mine.subject FROM grants mine WHERE mine.id = ?) ORDER BY a.connected_at, a.id`,
		a.Workspace, a.appID, a.ID, a.grantID)
}

// accountsByExternalID reads a platform's accounts in a workspace, tombstones
// included.
func (s *Service) accountsByExternalID(ctx context.Context, q querier, workspace, platform string, ids []string) ([]*Account, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	query, args, err := sqlx.In(selectAccount+" WHERE a.workspace = ? AND a.platform = ? AND a.external_id IN (?)",
		workspace, platform, ids)
	if err != nil {
		return nil, fmt.Errorf("read accounts: %w", err)
	}
	return s.readAccounts(ctx, q, query, args...)
}

func (s *Service) readAccounts(ctx context.Context, q querier, query string, args ...any) ([]*Account, error) {
	rows, err := queryAccounts(ctx, q, query, args...)
	if err != nil {
		return nil, err
	}
	now := present()
	found := make([]*Account, len(rows))
	for i := range rows {
		found[i] = s.account(&rows[i], now)
	}
	return found, nil
}

// putAccount inserts an account or, where the workspace already has it, gives
// it a new profile, grant and evidence. It returns the account's id.
func putAccount(ctx context.Context, tx *sqlx.Tx, a *Account, p platforms.Profile, e Evidence) (id string, err error) {
	_, ends, began := e.expiry()
	err = get(ctx, tx, &id, `
		INSERT INTO accounts (id, workspace, platform, external_id, grant_id, kind, username, display_name,
			avatar_url, profile_url, external_user_id, labels, search, connected_at, connected_by, disconnected_at,
			verdict, access_issued_at, access_expires_at, refresh_expires_at, consent_expires_at, checked_at,
			checked_by, auto_refresh, next_refresh_at, failing, expires_at, expiring_from, status, reason, since,
			warned_of, warned_mark, own_token)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (workspace, platform, external_id) DO UPDATE SET
			grant_id = excluded.grant_id, kind = excluded.kind, username = excluded.username,
			display_name = excluded.display_name, avatar_url = excluded.avatar_url,
			profile_url = excluded.profile_url, external_user_id = excluded.external_user_id,
			labels = excluded.labels, search = excluded.search, connected_at = excluded.connected_at,
			connected_by = excluded.connected_by, disconnected_at = NULL, verdict = excluded.verdict,
			access_issued_at = excluded.access_issued_at, access_expires_at = excluded.access_expires_at,
			refresh_expires_at = excluded.refresh_expires_at, consent_expires_at = excluded.consent_expires_at,
			checked_at = excluded.checked_at, checked_by = excluded.checked_by, auto_refresh = excluded.auto_refresh,
			next_refresh_at = excluded.next_refresh_at, failing = excluded.failing, expires_at = excluded.expires_at,
			expiring_from = excluded.expiring_from, status = excluded.status, reason = excluded.reason,
			since = excluded.since, warned_of = excluded.warned_of, warned_mark = excluded.warned_mark, own_token = excluded.own_token, validation = NULL
		RETURNING id`,
		a.ID, a.Workspace, a.Platform.ID, p.ExternalID, a.grantID, p.Kind, optional[string](p.Username), p.DisplayName,
		optional[string](p.AvatarURL), optional[string](p.ProfileURL), a.ExternalUserID, texts(a.Labels), searchText(p),
		instant{a.ConnectedAt}, a.ConnectedBy,
		e.Verdict, instant{e.AccessIssued}, instant{e.AccessEnds}, instant{e.RefreshEnds}, instant{e.ConsentEnds},
		instant{e.CheckedAt}, e.CheckedBy, flag(e.AutoRefresh), instant{e.NextRefresh}, e.Failing,
		instant{ends}, instant{began}, e.announced, e.announcedReason, instant{e.announcedFrom},
		instant{e.warnedOf}, e.warnedMark, flag(a.ownToken))
	if err != nil {
		return "", fmt.Errorf("store account %s: %w", a.ID, err)
	}
	return id, nil
}

// bury makes an account a tombstone. It reports false if it already is one.
func bury(ctx context.Context, tx *sqlx.Tx, workspace, id string, now time.Time) (bool, error) {
	n, err := exec(ctx, tx, `
		UPDATE accounts SET disconnected_at = ?, verdict = ?, status = ?, reason = ?, since = ?, validation = NULL,
			paused_at = NULL, paused_by = '', paused_reason = ''
		WHERE id = ? AND workspace = ? AND disconnected_at IS NULL`,
		instant{now}, Disconnected, Unhealthy, Disconnected, instant{now}, id, workspace)
	if err != nil {
		return false, fmt.Errorf("disconnect account %s: %w", id, err)
	}
	return n == 1, nil
}

// sandboxAccounts lists the connected accounts, of all workspaces, whose grants
// the sandbox gave to a person.
func sandboxAccounts(ctx context.Context, tx *sqlx.Tx, platform, subject string) ([]string, error) {
	var ids []string
	err := list(ctx, tx, &ids, `
		SELECT a.id FROM accounts a
		JOIN grants g ON g.id = a.grant_id
		JOIN apps p ON p.id = g.app_id
		WHERE p.sandbox = 1 AND p.platform = ? AND g.subject = ? AND a.disconnected_at IS NULL`, platform, subject)
	if err != nil {
		return nil, fmt.Errorf("list accounts of the sandbox: %w", err)
	}
	return ids, nil
}

var evidenceColumns = []string{
	"id TEXT", "workspace TEXT", "verdict TEXT", "access_issued_at BIGINT", "access_expires_at BIGINT",
	"refresh_expires_at BIGINT", "consent_expires_at BIGINT", "auto_refresh BIGINT", "next_refresh_at BIGINT", "failing TEXT",
	"checked_at BIGINT", "checked_by TEXT", "expires_at BIGINT", "expiring_from BIGINT", "status TEXT", "reason TEXT",
	"since BIGINT", "warned_of BIGINT", "warned_mark BIGINT",
}

// setEvidence stores the evidence of accounts that the transaction has locked,
// and the status announced.
func setEvidence(ctx context.Context, tx *sqlx.Tx, changed []assessment) error {
	if len(changed) == 0 {
		return nil
	}
	stored, err := given(tx, evidenceColumns, changed, func(c assessment) []any {
		e := c.evidence
		_, ends, began := e.expiry()
		return []any{
			c.account.ID, c.account.Workspace, e.Verdict, instant{e.AccessIssued}, instant{e.AccessEnds}, instant{e.RefreshEnds},
			instant{e.ConsentEnds}, flag(e.AutoRefresh), instant{e.NextRefresh}, e.Failing, instant{e.CheckedAt}, e.CheckedBy,
			instant{ends}, instant{began}, e.announced, e.announcedReason, instant{e.announcedFrom},
			instant{e.warnedOf}, e.warnedMark,
		}
	})
	if err == nil {
		_, err = exec(ctx, tx, `
			UPDATE accounts SET verdict = v.verdict, access_issued_at = v.access_issued_at, access_expires_at = v.access_expires_at,
				refresh_expires_at = v.refresh_expires_at, consent_expires_at = v.consent_expires_at, auto_refresh = v.auto_refresh,
				next_refresh_at = v.next_refresh_at, failing = v.failing, checked_at = v.checked_at, checked_by = v.checked_by,
				expires_at = v.expires_at, expiring_from = v.expiring_from, status = v.status, reason = v.reason, since = v.since,
				warned_of = v.warned_of, warned_mark = v.warned_mark
			FROM `+stored.text+` AS v
			WHERE accounts.id = v.id AND accounts.workspace = v.workspace`, stored.args...)
	}
	if err != nil {
		return fmt.Errorf("store the evidence of %s: %w", changed[0].account.ID, err)
	}
	return nil
}

// lockAccountAnywhere reads an account of any workspace, or sql.ErrNoRows, and
// keeps it from changing until the transaction ends. SQLite has one writer in
// any case.
func (s *Service) lockAccountAnywhere(ctx context.Context, tx *sqlx.Tx, id string) (*Account, error) {
	query := selectAccount + " WHERE a.id = CAST(? AS TEXT)" // see castList
	if tx.DriverName() != "sqlite3" {
		query += " FOR UPDATE OF a"
	}
	found, err := s.readAccounts(ctx, tx, query, id)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, sql.ErrNoRows
	}
	return found[0], nil
}

// holdAccounts keeps accounts from changing until the transaction ends, and
// their grants from being claimed.
func holdAccounts(ctx context.Context, tx *sqlx.Tx, held []*Account) error {
	if tx.DriverName() == "sqlite3" || len(held) == 0 {
		return nil
	}
	var ids, grantIDs []string
	for _, a := range held {
		ids, grantIDs = append(ids, a.ID), append(grantIDs, a.grantID)
	}
	if err := holdRefreshes(ctx, tx, grantIDs...); err != nil {
		return err
	}
	query, args, err := sqlx.In("SELECT 1 FROM accounts WHERE id IN (?) ORDER BY id FOR UPDATE", ids)
	if err == nil {
		_, err = exec(ctx, tx, query, args...)
	}
	if err != nil {
		return fmt.Errorf("hold accounts: %w", err)
	}
	return nil
}

// putValidation stores a platform's answer about an account that the transaction
// has locked, with the profile and the evidence that it brought.
func putValidation(ctx context.Context, tx *sqlx.Tx, a *Account, p platforms.Profile, e Evidence, v *Validation) error {
	_, err := exec(ctx, tx, `
		UPDATE accounts SET validation = ?, kind = ?, username = ?, display_name = ?, avatar_url = ?, profile_url = ?,
			search = ?, checked_at = ?, checked_by = ?
		WHERE id = ? AND workspace = ?`,
		object[*Validation]{v}, p.Kind, optional[string](p.Username), p.DisplayName, optional[string](p.AvatarURL),
		optional[string](p.ProfileURL), searchText(p), instant{e.CheckedAt}, e.CheckedBy, a.ID, a.Workspace)
	if err != nil {
		return fmt.Errorf("store validation of %s: %w", a.ID, err)
	}
	return nil
}

// setPause stores a pause, or its end if p is the zero Pause.
func setPause(ctx context.Context, tx *sqlx.Tx, a *Account, p Pause) error {
	_, err := exec(ctx, tx, "UPDATE accounts SET paused_at = ?, paused_by = ?, paused_reason = ? WHERE id = ? AND workspace = ?",
		instant{p.Since}, p.By, text(p.Reason), a.ID, a.Workspace)
	if err != nil {
		return fmt.Errorf("store the pause of %s: %w", a.ID, err)
	}
	return nil
}

// setSuspected notes that the platform is asked about an account because of a
// report. It reports false if it was since a moment.
func setSuspected(ctx context.Context, tx *sqlx.Tx, a *Account, now, since time.Time) (bool, error) {
	n, err := exec(ctx, tx, `
		UPDATE accounts SET suspected_at = ?
		WHERE id = ? AND workspace = ? AND (suspected_at IS NULL OR suspected_at <= ?)`,
		instant{now}, a.ID, a.Workspace, instant{since})
	if err != nil {
		return false, fmt.Errorf("note suspicion of %s: %w", a.ID, err)
	}
	return n == 1, nil
}

func setLabels(ctx context.Context, tx *sqlx.Tx, workspace, id string, labels []string) (platform string, err error) {
	err = get(ctx, tx, &platform, `
		UPDATE accounts SET labels = ? WHERE id = ? AND workspace = ? AND disconnected_at IS NULL
		RETURNING platform`, texts(labels), id, workspace)
	if errors.Is(err, sql.ErrNoRows) {
		return "", notFound("accountId", "account", id)
	}
	return platform, err
}

// flag is a truth value as the database holds it.
func flag(v bool) int {
	if v {
		return 1
	}
	return 0
}

// optional is nil for an empty text.
func optional[T ~string](text string) *T {
	if text == "" {
		return nil
	}
	v := T(text)
	return &v
}
