package accounts_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mooring/accounts"
	"mooring/platforms"
)

// Nothing that passes between Mooring and a platform in confidence may be found
// afterwards: in what the API shows, in the log, or in the database's tables
// and files.
func TestNoSecretLeaks(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		stream, err := w.EventsAdded(t.Context(), owner, accounts.EventFilter{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		var shown strings.Builder
		show := func(v any) { fmt.Fprintf(&shown, "%+v %#v %s\n", v, v, v) }

		b, attempt := browser{}, w.begin(owner, accounts.ConnectRequest{Platform: "twitter"})
		query := w.consent(w.depart(b, attempt))
		w.control("POST", "faults", `{"endpoint":"profile","status":500,"body":{"title":"broken"}}`, nil)
		failed, err := w.back(b, attempt, query)
		if err != nil || failed.Status != accounts.AttemptBroken {
			t.Fatalf("Return() = %+v, %v; want FAILED", failed, err)
		}
		show(failed)
		w.wire.remember(query.Get("state"), b[attempt.ID])

		a := w.connect(owner, "twitter")
		selecting := w.run(w.organizations())
		show(*a)
		show(*selecting)
		_, err = w.Import(t.Context(), owner, accounts.ImportRequest{Platform: "twitter", AccessToken: platforms.NewSecret("planted-access-token")})
		w.wire.remember("planted-access-token")
		show(err)
		show(*expected(t, err))
		_, lease, err := w.Lease(t.Context(), publisher, accounts.LeaseRequest{AccountID: a.ID, Reason: ptr("look")})
		if err != nil || lease.AccessToken.IsZero() {
			t.Fatalf("Lease() = %+v, %v; want a token", lease, err)
		}
		show(*lease)
		for _, body := range []string{lease.AccessToken.Reveal(), `{"status":401,"access_token":"` + lease.AccessToken.Reveal() + `"}`} {
			if _, err := w.ReportFailure(t.Context(), publisher, accounts.FailureReport{LeaseID: lease.ID, HTTPStatus: 401, Body: body}); err != nil {
				t.Fatal(err)
			}
		}
		w.control("POST", "faults", `{"endpoint":"revoke","times":2,"status":500}`, nil)
		d, err := w.Disconnect(t.Context(), owner, a.ID)
		if err != nil {
			t.Fatal(err)
		}
		show(*d)
		for _, e := range w.events("", accounts.EventFilter{}) {
			show(*e)
			show(*next(t, stream))
		}
		for _, table := range []string{"attempts", "events", "accounts", "grants", "secrets", "apps", "installation", "due", "activity", "refreshes", "probes"} {
			show(w.dump(table))
		}
		haystacks := map[string][]byte{
			"what is shown": []byte(shown.String()), "the log": []byte(w.log.String()),
			"a backup": w.backup(""), "a workspace's backup": w.backup("acme"),
		}
		w.wire.remember(w.options.Key.Encode())
		if file, ok := strings.CutPrefix(w.options.DatabaseURL, "sqlite:"); ok {
			files, _ := filepath.Glob(file + "*") // the pattern is well-formed
			for _, f := range files {
				if strings.HasSuffix(f, ".lock") || strings.HasSuffix(f, ".running") {
					continue
				}
				if haystacks[f], err = os.ReadFile(f); err != nil {
					t.Fatal(err)
				}
			}
			if len(files) < 3 {
				t.Errorf("files = %v; want the WAL among them", files)
			}
		}
		secrets := w.wire.seen()
		if len(secrets) < 10 {
			t.Fatalf("%d secrets have passed; want codes, verifiers and tokens", len(secrets))
		}
		for where, text := range haystacks {
			if len(text) == 0 {
				t.Errorf("%s is empty", where)
			}
			for _, secret := range secrets {
				for form, s := range map[string]string{
					"plain": secret, "base64": base64.StdEncoding.EncodeToString([]byte(secret))[:20], "hex": hex.EncodeToString([]byte(secret)),
				} {
					if bytes.Contains(text, []byte(s)) {
						t.Errorf("%s has a secret of %d characters in %s", where, len(secret), form)
					}
				}
			}
		}
	})
}
