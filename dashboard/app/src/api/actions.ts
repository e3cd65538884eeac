// What can be done to one account. Each mutation answers with the account as it
// is then, so every view of it follows by the cache.

import { useCallback, useState } from "react";
import { useClient, type AnyVariables, type TypedDocumentNode } from "urql";
import { say } from "../shell/alerts";
import { t } from "../text";
import { explain } from "./errors";
import { graphql } from "./graphql";
import "./live"; // has the fragment AccountRow

export const Problem = graphql(`
  fragment Problem on UserError { code message field diagnosis { issueType solutions fixableBy } }
`);

export const CheckHealth = graphql(`
  mutation CheckHealth($id: ID!) {
    done: checkHealth(input: { accountId: $id }) { account { ...AccountRow } userErrors { ...Problem } }
  }
`);

export const Refresh = graphql(`
  mutation Refresh($id: ID!) {
    done: refresh(input: { accountId: $id, force: true }) { account { ...AccountRow } refreshed error userErrors { ...Problem } }
  }
`);

export const Validate = graphql(`
  mutation Validate($id: ID!) {
    done: validate(input: { accountId: $id }) {
      account { ...AccountRow validation { isValid verified checkedAt errors { code message } warnings { code message } } }
      userErrors { ...Problem }
    }
  }
`);

export const CheckPermissions = graphql(`
  mutation CheckPermissions($id: ID!) {
    done: checkPermissions(input: { accountId: $id }) {
      account { ...AccountRow permissions { granted missing optionalMissing source checkedAt capabilities { name available missingScopes } } }
      userErrors { ...Problem }
    }
  }
`);

export const Pause = graphql(`
  mutation Pause($id: ID!, $reason: String) {
    done: pause(input: { accountId: $id, reason: $reason }) { account { ...AccountRow } userErrors { ...Problem } }
  }
`);

export const Resume = graphql(`
  mutation Resume($id: ID!) {
    done: resume(input: { accountId: $id }) { account { ...AccountRow } userErrors { ...Problem } }
  }
`);

export const SetLabels = graphql(`
  mutation SetLabels($id: ID!, $labels: [String!]!) {
    done: setLabels(input: { accountId: $id, labels: $labels }) { account { ...AccountRow } userErrors { ...Problem } }
  }
`);

export const Disconnect = graphql(`
  mutation Disconnect($id: ID!) {
    done: disconnect(input: { accountId: $id }) {
      account { ...AccountRow } revokedAtPlatform revocationNote revokeUrl userErrors { ...Problem }
    }
  }
`);

interface Payload {
  userErrors: { message: string }[];
}

/**
 * Runs mutations whose payload is called `done`, and tells in a toast what came
 * out: `success`, if any, where it went well, what the server says where not. Resolves
 * with the payload, or undefined after a failure. The second value is the
 * document of the mutation that is under way.
 */
export function useAct() {
  const client = useClient();
  const [busy, setBusy] = useState<unknown>();
  const act = useCallback(
    async <Data extends { done: Payload }, Variables extends AnyVariables>(
      document: TypedDocumentNode<Data, Variables>,
      variables: Variables,
      success?: string | ((payload: Data["done"]) => string),
    ): Promise<Data["done"] | undefined> => {
      setBusy(document);
      const { data, error } = await client.mutation(document, variables).toPromise();
      setBusy(undefined);
      const [problem] = data?.done.userErrors ?? [];
      if (problem) say("warn", problem.message);
      else if (error || !data) say("bad", t.error.refused, error ? explain(error) : undefined);
      else {
        if (success) say("good", typeof success === "string" ? success : success(data.done));
        return data.done;
      }
      return undefined;
    },
    [client],
  );
  return [act, busy] as const;
}
