// Runs in Firefox's own world: sums the processor time that any main thread spent below a function
// of the script, from the browser's own profiler, which was started before.
const profile = await Services.profiler.getProfileDataAsync();
await Services.profiler.StopProfiler();
const script = host;
if (profile.meta.sampleUnits.threadCPUDelta !== "ns") throw new Error("processor time in another unit");
const functions = {};
let total = 0;
for (const process of [profile, ...profile.processes]) {
  for (const thread of process.threads) {
    const { samples, stackTable, frameTable, stringTable } = thread;
    const name = (stack) => stringTable[frameTable.data[stackTable.data[stack][stackTable.schema.frame]][frameTable.schema.location]];
    // The innermost function of the script on a stack.
    const known = new Map();
    const ours = (stack) => {
      if (stack === null || stack === undefined) return undefined;
      if (!known.has(stack)) {
        const here = name(stack);
        known.set(stack, here.includes(script) ? here : ours(stackTable.data[stack][stackTable.schema.prefix]));
      }
      return known.get(stack);
    };
    samples.data.forEach((sample, index) => {
      const next = samples.data[index + 1];
      const found = ours(sample[samples.schema.stack]);
      if (found === undefined || next === undefined) return;
      const millis = (next[samples.schema.threadCPUDelta] ?? 0) / 1e6;
      total += millis;
      functions[found] = (functions[found] ?? 0) + millis;
    });
  }
}
return { total, functions };
