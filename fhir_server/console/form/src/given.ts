// What the server put into the page: the form in the reader's language, the page's texts, where FHIR is.
import type { Questionnaire } from "fhir/r4";

export type Texts = Record<string, string>;
export interface Given {
  questionnaire: Questionnaire;
  canonical: string;
  // The questions in the form's own language, by linkId: a response repeats them as the form has them.
  questions: Record<string, string>;
  language: string;
  base: string;
  // Who is authenticated, where that is a person of the record; else whether to ask who fills in the form.
  author?: { reference: string; display: string };
  asksAuthor: boolean;
  texts: Texts;
}

export const given: Given = JSON.parse(document.getElementById("given")!.textContent!);

// A sentence of the page, with its {} filled in.
export function text(name: string, ...values: unknown[]): string {
  return values.reduce<string>((sentence, value) => sentence.replace("{}", String(value)), given.texts[name] ?? name);
}
