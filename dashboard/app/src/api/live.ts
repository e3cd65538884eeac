// What happens, as it happens. One subscription to the log of events says which
// accounts changed; a query then fetches these accounts as they are, into the
// cache that every view reads. Events are taken together for a moment, so that a
// hundred changes a second cost a few requests and renders.
//
// Nothing is missed: each event has a cursor, the subscription resumes after the
// newest, and the tab keeps it over a reload. An event is done with when the
// accounts that it concerns are fetched; until then it is tried again. Where the
// server cannot resume (RESYNC), all that is shown is fetched again.

import { useEffect, useRef } from "react";
import { stringifyDocument, useQuery, type AnyVariables, type UseQueryArgs } from "urql";
import { client } from "./client";
import type { AccountRowFragment, EventAddedSubscription, LiveEventFragment } from "./gen/graphql";
import { graphql } from "./graphql";
import { liveStatus, socket } from "./socket";
import { createStore, useStore } from "./store";
import { serverNow } from "./time";

export const AccountRow = graphql(`
  fragment AccountRow on Account {
    id
    displayName
    username
    kind
    avatarUrl
    labels
    connectedAt
    disconnectedAt
    platform { id displayName color iconPath }
    paused { since by reason }
    health {
      status isConnected isExpired expiresAt expiresBecause autoRefresh nextRefreshAt checkedAt checkedBy since reason
      warnings { code message }
    }
    diagnosis { issueType fixableBy suggestedAction }
  }
`);

export const LiveEvent = graphql(`
  fragment LiveEvent on Event {
    id type at effectiveAt actor accountId attemptId platform previousStatus status reason days issueType bulkId about
  }
`);

const EventAdded = graphql(`
  subscription EventAdded($after: String) {
    eventAdded(after: $after) { cursor replayed notice event { ...LiveEvent } }
  }
`);

const RecentEvents = graphql(`
  query RecentEvents($last: Int!) {
    events(last: $last) { nodes { ...LiveEvent } pageInfo { endCursor } }
    platforms { id displayName }
    viewer { user workspace }
  }
`);

const ChangedAccounts = graphql(`
  query ChangedAccounts($ids: [ID!]!) {
    nodes(ids: $ids) { id ... on Account { ...AccountRow } }
  }
`);

export type LiveEvent = LiveEventFragment;

/** What happened within a moment, with the accounts concerned as they are now. */
export interface Batch {
  events: LiveEvent[];
  accounts: Map<string, AccountRowFragment>;
}

/** Whose stream it is, once that is known: what the tab keeps for one is no other's. */
export const reader = createStore("");

/** The newest events, newest first. */
export const feed = createStore<LiveEvent[]>([]);

/** What accounts are called, by id, as far as events about them were shown. */
export const names = createStore<ReadonlyMap<string, string>>(new Map());

/** What platforms are called, by id. */
export const platformNames = createStore<ReadonlyMap<string, string>>(new Map());

const shown = 50; // events in the feed
const gather = 200; // milliseconds, as are the next two
const recount = 1000; // between two fetches of counts and lists
const again = 5000; // before another try of what failed
const pageSize = 100; // ids of one query
const most = 500; // changed accounts in a moment that are fetched one by one

/** Counts up whenever counts and lists may have become others. */
const stale = createStore(0);
/** Counts up for an account whenever something happened to it. */
const touched = new Map<string, ReturnType<typeof createStore<number>>>();

const listeners = new Set<(batch: Batch) => void>();

