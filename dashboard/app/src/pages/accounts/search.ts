// Which accounts the list shows: it is all in the address, so that it can be
// kept, sent to others and come back to.

import { useCallback } from "react";
import { useSearchParams } from "wouter";
import type { AccountFilter, AccountOrder, AccountsQueryVariables, HealthStatus } from "../../api/gen/graphql";

const attention: HealthStatus[] = ["EXPIRING_SOON", "EXPIRED", "UNHEALTHY"];

/** What the list can be narrowed to by `status`: a status of the API, or one of these. */
const groups: Record<string, AccountFilter> = { attention: { statuses: attention }, disconnected: { disconnected: true } };

export const defaultSort = "CONNECTED_AT desc";

const pageSize = 50;

export type Search = Partial<Record<"q" | "status" | "platform" | "label" | "paused" | "day" | "sort" | "after" | "before" | "job", string>>;

/** What the address says, and how to change it. A change of the filter begins at the first page. */
export function useSearch() {
  const [params, setParams] = useSearchParams();
  const search = Object.fromEntries(params) as Search;
  const change = useCallback(
    (part: Search, replace = false) =>
      setParams(
        (old) => {
          const keep = "job" in part ? Object.fromEntries(old) : { ...Object.fromEntries(old), after: "", before: "" };
          return Object.fromEntries(Object.entries({ ...keep, ...part }).filter(([, value]) => value)) as Record<string, string>;
        },
        { replace },
      ),
    [setParams],
  );
  return [search, change] as const;
}

/** The API's filter for a search. */
export function filterOf({ q, status, platform, label, paused, day }: Search): AccountFilter {
  const begins = Date.parse(`${day}T00:00:00Z`); // NaN for none
  return {
    search: q || undefined,
    ...(begins && { expiresFrom: new Date(begins).toISOString(), expiresTo: new Date(begins + 86_400_000).toISOString() }),
    statuses: begins && !status ? ["HEALTHY", "EXPIRING_SOON"] : undefined,
    ...(status && (groups[status] ?? { statuses: [status as HealthStatus] })),
    platforms: platform ? [platform] : undefined,
    labels: label ? [label] : undefined,
    paused: paused ? true : undefined,
  };
}

/** Whether a search leaves anything out. */
export const isFiltered = ({ q, status, platform, label, paused, day }: Search) => Boolean(q || status || platform || label || paused || day);

/** What takes all filters away. */
export const unfiltered: Search = { q: "", status: "", platform: "", label: "", paused: "", day: "" };

/** The variables of the list's query for a search. */
export function variablesOf(search: Search): AccountsQueryVariables {
  const [field, direction] = (search.sort ?? defaultSort).split(" ");
  return {
    filter: filterOf(search),
    orderBy: { field: field as AccountOrder["field"], direction: direction === "desc" ? "DESC" : "ASC" },
    ...(search.before ? { last: pageSize, before: search.before } : { first: pageSize, after: search.after }),
  };
}
