package accounts_test

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"mooring/accounts"
	"mooring/auth"
)

// enter signs somebody in by a link of the operator's and returns who they are.
func (w *world) enter(user string, role auth.Role) auth.Actor {
	w.t.Helper()
	link, err := w.NewSignInLink(w.t.Context(), "acme", user, role)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.use(link, nil)
}

// use uses a link and returns who has signed in by it.
func (w *world) use(link string, who *auth.Person) auth.Actor {
	w.t.Helper()
	value, err := w.UseSignInLink(w.t.Context(), path.Base(link), who)
	if err != nil {
		w.t.Fatalf("UseSignInLink() = %v", err)
	}
	s, err := w.Session(w.t.Context(), auth.SessionID(value))
	if err != nil {
		w.t.Fatalf("Session() = %v", err)
	}
	return auth.Actor{User: s.User, Workspace: s.Workspace, Role: s.Role, RoleClaimed: s.RoleClaimed, Method: auth.MethodSession, SessionID: s.ID}
}

// roles are the members as "user:ROLE", in their order.
func (w *world) roles(by auth.Actor) []string {
	w.t.Helper()
	page, err := w.Members(w.t.Context(), by, nil, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	var all []string
	for _, m := range page.Members {
		all = append(all, m.User+":"+string(m.Role))
	}
	return all
}

func (w *world) wantRoles(by auth.Actor, want ...string) {
	w.t.Helper()
	if got := w.roles(by); !slices.Equal(got, want) {
		w.t.Errorf("Members() = %v; want %v", got, want)
	}
}

func TestSignInLinkMakesTheFirstOwner(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		if ada := w.enter("ada", ""); ada.Role != auth.RoleOwner || ada.Workspace != "acme" || ada.User != "ada" {
			t.Errorf("the first is %+v; want the owner ada of acme", ada)
		}
		if ben := w.enter("ben", ""); ben.Role != auth.RoleMember {
			t.Errorf("the second is %+v; want a member", ben)
		}
		if eve := w.enter("eve", auth.RoleViewer); eve.Role != auth.RoleViewer {
			t.Errorf("eve is %+v; want a viewer", eve)
		}
		ada := w.enter("ada", "")
		if ada.Role != auth.RoleOwner {
			t.Errorf("ada comes back as %+v; want an owner still", ada)
		}
		w.enter("eve", auth.RoleAdmin)
		w.wantRoles(ada, "ada:OWNER", "ben:MEMBER", "eve:ADMIN")
		w.wantRoles(mallory)

		// Not even the operator takes the last owner away by mistake.
		link, err := w.NewSignInLink(t.Context(), "acme", "ada", auth.RoleViewer)
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.UseSignInLink(t.Context(), path.Base(link), nil)
		wantCode(t, "UseSignInLink(last owner as viewer)", err, accounts.CodeLastOwner)
	})
}

func TestLinkWorksOnce(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		link, err := w.NewSignInLink(t.Context(), "acme", "ada", "")
		if err != nil {
			t.Fatal(err)
		}
		token := path.Base(link)
		for range 2 { // looking does not use it up
			if got, err := w.OpenSignInLink(t.Context(), token); err != nil || got.User != "ada" || got.Workspace != "acme" {
				t.Fatalf("OpenSignInLink() = %+v, %v; want ada of acme", got, err)
			}
		}
		var group sync.WaitGroup
		used := make(chan string, 8)
		for range cap(used) {
			group.Go(func() {
				if value, err := w.UseSignInLink(t.Context(), token, nil); err == nil {
					used <- value
				} else {
					wantCode(t, "UseSignInLink(used)", err, accounts.CodeNotFound)
				}
			})
		}
		group.Wait()
		if len(used) != 1 {
			t.Errorf("%d of %d used the link; want 1", len(used), cap(used))
		}
		_, err = w.OpenSignInLink(t.Context(), token)
		wantCode(t, "OpenSignInLink(used)", err, accounts.CodeNotFound)
		for _, hostile := range []string{"", "x", strings.ToLower(token), token + "A", "\x00", "\xff", strings.Repeat("A", 10_000)} {
			_, err := w.UseSignInLink(t.Context(), hostile, nil)
			wantCode(t, "UseSignInLink(unknown)", err, accounts.CodeNotFound)
		}
		if dump := fmt.Sprint(w.dump("links", "sessions")); strings.Contains(dump, token) || strings.Contains(dump, <-used) {
			t.Errorf("the database holds a link's token or a session's value:\n%s", dump)
		}
	})
}

