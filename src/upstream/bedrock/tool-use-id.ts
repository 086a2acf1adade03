import { createHash } from 'node:crypto';

/** Ids that Bedrock refuses are written in letters that it takes, too long ones as their hash; a call and its result the same way. */
export function toolUseId(id: string): string {
  if (id.length > LENGTH_MAX) return `call_${createHash('sha256').update(id).digest('hex').slice(0, 32)}`;
  return id.replaceAll(/[^a-zA-Z0-9_-]/g, '_');
}

const LENGTH_MAX = 64;
