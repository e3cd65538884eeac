package accounts_test

import (
	"slices"
	"strings"
	"testing"

	"mooring/accounts"
	"mooring/diagnosis"
	"mooring/platforms"
)

// What is wrong with an account is found where nothing failed yet.
func TestTroubleshootAccount(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		healthy := w.connect(owner, "linkedin")
		partly := w.connect(owner, "google_youtube")
		find := func(id string) *diagnosis.Diagnosis {
			t.Helper()
			d, err := w.Troubleshoot(t.Context(), owner, accounts.Trouble{AccountID: id})
			if err != nil {
				t.Fatal(err)
			}
			return d
		}
		if d := find(healthy.ID); d != nil {
			t.Errorf("of a healthy account Troubleshoot() = %s; want nothing", says(d))
		}

		o := w.options
		o.Apps = slices.Clone(o.Apps)
		for i, a := range o.Apps {
			if a.Platform.ID == "google_youtube" {
				other := *a
				other.ClientID = "another"
				o.Apps[i] = &other
			}
		}
		w.restart(o)
		gone := find(partly.ID)
		if gone == nil || gone.FixableBy != diagnosis.Operator || gone.Evidence[0].Rule != "own/app-gone" {
			t.Errorf("of an account whose app is gone Troubleshoot() = %+v; want that", gone)
		}
	})
}

// A set-up with a fault is what is wrong with its accounts, if nothing else is.
func TestTroubleshootSetUp(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		set := func(change func(*platforms.App)) {
			for _, a := range w.options.Apps {
				if a.Platform.ID == "twitter" {
					change(a)
				}
			}
			w.restart(w.options)
		}
		set(func(a *platforms.App) { a.Sandbox = false }) // what is played passes all checks
		account := w.connect(owner, "twitter")
		set(func(a *platforms.App) { a.ClientSecret = platforms.NewSecret(`"` + a.ClientSecret.Reveal() + `"`) })
		d, err := w.Troubleshoot(t.Context(), owner, accounts.Trouble{AccountID: account.ID})
		if err != nil || d == nil || d.Evidence[0].Rule != "own/not-ready" || !strings.Contains(strings.Join(d.Solutions, " "), "TWITTER_CLIENT_SECRET") {
			t.Errorf("Troubleshoot() = %+v, %v; want the quoted secret", d, err)
		}
	})
}
