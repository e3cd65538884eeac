import { useState } from "react";
import { useQuery } from "urql";
import { useSearchParams } from "wouter";
import type { SetUpQuery as SetUp } from "../../api/gen/graphql";
import { graphql } from "../../api/graphql";
import { t } from "../../text";
import { Badge, type Tone } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { Checks } from "../../ui/Checks";
import { Copy } from "../../ui/Copy";
import { Icon } from "../../ui/icons";
import { Linked } from "../../ui/Linked";
import { PlatformIcon } from "../../ui/Platform";
import { View } from "../../ui/states";
import { Time } from "../../ui/Time";
import { Settings } from "./Settings";

const SetUpQuery = graphql(`
  query SetUp {
    platforms {
      id displayName color iconPath difficulty setupMinutes requirements setupSteps limits consoleUrl docsUrl statusUrl sandboxed
      loginMethods {
        id ready requirements redirectUri environment
        redirectRules { httpHosts queryAllowed note }
        apiVersion { name endsAt latest state }
      }
    }
  }
`);

const ChecksQuery = graphql(`
  query Checks($id: ID!) {
    platform(id: $id) { id prerequisites { readyToConnect checks { name status message fix } } }
  }
`);

type Platform = SetUp["platforms"][number];
type Method = Platform["loginMethods"][number];

/** How each platform is set up, and whether it is. */
export default function Platforms() {
  const [result, refetch] = useQuery({ query: SetUpQuery });
  const [search] = useSearchParams();
  return (
    <Settings page="platforms">
      <View result={result} retry={() => refetch({ requestPolicy: "network-only" })}>
        {({ platforms }) => platforms.map((platform) => <Guide key={platform.id} platform={platform} open={search.get("platform") === platform.id} />)}
      </View>
    </Settings>
  );
}

function Guide({ platform, open }: { platform: Platform; open: boolean }) {
  const [shown, setShown] = useState(open);
  return (
    <details className="card guide" open={open} onToggle={(event) => event.currentTarget.open && setShown(true)}>
      <summary>
        <PlatformIcon platform={platform} />
        <h2>{platform.displayName}</h2>
        <Readiness platform={platform} />
        <span className="soft small spring">{t.setup.effort(t.setup.difficulty[platform.difficulty], platform.setupMinutes)}</span>
        <Icon name="down" />
      </summary>
      {shown && <Steps platform={platform} />}
    </details>
  );
}

function Readiness({ platform: { sandboxed, loginMethods } }: { platform: Platform }) {
  if (sandboxed) return <Badge tone="warn">{t.setup.sandboxed}</Badge>;
  return loginMethods.some(({ ready }) => ready) ? <Badge tone="good" dot>{t.setup.ready}</Badge> : <Badge>{t.setup.notReady}</Badge>;
}

function Steps({ platform }: { platform: Platform }) {
  return (
    <div className="guide-body">
      {platform.sandboxed && <p className="soft">{t.setup.sandboxedText}</p>}
      {platform.requirements.length > 0 && <List title={t.setup.before} items={platform.requirements} />}
      <section>
        <h3>{t.setup.steps}</h3>
        <ol>{platform.setupSteps.map((step) => <li key={step}><Linked text={step} /></li>)}</ol>
        <p className="actions">
          <a className="button small" href={platform.consoleUrl} target="_blank" rel="noreferrer">{t.setup.console(platform.displayName)}<Icon name="external" size={15} /></a>
          <a className="button small plain" href={platform.docsUrl} target="_blank" rel="noreferrer">{t.setup.docs}<Icon name="external" size={15} /></a>
        </p>
      </section>
      {platform.loginMethods.map((method) => <Method key={method.id} method={method} named={platform.loginMethods.length > 1} />)}
      {platform.limits.length > 0 && <List title={t.setup.limits} items={platform.limits} />}
      <Prerequisites platform={platform.id} />
    </div>
  );
}

function List({ title, items }: { title: string; items: string[] }) {
  return (
    <section>
      <h3>{title}</h3>
      <ul>{items.map((item) => <li key={item}><Linked text={item} /></li>)}</ul>
    </section>
  );
}

function Method({ method: { id, redirectUri, redirectRules, environment, apiVersion, requirements, ready }, named }: { method: Method; named: boolean }) {
  const local = /^http:/.test(redirectUri) && !redirectRules.httpHosts.includes(new URL(redirectUri).hostname);
  return (
    <section className="method">
      {named && <h3>{t.setup.method(t.setup.methods[id] ?? id)} {ready && <Badge tone="good" dot>{t.setup.ready}</Badge>}</h3>}
      {named && requirements.length > 0 && <p className="soft">{requirements.join(" ")}</p>}
      <dl className="facts">
        <dt>{t.setup.redirect}</dt>
        <dd>
          <Copy text={redirectUri} />
          {local && <p className="small wrong">{t.setup.needsHttps}</p>}
          {redirectRules.note && <p className="small soft">{redirectRules.note}</p>}
        </dd>
        <dt>{t.setup.environment}</dt>
        <dd>
          <ul className="variables">
            {environment.map((name, i) => <li key={name}><Copy text={name} /> <span className="soft small">{i < 2 ? t.setup.needed : t.setup.optional}</span></li>)}
          </ul>
          <Copy label={t.setup.copyEnv} text={environment.slice(0, 2).map((name) => `${name}=\n`).join("")} />
        </dd>
        {apiVersion && (
          <>
            <dt>{t.setup.version}</dt>
            <dd>
              {apiVersion.name} <Badge tone={versionTone[apiVersion.state]}>{t.setup.versions[apiVersion.state]}</Badge>
              {apiVersion.endsAt && <> <span className="soft small">{t.setup.ends} <Time at={apiVersion.endsAt} /></span></>}
              {apiVersion.state !== "CURRENT" && <p className="small soft">{t.setup.newest(apiVersion.latest)}</p>}
            </dd>
          </>
        )}
      </dl>
    </section>
  );
}

const versionTone: Record<NonNullable<Method["apiVersion"]>["state"], Tone> = { CURRENT: "good", ENDING: "warn", ENDED: "bad", UNKNOWN: "warn" };

function Prerequisites({ platform }: { platform: string }) {
  const [result, refetch] = useQuery({ query: ChecksQuery, variables: { id: platform }, requestPolicy: "cache-and-network" });
  const again = () => refetch({ requestPolicy: "network-only" });
  return (
    <section>
      <h3>{t.setup.checks} <Button small look="plain" icon="refresh" busy={result.fetching} onClick={again}>{t.setup.checkAgain}</Button></h3>
      <View result={result} retry={again}>
        {({ platform }) => platform && <div className="stack"><Checks of={platform.prerequisites} /></div>}
      </View>
    </section>
  );
}
