// Package dashboard holds Mooring's web pages. Today that is the playground:
// GraphiQL, with an example for each operation of the API, served from the
// binary itself so that it works on a machine without a network.
//
// # What is served
//
// [Playground] answers for everything below /playground:
//
//	/playground                the page, a few lines of HTML
//	/playground/config.json    what the page has to know: endpoint, sandbox or not, examples
//	/playground/assets/…       script, style, font, the three workers of the Monaco editor, licences
//	/playground/favicon.svg    the icon; main serves it as /favicon.ico, too
//
// The page has no inline script and loads nothing from elsewhere, so its
// Content-Security-Policy can forbid both. Configuration therefore comes as
// JSON. Inline style has to stay allowed: Monaco positions text with it.
//
// The name of an asset carries a hash of its content, so browsers keep assets
// for ever; page and configuration name them and are asked for again each time,
// which an ETag makes cheap.
//
// # How it is built
//
// The sources are in playground/src, bundled by playground/build.mjs (npm ci &&
// npm run build) into playground/dist, which is committed: Go builds need no
// Node. The build is reproducible byte for byte, and CI compares. Assets are
// embedded as gzip and sent as they are; the rare client that does not accept
// gzip gets them unpacked. Brotli would save 0.2 MB of 2, but browsers accept it
// only over TLS, and the standard library cannot unpack it.
//
// # How the page talks to the API
//
// Through the public endpoint, as any client does: POST for queries and
// mutations, graphql-transport-ws for subscriptions (playground/src/fetcher.js).
// A credential is taken from the tab's Headers editor, or from the field in the
// page's corner that serves all tabs. It goes out as the Authorization header and,
// for subscriptions, as "authorization" in the payload of connection_init.
//
// # Examples
//
// playground/examples has one operation a file, NN-name.graphql, with its
// variables in NN-name.json if it takes any. They are the page's tabs in the
// order of their numbers. The page reads them through config.json, so changing
// one needs no rebuild of the bundle; [Examples] gives them to the test that
// runs each against the real schema.
package dashboard

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"
)

//go:embed playground/dist playground/examples playground/src/favicon.svg
var files embed.FS

const (
	// forEver is for content whose name changes with it (RFC 8246).
	forEver = "public, max-age=31536000, immutable"
	// askAgain lets a browser keep a copy, but use it only after a 304.
	askAgain = "no-cache"
)

// Options is what the playground's page has to know about the server.
type Options struct {
	// Endpoint is the path of the GraphQL endpoint on the page's own origin,
	// such as "/graphql". Subscriptions go to the same path.
	Endpoint string
	// Sandbox says that the built-in sandbox plays the platforms. The page shows
	// it, so that nobody takes a played answer for a real one.
	Sandbox bool
}

// Playground serves the playground at /playground and below, and the page itself
// at / as well; the caller routes here whichever of these it wants.
// It answers GET and HEAD, and anybody: the page holds no data, the API behind it
// asks for credentials.
func Playground(opts Options) http.Handler {
	page := document("text/html; charset=utf-8", embedded("playground/dist/index.html"))
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", page)
	mux.Handle("GET /playground", page)
	mux.Handle("GET /playground/{$}", page)
	mux.Handle("GET /playground/config.json", document("application/json", config(opts)))
	mux.Handle("GET /playground/favicon.svg", Favicon())
	mux.HandleFunc("GET /playground/assets/{name}", serveAsset)
	return secured(mux)
}

// Favicon serves Mooring's icon, an SVG, under whatever path it is mounted at.
func Favicon() http.Handler {
	return document("image/svg+xml", embedded("playground/src/favicon.svg"))
}

// config is the JSON that src/playground.jsx starts from.
func config(opts Options) []byte {
	content, err := json.Marshal(struct {
		Endpoint string    `json:"endpoint"`
		Sandbox  bool      `json:"sandbox"`
		Examples []Example `json:"examples"`
	}{opts.Endpoint, opts.Sandbox, Examples()})
	if err != nil {
		panic(fmt.Errorf("configuration of the playground: %w", err))
	}
	return content
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

// serveAsset sends a file of dist/assets, which all are stored as gzip under
// their name and ".gz".
func serveAsset(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	packed, err := files.ReadFile("playground/dist/assets/" + name + ".gz")
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

// secured adds the headers that confine the page to itself. connect-src 'self'
// covers the websocket of the same origin (CSP 3 §6.7.2.8).
func secured(next http.Handler) http.Handler {
	policy := strings.Join([]string{
		"default-src 'none'",
		"script-src 'self'",
		"style-src 'self' 'unsafe-inline'",
		"font-src 'self' data:",
		"img-src 'self' data:",
		"connect-src 'self'",
		"worker-src 'self'",
		"base-uri 'none'",
		"form-action 'none'",
		"frame-ancestors 'none'",
	}, "; ")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin")
		next.ServeHTTP(w, r)
	})
}
