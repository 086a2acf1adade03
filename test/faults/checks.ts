import type { Observation } from './row.js';

/** Gathers what deviates from what a row expects. */
export class Checks {
  readonly deviations: string[] = [];
  count = 0;

  /** The message is made only where it is needed. */
  that(holds: boolean, deviation: string | (() => string)): void {
    this.count++;
    if (!holds) this.deviations.push(typeof deviation === 'string' ? deviation : deviation());
  }

  equal(what: string, actual: unknown, expected: unknown): void {
    this.that(Object.is(actual, expected), () => `${what}: ${String(actual)} instead of ${String(expected)}`);
  }

  /** `figure` stands beside the number of deviations. */
  done(figure = ''): Observation {
    const { deviations, count } = this;
    const passed = deviations.length === 0;
    const observed = passed ? 'as expected' : deviations.slice(0, SHOWN_MAX).join('; ') + (deviations.length > SHOWN_MAX ? '; …' : '');
    return { passed, observed, figure: [`${deviations.length} of ${count} deviate`, ...(figure === '' ? [] : [figure])].join('; ') };
  }
}

const SHOWN_MAX = 4;
