// The way through a platform's consent page, as a product would build it:
//
//   1. A press of a button opens an empty window, at once, or the browser would
//      take it for an unwanted one.
//   2. `connect` makes an attempt, and the window goes to its authorizationUrl.
//   3. `connectAttemptChanged` tells what comes of it, wherever the person is.
//
// Where the browser opens no window the page itself goes, and comes back with
// ?attempt=att_…. The address has that from the beginning, so that a reload finds
// the attempt; what is left unfinished elsewhere the server lists (Unfinished.tsx).

import { useEffect, useRef, useState } from "react";
import { useMutation, useQuery, useSubscription, type CombinedError } from "urql";
import { useSearchParams } from "wouter";
import type { AttemptFragment, ConnectInput, ConnectMutation } from "../api/gen/graphql";
import { explain } from "../api/errors";
import { graphql } from "../api/graphql";
import { doing } from "../shell/alerts";
import "../ui/Diagnosis";

export const Attempt = graphql(`
  fragment Attempt on ConnectAttempt {
    id status authorizationUrl expiresAt
    platform { id displayName color iconPath }
    candidates { platform { id displayName color iconPath } externalId kind displayName username avatarUrl account { id } }
    warnings { code message }
    accounts { id displayName username avatarUrl platform { id displayName color iconPath } }
    reconnects { id displayName }
    diagnosis { ...Diagnosis }
  }
`);

const Connect = graphql(`
  mutation Connect($input: ConnectInput!) {
    connect(input: $input) { attempt { ...Attempt } userErrors { code message diagnosis { ...Diagnosis } } }
  }
`);

export const CancelConnect = graphql(`
  mutation CancelConnect($id: ID!) {
    done: cancelConnect(input: { attemptId: $id }) { attempt { ...Attempt } userErrors { message } }
  }
`);

const CompleteConnect = graphql(`
  mutation CompleteConnect($id: ID!, $externalIds: [String!]!) {
    completeConnect(input: { attemptId: $id, externalIds: $externalIds }) {
      attempt { ...Attempt }
      userErrors { code message diagnosis { ...Diagnosis } }
    }
  }
`);

const AttemptChanged = graphql(`
  subscription AttemptChanged($id: ID!) { connectAttemptChanged(id: $id) { ...Attempt } }
`);

const AttemptQuery = graphql(`
  query Attempt($id: ID!) { connectAttempt(id: $id) { ...Attempt } }
`);

/** Why something could not be done. */
export type Problem = { message: string; diagnosis?: ConnectMutation["connect"]["userErrors"][number]["diagnosis"] };

const problemOf = (error?: CombinedError, userErrors: Problem[] = []): Problem | undefined => (error ? { message: explain(error) } : userErrors[0]);

/** Opens an empty window for a consent page; null where the browser does not. Call it within a press of a button. */
export function openWindow(): Window | null {
  const width = 560;
  const height = 760;
  const left = Math.max(0, screenX + (outerWidth - width) / 2);
  const top = Math.max(0, screenY + (outerHeight - height) / 2);
  return open("", "_blank", `popup,width=${width},height=${height},left=${left},top=${top}`);
}

/** The candidates of an attempt become accounts. */
export function useChoice(attempt: string) {
  const [{ fetching }, complete] = useMutation(CompleteConnect);
  const [problem, setProblem] = useState<Problem>();
  const choose = async (externalIds: string[]) => {
    setProblem(undefined);
    const { data, error } = await complete({ id: attempt, externalIds });
    setProblem(problemOf(error, data?.completeConnect.userErrors));
  };
  return { choose, busy: fetching, problem };
}

/** One run through consent, from the button to the result. */
export function useConsent() {
  const [search, setSearch] = useSearchParams();
  const id = search.get("attempt") ?? undefined;
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const [, connect] = useMutation(Connect);
  const [, cancel] = useMutation(CancelConnect);
  const popup = useRef<Window | null>(null);
  // The subscription keeps the attempt in the cache up to date; the query reads it there.
  useSubscription({ query: AttemptChanged, variables: { id: id ?? "" }, pause: !id });
  useEffect(() => void (id && doing(id)), [id]);
  const [{ data, fetching }] = useQuery({ query: AttemptQuery, variables: { id: id ?? "" }, pause: !id });
  // The result of the question before stays until this one's is there.
  const attempt: AttemptFragment | undefined = data?.connectAttempt?.id === id ? data?.connectAttempt ?? undefined : undefined;

  // Platforms may cut a window off from the page that opened it; then it stays open, and its own page says how it went.
  const over = attempt && attempt.status !== "PENDING";
  useEffect(() => {
    if (over) popup.current?.close();
  }, [over]);

  async function begin(input: ConnectInput) {
    setProblem(undefined);
    setBusy(true);
    popup.current = openWindow();
    const returnTo = popup.current ? undefined : location.href.replace(/[?#].*/, "");
    const { data, error } = await connect({ input: { ...input, returnTo } });
    setBusy(false);
    const begun = data?.connect.attempt;
    if (!begun?.authorizationUrl) {
      popup.current?.close();
      setProblem(problemOf(error, data?.connect.userErrors));
      return;
    }
    setSearch((before) => ({ ...Object.fromEntries(before), attempt: begun.id }), { replace: true });
    if (popup.current) popup.current.location = begun.authorizationUrl;
    else location.assign(begun.authorizationUrl);
  }

  /** The link leads to the platform again, in the same browser. */
  function again() {
    const address = attempt?.authorizationUrl;
    if (!address) return;
    if (popup.current && !popup.current.closed) popup.current.focus();
    else if ((popup.current = openWindow())) popup.current.location = address;
    else location.assign(address);
  }

  async function giveUp() {
    popup.current?.close();
    if (!id) return;
    const { data, error } = await cancel({ id });
    setProblem(problemOf(error, data?.done.userErrors));
  }

  function reset() {
    setSearch((before) => [...before].filter(([name]) => name !== "attempt"), { replace: true });
    setProblem(undefined);
  }

  /** Whether the window is known to be open. One that a platform has cut off looks as if it was closed. */
  const hasWindow = () => popup.current?.closed === false;

  return { attempt, busy: busy || (fetching && !attempt), problem, begin, again, giveUp, reset, hasWindow };
}

export type Consent = ReturnType<typeof useConsent>;
