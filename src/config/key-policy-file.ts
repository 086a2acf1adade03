import { Setting } from './setting.js';
import { list, whole } from './setting-kind.js';

/** What one key, or the `sub` of a token, may do. */
export class KeyPolicyFile {
  @Setting(list('model names', '["chat"]'), 'Models it may ask for. Without it: every model.')
  allowed_models?: string[];

  @Setting(whole(0, 1_000_000_000, 30), 'Calls a minute; 0 is unlimited. Without it: `rate_limit_per_minute`.')
  rate_limit_per_minute?: number;
}
