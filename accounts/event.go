package accounts

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"mooring/auth"
	"mooring/diagnosis"
)

// EventType says what happened.
type EventType string

// The events.
const (
	AccountConnected          EventType = "ACCOUNT_CONNECTED"
	AccountReconnected        EventType = "ACCOUNT_RECONNECTED"
	AccountImported           EventType = "ACCOUNT_IMPORTED"
	AccountDisconnected       EventType = "ACCOUNT_DISCONNECTED"
	AccountHealthChanged      EventType = "ACCOUNT_HEALTH_CHANGED"
	AccountWarning            EventType = "ACCOUNT_WARNING"
	AccountLabelsSet          EventType = "ACCOUNT_LABELS_SET"
	AccountValidated          EventType = "ACCOUNT_VALIDATED"
	AccountProfileChanged     EventType = "ACCOUNT_PROFILE_CHANGED"
	AccountPermissionsChanged EventType = "ACCOUNT_PERMISSIONS_CHANGED"
	AccountPaused             EventType = "ACCOUNT_PAUSED"
	AccountResumed            EventType = "ACCOUNT_RESUMED"
	AttemptCreated            EventType = "ATTEMPT_CREATED"
	AttemptStarted            EventType = "ATTEMPT_STARTED"
	AttemptAwaitingSelection  EventType = "ATTEMPT_AWAITING_SELECTION"
	AttemptCompleted          EventType = "ATTEMPT_COMPLETED"
	AttemptFailed             EventType = "ATTEMPT_FAILED"
	AttemptCancelled          EventType = "ATTEMPT_CANCELLED"
	AttemptExpired            EventType = "ATTEMPT_EXPIRED"
	BulkConnectCreated        EventType = "BULK_CONNECT_CREATED"
	BulkConnectChanged        EventType = "BULK_CONNECT_CHANGED"
	BulkConnectCancelled      EventType = "BULK_CONNECT_CANCELLED"
	BulkConnectExpired        EventType = "BULK_CONNECT_EXPIRED"
	BulkJobCreated            EventType = "BULK_JOB_CREATED"
	BulkJobEnded              EventType = "BULK_JOB_ENDED"
	BulkJobCancelled          EventType = "BULK_JOB_CANCELLED"
	IncidentOpened            EventType = "INCIDENT_OPENED"
	IncidentClosed            EventType = "INCIDENT_CLOSED"
	APIKeyCreated             EventType = "API_KEY_CREATED"
	APIKeyRevoked             EventType = "API_KEY_REVOKED"
	SignedIn                  EventType = "SIGNED_IN"
	SignedOut                 EventType = "SIGNED_OUT"
	MemberInvited             EventType = "MEMBER_INVITED"
	InvitationRevoked         EventType = "INVITATION_REVOKED"
	MemberJoined              EventType = "MEMBER_JOINED"
	MemberRoleChanged         EventType = "MEMBER_ROLE_CHANGED"
	MemberRemoved             EventType = "MEMBER_REMOVED"
	AccountErased             EventType = "ACCOUNT_ERASED"
	DataErased                EventType = "DATA_ERASED"
	KeyAdded                  EventType = "KEY_ADDED"
	KeyPromoted               EventType = "KEY_PROMOTED"
	KeysResealed              EventType = "KEYS_RESEALED"
	KeyRemoved                EventType = "KEY_REMOVED"
	KeyRingRewrapped          EventType = "KEY_RING_REWRAPPED"
	SignInFailed              EventType = "SIGN_IN_FAILED"
	AuditExported             EventType = "AUDIT_EXPORTED"
	BackupMade                EventType = "BACKUP_MADE"
	BackupRestored            EventType = "BACKUP_RESTORED"
	InstallationAdopted       EventType = "INSTALLATION_ADOPTED"
)

// forAuditors are the events about who may come here, who came and who tried to,
// about keys, and about the log itself.
var forAuditors = []EventType{
	APIKeyCreated, APIKeyRevoked, SignedIn, SignedOut, SignInFailed,
	MemberInvited, InvitationRevoked, MemberJoined, MemberRoleChanged, MemberRemoved,
	KeyAdded, KeyPromoted, KeysResealed, KeyRemoved, KeyRingRewrapped, AuditExported, DataErased,
	BackupMade, BackupRestored, InstallationAdopted,
}

// visibility is the permission that an actor needs to see events of a type.
func (t EventType) visibility() auth.Permission {
	switch {
	case slices.Contains(forAuditors, t):
		return auth.Audit
	case strings.HasPrefix(string(t), "ATTEMPT_"), strings.HasPrefix(string(t), "BULK_CONNECT_"):
		return auth.Connect
	case strings.HasPrefix(string(t), "BULK_JOB_"):
		return auth.Manage
	}
	return auth.Read
}

// Event is one row of the append-only log. It carries ids and codes, no names
// and no secrets.
type Event struct {
	ID             string
	Workspace      string // "" for what concerns the whole installation
	Type           EventType
	At             time.Time // when it was recorded
	EffectiveAt    time.Time // when it became true
	Actor          *string   // nil: Mooring itself
	AccountID      *string
	AttemptID      *string
	Platform       *string
	PreviousStatus *Status
	Status         *Status
	Reason         *Reason
	Days           *int // until the end that a warning is about
	IssueType      *diagnosis.IssueType
	RequestID      *string
	BulkID         *string // the bulk connect or the bulk job that it belongs to
	About          *string // what else it is about: an API key, a data key, the format of an export, a member, where a refused credential came from
	Count          int     // how many there were within a minute

	position int64
}

