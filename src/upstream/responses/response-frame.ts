import type { InferenceCall } from '../../contracts/inference-call.js';
import type { ReplyFrame } from '../neutral/inbound-dialect.js';

/** A `response` object around whatever was said so far: what the request asked for is repeated in it, as clients expect. */
export class ResponseFrame {
  private readonly head: string;
  private readonly tail: string;

  constructor(id: string, { createdAt, model }: ReplyFrame, call: InferenceCall | undefined) {
    this.head = `{"id":${JSON.stringify(id)},"object":"response","created_at":${createdAt},"model":${JSON.stringify(model)},"background":false`;
    this.tail = ECHOED.map(([name, otherwise]) => `,"${name}":${echo(call, name) ?? otherwise}`).join('');
  }

  /** All are JSON. */
  json(status: string, output: string, usage: string, error = 'null', incompleteDetails = 'null'): string {
    const state = `,"status":"${status}","error":${error},"incomplete_details":${incompleteDetails},"output":[${output}],"usage":${usage}`;
    return `${this.head}${state}${this.tail},"store":false,"previous_response_id":null}`;
  }
}

/** What the request may say, and what stands there when it does not. */
const ECHOED = [
  ['instructions', 'null'],
  ['max_output_tokens', 'null'],
  ['max_tool_calls', 'null'],
  ['metadata', '{}'],
  ['parallel_tool_calls', 'true'],
  ['reasoning', '{"effort":null,"summary":null}'],
  ['temperature', 'null'],
  ['text', '{"format":{"type":"text"}}'],
  ['tool_choice', '"auto"'],
  ['tools', '[]'],
  ['top_logprobs', '0'],
  ['top_p', 'null'],
  ['truncation', '"disabled"'],
  ['user', 'null'],
] as const;

/** The client's bytes as they came: only line ends, which would end the event, are taken out (within JSON they are but white space). */
function echo(call: InferenceCall | undefined, name: string): string | undefined {
  const span = call?.fields.get(name);
  if (call === undefined || span === undefined) return undefined;
  const json = call.body.toString('utf8', span.start, span.end).replaceAll(/[\r\n]/g, ' ');
  return json === 'null' ? undefined : json;
}
