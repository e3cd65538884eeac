// Command mooring connects people's social-media accounts to a product by
// OAuth 2.0 and keeps those connections alive. It is a GraphQL API server with
// a dashboard and a playground; see README.md.
//
// This package is the wiring: the environment (config.go), the command line
// (commands.go), the HTTP server and its middleware (server.go, middleware.go),
// and the browser's way through a consent page (oauth.go). What the program
// does is in package accounts.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"path"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/vektah/gqlparser/v2/ast"

	"mooring/accounts"
	"mooring/auth"
	"mooring/dashboard"
	"mooring/graph"
	"mooring/platforms"
	"mooring/platforms/sandbox"
	"mooring/resolvers"
	"mooring/rest"
	"mooring/transport"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1) //nolint:gocritic // stop only forgets a signal handler
	}
}

// The limits of one request. GraphiQL's introspection query needs depth 15.
const (
	maxBody       = 256 << 10 // bytes
	maxTokens     = 2_000     // validation takes time by the square of a document's fields
	maxDepth      = 15
	maxAliases    = 50
	maxDirectives = 100
	maxFields     = 2_000
	maxComplexity = 20_000
	queryCache    = 256     // documents
	maxCached     = 8 << 10 // bytes of a document; parsed it takes a hundred times that
)

// stopGrace is how long requests may take to end when the server stops: longer
// than a platform may take to answer, so that no exchange is cut off.
const stopGrace = 30 * time.Second

// server is the running program.
type server struct {
	config   *config
	log      *slog.Logger
	listener net.Listener
	public   string // how browsers reach the server, without trailing slash
	apps     []*platforms.App
	service  *accounts.Service
	auth     *auth.Authenticator
	provider *auth.Provider // where people sign in; nil for nowhere
	holds    holds
	sandbox  *sandbox.Sandbox // nil when it plays nothing
	socket   *transport.Websocket
	events   *transport.SSE
	handler  http.Handler
	metrics  *metrics
	callers  *buckets
	streams  tally
	stopping chan struct{} // closed when streams have to end
	ready    atomic.Bool
}

// newServer listens and opens everything. The caller must call run, which
// closes it again.
func newServer(ctx context.Context, c *config, log *slog.Logger) (*server, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.listen)
	if err != nil {
		return nil, fmt.Errorf("MOORING_LISTEN: %w; another program may have the port: choose another, for example MOORING_LISTEN=127.0.0.1:33767", err)
	}
	s := &server{config: c, log: log, listener: listener, stopping: make(chan struct{})}
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	return s, nil
}

