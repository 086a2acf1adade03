import type { Figure } from '../figures/findings.ts';
import { differences, spreadOf } from '../figures/spread.ts';
import { BENCH_KEY, post, smallChat, smallMessages, smallResponse, streamedChat } from '../load/requests.ts';
import { cpuPerRequest, measureRounds, type Round, type Side } from '../measure-rounds.ts';
import { FULL, type Pace } from '../pace.ts';
import { NEVER_REACHED } from '../servers/gateway-settings.ts';
import type { Server } from '../servers/server.ts';
import { jsonSide } from './json-side.ts';
import type { Profile } from './profile.ts';
import { checkNothingWasLost, streamSide } from './stream-side.ts';

const STREAMS = 32;
const CONNECTIONS = 16;

/** One wire at the client and one at the upstream. */
interface Pair {
  readonly label: string;
  readonly whole: Buffer;
  readonly streamed: Buffer;
}

const PASSED = messagesAt('Messages at Anthropic, untouched', 'anthropic');
/** Its clients are told the name they asked for, which stands in each of its events. */
const RENAMED = chatAt('chat completions at OpenAI, renamed', 'openai');
const TRANSLATED: readonly Pair[] = [
  chatAt('chat completions at Anthropic', 'anthropic'),
  chatAt('chat completions at Gemini', 'gemini'),
  messagesAt('Messages at OpenAI', 'openai'),
  {
    label: 'Responses at OpenAI',
    whole: post(smallResponse('openai', false), { path: '/v1/responses' }),
    streamed: post(smallResponse('openai-stream', true), { path: '/v1/responses' }),
  },
];

export const translation: Profile = {
  name: 'translate',
  title: 'Translation',
  method: `One wire at the client and another at the upstream, beside Anthropic's on both sides, which passes untouched: the cheapest there is. Between OpenAI's own sides each event has the model's name changed to the one that was asked for. Streams as above, ${STREAMS} at a time: ${FULL.streamEvents} content events of 300 bytes, the same number, length and pace on every wire; what a stream costs to open and close is divided among them. Whole answers: closed loop over ${CONNECTIONS} connections. Added is a round's figure less that of what passes untouched, in the same round; the bar is on a streamed event that is translated.`,
  async measure(bench) {
    const upstream = await bench.upstream();
    const gateway = await bench.gateway(upstream, settings(upstream));
    const pairs = [PASSED, RENAMED, ...TRANSLATED];
    const streamed = await measureRounds(
      sidesOf(pairs, ({ streamed }) => streamSide(gateway, STREAMS, { request: streamed })),
      bench.pace,
    );
    checkStreams(streamed, bench.pace);
    const whole = await measureRounds(
      sidesOf(pairs, ({ whole }) => jsonSide(gateway, CONNECTIONS, { requests: [whole] })),
      {
        ...bench.pace,
        warmUpMs: bench.pace.warmUpMs / 2,
      },
    );
    const perEvent = (rounds: readonly Round[]): readonly number[] =>
      rounds.map(({ cpuSeconds, result }) => (cpuSeconds * 1e6) / (result.requests * bench.pace.streamEvents));
    return { figures: [...figuresOf('a streamed event', streamed, perEvent, 25), ...figuresOf('a whole answer', whole, cpuPerRequest)] };
  },
};

function chatAt(label: string, model: string): Pair {
  return { label, whole: post(smallChat(model)), streamed: post(streamedChat(`${model}-stream`)) };
}

function messagesAt(label: string, model: string): Pair {
  const path = '/v1/messages';
  return { label, whole: post(smallMessages(model, false), { path }), streamed: post(smallMessages(`${model}-stream`, true), { path }) };
}

function sidesOf(pairs: readonly Pair[], side: (pair: Pair) => Side): Readonly<Record<string, Side>> {
  return Object.fromEntries(pairs.map((pair) => [pair.label, side(pair)]));
}

/** All models share their way through the gateway: a key, its policy, a circuit each; they differ in the wire alone. */
function settings({ port }: Server): Readonly<Record<string, string>> {
  const at = (path: string): string => `http://127.0.0.1:${port}/${path}`;
  return {
    GATEWAY_UPSTREAMS: [
      `openai=${at('json/v1')}?model=bench-model`,
      `openai-stream=${at('even-stream/v1')}?model=bench-model`,
      ...['', '-stream'].flatMap((kind) => [
        `anthropic${kind}=litellm://anthropic/bench-model?api_base=${at(`messages${kind}`)}`,
        `gemini${kind}=litellm://gemini/bench-model?api_base=${at(`gemini${kind}`)}`,
      ]),
    ].join(';'),
    GATEWAY_ROUTE_POLICIES: '',
    GATEWAY_FALLBACKS: '',
    GATEWAY_API_KEY_POLICIES: JSON.stringify({ [BENCH_KEY]: { rate_limit_per_minute: NEVER_REACHED } }),
    ANTHROPIC_API_KEY: 'none',
    GEMINI_API_KEY: 'none',
  };
}

/** Translated streams have events of their own before and after the content, the same in each stream; none of the content may be missing. */
function checkStreams(rounds: Readonly<Record<string, readonly Round[]>>, pace: Pace): void {
  checkNothingWasLost(rounds[RENAMED.label] ?? [], pace);
  for (const [label, measured] of Object.entries(rounds))
    for (const { result } of measured)
      if (result.events < result.requests * pace.streamEvents || result.events % result.requests !== 0)
        throw new Error(`${label}: events were lost: ${result.events} of ${result.requests} streams`);
}

function figuresOf(
  of: string,
  rounds: Readonly<Record<string, readonly Round[]>>,
  cost: (rounds: readonly Round[]) => readonly number[],
  atMost?: number,
): readonly Figure[] {
  const passed = cost(rounds[PASSED.label] ?? []);
  return [
    { what: `${PASSED.label}: CPU of ${of}`, unit: 'µs', spread: spreadOf(passed) },
    ...[RENAMED, ...TRANSLATED].flatMap(({ label }): readonly Figure[] => {
      const translated = cost(rounds[label] ?? []);
      return [
        { what: `${label}: CPU of ${of}`, unit: 'µs', spread: spreadOf(translated) },
        {
          what: `${label}: added to ${of}`,
          unit: 'µs',
          spread: differences(translated, passed),
          isDifference: true,
          ...(atMost !== undefined && label !== RENAMED.label && { bar: { atMost } }),
        },
      ];
    }),
  ];
}
