import type { UpstreamSettings } from '../../contracts/gateway-settings.js';
import type { NeutralEvent } from '../neutral/neutral-event.js';
import { asArray, asObject, asText, type JsonObject } from '../openai/json-value.js';
import { embeddedError } from '../openai/provider-error.js';
import type { EventMeaning } from '../sse-json-reader.js';
import { UpstreamFailure } from '../upstream-failure.js';
import { cite } from './cite.js';
import type { OpenItem } from './open-item.js';
import { readResponseUsage } from './read-response-usage.js';
import { responseFailure } from './response-failure.js';
import { responseFinish } from './response-finish.js';
import { settlePart } from './settle-part.js';
import { settleReasoning } from './settle-reasoning.js';
import { tellLogprobs } from './tell-logprobs.js';

/**
 * What a response means, whole or told event by event. Items are known by their place in the output (not every provider keeps their ids); of
 * each it is remembered, until it is done, what was told of it: what its deltas left out is told when it is done. Calls of hosted tools are not
 * told, but for the images they made: other results are in the text.
 */
export class ResponseEvents implements EventMeaning {
  private readonly open = new Map<number, OpenItem>();
  private calls = 0;
  private hasItems = false;
  private hasStarted = false;
  private hasFinished = false;

  constructor(private readonly upstream: UpstreamSettings | undefined) {}

  event(data: JsonObject, name: string, events: NeutralEvent[]): void {
    if (this.hasFinished) return;
    const type = asText(data['type']) ?? name;
    switch (type) {
      case 'response.created':
      case 'response.in_progress':
      case 'response.queued':
        return this.start(asObject(data['response']), events);
      case 'response.output_item.added':
        return this.added(placeOf(data), asObject(data['item']) ?? {}, events);
      case 'response.output_text.delta':
        this.said(data, 'text', events);
        return tellLogprobs(data['logprobs'], events);
      case 'response.refusal.delta':
        return this.said(data, 'refusal', events);
      case 'response.reasoning_summary_text.delta':
        return this.reasoning(data, 'summary', events);
      case 'response.reasoning_text.delta':
        return this.reasoning(data, 'content', events);
      case 'response.output_text.annotation.added':
        this.itemAt(placeOf(data)).hasCited = true;
        return cite(data['annotation'], events);
      case 'response.function_call_arguments.delta':
        return this.arguments(data, events);
      case 'response.custom_tool_call_input.delta':
        return this.input(data, events);
      case 'response.output_item.done':
        return this.settle(placeOf(data), asObject(data['item']) ?? {}, events);
      case 'response.completed':
      case 'response.incomplete':
        return this.response(asObject(data['response']) ?? {}, events);
      case 'response.failed':
      case 'response.cancelled':
        events.push({ kind: 'failure', failure: responseFailure(asObject(data['response']) ?? data, this.upstream) });
        return;
      case 'error':
        events.push({ kind: 'failure', failure: responseFailure(data, this.upstream) });
        return;
    }
    // Some report errors as they do in chat. Kinds that are yet to come, and those of hosted tools, say nothing.
    if (embeddedError(data) !== undefined) events.push({ kind: 'failure', failure: responseFailure(data, this.upstream) });
  }

  /** The response as it is at its end: what was not told yet, then usage and why it ended. */
  response(response: JsonObject, events: NeutralEvent[]): void {
    this.start(response, events);
    for (const item of this.open.values()) endInput(item, events);
    if (!this.hasItems) for (const [place, item] of (asArray(response['output']) ?? []).entries()) this.settle(place, asObject(item) ?? {}, events);
    const usage = readResponseUsage(response['usage']);
    if (usage !== undefined) events.push({ kind: 'usage', usage });
    const reason = responseFinish(response, this.calls > 0);
    this.hasFinished = true;
    events.push(
      reason === undefined ? { kind: 'failure', failure: this.unfinished(response) } : { kind: 'finish', choice: 0, reason, stopSequence: undefined },
    );
  }

  done(): void {}

  end(): void {}

  private start(response: JsonObject | undefined, events: NeutralEvent[]): void {
    if (!this.hasStarted) events.push({ kind: 'start', id: asText(response?.['id']) });
    this.hasStarted = true;
  }

  private itemAt(place: number): OpenItem {
    const known = this.open.get(place);
    if (known !== undefined) return known;
    const item: OpenItem = { call: undefined, hasArguments: false, isInput: false, thoughts: undefined, told: new Set(), hasCited: false };
    // More than can be open at once are not kept apart.
    if (this.open.size < OPEN_ITEMS_MAX) this.open.set(place, item);
    return item;
  }

  private added(place: number, item: JsonObject, events: NeutralEvent[]): void {
    this.hasItems = true;
    const isCall = item['type'] === 'function_call' || isCustomCall(item);
    if (isCall && asText(item['name']) !== undefined) this.begin(this.itemAt(place), item, events);
  }

