import { useState } from "react";
import { useMutation, useQuery } from "urql";
import type { BulkAction, SandboxPlatformsQuery } from "../../api/gen/graphql";
import { explain } from "../../api/errors";
import { graphql } from "../../api/graphql";
import { useMay } from "../../api/viewer";
import { say as tell } from "../../shell/alerts";
import { t } from "../../text";
import { Badge } from "../../ui/Badge";
import { Button, ButtonLink } from "../../ui/Button";
import { Confirm } from "../../ui/Confirm";
import { Checkbox } from "../../ui/Field";
import { Menu, MenuItem, MenuSeparator } from "../../ui/Menu";
import { Card } from "../../ui/Page";
import { PlatformIcon } from "../../ui/Platform";
import { Empty, ErrorNote, Loading, Note } from "../../ui/states";
import { Countdown } from "../../ui/Time";
import { control, useSandbox, type App, type Fault, type Grant } from "./control";
import { Settings } from "./Settings";

const Named = graphql(`
  query SandboxPlatforms {
    platforms { id displayName color iconPath }
  }
`);

const AskNow = graphql(`
  mutation AskNow($action: BulkAction!, $platforms: [ID!]!) {
    startBulkJob(input: { action: $action, force: true, filter: { platforms: $platforms } }) { bulkJob { id } userErrors { code message } }
  }
`);

type Platforms = SandboxPlatformsQuery["platforms"];

/** What was done, and what follows from it. */
interface Done {
  server: string;
  words: string;
  failed?: boolean;
}

/** Lets time pass, people change their minds and platforms break, where they are played. */
export default function Sandbox() {
  const { state, problem, read } = useSandbox();
  const [{ data, error }] = useQuery({ query: Named });
  const [done, setDone] = useState<Done>();
  /** Sends a request of the control API, and says what follows. */
  const act = async (server: string, words: string, path: string, body: object) => {
    try {
      await control("POST", path, body);
      setDone({ server, words });
    } catch (error) {
      setDone({ server, words: (error as Error).message, failed: true });
    }
    await read();
  };
  const mend = () => control("DELETE", "faults").then(() => setDone(undefined), (failure: Error) => tell("bad", t.error.refused, failure.message)).then(read);
  if (error) return <Settings page="sandbox"><ErrorNote error={error} /></Settings>;
  if (!state || !data) return <Settings page="sandbox">{problem ? <Note tone="bad"><p>{problem}</p><Button small icon="refresh" onClick={read}>{t.common.retry}</Button></Note> : <Loading />}</Settings>;
  // Where people have granted something comes first.
  const used = ({ server }: App) => Number(state.grants.some((grant) => grant.server === server));
  return (
    <Settings page="sandbox" actions={state.faults.length > 0 && <Button icon="check" onClick={mend}>{t.sandbox.mend}</Button>}>
      {state.grants.length === 0 && (
        <Card>
          <Empty icon="connect" title={t.sandbox.nobody} action={<ButtonLink look="primary" icon="connect" href="/connect">{t.overview.emptyAction}</ButtonLink>}>
            {t.sandbox.nobodyText}
          </Empty>
        </Card>
      )}
      {[...state.apps].sort((a, b) => used(b) - used(a)).map((app) => (
        <Server
          key={app.server}
          app={app}
          platforms={data.platforms.filter(({ id }) => app.platforms.includes(id))}
          grants={state.grants.filter(({ server }) => server === app.server)}
          faults={state.faults.filter(({ platform }) => !platform || platform === app.server || app.platforms.includes(platform))}
          done={done?.server === app.server ? done : undefined}
          act={act}
          say={(words, failed) => setDone({ server: app.server, words, failed })}
        />
      ))}
      <p className="soft small">{t.sandbox.more} <code>/sandbox/api/</code></p>
    </Settings>
  );
}

type Act = (server: string, words: string, path: string, body: object) => Promise<void>;

function Server({ app, platforms, grants, faults, done, act, say }: { app: App; platforms: Platforms; grants: Grant[]; faults: Fault[]; done?: Done; act: Act; say: (words: string, failed?: boolean) => void }) {
  const names = platforms.map(({ displayName }) => displayName).join(t.sandbox.and);
  const mayManage = useMay("manage");
  const [, ask] = useMutation(AskNow);
  const askNow = async (action: BulkAction, words: string) => {
    const { data, error } = await ask({ action, platforms: app.platforms });
    const complaint = error ? explain(error) : data?.startBulkJob.userErrors[0]?.message;
    say(complaint ?? words, !!complaint);
  };
  const suspend = (suspended: boolean) => act(app.server, suspended ? t.sandbox.suspended : t.sandbox.restored, `apps/${app.server}`, { suspended });
  const breakIt = (preset: keyof typeof t.sandbox.faults) => act(app.server, t.sandbox.faults[preset].follows, "faults", { preset, platform: app.server });
  return (
    <section className="card" aria-label={names}>
      <header>
        <div className="named">
          {platforms.map((platform) => <PlatformIcon key={platform.id} platform={platform} />)}
          <h2>{names}</h2>
          {app.suspended && <Badge tone="bad">{t.sandbox.isSuspended}</Badge>}
          {faults.map((fault, i) => <Badge key={i} tone="bad">{faultName(fault)}</Badge>)}
        </div>
        <div className="actions">
          {mayManage && grants.length > 0 && (
            <>
              <Button small icon="refresh" onClick={() => askNow("CHECK_HEALTH", t.sandbox.checking)}>{t.sandbox.check}</Button>
              <Button small icon="refresh" onClick={() => askNow("REFRESH", t.sandbox.refreshing)}>{t.sandbox.refresh}</Button>
            </>
          )}
          <Menu button={<Button small icon="warning" aria-label={t.sandbox.breakNamed(names)}>{t.sandbox.break}</Button>}>
            {faultsFor(app.server).map((preset) => <MenuItem key={preset} onSelect={() => breakIt(preset)}>{t.sandbox.faults[preset].label}</MenuItem>)}
            <MenuSeparator />
            <MenuItem danger={!app.suspended} onSelect={() => suspend(!app.suspended)}>{app.suspended ? t.sandbox.restore : t.sandbox.suspend}</MenuItem>
          </Menu>
        </div>
      </header>
      <div aria-live="polite">{done && <Note tone={done.failed ? "bad" : "act"}><p>{done.words}</p></Note>}</div>
      {grants.length === 0 ? <p className="soft">{t.sandbox.noGrants}</p> : <Grants grants={grants} act={act} />}
    </section>
  );
}

