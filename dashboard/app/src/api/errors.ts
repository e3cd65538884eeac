// What a failed request says to people.

import type { CombinedError } from "urql";
import { t } from "../text";

/** The code of a refused request, as docs/api.md lists them. */
export function codeOf(error: CombinedError): string {
  if (error.networkError && !error.response) return "NETWORK";
  const status = (error.response as Response | undefined)?.status;
  return String(error.graphQLErrors[0]?.extensions.code ?? (status === 429 ? "RATE_LIMITED" : status === 401 ? "UNAUTHENTICATED" : "INTERNAL_SERVER_ERROR"));
}

/** What happened, and what to do about it. */
export function explain(error: CombinedError): string {
  switch (codeOf(error)) {
    case "NETWORK":
      return t.error.network;
    case "UNAUTHENTICATED":
      return t.error.unauthenticated;
    case "RATE_LIMITED":
      return t.error.rateLimited;
    case "INTERNAL_SERVER_ERROR":
      return t.error.server;
    default:
      return error.graphQLErrors[0]?.message ?? error.message;
  }
}
