package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"mooring/accounts"
	"mooring/auth"
	"mooring/dashboard"
)

// The cookies of signing in.
const (
	sessionCookie = "mooring"
	loginCookie   = "mooring-login" // while the browser is at the identity provider
)

// loginLife is how long a person has at the identity provider.
const loginLife = 10 * time.Minute

// identify returns who is calling: by the value of an Authorization header or,
// where there is none, of a session's cookie. Errors are those of
// auth.Authenticator.Authenticate.
func (s *server) identify(ctx context.Context, authorization, cookie string) (auth.Actor, error) {
	if authorization == "" && cookie != "" {
		return s.auth.Session(ctx, cookie)
	}
	return s.auth.Authenticate(ctx, authorization)
}

// ownCookie is the value of the session's cookie if a page of our own makes the
// request, or no page at all. Browsers send the cookie with requests of other pages,
// too, those on a neighbouring host even by SameSite=Lax; such a request has the
// rights of nobody, whatever its method, websockets included.
func (s *server) ownCookie(r *http.Request) string {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "same-origin", "none":
	case "":
		if origin := r.Header.Get("Origin"); origin != "" && origin != s.public {
			return ""
		}
	default:
		return ""
	}
	return s.cookie(r, sessionCookie)
}

// hostCookie is the whole name of a cookie, see cookieName.
func (s *server) hostCookie(name string) string {
	if s.https() {
		return "__Host-" + name
	}
	return name
}

// cookie is the value of a cookie, or "".
func (s *server) cookie(r *http.Request, name string) string {
	c, err := r.Cookie(s.hostCookie(name))
	if err != nil {
		return ""
	}
	return c.Value
}

// setCookie sets a cookie; "" deletes it.
func (s *server) setCookie(w http.ResponseWriter, name, value string, life time.Duration) {
	age := int(life.Seconds())
	if value == "" {
		age = -1
	}
	http.SetCookie(w, &http.Cookie{
		Name: s.hostCookie(name), Value: value, Path: "/", MaxAge: age,
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: s.https(),
	})
}

// signInView is what the pages of signing in show.
type signInView struct {
	Actor      *auth.Actor // who is signed in, if anybody
	Open       bool        // nobody has to sign in
	Provider   string      // the host where people sign in; "" for none
	ReturnTo   string
	Link       *accounts.SignInLink
	User       string   // whom the provider has recognised
	Workspaces []string // to choose from
	Problem    string
}

// loginRun is what a browser remembers while it is at the identity provider.
type loginRun struct {
	auth.SignIn

	ReturnTo  string `json:"returnTo"`
	Workspace string `json:"workspace,omitempty"` // chosen; "" unless there are several
	Link      string `json:"link,omitempty"`      // the token of the invitation to accept
}

// providerHost is how people know the identity provider.
func (s *server) providerHost() string {
	u, err := url.Parse(s.config.oidc.Issuer)
	if s.provider == nil || err != nil {
		return ""
	}
	return u.Host
}

// loginPage says who is signed in, and how to. It changes nothing.
func (s *server) loginPage(w http.ResponseWriter, r *http.Request) {
	v := signInView{Open: !s.config.authenticates(), Provider: s.providerHost()}
	returnTo, ok := s.returnTo(r.URL.Query().Get("returnTo"))
	if !ok {
		s.showSignIn(w, r, http.StatusBadRequest, "This link cannot be used", signInView{
			Problem: "It leads to an address that is not among those of MOORING_RETURN_TO.",
		})
		return
	}
	v.ReturnTo = returnTo
	switch {
	case v.Open:
		s.showSignIn(w, r, http.StatusOK, "Nobody has to sign in", v)
	case !s.config.keepsSessions(s.public):
		v.Problem = "People can sign in over https only, and this server is not reached by it. The operator sets MOORING_PUBLIC_URL."
		s.showSignIn(w, r, http.StatusOK, "Sign in", v)
	default:
		v.Actor = s.signedIn(r)
		title := "Sign in"
		if v.Actor != nil {
			title = "You are signed in"
		}
		s.showSignIn(w, r, http.StatusOK, title, v)
	}
}

