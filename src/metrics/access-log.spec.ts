import { requestContext } from '../../test/doubles/request-context.js';
import { loadSettings } from '../config/load-settings.js';
import type { InferenceCall } from '../contracts/inference-call.js';
import type { RequestContext } from '../contracts/request-context.js';
import { AccessLog } from './access-log.js';

const FIELDS =
  'time level msg request_id method path status duration_ms overhead_ms ttft_ms principal model upstream attempts fallback stream tokens_in tokens_out usage_estimated error_code';
const POST = { method: 'POST', path: '/v1/chat/completions' };

function written(part: Partial<RequestContext>, request = POST, status = 200, durationMs = 10): string[] {
  const lines: string[] = [];
  new AccessLog({ write: (line) => void lines.push(line) }, () => new Date(0)).write(requestContext(part), request, status, durationMs);
  return lines;
}
const parsed = (...call: Parameters<typeof written>): Record<string, unknown> => JSON.parse(written(...call)[0] ?? '') as Record<string, unknown>;
const callOf = (part: Partial<InferenceCall>): InferenceCall => ({
  endpoint: 'chat_completions',
  requestId: 'req-1',
  principal: { kind: 'key', id: 'f'.repeat(32), allowedModels: undefined, rateLimitPerMinute: 0 },
  model: 'llama',
  stream: false,
  wantsUsage: false,
  endUser: undefined,
  body: Buffer.from('{"messages":[{"role":"user","content":"my secret prompt"}]}'),
  fields: {} as InferenceCall['fields'],
  headers: { authorization: 'Bearer dev-key' },
  ...part,
});

it('a line has exactly the fields that were promised, in every case', () => {
  const call = callOf({ stream: true });
  const full = parsed({
    call,
    principal: call.principal,
    upstream: 'llama',
    attempts: 2,
    fallback: true,
    waitedMs: 8.5,
    ttftMs: 4.25,
    usage: { input: 3, output: 7, cached: 0, reasoning: 0 },
    usageEstimated: true,
    errorCode: 'upstream_stream_interrupted',
  });
  expect(Object.keys(full).join(' ')).toBe(FIELDS);
  expect(full).toEqual({
    time: '1970-01-01T00:00:00.000Z',
    level: 'info',
    msg: 'request',
    request_id: 'req-1',
    method: 'POST',
    path: '/v1/chat/completions',
    status: 200,
    duration_ms: 10,
    overhead_ms: 1.5,
    ttft_ms: 4.25,
    principal: 'ffffffffffff',
    model: 'llama',
    upstream: 'llama',
    attempts: 2,
    fallback: true,
    stream: true,
    tokens_in: 3,
    tokens_out: 7,
    usage_estimated: true,
    error_code: 'upstream_stream_interrupted',
  });
  const bare = parsed({}, POST, 401);
  expect(Object.keys(bare).join(' ')).toBe(FIELDS);
  expect(bare).toMatchObject({ principal: null, model: null, ttft_ms: null, tokens_in: null, tokens_out: null, error_code: null, stream: false });
});

it('neither a key, nor a prompt, nor the query is in it', () => {
  const call = callOf({});
  const line = written({ call, principal: call.principal }, { method: 'POST', path: '/v1/chat/completions?api_key=dev-key' })[0] ?? '';
  for (const secret of ['dev-key', 'secret prompt', 'Bearer', 'f'.repeat(13), '?']) expect(line).not.toContain(secret);
});

it.each([
  ['line breaks', 'a\nb\r\nc'],
  ['the end of a JSON string', '"}\n{"level":"error","msg":"forged"}'],
  ['colours of a terminal', '\u001b[31mred\u009b0m'],
  ['separators and turns of direction', 'a\u2028b\u2029c\u202ed'],
  ['half a character', '\ud800'],
  ['a million characters', 'x'.repeat(1_000_000)],
  ['a million wide characters', '😀'.repeat(500_000)],
])('%s in whatever a client names leave one line of valid JSON, short and not obeyed by a terminal', (_what, evil) => {
  const principal = { kind: 'subject', id: evil, allowedModels: undefined, rateLimitPerMinute: 0 } as const;
  const [line = '', ...more] = written(
    { requestId: evil, call: callOf({ model: evil }), principal, upstream: evil, errorCode: evil },
    { method: evil, path: `/${evil}` },
  );
  expect(more).toEqual([]);
  expect(line.match(/\n/g)).toHaveLength(1);
  expect(Buffer.byteLength(line)).toBeLessThan(8_192);
  expect(line.slice(0, -1)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/);
  const { model } = JSON.parse(line) as { model: string };
  expect(model.length).toBeLessThanOrEqual(128);
  expect(
    evil.toWellFormed().startsWith(
      model
        .slice(0, 100)
        .toWellFormed()
        .replace(/\ufffd$/, ''),
    ),
  ).toBe(true);
});

it('a fault of ours is an error, trouble behind us a warning, a client that left or erred is everyday', () => {
  const levels = [200, 404, 429, 499, 500, 502, 503, 504].map((status) => [status, parsed({}, POST, status)['level']]);
  expect(levels).toEqual([
    [200, 'info'],
    [404, 'info'],
    [429, 'info'],
    [499, 'info'],
    [500, 'error'],
    [502, 'warn'],
    [503, 'warn'],
    [504, 'warn'],
  ]);
});

it('a log level above a line leaves it out', () => {
  const { settings } = loadSettings({ env: { GATEWAY_LOG_LEVEL: 'warn' }, cwd: '/nonexistent' });
  expect(written({ settings }, POST, 200)).toEqual([]);
  expect(written({ settings }, POST, 503)).toHaveLength(1);
});

it('a duration that is no number does not spoil the line', () => {
  expect(parsed({ waitedMs: 50 }, POST, 200, Number.NaN)).toMatchObject({ duration_ms: null, overhead_ms: null });
  expect(parsed({ waitedMs: 50 }, POST, 200, 40)).toMatchObject({ overhead_ms: 0 });
});
