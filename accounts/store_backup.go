package accounts

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
)

// backupTable is a table that belongs into a backup.
type backupTable struct {
	name string
	// mine is which of its rows are a workspace's, who is each of its arguments;
	// "" if none are.
	mine  string
	order string   // in which its rows have to come; "" for any
	omit  []string // columns that the other database makes itself
	since int64    // the step of the schema that made it, if that is later than oldestSchema
}

// backupTables are the tables of a backup, those first that others refer to. The
// log is in its order, and is numbered anew. Left out are the processes at work
// (replicas) and what lets people in for a while (sessions, links): they would
// come alive again. The installation and its key ring stand in the header.
var backupTables = []backupTable{
	{name: "apps", mine: "id IN (SELECT app_id FROM grants WHERE workspace = ? UNION SELECT app_id FROM attempts WHERE workspace = ?)"},
	{name: "grants", mine: ofWorkspace},
	{name: "accounts", mine: ofWorkspace},
	{name: "secrets", mine: ofWorkspace},
	{name: "attempts", mine: ofWorkspace},
	{name: "refreshes", mine: "grant_id IN (SELECT id FROM grants WHERE workspace = ?)"},
	{name: "probes", mine: "id IN (SELECT id FROM grants WHERE workspace = ? UNION SELECT id FROM accounts WHERE workspace = ?)"},
	{name: "due", mine: `id IN (SELECT id FROM accounts WHERE workspace = ? UNION SELECT id FROM attempts WHERE workspace = ?
		UNION SELECT id FROM bulk_connects WHERE workspace = ?)`},
	{name: "events", mine: ofWorkspace, order: "position NULLS LAST, seq", omit: []string{"seq", "position"}},
	{name: "activity", mine: ofWorkspace},
	{name: "refresh_days", mine: ofWorkspace, since: 17},
	{name: "api_keys", mine: ofWorkspace},
	{name: "members", mine: ofWorkspace},
	{name: "bulk_connects", mine: ofWorkspace},
	{name: "bulk_items", mine: ofWorkspace},
	{name: "bulk_jobs", mine: ofWorkspace},
	{name: "bulk_job_items", mine: "job_id IN (SELECT id FROM bulk_jobs WHERE workspace = ?)"},
	{name: "erasures"},
	{name: "rate_limits"},
	{name: "unknown_errors"},
}

const ofWorkspace = "workspace = ?"

func tableOfBackup(name string) (backupTable, bool) {
	i := slices.IndexFunc(backupTables, func(t backupTable) bool { return t.name == name })
	if i < 0 {
		return backupTable{}, false
	}
	return backupTables[i], true
}

// columns are those of the table that a backup has, in the schema that the
// database is at.
func (t backupTable) columns(ctx context.Context, q querier) ([]string, error) {
	rows, err := q.QueryxContext(ctx, "SELECT * FROM "+t.name+" LIMIT 0")
	if err != nil {
		return nil, err
	}
	defer rows.Close() // Err has told
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(columns, func(c string) bool { return slices.Contains(t.omit, c) }), rows.Err()
}

// read gives the values of those columns of each row: of one workspace, or of
// all if that is "".
func (t backupTable) read(ctx context.Context, q querier, columns []string, workspace string, each func([]any) error) error {
	query, args := "SELECT "+strings.Join(columns, ", ")+" FROM "+t.name, []any{}
	if workspace != "" {
		query += " WHERE " + t.mine
		args = slices.Repeat([]any{workspace}, strings.Count(t.mine, "?"))
	}
	if t.order != "" {
		query += " ORDER BY " + t.order
	}
	rows, err := q.QueryxContext(ctx, q.Rebind(query), args...)
	if err != nil {
		return err
	}
	defer rows.Close() // Err has told
	for rows.Next() {
		values, err := rows.SliceScan()
		if err != nil {
			return err
		}
		if err := each(values); err != nil {
			return err
		}
	}
	return rows.Err()
}

// insert is the statement that stores a row of those columns, which the table
// must have. What a living database has of the log already stays.
func (t backupTable) insert(columns []string) string {
	query := "INSERT INTO " + t.name + " (" + strings.Join(columns, ", ") + ") VALUES (?" + strings.Repeat(", ?", len(columns)-1) + ")"
	if t.name == "events" {
		query += " ON CONFLICT (id) DO NOTHING"
	}
	return query
}

