import type { NeutralEvent } from '../../src/upstream/neutral/neutral-event.js';
import type { StreamReader } from '../../src/upstream/neutral/outbound-dialect.js';
import type { RecordedSummary } from './recorded-traffic.js';

/** What one choice said, put together. */
export interface ToldChoice {
  text: string;
  reasoning: string;
  refusal: string;
  readonly calls: { readonly id: string; readonly name: string; json: string }[];
  finish: string | undefined;
}

export interface Told {
  readonly choices: ToldChoice[];
  usage: { readonly input: number; readonly output: number; readonly cached: number; readonly reasoning: number } | undefined;
  failed: boolean;
}

/** Reads a stream in slices that are overwritten as soon as they were read. */
export function readSliced(reader: StreamReader, stream: Buffer, sizes: () => number): { events: NeutralEvent[]; dropped: number } {
  const events: NeutralEvent[] = [];
  for (let at = 0; at < stream.length;) {
    const size = sizes();
    const chunk = Buffer.from(stream.subarray(at, at + size));
    at += size;
    events.push(...reader.read(chunk));
    chunk.fill(0x21);
  }
  events.push(...reader.end());
  return { events, dropped: reader.dropped };
}

export function told(events: readonly NeutralEvent[]): Told {
  const all: Told = { choices: [], usage: undefined, failed: false };
  for (const event of events) {
    if (event.kind === 'usage') all.usage = event.usage;
    if (event.kind === 'failure') all.failed = true;
    if (!('choice' in event)) continue;
    const choice = (all.choices[event.choice] ??= { text: '', reasoning: '', refusal: '', calls: [], finish: undefined });
    if (event.kind === 'text') choice.text += event.text;
    if (event.kind === 'reasoning') choice.reasoning += event.text;
    if (event.kind === 'refusal') choice.refusal += event.text;
    if (event.kind === 'tool_call') choice.calls[event.call] = { id: event.id, name: event.name, json: '' };
    if (event.kind === 'tool_arguments') (choice.calls[event.call] as { json: string }).json += event.json;
    if (event.kind === 'finish') choice.finish = event.reason === 'stop_sequence' ? 'stop' : event.reason;
  }
  return all;
}

/** The same, in the words of a recording's independent reader. */
export function toldOf({ choices, failed }: Told): object {
  return {
    choices: choices.map(({ text, reasoning, refusal, calls, finish }) => ({
      text,
      reasoning,
      refusal,
      finish,
      calls: calls.map(({ name, json }) => ({ name, arguments: parsed(json) })),
    })),
    failed,
  };
}

export function recordedOf({ choices = [], error }: RecordedSummary): object {
  return {
    choices: choices.map(({ text = '', reasoning = '', refusal = '', tool_calls = [], ...rest }) => ({
      text,
      reasoning,
      refusal,
      // Where none was sent, the end of the stream is one.
      finish: (rest as { finish_reason?: string | null }).finish_reason ?? (tool_calls.length > 0 ? 'tool_calls' : undefined),
      calls: tool_calls.map(({ name, arguments: value }) => ({ name, arguments: value })),
    })),
    failed: error !== undefined && error !== null,
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return { __unparsed__: text };
  }
}
