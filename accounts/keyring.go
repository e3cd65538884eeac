package accounts

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
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
)

// installationID owns the secrets of the installation itself.
const installationID = "installation"

// ringReload is how often a replica looks whether another changed the ring.
const ringReload = time.Minute

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

// seal makes the row of a secret. It needs the owner's id, so that must be
// made before.
func (s *Service) seal(workspace, ownerID, kind string, secret platforms.Secret) (sealedSecret, error) {
	row := sealedSecret{OwnerID: ownerID, Kind: kind, Workspace: workspace}
	sealed, id, err := s.ring.Load().ring.Seal([]byte(secret.Reveal()), row.place())
	if err != nil {
		return row, fmt.Errorf("seal %s of %s: %w", kind, ownerID, err)
	}
	row.Sealed, row.KeyID = sealed, int64(id)
	return row, nil
}

// unseal opens a secret. A key that the ring lacks makes it load the ring anew
// once, since another replica may have added it.
func (s *Service) unseal(ctx context.Context, row sealedSecret) (platforms.Secret, error) {
	plain, err := s.ring.Load().ring.Open(row.Sealed, row.place())
	var unknown *vault.UnknownKeyError
	if errors.As(err, &unknown) {
		if err := s.loadRing(ctx); err != nil {
			return platforms.Secret{}, err
		}
		plain, err = s.ring.Load().ring.Open(row.Sealed, row.place())
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
	err := s.loadRing(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		ring, err := vault.NewRing()
		if err != nil {
			return fmt.Errorf("make key ring: %w", err)
		}
		sealed, err := ring.Sealed(s.opts.Key)
		if err != nil {
			return fmt.Errorf("make key ring: %w", err)
		}
		if err := s.db.insertRing(ctx, sealed); err != nil {
			return err
		}
		if err := s.loadRing(ctx); err != nil { // another replica's may have come first
			return err
		}
	} else if err != nil {
		return err
	}
	ids, err := s.db.keyIDs(ctx)
	if err != nil {
		return err
	}
	known := map[int64]bool{}
	for _, k := range s.ring.Load().ring.Keys() {
		known[int64(k.ID)] = true
	}
	for _, id := range ids {
		if !known[id] {
			return fmt.Errorf("secrets are sealed under data key %d, which the key ring lacks: "+
				"restore the key ring that belongs to this database", id)
		}
	}
	return s.loadMAC(ctx)
}

// loadRing reads the ring; sql.ErrNoRows where there is none yet.
func (s *Service) loadRing(ctx context.Context) error {
	sealed, version, err := s.db.readRing(ctx)
	if err != nil {
		return fmt.Errorf("read key ring: %w", err)
	}
	if have := s.ring.Load(); have != nil && have.version == version {
		return nil
	}
	ring, err := vault.OpenRing(sealed, s.opts.Key)
	if err != nil {
		return fmt.Errorf("open key ring: %w", err)
	}
	s.ring.Store(&ringVersion{ring, version})
	return nil
}

// reloadRing runs until ctx ends: it takes up what other replicas did to the
// ring.
func (s *Service) reloadRing(ctx context.Context) {
	tick := time.NewTicker(ringReload)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if err := s.loadRing(ctx); err != nil && ctx.Err() == nil {
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
	row, err := s.secret(ctx, s.db.write, "", installationID, secretMAC)
	if errors.Is(err, sql.ErrNoRows) {
		fresh, err := s.seal("", installationID, secretMAC, platforms.NewSecret(rand.Text()+rand.Text()))
		if err != nil {
			return err
		}
		err = s.db.transact(ctx, func(tx *sqlx.Tx) error { return insertSecretOnce(ctx, tx, fresh) })
		if err != nil {
			return err
		}
		row, err = s.secret(ctx, s.db.write, "", installationID, secretMAC)
		if err != nil {
			return err
		}
	} else if err != nil {
		return err
	}
	key, err := s.unseal(ctx, row)
	if err != nil {
		return err
	}
	s.mac = []byte(key.Reveal())
	return nil
}

// Keys lists the data keys of the ring with the number of secrets under each.
func (s *Service) Keys(ctx context.Context) ([]KeyUse, error) {
	counts, err := s.db.countByKey(ctx)
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

// AddKey adds a data key that does not seal yet. Replicas learn of it within a
// minute; only then should it be promoted.
func (s *Service) AddKey(ctx context.Context) (vault.KeyID, error) {
	var added vault.KeyID
	err := s.changeRing(ctx, s.opts.Key, func(r *vault.Ring) (*vault.Ring, error) {
		next, id, err := r.Add()
		added = id
		return next, err
	})
	return added, err
}

// PromoteKey makes a data key the one that seals.
func (s *Service) PromoteKey(ctx context.Context, id vault.KeyID) error {
	return s.changeRing(ctx, s.opts.Key, func(r *vault.Ring) (*vault.Ring, error) { return r.Promote(id) })
}

// RemoveKey drops a data key under which nothing is sealed any more.
func (s *Service) RemoveKey(ctx context.Context, id vault.KeyID) error {
	counts, err := s.db.countByKey(ctx)
	if err != nil {
		return err
	}
	if n := counts[int64(id)]; n > 0 {
		return fmt.Errorf("remove key %s: %d secrets are still sealed under it; run mooring keys reseal first", id, n)
	}
	return s.changeRing(ctx, s.opts.Key, func(r *vault.Ring) (*vault.Ring, error) { return r.Remove(id) })
}

// Rewrap seals the ring under another operator's key. From then on only that
// one opens the database.
func (s *Service) Rewrap(ctx context.Context, next vault.Key) error {
	return s.changeRing(ctx, next, func(r *vault.Ring) (*vault.Ring, error) { return r, nil })
}

// changeRing stores what change makes of the ring, unless another process
// changed it meanwhile.
func (s *Service) changeRing(ctx context.Context, under vault.Key, change func(*vault.Ring) (*vault.Ring, error)) error {
	if err := s.loadRing(ctx); err != nil {
		return err
	}
	have := s.ring.Load()
	ring, err := change(have.ring)
	if err != nil {
		return fmt.Errorf("change key ring: %w", err)
	}
	sealed, err := ring.Sealed(under)
	if err != nil {
		return fmt.Errorf("change key ring: %w", err)
	}
	if err := s.db.replaceRing(ctx, sealed, have.version); err != nil {
		return err
	}
	s.ring.Store(&ringVersion{ring, have.version + 1})
	return nil
}

// Reseal seals everything anew that is not under the primary data key, in
// small transactions. It may be stopped and run again, beside a running server;
// what a refresh writes meanwhile wins. It returns how many secrets it sealed.
func (s *Service) Reseal(ctx context.Context) (done int, err error) {
	if err := s.loadRing(ctx); err != nil {
		return 0, err
	}
	primary := int64(s.ring.Load().ring.Primary())
	const chunk = 200
	after := sealedSecret{}
	for {
		rows, err := s.db.secretsNotUnder(ctx, primary, after, chunk)
		if err != nil || len(rows) == 0 {
			return done, err
		}
		err = s.db.transact(ctx, func(tx *sqlx.Tx) error {
			for _, row := range rows {
				plain, err := s.unseal(ctx, row)
				if err != nil {
					return err
				}
				fresh, err := s.seal(row.Workspace, row.OwnerID, row.Kind, plain)
				if err != nil {
					return err
				}
				if err := replaceSecret(ctx, tx, row, fresh); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return done, fmt.Errorf("reseal: %w", err)
		}
		done += len(rows)
		after = rows[len(rows)-1]
	}
}