// snapshot runs fn in a transaction that sees the database as it is at one
// moment, and keeps nobody from writing.
func (s *store) snapshot(ctx context.Context, fn func(*sqlx.Tx) error) error {
	var options *sql.TxOptions // a reader of SQLite sees one moment in any case
	if s.postgres != nil {
		options = &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
	}
	tx, err := s.read.BeginTxx(ctx, options)
	if err != nil {
		return fmt.Errorf("begin transaction: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	return fn(tx)
}

// version is the step of the schema that the database is at; 0 for none.
func (s *store) version(ctx context.Context) (int64, error) {
	provider, err := s.migrator()
	if err != nil {
		return 0, fmt.Errorf("read the schema's version: %w", err)
	}
	have, err := provider.GetDBVersion(ctx)
	if err != nil {
		return 0, fmt.Errorf("read the schema's version: %w", err)
	}
	return have, nil
}

// identity is what a backup says of the installation.
type identity struct {
	LogID     string  `db:"log_id"`
	CreatedAt instant `db:"created_at"`
	PublicURL string  `db:"public_url"`
}

// readIdentity returns sql.ErrNoRows of a database on which no server has begun.
func readIdentity(ctx context.Context, q querier) (identity, error) {
	var row identity
	err := get(ctx, q, &row, "SELECT log_id, created_at, public_url FROM installation")
	return row, err
}

// unfinished is whose a database is while a backup is being restored into it: no
// server's that could refresh.
const unfinished = "a restore that was not finished"

// insertIdentity begins an installation whose log is another than that of the
// backup: what followed there is lost, and its places would be given again.
func insertIdentity(ctx context.Context, tx *sqlx.Tx, createdAt time.Time) error {
	_, err := exec(ctx, tx, "INSERT INTO installation (id, log_id, created_at, public_url) VALUES (1, ?, ?, ?)",
		newID("log_"), instant{createdAt}, unfinished)
	return err
}

// occupied returns a table that has rows: of a workspace or, of any if that is
// "". The log does not count for a workspace, since that of an erased one stays.
func occupied(ctx context.Context, q querier, schema int64, workspace string) (table string, err error) {
	tables := append([]backupTable{{name: "key_ring"}, {name: "installation"}}, backupTables...)
	for _, t := range tables {
		if t.since > schema {
			continue
		}
		query, args := "SELECT EXISTS (SELECT 1 FROM "+t.name, []any{}
		if workspace != "" {
			if t.mine != ofWorkspace || t.name == "events" {
				continue
			}
			query, args = query+" WHERE "+t.mine, []any{workspace}
		}
		var found bool
		if err := get(ctx, q, &found, query+")", args...); err != nil {
			return "", fmt.Errorf("look into %s: %w", t.name, err)
		}
		if found {
			return t.name, nil
		}
	}
	return "", nil
}

// markRestored makes of what was just stored what it is in a restored
// installation, or in a restored workspace: accounts are unverified, their
// tokens due to be probed, one after the other, and what was under way at the
// moment of the backup is over.
func markRestored(ctx context.Context, tx *sqlx.Tx, workspace string, now time.Time) error {
	only, mine := "", []any{}
	if workspace != "" {
		only, mine = " AND workspace = ?", []any{workspace}
	}
	for _, step := range []struct {
		statement string
		args      []any
	}{
		{"UPDATE accounts SET restored_at = ? WHERE disconnected_at IS NULL" + only, []any{instant{now}}},
		{"UPDATE bulk_jobs SET cancelled_at = ?, ended_at = ? WHERE ended_at IS NULL" + only, []any{instant{now}, instant{now}}},
		{"UPDATE attempts SET expires_at = ? WHERE status IN ('" + string(AttemptPending) + "', '" + string(AttemptSelecting) + "')" + only, []any{instant{now}}},
		{"UPDATE due SET due_at = 0 WHERE id IN (SELECT id FROM attempts WHERE status IN ('" +
			string(AttemptPending) + "', '" + string(AttemptSelecting) + "')" + only + ")", nil},
		{`INSERT INTO probes (id, app_id, due_at, owner, fence, failures, successes, suspected)
			SELECT id, app_id, CAST(? AS BIGINT) + row_number() OVER (ORDER BY id) * 7919 % CAST(? AS BIGINT), '', 0, 0, 0, 1
			FROM (SELECT DISTINCT CASE WHEN a.own_token = 1 THEN a.id ELSE g.id END AS id, g.app_id
				FROM accounts a JOIN grants g ON g.id = a.grant_id
				WHERE a.disconnected_at IS NULL AND a.verdict IN ('', ` + passing + `)` + strings.ReplaceAll(only, "workspace", "a.workspace") + `) live
			WHERE true
			ON CONFLICT (id) DO UPDATE SET suspected = 1, due_at = excluded.due_at, owner = ''`,
			[]any{now.UnixMilli(), restoredSpread.Milliseconds()}},
	} {
		if _, err := exec(ctx, tx, step.statement, append(step.args, mine...)...); err != nil {
			return fmt.Errorf("mark what was restored: %w", err)
		}
	}
	return nil
}

// restoredSpread is the time over which the first probes of what was restored
// are spread.
const restoredSpread = 15 * time.Minute

// fitApp returns the id of the database's own row of an app, which it makes if
// need be.
func fitApp(ctx context.Context, tx *sqlx.Tx, columns []string, values []any) (id string, err error) {
	err = get(ctx, tx, &id, "INSERT INTO apps ("+strings.Join(columns, ", ")+") VALUES (?"+strings.Repeat(", ?", len(columns)-1)+`)
		ON CONFLICT (platform, login_method, client_id, sandbox) DO UPDATE SET client_id = excluded.client_id RETURNING id`, values...)
	if err != nil {
		return "", fmt.Errorf("store app: %w", err)
	}
	return id, nil
}