func TestInvitation(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ada := w.enter("ada", "")
		i, link, err := w.Invite(t.Context(), ada, " Ben of sales ", auth.RoleAdmin)
		if err != nil || i.DisplayName != "Ben of sales" || i.Role != auth.RoleAdmin || !strings.HasPrefix(link, public+"/login/") {
			t.Fatalf("Invite() = %+v, %q, %v", i, link, err)
		}
		list, err := w.Invitations(t.Context(), ada)
		if err != nil || len(list) != 1 || list[0].ID != i.ID || list[0].CreatedBy != "ada" {
			t.Errorf("Invitations() = %+v, %v; want %s", list, err, i.ID)
		}
		if list, err := w.Invitations(t.Context(), mallory); err != nil || len(list) != 0 {
			t.Errorf("Invitations() elsewhere = %+v, %v; want none", list, err)
		}
		// A member already does not use it up.
		_, err = w.UseSignInLink(t.Context(), path.Base(link), &auth.Person{User: "ada"})
		wantCode(t, "UseSignInLink(member)", err, accounts.CodeWrongState)
		ben := w.use(link, &auth.Person{User: "ben", Email: "ben@example.com"})
		if ben.User != "ben" || ben.Role != auth.RoleAdmin {
			t.Errorf("whoever accepts is %+v; want the admin ben", ben)
		}
		_, err = w.UseSignInLink(t.Context(), path.Base(link), &auth.Person{User: "eve"})
		wantCode(t, "UseSignInLink(used)", err, accounts.CodeNotFound)
		page, err := w.Members(t.Context(), ada, nil, nil)
		if err != nil || *page.Members[1].DisplayName != "Ben of sales" || *page.Members[1].Email != "ben@example.com" || *page.Members[1].InvitedBy != "ada" {
			t.Errorf("Members() = %+v, %v; want ben, invited by ada", page, err)
		}
		// Without a provider an invitee is somebody new, whatever the inviter calls them.
		_, link, err = w.Invite(t.Context(), ben, "ada", auth.RoleViewer)
		if err != nil {
			t.Fatal(err)
		}
		if got := w.use(link, nil); got.User == "ada" || got.Role != auth.RoleViewer || !strings.HasPrefix(got.User, "usr_") {
			t.Errorf("an invitee called ada is %+v; want somebody new", got)
		}
	})
}

func TestInvitationRefused(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ada, ben := w.enter("ada", ""), w.enter("ben", auth.RoleAdmin)
		i, link, err := w.Invite(t.Context(), ada, "eve", auth.RoleOwner)
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.RevokeInvitation(t.Context(), mallory, i.ID)
		_, unknown := w.RevokeInvitation(t.Context(), mallory, "inv_0")
		if wantCode(t, "RevokeInvitation(foreign)", err, accounts.CodeNotFound); strings.ReplaceAll(err.Error(), i.ID, "inv_0") != unknown.Error() {
			t.Errorf("a foreign invitation answers %q, an unknown one %q", err, unknown)
		}
		if _, err := w.RevokeInvitation(t.Context(), ben, i.ID); err != nil {
			t.Errorf("RevokeInvitation() = %v", err)
		}
		_, err = w.RevokeInvitation(t.Context(), ben, i.ID)
		wantCode(t, "RevokeInvitation(revoked)", err, accounts.CodeNotFound)
		_, err = w.UseSignInLink(t.Context(), path.Base(link), nil)
		wantCode(t, "UseSignInLink(revoked)", err, accounts.CodeNotFound)

		var refused *auth.Error
		if _, _, err := w.Invite(t.Context(), ben, "x", auth.RoleOwner); !errors.As(err, &refused) || refused.Code != auth.Forbidden {
			t.Errorf("an admin invites an owner: %v; want FORBIDDEN", err)
		}
		for name, role := range map[string]auth.Role{"": auth.RoleViewer, "x": auth.RoleService, strings.Repeat("x", 201): auth.RoleViewer, "y": "ROOT"} {
			_, _, err := w.Invite(t.Context(), ada, name, role)
			wantCode(t, "Invite("+name+")", err, accounts.CodeInvalid)
		}
		for n := range 100 {
			if _, _, err := w.Invite(t.Context(), ada, "x", auth.RoleViewer); err != nil {
				t.Fatalf("invitation %d: %v", n, err)
			}
		}
		_, _, err = w.Invite(t.Context(), ada, "x", auth.RoleViewer)
		wantCode(t, "Invite(one too many)", err, accounts.CodeWrongState)

		ended, err := w.NewSignInLink(t.Context(), "acme", "zoe", "")
		if err != nil {
			t.Fatal(err)
		}
		w.exec(1, "UPDATE links SET expires_at = ? WHERE user_id = 'zoe'", time.Now().UnixMilli())
		_, err = w.UseSignInLink(t.Context(), path.Base(ended), nil)
		wantCode(t, "UseSignInLink(ended)", err, accounts.CodeNotFound)
	})
}

