import type { Attributes, Counter, Histogram, Meter } from '@opentelemetry/api';
import type { Endpoint } from '../contracts/endpoint.js';
import type { ObservabilitySettings } from '../contracts/gateway-settings.js';
import type { TokenUsage } from '../contracts/token-usage.js';
import { isInference } from './operation-names.js';

/** Seconds, as the conventions give them. */
const SECONDS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
/** Tokens: powers of four. */
const TOKENS = [1, 4, 16, 64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864];

/**
 * The metrics of calls, by the names that the settings ask for: newer ones, older ones, or both. Operations that write nothing
 * (embeddings, a count of tokens) have the older ones in either case.
 */
export class CallInstruments {
  private readonly newer: NewerNames | undefined;
  private readonly older: OlderNames;
  private readonly tellsOlder: boolean;

  constructor(meter: Meter, semconv: ObservabilitySettings['otelSemconv']) {
    this.newer = semconv === 'v1.41' ? undefined : newerNames(meter);
    this.older = olderNames(meter);
    this.tellsOlder = semconv !== 'latest';
  }

  duration(endpoint: Endpoint, seconds: number, labels: Attributes): void {
    const inference = isInference(endpoint);
    if (inference) this.newer?.duration.record(seconds, labels);
    if (!inference || this.tellsOlder) this.older.duration.record(seconds, labels);
  }

  timeToFirstChunk(seconds: number, labels: Attributes): void {
    this.newer?.timeToFirstChunk.record(seconds, labels);
    if (this.tellsOlder) this.older.timeToFirstChunk.record(seconds, labels);
  }

  timePerOutputChunk(seconds: number, labels: Attributes): void {
    this.newer?.timePerOutputChunk.record(seconds, labels);
    if (this.tellsOlder) this.older.timePerOutputChunk.record(seconds, labels);
  }

  /** Tokens that the upstream told. Those of a failed call count, and are no example of what a call takes. */
  usage(endpoint: Endpoint, { input, output, cached, reasoning }: TokenUsage, failed: boolean, labels: Attributes): void {
    const inference = isInference(endpoint);
    if (inference && this.newer !== undefined) {
      this.newer.input.add(input, labels);
      this.newer.output.add(output, labels);
      if (cached > 0) this.newer.cacheRead.add(cached, labels);
      if (reasoning > 0) this.newer.reasoning.add(reasoning, labels);
      if (!failed) {
        this.newer.callInput.record(input, labels);
        this.newer.callOutput.record(output, labels);
      }
    }
    if (inference && !this.tellsOlder) return;
    this.older.tokens.record(input, { ...labels, 'gen_ai.token.type': 'input' });
    if (inference) this.older.tokens.record(output, { ...labels, 'gen_ai.token.type': 'output' });
  }
}

interface NewerNames {
  readonly duration: Histogram;
  readonly timeToFirstChunk: Histogram;
  readonly timePerOutputChunk: Histogram;
  readonly input: Counter;
  readonly output: Counter;
  readonly cacheRead: Counter;
  readonly reasoning: Counter;
  readonly callInput: Histogram;
  readonly callOutput: Histogram;
}

interface OlderNames {
  readonly duration: Histogram;
  readonly timeToFirstChunk: Histogram;
  readonly timePerOutputChunk: Histogram;
  readonly tokens: Histogram;
}

function newerNames(meter: Meter): NewerNames {
  const name = (last: string): string => `gen_ai.client.inference.${last}`;
  return {
    duration: seconds(meter, name('duration'), 'Time of a whole call, repeats included.'),
    timeToFirstChunk: seconds(meter, name('time_to_first_chunk'), 'Time from a call to the first content of its stream.'),
    timePerOutputChunk: seconds(meter, name('time_per_output_chunk'), 'Time between one piece of a stream and the next.'),
    input: counted(meter, name('usage.input_tokens'), 'Tokens of prompts.'),
    output: counted(meter, name('usage.output_tokens'), 'Tokens of answers.'),
    cacheRead: counted(meter, name('usage.cache_read.input_tokens'), 'Tokens of prompts that the provider had in its cache.'),
    reasoning: counted(meter, name('usage.reasoning.output_tokens'), 'Tokens of answers that were thought only.'),
    callInput: tokens(meter, name('operation.input_tokens'), 'Tokens of the prompt of one call.'),
    callOutput: tokens(meter, name('operation.output_tokens'), 'Tokens of the answer to one call.'),
  };
}

function olderNames(meter: Meter): OlderNames {
  return {
    duration: seconds(meter, 'gen_ai.client.operation.duration', 'Time of a whole call, repeats included.'),
    timeToFirstChunk: seconds(meter, 'gen_ai.client.operation.time_to_first_chunk', 'Time from a call to the first content of its stream.'),
    timePerOutputChunk: seconds(meter, 'gen_ai.client.operation.time_per_output_chunk', 'Time between one piece of a stream and the next.'),
    tokens: tokens(meter, 'gen_ai.client.token.usage', 'Tokens of one call, of its prompt and of its answer.'),
  };
}

function seconds(meter: Meter, name: string, description: string): Histogram {
  return meter.createHistogram(name, { description, unit: 's', advice: { explicitBucketBoundaries: SECONDS } });
}

function tokens(meter: Meter, name: string, description: string): Histogram {
  return meter.createHistogram(name, { description, unit: '{token}', advice: { explicitBucketBoundaries: TOKENS } });
}

function counted(meter: Meter, name: string, description: string): Counter {
  return meter.createCounter(name, { description, unit: '{token}' });
}
