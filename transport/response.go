package transport

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Media types of GraphQL over HTTP §4.1 and of server-sent events.
const (
	mediaJSON     = "application/json"
	mediaResponse = "application/graphql-response+json"
	mediaEvents   = "text/event-stream"
)

// negotiate returns the one of our media types that the Accept header likes best: the highest quality value, and
// among equals the one named first. Wildcards, and a request without the header, mean application/json, which is the
// only type that every client understands. The empty string means that the client accepts none.
func negotiate(header http.Header) string {
	values := header.Values("Accept")
	if len(values) == 0 {
		return mediaJSON
	}
	best, bestQuality := "", 0.0
	for part := range strings.SplitSeq(strings.Join(values, ","), ",") {
		name, options, _ := strings.Cut(part, ";")
		media := strings.ToLower(strings.TrimSpace(name))
		switch media {
		case mediaJSON, mediaResponse, mediaEvents:
		case "*/*", "application/*":
			media = mediaJSON
		default:
			continue
		}
		if q := quality(options); q > bestQuality {
			best, bestQuality = media, q
		}
	}
	return best
}

// quality is the weight among a media range's parameters (RFC 9110 §12.4.2); 1 when there is none.
func quality(options string) float64 {
	for option := range strings.SplitSeq(options, ";") {
		name, value, _ := strings.Cut(option, "=")
		if strings.EqualFold(strings.TrimSpace(name), "q") {
			q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			if err != nil {
				return 0
			}
			return q
		}
	}
	return 1
}

// writeResponse writes r as JSON (GraphQL specification §7): errors first, so that they are seen, then the data just
// as the executor encoded them. A request error, which has no data, gets no data entry.
//
// It panics, before anything is written, if an extension holds what JSON cannot express: that is a bug of whoever
// put it there, and the transports turn a panic into an error of that operation.
func writeResponse(w io.Writer, r *graphql.Response) error {
	head, tail := []byte(`{`), []byte(`}`)
	if len(r.Errors) > 0 {
		head = append(append(head, `"errors":`...), mustMarshal(r.Errors)...)
		if r.Data != nil {
			head = append(head, ',')
		}
	}
	if r.Data != nil {
		head = append(head, `"data":`...)
	}
	if len(r.Extensions) > 0 {
		tail = append(append([]byte(`,"extensions":`), mustMarshal(r.Extensions)...), '}')
	}
	for _, part := range [][]byte{head, r.Data, tail} {
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
	return nil
}

func mustMarshal(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Errorf("encode a GraphQL response: %w", err))
	}
	return data
}

// refusal is the error of a request that the transport itself turned down. The code is one of the schema's
// extensions.code values.
func refusal(code, message string) *gqlerror.Error {
	return &gqlerror.Error{Message: message, Extensions: map[string]any{"code": code}}
}

// refuse answers an HTTP request that never became an operation.
func refuse(w http.ResponseWriter, status int, message string) {
	code := "BAD_USER_INPUT"
	switch {
	case status == http.StatusForbidden:
		code = "FORBIDDEN"
	case status >= http.StatusInternalServerError:
		code = "INTERNAL_SERVER_ERROR"
	}
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", mediaJSON+"; charset=utf-8")
	}
	w.WriteHeader(status)
	// A client that has gone away misses nothing.
	_ = writeResponse(w, &graphql.Response{Errors: gqlerror.List{refusal(code, message)}})
}

// recovered turns a panic that reached the transport into a response. gqlgen catches the panics of resolvers itself;
// what arrives here comes from extensions, directives or encoding. The executor's own recover function, which logs,
// and its error presenter have their say.
func recovered(ctx context.Context, exec graphql.GraphExecutor, panicked any) *graphql.Response {
	answer := refusal("INTERNAL_SERVER_ERROR", "internal system error")
	if presenter, ok := exec.(interface {
		PresentRecoveredError(ctx context.Context, panicked any) error
	}); ok {
		if presented := (*gqlerror.Error)(nil); errors.As(presenter.PresentRecoveredError(ctx, panicked), &presented) {
			answer = presented
		}
	}
	return &graphql.Response{Errors: gqlerror.List{answer}}
}
