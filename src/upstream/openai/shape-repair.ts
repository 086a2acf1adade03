import { locateValue } from '../../json/locate-value.js';
import type { Splice } from '../../json/splice-json.js';
import type { ChunkRepair } from './chunk-repair.js';
import { chatId } from './chat-id.js';
import { choiceIndex } from './choice-index.js';
import { completionId } from './completion-id.js';
import { type Envelope, envelopeSplices } from './envelope-splices.js';
import { hasNamedCalls } from './has-named-calls.js';
import { asArray, asObject, asText, type JsonObject } from './json-value.js';
import { putField } from './put-field.js';
import { ended, shapedFinish } from './shaped-finish.js';

/**
 * For providers whose chunks resemble OpenAI's but for what clients insist on (see `looseShape`). A chunk without a choice and without usage
 * stays here; a choice that never said its end says it before `[DONE]`.
 */
export class ShapeRepair implements ChunkRepair {
  private envelope: Envelope | undefined;
  /** Choices that were seen, and whether they called tools; those that ended are not in it. */
  private readonly open = new Map<number, boolean>();
  /** Those that ended, and whether they called tools: some say their end twice. */
  private readonly ended = new Map<number, boolean>();

  /** `replyId`, `model`: for a provider that gives none. `isChat`: choices hold a delta, not a text. */
  constructor(
    private readonly replyId: string,
    private readonly isChat: boolean,
    private readonly model: string,
  ) {}

  splices(bytes: Buffer, from: number, chunk: JsonObject): readonly Splice[] | undefined {
    const choices = asArray(chunk['choices']) ?? [];
    if (choices.length === 0 && asObject(chunk['usage']) === undefined) return undefined;
    this.envelope ??= envelopeOf(chunk, this.replyId, this.isChat, this.model);
    const splices = envelopeSplices(bytes, from, chunk, this.envelope);
    const id = asText(chunk['id']);
    // Clients tell streams apart by it.
    if (id !== undefined && id !== this.envelope.id) splices.push(putField(bytes, from, 'id', JSON.stringify(this.envelope.id)));
    if (asArray(chunk['choices']) === undefined) splices.push(putField(bytes, from, 'choices', '[]'));
    for (const [position, item] of choices.entries()) {
      const choice = asObject(item);
      if (choice !== undefined) splices.push(...this.choice(bytes, from, position, choice));
    }
    return splices;
  }

  ending(model: string): string {
    if (this.open.size === 0 || this.envelope === undefined) return '';
    const { id, object, createdAt } = this.envelope;
    const choices = [...this.open].map(([index, called]) => ({
      index,
      ...(this.isChat ? { delta: {} } : { text: '' }),
      logprobs: null,
      finish_reason: ended(called),
    }));
    this.open.clear();
    return `data: ${JSON.stringify({ id, object, created: createdAt, model, choices })}\n\n`;
  }

  private choice(bytes: Buffer, from: number, position: number, choice: JsonObject): Splice[] {
    const at = locateValue(bytes, from, ['choices', position])?.start;
    if (at === undefined) return [];
    const { finish_reason: reason } = choice;
    const index = choiceIndex(choice, position);
    const delta = asObject(choice['delta']);
    const called = (this.open.get(index) ?? this.ended.get(index)) === true || hasNamedCalls(delta);
    // Not every provider writes down that there is no end yet. A choice of nothing gets one field at most.
    const silent = Object.keys(choice).length > 0 ? 'null' : undefined;
    const word = reason === undefined ? silent : shapedFinish(reason, called, false);
    if ((typeof reason === 'string' && word !== 'null') || this.ended.has(index)) {
      this.open.delete(index);
      if (this.ended.size < CHOICES_MAX) this.ended.set(index, called);
    } else if (this.open.size < CHOICES_MAX) this.open.set(index, called);
    const splices = this.isChat && delta === undefined ? [putField(bytes, at, 'delta', '{}')] : [];
    if (word !== undefined) splices.push(putField(bytes, at, 'finish_reason', word === 'null' ? word : JSON.stringify(word)));
    return splices;
  }
}

const CHOICES_MAX = 128;

function envelopeOf({ id, created }: JsonObject, replyId: string, isChat: boolean, model: string): Envelope {
  return {
    id: typeof id === 'string' && id !== '' ? id : isChat ? chatId(replyId) : completionId(replyId),
    object: isChat ? 'chat.completion.chunk' : 'text_completion',
    createdAt: typeof created === 'number' ? created : Math.floor(Date.now() / 1000),
    model,
  };
}
