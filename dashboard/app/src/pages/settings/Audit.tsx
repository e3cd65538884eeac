import { useEffect, useState } from "react";
import { useQuery } from "urql";
import { Link, useSearchParams } from "wouter";
import type { AuditQuery as Log, EventFilter, EventType } from "../../api/gen/graphql";
import { graphql } from "../../api/graphql";
import { PlatformNames } from "../../api/platforms";
import { names, platformNames, useLiveQuery } from "../../api/live";
import { useStore } from "../../api/store";
import { useMay } from "../../api/viewer";
import { t } from "../../text";
import { Status } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { Copy } from "../../ui/Copy";
import { Field, Input, Select } from "../../ui/Field";
import { Icon } from "../../ui/icons";
import { Card } from "../../ui/Page";
import { View } from "../../ui/states";
import { Time } from "../../ui/Time";
import { Settings } from "./Settings";

const AuditQuery = graphql(`
  query Audit($last: Int, $before: String, $filter: EventFilter) {
    events(last: $last, before: $before, filter: $filter) {
      nodes {
        id type at effectiveAt actor accountId attemptId platform previousStatus status reason days issueType requestId bulkId about
      }
      pageInfo { hasPreviousPage startCursor }
    }
  }
`);

type Entry = Log["events"]["nodes"][number];

const pageSize = 50;

/** Events that people look for together. */
const groups: Record<keyof typeof t.audit.groups, RegExp> = {
  accounts: /^ACCOUNT_/,
  connecting: /^(ATTEMPT|BULK)_/,
  people: /^(MEMBER|INVITATION|SIGN)/,
  keys: /^(API_)?KEYS?_/,
  incidents: /^INCIDENT_/,
  data: /^(AUDIT|DATA|BACKUP|INSTALLATION)_/,
};

const typesOf = (kind: string) => {
  const group = groups[kind as keyof typeof groups];
  return group ? (Object.keys(t.event.types) as EventType[]).filter((type) => group.test(type)) : kind ? [kind as EventType] : [];
};

const fields = ["kind", "platform", "from", "to", "actor", "account", "request"] as const;

/** Who did what, newest first, and all of it as a file. */
export default function Audit() {
  const mayExport = useMay("audit");
  const [search, setSearch] = useSearchParams();
  // Where the pages before the shown one ended, the shown one's end last.
  const [ends, setEnds] = useState<string[]>([]);
  const asked = search.toString();
  useEffect(() => setEnds([]), [asked]);
  const filter = filterOf(search);
  const [result, refetch] = useLiveQuery({ query: AuditQuery, variables: { last: pageSize, before: ends.at(-1), filter } });
  const set = (name: (typeof fields)[number], value: string) =>
    setSearch((now) => {
      const next = new URLSearchParams(now);
      if (value) next.set(name, value);
      else next.delete(name);
      return next;
    }, { replace: true });
  return (
    <Settings page="audit" actions={mayExport && <Exports from={filter.from} to={filter.to} />}>
      <Card>
        <Filters search={search} set={set} clear={() => setSearch({}, { replace: true })} />
        <View result={result} retry={() => refetch({ requestPolicy: "network-only" })}>
          {({ events: { nodes, pageInfo } }) => (
            <>
              {nodes.length === 0 ? <p className="soft">{asked ? t.audit.noMatch : t.audit.none}</p> : <Entries entries={[...nodes].reverse()} />}
              <div className="pager">
                <Button small icon="left" disabled={ends.length === 0} onClick={() => setEnds(ends.slice(0, -1))}>{t.audit.newer}</Button>
                <Button small icon="right" disabled={!pageInfo.hasPreviousPage} onClick={() => pageInfo.startCursor && setEnds([...ends, pageInfo.startCursor])}>{t.audit.older}</Button>
              </div>
            </>
          )}
        </View>
      </Card>
      <p className="soft small">{t.audit.exported}</p>
    </Settings>
  );
}

function filterOf(search: URLSearchParams): EventFilter {
  const one = (name: string) => (search.get(name) ? [search.get(name)!] : undefined);
  return {
    types: typesOf(search.get("kind") ?? ""),
    actors: one("actor"),
    accountIds: one("account"),
    platforms: one("platform"),
    requestIds: one("request"),
    from: midnight(search.get("from")),
    to: midnight(search.get("to"), 1),
  };
}

/** The beginning of a day in the reader's zone, or of one some days later. */
function midnight(day: string | null, later = 0): string | undefined {
  const [year, month, date] = (day ?? "").split("-").map(Number);
  return year && month && date ? new Date(year, month - 1, date + later).toISOString() : undefined;
}

