import type { InferenceCall } from '../../contracts/inference-call.js';
import type { Target } from '../../contracts/target.js';
import { imageEventBytes } from '../image-event-bytes.js';
import type { Answer, StreamTranslator, UpstreamAdapter } from '../upstream-adapter.js';
import { UpstreamFailure } from '../upstream-failure.js';
import type { UpstreamHeaders, UpstreamRequest } from '../upstream-transport.js';
import { encodeRequest } from './encode-request.js';
import { explainRefusal } from './explain-refusal.js';
import { ShapeRepair } from './shape-repair.js';
import { shapedAnswer } from './shaped-answer.js';
import { shapedEmbeddings } from './shaped-embeddings.js';
import { OpenaiStreamTranslator } from './stream-translator.js';
import { translateAnswer } from './translate-answer.js';

/** Between a client and an upstream that both speak OpenAI's dialect: as few bytes as possible are touched, both ways. */
export class OpenaiAdapter implements UpstreamAdapter {
  encode(call: InferenceCall, target: Target): UpstreamRequest {
    return encodeRequest(call, target);
  }

  answer(call: InferenceCall, target: Target, body: Buffer): Answer | UpstreamFailure {
    const answer = translateAnswer(call, target, body);
    if (answer instanceof UpstreamFailure || !isLoose(target)) return answer;
    if (call.endpoint === 'embeddings') return { ...answer, body: shapedEmbeddings(answer.body, target.answersAs) };
    return { ...answer, body: shapedAnswer(answer.body, call.requestId, isChat(call), target.answersAs) };
  }

  translator(call: InferenceCall, target: Target, eventBytesMax: number): StreamTranslator {
    const repair = isLoose(target) ? new ShapeRepair(call.requestId, isChat(call), target.answersAs) : undefined;
    return new OpenaiStreamTranslator(call, target, imageEventBytes(eventBytesMax, target, call), repair);
  }

  explain(target: Target, status: number, headers: UpstreamHeaders, body: Buffer): UpstreamFailure {
    return explainRefusal(target.upstream, status, headers, body);
  }
}

function isLoose({ upstream: { quirks } }: Target): boolean {
  return quirks.looseShape === true;
}

function isChat({ endpoint }: InferenceCall): boolean {
  return endpoint === 'chat_completions';
}
