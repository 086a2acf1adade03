import { Agent, createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { type GatewayProcess, startGateway } from '../doubles/gateway-process.js';
import { scrape } from './scrape.js';

const CLIENTS = 48;
const WINDOWS = 5;
/** What compilers and caches take while a process is young; a call that is kept takes five thousand and more. */
const BYTES_MAX = 1_500;

const messages = [{ role: 'user', content: 'Good day.' }];
const SMALL = JSON.stringify({ model: 'up', messages });
const LARGE = JSON.stringify({ model: 'up', messages: [{ role: 'user', content: 'x'.repeat(100_000) }] });
const STREAMED = JSON.stringify({ model: 'up', stream: true, messages });
const facts = { id: 'chatcmpl-1', created: 1, model: 'up' };
const ANSWER = JSON.stringify({
  ...facts,
  object: 'chat.completion',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Good day.' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 5, completion_tokens: 3, total_tokens: 8 },
});
const chunk = (delta: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({ ...facts, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
const STREAM = `${chunk({ role: 'assistant', content: 'Good' })}${chunk({ content: ' day.' })}${chunk({}, 'stop')}data: [DONE]\n\n`;

/*
 * A call's memory must be gone by the next small collection. What a long-lived object still refers to then is kept until a full one: thousands of
 * calls with all that they held, which those that come later pay for. The old generation's growth tells.
 */
describe('what a call makes is collected young', () => {
  let upstream: Server;
  let gateway: GatewayProcess;
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });

  beforeAll(async () => {
    upstream = createServer((asked, answer) => {
      let text = '';
      asked.setEncoding('latin1').on('data', (part: string) => (text += part));
      asked.on('end', () => {
        const streams = text.includes('"stream":true');
        // Later than the turn that asked: the call is held meanwhile, as real ones are.
        setTimeout(() => {
          answer.writeHead(200, { 'content-type': streams ? 'text/event-stream' : 'application/json' });
          answer.end(streams ? STREAM : ANSWER);
        }, 2);
      });
    });
    upstream.listen(0, '127.0.0.1');
    await once(upstream, 'listening');
    const { port } = upstream.address() as AddressInfo;
    gateway = await startGateway({ GATEWAY_UPSTREAMS: `up=http://127.0.0.1:${port}`, GATEWAY_RATE_LIMIT_PER_MINUTE: '100000000' });
  });

  afterAll(async () => {
    agent.destroy();
    await gateway?.stop();
    upstream?.closeAllConnections();
    upstream?.close();
  });

  const call = (body: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const asked = request(`${gateway.url}/v1/chat/completions`, {
        method: 'POST',
        agent,
        headers: { 'content-type': 'application/json', 'x-api-key': 'dev-key', 'content-length': Buffer.byteLength(body) },
      });
      asked.once('error', reject).once('response', (answer) => {
        if (answer.statusCode !== 200) reject(new Error(`answered with ${answer.statusCode}`));
        answer.resume().once('end', resolve);
      });
      asked.end(body);
    });

  const calls = async (count: number, body: string): Promise<void> => {
    let left = count;
    const client = async (): Promise<void> => {
      while (left-- > 0) await call(body);
    };
    await Promise.all(Array.from({ length: CLIENTS }, client));
  };

  /** Bytes that a call left in the old generation, by the median of windows: a full collection in one of them tells nothing. */
  const leftByACall = async (body: string, callsInAWindow: number): Promise<number> => {
    await calls(callsInAWindow * 2, body);
    const growths: number[] = [];
    for (let window = 0; window < WINDOWS; window++) {
      const before = await scrape(gateway.url, 'nodejs_heap_space_size_used_bytes', 'space="old"');
      await calls(callsInAWindow, body);
      growths.push((await scrape(gateway.url, 'nodejs_heap_space_size_used_bytes', 'space="old"')) - before);
    }
    return (growths.toSorted((a, b) => a - b)[Math.floor(WINDOWS / 2)] ?? NaN) / callsInAWindow;
  };

  it('of a small call', async () => {
    expect(await leftByACall(SMALL, 800)).toBeLessThan(BYTES_MAX);
  });

  it('of a body that came in pieces', async () => {
    expect(await leftByACall(LARGE, 120)).toBeLessThan(BYTES_MAX);
  });

  it('of a stream', async () => {
    expect(await leftByACall(STREAMED, 400)).toBeLessThan(BYTES_MAX);
  });
});
