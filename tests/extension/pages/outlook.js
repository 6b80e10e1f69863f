// A page with the structure of Outlook on the web: a list that holds only the rows in view, a
// reading pane that is drawn anew whenever it likes, recipients whose addresses stand on a card.
"use strict";

(() => {
  const { account, make, get, file, fill, letter } = window.store;
  // People whom the address book knows are shown by their names alone.
  const known = {
    "alice@example.org": "Alice Example",
    "bob@example.org": "Bob Example",
    "silent@example.org": "Silent Person",
  };
  const main = make("div", { role: "main" });
  const list = make("div", { role: "listbox", "aria-label": "Message list", class: "list", "data-app-section": "MessageList" });
  document.body.append(
    make("div", { id: "O365_MainLink_Me" }, make("span", { title: account }, "Me")),
    make("button", { id: "compose", type: "button", "aria-label": "New mail" }, "New mail"),
    list, main);
  document.querySelector("#compose").addEventListener("click", () => {
    main.replaceChildren(compose({}));
  });

  const button = (name, attributes, pressed) => {
    const element = make("button", { type: "button", name, "aria-label": name, ...attributes }, name);
    element.addEventListener("click", pressed);
    return element;
  };

  // --- the list: rows come and go as it is scrolled ---

  const ROW = 40;
  const drawList = (threads) => {
    const space = make("div", { class: "space" });
    space.style.height = `${threads.length * ROW}px`;
    list.replaceChildren(space);
    const draw = () => {
      const first = Math.floor(list.scrollTop / ROW);
      space.replaceChildren(...threads.slice(first, first + 4).map((thread, index) => {
        const row = make("div", { role: "option", "data-convid": thread.id, "aria-label": `${thread.from} ${thread.subject}`, tabindex: "-1" }, thread.subject);
        row.style.top = `${(first + index) * ROW}px`;
        row.addEventListener("click", () => { location.hash = `#/id/${thread.id}`; });
        return row;
      }));
    };
    list.addEventListener("scroll", draw);
    draw();
  };

  // --- reading ---

  const message = (found, one) => {
    const files = one.files.map((attached) => make("div", { role: "option", "aria-label": `${attached.name} Open ${attached.size} bytes`, tabindex: "-1" },
      make("div", { title: attached.name }, attached.name),
      // Some the page hands out by its own script alone.
      ...(one.clipped ? [] : [make("a", { href: file(one.id, attached.index), download: attached.name }, "Download")])));
    const element = make("div", { class: "item-part", role: "listitem", "aria-label": "Email message" },
      make("div", { class: "item-header-actions" }, make("div", {},
        make("span", { class: "lpc-hoverTarget", "aria-label": `From: ${one.name}` }, make("div", {}, make("span", {}, `${one.name}<${one.from}>`))))),
      ...(files.length > 0 ? [make("div", { role: "listbox", "aria-label": "file attachments" }, ...files)] : []),
      make("div", { role: "document", "aria-label": "Message body", class: "allowTextSelection" },
        make("div", { id: `UniqueMessageBody_${one.id}` }, fill(make("div", { class: "rps_c0de" }), one))),
      button("Reply", {}, () => reply(found, one, false)),
      button("Reply all", {}, () => reply(found, one, true)),
      button("View message source", {}, () => source(one)));
    return element;
  };

  let turn = 0;
  const draw = (found) => {
    const pane = make("div", { id: "ReadingPaneContainerId", role: "region", "aria-label": "Reading Pane" },
      make("div", { "data-convid": found.id },
        make("div", { role: "heading", "aria-level": "2" }, found.subject),
        make("div", { class: "writing" }),
        make("div", { role: "list" }, ...found.messages.map((one) => message(found, one)))));
    turn += 1;
    pane.dataset.drawn = String(turn);
    main.replaceChildren(pane);
    return pane;
  };

  const thread = async (id) => {
    const found = await get(`thread?id=${encodeURIComponent(id)}`);
    turn = 0;
    draw(found);
    // Marked as read: everything is drawn anew.
    setTimeout(() => {
      draw(found);
      main.dataset.ready = id;
    }, 250);
  };

  const source = async (one) => {
    const { raw } = await get(`source?id=${one.id}`);
    const dialog = make("div", { class: "ms-Modal-scrollableContent", role: "dialog" });
    document.body.append(dialog);
    // The dialog stands before its text does.
    setTimeout(() => dialog.append(make("div", { class: "allowTextSelection source" }, raw)), 60);
  };

  const reply = (found, one, all) => {
    const to = [one.from];
    const cc = all ? one.to.filter((address) => address !== account) : [];
    setTimeout(() => {
      const pane = draw(found);
      pane.querySelector(".writing").append(compose({ to, cc, subject: `Re: ${found.subject}`, quoted: one, thread: found.id }));
    }, 60);
  };

  // --- writing ---

  const openCard = (address) => {
    document.querySelector(".card")?.remove();
    // Of some there is none.
    if (address.startsWith("silent")) return;
    // Fetched, and then shown.
    setTimeout(() => {
      document.body.append(make("div", { class: "card", role: "dialog" }, make("div", {}, "Contact"),
        make("div", { "data-log-name": "Email" }, make("button", { type: "button" }, address))));
    }, 80);
  };
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") document.querySelector(".card")?.remove();
  });

  const well = (label, addresses) => {
    const pills = [];
    const place = make("div", { class: "ms-BasePicker-text" });
    const field = make("input", { class: "ms-BasePicker-input", "aria-label": label, id: `${label.toLowerCase()}-field` });
    const add = (address) => {
      const target = make("div", { class: "lpc-hoverTarget" }, make("span", {}, known[address] ?? address));
      const pill = make("span", { "data-selection-index": String(pills.length) }, target);
      target.addEventListener("click", () => openCard(address));
      pills.push(address);
      place.insertBefore(pill, field);
    };
    field.addEventListener("keydown", (event) => {
      if (![",", "Enter", "Tab"].includes(event.key) || field.value.trim() === "") return;
      if (event.key === ",") event.preventDefault();
      add(field.value.trim());
      field.value = "";
    });
    place.append(field);
    for (const address of addresses) add(address);
    return { element: make("div", { class: "ms-BasePicker", "aria-label": label }, place), addresses: () => [...pills] };
  };

  function compose({ to = [], cc = [], subject = "", quoted, thread: answered }) {
    const wells = { to: well("To", to), cc: well("Cc", cc), bcc: well("Bcc", []) };
    const field = make("input", { "aria-label": "Add a subject", maxlength: "255", class: "subject" });
    field.value = subject;
    const body = make("div", { role: "textbox", contenteditable: "true", "aria-multiline": "true", "aria-label": "Message body", class: "body", tabindex: "0" },
      make("div", { class: "elementToProof" }, make("br")), make("div", { id: "Signature" }, "Sent from Outlook"));
    if (quoted !== undefined) {
      body.append(make("div", { id: "appendonsend" }), make("hr"), make("div", { id: "divRplyFwdMsg" }, `From: ${quoted.name}`), fill(make("div"), quoted));
    }
    const attached = make("div", { role: "listbox", "aria-label": "attachments" });
    const chooser = make("input", { type: "file", multiple: "", hidden: "" });
    const people = { to: wells.to.addresses, cc: wells.cc.addresses, bcc: wells.bcc.addresses };
    const written = letter({ body, subject: field, people, thread: answered });
    chooser.addEventListener("change", () => {
      const chosen = [...chooser.files];
      written.add(chosen);
      setTimeout(() => {
        attached.append(...chosen.map((one) => make("div", { role: "option", "aria-label": `${one.name} ${one.size}` }, one.name)));
      }, 40);
    });
    const root = make("div", { "data-app-section": "MailCompose" });
    root.append(
      button("Send", { id: "send", title: "Send (Ctrl+Enter)" }, () => void written.send().then(() => root.remove())),
      wells.to.element, wells.cc.element, wells.bcc.element, field, attached, chooser,
      make("div", { id: "editorParent_1" }, body));
    return root;
  }

  const route = () => {
    delete main.dataset.ready;
    const id = /^#\/id\/(.+)$/.exec(location.hash)?.[1];
    if (id !== undefined) void thread(decodeURIComponent(id));
    void get("list").then(({ threads }) => {
      drawList(threads);
      document.body.dataset.listed = "yes";
    });
  };
  window.addEventListener("hashchange", route);
  route();
})();
