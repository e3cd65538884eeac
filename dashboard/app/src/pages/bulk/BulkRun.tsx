import { useEffect, useRef } from "react";
import { useMutation, useQuery, useSubscription } from "urql";
import type { BulkFragment } from "../../api/gen/graphql";
import { graphql } from "../../api/graphql";
import { Choose } from "../../consent/Choose";
import { openWindow } from "../../consent/consent";
import { Accounts } from "../../consent/Outcome";
import { t } from "../../text";
import { Badge, type Tone } from "../../ui/Badge";
import { Button, ButtonLink } from "../../ui/Button";
import { Copy } from "../../ui/Copy";
import { Diagnosis } from "../../ui/Diagnosis";
import { Card, PageHead } from "../../ui/Page";
import { PlatformIcon } from "../../ui/Platform";
import { Problem } from "../../ui/Problem";
import { Progress } from "../../ui/Progress";
import { Empty, Note, View } from "../../ui/states";
import { Countdown } from "../../ui/Time";
import { GiveUp } from "./GiveUp";

export const BulkParts = graphql(`
  fragment Bulk on BulkConnect {
    id status totalPlatforms estimatedTimeMinutes expiresAt nextAuthorizationUrl
    progress { completed inProgress pending failed skipped }
    current { id }
    sequence {
      id status authorizationUrl
      platform { id displayName }
      platforms { status platform { id displayName color iconPath } diagnosis { ...Diagnosis } }
      attempt { ...Attempt }
    }
    skipped { platform { id displayName color iconPath } failedChecks { name message fix } }
  }
`);

const BulkRunQuery = graphql(`
  query BulkRun($id: ID!) { bulkConnect(id: $id) { ...Bulk } }
`);

const BulkChanged = graphql(`
  subscription BulkChanged($id: ID!) { bulkConnectChanged(id: $id) { ...Bulk } }
`);

const SkipItem = graphql(`
  mutation SkipItem($id: ID!) { skipBulkItem(input: { itemId: $id }) { bulkConnect { ...Bulk } userErrors { message } } }
`);

const RetryItem = graphql(`
  mutation RetryItem($id: ID!) { retryBulkItem(input: { itemId: $id }) { bulkConnect { ...Bulk } userErrors { message } } }
`);

type Item = BulkFragment["sequence"][number];

const tones: Record<Item["status"], Tone | undefined> = { PENDING: undefined, IN_PROGRESS: "act", COMPLETED: "good", FAILED: "bad", SKIPPED: undefined };

/** A bulk connect as it goes on, in another window: what is connected, what comes, what failed. */
export default function BulkRun({ params: { id = "" } }: { params: Record<string, string> }) {
  const [result, refetch] = useQuery({ query: BulkRunQuery, variables: { id }, requestPolicy: "cache-and-network" });
  // It writes into the cache, from which the query reads.
  useSubscription({ query: BulkChanged, variables: { id }, pause: !result.data?.bulkConnect });
  return (
    <View result={result} retry={() => refetch({ requestPolicy: "network-only" })}>
      {({ bulkConnect: bulk }) => (bulk ? <Run bulk={bulk} /> : (
        <>
          <PageHead title={t.bulk.title} />
          <Empty icon="search" title={t.bulk.gone} action={<ButtonLink look="primary" href="/bulk">{t.bulk.again}</ButtonLink>}>{t.bulk.goneText}</Empty>
        </>
      ))}
    </View>
  );
}

