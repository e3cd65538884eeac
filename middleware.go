package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/rs/cors"

	"mooring/accounts"
	"mooring/auth"
	"mooring/platforms/sandbox"
)

// logged gives each request an id, which the answer carries too, and logs it
// by its route: paths and queries may hold tokens.
func (s *server) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := rand.Text()
		r = r.WithContext(accounts.WithRequestID(r.Context(), id))
		w.Header().Set("X-Request-Id", id)
		began := time.Now()
		rec := &statusRecorder{ResponseWriter: w}
		next.ServeHTTP(rec, r)
		level := slog.LevelDebug
		if rec.status >= http.StatusInternalServerError {
			level = slog.LevelWarn
		}
		s.log.LogAttrs(r.Context(), level, "request",
			slog.String("method", r.Method), slog.String("route", r.Pattern),
			slog.Int("status", rec.status), slog.Duration("took", time.Since(began)))
	})
}

// statusRecorder remembers the status of an answer.
type statusRecorder struct {
	http.ResponseWriter
	status int
}

func (r *statusRecorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *statusRecorder) Write(p []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	return r.ResponseWriter.Write(p)
}

// Hijack hands the connection to a websocket, whose library looks for this
// method rather than for Unwrap.
func (r *statusRecorder) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	r.status = http.StatusSwitchingProtocols
	return http.NewResponseController(r.ResponseWriter).Hijack()
}

// Unwrap lets http.ResponseController reach flushing, deadlines and hijacking.
func (r *statusRecorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// hardened tells browsers to be careful with whatever is served. Pages loosen
// the rules for what they need; the sandbox stands for sites of others.
func (s *server) hardened(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		if s.https() {
			h.Set("Strict-Transport-Security", "max-age=31536000") // of this host alone; its siblings are not ours
		}
		if !strings.HasPrefix(r.URL.Path, sandbox.Prefix) {
			h.Set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
			h.Set("X-Frame-Options", "DENY")
			h.Set("Referrer-Policy", "no-referrer")
			h.Set("Permissions-Policy", "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()")
			h.Set("Cross-Origin-Resource-Policy", "same-site")
		}
		next.ServeHTTP(w, r)
	})
}

// onlyHost keeps the server to its own name. Pages asked for under another
// loopback name are redirected, since cookies are set for one name. While nobody
// has to sign in, or there is the sandbox, which whoever reaches it controls, every
// other name is refused, or a page whose name resolves to this machine could act as
// the owner (DNS rebinding).
func (s *server) onlyHost(next http.Handler) http.Handler {
	public, err := url.Parse(s.public)
	if err != nil {
		panic(err) // checked at start
	}
	local := isLoopback(public.Host)
	open := !s.config.authenticates() || s.sandbox != nil
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Host == public.Host || !local && !open:
		case !isLoopback(r.Host) && open:
			http.Error(w, "This server answers to "+public.Host+" only.", http.StatusMisdirectedRequest)
			return
		case local && isPage(r):
			http.Redirect(w, r, s.public+r.URL.RequestURI(), http.StatusTemporaryRedirect)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// isPage reports whether a browser asks for something to show.
func isPage(r *http.Request) bool {
	return r.Method == http.MethodGet && r.Header.Get("Sec-Fetch-Mode") == "navigate"
}

// cors lets pages of the allowed origins call.
func (s *server) cors(next http.Handler) http.Handler {
	if len(s.config.origins) == 0 {
		return next
	}
	return cors.New(cors.Options{
		AllowedOrigins: s.config.origins,
		AllowedMethods: []string{http.MethodGet, http.MethodPost},
		AllowedHeaders: []string{"Accept", "Authorization", "Content-Type"},
		ExposedHeaders: []string{"X-Request-Id", "Retry-After"},
		MaxAge:         600,
	}).Handler(next)
}

// sameOrigin refuses what a page makes a browser send whose origin is neither
// ours nor allowed to call.
func (s *server) sameOrigin(next http.Handler) http.Handler {
	return fromOrigins(append(slices.Clone(s.config.origins), s.public), next)
}

// ownPage is page for what our own pages send. Origins that may call do so with
// tokens, and have no business with people's sign-ins and consents.
func (s *server) ownPage(h http.HandlerFunc) http.Handler {
	return fromOrigins([]string{s.public}, s.page(h))
}

func fromOrigins(origins []string, next http.Handler) http.Handler {
	protection := http.NewCrossOriginProtection()
	for _, origin := range origins {
		if err := protection.AddTrustedOrigin(origin); err != nil {
			panic(err) // checked at start
		}
	}
	return protection.Handler(next)
}

// authenticated lets in who can say who they are, and has the others refused. A
// websocket says so in connection_init.
func (s *server) authenticated(refuse refuser, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.socket.Supports(r) {
			next.ServeHTTP(w, r)
			return
		}
		actor, err := s.identify(r.Context(), r.Header.Get("Authorization"), s.ownCookie(r))
		var refused *auth.Error
		switch {
		case errors.As(err, &refused):
			s.noteRefusal(r.Context(), r, refused)
			w.Header().Set("WWW-Authenticate", `Bearer realm="mooring"`)
			refuse(w, http.StatusUnauthorized, refused.Message, string(refused.Code))
		case err != nil:
			s.log.LogAttrs(r.Context(), slog.LevelError, "authenticate", slog.Any("error", err))
			refuse(w, http.StatusServiceUnavailable, "Callers cannot be authenticated right now; try again.", "INTERNAL_SERVER_ERROR")
		default:
			ctx := auth.WithActor(r.Context(), actor)
			if s.events.Supports(r) { // a stream ends with its credential
				var cancel context.CancelFunc
				ctx, cancel = context.WithCancel(ctx)
				defer cancel()
				defer s.hold(ctx, actor, func(string) { cancel() })()
			}
			if !actor.ExpiresAt.IsZero() {
				var cancel context.CancelFunc
				ctx, cancel = context.WithDeadline(ctx, actor.ExpiresAt)
				defer cancel()
			}
			next.ServeHTTP(w, r.WithContext(ctx))
		}
	})
}

// refuser answers a request that goes no further.
type refuser func(w http.ResponseWriter, status int, message, code string)

// refuse is the refuser of the GraphQL API.
func refuse(w http.ResponseWriter, status int, message, code string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	type failure struct {
		Message    string            `json:"message"`
		Extensions map[string]string `json:"extensions"`
	}
	_ = json.NewEncoder(w).Encode(map[string][]failure{ // the client may be gone
		"errors": {{message, map[string]string{"code": code}}},
	})
}
