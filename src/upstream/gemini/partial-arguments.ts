import { asArray, asObject, asText, type JsonObject } from '../openai/json-value.js';

/** Arguments of a call that arrive piece by piece, each with the path of its value (`$.stops[0].city`); a text may itself come in pieces. */
export class PartialArguments {
  private readonly root: Holder = newObject();
  private length = 0;

  constructor(private readonly lengthMax: number) {}

  /** false: more than is taken of one call. A piece without sense is passed over. */
  add(pieces: unknown): boolean {
    for (const item of asArray(pieces) ?? []) {
      const piece = asObject(item);
      const name = asText(piece?.['jsonPath']);
      const path = steps(name);
      if (piece === undefined || name === undefined || path === undefined) continue;
      const value = valueOf(piece);
      this.length += name.length + (typeof value === 'string' ? value.length : 1);
      if (this.length > this.lengthMax) return false;
      this.put(path, value);
    }
    return true;
  }

  json(): string {
    return JSON.stringify(this.root);
  }

  private put(path: readonly (string | number)[], value: unknown): void {
    let holder: Holder = this.root;
    for (const [position, step] of path.entries()) {
      if (Array.isArray(holder) ? typeof step !== 'number' || step > holder.length : typeof step === 'number') return;
      const at = holder as Record<string | number, unknown>;
      const next = path[position + 1];
      if (next === undefined) {
        const before = at[step];
        at[step] = typeof before === 'string' && typeof value === 'string' ? before + value : (value ?? before ?? null);
        return;
      }
      const inner = at[step];
      if (typeof inner === 'object' && inner !== null) holder = inner as Holder;
      else holder = at[step] = typeof next === 'number' ? [] : newObject();
    }
  }
}

type Holder = Record<string, unknown> | unknown[];

/** Without a prototype: a name is never more than a name. */
function newObject(): Record<string, unknown> {
  return Object.create(null) as Record<string, unknown>;
}

function valueOf(piece: JsonObject): unknown {
  return piece['stringValue'] ?? piece['numberValue'] ?? piece['boolValue'];
}

/** `$.a['b c'][0]`; undefined for what is no such path. */
function steps(path: string | undefined): (string | number)[] | undefined {
  if (path === undefined || !PATH.test(path)) return undefined;
  const found = [...path.matchAll(STEP)].map(([, name, single, double, index]) =>
    index === undefined ? (name ?? single ?? double ?? '') : Number(index),
  );
  return found.length > DEPTH_MAX ? undefined : found;
}

const PATH = /^\$(\.[^.[\]]+|\['[^']*'\]|\["[^"]*"\]|\[\d{1,6}\])+$/;
const STEP = /\.([^.[\]]+)|\['([^']*)'\]|\["([^"]*)"\]|\[(\d+)\]/g;
const DEPTH_MAX = 64;
