package accounts

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/singleflight"

	"mooring/diagnosis"
	"mooring/platforms"
)

// Prerequisites are what has to be so before people can connect a platform.
type Prerequisites struct {
	// ReadyToConnect says that no check of one of the login methods failed.
	ReadyToConnect bool
	Checks         []platforms.Check // by login method, each name once
}

// Examiner checks prerequisites. What needs the network is asked of each app
// once in a minute at most, however many ask, and of few apps at once. It is
// safe for concurrent use.
type Examiner struct {
	setup   platforms.Setup
	offline bool
	own     func(context.Context) []platforms.Check // of the installation's own address; may be nil

	slots  chan struct{}
	knocks memory[*platforms.Knock] // by platforms.Env.Prefix
	owns   memory[[]platforms.Check]
}

const (
	// knockTime is how long the questions to one app's servers may take.
	knockTime = 5 * time.Second
	// knockKept is how long their answers are good.
	knockKept = time.Minute
	// knocksAtOnce is how many apps are asked about at the same time.
	knocksAtOnce = 4
)

// NewExaminer returns an Examiner for the apps of an installation. An offline
// one looks at what is configured and asks no platform. own, which may be nil,
// are further checks, of the installation rather than of an app.
func NewExaminer(setup platforms.Setup, offline bool, own func(context.Context) []platforms.Check) *Examiner {
	return &Examiner{setup: setup, offline: offline, own: own, slots: make(chan struct{}, knocksAtOnce)}
}

// Prerequisites checks what connecting the platform needs. The error is ctx's.
func (s *Service) Prerequisites(ctx context.Context, p *Platform) (*Prerequisites, error) {
	return s.examiner.Examine(ctx, p.Platform)
}

// Examine checks all login methods of a platform. One without credentials is
// left out of account where another has some. The error is ctx's.
func (e *Examiner) Examine(ctx context.Context, p *platforms.Platform) (*Prerequisites, error) {
	result := &Prerequisites{}
	apps := e.appsOf(p)
	given := slices.IndexFunc(apps, func(a *platforms.App) bool { return a.ClientID != "" })
	own, err := e.ownChecks(ctx)
	if err != nil {
		return nil, err
	}
	found := make([][]platforms.Check, len(apps))
	var asked errgroup.Group
	for i, a := range apps {
		asked.Go(func() (err error) {
			found[i], err = e.examine(ctx, a)
			return err
		})
	}
	if err := asked.Wait(); err != nil {
		return nil, err
	}
	for i, a := range apps {
		checks := found[i]
		if given >= 0 && a.ClientID == "" {
			checks = leftOut(checks, "Not looked at: "+apps[given].Login.ID+" is set up, "+a.Login.ID+" is not.")
		} else {
			result.ReadyToConnect = result.ReadyToConnect || platforms.Ready(checks)
		}
		result.Checks = append(result.Checks, checks...)
	}
	result.ReadyToConnect = result.ReadyToConnect && platforms.Ready(own)
	result.Checks = append(result.Checks, own...)
	return result, nil
}

// appsOf are the platform's apps in the order of its login methods.
func (e *Examiner) appsOf(p *platforms.Platform) []*platforms.App {
	apps := make([]*platforms.App, len(p.Logins))
	for i, l := range p.Logins {
		apps[i] = &platforms.App{Platform: p, Login: l, Endpoints: l.Endpoints}
		for _, a := range e.setup.Apps {
			if a.Platform == p && a.Login.ID == l.ID {
				apps[i] = a
			}
		}
	}
	return apps
}

func leftOut(checks []platforms.Check, why string) []platforms.Check {
	for i := range checks {
		checks[i] = platforms.Check{Name: checks[i].Name, Status: platforms.Skipped, Message: why}
	}
	return checks
}

// examine checks one app: what is configured, and if nothing is wrong with
// that, what its servers say.
func (e *Examiner) examine(ctx context.Context, a *platforms.App) ([]platforms.Check, error) {
	configured := e.setup.Checks(a, present())
	switch {
	case e.offline:
		return append(configured, unasked(a, "Checks that need the network are switched off.")...), nil
	case !platforms.Ready(configured):
		return append(configured, unasked(a, "Mend what failed before this.")...), nil
	}
	knock, err := e.knocks.get(ctx, a.Login.Env.Prefix, func(ctx context.Context) *platforms.Knock {
		e.slots <- struct{}{} // others give theirs back within knockTime
		defer func() { <-e.slots }()
		ctx, cancel := context.WithTimeout(ctx, knockTime)
		defer cancel()
		return a.Knock(ctx)
	})
	if err != nil {
		return nil, err
	}
	return append(configured, findings(a, knock)...), nil
}

