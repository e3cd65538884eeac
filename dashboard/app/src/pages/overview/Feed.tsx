import { Link } from "wouter";
import { feed } from "../../api/live";
import { useStore } from "../../api/store";
import { t } from "../../text";
import { EventLine } from "../../ui/EventLine";
import { Card } from "../../ui/Page";

/** The newest events, as they come. */
export function Feed() {
  const events = useStore(feed);
  return (
    <Card title={t.overview.feed} aside={<Link href="/activity">{t.overview.feedAll}</Link>}>
      {events.length === 0 && <p className="soft">{t.overview.feedNone}</p>}
      <ol className="feed scroll" tabIndex={0} aria-label={t.overview.feed}>
        {events.map((event) => <EventLine key={event.id} event={event} />)}
      </ol>
    </Card>
  );
}