func TestChangeRoleAndRemove(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ada, ben, eve := w.enter("ada", ""), w.enter("ben", auth.RoleAdmin), w.enter("eve", auth.RoleMember)
		forbidden := func(what string, err error) {
			t.Helper()
			var refused *auth.Error
			if !errors.As(err, &refused) || refused.Code != auth.Forbidden {
				t.Errorf("%s = %v; want FORBIDDEN", what, err)
			}
		}
		_, err := w.ChangeRole(t.Context(), ben, "ada", auth.RoleViewer)
		forbidden("an admin demotes an owner", err)
		_, err = w.ChangeRole(t.Context(), ben, "ben", auth.RoleOwner)
		forbidden("an admin makes himself owner", err)
		_, err = w.RemoveMember(t.Context(), ben, "ada")
		forbidden("an admin removes an owner", err)
		_, err = w.ChangeRole(t.Context(), ada, "ada", auth.RoleAdmin)
		wantCode(t, "ChangeRole(last owner)", err, accounts.CodeLastOwner)
		_, err = w.RemoveMember(t.Context(), ada, "ada")
		wantCode(t, "RemoveMember(last owner)", err, accounts.CodeLastOwner)
		_, err = w.ChangeRole(t.Context(), ada, "eve", auth.RoleService)
		wantCode(t, "ChangeRole(SERVICE)", err, accounts.CodeInvalid)
		for _, who := range []auth.Actor{ada, mallory} {
			_, err = w.ChangeRole(t.Context(), who, "nobody", auth.RoleViewer)
			wantCode(t, "ChangeRole(unknown)", err, accounts.CodeNotFound)
			_, err = w.RemoveMember(t.Context(), who, "nobody")
			wantCode(t, "RemoveMember(unknown)", err, accounts.CodeNotFound)
		}
		_, err = w.RemoveMember(t.Context(), mallory, "eve")
		wantCode(t, "RemoveMember(foreign)", err, accounts.CodeNotFound)
		_, err = w.ChangeRole(t.Context(), mallory, "eve", auth.RoleViewer)
		wantCode(t, "ChangeRole(foreign)", err, accounts.CodeNotFound)
		claimed := auth.Actor{User: "zoe", Workspace: "acme", Role: auth.RoleOwner, RoleClaimed: true, Method: auth.MethodJWT}
		local := auth.Local()
		for by, code := range map[*auth.Actor]accounts.Code{&claimed: accounts.CodeRolesElsewhere, &local: accounts.CodeWrongState} {
			_, err = w.ChangeRole(t.Context(), *by, "eve", auth.RoleViewer)
			wantCode(t, "ChangeRole()", err, code)
			_, err = w.RemoveMember(t.Context(), *by, "eve")
			wantCode(t, "RemoveMember()", err, code)
			_, _, err = w.Invite(t.Context(), *by, "x", auth.RoleViewer)
			wantCode(t, "Invite()", err, code)
			_, err = w.RevokeInvitation(t.Context(), *by, "inv_0")
			wantCode(t, "RevokeInvitation()", err, code)
		}
		w.wantRoles(ada, "ada:OWNER", "ben:ADMIN", "eve:MEMBER")

		if m, err := w.ChangeRole(t.Context(), ben, "eve", auth.RoleViewer); err != nil || m.Role != auth.RoleViewer {
			t.Errorf("ChangeRole() = %+v, %v; want a viewer", m, err)
		}
		if s, err := w.Session(t.Context(), eve.SessionID); err != nil || s.Role != auth.RoleViewer {
			t.Errorf("her session is %+v, %v; want a viewer's", s, err)
		}
		// What an admin has invited ends with the admin.
		_, link, err := w.Invite(t.Context(), ben, "friend", auth.RoleAdmin)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.RemoveMember(t.Context(), ada, "ben"); err != nil {
			t.Fatal(err)
		}
		_, err = w.UseSignInLink(t.Context(), path.Base(link), nil)
		wantCode(t, "UseSignInLink(of a removed admin)", err, accounts.CodeNotFound)
		if _, err := w.Session(t.Context(), ben.SessionID); !errors.Is(err, auth.ErrUnknownSession) {
			t.Errorf("Session(removed) = %v; want ErrUnknownSession", err)
		}
		if _, err := w.Member(t.Context(), "acme", "ben"); !errors.Is(err, auth.ErrNoMember) {
			t.Errorf("Member(removed) = %v; want ErrNoMember", err)
		}
		w.wantRoles(ada, "ada:OWNER", "eve:VIEWER")
		if again := w.enter("ben", ""); again.Role != auth.RoleMember {
			t.Errorf("who was removed comes back as %+v; want a member", again)
		}
		w.wantRoles(ada, "ada:OWNER", "eve:VIEWER", "ben:MEMBER")
		if got := w.events("", accounts.EventFilter{Types: []accounts.EventType{accounts.MemberRoleChanged, accounts.MemberRemoved}}); len(got) != 2 || *got[1].Actor != "ada" || *got[0].About != "eve" || *got[1].About != "ben" {
			t.Errorf("events = %+v; want ben's change of eve and ada's removal of ben", types(got))
		}
	})
}

