import { createLogger } from './logger.js';
import { StateLog } from './state-log.js';

function logging(): { logger: ReturnType<typeof createLogger>; lines: () => Record<string, unknown>[]; text: () => string } {
  let text = '';
  const logger = createLogger({ write: (line) => void (text += line) }, 'info');
  const lines = (): Record<string, unknown>[] =>
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { logger, lines, text: () => text };
}

it('a line is one JSON object with the time and the level in words, and nothing of the machine', () => {
  const { logger, lines } = logging();
  logger.warn({ port: 8000 }, 'listening');
  expect(lines()).toEqual([{ level: 'warn', time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/), port: 8000, msg: 'listening' }]);
});

it.each([
  ['a bearer', 'sent Authorization: Bearer abc.def-123 to it'],
  ['a key in an address', 'GET http://127.0.0.1/?api_key=abc.def-123&x=1'],
  ['a password in an address', 'redis://user:abc.def-123@redis:6379 refused'],
  ['a key of a provider', 'Incorrect API key: sk-abc1def-123abcdefghijkl'],
  ['a token', 'eyJabcdefghij.abc1def-123.sig-abc'],
])('%s does not pass in a text', (_what, message) => {
  const { logger, text } = logging();
  logger.error(message);
  logger.error(new Error(message));
  logger.error({ note: message }, 'noted');
  expect(text()).not.toMatch(/abc\.?1?def-123/);
  expect(text()).toContain('[hidden]');
});

it('fields that hold credentials, headers and bodies do not pass, at the top or one below', () => {
  const { logger, text } = logging();
  const secrets = {
    authorization: 'abcdef',
    'x-api-key': 'abcdef',
    apiKey: 'abcdef',
    password: 'abcdef',
    headers: { any: 'abcdef' },
    body: 'abcdef',
  };
  logger.info({ ...secrets, request: secrets }, 'told');
  expect(text()).not.toContain('abcdef');
});

it('an error is told by its name, message, code and place, and by nothing that hangs on it', () => {
  const { logger, lines } = logging();
  const error = Object.assign(new Error('no answer', { cause: new TypeError('deeper') }), {
    code: 'ECONNREFUSED',
    config: { headers: { k: 'abcdef' } },
  });
  logger.error({ err: error }, 'failed');
  expect(lines()[0]?.['err']).toEqual({
    type: 'Error',
    message: 'no answer',
    code: 'ECONNREFUSED',
    stack: expect.any(String),
    cause: 'TypeError: deeper',
  });
});

it('names that only look a little like keys stay readable', () => {
  const { logger, text } = logging();
  logger.info({ upstream: 'xai-grok-4-fast' }, 'circuit opened');
  expect(text()).toContain('xai-grok-4-fast');
});

it('a line that is too long becomes a short one of valid JSON', () => {
  const { logger, lines, text } = logging();
  logger.info({ details: 'x'.repeat(100_000) }, `${'m'.repeat(50_000)}\n"}`);
  expect(Buffer.byteLength(text())).toBeLessThan(16_384);
  expect(lines()).toEqual([expect.objectContaining({ level: 'info', truncated: true })]);
});

describe('states', () => {
  it('each change of a circuit, of Redis and of the settings is one line', () => {
    const { logger, lines } = logging();
    const states = new StateLog(logger, true);
    states.circuitChanged('llama', 'open');
    states.redisIsUp(true);
    states.redisIsUp(true);
    states.redisIsUp(false);
    states.settingsReloaded('refused', ['GATEWAY_PORT = x: no number'], 2);
    expect(lines().map(({ event, level, state, result }) => [event, level, state ?? result])).toEqual([
      ['circuit', 'warn', 'open'],
      ['redis', 'info', 'up'],
      ['redis', 'warn', 'down'],
      ['settings', 'error', 'refused'],
    ]);
    expect(lines().every(({ time, msg }) => typeof time === 'string' && typeof msg === 'string')).toBe(true);
  });

  it('a worker that does not speak knows the states all the same', () => {
    const { logger, text } = logging();
    const states = new StateLog(logger, true, false);
    expect(states.rateLimitStore).toBe('down');
    states.redisIsUp(true);
    states.circuitChanged('llama', 'open');
    expect(states.rateLimitStore).toBe('up');
    expect(text()).toBe('');
  });

  it('without Redis limits are in memory, and that is no trouble', () => {
    expect(new StateLog(logging().logger, false).rateLimitStore).toBe('memory');
  });
});
