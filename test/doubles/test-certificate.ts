import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programOnPath } from './program-on-path.js';

export interface TestCertificate {
  readonly key: string;
  readonly cert: string;
}

/** A certificate that signs itself, made for this run. undefined: this machine has no openssl. */
export function testCertificate(name: string): TestCertificate | undefined {
  const openssl = programOnPath('openssl');
  if (openssl === undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'certificate-'));
  try {
    const files = { key: join(folder, 'key'), cert: join(folder, 'cert') };
    const kind = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
    execFileSync(openssl, [...kind, '-subj', '/CN=test', '-addext', `subjectAltName=${name}`, '-keyout', files.key, '-out', files.cert], {
      stdio: 'ignore',
    });
    return { key: readFileSync(files.key, 'utf8'), cert: readFileSync(files.cert, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A certificate that an authority of its own has signed; the key, the chain, and the authority. undefined: this machine has no openssl. */
export function signedCertificate(name: string): (TestCertificate & { readonly authority: string }) | undefined {
  const openssl = programOnPath('openssl');
  const authority = testCertificate('DNS:authority.test');
  if (openssl === undefined || authority === undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'certificate-'));
  try {
    const file = (part: string, text = ''): string => (writeFileSync(join(folder, part), text), join(folder, part));
    const files = { authority: file('authority', authority.cert), authorityKey: file('authority-key', authority.key), key: file('key') };
    const [request, cert] = [file('request'), file('cert')];
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    execFileSync(openssl, ['req', ...curve, '-subj', '/CN=signed', '-keyout', files.key, '-out', request], { stdio: 'ignore' });
    const extensions = file('extensions', `subjectAltName=${name}`);
    const signing = ['-CA', files.authority, '-CAkey', files.authorityKey, '-CAcreateserial', '-days', '1', '-extfile', extensions];
    execFileSync(openssl, ['x509', '-req', '-in', request, ...signing, '-out', cert], { stdio: 'ignore' });
    return { key: readFileSync(files.key, 'utf8'), cert: readFileSync(cert, 'utf8') + authority.cert, authority: authority.cert };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The same with its dates set into the past. Its signature no longer fits; nobody looks at that of an authority that he trusts. */
export function expired({ key, cert }: TestCertificate): TestCertificate {
  const der = Buffer.from(cert.replace(/-----[^-]+-----|\s/g, ''), 'base64').toString('latin1');
  const dates = ['200101000000Z', '200102000000Z'];
  const aged = der.replace(/\d{12}Z/g, (date) => dates.shift() ?? date);
  const pem = Buffer.from(aged, 'latin1').toString('base64').replace(/.{64}/g, '$&\n');
  return { key, cert: `-----BEGIN CERTIFICATE-----\n${pem}\n-----END CERTIFICATE-----\n` };
}
