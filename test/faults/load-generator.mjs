// Calls from a process of its own, as cheap as can be: the same bytes again and again over raw sockets, and of the answers only status and length
// are read. So what runs out under load is the gateway, also where both have only one core each.
//
// node test/faults/load-generator.mjs PORT RATE SECONDS [LANES] [TRIES] < REQUEST
//   RATE     calls a second, whether earlier ones were answered or not; 0: each lane asks again as soon as it was answered
//   LANES    connections, made beforehand, as a pool of a busy client: what comes while all of them wait for answers waits too
//   TRIES    how often one call is asked in all, as SDKs do it: again after the Retry-After of a 503 or 429
// Prints one object: `calls` are [sentAtMs, ms, status, tries]; status 0: no whole answer in 10 s. `latenessMs`: the client's own delay at most.
import { once } from 'node:events';
import { connect } from 'node:net';

const [port, rate, seconds, lanesMax = 512, triesMax = 1] = process.argv.slice(2).map(Number);
const PATIENCE_MS = 10_000;
const REFUSED_PAUSE_MS = 50;
const pieces = [];
for await (const piece of process.stdin) pieces.push(piece);
const bytes = Buffer.concat(pieces);
const calls = [];
const idle = [];
const busy = new Set();
const waiting = [];
let lanes = 0;
let unfinished = 0;
let latenessMs = 0;

/** One connection, and the call it is busy with. */
class Lane {
  call = undefined;
  ended = undefined;
  text = '';
  left = -1;
  status = 0;
  closes = false;
  retryAfter = 0;
  isGone = false;

  constructor() {
    lanes++;
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.socket.on('data', (data) => this.read(data));
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => this.over(0));
  }

  static async open() {
    const lane = new Lane();
    await once(lane.socket, 'connect');
    return lane;
  }

  ask(call, ended) {
    busy.add(this);
    this.call = call;
    this.ended = ended;
    this.askedAt = performance.now();
    this.socket.write(bytes);
  }

  read(data) {
    if (this.left < 0) {
      this.text += data.toString('latin1');
      const end = this.text.indexOf('\r\n\r\n');
      if (end < 0) return;
      const head = this.text.slice(0, end).toLowerCase();
      this.status = Number(head.slice(9, 12));
      this.closes = head.includes('\r\nconnection: close');
      this.retryAfter = Number(/\r\nretry-after: (\d+)/.exec(head)?.[1] ?? 0);
      this.left = Number(/\r\ncontent-length: (\d+)/.exec(head)?.[1] ?? 0) - (this.text.length - end - 4);
    } else this.left -= data.length;
    if (this.left <= 0) this.over(this.status);
  }

  gone() {
    if (!this.isGone) lanes--;
    this.isGone = true;
  }

  over(status) {
    const { ended, retryAfter } = this;
    busy.delete(this);
    this.ended = undefined;
    this.text = '';
    this.left = -1;
    if (status === 0 || this.closes) {
      const at = idle.indexOf(this);
      if (at >= 0) idle.splice(at, 1);
      this.gone();
      this.socket.destroy();
    } else if (ended !== undefined) idle.push(this);
    ended?.(status, retryAfter);
  }
}

function ask(call) {
  // In turn: one that nobody used for some seconds would be closed.
  const lane = idle.shift() ?? (lanes < lanesMax ? new Lane() : undefined);
  if (lane === undefined) return void waiting.push(call);
  call.tries++;
  lane.ask(call, (status, retryAfterS) => {
    if (waiting.length > 0) ask(waiting.shift());
    if ((status === 503 || status === 429) && call.tries < triesMax) return void setTimeout(() => ask(call), retryAfterS * 1000);
    unfinished--;
    calls.push([Math.round(call.at), Math.round((performance.now() - startedAt - call.at) * 10) / 10, status, call.tries]);
    call.next?.(status);
  });
}

function begin(at, next) {
  unfinished++;
  ask({ at, tries: 0, next });
}

const sweep = setInterval(() => {
  const now = performance.now();
  for (const lane of busy) if (now - lane.askedAt > PATIENCE_MS) lane.socket.destroy();
}, 100);
for (let lane = 0; lane < lanesMax; lane++) idle.push(await Lane.open());
const startedAt = performance.now();
const untilMs = seconds * 1000;
if (rate === 0) {
  const again = (status) => {
    const now = performance.now() - startedAt;
    if (now >= untilMs) return;
    if (status === 200) begin(now, again);
    else setTimeout(() => begin(performance.now() - startedAt, again), REFUSED_PAUSE_MS);
  };
  for (let lane = 0; lane < lanesMax; lane++) begin(0, again);
  await new Promise((resolve) => setTimeout(resolve, untilMs));
} else {
  const count = Math.round(rate * seconds);
  for (let sent = 0; sent < count; await new Promise((resolve) => setTimeout(resolve, 1))) {
    const elapsed = performance.now() - startedAt;
    const due = Math.min(count, Math.floor((elapsed * rate) / 1000) + 1);
    if (due > sent) latenessMs = Math.max(latenessMs, elapsed - (sent * 1000) / rate);
    // From the moment it was due: a client that is late must not make the gateway look fast.
    while (sent < due) begin((sent++ * 1000) / rate);
  }
}
for (const until = performance.now() + 3 * PATIENCE_MS; unfinished > 0; await new Promise((resolve) => setTimeout(resolve, 10)))
  if (performance.now() > until)
    throw new Error(`${unfinished} calls are not over: ${waiting.length} wait, ${busy.size} lanes of ${lanes} are busy, ${idle.length} idle`);
clearInterval(sweep);
const { user, system } = process.cpuUsage();
process.stdout.write(JSON.stringify({ calls, latenessMs: Math.round(latenessMs), cpuMs: Math.round((user + system) / 1000) }), () => process.exit(0));
