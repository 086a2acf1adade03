import { partnerPublisher } from '../../config/partner-publisher.js';
import type { Target } from '../../contracts/target.js';

/** The target as OpenAI's writers have to see it: who has an address of his own counts in any case, and is not asked to. */
export function vertexPartnerTarget(target: Target): Target {
  const { upstream, model } = target;
  if (partnerPublisher(model) === undefined) return target;
  return { ...target, upstream: { ...upstream, quirks: { ...upstream.quirks, noStreamOptions: true } } };
}
