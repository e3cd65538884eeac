package accounts

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jmoiron/sqlx"

	"mooring/auth"
	"mooring/diagnosis"
)

// Pause says that an account is left alone, since when and by whom.
type Pause struct {
	Since  time.Time
	By     string
	Reason *string
}

// longestReason bounds a reason that a caller gives, in bytes.
const longestReason = 256

// checkReason refuses what no database holds.
func checkReason(reason *string) error {
	if reason != nil && (len(*reason) > longestReason || !utf8.ValidString(*reason) || strings.ContainsRune(*reason, 0)) {
		return invalid("reason", "The reason must be text of at most %d bytes, without NUL.", longestReason)
	}
	return nil
}

// Pause leaves an account alone until Resume: it keeps its tokens, and nobody
// refreshes, asks about or leases it. Its grant goes on for accounts that are
// not paused. What is under way is finished. Pausing a paused account changes
// nothing.
func (s *Service) Pause(ctx context.Context, by auth.Actor, id string, reason *string) (*Account, error) {
	if err := checkReason(reason); err != nil {
		return nil, err
	}
	return s.changePause(ctx, by, id, AccountPaused, func(tx *sqlx.Tx, a *Account) error {
		if err := setPause(ctx, tx, a, Pause{Since: present(), By: by.User, Reason: reason}); err != nil {
			return err
		}
		return parkRefresh(ctx, tx, a.grantID)
	})
}

// Resume ends a pause. What became due meanwhile is refreshed at once, and the
// token is probed as a new one is.
func (s *Service) Resume(ctx context.Context, by auth.Actor, id string) (*Account, error) {
	defer s.refresher.wake()
	defer s.prober.wake()
	return s.changePause(ctx, by, id, AccountResumed, func(tx *sqlx.Tx, a *Account) error {
		if err := setPause(ctx, tx, a, Pause{}); err != nil {
			return err
		}
		if app := s.apps[a.appID]; app != nil {
			if err := s.scheduleProbe(ctx, tx, app, a.tokenOwner(), present()); err != nil {
				return err
			}
		}
		return unparkRefresh(ctx, tx, a.grantID, a.evidence.NextRefresh)
	})
}

// changePause begins or ends a pause and writes the event, unless the account
// is so already.
func (s *Service) changePause(ctx context.Context, by auth.Actor, id string, t EventType, change func(*sqlx.Tx, *Account) error) (*Account, error) {
	a, err := s.connected(ctx, by, id)
	if err != nil {
		return nil, err
	}
	err = s.record(ctx, func(tx *sqlx.Tx) error {
		if err := holdRefreshes(ctx, tx, a.grantID); err != nil {
			return err
		}
		a, err := s.lockAccountAnywhere(ctx, tx, id)
		if err != nil {
			return err
		}
		if !a.DisconnectedAt.IsZero() {
			return disconnectedRefusal(a)
		}
		if (a.Paused != nil) == (t == AccountPaused) {
			return nil
		}
		if err := change(tx, a); err != nil {
			return err
		}
		return appendEvent(ctx, tx, Event{
			Workspace: a.Workspace, Type: t, Actor: &by.User, AccountID: &a.ID, Platform: &a.Platform.ID,
		})
	})
	if err != nil {
		return nil, fmt.Errorf("change the pause of %s: %w", id, err)
	}
	return s.accountNamed(ctx, by, "accountId", id)
}

// pausedRefusal is the answer to whoever wants something of a paused account.
func pausedRefusal(a *Account) *Error {
	why := ""
	if r := a.Paused.Reason; r != nil && *r != "" {
		why = fmt.Sprintf(" (%s)", *r)
	}
	return &Error{
		Code: CodePaused, Field: []string{"accountId"}, Diagnosis: a.explain(diagnosis.CodePaused, 0),
		Message: fmt.Sprintf("The account was paused by %s%s; resume it first.", a.Paused.By, why),
	}
}
