// Package accounts is the program: it connects social-media accounts, keeps
// what their platforms granted, and says at every moment whether they work.
//
// # The nouns
//
// An [Account] is what a user connected, unique by workspace, platform and the
// platform's id. It lives under a grant, one OAuth authorization with its
// tokens, which may carry several accounts. An [Attempt] is one run through a
// consent page; only its success changes accounts. A reconnect makes a new
// grant and brings the account, whose id stays, under it.
//
// # Health
//
// [Health] is a pure function of [Evidence] (the clocks and the last verdict)
// and the moment of reading. It is computed on every read, so it is never out
// of date. The same rule stands as one SQL expression, for filters and counts.
// Since time changes statuses without anybody writing, the moment of the next
// change is kept in the table due; a loop sleeps until the first such moment
// and then announces the change.
//
// # Events
//
// All state changes through Service.record, which writes rows and events in one
// transaction. The events form one log, read in commit order by an opaque
// cursor. Streams are readers of that log: [Service.HealthChanges] turns it
// into the latest state per account, [Service.EventsAdded] gives it as it is.
// A reader that reconnects with its cursor misses nothing.
//
// # Secrets
//
// Tokens are sealed by package vault, bound to workspace, owner and kind, and
// kept in a table of their own. Their owner is the attempt until it succeeds,
// then the grant; a token of a single profile, such as a Facebook Page's, then
// belongs to the account. No type that leaves this package holds one.
//
// # Asking
//
// [Service.Validate] and [Service.CheckPermissions] ask a platform about an
// account. Only the platform's own word makes an account invalid: not being
// able to ask says nothing. What any answer tells of rate limits is collected
// in memory and written every few seconds.
//
// [Service.CheckHealth] asks whether the token works at all, as the prober does
// by itself every few hours. Failures in a row make an account UNHEALTHY, and
// successes in a row make it well again; a dead token that can be renewed is
// renewed instead, and the token endpoint decides.
//
// # In bulk
//
// A [BulkConnect] leads a person through several consents; it is rows and signed
// links, and makes an attempt only when a link is opened. A [BulkJob] does one
// thing to many accounts; it is rows that the replicas claim. Neither lives in
// memory, so both outlive the process.
//
// # Storage
//
// SQLite or PostgreSQL, by one text of SQL in the files store_*.go. Every
// statement on a workspace's rows has the workspace in its WHERE clause, except
// those of the engine itself, whose names say Anywhere.
package accounts

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"

	"mooring/auth"
	"mooring/platforms"
	"mooring/vault"
)

// Options are what a Service is made of.
type Options struct {
	DatabaseURL string // sqlite:FILE or postgres://…
	Key         vault.Key
	// Apps are the registered clients. One without a client id only says where
	// its callback would be.
	Apps []*platforms.App

	Name      string   // what people know the installation by; "": Mooring
	PublicURL string   // how browsers reach the server, without trailing slash
	ReturnTo  []string // origins to which an attempt may return

	ExpiringWithin time.Duration // how long before its end an account is EXPIRING_SOON

	RefreshOff     bool          // renew nothing
	RefreshAhead   time.Duration // how long before their end tokens are renewed, see NextRefreshAt; 0: 2 h
	RefreshSlots   int           // requests under way at once, per app; 0: 16
	RefreshRate    int           // requests a second, per app over all replicas; 0: 50
	ProbeEvery     time.Duration // how often tokens are probed; 0: 6 h
	ProbeFailures  int           // how many probes fail in a row before an account is UNHEALTHY; 0: 3
	ProbeSuccesses int           // how many succeed before it is well again; 0: 2
	Lease          time.Duration // how long a claim lasts; 0: 60 s
	HTTPTimeout    time.Duration // of a request to a platform; 0: 20 s
	Poll           time.Duration // how often to look what other processes did without a wake-up; 0: 1 s

	ConnectsPerHour int // how many attempts one caller may begin for one person within an hour; 0: any number

	EventsKeep   time.Duration // how long events are kept
	ActivityKeep time.Duration // how long activity is kept; 0: 30 days

	// Offline asks no platform when prerequisites are checked, and OwnChecks, if
	// set, are further ones, of the installation's own address.
	Offline   bool
	OwnChecks func(context.Context) []platforms.Check

	// Refreshed, if set, is called after each request for a refresh with what
	// came of it: ok, unknown if no answer came, internal, or a platforms.Class.
	Refreshed func(platform, outcome string, took time.Duration)
	// Probed, if set, is called after each probe likewise.
	Probed func(platform, outcome string)

	Log *slog.Logger
}

// Service is the accounts of an installation. It is safe for concurrent use.
type Service struct {
	opts      Options
	log       *slog.Logger
	db        *store
	ring      atomic.Pointer[ringVersion]
	mac       []byte // signs links, and ids that say something
	logID     string // of the event log, in cursors
	hub       *hub
	loop      *loop
	refresher *refresher
	prober    *prober
	jobs      *loop // of bulk jobs
	limits    *limitBook
	unknown   *unknownBook
	refusals  *refusalBook
	examiner  *Examiner
	asking    singleflight.Group   // what platforms are asked about accounts just now
	ordered   []*Platform          // in recommended order
	platforms map[string]*Platform // by id
	apps      map[string]*app      // by id of their row
	settling  sync.WaitGroup       // exchanges and the like under way, which outlive their requests
}

