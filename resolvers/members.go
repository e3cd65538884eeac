package resolvers

import (
	"context"

	"mooring/accounts"
	"mooring/auth"
	"mooring/graph"
)

func (q query) Members(ctx context.Context, first *int, after *string) (*graph.MemberConnection, error) {
	actor, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	p, err := q.Service.Members(ctx, actor, first, after)
	if err != nil {
		return nil, err
	}
	c := &graph.MemberConnection{
		Edges: make([]*graph.MemberEdge, len(p.Members)), Nodes: p.Members,
		PageInfo: pageInfo(p.Cursors, p.HasNext, after != nil),
	}
	for i, member := range p.Members {
		c.Edges[i] = &graph.MemberEdge{Cursor: p.Cursors[i], Node: member}
	}
	return c, nil
}

func (q query) Invitations(ctx context.Context) ([]*accounts.Invitation, error) {
	actor, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	return q.Service.Invitations(ctx, actor)
}

func (q query) APIKeys(ctx context.Context) ([]*auth.APIKey, error) {
	actor, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	keys, err := q.Service.APIKeys(ctx, actor.Workspace)
	listed := make([]*auth.APIKey, len(keys))
	for i := range keys {
		listed[i] = &keys[i]
	}
	return listed, err
}

func (m mutation) InviteMember(ctx context.Context, in graph.InviteMemberInput) (*graph.InviteMemberPayload, error) {
	actor, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	i, link, err := m.Service.Invite(ctx, actor, in.Name, in.Role)
	expected, err := userErrors(err)
	return &graph.InviteMemberPayload{Invitation: i, Link: filled(link), UserErrors: expected, ClientMutationID: in.ClientMutationID}, err
}

func (m mutation) RevokeInvitation(ctx context.Context, in graph.RevokeInvitationInput) (*graph.RevokeInvitationPayload, error) {
	actor, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	i, err := m.Service.RevokeInvitation(ctx, actor, in.ID)
	expected, err := userErrors(err)
	return &graph.RevokeInvitationPayload{Invitation: i, UserErrors: expected, ClientMutationID: in.ClientMutationID}, err
}

func (m mutation) ChangeRole(ctx context.Context, in graph.ChangeRoleInput) (*graph.ChangeRolePayload, error) {
	actor, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	member, err := m.Service.ChangeRole(ctx, actor, in.User, in.Role)
	expected, err := userErrors(err)
	return &graph.ChangeRolePayload{Member: member, UserErrors: expected, ClientMutationID: in.ClientMutationID}, err
}

func (m mutation) RemoveMember(ctx context.Context, in graph.RemoveMemberInput) (*graph.RemoveMemberPayload, error) {
	actor, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	member, err := m.Service.RemoveMember(ctx, actor, in.User)
	expected, err := userErrors(err)
	return &graph.RemoveMemberPayload{Member: member, UserErrors: expected, ClientMutationID: in.ClientMutationID}, err
}

func (m mutation) CreateAPIKey(ctx context.Context, in graph.CreateAPIKeyInput) (*graph.CreateAPIKeyPayload, error) {
	actor, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	scopes := make([]auth.Permission, len(in.Scopes))
	for i, scope := range in.Scopes {
		scopes[i] = auth.Permission(scope)
	}
	key, plaintext, err := m.Service.NewAPIKey(ctx, actor, in.Name, scopes, value(in.ExpiresAt))
	expected, err := userErrors(err)
	return &graph.CreateAPIKeyPayload{APIKey: key, Key: filled(plaintext), UserErrors: expected, ClientMutationID: in.ClientMutationID}, err
}

func (m mutation) RevokeAPIKey(ctx context.Context, in graph.RevokeAPIKeyInput) (*graph.RevokeAPIKeyPayload, error) {
	actor, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	payload := &graph.RevokeAPIKeyPayload{ClientMutationID: in.ClientMutationID}
	err = m.Service.RevokeAPIKey(ctx, actor.Workspace, in.ID, actor.User)
	if err == nil {
		var key auth.APIKey
		key, err = m.Service.APIKey(ctx, in.ID)
		payload.APIKey = &key
	}
	payload.UserErrors, err = userErrors(err)
	return payload, err
}
