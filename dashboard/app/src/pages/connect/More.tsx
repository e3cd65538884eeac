import type { Capability } from "../../api/gen/graphql";
import { t } from "../../text";
import { Checkbox, Field, Input } from "../../ui/Field";
import type { Method } from "./Connect";

/** What the person wants of the accounts beside the platform's default, to be given to `connect`. */
export interface Wishes {
  labels: string;
  /** The platform's default ones unless somebody chose. */
  capabilities?: ReadonlySet<Capability>;
}

/** Labels for the new accounts, and what they are to be used for. */
export function More({ method, wishes, onChange }: { method: Method; wishes: Wishes; onChange: (wishes: Wishes) => void }) {
  const chosen = wishes.capabilities ?? defaults(method);
  const toggle = (capability: Capability) => {
    const capabilities = new Set(chosen);
    if (!capabilities.delete(capability)) capabilities.add(capability);
    onChange({ ...wishes, capabilities });
  };
  return (
    <details className="more">
      <summary>{t.common.more} <span className="soft small">{t.connect.more}</span></summary>
      <div className="stack">
        <fieldset className="choices">
          <legend>{t.connect.wanted}</legend>
          <div className="checks-in-line">
            {method.capabilities.map((capability) => (
              <Checkbox
                key={capability}
                label={t.account.permissions.names[capability]}
                checked={chosen.has(capability)}
                disabled={isFixed(method, capability)}
                onChange={() => toggle(capability)}
              />
            ))}
          </div>
        </fieldset>
        <Field label={t.account.details.labels} hint={t.account.labelsDialog.text}>
          <Input value={wishes.labels} onChange={(event) => onChange({ ...wishes, labels: event.target.value })} />
        </Field>
      </div>
    </details>
  );
}

/** What accounts are used for unless somebody chooses. */
const defaults = ({ scopes }: Method) => new Set(scopes.filter((scope) => scope.required || scope.default).map(({ capability }) => capability));

/** Whether a capability is asked for in any case. */
const isFixed = ({ scopes }: Method, wanted: Capability) =>
  scopes.some(({ capability, required, default: byDefault }) => capability === wanted && (required || (byDefault && capability === "STAY_CONNECTED")));

/** The permissions that the platform will ask for, as `connect` chooses them. */
export function asked({ scopes }: Method, capabilities?: ReadonlySet<Capability>) {
  const hasDefault = (wanted: Capability) => scopes.some((scope) => scope.capability === wanted && scope.default);
  return scopes.filter(({ required, default: byDefault, capability }) => {
    const named = capabilities?.has(capability) ?? false;
    return required || (byDefault && (!capabilities || named || capability === "STAY_CONNECTED")) || (named && !hasDefault(capability));
  });
}
