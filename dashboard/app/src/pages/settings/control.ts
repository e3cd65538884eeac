// The control API of the sandbox, as docs/sandbox.md has it.

import { useCallback, useEffect, useState } from "react";
import { onBatch } from "../../api/live";
import { t } from "../../text";

/** What a person has granted to Mooring at a server of the sandbox. */
export interface Grant {
  id: string;
  server: string;
  platforms: string[];
  persona: string;
  name: string;
  scopes: string[];
  accessTokenEndsAt: string;
  hasRefreshToken: boolean;
  refreshTokenEndsAt?: string;
  refreshes: number;
  revoked: boolean;
  passwordChanged: boolean;
  dataAccessEndsAt?: string;
}

/** Mooring's app at a server. */
export interface App {
  server: string;
  platforms: string[];
  suspended: boolean;
}

export interface Fault {
  preset?: string;
  platform?: string;
  times?: number;
}

/** Sends a request. Rejects with an Error whose message is for people. */
export async function control<Answer>(method: "GET" | "POST" | "DELETE", path: string, body?: object): Promise<Answer> {
  const response = await fetch(`/sandbox/api/${path}`, {
    method,
    headers: body && { "content-type": "application/json" },
    body: body && JSON.stringify(body),
  }).catch(() => Promise.reject(new Error(t.error.network)));
  if (response.status === 204) return undefined as Answer;
  const answer = (await response.json()) as Answer & { error?: string };
  if (!response.ok) throw new Error(answer.error ?? t.error.server);
  return answer;
}

export interface State {
  grants: Grant[];
  apps: App[];
  faults: Fault[];
}

/** The sandbox as it is, read again whenever something happened to an account. */
export function useSandbox() {
  const [state, setState] = useState<State>();
  const [problem, setProblem] = useState("");
  const read = useCallback(async () => {
    try {
      const [grants, apps, faults] = await Promise.all([control<Grant[]>("GET", "grants"), control<App[]>("GET", "apps"), control<Fault[]>("GET", "faults")]);
      setState({ grants, apps, faults });
      setProblem("");
    } catch (error) {
      setProblem((error as Error).message);
    }
  }, []);
  useEffect(() => {
    void read();
    const end = onBatch(() => void read());
    return () => void end();
  }, [read]);
  return { state, problem, read };
}
