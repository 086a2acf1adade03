import { readFileSync } from 'node:fs';
import { billOfMaterials, licencesOfProduct } from './bill-of-materials.js';

interface LockEntry {
  readonly name?: string;
  readonly version: string;
  readonly integrity?: string;
  readonly dev?: boolean;
  readonly hasInstallScript?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

type Versions = Readonly<Record<string, string>>;
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Record<'dependencies' | 'devDependencies' | 'optionalDependencies', Versions>;
const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { readonly packages: Readonly<Record<string, LockEntry>> };
const locked = Object.entries(lock.packages).filter(([path]) => path !== '');
const nameOf = (path: string, entry: LockEntry): string => entry.name ?? path.replace(/^.*node_modules\//, '');
/** Licences of packages that may be shipped. */
const ALLOWED = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'ISC', 'MIT', 'Python-2.0'];

describe('packages', () => {
  it('direct ones are asked for by exact version', () => {
    const asked = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies };
    expect(Object.entries(asked).filter(([, version]) => !/^(npm:[^@]+@)?\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });

  it('each is locked with its digest, on every platform', () => {
    expect(locked.filter(([, { integrity }]) => integrity?.startsWith('sha512-') !== true)).toEqual([]);
    const names = new Set(locked.map(([path]) => path.replace(/^.*node_modules\//, '')));
    const optional = Object.values(lock.packages).flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies));
    expect(optional.filter((name) => !names.has(name))).toEqual([]);
  });

  it('none but those known wants to run a script when it is installed, and none may', () => {
    const wanting = locked.filter(([, { hasInstallScript }]) => hasInstallScript === true).map(([path, entry]) => nameOf(path, entry));
    // One of them (scarf) counts installations, and comes with the page that shows the API.
    expect(wanting.toSorted()).toEqual(['@parcel/watcher', '@scarf/scarf', '@swc/core', 'unrs-resolver']);
    expect(readFileSync('.npmrc', 'utf8')).toMatch(/^ignore-scripts=true$/m);
  });
});

describe('docs/dependencies.md', () => {
  it('has one line of reason for each direct package, and none for another', () => {
    const [reasons = ''] = readFileSync('docs/dependencies.md', 'utf8').split('## Licences');
    const named = [...reasons.matchAll(/^\| `([^`]+)` \| \S.* \|$/gm)].map(([, name]) => name);
    const direct = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies };
    expect(named.toSorted()).toEqual(Object.keys(direct).toSorted());
  });
});

describe('the bill of materials', () => {
  const bom = billOfMaterials();

  it('names every package of the product once, and none of development', () => {
    expect([bom.bomFormat, bom.specVersion]).toEqual(['CycloneDX', '1.5']);
    const shipped = new Set(locked.filter(([, { dev }]) => dev !== true).map(([path, entry]) => `${nameOf(path, entry)}@${entry.version}`));
    expect(bom.components.map(({ name, version }) => `${name}@${version}`).toSorted()).toEqual([...shipped].toSorted());
    expect(shipped).toContain(`@nestjs/core@${manifest.dependencies['@nestjs/core']}`);
  });

  it('gives each its address and digest', () => {
    for (const { name, version, purl, hashes } of bom.components) {
      expect(purl).toBe(`pkg:npm/${name.replace('@', '%40')}@${version}`);
      expect(hashes).toEqual([{ alg: 'SHA-512', content: expect.stringMatching(/^[0-9a-f]{128}$/) }]);
    }
  });

  it('holds no licence that is unknown or asks for the source of the whole', () => {
    const told = licencesOfProduct();
    expect(told.filter(({ licence }) => !ALLOWED.includes(licence))).toEqual([]);
  });
});
