import type { TokenUsage } from '../../contracts/token-usage.js';
import type { NeutralUsage } from './neutral-event.js';

export function tokenUsage({ input, output, cached, reasoning }: NeutralUsage): TokenUsage {
  return { input, output, cached, reasoning };
}
