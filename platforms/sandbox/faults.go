package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Fault is something that goes wrong at a platform. The first fault that fits
// a request is applied to it.
//
// A fault with a status, body or retryAfterSeconds answers in the platform's
// place. Any other lets the platform do its work and then spoils the answer, or
// keeps the platform from working at all (dropBeforeRotation). A delay comes
// first in either case, and ends with the request.
type Fault struct {
	// Preset names a fault to begin with; what else is said replaces its parts.
	Preset string `json:"preset,omitempty"`

	// Which requests it hits. An empty one is any.
	Platform  string `json:"platform,omitempty"`  // or a server's name
	Endpoint  string `json:"endpoint,omitempty"`  // "api": any resource
	GrantType string `json:"grantType,omitempty"` // the parameter grant_type
	Grant     string `json:"grant,omitempty"`     // id of the grant whose token the request carries
	After     int    `json:"after,omitempty"`     // so many of them pass first
	// Times is how many requests it hits: 0 means 1, -1 all until it is deleted.
	Times int `json:"times,omitempty"`

	// An answer in the platform's place.
	Status            int             `json:"status,omitempty"` // default: 429 with retryAfterSeconds, else 500
	Body              json.RawMessage `json:"body,omitempty"`   // sent as it is; of a JSON string the text
	RetryAfterSeconds int             `json:"retryAfterSeconds,omitempty"`

	// What spoils any answer.
	Headers          map[string]string `json:"headers,omitempty"` // replace those of the same name
	ClockSkewSeconds int               `json:"clockSkewSeconds,omitempty"`
	DelayMs          int               `json:"delayMs,omitempty"`

	// What spoils the platform's own.
	DropBeforeRotation     bool     `json:"dropBeforeRotation,omitempty"` // the connection is cut, nothing was done
	DropAfterRotation      bool     `json:"dropAfterRotation,omitempty"`  // all was done, and then the connection is cut
	GraceSeconds           int      `json:"graceSeconds,omitempty"`       // the refresh token presented works on for so long, though it was rotated
	ExpiresInOffsetSeconds int      `json:"expiresInOffsetSeconds,omitempty"`
	Scopes                 []string `json:"scopes,omitempty"` // all that is left to the code or token presented
}

// presets are what goes wrong most often, by name. Their bodies are those of
// the recordings in platforms/testdata.
var presets = map[string]Fault{
	"html-403":    {Status: http.StatusForbidden, Body: json.RawMessage(`"<!doctype html><title>Attention Required!</title><h1>Sorry, you have been blocked</h1>"`)},
	"lost-answer": {Endpoint: "token", GrantType: "refresh_token", DropAfterRotation: true},
	"outage":      {Status: http.StatusServiceUnavailable, Body: json.RawMessage(`"<!doctype html><title>503 Service Unavailable</title>"`), Times: -1},
	"rate-limit":  {RetryAfterSeconds: 60},
	"slow":        {DelayMs: 30_000},
	"linkedin-fresh-token": { // a token that has not reached all of LinkedIn's machines
		Platform: "linkedin", Endpoint: "api", Times: 2, Status: http.StatusUnauthorized,
		Body: json.RawMessage(`{"status":401,"serviceErrorCode":65601,"code":"REVOKED_ACCESS_TOKEN","message":"The token used in the request has been revoked by the user"}`),
	},
	"linkedin-version": {
		Platform: "linkedin", Endpoint: "api", Times: -1, Status: http.StatusUpgradeRequired,
		Body: json.RawMessage(`{"status":426,"code":"NONEXISTENT_VERSION","message":"Requested version 20250401 is not active"}`),
	},
	"twitter-credits": {
		Platform: "twitter", Endpoint: "api", Times: -1, Status: http.StatusPaymentRequired,
		Headers: map[string]string{"Content-Type": "application/problem+json"},
		Body:    json.RawMessage(`{"title":"CreditsDepleted","account_id":1,"detail":"Your enrolled account [1] does not have any credits to fulfill this request.","type":"https://api.twitter.com/2/problems/credits"}`),
	},
	"youtube-quota": {
		Platform: "google_youtube", Endpoint: "api", Times: -1, Status: http.StatusForbidden,
		Headers: map[string]string{"Content-Type": youTubeType},
		Body: json.RawMessage(`{"error":{"code":403,` +
			`"message":"The request cannot be completed because you have exceeded your <a href=\"/youtube/v3/getting-started#quota\">quota</a>.",` +
			`"errors":[{"message":"The request cannot be completed because you have exceeded your <a href=\"/youtube/v3/getting-started#quota\">quota</a>.",` +
			`"domain":"youtube.quota","reason":"quotaExceeded"}]}}`),
	},
}

