import { t } from "../../text";
import { Card } from "../../ui/Page";
import { Note } from "../../ui/states";
import { Time } from "../../ui/Time";
import type { AccountData } from "./Account";

const words = t.account.validation;

/** What the platform said when it was asked whether the account can be used. */
export function Validation({ validation }: { validation: AccountData["validation"] }) {
  return (
    <Card title={words.title} aside={validation?.checkedAt && <span className="soft small"><Time at={validation.checkedAt} /></span>}>
      {!validation ? <p className="soft">{words.never}</p> : (
        <div className="stack">
          {validation.isValid === null ? <Note tone="warn">{words.unknown}</Note> : validation.isValid ? <Note tone="good">{words.valid}</Note> : <Note tone="bad">{words.invalid}</Note>}
          {!validation.verified && validation.isValid !== null && <p className="soft small">{words.unverified}</p>}
          <ul>
            {[...validation.errors, ...validation.warnings].map(({ code, message }) => <li key={code + message}>{message}</li>)}
          </ul>
        </div>
      )}
    </Card>
  );
}
