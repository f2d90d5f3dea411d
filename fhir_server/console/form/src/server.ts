// What is asked of the server. A refusal is an Error whose message is for the reader.
import type { FhirResource, OperationOutcome } from "fhir/r4";
import { given, text } from "./given";

const HEADERS = { accept: "application/fhir+json", "accept-language": given.language };

export async function ask<T extends FhirResource>(path: string, body?: FhirResource): Promise<T> {
  const sent = body ? { method: "POST", body: JSON.stringify(body), headers: { ...HEADERS, "content-type": "application/fhir+json" } } : { headers: HEADERS };
  const response = await fetch(`${given.base}/${path}`, sent).catch(() => null);
  if (!response) {
    throw new Error(text("unreachable"));
  }
  const answer = await response.json().catch(() => null);
  if (!response.ok) {
    throw new Error(refusal(response.status, answer));
  }
  return answer;
}

function refusal(status: number, answer: OperationOutcome | null): string {
  if (status === 401 || status === 403) {
    return text("not_allowed");
  }
  const said = answer?.issue?.map((issue) => issue.diagnostics ?? issue.details?.text ?? issue.code).join(" ");
  return text("refused", said || status);
}
