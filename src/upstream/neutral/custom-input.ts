import { asObject, parsedJson } from '../openai/json-value.js';

/** Reads the text `input` out of the JSON of a function's arguments while it arrives in pieces. */
export class CustomInput {
  /** What was read so far. */
  text = '';
  private json = '';
  /** Where in `json` the reading goes on; undefined before the text has begun. */
  private at: number | undefined;
  private hasEnded = false;

  /** The next stretch of the input. */
  take(piece: string): string {
    this.json += piece;
    if (this.hasEnded) return '';
    this.at ??= START.exec(this.json)?.[0].length;
    if (this.at === undefined) return '';
    // As many whole characters as there are; of a pair of escaped halves, both or none.
    const raw = WHOLE.exec(this.json.slice(this.at))?.[0] ?? '';
    this.at += raw.length;
    this.hasEnded = this.json[this.at] === '"';
    const read = parsedJson(`"${raw}"`);
    return typeof read === 'string' ? this.told(read) : '';
  }

  /** What is left when no more will come. A model that put its input otherwise is taken at its word; of one that was cut off, no more is known. */
  end(): string {
    if (this.hasEnded || this.json.trim() === '') return '';
    const input = asObject(parsedJson(this.json))?.['input'];
    if (typeof input === 'string') return this.told(input.slice(this.text.length));
    return this.at === undefined ? this.told(this.json) : '';
  }

  private told(stretch: string): string {
    this.text += stretch;
    return stretch;
  }
}

const START = /^\s*\{\s*"input"\s*:\s*"/;
const WHOLE = /^(?:[^"\\]|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[0-9a-fA-F]{4}|\\u(?![dD][89abAB])[0-9a-fA-F]{4}|\\[^u])*/;
