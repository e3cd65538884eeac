package accounts

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"mooring/auth"
)

// attemptRow is a connect attempt.
type attemptRow struct {
	ID             string          `db:"id"`
	Workspace      string          `db:"workspace"`
	AppID          string          `db:"app_id"`
	Platform       string          `db:"platform"`
	LoginMethod    string          `db:"login_method"`
	Status         AttemptStatus   `db:"status"`
	Scopes         texts           `db:"scopes"`
	ReturnTo       string          `db:"return_to"`
	AccountID      string          `db:"account_id"`
	ExternalUserID string          `db:"external_user_id"`
	Labels         texts           `db:"labels"`
	CreatedBy      string          `db:"created_by"`
	CreatedAt      instant         `db:"created_at"`
	ExpiresAt      instant         `db:"expires_at"`
	BrowserHash    string          `db:"browser_hash"`
	ConsumedAt     instant         `db:"consumed_at"`
	BulkID         string          `db:"bulk_id"`
	Outcome        object[outcome] `db:"outcome"`
}

const selectAttempt = `
	SELECT id, workspace, app_id, platform, login_method, status, scopes, return_to, account_id, external_user_id,
	       labels, created_by, created_at, expires_at, coalesce(browser_hash, '') AS browser_hash, consumed_at,
	       bulk_id, outcome
	FROM attempts`

// event is an event about the attempt.
func (r *attemptRow) event(t EventType) Event {
	return Event{
		Workspace: r.Workspace, Type: t, AttemptID: &r.ID, Platform: &r.Platform, AccountID: optional[string](r.AccountID),
		BulkID: optional[string](r.BulkID),
	}
}

