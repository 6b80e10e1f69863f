// A page with the structure of Gmail's: inbox, threads, compose windows with chips, automatic
// drafts and attachments. Only what extensions hold on to is alike.
"use strict";

(() => {
  const account = document.body.dataset.account;
  const policy = window.trustedTypes?.createPolicy("mail", { createHTML: (html) => html });
  const trusted = (html) => (policy ? policy.createHTML(html) : html);
  let numbers = 1000;

  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value !== undefined) element.setAttribute(name, value);
    }
    element.append(...children);
    return element;
  };
  const button = (label, attributes, pressed) => {
    const element = make("div", { class: "T-I J-J5-Ji", role: "button", tabindex: "0", "aria-label": label, "data-tooltip": label, ...attributes }, label);
    // Like Gmail, the press counts and not the click.
    element.addEventListener("mousedown", (event) => event.preventDefault());
    element.addEventListener("mouseup", () => pressed());
    element.addEventListener("keydown", (event) => {
      if (event.key === "Enter") pressed();
    });
    return element;
  };
  const query = (path) => `/mail/u/0/${path}${path.includes("?") ? "&" : "?"}as=${encodeURIComponent(account)}`;
  const get = async (path) => (await fetch(query(path))).json();

  // --- reading ---

  const main = make("div", { role: "main", class: "nH aHU" });
  document.body.append(
    make("div", { class: "nH bkL" }, button("Compose", { class: "T-I T-I-KE L3", id: "compose" }, () => openDialog({}))),
    main,
  );

  const inbox = async () => {
    const { threads } = await get("list");
    const rows = threads.map((thread) => {
      const row = make("tr", { class: "zA zE", role: "row", "data-thread": thread.id, tabindex: "-1" },
        make("td", { class: "yX" }, make("span", { email: thread.from, name: thread.name }, thread.name || thread.from)),
        make("td", { class: "xY" }, make("span", { class: "bog" }, thread.subject)));
      row.addEventListener("click", () => { location.hash = `#inbox/${thread.id}`; });
      return row;
    });
    main.replaceChildren(make("table", { class: "F cf zt", role: "grid" }, make("tbody", {}, ...rows)));
    main.dataset.ready = "inbox";
  };

  const body = (message) => {
    const shown = make("div", { class: "a3s aiL" });
    if (message.html !== null) {
      const parsed = new DOMParser().parseFromString(trusted(message.html), "text/html");
      shown.append(...parsed.body.childNodes);
    } else {
      const lines = message.text.split("\n");
      lines.forEach((line, index) => {
        shown.append(line, ...(index + 1 < lines.length ? [make("br"), "\n"] : []));
      });
    }
    return shown;
  };

  const attachment = (message, file) => {
    const address = `${location.origin}${query(`?ui=2&view=att&th=${message.id}&attid=${file.index}&disp=safe`)}`;
    return make("span", { class: "aZo", download_url: `${file.mediaType}:${encodeURIComponent(file.name)}:${address}`, draggable: "true" },
      make("a", { class: "aQy", href: address }, make("span", { class: "aV3 zzV0ie" }, file.name)),
      make("span", { class: "SaH2Ve" }, `${Math.ceil(file.size / 1024)} KB`));
  };

  const message = (thread, one) => {
    const element = make("div", { class: "adn ads", "data-message-id": `#msg-f:${one.id}`, "data-legacy-message-id": one.id });
    const reply = (all, forward) => () => openReply(thread, one, element, all, forward);
    element.append(
      make("div", { class: "gs" },
        make("div", { class: "gE iv gt" },
          make("h3", { class: "iw" }, make("span", { class: "gD", email: one.from, name: one.name, "data-hovercard-id": one.from }, one.name || one.from)),
          make("span", { class: "hb" }, "to ", ...one.to.map((to) => make("span", { class: "g2", email: to }, to))),
          button("Reply", { class: "T-I J-J5-Ji T-I-Js-IF aaq L3" }, reply(false, false))),
        make("div", { class: "ii gt" }, body(one))),
    );
    if (one.clipped) {
      element.append(make("div", { class: "iX" }, "[Message clipped] ",
        make("a", { href: query(`?ui=2&view=lg&permmsgid=msg-f:${one.id}`), target: "_blank" }, "View entire message")));
    }
    if (one.files.length > 0) {
      element.append(make("div", { class: "hq gt" }, make("div", { class: "aQH" }, ...one.files.map((file) => attachment(one, file)))));
    }
    const place = make("div", { class: "gA gt" });
    const link = (label, kind, pressed) => {
      const control = make("span", { class: `ams ${kind}`, role: "link", tabindex: "0" }, label);
      control.addEventListener("mouseup", pressed);
      return control;
    };
    place.append(make("div", { class: "amr" }, make("div", { class: "nr tMHS5d" },
      link("Reply", "bkH", reply(false, false)),
      link("Reply all", "bkI", reply(true, false)),
      link("Forward", "bkG", reply(false, true)))));
    element.append(place);
    return element;
  };

  const thread = async (id) => {
    const found = await get(`thread?id=${encodeURIComponent(id)}`);
    performance.mark("thread-shown");
    main.replaceChildren(make("div", { class: "nH if" },
      make("h2", { class: "hP", "data-thread-perm-id": `thread-f:${id}`, "data-legacy-thread-id": id }, found.subject),
      make("div", { role: "list" }, ...found.messages.map((one) => make("div", { role: "listitem", class: "h7" }, message(found, one))))));
    main.dataset.ready = `thread ${id}`;
  };

  const route = () => {
    delete main.dataset.ready;
    const id = /^#inbox\/(.+)$/.exec(location.hash)?.[1];
    if (id === undefined) void inbox();
    else void thread(decodeURIComponent(id));
  };
  window.addEventListener("hashchange", route);

  // --- writing ---

  const chip = (address) => {
    const one = make("div", { class: "afV", "data-hovercard-id": address, "data-name": "", role: "option" }, make("span", {}, address));
    const remove = make("span", { class: "afX", role: "button", "aria-label": "Remove" }, "×");
    remove.addEventListener("click", () => one.remove());
    one.append(remove);
    return one;
  };

  const recipients = (name, addresses) => {
    const chips = make("div", { class: "agh" }, ...addresses.map(chip));
    const field = make("input", { class: "agP aFw", type: "text", role: "combobox", "peoplekit-id": name, "aria-label": `${name} recipients` });
    const commit = () => {
      for (const address of field.value.split(/[\s,;]+/).filter((part) => part !== "")) chips.append(chip(address));
      field.value = "";
    };
    field.addEventListener("keydown", (event) => {
      if (["Enter", "Tab", ","].includes(event.key)) commit();
    });
    field.addEventListener("blur", commit);
    return make("div", { class: "agb" }, make("div", { name, class: "fX aiL" }, chips, field));
  };

  const compose = ({ to = [], cc = [], subject = "", quoted, replyTo, forwarding = false }) => {
    const id = (numbers += 1);
    const draft = make("input", { type: "hidden", name: "draft", value: "undefined" });
    const field = make("input", { name: "subjectbox", class: "aoT", placeholder: "Subject", "aria-label": "Subject" });
    field.value = subject;
    const editable = make("div", { class: "Am Al editable LW-avf tS-tW", contenteditable: "true", role: "textbox", g_editable: "true", "aria-label": "Message Body", "aria-multiline": "true", tabindex: "1" }, make("br"));
    if (quoted !== undefined) {
      editable.append(make("div", { class: "gmail_quote" }, "On some day somebody wrote:", make("blockquote", {}, quoted.cloneNode(true))));
    }
    const files = [];
    const list = make("div", { class: "GX" });
    const chooser = make("input", { type: "file", name: "Filedata", multiple: "", hidden: "" });
    const addFiles = (chosen) => {
      for (const file of chosen) {
        files.push(file);
        // Gmail lists a file when its upload has begun.
        setTimeout(() => list.append(make("div", { class: "dL" }, make("div", { class: "vI" }, file.name), make("div", { class: "vJ" }, `(${Math.ceil(file.size / 1024)}K)`))), 30);
      }
      touched();
    };
    chooser.addEventListener("change", () => addFiles([...chooser.files]));
    editable.addEventListener("drop", (event) => {
      if (event.dataTransfer?.files.length > 0) {
        event.preventDefault();
        addFiles([...event.dataTransfer.files]);
      }
    });
    const to_ = recipients("to", to);
    const cc_ = recipients("cc", cc);
    const bcc_ = recipients("bcc", []);
    const chosen = (place) => [...place.querySelectorAll(".afV")].map((one) => one.dataset.hovercardId);
    const root = make("div", { class: "M9" });
    const content = async () => ({
      from: account,
      to: chosen(to_),
      cc: chosen(cc_),
      bcc: chosen(bcc_),
      subject: field.value,
      text: editable.innerText,
      html: editable.innerHTML,
      thread: forwarding ? undefined : replyTo,
      files: await Promise.all(files.map(async (file) => ({
        name: file.name,
        mediaType: file.type,
        data: [...new Uint8Array(await file.arrayBuffer())],
      }))),
    });
    let timer = 0;
    const save = async () => {
      timer = 0;
      const { files: attached, ...letter } = await content();
      const answer = await fetch(query("?ui=2&act=sd"), { method: "POST", body: JSON.stringify({ ...letter, names: attached.map((file) => file.name) }) });
      draft.value = `#msg-a:r${(await answer.json()).draft}`;
      root.dataset.saved = String(Number(root.dataset.saved ?? "0") + 1);
    };
    function touched() {
      clearTimeout(timer);
      timer = setTimeout(() => void save(), 250);
    }
    editable.addEventListener("input", touched);
    field.addEventListener("input", touched);
    const send = button("Send", { class: "T-I J-J5-Ji aoO T-I-atl L3" }, async () => {
      clearTimeout(timer);
      const sent = await fetch(query("?ui=2&act=sm"), { method: "POST", body: JSON.stringify(await content()) });
      if (sent.ok) {
        root.dispatchEvent(new CustomEvent("sent"));
        document.body.dataset.sent = String(Number(document.body.dataset.sent ?? "0") + 1);
      }
    });
    root.append(
      make("input", { type: "hidden", name: "composeid", value: String(id) }), draft,
      make("input", { type: "hidden", name: "from", value: account }),
      make("input", { type: "hidden", name: "rt", value: replyTo ?? "" }),
      to_, cc_, bcc_, field,
      make("table", { class: "iN" }, make("tbody", {}, make("tr", {}, make("td", { class: "Ap" }, make("div", { class: "Ar Au" }, editable))))),
      list,
      make("table", { class: "IZ", role: "group" }, make("tbody", {}, make("tr", { class: "btC" },
        make("td", { class: "gU Up" }, send),
        make("td", { class: "gU a0z" }, make("div", { class: "a1 aaA aMZ", role: "button", "aria-label": "Attach files" }, chooser))))),
    );
    return root;
  };

  function openDialog(options) {
    const dialog = make("div", { class: "nH Hd", role: "dialog", "aria-label": "New Message" });
    const root = compose(options);
    root.addEventListener("sent", () => dialog.remove());
    const close = make("img", { class: "Ha", alt: "Close", role: "button" });
    close.addEventListener("mouseup", () => dialog.remove());
    dialog.append(close, root);
    document.body.append(dialog);
  }

  function openReply(found, one, element, all, forwarding) {
    const place = element.querySelector(".gA");
    const prefix = forwarding ? "Fwd: " : "Re: ";
    const root = compose({
      to: forwarding ? [] : [one.from],
      cc: all ? one.to.filter((to) => to !== account) : [],
      subject: found.subject.startsWith(prefix) ? found.subject : prefix + found.subject,
      quoted: element.querySelector(".a3s"),
      replyTo: found.id,
      forwarding,
    });
    root.addEventListener("sent", () => root.remove());
    // Gmail builds it in steps.
    setTimeout(() => place.append(make("div", { class: "AO" }, root)), 60);
  }

  if (document.body.dataset.view === "settings") {
    const rows = Array.from({ length: 60 }, (_, index) => make("tr", { class: "r7" },
      make("td", { class: "r8" }, `Setting ${index}`),
      make("td", {}, make("label", {}, make("input", { type: "checkbox", name: `bx_${index}` }), ` Choice ${index}`))));
    document.body.replaceChildren(make("h1", {}, "Settings"), make("form", {}, make("table", { class: "cf" }, make("tbody", {}, ...rows))));
    document.body.dataset.ready = "settings";
  } else if (document.body.dataset.view === "popout") {
    document.body.classList.add("popout");
    main.replaceChildren();
    const root = compose({});
    root.addEventListener("sent", () => root.remove());
    main.append(root);
    main.dataset.ready = "popout";
  } else {
    route();
  }
})();
