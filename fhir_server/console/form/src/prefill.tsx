// Whom the form is about, and prefilling it from that person's record where the server can (Questionnaire/$populate of SDC).
import type { CapabilityStatement, Parameters, QuestionnaireResponse } from "fhir/r4";
import { useEffect, useState } from "react";
import { Finder } from "./finder";
import { given, text } from "./given";
import { ask } from "./server";

interface Props {
  onSubject: (reference: string) => void;
  onPrefilled: (response: QuestionnaireResponse) => Promise<void>;
  onTrouble: (error: unknown) => void;
}

export function Prefill({ onSubject, onPrefilled, onTrouble }: Props) {
  const [chosen, setChosen] = useState("");
  const canPopulate = useCanPopulate();
  const choose = (reference: string) => {
    setChosen(reference);
    onSubject(reference);
  };
  return (
    <details className="prefill about">
      <summary>{text("about")}</summary>
      <Finder type="Patient" field="wanted-person" label="person" chosen={chosen} onChosen={choose} onTrouble={onTrouble} />
      {canPopulate && chosen && (
        <button type="button" onClick={() => populated(chosen).then(onPrefilled).catch(onTrouble)}>
          {text("prefill")}
        </button>
      )}
    </details>
  );
}

// Opens the question and goes there.
export function askWhom() {
  document.querySelector<HTMLDetailsElement>(".prefill.about")!.open = true;
  document.getElementById("wanted-person")!.focus();
}

function useCanPopulate(): boolean {
  const [can, setCan] = useState(false);
  useEffect(() => {
    ask<CapabilityStatement>("metadata").then((statement) => setCan(declares(statement)), () => setCan(false));
  }, []);
  return can;
}

function declares(statement: CapabilityStatement): boolean {
  const types = statement.rest?.[0]?.resource ?? [];
  return types.some(({ type, operation }) => type === "Questionnaire" && operation?.some(({ name }) => name === "populate"));
}

async function populated(reference: string): Promise<QuestionnaireResponse> {
  const answer = await ask<Parameters | QuestionnaireResponse>("Questionnaire/$populate", {
    resourceType: "Parameters",
    parameter: [
      { name: "questionnaire", resource: given.questionnaire },
      { name: "subject", valueReference: { reference } },
      { name: "context", part: [{ name: "name", valueString: "patient" }, { name: "content", valueReference: { reference } }] },
    ],
  });
  return answer.resourceType === "Parameters" ? (answer.parameter!.find(({ name }) => name === "response")!.resource as QuestionnaireResponse) : answer;
}
