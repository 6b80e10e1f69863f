// The messages between the content script and the background, as `ext-protocol` defines them.

export type FrameId = string;
export type VaultState = "notSetUp" | "locked" | "unlocked";
export type AnswerKind = "reply" | "replyAll" | "forward";

export interface Person {
  name: string;
  address: string;
}

export interface Recipients {
  to: Person[];
  cc: Person[];
  bcc: Person[];
}

export interface PageAttachment {
  name: string;
  mediaType: string;
  size: number | null;
}

export type Source =
  | { type: "inline"; armored: string }
  | { type: "attachments"; attachments: PageAttachment[] };

export interface Part {
  file: number;
  data: string;
  last: boolean;
}

export interface OutgoingFile {
  name: string;
  mediaType: string;
  file: number;
}

export interface EditorOpening {
  from: string;
  recipients: Recipients;
  subject: string;
  typed: string;
  draftKey: string;
  quote: FrameId | null;
  takesFiles: boolean;
}

export interface Provider {
  id: string;
  matches: string[];
  selectors: Record<string, string[]>;
  attributes: Record<string, string[]>;
  labels: Record<string, string[]>;
}

export interface SelfTest {
  provider: string;
  missing: string[];
  fallbacks: string[];
  found: string[];
}

export interface ApiUserId {
  email: string;
  fullName: string;
}

export interface EditorOptions {
  quota: number | null;
  signMsg: boolean;
  armoredDraft: string | null;
  predefinedText: string | null;
  quotedMail: string | null;
  quotedMailIndent: boolean | null;
  quotedMailHeader: string | null;
  keepAttachments: boolean;
}

export type ApiCall =
  | { method: "getKeyring"; keyring: string }
  | { method: "createKeyring"; keyring: string }
  | { method: "validKeyForAddress"; keyring: string; addresses: string[] }
  | { method: "exportOwnPublicKey"; keyring: string; address: string }
  | { method: "importPublicKey"; keyring: string; armored: string }
  | { method: "hasPrivateKey"; keyring: string; fingerprint: string | null; address: string | null }
  | { method: "additionalHeaders"; keyring: string; from: string }
  | { method: "processAutocrypt"; keyring: string; autocrypt: string; from: string; date: number }
  | { method: "display"; keyring: string; armored: string; sender: string }
  | { method: "editor"; keyring: string; options: EditorOptions }
  | { method: "encrypt"; frame: FrameId; recipients: string[] }
  | { method: "createDraft"; frame: FrameId }
  | { method: "keyGen"; keyring: string; userIds: ApiUserId[] }
  | { method: "generate"; frame: FrameId }
  | { method: "generateConfirmed"; frame: FrameId; keep: boolean }
  | { method: "keyBackup"; keyring: string }
  | { method: "restoreBackup"; keyring: string }
  | { method: "waitFor"; frame: FrameId }
  | { method: "openSettings" };

export interface ApiKey {
  fingerprint: string;
  lastModified: number;
  source: "LOC" | "WKD" | "AC";
}

export type ErrorCode =
  | "NO_KEYRING_FOR_ID"
  | "KEYRING_ALREADY_EXISTS"
  | "INVALID_IDENTIFIER"
  | "DECRYPT_ERROR"
  | "ARMOR_PARSE_ERROR"
  | "PWD_DIALOG_CANCEL"
  | "NO_KEY_FOUND"
  | "WRONG_ARMORED_TYPE"
  | "INVALID_OPTIONS"
  | "FEATURE_DEPRECATED"
  | "NO_KEY_FOR_ADDRESS"
  | "IMPORT_ERROR"
  | "INVALID_HEADER"
  | "STORAGE_ERROR"
  | "INPUT_NOT_VALID"
  | "ENCRYPT_IN_PROGRESS"
  | "NO_KEY_FOR_RECIPIENT"
  | "NO_KEY_FOR_ENCRYPTION"
  | "ENCRYPT_QUOTA_SIZE"
  | "TYPE_MISMATCH"
  | "NO_CONNECTION";

export type ApiReturn =
  | { type: "nothing" }
  | { type: "keyring"; keyring: string; logoRev: number }
  | { type: "keys"; keys: Record<string, ApiKey[]> }
  | { type: "text"; text: string }
  | { type: "boolean"; value: boolean }
  | { type: "imported"; outcome: "IMPORTED" | "UPDATED" | "REJECTED" | "INVALIDATED" }
  | { type: "container"; frame: FrameId; url: string }
  | { type: "error"; code: ErrorCode; message: string };

export type ApiNotice = {
  type: "displayed";
  frame: FrameId;
  error: ErrorCode | null;
  message: string;
};

export type ContentRequest =
  | { type: "hello" }
  | { type: "openReader"; source: Source; sender: Person; messageId: string }
  | ({ type: "openEditor" } & EditorOpening)
  | { type: "recipients"; frame: FrameId; recipients: Recipients }
  | { type: "closed"; frame: FrameId }
  | ({ type: "part" } & Part)
  | { type: "fetched"; frame: FrameId; attachment: number; file: number | null }
  | { type: "inserted"; frame: FrameId; failed: string[] }
  | { type: "autocrypt"; header: string; from: string; date: number }
  | ({ type: "selfTest" } & SelfTest)
  | { type: "api"; call: ApiCall };

export type ContentAnswer =
  | {
      type: "welcome";
      provider: Provider | null;
      api: boolean;
      strings: Record<string, string>;
      vault: VaultState;
    }
  | { type: "frame"; frame: FrameId; url: string }
  | { type: "done" }
  | { type: "api"; result: ApiReturn };

export type ContentEvent =
  | { type: "height"; frame: FrameId; pixels: number }
  | { type: "close"; frame: FrameId }
  | { type: "insert"; frame: FrameId; body: string; subject: string | null; files: OutgoingFile[] }
  | ({ type: "part" } & Part)
  | { type: "fetch"; frame: FrameId; attachment: number }
  | { type: "answer"; frame: FrameId; kind: AnswerKind }
  | { type: "vault"; state: VaultState }
  | { type: "switchedOff" }
  | { type: "api"; notice: ApiNotice };

export type FailureKind = string;

export interface Failure {
  kind: FailureKind;
  detail: string;
}

export interface Call {
  id: number;
  request: ContentRequest;
}

export type Reply =
  | { type: "answer"; id: number; answer: ContentAnswer }
  | { type: "failed"; id: number; failure: Failure }
  | { type: "event"; event: ContentEvent };
