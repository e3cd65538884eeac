import { useState } from "react";
import { useQuery } from "urql";
import type { PrerequisitesQuery } from "../../api/gen/graphql";
import { graphql } from "../../api/graphql";
import { t } from "../../text";
import { Button } from "../../ui/Button";
import { Checks } from "../../ui/Checks";
import { Copy } from "../../ui/Copy";
import { Icon } from "../../ui/icons";
import { View } from "../../ui/states";

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
            <Checks of={found.prerequisites} />
            <SetUp of={found} loginMethod={loginMethod} />
            <div className="actions"><Button small icon="refresh" busy={result.fetching} onClick={() => refetch()}>{t.connect.checkAgain}</Button></div>
          </div>
        )}
      </View>
    </details>
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
