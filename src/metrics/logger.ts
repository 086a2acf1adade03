import { type Logger, pino } from 'pino';
import type { ObservabilitySettings } from '../contracts/gateway-settings.js';
import { describeError } from './describe-error.js';
import type { LogDestination } from './log-destination.js';
import { withinBounds } from './within-bounds.js';
import { withoutSecrets } from './without-secrets.js';

/** Keys of fields that are never logged, at the top and one level below. */
const SECRET_FIELDS = ['authorization', 'api_key', 'apiKey', 'x-api-key', 'api-key', 'token', 'secret', 'password', 'cookie', 'headers', 'body'];

/**
 * The log of everything but requests: start and end, states, Nest's own words. One JSON object a line, `time` and `level` in words.
 * Nothing that looks like a credential passes, neither in a field nor in a text, and no line is longer than a reader of lines takes.
 */
export function createLogger(destination: Pick<LogDestination, 'write'>, level: ObservabilitySettings['logLevel']): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRET_FIELDS.flatMap((field) => [`["${field}"]`, `*["${field}"]`]), censor: '[hidden]' },
      serializers: { err: describeError, error: describeError },
      hooks: { streamWrite: (line) => withinBounds(withoutSecrets(line)) },
    },
    destination,
  );
}
