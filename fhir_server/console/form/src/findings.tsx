// What checking or saving found, in a place that screen readers announce; a finding leads to its question.
import type { OperationOutcomeIssue, QuestionnaireResponse } from "fhir/r4";
import { text } from "./given";
import { questionAt } from "./response";

export interface Told {
  kind: "valid" | "invalid" | "note";
  sentence: string;
  link?: string;
  issues?: OperationOutcomeIssue[];
  response?: QuestionnaireResponse;
}

export function Findings({ told }: { told: Told | null }) {
  return (
    <div role="status" className="told">
      {told && (
        <>
          <p className={`verdict ${told.kind}`}>
            {told.sentence} {told.link && <a href={told.link}>{told.link.split("/").slice(-2).join("/")}</a>}
          </p>
          {told.issues?.length ? (
            <ul className="findings">
              {told.issues.map((issue, index) => (
                <Finding key={index} issue={issue} response={told.response} />
              ))}
            </ul>
          ) : null}
        </>
      )}
    </div>
  );
}

function Finding({ issue, response }: { issue: OperationOutcomeIssue; response?: QuestionnaireResponse }) {
  const question = response && issue.expression?.[0] ? questionAt(issue.expression[0], response) : undefined;
  return (
    <li className={issue.severity}>
      {question && (
        <button type="button" onClick={() => goTo(question.linkId)}>
          {question.text ?? question.linkId}
        </button>
      )}{" "}
      {issue.diagnostics ?? issue.details?.text ?? text(issue.severity)}
    </li>
  );
}

function goTo(linkId: string) {
  const label = document.getElementById(`label-${linkId}`);
  const field = document.querySelector<HTMLElement>(`[data-linkid="${CSS.escape(linkId)}"]`);
  const place = field ?? label;
  place?.scrollIntoView({ block: "center" });
  (place?.matches("input, textarea") ? place : place?.querySelector<HTMLElement>("input, textarea, button"))?.focus();
}
