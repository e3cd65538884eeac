import type { IncidentFragment } from "../api/gen/graphql";
import { graphql } from "../api/graphql";
import { t } from "../text";
import { Note } from "./states";
import { Time } from "./Time";

export const IncidentParts = graphql(`
  fragment Incident on Incident { platform { id displayName } reason since diagnosis { possibleCauses solutions fixableBy } }
`);

/** That a platform has trouble, or refuses this installation's app: since when, why, and whose job it is. */
export function Incident({ of: { platform, since, reason, diagnosis } }: { of: IncidentFragment }) {
  return (
    <Note tone="bad" title={t.alerts.platform(platform.displayName)}>
      <p>{diagnosis.possibleCauses[0] ?? t.reason[reason]}</p>
      {diagnosis.solutions[0] && <p>{diagnosis.solutions[0]}</p>}
      <p className="small soft">{t.overview.incidentSince} <Time at={since} both /> · {t.fixableBy[diagnosis.fixableBy]}</p>
    </Note>
  );
}
