import type { Clock } from "../../api/gen/graphql";
import { t } from "../../text";
import { Badge } from "../../ui/Badge";
import { Icon } from "../../ui/icons";
import { Card } from "../../ui/Page";
import { Note } from "../../ui/states";
import { Countdown, Time } from "../../ui/Time";
import type { AccountData } from "./Account";

const words = t.account.health;

/** The verdict, and all that it rests on: which clock, which evidence, since when, who can fix it. */
export function Health({ account }: { account: AccountData }) {
  const { health, paused, diagnosis } = account;
  const tone = { HEALTHY: "good", EXPIRING_SOON: "warn", EXPIRED: "bad", UNHEALTHY: "bad" } as const;
  const verdict = {
    HEALTHY: health.autoRefresh || !health.expiresAt ? words.works : words.worksNoRefresh,
    EXPIRING_SOON: words.expiring,
    EXPIRED: words.expired,
    UNHEALTHY: health.reason ? `${t.reason[health.reason]}.` : words.unhealthy,
  };
  return (
    <Card title={words.title} aside={<span className="soft small">{t.status[health.status]} {words.since} <Time at={health.since} both /></span>}>
      <div className="stack">
        <Note tone={tone[health.status]} title={verdict[health.status]}>
          {diagnosis && <p>{words.who}: <strong>{t.fixableBy[diagnosis.fixableBy]}</strong></p>}
        </Note>
        {paused && (
          <Note tone="act" title={words.pausedBy(paused.by)}>
            <p>{words.pausedText}</p>
            <p className="soft small"><Time at={paused.since} both />{paused.reason && ` · ${paused.reason}`}</p>
          </Note>
        )}
        {health.warnings.length > 0 && (
          <Note tone="warn" title={words.warnings}>
            {health.warnings.map(({ code, message }) => <p key={code + message}>{message}</p>)}
          </Note>
        )}
        {diagnosis && <Diagnosis diagnosis={diagnosis} />}
        <dl className="facts">
          <Clocks health={health} />
          <dt>{words.evidence}</dt>
          <dd>
            {health.checkedAt && health.checkedBy ? <>{words.checkedBy[health.checkedBy]} · <Time at={health.checkedAt} both /></> : <span className="soft">{words.neverChecked}</span>}
          </dd>
          <dt>{words.renewal}</dt>
          <dd>
            {health.autoRefresh ? words.auto : words.manual}
            {health.nextRefreshAt && <> · {words.next} <Time at={health.nextRefreshAt} /></>}
            {health.lastRefreshedAt && <> · {words.last} <Time at={health.lastRefreshedAt} /></>}
          </dd>
        </dl>
      </div>
    </Card>
  );
}

function Clocks({ health }: { health: AccountData["health"] }) {
  const clocks: [Clock, string, string | null | undefined][] = [
    ["ACCESS_TOKEN", words.accessToken, health.accessTokenExpiresAt],
    ["REFRESH_TOKEN", words.refreshToken, health.refreshTokenExpiresAt],
    ["CONSENT", words.consent, health.consentExpiresAt],
  ];
  const known = clocks.filter(([, , end]) => end);
  if (known.length === 0) return <><dt>{words.clocks}</dt><dd>{words.noEnd}</dd></>;
  return known.map(([clock, name, end]) => end && (
    <div key={clock} className="fact">
      <dt>{name}</dt>
      <dd>
        {Date.parse(end) > Date.now() ? <>{words.ends} <Countdown to={end} /></> : <>{words.ended} <Time at={end} /></>}
        <span className="soft"> · {new Date(end).toLocaleString()}</span>{" "}
        {health.expiresBecause === clock ? <Badge tone="act">{words.decisive}</Badge> : clock === "ACCESS_TOKEN" && health.autoRefresh && <Badge>{words.renewed}</Badge>}
      </dd>
    </div>
  ));
}

function Diagnosis({ diagnosis }: { diagnosis: NonNullable<AccountData["diagnosis"]> }) {
  const { possibleCauses, solutions, docsUrl } = diagnosis;
  return (
    <div className="diagnosis">
      {possibleCauses.length > 0 && (
        <div>
          <h3>{words.causes}</h3>
          <ul>{possibleCauses.map((cause) => <li key={cause}>{cause}</li>)}</ul>
        </div>
      )}
      {solutions.length > 0 && (
        <div>
          <h3>{words.solutions}</h3>
          <ol>{solutions.map((solution) => <li key={solution}>{solution}</li>)}</ol>
        </div>
      )}
      {docsUrl && <a href={docsUrl} target="_blank" rel="noreferrer" className="with-icon">{words.docs}<Icon name="external" size={14} /></a>}
    </div>
  );
}
