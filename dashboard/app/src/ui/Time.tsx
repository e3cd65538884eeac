import { t } from "../text";
import { formatAbsolute, formatLeft, formatRelative, useNow } from "./clock";

/** A moment as "5 minutes ago"; the date and time to the second as its tooltip, or beside it with `both`. */
export function Time({ at, both = false }: { at: string; both?: boolean }) {
  const now = useNow();
  const moment = Date.parse(at);
  const near = Math.abs(moment - now) < 10_000;
  const words = near ? t.time.now : formatRelative(moment, now);
  return (
    <time dateTime={at} title={formatAbsolute(moment)}>
      {words}
      {both && <span className="soft"> · {formatAbsolute(moment)}</span>}
    </time>
  );
}

/** What is left until a moment, counting down. */
export function Countdown({ to }: { to: string }) {
  const moment = Date.parse(to);
  const near = moment - Date.now() < 3600_000;
  const now = useNow(near ? "second" : "minute");
  return (
    <time dateTime={to} title={formatAbsolute(moment)} className="nowrap">
      {moment <= now ? t.time.over : formatLeft(moment - now)}
    </time>
  );
}
