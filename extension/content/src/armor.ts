// Finds armored OpenPGP text in a page. Pages break armor in many ways: <br> and <div> for line
// ends, quote marks, non-breaking spaces, quoted-printable left-overs, or everything on one line.
// What is found is put into lines again; whether it is sound is for the background to judge.

export type BlockKind = "message" | "signed" | "key";

/** Armored text and where it stands. */
export interface Block {
  kind: BlockKind;
  armored: string;
  /** From the first dash of BEGIN to the last of END; to the end of the text if `cut`. */
  range: Range;
  /** BEGIN without END: the page shows the start of the message only. */
  cut: boolean;
}

// A space may be one that does not break, or the end of a line in the page's source.
const BEGIN = /-----BEGIN\sPGP\s(MESSAGE|SIGNED\sMESSAGE|PUBLIC\sKEY\sBLOCK)-----/g;
const HINT = /-----BEGIN\sPGP\s/;
const END: Record<BlockKind, RegExp> = {
  message: /-----END\sPGP\sMESSAGE-----/g,
  signed: /-----END\sPGP\sSIGNATURE-----/g,
  key: /-----END\sPGP\sPUBLIC\sKEY\sBLOCK-----/g,
};
const LINE_ENDERS = new Set([
  "ADDRESS", "ARTICLE", "BLOCKQUOTE", "DD", "DIV", "DL", "DT", "FIGURE", "FOOTER", "FORM",
  "H1", "H2", "H3", "H4", "H5", "H6", "HEADER", "HR", "LI", "MAIN", "OL", "P", "PRE", "SECTION",
  "TABLE", "TD", "TR", "UL",
]);
const UNSEEN = new Set(["SCRIPT", "STYLE", "TEMPLATE", "TEXTAREA", "TITLE"]);
/** A page that shows more text than this in one message is not read to its end. */
const LONGEST = 48 * 1024 * 1024;
const MOST_BLOCKS = 50;

interface Piece {
  node: Text;
  /** Where the node's text begins in the whole. */
  at: number;
  length: number;
}

interface Gathered {
  text: string;
  pieces: Piece[];
}

/** A cheap look at the text of an element: may there be armor at all? */
export function mayHoldArmor(text: string): boolean {
  return HINT.test(text);
}

/** Armor as programs write it, with its line ends: a first line of data that is too long for
 * a word of a header, and no repetition of groups, which would fill the engine's stack in large mail. */
const ALONE =
  /^\s*(-----BEGIN PGP MESSAGE-----\n(?:[A-Z]\w+: .*\n){0,9}\n[\w+/]{60}[\w+/\n]*=*\n(?:=[\w+/]{4}\n)?-----END PGP MESSAGE-----)\s*$/;

/** What may be seen beside the text, or is ours. */
const BESIDE = ":not(br,wbr,div,pre,span),[style],[data-letterlock]";

/** The armor of an element that shows one whole message and nothing beside it, when the page left
 * it as it was written: most are like that, and need no walk through their nodes. */
export function armorAlone(element: Element, text: string): string | undefined {
  const found = ALONE.exec(text)?.[1];
  return found !== undefined && element.querySelector(BESIDE) === null ? `${found}\n` : undefined;
}

/** All blocks in an element, in its order. Line ends of the page's source do no harm between lines
 * of base64: what is shown has to be found out only where this gives anything but armor as programs
 * write it. */
export function findBlocks(element: Element, exact = false): Block[] {
  const blocks = read(gather(element, exact));
  const isPlain = blocks.length > 0 && blocks.every((block) => ALONE.test(block.armored));
  return isPlain || exact ? blocks : findBlocks(element, true);
}

function read({ text, pieces }: Gathered): Block[] {
  const blocks: Block[] = [];
  BEGIN.lastIndex = 0;
  for (let begin = BEGIN.exec(text); begin !== null; begin = BEGIN.exec(text)) {
    const kind = kindOf(begin[1] ?? "");
    const end = END[kind];
    end.lastIndex = begin.index;
    const found = end.exec(text);
    const stop = found === null ? text.length : found.index + found[0].length;
    const range = rangeOf(pieces, begin.index, stop);
    if (range === undefined || blocks.length >= MOST_BLOCKS) break;
    const raw = text.slice(begin.index, stop);
    const armored = kind === "signed" ? signedLines(raw) : dataLines(raw);
    blocks.push({ kind, armored, range, cut: found === null });
    BEGIN.lastIndex = stop;
  }
  return blocks;
}

