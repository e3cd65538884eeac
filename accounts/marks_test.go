package accounts_test

import (
	"slices"
	"testing"
	"time"

	"mooring/accounts"
)

const day = 24 * time.Hour

// wantMarks wants an account to have been warned at these days before an end,
// each at its moment.
func (w *world) wantMarks(a *accounts.Account, want ...int) {
	w.t.Helper()
	var got []int
	for _, e := range w.events("", accounts.EventFilter{AccountIDs: []string{a.ID}, Types: []accounts.EventType{accounts.AccountWarning}}) {
		got = append(got, *e.Days)
		if *e.Status != *e.PreviousStatus || e.EffectiveAt.After(e.At) {
			w.t.Errorf("warning %+v; want the same status before and after, and a moment that has come", e)
		}
	}
	if !slices.Equal(got, want) {
		w.t.Errorf("%s was warned at %v days; want %v", a.DisplayName, got, want)
	}
}

// An account that nothing renews is warned of at each mark, on both streams. A
// reconnect puts all marks ahead again.
func TestWarningsAtTheMarks(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		a := w.connect(owner, "linkedin", "refresh", "no")
		health, err := w.HealthChanges(t.Context(), viewer, accounts.HealthFilter{AccountIDs: []string{a.ID}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		next(t, health) // the snapshot
		pass(46*day + time.Second)
		w.wantMarks(a, 14)
		c := next(t, health)
		if c.PreviousStatus == nil || *c.PreviousStatus != accounts.Healthy || c.Health.Status != accounts.Healthy || len(c.Health.Warnings) != 1 {
			t.Errorf("change %+v, %+v; want the same status with a warning", c, c.Health)
		}
		e := w.events("", accounts.EventFilter{Types: []accounts.EventType{accounts.AccountWarning}})[0]
		if want := a.Health.ExpiresAt.Add(-14 * day); !e.EffectiveAt.Equal(want) || e.At.Sub(want) > time.Second {
			t.Errorf("warned at %s of %s; want %s", e.At, e.EffectiveAt, want)
		}
		pass(8 * day)
		w.wantMarks(a, 14, 7)
		w.connect(owner, "linkedin", "refresh", "no")
		pass(61 * day)
		w.wantMarks(a, 14, 7, 14, 7, 3, 1)
		w.wantEvents(a.ID, accounts.ExpiringSoon, accounts.Expired)
	})
}

// Of the marks that passed while nobody ran, the last is told.
func TestAMarkPassedMeanwhileIsTold(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		a := w.connect(owner, "linkedin", "refresh", "no")
		w.stop()
		pass(58 * day)
		w.restart(w.options)
		other := w.replica()
		pass(time.Second)
		w.wantMarks(a, 3)
		w.restart(w.options)
		if _, err := other.SetLabels(t.Context(), owner, a.ID, []string{"looked at"}); err != nil {
			t.Fatal(err)
		}
		pass(2 * day)
		w.wantMarks(a, 3, 1)
	})
}

// Tokens that are renewed in time warn nobody.
func TestRenewedTokensWarnNobody(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		self := w.run(w.begin(owner, accounts.ConnectRequest{Platform: "meta_instagram", LoginMethod: ptr("INSTAGRAM_LOGIN")}))
		all := []*accounts.Account{w.connect(owner, "pinterest"), w.account(owner, self.AccountIDs[0])}
		pass(56 * day)
		for _, a := range all {
			w.wantMarks(a)
		}
	})
}

// One whose renewal fails is warned of at the marks after it was due.
func TestATokenThatDoesNotRenewItself(t *testing.T) {
	inTime(t, func(t *testing.T, w *world) {
		attempt := w.run(w.begin(owner, accounts.ConnectRequest{Platform: "meta_instagram", LoginMethod: ptr("INSTAGRAM_LOGIN")}))
		a := w.account(owner, attempt.AccountIDs[0])
		pass(time.Hour)
		w.fault(`{"platform":"meta_instagram","status":503,"retryAfterSeconds":43200,"times":-1}`)
		pass(61 * day)
		w.wantMarks(a, 3, 1)
		w.wantHealth(a.ID, accounts.Expired, "", false)
	})
}