/** Has every batch told to the listener. Returns how to end that. */
export function onBatch(listener: (batch: Batch) => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/**
 * As urql's useQuery, and kept up to date: an account that is shown follows the
 * stream by itself, through the cache; counts and lists are fetched again when
 * something happened. With `account`, only when something happened to that one.
 * What could not be reached is asked again once the stream is back.
 */
export function useLiveQuery<Data, Variables extends AnyVariables>(
  args: UseQueryArgs<Variables, Data> & { account?: string },
) {
  const { account, ...rest } = args;
  const [result, refetch] = useQuery<Data, Variables>({ requestPolicy: "cache-and-network", ...rest } as UseQueryArgs<Variables, Data>);
  const revision = useStore(account ? touchesOf(account) : stale);
  const fetched = useRef(revision);
  const busy = result.fetching || result.stale; // its answer may be older than what happened
  useEffect(() => {
    if (fetched.current === revision || busy || args.pause) return;
    fetched.current = revision;
    refetch({ requestPolicy: "network-only" });
  }, [revision, busy, refetch, args.pause]);
  const live = useStore(liveStatus) === "live";
  const unreached = useRef(false);
  unreached.current = result.error?.networkError !== undefined;
  useEffect(() => {
    if (live && unreached.current) refetch({ requestPolicy: "network-only" });
  }, [live, refetch]);
  return [result, refetch] as const;
}

function touchesOf(account: string) {
  let store = touched.get(account);
  if (!store) touched.set(account, (store = createStore(0)));
  return store;
}

const cursorKey = () => `mooring-cursor ${reader.get()}`;
let cursor: string | null | undefined;
let queue: LiveEvent[] = [];
let flushing = 0;
let recounting = 0;

// Before the very first event there is no cursor to resume after.
liveStatus.subscribe(() => {
  if (liveStatus.get() === "live" && cursor === null) recent().then(refetchAll);
});

/** Starts the stream, once more where it has ended. */
export async function follow() {
  const data = await recent();
  if (!data) return void setTimeout(follow, again);
  const { events, platforms, viewer } = data;
  reader.set(`${viewer.user} ${viewer.workspace}`);
  platformNames.set(new Map(platforms.map(({ id, displayName }) => [id, displayName])));
  cursor ??= sessionStorage.getItem(cursorKey()) ?? events.pageInfo.endCursor;
  // What the first page asked for at the same time may be from before these events.
  const opened = serverNow() - performance.now();
  if (events.nodes.some(({ at }) => Date.parse(at) > opened - 1000)) recountSoon();
  subscribe();
}

/** Fetches the newest events for the feed, and the names in them. */
async function recent() {
  const { data } = await client.query(RecentEvents, { last: shown }, { requestPolicy: "network-only" }).toPromise();
  if (data) {
    addToFeed(data.events.nodes);
    learnNames(data.events.nodes);
  }
  return data;
}

function subscribe() {
  const later = () => liveStatus.get() !== "ended" && setTimeout(follow, again);
  socket.subscribe<EventAddedSubscription>(
    {
      query: stringifyDocument(EventAdded),
      // The payload is sent again after each loss of the socket: it says then
      // where to resume.
      variables: { get after() { return cursor; } },
    },
    {
      next: ({ data }) => data && take(data.eventAdded),
      complete: later,
      error(cause) {
        const refused = Array.isArray(cause) && cause[0]?.extensions?.code === "BAD_USER_INPUT";
        if (!refused) return later();
        // No cursor of this server, as after an upgrade: all begins anew.
        cursor = undefined;
        sessionStorage.removeItem(cursorKey());
        follow().then(refetchAll);
      },
    },
  );
}

function take({ cursor: next, notice, event }: EventAddedSubscription["eventAdded"]) {
  cursor = next;
  if (notice) {
    recent();
    refetchAll();
  }
  if (!event) return;
  queue.push(event);
  flushing ||= window.setTimeout(flush, gather);
}

async function flush() {
  const events = queue;
  const upTo = cursor;
  queue = [];
  addToFeed(events);
  recountSoon();
  const ids = accountsOf(events);
  // An incident befalls all accounts of a platform.
  const concerned = events.some(({ type }) => type.startsWith("INCIDENT_")) ? touched.keys() : ids;
  for (const id of concerned) touched.get(id)?.set(touched.get(id)!.get() + 1);
  const accounts = await fetchAccounts(ids);
  if (accounts) {
    for (const listener of listeners) listener({ events, accounts });
    if (upTo) sessionStorage.setItem(cursorKey(), upTo);
  } else {
    queue = [...events, ...queue];
  }
  // What came meanwhile is next: one batch at a time, however slow the network.
  flushing = queue.length > 0 ? window.setTimeout(flush, accounts ? gather : again) : 0;
}

/** Puts events, the newest last, in their places in the feed; those of a replay may be older than what it has. */
function addToFeed(events: readonly LiveEvent[]) {
  const known = new Set(feed.get().map(({ id }) => id));
  const fresh = events.filter(({ id }) => !known.has(id)).reverse();
  feed.set([...fresh, ...feed.get()].sort((a, b) => Date.parse(b.at) - Date.parse(a.at)).slice(0, shown));
}

const accountsOf = (events: LiveEvent[]) => [...new Set(events.flatMap((event) => event.accountId ?? []))];

/** Finds out what the accounts are called that events are about. */
export async function learnNames(events: LiveEvent[]) {
  const unknown = accountsOf(events).filter((id) => !names.get().has(id));
  if (unknown.length > 0) await fetchAccounts(unknown);
}

/** The accounts as they are now; undefined if they could not be fetched. Of very many, none. */
async function fetchAccounts(ids: string[]) {
  const accounts = new Map<string, AccountRowFragment>();
  if (ids.length > most) return accounts;
  for (let i = 0; i < ids.length; i += pageSize) {
    const asked = { ids: ids.slice(i, i + pageSize) };
    const { data } = await client.query(ChangedAccounts, asked, { requestPolicy: "network-only" }).toPromise();
    if (!data) return undefined;
    for (const node of data.nodes) {
      if (node && "displayName" in node) accounts.set(node.id, node);
    }
  }
  names.set(new Map([...names.get(), ...[...accounts].map(([id, { displayName }]) => [id, displayName] as const)]));
  return accounts;
}

function recountSoon() {
  recounting ||= window.setTimeout(() => {
    recounting = 0;
    stale.set(stale.get() + 1);
  }, recount);
}

/** Has everything that is shown fetched again. */
export function refetchAll() {
  stale.set(stale.get() + 1);
  for (const store of touched.values()) store.set(store.get() + 1);
}
