package accounts

import (
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"

	"mooring/auth"
	"mooring/diagnosis"
)

const (
	// jobSlots is how many accounts a replica works on at once for all bulk jobs.
	jobSlots = 4
	// maxJobAccounts and maxJobs bound a bulk job, and how many of them a workspace
	// may have under way.
	maxJobAccounts, maxJobs = 10_000, 5
	// jobClaimMargin is how much longer an account is held than may be worked on it.
	jobClaimMargin = 10 * time.Second
	// jobTold is how often those who watch a job learn of its progress.
	jobTold = 250 * time.Millisecond

	jobPrefix = "job_"
)

// BulkJob does one thing to many accounts, which are fixed when it begins. Each
// account is an item of its own: the replicas claim items, work on them, and note
// what came of it, so that a job outlives them all. An item whose replica has died
// is claimed anew; one that is finished never is, and an account is disconnected
// in the transaction that finishes its item.
type BulkJob struct {
	ID        string
	Workspace string
	Action    BulkAction
	Status    BulkJobStatus
	Total     int
	Done      int // of those; grows only
	Unneeded  int // of those done
	Failed    int // of those done
	CreatedAt time.Time
	CreatedBy string
	EndedAt   time.Time // zero while it runs
}

// IsNode marks a type of the schema's Node interface.
func (*BulkJob) IsNode() {}

// Succeeded is for how many of the accounts done there was something to do, and it was done.
func (j *BulkJob) Succeeded() int { return j.Done - j.Failed - j.Unneeded }

// BulkAction is what a bulk job does.
type BulkAction string

// The actions.
const (
	BulkRefresh          BulkAction = "REFRESH"
	BulkValidate         BulkAction = "VALIDATE"
	BulkCheckHealth      BulkAction = "CHECK_HEALTH"
	BulkCheckPermissions BulkAction = "CHECK_PERMISSIONS"
	BulkDisconnect       BulkAction = "DISCONNECT"
)

// BulkJobStatus says whether a bulk job goes on.
type BulkJobStatus string

// The statuses of a bulk job.
const (
	JobRunning   BulkJobStatus = "RUNNING"
	JobDone      BulkJobStatus = "COMPLETED"
	JobCancelled BulkJobStatus = "CANCELLED"
)

// BulkOutcome says what came of one account.
type BulkOutcome string

// The outcomes.
const (
	OutcomePending   BulkOutcome = "PENDING"
	OutcomeSucceeded BulkOutcome = "SUCCEEDED" // it was done, whatever was found out
	OutcomeUnneeded  BulkOutcome = "UNNEEDED"  // a healthy account that needs no renewal now, or has nothing to renew
	OutcomeFailed    BulkOutcome = "FAILED"
)

// BulkJobRequest is what to do to which accounts.
type BulkJobRequest struct {
	Action           BulkAction
	Filter           Filter
	Force            bool    // of a refresh
	ClientMutationID *string // as in BulkConnectRequest
}

// BulkJobResult is what came of one account.
type BulkJobResult struct {
	AccountID  string
	Account    *Account // as it is now
	Outcome    BulkOutcome
	Code       *Code // of an expected failure
	Message    *string
	Diagnosis  *diagnosis.Diagnosis // of a failure at the platform
	FinishedAt time.Time
}

// BulkJobResultPage is a page of results, in the order of the accounts.
type BulkJobResultPage struct {
	Results []*BulkJobResult
	Cursors []string // one for each
	HasNext bool
}

// StartBulkJob begins to do one thing to the accounts that a filter leaves now.
func (s *Service) StartBulkJob(ctx context.Context, by auth.Actor, in BulkJobRequest) (*BulkJob, error) {
	named, err := checkMutationID(in.ClientMutationID)
	if err != nil {
		return nil, err
	}
	if in.Action == BulkDisconnect && in.Filter.isEmpty() {
		return nil, invalid("filter", "Say which accounts to disconnect: a filter without conditions leaves all.")
	}
	if in.Filter.Disconnected != nil && *in.Filter.Disconnected {
		return nil, invalid("filter", "Nothing can be done to disconnected accounts but connecting them again.")
	}
	if err := s.knowsAll(ctx, by, in.Filter.IDs); err != nil {
		return nil, err
	}
	now := present()
	row := &jobRow{
		ID: newID(jobPrefix), Workspace: by.Workspace, Action: in.Action, Force: in.Force, CreatedBy: by.User,
		ClientMutationID: named, CreatedAt: instant{now},
	}
	where := filterSQL(in.Filter, by.Workspace, now, s.opts.ExpiringWithin)
	id, err := s.insertJob(ctx, row, where)
	if err != nil {
		return nil, err
	}
	s.jobs.wake()
	return s.BulkJob(ctx, by, id)
}

// isEmpty reports whether the filter leaves all accounts.
func (f Filter) isEmpty() bool {
	return len(f.IDs)+len(f.Platforms)+len(f.Statuses)+len(f.ExternalUserIDs)+len(f.Labels) == 0 &&
		text(f.Search) == "" && f.Paused == nil && f.ExpiresFrom == nil && f.ExpiresTo == nil
}

