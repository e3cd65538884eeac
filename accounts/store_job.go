package accounts

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"mooring/diagnosis"
)

// jobRow is a bulk job.
type jobRow struct {
	ID               string     `db:"id"`
	Workspace        string     `db:"workspace"`
	Action           BulkAction `db:"action"`
	Force            bool       `db:"force"`
	CreatedBy        string     `db:"created_by"`
	ClientMutationID *string    `db:"client_mutation_id"`
	CreatedAt        instant    `db:"created_at"`
	EndedAt          instant    `db:"ended_at"`
	CancelledAt      instant    `db:"cancelled_at"`
	Total            int        `db:"total"`
	Done             int        `db:"done"`
	Failed           int        `db:"failed"`
	Unneeded         int        `db:"unneeded"`
}

func (r *jobRow) job() *BulkJob {
	j := &BulkJob{
		ID: r.ID, Workspace: r.Workspace, Action: r.Action, Status: JobRunning, Total: r.Total, Done: r.Done, Failed: r.Failed, Unneeded: r.Unneeded,
		CreatedAt: r.CreatedAt.Time, CreatedBy: r.CreatedBy, EndedAt: r.EndedAt.Time,
	}
	switch {
	case !r.CancelledAt.IsZero():
		j.Status = JobCancelled
	case !r.EndedAt.IsZero():
		j.Status = JobDone
	}
	return j
}

// jobItem is an account of a bulk job that is being worked on.
type jobItem struct {
	JobID     string     `db:"job_id"`
	Place     int        `db:"place"`
	AccountID string     `db:"account_id"`
	GrantID   string     `db:"grant_id"` // when the job began
	Workspace string     `db:"workspace"`
	Action    BulkAction `db:"action"`
	Force     bool       `db:"force"`
	CreatedBy string     `db:"created_by"`
}

// jobItemRow is what came of an account of a bulk job.
type jobItemRow struct {
	Place      int         `db:"place"`
	AccountID  string      `db:"account_id"`
	Outcome    BulkOutcome `db:"outcome"`
	Code       Code        `db:"code"`
	Message    string      `db:"message"`
	FinishedAt instant     `db:"finished_at"`

	Diagnosis object[*diagnosis.Diagnosis] `db:"diagnosis"`
}

// insertJob stores a bulk job with the accounts that a condition leaves, and
// returns its id, or that of the job which the same caller has begun by the same
// request before.
func (s *Service) insertJob(ctx context.Context, r *jobRow, where *condition) (id string, err error) {
	if where.err != nil {
		return "", fmt.Errorf("choose accounts of a bulk job: %w", where.err)
	}
	err = s.record(ctx, func(tx *sqlx.Tx) error {
		n, err := exec(ctx, tx, `
			INSERT INTO bulk_jobs (id, workspace, action, force, created_by, client_mutation_id, created_at, total, done, failed)
			VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0, 0)
			ON CONFLICT (workspace, created_by, client_mutation_id) DO NOTHING`,
			r.ID, r.Workspace, r.Action, flag(r.Force), r.CreatedBy, r.ClientMutationID, r.CreatedAt)
		if err != nil {
			return err
		}
		if n == 0 {
			return get(ctx, tx, &id, "SELECT id FROM bulk_jobs WHERE workspace = ? AND created_by = ? AND client_mutation_id = ?",
				r.Workspace, r.CreatedBy, r.ClientMutationID)
		}
		id = r.ID
		var running int
		if err := get(ctx, tx, &running, "SELECT count(*) FROM bulk_jobs WHERE workspace = ? AND ended_at IS NULL", r.Workspace); err != nil {
			return err
		}
		if running > maxJobs {
			return &Error{Code: CodeWrongState, Message: fmt.Sprintf("%d bulk jobs are under way, as many as a workspace may have. Wait for one, or cancel it.", maxJobs)}
		}
		total, err := exec(ctx, tx, `
			INSERT INTO bulk_job_items (job_id, place, account_id, grant_id, outcome, code, message)
			SELECT CAST(? AS TEXT), row_number() OVER (ORDER BY a.connected_at, a.id), a.id, a.grant_id, 'PENDING', '', ''
			FROM accounts a WHERE `+where.String()+" LIMIT ?", append(append([]any{r.ID}, where.args...), maxJobAccounts+1)...)
		switch {
		case unstorable(err) || err == nil && total == 0:
			return invalid("filter", "The filter leaves no account.")
		case err != nil:
			return err
		case total > maxJobAccounts:
			return invalid("filter", "The filter leaves more than %d accounts, which is the most for one job. Name platforms or labels.", maxJobAccounts)
		}
		if _, err := exec(ctx, tx, "UPDATE bulk_jobs SET total = ? WHERE id = ?", total, r.ID); err != nil {
			return err
		}
		return appendEvent(ctx, tx, Event{Workspace: r.Workspace, Type: BulkJobCreated, Actor: &r.CreatedBy, BulkID: &r.ID})
	})
	if err != nil {
		return "", fmt.Errorf("begin a bulk job: %w", err)
	}
	return id, nil
}

