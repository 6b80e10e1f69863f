// Starts the program that `wasm-bindgen --target web` put beside this file.
import init from "./engine-contract.js";

init({ module_or_path: new URL("engine-contract_bg.wasm", import.meta.url) }).catch((error) => {
  document.body.textContent = String(error);
  document.title = "failed";
});
