// Whom the form is about, and prefilling it from that person's record where the server can (Questionnaire/$populate of SDC).
import type { Bundle, CapabilityStatement, Parameters, Patient, QuestionnaireResponse } from "fhir/r4";
import { useEffect, useState } from "react";
import { given, text } from "./given";
import { ask } from "./server";

interface Props {
  onSubject: (reference: string) => void;
  onPrefilled: (response: QuestionnaireResponse) => Promise<void>;
  onTrouble: (error: unknown) => void;
}

export function Prefill({ onSubject, onPrefilled, onTrouble }: Props) {
  const [wanted, setWanted] = useState("");
  const [found, setFound] = useState<Patient[] | null>(null);
  const [chosen, setChosen] = useState("");
  const canPopulate = useCanPopulate();

  const search = () => ask<Bundle<Patient>>(`Patient?_count=20&${wantedAs(wanted)}`).then(({ entry }) => setFound((entry ?? []).map((one) => one.resource!)), onTrouble);
  const choose = (id: string) => {
    setChosen(id);
    onSubject(`Patient/${id}`);
  };
  return (
    <details className="prefill">
      <summary>{text("about")}</summary>
      <form role="search" onSubmit={(event) => { event.preventDefault(); void search(); }}>
        <label htmlFor="wanted-person">{text("person")}</label>
        <input id="wanted-person" type="text" value={wanted} autoComplete="off" onChange={(event) => setWanted(event.target.value)} />
        <button type="submit">{text("search")}</button>
      </form>
      <div role="status">{found && <p>{found.length ? text("found", found.length) : text("none_found")}</p>}</div>
      {found?.length ? (
        <fieldset>
          <legend>{text("choose")}</legend>
          {found.map((person) => (
            <label key={person.id}>
              <input type="radio" name="person" checked={chosen === person.id} onChange={() => choose(person.id!)} /> {described(person)}
            </label>
          ))}
        </fieldset>
      ) : null}
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
  document.querySelector<HTMLDetailsElement>(".prefill")!.open = true;
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

function wantedAs(wanted: string): string {
  const parameter = /\d/.test(wanted) ? "identifier" : "name";
  return `${parameter}=${encodeURIComponent(wanted.trim())}`;
}

function described(person: Patient): string {
  const name = person.name?.[0];
  const called = name?.text ?? [...(name?.given ?? []), name?.family].filter(Boolean).join(" ");
  return [called || person.id, person.birthDate].filter(Boolean).join(", ");
}

async function populated(id: string): Promise<QuestionnaireResponse> {
  const reference = `Patient/${id}`;
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
