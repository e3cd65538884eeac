package sandbox

import (
	"crypto/sha256"
	"encoding/hex"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Request is one that a platform was asked. Of what is secret in it there are
// fingerprints: "sha256:" and the first twelve hexadecimal digits, so that two
// can be compared.
type Request struct {
	Server    string    `json:"server"`   // its name under Prefix
	Platform  string    `json:"platform"` // empty where the server serves several
	Endpoint  string    `json:"endpoint"`
	GrantType string    `json:"grantType,omitempty"`
	Grant     string    `json:"grant,omitempty"` // the id of the one whose token it carries
	Method    string    `json:"method"`
	Path      string    `json:"path"`
	Time      time.Time `json:"time"`
	Status    int       `json:"status"` // 0: not answered, or not yet
	Auth      string    `json:"auth"`   // basic, body, bearer or none
	Bearer    string    `json:"bearer,omitempty"`
	// Form holds query and form parameters.
	Form map[string]string `json:"form"`
}

// maxRequests is how many requests are remembered.
const maxRequests = 1000

// record remembers a request whose form has been parsed.
func (s *Sandbox) record(d *dialect, endpoint string, r *http.Request) *Request {
	q := &Request{
		Server:    d.name,
		Platform:  d.onlyPlatform(),
		Endpoint:  endpoint,
		GrantType: r.Form.Get("grant_type"),
		Method:    r.Method,
		Path:      r.URL.Path,
		Time:      time.Now().UTC(),
		Auth:      authStyle(r),
		Form:      make(map[string]string),
	}
	if text, ok := bearerToken(r); ok {
		q.Bearer = fingerprint(text)
	}
	for name := range r.Form {
		q.Form[name] = r.Form.Get(name)
		if isSecret(name) {
			q.Form[name] = fingerprint(q.Form[name])
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if g := s.state.presented(r); g != nil {
		q.Grant = g.ID
	}
	s.requests = append(s.requests, q)
	if extra := len(s.requests) - maxRequests; extra > 0 {
		s.requests = slices.Delete(s.requests, 0, extra)
	}
	return q
}

// answered adds the status to a recorded request.
func (s *Sandbox) answered(q *Request, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q.Status = status
}

// asked are the recorded requests that fit the filters, oldest first. The
// caller holds s.mu.
func (s *Sandbox) asked(filters url.Values) []Request {
	fits := func(name, value string) bool { return filters.Get(name) == "" || filters.Get(name) == value }
	list := []Request{}
	for _, q := range s.requests {
		if s.server(q.Server).means(filters.Get("platform")) && fits("endpoint", q.Endpoint) &&
			fits("grantType", q.GrantType) && fits("grant", q.Grant) && fits("method", q.Method) {
			list = append(list, *q)
		}
	}
	return list
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

// bearerToken is the token of the Authorization header, RFC 6750 §2.1.
func bearerToken(r *http.Request) (string, bool) {
	text, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return text, ok && text != ""
}

// carried are all texts of a request that can be a token.
func carried(r *http.Request) iter.Seq[string] {
	return func(yield func(string) bool) {
		if text, ok := bearerToken(r); ok && !yield(text) {
			return
		}
		for name, values := range r.Form {
			if isSecret(name) && !yield(values[0]) {
				return
			}
		}
	}
}

// isSecret reports whether a parameter's value is not for everybody's eyes.
func isSecret(parameter string) bool {
	for _, ending := range []string{"token", "secret", "verifier", "proof"} {
		if strings.HasSuffix(parameter, ending) {
			return true
		}
	}
	return parameter == "code" || parameter == "state"
}

// fingerprint tells secrets apart without telling them.
func fingerprint(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return "sha256:" + hex.EncodeToString(sum[:6])
}
