package sandbox

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// RoundTrip makes the Sandbox an http.RoundTripper: a request to any host is
// answered by the handler, without a socket. A connection that the handler
// cuts is io.ErrUnexpectedEOF; a request's end cuts it, too.
func (s *Sandbox) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	served := r.Clone(r.Context())
	served.RequestURI, served.Host = r.URL.RequestURI(), cmp.Or(r.Host, r.URL.Host)
	if served.Body == nil {
		served.Body = http.NoBody
	}
	defer func() { _ = served.Body.Close() }() // it was only read
	defer func() {
		cut := recover()
		if cut == nil {
			return
		}
		if err, ok := cut.(error); !ok || !errors.Is(err, http.ErrAbortHandler) {
			panic(cut)
		}
		resp, err = nil, io.ErrUnexpectedEOF
		if cause := r.Context().Err(); cause != nil {
			err = cause
		}
	}()
	w := &response{header: make(http.Header)}
	s.ServeHTTP(w, served)
	return w.result(r), nil
}

// response collects what the handler writes.
type response struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (w *response) Header() http.Header { return w.header }

func (w *response) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
}

func (w *response) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(p)
}

func (w *response) result(r *http.Request) *http.Response {
	w.WriteHeader(http.StatusOK)
	if w.header.Get("Date") == "" { // which net/http's server says of itself
		w.header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	}
	return &http.Response{
		Status:        fmt.Sprintf("%d %s", w.status, http.StatusText(w.status)),
		StatusCode:    w.status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        w.header,
		Body:          io.NopCloser(&w.body),
		ContentLength: int64(w.body.Len()),
		Request:       r,
	}
}
