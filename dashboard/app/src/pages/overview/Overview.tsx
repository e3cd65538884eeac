import { Link } from "wouter";
import { config } from "../../api/config";
import type { AccountRowFragment, HealthStatus, OverviewQuery as Data } from "../../api/gen/graphql";
import { graphql } from "../../api/graphql";
import { useLiveQuery } from "../../api/live";
import { useMay } from "../../api/viewer";
import { t } from "../../text";
import { ButtonLink } from "../../ui/Button";
import { Status, statusTone } from "../../ui/Badge";
import { Incident } from "../../ui/Incident";
import { Card, PageHead } from "../../ui/Page";
import { Avatar, PlatformIcon } from "../../ui/Platform";
import { Empty, View } from "../../ui/states";
import { Countdown, Time } from "../../ui/Time";
import { Feed } from "./Feed";
import { Trends } from "./Trends";

const OverviewQuery = graphql(`
  query Overview {
    overview {
      totalAccounts
      byStatus { status count }
      byPlatform { platform { id displayName color iconPath } count byStatus { status count } }
      nextExpiries { ...AccountRow }
      queue { due inFlight nextRefreshAt }
      incidents { ...Incident }
    }
    broken: accounts(first: 5, filter: { statuses: [EXPIRED, UNHEALTHY] }, orderBy: { field: EXPIRES_AT }) {
      nodes { ...AccountRow }
    }
  }
`);

/** The workspace at a glance. */
export function Overview() {
  const [result, refetch] = useLiveQuery({ query: OverviewQuery });
  return (
    <>
      <PageHead title={t.overview.title} intro={t.overview.intro} />
      <View result={result} retry={() => refetch({ requestPolicy: "network-only" })}>
        {({ overview, broken }) => (overview.totalAccounts === 0 ? <FirstSteps /> : <Glance overview={overview} broken={broken.nodes} />)}
      </View>
    </>
  );
}

function FirstSteps() {
  const mayConnect = useMay("connect");
  return (
    <Card>
      <Empty icon="connect" title={t.overview.empty} action={mayConnect && <ButtonLink look="primary" icon="connect" href="/connect">{t.overview.emptyAction}</ButtonLink>}>
        {mayConnect ? `${t.overview.emptyText} ${config.sandbox ? t.overview.emptySandbox : ""}` : t.overview.emptyForbidden}
      </Empty>
    </Card>
  );
}

function Glance({ overview, broken }: { overview: Data["overview"]; broken: AccountRowFragment[] }) {
  return (
    <div className="overview">
      {overview.incidents.map((incident) => (
        <Incident key={incident.platform.id} of={incident} />
      ))}
      <Tiles counts={overview.byStatus} />
      <div className="stack main">
        {broken.length > 0 && <Accounts title={t.overview.broken} all={{ href: "/accounts?status=attention", label: t.overview.brokenAll }} accounts={broken} />}
        <Accounts title={t.overview.attention} all={{ href: "/accounts?sort=EXPIRES_AT", label: t.overview.attentionAll }} accounts={overview.nextExpiries} none={t.overview.attentionNone} />
        <Trends />
      </div>
      <div className="stack side">
        <Platforms platforms={overview.byPlatform} total={overview.totalAccounts} />
        <Queue queue={overview.queue} />
        <Feed />
      </div>
    </div>
  );
}

/** A number for each status, which leads to the accounts it counts. */
function Tiles({ counts }: { counts: { status: HealthStatus; count: number }[] }) {
  return (
    <div className="tiles" role="group" aria-label={t.overview.byStatus}>
      {counts.map(({ status, count }) => (
        <Link key={status} href={`/accounts?status=${status}`} className="tile">
          <span className="label">
            <span className={`dot ${statusTone[status]}`} />
            {t.status[status]}
          </span>
          <b>{count.toLocaleString()}</b>
          <span className="soft small">{t.overview.statusHint[status]}</span>
        </Link>
      ))}
    </div>
  );
}

function Accounts({ title, all, accounts, none }: { title: string; all: { href: string; label: string }; accounts: AccountRowFragment[]; none?: string }) {
  return (
    <Card title={title} aside={<Link href={all.href}>{all.label}</Link>}>
      {accounts.length === 0 && <p className="soft">{none}</p>}
      <ul className="account-lines">
        {accounts.map((account) => (
          <li key={account.id}><AccountLine account={account} /></li>
        ))}
      </ul>
    </Card>
  );
}

function AccountLine({ account }: { account: AccountRowFragment }) {
  const { health } = account;
  return (
    <Link href={`/accounts/${account.id}`} className="account-line">
      <Avatar account={account} />
      <span>
        <span className="name">{account.displayName}</span>
        <span className="soft small">{account.platform.displayName}{health.reason ? ` · ${t.reason[health.reason]}` : ""}</span>
      </span>
      <span className="right">
        <Status status={health.status} />
        {health.expiresAt && <span className="soft small">{health.isExpired ? <>{t.overview.ended} <Time at={health.expiresAt} /></> : <>{t.overview.ends} <Countdown to={health.expiresAt} /></>}</span>}
      </span>
    </Link>
  );
}

function Platforms({ platforms, total }: { platforms: Data["overview"]["byPlatform"]; total: number }) {
  return (
    <Card title={t.overview.byPlatform} aside={<span className="soft">{t.overview.total(total)}</span>}>
      <div className="platform-rows">
        {platforms.map(({ platform, count, byStatus }) => (
          <Link key={platform.id} href={`/accounts?platform=${platform.id}`} className="platform-row">
            <PlatformIcon platform={platform} />
            <strong>{platform.displayName}</strong>
            <span>{count.toLocaleString()}</span>
            <span className="share" role="img" aria-label={byStatus.map((one) => `${one.count} ${t.status[one.status]}`).join(", ")}>
              {byStatus.map((one) => one.count > 0 && <i key={one.status} className={`fill-${one.status}`} style={{ width: `${(100 * one.count) / count}%` }} />)}
            </span>
          </Link>
        ))}
      </div>
    </Card>
  );
}

function Queue({ queue }: { queue: Data["overview"]["queue"] }) {
  return (
    <Card title={t.overview.queue}>
      <dl className="facts">
        <dt>{t.overview.queueDue}</dt>
        <dd>{queue.due.toLocaleString()}</dd>
        <dt>{t.overview.queueInFlight}</dt>
        <dd>{queue.inFlight.toLocaleString()}</dd>
        <dt>{t.overview.queueNext}</dt>
        <dd>{queue.nextRefreshAt ? <Time at={queue.nextRefreshAt} /> : t.overview.queueIdle}</dd>
      </dl>
    </Card>
  );
}
