import { hash } from 'node:crypto';
import type { Principal } from '../contracts/principal.js';

/**
 * Names a principal on every replica and after every restart alike, so no secret may go into it. Kind and name are kept apart by a NUL:
 * a key and a subject spelled alike differ. It says nothing of a random key; one that can be guessed can be recognised by guessing.
 */
export function principalId(kind: Principal['kind'], name: string): string {
  return hash('sha256', `nexus-gateway principal\0${kind}\0${name}`, 'hex').slice(0, 32);
}
