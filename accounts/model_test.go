package accounts_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"mooring/accounts"
	"mooring/auth"
	"mooring/platforms"
)

// TestAgainstAModel lets whatever can happen to a few accounts of one platform
// happen in any order, and after each step compares the program with a model
// that knows only what passed between it and the platform. In the end all
// trouble ends, and whoever can be well has to be.
func TestAgainstAModel(t *testing.T) {
	t.Parallel()
	budget, slow := 5*time.Second, os.Getenv("MOORING_SLOW_TESTS") == "1"
	if slow {
		budget = 20 * time.Second
	}
	began, found := time.Now(), false
	for once := true; once || slow && time.Since(began) < budget; once = false {
		rapid.Check(t, func(r *rapid.T) {
			if !found && time.Since(began) > budget {
				return
			}
			var cause any
			synctest.Test(t, func(t *testing.T) {
				defer func() { cause = recover() }() // a panic would not get out of here
				newModel(&caseT{t, r}, t).run(r)
			})
			found = found || r.Failed()
			if cause != nil && !r.Failed() {
				panic(cause) // a real one, or rapid's word that it has no case
			}
		})
	}
}

// caseT is the testing.TB of one case, whose failure is the case's alone.
type caseT struct {
	testing.TB
	rapid *rapid.T
}

func (t *caseT) Error(args ...any)                 { t.rapid.Error(args...) }
func (t *caseT) Errorf(format string, args ...any) { t.rapid.Errorf(format, args...) }
func (t *caseT) Fatal(args ...any)                 { t.rapid.Fatal(args...) }
func (t *caseT) Fatalf(format string, args ...any) { t.rapid.Fatalf(format, args...) }

// model is what should be true of some accounts.
type model struct {
	*world
	rapid    *rapid.T
	platform string
	login    *platforms.Login
	life     time.Duration // of an access token
	lease    time.Duration
	accounts []*modelAccount
	replicas []*replica // alive
	end      chan struct{}

	mu        sync.Mutex
	families  map[string]*family // by each token that renews, or has renewed, its grant
	exchanged *family            // the latest
	outage    string             // what happens to all requests; "" for nothing
	next      []trouble          // what happens to the next requests
	suspended bool
	failing   bool      // the latest answer spoke against the app or the platform
	calling   bool      // somebody forces refreshes
	troubled  time.Time // when a replica last began, crashed or ended
	faults    []string  // what should not have happened
}

// modelAccount is an account of the model.
type modelAccount struct {
	by     auth.Actor
	id     string
	family *family // nil while it is disconnected
	seen   int     // its last event that was looked at
	status string  // by that event
}

// family is a grant: all tokens that came from one consent.
type family struct {
	renewer     string // the token that renews it now, as far as Mooring can know
	issued      time.Time
	ends        time.Time // of the access token
	refreshEnds time.Time
	over        bool // its account has another, or none

	revoked bool     // the person took it back at the platform, which a probe finds
	doubted bool     // the app was suspended since, which a probe may take for a dead token
	asking  *replica // who has a request under way
	unknown int      // requests with renewer that may have had an effect
	crashed bool     // the last of them was a dead replica's
	verdict accounts.Reason
	failed  bool                     // to be renewed, since it was last
	reasons map[accounts.Reason]bool // seen anywhere at the app since then
}

// replica is a Service with its way to the platform.
type replica struct {
	*accounts.Service
	m    *model
	stop func()
	desk bool // it does not refresh, and may connect
	dead bool // it neither gets an answer nor does anything with one
}

func newModel(c *caseT, t *testing.T) *model {
	m := &model{world: newWorld(c, migrated.SQLite(t)), rapid: c.rapid, end: make(chan struct{}), families: map[string]*family{}}
	m.stop()
	// The lives are short, since every hour of an outage costs time.
	kinds := []struct {
		platform, login string
		life            time.Duration
	}{
		{"twitter", "DEFAULT", 2 * time.Hour}, {"tiktok", "DEFAULT", 2 * time.Hour}, {"google_youtube", "DEFAULT", time.Hour},
		{"linkedin", "DEFAULT", 12 * time.Hour}, {"pinterest", "DEFAULT", 30 * 24 * time.Hour}, {"meta_instagram", "INSTAGRAM_LOGIN", 3 * 24 * time.Hour},
	}
	kind := kinds[rapid.IntRange(0, len(kinds)-1).Draw(c.rapid, "kind")]
	m.platform, m.life = kind.platform, kind.life
	for _, a := range m.options.Apps {
		if a.Platform.ID == kind.platform && a.Login.ID == kind.login {
			m.login = a.Login
		}
	}
	m.lease = m.life / 6
	m.options.Lease, m.options.Poll = m.lease, m.lease/10
	m.options.EventsKeep = 100 * 365 * 24 * time.Hour
	desk := m.open()
	desk.desk = true
	m.Service = desk.Service // for all but refreshing: it does not run
	c.Cleanup(func() { _ = desk.Close() })
	return m
}

