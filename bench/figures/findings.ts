import type { Spread } from './spread.ts';

/** One line of a table. `bar`: what the product holds itself to; the median is judged. */
export interface Figure {
  readonly what: string;
  readonly unit: string;
  readonly spread: Spread;
  readonly bar?: { readonly atMost: number } | { readonly atLeast: number };
  /** One measurement less another: where noise is larger than what is measured it may be below zero. */
  readonly isDifference?: true;
}

export interface Curve {
  /** Of the picture's file. */
  readonly name: string;
  readonly title: string;
  readonly x: { readonly label: string; readonly isLogarithmic: boolean };
  readonly y: { readonly label: string };
  readonly lines: readonly { readonly label: string; readonly points: readonly { readonly x: number; readonly y: Spread }[] }[];
}

/** What one profile found out. `notes`: what a reader must know to read the figures. */
export interface Findings {
  readonly figures: readonly Figure[];
  readonly curves?: readonly Curve[];
  readonly notes?: readonly string[];
}

/** Undefined where the product promises nothing. */
export function meetsBar({ spread, bar }: Figure): boolean | undefined {
  if (bar === undefined) return undefined;
  return 'atMost' in bar ? spread.median <= bar.atMost : spread.median >= bar.atLeast;
}
