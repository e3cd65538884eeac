package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"mime"
	"net/http"
	"slices"
	"strings"
)

// control adds the control API's routes.
func (s *Sandbox) control(mux *http.ServeMux) {
	const api = Prefix + "api/"
	mux.HandleFunc("GET "+api+"apps", s.listApps)
	mux.HandleFunc("POST "+api+"apps/{platform}", s.setApp)
	mux.HandleFunc("GET "+api+"faults", s.listFaults)
	mux.HandleFunc("POST "+api+"faults", s.takeFault)
	mux.HandleFunc("DELETE "+api+"faults", s.clearFaults)
	mux.HandleFunc("GET "+api+"requests", s.listRequests)
	mux.HandleFunc("GET "+api+"requests/count", s.countRequests)
	mux.HandleFunc("DELETE "+api+"requests", s.clearRequests)
	mux.HandleFunc("GET "+api+"grants", s.listGrants)
	mux.HandleFunc("POST "+api+"grants/{id}/{action}", s.changeGrant)
	mux.HandleFunc("POST "+api+"consent", s.setConsent)
	mux.HandleFunc("DELETE "+api+"consent", s.clearConsent)
}

func (s *Sandbox) listFaults(w http.ResponseWriter, r *http.Request) {
	if !filtered(w, r) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	show(w, http.StatusOK, append([]*Fault{}, s.faults...))
}

func (s *Sandbox) takeFault(w http.ResponseWriter, r *http.Request) {
	var f Fault
	if !read(w, r, &f) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.addFault(&f); err != nil {
		complain(w, http.StatusBadRequest, err)
		return
	}
	show(w, http.StatusCreated, f)
}

// addFault adds a fault that makes sense. The caller holds s.mu.
func (s *Sandbox) addFault(f *Fault) error {
	if err := s.check(f); err != nil {
		return err
	}
	s.faults = append(s.faults, f)
	return nil
}

func (s *Sandbox) clearFaults(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
	w.WriteHeader(http.StatusNoContent)
}

// requestFilters are the query parameters that listRequests and countRequests
// know.
var requestFilters = []string{"platform", "endpoint", "grantType", "grant", "method"}

func (s *Sandbox) listRequests(w http.ResponseWriter, r *http.Request) {
	if !filtered(w, r, requestFilters...) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	show(w, http.StatusOK, s.asked(r.URL.Query()))
}

func (s *Sandbox) countRequests(w http.ResponseWriter, r *http.Request) {
	if !filtered(w, r, requestFilters...) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	show(w, http.StatusOK, object{"count": len(s.asked(r.URL.Query()))})
}

func (s *Sandbox) clearRequests(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = nil
	w.WriteHeader(http.StatusNoContent)
}

func (s *Sandbox) setConsent(w http.ResponseWriter, r *http.Request) {
	var c consent
	if !read(w, r, &c) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.consentBeforehand(c); err != nil {
		complain(w, http.StatusBadRequest, err)
		return
	}
	show(w, http.StatusOK, c)
}

// consentBeforehand lets a consent answer the pages of all servers that it
// means. The caller holds s.mu.
func (s *Sandbox) consentBeforehand(c consent) error {
	if err := s.checkPlatform(c.Platform); err != nil {
		return err
	}
	for _, d := range s.dialects {
		if !d.means(c.Platform) {
			continue
		}
		if err := c.check(d); err != nil {
			return err
		}
	}
	s.consents[c.Platform] = c
	return nil
}

func (s *Sandbox) clearConsent(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.consents)
	w.WriteHeader(http.StatusNoContent)
}

// filtered refuses a query with a filter that does not exist, which would be
// taken for one that everything fits.
func filtered(w http.ResponseWriter, r *http.Request, known ...string) bool {
	for name := range r.URL.Query() {
		if slices.Contains(known, name) {
			continue
		}
		err := fmt.Errorf("there is no filter %q here", name)
		if len(known) > 0 {
			err = fmt.Errorf("%w; there are %s", err, strings.Join(known, ", "))
		}
		complain(w, http.StatusBadRequest, err)
		return false
	}
	return true
}

// read decodes a JSON request, an empty one being {}, or answers with what is
// wrong. The content type is demanded because a page of another origin cannot
// send it unasked.
func read(w http.ResponseWriter, r *http.Request, v any) bool {
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/json" {
		complain(w, http.StatusUnsupportedMediaType, errors.New("send JSON, as Content-Type: application/json"))
		return false
	}
	if err := strictly(http.MaxBytesReader(w, r.Body, maxBody), v); err != nil && !errors.Is(err, io.EOF) {
		complain(w, http.StatusBadRequest, fmt.Errorf("read the request: %w", err))
		return false
	}
	return true
}

// strictly decodes JSON without members that v lacks.
func strictly(from io.Reader, v any) error {
	decoder := json.NewDecoder(from)
	decoder.DisallowUnknownFields()
	return decoder.Decode(v)
}

func show(w http.ResponseWriter, status int, v any) {
	answer := jsonReply(status, "application/json", v)
	answer.body = append(answer.body, '\n') // for terminals
	answer.write(w)
}

func complain(w http.ResponseWriter, status int, err error) {
	show(w, status, object{"error": err.Error()})
}

// names lists what there is, in order.
func names(of iter.Seq[string]) string { return strings.Join(slices.Sorted(of), ", ") }
