package accounts_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"time"

	"mooring/accounts"
	"mooring/platforms"
)

// trouble is what happens to a request on its way.
type trouble struct {
	What   string        // see answer
	Before time.Duration // the platform deals with it
	After  time.Duration // that, until the answer arrives
}

// What happens to a request. The empty one is that the platform answers it.
const (
	unsent  = "unsent"      // it does not get out
	ignored = "lost before" // the connection breaks before the platform does anything
	lost    = "lost after"  // the connection breaks before the answer gets through
	down    = "503"         // the platform says that it did nothing
	broken  = "500"         // a gateway answers
	limited = "429"         // the platform wants to be left alone
	refused = "app refused" // the platform has suspended the app
)

// RoundTrip carries what a replica sends to the sandbox, with the trouble that
// the case has in store for refreshes.
func (r *replica) RoundTrip(req *http.Request) (*http.Response, error) {
	m := r.m
	renewer := renewing(req)
	if renewer == "" || r.desk {
		return m.pipe(req)
	}
	began := time.Now()
	f, bad := m.asked(r, renewer)
	resp, err := m.answer(req, &bad)
	if !m.answered(r, f, began, bad.What, resp, err) {
		<-m.end
		return nil, io.ErrUnexpectedEOF
	}
	return resp, err
}

// renewing returns the token that a request wants to renew its grant with; ""
// if it wants something else.
func renewing(req *http.Request) string {
	form := req.URL.Query()
	if req.Body != nil {
		body, _ := io.ReadAll(req.Body) // from memory
		req.Body = io.NopCloser(bytes.NewReader(body))
		if sent, err := url.ParseQuery(string(body)); err == nil && len(body) > 0 {
			form = sent
		}
	}
	switch form.Get("grant_type") {
	case "refresh_token":
		return form.Get("refresh_token")
	case "ig_refresh_token":
		return form.Get("access_token")
	}
	return ""
}

// tokens are what a platform issues.
type tokens struct {
	Access         string `json:"access_token"`
	Refresh        string `json:"refresh_token"`
	ExpiresIn      int    `json:"expires_in"`
	RefreshEnds    int    `json:"refresh_token_expires_in"`
	RefreshEndsToo int    `json:"refresh_expires_in"` // TikTok
}

func read(resp *http.Response) (t tokens) {
	body, _ := io.ReadAll(resp.Body) // from memory
	resp.Body = io.NopCloser(bytes.NewReader(body))
	_ = json.Unmarshal(body, &t) // not all answers are JSON
	return t
}

// take gives the family the tokens of an answer. The caller holds m.mu.
func (m *model) take(f *family, t tokens, issued time.Time) {
	f.renewer = cmp.Or(t.Refresh, f.renewer)
	if m.login.Refresh.Kind == platforms.RefreshSelf {
		f.renewer = t.Access
	}
	issued = issued.Truncate(time.Millisecond)
	f.issued, f.ends = issued, issued.Add(time.Duration(t.ExpiresIn)*time.Second)
	if seconds := max(t.RefreshEnds, t.RefreshEndsToo); seconds > 0 {
		f.refreshEnds = issued.Add(time.Duration(seconds) * time.Second)
	}
	if m.login.Refresh.Kind == platforms.RefreshSelf {
		f.refreshEnds = f.ends
	}
	m.failing = false
	f.unknown, f.crashed, f.failed, f.doubted, f.reasons = 0, false, false, false, map[accounts.Reason]bool{}
	m.families[f.renewer] = f
}

// pipe carries any other request, and notes what a consent gives.
func (m *model) pipe(req *http.Request) (*http.Response, error) {
	began := time.Now()
	resp, err := m.wire.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if t := read(resp); t.Access != "" && t.ExpiresIn > 0 {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.exchanged = &family{}
		m.take(m.exchanged, t, began)
	}
	return resp, nil
}