// Whose request comes in before their removal, and is served after it, brings
// nobody in and changes nobody.
func TestRemovedMeanwhile(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ada, ben := w.enter("ada", ""), w.enter("ben", auth.RoleAdmin)
		w.enter("eve", auth.RoleViewer)
		key, _, err := w.NewAPIKey(t.Context(), ada, "x", []auth.Permission{auth.Admin}, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		byKey := auth.Actor{User: auth.APIKeyUser(key.ID), KeyID: key.ID, Workspace: "acme", Role: auth.RoleService, Scopes: key.Scopes, Method: auth.MethodAPIKey}
		token := ben // whose token names no role
		token.Method, token.SessionID = auth.MethodJWT, ""
		tries := func(by auth.Actor) map[string]error {
			_, _, invite := w.Invite(t.Context(), by, "friend", auth.RoleAdmin)
			_, change := w.ChangeRole(t.Context(), by, "eve", auth.RoleAdmin)
			_, remove := w.RemoveMember(t.Context(), by, "eve")
			_, _, create := w.NewAPIKey(t.Context(), by, "y", []auth.Permission{auth.Admin}, time.Time{})
			return map[string]error{"Invite": invite, "ChangeRole": change, "RemoveMember": remove, "NewAPIKey": create}
		}
		if _, err := w.RemoveMember(t.Context(), ada, "ben"); err != nil {
			t.Fatal(err)
		}
		if err := w.RevokeAPIKey(t.Context(), "acme", key.ID, "ada"); err != nil {
			t.Fatal(err)
		}
		for name, by := range map[string]auth.Actor{"session": ben, "token": token, "key": byKey} {
			for what, err := range tries(by) {
				var refused *auth.Error
				if !errors.As(err, &refused) || refused.Code != auth.Forbidden {
					t.Errorf("%s by a %s that has ended = %v; want FORBIDDEN", what, name, err)
				}
			}
		}
		w.wantRoles(ada, "ada:OWNER", "eve:VIEWER")
	})
}

