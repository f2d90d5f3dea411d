// A sentence of the renderer in the page's language; `values` go where the English has {}.
import french from "../renderers_texts.json";
import { given } from "./given";

const sentences: Record<string, Record<string, string>> = { fr: french };

export function said(english: string, ...values: unknown[]): string {
  const sentence = sentences[given.language]?.[english] ?? english;
  return values.reduce<string>((filled, value) => filled.replace("{}", String(value)), sentence);
}
