// This file was generated from extension/protocol. Do not edit it.
import type { ContentAnswer, ContentEvent, ContentRequest } from "./content";
import type * as envelope from "./envelope";

export * from "./constants";
export type * from "./api";
export type * from "./content";
export type * from "./failure";
export type * from "./provider";
export type * from "./transfer";
export type * from "./view";

/** Names a frame that was placed in this page. */
export type FrameId = string;
/** A request of the content script. */
export type Call = envelope.Call<ContentRequest>;
/** What the content script hears. */
export type Reply = envelope.Reply<ContentAnswer, ContentEvent>;
