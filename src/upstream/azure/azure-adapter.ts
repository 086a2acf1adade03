import type { InferenceCall } from '../../contracts/inference-call.js';
import type { Target } from '../../contracts/target.js';
import { encodeRequest } from '../openai/encode-request.js';
import { OpenaiStreamTranslator } from '../openai/stream-translator.js';
import { translateAnswer } from '../openai/translate-answer.js';
import type { Answer, StreamTranslator, UpstreamAdapter } from '../upstream-adapter.js';
import { UpstreamFailure } from '../upstream-failure.js';
import type { UpstreamHeaders, UpstreamRequest } from '../upstream-transport.js';
import { AzureChunkRepair } from './azure-chunk-repair.js';
import type { AzureOptions } from './azure-options.js';
import { azureRequest } from './azure-request.js';
import { azureTarget } from './azure-target.js';
import { explainAzure } from './explain-azure.js';
import { mendedAnswer } from './mended-answer.js';

/** Chat, completions and embeddings for clients of OpenAI's: their bytes, at Azure's addresses; replies as they came, but for what only Azure's own clients could take. */
export class AzureAdapter implements UpstreamAdapter {
  constructor(private readonly options: AzureOptions) {}

  encode(call: InferenceCall, target: Target): UpstreamRequest {
    const deployed = azureTarget(target, this.options);
    return azureRequest(encodeRequest(call, deployed), deployed, this.options);
  }

  answer(call: InferenceCall, target: Target, body: Buffer): Answer | UpstreamFailure {
    const answer = translateAnswer(call, target, body);
    if (answer instanceof UpstreamFailure || call.endpoint !== 'chat_completions') return answer;
    return { ...answer, body: mendedAnswer(answer.body) };
  }

  translator(call: InferenceCall, target: Target, eventBytesMax: number): StreamTranslator {
    return new OpenaiStreamTranslator(call, target, eventBytesMax, new AzureChunkRepair(call.endpoint === 'chat_completions'));
  }

  explain(target: Target, status: number, headers: UpstreamHeaders, body: Buffer): UpstreamFailure {
    return explainAzure(target.upstream, status, headers, body);
  }
}
