import { serverNow } from "../api/time";
import { t } from "../text";
import { formatAbsolute, formatLeft, formatRelative, useNow, useTimes } from "./clock";

/**
 * A moment as "5 minutes ago", or as date and time where the reader prefers that;
 * the other one is its tooltip, or stands beside it with `both`.
 */
export function Time({ at, both = false }: { at: string; both?: boolean }) {
  const now = useNow();
  const moment = Date.parse(at);
  const { form } = useTimes();
  // What has happened since the last step is not to come.
  const near = Math.abs(moment - now) < 10_000 || (moment > now && moment <= serverNow());
  const shown = [near ? t.time.now : formatRelative(moment, now), formatAbsolute(moment)];
  if (form === "absolute") shown.reverse();
  return (
    <time dateTime={at} title={shown[1]}>
      {shown[0]}
      {both && <span className="soft"> · {shown[1]}</span>}
    </time>
  );
}

/** What is left until a moment, counting down. */
export function Countdown({ to }: { to: string }) {
  const moment = Date.parse(to);
  const near = moment - serverNow() < 3600_000;
  const now = useNow(near ? "second" : "minute");
  useTimes();
  return (
    <time dateTime={to} title={formatAbsolute(moment)} className="nowrap">
      {moment <= now ? t.time.over : formatLeft(moment - now)}
    </time>
  );
}