// signInFirst sends a browser in which nobody has signed in to the sign-in page,
// which leads back. What pages are made of is for anybody.
func (s *server) signInFirst(pages http.Handler) http.Handler {
	if !s.config.authenticates() {
		return pages
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, dashboard.AppAssets) && s.signedIn(r) == nil {
			w.Header().Set("Cache-Control", "no-store")
			http.Redirect(w, r, s.public+"/login?"+url.Values{"returnTo": {r.URL.RequestURI()}}.Encode(), http.StatusSeeOther)
			return
		}
		pages.ServeHTTP(w, r)
	})
}

func (s *server) showSignIn(w http.ResponseWriter, r *http.Request, status int, title string, v signInView) {
	tone := "plain"
	if v.Problem != "" {
		tone = "bad"
	}
	s.show(w, r, status, "login.html", view{Title: title, Tone: tone, SignIn: &v})
}

// returnTo is where a browser goes once it has signed in, and whether it may: to an
// address here, or on an origin of MOORING_RETURN_TO.
func (s *server) returnTo(wanted string) (string, bool) {
	public, err := url.Parse(s.public + "/")
	if err != nil {
		panic(err) // checked at start
	}
	u, err := public.Parse(wanted)
	if err != nil || !s.service.MayReturnTo(u.String()) {
		return "", false
	}
	return u.String(), true
}

// login sends the browser to the identity provider.
func (s *server) login(w http.ResponseWriter, r *http.Request) {
	s.visitProvider(w, r, loginRun{ReturnTo: r.URL.Query().Get("returnTo"), Workspace: r.URL.Query().Get("workspace")})
}

func (s *server) visitProvider(w http.ResponseWriter, r *http.Request, run loginRun) {
	var ok bool
	if run.ReturnTo, ok = s.returnTo(run.ReturnTo); !ok || s.provider == nil {
		s.showSignIn(w, r, http.StatusBadRequest, "This link cannot be used", signInView{Problem: "There is no way to sign in by it."})
		return
	}
	address, signIn, err := s.provider.Begin(r.Context())
	if err != nil {
		s.showSignInError(w, r, err)
		return
	}
	run.SignIn = signIn
	text, err := json.Marshal(run)
	if err != nil {
		s.showSignInError(w, r, err)
		return
	}
	s.setCookie(w, loginCookie, base64.RawURLEncoding.EncodeToString(text), loginLife)
	http.Redirect(w, r, address, http.StatusSeeOther)
}

// loginCallback is where the identity provider sends the browser back to.
func (s *server) loginCallback(w http.ResponseWriter, r *http.Request) {
	if s.provider == nil {
		http.NotFound(w, r)
		return
	}
	var run loginRun
	text, err := base64.RawURLEncoding.DecodeString(s.cookie(r, loginCookie))
	if err != nil || json.Unmarshal(text, &run) != nil {
		run = loginRun{} // which answers to no state
	}
	person, err := s.provider.Finish(r.Context(), run.SignIn, r.URL.Query())
	if err != nil {
		s.showSignInError(w, r, err)
		return
	}
	s.setCookie(w, loginCookie, "", 0)
	var session string
	if run.Link != "" {
		session, err = s.service.UseSignInLink(r.Context(), run.Link, &person)
	} else {
		var workspaces []string
		if workspaces, err = s.service.Workspaces(r.Context(), person); err == nil {
			if run.Workspace == "" && len(workspaces) == 1 {
				run.Workspace = workspaces[0]
			}
			if !slices.Contains(workspaces, run.Workspace) {
				s.showWorkspaces(w, r, person, workspaces, run.ReturnTo)
				return
			}
			session, err = s.service.SignIn(r.Context(), person, run.Workspace)
		}
	}
	if err != nil {
		s.showSignInError(w, r, err)
		return
	}
	s.beginSession(w, r, session, run.ReturnTo)
}

