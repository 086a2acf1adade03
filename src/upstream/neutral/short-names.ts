import { createHash } from 'node:crypto';
import type { NeutralRequest, Part, Turn } from './neutral-request.js';

/** How long a tool's name may be wherever nothing else is known. */
export const NAME_LENGTH_MAX = 64;

/** A name that is too long for most providers, in as many letters as all take: its beginning and a digest, each time the same. */
export function shortName(name: string): string {
  const digest = createHash('sha256').update(name).digest('hex').slice(0, DIGEST_LENGTH);
  return `${name.slice(0, NAME_LENGTH_MAX - DIGEST_LENGTH - 1)}_${digest}`;
}

/** Whether this may be a name that was made short. */
export function looksShort(name: string): boolean {
  return name.length === NAME_LENGTH_MAX && /_[0-9a-f]{8}$/.test(name);
}

/** Tools of agents bear the names of their servers as well, and get long: here, none is longer than `lengthMax`. */
export function withShortNames(request: NeutralRequest, lengthMax: number): NeutralRequest {
  const { tools, turns, toolChoice } = request;
  const isLong = ({ name }: { readonly name: string }): boolean => name.length > lengthMax;
  const called = (part: Part): boolean => part.kind === 'tool_call' && isLong(part);
  if (!tools.some(isLong) && !turns.some(({ parts }) => parts.some(called))) return request;
  const short = <Named extends { readonly name: string }>(named: Named): Named => (isLong(named) ? { ...named, name: shortName(named.name) } : named);
  return {
    ...request,
    tools: tools.map(short),
    turns: turns.map((turn): Turn => ({ ...turn, parts: turn.parts.map((part) => (part.kind === 'tool_call' ? short(part) : part)) })),
    toolChoice: typeof toolChoice === 'object' ? short(toolChoice) : toolChoice,
  };
}

const DIGEST_LENGTH = 8;
