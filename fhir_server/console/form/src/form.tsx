// The form with its buttons: check, save, download.
import { BaseRenderer, buildForm, questionnaireResponseStore } from "@aehrc/smart-forms-renderer";
import ScopedCssBaseline from "@mui/material/ScopedCssBaseline";
import type { OperationOutcome, QuestionnaireResponse } from "fhir/r4";
import { useState } from "react";
import { askWho, Author } from "./author";
import { followWorkedOutAnswers } from "./dependents";
import { Findings, type Told } from "./findings";
import { given, text } from "./given";
import { kept } from "./kept";
import { askWhom, Prefill } from "./prefill";
import { answered, type People, standing } from "./response";
import { ask } from "./server";

export const CONFIG = { hideQuestionnaireTitle: true, requiredIndicatorPosition: "end", readOnlyVisualStyle: "readonly", disableHeadingFocusOnTabSwitch: false } as const;

let unfollow = () => {};
let untouched: QuestionnaireResponse;

// The form anew, with these answers in it.
export async function open(questionnaireResponse?: QuestionnaireResponse): Promise<void> {
  await shown(questionnaireResponse);
  untouched = await standing();
}

// The same, and what was typed since.
async function reopen(filled: QuestionnaireResponse): Promise<void> {
  const [typed, before] = [await standing(), untouched];
  await open(filled);
  await shown({ ...filled, item: kept(given.questionnaire.item ?? [], filled.item, typed.item, before.item) });
}

async function shown(questionnaireResponse?: QuestionnaireResponse): Promise<void> {
  unfollow();
  await buildForm({ questionnaire: given.questionnaire, questionnaireResponse, terminologyServerUrl: new URL(given.base, location.href).href, rendererConfigOptions: CONFIG });
  unfollow = followWorkedOutAnswers();
}

export function Form() {
  const [told, setTold] = useState<Told | null>(null);
  const [subject, setSubject] = useState<string>();
  const [author, setAuthor] = useState<string | undefined>(given.author?.reference);
  const [opened, setOpened] = useState(0);
  const people = { subject, author };
  const trouble = (error: unknown) => setTold({ kind: "invalid", sentence: error instanceof Error ? error.message : String(error) });
  const tell = (asked: Promise<Told>) => void asked.then(setTold, trouble);
  const choose = (reference: string) => {
    setSubject(reference);
    // Who was the person concerned herself is so no more.
    setAuthor(author === subject ? given.author?.reference : author);
  };
  const prefilled = async (response: QuestionnaireResponse) => {
    await reopen(response);
    setOpened(opened + 1);
    setTold({ kind: "note", sentence: text("prefilled") });
  };
  return (
    <>
      <Prefill onSubject={choose} onPrefilled={prefilled} onTrouble={trouble} />
      <Author subject={subject} author={author} onAuthor={setAuthor} onTrouble={trouble} />
      <ScopedCssBaseline className="paper" key={opened}>
        <BaseRenderer />
      </ScopedCssBaseline>
      <div className="buttons">
        <button type="button" onClick={() => tell(checked(people))}>{text("check")}</button>
        <button type="button" onClick={() => tell(saved(people))}>{text("save")}</button>
        <button type="button" className="quiet" onClick={() => void answered("in-progress", people).then(download)}>{text("download")}</button>
      </div>
      <Findings told={told} />
      <Json people={people} />
    </>
  );
}

function Json({ people }: { people: People }) {
  const [json, setJson] = useState("");
  const show = async (opened: boolean) => setJson(opened ? JSON.stringify(await answered("in-progress", people), null, 2) : "");
  return (
    <details onToggle={(event) => void show(event.currentTarget.open)}>
      <summary>{text("json")}</summary>
      <pre tabIndex={0}><code>{json}</code></pre>
    </details>
  );
}

async function checked(people: People): Promise<Told> {
  questionnaireResponseStore.getState().highlightRequiredItems();
  const response = await answered("completed", people);
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

async function saved(people: People): Promise<Told> {
  const verdict = await checked(people);
  if (verdict.kind === "invalid") {
    return { ...verdict, sentence: `${verdict.sentence} ${text("not_saved")}` };
  }
  if (isAboutAPerson() && !people.subject) {
    askWhom();
    return { kind: "invalid", sentence: `${text("nobody")} ${text("not_saved")}` };
  }
  if (isAboutAPerson() && given.asksAuthor && !people.author) {
    askWho();
    return { kind: "invalid", sentence: `${text("by_nobody")} ${text("not_saved")}` };
  }
  const stored = await ask<QuestionnaireResponse>("QuestionnaireResponse", verdict.response);
  return { kind: "valid", sentence: text("saved"), link: `${given.base}/QuestionnaireResponse/${stored.id}` };
}

// Answers about nobody would never be found again, and those by nobody could not be asked about.
const isAboutAPerson = () => given.questionnaire.subjectType?.includes("Patient") ?? false;

function download(response: QuestionnaireResponse) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify(response, null, 2)], { type: "application/fhir+json" }));
  link.download = "QuestionnaireResponse.json";
  link.click();
  URL.revokeObjectURL(link.href);
}
