package accounts

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"mooring/platforms"
)

// ErrNoWebhook says that no platform tells anything at an address.
var ErrNoWebhook = errors.New("no platform tells anything here")

// Heed takes in what a platform tells at the webhook of a login method's callback
// and an event. Who has taken access away there loses it here: what they granted
// to the app until then, in all workspaces, works no more, and its tokens are
// deleted. What they granted later is left alone, so that a delivery may come
// late or again.
//
// Where the person wants their data deleted as well, Heed returns the code under
// which [Service.ErasureState] says how far that is; otherwise "". A delivery that
// is not the platform's is [platforms.ErrUnverified], and nothing is done.
func (s *Service) Heed(ctx context.Context, callback, event string, d platforms.Delivery) (code string, err error) {
	notice, app, hook, err := s.verify(callback, event, d)
	if err != nil || notice.Subject == "" {
		return "", err
	}
	err = s.disownSubject(ctx, s.clientsOf(app), notice)
	if err == nil && hook.Erases {
		code, err = s.eraseSubject(ctx, app, notice)
	}
	if err != nil {
		return "", fmt.Errorf("heed %s of %s: %w", event, app.Platform.ID, err)
	}
	s.log.LogAttrs(ctx, slog.LevelInfo, "heeded a webhook", slog.String("platform", app.Platform.ID), slog.String("event", event))
	return code, nil
}

// verify reads a delivery as one of the apps does that have such a webhook.
func (s *Service) verify(callback, event string, d platforms.Delivery) (platforms.Notice, *app, platforms.Webhook, error) {
	failure := ErrNoWebhook
	for _, a := range s.apps {
		if a.Login.Callback != callback {
			continue
		}
		for _, hook := range a.Login.Webhooks {
			if hook.Event != event {
				continue
			}
			notice, err := hook.Read(a.App, d)
			if err == nil {
				return notice, a, hook, nil
			}
			failure = err
		}
	}
	return platforms.Notice{}, nil, platforms.Webhook{}, failure
}

// clientsOf are the ids of the apps that are one client at its platform, which
// may serve several login methods.
func (s *Service) clientsOf(a *app) []string {
	var ids []string
	for _, other := range s.apps {
		if other.ClientID == a.ClientID && other.Sandbox == a.Sandbox && other.Login.Env == a.Login.Env {
			ids = append(ids, other.id)
		}
	}
	slices.Sort(ids)
	return ids
}

// disownSubject ends what a person granted until a moment, told to the second.
func (s *Service) disownSubject(ctx context.Context, appIDs []string, n platforms.Notice) error {
	grants, err := s.grantsOfSubjectAnywhere(ctx, appIDs, n.Subject, n.At.Add(time.Second))
	if err != nil {
		return err
	}
	for _, g := range grants {
		if err := s.disownGrant(ctx, g); err != nil {
			return fmt.Errorf("end grant %s: %w", g.ID, err)
		}
	}
	return nil
}

// disownGrant says for good that nothing of a grant works any more, unless it
// is retired already.
func (s *Service) disownGrant(ctx context.Context, told toldGrant) error {
	return s.record(ctx, func(tx *sqlx.Tx) error {
		if err := lockGrants(ctx, tx, told.Workspace, told.Platform); err != nil {
			return err
		}
		if err := holdRefreshes(ctx, tx, told.ID); err != nil {
			return err
		}
		g, err := grantAnywhere(ctx, tx, told.ID)
		if err != nil || !g.RetiredAt.IsZero() {
			return err
		}
		accounts, err := s.accountsOfGrant(ctx, tx, &g)
		if err != nil {
			return err
		}
		accounts = slices.DeleteFunc(accounts, func(a *Account) bool { return !a.evidence.Verdict.needsGrant() })
		return s.condemnAll(ctx, tx, &g, accounts, ByWebhook, present())
	})
}
