package accounts

import (
	"bufio"
	"context"
	"crypto/hmac"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/jmoiron/sqlx"

	"mooring/vault"
)

// RestoreOptions say where a backup goes.
type RestoreOptions struct {
	DatabaseURL string
	Key         vault.Key // of the database; it seals the key ring from now on
	FileKey     vault.Key // under which the backup was made; the zero Key: Key
	// Adopt says that nothing else refreshes what is in the backup, and that the
	// installation at PublicURL does from now on, see Service.Adopt.
	Adopt     bool
	PublicURL string
	DryRun    bool // look at everything and store nothing
	// Each, if set, is called for each connected account.
	Each func(RestoredAccount)
}

// RestoredAccount is an account of a backup.
type RestoredAccount struct{ Workspace, Platform, ID, DisplayName string }

// Restored says what is in a backup.
type Restored struct {
	Backup   BackupHeader
	Rows     map[string]int64 // by table
	Accounts map[string]int   // those connected, by workspace
	Damaged  int              // secrets that do not open; their accounts have to be reconnected
}

// Restore stores what Backup has written, in a database of either kind: of a
// whole installation in an empty one, of a workspace in an installation that has
// none of that name. It is all or nothing, but that an older backup is brought
// to the present schema after it was stored.
//
// The accounts are unverified until the platform has taken their tokens, see
// WarnRestored. A whole installation refreshes nothing before it is adopted. A
// workspace does at once, and is therefore refused by another installation than
// its own unless Adopt is said.
func Restore(ctx context.Context, o RestoreOptions, from io.Reader) (*Restored, error) {
	if o.FileKey.ID() == "" {
		o.FileKey = o.Key
	}
	r, err := newRestoration(o, from)
	if err == nil {
		err = r.run(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("restore: %w", err)
	}
	return &r.Restored, nil
}

// restoration is a backup being restored.
type restoration struct {
	Restored
	o    RestoreOptions
	in   *bufio.Reader
	text []byte // of the line
	mac  hash.Hash
	file *vault.Ring // of the backup
	// Of a workspace, which comes among others:
	ring *vault.Ring       // under which to seal
	apps map[string]string // the ids of apps here, by those in the backup
}

// newRestoration reads the header.
func newRestoration(o RestoreOptions, from io.Reader) (*restoration, error) {
	mac, err := o.FileKey.Authenticator(backupMagic)
	if err != nil {
		return nil, err
	}
	r := &restoration{o: o, in: bufio.NewReaderSize(from, 1<<16), mac: mac, apps: map[string]string{}}
	r.Rows, r.Accounts = map[string]int64{}, map[string]int{}
	line, err := r.line()
	if err != nil {
		return nil, err
	}
	header := &r.Backup
	switch err := json.Unmarshal(line, header); {
	case err != nil || header.Mooring != backupMagic:
		return nil, errors.New("the file is no backup that Mooring has made")
	case header.Format != backupFormat:
		return nil, fmt.Errorf("the backup has format %d, and this Mooring knows %d; take a newer one", header.Format, backupFormat)
	case header.Schema < oldestSchema || header.Schema > latestSchema():
		return nil, fmt.Errorf("the backup is of step %d of the schema, and this Mooring restores steps %d to %d; take a newer one",
			header.Schema, oldestSchema, latestSchema())
	case header.Key != o.FileKey.ID():
		return nil, fmt.Errorf("the backup was made under the key with fingerprint %s; given is %s", header.Key, o.FileKey.ID())
	}
	if r.file, err = vault.OpenRing(header.Ring, o.FileKey); err != nil {
		return nil, fmt.Errorf("the backup's key ring: %w", err)
	}
	return r, nil
}

// errCut is the end of a file that has none of a backup.
var errCut = errors.New("the backup ends too early: a part of it is missing")

// line reads a line, which is good until the next.
func (r *restoration) line() ([]byte, error) {
	line, err := r.read()
	r.mac.Write(line)
	return line, err
}

// read reads a line that the MAC is not over.
func (r *restoration) read() ([]byte, error) {
	r.text = r.text[:0]
	for {
		part, err := r.in.ReadSlice('\n')
		r.text = append(r.text, part...)
		switch {
		case err == nil:
			return r.text, nil
		case errors.Is(err, io.EOF):
			return nil, errCut
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, err
		case len(r.text) > longestLine:
			return nil, errors.New("the backup is damaged: a line of it does not end")
		}
	}
}

func (r *restoration) run(ctx context.Context) error {
	if file, ok := strings.CutPrefix(r.o.DatabaseURL, "sqlite:"); ok && r.o.DryRun && r.Backup.Workspace == "" {
		if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) { // it would be made
			return r.load(ctx, nil)
		}
	}
	db, err := openStore(ctx, r.o.DatabaseURL)
	if err != nil {
		return err
	}
	defer func() { _ = db.close() }() // what was stored is committed
	if r.Backup.Workspace != "" {
		return r.workspace(ctx, db)
	}
	return r.whole(ctx, db)
}

