import { useId, type ReactNode } from "react";
import { t } from "../text";
import { Button } from "./Button";
import { Dialog } from "./Dialog";

/**
 * A dialog that does one thing, once it is confirmed: by its button, or by Enter
 * in a field. `children` say what else it touches, or are the fields. `look` is
 * "danger" unless said.
 */
export function Confirm({ open = true, title, action, look = "danger", busy, disabled, onConfirm, onClose, children }: {
  open?: boolean;
  title: string;
  action: string;
  look?: "danger" | "primary";
  busy?: boolean;
  disabled?: boolean;
  onConfirm: () => void;
  onClose: () => void;
  children: ReactNode;
}) {
  const form = useId();
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={title}
      footer={
        <>
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button type="submit" form={form} look={look} busy={busy} disabled={disabled}>{action}</Button>
        </>
      }
    >
      <form
        id={form}
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (!busy && !disabled) onConfirm();
        }}
      >
        {children}
      </form>
    </Dialog>
  );
}
