// A page with the structure of Yahoo Mail: recipients as pills with titles, one rich text box, a
// draft that saves itself, answers written below the message.
"use strict";

(() => {
  const { account, make, get, file, fill, letter } = window.store;
  const main = make("div", { role: "main", "aria-label": "Mail" });
  const compose_ = make("a", { id: "compose", role: "button", "data-test-id": "compose-button", "aria-label": "Compose", tabindex: "0" }, "Compose");
  document.body.append(make("div", { id: "mail-app-component" },
    make("div", { id: "ybarAccountMenuOpener", "aria-label": `Account ${account}` }, "Account"), compose_,
    make("div", { id: "folder-inbox", "data-test-id": "virtual-list", class: "list" }), main));
  compose_.addEventListener("click", () => main.replaceChildren(compose({})));

  const button = (id, label, attributes, pressed) => {
    const element = make("button", { type: "button", "data-test-id": id, title: label, ...attributes }, make("span", {}, label));
    element.addEventListener("click", pressed);
    return element;
  };

  // --- reading ---

  const message = (found, one) => {
    const below = make("div", { class: "below" });
    return make("div", { class: "message-view", "data-test-id": "message-view", "data-mid": one.id },
      make("header", {}, make("span", { "data-test-id": "message-from" },
        make("span", { "data-test-id": "email-pill", title: one.from }, one.name || one.from))),
      make("div", { "data-test-id": "message-view-body" },
        make("div", { "data-test-id": "message-view-body-content" },
          make("div", { class: "msg-body" }, fill(make("div", { id: `yiv${one.id}` }), one)))),
      make("ul", {}, ...one.files.map((attached) => make("li", { "data-test-id": "attachment-card" },
        make("span", { "data-test-id": "attachment-filename" }, attached.name),
        make("a", { href: file(one.id, attached.index), download: attached.name }, "Download")))),
      button("card-reply", "Reply", {}, () => reply(found, one, below, false)),
      button("card-reply-all", "Reply all", {}, () => reply(found, one, below, true)),
      below);
  };

  const thread = async (id) => {
    const found = await get(`thread?id=${encodeURIComponent(id)}`);
    main.replaceChildren(make("div", { "data-test-id": "message-group-view" },
      make("span", { "data-test-id": "message-group-subject-text" }, found.subject),
      make("ul", {}, ...found.messages.map((one) => make("li", {}, message(found, one))))));
    main.dataset.ready = id;
  };

  const reply = (found, one, below, all) => {
    const cc = all ? one.to.filter((address) => address !== account) : [];
    setTimeout(() => below.replaceChildren(compose({ to: [one.from], cc, subject: `Re: ${found.subject}`, quoted: one, thread: found.id })), 60);
  };

  // --- writing ---

  const container = (name, addresses) => {
    const pills = make("ul", { class: "pill-list" });
    const field = make("input", { class: `input-${name}`, id: name === "to" ? "to-field" : `${name}-field`, role: "combobox", "aria-label": name });
    const last = make("li", { class: "pill-container" }, field);
    pills.append(last);
    const add = (address) => {
      last.before(make("li", { class: "pill-container" },
        make("div", { "data-test-id": "pill", title: address, tabindex: "-1" }, make("span", {}, address.split("@")[0]))));
    };
    field.addEventListener("keydown", (event) => {
      if (![",", "Enter", "Tab"].includes(event.key) || field.value.trim() === "") return;
      if (event.key === ",") event.preventDefault();
      add(field.value.trim());
      field.value = "";
    });
    for (const address of addresses) add(address);
    return {
      element: make("div", { "data-test-id": `container-${name}` }, pills),
      addresses: () => [...pills.querySelectorAll("[data-test-id=pill]")].map((pill) => pill.title),
    };
  };

  function compose({ to = [], cc = [], subject = "", quoted, thread: answered }) {
    const places = { to: container("to", to), cc: container("cc", cc), bcc: container("bcc", []) };
    const field = make("input", { "data-test-id": "compose-subject", placeholder: "Subject" });
    field.value = subject;
    const body = make("div", { "data-test-id": "rte", contenteditable: "true", role: "textbox", "aria-label": "Message body", class: "body" }, make("div", {}, make("br")));
    if (quoted !== undefined) body.append(make("div", { class: "yahoo_quoted" }, make("div", {}, `${quoted.name} wrote:`), fill(make("blockquote"), quoted)));
    const people = { to: places.to.addresses, cc: places.cc.addresses, bcc: places.bcc.addresses };
    const written = letter({ body, subject: field, people, thread: answered });
    const attached = make("div", {});
    const chooser = make("input", { type: "file", multiple: "", hidden: "" });
    chooser.addEventListener("change", () => {
      const chosen = [...chooser.files];
      written.add(chosen);
      setTimeout(() => attached.append(...chosen.map((one) => make("div", { "data-test-id": "compose-attachment" }, one.name))), 40);
    });
    const root = make("div", { class: "D_F em_0" });
    root.append(
      places.to.element, places.cc.element, places.bcc.element, field,
      make("div", { "data-test-id": "compose-editor-container" }, make("div", { id: "editor-container" }, body)),
      attached,
      make("div", { class: "tools" },
        button("compose-send-button", "Send", { id: "send" }, () => void written.send().then(() => root.remove())), chooser));
    return root;
  }

  const route = () => {
    delete main.dataset.ready;
    const id = /^#\/(.+)$/.exec(location.hash)?.[1];
    if (id !== undefined) void thread(decodeURIComponent(id));
  };
  window.addEventListener("hashchange", route);
  route();
})();
