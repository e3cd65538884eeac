import { useState } from "react";
import { useQuery } from "urql";
import { useLiveQuery } from "../../api/live";
import { t } from "../../text";
import { Button } from "../../ui/Button";
import { EventLine } from "../../ui/EventLine";
import { Card } from "../../ui/Page";
import { View } from "../../ui/states";
import { Time } from "../../ui/Time";
import { ActivityQuery, HistoryQuery } from "./document";

const words = t.account.history;
const pageSize = 15;

/** What happened to the account, the latest first; older pages follow on demand. */
export function History({ id }: { id: string }) {
  return <Card title={words.title}><HistoryPage id={id} /></Card>;
}

/** A page of the history, and those after it: they begin where it ends, however it grows. */
function HistoryPage({ id, before }: { id: string; before?: string }) {
  const [older, setOlder] = useState(false);
  const [result, refetch] = useLiveQuery({ query: HistoryQuery, variables: { id, last: pageSize, before }, account: id });
  return (
    <View result={result} retry={() => refetch({ requestPolicy: "network-only" })}>
      {({ account }) => {
        const { nodes, pageInfo } = account?.events ?? { nodes: [], pageInfo: undefined };
        if (nodes.length === 0) return <p className="soft">{words.none}</p>;
        const next = pageInfo?.hasPreviousPage && pageInfo.startCursor;
        return (
          <>
            <ol className="feed">
              {[...nodes].reverse().map((event) => <EventLine key={event.id} event={event} named={false} />)}
              {next && !older && <li className="older"><Button small onClick={() => setOlder(true)}>{words.older}</Button></li>}
            </ol>
            {next && older && <HistoryPage id={id} before={next} />}
          </>
        );
      }}
    </View>
  );
}

/** Who borrowed the account's token, and how often it was refreshed. */
export function Activity({ id }: { id: string }) {
  const [result] = useQuery({ query: ActivityQuery, variables: { id }, requestPolicy: "cache-and-network" });
  return (
    <Card title={words.activity}>
      <View result={result}>
        {({ account }) => account?.activity.nodes.length ? (
          <ol className="feed">
            {account.activity.nodes.map((row) => (
              <li key={row.kind + row.from + row.actor}>
                <span className="dot" />
                <span>
                  {t.account.history.activityKinds[row.kind]}
                  <span className="soft small"> {words.times(row.count)} · {row.actor ? t.common.user(row.actor) : words.mooring}{row.reason && ` · ${row.reason}`}</span>
                </span>
                <span className="soft small nowrap"><Time at={row.lastAt} /></span>
              </li>
            ))}
          </ol>
        ) : <p className="soft">{words.activityNone}</p>}
      </View>
    </Card>
  );
}
