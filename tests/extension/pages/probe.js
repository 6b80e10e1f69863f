// Sees everything that a page can see: every input event with the text of its target, every
// change of the document, every message, every request, every shadow root that is made in the
// page's world. What it saw lies in `probe.seen`; the tests look for words that must not be there.
"use strict";

(() => {
  const seen = [];
  const counts = Object.create(null);
  const note = (kind, text) => {
    counts[kind] = (counts[kind] ?? 0) + 1;
    if (text === null || text === undefined || text === "") return;
    seen.push(`${kind}: ${String(text)}`);
  };

  const textOf = (node) => {
    if (node === null || node === undefined) return "";
    if (typeof node.value === "string") return node.value;
    return node.textContent ?? "";
  };
  const events = [
    "input", "beforeinput", "change", "keydown", "keyup", "keypress", "paste", "copy", "cut", "drop",
    "dragstart", "compositionupdate", "compositionend", "click", "mousedown", "focusin", "focusout",
    "selectionchange", "select", "error", "securitypolicyviolation",
  ];
  for (const name of events) {
    window.addEventListener(
      name,
      (event) => {
        note(`event ${name}`, event.data ?? event.key ?? event.violatedDirective ?? "");
        if (name !== "focusin" && name !== "mousedown") note(`target of ${name}`, textOf(event.target));
        const given = event.clipboardData ?? event.dataTransfer;
        if (given) note(`transfer of ${name}`, given.getData("text/plain") + given.getData("text/html"));
        note(`selection at ${name}`, String(document.getSelection() ?? ""));
      },
      { capture: true },
    );
  }
  window.addEventListener("message", (event) => {
    let text;
    try {
      text = JSON.stringify(event.data);
    } catch {
      text = String(event.data);
    }
    note("message", `${event.origin} ${text}`);
  }, { capture: true });

  const read = (node) => {
    if (node.nodeType === Node.ELEMENT_NODE) note("added", node.outerHTML);
    else note("added", node.textContent);
  };
  new MutationObserver((records) => {
    for (const record of records) {
      if (record.type === "childList") record.addedNodes.forEach(read);
      else if (record.type === "characterData") note("text", record.target.textContent);
      else note("attribute", `${record.attributeName}=${record.target.getAttribute(record.attributeName)}`);
    }
  }).observe(document, { childList: true, subtree: true, characterData: true, attributes: true });

  const wrap = (owner, name, look) => {
    const original = owner[name];
    owner[name] = function wrapped(...given) {
      look(this, given);
      return original.apply(this, given);
    };
  };
  wrap(window, "fetch", (_, given) => note("fetch", `${given[0]} ${given[1]?.body ?? ""}`));
  wrap(XMLHttpRequest.prototype, "open", (_, given) => note("request", given.join(" ")));
  wrap(XMLHttpRequest.prototype, "send", (_, given) => note("request body", given[0]));
  wrap(Navigator.prototype, "sendBeacon", (_, given) => note("beacon", given.join(" ")));
  wrap(EventTarget.prototype, "dispatchEvent", (_, given) => note("dispatched", given[0]?.type));
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function attachShadow(init) {
    const root = attach.call(this, init);
    note("shadow", root.innerHTML);
    return root;
  };

  // All that the page can reach at this moment, frames of any kind included.
  const look = () => {
    note("document", document.documentElement.outerHTML);
    const fields = document.querySelectorAll("input,textarea,[contenteditable]");
    for (const field of fields) note("field", textOf(field));
    for (let index = 0; index < window.length; index += 1) {
      try {
        note("frame", window[index].document.documentElement.outerHTML);
      } catch (error) {
        note("frame kept shut", error.name);
      }
    }
    for (const element of document.querySelectorAll("*")) {
      if (element.shadowRoot) note("open shadow", element.shadowRoot.innerHTML);
    }
  };

  window.probe = { seen, counts, look };
})();