func (s *server) open(ctx context.Context) error {
	s.public = s.config.publicURL
	if s.public == "" {
		s.public = localURL(s.listener.Addr().String())
	}
	key, err := s.config.openKey()
	if err != nil {
		return err
	}
	if s.config.sandboxed() {
		if s.sandbox, err = sandbox.New(sandbox.Options{
			PublicURL: s.public,
			BackURL:   "http://" + s.listener.Addr().String(),
			File:      cmp.Or(s.config.sandboxFile, s.config.beside("mooring.sandbox.json")),
			Script:    s.config.sandboxScript,
			OnAge:     s.aged,
		}); err != nil {
			return fmt.Errorf("open sandbox: %w", err)
		}
	}
	client := s.config.outgoing(s.public, "http://"+s.listener.Addr().String())
	s.apps = s.config.apps(s.public, s.sandbox, client)
	s.metrics = newMetrics()
	s.callers = newBuckets(s.config.callerRate)
	s.service, err = accounts.Open(ctx, accounts.Options{
		DatabaseURL: s.config.databaseURL, Key: key, Apps: s.apps,
		Name: s.config.brand.name, PublicURL: s.public, ReturnTo: append(slices.Clone(s.config.returnTo), s.public),
		ExpiringWithin: s.config.expiringWithin, EventsKeep: s.config.eventsKeep, ActivityKeep: s.config.activityKeep,
		RefreshOff: s.config.refresh == "off", RefreshAhead: s.config.refreshAhead,
		RefreshSlots: s.config.refreshSlots, RefreshRate: s.config.refreshRate,
		Lease: s.config.lease, HTTPTimeout: s.config.httpTimeout, ConnectsPerHour: s.config.connectsPerHour(),
		ProbeEvery: s.config.probeEvery, ProbeFailures: s.config.probeFailures, ProbeSuccesses: s.config.probeSuccesses,
		Refreshed: s.metrics.refreshed, Probed: s.metrics.probed, Log: s.log,
		Offline: s.config.checkNetwork == "off",
		OwnChecks: func(ctx context.Context) []platforms.Check {
			return []platforms.Check{s.config.checkPublic(ctx, s.public)}
		},
	})
	if err != nil {
		return err
	}
	who := auth.Config{
		JWT: s.config.jwt, APIKey: s.service.APIKey, Member: s.service.Member, Used: s.service.Used,
		Local: !s.config.authenticates(), HTTP: client,
	}
	if s.config.keepsSessions(s.public) {
		who.Session = s.service.Session
	}
	if s.config.oidc.Issuer != "" {
		at := s.config.oidc
		at.RedirectURI = s.public + "/login/callback"
		at.WorkspaceClaim, at.RoleClaim = s.config.jwt.WorkspaceClaim, s.config.jwt.RoleClaim
		s.provider = auth.NewProvider(at, who.HTTP)
	}
	s.auth, err = auth.New(who)
	if err != nil {
		return errors.Join(err, s.service.Close())
	}
	s.handler = s.routes()
	return nil
}

// apps are the operator's clients at the platforms, or the sandbox's. One that
// is neither configured nor played only says where its callback would be.
func (c *config) apps(public string, played *sandbox.Sandbox, client *http.Client) []*platforms.App {
	var apps []*platforms.App
	for _, p := range platforms.All() {
		for _, l := range p.Logins {
			given := c.given(l)
			app := &platforms.App{
				Platform: p, Login: l, ClientID: given.id, ClientSecret: platforms.NewSecret(given.secret), NextSecret: platforms.NewSecret(given.nextSecret),
				RedirectURI: given.redirectURI, Endpoints: l.Endpoints, Version: given.version,
				Options: given.options, HTTP: client,
			}
			if app.RedirectURI == "" {
				app.RedirectURI = public + l.CallbackPath()
			}
			if c.played(l) {
				if registered, ok := played.Register(l, app.RedirectURI); ok {
					app.ClientID, app.ClientSecret, app.Endpoints = registered.ID, registered.Secret, registered.Endpoints
					app.Sandbox = true
				}
			}
			app.Endpoints = overridden(app.Endpoints, given.endpoints)
			apps = append(apps, app)
		}
	}
	return apps
}

// overridden puts the operator's addresses in the place of a platform's own.
func overridden(own, given platforms.Endpoints) platforms.Endpoints {
	return platforms.Endpoints{
		Authorize:  cmp.Or(given.Authorize, own.Authorize),
		Token:      cmp.Or(given.Token, own.Token),
		Revoke:     cmp.Or(given.Revoke, own.Revoke),
		Introspect: cmp.Or(given.Introspect, own.Introspect),
		API:        cmp.Or(given.API, own.API),
	}
}

// aged lets Mooring learn at once that a token of the sandbox was aged, as it
// would from a real platform's introspection.
func (s *server) aged(platformID, subject string, accessEnds time.Time) {
	if err := s.service.SandboxAged(context.Background(), platformID, subject, accessEnds); err != nil {
		s.log.Error("age accounts of the sandbox", slog.Any("error", err))
	}
}

