import type { ReplyFacts } from '../contracts/telemetry.js';
import { elementsOf, locateValue } from '../json/locate-value.js';
import { type FieldSpan, scanObject } from '../json/scan-object.js';

const BYTES_MAX = 256 * 1024;
const DEPTH_MAX = 128;
const TEXT_BYTES_MAX = 1_024;
const REASONS_MAX = 16;
const EVENTS_MAX = 4;

const IDS = ['id', 'responseId'];
const MODELS = ['model', 'modelVersion'];
/** Where the choices stand of which each ends by itself. */
const CHOICES = ['choices', 'candidates'];
const REASONS = ['finish_reason', 'finishReason', 'stop_reason', 'stopReason'];
/** Events of a stream may hold the reply, or its change, in one of these. */
const INNER = ['message', 'response', 'delta'];

/** What a whole answer says of itself, in whichever wire. Of one that is very long, nothing. Never any of its content. */
export function answerFacts(body: Buffer): ReplyFacts {
  return body.length > BYTES_MAX ? {} : factsIn(body);
}

/** What a stream is: from its first chunk, of whose events one of the first says so. */
export function openingFacts(chunk: Buffer): ReplyFacts {
  for (const event of eventsIn(chunk).slice(0, EVENTS_MAX)) {
    const { id, model } = factsIn(event);
    if (id !== undefined || model !== undefined) return { ...(id !== undefined && { id }), ...(model !== undefined && { model }) };
  }
  return {};
}

/** Why a stream ended: from the chunk that finished it, of whose events one of the last says so. */
export function closingFacts(chunk: Buffer): ReplyFacts {
  for (const event of eventsIn(chunk).slice(-EVENTS_MAX).toReversed()) {
    const { finishReasons } = factsIn(event);
    if (finishReasons !== undefined) return { finishReasons };
  }
  return {};
}

function eventsIn(chunk: Buffer): Buffer[] {
  if (chunk.length > BYTES_MAX) return [];
  const lines = chunk.toString('utf8').split(/[\r\n]+/);
  return lines.filter((line) => /^data: ?\{/.test(line)).map((line) => Buffer.from(line.slice(line.indexOf('{'))));
}

function factsIn(json: Buffer): ReplyFacts {
  const scan = scanObject(json, DEPTH_MAX);
  if ('fault' in scan) return {};
  const id = firstText(json, IDS, scan.fields);
  const model = firstText(json, MODELS, scan.fields);
  const reason = firstText(json, REASONS, scan.fields);
  const choices = CHOICES.map((name) => scan.fields.get(name)).find((span) => span !== undefined);
  const finishReasons = reason !== undefined ? [reason] : choices === undefined ? [] : reasonsOf(json, choices);
  const inner = INNER.map((name) => scan.fields.get(name)).find((span) => span !== undefined && json[span.start] === OPEN_BRACE);
  return {
    ...(inner !== undefined && factsIn(json.subarray(inner.start, inner.end))),
    ...(id !== undefined && { id }),
    ...(model !== undefined && { model }),
    ...(finishReasons.length > 0 && { finishReasons }),
  };
}

function reasonsOf(json: Buffer, choices: FieldSpan): string[] {
  const found: string[] = [];
  for (const { start } of elementsOf(json, choices.start)) {
    const reason = REASONS.map((name) => textAt(json, locateValue(json, start, [name]))).find((text) => text !== undefined);
    if (reason !== undefined && found.push(reason) === REASONS_MAX) break;
  }
  return found;
}

function firstText(json: Buffer, names: readonly string[], fields: ReadonlyMap<string, FieldSpan>): string | undefined {
  return names.map((name) => textAt(json, fields.get(name))).find((text) => text !== undefined);
}

function textAt(json: Buffer, span: FieldSpan | undefined): string | undefined {
  if (span === undefined || json[span.start] !== QUOTE || span.end - span.start > TEXT_BYTES_MAX) return undefined;
  return (JSON.parse(json.toString('utf8', span.start, span.end)) as string) || undefined;
}

const OPEN_BRACE = 0x7b;
const QUOTE = 0x22;
