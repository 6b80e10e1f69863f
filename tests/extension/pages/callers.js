// Webmails that cannot be installed beside the tests, each reduced to the calls that it makes and
// to their order: Nextcloud Mail, SnappyMail, Open-Xchange App Suite, and the web components of
// the documentation. `window.webmail.NAME` is what a person's clicks would set off.
"use strict";

(() => {
  const make = (id, name = "div") => {
    document.querySelector(`[id="${id}"]`)?.remove();
    const element = document.createElement(name);
    element.id = id;
    document.body.append(element);
    return element;
  };
  const whenThere = new Promise((resolve) => {
    if (window.mailvelope !== undefined) resolve(window.mailvelope);
    else window.addEventListener("mailvelope", (event) => resolve(event.detail), { once: true });
  });

  // Nextcloud Mail: the main keyring all along, options present but undefined, encryption for the
  // recipients alone.
  const nextcloud = {
    keyring: undefined,
    editor: undefined,
    async loaded(recipients) {
      const mailvelope = await whenThere;
      this.keyring = await mailvelope.getKeyring();
      const found = await this.keyring.validKeyForAddress(recipients);
      return recipients.filter((address) => found[address] === false);
    },
    async write(quoted) {
      make("mailvelope-composer");
      this.editor = await window.mailvelope.createEditorContainer("#mailvelope-composer", undefined, { quotedMail: quoted });
    },
    pull(recipients) {
      return this.editor.encrypt(recipients);
    },
    async show(body, from) {
      const mailvelope = await whenThere;
      make("mail-content");
      return mailvelope.createDisplayContainer("#mail-content", body, undefined, { senderAddress: from });
    },
  };

  // SnappyMail: the main keyring, else one of its own; all options filled in, the ones it does not
  // mean with empty text; a quota from the server's limits; drafts.
  const snappymail = {
    keyring: null,
    editor: null,
    loadKeyrings(identifier) {
      if (!window.mailvelope) {
        return new Promise((resolve) => {
          addEventListener("mailvelope", () => resolve(this.loadKeyrings(identifier)));
        });
      }
      const take = (keyring) => { this.keyring = keyring; };
      return window.mailvelope.getKeyring().then(take, (error) => {
        if (!identifier) throw error;
        return window.mailvelope.createKeyring(identifier).then(take);
      });
    },
    async hasPublicKeyForEmails(recipients, all) {
      const found = Object.entries(await this.keyring.validKeyForAddress(recipients));
      return all ? found.filter(([, value]) => value).length === recipients.length : found.length > 0;
    },
    hasPrivateKey(email) {
      return this.keyring.hasPrivateKey({ email });
    },
    async area(text, postLimit) {
      const encrypted = text.includes("-----BEGIN PGP MESSAGE-----");
      make("mailvelope-editor");
      this.editor = await window.mailvelope.createEditorContainer("#mailvelope-editor", this.keyring, {
        quota: Math.max(2048, postLimit / 1024) - 48,
        armoredDraft: encrypted ? text : "",
        predefinedText: encrypted ? "" : text,
      });
    },
    save() {
      return this.editor.createDraft();
    },
    send(recipients) {
      return this.editor.encrypt(recipients);
    },
    async decrypt(armored, sender) {
      const body = make("mail");
      body.textContent = "";
      return window.mailvelope.createDisplayContainer(`#${body.id}`, armored, this.keyring, { senderAddress: sender });
    },
  };

  // Open-Xchange App Suite: a keyring named after the user, made when there is none, and given up
  // after two seconds; set-up by the key generator; no options; any selector.
  const ox = {
    user: "alice.ox",
    editor: undefined,
    steps: [],
    getKeyring() {
      return new Promise((resolve, reject) => {
        const timeout = setTimeout(() => reject(Object.assign(new Error("timeout"), { code: "TIMEOUT" })), 2000);
        whenThere.then((mailvelope) => {
          clearTimeout(timeout);
          return mailvelope.getKeyring(this.user);
        }).then(resolve, (error) => {
          if (error.code !== "NO_KEYRING_FOR_ID") throw error;
          this.steps.push("no keyring");
          return window.mailvelope.createKeyring(this.user).then(resolve);
        }).catch(reject);
      });
    },
    async isSetupDone(address) {
      const keyring = await this.getKeyring();
      return keyring.exportOwnPublicKey(address).then(() => true, () => false);
    },
    async setup(address) {
      const keyring = await this.getKeyring();
      make("mailvelope-wizard-1");
      return keyring.createKeyGenContainer("#mailvelope-wizard-1", {
        userIds: [{ email: address, fullName: "Alice Example" }], keySize: 4096,
      });
    },
    async write() {
      const [mailvelope, keyring] = await Promise.all([whenThere, this.getKeyring()]);
      make("ox-editor");
      this.editor = await mailvelope.createEditorContainer("#ox-editor", keyring, undefined);
    },
    prepareContent(recipients) {
      return this.editor.encrypt(recipients);
    },
    async detail(armored) {
      const item = make("item");
      item.className = "mail-item mail-detail";
      item.dataset.cid = "default0/INBOX.12";
      const content = document.createElement("div");
      content.className = "content";
      item.append(content);
      const [mailvelope, keyring] = await Promise.all([whenThere, this.getKeyring()]);
      return mailvelope.createDisplayContainer('.mail-item.mail-detail[data-cid="default0/INBOX.12"] .content', armored, keyring, undefined);
    },
  };

  // The documentation's web components: no keyring, options out of attributes, names of their own
  // among them.
  const components = {
    async read(armored) {
      make("read-1");
      return window.mailvelope.createDisplayContainer("#read-1", armored, null, { senderAddress: undefined });
    },
    async write(predefinedText) {
      const element = make("write-1");
      Object.assign(element.dataset, { predefinedText, quota: "1024", signMsg: "" });
      const { quota, signMsg } = element.dataset;
      this.editor = await window.mailvelope.createEditorContainer("#write-1", null, {
        armoredDraft: undefined, quotedMail: undefined, ...element.dataset,
        quota: Number(quota), signMsg: signMsg === "", keepAttachments: false,
      });
    },
    encrypt(recipients) {
      return this.editor.encrypt(recipients);
    },
  };

  window.webmail = { nextcloud, snappymail, ox, components };
})();
