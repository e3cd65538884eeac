package main

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"mooring/accounts"
	"mooring/auth"
	"mooring/diagnosis"
)

//go:embed pages
var pages embed.FS

var templates = template.Must(template.ParseFS(pages, "pages/*.html"))

// pageAssets serves the style and script of the pages.
func pageAssets() http.Handler {
	sub, err := fs.Sub(pages, "pages/assets")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return http.StripPrefix("/pages/", http.FileServerFS(sub))
}

// page protects what a browser shows: no script but ours, no copies. The rest
// hardened has done.
func (s *server) page(next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		// Browsers apply form-action to redirects after the form, too, and Continue
		// leads to a platform.
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src "+s.config.brand.logo.source()+"; form-action *; base-uri 'none'; frame-ancestors 'none'")
		h.Set("Cache-Control", "no-store")
		next(w, r)
	})
}

// view is what a page shows.
type view struct {
	Name         string // of the installation
	Logo         string // its address; "" for none
	Title        string
	Asker        asker
	Tone         string // good, bad or plain
	Message      string
	Attempt      *accounts.Attempt
	Accounts     []*accounts.Account
	Reconnection *accounts.Reconnection
	Diagnosis    *diagnosis.Diagnosis
	Retry        string // where to try the same again; "" for nowhere
	Bulk         *accounts.BulkConnect
	Item         *accounts.BulkItem // of Bulk, that the page is about
	Next         *accounts.BulkItem // of Bulk, the next one to connect
	Finish       string             // where the browser goes when the person has done enough
	Home         string             // the way out of a page that is not there; "" for none
	SignIn       *signInView
	Origins      string // to which a popup posts the result, separated by spaces
}

// asker is who wants something of a person's account, as far as it says something to
// them: a workspace, and somebody of it. Where nobody signs in both are "".
type asker struct{ User, Workspace string }

func askerOf(user, workspace string) asker {
	if workspace == auth.LocalWorkspace {
		workspace = ""
	}
	if workspace == "" && user == auth.LocalUser || strings.HasPrefix(user, "key:") {
		user = ""
	}
	return asker{user, workspace}
}

func (s *server) show(w http.ResponseWriter, r *http.Request, status int, name string, v view) {
	v.Name, v.Logo = s.config.brand.name, s.config.brand.logo.address
	var page bytes.Buffer
	if err := templates.ExecuteTemplate(&page, name, v); err != nil {
		s.log.LogAttrs(r.Context(), slog.LevelError, "make page", slog.String("page", name), slog.Any("error", err))
		http.Error(w, "Something went wrong here.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = page.WriteTo(w) // the browser may be gone
}

// showError shows why a browser's request leads nowhere.
func (s *server) showError(w http.ResponseWriter, r *http.Request, err error) {
	var expected *accounts.Error
	if errors.As(err, &expected) {
		v := view{Title: "This link cannot be used", Tone: "bad", Diagnosis: expected.Diagnosis}
		status := http.StatusBadRequest
		if v.Diagnosis == nil {
			v.Message = expected.Message
			status = http.StatusGone
			if expected.Code == accounts.CodeNotFound {
				status = http.StatusNotFound
			}
		}
		s.show(w, r, status, "result.html", v)
		return
	}
	s.log.LogAttrs(r.Context(), slog.LevelError, "connect", slog.Any("error", err))
	s.show(w, r, http.StatusInternalServerError, "result.html", view{Title: "Something went wrong here. Try again in a moment.", Tone: "bad"})
}

// missingPage says that an address is nobody's, and leads to the dashboard, if there
// is one.
func (s *server) missingPage(w http.ResponseWriter, r *http.Request) {
	v := view{Title: "There is no such page", Tone: "plain"}
	if s.config.dashboard == "on" {
		v.Home = "/"
	}
	s.show(w, r, http.StatusNotFound, "missing.html", v)
}

// startPage begins an attempt. Whoever began it goes on to the platform at
// once; somebody else sees first who asks for what.
func (s *server) startPage(w http.ResponseWriter, r *http.Request) {
	attempt, err := s.service.StartedAttempt(r.Context(), r.PathValue("token"))
	if err != nil {
		s.showError(w, r, err)
		return
	}
	who := s.signedIn(r)
	if who != nil && who.Workspace == attempt.Workspace && who.User == attempt.CreatedBy {
		s.depart(w, r, r.PathValue("token"), who)
		return
	}
	s.show(w, r, http.StatusOK, "start.html", view{Title: "Connect " + attempt.Platform.DisplayName, Asker: askerOf(attempt.CreatedBy, attempt.Workspace), Tone: "plain", Attempt: attempt})
}

// start is the Continue button of the start page.
func (s *server) start(w http.ResponseWriter, r *http.Request) {
	s.depart(w, r, r.PathValue("token"), s.signedIn(r))
}

// reconnectPage says what is wrong with an account and what reconnecting it
// takes. It changes nothing.
func (s *server) reconnectPage(w http.ResponseWriter, r *http.Request) {
	found, err := s.service.OpenReconnect(r.Context(), r.PathValue("token"))
	if err != nil {
		s.showError(w, r, err)
		return
	}
	s.show(w, r, http.StatusOK, "reconnect.html", view{Title: found.Title, Asker: askerOf("", found.Account.Workspace), Reconnection: found})
}

// reconnect is the button of that page.
func (s *server) reconnect(w http.ResponseWriter, r *http.Request) {
	who := s.signedIn(r)
	attempt, err := s.service.StartReconnect(r.Context(), r.PathValue("token"), who)
	if err != nil {
		s.showError(w, r, err)
		return
	}
	s.depart(w, r, s.service.StartToken(attempt), who)
}

// signedIn returns who the browser belongs to, or nil if that is not known.
func (s *server) signedIn(r *http.Request) *auth.Actor {
	actor, err := s.identify(r.Context(), r.Header.Get("Authorization"), s.cookie(r, sessionCookie))
	if err != nil {
		return nil // not signed in is no failure here
	}
	return &actor
}

// depart binds the attempt of a start token to the browser by a cookie and sends
// it to the platform.
func (s *server) depart(w http.ResponseWriter, r *http.Request, token string, who *auth.Actor) {
	d, err := s.service.StartAttempt(r.Context(), token, s.attemptCookie(r), who)
	if err != nil {
		s.showError(w, r, err)
		return
	}
	http.SetCookie(w, &http.Cookie{
		Name: s.cookieName(d.AttemptID), Value: d.Browser, Path: "/",
		MaxAge:   int(time.Until(d.ExpiresAt).Seconds()) + 3600, // so that a reload finds its result
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: s.https(),
	})
	http.Redirect(w, r, d.PlatformURL, http.StatusSeeOther)
}

// cookieName is the name of an attempt's cookie: several attempts may be under
// way in one browser. The prefix keeps other hosts of the domain from setting
// it (RFC 6265bis §4.1.3.2); browsers take it with https only.
func (s *server) cookieName(attemptID string) string {
	if s.https() {
		return "__Host-mooring_" + attemptID
	}
	return "mooring_" + attemptID
}

func (s *server) https() bool { return strings.HasPrefix(s.public, "https:") }

// attemptCookie returns how to look up the value of an attempt's cookie, which
// is "" where the browser has none.
func (s *server) attemptCookie(r *http.Request) func(attemptID string) string {
	return func(attemptID string) string {
		cookie, err := r.Cookie(s.cookieName(attemptID))
		if err != nil {
			return ""
		}
		return cookie.Value
	}
}

// callback is where a platform sends the browser back to.
func (s *server) callback(path string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		attempt, err := s.service.Return(r.Context(), accounts.Callback{
			Path: path, Query: r.URL.Query(), Browser: s.attemptCookie(r),
		})
		if err != nil {
			s.showError(w, r, err)
			return
		}
		s.goOn(w, r, attempt)
	}
}

// chooseCandidates is the button below the candidates of an attempt.
func (s *server) chooseCandidates(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("attempt")
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "The form cannot be read.", http.StatusBadRequest)
		return
	}
	attempt, err := s.service.ChooseInBrowser(r.Context(), id, s.attemptCookie(r)(id), r.PostForm["account"])
	if err != nil {
		s.showError(w, r, err)
		return
	}
	s.goOn(w, r, attempt)
}

