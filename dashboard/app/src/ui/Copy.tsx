import { useEffect, useState } from "react";
import { t } from "../text";
import { Button, IconButton } from "./Button";

/**
 * A short text with a button that copies it. With `label` the text is not shown, but
 * the label is. Where the browser lets no page copy, as without https, the text is
 * shown to be copied by hand.
 */
export function Copy({ text, label }: { text: string; label?: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  const [refused, setRefused] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
    } catch {
      setRefused(true);
    }
  };
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
      {refused && label && <code>{text}</code>}
      <span className={refused ? "soft small" : "visually-hidden"} role="status">{refused ? t.common.notCopied : copied ? t.common.copied : ""}</span>
    </span>
  );
}
