import type { ButtonHTMLAttributes, ReactNode } from "react";
import { Link } from "wouter";
import { Icon, type IconName } from "./icons";

interface Look {
  look?: "primary" | "danger" | "plain";
  small?: boolean;
  icon?: IconName;
}

const classes = ({ look, small }: Look, bare = false) =>
  ["button", look, small && "small", bare && "icon"].filter(Boolean).join(" ");

type ButtonProps = Look & ButtonHTMLAttributes<HTMLButtonElement> & { busy?: boolean };

/** A button. While busy it keeps its place and its focus, and does nothing. */
export function Button({ look, small, icon, busy, children, onClick, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      className={classes({ look, small })}
      aria-busy={busy || undefined}
      aria-disabled={busy || undefined}
      onClick={busy ? (event) => event.preventDefault() : onClick}
      {...rest}
    >
      {busy ? <span className="spinner" /> : icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

/** A button that shows an icon alone; `label` names it. */
export function IconButton({ look = "plain", small, icon, label, children, ...rest }: ButtonProps & { icon: IconName; label: string }) {
  return (
    <button type="button" className={classes({ look, small }, true)} aria-label={label} title={label} {...rest}>
      <Icon name={icon} />
      {children}
    </button>
  );
}

/** A link to another page of the dashboard that looks like a button. */
export function ButtonLink({ look, small, icon, href, children }: Look & { href: string; children: ReactNode }) {
  return (
    <Link href={href} className={classes({ look, small })}>
      {icon && <Icon name={icon} />}
      {children}
    </Link>
  );
}
