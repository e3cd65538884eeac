import { useEffect, useState } from "react";
import { useQuery } from "urql";
import { useSearchParams } from "wouter";
import type { EventFilter, EventType } from "../../api/gen/graphql";
import { graphql } from "../../api/graphql";
import { PlatformNames } from "../../api/platforms";
import { learnNames, useLiveQuery } from "../../api/live";
import { t } from "../../text";
import { Button } from "../../ui/Button";
import { EventLine } from "../../ui/EventLine";
import { Select } from "../../ui/Field";
import { Card, PageHead } from "../../ui/Page";
import { View } from "../../ui/states";

const EventsQuery = graphql(`
  query Events($last: Int!, $before: String, $filter: EventFilter) {
    events(last: $last, before: $before, filter: $filter) { nodes { ...LiveEvent } pageInfo { hasPreviousPage startCursor } }
  }
`);

const pageSize = 50;

/** Which events belong together for a reader. What is in no group shows under all. */
const groups: Record<keyof typeof t.activity.groups, EventType[]> = {
  health: ["ACCOUNT_HEALTH_CHANGED", "ACCOUNT_WARNING", "INCIDENT_OPENED", "INCIDENT_CLOSED"],
  accounts: [
    "ACCOUNT_CONNECTED", "ACCOUNT_RECONNECTED", "ACCOUNT_IMPORTED", "ACCOUNT_DISCONNECTED", "ACCOUNT_LABELS_SET", "ACCOUNT_VALIDATED",
    "ACCOUNT_PROFILE_CHANGED", "ACCOUNT_PERMISSIONS_CHANGED", "ACCOUNT_PAUSED", "ACCOUNT_RESUMED", "ACCOUNT_ERASED",
  ],
  connecting: [
    "ATTEMPT_CREATED", "ATTEMPT_STARTED", "ATTEMPT_AWAITING_SELECTION", "ATTEMPT_COMPLETED", "ATTEMPT_FAILED", "ATTEMPT_CANCELLED",
    "ATTEMPT_EXPIRED", "BULK_CONNECT_CREATED", "BULK_CONNECT_CHANGED", "BULK_CONNECT_CANCELLED", "BULK_CONNECT_EXPIRED",
  ],
  jobs: ["BULK_JOB_CREATED", "BULK_JOB_ENDED", "BULK_JOB_CANCELLED"],
  people: [
    "SIGNED_IN", "SIGNED_OUT", "SIGN_IN_FAILED", "MEMBER_INVITED", "INVITATION_REVOKED", "MEMBER_JOINED", "MEMBER_ROLE_CHANGED",
    "MEMBER_REMOVED", "API_KEY_CREATED", "API_KEY_REVOKED",
  ],
};

/** The log of what happened, the latest first. */
export default function Activity() {
  const [params, setParams] = useSearchParams();
  const [{ data }] = useQuery({ query: PlatformNames });
  const group = params.get("group") ?? "";
  const platform = params.get("platform") ?? "";
  const choose = (name: string, value: string) =>
    setParams((old) => {
      const next = new URLSearchParams(old);
      if (value) next.set(name, value);
      else next.delete(name);
      return next;
    });
  return (
    <>
      <PageHead title={t.activity.title} intro={t.activity.intro} />
      <Card>
        <search className="filters" aria-label={t.accounts.filters}>
          <Select aria-label={t.activity.group} value={group} onChange={(event) => choose("group", event.target.value)}>
            <option value="">{t.activity.all}</option>
            {Object.entries(t.activity.groups).map(([name, label]) => <option key={name} value={name}>{label}</option>)}
          </Select>
          <Select aria-label={t.accounts.platform} value={platform} onChange={(event) => choose("platform", event.target.value)}>
            <option value="">{t.accounts.platformAll}</option>
            {data?.platforms.map(({ id, displayName }) => <option key={id} value={id}>{displayName}</option>)}
          </Select>
        </search>
        <Log key={`${group} ${platform}`} filter={{ types: group in groups ? groups[group as keyof typeof groups] : [], platforms: platform ? [platform] : [] }} />
      </Card>
    </>
  );
}

/** A page of the log, and those after it: they begin where it ends, however it grows. */
function Log({ filter, before }: { filter: EventFilter; before?: string }) {
  const [older, setOlder] = useState(false);
  const [result, refetch] = useLiveQuery({ query: EventsQuery, variables: { last: pageSize, before, filter } });
  const events = result.data?.events.nodes;
  useEffect(() => {
    if (events) learnNames(events);
  }, [events]);
  return (
    <View result={result} retry={() => refetch({ requestPolicy: "network-only" })}>
      {({ events: { nodes, pageInfo } }) => {
        const next = pageInfo.hasPreviousPage && pageInfo.startCursor;
        return (
          <>
            <ol className="feed">
              {nodes.length === 0 && <li className="soft">{t.activity.none}</li>}
              {[...nodes].reverse().map((event) => <EventLine key={event.id} event={event} />)}
              {next && !older && <li className="older"><Button small onClick={() => setOlder(true)}>{t.account.history.older}</Button></li>}
            </ol>
            {next && older && <Log filter={filter} before={next} />}
          </>
        );
      }}
    </View>
  );
}