// goOn leads the browser on when there is something to know of its attempt: to
// the next of a bulk connect, back to the product, or to the result.
func (s *server) goOn(w http.ResponseWriter, r *http.Request, attempt *accounts.Attempt) {
	place, err := s.service.BulkPlace(r.Context(), attempt)
	switch {
	case err != nil:
		s.showError(w, r, err)
	case place != nil:
		s.leadOn(w, r, place)
	case attempt.ReturnTo != "":
		http.Redirect(w, r, withID(attempt.ReturnTo, "attempt", attempt.ID), http.StatusSeeOther) //nolint:gosec // on an allowed origin, see mayReturnTo
	default:
		s.showResult(w, r, attempt)
	}
}

// withID adds an id to a returnTo.
func withID(address, name, id string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address // checked when it was taken in
	}
	q := u.Query()
	q.Set(name, id)
	u.RawQuery = q.Encode()
	return u.String()
}

// showResult shows what an attempt came to. In a popup the page tells its
// opener and closes.
func (s *server) showResult(w http.ResponseWriter, r *http.Request, a *accounts.Attempt) {
	connected, err := s.connected(r.Context(), a)
	if err != nil {
		s.showError(w, r, err)
		return
	}
	v := view{Tone: "bad", Attempt: a, Accounts: connected, Diagnosis: a.Diagnosis, Origins: strings.Join(append(slices.Clone(s.config.origins), s.public), " ")}
	if a.ReconnectsID != "" && a.Status.Ended() && a.Status != accounts.AttemptDone {
		if v.Retry, err = s.service.RetryURL(r.Context(), a); err != nil {
			s.showError(w, r, err)
			return
		}
	}
	name := a.Platform.DisplayName
	switch a.Status {
	case accounts.AttemptDone:
		v.Title, v.Tone = name+" is connected", "good"
		if a.ReconnectsID != "" {
			v.Title = name + " is reconnected"
		}
	case accounts.AttemptSelecting:
		v.Title, v.Tone = "Choose what to connect", "plain"
	case accounts.AttemptGivenUp:
		v.Title, v.Tone = name+" was not connected", "plain"
	default:
		v.Title = name + " could not be connected"
	}
	s.show(w, r, http.StatusOK, "result.html", v)
}

// connected reads an attempt's accounts as its own workspace sees them: the
// browser has proved that the attempt is its own.
func (s *server) connected(ctx context.Context, a *accounts.Attempt) ([]*accounts.Account, error) {
	return s.service.AccountsByID(ctx, auth.Actor{Workspace: a.Workspace}, a.AccountIDs)
}
