package accounts_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mooring/accounts"
	"mooring/diagnosis"
	"mooring/platforms"
)

func TestConnect(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		for _, test := range []struct {
			platform, persona, externalID, name, username string
			kind                                          platforms.Kind
			life                                          time.Duration
		}{
			{"twitter", "rowan", "1483920017263554561", "Rowan Ames", "rowanames", platforms.KindProfile, 2 * time.Hour},
			{"linkedin", "tomas", "mB7xK2vLqE", "Tomas Reyl", "", platforms.KindProfile, 60 * 24 * time.Hour},
			{"tiktok", "mina", "-000YkDKq3sample7wQm", "Mina bakes", "minabakes", platforms.KindProfile, 2 * time.Hour},
			{"pinterest", "oak", "660194182233410092", "Oak & Linen", "oakandlinen", platforms.KindBusiness, 30 * 24 * time.Hour},
			{"google_youtube", "ada", "UCa1b2c3d4e5f6g7h8i9j0kLmN", "Ada Quill", "adaquill", platforms.KindChannel, time.Hour},
		} {
			before := time.Now().Add(-time.Millisecond)
			attempt := w.begin(owner, accounts.ConnectRequest{
				Platform: test.platform, ExternalUserID: ptr("u-7"), Labels: []string{" press ", "press", "eu"}, ReturnTo: ptr(public + "/done"),
			})
			if attempt.Status != accounts.AttemptPending || attempt.Platform.ID != test.platform || attempt.ReturnTo != public+"/done" {
				t.Errorf("Connect(%s) = %s at %s, back to %q; want PENDING", test.platform, attempt.Status, attempt.Platform.ID, attempt.ReturnTo)
			}
			attempt = w.run(attempt, "persona", test.persona)
			if attempt.Status != accounts.AttemptDone || len(attempt.AccountIDs) != 1 || attempt.AuthorizationURL != nil || attempt.Diagnosis != nil {
				t.Fatalf("after consent: attempt = %s, accounts %v; want COMPLETED with one", attempt.Status, attempt.AccountIDs)
			}
			a := w.account(owner, attempt.AccountIDs[0])
			username := ""
			if a.Username != nil {
				username = *a.Username
			}
			got := []any{a.Workspace, a.Platform.ID, a.ExternalID, a.Kind, a.DisplayName, username, a.ConnectedBy, *a.ExternalUserID, a.Labels}
			want := []any{"acme", test.platform, test.externalID, test.kind, test.name, test.username, "olive", "u-7", []string{"press", "eu"}}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("account of %s (-want +got):\n%s", test.platform, diff)
			}
			h := a.Health
			if h.Status != accounts.Healthy || !h.IsConnected || h.IsExpired || *h.CheckedBy != accounts.ByRefresh || !h.AutoRefresh || !h.NextRefreshAt.Before(h.AccessTokenExpiresAt) {
				t.Errorf("health at %s = %+v; want HEALTHY and renewed in time", test.platform, h)
			}
			if !h.LastRefreshedAt.IsZero() {
				t.Errorf("%s was refreshed at %s; want never", test.platform, h.LastRefreshedAt)
			}
			if issued := h.AccessTokenExpiresAt.Add(-test.life); issued.Before(before) || issued.After(time.Now()) {
				t.Errorf("access token of %s ends at %s; want %s after now", test.platform, h.AccessTokenExpiresAt, test.life)
			}
			if p := a.Permissions(); !p.CanRead || !p.CanPost || len(p.Missing) > 0 || p.Source != platforms.FromTokenResponse {
				t.Errorf("permissions at %s = %+v; want all of the default", test.platform, p)
			}
		}
		got := types(w.events(accounts.AttemptCompleted, accounts.EventFilter{Platforms: []string{"twitter"}}))
		want := []accounts.EventType{accounts.AttemptCreated, accounts.AttemptStarted, accounts.AccountConnected, accounts.AttemptCompleted}
		if !slices.Equal(got, want) {
			t.Errorf("events = %v; want %v", got, want)
		}
		if n := w.count("SELECT count(*) FROM secrets WHERE owner_id LIKE 'att%'"); n != 0 {
			t.Errorf("%d secrets of ended attempts are kept; want none", n)
		}
		if n := w.count("SELECT count(*) FROM secrets WHERE owner_id LIKE 'gra%'"); n != 10 {
			t.Errorf("%d secrets of grants; want an access and a refresh token for each", n)
		}
	})
}

