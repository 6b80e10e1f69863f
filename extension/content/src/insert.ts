// Puts a sealed letter into the page's own compose window. The page hears of it as it would of
// typing, so that it saves and sends what it now holds: ciphertext.

import type { ComposeWindow } from "./compose.js";
import type { Rules } from "./rules.js";
import { until } from "./until.js";

const FILES_LIMIT_MS = 20_000;

/** Body, subject, files; returns the roles that failed. */
export async function insert(
  window: ComposeWindow,
  body: string,
  subject: string | null,
  files: File[],
): Promise<string[]> {
  const failed: string[] = [];
  if (!setBody(window.body, body)) failed.push("body");
  if (subject !== null && !setSubject(window, subject)) failed.push("subject");
  if (files.length > 0 && !(await attach(window, files))) failed.push("files");
  return failed;
}

export function setBody(body: HTMLElement, text: string): boolean {
  if (isField(body)) {
    body.value = text;
  } else {
    const document = body.ownerDocument;
    const pre = document.createElement("pre");
    pre.textContent = text;
    if (!text.startsWith("-----BEGIN PGP ")) pre.style.whiteSpace = "pre-wrap";
    body.replaceChildren(...(text === "" ? [document.createElement("br")] : [pre]));
  }
  tell(body, "insertFromPaste");
  return isField(body) ? body.value === text : (body.textContent ?? "") === text;
}

/** What the person typed, without the page's signature and quoted text. */
export function typedText(rules: Rules, body: HTMLElement): string {
  if (isField(body)) return body.value.trim();
  const copy = body.cloneNode(true) as HTMLElement;
  for (const role of ["quotedText", "signature"]) {
    for (const element of rules.allOf(role, copy)) element.remove();
  }
  const lines: string[] = [];
  collect(copy, lines);
  const text = lines.join("").replace(/\u00a0/g, " ").replace(/\n{3,}/g, "\n\n").trim();
  return text.startsWith("-----BEGIN PGP ") ? "" : text;
}

function collect(node: Node, lines: string[]): void {
  for (const child of node.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) lines.push(child.textContent ?? "");
    else if (child.nodeName === "BR") lines.push("\n");
    else {
      const block = /^(?:DIV|P|LI|PRE|BLOCKQUOTE|TR|H[1-6])$/.test(child.nodeName);
      if (block && lines.length > 0 && !(lines[lines.length - 1] ?? "").endsWith("\n")) lines.push("\n");
      collect(child, lines);
      if (block && !(lines[lines.length - 1] ?? "\n").endsWith("\n")) lines.push("\n");
    }
  }
}

function setSubject(window: ComposeWindow, subject: string): boolean {
  const field = window.subject;
  if (field === undefined) return false;
  field.value = subject;
  tell(field, "insertReplacementText");
  field.dispatchEvent(new Event("change", { bubbles: true }));
  return field.value === subject;
}

/** The page's own file field first, a drop second; done when the page lists every file. */
async function attach(window: ComposeWindow, files: File[]): Promise<boolean> {
  const { rules, root, body } = window;
  const transfer = new DataTransfer();
  for (const file of files) transfer.items.add(file);
  const field = rules.firstOf("fileInput", root) ?? rules.firstOf("fileInput", root.ownerDocument);
  if (field instanceof HTMLInputElement && field.type === "file") {
    field.files = transfer.files;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  } else {
    const target = rules.firstOf("dropTarget", root) ?? body;
    for (const type of ["dragenter", "dragover", "drop"]) {
      target.dispatchEvent(
        new DragEvent(type, { bubbles: true, cancelable: true, composed: true, dataTransfer: transfer }),
      );
    }
  }
  if (!rules.has("attached")) return field !== undefined;
  const listed = () => {
    const shown = rules.allOf("attached", root).map((element) => element.textContent ?? "");
    return files.every((file) => shown.some((text) => text.includes(file.name))) || undefined;
  };
  return (await until(root, listed, FILES_LIMIT_MS)) === true;
}

type Field = HTMLInputElement | HTMLTextAreaElement;

export function isField(element: Element): element is Field {
  return element instanceof HTMLTextAreaElement || element instanceof HTMLInputElement;
}

function tell(element: HTMLElement, inputType: string): void {
  element.dispatchEvent(new InputEvent("input", { bubbles: true, composed: true, inputType }));
}
