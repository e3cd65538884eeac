import { StrictMode, Suspense, type ReactNode } from "react";
import { createRoot } from "react-dom/client";
import { Provider } from "urql";
import { Route, Switch } from "wouter";
import { client } from "./api/client";
import { follow } from "./api/live";
import { useViewer, type Permission } from "./api/viewer";
import { routes, type PageRoute } from "./routes";
import { watchAlerts } from "./shell/alerts";
import { Shell } from "./shell/Shell";
import { t } from "./text";
import { ButtonLink } from "./ui/Button";
import { Boundary, Empty, Forbidden, Loading } from "./ui/states";

function App() {
  return (
    <Provider value={client}>
      <Shell>
        <Switch>
          {routes.map((route) => (
            <Route key={route.path} path={route.path}>
              {(params) => <Shown route={route} params={params as Record<string, string>} />}
            </Route>
          ))}
          <Route>
            <Empty icon="search" title={t.error.notFound} action={<ButtonLink href="/" look="primary">{t.error.toOverview}</ButtonLink>}>
              {t.error.notFoundText}
            </Empty>
          </Route>
        </Switch>
      </Shell>
    </Provider>
  );
}

function Shown({ route: { path, page: Page, needs }, params }: { route: PageRoute; params: Record<string, string> }) {
  return (
    <Boundary key={path}>
      <Suspense fallback={<Loading />}>{needs ? <Guarded needs={needs}><Page params={params} /></Guarded> : <Page params={params} />}</Suspense>
    </Boundary>
  );
}

/** Shows a page to those who may use it. The server decides in any case. */
function Guarded({ needs, children }: { needs: Permission; children: ReactNode }) {
  const viewer = useViewer();
  if (!viewer) return <Loading />;
  return viewer.permissions.includes(needs) ? children : <Forbidden />;
}

createRoot(document.getElementById("app")!).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
watchAlerts();
follow();