// asked notes a request to renew a grant, and returns what happens to it.
func (m *model) asked(r *replica, renewer string) (*family, trouble) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f := m.families[renewer]
	switch {
	case f == nil:
		m.blame("a token is sent that nobody was given")
		return &family{}, trouble{}
	case f.renewer != renewer:
		m.blame("a token is sent that has a successor")
	case f.over:
		m.blame("a request for a grant without an account")
	case f.verdict != "":
		m.blame("a request for a grant that is %s", f.verdict)
	case f.asking != nil:
		m.blame("two requests at once for one generation of a grant")
	case m.login.Refresh.Rotates && f.unknown > 1:
		m.blame("a third request with a token that works once")
	case m.login.Refresh.Kind == platforms.RefreshSelf && !time.Now().Before(f.ends):
		m.blame("a request with a token that has ended")
	case !m.calling && !f.failed && !f.revoked && !f.doubted && f.unknown == 0 && time.Since(f.issued) < m.life/2:
		m.blame("a request %s after the last answer", time.Since(f.issued))
	}
	f.asking = r
	bad := trouble{What: m.outage}
	if len(m.next) > 0 {
		bad, m.next = m.next[0], m.next[1:]
	}
	m.rapid.Logf("%s: request, %+v", now(), bad)
	return f, bad
}

// answer is what becomes of a request under a trouble. It notes if the trouble is
// the app's.
func (m *model) answer(req *http.Request, bad *trouble) (*http.Response, error) {
	sleep := func(d time.Duration) error {
		select {
		case <-time.After(d):
			return nil
		case <-req.Context().Done():
			return req.Context().Err()
		}
	}
	reply := func(status int, header ...string) (*http.Response, error) {
		resp := &http.Response{StatusCode: status, Header: http.Header{}, Body: http.NoBody, Request: req}
		for i := 0; i+1 < len(header); i += 2 {
			resp.Header.Set(header[i], header[i+1])
		}
		if err := sleep(bad.After); err != nil {
			return nil, err
		}
		return resp, nil
	}
	if bad.What == unsent {
		httptrace.ContextClientTrace(req.Context()).GetConn("")
		return nil, errors.New("no route to host")
	}
	if err := sleep(bad.Before); err != nil {
		return nil, err
	}
	switch bad.What {
	case ignored:
		return nil, io.ErrUnexpectedEOF
	case down:
		return reply(http.StatusServiceUnavailable)
	case broken:
		return reply(http.StatusInternalServerError)
	case limited:
		return reply(http.StatusTooManyRequests, "Retry-After", "300")
	}
	if m.isSuspended() && bad.What == "" {
		bad.What = refused
	}
	resp, err := m.sandbox.RoundTrip(req.WithContext(context.WithoutCancel(req.Context())))
	if err == nil {
		err = sleep(bad.After)
	}
	switch {
	case err != nil:
		return nil, err
	case bad.What == lost:
		return nil, io.ErrUnexpectedEOF
	}
	return resp, nil
}

// answered notes what a request came to, and reports whether its sender lives.
func (m *model) answered(r *replica, f *family, began time.Time, what string, resp *http.Response, err error) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r.dead {
		return false
	}
	m.rapid.Logf("%s: answer to that of %s: %q, %v", now(), began.Format(time.TimeOnly), what, err)
	f.asking = nil
	if f.over {
		return true
	}
	var t tokens
	if err == nil {
		t = read(resp)
	}
	switch {
	case t.Access != "":
		m.take(f, t, began)
	case what == unsent, err == nil && (what == down || what == limited):
		m.fails(f, accounts.PlatformDown)
	case what == broken && err == nil:
		m.fails(f, accounts.PlatformDown)
		f.unknown = max(f.unknown, 1)
	case err != nil:
		m.fails(f, accounts.PlatformDown)
		f.unknown++
		f.crashed = false
		if m.login.Refresh.Rotates && f.unknown > 1 {
			f.verdict = accounts.OutcomeUnknown
		}
	case what == refused:
		m.fails(f, accounts.AppMisconfigured)
	default:
		m.failing = false
		f.verdict = accounts.RefreshDead
		if m.login.Refresh.Rotates && f.unknown > 0 {
			f.verdict = accounts.OutcomeUnknown
		}
	}
	return true
}

// fails notes that a grant could not be renewed for a reason that may keep
// others from it, too. The caller holds m.mu.
func (m *model) fails(f *family, why accounts.Reason) {
	f.failed, m.failing = true, true
	for _, other := range m.families {
		other.reasons[why] = true
	}
}

func now() string { return time.Now().Format(time.DateTime) }
