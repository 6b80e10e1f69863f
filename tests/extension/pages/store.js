// What the pages of several webmails share: making elements, and talking to the server that keeps
// their mail. Nothing here is looked at by the extension.
"use strict";

window.store = (() => {
  const account = document.body.dataset.account;
  const policy = window.trustedTypes?.createPolicy("mail", { createHTML: (html) => html });
  const trusted = (html) => (policy ? policy.createHTML(html) : html);

  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value !== undefined) element.setAttribute(name, value);
    }
    element.append(...children);
    return element;
  };
  const query = (path) => `/store/${path}${path.includes("?") ? "&" : "?"}as=${encodeURIComponent(account)}`;
  const get = async (path) => (await fetch(query(path))).json();
  const post = async (path, body) => (await fetch(query(path), { method: "POST", body: JSON.stringify(body) })).json();
  const file = (id, index) => `/owa/service.svc/s/GetFileAttachment?id=${id}&n=${index}&as=${encodeURIComponent(account)}`;

  // Text with <br>, or the HTML that came.
  const fill = (place, message) => {
    if (message.html !== null) {
      const parsed = new DOMParser().parseFromString(trusted(message.html), "text/html");
      place.append(...parsed.body.childNodes);
      return place;
    }
    const lines = message.text.split("\n");
    lines.forEach((line, index) => place.append(line, ...(index + 1 < lines.length ? [make("br")] : [])));
    return place;
  };

  // The letter in a compose window: saved as a draft after every change, sent as it then is.
  const letter = ({ body, subject, people, thread }) => {
    const files = [];
    let timer = 0;
    const content = () => ({
      from: account, to: people.to(), cc: people.cc(), bcc: people.bcc(), subject: subject.value,
      text: body.innerText, html: body.innerHTML, thread,
    });
    const save = async () => {
      timer = 0;
      await post("draft", { ...content(), names: files.map((one) => one.name) });
      document.body.dataset.saved = String(Number(document.body.dataset.saved ?? "0") + 1);
    };
    const touched = () => {
      clearTimeout(timer);
      timer = setTimeout(() => void save(), 200);
    };
    body.addEventListener("input", touched);
    subject.addEventListener("input", touched);
    return {
      touched,
      add: (chosen) => {
        files.push(...chosen);
        touched();
      },
      send: async () => {
        clearTimeout(timer);
        const sent = await Promise.all(files.map(async (one) => ({
          name: one.name, mediaType: one.type, data: [...new Uint8Array(await one.arrayBuffer())],
        })));
        await post("send", { ...content(), files: sent });
        document.body.dataset.sent = String(Number(document.body.dataset.sent ?? "0") + 1);
      },
    };
  };

  return { account, make, get, post, file, fill, letter };
})();
