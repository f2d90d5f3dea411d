// Who fills in the form: shown where the server knows who is authenticated, else asked. The server does not believe it of those whom it knows.
import { Finder } from "./finder";
import { given, text } from "./given";

interface Props {
  subject?: string;
  author?: string;
  onAuthor: (reference: string) => void;
  onTrouble: (error: unknown) => void;
}

export function Author({ subject, author, onAuthor, onTrouble }: Props) {
  if (given.author) {
    return <p className="note">{text("by", given.author.display)}</p>;
  }
  return given.asksAuthor ? (
    <details className="prefill by">
      <summary>{text("who")}</summary>
      <Finder type="Practitioner" field="wanted-author" label="professional" chosen={author} onChosen={onAuthor} onTrouble={onTrouble} />
      {subject && (
        <label>
          <input type="radio" name="wanted-author" checked={author === subject} onChange={() => onAuthor(subject)} /> {text("herself")}
        </label>
      )}
    </details>
  ) : null;
}

// Opens the question and goes there.
export function askWho() {
  document.querySelector<HTMLDetailsElement>(".prefill.by")!.open = true;
  document.getElementById("wanted-author")!.focus();
}
