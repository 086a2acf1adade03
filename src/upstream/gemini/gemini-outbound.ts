import type { InferenceCall } from '../../contracts/inference-call.js';
import type { Target } from '../../contracts/target.js';
import { imageEventBytes } from '../image-event-bytes.js';
import type { NeutralEvent } from '../neutral/neutral-event.js';
import type { JsonObject, NeutralRequest } from '../neutral/neutral-request.js';
import type { OutboundDialect, StreamReader } from '../neutral/outbound-dialect.js';
import type { Answer } from '../upstream-adapter.js';
import type { UpstreamFailure } from '../upstream-failure.js';
import type { UpstreamHeaders, UpstreamRequest } from '../upstream-transport.js';
import { explainError } from './explain-error.js';
import { GeminiStreamReader } from './gemini-stream-reader.js';
import { googleTool } from './google-tool.js';
import { modelPath } from './model-path.js';
import { readAnswer } from './read-answer.js';
import { readEmbeddings } from './read-embeddings.js';
import { ResponseEvents } from './response-events.js';
import { requestHeaders } from './request-headers.js';
import { writeBody } from './write-body.js';
import { writeEmbeddings } from './write-embeddings.js';

/**
 * Google's Gemini API (AI Studio): `generateContent`, and `streamGenerateContent` as server-sent events. What is left out and what is refused
 * stands at `unsaidParameters`; `parallel_tool_calls: false` is refused where there are several tools. Code that Google ran itself has no word in
 * other wires and is not told.
 */
export class GeminiOutbound implements OutboundDialect {
  readonly streamType = 'text/event-stream';
  readonly streamsAsJson = true;

  write(request: NeutralRequest, target: Target, call: InferenceCall): UpstreamRequest {
    const path = modelPath(target, call.stream ? 'streamGenerateContent?alt=sse' : 'generateContent');
    const body = Buffer.from(JSON.stringify(writeBody(request, { model: target.model, isVertex: false })));
    return { path, headers: requestHeaders(target, call), body };
  }

  takesOwnTool(tool: JsonObject): boolean {
    return googleTool(tool) !== undefined;
  }

  read(body: Buffer, target?: Target): readonly NeutralEvent[] {
    return readAnswer(body, target?.upstream ?? KEYLESS);
  }

  streamReader(eventBytesMax: number, target?: Target): StreamReader {
    const meaning = new ResponseEvents(eventBytesMax, target?.upstream ?? KEYLESS);
    return new GeminiStreamReader(meaning, imageEventBytes(eventBytesMax, target));
  }

  explain(target: Target, status: number, headers: UpstreamHeaders, body: Buffer): UpstreamFailure {
    return explainError(target.upstream, status, headers, body);
  }

  writeEmbeddings(call: InferenceCall, target: Target): UpstreamRequest {
    return {
      path: modelPath(target, 'batchEmbedContents'),
      headers: requestHeaders(target, call),
      body: Buffer.from(JSON.stringify(writeEmbeddings(call, target.model))),
    };
  }

  readEmbeddings(body: Buffer, call: InferenceCall, target: Target): Answer | UpstreamFailure {
    return readEmbeddings(body, call, target);
  }
}

const KEYLESS = { apiKey: undefined };
