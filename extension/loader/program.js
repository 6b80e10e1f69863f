// Reads and compiles a program. Chromium keeps what a compilation of a stream has read, about twice
// the program's size, until it next clears all of the memory, and in a process at rest it never
// does. What is read here is given back at once.

export async function compile(file) {
  const bytes = await (await fetch(file)).arrayBuffer();
  const program = await WebAssembly.compile(bytes);
  bytes.transfer(0);
  return program;
}
