import { useEffect, useState } from "react";
import { useQuery } from "urql";
import { PlatformNames } from "../../api/platforms";
import { t } from "../../text";
import { Checkbox, Input, Select } from "../../ui/Field";
import { defaultSort, type Search } from "./search";

const statuses = ["HEALTHY", "EXPIRING_SOON", "EXPIRED", "UNHEALTHY"] as const;

/** The bar over the list. */
export function Filters({ search, change }: { search: Search; change: (part: Search, replace?: boolean) => void }) {
  const [{ data }] = useQuery({ query: PlatformNames });
  return (
    <search className="filters" aria-label={t.accounts.filters}>
      <Typed type="search" label={t.accounts.search} value={search.q ?? ""} onSettled={(q) => change({ q }, true)} />
      <Select aria-label={t.accounts.status} value={search.status ?? ""} onChange={(event) => change({ status: event.target.value })}>
        <option value="">{t.accounts.statusAll}</option>
        <option value="attention">{t.accounts.statusAttention}</option>
        {statuses.map((status) => <option key={status} value={status}>{t.status[status]}</option>)}
        <option value="disconnected">{t.status.DISCONNECTED}</option>
      </Select>
      <Select aria-label={t.accounts.platform} value={search.platform ?? ""} onChange={(event) => change({ platform: event.target.value })}>
        <option value="">{t.accounts.platformAll}</option>
        {data?.platforms.map(({ id, displayName }) => <option key={id} value={id}>{displayName}</option>)}
      </Select>
      <Typed label={t.accounts.label} placeholder={t.accounts.labelHint} value={search.label ?? ""} onSettled={(label) => change({ label }, true)} />
      <Select aria-label={t.accounts.sort} className="input sorts" value={search.sort ?? defaultSort} onChange={(event) => change({ sort: event.target.value === defaultSort ? "" : event.target.value })}>
        {Object.entries(t.accounts.sorts).map(([sort, label]) => <option key={sort} value={sort}>{label}</option>)}
      </Select>
      <Checkbox label={t.accounts.paused} checked={Boolean(search.paused)} onChange={(event) => change({ paused: event.target.checked ? "yes" : "" })} />
    </search>
  );
}

const settled = 250; // milliseconds without a key

/** A field that tells its value once nobody has typed for a moment. */
function Typed({ label, value, onSettled, ...rest }: { label: string; value: string; type?: string; placeholder?: string; onSettled: (value: string) => void }) {
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  useEffect(() => {
    if (typed === value) return;
    const timer = setTimeout(() => onSettled(typed), settled);
    return () => clearTimeout(timer);
    // Only typing starts the wait anew.
  }, [typed]);
  return <Input aria-label={label} placeholder={label} {...rest} value={typed} onChange={(event) => setTyped(event.target.value)} />;
}
