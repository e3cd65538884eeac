package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"time"
)

// Request is one that a platform was asked.
type Request struct {
	Server   string    `json:"server"`   // its name under Prefix
	Platform string    `json:"platform"` // empty where the server serves several
	Endpoint string    `json:"endpoint"`
	Method   string    `json:"method"`
	Path     string    `json:"path"`
	Time     time.Time `json:"time"`
	Auth     string    `json:"auth"` // basic, body, bearer or none
	// Form holds query and form parameters, the values of secret ones cut.
	Form map[string]string `json:"form"`
}

// maxRequests is how many requests are remembered.
const maxRequests = 1000

// record remembers a request whose form has been parsed.
func (s *Sandbox) record(d *dialect, endpoint string, r *http.Request) {
	q := Request{
		Server:   d.name,
		Platform: d.onlyPlatform(),
		Endpoint: endpoint,
		Method:   r.Method,
		Path:     r.URL.Path,
		Time:     time.Now().UTC(),
		Auth:     authStyle(r),
		Form:     make(map[string]string),
	}
	for name := range r.Form {
		switch name {
		case "access_token", "client_secret", "code", "code_verifier", "refresh_token", "state", "token":
			q.Form[name] = "[redacted]"
		default:
			q.Form[name] = r.Form.Get(name)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, q)
	if extra := len(s.requests) - maxRequests; extra > 0 {
		s.requests = slices.Delete(s.requests, 0, extra)
	}
}

func authStyle(r *http.Request) string {
	_, _, basic := r.BasicAuth()
	switch {
	case basic:
		return "basic"
	case r.Header.Get("Authorization") != "":
		return "bearer"
	case r.PostForm.Has("client_secret"):
		return "body"
	}
	return "none"
}

// Grant is a consent as the control API shows it.
type Grant struct {
	ID                 string    `json:"id"`
	Server             string    `json:"server"`
	Platforms          []string  `json:"platforms"` // that the server serves
	Persona            string    `json:"persona"`
	Subject            string    `json:"subject"`
	Scopes             []string  `json:"scopes"`
	CreatedAt          time.Time `json:"createdAt"`
	AccessTokenEndsAt  time.Time `json:"accessTokenEndsAt"`
	RefreshTokenEndsAt time.Time `json:"refreshTokenEndsAt,omitzero"`
	HasRefreshToken    bool      `json:"hasRefreshToken"`
	Revoked            bool      `json:"revoked"`
}

// shown is the grant as the control API shows it. The caller holds s.mu.
func (s *Sandbox) shown(g *grant) Grant {
	out := Grant{
		ID:                g.ID,
		Server:            g.Server,
		Platforms:         s.server(g.Server).platformIDs(),
		Persona:           g.Persona,
		Subject:           g.Subject,
		Scopes:            g.Scopes,
		CreatedAt:         g.Since,
		AccessTokenEndsAt: s.state.accessEnds(g),
		Revoked:           g.Revoked,
	}
	for _, t := range s.state.Tokens {
		if t.Grant == g.ID && t.Kind == refreshToken && !t.Spent {
			out.HasRefreshToken, out.RefreshTokenEndsAt = true, t.Ends
		}
	}
	return out
}

// control adds the control API's routes.
func (s *Sandbox) control(mux *http.ServeMux) {
	const api = Prefix + "api/"
	mux.HandleFunc("GET "+api+"faults", s.listFaults)
	mux.HandleFunc("POST "+api+"faults", s.addFault)
	mux.HandleFunc("DELETE "+api+"faults", s.clearFaults)
	mux.HandleFunc("GET "+api+"requests", s.listRequests)
	mux.HandleFunc("DELETE "+api+"requests", s.clearRequests)
	mux.HandleFunc("GET "+api+"grants", s.listGrants)
	mux.HandleFunc("POST "+api+"grants/{id}/revoke", s.revokeGrant)
	mux.HandleFunc("POST "+api+"grants/{id}/age", s.ageGrant)
	mux.HandleFunc("POST "+api+"consent", s.setConsent)
	mux.HandleFunc("DELETE "+api+"consent", s.clearConsent)
}

func (s *Sandbox) listFaults(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	show(w, http.StatusOK, append([]*Fault{}, s.faults...))
}

func (s *Sandbox) addFault(w http.ResponseWriter, r *http.Request) {
	var f Fault
	if !read(w, r, &f) {
		return
	}
	if err := s.check(&f); err != nil {
		complain(w, http.StatusBadRequest, err)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &f)
	show(w, http.StatusCreated, f)
}

func (s *Sandbox) clearFaults(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
	w.WriteHeader(http.StatusNoContent)
}

func (s *Sandbox) listRequests(w http.ResponseWriter, r *http.Request) {
	platform, endpoint := r.FormValue("platform"), r.FormValue("endpoint")
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []Request{}
	for _, q := range s.requests {
		if s.server(q.Server).means(platform) && (endpoint == "" || endpoint == q.Endpoint) {
			list = append(list, q)
		}
	}
	show(w, http.StatusOK, list)
}

func (s *Sandbox) clearRequests(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = nil
	w.WriteHeader(http.StatusNoContent)
}

func (s *Sandbox) listGrants(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []Grant{}
	for _, g := range s.state.list() {
		if s.server(g.Server).means(r.FormValue("platform")) {
			list = append(list, s.shown(g))
		}
	}
	show(w, http.StatusOK, list)
}

func (s *Sandbox) revokeGrant(w http.ResponseWriter, r *http.Request) {
	if !read(w, r, &struct{}{}) {
		return
	}
	s.change(w, r.PathValue("id"), func(g *grant) { g.Revoked = true })
}

func (s *Sandbox) ageGrant(w http.ResponseWriter, r *http.Request) {
	var age struct {
		ExpiresInSeconds *int `json:"expiresInSeconds"`
	}
	if !read(w, r, &age) {
		return
	}
	if age.ExpiresInSeconds == nil {
		complain(w, http.StatusBadRequest, errors.New("expiresInSeconds is missing"))
		return
	}
	ends := time.Now().Add(time.Duration(*age.ExpiresInSeconds) * time.Second)
	g, ok := s.change(w, r.PathValue("id"), func(g *grant) {
		for _, t := range s.state.Tokens {
			if t.Grant == g.ID && t.Kind == accessToken {
				t.Ends = ends
			}
		}
	})
	if ok && s.options.OnAge != nil {
		for _, platformID := range s.server(g.Server).platformIDs() {
			s.options.OnAge(platformID, g.Subject, ends)
		}
	}
}

// change applies a change to a grant and shows the result.
func (s *Sandbox) change(w http.ResponseWriter, id string, apply func(*grant)) (grant, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.state.Grants[id]
	if g == nil {
		complain(w, http.StatusNotFound, fmt.Errorf("there is no grant %q", id))
		return grant{}, false
	}
	apply(g)
	if err := s.save(); err != nil {
		complain(w, http.StatusInternalServerError, err)
		return grant{}, false
	}
	show(w, http.StatusOK, s.shown(g))
	return *g, true
}

func (s *Sandbox) setConsent(w http.ResponseWriter, r *http.Request) {
	var c consent
	if !read(w, r, &c) {
		return
	}
	known := false
	for _, d := range s.dialects {
		if !d.means(c.Platform) {
			continue
		}
		known = true
		if err := c.check(d); err != nil {
			complain(w, http.StatusBadRequest, err)
			return
		}
	}
	if !known {
		complain(w, http.StatusBadRequest, fmt.Errorf("platform %q is not played here", c.Platform))
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.consents[c.Platform] = c
	show(w, http.StatusOK, c)
}

func (s *Sandbox) clearConsent(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.consents)
	w.WriteHeader(http.StatusNoContent)
}

// read decodes a JSON request, an empty one being {}, or answers with what is
// wrong. The content type
// is demanded because a page of another origin cannot send it unasked.
func read(w http.ResponseWriter, r *http.Request, v any) bool {
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/json" {
		complain(w, http.StatusUnsupportedMediaType, errors.New("send JSON, as Content-Type: application/json"))
		return false
	}
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(v); err != nil && !errors.Is(err, io.EOF) {
		complain(w, http.StatusBadRequest, fmt.Errorf("read the request: %w", err))
		return false
	}
	return true
}

func show(w http.ResponseWriter, status int, v any) {
	jsonReply(status, "application/json", v).write(w)
}

func complain(w http.ResponseWriter, status int, err error) {
	show(w, status, object{"error": err.Error()})
}
