import type { RecordedCase, RecordedTraffic } from '../doubles/recorded-traffic.js';

/** What a client of the gateway asks. */
export interface RecordedQuestion {
  readonly path: '/v1/chat/completions' | '/v1/completions' | '/v1/embeddings';
  readonly streams: boolean;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The recording's own request where it is one of OpenAI's wire, else one that could have had its answer. */
export function recordedQuestion(traffic: RecordedTraffic, recorded: RecordedCase, model: string): RecordedQuestion {
  const own = traffic.requestBody(recorded);
  const streams = recorded.stream === true;
  const streamed = streams ? { stream: true, stream_options: { include_usage: true } } : { stream: false };
  switch (recorded.endpoint) {
    case 'embeddings': {
      const { count = 1, encoding } = traffic.summary(recorded) as { count?: number; encoding?: string };
      const input = own?.['input'] ?? Array.from({ length: count }, (_one, index) => `text ${index}`);
      const format = own?.['encoding_format'] ?? (encoding === 'base64' ? encoding : undefined);
      return { path: '/v1/embeddings', streams: false, body: { model, input, ...(format !== undefined && { encoding_format: format }) } };
    }
    case 'completions':
      return { path: '/v1/completions', streams, body: { prompt: 'Say something.', ...without(own), model, ...streamed } };
    case 'chat':
      if (Array.isArray(own?.['messages'])) return { path: '/v1/chat/completions', streams, body: { ...without(own), model, ...streamed } };
  }
  const names = (traffic.summary(recorded).choices ?? []).flatMap(({ tool_calls = [] }) => tool_calls.map(({ name }) => name));
  const tools = [...new Set(names)].map((name) => ({ type: 'function', function: { name, parameters: { type: 'object', properties: {} } } }));
  const messages = [{ role: 'user', content: 'Tell me what was recorded.' }];
  return { path: '/v1/chat/completions', streams, body: { model, messages, ...(tools.length > 0 && { tools }), ...streamed } };
}

/** Recorders write what was not set as null or not at all. */
function without(body: Readonly<Record<string, unknown>> | undefined): Record<string, unknown> {
  return Object.fromEntries(Object.entries(body ?? {}).filter(([name, value]) => value !== null && !name.startsWith('stream')));
}
