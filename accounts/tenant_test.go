package accounts_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mooring/accounts"
	"mooring/auth"
)

// Whatever another workspace asks with an id of ours, it gets what it gets for
// an id that does not exist, and changes nothing.
func TestAnotherWorkspacesIDsAreUnknownOnes(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		a := w.connect(owner, "twitter")
		choice := w.run(w.organizations())
		pending := w.begin(owner, accounts.ConnectRequest{Platform: "twitter"})
		event := w.events("", accounts.EventFilter{})[0]
		calls := map[string]struct {
			id   string
			call func(context.Context, auth.Actor, string) (any, error)
		}{
			"Account": {a.ID, func(ctx context.Context, by auth.Actor, id string) (any, error) { return w.Account(ctx, by, id) }},
			"AccountsByID": {a.ID, func(ctx context.Context, by auth.Actor, id string) (any, error) {
				return w.AccountsByID(ctx, by, []string{id})
			}},
			"Node of account": {a.ID, func(ctx context.Context, by auth.Actor, id string) (any, error) { return w.Node(ctx, by, id) }},
			"Node of attempt": {pending.ID, func(ctx context.Context, by auth.Actor, id string) (any, error) { return w.Node(ctx, by, id) }},
			"Node of event":   {event.ID, func(ctx context.Context, by auth.Actor, id string) (any, error) { return w.Node(ctx, by, id) }},
			"Attempt":         {pending.ID, func(ctx context.Context, by auth.Actor, id string) (any, error) { return w.Attempt(ctx, by, id) }},
			"AttemptChanges": {pending.ID, func(ctx context.Context, by auth.Actor, id string) (any, error) {
				ctx, cancel := context.WithCancel(ctx)
				defer cancel()
				changes, err := w.AttemptChanges(ctx, by, id)
				if err != nil {
					return nil, err
				}
				return next(t, changes), nil
			}},
			"Connect": {a.ID, func(ctx context.Context, by auth.Actor, id string) (any, error) {
				return w.Connect(ctx, by, accounts.ConnectRequest{Platform: "twitter", AccountID: &id})
			}},
			"CompleteConnect": {choice.ID, func(ctx context.Context, by auth.Actor, id string) (any, error) {
				return w.CompleteConnect(ctx, by, id, []string{"70931"})
			}},
			"SetLabels": {a.ID, func(ctx context.Context, by auth.Actor, id string) (any, error) {
				return w.SetLabels(ctx, by, id, []string{"mine"})
			}},
			"Validate": {a.ID, func(ctx context.Context, by auth.Actor, id string) (any, error) {
				got, v, err := w.Validate(ctx, by, id)
				return []any{got, v}, err
			}},
			"Lease": {a.ID, func(ctx context.Context, by auth.Actor, id string) (any, error) {
				got, l, err := w.Lease(ctx, by, accounts.LeaseRequest{AccountID: id})
				return []any{got, l}, err
			}},
			"Pause":  {a.ID, func(ctx context.Context, by auth.Actor, id string) (any, error) { return w.Pause(ctx, by, id, nil) }},
			"Resume": {a.ID, func(ctx context.Context, by auth.Actor, id string) (any, error) { return w.Resume(ctx, by, id) }},
			"Activity": {a.ID, func(ctx context.Context, by auth.Actor, id string) (any, error) {
				return w.Activity(ctx, by, &accounts.Account{ID: id}, nil, nil)
			}},
			"CheckHealth": {a.ID, func(ctx context.Context, by auth.Actor, id string) (any, error) {
				return w.CheckHealth(ctx, by, id)
			}},
			"CheckPermissions": {a.ID, func(ctx context.Context, by auth.Actor, id string) (any, error) {
				return w.CheckPermissions(ctx, by, id)
			}},
			"Accounts by id": {a.ID, func(ctx context.Context, by auth.Actor, id string) (any, error) {
				return w.Accounts(ctx, by, accounts.Filter{IDs: []string{id}}, accounts.Order{}, accounts.Paging{})
			}},
			"CountAccounts by id": {a.ID, func(ctx context.Context, by auth.Actor, id string) (any, error) {
				return w.CountAccounts(ctx, by, accounts.Filter{IDs: []string{id}})
			}},
			"Events of account": {a.ID, func(ctx context.Context, by auth.Actor, id string) (any, error) {
				return w.Events(ctx, by, accounts.EventFilter{AccountIDs: []string{id}}, accounts.Paging{})
			}},
			"CandidateAccount": {"1483920017263554561", func(ctx context.Context, by auth.Actor, id string) (any, error) {
				c := choice.Candidates[0]
				c.ExternalID = id
				return w.CandidateAccount(ctx, by, &c)
			}},
			"CancelConnect": {pending.ID, func(ctx context.Context, by auth.Actor, id string) (any, error) { return w.CancelConnect(ctx, by, id) }},
			"Disconnect":    {a.ID, func(ctx context.Context, by auth.Actor, id string) (any, error) { return w.Disconnect(ctx, by, id) }},
		}
		answer := func(name, id string, by auth.Actor) string {
			got, err := calls[name].call(t.Context(), by, id)
			var e *accounts.Error
			if err != nil && !errors.As(err, &e) {
				t.Errorf("%s(%q) = %v; want an expected error or none", name, id, err)
			}
			return strings.ReplaceAll(fmt.Sprintf("%+v %v %+v", got, err, e), id, "ID")
		}
		all := append([]string{"attempts", "events", "due", "activity", "refreshes"}, lasting...)
		before := w.dump(all...)
		for name, c := range calls {
			unknown := c.id[:4] + "00000000000000000000000000000000"
			if diff := cmp.Diff(answer(name, unknown, mallory), answer(name, c.id, mallory)); diff != "" {
				t.Errorf("%s tells another workspace's id from an unknown one (-unknown +other):\n%s", name, diff)
			}
			for _, hostile := range []string{"", "acc_", "acc_\x00", "att_'; DROP TABLE accounts; --", "evt_%", "acc_\xff", strings.Repeat("a", 10_000)} {
				answer(name, hostile, owner) // an error that is not expected fails
			}
		}
		wantSame(t, "another workspace", w.dump(all...), before)

		page, err := w.Events(t.Context(), mallory, accounts.EventFilter{}, accounts.Paging{})
		if err != nil || len(page.Events) != 0 {
			t.Errorf("Events() elsewhere = %v, %v; want none", page.Events, err)
		}
		if o, err := w.Overview(t.Context(), mallory); err != nil || o.TotalAccounts != 0 {
			t.Errorf("Overview() elsewhere = %+v, %v; want nothing", o, err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		health, err := w.HealthChanges(ctx, mallory, accounts.HealthFilter{AccountIDs: []string{a.ID}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		log, err := w.EventsAdded(ctx, mallory, accounts.EventFilter{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.SetLabels(t.Context(), owner, a.ID, []string{"ours"}); err != nil {
			t.Fatal(err)
		}
		mine := w.connect(mallory, "twitter")
		if got := next(t, log); *got.Event.Actor != "mallory" {
			t.Errorf("a stream elsewhere has %+v first; want mallory's own event", got.Event)
		}
		select {
		case got := <-health:
			t.Errorf("a stream elsewhere has %+v; want nothing of %s", got, a.ID)
		default:
		}
		// The same person's account, once for each workspace.
		if mine.ID == a.ID || mine.ExternalID != a.ExternalID {
			t.Errorf("accounts %s and %s; want two of the same person", mine.ID, a.ID)
		}
	})
}

// A role sees the events that it may see, and no other's.
func TestVisibilityOfEvents(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		log, err := w.EventsAdded(ctx, viewer, accounts.EventFilter{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		key, _, err := auth.NewAPIKey("acme", "publisher", []auth.Permission{auth.Read}, time.Time{}, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if err := w.CreateAPIKey(t.Context(), key, "olive"); err != nil {
			t.Fatal(err)
		}
		w.connect(owner, "twitter")
		all := w.events("", accounts.EventFilter{})
		member := auth.Actor{User: "max", Workspace: "acme", Role: auth.RoleMember}
		nobody := auth.Actor{User: "key:0", Workspace: "acme", Role: auth.RoleService}
		for _, test := range []struct {
			by   auth.Actor
			want []accounts.EventType
		}{
			{owner, []accounts.EventType{accounts.APIKeyCreated, accounts.AttemptCreated, accounts.AttemptStarted, accounts.AccountConnected, accounts.AttemptCompleted}},
			{member, []accounts.EventType{accounts.AttemptCreated, accounts.AttemptStarted, accounts.AccountConnected, accounts.AttemptCompleted}},
			{viewer, []accounts.EventType{accounts.AccountConnected}},
			{nobody, nil},
		} {
			page, err := w.Events(t.Context(), test.by, accounts.EventFilter{}, accounts.Paging{})
			if err != nil || !slices.Equal(types(page.Events), test.want) {
				t.Errorf("Events() for %s = %v, %v; want %v", test.by.Role, types(page.Events), err, test.want)
			}
			for _, e := range all {
				node, err := w.Node(t.Context(), test.by, e.ID)
				if !slices.Contains(test.want, e.Type) {
					wantCode(t, fmt.Sprintf("Node(%s) for %s", e.Type, test.by.Role), err, accounts.CodeNotFound)
				} else if err != nil || node == nil {
					t.Errorf("Node(%s) for %s = %v, %v; want it", e.Type, test.by.Role, node, err)
				}
			}
		}
		if got := next(t, log); got.Event.Type != accounts.AccountConnected {
			t.Errorf("a viewer's stream has %s first; want ACCOUNT_CONNECTED", got.Event.Type)
		}
	})
}
