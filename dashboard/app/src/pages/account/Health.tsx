import type { Clock } from "../../api/gen/graphql";
import { t } from "../../text";
import { Badge } from "../../ui/Badge";
import { formatAbsolute, useNow } from "../../ui/clock";
import { Diagnosis } from "../../ui/Diagnosis";
import { Incident } from "../../ui/Incident";
import { Card } from "../../ui/Page";
import { Note } from "../../ui/states";
import { Countdown, Time } from "../../ui/Time";
import type { AccountData } from "./Account";

const words = t.account.health;
const tones = { HEALTHY: "good", EXPIRING_SOON: "warn", EXPIRED: "bad", UNHEALTHY: "bad" } as const;

/** The verdict, and all that it rests on: which clock, which evidence, since when, who can fix it. */
export function Health({ account }: { account: AccountData }) {
  const { health, paused, diagnosis, platform, validation } = account;
  const unusable = health.status === "HEALTHY" && validation?.isValid === false;
  return (
    <Card title={words.title} aside={<span className="soft small">{t.status[health.status]} {words.since} <Time at={health.since} both /></span>}>
      <div className="stack">
        <Note tone={unusable ? "warn" : tones[health.status]} title={unusable ? words.unusable : verdict(account)} />
        {paused && (
          <Note tone="act" title={words.pausedBy(paused.by)}>
            <p>{words.pausedText}</p>
            <p className="soft small"><Time at={paused.since} both />{paused.reason && ` · ${paused.reason}`}</p>
          </Note>
        )}
        {platform.incident && <Incident of={platform.incident} />}
        {health.warnings.length > 0 && (
          <Note tone="warn" title={words.warnings}>
            {health.warnings.map(({ code, message }) => <p key={code + message}>{message}</p>)}
          </Note>
        )}
        {diagnosis && <Diagnosis of={diagnosis} />}
        <dl className="facts">
          <Clocks account={account} />
          <dt>{words.evidence}</dt>
          <dd>
            {health.checkedAt && health.checkedBy ? <>{words.checkedBy[health.checkedBy]} · <Time at={health.checkedAt} both /></> : <span className="soft">{words.neverChecked}</span>}
          </dd>
          <dt>{words.renewal}</dt>
          <dd><Renewal account={account} /></dd>
        </dl>
      </div>
    </Card>
  );
}

function verdict({ health: { status, reason, autoRefresh, expiresAt }, paused }: AccountData): string {
  switch (status) {
    case "HEALTHY":
      if (!expiresAt && !autoRefresh) return words.worksWithoutEnd;
      if (paused) return words.worksPaused;
      return autoRefresh ? words.works : words.worksNoRefresh;
    case "EXPIRING_SOON":
      return words.expiring;
    case "EXPIRED":
      return words.expired;
    case "UNHEALTHY":
      return reason ? `${t.reason[reason]}.` : words.unhealthy;
  }
}

/** What can end, and which of these ends the account. */
function Clocks({ account: { health, paused } }: { account: AccountData }) {
  const now = useNow("second");
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
        {Date.parse(end) > now ? <>{words.ends} <Countdown to={end} /></> : <>{words.ended} <Time at={end} /></>}
        <span className="soft"> · {formatAbsolute(Date.parse(end))}</span>{" "}
        {health.expiresBecause === clock
          ? health.status !== "UNHEALTHY" && <Badge tone="act">{words.decisive}</Badge>
          : clock === "ACCESS_TOKEN" && health.autoRefresh && !paused && <Badge>{words.renewed}</Badge>}
      </dd>
    </div>
  ));
}

function Renewal({ account: { health, paused } }: { account: AccountData }) {
  const { autoRefresh, expiresAt, nextRefreshAt, lastRefreshedAt } = health;
  if (!autoRefresh && !expiresAt) return words.needless;
  return (
    <>
      {!autoRefresh ? words.manual : paused ? words.held : words.auto}
      {nextRefreshAt && <> · {words.next} <Time at={nextRefreshAt} /></>}
      {" · "}{lastRefreshedAt ? <>{words.last} <Time at={lastRefreshedAt} /></> : words.never}
    </>
  );
}