// whole restores an installation in an empty database.
func (r *restoration) whole(ctx context.Context, db *store) error {
	have, err := db.version(ctx)
	switch {
	case err != nil:
		return err
	case have > r.Backup.Schema:
		return fmt.Errorf("the database is at step %d of the schema and the backup at %d: "+
			"name a new database, which is brought to the present step afterwards", have, r.Backup.Schema)
	case have > 0:
		table, err := occupied(ctx, db.read, have, "")
		if err != nil {
			return err
		}
		if table != "" {
			return fmt.Errorf("the database is not empty: it has rows of %s; name a new one", table)
		}
	}
	if r.o.DryRun {
		return r.load(ctx, nil)
	}
	sealed, err := r.file.Sealed(r.o.Key)
	if err != nil {
		return err
	}
	if _, err := db.migrateTo(ctx, r.Backup.Schema); err != nil {
		return err
	}
	err = db.transactOnce(ctx, func(tx *sqlx.Tx) error {
		if err := insertIdentity(ctx, tx, r.Backup.Since); err != nil {
			return err
		}
		if _, err := exec(ctx, tx, "INSERT INTO key_ring (id, version, sealed) VALUES (1, 1, ?)", sealed); err != nil {
			return err
		}
		return r.load(ctx, tx)
	})
	if err != nil {
		return err
	}
	if _, err := db.migrate(ctx); err != nil {
		return err
	}
	return db.transactOnce(ctx, func(tx *sqlx.Tx) error { return r.finish(ctx, tx) })
}

// workspace restores a workspace in an installation that goes on meanwhile.
func (r *restoration) workspace(ctx context.Context, db *store) error {
	have, err := db.version(ctx)
	switch {
	case err != nil:
		return err
	case have != r.Backup.Schema:
		return fmt.Errorf("the database is at step %d of the schema and the workspace's backup at %d; they have to be the same", have, r.Backup.Schema)
	}
	here, err := readIdentity(ctx, db.read)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return errors.New("a workspace is restored in an installation; start Mooring on this database once")
	case err != nil:
		return fmt.Errorf("read installation: %w", err)
	case here.LogID != r.Backup.Log && !r.o.Adopt:
		return fmt.Errorf("the workspace comes from another installation, at %s, which may refresh its tokens still; "+
			"once it does no more, say --adopt", r.Backup.PublicURL)
	}
	table, err := occupied(ctx, db.read, have, r.Backup.Workspace)
	if err != nil {
		return err
	}
	if table != "" {
		return fmt.Errorf("there is a workspace %q already: it has rows of %s; erase it first", r.Backup.Workspace, table)
	}
	sealed, _, err := readRing(ctx, db.read)
	if err != nil {
		return err
	}
	if r.ring, err = vault.OpenRing(sealed, r.o.Key); err != nil {
		return err
	}
	if r.o.DryRun {
		return r.load(ctx, nil)
	}
	return db.transactOnce(ctx, func(tx *sqlx.Tx) error {
		if _, err := lockRing(ctx, tx, "SHARE"); err != nil {
			return err
		}
		sealed, _, err := readRing(ctx, tx)
		if err != nil {
			return err
		}
		if r.ring, err = vault.OpenRing(sealed, r.o.Key); err != nil {
			return err
		}
		if err := r.load(ctx, tx); err != nil {
			return err
		}
		return r.finish(ctx, tx)
	})
}