// showWorkspaces lets a person choose, or says that there is nothing to choose from.
func (s *server) showWorkspaces(w http.ResponseWriter, r *http.Request, p auth.Person, workspaces []string, returnTo string) {
	v := signInView{User: p.User, Workspaces: workspaces, ReturnTo: returnTo}
	if len(workspaces) == 0 {
		s.showSignIn(w, r, http.StatusForbidden, "You belong to no workspace", v)
		return
	}
	s.showSignIn(w, r, http.StatusOK, "Choose a workspace", v)
}

// linkPage says what a single-use link is about. It changes nothing, and does not
// use the link up: those who look at links ahead of people must not.
func (s *server) linkPage(w http.ResponseWriter, r *http.Request) {
	link, err := s.service.OpenSignInLink(r.Context(), r.PathValue("token"))
	if err != nil {
		s.showSignInError(w, r, err)
		return
	}
	title := "Sign in to " + link.Workspace
	if link.User == "" {
		title = "Join " + link.Workspace
	}
	s.showSignIn(w, r, http.StatusOK, title, signInView{Link: link, Provider: s.providerHost()})
}

// useLink is the button of that page. An invitation is accepted at the identity
// provider, if there is one.
func (s *server) useLink(w http.ResponseWriter, r *http.Request) {
	token := r.PathValue("token")
	link, err := s.service.OpenSignInLink(r.Context(), token)
	switch {
	case err != nil:
		s.showSignInError(w, r, err)
	case !s.config.keepsSessions(s.public):
		s.showSignIn(w, r, http.StatusBadRequest, "Sign in", signInView{Problem: "Nobody can sign in here at present."})
	case link.User == "" && s.provider != nil:
		s.visitProvider(w, r, loginRun{Link: token})
	default:
		session, err := s.service.UseSignInLink(r.Context(), token, nil)
		if err != nil {
			s.showSignInError(w, r, err)
			return
		}
		s.beginSession(w, r, session, "")
	}
}

// beginSession puts a session into the browser, in the place of an earlier one, and
// sends it on.
func (s *server) beginSession(w http.ResponseWriter, r *http.Request, session, returnTo string) {
	address, ok := s.returnTo(returnTo)
	if !ok {
		address = s.public + "/" // the browser's memory was tampered with
	}
	if earlier := s.cookie(r, sessionCookie); earlier != "" {
		if err := s.service.SignOut(r.Context(), earlier); err != nil {
			s.log.LogAttrs(r.Context(), slog.LevelError, "end the browser's earlier session", slog.Any("error", err))
		}
	}
	s.setCookie(w, sessionCookie, session, auth.SessionLife)
	http.Redirect(w, r, address, http.StatusSeeOther)
}

// logout ends the browser's session.
func (s *server) logout(w http.ResponseWriter, r *http.Request) {
	if session := s.cookie(r, sessionCookie); session != "" {
		if err := s.service.SignOut(r.Context(), session); err != nil {
			s.showSignInError(w, r, err)
			return
		}
	}
	s.setCookie(w, sessionCookie, "", 0)
	http.Redirect(w, r, s.public+"/login", http.StatusSeeOther)
}

// showSignInError shows why somebody could not sign in.
func (s *server) showSignInError(w http.ResponseWriter, r *http.Request, err error) {
	var expected *accounts.Error
	var refused *auth.Error
	switch {
	case errors.As(err, &expected):
		s.showSignIn(w, r, http.StatusBadRequest, "This does not work", signInView{Problem: expected.Message})
	case errors.As(err, &refused):
		s.showSignIn(w, r, http.StatusBadRequest, "You are not signed in", signInView{Problem: sentence(refused.Message)})
	default:
		s.log.LogAttrs(r.Context(), slog.LevelError, "sign in", slog.Any("error", err))
		s.showSignIn(w, r, http.StatusBadGateway, "You are not signed in",
			signInView{Problem: "Something went wrong here or at the identity provider. Try again in a moment; the server's log says more under request id " + accounts.RequestID(r.Context()) + "."})
	}
}

// sentence makes a sentence of a message.
func sentence(message string) string {
	return strings.ToUpper(message[:1]) + message[1:] + "."
}
