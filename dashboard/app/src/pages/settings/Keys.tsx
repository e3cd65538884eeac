import { useState } from "react";
import { useMutation, useQuery } from "urql";
import type { ApiKeysQuery as Listed } from "../../api/gen/graphql";
import { graphql } from "../../api/graphql";
import { serverNow } from "../../api/time";
import { useViewer, type Permission } from "../../api/viewer";
import { t } from "../../text";
import { Badge } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { Checkbox, Field, Input, Select } from "../../ui/Field";
import { Confirm } from "../../ui/Confirm";
import { Dialog } from "../../ui/Dialog";
import { useNow } from "../../ui/clock";
import { Card } from "../../ui/Page";
import { Problem } from "../../ui/Problem";
import { Empty, Note, View } from "../../ui/states";
import { Time } from "../../ui/Time";
import { Once } from "./Once";
import { Settings } from "./Settings";

const KeysQuery = graphql(`
  query ApiKeys {
    apiKeys { id prefix name scopes createdBy createdAt expiresAt revokedAt usedAt }
  }
`);

const CreateKey = graphql(`
  mutation CreateApiKey($input: CreateApiKeyInput!) {
    createApiKey(input: $input) { key apiKey { id } userErrors { code message } }
  }
`);

const RevokeKey = graphql(`
  mutation RevokeApiKey($id: ID!) {
    revokeApiKey(input: { id: $id }) { apiKey { id revokedAt } userErrors { code message } }
  }
`);

type Key = Listed["apiKeys"][number];

const scopes: Exclude<Permission, "end">[] = ["read", "connect", "manage", "import", "lease", "audit", "admin"];

/** The API keys of back ends. */
export default function Keys() {
  const [result, refetch] = useQuery({ query: KeysQuery, requestPolicy: "cache-and-network" });
  const [making, setMaking] = useState(false);
  const [ending, setEnding] = useState<Key>();
  const again = () => refetch({ requestPolicy: "network-only" });
  const make = <Button look="primary" icon="key" onClick={() => setMaking(true)}>{t.keys.make}</Button>;
  return (
    <Settings page="keys" actions={make}>
      <Card>
        <View result={result} retry={again}>
          {({ apiKeys }) => (apiKeys.length === 0 ? <Empty icon="key" title={t.keys.none}>{t.keys.noneText}</Empty> : <KeyTable keys={[...apiKeys].reverse()} onRevoke={setEnding} />)}
        </View>
      </Card>
      {making && <NewKey onClose={() => setMaking(false)} onMade={again} />}
      {ending && <Revocation apiKey={ending} onClose={() => setEnding(undefined)} />}
    </Settings>
  );
}

