import type { Document, Node, Pair, Scalar } from 'yaml';
import { settingFields } from './setting.js';
import { SettingsFile } from './settings-file.js';
import type { YamlFindings } from './yaml-findings.js';

type YamlLibrary = typeof import('yaml');

/**
 * What YAML allows and nobody means: names that are no text, and `010`, which is 8 in YAML 1.1 and 10 in 1.2. Such names are taken out of the
 * document, so that the rest can be looked at; the setting they stood in becomes doubtful.
 */
export function refuseYamlOddities(yaml: YamlLibrary, document: Document.Parsed, findings: YamlFindings): void {
  yaml.visit(document, {
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
