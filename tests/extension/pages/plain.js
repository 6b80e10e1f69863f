// What a small webmail's own script does: sends what stands in its forms.
"use strict";

for (const form of document.querySelectorAll("form[data-letter]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const letter = { form: form.dataset.letter };
    for (const field of form.querySelectorAll("input,textarea")) letter[field.name] = field.value;
    const rich = form.querySelector("[contenteditable]");
    if (rich !== null) Object.assign(letter, { body: rich.innerText, html: rich.innerHTML });
    void fetch("/sent", { method: "POST", body: JSON.stringify(letter) }).then(() => {
      document.body.dataset.sent = String(Number(document.body.dataset.sent ?? "0") + 1);
    });
  });
}