const faultName = ({ preset, times = 1 }: Fault) => `${t.sandbox.faults[preset as keyof typeof t.sandbox.faults]?.label ?? preset ?? t.sandbox.ownFault}${times > 1 ? ` ×${times}` : ""}`;

/** The faults that make sense at a server: those that name a platform only there. */
function faultsFor(server: string) {
  const owners: Record<string, string> = { "linkedin-version": "linkedin", "linkedin-fresh-token": "linkedin", "twitter-credits": "twitter", "youtube-quota": "google_youtube" };
  return (Object.keys(t.sandbox.faults) as (keyof typeof t.sandbox.faults)[]).filter((preset) => !owners[preset] || owners[preset] === server);
}

function Grants({ grants, act }: { grants: Grant[]; act: Act }) {
  const [shrinking, setShrinking] = useState<Grant>();
  return (
    <>
      <table className="table cards grants">
        <thead>
          <tr><th>{t.sandbox.person}</th><th>{t.sandbox.token}</th><th>{t.sandbox.refreshToken}</th><th className="number">{t.sandbox.refreshes}</th><th className="end" /></tr>
        </thead>
        <tbody>
          {grants.map((grant) => (
            <tr key={grant.id}>
              <td>
                <strong>{grant.name}</strong> {grant.revoked && <Badge tone="bad">{t.sandbox.revoked}</Badge>} {grant.passwordChanged && <Badge tone="warn">{t.sandbox.passwordChanged}</Badge>}
                <div className="soft small">{grant.persona}</div>
              </td>
              <td data-label={t.sandbox.token}><Ends at={grant.accessTokenEndsAt} /></td>
              <td data-label={t.sandbox.refreshToken}>{!grant.hasRefreshToken ? t.sandbox.none : <Ends at={grant.refreshTokenEndsAt} />}</td>
              <td data-label={t.sandbox.refreshes} className="number">{grant.refreshes}</td>
              <td className="end">
                <Menu button={<Button small icon="play" aria-label={t.sandbox.actNamed(grant.name)}>{t.sandbox.act}</Button>}>
                  <Actions grant={grant} act={act} onShrink={() => setShrinking(grant)} />
                </Menu>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {shrinking && <Shrink grant={shrinking} act={act} onClose={() => setShrinking(undefined)} />}
    </>
  );
}

/** Go's zero time means no end. */
const Ends = ({ at }: { at?: string }) => (at && !at.startsWith("0001") ? <Countdown to={at} /> : t.time.noEnd);

/** Whether its accounts have tokens of their own, as Facebook's Pages have, which outlive the person's. */
const ownTokens = ({ platforms }: Grant) => platforms.includes("meta_facebook");

function Actions({ grant, act, onShrink }: { grant: Grant; act: Act; onShrink: () => void }) {
  const run = (name: keyof typeof t.sandbox.actions, path: string, body: object = {}) =>
    act(grant.server, t.sandbox.actions[name].follows(grant.name), `grants/${grant.id}/${path}`, body);
  const item = (name: keyof typeof t.sandbox.actions, path: string, body?: object, danger = false) => (
    <MenuItem danger={danger} onSelect={() => run(name, path, body)}>{t.sandbox.actions[name].label}</MenuItem>
  );
  return (
    <>
      {ownTokens(grant) ? item("personEnd", "age", { expiresInSeconds: 0 }) : (
        <>
          {item("day", "age", { expiresInSeconds: 24 * 3600 })}
          {item("hour", "age", { expiresInSeconds: 3600 })}
          {item("now", "age", { expiresInSeconds: 0 })}
        </>
      )}
      {grant.hasRefreshToken && item("refreshEnd", "expire-refresh")}
      <MenuSeparator />
      <MenuItem onSelect={onShrink}>{t.sandbox.actions.shrink.label}</MenuItem>
      {grant.dataAccessEndsAt && item("dataEnd", "end-data-access")}
      <MenuSeparator />
      {item("revoke", "revoke", {}, true)}
      {item("password", "password", {}, true)}
    </>
  );
}

function Shrink({ grant, act, onClose }: { grant: Grant; act: Act; onClose: () => void }) {
  const [left, setLeft] = useState(grant.scopes);
  const toggle = (scope: string) => setLeft(left.includes(scope) ? left.filter((one) => one !== scope) : [...left, scope]);
  const run = async () => {
    await act(grant.server, t.sandbox.actions.shrink.follows(grant.name), `grants/${grant.id}/shrink`, { scopes: left });
    onClose();
  };
  return (
    <Confirm title={t.sandbox.shrinkTitle(grant.name)} action={t.sandbox.shrinkNow} disabled={left.length === grant.scopes.length} onConfirm={run} onClose={onClose}>
      <p>{t.sandbox.shrinkText}</p>
      <div className="ticks">{grant.scopes.map((scope) => <Checkbox key={scope} label={<code>{scope}</code>} checked={left.includes(scope)} onChange={() => toggle(scope)} />)}</div>
    </Confirm>
  );
}
