import type { InferenceCall } from '../contracts/inference-call.js';
import type { UpstreamSettings } from '../contracts/gateway-settings.js';
import { OpenaiAdapter } from './openai/openai-adapter.js';
import type { UpstreamAdapter } from './upstream-adapter.js';

/** Which translation a call to an upstream takes. */
export class AdapterTable {
  private readonly openai = new OpenaiAdapter();

  for(_upstream: UpstreamSettings, _call: InferenceCall): UpstreamAdapter {
    return this.openai;
  }
}
