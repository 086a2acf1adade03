import type { HealthView } from '../contracts/health-view.js';
import type { Target } from '../contracts/target.js';

/** The order of a draw, but for targets that would turn the call away: they come after those that take it. */
export function availableFirst(targets: readonly Target[], health: HealthView): readonly Target[] {
  const isAvailable = ({ upstream }: Target): boolean => health.isAvailable(upstream.name);
  return targets.every(isAvailable) ? targets : [...targets.filter(isAvailable), ...targets.filter((target) => !isAvailable(target))];
}
