// Starts a page of the extension. Everything else is Rust.
import start from "./pages.js";
import { compile } from "./program.js";

await start({ module_or_path: await compile("./pages_bg.wasm") });
