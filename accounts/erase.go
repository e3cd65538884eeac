package accounts

import (
	"context"
	"database/sql"
	"encoding/base32"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"mooring/auth"
	"mooring/platforms"
)

// Erasure is the removal of a person or a workspace. It goes on in small
// transactions, and after a restart where it had stopped.
type Erasure struct {
	ID          string
	BegunAt     time.Time
	EndedAt     time.Time // zero while it goes on
	Removed     []Erased
	Kept        []Retained
	Revocations []Revocation
}

// Erased is how much of something was removed.
type Erased struct {
	What  string // such as accounts or attempts
	Count int
}

// Retained is what was not removed.
type Retained struct {
	What string
	Why  string
}

// Revocation is whether the platform took back what an account lived by.
type Revocation struct {
	AccountID         string
	Platform          string
	RevokedAtPlatform bool
	Note              *string // why not, for people; nil when it was
	RevokeURL         *string // where the person can do it; nil when it was
}

const erasurePrefix = "ers_"

// erasureRetry is how long an erasure may take before it is taken up again.
const erasureRetry = 10 * time.Minute

// erasureTarget is whom or what to erase; one of User, ExternalUserID, Subject
// and Everything is set.
type erasureTarget struct {
	By             string    `json:"by,omitempty"`
	User           string    `json:"user,omitempty"`
	KeepAccounts   bool      `json:"keepAccounts,omitempty"` // that User connected
	ExternalUserID string    `json:"externalUserId,omitempty"`
	Apps           []string  `json:"apps,omitempty"` // of Subject
	Subject        string    `json:"subject,omitempty"`
	Until          time.Time `json:"until,omitzero"` // of Subject's consents
	Everything     bool      `json:"everything,omitempty"`
}

// erasureReport is what an erasure has done so far.
type erasureReport struct {
	Removed     map[string]int `json:"removed"`
	Kept        []Retained     `json:"kept"`
	Revocations []Revocation   `json:"revocations"`
}

func (r *erasureReport) count(what string, n int64) {
	if r.Removed == nil {
		r.Removed = map[string]int{}
	}
	r.Removed[what] += int(n)
}

// EraseRequest is whom to erase: one of the two.
type EraseRequest struct {
	ExternalUserID *string // whom accounts, attempts and bulk connects belong to
	User           *string // who acts here, and the accounts that they connected
	KeepAccounts   bool    // those that User connected stay, but not by whom
}

