import { useEffect, useRef, type ReactNode } from "react";
import { Link, useLocation } from "wouter";
import { config } from "../api/config";
import { liveStatus } from "../api/socket";
import { useStore } from "../api/store";
import { useViewer } from "../api/viewer";
import { routes } from "../routes";
import { t } from "../text";
import { Button, IconButton } from "../ui/Button";
import { Segments } from "../ui/Field";
import { Icon } from "../ui/icons";
import { Popover } from "../ui/Popover";
import { Bell, Toasts } from "./Bell";
import { useTheme } from "./theme";

/** What surrounds every page: navigation, the sign of the stream, alerts, who is signed in. */
export function Shell({ children }: { children: ReactNode }) {
  const main = useRef<HTMLElement>(null);
  const drawer = useRef<HTMLDialogElement>(null);
  const [path] = useLocation();
  const first = useRef(path);
  useEffect(() => {
    // A new page begins at its top, for eyes and for screen readers.
    if (first.current === path) return;
    first.current = "";
    drawer.current?.close();
    scrollTo(0, 0);
    main.current?.focus();
  }, [path]);
  return (
    <>
      <a className="skip visually-hidden" href="#main">{t.nav.skip}</a>
      <div className="shell">
        <nav aria-label={t.nav.label}><Sidebar /></nav>
        <header className="topbar">
          <IconButton icon="menu" label={t.nav.open} className="button icon plain only-narrow" onClick={() => drawer.current?.showModal()} />
          <Link href="/" className="brand only-narrow"><span>{t.product}</span></Link>
          <span className="spring" />
          {config.sandbox && (
            <span className="sandbox-sign" title={t.nav.sandbox}>{t.nav.sandboxShort}</span>
          )}
          <LiveSign />
          <Bell />
          <ViewerMenu />
        </header>
        <main id="main" ref={main} className="content" tabIndex={-1}>{children}</main>
      </div>
      <dialog ref={drawer} className="drawer" aria-label={t.nav.label} onClick={(event) => event.target === drawer.current && drawer.current.close()}>
        <Sidebar onClose={() => drawer.current?.close()} />
      </dialog>
      <Toasts />
    </>
  );
}

function Sidebar({ onClose }: { onClose?: () => void }) {
  const [path] = useLocation();
  const permissions = useViewer()?.permissions ?? [];
  const [theme, chooseTheme] = useTheme();
  return (
    <div className="sidebar">
      <Link href="/" className="brand" onClick={onClose}>
        {config.logo ? <img className="logo" src={config.logo} alt={t.product} /> : <><img src="/favicon.ico" alt="" />{t.product}</>}
      </Link>
      {onClose && <IconButton icon="close" label={t.nav.close} onClick={onClose} />}
      <ul className="pages">
        {routes.map(({ path: href, nav, needs }) => nav && (!needs || permissions.includes(needs)) && (
          <li key={href}>
            <Link href={nav.href ?? href} aria-current={isCurrent(path, nav.href ?? href) ? "page" : undefined} onClick={onClose}>
              <Icon name={nav.icon} />
              {nav.label}
            </Link>
          </li>
        ))}
        {config.playground && (
          <li>
            <a href="/playground">
              <Icon name="code" />
              {t.nav.playground}
            </a>
          </li>
        )}
      </ul>
      <div className="bottom">
        <Segments
          label={t.theme.label}
          value={theme}
          onChange={chooseTheme}
          options={[
            { value: "system", label: <span title={t.theme.system}>{t.theme.systemShort}<span className="visually-hidden">: {t.theme.system}</span></span> },
            { value: "light", label: <><Icon name="sun" size={16} /><span className="visually-hidden">{t.theme.light}</span></> },
            { value: "dark", label: <><Icon name="moon" size={16} /><span className="visually-hidden">{t.theme.dark}</span></> },
          ]}
        />
        <p className="soft small">{t.product} {config.version}</p>
      </div>
    </div>
  );
}

/** A page is current below its address, too; the overview only at its own. */
const isCurrent = (path: string, href: string) => path === href || (href !== "/" && path.startsWith(`${href.replace(/^(\/settings)\/.*/, "$1")}/`));

function LiveSign() {
  const status = useStore(liveStatus);
  return (
    <span className={`live-sign ${status}`} role="status" title={t.live.explain[status]}>
      <span className="dot" />
      <span>{t.live[status]}</span>
    </span>
  );
}

function ViewerMenu() {
  const viewer = useViewer();
  if (!viewer || viewer.method === "LOCAL") return null;
  return (
    <Popover icon="user" label={t.viewer.signedInAs(viewer.user)}>
      {() => (
        <>
          <p>
            {t.viewer.signedInAs(viewer.user)}
            <br />
            <span className="soft">{t.viewer.roles[viewer.role]} · {viewer.workspace}</span>
          </p>
          {viewer.method === "SESSION" && (
            <form method="post" action="/logout" onSubmit={() => sessionStorage.clear()}>
              <Button type="submit" small icon="exit">{t.viewer.signOut}</Button>
            </form>
          )}
        </>
      )}
    </Popover>
  );
}
