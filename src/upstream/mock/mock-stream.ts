import type { MockAnswer } from './mock-answer.js';
import type { JsonObject } from './mock-request.js';
import type { MockUsage } from './mock-usage.js';

/** What differs between two answers to the same request. */
export interface StreamHead {
  readonly id: string;
  /** Unix seconds. */
  readonly created: number;
}

export interface StreamChoice {
  readonly tokens: readonly string[];
  /** Fields of its last chunk, as JSON without braces. */
  readonly closing: string;
}

export interface StreamPlan {
  /** The fields that all chunks share. */
  readonly envelope: JsonObject;
  readonly choices: readonly StreamChoice[];
  /** Fields of the first chunk of a choice, as JSON without braces; undefined: there is none. */
  readonly opening: string | undefined;
  /** Fields of a chunk that brings this token (a JSON string). */
  readonly token: (token: string) => string;
  /** undefined: not asked for. */
  readonly usage: MockUsage | undefined;
}

/** An answer in server-sent events: an opening chunk, a chunk for each token, a closing chunk, usage if asked for, `[DONE]`. */
export function mockStream(plan: StreamPlan): MockAnswer {
  const before = `data: ${JSON.stringify(plan.envelope).slice(0, -1)},"choices":[`;
  const after = plan.usage === undefined ? ']}\n\n' : '],"usage":null}\n\n';
  const event = (index: number, fields: string): Buffer => Buffer.from(`${before}{"index":${index},${fields}}${after}`);
  const { choices, opening } = plan;
  const openings = opening === undefined ? [] : choices.map((_, index) => event(index, opening));
  const words: Buffer[] = [];
  const longest = Math.max(...choices.map(({ tokens }) => tokens.length));
  for (let at = 0; at < longest; at++) {
    choices.forEach(({ tokens }, index) => {
      const token = tokens[at];
      if (token !== undefined) words.push(event(index, plan.token(JSON.stringify(token))));
    });
  }
  const closings = choices.map(({ closing }, index) => event(index, closing));
  if (plan.usage !== undefined) closings.push(Buffer.from(`${before}],"usage":${JSON.stringify(plan.usage)}}\n\n`));
  closings.push(DONE);
  return {
    status: 200,
    headers: { 'content-type': 'text/event-stream; charset=utf-8' },
    pieces: [...openings, ...words, ...closings],
    tokensFrom: openings.length,
    tokens: words.length,
    stream: true,
  };
}

const DONE = Buffer.from('data: [DONE]\n\n');
