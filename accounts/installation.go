package accounts

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"mooring/platforms"
	"mooring/vault"
)

// CheckInstallation looks whether a Service could be opened on a database: the
// database itself, its schema, the key ring under that key, the room on the
// disk, and whose database it is. Nothing is migrated or made. publicURL is how
// browsers reach the server.
func CheckInstallation(ctx context.Context, databaseURL string, key vault.Key, publicURL string) []platforms.Check {
	db, err := openStore(ctx, databaseURL)
	if err != nil {
		return []platforms.Check{{
			Name: "Database", Status: platforms.Fail, Message: err.Error() + ".",
			Fix: "See that DATABASE_URL is right, that the database runs, and that this user may use it.",
		}}
	}
	defer func() { _ = db.close() }() // nothing is pending
	schema := db.checkSchema(ctx)
	checks := []platforms.Check{db.checkWriting(ctx, schema), db.checkDisk(), schema}
	if platforms.Ready(checks) {
		checks = append(checks, db.checkRing(ctx, key), db.checkHome(ctx, publicURL))
	}
	return checks
}

// checkWriting writes to a table of the schema, if that is there, and takes it
// back.
func (s *store) checkWriting(ctx context.Context, schema platforms.Check) platforms.Check {
	c := platforms.Check{Name: "Database", Status: platforms.Pass, Message: "The database answers."}
	if schema.Status != platforms.Pass {
		return c
	}
	c.Message = "The database answers and can be written to."
	if err := s.tryWriting(ctx); err != nil {
		c.Status, c.Message = platforms.Fail, fmt.Sprintf("The database cannot be written to: %v.", err)
		c.Fix = "Let this user write to it; SQLite needs to write to the folder, too."
	}
	return c
}

func (s *store) tryWriting(ctx context.Context) error {
	tx, err := s.write.BeginTxx(ctx, nil)
	if err != nil {
		return err
	}
	_, err = exec(ctx, tx, "UPDATE installation SET log_id = log_id")
	return errors.Join(err, tx.Rollback())
}

// The room on the disk, in bytes, below which the operator is told.
const (
	roomWarns = 1 << 30
	roomFails = 64 << 20
)

func (s *store) checkDisk() platforms.Check {
	c := platforms.Check{Name: "Disk", Status: platforms.Skipped, Message: "The database is on a server of its own."}
	if s.postgres != nil {
		return c
	}
	room, err := diskRoom(filepath.Dir(s.path))
	if err != nil {
		c.Message = fmt.Sprintf("This system does not tell how much room there is: %v.", err)
		return c
	}
	c.Status, c.Message = platforms.Pass, fmt.Sprintf("There is room for %d MiB beside the database.", room>>20)
	if room < roomWarns {
		c.Status, c.Fix = platforms.Warn, "Make room: a refreshed token that cannot be stored is a lost account."
	}
	if room < roomFails {
		c.Status = platforms.Fail
	}
	return c
}

func (s *store) checkSchema(ctx context.Context) platforms.Check {
	c := platforms.Check{Name: "Migrations", Status: platforms.Pass}
	provider, err := s.migrator()
	if err != nil {
		c.Status, c.Message = platforms.Fail, fmt.Sprintf("The steps of the schema cannot be read: %v.", err)
		return c
	}
	switch have, want, err := provider.GetVersions(ctx); {
	case err != nil:
		c.Status, c.Message = platforms.Fail, fmt.Sprintf("The schema's version cannot be read: %v.", err)
		c.Fix = "See that this user may read and make tables."
	case have > want:
		c.Status, c.Message = platforms.Fail, fmt.Sprintf("The schema is at step %d, and this Mooring knows %d.", have, want)
		c.Fix = "Start the newer Mooring that changed it; there is no way back but a backup."
	case have < want:
		c.Status, c.Message = platforms.Warn, fmt.Sprintf("The schema is at step %d of %d.", have, want)
		c.Fix = "Run mooring migrate; mooring serve does so too."
	default:
		c.Message = fmt.Sprintf("The schema is up to date, at step %d.", have)
	}
	return c
}

// checkRing opens the key ring and looks whether it has every key in use.
func (s *store) checkRing(ctx context.Context, key vault.Key) platforms.Check {
	c := platforms.Check{Name: "Key ring", Status: platforms.Fail}
	if exists, err := s.hasRing(ctx); err != nil || !exists {
		c.Status, c.Message = platforms.Warn, "There is no key ring yet."
		c.Fix = "Nothing: mooring serve makes it."
		return c
	}
	sealed, _, err := readRing(ctx, s.read)
	if err != nil {
		c.Message = err.Error() + "."
		return c
	}
	ring, err := vault.OpenRing(sealed, key)
	if err != nil {
		c.Message, c.Fix = err.Error()+".", "Set MOORING_KEY or MOORING_KEY_FILE to the key that belongs to this database."
		return c
	}
	used, err := s.keyIDs(ctx)
	if err != nil {
		c.Message = err.Error() + "."
		return c
	}
	for _, id := range used {
		if !slices.ContainsFunc(ring.Keys(), func(k vault.KeyInfo) bool { return int64(k.ID) == id }) {
			c.Message = fmt.Sprintf("Secrets are sealed under data key %d, which the key ring lacks.", id)
			c.Fix = "Restore the key ring that belongs to this database."
			return c
		}
	}
	c.Status, c.Message = platforms.Pass, "The key opens the key ring, and that has every key in use."
	return c
}

// checkHome tells of a database that nothing is refreshed in, see recognise.
func (s *store) checkHome(ctx context.Context, publicURL string) platforms.Check {
	c := platforms.Check{Name: "Installation", Status: platforms.Pass, Message: "The database belongs to this installation."}
	home, restored, err := s.home(ctx)
	switch {
	case !restored.IsZero():
		c.Status = platforms.Warn
		c.Message = fmt.Sprintf("The database was restored from a backup on %s: nothing is refreshed here.", restored.Format(time.DateOnly))
		c.Fix = "Once nothing else refreshes what is in it, run mooring adopt."
	case err != nil, home == "": // a new database, which becomes this one's
		c.Message = "The database belongs to no installation yet."
	case !sameHome(home, publicURL):
		c.Status = platforms.Warn
		c.Message = fmt.Sprintf("The database belongs to the installation at %s, not to that at %s: nothing is refreshed here.", home, publicURL)
		c.Fix = "If this installation takes the other's place, run mooring adopt."
	}
	return c
}