// knowsAll refuses ids of accounts that the actor's workspace does not have.
func (s *Service) knowsAll(ctx context.Context, by auth.Actor, ids []string) error {
	const most = 1000
	if ids != nil && len(ids) == 0 {
		return invalid("accountIds", "The list of accounts is empty; leave it out to mean all that the filter leaves.")
	}
	if len(ids) > most {
		return invalid("accountIds", "There are %d ids; at most %d are possible. A filter reaches more.", len(ids), most)
	}
	found, err := s.accountsByID(ctx, s.db.read, by.Workspace, ids)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if !slices.ContainsFunc(found, func(a *Account) bool { return a.ID == id && a.DisconnectedAt.IsZero() }) {
			return notFound("accountIds", "account", id)
		}
	}
	return nil
}

// BulkJob returns the bulk job of that id as it is now, or an *Error with
// CodeNotFound if the actor's workspace has none.
func (s *Service) BulkJob(ctx context.Context, by auth.Actor, id string) (*BulkJob, error) {
	row, err := readJob(ctx, s.db.read, by.Workspace, id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, notFound("id", "bulk job", id)
	}
	if err != nil {
		return nil, err
	}
	return row.job(), nil
}

// CancelBulkJob ends a bulk job. Accounts that are being worked on are finished.
func (s *Service) CancelBulkJob(ctx context.Context, by auth.Actor, id string) (*BulkJob, error) {
	err := s.record(ctx, func(tx *sqlx.Tx) error {
		ended, err := endJob(ctx, tx, by.Workspace, id, present())
		if err != nil {
			return err
		}
		if ended {
			return appendEvent(ctx, tx, Event{Workspace: by.Workspace, Type: BulkJobCancelled, Actor: &by.User, BulkID: &id})
		}
		if _, err := readJob(ctx, tx, by.Workspace, id); errors.Is(err, sql.ErrNoRows) {
			return notFound("jobId", "bulk job", id)
		}
		return &Error{Code: CodeWrongState, Field: []string{"jobId"}, Message: "The bulk job has ended already."}
	})
	if err != nil {
		return nil, err
	}
	return s.BulkJob(ctx, by, id)
}

// BulkJobResults returns a page of what came of a job's accounts, of one outcome
// if that is given.
func (s *Service) BulkJobResults(ctx context.Context, by auth.Actor, j *BulkJob, only *BulkOutcome, first *int, after *string) (*BulkJobResultPage, error) {
	limit, _, err := Paging{First: first}.size()
	if err != nil {
		return nil, err
	}
	from := 0
	if after != nil {
		place, err := base64.RawURLEncoding.DecodeString(*after)
		if err == nil {
			from, err = strconv.Atoi(string(place))
		}
		if err != nil {
			return nil, invalid("after", "The cursor is not one of this list; take it from an earlier page, or leave it out.")
		}
	}
	rows, err := s.jobItems(ctx, j, only, from, limit+1)
	if err != nil {
		return nil, err
	}
	page := &BulkJobResultPage{Results: []*BulkJobResult{}, HasNext: len(rows) > limit}
	rows = rows[:min(limit, len(rows))]
	var ids []string
	for _, r := range rows {
		ids = append(ids, r.AccountID)
	}
	found, err := s.AccountsByID(ctx, by, ids)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		result := &BulkJobResult{
			AccountID: r.AccountID, Outcome: r.Outcome, Code: optional[Code](string(r.Code)), Message: optional[string](r.Message),
			Diagnosis: r.Diagnosis.v, FinishedAt: r.FinishedAt.Time,
		}
		if i := slices.IndexFunc(found, func(a *Account) bool { return a.ID == r.AccountID }); i >= 0 {
			result.Account = found[i]
		}
		page.Results = append(page.Results, result)
		page.Cursors = append(page.Cursors, base64.RawURLEncoding.EncodeToString([]byte(strconv.Itoa(r.Place))))
	}
	return page, nil
}

// BulkJobChanges streams one bulk job: its present state, then its progress until
// it has ended, when the channel is closed.
func (s *Service) BulkJobChanges(ctx context.Context, by auth.Actor, id string) (<-chan *BulkJob, error) {
	job, err := s.BulkJob(ctx, by, id)
	if err != nil {
		return nil, err
	}
	out := make(chan *BulkJob)
	go func() {
		defer close(out)
		tick := time.NewTicker(jobTold)
		defer tick.Stop()
		for told := (*BulkJob)(nil); ; {
			if told == nil || *told != *job {
				select {
				case out <- job:
				case <-ctx.Done():
					return
				}
				told = job
			}
			if job.Status != JobRunning {
				return
			}
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
			if job, err = s.BulkJob(ctx, by, id); err != nil {
				if ctx.Err() == nil {
					s.log.LogAttrs(ctx, slog.LevelError, "follow a bulk job", slog.String("job", id), slog.Any("error", err))
				}
				return
			}
		}
	}()
	return out, nil
}

