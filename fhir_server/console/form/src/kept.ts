// What was typed stays when a form is prefilled: an answer that is no longer the one from before typing is the person's own.
// A group that repeats, and a question with what is below its answers, stay or go as a whole.
import type { QuestionnaireItem, QuestionnaireResponseItem } from "fhir/r4";

type Items = QuestionnaireResponseItem[] | undefined;

export function kept(questions: QuestionnaireItem[], filled: Items, now: Items, before: Items): QuestionnaireResponseItem[] {
  return questions.flatMap((question) => {
    const [prefilled, typed, untouched] = [filled, now, before].map((items) => items?.filter(({ linkId }) => linkId === question.linkId) ?? []);
    if (question.type !== "group" || question.repeats) {
      return said(typed!) === said(untouched!) ? prefilled! : typed!;
    }
    const item = kept(question.item ?? [], prefilled![0]?.item, typed![0]?.item, untouched![0]?.item);
    return item.length ? [{ linkId: question.linkId, text: question.text, item }] : [];
  });
}

const said = (items: QuestionnaireResponseItem[]) => JSON.stringify(items, (name, value) => (name === "id" || name === "text" ? undefined : value));
