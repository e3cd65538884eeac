package transport

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"reflect"
	"strings"

	"github.com/99designs/gqlgen/graphql"
)

// defaultMaxRequest bounds, in bytes, a request body or a websocket message for which nothing else was asked.
const defaultMaxRequest = 256 << 10

// readRequest takes the GraphQL request out of r: out of the body of a POST, out of the query string of anything
// else. When it returns an error, the integer is the HTTP status to answer with, and the error's text is fit for the
// client.
func readRequest(w http.ResponseWriter, r *http.Request, maxBody int64) (*graphql.RawParams, int, error) {
	start := graphql.Now()
	read := func() (*graphql.RawParams, int, error) { return readURL(r.URL) }
	if r.Method == http.MethodPost {
		read = func() (*graphql.RawParams, int, error) { return readBody(w, r, cmp.Or(maxBody, defaultMaxRequest)) }
	}
	params, status, err := read()
	if err != nil {
		return nil, status, err
	}
	params.Headers = r.Header
	params.ReadTime = graphql.TraceTiming{Start: start, End: graphql.Now()}
	return params, http.StatusOK, nil
}

func readBody(w http.ResponseWriter, r *http.Request, limit int64) (*graphql.RawParams, int, error) {
	media, options, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != mediaJSON || !strings.EqualFold(cmp.Or(options["charset"], "utf-8"), "utf-8") {
		return nil, http.StatusUnsupportedMediaType, errors.New("the request must be application/json in UTF-8")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return nil, http.StatusRequestEntityTooLarge, fmt.Errorf("the request is larger than %d bytes", limit)
	}
	if err != nil {
		return nil, http.StatusBadRequest, errors.New("the request ended early")
	}
	params, err := decodeRequest(body)
	return params, http.StatusBadRequest, err
}

func readURL(u *url.URL) (*graphql.RawParams, int, error) {
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, http.StatusBadRequest, errors.New("the query string is malformed")
	}
	params := &graphql.RawParams{Query: query.Get("query"), OperationName: query.Get("operationName")}
	for name, into := range map[string]*map[string]any{
		"variables":  &params.Variables,
		"extensions": &params.Extensions,
	} {
		if text := query.Get(name); text != "" {
			if err := decodeJSON([]byte(text), into); err != nil {
				return nil, http.StatusBadRequest, fmt.Errorf("%q: %w", name, err)
			}
		}
	}
	if err := boundVariables(params.Variables); err != nil {
		return nil, http.StatusBadRequest, err
	}
	if !query.Has("query") && params.Extensions["persistedQuery"] == nil {
		return nil, http.StatusBadRequest, errNoQuery
	}
	return params, http.StatusOK, nil
}

var errNoQuery = errors.New(`the request has no "query"`)

// decodeRequest reads the JSON form of a GraphQL request (GraphQL over HTTP §5.1), which a POST and a websocket's
// subscribe message share. A persisted query may leave out the text. Its errors quote nothing of data.
func decodeRequest(data []byte) (*graphql.RawParams, error) {
	var request struct {
		Query         *string        `json:"query"`
		OperationName string         `json:"operationName"`
		Variables     map[string]any `json:"variables"`
		Extensions    map[string]any `json:"extensions"`
	}
	if err := decodeJSON(data, &request); err != nil {
		return nil, err
	}
	if err := boundVariables(request.Variables); err != nil {
		return nil, err
	}
	params := &graphql.RawParams{
		OperationName: request.OperationName,
		Variables:     request.Variables,
		Extensions:    request.Extensions,
	}
	switch {
	case request.Query != nil:
		params.Query = *request.Query
	case request.Extensions["persistedQuery"] == nil:
		return nil, errNoQuery
	}
	return params, nil
}

// The bounds of a request's variables. gqlgen coerces them value by value, and an error's path is as long as they are
// deep. No input type of any schema that people write by hand is nested so deeply.
const (
	maxVariableDepth  = 16
	maxVariableValues = 5_000
)

func boundVariables(variables map[string]any) error {
	depth, values := extent(variables)
	switch {
	case depth > maxVariableDepth:
		return fmt.Errorf("the variables are nested more than %d deep", maxVariableDepth)
	case values > maxVariableValues:
		return fmt.Errorf("the variables hold %d values, and the limit is %d", values, maxVariableValues)
	}
	return nil
}

// extent measures a JSON value. encoding/json has bounded the depth before.
func extent(value any) (depth, values int) {
	inner := func(v any) {
		d, n := extent(v)
		depth, values = max(depth, d+1), values+n
	}
	switch value := value.(type) {
	case map[string]any:
		for _, v := range value {
			inner(v)
		}
	case []any:
		for _, v := range value {
			inner(v)
		}
	}
	return depth, values + 1
}

// decodeJSON reads exactly one JSON value and leaves numbers as they were written. Its errors quote nothing of data.
func decodeJSON(data []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	err := decoder.Decode(into)
	if wrong := (*json.UnmarshalTypeError)(nil); errors.As(err, &wrong) {
		switch {
		case wrong.Field == "":
			return errors.New("not a JSON object")
		case wrong.Type.Kind() == reflect.String:
			return fmt.Errorf("%q is not a string", wrong.Field)
		default:
			return fmt.Errorf("%q is not an object", wrong.Field)
		}
	}
	if err != nil {
		return errors.New("not valid JSON")
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("not a single JSON value")
	}
	return nil
}
