import { useState } from "react";
import { useQuery } from "urql";
import type { PrerequisitesQuery } from "../../api/gen/graphql";
import { graphql } from "../../api/graphql";
import { t } from "../../text";
import { Badge, type Tone } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { Copy } from "../../ui/Copy";
import { Icon } from "../../ui/icons";
import { Note, View } from "../../ui/states";

const PrerequisitesOf = graphql(`
  query Prerequisites($id: ID!) {
    platform(id: $id) {
      id consoleUrl setupSteps
      loginMethods { id redirectUri environment }
      prerequisites { readyToConnect checks { name status message fix } }
    }
  }
`);

type Found = NonNullable<PrerequisitesQuery["platform"]>;
type Check = Found["prerequisites"]["checks"][number];

const tones: Record<Check["status"], Tone | undefined> = { PASS: "good", WARN: "warn", FAIL: "bad", SKIPPED: undefined };

/** What has to be so before people can connect, checked when it is opened, with what to do and what to copy. */
export function Prerequisites({ platform, loginMethod, open = false }: { platform: string; loginMethod: string; open?: boolean }) {
  const [opened, setOpened] = useState(open);
  const [result, refetch] = useQuery({ query: PrerequisitesOf, variables: { id: platform }, pause: !opened, requestPolicy: "network-only" });
  return (
    <details className="prerequisites" open={open} onToggle={(event) => event.currentTarget.open && setOpened(true)}>
      <summary>{t.connect.prerequisites} <span className="soft small">{t.connect.prerequisitesIntro}</span></summary>
      <View result={result} retry={() => refetch()}>
        {({ platform: found }) => found && (
          <div className="stack">
            <Checks of={found} />
            <SetUp of={found} loginMethod={loginMethod} />
            <div className="actions"><Button small icon="refresh" busy={result.fetching} onClick={() => refetch()}>{t.connect.checkAgain}</Button></div>
          </div>
        )}
      </View>
    </details>
  );
}

function Checks({ of: { prerequisites: { readyToConnect, checks } } }: { of: Found }) {
  const notable = checks.filter(({ status }) => status !== "PASS");
  const passed = checks.filter(({ status }) => status === "PASS");
  const failed = checks.filter(({ status }) => status === "FAIL").length;
  return (
    <>
      {!readyToConnect && <Note tone="bad" title={t.connect.prerequisitesBad(failed)} />}
      {readyToConnect && notable.length === 0 && <Note tone="good" title={t.connect.prerequisitesGood} />}
      <ul className="checks">{notable.map((check) => <Line key={check.name} check={check} />)}</ul>
      {passed.length > 0 && (
        <details>
          <summary>{t.connect.showPassed(passed.length)}</summary>
          <ul className="checks">{passed.map((check) => <Line key={check.name} check={check} />)}</ul>
        </details>
      )}
    </>
  );
}

function Line({ check: { name, status, message, fix } }: { check: Check }) {
  return (
    <li>
      <Badge tone={tones[status]} dot>{t.connect.check[status]}</Badge>
      <div>
        <strong>{name}</strong>
        <p>{message}</p>
        {fix && <div className="fix"><p><span className="soft">{t.connect.fix}:</span> {fix}</p><Copy text={fix} label={t.common.copy} /></div>}
      </div>
    </li>
  );
}

/** What an operator types into the platform's console, and into this installation's environment. */
function SetUp({ of: { consoleUrl, setupSteps, loginMethods }, loginMethod }: { of: Found; loginMethod: string }) {
  const method = loginMethods.find(({ id }) => id === loginMethod);
  return (
    <details>
      <summary>{t.connect.setUp}</summary>
      <div className="stack">
        {method && (
          <dl className="facts">
            <dt>{t.connect.redirectUri}</dt>
            <dd><Copy text={method.redirectUri} /></dd>
            <dt>{t.connect.variables}</dt>
            <dd>{method.environment.slice(0, 2).map((name) => <div key={name}><Copy text={name} /></div>)}</dd>
          </dl>
        )}
        <h4>{t.connect.setupSteps}</h4>
        <ol className="steps">{setupSteps.map((step) => <li key={step}>{step}</li>)}</ol>
        <p><a href={consoleUrl} target="_blank" rel="noreferrer">{t.connect.console} <Icon name="external" size={14} /><span className="visually-hidden"> ({t.common.newWindow})</span></a></p>
      </div>
    </details>
  );
}