// A sign-in does not undo a change that happens at the same time.
func TestSignInBesideRemoval(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ada := w.enter("ada", "")
		for range 10 {
			w.enter("ben", "")
			var group sync.WaitGroup
			for range 4 {
				group.Go(func() {
					if _, err := w.SignIn(t.Context(), auth.Person{User: "ben", Name: "Ben"}, "acme"); err != nil {
						wantCode(t, "SignIn(removed)", err, accounts.CodeNotFound)
					}
				})
			}
			group.Go(func() {
				if _, err := w.RemoveMember(t.Context(), ada, "ben"); err != nil {
					t.Errorf("RemoveMember() = %v", err)
				}
			})
			group.Wait()
			w.wantRoles(ada, "ada:OWNER")
		}
	})
}

// Two owners cannot leave a workspace at the same time.
func TestLastOwnerStays(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		other := w.replica()
		for round := range 10 {
			ada, ben := w.enter("ada", auth.RoleOwner), w.enter("ben", auth.RoleOwner)
			var group sync.WaitGroup
			results := make([]error, 2)
			group.Go(func() { _, results[0] = w.RemoveMember(t.Context(), ada, "ada") })
			if round%2 == 0 {
				group.Go(func() { _, results[1] = other.RemoveMember(t.Context(), ben, "ben") })
			} else {
				group.Go(func() { _, results[1] = other.ChangeRole(t.Context(), ben, "ben", auth.RoleAdmin) })
			}
			group.Wait()
			if (results[0] == nil) == (results[1] == nil) {
				t.Fatalf("round %d: both owners leave: %v; want one of them to stay", round, results)
			}
			for _, err := range results {
				if err != nil {
					wantCode(t, "the second", err, accounts.CodeLastOwner)
				}
			}
		}
	})
}

// Somebody whose token names a workspace and no role becomes a member, once.
func TestNewcomersByToken(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ada := w.enter("ada", "")
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				if role, err := w.Member(t.Context(), "acme", "nia"); err != nil || role != auth.RoleMember {
					t.Errorf("Member() = %s, %v; want MEMBER", role, err)
				}
			})
		}
		group.Wait()
		w.wantRoles(ada, "ada:OWNER", "nia:MEMBER")
		if got := w.events("", accounts.EventFilter{Types: []accounts.EventType{accounts.MemberJoined}}); len(got) != 2 {
			t.Errorf("%d events of joining; want 2", len(got))
		}
		first := 1
		page, err := w.Members(t.Context(), ada, &first, nil)
		if err != nil || !page.HasNext || len(page.Members) != 1 {
			t.Fatalf("Members(first: 1) = %+v, %v; want one of two", page, err)
		}
		rest, err := w.Members(t.Context(), ada, nil, &page.Cursors[0])
		if err != nil || rest.HasNext || len(rest.Members) != 1 || rest.Members[0].User != "nia" {
			t.Errorf("Members(after) = %+v, %v; want nia", rest, err)
		}
		if elsewhere, err := w.Members(t.Context(), mallory, nil, &page.Cursors[0]); err != nil || len(elsewhere.Members) != 0 {
			t.Errorf("Members() elsewhere by a foreign cursor = %+v, %v; want none", elsewhere, err)
		}
		for _, wrong := range []string{"", "x", "W10", page.Cursors[0][1:]} {
			_, err := w.Members(t.Context(), ada, nil, &wrong)
			wantCode(t, "Members(after: "+wrong+")", err, accounts.CodeInvalid)
		}
	})
}