// runJobs runs until ctx ends: it works on the accounts of bulk jobs. It returns
// when all that was begun is finished.
func (s *Service) runJobs(ctx context.Context) {
	var working sync.WaitGroup
	defer working.Wait()
	slots := make(chan struct{}, jobSlots)
	poll := time.NewTicker(s.opts.Poll)
	defer poll.Stop()
	for {
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			return
		}
		item, err := s.claimItem(context.WithoutCancel(ctx)) // one that ends in mid-commit may have claimed
		if err != nil {
			s.log.LogAttrs(ctx, slog.LevelError, "claim an account of a bulk job", slog.Any("error", err))
		}
		if item != nil {
			working.Go(func() {
				defer func() { <-slots }()
				s.runItem(context.WithoutCancel(ctx), item)
			})
			continue
		}
		<-slots
		select {
		case <-s.jobs.woken:
		case <-poll.C:
		case <-ctx.Done():
			return
		}
	}
}

// runItem does a job's action to one account, and writes down what came of it.
func (s *Service) runItem(ctx context.Context, item *jobItem) {
	working, cancel := context.WithTimeout(ctx, s.opts.Lease)
	defer cancel()
	note, failure := s.act(working, item)
	var expected *Error
	if failure != nil && !errors.As(failure, &expected) && !errors.As(failure, new(unneeded)) {
		s.log.LogAttrs(ctx, slog.LevelError, "work on an account of a bulk job",
			slog.String("job", item.JobID), slog.String("account", item.AccountID), slog.Any("error", failure))
		failure = &Error{Message: "Something went wrong here; the server's log has more."}
	}
	err := s.record(ctx, func(tx *sqlx.Tx) error {
		_, err := finishItem(ctx, tx, item, note, failure)
		return err
	})
	if err != nil { // it is claimed again
		s.log.LogAttrs(ctx, slog.LevelError, "finish an account of a bulk job",
			slog.String("job", item.JobID), slog.String("account", item.AccountID), slog.Any("error", err))
	}
}

// unneeded says why there was nothing to do to an account.
type unneeded string

func (u unneeded) Error() string { return string(u) }

// act does a job's action to one account. note is what is to be said of a success;
// an unneeded is no failure. A panic is an error of that account.
func (s *Service) act(ctx context.Context, item *jobItem) (note string, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
		}
	}()
	by := auth.Actor{User: item.CreatedBy, Workspace: item.Workspace}
	switch item.Action {
	case BulkRefresh:
		var r *Renewal
		var refusal *Error
		r, err = s.Refresh(ctx, by, item.AccountID, item.Force)
		switch {
		case err == nil && !r.Refreshed:
			err = unneeded("It was not due.")
		case errors.As(err, &refusal) && refusal.Code == CodeNotRefreshable && refusal.Diagnosis == nil: // it is healthy
			err = unneeded(refusal.Message)
		}
	case BulkValidate:
		var v *Validation
		if _, v, err = s.Validate(ctx, by, item.AccountID); err == nil && len(v.Errors) > 0 {
			note = v.Errors[0].Message
		}
	case BulkCheckHealth:
		_, err = s.CheckHealth(ctx, by, item.AccountID)
	case BulkCheckPermissions:
		var a *Account
		if a, err = s.CheckPermissions(ctx, by, item.AccountID); err == nil {
			if lacks := a.Permissions().Missing; len(lacks) > 0 {
				note = fmt.Sprintf("It lacks %v.", lacks)
			}
		}
	case BulkDisconnect:
		return s.disconnectItem(ctx, by, item)
	default:
		err = fmt.Errorf("unknown action %s", item.Action)
	}
	return note, err
}

// disconnectItem disconnects an item's account and finishes the item in the same
// transaction: whatever happens afterwards, it is not disconnected again, even if
// the person connects it anew. One that got another grant since the job began is
// left alone.
func (s *Service) disconnectItem(ctx context.Context, by auth.Actor, item *jobItem) (note string, err error) {
	d, err := s.disconnect(ctx, by, item.AccountID, func(tx *sqlx.Tx, a *Account) error {
		if a.grantID != item.GrantID {
			return &Error{Code: CodeWrongState, Message: "The account was reconnected after the job had begun, so it was left alone."}
		}
		fresh, err := finishItem(ctx, tx, item, "", nil)
		if err == nil && !fresh {
			err = errItemFinished
		}
		return err
	})
	var expected *Error
	switch {
	case errors.Is(err, errItemFinished):
		return "", nil
	case errors.As(err, &expected) && expected.Code == CodeNotFound:
		return "It was disconnected already.", nil
	case err != nil || d.Note == "":
		return "", err
	}
	return d.Note, s.noteItem(ctx, item, d.Note)
}

// errItemFinished undoes a transaction about an item that somebody else finished
// meanwhile.
var errItemFinished = errors.New("the item is finished")
