package resolvers

import (
	"context"

	"mooring/accounts"
	"mooring/graph"
	"mooring/platforms"
)

func (m mutation) Connect(ctx context.Context, in graph.ConnectInput) (*graph.ConnectPayload, error) {
	actor, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	a, err := m.Service.Connect(ctx, actor, accounts.ConnectRequest{
		Platform: in.Platform, LoginMethod: in.LoginMethod, Capabilities: in.Capabilities, Scopes: in.Scopes,
		ReturnTo: in.ReturnTo, AccountID: in.AccountID, ExternalUserID: in.ExternalUserID, Labels: in.Labels,
	})
	expected, err := userErrors(err)
	return &graph.ConnectPayload{Attempt: a, UserErrors: expected, ClientMutationID: in.ClientMutationID}, err
}

func (m mutation) CompleteConnect(ctx context.Context, in graph.CompleteConnectInput) (*graph.CompleteConnectPayload, error) {
	actor, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	a, err := m.Service.CompleteConnect(ctx, actor, in.AttemptID, in.ExternalIds)
	expected, err := userErrors(err)
	return &graph.CompleteConnectPayload{Attempt: a, UserErrors: expected, ClientMutationID: in.ClientMutationID}, err
}

func (m mutation) CancelConnect(ctx context.Context, in graph.CancelConnectInput) (*graph.CancelConnectPayload, error) {
	actor, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	a, err := m.Service.CancelConnect(ctx, actor, in.AttemptID)
	expected, err := userErrors(err)
	return &graph.CancelConnectPayload{Attempt: a, UserErrors: expected, ClientMutationID: in.ClientMutationID}, err
}

func (m mutation) ImportAccount(ctx context.Context, in graph.ImportAccountInput) (*graph.ImportAccountPayload, error) {
	actor, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	imported, err := m.Service.Import(ctx, actor, accounts.ImportRequest{
		Platform: in.Platform, LoginMethod: in.LoginMethod,
		AccessToken: platforms.NewSecret(in.AccessToken), RefreshToken: platforms.NewSecret(value(in.RefreshToken)),
		ExpiresAt: value(in.ExpiresAt), Scopes: in.Scopes, ExternalIDs: in.ExternalIds,
		ExternalUserID: in.ExternalUserID, Labels: in.Labels,
	})
	payload := &graph.ImportAccountPayload{Accounts: []*accounts.Account{}, ClientMutationID: in.ClientMutationID}
	if len(imported) > 0 {
		payload.Account, payload.Accounts = imported[0], imported
	}
	payload.UserErrors, err = userErrors(err)
	return payload, err
}

func (m mutation) Disconnect(ctx context.Context, in graph.DisconnectInput) (*graph.DisconnectPayload, error) {
	actor, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	d, err := m.Service.Disconnect(ctx, actor, in.AccountID)
	payload := &graph.DisconnectPayload{ClientMutationID: in.ClientMutationID}
	if d != nil {
		payload.Account, payload.RevokedAtPlatform, payload.RevocationNote = d.Account, d.RevokedAtPlatform, filled(d.Note)
		if !d.RevokedAtPlatform {
			payload.RevokeURL = filled(d.RevokeURL)
		}
	}
	payload.UserErrors, err = userErrors(err)
	return payload, err
}

func (m mutation) Validate(ctx context.Context, in graph.ValidateInput) (*graph.ValidatePayload, error) {
	actor, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	a, v, err := m.Service.Validate(ctx, actor, in.AccountID)
	expected, err := userErrors(err)
	return &graph.ValidatePayload{Validation: v, Account: a, UserErrors: expected, ClientMutationID: in.ClientMutationID}, err
}

func (m mutation) CheckHealth(ctx context.Context, in graph.CheckHealthInput) (*graph.CheckHealthPayload, error) {
	actor, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	a, err := m.Service.CheckHealth(ctx, actor, in.AccountID)
	payload := &graph.CheckHealthPayload{Account: a, ClientMutationID: in.ClientMutationID}
	if a != nil {
		payload.Health = &a.Health
	}
	payload.UserErrors, err = userErrors(err)
	return payload, err
}

func (m mutation) CheckPermissions(ctx context.Context, in graph.CheckPermissionsInput) (*graph.CheckPermissionsPayload, error) {
	actor, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	a, err := m.Service.CheckPermissions(ctx, actor, in.AccountID)
	payload := &graph.CheckPermissionsPayload{Account: a, ClientMutationID: in.ClientMutationID}
	if a != nil {
		p := a.Permissions()
		payload.Permissions = &p
	}
	payload.UserErrors, err = userErrors(err)
	return payload, err
}

func (m mutation) Refresh(ctx context.Context, in graph.RefreshInput) (*graph.RefreshPayload, error) {
	actor, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	r, err := m.Service.Refresh(ctx, actor, in.AccountID, in.Force != nil && *in.Force)
	payload := &graph.RefreshPayload{ClientMutationID: in.ClientMutationID}
	if r != nil {
		payload.Account, payload.Refreshed = r.Account, r.Refreshed
		if ends := r.Account.Health.AccessTokenExpiresAt; !ends.IsZero() {
			payload.ExpiresAt = &ends
		}
	}
	if payload.UserErrors, err = userErrors(err); len(payload.UserErrors) > 0 {
		e := payload.UserErrors[0]
		payload.Error, payload.Diagnosis = &e.Message, e.Diagnosis
	}
	return payload, err
}

func (m mutation) SetLabels(ctx context.Context, in graph.SetLabelsInput) (*graph.SetLabelsPayload, error) {
	actor, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	a, err := m.Service.SetLabels(ctx, actor, in.AccountID, in.Labels)
	expected, err := userErrors(err)
	return &graph.SetLabelsPayload{Account: a, UserErrors: expected, ClientMutationID: in.ClientMutationID}, err
}
