import { asObject, parsedJson } from '../openai/json-value.js';

/** Reads the text `input` out of the JSON of a function's arguments while it arrives in pieces. Of what was read, the JSON is not kept. */
export class CustomInput {
  /** What was read so far. */
  text = '';
  /** Once the text has begun, what was not read of it yet. */
  private json = '';
  private hasBegun = false;
  private hasEnded = false;
  /** The JSON goes on otherwise than can be read in pieces. */
  private isOdd = false;

  /** The next stretch of the input. */
  take(piece: string): string {
    if (this.hasEnded) return '';
    this.json += piece;
    if (this.isOdd || !this.begins()) return '';
    // As many whole characters as there are; of a pair of escaped halves, both or none.
    const raw = WHOLE.exec(this.json)?.[0] ?? '';
    this.json = this.json.slice(raw.length);
    this.hasEnded = this.json.startsWith('"');
    this.isOdd = this.json.length > CHARACTER_LENGTH_MAX;
    const read = parsedJson(`"${raw}"`);
    return typeof read === 'string' ? this.told(read) : '';
  }

  /** What is left when no more will come. A model that put its input otherwise is taken at its word; of one that was cut off, no more is known. */
  end(): string {
    if (this.hasEnded || this.json.trim() === '') return '';
    this.hasEnded = true;
    const input = asObject(parsedJson(this.hasBegun ? `{"input":"${this.json}` : this.json))?.['input'];
    if (typeof input === 'string') return this.told(input);
    return this.hasBegun ? '' : this.told(this.json);
  }

  private begins(): boolean {
    if (this.hasBegun) return true;
    const start = START.exec(this.json)?.[0].length;
    if (start === undefined) this.isOdd = this.json.length > START_LENGTH_MAX;
    else this.json = this.json.slice(start);
    return (this.hasBegun = start !== undefined);
  }

  private told(stretch: string): string {
    this.text += stretch;
    return stretch;
  }
}

const START = /^\s*\{\s*"input"\s*:\s*"/;
const START_LENGTH_MAX = 256;
const WHOLE = /^(?:[^"\\]|\\u[dD][89abAB][0-9a-fA-F]{2}(?:\\u[0-9a-fA-F]{4}|(?=[^\\]|\\[^u]))|\\u(?![dD][89abAB])[0-9a-fA-F]{4}|\\[^u])*/;
/** Two escaped halves. */
const CHARACTER_LENGTH_MAX = 12;
