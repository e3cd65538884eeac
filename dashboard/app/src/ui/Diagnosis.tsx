import type { ReactNode } from "react";
import type { DiagnosisFragment } from "../api/gen/graphql";
import { graphql } from "../api/graphql";
import { t } from "../text";
import { Badge, type Tone } from "./Badge";
import { Icon } from "./icons";

export const DiagnosisParts = graphql(`
  fragment Diagnosis on Diagnosis {
    platform issueType severity fixableBy possibleCauses solutions docsUrl transient retryAfterSeconds suggestedAction
    confidence evidence { rule source value }
  }
`);

const tones: Record<DiagnosisFragment["severity"], Tone> = { HIGH: "bad", MEDIUM: "warn", LOW: "act" };

/** Below this a diagnosis is a guess. */
const sure = 0.5;

/** Whether any rule fits: what is not recognised comes with general advice, and nobody can be named. */
export const isRecognised = ({ confidence }: { confidence: number }) => confidence >= 0.2;

/**
 * What is wrong, whose job it is, and what to do, in order. `children` is the
 * next step as a button; `solutions={false}` where what to do stands elsewhere.
 */
export function Diagnosis({ of, solutions = true, children }: { of: DiagnosisFragment; solutions?: boolean; children?: ReactNode }) {
  const d = t.diagnosis;
  const recognised = isRecognised(of);
  return (
    <div className="diagnosis">
      <div className="diagnosis-head">
        <h3>{d.types[of.issueType]}</h3>
        {recognised && <Badge tone={tones[of.severity]} dot>{d.severity[of.severity]}</Badge>}
      </div>
      {recognised ? <p className="whose"><Icon name="user" size={16} /> <span className="soft">{d.whose}:</span> {t.fixableBy[of.fixableBy]}</p> : <p>{d.unrecognised}</p>}
      {recognised && of.confidence < sure && <p className="soft">{d.unsure}</p>}
      {solutions && of.solutions.length > 0 && (
        <>
          <h4>{d.solutions}</h4>
          <ol className="steps">{of.solutions.map((text) => <li key={text}>{text}</li>)}</ol>
        </>
      )}
      {(of.transient || of.retryAfterSeconds != null) && (
        <p className="soft">
          {of.transient && d.transient} {of.retryAfterSeconds != null && d.retryAfter(of.retryAfterSeconds)}
        </p>
      )}
      {children && <div className="actions">{children}</div>}
      {recognised && of.possibleCauses.length > 0 && (
        <>
          <h4>{d.causes}</h4>
          <ul className="plain-list">{of.possibleCauses.map((text) => <li key={text}>{text}</li>)}</ul>
        </>
      )}
      {recognised && <div className="diagnosis-foot">
        {of.docsUrl && <a href={of.docsUrl} target="_blank" rel="noreferrer">{d.docs} <Icon name="external" size={14} /><span className="visually-hidden"> ({t.common.newWindow})</span></a>}
        {of.evidence.length > 0 && (
          <details>
            <summary>{d.evidence} <span className="soft">· {d.confidence(of.confidence)}</span></summary>
            <dl className="facts small">
              {of.evidence.map(({ rule, source, value }) => (
                <div key={rule + source} className="evidence">
                  <dt>{source}</dt>
                  <dd><code>{value}</code> <span className="soft">{rule}</span></dd>
                </div>
              ))}
            </dl>
          </details>
        )}
      </div>}
    </div>
  );
}
