package accounts

import (
	"context"
	"errors"
	"fmt"
	"time"

	"mooring/auth"
	"mooring/diagnosis"
	"mooring/platforms"
)

const (
	// reconnectLife is how long a reconnect link works at least: long enough for
	// a letter that is read after a holiday. It ends at the end of a day, so that
	// who asks again on the same day gets the same link.
	reconnectLife = 7 * 24 * time.Hour
	// byLink is who began what was begun by a link, without a session.
	byLink = "link"
	// maxByLink is how many attempts may be begun by an account's link within
	// attemptLife.
	maxByLink = 20

	purposeReconnect = "reconnect"
	// reconnectBody is what a link says: account, grant and generation of its tokens,
	// the link's end, and where it leads.
	reconnectBody = "%s %s %d %d %q"
)

// Reconnection is all that a person has to know and to do to mend an account.
type Reconnection struct {
	Account             *Account
	Title               string
	Steps               []string // in the platform's words and this installation's
	RequiredPermissions []AskedPermission
	MissingPermissions  []string // the names of those that are not granted now
	Reason              *string  // why it broke, or will; nil where nothing is wrong
	// AlsoAffects are the person's other accounts at the same app, the oldest
	// first, and Consequence says what will happen to them; nil without any.
	AlsoAffects []*Account
	Consequence *string
	URL         *string // of the page; nil for those who may not have it
}

// AskedPermission is a permission that a consent asks for.
type AskedPermission struct {
	Name    string // at the platform
	Purpose string // "" for a scope that the catalogue does not have
	Missing bool   // it is not granted now
}

// askedPermissions says what scopes are for.
func askedPermissions(l *platforms.Login, scopes []string) []AskedPermission {
	asked := make([]AskedPermission, len(scopes))
	for i, name := range scopes {
		asked[i].Name = name
		for _, sc := range l.Scopes {
			if sc.Name == name {
				asked[i].Purpose = sc.Purpose
			}
		}
	}
	return asked
}

// Reconnection says how to mend an account.
func (s *Service) Reconnection(ctx context.Context, by auth.Actor, a *Account) (*Reconnection, error) {
	r, err := s.reconnection(ctx, a)
	if err != nil {
		return nil, err
	}
	r.URL = s.reconnectURL(by, a, "")
	return r, nil
}

func (s *Service) reconnection(ctx context.Context, a *Account) (*Reconnection, error) {
	instructions := a.Platform.ReconnectInstructions
	r := &Reconnection{Account: a, Title: instructions.Title, Steps: instructions.Steps, MissingPermissions: []string{}, AlsoAffects: []*Account{}}
	if a.Diagnosis != nil {
		r.Reason = &a.Diagnosis.PossibleCauses[0]
	}
	wanted, err := scopesFor(a.login, nil, nil)
	if err != nil {
		return nil, err
	}
	for _, p := range askedPermissions(a.login, a.rescoped(a.login, wanted)) {
		p.Missing = !grants(a.scopes, p.Name)
		if p.Missing {
			r.MissingPermissions = append(r.MissingPermissions, p.Name)
		}
		r.RequiredPermissions = append(r.RequiredPermissions, p)
	}
	others, err := s.accountsBeside(ctx, a)
	if err != nil || len(others) == 0 {
		return r, err
	}
	r.AlsoAffects = others
	consequence := "They are renewed along with it. One that is left out on " + a.Platform.DisplayName +
		"'s page stops working. If somebody else reconnects the account, they stay as they are."
	if a.login.GrantPerProfile {
		consequence = "They stay as they are: each has a consent of its own."
	}
	r.Consequence = &consequence
	return r, nil
}

// ReconnectURL is the address at which a person, signed in or not, reconnects an
// account; nil for an actor who may neither connect nor borrow tokens, and for an
// account that was disconnected. It works until the account has other tokens, for
// a week at most, and leads to returnTo in the end unless that is nil. Asking for
// it writes nothing.
func (s *Service) ReconnectURL(by auth.Actor, a *Account, returnTo *string) (*string, error) {
	if returnTo != nil && !s.MayReturnTo(*returnTo) {
		return nil, foreignReturn(*returnTo)
	}
	return s.reconnectURL(by, a, text(returnTo)), nil
}

