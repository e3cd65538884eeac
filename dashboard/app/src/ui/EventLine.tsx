import { Link } from "wouter";
import { names, platformNames, type LiveEvent } from "../api/live";
import { useStore } from "../api/store";
import { t } from "../text";
import { statusTone } from "./Badge";
import { Time } from "./Time";

/** A line of a list of class "feed": what happened, to what, by whom, when. */
export function EventLine({ event, named = true }: { event: LiveEvent; named?: boolean }) {
  const { type, accountId, platform, status, previousStatus, reason, actor, about, at } = event;
  const known = useStore(names);
  const platforms = useStore(platformNames);
  const changed = status && previousStatus && status !== previousStatus && `${t.status[previousStatus]} → ${t.status[status]}`;
  const details = [
    named && platform && platforms.get(platform),
    changed || (status && t.status[status]),
    reason && t.reason[reason],
    about,
    actor && t.event.by(actor),
  ].filter(Boolean);
  return (
    <li>
      <span className={`dot ${status ? statusTone[status] : ""}`} />
      <span>
        {t.event.types[type]}
        {named && accountId && <>: <Link href={`/accounts/${accountId}`}>{known.get(accountId) ?? t.alerts.anAccount}</Link></>}
        <span className="soft small"> {details.join(" · ")}</span>
      </span>
      <span className="soft small nowrap"><Time at={at} /></span>
    </li>
  );
}
