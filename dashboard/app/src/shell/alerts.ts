// Alerts: what of the stream a person should notice, as toasts, as a number at
// the bell and in the document's title, and as notifications of the browser. The
// tab keeps them over a reload. What the reader does in this very tab is no news.

import { navigate } from "wouter/use-browser-location";
import type { AccountRowFragment } from "../api/gen/graphql";
import { onBatch, platformNames, reader, type Batch, type LiveEvent } from "../api/live";
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
  /** What befell an account, to be counted in a crowd. */
  change?: keyof typeof t.alerts.changes;
}

/** The newest alerts, newest first. */
export const alerts = createStore<Alert[]>([]);

/** Those that are shown in the corner for a while. */
export const toasts = createStore<Alert[]>([]);

const kept = 50;
const shownAtOnce = 3;
const shownFor = 8000; // milliseconds
const askedKey = "mooring-notify";
const keptKey = () => `mooring-alerts ${reader.get()}`;

/** Follows the stream. Called once. */
export function watchAlerts() {
  reader.subscribe(() => {
    const { list, unseen } = JSON.parse(sessionStorage.getItem(keptKey()) ?? '{"list":[],"unseen":0}') as { list: Alert[]; unseen: number };
    alerts.set(list);
    unseenAlerts.set(unseen);
  });
  onBatch((batch) => raise(alertsOf(batch)));
}

function raise(found: Alert[]) {
  const known = new Set(alerts.get().map(({ id }) => id));
  const fresh = found.filter(({ id }) => !known.has(id));
  if (fresh.length === 0) return;
  alerts.set([...fresh].reverse().concat(alerts.get()).slice(0, kept));
  unseenAlerts.set(unseenAlerts.get() + fresh.length);
  keep();
  const told = gathered(fresh);
  show(told);
  if (!document.hasFocus() && notifying()) told.forEach(notifyOf);
}

function keep() {
  sessionStorage.setItem(keptKey(), JSON.stringify({ list: alerts.get(), unseen: unseenAlerts.get() }));
}

function show(told: Alert[]) {
  const outdated = (old: Alert) => told.some(({ title, href }) => title === old.title && href === old.href);
  toasts.set([...toasts.get().filter((old) => !outdated(old)), ...told].slice(-shownAtOnce));
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

const mine = new Set<string>();

/** Keeps the reader's own doing from being told as news: an account that they disconnect, an attempt that they made. */
export function doing(id: string) {
  mine.add(id);
  return { failed: () => mine.delete(id) };
}

/** Whether an event is the reader's own doing in this tab. Disconnecting is done once; the next time it may be somebody else. */
function isMine({ type, accountId, platform }: LiveEvent, batch: LiveEvent[]): boolean {
  switch (type) {
    case "ACCOUNT_DISCONNECTED":
      return mine.delete(accountId ?? "");
    case "ACCOUNT_CONNECTED":
    case "ACCOUNT_RECONNECTED":
      // Which attempt it came of says the event that follows.
      return batch.some((event) => event.type === "ATTEMPT_COMPLETED" && event.platform === platform && mine.has(event.attemptId ?? ""));
    default:
      return false;
  }
}

/** The alerts of a batch: the latest of each account, and of each platform. */
export function alertsOf({ events, accounts }: Batch): Alert[] {
  const latest = new Map<string, Alert>();
  for (const event of events) {
    const alert = isMine(event, events) ? undefined : alertOf(event, event.accountId ? accounts.get(event.accountId) : undefined);
    const key = event.accountId ?? event.id;
    // Entering the last days is a change of health and a warning in one.
    if (alert && !(event.type === "ACCOUNT_WARNING" && latest.has(key))) latest.set(key, alert);
  }
  return [...latest.values()];
}

const severity = { HEALTHY: 0, EXPIRING_SOON: 1, EXPIRED: 2, UNHEALTHY: 3 };
const tones = { HEALTHY: "good", EXPIRING_SOON: "warn", EXPIRED: "bad", UNHEALTHY: "bad" } as const;

function alertOf(event: LiveEvent, account?: AccountRowFragment): Alert | undefined {
  const { id, at, accountId, status, previousStatus } = event;
  const platform = platformNames.get().get(event.platform ?? "") ?? t.alerts.aPlatform;
  const changed = (tone: Alert["tone"], change: keyof typeof t.alerts.changes): Alert => ({
    id, at, tone, change,
    title: account ? `${account.displayName} (${account.platform.displayName})` : t.alerts.anAccount,
    text: t.alerts.changes[change](1),
    href: `/accounts/${accountId}`,
  });
  switch (event.type) {
    case "ACCOUNT_HEALTH_CHANGED":
      // A first status is no news beside "was connected".
      return status && previousStatus && severity[status] !== severity[previousStatus] ? changed(tones[status], status) : undefined;
    case "ACCOUNT_WARNING":
      return { ...changed("warn", "EXPIRING_SOON"), text: t.alerts.endsIn(event.days ?? 0) };
    case "ACCOUNT_CONNECTED":
      return changed("good", "connected");
    case "ACCOUNT_RECONNECTED":
      return changed("good", "reconnected");
    case "ACCOUNT_DISCONNECTED":
      return changed("warn", "disconnected");
    case "INCIDENT_OPENED":
      return { id, at, tone: "bad", title: t.alerts.platform(platform), text: t.alerts.incident, href: "/" };
    case "INCIDENT_CLOSED":
      return { id, at, tone: "good", title: t.alerts.platformAgain(platform), text: t.alerts.incidentOver, href: "/" };
    default:
      return undefined;
  }
}

/** What is told of alerts: accounts that change in crowds are told as one. */
function gathered(fresh: Alert[]): Alert[] {
  const accounts = fresh.filter(({ change }) => change);
  const last = accounts.at(-1);
  if (!last || accounts.length <= shownAtOnce) return fresh;
  const worst = accounts.find(({ tone }) => tone === "bad") ?? accounts.find(({ tone }) => tone === "warn") ?? last;
  const counts = new Map<NonNullable<Alert["change"]>, number>();
  for (const { change } of accounts) if (change) counts.set(change, (counts.get(change) ?? 0) + 1);
  const text = [...counts].map(([change, n]) => `${n.toLocaleString("en")} ${t.alerts.changes[change](n)}.`).join(" ");
  return [...fresh.filter(({ change }) => !change), { ...last, tone: worst.tone, title: t.alerts.many(accounts.length), text, href: "/accounts" }];
}

/** Marks all alerts as looked at. */
export function seen() {
  unseenAlerts.set(0);
  keep();
}

/** Whether the reader wants, and the browser allows, notifications outside the page. */
export function notifying() {
  return "Notification" in window && Notification.permission === "granted" && localStorage.getItem(askedKey) === "yes";
}

/** Shows an alert outside the page. Several tabs show it once, for its id. */
function notifyOf({ id, title, text, href }: Alert) {
  try {
    const notification = new Notification(title, { body: text, tag: id, icon: "/favicon.ico" });
    notification.onclick = () => {
      window.focus();
      navigate(href);
      notification.close();
    };
  } catch {
    // Browsers of phones let only a service worker do this.
  }
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
