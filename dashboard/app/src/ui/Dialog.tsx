import { useEffect, useId, useRef, type ReactNode } from "react";
import { t } from "../text";
import { IconButton } from "./Button";

/**
 * A dialog over the page, which is inert meanwhile: the browser's own, which
 * keeps the focus and gives it back, and closes on Escape. The focus goes to the
 * first field, or where there is none to the first button below the text.
 */
export function Dialog({ open, onClose, title, wide = false, footer, children }: {
  open: boolean;
  onClose: () => void;
  title: string;
  wide?: boolean;
  footer?: ReactNode;
  children: ReactNode;
}) {
  const ref = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const dialog = ref.current;
    if (open && !dialog?.open) {
      dialog?.showModal();
      dialog?.querySelector<HTMLElement>(".body :is(input, select, textarea):enabled, footer > button")?.focus();
    }
    if (!open && dialog?.open) dialog.close();
  }, [open]);
  return (
    <dialog
      ref={ref}
      className={wide ? "dialog wide" : "dialog"}
      aria-labelledby={heading}
      onClose={onClose}
      onPointerDown={(event) => event.target === ref.current && onClose()}
    >
      {open && (
        <>
          <header>
            <h2 id={heading}>{title}</h2>
            <IconButton small icon="close" label={t.common.close} onClick={onClose} />
          </header>
          <div className="body">{children}</div>
          {footer && <footer>{footer}</footer>}
        </>
      )}
    </dialog>
  );
}
