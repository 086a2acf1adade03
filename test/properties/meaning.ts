import type { NeutralRequest, Part } from '../../src/upstream/neutral/neutral-request.js';

/** What a request means, however a wire cuts it into messages: comparable between wires. */
export function meaning(request: NeutralRequest): object {
  const { toolChoice = 'auto', tools, temperature } = request;
  return {
    system: request.system.map(({ text }) => text).join('\n\n'),
    turns: alternating(request).map(({ role, parts }) => ({ role, said: parts.toSorted((one, other) => rank(one) - rank(other)).map(said) })),
    tools: tools.map(({ name, description, parameters }) => ({ name, description, parameters })),
    toolChoice,
    // Where no call is wanted, how many at a time says nothing.
    manyCalls: toolChoice === 'none' || request.parallelTools !== false,
    temperature,
    limit: request.outputTokensMax,
  };
}

interface Run {
  readonly role: 'user' | 'assistant';
  readonly parts: Part[];
}

function alternating({ turns }: NeutralRequest): Run[] {
  const runs: Run[] = [];
  for (const { role, parts } of turns) {
    const last = runs.at(-1);
    if (last?.role === role) last.parts.push(...parts);
    else runs.push({ role, parts: [...parts] });
  }
  return runs;
}

function rank({ kind }: Part): number {
  return kind === 'tool_result' ? 0 : 1;
}

function said(part: Part): unknown {
  switch (part.kind) {
    case 'text':
    case 'refusal':
      return part.text;
    case 'image':
    case 'file':
      return part.media;
    case 'audio':
      return part.base64;
    case 'reasoning':
      return [part.text, part.signature, part.redacted];
    case 'tool_call':
      return { id: part.id, name: part.name, given: JSON.parse(part.arguments) as unknown };
    case 'tool_result':
      return { of: part.callId, result: part.content.map(said) };
  }
}
