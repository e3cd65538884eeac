// The GraphQL client: operations by POST, subscriptions over the websocket, and
// one normalised cache, in which an account is one object wherever it is shown.

import { cacheExchange } from "@urql/exchange-graphcache";
import { Client, fetchExchange, mapExchange, subscriptionExchange } from "urql";
import { config } from "./config";
import { graphql } from "./graphql";
import { liveStatus, socket } from "./socket";
import { timedFetch } from "./time";

/** Part of the object that has it. */
const embedded = () => null;

export const client = new Client({
  url: config.endpoint,
  preferGetMethod: false,
  fetch: timedFetch,
  fetchOptions: { credentials: "same-origin" },
  exchanges: [
    mapExchange({
      onError: (error) => {
        if ((error.response as Response | undefined)?.status === 401) signIn();
      },
    }),
    cacheExchange({
      // Most types have a global id, which is their key. These have one that is
      // not global, or none.
      keys: {
        AccountInfo: embedded,
        LoginMethod: embedded,
        Member: (member) => String(member.user),
      },
    }),
    fetchExchange,
    subscriptionExchange({
      forwardSubscription: ({ query, variables }) => ({
        subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query: query ?? "", variables }, sink) }),
      }),
    }),
  ],
});

/** Leaves for the sign-in page, which leads back here. */
export function signIn() {
  if (config.signIn) location.assign(`/login?${new URLSearchParams({ returnTo: location.pathname + location.search })}`);
}

export const ViewerQuery = graphql(`
  query Viewer {
    viewer { user workspace role permissions method expiresAt }
  }
`);

/**
 * Asks again who is calling. They may do other things now; or it is somebody else,
 * who has signed in in another tab: then nothing that this page holds is theirs.
 */
async function askViewer() {
  const before = client.readQuery(ViewerQuery, {})?.data?.viewer;
  const { data } = await client.query(ViewerQuery, {}, { requestPolicy: "network-only" }).toPromise();
  if (before && data && (data.viewer.user !== before.user || data.viewer.workspace !== before.workspace)) location.reload();
}

let last = liveStatus.get();
liveStatus.subscribe(() => {
  const status = liveStatus.get();
  if (status === "ended") signIn();
  if (status === "live" && last !== "connecting") askViewer();
  last = status;
});
