// A thread of its own, so that a busy client does not spoil what it measures: asks whether the gateway lives, and calls a healthy upstream.
import { Agent, request } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';

const LIVE_EVERY_MS = 50;
const CALL_EVERY_MS = 50;
const { port, key, model } = workerData;
let agent = new Agent({ keepAlive: true });
const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'steady' }] });
let seen = fresh();
let running = 0;
let isPaused = true;
let expectedAt = 0;

function fresh() {
  return { live: [], calls: [], liveFailures: [], callFailures: [], late: [] };
}

function ask(options, payload, times, failures) {
  const startedAt = performance.now();
  running++;
  let isOver = false;
  const end = (failure) => {
    if (isOver) return;
    isOver = true;
    running--;
    if (failure === undefined) times.push(performance.now() - startedAt);
    else failures.push(failure);
  };
  const sent = request({ host: '127.0.0.1', port, agent, timeout: 10_000, ...options }, (answer) => {
    let text = '';
    answer.setEncoding('utf8').on('data', (piece) => (text += piece));
    answer.on('end', () => end(answer.statusCode === 200 ? undefined : `${answer.statusCode} ${text.slice(0, 200)}`));
    answer.on('error', (error) => end(error.code ?? error.message));
  });
  sent.on('error', (error) => end(error.code ?? error.message));
  sent.on('timeout', () => sent.destroy(new Error('no answer in 10 s')));
  sent.end(payload);
}

setInterval(() => {
  const now = performance.now();
  if (expectedAt > 0) seen.late.push(Math.max(0, now - expectedAt));
  expectedAt = now + 10;
}, 10);
setInterval(() => {
  if (!isPaused) ask({ path: '/livez' }, undefined, seen.live, seen.liveFailures);
}, LIVE_EVERY_MS);
setInterval(() => {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  if (!isPaused && key !== '') ask({ path: '/chat/completions', method: 'POST', headers }, body, seen.calls, seen.callFailures);
}, CALL_EVERY_MS);

parentPort.on('message', async (wanted) => {
  if (wanted === 'go') {
    seen = fresh();
    isPaused = false;
    return;
  }
  isPaused = true;
  while (running > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  // Connections that a slow moment added are no files that a row left open.
  agent.destroy();
  agent = new Agent({ keepAlive: true });
  parentPort.postMessage(seen);
});
