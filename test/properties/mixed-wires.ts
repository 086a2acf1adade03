import type { MixedAnswer } from './mixed-answer.js';

/** The same answer as the streams of two wires tell it, the last event of each among it. */
export const MIXED_WIRES: Readonly<Record<'chat' | 'messages', (answer: MixedAnswer) => Buffer>> = {
  chat(answer) {
    const events = steps(answer).map(({ track, step, call, said }) => {
      if (call !== undefined) {
        if (step === 0)
          return chunk({ tool_calls: [{ index: track, id: `call_${track}`, type: 'function', function: { name: call.name, arguments: '' } }] });
        const piece = call.pieces[step - 1];
        return piece === undefined ? '' : chunk({ tool_calls: [{ index: track, function: { arguments: piece } }] });
      }
      const words = step === 0 ? undefined : said?.words[step - 1];
      return words === undefined ? '' : chunk({ [said?.kind === 'text' ? 'content' : 'reasoning_content']: words });
    });
    return Buffer.from(`${events.join('')}${chunk({}, 'tool_calls')}data: [DONE]\n\n`);
  },

  messages(answer) {
    const begun: number[] = [];
    const events = steps(answer).map(({ track, step, call, said }) => {
      if (step === 0) begun.push(track);
      const index = begun.indexOf(track);
      const pieces = call?.pieces ?? said?.words ?? [];
      if (step === 0) {
        const empty = said?.kind === 'text' ? { type: 'text', text: '' } : { type: 'thinking', thinking: '', signature: '' };
        const block = call === undefined ? empty : { type: 'tool_use', id: `call_${track}`, name: call.name, input: {} };
        return event('content_block_start', { index, content_block: block });
      }
      const piece = pieces[step - 1];
      if (piece === undefined) return event('content_block_stop', { index });
      const words = said?.kind === 'text' ? { type: 'text_delta', text: piece } : { type: 'thinking_delta', thinking: piece };
      return event('content_block_delta', { index, delta: call === undefined ? words : { type: 'input_json_delta', partial_json: piece } });
    });
    const start = event('message_start', { message: { id: 'msg_1', type: 'message', role: 'assistant', content: [], usage: { input_tokens: 1 } } });
    const last = event('message_delta', { delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 1 } }) + event('message_stop', {});
    return Buffer.from(start + events.join('') + last);
  },
};

interface Step {
  readonly track: number;
  readonly step: number;
  readonly call: MixedAnswer['calls'][number] | undefined;
  readonly said: MixedAnswer['said'][number] | undefined;
}

function steps({ calls, said, order }: MixedAnswer): Step[] {
  const next = new Map<number, number>();
  return order.map((track) => {
    const step = next.get(track) ?? 0;
    next.set(track, step + 1);
    return { track, step, call: calls[track], said: said[track - calls.length] };
  });
}

function chunk(delta: object, finish: string | null = null): string {
  const choices = [{ index: 0, delta, finish_reason: finish }];
  return `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'm', choices })}\n\n`;
}

function event(type: string, members: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...members })}\n\n`;
}
