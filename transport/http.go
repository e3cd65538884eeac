package transport

import (
	"context"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// HTTP answers one GraphQL request with one response (GraphQL over HTTP, draft): any operation but a subscription by
// POST, queries by GET. It supports every request, so that wrong methods (405) and content types (415) get an answer
// that says what is wrong; add it to the server after the other transports.
//
// It knows no responses in parts: of an operation with @defer it would send the first alone. That directive should be
// taken out of the schema, where gqlparser puts it unasked, so that validation refuses it.
type HTTP struct {
	// MaxBody is the largest request body in bytes; a larger one is answered 413. Zero means 256 KiB.
	MaxBody int64
}

var _ graphql.Transport = HTTP{}

// Supports reports true for every request.
func (HTTP) Supports(*http.Request) bool { return true }

// Do answers r.
func (t HTTP) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	const methods = "GET, HEAD, POST, OPTIONS"
	w.Header().Add("Vary", "Accept")
	w.Header().Set("Cache-Control", "no-store") // an answer is the caller's alone, and may hold a token
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost:
	case http.MethodOptions:
		w.Header().Set("Allow", methods)
		w.WriteHeader(http.StatusNoContent)
		return
	default:
		w.Header().Set("Allow", methods)
		refuse(w, http.StatusMethodNotAllowed, "GraphQL is served by POST, and queries by GET")
		return
	}
	media := negotiate(r.Header)
	if media != mediaJSON && media != mediaResponse {
		refuse(w, http.StatusNotAcceptable, "this answer comes as "+mediaResponse+" or "+mediaJSON)
		return
	}
	w.Header().Set("Content-Type", media+"; charset=utf-8")
	params, status, err := readRequest(w, r, t.MaxBody)
	if err != nil {
		refuse(w, status, err.Error())
		return
	}
	defer func() {
		if panicked := recover(); panicked != nil {
			w.WriteHeader(http.StatusInternalServerError)
			// A client that has gone away misses nothing.
			_ = writeResponse(w, recovered(r.Context(), exec, panicked))
		}
	}()
	response := t.run(w, r, exec, params)
	if response == nil {
		return
	}
	if response.Data == nil && media == mediaResponse {
		// A request error (§6.4.2); as application/json it is 200 (§6.4.1).
		w.WriteHeader(http.StatusBadRequest)
	}
	// A client that has gone away misses nothing.
	_ = writeResponse(w, response)
}

// run returns the response to params, or nil if it has refused the request itself.
func (HTTP) run(
	w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor, params *graphql.RawParams,
) *graphql.Response {
	opCtx, failed := prepare(r.Context(), exec, params)
	switch {
	case failed != nil:
		return failed
	case opCtx.Operation.Operation == ast.Mutation && r.Method != http.MethodPost:
		refuseMutation(w)
		return nil
	case opCtx.Operation.Operation == ast.Subscription:
		return &graphql.Response{Errors: gqlerror.List{
			refusal("BAD_USER_INPUT", "subscriptions are served as "+mediaEvents+" or over a websocket"),
		}}
	}
	responses, ctx := exec.DispatchOperation(r.Context(), opCtx)
	response := responses(ctx)
	if response == nil {
		refuse(w, http.StatusServiceUnavailable, "the request was cancelled")
	}
	return response
}

// prepare parses and validates a request. Either the operation may run, or the response says why not.
func prepare(
	ctx context.Context, exec graphql.GraphExecutor, params *graphql.RawParams,
) (*graphql.OperationContext, *graphql.Response) {
	opCtx, errs := exec.CreateOperationContext(ctx, params)
	if errs != nil {
		return nil, exec.DispatchError(graphql.WithOperationContext(ctx, opCtx), errs)
	}
	return opCtx, nil
}

// refuseMutation answers a mutation that came by GET. Such a request can be made across sites without asking, and
// may be repeated by anyone in between.
func refuseMutation(w http.ResponseWriter) {
	w.Header().Set("Allow", http.MethodPost)
	refuse(w, http.StatusMethodNotAllowed, "a mutation must be sent by POST")
}
