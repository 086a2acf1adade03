import fc from 'fast-check';

/** A conversation as a client of chat completions sends it, with what was said in it. */
export interface AskedChat {
  readonly body: { readonly messages: readonly object[]; readonly tools: readonly object[] };
  readonly texts: readonly string[];
  readonly images: readonly string[];
  readonly calls: number;
}

const TEXT = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter((text) => text.trim() !== '');
const JSON_VALUE = fc.jsonValue({ maxDepth: 2, depthSize: 'small' }).filter((value) => !JSON.stringify(value).includes('-0'));
const NAME = fc.stringMatching(/^[a-z][a-z0-9_]{0,20}$/);
const PARAMETERS = fc.dictionary(NAME, fc.constantFrom({ type: 'string' }, { type: 'integer' }, { type: 'array', items: { type: 'number' } }), {
  maxKeys: 4,
});
const TOOL = fc.record({ name: NAME, description: TEXT, properties: PARAMETERS });
const IMAGE = fc.uint8Array({ minLength: 6, maxLength: 30 }).map((bytes) => Buffer.from(bytes).toString('base64'));
const ROUND = fc.oneof(
  fc.record({ kind: fc.constant('said' as const), user: TEXT, image: fc.option(IMAGE, { nil: undefined }), answer: TEXT }),
  fc.record({
    kind: fc.constant('called' as const),
    user: TEXT,
    answer: fc.option(TEXT, { nil: undefined }),
    calls: fc.array(fc.record({ tool: fc.nat(), given: fc.dictionary(NAME, JSON_VALUE, { maxKeys: 3 }), result: TEXT }), {
      minLength: 1,
      maxLength: 3,
    }),
  }),
);
const CHOICE = fc.constantFrom(undefined, 'auto', 'none', 'required', 'named' as const);

/** `parallel`: whether the wire can say that one call at a time is wanted. */
export function askedChat(parallel: boolean): fc.Arbitrary<AskedChat> {
  return fc
    .record({
      system: fc.array(TEXT, { maxLength: 2 }),
      rounds: fc.array(ROUND, { maxLength: 4 }),
      last: TEXT,
      tools: fc.uniqueArray(TOOL, { minLength: 1, maxLength: 3, selector: ({ name }) => name }),
      choice: CHOICE,
      oneCall: parallel ? fc.option(fc.boolean(), { nil: undefined }) : fc.constant(undefined),
      limit: fc.integer({ min: 1, max: 4_000 }),
      temperature: fc.option(fc.integer({ min: 0, max: 10 }), { nil: undefined }),
    })
    .map(({ system, rounds, last, tools, choice, oneCall, limit, temperature }) => {
      const texts: string[] = [...system];
      const images: string[] = [];
      const messages: object[] = system.map((content) => ({ role: 'system', content }));
      let calls = 0;
      for (const round of rounds) {
        texts.push(round.user);
        if (round.kind === 'said') {
          texts.push(round.answer);
          if (round.image === undefined) messages.push({ role: 'user', content: round.user });
          else {
            images.push(round.image);
            const picture = { type: 'image_url', image_url: { url: `data:image/png;base64,${round.image}` } };
            messages.push({ role: 'user', content: [{ type: 'text', text: round.user }, picture] });
          }
          messages.push({ role: 'assistant', content: round.answer });
          continue;
        }
        if (round.answer !== undefined) texts.push(round.answer);
        const made = round.calls.map(({ tool, given, result }) => ({
          id: `call_${calls++}`,
          name: (tools[tool % tools.length] as { name: string }).name,
          given,
          result,
        }));
        const written = made.map(({ id, name, given }) => ({ id, type: 'function', function: { name, arguments: JSON.stringify(given) } }));
        messages.push({ role: 'user', content: round.user }, { role: 'assistant', content: round.answer ?? null, tool_calls: written });
        for (const { id, result } of made) {
          texts.push(result);
          messages.push({ role: 'tool', tool_call_id: id, content: result });
        }
      }
      texts.push(last);
      messages.push({ role: 'user', content: last });
      const named = { type: 'function', function: { name: tools[0]?.name } };
      return {
        body: {
          messages,
          tools: tools.map(({ name, description, properties }) => ({
            type: 'function',
            function: { name, description, parameters: { type: 'object', properties } },
          })),
          ...(choice !== undefined && { tool_choice: choice === 'named' ? named : choice }),
          ...(oneCall !== undefined && { parallel_tool_calls: !oneCall }),
          max_tokens: limit,
          ...(temperature !== undefined && { temperature: temperature / 10 }),
        },
        texts,
        images,
        calls,
      };
    });
}
