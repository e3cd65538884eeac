import type { CheckStatus } from "../api/gen/graphql";
import { t } from "../text";
import { Badge, type Tone } from "./Badge";
import { Copy } from "./Copy";
import { Linked } from "./Linked";
import { Note } from "./states";

interface Check {
  name: string;
  status: CheckStatus;
  message: string;
  fix?: string | null;
}

const tones: Record<CheckStatus, Tone | undefined> = { PASS: "good", WARN: "warn", FAIL: "bad", SKIPPED: undefined };

/** What has to be so before people can connect a platform: what is wrong first, with what to do; what is well on demand. */
export function Checks({ of: { readyToConnect, checks } }: { of: { readyToConnect: boolean; checks: Check[] } }) {
  const notable = checks.filter(({ status }) => status !== "PASS");
  const passed = checks.filter(({ status }) => status === "PASS");
  const failed = checks.filter(({ status }) => status === "FAIL").length;
  return (
    <>
      {!readyToConnect && <Note tone="bad" title={t.connect.prerequisitesBad(failed)} />}
      {readyToConnect && notable.length === 0 && <Note tone="good" title={t.connect.prerequisitesGood} />}
      {notable.length > 0 && <ul className="checks">{notable.map((check) => <Line key={check.name} check={check} />)}</ul>}
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
        {fix && <div className="fix"><p><span className="soft">{t.connect.fix}:</span> <Linked text={fix} /></p><Copy text={fix} label={t.common.copy} /></div>}
      </div>
    </li>
  );
}
