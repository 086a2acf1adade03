import { readFileSync } from 'node:fs';

/** The version this package was released under. */
export const PRODUCT_VERSION = (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version;