// open opens a Service that has its own way to the platform.
func (m *model) open() *replica {
	r := &replica{m: m}
	o := m.options
	o.Apps = nil
	for _, a := range m.options.Apps {
		own := *a
		own.HTTP = &http.Client{Transport: r, Timeout: 20 * time.Second}
		o.Apps = append(o.Apps, &own)
	}
	s, err := accounts.Open(m.t.Context(), o)
	if err != nil {
		m.t.Fatalf("Open() = %v", err)
	}
	r.Service = s
	return r
}

// start begins a replica that refreshes.
func (m *model) start() {
	r := m.open()
	ctx, cancel := context.WithCancel(context.WithoutCancel(m.t.Context()))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		r.Run(ctx)
	}()
	r.stop = sync.OnceFunc(func() {
		cancel()
		<-ended
		if err := r.Close(); err != nil {
			m.t.Errorf("Close() = %v", err)
		}
	})
	m.t.Cleanup(r.stop)
	m.replicas = append(m.replicas, r)
}

func (m *model) run(t *rapid.T) {
	defer close(m.end) // what hangs for ever
	m.start()
	for i := range rapid.IntRange(1, 3).Draw(t, "accounts") {
		by := owner
		by.Workspace = fmt.Sprint("w", i)
		a := &modelAccount{by: by}
		m.accounts = append(m.accounts, a)
		m.connect(a)
	}
	t.Repeat(map[string]func(*rapid.T){
		"":             m.check,
		"pass":         m.letPass,
		"refresh":      m.refresh,
		"reconsider":   m.reconsider,
		"trouble":      m.trouble,
		"outage":       m.setOutage,
		"replace":      m.replace,
		"rotate a key": m.rotateKey,
	})
	m.calm(t)
}

func (m *model) letPass(t *rapid.T) {
	d := time.Duration(rapid.IntRange(1, 24).Draw(t, "sixteenths")) * m.life / 16
	if m.outage != "" || m.isSuspended() {
		d = min(d, 24*time.Hour)
	}
	m.pass(d)
}

func (m *model) pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// connect runs an account through a consent page. It gets another family.
func (m *model) connect(a *modelAccount) {
	attempt := m.world.run(m.begin(a.by, accounts.ConnectRequest{Platform: m.platform, LoginMethod: &m.login.ID}),
		"lifetime", fmt.Sprint(int(m.life.Seconds())))
	if attempt.Status != accounts.AttemptDone || len(attempt.AccountIDs) != 1 {
		m.t.Fatalf("attempt is %s with accounts %v, %s; want one account", attempt.Status, attempt.AccountIDs, says(attempt.Diagnosis))
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if a.family != nil {
		a.family.over = true
	}
	a.id, a.family = attempt.AccountIDs[0], m.exchanged
}

// refresh lets some callers, of whatever replicas, ask for a refresh at once.
// They have little patience.
func (m *model) refresh(t *rapid.T) {
	a := m.accounts[rapid.IntRange(0, len(m.accounts)-1).Draw(t, "account")]
	if len(m.replicas) == 0 || a.family == nil {
		return // there is nobody to ask, or nothing to ask for
	}
	force := rapid.Bool().Draw(t, "force")
	ctx, cancel := context.WithTimeout(m.t.Context(), 5*time.Second)
	defer cancel()
	m.setCalling(true)
	defer m.setCalling(false)
	began := time.Now()
	var callers sync.WaitGroup
	for range rapid.IntRange(1, 3).Draw(t, "callers") {
		r := m.replicas[rapid.IntRange(0, len(m.replicas)-1).Draw(t, "at")]
		callers.Go(func() {
			done, err := r.Refresh(ctx, a.by, a.id, force)
			var refused *accounts.Error
			switch {
			case err != nil && !errors.As(err, &refused) && !errors.Is(err, context.DeadlineExceeded):
				m.fault("Refresh() = %v", err)
			case err == nil && done.Refreshed && done.Account.Health.LastRefreshedAt.Before(began):
				m.fault("Refresh() = %+v; want it refreshed", done.Account.Health)
			}
		})
	}
	callers.Wait()
	synctest.Wait()
}

func (m *model) setCalling(calling bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calling = calling
}

// reconsider lets a person connect an account again, or disconnect it, or take
// the consent back at the platform.
func (m *model) reconsider(t *rapid.T) {
	a := m.accounts[rapid.IntRange(0, len(m.accounts)-1).Draw(t, "account")]
	switch what := rapid.SampledFrom([]string{"reconnect", "disconnect", "revoke"}).Draw(t, "decision"); {
	case a.family == nil || what == "reconnect":
		if m.isSuspended() {
			return // nobody gets in
		}
		m.connect(a)
	case what == "disconnect":
		m.mu.Lock()
		a.family.over = true
		a.family = nil
		m.mu.Unlock()
		if _, err := m.Disconnect(m.t.Context(), a.by, a.id); err != nil {
			t.Fatalf("Disconnect() = %v", err)
		}
	default:
		m.mu.Lock()
		for _, f := range m.families {
			f.revoked = true
		}
		m.mu.Unlock()
		m.revokeAll()
	}
	synctest.Wait()
}

func (m *model) trouble(t *rapid.T) {
	delays := rapid.SampledFrom([]time.Duration{0, 0, time.Second, 15 * time.Second, 25 * time.Second})
	m.mu.Lock()
	defer m.mu.Unlock()
	m.next = append(m.next, trouble{
		What:   rapid.SampledFrom([]string{"", unsent, ignored, lost, down, broken, limited}).Draw(t, "what"),
		Before: delays.Draw(t, "before"),
		After:  delays.Draw(t, "after"),
	})
}

func (m *model) setOutage(t *rapid.T) {
	outage := rapid.SampledFrom([]string{"", unsent, down, broken, limited, refused}).Draw(t, "outage")
	m.suspend(outage == refused)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.outage = outage
	if outage == refused {
		m.outage = "" // the sandbox sees to it
	}
}

func (m *model) suspend(suspended bool) {
	m.mu.Lock()
	for _, f := range m.families {
		f.doubted = f.doubted || suspended
	}
	m.mu.Unlock()
	m.control("POST", "apps/"+m.platform, fmt.Sprintf(`{"suspended": %t}`, suspended), nil)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.suspended = suspended
}

func (m *model) isSuspended() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.suspended
}

