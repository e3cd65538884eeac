package auth_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"mooring/auth"
)

func TestPermissionsOfRoles(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		role   auth.Role
		scopes []auth.Permission
		want   string
	}{
		{auth.RoleViewer, nil, "read"},
		{auth.RoleMember, nil, "read connect manage"},
		{auth.RoleAdmin, nil, "read connect manage audit admin"},
		{auth.RoleOwner, nil, "read connect manage audit admin lease import end"},
		{auth.RoleService, nil, ""},
		{auth.RoleService, []auth.Permission{auth.Lease, auth.Read}, "read lease"},
		{auth.RoleViewer, []auth.Permission{auth.Admin}, "read"}, // scopes do not widen a role
		{auth.RoleOwner, []auth.Permission{auth.Read}, "read connect manage audit admin lease import end"},
		{"", []auth.Permission{auth.Admin}, ""},
		{"ROOT", nil, ""},
	} {
		actor := auth.Actor{Role: test.role, Scopes: test.scopes}
		want := strings.Fields(test.want)
		for _, p := range auth.Permissions() {
			if got, want := actor.Can(p), slices.Contains(want, string(p)); got != want {
				t.Errorf("%s %v: Can(%s) = %v; want %v", test.role, test.scopes, p, got, want)
			}
			err := actor.Require(p)
			var refusal *auth.Error
			switch {
			case actor.Can(p) && err != nil:
				t.Errorf("%s %v: Require(%s) = %v; want nil", test.role, test.scopes, p, err)
			case !actor.Can(p) && (!errors.As(err, &refusal) || refusal.Code != auth.Forbidden || !strings.Contains(refusal.Message, string(p))):
				t.Errorf("%s %v: Require(%s) = %v; want FORBIDDEN naming it", test.role, test.scopes, p, err)
			}
		}
	}
}

func TestActorTravelsInTheContext(t *testing.T) {
	t.Parallel()
	if got, ok := auth.FromContext(context.Background()); ok {
		t.Errorf("FromContext(empty) = %+v; want none", got)
	}
	ctx := auth.WithActor(context.Background(), auth.Local())
	if got, ok := auth.FromContext(ctx); !ok || got.User != auth.LocalUser {
		t.Errorf("FromContext() = %+v, %v; want the local actor", got, ok)
	}
}
