// The page: GraphiQL with Mooring's examples as tabs, one bearer token for all
// of them, and a button that opens the consent page an answer leads to.

import "./workers.js";
import "@graphiql/react/style.css";
import "@graphiql/react/font/fira-code.css";
import "@graphiql/plugin-doc-explorer/style.css";
import "@graphiql/plugin-history/style.css";
import "graphiql/graphiql.css";
import "./playground.css";

import { useGraphiQL, useGraphiQLActions } from "@graphiql/react";
import { GraphiQL } from "graphiql";
import { useEffect } from "react";
import { createPortal } from "react-dom";
import { createRoot } from "react-dom/client";

import { createFetcher } from "./fetcher.js";
import { editorTheme } from "./themes.js";

// Kept in memory only: a reload forgets it.
let token = "";

function Token() {
  const { introspect } = useGraphiQLActions();
  const apply = (event) => {
    event.preventDefault();
    introspect();
  };
  return (
    <form onSubmit={apply}>
      <input
        className="mooring-token"
        aria-label="Bearer token for all tabs"
        title="Goes out as “Authorization: Bearer …” from every tab whose Headers name no other. Enter reads the schema again."
        placeholder="Bearer token"
        autoComplete="off"
        spellCheck="false"
        onChange={(event) => (token = event.target.value.trim())}
      />
    </form>
  );
}

function ConsentLink() {
  const response = useGraphiQL((state) => state.tabs[state.activeTabIndex].response);
  const url = response?.match(/"authorizationUrl": "(https?:[^"]+)"/)?.[1];
  return url && <a className="mooring-consent" href={url} target="_blank" rel="noreferrer">Open authorizationUrl ↗</a>;
}

// GraphiQL's style follows the system at once, its editors only when the theme is set.
function EditorTheme() {
  const theme = useGraphiQL((state) => state.theme);
  const { setTheme } = useGraphiQLActions();
  useEffect(() => {
    const system = matchMedia("(prefers-color-scheme: dark)");
    const follow = () => setTheme(theme);
    system.addEventListener("change", follow);
    return () => system.removeEventListener("change", follow);
  }, [theme, setTheme]);
}

const { endpoint, sandbox, dashboard, examples } = await (await fetch("/playground/config.json")).json();
const fetcher = createFetcher(endpoint, () => token);
const tabs = examples.map(({ query, variables }) => ({
  query: query.trimEnd(),
  variables: variables && JSON.stringify(variables, null, 2),
}));

// The page's head. It is part of GraphiQL, whose schema the token belongs to, and
// shown above it.
function Head() {
  return createPortal(
    <>
      <a className="brand" href={dashboard ? "/" : "/playground"}><img src="/playground/favicon.svg" alt="" />Mooring</a>
      <span className="spring" />
      {sandbox && <span className="mooring-sandbox" title="The built-in sandbox plays the platforms.">Sandbox</span>}
      <Token />
      {dashboard && <a className="back" href="/">Dashboard</a>}
    </>,
    document.querySelector(".mooring-head"),
  );
}

createRoot(document.getElementById("playground")).render(
  // What is typed here can be a secret, and examples change with the schema:
  // two reasons not to keep either for longer than the browser's tab.
  <GraphiQL
    fetcher={fetcher}
    storage={sessionStorage}
    defaultTabs={tabs}
    defaultEditorToolsVisibility="variables"
    schemaDescription
    editorTheme={editorTheme}
  >
    <GraphiQL.Logo><Head /></GraphiQL.Logo>
    <GraphiQL.Footer><ConsentLink /></GraphiQL.Footer>
    <EditorTheme />
  </GraphiQL>,
);
