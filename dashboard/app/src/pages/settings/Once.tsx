import { t } from "../../text";
import { Copy } from "../../ui/Copy";
import { Note } from "../../ui/states";

/** A secret that is shown this one time. */
export function Once({ title, secret, children }: { title: string; secret: string; children?: React.ReactNode }) {
  return (
    <Note tone="good" title={title}>
      <p className="once"><code>{secret}</code></p>
      <Copy text={secret} label={t.common.copy} />
      <p className="small">{t.settings.once}</p>
      {children}
    </Note>
  );
}
