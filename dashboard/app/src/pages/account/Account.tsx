import { Link } from "wouter";
import type { AccountQuery as Data } from "../../api/gen/graphql";
import { useLiveQuery } from "../../api/live";
import { useMay } from "../../api/viewer";
import { t } from "../../text";
import { Badge, Status } from "../../ui/Badge";
import { ButtonLink } from "../../ui/Button";
import { Copy } from "../../ui/Copy";
import { Icon } from "../../ui/icons";
import { Card, PageHead } from "../../ui/Page";
import { Avatar } from "../../ui/Platform";
import { Empty, Note, View } from "../../ui/states";
import { Time } from "../../ui/Time";
import { Actions } from "./Actions";
import { AccountQuery } from "./document";
import { Health } from "./Health";
import { Activity, History } from "./History";
import { Permissions } from "./Permissions";
import { RateLimits } from "./RateLimits";
import { Validation } from "./Validation";

export type AccountData = NonNullable<Data["account"]>;

/** Everything about one account. */
export default function Account({ params: { id = "" } }: { params: Record<string, string> }) {
  const [result, refetch] = useLiveQuery({ query: AccountQuery, variables: { id }, account: id });
  return (
    <>
      <Link href="/accounts" className="back"><Icon name="left" size={16} />{t.account.back}</Link>
      <View result={result} retry={() => refetch({ requestPolicy: "network-only" })}>
        {({ account }) => (account ? <Shown account={account} /> : (
          <Empty icon="search" title={t.account.notFound} action={<ButtonLink href="/accounts">{t.account.back}</ButtonLink>}>{t.account.notFoundText}</Empty>
        ))}
      </View>
    </>
  );
}

function Shown({ account }: { account: AccountData }) {
  const mayAudit = useMay("audit");
  const { id, displayName, platform, username, health, paused, disconnectedAt } = account;
  return (
    <>
      <div className="account-head">
        <Avatar account={account} large />
        <PageHead
          title={displayName}
          intro={
            <span className="badges">
              {disconnectedAt ? <Badge tone="bad">{t.status.DISCONNECTED}</Badge> : <Status status={health.status} />}
              {paused && <Badge>{t.status.PAUSED}</Badge>}
              <span>{platform.displayName}{username && ` · @${username}`}</span>
            </span>
          }
          actions={<Actions account={account} />}
        />
      </div>
      {disconnectedAt && <Note tone="warn" title={t.status.DISCONNECTED}><p>{t.account.disconnected(displayName)}</p></Note>}
      <div className="overview">
        <div className="stack main">
          {!disconnectedAt && <Health account={account} />}
          {!disconnectedAt && <Permissions permissions={account.permissions} />}
          <History id={id} />
        </div>
        <div className="stack side">
          <Validation validation={account.validation} />
          <RateLimits limits={account.rateLimits} />
          <Details account={account} />
          {mayAudit && <Activity id={id} />}
        </div>
      </div>
    </>
  );
}

function Details({ account }: { account: AccountData }) {
  const words = t.account.details;
  const { id, externalId, kind, connectedAt, connectedBy, externalUserId, labels, profileUrl } = account;
  return (
    <Card title={words.title} aside={profileUrl && <a href={profileUrl} target="_blank" rel="noreferrer" className="with-icon">{t.account.openProfile}<Icon name="external" size={14} /></a>}>
      <dl className="facts stacked">
        <dt>{words.kind}</dt>
        <dd>{t.kind[kind]}</dd>
        <dt>{words.connected}</dt>
        <dd><Time at={connectedAt} both /></dd>
        <dt>{words.connectedBy}</dt>
        <dd>{t.common.user(connectedBy)}</dd>
        {externalUserId && <><dt>{words.externalUser}</dt><dd>{externalUserId}</dd></>}
        <dt>{words.labels}</dt>
        <dd>{labels.length === 0 ? <span className="soft">{words.none}</span> : <span className="badges">{labels.map((label) => <Link key={label} href={`/accounts?label=${encodeURIComponent(label)}`} className="badge">{label}</Link>)}</span>}</dd>
        <dt>{words.externalId}</dt>
        <dd><Copy text={externalId} /></dd>
        <dt>{words.id}</dt>
        <dd><Copy text={id} /></dd>
        {account.validation?.accountInfo.details.map(({ name, value }) => <Fact key={name} name={name} value={value} />)}
      </dl>
    </Card>
  );
}

const Fact = ({ name, value }: { name: string; value: string }) => <><dt>{name}</dt><dd>{value}</dd></>;
