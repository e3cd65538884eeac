// Package rest answers the HTTP endpoints below /api/connection/, for clients
// that were written against them and know nothing of GraphQL.
//
// It has no logic of its own. Each endpoint runs one of the documents in the
// folder documents against the GraphQL API, as the same caller and within the
// same limits, and gives the answer another shape: names in snake_case, enum
// values in lower case, an account's or platform's canonical id. What the
// endpoints may do, and to whom, is decided where GraphQL decides it.
//
// A failure is {"error": {"code", "message"}} with the status that suits the
// code: GraphQL's (UNAUTHENTICATED, FORBIDDEN, NOT_FOUND …) or that of a user
// error (PLATFORM_UNAVAILABLE …). openapi.json describes it all.
package rest

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"mooring/diagnosis"
)

// Prefix is where the endpoints are.
const Prefix = "/api/connection/"

// maxBody is the largest request body in bytes.
const maxBody = 64 << 10

//go:embed documents/*.graphql
var documents embed.FS

//go:embed openapi.json
var openAPI []byte

// api runs stored documents.
type api struct{ graphql http.Handler }

// endpoint answers a request with what is to be encoded as JSON, or with a
// *Error.
type endpoint func(r *http.Request) (any, error)

// Handler answers all endpoints. graphql is the GraphQL API over HTTP; it finds
// the caller in the request's context. What goes wrong here is logged.
func Handler(graphql http.Handler, log *slog.Logger) http.Handler {
	a := api{graphql}
	mux := http.NewServeMux()
	for pattern, e := range map[string]endpoint{
		"GET health/{account}":                  a.health,
		"GET reconnect-instructions/{platform}": a.reconnectInstructions,
		"POST validate/{account}":               a.validate,
		"GET check-permissions/{account}":       a.checkPermissions,
		"GET quick-connect/options":             a.options,
		"POST quick-connect/{platform}":         a.quickConnect,
		"POST troubleshoot":                     a.troubleshoot,
		"GET test-prerequisites/{platform}":     a.testPrerequisites,
		"POST bulk-connect/prepare":             a.bulkConnect,
		"POST auto-refresh/{account}":           a.autoRefresh,
	} {
		method, path, _ := strings.Cut(pattern, " ")
		mux.Handle(Prefix+path, answering(method, e, log))
	}
	mux.HandleFunc(Prefix, func(w http.ResponseWriter, r *http.Request) {
		Refuse(w, http.StatusNotFound, "There is nothing at "+r.URL.Path+"; "+Prefix+"openapi.json lists what there is.", "NOT_FOUND")
	})
	return mux
}

// OpenAPI serves the endpoints' description, OpenAPI 3.1.
func OpenAPI(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = w.Write(openAPI) // the client may be gone
}

// answering serves an endpoint for one method.
func answering(method string, e endpoint, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != method && (r.Method != http.MethodHead || method != http.MethodGet) {
			w.Header().Set("Allow", method)
			Refuse(w, http.StatusMethodNotAllowed, "This endpoint is asked by "+method+".", "BAD_USER_INPUT")
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		answer, err := e(r)
		var failure *Error
		switch {
		case errors.As(err, &failure):
			maps.Copy(w.Header(), failure.header)
			Refuse(w, failure.Status, failure.Message, failure.Code)
		case err != nil:
			log.LogAttrs(r.Context(), slog.LevelError, "answer an endpoint", slog.String("route", r.Pattern), slog.Any("error", err))
			Refuse(w, http.StatusInternalServerError, "Something went wrong here; the server's log says more.", "INTERNAL_SERVER_ERROR")
		default:
			write(w, http.StatusOK, answer)
		}
	})
}

// Refuse answers a request with a failure.
func Refuse(w http.ResponseWriter, status int, message, code string) {
	write(w, status, map[string]failure{"error": {code, message}})
}

type failure struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

func write(w http.ResponseWriter, status int, answer any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store") // it is the caller's alone, and may hold a token
	w.WriteHeader(status)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(answer) // the client may be gone
}

