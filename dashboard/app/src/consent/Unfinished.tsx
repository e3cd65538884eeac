import { useAct } from "../api/actions";
import type { AttemptFragment } from "../api/gen/graphql";
import { graphql } from "../api/graphql";
import { useLiveQuery } from "../api/live";
import { t } from "../text";
import { Button, ButtonLink } from "../ui/Button";
import { Card } from "../ui/Page";
import { PlatformIcon } from "../ui/Platform";
import { Countdown } from "../ui/Time";
import { CancelConnect } from "./consent";

const UnfinishedAttempts = graphql(`
  query UnfinishedAttempts { viewer { unfinishedAttempts { ...Attempt } } }
`);

/** What the person has begun to connect and not finished, to go on with: after a reload, too, and in another tab. */
export function Unfinished() {
  const [{ data }] = useLiveQuery({ query: UnfinishedAttempts });
  const attempts = data?.viewer.unfinishedAttempts.filter(isUnfinished) ?? [];
  if (attempts.length === 0) return null;
  return (
    <Card title={t.consent.unfinished} className="unfinished">
      <ul className="account-lines">{attempts.map((attempt) => <Line key={attempt.id} attempt={attempt} />)}</ul>
    </Card>
  );
}

/** Whether an attempt still waits for the person. */
export const isUnfinished = ({ status }: AttemptFragment) => status === "PENDING" || status === "AWAITING_SELECTION";

function Line({ attempt: { id, platform, status, reconnects, expiresAt } }: { attempt: AttemptFragment }) {
  const [act, busy] = useAct();
  const choosing = status === "AWAITING_SELECTION";
  return (
    <li className="connected">
      <PlatformIcon platform={platform} />
      <span>
        <span className="name">{reconnects ? t.reconnect.title(reconnects.displayName) : platform.displayName}</span>
        <span className="soft small">{choosing ? t.consent.waitsForChoice : t.consent.waitsForConsent} · {t.consent.endsIn} <Countdown to={expiresAt} /></span>
      </span>
      <span className="actions">
        <ButtonLink small look="primary" href={`${reconnects ? `/accounts/${reconnects.id}/reconnect` : "/connect"}?attempt=${id}`}>{choosing ? t.consent.chooseNow : t.consent.goOn}</ButtonLink>
        <Button small busy={busy !== undefined} onClick={() => act(CancelConnect, { id })}>{t.consent.giveUp}</Button>
      </span>
    </li>
  );
}
