import { useMutation, useQuery } from "urql";
import { Disconnect } from "../../api/actions";
import { doing } from "../../shell/alerts";
import { t } from "../../text";
import { Button } from "../../ui/Button";
import { Confirm } from "../../ui/Confirm";
import { Dialog } from "../../ui/Dialog";
import { Icon } from "../../ui/icons";
import { Problem } from "../../ui/Problem";
import { ErrorNote, Loading, Note } from "../../ui/states";
import type { AccountData } from "./Account";
import { ReachQuery } from "./document";

/** Asks before disconnecting, says what else it touches and, afterwards, what the platform did. */
export function DisconnectDialog({ open, account, onClose }: { open: boolean; account: AccountData; onClose: () => void }) {
  const { id, displayName, platform } = account;
  const [{ data, error }] = useQuery({ query: ReachQuery, variables: { id }, pause: !open, requestPolicy: "network-only" });
  const [result, run] = useMutation(Disconnect);
  const words = t.account.disconnectDialog;
  const disconnect = async () => {
    const own = doing(id);
    const { data } = await run({ id });
    if (!data || data.done.userErrors.length > 0) own.failed();
  };
  const done = result.data?.done;
  const reach = data?.account?.platform.loginMethods[0]?.revokeReach;
  const others = data?.account?.reconnect.alsoAffects ?? [];

  if (done?.userErrors.length === 0) {
    return (
      <Dialog open={open} onClose={onClose} title={t.account.did.disconnected} footer={<Button onClick={onClose}>{t.common.close}</Button>}>
        <p>{done.revokedAtPlatform ? words.revoked(platform.displayName) : (done.revocationNote ?? words.notRevoked)}</p>
        {done.revokeUrl && others.length > 0 && <p>{words.byHandOthers(others.map((other) => other.displayName).join(", "))}</p>}
        {done.revokeUrl && <a href={done.revokeUrl} target="_blank" rel="noreferrer" className="with-icon">{words.byHand}<Icon name="external" size={14} /></a>}
      </Dialog>
    );
  }
  return (
    <Confirm
      open={open}
      onClose={onClose}
      title={words.title(displayName)}
      action={words.confirm}
      disabled={!data}
      busy={result.fetching}
      onConfirm={disconnect}
    >
      <p>{words.text}</p>
      {error ? <ErrorNote error={error} /> : !data ? <Loading /> : (
        <Note tone="warn">
          {reach && <p>{words.reach[reach](platform.displayName)}</p>}
          {others.length > 0 && (
            <>
              <p>{words.others(others.length)}</p>
              <ul>{others.map((other) => <li key={other.id}>{other.displayName}</li>)}</ul>
            </>
          )}
        </Note>
      )}
      <Problem error={result.error} userErrors={done?.userErrors} />
    </Confirm>
  );
}