// Error is why a request fails.
type Error struct {
	Status  int
	Code    string
	Message string

	header http.Header // what else the answer has, such as Retry-After
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// statuses are those of failures by code. Any other is the state of things: 409.
var statuses = map[string]int{
	"BAD_USER_INPUT":        http.StatusBadRequest,
	"INVALID":               http.StatusBadRequest,
	"UNAUTHENTICATED":       http.StatusUnauthorized,
	"FORBIDDEN":             http.StatusForbidden,
	"NOT_FOUND":             http.StatusNotFound,
	"RATE_LIMITED":          http.StatusTooManyRequests,
	"INTERNAL_SERVER_ERROR": http.StatusInternalServerError,
	"PLATFORM_REFUSED":      http.StatusBadGateway,
	"PLATFORM_UNAVAILABLE":  http.StatusServiceUnavailable,
}

func failed(code, message string) *Error {
	status, known := statuses[code]
	if !known {
		status = http.StatusConflict
	}
	return &Error{Status: status, Code: code, Message: message}
}

// userErrors are the expected failures in a mutation's payload.
type userErrors []struct{ Code, Message string }

// first is the first of them but those with a code of except; nil if there is
// none.
func (u userErrors) first(except ...string) error {
	for _, e := range u {
		if !slices.Contains(except, e.Code) {
			return failed(e.Code, e.Message)
		}
	}
	return nil
}

// run runs a stored document as the request's caller and decodes its data.
func (a api) run(ctx context.Context, document string, variables map[string]any, data any) error {
	text, err := documents.ReadFile("documents/" + document + ".graphql")
	if err != nil {
		return err
	}
	body, err := json.Marshal(map[string]any{"query": string(text), "variables": variables})
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "/graphql", bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json")
	w := &memory{header: http.Header{}, status: http.StatusOK}
	a.graphql.ServeHTTP(w, r)

	var answer struct {
		Data   json.RawMessage `json:"data"`
		Errors []struct {
			Message    string `json:"message"`
			Extensions struct {
				Code string `json:"code"`
			} `json:"extensions"`
		} `json:"errors"`
	}
	if err := json.Unmarshal(w.body.Bytes(), &answer); err != nil {
		return &Error{Status: http.StatusBadGateway, Code: "INTERNAL_SERVER_ERROR", Message: fmt.Sprintf("The API answered %d without JSON.", w.status)}
	}
	if len(answer.Errors) > 0 {
		e := failed(answer.Errors[0].Extensions.Code, answer.Errors[0].Message)
		if after := w.header.Get("Retry-After"); after != "" {
			e.header = http.Header{"Retry-After": {after}}
		}
		return e
	}
	return json.Unmarshal(answer.Data, data)
}

// memory is an answer that stays here.
type memory struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (m *memory) Header() http.Header         { return m.header }
func (m *memory) WriteHeader(status int)      { m.status = status }
func (m *memory) Write(p []byte) (int, error) { return m.body.Write(p) }

// read decodes the request's body, a JSON object; nothing at all is an empty one.
func read(r *http.Request, into any) error {
	body, err := io.ReadAll(r.Body)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return &Error{Status: http.StatusRequestEntityTooLarge, Code: "BAD_USER_INPUT", Message: fmt.Sprintf("The body is larger than %d bytes.", tooLarge.Limit)}
	case err != nil:
		return failed("BAD_USER_INPUT", "The body could not be read: "+err.Error())
	case len(bytes.TrimSpace(body)) == 0:
		return nil
	}
	if err := json.Unmarshal(body, into); err != nil {
		var wrong *json.UnmarshalTypeError
		switch {
		case !errors.As(err, &wrong):
			return failed("BAD_USER_INPUT", "The body is not JSON: "+err.Error()+".")
		case wrong.Field == "":
			return failed("BAD_USER_INPUT", "The body has to be a JSON object.")
		case wrong.Type.Kind() == reflect.Slice:
			return failed("BAD_USER_INPUT", wrong.Field+" has to be a list of strings.")
		}
		return failed("BAD_USER_INPUT", wrong.Field+" has to be a string.")
	}
	return nil
}

// platform is the catalogue's id of the platform in the path.
func platform(r *http.Request) string { return diagnosis.PlatformID(r.PathValue("platform")) }
