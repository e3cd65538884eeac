package platforms

import (
	"bytes"
	"cmp"
	"encoding/json"
	"html"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Answer is what a platform sent, before it is understood.
type Answer struct {
	Stage  Stage
	Status int // 0 for the parameters of a callback
	Header http.Header
	Body   []byte    // of a callback: its query string
	At     time.Time // when the request was sent

	decoded *fields // of the body, if that is done already
}

// Verdict sorts an answer: by the login method's own rules, and where these
// are silent by those of RFC 6749, RFC 7009 and HTTP. Codes decide before
// statuses, statuses before text. It looks only at its arguments.
func (l *Login) Verdict(a Answer) Verdict {
	v := l.generalVerdict(a)
	if l.Classify == nil {
		return v
	}
	own := l.Classify(a)
	return Verdict{
		Class:      cmp.Or(own.Class, v.Class),
		Code:       cmp.Or(own.Code, v.Code),
		Subcode:    cmp.Or(own.Subcode, v.Subcode),
		Message:    cmp.Or(own.Message, v.Message),
		RetryAfter: cmp.Or(own.RetryAfter, v.RetryAfter),
	}
}

func (l *Login) generalVerdict(a Answer) Verdict {
	fields := a.fields()
	code := fields.text("error")
	return Verdict{
		Class:      cmp.Or(codeClass(a.Stage, code), l.statusClass(a, code)),
		Code:       code,
		Message:    html.UnescapeString(fields.text("error_description")),
		RetryAfter: retryAfter(a.Header, a.At),
	}
}

// codeClass knows the codes of RFC 6749 §4.1.2.1 and §5.2 whose meaning is
// certain; invalid_request is not among them.
func codeClass(stage Stage, code string) Class {
	switch code {
	case "invalid_client", "unauthorized_client", "invalid_scope",
		"unsupported_grant_type", "unsupported_response_type":
		return ClassAppFault
	case "server_error", "temporarily_unavailable":
		return ClassTemporary
	case "invalid_grant":
		if stage == StageExchange {
			return ClassInvalid
		}
		return ClassRefreshDead
	case "access_denied":
		if stage == StageAuthorize {
			return ClassDenied
		}
	}
	return ClassOK
}

func (l *Login) statusClass(a Answer, code string) Class {
	switch s := a.Status; {
	case s == http.StatusTooManyRequests:
		return ClassRateLimited
	case s >= 500, s == http.StatusRequestTimeout, s == http.StatusConflict,
		s == http.StatusLocked, s == http.StatusTooEarly:
		return ClassTemporary
	case s >= 300 && s < 400:
		return ClassTemporary // a captive portal or a moved proxy
	case a.foreign():
		return ClassTemporary
	case s >= 400 && a.Stage == StageAPI:
		return apiClass(s)
	case s >= 400:
		return tokenEndpointClass(s)
	case code != "" && a.Stage != StageAPI:
		return ClassInvalid
	case s != 0 && (a.Stage == StageExchange || a.Stage == StageRefresh):
		if _, ok := l.parseTokens(a, nil); !ok {
			return ClassTemporary // a success without its token is none
		}
	}
	return ClassOK
}

func apiClass(status int) Class {
	switch status {
	case http.StatusUnauthorized:
		return ClassStaleAccess
	case http.StatusForbidden:
		return ClassMissingScope
	}
	return ClassInvalid
}

// tokenEndpointClass blames the app for refused credentials (RFC 6749 §5.2)
// and for an endpoint that is not there.
func tokenEndpointClass(status int) Class {
	switch status {
	case http.StatusUnauthorized, http.StatusPaymentRequired, http.StatusForbidden,
		http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusGone:
		return ClassAppFault
	}
	return ClassInvalid
}

// maxRetryAfter bounds what a platform can make us wait: the longest quotas
// are daily.
const maxRetryAfter = 24 * time.Hour

// retryAfter reads RFC 9110 §10.2.3: seconds or a date.
func retryAfter(h http.Header, now time.Time) time.Duration {
	text := h.Get("Retry-After")
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil {
		seconds = min(max(seconds, 0), int64(maxRetryAfter/time.Second))
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return waitUntil(at, now)
	}
	return 0
}

func waitUntil(at, now time.Time) time.Duration {
	return min(max(at.Sub(now), 0), maxRetryAfter)
}

// fields is an answer's object. Its text reads strings and numbers; anything
// else counts as absent.
type fields map[string]any

func (f fields) text(key string) string {
	switch v := f[key].(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

// fields decodes the body as a JSON object or as a form; nil if it is neither.
func (a Answer) fields() fields {
	if a.decoded != nil {
		return *a.decoded
	}
	body := bytes.TrimSpace(a.Body)
	if bytes.HasPrefix(body, []byte("{")) {
		var f fields
		decoder := json.NewDecoder(bytes.NewReader(body))
		decoder.UseNumber()
		if decoder.Decode(&f) != nil {
			return nil
		}
		return f
	}
	form, err := url.ParseQuery(string(body))
	if err != nil || bytes.HasPrefix(body, []byte("<")) || !bytes.Contains(body, []byte("=")) {
		return nil
	}
	f := make(fields, len(form))
	for key := range form {
		f[key] = form.Get(key)
	}
	return f
}

// foreign reports whether the answer is not the platform's own but, say, the
// HTML page of a firewall or proxy in between.
func (a Answer) foreign() bool {
	if json.Valid(a.Body) {
		return false // whatever the Content-Type says
	}
	if strings.Contains(a.Header.Get("Content-Type"), "html") {
		return true
	}
	return len(bytes.TrimSpace(a.Body)) > 0 && a.fields() == nil
}
