import type { Splice } from '../../json/splice-json.js';
import type { JsonObject } from './json-value.js';

/** What a provider's chunks need before OpenAI's clients can take them. One per stream. */
export interface ChunkRepair {
  /** `from`: where the chunk's JSON begins in `bytes`. undefined: the chunk says nothing that a client could take, and stays here. */
  splices(bytes: Buffer, from: number, chunk: JsonObject): readonly Splice[] | undefined;
  /** Events that are owed before `[DONE]`. `model`: as the client knows it. */
  ending?(model: string): string;
}
