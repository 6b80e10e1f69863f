// This file was generated from extension/protocol. Do not edit it.

/** The name of a content script's port. */
export const CONTENT_PORT = "content";

/** The most bytes (before base64) that one part carries. */
export const PART_BYTES = 3145728;
