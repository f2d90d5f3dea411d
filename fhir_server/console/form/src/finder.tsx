// Finds a person of the record by name or identifier.
import type { Bundle, Patient, Practitioner } from "fhir/r4";
import { useState } from "react";
import { text } from "./given";
import { ask } from "./server";

interface Props {
  type: "Patient" | "Practitioner";
  field: string;
  label: string;
  chosen?: string;
  onChosen: (reference: string) => void;
  onTrouble: (error: unknown) => void;
}

type Person = Patient | Practitioner;

export function Finder({ type, field, label, chosen, onChosen, onTrouble }: Props) {
  const [wanted, setWanted] = useState("");
  const [found, setFound] = useState<Person[] | null>(null);
  const search = () => ask<Bundle<Person>>(`${type}?_count=20&${wantedAs(wanted)}`).then(({ entry }) => setFound((entry ?? []).map((one) => one.resource!)), onTrouble);
  return (
    <>
      <form role="search" onSubmit={(event) => { event.preventDefault(); void search(); }}>
        <label htmlFor={field}>{text(label)}</label>
        <input id={field} type="text" value={wanted} autoComplete="off" onChange={(event) => setWanted(event.target.value)} />
        <button type="submit">{text("search")}</button>
      </form>
      <div role="status">{found && <p>{found.length ? text("found", found.length) : text("none_found")}</p>}</div>
      {found?.length ? (
        <fieldset>
          <legend>{text("choose")}</legend>
          {found.map((person) => (
            <label key={person.id}>
              <input type="radio" name={field} checked={chosen === `${type}/${person.id}`} onChange={() => onChosen(`${type}/${person.id}`)} /> {described(person)}
            </label>
          ))}
        </fieldset>
      ) : null}
    </>
  );
}

function wantedAs(wanted: string): string {
  const parameter = /\d/.test(wanted) ? "identifier" : "name";
  return `${parameter}=${encodeURIComponent(wanted.trim())}`;
}

function described(person: Person): string {
  const name = person.name?.[0];
  const called = name?.text ?? [...(name?.given ?? []), name?.family].filter(Boolean).join(" ");
  return [called || person.id, person.birthDate].filter(Boolean).join(", ");
}
