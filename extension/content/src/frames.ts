// Our frames in somebody's page. Each stands in a closed shadow root, so that neither the page's
// style nor its scripts reach the element. Everything is styled by properties: a page's content
// security policy may forbid style sheets.

export type FrameRole = "reader" | "editor" | "container";

const LOWEST = 24;
const HIGHEST = 20_000;

/** What a page's style sheet must not do to our elements. Not `all`: Firefox takes the whole
 * attribute for foreign when that is in it, and the page's policy throws it out. */
const PLAIN = {
  background: "none",
  border: "0",
  clip: "auto",
  "clip-path": "none",
  filter: "none",
  float: "none",
  height: "auto",
  margin: "0",
  "max-height": "none",
  "max-width": "none",
  opacity: "1",
  outline: "none",
  overflow: "visible",
  padding: "0",
  "pointer-events": "auto",
  position: "static",
  transform: "none",
  visibility: "visible",
  width: "auto",
};

export function style(element: HTMLElement | SVGElement, properties: Record<string, string>): void {
  for (const [name, value] of Object.entries(properties)) {
    element.style.setProperty(name, value, "important");
  }
}

/** What was styled once, to be copied: a page may hold a hundred of them. */
const models = new Map<string, HTMLElement>();

function styled<T extends HTMLElement>(document: Document, tag: string, properties: Record<string, string>): T {
  const key = tag + JSON.stringify(properties);
  let model = models.get(key);
  if (model === undefined) {
    model = document.createElement(tag);
    style(model, properties);
    models.set(key, model);
  }
  return document.importNode(model) as T;
}

/** An element of ours in the page, and what stands in its closed shadow root. */
export function makeHost(
  document: Document,
  tag: string,
  role: string,
  properties: Record<string, string>,
): { host: HTMLElement; root: ShadowRoot } {
  const host = styled(document, tag, { ...PLAIN, ...properties });
  host.dataset["letterlock"] = role;
  const root = host.attachShadow({ mode: "closed" });
  return { host, root };
}

/** Whether the page is dark where our element stands. */
export function isDark(element: Element): boolean {
  const view = element.ownerDocument.defaultView;
  for (let at: Element | null = element; at !== null && view; at = at.parentElement) {
    const colour = view.getComputedStyle(at).backgroundColor;
    const numbers = colour.match(/[\d.]+/g)?.map(Number) ?? [];
    const [red = 255, green = 255, blue = 255, alpha = 1] = numbers;
    if (numbers.length >= 3 && alpha > 0.5) {
      return 0.299 * red + 0.587 * green + 0.114 * blue < 110;
    }
  }
  return false;
}

/** A frame of the extension, placed in the page. */
export class PlacedFrame {
  readonly #iframe: HTMLIFrameElement;
  /** Whether our document is in it. */
  loaded: Promise<void> = Promise.resolve();

  private constructor(
    readonly id: string,
    readonly role: FrameRole,
    readonly host: HTMLElement,
    iframe: HTMLIFrameElement,
    turnedTo: () => void,
  ) {
    this.#iframe = iframe;
    // Before the person can act in the frame, the background must be able to reach this script.
    // An event the page made up says nothing about a person.
    const heard = (event: Event): void => {
      if (event.isTrusted) turnedTo();
    };
    host.addEventListener("pointerenter", heard, { passive: true });
    host.addEventListener("focusin", heard, { passive: true });
  }

  /** In the shadow root of an element of ours. */
  static inside(
    id: string, role: FrameRole, host: HTMLElement, root: ShadowRoot, url: string, title: string,
    turnedTo: () => void,
  ): PlacedFrame {
    const iframe = makeIframe(host.ownerDocument, title, "48px");
    const frame = new PlacedFrame(id, role, host, iframe, turnedTo);
    iframe.src = withTheme(url, host.parentElement ?? host);
    root.prepend(iframe);
    return frame;
  }

  /** In an element of the page's choice. Callers of the client API look for the frame itself
   * there, so it stands in no shadow root. Its address is no attribute of it: the page could read
   * it, and Firefox's is the same on every site. */
  static within(id: string, place: HTMLElement, url: string, title: string, turnedTo: () => void): PlacedFrame {
    const iframe = makeIframe(place.ownerDocument, title, "100%");
    iframe.dataset["letterlock"] = "container";
    const frame = new PlacedFrame(id, "container", iframe, iframe, turnedTo);
    const address = withTheme(url, place);
    let going = false;
    const go = (): void => {
      going = true;
      iframe.contentWindow?.location.replace(address);
    };
    frame.loaded = new Promise((resolve) => {
      iframe.addEventListener("load", () => {
        // Chromium shows our document to nobody, Firefox to this script.
        const isEmpty = iframe.contentDocument?.URL.startsWith("about:") === true;
        if (!isEmpty) {
          going = false;
          resolve();
        } else if (!going) {
          // The page moved it, and it is empty again.
          go();
        }
      });
    });
    going = true;
    place.append(iframe);
    go();
    return frame;
  }

  /** The height of what the frame holds. */
  height(pixels: number, least = LOWEST, most = HIGHEST): void {
    const bounded = Math.min(Math.max(Math.round(pixels), least), Math.max(least, most));
    if (Number.isFinite(bounded)) style(this.#iframe, { height: `${bounded}px` });
  }

  focus(): void {
    this.#iframe.focus();
  }

  get connected(): boolean {
    return this.host.isConnected;
  }

  remove(): void {
    this.host.remove();
  }
}

function withTheme(url: string, place: Element): string {
  return `${url};${isDark(place) ? "dark" : "light"}`;
}

function makeIframe(document: Document, title: string, height: string): HTMLIFrameElement {
  const iframe = styled<HTMLIFrameElement>(document, "iframe", {
    display: "block",
    width: "100%",
    height,
    border: "0",
    "color-scheme": "normal",
  });
  iframe.title = title;
  iframe.referrerPolicy = "no-referrer";
  iframe.allow = "clipboard-write";
  return iframe;
}

/** A page's style sheet may have taken the focus ring away. */
export function showFocus(button: HTMLElement): void {
  button.addEventListener("focus", () => style(button, { outline: "2px solid #0F6B62" }));
  button.addEventListener("blur", () => style(button, { outline: "none" }));
}

/** A button as quiet as a link, for the few things we say beside a frame. */
export function quietButton(document: Document, text: string, clicked: () => void): HTMLButtonElement {
  const button = styled<HTMLButtonElement>(document, "button", {
    cursor: "pointer",
    border: "0",
    background: "none",
    font: "12px/1.5 system-ui, sans-serif",
    color: "#5f6368",
    "text-decoration": "underline",
    padding: "2px 4px",
  });
  button.type = "button";
  button.textContent = text;
  showFocus(button);
  button.addEventListener("click", (event) => {
    if (event.isTrusted) clicked();
  });
  return button;
}

/** The mark, drawn for a button: a folded sheet with one slit. */
export function markIcon(document: Document, size: number): SVGSVGElement {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("width", String(size));
  svg.setAttribute("height", String(size));
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", "M3 6h18v12H3zM3 6l9 7 9-7M14 18l4-5");
  path.setAttribute("fill", "none");
  path.setAttribute("stroke", "currentColor");
  path.setAttribute("stroke-width", "2");
  path.setAttribute("stroke-linejoin", "round");
  svg.append(path);
  return svg;
}
