package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"mooring/vault"
)

// memory measures what the server holds at its most with so many grants in its
// database, while it serves lists and counts over all of them.
func (b *bench) memory(ctx context.Context) (err error) {
	key := "MOORING_KEY=" + vault.NewKey().Encode()
	one, err := b.startMooring(ctx, "one grant", false, key)
	if err != nil {
		return err
	}
	err = one.importAccount(ctx, nil, map[string]any{
		"platform": "twitter", "accessToken": "1", "refreshToken": "refresh",
		"expiresAt": time.Now().Add(24 * time.Hour).UTC().Truncate(time.Millisecond),
	})
	few, err2 := one.peak()
	if err := errors.Join(err, err2, one.stop()); err != nil {
		return err
	}
	fmt.Fprintf(b.log, "making %d grants\n", b.scale.grants)
	if err := multiplyGrant(ctx, one.database, b.scale.grants); err != nil {
		return err
	}
	many, err := b.startMooring(ctx, "many grants", false, key, "DATABASE_URL=sqlite:"+one.database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, many.stop()) }()
	for range b.scale.events {
		if err := many.ask(ctx, nil, `{
			accounts(first: 100) { totalCount nodes { id displayName health { status expiresAt } } }
			overview { totalAccounts byStatus { status count } nextExpiries { id } queue { due nextRefreshAt } }
		}`, nil); err != nil {
			return err
		}
	}
	most, err := many.peak()
	if err != nil {
		return err
	}
	mebibytes := func(kibibytes int) float64 { return float64(kibibytes) / 1024 }
	b.rows = append(b.rows, row{
		what: fmt.Sprintf("memory of the server, with %d grants", b.scale.grants), mooring: fmt.Sprintf("%.0f MiB", mebibytes(most)),
		ceiling: fmt.Sprintf("%.0f MiB with one", mebibytes(few)), value: mebibytes(most), unit: "MiB", target: 150,
	})
	return nil
}

// peak is the most memory that the process has held, in KiB.
func (p *process) peak() (int, error) { return p.status("VmHWM:") }

// multiplyGrant makes ever more copies of the only grant in a database, with
// its account, its tokens and its place in the queue. None is due within hours.
// Ids sort by number, which makes it quick.
func multiplyGrant(ctx context.Context, file string, grants int) (err error) {
	db, err := sql.Open("sqlite3", "file:"+file+"?_journal_mode=WAL&_synchronous=OFF")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	for table, own := range map[string]map[string]string{
		"grants":    {"id": "id || (10000000 + i)", "subject": "subject || (10000000 + i)"},
		"accounts":  {"id": "id || (10000000 + i)", "grant_id": "grant_id || (10000000 + i)", "external_id": "external_id || (10000000 + i)", "connected_at": "connected_at + i"},
		"secrets":   {"owner_id": "owner_id || (10000000 + i)"},
		"refreshes": {"grant_id": "grant_id || (10000000 + i)", "due_at": "due_at + i"},
	} {
		columns, values, err := columnsOf(ctx, db, table, own)
		if err != nil {
			return err
		}
		where := ""
		if table == "secrets" {
			where = " WHERE kind IN ('access_token', 'refresh_token')"
		}
		_, err = db.ExecContext(ctx, fmt.Sprintf(`
			INSERT INTO %s (%s)
			WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d),
				o AS MATERIALIZED (SELECT * FROM %s%s)
			SELECT %s FROM n CROSS JOIN o`, table, columns, grants-1, table, where, values))
		if err != nil {
			return fmt.Errorf("multiply %s: %w", table, err)
		}
	}
	return nil
}

// columnsOf lists a table's columns and what a copy has in them, some of its
// own.
func columnsOf(ctx context.Context, db *sql.DB, table string, own map[string]string) (columns, values string, err error) {
	rows, err := db.QueryContext(ctx, "SELECT name FROM pragma_table_info(?)", table)
	if err != nil {
		return "", "", err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var names, exprs []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return "", "", err
		}
		names = append(names, name)
		if expr, ok := own[name]; ok {
			name = expr
		}
		exprs = append(exprs, name)
	}
	return strings.Join(names, ", "), strings.Join(exprs, ", "), rows.Err()
}