// readJob reads a bulk job of a workspace; sql.ErrNoRows where there is none.
func readJob(ctx context.Context, q querier, workspace, id string) (*jobRow, error) {
	var row jobRow
	err := get(ctx, q, &row, `
		SELECT id, workspace, action, force, created_by, client_mutation_id, created_at, ended_at, cancelled_at, total, done, failed,
			(SELECT count(*) FROM bulk_job_items WHERE job_id = bulk_jobs.id AND outcome = 'UNNEEDED') AS unneeded
		FROM bulk_jobs WHERE id = ? AND workspace = ?`, id, workspace)
	if err != nil {
		return nil, fmt.Errorf("read bulk job: %w", err)
	}
	return &row, nil
}

// endJob cancels a bulk job. It reports false if there is none that runs.
func endJob(ctx context.Context, tx *sqlx.Tx, workspace, id string, now time.Time) (bool, error) {
	n, err := exec(ctx, tx, "UPDATE bulk_jobs SET cancelled_at = ?, ended_at = ? WHERE id = ? AND workspace = ? AND ended_at IS NULL",
		instant{now}, instant{now}, id, workspace)
	if err != nil {
		return false, fmt.Errorf("cancel bulk job %s: %w", id, err)
	}
	return n == 1, nil
}

// jobItems reads what came of a job's accounts behind a place.
func (s *Service) jobItems(ctx context.Context, j *BulkJob, only *BulkOutcome, after, limit int) ([]jobItemRow, error) {
	c := &condition{}
	c.and("job_id = ? AND place > ?", j.ID, after)
	if only != nil {
		c.and("outcome = ?", *only)
	}
	var rows []jobItemRow
	err := list(ctx, s.db.read, &rows, "SELECT place, account_id, outcome, code, message, diagnosis, finished_at FROM bulk_job_items WHERE "+
		c.String()+" ORDER BY place LIMIT ?", append(c.args, limit)...)
	if err != nil {
		return nil, fmt.Errorf("read results of %s: %w", j.ID, err)
	}
	return rows, nil
}

