// Makes form.js and form-licences.txt, in the folder named, out of src/ and the locked packages. `make form` runs it on a copy.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { renderer } from "./renderer.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const OUT = resolve(process.argv[2] ?? "dist");
const SOURCES = ["build.mjs", "licences.mjs", "package-lock.json", "package.json", "renderer.mjs", "renderers_corrections.json", "renderers_texts.json"];

// What the bundle was made of; a test compares it with the sources (tests/console/test_form_bundle.py).
function sum() {
  const files = [...SOURCES, ...readdirSync(join(HERE, "src")).map((name) => `src/${name}`)].sort();
  const hash = createHash("sha256");
  for (const file of files) {
    hash.update(`${file}\n`).update(readFileSync(join(HERE, file)));
  }
  return hash.digest("hex");
}

const table = (name) => JSON.parse(readFileSync(join(HERE, name), "utf8"));
const src = (name) => join(HERE, "src", name);
const changed = renderer(table("renderers_texts.json"), table("renderers_corrections.json"), src("said.ts"));
const built = await build({
  absWorkingDir: HERE,
  entryPoints: ["src/page.tsx"],
  outfile: join(OUT, "form.js"),
  bundle: true,
  minify: true,
  metafile: true,
  format: "iife",
  target: "es2021",
  charset: "utf8",
  jsx: "automatic",
  legalComments: "none",
  banner: { js: `/* Made by fhir_server/console/form/build.mjs; licences: form-licences.txt; sources: ${sum()} */` },
  define: { "process.env.NODE_ENV": '"production"', global: "globalThis" },
  alias: {
    "@fontsource/inter": src("nothing.ts"),
    "lodash.debounce": src("at_once.ts"),
    "react-beautiful-dnd": src("without_dragging.tsx"),
    "@aehrc/sdc-populate": src("without_populate.ts"),
  },
  plugins: [changed.plugin],
});
changed.check();
const { licences } = await import("./licences.mjs");
writeFileSync(join(OUT, "form-licences.txt"), licences(HERE, Object.values(built.metafile.outputs)[0].inputs));
