import type { ServerSettings } from './contracts/gateway-settings.js';
import { SettingsMistakes } from './config/settings-mistakes.js';

/** An address that cannot be listened on is a mistake in the settings; undefined: the error is of another kind. */
export function listenMistake(error: unknown, { host, port }: ServerSettings): SettingsMistakes | undefined {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return mistake(
        'GATEWAY_PORT',
        String(port),
        `another process listens on ${host}:${port} already`,
        `GATEWAY_PORT=${port === 65_535 ? 8_000 : port + 1}`,
      );
    case 'EACCES':
      return mistake('GATEWAY_PORT', String(port), `this user may not listen on port ${port}`, 'GATEWAY_PORT=8000, or any port above 1023');
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return mistake('GATEWAY_HOST', host, 'this machine has no such address', 'GATEWAY_HOST=127.0.0.1');
  }
  return undefined;
}

function mistake(path: string, found: string, reason: string, fix: string): SettingsMistakes {
  return new SettingsMistakes([{ path, found, reason, fix }]);
}