// claimItem claims an account of a bulk job, of all workspaces, that nobody works
// on; nil where there is none. All jobs advance alike.
func (s *Service) claimItem(ctx context.Context) (*jobItem, error) {
	const open = `
		FROM bulk_job_items i JOIN bulk_jobs j ON j.id = i.job_id
		WHERE j.ended_at IS NULL AND i.outcome = 'PENDING' AND i.claimed_until <= ?`
	now, err := s.db.now(ctx, s.db.read)
	if err != nil {
		return nil, err
	}
	var waiting bool // a look is cheaper than a transaction
	if err := get(ctx, s.db.read, &waiting, "SELECT EXISTS (SELECT 1"+open+")", instant{now}); err != nil || !waiting {
		return nil, err
	}
	lock := ""
	if s.db.postgres != nil {
		lock = " FOR UPDATE OF i SKIP LOCKED"
	}
	var item *jobItem
	err = s.db.transact(ctx, func(tx *sqlx.Tx) error {
		var found jobItem
		err := get(ctx, tx, &found, "SELECT i.job_id, i.place, i.account_id, i.grant_id, j.workspace, j.action, j.force, j.created_by"+
			open+" ORDER BY i.place, i.job_id LIMIT 1"+lock, instant{now})
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		if _, err := exec(ctx, tx, "UPDATE bulk_job_items SET claimed_until = ? WHERE job_id = ? AND place = ?",
			instant{now.Add(s.opts.Lease + jobClaimMargin)}, found.JobID, found.Place); err != nil {
			return err
		}
		item = &found
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("claim an account: %w", err)
	}
	return item, nil
}

// finishItem writes down what came of an account and, with the last one, that the
// job has ended. It reports false if that was written before.
func finishItem(ctx context.Context, tx *sqlx.Tx, item *jobItem, note string, failure error) (bool, error) {
	outcome, code, failed := OutcomeSucceeded, Code(""), 0
	var expected *Error
	var nothing unneeded
	var why any // NULL
	if errors.As(failure, &nothing) {
		outcome, note = OutcomeUnneeded, nothing.Error()
	}
	if errors.As(failure, &expected) {
		outcome, code, note, failed = OutcomeFailed, expected.Code, expected.Message, 1
		if expected.Diagnosis != nil {
			why = object[*diagnosis.Diagnosis]{expected.Diagnosis}
		}
	}
	now := present()
	n, err := exec(ctx, tx, `
		UPDATE bulk_job_items SET outcome = ?, code = ?, message = ?, diagnosis = ?, finished_at = ?
		WHERE job_id = ? AND place = ? AND outcome = 'PENDING'`, outcome, code, note, why, instant{now}, item.JobID, item.Place)
	if err != nil {
		return false, fmt.Errorf("finish an account of %s: %w", item.JobID, err)
	}
	if n == 0 {
		return false, nil
	}
	var ended int
	err = get(ctx, tx, &ended, `
		UPDATE bulk_jobs SET done = done + 1, failed = failed + ?,
			ended_at = CASE WHEN done + 1 = total THEN coalesce(ended_at, ?) ELSE ended_at END
		WHERE id = ? RETURNING CASE WHEN done = total AND cancelled_at IS NULL THEN 1 ELSE 0 END`, failed, instant{now}, item.JobID)
	if err != nil {
		return false, fmt.Errorf("count an account of %s: %w", item.JobID, err)
	}
	if ended == 0 {
		return true, nil
	}
	return true, appendEvent(ctx, tx, Event{Workspace: item.Workspace, Type: BulkJobEnded, BulkID: &item.JobID})
}

// noteItem adds what is to be said of an account that is finished.
func (s *Service) noteItem(ctx context.Context, item *jobItem, note string) error {
	_, err := exec(ctx, s.db.write, "UPDATE bulk_job_items SET message = ? WHERE job_id = ? AND place = ?", note, item.JobID, item.Place)
	if err != nil {
		return fmt.Errorf("note on an account of %s: %w", item.JobID, err)
	}
	return nil
}

// deleteJobs deletes up to limit ended bulk jobs from before a moment and returns
// how many it deleted.
func (s *Service) deleteJobs(ctx context.Context, before time.Time, limit int) (int, error) {
	n, err := exec(ctx, s.db.write, `
		DELETE FROM bulk_jobs WHERE id IN (
			SELECT id FROM bulk_jobs WHERE created_at < ? AND ended_at IS NOT NULL ORDER BY created_at LIMIT ?)`, instant{before}, limit)
	return int(n), err
}
