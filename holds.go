package main

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"mooring/auth"
)

// holds are the websockets and event streams that are open, with the credentials
// that they live by.
type holds struct {
	mu   sync.Mutex
	held map[*hold]struct{}
}

// hold is one of them.
type hold struct {
	actor auth.Actor
	end   func(reason string)
}

// recheckEvery is how often all credentials in use are looked at. Revocations and
// changes of roles are heard of at once; sessions that end for want of use, and
// what was missed, by this.
const recheckEvery = time.Minute

// hold calls end, once or never, when the actor's credential is found to have ended
// or changed before release is called.
func (s *server) hold(ctx context.Context, actor auth.Actor, end func(reason string)) (release func()) {
	var once sync.Once
	h := &hold{actor, func(reason string) { once.Do(func() { end(reason) }) }}
	s.holds.mu.Lock()
	if s.holds.held == nil {
		s.holds.held = map[*hold]struct{}{}
	}
	s.holds.held[h] = struct{}{}
	s.holds.mu.Unlock()
	s.recheck(ctx, h) // it may have ended between its authentication and now
	return func() {
		s.holds.mu.Lock()
		defer s.holds.mu.Unlock()
		delete(s.holds.held, h)
	}
}

// in lists what is held in a workspace; "" for all.
func (h *holds) in(workspace string) []*hold {
	h.mu.Lock()
	defer h.mu.Unlock()
	var found []*hold
	for one := range h.held {
		if workspace == "" || one.actor.Workspace == workspace {
			found = append(found, one)
		}
	}
	return found
}

// recheckHolds runs until ctx ends.
func (s *server) recheckHolds(ctx context.Context) {
	changes := s.service.CredentialChanges(ctx)
	every := time.NewTicker(recheckEvery)
	defer every.Stop()
	for {
		workspace := ""
		select {
		case workspace = <-changes:
		case <-every.C:
		case <-ctx.Done():
			return
		}
		for _, h := range s.holds.in(workspace) {
			s.recheck(ctx, h)
		}
	}
}

// recheck ends what is held by a credential that has ended. While that cannot be
// found out it goes on.
func (s *server) recheck(ctx context.Context, h *hold) {
	err := s.auth.Recheck(ctx, h.actor)
	var ended *auth.Error
	switch {
	case errors.As(err, &ended):
		h.end(ended.Message)
	case err != nil && ctx.Err() == nil:
		s.log.LogAttrs(ctx, slog.LevelError, "check a credential in use", slog.Any("error", err))
	}
}