// EraseUser removes a person from the actor's workspace: accounts with all that
// hangs on them, attempts and bulk connects. Connected accounts are disconnected
// first, which takes their tokens back at the platform as far as Disconnect does.
// The log keeps what happened; where the person acted, another name stands for
// theirs.
func (s *Service) EraseUser(ctx context.Context, by auth.Actor, in EraseRequest) (*Erasure, error) {
	target := erasureTarget{By: by.User}
	switch {
	case (in.ExternalUserID == nil) == (in.User == nil):
		return nil, invalid("externalUserId", "Give externalUserId or user, and not both.")
	case in.ExternalUserID != nil && *in.ExternalUserID == "":
		return nil, invalid("externalUserId", "An empty text names nobody.")
	case in.User != nil && *in.User == "":
		return nil, invalid("user", "An empty text names nobody.")
	case in.ExternalUserID != nil:
		target.ExternalUserID = *in.ExternalUserID
	default:
		target.User, target.KeepAccounts = *in.User, in.KeepAccounts
		err := s.db.transact(ctx, func(tx *sqlx.Tx) error {
			owners, err := lockOwners(ctx, tx, by.Workspace)
			if err == nil && slices.Equal(owners, []string{*in.User}) {
				return lastOwner()
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return s.erase(ctx, newID(erasurePrefix), by.Workspace, target)
}

// EraseWorkspace removes all that the actor's workspace has, as EraseUser does,
// and its log. confirm is the workspace's name.
func (s *Service) EraseWorkspace(ctx context.Context, by auth.Actor, confirm string) (*Erasure, error) {
	if confirm != by.Workspace {
		return nil, invalid("confirm", "Repeat the name of the workspace to erase, which is the one that you act in.")
	}
	return s.erase(ctx, newID(erasurePrefix), by.Workspace, erasureTarget{By: by.User, Everything: true})
}

// eraseSubject removes what a person has granted to an app, in all workspaces. The
// same notice has the same code.
func (s *Service) eraseSubject(ctx context.Context, a *app, n platforms.Notice) (code string, err error) {
	seal := s.signature("erasure", fmt.Sprintf("%s %s %d", a.ClientID, n.Subject, n.At.Unix()))
	code = erasurePrefix + strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(seal))
	_, err = s.erase(ctx, code, "", erasureTarget{Apps: s.clientsOf(a), Subject: n.Subject, Until: n.At.Add(time.Second)})
	return code, err
}

// ErasureState returns an erasure that a platform asked for, by its code, or an
// *Error with CodeNotFound.
func (s *Service) ErasureState(ctx context.Context, code string) (*Erasure, error) {
	row, err := readErasure(ctx, s.db.read, code)
	if errors.Is(err, sql.ErrNoRows) || err == nil && row.Workspace != "" {
		return nil, notFound("code", "erasure", code)
	}
	if err != nil {
		return nil, err
	}
	return row.erasure(), nil
}

// erase begins an erasure, unless it has been, and goes on until its end.
func (s *Service) erase(ctx context.Context, id, workspace string, target erasureTarget) (*Erasure, error) {
	s.settling.Add(1)
	defer s.settling.Done()
	ctx = context.WithoutCancel(ctx)
	err := s.record(ctx, func(tx *sqlx.Tx) error {
		now := present()
		added, err := insertErasure(ctx, tx, id, workspace, target, now)
		if err != nil || !added {
			return err
		}
		if err := schedule(ctx, tx, id, now.Add(erasureRetry)); err != nil {
			return err
		}
		if workspace == "" {
			return nil // each workspace learns of its own accounts
		}
		return appendEvent(ctx, tx, Event{Workspace: workspace, Type: DataErased, Actor: optional[string](target.By)})
	})
	if err != nil {
		return nil, err
	}
	return s.continueErasure(ctx, id)
}

// resumeErasure takes up an erasure that did not come to its end.
func (s *Service) resumeErasure(ctx context.Context, due dueRow, now time.Time) error {
	row, err := readErasure(ctx, s.db.read, due.ID)
	gone := errors.Is(err, sql.ErrNoRows)
	if err != nil && !gone {
		return err
	}
	goesOn := !gone && row.EndedAt.IsZero()
	if err := s.record(ctx, func(tx *sqlx.Tx) error { return reschedule(ctx, tx, due, now.Add(erasureRetry), goesOn) }); err != nil || !goesOn {
		return err
	}
	s.settling.Go(func() {
		ctx := context.WithoutCancel(ctx)
		if _, err := s.continueErasure(ctx, due.ID); err != nil {
			s.log.LogAttrs(ctx, slog.LevelError, "erase", slog.String("erasure", due.ID), slog.Any("error", err))
		}
	})
	return nil
}

// continueErasure does what is left of an erasure. Each step may be done again,
// and by several at once.
func (s *Service) continueErasure(ctx context.Context, id string) (*Erasure, error) {
	row, err := readErasure(ctx, s.db.write, id)
	if err != nil {
		return nil, err
	}
	if row.EndedAt.IsZero() {
		if err := s.eraseAll(ctx, row); err != nil {
			return nil, fmt.Errorf("erase %s: %w", id, err)
		}
		if row, err = readErasure(ctx, s.db.write, id); err != nil {
			return nil, err
		}
	}
	return row.erasure(), nil
}

func (s *Service) eraseAll(ctx context.Context, row *erasureRow) error {
	for _, rows := range row.attemptsAndBulks() { // so that nothing new comes of them
		if err := s.eraseRows(ctx, row, rows); err != nil {
			return err
		}
	}
	for {
		account, err := s.nextToErase(ctx, row)
		if err != nil {
			return err
		}
		if account == nil {
			break
		}
		if err := s.eraseAccount(ctx, row, account); err != nil {
			return fmt.Errorf("account %s: %w", account.ID, err)
		}
	}
	if err := s.sequence(ctx); err != nil { // what is sequenced can be deleted
		return err
	}
	for _, rows := range row.rest() {
		if err := s.eraseRows(ctx, row, rows); err != nil {
			return err
		}
	}
	if err := s.finishErasure(ctx, row); err != nil {
		return err
	}
	return s.db.scrub(ctx)
}

// eraseAccount disconnects an account and removes it with all that hangs on it.
func (s *Service) eraseAccount(ctx context.Context, row *erasureRow, a *Account) error {
	var revocation *Revocation
	if a.DisconnectedAt.IsZero() && row.Workspace != "" {
		by := auth.Actor{User: row.Target.v.By, Workspace: a.Workspace}
		d, err := s.Disconnect(ctx, by, a.ID)
		if err != nil && !isExpected(err) { // somebody else disconnected it
			return err
		}
		if err == nil {
			revocation = &Revocation{AccountID: a.ID, Platform: a.Platform.ID, RevokedAtPlatform: d.RevokedAtPlatform, Note: optional[string](d.Note)}
			if !d.RevokedAtPlatform {
				revocation.RevokeURL = optional[string](d.RevokeURL)
			}
		}
	}
	if err := s.eraseRows(ctx, row, rowsOf(a)); err != nil {
		return err
	}
	s.limits.forget(a.appID, a.ExternalID)
	return s.record(ctx, func(tx *sqlx.Tx) error {
		if err := lockGrants(ctx, tx, a.Workspace, a.Platform.ID); err != nil {
			return err
		}
		var done erasureReport
		if revocation != nil {
			done.Revocations = append(done.Revocations, *revocation)
		}
		removed, err := removeAccount(ctx, tx, a, &done)
		if err != nil || !removed {
			return err
		}
		if err := addToErasure(ctx, tx, row.ID, done); err != nil {
			return err
		}
		return appendEvent(ctx, tx, Event{
			Workspace: a.Workspace, Type: AccountErased, Actor: optional[string](row.Target.v.By), AccountID: &a.ID, Platform: &a.Platform.ID,
		})
	})
}

// finishErasure forgets whom an erasure was about.
func (s *Service) finishErasure(ctx context.Context, row *erasureRow) error {
	return s.record(ctx, func(tx *sqlx.Tx) error {
		ended, err := endErasure(ctx, tx, row.ID, present())
		if err != nil || !ended {
			return err
		}
		if err := addToErasure(ctx, tx, row.ID, erasureReport{Kept: row.kept()}); err != nil {
			return err
		}
		return unschedule(ctx, tx, row.ID)
	})
}

// pseudonym is what stands in the log for somebody who was erased.
func (r *erasureRow) pseudonym() string { return "erased:" + strings.TrimPrefix(r.ID, erasurePrefix) }

// kept says what stays, and why.
func (r *erasureRow) kept() []Retained {
	t := r.Target.v
	kept := []Retained{{"backups", "Backups that were made before still have it all; they are the operator's to delete."}}
	switch {
	case t.Everything:
		kept = append(kept, Retained{"events", "The log keeps that the workspace was erased, and who asked for it."})
	case t.User != "":
		kept = append(kept, Retained{"events", "The log and the activity of accounts stay as they are, with " + r.pseudonym() + " in the place of the user."})
	default:
		kept = append(kept, Retained{"events", "The log stays; of an account it has an id of Mooring's own and codes, and no names."})
	}
	if t.KeepAccounts {
		kept = append(kept, Retained{"accounts", "Those that the user connected were to be kept."})
	}
	return kept
}
