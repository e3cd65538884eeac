import { DropdownMenu } from "radix-ui";
import { useLocation } from "wouter";
import { CheckHealth, Refresh, Resume, useAct, Validate } from "../../api/actions";
import type { AccountRowFragment } from "../../api/gen/graphql";
import { useMay } from "../../api/viewer";
import { t } from "../../text";
import { MenuItem } from "../../ui/Menu";

/** What can be done to an account from the list; what needs a dialog is on the account's page. */
export function ActionItems({ account }: { account: AccountRowFragment }) {
  const [, go] = useLocation();
  const [act] = useAct();
  const mayManage = useMay("manage");
  const mayConnect = useMay("connect");
  const { id, health, paused, disconnectedAt, platform } = account;
  const words = t.account.actions;
  if (disconnectedAt) {
    return (
      <>
        <MenuItem icon="right" onSelect={() => go(`/accounts/${id}`)}>{words.open}</MenuItem>
        {mayConnect && <MenuItem icon="connect" onSelect={() => go(`/connect?platform=${platform.id}`)}>{words.connectAgain}</MenuItem>}
      </>
    );
  }
  return (
    <>
      <MenuItem icon="right" onSelect={() => go(`/accounts/${id}`)}>{words.open}</MenuItem>
      {mayManage && (
        <>
          <DropdownMenu.Separator />
          <MenuItem icon="check" disabled={Boolean(paused)} onSelect={() => act(CheckHealth, { id }, t.account.did.checkHealth)}>{words.checkHealth}</MenuItem>
          <MenuItem icon="refresh" disabled={Boolean(paused) || !health.autoRefresh} onSelect={() => act(Refresh, { id }, ({ refreshed }) => (refreshed ? t.account.did.refreshed : t.account.did.notRefreshed))}>{words.refresh}</MenuItem>
          <MenuItem icon="info" disabled={Boolean(paused)} onSelect={() => act(Validate, { id }, t.account.did.validate)}>{words.validate}</MenuItem>
          {paused && <MenuItem icon="play" onSelect={() => act(Resume, { id }, t.account.did.resumed)}>{words.resume}</MenuItem>}
        </>
      )}
      <DropdownMenu.Separator />
      {mayConnect && <MenuItem icon="connect" onSelect={() => go(`/accounts/${id}/reconnect`)}>{words.reconnect}</MenuItem>}
      <MenuItem icon="troubleshoot" onSelect={() => go(`/troubleshoot?account=${id}`)}>{words.troubleshoot}</MenuItem>
    </>
  );
}
