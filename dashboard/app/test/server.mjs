// Talks to a running Mooring whose platforms are played by the sandbox: what a
// test or a picture needs before a browser opens.

import assert from "node:assert/strict";

/** A GraphQL request of the local owner. Fails on errors. */
export async function ask(base, query, variables = {}) {
  const response = await fetch(`${base}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  assert(!errors, `${query}: ${JSON.stringify(errors)}`);
  return data;
}

/**
 * Connects accounts through the sandbox's consent page, without a browser.
 * `consent` has the fields of its form, such as persona, lifetime and refresh.
 * Returns the ids of the accounts.
 */
export async function connect(base, platform, consent = {}, input = {}) {
  const { connect } = await ask(
    base,
    `mutation ($input: ConnectInput!) {
      connect(input: $input) { attempt { id authorizationUrl } userErrors { code message } }
    }`,
    { input: { platform, ...input } },
  );
  assert(connect.attempt, JSON.stringify(connect.userErrors));
  await follow(base, connect.attempt.authorizationUrl, consent);
  const question = `query ($id: ID!) {
    connectAttempt(id: $id) { status candidates { externalId } accounts { id } diagnosis { issueType } }
  }`;
  let { connectAttempt } = await ask(base, question, { id: connect.attempt.id });
  if (connectAttempt.status === "AWAITING_SELECTION") {
    const externalIds = connectAttempt.candidates.map((candidate) => candidate.externalId);
    await ask(base, `mutation ($input: CompleteConnectInput!) { completeConnect(input: $input) { userErrors { message } } }`, {
      input: { attemptId: connect.attempt.id, externalIds },
    });
    ({ connectAttempt } = await ask(base, question, { id: connect.attempt.id }));
  }
  assert.equal(connectAttempt.status, "COMPLETED", `${platform}: ${JSON.stringify(connectAttempt)}`);
  return connectAttempt.accounts.map(({ id }) => id);
}

/** Follows an authorizationUrl through consent and back, without a browser. */
export async function follow(base, authorizationUrl, consent = {}) {
  const browser = new Cookies();
  const consentPage = await browser.send("POST", authorizationUrl);
  const callback = await browser.send("POST", consentPage, { decision: "approve", ...consent });
  await browser.send("GET", callback);
}

/** Signs a person in by a link. Returns their cookies, as a browser takes them. */
export async function signIn(base, link) {
  const person = new Cookies();
  await person.send("POST", link);
  return [...person.kept].map(([name, value]) => ({ name, value, url: base }));
}

/** A request to the sandbox's control API. */
export async function control(base, method, path, body) {
  const response = await fetch(`${base}/sandbox/api/${path}`, {
    method,
    headers: body && { "content-type": "application/json" },
    body: body && JSON.stringify(body),
  });
  assert(response.ok, `${method} ${path}: ${response.status} ${await response.clone().text()}`);
  return response.status === 204 ? undefined : response.json();
}

/** Sets how long the tokens of a person at a platform go on. */
export async function age(base, platform, persona, expiresInSeconds) {
  for (const grant of await grantsOf(base, platform, persona)) {
    await control(base, "POST", `grants/${grant.id}/age`, { expiresInSeconds });
  }
}

/** Takes a person's access away at the platform. */
export async function revoke(base, platform, persona) {
  for (const grant of await grantsOf(base, platform, persona)) await control(base, "POST", `grants/${grant.id}/revoke`, {});
}

async function grantsOf(base, platform, persona) {
  const grants = await control(base, "GET", `grants?platform=${platform}`);
  return grants.filter((grant) => grant.persona === persona);
}

/** Follows nobody's redirects and keeps cookies, as a browser would. */
class Cookies {
  kept = new Map();

  /** Returns where the answer leads. */
  async send(method, url, form) {
    const cookie = [...this.kept].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(url, {
      method,
      redirect: "manual",
      headers: cookie ? { cookie } : {},
      body: form && new URLSearchParams(form),
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = line.match(/^([^=]+)=([^;]*)/);
      this.kept.set(name, value);
    }
    assert(response.status < 400, `${method} ${url}: ${response.status} ${await response.text()}`);
    return new URL(response.headers.get("location") ?? url, url).href;
  }
}