func (s *Service) reconnectURL(by auth.Actor, a *Account, returnTo string) *string {
	if !by.Can(auth.Connect) && !by.Can(auth.Lease) || !a.DisconnectedAt.IsZero() {
		return nil
	}
	ends := present().Add(reconnectLife).Truncate(24 * time.Hour).Add(24 * time.Hour)
	address := s.opts.PublicURL + "/reconnect/" + s.signed(purposeReconnect, fmt.Sprintf(reconnectBody, a.ID, a.grantID, a.generation, ends.Unix(), returnTo))
	return &address
}

// RetryURL is where an attempt to reconnect an account is repeated, by the browser
// that has made it; "" where the account is no longer there.
func (s *Service) RetryURL(ctx context.Context, a *Attempt) (string, error) {
	by := auth.Actor{User: a.CreatedBy, Workspace: a.Workspace, Role: auth.RoleMember}
	found, err := s.AccountsByID(ctx, by, []string{a.ReconnectsID})
	if err != nil || len(found) == 0 {
		return "", err
	}
	return text(s.reconnectURL(by, found[0], a.ReturnTo)), nil
}

// offeringReconnect adds the link to a refusal that nothing but a reconnect
// ends.
func (s *Service) offeringReconnect(by auth.Actor, a *Account, err error) error {
	var refusal *Error
	if !errors.As(err, &refusal) || refusal.Diagnosis == nil || refusal.Diagnosis.SuggestedAction != diagnosis.Reconnect {
		return err
	}
	offering := *refusal
	offering.ReconnectURL = s.reconnectURL(by, a, "")
	return &offering
}

// OpenReconnect returns what the page of a reconnect link shows, or an *Error
// that says why the link is of no use. It changes nothing.
func (s *Service) OpenReconnect(ctx context.Context, token string) (*Reconnection, error) {
	a, _, err := s.reconnectable(ctx, token)
	if err != nil {
		return nil, err
	}
	return s.reconnection(ctx, a)
}

// reconnectable finds the account of a reconnect link that still works, and where
// the link leads in the end, if that is allowed now.
func (s *Service) reconnectable(ctx context.Context, token string) (a *Account, returnTo *string, err error) {
	forged := &Error{Code: CodeNotFound, Message: "This link is none of ours, or it was not copied whole. Open it anew from where you got it."}
	body, ok := s.verified(purposeReconnect, token)
	if !ok {
		return nil, nil, forged
	}
	var id, grantID, end string
	var generation, ends int64
	if _, err := fmt.Sscanf(body, reconnectBody, &id, &grantID, &generation, &ends, &end); err != nil {
		return nil, nil, forged
	}
	found, err := s.accountsAnywhere(ctx, s.db.read, []string{id})
	spent := func(why string) error { return &Error{Code: CodeWrongState, Message: why} }
	switch {
	case err != nil:
		return nil, nil, err
	case len(found) == 0 || !found[0].DisconnectedAt.IsZero():
		return nil, nil, spent("The account was disconnected, so there is nothing to reconnect.")
	case found[0].grantID != grantID || found[0].generation != generation:
		return nil, nil, spent("The account has been reconnected or renewed since this link was made. If it still does not work, ask for a new link.")
	case !present().Before(time.Unix(ends, 0)):
		return nil, nil, spent("The time of this link is over. Ask whoever sent it for a new one.")
	}
	if s.MayReturnTo(end) {
		returnTo = &end
	}
	return found[0], returnTo, nil
}

// StartReconnect begins an attempt to mend the account of a reconnect link. who
// is nil for somebody who is not signed in.
func (s *Service) StartReconnect(ctx context.Context, token string, who *auth.Actor) (*Attempt, error) {
	a, returnTo, err := s.reconnectable(ctx, token)
	if err != nil {
		return nil, err
	}
	by := auth.Actor{User: byLink, Workspace: a.Workspace}
	if who != nil && who.Workspace == a.Workspace && who.Can(auth.Connect) {
		by = *who
	} else {
		begun, err := s.countAttempts(ctx, a, byLink, present().Add(-attemptLife))
		if err != nil {
			return nil, err
		}
		if begun >= maxByLink {
			return nil, &Error{Code: CodeWrongState, Message: "This account was to be reconnected too often in the last minutes. Try again in ten minutes."}
		}
	}
	return s.Connect(ctx, by, ConnectRequest{Platform: a.Platform.ID, AccountID: &a.ID, ReturnTo: returnTo})
}
