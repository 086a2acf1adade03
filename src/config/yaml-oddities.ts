import type { Document, Node, Pair, Scalar } from 'yaml';
import { settingFields } from './setting.js';
import { SettingsFile } from './settings-file.js';
import type { YamlFindings } from './yaml-findings.js';

type YamlLibrary = typeof import('yaml');

/**
 * What readers of YAML allow and nobody means: a name that stands there twice, names that are no text, and `010`, which is 8 in YAML 1.1 and 10 in
 * 1.2. Names that are no text are taken out of the document, so that the rest can be looked at; the setting they stood in becomes doubtful.
 */
export function refuseYamlOddities(yaml: YamlLibrary, document: Document.Parsed, findings: YamlFindings): void {
  yaml.visit(document, {
    Map(_, { items }) {
      const firstAt = new Map<string, number>();
      for (const { key } of items) {
        if (!yaml.isScalar(key) || typeof key.value !== 'string') continue;
        const offset = key.range?.[0] ?? 0;
        const first = firstAt.get(key.value);
        if (first === undefined) firstAt.set(key.value, offset);
        else refuseTwice(offset, first, findings);
      }
    },
    Pair(_, pair, path) {
      const key = pair.key as Scalar | Node | null;
      if (yaml.isScalar(key) && typeof key.value === 'string') return undefined;
      const offset = key?.range?.[0] ?? 0;
      const [reason, fix] = ['a name must be text', 'put the name into quotes'];
      if (yaml.isScalar(key)) findings.refuse(offset, '(not shown)', reason, fix);
      else findings.refuseFile(reason, fix, offset);
      const outer = path.find((node): node is Pair<Scalar> => yaml.isPair(node));
      if (outer !== undefined) findings.doubtful.add(String(outer.key.value));
      return yaml.visit.REMOVE;
    },
    Scalar(position, node) {
      const source = node.source ?? '';
      if (position === 'key' || typeof node.value !== 'number' || !/^[-+]?0\d/.test(source)) return;
      const offset = node.range?.[0] ?? 0;
      const setting = findings.places?.placeAt(offset)?.setting ?? '';
      const isSecret = settingFields(SettingsFile).get(setting)?.secret ?? false;
      const fix = isSecret ? 'remove the 0, or put it into quotes' : `${Number(source)}, or "${source}" if it is a text`;
      const place = findings.refuse(offset, isSecret ? '***' : source, 'a number may not begin with 0', fix);
      if (place !== undefined) findings.settle(place);
    },
  });
}

/** The later counts; of a whole setting, nobody knows which was meant. */
function refuseTwice(offset: number, first: number, findings: YamlFindings): void {
  const line = findings.places?.position(first).line;
  const place = findings.refuse(offset, '(not shown)', `this name stands there twice, first on line ${line}`, 'keep one of them');
  if (place?.isWhole) findings.doubtful.add(place.setting);
}
