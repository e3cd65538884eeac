// The frame of all settings: their names as a row of links above the content.

import { useEffect, useRef, type ReactNode } from "react";
import { Link, useLocation } from "wouter";
import { config } from "../../api/config";
import { useViewer, type Permission } from "../../api/viewer";
import { t } from "../../text";
import { PageHead } from "../../ui/Page";

const pages: { name: keyof typeof t.settings.pages; needs?: Permission; sandbox?: true }[] = [
  { name: "members" },
  { name: "keys", needs: "admin" },
  { name: "audit", needs: "audit" },
  { name: "platforms" },
  { name: "appearance" },
  { name: "sandbox", sandbox: true },
];

export function Settings({ page, actions, children }: { page: keyof typeof t.settings.pages; actions?: ReactNode; children: ReactNode }) {
  const permissions = useViewer()?.permissions ?? [];
  const [path] = useLocation();
  const tabs = useRef<HTMLElement>(null);
  useEffect(() => {
    // On a phone the row is wider than the page.
    tabs.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [permissions.length]);
  return (
    <>
      <PageHead title={t.settings.pages[page]} intro={t.settings.intros[page]} actions={actions} />
      <nav ref={tabs} className="tabs" aria-label={t.nav.settings}>
        {pages.map(({ name, needs, sandbox }) => (!needs || permissions.includes(needs)) && (!sandbox || config.sandbox) && (
          <Link key={name} href={`/settings/${name}`} aria-current={path === `/settings/${name}` ? "page" : undefined}>
            {t.settings.pages[name]}
          </Link>
        ))}
      </nav>
      <div className="stack">{children}</div>
    </>
  );
}
