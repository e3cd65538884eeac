import { useId, useRef, type ReactNode } from "react";
import { IconButton } from "./Button";
import type { IconName } from "./icons";

/** A panel that a button opens and a click elsewhere or Escape closes: the browser's own popover. */
export function Popover({ icon, label, mark, onOpen, children }: {
  icon: IconName;
  label: string;
  /** What is shown on the button beside the icon. */
  mark?: ReactNode;
  onOpen?: () => void;
  children: (close: () => void) => ReactNode;
}) {
  const id = useId();
  const panel = useRef<HTMLDivElement>(null);
  return (
    <>
      <IconButton icon={icon} label={label} className="button icon plain marked" popoverTarget={id}>{mark}</IconButton>
      <div ref={panel} id={id} popover="auto" className="popover" role="region" aria-label={label} onToggle={(event) => event.newState === "open" && onOpen?.()}>
        {children(() => panel.current?.hidePopover())}
      </div>
    </>
  );
}