// run serves until ctx ends, then lets what is under way finish.
func (s *server) run(ctx context.Context) error {
	work, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	worked := make(chan struct{})
	go func() {
		defer close(worked)
		var jobs sync.WaitGroup
		jobs.Go(func() { s.recheckHolds(work) })
		s.service.Run(work)
		jobs.Wait()
	}()
	web := &http.Server{
		Handler:           s.handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	served := make(chan error, 1)
	go func() { served <- web.Serve(s.listener) }()
	s.ready.Store(true)

	var err error
	select {
	case err = <-served:
	case <-ctx.Done():
		s.ready.Store(false)
		close(s.stopping)
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopGrace)
		defer cancel()
		sockets := make(chan error, 1)
		go func() { sockets <- s.socket.Shutdown(grace) }()
		err = errors.Join(web.Shutdown(grace), <-sockets)
	}
	stopWork()
	<-worked
	return errors.Join(err, s.service.Close())
}

// graphql is the API's endpoint.
func (s *server) graphql() http.Handler {
	root := &resolvers.Resolver{Service: s.service, Log: s.log}
	api := graph.Config{Resolvers: root, Complexity: resolvers.Complexity(), Schema: schemaWithoutDefer()}
	s.socket = &transport.Websocket{
		Init: s.initSocket, AllowedOrigins: append(slices.Clone(s.config.origins), s.public),
		MaxMessage: maxBody, MaxSockets: s.config.maxSockets, MaxSocketsPerCaller: s.config.callerSockets,
	}
	s.events = &transport.SSE{MaxBody: maxBody, Stop: s.stopping}
	h := handler.New(graph.NewExecutableSchema(api))
	h.AddTransport(s.socket)
	h.AddTransport(s.events)
	h.AddTransport(transport.HTTP{MaxBody: maxBody})
	h.SetQueryCache(smallDocuments{lru.New[*ast.QueryDocument](queryCache)})
	h.SetParserTokenLimit(maxTokens)
	h.AroundFields(resolvers.MarkFaults)
	h.AroundFields(resolvers.CheckAccess)
	h.AroundOperations(s.paceOperations)
	h.SetErrorPresenter(root.PresentError)
	h.SetRecoverFunc(root.RecoverPanic)
	h.Use(extension.AutomaticPersistedQuery{Cache: lru.New[string](queryCache)})
	if s.config.introspection == "on" {
		h.Use(extension.Introspection{})
	}
	h.Use(transport.FieldLimit(maxFields))
	h.Use(transport.DepthLimit(maxDepth))
	h.Use(transport.AliasLimit(maxAliases))
	h.Use(transport.DirectiveLimit(maxDirectives))
	h.Use(extension.FixedComplexityLimit(maxComplexity))
	return h
}

// schemaWithoutDefer is the schema less @defer, which gqlparser adds to every
// one: no transport here sends an answer in parts, so it is refused rather than
// what was deferred lost.
func schemaWithoutDefer() *ast.Schema {
	schema := *graph.NewExecutableSchema(graph.Config{}).Schema()
	schema.Directives = maps.Clone(schema.Directives)
	delete(schema.Directives, "defer")
	return &schema
}

// initSocket authenticates connection_init: by its own authorization, or by
// the header or the cookie of the handshake.
func (s *server) initSocket(ctx context.Context, payload json.RawMessage, r *http.Request) (context.Context, transport.Session, error) {
	var init struct {
		Authorization string `json:"authorization"`
	}
	if len(payload) > 0 {
		if err := json.Unmarshal(payload, &init); err != nil {
			return nil, transport.Session{}, &transport.Refusal{Code: transport.CloseUnauthorized, Reason: `want {"authorization": "Bearer …"}`}
		}
	}
	if init.Authorization == "" {
		init.Authorization = r.Header.Get("Authorization")
	}
	actor, err := s.identify(ctx, init.Authorization, s.ownCookie(r))
	var refused *auth.Error
	if errors.As(err, &refused) {
		s.noteRefusal(ctx, r, refused)
	}
	switch {
	case errors.As(err, &refused) && refused.Ended:
		return nil, transport.Session{}, &transport.Refusal{Code: transport.CloseForbidden, Reason: refused.Message}
	case errors.As(err, &refused):
		return nil, transport.Session{}, &transport.Refusal{Code: transport.CloseUnauthorized, Reason: refused.Message}
	case err != nil:
		s.log.LogAttrs(ctx, slog.LevelError, "authenticate a socket", slog.Any("error", err))
		return nil, transport.Session{}, err
	}
	session := transport.Session{
		Expires: actor.ExpiresAt,
		Hold: func(end func(transport.Refusal)) func() {
			return s.hold(ctx, actor, func(reason string) { end(transport.Refusal{Code: transport.CloseForbidden, Reason: reason}) })
		},
	}
	if actor.Method != auth.MethodLocal {
		session.Caller = callerKey(actor)
	}
	return context.WithValue(auth.WithActor(ctx, actor), overSocket{}, true), session, nil
}

