import { useState } from "react";
import { Outcome, ProblemNote } from "../../consent/Outcome";
import type { Consent } from "../../consent/consent";
import { t } from "../../text";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { splitLabels } from "../../ui/labels";
import { isReady, Readiness, type Method, type Offer } from "./Connect";
import { asked, More, type Wishes } from "./More";
import { Prerequisites } from "./Prerequisites";

/** From what the person needs to know, through consent, to the accounts. */
export function ConnectDialog({ platform, consent, onClose }: { platform: Offer; consent: Consent; onClose: () => void }) {
  const { displayName, loginMethods } = platform;
  const preferred = loginMethods.find(({ ready }) => ready) ?? loginMethods[0]!;
  const [methodId, setMethod] = useState(preferred.id);
  const method = loginMethods.find(({ id }) => id === methodId) ?? preferred;
  const { attempt } = consent;
  const [wishes, setWishes] = useState<Wishes>({ labels: "" });
  const { capabilities } = wishes;
  const begin = () => consent.begin({
    platform: platform.id, loginMethod: method.id,
    labels: splitLabels(wishes.labels), capabilities: capabilities && [...capabilities],
  });
  return (
    <Dialog open wide onClose={onClose} title={isReady(platform) ? t.connect.card(displayName) : t.connect.look(displayName)}>
      {attempt ? (
        <Outcome consent={consent} attempt={attempt} retry={begin}>
          <Button look="primary" onClick={onClose}>{t.consent.done}</Button>
          <Button onClick={consent.reset}>{t.consent.another}</Button>
        </Outcome>
      ) : (
        <>
          <p><Readiness platform={platform} /></p>
          {loginMethods.length > 1 && (
            <fieldset className="choices">
              <legend>{t.connect.loginMethod}</legend>
              {loginMethods.map(({ id, ready, requirements }) => (
                <label key={id} className="choice">
                  <input type="radio" name="method" checked={id === method.id} onChange={() => { setMethod(id); setWishes({ labels: wishes.labels }); }} />
                  <span>
                    <span className="name">{t.connect.methods[id] ?? id}</span>
                    <span className="soft small">{[...requirements, ...(ready ? [] : [t.connect.methodNotReady])].join(" · ")}</span>
                  </span>
                </label>
              ))}
            </fieldset>
          )}
          <Needs platform={platform} method={method} />
          <Permissions platform={platform} scopes={asked(method, capabilities)} />
          {method.ready && <More method={method} wishes={wishes} onChange={setWishes} />}
          {consent.problem && <ProblemNote problem={consent.problem} />}
          {method.ready && (
            <div className="begin">
              <Button look="primary" icon="external" busy={consent.busy} onClick={begin}>{t.connect.continue(displayName)}</Button>
              <p className="soft small">{t.connect.continueHint(displayName)}</p>
            </div>
          )}
          <Prerequisites platform={platform.id} loginMethod={method.id} open={!isReady(platform)} />
        </>
      )}
    </Dialog>
  );
}

function Needs({ platform, method }: { platform: Offer; method: Method }) {
  const needs = [...new Set([...platform.requirements, ...method.requirements])];
  if (needs.length === 0) return null;
  return (
    <section>
      <h3>{t.connect.requirements}</h3>
      <ul className="plain-list">{needs.map((need) => <li key={need}>{need}</li>)}</ul>
    </section>
  );
}

function Permissions({ platform, scopes }: { platform: Offer; scopes: Method["scopes"] }) {
  return (
    <section>
      <h3>{t.connect.permissions(platform.displayName)}</h3>
      <ul className="plain-list">
        {scopes.map(({ name, purpose, required }) => (
          <li key={name}>{purpose} {!required && <span className="soft small">({t.connect.optional})</span>}</li>
        ))}
      </ul>
    </section>
  );
}
