package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"mooring/accounts"
	"mooring/vault"
)

type backupCommand struct {
	File      string `arg:"" help:"Where to: a file that does not exist yet, or - for the standard output."`
	Workspace string `help:"Back up this workspace alone."`
}

func (b backupCommand) Run(p *program) error {
	c, _, err := p.config()
	if err != nil {
		return err
	}
	key, err := c.readKey()
	if err != nil {
		return err
	}
	o := accounts.BackupOptions{DatabaseURL: c.databaseURL, Key: key, Workspace: b.Workspace}
	if b.File == "-" {
		_, err := accounts.Backup(p.ctx, o, p.out)
		return err
	}
	var rows map[string]int64
	err = writeNew(b.File, func(f io.Writer) (err error) {
		rows, err = accounts.Backup(p.ctx, o, f)
		return err
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(p.out, "%s: %s\nIt opens under the key with fingerprint %s alone, which is not in it: keep that elsewhere.\n",
		b.File, inBackup(rows), key.ID())
	return nil
}

// writeNew writes a file that only its owner may read, and that must not exist
// yet. What could not be written to its end is removed.
func writeNew(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if err = write(f); err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

// inBackup says what a backup has.
func inBackup(rows map[string]int64) string {
	var all []string
	for _, t := range []struct{ table, what string }{
		{"accounts", "accounts"}, {"secrets", "secrets"}, {"members", "members"}, {"api_keys", "API keys"}, {"events", "events"},
	} {
		all = append(all, fmt.Sprintf("%d %s", rows[t.table], t.what))
	}
	return strings.Join(all, ", ")
}

type restoreCommand struct {
	File    string `arg:"" type:"existingfile" help:"What mooring backup has written."`
	DryRun  bool   `help:"Look at everything, say what would come, and change nothing."`
	Adopt   bool   `help:"Nothing else refreshes what is in it any more: this installation does from now on."`
	KeyFile string `type:"existingfile" help:"The key that the backup was made under, if it is not this installation's."`
}

func (r restoreCommand) Run(p *program) error {
	c, _, err := p.config()
	if err != nil {
		return err
	}
	open := c.openKey // sandbox mode may have none yet
	if r.DryRun {
		open = c.readKey
	}
	key, err := open()
	if err != nil {
		return err
	}
	o := accounts.RestoreOptions{
		DatabaseURL: c.databaseURL, Key: key, Adopt: r.Adopt, PublicURL: cmp.Or(c.publicURL, localURL(c.listen)), DryRun: r.DryRun,
	}
	if r.KeyFile != "" {
		if o.FileKey, err = readKeyFile(r.KeyFile); err != nil {
			return err
		}
	}
	if r.DryRun {
		o.Each = func(a accounts.RestoredAccount) {
			fmt.Fprintf(p.out, "%s\t%s\t%s\t%s\n", a.Workspace, a.Platform, a.ID, a.DisplayName)
		}
	}
	f, err := os.Open(r.File)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // it was only read
	restored, err := accounts.Restore(p.ctx, o, f)
	if err != nil {
		return err
	}
	_, err = io.WriteString(p.out, summary(restored, r.DryRun, r.Adopt))
	return err
}

// summary says what a backup is of, and what comes next.
func summary(r *accounts.Restored, dry, adopted bool) string {
	var s strings.Builder
	what := "the whole installation"
	if r.Backup.Workspace != "" {
		what = "the workspace " + r.Backup.Workspace
	}
	fmt.Fprintf(&s, "A backup of %s at %s, made on %s, at step %d of the schema: %s.\n", what, cmp.Or(r.Backup.PublicURL, "no address"),
		r.Backup.MadeAt.UTC().Format(time.RFC1123), r.Backup.Schema, inBackup(r.Rows))
	for _, workspace := range slices.Sorted(maps.Keys(r.Accounts)) {
		fmt.Fprintf(&s, "  %s: %d connected accounts\n", workspace, r.Accounts[workspace])
	}
	if r.Damaged > 0 {
		fmt.Fprintf(&s, "%d secrets were damaged before the backup and do not open; their accounts have to be reconnected.\n", r.Damaged)
	}
	switch {
	case dry:
		s.WriteString("Nothing was changed. Without --dry-run it would be restored.\n")
	case r.Backup.Workspace != "" || adopted:
		s.WriteString("Restored. The accounts are unverified until their platforms have taken their tokens; that is tried within a quarter of an hour.\n")
	default:
		s.WriteString("Restored. Nothing is refreshed in it yet: see that nothing else does from now on, then run mooring adopt.\n")
	}
	return s.String()
}

// readKeyFile reads a key from a file.
func readKeyFile(path string) (vault.Key, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return vault.Key{}, err
	}
	key, err := vault.ParseKey(strings.TrimSpace(string(text)))
	if err != nil {
		return vault.Key{}, fmt.Errorf("%s: %w", path, err)
	}
	return key, nil
}