// replace ends a replica, if there is one, and begins up to two.
func (m *model) replace(t *rapid.T) {
	m.mu.Lock()
	m.troubled = time.Now()
	m.mu.Unlock()
	if n := len(m.replicas); n > 0 {
		r := m.replicas[n-1]
		m.replicas = m.replicas[:n-1]
		if rapid.Bool().Draw(t, "crash") {
			m.crash(r)
		} else {
			r.stop()
		}
	}
	for range rapid.IntRange(0, 2-len(m.replicas)).Draw(t, "begin") {
		m.start()
	}
	synctest.Wait()
}

// crash ends a replica as SIGKILL would: what it has sent is answered into the
// void.
func (m *model) crash(r *replica) {
	m.mu.Lock()
	r.dead = true
	for _, f := range m.families {
		if f.asking == r {
			f.asking, f.crashed = nil, true
			f.unknown++
		}
	}
	m.mu.Unlock()
	go r.stop()
	synctest.Wait()
}

// rotateKey seals everything under another key and drops the one before.
func (m *model) rotateKey(t *rapid.T) {
	ctx := m.t.Context()
	before, err := m.Keys(ctx)
	if err != nil {
		t.Fatal(err)
	}
	key, err := m.AddKey(ctx)
	if err == nil {
		err = m.PromoteKey(ctx, key)
	}
	if err == nil && rapid.Bool().Draw(t, "reseal") {
		if _, err = m.Reseal(ctx); err == nil {
			err = m.RemoveKey(ctx, before[len(before)-1].ID)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
}

// calm ends all trouble and gives everybody the time to recover. Who may do so
// without a person has to.
func (m *model) calm(t *rapid.T) {
	m.mu.Lock()
	m.outage, m.next = "", nil
	m.mu.Unlock()
	m.suspend(false)
	if len(m.replicas) == 0 {
		m.start()
	}
	var living []*modelAccount
	m.mu.Lock()
	for _, a := range m.accounts {
		if a.family != nil && (a.family.refreshEnds.IsZero() || time.Until(a.family.refreshEnds) > 3*m.lease) {
			living = append(living, a)
		}
	}
	m.mu.Unlock()
	for range 3 {
		m.pass(m.life)
		m.check(t)
	}
	for _, a := range living {
		if got := m.account(a.by, a.id); m.undoubted(a) && (!got.Health.IsConnected || got.Health.Status != accounts.Healthy) {
			t.Fatalf("in the end %s is %s, connected %t; want it to work", a, statusOf(got), got.Health.IsConnected)
		}
	}
	m.mu.Lock()
	failing := m.failing
	m.mu.Unlock()
	if opened, closed := m.incidents(); opened != closed && !failing {
		t.Fatalf("in the end %d of %d incidents are closed", closed, opened)
	}
}

// undoubted reports whether nothing was said for good against an account.
func (m *model) undoubted(a *modelAccount) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return a.family.verdict == "" && !m.unknown(a.family)
}

// unknown reports whether a crash left a second request of a grant without an
// answer, which nobody hears who does not look.
func (m *model) unknown(f *family) bool {
	return m.login.Refresh.Rotates && f.crashed && f.unknown > 1
}

// hasEnded reports whether a clock has ended that only a person winds.
func (f *family) hasEnded() bool {
	return !f.refreshEnds.IsZero() && !time.Now().Before(f.refreshEnds)
}

// fault notes what should not have happened.
func (m *model) fault(format string, args ...any) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.blame(format, args...)
}

