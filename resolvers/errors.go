package resolvers

import (
	"context"
	"errors"
	"log/slog"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"mooring/accounts"
	"mooring/auth"
	"mooring/graph"
)

// The codes of GraphQL errors, in extensions.code.
const (
	codeBadInput = "BAD_USER_INPUT"
	codeNotFound = "NOT_FOUND"
	codeInternal = "INTERNAL_SERVER_ERROR"
)

// userErrors turns an expected failure of a mutation into data. Any other
// error is returned as it is.
func userErrors(err error) ([]*graph.UserError, error) {
	var expected *accounts.Error
	if !errors.As(err, &expected) {
		return []*graph.UserError{}, err
	}
	return []*graph.UserError{{
		Code: expected.Code, Message: expected.Message, Field: expected.Field, Diagnosis: expected.Diagnosis,
		ReconnectURL: expected.ReconnectURL,
	}}, nil
}

// PresentError makes what the caller sees of an error. Whatever is neither
// expected nor about access is logged, and the caller gets the request's id.
func (r *Resolver) PresentError(ctx context.Context, err error) *gqlerror.Error {
	presented := graphql.DefaultErrorPresenter(ctx, err)
	var expected *accounts.Error
	var refused *auth.Error
	switch {
	case errors.As(err, &expected):
		presented.Message = expected.Message
		setCode(presented, codeBadInput)
		if expected.Code == accounts.CodeNotFound {
			setCode(presented, codeNotFound)
		}
	case errors.As(err, &refused):
		presented.Message = refused.Message
		setCode(presented, string(refused.Code))
	case isRequestError(err):
		if presented.Extensions["code"] == nil {
			setCode(presented, codeBadInput)
		}
	default:
		id := accounts.RequestID(ctx)
		r.Log.LogAttrs(ctx, slog.LevelError, "resolve", slog.String("path", presented.Path.String()), slog.Any("error", err))
		presented.Message = "Something went wrong here; the server's log has more under request id " + id + "."
		setCode(presented, codeInternal)
		presented.Err = nil
	}
	return presented
}

// fault is an error that a resolver returned.
type fault struct{ error }

func (f *fault) Unwrap() error { return f.error }

// MarkFaults is field middleware that tells [PresentError] a resolver's errors
// from gqlgen's own, since gqlgen gives both the same type.
func MarkFaults(ctx context.Context, next graphql.Resolver) (any, error) {
	v, err := next(ctx)
	if err != nil {
		err = &fault{err}
	}
	return v, err
}

// isRequestError reports whether gqlgen itself found fault with the request.
func isRequestError(err error) bool {
	var e *gqlerror.Error
	var returned *fault
	var panicked *panicError
	return errors.As(err, &e) && !errors.As(err, &returned) && !errors.As(err, &panicked)
}

func setCode(e *gqlerror.Error, code string) {
	if e.Extensions == nil {
		e.Extensions = map[string]any{}
	}
	e.Extensions["code"] = code
}

// RecoverPanic turns a resolver's panic into an error that PresentError hides.
func (r *Resolver) RecoverPanic(_ context.Context, cause any) error {
	return &panicError{cause}
}

type panicError struct{ cause any }

func (e *panicError) Error() string { return "panic in a resolver" }

// LogValue gives the log what the caller does not see.
func (e *panicError) LogValue() slog.Value { return slog.AnyValue(e.cause) }