/** The first complete block in text that came as a file or a whole page. */
export function blockInText(text: string): string | undefined {
  BEGIN.lastIndex = 0;
  const begin = BEGIN.exec(text);
  if (begin === null) return undefined;
  const kind = kindOf(begin[1] ?? "");
  const end = END[kind];
  end.lastIndex = begin.index;
  const found = end.exec(text);
  if (found === null) return undefined;
  const raw = text.slice(begin.index, found.index + found[0].length);
  return kind === "signed" ? signedLines(raw) : dataLines(raw);
}

/** The page's own words may stand after the armor that it cut. */
const WORDS = 128;

/** Whether a whole block goes on where a cut one ends: then both are of one message. */
export function continues(cut: string, whole: string): boolean {
  const bare = (text: string) => text.replace(/\s/g, "");
  const start = bare(cut).slice(0, -WORDS);
  return start.length >= WORDS && bare(whole).startsWith(start);
}

function kindOf(words: string): BlockKind {
  if (words.startsWith("SIGNED")) return "signed";
  return words.startsWith("PUBLIC") ? "key" : "message";
}

/** The text of an element, with line ends for line breaks and blocks; if `exact`, as a reader sees
 * it. Every look at a node is a step out of the script, so a node is asked as little as can be. */
function gather(element: Element, exact: boolean): Gathered {
  const parts: string[] = [];
  const pieces: Piece[] = [];
  let length = 0;
  let lineStart = true;
  const add = (text: string) => {
    parts.push(text);
    length += text.length;
  };
  const lineEnd = () => {
    if (length > 0 && !lineStart) add("\n");
    lineStart = true;
  };
  const keeps = keepsLineEnds();
  const walk = (parent: Node): void => {
    for (let child = parent.firstChild; child !== null; child = child.nextSibling) {
      if (length > LONGEST) return;
      if (child.nodeName === "#text") {
        const text = child as Text;
        const data = text.data;
        pieces.push({ node: text, at: length, length: data.length });
        const shown = exact ? asShown(text, data, lineStart, keeps) : data;
        add(shown);
        if (!exact || shown.replaceAll(UNSHOWN, "") !== "") lineStart = exact && shown.endsWith("\n");
      } else if (child.nodeType === Node.ELEMENT_NODE) {
        const name = child.nodeName.toUpperCase();
        if (name === "BR") {
          add("\n");
          lineStart = true;
          continue;
        }
        // What a reader frame already stands for is not found again.
        if (UNSEEN.has(name) || (child as HTMLElement).dataset?.["letterlock"] !== undefined) continue;
        // What somebody writes is not mail to be read, and ours to change only when sealing it.
        if ((child as Element).matches(WRITTEN)) continue;
        const ends = LINE_ENDERS.has(name);
        if (ends) lineEnd();
        walk(child);
        if (ends) lineEnd();
      }
    }
  };
  walk(element);
  return { text: parts.join(""), pieces };
}

/** What somebody writes in, by the attribute alone: asking the browser would have it compute styles
 * for every element. */
export const WRITTEN = "[contenteditable]:not([contenteditable='false' i])";

/** Stands for what the page does not show, so that places in the text and in the node agree. No
 * page can hold this character. */
const UNSHOWN = "\0";

/** Line ends in the page's source are one space to the reader, and none at the beginning of a
 * line; except in preformatted text. Runs of spaces stay: they are the writer's own. */
function asShown(
  text: Text,
  data: string,
  atLineStart: boolean,
  keeps: (parent: Element) => boolean,
): string {
  const parent = text.parentElement;
  const ends = (piece: string) => /[\r\n]/.test(piece);
  if (parent === null || !ends(data)) return data;
  // Beside a line break that is an element, one in the source is there for the source's sake.
  const before = text.previousSibling?.nodeName === "BR";
  const after = text.nextSibling?.nodeName === "BR";
  const words = data.trim();
  const [lead = "", trail = ""] = data.split(words);
  const isBetween =
    words === "" ? before || after : !ends(words) && (before || !ends(lead)) && (after || !ends(trail));
  if (!isBetween && keeps(parent)) return data;
  return data.replace(/[ \t]*[\r\n][ \t\r\n]*/g, (run, at: number) =>
    at === 0 && atLineStart ? UNSHOWN.repeat(run.length) : ` ${UNSHOWN.repeat(run.length - 1)}`,
  );
}

/** Whether an element shows the line ends of its source. The lines of a message mostly stand in
 * one element, and its style is dear to ask for. */
