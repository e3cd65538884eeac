import { useEffect, type ReactNode } from "react";
import { pageTitle } from "../shell/title";

/** The head of a page: its only h1, also the document's title, and what can be done here. */
export function PageHead({ title, intro, actions }: { title: string; intro?: ReactNode; actions?: ReactNode }) {
  useEffect(() => pageTitle.set(title), [title]);
  return (
    <header className="page-head">
      <div>
        <h1>{title}</h1>
        {intro && <p>{intro}</p>}
      </div>
      {actions && <div className="actions">{actions}</div>}
    </header>
  );
}

/** A part of a page under a heading of its own. */
export function Card({ title, aside, className = "", children }: { title?: string; aside?: ReactNode; className?: string; children: ReactNode }) {
  return (
    <section className={`card ${className}`} aria-label={title}>
      {(title || aside) && (
        <header>
          {title && <h2>{title}</h2>}
          {aside}
        </header>
      )}
      {children}
    </section>
  );
}
