import { GatewayError } from '../../contracts/gateway-error.js';
import type { InferenceCall } from '../../contracts/inference-call.js';
import type { Target } from '../../contracts/target.js';
import { fieldValue } from '../../json/read-field.js';
import { embeddingAnswer } from '../gemini/embedding-answer.js';
import { embeddingInput } from '../gemini/embedding-input.js';
import type { NeutralRequest } from '../neutral/neutral-request.js';
import { ChatOutbound } from '../openai/chat-outbound.js';
import { asArray, asObject, parsedJson } from '../openai/json-value.js';
import { providerError } from '../openai/provider-error.js';
import { reportedFailure } from '../reported-failure.js';
import type { Answer } from '../upstream-adapter.js';
import { UpstreamFailure } from '../upstream-failure.js';
import type { UpstreamRequest } from '../upstream-transport.js';
import { watsonxBody } from './watsonx-body.js';
import type { WatsonxOptions } from './watsonx-options.js';
import { watsonxRequest } from './watsonx-request.js';

/** IBM's watsonx.ai: chat and embeddings. Answers are OpenAI's; what is left out and refused of a request stands at `watsonxBody`. */
export class WatsonxOutbound extends ChatOutbound {
  constructor(private readonly options: WatsonxOptions) {
    super();
  }

  override write(request: NeutralRequest, target: Target, call: InferenceCall): UpstreamRequest {
    const body = watsonxBody(request, target.model, call);
    return watsonxRequest(target, call, call.stream ? 'chat_stream' : 'chat', body, this.options);
  }

  writeEmbeddings(call: InferenceCall, target: Target): UpstreamRequest {
    const { texts, outputDimensionality } = embeddingInput(call);
    if (outputDimensionality !== undefined)
      throw new GatewayError('invalid_value', 'With this model, the number of dimensions cannot be chosen. Leave dimensions out.', {
        param: 'dimensions',
      });
    const truncate = fieldValue(call.body, call, 'truncate_input_tokens');
    const parameters = typeof truncate === 'number' ? { parameters: { truncate_input_tokens: truncate } } : {};
    return watsonxRequest(target, call, 'embeddings', { inputs: texts, ...parameters }, this.options);
  }

  readEmbeddings(body: Buffer, call: InferenceCall, target: Target): Answer | UpstreamFailure {
    const response = asObject(parsedJson(body.toString('utf8')));
    if (response === undefined) return new UpstreamFailure('invalid', 'The upstream answered with a body that is no JSON object.');
    const results = asArray(response['results']);
    const error = results === undefined ? providerError(response) : undefined;
    if (error !== undefined) return reportedFailure(error, response, target.upstream);
    const tokens = response['input_token_count'];
    return embeddingAnswer(
      (results ?? []).map((result) => asObject(result)?.['embedding']),
      typeof tokens === 'number' ? tokens : undefined,
      call,
      target,
    );
  }
}
