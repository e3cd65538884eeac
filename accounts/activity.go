package accounts

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"

	"mooring/auth"
)

// ActivityKind is something that happens too often for the log.
type ActivityKind string

// The kinds of activity.
const (
	TokenLeased     ActivityKind = "TOKEN_LEASED"
	TokenRefreshed  ActivityKind = "TOKEN_REFRESHED"
	FailureReported ActivityKind = "FAILURE_REPORTED"
)

// Activity is what one actor did to one account in one minute, or Mooring
// itself in one day (UTC).
type Activity struct {
	Kind   ActivityKind
	From   time.Time // when the minute or the day began
	Actor  *string   // nil: Mooring itself
	Count  int
	LastAt time.Time
	// Reason is what was said the last time: of a lease what the caller gave, of a
	// report the kind of trouble.
	Reason *string
}

// ActivityPage is a page of an account's activity.
type ActivityPage struct {
	Activities []*Activity
	Cursors    []string // one for each
	HasNext    bool
}

// Activity returns a page of what was done to an account, the latest first. It
// is kept for Options.ActivityKeep.
func (s *Service) Activity(ctx context.Context, by auth.Actor, a *Account, first *int, after *string) (*ActivityPage, error) {
	limit, _, err := Paging{First: first}.size()
	if err != nil {
		return nil, err
	}
	var from *activityCursor
	if after != nil {
		if from, err = parseActivityCursor(*after); err != nil {
			return nil, err
		}
	}
	rows, err := s.selectActivity(ctx, by.Workspace, a.ID, from, limit+1)
	if err != nil {
		return nil, err
	}
	page := &ActivityPage{Activities: []*Activity{}, HasNext: len(rows) > limit}
	for _, r := range rows[:min(limit, len(rows))] {
		page.Activities = append(page.Activities, &Activity{
			Kind: r.Kind, From: r.BeganAt.Time, Actor: optional[string](r.Actor), Count: r.Count,
			LastAt: r.LastAt.Time, Reason: optional[string](r.Reason),
		})
		page.Cursors = append(page.Cursors, r.cursor())
	}
	return page, nil
}

// activityCursor is a place in an account's activity.
type activityCursor struct {
	beganAt int64 // Unix milliseconds
	kind    ActivityKind
	actor   string
}

func (r *activityRow) cursor() string {
	text, err := json.Marshal([]any{r.BeganAt.UnixMilli(), r.Kind, r.Actor})
	if err != nil {
		panic(err) // numbers and strings always marshal
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

func parseActivityCursor(cursor string) (*activityCursor, error) {
	c := &activityCursor{}
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err == nil {
		err = json.Unmarshal(text, &[]any{&c.beganAt, &c.kind, &c.actor})
	}
	if err != nil || c.kind == "" {
		return nil, invalid("after", "The cursor is not one of this list; take it from an earlier page, or leave it out.")
	}
	return c, nil
}

// pruneActivity deletes what is older than activity is kept.
func (s *Service) pruneActivity(ctx context.Context, now time.Time) error {
	for {
		n, err := s.deleteActivity(ctx, now.Add(-s.opts.ActivityKeep), pruneChunk)
		if err != nil {
			return fmt.Errorf("prune activity: %w", err)
		}
		if n < pruneChunk {
			return nil
		}
	}
}
