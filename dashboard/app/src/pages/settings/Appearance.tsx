import { useState } from "react";
import { notify, notifying, stopNotifying } from "../../shell/alerts";
import { useTheme } from "../../shell/theme";
import { t } from "../../text";
import { Button } from "../../ui/Button";
import { chooseTimes, formatAbsolute, localZone, useNow, useTimes } from "../../ui/clock";
import { Field, Segments, Select } from "../../ui/Field";
import { Card } from "../../ui/Page";
import { Note } from "../../ui/states";
import { Time } from "../../ui/Time";
import { Settings } from "./Settings";

/** What this browser shows, and how. */
export default function Appearance() {
  const [theme, chooseTheme] = useTheme();
  return (
    <Settings page="appearance">
      <Card title={t.appearance.colours}>
        <Segments
          label={t.theme.label}
          value={theme}
          onChange={chooseTheme}
          options={[{ value: "system", label: t.theme.system }, { value: "light", label: t.theme.light }, { value: "dark", label: t.theme.dark }]}
        />
      </Card>
      <Times />
      <Notifications />
      <p className="soft small">{t.appearance.hereOnly}</p>
    </Settings>
  );
}

function Times() {
  const times = useTimes();
  const now = useNow();
  const zones = [...new Set([localZone, "UTC", ...Intl.supportedValuesOf("timeZone")])];
  return (
    <Card title={t.appearance.times}>
      <div className="form">
        <Segments
          label={t.appearance.form}
          value={times.form}
          onChange={(form) => chooseTimes({ ...times, form })}
          options={[{ value: "relative", label: t.appearance.relative }, { value: "absolute", label: t.appearance.absolute }]}
        />
        <Field label={t.appearance.zone} hint={<>{t.appearance.example} {formatAbsolute(now)} · <Time at={new Date(now - 25 * 60_000).toISOString()} /></>}>
          <Select value={times.zone} onChange={(event) => chooseTimes({ ...times, zone: event.target.value })}>
            <option value="">{t.appearance.own(localZone)}</option>
            {zones.map((zone) => <option key={zone} value={zone}>{zone.replaceAll("_", " ")}</option>)}
          </Select>
        </Field>
      </div>
    </Card>
  );
}

function Notifications() {
  const [on, setOn] = useState(notifying);
  const possible = "Notification" in window;
  const [blocked, setBlocked] = useState(possible && Notification.permission === "denied");
  const start = async () => {
    const allowed = await notify();
    setOn(allowed);
    setBlocked(!allowed);
  };
  const stop = () => {
    stopNotifying();
    setOn(false);
  };
  return (
    <Card title={t.appearance.notifications}>
      <div className="form">
        <p>{t.appearance.notificationsText}</p>
        {!possible && <Note tone="warn"><p>{t.appearance.impossible}</p></Note>}
        {blocked && <Note tone="warn" title={t.alerts.notifyBlocked}><p>{t.appearance.blocked}</p></Note>}
        {possible && (
          <div className="actions">
            {on ? <Button icon="bell" onClick={stop}>{t.appearance.stop}</Button> : <Button look="primary" icon="bell" disabled={blocked} onClick={start}>{t.appearance.start}</Button>}
            {on && <Button onClick={() => new Notification(t.product, { body: t.appearance.tried, icon: "/favicon.ico" })}>{t.appearance.try}</Button>}
          </div>
        )}
      </div>
    </Card>
  );
}
