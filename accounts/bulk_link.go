package accounts

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"mooring/auth"
)

// BulkPlace is a place in a bulk connect.
type BulkPlace struct {
	Bulk *BulkConnect
	Item *BulkItem
}

// Next is the first item that waits for its turn, or nil.
func (b *BulkConnect) Next() *BulkItem {
	if i := slices.IndexFunc(b.Sequence, func(i *BulkItem) bool { return i.Status == ItemPending }); i >= 0 {
		return b.Sequence[i]
	}
	return nil
}

// BulkPlace returns the place that an attempt has in a bulk connect, or nil if it
// is a part of none.
func (s *Service) BulkPlace(ctx context.Context, a *Attempt) (*BulkPlace, error) {
	if a.BulkID == "" {
		return nil, nil //nolint:nilnil // as documented
	}
	b, err := s.bulkNamed(ctx, a.Workspace, "id", a.BulkID)
	if err != nil {
		return nil, err
	}
	for _, i := range b.Sequence {
		if i.Attempt != nil && i.Attempt.ID == a.ID {
			return &BulkPlace{b, i}, nil
		}
	}
	return nil, nil //nolint:nilnil // another attempt has taken its place
}

// OpenBulkLink returns the place that the link of an item leads to, or an *Error
// that says why it is of no use. It changes nothing.
func (s *Service) OpenBulkLink(ctx context.Context, token string) (*BulkPlace, error) {
	id, ok := s.verified(purposeConnect, token)
	if !ok {
		return nil, &Error{Code: CodeNotFound, Message: "This link is none of ours, or it was not copied whole. Open it anew from where you got it."}
	}
	row, err := bulkItemAnywhere(ctx, s.db.read, id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, &Error{Code: CodeWrongState, Message: "The time of this link is over. Ask whoever sent it for a new one."}
	}
	if err != nil {
		return nil, err
	}
	b, err := s.bulkNamed(ctx, row.Workspace, "id", row.BulkID)
	if err != nil {
		return nil, err
	}
	switch b.Status {
	case BulkGivenUp:
		return nil, &Error{Code: CodeWrongState, Message: "Whoever began this has given it up. There is nothing more to connect."}
	case BulkTooLate:
		return nil, &Error{Code: CodeWrongState, Message: "The time of this link is over. Ask whoever sent it for a new one."}
	}
	return &BulkPlace{b, b.item(id)}, nil
}

// StartBulkItem returns the attempt that the link of an item leads to: a new one,
// or that which the same browser began and has not finished. One that another
// browser left is given up for it. cookie is as in StartAttempt.
func (s *Service) StartBulkItem(ctx context.Context, token string, cookie func(attemptID string) string) (*Attempt, error) {
	place, err := s.OpenBulkLink(ctx, token)
	if err != nil {
		return nil, err
	}
	var row *attemptRow
	by := auth.Actor{User: place.Bulk.CreatedBy, Workspace: place.Bulk.Workspace}
	_, err = s.changeBulk(ctx, by, "id", place.Bulk.ID, "", func(tx *sqlx.Tx, b *BulkConnect) error {
		item := b.item(place.Item.ID)
		if !item.unfinished() {
			return &Error{Code: CodeWrongState, Message: item.Platform.DisplayName + " is " + string(item.Status) + ". There is nothing more to do here."}
		}
		if item.Status == ItemOpen {
			if row, err = oneAttempt(ctx, tx, selectAttempt+" WHERE id = ? AND workspace = ?", item.Attempt.ID, b.Workspace); err != nil {
				return err
			}
			switch {
			case row.Status == AttemptSelecting:
				return &Error{Code: CodeWrongState, Message: "The consent reaches more than one account. Choose first which ones to connect."}
			case !row.ConsumedAt.IsZero():
				return answerUnderWay()
			case row.BrowserHash == "" || row.BrowserHash == digest(cookie(row.ID)):
				return errAttemptGoesOn
			}
			given := byLink
			if moved, err := concludeAttempt(ctx, tx, row, AttemptGivenUp, nil, &given); err != nil || !moved {
				return cmp.Or(err, error(answerUnderWay()))
			}
		}
		if row, err = s.bulkAttempt(ctx, tx, b, item); err != nil {
			return err
		}
		if err := setItem(ctx, tx, b.Workspace, item.ID, row.ID, time.Time{}); err != nil {
			return err
		}
		return insertAttempt(ctx, tx, row)
	})
	if err != nil && !errors.Is(err, errAttemptGoesOn) {
		return nil, err
	}
	return s.attempt(row), nil
}

func answerUnderWay() *Error {
	return &Error{Code: CodeWrongState, Message: "The platform's answer is just being taken in. Try again in a moment."}
}

// errAttemptGoesOn leaves an item as it is.
var errAttemptGoesOn = errors.New("the attempt goes on")

// bulkAttempt makes the row of an item's attempt.
func (s *Service) bulkAttempt(ctx context.Context, tx *sqlx.Tx, b *BulkConnect, item *BulkItem) (*attemptRow, error) {
	stored, err := bulkItemAnywhere(ctx, tx, item.ID)
	if err != nil {
		return nil, err
	}
	request, err := bulkAnywhere(ctx, tx, b.ID)
	if err != nil {
		return nil, err
	}
	by := auth.Actor{User: b.CreatedBy, Workspace: b.Workspace}
	var row *attemptRow
	for i, m := range stored.Members.v {
		asked, err := s.newAttempt(ctx, by, ConnectRequest{
			Platform: m.Platform, LoginMethod: &m.LoginMethod, Capabilities: m.Capabilities,
			ExternalUserID: optional[string](request.ExternalUserID), Labels: request.Labels,
		})
		if err != nil {
			return nil, err
		}
		if i == 0 {
			row = asked
			row.BulkID = b.ID
			continue
		}
		row.Scopes = union(row.Scopes, asked.Scopes)
		row.Outcome.v.Shares = append(row.Outcome.v.Shares, share{AppID: asked.AppID, Platform: m.Platform})
	}
	return row, nil
}

// SkipByLink is SkipBulkItem for whoever has the item's link.
func (s *Service) SkipByLink(ctx context.Context, token string) (*BulkPlace, error) {
	place, err := s.OpenBulkLink(ctx, token)
	if err != nil {
		return nil, err
	}
	if _, err := s.SkipBulkItem(ctx, auth.Actor{User: byLink, Workspace: place.Bulk.Workspace}, place.Item.ID); err != nil {
		return nil, err
	}
	return s.OpenBulkLink(ctx, token)
}
