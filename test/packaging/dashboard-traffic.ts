/** Settings of a gateway on which everything happens that the dashboard tells of. */
export const SETTINGS: Readonly<Record<string, string>> = {
  GATEWAY_API_KEYS: 'open-key,small-key',
  GATEWAY_RATE_LIMIT_PER_MINUTE: '0',
  GATEWAY_API_KEY_POLICIES: JSON.stringify({ 'small-key': { rate_limit_per_minute: 1 } }),
  GATEWAY_UPSTREAMS: 'good=mock://local?ttft=5ms&tps=400;canary=mock://local;broken=mock://local?status=503;dead=mock://local?status=500',
  GATEWAY_FALLBACKS: 'broken=good',
  GATEWAY_ROUTE_POLICIES: JSON.stringify({ chat: { strategy: 'canary', primary: 'good', canary: 'canary', percent: 50 } }),
  GATEWAY_CIRCUIT_BREAKER_MAX_FAILURES: '2',
  GATEWAY_CIRCUIT_BREAKER_RESET_SECONDS: '300',
};

/** Calls that end well and streamed, by a canary route and a fallback, in a 429 and in the 503 of an open circuit. Answers how often each model came to which status (`chat 200`). */
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
  for (let round = 0; round < 20; round++) await call('chat');
  for (let round = 0; round < 3; round++)
    await Promise.all([call('good', 'open-key', true), call('broken'), call('dead'), call('good', 'small-key')]);
  return endings;
}
