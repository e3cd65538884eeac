import { useState } from "react";
import { useLocation } from "wouter";
import { CheckHealth, CheckPermissions, Pause, Refresh, Resume, SetLabels, useAct, Validate } from "../../api/actions";
import { useMay } from "../../api/viewer";
import { t } from "../../text";
import { Button, ButtonLink, IconButton } from "../../ui/Button";
import { Confirm } from "../../ui/Confirm";
import { Field, Input } from "../../ui/Field";
import { splitLabels } from "../../ui/labels";
import { Menu, MenuItem, MenuSeparator } from "../../ui/Menu";
import type { AccountData } from "./Account";
import { DisconnectDialog } from "./DisconnectDialog";

/** The buttons of an account's page: what helps now in sight, the rest in a menu. */
export function Actions({ account }: { account: AccountData }) {
  const [, go] = useLocation();
  const [act, busy] = useAct();
  const [dialog, setDialog] = useState<"pause" | "labels" | "disconnect">();
  const mayManage = useMay("manage");
  const mayConnect = useMay("connect");
  const { id, health, paused, diagnosis, disconnectedAt } = account;
  const words = t.account.actions;
  const did = t.account.did;
  const close = () => setDialog(undefined);
  const broken = diagnosis?.suggestedAction === "RECONNECT" || health.status === "EXPIRED";
  const buttons = (
    <>
      {mayConnect && <ButtonLink href={`/accounts/${id}/reconnect`} look={broken ? "primary" : undefined} icon="connect">{words.reconnect}</ButtonLink>}
      {health.status !== "HEALTHY" && <ButtonLink href={`/troubleshoot?account=${id}`} icon="troubleshoot">{words.troubleshoot}</ButtonLink>}
      {mayManage && !paused && <Button icon="check" busy={busy === CheckHealth} onClick={() => act(CheckHealth, { id }, did.checkHealth)}>{words.checkHealth}</Button>}
      {mayManage && paused && <Button icon="play" look="primary" busy={busy === Resume} onClick={() => act(Resume, { id }, did.resumed)}>{words.resume}</Button>}
      {mayManage && (
        <Menu button={<IconButton look={undefined} icon="more" label={words.more} />}>
          {!paused && (
            <>
              <MenuItem icon="refresh" onSelect={() => act(Refresh, { id }, ({ refreshed }) => (refreshed ? did.refreshed : did.notRefreshed))}>{words.refresh}</MenuItem>
              <MenuItem icon="info" onSelect={() => act(Validate, { id }, did.validate)}>{words.validate}</MenuItem>
              <MenuItem icon="key" onSelect={() => act(CheckPermissions, { id }, did.checkPermissions)}>{words.checkPermissions}</MenuItem>
              <MenuItem icon="pause" onSelect={() => setDialog("pause")}>{words.pause}</MenuItem>
            </>
          )}
          <MenuItem icon="tag" onSelect={() => setDialog("labels")}>{words.labels}</MenuItem>
          <MenuItem icon="troubleshoot" onSelect={() => go(`/troubleshoot?account=${id}`)}>{words.troubleshoot}</MenuItem>
          <MenuSeparator />
          <MenuItem icon="trash" danger onSelect={() => setDialog("disconnect")}>{words.disconnect}</MenuItem>
        </Menu>
      )}
    </>
  );
  return (
    <>
      {disconnectedAt ? mayConnect && <ButtonLink href={`/connect?platform=${account.platform.id}`} look="primary" icon="connect">{words.connectAgain}</ButtonLink> : buttons}
      <PauseDialog open={dialog === "pause"} account={account} onClose={close} onPause={(reason) => { close(); act(Pause, { id, reason }, did.paused); }} />
      <LabelsDialog open={dialog === "labels"} account={account} onClose={close} onSave={(labels) => { close(); act(SetLabels, { id, labels }, did.labels); }} />
      <DisconnectDialog open={dialog === "disconnect"} account={account} onClose={close} />
    </>
  );
}

function PauseDialog({ open, account, onClose, onPause }: { open: boolean; account: AccountData; onClose: () => void; onPause: (reason: string | undefined) => void }) {
  const [reason, setReason] = useState("");
  const words = t.account.pauseDialog;
  return (
    <Confirm open={open} onClose={onClose} title={words.title(account.displayName)} action={words.confirm} look="primary" onConfirm={() => onPause(reason.trim() || undefined)}>
      <p>{words.text}</p>
      <Field label={words.reason}><Input value={reason} maxLength={120} onChange={(event) => setReason(event.target.value)} /></Field>
    </Confirm>
  );
}

function LabelsDialog({ open, account, onClose, onSave }: { open: boolean; account: AccountData; onClose: () => void; onSave: (labels: string[]) => void }) {
  const [text, setText] = useState<string>();
  const words = t.account.labelsDialog;
  const value = text ?? account.labels.join(", ");
  const save = () => {
    setText(undefined);
    onSave(splitLabels(value));
  };
  return (
    <Confirm open={open} onClose={onClose} title={words.title} action={words.save} look="primary" onConfirm={save}>
      <Field label={t.account.details.labels} hint={words.text}><Input value={value} onChange={(event) => setText(event.target.value)} /></Field>
    </Confirm>
  );
}
