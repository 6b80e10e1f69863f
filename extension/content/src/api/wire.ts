// What the two halves of the client API say to each other. They share a page with the page's own
// code, so each side checks everything: a message is an own, null-prototype copy of the fields
// that its method has, or it is nothing.

/** Marks our window messages; the channel is all that they carry. */
export const HELLO = "letterlock-api-hello";
export const READY = "letterlock-api-ready";

/** The kinds of value that a field may have. */
type Kind = "text" | "text?" | "texts" | "flag?" | "count?" | "people";

/** Methods between page and content script, with their fields. */
export const METHODS = {
  getKeyring: { keyring: "text" },
  createKeyring: { keyring: "text" },
  validKeyForAddress: { keyring: "text", addresses: "texts" },
  exportOwnPublicKey: { keyring: "text", address: "text" },
  importPublicKey: { keyring: "text", armored: "text" },
  hasPrivateKey: { keyring: "text", fingerprint: "text?", address: "text?" },
  additionalHeaders: { keyring: "text", from: "text" },
  processAutocrypt: { keyring: "text", autocrypt: "text", from: "text", date: "count?" },
  display: { selector: "text", keyring: "text", armored: "text", sender: "text" },
  editor: {
    selector: "text",
    keyring: "text",
    quota: "count?",
    signMsg: "flag?",
    armoredDraft: "text?",
    predefinedText: "text?",
    quotedMail: "text?",
    quotedMailIndent: "flag?",
    quotedMailHeader: "text?",
    keepAttachments: "flag?",
  },
  encrypt: { frame: "text", recipients: "texts" },
  createDraft: { frame: "text" },
  keyGen: { selector: "text", keyring: "text", userIds: "people" },
  generate: { frame: "text" },
  generateConfirmed: { frame: "text", keep: "flag?" },
  keyBackup: { selector: "text", keyring: "text" },
  restoreBackup: { selector: "text", keyring: "text" },
  waitFor: { frame: "text" },
  openSettings: {},
} as const satisfies Record<string, Record<string, Kind>>;

export type Method = keyof typeof METHODS;

type ValueOf<K> = K extends "text" ? string
  : K extends "text?" ? string | null
  : K extends "texts" ? string[]
  : K extends "flag?" ? boolean | null
  : K extends "count?" ? number | null
  : K extends "people" ? { email: string; fullName: string }[]
  : never;

/** The fields of a method, after they were checked. */
export type Fields<M extends Method> = {
  [F in keyof (typeof METHODS)[M]]: ValueOf<(typeof METHODS)[M][F]>;
};

export type Checked = { [M in Method]: { method: M; fields: Fields<M> } }[Method];

const MOST_TEXT = 64 * 1024 * 1024;
const MOST_ENTRIES = 500;

/** Own data fields only: what a prototype or a getter holds is not an argument. */
export function own(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  const field = Object.getOwnPropertyDescriptor(value, name);
  return field !== undefined && "value" in field ? field.value : undefined;
}

/** A checked copy of the call, or `undefined`. */
export function checked(value: unknown): Checked | undefined {
  const method = own(value, "method");
  if (typeof method !== "string" || !Object.hasOwn(METHODS, method)) return undefined;
  const given = own(value, "fields");
  const fields = Object.create(null) as Record<string, unknown>;
  for (const [name, kind] of Object.entries<Kind>(METHODS[method as Method])) {
    const copy = copied(own(given, name), kind);
    if (copy === undefined) return undefined;
    fields[name] = copy;
  }
  return { method, fields } as unknown as Checked;
}

function copied(value: unknown, kind: Kind): unknown {
  const absent = value === undefined || value === null;
  switch (kind) {
    case "text":
      return text(value);
    case "text?":
      return absent ? null : text(value);
    case "flag?":
      return absent ? null : typeof value === "boolean" ? value : undefined;
    case "count?":
      if (absent) return null;
      return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
    case "texts":
      return list(value, text);
    case "people":
      return list(value, (entry) => {
        const email = text(own(entry, "email"));
        const fullName = text(own(entry, "fullName") ?? "");
        return email === undefined || fullName === undefined ? undefined : { email, fullName };
      });
  }
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value.length <= MOST_TEXT ? value : undefined;
}

function list<T>(value: unknown, copy: (entry: unknown) => T | undefined): T[] | undefined {
  if (!Array.isArray(value) || value.length > MOST_ENTRIES) return undefined;
  const entries: T[] = [];
  for (let index = 0; index < value.length; index += 1) {
    const entry = copy(own(value, String(index)));
    if (entry === undefined) return undefined;
    entries.push(entry);
  }
  return entries;
}
