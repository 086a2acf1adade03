import { execFileSync } from 'node:child_process';

export interface Component {
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly hashes: readonly { readonly alg: string; readonly content: string }[];
  readonly licenses: readonly { readonly license?: { readonly id: string }; readonly expression?: string }[];
}

export interface BillOfMaterials {
  readonly bomFormat: string;
  readonly specVersion: string;
  readonly components: readonly Component[];
}

/** What `npm run -s sbom` writes. */
export function billOfMaterials(): BillOfMaterials {
  return JSON.parse(execFileSync(process.execPath, ['scripts/sbom.mjs'], { encoding: 'utf8', maxBuffer: 16 * 2 ** 20 })) as BillOfMaterials;
}

export function licencesOfProduct(): { readonly name: string; readonly version: string; readonly licence: string }[] {
  return billOfMaterials().components.map(({ name, version, licenses: [licence] }) => ({
    name,
    version,
    licence: licence?.license?.id ?? licence?.expression ?? 'none',
  }));
}
