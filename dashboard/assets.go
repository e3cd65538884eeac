package dashboard

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"fmt"
	"io"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"
)

//go:embed app/dist playground/dist playground/examples playground/src/favicon.svg
var files embed.FS

const (
	// forEver is for content whose name changes with it (RFC 8246).
	forEver = "public, max-age=31536000, immutable"
	// askAgain lets a browser keep a copy, but use it only after a 304.
	askAgain = "no-cache"
)

// Favicon serves Mooring's icon, an SVG, under whatever path it is mounted at.
func Favicon() http.Handler {
	return document("image/svg+xml", embedded("playground/src/favicon.svg"))
}

// embedded reads a file that the build guarantees to be there.
func embedded(name string) []byte {
	content, err := files.ReadFile(name)
	if err != nil {
		panic(err)
	}
	return content
}

// document serves content that stays the same while the process runs and may
// differ in the next release.
func document(contentType string, content []byte) http.Handler {
	etag := fmt.Sprintf(`"%x"`, sha256.Sum256(content))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		serve(w, r, contentType, askAgain, etag, bytes.NewReader(content))
	})
}

// assets serves the files of a folder such as app/dist/assets, which all are
// stored as gzip under their name and ".gz". The request's pattern has {name}.
func assets(folder string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		name := r.PathValue("name")
		packed, err := files.ReadFile(folder + "/" + name + ".gz")
		if err != nil {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Vary", "Accept-Encoding")
		if acceptsGzip(r.Header.Get("Accept-Encoding")) {
			w.Header().Set("Content-Encoding", "gzip")
			serve(w, r, contentType(name), forEver, strconv.Quote(name+".gz"), bytes.NewReader(packed))
			return
		}
		plain, err := gunzip(packed)
		if err != nil {
			http.Error(w, "unpacking "+name, http.StatusInternalServerError)
			return
		}
		serve(w, r, contentType(name), forEver, strconv.Quote(name), bytes.NewReader(plain))
	}
}

// serve leaves conditional requests, ranges and HEAD to net/http, and gives it
// neither name nor time: the type is known, and an embedded file has no date.
func serve(w http.ResponseWriter, r *http.Request, contentType, cacheControl, etag string, content io.ReadSeeker) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Cache-Control", cacheControl)
	w.Header().Set("ETag", etag)
	http.ServeContent(w, r, "", time.Time{}, content)
}

// contentType knows the types that the build makes. The system's table, which
// the mime package reads, calls scripts text/plain on some machines.
func contentType(name string) string {
	switch path.Ext(name) {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".ttf":
		return "font/ttf"
	default:
		return "text/plain; charset=utf-8"
	}
}

// acceptsGzip reads an Accept-Encoding header (RFC 9110 §12.5.3). It does not
// take "*" for gzip: whoever means gzip names it.
func acceptsGzip(header string) bool {
	for item := range strings.SplitSeq(header, ",") {
		coding, weight, weighted := strings.Cut(strings.ReplaceAll(item, " ", ""), ";q=")
		if !strings.EqualFold(coding, "gzip") {
			continue
		}
		q, err := strconv.ParseFloat(weight, 64)
		return !weighted || err == nil && q > 0
	}
	return false
}

func gunzip(packed []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

// secured adds the headers that confine a page to itself; policy is what its
// Content-Security-Policy allows beyond nothing.
func secured(next http.Handler, policy ...string) http.Handler {
	whole := strings.Join(append([]string{
		"default-src 'none'", "script-src 'self'", "connect-src 'self'", "base-uri 'none'", "frame-ancestors 'none'",
	}, policy...), "; ")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", whole)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin")
		next.ServeHTTP(w, r)
	})
}
