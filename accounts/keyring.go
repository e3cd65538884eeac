package accounts

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"mooring/platforms"
	"mooring/vault"
)

// The secrets that an owner can have.
const (
	secretAccess   = "access_token"
	secretRefresh  = "refresh_token"
	secretVerifier = "code_verifier"
	secretMAC      = "mac_key"

	// secretProfile, with the profile's external id behind it, is the access
	// token of a profile that may be chosen. The account that it becomes owns it
	// as its secretAccess.
	secretProfile = "access_token of "
)

// installationID owns the secrets of the installation itself.
const installationID = "installation"

// sealedSecret is a secret as the database has it.
type sealedSecret struct {
	OwnerID   string `db:"owner_id"`
	Kind      string `db:"kind"`
	Workspace string `db:"workspace"`
	KeyID     int64  `db:"key_id"`
	Sealed    []byte `db:"sealed"`
}

func (s sealedSecret) place() vault.Place {
	return vault.Place{Workspace: s.Workspace, Table: "secrets", Row: s.OwnerID, Column: s.Kind}
}

// putSecret seals a secret and stores it in the place of the owner's earlier
// one. It seals under the ring that the database holds at this moment and keeps
// that from changing until the transaction ends, so that no key is removed
// between the sealing and the storing.
func (s *Service) putSecret(ctx context.Context, tx *sqlx.Tx, workspace, ownerID, kind string, secret platforms.Secret) error {
	ring, err := s.currentRing(ctx, tx)
	if err != nil {
		return err
	}
	row, err := seal(ring, workspace, ownerID, kind, secret)
	if err != nil {
		return err
	}
	return insertSecrets(ctx, tx, row)
}

// putTokens stores the tokens of a grant or attempt, as putSecret would.
func (s *Service) putTokens(ctx context.Context, tx *sqlx.Tx, workspace, ownerID string, t *platforms.Tokens) error {
	ring, err := s.currentRing(ctx, tx)
	if err != nil {
		return err
	}
	sealed, err := sealTokens(ring, workspace, ownerID, t)
	if err != nil {
		return err
	}
	return insertSecrets(ctx, tx, sealed...)
}

// sealTokens makes the rows of tokens.
func sealTokens(ring *vault.Ring, workspace, ownerID string, t *platforms.Tokens) ([]sealedSecret, error) {
	access, err := seal(ring, workspace, ownerID, secretAccess, t.Access)
	if err != nil || t.Refresh.IsZero() {
		return []sealedSecret{access}, err
	}
	refresh, err := seal(ring, workspace, ownerID, secretRefresh, t.Refresh)
	return []sealedSecret{access, refresh}, err
}

// seal makes the row of a secret.
func seal(ring *vault.Ring, workspace, ownerID, kind string, secret platforms.Secret) (sealedSecret, error) {
	row := sealedSecret{OwnerID: ownerID, Kind: kind, Workspace: workspace}
	sealed, id, err := ring.Seal([]byte(secret.Reveal()), row.place())
	if err != nil {
		return row, fmt.Errorf("seal %s of %s: %w", kind, ownerID, err)
	}
	row.Sealed, row.KeyID = sealed, int64(id)
	return row, nil
}

// unseal opens a secret that q has read. A key that the ring lacks makes it
// load the ring anew once, since another replica may have added it.
func (s *Service) unseal(ctx context.Context, q querier, row sealedSecret) (platforms.Secret, error) {
	ring := s.ring.Load().ring
	plain, err := ring.Open(row.Sealed, row.place())
	var unknown *vault.UnknownKeyError
	if errors.As(err, &unknown) {
		if ring, err = s.loadRing(ctx, q); err == nil {
			plain, err = ring.Open(row.Sealed, row.place())
		}
	}
	if err != nil {
		return platforms.Secret{}, fmt.Errorf("open %s of %s: %w", row.Kind, row.OwnerID, err)
	}
	return platforms.NewSecret(string(plain)), nil
}

// ringVersion is the key ring and the version under which it was read.
type ringVersion struct {
	ring    *vault.Ring
	version int64
}

// openRing loads the key ring, making it with the first start, and checks that
// it opens all that is sealed.
func (s *Service) openRing(ctx context.Context) error {
	if err := s.makeRing(ctx); err != nil {
		return err
	}
	ring, err := s.loadRing(ctx, s.db.write)
	if err != nil {
		return err
	}
	used, err := s.db.keyIDs(ctx)
	if err != nil {
		return err
	}
	for _, id := range used {
		if !slices.ContainsFunc(ring.Keys(), func(k vault.KeyInfo) bool { return int64(k.ID) == id }) {
			return fmt.Errorf("secrets are sealed under data key %d, which the key ring lacks: "+
				"restore the key ring that belongs to this database", id)
		}
	}
	return s.loadMAC(ctx)
}

