package accounts

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"mooring/auth"
)

const (
	invitationLife = 7 * 24 * time.Hour
	signInLinkLife = 15 * time.Minute
	// maxInvitations is how many invitations of a workspace may be open.
	maxInvitations = 100
	maxMemberName  = 200 // bytes
)

// Member is a person who belongs to a workspace.
type Member struct {
	User        string
	DisplayName *string // as their provider or their inviter calls them
	Email       *string
	Role        auth.Role
	JoinedAt    time.Time
	InvitedBy   *string
}

// MemberPage is a page of a workspace's members.
type MemberPage struct {
	Members []*Member
	Cursors []string // one for each
	HasNext bool
}

// Invitation is an open invitation to a workspace. Whoever has its link may accept
// it, once.
type Invitation struct {
	ID          string
	DisplayName string // for whom, as the inviter calls them
	Role        auth.Role
	CreatedBy   string
	CreatedAt   time.Time
	ExpiresAt   time.Time
}

// Member returns the role of somebody whose token names a workspace but no role. A
// newcomer becomes a member, since whoever made the token put them there. For one
// who was removed it is auth.ErrNoMember.
func (s *Service) Member(ctx context.Context, workspace, user string) (auth.Role, error) {
	m, err := selectMember(ctx, s.db.read, workspace, user)
	if errors.Is(err, sql.ErrNoRows) {
		err = s.record(ctx, func(tx *sqlx.Tx) error {
			joined, err := insertMember(ctx, tx, &memberRow{
				Workspace: workspace, User: user, Role: auth.RoleMember, JoinedAt: instant{present()},
			})
			if err != nil || !joined { // another request was first
				return err
			}
			return appendEvent(ctx, tx, Event{Workspace: workspace, Type: MemberJoined, Actor: &user, About: &user})
		})
		if err != nil {
			return "", err
		}
		m, err = selectMember(ctx, s.db.write, workspace, user)
	}
	switch {
	case err != nil:
		return "", err
	case !m.RemovedAt.IsZero():
		return "", auth.ErrNoMember
	}
	return m.Role, nil
}

// Members returns a page of the workspace's members, those who joined first coming
// first.
func (s *Service) Members(ctx context.Context, by auth.Actor, first *int, after *string) (*MemberPage, error) {
	limit, _, err := Paging{First: first}.size()
	if err != nil {
		return nil, err
	}
	var from *memberCursor
	if after != nil {
		if from, err = parseMemberCursor(*after); err != nil {
			return nil, err
		}
	}
	rows, err := s.selectMembers(ctx, by.Workspace, from, limit+1)
	if err != nil {
		return nil, err
	}
	page := &MemberPage{Members: []*Member{}, HasNext: len(rows) > limit}
	for i := range rows[:min(limit, len(rows))] {
		page.Members = append(page.Members, rows[i].member())
		page.Cursors = append(page.Cursors, rows[i].cursor())
	}
	return page, nil
}

// memberCursor is a place among a workspace's members.
type memberCursor struct {
	joinedAt int64 // Unix milliseconds
	user     string
}

