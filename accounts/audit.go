package accounts

import (
	"context"
	"iter"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"mooring/auth"
)

// AuditRecord is a line of the audit trail as it is exported: an event, or a
// row of an account's activity. Values that do not apply are empty.
type AuditRecord struct {
	At             time.Time `json:"at"` // when it was recorded; of activity, when its minute or day began
	Type           string    `json:"type"`
	Outcome        string    `json:"outcome"`         // OK or FAILED
	Actor          string    `json:"actor,omitempty"` // "": Mooring itself
	RequestID      string    `json:"requestId,omitempty"`
	AccountID      string    `json:"accountId,omitempty"`
	AttemptID      string    `json:"attemptId,omitempty"`
	BulkID         string    `json:"bulkId,omitempty"`
	About          string    `json:"about,omitempty"` // a target that is none of these
	Platform       string    `json:"platform,omitempty"`
	PreviousStatus string    `json:"previousStatus,omitempty"`
	Status         string    `json:"status,omitempty"`
	Reason         string    `json:"reason,omitempty"` // of a status; of activity, what was said the last time
	IssueType      string    `json:"issueType,omitempty"`
	Days           int       `json:"days,omitempty"`
	Count          int       `json:"count"`        // how often
	EventID        string    `json:"id,omitempty"` // of an event
}

// auditPage is how many rows of the trail are read at a time.
const auditPage = 500

// AuditTrail returns what happened in the actor's workspace within a time, to
// being exclusive: the events first and then the activity, each in its order.
// That somebody took it is an event of its own, about how they did: it is in the
// log before the first record is returned. It needs the permission audit, and
// ends with an error that cut it short.
func (s *Service) AuditTrail(ctx context.Context, by auth.Actor, from, to time.Time, how string) iter.Seq2[*AuditRecord, error] {
	return func(yield func(*AuditRecord, error) bool) {
		if err := by.Require(auth.Audit); err != nil {
			yield(nil, err)
			return
		}
		err := s.record(ctx, func(tx *sqlx.Tx) error {
			return appendEvent(ctx, tx, Event{Workspace: by.Workspace, Type: AuditExported, Actor: &by.User, About: &how})
		})
		if err != nil {
			yield(nil, err)
			return
		}
		if s.yieldEvents(ctx, by, EventFilter{From: &from, To: &to}, yield) {
			s.yieldActivity(ctx, by, from, to, yield)
		}
	}
}

// yieldEvents reports whether to go on.
func (s *Service) yieldEvents(ctx context.Context, by auth.Actor, f EventFilter, yield func(*AuditRecord, error) bool) bool {
	for after := int64(0); ; {
		page, err := s.selectEvents(ctx, by.Workspace, f, visible(by), since(after), auditPage)
		if err != nil {
			yield(nil, err)
			return false
		}
		for _, e := range page {
			if !yield(e.audit(), nil) {
				return false
			}
			after = e.position
		}
		if len(page) < auditPage {
			return true
		}
	}
}

func (s *Service) yieldActivity(ctx context.Context, by auth.Actor, from, to time.Time, yield func(*AuditRecord, error) bool) {
	for last := (activityRow{}); ; {
		page, err := s.activityBetween(ctx, by.Workspace, from, to, last, auditPage)
		if err != nil {
			yield(nil, err)
			return
		}
		for _, last = range page {
			if !yield(last.audit(), nil) {
				return
			}
		}
		if len(page) < auditPage {
			return
		}
	}
}

func (e *Event) audit() *AuditRecord {
	r := &AuditRecord{
		At: e.At, Type: string(e.Type), Outcome: "OK", Actor: text(e.Actor), RequestID: text(e.RequestID),
		AccountID: text(e.AccountID), AttemptID: text(e.AttemptID), BulkID: text(e.BulkID), About: text(e.About),
		Platform: text(e.Platform), PreviousStatus: text(e.PreviousStatus), Status: text(e.Status),
		Reason: text(e.Reason), IssueType: text(e.IssueType), Count: e.Count, EventID: e.ID,
	}
	if strings.HasSuffix(r.Type, "_FAILED") {
		r.Outcome = "FAILED"
	}
	if e.Days != nil {
		r.Days = *e.Days
	}
	return r
}

func (r *activityRow) audit() *AuditRecord {
	return &AuditRecord{
		At: r.BeganAt.Time, Type: string(r.Kind), Outcome: "OK", Actor: r.Actor,
		AccountID: r.AccountID, Reason: r.Reason, Count: r.Count,
	}
}

// SignInFailed records that somebody came with a credential of a workspace that
// is not good any more, or is not theirs: at most one event a minute for each
// credential, since whoever tries can do so often.
func (s *Service) SignInFailed(ctx context.Context, workspace, user string) error {
	e := Event{Workspace: workspace, Type: SignInFailed, About: &user}
	known, err := s.happened(ctx, e, present().Add(-time.Minute))
	if err != nil || known {
		return err
	}
	return s.record(ctx, func(tx *sqlx.Tx) error { return appendEvent(ctx, tx, e) })
}