func TestConnectRefusesBadInput(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		x := w.connect(owner, "twitter")
		for _, test := range []struct {
			name  string
			in    accounts.ConnectRequest
			code  accounts.Code
			field string
		}{
			{"unknown platform", accounts.ConnectRequest{Platform: "friendster"}, accounts.CodeNotFound, "platform"},
			{"unknown login", accounts.ConnectRequest{Platform: "twitter", LoginMethod: ptr("FAX")}, accounts.CodeNotFound, "loginMethod"},
			{"capability not offered", accounts.ConnectRequest{Platform: "twitter", Capabilities: []platforms.Capability{platforms.Organizations}}, accounts.CodeInvalid, "capabilities"},
			{"two scopes in one", accounts.ConnectRequest{Platform: "twitter", Scopes: []string{"like.read follows.read"}}, accounts.CodeInvalid, "scopes"},
			{"foreign returnTo", accounts.ConnectRequest{Platform: "twitter", ReturnTo: ptr("https://evil.example/")}, accounts.CodeInvalid, "returnTo"},
			{"returnTo of a similar host", accounts.ConnectRequest{Platform: "twitter", ReturnTo: ptr(public + ".evil.example/")}, accounts.CodeInvalid, "returnTo"},
			{"returnTo with user info", accounts.ConnectRequest{Platform: "twitter", ReturnTo: ptr("http://localhost:33766@evil.example/")}, accounts.CodeInvalid, "returnTo"},
			{"returnTo that is no address", accounts.ConnectRequest{Platform: "twitter", ReturnTo: ptr("javascript:alert(1)")}, accounts.CodeInvalid, "returnTo"},
			{"empty label", accounts.ConnectRequest{Platform: "twitter", Labels: []string{" "}}, accounts.CodeInvalid, "labels"},
			{"long label", accounts.ConnectRequest{Platform: "twitter", Labels: []string{strings.Repeat("ü", 65)}}, accounts.CodeInvalid, "labels"},
			{"user id with NUL", accounts.ConnectRequest{Platform: "twitter", ExternalUserID: ptr("u\x00")}, accounts.CodeInvalid, "externalUserId"},
			{"user id that is no text", accounts.ConnectRequest{Platform: "twitter", ExternalUserID: ptr("u\xff")}, accounts.CodeInvalid, "externalUserId"},
			{"long user id", accounts.ConnectRequest{Platform: "twitter", ExternalUserID: ptr(strings.Repeat("u", 257))}, accounts.CodeInvalid, "externalUserId"},
			{"unknown account", accounts.ConnectRequest{Platform: "twitter", AccountID: ptr("acc_0")}, accounts.CodeNotFound, "accountId"},
			{"account of another platform", accounts.ConnectRequest{Platform: "linkedin", AccountID: &x.ID}, accounts.CodeInvalid, "accountId"},
		} {
			before := w.dump("attempts", "events", "due")
			_, err := w.Connect(t.Context(), owner, test.in)
			if e := expected(t, err); e.Code != test.code || !slices.Equal(e.Field, []string{test.field}) {
				t.Errorf("%s: Connect() = %s on %v; want %s on %s", test.name, e.Code, e.Field, test.code, test.field)
			}
			wantSame(t, test.name, w.dump("attempts", "events", "due"), before)
		}
		longest := accounts.ConnectRequest{Platform: "twitter", Labels: []string{strings.Repeat("ü", 64)}, ExternalUserID: ptr(strings.Repeat("u", 256))}
		if got := w.begin(owner, longest); got.Status != accounts.AttemptPending {
			t.Errorf("the longest label and user id: attempt is %s; want PENDING", got.Status)
		}
	})
}