// IsNode marks a type of the schema's Node interface.
func (*Event) IsNode() {}

// EventFilter says which events. Conditions are joined by and; an empty one is
// no condition.
type EventFilter struct {
	Types      []EventType
	AccountIDs []string
	Platforms  []string
	Actors     []string
	RequestIDs []string
	From       *time.Time // recorded at this moment or later
	To         *time.Time // recorded before
}

// seenBy reports whether an actor may see the event.
func (e *Event) seenBy(a auth.Actor) bool {
	return (e.Workspace == a.Workspace || e.Workspace == "") && a.Can(e.Type.visibility())
}

func (f EventFilter) matches(e *Event) bool {
	return anyOf(f.Types, &e.Type) && anyOf(f.AccountIDs, e.AccountID) && anyOf(f.Platforms, e.Platform) &&
		anyOf(f.Actors, e.Actor) && anyOf(f.RequestIDs, e.RequestID) &&
		(f.From == nil || !e.At.Before(*f.From)) && (f.To == nil || e.At.Before(*f.To))
}

// anyOf reports whether v is among those allowed; an empty list allows all.
func anyOf[T comparable](allowed []T, v *T) bool {
	return len(allowed) == 0 || v != nil && slices.Contains(allowed, *v)
}

// record is the one door through which state changes. fn writes the rows and
// appends the events in one transaction; those who wait for events are woken
// after the commit.
func (s *Service) record(ctx context.Context, fn func(*sqlx.Tx) error) error {
	if err := s.db.transact(ctx, fn); err != nil {
		return err
	}
	s.hub.wake()
	return nil
}

type requestIDKey struct{}

// WithRequestID notes the id of the request being served, for the event log.
func WithRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestIDKey{}, id)
}

// RequestID returns the id of the request being served, or "".
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

// EventPage is a page of the log.
type EventPage struct {
	Events      []*Event
	Cursors     []string // one for each event
	HasNext     bool
	HasPrevious bool
}

// Events returns a page of the workspace's log, oldest first, of what the
// actor may see. Cursors of streams fit.
func (s *Service) Events(ctx context.Context, by auth.Actor, f EventFilter, p Paging) (*EventPage, error) {
	limit, backward, err := p.size()
	if err != nil {
		return nil, err
	}
	after, err := s.position(ctx, "after", p.After, 0)
	if err != nil {
		return nil, err
	}
	before, err := s.position(ctx, "before", p.Before, math.MaxInt64)
	if err != nil {
		return nil, err
	}
	events, err := s.selectEvents(ctx, by.Workspace, f, visible(by), span{after, before, backward}, limit+1)
	if err != nil {
		return nil, err
	}
	more := len(events) > limit
	events = events[:min(limit, len(events))]
	page := &EventPage{Events: events, HasNext: more, HasPrevious: p.After != nil}
	if backward {
		slices.Reverse(events)
		page.HasNext, page.HasPrevious = p.Before != nil, more
	}
	for _, e := range events {
		page.Cursors = append(page.Cursors, s.cursor(e.position))
	}
	return page, nil
}

// position is where a page's bound is in the log, or none where there is no bound.
func (s *Service) position(ctx context.Context, field string, bound *string, none int64) (int64, error) {
	if bound == nil {
		return none, nil
	}
	c, err := parseCursor(field, *bound)
	if err != nil {
		return 0, err
	}
	_, prunedTo, err := s.logBounds(ctx)
	if err != nil {
		return 0, err
	}
	if c.log != s.logID || c.position < prunedTo {
		return 0, invalid(field, "What the cursor stands for is no longer in the log; leave the cursor out to begin anew.")
	}
	return c.position, nil
}

// visible lists the visibilities that an actor has.
func visible(a auth.Actor) []auth.Permission {
	return slices.DeleteFunc(auth.Permissions(), func(p auth.Permission) bool { return !a.Can(p) })
}

// cursor is a place in a log: after the event at that position.
type cursor struct {
	log      string
	position int64
}

func (s *Service) cursor(position int64) string {
	return base64.RawURLEncoding.EncodeToString([]byte(s.logID + ":" + strconv.FormatInt(position, 10)))
}

// parseCursor reads the cursor in a field of the input.
func parseCursor(field, text string) (cursor, error) {
	malformed := invalid(field, "The cursor is not one of this server's; take it from an event or leave it out.")
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return cursor{}, malformed
	}
	log, number, ok := strings.Cut(string(raw), ":")
	position, err := strconv.ParseInt(number, 10, 64)
	if !ok || err != nil || position < 0 {
		return cursor{}, malformed
	}
	return cursor{log, position}, nil
}

// pruneEvents deletes events, ended attempts, bulk connects and bulk jobs that
// are older than the log is kept.
func (s *Service) pruneEvents(ctx context.Context, now time.Time) error {
	if s.opts.EventsKeep <= 0 {
		return errors.New("prune events: no retention is set")
	}
	for _, remove := range []func(context.Context, time.Time, int) (int, error){s.deleteEvents, s.deleteBulks, s.deleteJobs, s.deleteAttempts} {
		for {
			n, err := remove(ctx, now.Add(-s.opts.EventsKeep), pruneChunk)
			if err != nil {
				return fmt.Errorf("prune events: %w", err)
			}
			if n < pruneChunk {
				break
			}
		}
	}
	return nil
}
