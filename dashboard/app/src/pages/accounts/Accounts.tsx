import { useEffect, useState } from "react";
import { graphql } from "../../api/graphql";
import { useLiveQuery } from "../../api/live";
import { useMay } from "../../api/viewer";
import { t } from "../../text";
import { Badge } from "../../ui/Badge";
import { Button, ButtonLink } from "../../ui/Button";
import { formatUTCDay } from "../../ui/clock";
import { Card, PageHead } from "../../ui/Page";
import { Empty, View } from "../../ui/states";
import { AccountsTable } from "./AccountsTable";
import { BulkBar, type Selection } from "./BulkBar";
import { Filters } from "./Filters";
import { JobPanel } from "./JobPanel";
import { filterOf, isFiltered, unfiltered, useSearch, variablesOf } from "./search";

const AccountsQuery = graphql(`
  query Accounts($first: Int, $after: String, $last: Int, $before: String, $filter: AccountFilter, $orderBy: AccountOrder) {
    accounts(first: $first, after: $after, last: $last, before: $before, filter: $filter, orderBy: $orderBy) {
      nodes { ...AccountRow }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      totalCount
    }
  }
`);

const nothing: Selection = { ids: new Set(), all: false };

/** The list of accounts. */
export default function Accounts() {
  const [search, change] = useSearch();
  const [selection, setSelection] = useState(nothing);
  const [result, refetch] = useLiveQuery({ query: AccountsQuery, variables: variablesOf(search) });
  const disconnected = search.status === "disconnected";
  const mayManage = useMay("manage") && !disconnected;
  const mayConnect = useMay("connect");
  // “All that match” are other accounts once the filter is another.
  const filter = JSON.stringify(filterOf(search));
  useEffect(() => setSelection(nothing), [filter]);
  // A page that follows another is asked for while that one stays in sight.
  const [last, setLast] = useState(result.data);
  if (result.data && result.data !== last) setLast(result.data);
  const data = result.data ?? (result.error ? undefined : last);
  const total = data?.accounts.totalCount ?? 0;

  return (
    <>
      <PageHead
        title={t.accounts.title}
        intro={t.accounts.intro}
        actions={mayConnect && <ButtonLink href="/connect" look="primary" icon="connect">{t.accounts.connect}</ButtonLink>}
      />
      {search.job && <JobPanel id={search.job} onClose={() => change({ job: "" })} />}
      <Card className="accounts">
        <Filters search={search} change={change} />
        <View result={{ ...result, data }} retry={() => refetch({ requestPolicy: "network-only" })}>
          {({ accounts: { nodes, pageInfo, totalCount } }) => (
            <>
              <div className="found">
                <span className="soft small" role="status">{t.accounts.found(totalCount)}</span>
                {search.day && <Badge tone="act">{t.accounts.day(formatUTCDay(search.day))}</Badge>}
                {isFiltered(search) && <Button look="plain" small icon="close" onClick={() => change(unfiltered)}>{t.accounts.clear}</Button>}
              </div>
              {nodes.length > 0 ? (
                <AccountsTable accounts={nodes} search={search} change={change} selection={mayManage ? selection : undefined} select={setSelection} />
              ) : isFiltered(search) ? (
                <Empty icon="search" title={t.accounts.emptyFiltered}>
                  {t.accounts.emptyFilteredText}
                </Empty>
              ) : (
                <Empty icon="connect" title={t.overview.empty}>{mayConnect ? t.overview.emptyText : t.overview.emptyForbidden}</Empty>
              )}
              {(pageInfo.hasNextPage || pageInfo.hasPreviousPage) && (
                <nav className="paging" aria-label={t.accounts.paging}>
                  <Button icon="left" disabled={!pageInfo.hasPreviousPage} onClick={() => change({ before: pageInfo.startCursor ?? "", after: "" })}>{t.accounts.previous}</Button>
                  <Button icon="right" disabled={!pageInfo.hasNextPage} onClick={() => change({ after: pageInfo.endCursor ?? "", before: "" })}>{t.accounts.next}</Button>
                </nav>
              )}
            </>
          )}
        </View>
      </Card>
      {mayManage && (selection.all || selection.ids.size > 0) && (
        <BulkBar selection={selection} search={search} total={total} select={setSelection} onStart={(job) => { setSelection(nothing); change({ job }); }} />
      )}
    </>
  );
}
