import { memo, useCallback, useRef } from "react";
import { Link } from "wouter";
import type { AccountRowFragment } from "../../api/gen/graphql";
import { t } from "../../text";
import { Badge, Status } from "../../ui/Badge";
import { Icon } from "../../ui/icons";
import { Avatar } from "../../ui/Platform";
import { Countdown, Time } from "../../ui/Time";
import type { Selection } from "./BulkBar";
import { RowMenu } from "./RowMenu";
import { defaultSort, type Search } from "./search";

interface Props {
  accounts: AccountRowFragment[];
  search: Search;
  change: (part: Search) => void;
  /** Undefined where nothing can be selected. */
  selection?: Selection;
  select: (change: (old: Selection) => Selection) => void;
}

/** A page of accounts. A row renders again only when its own account changes. */
export function AccountsTable({ accounts, search, change, selection, select }: Props) {
  const toggle = useCallback((id: string, on: boolean) => select((old) => ({ ids: withIDs(old.ids, [id], on), all: false })), [select]);
  const latest = useRef(change);
  latest.current = change;
  const byLabel = useCallback((label: string) => latest.current({ label }), []);
  const pageSelected = selection !== undefined && (selection.all || accounts.every(({ id }) => selection.ids.has(id)));
  const sort = search.sort ?? defaultSort;
  return (
    <table className="table cards">
      <thead>
        <tr>
          {selection && (
            <th className="select">
              <input
                type="checkbox"
                aria-label={t.accounts.selectPage}
                checked={pageSelected}
                onChange={(event) => {
                  const on = event.target.checked;
                  select((old) => ({ ids: withIDs(old.all ? new Set() : old.ids, accounts.map(({ id }) => id), on), all: false }));
                }}
              />
            </th>
          )}
          <Sortable label={t.accounts.columns.account} by="DISPLAY_NAME" sort={sort} change={change} />
          <th>{t.accounts.columns.status}</th>
          <Sortable label={t.accounts.columns.ends} by="EXPIRES_AT" sort={sort} change={change} />
          <th className="only-wide-cell">{t.accounts.columns.checked}</th>
          <Sortable label={t.accounts.columns.connected} by="CONNECTED_AT" className="since" sort={sort} change={change} />
          <th className="end"><span className="visually-hidden">{t.accounts.columns.actions}</span></th>
        </tr>
      </thead>
      <tbody>
        {accounts.map((account) => (
          <Row
            key={account.id}
            account={account}
            selected={selection && (selection.all || selection.ids.has(account.id))}
            onSelect={toggle}
            onLabel={byLabel}
          />
        ))}
      </tbody>
    </table>
  );
}

/** The head of a column that the list can be ordered by. */
function Sortable({ label, by, className, sort, change }: { label: string; by: string; className?: string; sort: string; change: (part: Search) => void }) {
  const [field, direction] = sort.split(" ");
  const current = field === by ? (direction === "desc" ? "descending" : "ascending") : "none";
  return (
    <th aria-sort={current} className={className}>
      <button type="button" onClick={() => change({ sort: current === "ascending" ? `${by} desc` : by })}>
        {label}
        {current !== "none" && <Icon name={current === "ascending" ? "up" : "down"} size={12} />}
      </button>
    </th>
  );
}

function withIDs(ids: Set<string>, some: string[], on: boolean) {
  const next = new Set(ids);
  for (const id of some) {
    if (on) next.add(id);
    else next.delete(id);
  }
  return next;
}

const Row = memo(function Row({ account, selected, onSelect, onLabel }: {
  account: AccountRowFragment;
  selected?: boolean;
  onSelect: (id: string, on: boolean) => void;
  onLabel: (label: string) => void;
}) {
  const { id, displayName, username, labels, health, paused, disconnectedAt } = account;
  return (
    <tr>
      {selected !== undefined && (
        <td className="select">
          <input type="checkbox" aria-label={t.accounts.select(displayName)} checked={selected} onChange={(event) => onSelect(id, event.target.checked)} />
        </td>
      )}
      <td>
        <div className="account-cell">
          <Avatar account={account} />
          <div>
            <Link href={`/accounts/${id}`} className="name">{displayName}</Link>
            <span className="soft small">
              {username && `@${username}`}
              {labels.map((label) => (
                <button key={label} type="button" className="label-chip" onClick={() => onLabel(label)} aria-label={`${t.accounts.label}: ${label}`}>{label}</button>
              ))}
            </span>
          </div>
        </div>
      </td>
      <td data-label={t.accounts.columns.status}>
        <span className="badges">
          {disconnectedAt ? <><Badge>{t.status.DISCONNECTED}</Badge> <span className="soft small"><Time at={disconnectedAt} /></span></> : <Status status={health.status} />}
          {paused && <Badge>{t.status.PAUSED}</Badge>}
          {health.warnings.length > 0 && (
            <span className="warned" role="img" aria-label={t.accounts.warnings(health.warnings.length)} title={health.warnings.map(({ message }) => message).join("\n")}>
              <Icon name="warning" size={16} />
            </span>
          )}
        </span>
      </td>
      <td data-label={t.accounts.columns.ends} className="nowrap">
        {disconnectedAt ? <span className="soft">–</span> : !health.expiresAt ? <span className="soft">{t.time.noEnd}</span> : health.isExpired ? <Time at={health.expiresAt} /> : <Countdown to={health.expiresAt} />}
      </td>
      <td data-label={t.accounts.columns.checked} className="only-wide-cell phone-hides nowrap">{health.checkedAt ? <Time at={health.checkedAt} /> : <span className="soft">{t.time.never}</span>}</td>
      <td data-label={t.accounts.columns.connected} className="since phone-hides nowrap"><Time at={account.connectedAt} /></td>
      <td className="end">
        <RowMenu account={account} />
      </td>
    </tr>
  );
});
