import type { ReactNode } from "react";
import type { AttemptFragment } from "../api/gen/graphql";
import { t } from "../text";
import { Button, ButtonLink } from "../ui/Button";
import { Diagnosis } from "../ui/Diagnosis";
import { Avatar } from "../ui/Platform";
import { Note } from "../ui/states";
import { useNow } from "../ui/clock";
import { Countdown } from "../ui/Time";
import { Choose } from "./Choose";
import type { Consent, Problem } from "./consent";

interface Props {
  consent: Consent;
  attempt: AttemptFragment;
  /** Begins anew. */
  retry: () => void;
  /** What is offered after success. */
  children?: ReactNode;
}

/** What has become of an attempt so far, and what the person can do next. */
export function Outcome(props: Props) {
  const { problem } = props.consent;
  return (
    <div className="stack">
      <State {...props} />
      {problem && <ProblemNote problem={problem} />}
    </div>
  );
}

function State({ consent, attempt, retry, children }: Props) {
  const { platform, status } = attempt;
  switch (status) {
    case "PENDING":
      return <Waiting consent={consent} attempt={attempt} />;
    case "AWAITING_SELECTION":
      return <Choose attempt={attempt} giveUp={consent.giveUp} />;
    case "COMPLETED":
      return (
        <div className="stack" role="status">
          <Note tone="good" title={attempt.reconnects ? t.consent.reconnected(platform.displayName) : t.consent.connected(platform.displayName)} />
          <Accounts of={attempt} />
          {children && <div className="actions">{children}</div>}
        </div>
      );
    default:
      return (
        <div className="stack">
          <Note tone={status === "FAILED" ? "bad" : "warn"} title={t.consent.failed(platform.displayName)}>
            {status === "CANCELLED" && <p>{t.consent.cancelled}</p>}
            {status === "EXPIRED" && <p>{t.consent.expired}</p>}
          </Note>
          {attempt.diagnosis && <Diagnosis of={attempt.diagnosis} />}
          <div className="actions">
            <Button look="primary" icon="refresh" busy={consent.busy} onClick={retry}>{t.consent.tryAgain}</Button>
          </div>
        </div>
      );
  }
}

function Waiting({ consent, attempt }: { consent: Consent; attempt: AttemptFragment }) {
  useNow("second"); // no event tells that a window was closed
  return (
    <div className="outcome">
      <span className="spinner large" />
      <div role="status">
        <h3>{t.consent.waiting(attempt.platform.displayName)}</h3>
        <p className="soft">{t.consent.waitingText}</p>
        {attempt.authorizationUrl && !consent.hasWindow() && <Note tone="act"><p>{t.consent.windowGone}</p></Note>}
      </div>
      <p className="soft small">{t.consent.endsIn} <Countdown to={attempt.expiresAt} /></p>
      <div className="actions">
        <Button icon="external" onClick={consent.again}>{t.consent.again}</Button>
        <Button look="plain" onClick={consent.giveUp}>{t.consent.giveUp}</Button>
      </div>
    </div>
  );
}

/** The accounts that an attempt has connected. */
export function Accounts({ of }: { of: AttemptFragment }) {
  return (
    <ul className="account-lines">
      {of.accounts.map((account) => (
        <li key={account.id} className="connected">
          <Avatar account={account} />
          <span>
            <span className="name">{account.displayName}</span>
            <span className="soft small">{account.username ? `@${account.username} · ` : ""}{account.platform.displayName}</span>
          </span>
          <ButtonLink small href={`/accounts/${account.id}`}>{t.consent.toAccount}</ButtonLink>
        </li>
      ))}
    </ul>
  );
}

/** Why something could not be done. */
export function ProblemNote({ problem }: { problem: Problem }) {
  return (
    <div className="stack">
      <Note tone="bad" title={t.connect.refusedHere}><p>{problem.message}</p></Note>
      {problem.diagnosis && <Diagnosis of={problem.diagnosis} />}
    </div>
  );
}
