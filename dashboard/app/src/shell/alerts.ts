// Alerts: what of the stream a person should notice, as toasts, as a number at
// the bell and in the document's title, and as notifications of the browser.

import type { AccountRowFragment } from "../api/gen/graphql";
import { onBatch, platformNames, type Batch, type LiveEvent } from "../api/live";
import { createStore } from "../api/store";
import { t } from "../text";
import { unseenAlerts } from "./title";

export interface Alert {
  id: string;
  tone: "good" | "warn" | "bad";
  title: string;
  text: string;
  /** Where to see more. */
  href: string;
  at: string;
}

/** The newest alerts, newest first. */
export const alerts = createStore<Alert[]>([]);

/** Those that are shown in the corner for a while. */
export const toasts = createStore<Alert[]>([]);

const kept = 50;
const shownAtOnce = 3;
const shownFor = 8000; // milliseconds
const askedKey = "mooring-notify";

/** Follows the stream. Called once. */
export function watchAlerts() {
  onBatch((batch) => raise(alertsOf(batch)));
}

function raise(fresh: Alert[]) {
  if (fresh.length === 0) return;
  alerts.set([...fresh].reverse().concat(alerts.get()).slice(0, kept));
  unseenAlerts.set(unseenAlerts.get() + fresh.length);
  // What comes in crowds is told as one.
  const told = fresh.length > shownAtOnce ? [summary(fresh)] : fresh;
  show(told);
  if (document.visibilityState === "hidden" && notifying()) {
    for (const { title, text, id } of told) new Notification(title, { body: text, tag: id, icon: "/favicon.ico" });
  }
}

function show(told: Alert[]) {
  toasts.set([...toasts.get(), ...told].slice(-shownAtOnce));
  setTimeout(() => toasts.set(toasts.get().filter((toast) => !told.includes(toast))), shownFor);
}

let said = 0;

/** Tells in a toast what became of something that the reader did. */
export function say(tone: Alert["tone"], title: string, text = "", href = "") {
  show([{ id: `said-${said++}`, tone, title, text, href, at: new Date().toISOString() }]);
}

export function dismiss(alert: Alert) {
  toasts.set(toasts.get().filter((toast) => toast !== alert));
}

/** The alerts of a batch: the latest of each account, and of each platform. */
export function alertsOf({ events, accounts }: Batch): Alert[] {
  const latest = new Map<string, Alert>();
  for (const event of events) {
    const alert = alertOf(event, event.accountId ? accounts.get(event.accountId) : undefined);
    const key = event.accountId ?? event.id;
    // Entering the last days is a change of health and a warning in one.
    if (alert && !(event.type === "ACCOUNT_WARNING" && latest.has(key))) latest.set(key, alert);
  }
  return [...latest.values()];
}

const severity = { HEALTHY: 0, EXPIRING_SOON: 1, EXPIRED: 2, UNHEALTHY: 3 };
const tones = { HEALTHY: "good", EXPIRING_SOON: "warn", EXPIRED: "bad", UNHEALTHY: "bad" } as const;

function alertOf(event: LiveEvent, account?: AccountRowFragment): Alert | undefined {
  const alert = (tone: Alert["tone"], text: string): Alert => ({
    id: event.id,
    at: event.at,
    tone,
    title: account ? `${account.displayName} (${account.platform.displayName})` : t.alerts.anAccount,
    text,
    href: event.accountId ? `/accounts/${event.accountId}` : "/",
  });
  const { status, previousStatus } = event;
  switch (event.type) {
    case "ACCOUNT_HEALTH_CHANGED":
      // A first status is no news beside "was connected".
      return status && previousStatus && severity[status] !== severity[previousStatus] ? alert(tones[status], t.alerts.became[status]) : undefined;
    case "ACCOUNT_WARNING":
      return alert("warn", t.alerts.endsIn(event.days ?? 0));
    case "ACCOUNT_CONNECTED":
      return alert("good", t.alerts.connected);
    case "ACCOUNT_RECONNECTED":
      return alert("good", t.alerts.reconnected);
    case "ACCOUNT_DISCONNECTED":
      return alert("warn", t.alerts.disconnected);
    case "INCIDENT_OPENED":
      return { ...alert("bad", t.alerts.incident), title: t.alerts.platform(platformNames.get().get(event.platform ?? "") ?? t.alerts.aPlatform) };
    case "INCIDENT_CLOSED":
      return { ...alert("good", t.alerts.incidentOver), title: t.alerts.platformAgain(platformNames.get().get(event.platform ?? "") ?? t.alerts.aPlatform) };
    default:
      return undefined;
  }
}

function summary(fresh: Alert[]): Alert {
  const last = fresh.at(-1)!;
  const worst = fresh.find(({ tone }) => tone === "bad") ?? fresh.find(({ tone }) => tone === "warn") ?? last;
  const texts = [...new Set(fresh.map(({ text }) => text))];
  const counted = texts.map((text) => `${fresh.filter((one) => one.text === text).length} ${text}`);
  return { ...last, tone: worst.tone, title: t.alerts.many(fresh.length), text: `${counted.join(". ")}.`, href: "/accounts" };
}

/** Marks all alerts as looked at. */
export function seen() {
  unseenAlerts.set(0);
}

/** Whether the reader wants, and the browser allows, notifications outside the page. */
export function notifying() {
  return "Notification" in window && Notification.permission === "granted" && localStorage.getItem(askedKey) === "yes";
}

/** Asks the browser for notifications. Resolves with whether it allows them. */
export async function notify(): Promise<boolean> {
  if (!("Notification" in window)) return false;
  localStorage.setItem(askedKey, "yes");
  return (await Notification.requestPermission()) === "granted";
}

/** Ends what notify began; the browser's permission stays. */
export function stopNotifying() {
  localStorage.removeItem(askedKey);
}