// blame is fault for those who hold m.mu.
func (m *model) blame(format string, args ...any) {
	m.faults = append(m.faults, fmt.Sprintf(format, args...))
}

// check compares the program with the model.
func (m *model) check(t *rapid.T) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.faults) > 0 {
		t.Fatalf("%s", strings.Join(m.faults, "\n"))
	}
	for _, a := range m.accounts {
		if a.family != nil {
			m.checkHealth(t, a)
		}
		m.checkEvents(t, a)
	}
}

func (m *model) checkHealth(t *rapid.T, a *modelAccount) {
	account := m.account(a.by, a.id)
	got := statusOf(account)
	if a.family.revoked && account.Health.Reason != nil && *account.Health.Reason == accounts.Revoked {
		a.family.verdict = accounts.Revoked // a probe's, which stays
	}
	if want := m.statuses(a.family); !slices.Contains(want, got) {
		t.Fatalf("%s is %s; want %s", a, got, strings.Join(want, " or "))
	}
	if ends := account.Health.AccessTokenExpiresAt; !ends.Equal(a.family.ends) {
		t.Fatalf("the token of %s ends at %s; that of the latest answer at %s", a, ends, a.family.ends)
	}
}

// watched reports whether the same replicas have run for some time.
func (m *model) watched(d time.Duration) bool {
	return len(m.replicas) > 0 && time.Since(m.troubled) > d
}

// statusOf is an account's status and its reason.
func statusOf(a *accounts.Account) string {
	if a.Health.Reason == nil {
		return string(a.Health.Status)
	}
	return fmt.Sprint(a.Health.Status, " ", *a.Health.Reason)
}

// String is the same in each run of a case, as ids are not.
func (a *modelAccount) String() string { return "the account of " + a.by.Workspace }

// statuses are those that the account of a family may be in.
func (m *model) statuses(f *family) []string {
	now := time.Now()
	if f.verdict != "" {
		return []string{"UNHEALTHY " + string(f.verdict)}
	}
	var may []string
	if m.unknown(f) {
		may = append(may, "UNHEALTHY OUTCOME_UNKNOWN") // once somebody looks
	}
	if f.hasEnded() {
		return append(may, "EXPIRED")
	}
	works := "HEALTHY"
	if !f.refreshEnds.IsZero() && !now.Before(f.refreshEnds.Add(-m.options.ExpiringWithin)) {
		works = "EXPIRING_SOON"
	}
	if now.Before(f.ends) {
		return append(may, works)
	}
	for reason := range f.reasons {
		may = append(may, "UNHEALTHY "+string(reason))
	}
	if !f.failed && !(m.watched(5*m.lease) && now.Sub(f.ends) > 5*m.lease) {
		may = append(may, works)
	}
	return may
}

// checkEvents wants the events of an account to tell each change of its status,
// the present one last, and nothing else.
func (m *model) checkEvents(t *rapid.T, a *modelAccount) {
	var events []struct {
		Seq            int
		Type           accounts.EventType
		Before         string `db:"previous_status"`
		Status, Reason string
	}
	db := m.raw()
	err := db.SelectContext(m.t.Context(), &events, `
		SELECT seq, type, previous_status, status, reason FROM events
		WHERE account_id = ? AND seq > ? AND status <> '' ORDER BY seq`, a.id, a.seen)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		before, _, _ := strings.Cut(a.status, " ")
		is := strings.TrimSpace(e.Status + " " + e.Reason)
		if e.Type != accounts.AccountConnected && e.Before != before || e.Type == accounts.AccountHealthChanged && is == a.status {
			t.Fatalf("%s was %s; then %s says that it was %s and is %s", a, a.status, e.Type, e.Before, is)
		}
		a.seen, a.status = e.Seq, is
	}
	if a.family == nil {
		return
	}
	// Nobody announces what time changes while no replica runs.
	if is := statusOf(m.account(a.by, a.id)); is != a.status && m.watched(4*m.lease) {
		t.Fatalf("%s is %s, and %s by its last event", a, is, a.status)
	}
}
