import { useState, type FormEvent } from "react";
import { useQuery } from "urql";
import { useSearchParams } from "wouter";
import { CheckHealth, useAct } from "../../api/actions";
import type { DiagnoseInput, DiagnosisFragment, Stage } from "../../api/gen/graphql";
import { graphql } from "../../api/graphql";
import { useLiveQuery } from "../../api/live";
import { useMay } from "../../api/viewer";
import { t } from "../../text";
import { Status } from "../../ui/Badge";
import { Button, ButtonLink, IconButton } from "../../ui/Button";
import { Copy } from "../../ui/Copy";
import { Diagnosis, isRecognised } from "../../ui/Diagnosis";
import { Field, Input, Select } from "../../ui/Field";
import { Icon } from "../../ui/icons";
import { Card, PageHead } from "../../ui/Page";
import { Avatar } from "../../ui/Platform";
import { Empty, View } from "../../ui/states";

const Diagnose = graphql(`
  query Diagnose($input: DiagnoseInput!) { diagnose(input: $input) { ...Diagnosis } }
`);

const Subject = graphql(`
  query TroubleshootSubject($id: ID!) {
    platforms { id displayName statusUrl errorsUrl }
    account(id: $id) { id displayName username avatarUrl platform { id displayName color iconPath } health { status } }
  }
`);

const stages: Stage[] = ["AUTHORIZE", "EXCHANGE", "REFRESH", "API", "REVOKE"];

/** Explains an error that somebody pastes, or what is wrong with the account of ?account=. */
export default function Troubleshoot() {
  const [search, setSearch] = useSearchParams();
  const accountId = search.get("account") ?? "";
  const [asked, setAsked] = useState<DiagnoseInput>();
  const [subject] = useQuery({ query: Subject, variables: { id: accountId } });
  const account = subject.data?.account;
  const input = asked ?? (accountId ? { accountId } : undefined);
  // Only what happens to the account makes the answer another.
  const [result, refetch] = useLiveQuery({ query: Diagnose, variables: { input: input ?? {} }, pause: !input, requestPolicy: "network-only", account: accountId || "none" });
  const platforms = subject.data?.platforms ?? [];
  return (
    <>
      <PageHead title={t.troubleshoot.title} intro={t.troubleshoot.intro} />
      <div className="troubleshoot">
        <div className="stack">
          {account && (
            <Card>
              <div className="subject">
                <Avatar account={account} />
                <div>
                  <strong>{account.displayName}</strong>
                  <p className="soft small">{account.platform.displayName}</p>
                </div>
                <Status status={account.health.status} />
                <IconButton small icon="close" label={t.troubleshoot.dropAccount} onClick={() => { setSearch({}, { replace: true }); setAsked(undefined); }} />
              </div>
            </Card>
          )}
          <Card>
            <ErrorForm platforms={account ? [] : platforms} onAsk={(given) => setAsked({ ...given, accountId: accountId || undefined })} busy={result.fetching} />
          </Card>
        </div>
        <div aria-live="polite">
          {!input ? (
            <Card><Empty icon="troubleshoot" title={t.troubleshoot.nothing}>{t.troubleshoot.nothingText}</Empty></Card>
          ) : (
            <Card title={account && !asked ? (result.data?.diagnose === null ? t.troubleshoot.wellAccount(account.displayName) : t.troubleshoot.ofAccount(account.displayName)) : undefined}>
              <View result={result} retry={() => refetch()}>
                {({ diagnose }) => (diagnose ? (
                  <Diagnosis of={diagnose}>
                    {isRecognised(diagnose) ? (
                      <Next of={diagnose} accountId={account?.id} status={platforms.find(({ id }) => id === diagnose.platform)?.statusUrl} />
                    ) : (
                      <Unrecognised asked={asked} errors={platforms.find(({ id }) => id === diagnose.platform)?.errorsUrl} />
                    )}
                  </Diagnosis>
                ) : <p>{t.troubleshoot.wellText}</p>)}
              </View>
            </Card>
          )}
        </div>
      </div>
    </>
  );
}

