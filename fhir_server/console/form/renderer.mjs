// The renderer as this page needs it, changed while it is bundled.
//
// It speaks English only. Its sentences (renderers_texts.json) are looked up when they are shown, by `said` of src/said.ts:
// a literal "Add Item" becomes said("Add Item"), `Enter at least ${n} characters.` becomes said("Enter at least {} characters.", n).
// What it gets wrong is put right by renderers_corrections.json.
import { readFileSync } from "node:fs";

const RENDERER = /@aehrc[\\/]smart-forms-renderer[\\/]lib[\\/](components|hooks|utils)[\\/].*\.js$/;
const LITERAL = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/g;
const SHOWN = /(children: |label: |title: |aria-label['"]: |message: |feedback: |return |placeholder: |placeholderText = |\?\? |\? |: |\[|(?<![=!])= )$/;

export function renderer(french, corrections, module) {
  const found = new Set();

  function replaced(source, literal, at) {
    const values = [...literal.matchAll(/\$\{([^}]*)\}/g)].map((match) => match[1]);
    const key = literal[0] === "`" ? literal.slice(1, -1).replace(/\$\{[^}]*\}/g, "{}") : new Function(`return ${literal}`)();
    if (!Object.hasOwn(french, key) || !SHOWN.test(source.slice(Math.max(0, at - 30), at))) {
      return literal;
    }
    found.add(key);
    return `__said(${[JSON.stringify(key), ...values].join(", ")})`;
  }

  function translated(source) {
    const comments = [...source.matchAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$|^import .*$/gm)].map((one) => [one.index, one.index + one[0].length]);
    const outside = (at) => !comments.some(([from, to]) => from <= at && at < to);
    const contents = source.replace(LITERAL, (literal, at) => (outside(at) ? replaced(source, literal, at) : literal));
    return contents === source ? source : `import { said as __said } from ${JSON.stringify(module)};\n${contents}`;
  }

  function corrected(source, path) {
    const meant = corrections.filter(({ file }) => path.replaceAll("\\", "/").endsWith(file));
    return meant.reduce((text, { was, is }) => {
      found.add(text.includes(was) ? was : null);
      return text.replace(was, is);
    }, source);
  }

  return {
    plugin: {
      name: "renderer",
      setup: (build) => build.onLoad({ filter: RENDERER }, ({ path }) => ({ contents: translated(corrected(readFileSync(path, "utf8"), path)), loader: "js" })),
    },
    // A newer renderer that says something else, or was put right itself, must not go unnoticed.
    check: () => {
      const missing = [...Object.keys(french), ...corrections.map(({ was }) => was)].filter((key) => !found.has(key));
      if (missing.length) {
        throw new Error(`The renderer has none of these: ${missing.join(" | ")}`);
      }
    },
  };
}
