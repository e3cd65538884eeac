// Builds dist/ from src/: the page, its bundle and the three Monaco workers.
// Names carry a hash of the content, and contents are gzipped, as the server
// sends them. The same sources give the same bytes on every machine, so gzip
// is done in JavaScript: zlib's output depends on its version and the CPU.

import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { build } from "esbuild";
import { gzipSync } from "fflate";

const shared = {
  outdir: "dist/assets",
  entryNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  bundle: true,
  minify: true,
  legalComments: "none", // licences() has them in full
  target: "es2022",
  loader: { ".ttf": "file" },
  define: { "process.env.NODE_ENV": '"production"' },
  write: false,
  metafile: true,
};

rmSync("dist", { recursive: true, force: true });
mkdirSync("dist/assets", { recursive: true });

const workers = await bundle({
  ...shared,
  format: "iife",
  entryPoints: {
    editor: "monaco-editor/esm/vs/editor/editor.worker.js",
    json: "monaco-editor/esm/vs/language/json/json.worker.js",
    graphql: "monaco-graphql/esm/graphql.worker.js",
  },
});

const page = await bundle({
  ...shared,
  format: "esm",
  jsx: "automatic",
  entryPoints: { playground: "src/playground.jsx" },
  define: {
    ...shared.define,
    WORKERS: JSON.stringify({
      editor: workers.names["editor.js"],
      json: workers.names["json.js"],
      graphql: workers.names["graphql.js"],
    }),
  },
});

const names = { ...page.names, "licenses.txt": writeLicenses([...workers.sources, ...page.sources]) };
const html = readFileSync("src/index.html", "utf8");
writeFileSync("dist/index.html", html.replace(/\{\{(.+?)\}\}/g, (_, name) => names[name]));

/** Runs esbuild and writes what it made. Returns the hashed file names by their plain ones, and the source files used. */
async function bundle(options) {
  const { outputFiles, metafile } = await build(options);
  const names = {};
  for (const { path, contents } of outputFiles) {
    const name = basename(path);
    names[name.replace(/-[A-Z0-9]{8}\./, ".")] = name;
    writeAsset(name, contents);
  }
  return { names, sources: Object.keys(metafile.inputs) };
}

/** Writes the licences of all packages that contributed a source file, and returns the file's name. */
function writeLicenses(sources) {
  const folders = new Set(sources.map((path) => path.match(/^.*node_modules\/(@[^/]+\/)?[^/]+/)?.[0]).filter(Boolean));
  const text = [...folders].sort().map(license).join("\n");
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 8).toUpperCase();
  const name = `licenses-${hash}.txt`;
  writeAsset(name, new TextEncoder().encode(text));
  return name;
}

function license(folder) {
  const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|copying|notice|thirdpartynotices)/i.test(file)).sort();
  return [`===== ${name} ${version} (${license}) =====`, ...files.map((file) => readFileSync(`${folder}/${file}`, "utf8"))].join("\n\n");
}

function writeAsset(name, contents) {
  writeFileSync(`dist/assets/${name}.gz`, gzipSync(contents, { level: 9, mtime: 0 }));
}
