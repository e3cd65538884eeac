import { useState } from "react";
import { Link } from "wouter";
import { useStore } from "../api/store";
import { t } from "../text";
import { Button, IconButton } from "../ui/Button";
import { Icon, type IconName } from "../ui/icons";
import { Popover } from "../ui/Popover";
import { Time } from "../ui/Time";
import { alerts, dismiss, notify, notifying, seen, toasts, type Alert } from "./alerts";
import { unseenAlerts } from "./title";

/** The bell with the number of new alerts, and the panel that it opens. */
export function Bell() {
  const unseen = useStore(unseenAlerts);
  return (
    <Popover
      icon="bell"
      label={t.alerts.open(unseen)}
      mark={unseen > 0 && <span className="number" aria-hidden="true">{unseen > 99 ? "99+" : unseen}</span>}
      onOpen={seen}
    >
      {(close) => <AlertList onFollow={close} />}
    </Popover>
  );
}

function AlertList({ onFollow }: { onFollow: () => void }) {
  const list = useStore(alerts);
  return (
    <>
      <h2>{t.alerts.title}</h2>
      {list.length === 0 && <p className="soft">{t.alerts.none}</p>}
      <div>
        {list.map((alert) => (
          <Link key={alert.id} href={alert.href} className="alert-line" onClick={onFollow}>
            <span className={`dot ${alert.tone}`} />
            <strong>{alert.title}</strong>
            <p className="soft small">
              {alert.text} · <Time at={alert.at} />
            </p>
          </Link>
        ))}
      </div>
      <NotifyButton />
    </>
  );
}

/** Offers notifications of the browser, once. */
function NotifyButton() {
  const [on, setOn] = useState(notifying);
  if (!("Notification" in window)) return null;
  if (on) return <p className="soft small">{t.alerts.notifying}</p>;
  if (Notification.permission === "denied") return <p className="soft small">{t.alerts.notifyBlocked}</p>;
  return (
    <Button small icon="bell" onClick={async () => setOn(await notify())}>
      {t.alerts.notify}
    </Button>
  );
}

const icons: Record<Alert["tone"], IconName> = { good: "check", warn: "warning", bad: "error" };

/** The newest alerts in the corner, read out by screen readers as they come. */
export function Toasts() {
  const list = useStore(toasts);
  return (
    <div className="toasts" role="status" aria-live="polite">
      {list.map((alert) => (
        <div key={alert.id} className={`toast ${alert.tone}`}>
          <Icon name={icons[alert.tone]} />
          <div>
            {alert.href ? <Link href={alert.href} onClick={() => dismiss(alert)}>{alert.title}</Link> : <strong>{alert.title}</strong>}
            {alert.text && <p className="small">{alert.text}</p>}
          </div>
          <IconButton small icon="close" label={t.alerts.dismiss} onClick={() => dismiss(alert)} />
        </div>
      ))}
    </div>
  );
}
