import { useEffect, useState } from "react";
import { t } from "../text";
import { Button } from "./Button";

/** A short text with a button that copies it. With `label` the text is not shown, but the label is. */
export function Copy({ text, label }: { text: string; label?: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <span className="copy">
      {!label && <code>{text}</code>}
      <Button small look="plain" icon={copied ? "check" : "copy"} aria-label={label ?? `${t.common.copy}: ${text}`} onClick={() => navigator.clipboard.writeText(text).then(() => setCopied(true))}>
        {copied ? t.common.copied : (label ?? t.common.copy)}
      </Button>
      <span className="visually-hidden" role="status">{copied ? t.common.copied : ""}</span>
    </span>
  );
}