// makeRing stores a first ring unless there is one.
func (s *Service) makeRing(ctx context.Context) error {
	exists, err := s.db.hasRing(ctx)
	if err != nil || exists {
		return err
	}
	ring, err := vault.NewRing()
	if err != nil {
		return fmt.Errorf("make key ring: %w", err)
	}
	sealed, err := ring.Sealed(s.opts.Key)
	if err != nil {
		return fmt.Errorf("make key ring: %w", err)
	}
	return s.db.insertRing(ctx, sealed) // another replica's may come first
}

// loadRing reads the ring and makes it the Service's, unless that has a newer
// one.
func (s *Service) loadRing(ctx context.Context, q querier) (*vault.Ring, error) {
	sealed, version, err := readRing(ctx, q)
	if err != nil {
		return nil, err
	}
	ring, err := vault.OpenRing(sealed, s.opts.Key)
	if err != nil {
		return nil, err
	}
	next := &ringVersion{ring, version}
	for {
		have := s.ring.Load()
		if have != nil && have.version >= version || s.ring.CompareAndSwap(have, next) {
			return ring, nil
		}
	}
}

// currentRing returns the ring that the database holds, and keeps it from
// changing until the transaction ends.
func (s *Service) currentRing(ctx context.Context, tx *sqlx.Tx) (*vault.Ring, error) {
	return s.lockedRing(ctx, tx, "SHARE")
}

// lockedRing is currentRing with a lock of that mode, see lockRing.
func (s *Service) lockedRing(ctx context.Context, tx *sqlx.Tx, mode string) (*vault.Ring, error) {
	version, err := lockRing(ctx, tx, mode)
	if err != nil {
		return nil, err
	}
	if have := s.ring.Load(); have.version == version {
		return have.ring, nil
	}
	return s.loadRing(ctx, tx)
}

// reloadRing runs until ctx ends: it takes up, each minute, what other replicas
// did to the ring.
func (s *Service) reloadRing(ctx context.Context) {
	tick := time.NewTicker(60 * s.opts.Poll)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if _, err := s.loadRing(ctx, s.db.read); err != nil && ctx.Err() == nil {
				s.log.LogAttrs(ctx, slog.LevelError, "reload key ring", slog.Any("error", err))
			}
		case <-ctx.Done():
			return
		}
	}
}

// loadMAC loads the key under which single-use links are signed, making it with
// the first start.
func (s *Service) loadMAC(ctx context.Context) error {
	var key platforms.Secret
	err := s.db.transact(ctx, func(tx *sqlx.Tx) error {
		if _, err := lockRing(ctx, tx, "UPDATE"); err != nil { // one replica makes it
			return err
		}
		row, err := readSecret(ctx, tx, "", installationID, secretMAC)
		if errors.Is(err, sql.ErrNoRows) {
			key = platforms.NewSecret(rand.Text() + rand.Text())
			return s.putSecret(ctx, tx, "", installationID, secretMAC, key)
		}
		if err != nil {
			return err
		}
		key, err = s.unseal(ctx, tx, row)
		return err
	})
	s.mac = []byte(key.Reveal())
	return err
}

// Keys lists the data keys of the ring with the number of secrets under each.
func (s *Service) Keys(ctx context.Context) ([]KeyUse, error) {
	counts, err := countByKey(ctx, s.db.read)
	if err != nil {
		return nil, err
	}
	var keys []KeyUse
	for _, k := range s.ring.Load().ring.Keys() {
		keys = append(keys, KeyUse{k, counts[int64(k.ID)]})
	}
	return keys, nil
}

// KeyUse is a data key and how many secrets it seals.
type KeyUse struct {
	vault.KeyInfo
	Secrets int
}

// AddKey adds a data key that does not seal yet.
func (s *Service) AddKey(ctx context.Context) (vault.KeyID, error) {
	var added vault.KeyID
	err := s.changeRing(ctx, s.opts.Key, func(tx *sqlx.Tx, r *vault.Ring) (next *vault.Ring, err error) {
		if next, added, err = r.Add(); err != nil {
			return nil, err
		}
		return next, appendKeyEvent(ctx, tx, KeyAdded, added.String())
	})
	return added, err
}

