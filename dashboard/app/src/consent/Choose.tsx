import { useState } from "react";
import type { AttemptFragment } from "../api/gen/graphql";
import { t } from "../text";
import { Badge } from "../ui/Badge";
import { Button } from "../ui/Button";
import { Avatar } from "../ui/Platform";
import { Note } from "../ui/states";
import { useChoice } from "./consent";
import { ProblemNote } from "./Outcome";

/** A consent reaches several Pages, channels or organisations: the person says which become accounts. */
export function Choose({ attempt: { id, candidates, warnings }, giveUp }: { attempt: AttemptFragment; giveUp?: () => void }) {
  const [chosen, setChosen] = useState(() => new Set(candidates.filter(({ account }) => account).map(({ externalId }) => externalId)));
  const { choose, busy, problem } = useChoice(id);
  const all = chosen.size === candidates.length;
  const toggle = (externalId: string) => {
    const next = new Set(chosen);
    if (!next.delete(externalId)) next.add(externalId);
    setChosen(next);
  };
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy) choose([...chosen]);
      }}
    >
      <div>
        <h3>{t.consent.choose}</h3>
        <p className="soft">{t.consent.chooseText}</p>
      </div>
      {warnings.map(({ code, message }) => <Note key={code} tone="warn"><p>{message}</p></Note>)}
      <fieldset className="choices">
        <legend className="visually-hidden">{t.consent.choose}</legend>
        {candidates.map((candidate) => (
          <label key={candidate.externalId} className="choice">
            <input type="checkbox" checked={chosen.has(candidate.externalId)} onChange={() => toggle(candidate.externalId)} />
            <Avatar account={candidate} />
            <span>
              <span className="name">{candidate.displayName}</span>
              <span className="soft small">{t.kind[candidate.kind]}{candidate.username ? ` · @${candidate.username}` : ""}</span>
            </span>
            {candidate.account && <Badge>{t.consent.already}</Badge>}
          </label>
        ))}
      </fieldset>
      {problem && <ProblemNote problem={problem} />}
      <div className="actions">
        <Button look="primary" type="submit" busy={busy} disabled={chosen.size === 0}>{t.consent.connectChosen(chosen.size)}</Button>
        <Button onClick={() => setChosen(new Set(all ? [] : candidates.map(({ externalId }) => externalId)))}>{all ? t.consent.chooseNone : t.consent.chooseAll}</Button>
        {giveUp && <Button look="plain" onClick={giveUp}>{t.consent.giveUp}</Button>}
      </div>
    </form>
  );
}
