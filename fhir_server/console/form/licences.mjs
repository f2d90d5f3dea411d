// The licence of every package that has a byte in the bundle, in its own words.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

export function licences(here, inputs) {
  const folders = Object.entries(inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => folderOf(path));
  return [INTRODUCTION, ...[...new Set(folders)].filter(Boolean).sort().map((folder) => notice(join(here, folder)))].join(RULE);
}

const RULE = `\n${"=".repeat(100)}\n`;
const INTRODUCTION = `What form.js is made of, and under what terms. Changed against their originals: @aehrc/smart-forms-renderer looks up its
sentences in the page's language, takes up what is typed at once, is put right by renderers_corrections.json, has no fonts, and neither drags
rows nor prefills by itself.\n`;

function folderOf(path) {
  const parts = path.split("node_modules/");
  const name = parts.at(-1).match(/^(@[^/]+\/)?[^/]+/)?.[0];
  return parts.length > 1 ? [...parts.slice(0, -1), name].join("node_modules/") : "";
}

function notice(folder) {
  const { name, version, license, author } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file)).sort();
  const texts = files.filter((file) => existsSync(join(folder, file))).map((file) => readFileSync(join(folder, file), "utf8").trim());
  const by = typeof author === "string" ? author : (author?.name ?? "");
  return `${name} ${version}: ${license}${by ? `, ${by}` : ""}\n\n${texts.join("\n\n")}\n`;
}
