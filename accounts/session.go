package accounts

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jmoiron/sqlx"

	"mooring/auth"
)

// SignInLink is a single-use link as the person who opens it sees it.
type SignInLink struct {
	Workspace string
	User      string    // whom it signs in; "" for an invitation
	Role      auth.Role // "" leaves it to what the workspace has
	InvitedBy string    // of an invitation
}

// NewSignInLink makes a link that signs a person in, once and within a quarter of
// an hour, and makes them a member: with that role or, if it is "", as the owner of a
// workspace that has none, or else with the role that they have or as a member. It
// is the operator's, who asks nobody.
func (s *Service) NewSignInLink(ctx context.Context, workspace, user string, role auth.Role) (string, error) {
	row, link := s.newLink(workspace, operator, signInLinkLife)
	row.User, row.Role = user, role
	return link, s.db.transact(ctx, func(tx *sqlx.Tx) error { return insertLink(ctx, tx, row) })
}

// OpenSignInLink returns what a link is about, and uses it not. An unknown, used,
// revoked or ended one is an *Error with CodeNotFound.
func (s *Service) OpenSignInLink(ctx context.Context, token string) (*SignInLink, error) {
	row, err := s.openLink(ctx, hashLink(token), present())
	if errors.Is(err, sql.ErrNoRows) {
		return nil, linkOver()
	}
	if err != nil {
		return nil, err
	}
	l := &SignInLink{Workspace: row.Workspace, User: row.User, Role: row.Role}
	if row.User == "" {
		l.InvitedBy = row.CreatedBy
	}
	return l, nil
}

func linkOver() error {
	return &Error{Code: CodeNotFound, Message: "This link was used before, was revoked or has ended. Ask for another one."}
}

// UseSignInLink uses a link up, makes its person a member and starts a session,
// whose cookie value it returns. An invitation is accepted by who, as the identity
// provider has recognised them; where there is none who is nil, and they become
// somebody new.
func (s *Service) UseSignInLink(ctx context.Context, token string, who *auth.Person) (value string, err error) {
	now := present()
	seen, err := s.OpenSignInLink(ctx, token) // for its workspace
	if err != nil {
		return "", err
	}
	err = s.record(ctx, func(tx *sqlx.Tx) error {
		owners, err := lockOwners(ctx, tx, seen.Workspace)
		if err != nil {
			return err
		}
		link, err := useLink(ctx, tx, hashLink(token), now)
		if errors.Is(err, sql.ErrNoRows) {
			return linkOver()
		}
		if err != nil {
			return err
		}
		person := auth.Person{User: link.User, Name: link.Name}
		switch {
		case link.User == "" && who != nil:
			person = *who
			person.Name = cmp.Or(person.Name, link.Name)
		case link.User == "":
			person.User = newID("usr_")
		}
		if err := admit(ctx, tx, link, person, len(owners), now); err != nil {
			return err
		}
		value, err = s.startSession(ctx, tx, link.Workspace, person.User, "", now)
		return err
	})
	return value, err
}

// admit makes somebody a member by a link, of a workspace with so many owners.
func admit(ctx context.Context, tx *sqlx.Tx, link *linkRow, person auth.Person, owners int, now time.Time) error {
	was, err := lockMember(ctx, tx, link.Workspace, person.User)
	unknown := errors.Is(err, sql.ErrNoRows)
	if err != nil && !unknown {
		return err
	}
	belongs, before := !unknown && was.RemovedAt.IsZero(), auth.Role("")
	m := &memberRow{Workspace: link.Workspace, User: person.User, JoinedAt: instant{now}}
	switch {
	case belongs && link.User == "":
		return &Error{Code: CodeWrongState, Message: "You are a member of this workspace already, and the invitation is still good for somebody else."}
	case belongs:
		m, before = was, was.Role
	case link.User == "":
		m.InvitedBy = link.CreatedBy
	}
	switch {
	case link.Role != "":
		m.Role = link.Role
	case owners == 0:
		m.Role = auth.RoleOwner
	case !belongs:
		m.Role = auth.RoleMember
	}
	if before == auth.RoleOwner && m.Role != auth.RoleOwner && owners < 2 {
		return &Error{Code: CodeLastOwner, Message: "The workspace would be left without an owner."}
	}
	m.describe(person)
	if unknown {
		_, err = insertMember(ctx, tx, m)
	} else {
		err = updateMember(ctx, tx, m)
	}
	if err != nil || m.Role == before {
		return err
	}
	e := Event{Workspace: m.Workspace, Type: MemberJoined, Actor: &person.User, About: &person.User}
	if belongs {
		e.Type, e.Actor = MemberRoleChanged, &link.CreatedBy
	}
	return appendEvent(ctx, tx, e)
}