  private begin(known: OpenItem, item: JsonObject, events: NeutralEvent[]): number {
    const call = this.calls++;
    known.call = call;
    const id = asText(item['call_id']) ?? asText(item['id']) ?? `call_${call}`;
    events.push({ kind: 'tool_call', choice: 0, call, id, name: asText(item['name']) ?? '', signature: undefined });
    return call;
  }

  private said(data: JsonObject, kind: 'text' | 'refusal', events: NeutralEvent[]): void {
    const { told } = this.itemAt(placeOf(data));
    if (told.size < PARTS_MAX) told.add(data['content_index']);
    this.hasItems = true;
    const text = asText(data['delta']);
    if (text !== undefined) events.push({ kind, choice: 0, text });
  }

  /** Who tells a summary and the thoughts themselves is heard once. */
  private reasoning(data: JsonObject, source: 'summary' | 'content', events: NeutralEvent[]): void {
    const item = this.itemAt(placeOf(data));
    this.hasItems = true;
    const text = asText(data['delta']);
    if (text === undefined || (item.thoughts ??= source) !== source) return;
    events.push({ kind: 'reasoning', choice: 0, text });
  }

  private arguments(data: JsonObject, events: NeutralEvent[]): void {
    const item = this.itemAt(placeOf(data));
    const json = asText(data['delta']);
    if (json === undefined || item.call === undefined) return;
    item.hasArguments = true;
    events.push({ kind: 'tool_arguments', choice: 0, call: item.call, json });
  }

  /** Other wires know functions alone: what a custom tool is given is the text of their one argument. */
  private input(data: JsonObject, events: NeutralEvent[]): void {
    const item = this.itemAt(placeOf(data));
    const text = asText(data['delta']);
    if (text === undefined || item.call === undefined) return;
    const begun = item.isInput ? '' : INPUT_BEGINS;
    item.hasArguments = true;
    item.isInput = true;
    events.push({ kind: 'tool_arguments', choice: 0, call: item.call, json: begun + JSON.stringify(text).slice(1, -1) });
  }

  private settle(place: number, item: JsonObject, events: NeutralEvent[]): void {
    const known = this.itemAt(place);
    this.hasItems = true;
    this.open.delete(place);
    switch (item['type']) {
      case 'message':
        this.settleMessage(known, asArray(item['content']) ?? [], events);
        return;
      case 'reasoning':
        return settleReasoning(known, item, events);
      case 'function_call': {
        // A call of nothing is none.
        if (known.call === undefined && asText(item['name']) === undefined) return;
        const call = known.call ?? this.begin(known, item, events);
        // Where there are none, Groq and others write null.
        const written = asText(item['arguments'])?.trim();
        const json = written === undefined || written === 'null' ? '{}' : (item['arguments'] as string);
        if (!known.hasArguments) events.push({ kind: 'tool_arguments', choice: 0, call, json });
        return;
      }
      case 'image_generation_call': {
        const base64 = asText(item['result']);
        if (base64 !== undefined) events.push({ kind: 'image', choice: 0, mime: `image/${asText(item['output_format']) ?? 'png'}`, base64 });
        return;
      }
      case 'custom_tool_call': {
        if (!isCustomCall(item) || (known.call === undefined && asText(item['name']) === undefined)) return;
        const call = known.call ?? this.begin(known, item, events);
        if (known.hasArguments) endInput(known, events);
        else events.push({ kind: 'tool_arguments', choice: 0, call, json: JSON.stringify({ input: asText(item['input']) ?? '' }) });
      }
    }
  }

  /** Some number the parts of their deltas otherwise than they list them: as many as were told are not told again. */
  private settleMessage(known: OpenItem, parts: readonly unknown[], events: NeutralEvent[]): void {
    const isTold = known.told.size >= parts.length;
    for (const [index, part] of parts.entries()) settlePart(known, isTold || known.told.has(index), asObject(part) ?? {}, events);
  }

  private unfinished(response: JsonObject): UpstreamFailure {
    if (response['status'] === 'failed' || asObject(response['error']) !== undefined) return responseFailure(response, this.upstream);
    return new UpstreamFailure('invalid', 'The upstream answered with a response that has not come to an end.');
  }
}

/** What xAI calls so and runs itself: of a search on X. */
const HOSTED = new Set(['x_keyword_search', 'x_semantic_search', 'x_user_search', 'x_thread_fetch', 'view_x_video', 'view_image']);
const OPEN_ITEMS_MAX = 1024;
const PARTS_MAX = 1024;
const INPUT_BEGINS = '{"input":"';
const INPUT_ENDS = '"}';

/** Of a tool of the client. */
function isCustomCall(item: JsonObject): boolean {
  return item['type'] === 'custom_tool_call' && !HOSTED.has(asText(item['name']) ?? '');
}

function endInput(item: OpenItem, events: NeutralEvent[]): void {
  if (!item.isInput || item.call === undefined) return;
  item.isInput = false;
  events.push({ kind: 'tool_arguments', choice: 0, call: item.call, json: INPUT_ENDS });
}

function placeOf(data: JsonObject): number {
  const place = data['output_index'];
  return typeof place === 'number' ? place : 0;
}