// finish tells the engine, and the log, that everything was restored.
func (r *restoration) finish(ctx context.Context, tx *sqlx.Tx) error {
	now, actor, workspace := present(), operator, r.Backup.Workspace
	if err := markRestored(ctx, tx, workspace, now); err != nil {
		return err
	}
	if err := appendEvent(ctx, tx, Event{Workspace: workspace, Type: BackupRestored, Actor: &actor, EffectiveAt: r.Backup.MadeAt}); err != nil {
		return err
	}
	if workspace != "" {
		return nil
	}
	if tx.DriverName() != "sqlite3" {
		if err := givePositions(ctx, tx); err != nil {
			return fmt.Errorf("number the log: %w", err)
		}
	}
	if r.o.Adopt {
		return settle(ctx, tx, r.o.PublicURL)
	}
	_, err := exec(ctx, tx, "UPDATE installation SET public_url = ?, restored_at = ?", r.Backup.PublicURL, instant{now})
	return err
}

// load reads the rows, and stores them unless tx is nil. It fails unless every
// byte is as Backup wrote it.
func (r *restoration) load(ctx context.Context, tx *sqlx.Tx) error {
	var rows rowLoader
	defer func() { rows.close() }()
	for {
		line, err := r.line()
		if err != nil {
			return err
		}
		if line[0] == '[' {
			if err := r.take(ctx, &rows, line); err != nil {
				return fmt.Errorf("table %s, row %d: %w", rows.table.name, r.Rows[rows.table.name]+1, err)
			}
			r.Rows[rows.table.name]++
			continue
		}
		var l struct {
			tableLine
			countLine
		}
		if err := json.Unmarshal(line, &l); err != nil {
			return fmt.Errorf("the backup is damaged: %w", err)
		}
		if l.Table == "" {
			return r.end(l.Rows)
		}
		rows.close()
		if rows, err = newRowLoader(ctx, tx, l.tableLine); err != nil {
			return fmt.Errorf("table %s: %w", l.Table, err)
		}
		r.Rows[l.Table] = 0
	}
}

// end looks whether everything was there. What stands in the last line is not
// what it is computed over.
func (r *restoration) end(rows map[string]int64) error {
	sum := r.mac.Sum(nil)
	line, err := r.read()
	if err != nil {
		return err
	}
	var last macLine
	if err := json.Unmarshal(line, &last); err != nil {
		return fmt.Errorf("the backup is damaged: %w", err)
	}
	given, err := hex.DecodeString(last.MAC)
	if err != nil || !hmac.Equal(given, sum) || !maps.Equal(rows, r.Rows) {
		return errors.New("the backup is damaged, or somebody has changed it")
	}
	if _, err := r.in.ReadByte(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the backup's end")
	}
	return nil
}

// rowLoader stores the rows of a table.
type rowLoader struct {
	tx      *sqlx.Tx // nil: nothing is stored
	table   backupTable
	columns []string
	store   *sqlx.Stmt
}

func newRowLoader(ctx context.Context, tx *sqlx.Tx, l tableLine) (rowLoader, error) {
	t, ok := tableOfBackup(l.Table)
	if !ok {
		return rowLoader{}, errors.New("this Mooring has no such table")
	}
	rows := rowLoader{tx: tx, table: t, columns: l.Columns}
	if tx == nil {
		return rows, nil
	}
	have, err := t.columns(ctx, tx)
	if err != nil {
		return rows, err
	}
	for _, c := range l.Columns {
		if !slices.Contains(have, c) {
			return rows, fmt.Errorf("it has no column %q here", c)
		}
	}
	rows.store, err = tx.PreparexContext(ctx, tx.Rebind(t.insert(l.Columns)))
	return rows, err
}

