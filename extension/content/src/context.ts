// What every part of the content script needs.

import type { Connection } from "./connection.js";
import type { PlacedFrame } from "./frames.js";
import type { ContentEvent } from "./generated/protocol.js";
import type { Rules } from "./rules.js";

/** Something that owns a frame and hears what the background says about it. */
export interface FrameOwner {
  readonly frame: PlacedFrame;
  happened(event: ContentEvent): void;
  /** The frame's element is gone from the page. */
  lost(): void;
}

export interface Context {
  readonly connection: Connection;
  readonly rules: Rules;
  readonly frames: Map<string, FrameOwner>;
  text(key: string): string;
  /** Our own changes to the page are no news. */
  quietly<T>(change: () => T): T;
  wake(): void;
}