// A reconnect keeps the account and its id, and replaces what is under it.
func TestReconnect(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		old := w.run(w.begin(owner, accounts.ConnectRequest{Platform: "twitter", ExternalUserID: ptr("u-7"), Labels: []string{"press"}}), "lifetime", "90")
		first := w.account(owner, old.AccountIDs[0])
		attempt := w.run(w.begin(owner, accounts.ConnectRequest{Platform: "twitter", AccountID: &first.ID}))
		if !slices.Equal(attempt.AccountIDs, []string{first.ID}) {
			t.Fatalf("reconnect gave %v, %s; want %s", attempt.AccountIDs, says(attempt.Diagnosis), first.ID)
		}
		second := w.account(owner, first.ID)
		if !second.ConnectedAt.Equal(first.ConnectedAt) || second.ConnectedBy != "olive" || *second.ExternalUserID != "u-7" || !slices.Equal(second.Labels, []string{"press"}) {
			t.Errorf("after reconnecting: %+v; want what was set before", second)
		}
		if !second.Health.AccessTokenExpiresAt.After(first.Health.AccessTokenExpiresAt.Add(time.Hour)) {
			t.Errorf("the new end is %s, the old one %s; want the new grant's", second.Health.AccessTokenExpiresAt, first.Health.AccessTokenExpiresAt)
		}
		if live, all := w.count("SELECT count(*) FROM grants WHERE retired_at IS NULL"), w.count("SELECT count(*) FROM grants"); live != 1 || all != 2 {
			t.Errorf("%d of %d grants live; want 1 of 2", live, all)
		}
		if n := w.count("SELECT count(*) FROM secrets s JOIN grants g ON g.id = s.owner_id WHERE g.retired_at IS NOT NULL"); n != 0 {
			t.Errorf("%d secrets of the retired grant are kept; want none", n)
		}
		events := w.events(accounts.AttemptCompleted, accounts.EventFilter{AccountIDs: []string{first.ID}})
		want := []accounts.EventType{accounts.AccountConnected, accounts.AttemptCreated, accounts.AttemptStarted, accounts.AccountReconnected, accounts.AttemptCompleted}
		if got := types(events); !slices.Equal(got, want) {
			t.Fatalf("events of the account = %v; want %v", got, want)
		}
		if e := events[3]; e.PreviousStatus == nil || *e.PreviousStatus != accounts.Healthy || *e.Status != accounts.Healthy {
			t.Errorf("ACCOUNT_RECONNECTED from %v to %v; want HEALTHY to HEALTHY", e.PreviousStatus, e.Status)
		}
	})
}

func TestReconnectRefusesAnotherAccount(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		a := w.connect(owner, "twitter", "persona", "rowan")
		before := w.dump(lasting...)
		attempt := w.run(w.begin(owner, accounts.ConnectRequest{Platform: "twitter", AccountID: &a.ID}), "persona", "mika")
		if attempt.Status != accounts.AttemptBroken || attempt.Diagnosis == nil {
			t.Fatalf("signing in as another: attempt is %s; want FAILED with a diagnosis", attempt.Status)
		}
		text := says(attempt.Diagnosis) + strings.Join(attempt.Diagnosis.Solutions, " ")
		if !strings.Contains(text, "Rowan Ames") || !strings.Contains(text, "Mika Ostrow") {
			t.Errorf("diagnosis %s names not both accounts", text)
		}
		wantSame(t, "the refused reconnect", w.dump(lasting...), before)
	})
}

// A person without a channel is told so, not that they are somebody else.
func TestReconnectThatReachesNothing(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		a := w.connect(owner, "google_youtube", "persona", "ada")
		before := w.dump(lasting...)
		attempt := w.run(w.begin(owner, accounts.ConnectRequest{Platform: "google_youtube", AccountID: &a.ID}), "persona", "noel")
		if attempt.Status != accounts.AttemptBroken || attempt.Diagnosis == nil || attempt.Diagnosis.IssueType != diagnosis.AccountSetupIncomplete {
			t.Errorf("reconnecting without a channel: attempt is %s, %s; want FAILED, ACCOUNT_SETUP_INCOMPLETE", attempt.Status, says(attempt.Diagnosis))
		}
		wantSame(t, "the refused reconnect", w.dump(lasting...), before)
	})
}

// What a platform's list leaves out is said beside the choice.
func TestAChoiceOfTooMany(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		warnings := []platforms.Finding{{Code: platforms.FindingMoreThanRead, Message: "There are more."}}
		w.alter("linkedin", func(l *platforms.Login) {
			identify := l.Identify
			l.Identify = func(ctx context.Context, a *platforms.App, t *platforms.Tokens) (*platforms.Identity, error) {
				identity, err := identify(ctx, a, t)
				if err == nil {
					identity.Warnings = warnings
				}
				return identity, err
			}
		})
		attempt := w.run(w.organizations(), "persona", "ines")
		if attempt.Status != accounts.AttemptSelecting || !slices.Equal(attempt.Warnings, warnings) {
			t.Errorf("attempt is %s and warns of %v; want AWAITING_SELECTION and %v", attempt.Status, attempt.Warnings, warnings)
		}
	})
}