function KeyTable({ keys, onRevoke }: { keys: Key[]; onRevoke: (key: Key) => void }) {
  const now = useNow();
  return (
    <table className="table cards">
      <thead>
        <tr><th>{t.keys.name}</th><th>{t.keys.scopes}</th><th>{t.keys.used}</th><th>{t.keys.ends}</th><th /></tr>
      </thead>
      <tbody>
        {keys.map((key) => {
          const over = !!key.expiresAt && Date.parse(key.expiresAt) <= now;
          return (
            <tr key={key.id}>
              <td>
                <strong>{key.name}</strong> {key.revokedAt ? <Badge tone="bad">{t.keys.revoked}</Badge> : over && <Badge tone="over">{t.keys.ended}</Badge>}
                <div className="soft small"><code>{key.prefix}…</code> · <Time at={key.createdAt} /> {t.keys.by(key.createdBy)}</div>
              </td>
              <td data-label={t.keys.scopes}><span className="badges">{key.scopes.map((scope) => <Badge key={scope}>{scope}</Badge>)}</span></td>
              <td data-label={t.keys.used}>{key.usedAt ? <Time at={key.usedAt} /> : t.time.never}</td>
              <td data-label={t.keys.ends}>{key.revokedAt ? <Time at={key.revokedAt} /> : key.expiresAt ? <Time at={key.expiresAt} /> : t.time.never}</td>
              <td className="end">{!key.revokedAt && !over && <Button small icon="trash" aria-label={t.keys.revoke(key.name)} onClick={() => onRevoke(key)}>{t.keys.revokeNow}</Button>}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function NewKey({ onClose, onMade }: { onClose: () => void; onMade: () => void }) {
  const viewer = useViewer();
  const [name, setName] = useState("");
  const [chosen, setChosen] = useState<string[]>(["read"]);
  const [days, setDays] = useState("90");
  const [made, make] = useMutation(CreateKey);
  const payload = made.data?.createApiKey;
  const toggle = (scope: string) => setChosen(chosen.includes(scope) ? chosen.filter((one) => one !== scope) : [...chosen, scope]);
  const submit = async () => {
    const expiresAt = days ? new Date(serverNow() + Number(days) * 86_400_000).toISOString() : null;
    const { data } = await make({ input: { name, scopes: chosen, expiresAt } });
    if (data?.createApiKey.key) onMade();
  };
  if (payload?.key) {
    return (
      <Dialog open wide title={t.keys.made(name)} onClose={onClose} footer={<Button look="primary" onClick={onClose}>{t.settings.done}</Button>}>
        <Once title={t.keys.key} secret={payload.key} />
        <p>{t.keys.tryIt}</p>
        <pre className="code" tabIndex={0}>{`curl ${location.origin}/graphql \\\n  -H 'Authorization: Bearer ${payload.key}' \\\n  --json '{"query": "{ viewer { workspace permissions } }"}'`}</pre>
      </Dialog>
    );
  }
  return (
    <Confirm title={t.keys.make} action={t.keys.makeNow} look="primary" busy={made.fetching} disabled={chosen.length === 0} onConfirm={submit} onClose={onClose}>
      <Field label={t.keys.name} hint={t.keys.nameHint}>
        <Input required maxLength={100} value={name} onChange={(event) => setName(event.target.value)} />
      </Field>
      <fieldset className="ticks">
        <legend>{t.keys.scopes}</legend>
        {scopes.map((scope) => (
          <Checkbox
            key={scope}
            checked={chosen.includes(scope)}
            disabled={!viewer?.permissions.includes(scope)}
            onChange={() => toggle(scope)}
            label={<span><code>{scope}</code> <span className="soft small">{viewer?.permissions.includes(scope) ? t.keys.scope[scope] : t.keys.notYours}</span></span>}
          />
        ))}
      </fieldset>
      <Field label={t.keys.ends}>
        <Select value={days} onChange={(event) => setDays(event.target.value)}>
          {Object.entries(t.keys.lives).map(([days, words]) => <option key={days} value={days === "never" ? "" : days}>{words}</option>)}
        </Select>
      </Field>
      {!days && <Note tone="warn"><p>{t.keys.endless}</p></Note>}
      <Problem error={made.error} userErrors={payload?.userErrors} />
    </Confirm>
  );
}

function Revocation({ apiKey, onClose }: { apiKey: Key; onClose: () => void }) {
  const [revoked, revoke] = useMutation(RevokeKey);
  const run = async () => {
    const { data, error } = await revoke({ id: apiKey.id });
    if (!error && data?.revokeApiKey.apiKey) onClose();
  };
  return (
    <Confirm title={t.keys.revoke(apiKey.name)} action={t.keys.revokeNow} busy={revoked.fetching} onConfirm={run} onClose={onClose}>
      <p>{t.keys.revocation}</p>
      {apiKey.usedAt && <p>{t.keys.lastUsed} <Time at={apiKey.usedAt} both />.</p>}
      <Problem error={revoked.error} userErrors={revoked.data?.revokeApiKey.userErrors} />
    </Confirm>
  );
}
