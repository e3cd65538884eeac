// Package transport carries GraphQL between a network and gqlgen's executor: over plain HTTP, as server-sent
// events, and over websockets. It knows requests and responses as bytes, ids and status codes; what a field means,
// who may read it and how an error is worded are decided by the executor behind it.
//
// # Why not gqlgen's own
//
// gqlgen ships transports for the same three protocols. Measured, its websocket keeps a client that stopped reading
// for ever, closes with 1000 where graphql-transport-ws wants a code that makes a client stop reconnecting, sets no
// limits, and holds an idle subscription in 43 KiB and three goroutines; its POST fails five recommendations of
// GraphQL over HTTP and encodes every response twice. The transports here plug into the same
// [github.com/99designs/gqlgen/graphql/handler.Server], so its query cache, persisted queries and extensions work
// unchanged. The server asks its transports in the order in which they were added, and [HTTP] takes whatever it is
// given, so it comes last:
//
//	server := handler.New(schema)
//	server.AddTransport(&transport.Websocket{Init: authenticate})
//	server.AddTransport(transport.SSE{Stop: stopping.Done()})
//	server.AddTransport(transport.HTTP{})
//
// # One request, one response
//
// [HTTP] follows the GraphQL over HTTP draft. The Accept header decides between application/json, where every
// well-formed request is answered 200, and application/graphql-response+json, where a request that was refused
// before execution is answered 400 and has no data entry. A request that is no GraphQL request at all (not JSON, no
// query, wrong types) is 400 under both. Error texts never quote the request.
//
// # Server-sent events
//
// [SSE] is the "distinct connections" mode of GraphQL over SSE: each operation is a request of its own, answered by
// a stream of next events and one complete event. It is for clients that cannot open a websocket. A stream that ends
// without complete was interrupted, and the client is expected to come back.
//
// # Websockets
//
// [Websocket] speaks graphql-transport-ws and nothing else. Its handler returns as soon as the connection is
// hijacked, which lets go of net/http's goroutine and buffers; from then on a socket is
//
//   - one goroutine that reads, and answers what needs no execution;
//   - one goroutine for each operation in flight, which pulls a response from the executor, writes it, and only then
//     pulls the next: a slow client slows its own operations, and nothing is queued in between;
//   - one timer for the heartbeat, and one for the end of the caller's credential.
//
// Writers share a lock and a deadline. A client that stops reading makes a write fail within [Websocket.WriteTimeout],
// or a ping go unanswered for [Websocket.PongTimeout]; either ends the socket and everything that runs on it. When
// the server ends a socket it sends a close frame with the code of the protocol, cancels the operations, and waits a
// second for the client's own close frame, so that the code is not lost in a connection reset.
//
// What this package does not promise: events are neither stored nor merged here. A client resumes by whatever cursor
// the schema gives it, and a source that produces faster than a client reads is thinned out by the resolver.
//
// # Limits on queries
//
// [DepthLimit], [AliasLimit] and [FieldLimit] are gqlgen extensions that look at an operation before it runs.
package transport
