import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FAULT_MODES, FaultUpstream } from './fault-upstream.js';

let faults: FaultUpstream;
beforeEach(async () => {
  faults = await FaultUpstream.start();
});
afterEach(async () => {
  await faults.close();
});

const nameOf = (usage: string): string => usage.split(':')[0] ?? '';

/** What came within so long, and whether the other side closed. */
async function exchange(mode: string, body: object, withinMs = 150, firstBytesAreEnough = false): Promise<{ bytes: string; closed: boolean }> {
  const socket = connect(faults.port, '127.0.0.1');
  const parts: Buffer[] = [];
  socket.on('error', () => undefined).on('data', (part) => parts.push(part));
  const text = JSON.stringify(body);
  socket.write(`POST /${mode}/v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: ${text.length}\r\n\r\n${text}`);
  const closed = await Promise.race([
    new Promise<boolean>((resolve) => socket.once('close', () => resolve(true)).once('data', () => firstBytesAreEnough && resolve(false))),
    sleep(withinMs, false, { ref: false }),
  ]);
  socket.destroy();
  return { bytes: Buffer.concat(parts).toString('latin1'), closed };
}

it('names each mode once, and plays each for a stream and for an answer', async () => {
  const names = FAULT_MODES.map(({ usage }) => nameOf(usage));
  expect(new Set(names).size).toBe(names.length);
  const silent = new Set(['hang', 'slow', 'reset', 'fin']);
  for (const name of names) {
    for (const stream of [true, false]) {
      const { bytes } = await exchange(name, { model: 'm', stream }, silent.has(name) ? 30 : 2_000, true);
      expect([name, bytes.length > 0]).toEqual([name, !silent.has(name)]);
    }
  }
}, 20_000);

it('names a mode that it does not have', async () => {
  expect((await exchange('no-such', {})).bytes).toMatch(/^HTTP\/1\.1 404 .*no mode no-such; known: ok /s);
});

it('keeps a ledger, and shows and forgets it on demand', async () => {
  const body = { model: 'm', stream: true };
  await exchange('ok', body);
  await exchange('hang', body, 50);
  await sleep(10);
  const told = (await (await fetch(`http://127.0.0.1:${faults.port}/__ledger`)).json()) as { requests: Record<string, unknown>[] };
  const digest = createHash('sha256').update(JSON.stringify(body)).digest('hex');
  expect(told.requests).toMatchObject([
    { mode: 'ok', state: 'finished', bodySha256: digest, connection: 1, onConnection: 1 },
    { mode: 'hang', state: 'aborted', sentBytes: 0 },
  ]);
  expect(told.requests[1]?.['peerClosedAt']).toBeGreaterThan(Number(told.requests[1]?.['arrivedAt']) + 40);
  await fetch(`http://127.0.0.1:${faults.port}/__ledger`, { method: 'DELETE' });
  expect(faults.ledger.entries).toEqual([]);
});

it('counts the calls of a mode', async () => {
  const statuses = [];
  for (let call = 0; call < 3; call++) statuses.push((await exchange('flaky:2', {}, 30)).bytes.slice(9, 12));
  expect(statuses).toEqual(['503', '503', '200']);
});

it('serves from a shell', async () => {
  const child = spawn(process.execPath, [join(process.cwd(), 'test/faults/serve.mjs'), '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [first] = (await once(child.stdout, 'data')) as [Buffer];
  const [, port] = /127\.0\.0\.1:(\d+)/.exec(first.toString()) ?? [];
  expect((await fetch(`http://127.0.0.1:${port}/ok/v1/chat/completions`, { method: 'POST', body: '{}' })).status).toBe(200);
  child.kill('SIGTERM');
  expect(await once(child, 'close')).toEqual([0, null]);
});