func TestOrganizationsAwaitSelection(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		attempt := w.run(w.organizations(), "persona", "ines")
		if attempt.Status != accounts.AttemptSelecting || len(attempt.AccountIDs) != 0 {
			t.Fatalf("attempt is %s with accounts %v; want AWAITING_SELECTION", attempt.Status, attempt.AccountIDs)
		}
		var names []string
		for _, c := range attempt.Candidates {
			names = append(names, c.DisplayName+" "+string(c.Kind))
			_, err := w.CandidateAccount(t.Context(), owner, &c)
			wantCode(t, "CandidateAccount("+c.DisplayName+")", err, accounts.CodeNotFound)
		}
		if want := []string{"Ines Halvorsen PROFILE", "Halvorsen Maritime ORGANIZATION", "Nordlys Studio ORGANIZATION"}; !slices.Equal(names, want) {
			t.Fatalf("candidates = %q; want %q", names, want)
		}
		if n := w.count("SELECT count(*) FROM accounts"); n != 0 {
			t.Errorf("%d accounts before the choice; want none", n)
		}
		for _, bad := range []struct {
			ids  []string
			code accounts.Code
		}{{nil, accounts.CodeInvalid}, {[]string{"70931", "4711"}, accounts.CodeNotFound}} {
			_, err := w.CompleteConnect(t.Context(), owner, attempt.ID, bad.ids)
			wantCode(t, "CompleteConnect("+strings.Join(bad.ids, ",")+")", err, bad.code)
		}
		done, err := w.CompleteConnect(t.Context(), owner, attempt.ID, []string{"70932", "70931", "70931"})
		if err != nil || done.Status != accounts.AttemptDone || len(done.AccountIDs) != 2 || len(done.Candidates) != 0 {
			t.Fatalf("CompleteConnect() = %+v, %v; want two accounts", done, err)
		}
		if n := w.count("SELECT count(DISTINCT grant_id) FROM accounts"); n != 1 {
			t.Errorf("the accounts have %d grants; want one", n)
		}
		found, err := w.CandidateAccount(t.Context(), owner, &attempt.Candidates[1])
		if err != nil || found == nil || !slices.Contains(done.AccountIDs, found.ID) {
			t.Errorf("CandidateAccount() = %v, %v; want the new account", found, err)
		}
		_, err = w.CompleteConnect(t.Context(), owner, attempt.ID, []string{"70931"})
		wantCode(t, "CompleteConnect() once more", err, accounts.CodeWrongState)
		if n := w.count("SELECT count(*) FROM secrets WHERE owner_id LIKE 'att%'"); n != 0 {
			t.Errorf("%d secrets of the attempt are kept; want none", n)
		}
	})
}

// A person's new consent takes all their accounts along; those that it no
// longer covers stop working, and come back with a wider one.
func TestAPersonsAccountsFollowTheirConsent(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		all, err := w.CompleteConnect(t.Context(), owner, w.run(w.organizations(), "persona", "ines").ID, []string{"tR4pQ9wYzA", "70931", "70932"})
		if err != nil {
			t.Fatal(err)
		}
		tomas := w.connect(owner, "linkedin", "persona", "tomas")
		elsewhere := w.connect(mallory, "linkedin", "persona", "ines")
		person := w.connect(owner, "linkedin", "persona", "ines")
		if person.ID != all.AccountIDs[0] {
			t.Errorf("the profile is now %s; want %s as before", person.ID, all.AccountIDs[0])
		}
		for _, id := range all.AccountIDs[1:] {
			a := w.account(owner, id)
			if a.Health.Status != accounts.Unhealthy || a.Health.Reason == nil || *a.Health.Reason != accounts.NotGranted || a.Health.IsConnected {
				t.Errorf("%s is %s %v; want UNHEALTHY NOT_GRANTED", a.DisplayName, a.Health.Status, a.Health.Reason)
			}
			if a.Diagnosis == nil || a.Diagnosis.IssueType == diagnosis.Unknown {
				t.Errorf("%s has %s; want one", a.DisplayName, says(a.Diagnosis))
			}
			w.connect(owner, "linkedin", "persona", "ines") // says nothing new
			events := w.events("", accounts.EventFilter{AccountIDs: []string{id}, Types: []accounts.EventType{accounts.AccountHealthChanged}})
			if len(events) != 1 || *events[0].Status != accounts.Unhealthy || *events[0].PreviousStatus != accounts.Healthy || *events[0].Reason != accounts.NotGranted {
				t.Errorf("health events of %s = %v; want one of NOT_GRANTED", a.DisplayName, types(events))
			}
		}
		if a := w.account(owner, tomas.ID); a.Health.Status != accounts.Healthy {
			t.Errorf("%s, whom it does not concern, is %s; want HEALTHY", a.DisplayName, a.Health.Status)
		}
		if a := w.account(mallory, elsewhere.ID); a.Health.Status != accounts.Healthy {
			t.Errorf("the same person's account of another workspace is %s; want HEALTHY", a.Health.Status)
		}
		if n := w.count("SELECT count(*) FROM grants WHERE retired_at IS NULL AND workspace = 'acme'"); n != 2 {
			t.Errorf("%d live grants; want those of Ines and Tomas", n)
		}
		if n := w.count("SELECT count(*) FROM secrets s JOIN grants g ON g.id = s.owner_id WHERE g.retired_at IS NOT NULL"); n != 0 {
			t.Errorf("%d secrets of retired grants are kept; want none", n)
		}

		wider := w.run(w.organizations(), "persona", "ines")
		if _, err := w.CompleteConnect(t.Context(), owner, wider.ID, []string{"70931"}); err != nil {
			t.Fatal(err)
		}
		for _, id := range all.AccountIDs {
			if a := w.account(owner, id); a.Health.Status != accounts.Healthy || a.Diagnosis != nil {
				t.Errorf("%s after a wider consent is %s; want HEALTHY", a.DisplayName, a.Health.Status)
			}
		}
		if n := w.count("SELECT count(DISTINCT grant_id) FROM accounts WHERE id IN (?, ?, ?)", all.AccountIDs[0], all.AccountIDs[1], all.AccountIDs[2]); n != 1 {
			t.Errorf("Ines's accounts have %d grants; want one", n)
		}
	})
}