// smallDocuments caches parsed queries, but none that would fill the memory.
type smallDocuments struct {
	*lru.LRU[*ast.QueryDocument]
}

// Add keeps a document unless its text is long.
func (c smallDocuments) Add(ctx context.Context, query string, document *ast.QueryDocument) {
	if len(query) <= maxCached {
		c.LRU.Add(ctx, query, document)
	}
}

// routes are the addresses that the server answers.
func (s *server) routes() http.Handler {
	mux := http.NewServeMux()
	if s.config.dashboard == "on" {
		app := dashboard.App(dashboard.AppOptions{
			Endpoint: "/graphql", Sandbox: s.sandbox != nil, SignIn: s.config.keepsSessions(s.public),
			Playground: s.config.playground == "on", Version: version(),
			Name: s.config.brand.name, Logo: s.config.brand.logo.address,
		})
		for _, path := range dashboard.AppPaths() {
			mux.Handle(path, s.signInFirst(app))
		}
	}
	if s.config.playground == "on" {
		playground := dashboard.Playground(dashboard.Options{Endpoint: "/graphql", Sandbox: s.sandbox != nil, Dashboard: s.config.dashboard == "on"})
		mux.Handle("/playground", playground)
		mux.Handle("/playground/", playground)
	}
	mux.Handle("/favicon.ico", s.icon())
	api := s.graphql()
	mux.Handle("/graphql", s.cors(s.sameOrigin(s.authenticated(refuse, s.perCaller(refuse, api)))))
	mux.Handle(rest.Prefix, s.cors(s.sameOrigin(s.authenticated(rest.Refuse, s.perCaller(rest.Refuse, rest.Handler(api, s.log))))))
	mux.HandleFunc("GET "+rest.Prefix+"openapi.json", rest.OpenAPI)
	for _, method := range []string{http.MethodGet, http.MethodOptions} { // a preflight is for cors
		mux.Handle(method+" "+exportPath, s.cors(s.sameOrigin(s.authenticated(rest.Refuse, s.perCaller(rest.Refuse, http.HandlerFunc(s.exportAudit))))))
	}
	mux.Handle("GET /api/oauth/start/{token}", s.page(s.startPage))
	mux.Handle("POST /api/oauth/start/{token}", s.ownPage(s.start))
	mux.Handle("GET /reconnect/{token}", s.page(s.reconnectPage))
	mux.Handle("POST /reconnect/{token}", s.ownPage(s.reconnect))
	mux.Handle("GET /connect/{token}", s.page(s.bulkPage))
	mux.Handle("POST /connect/{token}", s.ownPage(s.bulkStart))
	mux.Handle("POST /connect/{token}/skip", s.ownPage(s.bulkSkip))
	mux.Handle("POST /api/oauth/choose/{attempt}", s.ownPage(s.chooseCandidates))
	for _, path := range s.callbacks() {
		mux.Handle("GET /api/oauth/"+path+"/callback", s.page(s.callback(path)))
	}
	mux.Handle("GET /login", s.page(s.loginPage))
	mux.Handle("POST /login", s.ownPage(s.login))
	mux.Handle("GET /login/callback", s.page(s.loginCallback))
	mux.Handle("GET /login/{token}", s.page(s.linkPage))
	mux.Handle("POST /login/{token}", s.ownPage(s.useLink))
	mux.Handle("POST /logout", s.ownPage(s.logout))
	mux.HandleFunc("POST /api/webhooks/{platform}/{event}", s.webhook)
	mux.Handle("GET /erased/{code}", s.page(s.erasedPage))
	mux.Handle("GET /pages/", pageAssets())
	mux.HandleFunc("GET /pages/brand.css", s.brandStyle)
	mux.HandleFunc("GET "+logoPath, s.logoFile)
	mux.HandleFunc("GET /healthz", alive)
	mux.HandleFunc("GET /readyz", s.readiness)
	mux.Handle("GET /metrics", s.metricsPage())
	if s.sandbox != nil {
		mux.Handle(sandbox.Prefix, s.sandbox)
	}
	return s.logged(s.hardened(s.perAddress(s.onlyHost(s.forPeople(mux)))))
}

