package accounts

import (
	"testing"

	"github.com/jmoiron/sqlx"

	"mooring/accounts/pgtest"
	"mooring/platforms"
)

// A condemned account loses its own token although its grant lives on for
// another.
func TestCondemnedAccountsKeepNoToken(t *testing.T) {
	t.Parallel()
	pgtest.Both(t, func(t *testing.T, url string) {
		s := openForTest(t, url)
		profiles := []platforms.Profile{{ExternalID: "a", Token: platforms.NewSecret("page-a")}, {ExternalID: "b", Token: platforms.NewSecret("page-b")}}
		var left []string // owners of secrets
		err := s.record(t.Context(), func(tx *sqlx.Tx) error {
			ids, err := s.storeConsent(t.Context(), tx, consent{
				workspace: "acme", app: s.platforms["twitter"].LoginMethods[0].app, chosen: profiles, event: AccountConnected,
				tokens:   &platforms.Tokens{Access: platforms.NewSecret("person")},
				identity: &platforms.Identity{Subject: "1", Profiles: profiles},
			})
			if err != nil {
				return err
			}
			found, err := s.accountsByID(t.Context(), tx, "acme", ids[:1])
			if err != nil {
				return err
			}
			if err := s.condemn(t.Context(), tx, found[0], NotGranted, present()); err != nil {
				return err
			}
			return list(t.Context(), tx, &left, "SELECT substr(owner_id, 1, 4) FROM secrets WHERE workspace = 'acme' ORDER BY owner_id")
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(left) != 2 || left[0] != "acc_" || left[1] != "gra_" {
			t.Errorf("secrets of %v are left; want one of the other account, and the grant's", left)
		}
	})
}
