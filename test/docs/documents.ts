import { readdirSync } from 'node:fs';

/** What people read, from the root of the repository. The page beside the manifests only lists them. */
export const DOCUMENTS: readonly string[] = [
  'README.md',
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
