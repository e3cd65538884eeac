import { useState } from "react";
import { useMutation } from "urql";
import type { BulkAction } from "../../api/gen/graphql";
import { explain } from "../../api/errors";
import { graphql } from "../../api/graphql";
import { say } from "../../shell/alerts";
import { t } from "../../text";
import { Button, IconButton } from "../../ui/Button";
import { Confirm } from "../../ui/Confirm";
import { Menu, MenuItem, MenuSeparator } from "../../ui/Menu";
import { Note } from "../../ui/states";
import { filterOf, isFiltered, type Search } from "./search";

/** The accounts that something shall be done to: some by id, or all that the search leaves. */
export interface Selection {
  ids: Set<string>;
  all: boolean;
}

const StartBulkJob = graphql(`
  mutation StartBulkJob($input: StartBulkJobInput!) {
    startBulkJob(input: $input) { bulkJob { id } userErrors { code message } }
  }
`);

const inSight: BulkAction[] = ["CHECK_HEALTH", "REFRESH"];
const inMenu: BulkAction[] = ["VALIDATE", "CHECK_PERMISSIONS"];

/** What can be done to the selection. */
export function BulkBar({ selection, search, total, select, onStart }: {
  selection: Selection;
  search: Search;
  total: number;
  select: (selection: Selection) => void;
  onStart: (job: string) => void;
}) {
  const [{ fetching }, start] = useMutation(StartBulkJob);
  const [asking, setAsking] = useState(false);
  const count = selection.all ? total : selection.ids.size;

  async function run(action: BulkAction) {
    setAsking(false);
    const which = selection.all ? { filter: filterOf(search) } : { accountIds: [...selection.ids] };
    const { data, error } = await start({ input: { action, ...which, clientMutationId: crypto.randomUUID() } });
    const job = data?.startBulkJob.bulkJob;
    if (job) onStart(job.id);
    else say("bad", t.error.refused, error ? explain(error) : data?.startBulkJob.userErrors[0]?.message);
  }

  return (
    <div className="bulk-bar" role="region" aria-label={t.accounts.bulkLabel}>
      <IconButton small icon="close" label={t.accounts.unselect} onClick={() => select({ ids: new Set(), all: false })} />
      <strong role="status">{selection.all ? t.accounts.allSelected(count) : t.accounts.selected(count)}</strong>
      {!selection.all && total > count && <Button small look="plain" onClick={() => select({ ids: new Set(), all: true })}>{t.accounts.selectAll(total)}</Button>}
      <span className="actions">
        {inSight.map((action) => <Button key={action} small disabled={fetching} onClick={() => run(action)}>{t.jobs.actions[action]}</Button>)}
        <Menu button={<Button small disabled={fetching}>{t.common.more}</Button>}>
          {inMenu.map((action) => <MenuItem key={action} onSelect={() => run(action)}>{t.jobs.actions[action]}</MenuItem>)}
          <MenuSeparator />
          <MenuItem icon="trash" danger onSelect={() => setAsking(true)}>{t.jobs.actions.DISCONNECT}</MenuItem>
        </Menu>
      </span>
      <Confirm
        open={asking}
        onClose={() => setAsking(false)}
        title={t.jobs.disconnectTitle(count)}
        action={t.jobs.actions.DISCONNECT}
        disabled={selection.all && !isFiltered(search)}
        onConfirm={() => run("DISCONNECT")}
      >
        <p>{t.jobs.disconnectText}</p>
        {selection.all && !isFiltered(search) && <Note tone="warn">{t.jobs.disconnectNeedsFilter}</Note>}
      </Confirm>
    </div>
  );
}