function ErrorForm({ platforms, onAsk, busy }: { platforms: { id: string; displayName: string }[]; onAsk: (input: DiagnoseInput) => void; busy: boolean }) {
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const given = (name: string) => String(form.get(name) ?? "").trim() || undefined;
    if (!["errorMessage", "errorCode", "httpStatus", "body"].some(given)) {
      event.currentTarget.querySelector("textarea")!.focus();
      return;
    }
    onAsk({
      platform: given("platform"),
      stage: given("stage") as Stage | undefined,
      httpStatus: given("httpStatus") ? Number(given("httpStatus")) : undefined,
      errorCode: given("errorCode"),
      errorSubcode: given("errorSubcode"),
      errorMessage: given("errorMessage"),
      body: given("body"),
    });
  };
  return (
    <form className="stack" onSubmit={submit}>
      <Field label={t.troubleshoot.message} hint={t.troubleshoot.messageHint}>
        <textarea className="input" name="errorMessage" placeholder={t.troubleshoot.placeholder} spellCheck={false} rows={5} />
      </Field>
      <div className="fields">
        {platforms.length > 0 && (
          <Field label={t.troubleshoot.platform}>
            <Select name="platform">
              <option value="">{t.troubleshoot.anyPlatform}</option>
              {platforms.map(({ id, displayName }) => <option key={id} value={id}>{displayName}</option>)}
            </Select>
          </Field>
        )}
        <Field label={t.troubleshoot.stage}>
          <Select name="stage">
            <option value="">{t.troubleshoot.anyStage}</option>
            {stages.map((stage) => <option key={stage} value={stage}>{t.troubleshoot.stages[stage]}</option>)}
          </Select>
        </Field>
      </div>
      <details>
        <summary>{t.troubleshoot.more}</summary>
        <div className="stack">
          <div className="fields">
            <Field label={t.troubleshoot.httpStatus}><Input name="httpStatus" inputMode="numeric" pattern="[1-5][0-9][0-9]" /></Field>
            <Field label={t.troubleshoot.errorCode}><Input name="errorCode" spellCheck={false} /></Field>
            <Field label={t.troubleshoot.errorSubcode}><Input name="errorSubcode" spellCheck={false} /></Field>
          </div>
          <Field label={t.troubleshoot.body}><textarea className="input" name="body" spellCheck={false} rows={4} /></Field>
        </div>
      </details>
      <div className="actions"><Button look="primary" type="submit" icon="search" busy={busy}>{t.troubleshoot.ask}</Button></div>
    </form>
  );
}

/** What helps with an error that no rule fits. `errors` is the platform's documentation of its errors. */
function Unrecognised({ asked, errors }: { asked?: DiagnoseInput; errors?: string }) {
  const words = t.troubleshoot.unrecognised;
  return (
    <div className="next">
      <h4>{words.title}</h4>
      <ul className="plain-list">
        <li>{words.more}</li>
        {errors && <li><a href={errors} target="_blank" rel="noreferrer" className="with-icon">{words.errors}<Icon name="external" size={14} /></a></li>}
        <li>{words.tell} <code>mooring unknown-errors</code></li>
      </ul>
      {asked && <Copy label={words.report} text={JSON.stringify(asked, null, 2)} />}
    </div>
  );
}

/** What the diagnosis says to do next, as a button where the dashboard can do it. */
function Next({ of: { suggestedAction, platform }, accountId, status }: { of: DiagnosisFragment; accountId?: string; status?: string | null }) {
  const [act, busy] = useAct();
  const texts = t.troubleshoot.actions;
  const mayConnect = useMay("connect");
  const mayManage = useMay("manage");
  return (
    <div className="next">
      <h4>{t.troubleshoot.next}</h4>
      <p>{t.troubleshoot.actionTexts[suggestedAction]}</p>
      {suggestedAction === "RECONNECT" && mayConnect && (
        <ButtonLink look="primary" icon="refresh" href={accountId ? `/accounts/${accountId}/reconnect` : platform ? `/connect?platform=${platform}` : "/connect"}>{texts.RECONNECT}</ButtonLink>
      )}
      {suggestedAction === "RETRY" && accountId && mayManage && <Button look="primary" icon="refresh" busy={busy !== undefined} onClick={() => act(CheckHealth, { id: accountId }, t.troubleshoot.checked)}>{texts.RETRY}</Button>}
      {suggestedAction === "FIX_CONFIGURATION" && platform && mayConnect && <ButtonLink look="primary" icon="settings" href={`/connect?platform=${platform}`}>{texts.FIX_CONFIGURATION}</ButtonLink>}
      {suggestedAction === "SET_UP_ACCOUNT" && platform && mayConnect && <ButtonLink look="primary" icon="info" href={`/connect?platform=${platform}`}>{texts.SET_UP_ACCOUNT}</ButtonLink>}
      {suggestedAction === "CONTACT_PLATFORM" && status && <a className="button primary" href={status} target="_blank" rel="noreferrer">{texts.CONTACT_PLATFORM}</a>}
    </div>
  );
}