function Run({ bulk }: { bulk: BulkFragment }) {
  const { progress, totalPlatforms, status } = bulk;
  const popup = useRef<Window | null>(null);
  const next = bulk.sequence.find(({ authorizationUrl }) => authorizationUrl === bulk.nextAuthorizationUrl);
  useEffect(() => {
    if (status !== "OPEN") popup.current?.close();
  }, [status]);
  const go = (address: string) => {
    if (popup.current && !popup.current.closed) popup.current.focus();
    else popup.current = openWindow();
    if (popup.current) popup.current.location = address;
    else location.assign(address);
  };
  return (
    <>
      <PageHead
        title={t.bulk.title}
        intro={t.bulk.progress(progress.completed, totalPlatforms)}
        actions={status === "OPEN" ? <GiveUp id={bulk.id} /> : <ButtonLink look="primary" href="/bulk">{t.bulk.again}</ButtonLink>}
      />
      <div className="stack">
        <Card>
          <Progress label={t.bulk.progress(progress.completed, totalPlatforms)} done={progress.completed + progress.skipped} total={totalPlatforms} />
          <div className="bulk-next" role="status">
            {status === "OPEN" && <p className="soft">{t.bulk.estimate(bulk.estimatedTimeMinutes)} · {t.bulk.linksEnd} <Countdown to={bulk.expiresAt} /></p>}
            {status === "COMPLETED" && <Note tone="good" title={t.bulk.completed} />}
            {status === "CANCELLED" && <Note tone="warn" title={t.bulk.cancelled} />}
            {status === "EXPIRED" && <Note tone="warn" title={t.bulk.expired} />}
            {bulk.current && status === "OPEN" && <Note tone="act"><p>{t.bulk.waiting}</p></Note>}
            {next?.authorizationUrl && (
              <Button look="primary" icon="external" onClick={() => go(next.authorizationUrl!)}>{t.bulk.continue(next.platforms.map(({ platform }) => platform.displayName).join(" & "))}</Button>
            )}
          </div>
        </Card>
        <Card title={t.bulk.order}>
          <ol className="bulk-items">
            {bulk.sequence.map((item) => <Line key={item.id} item={item} go={go} open={status === "OPEN"} />)}
          </ol>
        </Card>
        {bulk.skipped.length > 0 && (
          <Card title={t.bulk.skippedBefore}>
            <ul className="bulk-items">
              {bulk.skipped.map(({ platform, failedChecks }) => (
                <li key={platform.id}>
                  <PlatformIcon platform={platform} />
                  <div>
                    <strong>{platform.displayName}</strong>
                    {failedChecks.map(({ name, message, fix }) => <p key={name} className="small soft">{message} {fix}</p>)}
                  </div>
                  <ButtonLink small href={`/connect?platform=${platform.id}`}>{t.connect.setUp}</ButtonLink>
                </li>
              ))}
            </ul>
          </Card>
        )}
      </div>
    </>
  );
}

function Line({ item, go, open }: { item: Item; go: (address: string) => void; open: boolean }) {
  const [skipping, skip] = useMutation(SkipItem);
  const [retrying, retry] = useMutation(RetryItem);
  const { attempt } = item;
  return (
    <li>
      <span className="icons">{item.platforms.map(({ platform }) => <PlatformIcon key={platform.id} platform={platform} />)}</span>
      <div className="stack">
        {item.platforms.map(({ platform, status, diagnosis }) => (
          <div key={platform.id} className="stack">
            <p className="badges"><strong>{platform.displayName}</strong> <Badge tone={tones[status]} dot>{t.bulk.status[status]}</Badge></p>
            {diagnosis && <Diagnosis of={diagnosis} />}
          </div>
        ))}
        {attempt?.status === "AWAITING_SELECTION" && <Choose attempt={attempt} />}
        {attempt?.status === "COMPLETED" && <Accounts of={attempt} />}
        <Problem error={skipping.error} userErrors={skipping.data?.skipBulkItem.userErrors} />
        <Problem error={retrying.error} userErrors={retrying.data?.retryBulkItem.userErrors} />
      </div>
      {open && (
        <div className="actions">
          {attempt?.status === "PENDING" && item.authorizationUrl && <Button small icon="external" onClick={() => go(item.authorizationUrl!)}>{t.consent.again}</Button>}
          {item.status === "FAILED" && item.authorizationUrl && <Button small look="primary" onClick={() => go(item.authorizationUrl!)}>{t.bulk.retry}</Button>}
          {["PENDING", "IN_PROGRESS", "FAILED"].includes(item.status) && <Button small busy={skipping.fetching} onClick={() => skip({ id: item.id })}>{t.bulk.skip}</Button>}
          {item.status === "SKIPPED" && <Button small busy={retrying.fetching} onClick={() => retry({ id: item.id })}>{t.bulk.putBack}</Button>}
          {item.status === "PENDING" && item.authorizationUrl && <Copy text={item.authorizationUrl} label={t.bulk.link} />}
        </div>
      )}
    </li>
  );
}
