// Every page of the dashboard: its address, its code, its line in the
// navigation. All but the overview are fetched when they are first opened. The
// server answers these addresses too, see ../../app.go.

import { lazy, type ComponentType } from "react";
import { config } from "./api/config";
import type { Permission } from "./api/viewer";
import { Overview } from "./pages/overview/Overview";
import { t } from "./text";
import type { IconName } from "./ui/icons";

export interface PageRoute {
  path: string;
  page: ComponentType<{ params: Record<string, string> }>;
  /** Where the page stands in the navigation, if it does. */
  nav?: { label: string; icon: IconName; href?: string };
  /** Without this permission the page is not shown. */
  needs?: Permission;
}

export const routes: PageRoute[] = [
  { path: "/", page: Overview, nav: { label: t.nav.overview, icon: "overview" } },
  { path: "/accounts", page: lazy(() => import("./pages/accounts/Accounts")), nav: { label: t.nav.accounts, icon: "accounts" } },
  { path: "/accounts/:id", page: lazy(() => import("./pages/account/Account")) },
  { path: "/activity", page: lazy(() => import("./pages/activity/Activity")), nav: { label: t.nav.activity, icon: "activity" } },
  { path: "/accounts/:id/reconnect", page: lazy(() => import("./pages/reconnect/Reconnect")), needs: "connect" },
  { path: "/connect", page: lazy(() => import("./pages/connect/Connect")), nav: { label: t.nav.connect, icon: "connect" }, needs: "connect" },
  { path: "/bulk", page: lazy(() => import("./pages/bulk/Bulk")), nav: { label: t.nav.bulk, icon: "bulk" }, needs: "connect" },
  { path: "/bulk/:id", page: lazy(() => import("./pages/bulk/BulkRun")), needs: "connect" },
  { path: "/troubleshoot", page: lazy(() => import("./pages/troubleshoot/Troubleshoot")), nav: { label: t.nav.troubleshoot, icon: "troubleshoot" } },
  { path: "/settings/members", page: lazy(() => import("./pages/settings/Members")), nav: { label: t.nav.settings, icon: "settings" } },
  { path: "/settings/keys", page: lazy(() => import("./pages/settings/Keys")), needs: "admin" },
  { path: "/settings/audit", page: lazy(() => import("./pages/settings/Audit")), needs: "audit" },
  { path: "/settings/platforms", page: lazy(() => import("./pages/settings/Platforms")) },
  { path: "/settings/appearance", page: lazy(() => import("./pages/settings/Appearance")) },
  ...(config.sandbox ? [{ path: "/settings/sandbox", page: lazy(() => import("./pages/settings/Sandbox")) }] : []),
];
