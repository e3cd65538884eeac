import { DropdownMenu } from "radix-ui";
import type { ReactElement, ReactNode } from "react";
import { Icon, type IconName } from "./icons";

/**
 * A menu that a button opens. It is not modal: the modal one of Radix locks
 * scrolling by a style element, which the Content-Security-Policy refuses.
 */
export function Menu({ button, defaultOpen, children }: { button: ReactElement; defaultOpen?: boolean; children: ReactNode }) {
  return (
    <DropdownMenu.Root modal={false} defaultOpen={defaultOpen}>
      <DropdownMenu.Trigger asChild>{button}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align="end" sideOffset={6} collisionPadding={8}>
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

export function MenuItem({ icon, danger = false, disabled, onSelect, children }: {
  icon?: IconName;
  danger?: boolean;
  disabled?: boolean;
  onSelect: () => void;
  children: ReactNode;
}) {
  return (
    <DropdownMenu.Item className={danger ? "bad" : undefined} disabled={disabled} onSelect={onSelect}>
      {icon && <Icon name={icon} />}
      {children}
    </DropdownMenu.Item>
  );
}

export const MenuSeparator = DropdownMenu.Separator;
