// The Gmail-like page begins with it when it is measured. It does what a person does there, and
// tells by the page's own clock when what followed was in the page.
"use strict";

(() => {
  const now = () => performance.timeOrigin + performance.now();
  const readers = () => document.querySelectorAll('[data-letterlock="reader"]');

  // Resolves with the moments at which each condition first held; conditions are looked at
  // whenever the page changes or one of our readers gets another height.
  const watch = (conditions) => {
    const reached = {};
    return new Promise((resolve) => {
      const look = () => {
        const at = now();
        for (const reader of readers()) sizes.observe(reader);
        for (const [name, holds] of Object.entries(conditions)) {
          if (!(name in reached) && holds()) reached[name] = at;
        }
        if (Object.keys(conditions).every((name) => name in reached)) {
          changes.disconnect();
          sizes.disconnect();
          resolve(reached);
        }
      };
      const changes = new MutationObserver(look);
      const sizes = new ResizeObserver(look);
      changes.observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-ready"] });
      look();
    });
  };

  const ready = (what) => document.querySelector(`[data-ready="${what}"]`) !== null;
  const height = (reader) => reader?.getBoundingClientRect().height ?? 0;
  // Room for the beginning of a text, before it is there; and the height of all of it.
  const hasRoom = (reader) => height(reader) > 250;
  const isTall = (reader) => height(reader) > 700;
  // A frame of the page with what is there now has been produced: a message comes after it.
  const drawn = () => new Promise((resolve) => requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => resolve(now());
    channel.port2.postMessage(0);
  }));
  // All that was to be done now has been done.
  const rest = () => new Promise((resolve) => requestIdleCallback(() => resolve(), { timeout: 2000 }));

  const inbox = async () => {
    location.hash = "";
    await watch({ inbox: () => ready("inbox") && readers().length === 0 });
    // The content script looks at the page once more and says which frames are gone. Nothing in
    // the page tells when it has, so this is longer than it may wait.
    await new Promise((resolve) => setTimeout(resolve, 300));
    await rest();
  };

  // Opens a thread from the inbox and waits until so many of its blocks are wrapped; with `tall`,
  // until the first reader has got its height, too.
  const open = async (thread, wrapped, tall) => {
    const conditions = {
      shown: () => ready(`thread ${thread}`),
      wrapped: () => readers().length >= wrapped,
    };
    if (tall) conditions.room = () => hasRoom(readers()[0]);
    if (tall) conditions.tall = () => isTall(readers()[0]);
    const clicked = now();
    const reached = watch(conditions);
    document.querySelector(`[data-thread="${thread}"]`).click();
    const found = { clicked, ...(await reached) };
    return tall ? { ...found, drawn: await drawn() } : found;
  };

  // A thread that the address names opens while the page loads.
  const named = /^#inbox\/(.+)$/.exec(location.hash)?.[1];
  const loading = named === undefined ? undefined : watch({
    shown: () => ready(`thread ${named}`),
    wrapped: () => readers().length >= 10,
  });
  const loaded = async () => ({ ...(await loading) });

  // So many elements, one every `pause` milliseconds or, without, all in one go; then armor, which
  // is wrapped when the last of them was looked at.
  const burst = async (count, pause) => {
    const before = readers().length;
    const main = document.querySelector("[role=main]");
    const one = (index) => {
      const element = document.createElement("div");
      element.append(document.createElement("span"), `change ${index}`);
      main.append(element);
    };
    const began = now();
    for (let index = 0; index < count; index += 1) {
      one(index);
      if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
    }
    const ended = now();
    const last = document.createElement("div");
    last.className = "a3s";
    last.append("-----BEGIN PGP MESSAGE-----", document.createElement("br"), document.createElement("br"), "wcFMA", document.createElement("br"), "-----END PGP MESSAGE-----");
    main.append(last);
    const reached = await watch({ wrapped: () => readers().length > before });
    return { began, ended, ...reached };
  };

  // A frame of ours says when its button was pressed, before it goes away.
  let clicked;
  window.addEventListener("message", (event) => {
    if (typeof event.data?.letterlockClicked === "number") clicked = event.data.letterlockClicked;
  });
  const armored = async () => {
    await watch({ armored: () => document.querySelector(".editable")?.textContent.includes("-----END PGP MESSAGE-----") });
    return { at: now(), length: document.querySelector(".editable").textContent.length };
  };
  // Begun before the frame is entered, asked for after.
  let writing;
  const expectArmor = () => { writing = armored(); };
  const armor = async () => {
    const found = await writing;
    return { clicked, ...found };
  };

  // Brings each reader near the window, so that its message is opened, and waits until it is.
  const openAll = async () => {
    for (const reader of [...readers()]) {
      reader.scrollIntoView({ block: "center" });
      await watch({ tall: () => isTall(reader) });
    }
    await rest();
    return readers().length;
  };

  window.letterlockMeasure = { inbox, open, loaded, burst, expectArmor, armor, openAll, ready, watch, rest };
})();
