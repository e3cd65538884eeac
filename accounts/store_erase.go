package accounts

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"
)

// eraseChunk is how many rows one transaction of an erasure removes.
const eraseChunk = 500

// erasureRow is an erasure as the database has it.
type erasureRow struct {
	ID        string                `db:"id"`
	Workspace string                `db:"workspace"`
	Target    object[erasureTarget] `db:"target"`
	Report    object[erasureReport] `db:"report"`
	BegunAt   instant               `db:"begun_at"`
	EndedAt   instant               `db:"ended_at"`
}

func (r *erasureRow) erasure() *Erasure {
	e := &Erasure{
		ID: r.ID, BegunAt: r.BegunAt.Time, EndedAt: r.EndedAt.Time, Removed: []Erased{},
		Kept: append([]Retained{}, r.Report.v.Kept...), Revocations: append([]Revocation{}, r.Report.v.Revocations...),
	}
	for _, what := range slices.Sorted(maps.Keys(r.Report.v.Removed)) {
		e.Removed = append(e.Removed, Erased{what, r.Report.v.Removed[what]})
	}
	return e
}

// insertErasure begins an erasure. It reports false if there is one of that id.
func insertErasure(ctx context.Context, tx *sqlx.Tx, id, workspace string, target erasureTarget, now time.Time) (bool, error) {
	n, err := exec(ctx, tx, `
		INSERT INTO erasures (id, workspace, target, report, begun_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
		id, workspace, object[erasureTarget]{target}, object[erasureReport]{}, instant{now})
	if err != nil {
		return false, fmt.Errorf("store erasure: %w", err)
	}
	return n == 1, nil
}

func readErasure(ctx context.Context, q querier, id string) (*erasureRow, error) {
	var row erasureRow
	err := get(ctx, q, &row, "SELECT id, workspace, target, report, begun_at, ended_at FROM erasures WHERE id = ?", id)
	if err != nil {
		return nil, fmt.Errorf("read erasure %s: %w", id, err)
	}
	return &row, nil
}

// addToErasure adds to the report of an erasure what was just done.
func addToErasure(ctx context.Context, tx *sqlx.Tx, id string, done erasureReport) error {
	query := "SELECT report FROM erasures WHERE id = ?"
	if tx.DriverName() != "sqlite3" {
		query += " FOR UPDATE"
	}
	var report object[erasureReport]
	if err := get(ctx, tx, &report, query, id); err != nil {
		return fmt.Errorf("read erasure %s: %w", id, err)
	}
	for what, n := range done.Removed {
		report.v.count(what, int64(n))
	}
	report.v.Kept = append(report.v.Kept, done.Kept...)
	report.v.Revocations = append(report.v.Revocations, done.Revocations...)
	if _, err := exec(ctx, tx, "UPDATE erasures SET report = ? WHERE id = ?", report, id); err != nil {
		return fmt.Errorf("store erasure %s: %w", id, err)
	}
	return nil
}

// endErasure ends an erasure and forgets whom it was about. It reports false if
// it had ended.
func endErasure(ctx context.Context, tx *sqlx.Tx, id string, now time.Time) (bool, error) {
	n, err := exec(ctx, tx, "UPDATE erasures SET target = '{}', ended_at = ? WHERE id = ? AND ended_at IS NULL", instant{now}, id)
	if err != nil {
		return false, fmt.Errorf("end erasure %s: %w", id, err)
	}
	return n == 1, nil
}

// removal is rows of one table to be deleted or, with a set, changed until none
// is found any more.
type removal struct {
	what  string // in the report; "": not told
	table string
	key   string // a column that is unique
	where condition
	set   string // instead of deleting
	to    []any
	owner bool // of secrets and of rows of due
}

// removing makes a removal.
func removing(what, table, key, where string, args ...any) removal {
	r := removal{what: what, table: table, key: key}
	r.where.and(where, args...)
	return r
}

// replacing makes a removal that puts a pseudonym in the place of a user.
func replacing(table, key, column, workspace, user, pseudonym string) removal {
	r := removing("", table, key, "workspace = ? AND "+column+" = ?", workspace, user)
	r.set, r.to = column+" = ?", []any{pseudonym}
	return r
}

// attemptsAndBulks are the attempts and bulk connects to erase.
func (r *erasureRow) attemptsAndBulks() []removal {
	t, where, args := r.Target.v, "workspace = ?", []any{r.Workspace}
	switch {
	case t.ExternalUserID != "":
		where, args = where+" AND external_user_id = ?", append(args, t.ExternalUserID)
	case t.User != "":
		where, args = where+" AND created_by = ?", append(args, t.User)
	case t.Subject != "":
		subject, _ := json.Marshal(t.Subject) // a string always marshals
		attempts := removing("attempts", "attempts", "id", `app_id IN (?) AND created_at < ? AND outcome LIKE ? ESCAPE '\'`,
			t.Apps, instant{t.Until}, `%"subject":`+escapeLike(string(subject))+"%")
		attempts.owner = true
		return []removal{attempts}
	}
	attempts, bulks := removing("attempts", "attempts", "id", where, args...), removing("bulk connects", "bulk_connects", "id", where, args...)
	attempts.owner, bulks.owner = true, true
	return []removal{attempts, bulks}
}