// What a person's provider says decides where and as what they sign in.
func TestSignInByProvider(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ada := w.enter("ada", "")
		session := func(p auth.Person, workspace string) (auth.Session, error) {
			value, err := w.SignIn(t.Context(), p, workspace)
			if err != nil {
				return auth.Session{}, err
			}
			return w.Session(t.Context(), auth.SessionID(value))
		}
		if s, err := session(auth.Person{User: "ada", Name: "Ada\x00 L.", Email: strings.Repeat("é", 200)}, "acme"); err != nil || s.Role != auth.RoleOwner || s.RoleClaimed {
			t.Errorf("ada signs in as %+v, %v; want an owner", s, err)
		}
		page, err := w.Members(t.Context(), ada, nil, nil)
		if err != nil || *page.Members[0].DisplayName != "Ada L." || len(*page.Members[0].Email) != 200 {
			t.Errorf("Members() = %+v, %v; want her name as the provider has it", page.Members[0], err)
		}
		for _, stranger := range []string{"eve", "mallory"} {
			_, err := session(auth.Person{User: stranger}, "acme")
			wantCode(t, "SignIn(stranger)", err, accounts.CodeNotFound)
		}
		// A claim of one workspace says nothing of another.
		_, err = session(auth.Person{User: "eve", Workspace: "evil", Role: auth.RoleOwner}, "acme")
		wantCode(t, "SignIn(elsewhere)", err, accounts.CodeNotFound)
		if s, err := session(auth.Person{User: "eve", Workspace: "acme", Role: auth.RoleViewer}, "acme"); err != nil || s.Role != auth.RoleViewer || !s.RoleClaimed {
			t.Errorf("eve signs in as %+v, %v; want a viewer by claim", s, err)
		}
		if s, err := session(auth.Person{User: "nia", Workspace: "acme"}, "acme"); err != nil || s.Role != auth.RoleMember || s.RoleClaimed {
			t.Errorf("nia signs in as %+v, %v; want a member", s, err)
		}
		if _, err := w.RemoveMember(t.Context(), ada, "nia"); err != nil {
			t.Fatal(err)
		}
		_, err = session(auth.Person{User: "nia", Workspace: "acme"}, "acme")
		wantCode(t, "SignIn(removed)", err, accounts.CodeNotFound)
		for user, want := range map[string]int{"ada": 1, "nia": 0, "eve": 0} {
			if got, err := w.Workspaces(t.Context(), auth.Person{User: user}); err != nil || len(got) != want {
				t.Errorf("Workspaces(%s) = %v, %v; want %d", user, got, err, want)
			}
		}
	})
}

func TestSignOut(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.enter("ada", "")
		value, err := w.SignIn(t.Context(), auth.Person{User: "ada"}, "acme")
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		changes := w.CredentialChanges(ctx)
		for range 2 {
			if err := w.SignOut(t.Context(), value); err != nil {
				t.Errorf("SignOut() = %v", err)
			}
		}
		if got := next(t, changes); got != "acme" {
			t.Errorf("CredentialChanges() has %q; want acme", got)
		}
		if _, err := w.Session(t.Context(), auth.SessionID(value)); !errors.Is(err, auth.ErrUnknownSession) {
			t.Errorf("Session() = %v; want ErrUnknownSession", err)
		}
	})
}

func TestAPIKeysOfActors(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		admin := auth.Actor{User: "ben", Workspace: "acme", Role: auth.RoleAdmin}
		key, plaintext, err := w.NewAPIKey(t.Context(), admin, "publisher", []auth.Permission{auth.Read, auth.Admin}, time.Time{})
		if err != nil || key.CreatedBy != "ben" || !strings.HasPrefix(plaintext, key.Prefix()) {
			t.Fatalf("NewAPIKey() = %+v, %v", key, err)
		}
		for _, scopes := range [][]auth.Permission{nil, {"all"}, {auth.Lease}, {auth.Read, auth.Import}} {
			_, _, err := w.NewAPIKey(t.Context(), admin, "x", scopes, time.Time{})
			wantCode(t, "NewAPIKey()", err, accounts.CodeInvalid)
		}
		by := auth.Actor{User: auth.APIKeyUser(key.ID), KeyID: key.ID, Workspace: "acme", Role: auth.RoleService, Scopes: key.Scopes, Method: auth.MethodAPIKey}
		w.Used(t.Context(), by)
		if got, err := w.APIKey(t.Context(), key.ID); err != nil || got.UsedAt.IsZero() || got.CreatedBy != "ben" {
			t.Errorf("APIKey() = %+v, %v; want its use noted", got, err)
		}
		// A revoked key leaves no way back in.
		_, link, err := w.Invite(t.Context(), by, "friend", auth.RoleAdmin)
		if err != nil {
			t.Fatal(err)
		}
		wantCode(t, "RevokeAPIKey(foreign)", w.RevokeAPIKey(t.Context(), "evil", key.ID, "mallory"), accounts.CodeNotFound)
		if err := w.RevokeAPIKey(t.Context(), "acme", key.ID, "ben"); err != nil {
			t.Fatal(err)
		}
		_, err = w.UseSignInLink(t.Context(), path.Base(link), nil)
		wantCode(t, "UseSignInLink(of a revoked key)", err, accounts.CodeNotFound)
	})
}
