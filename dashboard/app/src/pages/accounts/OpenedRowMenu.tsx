import type { ReactElement } from "react";
import type { AccountRowFragment } from "../../api/gen/graphql";
import { Menu } from "../../ui/Menu";
import { ActionItems } from "../account/ActionItems";

export default function OpenedRowMenu({ account, button }: { account: AccountRowFragment; button: ReactElement }) {
  return (
    <Menu button={button} defaultOpen>
      <ActionItems account={account} />
    </Menu>
  );
}