// rest are the rows to erase when the accounts are gone. What Mooring itself
// knows people by is replaced.
func (r *erasureRow) rest() []removal {
	t := r.Target.v
	const unused = "NOT EXISTS (SELECT 1 FROM accounts a WHERE a.grant_id = grants.id)"
	switch {
	case t.Subject != "":
		return []removal{removing("grants", "grants", "id", "app_id IN (?) AND subject = ? AND consented_at < ? AND "+unused, t.Apps, t.Subject, instant{t.Until})}
	case t.Everything:
		return []removal{
			removing("bulk jobs", "bulk_jobs", "id", "workspace = ?", r.Workspace),
			removing("grants", "grants", "id", "workspace = ? AND "+unused, r.Workspace),
			removing("secrets", "secrets", "owner_id", `workspace = ?
				AND NOT EXISTS (SELECT 1 FROM grants g WHERE g.id = secrets.owner_id)
				AND NOT EXISTS (SELECT 1 FROM accounts a WHERE a.id = secrets.owner_id)
				AND NOT EXISTS (SELECT 1 FROM attempts t WHERE t.id = secrets.owner_id)`, r.Workspace),
			removing("API keys", "api_keys", "id", "workspace = ?", r.Workspace),
			removing("sessions", "sessions", "id", "workspace = ?", r.Workspace),
			removing("invitations", "links", "id", "workspace = ?", r.Workspace),
			removing("members", "members", "user_id", "workspace = ?", r.Workspace),
			removing("activity", "activity", "account_id", "workspace = ?", r.Workspace),
			removing("", "refresh_days", "day", "workspace = ?", r.Workspace),
			// Never the last of the log, whose position would be given again.
			removing("events", "events", "seq", "workspace = ? AND type <> ? AND position < (SELECT max(position) FROM events)", r.Workspace, DataErased),
		}
	case t.User != "":
		who := func(table, key, column string) removal {
			return replacing(table, key, column, r.Workspace, t.User, r.pseudonym())
		}
		activity := removing("", "activity", "account_id", "workspace = ? AND actor = ?", r.Workspace, t.User)
		activity.set, activity.to = "actor = ?, reason = ''", []any{r.pseudonym()}
		pauses := removing("", "accounts", "id", "workspace = ? AND paused_by = ?", r.Workspace, t.User)
		pauses.set, pauses.to = "paused_by = ?, paused_reason = ''", []any{r.pseudonym()}
		gone := func(what, table, key string) removal {
			return removing(what, table, key, "workspace = ? AND user_id = ?", r.Workspace, t.User)
		}
		return []removal{
			who("accounts", "id", "connected_by"), pauses, who("bulk_jobs", "id", "created_by"), activity, who("events", "seq", "actor"), who("events", "seq", "about"),
			gone("sessions", "sessions", "id"), gone("sign-in links", "links", "id"), gone("members", "members", "user_id"),
			who("links", "id", "created_by"), who("members", "user_id", "invited_by"), who("api_keys", "id", "created_by"),
		}
	}
	return nil
}

// rowsOf are the rows that hang on an account and may be many.
func rowsOf(a *Account) removal {
	return removing("activity", "activity", "began_at", "account_id = ?", a.ID)
}

// eraseRows removes rows, some in each transaction.
func (s *Service) eraseRows(ctx context.Context, erasure *erasureRow, r removal) error {
	if r.where.err != nil {
		return fmt.Errorf("erase %s: %w", r.table, r.where.err)
	}
	for {
		n := 0
		err := s.record(ctx, func(tx *sqlx.Tx) error {
			var keys []any
			n = 0
			if err := list(ctx, tx, &keys, "SELECT "+r.key+" FROM "+r.table+" WHERE "+r.where.String()+fmt.Sprintf(" LIMIT %d", eraseChunk), r.where.args...); err != nil {
				return err
			}
			if n = len(keys); n == 0 {
				return nil
			}
			touched, err := r.remove(ctx, tx, keys)
			if err != nil || r.what == "" {
				return err
			}
			var done erasureReport
			done.count(r.what, touched)
			return addToErasure(ctx, tx, erasure.ID, done)
		})
		if err != nil {
			return fmt.Errorf("erase %s: %w", r.table, err)
		}
		if n == 0 {
			return nil
		}
	}
}

// remove deletes or changes the rows of those keys, which have to fit still.
func (r *removal) remove(ctx context.Context, tx *sqlx.Tx, keys []any) (int64, error) {
	if r.owner {
		for _, statement := range []string{"DELETE FROM secrets WHERE owner_id IN (?)", "DELETE FROM due WHERE id IN (?)"} {
			if err := execIn(ctx, tx, statement, keys); err != nil {
				return 0, err
			}
		}
	}
	verb, args := "DELETE FROM "+r.table, []any{}
	if r.set != "" {
		verb, args = "UPDATE "+r.table+" SET "+r.set, r.to
	}
	query, in, err := sqlx.In(" WHERE "+r.key+" IN (?)", keys)
	if err != nil {
		return 0, err
	}
	return exec(ctx, tx, verb+query+" AND "+r.where.String(), slices.Concat(args, in, r.where.args)...)
}

