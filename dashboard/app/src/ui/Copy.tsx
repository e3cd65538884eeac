import { useEffect, useState } from "react";
import { t } from "../text";
import { Button, IconButton } from "./Button";

/** A short text with a button that copies it. With `label` the text is not shown, but the label is. */
export function Copy({ text, label }: { text: string; label?: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = () => navigator.clipboard.writeText(text).then(() => setCopied(true));
  return (
    <span className="copy">
      {label ? (
        <Button small icon={copied ? "check" : "copy"} onClick={copy}>{copied ? t.common.copied : label}</Button>
      ) : (
        <>
          <code>{text}</code>
          <IconButton small icon={copied ? "check" : "copy"} label={`${t.common.copy}: ${text}`} onClick={copy} />
        </>
      )}
      <span className="visually-hidden" role="status">{copied ? t.common.copied : ""}</span>
    </span>
  );
}
