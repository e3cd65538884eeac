// What a view shows when it has no data to show: loading, empty, not permitted,
// failed.

import { Component, type ReactNode } from "react";
import type { CombinedError } from "urql";
import { codeOf, explain } from "../api/errors";
import { useViewer } from "../api/viewer";
import { t } from "../text";
import { Button } from "./Button";
import { Copy } from "./Copy";
import { Icon, type IconName } from "./icons";

export function Loading({ label = t.common.loading }: { label?: string }) {
  return (
    <div className="loading" role="status" aria-label={label}>
      <i />
      <i />
      <i />
    </div>
  );
}

/** Nothing is there: says why, and what to do about it. */
export function Empty({ icon, title, children, action }: { icon: IconName; title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="empty">
      <Icon name={icon} size={40} />
      <h2>{title}</h2>
      {children && <p>{children}</p>}
      {action}
    </div>
  );
}

type Tone = "bad" | "warn" | "good" | "act";
const noteIcons: Record<Tone, IconName> = { bad: "error", warn: "warning", good: "check", act: "info" };

/** Something to read beside the content. */
export function Note({ tone, title, children }: { tone: Tone; title?: string; children?: ReactNode }) {
  return (
    <div className={`note ${tone}`} role={tone === "bad" ? "alert" : undefined}>
      <Icon name={noteIcons[tone]} size={20} />
      <div>
        {title && <strong>{title}</strong>}
        {children}
      </div>
    </div>
  );
}

/** The caller's role does not include what is shown here. */
export function Forbidden() {
  const role = useViewer()?.role ?? "VIEWER";
  return (
    <Empty icon="key" title={t.error.forbidden}>
      {t.error.forbiddenText(t.viewer.roles[role])}
    </Empty>
  );
}

/** A request that failed: what happened, what to do, and a way to try again. */
export function ErrorNote({ error, retry }: { error: CombinedError; retry?: () => void }) {
  const code = codeOf(error);
  if (code === "FORBIDDEN") return <Forbidden />;
  const response = error.response as Response | undefined;
  const requestId = response?.headers?.get("X-Request-Id");
  return (
    <Note tone="bad" title={t.error.title}>
      <p>{explain(error)}</p>
      {code === "INTERNAL_SERVER_ERROR" && requestId && (
        <p className="small">
          {t.error.requestId}: <Copy text={requestId} />
        </p>
      )}
      {retry && <Button small icon="refresh" onClick={retry}>{t.common.retry}</Button>}
    </Note>
  );
}

/** What the result of a query is in: chooses between loading, failure and content. */
export function View<Data>({ result, retry, children }: {
  result: { data?: Data; error?: CombinedError; fetching: boolean };
  retry?: () => void;
  children: (data: Data) => ReactNode;
}) {
  if (result.data) {
    return (
      <>
        {result.error && <ErrorNote error={result.error} retry={retry} />}
        {children(result.data)}
      </>
    );
  }
  if (result.error) return <ErrorNote error={result.error} retry={retry} />;
  return <Loading />;
}

/** Keeps a fault of one page from taking the navigation with it. */
export class Boundary extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };
  static getDerivedStateFromError() {
    return { failed: true };
  }
  override componentDidCatch() {
    // A page that could not be fetched stays missing until it is loaded anew.
    if (!navigator.onLine) addEventListener("online", () => location.reload(), { once: true });
  }
  override render() {
    if (!this.state.failed) return this.props.children;
    if (!navigator.onLine) return <Empty icon="warning" title={t.error.offline}>{t.error.offlineText}</Empty>;
    return (
      <Empty icon="error" title={t.error.crashed} action={<Button icon="refresh" onClick={() => location.reload()}>{t.error.reload}</Button>}>
        {t.error.crashedText}
      </Empty>
    );
  }
}
