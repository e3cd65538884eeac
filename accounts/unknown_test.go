package accounts_test

import (
	"fmt"
	"strings"
	"testing"

	"mooring/accounts"
)

// Unknown errors are counted by what they have in common, without what names
// anybody, and known ones are not.
func TestUnknownErrors(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ask := func(text string) {
			t.Helper()
			if _, err := w.Troubleshoot(t.Context(), owner, accounts.Trouble{Platform: "x", HTTPStatus: 418, ErrorMessage: text}); err != nil {
				t.Fatal(err)
			}
		}
		ask("The teapot 17 of ada@example.com refuses to brew")
		w.restart(w.options)
		ask("The teapot 23 of bob@example.com refuses to brew")
		ask("Rate limit exceeded")
		w.fault(`{"platform":"twitter","endpoint":"profile","times":9,"status":418,"body":{"error":"short and stout"}}`)
		w.run(w.begin(owner, accounts.ConnectRequest{Platform: "twitter"}))
		w.restart(w.options)

		found, err := w.UnknownErrors(t.Context(), 10)
		if err != nil {
			t.Fatal(err)
		}
		if len(found) != 2 || found[0].Times != 2 || !strings.Contains(found[0].Fingerprint, "brew") || !strings.Contains(found[1].Fingerprint, "stout") {
			t.Errorf("UnknownErrors() = %+v; want two teapots and a stout one", found)
		}
		if strings.Contains(fmt.Sprint(found), "ada") {
			t.Errorf("UnknownErrors() = %+v; want nobody named", found)
		}

		for i := range 3 * 26 * 26 { // made up by somebody who asks
			ask("gibberish " + strings.Repeat(string(rune('a'+i%26)), 3+i/26%26) + " " + strings.Repeat("x", 3+i/26/26))
		}
		w.restart(w.options)
		if found, err = w.UnknownErrors(t.Context(), 5000); err != nil || len(found) > 1000 || found[0].Times != 2 {
			t.Errorf("UnknownErrors() = %d, %v; want no more than are kept", len(found), err)
		}
	})
}