function Filters({ search, set, clear }: { search: URLSearchParams; set: (name: (typeof fields)[number], value: string) => void; clear: () => void }) {
  const [{ data }] = useQuery({ query: PlatformNames });
  const value = (name: (typeof fields)[number]) => search.get(name) ?? "";
  return (
    <form className="log-filters" role="search" aria-label={t.audit.filters} onSubmit={(event) => event.preventDefault()}>
      <Field label={t.audit.kind}>
        <Select value={value("kind")} onChange={(event) => set("kind", event.target.value)}>
          <option value="">{t.audit.all}</option>
          {Object.entries(t.audit.groups).map(([group, words]) => (
            <optgroup key={group} label={words}>
              <option value={group}>{t.audit.allOf(words)}</option>
              {typesOf(group).map((type) => <option key={type} value={type}>{t.event.types[type]}</option>)}
            </optgroup>
          ))}
        </Select>
      </Field>
      <Field label={t.audit.platform}>
        <Select value={value("platform")} onChange={(event) => set("platform", event.target.value)}>
          <option value="">{t.audit.all}</option>
          {data?.platforms.map(({ id, displayName }) => <option key={id} value={id}>{displayName}</option>)}
        </Select>
      </Field>
      <Field label={t.audit.from}><Input type="date" value={value("from")} onChange={(event) => set("from", event.target.value)} /></Field>
      <Field label={t.audit.to}><Input type="date" value={value("to")} onChange={(event) => set("to", event.target.value)} /></Field>
      <Typed label={t.audit.actor} value={value("actor")} onSet={(text) => set("actor", text)} />
      <Typed label={t.audit.account} value={value("account")} placeholder="acc_…" onSet={(text) => set("account", text)} />
      <Typed label={t.audit.request} value={value("request")} onSet={(text) => set("request", text)} />
      {search.size > 0 && <Button small look="plain" icon="close" onClick={clear}>{t.audit.clear}</Button>}
    </form>
  );
}

/** A text that filters once it is finished: on Enter, or when the field is left. */
function Typed({ label, value, placeholder, onSet }: { label: string; value: string; placeholder?: string; onSet: (text: string) => void }) {
  return (
    <Field label={label}>
      <Input
        key={value}
        defaultValue={value}
        placeholder={placeholder}
        spellCheck={false}
        onBlur={(event) => event.target.value.trim() !== value && onSet(event.target.value.trim())}
        onKeyDown={(event) => event.key === "Enter" && event.currentTarget.blur()}
      />
    </Field>
  );
}

function Entries({ entries }: { entries: Entry[] }) {
  return (
    <div className="table-scroll">
      <table className="table cards audit">
        <thead>
          <tr><th>{t.audit.when}</th><th>{t.audit.what}</th><th>{t.audit.who}</th><th>{t.audit.target}</th><th>{t.audit.requestId}</th></tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <tr key={entry.id}>
              <td data-label={t.audit.when} className="nowrap"><Time at={entry.at} /></td>
              <td data-label={t.audit.what}><span>{t.event.types[entry.type]} <Detail entry={entry} /></span></td>
              <td data-label={t.audit.who}>{entry.actor ?? <span className="soft">{t.audit.byItself}</span>}</td>
              <td data-label={t.audit.target}><Target entry={entry} /></td>
              <td data-label={t.audit.requestId}>{entry.requestId ? <Copy text={entry.requestId} label={short(entry.requestId)} /> : <span className="soft">–</span>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Detail({ entry: { status, reason, days, issueType } }: { entry: Entry }) {
  if (reason === "DISCONNECTED") return null; // the event says so
  return (
    <>
      {status && <Status status={status} />}
      <span className="soft small"> {[reason && t.reason[reason], days != null && t.audit.daysLeft(days), issueType && t.diagnosis.types[issueType]].filter(Boolean).join(" · ")}</span>
    </>
  );
}

function Target({ entry: { accountId, attemptId, bulkId, platform, about } }: { entry: Entry }) {
  const known = useStore(names);
  const platforms = useStore(platformNames);
  const id = bulkId ?? attemptId;
  return (
    <span className="target small">
      {accountId ? <Link href={`/accounts/${accountId}`} title={accountId}>{known.get(accountId) ?? short(accountId)}</Link> : id && <Copy text={id} label={short(id)} />}
      {[platform && (platforms.get(platform) ?? platform), about].filter(Boolean).map((word) => <span key={word} className="soft">{word}</span>)}
    </span>
  );
}

/** An id by its kind and its end, which tells it from others. */
const short = (id: string) => `${id.match(/^[a-z]+_/)?.[0] ?? ""}…${id.slice(-6)}`;

/** Links to the whole log of the chosen days; the other filters do not apply. */
function Exports({ from, to }: { from?: string | null; to?: string | null }) {
  const address = (format: string) => `/api/audit/export?${new URLSearchParams({ format, ...(from && { from }), ...(to && { to }) })}`;
  return (
    <>
      <a className="button" href={address("csv")} download><Icon name="down" />{t.audit.csv}</a>
      <a className="button" href={address("jsonl")} download><Icon name="down" />{t.audit.jsonl}</a>
    </>
  );
}
