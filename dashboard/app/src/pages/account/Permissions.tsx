import { t } from "../../text";
import { Badge } from "../../ui/Badge";
import { Icon } from "../../ui/icons";
import { Card } from "../../ui/Page";
import { Note } from "../../ui/states";
import { Time } from "../../ui/Time";
import type { AccountData } from "./Account";

const words = t.account.permissions;

/** What the account can be used for, and which scopes that lacks. */
export function Permissions({ permissions }: { permissions: AccountData["permissions"] }) {
  const { capabilities, granted, missing, source, checkedAt } = permissions;
  return (
    <Card title={words.title} aside={<span className="soft small">{words.source[source]} · <Time at={checkedAt} /></span>}>
      <div className="stack">
        {missing.length > 0 && <Note tone="warn" title={words.missingRequired}><p>{missing.map((scope) => <code key={scope}>{scope} </code>)}</p></Note>}
        <table className="table">
          <thead>
            <tr>
              <th>{words.capability}</th>
              <th>{words.available}</th>
            </tr>
          </thead>
          <tbody>
            {capabilities.map(({ name, available, missingScopes }) => (
              <tr key={name}>
                <td>
                  {words.names[name]}
                  {missingScopes.length > 0 && <p className="soft small">{words.missing} {missingScopes.map((scope) => <code key={scope}>{scope} </code>)}</p>}
                </td>
                <td>{available ? <Badge tone="good"><Icon name="check" size={14} />{words.yes}</Badge> : <Badge><Icon name="close" size={14} />{words.no}</Badge>}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <div>
          <h3>{words.granted}</h3>
          <p className="badges">{granted.map((scope) => <code key={scope} className="badge">{scope}</code>)}</p>
        </div>
      </div>
    </Card>
  );
}
