import { lazy, Suspense, useState } from "react";
import type { AccountRowFragment } from "../../api/gen/graphql";
import { t } from "../../text";
import { IconButton } from "../../ui/Button";

const Opened = lazy(() => import("./OpenedRowMenu"));

/** The menu of a row. There are many rows, and few are asked: the menu itself comes when it is first opened. */
export function RowMenu({ account }: { account: AccountRowFragment }) {
  const [opened, setOpened] = useState(false);
  const button = <IconButton small icon="more" label={t.accounts.actionsOf(account.displayName)} aria-haspopup="menu" onClick={opened ? undefined : () => setOpened(true)} />;
  if (!opened) return button;
  return (
    <Suspense fallback={button}>
      <Opened account={account} button={button} />
    </Suspense>
  );
}
