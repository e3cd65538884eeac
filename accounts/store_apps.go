package accounts

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"mooring/diagnosis"
)

// Incident is trouble of a whole app: its platform is down, or refuses the
// operator's client. No account is to blame.
type Incident struct {
	Platform  *Platform `json:"-"`
	Reason    Reason    // PlatformDown or AppMisconfigured
	Since     time.Time
	Diagnosis diagnosis.Diagnosis
	// Trials is how many attempts have failed since, Mooring trying with one
	// account at a time.
	Trials int
}

// PlatformIncident returns the incident of a platform's app, the oldest if
// several have one, or nil.
func (s *Service) PlatformIncident(ctx context.Context, p *Platform) (*Incident, error) {
	open, err := s.incidents(ctx)
	if i := slices.IndexFunc(open, func(i *Incident) bool { return i.Platform == p }); i >= 0 {
		return open[i], nil
	}
	return nil, err
}

// appState is how an app stands with its platform.
type appState struct {
	ID          string            `db:"id"`
	PacedTo     instant           `db:"paced_to"`
	Strikes     int               `db:"strikes"`
	PausedUntil instant           `db:"paused_until"`
	Incident    object[*Incident] `db:"incident"`
	ProbeDay    int64             `db:"probe_day"` // that ProbesSpent counts, since 1970
	ProbesSpent int               `db:"probes_spent"`
}

// lockApp reads the state of an app and keeps it from changing until the
// transaction ends, so that one replica at a time claims its refreshes.
func lockApp(ctx context.Context, tx *sqlx.Tx, id string) (*appState, error) {
	query := `
		SELECT id, paced_to, strikes, paused_until, coalesce(incident, 'null') AS incident, probe_day, probes_spent
		FROM apps WHERE id = ?`
	if tx.DriverName() != "sqlite3" {
		query += " FOR UPDATE"
	}
	a := &appState{}
	if err := get(ctx, tx, a, query, id); err != nil {
		return nil, fmt.Errorf("read app %s: %w", id, err)
	}
	return a, nil
}

func (a *appState) store(ctx context.Context, tx *sqlx.Tx) error {
	var incident any
	if a.Incident.v != nil {
		incident = a.Incident
	}
	_, err := exec(ctx, tx, `
		UPDATE apps SET paced_to = ?, strikes = ?, paused_until = ?, incident = ?, probe_day = ?, probes_spent = ?
		WHERE id = ?`,
		a.PacedTo.UnixMilli(), a.Strikes, a.PausedUntil.UnixMilli(), incident, a.ProbeDay, a.ProbesSpent, a.ID)
	if err != nil {
		return fmt.Errorf("store app %s: %w", a.ID, err)
	}
	return nil
}

// take takes up to n tokens out of the app's bucket, which holds burst of them
// and gets rate more each second, and returns how many it got.
func (a *appState) take(now time.Time, n, rate, burst int) int {
	each := time.Second / time.Duration(rate)
	debt := max(0, a.PacedTo.Sub(now))
	n = min(n, int((time.Duration(burst)*each-debt)/each))
	if n <= 0 {
		return 0
	}
	a.PacedTo.Time = now.Add(debt + time.Duration(n)*each)
	return n
}

const (
	// maxStrikes is how many failures in a row, of whatever grants, make an
	// incident of what might have been chance.
	maxStrikes = 5
	firstTrial = 15 * time.Second
	lastTrial  = 15 * time.Minute
)

// strike counts a failure that speaks against the app, and reports whether an
// incident begins with it. While there is one, each further failure is a trial
// that has failed, and makes the wait for the next one longer.
func (a *appState) strike(now time.Time, r ruling, why diagnosis.Diagnosis) (opened bool) {
	a.Strikes++
	switch i := a.Incident.v; {
	case i != nil:
		i.Trials++
		if r.Trip { // the app is refused, whatever was the matter before
			i.Reason, i.Diagnosis = r.Failing, why
		}
		a.pause(now, min(lastTrial, firstTrial<<min(i.Trials, 10)))
	case r.Trip || a.Strikes >= maxStrikes:
		a.Incident.v = &Incident{Reason: r.Failing, Since: now, Diagnosis: why}
		a.pause(now, firstTrial)
		opened = true
	}
	return opened
}

// heal notes that the platform has dealt with a grant as it should, and reports
// whether an incident ends with it.
func (a *appState) heal(now time.Time) (closed bool) {
	closed = a.Incident.v != nil
	a.Strikes, a.Incident.v = 0, nil
	if closed {
		a.PausedUntil.Time = now
	}
	return closed
}

func (a *appState) pause(now time.Time, wait time.Duration) {
	if until := now.Add(wait); until.After(a.PausedUntil.Time) {
		a.PausedUntil.Time = until
	}
}
