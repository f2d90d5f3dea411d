// The form with its buttons: check, save, download.
import { BaseRenderer, buildForm, questionnaireResponseStore } from "@aehrc/smart-forms-renderer";
import ScopedCssBaseline from "@mui/material/ScopedCssBaseline";
import type { OperationOutcome, QuestionnaireResponse } from "fhir/r4";
import { useState } from "react";
import { followWorkedOutAnswers } from "./dependents";
import { Findings, type Told } from "./findings";
import { given, text } from "./given";
import { askWhom, Prefill } from "./prefill";
import { answered } from "./response";
import { ask } from "./server";

export const CONFIG = { hideQuestionnaireTitle: true, requiredIndicatorPosition: "end", readOnlyVisualStyle: "readonly", disableHeadingFocusOnTabSwitch: false } as const;

let unfollow = () => {};

export async function open(questionnaireResponse?: QuestionnaireResponse): Promise<void> {
  unfollow();
  await buildForm({ questionnaire: given.questionnaire, questionnaireResponse, terminologyServerUrl: new URL(given.base, location.href).href, rendererConfigOptions: CONFIG });
  unfollow = followWorkedOutAnswers();
}

export function Form() {
  const [told, setTold] = useState<Told | null>(null);
  const [subject, setSubject] = useState<string>();
  const [shown, setShown] = useState(0);
  const trouble = (error: unknown) => setTold({ kind: "invalid", sentence: error instanceof Error ? error.message : String(error) });
  const tell = (asked: Promise<Told>) => void asked.then(setTold, trouble);
  const prefilled = async (response: QuestionnaireResponse) => {
    await open(response);
    setShown(shown + 1);
    setTold({ kind: "note", sentence: text("prefilled") });
  };
  return (
    <>
      <Prefill onSubject={setSubject} onPrefilled={prefilled} onTrouble={trouble} />
      <ScopedCssBaseline className="paper" key={shown}>
        <BaseRenderer />
      </ScopedCssBaseline>
      <div className="buttons">
        <button type="button" onClick={() => tell(checked(subject))}>{text("check")}</button>
        <button type="button" onClick={() => tell(saved(subject))}>{text("save")}</button>
        <button type="button" className="quiet" onClick={() => void answered("in-progress", subject).then(download)}>{text("download")}</button>
      </div>
      <Findings told={told} />
      <Json subject={subject} />
    </>
  );
}

function Json({ subject }: { subject?: string }) {
  const [json, setJson] = useState("");
  const show = async (opened: boolean) => setJson(opened ? JSON.stringify(await answered("in-progress", subject), null, 2) : "");
  return (
    <details onToggle={(event) => void show(event.currentTarget.open)}>
      <summary>{text("json")}</summary>
      <pre tabIndex={0}><code>{json}</code></pre>
    </details>
  );
}

async function checked(subject?: string): Promise<Told> {
  questionnaireResponseStore.getState().highlightRequiredItems();
  const response = await answered("completed", subject);
  const marked = document.querySelectorAll<HTMLElement>('.paper [aria-invalid="true"]');
  if (marked.length) {
    marked[0]!.focus();
    return { kind: "invalid", sentence: text("marked", marked.length) };
  }
  const outcome = await ask<OperationOutcome>("QuestionnaireResponse/$validate", response);
  const issues = outcome.issue.filter(({ severity }) => severity !== "information");
  const wrong = issues.filter(({ severity }) => severity !== "warning").length;
  return { kind: wrong ? "invalid" : "valid", sentence: wrong ? text("invalid", wrong) : text("valid"), issues, response };
}

async function saved(subject?: string): Promise<Told> {
  const verdict = await checked(subject);
  if (verdict.kind === "invalid") {
    return { ...verdict, sentence: `${verdict.sentence} ${text("not_saved")}` };
  }
  if (!subject && isAboutAPerson()) {
    askWhom();
    return { kind: "invalid", sentence: `${text("nobody")} ${text("not_saved")}` };
  }
  const stored = await ask<QuestionnaireResponse>("QuestionnaireResponse", verdict.response);
  return { kind: "valid", sentence: text("saved"), link: `${given.base}/QuestionnaireResponse/${stored.id}` };
}

// Answers about nobody would never be found again.
const isAboutAPerson = () => given.questionnaire.subjectType?.includes("Patient") ?? false;

function download(response: QuestionnaireResponse) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify(response, null, 2)], { type: "application/fhir+json" }));
  link.download = "QuestionnaireResponse.json";
  link.click();
  URL.revokeObjectURL(link.href);
}
