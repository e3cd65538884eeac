import type { ReactNode } from "react";
import type { HealthStatus } from "../api/gen/graphql";
import { t } from "../text";

export type Tone = "good" | "warn" | "bad" | "over" | "act";

export function Badge({ tone, dot = false, children }: { tone?: Tone; dot?: boolean; children: ReactNode }) {
  return (
    <span className={`badge ${tone ?? ""}`}>
      {dot && <span className="dot" />}
      {children}
    </span>
  );
}

export const statusTone: Record<HealthStatus, Tone> = { HEALTHY: "good", EXPIRING_SOON: "warn", EXPIRED: "over", UNHEALTHY: "bad" };

/** An account's status, in colour and in words. */
export function Status({ status }: { status: HealthStatus }) {
  return (
    <Badge tone={statusTone[status]} dot>
      {t.status[status]}
    </Badge>
  );
}
