// Times in the reader's zone and words.

import { useEffect } from "react";
import { createStore, useStore } from "../api/store";
import { serverNow } from "../api/time";

const second = createStore(serverNow());
const minute = createStore(serverNow());
let watchers = 0;
let timer = 0;

function tick() {
  const now = serverNow();
  second.set(now);
  if (Math.abs(now - minute.get()) >= 30_000) minute.set(now);
}

/** The present moment, in steps of a second or of half a minute. One timer serves the page. */
export function useNow(step: "second" | "minute" = "minute"): number {
  useEffect(() => {
    if (watchers++ === 0) {
      tick(); // nobody has watched for a while
      timer = window.setInterval(tick, 1000);
    }
    return () => {
      if (--watchers === 0) clearInterval(timer);
    };
  }, []);
  return useStore(step === "second" ? second : minute);
}

const locale = () => document.documentElement.lang || "en";
const relative = new Intl.RelativeTimeFormat(locale(), { numeric: "auto" });
const utcDay = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeZone: "UTC" });

/** How the reader wants to see moments: in words or whole, and in which zone, "" being their own. */
export interface Times {
  form: "relative" | "absolute";
  zone: string;
}

const timesKey = "mooring-times";
const times = createStore<Times>({ form: "relative", zone: "", ...(JSON.parse(localStorage.getItem(timesKey) ?? "{}") as Partial<Times>) });
let absolute = makeAbsolute(times.get());

/** The zone of the reader's machine. */
export const localZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

export const useTimes = () => useStore(times);

export function chooseTimes(next: Times) {
  localStorage.setItem(timesKey, JSON.stringify(next));
  absolute = makeAbsolute(next);
  times.set(next);
}

function makeAbsolute({ zone }: Times) {
  return new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium", timeZone: zone || undefined });
}

const units: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 365 * 86_400],
  ["month", 30 * 86_400],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
];

/** "in 3 days", "5 minutes ago". */
export function formatRelative(at: number, from: number): string {
  const seconds = Math.trunc((at - from) / 1000);
  const [unit, size] = units.find(([, size]) => Math.abs(seconds) >= size) ?? ["second", 1];
  return relative.format(Math.trunc(seconds / size), unit);
}

/** The whole date and time, in the chosen zone. */
export const formatAbsolute = (at: number) => absolute.format(at);

/** A day of UTC, given as 2026-11-23. */
export const formatUTCDay = (day: string) => utcDay.format(Date.parse(day));

/** What is left until a moment: "12 d 4 h", "3 h 07 min", "4:09". */
export function formatLeft(milliseconds: number): string {
  const total = Math.max(0, Math.floor(milliseconds / 1000));
  const days = Math.floor(total / 86_400);
  const hours = Math.floor((total % 86_400) / 3600);
  const minutes = Math.floor((total % 3600) / 60);
  const two = (n: number) => String(n).padStart(2, "0");
  if (days >= 30) return `${days} d`;
  if (days > 0) return hours > 0 ? `${days} d ${hours} h` : `${days} d`;
  if (hours > 0) return `${hours} h ${two(minutes)} min`;
  return `${minutes}:${two(total % 60)}`;
}
