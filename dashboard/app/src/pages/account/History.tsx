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
  const [older, setOlder] = useState<string[]>([]);
  return (
    <Card title={words.title}>
      <HistoryPage id={id} onOlder={older.length === 0 ? (cursor) => setOlder([cursor]) : undefined} />
      {older.map((cursor, i) => (
        <HistoryPage key={cursor} id={id} before={cursor} onOlder={i === older.length - 1 ? (next) => setOlder([...older, next]) : undefined} />
      ))}
    </Card>
  );
}

/** A page of the history; `onOlder`, if given, gets the cursor that the next begins at. */
function HistoryPage({ id, before, onOlder }: { id: string; before?: string; onOlder?: (cursor: string) => void }) {
  const [result] = useLiveQuery({ query: HistoryQuery, variables: { id, last: pageSize, before }, account: id });
  return (
    <View result={result}>
      {({ account }) => {
        const { nodes, pageInfo } = account?.events ?? { nodes: [], pageInfo: undefined };
        if (nodes.length === 0) return <p className="soft">{words.none}</p>;
        return (
          <ol className="feed">
            {[...nodes].reverse().map((event) => <EventLine key={event.id} event={event} named={false} />)}
            {onOlder && pageInfo?.hasPreviousPage && pageInfo.startCursor && (
              <li className="older"><Button small onClick={() => onOlder(pageInfo.startCursor!)}>{words.older}</Button></li>
            )}
          </ol>
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
