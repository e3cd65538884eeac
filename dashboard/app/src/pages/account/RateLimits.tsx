import { t } from "../../text";
import { Card } from "../../ui/Page";
import { Progress } from "../../ui/Progress";
import { Time } from "../../ui/Time";
import type { AccountData } from "./Account";

const words = t.account.limits;

/** What the platform told of the limits of this account. */
export function RateLimits({ limits }: { limits: AccountData["rateLimits"] }) {
  return (
    <Card title={words.title}>
      {limits.length === 0 && <p className="soft">{words.none}</p>}
      <div className="stack">
        {limits.map(({ name, limit, remaining, usedPercent, resetAt, observedAt }) => (
          <div key={name} className="limit">
            <p>
              <code>{name}</code>
              <span className="soft small">
                {limit != null && remaining != null ? words.left(remaining, limit) : words.used(usedPercent)}
                {resetAt && <> · {words.resets} <Time at={resetAt} /></>}
                {" · "}{words.told} <Time at={observedAt} />
              </span>
            </p>
            <Progress label={name} done={Math.min(100, Math.round(usedPercent))} total={100} />
          </div>
        ))}
      </div>
    </Card>
  );
}
