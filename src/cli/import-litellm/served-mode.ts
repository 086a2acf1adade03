import type { KnownVariables } from './known-variables.js';
import type { LitellmValue } from './litellm-value.js';

const MODES = new Set(['chat', 'completion', 'embedding', 'responses']);
const OTHERS = /(?:^|\/)(?:dall-e|gpt-image|whisper|tts-|gpt-4o(?:-mini)?-(?:tts|transcribe)|rerank|omni-moderation|text-moderation|sora|imagen|veo)/;

/** Why a deployment is asked for in ways that are not served here; undefined: it is served. */
export function servedMode(deployment: LitellmValue, variables: KnownVariables): string | undefined {
  const mode = deployment.at('model_info')?.at('mode')?.text;
  if (mode !== undefined) return MODES.has(mode) ? undefined : `models of the mode ${JSON.stringify(mode.slice(0, 40))} are not served here`;
  const model = deployment.at('litellm_params')?.at('model');
  const name = model && variables.textOf(model);
  return name !== undefined && OTHERS.test(name) ? 'images, speech, moderation and ranking are not served here' : undefined;
}
