// The one websocket of the page, for all subscriptions. It comes back after
// every loss: at once when the network returns or the page is looked at again,
// otherwise after growing waits. One that only looks open, as after sleep, is
// found out by its silence.

import { createClient } from "graphql-ws";
import { config } from "./config";
import { createStore } from "./store";

/** Whether changes arrive: what the sign in the page's head shows. */
export type LiveStatus = "connecting" | "live" | "reconnecting" | "offline" | "ended";

export const liveStatus = createStore<LiveStatus>("connecting");

const longestWait = 10_000; // milliseconds, as are all
const openWithin = 10_000;
const answerWithin = 5_000;

let opened: WebSocket | undefined;
let wake = () => {};
let silence = 0;

/** Gives the socket up unless it is heard of in time. */
function expect(within: number) {
  clearTimeout(silence);
  silence = window.setTimeout(() => socket.terminate(), within);
}

export const socket = createClient({
  url: new URL(config.endpoint, location.href).href.replace(/^http/, "ws"),
  keepAlive: 10_000,
  retryAttempts: Infinity,
  shouldRetry: () => true,
  async retryWait(retries) {
    const wait = Math.min(longestWait, 500 * 2 ** retries) * (0.5 + Math.random() / 2);
    await new Promise<void>((resolve) => {
      wake = resolve;
      setTimeout(resolve, wait);
    });
  },
  on: {
    connecting(again) {
      liveStatus.set(again ? notLive() : "connecting");
      expect(openWithin);
    },
    opened: (socket) => (opened = socket as WebSocket),
    connected: () => liveStatus.set("live"),
    ping: (received) => received || expect(answerWithin),
    message: () => clearTimeout(silence),
    closed(event) {
      clearTimeout(silence);
      // 4401: this credential will never do.
      liveStatus.set((event as CloseEvent).code === 4401 ? "ended" : notLive());
    },
  },
});

const notLive = () => (navigator.onLine ? "reconnecting" : "offline");

/** Tries at once to come back or, where the socket looks open, asks whether it is. */
function lookAfter() {
  wake();
  if (opened?.readyState !== WebSocket.OPEN) return;
  opened.send('{"type":"ping"}');
  expect(answerWithin);
}

addEventListener("offline", () => {
  liveStatus.set("offline");
  socket.terminate();
});
addEventListener("online", lookAfter);
addEventListener("pageshow", lookAfter);
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && lookAfter());
