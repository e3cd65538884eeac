package accounts_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"mooring/accounts"
)

// Credentials that anybody can make up are counted by where they came from, in
// one event a minute for each network, and in so many events at most.
func TestRefusedCredentialsAreCounted(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		o := w.options
		o.Poll = time.Second
		w.restart(o)
		refusals := func() []string {
			var found []string
			for _, e := range w.events("", accounts.EventFilter{Types: []accounts.EventType{accounts.SignInFailed}}) {
				found = append(found, fmt.Sprint(*e.About, " ", e.Count, " ", e.At.Sub(e.EffectiveAt)))
			}
			return found
		}
		for range 3 {
			w.CredentialRefused("203.0.113.7")
			<-time.After(time.Second)
		}
		w.CredentialRefused("203.0.113.200")
		w.CredentialRefused("2001:db8:1:2::/64") // as a customer's network is told
		w.CredentialRefused("not an address")
		if got := refusals(); len(got) != 0 {
			t.Errorf("within the minute the log has %v; want nothing yet", got)
		}
		pass(time.Minute)
		want := []string{"2001:db8:1::/48 1 1m0s", "203.0.113.0/24 4 1m0s", "others 1 1m0s"}
		if got := refusals(); !slices.Equal(got, want) {
			t.Errorf("after a minute the log has %v; want %v", got, want)
		}
		for i := range 250 {
			w.CredentialRefused(fmt.Sprintf("198.51.%d.1", i))
		}
		w.restart(o) // what was counted is not lost
		got := refusals()[len(want):]
		if n := len(got); n != 101 || !slices.Contains(got, "others 150 0s") {
			t.Errorf("250 networks became %d events, %v; want 101 with the rest counted together", n, got)
		}
	})
}
