import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Settings of a gateway on which everything happens that the dashboards tell of. `restless`: the address of a `restlessUpstream`. */
export function settings(restless: string, redisUrl: string | undefined): Readonly<Record<string, string>> {
  return {
    GATEWAY_API_KEYS: 'open-key,small-key',
    GATEWAY_RATE_LIMIT_PER_MINUTE: '100000',
    GATEWAY_API_KEY_POLICIES: JSON.stringify({ 'small-key': { rate_limit_per_minute: 1 } }),
    GATEWAY_UPSTREAMS: `good=mock://local?ttft=5ms&tps=400;canary=mock://local?ttft=2ms&tps=800;broken=mock://local?status=503;dead=mock://local?status=500;restless=${restless}`,
    GATEWAY_FALLBACKS: 'broken=good',
    GATEWAY_ROUTE_POLICIES: JSON.stringify({ chat: { strategy: 'canary', primary: 'good', canary: 'canary', percent: 50 } }),
    GATEWAY_CIRCUIT_BREAKER_MAX_FAILURES: '2',
    GATEWAY_CIRCUIT_BREAKER_RESET_SECONDS: '300',
    GATEWAY_RETRY_BUDGET_PERCENT: '0',
    ...(redisUrl === undefined ? {} : { GATEWAY_REDIS_URL: redisUrl }),
  };
}

/** Fails every second call, so that its budget of repeats is soon spent and its circuit stays closed; else tells of cached and reasoning tokens. */
export async function restlessUpstream(): Promise<{ readonly url: string; stop(): Promise<void> }> {
  let calls = 0;
  const server = createServer((request, response) => {
    request.resume();
    const fails = calls++ % 2 === 0;
    response.writeHead(fails ? 500 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(fails ? { error: { message: 'restless', type: 'server_error' } } : ANSWER));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const ANSWER = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'restless',
  choices: [{ index: 0, message: { role: 'assistant', content: 'The sea is wide.' }, finish_reason: 'stop' }],
  usage: {
    prompt_tokens: 20,
    completion_tokens: 9,
    total_tokens: 29,
    prompt_tokens_details: { cached_tokens: 16 },
    completion_tokens_details: { reasoning_tokens: 4 },
  },
};

/** Ten calls to the upstream with an open circuit: 503 each. */
export async function fails(url: string): Promise<void> {
  const headers = { 'content-type': 'application/json', authorization: 'Bearer open-key' };
  const body = JSON.stringify({ model: 'dead', messages: [{ role: 'user', content: 'Tell me of the sea.' }] });
  for (let call = 0; call < 10; call++) await (await fetch(`${url}/v1/chat/completions`, { method: 'POST', headers, body })).text();
}

/** Calls that end well and streamed, by a canary route and a fallback, in a 429, a 401, and in the 503 of an open circuit. Answers how often each model came to which status (`chat 200`). */
export async function drive(url: string): Promise<Map<string, number>> {
  const endings = new Map<string, number>();
  const call = async (model: string, key = 'open-key', stream = false): Promise<void> => {
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify({ model, stream, messages: [{ role: 'user', content: 'Tell me of the sea.' }] }),
    });
    await response.text();
    const ending = `${model} ${response.status}`;
    endings.set(ending, (endings.get(ending) ?? 0) + 1);
  };
  for (let round = 0; round < 20; round++) await call('chat', 'open-key', round % 2 === 0);
  for (let round = 0; round < 5; round++) await call('restless');
  for (let round = 0; round < 3; round++)
    await Promise.all([
      call('good', 'open-key', true),
      call('broken'),
      call('dead'),
      call('good', 'small-key'),
      call('canary', 'open-key', true),
      call('canary', 'strange-key'),
    ]);
  return endings;
}