// execIn runs a statement with a list for its one argument.
func execIn[T any](ctx context.Context, tx *sqlx.Tx, statement string, values []T) error {
	query, args, err := sqlx.In(statement, values)
	if err == nil {
		_, err = exec(ctx, tx, query, args...)
	}
	return err
}

// nextToErase reads an account that an erasure is about, or nil.
func (s *Service) nextToErase(ctx context.Context, r *erasureRow) (*Account, error) {
	t, where := r.Target.v, condition{}
	switch {
	case t.Everything:
		where.and("a.workspace = ?", r.Workspace)
	case t.ExternalUserID != "":
		where.and("a.workspace = ? AND a.external_user_id = ?", r.Workspace, t.ExternalUserID)
	case t.User != "" && t.KeepAccounts:
		return nil, nil //nolint:nilnil // as documented
	case t.User != "":
		where.and("a.workspace = ? AND a.connected_by = ?", r.Workspace, t.User)
	default:
		where.and("g.app_id IN (?) AND g.subject = ? AND g.consented_at < ?", t.Apps, t.Subject, instant{t.Until})
	}
	if where.err != nil {
		return nil, fmt.Errorf("look for accounts to erase: %w", where.err)
	}
	found, err := s.readAccounts(ctx, s.db.write, selectAccount+" WHERE "+where.String()+" ORDER BY a.id LIMIT 1", where.args...)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0], nil
}

// removeAccount removes an account that nobody's grant needs any more, with the
// grants that are left without accounts. It reports false if somebody else has.
func removeAccount(ctx context.Context, tx *sqlx.Tx, a *Account, done *erasureReport) (bool, error) {
	n, err := exec(ctx, tx, "DELETE FROM accounts WHERE id = ? AND workspace = ?", a.ID, a.Workspace)
	if err != nil || n == 0 {
		return false, err
	}
	done.count("accounts", n)
	id, _ := json.Marshal(a.ID) // a string always marshals
	external, _ := json.Marshal(a.ExternalID)
	for _, r := range []struct {
		what, statement string
		args            []any
	}{
		{"", "DELETE FROM due WHERE id = ?", []any{a.ID}},
		{"", "DELETE FROM probes WHERE id = ?", []any{a.ID}},
		{"secrets", "DELETE FROM secrets WHERE owner_id = ? AND workspace = ?", []any{a.ID, a.Workspace}},
		{"results of bulk jobs", "DELETE FROM bulk_job_items WHERE account_id = ?", []any{a.ID}},
		{"", "DELETE FROM rate_limits WHERE app_id = ? AND external_id = ?", []any{a.appID, a.ExternalID}},
		{"attempts", `DELETE FROM attempts WHERE workspace = ? AND status NOT IN (?, ?)
			AND (account_id = ? OR outcome LIKE ? ESCAPE '\' OR platform = ? AND outcome LIKE ? ESCAPE '\')`, []any{
			a.Workspace, AttemptPending, AttemptSelecting, a.ID, "%" + escapeLike(string(id)) + "%",
			a.Platform.ID, "%" + escapeLike(string(external)) + "%",
		}},
		{"", `DELETE FROM probes WHERE id IN (` + orphans + ")", []any{a.Workspace, a.Platform.ID}},
		{"", `DELETE FROM refreshes WHERE grant_id IN (` + orphans + ")", []any{a.Workspace, a.Platform.ID}},
		{"secrets", `DELETE FROM secrets WHERE owner_id IN (` + orphans + ")", []any{a.Workspace, a.Platform.ID}},
		{"grants", `DELETE FROM grants WHERE id IN (` + orphans + ")", []any{a.Workspace, a.Platform.ID}},
	} {
		n, err := exec(ctx, tx, r.statement, r.args...)
		if err != nil {
			return false, fmt.Errorf("erase what hangs on %s: %w", a.ID, err)
		}
		if r.what != "" && n > 0 {
			done.count(r.what, n)
		}
	}
	return true, nil
}

// orphans are a workspace's grants of a platform that no account is left of, be
// they those of earlier consents. The transaction holds lockGrants.
const orphans = `
	SELECT g.id FROM grants g
	WHERE g.workspace = ? AND g.platform = ? AND NOT EXISTS (SELECT 1 FROM accounts a WHERE a.grant_id = g.id)`

// scrub takes what was deleted out of SQLite's write-ahead log, as far as no
// reader needs it still.
func (s *store) scrub(ctx context.Context) error {
	if s.postgres != nil {
		return nil
	}
	if _, err := exec(ctx, s.write, "PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		return fmt.Errorf("truncate the write-ahead log: %w", err)
	}
	return nil
}
