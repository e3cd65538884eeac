import { Link } from "wouter";
import { feed, type LiveEvent } from "../../api/live";
import { useStore } from "../../api/store";
import { t } from "../../text";
import { statusTone } from "../../ui/Badge";
import { Card } from "../../ui/Page";
import { Time } from "../../ui/Time";

/** The newest events, as they come. */
export function Feed() {
  const events = useStore(feed);
  return (
    <Card title={t.overview.feed}>
      {events.length === 0 && <p className="soft">{t.overview.feedNone}</p>}
      <ol className="feed scroll" tabIndex={0} aria-label={t.overview.feed}>
        {events.map((event) => <Line key={event.id} event={event} />)}
      </ol>
    </Card>
  );
}

function Line({ event }: { event: LiveEvent }) {
  const title = t.event.types[event.type];
  return (
    <li>
      <span className={`dot ${event.status ? statusTone[event.status] : ""}`} />
      <span>
        {event.accountId ? <Link href={`/accounts/${event.accountId}`}>{title}</Link> : title}
        <span className="soft small"> {event.status && t.status[event.status]} {event.actor && t.event.by(event.actor)}</span>
      </span>
      <span className="soft small nowrap"><Time at={event.at} /></span>
    </li>
  );
}
