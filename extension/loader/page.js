// Starts a page of the extension. Everything else is Rust.
import start from "./pages.js";

await start({ module_or_path: "./pages_bg.wasm" });