// forPeople answers browsers that ask for an address of nobody's with a page, or
// leads them to the address without the slash at its end. All else is mux's.
func (s *server) forPeople(mux *http.ServeMux) http.Handler {
	missing := s.page(s.missingPage)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead || !strings.Contains(r.Header.Get("Accept"), "text/html") {
			mux.ServeHTTP(w, r)
			return
		}
		if _, pattern := mux.Handler(r); pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		known := *r
		known.URL = &url.URL{Path: path.Clean(r.URL.Path), RawQuery: r.URL.RawQuery}
		if _, pattern := mux.Handler(&known); pattern != "" {
			http.Redirect(w, r, known.URL.String(), http.StatusTemporaryRedirect)
			return
		}
		missing.ServeHTTP(w, r)
	})
}

// callbacks are the {platform} parts of /api/oauth/{platform}/callback; login
// methods may share one.
func (s *server) callbacks() []string {
	var paths []string
	for _, a := range s.apps {
		if !slices.Contains(paths, a.Login.Callback) {
			paths = append(paths, a.Login.Callback)
		}
	}
	return paths
}

// readiness says whether requests can be served now.
func (s *server) readiness(w http.ResponseWriter, r *http.Request) {
	if !s.ready.Load() {
		answer(w, http.StatusServiceUnavailable, "stopping")
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	if err := s.service.Check(ctx); err != nil {
		s.log.LogAttrs(ctx, slog.LevelError, "not ready", slog.Any("error", err))
		answer(w, http.StatusServiceUnavailable, "the service cannot do its work; the log says why")
		return
	}
	answer(w, http.StatusOK, "ok")
}

func answer(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text+"\n") // the client may be gone
}

// printAddresses tells the newcomer where to go.
func (s *server) printAddresses(w io.Writer) {
	fmt.Fprintf(w, "\n  Mooring %s\n\n", version())
	if s.config.dashboard == "on" {
		fmt.Fprintf(w, "  Dashboard   %s/\n", s.public)
	}
	if s.config.playground == "on" {
		fmt.Fprintf(w, "  Playground  %s/playground\n", s.public)
	}
	fmt.Fprintf(w, "  GraphQL     %s/graphql   (POST, GET, websocket, server-sent events)\n", s.public)
	if s.sandbox != nil {
		fmt.Fprintf(w, "  Sandbox     %s/sandbox/api/grants  (platforms are played on this machine; no credentials needed)\n", s.public)
	}
	if s.config.keepsSessions(s.public) {
		fmt.Fprintf(w, "  Sign in     %s/login\n", s.public)
	}
	fmt.Fprintf(w, "  Health      %s/healthz, /readyz\n\n", s.public)
	if !s.config.authenticates() {
		fmt.Fprintf(w, "  No authentication is configured: whoever uses this machine is the owner.\n\n")
	}
}
