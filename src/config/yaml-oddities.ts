import type { Document, Node, Pair, Scalar } from 'yaml';
import type { Findings } from './findings.js';
import { settingFields } from './setting.js';
import { SettingsFile } from './settings-file.js';
import type { YamlPlaces } from './yaml-places.js';

type YamlLibrary = typeof import('yaml');
type Refuse = (reason: string, fix: string, offset?: number) => void;

/**
 * What YAML allows and nobody means: names that are no text, and `010`, which is 8 in YAML 1.1 and 10 in 1.2. Such names are taken out of the
 * document, so that the rest can be looked at; the setting they stood in becomes `doubtful`.
 */
export function refuseYamlOddities(
  yaml: YamlLibrary,
  document: Document.Parsed,
  places: YamlPlaces,
  refuse: Refuse,
  doubtful: Set<string>,
  findings: Findings,
): void {
  yaml.visit(document, {
    Pair(_, pair, path) {
      const key = pair.key as Scalar | Node | null;
      if (yaml.isScalar(key) && typeof key.value === 'string') return undefined;
      const offset = key?.range?.[0] ?? 0;
      const place = yaml.isScalar(key) ? places.placeAt(offset) : undefined;
      const fix = 'put the name into quotes';
      if (place === undefined) refuse('a name must be text', fix, offset);
      else findings.mistake(place.seenAt(places.position(offset)), '(not shown)', 'a name must be text', fix);
      const outer = path.find((node): node is Pair<Scalar> => yaml.isPair(node));
      if (outer !== undefined) doubtful.add(String(outer.key.value));
      return yaml.visit.REMOVE;
    },
    Scalar(position, node) {
      const source = node.source ?? '';
      if (position === 'key' || typeof node.value !== 'number' || !/^[-+]?0\d/.test(source)) return;
      const offset = node.range?.[0] ?? 0;
      const place = places.placeAt(offset);
      const reason = 'a number may not begin with 0';
      if (place === undefined) return refuse(reason, String(Number(source)), offset);
      const isSecret = settingFields(SettingsFile).get(place.setting)?.secret ?? false;
      findings.mistake(
        place,
        isSecret ? '***' : source,
        reason,
        isSecret ? 'remove the 0, or put it into quotes' : `${Number(source)}, or "${source}" if it is a text`,
      );
      findings.settle(place);
    },
  });
}