func (l *rowLoader) close() {
	if l.store != nil {
		_ = l.store.Close() // each row has told
	}
}

// at is the value of a column, which is nil if there is no such column.
func (l *rowLoader) at(values []any, column string) *any {
	if i := slices.Index(l.columns, column); i >= 0 {
		return &values[i]
	}
	return new(any)
}

// text is the value of a column that holds text; "" for NULL.
func (l *rowLoader) text(values []any, column string) string {
	s, _ := (*l.at(values, column)).(string)
	return s
}

// take stores a row.
func (r *restoration) take(ctx context.Context, l *rowLoader, line []byte) error {
	values, err := parseRow(line, l.tx != nil && l.tx.DriverName() != "sqlite3")
	if err != nil {
		return err
	}
	if len(values) != len(l.columns) {
		return fmt.Errorf("it has %d values for %d columns", len(values), len(l.columns))
	}
	keep := true
	switch l.table.name {
	case "accounts":
		r.notice(l, values)
	case "secrets":
		if keep, err = r.reseal(l, values); err != nil {
			return err
		}
	case "apps":
		if r.ring != nil && l.tx != nil {
			r.apps[l.text(values, "id")], err = fitApp(ctx, l.tx, l.columns, values)
			return err
		}
	}
	if l.tx == nil || !keep {
		return nil
	}
	if here, ok := r.apps[l.text(values, "app_id")]; ok {
		*l.at(values, "app_id") = here
	}
	_, err = l.store.ExecContext(statementContext(ctx, l.tx), values...)
	return err
}

// notice counts an account.
func (r *restoration) notice(l *rowLoader, values []any) {
	if *l.at(values, "disconnected_at") != nil {
		return
	}
	a := RestoredAccount{
		Workspace: l.text(values, "workspace"), Platform: l.text(values, "platform"),
		ID: l.text(values, "id"), DisplayName: l.text(values, "display_name"),
	}
	r.Accounts[a.Workspace]++
	if r.o.Each != nil {
		r.o.Each(a)
	}
}

// reseal opens a secret and, if it comes among those of another ring, seals it
// under that. What does not open is kept where it was, and nowhere else.
func (r *restoration) reseal(l *rowLoader, values []any) (keep bool, err error) {
	row := sealedSecret{OwnerID: l.text(values, "owner_id"), Kind: l.text(values, "kind"), Workspace: l.text(values, "workspace")}
	sealed, _ := (*l.at(values, "sealed")).([]byte)
	plain, err := r.file.Open(sealed, row.place())
	switch {
	case err != nil:
		r.Damaged++
		return r.ring == nil, nil //nolint:nilerr // the file's fault, which is counted
	case r.ring == nil:
		return true, nil
	}
	fresh, id, err := r.ring.Seal(plain, row.place())
	*l.at(values, "sealed"), *l.at(values, "key_id") = fresh, int64(id)
	return true, err
}

// parseRow reads the values of a row. PostgreSQL holds no NUL and no broken
// UTF-8 in a text; there stands a sign for it.
func parseRow(line []byte, postgres bool) ([]any, error) {
	var raw []json.RawMessage
	if err := json.Unmarshal(line, &raw); err != nil {
		return nil, err
	}
	values := make([]any, len(raw))
	for i, text := range raw {
		var err error
		if values[i], err = parseValue(text); err != nil {
			return nil, err
		}
		if s, ok := values[i].(string); ok && postgres {
			values[i] = strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", "\uFFFD"), "\uFFFD")
		}
	}
	return values, nil
}

func parseValue(text json.RawMessage) (any, error) {
	switch text[0] {
	case 'n':
		return nil, nil //nolint:nilnil // NULL is the value
	case '"':
		var s string
		err := json.Unmarshal(text, &s)
		return s, err
	case '{':
		var b bytesValue
		err := json.Unmarshal(text, &b)
		if b.Text {
			return string(b.Base64), err
		}
		return b.Base64, err
	}
	if n, err := strconv.ParseInt(string(text), 10, 64); err == nil {
		return n, nil
	}
	return strconv.ParseFloat(string(text), 64)
}
