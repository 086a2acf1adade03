import type { Attributes, AttributeValue } from '@opentelemetry/api';
import type { InferenceCall } from '../contracts/inference-call.js';
import { fieldValue } from '../json/read-field.js';

const TEXT_LENGTH_MAX = 128;
const FIELD_BYTES_MAX = 2_048;
const SEQUENCES_MAX = 16;

type Kind = 'whole' | 'number' | 'text' | 'texts';

/** Fields of a request that are told, by their names in any of the wires. The first that is there counts. */
const TOLD: readonly (readonly [attribute: string, kind: Kind, ...fields: readonly string[]])[] = [
  ['gen_ai.request.max_tokens', 'whole', 'max_completion_tokens', 'max_tokens', 'max_output_tokens'],
  ['gen_ai.request.temperature', 'number', 'temperature'],
  ['gen_ai.request.top_p', 'number', 'top_p'],
  ['gen_ai.request.top_k', 'whole', 'top_k'],
  ['gen_ai.request.seed', 'whole', 'seed'],
  ['gen_ai.request.frequency_penalty', 'number', 'frequency_penalty'],
  ['gen_ai.request.presence_penalty', 'number', 'presence_penalty'],
  ['gen_ai.request.stop_sequences', 'texts', 'stop', 'stop_sequences'],
  ['gen_ai.request.reasoning.level', 'text', 'reasoning_effort'],
  ['gen_ai.request.previous_response.id', 'text', 'previous_response_id'],
];

/** How a call was asked for: settings of the sampling, never what was said. A field that is not of its kind is left out. */
export function requestAttributes(call: InferenceCall): Attributes {
  const attributes: Attributes = { 'gen_ai.request.model': shortText(call.model), 'gen_ai.request.stream': call.stream };
  for (const [attribute, kind, ...fields] of TOLD) {
    const name = fields.find((field) => call.fields.has(field));
    const value = name === undefined ? undefined : valueOf(read(call, name), kind);
    if (value !== undefined) attributes[attribute] = value;
  }
  const choices = valueOf(read(call, 'n'), 'whole');
  if (choices !== undefined && choices !== 1) attributes['gen_ai.request.choice.count'] = choices;
  const level = valueOf(member(read(call, 'reasoning'), 'effort'), 'text');
  if (level !== undefined) attributes['gen_ai.request.reasoning.level'] = level;
  const conversation = read(call, 'conversation');
  const id = valueOf(typeof conversation === 'string' ? conversation : member(conversation, 'id'), 'text');
  if (id !== undefined) attributes['gen_ai.conversation.id'] = id;
  const form = valueOf(member(read(call, 'response_format'), 'type'), 'text');
  if (form !== undefined) attributes['gen_ai.output.type'] = form === 'text' ? 'text' : 'json';
  return attributes;
}

export function shortText(text: string): string {
  return text.length <= TEXT_LENGTH_MAX ? text : text.slice(0, TEXT_LENGTH_MAX).toWellFormed();
}

/** undefined also for what is too long to be worth a look, such as a schema. */
function read(call: InferenceCall, name: string): unknown {
  const span = call.fields.get(name);
  return span === undefined || span.end - span.start > FIELD_BYTES_MAX ? undefined : fieldValue(call.body, call, name);
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}

function valueOf(value: unknown, kind: Kind): AttributeValue | undefined {
  switch (kind) {
    case 'whole':
      return Number.isSafeInteger(value) ? (value as number) : undefined;
    case 'number':
      return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
    case 'text':
      return typeof value === 'string' && value !== '' ? shortText(value) : undefined;
    case 'texts': {
      const texts = (Array.isArray(value) ? value : [value]).filter((item): item is string => typeof item === 'string');
      return texts.length === 0 ? undefined : texts.slice(0, SEQUENCES_MAX).map(shortText);
    }
  }
}
