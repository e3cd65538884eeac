// Builds app/dist and playground/dist from their sources. Names carry a hash of
// the content, and contents are gzipped, as the server sends them. The same
// sources give the same bytes on every machine, so gzip is done in JavaScript:
// zlib's output depends on its version and the CPU.

import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { build } from "esbuild";
import { gzipSync } from "fflate";

const shared = {
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  bundle: true,
  minify: true,
  legalComments: "none", // licences() has them in full
  target: "es2022",
  format: "esm",
  jsx: "automatic",
  loader: { ".ttf": "file" },
  define: { "process.env.NODE_ENV": '"production"' },
  write: false,
  metafile: true,
};

await app();
await playground();

/** The dashboard: one script for the shell and the overview, one for each other page. */
async function app() {
  const folder = empty("app/dist");
  const bundled = await bundle(folder, {
    ...shared,
    splitting: true,
    entryPoints: { app: "app/src/main.tsx", style: "app/src/style/index.css" },
  });
  const theme = await bundle(folder, { ...shared, format: "iife", entryPoints: { theme: "app/src/shell/apply-theme.ts" } });
  const names = {
    ...bundled.names,
    ...theme.names,
    "licenses.txt": writeLicenses(folder, bundled.sources),
    preload: bundled.imported("app.js").map((name) => `<link rel="modulepreload" href="/app/assets/${name}">`).join("\n    "),
  };
  writePage(folder, "app/src/index.html", names);
}

/** The playground: the page, its bundle and the three Monaco workers. */
async function playground() {
  const folder = empty("playground/dist");
  const workers = await bundle(folder, {
    ...shared,
    format: "iife",
    entryPoints: {
      editor: "monaco-editor/esm/vs/editor/editor.worker.js",
      json: "monaco-editor/esm/vs/language/json/json.worker.js",
      graphql: "monaco-graphql/esm/graphql.worker.js",
    },
  });
  const page = await bundle(folder, {
    ...shared,
    entryPoints: { playground: "playground/src/playground.jsx" },
    define: {
      ...shared.define,
      WORKERS: JSON.stringify({
        editor: workers.names["editor.js"],
        json: workers.names["json.js"],
        graphql: workers.names["graphql.js"],
      }),
    },
  });
  const names = { ...page.names, "licenses.txt": writeLicenses(folder, [...workers.sources, ...page.sources]) };
  writePage(folder, "playground/src/index.html", names);
}

/** Removes what an earlier build left. */
function empty(folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(`${folder}/assets`, { recursive: true });
  return folder;
}

/**
 * Runs esbuild and writes what it made. Returns the hashed file names by their
 * plain ones, the source files used, and which files a file needs at once.
 */
async function bundle(folder, options) {
  const { outputFiles, metafile } = await build({ ...options, outdir: `${folder}/assets` });
  const names = {};
  for (const { path, contents } of outputFiles) {
    const name = basename(path);
    names[name.replace(/-[A-Z0-9]{8}\./, ".")] = name;
    writeAsset(folder, name, contents);
  }
  const imported = (name, seen = new Set()) => {
    for (const { path, kind } of metafile.outputs[`${folder}/assets/${names[name] ?? name}`].imports) {
      if (kind !== "import-statement" || seen.has(basename(path))) continue;
      seen.add(basename(path));
      imported(basename(path), seen);
    }
    return [...seen].sort();
  };
  return { names, sources: Object.keys(metafile.inputs), imported };
}

/** Writes dist/index.html: the source with the names of the assets in it. */
function writePage(folder, source, names) {
  const html = readFileSync(source, "utf8");
  writeFileSync(`${folder}/index.html`, html.replace(/\{\{(.+?)\}\}/g, (_, name) => names[name]));
}

/** Writes the licences of all packages that contributed a source file, and returns the file's name. */
function writeLicenses(folder, sources) {
  const folders = new Set(sources.map((path) => path.match(/^.*node_modules\/(@[^/]+\/)?[^/]+/)?.[0]).filter(Boolean));
  const text = [...folders].sort().map(license).join("\n");
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 8).toUpperCase();
  const name = `licenses-${hash}.txt`;
  writeAsset(folder, name, new TextEncoder().encode(text));
  return name;
}

function license(folder) {
  const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|copying|notice|thirdpartynotices)/i.test(file)).sort();
  return [`===== ${name} ${version} (${license}) =====`, ...files.map((file) => readFileSync(`${folder}/${file}`, "utf8"))].join("\n\n");
}

function writeAsset(folder, name, contents) {
  writeFileSync(`${folder}/assets/${name}.gz`, gzipSync(contents, { level: 9, mtime: 0 }));
}