// PromoteKey makes a data key the one that seals. Replicas whose ring is older
// notice before they seal anything, and when they meet what it sealed.
func (s *Service) PromoteKey(ctx context.Context, id vault.KeyID) error {
	return s.changeRing(ctx, s.opts.Key, func(tx *sqlx.Tx, r *vault.Ring) (*vault.Ring, error) {
		next, err := r.Promote(id)
		if err != nil {
			return nil, err
		}
		return next, appendKeyEvent(ctx, tx, KeyPromoted, id.String())
	})
}

// RemoveKey drops a data key under which nothing is sealed any more.
func (s *Service) RemoveKey(ctx context.Context, id vault.KeyID) error {
	return s.changeRing(ctx, s.opts.Key, func(tx *sqlx.Tx, r *vault.Ring) (*vault.Ring, error) {
		counts, err := countByKey(ctx, tx)
		if err != nil {
			return nil, err
		}
		if n := counts[int64(id)]; n > 0 {
			return nil, fmt.Errorf("%d secrets are still sealed under key %s; run mooring keys reseal first", n, id)
		}
		next, err := r.Remove(id)
		if err != nil {
			return nil, err
		}
		return next, appendKeyEvent(ctx, tx, KeyRemoved, id.String())
	})
}

// Rewrap seals the ring under another operator's key. From then on only that
// one opens the database.
func (s *Service) Rewrap(ctx context.Context, next vault.Key) error {
	return s.changeRing(ctx, next, func(tx *sqlx.Tx, r *vault.Ring) (*vault.Ring, error) {
		return r, appendKeyEvent(ctx, tx, KeyRingRewrapped, next.ID())
	})
}

// operator is the actor of what is done at the command line.
const operator = "cli"

// appendKeyEvent adds an event about a key. It concerns the whole installation.
func appendKeyEvent(ctx context.Context, tx *sqlx.Tx, t EventType, about string) error {
	actor := operator
	return appendEvent(ctx, tx, Event{Type: t, Actor: &actor, About: &about})
}

// changeRing stores what change makes of the ring that the database holds.
// Meanwhile nobody seals.
func (s *Service) changeRing(ctx context.Context, under vault.Key, change func(*sqlx.Tx, *vault.Ring) (*vault.Ring, error)) error {
	err := s.db.transact(ctx, func(tx *sqlx.Tx) error {
		if _, err := lockRing(ctx, tx, "UPDATE"); err != nil {
			return err
		}
		ring, err := s.loadRing(ctx, tx)
		if err != nil {
			return err
		}
		if ring, err = change(tx, ring); err != nil {
			return err
		}
		sealed, err := ring.Sealed(under)
		if err != nil {
			return err
		}
		return replaceRing(ctx, tx, sealed)
	})
	if err != nil {
		return fmt.Errorf("change key ring: %w", err)
	}
	if under.ID() != s.opts.Key.ID() {
		return nil // this process cannot open it any more
	}
	_, err = s.loadRing(ctx, s.db.write)
	return err
}

// Reseal seals everything anew that is not under the primary data key, in
// small transactions. It may be stopped and run again, beside a running server;
// what a refresh writes meanwhile wins. It returns how many secrets it sealed.
func (s *Service) Reseal(ctx context.Context) (done int, err error) {
	const chunk = 200
	for after := (sealedSecret{}); ; {
		var rows []sealedSecret
		err := s.db.transact(ctx, func(tx *sqlx.Tx) error {
			// Alone: a transaction that seals touches other owners' secrets, too, and
			// in another order.
			ring, err := s.lockedRing(ctx, tx, "UPDATE")
			if err != nil {
				return err
			}
			rows, err = secretsNotUnder(ctx, tx, int64(ring.Primary()), after, chunk)
			if err != nil {
				return err
			}
			for _, row := range rows {
				plain, err := s.unseal(ctx, tx, row)
				if err != nil {
					return err
				}
				fresh, err := seal(ring, row.Workspace, row.OwnerID, row.Kind, plain)
				if err != nil {
					return err
				}
				if err := replaceSecret(ctx, tx, row, fresh); err != nil {
					return err
				}
			}
			if len(rows) > 0 || done == 0 {
				return nil
			}
			return appendKeyEvent(ctx, tx, KeysResealed, ring.Primary().String())
		})
		if err != nil {
			return done, fmt.Errorf("reseal: %w", err)
		}
		if len(rows) == 0 {
			return done, nil
		}
		done += len(rows)
		after = rows[len(rows)-1]
	}
}