// Open opens the database, brings its schema up to date, and opens the key
// ring, which a new database gets. A key that does not fit is an error that
// names both keys. Nothing runs yet: see Run.
func Open(ctx context.Context, o Options) (*Service, error) {
	o.Name = cmp.Or(o.Name, "Mooring")
	o.RefreshAhead = cmp.Or(o.RefreshAhead, 2*time.Hour)
	o.RefreshSlots, o.RefreshRate = cmp.Or(o.RefreshSlots, 16), cmp.Or(o.RefreshRate, 50)
	o.ActivityKeep = cmp.Or(o.ActivityKeep, 30*24*time.Hour)
	o.Poll = cmp.Or(o.Poll, time.Second)
	o.Lease, o.HTTPTimeout = cmp.Or(o.Lease, time.Minute), cmp.Or(o.HTTPTimeout, 20*time.Second)
	o.ProbeEvery = cmp.Or(o.ProbeEvery, 6*time.Hour)
	o.ProbeFailures, o.ProbeSuccesses = cmp.Or(o.ProbeFailures, 3), cmp.Or(o.ProbeSuccesses, 2)
	db, err := openStore(ctx, o.DatabaseURL)
	if err != nil {
		return nil, err
	}
	s := &Service{
		opts: o, log: o.Log, db: db, loop: newLoop(), refresher: newRefresher(), prober: newProber(), jobs: newLoop(),
		limits: newLimitBook(), unknown: newUnknownBook(), refusals: newRefusalBook(), platforms: map[string]*Platform{}, apps: map[string]*app{},
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(err, db.close())
	}
	return s, nil
}

func (s *Service) open(ctx context.Context) error {
	if _, err := s.db.migrate(ctx); err != nil {
		return err
	}
	var err error
	if s.logID, err = s.db.installation(ctx); err != nil {
		return err
	}
	if err := s.openRing(ctx); err != nil {
		return err
	}
	if err := s.recognise(ctx); err != nil {
		return err
	}
	var apps []*app
	for _, a := range s.opts.Apps {
		registered := &app{App: a}
		if a.ClientID != "" {
			registered.id, err = s.db.putApp(ctx, a.Platform.ID, a.Login.ID, a.ClientID, a.Sandbox)
			if err != nil {
				return err
			}
			s.apps[registered.id] = registered
		}
		apps = append(apps, registered)
	}
	setup := platforms.Setup{Apps: s.opts.Apps, PublicURL: s.opts.PublicURL}
	s.examiner = NewExaminer(setup, s.opts.Offline, s.opts.OwnChecks)
	s.ordered = install(apps, setup, s.opts.Name)
	for _, p := range s.ordered {
		s.platforms[p.ID] = p
	}
	last, _, err := s.logBounds(ctx)
	s.hub = newHub(last)
	return err
}

// Close waits for exchanges that are under way, whose tokens would be lost, and
// for other answers of platforms, and closes the database. Run must have returned, and no request may follow.
func (s *Service) Close() error {
	s.settling.Wait()
	s.writeLimits(context.Background())
	s.writeUnknown(context.Background())
	s.writeRefusals(context.Background())
	return s.db.close()
}

// Run does the service's own work until ctx ends: it announces what time
// changes, and feeds the streams.
func (s *Service) Run(ctx context.Context) {
	jobs := []func(context.Context){s.followLog, s.watch, s.runJobs, s.reloadRing, s.keepLimits, s.keepUnknown, s.keepRefusals}
	if !s.opts.RefreshOff {
		defer s.moveIn(ctx)()
		jobs = append(jobs, s.keepAlive, s.beat, s.probeAll)
	}
	if s.db.postgres != nil {
		jobs = append(jobs, s.listen)
	}
	var wg sync.WaitGroup
	for _, job := range jobs {
		wg.Go(func() { job(ctx) })
	}
	wg.Wait()
	s.refresher.settle() // bulk jobs begin refreshes until they end
}

// Platforms returns those platforms, without ids the whole catalogue, in
// recommended order. An unknown id is no error.
func (s *Service) Platforms(ids ...string) []*Platform {
	return slices.DeleteFunc(slices.Clone(s.ordered), func(p *Platform) bool { return !anyOf(ids, &p.ID) })
}

// Platform returns a platform of the catalogue, or nil.
func (s *Service) Platform(id string) *Platform { return s.platforms[id] }

// Node returns the account, attempt, bulk connect, bulk job or event of a global
// id, or an *Error with CodeNotFound if the actor may see none.
func (s *Service) Node(ctx context.Context, by auth.Actor, id string) (any, error) {
	switch prefix, _, _ := strings.Cut(id, "_"); prefix + "_" {
	case "acc_":
		return s.Account(ctx, by, id)
	case attemptPrefix:
		if by.Can(auth.Connect) {
			return s.Attempt(ctx, by, id)
		}
	case bulkPrefix:
		if by.Can(auth.Connect) {
			return s.BulkConnectByID(ctx, by, id)
		}
	case jobPrefix:
		if by.Can(auth.Manage) {
			return s.BulkJob(ctx, by, id)
		}
	case "evt_":
		return s.event(ctx, by, id)
	}
	return nil, notFound("id", "object", id)
}

// Origin returns the scheme and host of an address, as browsers name origins.
func Origin(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", errors.New("is no http or https address")
	}
	return u.Scheme + "://" + u.Host, nil
}
