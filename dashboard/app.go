package dashboard

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
)

// AppOptions is what the dashboard has to know about the server.
type AppOptions struct {
	// Endpoint is the path of the GraphQL endpoint on the page's own origin,
	// such as "/graphql". Subscriptions go to the same path.
	Endpoint string `json:"endpoint"`
	// Sandbox says that the built-in sandbox plays platforms.
	Sandbox bool `json:"sandbox"`
	// SignIn says that people sign in, at /login. Otherwise whoever reaches the
	// server is its owner.
	SignIn bool `json:"signIn"`
	// Playground says that there is one.
	Playground bool `json:"playground"`
	// Name is what people know the installation by.
	Name string `json:"name"`
	// Logo is the address of its logo; "" for Mooring's.
	Logo string `json:"logo"`
	// Version is the server's, for people to read.
	Version string `json:"version"`
}

// AppAssets is the path below which the files are that all pages are made of.
const AppAssets = "/app/assets/"

// AppPaths are the patterns of [http.ServeMux] that [App] has to be mounted at:
// the addresses of its pages, as in app/src/routes.tsx, and its assets. All
// else is not the dashboard's, and unknown addresses stay unknown.
func AppPaths() []string {
	return []string{
		"GET /{$}",
		"GET /accounts",
		"GET /accounts/{id}",
		"GET /accounts/{id}/reconnect",
		"GET /connect",
		"GET /bulk",
		"GET /bulk/{id}",
		"GET /troubleshoot",
		"GET /activity",
		"GET /settings",
		"GET /settings/{page}",
		"GET " + AppAssets + "{name}",
	}
}

// App serves the dashboard: one page at each of its addresses, whose script
// shows what belongs there. It answers anybody: the page holds no data, the API
// behind it asks for credentials.
func App(opts AppOptions) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET "+AppAssets+"{name}", assets("app/dist/assets"))
	mux.Handle("GET /settings", http.RedirectHandler("/settings/members", http.StatusTemporaryRedirect))
	mux.Handle("GET /", document("text/html; charset=utf-8", index(opts)))
	// Pictures of accounts come from the platforms. Signing out is a form.
	return secured(mux, "style-src 'self'", "img-src 'self' data: https:", "form-action 'self'")
}

// index is the page, with the options in a meta element: an inline script would
// need an exception in the Content-Security-Policy, a file another request.
func index(opts AppOptions) []byte {
	told, err := json.Marshal(opts)
	if err != nil {
		panic(fmt.Errorf("configuration of the dashboard: %w", err))
	}
	return bytes.Replace(embedded("app/dist/index.html"), []byte(`content="{}"`), []byte(`content="`+html.EscapeString(string(told))+`"`), 1)
}
