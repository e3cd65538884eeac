// How the playground talks to the API: operations by POST, subscriptions over
// graphql-transport-ws, both with the same credential.

import { getOperationAST } from "graphql";
import { createClient } from "graphql-ws";

/**
 * Makes GraphiQL's fetcher for one endpoint.
 *
 * @param {string} endpoint path of the API on this origin
 * @param {() => string} token the bearer token for operations whose headers name none; "" for none
 */
export function createFetcher(endpoint, token) {
  return (params, { headers, documentAST } = {}) => {
    const all = new Headers(headers);
    if (token() && !all.has("authorization")) all.set("authorization", `Bearer ${token()}`);
    const operation = documentAST && getOperationAST(documentAST, params.operationName);
    return operation?.operation === "subscription"
      ? subscription(endpoint, params, all)
      : post(endpoint, params, all);
  };
}

async function post(endpoint, params, headers) {
  headers.set("content-type", "application/json");
  headers.set("accept", "application/graphql-response+json, application/json;q=0.9");
  const response = await fetch(endpoint, { method: "POST", headers, body: JSON.stringify(params) });
  const body = await response.text();
  try {
    return JSON.parse(body);
  } catch {
    // A proxy in between, or a limit of the server, answers in its own words.
    return { errors: [{ message: `${response.status} ${response.statusText}: ${body}` }] };
  }
}

// Every subscription has a socket of its own: GraphiQL runs one at a time, and
// the next one may come with another credential.
function subscription(endpoint, params, headers) {
  const authorization = headers.get("authorization");
  const client = createClient({
    url: new URL(endpoint, location.href).href.replace(/^http/, "ws"),
    connectionParams: authorization ? { authorization } : {},
    // Lost connections are retried five times, with growing waits. The library
    // itself gives up on most 44xx codes; 4403, a credential that has ended, it
    // would retry, and a normal closure even without waiting.
    shouldRetry: (event) => event.code !== 4403,
    on: { closed: (event) => event.code === 1000 && client.dispose() },
  });
  return {
    subscribe: (sink) => ({
      unsubscribe: client.subscribe(params, { ...sink, error: (cause) => sink.error(explain(cause)) }),
    }),
  };
}

// A subscription fails with a list of GraphQL errors, which says enough, or with
// an event of the socket, which would show as an empty object.
function explain(cause) {
  if (!(cause instanceof Event)) return cause;
  return { message: cause.code ? `The socket was closed: ${cause.code} ${cause.reason}` : "The socket could not connect." };
}
