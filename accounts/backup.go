package accounts

import (
	"bufio"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"maps"
	"time"
	"unicode/utf8"

	"github.com/jmoiron/sqlx"

	"mooring/vault"
)

// A backup is lines of JSON, the same for both databases:
//
//	{"mooring": "backup", "format": 1, "schema": …}   what it is: BackupHeader
//	{"table": "apps", "columns": ["id", …]}           for each table
//	["…", 1, null, {"base64": "…"}]                   for each of its rows
//	{"rows": {"apps": 1, …}}
//	{"mac": "…"}                                      over all bytes before this line
//
// The MAC is under a key derived from the operator's: nobody else can change a
// byte, cut the file, or make one up. Secrets are in it as they are in the
// database, sealed, and the key ring sealed under the operator's key, which is
// not in it.
const (
	backupMagic  = "backup"
	backupFormat = 1
	// longestLine bounds a line, and with it the memory that a backup takes.
	longestLine = 16 << 20
	// oldestSchema is the first of which backups are made.
	oldestSchema = 16
)

// BackupHeader says what a backup is of.
type BackupHeader struct {
	Mooring   string    `json:"mooring"` // backup
	Format    int       `json:"format"`
	Schema    int64     `json:"schema"` // the last step that the database had taken
	MadeAt    time.Time `json:"madeAt"`
	Workspace string    `json:"workspace,omitempty"` // "" if of the whole installation
	PublicURL string    `json:"publicUrl"`           // of the installation
	Log       string    `json:"log"`                 // names the installation's event log
	Since     time.Time `json:"since"`               // when the installation was made
	Key       string    `json:"key"`                 // the fingerprint of the operator's key
	Ring      []byte    `json:"ring"`                // the key ring, sealed under that
}

// tableLine stands before the rows of a table.
type tableLine struct {
	Table   string   `json:"table"`
	Columns []string `json:"columns"`
}

// countLine tells how many rows there were of each table.
type countLine struct {
	Rows map[string]int64 `json:"rows"`
}

// macLine is the last.
type macLine struct {
	MAC string `json:"mac"`
}

// bytesValue is a value that JSON has no text for.
type bytesValue struct {
	Base64 []byte `json:"base64"`
	Text   bool   `json:"text,omitempty"` // it is a text, if a broken one
}

// BackupOptions say what to back up.
type BackupOptions struct {
	DatabaseURL string
	Key         vault.Key
	Workspace   string // "": the whole installation
}

// Backup writes a database as it is at one moment, or what one workspace has in
// it. Servers may run on it meanwhile. The schema is left as it is, so that a
// newer Mooring can back up before it migrates. It returns the rows written, by
// table.
func Backup(ctx context.Context, o BackupOptions, to io.Writer) (map[string]int64, error) {
	db, err := openStore(ctx, o.DatabaseURL)
	if err != nil {
		return nil, err
	}
	defer func() { _ = db.close() }() // nothing is pending
	rows, err := db.backup(ctx, o, to)
	if err != nil {
		return nil, fmt.Errorf("back up: %w", err)
	}
	return rows, nil
}

func (s *store) backup(ctx context.Context, o BackupOptions, to io.Writer) (map[string]int64, error) {
	schema, err := s.version(ctx)
	switch latest := latestSchema(); {
	case err != nil:
		return nil, err
	case schema == 0:
		return nil, errors.New("there is nothing in the database")
	case schema < oldestSchema || schema > latest:
		return nil, fmt.Errorf("the database is at step %d of the schema, and this Mooring backs up steps %d to %d", schema, oldestSchema, latest)
	}
	mac, err := o.Key.Authenticator(backupMagic)
	if err != nil {
		return nil, err
	}
	if schema == latestSchema() {
		actor := operator
		err := s.transact(ctx, func(tx *sqlx.Tx) error {
			return appendEvent(ctx, tx, Event{Workspace: o.Workspace, Type: BackupMade, Actor: &actor})
		})
		if err != nil {
			return nil, err
		}
	}
	w := backupWriter{out: bufio.NewWriterSize(to, 1<<16), mac: mac, rows: map[string]int64{}}
	err = s.snapshot(ctx, func(tx *sqlx.Tx) error {
		header, err := describe(ctx, tx, o, schema)
		if err != nil {
			return err
		}
		if err := w.line(header); err != nil {
			return err
		}
		for _, t := range backupTables {
			if schema < t.since || o.Workspace != "" && t.mine == "" {
				continue
			}
			if err := w.table(ctx, tx, t, o.Workspace); err != nil {
				return fmt.Errorf("table %s: %w", t.name, err)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if o.Workspace != "" && w.rows["accounts"]+w.rows["members"]+w.rows["api_keys"] == 0 {
		return nil, fmt.Errorf("there is no workspace %q", o.Workspace)
	}
	return w.rows, w.end()
}

// describe makes the header, if the key opens the ring.
func describe(ctx context.Context, q querier, o BackupOptions, schema int64) (*BackupHeader, error) {
	of, err := readIdentity(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("read installation: %w", err)
	}
	ring, _, err := readRing(ctx, q)
	if err != nil {
		return nil, err
	}
	if _, err := vault.OpenRing(ring, o.Key); err != nil {
		return nil, err
	}
	return &BackupHeader{
		Mooring: backupMagic, Format: backupFormat, Schema: schema, MadeAt: present(), Workspace: o.Workspace,
		PublicURL: of.PublicURL, Log: of.LogID, Since: of.CreatedAt.Time, Key: o.Key.ID(), Ring: ring,
	}, nil
}

// backupWriter writes the lines of a backup.
type backupWriter struct {
	out  *bufio.Writer
	mac  hash.Hash
	rows map[string]int64
}

func (w *backupWriter) line(v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if text = append(text, '\n'); len(text) > longestLine {
		return fmt.Errorf("a row has %d bytes; a backup takes %d", len(text), longestLine)
	}
	w.mac.Write(text)
	_, err = w.out.Write(text)
	return err
}

func (w *backupWriter) table(ctx context.Context, tx *sqlx.Tx, t backupTable, workspace string) error {
	columns, err := t.columns(ctx, tx)
	if err != nil {
		return err
	}
	if err := w.line(tableLine{t.name, columns}); err != nil {
		return err
	}
	w.rows[t.name] = 0
	return t.read(ctx, tx, columns, workspace, func(values []any) error {
		for i, v := range values {
			switch v := v.(type) {
			case []byte:
				values[i] = bytesValue{Base64: v}
			case string:
				if !utf8.ValidString(v) { // which JSON would mend
					values[i] = bytesValue{Base64: []byte(v), Text: true}
				}
			}
		}
		w.rows[t.name]++
		return w.line(values)
	})
}

func (w *backupWriter) end() error {
	if err := w.line(countLine{maps.Clone(w.rows)}); err != nil {
		return err
	}
	if err := w.line(macLine{hex.EncodeToString(w.mac.Sum(nil))}); err != nil {
		return err
	}
	return w.out.Flush()
}