// insertAttempt stores an attempt that begins, with the event.
func insertAttempt(ctx context.Context, tx *sqlx.Tx, r *attemptRow) error {
	_, err := exec(ctx, tx, `
		INSERT INTO attempts (id, workspace, app_id, platform, login_method, status, scopes, return_to, account_id,
			external_user_id, labels, created_by, created_at, expires_at, bulk_id, outcome)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		r.ID, r.Workspace, r.AppID, r.Platform, r.LoginMethod, r.Status, r.Scopes, r.ReturnTo, r.AccountID,
		r.ExternalUserID, r.Labels, r.CreatedBy, r.CreatedAt, r.ExpiresAt, r.BulkID, r.Outcome)
	if err != nil {
		return fmt.Errorf("store attempt: %w", err)
	}
	if err := schedule(ctx, tx, r.ID, r.ExpiresAt.Time); err != nil {
		return err
	}
	e := r.event(AttemptCreated)
	e.Actor = &r.CreatedBy
	return appendEvent(ctx, tx, e)
}

// attemptIn reads an attempt of a workspace; sql.ErrNoRows where there is none.
func (s *Service) attemptIn(ctx context.Context, workspace, id string) (*attemptRow, error) {
	return oneAttempt(ctx, s.db.read, selectAttempt+" WHERE id = ? AND workspace = ?", id, workspace)
}

// attemptAnywhere reads an attempt of any workspace, or sql.ErrNoRows: for the engine
// itself, and for browsers, which prove by token and cookie that it is theirs.
func (s *Service) attemptAnywhere(ctx context.Context, id string) (*attemptRow, error) {
	return oneAttempt(ctx, s.db.read, selectAttempt+" WHERE id = ?", id)
}

// attemptByState reads the attempt whose state has that digest, or
// sql.ErrNoRows.
func (s *Service) attemptByState(ctx context.Context, stateHash string) (*attemptRow, error) {
	return oneAttempt(ctx, s.db.read, selectAttempt+" WHERE state_hash = ?", stateHash)
}

func oneAttempt(ctx context.Context, q querier, query string, args ...any) (*attemptRow, error) {
	var row attemptRow
	if err := get(ctx, q, &row, query, args...); err != nil {
		return nil, fmt.Errorf("read attempt: %w", err)
	}
	return &row, nil
}

// attemptsAnywhere reads attempts of all workspaces, for the engine itself.
func (s *Service) attemptsAnywhere(ctx context.Context, ids []string) ([]*Attempt, error) {
	return s.listAttempts(ctx, s.db.read, selectAttempt+" WHERE id IN (?)", ids)
}

// attemptsOf reads the latest attempts of a bulk connect's items, by id.
func (s *Service) attemptsOf(ctx context.Context, q querier, workspace string, items []*bulkItemRow) (map[string]*Attempt, error) {
	var ids []string
	for _, i := range items {
		ids = append(ids, i.AttemptID)
	}
	found, err := s.listAttempts(ctx, q, selectAttempt+" WHERE id IN (?) AND workspace = ?", ids, workspace)
	byID := map[string]*Attempt{}
	for _, a := range found {
		byID[a.ID] = a
	}
	return byID, err
}

// listAttempts reads the attempts of those ids, which the query's first argument
// stands for.
func (s *Service) listAttempts(ctx context.Context, q querier, query string, ids []string, further ...any) ([]*Attempt, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	query, args, err := sqlx.In(query, append([]any{ids}, further...)...)
	if err != nil {
		return nil, fmt.Errorf("read attempts: %w", err)
	}
	var rows []attemptRow
	if err := list(ctx, q, &rows, query, args...); err != nil {
		return nil, fmt.Errorf("read attempts: %w", err)
	}
	attempts := make([]*Attempt, len(rows))
	for i := range rows {
		attempts[i] = s.attempt(&rows[i])
	}
	return attempts, nil
}

// unfinishedAttempts reads the latest attempts of an actor's own that go on. None
// lives longer than the sum of its times, by which the index finds them.
func (s *Service) unfinishedAttempts(ctx context.Context, by auth.Actor, now time.Time) ([]attemptRow, error) {
	var rows []attemptRow
	err := list(ctx, s.db.read, &rows, selectAttempt+`
		WHERE created_at > ? AND expires_at > ? AND workspace = ? AND created_by = ? AND status IN (?, ?) AND bulk_id = ''
		ORDER BY created_at DESC, id DESC LIMIT ?`,
		instant{now.Add(-attemptLife - exchangeLife - selectionLife)}, instant{now}, by.Workspace, by.User,
		AttemptPending, AttemptSelecting, maxUnfinished)
	if err != nil {
		return nil, fmt.Errorf("read the unfinished attempts of %s: %w", by.User, err)
	}
	return rows, nil
}

// attemptsBegunBy counts what has been begun since a moment by and for whom an
// attempt is, and says when the first of these was.
func (s *Service) attemptsBegunBy(ctx context.Context, like *attemptRow, since time.Time) (int, time.Time, error) {
	var row struct {
		Count  int     `db:"count"`
		Oldest instant `db:"oldest"`
	}
	err := get(ctx, s.db.read, &row, `
		SELECT count(*) AS count, min(created_at) AS oldest FROM attempts
		WHERE created_at > ? AND workspace = ? AND created_by = ? AND external_user_id = ?`,
		instant{since}, like.Workspace, like.CreatedBy, like.ExternalUserID)
	if err != nil {
		return 0, time.Time{}, fmt.Errorf("count the attempts of %s: %w", like.CreatedBy, err)
	}
	return row.Count, row.Oldest.Time, nil
}

// countAttempts counts what one actor has begun since a moment to reconnect an
// account.
func (s *Service) countAttempts(ctx context.Context, a *Account, by string, since time.Time) (int, error) {
	var n int
	err := get(ctx, s.db.read, &n, `
		SELECT count(*) FROM attempts WHERE created_at > ? AND workspace = ? AND account_id = ? AND created_by = ?`,
		instant{since}, a.Workspace, a.ID, by)
	if err != nil {
		return 0, fmt.Errorf("count attempts to reconnect %s: %w", a.ID, err)
	}
	return n, nil
}

// bindAttempt gives an attempt a state, and the browser that alone may bring
// it back. It reports false if another browser has it.
func bindAttempt(ctx context.Context, tx *sqlx.Tx, r *attemptRow, stateHash, browserHash string) (bool, error) {
	n, err := exec(ctx, tx, `
		UPDATE attempts SET state_hash = ?, browser_hash = ?, started_at = coalesce(started_at, ?)
		WHERE id = ? AND workspace = ? AND status = ? AND consumed_at IS NULL
		AND (browser_hash IS NULL OR browser_hash = ?)`,
		stateHash, browserHash, instant{present()}, r.ID, r.Workspace, AttemptPending, browserHash)
	if err != nil {
		return false, fmt.Errorf("start %s: %w", r.ID, err)
	}
	return n == 1, nil
}

// consumeAttempt takes the platform's answer to an attempt, which can be done
// once. It reports false if it was done before, if the time is over, or if the
// browser has started again with another state.
func (s *Service) consumeAttempt(ctx context.Context, r *attemptRow, stateHash string) (bool, error) {
	now := present()
	var mine bool
	err := s.db.transact(ctx, func(tx *sqlx.Tx) error {
		mine = false
		var id string
		err := get(ctx, tx, &id, `
			UPDATE attempts SET consumed_at = ?, expires_at = ?
			WHERE id = ? AND workspace = ? AND state_hash = ? AND browser_hash = ? AND status = ?
			AND consumed_at IS NULL AND expires_at > ?
			RETURNING id`,
			instant{now}, instant{now.Add(exchangeLife)}, r.ID, r.Workspace, stateHash, r.BrowserHash, AttemptPending, instant{now})
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		mine = true
		r.ConsumedAt = instant{now}
		return schedule(ctx, tx, r.ID, now.Add(exchangeLife))
	})
	if err != nil {
		return false, fmt.Errorf("take the answer to %s: %w", r.ID, err)
	}
	return mine, nil
}

// updateOutcome stores what an attempt has come to so far. It reports false if
// the attempt has left the status of the row.
func updateOutcome(ctx context.Context, tx *sqlx.Tx, r *attemptRow) (bool, error) {
	n, err := exec(ctx, tx, "UPDATE attempts SET outcome = ? WHERE id = ? AND workspace = ? AND status = ?",
		r.Outcome, r.ID, r.Workspace, r.Status)
	if err != nil {
		return false, fmt.Errorf("store outcome of %s: %w", r.ID, err)
	}
	return n == 1, nil
}

// moveAttempt brings an attempt from a status to that of the row, with the
// row's outcome. It reports false if the attempt is not in that status, or if
// the platform's answer has come since the row was read.
func moveAttempt(ctx context.Context, tx *sqlx.Tx, r *attemptRow, from AttemptStatus) (bool, error) {
	n, err := exec(ctx, tx, `
		UPDATE attempts SET status = ?, outcome = ?, expires_at = ?
		WHERE id = ? AND workspace = ? AND status = ? AND consumed_at IS NOT DISTINCT FROM ?`,
		r.Status, r.Outcome, r.ExpiresAt, r.ID, r.Workspace, from, r.ConsumedAt)
	if err != nil {
		return false, fmt.Errorf("move %s to %s: %w", r.ID, r.Status, err)
	}
	return n == 1, nil
}

// closeAttempt forgets the secrets of an attempt that has ended.
func closeAttempt(ctx context.Context, tx *sqlx.Tx, r *attemptRow) error {
	if err := deleteSecrets(ctx, tx, r.Workspace, r.ID); err != nil {
		return err
	}
	return unschedule(ctx, tx, r.ID)
}

// subjectWaits reports whether a consent of the person at the same client waits
// to become a grant, in any workspace and on any platform that the client
// serves. See subjectHasOther.
func subjectWaits(ctx context.Context, tx *sqlx.Tx, g grantRow, now time.Time) (bool, error) {
	var waiting []object[outcome]
	err := list(ctx, tx, &waiting, `
		SELECT t.outcome FROM apps mine
		JOIN apps p ON p.client_id = mine.client_id AND p.sandbox = mine.sandbox
		JOIN attempts t ON t.app_id = p.id
		WHERE mine.id = ? AND t.created_at > ? AND t.status IN (?, ?)`,
		g.AppID, instant{now.Add(-attemptLife - selectionLife)}, AttemptPending, AttemptSelecting)
	if err != nil {
		return false, fmt.Errorf("read waiting consents of %s: %w", g.ID, err)
	}
	return slices.ContainsFunc(waiting, func(o object[outcome]) bool { return o.v.Subject == g.Subject }), nil
}

// consentTimes returns how long people took at a platform's consent page, in all
// workspaces, the latest first.
func (s *Service) consentTimes(ctx context.Context, platform string, limit int) ([]time.Duration, error) {
	var took []int64
	err := list(ctx, s.db.read, &took, `
		SELECT consumed_at - started_at FROM attempts
		WHERE platform = ? AND status = 'COMPLETED' AND started_at IS NOT NULL ORDER BY created_at DESC LIMIT ?`, platform, limit)
	if err != nil {
		return nil, fmt.Errorf("read how long consents take at %s: %w", platform, err)
	}
	times := make([]time.Duration, len(took))
	for i, ms := range took {
		times[i] = time.Duration(ms) * time.Millisecond
	}
	return times, nil
}

// deleteAttempts deletes up to limit ended attempts from before a moment and
// returns how many it deleted.
func (s *Service) deleteAttempts(ctx context.Context, before time.Time, limit int) (int, error) {
	n, err := exec(ctx, s.db.write, `
		DELETE FROM attempts WHERE id IN (
			SELECT id FROM attempts WHERE created_at < ? AND status NOT IN (?, ?) ORDER BY created_at LIMIT ?)`,
		instant{before}, AttemptPending, AttemptSelecting, limit)
	return int(n), err
}
