// What /validate gains with a script: a file dropped on the text, or chosen, is read into it; Ctrl+Enter sends the form.
"use strict";

const text = document.getElementById("resource");
const file = document.getElementById("file");

async function take(chosen) {
  if (chosen) {
    text.value = await chosen.text();
    text.focus();
  }
}

document.getElementById("file-choice").hidden = false;
document.getElementById("drop-help").hidden = false;
file.addEventListener("change", () => take(file.files[0]));
text.addEventListener("dragover", (event) => {
  event.preventDefault();
  text.classList.add("over");
});
text.addEventListener("dragleave", () => text.classList.remove("over"));
text.addEventListener("drop", (event) => {
  text.classList.remove("over");
  if (event.dataTransfer.files.length) {
    event.preventDefault();
    take(event.dataTransfer.files[0]);
  }
});
text.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    text.form.requestSubmit();
  }
});