// grantTypes are the values of grant_type that some platform knows.
var grantTypes = []string{"authorization_code", "fb_exchange_token", "ig_exchange_token", "ig_refresh_token", "refresh_token"}

// UnmarshalJSON reads a fault over its preset.
func (f *Fault) UnmarshalJSON(data []byte) error {
	var named struct {
		Preset string `json:"preset"`
	}
	if err := json.Unmarshal(data, &named); err != nil {
		return err
	}
	preset, ok := presets[named.Preset]
	if !ok && named.Preset != "" {
		return fmt.Errorf("preset %q does not exist; there are %s", named.Preset, names(maps.Keys(presets)))
	}
	type plain Fault // without this method
	p := plain(preset)
	p.Headers = maps.Clone(p.Headers) // the reader adds to it
	if err := strictly(bytes.NewReader(data), &p); err != nil {
		return err
	}
	*f = Fault(p)
	return nil
}

// check returns what is wrong with a fault. The caller holds s.mu.
func (s *Sandbox) check(f *Fault) error {
	if err := s.checkPlatform(f.Platform); err != nil {
		return err
	}
	endpoints := s.endpointsOf(f.Platform)
	own := f.DropBeforeRotation || f.DropAfterRotation || f.GraceSeconds != 0 || f.ExpiresInOffsetSeconds != 0 || f.Scopes != nil
	for name, n := range map[string]int{"after": f.After, "delayMs": f.DelayMs, "graceSeconds": f.GraceSeconds, "retryAfterSeconds": f.RetryAfterSeconds} {
		if n < 0 {
			return fmt.Errorf("%s is negative", name)
		}
	}
	switch {
	case f.Endpoint != "" && !slices.Contains(endpoints, f.Endpoint):
		return fmt.Errorf("endpoint %q is not played there; there are %s", f.Endpoint, strings.Join(endpoints, ", "))
	case f.GrantType != "" && !slices.Contains(grantTypes, f.GrantType):
		return fmt.Errorf("grantType %q does not exist; there are %s", f.GrantType, strings.Join(grantTypes, ", "))
	case f.Grant != "" && s.state.Grants[f.Grant] == nil:
		return fmt.Errorf("there is no grant %q", f.Grant)
	case f.Times < -1:
		return errors.New("times must be a number from 1, or -1 for all requests")
	case f.Status != 0 && (f.Status < 200 || f.Status > 599):
		return fmt.Errorf("status %d is not one of an answer; there are 200 to 599", f.Status)
	case f.Scopes != nil && len(f.Scopes) == 0:
		return errors.New("scopes is empty: no platform grants nothing; revoke the grant instead")
	case f.replaces() && own:
		return errors.New("status, body and retryAfterSeconds answer in the platform's place; dropBeforeRotation, dropAfterRotation, graceSeconds, expiresInOffsetSeconds and scopes need the platform itself")
	case f.DropBeforeRotation && (f.DropAfterRotation || f.GraceSeconds != 0 || f.Scopes != nil || f.ExpiresInOffsetSeconds != 0):
		return errors.New("dropBeforeRotation leaves nothing to spoil")
	case !f.replaces() && !own && f.DelayMs == 0 && f.ClockSkewSeconds == 0 && len(f.Headers) == 0:
		return fmt.Errorf("nothing goes wrong; say one of %s, or a preset of %s", strings.Join([]string{
			"status", "body", "retryAfterSeconds", "headers", "clockSkewSeconds", "delayMs",
			"dropBeforeRotation", "dropAfterRotation", "graceSeconds", "expiresInOffsetSeconds", "scopes",
		}, ", "), names(maps.Keys(presets)))
	}
	return nil
}

// replaces reports whether the fault answers in the platform's place.
func (f *Fault) replaces() bool {
	return f.Status != 0 || len(f.Body) > 0 || f.RetryAfterSeconds > 0
}

// wait takes as long as the fault says, or as the request lasts.
func (f *Fault) wait(r *http.Request) {
	if f.DelayMs == 0 {
		return
	}
	select {
	case <-time.After(time.Duration(f.DelayMs) * time.Millisecond):
	case <-r.Context().Done():
		panic(http.ErrAbortHandler)
	}
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
	return reply{status, header, body}
}

var expiresIn = regexp.MustCompile(`"expires_in":(\d+)`)

