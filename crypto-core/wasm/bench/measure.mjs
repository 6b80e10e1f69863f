// Times two ways of doing the same thing, in turns.

/** Shorter samples than this are made of several calls, in milliseconds. */
const SHORTEST_SAMPLE = 8;

/** How long to go on: rounds and milliseconds, whichever is reached first beyond the least. */
export const PATIENCE = { least: 3, most: 31, milliseconds: 2500 };

async function time(work, calls) {
  const start = performance.now();
  for (let call = 0; call < calls; call++) await work();
  return (performance.now() - start) / calls;
}

export function median(times) {
  const sorted = times.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** How long engines get to compile what is hot before anything counts, in milliseconds. */
const WARM_UP = 300;

/** Warms up, and says how many calls make a sample. */
async function calls(work) {
  const began = performance.now();
  let once;
  do once = await time(work, 1);
  while (performance.now() - began < WARM_UP);
  return Math.max(1, Math.min(200, Math.ceil(SHORTEST_SAMPLE / Math.max(once, 0.01))));
}

/** Medians of both, in milliseconds. Whoever began comes second in the next round. */
export async function inTurns(ours, theirs, patience = PATIENCE) {
  const sides = [
    { work: ours, times: [] },
    { work: theirs, times: [] },
  ];
  for (const side of sides) side.calls = await calls(side.work);
  const began = performance.now();
  for (let round = 0; round < patience.most; round++) {
    if (round >= patience.least && performance.now() - began > patience.milliseconds) break;
    for (const side of round % 2 ? sides.toReversed() : sides) {
      side.times.push(await time(side.work, side.calls));
    }
    // One round of what takes that long says enough.
    if (performance.now() - began > 10 * patience.milliseconds) break;
  }
  return { ours: median(sides[0].times), theirs: median(sides[1].times), rounds: sides[0].times.length };
}