func (e *Examiner) ownChecks(ctx context.Context) ([]platforms.Check, error) {
	if e.own == nil {
		return nil, nil
	}
	return e.owns.get(ctx, "", func(ctx context.Context) []platforms.Check {
		ctx, cancel := context.WithTimeout(ctx, knockTime)
		defer cancel()
		return e.own(ctx)
	})
}

// memory remembers answers for knockKept. Whoever asks for one that is on its
// way waits for it. The zero value is ready.
type memory[T any] struct {
	flights singleflight.Group
	mu      sync.Mutex
	kept    map[string]remembered[T]
}

type remembered[T any] struct {
	answer T
	until  time.Time
}

// get returns the answer by that key, asking if there is none. What is asked
// goes on when ctx ends, for the others. The error is ctx's.
func (m *memory[T]) get(ctx context.Context, key string, ask func(context.Context) T) (T, error) {
	if answer, ok := m.recall(key); ok {
		return answer, nil
	}
	flight := m.flights.DoChan(key, func() (any, error) {
		if answer, ok := m.recall(key); ok { // an earlier flight has just landed
			return answer, nil
		}
		answer := ask(context.WithoutCancel(ctx))
		m.mu.Lock()
		defer m.mu.Unlock()
		if m.kept == nil {
			m.kept = make(map[string]remembered[T])
		}
		m.kept[key] = remembered[T]{answer, time.Now().Add(knockKept)}
		return answer, nil
	})
	select {
	case landed := <-flight:
		return landed.Val.(T), nil
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

func (m *memory[T]) recall(key string) (T, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.kept[key]
	return r.answer, time.Now().Before(r.until)
}

// The names of the checks that need the network. What a login method shares
// with others, its app and hosts, is named for the app and the host.
func clientCheck(a *platforms.App) string {
	return "Client credentials: " + a.Login.Env.Prefix + "_" + a.Login.Env.Secret
}

func apiCheck(a *platforms.App) string { return "API: " + a.Login.Env.Prefix }

func clockCheck(a *platforms.App) string { return "Clock: " + a.Login.Env.Prefix }

// unasked are the checks that need the network, where nobody was asked.
func unasked(a *platforms.App, why string) []platforms.Check {
	var checks []platforms.Check
	for _, name := range []string{"Network: " + a.Login.Env.Prefix, clientCheck(a), apiCheck(a), clockCheck(a)} {
		checks = append(checks, platforms.Check{Name: name, Status: platforms.Skipped, Message: why})
	}
	return checks
}

// findings are the checks that a knock decides.
func findings(a *platforms.App, p *platforms.Knock) []platforms.Check {
	network := networkFinding(a, p)
	if network.Status == platforms.Fail {
		checks := unasked(a, "The network has to be mended first.")
		checks[0] = network
		return checks
	}
	api := apiFinding(a, p)
	client := clientFinding(a, p)
	if api.Status == platforms.Fail && client.Status == platforms.Fail {
		// The API says what is wrong with an app or a release; the token endpoint
		// then refuses the app in general words.
		client = platforms.Check{Name: client.Name, Status: platforms.Skipped, Message: "What the API says has to be mended first."}
	}
	return []platforms.Check{network, client, api, clockFinding(a, p)}
}

// networkFinding tells which hosts do not answer. A host that only browsers
// need may be out of the server's reach.
func networkFinding(a *platforms.App, p *platforms.Knock) platforms.Check {
	c := platforms.Check{Name: "Network: " + a.Login.Env.Prefix, Status: platforms.Pass}
	var answering, silent, fixes []string
	for _, h := range p.Hosts {
		if h.Err == nil {
			answering = append(answering, h.Name)
			continue
		}
		what, fix := platforms.Obstacle(h.Err)
		silent = append(silent, h.Name+" is not reached: "+what)
		if !slices.Contains(fixes, fix) {
			fixes = append(fixes, fix)
		}
		if h.Needed {
			c.Status = platforms.Fail
		} else if c.Status == platforms.Pass {
			c.Status = platforms.Warn
			silent[len(silent)-1] += ", though browsers may reach it"
		}
	}
	if silent == nil {
		c.Message = "There is an answer from " + strings.Join(answering, ", ") + "."
		return c
	}
	c.Message, c.Fix = strings.Join(silent, "; ")+".", strings.Join(fixes, " ")
	return c
}

// clientFinding: only the refusal of the code alone proves id and secret.
func clientFinding(a *platforms.App, p *platforms.Knock) platforms.Check {
	c := platforms.Check{Name: clientCheck(a)}
	name := a.Platform.DisplayName
	if p.Client == nil {
		c.Status, c.Message = platforms.Warn, name+"'s token endpoint took a code that never was, which proves nothing."
		c.Fix = "See that what answers at " + a.Endpoints.Token + " is " + name + "."
		return c
	}
	d := diagnose(a, p.Client)
	switch p.Client.Class {
	case platforms.ClassInvalid:
		if d.IssueType == diagnosis.InvalidState {
			c.Status, c.Message = platforms.Pass, name+" takes the id and the secret: of a made-up code it refused the code alone."
			return c
		}
		c.Status, c.Message = platforms.Warn, name+" refused a made-up code in words that Mooring does not know"+said(a, p.Client)+"."
		c.Fix = "Connect an account to see whether the credentials are right."
		return c
	case platforms.ClassTemporary, platforms.ClassRateLimited:
		c.Status = platforms.Warn
	default:
		c.Status = platforms.Fail
	}
	c.Message, c.Fix = because(d, a, p.Client), strings.Join(d.Solutions, " ")
	if d.IssueType == diagnosis.InvalidCredentials {
		env := a.Login.Env
		c.Message = fmt.Sprintf("%s does not take what %[2]s_%[3]s and %[2]s_%[4]s say%s.", name, env.Prefix, env.ID, env.Secret, said(a, p.Client))
		c.Fix = "Copy both anew from " + a.Platform.ConsoleURL + ". " + a.Login.Credentials.Found
	}
	return c
}

// apiFinding: a token that never was is refused as such by an API that lives.
func apiFinding(a *platforms.App, p *platforms.Knock) platforms.Check {
	c := platforms.Check{Name: apiCheck(a), Status: platforms.Pass, Message: a.Platform.DisplayName + "'s API answers."}
	asked := cmp.Or(a.Version, a.Login.Version)
	if asked != "" {
		c.Message = asked + " of " + a.Platform.DisplayName + "'s API answers."
	}
	if p.API != nil {
		switch p.API.Class {
		case platforms.ClassTemporary, platforms.ClassRateLimited:
			c.Status = platforms.Warn
		case platforms.ClassAppFault:
			c.Status = platforms.Fail
		}
	}
	switch {
	case c.Status != platforms.Pass:
		d := diagnose(a, p.API)
		c.Message, c.Fix = because(d, a, p.API), strings.Join(d.Solutions, " ")
	case p.Served != "" && p.Served != asked:
		variable := a.Login.Environment()[3]
		c.Status = platforms.Fail
		c.Message = fmt.Sprintf("%s of %s's API is over; %s answers in its place.", asked, a.Platform.DisplayName, p.Served)
		c.Fix = "Read the changelog up to a release that is served, and set " + variable + "; " + a.Login.Versions[len(a.Login.Versions)-1].Name + " is the newest that Mooring knows."
	}
	return c
}

// The differences of clocks from which on the operator is told. Codes live 30
// seconds at X.
const (
	skewWarns = 30 * time.Second
	skewFails = 5 * time.Minute
)

func clockFinding(a *platforms.App, p *platforms.Knock) platforms.Check {
	c := platforms.Check{Name: clockCheck(a), Status: platforms.Skipped, Message: "No answer said what time it is."}
	if p.Skew == nil {
		return c
	}
	off := p.Skew.Abs()
	c.Status, c.Message = platforms.Pass, "This machine's clock agrees with "+a.Platform.DisplayName+"'s."
	if off < skewWarns {
		return c
	}
	c.Status = platforms.Warn
	if off >= skewFails {
		c.Status = platforms.Fail
	}
	direction := "behind"
	if *p.Skew < 0 {
		direction = "ahead of"
	}
	c.Message = fmt.Sprintf("This machine's clock is %s %s %s's: ends of tokens are misjudged.", off.Round(time.Second), direction, a.Platform.DisplayName)
	c.Fix = "Let the machine keep time by NTP, for example with timedatectl set-ntp true."
	return c
}

func diagnose(a *platforms.App, e *platforms.Error) diagnosis.Diagnosis {
	in := diagnosis.FromError(e, a.Platform.ID, e.Stage)
	in.Platform = a.Platform.ID // the knock may have been another's with the same app
	in.Facts.RedirectURI = a.RedirectURI
	return diagnosis.Diagnose(in)
}

// because is a diagnosis's likeliest cause, with what the platform said.
func because(d diagnosis.Diagnosis, a *platforms.App, e *platforms.Error) string {
	return strings.TrimSuffix(d.PossibleCauses[0], ".") + said(a, e) + "."
}

// said is what a platform's refusal says, in brackets and without the client's
// id.
func said(a *platforms.App, e *platforms.Error) string {
	parts := []string{fmt.Sprintf("HTTP %d", e.Status)}
	for _, part := range []string{e.Code, e.Message} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return " (" + strings.ReplaceAll(strings.TrimSuffix(strings.Join(parts, ", "), "."), a.ClientID, "[id]") + ")"
}