// However many consents of one person arrive at once, one grant is left and its
// secrets alone.
func TestConsentsAtOnceLeaveOneGrant(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		services := []*accounts.Service{w.Service, w.Service}
		if w.postgres() {
			services[1] = w.replica()
		}
		var all sync.WaitGroup
		for i := range 8 {
			b, attempt := browser{}, w.begin(owner, accounts.ConnectRequest{Platform: "twitter"})
			query := w.consent(w.depart(b, attempt))
			all.Go(func() {
				got, err := services[i%2].Return(t.Context(), accounts.Callback{Path: "twitter", Query: query, Browser: b.cookie})
				if err != nil || got.Status != accounts.AttemptDone {
					t.Errorf("Return() = %+v, %v; want COMPLETED", got, err)
				}
			})
		}
		all.Wait()
		if n := w.count("SELECT count(*) FROM accounts"); n != 1 {
			t.Errorf("%d accounts; want 1", n)
		}
		if n := w.count("SELECT count(*) FROM grants WHERE retired_at IS NULL"); n != 1 {
			t.Errorf("%d live grants; want the one of the account", n)
		}
		if n := w.count("SELECT count(*) FROM secrets WHERE owner_id LIKE 'gra%'"); n != 2 {
			t.Errorf("%d secrets; want the two of the live grant", n)
		}
	})
}

func TestADisconnectedAccountComesBackUnderItsID(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		a := w.connect(owner, "twitter")
		if _, err := w.Disconnect(t.Context(), owner, a.ID); err != nil {
			t.Fatal(err)
		}
		again := w.connect(owner, "twitter")
		if again.ID != a.ID || again.Health.Status != accounts.Healthy || !again.DisconnectedAt.IsZero() {
			t.Errorf("connected again as %s, %s, tombstone since %s; want %s, HEALTHY", again.ID, again.Health.Status, again.DisconnectedAt, a.ID)
		}
		got := types(w.events("", accounts.EventFilter{AccountIDs: []string{a.ID}}))
		if want := []accounts.EventType{accounts.AccountConnected, accounts.AccountDisconnected, accounts.AccountConnected}; !slices.Equal(got, want) {
			t.Errorf("events = %v; want %v", got, want)
		}
		// Also when the attempt names the tombstone.
		if _, err := w.Disconnect(t.Context(), owner, a.ID); err != nil {
			t.Fatal(err)
		}
		named := w.run(w.begin(owner, accounts.ConnectRequest{Platform: "twitter", AccountID: &a.ID}))
		if !slices.Equal(named.AccountIDs, []string{a.ID}) {
			t.Errorf("reconnecting the tombstone gave %v; want %s", named.AccountIDs, a.ID)
		}
	})
}
