// The answers as they stand, as a QuestionnaireResponse (https://hl7.org/fhir/R4/questionnaireresponse.html).
import { getResponse, removeEmptyAnswersFromResponse } from "@aehrc/smart-forms-renderer";
import type { QuestionnaireResponse, QuestionnaireResponseItem } from "fhir/r4";
import { given } from "./given";

// Whom the answers are about and who writes them, as references.
export interface People {
  subject?: string;
  author?: string;
}

const PAUSE = 200;

// Scores are worked out behind the answers: who saves at once must have those that belong to the last answer.
const workedOut = () => new Promise((done) => setTimeout(done, PAUSE));

export async function standing(): Promise<QuestionnaireResponse> {
  await workedOut();
  return removeEmptyAnswersFromResponse(given.questionnaire, getResponse());
}

export async function answered(status: QuestionnaireResponse["status"], { subject, author }: People): Promise<QuestionnaireResponse> {
  const { id: _id, ...response } = await standing();
  return {
    ...response,
    item: asAsked(response.item),
    questionnaire: given.canonical,
    status,
    authored: new Date().toISOString(),
    ...(subject ? { subject: { reference: subject } } : {}),
    ...(author ? { author: { reference: author } } : {}),
  };
}

function asAsked(items?: QuestionnaireResponseItem[]): QuestionnaireResponseItem[] | undefined {
  return items?.map(({ text: _text, ...item }) => ({
    ...item,
    ...(given.questions[item.linkId] ? { text: given.questions[item.linkId] } : {}),
    ...(item.item ? { item: asAsked(item.item) } : {}),
    ...(item.answer ? { answer: item.answer.map((answer) => ({ ...answer, ...(answer.item ? { item: asAsked(answer.item) } : {}) })) } : {}),
  }));
}

// The question that `QuestionnaireResponse.item[0].item[1].answer[0]` is about.
export function questionAt(expression: string, response: QuestionnaireResponse): QuestionnaireResponseItem | undefined {
  let place: unknown = response;
  let question: QuestionnaireResponseItem | undefined;
  for (const [, name, index] of expression.matchAll(/\.(\w+)\[(\d+)\]/g)) {
    place = (place as Record<string, unknown[]> | undefined)?.[name]?.[Number(index)];
    question = name === "item" ? (place as QuestionnaireResponseItem | undefined) : question;
  }
  return question;
}
