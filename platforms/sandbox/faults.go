package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Fault is something that goes wrong at a platform. The first fault that fits
// a request is applied to it.
//
// A fault with a status, body or retryAfterSeconds answers in the platform's
// place. Any other lets the platform do its work, late after delayMs, with
// headers added, or with the connection cut instead of the answer
// (dropAfterRotation). A delay comes first in either case, and ends with the
// request.
type Fault struct {
	Platform string `json:"platform,omitempty"` // or the server's name; empty: any
	Endpoint string `json:"endpoint,omitempty"` // empty: any; "api": any resource
	// Times is how many requests it hits: 0 means 1, -1 all until it is deleted.
	Times  int `json:"times,omitempty"`
	Status int `json:"status,omitempty"` // default: 429 with retryAfterSeconds, else 500
	// Headers replace the answer's own of the same name.
	Headers map[string]string `json:"headers,omitempty"`
	// Body is sent as it is, or, if a JSON string, as that string's text.
	Body              json.RawMessage `json:"body,omitempty"`
	DelayMs           int             `json:"delayMs,omitempty"`
	DropAfterRotation bool            `json:"dropAfterRotation,omitempty"`
	RetryAfterSeconds int             `json:"retryAfterSeconds,omitempty"`
}

// check returns what is wrong with a fault.
func (s *Sandbox) check(f *Fault) error {
	var names []string
	endpoints := map[string]bool{"": true, "api": true, "authorize": true, "token": true, "revoke": true, "introspect": true}
	known := f.Platform == ""
	for _, d := range s.dialects {
		names = append(append(names, d.name), d.platformIDs()...)
		known = known || d.means(f.Platform)
		for name := range d.resources {
			endpoints[name] = true
		}
	}
	switch {
	case !known:
		slices.Sort(names)
		return fmt.Errorf("platform %q is not played here; there are %s", f.Platform, strings.Join(slices.Compact(names), ", "))
	case !endpoints[f.Endpoint]:
		return fmt.Errorf("endpoint %q does not exist", f.Endpoint)
	case f.Times < -1, f.DelayMs < 0, f.RetryAfterSeconds < 0:
		return errors.New("a number is negative")
	case f.Status != 0 && (f.Status < 200 || f.Status > 599):
		return fmt.Errorf("status %d is not one of an answer", f.Status)
	}
	return nil
}

// replaces reports whether the fault answers in the platform's place.
func (f *Fault) replaces() bool {
	return f.Status != 0 || len(f.Body) > 0 || f.RetryAfterSeconds > 0
}

// decorate adds the fault's headers to an answer.
func (f *Fault) decorate(a reply) reply {
	for name, value := range f.Headers {
		a = a.with(name, value)
	}
	return a
}

// reply is the answer in the platform's place.
func (f *Fault) reply() reply {
	status := f.Status
	header := make(http.Header)
	if f.RetryAfterSeconds > 0 {
		header.Set("Retry-After", strconv.Itoa(f.RetryAfterSeconds))
		if status == 0 {
			status = http.StatusTooManyRequests
		}
	}
	if status == 0 {
		status = http.StatusInternalServerError
	}
	body := []byte(f.Body)
	var text string
	if json.Unmarshal(body, &text) == nil {
		body = []byte(text)
		header.Set("Content-Type", http.DetectContentType(body))
	} else if len(body) > 0 {
		header.Set("Content-Type", "application/json")
	}
	return f.decorate(reply{status, header, body})
}

// fault takes the first one that fits the request, or returns an empty one.
func (s *Sandbox) fault(d *dialect, endpoint string) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, isResource := d.resources[endpoint]
	for i, f := range s.faults {
		at := f.Endpoint == "" || f.Endpoint == endpoint || f.Endpoint == "api" && isResource
		if !at || !d.means(f.Platform) {
			continue
		}
		hit := *f
		if f.Times >= 0 {
			f.Times--
			if f.Times <= 0 {
				s.faults = append(s.faults[:i], s.faults[i+1:]...)
			}
		}
		return hit
	}
	return Fault{}
}

// handler is an endpoint of a platform.
type handler func(d *dialect, r *http.Request) reply

// maxBody is the most of a request that is read, in bytes.
const maxBody = 1 << 20

// play serves an endpoint: it records the request and lets a fault have its
// way.
func (s *Sandbox) play(d *dialect, endpoint string, h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		if err := r.ParseForm(); err != nil {
			http.Error(w, "the form cannot be read: "+err.Error(), http.StatusBadRequest)
			return
		}
		s.record(d, endpoint, r)
		f := s.fault(d, endpoint)
		if f.DelayMs > 0 {
			select {
			case <-time.After(time.Duration(f.DelayMs) * time.Millisecond):
			case <-r.Context().Done():
				panic(http.ErrAbortHandler)
			}
		}
		if f.replaces() {
			f.reply().write(w)
			return
		}
		answer := h(d, r)
		if f.DropAfterRotation {
			panic(http.ErrAbortHandler) // cuts the connection without an answer
		}
		f.decorate(answer).write(w)
	})
}

// runScript reads the faults to begin with.
func (s *Sandbox) runScript(file string) error {
	if file == "" {
		return nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("read the sandbox's script: %w", err)
	}
	var faults []*Fault
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&faults); err != nil {
		return fmt.Errorf("the sandbox's script %s: %w", file, err)
	}
	for i, f := range faults {
		if err := s.check(f); err != nil {
			return fmt.Errorf("the sandbox's script %s: fault %d: %w", file, i+1, err)
		}
	}
	s.faults = faults
	return nil
}
