// The one websocket of the page, for all subscriptions. It comes back after
// every loss: at once when the network returns or the page is looked at again,
// otherwise after growing waits.

import { createClient } from "graphql-ws";
import { config } from "./config";
import { createStore } from "./store";

/** Whether changes arrive: what the sign in the page's head shows. */
export type LiveStatus = "connecting" | "live" | "reconnecting" | "offline" | "ended";

export const liveStatus = createStore<LiveStatus>("connecting");

let credentialEnded = (_code: number) => {};

/** Sets what happens when the server ends the socket because of the credential: with 4401 or 4403. */
export function whenCredentialEnds(then: (code: number) => void) {
  credentialEnded = then;
}

const longestWait = 10_000; // milliseconds, as are all
const pongWithin = 5_000;

let wake = () => {};
let missingPong = 0;

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
    connecting: (again) => liveStatus.set(again ? notLive() : "connecting"),
    connected: () => liveStatus.set("live"),
    ping(received) {
      // A socket that slept with the machine looks open for minutes.
      if (!received) missingPong = window.setTimeout(() => socket.terminate(), pongWithin);
    },
    pong: (received) => received && clearTimeout(missingPong),
    closed(event) {
      clearTimeout(missingPong);
      const { code } = event as CloseEvent;
      liveStatus.set(code === 4401 ? "ended" : notLive());
      if (code === 4401 || code === 4403) credentialEnded(code);
    },
  },
});

const notLive = () => (navigator.onLine ? "reconnecting" : "offline");

addEventListener("offline", () => {
  liveStatus.set("offline");
  socket.terminate();
});
addEventListener("online", () => wake());
addEventListener("pageshow", () => wake());
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && wake());