// describe takes over what is known of a person beside their id.
func (r *memberRow) describe(p auth.Person) {
	r.Name, r.Email = cmp.Or(shown(p.Name), r.Name), cmp.Or(shown(p.Email), r.Email)
}

// shown makes a foreign text short, and such that any database takes it.
func shown(text string) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\x00", "")
	for len(text) > maxMemberName {
		_, size := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-size]
	}
	return text
}

// Workspaces lists where a person whom the identity provider has recognised may
// sign in: where the provider puts them, or else where they are members.
func (s *Service) Workspaces(ctx context.Context, p auth.Person) ([]string, error) {
	if p.Workspace != "" {
		return []string{p.Workspace}, nil
	}
	return s.workspacesOf(ctx, p.User)
}

// SignIn starts a session of somebody whom the identity provider has recognised, in
// one of their Workspaces, and returns the cookie's value. It is an *Error with
// CodeNotFound if that is none of theirs.
func (s *Service) SignIn(ctx context.Context, p auth.Person, workspace string) (value string, err error) {
	claimed := auth.Role("")
	if p.Workspace != "" && p.Workspace == workspace {
		claimed = p.Role
		if claimed == "" { // a newcomer becomes a member
			if _, err := s.Member(ctx, workspace, p.User); err != nil && !errors.Is(err, auth.ErrNoMember) {
				return "", err
			}
		}
	}
	err = s.record(ctx, func(tx *sqlx.Tx) error {
		if claimed == "" {
			m, err := lockMember(ctx, tx, workspace, p.User)
			if errors.Is(err, sql.ErrNoRows) || err == nil && !m.RemovedAt.IsZero() {
				return notFound("workspace", "workspace of yours", workspace)
			}
			if err != nil {
				return err
			}
			m.describe(p)
			if err := updateMember(ctx, tx, m); err != nil {
				return err
			}
		}
		value, err = s.startSession(ctx, tx, workspace, p.User, claimed, present())
		return err
	})
	return value, err
}

func (s *Service) startSession(ctx context.Context, tx *sqlx.Tx, workspace, user string, claimed auth.Role, now time.Time) (value string, err error) {
	session, value := auth.NewSession(workspace, user, claimed, now)
	if err := insertSession(ctx, tx, session); err != nil {
		return "", err
	}
	return value, appendEvent(ctx, tx, Event{Workspace: workspace, Type: SignedIn, Actor: &user})
}

// Session returns a session by id with the role that its person has now. It is how
// callers are recognised, so it knows no workspace yet. Errors: auth.ErrUnknownSession,
// auth.ErrNoMember.
func (s *Service) Session(ctx context.Context, id string) (auth.Session, error) {
	row, err := s.selectSession(ctx, id)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return auth.Session{}, auth.ErrUnknownSession
	case err != nil:
		return auth.Session{}, err
	case row.Claimed == "" && row.Role == "":
		return auth.Session{Workspace: row.Workspace, User: row.User}, auth.ErrNoMember
	}
	return auth.Session{
		ID: row.ID, Workspace: row.Workspace, User: row.User, Role: cmp.Or(row.Claimed, row.Role), RoleClaimed: row.Claimed != "",
		CreatedAt: row.CreatedAt.Time, UsedAt: row.UsedAt.Time, ExpiresAt: row.ExpiresAt.Time,
	}, nil
}

// SignOut ends the session with a cookie's value, if there is one.
func (s *Service) SignOut(ctx context.Context, value string) error {
	return s.record(ctx, func(tx *sqlx.Tx) error {
		row, err := deleteSession(ctx, tx, auth.SessionID(value))
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		return appendEvent(ctx, tx, Event{Workspace: row.Workspace, Type: SignedOut, Actor: &row.User})
	})
}

// Used notes that an API key or a session was used just now. That it could not be
// noted is logged and nobody's failure.
func (s *Service) Used(ctx context.Context, by auth.Actor) {
	table, id := "api_keys", by.KeyID
	if by.Method == auth.MethodSession {
		table, id = "sessions", by.SessionID
	}
	// Those who come at once note it once.
	_, err, _ := s.asking.Do(table+id, func() (any, error) { return nil, s.touch(ctx, table, id, present()) })
	if err != nil {
		s.log.LogAttrs(ctx, slog.LevelError, "note the use of a credential", slog.Any("error", err))
	}
}

// pruneSessions deletes sessions and links that are of no use any more.
func (s *Service) pruneSessions(ctx context.Context, now time.Time) error {
	if err := s.deleteSessions(ctx, now); err != nil {
		return fmt.Errorf("prune sessions: %w", err)
	}
	return nil
}
