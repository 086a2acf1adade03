import { checkRedisUrl } from '../../config/check-redis-url.js';
import { Findings } from '../../config/findings.js';
import { Place } from '../../config/place.js';
import { hasPlaceholder } from './has-placeholder.js';
import type { ImportDraft } from './import-draft.js';

/** `redis_url` of the parts that stand in `router_settings`. An address with a password is told, not written. */
export function redisSetting({ redisParts, report, variables }: ImportDraft): string | undefined {
  const [url, host, port, password] = ['redis_url', 'redis_host', 'redis_port', 'redis_password'].map((part) => redisParts.get(part));
  const at = url ?? host ?? port ?? password;
  if (at === undefined) return undefined;
  const whole = url === undefined ? undefined : url.variable === undefined ? url.text : undefined;
  const hostText = host && variables.textOf(host);
  const portText = port === undefined ? '6379' : variables.textOf(port);
  const made = whole ?? (url === undefined && password === undefined && hostText && portText ? `redis://${hostText}:${portText}/0` : undefined);
  const findings = new Findings();
  if (made !== undefined) checkRedisUrl(made, Place.variable('redis_url'), findings);
  if (made !== undefined && !made.includes('@') && !hasPlaceholder(made) && findings.mistakes.length === 0) return made;
  report.remind(
    at,
    'Redis shares limits between replicas here; set GATEWAY_REDIS_URL=redis://:PASSWORD@HOST:PORT/0 in the environment, as these parts say',
  );
  return undefined;
}
