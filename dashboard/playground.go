// Package dashboard holds Mooring's web pages: the dashboard itself, a single-page
// application, and the playground, which is GraphiQL with an example for each
// operation of the API. Both are served from the binary itself, so that they work
// on a machine without a network.
//
// # What is served
//
// [App] answers for the dashboard, at the addresses of [AppPaths]:
//
//	/, /accounts, …            the page, a few lines of HTML, the same at each address
//	/app/assets/…              scripts, style, licences
//
// [Playground] answers for everything below /playground:
//
//	/playground                the page, a few lines of HTML
//	/playground/config.json    what the page has to know: endpoint, sandbox or not, examples
//	/playground/assets/…       script, style, font, the three workers of the Monaco editor, licences
//	/playground/favicon.svg    the icon; main serves it as /favicon.ico, too
//
// The pages have no inline script and load no code from elsewhere, so their
// Content-Security-Policy can forbid both. Configuration therefore comes as
// data. The playground's inline style has to stay allowed, since Monaco positions
// text with it; the dashboard has none.
//
// The name of an asset carries a hash of its content, so browsers keep assets
// for ever; the pages name them and are asked for again each time, which an ETag
// makes cheap.
//
// # How it is built
//
// The sources are in app/src and playground/src, bundled by build.mjs (npm ci &&
// npm run build) into app/dist and playground/dist, which are committed: Go builds
// need no Node. The build is reproducible byte for byte, and CI compares. Assets
// are embedded as gzip and sent as they are; the rare client that does not accept
// gzip gets them unpacked. Brotli would save a tenth, but browsers accept it only
// over TLS, and the standard library cannot unpack it.
//
// # How the pages talk to the API
//
// Through the public endpoint, as any client does: POST for queries and
// mutations, graphql-transport-ws for subscriptions. The dashboard sends what the
// browser has, the cookie of a session; app/src/api is meant to be read by people
// who write such a client. In the playground (playground/src/fetcher.js) a
// credential is taken from the tab's Headers editor, or from the field in the
// page's head that serves all tabs. It goes out as the Authorization header and,
// for subscriptions, as "authorization" in the payload of connection_init.
//
// # The playground's examples
//
// playground/examples has one operation a file, NN-name.graphql, with its
// variables in NN-name.json if it takes any. They are the page's tabs in the
// order of their numbers. The page reads them through config.json, so changing
// one needs no rebuild of the bundle; [Examples] gives them to the test that
// runs each against the real schema.
package dashboard

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// Options is what the playground's page has to know about the server.
type Options struct {
	// Endpoint is the path of the GraphQL endpoint on the page's own origin,
	// such as "/graphql". Subscriptions go to the same path.
	Endpoint string
	// Sandbox says that the built-in sandbox plays the platforms. The page shows
	// it, so that nobody takes a played answer for a real one.
	Sandbox bool
	// Dashboard says that there is one, at /. The page links to it.
	Dashboard bool
}

// Playground serves the playground at /playground and below. It answers GET and
// HEAD, and anybody: the page holds no data, the API behind it asks for
// credentials.
func Playground(opts Options) http.Handler {
	page := document("text/html; charset=utf-8", embedded("playground/dist/index.html"))
	mux := http.NewServeMux()
	mux.Handle("GET /playground", page)
	mux.Handle("GET /playground/{$}", page)
	mux.Handle("GET /playground/config.json", document("application/json", config(opts)))
	mux.Handle("GET /playground/favicon.svg", Favicon())
	mux.Handle("GET /playground/assets/{name}", assets("playground/dist/assets"))
	// Monaco needs the inline style and the workers.
	return secured(mux, "style-src 'self' 'unsafe-inline'", "font-src 'self' data:", "img-src 'self' data:", "worker-src 'self'", "form-action 'none'")
}

// config is the JSON that src/playground.jsx starts from.
func config(opts Options) []byte {
	content, err := json.Marshal(struct {
		Endpoint  string    `json:"endpoint"`
		Sandbox   bool      `json:"sandbox"`
		Dashboard bool      `json:"dashboard"`
		Examples  []Example `json:"examples"`
	}{opts.Endpoint, opts.Sandbox, opts.Dashboard, Examples()})
	if err != nil {
		panic(fmt.Errorf("configuration of the playground: %w", err))
	}
	return content
}