func (r *memberRow) cursor() string {
	text, err := json.Marshal([]any{r.JoinedAt.UnixMilli(), r.User})
	if err != nil {
		panic(err) // numbers and strings always marshal
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

func parseMemberCursor(cursor string) (*memberCursor, error) {
	c := &memberCursor{}
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err == nil {
		err = json.Unmarshal(text, &[]any{&c.joinedAt, &c.user})
	}
	if err != nil || c.user == "" {
		return nil, invalid("after", "The cursor is not one of this list; take it from an earlier page, or leave it out.")
	}
	return c, nil
}

// ChangeRole gives a member another role. Only owners make and unmake owners, and
// the last one stays.
func (s *Service) ChangeRole(ctx context.Context, by auth.Actor, user string, role auth.Role) (*Member, error) {
	if err := mayManage(by); err != nil {
		return nil, err
	}
	if !role.OfPeople() {
		return nil, invalid("role", "%s is the role of back ends; make an API key instead.", role)
	}
	var changed *Member
	err := s.record(ctx, func(tx *sqlx.Tx) error {
		m, err := manageable(ctx, tx, by, user, role)
		if err != nil {
			return err
		}
		if m.Role != role {
			m.Role = role
			if err := updateMember(ctx, tx, m); err != nil {
				return err
			}
			if err := withdrawUnlessAdmin(ctx, tx, m); err != nil {
				return err
			}
			if err := appendEvent(ctx, tx, Event{Workspace: m.Workspace, Type: MemberRoleChanged, Actor: &by.User, About: &m.User}); err != nil {
				return err
			}
		}
		changed = m.member()
		return nil
	})
	return changed, err
}

// RemoveMember takes a member out of the workspace: their sessions end, and so do
// the invitations that they have made. Only owners remove owners, and the last one
// stays.
func (s *Service) RemoveMember(ctx context.Context, by auth.Actor, user string) (*Member, error) {
	if err := mayManage(by); err != nil {
		return nil, err
	}
	var removed *Member
	err := s.record(ctx, func(tx *sqlx.Tx) error {
		m, err := manageable(ctx, tx, by, user, "")
		if err != nil {
			return err
		}
		m.RemovedAt = instant{present()}
		if err := updateMember(ctx, tx, m); err != nil {
			return err
		}
		if err := withdrawUnlessAdmin(ctx, tx, m); err != nil {
			return err
		}
		if err := deleteSessionsOf(ctx, tx, m.Workspace, m.User); err != nil {
			return err
		}
		removed = m.member()
		return appendEvent(ctx, tx, Event{Workspace: m.Workspace, Type: MemberRemoved, Actor: &by.User, About: &m.User})
	})
	return removed, err
}

// mayManage says why an actor who has the permission cannot manage members all
// the same.
func mayManage(by auth.Actor) error {
	switch {
	case by.RoleClaimed:
		return &Error{Code: CodeRolesElsewhere, Message: "Roles come with the tokens here: change them where the tokens are made."}
	case by.Method == auth.MethodLocal:
		return &Error{Code: CodeWrongState, Message: "Nobody signs in here, so the workspace has no members. The operator sets up a way to sign in: see docs/operating.md."}
	}
	return nil
}

// manageable reads a member who is to get another role, or none, and keeps the
// workspace's owners from changing until the transaction ends.
func manageable(ctx context.Context, tx *sqlx.Tx, by auth.Actor, user string, next auth.Role) (*memberRow, error) {
	owners, err := lockOwners(ctx, tx, by.Workspace)
	if err != nil {
		return nil, err
	}
	if err := confirm(ctx, tx, by); err != nil {
		return nil, err
	}
	m, err := lockMember(ctx, tx, by.Workspace, user)
	switch {
	case errors.Is(err, sql.ErrNoRows) || err == nil && !m.RemovedAt.IsZero():
		return nil, notFound("user", "member", user)
	case err != nil:
		return nil, err
	case (m.Role == auth.RoleOwner || next == auth.RoleOwner) && m.Role != next && by.Role != auth.RoleOwner:
		return nil, onlyOwners()
	case m.Role == auth.RoleOwner && next != auth.RoleOwner && len(owners) < 2:
		return nil, lastOwner()
	}
	return m, nil
}

func lastOwner() *Error {
	return &Error{Code: CodeLastOwner, Field: []string{"user"}, Message: "The workspace would be left without an owner; make somebody else one first."}
}

// confirm sees to it that an actor still is what they were when the request came,
// until the transaction ends: somebody who is being removed must not bring a friend
// in meanwhile.
func confirm(ctx context.Context, tx *sqlx.Tx, by auth.Actor) error {
	holds := true
	switch by.Method {
	case auth.MethodAPIKey:
		var err error
		if holds, err = lockAPIKey(ctx, tx, by.KeyID); err != nil {
			return err
		}
	case auth.MethodJWT, auth.MethodSession:
		if by.RoleClaimed {
			return nil
		}
		m, err := lockMember(ctx, tx, by.Workspace, by.User)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		holds = err == nil && m.RemovedAt.IsZero() && m.Role == by.Role
	}
	if !holds {
		return &auth.Error{Code: auth.Forbidden, Message: "you are not any more what you were when the request came"}
	}
	return nil
}

func onlyOwners() error {
	return &auth.Error{Code: auth.Forbidden, Message: "only an owner makes or unmakes owners"}
}

// withdrawUnlessAdmin takes back the open invitations of somebody who may no
// longer invite.
func withdrawUnlessAdmin(ctx context.Context, tx *sqlx.Tx, m *memberRow) error {
	if m.RemovedAt.IsZero() && (auth.Actor{Role: m.Role}).Can(auth.Admin) {
		return nil
	}
	return withdrawLinksOf(ctx, tx, m.Workspace, m.User)
}

// Invitations lists the workspace's open invitations, the oldest first.
func (s *Service) Invitations(ctx context.Context, by auth.Actor) ([]*Invitation, error) {
	rows, err := selectInvitations(ctx, s.db.read, by.Workspace, present())
	if err != nil {
		return nil, err
	}
	invitations := make([]*Invitation, len(rows))
	for i := range rows {
		invitations[i] = rows[i].invitation()
	}
	return invitations, nil
}

// Invite makes an invitation, good for a week, and returns the link for the inviter
// to pass on. It is not stored and cannot be shown again.
func (s *Service) Invite(ctx context.Context, by auth.Actor, name string, role auth.Role) (i *Invitation, link string, err error) {
	name = strings.TrimSpace(name)
	switch err := mayManage(by); {
	case err != nil:
		return nil, "", err
	case name == "" || len(name) > maxMemberName:
		return nil, "", invalid("name", "Say in 1 to %d bytes whom the invitation is for.", maxMemberName)
	case !role.OfPeople():
		return nil, "", invalid("role", "%s is the role of back ends; make an API key instead.", role)
	case role == auth.RoleOwner && by.Role != auth.RoleOwner:
		return nil, "", onlyOwners()
	}
	row, link := s.newLink(by.Workspace, by.User, invitationLife)
	row.Name, row.Role = name, role
	err = s.record(ctx, func(tx *sqlx.Tx) error {
		if err := confirm(ctx, tx, by); err != nil {
			return err
		}
		open, err := selectInvitations(ctx, tx, by.Workspace, present())
		if err != nil {
			return err
		}
		if len(open) >= maxInvitations {
			return &Error{Code: CodeWrongState, Message: "Too many invitations are open; revoke some, or wait until they end."}
		}
		if err := insertLink(ctx, tx, row); err != nil {
			return err
		}
		return appendEvent(ctx, tx, Event{Workspace: by.Workspace, Type: MemberInvited, Actor: &by.User, About: &row.ID})
	})
	if err != nil {
		return nil, "", err
	}
	return row.invitation(), link, nil
}

// newLink makes a link; only its hash is stored.
func (s *Service) newLink(workspace, by string, life time.Duration) (row *linkRow, address string) {
	token, now := rand.Text(), present()
	return &linkRow{
		ID: newID("inv_"), Hash: hashLink(token), Workspace: workspace, CreatedBy: by,
		CreatedAt: instant{now}, ExpiresAt: instant{now.Add(life)},
	}, s.opts.PublicURL + "/login/" + token
}

func hashLink(token string) []byte {
	hash := sha256.Sum256([]byte(token))
	return hash[:]
}

// RevokeInvitation makes an invitation's link useless.
func (s *Service) RevokeInvitation(ctx context.Context, by auth.Actor, id string) (*Invitation, error) {
	if err := mayManage(by); err != nil {
		return nil, err
	}
	var revoked *Invitation
	err := s.record(ctx, func(tx *sqlx.Tx) error {
		row, err := withdrawInvitation(ctx, tx, by.Workspace, id, present())
		if errors.Is(err, sql.ErrNoRows) {
			return notFound("id", "open invitation", id)
		}
		if err != nil {
			return err
		}
		revoked = row.invitation()
		return appendEvent(ctx, tx, Event{Workspace: by.Workspace, Type: InvitationRevoked, Actor: &by.User, About: &row.ID})
	})
	return revoked, err
}

// credentialEvents are those after which a credential may no longer be what it
// was.
var credentialEvents = []EventType{APIKeyRevoked, MemberRoleChanged, MemberRemoved, SignedOut}

// CredentialChanges streams the workspaces in which a credential was revoked or
// changed, at this replica or another, until ctx ends.
func (s *Service) CredentialChanges(ctx context.Context) <-chan string {
	pick := func(entries []entry) []string {
		var workspaces []string
		for _, e := range entries {
			if slices.Contains(credentialEvents, e.Type) && !slices.Contains(workspaces, e.Workspace) {
				workspaces = append(workspaces, e.Workspace)
			}
		}
		return workspaces
	}
	load := func(after int64) ([]entry, error) {
		events, err := s.eventsAnywhere(ctx, after, tailPage)
		entries := make([]entry, len(events))
		for i, e := range events {
			entries[i].Event = e
		}
		return entries, err
	}
	s.hub.countOut(ctx)
	return follow(ctx, s.hub, s.hub.at(), nil, pick, load)
}
