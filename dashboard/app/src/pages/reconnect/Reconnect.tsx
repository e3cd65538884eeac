import { Link } from "wouter";
import type { ReconnectQuery } from "../../api/gen/graphql";
import { graphql } from "../../api/graphql";
import { useLiveQuery } from "../../api/live";
import { Outcome, ProblemNote } from "../../consent/Outcome";
import { useConsent } from "../../consent/consent";
import { t } from "../../text";
import { Badge, Status } from "../../ui/Badge";
import { Button, ButtonLink } from "../../ui/Button";
import { Copy } from "../../ui/Copy";
import { Diagnosis } from "../../ui/Diagnosis";
import { Card, PageHead } from "../../ui/Page";
import { Avatar } from "../../ui/Platform";
import { Empty, Note, View } from "../../ui/states";

const ReconnectPage = graphql(`
  query Reconnect($id: ID!) {
    account(id: $id) {
      id displayName username avatarUrl disconnectedAt
      platform { id displayName color iconPath }
      health { status reason expiresAt }
      diagnosis { ...Diagnosis }
      reconnect {
        title steps reason consequence url missingPermissions
        requiredPermissions { name purpose missing }
        alsoAffects { id displayName avatarUrl platform { id displayName color iconPath } }
      }
    }
  }
`);

type Account = NonNullable<ReconnectQuery["account"]>;

/** Leads a person through mending one account: why it broke, what to do, consent, and what came of it. */
export default function Reconnect({ params: { id = "" } }: { params: Record<string, string> }) {
  const [result, refetch] = useLiveQuery({ query: ReconnectPage, variables: { id }, account: id });
  return (
    <View result={result} retry={() => refetch({ requestPolicy: "network-only" })}>
      {({ account }) => (account ? <Wizard account={account} /> : (
        <>
          <PageHead title={t.reconnect.button} />
          <Empty icon="search" title={t.reconnect.gone}>{t.reconnect.goneText}</Empty>
        </>
      ))}
    </View>
  );
}

function Wizard({ account }: { account: Account }) {
  const consent = useConsent();
  const { attempt } = consent;
  const begin = () => consent.begin({ platform: account.platform.id, accountId: account.id });
  return (
    <>
      <PageHead
        title={t.reconnect.title(account.displayName)}
        intro={t.reconnect.intro}
        actions={<ButtonLink icon="left" href={`/accounts/${account.id}`}>{t.reconnect.toAccount}</ButtonLink>}
      />
      <div className="wizard">
        <div className="stack main">
          <Card>
            <div className="subject">
              <Avatar account={account} large />
              <div>
                <strong>{account.displayName}</strong>
                <p className="soft">{account.username ? `@${account.username} · ` : ""}{account.platform.displayName}</p>
              </div>
              <Status status={account.health.status} />
            </div>
          </Card>
          {account.disconnectedAt ? <Note tone="warn"><p>{t.reconnect.disconnected}</p><ButtonLink href={`/connect?platform=${account.platform.id}`}>{t.connect.connect}</ButtonLink></Note> : attempt ? (
            <Card>
              <Outcome consent={consent} attempt={attempt} retry={begin}>
                <ButtonLink look="primary" href={`/accounts/${account.id}`}>{t.reconnect.toAccount}</ButtonLink>
              </Outcome>
            </Card>
          ) : (
            <>
              <Card title={t.reconnect.wrong}>
                {account.diagnosis ? <Diagnosis of={account.diagnosis} solutions={false} /> : <p className="soft">{t.reconnect.nothingWrong}</p>}
              </Card>
              <Card title={t.reconnect.steps}>
                <ol className="steps">{account.reconnect.steps.map((step) => <li key={step}>{step}</li>)}</ol>
                {consent.problem && <ProblemNote problem={consent.problem} />}
                <div className="begin">
                  <Button look="primary" icon="external" busy={consent.busy} onClick={begin}>{t.reconnect.button}</Button>
                  <p className="soft small">{t.reconnect.leads(account.platform.displayName)}</p>
                </div>
              </Card>
            </>
          )}
        </div>
        <div className="stack side">
          <Permissions of={account.reconnect} />
          <Others of={account.reconnect} />
          {account.reconnect.url && (
            <Card title={t.reconnect.notYours}>
              <p>{t.reconnect.sendLink}</p>
              <Copy text={account.reconnect.url} label={t.reconnect.copyLink} />
            </Card>
          )}
        </div>
      </div>
    </>
  );
}

function Permissions({ of: { requiredPermissions } }: { of: Account["reconnect"] }) {
  return (
    <Card title={t.reconnect.permissions}>
      <ul className="permissions">
        {requiredPermissions.map(({ name, purpose, missing }) => (
          <li key={name}>{purpose || <code>{name}</code>} {missing && <Badge tone="bad">{t.reconnect.missing}</Badge>}</li>
        ))}
      </ul>
    </Card>
  );
}

function Others({ of: { alsoAffects, consequence } }: { of: Account["reconnect"] }) {
  if (alsoAffects.length === 0) return null;
  return (
    <Card title={t.reconnect.others}>
      <ul className="account-lines">
        {alsoAffects.map((account) => (
          <li key={account.id}>
            <Link href={`/accounts/${account.id}`} className="account-line"><Avatar account={account} /><span className="name">{account.displayName}</span></Link>
          </li>
        ))}
      </ul>
      <p className="soft">{consequence}</p>
    </Card>
  );
}
