import type { InferenceCall } from '../../contracts/inference-call.js';
import type { Target } from '../../contracts/target.js';
import type { NeutralEvent } from '../neutral/neutral-event.js';
import type { JsonObject, NeutralRequest } from '../neutral/neutral-request.js';
import type { OutboundDialect, StreamReader } from '../neutral/outbound-dialect.js';
import type { RequestSigner } from '../request-signer.js';
import type { Answer } from '../upstream-adapter.js';
import type { UpstreamFailure } from '../upstream-failure.js';
import type { UpstreamHeaders, UpstreamRequest } from '../upstream-transport.js';
import { bedrockHeaders } from './bedrock-headers.js';
import { bedrockModel } from './bedrock-model.js';
import { converseBody } from './converse-body.js';
import { isClaudeTool } from './converse-tools.js';
import { EventStreamReader } from './event-stream-reader.js';
import { explainBedrock } from './explain-bedrock.js';
import { InvokeEvents } from './invoke-events.js';
import { readBedrock } from './read-bedrock.js';
import { readEmbeddings } from './read-embeddings.js';
import { writeEmbeddings } from './write-embeddings.js';

/**
 * Amazon Bedrock: Converse and ConverseStream for every model; replies of InvokeModel are understood too. Left out without a word: `seed`,
 * `frequency_penalty`, `presence_penalty`, what `converseUnsaid` lists, `parallel_tool_calls` and cache marks where a model cannot be told,
 * effort where it does not think, `temperature` above 1, and earlier thoughts without a signature. `n` above 1, log probabilities, audio,
 * images and files by address (but of S3), and parameters nobody knows are refused.
 */
export class BedrockOutbound implements OutboundDialect {
  readonly streamType = EVENT_STREAM;

  /** `signer`: of requests to upstreams without a key; undefined: those leave unsigned, and are refused. */
  constructor(private readonly signer: RequestSigner | undefined) {}

  write(request: NeutralRequest, target: Target, call: InferenceCall): UpstreamRequest {
    return this.request(target, call, call.stream ? 'converse-stream' : 'converse', converseBody(request, target.model));
  }

  takesOwnTool(tool: JsonObject, model: string): boolean {
    return isClaudeTool(tool, bedrockModel(model));
  }

  read(body: Buffer, target?: Target): readonly NeutralEvent[] {
    return readBedrock(body, target?.upstream);
  }

  streamReader(eventBytesMax: number, target?: Target): StreamReader {
    return new EventStreamReader(new InvokeEvents(target?.upstream), eventBytesMax);
  }

  explain(target: Target, status: number, headers: UpstreamHeaders, body: Buffer): UpstreamFailure {
    return explainBedrock(target.upstream, status, headers, body);
  }

  writeEmbeddings(call: InferenceCall, target: Target): UpstreamRequest {
    return this.request(target, { ...call, stream: false }, 'invoke', writeEmbeddings(call, target.model));
  }

  readEmbeddings(body: Buffer, call: InferenceCall, target: Target): Answer | UpstreamFailure {
    return readEmbeddings(body, call, target);
  }

  private request(target: Target, call: InferenceCall, verb: string, body: object): UpstreamRequest {
    const request = {
      path: `/model/${encodeURIComponent(target.model)}/${verb}`,
      headers: bedrockHeaders(target, call, call.stream ? EVENT_STREAM : 'application/json'),
      body: Buffer.from(JSON.stringify(body)),
    };
    return this.signer === undefined || target.upstream.apiKey !== undefined ? request : { ...request, signer: this.signer };
  }
}

const EVENT_STREAM = 'application/vnd.amazon.eventstream';