function keepsLineEnds(): (parent: Element) => boolean {
  const known = new Map<Element, boolean>();
  return (parent) => {
    let keeps = known.get(parent);
    if (keeps === undefined) {
      keeps = parent.closest("pre,textarea") !== null;
      keeps ||= /^(pre|break)/.test(parent.ownerDocument.defaultView?.getComputedStyle(parent).whiteSpace ?? "");
      known.set(parent, keeps);
    }
    return keeps;
  };
}

function rangeOf(pieces: Piece[], from: number, to: number): Range | undefined {
  const start = pieces.find((piece) => piece.at + piece.length > from);
  let end: Piece | undefined;
  for (const piece of pieces) {
    if (piece.at >= to) break;
    if (piece.length > 0) end = piece;
  }
  if (start === undefined || end === undefined) return undefined;
  const range = start.node.ownerDocument.createRange();
  range.setStart(start.node, Math.max(0, from - start.at));
  range.setEnd(end.node, Math.min(end.length, to - end.at));
  return range;
}

/** Armor that holds base64: lines are rebuilt from what can only be meant one way. */
function dataLines(raw: string): string {
  const text = raw.replace(/\u00a0/g, " ").replace(/[\0\u200b\u2060\ufeff\r]/g, "");
  const last = text.lastIndexOf("-----END");
  const stop = last < 0 ? text.length : last;
  const first = text.indexOf("-----", 10) + 5;
  const [begin, end] = [text.slice(0, first), text.slice(stop)].map((line) => line.replace(/\s/g, " "));
  const between = text.slice(first, stop);
  let lines = between.split("\n").map((line) => line.replace(/^[ \t]*(?:[>|][ \t]?)+/, "").trim());
  lines = lines.filter((line) => line !== "");
  if (lines.length < 2) lines = oneLine(lines.join());
  const headers: string[] = [];
  const body: string[] = [];
  for (const line of lines) {
    if (body.length === 0 && /^[A-Za-z][A-Za-z0-9-]*: /.test(line)) headers.push(line);
    else for (const word of line.split(/ +/)) body.push(unquoted(word));
  }
  return [begin, ...headers, "", joinSoftBreaks(body), end, ""].join("\n");
}

/** Everything on one line: the data begins with the first long word. */
function oneLine(between: string): string[] {
  const words = between.trim().split(/[ \t]+/);
  const start = words.findIndex((word) => /^[A-Za-z0-9+/=]{40,}$/.test(word));
  return start < 0 ? words : words.slice(start);
}

/** Quoted-printable left-overs: `=3D` stands for a padding or checksum `=`. */
function unquoted(bare: string): string {
  if (/^=3D[A-Za-z0-9+/]{4}$/.test(bare)) return `=${bare.slice(3)}`;
  return bare.replace(/(?:=3D){1,2}$/, (end) => "=".repeat(end.length / 3));
}

/** Quoted-printable breaks lines after 75 characters with a lone `=`. */
function joinSoftBreaks(lines: string[]): string {
  const last = lines.length - 1;
  return lines
    .map((line, index) => {
      // Before the last line of data an `=` cannot be padding.
      const more = index < last && !(lines[index + 1] ?? "").startsWith("=");
      return more && line.length === 76 && line.endsWith("=") ? line.slice(0, -1) : `${line}\n`;
    })
    .join("")
    .replace(/\n$/, "");
}

/** Signed text keeps its lines; only what the page made of spaces is undone. */
function signedLines(raw: string): string {
  const lines = raw.replace(/\u00a0/g, " ").replace(/[\0\r]/g, "").split("\n");
  const quoted = lines.every((line) => line.trim() === "" || /^[ \t]*>/.test(line) || line === lines[0]);
  const bare = quoted ? lines.map((line) => line.replace(/^[ \t]*> ?/, "")) : lines;
  const at = bare.findIndex((line) => line.includes("-----BEGIN PGP SIGNATURE-----"));
  if (at < 0) return bare.join("\n");
  const signature = dataLines(bare.slice(at).join("\n").replace(/^\s+/, ""));
  // The first empty line ends the header; pages like to swallow it.
  const head = bare.slice(0, at).map((line) => line.replace(/[ \t]+$/, ""));
  let place = 1;
  while (/^(?:Hash|Charset): /.test(head[place]?.trim() ?? "")) place += 1;
  if ((head[place] ?? "") !== "") head.splice(place, 0, "");
  return [...head, signature].join("\n");
}
