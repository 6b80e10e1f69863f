// The README's examples, and what they must print.

/** All code blocks marked `js`, with the heading above and the lines they promise. */
export function examples(markdown) {
  const found = [];
  let title = '';
  let code;
  for (const line of markdown.split('\n')) {
    if (code !== undefined) {
      if (line === '```') {
        found.push(example(found.length + 1, title, code));
        code = undefined;
      } else code += `${line}\n`;
    } else if (line === '```js') code = '';
    else if (line.startsWith('## ')) title = line.slice(3);
  }
  return found;
}

function example(number, title, code) {
  const promised = code
    .split('\n')
    .map((line) => line.match(/\/\/ -> (.*)$/)?.[1])
    .filter((text) => text !== undefined);
  if (promised.length === 0) throw new Error(`the example under "${title}" promises nothing`);
  return { name: `example-${number}`, title, code, promised };
}

/** What is wrong with what an example printed. */
export function judge(where, { name, title, promised }, printed) {
  if (printed.join('\n') === promised.join('\n')) return [];
  return [
    `${where}, ${name} (${title}) printed\n  ${printed.join('\n  ')}\nand promised\n  ${promised.join('\n  ')}`,
  ];
}
