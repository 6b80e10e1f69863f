// Runs in the page: measures all cases and sends a line for each.

import { cases } from './cases.mjs';
import { inTurns, PATIENCE } from './measure.mjs';

const { searchParams } = new URL(location.href);
const largest = Number(searchParams.get('largest'));
const patience = { ...PATIENCE, milliseconds: Number(searchParams.get('patience')) };
const wanted = new RegExp(searchParams.get('only') ?? '');
const send = (what) => fetch('/told', { method: 'POST', body: JSON.stringify(what) });

try {
  for await (const { op, mode, bytes, peer, ours, theirs } of cases(largest)) {
    if (!wanted.test(`${op} ${mode} ${bytes} ${peer}`)) continue;
    const { ours: ours_ms, theirs: peer_ms, rounds } = await inTurns(ours, theirs, patience);
    await send({ row: { op, mode, bytes, peer, ours_ms, peer_ms, ratio: peer_ms / ours_ms }, rounds });
  }
  await send({ finished: true });
} catch (error) {
  await send({ error: String(error?.stack ?? error) });
}
