import fc from 'fast-check';

/** An answer whose calls and words come mixed: what is told next, and of what. */
export interface MixedAnswer {
  readonly calls: readonly { readonly name: string; readonly pieces: readonly string[] }[];
  readonly said: readonly { readonly kind: 'text' | 'reasoning'; readonly words: readonly string[] }[];
  /** In order: each call and each kind of words is one number (calls first), once for its beginning, for each piece, and for its end. */
  readonly order: readonly number[];
}

const TEXT = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
const GIVEN = fc.dictionary(TEXT, fc.jsonValue({ maxDepth: 2, depthSize: 'small' }), { maxKeys: 3 });
const CUTS = fc.array(fc.nat({ max: 12 }), { minLength: 1, maxLength: 6 });

/** A call without pieces has no arguments. */
const CALL = fc.record({
  name: fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/),
  pieces: fc.oneof({ weight: 5, arbitrary: fc.tuple(GIVEN, CUTS).map(([given, cuts]) => cut(JSON.stringify(given), cuts)) }, fc.constant([])),
});

export const MIXED_ANSWER: fc.Arbitrary<MixedAnswer> = fc
  .record({
    calls: fc.array(CALL, { minLength: 1, maxLength: 4 }),
    text: fc.array(TEXT, { maxLength: 4 }),
    reasoning: fc.array(TEXT, { maxLength: 3 }),
    picks: fc.array(fc.nat(), { minLength: 1, maxLength: 30 }),
  })
  .map(({ calls, text, reasoning, picks }) => {
    const said = [
      { kind: 'text' as const, words: text },
      { kind: 'reasoning' as const, words: reasoning },
    ].filter(({ words }) => words.length > 0);
    const left = [...calls.map(({ pieces }) => pieces.length + 2), ...said.map(({ words }) => words.length + 2)].map((count, track) => ({
      track,
      count,
    }));
    const order: number[] = [];
    for (let turn = 0; left.length > 0; turn++) {
      const at = (picks[turn % picks.length] ?? 0) % left.length;
      const next = left[at] as { readonly track: number; count: number };
      order.push(next.track);
      next.count -= 1;
      if (next.count === 0) left.splice(at, 1);
    }
    return { calls, said, order };
  });

function cut(json: string, sizes: readonly number[]): string[] {
  const pieces: string[] = [];
  for (let at = 0, turn = 0; at < json.length; turn++) {
    const size = (sizes[turn % sizes.length] ?? 0) + 1;
    pieces.push(json.slice(at, at + size));
    at += size;
  }
  return pieces;
}
