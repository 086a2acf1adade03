import { FINISH_WORDS } from './finish-words.js';

/** OpenAI's word for how a choice ended; undefined: it is one already, or nobody's. `isWhole`: nothing follows, so that silence is an end too. */
export function shapedFinish(said: unknown, hasCalls: boolean, isWhole: boolean): string | undefined {
  if (said === undefined || said === null) return isWhole ? ended(hasCalls) : undefined;
  if (typeof said !== 'string') return undefined;
  // Some say an empty word with every piece, and some at the end.
  if (said === '') return isWhole ? ended(hasCalls) : 'null';
  if (said === 'stop') return hasCalls ? 'tool_calls' : undefined;
  return FINISH_WORDS.get(said) ?? (STOPS.has(said) ? ended(hasCalls) : undefined);
}

/** Of a choice of which nothing else is said. */
export function ended(hasCalls: boolean): string {
  return hasCalls ? 'tool_calls' : 'stop';
}

const STOPS = new Set(['eos', 'eos_token', 'stop_sequence', 'end_turn', 'COMPLETE']);