// spoil makes an answer wrong as the fault says.
func (f *Fault) spoil(a reply, now time.Time) reply {
	if f.ClockSkewSeconds != 0 {
		skewed := now.Add(time.Duration(f.ClockSkewSeconds) * time.Second)
		a = a.with("Date", skewed.UTC().Format(http.TimeFormat))
	}
	for name, value := range f.Headers {
		a = a.with(name, value)
	}
	if f.ExpiresInOffsetSeconds != 0 {
		a.body = expiresIn.ReplaceAllFunc(a.body, func(member []byte) []byte {
			seconds, _ := strconv.Atoi(string(expiresIn.FindSubmatch(member)[1])) // digits, which issue wrote from an int
			return fmt.Appendf(nil, `"expires_in":%d`, seconds+f.ExpiresInOffsetSeconds)
		})
	}
	return a
}

// fault takes the first one that fits the request, or returns an empty one.
func (s *Sandbox) fault(d *dialect, endpoint string, r *http.Request) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, f := range s.faults {
		if !s.fits(f, d, endpoint, r) {
			continue
		}
		if f.After > 0 {
			f.After--
			continue
		}
		hit := *f
		if f.Times >= 0 {
			f.Times--
			if f.Times <= 0 {
				s.faults = slices.Delete(s.faults, i, i+1)
			}
		}
		return hit
	}
	return Fault{}
}

// fits reports whether a request is one that the fault is about. The caller
// holds s.mu.
func (s *Sandbox) fits(f *Fault, d *dialect, endpoint string, r *http.Request) bool {
	_, isResource := d.resources[endpoint]
	at := f.Endpoint == "" || f.Endpoint == endpoint || f.Endpoint == "api" && isResource
	if !at || !d.means(f.Platform) || f.GrantType != "" && f.GrantType != r.Form.Get("grant_type") {
		return false
	}
	if f.Grant == "" {
		return true
	}
	g := s.state.presented(r)
	return g != nil && g.ID == f.Grant
}

// handler is an endpoint of a platform.
type handler func(d *dialect, r *http.Request) reply

// maxBody is the most of a request that is read, in bytes.
const maxBody = 1 << 20

// play serves an endpoint: it records the request and lets a fault have its
// way.
func (s *Sandbox) play(d *dialect, endpoint string, h handler) http.Handler {
	s.endpoints[d.name] = append(s.endpoints[d.name], endpoint)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		if err := r.ParseForm(); err != nil {
			http.Error(w, "the form cannot be read: "+err.Error(), http.StatusBadRequest)
			return
		}
		recorded := s.record(d, endpoint, r)
		f := s.fault(d, endpoint, r)
		f.wait(r)
		if f.DropBeforeRotation {
			panic(http.ErrAbortHandler) // cuts the connection without an answer
		}
		var answer reply
		if f.replaces() {
			answer = f.reply()
		} else {
			answer = s.work(d, endpoint, r, h, &f)
		}
		if f.DropAfterRotation {
			panic(http.ErrAbortHandler)
		}
		answer = f.spoil(answer, time.Now())
		s.answered(recorded, answer.status)
		answer.write(w)
	})
}

// work is what the platform itself does with a request, once what was to happen
// by now has happened. The fault's scopes, if any, are all that is left to the
// code or token that the request presents.
func (s *Sandbox) work(d *dialect, endpoint string, r *http.Request, h handler, f *Fault) reply {
	s.mu.Lock()
	s.state.settle(time.Now())
	if f.Scopes != nil {
		s.state.narrow(r, f.Scopes)
	}
	s.state.bear(r, time.Duration(f.GraceSeconds)*time.Second)
	suspended := s.state.app(d).Suspended
	s.mu.Unlock()
	if suspended {
		return d.suspended(endpoint)
	}
	return h(d, r)
}

// checkPlatform returns an error for a name that means no server.
func (s *Sandbox) checkPlatform(name string) error {
	if slices.ContainsFunc(s.dialects, func(d *dialect) bool { return d.means(name) }) {
		return nil
	}
	known := make(map[string]bool)
	for _, d := range s.dialects {
		known[d.name] = true
		for _, id := range d.platformIDs() {
			known[id] = true
		}
	}
	return fmt.Errorf("platform %q is not played here; there are %s", name, names(maps.Keys(known)))
}

// endpointsOf are the names of the endpoints of a platform, or of all.
func (s *Sandbox) endpointsOf(platform string) []string {
	var all []string
	for _, d := range s.dialects {
		if d.means(platform) {
			all = append(all, s.endpoints[d.name]...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
