// The few things of the browser's extension API that a content script uses.

interface ExtensionEvent<F> {
  addListener(listener: F): void;
  removeListener(listener: F): void;
}

interface ExtensionPort {
  postMessage(message: unknown): void;
  disconnect(): void;
  readonly onMessage: ExtensionEvent<(message: unknown) => void>;
  readonly onDisconnect: ExtensionEvent<() => void>;
}

interface ExtensionRuntime {
  readonly id?: string;
  connect(options: { name: string }): ExtensionPort;
  getURL(path: string): string;
  readonly lastError?: unknown;
  readonly onMessage: ExtensionEvent<(message: unknown, sender: { id?: string }) => void>;
}

interface ExtensionApi {
  readonly runtime: ExtensionRuntime;
}

declare var browser: ExtensionApi | undefined;
declare var chrome: ExtensionApi | undefined;
// Firefox: the page's own fetch, with the page's own session.
declare var content: { fetch: typeof fetch } | undefined;
